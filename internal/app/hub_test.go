package app

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"serai/internal/fault"
	"serai/internal/hub"
	"serai/internal/seal"
	"serai/internal/testkit"
)

// open opens the house for the tools of its operator.
func (h *house) open(fn func(*Node)) {
	h.t.Helper()
	ring, err := seal.UnlockPassphrase(h.config.Data, housePassphrase)
	h.must(err)
	n, err := Open(context.Background(), h.config, ring, nil)
	h.must(err)
	fn(n)
	h.must(n.Close())
}

// newHub is a house that other machines reach: on every address, with its own authority.
func newHub(t *testing.T) (*house, *console) {
	h := newHouse(t)
	h.open(func(n *Node) {
		if _, err := n.TLSLocal("agadez", nil, []string{"127.0.0.1"}, false); err != nil {
			t.Fatal(err)
		}
	})
	quiet, out := false, &console{}
	h.config.Addr, h.config.Onboarding, h.config.MDNS, h.config.Out = "0.0.0.0:0", "127.0.0.1:0", &quiet, out
	return h, out
}

// console keeps what the node prints while it runs.
type console struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (c *console) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.b.Write(b)
}

func (c *console) said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.b.String()
}

// device is a browser on another machine, which trusts the roots that it was given.
type device struct {
	*http.Client
	port string
}

func newDevice(t *testing.T, at string, roots *x509.CertPool, clock func() time.Time) *device {
	t.Helper()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(at, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Time: clock}, ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+port)
		}}
	t.Cleanup(tr.CloseIdleConnections)
	return &device{&http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, port}
}

func (d *device) get(host, path, token string) (*http.Response, string, error) {
	r, err := http.NewRequest(http.MethodGet, "https://"+net.JoinHostPort(host, d.port)+path, nil)
	if err != nil {
		return nil, "", err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := d.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res, string(b), err
}

// A tablet that knows nothing learns the root on the plain page, and then opens the desk of a locked hub and of an open one.
func TestATabletReachesAHubWithoutInternet(t *testing.T) {
	t.Parallel()
	h, out := newHub(t)
	at, stop := h.serve("", "")
	if !strings.HasPrefix(at, "https://agadez.local:") {
		t.Errorf("the hub says that it is at %s", at)
	}
	var plain string
	for deadline := time.Now().Add(20 * time.Second); plain == "" && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		_, plain, _ = strings.Cut(out.said(), "devices begin at ")
		plain, _, _ = strings.Cut(plain, "\n")
	}
	stranger := newDevice(t, at, x509.NewCertPool(), nil)
	if _, _, err := stranger.get("agadez.local", "/unlock", ""); err == nil {
		t.Fatal("a device that was not onboarded trusts the hub")
	}
	res, err := http.Get(plain + "hub.crt")
	h.must(err)
	der, err := io.ReadAll(res.Body)
	h.must(err)
	_ = res.Body.Close()
	root, err := x509.ParseCertificate(der)
	h.must(err)
	roots := x509.NewCertPool()
	roots.AddCert(root)
	tablet := newDevice(t, at, roots, nil)
	for _, host := range []string{"agadez.local", "agadez.home.arpa", "127.0.0.1"} {
		res, body, err := tablet.get(host, "/unlock", "")
		if err != nil {
			t.Fatalf("%s: %v", host, err)
		}
		if res.StatusCode != http.StatusOK || !strings.Contains(body, `type="password"`) || res.ProtoMajor != 2 || res.TLS.Version < tls.VersionTLS12 || res.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: %s %d %v", host, res.Proto, res.StatusCode, res.Header)
		}
	}
	for _, host := range []string{"arlit.local", "127.0.0.2", "localhost"} {
		if _, _, err := tablet.get(host, "/unlock", ""); err == nil {
			t.Errorf("%s is this hub as well", host)
		}
	}
	// Without TLS nobody talks to the port of the desk, and the plain page knows nothing of the desk.
	if status, _, _ := h.visit(http.MethodGet, "http://127.0.0.1:"+tablet.port+"/unlock", "", "", ""); status != http.StatusBadRequest {
		t.Errorf("plain HTTP at the port of the desk: %d", status)
	}
	for _, path := range []string{"api/me", "unlock", "desk/"} {
		if status, header, _ := h.visit(http.MethodGet, plain+path, h.token, "", ""); status != http.StatusNotFound || len(header.Values("Set-Cookie")) > 0 {
			t.Errorf("%s at the plain page: %d", path, status)
		}
	}
	if status, _, _ := h.visit(http.MethodPost, plain+"unlock", "", form, "passphrase="+housePassphrase); status != http.StatusMethodNotAllowed {
		t.Errorf("a passphrase at the plain page: %d", status)
	}

	r, err := http.NewRequest(http.MethodPost, "https://agadez.local:"+tablet.port+"/unlock", strings.NewReader("passphrase="+strings.ReplaceAll(housePassphrase, " ", "+")))
	h.must(err)
	r.Header.Set("Content-Type", form)
	unlocked, err := tablet.Do(r)
	h.must(err)
	_ = unlocked.Body.Close()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if res, _, err := tablet.get("agadez.local", "/readyz", ""); err == nil && res.StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the hub does not open: %d", unlocked.StatusCode)
		}
	}
	var view struct {
		Kind  string
		Names []string
		Root  hub.Fingerprint
	}
	res, body, err := tablet.get("agadez.local", "/api/hub", h.token)
	h.must(err)
	h.must(json.Unmarshal([]byte(body), &view))
	if res.StatusCode != http.StatusOK || view.Kind != hub.Local || view.Root.SHA256 != hub.FingerprintOf(root).SHA256 {
		t.Errorf("the desk says %s", body)
	}
	signIn, err := http.NewRequest(http.MethodPost, "https://agadez.local:"+tablet.port+"/api/session", strings.NewReader(`{"login":"amina","password":"`+worldPassword+`"}`))
	h.must(err)
	signIn.Header.Set("Content-Type", "application/json")
	in, err := tablet.Do(signIn)
	h.must(err)
	_ = in.Body.Close()
	if c := in.Header.Get("Set-Cookie"); !strings.HasPrefix(c, "__Host-serai-") || !strings.Contains(c, "Secure") {
		t.Errorf("signed in: %d %s", in.StatusCode, c)
	}
	h.must(stop())
}

// The certificate is renewed while people work: whoever is connected stays connected, and whoever comes gets the new one.
func TestAHubRenewsItsCertificateWhilePeopleWork(t *testing.T) {
	t.Parallel()
	h, _ := newHub(t)
	h.config.Onboarding = ""
	var ahead atomic.Int64
	h.config.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	at, stop := h.serve(housePassphrase, "")
	b, err := os.ReadFile(filepath.Join(h.config.Data, "tls-root.pem"))
	h.must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(b)
	tablet := newDevice(t, at, roots, h.config.Now)
	serial := func(d *device) string {
		t.Helper()
		res, _, err := d.get("agadez.local", "/healthz", "")
		h.must(err)
		return res.TLS.PeerCertificates[0].SerialNumber.String()
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if res, _, err := tablet.get("agadez.local", "/readyz", ""); err == nil && res.StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the hub does not open")
		}
	}
	before := serial(tablet)
	ring, err := seal.UnlockPassphrase(h.config.Data, housePassphrase)
	h.must(err)
	job := &Node{Config: h.config.Whole(), Ring: ring} // the job as the queue runs it
	h.must(job.renewCertificate(context.Background()))
	if now := serial(newDevice(t, at, roots, h.config.Now)); now != before {
		t.Error("renewed on the first day")
	}
	ahead.Store(int64(61 * 24 * time.Hour))
	time.Sleep(20 * time.Millisecond) // the file of the certificate has another time of change
	h.must(job.renewCertificate(context.Background()))
	if now := serial(tablet); now != before {
		t.Error("who was connected was cut off")
	}
	now := serial(newDevice(t, at, roots, h.config.Now))
	if now == before {
		t.Error("who comes gets the old certificate")
	}
	// By hand, while the node runs.
	time.Sleep(20 * time.Millisecond)
	st, err := h.config.TLSRenew(housePassphrase, "")
	h.must(err)
	if again := serial(newDevice(t, at, roots, h.config.Now)); again == now || st.Kind != hub.Local {
		t.Error("renewed by hand, and the old one is shown")
	}
	h.must(stop())
}

// A hub that burnt down comes back on another machine, and its tablets open it as before.
func TestARestoredHubIsTheSameForItsTablets(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h := newHouse(t)
	identity, err := os.ReadFile(h.keyFile)
	h.must(err)
	parsed, err := seal.ParseIdentity(string(identity))
	h.must(err)
	h.must(seal.WriteFile(recipientFile(h.config.Data), []byte(parsed.Recipient().String()+"\n")))
	file := filepath.Join(t.TempDir(), "backup")
	var before hub.Status
	var ledger []byte
	h.open(func(n *Node) {
		before, err = n.TLSLocal("agadez", nil, []string{"192.168.8.1"}, false)
		h.must(err)
		_, err = n.Backup(ctx, file)
		h.must(err)
		ledger = n.Ledger.Bytes()
	})
	c := Config{Data: filepath.Join(t.TempDir(), "data")}
	_, err = RestoreNode(ctx, c, RestoreOptions{From: file, Identity: string(identity), Ledger: bytes.NewReader(ledger), Passphrase: housePassphrase}, nil)
	h.must(err)
	after, _, err := c.TLSShow()
	h.must(err)
	if after.Root == nil || after.Root.SHA256 != before.Root.SHA256 || fmt.Sprint(after.Names) != fmt.Sprint(before.Names) {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

// Where there is internet, an authority looks at the node on its own port, and everybody trusts it.
func TestANodeGetsAPublicCertificateByItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := testkit.NewAuthority(t, "tls-alpn-01")
	_, err := h.config.TLSACME([]string{"help.example.org"}, "it@example.org", a.Directory)
	h.must(err)
	h.config.Addr, h.config.authority = "0.0.0.0:0", a.Client
	where := make(chan string, 1)
	a.Node = func() string { at := <-where; where <- at; return at }
	at, stop := h.serve("", "")
	if !strings.HasPrefix(at, "https://help.example.org:") {
		t.Errorf("the node says that it is at %s", at)
	}
	visitor := newDevice(t, at, a.Roots, nil)
	where <- "127.0.0.1:" + visitor.port
	res, _, err := visitor.get("help.example.org", "/healthz", "")
	h.must(err)
	if res.StatusCode != http.StatusOK || a.Issued != 1 {
		t.Errorf("%d, %d certificates", res.StatusCode, a.Issued)
	}
	if _, _, err := visitor.get("evil.example", "/healthz", ""); err == nil || a.Issued != 1 {
		t.Error("a stranger's name is asked for")
	}
	h.must(stop())
}

func TestHowANodeIsReached(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain := Config{Data: dir, Addr: "0.0.0.0:0"}.Whole()
	if c, err := plain.reach(); err != nil || c.tls() || c.multicast() != nil || c.host() != "localhost" {
		t.Errorf("no certificate: %+v %v", c, err)
	}
	ring, err := seal.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := hub.LocalSetting("agadez", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := hub.Init(dir, ring, s, false, hub.This(time.Now())); err != nil {
		t.Fatal(err)
	}
	yes, no := true, false
	for _, test := range []struct {
		name  string
		c     Config
		tls   bool
		mdns  bool
		only  string
		host  string
		certs bool
	}{
		{"every address", Config{Addr: "0.0.0.0:443"}, true, true, "[]", "agadez.local", true},
		{"every address, short", Config{Addr: ":443"}, true, true, "[]", "agadez.local", true},
		{"every address of either family", Config{Addr: "[::]:443"}, true, true, "[]", "agadez.local", true},
		{"one address", Config{Addr: "192.168.8.1:443"}, true, true, "[192.168.8.1]", "192.168.8.1", true},
		{"without multicast", Config{Addr: ":443", MDNS: &no}, true, false, "", "agadez.local", true},
		{"this machine alone", Config{Addr: "localhost:8087", MDNS: &yes}, false, false, "", "localhost", false},
		{"files of the command line", Config{Addr: ":443", Cert: "a", Key: "b"}, true, true, "[]", "agadez.local", false},
	} {
		test.c.Data = dir
		c, err := test.c.Whole().reach()
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		m := c.multicast()
		only := ""
		if m != nil {
			only = fmt.Sprint(append([]netip.Addr{}, m.Only...))
		}
		if c.tls() != test.tls || (m != nil) != test.mdns || only != test.only || c.host() != test.host || (c.Cert == hub.LeafFile(dir)) != test.certs {
			t.Errorf("%s: tls %t multicast %v at %s with %q", test.name, c.tls(), m, c.host(), c.Cert)
		}
	}
	for _, c := range []Config{{Addr: "localhost:0"}, {Addr: ":0", Cert: "a", Key: "b"}} {
		c.Data, c.Onboarding = dir, "localhost:0"
		if _, err := c.Whole().reach(); fault.Code(err) != "tls.no_onboarding" {
			t.Errorf("a page about another certificate than the node shows: %v", err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "tls.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Serve(context.Background(), Config{Data: dir, Addr: ":0"}, "", "", nil); fault.Code(err) != "tls.bad_setting" {
		t.Errorf("a torn setting: %v", err)
	}
	lonely := Config{Data: t.TempDir(), Addr: "127.0.0.1:0", Onboarding: "127.0.0.1:0"}
	if _, err := seal.Create(lonely.Data); err != nil {
		t.Fatal(err)
	}
	if err := Serve(context.Background(), lonely, "", "", nil); fault.Code(err) != "tls.no_onboarding" {
		t.Errorf("an onboarding page without a certificate: %v", err)
	}
}
