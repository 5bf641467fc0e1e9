package people

import (
	"context"
	"errors"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// OpenFile is the command that opens a file.
type OpenFile struct {
	ID      fact.PersonID
	Point   fact.PointID
	Profile Profile
	Born    *fact.Day // in place of the profile's age
	Basis   Given
	BasisID fact.BasisID
}

// Open opens a file at a point. There must be a basis for it; without one help is given without a file.
func (s *Service) Open(ctx context.Context, who access.Actor, cmd OpenFile) (File, error) {
	if cmd.ID.IsZero() {
		cmd.ID = fact.NewPersonID(s.now())
	}
	ids, _, err := s.journal.Do(ctx, who.Handle, openedID(cmd.ID), func(tx *store.Tx) ([]fact.FactID, error) {
		at, err := s.at(tx, cmd.Point)
		if err != nil {
			return nil, err
		}
		r := access.Resource{Org: at.Org, Point: at.Point, Owner: who.Handle}
		if !who.May("people.create", r, s.now()) {
			return nil, fault.NotFound("people.point_not_found", "")
		}
		cat, err := s.catalogue.Current(tx)
		if err != nil {
			return nil, err
		}
		profile, given, err := cmd.decide(at.Day, who.May("people.health", r, s.now()), who.May("people.sealed", r, s.now()), cat)
		if err != nil {
			return nil, err
		}
		open := OpenedAt{At: at, Sex: profile.Sex, Age: catalogue.Unknown}
		if profile.Age != nil {
			a := profile.Age.At(at.Day)
			open.Age = catalogue.Span(a.Low, a.High)
		}
		scope := fact.ScopePoint(at.Point)
		ids, err := s.journal.Append(tx,
			Opened.About(openedID(cmd.ID), scope, who.Handle, open, OpenedSealed{cmd.ID, profile}, cmd.ID),
			Based.About(factOf(cmd.BasisID), scope, who.Handle, at, BasisSealed{cmd.ID, given}, cmd.ID))
		if err != nil {
			return nil, err
		}
		return ids, s.note(tx, who, "people.create", cmd.ID, at.Point, audit.Changed)
	})
	if err != nil {
		return File{}, s.notOpened(ctx, who, cmd.Point, err)
	}
	// A repeat under an Idempotency-Key may have brought no id: the fact knows whom it was about.
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.One(`SELECT person_id FROM people_fact WHERE fact_id = $1`, store.Args{ids[0]}, &cmd.ID)
		return err
	})
	if err != nil {
		return File{}, err
	}
	return s.show(ctx, who, cmd.ID)
}

// notOpened writes down that a file was refused for where it was to be opened, or for an id that was taken: who tries
// ids learns which exist, and leaves a trace with each.
func (s *Service) notOpened(ctx context.Context, who access.Actor, point fact.PointID, err error) error {
	if c := fault.Of(err); c != fault.ClassNotFound && c != fault.ClassConflict {
		return err
	}
	if lost := s.log.Look(context.WithoutCancel(ctx), audit.Entry{Actor: who.Handle, Device: who.Device, Action: "people.create",
		Point: point, Outcome: audit.Refused, Code: fault.Code(err)}); lost != nil {
		return lost
	}
	return err
}

// decide checks the whole command and reports every fault at once.
func (cmd OpenFile) decide(today fact.Day, health, protects bool, cat *catalogue.Catalogue) (Profile, Given, error) {
	var bad []error
	p := cmd.Profile
	if cmd.Born != nil {
		switch {
		case p.Age != nil && p.Age.Method != "birth_date":
			bad = append(bad, fault.Field("birth_date", "people.two_ages", "give the birth date or an age, not both"))
		case *cmd.Born > today:
			bad = append(bad, fault.Field("birth_date", "people.born_in_future", "this birth date has not come yet; correct the year"))
		case *cmd.Born < oldest:
			bad = append(bad, fault.Field("birth_date", "people.day_too_early", "this birth date lies before 1900; correct the year"))
		default:
			p.Age = bornOn(*cmd.Born, today)
		}
	}
	if p.Sex == "" {
		p.Sex = "U"
	}
	p.check(today, health, cat, &bad)
	var age *catalogue.Age
	if p.Age != nil {
		a := p.Age.At(today)
		age = &a
	}
	g := cmd.Basis
	if g.Purpose == "" {
		g.Purpose = PurposeFile
	}
	g, err := g.decide("basis.", age, protects, today, cat)
	if err != nil {
		bad = append(bad, err)
	} else if !g.allows(PurposeFile, today) {
		bad = append(bad, fault.Field("basis.answer", "people.no_basis", "without a yes there is no file; help is the same without one"))
	}
	return p, g, errors.Join(bad...)
}
