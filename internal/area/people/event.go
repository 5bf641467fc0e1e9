package people

import (
	"errors"
	"slices"
	"strings"

	"serai/internal/fact"
	"serai/internal/fault"
)

// Event is what happened to somebody.
type Event struct {
	Kind string   `cbor:"1,keyasint" json:"kind"`
	On   fact.Day `cbor:"2,keyasint" json:"on"`
	Note string   `cbor:"3,keyasint,omitempty" json:"note,omitempty"`
}

const (
	died     = "died"
	movedOn  = "moved_on"
	returned = "returned"
)

var eventKinds = []string{died, "born_into_group", movedOn, "card_lost", "card_taken", returned}

// decide checks an event. It refuses none for the state of the file: what happened has happened.
func (e Event) decide(today fact.Day) (Event, error) {
	var bad []error
	if !slices.Contains(eventKinds, e.Kind) {
		bad = append(bad, fault.Field("kind", "people.unknown_event", "choose "+strings.Join(eventKinds, ", ")))
	}
	checkDay("on", e.On, today, &bad)
	e.Note = strings.TrimSpace(e.Note)
	checkText("note", e.Note, noteRunes, &bad)
	return e, errors.Join(bad...)
}

// The states of a file.
const (
	stateOpen   = "open"
	stateClosed = "closed" // no basis for the file holds any more
)

// stateOf tells how things stand after events, in the order in which they were recorded. "Returned" also takes back a
// death or a parting that was recorded by mistake.
func stateOf(events []Event, based bool) string {
	dead, gone := false, false
	for _, e := range events {
		switch e.Kind {
		case died:
			dead = true
		case movedOn:
			gone = true
		case returned:
			dead, gone = false, false
		}
	}
	switch {
	case dead:
		return died
	case !based:
		return stateClosed
	case gone:
		return movedOn
	}
	return stateOpen
}
