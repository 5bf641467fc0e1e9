package hub

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"serai/internal/fault"
	"serai/internal/seal"
)

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// ring is a keyring in memory.
type ring map[string][]byte

func (r ring) Area(name string) ([]byte, bool) { b, ok := r[name]; return b, ok }
func (r ring) SetArea(name string, b []byte) error {
	r[name] = bytes.Clone(b)
	return nil
}

func setting(t testing.TB, name string, more, addresses []string) Setting {
	t.Helper()
	s, err := LocalSetting(name, more, addresses)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sign makes a leaf as a thief of the authority's key would.
func (a *authority) sign(t testing.TB, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := newSerial()
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "thief"}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	change(c)
	der, err := x509.CreateCertificate(rand.Reader, c, a.middle, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (a *authority) accepts(c *x509.Certificate, host string, use x509.ExtKeyUsage) error {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(a.root)
	between.AddCert(a.middle)
	_, err := c.Verify(x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: between, CurrentTime: noon, KeyUsages: []x509.ExtKeyUsage{use}})
	return err
}

// Whoever has the key of the authority can be this hub, and nobody else.
func TestTheAuthorityHoldsForItsHubAlone(t *testing.T) {
	t.Parallel()
	dns := func(names ...string) func(*x509.Certificate) { return func(c *x509.Certificate) { c.DNSNames = names } }
	ip := func(text string) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.ParseIP(text)} }
	}
	tests := []struct {
		name      string
		addresses []string
		change    func(*x509.Certificate)
		host      string
		use       x509.ExtKeyUsage
		ok        bool
	}{
		{"google.com", nil, dns("google.com"), "google.com", x509.ExtKeyUsageServerAuth, false},
		{"google.com beside the hub's name", nil, dns("agadez.local", "google.com"), "agadez.local", x509.ExtKeyUsageServerAuth, false},
		{"another hub", nil, dns("arlit.local"), "arlit.local", x509.ExtKeyUsageServerAuth, false},
		{"a name that ends alike", nil, dns("xagadez.local"), "xagadez.local", x509.ExtKeyUsageServerAuth, false},
		{"everything under .local", nil, dns("*.local"), "arlit.local", x509.ExtKeyUsageServerAuth, false},
		{"the hub", nil, dns("agadez.local"), "agadez.local", x509.ExtKeyUsageServerAuth, true},
		{"the hub in its own DNS", nil, dns("agadez.home.arpa"), "agadez.home.arpa", x509.ExtKeyUsageServerAuth, true},
		{"an address where none was named", nil, ip("192.168.8.1"), "192.168.8.1", x509.ExtKeyUsageServerAuth, false},
		{"an address of the other family where none was named", nil, ip("fd00::1"), "fd00::1", x509.ExtKeyUsageServerAuth, false},
		{"its address", []string{"192.168.8.1"}, ip("192.168.8.1"), "192.168.8.1", x509.ExtKeyUsageServerAuth, true},
		{"the neighbour's address", []string{"192.168.8.1"}, ip("192.168.8.2"), "192.168.8.2", x509.ExtKeyUsageServerAuth, false},
		{"a public address", []string{"192.168.8.1"}, ip("8.8.8.8"), "8.8.8.8", x509.ExtKeyUsageServerAuth, false},
		{"an address of the family that the hub does not have", []string{"192.168.8.1"}, ip("2001:4860:4860::8888"), "2001:4860:4860::8888", x509.ExtKeyUsageServerAuth, false},
		{"the other way round", []string{"fd00::1"}, ip("8.8.8.8"), "8.8.8.8", x509.ExtKeyUsageServerAuth, false},
		{"an address in its range", []string{"192.168.8.0/24"}, ip("192.168.8.77"), "192.168.8.77", x509.ExtKeyUsageServerAuth, true},
		{"an address beside its range", []string{"192.168.8.0/24"}, ip("192.168.9.77"), "192.168.9.77", x509.ExtKeyUsageServerAuth, false},
		{"a mailbox", nil, func(c *x509.Certificate) { c.EmailAddresses = []string{"someone@example.org"} }, "", x509.ExtKeyUsageServerAuth, false},
		{"a URI", nil, func(c *x509.Certificate) { c.URIs = []*url.URL{{Scheme: "https", Host: "example.org"}} }, "", x509.ExtKeyUsageServerAuth, false},
		{"programs", nil, func(c *x509.Certificate) {
			c.DNSNames, c.ExtKeyUsage = []string{"agadez.local"}, []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
		}, "", x509.ExtKeyUsageCodeSigning, false},
		{"another authority below", nil, func(c *x509.Certificate) {
			c.DNSNames, c.IsCA, c.BasicConstraintsValid, c.KeyUsage = []string{"agadez.local"}, true, true, x509.KeyUsageCertSign
		}, "", x509.ExtKeyUsageServerAuth, true}, // the certificate itself; what it signs is refused, see below
	}
	for _, test := range tests {
		a, err := newAuthority(setting(t, "agadez", nil, test.addresses), noon)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.accepts(a.sign(t, test.change), test.host, test.use); (err == nil) != test.ok {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// The constraints stand in what the root signed as well: a verifier that trusts a root without looking at it still sees
// them. And no authority can be made below.
func TestTheConstraintsHoldWithoutTheRootsOwn(t *testing.T) {
	t.Parallel()
	a, err := newAuthority(setting(t, "agadez", nil, []string{"192.168.8.1"}), noon)
	if err != nil {
		t.Fatal(err)
	}
	blind := *a.root
	blind.PermittedDNSDomains, blind.PermittedIPRanges, blind.PermittedEmailAddresses, blind.PermittedURIDomains, blind.MaxPathLen = nil, nil, nil, nil, -1
	a.root = &blind
	for _, host := range []string{"google.com", "arlit.local"} {
		if a.accepts(a.sign(t, func(c *x509.Certificate) { c.DNSNames = []string{host} }), host, x509.ExtKeyUsageServerAuth) == nil {
			t.Errorf("%s is accepted by who trusts the root blindly", host)
		}
	}
	for _, c := range []*x509.Certificate{a.middle, a.root} {
		if !c.PermittedDNSDomainsCritical || !c.IsCA {
			t.Errorf("%s: the constraints are not critical", c.Subject)
		}
	}
	if !a.middle.MaxPathLenZero || a.middle.MaxPathLen != 0 {
		t.Error("an authority could be made below")
	}
}

// The key of the root is nowhere: the keyring has one private key, and it is not the root's.
func TestTheKeyOfTheRootIsGone(t *testing.T) {
	t.Parallel()
	dir, keys := t.TempDir(), ring{}
	if err := Init(dir, keys, setting(t, "agadez", nil, nil), false, Machine{Now: noon}); err != nil {
		t.Fatal(err)
	}
	a, err := load(keys)
	if err != nil {
		t.Fatal(err)
	}
	if a.key.PublicKey.Equal(a.root.PublicKey) || !a.key.PublicKey.Equal(a.middle.PublicKey) {
		t.Error("the key in the keyring is not that of the signing certificate alone")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	scalar, err := a.key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, secret) || bytes.Contains(b, scalar) {
			t.Errorf("%s holds the key of the authority", e.Name())
		}
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s can be read by others: %v", e.Name(), info.Mode())
		}
	}
	pair, err := tls.LoadX509KeyPair(LeafFile(dir), LeafFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	if leaf := pair.PrivateKey.(*ecdsa.PrivateKey); leaf.Equal(a.key) {
		t.Error("the leaf has the key of the authority")
	}
	if lives := pair.Leaf.NotAfter.Sub(pair.Leaf.NotBefore); lives > 825*24*time.Hour {
		t.Errorf("Apple's devices refuse a certificate of %v", lives)
	}
}

func TestNamesAndAddressesOfAHub(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		hub       string
		more      []string
		addresses []string
		codes     []string
		want      string
	}{
		{"no name", "", nil, nil, []string{"tls.bad_name"}, ""},
		{"a name with dots", "agadez.local", nil, nil, []string{"tls.bad_name"}, ""},
		{"a name with a line break", "agadez\n", nil, nil, nil, "agadez.local, agadez.home.arpa"},
		{"letters of another script", "أغاديز", nil, nil, []string{"tls.bad_name"}, ""},
		{"this machine", "localhost", nil, nil, []string{"tls.bad_name"}, ""},
		{"capitals", "Agadez", nil, nil, nil, "agadez.local, agadez.home.arpa"},
		{"a public name", "agadez", []string{"help.example.org"}, nil, []string{"tls.foreign_name"}, ""},
		{"all that is local", "agadez", []string{"local"}, nil, []string{"tls.foreign_name"}, ""},
		{"a wildcard", "agadez", []string{"*.local"}, nil, []string{"tls.foreign_name"}, ""},
		{"more names", "agadez", []string{"serai.internal.", "agadez.local"}, nil, nil, "agadez.local, agadez.home.arpa, serai.internal"},
		{"a public address", "agadez", nil, []string{"8.8.8.8"}, []string{"tls.public_address"}, ""},
		{"everybody's addresses", "agadez", nil, []string{"0.0.0.0/0"}, []string{"tls.wide_range"}, ""},
		{"a range that reaches beyond what is private", "agadez", nil, []string{"172.0.0.0/16"}, []string{"tls.public_address"}, ""},
		{"an address with a mask", "agadez", nil, []string{"192.168.8.1/24"}, []string{"tls.bad_address"}, ""},
		{"no address at all", "agadez", nil, []string{"hub"}, []string{"tls.bad_address"}, ""},
		{"a zone", "agadez", nil, []string{"fe80::1%eth0"}, []string{"tls.bad_address"}, ""},
		{"a disguised address", "agadez", nil, []string{"::ffff:192.168.8.1"}, nil, "agadez.local, agadez.home.arpa, 192.168.8.1"},
		{"an address and ranges", "agadez", nil, []string{"192.168.8.1", "10.1.0.0/16", "fd12::/48"}, nil, "agadez.local, agadez.home.arpa, 192.168.8.1, 10.1.0.0/16, fd12::/48"},
		{"everything is said at once", "a b", []string{"example.org"}, []string{"8.8.8.8"}, []string{"tls.bad_name", "tls.foreign_name", "tls.public_address"}, ""},
	}
	for _, test := range tests {
		s, err := LocalSetting(test.hub, test.more, test.addresses)
		var codes []string
		for _, f := range fault.All(err) {
			codes = append(codes, f.Code)
			if f.Field == "" || f.Detail == "" {
				t.Errorf("%s: %s names no field or no remedy", test.name, f.Code)
			}
		}
		if !slices.Equal(codes, test.codes) || err == nil && s.String() != test.want {
			t.Errorf("%s: %v %v, want %v %q", test.name, s, codes, test.codes, test.want)
		}
	}
}

// A hub that changes keeps its authority as long as that covers the change; only a new one costs a round of tablets.
func TestChangesUnderTheSameRoot(t *testing.T) {
	t.Parallel()
	dir, keys := t.TempDir(), ring{}
	do := func(s Setting, fresh bool, now time.Time) (string, error) {
		t.Helper()
		if err := Init(dir, keys, s, fresh, Machine{Now: now, Addresses: []netip.Addr{netip.MustParseAddr("192.168.8.20")}}); err != nil {
			return "", err
		}
		st, err := Show(dir)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(st.Root.Words, " "), nil
	}
	first, err := do(setting(t, "agadez", nil, []string{"192.168.8.0/24"}), false, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Setting{setting(t, "agadez", nil, nil), setting(t, "agadez", nil, []string{"192.168.8.5"}), setting(t, "agadez", []string{"desk.agadez.local"}, nil)} {
		if words, err := do(s, false, noon); err != nil || words != first {
			t.Errorf("%s: %v, and the words are %q", s, err, words)
		}
	}
	for _, s := range []Setting{setting(t, "arlit", nil, nil), setting(t, "agadez", nil, []string{"192.168.9.1"}), setting(t, "agadez", nil, []string{"192.168.0.0/16"})} {
		before, _, err := Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		_, err = do(s, false, noon)
		if fault.Code(err) != "tls.outside" || !strings.Contains(err.Error(), "--new-authority") {
			t.Errorf("%s: %v", s, err)
		}
		if after, _, err := Read(dir); err != nil || after.String() != before.String() {
			t.Errorf("a refusal changed the setting: %v %v", after, err)
		}
	}
	if words, err := do(setting(t, "arlit", nil, nil), true, noon); err != nil || words == first {
		t.Errorf("a new authority: %v, the words are %q", err, words)
	}
	if _, err := do(setting(t, "arlit", nil, nil), true, time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC)); fault.Code(err) != "tls.clock" {
		t.Errorf("an authority of 1970: %v", err)
	}
}

// The leaf is renewed at two thirds of its life, when the addresses change, and never in a time that cannot be.
func TestRenewal(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	eight, nine := []netip.Addr{netip.MustParseAddr("192.168.8.20")}, []netip.Addr{netip.MustParseAddr("192.168.8.21")}
	tests := []struct {
		name      string
		after     time.Duration
		addresses []netip.Addr
		hurt      func(t *testing.T, dir string)
		now       bool
		renewed   bool
		code      string
	}{
		{name: "not on the next day", after: day, addresses: eight},
		{name: "not before two thirds", after: 60*day - time.Hour, addresses: eight},
		{name: "at two thirds", after: 60 * day, addresses: eight, renewed: true},
		{name: "after its end", after: 200 * day, addresses: eight, renewed: true},
		{name: "when the address changes in its range", after: day, addresses: nine, renewed: true},
		{name: "when no address is left", after: day, addresses: nil, renewed: true},
		{name: "when somebody asks", after: day, addresses: eight, now: true, renewed: true},
		{name: "when the file is gone", after: day, addresses: eight, renewed: true, hurt: func(t *testing.T, dir string) { remove(t, LeafFile(dir)) }},
		{name: "when the file is torn", after: day, addresses: eight, renewed: true, hurt: func(t *testing.T, dir string) {
			if err := os.WriteFile(LeafFile(dir), []byte("-----BEGIN"), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "not when the clock went back a little", after: -20 * day, addresses: eight, code: "tls.clock"},
		{name: "not in the year 1970", after: -56 * 365 * day, addresses: eight, now: true, code: "tls.clock"},
		{name: "not by itself when the clock has leapt", after: 900 * day, addresses: eight, code: "tls.clock"},
		{name: "when somebody says that the clock is right", after: 900 * day, addresses: eight, now: true, renewed: true},
		{name: "not when the authority ends", after: 10 * 365 * day, addresses: eight, now: true, code: "tls.authority_ends"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir, keys := t.TempDir(), ring{}
			if err := Init(dir, keys, setting(t, "agadez", nil, []string{"192.168.8.0/24"}), false, Machine{noon, eight}); err != nil {
				t.Fatal(err)
			}
			if test.hurt != nil {
				test.hurt(t, dir)
			}
			before, _ := os.ReadFile(LeafFile(dir))
			now := noon.Add(test.after)
			renewed, err := Renew(dir, keys, Machine{now, test.addresses}, test.now)
			code := ""
			if err != nil {
				code = fault.Code(err)
			}
			after, _ := os.ReadFile(LeafFile(dir))
			if renewed != test.renewed || code != test.code || bytes.Equal(before, after) == test.renewed {
				t.Fatalf("renewed %v, %v", renewed, err)
			}
			if !renewed {
				return
			}
			st, err := Show(dir)
			if err != nil {
				t.Fatal(err)
			}
			if st.Until.Before(now.Add(80*day)) || st.From.After(now.Add(-29*day)) || len(st.Names) != 2+len(test.addresses) {
				t.Errorf("the new one holds from %v to %v for %v", st.From, st.Until, st.Names)
			}
			if again, err := Renew(dir, keys, Machine{now, test.addresses}, false); again || err != nil {
				t.Errorf("and again at once: %v %v", again, err)
			}
		})
	}
	t.Run("after the clock had leapt and was set", func(t *testing.T) {
		dir, keys := t.TempDir(), ring{}
		if err := Init(dir, keys, setting(t, "agadez", nil, nil), false, Machine{Now: noon}); err != nil {
			t.Fatal(err)
		}
		for _, leap := range []time.Duration{300 * day, day} {
			if renewed, err := Renew(dir, keys, Machine{Now: noon.Add(leap)}, false); err != nil || !renewed {
				t.Fatalf("at %v: %v %v", leap, renewed, err)
			}
		}
		if st, err := Show(dir); err != nil || st.From.After(noon) {
			t.Errorf("from %v %v", st.From, err)
		}
	})
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// The authority is part of a backup: on another machine the same tablets open the same hub.
func TestTheHubComesBackWithItsKeyring(t *testing.T) {
	t.Parallel()
	old, dir := t.TempDir(), t.TempDir()
	first, err := seal.Create(old)
	if err != nil {
		t.Fatal(err)
	}
	if err := Init(old, first, setting(t, "agadez", []string{"serai.internal"}, []string{"192.168.8.1", "192.168.8.0/24"}), false, Machine{Now: noon}); err != nil {
		t.Fatal(err)
	}
	content, err := first.Export()
	if err != nil {
		t.Fatal(err)
	}
	second, err := seal.Import(dir, content)
	if err != nil {
		t.Fatal(err)
	}
	if err := Restore(dir, second, Machine{Now: noon.AddDate(0, 1, 0)}); err != nil {
		t.Fatal(err)
	}
	a, err := Show(old)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Show(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Names, b.Names) || a.Root.SHA256 != b.Root.SHA256 || !slices.Equal(a.Root.Words, b.Root.Words) {
		t.Errorf("before %v %v, after %v %v", a.Names, a.Root, b.Names, b.Root)
	}
	empty := t.TempDir()
	if err := Restore(empty, ring{}, Machine{Now: noon}); err != nil {
		t.Error(err)
	}
	if st, err := Show(empty); err != nil || st.Kind != "none" {
		t.Errorf("a node that never was a hub: %v %v", st, err)
	}
	broken := ring{areaName: []byte("x")}
	if err := Restore(empty, broken, Machine{Now: noon}); err == nil {
		t.Error("a broken authority is restored")
	}
}

func TestWhatCannotBeReadSaysWhatToDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := Init(dir, ring{}, setting(t, "agadez", nil, nil), false, Machine{Now: noon}); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"torn": `{"kind":`, "of a later version": `{"kind":"local","colour":"blue"}`, "of another kind": `{"kind":"magic"}`} {
		if err := os.WriteFile(filepath.Join(dir, settingName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Read(dir); fault.Code(err) != "tls.bad_setting" || !strings.Contains(err.Error(), "serai tls init") {
			t.Errorf("%s: %v", name, err)
		}
		if f := Examine(dir, Machine{Now: noon}); len(f) != 1 || f[0].Code != "doctor.tls_broken" || f[0].Level != "error" {
			t.Errorf("%s: doctor says %v", name, f)
		}
	}
	if _, err := UseFiles(dir, filepath.Join(dir, rootName), filepath.Join(dir, rootName)); fault.Code(err) != "tls.bad_pair" {
		t.Errorf("a certificate without a key: %v", err)
	}
	if _, err := UseFiles(dir, "absent", "absent"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no files: %v", err)
	}
	if _, err := Renew(dir, ring{}, Machine{Now: noon}, true); fault.Code(err) != "tls.bad_setting" {
		t.Errorf("renewal: %v", err)
	}
	none := t.TempDir()
	if _, err := Renew(none, ring{}, Machine{Now: noon}, true); fault.Code(err) != "tls.not_local" {
		t.Errorf("renewal of nothing: %v", err)
	}
	if again, err := Renew(none, ring{}, Machine{Now: noon}, false); again || err != nil {
		t.Errorf("the job of a node without a certificate: %v", err)
	}
}

func TestDoctorLooksAtTheCertificate(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	dir := t.TempDir()
	if err := Init(dir, ring{}, setting(t, "agadez", nil, nil), false, Machine{Now: noon}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		after time.Duration
		want  string
	}{
		{0, "doctor.tls"}, {70 * day, "doctor.tls"}, {80 * day, "doctor.tls doctor.tls_ends"}, {91 * day, "doctor.tls doctor.tls_ended"},
		{-2 * day, "doctor.tls doctor.tls_clock"}, {600 * day, "doctor.tls doctor.tls_clock"}, {3400 * day, "doctor.tls doctor.tls_clock doctor.tls_authority_ends"},
	} {
		var codes []string
		for _, f := range Examine(dir, Machine{Now: noon.Add(test.after)}) {
			codes = append(codes, f.Code)
		}
		if got := strings.Join(codes, " "); got != test.want {
			t.Errorf("after %v: %s, want %s", test.after, got, test.want)
		}
	}
	if err := os.Chmod(LeafFile(dir), 0o644); err != nil {
		t.Fatal(err)
	}
	if f := Examine(dir, Machine{Now: noon}); f[len(f)-1].Code != "doctor.tls_key_open" {
		t.Errorf("a key that others can read: %v", f)
	}
	if f := Examine(t.TempDir(), Machine{Now: noon}); len(f) != 1 || f[0].Code != "doctor.tls_none" {
		t.Errorf("no certificate: %v", f)
	}
}

func TestTheWords(t *testing.T) {
	t.Parallel()
	if len(wordsOf256) != 256 {
		t.Fatalf("%d words", len(wordsOf256))
	}
	heads := map[string]bool{}
	for _, w := range wordsOf256 {
		if len(w) < 4 || len(w) > 8 || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" || heads[w[:4]] {
			t.Errorf("%q is no plain word, or begins as another does", w)
		}
		heads[w[:4]] = true
	}
	a, err := newAuthority(setting(t, "agadez", nil, nil), noon)
	if err != nil {
		t.Fatal(err)
	}
	f := FingerprintOf(a.root)
	if len(f.Words) != 8 || len(f.Number) != 24 || len(f.SHA256) != 79 {
		t.Errorf("%+v", f)
	}
	if other := FingerprintOf(a.middle); other.SHA256 == f.SHA256 || slices.Equal(other.Words, f.Words) {
		t.Error("another certificate has the same fingerprint")
	}
	// The words are read aloud from old sheets: they never change for the same certificate.
	fixed := FingerprintOf(&x509.Certificate{Raw: []byte("serai")})
	if got := strings.Join(fixed.Words, " ") + ", " + fixed.Number; got != wordsOfSerai {
		t.Errorf("the words of a known certificate are now %s", got)
	}
}

const wordsOfSerai = "shell wisdom mint eight tent arrow meadow linen, 1476 9710 3092 1232 6271"
