package sim

import (
	"fmt"
	"math"
	"strings"
)

// opening is a weekly rule: the same hours on each open weekday. Seconds count from local midnight.
type opening struct {
	days       [7]bool // Sunday = 0, as in package time
	from, to   int64
	roundClock bool
}

var weekdays = []string{"Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"}

// parseHours reads "24/7", "Mo-Fr 08:00-17:00" and, as an empty text, round the clock. The network files use nothing
// else; other rules are refused instead of being half understood.
func parseHours(s string) (opening, error) {
	if s == "" || s == "24/7" {
		return opening{days: [7]bool{true, true, true, true, true, true, true}, to: day, roundClock: true}, nil
	}
	var o opening
	var first, last string
	var h1, m1, h2, m2 int64
	if _, err := fmt.Sscanf(strings.Replace(s, "-", " ", 1), "%s %s %d:%d-%d:%d", &first, &last, &h1, &m1, &h2, &m2); err != nil {
		return o, fmt.Errorf(`hours %q: write "24/7" or "Mo-Fr 08:00-17:00"`, s)
	}
	a, b := indexOf(weekdays, first), indexOf(weekdays, last)
	o.from, o.to = h1*hour+m1*minute, h2*hour+m2*minute
	if a < 0 || b < 0 || o.from >= o.to || o.to > day {
		return o, fmt.Errorf("hours %q: weekdays are Mo to Su, and the end comes after the beginning on the same day", s)
	}
	for i := a; ; i = (i + 1) % 7 {
		o.days[i] = true
		if i == b {
			return o, nil
		}
	}
}

func indexOf(list []string, s string) int {
	for i, x := range list {
		if x == s {
			return i
		}
	}
	return -1
}

// offsetOf is the zone of a point in seconds east of UTC, by country, else by longitude. Summer time is left out: the
// simulator needs plausible local hours that do not depend on the machine's time zone files.
func offsetOf(p *Point) int64 {
	switch p.Country {
	case "ML", "BF", "SN", "CI", "GN":
		return 0
	case "NE", "TD", "TN", "DZ", "MK", "NG":
		return hour
	case "LY", "EG", "GR", "SD":
		return 2 * hour
	case "ET", "DJ":
		return 3 * hour
	case "CO", "EC", "PA":
		return -5 * hour
	case "HN", "GT":
		return -6 * hour
	case "":
		return 0
	}
	return int64(math.Round(p.Lon/15)) * hour
}
