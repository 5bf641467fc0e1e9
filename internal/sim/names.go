package sim

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"unicode"
)

//go:embed names/*.txt
var nameFiles embed.FS

// Scripts in which a name part may be written.
const (
	ScriptLatin    = "latin"
	ScriptArabic   = "arabic"
	ScriptEthiopic = "ethiopic"
	ScriptCyrillic = "cyrillic"
)

// nameEntry is one name of a list: how its bearer writes it, the form in another script if there is one, and
// spellings that desks are known to write.
type nameEntry struct {
	canonical string
	native    string
	variants  []string
}

// nameLists maps "stock.male", "stock.female" and "stock.family" to their entries.
var nameLists = sync.OnceValue(func() map[string][]nameEntry {
	lists := map[string][]nameEntry{}
	files, err := nameFiles.ReadDir("names")
	if err != nil {
		panic(fmt.Sprintf("sim: embedded names: %v", err))
	}
	for _, f := range files {
		text, err := nameFiles.ReadFile("names/" + f.Name())
		if err != nil {
			panic(fmt.Sprintf("sim: embedded names: %v", err))
		}
		parseNames(string(text), lists)
	}
	return lists
})

func parseNames(text string, into map[string][]nameEntry) {
	list := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "# "); ok {
			list = title
			continue
		}
		for entry := range strings.SplitSeq(line, ",") {
			words := strings.Fields(entry)
			if len(words) == 0 {
				continue
			}
			e := nameEntry{canonical: strings.ReplaceAll(words[0], "_", " ")}
			for _, w := range words[1:] {
				w = strings.ReplaceAll(w, "_", " ")
				switch {
				case scriptOf(w) != ScriptLatin:
					e.native = w
				case w != e.canonical:
					e.variants = append(e.variants, w)
				}
			}
			into[list] = append(into[list], e)
		}
	}
}

// scriptOf names the script of the first letter of s.
func scriptOf(s string) string {
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Arabic, r):
			return ScriptArabic
		case unicode.Is(unicode.Ethiopic, r):
			return ScriptEthiopic
		case unicode.Is(unicode.Cyrillic, r):
			return ScriptCyrillic
		case unicode.IsLetter(r):
			return ScriptLatin
		}
	}
	return ScriptLatin
}

// NamePart is one part of a true name. Names are ordered bags of parts: an Arabic, Amharic or Tigrinya chain has no
// surname, so no part is one.
type NamePart struct {
	// Text is how the bearer writes the part in Latin letters; particles such as Ag, Walet or Ben are inside it.
	Text string `json:"text"`
	// Native is the part in the bearer's own script, empty where the lists know none.
	Native string `json:"native,omitempty"`
	// Role is given, father, grandfather, family or patronymic.
	Role string `json:"role"`

	entry *nameEntry
}

// pick draws from a list with a gentle preference for its front, as in life: a few names are very common.
func pick(r *rand.Rand, list []nameEntry) *nameEntry {
	x := r.Float64()
	return &list[int(x*x*0.6*float64(len(list))+x*0.4*float64(len(list)))]
}
