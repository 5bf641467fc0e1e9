package people

import (
	"context"
	"errors"
	"maps"
	"slices"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// EditFile is the command that changes a file. What is nil stays.
type EditFile struct {
	ID      fact.FactID
	Changes Changes
}

// Changes are new values, each with the facts whose value it replaces (File.Heads).
type Changes struct {
	Name        *Set[*Name]    `json:"name,omitempty"`
	Sex         *Set[string]   `json:"sex,omitempty"`
	Age         *Set[*Age]     `json:"age,omitempty"`
	Languages   *Set[[]string] `json:"languages,omitempty"`
	Interpreter *Set[bool]     `json:"interpreter,omitempty"`
	NeedsAdd    []string       `json:"needs_add,omitempty" maxItems:"30"`
	NeedsRemove []string       `json:"needs_remove,omitempty" maxItems:"30"`
}

// Edit changes a file.
func (s *Service) Edit(ctx context.Context, who access.Actor, person fact.PersonID, cmd EditFile) (File, error) {
	_, _, err := s.journal.Do(ctx, who.Handle, cmd.ID, func(tx *store.Tx) ([]fact.FactID, error) {
		f, at, err := s.loadHere(tx, who, "people.edit", person)
		if err != nil {
			return nil, err
		}
		cat, err := s.catalogue.Current(tx)
		if err != nil {
			return nil, err
		}
		body, parents, err := cmd.Changes.decide(&f, at.Day, rights{
			health:  who.May("people.health", f.opened.resource(), s.now()),
			resolve: who.May("people.resolve", f.opened.resource(), s.now())}, cat)
		if err != nil {
			return nil, err
		}
		ids, err := s.journal.Append(tx, Edited.About(cmd.ID, fact.ScopePoint(at.Point), who.Handle, at, body, person).Replacing(parents...))
		if err != nil {
			return nil, err
		}
		return ids, s.note(tx, who, "people.edit", person, at.Point, audit.Changed)
	})
	if err != nil {
		return File{}, s.refused(ctx, who, "people.edit", err)
	}
	return s.show(ctx, who, person)
}

// rights are what whoever edits may do beyond editing.
type rights struct {
	health  bool // record needs of class H
	resolve bool // settle what was written in two ways
}

// decide turns changes into the sealed part of an edit, and the facts that the edit replaces. An edit that names no
// head of its field did not know of it: both stand, as a conflict.
func (c Changes) decide(f *folded, today fact.Day, may rights, cat *catalogue.Catalogue) (EditedSealed, []fact.FactID, error) {
	var bad []error
	if _, based := f.allowed(PurposeFile, "", today); !based {
		return EditedSealed{}, nil, fault.Forbidden("people.no_basis", "nothing allows this file any more; ask the person, and record the answer first")
	}
	if c.empty() {
		return EditedSealed{}, nil, fault.Field("changes", "people.nothing_changed", "name at least one field to change")
	}
	out := EditedSealed{Person: f.person, Name: c.Name, Sex: c.Sex, Age: c.Age, Languages: c.Languages, Interpreter: c.Interpreter}
	if c.Name != nil {
		n := *c.Name
		n.Value = n.Value.tidy()
		n.Value.check("changes.name.value", &bad)
		out.Name = &n
		replaces("name", n.Replaces, &f.name, may, &bad)
	}
	if c.Sex != nil {
		checkSex("changes.sex.value", c.Sex.Value, cat, &bad)
		replaces("sex", c.Sex.Replaces, &f.sex, may, &bad)
	}
	if c.Age != nil {
		a := *c.Age
		if v := a.Value; v != nil && v.Born != nil && *v.Born <= today && *v.Born >= oldest {
			a.Value = bornOn(*v.Born, today)
		} else if v != nil && v.Born != nil {
			checkDay("changes.age.value.birth_date", *v.Born, today, &bad)
		}
		a.Value.check("changes.age.value", today, cat, &bad)
		out.Age = &a
		replaces("age", a.Replaces, &f.age, may, &bad)
	}
	if c.Languages != nil {
		checkLanguages("changes.languages.value", c.Languages.Value, &bad)
		replaces("languages", c.Languages.Replaces, &f.languages, may, &bad)
	}
	if c.Interpreter != nil {
		replaces("interpreter", c.Interpreter.Replaces, &f.interpreter, may, &bad)
	}
	checkNeeds("changes.needs_add", c.NeedsAdd, may.health, cat, &bad)
	checkNeeds("changes.needs_remove", c.NeedsRemove, may.health, cat, &bad)
	out.NeedsAdd = c.NeedsAdd
	for _, n := range c.NeedsRemove {
		if slices.Contains(c.NeedsAdd, n) {
			bad = append(bad, fault.Field("changes.needs_remove", "people.added_and_removed", "a need cannot be added and removed at once"))
		}
		if ids := f.needs[n]; len(ids) > 0 {
			out.NeedsRemove = append(out.NeedsRemove, Removed{n, ids})
		}
	}
	return out, c.parents(), errors.Join(bad...)
}

func (c Changes) empty() bool {
	return c.Name == nil && c.Sex == nil && c.Age == nil && c.Languages == nil && c.Interpreter == nil && len(c.NeedsAdd) == 0 && len(c.NeedsRemove) == 0
}

// parents lists every fact that the edit replaces in some field, each once.
func (c Changes) parents() []fact.FactID {
	all := map[fact.FactID]bool{}
	add := func(ids []fact.FactID) {
		for _, id := range ids {
			all[id] = true
		}
	}
	if c.Name != nil {
		add(c.Name.Replaces)
	}
	if c.Sex != nil {
		add(c.Sex.Replaces)
	}
	if c.Age != nil {
		add(c.Age.Replaces)
	}
	if c.Languages != nil {
		add(c.Languages.Replaces)
	}
	if c.Interpreter != nil {
		add(c.Interpreter.Replaces)
	}
	return slices.SortedFunc(maps.Keys(all), fact.FactID.Compare)
}

// replaces refuses to end what never was a value of this field of this file, and leaves it to those who may settle it to
// end more than one of the values that stand side by side.
func replaces[T any](name string, ids []fact.FactID, f *field[T], may rights, bad *[]error) {
	standing := 0
	for _, id := range ids {
		switch at := slices.Index(f.ids(), id); {
		case at >= 0:
			standing++
		case !f.replaced[id]:
			*bad = append(*bad, fault.Field("changes."+name+".replaces", "people.unknown_edit", "this names an edit that is not here; load the file and try again"))
			return
		}
	}
	if standing > 1 && f.differ() && !may.resolve {
		*bad = append(*bad, fault.Field("changes."+name+".replaces", "people.not_yours_to_settle",
			"two desks wrote different things here; your lead settles it. Name only the edit that you saw"))
	}
}
