package app

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/outbox"
	"serai/internal/store"
	"serai/internal/testkit"
)

// tablet is a device whose key a member registered.
func (w *world) tablet(t testing.TB, m *member) *testkit.Device {
	t.Helper()
	var key outbox.IntakeKey
	w.ask(nil, "GET", "/api/outbox/key", nil).into(t, &key)
	d := testkit.NewDevice(t, testkit.Point(t, key.Public))
	var registered struct{ Signer string }
	w.ask(m, "POST", "/api/me/device-key", object{"public": base64.RawURLEncoding.EncodeToString(d.Public())}).into(t, &registered)
	if registered.Signer != d.Signer() {
		t.Fatalf("the node calls the key %s, the device %s", registered.Signer, d.Signer())
	}
	return d
}

// command is one that was made at the world's time.
func (w *world) command(t testing.TB, method, path string, body any) testkit.OfflineCommand {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return testkit.OfflineCommand{Method: method, Path: path, Body: b, At: w.clock.Now().UnixMilli()}
}

// hand hands entries in.
func (w *world) hand(t testing.TB, m *member, clock time.Time, entries ...testkit.OfflineEntry) []outbox.Result {
	t.Helper()
	var taken outbox.Taken
	w.ask(m, "POST", "/api/outbox", object{"clock": clock.UnixMilli(), "entries": entries}).into(t, &taken)
	if len(taken.Results) != len(entries) {
		t.Fatalf("%d entries, %d results", len(entries), len(taken.Results))
	}
	for i, r := range taken.Results {
		if r.Key != entries[i].Key {
			t.Fatalf("result %d is that of %s, want %s", i, r.Key, entries[i].Key)
		}
	}
	return taken.Results
}

// A whole day reaches the node without a session: a file, a basis, a contact about it, a change, an undo.
func TestADayWithoutANetworkArrives(t *testing.T) {
	t.Parallel()
	for _, e := range testkit.Engines(t) {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, e)
			m := w.hire("musa", seat(access.Volunteer, homeOrg, homePoint))
			d := w.tablet(t, m)
			person, contact := fact.NewPersonID(w.clock.Now()).String(), fact.NewContactID(w.clock.Now()).String()
			day := []testkit.OfflineEntry{}
			add := func(subject, method, path string, body any) {
				c := w.command(t, method, path, body)
				c.Subject = subject
				day = append(day, d.Entry(c))
			}
			add("a", "POST", "/api/people", object{"id": person, "point": pointID(homePoint), "sex": "F", "basis": consent, "name": object{"parts": []string{"Maryam"}}})
			add("a", "POST", "/api/people/"+person+"/events", object{"kind": "moved_on"})
			add("a", "POST", "/api/contacts", object{"id": contact, "point": pointID(homePoint), "person": person, "services": water, "group": "on_move", "happened": w.clock.Now()})
			add("a", "POST", "/api/contacts/"+contact+"/undo", object{})
			add("b", "POST", "/api/contacts", object{"point": pointID(homePoint), "services": water, "group": "on_move", "tally": object{"buttons": object{"woman": 2}}})
			add("c", "POST", "/api/arrivals", object{"point": pointID(homePoint), "kind": "vehicle", "size": object{"woman": 3}})
			add("d", "POST", "/api/contacts", object{"point": pointID(awayPoint), "services": water, "group": "on_move"})
			add("e", "POST", "/api/accounts", object{"name": "Me Again"})
			w.must(w.n.Accounts.SignOut(context.Background(), m.token))

			results := w.hand(t, nil, w.clock.Now(), day...)
			for i, want := range []int{201, 201, 201, 200, 201, 201, 422, 404} {
				if results[i].Status != want {
					t.Errorf("entry %d: %+v, want %d", i, results[i], want)
				}
				if results[i].Answer != nil {
					t.Errorf("entry %d: somebody without a session sees the answer", i)
				}
			}
			if results[7].Code != "outbox.route" {
				t.Errorf("an account can be opened offline: %+v", results[7])
			}
			w.signIn(m)
			if got := w.ask(m, "GET", "/api/people/"+person, nil); got.status != http.StatusOK {
				t.Errorf("the file: %d %s", got.status, got.body)
			}
			// The same entries again are the same commands, and their author sees the answers.
			again := w.hand(t, m, w.clock.Now(), day...)
			for i := range again {
				if again[i].Status != results[i].Status || again[i].Code != results[i].Code {
					t.Errorf("entry %d again: %+v, was %+v", i, again[i], results[i])
				}
				if again[i].Good() && again[i].Answer == nil {
					t.Errorf("entry %d: its author does not see the answer", i)
				}
			}
			var list struct{ Contacts []object }
			w.ask(m, "GET", "/api/contacts?point="+homePoint, nil).into(t, &list)
			if len(list.Contacts) != 3 { // the one undone, the tally, the arrival
				t.Errorf("%d contacts: %v", len(list.Contacts), list.Contacts)
			}
			other := w.hire("other", seat(access.Volunteer, homeOrg, homePoint))
			if r := w.hand(t, other, w.clock.Now(), day[0]); r[0].Status != 201 || r[0].Answer != nil {
				t.Errorf("somebody else sees the answer: %+v", r[0])
			}
		})
	}
}

// What somebody may counts when the work arrives, not when it was made.
func TestRightsOfTheDayOfArrivalCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	m := w.hire("musa", seat(access.Volunteer, homeOrg, homePoint))
	d := w.tablet(t, m)
	entry := func() testkit.OfflineEntry {
		return d.Entry(w.command(t, "POST", "/api/contacts", object{"point": pointID(homePoint), "services": water, "group": "on_move"}))
	}
	before := w.refusals(t)
	w.must(w.n.Accounts.Revoke(context.Background(), m.login, seat(access.Volunteer, homeOrg, homePoint)))
	kept := entry()
	if r := w.hand(t, nil, w.clock.Now(), kept); r[0].Status != 403 || r[0].Code != "web.not_allowed" {
		t.Errorf("without the role: %+v", r[0])
	}
	if n := w.refusals(t) - before; n != 1 {
		t.Errorf("%d refusals were written down", n)
	}
	w.must(w.n.Accounts.Close(context.Background(), m.login))
	for range 3 {
		if r := w.hand(t, nil, w.clock.Now(), entry()); r[0].Status != 403 || r[0].Code != "outbox.account_ended" {
			t.Errorf("after the account was closed: %+v", r[0])
		}
	}
	if n := w.refusals(t) - before; n != 2 {
		t.Errorf("%d refusals were written down: trying again and again fills the disk", n)
	}
}

func (w *world) refusals(t testing.TB) (n int) {
	t.Helper()
	w.must(w.n.DB.Read(context.Background(), func(tx *store.Tx) error {
		_, err := tx.One(`SELECT count(*) FROM audit_entry WHERE outcome = 3`, nil, &n)
		return err
	}))
	return n
}

// A tablet that believes it is two years ago says the right time once it is heard, and a time that somebody typed stays.
func TestTheClockOfATabletIsMended(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	m := w.hire("musa", seat(access.Volunteer, homeOrg, homePoint))
	d := w.tablet(t, m)
	w.clock.Add(8 * time.Hour)
	now, behind := w.clock.Now(), 2*365*24*time.Hour
	made := now.Add(-3 * time.Hour)
	typed := now.Add(-26 * time.Hour)
	var entries []testkit.OfflineEntry
	for _, happened := range []time.Time{made.Add(-behind), typed} {
		c := w.command(t, "POST", "/api/contacts", object{"point": pointID(homePoint), "services": water, "group": "on_move", "happened": happened})
		c.At = made.Add(-behind).UnixMilli()
		entries = append(entries, d.Entry(c))
	}
	got := func() (out []time.Time) {
		for _, r := range w.hand(t, m, w.clock.Now().Add(-behind), entries...) {
			var contact struct{ Happened time.Time }
			if err := json.Unmarshal(r.Answer, &contact); err != nil {
				t.Fatalf("%v: %+v", err, r)
			}
			out = append(out, contact.Happened)
			if r.Corrected != (len(out) == 1) {
				t.Errorf("corrected: %+v", r)
			}
		}
		return out
	}
	first := got()
	if !first[0].Equal(made) || !first[1].Equal(typed) {
		t.Errorf("happened %v, want %v and %v", first, made, typed)
	}
	// Later, when the skew comes out otherwise by some seconds, it is still the same command.
	w.clock.Add(time.Hour)
	if again := got(); !again[0].Equal(first[0]) {
		t.Errorf("again %v, was %v", again, first)
	}
}

// A device drops its keys at a checkpoint, and the node gives them back to the worker whose they are.
func TestTheKeyOfAVaultComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	m, other := w.hire("musa", seat(access.Volunteer, homeOrg, homePoint)), w.hire("other", seat(access.Volunteer, homeOrg, homePoint))
	d := w.tablet(t, m)
	account := m.actor.Account.String()
	wrap := func(aad, account, vault string) object {
		plain, _ := json.Marshal(object{"account": account, "vault": vault})
		enc, sealed := d.Seal("serai vault 1", aad, plain)
		return object{"wrapped": object{"enc": enc, "sealed": sealed}}
	}
	good := wrap(account, account, "c2VjcmV0")
	if got := w.ask(nil, "POST", "/api/device/restore", good); got.status != 401 {
		t.Errorf("a stranger: %d %s", got.status, got.body)
	}
	before := w.refusals(t)
	bad := map[string]answer{
		"somebody else":            w.ask(other, "POST", "/api/device/restore", good),
		"bound to somebody else":   w.ask(m, "POST", "/api/device/restore", wrap(other.actor.Account.String(), account, "c2VjcmV0")),
		"content of somebody else": w.ask(m, "POST", "/api/device/restore", wrap(account, other.actor.Account.String(), "c2VjcmV0")),
		"no key in it":             w.ask(m, "POST", "/api/device/restore", wrap(account, account, "")),
		"nothing that was wrapped": w.ask(m, "POST", "/api/device/restore", object{"wrapped": object{"enc": "AAAA", "sealed": "AAAA"}}),
	}
	// An entry of an outbox is sealed for another use, and cannot be had opened here.
	e := d.Entry(w.command(t, "POST", "/api/contacts", object{}))
	bad["an entry"] = w.ask(m, "POST", "/api/device/restore", object{"wrapped": object{"enc": e.Enc, "sealed": e.Sealed}})
	for name, got := range bad {
		if got.status != 403 || got.code() != "outbox.not_restored" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if n := w.refusals(t) - before; n != len(bad) {
		t.Errorf("%d of %d refusals were written down", n, len(bad))
	}
	var got outbox.Restored
	w.ask(m, "POST", "/api/device/restore", good).into(t, &got)
	if got.Vault != "c2VjcmV0" {
		t.Errorf("%+v", got)
	}
	// The intake key outlives the process.
	w.restart()
	w.ask(m, "POST", "/api/device/restore", good).into(t, &got)
}

// BenchmarkIntake hands 1,000 contacts in, in batches of 100.
func BenchmarkIntake(b *testing.B) {
	for _, e := range testkit.Engines(b) {
		b.Run(string(e), func(b *testing.B) {
			w := newWorld(b, e)
			m := w.hire("musa", seat(access.Volunteer, homeOrg, homePoint))
			d := w.tablet(b, m)
			for b.Loop() {
				b.StopTimer()
				entries := make([]testkit.OfflineEntry, 1000)
				for i := range entries {
					c := w.command(b, "POST", "/api/contacts", object{"point": pointID(homePoint), "services": water, "group": "on_move", "happened": w.clock.Now()})
					c.Subject = fmt.Sprint(i)
					entries[i] = d.Entry(c)
				}
				b.StartTimer()
				for i := 0; i < len(entries); i += 100 {
					for _, r := range w.hand(b, nil, w.clock.Now(), entries[i:i+100]...) {
						if !r.Good() {
							b.Fatalf("%+v", r)
						}
					}
				}
			}
			b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "commands/s")
		})
	}
}

// Whatever can be done without a network is done once, however often it arrives, and is the work of a day at a point.
func TestEveryOfflineCommandIsDoneOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	var grants []access.Grant
	for _, role := range access.Roles() {
		grants = append(grants, seat(role, homeOrg, ""))
	}
	m := w.hire("everybody", grants...)
	d := w.tablet(t, m)
	facts := func() (n int) {
		w.must(w.n.DB.Read(context.Background(), func(tx *store.Tx) error {
			_, err := tx.One(`SELECT count(*) FROM journal_fact`, nil, &n)
			return err
		}))
		return n
	}
	done, kept := 0, map[string]int{}
	for _, route := range w.n.Routes {
		if !route.Offline {
			continue
		}
		key := route.Method + " " + route.Path
		for _, never := range []string{"accounts.", "audit.", "node.", "lists."} {
			if strings.HasPrefix(string(route.Permission), never) {
				t.Errorf("%s can be done offline: it is no work of a day", key)
			}
		}
		r := w.records(homeOrg, homePoint, m.actor.Handle)
		p := probes[key]
		url, _ := fill(cmp.Or(p.url, route.Path), slotsFor(route.Path, r))
		var body any
		if p.body != nil {
			body = p.body(w, m, r)
		}
		entry := d.Entry(w.command(t, route.Method, url, body))
		first := w.hand(t, m, w.clock.Now(), entry)[0]
		if !first.Good() {
			if p.hard == "" && first.Code != "network.not_mobile" { // the point of the records stands still
				t.Errorf("%s: %+v", key, first)
			}
			continue
		}
		before := facts()
		again := w.hand(t, m, w.clock.Now().Add(3*time.Second), entry)[0]
		if again.Status != first.Status || facts() != before {
			t.Errorf("%s again: %+v, %d facts more", key, again, facts()-before)
		}
		done++
		kept[string(route.Permission)]++
	}
	t.Logf("%d commands, each done once: %v", done, kept)
	if done < 20 {
		t.Errorf("%d commands are fewer than a day has", done)
	}
}
