package people

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/journal"
	"serai/internal/link"
	"serai/internal/store"
)

// names is the index by which files are found by name: in memory only, filled by opening what is sealed, forgotten when
// the node is locked. A commit marks whom it touched; the next search looks at those again before it answers.
type names struct {
	index *link.Index[fact.PersonID, known]

	loading sync.Mutex // one fills at a time

	mu     sync.Mutex
	loaded bool
	dirty  map[fact.PersonID]bool
	locks  int // how often everything was forgotten: a filling that began before must not bring it back
}

// known is what a search must know of a file besides its name.
type known struct {
	resource  access.Resource
	sex       string
	age       *Age
	languages string // " ha fr "
	last      fact.Day
	parts     int
	opened    fact.Day
}

func newNames() *names {
	return &names{index: link.NewIndex[fact.PersonID, known](), dirty: map[fact.PersonID]bool{}}
}

// touch marks a file to be looked at again.
func (n *names) touch(p fact.PersonID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.loaded || len(n.dirty) > 0 {
		n.dirty[p] = true
	}
}

// ready tells whether the index can be brought up to date with little work.
func (n *names) ready() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.loaded && len(n.dirty) <= reloadFrom
}

// drop forgets a file at once.
func (n *names) drop(p fact.PersonID) {
	n.index.Drop(p)
	n.touch(p)
}

func (n *names) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.loaded, n.locks = false, n.locks+1
	clear(n.dirty)
	n.index.Clear()
}

// reloadFrom is how many touched files are cheaper to read in one run than one by one: after a rebuild it is all.
const reloadFrom = 2000

// rowsAtOnce is how many rows go to a worker together.
const rowsAtOnce = 2000

// LoadNames fills the index with every name that opens here. It is called at start and after an unlock; a search that
// comes earlier waits for it.
func (s *Service) LoadNames(ctx context.Context) error {
	s.names.loading.Lock()
	defer s.names.loading.Unlock()
	if err := s.refresh(ctx); err != nil {
		return err
	}
	return s.refresh(ctx) // whoever was touched or erased meanwhile
}

// refresh brings the index up to what was committed when it began. The caller holds loading.
func (s *Service) refresh(ctx context.Context) error {
	n := s.names
	n.mu.Lock()
	all, locks := !n.loaded || len(n.dirty) > reloadFrom, n.locks
	dirty := n.dirty
	n.dirty = map[fact.PersonID]bool{}
	if all {
		// From here on commits mark what they touch: what the run below misses is read again.
		n.loaded = true
	}
	n.mu.Unlock()
	var err error
	if all {
		err = s.reload(ctx, locks)
	} else if len(dirty) > 0 {
		err = s.db.Read(ctx, func(tx *store.Tx) error {
			for p := range dirty {
				records, err := s.rows(tx, profileOnly, p)
				if err != nil {
					return err
				}
				s.names.put(locks, p, records)
			}
			return nil
		})
	}
	if err != nil {
		n.mu.Lock()
		n.loaded = false
		n.mu.Unlock()
	}
	return err
}

// put holds a file, or forgets it when its facts do not open any more.
func (n *names) put(locks int, p fact.PersonID, records []*record) {
	f, found := fold(p, records)
	if !found {
		n.index.Drop(p)
		return
	}
	parts, k := digest(&f)
	n.hold(locks, p, parts, k)
}

func (n *names) hold(locks int, p fact.PersonID, parts []link.Part, k known) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.locks == locks {
		n.index.Put(p, parts, k)
	}
}

// digest is what the index holds of a file. Where two spellings of the name stand side by side, both find it.
func digest(f *folded) ([]link.Part, known) {
	var parts []link.Part
	for _, h := range f.name.heads {
		if h.value == nil {
			continue
		}
		for _, p := range link.Normalise(h.value.Parts) {
			if !slices.Contains(parts, p) {
				parts = append(parts, p)
			}
		}
	}
	sex, age := f.sex.shown(), f.age.shown()
	// What two desks wrote in two ways contradicts nothing until somebody settles it.
	if f.sex.differ() {
		sex = ""
	}
	if f.age.differ() {
		age = nil
	}
	return parts, known{resource: f.opened.resource(), sex: sex, age: age,
		languages: " " + strings.Join(f.languages.shown(), " ") + " ", last: f.last.day, parts: len(parts), opened: f.opened.day}
}

// run is one stretch of persons on its way into the index.
type run struct {
	rows []*row
	keys *journal.Bulk
}

// reload reads every file once: one goroutine reads the rows in order of persons, the others open, decode and
// normalise.
func (s *Service) reload(ctx context.Context, locks int) error {
	s.names.index.Clear()
	runs := make(chan run, 2)
	var workers sync.WaitGroup
	failed := make(chan error, runtime.GOMAXPROCS(0))
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			var first error
			for r := range runs {
				if first == nil {
					first = s.take(r, locks)
				}
			}
			failed <- first
		})
	}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		keys, err := s.journal.Bulk(tx)
		if err != nil {
			return err
		}
		var after fact.PersonID
		for {
			if err := ctx.Err(); err != nil {
				return err // the node is being stopped
			}
			rows, err := s.stretch(tx, after)
			if err != nil || len(rows) == 0 {
				return err
			}
			runs <- run{rows, keys}
			after = rows[len(rows)-1].person
		}
	})
	close(runs)
	workers.Wait()
	for range cap(failed) {
		if e := <-failed; err == nil {
			err = e
		}
	}
	return err
}

// stretch reads the profiles of the next persons, never half of one.
func (s *Service) stretch(tx *store.Tx, after fact.PersonID) ([]*row, error) {
	read := func(sql string, args ...any) (rows []*row, err error) {
		err = tx.Each(sql, args, func(r *store.Row) error {
			row, err := scanRow(r)
			rows = append(rows, row)
			return err
		})
		return rows, err
	}
	rows, err := read(`SELECT `+rowColumns+` FROM people_fact f WHERE f.person_id > $1 AND f.kind IN (301, 302) ORDER BY f.person_id LIMIT $2`,
		after.Bytes(), rowsAtOnce)
	if err != nil || len(rows) < rowsAtOnce {
		return rows, err
	}
	last := rows[len(rows)-1].person
	rows = slices.DeleteFunc(rows, func(r *row) bool { return r.person == last })
	whole, err := read(profileOnly, last)
	return append(rows, whole...), err
}

func (s *Service) take(r run, locks int) error {
	for len(r.rows) > 0 {
		person := r.rows[0].person
		var records []*record
		n := 0
		for ; n < len(r.rows) && r.rows[n].person == person; n++ {
			row := r.rows[n]
			plain, ok, err := r.keys.Open(row.envelope(), row.sealed)
			if err != nil {
				return err
			}
			if ok {
				if err := row.decode(plain); err != nil {
					return err
				}
				records = append(records, &row.record)
			}
		}
		r.rows = r.rows[n:]
		if f, found := fold(person, records); found {
			parts, k := digest(&f)
			s.names.hold(locks, person, parts, k)
		}
	}
	return nil
}
