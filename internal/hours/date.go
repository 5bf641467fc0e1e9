package hours

import "time"

// date is a calendar date without a zone.
type date struct {
	year  int
	month time.Month
	day   int
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{y, m, d}
}

func (d date) utc() time.Time { return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC) }

func (d date) add(days int) date { return dateOf(d.utc().AddDate(0, 0, days)) }

// weekday counts from Monday, 0 to 6.
func (d date) weekday() int { return (int(d.utc().Weekday()) + 6) % 7 }

// inYear orders dates within a year.
func (d date) inYear() int { return int(d.month)*100 + d.day }

func (d date) ordinal() int { return d.year*10000 + d.inYear() }

// dates is a range of dates, both ends included. Year 0 in both means every year; then a range whose end comes before
// its start runs over the year's end. Whole months run from 1 to the last possible day, since every day compares lower.
type dates struct {
	from, to date
}

func (r dates) has(d date) bool {
	if r.from.year != 0 {
		return r.from.ordinal() <= d.ordinal() && d.ordinal() <= r.to.ordinal()
	}
	from, to, at := r.from.inYear(), r.to.inYear(), d.inYear()
	if from <= to {
		return from <= at && at <= to
	}
	return at >= from || at <= to
}

// resolve returns the moment at which the clocks of a zone show a number of minutes after the midnight that begins d.
// A repeated time gives its first moment, a skipped one the moment of the clock change.
func resolve(d date, minutes int, zone *time.Location) time.Time {
	wall := d.utc().Add(time.Duration(minutes) * time.Minute)
	_, before := wall.Add(-day * time.Minute).In(zone).Zone()
	_, after := wall.Add(day * time.Minute).In(zone).Zone()
	first := wall.Add(-time.Duration(max(before, after)) * time.Second).In(zone)
	if shows(first, wall) {
		return first
	}
	second := wall.Add(-time.Duration(min(before, after)) * time.Second).In(zone)
	if shows(second, wall) {
		return second
	}
	// The clocks skip this time. The earlier moment lies before the change, so the change ends its zone.
	if _, change := first.ZoneBounds(); !change.IsZero() {
		return change.In(zone)
	}
	return first
}

// shows reports whether a zone's clock at t reads the same as wall does in UTC.
func shows(t, wall time.Time) bool {
	return dateOf(t) == dateOf(wall) && t.Hour() == wall.Hour() && t.Minute() == wall.Minute()
}
