package lang

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Tag is one of the languages of this package: "en", "fr", "ar" or "es".
type Tag string

// The languages, English first: it is the last resort.
const (
	English Tag = "en"
	French  Tag = "fr"
	Arabic  Tag = "ar"
	Spanish Tag = "es"
)

// All lists the languages; the first is the one that others fall back to.
var All = []Tag{English, French, Arabic, Spanish}

var (
	tags    = []language.Tag{language.English, language.French, language.Arabic, language.Spanish}
	matcher = language.NewMatcher(tags)
)

// Args fills the placeholders of a message. Numbers are written as Number does; "n" chooses the plural form.
type Args map[string]any

// message is one sentence, or one per plural form.
type message struct {
	text  string
	forms map[string]string
}

// UnmarshalJSON reads a text or an object of plural forms.
func (m *message) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &m.text)
	}
	return json.Unmarshal(b, &m.forms)
}

//go:embed text/*.json
var files embed.FS

var catalogues = load()

func load() map[Tag]map[string]message {
	out := map[Tag]map[string]message{}
	for _, l := range All {
		b, err := files.ReadFile("text/" + string(l) + ".json")
		if err != nil {
			panic(err) // part of the binary
		}
		var c map[string]message
		if err := json.Unmarshal(b, &c); err != nil {
			panic(fmt.Sprintf("lang: %s: %v", l, err))
		}
		out[l] = c
	}
	return out
}

// Dir returns the writing direction for the dir attribute, "rtl" or "ltr".
func Dir(l Tag) string {
	if l == Arabic {
		return "rtl"
	}
	return "ltr"
}

// Name returns what a language calls itself.
func Name(l Tag) string {
	return map[Tag]string{English: "English", French: "Français", Arabic: "العربية", Spanish: "Español"}[l]
}

// Parse returns the language of a tag such as "fr-NE", and whether it is one of ours.
func Parse(s string) (Tag, bool) {
	base, _, _ := strings.Cut(strings.ToLower(s), "-")
	for _, l := range All {
		if string(l) == base {
			return l, true
		}
	}
	return English, false
}

// Match returns the language that suits an Accept-Language header best, English when none does.
func Match(accept string) Tag {
	if accept == "" || len(accept) > 1024 {
		return English
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(wanted) == 0 {
		return English
	}
	_, i, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return English
	}
	return All[i]
}

// Choose returns the language of an answer: the one that was asked for by name, else the best of an Accept-Language
// header.
func Choose(asked, accept string) Tag {
	if l, ok := Parse(asked); ok {
		return l
	}
	return Match(accept)
}

// Lookup returns the sentence under a key without placeholders, in l or else in English, and whether there is one.
func Lookup(l Tag, key string) (string, bool) {
	m, in, ok := find(l, key)
	if !ok {
		return "", false
	}
	return m.choose(in, nil), true
}

// Text returns the sentence under a key in l, or else in English, with its placeholders filled. An unknown key comes
// back itself, so that a forgotten sentence is seen and nothing breaks.
func Text(l Tag, key string, args Args) string {
	m, in, ok := find(l, key)
	if !ok {
		return key
	}
	s := m.choose(in, args["n"])
	if len(args) == 0 || !strings.Contains(s, "{") {
		return s
	}
	pairs := make([]string, 0, 2*len(args))
	for name, v := range args {
		pairs = append(pairs, "{"+name+"}", show(in, v))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

func find(l Tag, key string) (message, Tag, bool) {
	if m, ok := catalogues[l][key]; ok {
		return m, l, true
	}
	m, ok := catalogues[English][key]
	return m, English, ok
}

// choose returns the sentence for a count; no count, or a form that the message lacks, is "other".
func (m message) choose(l Tag, n any) string {
	if m.forms == nil {
		return m.text
	}
	if s, ok := m.forms[Form(l, n)]; ok {
		return s
	}
	return m.forms["other"]
}

func show(l Tag, v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return Number(l, int64(v))
	case int64:
		return Number(l, v)
	case float64:
		return Decimal(l, v, 1)
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprint(v)
}

var formNames = map[plural.Form]string{
	plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other",
}

// Form returns the name of the plural form that a whole number takes in l, "other" for everything else.
func Form(l Tag, n any) string {
	var i int64
	switch n := n.(type) {
	case int:
		i = int64(n)
	case int64:
		i = n
	default:
		return "other"
	}
	i = max(i, -i)
	// The tables of x/text are older than this rule of French and Spanish: "un million de points".
	if (l == French || l == Spanish) && i != 0 && i%1_000_000 == 0 {
		return "many"
	}
	k := slices.Index(All, l)
	if k < 0 || i < 0 { // the lowest int64 has no positive twin
		return "other"
	}
	// Only the last digits count beyond a thousand; this keeps the argument within an int everywhere.
	small := int(i % 1000)
	if i >= 1000 {
		small += 1000
	}
	return formNames[plural.Cardinal.MatchPlural(tags[k], small, 0, 0, 0, 0)]
}
