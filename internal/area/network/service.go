package network

import (
	"context"
	"fmt"
	"sync"
	"time"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/journal"
	"serai/internal/store"
)

// Config is what the network must be given.
type Config struct {
	DB      *store.DB
	Journal *journal.Journal
	Now     func() time.Time
	// Catalogue returns the services as edited at this node; the shipped ones when nil.
	Catalogue func(*store.Tx) (*catalogue.Catalogue, error)
}

// Service is the network of one node.
type Service struct {
	db        *store.DB
	journal   *journal.Journal
	now       func() time.Time
	catalogue func(*store.Tx) (*catalogue.Catalogue, error)
	desk      desks
	importing sync.Mutex
}

// New puts the network on a node: its tables and projectors are registered with the journal, which is started later.
func New(c Config) *Service {
	s := &Service{db: c.DB, journal: c.Journal, now: c.Now, catalogue: c.Catalogue}
	if s.catalogue == nil {
		s.catalogue = func(*store.Tx) (*catalogue.Catalogue, error) { return catalogue.Base(), nil }
	}
	s.register(c.Journal)
	return s
}

// may refuses what the roles do not reach. Who may not change a point may still read it, so saying no tells nothing.
func (s *Service) may(who access.Actor, p access.Permission, org fact.OrgID, point fact.PointID) error {
	if !who.May(p, access.Resource{Org: org, Point: point}, s.now()) {
		return fault.Forbidden("network.not_yours", "your roles do not reach this; ask who runs it, or an administrator")
	}
	return nil
}

// as reads an id as one of the kind that like has.
func as[To, From any](_ fact.ID[To], id fact.ID[From]) fact.ID[To] { return fact.As[To](id) }

// set appends a *_set fact, nothing when nothing changes.
func (s *Service) set(tx *store.Tx, t fact.Type[SetOpen, struct{}], id fact.FactID, scope fact.Scope, actor fact.Handle, subject []byte, changes []Change) ([]fact.FactID, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	return s.journal.Append(tx, t.New(id, scope, actor, SetOpen{Subject: subject, Changes: changes}).Replacing(parents(changes)...))
}

func codeTaken() error {
	return fault.Field("code", "network.code_taken", "this code is taken, and codes are never given twice; choose another")
}

// again answers a creation under an id that is taken: nothing is left to do when it says what is there already, since a
// client that never got its answer asks again; another content is a conflict.
func again[T any](fields record[T], was, want *T) error {
	if differs(fields, was, want) {
		return fault.Conflict("id_taken", "this id was used before; make a new one")
	}
	return nil
}

// AddOrganisation makes an organisation. Only those who reach the whole node may. A zero id is made from the code.
func (s *Service) AddOrganisation(ctx context.Context, who access.Actor, id fact.OrgID, o Organisation) (OrganisationRow, error) {
	target := id
	if target.IsZero() {
		target = fact.OrgByCode(o.Code)
	}
	_, _, err := s.journal.Do(ctx, who.Handle, as(fact.FactID{}, id), func(tx *store.Tx) ([]fact.FactID, error) {
		o := o
		if err := s.may(who, "network.edit", target, fact.PointID{}); err != nil {
			return nil, err
		}
		if err := o.check(); err != nil {
			return nil, err
		}
		if was, found, err := s.Organisation(tx, id); err != nil {
			return nil, err
		} else if found {
			o.Number = was.Number
			return nil, again(organisationFields, &was.Organisation, &o)
		}
		taken, err := tx.One(`SELECT 1 FROM network_organisation WHERE code = $1`, store.Args{o.Code}, new(int64))
		if err != nil {
			return nil, err
		}
		if taken {
			return nil, codeTaken()
		}
		o.Number, err = freeIssuer(tx, target)
		if err != nil {
			return nil, err
		}
		changes, err := organisationFields.edit(&Organisation{}, &o, nil, nil)
		if err != nil {
			return nil, err
		}
		return s.set(tx, OrganisationSet, as(fact.FactID{}, id), fact.ScopeOpen, who.Handle, target.Bytes(), changes)
	})
	if err != nil {
		return OrganisationRow{}, fmt.Errorf("add organisation %s: %w", target, err)
	}
	var out OrganisationRow
	err = s.db.Read(ctx, func(tx *store.Tx) (err error) {
		out, _, err = s.Organisation(tx, target)
		return err
	})
	return out, err
}

func freeIssuer(tx *store.Tx, id fact.OrgID) (uint16, error) {
	n, err := free(tx, id, lastIssuer, `SELECT 1 FROM network_organisation WHERE number = $1`)
	return uint16(n), err
}

func freeNumber(tx *store.Tx, id fact.PointID) (uint32, error) {
	return free(tx, id, lastNumber, `SELECT 1 FROM network_point WHERE number = $1`)
}

// free returns the number of a new point or organisation; sql asks whether one is given.
func free[K any](tx *store.Tx, id fact.ID[K], last uint32, sql string) (uint32, error) {
	var failed error
	n := Number(id, last, func(n uint32) bool {
		found, err := tx.One(sql, store.Args{n}, new(int64))
		if err != nil {
			failed = err
		}
		return found
	})
	return n, failed
}

// PointEdit says which fields of a point become what; nil leaves a field as it is.
type PointEdit struct {
	Name       *string
	Kind       *string
	Mobility   *string
	Country    *string
	Position   *Position
	Services   *[]PointService
	Languages  *[]string
	Hours      *string
	WomenHours *string
	Busy       *string
	Zone       *string
	Beds       *int
	Visibility *string
	Cutoff     *int
	// Replaces names, by field, the edits that the author had before her eyes; a field that is not named here replaces
	// every head that this node knows.
	Replaces map[string][]fact.FactID
}

func (e PointEdit) apply(p *Point) {
	put(&p.Name, e.Name)
	put(&p.Kind, e.Kind)
	put(&p.Mobility, e.Mobility)
	put(&p.Country, e.Country)
	put(&p.Services, e.Services)
	put(&p.Languages, e.Languages)
	put(&p.Hours, e.Hours)
	put(&p.WomenHours, e.WomenHours)
	put(&p.Busy, e.Busy)
	put(&p.Zone, e.Zone)
	put(&p.Beds, e.Beds)
	put(&p.Visibility, e.Visibility)
	put(&p.Cutoff, e.Cutoff)
	if e.Position != nil {
		at := *e.Position
		p.Position = &at
	}
}

// daily tells whether the edit is part of running a point from day to day: what its lead knows better than anybody, and
// what changes from season to season. Name, kind, place, country, time zone and what the public may see are not.
func (e PointEdit) daily() bool {
	return e.Name == nil && e.Kind == nil && e.Mobility == nil && e.Country == nil && e.Position == nil && e.Zone == nil && e.Visibility == nil && e.Cutoff == nil
}

func put[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// AddPoint makes a point. A zero id is made from the code. The state is planned or open, since today at the point.
func (s *Service) AddPoint(ctx context.Context, who access.Actor, id fact.PointID, code string, org fact.OrgID, state string, edit PointEdit) (fact.PointID, error) {
	target := id
	if target.IsZero() {
		target = fact.PointByCode(code)
	}
	_, _, err := s.journal.Do(ctx, who.Handle, as(fact.FactID{}, id), func(tx *store.Tx) ([]fact.FactID, error) {
		if err := s.may(who, "network.edit", org, target); err != nil {
			return nil, err
		}
		cat, err := s.catalogue(tx)
		if err != nil {
			return nil, err
		}
		p := &Point{Code: code, Org: org, Visibility: Hidden, Cutoff: DefaultCutoff}
		edit.apply(p)
		if err := p.check(cat); err != nil {
			return nil, err
		}
		if state != Planned && state != Open {
			return nil, fault.Field("state", "network.no_such_step", "a new point is planned or open")
		}
		row := &pointRow{Point: *p, zone: p.zone()}
		p.State = Life{State: state, On: row.today(s.now())}
		if was, found, err := s.row(tx, id); err != nil {
			return nil, err
		} else if found && was.ID == id {
			p.Number, p.State.On = was.Number, was.State.On
			return nil, again(pointFields, &was.Point, p)
		}
		if _, found, err := s.Organisation(tx, org); err != nil || !found {
			return nil, noOrganisation(err)
		}
		taken, err := tx.One(`SELECT 1 FROM network_point WHERE code = $1`, store.Args{code}, new(int64))
		if err != nil {
			return nil, err
		}
		if taken {
			return nil, codeTaken()
		}
		if p.Number, err = freeNumber(tx, target); err != nil {
			return nil, err
		}
		changes, err := pointFields.edit(&Point{}, p, nil, nil)
		if err != nil {
			return nil, err
		}
		return s.setPoint(tx, as(fact.FactID{}, id), who.Handle, target, p, changes, false)
	})
	if err != nil {
		return target, fmt.Errorf("add point %s: %w", target, err)
	}
	return target, nil
}

func noOrganisation(err error) error {
	if err != nil {
		return err
	}
	return fault.Field("organisation", "network.unknown_organisation", "there is no such organisation; GET /api/organisations lists them")
}

// today returns the operating day at the point.
func (r *pointRow) today(now time.Time) fact.Day {
	return fact.OperatingDay(now, r.location(), time.Duration(r.Cutoff)*time.Minute)
}

// EditPoint changes fields of a point. Who runs it changes its hours, services, languages and beds; the rest needs the
// right to change points.
func (s *Service) EditPoint(ctx context.Context, who access.Actor, id fact.FactID, point fact.PointID, edit PointEdit) error {
	_, _, err := s.journal.Do(ctx, who.Handle, id, func(tx *store.Tx) ([]fact.FactID, error) {
		row, err := s.load(tx, point)
		if err != nil {
			return nil, err
		}
		if err := s.may(who, "network.edit", row.Org, row.ID); err != nil && (!edit.daily() || s.may(who, "network.run", row.Org, row.ID) != nil) {
			return nil, err
		}
		cat, err := s.catalogue(tx)
		if err != nil {
			return nil, err
		}
		next := row.Point
		edit.apply(&next)
		if err := row.Become(&next, cat); err != nil {
			return nil, err
		}
		all, err := heads.Of(tx, row.ID.Bytes())
		if err != nil {
			return nil, err
		}
		changes, err := pointFields.edit(&row.Point, &next, all, edit.Replaces)
		if err != nil {
			return nil, err
		}
		return s.setPoint(tx, id, who.Handle, row.ID, &next, changes, false)
	})
	if err != nil {
		return fmt.Errorf("edit point %s: %w", point, err)
	}
	return nil
}

func (s *Service) load(tx *store.Tx, point fact.PointID) (*pointRow, error) {
	row, found, err := s.row(tx, point)
	if err == nil && !found {
		err = noPoint()
	}
	return row, err
}

// setPoint appends what changes of a point: in the open feed, but where a ship is only in that of its organisation.
func (s *Service) setPoint(tx *store.Tx, id fact.FactID, actor fact.Handle, point fact.PointID, p *Point, changes []Change, imported bool) ([]fact.FactID, error) {
	var public, private []Change
	for _, c := range changes {
		if c.Field == positionField && p.Mobility == AtSea {
			private = append(private, c)
		} else {
			public = append(public, c)
		}
	}
	var out []fact.FactID
	for _, part := range []struct {
		scope   fact.Scope
		changes []Change
	}{{fact.ScopeOpen, public}, {fact.ScopeOrg(p.Org), private}} {
		if len(part.changes) == 0 {
			continue
		}
		if imported {
			var err error
			if id, err = importedFact(PointSet.Kind, SetOpen{Subject: point.Bytes(), Changes: part.changes}); err != nil {
				return nil, err
			}
		}
		ids, err := s.set(tx, PointSet, id, part.scope, actor, point.Bytes(), part.changes)
		if err != nil {
			return nil, err
		}
		out, id = append(out, ids...), fact.FactID{} // the second fact of a command gets an id of its own
	}
	return out, nil
}
