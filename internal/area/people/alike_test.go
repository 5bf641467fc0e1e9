package people_test

import (
	"slices"
	"testing"

	"serai/internal/access"
	"serai/internal/area/people"
	"serai/internal/fact"
)

func (h *house) look(t testing.TB, who access.Actor, person fact.PersonID) people.File {
	t.Helper()
	f, err := h.File(ctx, who, person)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTwoFilesOfOnePersonAreShownAndNeverMerged(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one := h.aicha(t)
		two := h.open(t, nurse, agadez, people.Profile{Name: name("Aichatu", "Umaru"), Sex: "F", Age: years(23, 25), Languages: []string{"ha"}})
		far := h.open(t, ibrahim, arlit, people.Profile{Name: name("Aïchatou", "Oumarou"), Sex: "F", Age: years(24, 26), Languages: []string{"ha"}})
		h.open(t, hawa, agadez, people.Profile{Name: name("Aïchatou", "Oumarou"), Sex: "M", Age: years(24, 26)})
		h.open(t, hawa, agadez, people.Profile{Name: name("Aïchatou", "Oumarou"), Sex: "F", Age: years(60, 62)})
		h.open(t, salma, tripoli, people.Profile{Name: name("Aïchatou", "Oumarou"), Sex: "F", Age: years(24, 26)})
		if f := h.look(t, hawa, one.Person); f.Alike != 0 {
			t.Errorf("before names are loaded: %d", f.Alike)
		}
		if err := h.LoadNames(ctx); err != nil {
			t.Fatal(err)
		}
		if f := h.look(t, hawa, one.Person); f.Alike != 1 {
			t.Errorf("a volunteer is told of %d files", f.Alike)
		}
		code(t, second(h.AlikeTo(ctx, hawa, one.Person)), "people.not_found")
		got, err := h.AlikeTo(ctx, lead, one.Person)
		if err != nil || len(got) != 1 || got[0].Person != two.Person || !slices.Equal(got[0].Reasons, []string{"name_close", "sex", "age", "language", "point", "days"}) {
			t.Fatalf("the lead sees %+v %v", got, err)
		}
		got, err = h.AlikeTo(ctx, officer, one.Person)
		if err != nil || len(got) != 2 || !slices.ContainsFunc(got, func(a people.Alike) bool {
			return a.Person == far.Person && a.Reasons[0] == "name" && !slices.Contains(a.Reasons, "point")
		}) {
			t.Fatalf("the officer sees %+v %v", got, err)
		}

		answer := func(who access.Actor, a, b fact.PersonID, answer string) people.File {
			t.Helper()
			f, err := h.Compare(ctx, who, a, b, fact.FactID{}, answer)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		if f := answer(lead, one.Person, two.Person, "same"); len(f.Same) != 1 || f.Same[0].Person != two.Person || f.Same[0].RecordedBy != "Lead" || f.Alike != 0 {
			t.Errorf("%+v", f)
		}
		if f := h.look(t, hawa, two.Person); len(f.Same) != 1 || f.Same[0].Person != one.Person || f.Name.Parts[0] != "Aichatu" {
			t.Errorf("the other file shows %+v", f)
		}
		if got, err := h.AlikeTo(ctx, lead, two.Person); err != nil || len(got) != 0 {
			t.Errorf("asked again: %+v %v", got, err)
		}
		// What a reader cannot reach is not named to her, whoever said it.
		answer(officer, one.Person, far.Person, "same")
		if f := h.look(t, hawa, one.Person); len(f.Same) != 1 {
			t.Errorf("a volunteer sees %+v", f.Same)
		}
		// Taken back, it is asked about again, and counts as nobody's doubt.
		if f := answer(lead, two.Person, one.Person, "unsure"); len(f.Same) != 0 || f.Alike != 0 {
			t.Errorf("%+v", f)
		}
		if got, err = h.AlikeTo(ctx, lead, one.Person); err != nil || len(got) != 1 || got[0].Answer != "unsure" {
			t.Errorf("%+v %v", got, err)
		}
		answer(lead, one.Person, two.Person, "not_same")
		if got, err = h.AlikeTo(ctx, lead, one.Person); err != nil || len(got) != 0 {
			t.Errorf("not the same, and shown: %+v %v", got, err)
		}
		h.RebuildsAlike(t)

		answer(lead, one.Person, two.Person, "same")
		if _, err := h.Erase(ctx, officer, two.Person, "person_asked", true); err != nil {
			t.Fatal(err)
		}
		if f := h.look(t, lead, one.Person); len(f.Same) != 0 || f.Alike != 0 || f.Name.Parts[0] != "Aïchatou" || len(f.Bases) != 1 {
			t.Errorf("erasing one file touched the other: %+v", f)
		}
	})
}

func TestAnsweringAboutTwoFiles(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one := h.aicha(t)
		two := h.open(t, ibrahim, arlit, people.Profile{Name: name("Aïchatou"), Sex: "F"})
		for _, test := range []struct {
			name      string
			who       access.Actor
			one, with fact.PersonID
			answer    string
			code      string
		}{
			{"a volunteer does not decide it", hawa, one.Person, two.Person, "same", "people.not_found"},
			{"a file out of reach is not there", lead, one.Person, two.Person, "same", "people.not_found"},
			{"nor does one that does not exist", lead, one.Person, fact.NewPersonID(h.Clock.Now()), "same", "people.not_found"},
			{"a file is the same as itself", lead, one.Person, one.Person, "same", "people.with_self"},
			{"an answer is one of three", officer, one.Person, two.Person, "perhaps", "people.unknown_answer"},
		} {
			t.Run(test.name, func(t *testing.T) {
				code(t, second(h.Compare(ctx, test.who, test.one, test.with, fact.FactID{}, test.answer)), test.code)
			})
		}
	})
}

func TestWhatTwoDesksDisputeContradictsNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one := h.aicha(t)
		two := h.open(t, hawa, agadez, people.Profile{Name: name("Aïchatou", "Oumarou"), Sex: "F", Age: years(24, 26)})
		change := people.Changes{Sex: &people.Set[string]{Value: "M"}, Age: &people.Set[*people.Age]{Value: years(60, 60)}}
		if _, err := h.Edit(ctx, nurse, two.Person, people.EditFile{Changes: change}); err != nil {
			t.Fatal(err)
		}
		if got, err := h.AlikeTo(ctx, lead, one.Person); err != nil || len(got) != 1 || got[0].Person != two.Person {
			t.Errorf("%+v %v", got, err)
		}
	})
}

func TestOneNameAloneIsNoSuspicion(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one := h.open(t, hawa, agadez, people.Profile{Name: name("Mohamed"), Sex: "M", Age: years(20, 22)})
		h.open(t, hawa, agadez, people.Profile{Name: name("Mamadou"), Sex: "M"})
		h.open(t, ibrahim, arlit, people.Profile{Name: name("Mohamed"), Sex: "M", Age: years(20, 22)})
		if err := h.LoadNames(ctx); err != nil {
			t.Fatal(err)
		}
		if got, err := h.AlikeTo(ctx, officer, one.Person); err != nil || len(got) != 0 {
			t.Errorf("%+v %v", got, err)
		}
		h.open(t, nurse, agadez, people.Profile{Name: name("Mohammed"), Sex: "M", Age: years(21, 21)})
		if got, err := h.AlikeTo(ctx, officer, one.Person); err != nil || len(got) != 1 {
			t.Errorf("the same day, point and age: %+v %v", got, err)
		}
		nobody := h.open(t, hawa, agadez, people.Profile{Sex: "M"})
		if got, err := h.AlikeTo(ctx, officer, nobody.Person); err != nil || len(got) != 0 {
			t.Errorf("no name: %+v %v", got, err)
		}
	})
}

func TestWhoAnswersRequestsFindsAFileAndReadsNothingOfIt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := h.aicha(t)
		h.card["AC1:HERS"] = f.Person
		byCard, err := h.RightsOf(ctx, clerk, "AC1:HERS", fact.PersonID{})
		if err != nil || byCard.Person != f.Person || byCard.State != "open" || !slices.Equal(byCard.May, []string{"copy", "log", "erase"}) {
			t.Fatalf("%+v %v", byCard, err)
		}
		if got, err := h.RightsOf(ctx, officer, "", f.Person); err != nil || len(got.May) != 3 {
			t.Errorf("%+v %v", got, err)
		}
		code(t, second(h.RightsOf(ctx, clerk, "AC1:NOBODY", fact.PersonID{})), "people.not_found")
		code(t, second(h.RightsOf(ctx, clerk, "", fact.NewPersonID(h.Clock.Now()))), "people.not_found")
		code(t, second(h.RightsOf(ctx, hawa, "AC1:HERS", fact.PersonID{})), "people.not_found")
		code(t, second(h.RightsOf(ctx, clerk, "", fact.PersonID{})), "people.card_or_person")
		code(t, second(h.RightsOf(ctx, clerk, "AC1:HERS", f.Person)), "people.card_or_person")
		log, err := h.AccessLog(ctx, clerk, f.Person)
		if err != nil || !slices.ContainsFunc(log, func(e people.AccessEntry) bool { return e.Action == "people.rights" && e.Who == "Clerk" }) {
			t.Errorf("no trace: %+v %v", log, err)
		}
	})
}
