package sim

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Point is a service point as the simulator needs it.
type Point struct {
	Code         string
	Name         string
	Kind         string // hsp, response_centre, community
	Mobility     string // fixed, mobile, sea
	Organisation string
	Country      string // ISO 3166 alpha-2, empty at sea
	Lat, Lon     float64
	Services     []string // families of the catalogue: food, primary_health
	Languages    []string
	Hours        string // "24/7" or "Mo-Fr 08:00-17:00"
	Beds         int
}

// Stop is one place of a route, with the leg that leads to it from the stop before.
type Stop struct {
	// Place is the code of a point, or the name of a place where nobody of the network works.
	Place    string
	Lat, Lon float64
	Mode     string  // truck, road, bus, foot, sea; empty at the first stop
	Hours    float64 // usual duration of the leg; 0 at the first stop
}

// Route is a chain of stops.
type Route struct {
	Code  string
	Name  string
	Stops []Stop
}

// Network is where people travel and where they are helped.
type Network struct {
	Points []Point
	Routes []Route
}

//go:embed network/points.csv
var demoPoints string

//go:embed network/routes.csv
var demoRoutes string

var demoNetwork = sync.OnceValue(func() Network {
	n, err := ParseNetwork(strings.NewReader(demoPoints), strings.NewReader(demoRoutes))
	if err != nil {
		panic(fmt.Sprintf("sim: embedded network: %v", err))
	}
	return n
})

// DemoNetwork is the network of the demonstration: 32 points and 8 routes.
func DemoNetwork() Network {
	n := demoNetwork()
	return Network{Points: slices.Clone(n.Points), Routes: slices.Clone(n.Routes)}
}

// ParseNetwork reads the two tables of the reference data. Points need the columns code, kind, mobility, organisation,
// country, lat, lon, services, languages, hours and beds; routes need route, order, point_or_place, lat, lon, leg_mode
// and leg_hours, and may have a name. Lists inside a cell are separated by semicolons. All faults are reported at once.
func ParseNetwork(points, routes io.Reader) (Network, error) {
	var n Network
	var bad []error
	err := eachRow("points", points, []string{"code", "kind", "mobility", "organisation", "country", "lat", "lon", "services", "languages", "hours", "beds"},
		func(row table) {
			p := Point{
				Code: row.text("code"), Name: row.text("name"), Kind: row.text("kind"), Mobility: row.text("mobility"),
				Organisation: row.text("organisation"), Country: row.text("country"), Lat: row.number("lat"), Lon: row.number("lon"),
				Services: row.list("services"), Languages: row.list("languages"), Hours: row.text("hours"), Beds: int(row.number("beds")),
			}
			bad = append(bad, *row.faults...)
			n.Points = append(n.Points, p)
		})
	bad = append(bad, err)
	err = eachRow("routes", routes, []string{"route", "order", "point_or_place", "lat", "lon", "leg_mode", "leg_hours"}, func(row table) {
		code := row.text("route")
		i := slices.IndexFunc(n.Routes, func(r Route) bool { return r.Code == code })
		if i < 0 {
			n.Routes = append(n.Routes, Route{Code: code, Name: row.text("name")})
			i = len(n.Routes) - 1
		}
		r := &n.Routes[i]
		if int(row.number("order")) != len(r.Stops)+1 {
			*row.faults = append(*row.faults, row.fault("order", fmt.Sprintf("stops of a route must follow each other; %d was expected", len(r.Stops)+1)))
		}
		r.Stops = append(r.Stops, Stop{Place: row.text("point_or_place"), Lat: row.number("lat"), Lon: row.number("lon"),
			Mode: row.text("leg_mode"), Hours: row.number("leg_hours")})
		bad = append(bad, *row.faults...)
	})
	bad = append(bad, err)
	if err := errors.Join(bad...); err != nil {
		return Network{}, err
	}
	return n, n.check()
}

// check reports everything in n that the simulator could not work with.
func (n Network) check() error {
	var bad []error
	if len(n.Points) == 0 {
		bad = append(bad, errors.New("network: it has no points; give at least one"))
	}
	seen := map[string]bool{}
	for _, p := range n.Points {
		if p.Code == "" || seen[p.Code] {
			bad = append(bad, fmt.Errorf("point %q: its code is empty or used twice; give each point its own", p.Code))
		}
		seen[p.Code] = true
		if p.Organisation == "" {
			bad = append(bad, fmt.Errorf("point %s: organisation is empty; name the one that runs it", p.Code))
		}
		if _, err := parseHours(p.Hours); err != nil {
			bad = append(bad, fmt.Errorf("point %s: %w", p.Code, err))
		}
		if math.Abs(p.Lat) > 90 || math.Abs(p.Lon) > 180 || math.IsNaN(p.Lat) || math.IsNaN(p.Lon) {
			bad = append(bad, fmt.Errorf("point %s: lat %g, lon %g is not on Earth; use decimal degrees", p.Code, p.Lat, p.Lon))
		}
	}
	for _, r := range n.Routes {
		if len(r.Stops) < 2 {
			bad = append(bad, fmt.Errorf("route %s: it has %d stops; a route needs two", r.Code, len(r.Stops)))
		}
		for i, s := range r.Stops {
			if s.Place == "" || (i > 0 && (s.Mode == "" || s.Hours <= 0)) {
				bad = append(bad, fmt.Errorf("route %s, stop %d: place, leg_mode and leg_hours over 0 are needed", r.Code, i+1))
			}
		}
	}
	return errors.Join(bad...)
}

// table is one CSV row with its columns by name.
type table struct {
	name   string
	line   int
	column map[string]int
	cells  []string
	faults *[]error
}

func eachRow(name string, r io.Reader, need []string, do func(table)) error {
	in := csv.NewReader(r)
	head, err := in.Read()
	if err != nil {
		return fmt.Errorf("%s: the header line cannot be read: %w", name, err)
	}
	column := map[string]int{}
	for i, h := range head {
		column[strings.TrimPrefix(strings.TrimSpace(h), "\ufeff")] = i
	}
	for _, c := range need {
		if _, ok := column[c]; !ok {
			return fmt.Errorf("%s: column %q is missing; add it to the header", name, c)
		}
	}
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		line, _ := in.FieldPos(0)
		do(table{name: name, line: line, column: column, cells: cells, faults: new([]error)})
	}
}

func (t table) text(column string) string {
	i, ok := t.column[column]
	if !ok {
		return ""
	}
	return strings.TrimSpace(t.cells[i])
}

func (t table) list(column string) []string {
	if t.text(column) == "" {
		return nil
	}
	return strings.Split(t.text(column), ";")
}

func (t table) number(column string) float64 {
	s := t.text(column)
	if s == "" {
		return 0
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		*t.faults = append(*t.faults, t.fault(column, fmt.Sprintf("%q is not a number; write it like 12.5", s)))
	}
	return x
}

func (t table) fault(column, what string) error {
	return fmt.Errorf("%s line %d, %s: %s", t.name, t.line, column, what)
}

// kilometres is the great-circle distance (haversine, mean Earth radius 6371 km).
func kilometres(lat1, lon1, lat2, lon2 float64) float64 {
	const rad = math.Pi / 180
	a := math.Pow(math.Sin((lat2-lat1)*rad/2), 2) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Pow(math.Sin((lon2-lon1)*rad/2), 2)
	return 2 * 6371 * math.Asin(math.Sqrt(a))
}
