package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"serai/internal/fault"
)

type postgresEngine struct {
	pool *pgxpool.Pool
	mu   sync.Mutex
	held *pgxpool.Conn
}

func openPostgres(ctx context.Context, c Config) (*postgresEngine, error) {
	config, err := pgxpool.ParseConfig(c.DSN)
	if err != nil {
		return nil, fault.Invalid("store.bad_dsn", "the PostgreSQL address cannot be read; it has the form postgres://user@host/database")
	}
	config.MaxConns = 8
	config.ConnConfig.StatementCacheCapacity = 512
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	e := &postgresEngine{pool: pool}
	if err := e.hold(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	var version string
	if err := e.held.QueryRow(ctx, "SHOW server_version_num").Scan(&version); err != nil {
		e.close()
		return nil, fmt.Errorf("ask PostgreSQL for its version: %w", err)
	}
	if n, _ := strconv.Atoi(version); n < 150000 {
		e.close()
		return nil, fault.Invalid("store.postgres_too_old", "this PostgreSQL is older than 15; upgrade the server")
	}
	return e, nil
}

func (e *postgresEngine) hold(ctx context.Context) error {
	c, err := e.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("reach PostgreSQL: %w", err)
	}
	e.held = c
	return nil
}

func (e *postgresEngine) name() Engine { return Postgres }

// writer returns the connection of the writer, a new one when the server has closed the last.
func (e *postgresEngine) writer() conn {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.held == nil || e.held.Conn().IsClosed() {
		if e.held != nil {
			e.held.Release()
			e.held = nil
		}
		if err := e.hold(context.Background()); err != nil {
			return failing{err}
		}
	}
	return &postgresConn{raw: e.held.Conn(), writing: true}
}

func (e *postgresEngine) reader(ctx context.Context) (conn, error) {
	c, err := e.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("reach PostgreSQL: %w", err)
	}
	return &postgresConn{raw: c.Conn(), pooled: c}, nil
}

func (e *postgresEngine) release(c conn) { c.(*postgresConn).pooled.Release() }

func (e *postgresEngine) checkpoint(ctx context.Context) error {
	// VACUUM takes the dead rows out of the pages; only a superuser may force a checkpoint, and the names in dead rows
	// are sealed in any case (protection rule: PostgreSQL's projections seal names too).
	_, err := e.pool.Exec(ctx, "VACUUM")
	return err
}

func (e *postgresEngine) size(ctx context.Context) (n int64, err error) {
	err = e.pool.QueryRow(ctx, "SELECT pg_database_size(current_database())").Scan(&n)
	return n, err
}

func (e *postgresEngine) close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.held != nil {
		e.held.Release()
		e.held = nil
	}
	e.pool.Close()
	return nil
}

// postgresConn delays statements without an answer and sends them together: one journey to the server and back for
// many of them.
type postgresConn struct {
	raw     *pgx.Conn
	pooled  *pgxpool.Conn
	writing bool
	queue   []queued
	mark    int // where the statements of the current closure begin, -1 once some were sent
	wrote   bool
	many    *bulk // of a WriteBulk
}

type queued struct {
	sql  string
	args []any
}

var background = context.Background() // the writer's own: a cancelled request must not roll back its neighbours

func (c *postgresConn) exec(sql string, args []any) error {
	c.wrote = true
	if c.many != nil {
		c.mark = -1
		return c.many.exec(sql, args)
	}
	c.queue = append(c.queue, queued{sql, args})
	if len(c.queue) >= 512 {
		return c.flush()
	}
	return nil
}

func (c *postgresConn) flush() error {
	if c.many != nil {
		return c.many.land()
	}
	if len(c.queue) == 0 {
		return nil
	}
	results, err := c.send(nil)
	if err != nil {
		return err
	}
	return results.Close()
}

// send sends the delayed statements, and behind them a query, in one journey. It has read the answers of the statements
// when it returns.
func (c *postgresConn) send(last *queued) (pgx.BatchResults, error) {
	var b pgx.Batch
	for _, q := range c.queue {
		b.Queue(q.sql, q.args...)
	}
	if last != nil {
		b.Queue(last.sql, last.args...)
	}
	sent := c.queue
	c.queue, c.mark = c.queue[:0], -1
	results := c.raw.SendBatch(background, &b)
	for i := range sent {
		if _, err := results.Exec(); err != nil {
			_ = results.Close() // says the same again
			return nil, fmt.Errorf("%q: %w", head(sent[i].sql), clean(err))
		}
	}
	return results, nil
}

// clean keeps PostgreSQL's code and message and drops its detail, which repeats the values of the row.
func clean(err error) error {
	var p *pgconn.PgError
	if !errors.As(err, &p) {
		return err
	}
	if p.Code == "53100" {
		return fault.Conflict("store.disk_full", "the database server's disk is full; nothing was changed; free space and try again")
	}
	return &pgconn.PgError{Severity: p.Severity, Code: p.Code, Message: p.Message, ConstraintName: p.ConstraintName, TableName: p.TableName, ColumnName: p.ColumnName}
}

func (c *postgresConn) affect(sql string, args []any) (int64, error) {
	if err := c.flush(); err != nil {
		return 0, err
	}
	c.mark, c.wrote = -1, true
	tag, err := c.raw.Exec(background, sql, args...)
	if err != nil {
		return 0, fmt.Errorf("%q: %w", head(sql), clean(err))
	}
	return tag.RowsAffected(), nil
}

func (c *postgresConn) query(sql string, args []any, row func(scan) error) error {
	// One connection runs one query at a time, and row may ask another: the rows are gathered first.
	all, err := c.gather(sql, args)
	if err != nil {
		return fmt.Errorf("%q: %w", head(sql), clean(err))
	}
	for _, v := range all {
		if err := row(postgresRow(v)); err != nil {
			return err
		}
	}
	return nil
}

func (c *postgresConn) gather(sql string, args []any) (all [][]any, err error) {
	var rows pgx.Rows
	if c.many != nil {
		if err := c.many.land(); err != nil {
			return nil, err
		}
	}
	if len(c.queue) > 0 {
		results, err := c.send(&queued{sql, args})
		if err != nil {
			return nil, err
		}
		defer func() {
			if e := results.Close(); err == nil {
				err = e
			}
		}()
		if rows, err = results.Query(); err != nil {
			return nil, err
		}
	} else if rows, err = c.raw.Query(background, sql, args...); err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		v, err := rows.Values()
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

type postgresRow []any

func (r postgresRow) columns() int { return len(r) }

func (r postgresRow) value(i int) any {
	switch v := r[i].(type) {
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case float32:
		return float64(v)
	case bool:
		return flag(v)
	case pgtype.Numeric: // numeric, which sum() of bigints returns
		n, err := v.Int64Value()
		if err != nil {
			return nil
		}
		return n.Int64
	default:
		return v
	}
}

func (c *postgresConn) spill(bool) error { return nil } // the server sees to it

func (c *postgresConn) bulk() { c.many = newBulk(c) }

func (c *postgresConn) begin(write bool) error {
	c.queue, c.mark = nil, -1
	if write {
		if err := c.exec("BEGIN ISOLATION LEVEL READ COMMITTED", nil); err != nil || c.many == nil {
			return err
		}
		return c.exec("SET LOCAL synchronous_commit = off", nil) // WriteBulk says so
	}
	return c.exec("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", nil)
}

// savepoint only marks where a closure begins. Most closures that fail were refused by a rule, before they wrote: there
// is nothing to undo, or nothing that has left. The rest fail their group, whose closures then run one by one; that is
// rare, and two statements less for every command that succeeds.
func (c *postgresConn) savepoint() error {
	c.mark, c.wrote = len(c.queue), false
	return nil
}

func (c *postgresConn) release() error { return nil }

var errSent = errors.New("store: what is to be undone was sent already")

func (c *postgresConn) undo() error {
	switch {
	case !c.wrote:
		return nil
	case c.mark >= 0: // nothing of this closure has left yet
		c.queue = c.queue[:c.mark]
		return nil
	}
	return errSent
}

func (c *postgresConn) commit() error {
	if err := c.exec("COMMIT", nil); err != nil {
		return err
	}
	return c.flush()
}

func (c *postgresConn) rollback() {
	c.queue, c.mark = nil, -1
	if c.many != nil {
		_ = c.many.wait() // its error was told, or does not matter any more
		c.many = nil
	}
	if c.raw.IsClosed() || c.raw.PgConn().TxStatus() == 'I' {
		return
	}
	_, _ = c.raw.Exec(background, "ROLLBACK")
}

func (c *postgresConn) script(sql string) error {
	if err := c.flush(); err != nil {
		return err
	}
	c.mark, c.wrote = -1, true
	for _, s := range strings.Split(sql, ";") {
		if strings.TrimSpace(s) == "" {
			continue
		}
		if _, err := c.raw.Exec(background, s); err != nil {
			return fmt.Errorf("%q: %w", head(s), clean(err))
		}
	}
	return nil
}

// failing is the writer's connection while the server cannot be reached.
type failing struct{ err error }

func (f failing) exec(string, []any) error                    { return f.err }
func (f failing) affect(string, []any) (int64, error)         { return 0, f.err }
func (f failing) query(string, []any, func(scan) error) error { return f.err }
func (f failing) spill(bool) error                            { return f.err }
func (f failing) bulk()                                       {}
func (f failing) begin(bool) error                            { return f.err }
func (f failing) savepoint() error                            { return f.err }
func (f failing) release() error                              { return f.err }
func (f failing) undo() error                                 { return f.err }
func (f failing) commit() error                               { return f.err }
func (f failing) rollback()                                   {}
func (f failing) script(string) error                         { return f.err }
