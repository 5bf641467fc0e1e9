package cards

import (
	"context"
	"errors"
	"fmt"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/card"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Issue is the command behind a first card. With neither Person nor Holder it is for somebody unknown.
type Issue struct {
	ID       fact.CardID
	Point    fact.PointID
	Person   fact.PersonID // somebody with a file
	Holder   fact.PersonID // somebody known here by an earlier card
	Contacts []fact.ContactID
	Services []Give
	Language string
	Agreed   string // the answer to the card question: "yes", or empty where it was recorded before
	Size     int    // at most so many entries: 5, 10, 20; 0 is 20
	Serial   string // give this blank card instead of printing one
}

// Printed is a card that was given out. Text and the addresses of its pictures are there for an hour.
type Printed struct {
	Card     fact.CardID   `json:"card"`
	Text     string        `json:"text"`
	SVG      string        `json:"svg_url,omitempty"`
	PNG      string        `json:"png_url,omitempty"`
	PDF      string        `json:"pdf_url,omitempty"`
	Slip     string        `json:"slip_url,omitempty"`
	Page     string        `json:"print_url,omitempty"`
	Entries  int           `json:"entries"`
	Expires  fact.Day      `json:"expires"` // first day on which it is expired
	Sequence int           `json:"sequence"`
	Dropped  int           `json:"dropped"`  // entries that found no room
	LeftOut  []string      `json:"left_out"` // services of contacts that may not stand on a card
	Serial   string        `json:"serial,omitempty"`
	Holder   fact.PersonID `json:"lineage_handle,omitzero"`
}

func (cmd Issue) check() error {
	var bad []error
	if !cmd.Person.IsZero() && !cmd.Holder.IsZero() {
		bad = append(bad, fault.Field("lineage_handle", "cards.two_persons", "a card is for a file or for the holder of an earlier card, not both"))
	}
	if cmd.Agreed != "" && cmd.Agreed != "yes" {
		bad = append(bad, fault.Field("basis.answer", "cards.not_agreed", "a card is given only to somebody who said yes; the help is the same without"))
	}
	if cmd.Size != 0 && cmd.Size != 5 && cmd.Size != 10 && cmd.Size != card.MaxEntries {
		bad = append(bad, fault.Field("size", "cards.bad_size", "a card has room for 5, 10 or 20 entries"))
	}
	if cmd.Serial != "" && len(cmd.Contacts)+len(cmd.Services) > 0 {
		bad = append(bad, fault.Field("blank_serial", "cards.blank_is_printed", "nothing can be written on a blank card; what was given stays here and comes onto the card at its next print"))
	}
	return errors.Join(append(bad, checkLanguage(cmd.Language))...)
}

// Issue gives out a card.
func (s *Service) Issue(ctx context.Context, who access.Actor, cmd Issue) (Printed, error) {
	var out Printed
	id := factOf(cmd.ID)
	ids, replayed, err := s.Journal.Do(ctx, who.Handle, id, func(tx *store.Tx) ([]fact.FactID, error) {
		out = Printed{}
		at, err := s.place(tx, who, "cards.issue", cmd.Point)
		if err != nil {
			return nil, err
		}
		if err := cmd.check(); err != nil {
			return nil, err
		}
		person, file, err := s.recipient(tx, who, cmd)
		if err != nil {
			return nil, err
		}
		if cmd.Agreed == "yes" && file && s.Consents != nil {
			if err := s.Consents.CardAgreed(tx, who, person, at.ID, cmd.Language); err != nil {
				return nil, err
			}
		}
		if cmd.Serial != "" {
			return s.giveBlank(tx, who, at, cmd, person, &out)
		}
		k := s.known.Load()
		w, err := s.writer(tx, who, k, at, cmd.Contacts, cmd.Services)
		if err != nil {
			return nil, err
		}
		size := cmd.Size
		if size == 0 {
			size = card.MaxEntries
		}
		kept := newest(w.entries, size)
		c, err := s.press(k, nil).Issue(card.Draft{NoFile: !file, Entries: kept})
		if err != nil {
			return nil, err
		}
		c.Dropped += len(w.entries) - len(kept)
		out = printed(c, w.leftOut)
		return s.given(tx, who, at, k, Issued, id, cmd.Language, c, person, nil, s.today(at), &out)
	})
	if err != nil {
		return Printed{}, fmt.Errorf("issue card: %w", err)
	}
	return s.finish(who, ids[0], replayed, out)
}

// recipient returns for whom the card is, none for somebody unknown, and whether there is a file.
func (s *Service) recipient(tx *store.Tx, who access.Actor, cmd Issue) (person fact.PersonID, file bool, err error) {
	switch {
	case !cmd.Person.IsZero():
		if file, err = s.People.File(tx, who, cmd.Person); err == nil && !file {
			err = fault.Field("person", "cards.unknown_person", "this file is not here; search again, or give the card without it")
		}
		return cmd.Person, file, err
	case !cmd.Holder.IsZero():
		if file, err = s.People.File(tx, who, cmd.Holder); err != nil || file {
			return cmd.Holder, file, err
		}
		var one int64
		for _, sql := range []string{`SELECT 1 FROM cards_lineage WHERE person = $1 LIMIT 1`, `SELECT 1 FROM cards_seen WHERE person = $1 LIMIT 1`} {
			found, err := tx.One(sql, store.Args{cmd.Holder}, &one)
			if err != nil || found {
				return cmd.Holder, false, err
			}
		}
		return fact.PersonID{}, false, fault.Field("lineage_handle", "cards.unknown_holder", "no card of this holder was read here; read it again, or give the card to nobody known")
	}
	return fact.PersonID{}, false, nil
}

// given appends the facts of a print: that it was given out, and which prints it replaces.
func (s *Service) given(tx *store.Tx, who access.Actor, at Place, k *known, kind fact.Type[GivenOpen, GivenSealed], id fact.FactID, language string,
	c card.Card, person fact.PersonID, merged []LineageKey, day fact.Day, out *Printed) ([]fact.FactID, error) {
	lineage, err := s.lineageKey(c.Lineage)
	if err != nil {
		return nil, err
	}
	if person.IsZero() {
		if person, err = s.holder(tx, lineage); err != nil {
			return nil, err
		}
	}
	open := GivenOpen{Point: at.ID, Org: at.Org, Day: day, Language: language, Entries: len(c.Entries), Slip: c.Slip}
	sealed := GivenSealed{Person: person, Lineage: lineage, Sequence: c.Sequence, Mark: card.MarkOf(k.secret.Network, c.CTI), Merged: merged}
	news := []fact.New{kind.About(id, fact.ScopeOrg(at.Org), who.Handle, open, sealed, person)}
	if person.IsZero() { // she was erased and holds her old card: the print is counted and names nobody
		news[0] = kind.New(id, fact.ScopeOrg(at.Org), who.Handle, open)
	}
	if len(c.Replaces) > 0 {
		news = append(news, Superseded.New(fact.FactID{}, fact.ScopeOpen, who.Handle, MarkedOpen{Marks: marksOf(k, c.Replaces)}))
	}
	if err := s.Log.In(tx, audit.Entry{Actor: who.Handle, Device: who.Device, Action: "cards.issue", Person: person, Point: at.ID, Outcome: audit.Changed}); err != nil {
		return nil, err
	}
	out.Holder = person
	ids, err := s.Journal.Append(tx, news...)
	if err != nil {
		return nil, err
	}
	p := print{faces: []face{{Text: c.Text}}, language: language, org: at.Org, point: at.ID, made: s.Now(), answer: *out}
	tx.OnCommit(func() { s.prints.put(ids[0], p) })
	return ids, nil
}

func marksOf(k *known, ctis []card.CTI) []card.Mark {
	out := make([]card.Mark, 0, len(ctis))
	for _, c := range ctis {
		out = append(out, card.MarkOf(k.secret.Network, c))
	}
	return out
}

func printed(c card.Card, leftOut []string) Printed {
	if leftOut == nil {
		leftOut = []string{}
	}
	return Printed{Text: c.Text, Entries: len(c.Entries), Expires: fact.Day(c.Expires), Sequence: int(c.Sequence), Dropped: c.Dropped, LeftOut: leftOut}
}

// finish completes the answer. A repeat is answered from what can still be printed.
func (s *Service) finish(who access.Actor, id fact.FactID, replayed bool, out Printed) (Printed, error) {
	if replayed {
		p, ok := s.prints.get(id, s.Now())
		if !ok || !who.May("cards.issue", access.Resource{Org: p.org, Point: p.point}, s.Now()) {
			return Printed{}, fault.Conflict("cards.made_before", "this card was made already, and its text is not kept; if it was not printed, give another one and say that this one is lost")
		}
		out = p.answer
	}
	if out.Card.IsZero() { // a blank card has an id of its own
		out.Card = cardOf(id)
	}
	if out.Text == "" {
		return out, nil
	}
	at := "/api/cards/" + out.Card.String()
	out.SVG, out.PNG, out.PDF, out.Slip = at+"/card.svg", at+"/card.png", at+"/card.pdf", at+"/slip"
	out.Page = "/print/cards/" + out.Card.String()
	return out, nil
}

// factOf reads a card's id as that of the fact that makes it.
func factOf(c fact.CardID) fact.FactID { return fact.As[fact.FactOf](c) }
