package store_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"serai/internal/store"
	"serai/internal/testkit"
)

// Desks hang up at every moment: before their turn, within their closure, while the group commits. What Write said is
// what is there, and nobody's neighbour pays for it.
func TestDesksThatHangUpHarmNobody(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		withTable(t, db)
		var wg sync.WaitGroup
		var mu sync.Mutex
		acked, cancelled := map[int]bool{}, map[int]bool{}
		for i := range 600 {
			wg.Go(func() {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				switch i % 3 {
				case 1:
					go func() {
						time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
						cancel()
					}()
				}
				err := db.Write(ctx, func(tx *store.Tx) error {
					if i%3 == 2 {
						cancel()
					}
					return tx.Exec(`INSERT INTO t (id, name) VALUES ($1, $2)`, i, "x")
				})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					acked[i] = true
				case errors.Is(err, context.Canceled) && i%3 == 1:
					cancelled[i] = true
				default:
					t.Errorf("command %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		there := map[int]bool{}
		err := db.Read(context.Background(), func(tx *store.Tx) error {
			return tx.Each(`SELECT id FROM t`, nil, func(r *store.Row) error {
				var id int
				err := r.Scan(&id)
				there[id] = true
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 600 {
			if there[i] != acked[i] || there[i] == cancelled[i] {
				t.Errorf("command %d: acknowledged %v, cancelled %v, there %v", i, acked[i], cancelled[i], there[i])
			}
		}
		t.Logf("%d acknowledged, %d cancelled", len(acked), len(cancelled))
	})
}

func TestClosingFinishesWhatWasAccepted(t *testing.T) {
	for _, e := range testkit.Engines(t) {
		t.Run(string(e), func(t *testing.T) {
			c := testkit.NewConfig(t, e)
			db, err := store.Open(context.Background(), c)
			if err != nil {
				t.Fatal(err)
			}
			withTable(t, db)
			var acked atomic.Int64
			var wg sync.WaitGroup
			for i := range 200 {
				wg.Go(func() {
					if db.Write(context.Background(), func(tx *store.Tx) error { return tx.Exec(`INSERT INTO t (id) VALUES ($1)`, i) }) == nil {
						acked.Add(1)
					}
				})
			}
			for acked.Load() == 0 {
				time.Sleep(100 * time.Microsecond)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			wg.Wait()
			if db, err = store.Open(context.Background(), c); err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if n := count(t, db); int64(n) != acked.Load() {
				t.Errorf("%d rows, %d acknowledged", n, acked.Load())
			}
		})
	}
}

// A closure that PostgreSQL or a full disk breaks takes its group with it; the others are run again, alone.
func TestOneBrokenCommandDoesNotTakeItsGroupWithIt(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		withTable(t, db)
		var wg sync.WaitGroup
		var runs, acked atomic.Int64
		for i := range 120 {
			wg.Go(func() {
				err := db.Write(context.Background(), func(tx *store.Tx) error {
					runs.Add(1)
					if err := tx.Exec(`INSERT INTO t (id) VALUES ($1)`, i); err != nil {
						return err
					}
					if i%10 == 0 { // sent at once, so that the error comes within this closure
						_, err := tx.Affect(`INSERT INTO nothing_like_it (id) VALUES ($1)`, i)
						return err
					}
					return nil
				})
				if err == nil {
					acked.Add(1)
				} else if i%10 != 0 {
					t.Errorf("command %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if acked.Load() != 108 || count(t, db) != 108 {
			t.Errorf("%d acknowledged, %d rows, want 108 of both (in %d runs)", acked.Load(), count(t, db), runs.Load())
		}
	})
}
