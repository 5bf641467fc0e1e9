package hours

import (
	"strconv"
	"strings"
	"time"
)

var monthNames = [13]string{"", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// String returns the canonical form, which parses to the same specification: one spelling for one meaning, so that two
// nodes can compare text. It is empty for the zero Spec.
func (s Spec) String() string {
	parts := make([]string, len(s.rules))
	for i, r := range s.rules {
		parts[i] = r.String()
	}
	return strings.Join(parts, "; ")
}

func (r rule) String() string {
	var parts []string
	if len(r.dates) > 0 {
		list := make([]string, len(r.dates))
		for i, d := range r.dates {
			list[i] = d.String()
		}
		parts = append(parts, strings.Join(list, ","))
	}
	switch {
	case r.days != 0 && r.holiday:
		parts = append(parts, r.days.String()+",PH")
	case r.days != 0:
		parts = append(parts, r.days.String())
	case r.holiday:
		parts = append(parts, "PH")
	}
	always := len(parts) == 0 && r.state == open && len(r.ranges) == 1 && r.ranges[0].From == 0 && r.ranges[0].To == day
	if always {
		parts = append(parts, "24/7")
	} else if len(r.ranges) > 0 {
		list := make([]string, len(r.ranges))
		for i, x := range r.ranges {
			list[i] = x.String()
		}
		parts = append(parts, strings.Join(list, ","))
	}
	if r.state == off {
		parts = append(parts, "off")
	}
	if r.comment != "" {
		parts = append(parts, `"`+r.comment+`"`)
	}
	return strings.Join(parts, " ")
}

// String writes the range so that nothing is said twice: "Dec 24-26", "2026 Dec 24-2027 Jan 2", "Aug", "Jun-Aug".
func (r dates) String() string {
	whole := r.from.day == 1 && r.to.day == lastDay(r.to.month) && (r.from.year == 0) == (r.to.year == 0)
	if r.from == r.to {
		whole = false
	}
	first := dateName(r.from, whole)
	if r.from == r.to {
		return first
	}
	if r.from.year == r.to.year && r.from.month == r.to.month && (r.from.day <= r.to.day) {
		if whole {
			return first
		}
		return first + "-" + strconv.Itoa(r.to.day)
	}
	to := r.to
	if to.year == r.from.year {
		to.year = 0
	}
	return first + "-" + dateName(to, whole)
}

func dateName(d date, whole bool) string {
	s := monthNames[d.month]
	if d.year != 0 {
		s = strconv.Itoa(d.year) + " " + s
	}
	if !whole {
		s += " " + strconv.Itoa(d.day)
	}
	return s
}

// lastDay is the last day that a month can have: 29 for February, since a rule without a year counts in leap years too.
func lastDay(m time.Month) int {
	return time.Date(2024, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
