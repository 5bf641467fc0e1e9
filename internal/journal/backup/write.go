package backup

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"filippo.io/age"

	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/journal"
	"serai/internal/seal"
	"serai/internal/store"
)

// Node is what a backup is made of: an open node.
type Node struct {
	DB      *store.DB
	Ring    *seal.Keyring
	Journal *journal.Journal
	Ledger  *seal.Ledger
	// Migrations are those of every room, in the order in which the program applies them: they say which tables are
	// plain and in what order they came to be.
	Migrations []store.Migration
	// Skip names plain tables that no backup holds: what must not come to life again, such as sessions.
	Skip []string
	Now  func() time.Time
}

// Report says what a backup became.
type Report struct {
	Path    string  `json:"path"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
	Content
}

// neverSaved are tables that belong to the database at hand: the marks of its projections and of its migrations.
var neverSaved = []string{"journal_projection", "store_migration"}

var createTable = regexp.MustCompile(`(?i)CREATE TABLE\s+(?:IF NOT EXISTS\s+)?(\w+)`)

// plainTables returns the tables that migrations make, in their order.
func plainTables(steps []store.Migration, skip []string) []string {
	var out []string
	for _, step := range steps {
		for _, m := range createTable.FindAllStringSubmatch(step.SQL, -1) {
			if !slices.Contains(neverSaved, m[1]) && !slices.Contains(skip, m[1]) && !slices.Contains(out, m[1]) {
				out = append(out, m[1])
			}
		}
	}
	return out
}

// Write makes a backup of a running node in the file at path, readable for the holders of the recovery identities
// behind recipients (age1...). It is read again from the disk before it gets its name; a file that stood there before
// is replaced then and not earlier.
func Write(ctx context.Context, n Node, path string, recipients ...string) (Report, error) {
	began := n.Now()
	// The second reader of what is being written lives as long as this call.
	witness, err := age.GenerateX25519Identity()
	if err != nil {
		return Report{}, err
	}
	to := []age.Recipient{witness.Recipient()}
	for _, r := range recipients {
		x, err := age.ParseX25519Recipient(r)
		if err != nil {
			return Report{}, fault.Field("recipient", "backup.bad_recipient", "a backup is encrypted to a recovery recipient, which begins with age1 and is no secret")
		}
		to = append(to, x)
	}
	if len(recipients) == 0 {
		return Report{}, fault.Field("recipient", "backup.no_recipient", "name the recovery recipient (age1...); print a recovery sheet first if there is none")
	}
	if err := n.Journal.Sign(ctx); err != nil {
		return Report{}, fmt.Errorf("sign the feeds: %w", err)
	}
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return Report{}, fmt.Errorf("write the backup: %w", err)
	}
	defer os.Remove(path + ".new")
	defer f.Close()
	err = n.stream(ctx, f, to)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return Report{}, fmt.Errorf("write the backup: %w", seal.FullDisk(err))
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Report{}, err
	}
	content, err := read(f, witness, nil)
	if err != nil {
		return Report{}, fmt.Errorf("read the backup again: %w", err)
	}
	st, err := f.Stat()
	if err != nil {
		return Report{}, err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return Report{}, fmt.Errorf("write the backup: %w", err)
	}
	if d, err := os.Open(filepath.Dir(path)); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
	return Report{Path: path, Bytes: st.Size(), Seconds: n.Now().Sub(began).Seconds(), Content: *content}, nil
}

var errMoved = errors.New("the keyring changed meanwhile")

func (n Node) stream(ctx context.Context, to io.Writer, recipients []age.Recipient) error {
	w, err := newWriter(to, recipients...)
	if err != nil {
		return err
	}
	head := Header{ID: fact.RandomNode(), Node: n.Ring.Node(), Public: n.Ring.Public(), Made: n.Now().UnixMilli(), Engine: string(n.DB.Engine())}
	if _, err := n.Ledger.Mark(head.ID.String()); err != nil {
		return err
	}
	for try := 0; ; try++ {
		ring, err := n.Ring.Export()
		if err != nil {
			return err
		}
		err = n.DB.Read(ctx, func(tx *store.Tx) error { return n.snapshot(tx, w, head, ring) })
		if err == errMoved && try < 20 {
			select { // an erasure is wrapping keys anew; the backup holds either all before it or all after it
			case <-time.After(50 * time.Millisecond):
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err == errMoved {
			return fault.Conflict("backup.keys_moving", "an erasure is under way and its keys are being wrapped anew; try again in a minute")
		}
		if err != nil {
			return err
		}
		return w.close()
	}
}

// snapshot writes everything as it stands in tx. The keyring must be the one under which the keys in tx are wrapped:
// it is the same before tx saw the database and after.
func (n Node) snapshot(tx *store.Tx, w *writer, head Header, ring []byte) error {
	err := tx.Each(`SELECT name FROM store_migration ORDER BY applied, name`, nil, func(r *store.Row) error {
		head.Migrations = append(head.Migrations, "")
		return r.Scan(&head.Migrations[len(head.Migrations)-1])
	})
	if err != nil {
		return err
	}
	again, err := n.Ring.Export()
	if err != nil {
		return err
	}
	if !bytes.Equal(ring, again) {
		return errMoved
	}
	ledger := n.Ledger.Bytes()
	copied, err := seal.ReadLedger(bytes.NewReader(ledger))
	if err != nil {
		return err
	}
	head.Ledger = copied.Position()
	if err := errors.Join(w.value(frameHeader, head), w.bytes(frameLedger, ledger), w.bytes(frameKeyring, ring)); err != nil {
		return err
	}
	var end trailer
	for _, name := range plainTables(n.Migrations, n.Skip) {
		columns, err := tx.Columns(name)
		if err != nil {
			return err
		}
		if len(columns) == 0 {
			continue
		}
		rows, err := writeTable(tx, w, table{Name: name, Columns: columns})
		if err != nil {
			return fmt.Errorf("table %s: %w", name, err)
		}
		end.Tables = append(end.Tables, tableRows{Name: name, Rows: rows})
	}
	w.hash.Sum(end.Hash[:0])
	text, err := end.text()
	if err != nil {
		return err
	}
	end.Signature = ed25519.Sign(n.Ring.Signer(), text)
	return w.value(frameTrailer, end)
}

func writeTable(tx *store.Tx, w *writer, t table) (all uint64, err error) {
	if err := w.value(frameTable, t); err != nil {
		return 0, err
	}
	var chunk [][]any
	size := 0
	flush := func() error {
		if len(chunk) == 0 {
			return nil
		}
		err := w.value(frameRows, chunk)
		chunk, size = chunk[:0], 0
		return err
	}
	err = tx.Stream(`SELECT * FROM `+t.Name, nil, func(r *store.Row) error {
		row := r.Values()
		chunk = append(chunk, row)
		for _, v := range row {
			switch v := v.(type) {
			case string:
				size += len(v)
			case []byte:
				size += len(v)
			}
			size += 4
		}
		all++
		if size > rowsAtOnce || len(chunk) == rowsMost {
			return flush()
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return all, flush()
}
