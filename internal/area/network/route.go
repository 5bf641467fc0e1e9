package network

import (
	"slices"

	"serai/internal/fact"
)

// Modes lists how people travel a leg.
func Modes() []string { return []string{"truck", "road", "bus", "foot", "sea", "river", "rail", "air"} }

// Stop is one stop of a route, with the leg that leads to it from the stop before.
type Stop struct {
	_     struct{}     `cbor:",toarray"`
	Point fact.PointID // none: a named place
	Place string
	// Position of a named place; that of a point stands with the point, and a ship's nowhere else.
	Position *Position
	Mode     string  // empty at the first stop
	Hours    float64 // usual duration of the leg; 0 at the first stop
}

// Route is a chain of stops.
type Route struct {
	Code  string
	Name  string
	Stops []Stop
}

const (
	mostStops = 200
	mostHours = 24 * 365
)

// stop checks one stop; at is put before the names of its fields.
func (c *checker) stop(at string, s Stop, first bool) {
	if s.Point.IsZero() {
		c.text(at+"point_or_place", s.Place, 120, true)
		if s.Position == nil {
			c.refuse(at+"lat", "network.missing", "a named place needs its position in degrees")
		} else {
			var p checker
			p.position(*s.Position)
			for _, f := range p.faults() {
				c.refuse(at+f.Field, f.Code, "%s", f.Detail)
			}
		}
	}
	switch {
	case first && (s.Mode != "" || s.Hours != 0):
		c.refuse(at+"leg_mode", "network.first_leg", "no leg leads to the first stop; leave mode and hours empty")
	case !first:
		c.oneOf(at+"leg_mode", s.Mode, Modes())
		if !(s.Hours > 0 && s.Hours <= mostHours) {
			c.refuse(at+"leg_hours", "network.out_of_range", "a leg takes more than 0 and at most %d hours", mostHours)
		}
	}
}

// Reversed returns the route travelled the other way: the same legs from the last stop to the first.
func (r Route) Reversed() Route {
	out := Route{Code: r.Code, Name: r.Name, Stops: slices.Clone(r.Stops)}
	slices.Reverse(out.Stops)
	for i := range out.Stops {
		out.Stops[i].Mode, out.Stops[i].Hours = "", 0
		if i > 0 {
			back := r.Stops[len(r.Stops)-i]
			out.Stops[i].Mode, out.Stops[i].Hours = back.Mode, back.Hours
		}
	}
	return out
}
