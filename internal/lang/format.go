package lang

import (
	"math"
	"strconv"
	"strings"
	"time"

	"serai/internal/fact"
)

// mark holds how a language groups and splits numbers: the groups of three, the decimal mark.
type mark struct{ group, decimal string }

// As CLDR has them: French groups by a narrow no-break space, Spanish leaves four digits together, and Arabic with
// digits 0-9 is written in the Maghreb with point and comma, as in "1.234,5".
var marks = map[Tag]mark{
	English: {",", "."},
	French:  {"\u202f", ","},
	Arabic:  {".", ","},
	Spanish: {"\u00a0", ","},
}

// Number writes a whole number with its groups.
func Number(l Tag, n int64) string {
	digits := strconv.FormatUint(magnitude(n), 10)
	m := marks[l]
	var b strings.Builder
	if n < 0 {
		b.WriteString("-")
	}
	if l == Spanish && len(digits) == 4 {
		b.WriteString(digits)
		return b.String()
	}
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(m.group)
		}
		b.WriteByte(digits[i])
	}
	return b.String()
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// Decimal writes a number with up to the given number of decimal places, none that are zero at the end.
func Decimal(l Tag, f float64, places int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "–"
	}
	s := strconv.FormatFloat(f, 'f', places, 64)
	whole, frac, _ := strings.Cut(s, ".")
	frac = strings.TrimRight(frac, "0")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return s // beyond 19 digits nobody groups
	}
	out := Number(l, n)
	if n == 0 && strings.HasPrefix(whole, "-") && frac != "" {
		out = "-" + out
	}
	if frac != "" {
		out += marks[l].decimal + frac
	}
	return out
}

// Date writes a day in full, as in "31 March 2026".
func Date(l Tag, d fact.Day) string {
	t := d.Time()
	return Text(l, "date.full", Args{
		"day":   strconv.Itoa(t.Day()),
		"month": Text(l, "date.month."+strconv.Itoa(int(t.Month())), nil),
		"year":  strconv.Itoa(t.Year()),
	})
}

// Weekday writes the name of a day of the week.
func Weekday(l Tag, d time.Weekday) string {
	return Text(l, "date.weekday."+strconv.Itoa(int(d)), nil)
}

// Clock writes a time of day in 24 hours, as in "08:30", in t's own zone.
func Clock(t time.Time) string { return t.Format("15:04") }
