package hours

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"serai/internal/fault"
)

type kind int

const (
	end       kind = iota
	word           // Mo, PH, Dec, off
	number         // 24, 2026
	clockTime      // 08:00
	always         // 24/7
	comment        // between quotes, without them
	sign           // - , ; + [ ] and whatever else is none of the above
)

// token is one piece of a specification and the byte at which it begins.
type token struct {
	kind    kind
	text    string
	at      int
	minutes int // of a clockTime
}

func (t token) String() string {
	if t.kind == end {
		return "the end"
	}
	if utf8.RuneCountInString(t.text) > 20 {
		return fmt.Sprintf("%q…", string([]rune(t.text)[:20]))
	}
	return fmt.Sprintf("%q", t.text)
}

func (t token) is(s string) bool { return t.kind == sign && t.text == s }

func (t token) word(names ...string) bool {
	for _, n := range names {
		if t.kind == word && strings.EqualFold(t.text, n) {
			return true
		}
	}
	return false
}

func (t token) weekday() (int, bool) {
	for i, n := range dayNames {
		if t.word(n) {
			return i, true
		}
	}
	return 0, false
}

func (t token) isDay() bool {
	_, ok := t.weekday()
	return ok || t.word("PH")
}

// month returns the month that the token names, 0 when it names none.
func (t token) month() time.Month {
	for i, n := range monthNames[1:] {
		if t.word(n) {
			return time.Month(i + 1)
		}
	}
	return 0
}

type lexer struct {
	text string
	pos  int
}

// failAt says what is wrong at a byte of the text. The message counts characters, as people do.
func (l *lexer) failAt(at int, code, format string, args ...any) error {
	return fault.Invalidf("hours."+code, "at character %d: %s", utf8.RuneCountInString(l.text[:at])+1, fmt.Sprintf(format, args...))
}

// lex reads the next token.
func (l *lexer) lex() (token, error) {
	for l.pos < len(l.text) {
		r, n := utf8.DecodeRuneInString(l.text[l.pos:])
		if !unicode.IsSpace(r) {
			break
		}
		l.pos += n
	}
	t := token{at: l.pos}
	rest := l.text[l.pos:]
	if rest == "" {
		return t, nil
	}
	r, n := utf8.DecodeRuneInString(rest)
	switch {
	case strings.HasPrefix(rest, "24/7"):
		t.kind, n = always, 4
	case r == '"' || r == '“' || r == '”':
		return l.quoted(t, n)
	case r >= '0' && r <= '9':
		return l.digits(t)
	case unicode.IsLetter(r):
		t.kind = word
		n = strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) })
		if n < 0 {
			n = len(rest)
		}
	default:
		t.kind = sign
	}
	t.text = rest[:n]
	if r == '–' || r == '—' || r == '−' { // phones and word processors write these for "-"
		t.text = "-"
	}
	l.pos += n
	return t, nil
}

// digits reads a number, or a time such as 8:00, 08:00 or 26:00.
func (l *lexer) digits(t token) (token, error) {
	rest := l.text[l.pos:]
	count := func(s string) int {
		return len(s) - len(strings.TrimLeft(s, "0123456789"))
	}
	n := count(rest)
	t.kind, t.text = number, rest[:n]
	if n < len(rest) && (rest[n] == ':' || rest[n] == '.' || rest[n] == 'h' || rest[n] == 'H') {
		m := count(rest[n+1:])
		t.text = rest[:n+1+m]
		if rest[n] != ':' {
			return t, l.failAt(t.at, "time", "write times with a colon, as in 08:30")
		}
		if n > 2 || m != 2 {
			return t, l.failAt(t.at, "time", "%s is no time: write it as in 08:30", t)
		}
		t.kind = clockTime
		hour, minute := number2(rest[:n]), number2(rest[n+1:n+3])
		if t.minutes = hour*60 + minute; minute > 59 || t.minutes > 2*day {
			return t, l.failAt(t.at, "time", "%s is no time: hours go to 24, minutes to 59", t)
		}
	} else if n > 4 {
		return t, l.failAt(t.at, "syntax", "%s is neither a year, a day nor a time", t)
	}
	l.pos += len(t.text)
	return t, nil
}

func number2(s string) int {
	n := 0
	for _, c := range []byte(s) {
		n = n*10 + int(c-'0')
	}
	return n
}

// quoted reads a comment; typographic quotes are accepted, since phones write them.
func (l *lexer) quoted(t token, open int) (token, error) {
	rest := l.text[l.pos+open:]
	t.kind = comment
	i := strings.IndexAny(rest, `"“”`)
	if i < 0 {
		return t, l.failAt(t.at, "comment", "the comment has no closing quote")
	}
	t.text = strings.TrimSpace(rest[:i])
	switch {
	case t.text == "":
		return t, l.failAt(t.at, "comment", "the comment is empty: leave the quotes out")
	case len(t.text) > maxComment:
		return t, l.failAt(t.at, "comment", "a comment has at most %d bytes", maxComment)
	case !printable(t.text):
		return t, l.failAt(t.at, "comment", "a comment is one line without control or direction-override characters")
	}
	_, closing := utf8.DecodeRuneInString(rest[i:])
	l.pos += open + i + closing
	return t, nil
}
