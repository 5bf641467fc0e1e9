package people

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
)

// Name is an ordered bag of parts as they were said or written. There is no surname.
type Name struct {
	Parts  []string `cbor:"1,keyasint" json:"parts" minItems:"1"`
	Script string   `cbor:"2,keyasint,omitempty" json:"script,omitempty" doc:"latin, arabic, ethiopic, cyrillic or an ISO 15924 code"`
}

// Age is an interval of full years, both ends included, on a day, and how it is known.
type Age struct {
	Low    int       `cbor:"1,keyasint" json:"low"`
	High   int       `cbor:"2,keyasint" json:"high"`
	On     fact.Day  `cbor:"3,keyasint" json:"on"`
	Method string    `cbor:"4,keyasint" json:"method"`
	Born   *fact.Day `cbor:"5,keyasint,omitempty" json:"birth_date,omitempty"`
}

// Limits of a name and of lists.
const (
	nameParts     = 8
	nameRunes     = 80
	languagesMost = 8
	needsMost     = 30
	noteRunes     = 500
)

// oldest is the first day that anything here may name.
var oldest = fact.DayOf(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC))

// At returns the interval on another day: exact when the birth date is known.
func (a Age) At(day fact.Day) catalogue.Age {
	if a.Born != nil {
		return catalogue.Born(a.Born.Time(), day.Time())
	}
	return catalogue.Age{Low: a.Low, High: a.High}.On(a.On.Time(), day.Time())
}

// Initials returns the first letters of up to three parts, empty for no name.
func (n *Name) Initials() string {
	if n == nil {
		return ""
	}
	var out []string
	for _, p := range n.Parts {
		if i := strings.IndexFunc(p, unicode.IsLetter); i >= 0 && len(out) < 3 {
			r, _ := utf8.DecodeRuneInString(p[i:])
			out = append(out, string(unicode.ToUpper(r))+".")
		}
	}
	return strings.Join(out, " ")
}

// tidy trims spaces around parts; nothing else of what somebody said is changed.
func (n *Name) tidy() *Name {
	if n == nil {
		return nil
	}
	out := &Name{Script: n.Script}
	for _, p := range n.Parts {
		if p = strings.Join(strings.Fields(p), " "); p != "" {
			out.Parts = append(out.Parts, p)
		}
	}
	return out
}

// check collects every fault of a name that was tidied.
func (n *Name) check(field string, bad *[]error) {
	if n == nil {
		return
	}
	if len(n.Parts) > nameParts {
		*bad = append(*bad, fault.Fieldf(field+".parts", "people.name_parts", "a name has at most %d parts; put what is over into one of them", nameParts))
	}
	letters := false
	for i, p := range n.Parts[:min(len(n.Parts), nameParts)] {
		at := field + ".parts." + strconv.Itoa(i)
		if utf8.RuneCountInString(p) > nameRunes {
			*bad = append(*bad, fault.Fieldf(at, "people.name_long", "a part of a name has at most %d letters; write only the name here", nameRunes))
			continue
		}
		if r, ok := foreign(p); ok {
			*bad = append(*bad, fault.Fieldf(at, "people.name_symbols", "a name is written in letters, and this holds the sign U+%04X; leave the name empty if it cannot be written", r))
		}
		letters = letters || strings.ContainsFunc(p, unicode.IsLetter)
	}
	if !letters && len(*bad) == 0 {
		*bad = append(*bad, fault.Field(field, "people.name_empty", "a name has at least one letter; leave the name empty (null) if there is none"))
	}
	if n.Script != "" && !knownScript(n.Script) {
		*bad = append(*bad, fault.Field(field+".script", "people.unknown_script", "write latin, arabic, ethiopic, cyrillic, or a code such as Latn"))
	}
}

// foreign returns the first sign that stands in no name: emoji and other symbols, controls, and the overrides that make
// a name read as another. The joiners and plain direction marks that keyboards of Arabic and Persian produce may stay.
func foreign(s string) (rune, bool) {
	for _, r := range s {
		switch {
		case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r), unicode.IsPunct(r), r == ' ', r == '`', r == '´':
		case r == 0x200c, r == 0x200d, r == 0x200e, r == 0x200f, r == 0x061c:
		default:
			return r, true
		}
	}
	return 0, false
}

func knownScript(s string) bool {
	switch s {
	case "latin", "arabic", "ethiopic", "cyrillic":
		return true
	}
	_, err := language.ParseScript(s)
	return err == nil
}

// check collects every fault of an age.
func (a *Age) check(field string, today fact.Day, cat *catalogue.Catalogue, bad *[]error) {
	if a == nil {
		return
	}
	if !(catalogue.Age{Low: a.Low, High: a.High}).Valid() {
		*bad = append(*bad, fault.Fieldf(field, "people.age_impossible", "an age is between 0 and %d years, the lower end first; correct it, or leave it out if nobody knows", catalogue.AgeMax))
	}
	if !cat.Lists.Has("age_methods", a.Method) {
		*bad = append(*bad, fault.Field(field+".method", "people.unknown_age_method", "choose birth_date, year, stated or estimated"))
	}
	checkDay(field+".on", a.On, today, bad)
}

// checkDay refuses days that have not come and days before 1900.
func checkDay(field string, d, today fact.Day, bad *[]error) {
	switch {
	case d > today+1: // a tablet one time zone further east
		*bad = append(*bad, fault.Field(field, "people.day_in_future", "this day has not come yet; correct the date"))
	case d < oldest:
		*bad = append(*bad, fault.Field(field, "people.day_too_early", "this day lies before 1900; correct the year"))
	}
}

// Born makes the age of somebody whose birth date is known.
func bornOn(d, today fact.Day) *Age {
	years := catalogue.Born(d.Time(), today.Time())
	return &Age{Low: years.Low, High: years.High, On: today, Method: "birth_date", Born: &d}
}

func checkSex(field, sex string, cat *catalogue.Catalogue, bad *[]error) {
	if _, ok := cat.Lists.Sex(sex); !ok {
		*bad = append(*bad, fault.Field(field, "people.unknown_sex", "choose F, M, X, N (did not say) or U (not recorded)"))
	}
}

func checkLanguages(field string, codes []string, bad *[]error) {
	if len(codes) > languagesMost {
		*bad = append(*bad, fault.Fieldf(field, "people.many_languages", "name at most %d languages, the best first", languagesMost))
		return
	}
	for i, c := range codes {
		if b, err := language.ParseBase(c); err != nil || b.String() != c && b.ISO3() != c {
			*bad = append(*bad, fault.Field(field+"."+strconv.Itoa(i), "people.unknown_language", "a language is a code of ISO 639 such as ha, ar or fr"))
		}
	}
	if len(slices.Compact(slices.Sorted(slices.Values(codes)))) != len(codes) {
		*bad = append(*bad, fault.Field(field, "people.repeated", "this list names something twice; name it once"))
	}
}

// checkNeeds collects the faults of a list of needs. health says whether the actor records needs of class H here.
func checkNeeds(field string, codes []string, health bool, cat *catalogue.Catalogue, bad *[]error) {
	if len(codes) > needsMost {
		*bad = append(*bad, fault.Fieldf(field, "people.many_needs", "name at most %d needs at once", needsMost))
		return
	}
	for i, c := range codes {
		at := field + "." + strconv.Itoa(i)
		need, ok := cat.Lists.Need(c)
		switch {
		case !ok:
			*bad = append(*bad, fault.Field(at, "people.unknown_need", "this need is not in the list; see /api/lists"))
		case need.Seen == catalogue.ClassSealed:
			*bad = append(*bad, fault.Field(at, "people.need_sealed", "this is not written into a file; write private_talk and call the protection officer"))
		case need.Seen == catalogue.ClassService && !health:
			*bad = append(*bad, fault.Field(at, "people.need_of_health", "this is recorded by the health staff; write private_talk and tell them"))
		}
	}
	if len(slices.Compact(slices.Sorted(slices.Values(codes)))) != len(codes) {
		*bad = append(*bad, fault.Field(field, "people.repeated", "this list names something twice; name it once"))
	}
}

// checkText collects the faults of a free text.
func checkText(field, s string, most int, bad *[]error) {
	if utf8.RuneCountInString(s) > most {
		*bad = append(*bad, fault.Fieldf(field, "people.text_long", "write at most %d letters", most))
	}
	if strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	}) || !utf8.ValidString(s) {
		*bad = append(*bad, fault.Field(field, "people.text_signs", "this text holds invisible signs; type it again"))
	}
}

// check collects every fault of what a file would say.
func (p *Profile) check(today fact.Day, health bool, cat *catalogue.Catalogue, bad *[]error) {
	p.Name = p.Name.tidy()
	p.Name.check("name", bad)
	checkSex("sex", p.Sex, cat, bad)
	p.Age.check("age", today, cat, bad)
	checkLanguages("languages", p.Languages, bad)
	checkNeeds("needs", p.Needs, health, cat, bad)
}
