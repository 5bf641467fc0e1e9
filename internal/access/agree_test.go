package access_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/testkit"
)

// world is a small set of organisations, points and handles, so that random actors and records meet often.
type world struct {
	r       *rand.Rand
	now     time.Time
	orgs    []fact.OrgID // the first is none
	points  []fact.PointID
	handles []fact.Handle
}

func newWorld(seed uint64) world {
	w := world{
		r: rand.New(rand.NewPCG(seed, 7)), now: time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC),
		orgs: []fact.OrgID{{}}, points: []fact.PointID{{}}, handles: []fact.Handle{{}},
	}
	for _, code := range []string{"A", "B", "C"} {
		w.orgs = append(w.orgs, fact.OrgByCode(code))
	}
	for _, code := range []string{"P", "Q", "R", "S"} {
		w.points = append(w.points, fact.PointByCode(code))
	}
	for i := range 3 {
		w.handles = append(w.handles, fact.Handle{byte(i + 1)})
	}
	return w
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (w world) actor() access.Actor {
	a := access.Actor{Handle: pick(w.r, w.handles), Org: pick(w.r, w.orgs), Full: w.r.IntN(8) > 0}
	for range w.r.IntN(5) {
		g := access.Grant{Role: pick(w.r, access.Roles()), Org: pick(w.r, w.orgs), Point: pick(w.r, w.points)}
		if w.r.IntN(2) == 0 {
			g.Until = w.now.Add(time.Duration(w.r.IntN(5)-2) * time.Hour)
		}
		a.Grants = append(a.Grants, g)
	}
	return a
}

// Every record that can be: what it lacks is NULL, as the areas store it.
func (w world) records() []access.Resource {
	var out []access.Resource
	for _, org := range w.orgs {
		for _, point := range w.points {
			for _, owner := range w.handles {
				out = append(out, access.Resource{Org: org, Point: point, Owner: owner})
			}
		}
	}
	return out
}

func TestFilterSaysWhatMaySays(t *testing.T) { testkit.EachEngine(t, filterSaysWhatMaySays) }

// This room may not import the store, in tests neither: what is needed of a database is said here.
type (
	database[T any] interface {
		Read(context.Context, func(T) error) error
		Write(context.Context, func(T) error) error
	}
	transaction[A ~[]any, R line] interface {
		Script(string) error
		Exec(string, ...any) error
		Each(string, A, func(R) error) error
	}
	line interface{ Scan(...any) error }
)

func filterSaysWhatMaySays[D database[T], T transaction[A, R], A ~[]any, R line](t *testing.T, db D) {
	const seed, rounds = 20260310, 1500
	w := newWorld(seed)
	records := w.records()
	ctx := context.Background()
	err := db.Write(ctx, func(tx T) error {
		if err := tx.Script(`CREATE TABLE record (n BIGINT PRIMARY KEY, org_id BLOB, point_id BLOB, owner BLOB)`); err != nil {
			return err
		}
		for i, r := range records {
			var owner any
			if !r.Owner.IsZero() {
				owner = r.Owner.Bytes()
			}
			if err := tx.Exec(`INSERT INTO record (n, org_id, point_id, owner) VALUES ($1, $2, $3, $4)`, i, r.Org, r.Point, owner); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	// A query may lack a column; its records then have no such thing.
	shapes := []access.Columns{
		{Org: "x.org_id", Point: "x.point_id", Owner: "x.owner"},
		{Org: "x.org_id", Point: "x.point_id"}, {Org: "x.org_id"}, {Owner: "x.owner"}, {},
	}
	decisions, seen := 0, 0
	for range rounds {
		a, p, cols := w.actor(), pick(w.r, access.Permissions()), pick(w.r, shapes)
		where, args := a.Filter(p, cols, w.now, 2)
		got := map[int]bool{}
		err := db.Read(ctx, func(tx T) error {
			return tx.Each(`SELECT x.n FROM record x WHERE x.n >= $1 AND `+where, append(A{0}, args...), func(row R) error {
				var n int
				err := row.Scan(&n)
				got[n] = true
				return err
			})
		})
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		for i, r := range records {
			if cols.Org == "" {
				r.Org = fact.OrgID{}
			}
			if cols.Point == "" {
				r.Point = fact.PointID{}
			}
			if cols.Owner == "" {
				r.Owner = fact.Handle{}
			}
			decisions++
			may := a.May(p, r, w.now)
			if may {
				seen++
			}
			if may != got[i] {
				t.Fatalf("seed %d: %s for %+v on %+v: May says %t, the filter %t\n%s", seed, p, a.Grants, r, may, got[i], where)
			}
		}
	}
	if seen == 0 || seen == decisions {
		t.Fatalf("%d of %d allowed: the actors and records never meet", seen, decisions)
	}
	t.Logf("%d actors, %d decisions, %d allowed, 0 mismatches", rounds, decisions, seen)
}

// Points is the filter for those who need lists: for reaches beyond own records both must say the same.
func TestPointsSaysWhatMaySays(t *testing.T) {
	w := newWorld(3)
	for range 3000 {
		a, p := w.actor(), pick(w.r, access.Permissions())
		all, orgs, points := a.Points(p, w.now)
		for _, r := range w.records() {
			if r.Owner != (fact.Handle{}) || r.Org.IsZero() || r.Point.IsZero() {
				continue
			}
			in := all
			for _, org := range orgs {
				in = in || org == r.Org
			}
			for i, point := range points {
				if point != r.Point {
					continue
				}
				// A single point counts with the organisation of the grant that named it.
				for _, g := range a.Grants {
					in = in || g.Point == points[i] && g.Org == r.Org && a.May(p, r, w.now)
				}
			}
			if in != a.May(p, r, w.now) {
				t.Fatalf("%s for %+v on %+v: May says %t, the lists %t", p, a.Grants, r, !in, in)
			}
		}
	}
}

func TestCanIsMayForSomeRecord(t *testing.T) {
	w := newWorld(4)
	for range 3000 {
		a, p := w.actor(), pick(w.r, access.Permissions())
		some := false
		for _, r := range w.records() {
			some = some || a.May(p, r, w.now)
		}
		// A grant without an organisation, or an actor without a handle, reaches no record and is harmless at the route.
		if some && !a.Can(p, w.now) {
			t.Fatalf("%s for %+v: some record may be reached, the route may not", p, a.Grants)
		}
	}
}
