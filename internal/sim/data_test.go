package sim

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMainCommunitiesHaveFortyGivenNamesForEachSexWithoutRepeats(t *testing.T) {
	lists := nameLists()
	for _, stock := range []string{"hausa", "arabic", "ethiopic", "francophone", "spanish"} {
		for _, sex := range []string{"male", "female"} {
			if n := len(lists[stock+"."+sex]); n < 40 {
				t.Errorf("%s.%s has %d names", stock, sex, n)
			}
		}
	}
	for title, list := range lists {
		seen := map[string]bool{}
		for _, e := range list {
			if seen[e.canonical] {
				t.Errorf("%s: %s stands twice", title, e.canonical)
			}
			seen[e.canonical] = true
			for _, s := range append([]string{e.canonical, e.native}, e.variants...) {
				if !utf8.ValidString(s) || strings.ContainsAny(s, "_#,|") {
					t.Errorf("%s: %q is not a name", title, s)
				}
			}
		}
	}
	for _, c := range communities {
		for _, list := range []string{c.stock + ".male", c.stock + ".female"} {
			if len(lists[list]) < 15 {
				t.Errorf("%s needs the list %s", c.code, list)
			}
		}
		if c.family != "" && len(lists[c.family+".family"]) < 10 {
			t.Errorf("%s needs family names", c.code)
		}
	}
	for _, stock := range []string{"arabic", "ethiopic", "ukrainian"} {
		for _, e := range lists[stock+".male"] {
			if e.native == "" {
				t.Errorf("%s: %s has no form in its own script", stock, e.canonical)
			}
		}
	}
}

func TestEveryRouteIsTravelledByCommunitiesThatExist(t *testing.T) {
	for route, list := range routeCommunities {
		for _, s := range list {
			if communityByCode(s.code).code != s.code {
				t.Errorf("%s: community %q is unknown", route, s.code)
			}
		}
	}
	for country, code := range residentCommunity {
		if communityByCode(code).code != code {
			t.Errorf("residents of %s: community %q is unknown", country, code)
		}
	}
}

func TestServicesAreListedOnceAndFitTheTallies(t *testing.T) {
	if len(services) > 64 {
		t.Fatalf("%d services do not fit the tallies of a site", len(services))
	}
	for i, s := range services {
		if serviceIndex(s.code) != i || !strings.HasPrefix(s.code, strings.SplitN(s.family, ".", 2)[0]) {
			t.Errorf("%s of family %s", s.code, s.family)
		}
		if s.need != "" && NeedClass(s.need) == "" {
			t.Errorf("%s answers the unknown need %q", s.code, s.need)
		}
	}
	for _, code := range stocked {
		if serviceIndex(code) < 0 {
			t.Errorf("stocked service %s is unknown", code)
		}
	}
	offered := map[string]bool{}
	for _, s := range services {
		offered[s.family] = true
	}
	for _, p := range DemoNetwork().Points {
		for _, family := range p.Services {
			if !offered[family] {
				t.Errorf("%s offers %s, which the simulator never gives", p.Code, family)
			}
		}
	}
}

func TestHoursAreReadOrRefused(t *testing.T) {
	cases := []struct {
		name, hours string
		days        string // open weekdays from Sunday, as digits
		from, to    int64
		refused     bool
	}{
		{"an empty rule is round the clock", "", "0123456", 0, day, false},
		{"24/7", "24/7", "0123456", 0, day, false},
		{"a working week", "Mo-Fr 08:00-17:00", "12345", 8 * hour, 17 * hour, false},
		{"a week that begins on Sunday", "Su-Th 09:00-15:30", "01234", 9 * hour, 15*hour + 30*minute, false},
		{"a week that wraps round", "Mo-Su 06:00-20:00", "0123456", 6 * hour, 20 * hour, false},
		{"an unknown weekday", "Xx-Fr 08:00-17:00", "", 0, 0, true},
		{"an end before the beginning", "Mo-Fr 17:00-08:00", "", 0, 0, true},
		{"words", "when possible", "", 0, 0, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o, err := parseHours(c.hours)
			if (err != nil) != c.refused {
				t.Fatal(err)
			}
			days := ""
			for i, open := range o.days {
				if open {
					days += string(rune('0' + i))
				}
			}
			if !c.refused && (days != c.days || o.from != c.from || o.to != c.to) {
				t.Errorf("open on %s from %d to %d", days, o.from, o.to)
			}
		})
	}
}

func TestTheDemoNetworkIsReadWhole(t *testing.T) {
	n := DemoNetwork()
	if len(n.Points) != 32 || len(n.Routes) != 8 {
		t.Errorf("%d points, %d routes", len(n.Points), len(n.Routes))
	}
	tracks := layTracks(&n)
	served := map[int]bool{}
	for _, track := range tracks {
		for _, s := range track.stops {
			for _, p := range s.points {
				served[p] = true
			}
		}
	}
	if len(served) != len(n.Points) {
		t.Errorf("people come to %d of %d points", len(served), len(n.Points))
	}
}

func TestFaultyTablesAreRefusedWithLineColumnAndRemedy(t *testing.T) {
	points := "code,kind,mobility,organisation,country,lat,lon,services,languages,hours,beds\nA,hsp,fixed,ORG,NE,17,8,water;food,ha;fr,24/7,\n"
	routes := "route,order,point_or_place,lat,lon,leg_mode,leg_hours\nr,1,A,17,8,,\nr,2,B,18,9,truck,10\n"
	if n, err := ParseNetwork(strings.NewReader(points), strings.NewReader(routes)); err != nil || len(n.Points[0].Services) != 2 || n.Routes[0].Stops[1].Hours != 10 {
		t.Fatalf("%+v, %v", n, err)
	}
	cases := []struct{ name, points, routes, want string }{
		{"a latitude in words", strings.Replace(points, ",17,", ",north,", 1), routes, "points line 2, lat"},
		{"a latitude beyond the pole", strings.Replace(points, ",17,", ",97,", 1), routes, "not on Earth"},
		{"a missing column", strings.Replace(points, "services", "service", 1), routes, `column "services"`},
		{"a missing header", "", routes, "header"},
		{"a point without organisation", strings.Replace(points, "ORG", "", 1), routes, "organisation is empty"},
		{"hours nobody understands", strings.Replace(points, "24/7", "sunrise", 1), routes, `hours "sunrise"`},
		{"stops out of order", points, strings.Replace(routes, "r,2", "r,3", 1), "routes line 3, order"},
		{"a leg without a duration", points, strings.Replace(routes, "truck,10", "truck,", 1), "leg_hours"},
		{"a route of one stop", points, strings.Replace(routes, "r,2", "q,1", 1), "needs two"},
		{"a row too short", points, routes + "r,3\n", "wrong number of fields"},
		{"the same point twice", points + strings.SplitAfter(points, "\n")[1], routes, "used twice"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseNetwork(strings.NewReader(c.points), strings.NewReader(c.routes))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestASmallNetworkOfOnesOwnWorks(t *testing.T) {
	n := Network{
		Points: []Point{{Code: "A", Kind: "hsp", Mobility: "fixed", Organisation: "ORG", Country: "KE", Lat: 1, Lon: 36, Services: []string{"water"}, Languages: []string{"en"}},
			{Code: "B", Kind: "hsp", Mobility: "fixed", Organisation: "OTHER", Country: "KE", Lat: 2, Lon: 37, Services: []string{"legal"}, Languages: []string{"en"}}},
		Routes: []Route{{Code: "north", Stops: []Stop{{Place: "A", Lat: 1, Lon: 36}, {Place: "B", Lat: 2, Lon: 37, Mode: "truck", Hours: 5}}}},
	}
	w, err := New(Config{Seed: 1, People: 300, Days: 10, Start: start, Network: n})
	if err != nil {
		t.Fatal(err)
	}
	truth := w.Truth()
	// B gives sealed help only, so it meets nobody by name.
	if truth.PersonsAt("A", "") == 0 || truth.Population != 300 {
		t.Errorf("%+v", truth.Summary)
	}
}

func TestQueueGivesStepsInOrderOfTimeThenOfPushing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	var q queue
	for i := range 2000 {
		q.push(step{at: r.Int64N(50), seq: uint32(i)})
	}
	last := q.pop()
	for len(q) > 0 {
		s := q.pop()
		if s.before(last) {
			t.Fatalf("%+v after %+v", s, last)
		}
		last = s
	}
}
