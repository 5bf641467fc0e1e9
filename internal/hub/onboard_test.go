package hub

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"serai/internal/fault"
	"serai/internal/lang"
)

func page(t testing.TB, addresses ...string) (*Onboarding, http.Handler) {
	t.Helper()
	dir := t.TempDir()
	if err := Init(dir, ring{}, setting(t, "agadez", nil, addresses), false, Machine{Now: noon}); err != nil {
		t.Fatal(err)
	}
	o := &Onboarding{Addr: ":8080", Dir: dir, Port: "8443", Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler)}
	h, err := o.Handler("8080")
	if err != nil {
		t.Fatal(err)
	}
	return o, h
}

func ask(h http.Handler, method, target string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://hub/", nil)
	if path, query, ok := strings.Cut(target, "?"); ok {
		r.URL.Path, r.URL.RawQuery = path, query
	} else {
		r.URL.Path = target
	}
	r.RequestURI = target
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAPageWithoutACertificateIsRefused(t *testing.T) {
	t.Parallel()
	o := &Onboarding{Addr: ":8080", Dir: t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	if _, err := o.Handler("8080"); fault.Code(err) != "tls.no_onboarding" {
		t.Error(err)
	}
	for _, addr := range []string{"", "8080", "nonsense", "host:"} {
		o.Addr = addr
		if err := o.Listen(context.Background(), nil); fault.Code(err) != "tls.bad_onboarding" {
			t.Errorf("%q: %v", addr, err)
		}
	}
}

// The plain listener serves five things for reading, and nothing else whatever one asks for.
func TestThePlainPageServesNothingElse(t *testing.T) {
	t.Parallel()
	o, h := page(t, "192.168.8.1")
	secret := []string{"PRIVATE KEY", "tls-leaf", "keyring"}
	for _, target := range []string{"/api/me", "/desk/", "/unlock", "/healthz", "/tls-leaf.pem", "/hub.crt/", "/../tls-leaf.pem", "/..%2ftls-leaf.pem", "/hub.crt/../../tls-leaf.pem",
		"/pages/../../tls.json", `/..\tls.json`, "/./hub.crt", "//etc/passwd", "/.well-known/acme-challenge/x", "/" + strings.Repeat("a/", 2000), "/\x00", "/hub.CRT", "*"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w := ask(h, method, target, nil)
			if w.Code != http.StatusNotFound && w.Code != http.StatusBadRequest && !(w.Code/100 == 3 && strings.HasPrefix(w.Header().Get("Location"), "/") && !strings.HasPrefix(w.Header().Get("Location"), "//")) {
				t.Errorf("%s %.60q: %d", method, target, w.Code)
			}
			for _, s := range secret {
				if strings.Contains(w.Body.String(), s) {
					t.Errorf("%.60q holds %q", target, s)
				}
			}
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodConnect, "PROPFIND"} {
		for _, target := range []string{"/", "/hub.crt", "/elsewhere"} {
			if w := ask(h, method, target, nil); w.Code != http.StatusMethodNotAllowed && w.Code != http.StatusNotFound {
				t.Errorf("%s %s: %d", method, target, w.Code)
			}
		}
	}
	root, err := readRoot(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for target, kind := range map[string]string{"/": "text/html; charset=utf-8", "/onboard.css": "text/css; charset=utf-8", "/hub.crt": "application/x-x509-ca-cert",
		"/hub.pem": "application/x-pem-file", "/hub.mobileconfig": "application/x-apple-aspen-config"} {
		w := ask(h, http.MethodGet, target, nil)
		head := w.Header()
		if w.Code != http.StatusOK || head.Get("Content-Type") != kind || len(head.Values("Set-Cookie")) > 0 {
			t.Errorf("%s: %d %v", target, w.Code, head)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
			if head.Get(name) != want {
				t.Errorf("%s: %s is %q", target, name, head.Get(name))
			}
		}
		if policy := head.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "script") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %s", target, policy)
		}
		for _, s := range secret {
			if strings.Contains(w.Body.String(), s) {
				t.Errorf("%s holds %q", target, s)
			}
		}
	}
	if w := ask(h, http.MethodGet, "/hub.crt", nil); !bytes.Equal(w.Body.Bytes(), root.Raw) || !strings.Contains(w.Header().Get("Content-Disposition"), `"serai-agadez.crt"`) {
		t.Error("the certificate is not the root")
	}
}

// What the page says depends on the language alone: whoever points a name of his own at it, or sends strange headers,
// reads what everybody reads.
func TestThePageBelievesNoHeader(t *testing.T) {
	t.Parallel()
	_, h := page(t, "192.168.8.1")
	plain := ask(h, http.MethodGet, "/", nil).Body.String()
	for name, value := range map[string]string{"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example", "Cookie": "serai=1", "Origin": "https://evil.example", "Referer": "https://evil.example/"} {
		if got := ask(h, http.MethodGet, "/", func(r *http.Request) { r.Header.Set(name, value) }).Body.String(); got != plain {
			t.Errorf("%s changes the page", name)
		}
	}
	for _, host := range []string{"evil.example", "evil.example:8080", `"><script>`, "", "127.0.0.1"} {
		if got := ask(h, http.MethodGet, "/", func(r *http.Request) { r.Host = host }).Body.String(); got != plain {
			t.Errorf("the host %q changes the page", host)
		}
	}
	for _, query := range []string{"lang=<script>", "lang=xx", "lang=" + strings.Repeat("a", 5000), "x=y", "lang=en;lang=ar", "%zz"} {
		if got := ask(h, http.MethodGet, "/?"+query, nil).Body.String(); got != plain {
			t.Errorf("?%.20s changes the page", query)
		}
	}
}

func TestThePageInFourLanguages(t *testing.T) {
	t.Parallel()
	o, h := page(t, "192.168.8.1")
	root, err := readRoot(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	f := FingerprintOf(root)
	for _, l := range lang.All {
		for _, how := range []func(*http.Request){
			func(r *http.Request) { r.URL.RawQuery = "lang=" + string(l) },
			func(r *http.Request) { r.Header.Set("Accept-Language", string(l)+";q=0.9") },
		} {
			w := ask(h, http.MethodGet, "/", how)
			body := w.Body.String()
			for _, want := range append([]string{`<html lang="` + string(l) + `" dir="` + lang.Dir(l) + `">`, f.Number, f.SHA256, say(l, "warn"), fill(l, "title", "agadez"),
				`href="https://agadez.local:8443/desk/"`, `href="https://192.168.8.1:8443/desk/"`, "http://192.168.8.1:8080/", "2026-03-10 12:00 UTC", "Android", "iPhone", "Windows", "Linux", "Firefox"}, f.Words...) {
				if !strings.Contains(body, want) {
					t.Errorf("%s: the page lacks %q", l, want)
				}
			}
			for _, never := range []string{"<script", "style=", " onclick", "javascript:", "<form", "<iframe"} {
				if strings.Contains(body, never) {
					t.Errorf("%s: the page holds %s", l, never)
				}
			}
			for _, m := range regexp.MustCompile(`(?:src|href)="(?:https?:)?//([^"/]*)`).FindAllStringSubmatch(body, -1) {
				if !slices.Contains([]string{"agadez.local:8443", "agadez.home.arpa:8443", "192.168.8.1:8443"}, m[1]) {
					t.Errorf("%s: the page leads to %s", l, m[1])
				}
			}
			if len(body) > 60<<10 {
				t.Errorf("%s: %d bytes", l, len(body))
			}
			if w.Header().Get("Content-Language") != string(l) {
				t.Errorf("%s: %v", l, w.Header())
			}
		}
	}
}

func TestTheWordsOfThePageAreComplete(t *testing.T) {
	t.Parallel()
	source, err := files.ReadFile("pages/onboard.html")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?:say|fill) \$?\.Lang "([a-z0-9_]+)"|"(intro[a-z_]*)"`).FindAllStringSubmatch(string(source), -1) {
		used[m[1]+m[2]] = true
	}
	for key := range used {
		if words[key] == nil {
			t.Errorf("the page asks for %s, which is not there", key)
		}
	}
	for key, by := range words {
		if !used[key] {
			t.Errorf("%s is not used", key)
		}
		for _, l := range lang.All {
			if strings.TrimSpace(by[l]) == "" {
				t.Errorf("%s lacks %s", l, key)
			}
			if strings.Contains(by[l], "{x}") != strings.Contains(by[lang.English], "{x}") || strings.ContainsAny(by[l], "٠١٢٣٤٥٦٧٨٩") {
				t.Errorf("%s: %s has another placeholder or other digits", l, key)
			}
		}
	}
}

func TestTheProfileForApple(t *testing.T) {
	t.Parallel()
	_, h := page(t)
	body := ask(h, http.MethodGet, "/hub.mobileconfig", nil).Body.Bytes()
	if !bytes.HasPrefix(body, []byte("<?xml")) || bytes.Contains(body, []byte("&#")) {
		t.Errorf("%.200s", body)
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if again := ask(h, http.MethodGet, "/hub.mobileconfig", nil).Body.Bytes(); !bytes.Equal(body, again) {
		t.Error("the same root has two profiles")
	}
}

// A new authority is on the page at once; a broken one is not served.
func TestThePageFollowsTheSetting(t *testing.T) {
	t.Parallel()
	o, h := page(t)
	before := ask(h, http.MethodGet, "/hub.crt", nil).Body.Bytes()
	later := time.Now().Add(2 * time.Second)
	if err := Init(o.Dir, ring{}, setting(t, "arlit", nil, nil), true, Machine{Now: noon}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(o.Dir, settingName)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	w := ask(h, http.MethodGet, "/hub.crt", nil)
	if bytes.Equal(before, w.Body.Bytes()) || !strings.Contains(w.Header().Get("Content-Disposition"), "serai-arlit") {
		t.Error("the old root is still served")
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, later.Add(time.Minute), later.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if w := ask(h, http.MethodGet, "/hub.crt", nil); w.Code != http.StatusServiceUnavailable {
		t.Errorf("with a broken setting: %d", w.Code)
	}
}

// With a public certificate there is nothing to load, and the page is a signpost.
func TestThePageOfAPublicCertificate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := UseACME(dir, []string{"help.example.org"}, "it@example.org", ""); err != nil {
		t.Fatal(err)
	}
	o := &Onboarding{Addr: ":80", Dir: dir, Port: "443", Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler)}
	h, err := o.Handler("80")
	if err != nil {
		t.Fatal(err)
	}
	body := ask(h, http.MethodGet, "/", nil).Body.String()
	if !strings.Contains(body, `href="https://help.example.org/desk/"`) || strings.Contains(body, "hub.crt") {
		t.Errorf("%.2000s", body)
	}
	for _, target := range []string{"/hub.crt", "/hub.pem", "/hub.mobileconfig"} {
		if w := ask(h, http.MethodGet, target, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

// The page listens and stops, and whoever hangs on to it is cut off.
func TestThePageListens(t *testing.T) {
	t.Parallel()
	o, _ := page(t, "127.0.0.1")
	o.Addr = "127.0.0.1:0"
	ctx, cancel := context.WithCancel(context.Background())
	at, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- o.Listen(ctx, func(url string) { at <- url }) }()
	var url string
	select {
	case url = <-at:
	case err := <-done:
		t.Fatal(err)
	}
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || !bytes.Contains(body, []byte("agadez")) || len(res.Cookies()) > 0 {
		t.Errorf("%v %.200s", err, body)
	}
	_ = res.Body.Close()
	second := &Onboarding{Addr: strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/"), Dir: o.Dir, Now: o.Now, Log: o.Log}
	if err := second.Listen(context.Background(), nil); err == nil {
		t.Error("two pages at one address")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestPublicNamesForACME(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, domain, email, directory string
		codes                          []string
	}{
		{"no public name", "agadez.local", "it@example.org", "", []string{"tls.bad_domain"}},
		{"one word", "agadez", "it@example.org", "", []string{"tls.bad_domain"}},
		{"an address", "8.8.8.8", "it@example.org", "", []string{"tls.bad_domain"}},
		{"a wildcard", "*.example.org", "it@example.org", "", []string{"tls.bad_domain"}},
		{"a path", "../tls-leaf.pem", "it@example.org", "", []string{"tls.bad_domain"}},
		{"no mailbox", "help.example.org", "it", "", []string{"tls.bad_email"}},
		{"a plain directory", "help.example.org", "it@example.org", "http://acme.example.org/", []string{"tls.bad_directory"}},
		{"everything at once", "", "", "x", []string{"tls.bad_domain", "tls.bad_email", "tls.bad_directory"}},
		{"right", "Help.Example.org.", "it@example.org", "https://acme.example.org/directory", nil},
	}
	for _, test := range tests {
		dir := t.TempDir()
		s, err := UseACME(dir, []string{test.domain}, test.email, test.directory)
		var codes []string
		for _, f := range fault.All(err) {
			codes = append(codes, f.Code)
		}
		if !slices.Equal(codes, test.codes) || err == nil && s.Domains[0] != "help.example.org" {
			t.Errorf("%s: %v %v", test.name, s, err)
		}
		if _, ok, _ := Read(dir); ok != (err == nil) {
			t.Errorf("%s: a refusal leaves a setting", test.name)
		}
	}
}
