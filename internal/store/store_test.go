package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
)

const tables = `CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT, body BLOB, share DOUBLE PRECISION)`

func withTable(t *testing.T, db *store.DB) {
	t.Helper()
	if err := db.Migrate(context.Background(), []store.Migration{{Name: "test/1", SQL: tables}}); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	err := db.Read(context.Background(), func(tx *store.Tx) error {
		_, err := tx.One(`SELECT count(*) FROM t`, nil, &n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestValuesComeBackAsTheyWere(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		withTable(t, db)
		ctx := context.Background()
		err := db.Write(ctx, func(tx *store.Tx) error {
			if err := tx.Exec(`INSERT INTO t (id, name, body, share) VALUES ($1, $2, $3, $4)`, 1, "Aïcha \u200f عائشة", []byte{0, 1}, 0.5); err != nil {
				return err
			}
			return tx.Exec(`INSERT INTO t (id, name, body, share) VALUES ($1, $2, $3, $4)`, 2, nil, nil, nil)
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = db.Read(ctx, func(tx *store.Tx) error {
			var name string
			var body []byte
			var share float64
			if found, err := tx.One(`SELECT name, body, share FROM t WHERE id = $1`, store.Args{1}, &name, &body, &share); !found || err != nil {
				t.Fatal(found, err)
			}
			if name != "Aïcha \u200f عائشة" || !bytes.Equal(body, []byte{0, 1}) || share != 0.5 {
				t.Errorf("got %q %v %v", name, body, share)
			}
			var none *string
			if found, err := tx.One(`SELECT name FROM t WHERE id = $1`, store.Args{2}, &none); !found || err != nil || none != nil {
				t.Errorf("NULL into a pointer: %v %v %v", found, err, none)
			}
			if found, _ := tx.One(`SELECT name FROM t WHERE id = $1`, store.Args{3}, &name); found {
				t.Error("a row that is not there was found")
			}
			return nil
		})
	})
}

func TestAFailedClosureLeavesNothingAndHarmsNobody(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		withTable(t, db)
		boom := errors.New("refused")
		var wg sync.WaitGroup
		var failed atomic.Int32
		for i := range 200 {
			wg.Go(func() {
				err := db.Write(context.Background(), func(tx *store.Tx) error {
					if err := tx.Exec(`INSERT INTO t (id, name) VALUES ($1, $2)`, i, "x"); err != nil {
						return err
					}
					switch i % 4 {
					case 1:
						return boom // a rule refuses
					case 2:
						panic("a mistake of programming")
					case 3:
						return tx.Exec(`INSERT INTO t (id, name) VALUES ($1, $2)`, i, "twice") // the database refuses
					}
					return nil
				})
				if err != nil {
					failed.Add(1)
				}
			})
		}
		wg.Wait()
		if failed.Load() != 150 || count(t, db) != 50 {
			t.Errorf("%d failed and %d rows are there, want 150 and 50", failed.Load(), count(t, db))
		}
	})
}

func TestACancelledRequestWritesNothingOrEverything(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		withTable(t, db)
		ctx, cancel := context.WithCancel(context.Background())
		err := db.Write(ctx, func(tx *store.Tx) error {
			cancel() // the client hangs up inside the group commit
			return tx.Exec(`INSERT INTO t (id) VALUES ($1)`, 1)
		})
		if err != nil || count(t, db) != 1 {
			t.Errorf("a command that began runs to its end: %v, %d rows", err, count(t, db))
		}
		if err := db.Write(ctx, func(*store.Tx) error { t.Error("ran after its cancellation"); return nil }); err == nil {
			t.Error("a command cancelled before it began must not run")
		}
	})
}

func TestHooksRunOncePerCommitAndUndoPerClosure(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		withTable(t, db)
		var after, undone atomic.Int32
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				_ = db.Write(context.Background(), func(tx *store.Tx) error {
					tx.Once("k", func() (any, func(*store.Tx) error) {
						return 0, func(tx *store.Tx) error {
							_, err := tx.Affect(`INSERT INTO t (id, name) VALUES ((SELECT coalesce(max(id), 0) + 1 FROM t), $1)`, "group")
							return err
						}
					})
					tx.OnCommit(func() { after.Add(1) })
					tx.OnRollback(func() { undone.Add(1) })
					if i%2 == 0 {
						return errors.New("refused")
					}
					return nil
				})
			})
		}
		wg.Wait()
		if after.Load() != 20 || undone.Load() < 20 {
			t.Errorf("OnCommit ran %d times, OnRollback %d", after.Load(), undone.Load())
		}
		if n := count(t, db); n < 1 || n > 20 {
			t.Errorf("%d group hooks for 20 successes", n)
		}
	})
}

func TestAQueryMayAskTheSameQueryWithin(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		withTable(t, db)
		err := db.Write(context.Background(), func(tx *store.Tx) error {
			for i := range 3 {
				if err := tx.Exec(`INSERT INTO t (id) VALUES ($1)`, i); err != nil {
					return err
				}
			}
			seen := 0
			const q = `SELECT id FROM t ORDER BY id`
			err := tx.Each(q, nil, func(*store.Row) error {
				return tx.Each(q, nil, func(*store.Row) error { seen++; return nil })
			})
			if seen != 9 {
				return fmt.Errorf("saw %d rows", seen)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestAnEditedMigrationIsRefused(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		withTable(t, db)
		withTable(t, db) // again changes nothing
		err := db.Migrate(context.Background(), []store.Migration{{Name: "test/1", SQL: tables + " "}})
		if err != nil {
			t.Errorf("white space is no change: %v", err)
		}
		if err := db.Migrate(context.Background(), []store.Migration{{Name: "test/1", SQL: "CREATE TABLE u (id BIGINT)"}}); err == nil {
			t.Error("a changed migration must be refused")
		}
	})
}

func TestTheWrongKeyIsAClearError(t *testing.T) {
	ctx := context.Background()
	c := store.Config{Path: filepath.Join(t.TempDir(), "a.db"), Key: [32]byte{1}}
	db, err := store.Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	withTable(t, db)
	if err := db.Write(ctx, func(tx *store.Tx) error { return tx.Exec(`INSERT INTO t (id, name) VALUES (1, $1)`, "Mariama Souley") }); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(ctx, c); fault.Code(err) != "store.in_use" {
		t.Errorf("a second process must be refused, got %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} {
		if b, _ := os.ReadFile(c.Path + suffix); bytes.Contains(b, []byte("Mariama")) {
			t.Errorf("the name stands in the clear in the file%s", suffix)
		}
	}
	c.Key[0] = 2
	if _, err := store.Open(ctx, c); fault.Code(err) != "store.wrong_key" {
		t.Errorf("got %v", err)
	}
}

func BenchmarkWrite(b *testing.B) {
	db, err := store.Open(context.Background(), testkit.NewConfig(b, store.SQLite))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	_ = db.Migrate(context.Background(), []store.Migration{{Name: "test/1", SQL: tables}})
	var id atomic.Int64
	b.SetParallelism(8)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			err := db.Write(context.Background(), func(tx *store.Tx) error {
				for range 4 {
					if err := tx.Exec(`INSERT INTO t (id, name) VALUES ($1, $2)`, id.Add(1), "some words of a usual length"); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
