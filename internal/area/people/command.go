package people

import (
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

func isAbsent(err error) bool { return errors.Is(err, errAbsent) }

// command runs what changes one file: decide is given the file and the place and returns the facts that follow.
func (s *Service) command(ctx context.Context, who access.Actor, p access.Permission, person fact.PersonID, id fact.FactID,
	decide func(tx *store.Tx, f *folded, at At) ([]fact.New, error)) ([]fact.FactID, error) {
	ids, _, err := s.journal.Do(ctx, who.Handle, id, func(tx *store.Tx) ([]fact.FactID, error) {
		f, at, err := s.loadHere(tx, who, p, person)
		if err != nil {
			return nil, err
		}
		news, err := decide(tx, &f, at)
		if err != nil {
			return nil, err
		}
		ids, err := s.journal.Append(tx, news...)
		if err != nil {
			return nil, err
		}
		return ids, s.note(tx, who, p, person, at.Point, audit.Changed)
	})
	return ids, s.refused(ctx, who, p, err)
}

// GiveBasis records a basis, or the answer no or later, of somebody who has a file.
func (s *Service) GiveBasis(ctx context.Context, who access.Actor, person fact.PersonID, id fact.BasisID, given Given) (Basis, error) {
	ids, err := s.command(ctx, who, "people.basis", person, factOf(id), func(tx *store.Tx, f *folded, at At) ([]fact.New, error) {
		n, err := s.give(tx, who, f, at, id, "", given)
		return []fact.New{n}, err
	})
	if err != nil {
		return Basis{}, err
	}
	return s.oneBasis(ctx, who, person, basisOf(ids[0]))
}

// Agreed records a yes within the command of another area: to a card, while it is printed.
func (s *Service) Agreed(tx *store.Tx, who access.Actor, person fact.PersonID, given Given) error {
	f, at, err := s.loadHere(tx, who, "people.basis", person)
	if err != nil {
		return err
	}
	n, err := s.give(tx, who, &f, at, fact.BasisID{}, "basis.", given)
	if err != nil {
		return err
	}
	if _, err := s.journal.Append(tx, n); err != nil {
		return err
	}
	return s.note(tx, who, "people.basis", person, at.Point, audit.Changed)
}

// give turns a basis into its fact. field stands before the names of fields in faults.
func (s *Service) give(tx *store.Tx, who access.Actor, f *folded, at At, id fact.BasisID, field string, given Given) (fact.New, error) {
	cat, err := s.catalogue.Current(tx)
	if err != nil {
		return fact.New{}, err
	}
	var age *catalogue.Age
	if a := f.age.shown(); a != nil {
		now := a.At(at.Day)
		age = &now
	}
	given, err = given.decide(field, age, who.May("people.sealed", f.opened.resource(), s.now()), at.Day, cat)
	return Based.About(factOf(id), fact.ScopePoint(at.Point), who.Handle, at, BasisSealed{f.person, given}, f.person), err
}

// Withdraw ends a basis. Whoever withdraws gives no reason. A basis that has ended already stays ended.
func (s *Service) Withdraw(ctx context.Context, who access.Actor, person fact.PersonID, id fact.BasisID, how string) (Basis, error) {
	_, err := s.command(ctx, who, "people.basis", person, fact.FactID{}, func(_ *store.Tx, f *folded, at At) ([]fact.New, error) {
		i := slices.IndexFunc(f.bases, func(b basis) bool { return b.id == id })
		switch {
		case i < 0:
			return nil, fault.NotFound("people.basis_not_found", "")
		case !slices.Contains([]string{"spoken", "played", "written"}, how):
			return nil, fault.Field("how", "people.unknown_how", "say how it was withdrawn: spoken, played or written")
		case f.bases[i].ended != nil:
			return nil, nil
		}
		n := Withdrawn.About(fact.FactID{}, fact.ScopePoint(at.Point), who.Handle, at, WithdrawnSealed{person, id, how}, person)
		return []fact.New{n.Replacing(factOf(id))}, nil
	})
	if err != nil {
		return Basis{}, err
	}
	return s.oneBasis(ctx, who, person, id)
}

func (s *Service) oneBasis(ctx context.Context, who access.Actor, person fact.PersonID, id fact.BasisID) (out Basis, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		f, at, err := s.loadHere(tx, who, "people.basis", person)
		if err != nil {
			return err
		}
		all, err := f.basesShown(at.Day, s.staffNames(tx))
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(b Basis) bool { return b.ID == id })
		if i < 0 {
			return errAbsent
		}
		out = all[i]
		return nil
	})
	return out, err
}

// Bases lists every basis of a file, in the order in which they were recorded. The look is logged.
func (s *Service) Bases(ctx context.Context, who access.Actor, person fact.PersonID) ([]Basis, error) {
	f, err := s.File(ctx, who, person)
	return f.Bases, err
}

// Record notes what happened to somebody.
func (s *Service) Record(ctx context.Context, who access.Actor, person fact.PersonID, id fact.FactID, e Event) (File, error) {
	_, err := s.command(ctx, who, "people.edit", person, id, func(_ *store.Tx, _ *folded, at At) ([]fact.New, error) {
		if e.On == 0 {
			e.On = at.Day
		}
		decided, err := e.decide(at.Day)
		if err != nil {
			return nil, err
		}
		return []fact.New{Lived.About(id, fact.ScopePoint(at.Point), who.Handle, at, LivedSealed{person, decided}, person)}, nil
	})
	if err != nil {
		return File{}, err
	}
	return s.show(ctx, who, person)
}

// Join links two persons who travel together. Both files must be within reach of who.
func (s *Service) Join(ctx context.Context, who access.Actor, person, with fact.PersonID, relation string) (File, error) {
	_, err := s.command(ctx, who, "people.edit", person, fact.FactID{}, func(tx *store.Tx, f *folded, at At) ([]fact.New, error) {
		var bad []error
		if with == person || with.IsZero() {
			bad = append(bad, fault.Field("with", "people.with_self", "name another person's file"))
		}
		if utf8.RuneCountInString(relation) > nameRunes {
			bad = append(bad, fault.Fieldf("relation", "people.text_long", "write at most %d letters", nameRunes))
		}
		checkText("relation", relation, noteRunes, &bad)
		if err := errors.Join(bad...); err != nil {
			return nil, err
		}
		if _, err := s.load(tx, who, "people.edit", with); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(f.links, func(l tie) bool { return l.other == with }) {
			return nil, nil // they are linked already
		}
		return []fact.New{Joined.About(fact.FactID{}, fact.ScopePoint(at.Point), who.Handle, at, JoinedSealed{person, with, relation}, person, with)}, nil
	})
	if err != nil {
		return File{}, err
	}
	return s.show(ctx, who, person)
}

// Part ends every link between two persons. The other's file shows nothing of it: the link is just no longer there.
func (s *Service) Part(ctx context.Context, who access.Actor, person, other fact.PersonID) error {
	_, err := s.command(ctx, who, "people.edit", person, fact.FactID{}, func(_ *store.Tx, f *folded, at At) ([]fact.New, error) {
		var out []fact.New
		for _, l := range f.links {
			if l.other == other {
				out = append(out, Left.About(fact.FactID{}, fact.ScopePoint(at.Point), who.Handle, at, LeftSealed{person, l.id}, person))
			}
		}
		return out, nil // nobody to leave: as wished already
	})
	return err
}

// AccessEntry is one line of who opened a file.
type AccessEntry struct {
	At      time.Time     `json:"at"`
	Who     string        `json:"who"`
	Action  string        `json:"action"`
	Point   fact.PointID  `json:"point,omitzero"`
	Outcome audit.Outcome `json:"outcome"`
	Code    string        `json:"code,omitempty"`
	Made    time.Time     `json:"made,omitzero" doc:"When a device says that it happened, for a look made without a network"`
}

// accessMost bounds the page of who opened a file.
const accessMost = 500

// AccessLog lists who looked at, changed or was refused a file, newest first. This look is an entry as well.
func (s *Service) AccessLog(ctx context.Context, who access.Actor, person fact.PersonID) ([]AccessEntry, error) {
	out := []AccessEntry{}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := s.load(tx, who, "people.log", person); err != nil {
			return err
		}
		entries, err := s.log.Of(tx, person, accessMost)
		if err != nil {
			return err
		}
		staff := s.staffNames(tx)
		for _, e := range entries {
			name, err := staff(e.Actor)
			if err != nil {
				return err
			}
			out = append(out, AccessEntry{e.At, name, e.Action, e.Point, e.Outcome, e.Code, e.Made})
		}
		return nil
	})
	if err != nil {
		return nil, s.refused(ctx, who, "people.log", err)
	}
	return out, s.log.Look(ctx, audit.Entry{Actor: who.Handle, Device: who.Device, Action: "people.log", Person: person, Outcome: audit.Seen})
}
