package sim

// poolKey says who may share a vehicle.
type poolKey struct {
	track   *track
	stop    int
	dir     int
	expelee bool // people caught at the end of the route: the next expulsion takes them
}

// pool is a place where parties wait for a vehicle.
type pool struct {
	poolKey
	waiting   []int32
	people    int
	target    int
	departure int32
}

// convoy is a vehicle on its way.
type convoy struct {
	parties []int32
	track   *track
	to      int
	kind    string
	arrival int
	people  int
}

// join lets a party wait for a vehicle. It stays where it is and may be served there meanwhile.
func (r *run) join(i int, key poolKey) {
	k := -1
	for n := range r.pools {
		if r.pools[n].poolKey == key {
			k = n
		}
	}
	if k < 0 {
		k = len(r.pools)
		r.pools = append(r.pools, pool{poolKey: key, target: r.seats(key)})
	}
	q, p := &r.pools[k], &r.parties[i]
	p.pool, p.leaves = int32(k+1), never
	if p.base >= 0 {
		r.planAt(i, r.nextPlan(p))
	}
	if len(q.waiting) == 0 && !key.expelee {
		r.push(step{at: r.now + 3*day, kind: stepFlush, a: int32(k), b: q.departure})
	}
	q.waiting = append(q.waiting, int32(i))
	q.people += len(p.members)
	if q.people >= q.target && !key.expelee {
		r.push(step{at: r.now + r.between(hour, 6*hour), kind: stepFlush, a: int32(k), b: q.departure})
	}
}

// seats draws the size at which a vehicle leaves.
func (r *run) seats(key poolKey) int {
	switch {
	case key.dir > 0 && r.w.atSea(key.track, key.stop+1):
		return 25 + r.r.IntN(71)
	case key.dir < 0:
		return 40 + r.r.IntN(31)
	}
	return 18 + r.r.IntN(28)
}

// flush lets the vehicle of a pool leave, unless it has already left.
func (r *run) flush(k int, departure int32) {
	q := &r.pools[k]
	if q.departure != departure || len(q.waiting) == 0 {
		return
	}
	parties := q.waiting
	to := q.stop + q.dir
	leg := q.track.stops[max(q.stop, to)]
	kind := "vehicle"
	switch {
	case q.dir > 0 && r.w.atSea(q.track, to) && r.chance(r.w.cfg.Rates.SeaRescue):
		kind = "rescue_sea"
	case q.dir > 0 && r.w.atSea(q.track, to) && to+1 < len(q.track.stops):
		to++ // the ship never meets this boat
	case q.dir < 0:
		kind = "transfer"
	}
	key := q.poolKey
	q.waiting, q.people, q.target = nil, 0, r.seats(key)
	q.departure++
	r.send(parties, key.track, to, leg.Mode, kind, r.travel(leg.Hours))
}

// send puts parties on a vehicle.
func (r *run) send(parties []int32, t *track, to int, mode, kind string, takes int64) {
	c := convoy{parties: parties, track: t, to: to, kind: kind}
	for _, i := range parties {
		r.leave(int(i), mode, t.stops[to].Place)
		p := &r.parties[i]
		p.stop, p.pool = to, 0
		c.people += len(p.members)
	}
	r.convoys = append(r.convoys, c)
	r.push(step{at: r.daytime(t, to, r.now+takes), kind: stepConvoy, a: int32(len(r.convoys) - 1)})
}

// expel sends a truck of expelled people, with those who wait at the end of the route as far as there is room.
func (r *run) expel(n int) {
	x := &r.w.convoys[n]
	t := r.w.parties[x.parties[0]].track
	parties := append([]int32(nil), x.parties...)
	people := 0
	for _, i := range parties {
		people += len(r.parties[i].members)
	}
	for k := range r.pools {
		q := &r.pools[k]
		if !q.expelee || q.track != t {
			continue
		}
		var rest []int32
		for _, i := range q.waiting {
			if size := len(r.parties[i].members); people+size <= min(x.seats, 80) {
				parties = append(parties, i)
				people += size
			} else {
				rest = append(rest, i)
			}
		}
		q.waiting = rest
	}
	hours := 0.0
	for k := x.to + 1; k < len(t.stops); k++ {
		hours += t.stops[k].Hours
	}
	for _, i := range parties {
		r.parties[i].dir, r.parties[i].expelled = -1, true
	}
	r.send(parties, t, x.to, "truck", x.kind, r.travel(hours))
}

func (r *run) convoyArrives(n int) {
	c := &r.convoys[n]
	if points := c.track.stops[c.to].points; len(points) > 0 {
		s := &r.sites[points[0]]
		c.arrival = r.announce(s, c.parties, c.kind)
		if c.arrival > 0 && c.people >= 20 && r.chance(r.w.cfg.Rates.Bulk) {
			// A truck that comes before the doors open is served when they do.
			r.push(step{at: max(r.now, s.from) + 15*minute, kind: stepTally, a: int32(n)})
		}
	}
	for _, i := range c.parties {
		r.arrive(int(i), c.arrival)
		r.parties[i].rescued = c.kind == "rescue_sea"
	}
}

// tallyConvoy serves everyone of an arrival in two taps.
func (r *run) tallyConvoy(n int) {
	c := &r.convoys[n]
	s := &r.sites[c.track.stops[c.to].points[0]]
	if !s.open || r.now < s.from || r.now >= s.to {
		return
	}
	t := Tally{Arrival: c.arrival, EntryMode: "bulk"}
	for _, g := range []Given{{"rescue", 1}, {"survival_kit", 1}, {"water", 2}, {"food.meal", 1}} {
		k := serviceIndex(g.Code)
		if (g.Code == "rescue" || g.Code == "survival_kit") && c.kind != "rescue_sea" {
			continue
		}
		if s.offers[k] && !s.missing[k] {
			t.Services = append(t.Services, g)
		}
	}
	if len(t.Services) == 0 {
		return
	}
	var buttons [len(buttonCodes)]int
	for _, i := range c.parties {
		p := &r.parties[i]
		if !p.present || p.track != c.track || p.stop != c.to {
			continue
		}
		for _, m := range p.members {
			if r.people[m].metOn(s.index, s.day) {
				continue // came to the desk alone while the others unloaded
			}
			person := &r.w.people[m]
			buttons[button(person.Age(r.date()), person.Sex)]++
			t.TruthPeople = append(t.TruthPeople, person.ID)
			r.met(int(m), s)
			r.people[m].tallied = visit{int32(s.index + 1), int32(s.day)}
		}
	}
	people := len(t.TruthPeople)
	if people == 0 {
		return
	}
	for k := range t.Services {
		t.Services[k].Quantity *= people
	}
	t.Buttons = pressed(&buttons)
	r.truth.Tallied += people
	r.emit(s, t)
}
