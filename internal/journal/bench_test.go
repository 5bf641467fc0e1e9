package journal_test

import (
	"context"
	"sync/atomic"
	"testing"

	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

// BenchmarkAppend appends contacts as sixteen desks do, each in a command of its own; the numbers of a group commit.
func BenchmarkAppend(b *testing.B) {
	for _, about := range []struct {
		name   string
		person bool
	}{{"nobody", false}, {"a new person", true}} {
		b.Run(about.name, func(b *testing.B) {
			for _, e := range testkit.Engines(b) {
				b.Run(string(e), func(b *testing.B) {
					db, err := store.Open(context.Background(), testkit.NewConfig(b, e))
					if err != nil {
						b.Fatal(err)
					}
					defer db.Close()
					n := testkit.NewNode(b, db, register)
					var seq atomic.Int64
					b.SetParallelism(8)
					b.ReportAllocs()
					b.ResetTimer()
					b.RunParallel(func(p *testing.PB) {
						for p.Next() {
							i := seq.Add(1)
							id := fact.NewFactID(n.Clock.Now())
							ctx := fact.WithRequest(context.Background(), fact.Request{Hash: [32]byte{byte(i), byte(i >> 8)}})
							_, _, err := n.Journal.Do(ctx, actor, id, func(tx *store.Tx) ([]fact.FactID, error) {
								f := served.New(id, org, actor, servedOpen{"water", int(i)})
								if about.person {
									p := fact.NewPersonID(n.Clock.Now())
									f = served.About(id, org, actor, servedOpen{"food.meal", 1}, servedSealed{p, "a name of usual length"}, p)
								}
								return n.Journal.Append(tx, f)
							})
							if err != nil {
								b.Fatal(err)
							}
						}
					})
					b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commands/s")
				})
			}
		})
	}
}
