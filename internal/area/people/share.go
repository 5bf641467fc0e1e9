package people

import (
	"context"
	"errors"
	"fmt"
	"time"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/web"
)

// Shared is a file as a device keeps it: what reading it shows, and where and when she was here last. How many files may
// be about the same person is asked at the node.
type Shared struct {
	File
	LastPoint fact.PointID `json:"last_point"`
	LastDay   fact.Day     `json:"last_day"`
}

// Shared reads a file that a device will keep, found only when who may read it. The caller writes the look down before
// she hands it out.
func (s *Service) Shared(tx *store.Tx, who access.Actor, person fact.PersonID) (out Shared, found bool, err error) {
	f, err := s.load(tx, who, "people.read", person)
	if isAbsent(err) {
		return out, false, nil
	}
	if err != nil {
		return out, false, err
	}
	if out.File, err = s.render(tx, who, &f); err != nil {
		return out, false, err
	}
	last, err := s.foundAs(tx, &f)
	out.LastPoint, out.LastDay = last.LastPoint, last.LastDay
	return out, err == nil, err
}

// Look is the opening of a file on a device without a network.
type Look struct {
	Person fact.PersonID `json:"person"`
	At     time.Time     `json:"at" doc:"By the clock of the device"`
}

// looksMost bounds how many looks come at once.
const looksMost = 500

type looksIn struct {
	Body struct {
		Looks []Look `json:"looks" minItems:"1" maxItems:"500"`
	}
}

func (s *Service) postLooks(ctx context.Context, who access.Actor, in *looksIn) (web.Empty, error) {
	return web.Empty{}, s.Looked(ctx, who, in.Body.Looks)
}

// Looked writes down which files somebody opened on a device without a network. They stand in the log under the time at
// which the node learned of them, with the device's time beside: its clock may be wrong, and neither replaces the other.
// A file that is not there, or out of reach by now, is written down like any other attempt, and answered like any other:
// what a device opened there it had been given before.
func (s *Service) Looked(ctx context.Context, who access.Actor, looks []Look) error {
	var bad []error
	for i, l := range looks {
		field := func(name string) string { return fmt.Sprintf("looks.%d.%s", i, name) }
		if l.Person.IsZero() {
			bad = append(bad, fault.Field(field("person"), "people.look_of_nobody", "name the person whose file was opened"))
		}
		if y := l.At.Year(); y < 1970 || y > 2100 {
			bad = append(bad, fault.Field(field("at"), "people.look_without_time", "say when the file was opened"))
		}
	}
	if err := errors.Join(bad...); err != nil {
		return err
	}
	if len(looks) > looksMost {
		return fault.Field("looks", "people.too_many_looks", "at most 500 looks at once; send the rest afterwards")
	}
	_, _, err := s.journal.Do(ctx, who.Handle, fact.FactID{}, func(tx *store.Tx) ([]fact.FactID, error) {
		for _, l := range looks {
			e := audit.Entry{Actor: who.Handle, Device: who.Device, Action: "people.read", Person: l.Person, Outcome: audit.Seen, Made: l.At}
			visible, err := s.sees(tx, who, "people.read", l.Person)
			if err != nil {
				return nil, err
			}
			if !visible {
				e.Outcome, e.Code = audit.Refused, "people.not_found"
				// An id that somebody made up gets no handle: the log would fill with them.
				if known, err := s.Opened(tx, l.Person); err != nil {
					return nil, err
				} else if !known {
					e.Person = fact.PersonID{}
				}
			}
			if err := s.log.In(tx, e); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	return err
}
