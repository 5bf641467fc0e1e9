package seal

import (
	"serai/internal/fact"
	"serai/internal/store"
)

// Wrapped is a person's key as it rests.
type Wrapped struct {
	Handle  fact.Handle
	epoch   uint32
	wrapped []byte
}

// Between reads the wrapped keys of a tier of every person whose id is greater than after and not greater than upto:
// for whoever opens many at once. They are not kept in memory.
func (p *Persons) Between(tx *store.Tx, tier Tier, after, upto fact.PersonID) (map[fact.Handle]Wrapped, error) {
	out := map[fact.Handle]Wrapped{}
	err := tx.Each(`SELECT handle, epoch, wrapped FROM seal_key WHERE person > $1 AND person <= $2 AND tier = $3`,
		store.Args{after.Bytes(), upto.Bytes(), int64(tier)}, func(r *store.Row) error {
			var w Wrapped
			if err := r.Scan(&w.Handle, &w.epoch, &w.wrapped); err != nil {
				return err
			}
			out[w.Handle] = w
			return nil
		})
	return out, err
}

// Unwrap opens a key that Between read. It may be called from any goroutine.
func (p *Persons) Unwrap(w Wrapped) (Key, error) { return p.unwrap(w.Handle, w.epoch, w.wrapped) }
