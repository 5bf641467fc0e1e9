package people

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/journal"
	"serai/internal/store"
)

// Place is what this area needs to know of a service point.
type Place struct {
	Org    fact.OrgID
	Zone   *time.Location
	Cutoff time.Duration // when its operating day begins
}

// Points tells about service points, and false for one that this node does not know.
type Points interface {
	Place(tx *store.Tx, point fact.PointID) (Place, bool, error)
}

// Staff tells the name of whoever recorded something, empty when it is not known here.
type Staff interface {
	StaffName(tx *store.Tx, who fact.Handle) (string, error)
}

// Cards tells whose file hangs on a card, by its text, and false when none does or the card does not verify.
type Cards interface {
	PersonByLineage(ctx context.Context, who access.Actor, text string) (fact.PersonID, bool, error)
}

// Visit is one person at a point on a day.
type Visit struct {
	Person  fact.PersonID
	Arrived time.Time
	Served  bool
}

// Visits tells where persons were served. The app supplies it from what is recorded of assistance.
type Visits interface {
	// VisitsOn lists who came to a point on a day, each person once.
	VisitsOn(tx *store.Tx, point fact.PointID, day fact.Day) ([]Visit, error)
	// LastVisit tells where and when a person was served last.
	LastVisit(tx *store.Tx, person fact.PersonID) (point fact.PointID, day fact.Day, found bool, err error)
}

// Catalogue gives the lists of now.
type Catalogue interface {
	Current(tx *store.Tx) (*catalogue.Catalogue, error)
}

// Config is what this area takes from the others. Staff, Cards and Visits may be nil.
type Config struct {
	DB        *store.DB
	Journal   *journal.Journal
	Log       *audit.Log
	Now       func() time.Time
	Points    Points
	Catalogue Catalogue
	Staff     Staff
	Cards     Cards
	Visits    Visits
	// Forget lists what else knows a person and must forget her within the command that erases her: whatever is no
	// sealed part of a fact. Each may run twice.
	Forget []func(tx *store.Tx, person fact.PersonID) error
	// Later runs what follows an erasure, outside of the request; a goroutine of its own when nil.
	Later func(func(context.Context))
}

// Service is the area at work. Make it before the journal starts.
type Service struct {
	db        *store.DB
	journal   *journal.Journal
	log       *audit.Log
	now       func() time.Time
	points    Points
	catalogue Catalogue
	staff     Staff
	cards     Cards
	visits    Visits
	forget    []func(tx *store.Tx, person fact.PersonID) error
	later     func(func(context.Context))
	names     *names
	finishing sync.Mutex
}

// New puts the area on a journal: its projectors and tables.
func New(c Config) *Service {
	s := &Service{db: c.DB, journal: c.Journal, log: c.Log, now: c.Now, points: c.Points, catalogue: c.Catalogue,
		staff: c.Staff, cards: c.Cards, visits: c.Visits, forget: c.Forget, later: c.Later}
	if s.later == nil {
		s.later = func(fn func(context.Context)) { go fn(context.Background()) }
	}
	s.names = newNames()
	s.register(c.Journal)
	return s
}

// errAbsent is the answer for a file that is not there, and in the same bytes for one out of the caller's reach.
var errAbsent = fault.NotFound("people.not_found", "")

// hidden is errAbsent for a file that is there: the access log names the person, the answer does not differ.
type hidden struct{ person fact.PersonID }

func (h hidden) Error() string { return errAbsent.Error() }
func (h hidden) Unwrap() error { return errAbsent }

// refused writes down that somebody asked for what she may not see or does not exist, before the answer leaves. Both
// take the same time.
func (s *Service) refused(ctx context.Context, who access.Actor, p access.Permission, err error) error {
	if !errors.Is(err, errAbsent) {
		return err
	}
	var h hidden
	_ = errors.As(err, &h)
	// Who hangs up leaves a trace all the same.
	if lost := s.log.Look(context.WithoutCancel(ctx), audit.Entry{Actor: who.Handle, Device: who.Device, Action: string(p),
		Person: h.person, Outcome: audit.Refused, Code: "people.not_found"}); lost != nil {
		return lost
	}
	return errAbsent
}

func (s *Service) note(tx *store.Tx, who access.Actor, p access.Permission, person fact.PersonID, point fact.PointID, o audit.Outcome) error {
	return s.log.In(tx, audit.Entry{Actor: who.Handle, Device: who.Device, Action: string(p), Person: person, Point: point, Outcome: o})
}

func (r *record) resource() access.Resource {
	return access.Resource{Org: r.org, Point: r.point, Owner: r.actor}
}

// load reads a file that who may do p to.
func (s *Service) load(tx *store.Tx, who access.Actor, p access.Permission, person fact.PersonID) (folded, error) {
	return s.loadFrom(tx, everything, who, p, person)
}

func (s *Service) loadFrom(tx *store.Tx, sql string, who access.Actor, p access.Permission, person fact.PersonID) (folded, error) {
	if person.IsZero() {
		return folded{}, errAbsent
	}
	records, err := s.rows(tx, sql, person)
	if err != nil {
		return folded{}, err
	}
	f, found := fold(person, records)
	switch {
	case !found:
		return folded{}, errAbsent
	case !who.May(p, f.opened.resource(), s.now()):
		return folded{}, hidden{person}
	}
	return f, nil
}

// at returns where and when something about a person is recorded: at the point of her file, on its operating day.
func (s *Service) at(tx *store.Tx, point fact.PointID) (At, error) {
	p, found, err := s.points.Place(tx, point)
	if err != nil {
		return At{}, err
	}
	if !found {
		p = Place{Zone: time.UTC} // a file that came from elsewhere: its point is not here yet
	}
	return At{Point: point, Org: p.Org, Day: fact.OperatingDay(s.now(), p.Zone, p.Cutoff)}, nil
}

// here is at for an existing file, whose organisation never changes with its point's.
func (s *Service) here(tx *store.Tx, f *folded) (At, error) {
	at, err := s.at(tx, f.opened.point)
	at.Org = f.opened.org
	return at, err
}

func (s *Service) loadHere(tx *store.Tx, who access.Actor, p access.Permission, person fact.PersonID) (folded, At, error) {
	f, err := s.load(tx, who, p, person)
	if err != nil {
		return f, At{}, err
	}
	at, err := s.here(tx, &f)
	return f, at, err
}

// File returns a file. The look is in the access log before this returns.
func (s *Service) File(ctx context.Context, who access.Actor, person fact.PersonID) (file File, err error) {
	var f folded
	err = s.db.Read(ctx, func(tx *store.Tx) (err error) {
		if f, err = s.load(tx, who, "people.read", person); err != nil {
			return err
		}
		file, err = s.render(tx, who, &f)
		return err
	})
	if err != nil {
		return File{}, s.refused(ctx, who, "people.read", err)
	}
	err = s.log.Look(ctx, audit.Entry{Actor: who.Handle, Device: who.Device, Action: "people.read", Person: person, Point: f.opened.point, Outcome: audit.Seen})
	if err != nil {
		return File{}, err
	}
	return file, s.counted(ctx, who, &f, &file)
}

// show renders a file after a command, whose entry in the access log tells of it.
func (s *Service) show(ctx context.Context, who access.Actor, person fact.PersonID) (file File, err error) {
	var f folded
	err = s.db.Read(ctx, func(tx *store.Tx) (err error) {
		if f, err = s.load(tx, who, "people.read", person); err != nil {
			return err
		}
		file, err = s.render(tx, who, &f)
		return err
	})
	if err != nil {
		return file, s.refused(ctx, who, "people.read", err)
	}
	return file, s.counted(ctx, who, &f, &file)
}

// Start goes on with erasures that were interrupted, and begins to load the index of names. It returns at once.
func (s *Service) Start(ctx context.Context) {
	s.later(func(ctx context.Context) {
		if err := s.FinishErasures(ctx); err != nil {
			slog.Error("an erasure could not be finished; it is tried again at the next start", "error", err.Error())
		}
	})
	s.later(func(context.Context) {
		if err := s.LoadNames(ctx); err != nil && ctx.Err() == nil {
			slog.Error("the index of names could not be loaded; the next search tries again", "error", err.Error())
		}
	})
}

// Lock forgets every name in memory.
func (s *Service) Lock() { s.names.forget() }
