package web

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"serai/internal/fault"
)

// Limits of a JSON body, beside its size.
const (
	maxDepth = 32
	maxKey   = 64
)

// parseJSON reads one JSON value under rules stricter than the standard's: no key twice in an object, no broken UTF-8
// or lone surrogate, no text that textFault refuses, at most maxDepth levels, nothing after the value. What is not
// JSON gives a *refusal; what is JSON but cannot be accepted gives every fault with its field.
// Numbers become float64, as huma's validation wants them.
func parseJSON(b []byte) (any, []error, error) {
	p := parser{b: b}
	p.space()
	v, err := p.value()
	if err != nil {
		return nil, nil, err
	}
	p.space()
	if p.i < len(p.b) {
		return nil, nil, p.bad("something follows the value")
	}
	return v, p.faults, nil
}

type parser struct {
	b      []byte
	i      int
	depth  int
	path   []byte // the dotted path of the value being read
	faults []error
}

func (p *parser) bad(what string) error {
	return unreadable("the body is not JSON: %s at byte %d", what, p.i)
}

func (p *parser) fault(code, detail string) {
	if len(p.faults) < maxFaults {
		p.faults = append(p.faults, fault.Field(string(p.path), code, detail))
	}
}

func (p *parser) push(key string) int {
	n := len(p.path)
	if n > 0 {
		p.path = append(p.path, '.')
	}
	p.path = append(p.path, key...)
	return n
}

func (p *parser) space() {
	for p.i < len(p.b) {
		switch p.b[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *parser) value() (any, error) {
	if p.i >= len(p.b) {
		return nil, p.bad("it ends too early")
	}
	switch c := p.b[p.i]; {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		s, err := p.text()
		if err != nil {
			return nil, err
		}
		return s, nil
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c == 't':
		return true, p.word("true")
	case c == 'f':
		return false, p.word("false")
	case c == 'n':
		return nil, p.word("null")
	}
	return nil, p.bad("an unexpected character")
}

func (p *parser) word(w string) error {
	if len(p.b)-p.i < len(w) || string(p.b[p.i:p.i+len(w)]) != w {
		return p.bad("an unexpected character")
	}
	p.i += len(w)
	return nil
}

func (p *parser) enter() error {
	p.i++
	if p.depth++; p.depth > maxDepth {
		return unreadable("the body is nested deeper than %d levels", maxDepth)
	}
	p.space()
	return nil
}

func (p *parser) object() (any, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	out := make(map[string]any)
	if p.i < len(p.b) && p.b[p.i] == '}' {
		p.i++
		return out, nil
	}
	for {
		if p.i >= len(p.b) || p.b[p.i] != '"' {
			return nil, p.bad("a name in quotes is missing")
		}
		key, err := p.key()
		if err != nil {
			return nil, err
		}
		p.space()
		if p.i >= len(p.b) || p.b[p.i] != ':' {
			return nil, p.bad("a colon is missing")
		}
		p.i++
		p.space()
		n := p.push(key)
		if _, twice := out[key]; twice {
			p.fault("web.doubled_field", "this field stands there twice; send it once")
		}
		if out[key], err = p.value(); err != nil {
			return nil, err
		}
		p.path = p.path[:n]
		p.space()
		if p.i >= len(p.b) {
			return nil, p.bad("it ends inside an object")
		}
		c := p.b[p.i]
		p.i++
		switch c {
		case '}':
			return out, nil
		case ',':
			p.space()
		default:
			p.i--
			return nil, p.bad("a comma or closing brace is missing")
		}
	}
}

// key reads a name. Names come back in the paths of faults, so only harmless ones are accepted.
func (p *parser) key() (string, error) {
	before := len(p.faults)
	s, err := p.text()
	if err != nil {
		return "", err
	}
	p.faults = p.faults[:before] // a name is judged below, and as a name
	if isName(s) {
		return s, nil
	}
	p.fault("web.bad_name", "a field's name has 1 to 64 letters, digits and _ - + : /")
	return "?", nil
}

func isName(s string) bool {
	if s == "" || len(s) > maxKey {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_-+:/", c) >= 0 {
			continue
		}
		return false
	}
	return true
}

func (p *parser) array() (any, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	out := []any{}
	if p.i < len(p.b) && p.b[p.i] == ']' {
		p.i++
		return out, nil
	}
	for {
		n := p.push(strconv.Itoa(len(out)))
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		p.path = p.path[:n]
		out = append(out, v)
		p.space()
		if p.i >= len(p.b) {
			return nil, p.bad("it ends inside a list")
		}
		c := p.b[p.i]
		p.i++
		switch c {
		case ']':
			return out, nil
		case ',':
			p.space()
		default:
			p.i--
			return nil, p.bad("a comma or closing bracket is missing")
		}
	}
}

func (p *parser) number() (any, error) {
	start := p.i
	digits := func() bool {
		from := p.i
		for p.i < len(p.b) && p.b[p.i] >= '0' && p.b[p.i] <= '9' {
			p.i++
		}
		return p.i > from
	}
	if p.b[p.i] == '-' {
		p.i++
	}
	if p.i < len(p.b) && p.b[p.i] == '0' {
		p.i++
	} else if !digits() {
		return nil, p.bad("a digit is missing")
	}
	if p.i < len(p.b) && p.b[p.i] == '.' {
		p.i++
		if !digits() {
			return nil, p.bad("a digit is missing")
		}
	}
	if p.i < len(p.b) && (p.b[p.i] == 'e' || p.b[p.i] == 'E') {
		p.i++
		if p.i < len(p.b) && (p.b[p.i] == '+' || p.b[p.i] == '-') {
			p.i++
		}
		if !digits() {
			return nil, p.bad("a digit is missing")
		}
	}
	f, err := strconv.ParseFloat(string(p.b[start:p.i]), 64)
	if err != nil || math.IsInf(f, 0) {
		p.fault("web.bad_number", "this number is out of every range")
		return 0.0, nil
	}
	return f, nil
}

// text reads a string and judges its letters.
func (p *parser) text() (string, error) {
	p.i++
	start, simple := p.i, true
	for p.i < len(p.b) {
		switch c := p.b[p.i]; {
		case c == '"':
			raw := p.b[start:p.i]
			p.i++
			if simple {
				return string(raw), nil
			}
			return p.judged(raw)
		case c == '\\':
			simple = false
			p.i += 2
		case c < 0x20:
			return "", p.bad("a control character inside a text")
		case c >= 0x7f:
			simple = false
			p.i++
		default:
			p.i++
		}
	}
	return "", p.bad("it ends inside a text")
}

func (p *parser) judged(raw []byte) (string, error) {
	var s strings.Builder
	s.Grow(len(raw))
	broken := false
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			j := i
			for j < len(raw) && raw[j] != '\\' {
				j++
			}
			s.Write(raw[i:j])
			i = j
			continue
		}
		c := raw[i+1]
		i += 2
		if at := strings.IndexByte(`"\/bfnrt`, c); at >= 0 {
			s.WriteByte("\"\\/\b\f\n\r\t"[at])
			continue
		}
		if c != 'u' {
			return "", p.bad("an unknown escape")
		}
		r, ok := hex4(raw[i:])
		if !ok {
			return "", p.bad("a broken escape")
		}
		i += 4
		if utf16.IsSurrogate(r) {
			low, ok := rune(0), false
			if i+1 < len(raw) && raw[i] == '\\' && raw[i+1] == 'u' {
				low, ok = hex4(raw[i+2:])
			}
			if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
				broken = true
				continue
			}
			i += 6
		}
		s.WriteRune(r)
	}
	out := s.String()
	if broken {
		p.fault(badText, "this text holds half a character; type it again")
	} else if why := textFault(out); why != "" {
		p.fault(badText, why)
	}
	return out, nil
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[:4]), 16, 32)
	return rune(n), err == nil && b[0] != '+' && b[0] != '-'
}
