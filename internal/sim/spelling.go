package sim

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Spelling is a name as one desk wrote it down.
type Spelling struct {
	Parts  []string `json:"parts"`
	Script string   `json:"script"`
}

// String joins the parts with spaces.
func (s Spelling) String() string { return strings.Join(s.Parts, " ") }

// ear is how a desk hears: the habits of the language in which its staff write.
type ear struct {
	code   string
	script string      // preferred script where a native form exists
	habits [][2]string // each is applied with some chance, in this order
}

var (
	frenchEar = ear{"fr", ScriptLatin, [][2]string{
		{"sh", "ch"}, {"dj", "j"}, {"j", "dj"}, {"u", "ou"}, {"w", "ou"}, {"kh", "k"}, {"q", "k"}, {"ee", "i"}, {"y", "i"},
		{"ss", "s"}, {"gh", "g"}, {"ɗ", "d"}, {"ƙ", "k"}, {"ɓ", "b"}, {"e", "é"}}}
	englishEar = ear{"en", ScriptLatin, [][2]string{
		{"ou", "u"}, {"ch", "sh"}, {"dj", "j"}, {"é", "e"}, {"ï", "i"}, {"è", "e"}, {"ç", "s"}, {"i", "ee"}, {"q", "k"}, {"c", "k"},
		{"ɗ", "d"}, {"ƙ", "k"}, {"ɓ", "b"}, {"ei", "ay"}}}
	spanishEar = ear{"es", ScriptLatin, [][2]string{
		{"h", ""}, {"v", "b"}, {"z", "s"}, {"ll", "y"}, {"j", "y"}, {"sh", "ch"}, {"w", "gu"}, {"ss", "s"}, {"ph", "f"}, {"x", "j"},
		{"í", "i"}, {"é", "e"}, {"á", "a"}, {"ó", "o"}, {"ú", "u"}}}
	arabicEar = ear{"ar", ScriptArabic, [][2]string{
		{"p", "b"}, {"v", "f"}, {"o", "u"}, {"e", "i"}, {"ch", "sh"}, {"g", "gh"}, {"é", "i"}}}
	ethiopicEar = ear{"am", ScriptEthiopic, [][2]string{
		{"i", "e"}, {"ou", "u"}, {"ch", "sh"}, {"sh", "s"}, {"a", "e"}, {"q", "k"}, {"f", "ph"}}}
	cyrillicEar = ear{"uk", ScriptCyrillic, [][2]string{{"w", "v"}, {"h", "g"}, {"y", "i"}, {"ou", "u"}}}
)

// arabicLetters are pairs that careful and hurried writers exchange.
var arabicLetters = [][2]string{{"أ", "ا"}, {"إ", "ا"}, {"آ", "ا"}, {"ة", "ه"}, {"ى", "ي"}, {"ؤ", "و"}, {"ئ", "ي"}, {"اء", "ا"}, {"عبد ", "عبد"}, {"أبو ", "ابو"}, {"ال", ""}}

// ethiopicLetters are homophones of Amharic and Tigrinya writing.
var ethiopicLetters = [][2]string{{"ኣ", "አ"}, {"ሃ", "ሀ"}, {"ሓ", "ሃ"}, {"ሕ", "ህ"}, {"ኃ", "ሀ"}, {"ፀ", "ጸ"}, {"ሥ", "ስ"}, {"ጸ", "ፀ"}, {"ኦ", "ዖ"}}

// earOf gives the ear of somebody at point p who writes down a speaker of language.
func earOf(r *rand.Rand, p *Point, language string) ear {
	switch p.Country {
	case "LY", "EG", "SD":
		if r.Float64() < 0.6 {
			return arabicEar
		}
		return englishEar
	case "TN", "TD", "DJ":
		if language == "ar" && r.Float64() < 0.3 {
			return arabicEar
		}
		return frenchEar
	case "ET", "ER":
		if r.Float64() < 0.5 {
			return ethiopicEar
		}
		return englishEar
	case "NE", "ML", "BF", "SN", "CI", "GN":
		return frenchEar
	case "UA":
		return cyrillicEar
	}
	if regionOf(p.Country) == "region:latin" {
		return spanishEar
	}
	if slices.Contains(p.Languages, language) && language == "ar" && r.Float64() < 0.3 {
		return arabicEar
	}
	return englishEar
}

// spell writes the name as somebody with that ear hears it from its bearer. Misheard is the chance that a part is not
// written as its bearer writes it; whole parts and single letters go wrong about a tenth as often.
func spell(r *rand.Rand, name []NamePart, e ear, misheard float64) Spelling {
	rough := misheard * 0.12
	native := e.script != ScriptLatin
	for _, p := range name {
		if scriptOf(p.Native) != e.script {
			native = false
		}
	}
	parts := make([]string, 0, len(name))
	for _, p := range name {
		if native {
			parts = append(parts, nativeSlip(r, p.Native))
		} else {
			parts = append(parts, hear(r, p, e, misheard))
		}
	}
	parts = slips(r, parts, name, rough)
	script := ScriptLatin
	if native {
		script = e.script
	}
	return Spelling{Parts: parts, Script: script}
}

// slips loses, swaps or joins whole parts.
func slips(r *rand.Rand, parts []string, name []NamePart, rough float64) []string {
	switch {
	case len(parts) > 2 && r.Float64() < 0.25+rough:
		// A chain is cut at the end, a double family name loses its second, a middle name goes first.
		at := len(parts) - 1
		if name[1].Role == "given" && r.Float64() < 0.6 {
			at = 1
		}
		parts = slices.Delete(parts, at, at+1)
	case len(parts) == 2 && r.Float64() < rough/3:
		parts = parts[:1]
	}
	if len(parts) > 1 && r.Float64() < 0.04+rough/3 {
		parts[0], parts[1] = parts[1], parts[0]
	}
	return parts
}

func nativeSlip(r *rand.Rand, s string) string {
	table := arabicLetters
	if scriptOf(s) == ScriptEthiopic {
		table = ethiopicLetters
	}
	for _, pair := range table {
		if strings.Contains(s, pair[0]) && utf8.RuneCountInString(s) > 4 && r.Float64() < 0.25 {
			s = strings.Replace(s, pair[0], pair[1], 1)
		} else if pair[1] != "" && strings.HasPrefix(pair[0], pair[1]) && strings.Contains(s, pair[0]) && r.Float64() < 0.25 {
			s = strings.Replace(s, pair[0], pair[1], 1)
		}
	}
	return s
}

// hear gives one part as the ear writes it: the bearer's own spelling, a known variant, or one made by habit.
func hear(r *rand.Rand, p NamePart, e ear, misheard float64) string {
	text := p.Text
	switch {
	case r.Float64() >= misheard:
	case p.entry != nil && len(p.entry.variants) > 0 && r.Float64() < 0.5:
		variant := p.entry.variants[r.IntN(len(p.entry.variants))]
		text = strings.Replace(text, p.entry.canonical, variant, 1)
	default:
		lower := strings.ToLower(text)
		for _, h := range e.habits {
			// u becomes ou only where no ou stands already.
			if strings.Contains(lower, h[0]) && (len(h[1]) <= len(h[0]) || !strings.Contains(lower, h[1])) && r.Float64() < 0.3 {
				lower = strings.Replace(lower, h[0], h[1], 1)
			}
		}
		text = title(lower)
	}
	if r.Float64() < misheard/2 {
		text = dropParticle(r, text)
	}
	if r.Float64() < misheard*0.1 {
		text = typo(r, text)
	}
	return text
}

// dropParticle leaves out, joins or rewrites ag, walet, ben, bint, al- and abd.
func dropParticle(r *rand.Rand, s string) string {
	lower := strings.ToLower(s)
	for _, prefix := range []string{"ag ", "walet ", "ben ", "bint ", "ould ", "al-", "el-", "el "} {
		if strings.HasPrefix(lower, prefix) {
			rest := s[len(prefix):]
			switch {
			case r.Float64() < 0.5:
				return title(rest)
			case prefix == "al-" || prefix == "el-" || prefix == "el ":
				return []string{"El ", "Al ", "El", "Al-"}[r.IntN(4)] + rest
			}
			return s
		}
	}
	if strings.HasPrefix(lower, "abd") && strings.Contains(s, " ") {
		return title(strings.ReplaceAll(lower, " ", ""))
	}
	return s
}

// typo doubles, drops or exchanges one inner letter.
func typo(r *rand.Rand, s string) string {
	letters := []rune(s)
	if len(letters) < 4 {
		return s
	}
	i := 1 + r.IntN(len(letters)-2)
	if !unicode.IsLetter(letters[i]) || !unicode.IsLetter(letters[i+1]) {
		return s
	}
	switch r.IntN(3) {
	case 0:
		letters = slices.Insert(letters, i, letters[i])
	case 1:
		letters = slices.Delete(letters, i, i+1)
	default:
		letters[i], letters[i+1] = letters[i+1], letters[i]
	}
	return string(letters)
}

// title makes each word start with a capital, except the particles that are written small.
func title(s string) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		if w == "ag" || w == "walet" || w == "ben" || w == "bint" || w == "" {
			continue
		}
		first, size := utf8.DecodeRuneInString(w)
		words[i] = string(unicode.ToUpper(first)) + w[size:]
	}
	return strings.Join(words, " ")
}
