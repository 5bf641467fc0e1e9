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

// stockMost bounds one stock: ten sheets of eight.
const stockMost = 80

// PrintStock is the command behind a stock of blank cards: signed, without entries, for days without a printer.
type PrintStock struct {
	ID       fact.FactID
	Point    fact.PointID
	Count    int
	Language string
}

// Stock is a stock that was made. The texts can be printed for an hour.
type Stock struct {
	Stock fact.FactID `json:"stock"`
	Cards []StockCard `json:"cards"`
	Page  string      `json:"print_url"`
	PDF   string      `json:"pdf_url"`
}

// StockCard is one blank card of a stock that was made just now.
type StockCard struct {
	Card   fact.CardID `json:"card"`
	Text   string      `json:"text"`
	Serial string      `json:"serial"`
}

// PrintStock makes a stock of blank cards.
func (s *Service) PrintStock(ctx context.Context, who access.Actor, cmd PrintStock) (Stock, error) {
	var out Stock
	ids, replayed, err := s.Journal.Do(ctx, who.Handle, cmd.ID, func(tx *store.Tx) ([]fact.FactID, error) {
		out = Stock{}
		at, err := s.place(tx, who, "cards.stock", cmd.Point)
		if err != nil {
			return nil, err
		}
		var bad []error
		if cmd.Count < 1 || cmd.Count > stockMost {
			bad = append(bad, fault.Fieldf("count", "cards.bad_count", "a stock has 1 to %d cards", stockMost))
		}
		if err := errors.Join(append(bad, checkLanguage(cmd.Language))...); err != nil {
			return nil, err
		}
		k := s.known.Load()
		if err := k.signsFor(at, false); err != nil {
			return nil, err
		}
		open := StockOpen{Point: at.ID, Org: at.Org, Day: s.today(at), Language: cmd.Language}
		p := print{language: cmd.Language, org: at.Org, point: at.ID, made: s.Now()}
		for range cmd.Count {
			c, b, err := s.blank(k)
			if err != nil {
				return nil, err
			}
			open.Expires = fact.Day(c.Expires)
			open.Blanks = append(open.Blanks, b)
			p.faces = append(p.faces, face{c.Text, b.Serial})
			out.Cards = append(out.Cards, StockCard{b.Card, c.Text, b.Serial})
		}
		if err := s.Log.In(tx, audit.Entry{Actor: who.Handle, Device: who.Device, Action: "cards.stock", Point: at.ID, Outcome: audit.Changed}); err != nil {
			return nil, err
		}
		ids, err := s.Journal.Append(tx, StockPrinted.New(cmd.ID, fact.ScopeOrg(at.Org), who.Handle, open))
		if err != nil {
			return nil, err
		}
		tx.OnCommit(func() { s.prints.put(ids[0], p) })
		return ids, nil
	})
	if err != nil {
		return Stock{}, fmt.Errorf("print stock: %w", err)
	}
	if replayed {
		if out, err = s.stockAgain(ctx, who, ids[0]); err != nil {
			return Stock{}, err
		}
	}
	out.Stock = ids[0]
	out.Page, out.PDF = "/print/card-stock/"+ids[0].String(), "/api/card-stock/"+ids[0].String()+"/sheet.pdf"
	return out, nil
}

// blank prints one blank card. Its lineage follows from its serial, see blankLineage.
func (s *Service) blank(k *known) (card.Card, Blank, error) {
	serial, err := newSerial(s.random())
	if err != nil {
		return card.Card{}, Blank{}, err
	}
	key, err := s.orgKey()
	if err != nil {
		return card.Card{}, Blank{}, err
	}
	c, err := s.press(k, blankRandom(key, serial, s.random())).Issue(card.Draft{NoFile: true})
	if err != nil {
		return card.Card{}, Blank{}, err
	}
	return c, Blank{Card: fact.NewCardID(s.Now()), Serial: serial, Mark: card.MarkOf(k.secret.Network, c.CTI)}, nil
}

// stockAgain answers a repeated request from what can still be printed.
func (s *Service) stockAgain(ctx context.Context, who access.Actor, id fact.FactID) (out Stock, err error) {
	p, ok := s.prints.get(id, s.Now())
	if !ok || !who.May("cards.stock", access.Resource{Org: p.org, Point: p.point}, s.Now()) {
		return Stock{}, fault.Conflict("cards.made_before", "this stock was made already, and its texts are not kept; print another, and say that these are lost")
	}
	texts := map[string]string{}
	for _, f := range p.faces {
		texts[f.Serial] = f.Text
	}
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT card, serial FROM cards_blank WHERE stock = $1 ORDER BY serial`, store.Args{id}, func(r *store.Row) error {
			var c StockCard
			err := r.Scan(&c.Card, &c.Serial)
			c.Text = texts[c.Serial]
			out.Cards = append(out.Cards, c)
			return err
		})
	})
	return out, err
}

// StockLine is one blank card in the account of a point.
type StockLine struct {
	Card    fact.CardID  `json:"card"`
	Serial  string       `json:"serial"`
	Point   fact.PointID `json:"point"`
	Printed fact.Day     `json:"printed"`
	Expires fact.Day     `json:"expires"`
	State   string       `json:"state"` // here, given, lost, taken
	Given   fact.Day     `json:"given,omitzero"`
}

// StockOf lists the blank cards of a point, the newest first.
func (s *Service) StockOf(ctx context.Context, who access.Actor, point fact.PointID) ([]StockLine, error) {
	out := []StockLine{}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		at, err := s.place(tx, who, "cards.stock", point)
		if err != nil {
			return err
		}
		return tx.Each(`SELECT b.card, b.serial, s.point, s.day, s.expires,
coalesce((SELECT max(m.why) FROM cards_missing m WHERE m.card = b.card), ''), coalesce((SELECT max(p.day) FROM cards_print p WHERE p.card = b.card), 0)
FROM cards_stock s JOIN cards_blank b ON b.stock = s.fact WHERE s.point = $1 AND s.org = $2 ORDER BY s.day DESC, s.fact, b.serial`, store.Args{at.ID, at.Org}, func(r *store.Row) error {
			var x StockLine
			err := r.Scan(&x.Card, &x.Serial, &x.Point, &x.Printed, &x.Expires, &x.State, &x.Given)
			if x.State == "" {
				x.State = "here"
				if x.Given != 0 {
					x.State = "given"
				}
			}
			out = append(out, x)
			return err
		})
	})
	return out, err
}

// giveBlank gives out a blank card by the serial on its face.
func (s *Service) giveBlank(tx *store.Tx, who access.Actor, at Place, cmd Issue, person fact.PersonID, out *Printed) ([]fact.FactID, error) {
	serial := readSerial(cmd.Serial)
	var b Blank
	var expires fact.Day
	var mark []byte
	found, err := tx.One(`SELECT b.card, b.mark, s.expires FROM cards_blank b JOIN cards_stock s ON s.fact = b.stock WHERE b.serial = $1 AND s.org = $2`,
		store.Args{serial, at.Org}, &b.Card, &mark, &expires)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fault.Field("blank_serial", "cards.unknown_serial", "no blank card of this organisation has this number; read it again from the card")
	}
	copy(b.Mark[:], mark)
	var one int64
	for _, q := range []struct{ sql, code, detail string }{
		{`SELECT 1 FROM cards_print WHERE card = $1`, "cards.blank_given", "this blank card was given out already; take another"},
		{`SELECT 1 FROM cards_missing WHERE card = $1`, "cards.blank_missing", "this blank card was reported lost or taken; take another"},
	} {
		if found, err := tx.One(q.sql, store.Args{b.Card}, &one); err != nil {
			return nil, err
		} else if found {
			return nil, fault.Conflict(q.code, q.detail)
		}
	}
	if expires <= s.today(at) {
		return nil, fault.Conflict("cards.blank_expired", "this blank card has expired; take another")
	}
	key, err := s.orgKey()
	if err != nil {
		return nil, err
	}
	lineage := LineageKey(card.RecogniseKey(key, blankLineage(key, serial)))
	if person.IsZero() {
		if person, err = s.holder(tx, lineage); err != nil {
			return nil, err
		}
	}
	open := GivenOpen{Point: at.ID, Org: at.Org, Day: s.today(at), Language: cmd.Language, Serial: serial, Card: b.Card}
	*out = Printed{Card: b.Card, Serial: serial, Expires: expires, Sequence: 1, Holder: person, LeftOut: []string{}}
	if err := s.Log.In(tx, audit.Entry{Actor: who.Handle, Device: who.Device, Action: "cards.issue", Person: person, Point: at.ID, Outcome: audit.Changed}); err != nil {
		return nil, err
	}
	n := StockGiven.New(factOf(cmd.ID), fact.ScopeOrg(at.Org), who.Handle, open)
	if !person.IsZero() {
		n = StockGiven.About(factOf(cmd.ID), fact.ScopeOrg(at.Org), who.Handle, open, GivenSealed{Person: person, Lineage: lineage, Sequence: 1, Mark: b.Mark}, person)
	}
	ids, err := s.Journal.Append(tx, n)
	if err != nil {
		return nil, err
	}
	p := print{org: at.Org, point: at.ID, made: s.Now(), answer: *out}
	tx.OnCommit(func() { s.prints.put(ids[0], p) })
	return ids, nil
}

// Miss says that a card was lost, or taken from its holder. Whoever reads one of its prints is warned from then on.
func (s *Service) Miss(ctx context.Context, who access.Actor, id fact.FactID, missed fact.CardID, taken bool) error {
	_, _, err := s.Journal.Do(ctx, who.Handle, id, func(tx *store.Tx) ([]fact.FactID, error) {
		open, marks, err := s.missing(tx, who, missed)
		if err != nil {
			return nil, err
		}
		kind := Lost
		if taken {
			kind = Taken
		}
		news := []fact.New{kind.New(id, fact.ScopeOrg(open.Org), who.Handle, open)}
		if len(marks) > 0 { // none is left of somebody who was erased
			news = append(news, Revoked.New(fact.FactID{}, fact.ScopeOpen, who.Handle, MarkedOpen{Marks: marks}))
		}
		return s.Journal.Append(tx, news...)
	})
	if err != nil {
		return fmt.Errorf("card %s is missing: %w", missed, err)
	}
	return nil
}

// missing finds a card of the actor's reach, with the marks of all its prints that were made here.
func (s *Service) missing(tx *store.Tx, who access.Actor, missed fact.CardID) (MissingOpen, []card.Mark, error) {
	open := MissingOpen{Card: missed}
	found, err := tx.One(`SELECT org, point FROM cards_print WHERE card = $1 ORDER BY fact`, store.Args{missed}, &open.Org, &open.Point)
	p := access.Permission("cards.update")
	if err == nil && !found {
		p = "cards.stock"
		found, err = tx.One(`SELECT s.org, s.point FROM cards_blank b JOIN cards_stock s ON s.fact = b.stock WHERE b.card = $1`, store.Args{missed}, &open.Org, &open.Point)
	}
	if err != nil {
		return open, nil, err
	}
	if !found || !who.May(p, access.Resource{Org: open.Org, Point: open.Point}, s.Now()) {
		return open, nil, errNoCard
	}
	at, _, err := s.Points.Place(tx, open.Point)
	if err != nil {
		return open, nil, err
	}
	if at.Zone != nil {
		open.Day = s.today(at)
	}
	var marks []card.Mark
	err = tx.Each(`SELECT b.mark FROM cards_blank b WHERE b.card = $1 UNION
SELECT p.mark FROM cards_lineage a JOIN cards_print c ON c.fact = a.fact JOIN cards_lineage l ON l.lineage = a.lineage JOIN cards_print p ON p.fact = l.fact
WHERE c.card = $1 AND p.mark IS NOT NULL ORDER BY 1`, store.Args{missed}, func(r *store.Row) error {
		var m card.Mark
		err := r.Scan(&m)
		marks = append(marks, m)
		return err
	})
	return open, marks, err
}
