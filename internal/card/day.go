package card

import (
	"fmt"
	"math"
	"time"
)

const secondsPerDay = 24 * 60 * 60

// Day counts days since 1970-01-01 in UTC. Sixteen bits last until 2149.
type Day uint16

// DayOf returns the UTC day of t. Times outside the range of Day give its first or last day.
func DayOf(t time.Time) Day {
	n := t.Unix() / secondsPerDay
	switch {
	case t.Unix() < 0:
		return 0
	case n > math.MaxUint16:
		return math.MaxUint16
	}
	return Day(n)
}

// Time returns the first instant of the day, UTC.
func (d Day) Time() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// String returns the day as 2006-01-02.
func (d Day) String() string { return d.Time().Format(time.DateOnly) }

// Quarter counts quarters of a year since the first of 1970: 4*(year-1970) + (month-1)/3.
type Quarter uint16

// Quarter returns the quarter the day lies in.
func (d Day) Quarter() Quarter {
	t := d.Time()
	return Quarter(4*(t.Year()-1970) + (int(t.Month())-1)/3)
}

// Start returns the first day of the quarter. Quarters after the range of Day start on its last day.
func (q Quarter) Start() Day {
	return DayOf(time.Date(1970+int(q)/4, time.Month(1+int(q)%4*3), 1, 0, 0, 0, 0, time.UTC))
}

// End returns the first day after the quarter.
func (q Quarter) End() Day { return (q + 1).Start() }

// String returns the quarter as 2026-Q1.
func (q Quarter) String() string { return fmt.Sprintf("%d-Q%d", 1970+int(q)/4, 1+int(q)%4) }

// ExpiryAfter returns when a card issued on day and wanted for at least the given number of days expires: the start
// of the first quarter at or after that day, so that the expiry does not betray the day of issue.
func ExpiryAfter(issued Day, days int) Day {
	wanted := DayOf(issued.Time().AddDate(0, 0, days))
	if start := wanted.Quarter().Start(); start == wanted {
		return wanted
	}
	return wanted.Quarter().End()
}
