package store

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Args are the values of $1, $2, ...: nil, integers, floats, strings, []byte, bools (stored as 0 and 1), and whatever
// has a driver.Valuer of these, as every fact.ID has.
type Args []any

// Tx is one transaction: a closure's view of the database, valid until the closure returns.
type Tx struct {
	conn   conn
	engine Engine
	group  *groupState
	undo   []func()
	after  []func()
	broken error

	cursors int
	notes   map[any]bool
}

// groupState is what the closures of one commit share.
type groupState struct {
	once   map[any]any
	before []func(*Tx) error
}

// Engine tells which engine runs this transaction, for the few statements that differ.
func (tx *Tx) Engine() Engine { return tx.engine }

// Exec runs a statement that returns nothing. On PostgreSQL it may be sent together with those that follow, so that
// its error can surface at the next read or at the commit.
func (tx *Tx) Exec(sql string, args ...any) error {
	b, err := bind(args)
	if err != nil {
		return err
	}
	return tx.note(tx.conn.exec(sql, b))
}

// Affect runs a statement and returns how many rows it changed.
func (tx *Tx) Affect(sql string, args ...any) (int64, error) {
	b, err := bind(args)
	if err != nil {
		return 0, err
	}
	n, err := tx.conn.affect(sql, b)
	return n, tx.note(err)
}

// One reads the first row of a query into dest and tells whether there was one.
func (tx *Tx) One(sql string, args Args, dest ...any) (bool, error) {
	found := false
	err := tx.Each(sql, args, func(row *Row) error {
		if found {
			return errEnough
		}
		found = true
		return row.Scan(dest...)
	})
	return found, err
}

var errEnough = fmt.Errorf("enough")

// Each runs fn for every row of a query. An error of fn ends the query and is returned.
func (tx *Tx) Each(sql string, args Args, fn func(row *Row) error) error {
	b, err := bind(args)
	if err != nil {
		return err
	}
	var own error
	err = tx.conn.query(sql, b, func(s scan) error {
		if own = fn(&Row{s}); own != nil {
			return own
		}
		return nil
	})
	if own == errEnough {
		return nil
	}
	if own != nil {
		return own
	}
	return tx.note(err)
}

// Stream is Each for a query of very many rows: they are fetched as fn takes them, on PostgreSQL some thousands at a
// time, where Each gathers all of them first. fn may run other statements on tx.
func (tx *Tx) Stream(sql string, args Args, fn func(row *Row) error) error {
	if tx.engine != Postgres {
		return tx.Each(sql, args, fn)
	}
	tx.cursors++
	// The number belongs to the connection's cached statements, which remember the columns of what they fetched.
	name := fmt.Sprintf("c%d_%s", tx.cursors, textHash(sql))
	if err := tx.Exec("DECLARE "+name+" NO SCROLL CURSOR FOR "+sql, args...); err != nil {
		return err
	}
	fetch := "FETCH 2000 FROM " + name
	for n := 1; n > 0; {
		n = 0
		if err := tx.Each(fetch, nil, func(row *Row) error { n++; return fn(row) }); err != nil {
			return err
		}
	}
	return tx.Exec("CLOSE " + name)
}

// listMost is how many values EachOf asks for at once.
const listMost = 500

// EachOf is Each for the rows of a long list of values: in sql the word LIST stands for some of them at a time. A row
// that belongs to a value that is twice in the list may come twice.
func (tx *Tx) EachOf(sql string, list Args, fn func(row *Row) error) error {
	for some := range slices.Chunk(list, listMost) {
		// The same text for every length up to a power of two, so that few statements are prepared.
		n := 1
		for n < len(some) {
			n *= 2
		}
		n = min(n, listMost)
		args := append(make(Args, 0, n), some...)
		var places strings.Builder
		for i := range n {
			if i > 0 {
				places.WriteString(", ")
			}
			fmt.Fprintf(&places, "$%d", i+1)
			if i >= len(some) {
				args = append(args, some[len(some)-1])
			}
		}
		if err := tx.Each(strings.ReplaceAll(sql, "LIST", places.String()), args, fn); err != nil {
			return err
		}
	}
	return nil
}

// Columns returns the names of a table's columns in their order, none when there is no such table.
func (tx *Tx) Columns(table string) (names []string, err error) {
	sql := `SELECT name FROM pragma_table_info($1) ORDER BY cid`
	if tx.engine == Postgres {
		sql = `SELECT column_name::text FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position`
	}
	err = tx.Each(sql, Args{table}, func(row *Row) error {
		names = append(names, "")
		return row.Scan(&names[len(names)-1])
	})
	return names, err
}

// Script runs several statements without parameters: DDL.
func (tx *Tx) Script(sql string) error {
	if tx.engine == Postgres {
		sql = postgresDDL(sql)
	} else {
		sql = sqliteDDL(sql)
	}
	return tx.note(tx.conn.script(sql))
}

// note remembers that PostgreSQL will refuse everything more in this transaction, its savepoint's statements having
// travelled with those of others.
func (tx *Tx) note(err error) error {
	if err != nil && tx.engine == Postgres {
		tx.broken = err
	}
	return err
}

// OnCommit runs fn after the transaction is durable and before the answer leaves.
func (tx *Tx) OnCommit(fn func()) { tx.after = append(tx.after, fn) }

// OnRollback runs fn when this closure fails: for what it changed in the state that its group shares.
func (tx *Tx) OnRollback(fn func()) { tx.undo = append(tx.undo, fn) }

// Once returns the value under key that the closures of one commit share, made by init at the first call. What init
// returns besides runs once before the commit.
func (tx *Tx) Once(key any, init func() (value any, before func(*Tx) error)) any {
	if v, ok := tx.group.once[key]; ok {
		return v
	}
	v, before := init()
	tx.group.once[key] = v
	if before != nil {
		tx.group.before = append(tx.group.before, before)
	}
	return v
}

// Remember, Remembers and Forget keep what one closure found out and another layer of it would ask again.
func (tx *Tx) Remember(key any) {
	if tx.notes == nil {
		tx.notes = map[any]bool{}
	}
	tx.notes[key] = true
}

// Remembers tells whether key was remembered by this closure.
func (tx *Tx) Remembers(key any) bool { return tx.notes[key] }

// Forget drops what was remembered.
func (tx *Tx) Forget(key any) { delete(tx.notes, key) }

// Writing tells whether this transaction may write.
func (tx *Tx) Writing() bool { return tx.group != nil }

func bind(args []any) ([]any, error) {
	for i, a := range args {
		switch v := a.(type) {
		case nil, int64, float64, string, []byte:
		case int:
			args[i] = int64(v)
		case bool:
			args[i] = flag(v)
		case driver.Valuer:
			x, err := v.Value()
			if err != nil {
				return nil, fmt.Errorf("bind $%d: %w", i+1, err)
			}
			args[i] = x
		default:
			r := reflect.ValueOf(a)
			switch r.Kind() {
			case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
				args[i] = r.Int()
			case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
				args[i] = int64(r.Uint())
			case reflect.String:
				args[i] = r.String()
			case reflect.Bool:
				args[i] = flag(r.Bool())
			case reflect.Float32:
				args[i] = r.Float()
			case reflect.Slice:
				if r.Type().Elem().Kind() != reflect.Uint8 {
					return nil, fmt.Errorf("bind $%d: %T", i+1, a)
				}
				args[i] = r.Bytes()
			case reflect.Array:
				if r.Type().Elem().Kind() != reflect.Uint8 {
					return nil, fmt.Errorf("bind $%d: %T", i+1, a)
				}
				b := make([]byte, r.Len())
				reflect.Copy(reflect.ValueOf(b), r)
				args[i] = b
			case reflect.Pointer:
				if r.IsNil() {
					args[i] = nil
					continue
				}
				inner, err := bind([]any{r.Elem().Interface()})
				if err != nil {
					return nil, err
				}
				args[i] = inner[0]
			default:
				return nil, fmt.Errorf("bind $%d: %T", i+1, a)
			}
		}
	}
	return args, nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Row is the current row of a query.
type Row struct{ s scan }

// Scan reads the columns into pointers: integers, floats, strings, bools, []byte (copied), arrays of bytes, and
// whatever is an sql.Scanner. NULL is the zero value.
func (r *Row) Scan(dest ...any) error {
	if n := r.s.columns(); n != len(dest) {
		return fmt.Errorf("scan: %d columns into %d places", n, len(dest))
	}
	for i, d := range dest {
		if err := assign(d, r.s.value(i)); err != nil {
			return fmt.Errorf("scan column %d: %w", i+1, err)
		}
	}
	return nil
}

// Values returns the row as nil, int64, float64, string and []byte: for dumps and comparisons.
func (r *Row) Values() []any {
	out := make([]any, r.s.columns())
	for i := range out {
		out[i] = r.s.value(i)
		if b, ok := out[i].([]byte); ok {
			out[i] = append([]byte(nil), b...)
		}
	}
	return out
}

func assign(dest, v any) error {
	switch d := dest.(type) {
	case *int64:
		*d, _ = v.(int64)
		return nil
	case *int:
		n, _ := v.(int64)
		*d = int(n)
		return nil
	case *string:
		*d, _ = v.(string)
		return nil
	case *[]byte:
		b, _ := v.([]byte)
		if b == nil {
			*d = nil
		} else {
			*d = append((*d)[:0:0], b...)
		}
		return nil
	case *bool:
		n, _ := v.(int64)
		*d = n != 0
		return nil
	case sql.Scanner:
		return d.Scan(v)
	}
	r := reflect.ValueOf(dest)
	if r.Kind() != reflect.Pointer || r.IsNil() {
		return fmt.Errorf("into %T", dest)
	}
	e := r.Elem()
	if v == nil {
		e.SetZero()
		return nil
	}
	switch x := v.(type) {
	case int64:
		switch e.Kind() {
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			e.SetInt(x)
			return nil
		case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			e.SetUint(uint64(x))
			return nil
		case reflect.Bool:
			e.SetBool(x != 0)
			return nil
		case reflect.Float32, reflect.Float64:
			e.SetFloat(float64(x))
			return nil
		}
	case float64:
		if e.Kind() == reflect.Float32 || e.Kind() == reflect.Float64 {
			e.SetFloat(x)
			return nil
		}
	case string:
		if e.Kind() == reflect.String {
			e.SetString(x)
			return nil
		}
	case []byte:
		switch {
		case e.Kind() == reflect.Slice && e.Type().Elem().Kind() == reflect.Uint8:
			e.SetBytes(append([]byte(nil), x...))
			return nil
		case e.Kind() == reflect.Array && e.Type().Elem().Kind() == reflect.Uint8 && e.Len() == len(x):
			reflect.Copy(e, reflect.ValueOf(x))
			return nil
		}
	}
	if e.Kind() == reflect.Pointer {
		p := reflect.New(e.Type().Elem())
		if err := assign(p.Interface(), v); err != nil {
			return err
		}
		e.Set(p)
		return nil
	}
	return fmt.Errorf("%T into %T", v, dest)
}

// sqliteDDL makes a lone BIGINT key the row's own number, and a table marked /*clustered*/ one tree instead of two.
func sqliteDDL(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, " BIGINT PRIMARY KEY", " INTEGER PRIMARY KEY"), "/*clustered*/", "WITHOUT ROWID")
}

// postgresDDL turns the neutral types into PostgreSQL's.
func postgresDDL(s string) string { return strings.ReplaceAll(s, " BLOB", " BYTEA") }
