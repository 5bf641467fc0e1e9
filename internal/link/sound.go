package link

import "strings"

// spellings brings to one letter what the languages of the routes write in several. In order: what stands first is
// tried first. The right side uses x for the sh and ch of every language, and j for dj.
var spellings = []struct{ from, to string }{
	{"tch", "x"}, {"sch", "x"}, {"tsh", "x"}, {"sh", "x"}, {"ch", "x"},
	{"dj", "j"}, {"dg", "j"}, {"zh", "j"},
	{"kh", "k"}, {"gh", "g"}, {"rh", "g"}, {"ph", "f"}, {"th", "t"}, {"dh", "d"}, {"ck", "k"}, {"qu", "k"}, {"ts", "s"}, {"tz", "s"},
	{"oua", "wa"}, {"oue", "we"}, {"oui", "wi"}, {"ou", "u"}, {"oo", "u"}, {"ee", "i"}, {"ei", "i"}, {"ai", "i"}, {"ay", "i"}, {"ey", "i"}, {"au", "u"}, {"aw", "u"},
	{"gn", "n"}, {"ny", "n"},
	{"ce", "se"}, {"ci", "si"},
	{"q", "k"}, {"c", "k"}, {"v", "b"}, {"z", "s"}, {"y", "i"}, {"p", "b"},
}

// spelling is spellings by first letter.
var spelling = func() (by [256][]struct{ from, to string }) {
	for _, r := range spellings {
		by[r.from[0]] = append(by[r.from[0]], r)
	}
	return by
}()

// sound writes a name as it is said, whichever language it was written in: doubled letters once, no silent h at either
// end, vowels brought to a, i and u.
func sound(s string) string {
	var b strings.Builder
	if len(s) > 3 && strings.HasPrefix(s, "di") && isVowel(s[2]) {
		s = "j" + s[2:] // Diallo, Diarra and Diakité are Jallow, Jara and Jakite
	}
	for i := 0; i < len(s); {
		from, to := s[i:i+1], s[i:i+1]
		for _, r := range spelling[s[i]] {
			if strings.HasPrefix(s[i:], r.from) {
				from, to = r.from, r.to
				break
			}
		}
		// w and y are consonants before a vowel.
		if from == "y" && i+1 < len(s) && isVowel(s[i+1]) && s[i+1] != 'y' {
			to = "y"
		}
		b.WriteString(to)
		i += len(from)
	}
	out := strings.Map(func(r rune) rune {
		switch r {
		case 'e':
			return 'i'
		case 'o':
			return 'u'
		}
		return r
	}, b.String())
	out = strings.TrimPrefix(once(out), "h")
	if len(out) > 2 {
		out = strings.TrimSuffix(out, "h")
	}
	return out
}

// consonants drops the vowels, and w and y, which are vowels to the next ear.
func consonants(sound string) string {
	b := make([]byte, 0, len(sound))
	for i := 0; i < len(sound); i++ {
		switch sound[i] {
		case 'a', 'i', 'u', 'w', 'y':
		default:
			b = append(b, sound[i])
		}
	}
	return string(b)
}

// key is what two ears still share. A name with fewer than two consonants (Awa, Ali, Issa) keeps its first vowels, or
// too much would fall together.
func key(sound string) string {
	if c := consonants(sound); len(c) >= 2 {
		return c
	}
	s := strings.NewReplacer("w", "", "y", "").Replace(sound)
	return "~" + once(s)
}

// silent takes the h out of a key: many ears do not hear it inside a name.
func silent(key string) string { return strings.ReplaceAll(key, "h", "") }

// once writes every run of a letter once.
func once(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if i == 0 || s[i] != s[i-1] {
			b = append(b, s[i])
		}
	}
	return string(b)
}
