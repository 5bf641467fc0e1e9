package assist

import (
	"context"
	"testing"

	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

// BenchmarkRecord records contacts about known people, durable, sealed, with history question, access log, chain and
// projection, from sixteen callers.
func BenchmarkRecord(b *testing.B) {
	for _, e := range testkit.Engines(b) {
		b.Run(string(e), func(b *testing.B) {
			db, err := store.Open(context.Background(), testkit.NewConfig(b, e))
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			d := newDesk(b, db)
			people := make([]fact.PersonID, 500)
			for i := range people {
				people[i] = d.file()
			}
			b.ReportAllocs()
			b.ResetTimer()
			b.SetParallelism(8)
			b.RunParallel(func(p *testing.PB) {
				for i := 0; p.Next(); i++ {
					ctx := fact.WithRequest(context.Background(), fact.Request{Hash: [32]byte{1}})
					_, err := d.Record(ctx, volunteer, RecordInput{Point: agadez, Person: people[i%len(people)],
						Record: Record{ID: fact.NewContactID(d.Clock.Now()), Services: []Given{{Code: "food.meal", Quantity: 1}, {Code: "water", Quantity: 3}}}})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
