package fact

import (
	"time"

	"serai/internal/fault"
)

// Day is a calendar day as the number of days since 1970-01-01: the operating day at a point, in the point's own time.
type Day int32

// DayOf returns the calendar day of t in t's own location.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// OperatingDay returns the operating day of t in loc: a night's work before the cut-off (04:00 by default) belongs to
// the day before.
func OperatingDay(t time.Time, loc *time.Location, cutoff time.Duration) Day {
	return DayOf(t.In(loc).Add(-cutoff))
}

// Time returns midnight of the day in UTC.
func (d Day) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String returns the day as 2006-01-02.
func (d Day) String() string { return d.Time().Format(time.DateOnly) }

// ParseDay reads 2006-01-02.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fault.Invalid("fact.bad_day", "a day has the form 2026-03-31")
	}
	return DayOf(t), nil
}

// MarshalText writes 2006-01-02.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 2006-01-02.
func (d *Day) UnmarshalText(b []byte) error {
	v, err := ParseDay(string(b))
	if err == nil {
		*d = v
	}
	return err
}
