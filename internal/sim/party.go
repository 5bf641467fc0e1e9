package sim

import (
	"math/rand/v2"
	"slices"
)

// party is a group that travels together.
type party struct {
	members []int32 // indexes into World.people
	track   *track
	stop    int   // where it starts
	enters  int64 // when it is first there
	convoy  int32 // 1-based number of the convoy of expelled people it starts in, else 0
	host    bool
}

// track is a route as the simulator walks it.
type track struct {
	code  string
	stops []trackStop
	next  []*track // routes that begin where this one ends
}

type trackStop struct {
	Stop
	points []int // points at this place: the stop's own first, then others nearby; empty where nobody works
}

// expulsion is a truck of expelled people known from the beginning; others join it on the way.
type expulsion struct {
	leaves  int64
	parties []int32
	to      int // stop of the track at which it arrives
	seats   int
	kind    string
}

// layTracks turns the network's routes into tracks. Points on no route become tracks of one stop, unless they lie
// within 25 km of a stop: then they serve the same people.
func layTracks(n *Network) []*track {
	index := map[string]int{}
	for i, p := range n.Points {
		index[p.Code] = i
	}
	onRoute := map[int]bool{}
	var tracks []*track
	for _, r := range n.Routes {
		t := &track{code: r.Code}
		for _, s := range r.Stops {
			ts := trackStop{Stop: s}
			if i, ok := index[s.Place]; ok {
				ts.points = []int{i}
				onRoute[i] = true
			}
			t.stops = append(t.stops, ts)
		}
		tracks = append(tracks, t)
	}
	for i := range n.Points {
		if onRoute[i] {
			continue
		}
		p, near := &n.Points[i], false
		for _, t := range tracks {
			for k := range t.stops {
				s := &t.stops[k]
				if kilometres(p.Lat, p.Lon, s.Lat, s.Lon) < 25 && len(s.points) > 0 && !slices.Contains(s.points, i) {
					s.points = append(s.points, i)
					near = true
				}
			}
		}
		if !near {
			tracks = append(tracks, &track{code: "near:" + p.Code, stops: []trackStop{{Stop: Stop{Place: p.Code, Lat: p.Lat, Lon: p.Lon}, points: []int{i}}}})
		}
	}
	for _, t := range tracks {
		for _, other := range tracks {
			if t != other && len(t.stops) > 1 && len(other.stops) > 1 && t.stops[len(t.stops)-1].Place == other.stops[0].Place {
				t.next = append(t.next, other)
			}
		}
	}
	return tracks
}

// trackWeights says how many people begin on each track. Single points get few.
func trackWeights(tracks []*track) []float64 {
	known := map[string]float64{"sahara-central": 14, "central-mediterranean": 16, "sahara-west": 12, "mali-niger": 12,
		"sudan-chad": 14, "eastern": 9, "darien": 14, "balkans": 9}
	weights := make([]float64, len(tracks))
	for i, t := range tracks {
		weights[i] = 10
		if w, ok := known[t.code]; ok {
			weights[i] = w
		}
		if len(t.stops) == 1 {
			weights[i] = 1.5
		}
	}
	return weights
}

// populate makes all persons and parties.
func (w *World) populate() {
	r := w.source(1)
	weights := trackWeights(w.tracks)
	w.populateConvoys(r)
	for len(w.people) < w.cfg.People {
		t := w.tracks[drawWeight(r, weights)]
		room := w.cfg.People - len(w.people)
		if r.Float64() < w.cfg.Rates.Host {
			w.addHost(r, t, room)
			continue
		}
		size := min(drawSize(r), room)
		p := party{track: t, enters: int64(r.Float64() * float64(w.cfg.Days) * float64(day))}
		if len(t.stops) > 1 && r.Float64() < w.cfg.Rates.MidRoute {
			// They are somewhere in the middle, but neither on a ship nor at the far end.
			if stop := r.IntN(len(t.stops)); len(t.stops[stop].points) > 0 && !w.atSea(t, stop) {
				p.stop = stop
			}
			p.enters = int64(r.Float64() * max(2, float64(w.cfg.Days)/5) * float64(day))
		}
		w.addParty(r, p, w.community(r, t), size)
	}
}

// populateConvoys fills trucks of 40 to 80 expelled people on the route that ends in the desert, when there is one.
func (w *World) populateConvoys(r *rand.Rand) {
	var t *track
	for _, candidate := range w.tracks {
		if candidate.code == "sahara-west" && len(candidate.stops) >= 3 {
			t = candidate
		}
	}
	if t == nil || w.cfg.People < 120 || w.cfg.Rates.Expelled == 0 {
		return
	}
	count := max(1, int(float64(w.cfg.People)*w.cfg.Rates.Expelled/58))
	for n := range count {
		seats := 40 + r.IntN(41)
		official := r.Float64() < 0.35
		// The road takes a day or two: a truck that left at the very end would never be seen.
		span := max(1, float64(w.cfg.Days-3)) * float64(day)
		x := expulsion{leaves: int64((float64(n)+r.Float64())/float64(count)*span) - 8*hour, seats: seats, to: len(t.stops) - 2, kind: "convoy_unofficial"}
		if official {
			x.to, x.kind = 0, "convoy_official"
		}
		// Most seats are taken by people whom nobody met before; the rest wait for travellers caught on this very route.
		start := len(w.people)
		for taken := 0; taken < max(40, seats*4/5); taken = len(w.people) - start {
			c := communityByCode("hausa")
			if !official {
				c = w.community(r, t)
			}
			p := party{track: t, stop: len(t.stops) - 1, enters: x.leaves, convoy: int32(len(w.convoys) + 1)}
			x.parties = append(x.parties, int32(len(w.parties)))
			w.addParty(r, p, c, min(drawSize(r), seats-taken, w.cfg.People-len(w.people)))
		}
		w.convoys = append(w.convoys, x)
	}
}

// addHost adds residents of a stop of t that has a point.
func (w *World) addHost(r *rand.Rand, t *track, room int) {
	stop := r.IntN(len(t.stops))
	if len(t.stops[stop].points) == 0 || w.net.Points[t.stops[stop].points[0]].Mobility == "sea" {
		return
	}
	c := communityByCode(residentCommunity[w.net.Points[t.stops[stop].points[0]].Country])
	w.addParty(r, party{track: t, stop: stop, host: true, enters: int64(r.Float64() * float64(day))}, c, min(1+r.IntN(4), room))
}

func (w *World) community(r *rand.Rand, t *track) *community {
	list, ok := routeCommunities[t.code]
	if !ok {
		region := "region:other"
		for _, s := range t.stops {
			if len(s.points) > 0 {
				region = regionOf(w.net.Points[s.points[0]].Country)
				break
			}
		}
		list = routeCommunities[region]
	}
	return communityByCode(drawShare(r, list))
}

// addParty makes size persons. A larger party is a family, with children, or companions of one community.
func (w *World) addParty(r *rand.Rand, p party, c *community, size int) {
	family := size > 1 && r.Float64() < 0.6
	couple := family && r.Float64() < 0.75
	women := 0.3
	switch {
	case p.convoy > 0:
		women = 0.18
	case p.track.code == "sudan-chad":
		women = 0.55
	case p.track.code == "darien":
		women = 0.42
	}
	h := c.household(r)
	for i := range size {
		m := member{sex: "M", low: 18, top: 39}
		if r.Float64() < women || (family && !couple && i == 0 && r.Float64() < 0.6) {
			m.sex = "F"
		}
		switch {
		case couple && i == 1:
			m.sex, m.low, m.top = "F", 18, 44
		case family && i > 0:
			m.low, m.top = 0, 16
			if m.sex = "M"; r.Float64() < 0.49 {
				m.sex = "F"
			}
		case size == 1 && r.Float64() < 0.06:
			m.low, m.top = 12, 17
		case r.Float64() < 0.12:
			m.low, m.top = 40, 72
		}
		own := h
		if !family || i == 0 || (couple && i == 1) {
			own = c.household(r) // parents and companions have fathers of their own
			if family && r.Float64() < 0.8 {
				own.family = h.family
			}
		}
		person := w.newPerson(r, c, own, m, size == 1, p.host)
		if family && !couple && i == 0 {
			person.Needs = append(person.Needs, "carer_alone")
		}
		person.ID, person.Party = len(w.people)+1, len(w.parties)+1
		p.members = append(p.members, int32(len(w.people)))
		w.people = append(w.people, person)
	}
	w.parties = append(w.parties, p)
}

func drawSize(r *rand.Rand) int {
	switch x := r.Float64(); {
	case x < 0.52:
		return 1
	case x < 0.74:
		return 2
	case x < 0.94:
		return 3 + r.IntN(3)
	}
	return 6 + r.IntN(3)
}

func drawWeight(r *rand.Rand, weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	x := r.Float64() * total
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}
