package seal

import (
	"context"
	"fmt"

	"serai/internal/fact"
	"serai/internal/store"
)

// rewrapAtOnce keeps the writer free for desks that wait while an erasure wraps everybody's keys anew.
const rewrapAtOnce = 2000

// RotateEpoch begins a new epoch, wraps every person's key under it and destroys the old one. It is the second half of
// an erasure: before it, an old copy of the database together with the keyring still opens what was dropped. An
// interruption leaves both epochs; the next call, made at start, goes on.
func (p *Persons) RotateEpoch(ctx context.Context, db *store.DB) error {
	if err := p.ring.nextEpoch(); err != nil {
		return fmt.Errorf("begin an epoch: %w", err)
	}
	return p.FinishRotation(ctx, db)
}

// RotationOpen tells whether a rotation was interrupted.
func (p *Persons) RotationOpen() bool { return len(p.ring.read().Epochs) > 1 }

// FinishRotation wraps what is still under an old epoch and then destroys the old epochs.
func (p *Persons) FinishRotation(ctx context.Context, db *store.DB) error {
	now := p.ring.read().Epoch
	// In the order of handles, so that no batch passes over what the ones before it have done; a last round sees that
	// nothing is left.
	after := []byte{}
	for {
		n, reached := 0, after
		err := db.Write(ctx, func(tx *store.Tx) error {
			n, reached = 0, after
			type old struct {
				handle  fact.Handle
				epoch   int64
				wrapped []byte
			}
			var rows []old
			err := tx.Each(`SELECT handle, epoch, wrapped FROM seal_key WHERE handle > $1 AND epoch <> $2 ORDER BY handle LIMIT $3`, store.Args{after, int64(now), rewrapAtOnce}, func(r *store.Row) error {
				var o old
				if err := r.Scan(&o.handle, &o.epoch, &o.wrapped); err != nil {
					return err
				}
				rows = append(rows, o)
				return nil
			})
			if err != nil {
				return err
			}
			for _, o := range rows {
				k, err := p.unwrap(o.handle, uint32(o.epoch), o.wrapped)
				if err != nil {
					return err
				}
				w, err := wrap(p.ring.read().Epochs[now], now, k)
				if err != nil {
					return err
				}
				if err := tx.Exec(`UPDATE seal_key SET epoch = $1, wrapped = $2 WHERE handle = $3`, int64(now), w, o.handle.Bytes()); err != nil {
					return err
				}
			}
			if n = len(rows); n > 0 {
				reached = rows[n-1].handle.Bytes()
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("wrap keys anew: %w", err)
		}
		if n == 0 && len(after) == 0 {
			break
		}
		if after = reached; n == 0 {
			after = []byte{}
		}
	}
	if err := p.ring.dropOldEpochs(); err != nil {
		return fmt.Errorf("destroy old epochs: %w", err)
	}
	return nil
}
