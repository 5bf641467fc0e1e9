// Package fault holds the five classes of error that Serai knows, each with a stable code.
//
// A code ("cases.no_consent") is a promise: translations, client programs and tests hang on it, so it is never
// reworded. The detail beside it is for people: it names the field, the place and the remedy, and never a person.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Class says who can do something about an error.
type Class int

// The five classes. Everything that is none of the first four is Internal: our fault, logged, and told without detail.
const (
	Internal Class = iota
	ClassInvalid
	ClassForbidden
	ClassNotFound
	ClassConflict
)

// String returns the class in one word, as it stands in logs.
func (c Class) String() string {
	return [...]string{"internal", "invalid", "forbidden", "not_found", "conflict"}[c]
}

// Error is one fault: its class, its stable code, and for invalid input the field that caused it.
type Error struct {
	Class  Class
	Code   string
	Field  string // dotted path in the input ("services.2.quantity"), empty when the whole is meant
	Detail string // a sentence for people: what is wrong and what to do; no personal data
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code)
	if e.Field != "" {
		b.WriteString(" (" + e.Field + ")")
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	return b.String()
}

// Is makes errors.Is(err, fault.NotFound("x", "")) compare by class and code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Class == e.Class && t.Code == e.Code
}

// Invalid says that the input as a whole cannot be accepted.
func Invalid(code, detail string) error {
	return &Error{Class: ClassInvalid, Code: code, Detail: detail}
}

// Invalidf is Invalid with a formatted detail. The arguments must not carry personal data.
func Invalidf(code, format string, args ...any) error {
	return &Error{Class: ClassInvalid, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Field says that one field of the input cannot be accepted. Join several with errors.Join to report all at once.
func Field(field, code, detail string) error {
	return &Error{Class: ClassInvalid, Code: code, Field: field, Detail: detail}
}

// Fieldf is Field with a formatted detail. The arguments must not carry personal data.
func Fieldf(field, code, format string, args ...any) error {
	return &Error{Class: ClassInvalid, Code: code, Field: field, Detail: fmt.Sprintf(format, args...)}
}

// Forbidden says that the actor may not do this, whatever the input.
func Forbidden(code, detail string) error {
	return &Error{Class: ClassForbidden, Code: code, Detail: detail}
}

// NotFound says that nothing is there for this actor; what is out of scope is not there either.
func NotFound(code, detail string) error {
	return &Error{Class: ClassNotFound, Code: code, Detail: detail}
}

// Conflict says that the input contradicts what has already happened.
func Conflict(code, detail string) error {
	return &Error{Class: ClassConflict, Code: code, Detail: detail}
}

// All returns every fault inside err, joined or wrapped, in order; none when err holds no fault.
func All(err error) []*Error {
	var out []*Error
	var walk func(error)
	walk = func(err error) {
		if err == nil {
			return
		}
		if e, ok := err.(*Error); ok {
			out = append(out, e)
			return
		}
		switch u := err.(type) {
		case interface{ Unwrap() []error }:
			for _, e := range u.Unwrap() {
				walk(e)
			}
		case interface{ Unwrap() error }:
			walk(u.Unwrap())
		}
	}
	walk(err)
	return out
}

// Of returns the class of err: that of the first fault inside it, Internal when there is none.
func Of(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return Internal
}

// Code returns the code of the first fault inside err, "internal" when there is none.
func Code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return "internal"
}
