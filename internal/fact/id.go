package fact

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"serai/internal/fault"
)

// ID identifies one thing of kind K: a UUID of 16 bytes. The type parameter stops a PersonID from being passed where
// a PointID is wanted. The zero ID means "none".
type ID[K any] struct{ v [16]byte }

// The kinds of things that more than one room speaks of. An area's private things have their kind in the area.
type (
	factKind     struct{}
	personKind   struct{}
	pointKind    struct{}
	orgKind      struct{}
	routeKind    struct{}
	placeKind    struct{}
	accountKind  struct{}
	deviceKind   struct{}
	nodeKind     struct{}
	contactKind  struct{}
	arrivalKind  struct{}
	cardKind     struct{}
	basisKind    struct{}
	projectKind  struct{}
	intervalKind struct{}
)

// ContactOf, ArrivalOf, FactOf and PersonOf name kinds for fact.As and ParseID: a contact and an arrival carry the id of their fact.
type (
	ContactOf = contactKind
	ArrivalOf = arrivalKind
	FactOf    = factKind
	PersonOf  = personKind
)

// Ids that several rooms share.
type (
	FactID     = ID[factKind]
	PersonID   = ID[personKind]
	PointID    = ID[pointKind]
	OrgID      = ID[orgKind]
	RouteID    = ID[routeKind]
	PlaceID    = ID[placeKind]
	AccountID  = ID[accountKind]
	DeviceID   = ID[deviceKind]
	NodeID     = ID[nodeKind]
	ContactID  = ID[contactKind]
	ArrivalID  = ID[arrivalKind]
	CardID     = ID[cardKind]
	BasisID    = ID[basisKind]
	ProjectID  = ID[projectKind]
	IntervalID = ID[intervalKind]
)

// NewID makes a UUIDv7 for something born at now. Ids are made where the thing is born, the browser included.
func NewID[K any](now time.Time) ID[K] {
	var id ID[K]
	binary.BigEndian.PutUint64(id.v[:8], uint64(now.UnixMilli())<<16)
	if _, err := rand.Read(id.v[6:]); err != nil {
		panic("fact: no randomness: " + err.Error()) // crypto/rand never fails on the systems we run on
	}
	id.v[6] = id.v[6]&0x0f | 0x70
	id.v[8] = id.v[8]&0x3f | 0x80
	return id
}

// Derive makes the UUIDv8 of an imported reference row: the hash of its namespace ("network.point") and code
// ("NE-AGZ"), so that two nodes which import one file agree on every id.
func Derive[K any](namespace, code string) ID[K] {
	sum := sha256.Sum256([]byte("serai/reference/1\x00" + namespace + "\x00" + code))
	var id ID[K]
	copy(id.v[:], sum[:16])
	id.v[6] = id.v[6]&0x0f | 0x80
	id.v[8] = id.v[8]&0x3f | 0x80
	return id
}

// PointByCode, OrgByCode, RouteByCode and ProjectByCode give the ids of imported reference rows.
func PointByCode(code string) PointID     { return Derive[pointKind]("network.point", code) }
func OrgByCode(code string) OrgID         { return Derive[orgKind]("network.organisation", code) }
func RouteByCode(code string) RouteID     { return Derive[routeKind]("network.route", code) }
func ProjectByCode(code string) ProjectID { return Derive[projectKind]("network.project", code) }

// NewFactID makes the id of a fact whose command brought none.
func NewFactID(now time.Time) FactID { return NewID[factKind](now) }

// NewPersonID and the like are NewID with the kind named, for rooms that make one.
func NewPersonID(now time.Time) PersonID   { return NewID[personKind](now) }
func NewContactID(now time.Time) ContactID { return NewID[contactKind](now) }
func NewCardID(now time.Time) CardID       { return NewID[cardKind](now) }
func NewAccountID(now time.Time) AccountID { return NewID[accountKind](now) }

// ParseID reads the usual text form, 8-4-4-4-12 hexadecimal digits in either case.
func ParseID[K any](s string) (ID[K], error) {
	var id ID[K]
	err := id.UnmarshalText([]byte(s))
	return id, err
}

// As reads an id as one of another kind: the same 16 bytes. For the command's own fact, whose id is its subject's.
func As[To, From any](id ID[From]) ID[To] { return ID[To](id) }

// FromBytes reads the 16 bytes of an id; any other length gives the zero id and false.
func FromBytes[K any](b []byte) (ID[K], bool) {
	var id ID[K]
	if len(b) != 16 {
		return id, false
	}
	copy(id.v[:], b)
	return id, true
}

// Bytes returns the 16 bytes of the id.
func (id ID[K]) Bytes() []byte { return append([]byte(nil), id.v[:]...) }

// IsZero tells whether the id is none.
func (id ID[K]) IsZero() bool { return id.v == [16]byte{} }

// Compare orders ids by their bytes.
func (id ID[K]) Compare(other ID[K]) int {
	for i := range id.v {
		if id.v[i] != other.v[i] {
			return int(id.v[i]) - int(other.v[i])
		}
	}
	return 0
}

// Time returns when a UUIDv7 was made, to the millisecond, and false for other versions.
func (id ID[K]) Time() (time.Time, bool) {
	if id.v[6]>>4 != 7 {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(id.v[:8]) >> 16)).UTC(), true
}

// String returns the usual text form, empty for the zero id.
func (id ID[K]) String() string {
	if id.IsZero() {
		return ""
	}
	var b [36]byte
	id.put(&b)
	return string(b[:])
}

func (id ID[K]) put(b *[36]byte) {
	hex.Encode(b[0:8], id.v[0:4])
	hex.Encode(b[9:13], id.v[4:6])
	hex.Encode(b[14:18], id.v[6:8])
	hex.Encode(b[19:23], id.v[8:10])
	hex.Encode(b[24:36], id.v[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
}

// MarshalText writes the usual text form.
func (id ID[K]) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the usual text form; an empty text is the zero id.
func (id *ID[K]) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = ID[K]{}
		return nil
	}
	bad := fault.Invalid("fact.bad_id", "an id has the form 01234567-89ab-7def-8123-456789abcdef")
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return bad
	}
	var hexed [32]byte
	n := 0
	for i, c := range b {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			continue
		}
		hexed[n] = c
		n++
	}
	if _, err := hex.Decode(id.v[:], hexed[:]); err != nil {
		return bad
	}
	return nil
}

// MarshalBinary and UnmarshalBinary make ids byte strings of 16 in CBOR; the zero id is an empty one.
func (id ID[K]) MarshalBinary() ([]byte, error) {
	if id.IsZero() {
		return nil, nil
	}
	return id.v[:], nil
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (id *ID[K]) UnmarshalBinary(b []byte) error {
	if len(b) == 0 {
		*id = ID[K]{}
		return nil
	}
	if len(b) != 16 {
		return fmt.Errorf("fact: an id of %d bytes, want 16", len(b))
	}
	copy(id.v[:], b)
	return nil
}

// Value stores an id as its 16 bytes, the zero id as NULL.
func (id ID[K]) Value() (driver.Value, error) {
	if id.IsZero() {
		return nil, nil
	}
	return id.v[:], nil
}

// Scan reads what Value stored.
func (id *ID[K]) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*id = ID[K]{}
		return nil
	case []byte:
		return id.UnmarshalBinary(v)
	}
	return fmt.Errorf("fact: cannot read an id from %T", v)
}

// RandomNode returns the id of a new node: random, so that it says nothing about when or where the node began.
func RandomNode() NodeID {
	var id NodeID
	if _, err := rand.Read(id.v[:]); err != nil {
		panic("fact: no randomness: " + err.Error())
	}
	id.v[6] = id.v[6]&0x0f | 0x40
	id.v[8] = id.v[8]&0x3f | 0x80
	return id
}
