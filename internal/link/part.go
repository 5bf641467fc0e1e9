package link

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Part is one part of a name in its three forms, all in the letters a to z.
type Part struct {
	Norm  string // as written, without script, accents and articles; empty in no part
	Sound string // as said
	Key   string // its consonants, or when those are fewer than two "~" and its sound
	group int    // the group of the variant table, 0 for none
	bare  bool   // written without short vowels: Sound says nothing about them
}

// mostParts and mostRunes bound the work for one name, whatever a caller hands over.
const (
	mostParts = 12
	mostRunes = 80
)

// Normalise brings a name to its comparable parts. Parts that hold several words are taken apart, particles that come
// and go (el-, ould, bint, ben) are left out, and those that are half of a name (abd-, abu) are joined to the half that
// follows. A name of symbols alone has no parts.
func Normalise(parts []string) []Part {
	var words []word
	for _, p := range parts {
		words = append(words, wordsOf(p)...)
		if len(words) >= mostParts {
			words = words[:mostParts]
			break
		}
	}
	out := make([]Part, 0, len(words))
	for _, w := range join(words) {
		if p, ok := partOf(w); ok {
			out = append(out, p)
		}
	}
	return out
}

type word struct {
	text string // a to z
	bare bool
}

func wordsOf(s string) []word {
	if len(s) > 4*mostRunes {
		s = s[:4*mostRunes]
	}
	var out []word
	var b strings.Builder
	bare, runes := vowelless(s), 0
	flush := func() {
		if b.Len() > 0 {
			text := b.String()
			if rest, ok := strings.CutSuffix(text, "h"); ok && bare && len(rest) > 2 {
				text = rest + "a" // a final ha is often a ta marbuta without its dots
			}
			out = append(out, word{text, bare})
			b.Reset()
		}
	}
	if !isASCII(s) {
		s = norm.NFD.String(norm.NFKC.String(s))
	}
	for _, r := range s {
		if runes++; runes > mostRunes {
			break
		}
		r = unicode.ToLower(r)
		if unicode.Is(unicode.Mn, r) || isApostrophe(r) {
			continue // accents, Arabic vowel signs, and the ayn and glottal stop of transliteration
		}
		if s, ok := latin(r); ok {
			b.WriteString(s)
		} else {
			flush()
		}
	}
	flush()
	return out
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʼ', 'ʻ', 'ʾ', 'ʿ', '`', '´':
		return true
	}
	return false
}

// articles come and go between two desks and say nothing: "el Hadj Ould Bint".
var articles = []string{"al", "el", "ul", "il", "ould", "uld", "wuld", "weld", "ben", "bin", "ibn", "bn", "bint", "bent", "bnt", "mint", "wlad", "awlad",
	"de", "del", "la", "las", "los", "di", "da", "dos", "du", "y", "w", "wad", "wd"}

// halves stand before the other half of one name and never alone: Abd el Kader is Abdelkader.
var halves = []string{"abd", "abdel", "abdul", "abdoul", "abdal"}

// firsts begin names that are written in one word or in two, and are names alone as well: Gebremariam is Gebre Mariam.
var firsts = []string{"gebre", "ghebre", "gabra", "welde", "wolde", "haile", "hayle", "tekle", "tesfa", "habte", "fikre", "abu", "abou"}

// join leaves articles out, puts halves together and takes compounds apart. What would leave nothing is kept.
func join(words []word) []word {
	kept := slices.DeleteFunc(slices.Clone(words), func(w word) bool { return slices.Contains(articles, w.text) })
	if len(kept) == 0 {
		kept = words
	}
	var out []word
	for i := 0; i < len(kept); i++ {
		w := kept[i]
		if first, rest, ok := compound(w.text); ok && groups[squeeze(w.text)] == 0 {
			out = append(out, word{first, w.bare}, word{rest, w.bare})
			continue
		}
		if i+1 < len(kept) && (slices.Contains(halves, w.text) || w.bare && w.text == "bd") {
			w.text += kept[i+1].text
			w.bare = w.bare || kept[i+1].bare
			i++
		}
		out = append(out, w)
	}
	return out[:min(len(out), mostParts)]
}

// compound takes a name in one word apart when it begins with one of firsts and enough is left to be a name.
func compound(s string) (first, rest string, ok bool) {
	for _, first = range firsts {
		if rest, ok = strings.CutPrefix(s, first); ok && len(rest) >= 4 && !isVowel(rest[0]) {
			return first, rest, true
		}
	}
	return "", "", false
}

// servants are the ways in which "servant of the", the first half of a name, is written before the rest. Longest first.
var servants = []string{"abdoul", "abdour", "abdous", "abdel", "abdul", "abdal", "abdol", "abdil", "abder", "abdur", "abdar", "abdes", "abdus", "abdou", "abde", "abdi", "abdu", "abda"}

func partOf(w word) (Part, bool) {
	s := squeeze(w.text)
	if s == "" {
		return Part{}, false
	}
	p := Part{Norm: s, bare: w.bare, group: groups[s]}
	stem := s
	if p.group == 0 {
		stem = withoutArticle(s, w.bare)
		if rest, ok := servant(stem, w.bare); ok {
			stem = "abd" + rest
		}
		p.group = groups[stem]
	}
	p.Sound = sound(stem)
	p.Key = key(p.Sound)
	return p, true
}

// withoutArticle takes off an article that was written together with its name. In Latin letters only before a name
// that is long enough: Elias and Alou keep theirs.
func withoutArticle(s string, bare bool) string {
	switch {
	case bare && len(s) > 4 && strings.HasPrefix(s, "al"):
		return s[2:]
	case len(s) > 7 && (strings.HasPrefix(s, "al") || strings.HasPrefix(s, "el")) && !isVowel(s[2]):
		return s[2:]
	}
	return s
}

func servant(s string, bare bool) (rest string, ok bool) {
	if bare {
		rest, ok = strings.CutPrefix(s, "bd")
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, "al"), "l")
		return rest, ok && len(rest) >= 2
	}
	for _, prefix := range servants {
		rest, ok = strings.CutPrefix(s, prefix)
		if ok && len(rest) >= 3 && !isVowel(rest[0]) {
			// Before letters of the sun the article takes their sound: Abderrahman, Abdessalam.
			return rest, true
		}
	}
	return s, false
}

// squeeze writes a doubled consonant once. Doubled vowels say how they are spoken.
func squeeze(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if i == 0 || s[i] != s[i-1] || isVowel(s[i]) {
			b = append(b, s[i])
		}
	}
	return string(b)
}

func isVowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}
