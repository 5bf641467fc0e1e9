package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

func ecdhCurve() ecdh.Curve { return ecdh.X25519() }

// Tier says how far what a key closes may go (protection rules, tiers of data).
type Tier int64

// The tiers that have keys of persons.
const (
	T1 Tier = 1 // registration, visits, card
	T2 Tier = 2 // case files, referrals
	T3 Tier = 3 // sealed to a named team
)

// Key closes the sealed parts of facts about one person in one tier.
type Key struct {
	Handle fact.Handle
	aead   cipher.AEAD
	secret [32]byte
}

func newKey(handle fact.Handle, secret [32]byte) (Key, error) {
	b, err := aes.NewCipher(secret[:])
	if err != nil {
		return Key{}, err
	}
	a, err := cipher.NewGCM(b)
	return Key{Handle: handle, aead: a, secret: secret}, err
}

// Migrations make the tables of this package.
var Migrations = []store.Migration{{Name: "seal/0001", SQL: `
CREATE TABLE seal_key (handle BLOB PRIMARY KEY, person BLOB NOT NULL, tier BIGINT NOT NULL, epoch BIGINT NOT NULL, wrapped BLOB NOT NULL) /*clustered*/;
CREATE INDEX seal_key_person ON seal_key (person, tier);
CREATE TABLE seal_erased (person BLOB PRIMARY KEY, erased BIGINT NOT NULL) /*clustered*/`}}

// Persons keeps the keys of persons.
type Persons struct {
	ring *Keyring

	mu       sync.Mutex
	byHandle map[fact.Handle]Key
	byPerson map[personTier]Key
	dropped  map[fact.PersonID]bool // erased by this process: a reader with an older view must not bring a key back
}

type personTier struct {
	person fact.PersonID
	tier   Tier
}

// cachedMost bounds the keys in memory; they are read again from the database beyond it.
const cachedMost = 50_000

// NewPersons returns the keys of persons under ring.
func NewPersons(ring *Keyring) *Persons {
	p := &Persons{ring: ring, dropped: map[fact.PersonID]bool{}}
	p.Forget()
	return p
}

// Forget drops every key from memory.
func (p *Persons) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.byHandle, p.byPerson = map[fact.Handle]Key{}, map[personTier]Key{}
}

func (p *Persons) keep(person fact.PersonID, tier Tier, k Key) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dropped[person] {
		return
	}
	if len(p.byHandle) >= cachedMost {
		p.byHandle, p.byPerson = map[fact.Handle]Key{}, map[personTier]Key{}
	}
	p.byHandle[k.Handle] = k
	p.byPerson[personTier{person, tier}] = k
}

// ErrErased says that the person was erased: nothing more can be sealed for her, and no late key is taken.
var ErrErased = fault.Conflict("people.erased", "this file was erased; open a new one if the person wishes")

// Ensure returns the key of a person, a new one at first.
func (p *Persons) Ensure(tx *store.Tx, person fact.PersonID, tier Tier) (Key, error) {
	p.mu.Lock()
	k, ok := p.byPerson[personTier{person, tier}]
	p.mu.Unlock()
	if ok {
		return k, nil
	}
	// One question for both, since each is a journey to the server on PostgreSQL.
	k, found, erased, err := p.keyOrErased(tx, person, tier)
	switch {
	case err != nil || found:
		return k, err
	case erased:
		return Key{}, ErrErased
	}
	var handle fact.Handle
	copy(handle[:], random(8))
	k, err = newKey(handle, [32]byte(random(32)))
	if err != nil {
		return Key{}, err
	}
	return k, p.store(tx, person, tier, k)
}

func (p *Persons) keyOrErased(tx *store.Tx, person fact.PersonID, tier Tier) (k Key, found, erased bool, err error) {
	var handle fact.Handle
	var epoch int64
	var wrapped []byte
	any, err := tx.One(`SELECT 0 AS gone, handle, epoch, wrapped FROM seal_key WHERE person = $1 AND tier = $2
UNION ALL SELECT 1, NULL, 0, NULL FROM seal_erased WHERE person = $1 ORDER BY 1, 2`, store.Args{person, int64(tier)}, &erased, &handle, &epoch, &wrapped)
	if err != nil || !any || erased {
		return Key{}, false, erased, err
	}
	k, err = p.unwrap(handle, uint32(epoch), wrapped)
	if err == nil {
		tx.OnCommit(func() { p.keep(person, tier, k) })
	}
	return k, err == nil, false, err
}

// Add takes a key that came from another node. It is refused for a person who was erased here.
func (p *Persons) Add(tx *store.Tx, person fact.PersonID, tier Tier, handle fact.Handle, secret [32]byte) error {
	if err := p.refuseErased(tx, person); err != nil {
		return err
	}
	if _, found, err := p.ByHandle(tx, handle); err != nil || found {
		return err
	}
	k, err := newKey(handle, secret)
	if err != nil {
		return err
	}
	return p.store(tx, person, tier, k)
}

func (p *Persons) refuseErased(tx *store.Tx, person fact.PersonID) error {
	var at int64
	found, err := tx.One(`SELECT erased FROM seal_erased WHERE person = $1`, store.Args{person}, &at)
	if err == nil && found {
		return ErrErased
	}
	return err
}

func (p *Persons) store(tx *store.Tx, person fact.PersonID, tier Tier, k Key) error {
	s := p.ring.read()
	wrapped, err := wrap(s.Epochs[s.Epoch], s.Epoch, k)
	if err != nil {
		return err
	}
	if err := tx.Exec(`INSERT INTO seal_key (handle, person, tier, epoch, wrapped) VALUES ($1, $2, $3, $4, $5)`,
		k.Handle.Bytes(), person, int64(tier), int64(s.Epoch), wrapped); err != nil {
		return err
	}
	tx.OnCommit(func() { p.keep(person, tier, k) })
	return nil
}

func wrap(epoch [32]byte, n uint32, k Key) ([]byte, error) {
	e, err := newKey(fact.Handle{}, epoch)
	if err != nil {
		return nil, err
	}
	nonce := random(12)
	return e.aead.Seal(nonce, nonce, k.secret[:], wrapAAD(n, k.Handle)), nil
}

func wrapAAD(epoch uint32, h fact.Handle) []byte {
	return fmt.Appendf(nil, "serai/person-key/1/%d/%x", epoch, h[:])
}

var errNoEpoch = errors.New("seal: a key is wrapped under an epoch that was destroyed")

func (p *Persons) unwrap(handle fact.Handle, epoch uint32, wrapped []byte) (Key, error) {
	secret, ok := p.ring.read().Epochs[epoch]
	if !ok {
		return Key{}, errNoEpoch
	}
	e, err := newKey(fact.Handle{}, secret)
	if err != nil {
		return Key{}, err
	}
	if len(wrapped) < 12 {
		return Key{}, errors.New("seal: a wrapped key is too short")
	}
	plain, err := e.aead.Open(nil, wrapped[:12], wrapped[12:], wrapAAD(epoch, handle))
	if err != nil {
		return Key{}, fmt.Errorf("seal: unwrap key %s: %w", handle, err)
	}
	return newKey(handle, [32]byte(plain))
}

// ByHandle returns the key behind a handle, and false when it is not here.
func (p *Persons) ByHandle(tx *store.Tx, handle fact.Handle) (Key, bool, error) {
	p.mu.Lock()
	k, ok := p.byHandle[handle]
	p.mu.Unlock()
	if ok {
		return k, true, nil
	}
	return p.fetch(tx, `SELECT handle, person, tier, epoch, wrapped FROM seal_key WHERE handle = $1`, store.Args{handle.Bytes()})
}

// Of returns the key of a person in a tier, and false when there is none.
func (p *Persons) Of(tx *store.Tx, person fact.PersonID, tier Tier) (Key, bool, error) {
	p.mu.Lock()
	k, ok := p.byPerson[personTier{person, tier}]
	p.mu.Unlock()
	if ok {
		return k, true, nil
	}
	return p.fetch(tx, `SELECT handle, person, tier, epoch, wrapped FROM seal_key WHERE person = $1 AND tier = $2 ORDER BY handle`, store.Args{person, int64(tier)})
}

func (p *Persons) fetch(tx *store.Tx, sql string, args store.Args) (Key, bool, error) {
	var handle fact.Handle
	var person fact.PersonID
	var tier, epoch int64
	var wrapped []byte
	found, err := tx.One(sql, args, &handle, &person, &tier, &epoch, &wrapped)
	if err != nil || !found {
		return Key{}, false, err
	}
	k, err := p.unwrap(handle, uint32(epoch), wrapped)
	if err != nil {
		return Key{}, false, err
	}
	if !tx.Writing() { // a writer's row may still be rolled back
		p.keep(person, Tier(tier), k)
	} else {
		tx.OnCommit(func() { p.keep(person, Tier(tier), k) })
	}
	return k, true, nil
}

// PersonOf returns whose key a handle names, and false when it is not here.
func (p *Persons) PersonOf(tx *store.Tx, handle fact.Handle) (person fact.PersonID, found bool, err error) {
	found, err = tx.One(`SELECT person FROM seal_key WHERE handle = $1`, store.Args{handle.Bytes()}, &person)
	return person, found, err
}

// Handles returns the handles of all keys of a person.
func (p *Persons) Handles(tx *store.Tx, person fact.PersonID) ([]fact.Handle, error) {
	var out []fact.Handle
	err := tx.Each(`SELECT handle FROM seal_key WHERE person = $1 ORDER BY handle`, store.Args{person}, func(r *store.Row) error {
		var h fact.Handle
		out = append(out, h)
		return r.Scan(&out[len(out)-1])
	})
	return out, err
}

// Drop removes the keys of a person and remembers that she was erased, so that no late key brings her back.
func (p *Persons) Drop(tx *store.Tx, person fact.PersonID, now time.Time) error {
	handles, err := p.Handles(tx, person)
	if err != nil {
		return err
	}
	if err := tx.Exec(`INSERT INTO seal_erased (person, erased) VALUES ($1, $2) ON CONFLICT (person) DO NOTHING`, person, now.UnixMilli()); err != nil {
		return err
	}
	if err := tx.Exec(`DELETE FROM seal_key WHERE person = $1`, person); err != nil {
		return err
	}
	drop := func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, h := range handles {
			delete(p.byHandle, h)
		}
		for _, t := range []Tier{T1, T2, T3} {
			delete(p.byPerson, personTier{person, t})
		}
	}
	drop()
	tx.OnCommit(func() {
		p.mu.Lock()
		p.dropped[person] = true
		p.mu.Unlock()
		drop()
	})
	return nil
}

// Seal closes plain under one key, or under two that are both needed to open it:
// 1 | number of keys | handles | nonce (12, random) | ciphertext and tag.
func Seal(keys []Key, aad, plain []byte) ([]byte, error) {
	if len(keys) == 0 || len(keys) > 2 {
		return nil, fmt.Errorf("seal: %d keys, want 1 or 2", len(keys))
	}
	k, err := combine(keys)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, 2+8*len(keys)+12+len(plain)+16)
	out = append(out, 1, byte(len(keys)))
	for _, k := range keys {
		out = append(out, k.Handle[:]...)
	}
	nonce := random(12)
	out = append(out, nonce...)
	return k.aead.Seal(out, nonce, plain, aad), nil
}

func combine(keys []Key) (Key, error) {
	if len(keys) == 1 {
		return keys[0], nil
	}
	secret, err := hkdf.Key(sha256.New, append(append([]byte(nil), keys[0].secret[:]...), keys[1].secret[:]...), nil, "serai/two-persons/1", 32)
	if err != nil {
		return Key{}, err
	}
	return newKey(fact.Handle{}, [32]byte(secret))
}

// Handles returns whose keys open a sealed part.
func Handles(sealed []byte) ([]fact.Handle, error) {
	if len(sealed) < 2 || sealed[0] != 1 || sealed[1] < 1 || sealed[1] > 2 || len(sealed) < 2+8*int(sealed[1])+12+16 {
		return nil, errors.New("seal: not a sealed part of version 1")
	}
	out := make([]fact.Handle, sealed[1])
	for i := range out {
		copy(out[i][:], sealed[2+8*i:])
	}
	return out, nil
}

// Open opens a sealed part with the keys that Handles named, in that order.
func Open(keys []Key, aad, sealed []byte) ([]byte, error) {
	handles, err := Handles(sealed)
	if err != nil {
		return nil, err
	}
	if len(keys) != len(handles) {
		return nil, fmt.Errorf("seal: %d keys for %d", len(keys), len(handles))
	}
	k, err := combine(keys)
	if err != nil {
		return nil, err
	}
	rest := sealed[2+8*len(handles):]
	return k.aead.Open(nil, rest[:12], rest[12:], aad)
}
