package hub

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"serai/internal/testkit"
)

// A node that the internet reaches asks an authority, which looks at it, and shows what it got; after a restart it has it
// still and asks nobody.
func TestAPublicCertificateByACME(t *testing.T) {
	t.Parallel()
	for _, challenge := range []string{"tls-alpn-01", "http-01"} {
		t.Run(challenge, func(t *testing.T) {
			t.Parallel()
			a := testkit.NewAuthority(t, challenge)
			dir := t.TempDir()
			if _, err := UseACME(dir, []string{"help.example.org"}, "it@example.org", a.Directory); err != nil {
				t.Fatal(err)
			}
			s, ok, err := Read(dir)
			if !ok || err != nil {
				t.Fatal(err)
			}
			if st, err := Show(dir); err != nil || !st.Until.IsZero() || st.Kind != ACME {
				t.Errorf("before: %+v %v", st, err)
			}
			if f := Examine(dir, Machine{Now: time.Now()}); len(f) != 1 || f[0].Code != "doctor.tls_waiting" {
				t.Errorf("doctor says %v", f)
			}
			var page string
			start := func() (p *Public, at string) {
				p = s.Public(dir, a.Client, slog.New(slog.DiscardHandler))
				l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{GetCertificate: p.Certificate, NextProtos: []string{"http/1.1", ALPN}})
				if err != nil {
					t.Fatal(err)
				}
				server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "desk") }), ReadHeaderTimeout: time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
				go func() { _ = server.Serve(l) }()
				t.Cleanup(func() { _ = server.Close() })
				o := &Onboarding{Addr: "127.0.0.1:0", Dir: dir, Port: "443", Public: p, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
				ctx, cancel := context.WithCancel(context.Background())
				t.Cleanup(cancel)
				open := make(chan string, 1)
				go func() { _ = o.Listen(ctx, func(url string) { open <- url }) }()
				page = <-open
				return p, l.Addr().String()
			}
			p, at := start()
			a.Node = func() string {
				if challenge == "http-01" {
					return strings.TrimSuffix(strings.TrimPrefix(page, "http://"), "/")
				}
				return at
			}
			p.Fetch(context.Background())
			if a.Issued != 1 {
				t.Fatalf("%d certificates were made", a.Issued)
			}
			reach := func(at, name string) error {
				client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.Roots, ServerName: name},
					DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
						return (&net.Dialer{}).DialContext(ctx, "tcp", at)
					}}}
				defer client.CloseIdleConnections()
				res, err := client.Get("https://help.example.org/")
				if err != nil {
					return err
				}
				return res.Body.Close()
			}
			if err := reach(at, "help.example.org"); err != nil {
				t.Error(err)
			}
			// A stranger's name costs the authority nothing.
			if err := reach(at, "evil.example"); err == nil || a.Issued != 1 {
				t.Errorf("a foreign name: %v, %d certificates", err, a.Issued)
			}
			if st, err := Show(dir); err != nil || st.Until.Before(time.Now().Add(80*24*time.Hour)) || st.Names[0] != "help.example.org" {
				t.Errorf("after: %+v %v", st, err)
			}
			entries, err := os.ReadDir(filepath.Join(dir, acmeName))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("%s can be read by others: %v", e.Name(), info.Mode())
				}
			}
			p, at = start()
			p.Fetch(context.Background())
			if err := reach(at, "help.example.org"); err != nil || a.Issued != 1 {
				t.Errorf("after a restart: %v, %d certificates", err, a.Issued)
			}
			if res, err := http.Get(page + ".well-known/acme-challenge/../../tls.json"); err != nil || res.StatusCode == http.StatusOK {
				t.Errorf("the way of the challenges leads elsewhere: %v %v", res, err)
			}
		})
	}
}

// An authority that cannot see the node gives nothing, and asking ends when the node stops.
func TestAskingEndsWithTheNode(t *testing.T) {
	t.Parallel()
	a := testkit.NewAuthority(t, "http-01")
	dir := t.TempDir()
	s, err := UseACME(dir, []string{"help.example.org"}, "it@example.org", a.Directory)
	if err != nil {
		t.Fatal(err)
	}
	p := s.Public(dir, a.Client, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); p.Fetch(ctx) }()
	cancel()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("it goes on asking")
	}
	if a.Issued != 0 {
		t.Error("a certificate without a look")
	}
}

// down is a line that is down.
type down struct{ tries int }

func (d *down) RoundTrip(*http.Request) (*http.Response, error) {
	d.tries++
	return nil, errors.New("no route to host")
}

// A line that is down for a day is tried some ten times, not every minute: authorities count, and so does the battery.
func TestAskingBacksOff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := UseACME(dir, []string{"help.example.org"}, "it@example.org", "https://acme.example.org/directory")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		line := &down{}
		p := s.Public(dir, &http.Client{Transport: line}, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		p.Fetch(ctx)
		if line.tries < 8 || line.tries > 14 {
			t.Errorf("%d tries in a day", line.tries)
		}
		time.Sleep(2 * time.Minute) // what autocert remembers of the last failure ends by itself
		t.Logf("%d tries in a day without a line", line.tries)
	})
}
