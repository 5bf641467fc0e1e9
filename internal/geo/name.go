package geo

import (
	"cmp"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

var (
	//go:embed data/places.csv.gz
	placesGzip []byte
	//go:embed data/extra.csv
	extraCSV string
)

// Named is a populated place. Population is 0 where it is not known; Coordinates are right to about 100 m.
type Named struct {
	Name       string  `json:"name"`
	Country    string  `json:"country"` // two letters
	Population int     `json:"population,omitempty"`
	Lat        float64 `json:"lat"`
	Lon        float64 `json:"lon"`
	GeoNames   int     `json:"geonames_id,omitempty"`
}

// entry is a place with its folded name.
type entry struct {
	folded string
	Named
}

// gazetteer unpacks the places when they are first asked for, sorted by folded name, the most populous first:
// 0.8 MB of heap, 15 ms.
var gazetteer = sync.OnceValue(func() []entry {
	entries, err := readPlaces()
	if err != nil {
		panic("geo: " + err.Error()) // compiled in and held by a test, as the outlines
	}
	return entries
})

func readPlaces() ([]entry, error) {
	raw, err := unpack(placesGzip)
	if err != nil {
		return nil, fmt.Errorf("places: %w", err)
	}
	var out []entry
	for _, text := range []string{string(raw), extraCSV} {
		lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			return nil, fmt.Errorf("places: %w", err)
		}
		out = slices.Grow(out, len(lines))
		for _, l := range lines[1:] {
			population, err1 := strconv.Atoi(l[2])
			lat, err2 := strconv.ParseFloat(l[3], 64)
			lon, err3 := strconv.ParseFloat(l[4], 64)
			id, err4 := strconv.Atoi(l[5])
			if err := errors.Join(err1, err2, err3, err4); err != nil {
				return nil, fmt.Errorf("places: %s: %w", l[1], err)
			}
			// The clone lets go of the line: names are kept, the rest of the text is not.
			name := strings.Clone(l[1])
			out = append(out, entry{Fold(name), Named{name, country(l[0]), population, lat, lon, id}})
		}
	}
	slices.SortFunc(out, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.folded, b.folded), cmp.Compare(b.Population, a.Population), cmp.Compare(a.GeoNames, b.GeoNames))
	})
	return out, nil
}

// country makes all entries of a country share one string.
func country(code string) string {
	for i := range countryZones {
		if countryZones[i].country == code {
			return countryZones[i].country
		}
	}
	return strings.Clone(code)
}

// Lookup returns the place with this name, spelled with or without marks and articles ("El Geneina" finds Geneina): in a
// country when one is given (two letters), the most populous where several have the name.
func Lookup(name, country string) (Named, bool) {
	folded := Fold(name)
	var best Named
	found := false
	for _, e := range from(folded) {
		if e.folded != folded {
			break
		}
		if (country == "" || e.Country == country) && (!found || e.Population > best.Population) {
			best, found = e.Named, true
		}
	}
	return best, found
}

// Search returns up to limit places whose names begin with a prefix, spelled as for Lookup: exact names first, then the
// most populous. country (two letters) may be empty. An empty prefix finds nothing.
func Search(prefix, country string, limit int) []Named {
	folded := Fold(prefix)
	if folded == "" || limit <= 0 {
		return nil
	}
	var hits []entry
	for _, e := range from(folded) {
		if !strings.HasPrefix(e.folded, folded) {
			break
		}
		if country == "" || e.Country == country {
			hits = append(hits, e)
		}
	}
	slices.SortStableFunc(hits, func(a, b entry) int {
		if exact := (b.folded == folded); exact != (a.folded == folded) {
			if exact {
				return 1
			}
			return -1
		}
		return cmp.Compare(b.Population, a.Population)
	})
	out := make([]Named, 0, min(limit, len(hits)))
	for _, e := range hits[:min(limit, len(hits))] {
		out = append(out, e.Named)
	}
	return out
}

// from returns the entries from the first that does not sort before a folded name.
func from(folded string) []entry {
	all := gazetteer()
	i, _ := slices.BinarySearchFunc(all, folded, func(e entry, s string) int { return cmp.Compare(e.folded, s) })
	return all[i:]
}

// Nearest returns the named place nearest to a point and how far away it is in km. ok is false for coordinates that are
// none.
func Nearest(lat, lon float64) (place Named, km float64, ok bool) {
	if !Valid(lat, lon) {
		return Named{}, 0, false
	}
	// The order of distances is that of the square of the chord, which needs no arc per place.
	const rad = math.Pi / 180
	shrink := math.Cos(lat * rad)
	best := math.Inf(1)
	for _, e := range gazetteer() {
		dlat := math.Abs(e.Lat - lat)
		if dlat*dlat >= best {
			continue
		}
		a, b := math.Sin(dlat*rad/2), math.Sin((e.Lon-lon)*rad/2)
		chord := (a*a + shrink*math.Cos(e.Lat*rad)*b*b) * 4 / (rad * rad)
		if chord < best {
			best, place = chord, e.Named
		}
	}
	return place, Distance(lat, lon, place.Lat, place.Lon), true
}
