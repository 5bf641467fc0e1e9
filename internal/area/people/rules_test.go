package people_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"serai/internal/area/people"
	"serai/internal/fact"
)

func TestWhatAFileRefuses(t *testing.T) {
	day := func(s string) *fact.Day {
		d, err := fact.ParseDay(s)
		if err != nil {
			t.Fatal(err)
		}
		return &d
	}
	with := func(change func(*people.OpenFile)) people.OpenFile {
		cmd := people.OpenFile{Point: agadez, Profile: people.Profile{Name: name("Aïcha"), Sex: "F", Age: years(24, 26)}, Basis: said}
		change(&cmd)
		return cmd
	}
	bad := func(n ...string) func(*people.OpenFile) {
		return func(c *people.OpenFile) { c.Profile.Name = name(n...) }
	}
	tests := []struct {
		name string
		cmd  people.OpenFile
		want []string // field and code of every fault
	}{
		{"nothing when all is well", with(func(*people.OpenFile) {}), nil},
		{"no name is a name", with(func(c *people.OpenFile) { c.Profile.Name = nil }), nil},
		{"no age is an age", with(func(c *people.OpenFile) { c.Profile.Age = nil }), nil},
		{"Arabic, Ge'ez, hooked letters and apostrophes are letters", with(bad("محمد", "ተስፋይ", "Ɗan’ladi", "O'Neill-Ba", "كمال\u200cالدین")), nil},
		{"an age of 180", with(func(c *people.OpenFile) { c.Profile.Age = years(180, 180) }), []string{"age people.age_impossible"}},
		{"an age upside down", with(func(c *people.OpenFile) { c.Profile.Age = years(30, 20) }), []string{"age people.age_impossible"}},
		{"an age of a day to come", with(func(c *people.OpenFile) { c.Profile.Age.On += 30 }), []string{"age.on people.day_in_future"}},
		{"an age nobody told how", with(func(c *people.OpenFile) { c.Profile.Age.Method = "guess" }), []string{"age.method people.unknown_age_method"}},
		{"a birth date to come", with(func(c *people.OpenFile) { c.Profile.Age, c.Born = nil, day("2026-12-01") }), []string{"birth_date people.born_in_future"}},
		{"a birth date before 1900", with(func(c *people.OpenFile) { c.Profile.Age, c.Born = nil, day("1899-12-31") }), []string{"birth_date people.day_too_early"}},
		{"a birth date beside another age", with(func(c *people.OpenFile) { c.Born = day("2000-01-01") }), []string{"birth_date people.two_ages"}},
		{"a part of 10,000 letters", with(bad(strings.Repeat("a", 10_000))), []string{"name.parts.0 people.name_long"}},
		{"nine parts", with(bad("a", "b", "c", "d", "e", "f", "g", "h", "i")), []string{"name.parts people.name_parts"}},
		{"only emoji", with(bad("😀🙂")), []string{"name.parts.0 people.name_symbols"}},
		{"a right-to-left override", with(bad("Ali\u202eabd")), []string{"name.parts.0 people.name_symbols"}},
		{"NUL", with(bad("Ali\x00")), []string{"name.parts.0 people.name_symbols"}},
		{"only spaces", with(bad("  ")), []string{"name people.name_empty"}},
		{"only signs", with(bad("---")), []string{"name people.name_empty"}},
		{"an unknown script", with(func(c *people.OpenFile) { c.Profile.Name.Script = "runes!" }), []string{"name.script people.unknown_script"}},
		{"an unknown sex", with(func(c *people.OpenFile) { c.Profile.Sex = "Q" }), []string{"sex people.unknown_sex"}},
		{"an unknown language", with(func(c *people.OpenFile) { c.Profile.Languages = []string{"ha", "klingon"} }), []string{"languages.1 people.unknown_language"}},
		{"an unknown need", with(func(c *people.OpenFile) { c.Profile.Needs = []string{"gold"} }), []string{"needs.0 people.unknown_need"}},
		{"a sealed need", with(func(c *people.OpenFile) { c.Profile.Needs = []string{"water", "sexual_violence"} }),
			[]string{"needs.0 people.unknown_need", "needs.1 people.need_sealed"}},
		{"a need of health from a volunteer", with(func(c *people.OpenFile) { c.Profile.Needs = []string{"ill"} }), []string{"needs.0 people.need_of_health"}},
		{"a need twice", with(func(c *people.OpenFile) { c.Profile.Needs = []string{"clothes", "clothes"} }), []string{"needs people.repeated"}},
		{"a no to the file", with(func(c *people.OpenFile) { c.Basis.Answer = "no" }), []string{"basis.answer people.no_basis"}},
		{"no basis at all", with(func(c *people.OpenFile) { c.Basis = people.Given{} }), []string{"basis.basis people.unknown_basis", "basis.reason people.reason_missing"}},
		{"a life in danger without a reason", with(func(c *people.OpenFile) { c.Basis = people.Given{Basis: "vital_interest"} }), []string{"basis.reason people.reason_missing"}},
		{"a life in danger with one is a basis", with(func(c *people.OpenFile) { c.Basis = people.Given{Basis: "vital_interest", Reason: "unconscious"} }), nil},
		{"many faults at once", with(func(c *people.OpenFile) {
			c.Profile = people.Profile{Name: name("😀"), Sex: "?", Age: years(-1, 200), Languages: []string{"?"}, Needs: []string{"?"}}
			c.Basis.How = "shouted"
		}), []string{"age people.age_impossible", "basis.how people.unknown_how", "languages.0 people.unknown_language", "name.parts.0 people.name_symbols",
			"needs.0 people.unknown_need", "sex people.unknown_sex"}},
	}
	each(t, func(t *testing.T, h *house) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				_, err := h.Open(ctx, hawa, test.cmd)
				if got := codes(err); !slices.Equal(got, test.want) {
					t.Errorf("%q, want %q (%v)", got, test.want, err)
				}
			})
		}
	})
}

func TestWhatABasisRefuses(t *testing.T) {
	day := func(n int) *fact.Day {
		d := fact.DayOf(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)) + fact.Day(n)
		return &d
	}
	sharing := func(change func(*people.Given)) people.Given {
		g := people.Given{Basis: "consent", Purpose: "sharing", Recipient: "clinic", Whole: true, Until: day(30), Language: "fr", How: "spoken", Answer: "yes"}
		change(&g)
		return g
	}
	tests := []struct {
		name  string
		given people.Given
		child bool
		want  []string
	}{
		{"a consent to sharing is fine", sharing(func(*people.Given) {}), false, nil},
		{"a no is recorded", people.Given{Basis: "consent", Purpose: "card", Language: "fr", How: "played", Answer: "no"}, false, nil},
		{"sharing names who", sharing(func(g *people.Given) { g.Recipient = " " }), false, []string{"recipient people.recipient_missing"}},
		{"sharing names what", sharing(func(g *people.Given) { g.Whole = false }), false, []string{"fields people.fields_missing"}},
		{"sharing names known fields", sharing(func(g *people.Given) { g.Fields = []string{"religion"} }), false, []string{"fields people.unknown_field"}},
		{"sharing ends", sharing(func(g *people.Given) { g.Until = nil }), false, []string{"until people.until_missing"}},
		{"an end lies ahead", sharing(func(g *people.Given) { g.Until = day(-1) }), false, []string{"until people.until_past"}},
		{"an end can be foreseen", sharing(func(g *people.Given) { g.Until = day(900) }), false, []string{"until people.until_far"}},
		{"an adult speaks for herself", sharing(func(g *people.Given) { g.By = "carer" }), false, []string{"given_by people.adult_speaks"}},
		{"a child does not consent to sharing alone", sharing(func(*people.Given) {}), true, []string{"given_by people.child_cannot_consent"}},
		{"a carer may, for a child", sharing(func(g *people.Given) { g.By = "carer" }), true, nil},
		{"a child may refuse alone", sharing(func(g *people.Given) { g.Answer = "no" }), true, nil},
		{"for a child the protection officer decides", sharing(func(g *people.Given) { g.Basis, g.Reason = "public_interest", "best interests" }), true, []string{"basis people.child_needs_protection"}},
		{"a recipient belongs to sharing", people.Given{Basis: "consent", Purpose: "card", Recipient: "clinic", Language: "fr", How: "spoken", Answer: "yes"}, false,
			[]string{"recipient people.recipient_without_sharing"}},
		{"a consent was asked somehow", people.Given{Basis: "consent", Purpose: "card"}, false,
			[]string{"answer people.unknown_answer", "how people.unknown_how", "language people.language_missing"}},
		{"a purpose is one of three", people.Given{Basis: "legal_obligation", Purpose: "police", Reason: "order"}, false, []string{"purpose people.unknown_purpose"}},
	}
	each(t, func(t *testing.T, h *house) {
		adult, child := h.aicha(t), h.open(t, hawa, agadez, people.Profile{Sex: "M", Age: years(15, 19)})
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				f := adult
				if test.child {
					f = child
				}
				_, err := h.GiveBasis(ctx, hawa, f.Person, fact.BasisID{}, test.given)
				if got := codes(err); !slices.Equal(got, test.want) {
					t.Errorf("%q, want %q (%v)", got, test.want, err)
				}
			})
		}
		g := sharing(func(g *people.Given) { g.Basis, g.Reason = "public_interest", "best interests" })
		if b, err := h.GiveBasis(ctx, officer, child.Person, fact.BasisID{}, g); err != nil || b.How != "" || b.Answer != "" {
			t.Errorf("%+v %v", b, err)
		}
	})
}

func TestABirthDateGivesAnExactAge(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		born, _ := fact.ParseDay("2008-03-11")
		f, err := h.Open(ctx, hawa, people.OpenFile{Point: agadez, Profile: people.Profile{Sex: "M"}, Born: &born, Basis: said})
		if err != nil || f.Age.Low != 17 || f.Age.High != 17 || f.Age.Method != "birth_date" || *f.Age.Born != born {
			t.Fatalf("%+v %v", f.Age, err)
		}
		if a := f.Age.At(born + 366*18); a.Low != 18 || a.High != 18 {
			t.Errorf("%+v", a)
		}
	})
}

func TestInitials(t *testing.T) {
	for _, test := range []struct {
		name  string
		parts []string
		want  string
	}{
		{"of three parts at most", []string{"Aïcha", "Oumarou", "Sani", "Bello"}, "A. O. S."},
		{"in Arabic", []string{"محمد", "عثمان"}, "م. ع."},
		{"past an apostrophe", []string{"'Isa"}, "I."},
		{"none for no name", nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := name(test.parts...).Initials(); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	if (*people.Name)(nil).Initials() != "" {
		t.Error("no name has no initials")
	}
}
