package hub

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/ipv4"
)

var (
	wifi  = link{index: 3, name: "wlan0", networks: []netip.Prefix{netip.MustParsePrefix("192.168.8.1/24"), netip.MustParsePrefix("fe80::1/64")}}
	phone = netip.MustParseAddrPort("192.168.8.77:5353")
)

func responderOf(t testing.TB, only ...netip.Addr) *responder {
	t.Helper()
	r, err := newResponder([]string{"agadez.local"}, only)
	if err != nil {
		t.Fatal(err)
	}
	r.know([]link{wifi})
	return r
}

func question(t testing.TB, name string, kind dnsmessage.Type, alone bool, known ...dnsmessage.Resource) []byte {
	t.Helper()
	q := dnsmessage.Question{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET}
	if alone {
		q.Class |= topBit
	}
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: 7}, Questions: []dnsmessage.Question{q}, Answers: known}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func unpack(t testing.TB, b []byte) dnsmessage.Message {
	t.Helper()
	var m dnsmessage.Message
	if err := m.Unpack(b); err != nil {
		t.Fatal(err)
	}
	return m
}

func addressRecord(name, ip string, ttl uint32) dnsmessage.Resource {
	return dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(name), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET, TTL: ttl},
		Body: &dnsmessage.AResource{A: netip.MustParseAddr(ip).As4()}}
}

func TestAnswersByMulticast(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		query   []byte
		from    string
		answers string
		alone   bool
	}{
		{"somebody from beyond the link gets nothing", question(t, "agadez.local.", dnsmessage.TypeA, true), "203.0.113.9:5353", "", false},
		{"another name", question(t, "arlit.local.", dnsmessage.TypeA, false), "", "", false},
		{"a name below ours", question(t, "x.agadez.local.", dnsmessage.TypeA, false), "", "", false},
		{"what services there are", question(t, "_services._dns-sd._udp.local.", dnsmessage.TypePTR, false), "", "", false},
		{"noise", []byte("\x00\x01noise"), "", "", false},
		{"nothing", nil, "", "", false},
		{"our address", question(t, "agadez.local.", dnsmessage.TypeA, false), "", "A 192.168.8.1", false},
		{"in capitals", question(t, "AGADEZ.Local.", dnsmessage.TypeA, false), "", "A 192.168.8.1", false},
		{"for the asker alone", question(t, "agadez.local.", dnsmessage.TypeA, true), "", "A 192.168.8.1", true},
		{"of any kind", question(t, "agadez.local.", dnsmessage.TypeALL, false), "", "A 192.168.8.1", false},
		{"the family that we lack", question(t, "agadez.local.", dnsmessage.TypeAAAA, false), "", "NSEC", false},
		{"what is known already", question(t, "agadez.local.", dnsmessage.TypeA, false, addressRecord("agadez.local.", "192.168.8.1", 110)), "", "", false},
		{"what is known and ends soon", question(t, "agadez.local.", dnsmessage.TypeA, false, addressRecord("agadez.local.", "192.168.8.1", 10)), "", "A 192.168.8.1", false},
		{"an old resolver", question(t, "agadez.local.", dnsmessage.TypeA, false), "192.168.8.77:40000", "A 192.168.8.1", true},
	}
	for _, test := range tests {
		from := phone
		if test.from != "" {
			from = netip.MustParseAddrPort(test.from)
		}
		got, ok := responderOf(t).query(test.query, wifi, from, noon)
		if !ok {
			if test.answers != "" {
				t.Errorf("%s: no answer", test.name)
			}
			continue
		}
		m := unpack(t, got.message)
		var all []string
		for _, r := range m.Answers {
			switch body := r.Body.(type) {
			case *dnsmessage.AResource:
				all = append(all, "A "+netip.AddrFrom4(body.A).String())
			case *dnsmessage.AAAAResource:
				all = append(all, "AAAA "+netip.AddrFrom16(body.AAAA).String())
			default:
				all = append(all, "NSEC")
			}
			old := from.Port() != mdnsPort
			if flush := r.Header.Class&topBit != 0; flush == old || (r.Header.TTL == legacyTTL) != old {
				t.Errorf("%s: %+v", test.name, r.Header)
			}
		}
		if strings.Join(all, ", ") != test.answers || got.alone != test.alone || !m.Response || !m.Authoritative {
			t.Errorf("%s: %v alone %t", test.name, all, got.alone)
		}
		if old := from.Port() != mdnsPort; old != (m.ID == 7) || old != (len(m.Questions) == 1) {
			t.Errorf("%s: %+v", test.name, m.Header)
		}
	}
}

// A crowd that asks together gets one answer a second, which all of them hear.
func TestACrowdOfAskersMakesNoFlood(t *testing.T) {
	t.Parallel()
	r := responderOf(t)
	sent := 0
	for i := range 300 {
		if _, ok := r.query(question(t, "agadez.local.", dnsmessage.TypeA, false), wifi, phone, noon.Add(time.Duration(i)*10*time.Millisecond)); ok {
			sent++
		}
	}
	if sent != 3 {
		t.Errorf("%d answers in three seconds", sent)
	}
}

func TestTheAddressesOfALink(t *testing.T) {
	t.Parallel()
	both := link{index: 1, networks: []netip.Prefix{netip.MustParsePrefix("fe80::1/64"), netip.MustParsePrefix("fd00::5/64"), netip.MustParsePrefix("192.168.8.1/24")}}
	local := link{index: 1, networks: []netip.Prefix{netip.MustParsePrefix("fe80::1/64")}}
	for _, test := range []struct {
		l    link
		only []netip.Addr
		want string
	}{
		{both, nil, "[fd00::5 192.168.8.1]"}, {local, nil, "[fe80::1]"}, {both, []netip.Addr{netip.MustParseAddr("192.168.8.1")}, "[192.168.8.1]"},
		{both, []netip.Addr{netip.MustParseAddr("10.0.0.1")}, "[]"},
	} {
		var got []string
		for _, ip := range responderOf(t, test.only...).addresses(test.l) {
			got = append(got, ip.String())
		}
		if s := "[" + strings.Join(got, " ") + "]"; s != test.want {
			t.Errorf("%v only %v: %s, want %s", test.l.networks, test.only, s, test.want)
		}
	}
	if _, ok := responderOf(t, netip.MustParseAddr("10.0.0.1")).query(question(t, "agadez.local.", dnsmessage.TypeA, false), wifi, phone, noon); ok {
		t.Error("it answers on a link where the node does not listen")
	}
}

func response(t testing.TB, records ...dnsmessage.Resource) []byte {
	t.Helper()
	m := dnsmessage.Message{Header: dnsmessage.Header{Response: true, Authoritative: true}, Answers: records}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhoElseAnswersToTheNameIsReported(t *testing.T) {
	t.Parallel()
	r := responderOf(t)
	hear := func(records ...dnsmessage.Resource) {
		t.Helper()
		if _, ok := r.query(response(t, records...), wifi, phone, noon); ok {
			t.Error("an answer is answered")
		}
	}
	hear(addressRecord("agadez.local.", "192.168.8.1", 120)) // another program of this machine
	hear(addressRecord("arlit.local.", "192.168.8.9", 120))  // another hub
	hear(addressRecord("agadez.local.", "192.168.8.66", 0))  // one that goes
	if got := r.list(noon); len(got) != 0 {
		t.Errorf("rivals without reason: %v", got)
	}
	hear(addressRecord("Agadez.local.", "192.168.8.66", 120))
	hear(addressRecord("agadez.local.", "192.168.8.66", 120))
	if got := r.list(noon); len(got) != 1 || got[0].Address != "192.168.8.66" || got[0].Name != "agadez.local" {
		t.Errorf("rivals: %v", got)
	}
	if got, ok := r.query(question(t, "agadez.local.", dnsmessage.TypeA, true), wifi, phone, noon); !ok || len(unpack(t, got.message).Answers) != 1 {
		t.Error("the hub gives its name up")
	}
	for i := range 100 {
		hear(addressRecord("agadez.local.", netip.AddrFrom4([4]byte{192, 168, 8, byte(100 + i)}).String(), 120))
	}
	if got := r.list(noon); len(got) > maxRivals {
		t.Errorf("strangers make us remember %d of them", len(got))
	}
	if got := r.list(noon.Add(25 * time.Hour)); len(got) != 0 {
		t.Errorf("rivals of yesterday: %v", got)
	}
}

func FuzzMulticast(f *testing.F) {
	f.Add(question(f, "agadez.local.", dnsmessage.TypeA, true), uint16(5353))
	f.Add(question(f, "AGADEZ.local.", dnsmessage.TypeALL, false, addressRecord("agadez.local.", "192.168.8.1", 110)), uint16(40000))
	f.Add(response(f, addressRecord("agadez.local.", "192.168.8.66", 120)), uint16(5353))
	f.Add([]byte{0, 0, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0, 0xc0, 0x0c, 0, 1, 0, 1}, uint16(5353))
	f.Fuzz(func(t *testing.T, b []byte, port uint16) {
		r := responderOf(t)
		got, ok := r.query(b, wifi, netip.AddrPortFrom(phone.Addr(), port), noon)
		if ok && (len(got.message) > 9000 || len(unpack(t, got.message).Answers) == 0) {
			t.Errorf("%d bytes are answered with %d", len(b), len(got.message))
		}
		if len(r.list(noon)) > maxRivals {
			t.Error("too much is remembered")
		}
	})
}

// Over real sockets: the hub answers on the loopback interface, hears a rival, and takes its leave.
func TestMulticastOverASocket(t *testing.T) {
	t.Parallel()
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	var loop link
	var elsewhere []netip.Prefix // the system takes the sender's address from any interface
	for _, i := range interfaces {
		l := linkOf(i)
		if i.Flags&net.FlagLoopback != 0 {
			loop = l
		}
		elsewhere = append(elsewhere, l.networks...)
	}
	loop.networks = append(loop.networks, elsewhere...)
	const port = 15353 // the port of the RFC may be a resolver's of this machine
	reports := make(chan Rival, 4)
	m := &MDNS{Names: []string{"agadez.local"}, Only: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Log: slog.New(slog.DiscardHandler),
		Report: func(r Rival) { reports <- r }, port: port, links: func() []link { return []link{loop} }}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	run, err := m.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); run() }()

	c, err := open4(context.Background(), port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if err := c.join(loop); err != nil {
		t.Fatal(err)
	}
	heard := make(chan dnsmessage.Message, 64)
	go func() {
		b := make([]byte, 9000)
		for {
			n, _, _, err := c.read(b)
			if err != nil {
				return
			}
			var msg dnsmessage.Message
			if msg.Unpack(b[:n]) == nil {
				heard <- msg
			}
		}
	}()
	await := func(what string, is func(dnsmessage.Message) bool) {
		t.Helper()
		limit := time.After(20 * time.Second)
		for {
			select {
			case msg := <-heard:
				if is(msg) {
					return
				}
			case <-limit:
				t.Fatalf("nobody heard %s", what)
			}
		}
	}
	says := func(ttl uint32) func(dnsmessage.Message) bool {
		return func(msg dnsmessage.Message) bool {
			if !msg.Response || len(msg.Answers) == 0 || msg.Answers[0].Header.TTL != ttl {
				return false
			}
			a, ok := msg.Answers[0].Body.(*dnsmessage.AResource)
			return ok && a.A == [4]byte{127, 0, 0, 1}
		}
	}
	await("the announcement", says(hostTTL))

	// An old resolver asks from a port of its own and is answered there.
	old, err := net.ListenPacket("udp4", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	to := ipv4.NewPacketConn(old)
	if _, err := to.WriteTo(question(t, "agadez.local.", dnsmessage.TypeA, false), &ipv4.ControlMessage{IfIndex: loop.index}, &net.UDPAddr{IP: group4.AsSlice(), Port: port}); err != nil {
		t.Fatal(err)
	}
	if err := old.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 9000)
	n, _, err := old.ReadFrom(b)
	if err != nil || !says(legacyTTL)(unpack(t, b[:n])) {
		t.Errorf("the old resolver: %v %v", err, b[:n])
	}

	c.send(question(t, "agadez.local.", dnsmessage.TypeA, false), loop, netip.AddrPort{})
	await("the answer", says(hostTTL))
	c.send(response(t, addressRecord("agadez.local.", "127.0.0.66", 120)), loop, netip.AddrPort{})
	select {
	case r := <-reports:
		if r.Address != "127.0.0.66" {
			t.Errorf("reported: %v", r)
		}
	case <-time.After(30 * time.Second):
		t.Error("nobody reported the rival")
	}
	cancel()
	await("the leave-taking", says(0))
	<-done
}
