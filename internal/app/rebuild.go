package app

import (
	"context"
	"io"
	"time"

	"serai/internal/fault"
	"serai/internal/journal"
	"serai/internal/sim"
)

// Rebuilt is what a rebuild took.
type Rebuilt struct {
	N         int64   `json:"n"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"per_second"`
}

// Rebuild fills every projection again from the facts.
func (n *Node) Rebuild(ctx context.Context, progress func(done, all int64)) (Rebuilt, error) {
	var r Rebuilt
	start := time.Now()
	err := n.Journal.Rebuild(ctx, journal.Rebuild{Progress: func(done, all int64) {
		r.N = all
		if progress != nil {
			progress(done, all)
		}
	}})
	r.Seconds = time.Since(start).Seconds()
	if r.Seconds > 0 {
		r.PerSecond = float64(r.N) / r.Seconds
	}
	return r, err
}

// Simulate writes simulated journeys as JSON lines, the truth at the end. start is a day, or empty for thirty days ago.
func Simulate(w io.Writer, seed uint64, people, days int, start string) error {
	from := time.Now().UTC().AddDate(0, 0, -days)
	if start != "" {
		t, err := time.Parse(time.DateOnly, start)
		if err != nil {
			return fault.Field("start", "simulate.bad_day", "a day has the form 2026-01-01")
		}
		from = t
	}
	if err := sim.WriteJSON(w, sim.Config{Seed: seed, People: people, Days: days, Start: from}); err != nil {
		return fault.Invalid("simulate.bad_config", err.Error())
	}
	return nil
}
