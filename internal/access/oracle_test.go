package access_test

import (
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/testkit"
)

func TestTheTableAgreesWithTheOracle(t *testing.T) {
	var (
		o        = testkit.NewOracle(t)
		now      = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
		org      = fact.OrgByCode("NERCS")
		other    = fact.OrgByCode("LRCS")
		agadez   = fact.PointByCode("NE-AGZ")
		arlit    = fact.PointByCode("NE-ARL")
		tripoli  = fact.PointByCode("LY-TIP")
		me, them = fact.Handle{1}, fact.Handle{2}
	)
	relations := []struct {
		name   string
		record access.Resource
	}{
		{"own, at the point", access.Resource{Org: org, Point: agadez, Owner: me}},
		{"own, at another point", access.Resource{Org: org, Point: arlit, Owner: me}},
		{"own, of the organisation", access.Resource{Org: org, Owner: me}},
		{"own, made for another organisation", access.Resource{Org: other, Point: tripoli, Owner: me}},
		{"own, of nowhere", access.Resource{Owner: me}},
		{"of the same point", access.Resource{Org: org, Point: agadez, Owner: them}},
		{"of the same organisation", access.Resource{Org: org, Point: arlit, Owner: them}},
		{"of the organisation, at no point", access.Resource{Org: org, Owner: them}},
		{"of the point before it was handed over", access.Resource{Org: other, Point: agadez, Owner: them}},
		{"of another organisation", access.Resource{Org: other, Point: tripoli, Owner: them}},
		{"of another organisation, at no point", access.Resource{Org: other}},
		{"of nobody", access.Resource{}},
	}
	posts := []fact.PointID{agadez, {}}
	states := []struct {
		name  string
		until time.Time
		full  bool
		none  bool
	}{
		{"without end", time.Time{}, true, false},
		{"in force", now.Add(time.Millisecond), true, false},
		{"ending now", now, true, false},
		{"expired", now.Add(-time.Hour), true, false},
		{"without the second factor", time.Time{}, false, false},
		{"expired and without the second factor", now.Add(-time.Hour), false, false},
		{"revoked", time.Time{}, true, true},
	}

	cells, allowed, wrong := 0, 0, 0
	for _, p := range access.Permissions() {
		for _, role := range access.Roles() {
			for _, post := range posts {
				for _, state := range states {
					a := access.Actor{Handle: me, Org: org, Full: state.full}
					if !state.none {
						a.Grants = []access.Grant{{Role: role, Org: org, Point: post, Until: state.until}}
					}
					for _, relation := range relations {
						cells++
						got, want := a.May(p, relation.record, now), o.Allows(t, a, p, relation.record, now)
						if want {
							allowed++
						}
						if got != want {
							wrong++
							t.Errorf("%s, %s at %q, %s, record %s: the table says %t, the oracle %t", p, role, post, state.name, relation.name, got, want)
						}
					}
				}
			}
		}
	}
	t.Logf("%d cells, %d allowed, %d mismatches", cells, allowed, wrong)
	if cells < 20_000 {
		t.Errorf("%d cells are fewer than the 20,000 that were promised", cells)
	}
}

// Actors with several grants, in force and not, at home and elsewhere.
func TestRandomActorsAgreeWithTheOracle(t *testing.T) {
	const seed = 20260311
	o, w := testkit.NewOracle(t), newWorld(seed)
	records := w.records()
	cells, allowed := 0, 0
	for range 6000 {
		a, p, r := w.actor(), pick(w.r, access.Permissions()), pick(w.r, records)
		if r.Org.IsZero() && !r.Point.IsZero() || a.Handle.IsZero() {
			continue // no record has a point without whoever runs it, and no account lacks a handle
		}
		for i := range a.Grants {
			if a.Grants[i].Org.IsZero() {
				a.Grants[i].Org = w.orgs[1]
			}
		}
		cells++
		got, want := a.May(p, r, w.now), o.Allows(t, a, p, r, w.now)
		if want {
			allowed++
		}
		if got != want {
			t.Errorf("seed %d: %s for %+v on %+v: the table says %t, the oracle %t", seed, p, a, r, got, want)
		}
	}
	t.Logf("%d cells, %d allowed", cells, allowed)
}
