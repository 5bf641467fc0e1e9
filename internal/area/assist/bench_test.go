package assist

import (
	"context"
	"testing"
	"time"

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

// BenchmarkGifts sums what was given at a busy point for its account of stock: of two weeks, as every look at the levels
// asks, and of a hundred and fifty days, for an item that nobody counted since.
func BenchmarkGifts(b *testing.B) {
	const days, daily = 150, 600
	for _, e := range testkit.Engines(b) {
		db, err := store.Open(context.Background(), testkit.NewConfig(b, e))
		if err != nil {
			b.Fatal(err)
		}
		defer db.Close()
		d := newDesk(b, db)
		today := fact.DayOf(d.Clock.Now())
		for day := range fact.Day(days) {
			err := db.Write(context.Background(), func(tx *store.Tx) error {
				for i := range daily {
					at := (today - day).Time().Add(8*time.Hour + time.Duration(i)*time.Minute)
					open := RecordedOpen{Point: agadez, Org: ngr, Day: today - day, Happened: at.UnixMilli(), Heads: []Head{{Sex: "F", Age: "18-29", N: 1}},
						Services: []Given{{Code: "water", Quantity: 3}, {Code: "hygiene_kit", Quantity: 1}}}
					if err := write(tx, base{contact: fact.NewContactID(at), open: open}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		for name, back := range map[string]time.Duration{"two weeks": 15, "all": days + 1} {
			b.Run(string(e)+"/"+name, func(b *testing.B) {
				for b.Loop() {
					err := db.Read(context.Background(), func(tx *store.Tx) error {
						all, err := d.Service.Gifts(tx, ngr, agadez, d.Clock.Now().Add(-back*24*time.Hour).UnixMilli(), nil)
						if len(all) == 0 {
							b.Fatal("nothing was given")
						}
						return err
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
