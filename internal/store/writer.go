package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// groupMost is how many closures commit together at the most: enough for one flush to serve every desk that waits,
// few enough that the first of them does not wait for the last for long.
const groupMost = 64

type job struct {
	ctx  context.Context
	fn   func(*Tx) error
	big  bool // a WriteMuch
	bulk bool // a WriteBulk
	tx   *Tx
	err  error
	done chan struct{}
}

// Write runs fn in the writer and returns when its effect is durable, or when it has failed and left none. A context
// that ends before fn began cancels it; afterwards it runs to its end, so that one cancelled request cannot roll back
// its neighbours.
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	return db.submit(&job{ctx: ctx, fn: fn, done: make(chan struct{})})
}

// WriteMuch is Write for a closure that changes more than fits into memory, such as dropping tables: it runs alone.
func (db *DB) WriteMuch(ctx context.Context, fn func(tx *Tx) error) error {
	return db.submit(&job{ctx: ctx, fn: fn, big: true, done: make(chan struct{})})
}

// WriteBulk is Write for a closure that writes very many rows of tables that can be made again: it runs alone, what it
// writes to different tables may be written in any order, between tables there being no foreign keys, and a power cut
// may take its commit back until the next Write is durable.
func (db *DB) WriteBulk(ctx context.Context, fn func(tx *Tx) error) error {
	return db.submit(&job{ctx: ctx, fn: fn, bulk: true, done: make(chan struct{})})
}

func (db *DB) submit(j *job) error {
	ctx := j.ctx
	if err := ctx.Err(); err != nil {
		return err
	}
	db.closing.RLock()
	if db.closed {
		db.closing.RUnlock()
		return errClosed
	}
	select {
	case db.jobs <- j:
		db.closing.RUnlock()
	case <-ctx.Done():
		db.closing.RUnlock()
		return ctx.Err()
	}
	<-j.done
	return j.err
}

func (db *DB) writeTogether() {
	defer db.stopped.Done()
	for {
		select {
		case first := <-db.jobs:
			db.runGroup(db.gather(first))
		case <-db.stop:
			for { // what was accepted is finished
				select {
				case j := <-db.jobs:
					db.runGroup(db.gather(j))
				default:
					return
				}
			}
		}
	}
}

func (db *DB) gather(first *job) []*job {
	group := []*job{first}
	for len(group) < groupMost {
		select {
		case j := <-db.jobs:
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}

func (db *DB) runGroup(group []*job) {
	rest := group[:0:0]
	for _, j := range group {
		switch {
		case j.big:
			db.runMuch(j)
		case j.bulk:
			db.runTogether([]*job{j})
		default:
			rest = append(rest, j)
		}
	}
	if len(rest) > 0 {
		db.runTogether(rest)
	}
}

func (db *DB) runMuch(j *job) {
	c := db.engine.writer()
	if err := c.spill(true); err != nil {
		j.err = err
		close(j.done)
		return
	}
	defer func() { _ = c.spill(false) }() // without it the next commits are slower and as safe
	db.runTogether([]*job{j})
}

func (db *DB) runTogether(group []*job) {
	err := db.together(group)
	if err != nil && len(group) > 1 {
		for _, j := range group {
			j.err = nil
			if e := db.together([]*job{j}); e != nil {
				j.err = e
			}
		}
	} else if err != nil {
		group[0].err = err
	}
	for _, j := range group {
		if j.err == nil && j.tx != nil {
			for _, fn := range j.tx.after {
				fn()
			}
		}
		close(j.done)
	}
}

// retries of a transaction that lost a race against another process on PostgreSQL.
const retries = 8

// together runs the closures in one transaction. A closure that fails is undone alone and its error kept in its job;
// an error returned here means that nothing of the group is there.
func (db *DB) together(group []*job) error {
	for try := 0; ; try++ {
		err := db.attempt(group)
		if err == nil || try == retries || !retryable(err) {
			return err
		}
	}
}

func (db *DB) attempt(group []*job) (err error) {
	c := db.engine.writer()
	if group[0].bulk {
		c.bulk()
	}
	if err := c.begin(true); err != nil {
		return fmt.Errorf("begin writing: %w", err)
	}
	g := &groupState{once: map[any]any{}}
	ran := 0
	for _, j := range group {
		j.tx, j.err = nil, nil
		if e := j.ctx.Err(); e != nil {
			j.err = e
			continue
		}
		if err := c.savepoint(); err != nil {
			c.rollback()
			return err
		}
		tx := &Tx{conn: c, engine: db.engine.name(), group: g}
		if e := protect(j.fn, tx); e != nil {
			for i := len(tx.undo) - 1; i >= 0; i-- {
				tx.undo[i]()
			}
			if tx.broken != nil || retryable(e) {
				c.rollback()
				return e
			}
			if err := c.undo(); err != nil { // it cannot be undone alone, or the engine has rolled everything back by itself
				c.rollback()
				if len(group) == 1 && errors.Is(err, errSent) {
					j.err = e
					return nil
				}
				return errors.Join(e, err)
			}
			j.err = e
			continue
		}
		if err := c.release(); err != nil {
			c.rollback()
			return err
		}
		j.tx = tx
		ran++
	}
	if ran == 0 {
		c.rollback()
		return nil
	}
	last := &Tx{conn: c, engine: db.engine.name(), group: g}
	for _, fn := range g.before {
		if err := fn(last); err != nil {
			c.rollback()
			return err
		}
	}
	if err := c.commit(); err != nil {
		c.rollback()
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// protect turns a panic of a closure into its error: one bad command must not end the writer of all.
func protect(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("store: panic in a write: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(tx)
}

type sqlState interface{ SQLState() string }

func retryable(err error) bool {
	var s sqlState
	return errors.As(err, &s) && (s.SQLState() == "40001" || s.SQLState() == "40P01")
}
