package sim

import (
	"math/rand/v2"
	"testing"
)

func TestACardKeepsItsLineageAndCountsItsPrints(t *testing.T) {
	w := world(t, 21, 4000, 30)
	holder, sequence := map[string]int{}, map[string]int{}
	passed, changed := 0, map[string]bool{}
	truth := w.Play(func(e Event) bool {
		switch b := e.Body.(type) {
		case CardIssued:
			if sequence[b.Lineage] != 0 || b.Sequence != 1 {
				t.Fatalf("lineage %s is issued twice", b.Lineage)
			}
			holder[b.Lineage], sequence[b.Lineage] = b.TruthPerson, 1
		case CardUpdated:
			if b.Sequence != sequence[b.Lineage]+1 {
				t.Fatalf("lineage %s goes from print %d to %d", b.Lineage, sequence[b.Lineage], b.Sequence)
			}
			sequence[b.Lineage] = b.Sequence
		case Contact:
			if b.Card != "" && holder[b.Card] != b.TruthPerson {
				if w.Person(holder[b.Card]).Party != w.Person(b.TruthPerson).Party {
					t.Fatalf("card %s of person %d is shown by person %d, a stranger", b.Card, holder[b.Card], b.TruthPerson)
				}
				passed++
				changed[b.Card] = true
			}
			if b.Card != "" && b.NewCard != "" {
				t.Fatalf("contact %d shows a card and gets a first one", b.ID)
			}
			if b.Card != "" && b.Repeat != "not_asked" {
				t.Fatalf("contact %d: the holder of a card is asked %q", b.ID, b.Repeat)
			}
		}
		return true
	})
	if passed == 0 || len(changed) > truth.CardsPassed {
		t.Errorf("%d contacts with cards of others, %d cards, truth %d", passed, len(changed), truth.CardsPassed)
	}
	for lineage, person := range holder {
		if truth.OwnerOfCard(lineage) != person {
			t.Fatalf("lineage %s: truth says %d, not %d", lineage, truth.OwnerOfCard(lineage), person)
		}
	}
	if truth.Cards != len(holder) || truth.PersonsWithCard >= truth.Cards {
		t.Errorf("%d cards, %d persons with one; some people must have two", truth.Cards, truth.PersonsWithCard)
	}
	if truth.OwnerOfCard("no card") != 0 || truth.OwnerOfCard("") != 0 {
		t.Error("a card that was never issued has an owner")
	}
}

func TestFilesBelongToOnePersonAndSecondFilesAreKnown(t *testing.T) {
	w := world(t, 22, 6000, 30)
	owner, of := map[int]int{}, map[int][]int{}
	nameless, announced, estimated, held, second := 0, 0, 0, 0, 0
	truth := w.Play(func(e Event) bool {
		switch b := e.Body.(type) {
		case NameRefused:
			announced++
		case FileOpened:
			if b.Name == nil {
				nameless++
			} else if len(b.Name.Parts) == 0 || b.Name.String() == "" {
				t.Fatalf("file %d has an empty name", b.File)
			}
			if b.Age.Method == AgeEstimated {
				estimated++
			}
			if b.Age.Holds(w.Person(b.TruthPerson)) {
				held++
			}
			if b.TruthSameOrganisation > 0 {
				second++
				if owner[b.TruthSameOrganisation] != b.TruthPerson {
					t.Fatalf("file %d follows file %d of another person", b.File, b.TruthSameOrganisation)
				}
			}
			owner[b.File] = b.TruthPerson
			of[b.TruthPerson] = append(of[b.TruthPerson], b.File)
		case Contact:
			if b.File > 0 && owner[b.File] != b.TruthPerson {
				t.Fatalf("contact %d uses file %d of another person", b.ID, b.File)
			}
		}
		return true
	})
	n := float64(len(owner))
	if nameless == 0 || nameless != announced {
		t.Errorf("%d files without a name, %d refusals", nameless, announced)
	}
	if share := float64(estimated) / n; share < 0.45 || share > 0.55 {
		t.Errorf("%.2f of ages are estimates, half were asked for", share)
	}
	if share := float64(held) / n; share < 0.8 || share > 0.99 {
		t.Errorf("%.2f of age intervals hold the truth; desks are good but not perfect", share)
	}
	if truth.Files != len(owner) || truth.PersonsWithFile != len(of) || second == 0 || truth.SecondFiles != second {
		t.Errorf("files %d/%d, persons %d/%d, second files %d/%d", truth.Files, len(owner), truth.PersonsWithFile, len(of), truth.SecondFiles, second)
	}
	pairs := 0
	for a, b := range truth.SameFiles() {
		if pairs++; a >= b || owner[a] != owner[b] || !truth.SamePerson(a, b) {
			t.Fatalf("files %d and %d", a, b)
		}
	}
	want := 0
	for _, files := range of {
		want += len(files) * (len(files) - 1) / 2
	}
	if pairs != want || truth.SamePerson(0, 0) || truth.OwnerOfFile(len(owner)+1) != 0 {
		t.Errorf("%d pairs, not %d", pairs, want)
	}
}

func TestPeopleWithoutACardAreAskedAndMostlyTellTheTruth(t *testing.T) {
	w := world(t, 23, 4000, 30)
	met := map[int]bool{}
	answers := map[string]int{}
	right := 0
	for e := range w.Events() {
		switch b := e.Body.(type) {
		case Tally:
			for _, p := range b.TruthPeople {
				met[p] = true
			}
		case Contact:
			answers[b.Repeat]++
			if (b.Repeat == "before") == met[b.TruthPerson] && (b.Repeat == "before" || b.Repeat == "first") {
				right++
			}
			met[b.TruthPerson] = true
		}
	}
	for _, a := range []string{"first", "before", "unsure", "declined", "not_asked"} {
		if answers[a] == 0 {
			t.Errorf("nobody answers %s", a)
		}
	}
	// The day's own tally comes after the contacts of that day, so a few answers look wrong here that are right.
	if share := float64(right) / float64(answers["first"]+answers["before"]); share < 0.85 {
		t.Errorf("%.2f of the answers are right", share)
	}
}

func TestTheSamePersonIsWrittenDifferentlyByDifferentDesks(t *testing.T) {
	w := world(t, 24, 3000, 5)
	r := rand.New(rand.NewPCG(1, 1))
	points := []string{"NE-AGZ", "LY-TIP", "ET-DIR", "GR-ATH", "PA-LBL", "TD-ADR"}
	scripts := map[string]int{}
	differ, twice := map[string]int{}, map[string]int{}
	for _, p := range w.People() {
		a, err := w.Register(r, p.ID, points[r.IntN(len(points))], start)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := w.Register(r, p.ID, points[r.IntN(len(points))], start)
		if a.Name == nil || b.Name == nil {
			continue
		}
		scripts[a.Name.Script]++
		twice[p.Community]++
		if a.Name.String() != b.Name.String() {
			differ[p.Community]++
		}
	}
	all, other := 0, 0
	for _, c := range communities {
		other += differ[c.code]
		share := float64(differ[c.code]) / float64(twice[c.code])
		if all += twice[c.code]; twice[c.code] >= 60 && share < 0.5 {
			t.Errorf("%s: %.2f of %d pairs are written differently", c.code, share, twice[c.code])
		}
		t.Logf("%-20s %4d pairs, %.2f written differently", c.code, twice[c.code], share)
	}
	if share := float64(other) / float64(all); share < 0.7 || share > 0.95 {
		t.Errorf("%.2f of all pairs are written differently", share)
	}
	for _, s := range []string{ScriptLatin, ScriptArabic, ScriptEthiopic} {
		if scripts[s] == 0 {
			t.Errorf("no name in %s script", s)
		}
	}
	if _, err := w.Register(r, 0, "NE-AGZ", start); err == nil {
		t.Error("nobody was registered")
	}
	if _, err := w.Register(r, 1, "NOWHERE", start); err == nil {
		t.Error("registered at a point that does not exist")
	}
}
