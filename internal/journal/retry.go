package journal

import (
	"context"
	"slices"
	"time"

	"serai/internal/fact"
	"serai/internal/store"
)

// Held is one fact in quarantine: kept, counted, and shown to somebody who can ask its node.
type Held struct {
	Feed   fact.Feed
	Seq    uint64
	ID     fact.FactID
	Kind   uint16
	Reason string
	Since  time.Time
}

// Quarantine returns what is in quarantine, the oldest first.
func (j *Journal) Quarantine(ctx context.Context, most int) (out []Held, err error) {
	err = j.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT node, incarnation, scope, seq, id, kind, reason, since FROM journal_quarantine ORDER BY pos LIMIT $1`, store.Args{most}, func(r *store.Row) error {
			var h Held
			var scope string
			var since int64
			err := r.Scan(&h.Feed.Node, &h.Feed.Incarnation, &scope, &h.Seq, &h.ID, &h.Kind, &h.Reason, &since)
			h.Feed.Scope, h.Since = fact.Scope(scope), time.UnixMilli(since).UTC()
			out = append(out, h)
			return err
		})
	})
	return out, err
}

// waiting reads the facts in a state that another program may change.
func (j *Journal) waiting(ctx context.Context, state int64) (out []*stored, err error) {
	err = j.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT `+factColumns+` WHERE f.state >= 2 AND f.state = $1 ORDER BY f.pos`, store.Args{state}, func(r *store.Row) error {
			s, err := scanFact(r)
			out = append(out, s)
			return err
		})
	})
	return out, err
}

// projectUnknown projects the facts whose kind this program knows and the one before did not.
func (j *Journal) projectUnknown(ctx context.Context) error {
	all, err := j.waiting(ctx, stateUnknown)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(s *stored) bool {
		_, known := fact.KindOf(s.Head.Kind, s.Head.Version)
		return !known
	})
	for chunk := range slices.Chunk(all, 500) {
		err := j.db.Write(ctx, func(tx *store.Tx) error {
			for _, s := range chunk {
				if err := j.projectStored(tx, s); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// retryHeld lets facts out of quarantine whose open part this program can read. They wait as unknown ones, which are
// projected next.
func (j *Journal) retryHeld(ctx context.Context) error {
	all, err := j.waiting(ctx, stateHeld)
	if err != nil {
		return err
	}
	for _, s := range all {
		read := j.readable[kindVersion{s.Head.Kind, s.Head.Version}]
		if read == nil || read(s.Open) != nil || s.Head.Stamp > fact.MaxStamp {
			continue
		}
		err := j.db.Write(ctx, func(tx *store.Tx) error {
			n, err := tx.Affect(`DELETE FROM journal_quarantine WHERE node = $1 AND incarnation = $2 AND scope = $3 AND seq = $4 AND id = $5 AND reason = $6`,
				s.Feed.Node, s.Feed.Incarnation[:], string(s.Feed.Scope), s.Seq, s.Head.ID, reasonContent)
			if err != nil || n == 0 {
				return err
			}
			state, err := j.stand(tx, &s.Fact) // meanwhile a copy may have come
			if err != nil {
				return err
			}
			if state == stateProjected {
				state = stateUnknown
			}
			return tx.Exec(`UPDATE journal_fact SET state = $1 WHERE pos = $2`, state, s.pos)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
