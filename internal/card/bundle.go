package card

import (
	"cmp"
	"crypto/hpke"
	"errors"
	"fmt"
	"io"
	"slices"

	"serai/internal/fault"
)

const (
	bundlePurpose = "serai key bundle/1"
	maxBundle     = 1 << 20
)

// KeyBundle carries the secrets of the network to one node: seal keys of its circles, two quarters ahead, and the key
// of the marks. It is signed by a root and encrypted (HPKE, RFC 9180) to the node.
type KeyBundle struct {
	Format   uint16     `cbor:"1,keyasint"` // always 1; set by SealBundle
	Serial   uint64     `cbor:"2,keyasint"` // higher in every bundle, never goes back
	IssuedAt int64      `cbor:"3,keyasint"` // seconds since 1970, UTC
	Demo     bool       `cbor:"4,keyasint"` // taken from the root
	Network  NetworkKey `cbor:"5,keyasint"`
	Seals    []SealKey  `cbor:"6,keyasint"`
}

// The hybrid of ML-KEM-768 and X25519: a bundle recorded today should not open the routes of today in twenty years.
func suite() (hpke.KEM, hpke.KDF, hpke.AEAD) {
	return hpke.MLKEM768X25519(), hpke.HKDFSHA256(), hpke.AES256GCM()
}

// NodeKey decrypts the bundles of one node.
type NodeKey struct{ private hpke.PrivateKey }

// NewNodeKey draws a key pair.
func NewNodeKey(random io.Reader) (NodeKey, error) {
	seed := make([]byte, 32)
	if _, err := io.ReadFull(random, seed); err != nil {
		return NodeKey{}, fmt.Errorf("draw a node key: %w", err)
	}
	kem, _, _ := suite()
	private, err := kem.DeriveKeyPair(seed)
	if err != nil {
		return NodeKey{}, fmt.Errorf("draw a node key: %w", err)
	}
	return NodeKey{private}, nil
}

// ParseNodeKey reads what Bytes returned.
func ParseNodeKey(secret []byte) (NodeKey, error) {
	kem, _, _ := suite()
	private, err := kem.NewPrivateKey(secret)
	if err != nil {
		return NodeKey{}, fault.Invalidf(CodeKeysBad, "not a node key: %v", err)
	}
	return NodeKey{private}, nil
}

// Bytes returns the secret key, to be kept in the keyring.
func (k NodeKey) Bytes() ([]byte, error) { return k.private.Bytes() }

// Public returns the public key, to be handed to the network's office.
func (k NodeKey) Public() []byte { return k.private.PublicKey().Bytes() }

// SealBundle signs a bundle and encrypts it to the node with the given public key. The encryption draws its randomness
// from the system.
func SealBundle(random io.Reader, b KeyBundle, root RootSigner, node []byte) ([]byte, error) {
	b.Format, b.Demo, b.Seals = 1, root.Demo, fresh(b.Seals)
	slices.SortFunc(b.Seals, func(x, y SealKey) int { return cmp.Compare(x.ID, y.ID) })
	if err := b.check(); err != nil {
		return nil, err
	}
	payload, err := cborWriter.Marshal(b)
	if err != nil {
		return nil, fault.Invalidf(CodeBundleBad, "key bundle cannot be written: %v", err)
	}
	signed, err := root.sign(random, payload, bundlePurpose)
	if err != nil {
		return nil, err
	}
	kem, kdf, aead := suite()
	public, err := kem.NewPublicKey(node)
	if err != nil {
		return nil, fault.Field("node", CodeKeysBad, "not the public key of a node; export it again there")
	}
	return hpke.Seal(public, kdf, aead, []byte(bundlePurpose), signed)
}

// OpenBundle decrypts and verifies a bundle. Use [AcceptBundle] before its keys are used.
func OpenBundle(data []byte, node NodeKey, pins Pins) (KeyBundle, error) {
	if len(data) > maxBundle {
		return KeyBundle{}, fault.Invalidf(CodeBundleBad, "key bundle has %d bytes; %d are allowed", len(data), maxBundle)
	}
	_, kdf, aead := suite()
	signed, err := hpke.Open(node.private, kdf, aead, []byte(bundlePurpose), data)
	if err != nil {
		return KeyBundle{}, fault.Invalid(CodeBundleBad, "key bundle does not open with this node's key; ask for one made for this node")
	}
	payload, by, err := pins.open(signed, bundlePurpose)
	if err != nil {
		return KeyBundle{}, asFault(CodeBundleBad, "key bundle", err)
	}
	var b KeyBundle
	if err := decodeExact(payload, 3, &b); err != nil {
		return KeyBundle{}, asFault(CodeBundleBad, "key bundle", err)
	}
	if b.Demo != by.Demo {
		return KeyBundle{}, fault.Forbidden(CodeNetworkDemo, "the demonstration mark of the key bundle and of its root differ")
	}
	return b, b.check()
}

// AcceptBundle decides whether a bundle may be used by a node whose last one had the serial current (0 at first) and
// which holds the network file n: the serial must grow, and no key may contradict the file's notices.
func AcceptBundle(current uint64, next KeyBundle, n *Network) error {
	if next.Serial <= current {
		return fault.Conflict(CodeBundleBack, fmt.Sprintf("key bundle %d is not newer than %d, which is kept", next.Serial, current))
	}
	var bad []error
	for i, k := range next.Seals {
		if notice, ok := n.seals[k.ID]; ok && (notice.Circle != k.Circle || notice.Quarter != k.Quarter) {
			bad = append(bad, fault.Field(fmt.Sprintf("seals[%d]", i), CodeBundleBad, fmt.Sprintf("seal key %d is announced for another circle or quarter; fetch the newest network file", k.ID)))
		}
	}
	return errors.Join(bad...)
}

func (b KeyBundle) check() error {
	switch {
	case b.Format != 1:
		return fault.Invalidf(CodeBundleBad, "key bundle has format %d, this program reads 1; update the program", b.Format)
	case b.Serial == 0:
		return fault.Field("serial", CodeBundleBad, "the serial starts at 1 and grows with every bundle")
	case b.Network == NetworkKey{}:
		return fault.Field("network", CodeBundleBad, "the network key is missing")
	}
	for i, k := range b.Seals {
		if i > 0 && k.ID <= b.Seals[i-1].ID {
			return fault.Field(fmt.Sprintf("seals[%d]", i), CodeBundleBad, "seal keys stand in order, each once")
		}
		if k.Key == [sealKeySize]byte{} {
			return fault.Field(fmt.Sprintf("seals[%d]", i), CodeBundleBad, "the seal key is missing")
		}
	}
	return nil
}
