package view

import (
	"context"
	"testing"
	"time"

	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

// BenchmarkCount counts a month of 400,000 contacts, half of known people, with two lines each.
func BenchmarkCount(b *testing.B) {
	for _, e := range testkit.Engines(b) {
		b.Run(string(e), func(b *testing.B) {
			db, err := store.Open(context.Background(), testkit.NewConfig(b, e))
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			h := newHouse(b, db)
			people := make([]fact.PersonID, 50_000)
			for i := range people {
				people[i] = fact.NewPersonID(h.Clock.Now())
			}
			const contacts, group = 400_000, 4000
			for from := 0; from < contacts; from += group {
				h.write(b, func(tx *store.Tx) error {
					for i := from; i < from+group; i++ {
						h.Clock.Add(5 * time.Millisecond)
						n := note{day: (day(b, "2026-03-01") + fact.Day(i%30)).String(), given: []given{{"water", 2}, {"food.meal", 1}}, repeat: []string{"first", "before", "unsure", "not_asked"}[i%4]}
						if i%2 == 0 {
							n.person, n.repeat = people[i*7%len(people)], ""
						}
						n.heads = []head{{"F", []string{"0-4", "5-17", "18-29", "30-39"}[i%4], 1}}
						if err := h.put(tx, n); err != nil {
							return err
						}
					}
					return nil
				})
			}
			for name, by := range map[string][]string{"total": nil, "sex_age": {bySex, byAge}, "day_service": {byDay, byService}} {
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if c := h.count(b, manager, ask(b, by...)); c.Totals.Contacts == 0 {
							b.Fatal("nothing was counted")
						}
					}
				})
			}
		})
	}
}
