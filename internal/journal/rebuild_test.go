package journal_test

import (
	"context"
	"testing"

	"serai/internal/journal"
	"serai/internal/store"
	"serai/internal/testkit"
)

func TestARebuildLeavesEveryIndex(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		n := testkit.NewNode(t, db, register, func(n *testkit.Node) {
			n.Journal.Tables("indexed", `CREATE TABLE indexed (a BIGINT PRIMARY KEY, b BIGINT NOT NULL);
CREATE INDEX indexed_now ON indexed (b);
CREATE INDEX /*later*/ indexed_later ON indexed (b, a) WHERE b > 0`)
		})
		ctx := context.Background()
		there := func() (names []string) {
			t.Helper()
			sql := `SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'indexed\_%' ESCAPE '\' ORDER BY name`
			if db.Engine() == store.Postgres {
				sql = `SELECT indexname::text FROM pg_indexes WHERE indexname IN ('indexed_now', 'indexed_later') ORDER BY indexname`
			}
			if err := db.Read(ctx, func(tx *store.Tx) error {
				return tx.Each(sql, nil, func(r *store.Row) error {
					names = append(names, "")
					return r.Scan(&names[len(names)-1])
				})
			}); err != nil {
				t.Fatal(err)
			}
			return names
		}
		for range 3 {
			if got := there(); len(got) != 2 || got[0] != "indexed_later" || got[1] != "indexed_now" {
				t.Fatalf("indexes: %q", got)
			}
			if err := n.Journal.Rebuild(ctx, journal.Rebuild{}); err != nil {
				t.Fatal(err)
			}
		}
		rebuilt := false
		if err := n.Journal.Start(ctx, func(int64, int64) { rebuilt = true }); err != nil || rebuilt {
			t.Errorf("the tables are taken for old ones: %v %v", rebuilt, err)
		}
	})
}
