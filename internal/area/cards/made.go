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

// Made is the command behind a card that a device of this node printed while the node was out of reach. The paper is in
// somebody's pocket by now: what is asked here is only whether it is ours.
type Made struct {
	ID       fact.CardID
	Text     string
	Point    fact.PointID
	Person   fact.PersonID // of a first card: somebody with a file
	Holder   fact.PersonID // of a first card: somebody known here by an earlier one
	Agreed   string        // the answer to the card question
	Language string
	Replaces string // text of the card that was read and is superseded by this one
}

// errNotOurs does not tell what is wrong with it: whoever forges cards learns nothing.
var errNotOurs = fault.Field("text", "cards.not_ours", "this card was not made by a device of this node with a key that still counts; keep it aside, and ask your lead")

// Made records a card that a device printed, with the same facts as if it had been printed here.
func (s *Service) Made(ctx context.Context, who access.Actor, cmd Made) (Printed, error) {
	var out Printed
	k, id := s.known.Load(), factOf(cmd.ID)
	c, bad := s.ours(k, cmd) // verifying takes longer than writing
	ids, _, err := s.Journal.Do(ctx, who.Handle, id, func(tx *store.Tx) ([]fact.FactID, error) {
		out = printed(c, nil)
		return s.made(tx, who, k, id, cmd, c, bad, &out)
	})
	if err != nil {
		return Printed{}, fmt.Errorf("record a card that a device made: %w", err)
	}
	out = printed(c, nil)
	out.Card, out.Text = cardOf(ids[0]), "" // the device has it
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		if _, err := s.place(tx, who, "cards.issue", cmd.Point); err != nil { // a repeat is answered under the rights of now
			return err
		}
		_, err := tx.One(`SELECT person FROM cards_lineage WHERE fact = $1 ORDER BY sequence DESC LIMIT 1`, store.Args{ids[0]}, &out.Holder)
		return err
	})
	return out, err
}

// ours reads the text as a card of one of this node's devices.
func (s *Service) ours(k *known, cmd Made) (card.Card, error) {
	text := card.Pasted(cmd.Text)
	r, err := k.reader().Read(text, s.Now())
	if fault.Of(err) == fault.Internal && err != nil {
		return card.Card{}, err
	}
	if err != nil || r.State != card.Verified || r.History != card.HistoryOpen {
		return card.Card{}, errNotOurs
	}
	public, ok := card.SignedBy(text, k.network)
	if !ok {
		return card.Card{}, errNotOurs
	}
	if _, ok := k.spare(public); !ok || r.Issuer.Number != k.issuer {
		return card.Card{}, errNotOurs
	}
	c := card.Card{Text: text, CTI: r.CTI, Lineage: r.Lineage, Sequence: r.Sequence, Issuer: r.Issuer.Number, Issued: r.Issued, Expires: r.Expires,
		Slip: r.Slip, NoFile: r.NoFile, Entries: r.Entries()}
	if cmd.Replaces == "" || c.Slip {
		return c, nil
	}
	old, err := k.reader().Read(card.Pasted(cmd.Replaces), s.Now())
	switch {
	case err != nil:
		return c, fault.Field("replaces", fault.Code(err), "this is not the text of a card; send the one that was read")
	case old.State == card.Verified && old.History == card.HistoryOpen && old.Lineage != c.Lineage:
		return c, fault.Field("replaces", card.CodeLineageOther, "the card that was read is another one than this one follows")
	case old.State == card.Verified && old.History == card.HistoryOpen && old.CTI != c.CTI:
		c.Replaces = []card.CTI{old.CTI}
	}
	return c, nil
}

// made appends the facts of a print that somebody brings from a device, once.
func (s *Service) made(tx *store.Tx, who access.Actor, k *known, id fact.FactID, cmd Made, c card.Card, bad error, out *Printed) ([]fact.FactID, error) {
	first := c.Sequence == 1 && !c.Slip
	may, kind := access.Permission("cards.update"), Updated
	if first {
		may, kind = "cards.issue", Issued
	}
	at, err := s.place(tx, who, may, cmd.Point)
	if err != nil {
		return nil, err
	}
	if bad != nil {
		return nil, bad
	}
	if err := k.signsFor(at, false); err != nil {
		return nil, err
	}
	public, _ := card.SignedBy(c.Text, k.network)
	if found, err := tx.One(`SELECT 1 FROM cards_device WHERE public = $1`, store.Args{[]byte(public)}, new(int64)); err != nil || !found {
		return nil, orNotOurs(err) // a key that never left the node signs nothing out there
	}
	// The tablet may have lost its list of what was sent, and the paper is the same.
	var before fact.FactID
	if found, err := tx.One(`SELECT fact FROM cards_print WHERE mark = $1 AND org = $2 ORDER BY fact LIMIT 1`,
		store.Args{card.MarkOf(k.secret.Network, c.CTI), at.Org}, &before); err != nil || found {
		return []fact.FactID{before}, err
	}
	var person fact.PersonID
	if first {
		issue := Issue{Person: cmd.Person, Holder: cmd.Holder, Agreed: cmd.Agreed, Language: cmd.Language}
		if err := issue.check(); err != nil {
			return nil, err
		}
		var file bool
		if person, file, err = s.recipient(tx, who, issue); err != nil {
			return nil, err
		}
		if cmd.Agreed == "yes" && file && s.Consents != nil {
			if err := s.Consents.CardAgreed(tx, who, person, at.ID, cmd.Language); err != nil {
				return nil, err
			}
		}
	} else if err := checkLanguage(cmd.Language); err != nil {
		return nil, err
	}
	// It counts on the day on which it was given out, as far as the card tells: it may have been under way for days.
	return s.given(tx, who, at, k, kind, id, cmd.Language, c, person, nil, min(s.today(at), fact.Day(c.Issued)), out)
}

func orNotOurs(err error) error {
	if err != nil {
		return err
	}
	return errNotOurs
}
