package card

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"serai/internal/fault"
)

const (
	rootPrefix     = "serai-root:"
	demoRootPrefix = "serai-demo-root:"
	rootIDSize     = 8
)

// Root is a public key that may sign the network file, the marks and the key bundles. It reaches a node by hand
// (printed, read aloud, compared), never with what it signs.
type Root struct {
	Public ed25519.PublicKey
	Demo   bool // root of a demonstration, for which people were invented; real nodes refuse it
}

// String returns the text form: "serai-root:" or "serai-demo-root:" and the key in base64url. The mark is part of the
// text, so that nobody pins a demonstration by mistake.
func (r Root) String() string {
	prefix := rootPrefix
	if r.Demo {
		prefix = demoRootPrefix
	}
	return prefix + base64.RawURLEncoding.EncodeToString(r.Public)
}

// ParseRoot reads what String writes.
func ParseRoot(text string) (Root, error) {
	key, ok := strings.CutPrefix(text, rootPrefix)
	var r Root
	if !ok {
		if key, ok = strings.CutPrefix(text, demoRootPrefix); !ok {
			return Root{}, fault.Invalid(CodeRootBad, "a trust root starts with "+rootPrefix+" or "+demoRootPrefix)
		}
		r.Demo = true
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(key)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return Root{}, fault.Invalid(CodeRootBad, "a trust root ends in 43 characters of base64url; copy it again in full")
	}
	r.Public = raw
	return r, nil
}

// Fingerprint returns sixteen hexadecimal digits to compare by eye or by voice. A demonstration root has another
// fingerprint than a real one of the same key.
func (r Root) Fingerprint() string { return hex.EncodeToString(r.id()) }

func (r Root) id() []byte {
	mark := "serai root/1"
	if r.Demo {
		mark = "serai demo root/1"
	}
	sum := sha256.Sum256(slices.Concat([]byte(mark), r.Public))
	return sum[:rootIDSize]
}

// RootSigner signs in the name of a root.
type RootSigner struct {
	Key  crypto.Signer // Ed25519
	Demo bool
}

// Root returns the public side, to be pinned by the members.
func (s RootSigner) Root() (Root, error) {
	public, ok := s.Key.Public().(ed25519.PublicKey)
	if !ok {
		return Root{}, fault.Invalid(CodeRootBad, fmt.Sprintf("a root signs with Ed25519, not with %T", s.Key.Public()))
	}
	return Root{Public: public, Demo: s.Demo}, nil
}

func (s RootSigner) sign(random io.Reader, payload []byte, purpose string) ([]byte, error) {
	root, err := s.Root()
	if err != nil {
		return nil, err
	}
	return sign(random, s.Key, root.id(), payload, purpose)
}

// Pins are the roots a node trusts: at most two, so that one can follow the other.
type Pins struct {
	roots []Root
}

// NewPins pins one or two roots. A demonstration root is accepted only where demo says that this node is one, and then
// no real root is accepted beside it.
func NewPins(demo bool, roots ...Root) (Pins, error) {
	if len(roots) == 0 || len(roots) > 2 {
		return Pins{}, fault.Invalidf(CodeRootBad, "%d trust roots given; pin one, or two while one follows the other", len(roots))
	}
	for i, r := range roots {
		switch {
		case len(r.Public) != ed25519.PublicKeySize:
			return Pins{}, fault.Invalidf(CodeRootBad, "trust root %d is not an Ed25519 key", i+1)
		case r.Demo && !demo:
			return Pins{}, fault.Forbidden(CodeNetworkDemo, "this is the root of a demonstration; a real node does not trust it")
		case demo && !r.Demo:
			return Pins{}, fault.Forbidden(CodeNetworkDemo, "a demonstration does not trust the root of a real network")
		}
	}
	return Pins{roots: slices.Clone(roots)}, nil
}

// open checks who signed data and returns the payload.
func (p Pins) open(data []byte, purpose string) (payload []byte, by Root, err error) {
	m, err := parseMessage(data, rootIDSize)
	if err != nil {
		return nil, Root{}, err
	}
	for _, r := range p.roots {
		if string(r.id()) != string(m.kid) {
			continue
		}
		if err := m.verify(r.Public, purpose); err != nil {
			return nil, Root{}, err
		}
		return m.cose.Payload, r, nil
	}
	return nil, Root{}, fault.Forbidden(CodeNetworkRoot, "signed by a root that is not pinned here (fingerprint "+hex.EncodeToString(m.kid)+"); pin it first, by hand, if it is the right one")
}
