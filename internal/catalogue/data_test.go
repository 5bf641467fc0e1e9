package catalogue

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestShippedData holds the rules that the files under data must keep.
func TestShippedData(t *testing.T) {
	c := Base()
	if len(c.Services) != 49 {
		t.Errorf("%d services, the field list has 49", len(c.Services))
	}
	code := regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)?$`)
	cards, codes := map[uint16]string{}, map[string]bool{}
	for _, s := range c.Services {
		if !code.MatchString(s.Code) || codes[s.Code] {
			t.Errorf("%q is not a code of its own", s.Code)
		}
		codes[s.Code] = true
		if family, _, _ := strings.Cut(s.Code, "."); s.Family != family {
			t.Errorf("%s: family %q", s.Code, s.Family)
		}
		complete(t, s.Code, s.Labels)
		if !s.Seen.Valid() {
			t.Errorf("%s: class %q", s.Code, s.Seen)
		}
		if !c.Lists.Has("units", s.Unit) || !c.Lists.Has("sectors", s.Sector) {
			t.Errorf("%s: unit %q or sector %q is not in its list", s.Code, s.Unit, s.Sector)
		}
		if s.Card != 0 {
			if other, taken := cards[s.Card]; taken || s.Card <= CardOther || s.Card > maxCard {
				t.Errorf("%s: card number %d is out of range or that of %s", s.Code, s.Card, other)
			}
			cards[s.Card] = s.Code
			if s.Seen != ClassOpen {
				t.Errorf("%s of class %s has a card number", s.Code, s.Seen)
			}
		}
		if s.Local || s.Hidden {
			t.Errorf("%s ships local or hidden", s.Code)
		}
	}
	if len(cards) != 18 {
		t.Errorf("%d services have a card number, the field list has 18", len(cards))
	}
}

func TestShippedLists(t *testing.T) {
	l := &Base().Lists
	sizes := map[string]int{
		"groups": 4, "group_details": 8, "stages": 11, "directions": 4, "arrival_kinds": 9, "sexes": 5, "disabilities": 4,
		"needs": 35, "reasons": 7, "bases": 4, "consent_answers": 3, "repeats": 5, "entry_modes": 3, "age_methods": 4,
		"tally_buttons": 9, "items": 26, "stock_moves": 7, "kits": 7, "sectors": 14, "units": 26, "age_atoms": 13, "age_splits": 3,
	}
	if len(l.index) != len(sizes) {
		t.Errorf("%d lists, want %d", len(l.index), len(sizes))
	}
	for list, terms := range l.terms() {
		if len(terms) != sizes[list] {
			t.Errorf("%s has %d terms, want %d", list, len(terms), sizes[list])
		}
		seen := map[string]bool{}
		for _, term := range terms {
			if term.Code == "" || seen[term.Code] {
				t.Errorf("%s: code %q twice or empty", list, term.Code)
			}
			seen[term.Code] = true
			complete(t, list+"."+term.Code, term.Labels)
		}
	}
	for _, want := range needed {
		list, code, _ := strings.Cut(want, ".")
		if !l.Has(list, code) {
			t.Errorf("%s is needed and not there", want)
		}
	}
	for _, g := range l.Groups {
		complete(t, "meaning of "+g.Code, g.Meaning)
	}
	classes := map[Class]int{}
	for _, n := range l.Needs {
		classes[n.Seen]++
	}
	if classes[ClassOpen] != 14 || classes[ClassService] != 6 || classes[ClassSealed] != 15 {
		t.Errorf("needs by class: %v, want 14 O, 6 H, 15 S", classes)
	}
	for _, s := range l.Stages {
		if (s.Seen == ClassSealed) != (s.Code == "held") {
			t.Errorf("stage %s has class %q", s.Code, s.Seen)
		}
	}
	for _, d := range l.GroupDetails {
		if !d.Hidden {
			t.Errorf("%s is optional and must ship hidden", d.Code)
		}
	}
	for _, k := range l.Kits {
		for _, p := range k.Contents {
			if (p.Item == "") == (p.Kit == "") || p.Quantity < 1 {
				t.Errorf("%s: %+v", k.Code, p)
			}
			if p.Item != "" && !l.Has("items", p.Item) || p.Kit != "" && !l.Has("kits", p.Kit) {
				t.Errorf("%s holds an unknown %+v", k.Code, p)
			}
		}
		if _, ok := Base().Service(k.Service); k.Service != "" && !ok {
			t.Errorf("%s: no service %s", k.Code, k.Service)
		}
	}
}

func TestConsentTextIsCompleteInEveryLanguage(t *testing.T) {
	for _, lang := range Languages() {
		text, ok := Base().Lists.Consent[lang]
		if !ok {
			t.Fatalf("no consent text in %s", lang)
		}
		for _, part := range []ConsentPart{text.First, text.File, text.Card, text.PassingOn} {
			if part.Title == "" || part.Text == "" || strings.Contains(part.Text, "*") {
				t.Errorf("%s: part %+v", lang, part)
			}
		}
		for _, place := range []string{"{who}", "{place}", "{help}", "{date}"} {
			if strings.Count(text.PassingOn.Text, place) != 1 {
				t.Errorf("%s: passing on must hold %s once", lang, place)
			}
		}
	}
	if got := Base().Lists.Consent["en"].First.Text; !strings.HasPrefix(got, "Help is free. You need not give your name.") {
		t.Errorf("English begins %q", got)
	}
}

func complete(t *testing.T, where string, l Labels) {
	t.Helper()
	if len(l) != len(Languages()) {
		t.Errorf("%s has %d languages", where, len(l))
	}
	for _, lang := range Languages() {
		if strings.TrimSpace(l[lang]) == "" || strings.ContainsFunc(l[lang], unprintable) {
			t.Errorf("%s: label in %s is %q", where, lang, l[lang])
		}
	}
	if !slices.ContainsFunc([]rune(l["ar"]), func(r rune) bool { return r >= 0x600 && r <= 0x6ff }) && !regexp.MustCompile(`^[0-9–+]+$`).MatchString(l["ar"]) {
		t.Errorf("%s: the Arabic label %q has no Arabic", where, l["ar"])
	}
}
