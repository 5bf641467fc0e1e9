package access

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"serai/internal/fact"
)

// Columns names the columns of the caller's query that hold what a Resource has, qualified where the query joins.
// Empty means that the records of this query have none. They are part of the program's text, never input.
type Columns struct{ Org, Point, Owner string }

// Filter returns the condition under which May says yes, for the WHERE of the caller's query: bracketed, with
// placeholders from $first on, and their arguments. It is "(1=1)" when a may see everything and "(1=0)" when nothing.
// The caller's own parameters stand before $first.
func (a Actor) Filter(p Permission, cols Columns, now time.Time, first int) (where string, args []any) {
	all, orgs, points := a.Points(p, now)
	if all {
		return "(1=1)", nil
	}
	f := filter{next: first}
	var ways []string
	if cols.Org != "" && len(orgs) > 0 {
		ways = append(ways, in(&f, cols.Org, orgs))
	}
	if cols.Org != "" && cols.Point != "" && len(points) > 0 {
		ways = append(ways, a.atPoints(&f, p, cols, now, orgs)...)
	}
	if cols.Owner != "" && !a.Handle.IsZero() {
		ways = append(ways, a.owned(&f, p, cols, now)...)
	}
	if len(ways) == 0 {
		return "(1=0)", nil
	}
	return "(" + strings.Join(ways, " OR ") + ")", f.args
}

// atPoints gives one condition for each organisation of which a has single points: a point that was handed over keeps
// the records of the organisation that ran it before, and those are not the successor's.
func (a *Actor) atPoints(f *filter, p Permission, cols Columns, now time.Time, whole []fact.OrgID) []string {
	var out []string
	var done []fact.OrgID
	for i := range a.Grants {
		org := a.Grants[i].Org
		if org.IsZero() || slices.Contains(whole, org) || slices.Contains(done, org) {
			continue
		}
		done = append(done, org)
		var points []fact.PointID
		for j := range a.Grants {
			g := &a.Grants[j]
			if g.Org == org && a.reach(g, p, now) == Point && !slices.Contains(points, g.Point) {
				points = append(points, g.Point)
			}
		}
		if len(points) > 0 {
			out = append(out, "("+in(f, cols.Org, []fact.OrgID{org})+" AND "+in(f, cols.Point, points)+")")
		}
	}
	return out
}

// owned gives one condition for each grant that reaches own records.
func (a *Actor) owned(f *filter, p Permission, cols Columns, now time.Time) []string {
	var out []string
	for i := range a.Grants {
		g := &a.Grants[i]
		if a.reach(g, p, now) != Own {
			continue
		}
		terms := []string{cols.Owner + " = " + f.bind(a.Handle.Bytes())}
		if cols.Org != "" {
			if g.Org.IsZero() {
				terms = append(terms, cols.Org+" IS NULL")
			} else {
				terms = append(terms, "("+cols.Org+" IS NULL OR "+cols.Org+" = "+f.bind(g.Org)+")")
			}
		}
		if cols.Point != "" && !g.Point.IsZero() {
			terms = append(terms, "("+cols.Point+" IS NULL OR "+cols.Point+" = "+f.bind(g.Point)+")")
		}
		out = append(out, "("+strings.Join(terms, " AND ")+")")
	}
	return out
}

// filter numbers placeholders and keeps their arguments.
type filter struct {
	next int
	args []any
}

func (f *filter) bind(v any) string {
	f.args = append(f.args, v)
	f.next++
	return fmt.Sprintf("$%d", f.next-1)
}

// in compares a column of ids with one value or several.
func in[K any](f *filter, column string, ids []fact.ID[K]) string {
	places := make([]string, len(ids))
	for i, id := range ids {
		places[i] = f.bind(id)
	}
	if len(places) == 1 {
		return column + " = " + places[0]
	}
	return column + " IN (" + strings.Join(places, ", ") + ")"
}
