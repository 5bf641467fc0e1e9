package network

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"serai/internal/fault"
)

// checker gathers the faults of an input so that all are told at once. Fields are JSON names, which are also the names
// of the columns in files.
type checker struct{ bad []error }

func (c *checker) refuse(field, code, format string, args ...any) {
	c.bad = append(c.bad, fault.Fieldf(field, code, format, args...))
}

func (c *checker) err() error { return errors.Join(c.bad...) }

// text checks one line of text for people.
func (c *checker) text(field, s string, most int, required bool) {
	switch {
	case s == "" && required:
		c.refuse(field, "network.missing", "this is needed")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unprintable):
		c.refuse(field, "network.bad_text", "this is one line of text without control or direction-override characters; type it again")
	case utf8.RuneCountInString(s) > most:
		c.refuse(field, "network.too_long", "at most %d characters", most)
	}
}

// unprintable finds what breaks a line or turns the text around it. Joiners and plain direction marks, which Arabic and
// Persian typing produces, stay.
func unprintable(r rune) bool {
	switch r {
	case '\u200c', '\u200d', '\u200e', '\u200f', '\u061c':
		return false
	case '\u2028', '\u2029':
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
}

// oneOf checks a word against a list.
func (c *checker) oneOf(field, s string, words []string) {
	if !slices.Contains(words, s) {
		c.refuse(field, "network.unknown_word", "this is one of %s", strings.Join(words, ", "))
	}
}

var (
	pointCode    = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{1,14}[A-Z0-9]$`)
	orgCode      = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{0,14}[A-Z0-9]$`)
	slugCode     = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$`)
	projectCode  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,38}[A-Za-z0-9]$`)
	countryCode  = regexp.MustCompile(`^[A-Z]{2}$`)
	languageCode = regexp.MustCompile(`^[a-z]{2,3}$`)
)

// code checks a code against its form, which example shows.
func (c *checker) code(field, s string, form *regexp.Regexp, example string) {
	if !form.MatchString(s) {
		c.refuse(field, "network.bad_code", "a code here looks like %s", example)
	}
}

func (c *checker) country(field, s string) {
	if s != "" && !countryCode.MatchString(s) {
		c.refuse(field, "network.bad_country", "a country is its two capital letters (ISO 3166), as in NE; leave it empty at sea")
	}
}

// faults returns what was gathered.
func (c *checker) faults() []*fault.Error { return fault.All(c.err()) }
