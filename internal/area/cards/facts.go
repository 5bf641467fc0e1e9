package cards

import (
	"serai/internal/card"
	"serai/internal/fact"
)

// GivenOpen says that a card was given out.
type GivenOpen struct {
	Point    fact.PointID `cbor:"1,keyasint"`
	Org      fact.OrgID   `cbor:"2,keyasint"`
	Day      fact.Day     `cbor:"3,keyasint"` // operating day at the point
	Language string       `cbor:"4,keyasint,omitempty"`
	Entries  int          `cbor:"5,keyasint,omitempty"`
	Slip     bool         `cbor:"6,keyasint,omitempty"`
	Serial   string       `cbor:"7,keyasint,omitempty"` // of the blank card that was given
	Card     fact.CardID  `cbor:"8,keyasint,omitzero"`  // of the blank card; a card printed now has its fact's id
}

// GivenSealed says to whom, and which print of which card.
type GivenSealed struct {
	Person   fact.PersonID `cbor:"1,keyasint"`
	Lineage  LineageKey    `cbor:"2,keyasint"`
	Sequence uint16        `cbor:"3,keyasint"`
	Mark     card.Mark     `cbor:"4,keyasint"`
	Merged   []LineageKey  `cbor:"5,keyasint,omitempty"` // lineages of loose slips that were written on this card
}

// MarkedOpen carries the marks of prints, and nothing by which to tell where or whose they are.
type MarkedOpen struct {
	Marks []card.Mark `cbor:"1,keyasint"`
}

// Blank is one card of a stock.
type Blank struct {
	_      struct{} `cbor:",toarray"`
	Card   fact.CardID
	Serial string // stands on the face, in the clear; random
	Mark   card.Mark
}

// StockOpen is a stock of blank cards, printed at once.
type StockOpen struct {
	Point    fact.PointID `cbor:"1,keyasint"`
	Org      fact.OrgID   `cbor:"2,keyasint"`
	Day      fact.Day     `cbor:"3,keyasint"`
	Language string       `cbor:"4,keyasint,omitempty"`
	Expires  fact.Day     `cbor:"5,keyasint"`
	Blanks   []Blank      `cbor:"6,keyasint"`
}

// MissingOpen says that a card was lost, or taken from its holder.
type MissingOpen struct {
	Card  fact.CardID  `cbor:"1,keyasint"`
	Point fact.PointID `cbor:"2,keyasint"`
	Org   fact.OrgID   `cbor:"3,keyasint"`
	Day   fact.Day     `cbor:"4,keyasint"`
}

// The facts of this area. Marks travel in the open scope: every member needs them and only members can read them.
var (
	Issued       = fact.Define[GivenOpen, GivenSealed]("cards.issued", 1, 501)
	Updated      = fact.Define[GivenOpen, GivenSealed]("cards.updated", 1, 502)
	Superseded   = fact.Define[MarkedOpen, struct{}]("cards.superseded", 1, 503)
	Revoked      = fact.Define[MarkedOpen, struct{}]("cards.revoked", 1, 504)
	StockPrinted = fact.Define[StockOpen, struct{}]("cards.stock_printed", 1, 505)
	StockGiven   = fact.Define[GivenOpen, GivenSealed]("cards.stock_given", 1, 506)
	Lost         = fact.Define[MissingOpen, struct{}]("cards.lost", 1, 507)
	Taken        = fact.Define[MissingOpen, struct{}]("cards.taken", 1, 508)
)
