package assist

import (
	"serai/internal/fact"
)

// Head counts people of one sex and age in a contact. Age is the catalogue's span: an atom, a run of atoms, child,
// adult, unsplit or unknown.
type Head struct {
	_   struct{} `cbor:",toarray"`
	Sex string   `json:"sex"`
	Age string   `json:"age"`
	N   int      `json:"n"`
}

// Given is one service with its quantity for each person of the contact, in the unit of the catalogue.
type Given struct {
	_        struct{} `cbor:",toarray" json:"-"`
	Code     string   `json:"code"`
	Quantity int      `json:"quantity" minimum:"1" maximum:"999"`
}

// Asked is a service or need that was asked for and not given, with the reason, by how many people.
type Asked struct {
	_      struct{} `cbor:",toarray" json:"-"`
	Code   string   `json:"code"`
	Reason string   `json:"reason"`
	N      int      `json:"count,omitempty" minimum:"0" maximum:"2000"`
}

// RecordedOpen is what may be counted of a contact.
type RecordedOpen struct {
	Point      fact.PointID   `cbor:"1,keyasint"`
	Org        fact.OrgID     `cbor:"2,keyasint"`
	Day        fact.Day       `cbor:"3,keyasint"`           // operating day at the point
	Happened   int64          `cbor:"4,keyasint"`           // Unix milliseconds
	Offset     int            `cbor:"5,keyasint,omitempty"` // minutes east of UTC at the point
	Clock      string         `cbor:"6,keyasint,omitempty"` // whose clock said when: empty is the node's, "device" the client's
	Heads      []Head         `cbor:"7,keyasint"`
	Group      string         `cbor:"8,keyasint,omitempty"`
	Stage      string         `cbor:"9,keyasint,omitempty"`
	Direction  string         `cbor:"10,keyasint,omitempty"`
	Disability string         `cbor:"11,keyasint,omitempty"`
	Repeat     string         `cbor:"12,keyasint,omitempty"`
	Project    fact.ProjectID `cbor:"13,keyasint,omitzero"`
	Entry      string         `cbor:"14,keyasint,omitempty"` // empty is live
	Arrival    fact.ArrivalID `cbor:"15,keyasint,omitzero"`
	Services   []Given        `cbor:"16,keyasint,omitempty"`
	Asked      []Asked        `cbor:"17,keyasint,omitempty"`
	Known      bool           `cbor:"18,keyasint,omitempty"` // about somebody with a file or card
	Sheet      string         `cbor:"19,keyasint,omitempty"` // number of the paper sheet it was entered from
}

// RecordedSealed says about whom a contact is.
type RecordedSealed struct {
	Person fact.PersonID `cbor:"1,keyasint"`
}

// ArrivedOpen is a group that came at once.
type ArrivedOpen struct {
	Point    fact.PointID `cbor:"1,keyasint"`
	Org      fact.OrgID   `cbor:"2,keyasint"`
	Day      fact.Day     `cbor:"3,keyasint"`
	Happened int64        `cbor:"4,keyasint"`
	Offset   int          `cbor:"5,keyasint,omitempty"`
	Kind     string       `cbor:"6,keyasint"`
	Heads    []Head       `cbor:"7,keyasint"`
	Services []Given      `cbor:"8,keyasint,omitempty"` // for each person
	Group    string       `cbor:"9,keyasint,omitempty"`
	Stage    string       `cbor:"10,keyasint,omitempty"`
	Asked    []Asked      `cbor:"11,keyasint,omitempty"`
}

// CorrectedOpen changes a contact field by field. What is nil stays.
type CorrectedOpen struct {
	Contact    fact.ContactID `cbor:"1,keyasint"`
	Org        fact.OrgID     `cbor:"2,keyasint"`
	Undone     *bool          `cbor:"3,keyasint,omitempty"`
	Services   *[]Given       `cbor:"4,keyasint,omitempty"`
	Asked      *[]Asked       `cbor:"5,keyasint,omitempty"`
	Heads      *[]Head        `cbor:"6,keyasint,omitempty"`
	Group      *string        `cbor:"7,keyasint,omitempty"`
	Stage      *string        `cbor:"8,keyasint,omitempty"`
	Direction  *string        `cbor:"9,keyasint,omitempty"`
	Disability *string        `cbor:"10,keyasint,omitempty"`
	Repeat     *string        `cbor:"11,keyasint,omitempty"`
	Why        string         `cbor:"12,keyasint,omitempty"` // a code: mistake, twice, wrong_person, undo
	Arrival    fact.ArrivalID `cbor:"13,keyasint,omitzero"`
	Replaces   []fact.FactID  `cbor:"14,keyasint,omitempty"` // earlier corrections whose values these take the place of; none: not known of
}

// TalliedOpen is a number of services of class S in a month at a point: no day, no person.
type TalliedOpen struct {
	Point fact.PointID `cbor:"1,keyasint"`
	Org   fact.OrgID   `cbor:"2,keyasint"`
	Month string       `cbor:"3,keyasint"` // 2026-03
	Code  string       `cbor:"4,keyasint"`
	N     int          `cbor:"5,keyasint"`
}

// The facts of this area.
var (
	Recorded      = fact.Define[RecordedOpen, RecordedSealed]("assist.recorded", 1, 401)
	Arrived       = fact.Define[ArrivedOpen, struct{}]("assist.arrived", 1, 402)
	Corrected     = fact.Define[CorrectedOpen, struct{}]("assist.corrected", 1, 403)
	SealedTallied = fact.Define[TalliedOpen, struct{}]("assist.sealed_tallied", 1, 404)
)
