package stock

import "serai/internal/fact"

// Line is a quantity of one item in a movement. Batch and Expires stand on what was received alone.
type Line struct {
	_        struct{} `cbor:",toarray" json:"-"`
	Item     string   `json:"item" maxLength:"60"`
	Quantity int      `json:"quantity"`
	Batch    string   `json:"batch,omitempty" maxLength:"40"`
	Expires  fact.Day `json:"expires,omitzero"`
}

// Part is a number of one item in a recipe, a kit or a wish.
type Part struct {
	_        struct{} `cbor:",toarray" json:"-"`
	Item     string   `json:"item" maxLength:"60"`
	Quantity int      `json:"quantity"`
}

// MovedOpen says that things came to a point or left it otherwise than by being given.
type MovedOpen struct {
	Point     fact.PointID `cbor:"1,keyasint"`
	Org       fact.OrgID   `cbor:"2,keyasint"`
	Day       fact.Day     `cbor:"3,keyasint"`           // operating day at the point
	Happened  int64        `cbor:"4,keyasint"`           // Unix milliseconds
	Clock     string       `cbor:"5,keyasint,omitempty"` // whose clock said when: empty is the node's, "device" the client's
	Kind      string       `cbor:"6,keyasint"`           // received, lost, sent
	Why       string       `cbor:"7,keyasint"`           // received: national, purchase, donation, point; lost: broken, expired, stolen, other
	Other     fact.PointID `cbor:"8,keyasint,omitzero"`  // where it was sent, or came from
	Of        fact.FactID  `cbor:"9,keyasint,omitzero"`  // the sending that this receipt is of
	Reference string       `cbor:"10,keyasint,omitempty"`
	Lines     []Line       `cbor:"11,keyasint"`
}

// CountedOpen says what was there at a moment, item by item. An item that is absent was not counted.
type CountedOpen struct {
	Point    fact.PointID `cbor:"1,keyasint"`
	Org      fact.OrgID   `cbor:"2,keyasint"`
	Day      fact.Day     `cbor:"3,keyasint"`
	Happened int64        `cbor:"4,keyasint"`
	Clock    string       `cbor:"5,keyasint,omitempty"`
	Lines    []Line       `cbor:"6,keyasint"`
}

// WithdrawnOpen takes a movement or a count back.
type WithdrawnOpen struct {
	Move fact.FactID `cbor:"1,keyasint"`
	Org  fact.OrgID  `cbor:"2,keyasint"`
	Why  string      `cbor:"3,keyasint"` // mistake, twice
}

// MarkedOpen sets the level at which an item of a point is low; 0 is no mark.
type MarkedOpen struct {
	Point    fact.PointID  `cbor:"1,keyasint"`
	Org      fact.OrgID    `cbor:"2,keyasint"`
	Item     string        `cbor:"3,keyasint"`
	Low      int           `cbor:"4,keyasint"`
	Replaces []fact.FactID `cbor:"5,keyasint,omitempty"`
}

// ItemSetOpen makes a local item, or changes labels and hiding of any.
type ItemSetOpen struct {
	Code     string            `cbor:"1,keyasint"`
	Unit     string            `cbor:"2,keyasint,omitempty"`
	Labels   map[string]string `cbor:"3,keyasint,omitempty"`
	Hidden   bool              `cbor:"4,keyasint,omitempty"`
	Replaces []fact.FactID     `cbor:"5,keyasint,omitempty"`
}

// RecipeSetOpen says which items a service of an organisation takes from a day on. No items: it takes nothing.
type RecipeSetOpen struct {
	Org      fact.OrgID    `cbor:"1,keyasint"`
	Service  string        `cbor:"2,keyasint"`
	From     fact.Day      `cbor:"3,keyasint"`
	Per      int           `cbor:"4,keyasint"` // so many units of the service take the items once
	Items    []Part        `cbor:"5,keyasint,omitempty"`
	Replaces []fact.FactID `cbor:"6,keyasint,omitempty"`
}

// WishedOpen asks the national office to put items in place by a day.
type WishedOpen struct {
	Point    fact.PointID `cbor:"1,keyasint"`
	Org      fact.OrgID   `cbor:"2,keyasint"`
	Happened int64        `cbor:"3,keyasint"`
	By       fact.Day     `cbor:"4,keyasint"`
	Reason   string       `cbor:"5,keyasint"`
	Note     string       `cbor:"6,keyasint,omitempty"`
	Lines    []Part       `cbor:"7,keyasint"`
}

// WishChangedOpen answers a wish or closes it.
type WishChangedOpen struct {
	Wish     fact.FactID   `cbor:"1,keyasint"`
	Org      fact.OrgID    `cbor:"2,keyasint"`
	State    string        `cbor:"3,keyasint"` // answered, closed
	Note     string        `cbor:"4,keyasint,omitempty"`
	On       fact.Day      `cbor:"5,keyasint,omitempty"` // when it is to be there
	Replaces []fact.FactID `cbor:"6,keyasint,omitempty"`
}

// The facts of this area.
var (
	Moved       = fact.Define[MovedOpen, struct{}]("stock.moved", 1, 601)
	Counted     = fact.Define[CountedOpen, struct{}]("stock.counted", 1, 602)
	Withdrawn   = fact.Define[WithdrawnOpen, struct{}]("stock.withdrawn", 1, 603)
	Marked      = fact.Define[MarkedOpen, struct{}]("stock.marked", 1, 604)
	ItemSet     = fact.Define[ItemSetOpen, struct{}]("stock.item_set", 1, 605)
	RecipeSet   = fact.Define[RecipeSetOpen, struct{}]("stock.recipe_set", 1, 606)
	Wished      = fact.Define[WishedOpen, struct{}]("stock.wished", 1, 607)
	WishChanged = fact.Define[WishChangedOpen, struct{}]("stock.wish_changed", 1, 608)
)
