package cards

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"serai/internal/card"
	"serai/internal/fact"
	"serai/internal/fault"
)

// Secrets of this area in the keyring.
const (
	secretSign = "cards.sign"  // seed of the Ed25519 key that signs cards
	secretNode = "cards.node"  // HPKE key that opens bundles
	secretSeal = "cards.seals" // the last bundle: seal keys and network key
)

// sealed is what the keyring keeps of bundles.
type sealed struct {
	Serial  uint64          `cbor:"1,keyasint"`
	Network card.NetworkKey `cbor:"2,keyasint"`
	Seals   []sealKey       `cbor:"3,keyasint"`
	Gone    []sealNotice    `cbor:"4,keyasint"`
}

// sealKey and sealNotice are card.SealKey and card.SealNotice in the keyring's own form.
type sealKey struct {
	_       struct{} `cbor:",toarray"`
	ID      uint16
	Circle  uint16
	Quarter uint16
	Key     [32]byte
}

type sealNotice struct {
	_       struct{} `cbor:",toarray"`
	ID      uint16
	Circle  uint16
	Quarter uint16
}

func (s sealed) keys() (*card.SealKeys, error) {
	keys := make([]card.SealKey, 0, len(s.Seals))
	for _, k := range s.Seals {
		keys = append(keys, card.SealKey{ID: card.SealID(k.ID), Circle: k.Circle, Quarter: card.Quarter(k.Quarter), Key: k.Key})
	}
	gone := make([]card.SealNotice, 0, len(s.Gone))
	for _, n := range s.Gone {
		gone = append(gone, card.SealNotice{ID: card.SealID(n.ID), Circle: n.Circle, Quarter: card.Quarter(n.Quarter)})
	}
	return card.NewSealKeys(keys, gone...)
}

// without drops keys that are due for destruction and keeps their notices.
func (s sealed) without(due []card.SealNotice) sealed {
	drop := map[uint16]bool{}
	for _, n := range due {
		drop[uint16(n.ID)] = true
		s.Gone = append(s.Gone, sealNotice{ID: uint16(n.ID), Circle: n.Circle, Quarter: uint16(n.Quarter)})
	}
	kept := make([]sealKey, 0, len(s.Seals))
	for _, k := range s.Seals {
		if !drop[k.ID] {
			kept = append(kept, k)
		}
	}
	s.Seals = kept
	return s
}

func (s *Service) loadSecrets(k *known) error {
	seed, err := s.Ring.AreaOrNew(secretSign, ed25519.SeedSize)
	if err != nil {
		return err
	}
	k.signer.Key = ed25519.NewKeyFromSeed(seed)
	content, ok := s.Ring.Area(secretSeal)
	if !ok {
		return nil
	}
	if err := fact.Decode(content, &k.secret); err != nil {
		return fmt.Errorf("seal keys of the keyring: %w", err)
	}
	if k.seals, err = k.secret.keys(); err != nil {
		return err
	}
	if due := k.seals.Expired(s.Now()); len(due) > 0 {
		k.secret = k.secret.without(due)
		if k.seals, err = k.secret.keys(); err != nil {
			return err
		}
		return s.saveSecrets(k.secret)
	}
	return nil
}

func (s *Service) saveSecrets(secret sealed) error {
	content, err := fact.Encode(secret)
	if err != nil {
		return err
	}
	return s.Ring.SetArea(secretSeal, content)
}

func (s *Service) nodeKey() (card.NodeKey, error) {
	if content, ok := s.Ring.Area(secretNode); ok {
		return card.ParseNodeKey(content)
	}
	key, err := card.NewNodeKey(s.random())
	if err != nil {
		return key, err
	}
	content, err := key.Bytes()
	if err != nil {
		return key, err
	}
	return key, s.Ring.SetArea(secretNode, content)
}

const nodeKeyPrefix = "serai-node-key:"

// NodeKeys are the public keys of a node, which the network's office lists (Sign, Devices) and encrypts bundles to (Box).
type NodeKeys struct {
	Sign    ed25519.PublicKey
	Box     []byte
	Devices []ed25519.PublicKey // keys for devices that write cards without the node; listed, and revoked, one by one
}

// String returns the text form: "serai-node-key:" and both keys in base64url, about 1,700 characters; behind a dot the
// keys for devices, where there are any.
func (n NodeKeys) String() string {
	text := nodeKeyPrefix + base64.RawURLEncoding.EncodeToString(append(append([]byte(nil), n.Sign...), n.Box...))
	if len(n.Devices) == 0 {
		return text
	}
	var all []byte
	for _, d := range n.Devices {
		all = append(all, d...)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(all)
}

// ParseNodeKeys reads what String writes.
func ParseNodeKeys(text string) (NodeKeys, error) {
	coded, ok := strings.CutPrefix(strings.TrimSpace(text), nodeKeyPrefix)
	coded, devices, _ := strings.Cut(coded, ".")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(coded)
	more, bad := base64.RawURLEncoding.Strict().DecodeString(devices)
	if !ok || err != nil || bad != nil || len(raw) <= ed25519.PublicKeySize || len(more)%ed25519.PublicKeySize != 0 || len(more) > SparesMost*ed25519.PublicKeySize {
		return NodeKeys{}, fault.Invalid("cards.bad_node_key", "the keys of a node begin with "+nodeKeyPrefix+"; export them again there")
	}
	keys := NodeKeys{Sign: raw[:ed25519.PublicKeySize], Box: raw[ed25519.PublicKeySize:]}
	for one := range slices.Chunk(more, ed25519.PublicKeySize) {
		keys.Devices = append(keys.Devices, one)
	}
	return keys, nil
}

// NodeKeyText returns this node's public keys, to be handed to the network's office.
func (s *Service) NodeKeyText() (string, error) {
	seed, err := s.Ring.AreaOrNew(secretSign, ed25519.SeedSize)
	if err != nil {
		return "", err
	}
	box, err := s.nodeKey()
	if err != nil {
		return "", err
	}
	public, ok := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	if !ok {
		return "", errors.New("cards: an Ed25519 key without its public side")
	}
	keys := NodeKeys{Sign: public, Box: box.Public()}
	seeds, err := s.spareSeeds()
	if err != nil {
		return "", err
	}
	for _, seed := range seeds {
		keys.Devices = append(keys.Devices, deviceKey{seed: seed}.public())
	}
	return keys.String(), nil
}
