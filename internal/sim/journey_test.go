package sim

import (
	"testing"
	"time"
)

func TestTrucksOfExpelledPeopleHoldFortyToEightyAndArriveByDay(t *testing.T) {
	w := world(t, 11, 6000, 30)
	kinds := map[string]int{}
	for e := range w.Events() {
		a, ok := e.Body.(Arrival)
		if !ok {
			continue
		}
		kinds[a.Kind]++
		if a.Size.Total() != len(a.TruthPeople) {
			t.Fatalf("arrival %d: size %+v, %d people", a.ID, a.Size, len(a.TruthPeople))
		}
		switch a.Kind {
		case "convoy_official", "convoy_unofficial":
			if n := a.Size.Total(); n < 40 || n > 80 {
				t.Errorf("%s of %d at %s", a.Kind, n, e.Point)
			}
			if want := map[string]string{"convoy_official": "NE-AGZ", "convoy_unofficial": "NE-ASM"}[a.Kind]; e.Point != want {
				t.Errorf("%s reaches %s, not %s", a.Kind, e.Point, want)
			}
			if h := e.At.Hour(); h < 6 || h > 19 {
				t.Errorf("%s arrives at %s", a.Kind, e.At)
			}
		case "rescue_sea":
			if e.Point != "SEA-OV" {
				t.Errorf("a rescue at sea on %s", e.Point)
			}
		case "on_own":
			if a.Size.Total() < 2 || a.Size.Total() > 8 {
				t.Errorf("a party of %d", a.Size.Total())
			}
		}
	}
	for _, kind := range []string{"on_own", "vehicle", "convoy_official", "convoy_unofficial", "rescue_sea", "transfer"} {
		if kinds[kind] == 0 {
			t.Errorf("no arrival of kind %s in the run: %v", kind, kinds)
		}
	}
}

func TestASmallDemonstrationStillSeesATruckOfExpelledPeople(t *testing.T) {
	for seed := range uint64(20) {
		w := world(t, seed, 200, 14)
		found := false
		for e := range w.Events() {
			if a, ok := e.Body.(Arrival); ok && (a.Kind == "convoy_official" || a.Kind == "convoy_unofficial") {
				found = true
			}
		}
		if !found {
			t.Errorf("seed %d: no truck", seed)
		}
	}
}

func TestSomeTravelOnwardSomeGoBackAndSomeTakeASecondRoute(t *testing.T) {
	w := world(t, 12, 4000, 30)
	directions := map[string]int{}
	for e := range w.Events() {
		if c, ok := e.Body.(Contact); ok {
			directions[c.Direction]++
		}
	}
	if directions["onward"] < directions["back"] || directions["back"] == 0 {
		t.Errorf("directions: %v", directions)
	}
	truth, second := w.Truth(), 0
	for _, p := range w.People() {
		places := map[string]bool{}
		for _, s := range truth.Trail(p.ID) {
			places[s.Place] = true
		}
		if (places["ML-BKO"] || places["ML-GAO"]) && (places["NE-DIR"] || places["NE-ARL"]) || places["NE-DIR"] && places["TN-ZAR"] {
			second++
		}
	}
	if second == 0 {
		t.Error("nobody goes on from one route to the next")
	}
}

func TestWorkHappensInOpeningHoursAndEachDayOfAPointIsLoggedOnce(t *testing.T) {
	w := world(t, 13, 2000, 21)
	grounds := map[string]*ground{}
	for i := range w.grounds {
		grounds[w.grounds[i].Code] = &w.grounds[i]
	}
	type key struct{ point, day string }
	logs := map[key]DailyLog{}
	worked := map[key]bool{}
	for e := range w.Events() {
		g := grounds[e.Point]
		switch b := e.Body.(type) {
		case Contact, FileOpened, CardIssued, CardUpdated:
			clock := int64(e.At.Hour())*hour + int64(e.At.Minute())*minute
			if !g.opening.roundClock && (clock < g.opening.from || clock >= g.opening.to || !g.opening.days[e.At.Weekday()]) {
				t.Fatalf("%s at %s on %s, open %s", e.Kind, e.Point, e.At, g.Hours)
			}
			worked[key{e.Point, e.At.Add(-4 * time.Hour).Format(time.DateOnly)}] = true
		case DailyLog:
			k := key{e.Point, b.Day}
			if _, twice := logs[k]; twice {
				t.Errorf("%v is logged twice", k)
			}
			logs[k] = b
			if b.Sleeping > b.Beds || b.Sleeping < 0 {
				t.Errorf("%v: %d people in %d beds", k, b.Sleeping, b.Beds)
			}
			if !b.Open && (b.Why == "" || b.Hours != 0) {
				t.Errorf("%v is closed without a reason", k)
			}
		}
	}
	if want := len(w.grounds) * 21; len(logs) != want {
		t.Errorf("%d logs, not %d", len(logs), want)
	}
	for k := range worked {
		if !logs[k].Open {
			t.Errorf("work on %v, a closed day", k)
		}
	}
}

func TestGroupsThatLeaveAreCountedAndResidentsDoNotTravel(t *testing.T) {
	w := world(t, 14, 1500, 20)
	for e := range w.Events() {
		if a, ok := e.Body.(GroupLeft); ok {
			if a.Size != len(a.TruthPeople) || a.Size < 2 {
				t.Errorf("a group of %d left with %d people", a.Size, len(a.TruthPeople))
			}
		}
	}
	truth := w.Truth()
	for _, p := range w.People() {
		if p.Host && len(truth.Trail(p.ID)) > 1 {
			t.Errorf("resident %d travels: %v", p.ID, truth.Trail(p.ID))
		}
	}
}
