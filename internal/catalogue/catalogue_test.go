package catalogue

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"serai/internal/fault"
)

func TestServiceRows(t *testing.T) {
	for name, c := range map[string]struct {
		code, unit string
		seen       Class
		card       uint16
		asks       *Interval
	}{
		"a hot meal asks after three in a day":           {"food.meal", "meal", ClassOpen, 21, &Interval{3, 24, PerPerson}},
		"a shelter kit is asked for per group":           {"shelter_kit", "kit", ClassOpen, 51, &Interval{1, 180 * 24, PerGroup}},
		"a survival kit is once per rescue":              {"survival_kit", "kit", ClassOpen, 42, &Interval{1, 0, PerRescue}},
		"cash follows its programme":                     {"cash", "payment", ClassService, 0, &Interval{0, 0, PerProgramme}},
		"water raises no question":                       {"water", "litre", ClassOpen, 20, nil},
		"a private talk is sealed and never on a card":   {"protection_desk", "talk", ClassSealed, 0, nil},
		"baby feeding is for health staff, off the card": {"food.infant", "day", ClassService, 0, &Interval{1, 24, PerPerson}},
	} {
		t.Run(name, func(t *testing.T) {
			s, ok := Base().Service(c.code)
			if !ok || s.Unit != c.unit || s.Seen != c.seen || s.Card != c.card {
				t.Fatalf("got %+v", s)
			}
			if (s.Asks == nil) != (c.asks == nil) || s.Asks != nil && *s.Asks != *c.asks {
				t.Errorf("asks %+v, want %+v", s.Asks, c.asks)
			}
			if Base().CardSafe(c.code) != (c.card != 0) {
				t.Errorf("card-safe is wrong")
			}
		})
	}
	if Base().CardSafe("made_up") || Base().CardSafe("") {
		t.Error("an unknown code must be unsafe")
	}
	if s, ok := Base().ByCard(21); !ok || s.Code != "food.meal" {
		t.Errorf("card 21 is %q", s.Code)
	}
	if _, ok := Base().ByCard(CardOther); ok {
		t.Error("card 1 stands for other help, not for a service")
	}
}

func TestFamily(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"a family is all its services":                    {"food", "food.meal food.ration food.infant"},
		"a family whose head is a service holds it":       {"hygiene_kit", "hygiene_kit hygiene_kit.menstrual hygiene_kit.baby"},
		"a service alone in its family is itself":         {"mhpss", "mhpss"},
		"an exact code is itself":                         {"food.meal", "food.meal"},
		"search_rescue of older files is rescue":          {"search_rescue", "rescue"},
		"an unknown name is nothing, not everything":      {"casino", ""},
		"an empty name is nothing":                        {"", ""},
		"a family name is not a prefix of another family": {"safe_space", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(Base().Family(c.in), " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	// Every name in the columns "services" of the demo network.
	for name := range strings.FieldsSeq(`information food water first_aid primary_health mhpss family_links hygiene_kit
		safe_space_women safe_space_children referral cash shelter consular return_counselling rescue search_rescue job_orientation
		training livelihood psychosocial_group shelter_kit protection_desk hygiene_session survival_kit connectivity legal
		social_welfare integration interpretation`) {
		if len(Base().Family(name)) == 0 {
			t.Errorf("network files name %s, the catalogue does not", name)
		}
	}
}

func TestLabelsFallBack(t *testing.T) {
	l := Labels{"en": "Water", "fr": "Eau"}
	for lang, want := range map[string]string{"fr": "Eau", "fr-CA": "Eau", "ti": "Water", "": "Water", "ti-ER-x": "Water"} {
		if got := l.In(lang); got != want {
			t.Errorf("%q: got %q, want %q", lang, got, want)
		}
	}
}

func TestJSONNames(t *testing.T) {
	raw, err := json.Marshal(Base())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`{"code":"food.meal","labels":{"ar":"وجبة ساخنة","en":"Hot meal","es":"Comida caliente","fr":"Repas chaud"},"family":"food","sector":"Food","unit":"meal","seen":"O","card":21,"asks":{"count":3,"hours":24,"per":"person"}}`,
		`"reported_as":"People on the move"`, `"iom_adult":"woman"`, `"tally_buttons":[`, `"passing_on":{`, `"age_low":5,"age_high":17`,
	} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("JSON lacks %s", want)
		}
	}
	var back Catalogue
	if err := json.Unmarshal(raw, &back); err != nil || len(back.Services) != len(Base().Services) {
		t.Errorf("the catalogue does not survive its own JSON: %v", err)
	}
}

func ptr[T any](v T) *T { return &v }

func TestEdits(t *testing.T) {
	for name, c := range map[string]struct {
		edit Edit
		code string // the refusal, empty when it applies
		at   string // the field it names
	}{
		"a label may change":                         {Edit{Code: "water", Labels: Labels{"ha": "Ruwan sha", "en": "Water to drink"}}, "", ""},
		"a row may be hidden":                        {Edit{Code: "shop", Hidden: ptr(true)}, "", ""},
		"an interval may change":                     {Edit{Code: "hygiene_kit", Asks: &Interval{1, 14 * 24, PerPerson}}, "", ""},
		"an interval may go":                         {Edit{Code: "hygiene_kit", NoAsks: true}, "", ""},
		"a form may send back what stands there":     {Edit{Code: "water", Unit: ptr("litre"), Seen: ptr(ClassOpen), Card: ptr(uint16(20)), Sector: ptr("WASH")}, "", ""},
		"a local service may be added":               {Edit{Code: "local.barber", Add: true, Labels: Labels{"fr": "Coiffeur"}, Seen: ptr(ClassOpen), Unit: ptr("use"), Sector: ptr("Items")}, "", ""},
		"a local service may join a family":          {Edit{Code: "food.local_bread", Add: true, Labels: Labels{"en": "Bread"}, Seen: ptr(ClassOpen), Unit: ptr("piece"), Sector: ptr("Food")}, "", ""},
		"a label of another list may change":         {Edit{List: "needs", Code: "washing", Labels: Labels{"en": "Wash"}}, "", ""},
		"a unit never changes":                       {Edit{Code: "water", Unit: ptr("bottle")}, "catalogue.unit_fixed", "0.unit"},
		"a class never changes":                      {Edit{Code: "mhpss", Seen: ptr(ClassOpen)}, "catalogue.class_fixed", "0.seen"},
		"a card number never changes":                {Edit{Code: "mhpss", Card: ptr(uint16(99))}, "catalogue.card_fixed", "0.card"},
		"a sector never changes":                     {Edit{Code: "water", Sector: ptr("Food")}, "catalogue.sector_fixed", "0.sector"},
		"a mistyped code adds nothing":               {Edit{Code: "watr", Labels: Labels{"en": "Water"}}, "catalogue.code_unknown", "0.code"},
		"a local service needs a class":              {Edit{Code: "local.x", Add: true, Labels: Labels{"en": "X"}, Unit: ptr("use"), Sector: ptr("Items")}, "catalogue.class_missing", "0.seen"},
		"a local service gets no card number":        {Edit{Code: "local.x", Add: true, Labels: Labels{"en": "X"}, Seen: ptr(ClassOpen), Unit: ptr("use"), Sector: ptr("Items"), Card: ptr(uint16(90))}, "catalogue.card_local", "0.card"},
		"a local code says local":                    {Edit{Code: "food.bread", Add: true, Labels: Labels{"en": "X"}, Seen: ptr(ClassOpen), Unit: ptr("use"), Sector: ptr("Items")}, "catalogue.code_local", "0.code"},
		"an unknown unit is refused":                 {Edit{Code: "local.x", Add: true, Labels: Labels{"en": "X"}, Seen: ptr(ClassOpen), Unit: ptr("furlong"), Sector: ptr("Items")}, "catalogue.unit_unknown", "0.unit"},
		"an empty label is refused":                  {Edit{Code: "water", Labels: Labels{"en": "  "}}, "catalogue.label_empty", "0.labels.en"},
		"a label that turns the text is refused":     {Edit{Code: "water", Labels: Labels{"en": "a\u202eb"}}, "catalogue.label_characters", "0.labels.en"},
		"a label with a line break is refused":       {Edit{Code: "water", Labels: Labels{"en": "a\nb"}}, "catalogue.label_characters", "0.labels.en"},
		"a very long label is refused":               {Edit{Code: "water", Labels: Labels{"en": strings.Repeat("a", 81)}}, "catalogue.label_long", "0.labels.en"},
		"a language is a tag":                        {Edit{Code: "water", Labels: Labels{"English!": "Water"}}, "catalogue.language_unknown", "0.labels.English!"},
		"an interval has hours":                      {Edit{Code: "water", Asks: &Interval{1, 0, PerPerson}}, "catalogue.asks_shape", "0.asks"},
		"an interval is never negative":              {Edit{Code: "water", Asks: &Interval{-1, 24, PerPerson}}, "catalogue.asks_range", "0.asks"},
		"an interval is for somebody":                {Edit{Code: "water", Asks: &Interval{1, 24, "village"}}, "catalogue.asks_shape", "0.asks"},
		"needs cannot be added":                      {Edit{List: "needs", Code: "gold", Add: true}, "catalogue.code_unknown", "0.code"},
		"a need keeps its class":                     {Edit{List: "needs", Code: "torture", Seen: ptr(ClassOpen)}, "catalogue.meaning_fixed", "0.code"},
		"an unknown list is named":                   {Edit{List: "wishes", Code: "gold"}, "catalogue.list_unknown", "0.list"},
		"the answer 'not recorded' cannot be hidden": {Edit{List: "sexes", Code: "U", Hidden: ptr(true)}, "catalogue.needed", "0.hidden"},
	} {
		t.Run(name, func(t *testing.T) {
			before, _ := json.Marshal(Base())
			got, err := Base().With([]Edit{c.edit})
			if after, _ := json.Marshal(Base()); string(before) != string(after) {
				t.Fatal("the original changed")
			}
			if c.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				if got.Version == BaseVersion || !strings.HasPrefix(got.Version, BaseVersion+"+") {
					t.Errorf("version %q", got.Version)
				}
				return
			}
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != c.code || f.Field != c.at || f.Detail == "" {
				t.Errorf("got %v, want %s at %s", err, c.code, c.at)
			}
			if got != nil {
				t.Error("a refused edit gave a catalogue")
			}
		})
	}
}

func TestEditsTogether(t *testing.T) {
	edits := []Edit{
		{Code: "food.local_bread", Add: true, Labels: Labels{"en": "Bread"}, Seen: ptr(ClassOpen), Unit: ptr("piece"), Sector: ptr("Food"), Asks: &Interval{1, 24, PerPerson}},
		{Code: "food.local_bread", Labels: Labels{"fr": "Pain"}},
		{Code: "food.meal", NoAsks: true, Hidden: ptr(true)},
		{List: "reasons", Code: "full", Labels: Labels{"en": "No room"}},
	}
	c, err := Base().With(edits)
	if err != nil {
		t.Fatal(err)
	}
	bread, ok := c.Service("food.local_bread")
	if !ok || bread.Labels["fr"] != "Pain" || bread.Labels["en"] != "Bread" || !bread.Local || bread.Family != "food" || c.CardSafe(bread.Code) {
		t.Errorf("bread is %+v", bread)
	}
	if got := c.Family("food"); !slices.Equal(got, []string{"food.meal", "food.ration", "food.infant", "food.local_bread"}) {
		t.Errorf("food is %v", got)
	}
	if meal, _ := c.ByCard(21); meal.Code != "food.meal" || !meal.Hidden || meal.Asks != nil {
		t.Errorf("meal is %+v", meal)
	}
	if full, _ := c.Lists.Term("reasons", "full"); full.Labels.In("en") != "No room" {
		t.Errorf("full is %+v", full)
	}
	again, err := Base().With(edits)
	if err != nil || again.Version != c.Version {
		t.Errorf("equal edits gave versions %q and %q (%v)", c.Version, again.Version, err)
	}
	if same, err := Base().With(nil); err != nil || same != Base() {
		t.Error("no edits must give the catalogue itself")
	}
	_, err = Base().With([]Edit{{Code: "water", Unit: ptr("x"), Card: ptr(uint16(7))}, {Code: "none"}})
	if got := len(fault.All(err)); got != 3 {
		t.Errorf("%d faults reported at once, want 3: %v", got, err)
	}
}

func TestUnpack(t *testing.T) {
	got := Base().Lists.Unpack("hygiene_parcel", 2)
	for item, n := range map[string]int{"soap_100g": 30, "detergent_200g": 10, "tooth_set": 10, "towel": 10, "bag": 10} {
		if got[item] != n {
			t.Errorf("two parcels hold %d %s, want %d", got[item], item, n)
		}
	}
	if len(Base().Lists.Unpack("none", 1)) != 0 {
		t.Error("an unknown kit holds something")
	}
	parcel, _ := Base().Lists.Kit("hygiene_parcel")
	if parcel.Covers.Persons != 5 {
		t.Errorf("a parcel covers %d persons, want 5", parcel.Covers.Persons)
	}
}
