package network_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/area/network"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
	"serai/internal/web"
)

// door is the network behind HTTP. Tokens are the names of the actors.
type door struct {
	*place
	*web.Mux
}

func (d *door) Actor(_ context.Context, token string) (access.Actor, error) {
	for name, a := range map[string]access.Actor{"admin": admin, "manager": manager, "lead": lead, "volunteer": volunteer, "captain": captain} {
		if token == name {
			return a, nil
		}
	}
	return access.Actor{}, fault.NotFound("accounts.no_session", "")
}

func (d *door) Refused(context.Context, web.Refusal) error { return nil }

func newDoor(t testing.TB) *door {
	t.Helper()
	d := &door{}
	db, err := store.Open(context.Background(), testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	d.place = newPlace(t, db).withDemo(t)
	d.Mux = newMux(d)
	return d
}

func newMux(d *door) *web.Mux {
	m := web.New(web.Config{Node: "test", Sessions: d, Guard: d, Clock: d.Clock.Now, RequestKey: []byte("test")})
	d.place.Routes(m)
	return m
}

func (d *door) call(who, method, path, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("Authorization", "Bearer "+who)
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	testkit.Golden(t, filepath.Join("testdata", "answers", name), got)
}

// TestEveryRoute plays one day at a node: of every route first a refusal, then the answer.
func TestEveryRoute(t *testing.T) {
	d := newDoor(t)
	const js = "application/json"
	steps := []struct {
		name, method, path, body string
		refuse                   string // who is refused; "" is nobody signed in
		status                   int    // of the refusal
		who                      string
		golden                   string
	}{
		{"points", "GET", "/api/points?country=NE&kind=hsp", "", "", 401, "volunteer", "points.json"},
		{"points by text", "GET", "/api/points?q=tekun", "", "", 401, "volunteer", "points_none.json"},
		{"points open at night", "GET", "/api/points?organisation=RTN&open_at=2026-03-10T01:00:00Z", "", "", 401, "volunteer", "points_night.json"},
		{"one point", "GET", "/api/points/NE-AGZ", "", "", 401, "volunteer", "point.json"},
		{"a ship for others", "GET", "/api/points/SEA-OV", "", "", 401, "admin", "ship_hidden.json"},
		{"a ship for its own", "GET", "/api/points/SEA-OV", "", "", 401, "captain", "ship.json"},
		{"organisations", "GET", "/api/organisations", "", "", 401, "volunteer", "organisations.json"},
		{"routes", "GET", "/api/routes", "", "", 401, "volunteer", "routes.json"},
		{"routes the other way", "GET", "/api/routes?reversed=true", "", "", 401, "volunteer", "routes_reversed.json"},
		{"add an organisation", "POST", "/api/organisations", `{"code":"MSF-X","name":"Doctors of the road","kind":"partner"}`, "manager", 403, "admin", "organisation_added.json"},
		{"add a point", "POST", "/api/points", `{"id":"01920000-0000-7000-8000-0000000000aa","code":"NE-NEW","organisation":"NRC","name":"New tent","kind":"hsp","mobility":"mobile","country":"NE","lat":17.5,"lon":8.1,"state":"planned","services":[{"code":"water","hours":"Mo-Fr 08:00-12:00"}]}`, "lead", 403, "manager", "point_added.json"},
		{"found by its code too", "GET", "/api/points/NE-NEW", "", "", 401, "volunteer", "point_added.json"},
		{"change a point", "PATCH", "/api/points/NE-AGZ", `{"beds":12,"women_hours":"Tu 14:00-16:00","visibility":"coarse"}`, "lead", 403, "manager", "point_changed.json"},
		{"change hours, services and languages of the own point", "PATCH", "/api/points/NE-AGZ", `{"hours":"Mo-Sa 08:00-18:00","services":[{"code":"water"},{"code":"food.meal","hours":"Mo-Sa 12:00-14:00"}],"languages":["ha","fr"],"beds":14}`, "volunteer", 403, "lead", "point_tended.json"},
		{"a mobile point is here now", "POST", "/api/points/NE-NEW/position", `{"lat":18.74,"lon":7.39,"from":"2026-03-10T08:00:00Z","until":"2026-03-11T04:00:00Z"}`, "lead", 403, "manager", "point_moved.json"},
		{"suspend", "POST", "/api/points/NE-AGZ/state", `{"state":"suspended","why":"flood","on":"2026-03-10"}`, "volunteer", 403, "lead", "point_suspended.json"},
		{"open again", "POST", "/api/points/NE-AGZ/state", `{"state":"open","on":"2026-03-10"}`, "captain", 403, "lead", "point_opened.json"},
		{"a ship's plan", "POST", "/api/points/SEA-OV/position", `{"lat":33.1,"lon":12.4,"from":"2026-03-10T00:00:00Z","until":"2026-03-12T00:00:00Z"}`, "lead", 403, "captain", "ship_planned.json"},
		{"an exceptional day", "POST", "/api/points/NE-AGZ/exceptions", `{"day":"2026-03-10","off":true,"why":"feast"}`, "volunteer", 403, "lead", "point_excepted.json"},
		{"write the daily log", "POST", "/api/points/NE-AGZ/days", `{"day":"2026-03-09","opened":"08:10","closed":"18:00","staff_women":2,"staff_men":1,"volunteers_women":3,"volunteers_men":2,"hours":61.5,"turned_away":4}`, "captain", 403, "lead", "day_logged.json"},
		{"write the daily log with beds", "POST", "/api/points/NE-AGZ/days", `{"day":"2026-03-08","opened":"08:10","closed":"18:00","staff_women":2,"staff_men":1,"volunteers_women":0,"volunteers_men":0,"hours":20,"turned_away":0,"beds_used":11}`, "volunteer", 403, "lead", "day_logged_beds.json"},
		{"read the daily logs", "GET", "/api/points/NE-AGZ/days?from=2026-03-01&to=2026-03-31", "", "captain", 404, "lead", "days.json"},
		{"add a project", "POST", "/api/projects", `{"code":"MDRNE031","name":"Route appeal","organisation":"NRC","donor":"Everybody"}`, "lead", 403, "manager", "project_added.json"},
		{"projects", "GET", "/api/projects", "", "", 401, "volunteer", "projects.json"},
		{"projects of others are not there", "GET", "/api/projects", "", "", 401, "captain", "projects_none.json"},
		{"fund", "POST", "/api/funding", `{"id":"01920000-0000-7000-8000-0000000000bb","point":"NE-AGZ","service":"water","project":"MDRNE031","share":60,"from":"2026-01-01","until":"2026-12-31"}`, "captain", 403, "manager", "funded.json"},
		{"end the funding", "PATCH", "/api/funding/01920000-0000-7000-8000-0000000000bb", `{"until":"2026-06-30"}`, "captain", 404, "manager", "funding_ended.json"},
		{"funding", "GET", "/api/funding?point=NE-AGZ", "", "volunteer", 403, "manager", "funding.json"},
		{"funding of others is not there", "GET", "/api/funding", "", "volunteer", 403, "captain", "funding_none.json"},
		{"given twice", "GET", "/api/network/twice", "", "lead", 403, "admin", "twice.json"},
		{"export organisations", "GET", "/api/export/network/organisations.csv", "", "", 401, "volunteer", "organisations.csv"},
		{"export points", "GET", "/api/export/network/points.csv", "", "", 401, "volunteer", "points.csv"},
		{"export routes", "GET", "/api/export/network/routes.csv", "", "", 401, "volunteer", "routes.csv"},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			refused := d.call(step.refuse, step.method, step.path, js, step.body)
			if refused.Code != step.status {
				t.Errorf("%q got %d, want %d: %s", step.refuse, refused.Code, step.status, refused.Body)
			}
			got := d.call(step.who, step.method, step.path, js, step.body)
			if got.Code/100 != 2 {
				t.Fatalf("%s got %d: %s", step.who, got.Code, got.Body)
			}
			golden(t, step.golden, got.Body.Bytes())
		})
	}
	t.Run("import", func(t *testing.T) {
		body, kind := form(t, map[string]string{"points": "code,name,kind,mobility,organisation,country,lat,lon\nNE-AGZ,Agadez service point,hsp,fixed,NRC,NE,16.97333,7.99111\nNE-X1,Tent,hsp,mobile,NRC,NE,,\n"})
		if w := d.call("lead", "POST", "/api/import/network?dry_run=true", kind, body); w.Code != 403 {
			t.Errorf("a lead may import: %d", w.Code)
		}
		for _, q := range []string{"?dry_run=true", "?dry_run=false"} {
			w := d.call("manager", "POST", "/api/import/network"+q, kind, body)
			if w.Code != 200 {
				t.Fatalf("%d: %s", w.Code, w.Body)
			}
			golden(t, "import_"+strings.TrimPrefix(q, "?")+".json", w.Body.Bytes())
		}
	})
	t.Run("every route was played", func(t *testing.T) {
		played := map[string]bool{"POST /api/import/network": true}
		for _, s := range steps {
			path, _, _ := strings.Cut(s.path, "?")
			for _, r := range d.Mux.Routes() {
				if r.Method == s.method && matches(r.Path, path) {
					played[r.Method+" "+r.Path] = true
				}
			}
		}
		for _, r := range d.Mux.Routes() {
			if r.Class == "permission" && !played[r.Method+" "+r.Path] {
				t.Errorf("%s %s was not played", r.Method, r.Path)
			}
		}
	})
	d.RebuildsAlike(t)
}

func matches(pattern, path string) bool {
	a, b := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !strings.HasPrefix(a[i], "{") {
			return false
		}
	}
	return true
}

func form(t *testing.T, files map[string]string) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, content := range files {
		part, err := w.CreateFormFile(name, name+".csv")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte(content))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

func TestARepeatedCommandIsDoneOnce(t *testing.T) {
	d := newDoor(t)
	const body = `{"id":"01920000-0000-7000-8000-0000000000cc","code":"NE-TWO","organisation":"NRC","name":"Twice","kind":"hsp","mobility":"mobile","country":"NE"}`
	first := d.call("manager", "POST", "/api/points", "application/json", body)
	again := d.call("manager", "POST", "/api/points", "application/json", body)
	if first.Code != 201 || again.Code != 201 || first.Body.String() != again.Body.String() {
		t.Errorf("%d %s\n%d %s", first.Code, first.Body, again.Code, again.Body)
	}
	other := d.call("manager", "POST", "/api/points", "application/json", strings.Replace(body, "Twice", "Other", 1))
	if other.Code != 409 || !strings.Contains(other.Body.String(), "id_taken") {
		t.Errorf("another content under the id: %d %s", other.Code, other.Body)
	}
}

func TestTwoEditsThatDidNotKnowOfEachOtherAreBothShown(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db).withDemo(t)
		ctx := context.Background()
		before, err := p.Point(ctx, manager, agz)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string][]fact.FactID{"name": before.Heads["name"]}
		for _, name := range []string{"East gate", "West gate"} {
			p.Clock.Add(time.Minute)
			if err := p.EditPoint(ctx, manager, fact.FactID{}, agz, network.PointEdit{Name: &name, Replaces: seen}); err != nil {
				t.Fatal(err)
			}
		}
		after, err := p.Point(ctx, manager, agz)
		if err != nil {
			t.Fatal(err)
		}
		if after.Name != "West gate" || len(after.Conflicts) != 1 || after.Conflicts[0].Field != "name" || len(after.Conflicts[0].Values) != 2 {
			t.Fatalf("the later one shows and both are listed: %q %+v", after.Name, after.Conflicts)
		}
		if err := p.EditPoint(ctx, manager, fact.FactID{}, agz, network.PointEdit{Name: ptr("West gate"), Replaces: after.Heads}); err != nil {
			t.Fatal(err)
		}
		done, err := p.Point(ctx, manager, agz)
		if err != nil || len(done.Conflicts) != 0 || done.Name != "West gate" {
			t.Errorf("a resolution that names all heads ends it, also with the value that showed: %+v %v", done.Conflicts, err)
		}
		p.RebuildsAlike(t)
	})
}

func TestTheDeskKnowsAChangeAtOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db).withDemo(t)
		ctx := context.Background()
		desk := func(where string) (d network.Desk) {
			err := p.DB.Write(ctx, func(tx *store.Tx) error {
				var found bool
				var err error
				d, found, err = p.PointForDesk(tx, agz)
				if !found {
					t.Errorf("%s: the point is not there", where)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		desk("cold")
		if d := desk("warm"); d.State != network.Open {
			t.Fatalf("it is %s", d.State)
		}
		next := network.Life{State: network.Suspended, On: day(t, "2026-03-10"), Why: "flood"}
		if err := p.ChangeState(ctx, lead, fact.FactID{}, agz, next, nil); err != nil {
			t.Fatal(err)
		}
		if d := desk("after"); d.State != network.Suspended {
			t.Errorf("the desk still believes that it is %s", d.State)
		}
	})
}
