package sim

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)

func world(t testing.TB, seed uint64, people, days int) *World {
	t.Helper()
	w, err := New(Config{Seed: seed, People: people, Days: days, Start: start})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func digest(t *testing.T, cfg Config) [32]byte {
	t.Helper()
	h := sha256.New()
	if err := WriteJSON(h, cfg); err != nil {
		t.Fatal(err)
	}
	return [32]byte(h.Sum(nil))
}

func TestOneSeedGivesTheSameBytesAndAnotherSeedDoesNot(t *testing.T) {
	cfg := Config{Seed: 3, People: 800, Days: 12, Start: start}
	first := digest(t, cfg)
	if digest(t, cfg) != first {
		t.Error("the same configuration gave different bytes")
	}
	cfg.Start = start.Add(9*time.Hour + 13*time.Minute)
	if digest(t, cfg) != first {
		t.Error("the time of day of the start changed the output")
	}
	cfg.Seed++
	if digest(t, cfg) == first {
		t.Error("another seed gave the same bytes")
	}
}

func TestEventsCanBeWalkedTwiceAndStoppedEarly(t *testing.T) {
	w := world(t, 1, 300, 8)
	n := 0
	for range w.Events() {
		if n++; n == 50 {
			break
		}
	}
	var first, second []Event
	for e := range w.Events() {
		first = append(first, e)
	}
	for e := range w.Events() {
		second = append(second, e)
	}
	a, _ := json.Marshal(first)
	b, _ := json.Marshal(second)
	if n != 50 || !bytes.Equal(a, b) || len(first) < 500 {
		t.Errorf("walks differ: stopped after %d, then %d and %d events", n, len(first), len(second))
	}
}

func TestEventsComeInOrderAndEveryContactLiesInAStayOfThePersonAtThatPlace(t *testing.T) {
	w := world(t, 2, 3000, 25)
	near := placesOf(w)
	type contact struct {
		person int
		point  string
		at     time.Time
	}
	var contacts []contact
	var last time.Time
	seq := 0
	truth := w.Play(func(e Event) bool {
		if seq++; e.Seq != seq {
			t.Fatalf("event %d is numbered %d", seq, e.Seq)
		}
		if e.At.Before(last) {
			t.Fatalf("event %d at %s comes after %s", e.Seq, e.At, last)
		}
		last = e.At
		if c, ok := e.Body.(Contact); ok {
			contacts = append(contacts, contact{c.TruthPerson, e.Point, e.At})
		}
		return true
	})
	for _, c := range contacts {
		if !slices.ContainsFunc(truth.Trail(c.person), func(s Stay) bool {
			return near[s.Place][c.point] && !c.at.Before(s.From) && (s.Until.IsZero() || !c.at.After(s.Until))
		}) {
			t.Fatalf("person %d met at %s on %s was not there: %v", c.person, c.point, c.at, truth.Trail(c.person))
		}
	}
	for id := range len(w.People()) {
		trail := truth.Trail(id + 1)
		for i := 1; i < len(trail); i++ {
			if trail[i-1].Until.IsZero() || trail[i].From.Before(trail[i-1].Until) {
				t.Fatalf("person %d is at two places at once: %v", id+1, trail)
			}
		}
	}
}

// placesOf says which points serve the people of a stop.
func placesOf(w *World) map[string]map[string]bool {
	near := map[string]map[string]bool{}
	for _, track := range w.tracks {
		for _, s := range track.stops {
			for _, p := range s.points {
				if near[s.Place] == nil {
					near[s.Place] = map[string]bool{}
				}
				near[s.Place][w.grounds[p].Code] = true
			}
		}
	}
	return near
}

func TestNoPointGivesWhatItDoesNotOfferAndNoPersonCarriesASealedService(t *testing.T) {
	w := world(t, 4, 3000, 25)
	points := map[string]*Point{}
	for i := range w.net.Points {
		points[w.net.Points[i].Code] = &w.net.Points[i]
	}
	class := func(code string) string { return services[serviceIndex(code)].class }
	sealed := 0
	for e := range w.Events() {
		p := points[e.Point]
		if e.Organisation != p.Organisation {
			t.Fatalf("%s belongs to %s, the event says %s", e.Point, p.Organisation, e.Organisation)
		}
		switch b := e.Body.(type) {
		case Contact:
			for _, g := range b.Services {
				if !p.Offers(g.Code) || class(g.Code) == ClassSealed || g.Quantity < 1 || g.Quantity > 63 {
					t.Fatalf("contact %d at %s: %v", b.ID, e.Point, g)
				}
			}
			for _, g := range b.NotGiven {
				if class(g.Code) == ClassSealed || (g.Reason == "not_offered") == p.Offers(g.Code) {
					t.Fatalf("contact %d at %s was refused %v", b.ID, e.Point, g)
				}
			}
			if len(b.Services)+len(b.NotGiven) == 0 {
				t.Fatalf("contact %d has no reason to exist", b.ID)
			}
		case Tally:
			for _, g := range b.Services {
				if !p.Offers(g.Code) || (class(g.Code) == ClassSealed) != b.Sealed {
					t.Fatalf("tally at %s, sealed %v: %v", e.Point, b.Sealed, g)
				}
			}
			if b.Sealed {
				sealed++
				if len(b.TruthPeople) != 0 || b.People() != 0 {
					t.Fatalf("a sealed tally at %s names people", e.Point)
				}
			} else if b.People() != len(b.TruthPeople) {
				t.Fatalf("tally of %d people holds %d", b.People(), len(b.TruthPeople))
			}
		case FileOpened:
			for _, n := range b.Needs {
				if c := NeedClass(n); c != ClassOpen && c != ClassHeld {
					t.Fatalf("file %d writes down %q of class %q", b.File, n, c)
				}
			}
		}
	}
	if sealed == 0 {
		t.Error("no sealed service in a whole run")
	}
}

func TestWhatTheEventsSayAddsUpToTheTruth(t *testing.T) {
	w := world(t, 5, 3000, 40)
	type at struct {
		point string
		day   string
	}
	overall, byPoint, byOrg, byMonth := map[int]bool{}, map[string]map[int]bool{}, map[string]map[int]bool{}, map[string]map[int]bool{}
	seen := map[int]map[at]bool{}
	contacts := 0
	add := func(set map[string]map[int]bool, key string, person int) {
		if set[key] == nil {
			set[key] = map[int]bool{}
		}
		set[key][person] = true
	}
	meet := func(e Event, person int) {
		day := e.At.Add(-4 * time.Hour).Format(time.DateOnly)
		if seen[person] == nil {
			seen[person] = map[at]bool{}
		}
		if key := (at{e.Point, day}); seen[person][key] {
			t.Fatalf("person %d has two contacts at %s on %s", person, e.Point, day)
		} else {
			seen[person][key] = true
		}
		contacts++
		overall[person] = true
		add(byPoint, e.Point, person)
		add(byOrg, e.Organisation, person)
		add(byMonth, day[:7], person)
	}
	truth := w.Play(func(e Event) bool {
		switch b := e.Body.(type) {
		case Contact:
			if !b.InTally {
				meet(e, b.TruthPerson)
			}
		case Tally:
			for _, p := range b.TruthPeople {
				meet(e, p)
			}
		}
		return true
	})
	if truth.Persons != len(overall) || truth.Contacts != contacts {
		t.Errorf("truth: %d persons, %d contacts; events: %d and %d", truth.Persons, truth.Contacts, len(overall), contacts)
	}
	sum := 0
	for _, c := range truth.ByPoint {
		sum += c.Count
		if c.Count != len(byPoint[c.Code]) || c.Count != truth.PersonsAt(c.Code, "") {
			t.Errorf("%s: truth %d, events %d", c.Code, c.Count, len(byPoint[c.Code]))
		}
	}
	if truth.CountedTwice != sum-len(overall) || truth.CountedTwice <= 0 || truth.AtSeveralPoints <= 0 {
		t.Errorf("counted twice: %d, at several points: %d", truth.CountedTwice, truth.AtSeveralPoints)
	}
	for _, c := range truth.ByOrganisation {
		if c.Count != len(byOrg[c.Code]) || truth.Check(Claim{Organisation: c.Code}).Truth != c.Count {
			t.Errorf("%s: truth %d, events %d", c.Code, c.Count, len(byOrg[c.Code]))
		}
	}
	for _, c := range truth.ByMonth {
		if c.Count != len(byMonth[c.Code]) || truth.Check(Claim{Month: c.Code}).Truth != c.Count {
			t.Errorf("%s: truth %d, events %d", c.Code, c.Count, len(byMonth[c.Code]))
		}
	}
	bands := 0
	for _, c := range truth.BySexAge {
		bands += c.Count
	}
	if bands != truth.Persons {
		t.Errorf("sex and age add up to %d of %d", bands, truth.Persons)
	}
	n := float64(truth.Persons)
	if v := truth.Check(Claim{Low: n - 1, Central: n * 1.1, High: n + 1}); !v.Inside || v.Error < 0.09 || v.Error > 0.11 {
		t.Errorf("verdict %+v", v)
	}
	if v := truth.Check(Claim{Low: n + 1, High: n + 2}); v.Inside {
		t.Error("an interval above the truth holds it")
	}
}

func TestWriteJSONBeginsWithTheSettingsAndEndsWithTheTruth(t *testing.T) {
	var out bytes.Buffer
	if err := WriteJSON(&out, Config{Seed: 9, People: 150, Days: 5, Start: start}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, l := range lines {
		var e struct {
			Kind string `json:"kind"`
			Body struct {
				Persons int `json:"persons"`
				People  int `json:"people"`
			} `json:"body"`
		}
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			t.Fatal(err)
		}
		switch {
		case i == 0 && (e.Kind != "config" || e.Body.People != 150):
			t.Errorf("first line: %s", l)
		case i == len(lines)-1 && (e.Kind != "truth" || e.Body.Persons == 0):
			t.Errorf("last line: %s", l)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestSettingsThatCannotBeSimulatedAreRefusedTogetherAndByName(t *testing.T) {
	rates := DefaultRates()
	rates.LoseCard = 1.5
	_, err := New(Config{People: 0, Days: MaxDays + 1, Rates: rates, Network: Network{Points: []Point{{Code: "A", Hours: "late"}}}})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"people", "days", "start", "rates.lose_card", "point A", "hours"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}
	if err := WriteJSON(broken{}, Config{People: 10, Days: 2, Start: start}); err == nil {
		t.Error("a writer that fails goes unnoticed")
	}
}

func BenchmarkPlay(b *testing.B) {
	for range b.N {
		n := 0
		w := world(b, 1, 100_000, 30)
		truth := w.Play(func(Event) bool { n++; return true })
		b.ReportMetric(float64(n), "events")
		b.ReportMetric(float64(truth.Contacts), "contacts")
	}
}

func BenchmarkWriteJSON(b *testing.B) {
	for range b.N {
		if err := WriteJSON(io.Discard, Config{Seed: 1, People: 100_000, Days: 30, Start: start}); err != nil {
			b.Fatal(err)
		}
	}
}
