package stock

import (
	"errors"
	"time"

	"serai/internal/fact"
)

// Count is the command behind a count: what is there, item by item. What is not named was not counted.
type Count struct {
	ID       fact.FactID
	Happened time.Time // zero: now
	Lines    []Line
}

// Decide turns the command into the open part of its fact. A count of nothing is a count.
func (cmd Count) Decide(at Place, items Items, now time.Time) (CountedOpen, error) {
	var bad []error
	happened, clock := moment(cmd.Happened, now, &bad)
	checkLines(cmd.Lines, items, 0, false, at.day(now), &bad)
	return CountedOpen{Point: at.ID, Org: at.Org, Day: at.day(happened), Happened: happened.UnixMilli(), Clock: clock, Lines: cmd.Lines}, errors.Join(bad...)
}
