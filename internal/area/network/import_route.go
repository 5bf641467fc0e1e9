package network

import (
	"cmp"
	"regexp"
	"slices"

	"serai/internal/fact"
)

// looksLikePoint tells a stop that is meant to be a point from a named place: a misspelt code must not become a town.
var looksLikePoint = regexp.MustCompile(`^[A-Z]{2,4}-[A-Z0-9-]{2,}$`)

// leg is one row of the file of routes.
type leg struct {
	row  row
	at   int
	stop Stop
}

func (m *importing) readRoutes(content []byte) {
	s := readSheet("routes", content, []string{"route", "name", "order", "point_or_place", "lat", "lon", "leg_mode", "leg_hours"}, []string{"basis"}, m.told)
	legs := map[string][]leg{}
	var codes []string
	names := map[string]row{}
	for _, r := range s.rows {
		code := r.text("route")
		if first, seen := names[code]; !seen {
			codes, names[code] = append(codes, code), r
		} else if first.text("name") != r.text("name") {
			r.refuse("name", "network.two_names", "row %d gives this route another name; use one", first.at)
		}
		legs[code] = append(legs[code], leg{r, r.whole("order"), m.stop(r)})
	}
	for _, code := range codes {
		m.readRoute(code, names[code], legs[code])
	}
}

func (m *importing) stop(r row) Stop {
	hours, _ := r.number("leg_hours")
	s := Stop{Mode: r.text("leg_mode"), Hours: hours}
	name := r.text("point_or_place")
	if p := m.points[name]; p != nil {
		s.Point = p.id // its position stands with the point
		return s
	}
	if looksLikePoint.MatchString(name) {
		r.refuse("point_or_place", "network.unknown_point", "no point has this code; add it to points.csv, or write the name of the place")
	}
	s.Place, s.Position = name, r.position()
	return s
}

func (m *importing) readRoute(code string, first row, legs []leg) {
	k := claim(m.routes, first, "route", code, fact.RouteByCode(code))
	if k == nil {
		return
	}
	slices.SortStableFunc(legs, func(a, b leg) int { return cmp.Compare(a.at, b.at) })
	k.want.Code, k.want.Name, k.want.Stops = code, first.text("name"), nil
	var c checker
	c.code("route", code, slugCode, "sahara-central: 2 to 40 small letters, digits and hyphens")
	c.text("name", k.want.Name, 120, true)
	m.told.faults(first.place(""), c.err())
	for i, l := range legs {
		if l.at != i+1 {
			l.row.refuse("order", "network.bad_order", "the stops of a route are numbered 1, 2, 3 and so on; %d was expected here", i+1)
		}
		var c checker
		c.stop("", l.stop, i == 0)
		m.told.faults(l.row.place(""), c.err())
		k.want.Stops = append(k.want.Stops, l.stop)
	}
	if len(legs) < 2 {
		first.refuse("order", "network.route_short", "a route has at least two stops")
	}
	if len(legs) > mostStops {
		first.refuse("order", "network.too_many", "a route has at most %d stops", mostStops)
	}
	// Routes cross organisations: whoever may import into the whole node draws them.
	if k.news = k.was == nil || differs(routeFields, k.was, k.want); k.news {
		m.allow(first, "route", fact.OrgID{})
	}
}
