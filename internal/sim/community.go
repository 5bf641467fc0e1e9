package sim

import "math/rand/v2"

// community is a language community of a route: which names its people bear, in which pattern, and what they speak.
type community struct {
	code      string
	stock     string // prefix of its given names in nameLists
	family    string // prefix of its family names, empty where there are none
	pattern   pattern
	languages []string // ISO 639 codes, the mother tongue first
	origins   []string // ISO 3166 alpha-2, repeated for weight
}

type pattern int

const (
	givenFather      pattern = iota // Amadou Issoufou
	givenFatherChain                // Ahmed Mohamed Ali; sometimes only two parts are said
	givenFamily                     // Mamadou Diallo
	agWalet                         // Rhissa ag Mano, Taghlift walet Akli
	benBint                         // Samir Ben Ali, Hanan bint Omar Al-Zawi
	twoFamilies                     // Luis Alejandro Rodríguez Pérez
	givenPatronymic                 // Oleksandr Petrovych Shevchenko
)

var communities = []community{
	{"hausa", "hausa", "", givenFather, []string{"ha", "fr"}, []string{"NE", "NE", "NG"}},
	{"fulfulde", "fulfulde", "fulfulde", givenFamily, []string{"ff", "fr"}, []string{"GN", "SN", "ML", "NE", "CM"}},
	{"tuareg", "tuareg", "", agWalet, []string{"tmh", "fr"}, []string{"NE", "ML"}},
	{"bambara", "bambara", "bambara", givenFamily, []string{"bm", "fr"}, []string{"ML", "ML", "CI", "BF"}},
	{"west_african_french", "francophone", "francophone", givenFamily, []string{"fr"}, []string{"CI", "CM", "GN", "BJ", "BF", "TG"}},
	{"nigerian_english", "nigeria", "nigeria", givenFamily, []string{"en"}, []string{"NG", "NG", "GH"}},
	{"arabic_sudan", "arabic", "", givenFatherChain, []string{"ar"}, []string{"SD", "SD", "TD"}},
	{"arabic_maghreb", "arabic", "arabic", benBint, []string{"ar", "fr"}, []string{"TN", "LY", "DZ", "MA"}},
	{"arabic_levant", "arabic", "arabic", givenFamily, []string{"ar"}, []string{"SY", "SY", "EG", "IQ"}},
	{"amharic", "ethiopic", "", givenFatherChain, []string{"am"}, []string{"ET"}},
	{"tigrinya", "ethiopic", "", givenFatherChain, []string{"ti"}, []string{"ER", "ER", "ET"}},
	{"oromo", "oromo", "", givenFatherChain, []string{"om", "am"}, []string{"ET"}},
	{"somali", "somali", "", givenFatherChain, []string{"so"}, []string{"SO", "ET", "DJ"}},
	{"spanish_venezuela", "spanish", "spanish", twoFamilies, []string{"es"}, []string{"VE"}},
	{"spanish_andes", "spanish", "spanish", twoFamilies, []string{"es"}, []string{"CO", "EC", "PE"}},
	{"haitian", "haitian", "haitian", givenFamily, []string{"ht", "fr"}, []string{"HT"}},
	{"afghan", "afghan", "afghan", givenFamily, []string{"fa", "ps"}, []string{"AF"}},
	{"bangla", "bangla", "bangla", givenFamily, []string{"bn"}, []string{"BD"}},
	{"ukrainian", "ukrainian", "ukrainian", givenPatronymic, []string{"uk"}, []string{"UA"}},
}

// share is one weighted choice.
type share struct {
	code   string
	weight float64
}

// routeCommunities says who travels the routes of the demo network; other routes fall back on the region of their
// first point. The weights are guesses that give every desk several languages.
var routeCommunities = map[string][]share{
	"sahara-central": {{"hausa", 26}, {"west_african_french", 22}, {"nigerian_english", 14}, {"bambara", 10}, {"fulfulde", 10},
		{"arabic_sudan", 8}, {"tuareg", 5}, {"tigrinya", 3}, {"somali", 2}},
	"central-mediterranean": {{"bangla", 15}, {"arabic_sudan", 15}, {"west_african_french", 15}, {"arabic_maghreb", 14},
		{"bambara", 11}, {"arabic_levant", 10}, {"tigrinya", 9}, {"fulfulde", 6}, {"amharic", 3}, {"somali", 2}},
	"sahara-west":  {{"hausa", 36}, {"west_african_french", 26}, {"bambara", 14}, {"fulfulde", 12}, {"nigerian_english", 7}, {"tuareg", 5}},
	"mali-niger":   {{"bambara", 42}, {"fulfulde", 22}, {"west_african_french", 22}, {"tuareg", 9}, {"hausa", 5}},
	"sudan-chad":   {{"arabic_sudan", 94}, {"fulfulde", 4}, {"hausa", 2}},
	"eastern":      {{"oromo", 52}, {"amharic", 18}, {"somali", 16}, {"tigrinya", 14}},
	"darien":       {{"spanish_venezuela", 58}, {"spanish_andes", 20}, {"haitian", 12}, {"west_african_french", 4}, {"bangla", 3}, {"afghan", 3}},
	"balkans":      {{"afghan", 34}, {"arabic_levant", 32}, {"ukrainian", 12}, {"bangla", 7}, {"somali", 5}, {"west_african_french", 5}, {"tigrinya", 5}},
	"near:EG-CAI":  {{"arabic_sudan", 60}, {"tigrinya", 15}, {"arabic_levant", 15}, {"amharic", 10}},
	"near:SD-GED":  {{"tigrinya", 55}, {"amharic", 25}, {"arabic_sudan", 20}},
	"near:BF-OUA":  {{"west_african_french", 60}, {"bambara", 25}, {"fulfulde", 15}},
	"region:sahel": {{"hausa", 40}, {"west_african_french", 25}, {"bambara", 20}, {"fulfulde", 15}},
	"region:north": {{"arabic_maghreb", 60}, {"arabic_sudan", 25}, {"arabic_levant", 15}},
	"region:horn":  {{"oromo", 35}, {"amharic", 30}, {"somali", 20}, {"tigrinya", 15}},
	"region:latin": {{"spanish_venezuela", 60}, {"spanish_andes", 30}, {"haitian", 10}},
	"region:other": {{"arabic_levant", 35}, {"afghan", 35}, {"ukrainian", 15}, {"bangla", 15}},
}

// residentCommunity is the community of the host population, by country of the point.
var residentCommunity = map[string]string{
	"NE": "hausa", "NG": "hausa", "ML": "bambara", "BF": "west_african_french", "TD": "arabic_sudan", "SD": "arabic_sudan",
	"EG": "arabic_levant", "LY": "arabic_maghreb", "TN": "arabic_maghreb", "DJ": "somali", "ET": "oromo",
	"CO": "spanish_andes", "EC": "spanish_andes", "PA": "spanish_andes", "HN": "spanish_andes", "GT": "spanish_andes",
}

func regionOf(country string) string {
	switch country {
	case "NE", "NG", "ML", "BF", "SN", "CI", "GN", "MR":
		return "region:sahel"
	case "LY", "TN", "DZ", "MA", "EG", "TD", "SD":
		return "region:north"
	case "ET", "ER", "DJ", "SO", "YE", "KE":
		return "region:horn"
	case "EC", "CO", "PA", "CR", "NI", "HN", "SV", "GT", "MX", "VE", "PE", "BR", "CL":
		return "region:latin"
	}
	return "region:other"
}

func communityByCode(code string) *community {
	for i := range communities {
		if communities[i].code == code {
			return &communities[i]
		}
	}
	return &communities[0]
}

func drawShare(r *rand.Rand, list []share) string {
	total := 0.0
	for _, s := range list {
		total += s.weight
	}
	x := r.Float64() * total
	for _, s := range list {
		if x -= s.weight; x < 0 {
			return s.code
		}
	}
	return list[len(list)-1].code
}

func part(e *nameEntry, role string) NamePart {
	return NamePart{Text: e.canonical, Native: e.native, Role: role, entry: e}
}

// household is what the members of one family share.
type household struct {
	father, grandfather *nameEntry
	family, family2     *nameEntry
	mother              *nameEntry
}

func (c *community) household(r *rand.Rand) household {
	lists := nameLists()
	male, female := lists[c.stock+".male"], lists[c.stock+".female"]
	h := household{father: pick(r, male), grandfather: pick(r, male), mother: pick(r, female)}
	if c.family != "" {
		family := lists[c.family+".family"]
		h.family, h.family2 = pick(r, family), pick(r, family)
	}
	return h
}

// name gives the true name of a member of h.
func (c *community) name(r *rand.Rand, sex string, h household) []NamePart {
	lists := nameLists()
	list := lists[c.stock+".male"]
	if sex == "F" {
		list = lists[c.stock+".female"]
	}
	given := part(pick(r, list), "given")
	switch c.pattern {
	case givenFatherChain:
		parts := []NamePart{given, part(h.father, "father")}
		if r.Float64() < 0.6 {
			parts = append(parts, part(h.grandfather, "grandfather"))
		}
		return parts
	case givenFamily:
		return []NamePart{given, part(h.family, "family")}
	case agWalet:
		father := part(h.father, "father")
		father.Text = particle(sex, "ag ", "walet ") + father.Text
		return []NamePart{given, father}
	case benBint:
		if r.Float64() < 0.35 {
			father := part(h.father, "father")
			father.Text = particle(sex, "ben ", "bint ") + father.Text
			if father.Native != "" {
				father.Native = particle(sex, "بن ", "بنت ") + father.Native
			}
			return []NamePart{given, father, part(h.family, "family")}
		}
		return []NamePart{given, part(h.family, "family")}
	case twoFamilies:
		parts := []NamePart{given}
		if r.Float64() < 0.55 {
			if second := part(pick(r, list), "given"); second.Text != given.Text {
				parts = append(parts, second)
			}
		}
		return append(parts, part(h.family, "family"), part(h.family2, "family"))
	case givenPatronymic:
		father := part(h.father, "patronymic")
		father.Text += particle(sex, "ovych", "ivna")
		father.Native = "" // the lists hold given names only; a wrong ending would be worse than none
		if r.Float64() < 0.4 {
			return []NamePart{given, father, part(h.family, "family")}
		}
		return []NamePart{given, part(h.family, "family")}
	}
	return []NamePart{given, part(h.father, "father")}
}

func particle(sex, male, female string) string {
	if sex == "F" {
		return female
	}
	return male
}
