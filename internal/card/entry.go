package card

import (
	"cmp"
	"slices"
)

const (
	entrySize   = 7
	maxEntries  = 20
	maxService  = 1<<10 - 1
	maxQuantity = 1<<6 - 1
	maxPoint    = 1<<24 - 1

	// ServiceOther is the card number of "other help".
	ServiceOther = 1
)

// MaxEntries is how many entries a card holds; the oldest beyond are dropped.
const MaxEntries = maxEntries

// The lengths a card can have, in entries. Length must not tell how much help a person had.
var paddings = [...]int{5, 10, maxEntries}

// Entry is one support received, as it stands on a card.
type Entry struct {
	Service  uint16 // card number in the catalogue, 1..1023; 1 is "other help"
	Quantity uint8  // in the unit of the service, 1..63; more is written as 63
	Day      Day    // day of the service, UTC
	Point    uint32 // service point, 24 bits, from a block of the organisation that served
}

// Quantity returns n as a card holds it: at least 1, and 63 for everything above.
func Quantity(n int) uint8 { return uint8(min(max(n, 1), maxQuantity)) }

func (e Entry) append(dst []byte) []byte {
	q := min(e.Quantity, maxQuantity)
	return append(dst,
		byte(e.Service>>2), byte(e.Service<<6)|q,
		byte(e.Day>>8), byte(e.Day),
		byte(e.Point>>16), byte(e.Point>>8), byte(e.Point))
}

func unpackEntry(b []byte) Entry {
	return Entry{
		Service:  uint16(b[0])<<2 | uint16(b[1])>>6,
		Quantity: b[1] & maxQuantity,
		Day:      Day(b[2])<<8 | Day(b[3]),
		Point:    uint32(b[4])<<16 | uint32(b[5])<<8 | uint32(b[6]),
	}
}

func padded(n int) int {
	for _, p := range paddings {
		if n <= p {
			return p
		}
	}
	return maxEntries
}

// older orders entries by day, then by place and service, so that the same entries always give the same card.
func older(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Point, b.Point),
		cmp.Compare(a.Service, b.Service), cmp.Compare(a.Quantity, b.Quantity))
}

type occasion struct {
	service uint16
	day     Day
	point   uint32
}

func (e Entry) occasion() occasion { return occasion{e.Service, e.Day, e.Point} }

// gather collects entries by occasion (service, day, point).
type gather map[occasion]int

// add counts further help on the same occasion: a second meal makes two.
func (g gather) add(e Entry) {
	g[e.occasion()] = min(g[e.occasion()]+int(e.Quantity), maxQuantity)
}

// merge takes over what another paper says about an occasion. A slip may be scanned twice, or may already be merged,
// so the larger quantity is kept rather than the sum: missing a repeat is kinder than inventing one.
func (g gather) merge(e Entry) {
	g[e.occasion()] = max(g[e.occasion()], int(e.Quantity))
}

// newest returns the entries, oldest first, without those that do not fit any more, and how many were dropped.
func (g gather) newest() (kept []Entry, dropped int) {
	kept = make([]Entry, 0, len(g))
	for o, q := range g {
		kept = append(kept, Entry{Service: o.service, Quantity: Quantity(q), Day: o.day, Point: o.point})
	}
	slices.SortFunc(kept, older)
	if dropped = max(0, len(kept)-maxEntries); dropped > 0 {
		kept = kept[dropped:]
	}
	return kept, dropped
}
