// Package fact holds what travels: typed ids, days, stamps, kinds, and the form of a fact.
//
// A fact is something that happened. It is immutable and has three parts. The envelope says which kind of fact, when
// and by whom. The open part may be counted and routed without knowing who. The sealed part holds whatever identifies
// a person, encrypted under a key of that person, so that an append-only log can still forget.
//
// Facts stand in feeds. A feed is (node, incarnation, scope) and has one writer; its facts are numbered without gaps
// and chained by hashes; the writer signs the head now and then (a checkpoint). The bytes here are on disks, on USB
// sticks and on paper for years: within a version of a kind only additions are made.
package fact

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Scope says who may have a feed: "open", "org:<organisation>", "point:<point>". Few per node.
type Scope string

// The scopes of a node.
const ScopeOpen Scope = "open"

// ScopeOrg is the operations of an organisation: contacts, tallies, daily logs.
func ScopeOrg(id OrgID) Scope { return Scope("org:" + id.String()) }

// ScopePoint is the persons of a service point.
func ScopePoint(id PointID) Scope { return Scope("point:" + id.String()) }

// Feed names one chain of facts. A node restored from a backup draws a new incarnation: what it wrote after the backup
// may already be at its peers.
type Feed struct {
	Node        NodeID
	Incarnation [8]byte
	Scope       Scope
}

func (f Feed) String() string {
	return fmt.Sprintf("%s/%s/%s", f.Node, hex.EncodeToString(f.Incarnation[:]), f.Scope)
}

// Handle is a random name of a person's key or of a staff account, 8 bytes, that says nothing outside the node which
// holds the table behind it.
type Handle [8]byte

// IsZero tells whether there is no handle.
func (h Handle) IsZero() bool { return h == Handle{} }

// Bytes returns the 8 bytes.
func (h Handle) Bytes() []byte { return append([]byte(nil), h[:]...) }

func (h Handle) String() string { return hex.EncodeToString(h[:]) }

// Hash is a SHA-256.
type Hash [32]byte

// Envelope is the head of a fact. The feed stands once beside a run of facts, and enters through the chain.
type Envelope struct {
	_       struct{} `cbor:",toarray"`
	Stamp   Stamp
	Kind    uint16
	Version uint8
	ID      FactID
	Actor   Handle
	Parents []FactID
}

// Fact is one fact as it is kept: its place in a feed, and its three parts as the bytes that were written.
type Fact struct {
	Feed   Feed
	Seq    uint64
	Head   Envelope
	Raw    []byte // the envelope's bytes, exactly as written
	Open   []byte
	Sealed []byte // nil when there is no sealed part, or when it was dropped
	// SealedHash is SHA-256(sealed), kept when the sealed bytes are dropped; zero when there never was a sealed part.
	SealedHash Hash
	Hash       Hash // h_n of the chain, after this fact
}

const (
	leafDomain  = "serai/leaf/1"
	chainDomain = "serai/chain/1"
)

// Leaf returns SHA-256(domain | envelope | open | SHA-256(sealed)), each part preceded by its length so that no two
// facts share their bytes. Ciphertext hides its content, so no salt is needed, and dropping the sealed bytes leaves
// the chain whole.
func (f *Fact) Leaf() Hash {
	h := sha256.New()
	h.Write([]byte(leafDomain))
	var n [8]byte
	for _, part := range [][]byte{f.Raw, f.Open} {
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	h.Write(f.SealedHash[:])
	var out Hash
	h.Sum(out[:0])
	return out
}

// Chain returns h_n = SHA-256(domain | feed | n | leaf | h_(n-1)).
func Chain(feed Feed, n uint64, leaf, before Hash) Hash {
	h := sha256.New()
	h.Write([]byte(chainDomain))
	h.Write(feed.bytes())
	var seq [8]byte
	binary.BigEndian.PutUint64(seq[:], n)
	h.Write(seq[:])
	h.Write(leaf[:])
	h.Write(before[:])
	var out Hash
	h.Sum(out[:0])
	return out
}

func (f Feed) bytes() []byte {
	b := make([]byte, 0, 16+8+2+len(f.Scope))
	b = append(b, f.Node.v[:]...)
	b = append(b, f.Incarnation[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(f.Scope)))
	return append(b, f.Scope...)
}

// SealHash is the hash of a sealed part, zero for none.
func SealHash(sealed []byte) Hash {
	if len(sealed) == 0 {
		return Hash{}
	}
	return sha256.Sum256(sealed)
}

// CheckpointText is what the origin's Ed25519 key signs: (feed, n, h_n).
func CheckpointText(feed Feed, n uint64, head Hash) []byte {
	b := append([]byte("serai/checkpoint/1"), feed.bytes()...)
	b = binary.BigEndian.AppendUint64(b, n)
	return append(b, head[:]...)
}

// AAD binds a sealed part to its fact: id | kind | version.
func (e *Envelope) AAD() []byte {
	b := make([]byte, 0, 19)
	b = append(b, e.ID.v[:]...)
	b = binary.BigEndian.AppendUint16(b, e.Kind)
	return append(b, e.Version)
}
