package cards

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/card"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Give is a service to be written on a card, as the desk names it. Without a day it is today, without a point the one
// where the card is printed.
type Give struct {
	Code     string        `json:"code" maxLength:"40"`
	Quantity int           `json:"quantity" minimum:"1" maximum:"999"`
	Day      fact.Day      `json:"day,omitzero"`
	Point    fact.PointRef `json:"point,omitzero"`
}

// writer turns services into entries of a card.
type writer struct {
	network *card.Network
	cat     *catalogue.Catalogue
	at      Place
	now     time.Time
	place   func(fact.PointID) (Place, bool, error)
	entries []card.Entry
	leftOut []string
}

// number returns the card number of a service. A service that this node knows as sealed is refused also where the network
// file lists it as safe: two mistakes must meet before it could be written.
func (w *writer) number(field, code string) (uint16, error) {
	if s, ok := w.cat.Service(code); ok && !w.cat.CardSafe(s.Code) {
		return 0, fault.Fieldf(field, card.CodeServiceSensitive, "service %s is never written on a card, since its catalogue entry has no card number; record it in the file instead", code)
	}
	n, err := w.network.CardNumber(code)
	if err != nil {
		f := fault.All(err)[0]
		return 0, fault.Field(field, f.Code, f.Detail)
	}
	return n, nil
}

// named adds services that the desk named; each that may not be written is an error. What a contact brings already is the
// same help told twice: the desk sends both, since a device that prints by itself knows no contacts. The larger quantity
// counts.
func (w *writer) named(list []Give) error {
	helped := len(w.entries)
	var bad []error
	for i, g := range list {
		field := fmt.Sprintf("services.%d", i)
		n, err := w.number(field+".code", g.Code)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		if g.Quantity < 1 {
			bad = append(bad, fault.Field(field+".quantity", card.CodeEntryInvalid, "the quantity is at least 1"))
		}
		at := w.at
		if id := g.Point.ID; !id.IsZero() && id != at.ID {
			found := false
			if at, found, err = w.place(id); err != nil {
				return err
			}
			if !found || at.Org != w.at.Org {
				bad = append(bad, fault.Field(field+".point", card.CodeEntryPoint, "services of other organisations are on the card already, or are written on it by them"))
				continue
			}
		}
		day, ok := w.day(g.Day)
		if !ok {
			bad = append(bad, fault.Field(field+".day", card.CodeEntryInvalid, "this day has not come yet, or lies more than two years back"))
		}
		e := card.Entry{Service: n, Quantity: card.Quantity(g.Quantity), Day: day, Point: at.Number}
		if i := slices.IndexFunc(w.entries[:helped], func(h card.Entry) bool {
			return h.Service == e.Service && h.Day == e.Day && h.Point == e.Point
		}); i >= 0 {
			w.entries[i].Quantity = max(w.entries[i].Quantity, e.Quantity)
			continue
		}
		w.entries = append(w.entries, e)
	}
	return errors.Join(bad...)
}

// helped adds what contacts say was given. What may not stand on a card is left out and named in the answer: whoever
// prints recorded it, and knows it.
func (w *writer) helped(list []Help) error {
	for _, h := range list {
		n, err := w.number("contacts", h.Code)
		if err != nil {
			if !slices.Contains(w.leftOut, h.Code) {
				w.leftOut = append(w.leftOut, h.Code)
			}
			continue
		}
		at, found, err := w.place(h.Point)
		if err != nil {
			return err
		}
		day, ok := w.day(h.Day)
		if !found || !ok {
			return fault.Field("contacts", card.CodeEntryInvalid, "a contact has a point or a day that cannot be written on a card")
		}
		w.entries = append(w.entries, card.Entry{Service: n, Quantity: card.Quantity(h.Quantity), Day: day, Point: at.Number})
	}
	return nil
}

// day returns a day as cards have it, in UTC: east of Greenwich the operating day may be ahead by one.
func (w *writer) day(d fact.Day) (card.Day, bool) {
	today := fact.OperatingDay(w.now, w.at.Zone, w.at.Cutoff)
	if d == 0 {
		d = today
	}
	utc := fact.Day(card.DayOf(w.now))
	if d > max(today, utc) || d < today-2*366 {
		return 0, false
	}
	return card.Day(min(d, utc)), true
}

// newest keeps the n newest entries.
func newest(list []card.Entry, n int) []card.Entry {
	slices.SortStableFunc(list, func(a, b card.Entry) int { return cmp.Compare(a.Day, b.Day) })
	return list[max(0, len(list)-n):]
}

// writer returns a writer for cards of the point, after what was recorded and named.
func (s *Service) writer(tx *store.Tx, who access.Actor, k *known, at Place, contacts []fact.ContactID, services []Give) (*writer, error) {
	if err := k.signsFor(at, len(contacts)+len(services) > 0); err != nil {
		return nil, err
	}
	cat, err := s.Catalogue.Current(tx)
	if err != nil {
		return nil, err
	}
	w := &writer{network: k.network, cat: cat, at: at, now: s.Now(), place: func(id fact.PointID) (Place, bool, error) { return s.Points.Place(tx, id) }}
	if len(contacts) > 0 {
		given, err := s.Contacts.Given(tx, who, contacts)
		if err != nil {
			return nil, err
		}
		if err := w.helped(given); err != nil {
			return nil, err
		}
	}
	return w, w.named(services)
}

// Question is what the desk asks itself before it gives again; it never refuses.
type Question struct {
	Code    string   `json:"code"` // assist.asks_interval
	Service string   `json:"service"`
	LastDay fact.Day `json:"last_day"`
	Days    int      `json:"days_ago"`
	Count   int      `json:"count"` // how often within the interval
	Limit   int      `json:"limit"` // how often the catalogue expects at most
	Hours   int      `json:"hours"` // the interval
}

// questions says of which services somebody has had as much as the catalogue expects.
func questions(had []Help, cat *catalogue.Catalogue, now time.Time) []Question {
	out := []Question{}
	for _, s := range cat.Services {
		if s.Asks == nil || s.Asks.Hours == 0 || s.Asks.Count == 0 {
			continue
		}
		q := Question{Code: "assist.asks_interval", Service: s.Code, Limit: s.Asks.Count, Hours: s.Asks.Hours}
		since := now.Add(-time.Duration(s.Asks.Hours) * time.Hour)
		var last time.Time
		for _, h := range had {
			if h.Code != s.Code || h.At.Before(since) {
				continue
			}
			q.Count++
			if h.At.After(last) {
				last, q.LastDay = h.At, h.Day
			}
		}
		if q.Count >= q.Limit {
			q.Days = int(now.Sub(last) / (24 * time.Hour))
			out = append(out, q)
		}
	}
	return out
}
