// Package jobs does what a node does by itself: the nightly backup, signing what is unsigned, destroying keys whose time
// is over. A job is named, is due again after its interval, and its state is durable: a node that was switched off over
// night makes its backup when it comes back, once, and a job that fails is tried again, later each time, and told by
// doctor until it succeeds.
//
// Jobs run one after the other. The table is plain: it never travels and is never rebuilt.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"serai/internal/store"
)

// Migrations make the table of this package.
var Migrations = []store.Migration{{Name: "jobs/0001", SQL: `
CREATE TABLE jobs_state (name TEXT PRIMARY KEY, due BIGINT NOT NULL, last BIGINT NOT NULL, took BIGINT NOT NULL, failures BIGINT NOT NULL, error TEXT NOT NULL) /*clustered*/`}}

// The wait after a failure doubles from firstRetry up to the job's own interval.
const firstRetry = time.Minute

// State says how a job stands.
type State struct {
	Name     string        `json:"name"`
	Due      time.Time     `json:"due"`
	Last     time.Time     `json:"last,omitzero"` // when it last succeeded; zero for never
	Took     time.Duration `json:"took"`
	Failures int           `json:"failures"` // since it last succeeded
	Error    string        `json:"error,omitempty"`
}

// Queue runs the jobs of one node.
type Queue struct {
	db  *store.DB
	now func() time.Time
	log *slog.Logger

	mu   sync.Mutex
	jobs []job
}

type job struct {
	name  string
	every time.Duration
	fn    func(context.Context) error
}

// New returns a queue without jobs.
func New(db *store.DB, now func() time.Time, log *slog.Logger) *Queue {
	return &Queue{db: db, now: now, log: log}
}

// Every adds a job. Its first run is due at once; a run that was missed while the node was off is made up for once. fn
// must bear being run again after it was cut off.
func (q *Queue) Every(name string, every time.Duration, fn func(context.Context) error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, job{name, every, fn})
}

// Run runs what is due, again and again, until ctx ends. A job that is under way is finished.
func (q *Queue) Run(ctx context.Context) {
	for ctx.Err() == nil {
		wait, err := q.Once(ctx)
		if err != nil && ctx.Err() == nil {
			q.log.Error("jobs cannot be looked up", "error", err.Error())
			wait = firstRetry
		}
		select {
		case <-ctx.Done():
		case <-time.After(min(max(wait, time.Second), time.Hour)):
		}
	}
}

// Once runs every job that is due and returns how long it is until the next one.
func (q *Queue) Once(ctx context.Context) (time.Duration, error) {
	q.mu.Lock()
	jobs := append([]job(nil), q.jobs...)
	q.mu.Unlock()
	wait := time.Hour
	for _, j := range jobs {
		s, err := q.state(ctx, j.name)
		if err != nil {
			return 0, err
		}
		if !s.Due.After(q.now()) {
			if s, err = q.run(ctx, j, s); err != nil {
				return 0, err
			}
		}
		wait = min(wait, s.Due.Sub(q.now()))
	}
	return wait, nil
}

func (q *Queue) run(ctx context.Context, j job, s State) (State, error) {
	begin := q.now()
	err := protect(context.WithoutCancel(ctx), j.fn)
	s.Took = q.now().Sub(begin)
	if err == nil {
		s.Last, s.Failures, s.Error, s.Due = begin, 0, "", begin.Add(j.every)
	} else {
		s.Failures++
		s.Error = err.Error()
		s.Due = q.now().Add(min(firstRetry<<min(s.Failures-1, 20), j.every))
		q.log.Error("a job failed and is tried again", "job", j.name, "failures", s.Failures, "error", s.Error)
	}
	s.Name = j.name
	return s, q.db.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		return tx.Exec(`INSERT INTO jobs_state (name, due, last, took, failures, error) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name) DO UPDATE SET due = excluded.due, last = excluded.last, took = excluded.took, failures = excluded.failures, error = excluded.error`,
			s.Name, s.Due.UnixMilli(), millis(s.Last), s.Took.Milliseconds(), s.Failures, s.Error)
	})
}

func protect(ctx context.Context, fn func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("jobs: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(ctx)
}

func (q *Queue) state(ctx context.Context, name string) (State, error) {
	s := State{Name: name}
	err := q.db.Read(ctx, func(tx *store.Tx) error {
		all, err := States(tx)
		for _, x := range all {
			if x.Name == name {
				s = x
			}
		}
		return err
	})
	return s, err
}

// States returns how every job stands that has ever run.
func States(tx *store.Tx) ([]State, error) {
	var out []State
	err := tx.Each(`SELECT name, due, last, took, failures, error FROM jobs_state ORDER BY name`, nil, func(r *store.Row) error {
		var s State
		var due, last, took int64
		if err := r.Scan(&s.Name, &due, &last, &took, &s.Failures, &s.Error); err != nil {
			return err
		}
		s.Due, s.Took = time.UnixMilli(due).UTC(), time.Duration(took)*time.Millisecond
		if last > 0 {
			s.Last = time.UnixMilli(last).UTC()
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
