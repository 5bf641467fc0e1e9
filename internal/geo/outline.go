package geo

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"
)

var (
	//go:embed data/admin1.csv
	admin1CSV string
	//go:embed data/seats.csv
	seatsCSV string
	//go:embed data/outlines.bin.gz
	outlinesGzip []byte
)

// spot is a point in degrees.
type spot struct{ lat, lon float64 }

// corner is a corner of an outline in thousandths of a degree.
type corner struct{ lon, lat int32 }

// seat is a town that tells the code of a division within an outline that holds several.
type seat struct {
	spot
	code string
}

// region is one outline. Its rings lie in no order that matters: a point is inside when it is inside an odd number.
type region struct {
	iso2, iso3, name, pcode string
	rings                   [][]corner
	low, high               corner
	seats                   []seat
}

// outlines unpacks the outlines when they are first asked for and keeps them: 0.5 MB of heap, 3 ms.
var outlines = sync.OnceValue(func() []region {
	regions, err := readOutlines()
	if err != nil {
		// The data are compiled in and held by a test: a fault here is a broken build, not a state to handle.
		panic("geo: " + err.Error())
	}
	return regions
})

func readOutlines() ([]region, error) {
	table, err := csv.NewReader(strings.NewReader(admin1CSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("admin1.csv: %w", err)
	}
	raw, err := unpack(outlinesGzip)
	if err != nil {
		return nil, fmt.Errorf("outlines: %w", err)
	}
	in := varints{raw: raw}
	slab := make([]corner, 0, len(raw)/2)
	regions := make([]region, 0, len(table)-1)
	for _, line := range table[1:] {
		r := region{iso3: line[0], iso2: line[1], name: line[2], pcode: line[3]}
		r.low, r.high = corner{math.MaxInt32, math.MaxInt32}, corner{math.MinInt32, math.MinInt32}
		for range in.count() { // polygons
			for range in.count() { // rings
				from := len(slab)
				var c corner
				for range in.count() {
					c.lon += in.delta()
					c.lat += in.delta()
					r.low = corner{min(r.low.lon, c.lon), min(r.low.lat, c.lat)}
					r.high = corner{max(r.high.lon, c.lon), max(r.high.lat, c.lat)}
					slab = append(slab, c)
				}
				r.rings = append(r.rings, slab[from:len(slab):len(slab)])
			}
		}
		regions = append(regions, r)
	}
	if in.bad || len(in.raw) != 0 {
		return nil, errors.New("outlines do not match admin1.csv")
	}
	return regions, readSeats(regions)
}

func readSeats(regions []region) error {
	lines, err := csv.NewReader(strings.NewReader(seatsCSV)).ReadAll()
	if err != nil {
		return fmt.Errorf("seats.csv: %w", err)
	}
	for _, l := range lines[1:] {
		lat, err1 := strconv.ParseFloat(l[4], 64)
		lon, err2 := strconv.ParseFloat(l[5], 64)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("seats.csv: %s: %w", l[3], err)
		}
		for i := range regions {
			if r := &regions[i]; r.iso3 == l[0] && r.name == l[1] {
				r.seats = append(r.seats, seat{spot{lat, lon}, l[2]})
			}
		}
	}
	return nil
}

func unpack(packed []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// varints reads numbers until the first bad one.
type varints struct {
	raw []byte
	bad bool
}

func (v *varints) count() int {
	n, size := binary.Uvarint(v.raw)
	if size <= 0 || n > uint64(len(v.raw)) {
		v.raw, v.bad = nil, true
		return 0
	}
	v.raw = v.raw[size:]
	return int(n)
}

func (v *varints) delta() int32 {
	n, size := binary.Varint(v.raw)
	if size <= 0 {
		v.raw, v.bad = nil, true
		return 0
	}
	v.raw = v.raw[size:]
	return int32(n)
}

// near reports whether the point lies within km of the box around the outline, or a little more.
func (r *region) near(p spot, km float64) bool {
	lat := km / 110
	lon := lat / max(math.Cos(p.lat*math.Pi/180), 0.01)
	return float64(r.low.lat) <= (p.lat+lat)*1000 && (p.lat-lat)*1000 <= float64(r.high.lat) &&
		float64(r.low.lon) <= (p.lon+lon)*1000 && (p.lon-lon)*1000 <= float64(r.high.lon)
}

// holds reports whether the point is inside: a ray to the east crosses the rings an odd number of times. Holes are rings
// like the others.
func (r *region) holds(p spot) bool {
	x, y := p.lon*1000, p.lat*1000
	inside := false
	for _, ring := range r.rings {
		a := ring[len(ring)-1]
		for _, b := range ring {
			if (float64(a.lat) > y) != (float64(b.lat) > y) {
				at := float64(a.lon) + (y-float64(a.lat))/float64(b.lat-a.lat)*float64(b.lon-a.lon)
				if x < at {
					inside = !inside
				}
			}
			a = b
		}
	}
	return inside
}

// distance returns the distance to the outline in km, flat around the point: right to a percent for the few km asked.
func (r *region) distance(p spot) float64 {
	const km = earth * math.Pi / 180 / 1000 // of a thousandth of a degree
	shrink := math.Cos(p.lat * math.Pi / 180)
	x := func(c corner) float64 { return (float64(c.lon) - p.lon*1000) * km * shrink }
	y := func(c corner) float64 { return (float64(c.lat) - p.lat*1000) * km }
	best := math.Inf(1)
	for _, ring := range r.rings {
		a := ring[len(ring)-1]
		for _, b := range ring {
			ax, ay := x(a), y(a)
			dx, dy := x(b)-ax, y(b)-ay
			t := 0.0
			if l := dx*dx + dy*dy; l > 0 {
				t = min(max(-(ax*dx+ay*dy)/l, 0), 1)
			}
			best = min(best, math.Hypot(ax+t*dx, ay+t*dy))
			a = b
		}
	}
	return best
}

// code returns the P-code at a point within the outline: that of the outline, or of the nearest seat within reach.
func (r *region) code(p spot) string {
	code, best := r.pcode, seatReach
	for _, s := range r.seats {
		if d := Distance(p.lat, p.lon, s.lat, s.lon); d <= best {
			code, best = s.code, d
		}
	}
	return code
}
