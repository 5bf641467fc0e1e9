package people

import (
	"cmp"
	"maps"
	"slices"

	"serai/internal/fact"
)

// record is one opened fact about a person: its envelope's columns and its decoded sealed part.
type record struct {
	id    fact.FactID
	stamp fact.Stamp
	actor fact.Handle
	point fact.PointID
	org   fact.OrgID
	day   fact.Day
	body  any // *OpenedSealed, *EditedSealed ...
}

// head is one value of a field that no edit has replaced.
type head[T any] struct {
	value T
	by    *record
}

// field gathers the values of one field and what was replaced.
type field[T any] struct {
	heads    []head[T]
	replaced map[fact.FactID]bool
}

func (f *field[T]) set(r *record, value T, replaces []fact.FactID) {
	f.heads = append(f.heads, head[T]{value, r})
	for _, id := range replaces {
		if f.replaced == nil {
			f.replaced = map[fact.FactID]bool{}
		}
		f.replaced[id] = true
	}
}

// settle leaves the heads, the one that shows first: the highest (stamp, id).
func (f *field[T]) settle() {
	f.heads = slices.DeleteFunc(f.heads, func(h head[T]) bool { return f.replaced[h.by.id] })
	slices.SortFunc(f.heads, func(a, b head[T]) int {
		return cmp.Or(cmp.Compare(b.by.stamp, a.by.stamp), b.by.id.Compare(a.by.id))
	})
}

// shown returns the value that shows, the zero value where every head was lost.
func (f *field[T]) shown() (v T) {
	if len(f.heads) > 0 {
		v = f.heads[0].value
	}
	return v
}

func (f *field[T]) ids() []fact.FactID {
	out := make([]fact.FactID, len(f.heads))
	for i, h := range f.heads {
		out[i] = h.by.id
	}
	return out
}

// basis is a given basis and, when it has one, its end.
type basis struct {
	Given
	id      fact.BasisID
	by      *record
	ended   *record
	endedBy string // how the withdrawal was given
}

type tie struct {
	id       fact.FactID
	other    fact.PersonID
	relation string
	by       *record
}

// comparison is what somebody said of this file and another.
type comparison struct {
	other  fact.PersonID
	answer string
	by     *record
}

// folded is a file as the facts about one person tell it.
type folded struct {
	person      fact.PersonID
	opened      *record
	last        *record // the newest fact, by stamp
	name        field[*Name]
	sex         field[string]
	age         field[*Age]
	languages   field[[]string]
	interpreter field[bool]
	needs       map[string][]fact.FactID // what stands, and the facts that added it
	bases       []basis
	links       []tie
	compared    []comparison // that no later answer took back
	events      []Event
	lived       []*record // beside events
}

// fold makes a file of the facts about person, whatever their order and however often each comes. found is false when
// the fact that opened the file is not among them.
func fold(person fact.PersonID, records []*record) (f folded, found bool) {
	f.person = person
	slices.SortFunc(records, func(a, b *record) int {
		return cmp.Or(cmp.Compare(a.stamp, b.stamp), a.id.Compare(b.id))
	})
	records = slices.CompactFunc(records, func(a, b *record) bool { return a.id == b.id })
	added := map[string]map[fact.FactID]bool{}
	removed := map[string]map[fact.FactID]bool{}
	note := func(m map[string]map[fact.FactID]bool, need string, ids ...fact.FactID) {
		if m[need] == nil {
			m[need] = map[fact.FactID]bool{}
		}
		for _, id := range ids {
			m[need][id] = true
		}
	}
	ended := map[fact.FactID]*record{}
	takenBack := map[fact.FactID]bool{}
	for _, r := range records {
		switch b := r.body.(type) {
		case *OpenedSealed:
			f.opened = r
			f.name.set(r, b.Profile.Name, nil)
			f.sex.set(r, b.Profile.Sex, nil)
			f.age.set(r, b.Profile.Age, nil)
			f.languages.set(r, b.Profile.Languages, nil)
			f.interpreter.set(r, b.Profile.Interpreter, nil)
			for _, n := range b.Profile.Needs {
				note(added, n, r.id)
			}
		case *EditedSealed:
			f.edit(r, b)
			for _, n := range b.NeedsAdd {
				note(added, n, r.id)
			}
			for _, n := range b.NeedsRemove {
				note(removed, n.Need, n.Added...)
			}
		case *BasisSealed:
			f.bases = append(f.bases, basis{Given: b.Basis, id: basisOf(r.id), by: r})
		case *WithdrawnSealed:
			if id := factOf(b.Basis); ended[id] == nil {
				ended[id] = r
			}
		case *JoinedSealed:
			other := b.With
			if other == person {
				other = b.Person
			}
			f.links = append(f.links, tie{r.id, other, b.Relation, r})
		case *LeftSealed:
			ended[b.Link] = r
		case *ComparedSealed:
			other := b.With
			if other == person {
				other = b.Person
			}
			f.compared = append(f.compared, comparison{other, b.Answer, r})
			for _, id := range b.Replaces {
				takenBack[id] = true
			}
		case *LivedSealed:
			f.events, f.lived = append(f.events, b.Event), append(f.lived, r)
		}
		switch r.body.(type) {
		case *LeftSealed, *ComparedSealed: // a companion who left, or an answer about papers, must not show as something that happened here
		default:
			f.last = r
		}
	}
	f.name.settle()
	f.sex.settle()
	f.age.settle()
	f.languages.settle()
	f.interpreter.settle()
	f.needs = map[string][]fact.FactID{}
	for need, ids := range added {
		maps.DeleteFunc(ids, func(id fact.FactID, _ bool) bool { return removed[need][id] })
		if len(ids) > 0 {
			f.needs[need] = slices.SortedFunc(maps.Keys(ids), fact.FactID.Compare)
		}
	}
	for i := range f.bases {
		if r := ended[factOf(f.bases[i].id)]; r != nil {
			f.bases[i].ended, f.bases[i].endedBy = r, r.body.(*WithdrawnSealed).How
		}
	}
	f.links = slices.DeleteFunc(f.links, func(l tie) bool { return ended[l.id] != nil })
	f.compared = slices.DeleteFunc(f.compared, func(c comparison) bool { return takenBack[c.by.id] })
	return f, f.opened != nil
}

func (f *folded) edit(r *record, b *EditedSealed) {
	if b.Name != nil {
		f.name.set(r, b.Name.Value, b.Name.Replaces)
	}
	if b.Sex != nil {
		f.sex.set(r, b.Sex.Value, b.Sex.Replaces)
	}
	if b.Age != nil {
		f.age.set(r, b.Age.Value, b.Age.Replaces)
	}
	if b.Languages != nil {
		f.languages.set(r, b.Languages.Value, b.Languages.Replaces)
	}
	if b.Interpreter != nil {
		f.interpreter.set(r, b.Interpreter.Value, b.Interpreter.Replaces)
	}
}

// allowed returns the basis that allows purpose on day, to recipient where one is named, and false for none.
func (f *folded) allowed(purpose, recipient string, day fact.Day) (basis, bool) {
	for i := len(f.bases) - 1; i >= 0; i-- {
		if b := f.bases[i]; b.ended == nil && b.allows(purpose, day) && (recipient == "" || b.Recipient == recipient) {
			return b, true
		}
	}
	return basis{}, false
}

func (f *folded) state(day fact.Day) string {
	_, based := f.allowed(PurposeFile, "", day)
	return stateOf(f.events, based)
}
