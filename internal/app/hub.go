package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"serai/internal/fault"
	"serai/internal/hub"
	"serai/internal/seal"
)

// reached is how other machines reach a node: what tls.json of its data directory says.
type reached struct {
	setting hub.Setting
	public  *hub.Public // asks an authority; nil for the other kinds
	mdns    *hub.MDNS
}

// reach fills in where the certificate comes from. Files on the command line go before, and a loopback address stays
// without TLS: only this machine is there.
func (c Config) reach() (Config, error) {
	s, ok, err := hub.Read(c.Data)
	if err != nil {
		return c, err
	}
	if ok {
		c.reached = &reached{setting: s}
		c.reached.mdns = c.multicast()
	}
	if !ok || c.Cert != "" || c.loopback() {
		if ok && c.Onboarding != "" {
			return c, fault.Invalid("tls.no_onboarding", "the onboarding page is for a node that other machines reach with the certificate of `serai tls`: give --addr :443, and no --cert")
		}
		return c, nil
	}
	switch s.Kind {
	case hub.Local:
		c.Cert, c.Key = hub.LeafFile(c.Data), hub.LeafFile(c.Data)
	case hub.Files:
		c.Cert, c.Key = s.Cert, s.Key
	case hub.ACME:
		c.reached.public = s.Public(c.Data, c.authority, c.Log)
	}
	return c, nil
}

// public returns who asks an authority for certificates, nil when nobody does.
func (c Config) public() *hub.Public {
	if c.reached == nil {
		return nil
	}
	return c.reached.public
}

// tls tells whether the node listens with TLS.
func (c Config) tls() bool { return c.Cert != "" || c.public() != nil }

// host is the name that people type: that of the certificate where the node listens on every address.
func (c Config) host() string {
	host, _, err := net.SplitHostPort(c.Addr)
	if ip, e := netip.ParseAddr(host); err == nil && host != "" && (e != nil || !ip.IsUnspecified()) {
		return host
	}
	if c.tls() && c.reached != nil {
		if all := append(slices.Clone(c.reached.setting.Names), c.reached.setting.Domains...); len(all) > 0 {
			return all[0]
		}
	}
	return "localhost"
}

// beside starts what goes along with a listener at port: the onboarding page, the name by multicast, the asking for a
// certificate. wait returns when all of it has ended; a listener that cannot be opened is an error at once.
func (c Config) beside(ctx context.Context, port string, fail func(error)) (wait func(), err error) {
	var wg sync.WaitGroup
	if c.reached != nil && c.reached.mdns != nil {
		run, err := c.reached.mdns.Start(ctx)
		switch {
		case err != nil && c.MDNS != nil:
			return wg.Wait, err // somebody asked for it
		case err != nil:
			c.Log.Warn("this machine cannot answer for its name; devices need its address", "error", err.Error())
		default:
			wg.Go(run)
		}
	}
	if c.Onboarding != "" {
		o := &hub.Onboarding{Addr: c.Onboarding, Dir: c.Data, Port: port, Public: c.public(), Now: c.Now, Log: c.Log}
		open := make(chan error, 1)
		wg.Go(func() {
			err := o.Listen(ctx, func(url string) {
				fmt.Fprintf(c.Out, "devices begin at %s\n", url)
				if st, err := hub.Show(c.Data); err == nil && st.Root != nil {
					fmt.Fprintf(c.Out, "words of this hub: %s (%s)\n", strings.Join(st.Root.Words, " "), st.Root.Number)
				}
				open <- nil
			})
			if err != nil {
				select {
				case open <- err:
				default:
					fail(err)
				}
			}
		})
		if err := <-open; err != nil {
			return wg.Wait, err
		}
	}
	if p := c.public(); p != nil { // the authority looks at what is open by now
		wg.Go(func() { p.Fetch(ctx) })
	}
	return wg.Wait, nil
}

// multicast returns who answers for the names under .local, nil when nobody is to: by default a hub with its own
// authority does, and a server does not.
func (c Config) multicast() *hub.MDNS {
	if c.MDNS != nil && !*c.MDNS || c.reached == nil || c.loopback() {
		return nil
	}
	var names []string
	for _, n := range c.reached.setting.Names {
		if strings.HasSuffix(n, ".local") {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		return nil
	}
	m := &hub.MDNS{Names: names, Log: c.Log, Now: c.Now}
	if host, _, err := net.SplitHostPort(c.Addr); err == nil {
		if ip, err := netip.ParseAddr(host); err == nil && !ip.IsUnspecified() {
			m.Only = []netip.Addr{ip.Unmap()}
		}
	}
	return m
}

// rivals lists who else answers to this hub's name.
func (n *Node) rivals() []hub.Rival {
	if n.Config.reached == nil {
		return nil
	}
	return n.Config.reached.mdns.Rivals()
}

// renewCertificate makes the next leaf when it is time. The listener takes it from its file at the next handshake.
func (n *Node) renewCertificate(context.Context) error {
	done, err := hub.Renew(n.Config.Data, n.Ring, hub.This(n.Config.Now()), false)
	if done {
		n.Config.Log.Info("the certificate of this hub was renewed")
	}
	return err
}

// doctorHub says how the certificate stands.
func (n *Node) doctorHub(say func(level, code, format string, args ...any)) {
	for _, f := range hub.Examine(n.Config.Data, hub.This(n.Config.Now())) {
		say(f.Level, f.Code, "%s", f.Text)
	}
}

// TLSStatus says how the certificate of a node stands.
type TLSStatus = hub.Status

// TLSLocal makes the node show certificates of its own authority. The node must not be running: its keyring is written.
func (n *Node) TLSLocal(name string, more, addresses []string, fresh bool) (TLSStatus, error) {
	s, err := hub.LocalSetting(name, more, addresses)
	if err != nil {
		return TLSStatus{}, err
	}
	if err := hub.Init(n.Config.Data, n.Ring, s, fresh, hub.This(n.Config.Now())); err != nil {
		return TLSStatus{}, err
	}
	return hub.Show(n.Config.Data)
}

// TLSRenew makes a new leaf now. The node may be running.
func (c Config) TLSRenew(passphrase, keyFile string) (TLSStatus, error) {
	c = c.Whole()
	ring, err := Unlock(c.Data, passphrase, keyFile)
	if err != nil {
		return TLSStatus{}, err
	}
	if _, err := hub.Renew(c.Data, ring, hub.This(c.Now()), true); err != nil {
		return TLSStatus{}, err
	}
	return hub.Show(c.Data)
}

// TLSFiles makes the node show a certificate from files.
func (c Config) TLSFiles(cert, key string) (TLSStatus, error) {
	return c.use(func(dir string) error { _, err := hub.UseFiles(dir, cert, key); return err })
}

// TLSACME makes the node ask a public authority for its certificate.
func (c Config) TLSACME(domains []string, email, directory string) (TLSStatus, error) {
	return c.use(func(dir string) error { _, err := hub.UseACME(dir, domains, email, directory); return err })
}

func (c Config) use(fn func(dir string) error) (TLSStatus, error) {
	c = c.Whole()
	if !seal.Exists(c.Data) {
		_, err := Unlock(c.Data, "", "")
		return TLSStatus{}, err
	}
	if err := fn(c.Data); err != nil {
		return TLSStatus{}, err
	}
	return hub.Show(c.Data)
}

// TLSShow tells how the certificate of a node stands; no key is needed.
func (c Config) TLSShow() (TLSStatus, []hub.Finding, error) {
	c = c.Whole()
	st, err := hub.Show(c.Data)
	if err != nil {
		return st, nil, err
	}
	return st, hub.Examine(c.Data, hub.This(c.Now())), nil
}

// restoreHub brings the files of a hub back whose authority came with the backup.
func (n *Node) restoreHub() error {
	err := hub.Restore(n.Config.Data, n.Ring, hub.This(n.Config.Now()))
	if err != nil {
		return errors.Join(errors.New("the data is restored; the certificate is not: run `serai tls renew` or `serai tls init`"), err)
	}
	return nil
}
