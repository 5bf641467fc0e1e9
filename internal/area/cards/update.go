package cards

import (
	"context"
	"fmt"

	"serai/internal/access"
	"serai/internal/card"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Update is the command behind the next print of a card.
type Update struct {
	ID       fact.CardID
	Text     string
	Point    fact.PointID
	Services []Give
	Contact  fact.ContactID
	Slips    []string // texts of slips, to be written on the card; staff say that they are the holder's
	Slip     bool     // print one entry only, where the card itself cannot be printed
	Language string
}

// Update writes on a card, of whichever organisation, and signs it in the name of this one. What others recorded is
// carried over as read. A card whose history cannot be opened or believed gives card.print_slip: print a slip instead.
func (s *Service) Update(ctx context.Context, who access.Actor, cmd Update) (Printed, error) {
	var out Printed
	id := factOf(cmd.ID)
	k := s.known.Load()
	scanned, err := s.scan(k, cmd.Text)
	if err != nil {
		return Printed{}, fmt.Errorf("update card: %w", err)
	}
	ids, replayed, err := s.Journal.Do(ctx, who.Handle, id, func(tx *store.Tx) ([]fact.FactID, error) {
		out = Printed{}
		l, err := s.look(tx, k, who, "cards.update", scanned, cmd.Point)
		if err != nil {
			return nil, err
		}
		if l.refused != nil {
			return nil, l.refused
		}
		if err := checkLanguage(cmd.Language); err != nil {
			return nil, err
		}
		var contacts []fact.ContactID
		if !cmd.Contact.IsZero() {
			contacts = []fact.ContactID{cmd.Contact}
		}
		w, err := s.writer(tx, who, k, l.at, contacts, cmd.Services)
		if err != nil {
			return nil, err
		}
		c, merged, err := s.reprint(tx, k, who, cmd, l, w)
		if err != nil {
			return nil, err
		}
		out = printed(c, w.leftOut)
		person := l.person
		if c.Lineage != l.Lineage { // a slip of its own, of a card that could not be opened
			person = fact.PersonID{}
		}
		return s.given(tx, who, l.at, k, Updated, id, cmd.Language, c, person, merged, s.today(l.at), &out)
	})
	if err != nil {
		return Printed{}, fmt.Errorf("update card: %w", err)
	}
	return s.finish(who, ids[0], replayed, out)
}

func (s *Service) reprint(tx *store.Tx, k *known, who access.Actor, cmd Update, l *look, w *writer) (c card.Card, merged []LineageKey, err error) {
	press := s.press(k, nil)
	if cmd.Slip {
		if len(w.entries) != 1 || len(cmd.Slips) > 0 {
			return c, nil, fault.Field("services", "cards.slip_holds_one", "a slip holds one service; print one slip for each")
		}
		read := l.Reading
		read.Sequence = max(read.Sequence, l.highest)
		c, err = press.Slip(read, w.entries[0])
		return c, nil, err
	}
	u := card.Update{Entries: w.entries, Highest: l.highest}
	if !l.person.IsZero() {
		if u.HasFile, err = s.People.File(tx, who, l.person); err != nil {
			return c, nil, err
		}
	}
	for i, text := range cmd.Slips {
		slip, err := k.reader().Read(card.Pasted(text), s.Now())
		if err != nil {
			return c, nil, fault.Fieldf(fmt.Sprintf("slips.%d", i), fault.Code(err), "this is not the text of a slip; scan it again")
		}
		if slip.Lineage == l.Lineage {
			u.Slips = append(u.Slips, slip)
			continue
		}
		// A loose slip is the first print of its lineage. A later one belongs to a card of somebody, who would be taken
		// for the holder of this one from then on.
		if slip.Sequence != 1 {
			return c, nil, fault.Field(fmt.Sprintf("slips.%d", i), card.CodeLineageOther, "this slip belongs to another card, and is written on that one")
		}
		u.Loose = append(u.Loose, slip)
		key, err := s.lineageKey(slip.Lineage)
		if err != nil {
			return c, nil, err
		}
		merged = append(merged, key)
	}
	c, err = press.Update(l.Reading, u)
	return c, merged, err
}
