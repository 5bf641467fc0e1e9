package catalogue

import (
	"strconv"
	"strings"
	"time"
)

// AgeMax is the upper end of an open age interval, in years. Nobody is recorded as older.
const AgeMax = 130

// adultFrom is the first year of adult life in every scheme.
const adultFrom = 18

// Age classes that are no interval of years.
const (
	Child   = "child"   // under 18, not split further
	Adult   = "adult"   // 18 and over, not split further
	Unsplit = "unsplit" // not disaggregated
	Unknown = "unknown" // the atom of a person whose age nobody recorded
)

// AgeAtom is one of the smallest age classes: full years, both ends included. The atom "unknown" has no years.
type AgeAtom struct {
	Term
	Low  int `json:"low"`
	High int `json:"high"` // AgeMax for the open one
}

// lows are the first years of the atoms 0–4, 5, 6–11, 12, 13–17, 18–29, 30–39, 40–49, 50–59, 60–69, 70–79, 80+.
// Every band of every scheme is a run of them.
var lows = [...]int{0, 5, 6, 12, 13, 18, 30, 40, 50, 60, 70, 80}

// Age is an interval of full years, both ends included: what is known about an age, never more.
type Age struct {
	Low  int `json:"low"`
	High int `json:"high"`
}

// Valid reports whether the interval lies within 0 and AgeMax and is not upside down.
func (a Age) Valid() bool { return 0 <= a.Low && a.Low <= a.High && a.High <= AgeMax }

// MayBeChild reports whether the person may be under 18: then they are a child for protection, whatever they state.
func (a Age) MayBeChild() bool { return a.Low < adultFrom }

// Born returns the age on a day of somebody with this birth date, both read as calendar dates. A birth date after the
// day gives an interval that is not valid.
func Born(birth, on time.Time) Age {
	n, _ := years(birth, on)
	return Age{n, n}
}

// BornIn returns the age on a day of somebody of whom only the year of birth is known.
func BornIn(year int, on time.Time) Age {
	n := on.Year() - year
	return Age{max(n-1, 0), n}
}

// On moves an age that was known on one day to another, earlier or later: age counts on the date of the contact. The
// interval widens by a year unless a whole number of years lies between, since the birthday is not known.
func (a Age) On(known, on time.Time) Age {
	if on.Before(known) {
		n, exact := years(on, known)
		low := a.Low - n
		if !exact {
			low--
		}
		return Age{max(low, 0), max(a.High-n, 0)}
	}
	n, exact := years(known, on)
	high := a.High + n
	if !exact {
		high++
	}
	return Age{min(a.Low+n, AgeMax), min(high, AgeMax)}
}

// years counts the full years from one calendar date to a later one, and whether the later is the anniversary. It is
// negative when the order is wrong. Somebody born on 29 February has their birthday on 1 March in other years.
func years(from, to time.Time) (n int, exact bool) {
	n = to.Year() - from.Year()
	anniversary := time.Date(to.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)
	day := time.Date(to.Year(), to.Month(), to.Day(), 0, 0, 0, 0, time.UTC)
	if day.Before(anniversary) {
		return n - 1, false
	}
	return n, day.Equal(anniversary)
}

// Atoms returns the atom that holds the whole interval of years; when it crosses atoms, child or adult, and when it may
// be either, Unsplit: a stated age stands, and is never split by proportion. An impossible interval is Unknown.
func Atoms(low, high int) string {
	if !(Age{low, high}).Valid() {
		return Unknown
	}
	if i := atomOf(low); i == atomOf(high) {
		return run(i, i)
	}
	switch {
	case high < adultFrom:
		return Child
	case low >= adultFrom:
		return Adult
	}
	return Unsplit
}

// Span is Atoms without loss for reporting: an interval that crosses atoms on one side of 18 becomes the run of atoms
// that holds it ("5-17" for the girl button, "18-59" for the woman button), so that a scheme whose band is that wide can
// still count it. Store this code with a count. All children are Child, all adults Adult.
func Span(low, high int) string {
	code := Atoms(low, high)
	if code != Child && code != Adult {
		return code
	}
	i, j := atomOf(low), atomOf(high)
	switch {
	case i == 0 && j == atomOf(adultFrom)-1:
		return Child
	case i == atomOf(adultFrom) && j == len(lows)-1:
		return Adult
	}
	return run(i, j)
}

func atomOf(year int) int {
	for i := len(lows) - 1; i > 0; i-- {
		if year >= lows[i] {
			return i
		}
	}
	return 0
}

// run names the years from the first of atom i to the last of atom j: "0-4", "5", "18-59", "80+".
func run(i, j int) string {
	low := strconv.Itoa(lows[i])
	if j == len(lows)-1 {
		return low + "+"
	}
	if high := lows[j+1] - 1; high != lows[i] {
		return low + "-" + strconv.Itoa(high)
	}
	return low
}

// bounds reads the code of an atom, span, band or split back into years.
func bounds(code string) (Age, bool) {
	switch code {
	case Child:
		return Age{0, adultFrom - 1}, true
	case Adult:
		return Age{adultFrom, AgeMax}, true
	}
	first, last, ranged := strings.Cut(code, "-")
	if open, ok := strings.CutSuffix(code, "+"); ok {
		first, last, ranged = open, strconv.Itoa(AgeMax), true
	}
	if !ranged {
		last = first
	}
	low, err := strconv.Atoi(first)
	if err != nil {
		return Age{}, false
	}
	high, err := strconv.Atoi(last)
	if err != nil {
		return Age{}, false
	}
	a := Age{low, high}
	return a, a.Valid()
}

// Scheme is the set of age bands of one reporting organisation: a view over sums of atoms, nothing is stored by it.
type Scheme struct {
	Code  string   `json:"code"`
	Name  string   `json:"name"`
	Bands []string `json:"bands"` // "0-5", "80+"
}

// Rows returns the rows of a table in this scheme: its bands, then child, adult and unsplit for what crosses them.
func (s Scheme) Rows() []string {
	return append(append([]string(nil), s.Bands...), Child, Adult, Unsplit)
}

// Band returns the row under which an atom, span or split counts in this scheme: the band that holds all of it; else
// child or adult; else Unsplit, also for Unknown and for a code that is none. Nothing is split by proportion.
func (s Scheme) Band(code string) string {
	a, ok := bounds(code)
	if !ok {
		return Unsplit
	}
	return s.BandOf(a)
}

// BandOf is Band for an interval of years.
func (s Scheme) BandOf(a Age) string {
	if !a.Valid() {
		return Unsplit
	}
	for _, band := range s.Bands {
		if b, ok := bounds(band); ok && b.Low <= a.Low && a.High <= b.High {
			return band
		}
	}
	switch {
	case a.High < adultFrom:
		return Child
	case a.Low >= adultFrom:
		return Adult
	}
	return Unsplit
}

// side says whether all of a band or split lies on one side of 18: Child, Adult, or neither.
func side(band string) string {
	a, ok := bounds(band)
	switch {
	case !ok:
		return ""
	case a.High < adultFrom:
		return Child
	case a.Low >= adultFrom:
		return Adult
	}
	return ""
}
