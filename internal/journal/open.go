package journal

import (
	"serai/internal/fact"
	"serai/internal/seal"
	"serai/internal/store"
)

// OpenSealed opens the sealed part of a fact that a projection kept, for the reader whose query it is: the projection
// itself holds nothing clear. head names the fact: its id, kind and version. ok is false when there is nothing to open
// or a key is not here.
func (j *Journal) OpenSealed(tx *store.Tx, head *fact.Envelope, sealed []byte) (plain []byte, ok bool, err error) {
	if len(sealed) == 0 {
		return nil, false, nil
	}
	return j.open(tx, &fact.Fact{Head: *head, Sealed: sealed})
}

// Bulk opens the sealed parts of very many facts, each about one person, with keys that were all read at once.
type Bulk struct{ keys *seal.Bundle }

// Bulk reads the keys of every person.
func (j *Journal) Bulk(tx *store.Tx) (*Bulk, error) {
	b, err := j.keys.Bundle(tx, seal.T1)
	return &Bulk{b}, err
}

// Open is OpenSealed without the database. It may be called from any goroutine.
func (b *Bulk) Open(head *fact.Envelope, sealed []byte) (plain []byte, ok bool, err error) {
	handles, err := seal.Handles(sealed)
	if err != nil || len(handles) > 1 {
		return nil, false, nil
	}
	k, ok, err := b.keys.Key(handles[0])
	if err != nil || !ok {
		return nil, false, err
	}
	plain, err = seal.Open([]seal.Key{k}, head.AAD(), sealed)
	return plain, err == nil, nil
}
