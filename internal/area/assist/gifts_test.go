package assist

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

func TestWhatWasGivenIsSummedWithItsCorrections(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		d := newDesk(t, db)
		start := d.Clock.Now().UnixMilli()
		kits := func(n int) Record { return Record{Services: []Given{{Code: "hygiene_kit", Quantity: n}}} }
		sums := func(after int64, cuts ...int64) map[string]int {
			out := map[string]int{}
			err := d.DB.Read(ctx, func(tx *store.Tx) error {
				all, err := d.Service.Gifts(tx, ngr, agadez, after, cuts)
				last := after
				for _, g := range all {
					if g.At <= after {
						t.Errorf("a sum of before: %+v", g)
					}
					for _, c := range cuts {
						if last <= c && g.At > c {
							out["|"]++
							last = g.At
						}
					}
					out[g.Service] += g.N
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		d.mustRecord(t, volunteer, RecordInput{Record: kits(9)}) // at the moment itself: covered by the count
		d.Clock.Add(time.Minute)
		first := d.mustRecord(t, volunteer, RecordInput{Record: kits(2)})
		d.mustRecord(t, volunteer, RecordInput{Person: d.file(), Record: kits(1)})
		cut := d.Clock.Now().UnixMilli()
		d.Clock.Add(time.Minute)
		tally := kits(1)
		tally.Tally = map[string]int{"woman": 14, "boy": 6}
		twenty := d.mustRecord(t, volunteer, RecordInput{Record: tally})
		arrived, err := d.Arrive(ctx, volunteer, ArriveInput{Point: agadez, Arrive: Arrive{Kind: "vehicle", Size: map[string]int{"man": 30}, Services: []Given{{Code: "water", Quantity: 3}}}})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(map[string]int{"hygiene_kit": 23, "water": 90, "|": 1}, sums(start, cut)); d != "" {
			t.Error(d)
		}
		d.mustRecord(t, elsewhere, RecordInput{Point: arlit, Record: kits(5)})
		three := []Given{{Code: "hygiene_kit", Quantity: 3}}
		if _, err := d.Correct(ctx, volunteer, Correct{Contact: first.Contact, Change: CorrectedOpen{Services: &three, Why: "mistake"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Correct(ctx, volunteer, Correct{Contact: twenty.Contact, Undo: true}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Correct(ctx, volunteer, Correct{Contact: fact.As[fact.ContactOf](arrived.Arrival), Undo: true}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(map[string]int{"hygiene_kit": 4}, sums(start)); d != "" {
			t.Error(d)
		}
	})
}
