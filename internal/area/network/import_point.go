package network

import (
	"slices"
	"strings"

	"serai/internal/fact"
	"serai/internal/geo"
)

var (
	pointRequired = []string{"code", "name", "kind", "mobility", "organisation", "country", "lat", "lon"}
	pointOptional = []string{"services", "languages", "hours", "beds", "basis", "women_hours", "busy", "time_zone", "visibility", "state"}
)

func (m *importing) readPoints(content []byte) {
	s := readSheet("points", content, pointRequired, pointOptional, m.told)
	for _, r := range s.rows {
		before := len(m.told.errors)
		code := r.text("code")
		k := claim(m.points, r, "code", code, fact.PointByCode(code))
		if k == nil {
			continue
		}
		p := k.want
		p.Code, p.Name, p.Kind, p.Mobility, p.Country = code, r.text("name"), r.text("kind"), r.text("mobility"), r.text("country")
		org := r.text("organisation")
		if o := m.orgs[org]; o != nil {
			p.Org = o.id
		} else if org != "" {
			r.refuse("organisation", "network.unknown_organisation", "no organisation has this code; add it to organisations.csv")
			p.Org = fact.OrgByCode(org)
		}
		// A ship's position is left out of files that leave its organisation, so an empty one says nothing.
		if at := r.position(); at != nil || p.Mobility != AtSea {
			p.Position = at
		}
		m.optional(s, r, p)
		if k.was == nil {
			m.born(r, p)
			m.told.faults(r.place(""), p.check(m.cat))
		} else {
			if state := r.text("state"); state != "" && state != p.State.State {
				m.told.warn(r.place("state"), "network.state_kept", "the point is %s and stays so: a change of state needs a day and a reason, which a file does not tell", spoken(p.State.State))
			}
			m.told.faults(r.place(""), k.was.Become(p, m.cat))
		}
		if k.news = k.was == nil || differs(pointFields, k.was, p); !k.news {
			continue
		}
		m.allow(r, "organisation", p.Org)
		if len(m.told.errors) == before {
			m.doubt(r, p)
		}
	}
}

// optional fills in what the file need not speak of.
func (m *importing) optional(s *sheet, r row, p *Point) {
	for _, c := range []struct {
		column string
		into   *string
	}{{"hours", &p.Hours}, {"women_hours", &p.WomenHours}, {"busy", &p.Busy}, {"time_zone", &p.Zone}, {"basis", &p.Source}} {
		if s.has(c.column) {
			*c.into = r.text(c.column)
		}
	}
	m.basis(r, p.Source)
	if v := r.text("visibility"); v != "" {
		p.Visibility = v
	}
	if s.has("languages") {
		p.Languages = r.list("languages")
	}
	if s.has("beds") {
		p.Beds = r.whole("beds")
	}
	if s.has("services") {
		p.Services = m.services(r, p.Services)
	}
}

// born fills in what a new point needs beside what the file says.
func (m *importing) born(r row, p *Point) {
	if p.Visibility == "" {
		p.Visibility = Hidden
	}
	p.Cutoff = DefaultCutoff
	// Files list the points where people work; since when, they do not say, and two nodes that import one file on two
	// days must write the same.
	p.State.State = Open
	if state := r.text("state"); state != "" {
		var c checker
		c.oneOf("state", state, States())
		m.told.faults(r.place(""), c.err())
		p.State.State = state
	}
}

// exact marks a code that is also the name of its family, where the family is not meant.
const exact = "only:"

// services reads the names of services and families. Hours that a service has at this point already are kept.
func (m *importing) services(r row, before []PointService) []PointService {
	var out []PointService
	for _, name := range r.list("services") {
		codes := m.cat.Family(name)
		if code, only := strings.CutPrefix(name, exact); only {
			codes = nil
			if _, known := m.cat.Service(code); known {
				codes = []string{code}
			}
		}
		if len(codes) == 0 {
			r.refuse("services", "network.unknown_service", "%q is neither a family nor a service of the catalogue", short(name))
		}
		for _, code := range codes {
			if slices.ContainsFunc(out, func(s PointService) bool { return s.Code == code }) {
				continue
			}
			s := PointService{Code: code}
			if i := slices.IndexFunc(before, func(s PointService) bool { return s.Code == code }); i >= 0 {
				s = before[i]
			}
			out = append(out, s)
		}
	}
	// One set, one order: the order in which a file names services means nothing.
	slices.SortFunc(out, func(a, b PointService) int { return strings.Compare(a.Code, b.Code) })
	return out
}

func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// doubt warns of coordinates that lie in another country than the row says.
func (m *importing) doubt(r row, p *Point) {
	if p.Position == nil || p.Country == "" || p.Mobility == AtSea {
		return
	}
	if _, ok := geo.DeriveIn(p.Country, p.Position.Lat, p.Position.Lon); ok {
		return
	}
	if found, ok := geo.Derive(p.Position.Lat, p.Position.Lon); ok {
		m.told.warn(r.place("country"), "network.place_elsewhere", "the position lies in %s, not in %s; the place is left blank until one of them is corrected", found.Country, p.Country)
	}
}
