package app

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"serai/internal/access"
	"serai/internal/seal"
	"serai/internal/store"
	"serai/internal/testkit"
)

// places searches whatever is written down: logs, tables, files on disk, exports, the server's own files.
func (f *flock) places(temp string, words ...string) {
	f.t.Helper()
	ctx := context.Background()
	f.leaks("the log", []byte(f.log.String()), words...)
	for _, table := range f.tables() {
		f.leaks("table "+table, f.dump(table), words...)
	}
	admin := f.hire(fmt.Sprintf("exporter%d", counter.Add(1)), seat(access.Administrator, homeOrg, ""), seat(access.ProtectionOfficer, homeOrg, ""))
	for _, at := range []string{"/api/counts.csv?by=service,point,day,sex", "/api/counts?by=service,sex,age", "/print/counts", "/api/export/network/points.csv",
		"/api/export/network/organisations.csv", "/api/export/network/routes.csv", "/print/tally-sheet?point=" + homePoint} {
		f.leaks("export "+at, f.ask(admin, http.MethodGet, at, nil).body, words...)
	}
	backup := filepath.Join(temp, fmt.Sprintf("backup%d.age", counter.Add(1)))
	if _, err := f.n.Backup(ctx, backup); err != nil {
		f.t.Errorf("backup: %v", err)
	}
	f.files(f.n.Config.Data, words...)
	f.files(temp, words...)
	if f.n.DB.Engine() == store.Postgres {
		f.server(words...)
	}
}

// dump returns every row of a table as the program decrypts it, bytes as they are.
func (f *flock) dump(table string) []byte {
	f.t.Helper()
	var b bytes.Buffer
	err := f.n.DB.Read(context.Background(), func(tx *store.Tx) error {
		b.Reset()
		return tx.Each(`SELECT * FROM `+table, nil, func(r *store.Row) error {
			for _, v := range r.Values() {
				switch v := v.(type) {
				case []byte:
					b.Write(v)
				default:
					fmt.Fprint(&b, v)
				}
				b.WriteByte('|')
			}
			b.WriteByte('\n')
			return nil
		})
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return b.Bytes()
}

// files searches every file below dir.
func (f *flock) files(dir string, words ...string) {
	f.t.Helper()
	found := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) || err == nil && !d.Type().IsRegular() { // a server's files come and go
			return nil
		}
		if err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		found++
		f.leaks(filepath.Base(path), b, words...)
		return err
	})
	if err != nil || found == 0 {
		f.t.Errorf("%d files searched in %s: %v", found, dir, err)
	}
}

// server searches what a PostgreSQL server keeps and writes down.
func (f *flock) server(words ...string) {
	f.t.Helper()
	data, log := os.Getenv(testkit.PostgresEnv+"_DATA"), os.Getenv(testkit.PostgresEnv+"_LOG")
	if data == "" || log == "" {
		f.t.Logf("the server's files are not known here (%s_DATA, %s_LOG): not searched", testkit.PostgresEnv, testkit.PostgresEnv)
		return
	}
	conn, err := pgx.Connect(context.Background(), f.n.Config.Postgres)
	if err != nil {
		f.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), "CHECKPOINT"); err != nil {
		f.t.Fatal(err)
	}
	f.files(data, words...)
	b, err := os.ReadFile(log)
	if err != nil {
		f.t.Fatal(err)
	}
	f.leaks("the server's log", b, words...)
}

// copies are what somebody kept from before the erasure: a backup, and the database file itself.
type copies struct{ backup, database string }

func (f *flock) keep(dir string) copies {
	f.t.Helper()
	ctx := context.Background()
	c := copies{backup: filepath.Join(dir, "before.age")}
	if _, err := f.n.Backup(ctx, c.backup); err != nil {
		f.t.Fatal(err)
	}
	if f.n.DB.Engine() == store.SQLite {
		if err := f.n.DB.Checkpoint(ctx); err != nil {
			f.t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(f.n.Config.Data, "serai.db"))
		if err != nil {
			f.t.Fatal(err)
		}
		c.database = filepath.Join(dir, "before.db")
		if err := seal.WriteFile(c.database, b); err != nil {
			f.t.Fatal(err)
		}
	}
	return c
}

// another is the flock as another node sees it.
func (f *flock) another(n *Node) *flock {
	f.t.Helper()
	w := *f.world
	w.n = n
	o := &flock{world: &w, t: f.t, birds: f.birds, nurse: &member{login: "nurse"}, officer: &member{login: "officer"}}
	w.signIn(o.nurse)
	w.signIn(o.officer)
	return o
}

// restored brings the backup of before the erasure to life, under the ledger of now: what was erased stays erased.
func (f *flock) restored(from copies, counted string, low float64) {
	f.t.Helper()
	ctx := context.Background()
	c := f.n.Config
	c.Data, c.Postgres = filepath.Join(f.t.TempDir(), "restored"), testkit.NewConfig(f.t, f.n.DB.Engine()).DSN
	_, err := RestoreNode(ctx, c, RestoreOptions{From: from.backup, Identity: f.recovery.String(), Ledger: bytes.NewReader(f.n.Ledger.Bytes())}, nil)
	if err != nil {
		f.t.Fatalf("restore: %v", err)
	}
	ring, err := seal.UnlockIdentity(c.Data, f.recovery.String())
	if err != nil {
		f.t.Fatal(err)
	}
	n, err := Open(ctx, c, ring, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	defer n.Close()
	o := f.another(n)
	o.gone("in a restored backup", counted, low)
	if got := o.ask(o.nurse, http.MethodGet, "/api/people/"+f.birds[0].id, nil); !bytes.Contains(got.body, []byte(f.birds[0].name)) {
		f.t.Errorf("a restored file that stays: %d %s", got.status, got.body)
	}
}

// oldFiles opens the database file of before the erasure with the keyring of now: its keys are destroyed.
func (f *flock) oldFiles(from copies) {
	f.t.Helper()
	ctx := context.Background()
	c := f.n.Config
	c.Data = filepath.Join(f.t.TempDir(), "old")
	content, err := f.ring.Export()
	if err != nil {
		f.t.Fatal(err)
	}
	ring, err := seal.Import(c.Data, content)
	if err != nil {
		f.t.Fatal(err)
	}
	b, err := os.ReadFile(from.database)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := seal.WriteFile(filepath.Join(c.Data, "serai.db"), b); err != nil {
		f.t.Fatal(err)
	}
	n, err := Open(ctx, c, ring, nil)
	if err != nil {
		f.t.Logf("a database of before does not open with the keyring of now: %v", err)
		return
	}
	defer n.Close()
	o := f.another(n)
	for _, b := range f.birds {
		if b.erased {
			for _, page := range []string{"", "/copy", "/access-log"} {
				o.leaks("an old database with the keyring of now", o.ask(o.officer, http.MethodGet, "/api/people/"+b.id+page, nil).body, canaryErased)
			}
		}
	}
	for _, table := range o.tables() {
		o.leaks("an old database with the keyring of now, table "+table, o.dump(table), canaryErased)
	}
}
