package cards

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/card"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// What a reading comes to.
const (
	StatusOK         = "ok"
	StatusWarn       = "warn"       // read and verified; see the codes
	StatusUnverified = "unverified" // nothing on it counts as a fact; help is offered all the same
	StatusNotACard   = "not_a_card"
)

// CodeManyReads warns, and tells the access log, that one account reads very many cards.
const CodeManyReads = "cards.many_reads"

// Reading is a card as the desk shows it.
type Reading struct {
	Status     string        `json:"status"`
	Codes      []string      `json:"codes"` // warnings; of a text that is no card, why
	Card       fact.CardID   `json:"card,omitzero"`
	Holder     fact.PersonID `json:"lineage_handle,omitzero"`
	Entries    []Entry       `json:"entries"` // newest first
	Issuer     *Issuer       `json:"issuer"`  // who signed, and vouches for all entries
	RecordedBy []Issuer      `json:"recorded_by"`
	Issued     fact.Day      `json:"issued,omitzero"`
	Expires    fact.Day      `json:"expires,omitzero"`
	Sequence   int           `json:"sequence,omitempty"`
	Slip       bool          `json:"slip,omitempty"`
	Serial     string        `json:"serial,omitempty"` // of a blank card of this organisation
	Person     fact.PersonID `json:"person,omitzero"`  // when there is a file that the reader may see
	Here       []Entry       `json:"here"`             // recorded by this organisation since, newest first
	Questions  []Question    `json:"questions"`
	History    string        `json:"history"` // open, older_key, newer_key, other_circle, withheld
}

// Entry is one service on a card.
type Entry struct {
	Day        fact.Day `json:"day"`
	Service    string   `json:"service"` // catalogue code; "other" for what is not known here
	Quantity   int      `json:"quantity"`
	Point      PointRef `json:"point"`
	RecordedBy *Issuer  `json:"recorded_by,omitempty"` // by whom, when it is not who signed
}

// PointRef is a point as a card names it, with code and name where it is known here.
type PointRef struct {
	Number uint32 `json:"number"`
	Code   string `json:"code,omitempty"`
	Name   string `json:"name,omitempty"`
}

const serviceOther = "other"

// look is a card that was read, with what this node knows of it.
type look struct {
	card.Reading
	refused error // not a card
	at      Place
	lineage LineageKey
	person  fact.PersonID // none when unverified, closed or erased
	highest uint16
	codes   []string
}

func (l *look) open() bool { return l.refused == nil && l.History == card.HistoryOpen }

// scan reads a text. It needs no database, and is done before the writer is asked: verifying takes longer than writing.
func (s *Service) scan(k *known, text string) (l look, err error) {
	if l.Reading, l.refused = k.reader().Read(card.Pasted(text), s.Now()); fault.Of(l.refused) == fault.Internal && l.refused != nil {
		return l, l.refused
	}
	return l, nil
}

// look finds out whose card it is that somebody read at a point, and writes down that she looked.
func (s *Service) look(tx *store.Tx, k *known, who access.Actor, p access.Permission, scanned look, point fact.PointID) (*look, error) {
	at, err := s.place(tx, who, p, point)
	if err != nil {
		return nil, err
	}
	l := &scanned
	l.at = at
	if l.refused != nil {
		l.codes = []string{fault.Code(l.refused)}
	} else if err := s.recognise(tx, k, l); err != nil {
		return nil, err
	}
	entry := audit.Entry{Actor: who.Handle, Device: who.Device, Action: string(p), Person: l.person, Point: at.ID, Outcome: audit.Seen}
	if l.refused != nil || l.State != card.Verified {
		entry.Code = l.codes[0]
	}
	return l, s.Log.In(tx, entry)
}

// recognise adds what this node knows: who holds the card, whether a later print was seen, marks.
func (s *Service) recognise(tx *store.Tx, k *known, l *look) (err error) {
	if l.open() {
		if l.lineage, err = s.lineageKey(l.Lineage); err != nil {
			return err
		}
		if l.highest, err = s.highest(tx, l.lineage); err != nil {
			return err
		}
		l.Reading = l.Seen(l.highest)
		if l.person, err = s.holder(tx, l.lineage); err != nil {
			return err
		}
		if !l.person.IsZero() && l.Sequence > l.highest {
			if err := s.see(tx, l.lineage, l.Sequence, l.person); err != nil {
				return err
			}
		}
	}
	for _, w := range l.Warnings {
		l.codes = append(l.codes, string(w))
	}
	if l.State != card.Verified {
		return nil
	}
	return tx.Each(`SELECT why FROM cards_mark WHERE mark = $1 ORDER BY why`, store.Args{card.MarkOf(k.secret.Network, l.CTI)}, func(r *store.Row) error {
		var why string
		err := r.Scan(&why)
		code := string(card.WarnSuperseded)
		if why == whyRevoked {
			code = string(card.WarnRevoked)
		}
		if !slices.Contains(l.codes, code) {
			l.codes = append(l.codes, code)
		}
		return err
	})
}

// Read reads a card for somebody at a point. Whatever is wrong with it stands in the codes: an error means that the
// reader may not read there.
func (s *Service) Read(ctx context.Context, who access.Actor, text string, point fact.PointID) (out Reading, err error) {
	k := s.known.Load()
	scanned, err := s.scan(k, text)
	if err != nil {
		return Reading{}, fmt.Errorf("read card: %w", err)
	}
	var l *look
	err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if l, err = s.look(tx, k, who, "cards.read", scanned, point); err != nil {
			return err
		}
		return s.watch(tx, who, l)
	})
	if err == nil { // the look is durable
		err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
			out, err = s.reading(tx, k, who, l)
			return err
		})
	}
	if err != nil {
		return Reading{}, fmt.Errorf("read card: %w", err)
	}
	return out, nil
}

// watch warns when one account reads very many cards within an hour, and tells the access log each time the number is
// reached anew.
func (s *Service) watch(tx *store.Tx, who access.Actor, l *look) error {
	now := s.Now()
	n := s.reads.count(who.Handle, now) + 1
	tx.OnCommit(func() { s.reads.add(who.Handle, now, 16*s.ReadsMany) })
	if n < s.ReadsMany {
		return nil
	}
	l.codes = append(l.codes, CodeManyReads)
	if n%s.ReadsMany != 0 {
		return nil
	}
	return s.Log.In(tx, audit.Entry{Actor: who.Handle, Device: who.Device, Action: "cards.alert", Point: l.at.ID, Outcome: audit.Seen, Code: CodeManyReads})
}

func (s *Service) reading(tx *store.Tx, k *known, who access.Actor, l *look) (Reading, error) {
	out := Reading{Codes: l.codes, Entries: []Entry{}, Here: []Entry{}, RecordedBy: []Issuer{}, Questions: []Question{}, History: string(l.History)}
	if out.Codes == nil {
		out.Codes = []string{}
	}
	if l.refused != nil {
		out.Status, out.History = StatusNotACard, string(card.HistoryWithheld)
		return out, nil
	}
	out.Expires, out.Sequence = fact.Day(l.Expires), int(l.Sequence)
	if l.State != card.Verified {
		out.Status = StatusUnverified
		return out, nil
	}
	out.Status, out.Issuer = StatusOK, k.issuerOf(l.Issuer.Number)
	if len(out.Codes) > 0 {
		out.Status = StatusWarn
	}
	if err := s.own(tx, k, l, &out); err != nil {
		return out, err
	}
	if !l.open() {
		return out, nil
	}
	out.Issued, out.Slip, out.Holder = fact.Day(l.Issued), l.Slip, l.person
	return out, s.history(tx, k, who, l, &out)
}

// own finds the print among those that were made here.
func (s *Service) own(tx *store.Tx, k *known, l *look, out *Reading) error {
	mark := card.MarkOf(k.secret.Network, l.CTI)
	found, err := tx.One(`SELECT b.card, b.serial FROM cards_blank b JOIN cards_stock s ON s.fact = b.stock WHERE b.mark = $1 AND s.org = $2`, store.Args{mark, l.at.Org}, &out.Card, &out.Serial)
	if err != nil || found {
		return err
	}
	_, err = tx.One(`SELECT card FROM cards_print WHERE mark = $1 AND org = $2`, store.Args{mark, l.at.Org}, &out.Card)
	return err
}

// history fills in what the card says, and what was recorded here since.
func (s *Service) history(tx *store.Tx, k *known, who access.Actor, l *look, out *Reading) error {
	had, err := s.had(tx, k, l)
	if err != nil {
		return err
	}
	for _, x := range had {
		out.Entries = append(out.Entries, x.Entry)
		if x.RecordedBy != nil && !slices.Contains(out.RecordedBy, *x.RecordedBy) {
			out.RecordedBy = append(out.RecordedBy, *x.RecordedBy)
		}
	}
	cat, err := s.Catalogue.Current(tx)
	if err != nil {
		return err
	}
	all := make([]Help, 0, len(had))
	for _, x := range had {
		all = append(all, x.Help)
	}
	if !l.person.IsZero() {
		if found, err := s.People.File(tx, who, l.person); err != nil {
			return err
		} else if found {
			out.Person = l.person
		}
		here, err := s.Contacts.Here(tx, who, l.person, l.Issued.Time())
		if err != nil {
			return err
		}
		if all, err = s.here(tx, here, all, out); err != nil {
			return err
		}
	}
	out.Questions = questions(all, cat, s.Now())
	return nil
}

// here adds what was recorded here and does not stand on the card already.
func (s *Service) here(tx *store.Tx, here, all []Help, out *Reading) ([]Help, error) {
	on := map[Entry]bool{}
	key := func(e Entry) Entry {
		return Entry{Day: e.Day, Service: e.Service, Point: PointRef{Number: e.Point.Number}}
	}
	for _, e := range out.Entries {
		on[key(e)] = true
	}
	for _, h := range here {
		at, _, err := s.Points.Place(tx, h.Point)
		if err != nil {
			return nil, err
		}
		e := Entry{Day: h.Day, Service: h.Code, Quantity: h.Quantity, Point: PointRef{Number: at.Number, Code: at.Code, Name: at.Name}}
		if on[key(e)] {
			continue
		}
		out.Here = append(out.Here, e)
		all = append(all, h)
	}
	slices.SortStableFunc(out.Here, func(a, b Entry) int { return int(b.Day - a.Day) })
	return all, nil
}

// line is an entry of a card, as shown and as compared.
type line struct {
	Entry
	Help
}

// had returns what stands on a card, newest first. A service that this node knows as sealed is shown as other help, also
// where the network file calls it safe.
func (s *Service) had(tx *store.Tx, k *known, l *look) ([]line, error) {
	cat, err := s.Catalogue.Current(tx)
	if err != nil {
		return nil, err
	}
	out := make([]line, 0, len(l.Lines))
	for _, x := range l.Lines {
		e := Entry{Day: fact.Day(x.Day), Service: x.Code, Quantity: int(x.Quantity), Point: PointRef{Number: x.Point}}
		if sv, ok := cat.Service(x.Code); e.Service == "" || ok && !cat.CardSafe(sv.Code) {
			e.Service = serviceOther
		}
		at, found, err := s.Points.ByNumber(tx, x.Point)
		if err != nil {
			return nil, err
		}
		if found {
			e.Point.Code, e.Point.Name = at.Code, at.Name
		}
		if x.Vouched {
			e.RecordedBy = k.issuerOf(x.RecordedBy)
		}
		// A card knows the day and no hour: noon, or now when that is still to come.
		when := x.Day.Time().Add(12 * time.Hour)
		if now := s.Now(); when.After(now) {
			when = now
		}
		out = append(out, line{e, Help{Code: e.Service, Quantity: e.Quantity, Day: e.Day, At: when, Point: at.ID}})
	}
	return out, nil
}

// Scan is a card that was read to record a contact.
type Scan struct {
	Person fact.PersonID // who holds it; none when the card is not verified, or its holder was erased
	Past   []Help        // what stands on it
}

// Scan reads a card for recording. A text that is no card is an error; a card that cannot be believed tells nothing, and
// its holder is served all the same.
func (s *Service) Scan(ctx context.Context, who access.Actor, text string, point fact.PointID) (out Scan, err error) {
	k := s.known.Load()
	scanned, err := s.scan(k, text)
	if err != nil {
		return Scan{}, fmt.Errorf("scan card: %w", err)
	}
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		out = Scan{}
		l, err := s.look(tx, k, who, "cards.read", scanned, point)
		if err != nil || !l.open() {
			return err
		}
		out.Person = l.person
		had, err := s.had(tx, k, l)
		for _, x := range had {
			if x.Service != serviceOther {
				out.Past = append(out.Past, x.Help)
			}
		}
		return err
	})
	if err = errors.Join(err, scanned.refused); err != nil {
		return Scan{}, fmt.Errorf("scan card: %w", err)
	}
	return out, nil
}
