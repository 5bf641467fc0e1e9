package view

import (
	"slices"
	"strings"

	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
)

// The cuts of a table.
const (
	byDay          = "day"
	byMonth        = "month"
	byPoint        = "point"
	byPCode        = "pcode"
	byOrganisation = "organisation"
	byProject      = "project"
	byService      = "service"
	bySex          = "sex"
	byAge          = "age"
	byDisability   = "disability"
	byGroup        = "group"
	byStage        = "stage"
	byReason       = "reason"
)

// Cuts lists by what a table can be cut.
func Cuts() []string {
	return []string{byDay, byMonth, byPoint, byPCode, byOrganisation, byProject, byService, bySex, byAge, byDisability, byGroup, byStage, byReason}
}

// notDisaggregated is the class of those of whom a table cannot tell.
const notDisaggregated = "not_disaggregated"

// cut is one way to cut a table.
type cut struct {
	name   string
	latest bool                                            // a person counts once, under what her latest contact says
	of     func(*contact) string                           // nil: each line of a contact has its own
	at     func(fact.OrgID, fact.PointID, fact.Day) string // for cuts by where and when
}

// names are the codes by which tables name points, organisations and projects.
type names struct {
	points   map[fact.PointID]named
	orgs     map[fact.OrgID]string
	projects map[fact.ProjectID]string
}

type named struct{ code, pcode string }

func (n *names) point(id fact.PointID) string {
	if p, ok := n.points[id]; ok && p.code != "" {
		return p.code
	}
	return id.String()
}

func (n *names) pcode(id fact.PointID) string {
	if p := n.points[id].pcode; p != "" {
		return p
	}
	return notDisaggregated
}

func (n *names) org(id fact.OrgID) string {
	if code := n.orgs[id]; code != "" {
		return code
	}
	return id.String()
}

func (n *names) project(id fact.ProjectID) string {
	switch code := n.projects[id]; {
	case id.IsZero():
		return notDisaggregated
	case code != "":
		return code
	}
	return id.String()
}

// cutter knows how to cut in one scheme.
type cutter struct {
	names    *names
	scheme   catalogue.Scheme
	headings bool
	sex      func(code string) (catalogue.Sex, bool)
}

// band is the row of an age in the scheme.
func (u *cutter) band(age string) string {
	if b := u.scheme.Band(age); b != catalogue.Unsplit {
		return b
	}
	return notDisaggregated
}

// heading is the code of a sex, or how the scheme heads its column.
func (u *cutter) heading(c *contact) string {
	if !u.headings {
		return c.sex
	}
	s, ok := u.sex(c.sex)
	if !ok {
		return notDisaggregated
	}
	return strings.ReplaceAll(s.Heading(u.scheme, u.scheme.Band(c.age)), " ", "_")
}

// cuts returns the cuts of these names. Cutting by nothing gives the total alone.
func (u *cutter) cuts(by []string) ([]cut, error) {
	if len(by) > mostCuts {
		return nil, fault.Fieldf("by", "counts.too_many_cuts", "cut by %d at most", mostCuts)
	}
	var out []cut
	for i, name := range by {
		switch {
		case !slices.Contains(Cuts(), name):
			return nil, fault.Fieldf("by", "counts.unknown_cut", "cut by %s, with a comma between", strings.Join(Cuts(), ", "))
		case slices.Index(by, name) < i:
			return nil, fault.Fieldf("by", "counts.doubled_cut", "%s stands there twice", name)
		}
		out = append(out, u.cut(name))
	}
	return out, nil
}

func (u *cutter) cut(name string) cut {
	c := cut{name: name, latest: name == byGroup || name == bySex || name == byAge}
	switch name {
	case byDay:
		c.at = func(_ fact.OrgID, _ fact.PointID, d fact.Day) string { return d.String() }
	case byMonth:
		c.at = func(_ fact.OrgID, _ fact.PointID, d fact.Day) string { return d.String()[:7] }
	case byPoint:
		c.at = func(_ fact.OrgID, p fact.PointID, _ fact.Day) string { return u.names.point(p) }
	case byPCode:
		c.at = func(_ fact.OrgID, p fact.PointID, _ fact.Day) string { return u.names.pcode(p) }
	case byOrganisation:
		c.at = func(o fact.OrgID, _ fact.PointID, _ fact.Day) string { return u.names.org(o) }
	case byProject:
		c.of = func(k *contact) string { return u.names.project(k.project) }
	case bySex:
		c.of = u.heading
	case byAge:
		c.of = func(k *contact) string { return u.band(k.age) }
	case byDisability:
		c.of = func(k *contact) string { return k.disability }
	case byGroup:
		c.of = func(k *contact) string { return k.group }
	case byStage:
		c.of = func(k *contact) string { return k.stage }
	}
	if c.at != nil {
		c.of = func(k *contact) string { return c.at(k.org, k.point, k.day) }
	}
	return c
}

// within tells whether an age lies wholly inside another, both as the catalogue writes spans; an unknown one does not.
func within(age, span string) bool {
	if age == span {
		return true
	}
	s := catalogue.Scheme{Bands: []string{span}}
	return s.Band(age) == span
}
