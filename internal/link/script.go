package link

import "strings"

// arabic gives the consonant, or the long vowel, that a letter stands for. Letters that careful and hurried writers
// exchange (the alefs, ta marbuta and ha, alef maksura and ya, the seats of hamza) come out alike. Persian, Urdu and
// Ajami letters stand beside the Arabic ones.
var arabic = map[rune]string{
	'ا': "a", 'أ': "a", 'إ': "a", 'آ': "a", 'ٱ': "a", 'ى': "i", 'ي': "i", 'ی': "i", 'ئ': "i", 'ؤ': "u", 'و': "u", 'ء': "",
	'ب': "b", 'پ': "p", 'ت': "t", 'ث': "th", 'ج': "j", 'چ': "ch", 'ح': "h", 'خ': "kh", 'د': "d", 'ذ': "dh", 'ر': "r", 'ز': "z",
	'ژ': "j", 'س': "s", 'ش': "sh", 'ص': "s", 'ض': "d", 'ط': "t", 'ظ': "z", 'ع': "", 'غ': "gh", 'ف': "f", 'ڤ': "v", 'ق': "q",
	'ڨ': "g", 'ك': "k", 'ک': "k", 'گ': "g", 'ل': "l", 'م': "m", 'ن': "n", 'ں': "n", 'ه': "h", 'ة': "a", 'ۀ': "a", 'ھ': "h", 'ہ': "h",
	'ٹ': "t", 'ڈ': "d", 'ڑ': "r", 'ے': "i", 'ـ': "",
}

// ethiopic gives the consonant of each row of eight syllables from U+1200 on. Homophone rows of Amharic and Tigrinya
// writing (ሀ ሐ ኀ, ሰ ሠ, ጸ ፀ, አ ዐ) come out alike.
var ethiopic = [...]string{
	"h", "l", "h", "m", "s", "r", "s", "sh", "q", "qw", "q", "qw", "b", "v", "t", "ch", "h", "hw", "n", "n", "", "k", "kw", "kh",
	"khw", "w", "", "z", "j", "y", "d", "d", "j", "g", "gw", "g", "t", "ch", "p", "ts", "ts", "f", "p",
}

// ethiopicVowels are the eight orders of a row. The sixth has no vowel or a short one, which Latin writing drops as
// often as not.
var ethiopicVowels = [...]string{"e", "u", "i", "a", "e", "", "o", "ua"}

const (
	ethiopicFirst = 0x1200
	ethiopicLast  = 0x1357
)

var cyrillic = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'ґ': "g", 'д': "d", 'е': "e", 'є': "ie", 'ё': "io", 'ж': "j", 'з': "z", 'и': "i",
	'і': "i", 'ї': "i", 'й': "i", 'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u",
	'ф': "f", 'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "sh", 'ъ': "", 'ы': "i", 'ь': "", 'э': "e", 'ю': "iu", 'я': "ia",
}

// hooked are Latin letters that do not fall apart into a letter and its accent: of Hausa and Fulfulde, and of the
// languages of Europe.
var hooked = map[rune]string{
	'ɓ': "b", 'ɗ': "d", 'ƙ': "k", 'ƴ': "y", 'ŋ': "n", 'ɲ': "n", 'ɛ': "e", 'ɔ': "o", 'ə': "e", 'ı': "i", 'ß': "ss", 'ø': "o",
	'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'æ': "e", 'œ': "e", 'ʔ': "",
}

const letters = "abcdefghijklmnopqrstuvwxyz"

// latin writes one lower-case letter without its accent in the letters a to z; ok is false for what is no letter of a
// known script.
func latin(r rune) (s string, ok bool) {
	switch {
	case r >= 'a' && r <= 'z':
		return letters[r-'a' : r-'a'+1], true
	case r < 0x80:
		return "", false
	case r >= ethiopicFirst && r <= ethiopicLast:
		return syllable(r), true
	}
	if s, ok = arabic[r]; ok {
		return s, true
	}
	if s, ok = hooked[r]; ok {
		return s, true
	}
	s, ok = cyrillic[r]
	return s, ok
}

func syllable(r rune) string {
	n := int(r - ethiopicFirst)
	consonant, vowel := ethiopic[n/8], ethiopicVowels[n%8]
	if consonant == "" && n%8 == 0 { // the bare glottal አ is said a
		vowel = "a"
	}
	return consonant + vowel
}

// vowelless tells whether a text stands in a script that writes no short vowels.
func vowelless(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x0600 && r <= 0x06ff })
}
