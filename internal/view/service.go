package view

import (
	"time"

	"serai/internal/access"
	"serai/internal/area/network"
	"serai/internal/audit"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/store"
)

// Catalogue gives the services and lists of now.
type Catalogue interface {
	Current(tx *store.Tx) (*catalogue.Catalogue, error)
}

// People tells whom an actor may serve. The app supplies it from the people.
type People interface {
	// Reaches tells whether the actor may see what this person was given: the file, or the card, of somebody here.
	Reaches(tx *store.Tx, who access.Actor, person fact.PersonID) (bool, error)
}

// Needs is what the views take from the others.
type Needs struct {
	DB        *store.DB
	Now       func() time.Time
	Catalogue Catalogue
	Log       *audit.Log
	People    People           // without it nobody's history is shown
	Files     Files            // without it no device gets a share
	Visits    Visits           // without it a share holds people alone
	Network   *network.Service // without it there are no public pages and no board
	Stock     Stock            // without it a board says nothing of what runs short
	Site      string           // where the public reaches this node, "https://help.example.org", for QR codes on paper; none when empty
}

// Service answers questions across areas.
type Service struct{ Needs }

// New returns the views of a node.
func New(n Needs) *Service { return &Service{n} }
