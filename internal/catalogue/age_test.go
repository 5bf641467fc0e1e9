package catalogue

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAtomsMatchTheList(t *testing.T) {
	for i, a := range Base().Lists.AgeAtoms {
		if a.Code == Unknown {
			continue
		}
		if a.Low != lows[i] || Atoms(a.Low, a.High) != a.Code {
			t.Errorf("atom %s of the list is %s in code", a.Code, Atoms(a.Low, a.High))
		}
	}
}

func TestAges(t *testing.T) {
	for name, c := range map[string]struct {
		low, high  int
		atom, span string
	}{
		"an exact age is its atom":                        {25, 25, "18-29", "18-29"},
		"five is an atom alone":                           {5, 5, "5", "5"},
		"an interval inside an atom is the atom":          {32, 38, "30-39", "30-39"},
		"the girl button crosses atoms: a child":          {5, 17, Child, "5-17"},
		"the woman button crosses atoms: an adult":        {18, 59, Adult, "18-59"},
		"sixty and over":                                  {60, AgeMax, Adult, "60+"},
		"all children are child":                          {0, 17, Child, Child},
		"all adults are adult":                            {18, AgeMax, Adult, Adult},
		"what may be under 18 is not disaggregated":       {16, 18, Unsplit, Unsplit},
		"the person button is not disaggregated":          {0, AgeMax, Unsplit, Unsplit},
		"eighty and over is the last atom":                {85, AgeMax, "80+", "80+"},
		"an upside-down interval is unknown":              {20, 10, Unknown, Unknown},
		"an age of 180 is unknown":                        {180, 180, Unknown, Unknown},
		"a negative age is unknown":                       {-1, 3, Unknown, Unknown},
		"an interval keeps the run of atoms that hold it": {4, 6, Child, "0-11"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Atoms(c.low, c.high); got != c.atom {
				t.Errorf("atom %q, want %q", got, c.atom)
			}
			if got := Span(c.low, c.high); got != c.span {
				t.Errorf("span %q, want %q", got, c.span)
			}
		})
	}
	if !(Age{17, 19}).MayBeChild() || (Age{18, 19}).MayBeChild() {
		t.Error("who may be under 18 is a child for protection")
	}
}

func TestBands(t *testing.T) {
	for name, c := range map[string]struct{ scheme, code, want string }{
		"an atom falls into its IFRC band":            {"ifrc", "5", "0-5"},
		"twelve is in 6-12 for IFRC":                  {"ifrc", "12", "6-12"},
		"twelve is in 12-17 for UNHCR":                {"unhcr", "12", "12-17"},
		"thirty is in 18-49 for Sphere":               {"sphere", "30-39", "18-49"},
		"fifty is 50+ for ECHO":                       {"echo", "50-59", "50+"},
		"the girl button fits IOM":                    {"iom", "5-17", "5-17"},
		"the girl button fits ECHO":                   {"echo", "5-17", "5-17"},
		"the girl button crosses IFRC bands: child":   {"ifrc", "5-17", Child},
		"the woman button fits UNHCR":                 {"unhcr", "18-59", "18-59"},
		"the woman button crosses ECHO bands: adult":  {"echo", "18-59", Adult},
		"sixty and over crosses IFRC bands: adult":    {"ifrc", "60+", Adult},
		"sixty and over fits IOM":                     {"iom", "60+", "60+"},
		"under five fits UNHCR":                       {"unhcr", "0-4", "0-4"},
		"under five fits the wider band of IFRC":      {"ifrc", "0-4", "0-5"},
		"child stays child":                           {"unhcr", Child, Child},
		"adult stays adult":                           {"sphere", Adult, Adult},
		"unsplit stays unsplit":                       {"iom", Unsplit, Unsplit},
		"unknown age is not disaggregated":            {"iom", Unknown, Unsplit},
		"a code that is none is not disaggregated":    {"iom", "young", Unsplit},
		"a broken interval is not disaggregated":      {"iom", "9-", Unsplit},
		"an interval over 18 both ways stays unsplit": {"iom", "13-29", Unsplit},
		"eighty and over is a band of IFRC":           {"ifrc", "80+", "80+"},
	} {
		t.Run(name, func(t *testing.T) {
			s, ok := Base().Lists.Scheme(c.scheme)
			if !ok {
				t.Fatal("no such scheme")
			}
			if got := s.Band(c.code); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestEveryAtomHasOneBandInEveryScheme(t *testing.T) {
	for _, s := range Base().Lists.AgeSchemes {
		next := 0
		for _, band := range s.Bands {
			b, ok := bounds(band)
			if !ok || b.Low != next {
				t.Errorf("%s: band %s does not follow on year %d", s.Code, band, next)
			}
			next = b.High + 1
		}
		if next != AgeMax+1 {
			t.Errorf("%s ends at %d", s.Code, next-1)
		}
		for _, a := range Base().Lists.AgeAtoms {
			if a.Code != Unknown && !slices.Contains(s.Bands, s.Band(a.Code)) {
				t.Errorf("%s: atom %s is in no band", s.Code, a.Code)
			}
		}
		if len(s.Rows()) != len(s.Bands)+3 {
			t.Errorf("%s: rows %v", s.Code, s.Rows())
		}
	}
}

// A stored span must say the same in every scheme as the interval itself.
func TestSpanLosesNothingForAnyScheme(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.IntRange(0, AgeMax).Draw(t, "low")
		high := rapid.IntRange(low, AgeMax).Draw(t, "high")
		for _, s := range Base().Lists.AgeSchemes {
			if got, want := s.Band(Span(low, high)), s.BandOf(Age{low, high}); got != want {
				t.Fatalf("%s: %d to %d is %s by span, %s by interval", s.Code, low, high, got, want)
			}
		}
	})
}

func TestSexHeadings(t *testing.T) {
	l := &Base().Lists
	for name, c := range map[string]struct{ sex, scheme, band, want string }{
		"IFRC counts females":                             {"F", "ifrc", "13-17", "female"},
		"IOM counts a girl":                               {"F", "iom", "5-17", "girl"},
		"IOM counts a woman":                              {"F", "iom", "60+", "woman"},
		"IOM counts a man whose age is only adult":        {"M", "iom", Adult, "man"},
		"IOM has no heading without an age":               {"M", "iom", Unsplit, "unknown"},
		"another answer is other for IFRC":                {"X", "ifrc", "18-29", "other"},
		"another answer is not disaggregated for UNHCR":   {"X", "unhcr", "18-59", "not disaggregated"},
		"not said is unknown for IFRC":                    {"N", "ifrc", "18-29", "unknown"},
		"not recorded is not disaggregated for ECHO":      {"U", "echo", "18-49", "not disaggregated"},
		"Sphere gives ages only, headings are of IFRC":    {"M", "sphere", "18-49", "male"},
		"another answer is unknown for IOM, any age":      {"X", "iom", "18-59", "unknown"},
		"not recorded stays not recorded for a small boy": {"U", "iom", "0-4", "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			sex, _ := l.Sex(c.sex)
			scheme, _ := l.Scheme(c.scheme)
			if got := sex.Heading(scheme, c.band); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if x, _ := l.Sex("X"); !x.Hidden {
		t.Error("X is offered only where that is safe")
	}
}

func TestAgeOnTheContactDate(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for name, c := range map[string]struct{ got, want Age }{
		"a birth date gives one year":                      {Born(day("2008-03-02"), day("2026-03-01")), Age{17, 17}},
		"on the birthday one is older":                     {Born(day("2008-03-02"), day("2026-03-02")), Age{18, 18}},
		"a leap-day child is older on 1 March":             {Born(day("2008-02-29"), day("2026-02-28")), Age{17, 17}},
		"a birth year leaves two ages open":                {BornIn(2008, day("2026-06-01")), Age{17, 18}},
		"a birth year of this year is a baby":              {BornIn(2026, day("2026-06-01")), Age{0, 0}},
		"the same day changes nothing":                     {Age{17, 17}.On(day("2026-01-05"), day("2026-01-05")), Age{17, 17}},
		"half a year on, the birthday may have passed":     {Age{17, 17}.On(day("2026-01-05"), day("2026-07-05")), Age{17, 18}},
		"whole years on, the interval keeps its width":     {Age{17, 17}.On(day("2024-01-05"), day("2026-01-05")), Age{19, 19}},
		"half a year before, the birthday may lie between": {Age{17, 17}.On(day("2026-07-05"), day("2026-01-05")), Age{16, 17}},
		"a baby was never younger than nothing":            {Age{0, 0}.On(day("2026-07-05"), day("2020-01-05")), Age{0, 0}},
		"nobody grows older than the oldest":               {Age{80, AgeMax}.On(day("2020-01-05"), day("2026-07-05")), Age{86, AgeMax}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.got != c.want {
				t.Errorf("got %v, want %v", c.got, c.want)
			}
		})
	}
	if Born(day("2027-01-01"), day("2026-01-01")).Valid() {
		t.Error("a birth after the day is not an age")
	}
}

// Whatever the true birth date, the moved interval holds the true age.
func TestMovedAgeHoldsTheTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC)
		birth := start.AddDate(0, 0, rapid.IntRange(0, 20000).Draw(t, "birth"))
		known := birth.AddDate(0, 0, rapid.IntRange(0, 9000).Draw(t, "known"))
		on := birth.AddDate(0, 0, rapid.IntRange(0, 9000).Draw(t, "on"))
		moved, truth := Born(birth, known).On(known, on), Born(birth, on)
		if truth.Low < moved.Low || truth.High > moved.High || moved.High-moved.Low > 1 {
			t.Fatalf("born %s, known %s, on %s: %v does not hold %v", birth, known, on, moved, truth)
		}
	})
}
