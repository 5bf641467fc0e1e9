package lists_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/area/lists"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
	"serai/internal/web"
)

type place struct {
	*testkit.Node
	*lists.Service
}

func newPlace(t testing.TB, db *store.DB) *place {
	t.Helper()
	p := &place{}
	p.Node = testkit.NewNode(t, db, func(n *testkit.Node) {
		p.Service = lists.New(lists.Config{DB: n.DB, Journal: n.Journal, Now: n.Clock.Now})
	})
	return p
}

func actor(n byte, role access.Role) access.Actor {
	return access.Actor{Handle: fact.Handle{n}, Full: true, Grants: []access.Grant{{Role: role, Org: fact.OrgByCode("NRC")}}}
}

var (
	admin     = actor(1, access.Administrator)
	volunteer = actor(2, access.Volunteer)
)

// both asks what a command and what a mere reader see.
func (p *place) both(t testing.TB) *catalogue.Catalogue {
	t.Helper()
	var written, read *catalogue.Catalogue
	ctx := context.Background()
	if err := p.DB.Write(ctx, func(tx *store.Tx) (err error) {
		written, err = p.Current(tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := p.DB.Read(ctx, func(tx *store.Tx) (err error) {
		read, err = p.Current(tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if written.Version != read.Version {
		t.Fatalf("a command sees %s, a reader %s", written.Version, read.Version)
	}
	return read
}

func ptr[T any](v T) *T { return &v }

func TestEditing(t *testing.T) {
	tests := []struct {
		name string
		edit catalogue.Edit
		code string // of the refusal
		show func(c *catalogue.Catalogue) any
		want any
	}{
		{"a label changes", catalogue.Edit{Code: "water", Labels: catalogue.Labels{"fr": "Eau"}}, "",
			func(c *catalogue.Catalogue) any {
				s, _ := c.Service("water")
				return s.Labels.In("fr") + "/" + s.Labels.In("en")
			}, "Eau/Drinking water"},
		{"a label of another language joins it", catalogue.Edit{Code: "water", Labels: catalogue.Labels{"ha": "Ruwa"}}, "",
			func(c *catalogue.Catalogue) any {
				s, _ := c.Service("water")
				return s.Labels.In("fr") + "/" + s.Labels.In("ha")
			}, "Eau/Ruwa"},
		{"a service is hidden", catalogue.Edit{Code: "shop", Hidden: ptr(true)}, "",
			func(c *catalogue.Catalogue) any { s, _ := c.Service("shop"); return s.Hidden }, true},
		{"and shown again", catalogue.Edit{Code: "shop", Hidden: ptr(false)}, "",
			func(c *catalogue.Catalogue) any { s, _ := c.Service("shop"); return s.Hidden }, false},
		{"a usual interval changes", catalogue.Edit{Code: "hygiene_kit", Asks: &catalogue.Interval{Count: 1, Hours: 336, Per: "person"}}, "",
			func(c *catalogue.Catalogue) any { s, _ := c.Service("hygiene_kit"); return s.Asks.Hours }, 336},
		{"and goes", catalogue.Edit{Code: "hygiene_kit", NoAsks: true}, "",
			func(c *catalogue.Catalogue) any { s, _ := c.Service("hygiene_kit"); return s.Asks == nil }, true},
		{"a local service is made", catalogue.Edit{Code: "food.local_dates", Add: true, Labels: catalogue.Labels{"en": "Dates"}, Sector: ptr("Food"), Unit: ptr("meal"), Seen: ptr(catalogue.ClassOpen)}, "",
			func(c *catalogue.Catalogue) any { return len(c.Family("food")) }, 4},
		{"and can be hidden", catalogue.Edit{Code: "food.local_dates", Hidden: ptr(true)}, "",
			func(c *catalogue.Catalogue) any { s, _ := c.Service("food.local_dates"); return s.Hidden && s.Local }, true},
		{"a row of a list changes", catalogue.Edit{List: "needs", Code: "clothes", Labels: catalogue.Labels{"en": "Warm clothes"}}, "",
			func(c *catalogue.Catalogue) any { n, _ := c.Lists.Need("clothes"); return n.Labels["en"] }, "Warm clothes"},
		{"a unit never changes", catalogue.Edit{Code: "water", Unit: ptr("meal")}, "catalogue.unit_fixed", nil, nil},
		{"a class never changes", catalogue.Edit{Code: "mhpss", Seen: ptr(catalogue.ClassOpen)}, "catalogue.class_fixed", nil, nil},
		{"an unknown code is refused", catalogue.Edit{Code: "gold", Hidden: ptr(true)}, "catalogue.code_unknown", nil, nil},
		{"an unknown list is refused", catalogue.Edit{List: "gold", Code: "x", Hidden: ptr(true)}, "catalogue.list_unknown", nil, nil},
		{"what nobody may do without cannot be hidden", catalogue.Edit{List: "sexes", Code: "U", Hidden: ptr(true)}, "catalogue.needed", nil, nil},
	}
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db)
		if v := p.both(t).Version; v != catalogue.BaseVersion {
			t.Fatalf("unedited it is %s", v)
		}
		versions := map[string]bool{}
		for _, test := range tests {
			p.Clock.Add(time.Minute)
			_, err := p.Edit(context.Background(), admin, fact.FactID{}, test.edit)
			if test.code != "" {
				if fault.Code(err) != test.code {
					t.Errorf("%s: %v", test.name, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
				continue
			}
			c := p.both(t)
			if got := test.show(c); got != test.want {
				t.Errorf("%s: got %v, want %v", test.name, got, test.want)
			}
			versions[c.Version] = true
		}
		if len(versions) < 7 {
			t.Errorf("only %d versions were named", len(versions))
		}
		if _, err := p.Edit(context.Background(), volunteer, fact.FactID{}, tests[0].edit); fault.Of(err) != fault.ClassForbidden {
			t.Errorf("a volunteer edits: %v", err)
		}
		before := p.both(t).Version
		p.RebuildsAlike(t)
		if after := p.both(t).Version; after != before {
			t.Errorf("rebuilt it is %s, before %s", after, before)
		}
	})
}

type door struct {
	*place
	*web.Mux
}

func (d *door) Actor(_ context.Context, token string) (access.Actor, error) {
	switch token {
	case "admin":
		return admin, nil
	case "volunteer":
		return volunteer, nil
	}
	return access.Actor{}, fault.NotFound("accounts.no_session", "")
}

func (d *door) Refused(context.Context, web.Refusal) error { return nil }

func TestEveryRoute(t *testing.T) {
	db, err := store.Open(context.Background(), testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	d := &door{place: newPlace(t, db)}
	d.Mux = web.New(web.Config{Node: "test", Sessions: d, Guard: d, Clock: d.Clock.Now, RequestKey: []byte("test")})
	d.place.Routes(d.Mux)
	call := func(who, method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		r.Header.Set("Authorization", "Bearer "+who)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		return w
	}
	for _, step := range []struct {
		method, path, body, refuse string
		status                     int
		who, golden                string
	}{
		{"GET", "/api/services", "", "nobody", 401, "volunteer", "services.json"},
		{"GET", "/api/lists", "", "nobody", 401, "volunteer", "lists.json"},
		{"PATCH", "/api/services/water", `{"labels":{"ha":"Ruwa"},"hidden":false}`, "volunteer", 403, "admin", "service_changed.json"},
		{"PATCH", "/api/services/food.meal", `{"no_asks":true}`, "volunteer", 403, "admin", "service_asks.json"},
		{"POST", "/api/services", `{"code":"items.local_fan","family":"items","labels":{"en":"Hand fan"},"sector":"Items","unit":"piece","seen":"O"}`, "volunteer", 403, "admin", "service_added.json"},
		{"PATCH", "/api/lists/needs/clothes", `{"labels":{"en":"Warm clothes"}}`, "volunteer", 403, "admin", "term_changed.json"},
	} {
		if w := call(step.refuse, step.method, step.path, step.body); w.Code != step.status {
			t.Errorf("%s %s: %q got %d: %s", step.method, step.path, step.refuse, w.Code, w.Body)
		}
		w := call(step.who, step.method, step.path, step.body)
		if w.Code/100 != 2 {
			t.Errorf("%s %s: %d: %s", step.method, step.path, w.Code, w.Body)
			continue
		}
		golden(t, step.golden, firsts(t, w.Body.Bytes()))
	}
	if w := call("admin", "POST", "/api/services", `{"code":"gold","labels":{},"sector":"x","unit":"y","seen":"O"}`); w.Code != 422 || !strings.Contains(w.Body.String(), `"field":"unit"`) {
		t.Errorf("a bad service: %d %s", w.Code, w.Body)
	}
}

// firsts keeps the first row of every list of an answer: the rows are those of the catalogue, which has tests of its own.
func firsts(t *testing.T, answer []byte) []byte {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal(answer, &all); err != nil {
		t.Fatal(err)
	}
	for name, raw := range all {
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil && len(list) > 1 {
			all[name], _ = json.Marshal(list[:1])
		}
	}
	out, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	testkit.Golden(t, filepath.Join("testdata", name), got)
}

// TestWordsSpeakFourLanguages holds every list to four languages, and the languages to those that the points speak.
func TestWordsSpeakFourLanguages(t *testing.T) {
	raw, err := os.ReadFile("words.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string][]catalogue.Term
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for list, terms := range all {
		seen := map[string]bool{}
		for _, term := range terms {
			if seen[term.Code] {
				t.Errorf("%s: %s stands there twice", list, term.Code)
			}
			seen[term.Code] = true
			for _, lang := range catalogue.Languages() {
				if term.Labels[lang] == "" {
					t.Errorf("%s: %s has no label in %s", list, term.Code, lang)
				}
			}
		}
		if list == "languages" {
			for _, code := range strings.Fields("ha fr ar en kr dje bm ses mos dyu ti am bn om so es ht el fa uk mk") {
				if !seen[code] {
					t.Errorf("a point speaks %s, which the list does not know", code)
				}
			}
		}
	}
}
