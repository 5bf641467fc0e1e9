package journal

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"serai/internal/fact"
	"serai/internal/seal"
	"serai/internal/store"
)

// rebuildAtOnce is how many facts are projected in one transaction of a rebuild.
const rebuildAtOnce = 4000

// Start brings the projections up to date: tables of an area whose text changed are made and filled anew. progress is
// called with the facts done and all facts while that goes on.
func (j *Journal) Start(ctx context.Context, progress func(done, all int64)) error {
	if err := j.rememberSelf(ctx); err != nil {
		return err
	}
	stale := false
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		for _, a := range j.areas {
			var hash string
			if _, err := tx.One(`SELECT hash FROM journal_projection WHERE area = $1`, store.Args{a.name}, &hash); err != nil {
				return err
			}
			stale = stale || hash != a.hash()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := j.retryHeld(ctx); err != nil {
		return err
	}
	if stale {
		return j.Rebuild(ctx, Rebuild{Progress: progress})
	}
	return j.projectUnknown(ctx)
}

func (j *Journal) rememberSelf(ctx context.Context) error {
	return j.db.Write(ctx, func(tx *store.Tx) error {
		return tx.Exec(`INSERT INTO journal_node (node, public) VALUES ($1, $2) ON CONFLICT (node) DO NOTHING`, j.node, []byte(j.ring.Public()))
	})
}

// Rebuild says how to tell the story again.
type Rebuild struct {
	Progress func(done, all int64)
	// Order is given the local positions of all facts and returns those to project, in that order, repeats allowed:
	// for tests, which shuffle and repeat. Nil is the order in which they arrived.
	Order func([]int64) []int64
}

// later marks, behind the words CREATE INDEX, an index that no projector asks: a rebuild makes it at its end, in one sorted
// run, instead of finding the place of every row in it.
const later = "/*later*/"

func (a area) hash() string { return store.SchemaHash(strings.ReplaceAll(a.ddl, later, "")) }

// parts returns what a rebuild makes first and what it makes at its end.
func (a area) parts() (first, last []string) {
	for s := range strings.SplitSeq(a.ddl, ";") {
		if strings.Contains(s, later) {
			last = append(last, s)
		} else {
			first = append(first, s)
		}
	}
	return first, last
}

var tableName = regexp.MustCompile(`(?i)CREATE TABLE\s+(\w+)`)

// TableNames returns the projection tables of every area, sorted.
func (j *Journal) TableNames() []string {
	var out []string
	for _, a := range j.areas {
		for _, m := range tableName.FindAllStringSubmatch(a.ddl, -1) {
			out = append(out, m[1])
		}
	}
	slices.Sort(out)
	return out
}

// Rebuild drops every projection and fills it from the facts.
func (j *Journal) Rebuild(ctx context.Context, r Rebuild) error {
	if r.Progress == nil {
		r.Progress = func(int64, int64) {}
	}
	err := j.db.WriteMuch(ctx, func(tx *store.Tx) error {
		for _, a := range j.areas {
			for _, m := range tableName.FindAllStringSubmatch(a.ddl, -1) {
				if err := tx.Script("DROP TABLE IF EXISTS " + m[1]); err != nil {
					return err
				}
			}
			first, _ := a.parts()
			if err := tx.Script(strings.Join(first, ";")); err != nil {
				return fmt.Errorf("tables of %s: %w", a.name, err)
			}
			// The mark is set at the end: a rebuild that is cut off begins again at the next start.
			if err := tx.Exec(`DELETE FROM journal_projection WHERE area = $1`, a.name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if r.Order != nil {
		err = j.projectOrdered(ctx, r)
	} else {
		err = j.projectAll(ctx, r)
	}
	if err != nil {
		return err
	}
	return j.db.WriteMuch(ctx, func(tx *store.Tx) error {
		for _, a := range j.areas {
			_, last := a.parts()
			if err := tx.Script(strings.Join(last, ";")); err != nil {
				return fmt.Errorf("indexes of %s: %w", a.name, err)
			}
			if err := tx.Exec(`INSERT INTO journal_projection (area, hash) VALUES ($1, $2) ON CONFLICT (area) DO UPDATE SET hash = excluded.hash`, a.name, a.hash()); err != nil {
				return err
			}
		}
		return nil
	})
}

const factColumns = `f.pos, d.node, d.incarnation, d.scope, f.seq, f.envelope, f.opened, f.sealed, f.sealed_hash, f.hash, f.state
FROM journal_fact f JOIN journal_feed d ON d.feed = f.feed`

type stored struct {
	fact.Fact
	pos   int64
	state int64
}

// scanFact reads factColumns, which may stand behind columns of the caller's.
func scanFact(r *store.Row, before ...any) (*stored, error) {
	s := &stored{}
	var scope string
	var sealedHash []byte
	if err := r.Scan(append(before, &s.pos, &s.Feed.Node, &s.Feed.Incarnation, &scope, &s.Seq, &s.Raw, &s.Open, &s.Sealed, &sealedHash, &s.Hash, &s.state)...); err != nil {
		return nil, err
	}
	s.Feed.Scope = fact.Scope(scope)
	if s.Sealed != nil {
		s.SealedHash = fact.SealHash(s.Sealed)
	} else {
		copy(s.SealedHash[:], sealedHash)
	}
	if err := fact.Decode(s.Raw, &s.Head); err != nil && s.state == stateHeld {
		s.Head = fact.Envelope{} // in quarantine for that very reason
	} else if err != nil {
		return nil, fmt.Errorf("envelope of fact at %d: %w", s.pos, err)
	}
	return s, nil
}

func (j *Journal) projectStored(tx *store.Tx, s *stored) error {
	return j.projectWith(tx, s, func(h fact.Handle) (seal.Key, bool, error) { return j.keys.ByHandle(tx, h) })
}

func (j *Journal) projectWith(tx *store.Tx, s *stored, key func(fact.Handle) (seal.Key, bool, error)) error {
	if s.state == stateCopy || s.state == stateHeld {
		return nil
	}
	if s.state == stateUnknown {
		if _, known := fact.KindOf(s.Head.Kind, s.Head.Version); !known {
			return nil
		}
		if read := j.readable[kindVersion{s.Head.Kind, s.Head.Version}]; read != nil && read(s.Open) != nil {
			if err := tx.Exec(`UPDATE journal_fact SET state = $1 WHERE pos = $2`, stateHeld, s.pos); err != nil {
				return err
			}
			return j.quarantine(tx, &s.Fact, reasonContent)
		}
		if err := tx.Exec(`UPDATE journal_fact SET state = $1 WHERE pos = $2`, stateProjected, s.pos); err != nil {
			return err
		}
	}
	plain, opened, err := openWith(&s.Fact, key)
	if err != nil {
		return err
	}
	return j.project(tx, &s.Fact, s.pos, plain, opened)
}

// projectMany projects facts in their order, with one question for all their keys and for what the projectors must know.
func (j *Journal) projectMany(tx *store.Tx, facts []*stored) error {
	var handles []fact.Handle
	coming := map[kindVersion][]fact.FactID{}
	for _, s := range facts {
		if s.Sealed != nil {
			h, err := seal.Handles(s.Sealed)
			if err == nil { // a form that is not known opens with no key
				handles = append(handles, h...)
			}
		}
		if k := (kindVersion{s.Head.Kind, s.Head.Version}); j.ahead[k] != nil && (s.state == stateProjected || s.state == stateUnknown) {
			coming[k] = append(coming[k], s.Head.ID)
		}
	}
	keys, err := j.keys.Many(tx, handles)
	if err != nil {
		return err
	}
	for k, ids := range coming {
		for _, fn := range j.ahead[k] {
			if err := fn(tx, ids); err != nil {
				return err
			}
		}
	}
	key := func(h fact.Handle) (seal.Key, bool, error) {
		if keys == nil {
			return j.keys.ByHandle(tx, h)
		}
		k, ok := keys[h]
		return k, ok, nil
	}
	for _, s := range facts {
		if err := j.projectWith(tx, s, key); err != nil {
			return err
		}
		if s.Head.Kind == Erased.Number {
			keys = nil // some of them may be gone
		}
	}
	return nil
}

func (j *Journal) projectAll(ctx context.Context, r Rebuild) error {
	var all, done, last int64
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.One(`SELECT count(*) FROM journal_fact`, nil, &all)
		return err
	})
	if err != nil {
		return err
	}
	for {
		var n, reached int64
		err := j.db.WriteBulk(ctx, func(tx *store.Tx) error {
			facts := make([]*stored, 0, rebuildAtOnce)
			err := tx.Each(`SELECT `+factColumns+` WHERE f.pos > $1 ORDER BY f.pos LIMIT $2`, store.Args{last, rebuildAtOnce}, func(row *store.Row) error {
				s, err := scanFact(row)
				facts = append(facts, s)
				return err
			})
			if err != nil {
				return err
			}
			n, reached = int64(len(facts)), last
			if n > 0 {
				reached = facts[n-1].pos
			}
			return j.projectMany(tx, facts)
		})
		if err != nil {
			return err
		}
		last, done = reached, done+n
		r.Progress(done, all)
		if n == 0 {
			return nil
		}
	}
}

func (j *Journal) projectOrdered(ctx context.Context, r Rebuild) error {
	var positions []int64
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT pos FROM journal_fact ORDER BY pos`, nil, func(row *store.Row) error {
			positions = append(positions, 0)
			return row.Scan(&positions[len(positions)-1])
		})
	})
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(r.Order(positions), 500) {
		err := j.db.WriteBulk(ctx, func(tx *store.Tx) error {
			facts := make([]*stored, 0, len(chunk))
			for _, pos := range chunk {
				err := tx.Each(`SELECT `+factColumns+` WHERE f.pos = $1`, store.Args{pos}, func(row *store.Row) error {
					s, err := scanFact(row)
					facts = append(facts, s)
					return err
				})
				if err != nil {
					return err
				}
			}
			return j.projectMany(tx, facts)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Dump returns the rows of every projection table as text, sorted: two nodes that know the same facts dump the same.
func (j *Journal) Dump(ctx context.Context) (map[string][]string, error) {
	out := map[string][]string{}
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		for _, name := range j.TableNames() {
			rows := []string{}
			if err := tx.Each(`SELECT * FROM `+name, nil, func(r *store.Row) error {
				rows = append(rows, fmt.Sprintf("%#v", r.Values()))
				return nil
			}); err != nil {
				return err
			}
			slices.Sort(rows)
			out[name] = rows
		}
		return nil
	})
	return out, err
}
