package lang

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"serai/internal/fact"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// sentences returns every wording of a message.
func (m message) sentences() []string {
	if m.forms == nil {
		return []string{m.text}
	}
	var out []string
	for _, s := range m.forms {
		out = append(out, s)
	}
	return out
}

func TestEveryLanguageSaysEverything(t *testing.T) {
	wantForms := map[Tag][]string{English: {"one", "other"}, French: {"many", "one", "other"}, Spanish: {"many", "one", "other"},
		Arabic: {"few", "many", "one", "other", "two", "zero"}}
	for key, en := range catalogues[English] {
		for _, l := range All {
			m, ok := catalogues[l][key]
			if !ok {
				t.Errorf("%s lacks %s", l, key)
				continue
			}
			if (m.forms == nil) != (en.forms == nil) {
				t.Errorf("%s: %s counts in one language and not in the other", l, key)
			}
			if m.forms != nil {
				var forms []string
				for form := range m.forms {
					forms = append(forms, form)
				}
				slices.Sort(forms)
				if !slices.Equal(forms, wantForms[l]) {
					t.Errorf("%s: %s has the forms %v, want %v", l, key, forms, wantForms[l])
				}
			}
			for _, s := range m.sentences() {
				if strings.TrimSpace(s) == "" {
					t.Errorf("%s: %s is empty", l, key)
				}
				if m.forms == nil && len(placeholder.FindAllString(s, -1)) != len(placeholder.FindAllString(en.text, -1)) {
					t.Errorf("%s: %s has other placeholders than in English", l, key)
				}
			}
		}
	}
	for _, l := range All {
		for key := range catalogues[l] {
			if _, ok := catalogues[English][key]; !ok {
				t.Errorf("%s has %s, which English lacks", l, key)
			}
		}
	}
}

func TestCounting(t *testing.T) {
	tests := []struct {
		lang Tag
		n    int64
		want string
	}{
		{English, 0, "0 points"}, {English, 1, "1 point"}, {English, 1200, "1,200 points"}, {English, -1, "-1 point"},
		{French, 0, "0 point"}, {French, 1, "1 point"}, {French, 2, "2 points"}, {French, 1_000_000, "1\u202f000\u202f000 de points"},
		{Spanish, 1, "1 punto"}, {Spanish, 2, "2 puntos"}, {Spanish, 2_000_000, "2\u00a0000\u00a0000 de puntos"}, {Spanish, 2_000_001, "2\u00a0000\u00a0001 puntos"},
		{Arabic, 0, "لا نقاط"}, {Arabic, 1, "نقطة واحدة"}, {Arabic, 2, "نقطتان"}, {Arabic, 3, "3 نقاط"}, {Arabic, 10, "10 نقاط"},
		{Arabic, 11, "11 نقطة"}, {Arabic, 99, "99 نقطة"}, {Arabic, 100, "100 نقطة"}, {Arabic, 103, "103 نقاط"}, {Arabic, 5_000_000_103, "5.000.000.103 نقاط"},
	}
	for _, test := range tests {
		if got := Text(test.lang, "count.points", Args{"n": test.n}); got != test.want {
			t.Errorf("%s %d: %q, want %q", test.lang, test.n, got, test.want)
		}
	}
	if got := Text(French, "count.points", nil); got != "{n} points" {
		t.Errorf("without a count: %q", got)
	}
}

func TestNumbersAndDates(t *testing.T) {
	day, err := fact.ParseDay("2026-03-31")
	if err != nil {
		t.Fatal(err)
	}
	for l, want := range map[Tag][5]string{
		English: {"31 March 2026", "1,234", "-1,234,567", "1,234.5", "Tuesday"},
		French:  {"31 mars 2026", "1\u202f234", "-1\u202f234\u202f567", "1\u202f234,5", "mardi"},
		Arabic:  {"31 مارس 2026", "1.234", "-1.234.567", "1.234,5", "الثلاثاء"},
		Spanish: {"31 de marzo de 2026", "1234", "-1\u00a0234\u00a0567", "1234,5", "martes"},
	} {
		got := [5]string{Date(l, day), Number(l, 1234), Number(l, -1234567), Decimal(l, 1234.50, 2), Weekday(l, day.Time().Weekday())}
		if got != want {
			t.Errorf("%s: %q, want %q", l, got, want)
		}
	}
	if got := Decimal(French, -0.25, 2); got != "-0,25" {
		t.Errorf("%q", got)
	}
	if got := Number(English, -1<<63); got != "-9,223,372,036,854,775,808" {
		t.Errorf("%q", got)
	}
	if got := Clock(time.Date(2026, 3, 31, 8, 5, 0, 0, time.UTC)); got != "08:05" {
		t.Errorf("%q", got)
	}
}

func TestTheLanguageIsFound(t *testing.T) {
	tests := []struct {
		name, asked, accept string
		want                Tag
	}{
		{"nothing said", "", "", English},
		{"a country's French", "", "fr-NE,fr;q=0.9,en;q=0.8", French},
		{"Arabic of Libya", "", "ar-LY", Arabic},
		{"the first that we have", "", "ha, fr;q=0.5", French},
		{"a language that we lack", "", "ti", English},
		{"nonsense", "", ";;;q=", English},
		{"a header without end", "", strings.Repeat("fr,", 1000), English},
		{"asked for by name", "es", "fr", Spanish},
		{"asked for with its country", "AR-sd", "fr", Arabic},
		{"asked for what we lack", "xx", "fr", French},
	}
	for _, test := range tests {
		if got := Choose(test.asked, test.accept); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	if Dir(Arabic) != "rtl" || Dir(French) != "ltr" || Name(Arabic) != "العربية" {
		t.Error("direction or name")
	}
}

func TestAForgottenSentenceIsSeenAndBreaksNothing(t *testing.T) {
	if got := Text(Arabic, "nobody.wrote_this", nil); got != "nobody.wrote_this" {
		t.Errorf("%q", got)
	}
	if _, ok := Lookup(Arabic, "nobody.wrote_this"); ok {
		t.Error("found")
	}
	if got := Text(Spanish, "public.updated", Args{"date": "hoy"}); got != "Al hoy" {
		t.Errorf("%q", got)
	}
}
