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

// Bulk opens the sealed parts of facts about one person each, for a run of persons whose keys were read together.
type Bulk struct {
	keys    *seal.Persons
	wrapped map[fact.Handle]seal.Wrapped
}

// Bulk reads the keys of every person whose id is greater than after and not greater than upto.
func (j *Journal) Bulk(tx *store.Tx, after, upto fact.PersonID) (*Bulk, error) {
	w, err := j.keys.Between(tx, seal.T1, after, upto)
	return &Bulk{j.keys, w}, err
}

// Open is OpenSealed without the database. It may be called from any goroutine.
func (b *Bulk) Open(head *fact.Envelope, sealed []byte) (plain []byte, ok bool, err error) {
	handles, err := seal.Handles(sealed)
	if err != nil {
		return nil, false, nil
	}
	w, ok := b.wrapped[handles[0]]
	if !ok || len(handles) > 1 {
		return nil, false, nil
	}
	k, err := b.keys.Unwrap(w)
	if err != nil {
		return nil, false, err
	}
	plain, err = seal.Open([]seal.Key{k}, head.AAD(), sealed)
	return plain, err == nil, nil
}
