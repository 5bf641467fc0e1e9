package journal_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serai/internal/fact"
	"serai/internal/journal"
	"serai/internal/store"
	"serai/internal/testkit"
)

func edit(n int, stamp int, value string, replaces ...int) journal.Edit {
	e := journal.Edit{Subject: []byte("a point"), Field: "name", Fact: factNo(n), Stamp: fact.Stamp(stamp), Actor: fact.Handle{byte(n)}, Value: []byte(value)}
	for _, r := range replaces {
		e.Replaces = append(e.Replaces, factNo(r))
	}
	return e
}

func factNo(n int) fact.FactID {
	id, _ := fact.FromBytes[byte](append(make([]byte, 15), byte(n)))
	var out fact.FactID
	_ = out.UnmarshalBinary(id.Bytes())
	return out
}

func TestHeads(t *testing.T) {
	tests := []struct {
		name  string
		edits []journal.Edit
		want  []string // values of the heads, the one that shows first
	}{
		{"one edit is the head", []journal.Edit{edit(1, 10, "Agadez")}, []string{"Agadez"}},
		{"an edit that names another ends it", []journal.Edit{edit(1, 10, "Agadez"), edit(2, 20, "Agades", 1)}, []string{"Agades"}},
		{"parents decide, even against the stamp", []journal.Edit{edit(1, 90, "Agadez"), edit(2, 20, "Agades", 1)}, []string{"Agades"}},
		{"two edits that did not know of each other are both heads, the later stamp shows",
			[]journal.Edit{edit(1, 10, "Agadez"), edit(2, 20, "east", 1), edit(3, 30, "west", 1)}, []string{"west", "east"}},
		{"equal stamps are decided by the id", []journal.Edit{edit(1, 10, "low"), edit(2, 10, "high")}, []string{"high", "low"}},
		{"a resolution names all heads", []journal.Edit{edit(2, 20, "east"), edit(3, 30, "west"), edit(4, 40, "both", 2, 3)}, []string{"both"}},
		{"an edit whose parent never came is a head", []journal.Edit{edit(2, 20, "east", 1)}, []string{"east"}},
		{"a copy with a lower stamp counts by it", []journal.Edit{edit(1, 50, "copied"), edit(1, 10, "copied"), edit(2, 20, "other")}, []string{"other", "copied"}},
		{"a fact that says it ends itself does not vanish", []journal.Edit{edit(1, 10, "here", 1)}, []string{"here"}},
	}
	heads := journal.NewHeads("test_head")
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		if err := db.Write(context.Background(), func(tx *store.Tx) error { return tx.Script(heads.DDL()) }); err != nil {
			t.Fatal(err)
		}
		for i, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				random := rand.New(rand.NewPCG(uint64(i), uint64(time.Now().Year())))
				for round := range 6 {
					edits := append([]journal.Edit(nil), test.edits...)
					if round > 0 {
						edits = append(edits, test.edits...)
						random.Shuffle(len(edits), func(a, b int) { edits[a], edits[b] = edits[b], edits[a] })
					}
					subject := []byte(fmt.Sprintf("%s %d", test.name, round))
					err := db.Write(context.Background(), func(tx *store.Tx) error {
						for _, e := range edits {
							e.Subject = subject
							if err := heads.Apply(tx, e); err != nil {
								return err
							}
						}
						got, err := heads.Field(tx, subject, "name")
						if err != nil {
							return err
						}
						all, err := heads.Of(tx, subject)
						if err != nil {
							return err
						}
						var values []string
						for _, h := range got {
							values = append(values, string(h.Value))
						}
						if d := cmp.Diff(test.want, values); d != "" {
							t.Errorf("round %d (-want +got):\n%s", round, d)
						}
						if d := cmp.Diff(got, all, cmp.Comparer(func(a, b fact.FactID) bool { return a == b })); d != "" {
							t.Errorf("one field and all fields differ:\n%s", d)
						}
						return nil
					})
					if err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	})
}
