package cards

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/card"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/journal"
	"serai/internal/seal"
	"serai/internal/store"
)

// Place is what this area needs to know of a service point.
type Place struct {
	ID     fact.PointID
	Code   string
	Name   string
	Org    fact.OrgID
	Number uint32 // on cards; 0 is none
	Zone   *time.Location
	Cutoff time.Duration
}

// Points tells about service points. The app supplies it from the network.
type Points interface {
	Place(tx *store.Tx, id fact.PointID) (Place, bool, error)
	// ByNumber returns the point that a card means, of whichever organisation.
	ByNumber(tx *store.Tx, number uint32) (Place, bool, error)
	// Numbered returns every point that a card can mean, by number.
	Numbered(tx *store.Tx) ([]Place, error)
}

// People tells about files. The app supplies it from the people.
type People interface {
	// File tells whether there is a file of the person which the actor may see.
	File(tx *store.Tx, who access.Actor, person fact.PersonID) (bool, error)
}

// Help is one service that somebody had here.
type Help struct {
	Code     string
	Quantity int
	Day      fact.Day // operating day at the point
	At       time.Time
	Point    fact.PointID
}

// Contacts tells what was recorded here. The app supplies it from the assistance.
type Contacts interface {
	// Given returns the services of contacts that the actor may see; not found when one of them is not.
	Given(tx *store.Tx, who access.Actor, contacts []fact.ContactID) ([]Help, error)
	// Here returns what this organisation gave a person since, as far as the actor may see it; class S never.
	Here(tx *store.Tx, who access.Actor, person fact.PersonID, since time.Time) ([]Help, error)
}

// Catalogue gives the services and lists of now.
type Catalogue interface {
	Current(tx *store.Tx) (*catalogue.Catalogue, error)
}

// Consents writes down that somebody with a file said yes to a card. The app supplies it from the people; nil where no
// files are kept.
type Consents interface {
	CardAgreed(tx *store.Tx, who access.Actor, person fact.PersonID, at fact.PointID, language string) error
}

// Needs is what this area takes from the others.
type Needs struct {
	DB        *store.DB
	Journal   *journal.Journal
	Log       *audit.Log
	Ring      *seal.Keyring
	Keys      *seal.Persons
	Now       func() time.Time
	Rand      io.Reader // crypto/rand when nil
	Demo      bool      // this node is a demonstration: it trusts demonstration roots, and only those
	Points    Points
	People    People
	Contacts  Contacts
	Catalogue Catalogue
	Consents  Consents // optional
	Devices   Devices  // optional: without it no device writes cards by itself
	ReadsMany int      // readings an hour by one account from which an alert is written; 60 when 0
}

// Service is the area. Make one with New before the journal starts, and call Start after it.
type Service struct {
	Needs
	known     atomic.Pointer[known]
	importing sync.Mutex
	prints    prints
	reads     rate
}

// New puts the area's projections on the journal.
func New(n Needs) *Service {
	if n.ReadsMany == 0 {
		n.ReadsMany = 60
	}
	register(n.Journal)
	s := &Service{Needs: n}
	s.known.Store(&known{})
	return s
}

// errPoint answers alike for a point that is not there and for one where the actor does not work.
var errPoint = fault.Field("point", "cards.unknown_point", "choose a point where you work")

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

func (s *Service) today(at Place) fact.Day { return fact.OperatingDay(s.Now(), at.Zone, at.Cutoff) }

// press returns the press of this node. random is nil but for blank cards.
func (s *Service) press(k *known, random io.Reader) card.Press {
	if random == nil {
		random = s.random()
	}
	return card.Press{Network: k.network, Keys: k.seals, Signer: k.signer, Circle: k.circle, Days: validDays, Now: s.Now, Rand: random}
}
