package journal

import (
	"context"
	"time"

	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Do runs a command once. A request that was answered before (the same actor and Idempotency-Key, or without a key the
// same id) is not run again: its fact ids are returned and replayed is true, so that the answer can be rendered anew
// under the rights of now. The same key or id with another content is a conflict. The memory of the request commits
// with the command.
func (j *Journal) Do(ctx context.Context, actor fact.Handle, id fact.FactID, fn func(tx *store.Tx) ([]fact.FactID, error)) (ids []fact.FactID, replayed bool, err error) {
	req := fact.RequestOf(ctx)
	key, taken := req.Key, "web.key_reused"
	if key == "" && !id.IsZero() && req.Hash != [32]byte{} {
		key, taken = "id:"+id.String(), "id_taken"
	}
	err = j.db.Write(ctx, func(tx *store.Tx) error {
		ids, replayed = nil, false
		if key != "" {
			hash, facts, err := j.answered(tx, actor, key, id)
			if err != nil {
				return err
			}
			if hash != nil {
				if string(hash) != string(req.Hash[:]) {
					return keyReused(taken)
				}
				ids, replayed = facts, true
				return nil
			}
		}
		var err error
		if ids, err = fn(tx); err != nil || key == "" {
			return err
		}
		facts := make([]byte, 0, 16*len(ids))
		for _, f := range ids {
			facts = append(facts, f.Bytes()...)
		}
		return tx.Exec(`INSERT INTO journal_request (actor, request, hash, facts, at) VALUES ($1, $2, $3, $4, $5)`,
			actor.Bytes(), key, req.Hash[:], facts, j.now().UnixMilli())
	})
	return ids, replayed, err
}

// Replayed tells whether this request was answered before, for a command that writes in more than one transaction and
// ends with Do; the same key with another content is a conflict.
func (j *Journal) Replayed(ctx context.Context, tx *store.Tx, actor fact.Handle) (bool, error) {
	req := fact.RequestOf(ctx)
	if req.Key == "" {
		return false, nil
	}
	hash, _, err := j.answered(tx, actor, req.Key, fact.FactID{})
	if err == nil && hash != nil && string(hash) != string(req.Hash[:]) {
		err = keyReused("web.key_reused")
	}
	return hash != nil, err
}

func keyReused(code string) error {
	return fault.Conflict(code, "this id or Idempotency-Key was used for another request; make a new one")
}

// unused is what a transaction knows of an id after it was looked for and not found.
type unused struct{ id fact.FactID }

// answered returns the hash and the facts of a request that was answered before, nil for none. In the same journey to
// the database it looks whether the command's id is free.
func (j *Journal) answered(tx *store.Tx, actor fact.Handle, key string, id fact.FactID) (hash []byte, ids []fact.FactID, err error) {
	var facts []byte
	var kind *int64
	_, err = tx.One(`SELECT r.hash, r.facts, (SELECT min(f.kind) FROM journal_fact f WHERE f.id = $3) FROM (SELECT 1 AS one) o
LEFT JOIN journal_request r ON r.actor = $1 AND r.request = $2`, store.Args{actor.Bytes(), key, id}, &hash, &facts, &kind)
	if err != nil {
		return nil, nil, err
	}
	if kind == nil && !id.IsZero() {
		tx.Remember(unused{id})
	}
	for ; len(facts) >= 16; facts = facts[16:] {
		f, _ := fact.FromBytes[fact.FactOf](facts[:16])
		ids = append(ids, f)
	}
	return hash, ids, nil
}

// free refuses an id that a fact here has already.
func (j *Journal) free(tx *store.Tx, id fact.FactID) error {
	if tx.Remembers(unused{id}) {
		tx.Forget(unused{id}) // a second fact of the same command must not pass under it
		return nil
	}
	var kind int64
	found, err := tx.One(`SELECT kind FROM journal_fact WHERE id = $1`, store.Args{id}, &kind)
	if err != nil {
		return err
	}
	if found {
		return fault.Conflict("id_taken", "this id was used before; make a new one")
	}
	return nil
}

// ForgetRequests drops the memory of requests that were answered longer ago than age.
func (j *Journal) ForgetRequests(ctx context.Context, age time.Duration) error {
	return j.db.Write(ctx, func(tx *store.Tx) error {
		return tx.Exec(`DELETE FROM journal_request WHERE at < $1`, j.now().Add(-age).UnixMilli())
	})
}
