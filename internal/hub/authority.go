package hub

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"serai/internal/fact"
	"serai/internal/fault"
)

const (
	authorityYears = 10
	// A leaf lives three months and is renewed after two: what is stolen with the machine ends by itself, and a hub that
	// was switched off for weeks still has a valid one when it comes back. Apple's limit for own roots is 825 days.
	leafLives  = 90 * 24 * time.Hour
	leafRenews = 60 * 24 * time.Hour
	// The clocks of hubs and tablets are wrong by weeks where nothing sets them. A certificate that is valid before it was
	// made harms nobody.
	backDated = 30 * 24 * time.Hour
	// A clock that says that the leaf ended this long ago has more likely jumped than the hub has slept.
	plainlyWrong = 400 * 24 * time.Hour
)

// authority is what signs leaves for one hub.
type authority struct {
	root, middle *x509.Certificate
	key          *ecdsa.PrivateKey // of middle; the root's key is gone
}

// kept is the authority as it lies in the keyring.
type kept struct {
	Root   []byte `cbor:"1,keyasint"`
	Middle []byte `cbor:"2,keyasint"`
	Key    []byte `cbor:"3,keyasint"` // PKCS #8
}

// Keyring is where the key of the authority is closed away; *seal.Keyring is one.
type Keyring interface {
	Area(name string) ([]byte, bool)
	SetArea(name string, value []byte) error
}

const areaName = "tls"

// newAuthority makes an authority for what s names. The key of the root lives until the end of this function. Some
// verifiers do not look at the constraints of a root that its user trusts (Android's own among them), and all look at
// those of what it signed: as nothing can be signed with the root any more, the constraints hold everywhere.
func newAuthority(s Setting, now time.Time) (*authority, error) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	hub := strings.TrimSuffix(s.Names[0], ".local")
	root, err := issuer(s, "Serai hub "+hub+" ("+now.UTC().Format(time.DateOnly)+")", now, 1)
	if err != nil {
		return nil, err
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey)
	if err != nil {
		return nil, err
	}
	if root, err = x509.ParseCertificate(rootDER); err != nil {
		return nil, err
	}
	middle, err := issuer(s, "Serai hub "+hub+", signing", now, 0)
	if err != nil {
		return nil, err
	}
	middleDER, err := x509.CreateCertificate(rand.Reader, middle, root, key.Public(), rootKey)
	if err != nil {
		return nil, err
	}
	if middle, err = x509.ParseCertificate(middleDER); err != nil {
		return nil, err
	}
	return &authority{root, middle, key}, nil
}

// issuer is the template of a certificate that signs others, held to what s names.
func issuer(s Setting, name string, now time.Time, below int) (*x509.Certificate, error) {
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{Organization: []string{"Serai"}, CommonName: name},
		NotBefore: now.Add(-backDated), NotAfter: now.AddDate(authorityYears, 0, 0),
		BasicConstraintsValid: true, IsCA: true, MaxPathLen: below, MaxPathLenZero: below == 0,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},

		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         s.Names,
		// Mail and URIs are held to a name that nobody can have. Empty exclusions would say the same in fewer bytes, but the
		// verifiers of Java and Android refuse certificates that hold them.
		PermittedEmailAddresses: []string{"nobody.invalid"},
		PermittedURIDomains:     []string{"nobody.invalid"},
	}
	families := map[string]bool{}
	for _, p := range s.Addresses {
		families[map[bool]string{true: "0.0.0.0", false: "::"}[p.Addr().Is4()]] = true
		c.PermittedIPRanges = append(c.PermittedIPRanges, network(p))
	}
	for _, unspecified := range []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		switch {
		case len(s.Addresses) == 0:
			c.ExcludedIPRanges = append(c.ExcludedIPRanges, network(netip.PrefixFrom(unspecified, 0)))
		case !families[unspecified.String()]:
			// Some verifiers may take the families for two forms of name, of which the second would stay open. It is held to
			// the one address that nobody has; an exclusion breaks the verifiers of Java and Android, which compare the
			// addresses of a certificate with it byte by byte, whatever their family.
			c.PermittedIPRanges = append(c.PermittedIPRanges, network(netip.PrefixFrom(unspecified, unspecified.BitLen())))
		}
	}
	return c, nil
}

func network(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

func newSerial() (*big.Int, error) {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
	if err != nil {
		return nil, err
	}
	return n.SetBit(n, 126, 1), nil // never small, never negative
}

// leaf issues a new certificate with a new key and returns what stands in the file: the key and the chain. addresses are
// those that the machine has now.
func (a *authority) leaf(s Setting, addresses []netip.Addr, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{Organization: []string{"Serai"}, CommonName: s.Names[0]},
		NotBefore: now.Add(-backDated), NotAfter: earlier(now.Add(leafLives), a.middle.NotAfter),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: s.Names,
	}
	for _, ip := range s.concrete(addresses) {
		c.IPAddresses = append(c.IPAddresses, ip.AsSlice())
	}
	der, err := x509.CreateCertificate(rand.Reader, c, a.middle, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	pkcs, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, block := range []*pem.Block{{Type: "PRIVATE KEY", Bytes: pkcs}, {Type: "CERTIFICATE", Bytes: der}, {Type: "CERTIFICATE", Bytes: a.middle.Raw}} {
		if err := pem.Encode(&b, block); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// concrete lists the addresses for a leaf: those that were named one by one, and those of the machine that lie in a range.
func (s Setting) concrete(machine []netip.Addr) []netip.Addr {
	var out []netip.Addr
	for _, p := range s.Addresses {
		if p.IsSingleIP() {
			out = append(out, p.Addr())
			continue
		}
		for _, ip := range machine {
			if p.Contains(ip) {
				out = append(out, ip)
			}
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}

// covers tells whether the authority may sign for everything that s names.
func (a *authority) covers(s Setting) bool {
	for _, name := range s.Names {
		if !slices.ContainsFunc(a.middle.PermittedDNSDomains, func(own string) bool { return name == own || strings.HasSuffix(name, "."+own) }) {
			return false
		}
	}
	for _, p := range s.Addresses {
		if !slices.ContainsFunc(a.permitted(), func(own netip.Prefix) bool { return own.Bits() <= p.Bits() && own.Contains(p.Addr()) }) {
			return false
		}
	}
	return true
}

func (a *authority) permitted() []netip.Prefix {
	var out []netip.Prefix
	for _, n := range a.middle.PermittedIPRanges {
		if ip, ok := netip.AddrFromSlice(n.IP); ok && !ip.IsUnspecified() {
			bits, _ := n.Mask.Size()
			out = append(out, netip.PrefixFrom(ip, bits))
		}
	}
	return out
}

// setting is what the authority holds for: that of a hub whose files are lost.
func (a *authority) setting() Setting {
	return Setting{Kind: Local, Names: a.middle.PermittedDNSDomains, Addresses: a.permitted()}
}

// made is when the authority was made.
func (a *authority) made() time.Time { return a.root.NotBefore.Add(backDated) }

func (a *authority) store(ring Keyring) error {
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return err
	}
	b, err := fact.Encode(kept{a.root.Raw, a.middle.Raw, key})
	if err != nil {
		return err
	}
	return ring.SetArea(areaName, b)
}

// load returns the authority in a keyring, nil when there is none.
func load(ring Keyring) (*authority, error) {
	b, ok := ring.Area(areaName)
	if !ok {
		return nil, nil
	}
	var k kept
	if err := fact.Decode(b, &k); err != nil {
		return nil, fmt.Errorf("read the authority: %w", err)
	}
	a := &authority{}
	var err error
	if a.root, err = x509.ParseCertificate(k.Root); err != nil {
		return nil, fmt.Errorf("read the root: %w", err)
	}
	if a.middle, err = x509.ParseCertificate(k.Middle); err != nil {
		return nil, fmt.Errorf("read the authority: %w", err)
	}
	key, err := x509.ParsePKCS8PrivateKey(k.Key)
	if err != nil {
		return nil, fmt.Errorf("read the key of the authority: %w", err)
	}
	if a.key, ok = key.(*ecdsa.PrivateKey); !ok || !a.key.PublicKey.Equal(a.middle.PublicKey) {
		return nil, fault.Invalid("tls.wrong_key", "the key of the local authority does not fit it; make a new one with `serai tls init --new-authority`")
	}
	return a, nil
}
