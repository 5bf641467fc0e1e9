package card

import (
	"fmt"

	"serai/internal/fault"
)

// Update says what a re-issue adds to the card that was read.
type Update struct {
	Entries []Entry   // served here, now
	Slips   []Reading // slips of the same lineage, merged
	Loose   []Reading // slips of another lineage, printed where the card could not be read, which staff say belong to it
	HasFile bool      // the person has a file by now
	Highest uint16    // highest sequence of this lineage known here, 0 if none
}

// Update re-issues a card, of whichever organisation, in the name of this one: same lineage, next sequence, new cti.
// What others recorded is vouched for as read; services this network file does not know become "other help", those it
// marks unsafe are left out. A card whose history is closed cannot be updated: the answer is a conflict with
// CodePrintSlip.
func (p Press) Update(r Reading, u Update) (Card, error) {
	if r.State != Verified || r.History != HistoryOpen {
		return Card{}, fault.Conflict(CodePrintSlip, "the history on this card cannot be confirmed here ("+string(r.History)+"); print a slip with today's help instead")
	}
	signer, err := p.signer()
	if err != nil {
		return Card{}, err
	}
	if err := p.check(signer, u.Entries); err != nil {
		return Card{}, err
	}
	out := Card{Lineage: r.Lineage, Sequence: max(r.Sequence, u.Highest), NoFile: r.NoFile && !u.HasFile, Replaces: []CTI{r.CTI}}
	entries := make(gather)
	p.carry(entries, r)
	for i, s := range u.Slips {
		if s.Lineage != r.Lineage {
			return Card{}, fault.Field(fmt.Sprintf("slips[%d]", i), CodeLineageOther, "this slip belongs to another card; ask the person, and give it as a loose slip if it is hers")
		}
		if err := p.merge(entries, &out, fmt.Sprintf("slips[%d]", i), s); err != nil {
			return Card{}, err
		}
		out.Sequence = max(out.Sequence, s.Sequence)
	}
	for i, s := range u.Loose {
		if err := p.merge(entries, &out, fmt.Sprintf("loose[%d]", i), s); err != nil {
			return Card{}, err
		}
	}
	for _, e := range u.Entries {
		entries.add(e)
	}
	if out.Sequence, err = next(out.Sequence); err != nil {
		return Card{}, err
	}
	out.Entries, out.Dropped = entries.newest()
	return p.print(signer, out)
}

// Slip prints one entry where the card itself cannot be printed or updated. It keeps the lineage of r and takes the next
// sequence when r could be read. Otherwise it starts a lineage of its own and is merged later as a loose slip; for a
// person without any card r is the zero Reading.
func (p Press) Slip(r Reading, e Entry) (Card, error) {
	signer, err := p.signer()
	if err != nil {
		return Card{}, err
	}
	if err := p.check(signer, []Entry{e}); err != nil {
		return Card{}, err
	}
	e.Quantity = Quantity(int(e.Quantity))
	out := Card{Slip: true, Sequence: 1, NoFile: r.NoFile, Entries: []Entry{e}}
	if r.State == Verified && r.History == HistoryOpen {
		out.Lineage = r.Lineage
		if out.Sequence, err = next(r.Sequence); err != nil {
			return Card{}, err
		}
	}
	return p.print(signer, out)
}

func (p Press) merge(entries gather, out *Card, field string, s Reading) error {
	if s.State != Verified || s.History != HistoryOpen || !s.Slip {
		return fault.Field(field, CodePrintSlip, "only slips that can be read and verified here are merged; the person keeps this one")
	}
	p.carry(entries, s)
	out.Replaces = append(out.Replaces, s.CTI)
	return nil
}

// carry takes over what another print says.
func (p Press) carry(entries gather, r Reading) {
	for _, l := range r.Lines {
		e := l.Entry
		if listed, known := p.Network.services[e.Service]; !known {
			e.Service = ServiceOther
		} else if !listed.CardSafe && e.Service != ServiceOther {
			continue
		}
		entries.merge(e)
	}
}
