package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"serai/internal/store"
	"serai/internal/testkit"
)

func TestAStreamFetchesEveryRowAndMayAskMeanwhile(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		withTable(t, db)
		ctx := context.Background()
		const rows = 5000
		err := db.Write(ctx, func(tx *store.Tx) error {
			for i := range rows {
				if err := tx.Exec(`INSERT INTO t (id, name) VALUES ($1, $2)`, i, "a name"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time over cached statements
			err = db.Read(ctx, func(tx *store.Tx) error {
				if columns, err := tx.Columns("t"); err != nil || strings.Join(columns, " ") != "id name body share" {
					t.Errorf("columns: %q %v", columns, err)
				}
				if columns, err := tx.Columns("nothing"); err != nil || len(columns) != 0 {
					t.Errorf("columns of no table: %q %v", columns, err)
				}
				var got []int
				err := tx.Stream(`SELECT id FROM t WHERE id >= $1 ORDER BY id`, store.Args{10}, func(r *store.Row) error {
					var id int
					if err := r.Scan(&id); err != nil {
						return err
					}
					got = append(got, id)
					if id%1000 == 0 {
						var name string
						if found, err := tx.One(`SELECT name FROM t WHERE id = $1`, store.Args{id}, &name); !found || err != nil {
							t.Errorf("asked within a stream: %v %v", found, err)
						}
					}
					return nil
				})
				if len(got) != rows-10 || !slices.IsSorted(got) {
					t.Errorf("%d rows, want %d", len(got), rows-10)
				}
				if err != nil {
					return err
				}
				enough := errors.New("enough")
				if err := tx.Stream(`SELECT name FROM t`, nil, func(*store.Row) error { return enough }); !errors.Is(err, enough) {
					t.Errorf("the stream's own error: %v", err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
