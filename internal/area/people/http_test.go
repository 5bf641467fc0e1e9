package people_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
	"serai/internal/web"
)

// door is the area behind HTTP. Tokens are the names of the actors.
type door struct {
	*house
	*web.Mux
}

func (d *door) Actor(_ context.Context, token string) (access.Actor, error) {
	for _, a := range []access.Actor{hawa, ibrahim, nurse, officer, clerk, manager, lead, salma} {
		if token == a.Name {
			return a, nil
		}
	}
	return access.Actor{}, fault.NotFound("accounts.no_session", "")
}

func (d *door) Refused(context.Context, web.Refusal) error { return nil }

func newDoor(t testing.TB) *door {
	t.Helper()
	db, err := store.Open(ctx, testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	d := &door{house: build(t, db)}
	d.Mux = web.New(web.Config{Node: "test", Sessions: d, Guard: d, Clock: d.Clock.Now, RequestKey: []byte("test")})
	d.house.Routes(d.Mux)
	return d
}

func (d *door) call(who, method, path, body string, key ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+who)
	for _, k := range key {
		r.Header.Set("Idempotency-Key", k)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	testkit.Golden(t, filepath.Join("testdata", "answers", name), got)
}

const (
	amina = "01920000-0000-7000-8000-000000000001"
	issa  = "01920000-0000-7000-8000-000000000002"
	ended = "01920000-0000-7000-8000-0000000000b1"
	twin  = "01920000-0000-7000-8000-000000000003"
	first = "01920000-0000-7000-8000-0000000000b0"
)

// TestEveryRoute plays a day: of every route first a refusal, then the answer.
func TestEveryRoute(t *testing.T) {
	d := newDoor(t)
	consent := `{"id":"%s","basis":"consent","purpose":"file","language":"ha","how":"spoken","answer":"yes"}`
	open := `{"id":"` + amina + `","point":"NE-AGZ","name":{"parts":["Amina","Issoufou"],"script":"latin"},"sex":"F","age":{"low":24,"high":26,"on":"2026-03-10","method":"stated"},"languages":["ha"],"interpreter":true,"needs":["food_water"],"basis":` + fmt.Sprintf(consent, first) + `}`
	nameless := `{"id":"` + issa + `","point":"NE-AGZ","name":null,"sex":"M","age":null,"languages":[],"interpreter":false,"needs":[],"basis":{"basis":"vital_interest","reason":"unconscious"}}`
	second := strings.NewReplacer(amina, twin, first, "01920000-0000-7000-8000-0000000000b2", `"Amina","Issoufou"`, `"Aminatou","Isufu"`, `"needs":["food_water"]`, `"needs":[]`).Replace(open)
	p := "/api/people/" + amina
	opened := fact.Derive[fact.FactOf]("people.opened", amina).String()
	steps := []struct {
		name, method, path, body string
		refuse                   string
		status                   int
		who, golden              string
	}{
		{"open a file", "POST", "/api/people", open, "Manager", 403, "Hawa", "opened.json"},
		{"open one without a name", "POST", "/api/people", nameless, "Salma", 404, "Hawa", "nameless.json"},
		{"read", "GET", p, "", "Ibrahim", 404, "Hawa", "opened.json"},
		{"change", "PATCH", p, `{"changes":{"name":{"value":{"parts":["Amina","Issoufou","Sani"]},"replaces":["` + opened + `"]},"age":{"value":{"low":25,"high":25,"method":"birth_date","birth_date":"2000-05-01"},"replaces":["` + opened + `"]},"needs_add":["clothes"],"needs_remove":["food_water"]}}`,
			"Salma", 404, "Hawa", "changed.json"},
		{"take the name back", "PATCH", p, `{"changes":{"name":{"value":null,"replaces":["` + opened + `"]}}}`, "Clerk", 403, "Hawa", "conflict.json"},
		{"the lead sees both", "GET", p, "", "Ibrahim", 404, "Lead", "conflict_lead.json"},
		{"settle it", "PATCH", p, `{"changes":{"name":{"value":{"parts":["Amina","Issoufou"]},"replaces":["HEADS"]}}}`, "Ibrahim", 404, "Lead", "settled.json"},
		{"open a second file", "POST", "/api/people", second, "Manager", 403, "Nurse", "second.json"},
		{"what may be one person", "GET", p + "/alike", "", "Hawa", 403, "Lead", "alike.json"},
		{"say that it is", "POST", p + "/alike", `{"with":"` + twin + `","answer":"same"}`, "Nurse", 403, "Lead", "same.json"},
		{"record a basis", "POST", p + "/bases", `{"id":"` + ended + `","basis":"consent","purpose":"sharing","recipient":"clinic","fields":["needs"],"until":"2026-04-10","language":"ha","how":"played","answer":"yes"}`,
			"Ibrahim", 404, "Hawa", "basis.json"},
		{"withdraw it", "POST", p + "/bases/" + ended + "/withdraw", `{"how":"spoken"}`, "Salma", 404, "Hawa", "withdrawn.json"},
		{"list the bases", "GET", p + "/bases", "", "Clerk", 403, "Hawa", "bases.json"},
		{"note what happened", "POST", p + "/events", `{"kind":"card_lost","on":"2026-03-09","note":"on the truck"}`, "Ibrahim", 404, "Hawa", "event.json"},
		{"link companions", "POST", p + "/companions", `{"with":"` + issa + `","relation":"brother"}`, "Ibrahim", 404, "Hawa", "companion.json"},
		{"search", "POST", "/api/people/search", `{"name":"Aminatou Isufu","sex":"F"}`, "Clerk", 403, "Hawa", "search.json"},
		{"search elsewhere", "POST", "/api/people/search", `{"name":"Aminatou Isufu","sex":"F"}`, "", 401, "Salma", "search_none.json"},
		{"today", "GET", "/api/people/today?point=NE-AGZ", "", "Ibrahim", 404, "Hawa", "today.json"},
		{"what somebody may ask for", "POST", "/api/people/rights", `{"person":"` + amina + `"}`, "Hawa", 403, "Clerk", "rights.json"},
		{"copy to print", "GET", p + "/copy?lang=fr", "", "Hawa", 403, "Clerk", "copy.html"},
		{"copy as data", "GET", p + "/copy?format=json", "", "Manager", 403, "Clerk", "copy.json"},
		{"leave a companion", "DELETE", "/api/people/" + issa + "/companions/" + amina, "", "Salma", 404, "Hawa", "empty"},
		{"who opened it", "GET", p + "/access-log", "", "Hawa", 403, "Clerk", "access_log.json"},
		{"erase", "POST", p + "/erase", `{"reason":"person_asked","confirm":true}`, "Hawa", 403, "Officer", "erased.json"},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			if strings.Contains(step.body, "HEADS") {
				person, _ := fact.ParseID[fact.PersonOf](amina)
				f, err := d.File(ctx, lead, person)
				if err != nil {
					t.Fatal(err)
				}
				var heads []string
				for _, id := range f.Heads["name"] {
					heads = append(heads, id.String())
				}
				step.body = strings.Replace(step.body, "HEADS", strings.Join(heads, `","`), 1)
			}
			refused := d.call(step.refuse, step.method, step.path, step.body)
			if refused.Code != step.status {
				t.Errorf("%q got %d, want %d: %s", step.refuse, refused.Code, step.status, refused.Body)
			}
			got := d.call(step.who, step.method, step.path, step.body)
			if got.Code/100 != 2 {
				t.Fatalf("%s got %d: %s", step.who, got.Code, got.Body)
			}
			golden(t, step.golden, got.Body.Bytes())
		})
	}
	t.Run("absent and out of reach are the same bytes", func(t *testing.T) {
		absent := d.call("Hawa", "GET", "/api/people/01920000-0000-7000-8000-00000000dead", "")
		hidden := d.call("Ibrahim", "GET", "/api/people/"+issa, "")
		erased := d.call("Hawa", "GET", p, "")
		for _, w := range []*httptest.ResponseRecorder{hidden, erased} {
			if w.Code != 404 || !bytes.Equal(w.Body.Bytes(), absent.Body.Bytes()) {
				t.Errorf("%s\n%s", w.Body, absent.Body)
			}
		}
	})
	t.Run("every route was played", func(t *testing.T) {
		played := map[string]bool{}
		for _, s := range steps {
			path, _, _ := strings.Cut(s.path, "?")
			path = strings.NewReplacer("companions/"+amina, "companions/{other}", amina, "{person}", issa, "{person}", ended, "{basis}").Replace(path)
			played[s.method+" "+path] = true
		}
		for _, r := range d.Mux.Routes() {
			if strings.HasPrefix(r.Path, "/api/people") && !played[r.Method+" "+r.Path] {
				t.Errorf("%s %s was not played", r.Method, r.Path)
			}
		}
	})
}

func TestARepeatIsAnsweredAndAnotherContentIsNot(t *testing.T) {
	d := newDoor(t)
	body := `{"id":"` + amina + `","point":"NE-AGZ","sex":"F","basis":{"basis":"vital_interest","reason":"unconscious"}}`
	for range 2 {
		if w := d.call("Hawa", "POST", "/api/people", body, "k-1"); w.Code != 201 || !strings.Contains(w.Body.String(), amina) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	other := strings.Replace(body, `"F"`, `"M"`, 1)
	if w := d.call("Hawa", "POST", "/api/people", other, "k-1"); w.Code != 409 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := d.call("Hawa", "POST", "/api/people", other, "k-2"); w.Code != 409 || !strings.Contains(w.Body.String(), "id_taken") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestBadBodiesAreClearErrors(t *testing.T) {
	d := newDoor(t)
	basis := `"basis":{"basis":"consent","language":"ha","how":"spoken","answer":"yes"}`
	for _, test := range []struct{ name, body, want string }{
		{"an override in a name", `{"point":"NE-AGZ","name":{"parts":["Ali\u202e"]},` + basis + `}`, `"field":"name.parts.0","code":"web.bad_text"`},
		{"NUL in a name", `{"point":"NE-AGZ","name":{"parts":["Ali\u0000"]},` + basis + `}`, `"field":"name.parts.0","code":"web.bad_text"`},
		{"a long name", `{"point":"NE-AGZ","name":{"parts":["` + strings.Repeat("a", 10_000) + `"]},` + basis + `}`, `"code":"people.name_long"`},
		{"emoji", `{"point":"NE-AGZ","name":{"parts":["😀"]},` + basis + `}`, `"code":"people.name_symbols"`},
		{"no basis", `{"point":"NE-AGZ"}`, `"field":"basis"`},
		{"an id that is none", `{"point":"NE-AGZ","id":"7",` + basis + `}`, `"field":"id"`},
		{"an age of 180", `{"point":"NE-AGZ","age":{"low":180,"high":180,"method":"stated"},` + basis + `}`, `"field":"age","code":"people.age_impossible"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := d.call("Hawa", "POST", "/api/people", test.body)
			if w.Code != 422 || !strings.Contains(w.Body.String(), test.want) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}
