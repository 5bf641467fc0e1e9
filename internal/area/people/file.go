package people

import (
	"cmp"
	"errors"
	"maps"
	"reflect"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/store"
)

// File is a file as one reader may see it.
type File struct {
	Person      fact.PersonID            `json:"person"`
	Name        *Name                    `json:"name"`
	Sex         string                   `json:"sex"`
	Age         *Age                     `json:"age"`
	Languages   []string                 `json:"languages"`
	Interpreter bool                     `json:"interpreter"`
	Needs       []string                 `json:"needs" doc:"Those that the reader may see"`
	Point       fact.PointID             `json:"point"`
	Created     time.Time                `json:"created"`
	RecordedBy  string                   `json:"recorded_by"`
	State       string                   `json:"state" enum:"open,closed,died,moved_on"`
	Heads       map[string][]fact.FactID `json:"heads" doc:"For each field the facts that an edit replaces"`
	Conflicts   []Conflict               `json:"conflicts"`
	Companions  []Companion              `json:"companions"`
	Same        []SameFile               `json:"same" doc:"Other files of which somebody said that they are about the same person"`
	Alike       int                      `json:"alike" doc:"How many files may be about the same person, of which nobody has said anything yet; 0 while names are being loaded"`
	Bases       []Basis                  `json:"bases"`
	Events      []EventView              `json:"events"`
}

// Conflict is a field that was edited by people who did not know of each other. The first value is the one that shows.
// Who may not settle it is told that it is open, and by whom it was written is none of her business.
type Conflict struct {
	Field  string  `json:"field"`
	Open   bool    `json:"open" doc:"Always true: what was settled is no conflict any more"`
	Values []Value `json:"values,omitempty" doc:"Only for those who may settle it (people.resolve)"`
}

// Value is one head of a field.
type Value struct {
	Fact  fact.FactID  `json:"fact"`
	Value any          `json:"value"`
	Who   string       `json:"who"`
	Point fact.PointID `json:"point"`
	When  time.Time    `json:"when"`
}

// Companion is somebody who travels with the person, and whose file the reader may see.
type Companion struct {
	Person   fact.PersonID `json:"person"`
	Since    fact.Day      `json:"since"`
	Relation string        `json:"relation,omitempty"`
}

// Basis is a recorded basis with its state: valid, refused (no or later), expired or withdrawn.
type Basis struct {
	ID fact.BasisID `json:"id"`
	Given
	Day          fact.Day  `json:"day"`
	RecordedBy   string    `json:"recorded_by"`
	State        string    `json:"state" enum:"valid,refused,expired,withdrawn"`
	Withdrawn    *fact.Day `json:"withdrawn,omitempty"`
	WithdrawnHow string    `json:"withdrawn_how,omitempty"`
}

// EventView is a life event as it is shown.
type EventView struct {
	ID fact.FactID `json:"id"`
	Event
	RecordedBy string `json:"recorded_by"`
}

// render shows f to who, in the scope of what she may see.
func (s *Service) render(tx *store.Tx, who access.Actor, f *folded) (File, error) {
	at, err := s.here(tx, f)
	if err != nil {
		return File{}, err
	}
	out := File{Person: f.person, Name: f.name.shown(), Sex: f.sex.shown(), Age: f.age.shown(), Languages: f.languages.shown(),
		Interpreter: f.interpreter.shown(), Point: f.opened.point, Created: f.opened.stamp.Time(), State: f.state(at.Day),
		Heads: map[string][]fact.FactID{"name": f.name.ids(), "sex": f.sex.ids(), "age": f.age.ids(), "languages": f.languages.ids(), "interpreter": f.interpreter.ids()}}
	staff := s.staffNames(tx)
	if out.RecordedBy, err = staff(f.opened.actor); err != nil {
		return File{}, err
	}
	if out.Needs, err = s.needsFor(tx, who, f); err != nil {
		return File{}, err
	}
	if out.Companions, err = s.companionsFor(tx, who, f); err != nil {
		return File{}, err
	}
	if out.Same, err = s.sameFor(tx, who, "people.read", f, staff); err != nil {
		return File{}, err
	}
	if out.Bases, err = f.basesShown(at.Day, staff); err != nil {
		return File{}, err
	}
	out.Events = []EventView{}
	for i, e := range f.events {
		name, err := staff(f.lived[i].actor)
		if err != nil {
			return File{}, err
		}
		out.Events = append(out.Events, EventView{f.lived[i].id, e, name})
	}
	if out.Conflicts, err = f.conflicts(staff); err != nil {
		return File{}, err
	}
	if !who.May("people.resolve", f.opened.resource(), s.now()) {
		for i := range out.Conflicts {
			c := &out.Conflicts[i]
			c.Values = nil
			// An edit of hers replaces what she sees. The other value stays, and so does the question.
			out.Heads[c.Field] = out.Heads[c.Field][:1]
		}
	}
	if out.Languages == nil {
		out.Languages = []string{}
	}
	return out, nil
}

// conflicts lists the fields whose heads do not say the same, each with all that stands.
func (f *folded) conflicts(staff func(fact.Handle) (string, error)) ([]Conflict, error) {
	out := []Conflict{}
	err := errors.Join(conflict(&out, "name", f.name, staff), conflict(&out, "sex", f.sex, staff), conflict(&out, "age", f.age, staff),
		conflict(&out, "languages", f.languages, staff), conflict(&out, "interpreter", f.interpreter, staff))
	return out, err
}

// differ tells whether the heads of a field say different things.
func (f *field[T]) differ() bool {
	return slices.ContainsFunc(f.heads, func(h head[T]) bool { return !reflect.DeepEqual(h.value, f.heads[0].value) })
}

func conflict[T any](out *[]Conflict, name string, f field[T], staff func(fact.Handle) (string, error)) error {
	if !f.differ() {
		return nil
	}
	c := Conflict{Field: name, Open: true}
	for _, h := range f.heads {
		who, err := staff(h.by.actor)
		if err != nil {
			return err
		}
		c.Values = append(c.Values, Value{h.by.id, h.value, who, h.by.point, h.by.stamp.Time()})
	}
	*out = append(*out, c)
	return nil
}

// staffNames returns a look-up of who recorded what, which asks once for each.
func (s *Service) staffNames(tx *store.Tx) func(fact.Handle) (string, error) {
	known := map[fact.Handle]string{}
	return func(h fact.Handle) (string, error) {
		if name, ok := known[h]; ok {
			return name, nil
		}
		name := ""
		if s.staff != nil {
			var err error
			if name, err = s.staff.StaffName(tx, h); err != nil {
				return "", err
			}
		}
		known[h] = cmp.Or(name, h.String())
		return known[h], nil
	}
}

// privateTalk is all that a volunteer writes for any sealed need. That it was written is itself something to keep from
// whoever looks over a shoulder: it vanishes from the screen, and the protection team alone finds it.
const privateTalk = "private_talk"

// needsFor lists the needs that who may see, in alphabetical order.
func (s *Service) needsFor(tx *store.Tx, who access.Actor, f *folded) ([]string, error) {
	cat, err := s.catalogue.Current(tx)
	if err != nil {
		return nil, err
	}
	health := who.May("people.health", f.opened.resource(), s.now())
	protects := who.May("people.sealed", f.opened.resource(), s.now())
	out := []string{}
	for _, code := range slices.Sorted(maps.Keys(f.needs)) {
		need, known := cat.Lists.Need(code)
		switch {
		case code == privateTalk && !protects:
		case known && need.Seen == catalogue.ClassOpen, known && need.Seen == catalogue.ClassService && health:
			out = append(out, code)
		}
	}
	return out, nil
}

// companionsFor lists the companions whose files who may see.
func (s *Service) companionsFor(tx *store.Tx, who access.Actor, f *folded) ([]Companion, error) {
	out := []Companion{}
	for _, l := range f.links {
		visible, err := s.sees(tx, who, "people.read", l.other)
		if err != nil {
			return nil, err
		}
		seen := slices.ContainsFunc(out, func(c Companion) bool { return c.Person == l.other })
		if visible && !seen {
			out = append(out, Companion{l.other, l.by.day, l.relation})
		}
	}
	return out, nil
}

func (f *folded) basesShown(day fact.Day, staff func(fact.Handle) (string, error)) ([]Basis, error) {
	out := []Basis{}
	for _, b := range f.bases {
		name, err := staff(b.by.actor)
		if err != nil {
			return nil, err
		}
		shown := Basis{ID: b.id, Given: b.Given, Day: b.by.day, RecordedBy: name, State: "valid"}
		switch {
		case b.ended != nil:
			shown.State, shown.Withdrawn, shown.WithdrawnHow = "withdrawn", &b.ended.day, b.endedBy
		case b.Basis == consent && b.Answer != yes:
			shown.State = "refused"
		case b.Until != nil && *b.Until < day:
			shown.State = "expired"
		}
		out = append(out, shown)
	}
	return out, nil
}

// Desk is what serving somebody needs to know of her.
type Desk struct {
	Person  fact.PersonID
	Sex     string
	AgeLow  int
	AgeHigh int
	AgeOn   fact.Day // when the age was that; zero when no age is known
	Point   fact.PointID
	Org     fact.OrgID
}

// ForDesk tells who is being served, found only when who may read the file. It is on the path of every contact and
// opens the profile alone.
func (s *Service) ForDesk(tx *store.Tx, who access.Actor, person fact.PersonID) (d Desk, found bool, err error) {
	f, err := s.loadFrom(tx, profileOnly, who, "people.read", person)
	if isAbsent(err) {
		return d, false, nil
	}
	if err != nil {
		return d, false, err
	}
	d = Desk{Person: person, Sex: f.sex.shown(), Point: f.opened.point, Org: f.opened.org}
	if a := f.age.shown(); a != nil {
		d.AgeLow, d.AgeHigh, d.AgeOn = a.Low, a.High, a.On
	}
	return d, true, nil
}

// Opened tells whether there is a file of this person, whoever may read it. The answer is for rules, never for a reader.
func (s *Service) Opened(tx *store.Tx, person fact.PersonID) (bool, error) {
	return tx.One(`SELECT 1 FROM people_fact WHERE person_id = $1 LIMIT 1`, store.Args{person}, new(int64))
}

// Initials returns the initials of whoever has this file, empty for none and for no name. The caller has decided that
// the reader may see the list in which they stand.
func (s *Service) Initials(tx *store.Tx, person fact.PersonID) (string, error) {
	records, err := s.rows(tx, profileOnly, person)
	if err != nil {
		return "", err
	}
	f, _ := fold(person, records)
	return f.name.shown().Initials(), nil
}

// Allows tells whether a basis allows purpose for a person today, to recipient where one is named, and which. What
// sends something about her asks here first.
func (s *Service) Allows(tx *store.Tx, person fact.PersonID, purpose, recipient string) (id fact.BasisID, ok bool, err error) {
	records, err := s.rows(tx, everything, person)
	if err != nil {
		return id, false, err
	}
	f, found := fold(person, records)
	if !found {
		return id, false, nil
	}
	at, err := s.here(tx, &f)
	if err != nil {
		return id, false, err
	}
	b, ok := f.allowed(purpose, recipient, at.Day)
	return b.id, ok, nil
}
