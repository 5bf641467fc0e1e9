package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"serai/internal/fault"
	"serai/internal/journal"
	"serai/internal/seal"
	"serai/internal/store"
)

// Restore says what is restored, where to, and under which ledger.
type Restore struct {
	From     string // the backup file
	Identity string // the recovery identity: AGE-SECRET-KEY-1...
	Data     string // the data directory, which is empty or not there yet

	// Ledger is an erasure ledger that is at least as new as the backup, opened by the caller from wherever it was kept.
	Ledger io.Reader
	// Waiver restores without one. It is signed with the node's key and stands in the ledger from then on.
	Waiver *Waiver

	// Database gives the address of the database, which is empty. dir is where its file goes, if it has one.
	Database func(dir string, key [32]byte) store.Config
	// Migrations are those of every room, in order. Those that the backup does not name are not applied: the start of
	// the program does that.
	Migrations []store.Migration
	// Slots adds slots to the restored keyring besides "recovery", which the identity opens.
	Slots func(*seal.Keyring) error
	Now   func() time.Time
}

// Waiver says who answers for it that nobody was erased since the backup, or cannot be known to have been, and why.
type Waiver struct{ By, Reason string }

// Restored says what came back.
type Restored struct {
	Content
	ErasedAgain int       `json:"erased_again"`    // persons whom the backup held and the ledger named
	LedgerEnds  time.Time `json:"ledger_ends"`     // the time of the last line of the ledger that was used
	Waived      bool      `json:"waived"`          // no newer ledger was given
	Seconds     float64   `json:"seconds"`         // all of it, without the projections
	Bad         string    `json:"chain,omitempty"` // what is wrong with the chain that was restored; empty when nothing is
}

const stagingSuffix = ".restoring"

// Run restores. After an error the data directory is as it was. On PostgreSQL an error after the rows were loaded leaves
// them in the database, which must then be made anew; everything that can be wrong with the file is found before.
func (r Restore) Run(ctx context.Context) (Restored, error) {
	began := r.Now()
	id, err := seal.ParseIdentity(r.Identity)
	if err != nil {
		return Restored{}, err
	}
	if err := empty(r.Data); err != nil {
		return Restored{}, err
	}
	content, err := r.read(id, nil)
	if err != nil {
		return Restored{}, err
	}
	steps, err := r.steps(content.header.Migrations)
	if err != nil {
		return Restored{}, err
	}
	ledger, err := r.ledger(content)
	if err != nil {
		return Restored{}, err
	}
	out := Restored{Content: *content, Waived: r.Ledger == nil, LedgerEnds: content.Made}
	if e := ledger.Entries(); len(e) > 0 {
		out.LedgerEnds = e[len(e)-1].At
	}

	// The folder beside it was not renamed by a restore that was cut off: it is nobody's.
	staging := strings.TrimRight(filepath.Clean(r.Data), string(filepath.Separator)) + stagingSuffix
	if err := os.RemoveAll(staging); err != nil {
		return Restored{}, err
	}
	defer os.RemoveAll(staging)
	ring, err := seal.Import(staging, content.keyring)
	if err != nil {
		return Restored{}, err
	}
	if ring.Node() != content.header.Node || !ring.Public().Equal(content.publicKey()) {
		return Restored{}, errBroken
	}
	if err := ring.AddRecipient("recovery", id.Recipient().String()); err != nil {
		return Restored{}, err
	}
	if r.Slots != nil {
		if err := r.Slots(ring); err != nil {
			return Restored{}, err
		}
	}
	if err := r.fill(ctx, id, ring, staging, steps, ledger, &out); err != nil {
		return Restored{}, err
	}
	if err := os.Remove(r.Data); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Restored{}, err
	}
	if err := os.Rename(staging, r.Data); err != nil {
		return Restored{}, fmt.Errorf("put the data directory in its place: %w", err)
	}
	out.Seconds = r.Now().Sub(began).Seconds()
	return out, nil
}

func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		return fault.Conflict("backup.not_empty", "a backup is restored into an empty data directory; move what is there away first")
	}
	return nil
}

func (r Restore) read(id age.Identity, rows func(*Content, table, [][]any) error) (*Content, error) {
	f, err := os.Open(r.From)
	if err != nil {
		return nil, fault.Fieldf("from", "backup.no_file", "the backup file cannot be opened: %s", reason(err))
	}
	defer f.Close()
	return read(f, id, rows)
}

// reason drops the path from a file error: what is told to callers names no folder of the machine.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// steps returns the migrations that the backup's tables came from.
func (r Restore) steps(applied []string) ([]store.Migration, error) {
	var out []store.Migration
	for _, step := range r.Migrations {
		if slices.Contains(applied, step.Name) {
			out = append(out, step)
		}
	}
	for _, name := range applied {
		if !slices.ContainsFunc(r.Migrations, func(m store.Migration) bool { return m.Name == name }) {
			return nil, fault.Invalidf("backup.newer", "this backup was written by a newer program (it knows %s); restore it with that one", name)
		}
	}
	return out, nil
}

// ledger decides under which ledger the backup may be restored.
func (r Restore) ledger(c *Content) (*seal.Ledger, error) {
	if r.Ledger == nil {
		if r.Waiver == nil {
			return nil, fault.Conflict("backup.locked", "people may have been erased since this backup: give the node's newest `erasures` file, or a waiver that says who answers for restoring without it and why")
		}
		if r.Waiver.By == "" || r.Waiver.Reason == "" {
			return nil, fault.Field("waiver", "seal.bad_waiver", "a waiver names who answers for it and why")
		}
		return c.ledger, nil
	}
	l, err := seal.ReadLedger(r.Ledger)
	if err != nil {
		return nil, err
	}
	if node, public := l.Owner(); node != c.header.Node || !public.Equal(c.publicKey()) {
		return nil, fault.Conflict("backup.ledger_of_other", "this erasure ledger and this backup are of two different nodes; one of them was exchanged")
	}
	if _, ok := l.Since(c.header.Ledger); !ok {
		return nil, fault.Conflict("backup.ledger_old", "this erasure ledger is older than the backup, or does not agree with it; give the newest copy")
	}
	return l, nil
}

func (r Restore) fill(ctx context.Context, id age.Identity, ring *seal.Keyring, staging string, steps []store.Migration, ledger *seal.Ledger, out *Restored) error {
	db, err := store.Open(ctx, r.Database(staging, ring.DatabaseKey()))
	if err != nil {
		return err
	}
	defer db.Close()
	if err := r.load(ctx, db, id, steps); err != nil {
		return err
	}
	if err := ledger.CopyTo(staging); err != nil {
		return err
	}
	l, err := seal.OpenLedger(staging, ring, r.Now)
	if err != nil {
		return err
	}
	if r.Ledger == nil {
		err = l.Waived(out.Backup, r.Waiver.By, r.Waiver.Reason, ring.Signer())
	} else {
		err = l.Restored(out.Backup)
	}
	if err != nil {
		return err
	}
	j := journal.New(db, ring, seal.NewPersons(ring), r.Now)
	if out.ErasedAgain, err = j.EraseAgain(ctx, l.Persons()); err != nil {
		return err
	}
	// Even when nobody was: the keyring that stands in the backup must not open what is written from now on.
	if err := j.FinishErase(ctx); err != nil {
		return err
	}
	rep, err := j.Verify(ctx)
	if err != nil {
		return err
	}
	out.Bad = rep.Bad
	return db.Close()
}

// load fills the plain tables in one transaction, from a second reading of the file.
func (r Restore) load(ctx context.Context, db *store.DB, id age.Identity, steps []store.Migration) error {
	var used []string
	err := db.Read(ctx, func(tx *store.Tx) error {
		for _, name := range append(plainTables(steps, nil), neverSaved...) {
			columns, err := tx.Columns(name)
			if err != nil {
				return err
			}
			if len(columns) == 0 || name == "store_migration" {
				continue
			}
			// Empty tables are what a restore that failed leaves.
			found, err := tx.One("SELECT 1 FROM "+name, nil, new(int))
			if err != nil {
				return err
			}
			if found {
				used = append(used, name)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(used) > 0 {
		return fault.Conflict("backup.not_empty", "a backup is restored into an empty database; this one holds rows of Serai already")
	}
	if err := db.Migrate(ctx, steps); err != nil {
		return err
	}
	tables := plainTables(steps, nil)
	return db.Write(ctx, func(tx *store.Tx) error {
		for _, name := range tables { // rows that a migration puts in stand in the backup too
			if err := tx.Exec("DELETE FROM " + name); err != nil {
				return err
			}
		}
		inserts := map[string]string{}
		_, err := r.read(id, func(_ *Content, t table, rows [][]any) error {
			insert, ok := inserts[t.Name]
			if !ok {
				columns, err := tx.Columns(t.Name)
				if err != nil {
					return err
				}
				for _, c := range t.Columns {
					if !slices.Contains(columns, c) || !slices.Contains(tables, t.Name) {
						return fault.Invalidf("backup.newer", "this backup has a table or column that this program does not know (%s); restore it with the program that wrote it", t.Name)
					}
				}
				insert = insertInto(t)
				inserts[t.Name] = insert
			}
			for _, row := range rows {
				if err := tx.Exec(insert, row...); err != nil {
					return err
				}
			}
			return nil
		})
		return err
	})
}

func insertInto(t table) string {
	places := make([]string, len(t.Columns))
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	return "INSERT INTO " + t.Name + " (" + strings.Join(t.Columns, ", ") + ") VALUES (" + strings.Join(places, ", ") + ")"
}
