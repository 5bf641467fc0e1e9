package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"serai/internal/jobs"
	"serai/internal/store"
	"serai/internal/testkit"
)

func state(t *testing.T, db *store.DB, name string) (out jobs.State) {
	t.Helper()
	err := db.Read(context.Background(), func(tx *store.Tx) error {
		all, err := jobs.States(tx)
		for _, s := range all {
			if s.Name == name {
				out = s
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAJobIsDueOnceADayAndMadeUpForOnceAfterANightSwitchedOff(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		if err := db.Migrate(ctx, jobs.Migrations); err != nil {
			t.Fatal(err)
		}
		clock := testkit.NewClock()
		runs := 0
		queue := func() *jobs.Queue {
			q := jobs.New(db, clock.Now, slog.New(slog.DiscardHandler))
			q.Every("backup", 24*time.Hour, func(context.Context) error { runs++; return nil })
			return q
		}
		q := queue()
		for range 3 {
			if _, err := q.Once(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if runs != 1 {
			t.Fatalf("ran %d times at once, want 1", runs)
		}
		clock.Add(9 * 24 * time.Hour) // the node was off for nine days
		if _, err := queue().Once(ctx); err != nil || runs != 2 {
			t.Fatalf("ran %d times after the pause (%v), want 2", runs, err)
		}
		clock.Add(23 * time.Hour)
		if wait, err := queue().Once(ctx); err != nil || runs != 2 || wait != time.Hour {
			t.Errorf("ran %d times, waits %v (%v)", runs, wait, err)
		}
	})
}

func TestAFailingJobIsTriedLaterAndLaterAndToldUntilItSucceeds(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		if err := db.Migrate(ctx, jobs.Migrations); err != nil {
			t.Fatal(err)
		}
		clock := testkit.NewClock()
		fail, runs := true, 0
		q := jobs.New(db, clock.Now, slog.New(slog.DiscardHandler))
		q.Every("backup", time.Hour, func(context.Context) error {
			runs++
			switch {
			case runs == 2:
				panic("a mistake of programming")
			case fail:
				return errors.New("the stick is not there")
			}
			return nil
		})
		var waits []time.Duration
		for range 8 {
			if _, err := q.Once(ctx); err != nil {
				t.Fatal(err)
			}
			s := state(t, db, "backup")
			waits = append(waits, s.Due.Sub(clock.Now()))
			clock.Set(s.Due)
		}
		if waits[0] != time.Minute || waits[1] != 2*time.Minute || waits[7] != time.Hour {
			t.Errorf("waits %v", waits)
		}
		if s := state(t, db, "backup"); s.Failures != 8 || s.Error != "the stick is not there" || !s.Last.IsZero() {
			t.Errorf("%+v", s)
		}
		fail = false
		if _, err := q.Once(ctx); err != nil {
			t.Fatal(err)
		}
		if s := state(t, db, "backup"); s.Failures != 0 || s.Error != "" || s.Last.IsZero() {
			t.Errorf("%+v", s)
		}
	})
}
