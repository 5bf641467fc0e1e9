// Package store keeps tables on either of two engines behind one Tx: an encrypted SQLite file by default, PostgreSQL
// where one machine is too small.
//
// There is one writer per process on either engine. A command is a closure; the writer runs the closures that wait,
// each in a savepoint of its own, and commits them together: one flush of the disk serves them all. A closure may run
// twice (when the group it stood in is lost) and touches nothing but its tx. Reads use a pool of their own and see
// what was committed when they began.
//
// SQL is written once for both engines: parameters are $1, $2, ... in order of first use, and the types are BIGINT,
// TEXT, BLOB and DOUBLE PRECISION (BLOB becomes BYTEA on PostgreSQL). Everything personal is a bound parameter, never
// part of the text: a failing statement reaches a server's log.
package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Engine names what keeps the tables.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Config says where the tables are.
type Config struct {
	Path string   // SQLite: the database file
	Key  [32]byte // SQLite: the key of the file
	VFS  string   // SQLite: a registered VFS instead of the padded, encrypted one; for fault tests
	DSN  string   // PostgreSQL: when set, Path and Key are not used
}

// DB is an open database.
type DB struct {
	engine  engine
	jobs    chan *job
	stop    chan struct{}
	stopped sync.WaitGroup
	closing sync.RWMutex
	closed  bool
}

// engine is what an engine must do; conn is one connection to it.
type engine interface {
	name() Engine
	writer() conn
	reader(context.Context) (conn, error)
	release(conn)
	checkpoint(context.Context) error
	size(context.Context) (int64, error)
	close() error
}

// conn runs SQL on one connection. exec may delay the statement until the next query or commit; affect may not.
type conn interface {
	exec(sql string, args []any) error
	affect(sql string, args []any) (int64, error)
	query(sql string, args []any, row func(scan) error) error
	begin(write bool) error
	spill(on bool) error // what follows may remember more than fits into memory
	bulk()               // until the commit, statements about different tables may change places
	savepoint() error
	release() error
	undo() error // back to the savepoint, which stays usable
	commit() error
	rollback()
	script(sql string) error // several statements, outside of the writer's group only
}

// scan reads column i of the current row.
type scan interface {
	columns() int
	value(i int) any // nil, int64, float64, string or []byte (valid until the next row)
}

var errClosed = errors.New("store: the database is closed")

// Open opens the database and starts its writer. The caller closes it.
func Open(ctx context.Context, c Config) (*DB, error) {
	var e engine
	var err error
	if c.DSN != "" {
		e, err = openPostgres(ctx, c)
	} else {
		e, err = openSQLite(c)
	}
	if err != nil {
		return nil, err
	}
	db := &DB{engine: e, jobs: make(chan *job, 256), stop: make(chan struct{})}
	db.stopped.Add(1)
	go db.writeTogether()
	return db, nil
}

// Engine tells which engine this is.
func (db *DB) Engine() Engine { return db.engine.name() }

// Close ends the writer after the work it has accepted, and closes the engine.
func (db *DB) Close() error {
	db.closing.Lock()
	if db.closed {
		db.closing.Unlock()
		return nil
	}
	db.closed = true
	db.closing.Unlock()
	close(db.stop)
	db.stopped.Wait()
	return db.engine.close()
}

// Read runs fn on a snapshot of what was committed when it began.
func (db *DB) Read(ctx context.Context, fn func(tx *Tx) error) error {
	db.closing.RLock()
	defer db.closing.RUnlock()
	if db.closed {
		return errClosed
	}
	c, err := db.engine.reader(ctx)
	if err != nil {
		return err
	}
	defer db.engine.release(c)
	if err := c.begin(false); err != nil {
		return fmt.Errorf("begin reading: %w", err)
	}
	defer c.rollback()
	return fn(&Tx{conn: c, engine: db.engine.name()})
}

// Checkpoint moves what is in the write-ahead log into the database file and empties the log, so that what was
// overwritten with secure_delete is gone from both. On PostgreSQL it vacuums what it may.
func (db *DB) Checkpoint(ctx context.Context) error { return db.engine.checkpoint(ctx) }

// Size returns the bytes that the database takes.
func (db *DB) Size(ctx context.Context) (int64, error) { return db.engine.size(ctx) }

// Migration is one step in the life of the plain tables: those that are no projection.
type Migration struct {
	Name string // "journal/0001"; applied in the order given, each once
	SQL  string // neutral DDL, several statements
}

// Migrate brings the plain tables up to date. Each migration commits with its own mark. A migration whose text changed
// after it was applied is an error: what stands in databases out there is never edited.
func (db *DB) Migrate(ctx context.Context, steps []Migration) error {
	return db.Write(ctx, func(tx *Tx) error {
		if err := tx.Script(`CREATE TABLE IF NOT EXISTS store_migration (name TEXT PRIMARY KEY, hash TEXT NOT NULL, applied BIGINT NOT NULL)`); err != nil {
			return err
		}
		for _, step := range steps {
			var hash string
			found, err := tx.One(`SELECT hash FROM store_migration WHERE name = $1`, Args{step.Name}, &hash)
			if err != nil {
				return err
			}
			want := textHash(step.SQL)
			switch {
			case found && hash != want:
				return fmt.Errorf("store: migration %s was changed after it had been applied; add a new one instead", step.Name)
			case found:
				continue
			}
			if err := tx.Script(step.SQL); err != nil {
				return fmt.Errorf("migration %s: %w", step.Name, err)
			}
			if err := tx.Exec(`INSERT INTO store_migration (name, hash, applied) VALUES ($1, $2, $3)`, step.Name, want, time.Now().UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
}

func textHash(s string) string {
	sum := sha256.Sum256([]byte(strings.Join(strings.Fields(s), " ")))
	return hex.EncodeToString(sum[:8])
}

// SchemaHash is the mark by which a projection knows whether its tables are those of this program.
func SchemaHash(ddl string) string { return textHash(ddl) }
