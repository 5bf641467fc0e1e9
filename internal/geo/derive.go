package geo

import (
	"math"
	"slices"
)

// Version names the data set behind derived places: outlines, codes and their join. It changes with any of them.
const Version = "2026.1"

const (
	// ashore is how far off an outline a point still counts as within it, in km: the coast is generalised, and quays
	// and beaches, where people come ashore, would otherwise lie at sea.
	ashore = 2.0
	// beside is how near another country's outline makes a point's country doubtful, in km.
	beside = 5.0
	// seatReach is how far around the seat of a division its code is sure, in km.
	seatReach = 15.0
)

// Place is what a pair of coordinates tells.
type Place struct {
	Country string   `json:"country"`          // ISO 3166-1, two letters
	ISO3    string   `json:"iso3"`             // the same in three letters
	Admin1  string   `json:"admin1"`           // name of the first-level division
	PCode   string   `json:"pcode"`            // OCHA's code of it, blank where no single code is right
	Beside  []string `json:"beside,omitempty"` // two-letter codes of other countries within 5 km
	Version string   `json:"version"`          // of the data
}

// Derive returns the place of a point. ok is false at sea, outside the countries of the data, and for coordinates that
// are none; the Place is then empty but for its version.
func Derive(lat, lon float64) (place Place, ok bool) {
	return derive("", lat, lon)
}

// DeriveIn returns the place of a point that its record puts into a country (two letters). Near a border the record is
// better than the generalised outline: a point up to 5 km outside takes the nearest division of the stated country. ok
// is false when the point lies further away, so that coordinates and country contradict each other.
func DeriveIn(country string, lat, lon float64) (place Place, ok bool) {
	return derive(country, lat, lon)
}

func derive(country string, lat, lon float64) (Place, bool) {
	none := Place{Version: Version}
	if !Valid(lat, lon) {
		return none, false
	}
	p := spot{lat, lon}
	reach := ashore
	if country != "" {
		reach = beside
	}
	var found *region
	var others []string
	best := math.Inf(1)
	regions := outlines()
	for i := range regions {
		r := &regions[i]
		if !r.near(p, beside) {
			continue
		}
		d := 0.0
		if !r.holds(p) {
			d = r.distance(p)
		}
		if d <= beside && !slices.Contains(others, r.iso2) {
			others = append(others, r.iso2)
		}
		if (country == "" || r.iso2 == country) && d <= reach && d < best {
			found, best = r, d
		}
	}
	if found == nil {
		return none, false
	}
	others = slices.DeleteFunc(others, func(c string) bool { return c == found.iso2 })
	slices.Sort(others)
	if len(others) == 0 {
		others = nil
	}
	return Place{
		Country: found.iso2, ISO3: found.iso3, Admin1: found.name, PCode: found.code(p), Beside: others, Version: Version,
	}, true
}

// Countries returns the two-letter codes of the countries that Derive knows, sorted.
func Countries() []string {
	var out []string
	for _, r := range outlines() {
		if !slices.Contains(out, r.iso2) {
			out = append(out, r.iso2)
		}
	}
	slices.Sort(out)
	return out
}

// Valid reports whether the numbers are coordinates at all.
func Valid(lat, lon float64) bool {
	return lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180
}

// earth is the mean radius of the earth in km (IUGG).
const earth = 6371.0088

// Distance returns the great-circle distance of two points in km, by the haversine formula; it takes the earth for a
// sphere, which is wrong by up to half a percent.
func Distance(lat1, lon1, lat2, lon2 float64) float64 {
	const rad = math.Pi / 180
	a, b := math.Sin((lat2-lat1)*rad/2), math.Sin((lon2-lon1)*rad/2)
	h := a*a + math.Cos(lat1*rad)*math.Cos(lat2*rad)*b*b
	return 2 * earth * math.Asin(math.Sqrt(min(h, 1)))
}
