package app

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/area/accounts"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
	"serai/internal/web"
)

// absent are the codes under which an input names a record that is not there for the caller.
var absent = []string{"stock.unknown_point", "assist.unknown_point", "assist.unknown_person", "cards.unknown_point", "cards.unknown_person"}

// denied tells whether an answer keeps the caller out: by a refusal, or by saying that there is nothing.
func (a answer) denied() bool {
	if a.code() == "accounts.too_many_tries" { // a password that is asked for again and again, whoever asks
		return false
	}
	switch a.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return true
	case http.StatusUnprocessableEntity:
		return slices.Contains(absent, a.code())
	}
	return false
}

// tally counts what a sweep saw, route by route.
type tally struct {
	mu                      sync.Mutex
	cells, allowed, refused int
	wrong                   int
	good                    map[string]int // 2xx answers
	may                     map[string]int // cells in which the oracle says yes
}

func newTally() *tally { return &tally{good: map[string]int{}, may: map[string]int{}} }

// sweep asks every route as m about r, and compares with the oracle.
func (w *world) sweep(t *testing.T, o testkit.Oracle, m *member, r *records, relation string, sum *tally) {
	for _, route := range matrixRoutes(w.n.Routes) {
		key := route.Method + " " + route.Path
		p := probes[key]
		url, missing := fill(cmp.Or(p.url, route.Path), slotsFor(route.Path, r))
		if missing != "" {
			t.Errorf("%s: nobody told what stands in {%s}: add it to the slots of records", key, missing)
			continue
		}
		var body any
		if p.body != nil {
			body = p.body(w, m, r)
		}
		q := question{t, o, m.actor, r.resource(), w.clock.Now()}
		want := true
		switch {
		case route.Class == "signed_in":
		case p.may != nil:
			want = q.somewhere(route.Permission) && p.may(q)
		case p.open || len(p.uses) == 0 && len(slotsOf(route.Path)) == 0:
			want = q.somewhere(route.Permission)
		default:
			want = q.may(route.Permission)
		}
		got := w.ask(m, route.Method, url, body)
		sum.note(t, key, relation, m, got, want)
	}
}

func (s *tally) note(t *testing.T, key, relation string, m *member, got answer, want bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cells++
	if want {
		s.allowed++
		s.may[key]++
	} else {
		s.refused++
	}
	if got.status/100 == 2 {
		s.good[key]++
	}
	switch {
	case got.status >= 500:
		t.Errorf("%s as %s, %s: %d %s", key, m.login, relation, got.status, got.body)
	case want == got.denied():
		s.wrong++
		if s.wrong < 60 {
			t.Errorf("%s as %s, %s: the oracle says %t, the program %d %s", key, m.login, relation, want, got.status, got.body)
		}
	case !want && got.status == http.StatusUnprocessableEntity && !slices.Contains(absent, got.code()):
		t.Errorf("%s as %s, %s: validated before it was refused: %s", key, m.login, relation, got.body)
	}
}

// matrixRoutes puts what ends or erases things last, so that every route finds its records, and leaves out what is
// public and what ends the session that asks.
func matrixRoutes(all []web.Route) []web.Route {
	var out, last []web.Route
	for _, r := range all {
		switch {
		case r.Class == "public", r.Method == http.MethodDelete && r.Path == "/api/session":
		case r.Method == http.MethodDelete, strings.HasSuffix(r.Path, "/erase"), strings.HasSuffix(r.Path, "/state"), strings.HasSuffix(r.Path, "/withdraw"),
			strings.HasSuffix(r.Path, "/undo"):
			last = append(last, r)
		default:
			out = append(out, r)
		}
	}
	return append(out, last...)
}

// relations are the records about which every role is asked, as it sees them.
var relations = []struct {
	name, org, point string
	own              bool
}{
	{"recorded by oneself at the own point", homeOrg, homePoint, true},
	{"recorded by another at the own point", homeOrg, homePoint, false},
	{"recorded by oneself at another point", homeOrg, nextPoint, true},
	{"recorded by another at another point", homeOrg, nextPoint, false},
	{"recorded by oneself for another organisation", awayOrg, awayPoint, true},
	{"of another organisation", awayOrg, awayPoint, false},
}

// Every route, every role, every relation, over HTTP and on real records, against the policy that was written a second
// time in Cedar.
//
// On PostgreSQL a sample of the roles asks, at their own point, about every relation: what differs there is the database's
// answer to a query, not the policy.
func TestEveryRouteSaysWhatTheOracleSays(t *testing.T) { onEngines(t, sweepMatrix) }

func sweepMatrix(t *testing.T, e store.Engine, sample bool) {
	w, o, sum := newWorld(t, e), testkit.NewOracle(t), newTally()
	roles, posts, about := access.Roles(), []string{homePoint, ""}, relations
	if sample {
		roles, posts = []access.Role{access.Volunteer, access.CaseWorker, access.Administrator}, posts[:1]
	}
	var wg sync.WaitGroup
	room := make(chan struct{}, 4)
	for _, role := range roles {
		for _, post := range posts {
			login := string(role) + "-everywhere"
			if post != "" {
				login = string(role)
			}
			m := w.hire(login, seat(role, homeOrg, post))
			wg.Go(func() {
				room <- struct{}{}
				defer func() { <-room }()
				for _, rel := range about {
					owner := fact.Handle{0xaa}
					if rel.own {
						owner = m.actor.Handle
					}
					w.sweep(t, o, m, w.records(rel.org, rel.point, owner), rel.name, sum)
				}
			})
		}
	}
	wg.Wait()
	w.lostSessions(t, roles, sum)
	for key, n := range sum.may {
		if n > 0 && sum.good[key] == 0 && probes[key].hard == "" {
			t.Errorf("%s: nobody whom the oracle allows it succeeded; give it a probe that asks rightly", key)
		}
	}
	t.Logf("%d routes, %d roles, %d cells: %d allowed, %d refused, %d mismatches",
		len(matrixRoutes(w.n.Routes)), len(roles), sum.cells, sum.allowed, sum.refused, sum.wrong)
	if !sample && sum.cells < 20_000 {
		t.Errorf("%d cells are fewer than were promised", sum.cells)
	}
}

// lostSessions asks every route with what no longer opens anything.
func (w *world) lostSessions(t *testing.T, roles []access.Role, sum *tally) {
	ctx := context.Background()
	w.clock.Add(2 * time.Minute) // passwords were asked for more often than anybody types them
	ends := w.clock.Now().Add(time.Hour)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	r := w.records(homeOrg, homePoint, fact.Handle{0xaa})
	states := []struct {
		name string
		lose func(m *member, g access.Grant)
		page bool // one's own page still opens: it is how the second factor is set up
	}{
		{"after signing out", func(m *member, _ access.Grant) { must(w.n.Accounts.SignOut(ctx, m.token)) }, false},
		{"after an administrator ended its sessions", func(m *member, _ access.Grant) {
			must(w.n.Accounts.EndSessions(ctx, everyRole(homeOrg, fact.Handle{0xaa}), m.actor.Account))
		}, false},
		{"after the role was taken away", func(m *member, g access.Grant) { must(w.n.Accounts.Revoke(ctx, m.login, g)) }, false},
		{"after the account was closed", func(m *member, _ access.Grant) { must(w.n.Accounts.Close(ctx, m.login)) }, false},
		{"with a role that ran out", func(*member, access.Grant) {}, true},
		{"without the second factor", func(*member, access.Grant) {}, true},
		{"with a token that nobody has", func(m *member, _ access.Grant) { m.token = strings.Repeat("A", len(m.token)) }, false},
	}
	for i, state := range states {
		var members []*member
		for _, role := range roles {
			g := seat(role, homeOrg, homePoint)
			if state.name == "with a role that ran out" {
				g.Until = ends
			}
			m := w.hire(string(role)+"-"+string(rune('a'+i)), g)
			state.lose(m, g)
			members = append(members, m)
		}
		switch state.name {
		case "with a role that ran out":
			w.clock.Set(ends)
		case "without the second factor":
			must(w.n.Accounts.SetPolicy(ctx, accounts.Policy{TwoEyes: true}))
		}
		var wg sync.WaitGroup
		for _, m := range members {
			wg.Go(func() { w.sweepLost(t, m, r, state.name, state.page, sum) })
		}
		wg.Wait()
	}
	for _, route := range matrixRoutes(w.n.Routes) {
		url, _ := fill(cmp.Or(probes[route.Method+" "+route.Path].url, route.Path), slotsFor(route.Path, r))
		got := w.ask(nil, route.Method, url, nil)
		sum.note(t, route.Method+" "+route.Path, "signed out", &member{login: "a stranger"}, got, false)
		if got.status != http.StatusUnauthorized {
			t.Errorf("%s %s answers a stranger %d", route.Method, route.Path, got.status)
		}
	}
}

// sweepLost asks every route as somebody who may nothing any more, but see the own page where page says so.
func (w *world) sweepLost(t *testing.T, m *member, r *records, state string, page bool, sum *tally) {
	for _, route := range matrixRoutes(w.n.Routes) {
		key := route.Method + " " + route.Path
		p := probes[key]
		url, _ := fill(cmp.Or(p.url, route.Path), slotsFor(route.Path, r))
		var body any
		if p.body != nil {
			body = p.body(w, m, r)
		}
		sum.note(t, key, state, m, w.ask(m, route.Method, url, body), page && route.Class == "signed_in")
	}
}
