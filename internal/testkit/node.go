package testkit

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serai/internal/audit"
	"serai/internal/journal"
	"serai/internal/seal"
	"serai/internal/store"
)

// Clock is a clock that tests set.
type Clock struct {
	mu sync.Mutex
	t  time.Time
}

// NewClock returns a clock that stands at a morning in March 2026.
func NewClock() *Clock { return &Clock{t: time.Date(2026, 3, 10, 8, 30, 0, 0, time.UTC)} }

// Now returns the time that was set.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

// Set sets the time.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

// Add moves the time on.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// Node is the rails of a node: database, keys, journal, access log, clock. Areas are put on it by the test.
type Node struct {
	DB      *store.DB
	Ring    *seal.Keyring
	Keys    *seal.Persons
	Journal *journal.Journal
	Log     *audit.Log
	Clock   *Clock
}

// NewNode returns a node on db. register puts areas on it, before the journal starts.
func NewNode(t testing.TB, db *store.DB, register ...func(*Node)) *Node {
	t.Helper()
	ring, err := seal.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	n, err := StartNode(db, ring, register...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// StartNode starts the node of ring on db, which may hold its tables already: a program that starts again.
func StartNode(db *store.DB, ring *seal.Keyring, register ...func(*Node)) (*Node, error) {
	n := &Node{DB: db, Ring: ring, Keys: seal.NewPersons(ring), Clock: NewClock()}
	ctx := context.Background()
	for _, m := range [][]store.Migration{seal.Migrations, journal.Migrations, audit.Migrations} {
		if err := db.Migrate(ctx, m); err != nil {
			return nil, err
		}
	}
	n.Journal = journal.New(db, ring, n.Keys, n.Clock.Now)
	n.Log = audit.New(db, n.Clock.Now)
	for _, fn := range register {
		fn(n)
	}
	if err := n.Journal.Start(ctx, nil); err != nil {
		return nil, err
	}
	return n, nil
}

// RebuildsAlike fails the test unless the projections are the same after a rebuild in the order of arrival and after
// rebuilds in which facts come shuffled and repeated, and unless the chain verifies.
func (n *Node) RebuildsAlike(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	want, err := n.Journal.Dump(ctx)
	if err != nil {
		t.Fatal(err)
	}
	same := func(what string, r journal.Rebuild) {
		t.Helper()
		if err := n.Journal.Rebuild(ctx, r); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got, err := n.Journal.Dump(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%s differs from what was written one by one (-incremental +rebuilt):\n%s", what, d)
		}
	}
	same("a rebuild", journal.Rebuild{})
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 1))
		same("a shuffled and repeated rebuild", journal.Rebuild{Order: func(pos []int64) []int64 {
			twice := append(append([]int64(nil), pos...), pos[:len(pos)/2]...)
			r.Shuffle(len(twice), func(i, j int) { twice[i], twice[j] = twice[j], twice[i] })
			return twice
		}})
	}
	same("a last rebuild", journal.Rebuild{})
	rep, err := n.Journal.Verify(ctx)
	if err != nil || rep.Bad != "" {
		t.Fatalf("the chain does not verify: %v %s", err, rep.Bad)
	}
}
