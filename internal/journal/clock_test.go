package journal_test

import (
	"context"
	"testing"
	"time"

	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

// A hub's clock is wrong after every long power cut. Nothing is refused for it, and order is never lost.
func TestAClockThatJumpsNeverTurnsOrderAround(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		n := testkit.NewNode(t, db, register)
		start := n.Clock.Now()
		var ids []fact.FactID
		jumps := []time.Duration{0, 10 * 365 * 24 * time.Hour, -10 * 365 * 24 * time.Hour, -56 * 365 * 24 * time.Hour, 0, time.Millisecond, -time.Millisecond}
		for i := range 70 {
			n.Clock.Set(start.Add(jumps[i%len(jumps)]))
			ids = append(ids, serve(t, n, fact.PersonID{}, ""))
			if i == 30 { // and a start of the program in between, when the clock is back
				var err error
				if n, err = testkit.StartNode(db, n.Ring, register); err != nil {
					t.Fatal(err)
				}
			}
		}
		feeds, err := n.Journal.Feeds(context.Background())
		if err != nil || len(feeds) != 1 {
			t.Fatal(feeds, err)
		}
		f, err := n.Journal.Frame(context.Background(), feeds[0].Feed, 0, 100)
		if err != nil || len(f.Facts) != len(ids) {
			t.Fatalf("%d facts: %v", len(f.Facts), err)
		}
		var last fact.Stamp
		for i, s := range f.Facts {
			var e fact.Envelope
			if err := fact.Decode(s.Envelope, &e); err != nil {
				t.Fatal(err)
			}
			if e.Stamp <= last || e.ID != ids[i] {
				t.Errorf("fact %d is stamped %s, after %s", i+1, e.Stamp, last)
			}
			last = e.Stamp
		}
		n.RebuildsAlike(t)
	})
}

func TestAnEditIsStampedAfterWhatItReplaces(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		n := testkit.NewNode(t, db, register)
		other := fact.ScopePoint(fact.PointByCode("NE-AGZ")) // another feed, whose own last stamp says nothing
		n.Clock.Add(10 * 365 * 24 * time.Hour)
		first := serve(t, n, fact.PersonID{}, "")
		n.Clock.Add(-20 * 365 * 24 * time.Hour)
		var stamps [2]fact.Stamp
		err := db.Write(context.Background(), func(tx *store.Tx) error {
			ids, err := n.Journal.Append(tx, served.New(fact.FactID{}, other, actor, servedOpen{"edit", 1}).Replacing(first))
			if err != nil {
				return err
			}
			for i, id := range []fact.FactID{first, ids[0]} {
				if _, err := tx.One(`SELECT stamp FROM journal_fact WHERE id = $1`, store.Args{id}, &stamps[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || stamps[1] <= stamps[0] {
			t.Errorf("the edit is stamped %s, what it replaces %s (%v)", stamps[1], stamps[0], err)
		}
	})
}
