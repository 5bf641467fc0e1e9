package sim

import (
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// World is a simulated population on a network. It is immutable after [New]: every walk through [World.Events] gives
// the same events, and walks may run side by side.
type World struct {
	cfg       Config
	net       Network
	tracks    []*track
	people    []Person
	parties   []party
	convoys   []expulsion
	grounds   []ground
	orgs      []string // organisations in order of their first point
	truthOnce sync.Once
	truth     *Truth
}

// ground is what does not change about a point.
type ground struct {
	*Point
	org     int
	offset  int64
	zone    *time.Location
	opening opening
	offers  []bool // by index of services
}

// New makes the people of cfg. It refuses numbers out of range and networks that make no sense, and names all faults.
func New(cfg Config) (*World, error) {
	cfg, err := cfg.settle()
	if err != nil {
		return nil, err
	}
	w := &World{cfg: cfg, net: cfg.Network}
	w.tracks = layTracks(&w.net)
	for i := range w.net.Points {
		p := &w.net.Points[i]
		hours, err := parseHours(p.Hours)
		if err != nil {
			return nil, err
		}
		g := ground{Point: p, offset: offsetOf(p), opening: hours, org: slices.Index(w.orgs, p.Organisation)}
		if g.org < 0 {
			g.org = len(w.orgs)
			w.orgs = append(w.orgs, p.Organisation)
		}
		g.zone = time.FixedZone("", int(g.offset))
		g.offers = make([]bool, len(services))
		for k := range services {
			g.offers[k] = slices.Contains(p.Services, services[k].family)
		}
		w.grounds = append(w.grounds, g)
	}
	w.populate()
	return w, nil
}

// Config gives the settings of the run with everything that was left out filled in.
func (w *World) Config() Config { return w.cfg }

// People gives all persons, met or never met, in order of their ids. The slice must not be changed.
func (w *World) People() []Person { return w.people }

// Person gives the person with that id, or nil.
func (w *World) Person(id int) *Person {
	if id < 1 || id > len(w.people) {
		return nil
	}
	return &w.people[id-1]
}

// Events walks through the run in order of time. Nothing is buffered: memory does not grow with the number of events.
func (w *World) Events() iter.Seq[Event] {
	return func(yield func(Event) bool) { w.Play(yield) }
}

// Truth gives the truth about the whole run. It plays the run once when nobody has yet done so to its end.
func (w *World) Truth() *Truth {
	w.truthOnce.Do(func() {
		if t := w.play(func(Event) bool { return true }); t != nil {
			w.truth = t
		}
	})
	return w.truth
}

// Play hands every event to yield and gives the truth at the end, or nil if yield stopped it by answering false.
func (w *World) Play(yield func(Event) bool) *Truth {
	t := w.play(yield)
	if t != nil {
		w.truthOnce.Do(func() { w.truth = t })
	}
	return t
}

// source gives a stream of random numbers of its own, so that one part of the simulator does not disturb another.
func (w *World) source(purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(w.cfg.Seed, purpose*0x9e3779b97f4a7c15+1))
}
