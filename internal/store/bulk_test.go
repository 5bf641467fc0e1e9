package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serai/internal/store"
	"serai/internal/testkit"
)

const bulkTables = `CREATE TABLE a (id BIGINT PRIMARY KEY, name TEXT, body BLOB, share DOUBLE PRECISION);
CREATE TABLE b (id BLOB NOT NULL, code TEXT NOT NULL, n BIGINT, PRIMARY KEY (id, code)) /*clustered*/`

// some runs statements of every form that projectors use, many of them over the same few rows.
func some(tx *store.Tx, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 9))
	maybe := func(v any) any {
		if r.IntN(4) == 0 {
			return nil
		}
		return v
	}
	for i := range 3000 {
		id, key, code := r.IntN(300), []byte{byte(r.IntN(60))}, fmt.Sprint("c", r.IntN(4))
		var err error
		switch r.IntN(9) {
		case 0, 1, 2:
			err = tx.Exec(`INSERT INTO a (id, name, body, share) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET name = coalesce(excluded.name, a.name), body = excluded.body, share = a.share + excluded.share`,
				id, maybe(fmt.Sprint("Aïcha ", i)), maybe([]byte{1, byte(i)}), maybe(float64(i)/4))
		case 3:
			err = tx.Exec(`INSERT INTO b (id, code, n) VALUES ($1, $2, $3) ON CONFLICT (id, code) DO NOTHING`, key, code, maybe(i))
		case 4:
			err = tx.Exec(`INSERT INTO b (id, code, n) VALUES ($1, $2, $3), ($1, $4, $3) ON CONFLICT (id, code) DO NOTHING`, key, code, i, code+"'")
		case 5:
			err = tx.Exec(`INSERT INTO b (id, code, n) VALUES ($1, $2, 7) ON CONFLICT (id, code) DO UPDATE SET n = b.n + 1`, key, code)
		case 6:
			err = tx.Exec(`DELETE FROM b WHERE id = $1`, key)
		case 7:
			err = tx.Exec(`UPDATE a SET name = $2 WHERE id = $1`, id, code)
		case 8:
			err = tx.Exec(`UPDATE a SET share = (SELECT max(n) FROM b WHERE id = $2) WHERE id = $1`, id, key)
		}
		if err != nil {
			return err
		}
		if r.IntN(200) == 0 {
			var n int
			if _, err := tx.One(`SELECT count(*) FROM b`, nil, &n); err != nil {
				return err
			}
			if err := tx.Exec(`INSERT INTO a (id, share) VALUES ($1, $2)`, 1000+i, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestABulkLeavesWhatTheStatementsLeaveOneByOne(t *testing.T) {
	ctx := context.Background()
	rows := func(t *testing.T, db *store.DB) (out []string) {
		t.Helper()
		err := db.Read(ctx, func(tx *store.Tx) error {
			for _, sql := range []string{`SELECT id, name, body, share FROM a`, `SELECT id, code, n FROM b`} {
				if err := tx.Each(sql, nil, func(r *store.Row) error { out = append(out, fmt.Sprintf("%#v", r.Values())); return nil }); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(out)
		return out
	}
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		for seed := range uint64(5) {
			var got [2][]string
			for i, write := range []func(context.Context, func(*store.Tx) error) error{db.Write, db.WriteBulk} {
				if err := db.Write(ctx, func(tx *store.Tx) error {
					return errors.Join(tx.Script(`DROP TABLE IF EXISTS a; DROP TABLE IF EXISTS b`), tx.Script(bulkTables))
				}); err != nil {
					t.Fatal(err)
				}
				if err := write(ctx, func(tx *store.Tx) error { return some(tx, seed) }); err != nil {
					t.Fatal(err)
				}
				got[i] = rows(t, db)
			}
			if d := cmp.Diff(got[0], got[1]); d != "" || len(got[0]) < 100 {
				t.Fatalf("seed %d, %d rows: a bulk differs (-one by one +bulk):\n%s", seed, len(got[0]), d)
			}
		}
	})
}

func TestABulkThatFailsLeavesNothingAndSaysWhy(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		withTable(t, db)
		ctx := context.Background()
		insert := func(tx *store.Tx, id int) error {
			return tx.Exec(`INSERT INTO t (id, name) VALUES ($1, $2)`, id, "Hadiza")
		}
		own := errors.New("own")
		for name, c := range map[string]struct {
			fn   func(tx *store.Tx) error
			want func(error) bool
		}{
			"its own error": {func(tx *store.Tx) error { return errors.Join(insert(tx, 1), own) }, func(err error) bool { return errors.Is(err, own) }},
			"its own error after a read": {func(tx *store.Tx) error {
				var n int
				_, err := tx.One(`SELECT count(*) FROM t`, nil, &n)
				return errors.Join(insert(tx, 1), err, own)
			}, func(err error) bool { return errors.Is(err, own) }},
			"the same row twice": {func(tx *store.Tx) error {
				for i := range 3000 {
					if err := insert(tx, i%2000); err != nil {
						return err
					}
				}
				return nil
			}, func(err error) bool {
				return err != nil && strings.Contains(err.Error(), "INSERT INTO t") && !strings.Contains(err.Error(), "Hadiza")
			}},
			"a panic": {func(tx *store.Tx) error { _ = insert(tx, 1); panic("a fault") }, func(err error) bool { return err != nil }},
		} {
			if err := db.WriteBulk(ctx, c.fn); !c.want(err) {
				t.Errorf("%s: %v", name, err)
			}
			if n := count(t, db); n != 0 {
				t.Errorf("%s: %d rows are left", name, n)
			}
		}
		if err := db.WriteBulk(ctx, func(tx *store.Tx) error { return insert(tx, 1) }); err != nil || count(t, db) != 1 {
			t.Errorf("a bulk after those that failed: %v, %d rows", err, count(t, db))
		}
	})
}

func TestALongListIsAskedInParts(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		withTable(t, db)
		ctx := context.Background()
		if err := db.WriteBulk(ctx, func(tx *store.Tx) error {
			for i := range 2000 {
				if err := tx.Exec(`INSERT INTO t (id) VALUES ($1)`, i); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 1, 2, 3, 499, 500, 501, 1333} {
			var list store.Args
			for i := range n {
				list = append(list, 2*i)
			}
			got := 0
			if err := db.Read(ctx, func(tx *store.Tx) error {
				return tx.EachOf(`SELECT id FROM t WHERE id IN (LIST)`, list, func(*store.Row) error { got++; return nil })
			}); err != nil || got != min(n, 1000) {
				t.Errorf("of %d values %d are there: %v", n, got, err)
			}
		}
	})
}
