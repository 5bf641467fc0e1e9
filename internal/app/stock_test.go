package app

import (
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/testkit"
)

// A week of a store over the whole program: what was given follows from contacts, arrivals and their corrections, also
// when they and the count arrive late from a tablet without a network.
func TestTheStoreFollowsWhatWasGiven(t *testing.T) {
	t.Parallel()
	for _, e := range testkit.Engines(t) {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, e)
			lead, m := w.hire("lead", seat(access.PointLead, homeOrg, homePoint)), w.hire("musa", seat(access.Volunteer, homeOrg, homePoint))
			keeper, manager := w.hire("keeper", seat(access.Storekeeper, homeOrg, homePoint)), w.hire("manager", seat(access.ProgrammeManager, homeOrg, ""))
			tablet := w.tablet(t, m)
			level := func(item string) (n int, low bool) {
				t.Helper()
				var s struct {
					Items []struct {
						Item  string
						Level int
						Low   bool
					}
				}
				w.ask(keeper, "GET", "/api/stock?point="+homePoint, nil).into(t, &s)
				for _, i := range s.Items {
					if i.Item == item {
						return i.Level, i.Low
					}
				}
				return -999, false
			}
			want := func(when string, soap int) {
				t.Helper()
				if got, _ := level("soap_100g"); got != soap {
					t.Errorf("%s: %d soaps, want %d", when, got, soap)
				}
			}
			ok := func(a answer) {
				t.Helper()
				if a.status/100 != 2 {
					t.Fatalf("%d %s", a.status, a.body)
				}
			}
			kits := func(n int) []object { return []object{{"code": "hygiene_kit", "quantity": n}} }

			ok(w.ask(keeper, "POST", "/api/stock/movements", object{"point": homePoint, "kind": "received", "why": "national", "kits": []object{{"kit": "hygiene_kit", "quantity": 100}}}))
			want("delivered", 300)
			w.clock.Add(time.Hour)
			var c struct{ Contact string }
			w.ask(m, "POST", "/api/contacts", object{"point": homePoint, "services": kits(2)}).into(t, &c)
			var a struct{ Arrival string }
			w.ask(m, "POST", "/api/arrivals", object{"point": homePoint, "kind": "vehicle", "size": object{"man": 20}, "services": kits(1)}).into(t, &a)
			want("two kits for one, one each for twenty", 300-6-60)
			ok(w.ask(lead, "POST", "/api/contacts/"+c.Contact+"/corrections", object{"why": "mistake", "changes": object{"services": kits(1)}}))
			want("corrected to one", 300-3-60)

			// The tablet counts at noon and gives on, all without a network; it arrives the next day.
			made := w.clock.Now()
			count := w.command(t, "POST", "/api/stock/counts", object{"point": pointID(homePoint), "happened": made, "lines": []object{{"item": "soap_100g", "quantity": 230}}})
			w.clock.Add(time.Hour)
			gave := w.command(t, "POST", "/api/contacts", object{"point": pointID(homePoint), "happened": w.clock.Now(), "services": kits(1), "tally": object{"buttons": object{"woman": 4}}})
			w.clock.Add(20 * time.Hour)
			results := w.hand(t, m, w.clock.Now(), tablet.Entry(gave), tablet.Entry(count))
			for _, r := range results {
				if !r.Good() {
					t.Errorf("from the tablet: %+v", r)
				}
			}
			for _, again := range []*member{lead, keeper, manager} { // their sessions ran out overnight
				w.signIn(again)
			}
			want("counted 230, then four kits", 230-12)
			ok(w.ask(lead, "POST", "/api/contacts/"+a.Arrival+"/undo", object{}))
			want("an arrival of before the count is undone", 230-12) // the count saw the shelf, whatever the book said

			ok(w.ask(lead, "POST", "/api/stock/marks", object{"point": homePoint, "item": "soap_100g", "low": 218}))
			if _, low := level("soap_100g"); !low {
				t.Error("at its mark an item is low")
			}
			var wish struct{ Wish string }
			w.ask(keeper, "POST", "/api/stock/wishes", object{"point": homePoint, "by": (fact.DayOf(w.clock.Now()) + 9).String(), "reason": "running_out", "lines": []object{{"item": "soap_100g", "quantity": 500}}}).into(t, &wish)
			var answered struct{ State string }
			w.ask(manager, "PATCH", "/api/stock/wishes/"+wish.Wish, object{"state": "answered", "note": "500 on the next truck"}).into(t, &answered)
			if answered.State != "answered" {
				t.Error(answered)
			}
		})
	}
}
