package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

// Every name of these tests begins with one of these words, and every number with these digits: to find one of them
// anywhere is to have found a leak. Nothing else in the world is called so.
const (
	canaryStays  = "Qzvstaysa"
	canaryErased = "Qzverasedb"
	canaryPhone  = "22790173"
)

var canaries = []string{canaryStays, canaryErased, canaryPhone}

// canary is one file with its name.
type canary struct {
	name   string
	id     string
	card   string // in her pocket, whatever is erased here
	erased bool
}

// flock is a world full of canaries.
type flock struct {
	*world
	t              *testing.T
	birds          []canary
	nurse, officer *member
	looked         int
}

// leaks reports the canaries in b, whatever the case of their letters.
func (f *flock) leaks(where string, b []byte, words ...string) {
	f.t.Helper()
	low := bytes.ToLower(b)
	for _, word := range words {
		if i := bytes.Index(low, []byte(strings.ToLower(word))); i >= 0 {
			f.t.Errorf("%s: ...%q...", where, b[max(0, i-60):min(len(b), i+60)])
			return
		}
	}
	f.looked += len(b)
}

// TestNoCanaryIsWhereItShouldNotBe opens many files under names that exist nowhere else, lets everybody ask for them who
// should not, erases half of them, and then searches everything that is left behind.
func TestNoCanaryIsWhereItShouldNotBe(t *testing.T) {
	count := 1000
	if testing.Short() {
		count = 60
	}
	for _, e := range testkit.Engines(t) {
		t.Run(string(e), func(t *testing.T) {
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			t.Setenv("SQLITE_TMPDIR", temp)
			f := &flock{world: newWorld(t, e), t: t}
			silent := slog.Default()
			slog.SetDefault(f.n.Config.Log)
			t.Cleanup(func() { slog.SetDefault(silent) })
			f.nurse = f.hire("nurse", seat(access.HealthWorker, homeOrg, homePoint))
			f.officer = f.hire("officer", seat(access.ProtectionOfficer, homeOrg, ""))
			f.hatch(count)
			f.mistakes()
			f.wrongRoles()
			f.places(temp, canaries...)
			counted, low := f.counts()
			before := f.keep(temp)
			f.erase()
			f.gone("after erasing", counted, low)
			f.places(temp, canaries...)
			f.restart()
			f.gone("after a restart", counted, low)
			if _, err := f.n.Rebuild(context.Background(), nil); err != nil {
				t.Fatal(err)
			}
			f.gone("after a rebuild", counted, low)
			f.restored(before, counted, low)
			if e == store.SQLite {
				f.oldFiles(before)
			}
			rep, err := f.n.Journal.Verify(context.Background())
			if err != nil || rep.Bad != "" {
				t.Errorf("the chain: %v %s", err, rep.Bad)
			}
			t.Logf("%d names, half of them erased; %d MB searched, 0 where they should not be; %d facts verify", count, f.looked>>20, rep.Facts)
		})
	}
}

// hatch opens the files, with contacts, cards, notes and companions.
func (f *flock) hatch(count int) {
	f.birds = make([]canary, count)
	var wg sync.WaitGroup
	for part := range 4 {
		wg.Go(func() {
			for i := part; i < count; i += 4 {
				b := canary{name: fmt.Sprintf("%s%dx", canaryStays, i), erased: i%2 == 1}
				if b.erased {
					b.name = fmt.Sprintf("%s%dx", canaryErased, i)
				}
				var file struct {
					Person string `json:"person"`
				}
				f.ask(f.nurse, http.MethodPost, "/api/people", object{"point": homePoint, "sex": "F", "languages": []string{"ha"}, "basis": consent,
					"name": object{"parts": []string{b.name, "Moussa"}}, "age": object{"low": 30, "high": 30, "method": "stated"}}).into(f.t, &file)
				b.id = file.Person
				f.birds[i] = b
				f.live(i, b)
			}
		})
	}
	wg.Wait()
	if got := f.ask(f.nurse, http.MethodGet, "/api/people/"+f.birds[0].id, nil); !bytes.Contains(got.body, []byte(f.birds[0].name)) {
		f.t.Fatalf("the nurse who opened the file does not read it: %d %s", got.status, got.body)
	}
}

// live lets something happen to a bird.
func (f *flock) live(i int, b canary) {
	expect := func(status int, got answer) {
		if got.status != status {
			f.t.Errorf("%s: %d %s", b.id, got.status, got.body)
		}
	}
	expect(201, f.ask(f.nurse, http.MethodPost, "/api/contacts", object{"point": homePoint, "person": b.id, "services": water, "repeat": "first"}))
	if i%3 == 0 {
		expect(201, f.ask(f.nurse, http.MethodPost, "/api/people/"+b.id+"/events", object{"kind": "card_lost", "note": "call +" + canaryPhone + fmt.Sprint(i)}))
	}
	if i%4 < 2 {
		var card struct {
			Text string `json:"text"`
		}
		f.ask(f.nurse, http.MethodPost, "/api/cards", object{"point": homePoint, "person": b.id, "services": water, "language": "en", "basis": object{"answer": "yes"}}).into(f.t, &card)
		f.birds[i].card = card.Text
	}
	if i >= 4 && i%5 == 0 {
		expect(201, f.ask(f.nurse, http.MethodPost, "/api/people/"+b.id+"/companions", object{"with": f.birds[i-4].id, "relation": "child of " + b.name}))
		expect(200, f.ask(f.nurse, http.MethodPatch, "/api/people/"+b.id, object{"changes": object{"name": object{"value": object{"parts": []string{b.name, "Again"}}}}}))
	}
}

// mistakes are requests that carry names to where they do not belong. The answers do not repeat them.
func (f *flock) mistakes() {
	name := f.birds[0].name
	for what, got := range map[string]answer{
		"a name in the address":     f.ask(f.nurse, http.MethodGet, "/api/people?name="+name, nil),
		"a name as an id":           f.ask(f.nurse, http.MethodGet, "/api/people/"+name, nil),
		"a name as a parameter":     f.ask(f.nurse, http.MethodGet, "/api/people/today?point="+name, nil),
		"a name as a field":         f.ask(f.nurse, http.MethodPost, "/api/people", object{name: 1}),
		"a name of another kind":    f.ask(f.nurse, http.MethodPost, "/api/people", object{"point": homePoint, "name": name, "basis": consent}),
		"a name beside mistakes":    f.ask(f.nurse, http.MethodPost, "/api/people", object{"point": homePoint, "name": object{"parts": []string{name + "😀"}}, "sex": name, "basis": consent}),
		"a name as a service":       f.ask(f.nurse, http.MethodPost, "/api/contacts", object{"point": homePoint, "services": []object{{"code": name, "quantity": 1}}}),
		"a name as a card":          f.ask(f.nurse, http.MethodPost, "/api/cards/read", object{"point": homePoint, "text": name}),
		"a name as a login":         f.ask(nil, http.MethodPost, "/api/session", object{"login": name, "password": name}),
		"a name as a request's key": f.send(f.nurse, request(http.MethodPost, "Idempotency-Key", name+" "), "/api/contacts", "application/json"),
		"a name as a language":      f.send(f.nurse, request(http.MethodGet, "Accept-Language", name), "/api/people/"+f.unknown(), ""),
	} {
		if got.status >= 500 {
			f.t.Errorf("%s: %d %s", what, got.status, got.body)
		}
		if what != "a name as a field" { // an unknown field is named to whoever sent it, and to nobody else
			f.leaks("answer to "+what, got.body, canaries...)
		}
	}
}

func request(method, header, value string) *http.Request {
	r, err := http.NewRequest(method, "/", http.NoBody)
	if err != nil {
		panic(err)
	}
	r.Header.Set(header, value)
	return r
}

// wrongRoles asks every address that reads as everybody who should see no file of this point.
func (f *flock) wrongRoles() {
	wrong := []*member{nil,
		f.hire("administrator", seat(access.Administrator, homeOrg, "")), f.hire("manager", seat(access.ProgrammeManager, homeOrg, "")),
		f.hire("monitor", seat(access.MonitoringOfficer, homeOrg, "")), f.hire("store", seat(access.Storekeeper, homeOrg, homePoint)),
		f.hire("approver", seat(access.CashApprover, homeOrg, homePoint)), f.hire("next", seat(access.Volunteer, homeOrg, nextPoint)),
		f.hire("nextlead", seat(access.PointLead, homeOrg, nextPoint)), f.hire("nextnurse", seat(access.HealthWorker, homeOrg, nextPoint)),
		f.hire("away", seat(access.CaseWorker, awayOrg, "")), f.hire("awayofficer", seat(access.ProtectionOfficer, awayOrg, "")),
		f.hire("awayprivacy", seat(access.DataProtection, awayOrg, "")),
	}
	asked := 0
	own := f.records(homeOrg, homePoint, fact.Handle{0xaa})
	for i := 0; i < len(f.birds); i += max(1, len(f.birds)/25) {
		r := own.with("person", f.birds[i].id)
		for _, m := range wrong {
			for _, route := range f.n.Routes {
				if route.Method != http.MethodGet || strings.HasPrefix(route.Path, "/desk") || i > 0 && !strings.Contains(route.Path, "{person}") {
					continue
				}
				url, _ := fill(cmp.Or(probes["GET "+route.Path].url, route.Path), slotsFor(route.Path, r))
				f.leaks(fmt.Sprintf("%s as %s", url, loginOf(m)), f.ask(m, http.MethodGet, url, nil).body, canaries...)
				asked++
			}
			got := f.ask(m, http.MethodPost, "/api/people/search", object{"name": f.birds[i].name, "sex": "F"})
			f.leaks("search as "+loginOf(m), got.body, canaries...)
		}
	}
	f.t.Logf("%d answers to %d wrong readers", asked, len(wrong))
}

func loginOf(m *member) string {
	if m == nil {
		return "a stranger"
	}
	return m.login
}

// counts is what was counted, as those see it who may. How many persons stand behind the contacts is an estimate, and
// whoever was erased can no longer be told from others: its low end may fall, and what was counted may not.
func (f *flock) counts() (all string, low float64) {
	f.t.Helper()
	var c object
	f.ask(f.officer, http.MethodGet, "/api/counts?by=service,point,day,sex,age", nil).into(f.t, &c)
	rows, _ := c["rows"].([]any)
	if len(rows) == 0 {
		f.t.Fatalf("nothing was counted: %v", c)
	}
	for _, row := range append(rows, c["totals"]) {
		persons := row.(object)["persons"].(object)
		least, central, high := persons["low"].(float64), persons["central"].(float64), persons["high"].(float64)
		if least > central || central > high {
			f.t.Errorf("persons between %v and %v, about %v", least, high, central)
		}
		low += least
		delete(persons, "low")
		delete(persons, "central")
	}
	// What an erasure takes from the low number is said beside it, and not more.
	notes, _ := c["notes"].([]any)
	c["notes"] = slices.DeleteFunc(notes, func(n any) bool { return n == "counts.some_are_closed" })
	return fmt.Sprint(c), low
}

func (f *flock) erase() {
	f.t.Helper()
	var wg sync.WaitGroup
	for part := range 4 {
		wg.Go(func() {
			for i := part; i < len(f.birds); i += 4 {
				if !f.birds[i].erased {
					continue
				}
				got := f.ask(f.officer, http.MethodPost, "/api/people/"+f.birds[i].id+"/erase", object{"reason": "person_asked", "confirm": true})
				if got.status != http.StatusOK {
					f.t.Errorf("erase: %d %s", got.status, got.body)
				}
			}
		})
	}
	wg.Wait()
	if err := f.n.People.FinishErasures(context.Background()); err != nil {
		f.t.Error(err)
	}
	if f.n.Keys.RotationOpen() {
		f.t.Error("keys of the erased could still be opened")
	}
}

// gone holds an erasure to its promise.
func (f *flock) gone(when, counted string, low float64) {
	f.t.Helper()
	absent := f.ask(f.officer, http.MethodGet, "/api/people/"+f.unknown(), nil)
	for i, b := range f.birds {
		if i%7 > 1 && len(f.birds) > 100 {
			continue
		}
		for _, page := range []string{"", "/bases", "/access-log", "/copy", "/history"} {
			got := f.ask(f.officer, http.MethodGet, "/api/people/"+b.id+page, nil)
			switch {
			case !b.erased && got.status != http.StatusOK:
				f.t.Errorf("%s, a file that stays: %s answers %d %s", when, page, got.status, got.body)
			case b.erased && (got.status != http.StatusNotFound || page == "" && !bytes.Equal(got.body, absent.body)):
				f.t.Errorf("%s, a file that is erased: %s answers %d %s", when, page, got.status, got.body)
			}
		}
	}
	for i := 1; i < len(f.birds); i += 2 * max(1, len(f.birds)/10) {
		f.leaks(when+", search", f.ask(f.nurse, http.MethodPost, "/api/people/search", object{"name": f.birds[i].name, "sex": "F"}).body, canaryErased)
	}
	for i := 1; i < len(f.birds); i += 4 * max(1, len(f.birds)/20) {
		f.strangersCard(when, f.birds[i])
	}
	for _, at := range []string{"/api/people/today?point=" + homePoint, "/api/contacts?point=" + homePoint} {
		f.leaks(when+", "+at, f.ask(f.nurse, http.MethodGet, at, nil).body, canaryErased)
	}
	for _, table := range f.tables() {
		dump := f.dump(table)
		f.leaks(when+", table "+table, dump, canaries...)
		for _, b := range f.birds {
			if b.erased && table != "seal_erased" && bytes.Contains(dump, parsed[fact.PersonID](f.world, b.id).Bytes()) {
				f.t.Errorf("%s: table %s names the id of somebody who was erased", when, table)
				break
			}
		}
	}
	if now, lowNow := f.counts(); now != counted || lowNow > low {
		f.t.Errorf("%s, counts differ:\n%s\nlow %v, before:\n%s\nlow %v", when, now, lowNow, counted, low)
	}
}

// strangersCard reads the card of somebody who was erased: it is a good card, and tells this node nothing about whose.
func (f *flock) strangersCard(when string, b canary) {
	f.t.Helper()
	var read struct {
		Status string            `json:"status"`
		Person string            `json:"person"`
		Holder string            `json:"lineage_handle"`
		Here   []json.RawMessage `json:"here"`
	}
	f.ask(f.nurse, http.MethodPost, "/api/cards/read", object{"point": homePoint, "text": b.card}).into(f.t, &read)
	if read.Person != "" || strings.Trim(read.Holder, "0-") != "" || len(read.Here) > 0 {
		f.t.Errorf("%s, the card of somebody who was erased: %+v", when, read)
	}
}
