package journal

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"serai/internal/fact"
	"serai/internal/seal"
	"serai/internal/store"
)

// ErasedOpen is the open part of the notice that a person was erased: the random names of her keys, which stand in the
// sealed parts that must go, and nothing else.
type ErasedOpen struct {
	Handles []fact.Handle `cbor:"1,keyasint"`
	Reason  string        `cbor:"2,keyasint,omitempty"` // a code: person_asked, retention, mistake
}

// Erased says that a person was erased. Every node that holds sealed parts under these handles drops them.
var Erased = fact.Define[ErasedOpen, struct{}]("fact.erased", 1, 1)

func registerErased(j *Journal) {
	Register(j, Erased, func(tx *store.Tx, f fact.Got[ErasedOpen, struct{}]) error {
		handles := slices.Clone(f.Open.Handles)
		for _, h := range f.Open.Handles {
			person, here, err := j.keys.PersonOf(tx, h)
			if err != nil {
				return err
			}
			if !here { // erased on this node first, or never known to it
				continue
			}
			more, err := j.dropKeys(tx, person)
			if err != nil {
				return err
			}
			handles = append(handles, more...)
		}
		for _, h := range handles {
			// What comes later under this handle is dropped when it comes: erasure wins whatever arrives when.
			if err := tx.Exec(`INSERT INTO journal_erased (handle) VALUES ($1) ON CONFLICT (handle) DO NOTHING`, h.Bytes()); err != nil {
				return err
			}
			if err := j.dropSealed(tx, h); err != nil {
				return err
			}
		}
		return nil
	})
}

// dropKeys enters a person in the ledger, drops her keys and returns their handles.
func (j *Journal) dropKeys(tx *store.Tx, person fact.PersonID) ([]fact.Handle, error) {
	handles, err := j.keys.Handles(tx, person)
	if err != nil {
		return nil, err
	}
	// A file, within a transaction: should the commit fail, the ledger names one too many and a restore erases her
	// again, which she asked for; the other way round a restore would bring her back.
	if j.Ledger != nil {
		if err := j.Ledger.Append(person, j.now()); err != nil {
			return nil, err
		}
	}
	return handles, j.keys.Drop(tx, person, j.now())
}

// Erase takes a person out of this node: within the command's transaction it drops her keys, the sealed parts of every
// fact about her, and what the projections held; what was counted stays counted. Afterwards the caller must run
// FinishErase, without which an old copy of the database together with the keyring could still be opened.
func (j *Journal) Erase(tx *store.Tx, person fact.PersonID, scope fact.Scope, id fact.FactID, actor fact.Handle, reason string) ([]fact.FactID, error) {
	handles, err := j.dropKeys(tx, person)
	if err != nil {
		return nil, err
	}
	return j.Append(tx, Erased.New(id, scope, actor, ErasedOpen{Handles: handles, Reason: reason}))
}

// EraseAgain erases persons whom a restored backup brought back, and returns how many of them were there. The notice goes
// into the scopes in which facts stand about them. It needs no projections: after a restore they are filled anew.
func (j *Journal) EraseAgain(ctx context.Context, persons []fact.PersonID) (there int, err error) {
	for _, person := range persons {
		was := false
		err := j.db.Write(ctx, func(tx *store.Tx) error {
			handles, err := j.keys.Handles(tx, person)
			if err != nil {
				return err
			}
			was = len(handles) > 0
			scopes := map[fact.Scope]bool{}
			for _, h := range handles {
				facts, err := j.byHandle(tx, h)
				if err != nil {
					return err
				}
				for _, s := range facts {
					scopes[s.Feed.Scope] = true
				}
			}
			if err := j.keys.Drop(tx, person, j.now()); err != nil {
				return err
			}
			for _, scope := range slices.Sorted(maps.Keys(scopes)) {
				if _, err := j.Append(tx, Erased.New(fact.FactID{}, scope, fact.Handle{}, ErasedOpen{Handles: handles, Reason: "restored"})); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return there, fmt.Errorf("erase %s again: %w", person, err)
		}
		if was {
			there++
		}
	}
	return there, nil
}

// dropSealed removes the sealed bytes under a handle and projects their facts again, now about nobody. The hash of the
// bytes stays, so that the chain still verifies.
func (j *Journal) dropSealed(tx *store.Tx, h fact.Handle) error {
	facts, err := j.byHandle(tx, h)
	if err != nil {
		return err
	}
	for _, s := range facts {
		s.Sealed = nil
		if err := tx.Exec(`UPDATE journal_fact SET sealed = NULL, sealed_hash = $1, handle = NULL, handle2 = NULL WHERE pos = $2`, s.SealedHash[:], s.pos); err != nil {
			return err
		}
		if s.state != stateProjected {
			continue
		}
		if err := j.project(tx, &s.Fact, s.pos, nil, false); err != nil {
			return err
		}
	}
	return nil
}

func (j *Journal) byHandle(tx *store.Tx, h fact.Handle) ([]*stored, error) {
	var out []*stored
	for _, sql := range []string{`SELECT ` + factColumns + ` WHERE f.handle = $1`, `SELECT ` + factColumns + ` WHERE f.handle2 = $1`} {
		if err := tx.Each(sql, store.Args{h.Bytes()}, func(row *store.Row) error {
			s, err := scanFact(row)
			out = append(out, s)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// FinishErase wraps every other person's key under a new epoch, destroys the old one, and takes what was overwritten
// out of the write-ahead log. It may run long and is safe to repeat.
func (j *Journal) FinishErase(ctx context.Context) error {
	if err := j.keys.RotateEpoch(ctx, j.db); err != nil {
		return err
	}
	if err := j.db.Checkpoint(ctx); err != nil {
		return fmt.Errorf("empty the write-ahead log: %w", err)
	}
	return nil
}

// AddKey takes the key of a person that came from another node, and projects the facts again that waited for it.
func (j *Journal) AddKey(tx *store.Tx, person fact.PersonID, tier seal.Tier, handle fact.Handle, secret [32]byte) error {
	if gone, err := j.erasedHandle(tx, handle); err != nil || gone {
		if err == nil {
			err = seal.ErrErased
		}
		return err
	}
	if err := j.keys.Add(tx, person, tier, handle, secret); err != nil {
		return err
	}
	facts, err := j.byHandle(tx, handle)
	if err != nil {
		return err
	}
	for _, s := range facts {
		if err := j.projectStored(tx, s); err != nil {
			return err
		}
	}
	return nil
}

func (j *Journal) erasedHandle(tx *store.Tx, h fact.Handle) (bool, error) {
	return tx.One(`SELECT 1 FROM journal_erased WHERE handle = $1`, store.Args{h.Bytes()}, new(int))
}
