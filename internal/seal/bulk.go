package seal

import (
	"fmt"

	"serai/internal/fact"
	"serai/internal/store"
)

// Many returns the keys behind these handles as far as they are here, asked for together: each question is a journey
// where the database is elsewhere. They are not kept.
func (p *Persons) Many(tx *store.Tx, handles []fact.Handle) (map[fact.Handle]Key, error) {
	out := make(map[fact.Handle]Key, len(handles))
	var missing store.Args
	p.mu.Lock()
	for _, h := range handles {
		if _, twice := out[h]; twice {
			continue
		}
		k, ok := p.byHandle[h]
		out[h] = k
		if !ok {
			missing = append(missing, h.Bytes())
		}
	}
	p.mu.Unlock()
	for _, h := range missing {
		delete(out, fact.Handle(h.([]byte)))
	}
	err := tx.EachOf(`SELECT handle, epoch, wrapped FROM seal_key WHERE handle IN (LIST)`, missing, func(r *store.Row) error {
		var h fact.Handle
		var epoch int64
		var wrapped []byte
		if err := r.Scan(&h, &epoch, &wrapped); err != nil {
			return err
		}
		k, err := p.unwrap(h, uint32(epoch), wrapped)
		out[h] = k
		return err
	})
	return out, err
}

// Bundle holds every person's key of one tier as it rests, wrapped: for whoever opens very many sealed parts at once.
// It is small (80 bytes a key), does not change with the database, and is dropped after use.
type Bundle struct {
	epochs map[uint32]Key
	at     map[fact.Handle]int32
	epoch  []uint32
	rest   []byte // wrapped keys, wrappedSize bytes each
}

// wrappedSize is the length of what wrap makes: nonce, secret, tag.
const wrappedSize = 12 + 32 + 16

// Bundle reads the keys of a tier in one run through the table.
func (p *Persons) Bundle(tx *store.Tx, tier Tier) (*Bundle, error) {
	b := &Bundle{epochs: map[uint32]Key{}, at: map[fact.Handle]int32{}}
	for n, secret := range p.ring.read().Epochs {
		k, err := newKey(fact.Handle{}, secret)
		if err != nil {
			return nil, err
		}
		b.epochs[n] = k
	}
	err := tx.Each(`SELECT handle, epoch, wrapped FROM seal_key WHERE tier = $1`, store.Args{int64(tier)}, func(r *store.Row) error {
		var h fact.Handle
		var epoch int64
		var wrapped []byte
		if err := r.Scan(&h, &epoch, &wrapped); err != nil {
			return err
		}
		if len(wrapped) != wrappedSize {
			return fmt.Errorf("seal: the wrapped key %s has %d bytes, want %d", h, len(wrapped), wrappedSize)
		}
		b.at[h] = int32(len(b.epoch))
		b.epoch, b.rest = append(b.epoch, uint32(epoch)), append(b.rest, wrapped...)
		return nil
	})
	return b, err
}

// Key unwraps the key behind a handle, and false when it is not here. It may be called from any goroutine.
func (b *Bundle) Key(h fact.Handle) (Key, bool, error) {
	i, ok := b.at[h]
	if !ok {
		return Key{}, false, nil
	}
	e, ok := b.epochs[b.epoch[i]]
	if !ok {
		return Key{}, false, errNoEpoch
	}
	wrapped := b.rest[int(i)*wrappedSize:][:wrappedSize]
	plain, err := e.aead.Open(nil, wrapped[:12], wrapped[12:], wrapAAD(b.epoch[i], h))
	if err != nil {
		return Key{}, false, fmt.Errorf("seal: unwrap key %s: %w", h, err)
	}
	k, err := newKey(h, [32]byte(plain))
	return k, err == nil, err
}
