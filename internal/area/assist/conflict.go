package assist

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Staff tells the name of whoever recorded something, empty when it is not known here.
type Staff interface {
	StaffName(tx *store.Tx, who fact.Handle) (string, error)
}

// Conflict is a field of a contact that was corrected at two desks which did not hear of each other. Who may not settle
// it is told that it is open, and no more.
type Conflict struct {
	Field  string  `json:"field"`
	Open   bool    `json:"open" doc:"Always true: what was settled is no conflict any more"`
	Values []Value `json:"values,omitempty" doc:"Only for those who may settle it (people.resolve); the first is the one that shows"`
}

// Value is what one correction says of a field.
type Value struct {
	Fact  fact.FactID  `json:"fact"`
	Value any          `json:"value"`
	Who   string       `json:"who"`
	Point fact.PointID `json:"point"`
	When  time.Time    `json:"when"`
}

// fix is a correction with what its envelope says.
type fix struct {
	id    fact.FactID
	stamp fact.Stamp
	actor fact.Handle
	open  CorrectedOpen
}

// says returns what a correction sets, by the name of the field. An arrival is none of them: to which of two arrivals
// somebody belonged is nothing to argue about, and the last word stands.
func (o *CorrectedOpen) says() map[string]any {
	out := map[string]any{}
	put := func(field string, v any, set bool) {
		if set {
			out[field] = v
		}
	}
	if o.Undone != nil {
		out["undone"] = *o.Undone
	}
	if o.Services != nil {
		out["services"] = slices.SortedFunc(slices.Values(*o.Services), func(a, b Given) int { return strings.Compare(a.Code, b.Code) })
	}
	if o.Asked != nil {
		out["asked"] = *o.Asked
	}
	if o.Heads != nil {
		out["heads"] = *o.Heads
	}
	for field, v := range map[string]*string{"group": o.Group, "stage": o.Stage, "direction": o.Direction, "disability": o.Disability, "repeat": o.Repeat} {
		put(field, deref(v), v != nil)
	}
	return out
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// standing returns, for each field, the corrections that no other of that field replaced, the one that shows first.
// Whoever corrects again what she herself corrected knows what she wrote: her later word replaces her earlier one.
func standing(fixes []fix) map[string][]fix {
	slices.SortFunc(fixes, func(a, b fix) int { return cmp.Or(cmp.Compare(b.stamp, a.stamp), b.id.Compare(a.id)) })
	replaced := map[string]map[fact.FactID]bool{}
	for _, f := range fixes {
		for field := range f.open.says() {
			if replaced[field] == nil {
				replaced[field] = map[fact.FactID]bool{}
			}
			for _, id := range f.open.Replaces {
				replaced[field][id] = true
			}
		}
	}
	type word struct {
		field string
		actor fact.Handle
	}
	out, later := map[string][]fix{}, map[word]bool{}
	for _, f := range fixes {
		for field := range f.open.says() {
			w := word{field, f.actor}
			if !replaced[field][f.id] && !later[w] {
				out[field] = append(out[field], f)
			}
			later[w] = true
		}
	}
	return out
}

// differ tells whether corrections of a field say different things.
func differ(field string, fixes []fix) bool {
	return slices.ContainsFunc(fixes, func(f fix) bool { return !reflect.DeepEqual(f.open.says()[field], fixes[0].open.says()[field]) })
}

// fixesAtOnce is how many contacts are asked about in one statement, whose text stays the same.
const fixesAtOnce = 50

var fixesOf = func() string {
	places := make([]string, fixesAtOnce)
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	return `SELECT contact, fact, stamp, actor, body FROM assist_correction WHERE contact IN (` + strings.Join(places, ", ") + `)`
}()

// fixes reads the corrections of contacts.
func fixes(tx *store.Tx, contacts []fact.ContactID) (map[fact.ContactID][]fix, error) {
	out := map[fact.ContactID][]fix{}
	for some := range slices.Chunk(contacts, fixesAtOnce) {
		args := make(store.Args, fixesAtOnce)
		for i := range args {
			args[i] = some[min(i, len(some)-1)]
		}
		err := tx.Each(fixesOf, args, func(r *store.Row) error {
			var contact fact.ContactID
			var f fix
			var body []byte
			if err := r.Scan(&contact, &f.id, &f.stamp, &f.actor, &body); err != nil {
				return err
			}
			if err := fact.Decode(body, &f.open); err != nil {
				return err
			}
			out[contact] = append(out[contact], f)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// disputed puts on contacts what a correction of them replaces, and the fields that were corrected in two ways.
func (s *Service) disputed(tx *store.Tx, who access.Actor, contacts []Contact, cat *catalogue.Catalogue) error {
	ids := make([]fact.ContactID, len(contacts))
	for i := range contacts {
		contacts[i].Edits, contacts[i].Conflicts = []fact.FactID{}, []Conflict{}
		ids[i] = contacts[i].Contact
	}
	all, err := fixes(tx, ids)
	if err != nil {
		return err
	}
	for i := range contacts {
		if c := &contacts[i]; len(all[c.Contact]) > 0 {
			if err := s.dispute(tx, who, c, standing(all[c.Contact]), cat); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) dispute(tx *store.Tx, who access.Actor, c *Contact, stands map[string][]fix, cat *catalogue.Catalogue) error {
	settles := who.May("people.resolve", access.Resource{Org: c.org, Point: c.Point}, s.Now())
	edits := map[fact.FactID]bool{}
	for field, heads := range stands {
		open := differ(field, heads)
		for i, h := range heads {
			if i == 0 || !open || settles {
				edits[h.id] = true
			}
		}
		if !open {
			continue
		}
		conflict := Conflict{Field: field, Open: true}
		for _, h := range heads {
			if !settles {
				break
			}
			name, err := s.staffName(tx, h.actor)
			if err != nil {
				return err
			}
			v := h.open.says()[field]
			if given, ok := v.([]Given); ok {
				v = slices.DeleteFunc(slices.Clone(given), func(g Given) bool { return s.hides(who, c, g.Code, cat) })
			}
			conflict.Values = append(conflict.Values, Value{h.id, v, name, c.Point, h.stamp.Time()})
		}
		c.Conflicts = append(c.Conflicts, conflict)
	}
	for id := range edits {
		c.Edits = append(c.Edits, id)
	}
	slices.SortFunc(c.Edits, fact.FactID.Compare)
	slices.SortFunc(c.Conflicts, func(a, b Conflict) int { return strings.Compare(a.Field, b.Field) })
	return nil
}

func (s *Service) staffName(tx *store.Tx, h fact.Handle) (string, error) {
	if s.Staff == nil {
		return h.String(), nil
	}
	name, err := s.Staff.StaffName(tx, h)
	return cmp.Or(name, h.String()), err
}

// hides tells whether a service of a known person's contact is none of a reader's business.
func (s *Service) hides(who access.Actor, c *Contact, code string, cat *catalogue.Catalogue) bool {
	sv, ok := cat.Service(code)
	return ok && sv.Seen != catalogue.ClassOpen && c.known && !c.Mine && !who.SeesClass(string(sv.Seen), access.Resource{Org: c.org, Point: c.Point}, s.Now())
}

// replaceable refuses to replace what is no correction of the contact, and leaves it to those who may settle it to
// replace more than one of the values that stand side by side.
func (s *Service) replaceable(tx *store.Tx, who access.Actor, c *Contact, open *CorrectedOpen) error {
	all, err := fixes(tx, []fact.ContactID{c.Contact})
	if err != nil {
		return err
	}
	mine := all[c.Contact]
	for i, id := range open.Replaces {
		if id != fact.As[fact.FactOf](c.Contact) && !slices.ContainsFunc(mine, func(f fix) bool { return f.id == id }) {
			return fault.Field(fmt.Sprintf("replaces.%d", i), "assist.unknown_edit", "this names a correction that is not here; load the contact and try again")
		}
	}
	if who.May("people.resolve", access.Resource{Org: c.org, Point: c.Point}, s.Now()) {
		return nil
	}
	stands := standing(mine)
	for field := range open.says() {
		n := 0
		for _, h := range stands[field] {
			if slices.Contains(open.Replaces, h.id) {
				n++
			}
		}
		if n > 1 && differ(field, stands[field]) {
			return fault.Field("replaces", "assist.not_yours_to_settle", "two desks corrected this in two ways; your lead settles it. Name only the correction that you saw")
		}
	}
	return nil
}
