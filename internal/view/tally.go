package view

import (
	"cmp"
	"slices"

	"serai/internal/fact"
)

// mostCuts is by how much a table may be cut at once. More would be a list of contacts.
const mostCuts = 5

// key names a row: the code of each cut, as a number of table.codes.
type key [mostCuts]int32

// contact is one row of the contacts as it is counted: the people of one sex and age in one contact.
type contact struct {
	id       fact.ContactID
	part     int
	org      fact.OrgID
	point    fact.PointID
	day      fact.Day
	happened int64
	person   fact.PersonID
	known    bool // somebody with a file or card, even when this node cannot tell who
	sex, age string
	heads    int64
	answer   answer
	arrival  fact.ArrivalID

	group, stage, disability string
	project                  fact.ProjectID

	given []given
	asked []asked

	base key // its row, apart from service and reason
}

// kept is the contact with lines of its own, to outlive the reading.
func (c *contact) kept() contact {
	out := *c
	out.given, out.asked = slices.Clone(c.given), slices.Clone(c.asked)
	return out
}

type given struct {
	code     string
	quantity int64
}

type asked struct {
	code, reason string
	heads        int64
}

// table counts contacts into rows. Feed it with add and origins in any order, then call finish. It keeps the contacts of
// known people (some 70 bytes each) and the arrivals; everybody else is counted at once.
type table struct {
	cuts  []cut
	place []bool // of cuts: says where or when
	last  []bool // of cuts: a person counts under what her latest contact says

	codes  []map[string]int32
	words  [][]string
	rows   map[key]*cell
	total  cell
	points map[fact.PointID]int32
	people map[fact.PersonID]int32
	visits []visit
	cards  []origin // first cards
	files  []origin // files that were opened
	bulk   []bulk
	linked map[fact.ArrivalID][]contact
	orgs   map[fact.OrgID]struct{}
	closed int // contacts with somebody known who cannot be told

	lines, reasons bool // cut by service, by reason
}

func newTable(cuts []cut) *table {
	t := &table{cuts: cuts, rows: map[key]*cell{}, points: map[fact.PointID]int32{},
		people: map[fact.PersonID]int32{}, linked: map[fact.ArrivalID][]contact{}, orgs: map[fact.OrgID]struct{}{}}
	for _, c := range cuts {
		t.codes = append(t.codes, map[string]int32{})
		t.words = append(t.words, nil)
		t.place = append(t.place, c.at != nil)
		t.last = append(t.last, c.latest)
		t.lines = t.lines || c.name == byService
		t.reasons = t.reasons || c.name == byReason
	}
	return t
}

func (t *table) intern(i int, word string) int32 {
	n, ok := t.codes[i][word]
	if !ok {
		n = int32(len(t.words[i]))
		t.codes[i][word] = n
		t.words[i] = append(t.words[i], word)
	}
	return n
}

func index[K comparable](m map[K]int32, k K) int32 {
	n, ok := m[k]
	if !ok {
		n = int32(len(m))
		m[k] = n
	}
	return n
}

func (t *table) cell(k key) *cell {
	c := t.rows[k]
	if c == nil {
		c = &cell{}
		t.rows[k] = c
	}
	return c
}

// add counts one contact.
func (t *table) add(c *contact) {
	t.orgs[c.org] = struct{}{}
	c.base = t.base(c)
	isArrival := !c.arrival.IsZero() && fact.As[fact.ArrivalOf](c.id) == c.arrival
	if !c.arrival.IsZero() && !isArrival {
		t.linked[c.arrival] = append(t.linked[c.arrival], c.kept())
	}
	t.deliver(c)
	switch {
	case isArrival:
		t.bulk = append(t.bulk, bulk{contact: c.kept()}) // its heads wait for those who are met one by one
	case !c.person.IsZero():
		t.visit(c)
		if c.heads > 1 { // she collects for others
			t.meet(c, c.heads-1, unknown, nil)
		}
	case c.known:
		t.meet(c, c.heads, unknown, nil) // erased, or the key is elsewhere
		t.closed++
	default:
		t.meet(c, c.heads, c.answer, nil)
	}
}

// deliver counts services and requests, which add up. Requests are of the whole contact: they stand with its first heads.
func (t *table) deliver(c *contact) {
	base := c.base
	asked := c.asked
	if c.part > 0 {
		asked = nil
	}
	t.total.services += c.heads * int64(len(c.given))
	for _, a := range asked {
		t.total.unmet += a.heads
		t.cell(t.line(base, a.code, a.reason)).unmet += a.heads
	}
	if t.reasons {
		return
	}
	if !t.lines {
		t.cell(base).services += c.heads * int64(len(c.given))
		return
	}
	for _, g := range c.given {
		row := t.cell(t.line(base, g.code, ""))
		row.services += c.heads
		row.quantity += c.heads * g.quantity
	}
}

// base is the row of a contact, apart from service and reason.
func (t *table) base(c *contact) key {
	var k key
	for i := range t.cuts {
		if f := t.cuts[i].of; f != nil {
			k[i] = t.intern(i, f(c))
		}
	}
	return k
}

// line is the row of one line of a contact.
func (t *table) line(k key, service, reason string) key {
	for i := range t.cuts {
		switch t.cuts[i].name {
		case byService:
			k[i] = t.intern(i, service)
		case byReason:
			k[i] = t.intern(i, reason)
		}
	}
	return k
}

// keys calls fn for each row into which the people of a contact fall, once.
func (t *table) keys(c *contact, fn func(k key, code string)) {
	base := c.base
	switch {
	case t.reasons: // fourteen of sixty asked for a doctor; nobody knows which
	case t.lines:
		for _, g := range c.given {
			fn(t.line(base, g.code, ""), g.code)
		}
	default:
		fn(base, "")
	}
}

// meet counts heads of nobody known. less says how many of them were met one by one and had a service.
func (t *table) meet(c *contact, heads int64, a answer, less func(code string) int64) {
	if a == shown { // not asked, and nobody is known
		a = unknown
	}
	add := func(to *cell, n int64) {
		to.contacts += n
		to.heads[a] += n
	}
	all := heads
	if less != nil {
		all -= less("")
	}
	add(&t.total, all)
	t.keys(c, func(k key, code string) {
		n := heads
		if less != nil {
			n -= less(code)
		}
		add(t.cell(k), n)
	})
}

// visit keeps a contact of somebody known until all of hers are here.
func (t *table) visit(c *contact) {
	v := visit{who: index(t.people, c.person), point: index(t.points, c.point), day: c.day, at: c.happened, answer: c.answer, whole: true}
	t.keys(c, func(k key, _ string) {
		v.key, v.row = k, true
		t.visits = append(t.visits, v)
		v.whole = false
	})
	if v.whole {
		v.key = c.base
		t.visits = append(t.visits, v)
	}
}

// finish counts what had to wait.
func (t *table) finish() {
	t.arrivals()
	born, filed := t.earliest(t.cards), t.earliest(t.files)
	slices.SortFunc(t.visits, func(a, b visit) int {
		whole := 0 // the whole of a contact stands before its rows
		if a.whole != b.whole {
			whole = 1
			if a.whole {
				whole = -1
			}
		}
		return cmp.Or(cmp.Compare(a.who, b.who), cmp.Compare(a.at, b.at), whole)
	})
	for from := 0; from < len(t.visits); {
		to := from
		for to < len(t.visits) && t.visits[to].who == t.visits[from].who {
			to++
		}
		who := t.visits[from].who
		if f, ok := filed[who]; ok {
			t.open(t.visits[from:to], f)
		}
		o, ok := born[who]
		t.person(t.visits[from:to], o, ok)
		delete(born, who)
		from = to
	}
	for _, o := range born { // a card that nobody has shown yet
		t.total.cards++
		t.total.given++
		if t.onlyPlaces() {
			row := t.cell(t.placeOf(key{}, o))
			row.cards++
			row.given++
		}
	}
}
