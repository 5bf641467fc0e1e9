package network_test

import (
	"context"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/area/network"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

func TestALeadChangesWhatBelongsToTheDayAndNothingElse(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db).withDemo(t)
		asm := fact.PointByCode("NE-ASM")
		for _, test := range []struct {
			name  string
			who   access.Actor
			point fact.PointID
			edit  network.PointEdit
			want  string
		}{
			{"hours of the own point", lead, agz, network.PointEdit{Hours: ptr("Mo-Fr 08:00-16:00"), Beds: ptr(8)}, ""},
			{"services and languages", lead, agz, network.PointEdit{Services: &[]network.PointService{{Code: "water"}}, Languages: &[]string{"ha"}}, ""},
			{"hours that nobody can read", lead, agz, network.PointEdit{Hours: ptr("when the sun stands high")}, "hours.weekday"},
			{"a service that is none", lead, agz, network.PointEdit{Services: &[]network.PointService{{Code: "wine"}}}, "network.unknown_service"},
			{"another point of the same organisation", lead, asm, network.PointEdit{Hours: ptr("24/7")}, "network.not_yours"},
			{"a point of others", lead, fact.PointByCode("LY-TIP"), network.PointEdit{Hours: ptr("24/7")}, "network.not_yours"},
			{"the name", lead, agz, network.PointEdit{Name: ptr("My point")}, "network.not_yours"},
			{"what the public sees, hidden among hours", lead, agz, network.PointEdit{Hours: ptr("24/7"), Visibility: ptr("full")}, "network.not_yours"},
			{"where it stands", lead, agz, network.PointEdit{Position: &network.Position{Lat: 1, Lon: 1}}, "network.not_yours"},
			{"the time zone", lead, agz, network.PointEdit{Zone: ptr("Europe/Rome")}, "network.not_yours"},
			{"the end of the day", lead, agz, network.PointEdit{Cutoff: ptr(0)}, "network.not_yours"},
			{"a volunteer, hours", volunteer, agz, network.PointEdit{Hours: ptr("24/7")}, "network.not_yours"},
			{"a manager, all of it", manager, agz, network.PointEdit{Name: ptr("Agadez"), Hours: ptr("24/7"), Visibility: ptr("full")}, ""},
		} {
			err := p.EditPoint(context.Background(), test.who, fact.FactID{}, test.point, test.edit)
			t.Run(test.name, func(t *testing.T) { wantCode(t, err, test.want) })
		}
	})
}

func TestAnItineraryIsToldToThoseWhoRunThePoint(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db).withDemo(t)
		ctx := context.Background()
		asm := fact.PointByCode("NE-ASM")
		driver := actor(7, access.PointLead, nrc, asm)
		now := p.Clock.Now()
		plan := func(lat float64, from, until time.Duration) {
			t.Helper()
			p.Clock.Add(time.Second)
			if err := p.PlanPosition(ctx, driver, fact.FactID{}, asm, network.Position{Lat: lat, Lon: 7.4}, now.Add(from), now.Add(until)); err != nil {
				t.Fatal(err)
			}
		}
		plan(18.1, -48*time.Hour, -24*time.Hour) // over
		plan(18.2, -time.Hour, 10*time.Hour)     // taken back by the next
		plan(18.3, -time.Minute, 12*time.Hour)
		plan(18.5, 40*time.Hour, 50*time.Hour)
		plan(18.4, 20*time.Hour, 30*time.Hour)
		view, err := p.Point(ctx, driver, asm)
		if err != nil {
			t.Fatal(err)
		}
		var lats []float64
		for _, s := range view.Itinerary {
			lats = append(lats, s.Lat)
		}
		if len(lats) != 3 || lats[0] != 18.3 || lats[1] != 18.4 || lats[2] != 18.5 || *view.Lat != 18.3 {
			t.Errorf("now at %v, and then %v", *view.Lat, lats)
		}
		for _, who := range []access.Actor{volunteer, lead, captain, {}} {
			if view, err := p.Point(ctx, who, asm); err != nil || len(view.Itinerary) > 0 {
				t.Errorf("%s learns the road: %v %v", who.Name, view.Itinerary, err)
			}
		}
		if view, err := p.Point(ctx, admin, asm); err != nil || len(view.Itinerary) != 3 {
			t.Errorf("an administrator plans too: %v %v", view.Itinerary, err)
		}
	})
}

func TestALogOfBeforeBedsWereCountedStillReads(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db).withDemo(t)
		ctx := context.Background()
		old := network.LogOpen{Point: agz, Log: network.DayLog{Day: day(t, "2026-03-08"), Opened: "08:00", TurnedAway: 3}}
		if err := p.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := p.Journal.Append(tx, network.DayLogged.New(fact.FactID{}, fact.ScopeOrg(nrc), fact.Handle{1}, old))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := p.LogDay(ctx, lead, fact.FactID{}, agz, network.DayLog{Day: day(t, "2026-03-09"), Opened: "08:00", BedsUsed: ptr(0)}, nil); err != nil {
			t.Fatal(err)
		}
		all, err := p.Days(ctx, lead, agz, day(t, "2026-03-01"), day(t, "2026-03-31"))
		if err != nil || len(all) != 2 || all[0].BedsUsed == nil || *all[0].BedsUsed != 0 || all[1].BedsUsed != nil || all[1].TurnedAway != 3 {
			t.Errorf("nobody counted is not zero: %+v %v", all, err)
		}
		p.RebuildsAlike(t)
	})
}
