package access

import (
	"slices"
	"time"

	"serai/internal/fact"
)

// Resource is what a decision needs to know of a record. What the record does not have is zero.
type Resource struct {
	Org   fact.OrgID
	Point fact.PointID
	Owner fact.Handle // who recorded it
}

// reach returns how far g carries p for a at now.
func (a *Actor) reach(g *Grant, p Permission, now time.Time) Reach {
	if !a.Full && p != self || !g.Holds(now) {
		return None
	}
	return index[p][g.Role]
}

// covers tells whether the record lies within reach of g. A record that names no organisation is in nobody's
// organisation: only its owner and what reaches the whole node have it.
func (a *Actor) covers(g *Grant, reach Reach, r Resource) bool {
	switch reach {
	case Node:
		return true
	case Organisation:
		return !r.Org.IsZero() && r.Org == g.Org
	case Point:
		return !r.Org.IsZero() && r.Org == g.Org && (g.Point.IsZero() || r.Point == g.Point)
	case Own:
		return !a.Handle.IsZero() && r.Owner == a.Handle &&
			(r.Org.IsZero() || r.Org == g.Org) &&
			(r.Point.IsZero() || g.Point.IsZero() || r.Point == g.Point)
	}
	return false
}

// Can tells whether a may do p to anything at all at now: the question of a route, before the record is known.
func (a Actor) Can(p Permission, now time.Time) bool {
	for i := range a.Grants {
		if a.reach(&a.Grants[i], p, now) != None {
			return true
		}
	}
	return false
}

// May tells whether a may do p to the record r at now.
func (a Actor) May(p Permission, r Resource, now time.Time) bool {
	for i := range a.Grants {
		if g := &a.Grants[i]; a.covers(g, a.reach(g, p, now), r) {
			return true
		}
	}
	return false
}

// Points returns where a may do p at now to the records of others as well: everywhere, at every point of some
// organisations, and at single points (never of those organisations). A permission that reaches own records alone
// gives none.
func (a Actor) Points(p Permission, now time.Time) (all bool, orgs []fact.OrgID, points []fact.PointID) {
	for i := range a.Grants {
		g := &a.Grants[i]
		reach := a.reach(g, p, now)
		switch {
		case reach == Node:
			return true, nil, nil
		case g.Org.IsZero():
		case reach == Organisation || reach == Point && g.Point.IsZero():
			if !slices.Contains(orgs, g.Org) {
				orgs = append(orgs, g.Org)
			}
		}
	}
	for i := range a.Grants {
		g := &a.Grants[i]
		if a.reach(g, p, now) == Point && !g.Org.IsZero() && !g.Point.IsZero() &&
			!slices.Contains(orgs, g.Org) && !slices.Contains(points, g.Point) {
			points = append(points, g.Point)
		}
	}
	return false, orgs, points
}

// SeesClass tells whether a sees services and needs of a class in the record r at now: "O" the staff of the point,
// "H" the staff of health and cases, "S" protection officers. Another class is seen by nobody.
func (a Actor) SeesClass(class string, r Resource, now time.Time) bool {
	switch class {
	case "O":
		return a.May("assist.read", r, now)
	case "H":
		return a.May("assist.health", r, now)
	case "S":
		return a.May("people.sealed", r, now)
	}
	return false
}

// Permissions returns what a may do at least somewhere at now, in the order of the policy: for the desk, which shows
// only what can be done. The decision itself is never the desk's.
func (a Actor) Permissions(now time.Time) []Permission {
	out := []Permission{}
	for _, line := range table {
		if a.Can(line.permission, now) {
			out = append(out, line.permission)
		}
	}
	return out
}
