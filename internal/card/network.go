package card

import (
	"crypto/ed25519"
	"encoding/hex"
	"io"
	"slices"
	"sort"
	"time"

	"serai/internal/fault"
)

const (
	networkPurpose = "serai network file/1"
	networkFormat  = 1
	maxNetworkFile = 4 << 20

	// From here on every seal id takes three bytes on a card, so that its length tells nothing.
	minSealID = 256

	// NetworkOldAfter is the age from which readings carry a warning that the network file is old. It stops nothing.
	NetworkOldAfter = 92 * 24 * time.Hour
)

// KeyID names a signing key on a card: four random bytes, which only the members' network file resolves to an issuer.
type KeyID [4]byte

// String returns eight hexadecimal digits.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// Role is what a signing key may sign.
type Role uint8

// Roles can be combined.
const (
	RoleCard    Role = 1 << iota // assistance cards
	RoleVoucher                  // vouchers of the cash area
)

// Status of a signing key.
type Status uint8

// A revoked key counts for no card, whatever day stands on it: whoever holds a stolen key can write any day.
const (
	Active  Status = 1
	Revoked Status = 2
)

// SealID names a seal key on a card: sixteen random bits without meaning to strangers. The root gives each id once.
type SealID uint16

// NetworkFile is the content of the file that all members share. It is encoded as a CBOR map with integer keys.
type NetworkFile struct {
	Format   uint16       `cbor:"1,keyasint"` // always 1; set by SignNetwork
	Serial   uint64       `cbor:"2,keyasint"` // higher in every file, never goes back
	IssuedAt int64        `cbor:"3,keyasint"` // seconds since 1970, UTC
	Demo     bool         `cbor:"4,keyasint"` // a demonstration; real nodes refuse it
	Name     string       `cbor:"5,keyasint"`
	Issuers  []Issuer     `cbor:"6,keyasint"`
	Keys     []TrustedKey `cbor:"7,keyasint"`
	Blocks   []Block      `cbor:"8,keyasint"`
	Services []Service    `cbor:"9,keyasint"`
	Circles  []Circle     `cbor:"10,keyasint"`
	Seals    []SealNotice `cbor:"11,keyasint"`
}

// Issuer is an organisation that may issue cards.
type Issuer struct {
	_      struct{} `cbor:",toarray"`
	Number uint16   // 1..4095, never given to another organisation
	Code   string   // the organisation's code in the network files
	Name   string
}

// TrustedKey is one line of the trust list.
type TrustedKey struct {
	_      struct{} `cbor:",toarray"`
	ID     KeyID
	Issuer uint16
	Public []byte // Ed25519, 32 bytes
	From   Day    // first day of validity
	Until  Day    // first day after it
	Roles  Role
	Status Status
}

// Block gives an organisation the point numbers First to Last, both included.
type Block struct {
	_      struct{} `cbor:",toarray"`
	Issuer uint16
	First  uint32
	Last   uint32
}

// Service is one frozen service code. What has no line here is unsafe.
type Service struct {
	_        struct{} `cbor:",toarray"`
	Number   uint16   // card number, 1..1023
	Code     string   // code in the catalogue
	CardSafe bool     // false stops the number from being written and shown
}

// Circle is a group of organisations that share seal keys: small enough that one stolen device does not open every
// route, large enough that the next point can read the card.
type Circle struct {
	_       struct{} `cbor:",toarray"`
	Number  uint16
	Name    string
	Members []uint16 // issuer numbers
}

// SealNotice says which circle and quarter a seal id belongs to. The key itself travels in a [KeyBundle]. Notices of
// past quarters stay listed, so that "older" can be told from "not here yet".
type SealNotice struct {
	_       struct{} `cbor:",toarray"`
	ID      SealID
	Circle  uint16
	Quarter Quarter
}

// Network is a verified network file, ready for questions. It is never changed after it was read.
type Network struct {
	file     NetworkFile
	issuers  map[uint16]Issuer
	keys     map[KeyID]TrustedKey
	services map[uint16]Service
	codes    map[string]Service
	circles  map[uint16]Circle
	seals    map[SealID]SealNotice
	blocks   []Block // by First
}

// SignNetwork checks file and signs it. Lists are brought into order first, so that equal content gives equal bytes.
// The demonstration mark is taken from the root.
func SignNetwork(random io.Reader, file NetworkFile, root RootSigner) ([]byte, error) {
	file = file.ordered()
	file.Format, file.Demo = networkFormat, root.Demo
	if err := file.check(); err != nil {
		return nil, err
	}
	payload, err := cborWriter.Marshal(file)
	if err != nil {
		return nil, fault.Invalidf(CodeNetworkBad, "network file cannot be written: %v", err)
	}
	if len(payload) > maxNetworkFile-256 {
		return nil, fault.Invalidf(CodeNetworkBad, "network file would have %d bytes; %d are allowed", len(payload), maxNetworkFile-256)
	}
	return root.sign(random, payload, networkPurpose)
}

// ParseNetwork verifies a network file against the pinned roots. Use [Accept] before it replaces another one.
func ParseNetwork(data []byte, pins Pins) (*Network, error) {
	if len(data) > maxNetworkFile {
		return nil, fault.Invalidf(CodeNetworkBad, "network file has %d bytes; %d are allowed", len(data), maxNetworkFile)
	}
	payload, by, err := pins.open(data, networkPurpose)
	if err != nil {
		return nil, asFault(CodeNetworkBad, "network file", err)
	}
	var file NetworkFile
	if err := decodeExact(payload, 4, &file); err != nil {
		return nil, asFault(CodeNetworkBad, "network file", err)
	}
	if file.Format != networkFormat {
		return nil, fault.Invalidf(CodeNetworkBad, "network file has format %d, this program reads %d; update the program", file.Format, networkFormat)
	}
	if file.Demo != by.Demo {
		return nil, fault.Forbidden(CodeNetworkDemo, "the demonstration mark of the network file and of its root differ")
	}
	if err := file.check(); err != nil {
		return nil, err
	}
	return newNetwork(file), nil
}

func asFault(code, what string, err error) error {
	if fault.Of(err) != fault.Internal {
		return err
	}
	return fault.Invalidf(code, "%s refused: %v; fetch it again from the network's office", what, err)
}

func newNetwork(file NetworkFile) *Network {
	n := &Network{
		file:     file,
		issuers:  make(map[uint16]Issuer, len(file.Issuers)),
		keys:     make(map[KeyID]TrustedKey, len(file.Keys)),
		services: make(map[uint16]Service, len(file.Services)),
		codes:    make(map[string]Service, len(file.Services)),
		circles:  make(map[uint16]Circle, len(file.Circles)),
		seals:    make(map[SealID]SealNotice, len(file.Seals)),
		blocks:   file.Blocks,
	}
	for _, x := range file.Issuers {
		n.issuers[x.Number] = x
	}
	for _, x := range file.Keys {
		n.keys[x.ID] = x
	}
	for _, x := range file.Services {
		n.services[x.Number], n.codes[x.Code] = x, x
	}
	for _, x := range file.Circles {
		n.circles[x.Number] = x
	}
	for _, x := range file.Seals {
		n.seals[x.ID] = x
	}
	return n
}

// File returns the content, for display and as the base of the next file.
func (n *Network) File() NetworkFile { return n.file.ordered() }

// Serial returns the number that never goes back.
func (n *Network) Serial() uint64 { return n.file.Serial }

// Demo says whether this is the network of a demonstration.
func (n *Network) Demo() bool { return n.file.Demo }

// Age returns how old the file is at now, never less than zero.
func (n *Network) Age(now time.Time) time.Duration {
	return max(0, now.Sub(time.Unix(n.file.IssuedAt, 0)))
}

// Issuer returns the organisation with that number.
func (n *Network) Issuer(number uint16) (Issuer, bool) {
	x, ok := n.issuers[number]
	return x, ok
}

// Key returns the line of the trust list with that id.
func (n *Network) Key(id KeyID) (TrustedKey, bool) {
	x, ok := n.keys[id]
	return x, ok
}

// Owner returns the number of the organisation whose block holds the point.
func (n *Network) Owner(point uint32) (issuer uint16, ok bool) {
	i := sort.Search(len(n.blocks), func(i int) bool { return n.blocks[i].Last >= point })
	if i == len(n.blocks) || n.blocks[i].First > point {
		return 0, false
	}
	return n.blocks[i].Issuer, true
}

// ServiceCode returns the catalogue code of a card number, if it is known and safe to show.
func (n *Network) ServiceCode(number uint16) (code string, ok bool) {
	x, ok := n.services[number]
	return x.Code, ok && x.CardSafe
}

// CardNumber returns the number under which a service of the catalogue stands on cards. Services without one, and those
// marked unsafe, are refused here, when the card is made: what is never written cannot be read at a checkpoint.
func (n *Network) CardNumber(code string) (uint16, error) {
	x, ok := n.codes[code]
	if !ok || !x.CardSafe {
		return 0, notForCard("service", code)
	}
	return x.Number, nil
}

func notForCard(field, what string) error {
	return fault.Field(field, CodeServiceSensitive, "service "+what+" cannot be put on a card: only services with a card number "+
		"that the network file marks as safe can be written, sensitive ones never; record it in the file instead")
}

func (n *Network) writable(number uint16) bool {
	return number == ServiceOther || n.services[number].CardSafe
}

// InCircle says whether the organisation belongs to the circle.
func (n *Network) InCircle(circle, issuer uint16) bool {
	return slices.Contains(n.circles[circle].Members, issuer)
}

func (k TrustedKey) validOn(d Day) bool { return k.From <= d && d < k.Until }

func (k TrustedKey) public() ed25519.PublicKey { return k.Public }
