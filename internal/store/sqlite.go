package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
	"github.com/ncruces/go-sqlite3/vfs/adiantum"

	"serai/internal/fault"
)

const (
	readersMost = 4
	cipherVFS   = "serai-adiantum"
)

func init() { vfs.Register(cipherVFS, adiantum.Wrap(Padded(vfs.Find("")), nil)) }

type sqliteEngine struct {
	config Config
	write  *sqliteConn
	lock   *os.File

	mu   sync.Mutex
	idle []*sqliteConn
	slot chan struct{}
}

func openSQLite(c Config) (*sqliteEngine, error) {
	if c.VFS == "" {
		c.VFS = cipherVFS
	}
	e := &sqliteEngine{config: c, slot: make(chan struct{}, readersMost)}
	lock, err := lockFile(c.Path + ".lock")
	if err != nil {
		return nil, err
	}
	e.lock = lock
	if err := private(c.Path); err != nil {
		unlockFile(lock)
		return nil, err
	}
	w, err := e.connect(true)
	if err != nil {
		unlockFile(lock)
		return nil, err
	}
	e.write = w
	return e, nil
}

// private makes the file, when it is new, readable for its owner alone; SQLite gives its other files the same mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func (e *sqliteEngine) name() Engine { return SQLite }
func (e *sqliteEngine) writer() conn { return e.write }

func (e *sqliteEngine) connect(write bool) (*sqliteConn, error) {
	raw, err := sqlite3.Open("file:" + uriPath(e.config.Path) + "?vfs=" + e.config.VFS)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", e.config.Path, explain(err))
	}
	pragmas := []string{
		"PRAGMA hexkey='" + hex.EncodeToString(e.config.Key[:]) + "'",
		"PRAGMA page_size=4096", "PRAGMA secure_delete=ON", "PRAGMA temp_store=MEMORY", "PRAGMA foreign_keys=ON",
		"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA busy_timeout=10000",
	}
	if write {
		pragmas = append(pragmas, "PRAGMA cache_size=-16000", "PRAGMA wal_autocheckpoint=4000")
	} else {
		pragmas = append(pragmas, "PRAGMA cache_size=-4000", "PRAGMA query_only=ON")
	}
	for _, p := range pragmas {
		if err := raw.Exec(p); err != nil {
			raw.Close()
			return nil, fmt.Errorf("open %s: %w", e.config.Path, explain(err))
		}
	}
	return &sqliteConn{raw: raw, cached: map[string]*sqlite3.Stmt{}}, nil
}

// explain turns the two failures that an operator meets at start into sentences with a remedy.
func explain(err error) error {
	switch {
	case errors.Is(err, sqlite3.NOTADB), errors.Is(err, sqlite3.IOERR_BADKEY):
		return fault.Invalid("store.wrong_key", "the key does not open this database; use the keyring that was made with it, or restore the backup")
	case errors.Is(err, sqlite3.FULL), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.Conflict("store.disk_full", "the disk is full; nothing was changed; free space and try again")
	}
	return err
}

func uriPath(p string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(p)
}

func (e *sqliteEngine) reader(ctx context.Context) (conn, error) {
	select {
	case e.slot <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	e.mu.Lock()
	if n := len(e.idle); n > 0 {
		c := e.idle[n-1]
		e.idle = e.idle[:n-1]
		e.mu.Unlock()
		return c, nil
	}
	e.mu.Unlock()
	c, err := e.connect(false)
	if err != nil {
		<-e.slot
		return nil, err
	}
	return c, nil
}

func (e *sqliteEngine) release(c conn) {
	e.mu.Lock()
	e.idle = append(e.idle, c.(*sqliteConn))
	e.mu.Unlock()
	<-e.slot
}

func (e *sqliteEngine) checkpoint(ctx context.Context) error {
	c, err := e.connect(true)
	if err != nil {
		return err
	}
	defer c.raw.Close()
	for {
		_, _, err = c.raw.WALCheckpoint("", sqlite3.CHECKPOINT_TRUNCATE)
		if err == nil || !errors.Is(err, sqlite3.BUSY) {
			return err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (e *sqliteEngine) size(context.Context) (int64, error) {
	var total int64
	for _, suffix := range []string{"", "-wal"} {
		if st, err := os.Stat(e.config.Path + suffix); err == nil {
			total += st.Size()
		}
	}
	return total, nil
}

func (e *sqliteEngine) close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	for _, c := range e.idle {
		errs = append(errs, c.close())
	}
	errs = append(errs, e.write.close())
	unlockFile(e.lock)
	return errors.Join(errs...)
}

type sqliteConn struct {
	raw    *sqlite3.Conn
	cached map[string]*sqlite3.Stmt
}

func (c *sqliteConn) close() error {
	for _, s := range c.cached {
		s.Close()
	}
	return c.raw.Close()
}

// stmt returns the prepared statement for sql; one that is running already (a query within itself) is prepared anew.
func (c *sqliteConn) stmt(sql string) (s *sqlite3.Stmt, extra bool, err error) {
	s, ok := c.cached[sql]
	if ok && !s.Busy() {
		return s, false, nil
	}
	s, tail, err := c.raw.PrepareFlags(numbered(sql), sqlite3.PREPARE_PERSISTENT)
	if err != nil {
		return nil, false, fmt.Errorf("prepare %q: %w", head(sql), err)
	}
	if strings.TrimSpace(tail) != "" {
		s.Close()
		return nil, false, fmt.Errorf("prepare %q: more than one statement", head(sql))
	}
	if ok {
		return s, true, nil
	}
	if len(c.cached) > 500 { // composed reads must not fill the memory
		for k, old := range c.cached {
			if !old.Busy() {
				old.Close()
				delete(c.cached, k)
				break
			}
		}
	}
	c.cached[sql] = s
	return s, false, nil
}

// numbered writes $3 as SQLite's ?3, so that the number counts and not the order of appearance.
func numbered(sql string) string {
	var b strings.Builder
	b.Grow(len(sql))
	quoted := false
	for i := 0; i < len(sql); i++ {
		if sql[i] == '\'' {
			quoted = !quoted
		}
		if sql[i] == '$' && !quoted && i+1 < len(sql) && sql[i+1] >= '0' && sql[i+1] <= '9' {
			b.WriteByte('?')
			continue
		}
		b.WriteByte(sql[i])
	}
	return b.String()
}

func head(sql string) string {
	sql = strings.Join(strings.Fields(sql), " ")
	if len(sql) > 80 {
		sql = sql[:80] + "…"
	}
	return sql
}

func bindSQLite(s *sqlite3.Stmt, args []any) error {
	for i, a := range args {
		var err error
		switch v := a.(type) {
		case nil:
			err = s.BindNull(i + 1)
		case int64:
			err = s.BindInt64(i+1, v)
		case float64:
			err = s.BindFloat(i+1, v)
		case string:
			err = s.BindText(i+1, v)
		case []byte:
			if v == nil {
				err = s.BindNull(i + 1)
			} else {
				err = s.BindBlob(i+1, v)
			}
		default:
			err = fmt.Errorf("bind $%d: %T", i+1, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *sqliteConn) exec(sql string, args []any) error {
	s, extra, err := c.stmt(sql)
	if err != nil {
		return err
	}
	if extra {
		defer s.Close()
	}
	if err := bindSQLite(s, args); err != nil {
		return fmt.Errorf("%q: %w", head(sql), err)
	}
	for s.Step() {
	}
	err = s.Err()
	if e := s.Reset(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("%q: %w", head(sql), explain(err))
	}
	return nil
}

func (c *sqliteConn) affect(sql string, args []any) (int64, error) {
	if err := c.exec(sql, args); err != nil {
		return 0, err
	}
	return c.raw.Changes(), nil
}

func (c *sqliteConn) query(sql string, args []any, row func(scan) error) error {
	s, extra, err := c.stmt(sql)
	if err != nil {
		return err
	}
	if extra {
		defer s.Close()
	} else {
		defer s.Reset()
	}
	if err := bindSQLite(s, args); err != nil {
		return fmt.Errorf("%q: %w", head(sql), err)
	}
	r := sqliteRow{s: s, n: s.ColumnCount()}
	for s.Step() {
		if err := row(r); err != nil {
			return err
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("%q: %w", head(sql), explain(err))
	}
	return nil
}

type sqliteRow struct {
	s *sqlite3.Stmt
	n int
}

func (r sqliteRow) columns() int { return r.n }

func (r sqliteRow) value(i int) any {
	switch r.s.ColumnType(i) {
	case sqlite3.INTEGER:
		return r.s.ColumnInt64(i)
	case sqlite3.FLOAT:
		return r.s.ColumnFloat(i)
	case sqlite3.TEXT:
		return r.s.ColumnText(i)
	case sqlite3.BLOB:
		b := r.s.ColumnRawBlob(i)
		if b == nil {
			b = []byte{}
		}
		return b
	}
	return nil
}

// spill lets what must be remembered until a commit go to files, which are encrypted under a key that nobody keeps.
// Dropping a table of a million rows remembers every page of it, more than fits into memory; for contacts, whose few
// pages do fit, files would cost a third of the speed.
func (c *sqliteConn) spill(on bool) error {
	if on {
		return c.exec("PRAGMA temp_store=FILE", nil)
	}
	return c.exec("PRAGMA temp_store=MEMORY", nil)
}

func (c *sqliteConn) bulk() {} // a statement is a call here, no journey: there is nothing to gather

func (c *sqliteConn) begin(write bool) error {
	if write {
		return c.exec("BEGIN IMMEDIATE", nil)
	}
	return c.exec("BEGIN", nil)
}
func (c *sqliteConn) savepoint() error { return c.exec("SAVEPOINT s", nil) }
func (c *sqliteConn) release() error   { return c.exec("RELEASE s", nil) }
func (c *sqliteConn) undo() error {
	if err := c.exec("ROLLBACK TO s", nil); err != nil {
		return err
	}
	return c.release()
}
func (c *sqliteConn) commit() error { return c.exec("COMMIT", nil) }
func (c *sqliteConn) rollback() {
	if !c.raw.GetAutocommit() {
		_ = c.exec("ROLLBACK", nil)
	}
}
func (c *sqliteConn) script(sql string) error {
	if err := c.raw.Exec(sql); err != nil {
		return fmt.Errorf("%q: %w", head(sql), explain(err))
	}
	return nil
}
