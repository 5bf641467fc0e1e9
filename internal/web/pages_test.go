package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
)

func TestTheDocumentDescribesEveryRoute(t *testing.T) {
	h := withContacts(t)
	Get(h.Mux, "/api/people/{person}", May("people.read"), func(ctxT, access.Actor, *struct {
		Person fact.PersonID `path:"person"`
	}) ([]contactOut, error) {
		return nil, nil
	}, Tag("persons"))
	Get(h.Mux, "/api/export", SignedIn(), func(ctxT, access.Actor, *nothing) (File, error) { return File{}, nil })
	w := h.call("GET", "/api/openapi.json", "")
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			Summary    string
			Tags       []string
			Permission string `json:"x-permission"`
			Parameters []struct {
				Name, In string
				Required bool
				Schema   struct{ Type, Format string }
			}
		}
		Components struct {
			Schemas map[string]struct {
				Required   []string
				Properties map[string]struct{ Type, Format any }
			}
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" || strings.Contains(w.Body.String(), "$schema") {
		t.Fatal(w.Body)
	}
	post := doc.Paths["/api/points/{point}/contacts"]["post"]
	if post.Permission != "assist.record" || post.Summary != "Record a contact" || post.Tags[0] != "points" || len(post.Parameters) != 5 {
		t.Fatalf("%+v", post)
	}
	get := doc.Paths["/api/people/{person}"]["get"]
	if p := get.Parameters[0]; p.Name != "person" || p.In != "path" || !p.Required || p.Schema.Format != "uuid" || get.Tags[0] != "persons" {
		t.Fatalf("%+v", get)
	}
	body := doc.Components.Schemas["PostApiPointsPointContactsBody"]
	if body.Properties["id"].Format != "uuid" || body.Properties["day"].Format != "date" || body.Properties["seen"].Format != "date" ||
		strings.Join(body.Required, " ") != "id services" {
		t.Fatalf("%+v", body)
	}
	if w = h.call("GET", "/api/people/"+goodID, "", asVolunteer); w.Body.String() != "[]\n" {
		t.Fatalf("an empty list is %s", w.Body)
	}
	routes := h.Routes()
	last := routes[len(routes)-3]
	if last.Method != "POST" || last.Permission != "assist.record" || last.Class != "permission" {
		t.Fatalf("%+v", last)
	}
}

type reply struct {
	Twin struct {
		A int `json:"a"`
	} `json:"twin"`
}

type Reply struct {
	Twin struct {
		B int `json:"b"`
	} `json:"twin"`
	Next *Reply `json:"next,omitempty"`
}

func TestTypesThatShareANameStayApart(t *testing.T) {
	h := newHouse(t)
	Get(h.Mux, "/api/a", Public(), func(ctxT, access.Actor, *nothing) (reply, error) { return reply{}, nil })
	Get(h.Mux, "/api/b", Public(), func(ctxT, access.Actor, *nothing) (*Reply, error) { return &Reply{}, nil })
	Post(h.Mux, "/api/a", Public(), func(_ ctxT, _ access.Actor, in *struct{ Body reply }) (Empty, error) { return Empty{}, nil })
	Post(h.Mux, "/api/b", Public(), func(_ ctxT, _ access.Actor, in *struct{ Body *Reply }) (Empty, error) { return Empty{}, nil })
	for path, body := range map[string]string{"/api/a": `{"twin":{"a":1}}`, "/api/b": `{"twin":{"b":1},"next":{"twin":{"b":2}}}`} {
		if w := h.call("POST", path, body); w.Code != 204 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := h.call("POST", "/api/b", `{"twin":{"b":1},"next":{"twin":{"a":2}}}`); w.Code != 422 || len(problemOf(t, w).Errors) != 2 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := h.call("POST", "/api/b", ""); w.Code != 204 {
		t.Errorf("an optional body: %d %s", w.Code, w.Body)
	}
	var names []string
	for name := range h.schemas.Map() {
		names = append(names, name)
	}
	if len(names) != 6 { // twice the reply, twice its twin, the problem and its fields
		t.Errorf("schemas %v", names)
	}
}

var outside = regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|(src|href|action)="(https?:)?//`)

func TestOurPagesAskNobodyAndRunNothing(t *testing.T) {
	h := withContacts(t)
	h.Desk(fstest.MapFS{})
	lock := NewLock(Config{}, func(context.Context, string) error { return nil })
	pages := map[string]string{}
	for _, path := range []string{"/api/docs", "/api/problems/web.signed_out", "/api/problems/nobody.knows", "/api/problems/%3Cscript%3E", "/desk/", "/desk/people", "/nowhere"} {
		pages[path] = h.call("GET", path, "", "Accept: text/html").Body.String()
	}
	w := httptest.NewRecorder()
	lock.ServeHTTP(w, httptest.NewRequest("GET", "/unlock", nil))
	pages["/unlock"] = w.Body.String()
	for path, body := range pages {
		if !strings.HasPrefix(body, "<!doctype html>") || !strings.Contains(body, "</html>") {
			t.Errorf("%s is no page: %s", path, body)
		}
		if found := outside.FindString(body); found != "" {
			t.Errorf("%s holds %q", path, found)
		}
	}
	if !strings.Contains(pages["/api/docs"], "assist.record") || !strings.Contains(pages["/api/docs"], "PostApiPointsPointContactsBody") {
		t.Error("the documentation lacks the route")
	}
	if !strings.Contains(pages["/api/problems/web.signed_out"], "Sign in to go on") {
		t.Error("a code is not explained")
	}
	if w := h.call("GET", stylePath, ""); w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") || strings.Contains(w.Body.String(), "url(") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestTheDeskIsServedFromItsBuild(t *testing.T) {
	var gz bytes.Buffer
	zip := gzip.NewWriter(&gz)
	_, _ = zip.Write([]byte("script"))
	_ = zip.Close()
	h := newHouse(t)
	h.Desk(fstest.MapFS{
		"index.html":                  {Data: []byte("<!doctype html>desk")},
		"sw.js":                       {Data: []byte("worker")},
		"assets/index-BQx1_f9k.js":    {Data: []byte("script")},
		"assets/index-BQx1_f9k.js.gz": {Data: gz.Bytes()},
		"assets/index-BQx1_f9k.js.br": {Data: []byte("brotli")},
		"assets/zxing-Aa00Bb11.wasm":  {Data: []byte("wasm")},
		"manifest.webmanifest":        {Data: []byte("{}")},
	})
	const forever = "public, max-age=31536000, immutable"
	tests := []struct {
		name, path, accept       string
		status                   int
		body, kind, cache, coded string
	}{
		{"the front", "/desk/", "", 200, "<!doctype html>desk", "text/html; charset=utf-8", "no-cache", ""},
		{"a screen of the app", "/desk/points/NE-AGZ/today", "", 200, "<!doctype html>desk", "text/html; charset=utf-8", "no-cache", ""},
		{"a script", "/desk/assets/index-BQx1_f9k.js", "", 200, "script", "text/javascript; charset=utf-8", forever, ""},
		{"a script for gzip", "/desk/assets/index-BQx1_f9k.js", "gzip, deflate", 200, gz.String(), "text/javascript; charset=utf-8", forever, "gzip"},
		{"a script for brotli", "/desk/assets/index-BQx1_f9k.js", "gzip, deflate, br", 200, "brotli", "text/javascript; charset=utf-8", forever, "br"},
		{"brotli that is not wanted", "/desk/assets/index-BQx1_f9k.js", "br;q=0", 200, "script", "text/javascript; charset=utf-8", forever, ""},
		{"the worker, which must stay fresh", "/desk/sw.js", "", 200, "worker", "text/javascript; charset=utf-8", "no-cache", ""},
		{"WebAssembly", "/desk/assets/zxing-Aa00Bb11.wasm", "gzip", 200, "wasm", "application/wasm", forever, ""},
		{"the manifest", "/desk/manifest.webmanifest", "", 200, "{}", "application/manifest+json", "no-cache", ""},
		{"a script of an older release", "/desk/assets/index-OLD00000.js", "", 404, "", "application/problem+json", "no-store", ""},
		{"a compressed file by its own name", "/desk/assets/index-BQx1_f9k.js.gz", "", 404, "", "application/problem+json", "no-store", ""},
		{"a way out", "/desk/%2e%2e/%2e%2e/etc/passwd.txt", "", 404, "", "application/problem+json", "no-store", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := h.call("GET", test.path, "", "Accept-Encoding: "+test.accept)
			head := w.Header()
			if w.Code != test.status || head.Get("Content-Type") != test.kind || head.Get("Cache-Control") != test.cache || head.Get("Content-Encoding") != test.coded {
				t.Fatalf("%d %v", w.Code, head)
			}
			if test.body != "" && w.Body.String() != test.body {
				t.Fatalf("body %q", w.Body)
			}
			if test.status == 200 {
				again := h.call("GET", test.path, "", "Accept-Encoding: "+test.accept, "If-None-Match: "+head.Get("ETag"))
				if again.Code != 304 || again.Body.Len() > 0 {
					t.Fatalf("again: %d", again.Code)
				}
			}
		})
	}
	if w := h.call("GET", "/desk", ""); w.Code != 301 || w.Header().Get("Location") != "/desk/" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := newHouseWithDesk(t).call("GET", "/desk/", "", "Accept-Language: es"); w.Code != 404 || !strings.Contains(w.Body.String(), "La aplicación de escritorio no forma parte") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func newHouseWithDesk(t *testing.T) *house {
	h := newHouse(t)
	h.Desk(nil)
	return h
}

func TestALockedNodeOnlyAsksForItsPassphrase(t *testing.T) {
	var given string
	var answer error
	now := noon
	lock := NewLock(Config{Clock: func() time.Time { return now }}, func(_ context.Context, p string) error {
		given = p
		return answer
	})
	call := func(method, path, body string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		for _, line := range headers {
			name, value, _ := strings.Cut(line, ": ")
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		lock.ServeHTTP(w, r)
		return w
	}
	const form = "Content-Type: application/x-www-form-urlencoded"
	type step struct {
		name   string
		w      *httptest.ResponseRecorder
		status int
		holds  string
	}
	check := func(steps ...step) {
		t.Helper()
		for _, s := range steps {
			if s.w.Code != s.status || !strings.Contains(s.w.Body.String(), s.holds) {
				t.Errorf("%s: %d %s", s.name, s.w.Code, s.w.Body)
			}
		}
	}
	check(
		step{"a program learns that the node is locked", call("GET", "/api/points", ""), 503, `"code":"web.locked"`},
		step{"so does the desk when it sends", call("POST", "/api/contacts", "{}"), 503, `"code":"web.locked"`},
		step{"a browser is led to the page", call("GET", "/desk/", "", "Accept: text/html"), 303, ""},
		step{"the node lives", call("GET", "/healthz", ""), 200, "alive"},
		step{"and is not ready", call("GET", "/readyz", ""), 503, "locked"},
		step{"the page asks", call("GET", "/unlock?lang=ar", ""), 200, `dir="rtl"`},
	)
	answer = fault.Forbidden("seal.wrong_passphrase", "")
	passphrase := url.Values{"passphrase": {"correct horse"}}.Encode()
	check(
		step{"a wrong passphrase opens nothing", call("POST", "/unlock", passphrase, form), 403, "opens nothing"},
		step{"an empty one neither", call("POST", "/unlock", "passphrase=", form), 422, "opens nothing"},
		step{"nor one in the address", call("POST", "/unlock?passphrase=x", "", form), 422, "opens nothing"},
		step{"nor one from another site's page", call("POST", "/unlock", passphrase, form, "Sec-Fetch-Site: cross-site"), 403, "web.cross_origin"},
	)
	answer = errors.New("database is damaged")
	check(
		step{"a node that cannot open says so", call("POST", "/unlock", passphrase, form), 500, "could not open"},
		step{"an endless form is cut", call("POST", "/unlock", "passphrase="+strings.Repeat("x", 1<<20), form), 422, "opens nothing"},
		step{"guessing is slowed", call("POST", "/unlock", passphrase, form), 429, "Too many attempts"},
	)
	now = now.Add(time.Minute)
	answer = nil
	check(
		step{"the right one opens", call("POST", "/unlock", passphrase, form), 303, ""},
		step{"while it opens, the page waits", call("GET", "/unlock", ""), 200, `http-equiv="refresh"`},
		step{"and programs, too", call("GET", "/api/points", ""), 503, `"code":"web.starting"`},
		step{"and it says why", call("GET", "/readyz", ""), 503, "starting"},
	)
	if given != "correct horse" {
		t.Errorf("given %q", given)
	}
	lock.Fail()
	check(step{"if opening fails it asks again", call("GET", "/unlock", ""), 200, "could not open"})
	lock.Opening()
	check(step{"a key from a file asks nobody", call("GET", "/readyz", ""), 503, "starting"})
	lock.Open(newHouse(t))
	check(
		step{"open, everything passes", call("GET", "/readyz", ""), 200, "ready"},
		step{"and the page leads on", call("GET", "/unlock", ""), 303, ""},
	)
}

func TestPlainHTTPStaysOnThisMachine(t *testing.T) {
	for name, test := range map[string]struct {
		server Server
		code   string
	}{
		"every address":           {Server{Addr: ":0"}, "web.plain_http"},
		"every address, in words": {Server{Addr: "0.0.0.0:0"}, "web.plain_http"},
		"IPv6 alike":              {Server{Addr: "[::]:0"}, "web.plain_http"},
		"a neighbour's address":   {Server{Addr: "192.168.1.10:8087"}, "web.plain_http"},
		"a name":                  {Server{Addr: "agadez.example:8087"}, "web.plain_http"},
		"a certificate, no key":   {Server{Addr: "localhost:0", Cert: "x"}, "web.half_tls"},
		"no port":                 {Server{Addr: "localhost"}, "web.bad_address"},
	} {
		if got := fault.Code(test.server.Listen(t.Context())); got != test.code {
			t.Errorf("%s: %s", name, got)
		}
	}
	if err := (Server{Addr: "localhost:0", Cert: "absent", Key: "absent"}).Listen(t.Context()); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("%v", err)
	}
}

func TestStoppingLetsWorkFinish(t *testing.T) {
	in, out := make(chan bool), make(chan bool)
	h := newHouse(t)
	Get(h.Mux, "/api/slow", Public(), func(ctxT, access.Actor, *nothing) (string, error) {
		in <- true
		<-out
		return "done", nil
	})
	ctx, stop := context.WithCancel(t.Context())
	addr := make(chan net.Addr, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- Server{Addr: "127.0.0.1:0", Handler: h, Listening: func(a net.Addr) { addr <- a }}.Listen(ctx)
	}()
	base := "http://" + (<-addr).String()
	body := make(chan string, 1)
	go func() {
		res, err := http.Get(base + "/api/slow")
		if err != nil {
			body <- err.Error()
			return
		}
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body)
		body <- string(b)
	}()
	<-in
	stop()
	close(out)
	if got := <-body; got != "\"done\"\n" {
		t.Errorf("got %q", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAStrangerWhoDawdlesLosesHisPlace(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Concurrent = 1 })
	h.patience = 100 * time.Millisecond
	late := make(chan error, 1)
	Post(h.Mux, "/api/session", Public(), func(ctx ctxT, _ access.Actor, _ *struct{ Body struct{} }) (Empty, error) {
		// What follows the body has its own time: the deadline must not end the request.
		select {
		case <-ctx.Done():
			late <- ctx.Err()
		case <-time.After(3 * h.patience):
			late <- nil
		}
		return Empty{}, nil
	})
	server := httptest.NewServer(h)
	defer server.Close()
	post := func(body io.Reader) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/api/session", body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		return res.StatusCode
	}
	silent, end := io.Pipe()
	defer func() { _ = end.Close() }()
	if code := post(silent); code != http.StatusBadRequest {
		t.Errorf("a body that never comes: %d", code)
	}
	if code := post(strings.NewReader("{}")); code != http.StatusNoContent {
		t.Errorf("the next: %d", code)
	}
	if err := <-late; err != nil {
		t.Errorf("slow work was cut off: %v", err)
	}
}

func TestARenewedCertificateIsUsedWithoutARestart(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write := func(serial int64, at time.Time) {
		t.Helper()
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "node"},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
		if err != nil {
			t.Fatal(err)
		}
		keyDER, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			t.Fatal(err)
		}
		for path, block := range map[string]*pem.Block{key: {Type: "PRIVATE KEY", Bytes: keyDER}, cert: {Type: "CERTIFICATE", Bytes: der}} {
			if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(1, noon)
	ctx, stop := context.WithCancel(t.Context())
	addr := make(chan net.Addr, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- Server{Addr: "127.0.0.1:0", Cert: cert, Key: key, Handler: newHouse(t), Listening: func(a net.Addr) { addr <- a }}.Listen(ctx)
	}()
	at := (<-addr).String()
	serial := func() (int64, string) {
		t.Helper()
		client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, DisableKeepAlives: true,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // the test looks at the certificate itself
		res, err := client.Get("https://" + at + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		return res.TLS.PeerCertificates[0].SerialNumber.Int64(), res.Proto
	}
	if n, proto := serial(); n != 1 || proto != "HTTP/2.0" {
		t.Errorf("serial %d over %s", n, proto)
	}
	write(2, noon.Add(time.Hour))
	if n, _ := serial(); n != 2 {
		t.Errorf("serial %d after the renewal", n)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// BenchmarkPost measures a whole request in this process: edge, limits, session, gate, parsing, validation, decoding,
// handler, answer. The target is 60 µs.
func BenchmarkPost(b *testing.B) {
	h := withContacts(b, func(c *Config) { c.Rate = Rate{Session: -1, Address: -1} })
	body := []byte(`{"id":"` + goodID + `","services":[{"code":"water","quantity":2},{"code":"food","quantity":1}],"note":"two bottles","day":"2026-03-30"}`)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", "/api/points/NE-AGZ/contacts?day=2026-03-30&limit=5", bytes.NewReader(body))
		r.Header["Content-Type"] = []string{"application/json"}
		r.Header["Authorization"] = []string{"Bearer volunteer"}
		r.Header["Idempotency-Key"] = []string{"01920000-0000-7000-8000-000000000009"}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusCreated {
			b.Fatal(w.Code, w.Body)
		}
	}
}
