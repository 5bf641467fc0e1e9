package view

import (
	"slices"

	"serai/internal/fact"
)

// origin is where and when somebody became known: was given a first card, or had a file opened.
type origin struct {
	person fact.PersonID
	org    fact.OrgID
	point  fact.PointID
	day    fact.Day
}

// visit is a contact of somebody known, kept until all of hers are here: who she is in a table of the period is what her
// latest contact says. There is one for each row that the contact falls into, and the first of a contact is its whole.
type visit struct {
	who    int32
	point  int32
	day    fact.Day
	answer answer
	whole  bool
	row    bool
	at     int64
	key    key
}

// earliest returns the first of each person's origins.
func (t *table) earliest(all []origin) map[int32]origin {
	out := make(map[int32]origin, len(all))
	for _, o := range all {
		who := index(t.people, o.person)
		t.orgs[o.org] = struct{}{}
		if b, ok := out[who]; !ok || o.day < b.day {
			out[who] = o
		}
	}
	return out
}

// open notes that a contact began without a file, since the file was opened at it, though nobody asked the question.
func (t *table) open(visits []visit, o origin) {
	point, ok := t.points[o.point]
	if !ok || o.day > visits[0].day {
		return
	}
	for i := range visits {
		if v := &visits[i]; v.answer == shown && v.point == point && v.day == o.day {
			v.answer = unknown
		}
	}
}

// onlyPlaces tells whether rows say where and when alone, so that a card that was given out has a row.
func (t *table) onlyPlaces() bool { return !slices.Contains(t.place, false) }

// placeOf returns k with where and when replaced by those of an origin.
func (t *table) placeOf(k key, o origin) key {
	for i := range t.cuts {
		if t.place[i] {
			k[i] = t.intern(i, t.cuts[i].at(o.org, o.point, o.day))
		}
	}
	return k
}

// stop is a point on a day.
type stop struct {
	point int32
	day   fact.Day
}

type stay struct {
	key key
	stop
}

// person counts all contacts of one known person, the earliest first.
func (t *table) person(visits []visit, o origin, hasOrigin bool) {
	latest := visits[len(visits)-1].key
	// Somebody who was known before she was given this card was given another before.
	hasOrigin = hasOrigin && o.day <= visits[0].day
	at := stop{-1, o.day}
	if p, ok := t.points[o.point]; ok {
		at.point = p
	}
	// Where she was known on the day of the card, by her file, the contact of the card is not among the heads.
	knownThen := hasOrigin && slices.ContainsFunc(visits, func(v visit) bool { return v.point == at.point && v.day == at.day })
	var whole []stop
	var stays []stay
	var rows []key
	led := false
	for _, v := range visits {
		s := stop{v.point, v.day}
		if v.whole && !slices.Contains(whole, s) {
			whole = append(whole, s)
			t.total.contacts++
			t.lead(&t.total, v.answer, !led, hasOrigin && !knownThen)
			led = true
		}
		if !v.row {
			continue
		}
		st := stay{v.key, s}
		if slices.Contains(stays, st) {
			continue // recorded twice on one day
		}
		stays = append(stays, st)
		t.cell(v.key).contacts++
		k := v.key
		for i := range t.cuts {
			if t.last[i] {
				k[i] = latest[i]
			}
		}
		fresh := !slices.Contains(rows, k)
		if fresh {
			rows = append(rows, k)
		}
		inside := false
		if hasOrigin && !knownThen {
			inside = t.placeOf(k, o) == k
		}
		t.lead(t.cell(k), v.answer, fresh, inside)
	}
	if hasOrigin && !knownThen {
		t.total.given++
		for _, k := range rows {
			if t.placeOf(k, o) == k {
				t.cell(k).given++
			}
		}
		if k := t.placeOf(key{}, o); t.onlyPlaces() && !slices.Contains(rows, k) {
			row := t.cell(k)
			row.cards++
			row.given++
		}
	}
}

// lead counts one contact of a known person in a cell.
func (t *table) lead(c *cell, a answer, fresh, inside bool) {
	switch {
	case fresh:
		c.leads[a]++
		if a == shown && inside {
			c.born++
		}
	case a == shown:
		c.again++
	}
}
