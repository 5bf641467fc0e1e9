package sim

import (
	"math"
)

// wayfarers is a party during a run.
type wayfarers struct {
	*party
	track    *track
	stop     int
	dir      int   // 1 onward, -1 back
	stay     int32 // number of the present stay
	since    int64
	leaves   int64
	planned  int64 // time of the next planning of a day
	arrival  int   // id of the observed arrival, 0 if nobody saw it
	base     int   // the point nearest to where they sleep, -1 where there is none
	housed   int   // 1 + the point whose beds they use, 0 without beds
	pool     int32 // 1-based, while they wait for a vehicle
	present  bool
	expelled bool
	rescued  bool // in the present stay
	settled  bool
	done     bool
}

// arrive brings a party to its stop, seen as part of the arrival with that id, or by itself when it is 0.
func (r *run) arrive(i, arrival int) {
	p := &r.parties[i]
	stop := &p.track.stops[p.stop]
	p.stay++
	p.since, p.present, p.arrival, p.base, p.planned, p.pool = r.now, true, arrival, -1, never, 0
	if len(stop.points) > 0 {
		p.base = stop.points[0]
		// Near a transit centre, those who go home sleep there more often than others.
		if len(stop.points) > 1 && r.chance(map[bool]float64{true: 0.5, false: 0.12}[p.dir < 0]) {
			p.base = stop.points[1+r.r.IntN(len(stop.points)-1)]
		}
	}
	p.leaves = r.now + r.stayLength(p)
	r.truth.stay(i, stop.Place, r.now)
	if p.base >= 0 {
		s := &r.sites[p.base]
		if arrival == 0 && !p.host && len(p.members) > 1 && s.open && r.now >= s.from && r.now < s.to {
			p.arrival = r.announce(s, []int32{int32(i)}, "on_own")
		}
		r.findBeds(p)
		r.planAt(i, r.now)
	}
	if p.leaves < never {
		r.push(step{at: p.leaves, kind: stepDepart, a: int32(i), b: p.stay})
	}
}

// stayLength draws how long a party stays, in seconds.
func (r *run) stayLength(p *wayfarers) int64 {
	mean := 6.0
	stop := &p.track.stops[p.stop]
	if len(stop.points) > 0 {
		switch s := r.w.grounds[stop.points[0]]; {
		case p.host:
			return never
		case s.Mobility == "sea":
			mean = 1.2
		case s.Kind == "response_centre":
			mean = 8
		case s.Mobility == "mobile":
			mean = 2.5
		case p.stop == len(p.track.stops)-1:
			mean = 14
		default:
			mean = 4
		}
	}
	x := mean * (0.35 + 0.65*r.r.ExpFloat64())
	return int64(min(x, 8*mean) * float64(day))
}

// announce writes down an arrival that somebody saw.
func (r *run) announce(s *site, parties []int32, kind string) int {
	if d := s.operatingDay(r.now); d < 0 || d >= r.w.cfg.Days {
		return 0
	}
	a := Arrival{Kind: kind}
	for _, i := range parties {
		for _, m := range r.parties[i].members {
			p := &r.w.people[m]
			a.TruthPeople = append(a.TruthPeople, p.ID)
			switch child := p.Age(r.date()) < 18; {
			case child && p.Sex == "F":
				a.Size.Girl++
			case child:
				a.Size.Boy++
			case p.Sex == "F":
				a.Size.Woman++
			default:
				a.Size.Man++
			}
		}
	}
	r.arrivals++
	a.ID = r.arrivals
	r.emit(s, a)
	return a.ID
}

// findBeds takes beds at a point of the stop that has enough of them.
func (r *run) findBeds(p *wayfarers) {
	if p.host || p.housed > 0 || p.base < 0 {
		return
	}
	s := &r.sites[p.base]
	if s.Offers("shelter") && s.sleeping+len(p.members) <= s.Beds && r.chance(0.7) {
		s.sleeping += len(p.members)
		p.housed = p.base + 1
	}
}

// planAt asks for a plan of the day, once.
func (r *run) planAt(i int, at int64) {
	p := &r.parties[i]
	if p.planned > r.now && p.planned != never {
		return
	}
	p.planned = at
	r.push(step{at: at, kind: stepPlan, a: int32(i), b: p.stay})
}

// plan decides who of the party visits which point on the present operating day, and when.
func (r *run) plan(i int, stay int32) {
	p := &r.parties[i]
	if p.stay != stay || !p.present {
		return
	}
	p.planned = never
	s := &r.sites[p.base]
	if stop := &p.track.stops[p.stop]; len(stop.points) > 1 && r.chance(0.2) {
		s = &r.sites[stop.points[r.r.IntN(len(stop.points))]]
	}
	if next := int64(r.sites[p.base].operatingDay(r.now)+1)*day - s.offset + 4*hour + minute; next < p.leaves {
		r.planAt(i, next)
	}
	if s.day < 0 || s.day != s.operatingDay(r.now) {
		return
	}
	wish := 0.3
	switch {
	case r.now == p.since && p.host:
		wish = 0.1
	case p.host, p.settled:
		wish = 0.06
	case s.Mobility == "sea":
		wish = 0.95
	case r.now-p.since < day:
		wish = 0.8
	case p.housed > 0:
		wish = 0.6
	}
	if !r.chance(wish) {
		return
	}
	from, to := max(r.now, s.from), min(s.to, p.leaves)
	if !s.open || to-from < 10*minute {
		if s.why != "" && s.why != "weekday" && r.chance(0.5) {
			s.turned += len(p.members)
		}
		return
	}
	from = r.between(from, to-5*minute)
	for _, m := range p.members {
		if r.chance(0.85) {
			r.push(step{at: min(from+r.between(0, 20*minute), to-1), kind: stepVisit, a: m, b: stay, c: int16(s.index)})
		}
	}
}

// depart sends a party on, turns it round or lets it stay.
func (r *run) depart(i int, stay int32) {
	p := &r.parties[i]
	if p.stay != stay || !p.present || p.host || p.done || p.pool > 0 {
		return
	}
	if p.base >= 0 && r.sites[p.base].Mobility == "sea" {
		p.dir = 1 // a rescue ends in a port
	} else if p.dir > 0 && p.stop > 0 && p.stop < len(p.track.stops)-1 {
		switch x := r.r.Float64(); {
		case x < r.w.cfg.Rates.GoBack:
			p.dir = -1
		case x < r.w.cfg.Rates.GoBack+r.w.cfg.Rates.StayForGood:
			p.settled, p.leaves = true, never
			if p.base >= 0 {
				r.planAt(i, r.nextPlan(p))
			}
			return
		}
	}
	last := len(p.track.stops) - 1
	switch {
	case p.dir > 0 && p.stop == last && len(p.track.next) > 0 && r.chance(r.w.cfg.Rates.Continue):
		p.track, p.stop = p.track.next[r.r.IntN(len(p.track.next))], 0
	case p.dir > 0 && p.stop == last && r.w.expels(p.track) && r.chance(0.6):
		r.join(i, poolKey{p.track, p.stop, -1, true})
		return
	case p.dir > 0 && p.stop == last, p.dir < 0 && p.stop == 0:
		r.leave(i, "", "")
		p.done = true
		return
	}
	leg := p.leg()
	sea := p.dir > 0 && r.w.atSea(p.track, p.stop+1)
	if sea || ((leg.Mode == "truck" || leg.Mode == "sea") && r.chance(r.w.cfg.Rates.Truck)) {
		r.join(i, poolKey{p.track, p.stop, p.dir, false})
		return
	}
	r.leave(i, leg.Mode, p.track.stops[p.stop+p.dir].Place)
	p.stop += p.dir
	r.push(step{at: r.daytime(p.track, p.stop, r.now+r.travel(leg.Hours)), kind: stepArrive, a: int32(i)})
}

// leg is the leg the party takes next.
func (p *wayfarers) leg() Stop {
	if p.dir < 0 {
		return p.track.stops[p.stop].Stop
	}
	return p.track.stops[p.stop+1].Stop
}

// leave ends the present stay: beds become free, companions are seen to go, and cards get lost on the leg.
func (r *run) leave(i int, mode, next string) {
	p := &r.parties[i]
	if !p.present {
		return
	}
	p.present = false
	if p.housed > 0 {
		r.sites[p.housed-1].sleeping -= len(p.members)
		p.housed = 0
	}
	if p.base >= 0 && len(p.members) > 1 {
		if s := &r.sites[p.base]; s.open && r.now >= s.from && r.now < s.to {
			left := GroupLeft{Size: len(p.members), Mode: mode, TruthNext: next}
			for _, m := range p.members {
				left.TruthPeople = append(left.TruthPeople, int(m)+1)
			}
			r.emit(s, left)
		}
	}
	r.truth.leave(i, r.now)
	p.rescued = false
	if mode == "" {
		return
	}
	border := r.crosses(p)
	for _, m := range p.members {
		t := &r.people[m]
		switch {
		case t.card == 0:
		case border && r.chance(r.w.cfg.Rates.CardTaken):
			t.drop("taken")
		case r.chance(r.w.cfg.Rates.LoseCard):
			t.drop("lost")
		case r.chance(r.w.cfg.Rates.CardPassed):
			r.pass(p, t)
		}
	}
}

// pass hands a card to the first companion who has none. The giver has lost it; the card goes on under its lineage.
func (r *run) pass(p *wayfarers, t *traveller) {
	for _, m := range p.members {
		if other := &r.people[m]; other.card == 0 && other != t {
			other.card, other.sequence, other.gone = t.card, t.sequence, 0
			t.drop("lost")
			r.truth.CardsPassed++
			return
		}
	}
}

// crosses tells whether the party's next leg leaves the country, as far as the network knows.
func (r *run) crosses(p *wayfarers) bool {
	to := p.stop + p.dir
	if to < 0 || to >= len(p.track.stops) {
		return true
	}
	a, b := p.track.stops[p.stop].points, p.track.stops[to].points
	return len(a) == 0 || len(b) == 0 || r.w.grounds[a[0]].Country != r.w.grounds[b[0]].Country
}

// travel draws a duration in seconds for a leg of that many hours: seldom shorter, sometimes twice as long.
func (r *run) travel(hours float64) int64 {
	return int64(hours * float64(hour) * math.Min(2, 0.9+0.25*r.r.ExpFloat64()))
}

// daytime moves an arrival in the night to the next morning, except at sea.
func (r *run) daytime(t *track, stop int, at int64) int64 {
	points := t.stops[stop].points
	if len(points) == 0 || r.w.atSea(t, stop) {
		return at
	}
	local := at + r.w.grounds[points[0]].offset
	switch clock := ((local % day) + day) % day; {
	case clock < 6*hour:
		return at - clock + 6*hour + r.between(0, 3*hour)
	case clock >= 19*hour:
		return at - clock + day + 6*hour + r.between(0, 3*hour)
	}
	return at
}

// nextPlan is the beginning of the next operating day at the party's point.
func (r *run) nextPlan(p *wayfarers) int64 {
	s := &r.sites[p.base]
	return int64(s.operatingDay(r.now)+1)*day - s.offset + 4*hour + minute
}

func (w *World) atSea(t *track, stop int) bool {
	points := t.stops[stop].points
	return len(points) > 0 && w.grounds[points[0]].Mobility == "sea"
}

// expels tells whether people are expelled from the last stop of t.
func (w *World) expels(t *track) bool {
	return len(w.convoys) > 0 && w.parties[w.convoys[0].parties[0]].track == t
}
