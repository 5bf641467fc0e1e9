package people

import (
	"context"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Rights is what somebody who answers requests of persons learns of a file: that it is there, since when, and what can be
// done about it. Nothing of what it says: a copy is made for the person, not for who hands it over.
type Rights struct {
	Person fact.PersonID   `json:"person"`
	Point  fact.PointID    `json:"point"`
	Opened fact.Day        `json:"opened"`
	State  string          `json:"state" enum:"open,closed,died,moved_on"`
	May    []string        `json:"may" enum:"copy,log,erase"`
	Same   []fact.PersonID `json:"same" doc:"Other files of the same person, as somebody said: each is answered for on its own"`
}

// RightsOf finds the file of a person who asks for her rights, by her card or by the id that stands on a copy of it. It
// is in the access log before this returns.
func (s *Service) RightsOf(ctx context.Context, who access.Actor, card string, person fact.PersonID) (out Rights, err error) {
	if (card == "") == person.IsZero() {
		return out, fault.Field("card", "people.card_or_person", "scan the card, or write the number of the file from a copy: one of the two")
	}
	if card != "" && s.cards != nil {
		// A card of nobody here leaves person empty, which is answered like a file that is not there.
		if person, _, err = s.cards.PersonByLineage(ctx, who, card); err != nil {
			return out, err
		}
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		f, at, err := s.loadHere(tx, who, "people.copy", person)
		if err != nil {
			return err
		}
		out = Rights{Person: person, Point: f.opened.point, Opened: f.opened.day, State: f.state(at.Day), May: []string{}, Same: []fact.PersonID{}}
		for _, p := range []access.Permission{"people.copy", "people.log", "people.erase"} {
			if who.May(p, f.opened.resource(), s.now()) {
				out.May = append(out.May, string(p[len("people."):]))
			}
		}
		all, err := s.sameFor(tx, who, "people.copy", &f, s.staffNames(tx))
		for _, o := range all {
			out.Same = append(out.Same, o.Person)
		}
		return err
	})
	if err != nil {
		return Rights{}, s.refused(ctx, who, "people.copy", err)
	}
	return out, s.log.Look(ctx, audit.Entry{Actor: who.Handle, Device: who.Device, Action: "people.rights", Person: person, Point: out.Point, Outcome: audit.Seen})
}
