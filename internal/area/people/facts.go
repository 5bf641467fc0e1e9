package people

import (
	"serai/internal/fact"
)

// At is the open part of every fact here: where and when, and never who.
type At struct {
	Point fact.PointID `cbor:"1,keyasint"`
	Org   fact.OrgID   `cbor:"2,keyasint"`
	Day   fact.Day     `cbor:"3,keyasint"` // the operating day at the point
}

// OpenedAt is the open part of an opened file: that a file was opened for somebody of this sex and age class.
type OpenedAt struct {
	At
	Sex string `cbor:"4,keyasint"`
	Age string `cbor:"5,keyasint"` // catalogue.Span
}

// Profile is what a file says about a person.
type Profile struct {
	Name        *Name    `cbor:"1,keyasint,omitempty"`
	Sex         string   `cbor:"2,keyasint"`
	Age         *Age     `cbor:"3,keyasint,omitempty"`
	Languages   []string `cbor:"4,keyasint,omitempty"`
	Interpreter bool     `cbor:"5,keyasint,omitempty"`
	Needs       []string `cbor:"6,keyasint,omitempty"`
}

// OpenedSealed is the sealed part of an opened file.
type OpenedSealed struct {
	Person  fact.PersonID `cbor:"1,keyasint"`
	Profile Profile       `cbor:"2,keyasint"`
}

// EditedSealed is the sealed part of an edit. What is nil was not touched.
type EditedSealed struct {
	Person      fact.PersonID  `cbor:"1,keyasint"`
	Name        *Set[*Name]    `cbor:"2,keyasint,omitempty"`
	Sex         *Set[string]   `cbor:"3,keyasint,omitempty"`
	Age         *Set[*Age]     `cbor:"4,keyasint,omitempty"`
	Languages   *Set[[]string] `cbor:"5,keyasint,omitempty"`
	Interpreter *Set[bool]     `cbor:"6,keyasint,omitempty"`
	NeedsAdd    []string       `cbor:"7,keyasint,omitempty"`
	NeedsRemove []Removed      `cbor:"8,keyasint,omitempty"`
}

// Set is a new value of a field, and the facts whose value it replaces.
type Set[T any] struct {
	Value    T             `cbor:"1,keyasint" json:"value"`
	Replaces []fact.FactID `cbor:"2,keyasint,omitempty" json:"replaces,omitempty" maxItems:"50"`
}

// Removed takes a need away: as far as the facts go that had added it. Who adds it again at the same time elsewhere
// keeps it.
type Removed struct {
	Need  string        `cbor:"1,keyasint"`
	Added []fact.FactID `cbor:"2,keyasint"`
}

// BasisSealed is the sealed part of a basis.
type BasisSealed struct {
	Person fact.PersonID `cbor:"1,keyasint"`
	Basis  Given         `cbor:"2,keyasint"`
}

// WithdrawnSealed ends a basis.
type WithdrawnSealed struct {
	Person fact.PersonID `cbor:"1,keyasint"`
	Basis  fact.BasisID  `cbor:"2,keyasint"`
	How    string        `cbor:"3,keyasint"`
}

// JoinedSealed links two persons who travel together. It is closed with the keys of both.
type JoinedSealed struct {
	Person   fact.PersonID `cbor:"1,keyasint"`
	With     fact.PersonID `cbor:"2,keyasint"`
	Relation string        `cbor:"3,keyasint,omitempty"`
}

// LeftSealed ends a link. It is closed with the key of the one who leaves.
type LeftSealed struct {
	Person fact.PersonID `cbor:"1,keyasint"`
	Link   fact.FactID   `cbor:"2,keyasint"`
}

// LivedSealed is a life event.
type LivedSealed struct {
	Person fact.PersonID `cbor:"1,keyasint"`
	Event  Event         `cbor:"2,keyasint"`
}

// ComparedSealed is what somebody said of two files: that they are about the same person, that they are not, or that she
// is not sure. It is closed with the keys of both, and names the earlier answers that it takes back.
type ComparedSealed struct {
	Person   fact.PersonID `cbor:"1,keyasint"`
	With     fact.PersonID `cbor:"2,keyasint"`
	Answer   string        `cbor:"3,keyasint"`
	Replaces []fact.FactID `cbor:"4,keyasint,omitempty"`
}

// The kinds of this area, numbers 300 to 399.
var (
	Opened    = fact.Define[OpenedAt, OpenedSealed]("people.opened", 1, 301)
	Edited    = fact.Define[At, EditedSealed]("people.edited", 1, 302)
	Based     = fact.Define[At, BasisSealed]("people.basis_given", 1, 303)
	Withdrawn = fact.Define[At, WithdrawnSealed]("people.basis_withdrawn", 1, 304)
	Joined    = fact.Define[At, JoinedSealed]("people.companion_joined", 1, 305)
	Left      = fact.Define[At, LeftSealed]("people.companion_left", 1, 306)
	Lived     = fact.Define[At, LivedSealed]("people.lived", 1, 307)
	Compared  = fact.Define[At, ComparedSealed]("people.compared", 1, 308)
)

// openedID names the fact that opens a person's file. It is not the person's own id, which may stand in sealed parts
// only: an envelope is never erased. Two nodes that are sent one command make the same fact.
func openedID(person fact.PersonID) fact.FactID {
	return fact.Derive[fact.FactOf]("people.opened", person.String())
}

// basisOf and factOf read an id as the other kind: the fact that gives a basis has the basis's id.
func basisOf(id fact.FactID) (b fact.BasisID) { _ = b.UnmarshalBinary(id.Bytes()); return b }
func factOf(id fact.BasisID) fact.FactID      { return fact.As[fact.FactOf](id) }
