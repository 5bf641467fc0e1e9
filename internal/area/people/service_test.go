package people_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/area/people"
	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/store"
)

func TestAFileIsOpenedAndRead(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := h.aicha(t)
		got, err := h.File(ctx, hawa, f.Person)
		if err != nil {
			t.Fatal(err)
		}
		if got.Name.Parts[0] != "Aïchatou" || got.Sex != "F" || got.Age.Low != 24 || got.State != "open" || got.RecordedBy != "Hawa" ||
			!slices.Equal(got.Needs, []string{"food_water"}) || len(got.Bases) != 1 || got.Bases[0].State != "valid" || len(got.Conflicts) != 0 {
			t.Errorf("%+v", got)
		}
		entries := h.entries(t, f.Person)
		if len(entries) != 2 || entries[0].Action != "people.read" || entries[0].Outcome != audit.Seen || entries[1].Outcome != audit.Changed {
			t.Errorf("the access log says %+v", entries)
		}
		// The private talk that the volunteer wrote has vanished from her screen, and from the nurse's.
		for who, want := range map[*access.Actor][]string{&nurse: {"food_water"}, &officer: {"food_water", "private_talk"}} {
			if got, err := h.File(ctx, *who, f.Person); err != nil || !slices.Equal(got.Needs, want) {
				t.Errorf("%s sees the needs %v (%v), want %v", who.Name, got.Needs, err, want)
			}
		}
	})
}

func (h *house) entries(t testing.TB, p fact.PersonID) (out []audit.Entry) {
	t.Helper()
	err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = h.Log.Of(tx, p, 100)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatIsOutOfReachIsNotThere(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := h.aicha(t)
		other := h.open(t, salma, tripoli, people.Profile{Sex: "M"})
		nobody := fact.NewPersonID(h.Clock.Now())
		for _, who := range []access.Actor{ibrahim, salma, manager, clerk} {
			for what, err := range map[string]error{
				"read":      second(h.File(ctx, who, f.Person)),
				"edit":      second(h.Edit(ctx, who, f.Person, people.EditFile{Changes: people.Changes{Sex: &people.Set[string]{Value: "M"}}})),
				"basis":     second(h.GiveBasis(ctx, who, f.Person, fact.BasisID{}, said)),
				"withdraw":  second(h.Withdraw(ctx, who, f.Person, f.Bases[0].ID, "spoken")),
				"event":     second(h.Record(ctx, who, f.Person, fact.FactID{}, people.Event{Kind: "died"})),
				"companion": second(h.Join(ctx, who, f.Person, other.Person, "")),
				"leave":     h.Part(ctx, who, f.Person, other.Person),
			} {
				if err == nil || err.Error() != second(h.File(ctx, who, nobody)).Error() {
					t.Errorf("%s may %s: %v", who.Name, what, err)
				}
			}
		}
		code(t, second(h.Erase(ctx, hawa, f.Person, "mistake", true)), "people.not_found")
		code(t, second(h.Copy(ctx, hawa, f.Person, "json", "en")), "people.not_found")
		code(t, second(h.AccessLog(ctx, hawa, f.Person)), "people.not_found")
		code(t, second(h.Join(ctx, hawa, f.Person, other.Person, "")), "people.not_found")
		code(t, second(h.TodayAt(ctx, ibrahim, agadez)), "people.not_found")
		refused := 0
		for _, e := range h.entries(t, f.Person) {
			if e.Outcome == audit.Refused {
				refused++
			}
		}
		if refused < 4*7 {
			t.Errorf("%d refusals in the access log", refused)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestNeedsOfHealthAreSeenByHealthStaffAlone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := h.aicha(t)
		code(t, second(h.Edit(ctx, hawa, f.Person, people.EditFile{Changes: people.Changes{NeedsAdd: []string{"ill"}}})), "people.need_of_health")
		code(t, second(h.Edit(ctx, officer, f.Person, people.EditFile{Changes: people.Changes{NeedsAdd: []string{"torture"}}})), "people.need_sealed")
		got, err := h.Edit(ctx, nurse, f.Person, people.EditFile{Changes: people.Changes{NeedsAdd: []string{"ill"}}})
		if err != nil || !slices.Contains(got.Needs, "ill") {
			t.Errorf("%v %v", got.Needs, err)
		}
		got, _ = h.File(ctx, hawa, f.Person)
		if slices.Contains(got.Needs, "ill") {
			t.Error("a volunteer sees it")
		}
		got, err = h.Edit(ctx, nurse, f.Person, people.EditFile{Changes: people.Changes{NeedsRemove: []string{"ill"}}})
		if err != nil || slices.Contains(got.Needs, "ill") {
			t.Errorf("%v %v", got.Needs, err)
		}
	})
}

func TestTwoEditsOfOneParentAreAConflictUntilSomebodyResolvesIt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := h.aicha(t)
		edit := func(who access.Actor, n string, replaces ...fact.FactID) people.File {
			t.Helper()
			h.Clock.Add(time.Minute)
			got, err := h.Edit(ctx, who, f.Person, people.EditFile{Changes: people.Changes{Name: &people.Set[*people.Name]{Value: name(n, "Oumarou"), Replaces: replaces}}})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		edit(hawa, "Aicha", f.Heads["name"]...)
		got := edit(nurse, "Aïssata", f.Heads["name"]...)
		if len(got.Heads["name"]) != 1 || len(got.Conflicts) != 1 || !got.Conflicts[0].Open || got.Conflicts[0].Values != nil || got.Name.Parts[0] != "Aïssata" {
			t.Fatalf("who may not settle it sees more than that it is open: %+v", got)
		}
		seen, err := h.File(ctx, lead, f.Person)
		if err != nil || len(seen.Heads["name"]) != 2 || len(seen.Conflicts) != 1 || len(seen.Conflicts[0].Values) != 2 ||
			seen.Conflicts[0].Values[0].Who != "Nurse" || seen.Conflicts[0].Values[1].Who != "Hawa" || seen.Conflicts[0].Values[0].Point != agadez {
			t.Fatalf("the lead sees %+v %v", seen, err)
		}
		for _, spelling := range []string{"Aicha", "Aissata"} {
			r, err := h.Search(ctx, hawa, people.Search{Name: spelling + " Oumarou", Sex: "F"})
			if err != nil || len(r.Results) != 1 {
				t.Errorf("%s is not found: %v %v", spelling, r, err)
			}
		}
		if got = edit(hawa, "Aishatu", got.Heads["name"]...); len(got.Conflicts) != 1 || got.Name.Parts[0] != "Aishatu" {
			t.Errorf("an edit of one of two values left %+v", got)
		}
		if seen, err = h.File(ctx, lead, f.Person); err != nil {
			t.Fatal(err)
		}
		code(t, second(h.Edit(ctx, hawa, f.Person, people.EditFile{Changes: people.Changes{Name: &people.Set[*people.Name]{Value: name("Aicha"), Replaces: seen.Heads["name"]}}})),
			"people.not_yours_to_settle")
		if got = edit(lead, "Aicha", seen.Heads["name"]...); len(got.Conflicts) != 0 || got.Name.Parts[0] != "Aicha" {
			t.Errorf("after resolving: %+v", got)
		}
		code(t, second(h.Edit(ctx, hawa, f.Person, people.EditFile{Changes: people.Changes{Sex: &people.Set[string]{Value: "M", Replaces: []fact.FactID{fact.NewFactID(h.Clock.Now())}}}})),
			"people.unknown_edit")
		h.RebuildsAlike(t)
	})
}

func TestBases(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := h.aicha(t)
		until := fact.DayOf(h.Clock.Now()) + 30
		share := people.Given{Basis: "consent", Purpose: "sharing", Recipient: "clinic", Fields: []string{"needs"}, Until: &until, Language: "ha", How: "played", Answer: "yes"}
		b, err := h.GiveBasis(ctx, hawa, f.Person, fact.BasisID{}, share)
		if err != nil || b.State != "valid" {
			t.Fatalf("%+v %v", b, err)
		}
		allows := func(purpose, recipient string) (ok bool) {
			t.Helper()
			if err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
				_, ok, err = h.Allows(tx, f.Person, purpose, recipient)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return ok
		}
		if !allows("sharing", "clinic") || allows("sharing", "police") || allows("card", "") || !allows("file", "") {
			t.Error("a basis allows what it names and nothing else")
		}
		card := people.Given{Basis: "consent", Purpose: "card", Language: "ha", How: "spoken", Answer: "yes"}
		agree := func(who access.Actor) error {
			return h.DB.Write(ctx, func(tx *store.Tx) error { return h.Agreed(tx, who, f.Person, card) })
		}
		code(t, agree(ibrahim), "people.not_found")
		if err := agree(hawa); err != nil || !allows("card", "") {
			t.Errorf("a yes to a card: %v", err)
		}
		if b, err = h.Withdraw(ctx, hawa, f.Person, b.ID, "spoken"); err != nil || b.State != "withdrawn" || allows("sharing", "clinic") {
			t.Errorf("%+v %v", b, err)
		}
		if b, err = h.Withdraw(ctx, hawa, f.Person, b.ID, "spoken"); err != nil || b.State != "withdrawn" {
			t.Errorf("a second withdrawal: %+v %v", b, err)
		}
		code(t, second(h.Withdraw(ctx, hawa, f.Person, fact.BasisID(f.Bases[0].ID), "shouted")), "people.unknown_how")
		if _, err := h.Withdraw(ctx, hawa, f.Person, f.Bases[0].ID, "spoken"); err != nil {
			t.Fatal(err)
		}
		got, _ := h.File(ctx, hawa, f.Person)
		if got.State != "closed" {
			t.Errorf("a file without a basis is %s", got.State)
		}
		code(t, second(h.Edit(ctx, hawa, f.Person, people.EditFile{Changes: people.Changes{Sex: &people.Set[string]{Value: "M"}}})), "people.no_basis")
		h.Clock.Add(400 * 24 * time.Hour)
		if allows("file", "") {
			t.Error("a basis ends")
		}
		h.RebuildsAlike(t)
	})
}

func TestCompanionsHaveNoHeadAndLeaveUnseen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b, c := h.aicha(t), h.open(t, hawa, agadez, people.Profile{Sex: "M"}), h.open(t, hawa, agadez, people.Profile{Sex: "F"})
		for _, other := range []fact.PersonID{b.Person, c.Person, b.Person} {
			if _, err := h.Join(ctx, hawa, a.Person, other, "cousin"); err != nil {
				t.Fatal(err)
			}
		}
		code(t, second(h.Join(ctx, hawa, a.Person, a.Person, "")), "people.with_self")
		before, _ := h.File(ctx, hawa, b.Person)
		if len(before.Companions) != 1 || before.Companions[0].Person != a.Person {
			t.Fatalf("%+v", before.Companions)
		}
		r, _ := h.Search(ctx, hawa, people.Search{Name: "Aichatou Oumarou", Sex: "F"})
		h.Clock.Add(48 * time.Hour)
		if err := h.Part(ctx, hawa, b.Person, a.Person); err != nil {
			t.Fatal(err)
		}
		got, _ := h.File(ctx, hawa, a.Person)
		if len(got.Companions) != 1 || got.Companions[0].Person != c.Person || len(got.Events) != 0 {
			t.Errorf("%+v", got)
		}
		if again, _ := h.Search(ctx, hawa, people.Search{Name: "Aichatou Oumarou", Sex: "F"}); again.Results[0] != r.Results[0] && again.Results[0].LastDay != r.Results[0].LastDay {
			t.Error("leaving shows in the other's file")
		}
		if got, _ = h.File(ctx, hawa, b.Person); len(got.Companions) != 0 {
			t.Errorf("%+v", got.Companions)
		}
		h.RebuildsAlike(t)
	})
}

func TestLifeEvents(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := h.aicha(t)
		for _, step := range []struct{ kind, state string }{{"moved_on", "moved_on"}, {"card_lost", "moved_on"}, {"returned", "open"}, {"died", "died"}, {"moved_on", "died"}, {"returned", "open"}} {
			h.Clock.Add(time.Hour)
			got, err := h.Record(ctx, hawa, f.Person, fact.FactID{}, people.Event{Kind: step.kind})
			if err != nil || got.State != step.state {
				t.Errorf("after %s: %s %v", step.kind, got.State, err)
			}
		}
		code(t, second(h.Record(ctx, hawa, f.Person, fact.FactID{}, people.Event{Kind: "vanished"})), "people.unknown_event")
		code(t, second(h.Record(ctx, hawa, f.Person, fact.FactID{}, people.Event{Kind: "died", On: fact.DayOf(h.Clock.Now()) + 9})), "people.day_in_future")
		h.RebuildsAlike(t)
	})
}

func TestSearch(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := h.aicha(t)
		h.open(t, ibrahim, arlit, people.Profile{Name: name("Aïchatou", "Oumarou"), Sex: "F"})
		for range 5 {
			h.open(t, hawa, agadez, people.Profile{Name: name("Moussa", "Garba"), Sex: "M", Age: years(30, 30)})
		}
		h.card["SERAI1:x"] = f.Person
		h.another = f.Person
		seven, thirty := 7, 30
		day := fact.DayOf(h.Clock.Now())
		at := fact.PointRef{ID: agadez}
		tests := []struct {
			name string
			who  access.Actor
			q    people.Search
			hits int
			more bool
		}{
			{"another spelling finds her", hawa, people.Search{Name: "Aissatou Umaru", Sex: "F"}, 1, false},
			{"never more than three", hawa, people.Search{Name: "Musa Garba", Sex: "M"}, 3, true},
			{"an age that cannot be excludes", hawa, people.Search{Name: "Musa Garba", Age: &seven}, 0, false},
			{"an age that may be does not", hawa, people.Search{Name: "Musa Garba", Age: &thirty}, 3, true},
			{"a language she speaks", hawa, people.Search{Name: "Aicha Oumarou", Language: "ha"}, 1, false},
			{"a language she does not speak", hawa, people.Search{Name: "Aicha Oumarou", Language: "ti"}, 0, false},
			{"since a day", hawa, people.Search{Name: "Aicha Oumarou", Since: &day}, 1, false},
			{"at a point", hawa, people.Search{Name: "Aicha Oumarou", Point: &at}, 1, false},
			{"who works elsewhere finds who is there", ibrahim, people.Search{Name: "Aicha Oumarou", Sex: "F"}, 1, false},
			{"the whole organisation for the officer", officer, people.Search{Name: "Aicha Oumarou", Sex: "F"}, 2, false},
			{"nobody for another Society", salma, people.Search{Name: "Aicha Oumarou", Sex: "F"}, 0, false},
			{"by card", hawa, people.Search{Card: "SERAI1:x"}, 1, false},
			{"by card, out of reach", salma, people.Search{Card: "SERAI1:x"}, 0, false},
			{"by an unknown card", hawa, people.Search{Card: "SERAI1:y"}, 0, false},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				r, err := h.Search(ctx, test.who, test.q)
				if err != nil || len(r.Results) != test.hits || r.More != test.more {
					t.Errorf("%d hits, more %v, %v", len(r.Results), r.More, err)
				}
			})
		}
		r, _ := h.Search(ctx, hawa, people.Search{Card: "SERAI1:x"})
		if r.Results[0].LastPoint != arlit {
			t.Error("where she was served last is not told")
		}
		code(t, second(h.Search(ctx, hawa, people.Search{Name: "Moussa"})), "people.search_fact")
		code(t, second(h.Search(ctx, hawa, people.Search{Name: "😀", Sex: "M"})), "people.search_name")
		code(t, second(h.Search(ctx, hawa, people.Search{Name: "a", Card: "b"})), "people.card_or_name")
		if e := h.entries(t, f.Person); e[0].Action != "people.found" {
			t.Errorf("what a search shows is not in the access log: %+v", e[0])
		}
		h.Lock()
		if r, err := h.Search(ctx, hawa, people.Search{Name: "Aissatou Umaru", Sex: "F"}); err != nil || len(r.Results) != 1 {
			t.Errorf("after locking and unlocking: %+v %v", r, err)
		}
	})
}

func TestManySearchesRaiseAnAlert(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.aicha(t)
		for i := range 40 {
			if _, err := h.Search(ctx, hawa, people.Search{Name: fmt.Sprint("Moussa ", i), Sex: "M"}); err != nil {
				t.Fatal(err)
			}
		}
		alerts := 0
		_ = h.DB.Read(ctx, func(tx *store.Tx) error {
			all, err := h.Log.Since(tx, 0, 1000)
			for _, e := range all {
				if e.Code == "people.many_searches" {
					alerts++
				}
			}
			return err
		})
		if alerts != 1 {
			t.Errorf("%d alerts", alerts)
		}
	})
}

func TestToday(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := h.aicha(t)
		h.open(t, ibrahim, arlit, people.Profile{Sex: "M"})
		old := h.open(t, hawa, agadez, people.Profile{Name: name("Moussa"), Sex: "M"})
		h.Clock.Add(24 * time.Hour)
		if list, err := h.TodayAt(ctx, hawa, agadez); err != nil || len(list) != 0 {
			t.Errorf("%+v %v", list, err)
		}
		h.Clock.Add(-24 * time.Hour)
		h.visits = []people.Visit{{Person: f.Person, Arrived: h.Clock.Now().Add(time.Hour), Served: true}}
		list, err := h.TodayAt(ctx, hawa, agadez)
		if err != nil || len(list) != 2 || list[0].Person != old.Person || list[1].Initials != "A. O." || list[1].AgeBand != "18-29" || !list[1].Served {
			t.Errorf("%+v %v", list, err)
		}
	})
}

func TestForDesk(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := h.aicha(t)
		_ = h.DB.Read(ctx, func(tx *store.Tx) error {
			d, found, err := h.ForDesk(tx, hawa, f.Person)
			if err != nil || !found || d.Sex != "F" || d.AgeLow != 24 || d.AgeHigh != 26 || d.Org != nigerien || d.Point != agadez {
				t.Errorf("%+v %v %v", d, found, err)
			}
			if _, found, err := h.ForDesk(tx, ibrahim, f.Person); found || err != nil {
				t.Errorf("found out of reach: %v %v", found, err)
			}
			if i, err := h.Initials(tx, f.Person); i != "A. O." || err != nil {
				t.Errorf("%q %v", i, err)
			}
			return nil
		})
	})
}

func TestTheSameCommandTwiceIsOne(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := fact.NewPersonID(h.Clock.Now())
		cmd := people.OpenFile{ID: id, Point: agadez, Profile: people.Profile{Sex: "F"}, Basis: said}
		c := fact.WithRequest(ctx, fact.Request{Hash: [32]byte{1}})
		keyed := fact.WithRequest(ctx, fact.Request{Key: "k", Hash: [32]byte{9}})
		first, err := h.Open(keyed, hawa, people.OpenFile{Point: agadez, Profile: people.Profile{Sex: "F"}, Basis: said})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := h.Open(keyed, hawa, people.OpenFile{Point: agadez, Profile: people.Profile{Sex: "F"}, Basis: said}); err != nil || again.Person != first.Person {
			t.Errorf("a repeat opened another file: %v", err)
		}
		for range 2 {
			if f, err := h.Open(c, hawa, cmd); err != nil || f.Person != id {
				t.Fatal(err)
			}
		}
		_, err = h.Open(fact.WithRequest(ctx, fact.Request{Hash: [32]byte{2}}), hawa, cmd)
		code(t, err, "id_taken")
		_, err = h.Open(fact.WithRequest(ctx, fact.Request{Hash: [32]byte{1}}), ibrahim, people.OpenFile{ID: id, Point: arlit, Profile: people.Profile{Sex: "F"}, Basis: said})
		code(t, err, "id_taken")
		code(t, second(h.Open(ctx, hawa, people.OpenFile{Point: arlit, Basis: said})), "people.point_not_found")
		code(t, second(h.Open(ctx, hawa, people.OpenFile{Point: fact.PointByCode("ZZ-NONE"), Basis: said})), "people.point_not_found")
		refused := map[string]int{}
		_ = h.DB.Read(ctx, func(tx *store.Tx) error {
			all, err := h.Log.Since(tx, 0, 1000)
			for _, e := range all {
				if e.Outcome == audit.Refused {
					refused[e.Code]++
				}
			}
			return err
		})
		if refused["id_taken"] != 2 || refused["people.point_not_found"] != 2 {
			t.Errorf("refusals in the access log: %v", refused)
		}
	})
}
