package assist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/journal"
	"serai/internal/store"
)

// Points tells about service points. The app supplies it from the network.
type Points interface {
	Place(tx *store.Tx, id fact.PointID) (Place, bool, error)
}

// People tells about files. The app supplies it from the people.
type People interface {
	// Client returns somebody whom the actor may serve; not found when there is no such file within the actor's reach.
	Client(tx *store.Tx, who access.Actor, person fact.PersonID) (Client, bool, error)
	// Initials returns the initials of a file, empty when it has no name or is not here.
	Initials(tx *store.Tx, person fact.PersonID) (string, error)
}

// Scan is a card that was read and verified.
type Scan struct {
	Person fact.PersonID // whom this organisation knows by the card, by file or as a holder without one
	Past   []Past        // what stands on it
}

// Cards reads assistance cards. The app supplies it from the cards.
type Cards interface {
	Scan(ctx context.Context, who access.Actor, text string, at fact.PointID) (Scan, error)
}

// Catalogue gives the services and lists of now.
type Catalogue interface {
	Current(tx *store.Tx) (*catalogue.Catalogue, error)
}

// Needs is what this area takes from the others.
type Needs struct {
	DB        *store.DB
	Journal   *journal.Journal
	Log       *audit.Log
	Now       func() time.Time
	Points    Points
	People    People
	Cards     Cards
	Catalogue Catalogue
	Staff     Staff // may be nil
}

// Service is the area. Make one with New before the journal starts.
type Service struct{ Needs }

// New puts the area's projections on the journal.
func New(n Needs) *Service {
	register(n.Journal)
	return &Service{n}
}

// errPoint answers alike for a point that is not there and for one where the actor does not work.
var errPoint = fault.Field("point", "assist.unknown_point", "choose a point where you work")

// place returns the point when the actor may do p there.
func (s *Service) place(tx *store.Tx, who access.Actor, p access.Permission, id fact.PointID) (Place, error) {
	at, found, err := s.Points.Place(tx, id)
	if err != nil {
		return Place{}, err
	}
	if !found || !who.May(p, access.Resource{Org: at.Org, Point: at.ID, Owner: who.Handle}, s.Now()) {
		return Place{}, errPoint
	}
	return at, nil
}

// RecordInput is a contact as it comes in: Record, with the person or card still to be looked up.
type RecordInput struct {
	Record
	Point  fact.PointID
	Person fact.PersonID
	Card   string
}

// Record records a contact. It answers with the contact and the questions that a repeat raises.
func (s *Service) Record(ctx context.Context, who access.Actor, in RecordInput) (Contact, error) {
	var scan *Scan
	if in.Card != "" {
		read, err := s.Cards.Scan(ctx, who, in.Card, in.Point)
		if err != nil {
			return Contact{}, err
		}
		scan = &read
	}
	var open RecordedOpen
	var client *Client
	var questions []Question
	ids, replayed, err := s.Journal.Do(ctx, who.Handle, fact.As[fact.FactOf](in.ID), func(tx *store.Tx) (ids []fact.FactID, err error) {
		open, client, questions = RecordedOpen{}, nil, nil
		at, err := s.place(tx, who, "assist.record", in.Point)
		if err != nil {
			return nil, err
		}
		cat, err := s.Catalogue.Current(tx)
		if err != nil {
			return nil, err
		}
		cmd := in.Record
		cmd.Health = who.May("assist.health", access.Resource{Org: at.Org, Point: at.ID}, s.Now())
		var past []Past
		if cmd.Client, past, err = s.client(tx, who, in, scan); err != nil {
			return nil, err
		}
		if open, err = cmd.Decide(at, cat, s.Now()); err != nil {
			return nil, err
		}
		client = cmd.Client
		if client == nil {
			return s.Journal.Append(tx, Recorded.New(fact.As[fact.FactOf](in.ID), fact.ScopeOrg(at.Org), who.Handle, open))
		}
		if questions, err = s.questions(tx, client.Person, open, past, cat); err != nil {
			return nil, err
		}
		if err := s.Log.In(tx, audit.Entry{Actor: who.Handle, Device: who.Device, Action: "assist.record", Person: client.Person, Point: at.ID, Outcome: audit.Changed}); err != nil {
			return nil, err
		}
		return s.Journal.Append(tx, Recorded.About(fact.As[fact.FactOf](in.ID), fact.ScopeOrg(at.Org), who.Handle, open, RecordedSealed{client.Person}, client.Person))
	})
	if err != nil {
		return Contact{}, fmt.Errorf("record contact: %w", err)
	}
	if replayed {
		return s.Contact(ctx, who, fact.As[fact.ContactOf](ids[0]))
	}
	c := contactOf(fact.As[fact.ContactOf](ids[0]), open, s.Now(), who.Handle)
	c.Questions, c.Mine = questions, true
	if client != nil && in.Card == "" {
		c.Person = client.Person
	}
	return c, nil
}

// client finds out who is served: nobody known, a file, or the holder of a card.
func (s *Service) client(tx *store.Tx, who access.Actor, in RecordInput, scan *Scan) (*Client, []Past, error) {
	switch {
	case scan != nil && scan.Person.IsZero(): // not to be believed, or its holder was erased: served as a stranger
		return nil, nil, nil
	case scan != nil:
		// A card is reason enough to serve its holder, wherever in the organisation the file was opened.
		c, found, err := s.People.Client(tx, access.Actor{}, scan.Person)
		if err != nil {
			return nil, nil, err
		}
		if !found {
			c = Client{Person: scan.Person, Sex: in.Sex}
			if in.Age != nil {
				c.Age, c.AgeOn = *in.Age, fact.DayOf(s.Now())
			}
		}
		return &c, scan.Past, nil
	case !in.Person.IsZero():
		c, found, err := s.People.Client(tx, who, in.Person)
		if err != nil {
			return nil, nil, err
		}
		if !found {
			return nil, nil, fault.Field("person", "assist.unknown_person", "this file is not here; search again, or record the contact without it")
		}
		return &c, nil, nil
	}
	return nil, nil, nil
}

func (s *Service) questions(tx *store.Tx, person fact.PersonID, open RecordedOpen, past []Past, cat *catalogue.Catalogue) ([]Question, error) {
	longest := 0
	for _, g := range open.Services {
		if sv, ok := cat.Service(g.Code); ok && sv.Asks != nil {
			longest = max(longest, sv.Asks.Hours)
		}
	}
	if longest == 0 {
		return []Question{}, nil
	}
	at := time.UnixMilli(open.Happened)
	here, err := s.Past(tx, person, at.Add(-time.Duration(longest)*time.Hour))
	if err != nil {
		return nil, err
	}
	return Questions(open.Services, merged(here, past), cat, at), nil
}

// merged puts what is known here and what stands on the card together; the same service, day and point is one.
func merged(here, card []Past) []Past {
	seen := map[string]bool{}
	for _, p := range here {
		seen[fmt.Sprint(p.Code, p.Day, p.Point)] = true
	}
	out := here
	for _, p := range card {
		if !seen[fmt.Sprint(p.Code, p.Day, p.Point)] {
			out = append(out, p)
		}
	}
	return out
}

// ArriveInput is an arrival as it comes in.
type ArriveInput struct {
	Arrive
	Point fact.PointID
}

// Arrive records an arrival; everybody of it is a contact, and has had the services named with it.
func (s *Service) Arrive(ctx context.Context, who access.Actor, in ArriveInput) (Arrival, error) {
	var open ArrivedOpen
	ids, replayed, err := s.Journal.Do(ctx, who.Handle, fact.As[fact.FactOf](in.ID), func(tx *store.Tx) ([]fact.FactID, error) {
		at, err := s.place(tx, who, "assist.bulk", in.Point)
		if err != nil {
			return nil, err
		}
		cat, err := s.Catalogue.Current(tx)
		if err != nil {
			return nil, err
		}
		cmd := in.Arrive
		cmd.Health = who.May("assist.health", access.Resource{Org: at.Org, Point: at.ID}, s.Now())
		if open, err = cmd.Decide(at, cat, s.Now()); err != nil {
			return nil, err
		}
		return s.Journal.Append(tx, Arrived.New(fact.As[fact.FactOf](in.ID), fact.ScopeOrg(at.Org), who.Handle, open))
	})
	if err != nil {
		return Arrival{}, fmt.Errorf("record arrival: %w", err)
	}
	id := fact.As[fact.ArrivalOf](ids[0])
	if replayed {
		return s.arrival(ctx, who, id)
	}
	return arrivalOf(id, open, s.Now()), nil
}

// Correct is a change of a contact, field by field; what is nil stays.
type Correct struct {
	ID       fact.FactID
	Contact  fact.ContactID
	Replaces []fact.FactID
	Change   CorrectedOpen
	Undo     bool
}

// corrections that say why.
var reasons = map[string]bool{"mistake": true, "twice": true, "wrong_person": true, "undo": true, "late": true}

// Correct appends a correction of a contact. Whoever recorded it may correct it, and the lead of its point.
func (s *Service) Correct(ctx context.Context, who access.Actor, cmd Correct) (Contact, error) {
	_, _, err := s.Journal.Do(ctx, who.Handle, cmd.ID, func(tx *store.Tx) ([]fact.FactID, error) {
		c, err := s.load(tx, who, "assist.correct", cmd.Contact)
		if err != nil {
			return nil, err
		}
		cat, err := s.Catalogue.Current(tx)
		if err != nil {
			return nil, err
		}
		open := cmd.Change
		open.Contact, open.Org = cmd.Contact, c.org
		if cmd.Undo {
			yes := true
			open.Undone, open.Why = &yes, "undo"
		}
		health := who.May("assist.health", access.Resource{Org: c.org, Point: c.Point}, s.Now())
		if err := open.check(cat, health, c.known); err != nil {
			return nil, err
		}
		open.Replaces = cmd.Replaces
		if err := s.replaceable(tx, who, &c, &open); err != nil {
			return nil, err
		}
		if open.Services != nil && len(c.hidden) > 0 {
			// What the corrector could not see she did not mean to take away.
			all := slices.Concat(*open.Services, c.hidden)
			open.Services = &all
		}
		parents := append([]fact.FactID{fact.As[fact.FactOf](cmd.Contact)}, cmd.Replaces...)
		return s.Journal.Append(tx, Corrected.New(cmd.ID, fact.ScopeOrg(c.org), who.Handle, open).Replacing(parents...))
	})
	if err != nil {
		return Contact{}, fmt.Errorf("correct contact %s: %w", cmd.Contact, err)
	}
	return s.Contact(ctx, who, cmd.Contact)
}

func (o CorrectedOpen) check(cat *catalogue.Catalogue, health, person bool) error {
	var bad []error
	if !reasons[o.Why] {
		bad = append(bad, fault.Field("why", "assist.unknown_why", "say why: mistake, twice, wrong_person or late"))
	}
	if o.Services != nil {
		services(*o.Services, cat, health, &bad)
	}
	if o.Asked != nil {
		asked(*o.Asked, cat, true, &bad)
	}
	for _, c := range []struct {
		list, field string
		code        *string
	}{{"groups", "group", o.Group}, {"directions", "direction", o.Direction}, {"disabilities", "disability", o.Disability}, {"repeats", "repeat", o.Repeat}} {
		if c.code != nil && !known(cat, c.list, *c.code) {
			bad = append(bad, fault.Fieldf("changes."+c.field, "assist.unknown_"+c.field, "this %s is not in the list; see /api/lists", c.field))
		}
	}
	if o.Stage != nil {
		stage(*o.Stage, person, cat, &bad)
	}
	return errors.Join(bad...)
}

// linkMost bounds how many contacts are linked at once.
const linkMost = 200

// Link says that contacts belong to an arrival that was counted as a whole, so that its people are not counted twice.
// All are linked, or none.
func (s *Service) Link(ctx context.Context, who access.Actor, arrival fact.ArrivalID, contacts ...fact.ContactID) error {
	if len(contacts) == 0 || len(contacts) > linkMost {
		return fault.Fieldf("contacts", "assist.bad_number", "name 1 to %d contacts", linkMost)
	}
	_, _, err := s.Journal.Do(ctx, who.Handle, fact.FactID{}, func(tx *store.Tx) ([]fact.FactID, error) {
		var point fact.PointID
		found, err := tx.One(`SELECT point FROM assist_arrival WHERE arrival = $1`, store.Args{arrival}, &point)
		if err != nil {
			return nil, err
		}
		var news []fact.New
		seen := map[fact.ContactID]bool{}
		for _, contact := range contacts {
			c, err := s.load(tx, who, "assist.record", contact)
			if err != nil {
				return nil, err
			}
			if !found || point != c.Point || fact.As[fact.ContactOf](factOf(arrival)) == contact {
				return nil, fault.NotFound("assist.no_arrival", "there is no such arrival at this point")
			}
			if seen[contact] || c.Arrival == arrival {
				continue // as wished already
			}
			seen[contact] = true
			news = append(news, Corrected.New(fact.FactID{}, fact.ScopeOrg(c.org), who.Handle,
				CorrectedOpen{Contact: contact, Org: c.org, Arrival: arrival, Why: "late"}).Replacing(fact.As[fact.FactOf](contact)))
		}
		if len(news) == 0 {
			return nil, nil
		}
		return s.Journal.Append(tx, news...)
	})
	if err != nil {
		return fmt.Errorf("link contacts to the arrival %s: %w", arrival, err)
	}
	return nil
}

func factOf(arrival fact.ArrivalID) fact.FactID { return fact.As[fact.FactOf](arrival) }

// TallySealed counts services of class S of a month at a point, with nothing about whom.
func (s *Service) TallySealed(ctx context.Context, who access.Actor, id fact.FactID, point fact.PointID, month, code string, n int) error {
	_, _, err := s.Journal.Do(ctx, who.Handle, id, func(tx *store.Tx) ([]fact.FactID, error) {
		at, err := s.place(tx, who, "assist.sealed", point)
		if err != nil {
			return nil, err
		}
		cat, err := s.Catalogue.Current(tx)
		if err != nil {
			return nil, err
		}
		now := s.Now().In(at.Zone).Format("2006-01")
		if month == "" {
			month = now
		}
		var bad []error
		if sv, ok := cat.Service(code); !ok || sv.Seen != catalogue.ClassSealed {
			bad = append(bad, fault.Field("code", "assist.not_sealed", "only services of class S are tallied by the month"))
		}
		if _, err := time.Parse("2006-01", month); err != nil || month > now || month < "2000-01" {
			bad = append(bad, fault.Field("month", "assist.bad_month", "a month has the form 2026-03 and is not in the future"))
		}
		if n < 1 || n > headsMost {
			bad = append(bad, fault.Fieldf("count", "assist.bad_number", "a number is 1 to %d", headsMost))
		}
		if err := errors.Join(bad...); err != nil {
			return nil, err
		}
		return s.Journal.Append(tx, SealedTallied.New(id, fact.ScopeOrg(at.Org), who.Handle, TalliedOpen{Point: point, Org: at.Org, Month: month, Code: code, N: n}))
	})
	if err != nil {
		return fmt.Errorf("tally sealed services: %w", err)
	}
	return nil
}
