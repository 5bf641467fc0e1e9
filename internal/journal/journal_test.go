package journal_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/journal"
	"serai/internal/seal"
	"serai/internal/store"
	"serai/internal/testkit"
)

type servedOpen struct {
	Service string `cbor:"1,keyasint"`
	N       int    `cbor:"2,keyasint"`
}

type servedSealed struct {
	Person fact.PersonID `cbor:"1,keyasint"`
	Name   string        `cbor:"2,keyasint"`
}

var served = fact.Define[servedOpen, servedSealed]("test.served", 1, 9001)

// register puts a small area on the node: one row a fact, with the person where the key is here.
func register(n *testkit.Node) {
	n.Journal.Tables("test", `CREATE TABLE test_served (fact BLOB PRIMARY KEY, service TEXT, n BIGINT, person BLOB, name TEXT)`)
	journal.Register(n.Journal, served, func(tx *store.Tx, f fact.Got[servedOpen, servedSealed]) error {
		var person, name any
		if f.Sealed != nil {
			person, name = f.Sealed.Person, f.Sealed.Name
		}
		return tx.Exec(`INSERT INTO test_served (fact, service, n, person, name) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (fact) DO UPDATE SET person = excluded.person, name = excluded.name`, f.ID, f.Open.Service, f.Open.N, person, name)
	})
}

var (
	actor = fact.Handle{7}
	org   = fact.ScopeOrg(fact.OrgByCode("NRC"))
)

func serve(t *testing.T, n *testkit.Node, person fact.PersonID, name string) fact.FactID {
	t.Helper()
	var id fact.FactID
	err := n.DB.Write(context.Background(), func(tx *store.Tx) error {
		f := served.New(fact.FactID{}, org, actor, servedOpen{"water", 2})
		if !person.IsZero() {
			f = served.About(fact.FactID{}, org, actor, servedOpen{"food.meal", 1}, servedSealed{person, name}, person)
		}
		ids, err := n.Journal.Append(tx, f)
		if err == nil {
			id = ids[0]
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func names(t *testing.T, n *testkit.Node) (all []string) {
	t.Helper()
	err := n.DB.Read(context.Background(), func(tx *store.Tx) error {
		return tx.Each(`SELECT coalesce(name, '') FROM test_served ORDER BY coalesce(name, '')`, nil, func(r *store.Row) error {
			var s string
			err := r.Scan(&s)
			all = append(all, s)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFactsChainAndRebuildAlike(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		n := testkit.NewNode(t, db, register)
		var wg sync.WaitGroup
		for i := range 120 {
			wg.Go(func() {
				var p fact.PersonID
				if i%3 > 0 {
					p = fact.NewPersonID(n.Clock.Now())
				}
				serve(t, n, p, fmt.Sprintf("Name %d", i))
			})
		}
		wg.Wait()
		n.RebuildsAlike(t)
		rep, err := n.Journal.Verify(context.Background())
		if err != nil || rep.Facts != 120 || rep.Checkpoints < 2 || rep.Unsigned >= 50 {
			t.Errorf("%+v %v", rep, err)
		}
		if err := n.Journal.Sign(context.Background()); err != nil {
			t.Fatal(err)
		}
		if rep, _ = n.Journal.Verify(context.Background()); rep.Unsigned != 0 || rep.Bad != "" {
			t.Errorf("after signing: %+v", rep)
		}
	})
}

func TestARefusedCommandLeavesNoGapInItsFeed(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		n := testkit.NewNode(t, db, register)
		var wg sync.WaitGroup
		for i := range 90 {
			wg.Go(func() {
				_ = n.DB.Write(context.Background(), func(tx *store.Tx) error {
					if _, err := n.Journal.Append(tx, served.New(fact.FactID{}, org, actor, servedOpen{"water", i})); err != nil {
						return err
					}
					if i%3 == 0 {
						return errors.New("refused after the append")
					}
					return nil
				})
			})
		}
		wg.Wait()
		rep, err := n.Journal.Verify(context.Background())
		if err != nil || rep.Bad != "" || rep.Facts != 60 {
			t.Errorf("%+v %v", rep, err)
		}
	})
}

func TestErasureTakesTheNameAndKeepsTheCount(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		n := testkit.NewNode(t, db, register)
		her, him := fact.NewPersonID(n.Clock.Now()), fact.NewPersonID(n.Clock.Now())
		serve(t, n, her, "Canary Hadiza")
		serve(t, n, him, "Ibrahim")
		serve(t, n, her, "Canary Hadiza")
		err := n.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := n.Journal.Erase(tx, her, org, fact.FactID{}, actor, "person_asked")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Journal.FinishErase(ctx); err != nil {
			t.Fatal(err)
		}
		if got := names(t, n); strings.Join(got, ",") != ",,Ibrahim" {
			t.Errorf("names after erasing: %q", got)
		}
		n.RebuildsAlike(t)
		if rep, _ := n.Journal.Verify(ctx); rep.Erased != 2 {
			t.Errorf("%+v", rep)
		}
		// Erasure beats a late key, and a new fact about her.
		err = n.DB.Write(ctx, func(tx *store.Tx) error {
			return n.Journal.AddKey(tx, her, seal.T1, fact.Handle{9}, [32]byte{1})
		})
		if fault.Code(err) != "people.erased" {
			t.Errorf("a late key: %v", err)
		}
		err = n.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := n.Journal.Append(tx, served.About(fact.FactID{}, org, actor, servedOpen{"water", 1}, servedSealed{her, "again"}, her))
			return err
		})
		if fault.Code(err) != "people.erased" {
			t.Errorf("a new fact: %v", err)
		}
	})
}

func TestAnAlteredFactIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ sql, want string }{
		"an open part that was changed":     {`UPDATE journal_fact SET opened = (SELECT opened FROM journal_fact WHERE seq = 1) WHERE seq = 30`, "fact 30"},
		"a sealed part that was exchanged":  {`UPDATE journal_fact SET sealed = (SELECT sealed FROM journal_fact WHERE seq = 1) WHERE seq = 31`, "fact 31"},
		"a fact in the middle that is gone": {`DELETE FROM journal_fact WHERE seq = 10`, "number 10 is missing"},
		"facts at the end that are gone":    {`DELETE FROM journal_fact WHERE seq > 55`, "facts at the end are missing"},
		"a forged checkpoint":               {`UPDATE journal_checkpoint SET hash = (SELECT hash FROM journal_fact WHERE seq = 3)`, "not signed by its node"},
		"a row that contradicts its bytes":  {`UPDATE journal_fact SET kind = 5 WHERE seq = 40`, "fact 40"},
	} {
		t.Run(name, func(t *testing.T) {
			testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
				n := testkit.NewNode(t, db, register)
				serve(t, n, fact.PersonID{}, "")
				for range 59 {
					serve(t, n, fact.NewPersonID(n.Clock.Now()), "x")
				}
				if err := db.Write(context.Background(), func(tx *store.Tx) error { return tx.Exec(c.sql) }); err != nil {
					t.Fatal(err)
				}
				rep, err := n.Journal.Verify(context.Background())
				if err != nil || !strings.Contains(rep.Bad, c.want) {
					t.Errorf("got %q %v, want %q", rep.Bad, err, c.want)
				}
			})
		})
	}
}

func TestACommandRunsOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		n := testkit.NewNode(t, db, register)
		do := func(ctx context.Context, id fact.FactID) (bool, error) {
			_, replayed, err := n.Journal.Do(ctx, actor, id, func(tx *store.Tx) ([]fact.FactID, error) {
				return n.Journal.Append(tx, served.New(id, org, actor, servedOpen{"water", 1}))
			})
			return replayed, err
		}
		id := fact.NewFactID(n.Clock.Now())
		ctx := fact.WithRequest(context.Background(), fact.Request{Hash: [32]byte{1}})
		other := fact.WithRequest(context.Background(), fact.Request{Hash: [32]byte{2}})
		if replayed, err := do(ctx, id); replayed || err != nil {
			t.Fatal(replayed, err)
		}
		if replayed, err := do(ctx, id); !replayed || err != nil {
			t.Errorf("a repeat: %v %v", replayed, err)
		}
		if _, err := do(other, id); fault.Code(err) != "id_taken" {
			t.Errorf("other content under the same id: %v", err)
		}
		if _, err := do(context.Background(), id); fault.Code(err) != "id_taken" {
			t.Errorf("the same id without memory of the request: %v", err)
		}
		keyed := fact.WithRequest(context.Background(), fact.Request{Key: "k", Hash: [32]byte{1}})
		for i := range 2 {
			if replayed, err := do(keyed, fact.FactID{}); replayed != (i == 1) || err != nil {
				t.Errorf("with a key, time %d: %v %v", i, replayed, err)
			}
		}
		if len(names(t, n)) != 2 {
			t.Errorf("%d rows, want 2", len(names(t, n)))
		}
	})
}
