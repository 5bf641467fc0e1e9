// Package audit is the access log: who looked at whom, what was changed, what was refused. An entry is durable before
// the answer leaves. Entries are appended raw and in order; folding them into a Merkle tree with signed checkpoints
// comes later and changes no entry.
//
// An entry names a random handle of the person. Erasing her deletes handle -> person and never the entry: that somebody
// looked stays known, at whom does not.
//
// These tables are plain: they never travel and are never rebuilt.
package audit

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"serai/internal/fact"
	"serai/internal/store"
)

// Migrations make the tables of this package.
var Migrations = []store.Migration{{Name: "audit/0001", SQL: `
CREATE TABLE audit_entry (pos BIGINT PRIMARY KEY, at BIGINT NOT NULL, actor BLOB NOT NULL, device BLOB, action TEXT NOT NULL, handle BLOB, point BLOB, outcome BIGINT NOT NULL, code TEXT NOT NULL);
CREATE INDEX audit_entry_handle ON audit_entry (handle, pos) WHERE handle IS NOT NULL;
CREATE INDEX audit_entry_refused ON audit_entry (pos) WHERE outcome = 3;
CREATE TABLE audit_handle (handle BLOB PRIMARY KEY, person BLOB NOT NULL) /*clustered*/;
CREATE UNIQUE INDEX audit_handle_person ON audit_handle (person)`},
	// When a look was made that was written down later: on a device without a network, by the device's clock. 0 for the others.
	{Name: "audit/0002", SQL: `ALTER TABLE audit_entry ADD COLUMN made BIGINT NOT NULL DEFAULT 0`}}

// Outcome says what came of it.
type Outcome int64

// The outcomes.
const (
	Seen    Outcome = 1
	Changed Outcome = 2
	Refused Outcome = 3
)

func (o Outcome) String() string {
	switch o {
	case Seen:
		return "seen"
	case Changed:
		return "changed"
	}
	return "refused"
}

// MarshalText writes seen, changed or refused.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Entry is one look, change or refusal.
type Entry struct {
	Pos     int64         `json:"pos"`
	At      time.Time     `json:"at"`
	Actor   fact.Handle   `json:"-"`
	Device  fact.DeviceID `json:"-"`
	Action  string        `json:"action"` // the permission that was used or asked for
	Person  fact.PersonID `json:"-"`      // none when nobody is meant
	Point   fact.PointID  `json:"point,omitzero"`
	Outcome Outcome       `json:"outcome"`
	Code    string        `json:"code,omitempty"` // why, for refusals
	Made    time.Time     `json:"made,omitzero"`  // when a device says that it happened, for what was done without a network
}

// Log is the access log of a node.
type Log struct {
	db  *store.DB
	now func() time.Time

	mu      sync.Mutex
	handles map[fact.PersonID]fact.Handle
}

// New returns the access log in db.
func New(db *store.DB, now func() time.Time) *Log {
	return &Log{db: db, now: now, handles: map[fact.PersonID]fact.Handle{}}
}

// Look writes an entry that is durable when Look returns.
func (l *Log) Look(ctx context.Context, e Entry) error {
	return l.db.Write(ctx, func(tx *store.Tx) error { return l.In(tx, e) })
}

// LookAll writes many entries together: all are durable when it returns, or none is.
func (l *Log) LookAll(ctx context.Context, all []Entry) error {
	if len(all) == 0 {
		return nil
	}
	return l.db.Write(ctx, func(tx *store.Tx) error {
		for _, e := range all {
			if err := l.In(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

type posKey struct{}

// In writes an entry within the transaction of a command.
func (l *Log) In(tx *store.Tx, e Entry) error {
	pos := tx.Once(posKey{}, func() (any, func(*store.Tx) error) { return new(int64), nil }).(*int64)
	if *pos == 0 {
		if _, err := tx.One(`SELECT coalesce(max(pos), 0) FROM audit_entry`, nil, pos); err != nil {
			return err
		}
	}
	*pos++
	var handle []byte
	if !e.Person.IsZero() {
		h, err := l.handle(tx, e.Person)
		if err != nil {
			return err
		}
		handle = h[:]
	}
	if e.At.IsZero() {
		e.At = l.now()
	}
	var made int64
	if !e.Made.IsZero() {
		made = e.Made.UnixMilli()
	}
	return tx.Exec(`INSERT INTO audit_entry (pos, at, actor, device, action, handle, point, outcome, code, made) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		*pos, e.At.UnixMilli(), e.Actor.Bytes(), e.Device, e.Action, handle, e.Point, int64(e.Outcome), e.Code, made)
}

func (l *Log) handle(tx *store.Tx, person fact.PersonID) (fact.Handle, error) {
	l.mu.Lock()
	h, ok := l.handles[person]
	l.mu.Unlock()
	if ok {
		return h, nil
	}
	found, err := tx.One(`SELECT handle FROM audit_handle WHERE person = $1`, store.Args{person}, &h)
	if err != nil {
		return h, err
	}
	if !found {
		if _, err := rand.Read(h[:]); err != nil {
			return h, err
		}
		if err := tx.Exec(`INSERT INTO audit_handle (handle, person) VALUES ($1, $2)`, h.Bytes(), person); err != nil {
			return h, err
		}
	}
	tx.OnCommit(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if len(l.handles) >= 50_000 {
			clear(l.handles)
		}
		l.handles[person] = h
	})
	return h, nil
}

// Forget deletes handle -> person: the erased person's entries stay and name nobody.
func (l *Log) Forget(tx *store.Tx, person fact.PersonID) error {
	drop := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.handles, person)
	}
	drop()
	tx.OnCommit(drop)
	return tx.Exec(`DELETE FROM audit_handle WHERE person = $1`, person)
}

// Of returns the newest entries about a person, newest first, at most limit.
func (l *Log) Of(tx *store.Tx, person fact.PersonID, limit int) ([]Entry, error) {
	return l.read(tx, `SELECT e.pos, e.at, e.actor, e.device, e.action, h.person, e.point, e.outcome, e.code, e.made
FROM audit_entry e JOIN audit_handle h ON h.handle = e.handle WHERE h.person = $1 ORDER BY e.pos DESC LIMIT $2`, store.Args{person, limit})
}

// Since returns entries after pos, oldest first, at most limit: for the data protection officer.
func (l *Log) Since(tx *store.Tx, pos int64, limit int) ([]Entry, error) {
	return l.read(tx, `SELECT e.pos, e.at, e.actor, e.device, e.action, h.person, e.point, e.outcome, e.code, e.made
FROM audit_entry e LEFT JOIN audit_handle h ON h.handle = e.handle WHERE e.pos > $1 ORDER BY e.pos LIMIT $2`, store.Args{pos, limit})
}

// CountSince counts an actor's entries with an action since t: for alerts on bulk looks.
func (l *Log) CountSince(tx *store.Tx, actor fact.Handle, action string, t time.Time) (n int, err error) {
	_, err = tx.One(`SELECT count(*) FROM (SELECT pos FROM audit_entry WHERE at >= $1 AND actor = $2 AND action = $3 ORDER BY pos DESC LIMIT 1000) x`,
		store.Args{t.UnixMilli(), actor.Bytes(), action}, &n)
	return n, err
}

func (l *Log) read(tx *store.Tx, sql string, args store.Args) ([]Entry, error) {
	var out []Entry
	err := tx.Each(sql, args, func(r *store.Row) error {
		var e Entry
		var at, made int64
		if err := r.Scan(&e.Pos, &at, &e.Actor, &e.Device, &e.Action, &e.Person, &e.Point, &e.Outcome, &e.Code, &made); err != nil {
			return err
		}
		e.At = time.UnixMilli(at).UTC()
		if made != 0 {
			e.Made = time.UnixMilli(made).UTC()
		}
		out = append(out, e)
		return nil
	})
	return out, err
}
