package view

import (
	"serai/internal/fact"
)

// bulk is one part of an arrival: its heads of one sex and age, and how many of them were met one by one as well.
type bulk struct {
	contact
	met   int64
	metBy map[string]int64 // those of met who had a service as well, by its code
}

// arrivals counts the heads of arrivals. Who came with an arrival and was met at the same point on the same day is one
// contact and stands in the arrival already: services add, people do not.
func (t *table) arrivals() {
	parts := map[fact.ArrivalID][]*bulk{}
	for i := range t.bulk {
		b := &t.bulk[i]
		parts[b.arrival] = append(parts[b.arrival], b)
	}
	for id, all := range parts {
		links := t.links(id, all[0])
		// First those whose sex and age fit, then those of whom too little was noted.
		for _, fits := range []bool{true, false} {
			for i := range links {
				for _, b := range all {
					b.take(&links[i], fits)
				}
			}
		}
	}
	for i := range t.bulk {
		b := &t.bulk[i]
		t.meet(&b.contact, b.heads, unknown, func(code string) int64 {
			if code == "" {
				return b.met
			}
			return b.metBy[code]
		})
	}
}

// links returns who was met of an arrival at its point on its day, everybody known once.
func (t *table) links(id fact.ArrivalID, of *bulk) []contact {
	var out []contact
	seen := map[fact.PersonID]bool{}
	for _, l := range t.linked[id] {
		if l.point != of.point || l.day != of.day || seen[l.person] && !l.person.IsZero() {
			continue
		}
		seen[l.person] = true
		out = append(out, l)
	}
	return out
}

// take counts the people of a linked contact among the heads of the part, as far as there is room.
func (b *bulk) take(l *contact, fits bool) {
	if fits && (l.sex != b.sex || !within(l.age, b.age)) {
		return
	}
	n := min(l.heads, b.heads-b.met)
	if n <= 0 {
		return
	}
	l.heads -= n
	b.met += n
	if b.metBy == nil {
		b.metBy = map[string]int64{}
	}
	for _, g := range l.given {
		b.metBy[g.code] += n
	}
}
