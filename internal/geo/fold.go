package geo

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters that decomposition leaves alone.
var plain = strings.NewReplacer("ø", "o", "ł", "l", "đ", "d", "ħ", "h", "ß", "ss", "æ", "ae", "œ", "oe", "ı", "i", "ð", "d", "þ", "th", "ŋ", "n", "ɓ", "b", "ɗ", "d", "ƙ", "k")

// articles that one source writes before a name and another leaves out: "El Geneina" and "Geneina".
var articles = map[string]bool{"el": true, "al": true, "ad": true, "an": true, "ar": true, "as": true, "ash": true, "at": true, "az": true, "ech": true, "es": true, "the": true}

// Fold returns a place name in the form in which names are compared: small letters without marks or apostrophes, words
// parted by one space, without leading articles. "El Geneïna", "Al-Geneina" and "geneina" are equal when folded.
func Fold(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(norm.NFKD.String(name)) {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == '‘', r == 'ʼ', r == '`', r == '´':
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(plain.Replace(b.String()))
	for len(words) > 1 && articles[words[0]] {
		words = words[1:]
	}
	return strings.Join(words, " ")
}
