package hours

import (
	"cmp"
	"slices"
	"time"
)

// horizon is how many days ahead Open looks for the next change when a rule depends on dates; otherwise a week decides.
const horizon = 400

// Open reports whether the place is open at a moment, read in the moment's own zone: pass at.In(zone of the place).
//
// until is the moment at which that changes, in the same zone; it is zero when nothing changes within 400 days, as with
// 24/7. comment is the comment on the range that is open now or, when closed, why this day is closed.
func (s Spec) Open(at time.Time) (now bool, until time.Time, comment string) {
	zone, today := at.Location(), dateOf(at)
	days := 8
	if s.dated() {
		days = horizon
	}
	_, comment = s.on(today)
	var end time.Time // of the stretch that is open now
	var late []Range  // of the day before, beginning after its midnight
	for i := -2; i <= days; i++ {
		d := today.add(i)
		var ranges []Range
		ranges, late = s.beginning(d, late)
		for _, r := range ranges {
			from, to := resolve(d, r.From, zone), resolve(d, r.To, zone)
			switch {
			case !from.Before(to):
				// A clock change swallowed it.
			case now && from.After(end):
				return true, end, comment
			case now:
				if to.After(end) {
					end = to
				}
			case from.After(at):
				return false, from, comment
			case to.After(at):
				now, end, comment = true, to, r.Comment
			}
		}
		// Whatever begins later than tomorrow cannot touch an end that lies before it.
		if now && resolve(d.add(1), 0, zone).After(end) {
			return true, end, comment
		}
	}
	return now, time.Time{}, comment
}

// beginning returns the ranges that begin on a date in order, with those that the day before left over, and what this day
// leaves over for the next: "off" hours can cut a night so that its second half begins past midnight.
func (s Spec) beginning(d date, before []Range) (ranges, late []Range) {
	all, _ := s.on(d)
	ranges = before
	for _, r := range all {
		if r.From >= day {
			late = append(late, Range{r.From - day, r.To - day, r.Comment})
			continue
		}
		ranges = append(ranges, r)
	}
	slices.SortStableFunc(ranges, func(a, b Range) int { return cmp.Compare(a.From, b.From) })
	return ranges, late
}

// dated reports whether any rule depends on the date, so that one week does not tell all.
func (s Spec) dated() bool {
	return slices.ContainsFunc(s.rules, func(r rule) bool { return len(r.dates) > 0 })
}
