package hub

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"serai/internal/fault"
	"serai/internal/seal"
)

// Machine is what the hub knows of where it runs; tests have their own.
type Machine struct {
	Now       time.Time
	Addresses []netip.Addr
}

// This returns the machine that we run on. An interface that cannot be read has no addresses.
func This(now time.Time) Machine {
	m := Machine{Now: now}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return m
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok && !ip.Unmap().IsLoopback() {
				m.Addresses = append(m.Addresses, ip.Unmap())
			}
		}
	}
	return m
}

// Init makes the node in dir show certificates of a local authority. An authority that covers the names of s is used
// again, so that no device need be onboarded twice; one that does not is replaced only when fresh says so.
func Init(dir string, ring Keyring, s Setting, fresh bool, m Machine) error {
	if m.Now.Year() < 2026 || m.Now.Year() > 2100 {
		return fault.Invalidf("tls.clock", "the clock of this machine says %s; set it first, or every device will refuse the certificate", m.Now.UTC().Format(time.DateTime))
	}
	a, err := load(ring)
	if err != nil && !fresh {
		return err
	}
	if a != nil && !fresh {
		if !a.covers(s) {
			return fault.Conflict("tls.outside", "the authority of this hub holds for "+a.setting().String()+
				" alone. Keep to these, or make another with --new-authority: every device must then be onboarded again")
		}
		if err := a.clock(m.Now); err != nil {
			return err
		}
	} else {
		if a, err = newAuthority(s, m.Now); err != nil {
			return err
		}
		if err := a.store(ring); err != nil {
			return err
		}
	}
	return a.install(dir, s, m)
}

// clock refuses a time in which nothing may be issued.
func (a *authority) clock(now time.Time) error {
	if now.Before(a.made().Add(-24 * time.Hour)) {
		return fault.Invalidf("tls.clock", "the clock of this machine says %s, and its authority was made on %s: set the clock",
			now.UTC().Format(time.DateTime), a.made().UTC().Format(time.DateOnly))
	}
	if now.After(a.middle.NotAfter.Add(-leafRenews)) {
		return fault.Invalidf("tls.authority_ends", "the authority of this hub ends on %s; make another with `serai tls init --new-authority`, and onboard the devices again; if that day is far away, set the clock",
			a.middle.NotAfter.UTC().Format(time.DateOnly))
	}
	return nil
}

// install writes the files, the setting last: what it speaks of is there.
func (a *authority) install(dir string, s Setting, m Machine) error {
	leaf, err := a.leaf(s, m.Addresses, m.Now)
	if err != nil {
		return err
	}
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw})
	if err := seal.WriteFile(filepath.Join(dir, rootName), root); err != nil {
		return err
	}
	if err := seal.WriteFile(LeafFile(dir), leaf); err != nil {
		return err
	}
	return s.write(dir)
}

// Restore writes the files of a hub whose keyring came back from a backup: the authority belongs to the backup, so that
// the devices of the point need not be onboarded again. Without an authority it does nothing.
func Restore(dir string, ring Keyring, m Machine) error {
	a, err := load(ring)
	if a == nil || err != nil {
		return err
	}
	if _, there, err := Read(dir); there || err != nil {
		return err
	}
	return a.install(dir, a.setting(), m)
}

// Renew issues a new leaf when the present one is due, does not fit the machine's addresses, or cannot be read. With
// now it does so in any case, and trusts the clock. It tells whether there is a new one. Without a local authority in
// use it does nothing.
func Renew(dir string, ring Keyring, m Machine, now bool) (bool, error) {
	s, ok, err := Read(dir)
	if err != nil || !ok || s.Kind != Local {
		if err == nil && now {
			err = fault.Conflict("tls.not_local", "this node has no certificate of its own authority; `serai tls init` makes one")
		}
		return false, err
	}
	a, err := load(ring)
	if err != nil {
		return false, err
	}
	if a == nil {
		return false, fault.NotFound("tls.no_authority", "the keyring holds no authority; make one with `serai tls init`")
	}
	if err := a.clock(m.Now); err != nil {
		return false, err
	}
	if !now {
		if due, err := a.due(dir, s, m); !due || err != nil {
			return false, err
		}
	}
	leaf, err := a.leaf(s, m.Addresses, m.Now)
	if err != nil {
		return false, err
	}
	return true, seal.WriteFile(LeafFile(dir), leaf)
}

// due tells whether the leaf must be replaced.
func (a *authority) due(dir string, s Setting, m Machine) (bool, error) {
	chain, err := readChain(LeafFile(dir), LeafFile(dir))
	if err != nil {
		return true, nil // what cannot be read is made anew
	}
	leaf := chain[0]
	switch {
	case m.Now.After(leaf.NotAfter.Add(plainlyWrong)):
		return false, fault.Invalidf("tls.clock", "the clock of this machine says %s, and its certificate ended on %s: set the clock, or run `serai tls renew` if it is right",
			m.Now.UTC().Format(time.DateTime), leaf.NotAfter.UTC().Format(time.DateOnly))
	case len(chain) < 2 || !bytes.Equal(chain[1].Raw, a.middle.Raw):
		return true, nil
	case m.Now.Before(leaf.NotBefore):
		return true, nil // it was issued while the clock was far ahead, and no device takes it
	case !m.Now.Before(leaf.NotBefore.Add(backDated + leafRenews)):
		return true, nil
	}
	var has []netip.Addr
	for _, ip := range leaf.IPAddresses {
		if ip, ok := netip.AddrFromSlice(ip); ok {
			has = append(has, ip.Unmap())
		}
	}
	slices.SortFunc(has, netip.Addr.Compare)
	return !slices.Equal(leaf.DNSNames, s.Names) || !slices.Equal(has, s.concrete(m.Addresses)), nil
}

// readChain reads a certificate with those above it, and checks that the key fits.
func readChain(cert, key string) ([]*x509.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return nil, err
	case err != nil:
		return nil, fault.Invalidf("tls.bad_pair", "%s and %s are no certificate with its key in PEM form: %s", cert, key, err)
	}
	var out []*x509.Certificate
	for _, der := range pair.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fault.Invalidf("tls.bad_pair", "%s holds a certificate that cannot be read: %s", cert, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// readRoot reads the root of a local authority.
func readRoot(dir string) (*x509.Certificate, error) {
	b, err := os.ReadFile(filepath.Join(dir, rootName))
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fault.Invalidf("tls.bad_root", "%s cannot be read; restore it with `serai tls init` and the same names", filepath.Join(dir, rootName))
	}
	return x509.ParseCertificate(block.Bytes)
}
