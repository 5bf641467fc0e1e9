package backup_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/journal"
	"serai/internal/journal/backup"
	"serai/internal/seal"
	"serai/internal/store"
	"serai/internal/testkit"
)

type keptOpen struct {
	N int `cbor:"1,keyasint"`
}

type keptSealed struct {
	Name string `cbor:"1,keyasint"`
}

var (
	kept  = fact.Define[keptOpen, keptSealed]("test.kept", 1, 9011)
	scope = fact.ScopeOrg(fact.OrgByCode("NRC"))
)

func register(n *testkit.Node) {
	n.Journal.Tables("kept", `CREATE TABLE kept_row (fact BLOB PRIMARY KEY, n BIGINT, name TEXT)`)
	journal.Register(n.Journal, kept, func(tx *store.Tx, f fact.Got[keptOpen, keptSealed]) error {
		var name any
		if f.Sealed != nil {
			name = f.Sealed.Name
		}
		return tx.Exec(`INSERT INTO kept_row (fact, n, name) VALUES ($1, $2, $3) ON CONFLICT (fact) DO UPDATE SET name = excluded.name`, f.ID, f.Open.N, name)
	})
}

var plainStep = store.Migration{Name: "backup_test/0001", SQL: `CREATE TABLE backup_plain (id BIGINT PRIMARY KEY, a TEXT, b BLOB, c DOUBLE PRECISION, d BIGINT);
CREATE TABLE backup_session (id BIGINT PRIMARY KEY)`}

func migrations() []store.Migration {
	var all []store.Migration
	for _, m := range [][]store.Migration{seal.Migrations, journal.Migrations, audit.Migrations, {plainStep}} {
		all = append(all, m...)
	}
	return all
}

// world is a node with people in it, its ledger, and the recovery identity.
type world struct {
	*testkit.Node
	dir      string
	ledger   *seal.Ledger
	identity *age.X25519Identity
	people   []fact.PersonID
}

func newWorld(t *testing.T, db *store.DB, people int) *world {
	t.Helper()
	ctx := context.Background()
	w := &world{Node: testkit.NewNode(t, db, register), dir: t.TempDir()}
	var err error
	if w.ledger, err = seal.OpenLedger(w.dir, w.Ring, w.Clock.Now); err != nil {
		t.Fatal(err)
	}
	w.Journal.Ledger = w.ledger
	if w.identity, err = age.GenerateX25519Identity(); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(ctx, []store.Migration{plainStep}); err != nil {
		t.Fatal(err)
	}
	err = db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.Exec(`INSERT INTO backup_plain (id, a, b, c, d) VALUES ($1, $2, $3, $4, $5), ($6, NULL, NULL, NULL, NULL)`, 1, "عائشة", []byte{0, 255}, 0.1, int64(-1)<<63, 2); err != nil {
			return err
		}
		if err := tx.Exec(`INSERT INTO backup_session (id) VALUES (1)`); err != nil {
			return err
		}
		for i := range people {
			p := fact.NewPersonID(w.Clock.Now())
			w.people = append(w.people, p)
			if _, err := w.Journal.Append(tx, kept.About(fact.FactID{}, scope, fact.Handle{1}, keptOpen{i}, keptSealed{fmt.Sprintf("Canary %d", i)}, p)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) node() backup.Node {
	return backup.Node{DB: w.DB, Ring: w.Ring, Journal: w.Journal, Ledger: w.ledger, Migrations: migrations(), Skip: []string{"backup_session"}, Now: w.Clock.Now}
}

func (w *world) backup(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "night.serai-backup")
	rep, err := backup.Write(context.Background(), w.node(), path, w.identity.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	if rep.Facts != rep.Rows["journal_fact"] || rep.Bytes == 0 || rep.Node != w.Ring.Node().String() {
		t.Errorf("report: %+v", rep)
	}
	return path
}

func (w *world) erase(t *testing.T, p fact.PersonID) {
	t.Helper()
	ctx := context.Background()
	err := w.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := w.Journal.Erase(tx, p, scope, fact.FactID{}, fact.Handle{1}, "person_asked")
		return err
	})
	if err == nil {
		err = w.Journal.FinishErase(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) restore(t testing.TB, from string, c store.Config) backup.Restore {
	return backup.Restore{
		From: from, Identity: w.identity.String(), Data: filepath.Join(t.TempDir(), "data"), Migrations: migrations(), Now: w.Clock.Now,
		Ledger: bytes.NewReader(w.ledger.Bytes()),
		Database: func(dir string, key [32]byte) store.Config {
			if c.DSN != "" {
				return c
			}
			return store.Config{Path: filepath.Join(dir, "serai.db"), Key: key}
		},
	}
}

// reopen starts the restored node, which fills its projections anew.
func (w *world) reopen(t *testing.T, r backup.Restore) *testkit.Node {
	t.Helper()
	ring, err := seal.UnlockIdentity(r.Data, w.identity.String())
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(context.Background(), r.Database(r.Data, ring.DatabaseKey()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	n, err := testkit.StartNode(db, ring, register)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func dump(t *testing.T, n *testkit.Node) map[string][]string {
	t.Helper()
	d, err := n.Journal.Dump(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func rows(t *testing.T, db *store.DB, sql string) (out []string) {
	t.Helper()
	err := db.Read(context.Background(), func(tx *store.Tx) error {
		return tx.Each(sql, nil, func(r *store.Row) error {
			out = append(out, fmt.Sprintf("%#v", r.Values()))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatIsRestoredIsWhatWasThere(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 300)
		w.erase(t, w.people[0])
		path := w.backup(t)
		for _, engine := range testkit.Engines(t) { // a backup moves from one engine to the other as well
			t.Run("into "+string(engine), func(t *testing.T) {
				r := w.restore(t, path, testkit.NewConfig(t, engine))
				got, err := r.Run(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				if got.ErasedAgain != 0 || got.Waived || got.Bad != "" || got.Facts != 301 || got.Erased != 1 {
					t.Errorf("%+v", got)
				}
				n := w.reopen(t, r)
				if d := cmp.Diff(dump(t, w.Node), dump(t, n)); d != "" {
					t.Errorf("projections differ (-was +restored):\n%s", d)
				}
				for _, sql := range []string{`SELECT * FROM backup_plain ORDER BY id`, `SELECT seq, id, envelope, opened, sealed, hash FROM journal_fact ORDER BY pos`, `SELECT * FROM seal_erased`} {
					if d := cmp.Diff(rows(t, w.DB, sql), rows(t, n.DB, sql)); d != "" {
						t.Errorf("%s (-was +restored):\n%s", sql, d)
					}
				}
				if n.Ring.Incarnation() == w.Ring.Incarnation() || n.Ring.Node() != w.Ring.Node() {
					t.Error("a restored node keeps its id and draws a new incarnation")
				}
				n.RebuildsAlike(t)
				if err := db.Write(context.Background(), func(tx *store.Tx) error { return nil }); err != nil {
					t.Error(err)
				}
				if l, err := seal.OpenLedger(r.Data, n.Ring, n.Clock.Now); err != nil || l.Entries()[len(l.Entries())-1].What != "restored" {
					t.Errorf("the ledger of the restored node: %v", err)
				}
			})
		}
	})
}

func TestWhoWasErasedStaysErased(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 20)
		old := bytes.Clone(w.ledger.Bytes())
		path := w.backup(t)
		w.erase(t, w.people[3])
		w.erase(t, w.people[4])
		cases := []struct {
			name, code string
			change     func(*backup.Restore)
		}{
			{"without a ledger it stays locked", "backup.locked", func(r *backup.Restore) { r.Ledger = nil }},
			{"a ledger older than the backup is refused", "backup.ledger_old", func(r *backup.Restore) { r.Ledger = bytes.NewReader(old) }},
			{"a ledger with a line taken out is refused", "seal.ledger_broken", func(r *backup.Restore) {
				lines := strings.SplitAfter(string(w.ledger.Bytes()), "\n")
				r.Ledger = strings.NewReader(strings.Join(append(lines[:2:2], lines[3:]...), ""))
			}},
			{"the ledger of another node is refused", "backup.ledger_of_other", func(r *backup.Restore) {
				ring, err := seal.Create(t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				l, err := seal.OpenLedger(t.TempDir(), ring, time.Now)
				if err != nil {
					t.Fatal(err)
				}
				r.Ledger = bytes.NewReader(l.Bytes())
			}},
			{"a waiver without a reason is refused", "seal.bad_waiver", func(r *backup.Restore) { r.Ledger, r.Waiver = nil, &backup.Waiver{By: "A. Moussa"} }},
			{"another identity opens nothing", "backup.wrong_identity", func(r *backup.Restore) {
				id, _ := age.GenerateX25519Identity()
				r.Identity = id.String()
			}},
			{"words are no identity", "seal.bad_identity", func(r *backup.Restore) { r.Identity = "open sesame" }},
			{"a data directory in use is left alone", "backup.not_empty", func(r *backup.Restore) {
				r.Data = t.TempDir()
				if err := os.WriteFile(filepath.Join(r.Data, "keyring"), []byte("x"), 0o600); err != nil {
					t.Fatal(err)
				}
			}},
			{"a program that is too old refuses", "backup.newer", func(r *backup.Restore) { r.Migrations = r.Migrations[:len(r.Migrations)-1] }},
			{"a file that is not there is said", "backup.no_file", func(r *backup.Restore) { r.From += ".gone" }},
		}
		engine := db.Engine()
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				r := w.restore(t, path, testkit.NewConfig(t, engine))
				c.change(&r)
				if _, err := r.Run(context.Background()); fault.Code(err) != c.code {
					t.Errorf("got %v, want %s", err, c.code)
				}
				if entries, _ := os.ReadDir(r.Data); c.code != "backup.not_empty" && len(entries) > 0 {
					t.Errorf("a refused restore left %v", entries)
				}
			})
		}
		t.Run("with the ledger she is erased again", func(t *testing.T) {
			r := w.restore(t, path, testkit.NewConfig(t, engine))
			got, err := r.Run(context.Background())
			if err != nil || got.ErasedAgain != 2 || got.Bad != "" {
				t.Fatalf("%+v %v", got, err)
			}
			n := w.reopen(t, r)
			all := fmt.Sprint(dump(t, n))
			if strings.Contains(all, "Canary 3\"") || strings.Contains(all, "Canary 4\"") || !strings.Contains(all, "Canary 5\"") {
				t.Error("the wrong people are there")
			}
			if len(rows(t, n.DB, `SELECT fact FROM kept_row`)) != 20 {
				t.Error("what was counted must stay counted")
			}
			n.RebuildsAlike(t)
		})
		t.Run("a waiver brings her back and says who answers for it", func(t *testing.T) {
			r := w.restore(t, path, testkit.NewConfig(t, engine))
			r.Ledger, r.Waiver = nil, &backup.Waiver{By: "A. Moussa, programme manager", Reason: "the ledger burnt with the laptop"}
			got, err := r.Run(context.Background())
			if err != nil || !got.Waived || got.ErasedAgain != 0 {
				t.Fatalf("%+v %v", got, err)
			}
			n := w.reopen(t, r)
			if !strings.Contains(fmt.Sprint(dump(t, n)), "Canary 3\"") {
				t.Error("the backup was not applied")
			}
			l, err := seal.OpenLedger(r.Data, n.Ring, n.Clock.Now)
			if err != nil {
				t.Fatal(err)
			}
			last := l.Entries()[len(l.Entries())-1]
			if by, why, ok := l.Waiver(last); !ok || by != r.Waiver.By || why != r.Waiver.Reason {
				t.Errorf("the waiver in the ledger: %q %q %v", by, why, ok)
			}
		})
	})
}

func TestADamagedBackupIsAlwaysSeenAndNothingIsApplied(t *testing.T) {
	db, err := store.Open(context.Background(), testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	w := newWorld(t, db, 400)
	path := w.backup(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(w.backup(t)) // of the same node, a moment later
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Inspect(bytes.NewReader(whole), w.identity.String()); err != nil {
		t.Fatal(err)
	}
	tries := 2000
	if testing.Short() {
		tries = 300
	}
	random := rand.New(rand.NewPCG(5, 5))
	for i := range tries {
		b := bytes.Clone(whole)
		at := random.IntN(len(b))
		what := ""
		switch i % 6 {
		case 0:
			what = fmt.Sprintf("a bit flipped at %d", at)
			b[at] ^= 1 << random.IntN(8)
		case 1:
			what = fmt.Sprintf("cut off at %d", at)
			b = b[:at]
		case 2:
			what = fmt.Sprintf("a byte too many at %d", at)
			b = append(b[:at:at], append([]byte{byte(i)}, b[at:]...)...)
		case 3:
			what = fmt.Sprintf("torn at %d: the rest is of another backup", at)
			b = append(b[:at:at], other[min(at, len(other)-1):]...)
		case 4:
			what = fmt.Sprintf("zeros from %d", at)
			clear(b[at:min(at+512, len(b))])
		case 5:
			what = "something behind the end"
			b = append(b, make([]byte, 1+random.IntN(4096))...)
		}
		if bytes.Equal(b, whole) {
			continue
		}
		if _, err := backup.Inspect(bytes.NewReader(b), w.identity.String()); fault.Of(err) != fault.ClassInvalid {
			t.Fatalf("%s: %v", what, err)
		}
		if i%100 == 0 {
			bad := filepath.Join(t.TempDir(), "bad")
			if err := os.WriteFile(bad, b, 0o600); err != nil {
				t.Fatal(err)
			}
			r := w.restore(t, bad, store.Config{})
			if _, err := r.Run(context.Background()); err == nil {
				t.Fatalf("%s: restored", what)
			}
			if _, err := os.Stat(r.Data); !os.IsNotExist(err) {
				t.Fatalf("%s: something was left", what)
			}
		}
	}
	t.Logf("%d damaged backups of %d bytes, all seen", tries, len(whole))
}

// Everything inside may be whole and yet not what the node wrote: somebody with the public recipient can encrypt.
func TestABackupThatTheNodeDidNotSignIsRefused(t *testing.T) {
	db, err := store.Open(context.Background(), testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	w := newWorld(t, db, 3)
	for name, forge := range map[string]func([]byte) []byte{
		"a name of the same length":    func(b []byte) []byte { return bytes.Replace(b, []byte("backup_plain"), []byte("backup_plaim"), 1) },
		"a row of plain text":          func(b []byte) []byte { return bytes.Replace(b, []byte("عائشة"), []byte("عائشه"), 1) },
		"the keyring's bytes":          func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"a format of tomorrow":         func(b []byte) []byte { return bytes.Replace(b, []byte("backup/1\n"), []byte("backup/2\n"), 1) },
		"the trailer's frame cut away": func(b []byte) []byte { return b[:len(b)-100] },
	} {
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(w.backup(t))
			if err != nil {
				t.Fatal(err)
			}
			plain := backup.Unpack(t, b, w.identity)
			changed := forge(bytes.Clone(plain))
			if bytes.Equal(plain, changed) {
				t.Fatal("nothing was changed")
			}
			if _, err := backup.Inspect(bytes.NewReader(backup.Pack(t, plain, w.identity)), w.identity.String()); err != nil {
				t.Fatalf("packed again without a change: %v", err)
			}
			if _, err := backup.Inspect(bytes.NewReader(backup.Pack(t, changed, w.identity)), w.identity.String()); fault.Of(err) != fault.ClassInvalid {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestABackupOfABusyNodeIsOneMoment(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 400)
		ctx, stop := context.WithCancel(context.Background())
		var busy sync.WaitGroup
		busy.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				p := fact.NewPersonID(w.Clock.Now())
				_ = w.DB.Write(context.Background(), func(tx *store.Tx) error {
					_, err := w.Journal.Append(tx, kept.About(fact.FactID{}, scope, fact.Handle{1}, keptOpen{i}, keptSealed{"busy"}, p))
					return err
				})
			}
		})
		busy.Go(func() {
			for i := 0; ctx.Err() == nil && i < 100; i++ {
				w.erase(t, w.people[i])
				time.Sleep(5 * time.Millisecond) // else no moment is without a wrapping of keys
			}
		})
		var paths []string
		for range 3 {
			paths = append(paths, w.backup(t))
		}
		stop()
		busy.Wait()
		for _, path := range paths {
			r := w.restore(t, path, testkit.NewConfig(t, db.Engine()))
			got, err := r.Run(context.Background())
			if err != nil || got.Bad != "" {
				t.Fatalf("%+v %v", got, err)
			}
			n := w.reopen(t, r)
			named := strings.Count(fmt.Sprint(dump(t, n)), "Canary")
			if want := 400 - len(w.ledger.Persons()); named != want {
				t.Errorf("%d people of 400 came back with their names, want %d", named, want)
			}
		}
	})
}

// BenchmarkBackup writes and restores a node of 100,000 facts about 100,000 persons; a million takes ten times as long.
func BenchmarkBackup(b *testing.B) {
	const facts = 100_000
	db, err := store.Open(context.Background(), testkit.NewConfig(b, store.SQLite))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	n := testkit.NewNode(b, db, register)
	ledger, err := seal.OpenLedger(b.TempDir(), n.Ring, n.Clock.Now)
	if err != nil {
		b.Fatal(err)
	}
	for at := 0; at < facts; at += 5000 {
		err := db.Write(context.Background(), func(tx *store.Tx) error {
			for i := range 5000 {
				if _, err := n.Journal.Append(tx, kept.About(fact.FactID{}, scope, fact.Handle{1}, keptOpen{i}, keptSealed{"a name of usual length"}, fact.NewPersonID(n.Clock.Now()))); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	w := &world{Node: n, ledger: ledger}
	if w.identity, err = age.GenerateX25519Identity(); err != nil {
		b.Fatal(err)
	}
	if err := db.Migrate(context.Background(), []store.Migration{plainStep}); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "backup")
	b.Run("write", func(b *testing.B) {
		for range b.N {
			rep, err := backup.Write(context.Background(), w.node(), path, w.identity.Recipient().String())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(rep.Bytes)/facts, "bytes/fact")
		}
		b.ReportMetric(facts*float64(b.N)/b.Elapsed().Seconds(), "facts/s")
	})
	b.Run("restore", func(b *testing.B) {
		for range b.N {
			r := w.restore(b, path, store.Config{})
			if got, err := r.Run(context.Background()); err != nil || got.Facts != facts {
				b.Fatalf("%+v %v", got, err)
			}
		}
		b.ReportMetric(facts*float64(b.N)/b.Elapsed().Seconds(), "facts/s")
	})
}
