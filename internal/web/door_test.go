package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
)

type nothing struct{}

func TestWhoMayCome(t *testing.T) {
	h := newHouse(t)
	answer := func(_ ctxT, who access.Actor, _ *nothing) (map[string]string, error) {
		return map[string]string{"name": who.Name}, nil
	}
	Get(h.Mux, "/api/open", Public(), answer)
	Get(h.Mux, "/api/me", SignedIn(), answer)
	Get(h.Mux, "/api/people", May("people.search"), answer)
	tests := []struct {
		name, path, token string
		status            int
		code              string
	}{
		{"everybody reads what is public", "/api/open", "", 200, ""},
		{"a session that ended does not matter there", "/api/open", "ended", 200, ""},
		{"nobody without a session passes", "/api/me", "", 401, "web.signed_out"},
		{"nor with one that ended", "/api/me", "ended", 401, "web.signed_out"},
		{"nor with a token of a megabyte", "/api/me", strings.Repeat("x", 1<<20), 401, "web.signed_out"},
		{"whoever is signed in passes", "/api/me", "stranger", 200, ""},
		{"a permission is needed where one is asked", "/api/people", "stranger", 403, "web.not_allowed"},
		{"and a session before that", "/api/people", "", 401, "web.signed_out"},
		{"who holds it passes", "/api/people", "volunteer", 200, ""},
		{"sessions that cannot be read are our fault", "/api/me", "broken", 500, "internal"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h.refusals = nil
			var headers []string
			if test.token != "" {
				headers = append(headers, "Authorization: Bearer "+test.token)
			}
			w := h.call("GET", test.path, "", headers...)
			if w.Code != test.status {
				t.Fatalf("got %d: %s", w.Code, w.Body)
			}
			if test.code != "" && problemOf(t, w).Code != test.code {
				t.Fatal(w.Body)
			}
			if logged := len(h.refusals) == 1; logged != (test.status == 403) {
				t.Fatalf("refusals logged: %v", h.refusals)
			}
		})
	}
}

func TestARefusalIsWrittenDownBeforeItIsAnswered(t *testing.T) {
	h := newHouse(t)
	Post(h.Mux, "/api/people/{person}", May("people.erase"), func(ctxT, access.Actor, *struct {
		Person fact.PersonID `path:"person"`
	}) (Empty, error) {
		return Empty{}, nil
	})
	Get(h.Mux, "/api/inside", SignedIn(), func(ctxT, access.Actor, *nothing) (Empty, error) {
		return Empty{}, fmt.Errorf("look: %w", fault.Forbidden("people.sealed", "ask the protection officer"))
	})
	w := h.call("POST", "/api/people/"+goodID, "", asVolunteer)
	if w.Code != 403 || len(h.refusals) != 1 {
		t.Fatalf("%d, %v", w.Code, h.refusals)
	}
	got := h.refusals[0]
	if got.Permission != "people.erase" || got.Route != "/api/people/{person}" || got.Method != "POST" || got.Code != "web.not_allowed" ||
		got.Who.Name != "v" || !got.At.Equal(noon) || got.Request != w.Header().Get("Request-Id") {
		t.Fatalf("%+v", got)
	}
	if w = h.call("GET", "/api/inside", "", asVolunteer); w.Code != 403 || len(h.refusals) != 2 || h.refusals[1].Code != "people.sealed" {
		t.Fatalf("%d, %v", w.Code, h.refusals)
	}
	Post(h.Mux, "/api/session", Public(), func(ctxT, access.Actor, *nothing) (Empty, error) {
		return Empty{}, fault.Forbidden("accounts.not_signed_in", "check login and password")
	})
	if w = h.call("POST", "/api/session", ""); w.Code != 403 || len(h.refusals) != 2 {
		t.Fatalf("strangers can fill the log: %d, %v", w.Code, h.refusals)
	}
	h.guardErr = errors.New("disk full")
	if w = h.call("POST", "/api/people/"+goodID, "", asVolunteer); w.Code != 500 {
		t.Fatalf("a refusal that was not written down answered %d", w.Code)
	}
}

func TestAnUnknownPermissionStopsTheStart(t *testing.T) {
	for name, register := range map[string]func(m *Mux){
		"a misspelt permission": func(m *Mux) { Get(m, "/api/x", May("people.raed"), ok[nothing]) },
		"no gate":               func(m *Mux) { Get(m, "/api/x", Gate{}, ok[nothing]) },
		"a path value that nobody reads": func(m *Mux) {
			Get(m, "/api/{x}", Public(), ok[nothing])
		},
		"a field from nowhere": func(m *Mux) { Get(m, "/api/x", Public(), ok[struct{ X int }]) },
		"a body on GET":        func(m *Mux) { Get(m, "/api/x", Public(), ok[struct{ Body struct{} }]) },
		"a path value that is not there": func(m *Mux) {
			Get(m, "/api/x", Public(), ok[struct {
				X int `path:"x"`
			}])
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Fatal("registered")
				}
			}()
			register(newHouse(t).Mux)
		})
	}
}

func ok[In any](ctxT, access.Actor, *In) (Empty, error) { return Empty{}, nil }

func TestErrorsHaveOneForm(t *testing.T) {
	h := newHouse(t)
	var err error
	Get(h.Mux, "/api/x", Public(), func(ctxT, access.Actor, *nothing) (Empty, error) { return Empty{}, err })
	tests := []struct {
		name   string
		err    error
		status int
		code   string
		detail string
		fields int
	}{
		{"a field", fault.Field("to", "cases.receiver_missing", "name one"), 422, "cases.receiver_missing", "name one", 1},
		{"the whole", fault.Invalid("assist.nothing", "say what was given"), 422, "assist.nothing", "say what was given", 0},
		{"two fields", errors.Join(fault.Field("a", "x.a", "a"), fault.Field("b", "x.b", "b")), 422, "web.invalid", "2 things cannot be accepted; errors names them all", 2},
		{"not allowed, wrapped", fmt.Errorf("serve %s: %w", goodID, fault.Forbidden("cases.no_consent", "ask first")), 403, "cases.no_consent", "ask first", 0},
		{"not there", fault.NotFound("people.no_person", "secret difference"), 404, "people.no_person", "", 0},
		{"a conflict", fault.Conflict("id_taken", "take another"), 409, "id_taken", "take another", 0},
		{"our fault", errors.New("sql: secret table"), 500, "internal", "", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err = test.err
			w := h.call("GET", "/api/x", "")
			p := problemOf(t, w)
			if w.Code != test.status || p.Code != test.code || p.Detail != test.detail || len(p.Errors) != test.fields {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if strings.Contains(w.Body.String(), "secret") || strings.Contains(w.Body.String(), goodID) {
				t.Fatalf("says too much: %s", w.Body)
			}
			if (p.Request != "") != (w.Code == 500) || w.Header().Get("Request-Id") == "" {
				t.Fatalf("request id: %s", w.Body)
			}
		})
	}
	for i := range 80 {
		err = errors.Join(err, fault.Field(fmt.Sprint("f", i), "x.y", ""))
	}
	if p := problemOf(t, h.call("GET", "/api/x", "")); len(p.Errors) > maxFaults {
		t.Fatalf("%d faults in one answer", len(p.Errors))
	}
}

func TestAbsentAndOutOfScopeAreTheSameBytes(t *testing.T) {
	h := newHouse(t)
	Get(h.Mux, "/api/people/{person}", May("people.read"), func(_ ctxT, _ access.Actor, in *struct {
		Person fact.PersonID `path:"person"`
	}) (Empty, error) {
		if in.Person.String() == goodID {
			return Empty{}, fmt.Errorf("read %s: %w", in.Person, fault.NotFound("people.no_person", "belongs to another organisation"))
		}
		return Empty{}, fault.NotFound("people.no_person", "no such row")
	})
	hidden := h.call("GET", "/api/people/"+goodID, "", asVolunteer)
	absent := h.call("GET", "/api/people/01920000-0000-7000-8000-000000000002", "", asVolunteer)
	if hidden.Code != 404 || !bytes.Equal(hidden.Body.Bytes(), absent.Body.Bytes()) {
		t.Fatalf("%s\n%s", hidden.Body, absent.Body)
	}
	hidden.Header().Del("Request-Id")
	absent.Header().Del("Request-Id")
	if fmt.Sprint(hidden.Header()) != fmt.Sprint(absent.Header()) {
		t.Fatalf("%v\n%v", hidden.Header(), absent.Header())
	}
}

func TestAPanicIsAnErrorAndNoTrace(t *testing.T) {
	var log bytes.Buffer
	h := newHouse(t, func(c *Config) { c.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
	Get(h.Mux, "/api/people/{person}", Public(), func(_ ctxT, _ access.Actor, in *struct {
		Person string `path:"person"`
	}) (Empty, error) {
		panic("cannot handle " + in.Person)
	})
	w := h.call("GET", "/api/people/Fatoumata", "")
	if p := problemOf(t, w); w.Code != 500 || p.Request != w.Header().Get("Request-Id") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if strings.Contains(w.Body.String(), "goroutine") || strings.Contains(log.String(), "Fatoumata") {
		t.Fatalf("says too much:\n%s\n%s", w.Body, &log)
	}
	if !strings.Contains(log.String(), `"route":"/api/people/{person}"`) || !strings.Contains(log.String(), "door_test.go:") {
		t.Fatalf("says too little:\n%s", &log)
	}
}

func TestLogsHoldPatternsAndNoPaths(t *testing.T) {
	var log bytes.Buffer
	h := withContacts(t, func(c *Config) { c.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
	h.call("POST", "/api/points/NE-AGZ/contacts?day=2026-03-30", goodBody, asVolunteer, "User-Agent: someone")
	h.call("GET", "/api/nowhere/"+goodID, "")
	h.call("GET", "/healthz", "")
	for _, secret := range []string{"NE-AGZ", goodID, "2026-03-30", "volunteer", "someone", "192.0.2.1"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, &log)
		}
	}
	var line struct {
		Request, Method, Route string
		Status                 int
	}
	first, rest, _ := strings.Cut(log.String(), "\n")
	if err := json.Unmarshal([]byte(first), &line); err != nil {
		t.Fatal(err)
	}
	if line.Route != "/api/points/{point}/contacts" || line.Status != 201 || line.Method != "POST" || len(line.Request) != 16 {
		t.Fatalf("%+v", line)
	}
	if strings.Contains(rest, "healthz") {
		t.Error("health checks fill the log")
	}
}

func TestRepeatsCarryTheSameHash(t *testing.T) {
	h := newHouse(t)
	var got fact.Request
	Post(h.Mux, "/api/{x}", Public(), func(ctx ctxT, _ access.Actor, _ *struct {
		X    string `path:"x"`
		Body json.RawMessage
	}) (Empty, error) {
		got = fact.RequestOf(ctx)
		return Empty{}, nil
	})
	hash := func(path, body, key string) [32]byte {
		t.Helper()
		if w := h.call("POST", path, body, "Idempotency-Key: "+key); w.Code != 204 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if got.Key != key {
			t.Fatalf("key %q", got.Key)
		}
		return got.Hash
	}
	first := hash("/api/a", `{"a":1}`, "k1")
	if first == ([32]byte{}) || hash("/api/a", `{"a":1}`, "k1") != first {
		t.Error("a repeat has another hash")
	}
	if hash("/api/b", `{"a":1}`, "k1") == first || hash("/api/a", `{"a":2}`, "k1") == first {
		t.Error("another command has the same hash")
	}
	other := newHouse(t, func(c *Config) { c.RequestKey = []byte("another node") })
	r := newRequest("POST", "/api/a", nil)
	if other.hash(r, []byte("x")) == h.hash(r, []byte("x")) {
		t.Error("the hash is not keyed")
	}
	for _, bad := range []string{strings.Repeat("k", 65), "a b", "a/b", "é"} {
		if w := h.call("POST", "/api/a", `{}`, "Idempotency-Key: "+bad); w.Code != 422 || problemOf(t, w).Code != "web.bad_key" {
			t.Errorf("%q: %d %s", bad, w.Code, w.Body)
		}
	}
}

type session struct {
	Name    string `json:"name"`
	token   string
	expires time.Time
}

func (s session) SessionCookie() (string, time.Time) { return s.token, s.expires }

func TestSessionsLiveInACookieOrAHeader(t *testing.T) {
	for _, tls := range []bool{true, false} {
		h := newHouse(t, func(c *Config) { c.TLS = tls })
		Post(h.Mux, "/api/session", Public(), func(ctxT, access.Actor, *nothing) (session, error) {
			return session{Name: "v", token: "volunteer", expires: noon.Add(time.Hour)}, nil
		})
		Delete(h.Mux, "/api/session", SignedIn(), func(ctx ctxT, _ access.Actor, _ *nothing) (SignedOut, error) {
			if Token(ctx) != "volunteer" {
				t.Errorf("token %q", Token(ctx))
			}
			return SignedOut{}, nil
		})
		Post(h.Mux, "/api/me", SignedIn(), ok[nothing])
		w := h.call("POST", "/api/session", "")
		cookie, err := http.ParseSetCookie(w.Header().Get("Set-Cookie"))
		if err != nil {
			t.Fatal(err)
		}
		name := "serai-agadez"
		if tls {
			name = "__Host-serai-agadez"
		}
		if cookie.Name != name || cookie.Secure != tls || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode ||
			cookie.Path != "/" || cookie.Domain != "" || cookie.MaxAge != 3600 || cookie.Value != "volunteer" {
			t.Fatalf("%+v", cookie)
		}
		if strings.Contains(w.Body.String(), "volunteer") {
			t.Fatalf("the token stands in the body: %s", w.Body)
		}
		send := "Cookie: " + name + "=volunteer"
		for _, test := range []struct {
			name    string
			headers []string
			status  int
		}{
			{"from our own page", []string{send, "Sec-Fetch-Site: same-origin"}, 204},
			{"from no page at all", []string{send}, 204},
			{"from another site's page", []string{send, "Sec-Fetch-Site: cross-site"}, 403},
			{"from a neighbour's page", []string{send, "Sec-Fetch-Site: same-site"}, 403},
			{"from another origin, by an older browser", []string{send, "Origin: https://evil.example"}, 403},
			{"with a token of its own, which no browser adds by itself", []string{asVolunteer, "Sec-Fetch-Site: cross-site"}, 204},
		} {
			if got := h.call("POST", "/api/me", "", test.headers...).Code; got != test.status {
				t.Errorf("%s: got %d, want %d", test.name, got, test.status)
			}
		}
		if got := h.call("POST", "/api/session", "", "Sec-Fetch-Site: cross-site").Code; got != 403 {
			t.Errorf("a stranger's page may sign a browser in: %d", got)
		}
		w = h.call("DELETE", "/api/session", "", send)
		if cookie, _ = http.ParseSetCookie(w.Header().Get("Set-Cookie")); w.Code != 204 || cookie == nil || cookie.MaxAge != -1 || cookie.Value != "" {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
	}
}

func TestUploadsAndFiles(t *testing.T) {
	h := newHouse(t)
	Post(h.Mux, "/api/import", May("network.read"), func(_ ctxT, _ access.Actor, in *struct {
		File   Upload `multipart:"file" required:"true"`
		DryRun bool   `multipart:"dry_run"`
	}) (File, error) {
		return File{Name: "back.csv", Type: "text/csv; charset=utf-8", Data: fmt.Appendf(nil, "%s %t %s", in.File.Name, in.DryRun, in.File.Data)}, nil
	}, BodyLimit(2048))
	Post(h.Mux, "/api/raw", Public(), func(_ ctxT, _ access.Actor, in *struct {
		Data []byte `raw:"text/csv,application/octet-stream"`
	}) (File, error) {
		return File{Type: "text/plain", Disposition: "inline", Reader: bytes.NewReader(in.Data)}, nil
	})
	form := func(fields map[string]string) (string, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for name, value := range fields {
			if name == "file" {
				part, _ := w.CreateFormFile(name, "points.csv")
				_, _ = part.Write([]byte(value))
				continue
			}
			_ = w.WriteField(name, value)
		}
		_ = w.Close()
		return b.String(), "Content-Type: " + w.FormDataContentType()
	}
	body, kind := form(map[string]string{"file": "a,b\n", "dry_run": "true"})
	w := h.call("POST", "/api/import", body, kind, asVolunteer)
	if w.Code != 200 || w.Body.String() != "points.csv true a,b\n" || w.Header().Get("Content-Disposition") != `attachment; filename=back.csv` {
		t.Fatalf("%d %s %v", w.Code, w.Body, w.Header())
	}
	for _, test := range []struct {
		name   string
		fields map[string]string
		status int
	}{
		{"no file", map[string]string{"dry_run": "true"}, 422},
		{"a field that cannot be read", map[string]string{"file": "x", "dry_run": "perhaps"}, 422},
		{"an unknown field", map[string]string{"file": "x", "wet_run": "1"}, 422},
		{"a file too large", map[string]string{"file": strings.Repeat("x", 3000)}, 413},
	} {
		body, kind = form(test.fields)
		if w = h.call("POST", "/api/import", body, kind, asVolunteer); w.Code != test.status {
			t.Errorf("%s: %d %s", test.name, w.Code, w.Body)
		}
	}
	for _, kind := range []string{"multipart/form-data", "multipart/form-data; boundary=y"} {
		if w = h.call("POST", "/api/import", "--x\r\nbroken", "Content-Type: "+kind, asVolunteer); w.Code != 400 {
			t.Errorf("%s: %d %s", kind, w.Code, w.Body)
		}
	}
	if w = h.call("POST", "/api/raw", "a;b", "Content-Type: text/csv"); w.Code != 200 || w.Body.String() != "a;b" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w = h.call("POST", "/api/raw", "a;b", "Content-Type: text/html"); w.Code != 415 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
}

func TestLimitsHold(t *testing.T) {
	t.Run("an address", func(t *testing.T) {
		h := withContacts(t, func(c *Config) { c.Rate = Rate{Address: 1, AddressBurst: 3, Session: -1} })
		for range 3 {
			if w := h.call("GET", "/api/docs", ""); w.Code != 200 {
				t.Fatal(w.Code)
			}
		}
		w := h.call("GET", "/api/docs", "")
		if w.Code != 429 || w.Header().Get("Retry-After") != "1" {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
		if w = h.call("GET", "/healthz", ""); w.Code != 200 {
			t.Fatal("health is limited")
		}
		h.now = h.now.Add(2 * time.Second)
		if w = h.call("GET", "/api/docs", ""); w.Code != 200 {
			t.Fatal("time does not heal")
		}
	})
	t.Run("a session", func(t *testing.T) {
		h := withContacts(t, func(c *Config) { c.Rate = Rate{Address: -1, Session: 1, SessionBurst: 2} })
		codes := ""
		for range 3 {
			codes += fmt.Sprint(h.call("POST", "/api/points/NE-AGZ/contacts", goodBody, asVolunteer).Code, " ")
		}
		codes += fmt.Sprint(h.call("POST", "/api/points/NE-AGZ/contacts", goodBody, "Authorization: Bearer stranger").Code)
		if codes != "201 201 429 403" {
			t.Fatal(codes)
		}
	})
	t.Run("memory", func(t *testing.T) {
		b := newBuckets[int](1, 1)
		for i := range 100_000 {
			b.take(i, noon)
		}
		if n := len(b.young) + len(b.old); n > 2*maxBuckets {
			t.Fatalf("%d buckets", n)
		}
	})
	t.Run("all at once", func(t *testing.T) {
		h := newHouse(t, func(c *Config) { c.Concurrent = 1 })
		in, out := make(chan bool), make(chan bool)
		Get(h.Mux, "/api/slow", Public(), func(ctxT, access.Actor, *nothing) (Empty, error) {
			in <- true
			<-out
			return Empty{}, nil
		})
		done := make(chan int)
		go func() { done <- h.call("GET", "/api/slow", "").Code }()
		<-in
		w := h.call("GET", "/api/slow", "")
		if p := problemOf(t, w); w.Code != 503 || p.Code != "web.busy" || w.Header().Get("Retry-After") == "" {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		close(out)
		if code := <-done; code != 204 {
			t.Fatalf("the first, who was acknowledged, got %d", code)
		}
	})
}

func TestHeadersProtectEverySurface(t *testing.T) {
	h := withContacts(t, func(c *Config) { c.TLS = true })
	h.Desk(nil)
	Get(h.Mux, "/points", Public(), func(ctx context.Context, _ access.Actor, _ *nothing) (HTML, error) {
		return HTML{Lang: Lang(ctx), Body: []byte("<!doctype html>"), MaxAge: 60}, nil
	})
	for path, script := range map[string]string{
		"/points?fbclid=1": "script-src 'self'", "/desk/": "script-src 'self' 'wasm-unsafe-eval'", "/api/points": "sandbox", "/healthz": "script-src 'self'",
		"/api/docs": "style-src 'self'", "/nowhere": "script-src 'self'", "/desk/scan": "trusted-types serai-worker vue", "/desk/sw.js": "connect-src 'self'",
	} {
		w := h.call("GET", path, "")
		csp := w.Header().Get("Content-Security-Policy")
		if !strings.Contains(csp, script) || !strings.HasPrefix(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") ||
			strings.Contains(csp, "unsafe-inline") || strings.Contains(csp, "'unsafe-eval'") {
			t.Errorf("%s: %s", path, csp)
		}
		for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if !strings.Contains(w.Header().Get("Permissions-Policy"), "camera=(self)") || w.Header().Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: %v", path, w.Header())
		}
	}
	if got := h.call("GET", "/points", "", "Accept-Language: ar").Header(); got.Get("Cache-Control") != "public, max-age=60" || got.Get("Content-Language") != "ar" {
		t.Errorf("%v", got)
	}
	if got := h.call("POST", "/api/points/NE-AGZ/contacts", goodBody, asVolunteer).Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	if got := newHouse(t).call("GET", "/healthz", "").Header().Get("Strict-Transport-Security"); got != "" {
		t.Errorf("HSTS on plain HTTP: %q", got)
	}
}

func TestAddressesWithoutARoute(t *testing.T) {
	h := withContacts(t)
	if w := h.call("GET", "/api/nowhere", ""); w.Code != 404 || problemOf(t, w).Code != "web.no_route" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w := h.call("DELETE", "/api/points/NE-AGZ/contacts", "")
	if w.Code != 405 || problemOf(t, w).Code != "web.wrong_method" || w.Header().Get("Allow") != "POST" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	w = h.call("GET", "/nowhere", "", "Accept: text/html", "Accept-Language: fr-NE,fr;q=0.9")
	if w.Code != 404 || !strings.Contains(w.Body.String(), "Il n’y a rien à cette adresse") || !strings.Contains(w.Body.String(), `lang="fr" dir="ltr"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if p := problemOf(t, h.call("GET", "/api/nowhere", "", "Accept: text/html", "Accept-Language: ar")); p.Title != "لا يوجد شيء في هذا العنوان" {
		t.Errorf("%+v", p)
	}
}

func TestReadiness(t *testing.T) {
	reason := errors.New("rebuilding projections: 40 %")
	h := newHouse(t, func(c *Config) { c.Ready = func() error { return reason }; c.Loopback = true })
	get := func(path, host string) (int, string) {
		r := newRequest("GET", path, nil)
		r.Host = host
		w := h.serve(r)
		return w.Code, w.Body.String()
	}
	if code, body := get("/readyz", "localhost:8087"); code != 503 || body != "rebuilding projections: 40 %\n" {
		t.Fatal(code, body)
	}
	if code, _ := get("/healthz", "127.0.0.1:8087"); code != 200 {
		t.Fatal(code)
	}
	reason = nil
	if code, _ := get("/readyz", "[::1]:8087"); code != 200 {
		t.Fatal(code)
	}
	if code, _ := get("/readyz", "rebound.example:8087"); code != 421 {
		t.Fatalf("a foreign name reaches a plain node: %d", code)
	}
}
