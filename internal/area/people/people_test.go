package people_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/area/people"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
)

var (
	nigerien = fact.OrgByCode("NRC")
	libyan   = fact.OrgByCode("LRC")
	agadez   = fact.PointByCode("NE-AGZ")
	arlit    = fact.PointByCode("NE-ARL")
	tripoli  = fact.PointByCode("LY-TIP")
)

// world stands for the areas that the app joins to this one.
type world struct {
	card    map[string]fact.PersonID
	visits  []people.Visit
	another fact.PersonID
	forgot  []fact.PersonID
}

func (w *world) Place(_ *store.Tx, p fact.PointID) (people.Place, bool, error) {
	zone := time.FixedZone("WAT", 3600)
	switch p {
	case agadez, arlit:
		return people.Place{Org: nigerien, Zone: zone, Cutoff: 4 * time.Hour}, true, nil
	case tripoli:
		return people.Place{Org: libyan, Zone: zone, Cutoff: 4 * time.Hour}, true, nil
	}
	return people.Place{}, false, nil
}

func (w *world) Current(*store.Tx) (*catalogue.Catalogue, error) { return catalogue.Base(), nil }

func (w *world) StaffName(_ *store.Tx, h fact.Handle) (string, error) {
	for _, a := range []access.Actor{hawa, ibrahim, nurse, officer, clerk, manager, lead} {
		if a.Handle == h {
			return a.Name, nil
		}
	}
	return "", nil
}

func (w *world) PersonByLineage(_ context.Context, _ access.Actor, text string) (fact.PersonID, bool, error) {
	p, ok := w.card[text]
	return p, ok, nil
}

func (w *world) VisitsOn(_ *store.Tx, p fact.PointID, _ fact.Day) ([]people.Visit, error) {
	if p != agadez {
		return nil, nil
	}
	return w.visits, nil
}

func (w *world) LastVisit(_ *store.Tx, person fact.PersonID) (fact.PointID, fact.Day, bool, error) {
	if !w.another.IsZero() && person == w.another {
		return arlit, fact.DayOf(time.Date(2026, 3, 12, 0, 0, 0, 0, time.UTC)), true, nil
	}
	return fact.PointID{}, 0, false, nil
}

func actor(name string, n byte, role access.Role, org fact.OrgID, point fact.PointID) access.Actor {
	return access.Actor{Name: name, Handle: fact.Handle{n}, Org: org, Full: true, Grants: []access.Grant{{Role: role, Org: org, Point: point}}}
}

var (
	hawa    = actor("Hawa", 1, access.Volunteer, nigerien, agadez)
	ibrahim = actor("Ibrahim", 2, access.Volunteer, nigerien, arlit)
	nurse   = actor("Nurse", 3, access.HealthWorker, nigerien, agadez)
	officer = actor("Officer", 4, access.ProtectionOfficer, nigerien, fact.PointID{})
	clerk   = actor("Clerk", 5, access.DataProtection, nigerien, fact.PointID{})
	manager = actor("Manager", 6, access.Administrator, nigerien, fact.PointID{})
	lead    = actor("Lead", 8, access.PointLead, nigerien, agadez)
	salma   = actor("Salma", 7, access.Volunteer, libyan, tripoli)
)

type house struct {
	*testkit.Node
	*people.Service
	*world
}

var ctx = context.Background()

func build(t testing.TB, db *store.DB) *house {
	t.Helper()
	h := &house{world: &world{card: map[string]fact.PersonID{}}}
	h.Node = testkit.NewNode(t, db, func(n *testkit.Node) {
		h.Service = people.New(people.Config{DB: n.DB, Journal: n.Journal, Log: n.Log, Now: n.Clock.Now,
			Points: h.world, Catalogue: h.world, Staff: h.world, Cards: h.world, Visits: h.world,
			Forget: []func(*store.Tx, fact.PersonID) error{func(_ *store.Tx, p fact.PersonID) error {
				h.forgot = append(h.forgot, p)
				return nil
			}},
			Later: func(fn func(context.Context)) { fn(ctx) }})
	})
	if err := db.Migrate(ctx, people.Migrations); err != nil {
		t.Fatal(err)
	}
	return h
}

func each(t *testing.T, fn func(t *testing.T, h *house)) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) { fn(t, build(t, db)) })
}

func name(parts ...string) *people.Name { return &people.Name{Parts: parts, Script: "latin"} }

func years(low, high int) *people.Age {
	return &people.Age{Low: low, High: high, On: fact.DayOf(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)), Method: "stated"}
}

var said = people.Given{Basis: "consent", Purpose: "file", Language: "ha", How: "spoken", Answer: "yes"}

func (h *house) open(t testing.TB, who access.Actor, point fact.PointID, p people.Profile) people.File {
	t.Helper()
	f, err := h.Open(ctx, who, people.OpenFile{Point: point, Profile: p, Basis: said})
	if err != nil {
		t.Fatal(err)
	}
	h.Clock.Add(time.Second)
	return f
}

func (h *house) aicha(t testing.TB) people.File {
	return h.open(t, hawa, agadez, people.Profile{Name: name("Aïchatou", "Oumarou"), Sex: "F", Age: years(24, 26), Languages: []string{"ha", "fr"},
		Needs: []string{"food_water", "private_talk"}})
}

func code(t testing.TB, err error, want string) {
	t.Helper()
	if got := fault.Code(err); err == nil || got != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func codes(err error) (out []string) {
	for _, f := range fault.All(err) {
		out = append(out, f.Field+" "+f.Code)
	}
	slices.Sort(out)
	return out
}
