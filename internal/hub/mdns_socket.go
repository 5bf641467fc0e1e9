package hub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

var (
	group4 = netip.MustParseAddr("224.0.0.251")
	group6 = netip.MustParseAddr("ff02::fb")
)

// MDNS answers for names under .local on the networks of this machine.
type MDNS struct {
	Names  []string     // agadez.local
	Only   []netip.Addr // the addresses that the node listens on; empty for all
	Log    *slog.Logger
	Report func(Rival) // called when another machine is first heard to answer to one of the names; may be nil
	Now    func() time.Time

	// Tests have their own.
	port  int
	links func() []link

	r atomic.Pointer[responder]
}

// Start opens the sockets. Without any it fails; one family is enough.
func (m *MDNS) Start(ctx context.Context) (run func(), err error) {
	r, err := newResponder(m.Names, m.Only)
	if err != nil {
		return nil, err
	}
	if m.port == 0 {
		m.port = mdnsPort
	}
	if m.links == nil {
		m.links = links
	}
	if m.Now == nil {
		m.Now = time.Now
	}
	var socks []*socket
	var failed []error
	for _, open := range []func(context.Context, int) (*socket, error){open4, open6} {
		s, err := open(ctx, m.port)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		socks = append(socks, s)
	}
	if len(socks) == 0 {
		return nil, fmt.Errorf("answer for %s: %w", strings.Join(m.Names, ", "), errors.Join(failed...))
	}
	m.r.Store(r)
	return func() { m.run(ctx, r, socks) }, nil
}

// Rivals lists who else answered to the names in the last day.
func (m *MDNS) Rivals() []Rival {
	if m == nil || m.r.Load() == nil {
		return nil
	}
	return m.r.Load().list(m.Now())
}

func (m *MDNS) run(ctx context.Context, r *responder, socks []*socket) {
	var wg sync.WaitGroup
	table := &linkTable{}
	table.set(m.links())
	for _, s := range socks {
		wg.Go(func() { m.serve(r, s, table) })
	}
	seen := map[string]uint64{} // by family and link: what was announced there
	told := map[string]bool{}
	for fast := 3; ; fast-- {
		now := m.links()
		table.set(now)
		r.know(now)
		for _, s := range socks {
			for _, l := range now {
				id := s.family + strconv.Itoa(l.index)
				if seen[id] == l.stamp() || len(r.addresses(l)) == 0 {
					continue
				}
				if err := s.join(l); err != nil {
					m.Log.Debug("no multicast here", "interface", l.name, "family", s.family, "error", err.Error())
				}
				seen[id] = l.stamp()
				wg.Go(func() { m.announce(ctx, r, s, l) })
			}
		}
		for _, rival := range m.Rivals() {
			if k := rival.Name + rival.Address; !told[k] {
				told[k] = true
				m.Log.Warn("another machine answers to the name of this hub", "name", rival.Name, "address", rival.Address)
				if m.Report != nil {
					m.Report(rival)
				}
			}
		}
		wait := 10 * time.Second // a network that comes up later, an address that changes, a rival
		if fast > 0 {
			wait = time.Second
		}
		select {
		case <-ctx.Done():
			for _, s := range socks {
				for _, l := range now {
					if b, err := r.announcement(l, true); err == nil {
						s.send(b, l, netip.AddrPort{})
					}
				}
				s.close()
			}
			wg.Wait()
			return
		case <-time.After(wait):
		}
	}
}

// announce probes three times and then says our records twice. A rival is reported and does not stop it.
func (m *MDNS) announce(ctx context.Context, r *responder, s *socket, l link) {
	for i := range 5 {
		make := r.probe
		wait := 250 * time.Millisecond
		if i >= 3 {
			make = func(l link) ([]byte, error) { return r.announcement(l, false) }
			wait = time.Second
		}
		if b, err := make(l); err == nil {
			s.send(b, l, netip.AddrPort{})
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

func (m *MDNS) serve(r *responder, s *socket, table *linkTable) {
	buffer := make([]byte, 9000)
	for {
		n, index, from, err := s.read(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(100 * time.Millisecond) // an interface that goes away says so here, and is no reason to spin
			continue
		}
		l, ok := table.find(index, from.Addr())
		if !ok {
			continue
		}
		if answer, ok := r.query(buffer[:n], l, from, m.Now()); ok {
			to := netip.AddrPort{}
			if answer.alone {
				to = from
			}
			s.send(answer.message, l, to)
		}
	}
}

// know remembers every address of this machine: who answers with one of them is us, or another program of ours.
func (r *responder) know(all []link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.own)
	for _, l := range all {
		for _, n := range l.networks {
			r.own[n.Addr()] = true
		}
	}
}

// linkTable is what the readers look their links up in.
type linkTable struct {
	mu  sync.Mutex
	all []link
}

func (t *linkTable) set(all []link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = all
}

// find returns the link by its number, or where the system does not tell it, by who asks.
func (t *linkTable) find(index int, from netip.Addr) (link, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range t.all {
		if index == l.index || index == 0 && l.holds(from) {
			return l, true
		}
	}
	return link{}, false
}

// links lists the interfaces of this machine on which others are.
func links() []link {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var out []link
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagMulticast == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		if l := linkOf(i); len(l.networks) > 0 {
			out = append(out, l)
		}
	}
	return out
}

func linkOf(i net.Interface) link {
	l := link{index: i.Index, name: i.Name}
	all, err := i.Addrs()
	if err != nil {
		return l
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok {
				bits, _ := n.Mask.Size()
				l.networks = append(l.networks, netip.PrefixFrom(ip.Unmap(), bits))
			}
		}
	}
	return l
}

// socket is the multicast socket of one family.
type socket struct {
	family string
	read   func([]byte) (n, index int, from netip.AddrPort, err error)
	write  func(b []byte, index int, to net.Addr) error
	join   func(link) error
	close  func()
	group  netip.AddrPort
}

// send sends to everybody on a link, or to one of them.
func (s *socket) send(b []byte, l link, to netip.AddrPort) {
	if !to.IsValid() {
		to = s.group
	}
	// A message that is lost is asked for again: nobody need know.
	_ = s.write(b, l.index, net.UDPAddrFromAddrPort(to))
}

func open4(ctx context.Context, port int) (*socket, error) {
	var lc net.ListenConfig
	// Listening on the group lets others of this machine have the port as well.
	c, err := lc.ListenPacket(ctx, "udp4", net.JoinHostPort(group4.String(), strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	p := ipv4.NewPacketConn(c)
	_ = p.SetControlMessage(ipv4.FlagInterface, true) // where it is unknown, the link is found by the asker
	_ = p.SetMulticastTTL(255)
	_ = p.SetMulticastLoopback(true)
	return &socket{family: "IPv4", group: netip.AddrPortFrom(group4, uint16(port)),
		close: func() { _ = c.Close() },
		join: func(l link) error {
			return p.JoinGroup(&net.Interface{Index: l.index}, &net.UDPAddr{IP: group4.AsSlice()})
		},
		read: func(b []byte) (int, int, netip.AddrPort, error) {
			n, cm, from, err := p.ReadFrom(b)
			index := 0
			if cm != nil {
				index = cm.IfIndex
			}
			return n, index, addrPort(from), err
		},
		write: func(b []byte, index int, to net.Addr) error {
			_, err := p.WriteTo(b, &ipv4.ControlMessage{IfIndex: index}, to)
			return err
		}}, nil
}

func open6(ctx context.Context, port int) (*socket, error) {
	var lc net.ListenConfig
	c, err := lc.ListenPacket(ctx, "udp6", net.JoinHostPort(group6.String(), strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	p := ipv6.NewPacketConn(c)
	_ = p.SetControlMessage(ipv6.FlagInterface, true)
	_ = p.SetMulticastHopLimit(255)
	_ = p.SetMulticastLoopback(true)
	return &socket{family: "IPv6", group: netip.AddrPortFrom(group6, uint16(port)),
		close: func() { _ = c.Close() },
		join: func(l link) error {
			return p.JoinGroup(&net.Interface{Index: l.index}, &net.UDPAddr{IP: group6.AsSlice()})
		},
		read: func(b []byte) (int, int, netip.AddrPort, error) {
			n, cm, from, err := p.ReadFrom(b)
			index := 0
			if cm != nil {
				index = cm.IfIndex
			}
			return n, index, addrPort(from), err
		},
		write: func(b []byte, index int, to net.Addr) error {
			_, err := p.WriteTo(b, &ipv6.ControlMessage{IfIndex: index}, to)
			return err
		}}, nil
}

func addrPort(a net.Addr) netip.AddrPort {
	if u, ok := a.(*net.UDPAddr); ok {
		p := u.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	return netip.AddrPort{}
}
