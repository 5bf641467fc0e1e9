package stock

import (
	"cmp"
	"slices"

	"serai/internal/fact"
)

// Gift is how much of a service was given at a point on one operating day, up to a moment. The app supplies them from
// what was recorded of people, corrections and undone contacts reckoned in.
type Gift struct {
	Service string
	Day     fact.Day
	At      int64 // the last gift of that day before the next cut, Unix milliseconds
	N       int   // in the unit of the service
}

// entry is a line of the account of one item.
type entry struct {
	kind     string
	at       int64
	day      fact.Day
	move     fact.FactID // none for what was given
	order    fact.Stamp
	quantity int // what was written down; of a count what was found
	change   int
	level    int // behind this line
	expected int // before a count
}

// account reckons the lines of one item. A count covers everything up to its own moment; what was given before the
// first record is not the account's. Nothing here depends on the order of what it is given.
func account(moves, gifts []entry) []entry {
	if len(moves) == 0 {
		return nil
	}
	all := slices.Concat(moves, gifts)
	late := func(e entry) int { // at one moment: what was given, what moved, what was found
		switch e.kind {
		case GivenK:
			return 0
		case CountedK:
			return 2
		}
		return 1
	}
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(late(a), late(b)), cmp.Compare(a.order, b.order), a.move.Compare(b.move), cmp.Compare(a.day, b.day))
	})
	level, begun := 0, false
	out := all[:0]
	for _, e := range all {
		if begun = begun || e.kind != GivenK; !begun {
			continue
		}
		switch e.kind {
		case Received:
			e.change = e.quantity
		case CountedK:
			e.expected, e.change = level, e.quantity-level
		default:
			e.change = -e.quantity
		}
		level += e.change
		e.level = level
		out = append(out, e)
	}
	return out
}

// giftsOf turns what was given of services into entries of one item.
func giftsOf(item string, gifts []Gift, r recipes, after int64) []entry {
	var out []entry
	for _, g := range gifts {
		if g.At <= after {
			continue
		}
		n := r.takes(g.Service, g.Day, item, g.N)
		if n == 0 {
			continue
		}
		if last := len(out) - 1; last >= 0 && out[last].at == g.At && out[last].day == g.Day { // another service, the same day
			out[last].quantity += n
			continue
		}
		out = append(out, entry{kind: GivenK, at: g.At, day: g.Day, quantity: n})
	}
	return out
}

// batch is what came of an item at once.
type batch struct {
	at       int64
	quantity int
	expires  fact.Day
}

// soonest returns the first last day among what may still be there. What came last is there last: as many pieces as the
// level says are taken from the newest receipts backwards.
func soonest(level int, batches []batch) fact.Day {
	slices.SortFunc(batches, func(a, b batch) int { return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(b.expires, a.expires)) })
	var first fact.Day
	for _, b := range batches {
		if level <= 0 {
			break
		}
		level -= b.quantity
		if b.expires != 0 && (first == 0 || b.expires < first) {
			first = b.expires
		}
	}
	return first
}

// paceDays is how far the pace looks back.
const paceDays = 14

// daysLeft tells for how many whole days a level lasts when n were given in so many days; -1 when nothing was given.
func daysLeft(level, n, days int) int {
	if n <= 0 || days <= 0 {
		return -1
	}
	return max(level, 0) * days / n
}
