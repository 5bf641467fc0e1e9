package view

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/area/network"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
	"serai/internal/web"
)

var (
	admin   = actor(10, access.Administrator, nrc, fact.PointID{})
	tripoli = fact.PointByCode("LY-TIP")
	vessel  = fact.PointByCode("SEA-OV")
)

// network brings the demonstration network to the node. Its points are hidden until somebody says otherwise.
func (h *house) importNetwork(t testing.TB) {
	t.Helper()
	files, err := network.ReadFiles(network.DemoNetwork)
	if err != nil {
		t.Fatal(err)
	}
	if done, err := h.network.Import(context.Background(), admin, files, false); err != nil || !done.Done {
		t.Fatalf("%v %+v", err, done.Errors)
	}
	h.Network = h.network
}

func (h *house) show(t testing.TB, visibility string, points ...fact.PointID) {
	t.Helper()
	women := "Tu,Th 14:00-16:00"
	for _, p := range points {
		edit := network.PointEdit{Visibility: &visibility, WomenHours: &women}
		if err := h.network.EditPoint(context.Background(), admin, fact.FactID{}, p, edit); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t testing.TB, m *web.Mux, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept", "text/html")
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	return w
}

func TestHiddenPointsAreOnNoPublicPage(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.importNetwork(t)
		m := h.door(t)
		if body := read(t, m, "/").Body.String(); strings.Contains(body, "Agadez") || !strings.Contains(body, "No point is listed") {
			t.Errorf("all are hidden: %s", body)
		}
		h.show(t, network.Full, agadez, vessel)
		h.show(t, network.Coarse, tripoli)
		all, err := h.network.Points(context.Background(), access.Actor{}, network.PointFilter{})
		if err != nil {
			t.Fatal(err)
		}
		body := read(t, m, "/").Body.String()
		for _, p := range all {
			shown := p.Visibility == network.Full
			if got := strings.Contains(body, p.Code+"?") || strings.Contains(body, ">"+p.Name+"<"); got != shown {
				t.Errorf("%s (%s) on the first page: %v", p.Code, p.Visibility, got)
			}
			if w := read(t, m, "/points/"+p.Code); (w.Code == 200) != shown {
				t.Errorf("page of %s (%s): %d", p.Code, p.Visibility, w.Code)
			}
		}
		// Of the coarse one the region, the services and nothing that tells which it is.
		if !strings.Contains(body, "Libya") || strings.Contains(body, "Tripoli service") {
			t.Errorf("the coarse point: %s", body)
		}
		// "Not to be shown" and "not there" answer the same bytes, apart from the number of the request.
		request := regexp.MustCompile(`[0-9a-f-]{16,36}`)
		hidden, absent := read(t, m, "/points/NE-ARL"), read(t, m, "/points/ZZ-ABC")
		if a, b := request.ReplaceAllString(hidden.Body.String(), ""), request.ReplaceAllString(absent.Body.String(), ""); hidden.Code != 404 || a != b {
			t.Errorf("hidden %d %s\nabsent %d %s", hidden.Code, a, absent.Code, b)
		}
		// No coordinates at all, least of all a ship's.
		for _, page := range []string{body, read(t, m, "/points/NE-AGZ").Body.String(), read(t, m, "/points/SEA-OV").Body.String()} {
			if regexp.MustCompile(`\d+\.\d{3,}`).MatchString(page) {
				t.Errorf("a position on a public page: %s", page)
			}
		}
	})
}

func TestThePageOfAPoint(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.importNetwork(t)
		h.show(t, network.Full, agadez)
		h.Site = "https://help.example.org"
		if err := h.network.Except(context.Background(), actor(11, access.PointLead, nrc, agadez), fact.FactID{}, agadez, network.Exception{Day: day(t, "2026-03-12"), Off: true, Why: "threats"}, nil); err != nil {
			t.Fatal(err)
		}
		m := h.door(t)
		page := read(t, m, "/points/NE-AGZ").Body.String()
		for _, part := range []string{`<html lang="en" dir="ltr">`, "Agadez service point", "Open now, until 18:00", "Monday – Sunday", "08:00–18:00", "For women", "14:00–16:00",
			"Help is free. You need not give your name.", "Hausa", "Drinking water", "12 March 2026", "https://help.example.org/points/NE-AGZ", `href="/leave"`, "?lang=ar"} {
			if !strings.Contains(page, part) {
				t.Errorf("%q is missing", part)
			}
		}
		for _, part := range []string{"threats", "<script", "style=", "javascript", "http://"} {
			if strings.Contains(page, part) {
				t.Errorf("%q is there", part)
			}
		}
		arabic := read(t, m, "/points/NE-AGZ?lang=ar&fbclid=1")
		if body := arabic.Body.String(); arabic.Code != 200 || !strings.Contains(body, `<html lang="ar" dir="rtl">`) || !strings.Contains(body, "المساعدة مجانية") || !strings.Contains(body, "ماء للشرب") {
			t.Errorf("%d %s", arabic.Code, body)
		}
		french := read(t, m, "/", "Accept-Language: fr-NE,fr;q=0.9")
		if body := french.Body.String(); !strings.Contains(body, `lang="fr"`) || !strings.Contains(body, "Ouvert maintenant, jusqu’à 18:00") || french.Header().Get("Vary") == "" {
			t.Errorf("%s", body)
		}
		policy := french.Header().Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe-inline") {
			t.Error(policy)
		}
		if w := read(t, m, "/public.css"); w.Code != 200 || !strings.Contains(w.Body.String(), "prefers-color-scheme: dark") {
			t.Errorf("style %d", w.Code)
		}
		h.Clock.Set(time.Date(2026, 3, 10, 20, 0, 0, 0, time.UTC))
		if body := read(t, m, "/points/NE-AGZ").Body.String(); !strings.Contains(body, "Closed now, opens Wednesday 08:00") {
			t.Error(body)
		}
		out := read(t, m, "/leave")
		if body := out.Body.String(); strings.Contains(body, "Help") || strings.Contains(body, "Serai") || out.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("the page to leave to tells: %s", body)
		}
		if err := h.network.ChangeState(context.Background(), admin, fact.FactID{}, agadez, network.Life{State: network.Suspended, On: day(t, "2026-03-10"), Why: "flood"}, nil); err != nil {
			t.Fatal(err)
		}
		if body := read(t, m, "/points/NE-AGZ").Body.String(); !strings.Contains(body, "Closed for the time being") || strings.Contains(body, "flood") {
			t.Error(body)
		}
	})
}

func TestPublicPagesComeOverABadLine(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.importNetwork(t)
		all, err := h.network.Points(context.Background(), access.Actor{}, network.PointFilter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			h.show(t, network.Full, p.ID)
		}
		h.Site = "https://help.example.org"
		m := h.door(t)
		for _, path := range []string{"/", "/?lang=ar", "/?country=NE", "/points/NE-AGZ", "/points/NE-AGZ?lang=ar", "/public.css"} {
			w := read(t, m, path)
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = z.Write(w.Body.Bytes())
			_ = z.Close()
			t.Logf("%-26s %6d bytes, %5d compressed", path, w.Body.Len(), b.Len())
			if w.Code != 200 || b.Len() > 14_000 {
				t.Errorf("%s: %d, %d bytes compressed", path, w.Code, b.Len())
			}
		}
		niger := read(t, m, "/?country=NE").Body.String()
		if !strings.Contains(niger, "Agadez service point") || strings.Contains(niger, "Tripoli") {
			t.Error("one country shows others, or not itself")
		}
		if body := read(t, m, `/?country=%3Cscript%3E`).Body.String(); strings.Contains(body, "<script") {
			t.Error("what was typed comes back")
		}
	})
}

func TestPublicPagesCannotHoldACount(t *testing.T) {
	var walk func(reflect.Type, string)
	walk = func(x reflect.Type, at string) {
		switch x.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array:
			walk(x.Elem(), at)
		case reflect.Float32, reflect.Float64, reflect.Map, reflect.Interface:
			t.Errorf("%s is a %s", at, x)
		case reflect.Struct:
			for _, bad := range []any{Counts{}, Row{}, Totals{}, Persons{}, History{}, network.PointView{}} {
				if x == reflect.TypeOf(bad) {
					t.Errorf("%s is a %s", at, x)
				}
			}
			for i := range x.NumField() {
				walk(x.Field(i).Type, at+"."+x.Field(i).Name)
			}
		}
	}
	walk(reflect.TypeFor[startPage](), "startPage")
	walk(reflect.TypeFor[pointPage](), "pointPage")
}

func TestEverySentenceIsThereInEveryLanguage(t *testing.T) {
	for key, in := range words {
		for _, l := range []string{"en", "fr", "ar", "es"} {
			found := false
			for tag, s := range in {
				found = found || string(tag) == l && s != ""
			}
			if !found {
				t.Errorf("%s lacks %s", key, l)
			}
		}
	}
	for _, kind := range network.PointKinds() {
		if words["public.kind."+kind] == nil {
			t.Errorf("no word for a %s", kind)
		}
	}
	for _, by := range Cuts() {
		if words["counts.cut."+by] == nil {
			t.Errorf("no word for the cut %s", by)
		}
	}
}
