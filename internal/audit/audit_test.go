package audit_test

import (
	"context"
	"testing"
	"time"

	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

func TestErasingAPersonKeepsTheEntryAndForgetsWhom(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		if err := db.Migrate(ctx, audit.Migrations); err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		log := audit.New(db, func() time.Time { return now })
		a, b := fact.NewPersonID(now), fact.NewPersonID(now)
		for _, e := range []audit.Entry{
			{Actor: fact.Handle{1}, Action: "people.read", Person: a, Outcome: audit.Seen},
			{Actor: fact.Handle{2}, Action: "people.read", Person: b, Outcome: audit.Seen},
			{Actor: fact.Handle{3}, Action: "people.erase", Person: a, Outcome: audit.Refused, Code: "access.not_yours"},
			{Actor: fact.Handle{3}, Action: "accounts.manage", Outcome: audit.Refused, Code: "access.not_yours"},
		} {
			if err := log.Look(ctx, e); err != nil {
				t.Fatal(err)
			}
		}
		read := func() (of, all []audit.Entry) {
			_ = db.Read(ctx, func(tx *store.Tx) (err error) {
				if of, err = log.Of(tx, a, 10); err != nil {
					t.Fatal(err)
				}
				if all, err = log.Since(tx, 0, 10); err != nil {
					t.Fatal(err)
				}
				return nil
			})
			return of, all
		}
		of, all := read()
		if len(of) != 2 || of[0].Outcome != audit.Refused || of[1].Actor != (fact.Handle{1}) || len(all) != 4 {
			t.Fatalf("before: %d about her, %d in all", len(of), len(all))
		}
		if err := db.Write(ctx, func(tx *store.Tx) error { return log.Forget(tx, a) }); err != nil {
			t.Fatal(err)
		}
		of, all = read()
		if len(of) != 0 || len(all) != 4 || !all[0].Person.IsZero() || all[1].Person != b {
			t.Errorf("after: %d about her, %d in all: %+v", len(of), len(all), all)
		}
	})
}
