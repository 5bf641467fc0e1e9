package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// bulk is what PostgreSQL does with the statements of WriteBulk: the rows that one INSERT would write one by one travel
// as one statement, in columns, while the program makes the next. Statements about one table keep their order; those
// about different tables need none, for a projection has neither foreign keys nor triggers.
type bulk struct {
	c      *postgresConn
	steps  []*step
	open   map[string]*step // by table: the step that takes more rows
	shapes map[string]*shape
	bytes  int
	flying chan error // the steps under way, nil when there are none
}

// step is one or more statements of a bulk: rows of an INSERT, or a statement as it stands.
type step struct {
	shape *shape
	cols  [][]byte // the rows, column by column, each value with its length as PostgreSQL's arrays have it
	nulls []bool
	rows  int
	keys  map[string]bool // where a row may be written twice: one statement may not
	plain queued
}

// shape is an INSERT of plain parameters: what a bulk can gather.
type shape struct {
	table   string
	one     string // the INSERT of one row
	tail    string
	columns []string
	slots   []int // which parameter stands in each column, row after row
	keys    []int // the columns of ON CONFLICT ... DO UPDATE
	oids    []uint32
	sql     string // the INSERT of many
	name    string
	checked bool
}

func newBulk(c *postgresConn) *bulk {
	return &bulk{c: c, open: map[string]*step{}, shapes: map[string]*shape{}}
}

const (
	bulkRows  = 4000
	bulkBytes = 1 << 20
)

var (
	insertRows = regexp.MustCompile(`(?is)^\s*INSERT\s+INTO\s+(\w+)\s*\(([\w\s,]+)\)\s*VALUES\s*((?:\([\s$\d,]+\)\s*,?\s*)+)(ON\s+CONFLICT\s.*)?$`)
	doUpdate   = regexp.MustCompile(`(?is)^ON\s+CONFLICT\s*\(([\w\s,]+)\)\s*DO\s+UPDATE\s`)
	parameter  = regexp.MustCompile(`\$(\d+)`)
	oneTable   = regexp.MustCompile(`(?is)^\s*(?:DELETE\s+FROM\s+(\w+)\s+WHERE\s|UPDATE\s+(\w+)\s+SET\s|INSERT\s+INTO\s+(\w+)\s*\([\w\s,]+\)\s*VALUES\s)`)
	another    = regexp.MustCompile(`(?i)\bSELECT\b`)
)

// shapeOf reads a statement; nil when a bulk must send it as it stands.
func shapeOf(sql string) *shape {
	m := insertRows.FindStringSubmatch(sql)
	if m == nil || strings.Contains(m[4], "$") || another.MatchString(m[4]) {
		return nil
	}
	s := &shape{table: strings.ToLower(m[1]), tail: m[4]}
	for c := range strings.SplitSeq(m[2], ",") {
		s.columns = append(s.columns, strings.ToLower(strings.TrimSpace(c)))
	}
	for row := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(m[3]), ")"), ")") {
		numbers := parameter.FindAllStringSubmatch(row, -1)
		if len(numbers) != len(s.columns) {
			return nil
		}
		for _, n := range numbers {
			i, _ := strconv.Atoi(n[1])
			s.slots = append(s.slots, i-1)
		}
	}
	if u := doUpdate.FindStringSubmatch(s.tail); u != nil {
		for c := range strings.SplitSeq(u[1], ",") {
			i := slices.Index(s.columns, strings.ToLower(strings.TrimSpace(c)))
			if i < 0 {
				return nil
			}
			s.keys = append(s.keys, i)
		}
	} else if s.tail != "" && !strings.HasSuffix(strings.ToUpper(strings.TrimSpace(s.tail)), "DO NOTHING") {
		return nil
	}
	values := make([]string, len(s.columns))
	for i := range values {
		values[i] = fmt.Sprintf("$%d", i+1)
	}
	head := "INSERT INTO " + s.table + " (" + strings.Join(s.columns, ", ") + ") "
	s.one = head + "VALUES (" + strings.Join(values, ", ") + ") " + s.tail
	return s
}

// arrays names the types whose values a bulk can send in columns.
var arrays = map[uint32]string{17: "bytea", 20: "int8", 25: "text", 701: "float8"}

// check asks the server for the types of the columns, once.
func (b *bulk) check(s *shape) error {
	if s.checked {
		return nil
	}
	if err := b.land(); err != nil {
		return err
	}
	s.checked = true
	one, err := b.c.raw.Prepare(background, "one_"+textHash(s.one), s.one)
	if err != nil {
		return fmt.Errorf("%q: %w", head(s.one), clean(err))
	}
	casts := make([]string, len(one.ParamOIDs))
	for i, oid := range one.ParamOIDs {
		t, ok := arrays[oid]
		if !ok {
			return nil // s.oids stays empty: the statement goes as it stands
		}
		casts[i] = fmt.Sprintf("$%d::%s[]", i+1, t)
	}
	s.sql = "INSERT INTO " + s.table + " (" + strings.Join(s.columns, ", ") + ") SELECT * FROM unnest(" + strings.Join(casts, ", ") + ") " + s.tail
	s.name = "many_" + textHash(s.sql)
	if _, err := b.c.raw.Prepare(background, s.name, s.sql); err != nil {
		return fmt.Errorf("%q: %w", head(s.sql), clean(err))
	}
	s.oids = one.ParamOIDs
	return nil
}

func (b *bulk) exec(sql string, args []any) error {
	s, known := b.shapes[sql]
	if !known {
		s = shapeOf(sql)
		b.shapes[sql] = s
	}
	if s != nil {
		if err := b.check(s); err != nil {
			return err
		}
	}
	if s == nil || s.oids == nil || !b.add(s, args) {
		b.plain(sql, args)
	}
	if b.bytes >= bulkBytes || len(b.steps) >= 512 {
		return b.fly()
	}
	return nil
}

func (b *bulk) plain(sql string, args []any) {
	b.steps = append(b.steps, &step{plain: queued{sql, args}})
	b.bytes += 100
	if m := oneTable.FindStringSubmatch(sql); m != nil && !another.MatchString(sql) {
		delete(b.open, strings.ToLower(m[1]+m[2]+m[3]))
	} else {
		clear(b.open)
	}
}

// add puts the rows of an INSERT into the columns, and says false when a value is not of its column's type.
func (b *bulk) add(s *shape, args []any) bool {
	width := len(s.columns)
	for i, slot := range s.slots {
		if slot >= len(args) || !fits(s.oids[i%width], args[slot]) {
			return false
		}
	}
	for at := 0; at < len(s.slots); at += width {
		row := s.slots[at : at+width]
		var key []byte
		for _, k := range s.keys {
			key = appendValue(key, s.oids[k], args[row[k]])
		}
		st := b.open[s.table]
		if st == nil || st.shape.sql != s.sql || st.rows >= bulkRows || st.keys[string(key)] {
			st = &step{shape: s, cols: make([][]byte, width), nulls: make([]bool, width), keys: map[string]bool{}}
			b.steps = append(b.steps, st)
			b.open[s.table] = st
		}
		if s.keys != nil {
			st.keys[string(key)] = true
		}
		for i, slot := range row {
			before := len(st.cols[i])
			st.nulls[i] = st.nulls[i] || args[slot] == nil
			st.cols[i] = appendValue(st.cols[i], s.oids[i], args[slot])
			b.bytes += len(st.cols[i]) - before
		}
		st.rows++
	}
	return true
}

func fits(oid uint32, v any) bool {
	switch v.(type) {
	case nil:
		return true
	case int64:
		return oid == 20 || oid == 701
	case float64:
		return oid == 701
	case string:
		return oid == 25
	case []byte:
		return oid == 17
	}
	return false
}

// appendValue writes a value as an element of PostgreSQL's binary arrays: its length, -1 for NULL, and its bytes.
func appendValue(to []byte, oid uint32, v any) []byte {
	switch v := v.(type) {
	case int64:
		n := uint64(v)
		if oid == 701 {
			n = math.Float64bits(float64(v))
		}
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(to, 8), n)
	case float64:
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(to, 8), math.Float64bits(v))
	case string:
		return append(binary.BigEndian.AppendUint32(to, uint32(len(v))), v...)
	case []byte:
		if v != nil {
			return append(binary.BigEndian.AppendUint32(to, uint32(len(v))), v...)
		}
	}
	return binary.BigEndian.AppendUint32(to, math.MaxUint32)
}

// values are the columns as PostgreSQL's binary arrays of one dimension.
func (st *step) values() [][]byte {
	out := make([][]byte, len(st.cols))
	for i, col := range st.cols {
		a := make([]byte, 0, 20+len(col))
		a = binary.BigEndian.AppendUint32(a, 1) // dimensions
		var null uint32
		if st.nulls[i] {
			null = 1
		}
		a = binary.BigEndian.AppendUint32(a, null)
		a = binary.BigEndian.AppendUint32(a, st.shape.oids[i])
		a = binary.BigEndian.AppendUint32(a, uint32(st.rows))
		a = binary.BigEndian.AppendUint32(a, 1) // the first index
		out[i] = append(a, col...)
	}
	return out
}

// fly sends what has gathered and does not wait for the answer, but for that of the flight before.
func (b *bulk) fly() error {
	if err := b.wait(); err != nil {
		return err
	}
	if len(b.steps) == 0 {
		return nil
	}
	steps := b.steps
	b.steps, b.bytes = nil, 0
	clear(b.open)
	done := make(chan error, 1)
	b.flying = done
	go func() { done <- b.c.carry(steps) }()
	return nil
}

func (b *bulk) wait() error {
	if b.flying == nil {
		return nil
	}
	err := <-b.flying
	b.flying = nil
	return err
}

// land sends everything and waits for it: what follows may read it.
func (b *bulk) land() error {
	if err := b.fly(); err != nil {
		return err
	}
	return b.wait()
}

// carry sends steps in their order.
func (c *postgresConn) carry(steps []*step) error {
	for len(steps) > 0 {
		n := 0
		for n < len(steps) && (steps[n].shape == nil) == (steps[0].shape == nil) {
			n++
		}
		run := steps[:n]
		steps = steps[n:]
		if err := c.carryAlike(run); err != nil {
			return err
		}
	}
	return nil
}

func (c *postgresConn) carryAlike(run []*step) error {
	if run[0].shape == nil {
		var p pgx.Batch
		for _, st := range run {
			p.Queue(st.plain.sql, st.plain.args...)
		}
		results := c.raw.SendBatch(background, &p)
		for _, st := range run {
			if _, err := results.Exec(); err != nil {
				_ = results.Close() // says the same again
				return fmt.Errorf("%q: %w", head(st.plain.sql), clean(err))
			}
		}
		return results.Close()
	}
	var p pgconn.Batch
	for _, st := range run {
		p.ExecPrepared(st.shape.name, st.values(), []int16{1}, nil)
	}
	results := c.raw.PgConn().ExecBatch(background, &p)
	i := 0
	for results.NextResult() {
		if _, err := results.ResultReader().Close(); err != nil {
			break // Close says it again
		}
		i++
	}
	if err := results.Close(); err != nil {
		return fmt.Errorf("%q: %w", head(run[min(i, len(run)-1)].shape.one), clean(err))
	}
	if i != len(run) {
		return errors.New("store: the server answered fewer statements than were sent")
	}
	return nil
}
