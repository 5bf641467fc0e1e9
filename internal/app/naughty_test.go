package app

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"serai/internal/access"
	"serai/internal/store"
	"serai/internal/web"
)

// naughty are values that people, keyboards, broken programs and attackers send.
var naughty = []any{
	nil, true, 0, -1, 1e308, -1e308, 1 << 62, 0.1, json.Number("1e400"), json.Number("99999999999999999999999999"), json.Number("-0"),
	"", " ", "\x00", "a\x00b", "\u202Egnp.exe", "\u2066x\u2069", "😀😀😀", "👩‍👩‍👧‍👦", strings.Repeat("x", 10_000), strings.Repeat("ش", 10_000),
	strings.Repeat("👍🏽", 2_000), "ﷺ", "\uFEFF", "\uFFFD", "é\u0301\u0301\u0301\u0301", "İıſK", "null", "undefined", "NaN", "' OR 1=1 --", "$1", "%s%n%d", "{{.}}",
	"<script>alert(1)</script>", "../../etc/passwd", "=1+1", "1899-12-31", "2999-01-01", "0000-00-00", "2026-02-30", "9999-99-99", "1899-12-31T00:00:00Z",
	"2999-01-01T00:00:00Z", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "not-an-id", "NE-AGZ", "ne-agz", "NE-???",
	[]any{}, []any{nil}, []any{[]any{[]any{}}}, object{}, object{"a": object{"b": object{}}}, slices.Repeat([]any{"x"}, 1000),
}

// naughtyText are values for addresses and headers.
var naughtyText = func() (out []string) {
	for _, v := range naughty {
		if s, ok := v.(string); ok && len(s) < 4000 {
			out = append(out, s)
		}
	}
	return append(out, "-1", "0", "1e99", strings.Repeat("9", 300), strings.Repeat("%00", 20), "a,b,c,,", strings.Repeat("a,", 900))
}()

// rawBodies are whole bodies that are no proper JSON, or too much of it.
var rawBodies = []raw{
	{"application/json", []byte("")}, {"application/json", []byte("{")}, {"application/json", []byte("nul")}, {"application/json", []byte("[]")}, {"application/json", []byte(`"x"`)},
	{"application/json", []byte("12")}, {"application/json", []byte("null")}, {"application/json", []byte(`{"id":1,"id":2}`)}, {"application/json", []byte(`{"point":"NE-AGZ","point":"LY-TIP"}`)},
	{"application/json", []byte(strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000))}, {"application/json", []byte(strings.Repeat("[", 100_000))},
	{"application/json", []byte("\xff\xfe{\x00}\x00")}, {"application/json", []byte("\xef\xbb\xbf{}")}, {"application/json", []byte(`{"` + strings.Repeat("k", 100_000) + `":1}`)},
	{"application/json", []byte(`{"name":{"parts":["\ud800"]}}`)}, {"application/json", []byte(`{"a":1}{"b":2}`)}, {"application/json; charset=utf-16", []byte("{}")},
	{"text/plain", []byte("{}")}, {"application/xml", []byte(`<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`)}, {"", []byte("{}")}, {"application/x-www-form-urlencoded", []byte("a=b")},
	{"multipart/form-data; boundary=x", []byte("--x\r\n\r\n")}, {"multipart/form-data", []byte("--x--")}, {"image/png", []byte("\x89PNG\r\n\x1a\n")}, {";;;", []byte("{}")},
}

// What is sent wrongly is answered with a problem, never with our failure or a trace of the program, whatever the route.
func TestNaughtyInputIsAnsweredAndNeverBreaks(t *testing.T) { onEngines(t, sendNaughty) }

func sendNaughty(t *testing.T, e store.Engine, sample bool) {
	w := newWorld(t, e)
	n := naughtyRun{t: t, w: w, seen: map[int]int{}}
	var params map[string][]string
	n.params(&params)
	rounds := 3
	if sample {
		rounds = 1
	}
	var wg sync.WaitGroup
	for round := range rounds {
		var grants []access.Grant
		for _, role := range access.Roles() {
			grants = append(grants, seat(role, homeOrg, ""))
		}
		all := w.hire(fmt.Sprintf("everything%d", round), grants...)
		r := rand.New(rand.NewPCG(uint64(round), 6))
		wg.Go(func() {
			for i, route := range w.n.Routes {
				m := all
				if strings.HasPrefix(route.Path, "/api/me") || strings.HasPrefix(route.Path, "/api/session") { // may end its own session
					m = w.hire(fmt.Sprintf("self%d-%d", round, i), grants...)
				}
				n.route(m, route, params[route.Method+" "+route.Path], r)
			}
		})
	}
	wg.Wait()
	n.large()
	n.alive()
	sent := 0
	for _, c := range n.seen {
		sent += c
	}
	t.Logf("%d requests on %d routes, by status: %v", sent, len(w.n.Routes), n.seen)
	if !sample && sent < 10_000 {
		t.Errorf("%d requests are fewer than were promised", sent)
	}
}

type naughtyRun struct {
	t    *testing.T
	w    *world
	mu   sync.Mutex
	seen map[int]int
}

// params reads the query parameters of every route from the document.
func (n *naughtyRun) params(out *map[string][]string) {
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string } `json:"parameters"`
		} `json:"paths"`
	}
	n.w.ask(nil, http.MethodGet, "/api/openapi.json", nil).into(n.t, &doc)
	*out = map[string][]string{}
	for path, ops := range doc.Paths {
		for method, op := range ops {
			for _, p := range op.Parameters {
				if p.In == "query" {
					key := strings.ToUpper(method) + " " + path
					(*out)[key] = append((*out)[key], p.Name)
				}
			}
		}
	}
}

func (n *naughtyRun) route(m *member, route web.Route, query []string, r *rand.Rand) {
	recs := n.w.records(homeOrg, homePoint, m.actor.Handle)
	key := route.Method + " " + route.Path
	p := probes[key]
	slots := slotsFor(route.Path, recs)
	slots["code"], slots["list"], slots["file"] = "water", "groups", "points.csv"
	slots["lang"], slots["part"] = "ha", "card"
	good, _ := fill(cmp.Or(p.url, route.Path), slots)
	var body any
	if p.body != nil {
		body = p.body(n.w, m, recs)
	}
	if body == nil && route.Method != http.MethodGet {
		body = object{}
	}
	for _, slot := range slotsOf(route.Path) {
		for range 12 {
			bad := map[string]string{}
			for k, v := range slots {
				bad[k] = v
			}
			bad[slot] = url.PathEscape(naughtyText[r.IntN(len(naughtyText))])
			at, _ := fill(route.Path, bad)
			n.send(m, route, at, body)
		}
	}
	for _, name := range query {
		for range 6 {
			v := naughtyText[r.IntN(len(naughtyText))]
			sep := "?"
			if strings.Contains(good, "?") {
				sep = "&"
			}
			n.send(m, route, good+sep+url.QueryEscape(name)+"="+url.QueryEscape(v), body)
		}
	}
	for _, q := range []string{"?%zz", "?a=%00", "?" + strings.Repeat("a&", 500), "?point=NE-AGZ&point=LY-TIP", "?=", "?;"} {
		n.send(m, route, strings.SplitN(good, "?", 2)[0]+q, body)
	}
	if route.Method == http.MethodGet {
		return
	}
	for _, b := range rawBodies {
		n.send(m, route, good, b)
	}
	n.leaves(m, route, good, body, r)
}

// leaves replaces every value of a good body, one after the other, by naughty ones.
func (n *naughtyRun) leaves(m *member, route web.Route, at string, body any, r *rand.Rand) {
	text, err := json.Marshal(body)
	if err != nil {
		n.t.Fatal(err)
	}
	var tree any
	if json.Unmarshal(text, &tree) != nil {
		return
	}
	var walk func(v any, put func(any))
	walk = func(v any, put func(any)) {
		for range 6 {
			put(naughty[r.IntN(len(naughty))])
			n.send(m, route, at, tree)
		}
		put(v)
		switch v := v.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(func(yield func(string) bool) {
				for k := range v {
					if !yield(k) {
						return
					}
				}
			}) {
				walk(v[k], func(x any) { v[k] = x })
			}
		case []any:
			for i := range v {
				walk(v[i], func(x any) { v[i] = x })
			}
		}
	}
	walk(tree, func(x any) { tree = x })
}

func (n *naughtyRun) send(m *member, route web.Route, at string, body any) {
	got := n.w.ask(m, route.Method, at, body)
	n.judge(route.Method+" "+at, got)
}

// judge refuses our own failures, and whatever only the program's inside could say.
func (n *naughtyRun) judge(what string, got answer) {
	n.mu.Lock()
	n.seen[got.status]++
	n.mu.Unlock()
	if got.status >= 500 {
		n.t.Errorf("%.200s: %d %.300s", what, got.status, got.body)
	}
	if got.status < 400 {
		return
	}
	for _, trace := range []string{"goroutine ", "runtime error", ".go:", "panic", "SQLITE", "SQLSTATE", "pgx", "sqlite3", "syntax error", "/internal/"} {
		if bytes.Contains(got.body, []byte(trace)) {
			n.t.Errorf("%.200s tells of the program: %.300s", what, got.body)
		}
	}
}

// endless is a body of many bytes that nobody has to hold.
type endless struct{ left int }

func (e *endless) Read(b []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	k := min(len(b), e.left)
	for i := range k {
		b[i] = 'a'
	}
	e.left -= k
	return k, nil
}

// large sends bodies of fifty megabytes: refused by their size, or read and dropped.
func (n *naughtyRun) large() {
	const size = 50 << 20
	m := n.w.hire("large", seat(access.Volunteer, homeOrg, ""), seat(access.Administrator, homeOrg, ""))
	for _, at := range []string{"/api/contacts", "/api/people", "/api/cards/read", "/api/session", "/api/people/search", "/api/import/network"} {
		for _, kind := range []string{"application/json", "multipart/form-data; boundary=aaaaaaaab"} {
			r := httptest.NewRequest(http.MethodPost, "/", &endless{size})
			r.ContentLength = -1 // and no word about it beforehand
			got := n.w.send(m, r, at, kind)
			n.judge("50 MB to "+at, got)
			if got.status < 400 {
				n.t.Errorf("%s takes 50 MB of nothing: %d", at, got.status)
			}
		}
	}
}

// alive says that the node still works, and holds no more memory than a node at work.
func (n *naughtyRun) alive() {
	m := n.w.hire("after", seat(access.Volunteer, homeOrg, ""))
	if got := n.w.ask(m, http.MethodPost, "/api/contacts", object{"point": homePoint, "services": water, "sex": "F"}); got.status != http.StatusCreated {
		n.t.Errorf("a contact afterwards: %d %s", got.status, got.body)
	}
	for line := range strings.Lines(n.w.log.String()) {
		if strings.Contains(line, "level=ERROR") {
			n.t.Errorf("logged: %s", line)
		}
	}
	runtime.GC()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	n.t.Logf("%d MB of memory held afterwards", mem.HeapAlloc>>20)
	if mem.HeapAlloc > 300<<20 {
		n.t.Errorf("%d MB are held", mem.HeapAlloc>>20)
	}
}
