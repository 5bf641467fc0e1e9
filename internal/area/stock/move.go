package stock

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"serai/internal/fact"
	"serai/internal/fault"
)

// oldest is how far back a movement may be entered: a box of delivery notes, not a typing mistake in the year.
const oldest = 2 * 366 * 24 * time.Hour

// ahead is how far a device's clock may run ahead of the node's before something "happened in the future".
const ahead = 10 * time.Minute

// most bounds one quantity; more is a slip of the finger.
const most = 1_000_000

// linesMost bounds one record.
const linesMost = 200

// Place is what the rules need to know of a service point.
type Place struct {
	ID     fact.PointID
	Code   string
	Name   string
	Org    fact.OrgID
	Zone   *time.Location
	Cutoff time.Duration
}

// day returns the operating day of an instant at the point.
func (p Place) day(t time.Time) fact.Day { return fact.OperatingDay(t, p.Zone, p.Cutoff) }

// The kinds of movements, and of the lines of an account.
const (
	Received = "received"
	Lost     = "lost"
	Sent     = "sent"
	CountedK = "counted"
	GivenK   = "given"
)

// whys are the reasons of each kind.
var whys = map[string][]string{
	Received: {"national", "purchase", "donation", "point"},
	Lost:     {"broken", "expired", "stolen", "other"},
	Sent:     {"point"},
}

// Move is the command behind a movement. It may name items, kits, or both; kits are written down as their items.
type Move struct {
	ID        fact.FactID
	Happened  time.Time // zero: now
	Kind      string
	Why       string // as a rule named by the kind: from whom it came, or how it was lost
	Other     fact.PointID
	OtherHere bool // the other point exists
	Of        fact.FactID
	Reference string
	Lines     []Line
	Kits      []KitLine
}

// KitLine is a number of kits in a movement.
type KitLine struct {
	Kit      string   `json:"kit" maxLength:"60"`
	Quantity int      `json:"quantity"`
	Batch    string   `json:"batch,omitempty" maxLength:"40"`
	Expires  fact.Day `json:"expires,omitzero"`
}

// Decide turns the command into the open part of its fact. It reads and writes nothing, so that a tablet and a server
// give the same answer. All faults are reported at once.
func (cmd Move) Decide(at Place, items Items, now time.Time) (MovedOpen, error) {
	var bad []error
	happened, clock := moment(cmd.Happened, now, &bad)
	open := MovedOpen{Point: at.ID, Org: at.Org, Day: at.day(happened), Happened: happened.UnixMilli(), Clock: clock,
		Kind: cmd.Kind, Why: cmd.Why, Other: cmd.Other, Of: cmd.Of, Reference: strings.TrimSpace(cmd.Reference)}
	if cmd.Kind == Sent && cmd.Why == "" {
		open.Why = "point"
	}
	list, ok := whys[cmd.Kind]
	switch {
	case !ok:
		bad = append(bad, fault.Field("kind", "stock.unknown_kind", "a movement is received, lost or sent; what was given is derived, and counts have a route of their own"))
	case !slices.Contains(list, open.Why):
		bad = append(bad, fault.Fieldf("why", "stock.unknown_why", "for %s say: %s", cmd.Kind, strings.Join(list, ", ")))
	case open.Why == "point" && cmd.Other.IsZero():
		bad = append(bad, fault.Field("other", "stock.other_missing", "name the other point"))
	}
	switch {
	case cmd.Other.IsZero():
	case !cmd.OtherHere:
		bad = append(bad, fault.Field("other", "stock.unknown_other", "there is no such point in the network"))
	case cmd.Other == at.ID:
		bad = append(bad, fault.Field("other", "stock.other_same", "this is the same point; name the other one"))
	case open.Why != "point":
		bad = append(bad, fault.Field("other", "stock.other_needless", "only what comes from a point or goes to one names it"))
	}
	if !cmd.Of.IsZero() && (cmd.Kind != Received || open.Why != "point") {
		bad = append(bad, fault.Field("of", "stock.of_needless", "only what is received from a point can name what was sent"))
	}
	text("reference", open.Reference, 60, &bad)
	open.Lines = unpack(cmd.Lines, cmd.Kits, &bad)
	checkLines(open.Lines, items, 1, cmd.Kind == Received, at.day(now), &bad)
	return open, errors.Join(bad...)
}

// moment reads when something happened.
func moment(happened, now time.Time, bad *[]error) (time.Time, string) {
	switch {
	case happened.IsZero():
		return now, ""
	case happened.After(now.Add(ahead)):
		*bad = append(*bad, fault.Field("happened", "stock.in_future", "this lies in the future; check the clock of the device"))
	case happened.Before(now.Add(-oldest)):
		*bad = append(*bad, fault.Field("happened", "stock.too_long_ago", "this lies more than two years back; check the year"))
	}
	return happened, "device"
}

// unpack writes kits as the items that are in them. One item of one batch is one line, wherever it came from.
func unpack(lines []Line, kits []KitLine, bad *[]error) []Line {
	out := slices.Clone(lines)
	for i, k := range kits {
		field := fmt.Sprintf("kits.%d", i)
		at := slices.IndexFunc(base().Kits, func(b Kit) bool { return b.Code == k.Kit })
		switch {
		case at < 0:
			*bad = append(*bad, fault.Field(field+".kit", "stock.unknown_kit", "there is no such kit; see /api/stock/items"))
			continue
		case k.Quantity < 1 || k.Quantity > most/100:
			*bad = append(*bad, fault.Fieldf(field+".quantity", "stock.bad_quantity", "a number of kits is 1 to %d", most/100))
			continue
		}
		for _, p := range base().Kits[at].Items {
			l := Line{Item: p.Item, Quantity: p.Quantity * k.Quantity, Batch: k.Batch, Expires: k.Expires}
			if same := slices.IndexFunc(out, func(o Line) bool { return o.Item == l.Item && o.Batch == l.Batch && o.Expires == l.Expires }); same >= 0 {
				out[same].Quantity += l.Quantity
				continue
			}
			out = append(out, l)
		}
	}
	return out
}

// checkLines checks the lines of a record; least is the smallest quantity.
func checkLines(lines []Line, items Items, least int, batches bool, today fact.Day, bad *[]error) {
	if len(lines) == 0 {
		*bad = append(*bad, fault.Field("lines", "stock.nothing_recorded", "name at least one item with its quantity"))
	}
	if len(lines) > linesMost {
		*bad = append(*bad, fault.Fieldf("lines", "stock.too_many_lines", "one record has at most %d lines; make two", linesMost))
	}
	type key struct {
		item, batch string
		expires     fact.Day
	}
	seen := map[key]bool{}
	for i, l := range lines {
		field := fmt.Sprintf("lines.%d", i)
		if _, ok := items.Of(l.Item); !ok {
			*bad = append(*bad, fault.Field(field+".item", "stock.unknown_item", "this item is not in the list; see /api/stock/items"))
		}
		if l.Quantity < least || l.Quantity > most {
			*bad = append(*bad, fault.Fieldf(field+".quantity", "stock.bad_quantity", "a quantity is a whole number from %d to %d", least, most))
		}
		k := key{l.Item, l.Batch, l.Expires}
		if seen[k] {
			*bad = append(*bad, fault.Field(field+".item", "stock.item_twice", "this item stands in the list already; add the quantities"))
		}
		seen[k] = true
		switch {
		case !batches && (l.Batch != "" || l.Expires != 0):
			*bad = append(*bad, fault.Field(field+".batch", "stock.batch_needless", "a batch and its last day stand on what is received alone"))
		case l.Expires != 0 && (l.Expires < today-3660 || l.Expires > today+36600):
			*bad = append(*bad, fault.Field(field+".expires", "stock.bad_expiry", "this last day is too far away; check the year"))
		}
		text(field+".batch", l.Batch, 40, bad)
	}
}
