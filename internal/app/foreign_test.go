package app

import (
	"bytes"
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
	"serai/internal/web"
)

// known are slots whose existence is nobody's secret: everybody signed in reads the network.
func known(route web.Route, slot string) bool {
	network := strings.HasPrefix(string(route.Permission), "network.") || strings.HasPrefix(string(route.Permission), "accounts.")
	return network && slot == "point" || slot == "project"
}

// foreignSlots are the slots of a route into which an id of somebody else can be put.
func foreignSlots(route web.Route) []string {
	var out []string
	for _, slot := range append(slotsOf(route.Path), probes[route.Method+" "+route.Path].uses...) {
		if !slices.Contains(out, slot) && !slices.Contains([]string{"code", "list", "file"}, slot) && !known(route, slot) {
			out = append(out, slot)
		}
	}
	return out
}

// What is out of reach and what does not exist are the same bytes, in whichever slot an id stands.
func TestForeignAndAbsentAnswerTheSameBytes(t *testing.T) { onEngines(t, probeForeign) }

func probeForeign(t *testing.T, e store.Engine, sample bool) {
	w, o := newWorld(t, e), testkit.NewOracle(t)
	foreign := []*records{}
	for _, place := range [][2]string{{homeOrg, nextPoint}, {awayOrg, awayPoint}} {
		for range 2 {
			foreign = append(foreign, w.records(place[0], place[1], fact.Handle{0xaa}))
		}
	}
	roles, rounds := access.Roles(), 4
	if sample {
		roles, rounds = []access.Role{access.Volunteer, access.PointLead, access.CaseWorker}, 1
	}
	var mu sync.Mutex
	probed, pairs, slots := 0, 0, map[string]bool{}
	var wg sync.WaitGroup
	for _, role := range roles {
		m := w.hire(string(role), seat(role, homeOrg, homePoint))
		own := w.records(homeOrg, homePoint, m.actor.Handle)
		wg.Go(func() {
			for _, route := range matrixRoutes(w.n.Routes) {
				for _, slot := range foreignSlots(route) {
					for range rounds {
						for _, f := range foreign {
							if w.reaches(t, o, m, route, slot, f) {
								continue
							}
							w.compare(t, m, route, slot, own, f)
							mu.Lock()
							probed, pairs = probed+2, pairs+1
							slots[route.Method+" "+route.Path+" "+slot] = true
							mu.Unlock()
						}
					}
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d probes in %d slots of routes, %d pairs, each alike", probed, len(slots), pairs)
	if !sample && probed < 10_000 {
		t.Errorf("%d probes are fewer than were promised", probed)
	}
}

// named says which permission finds what a body names beside the record of its path.
var named = map[string]access.Permission{"person": "people.read", "other": "people.read", "contact": "assist.read"}

// reaches tells whether the oracle lets m find in f what a slot of a route names, so that there is nothing to hide.
func (w *world) reaches(t *testing.T, o testkit.Oracle, m *member, route web.Route, slot string, f *records) bool {
	q := question{t, o, m.actor, f.resource(), w.clock.Now()}
	asked := probes[route.Method+" "+route.Path]
	if p := named[slot]; p != "" && slices.Contains(asked.uses, slot) {
		return q.may(cmp.Or(asked.find, p))
	}
	if !q.somewhere(route.Permission) {
		return false
	}
	if may := probes[route.Method+" "+route.Path].may; may != nil {
		return may(q)
	}
	return q.may(route.Permission)
}

// compare puts an id of f, and one that nothing has, into a slot whose neighbours are m's own.
func (w *world) compare(t *testing.T, m *member, route web.Route, slot string, own, f *records) {
	key := route.Method + " " + route.Path
	p := probes[key]
	value := slotsFor(route.Path, f)[slot]
	at := slot
	if slot == "card" && value == f.blank {
		at = "blank"
	}
	ask := func(r *records) answer {
		url, _ := fill(cmp.Or(p.url, route.Path), slotsFor(route.Path, r))
		var body any
		if p.body != nil {
			body = p.body(w, m, r)
		}
		return w.ask(m, route.Method, url, body)
	}
	theirs, nobodys := ask(own.with(at, value)), ask(own.with(at, w.unknown()))
	if theirs.status/100 == 2 && route.Method != http.MethodDelete { // to leave whom one is not with is done already
		t.Errorf("%s as %s takes a foreign %s: %d %s", key, m.login, slot, theirs.status, theirs.body)
	}
	if theirs.status != nobodys.status || !bytes.Equal(theirs.body, nobodys.body) || !maps.EqualFunc(steady(theirs.header), steady(nobodys.header), slices.Equal) {
		t.Errorf("%s as %s with a foreign %s answers\n%d %v %s\nand with one that is absent\n%d %v %s", key, m.login, slot,
			theirs.status, theirs.header, theirs.body, nobodys.status, nobodys.header, nobodys.body)
	}
	for _, name := range f.names {
		if bytes.Contains(theirs.body, []byte(name)) {
			t.Errorf("%s as %s with a foreign %s names %s", key, m.login, slot, name)
		}
	}
}

// steady is a header without what differs from one request to the next.
func steady(h http.Header) http.Header {
	h = h.Clone()
	h.Del("Request-Id")
	h.Del("Date")
	return h
}
