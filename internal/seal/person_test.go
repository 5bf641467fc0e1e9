package seal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/seal"
	"serai/internal/store"
	"serai/internal/testkit"
)

func write(t testing.TB, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func people(n int) (out []fact.PersonID) {
	for range n {
		out = append(out, fact.NewPersonID(time.Now()))
	}
	return out
}

func keyOf(t testing.TB, n *testkit.Node, p fact.PersonID) (k seal.Key) {
	t.Helper()
	write(t, n.DB, func(tx *store.Tx) (err error) {
		k, err = n.Keys.Ensure(tx, p, seal.T1)
		return err
	})
	return k
}

func TestASealedPartOpensWithEveryKeyAndNothingElse(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		n := testkit.NewNode(t, db)
		p := people(3)
		a, b, c := keyOf(t, n, p[0]), keyOf(t, n, p[1]), keyOf(t, n, p[2])
		aad, plain := []byte("id|kind|version"), []byte("Hadiza, 34, wound on the left foot")
		for name, keys := range map[string][]seal.Key{"about one": {a}, "about two": {a, b}} {
			t.Run(name, func(t *testing.T) {
				sealed, err := seal.Seal(keys, aad, plain)
				if err != nil {
					t.Fatal(err)
				}
				again, err := seal.Seal(keys, aad, plain)
				if err != nil || bytes.Equal(sealed, again) {
					t.Error("the same twice must not look the same")
				}
				if got, err := seal.Open(keys, aad, sealed); err != nil || !bytes.Equal(got, plain) {
					t.Errorf("%q %v", got, err)
				}
				handles, err := seal.Handles(sealed)
				if err != nil || len(handles) != len(keys) || handles[0] != a.Handle {
					t.Errorf("handles: %v %v", handles, err)
				}
				if bytes.Contains(sealed, []byte("Hadiza")) {
					t.Error("it stands in the clear")
				}
				for what, wrong := range map[string][]seal.Key{"one of two": {a}, "the other alone": {b}, "in the other order": {b, a}, "a stranger's": {c}, "a stranger and one": {a, c}, "none": {}} {
					if len(keys) == 1 && what == "one of two" {
						continue
					}
					if _, err := seal.Open(wrong, aad, sealed); err == nil {
						t.Errorf("opens with the keys: %s", what)
					}
				}
				if _, err := seal.Open(keys, []byte("another fact"), sealed); err == nil {
					t.Error("opens in another fact")
				}
				for i := range sealed {
					x := bytes.Clone(sealed)
					x[i] ^= 1
					// A changed handle is another key's name: who looks it up finds none, or one that does not open.
					if i >= 2 && i < 2+8*len(keys) {
						if h, err := seal.Handles(x); err == nil && h[0] == handles[0] && (len(h) == 1 || h[1] == handles[1]) {
							t.Errorf("byte %d: the handles are the same", i)
						}
						continue
					}
					if _, err := seal.Open(keys, aad, x); err == nil {
						t.Errorf("opens with byte %d changed", i)
					}
					if _, err := seal.Open(keys, aad, sealed[:i]); err == nil {
						t.Errorf("opens when cut at %d", i)
					}
				}
			})
		}
		if _, err := seal.Seal([]seal.Key{a, b, c}, aad, plain); err == nil {
			t.Error("a fact is about one or two persons")
		}
	})
}

func TestARotationThatWasInterruptedIsFinishedByTheNextStart(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		n := testkit.NewNode(t, db)
		ctx := context.Background()
		p := people(2500) // more than are wrapped at once
		handles := map[fact.PersonID]fact.Handle{}
		write(t, db, func(tx *store.Tx) error {
			for _, x := range p {
				k, err := n.Keys.Ensure(tx, x, seal.T1)
				if err != nil {
					return err
				}
				handles[x] = k.Handle
			}
			return nil
		})
		before := epochs(t, db)
		// The process ends after the first transaction of the rotation: the context is cut while the second waits.
		cut, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- n.Keys.RotateEpoch(cut, db) }()
		for len(epochs(t, db)) == 1 && epochs(t, db)[0] == before[0] {
			time.Sleep(time.Millisecond)
			if len(done) > 0 {
				break
			}
		}
		cancel()
		err := <-done
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		again := seal.NewPersons(n.Ring) // a new start: nothing in memory
		if err != nil && !again.RotationOpen() {
			t.Error("an interrupted rotation must be seen")
		}
		if err := again.FinishRotation(ctx, db); err != nil {
			t.Fatal(err)
		}
		if got := epochs(t, db); len(got) != 1 || got[0] == before[0] || again.RotationOpen() {
			t.Errorf("epochs: %v, before %v", got, before)
		}
		write(t, db, func(tx *store.Tx) error {
			for x, h := range handles {
				k, found, err := again.Of(tx, x, seal.T1)
				if err != nil || !found || k.Handle != h {
					return fmt.Errorf("the key of %s: %v %v", x, found, err)
				}
			}
			return nil
		})
	})
}

func epochs(t testing.TB, db *store.DB) (out []int) {
	t.Helper()
	err := db.Read(context.Background(), func(tx *store.Tx) error {
		return tx.Each(`SELECT epoch FROM seal_key GROUP BY epoch ORDER BY epoch`, nil, func(r *store.Row) error {
			out = append(out, 0)
			return r.Scan(&out[len(out)-1])
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What R7 promises: an old copy of the database with the keyring of today does not open what was dropped.
func TestAnOldCopyOfTheKeysDoesNotOpenAfterTheRotation(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		n := testkit.NewNode(t, db)
		p := people(2)
		handle := keyOf(t, n, p[0]).Handle
		keyOf(t, n, p[1])
		var wrapped []byte
		var epoch int64
		write(t, db, func(tx *store.Tx) error {
			_, err := tx.One(`SELECT wrapped, epoch FROM seal_key WHERE person = $1`, store.Args{p[0]}, &wrapped, &epoch)
			return err
		})
		write(t, db, func(tx *store.Tx) error { return n.Keys.Drop(tx, p[0], time.Now()) })
		if err := n.Keys.RotateEpoch(context.Background(), db); err != nil {
			t.Fatal(err)
		}
		write(t, db, func(tx *store.Tx) error { // the row of an old copy is put back
			return tx.Exec(`INSERT INTO seal_key (handle, person, tier, epoch, wrapped) VALUES ($1, $2, 1, $3, $4)`, handle.Bytes(), p[0], epoch, wrapped)
		})
		fresh := seal.NewPersons(n.Ring)
		err := db.Read(context.Background(), func(tx *store.Tx) error {
			if _, found, err := fresh.ByHandle(tx, handle); err == nil && found {
				t.Error("the key of somebody who was erased opens again")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestAReaderFromBeforeAnErasureBringsNoKeyBack(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		n := testkit.NewNode(t, db)
		p := people(1)[0]
		keyOf(t, n, p)
		n.Keys.Forget()
		err := db.Read(context.Background(), func(tx *store.Tx) error {
			var all int
			if _, err := tx.One(`SELECT count(*) FROM seal_key`, nil, &all); err != nil { // the view begins here
				return err
			}
			write(t, db, func(tx *store.Tx) error { return n.Keys.Drop(tx, p, time.Now()) })
			_, _, err := n.Keys.Of(tx, p, seal.T1)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Write(context.Background(), func(tx *store.Tx) error {
			_, err := n.Keys.Ensure(tx, p, seal.T1)
			return err
		})
		if fault.Code(err) != "people.erased" {
			t.Errorf("got %v", err)
		}
	})
}

func TestAKeyThatWasRolledBackIsNotRemembered(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		n := testkit.NewNode(t, db)
		p := people(1)[0]
		refused := errors.New("refused")
		var first seal.Key
		err := db.Write(context.Background(), func(tx *store.Tx) (err error) {
			if first, err = n.Keys.Ensure(tx, p, seal.T1); err != nil {
				return err
			}
			return refused
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		if second := keyOf(t, n, p); second.Handle == first.Handle {
			t.Error("a key that is in no table seals facts that nobody opens")
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	db, err := store.Open(context.Background(), testkit.NewConfig(b, store.SQLite))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	n := testkit.NewNode(b, db)
	p := people(2)
	keys := []seal.Key{keyOf(b, n, p[0]), keyOf(b, n, p[1])}
	plain, aad := make([]byte, 200), make([]byte, 19)
	for n := 1; n <= 2; n++ {
		b.Run(fmt.Sprintf("%d persons", n), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				sealed, err := seal.Seal(keys[:n], aad, plain)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := seal.Open(keys[:n], aad, sealed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
