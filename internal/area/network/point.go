package network

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/geo"
	"serai/internal/hours"
)

// Mobility.
const (
	Fixed  = "fixed"
	Mobile = "mobile"
	AtSea  = "sea"
)

// Visibility to the public.
const (
	Hidden = "hidden" // not listed at all
	Coarse = "coarse" // listed with its region, without its place
	Full   = "full"
)

// DefaultCutoff is when an operating day ends, in minutes after midnight, unless a point says otherwise.
const DefaultCutoff = 4 * 60

// PointKinds, Mobilities and Visibilities list the words of their fields.
func PointKinds() []string {
	return []string{"hsp", "response_centre", "flow_monitoring", "clinic", "office", "community"}
}
func Mobilities() []string   { return []string{Fixed, Mobile, AtSea} }
func Visibilities() []string { return []string{Hidden, Coarse, Full} }

// Position is a place on Earth in degrees (WGS 84).
type Position struct {
	_   struct{} `cbor:",toarray"`
	Lat float64  `json:"lat"`
	Lon float64  `json:"lon"`
}

// PointService is one service of a point, with hours of its own where they differ from the point's.
type PointService struct {
	_          struct{} `cbor:",toarray"`
	Code       string   `json:"code"`
	Hours      string   `json:"hours,omitempty"`
	WomenHours string   `json:"women_hours,omitempty"`
}

// Point is a service point.
type Point struct {
	Code       string
	Name       string
	Kind       string
	Mobility   string
	Org        fact.OrgID
	Country    string    // ISO 3166, two letters; empty at sea
	Position   *Position // nil when it is not known
	Services   []PointService
	Languages  []string // ISO 639
	Hours      string   // as package hours writes them; empty when nobody said
	WomenHours string
	Busy       string // when many come
	Zone       string // IANA; empty lets the place decide
	Beds       int
	Visibility string
	Cutoff     int // minutes after midnight
	Number     uint32
	State      Life
	Source     string // where an imported row comes from: source, illustration
}

// Bounds of what a point may say, far above any real one.
const (
	mostServices  = 120
	mostLanguages = 40
	mostBeds      = 100_000
	mostCutoff    = 12 * 60
)

// check returns every fault of the point and brings its hours into canonical form. cat knows the services.
func (p *Point) check(cat *catalogue.Catalogue) error {
	var c checker
	c.code("code", p.Code, pointCode, "NE-AGZ: 3 to 16 capitals, digits and hyphens")
	c.text("name", p.Name, 120, true)
	c.oneOf("kind", p.Kind, PointKinds())
	c.oneOf("mobility", p.Mobility, Mobilities())
	c.oneOf("visibility", p.Visibility, Visibilities())
	c.country("country", p.Country)
	if p.Org.IsZero() {
		c.refuse("organisation", "network.missing", "name the organisation that runs the point")
	}
	switch {
	case p.Mobility == AtSea && p.Country != "":
		c.refuse("country", "network.sea_country", "a ship is in no country; leave this empty")
	case p.Mobility != AtSea && p.Country == "":
		c.refuse("country", "network.missing", "name the country")
	}
	if p.Position == nil && p.Mobility == Fixed {
		c.refuse("lat", "network.missing", "a fixed point needs its position in degrees, as in 16.97333")
	}
	if p.Position != nil {
		c.position(*p.Position)
	}
	c.services(p.Services, cat)
	if len(p.Languages) > mostLanguages {
		c.refuse("languages", "network.too_many", "at most %d languages", mostLanguages)
	}
	for i, l := range p.Languages {
		switch {
		case !languageCode.MatchString(l):
			c.refuse("languages", "network.bad_language", "number %d: a language is its code of 2 or 3 letters (ISO 639), as in ha", i+1)
		case slices.Index(p.Languages, l) < i:
			c.refuse("languages", "network.doubled", "%s stands there twice", l)
		}
	}
	c.hours("hours", &p.Hours)
	c.hours("women_hours", &p.WomenHours)
	c.hours("busy", &p.Busy)
	if p.Zone != "" {
		if _, err := time.LoadLocation(p.Zone); err != nil || p.Zone == "Local" {
			c.refuse("time_zone", "network.bad_zone", "a time zone has a name as in Africa/Niamey (IANA); leave it empty to take that of the place")
		}
	}
	if p.Beds < 0 || p.Beds > mostBeds {
		c.refuse("beds", "network.out_of_range", "0 to %d beds", mostBeds)
	}
	if p.Cutoff < 0 || p.Cutoff > mostCutoff {
		c.refuse("cutoff", "network.out_of_range", "the operating day ends 0 to %d minutes after midnight", mostCutoff)
	}
	return c.err()
}

func (c *checker) position(p Position) {
	if !(p.Lat >= -90 && p.Lat <= 90) {
		c.refuse("lat", "network.out_of_range", "a latitude lies between -90 and 90 degrees")
	}
	if !(p.Lon >= -180 && p.Lon <= 180) {
		c.refuse("lon", "network.out_of_range", "a longitude lies between -180 and 180 degrees")
	}
}

func (c *checker) services(list []PointService, cat *catalogue.Catalogue) {
	if len(list) > mostServices {
		c.refuse("services", "network.too_many", "at most %d services", mostServices)
		return
	}
	seen := map[string]bool{}
	for i := range list {
		s := &list[i]
		if _, known := cat.Service(s.Code); !known {
			c.refuse("services", "network.unknown_service", "number %d is no service of the catalogue; GET /api/services lists them", i+1)
		}
		if seen[s.Code] {
			c.refuse("services", "network.doubled", "number %d stands there twice", i+1)
		}
		seen[s.Code] = true
		c.hours(fmt.Sprintf("services.%d.hours", i), &s.Hours)
		c.hours(fmt.Sprintf("services.%d.women_hours", i), &s.WomenHours)
	}
}

// hours checks opening hours and writes them canonically, so that one meaning has one spelling on every node.
func (c *checker) hours(field string, text *string) {
	if strings.TrimSpace(*text) == "" {
		*text = ""
		return
	}
	spec, err := hours.Parse(*text)
	if err != nil {
		for _, f := range fault.All(err) {
			c.refuse(field, f.Code, "%s", f.Detail)
		}
		return
	}
	*text = spec.String()
}

// Become decides whether p may be changed into next.
func (p Point) Become(next *Point, cat *catalogue.Catalogue) error {
	var c checker
	if next.Org != p.Org {
		// What was recorded under the organisation stays its own; a record that changed hands would not.
		c.refuse("organisation", "network.organisation_fixed", "a point stays with its organisation; hand it over and open a new point")
	}
	if (p.Mobility == AtSea) != (next.Mobility == AtSea) {
		// Where a ship is must never have stood in the open feed.
		c.refuse("mobility", "network.sea_fixed", "a point at sea stays one, and no other becomes one; make another point")
	}
	if err := next.check(cat); err != nil {
		c.bad = append(c.bad, err)
	}
	return c.err()
}

// Place is where a point lies: the first-level division and its P-code, with the version of the data that said so.
type Place struct {
	Name    string `json:"name"`   // the nearest named place, empty when none is near
	Admin1  string `json:"admin1"` // name of the first-level division
	PCode   string `json:"pcode"`  // OCHA's code of it, empty where no single code is right
	Version string `json:"version"`
}

// near is how far a named place may be to stand for a position, in km.
const near = 30

// place derives where the point lies; nil at sea, without position, and where the data end.
func (p *Point) place() *Place {
	if p.Position == nil || p.Mobility == AtSea {
		return nil
	}
	found, ok := geo.DeriveIn(p.Country, p.Position.Lat, p.Position.Lon)
	if !ok {
		return nil
	}
	out := &Place{Admin1: found.Admin1, PCode: found.PCode, Version: found.Version}
	if named, km, ok := geo.Nearest(p.Position.Lat, p.Position.Lon); ok && km <= near {
		out.Name = named.Name
	}
	return out
}

// zone returns the time zone of the point: its own setting, else that of its place.
func (p *Point) zone() string {
	switch {
	case p.Zone != "":
		return p.Zone
	case p.Mobility == AtSea || p.Country == "" && p.Position == nil:
		return geo.Sea
	case p.Position == nil:
		return geo.Zone(p.Country, 0, 0)
	}
	return geo.Zone(p.Country, p.Position.Lat, p.Position.Lon)
}
