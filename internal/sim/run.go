package sim

import (
	"math/rand/v2"
	"time"
)

// never lies beyond every run.
const never = int64(1) << 60

// Steps of the run. Each is taken out of the queue when its time has come.
type stepKind uint8

const (
	stepOpen   stepKind = iota // a point begins its operating day; a = point, b = day
	stepClose                  // ... and ends it
	stepArrive                 // a party reaches its stop by itself; a = party
	stepPlan                   // a party that stays somewhere plans its day; a = party, b = stay
	stepVisit                  // a person comes to a point; a = person, b = stay of the party, c = point
	stepDepart                 // a party wants to travel on; a = party, b = stay
	stepFlush                  // a pool stops waiting for more passengers; a = pool, b = its departure number
	stepConvoy                 // a convoy arrives; a = convoy
	stepTally                  // ... and is served in two taps
	stepExpel                  // a truck of expelled people leaves; a = index of World.convoys
)

type step struct {
	at   int64
	seq  uint32
	kind stepKind
	c    int16
	a, b int32
}

func (s step) before(o step) bool { return s.at < o.at || (s.at == o.at && s.seq < o.seq) }

// queue is a binary heap of steps; container/heap would box every one of them.
type queue []step

func (q *queue) push(s step) {
	h := append(*q, s)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !h[i].before(h[up]) {
			break
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
	*q = h
}

func (q *queue) pop() step {
	h := *q
	top, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	for i := 0; ; {
		least := i
		for _, k := range [2]int{2*i + 1, 2*i + 2} {
			if k < last && h[k].before(h[least]) {
				least = k
			}
		}
		if least == i {
			break
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
	*q = h
	return top
}

// run is one walk through the simulated time.
type run struct {
	w       *World
	r       *rand.Rand
	yield   func(Event) bool
	stopped bool
	now     int64
	queue   queue
	seq     uint32
	events  int

	sites   []site
	parties []wayfarers
	people  []traveller
	pools   []pool
	convoys []convoy

	contacts, files, arrivals int
	truth                     *Truth
}

func (w *World) play(yield func(Event) bool) *Truth {
	r := &run{w: w, r: w.source(2), yield: yield, sites: make([]site, len(w.grounds)), parties: make([]wayfarers, len(w.parties)),
		people: make([]traveller, len(w.people)), truth: newTruth(w)}
	for i := range w.grounds {
		r.sites[i].ground = &w.grounds[i]
		r.sites[i].index = i
		r.sites[i].day = -1
		r.push(step{at: 4*hour - w.grounds[i].offset, kind: stepOpen, a: int32(i)})
	}
	for i := range w.parties {
		p := &w.parties[i]
		r.parties[i] = wayfarers{party: p, track: p.track, stop: p.stop, dir: 1}
		if p.convoy == 0 {
			r.push(step{at: p.enters, kind: stepArrive, a: int32(i)})
		}
	}
	for i := range w.convoys {
		r.push(step{at: w.convoys[i].leaves, kind: stepExpel, a: int32(i)})
	}
	end := int64(w.cfg.Days+2) * day
	for len(r.queue) > 0 && !r.stopped {
		s := r.queue.pop()
		if s.at > end {
			break
		}
		r.now = s.at
		r.take(s)
	}
	if r.stopped {
		return nil
	}
	r.truth.finish()
	return r.truth
}

func (r *run) take(s step) {
	switch s.kind {
	case stepOpen:
		r.openSite(int(s.a), int(s.b))
	case stepClose:
		r.closeSite(int(s.a))
	case stepArrive:
		r.arrive(int(s.a), 0)
	case stepPlan:
		r.plan(int(s.a), s.b)
	case stepVisit:
		r.visit(int(s.a), s.b, int(s.c))
	case stepDepart:
		r.depart(int(s.a), s.b)
	case stepFlush:
		r.flush(int(s.a), s.b)
	case stepConvoy:
		r.convoyArrives(int(s.a))
	case stepTally:
		r.tallyConvoy(int(s.a))
	case stepExpel:
		r.expel(int(s.a))
	}
}

func (r *run) push(s step) {
	r.seq++
	s.seq = r.seq
	r.queue.push(s)
}

// emit hands out one event at the present time.
func (r *run) emit(s *site, b Body) {
	if r.stopped {
		return
	}
	r.events++
	at := r.w.cfg.Start.Add(time.Duration(r.now) * time.Second).In(s.zone)
	r.stopped = !r.yield(Event{Seq: r.events, At: at, Point: s.Code, Organisation: s.Organisation, Kind: b.kind(), Body: b})
}

// date is the present date.
func (r *run) date() time.Time { return r.w.cfg.Start.Add(time.Duration(r.now) * time.Second) }

func (r *run) chance(p float64) bool { return r.r.Float64() < p }

// between draws evenly from a to b.
func (r *run) between(a, b int64) int64 {
	if b <= a {
		return a
	}
	return a + r.r.Int64N(b-a)
}
