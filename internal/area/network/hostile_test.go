package network_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"serai/internal/area/network"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

// TestAProjectorRefusesNothing projects what no rule of ours would have let pass, as a broken or hostile peer may send
// it: everything is kept, and every answer can still be given.
func TestAProjectorRefusesNothing(t *testing.T) {
	enc := func(v any) cbor.RawMessage {
		b, err := fact.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	nan := math.NaN()
	point := func(changes ...network.Change) network.SetOpen {
		return network.SetOpen{Subject: agz.Bytes(), Changes: changes}
	}
	bodies := []struct {
		name string
		new  fact.New
	}{
		{"a position that is none", network.PointSet.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{}, point(network.Change{Field: 7, Value: enc([]float64{nan, nan})}))},
		{"a position beyond the pole", network.PointSet.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{}, point(network.Change{Field: 7, Value: enc([]float64{900, 0})}))},
		{"a code with a NUL", network.PointSet.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{}, point(network.Change{Field: 1, Value: enc("NE-\x00AGZ")}))},
		{"a kind with a NUL", network.PointSet.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{}, point(network.Change{Field: 3, Value: enc("\x00")}))},
		{"a name that is a number", network.PointSet.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{}, point(network.Change{Field: 2, Value: enc(7)}))},
		{"hours that nobody can read", network.PointSet.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{}, point(network.Change{Field: 10, Value: enc("when the sun stands high")}))},
		{"a zone that is not there", network.PointSet.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{}, point(network.Change{Field: 13, Value: enc("../../etc/passwd")}))},
		{"a field of tomorrow", network.PointSet.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{}, point(network.Change{Field: 250, Value: enc("?")}))},
		{"about nothing", network.PointSet.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{}, network.SetOpen{Subject: []byte("short")})},
		{"an organisation with a number too large", network.OrganisationSet.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{},
			network.SetOpen{Subject: nrc.Bytes(), Changes: []network.Change{{Field: 5, Value: enc(1 << 30)}, {Field: 3, Value: enc("a\x00b")}}})},
		{"a route to nowhere", network.RouteSet.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{},
			network.SetOpen{Subject: fact.RouteByCode("x").Bytes(), Changes: []network.Change{{Field: 1, Value: enc("x\x00")},
				{Field: 3, Value: enc([]network.Stop{{Position: &network.Position{Lat: nan}, Hours: math.Inf(1)}})}}})},
		{"a state of a point that is not here", network.StateChanged.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{},
			network.StateOpen{Point: fact.PointByCode("XX-NOT"), State: network.Life{State: "asleep\x00"}})},
		{"a plan that is no place", network.PositionPlanned.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{}, network.PositionOpen{Point: agz, Lat: nan, From: 1, Until: 1 << 60})},
		{"an exception that breaks out", network.DayExcepted.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{},
			network.ExceptionOpen{Point: agz, Exception: network.Exception{Day: day(t, "2026-03-11"), Hours: `24/7; Mo off "`, Why: "\x00\""}})},
		{"a log of endless hours", network.DayLogged.New(fact.FactID{}, fact.ScopeOrg(nrc), fact.Handle{},
			network.LogOpen{Point: agz, Log: network.DayLog{Day: day(t, "2026-03-09"), Hours: nan, Why: "\x00"}})},
		{"a log of beds that nobody has", network.DayLogged.New(fact.FactID{}, fact.ScopeOrg(nrc), fact.Handle{},
			network.LogOpen{Point: agz, Log: network.DayLog{Day: day(t, "2026-03-08")}, BedsUsed: ptr(-1 << 40)})},
		{"a plan without end", network.PositionPlanned.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{}, network.PositionOpen{Point: agz, Lat: 17, Lon: 8, From: -1 << 60, Until: 1 << 60})},
		{"an interval for nothing", network.IntervalSet.New(fact.FactID{}, fact.ScopeOpen, fact.Handle{},
			network.SetOpen{Subject: agz.Bytes(), Changes: []network.Change{{Field: 5, Value: enc(-5)}}})},
	}
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db).withDemo(t)
		ctx := context.Background()
		for _, b := range bodies {
			if err := p.DB.Write(ctx, func(tx *store.Tx) error {
				_, err := p.Journal.Append(tx, b.new)
				return err
			}); err != nil {
				t.Errorf("%s: %v", b.name, err)
			}
		}
		d := &door{place: p}
		d.Mux = newMux(d)
		for _, path := range []string{"/api/points", "/api/points/" + agz.String(), "/api/routes", "/api/organisations", "/api/funding",
			"/api/points/" + agz.String() + "/days?from=2026-03-01&to=2026-03-31", "/api/export/network/points.csv", "/api/export/network/routes.csv"} {
			if w := d.call("manager", "GET", path, "", ""); w.Code != 200 {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
		if desk := p.forDesk(t, agz); desk.Location == nil || desk.Name == "" {
			t.Errorf("the desk lost its point: %+v", desk)
		}
		p.RebuildsAlike(t)
	})
}

// BenchmarkPointForDesk is the hot path of recording a contact.
func BenchmarkPointForDesk(b *testing.B) {
	db, err := store.Open(context.Background(), testkit.NewConfig(b, store.SQLite))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	p := newPlace(b, db).withDemo(b)
	ask := func(tx *store.Tx) error {
		_, found, err := p.PointForDesk(tx, agz)
		if !found && err == nil {
			err = errors.New("the point is not there")
		}
		return err
	}
	if err := db.Write(context.Background(), ask); err != nil { // warm: only the writer fills the memory
		b.Fatal(err)
	}
	err = db.Write(context.Background(), func(tx *store.Tx) error {
		for b.Loop() {
			if err := ask(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
