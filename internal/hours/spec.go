package hours

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// day is the number of minutes in a day of wall-clock time.
const day = 24 * 60

// Range is a stretch of opening hours in minutes of wall-clock time since the midnight that begins its day: From is
// included, To is not. To exceeds 1,440 when the range runs past midnight.
type Range struct {
	From    int    `json:"from"`
	To      int    `json:"to"`
	Comment string `json:"comment,omitempty"`
}

// String returns the range as hours: "08:00-17:00", "20:00-06:00".
func (r Range) String() string {
	to := r.To
	if to > day {
		to -= day
	}
	return clock(r.From) + "-" + clock(to)
}

func clock(minutes int) string {
	b := []byte("00:00")
	h, m := minutes/60, minutes%60
	b[0], b[1], b[3], b[4] = byte('0'+h/10), byte('0'+h%10), byte('0'+m/10), byte('0'+m%10)
	return string(b)
}

type state int

const (
	open    state = iota
	off           // closed, all day or within the rule's ranges
	unknown       // a comment alone says what to do
)

// rule is one part of a specification between semicolons.
type rule struct {
	dates   []dates // none: every date
	days    week    // empty: every weekday, unless only holidays are named
	holiday bool    // PH stands in the list of days
	ranges  []Range // sorted; none for off all day and for unknown
	state   state
	comment string
}

// Spec is a parsed specification. The zero Spec is never open.
type Spec struct {
	rules []rule
}

// IsZero reports whether nothing is specified.
func (s Spec) IsZero() bool { return len(s.rules) == 0 }

// Holidays returns the rules about public holidays as written canonically ("PH off"), empty when there are none. No
// calendar of holidays is known here, so they are shown to people and never evaluated.
func (s Spec) Holidays() string {
	var out []string
	for _, r := range s.rules {
		if r.holiday {
			r.days = 0
			out = append(out, r.String())
		}
	}
	return strings.Join(out, "; ")
}

// MarshalText writes the canonical form.
func (s Spec) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a specification; empty text is the zero Spec.
func (s *Spec) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*s = Spec{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}

// matches reports whether the rule speaks about a calendar date.
func (r rule) matches(d date) bool {
	if r.days == 0 && r.holiday {
		return false
	}
	if r.days != 0 && !r.days.has(d.weekday()) {
		return false
	}
	return len(r.dates) == 0 || slices.ContainsFunc(r.dates, func(x dates) bool { return x.has(d) })
}

// on returns the ranges that begin on a date, and why it is closed when its last rule closes it.
func (s Spec) on(d date) (ranges []Range, comment string) {
	for _, r := range s.rules {
		if !r.matches(d) {
			continue
		}
		switch {
		case r.state == off && len(r.ranges) > 0:
			ranges = subtract(ranges, r.ranges)
		case r.state == open:
			ranges, comment = slices.Clone(r.ranges), ""
			for i := range ranges {
				ranges[i].Comment = r.comment
			}
		default:
			ranges, comment = nil, r.comment
		}
	}
	return ranges, comment
}

// Day returns the ranges that begin on the calendar date of t, in order, and for a day that is
// closed as a whole the comment that says why.
func (s Spec) Day(t time.Time) ([]Range, string) { return s.on(dateOf(t)) }

// Week returns the ranges of seven days, the first being the calendar date of from. It includes exceptions on dates.
func (s Spec) Week(from time.Time) [7][]Range {
	var out [7][]Range
	d := dateOf(from)
	for i := range out {
		out[i], _ = s.on(d.add(i))
	}
	return out
}

// normal sorts ranges and joins those that touch or overlap, unless the result would last a day or more without being a
// whole day: that could not be written as hours.
func normal(in []Range) []Range {
	slices.SortFunc(in, func(a, b Range) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	var out []Range
	for _, r := range in {
		if n := len(out); n > 0 && r.From <= out[n-1].To {
			to := max(out[n-1].To, r.To)
			if to-out[n-1].From < day || out[n-1].From == 0 && to == day {
				out[n-1].To = to
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

// subtract takes cuts away from ranges and keeps their order.
func subtract(from, cuts []Range) []Range {
	for _, c := range cuts {
		var left []Range
		for _, r := range from {
			if c.To <= r.From || r.To <= c.From {
				left = append(left, r)
				continue
			}
			if r.From < c.From {
				left = append(left, Range{r.From, c.From, r.Comment})
			}
			if c.To < r.To {
				left = append(left, Range{c.To, r.To, r.Comment})
			}
		}
		from = left
	}
	return from
}
