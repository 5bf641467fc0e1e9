package network

import (
	"slices"
	"strings"

	"serai/internal/fact"
	"serai/internal/fault"
)

// The states of a point's life.
const (
	Planned    = "planned"
	Open       = "open"
	Suspended  = "suspended"
	Closed     = "closed"
	HandedOver = "handed_over"
)

// States lists the states in the order of a life.
func States() []string { return []string{Planned, Open, Suspended, Closed, HandedOver} }

// steps is the whole rule of a point's life: which state may follow which.
var steps = map[string][]string{
	Planned:    {Open, Closed},
	Open:       {Suspended, Closed, HandedOver},
	Suspended:  {Open, Closed, HandedOver},
	Closed:     {},
	HandedOver: {},
}

// Life is one step in the life of a point: its state since a day, and why.
type Life struct {
	_     struct{}   `cbor:",toarray"`
	State string     `json:"state"`
	On    fact.Day   `json:"on"` // 0 when nobody said, as for imported points
	Why   string     `json:"why,omitempty"`
	To    fact.OrgID `json:"handed_to,omitzero"` // who took it over
}

// Step decides whether next may follow l at a point whose operating day is today. It reads nothing and writes nothing.
func (l Life) Step(next Life, today fact.Day) error {
	var c checker
	c.oneOf("state", next.State, States())
	after := steps[l.State]
	switch {
	case len(c.bad) > 0:
	case len(after) == 0:
		c.bad = append(c.bad, fault.Field("state", "network.life_over", "a point that was "+spoken(l.State)+" stays so; open a new one with a code of its own"))
	case !slices.Contains(after, next.State):
		c.refuse("state", "network.no_such_step", "after %s comes %s", spoken(l.State), spoken(strings.Join(after, " or ")))
	}
	switch {
	case next.On > today:
		c.refuse("on", "network.day_ahead", "this day has not come yet at the point; say it on the day")
	case next.On < firstDay:
		c.refuse("on", "network.out_of_range", "say on which day, not before %s", firstDay)
	case next.On < l.On:
		c.refuse("on", "network.day_before", "the point is %s since %s; a later state cannot begin before", spoken(l.State), l.On)
	}
	c.text("why", next.Why, 200, next.State != Open)
	if next.State == HandedOver && next.To.IsZero() {
		c.refuse("handed_to", "network.missing", "name the organisation that takes the point over")
	}
	if next.State != HandedOver && !next.To.IsZero() {
		c.refuse("handed_to", "network.not_handed_over", "only a point that is handed over has somebody who takes it")
	}
	return c.err()
}

func spoken(s string) string { return strings.ReplaceAll(s, "_", " ") }
