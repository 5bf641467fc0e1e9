package hub

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Names by multicast (RFC 6762): a device asks everybody on the network for agadez.local, and the hub answers. It tells
// addresses and nothing else, no services and no host names; it answers only to whoever is on the same link, so that it
// cannot be used to flood others.
//
// Nobody can be kept from answering to the same name. A hub does not give its name up for that, since its certificate
// is made for it: it reports the rival, and the certificate keeps the devices from talking to it.

const (
	mdnsPort  = 5353
	hostTTL   = 120 // seconds, as the RFC recommends for addresses
	legacyTTL = 10
	topBit    = 1 << 15 // of the class: "answer me alone" in a question, "forget the old ones" in an answer
)

// link is one interface as the responder sees it.
type link struct {
	index    int
	name     string
	networks []netip.Prefix // its addresses with their masks
}

// holds tells whether somebody at ip is on the link.
func (l link) holds(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return ip.IsLinkLocalUnicast() && ip.Is6() || slices.ContainsFunc(l.networks, func(n netip.Prefix) bool { return n.Contains(ip) })
}

// Rival is a machine that answers to the name of this hub and is not it.
type Rival struct {
	Name    string    `json:"name"`
	Address string    `json:"address" doc:"The address that it claims for the name"`
	Last    time.Time `json:"last"`
}

// responder holds what is answered; the sockets are beside it.
type responder struct {
	names []dnsmessage.Name
	only  []netip.Addr // the addresses that the node listens on; empty for every one of the link

	mu     sync.Mutex
	own    map[netip.Addr]bool // every address of this machine
	rivals map[string]Rival    // by name and address
	sent   map[int]time.Time   // when a link last got our records
}

func newResponder(names []string, only []netip.Addr) (*responder, error) {
	r := &responder{only: only, own: map[netip.Addr]bool{}, rivals: map[string]Rival{}, sent: map[int]time.Time{}}
	for _, n := range names {
		name, err := dnsmessage.NewName(n + ".")
		if err != nil {
			return nil, err
		}
		r.names = append(r.names, name)
	}
	return r, nil
}

// addresses of the hub on a link: link-local ones of IPv6 only where there is no other, as browsers cannot open them.
func (r *responder) addresses(l link) []netip.Addr {
	var out, last []netip.Addr
	for _, n := range l.networks {
		ip := n.Addr()
		switch {
		case len(r.only) > 0 && !slices.Contains(r.only, ip):
		case ip.Is6() && ip.IsLinkLocalUnicast():
			last = append(last, ip)
		default:
			out = append(out, ip)
		}
	}
	if len(out) == 0 {
		return last
	}
	return out
}

func (r *responder) named(n dnsmessage.Name) (dnsmessage.Name, bool) {
	for _, own := range r.names {
		if strings.EqualFold(own.String(), n.String()) {
			return own, true
		}
	}
	return n, false
}

// reply is an answer and where it goes.
type reply struct {
	message []byte
	alone   bool // to the asker alone, else to everybody on the link
}

// query answers a message of somebody on a link; nothing when it does not concern us.
func (r *responder) query(b []byte, l link, from netip.AddrPort, now time.Time) (reply, bool) {
	if !l.holds(from.Addr()) {
		return reply{}, false
	}
	var p dnsmessage.Parser
	h, err := p.Start(b)
	if err != nil || h.OpCode != 0 {
		return reply{}, false
	}
	if h.Response {
		r.listen(&p, from, now)
		return reply{}, false
	}
	questions, err := p.AllQuestions()
	if err != nil || len(questions) > 64 {
		return reply{}, false
	}
	known := knownAnswers(&p)
	legacy := from.Port() != mdnsPort
	out := dnsmessage.Message{Header: dnsmessage.Header{Response: true, Authoritative: true}}
	if legacy { // an old resolver, which expects an answer as from any server
		out.ID = h.ID
	}
	alone := true
	for _, q := range questions {
		name, ours := r.named(q.Name)
		class := q.Class &^ topBit
		if !ours || class != dnsmessage.ClassINET && class != dnsmessage.ClassANY {
			continue
		}
		alone = alone && q.Class&topBit != 0
		if legacy {
			out.Questions = append(out.Questions, q)
		}
		records, rest := r.records(name, q.Type, l, legacy)
		for _, record := range records {
			if !known[key(record)] || legacy {
				out.Answers = append(out.Answers, record)
			}
		}
		out.Additionals = append(out.Additionals, rest...)
	}
	if len(out.Answers) == 0 {
		return reply{}, false
	}
	alone = alone || legacy
	if !alone {
		// Everybody on the link heard the last one: a crowd of askers makes no flood.
		r.mu.Lock()
		recent := now.Sub(r.sent[l.index]) < time.Second && now.After(r.sent[l.index])
		if !recent {
			r.sent[l.index] = now
		}
		r.mu.Unlock()
		if recent {
			return reply{}, false
		}
	}
	message, err := out.Pack()
	return reply{message, alone}, err == nil
}

// records are the answers to a question about a name, and what goes along with them. A device asks for both families at
// once and would wait for the one that there is not, if nobody said so.
func (r *responder) records(name dnsmessage.Name, kind dnsmessage.Type, l link, legacy bool) (answers, rest []dnsmessage.Resource) {
	ttl, class := uint32(hostTTL), dnsmessage.ClassINET|topBit
	if legacy {
		ttl, class = legacyTTL, dnsmessage.ClassINET
	}
	var four, six []dnsmessage.Resource
	for _, ip := range r.addresses(l) {
		head := dnsmessage.ResourceHeader{Name: name, Class: class, TTL: ttl}
		if ip.Is4() {
			head.Type = dnsmessage.TypeA
			four = append(four, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: ip.As4()}})
		} else {
			head.Type = dnsmessage.TypeAAAA
			six = append(six, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	if len(four)+len(six) == 0 {
		return nil, nil
	}
	switch {
	case kind == dnsmessage.TypeALL:
		return append(four, six...), nil
	case kind == dnsmessage.TypeA && len(four) > 0:
		return four, six
	case kind == dnsmessage.TypeAAAA && len(six) > 0:
		return six, four
	}
	return []dnsmessage.Resource{nothingElse(name, len(four) > 0, len(six) > 0, class, ttl)}, append(four, six...)
}

const typeNSEC = dnsmessage.Type(47)

// nothingElse says which kinds of records a name has, and that it has no others.
func nothingElse(name dnsmessage.Name, four, six bool, class dnsmessage.Class, ttl uint32) dnsmessage.Resource {
	var data []byte
	for l := range strings.SplitSeq(strings.TrimSuffix(name.String(), "."), ".") {
		data = append(append(data, byte(len(l))), l...)
	}
	bits := make([]byte, 4)
	if four {
		bits[0] = 0x80 >> 1 // type 1
	}
	if six {
		bits[3] = 0x80 >> 4 // type 28
	}
	data = append(append(data, 0, 0, byte(len(bits))), bits...)
	return dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: name, Type: typeNSEC, Class: class, TTL: ttl},
		Body: &dnsmessage.UnknownResource{Type: typeNSEC, Data: data}}
}

// knownAnswers reads what the asker knows already and for long enough.
func knownAnswers(p *dnsmessage.Parser) map[string]bool {
	known := map[string]bool{}
	for range 64 {
		record, err := p.Answer()
		if err != nil {
			break
		}
		if record.Header.TTL >= hostTTL/2 {
			known[key(record)] = true
		}
	}
	return known
}

func key(r dnsmessage.Resource) string {
	name := strings.ToLower(r.Header.Name.String())
	switch body := r.Body.(type) {
	case *dnsmessage.AResource:
		return name + netip.AddrFrom4(body.A).String()
	case *dnsmessage.AAAAResource:
		return name + netip.AddrFrom16(body.AAAA).String()
	}
	return "" // never known
}

// maxRivals bounds what strangers can make us remember.
const maxRivals = 16

// listen looks in an answer of somebody else for our own name.
func (r *responder) listen(p *dnsmessage.Parser, from netip.AddrPort, now time.Time) {
	if p.SkipAllQuestions() != nil {
		return
	}
	for range 64 {
		record, err := p.Answer()
		if err != nil {
			return
		}
		name, ours := r.named(record.Header.Name)
		if !ours || record.Header.TTL == 0 {
			continue
		}
		var ip netip.Addr
		switch body := record.Body.(type) {
		case *dnsmessage.AResource:
			ip = netip.AddrFrom4(body.A)
		case *dnsmessage.AAAAResource:
			ip = netip.AddrFrom16(body.AAAA)
		default:
			continue
		}
		r.mu.Lock()
		k := key(record)
		if _, known := r.rivals[k]; !r.own[ip] && (known || len(r.rivals) < maxRivals) {
			r.rivals[k] = Rival{Name: strings.TrimSuffix(name.String(), "."), Address: ip.String(), Last: now.UTC()}
		}
		r.mu.Unlock()
	}
}

// list returns the rivals of the last day.
func (r *responder) list(now time.Time) []Rival {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Rival
	for k, v := range r.rivals {
		if now.Sub(v.Last) > 24*time.Hour {
			delete(r.rivals, k)
			continue
		}
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b Rival) int { return strings.Compare(a.Name+a.Address, b.Name+b.Address) })
	return out
}

// probe asks whether anybody has our names, and says what we are going to answer (RFC 6762, 8.1).
func (r *responder) probe(l link) ([]byte, error) {
	m := dnsmessage.Message{}
	for _, name := range r.names {
		m.Questions = append(m.Questions, dnsmessage.Question{Name: name, Type: dnsmessage.TypeALL, Class: dnsmessage.ClassINET | topBit})
		records, _ := r.records(name, dnsmessage.TypeALL, l, false)
		for _, record := range records {
			record.Header.Class = dnsmessage.ClassINET
			m.Authorities = append(m.Authorities, record)
		}
	}
	return m.Pack()
}

// announcement says our records to everybody on a link without having been asked; with bye, that they end.
func (r *responder) announcement(l link, bye bool) ([]byte, error) {
	m := dnsmessage.Message{Header: dnsmessage.Header{Response: true, Authoritative: true}}
	for _, name := range r.names {
		records, _ := r.records(name, dnsmessage.TypeALL, l, false)
		for _, record := range records {
			if bye {
				record.Header.TTL = 0
			}
			m.Answers = append(m.Answers, record)
		}
	}
	return m.Pack()
}

// stamp numbers the addresses of a link, to see a change.
func (l link) stamp() uint64 {
	h := uint64(14695981039346656037)
	for _, n := range l.networks {
		b := n.Addr().As16()
		h = (h ^ binary.BigEndian.Uint64(b[:8])) * 1099511628211
		h = (h ^ binary.BigEndian.Uint64(b[8:])) * 1099511628211
	}
	return h
}
