package network_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/area/network"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
)

// place is a node with the network on it.
type place struct {
	*testkit.Node
	*network.Service
}

func newPlace(t testing.TB, db *store.DB) *place {
	t.Helper()
	p := &place{}
	p.Node = testkit.NewNode(t, db, func(n *testkit.Node) {
		p.Service = network.New(network.Config{DB: n.DB, Journal: n.Journal, Now: n.Clock.Now})
	})
	return p
}

var (
	nrc = fact.OrgByCode("NRC")
	sea = fact.OrgByCode("IFRC-SEA")
	agz = fact.PointByCode("NE-AGZ")
	ov  = fact.PointByCode("SEA-OV")
)

func actor(n byte, role access.Role, org fact.OrgID, point fact.PointID) access.Actor {
	return access.Actor{Handle: fact.Handle{n}, Name: string(role), Org: org, Full: true,
		Grants: []access.Grant{{Role: role, Org: org, Point: point}}}
}

var (
	admin     = actor(1, access.Administrator, nrc, fact.PointID{})
	manager   = actor(2, access.ProgrammeManager, nrc, fact.PointID{})
	lead      = actor(3, access.PointLead, nrc, agz)
	volunteer = actor(4, access.Volunteer, nrc, agz)
	captain   = actor(5, access.ProgrammeManager, sea, fact.PointID{})
)

// withDemo imports the demo network.
func (p *place) withDemo(t testing.TB) *place {
	t.Helper()
	files, err := network.ReadFiles(network.DemoNetwork)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Import(context.Background(), admin, files, false)
	if err != nil || !got.Done || len(got.Errors) > 0 {
		t.Fatalf("import the demo network: %v %+v", err, got.Errors)
	}
	return p
}

func (p *place) read(t testing.TB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := p.DB.Read(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func (p *place) forDesk(t testing.TB, id fact.PointID) network.Desk {
	t.Helper()
	var d network.Desk
	p.read(t, func(tx *store.Tx) error {
		var found bool
		var err error
		if d, found, err = p.PointForDesk(tx, id); !found {
			return errors.Join(err, errors.New("the point is not there"))
		}
		return err
	})
	return d
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if code == "" {
		if err != nil {
			t.Fatalf("unexpected: %v", err)
		}
		return
	}
	for _, f := range fault.All(err) {
		if f.Code == code {
			return
		}
	}
	t.Fatalf("got %v, want %s", err, code)
}

func ptr[T any](v T) *T { return &v }

func day(t testing.TB, s string) fact.Day {
	t.Helper()
	d, err := fact.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheDemoNetworkIsImportedOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db)
		files, err := network.ReadFiles(network.DemoNetwork)
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		for _, step := range []struct {
			name string
			dry  bool
			want network.Tally
			done bool
		}{
			{"a dry run tells and does nothing", true, network.Tally{New: 32}, false},
			{"the first import makes every point", false, network.Tally{New: 32}, true},
			{"the second import changes nothing", false, network.Tally{Same: 32}, true},
		} {
			got, err := p.Import(ctx, admin, files, step.dry)
			if err != nil || len(got.Errors) > 0 {
				t.Fatalf("%s: %v %v", step.name, err, got.Errors)
			}
			if got.Points != step.want || got.Done != step.done {
				t.Errorf("%s: points %+v, done %v", step.name, got.Points, got.Done)
			}
			if len(got.Warnings) > 0 {
				t.Errorf("%s: warned: %v", step.name, got.Warnings)
			}
			if all := got.Organisations.New + got.Organisations.Same; all != 22 {
				t.Errorf("%s: %d organisations", step.name, all)
			}
			if all := got.Routes.New + got.Routes.Same; all != 8 {
				t.Errorf("%s: %d routes", step.name, all)
			}
		}
		d := p.forDesk(t, agz)
		if d.Code != "NE-AGZ" || d.Org != nrc || d.TimeZone != "Africa/Niamey" || d.State != network.Open || d.Cutoff != 4*time.Hour ||
			d.Country != "NE" || d.PCode == "" || d.Number == 0 || len(d.Services) != 24 {
			t.Errorf("Agadez is %+v", d)
		}
		if d := p.forDesk(t, ov); d.PCode != "" || d.Country != "" || d.TimeZone != "Etc/UTC" {
			t.Errorf("a ship has a place: %+v", d)
		}
		p.read(t, func(tx *store.Tx) error {
			back, found, err := p.PointByNumber(tx, d.Number)
			if !found || back.ID != d.ID {
				t.Errorf("number %d gives %+v", d.Number, back)
			}
			if twice, err := p.Twice(tx); err != nil || len(twice) > 0 {
				t.Errorf("given twice: %v %v", twice, err)
			}
			kind, found, err2 := p.Kind(tx, fact.OrgByCode("DGPC"))
			if kind != network.Authority || !found {
				t.Errorf("civil protection is %q", kind)
			}
			return errors.Join(err, err2)
		})
		p.RebuildsAlike(t)
	})
}
