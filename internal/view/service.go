package view

import (
	"time"

	"serai/internal/catalogue"
	"serai/internal/store"
)

// Catalogue gives the services and lists of now.
type Catalogue interface {
	Current(tx *store.Tx) (*catalogue.Catalogue, error)
}

// Needs is what the views take from the others.
type Needs struct {
	DB        *store.DB
	Now       func() time.Time
	Catalogue Catalogue
}

// Service answers questions across areas.
type Service struct{ Needs }

// New returns the views of a node.
func New(n Needs) *Service { return &Service{n} }
