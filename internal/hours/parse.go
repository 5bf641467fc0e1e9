package hours

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds on what is read, far above any real timetable: input is bounded before it is worked on.
const (
	maxText    = 1000 // bytes
	maxRules   = 50
	maxList    = 40 // ranges or dates in one rule
	maxComment = 200
)

// Parse reads a specification. The fault of a refusal names the character at which reading stopped, counted from 1, and
// what to write instead; codes begin with "hours.".
func Parse(text string) (Spec, error) {
	p := &parser{lexer: lexer{text: text}}
	spec, err := p.spec()
	if err != nil {
		return Spec{}, err
	}
	return spec, nil
}

type parser struct {
	lexer
	tok token
}

// fail says what is wrong at the current token.
func (p *parser) fail(code, format string, args ...any) error {
	return p.failAt(p.tok.at, code, format, args...)
}

func (p *parser) next() error {
	tok, err := p.lex()
	p.tok = tok
	return err
}

func (p *parser) spec() (Spec, error) {
	if len(p.text) > maxText {
		return Spec{}, p.fail("long", "opening hours have at most %d bytes; leave out what a comment can say", maxText)
	}
	if err := p.next(); err != nil {
		return Spec{}, err
	}
	if p.tok.kind == end {
		return Spec{}, p.fail("empty", "write the hours, as in Mo-Fr 08:00-17:00, or 24/7")
	}
	var s Spec
	for {
		if len(s.rules) == maxRules {
			return Spec{}, p.fail("long", "at most %d rules between semicolons", maxRules)
		}
		r, err := p.rule()
		if err != nil {
			return Spec{}, err
		}
		s.rules = append(s.rules, r)
		switch {
		case p.tok.kind == end:
			return s, nil
		case p.tok.is(","):
			return Spec{}, p.fail("syntax", "separate rules with a semicolon, as in Mo-Fr 08:00-17:00; Sa 08:00-12:00")
		case !p.tok.is(";"):
			return Spec{}, p.unexpected("a semicolon before the next rule")
		}
		if err := p.next(); err != nil {
			return Spec{}, err
		}
		if p.tok.kind == end { // a semicolon at the end is common and harmless
			return s, nil
		}
	}
}

func (p *parser) unexpected(want string) error {
	return p.fail("syntax", "found %s, expected %s", p.tok, want)
}

// rule reads: dates, weekdays, hours, "off", comment; each may be missing, but not what says whether it is open.
func (p *parser) rule() (rule, error) {
	var r rule
	var err error
	if p.tok.kind == number || p.tok.month() != 0 {
		if r.dates, err = p.dates(); err != nil {
			return r, err
		}
	}
	if p.tok.isDay() {
		if err = p.weekdays(&r); err != nil {
			return r, err
		}
	}
	if err = p.hours(&r); err != nil {
		return r, err
	}
	stated := len(r.ranges) > 0
	if p.tok.word("off", "closed") {
		r.state, stated = off, true
		err = p.next()
	} else if p.tok.word("open") && stated {
		err = p.next()
	}
	if err != nil {
		return r, err
	}
	if p.tok.kind == comment {
		if r.comment = p.tok.text; !stated {
			r.state, stated = unknown, true
		}
		if err = p.next(); err != nil {
			return r, err
		}
	}
	if !stated {
		if p.tok.kind == word {
			return r, p.unknownWord()
		}
		if p.tok.kind != end && !p.tok.is(";") {
			return r, p.unexpected("hours such as 08:00-17:00")
		}
		return r, p.fail("times_missing", "give the hours, as in 08:00-17:00, or 00:00-24:00 for all day, or off")
	}
	return r, nil
}

func (p *parser) unknownWord() error {
	w := strings.ToLower(p.tok.text)
	switch w {
	case "sunrise", "sunset", "dawn", "dusk":
		return p.fail("unsupported", "%q moves through the year: write hours, as in 06:00-18:00", p.tok.text)
	case "sh", "easter", "week":
		return p.fail("unsupported", "%q is not understood here: write dates, as in 2026 Jul 1-Aug 31", p.tok.text)
	}
	for i, name := range [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		if strings.HasPrefix(w, name) {
			return p.fail("weekday", "%q: write %s", p.tok.text, dayNames[i])
		}
	}
	for i, name := range monthNames[1:] {
		if strings.HasPrefix(w, strings.ToLower(name)) {
			return p.fail("date", "%q: write %s", p.tok.text, monthNames[i+1])
		}
	}
	return p.fail("weekday", "%q is no weekday: write Mo, Tu, We, Th, Fr, Sa or Su, and words for people in quotes", p.tok.text)
}

// weekdays reads "Mo-Fr,Su,PH".
func (p *parser) weekdays(r *rule) error {
	for {
		from, ok := p.tok.weekday()
		switch {
		case p.tok.word("PH"):
			r.holiday = true
			if err := p.next(); err != nil {
				return err
			}
		case !ok && p.tok.kind == word:
			return p.unknownWord()
		case !ok:
			return p.unexpected("a weekday")
		default:
			to, err := p.dayRange(from)
			if err != nil {
				return err
			}
			r.days |= span(from, to)
		}
		if p.tok.is("[") {
			return p.fail("unsupported", "numbered weekdays are not understood: write the dates, as in 2026 Dec 7 08:00-12:00")
		}
		if !p.tok.is(",") {
			return nil
		}
		if err := p.next(); err != nil {
			return err
		}
	}
}

func (p *parser) dayRange(from int) (to int, err error) {
	if err := p.next(); err != nil || !p.tok.is("-") {
		return from, err
	}
	if err := p.next(); err != nil {
		return 0, err
	}
	to, ok := p.tok.weekday()
	if !ok && p.tok.kind == word {
		return 0, p.unknownWord()
	}
	if !ok {
		return 0, p.unexpected("the last day of the range")
	}
	return to, p.next()
}

// hours reads "24/7" or "08:00-12:00,14:00-17:00".
func (p *parser) hours(r *rule) error {
	if p.tok.kind == always {
		r.ranges = []Range{{From: 0, To: day}}
		return p.next()
	}
	for p.tok.kind == clockTime {
		if len(r.ranges) == maxList {
			return p.fail("long", "at most %d ranges of hours in one rule", maxList)
		}
		x, err := p.hourRange()
		if err != nil {
			return err
		}
		r.ranges = append(r.ranges, x)
		if !p.tok.is(",") {
			break
		}
		if err := p.next(); err != nil {
			return err
		}
		if p.tok.kind != clockTime {
			return p.fail("syntax", "after a comma come more hours; separate rules with a semicolon, as in Mo-Fr 08:00-17:00; Sa 08:00-12:00")
		}
	}
	r.ranges = normal(r.ranges)
	return nil
}

func (p *parser) hourRange() (Range, error) {
	from := p.tok.minutes
	if from >= day {
		return Range{}, p.fail("time", "hours begin between 00:00 and 23:59")
	}
	if err := p.next(); err != nil {
		return Range{}, err
	}
	if p.tok.is("+") {
		return Range{}, p.fail("unsupported", "an open end is not understood: write when it closes, as in 08:00-17:00")
	}
	if !p.tok.is("-") {
		return Range{}, p.unexpected("a closing time, as in 08:00-17:00")
	}
	if err := p.next(); err != nil {
		return Range{}, err
	}
	if p.tok.kind != clockTime {
		return Range{}, p.unexpected("a closing time, as in 08:00-17:00")
	}
	to := p.tok.minutes
	switch {
	case to == from:
		return Range{}, p.fail("time", "opening and closing time are the same: write 00:00-24:00 for all day")
	case to < from:
		to += day
	case to > day && to-day >= from:
		return Range{}, p.fail("time", "a range lasts less than a day, or 00:00-24:00: use one range for each day")
	}
	return Range{From: from, To: to}, p.next()
}

// dates reads "2026 Dec 25", "Dec 24-26", "Dec 24-Jan 2", "Aug", "Jun-Aug", and lists of them.
func (p *parser) dates() ([]dates, error) {
	var out []dates
	for {
		if len(out) == maxList {
			return nil, p.fail("long", "at most %d dates in one rule", maxList)
		}
		last := date{}
		if len(out) > 0 {
			last = out[len(out)-1].to
		}
		d, err := p.dateRange(last)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
		if !p.tok.is(",") {
			return out, nil
		}
		if err := p.next(); err != nil {
			return nil, err
		}
	}
}

// dateRange reads one date or range; in a list, a bare day ("Dec 24,26") belongs to the month before it.
func (p *parser) dateRange(last date) (dates, error) {
	from, err := p.date(date{year: last.year, month: last.month})
	if err != nil {
		return dates{}, err
	}
	to := from
	ranged := p.tok.is("-")
	if ranged {
		if err := p.next(); err != nil {
			return dates{}, err
		}
		within := date{year: from.year, month: from.month}
		if from.day == 0 {
			within.month = 0 // after a whole month comes a month
		}
		if to, err = p.date(within); err != nil {
			return dates{}, err
		}
		if (from.day == 0) != (to.day == 0) {
			return dates{}, p.fail("date", "a range of dates has a day on both ends or on neither: Dec 24-26, Dec 24-Jan 2, or Jun-Aug")
		}
	}
	r := dates{from, to}
	if r.from.day == 0 {
		r.from.day, r.to.day = 1, lastDay(r.to.month)
	}
	if from.year == 0 && to.year != 0 {
		return dates{}, p.fail("date", "a range with a year begins with a year, as in 2026 Dec 24-2027 Jan 2")
	}
	if from.year != 0 && r.to.ordinal() < r.from.ordinal() {
		if to.year != from.year || to.month == from.month {
			return dates{}, p.fail("date", "the range ends before it begins")
		}
		r.to.year++ // 2026 Dec 24-Jan 2
	}
	if from.year == 0 && ranged && r.from.month == r.to.month && r.to.day < r.from.day {
		return dates{}, p.fail("date", "the range ends before it begins")
	}
	return r, nil
}

// date reads an optional year, a month and an optional day (0 when missing). Within a range or list, what is missing
// comes from the date before.
func (p *parser) date(before date) (date, error) {
	d := date{}
	if p.tok.kind == number && len(p.tok.text) == 4 {
		year, _ := strconv.Atoi(p.tok.text)
		if year < 1970 || year > 2200 {
			return d, p.fail("date", "the year %d is not one of ours", year)
		}
		d.year = year
		if err := p.next(); err != nil {
			return d, err
		}
		if p.tok.month() == 0 {
			return d, p.fail("date", "after the year comes a month, as in 2026 Dec 25")
		}
	}
	if m := p.tok.month(); m != 0 {
		if d.month = m; d.year == 0 {
			d.year = before.year
		}
		if err := p.next(); err != nil {
			return d, err
		}
		if p.tok.kind != number || len(p.tok.text) > 2 {
			return d, nil
		}
	} else if before.month == 0 || p.tok.kind != number {
		if p.tok.kind == word {
			return d, p.unknownWord()
		}
		return d, p.fail("date", "write the month first, as in Dec 25")
	} else {
		d.year, d.month = before.year, before.month
	}
	n, err := strconv.Atoi(p.tok.text)
	if err != nil || n < 1 || n > lastDay(d.month) || d.year != 0 && n > time.Date(d.year, d.month+1, 0, 0, 0, 0, 0, time.UTC).Day() {
		return d, p.fail("date", "%s has no day %s", monthNames[d.month], p.tok.text)
	}
	d.day = n
	return d, p.next()
}

// printable refuses what would break the line or turn the text around it.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
	})
}
