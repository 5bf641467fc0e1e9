package stock

import (
	"slices"
	"testing"
	"time"

	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
)

var (
	nrc    = fact.OrgByCode("NRC")
	agadez = fact.PointByCode("NE-AGZ")
	arlit  = fact.PointByCode("NE-ARL")
	noon   = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	here   = Place{ID: agadez, Code: "NE-AGZ", Name: "Agadez", Org: nrc, Zone: time.FixedZone("Africa/Niamey", 3600), Cutoff: 4 * time.Hour}
)

func codes(err error) []string {
	var out []string
	for _, f := range fault.All(err) {
		out = append(out, f.Field+" "+f.Code)
	}
	return out
}

func TestMovements(t *testing.T) {
	soap := []Line{{Item: "soap_100g", Quantity: 10}}
	tests := []struct {
		name string
		cmd  Move
		want []string
	}{
		{"a delivery from the national store is received", Move{Kind: Received, Why: "national", Lines: soap}, nil},
		{"a delivery says from whom", Move{Kind: Received, Lines: soap}, []string{"why stock.unknown_why"}},
		{"what is lost says how", Move{Kind: Lost, Why: "national", Lines: soap}, []string{"why stock.unknown_why"}},
		{"what is sent names another point", Move{Kind: Sent, Lines: soap}, []string{"other stock.other_missing"}},
		{"nobody sends to the own point", Move{Kind: Sent, Other: agadez, OtherHere: true, Lines: soap}, []string{"other stock.other_same"}},
		{"what is sent goes to a point that is there", Move{Kind: Sent, Other: arlit, Lines: soap}, []string{"other stock.unknown_other"}},
		{"what is bought comes from no point", Move{Kind: Received, Why: "purchase", Other: arlit, OtherHere: true, Lines: soap}, []string{"other stock.other_needless"}},
		{"what was given is never written down", Move{Kind: GivenK, Why: "other", Lines: soap}, []string{"kind stock.unknown_kind"}},
		{"a movement of nothing is none", Move{Kind: Lost, Why: "stolen"}, []string{"lines stock.nothing_recorded"}},
		{"an unknown item and an impossible number are told at once", Move{Kind: Lost, Why: "stolen", Lines: []Line{{Item: "gold", Quantity: 0}}},
			[]string{"lines.0.item stock.unknown_item", "lines.0.quantity stock.bad_quantity"}},
		{"one item stands once", Move{Kind: Lost, Why: "stolen", Lines: []Line{soap[0], soap[0]}}, []string{"lines.1.item stock.item_twice"}},
		{"two batches of one item are two lines", Move{Kind: Received, Why: "national", Lines: []Line{{Item: "ors_sachet", Quantity: 5, Batch: "A"}, {Item: "ors_sachet", Quantity: 5, Batch: "B"}}}, nil},
		{"what is lost has no batch", Move{Kind: Lost, Why: "expired", Lines: []Line{{Item: "ors_sachet", Quantity: 5, Batch: "A"}}}, []string{"lines.0.batch stock.batch_needless"}},
		{"nothing happens tomorrow", Move{Kind: Lost, Why: "stolen", Lines: soap, Happened: noon.Add(24 * time.Hour)}, []string{"happened stock.in_future"}},
		{"nor in another life", Move{Kind: Lost, Why: "stolen", Lines: soap, Happened: noon.AddDate(-3, 0, 0)}, []string{"happened stock.too_long_ago"}},
		{"an unknown kit", Move{Kind: Received, Why: "national", Lines: soap, Kits: []KitLine{{Kit: "gold_kit", Quantity: 1}}}, []string{"kits.0.kit stock.unknown_kit"}},
		{"a last day in the year 2052", Move{Kind: Received, Why: "national", Lines: []Line{{Item: "ors_sachet", Quantity: 5, Expires: 30_000}}}, nil},
		{"a last day in the year 9999", Move{Kind: Received, Why: "national", Lines: []Line{{Item: "ors_sachet", Quantity: 5, Expires: 2_932_000}}}, []string{"lines.0.expires stock.bad_expiry"}},
		{"a text that turns the line around", Move{Kind: Lost, Why: "stolen", Reference: "a\u202eb", Lines: soap}, []string{"reference stock.bad_text"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.cmd.Decide(here, newItems(nil), noon)
			if got := codes(err); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestAKitIsWrittenDownAsItsItems(t *testing.T) {
	open, err := Move{Kind: Received, Why: "national", Lines: []Line{{Item: "soap_100g", Quantity: 1}},
		Kits: []KitLine{{Kit: "hygiene_kit", Quantity: 10}, {Kit: "baby_kit", Quantity: 2}}}.Decide(here, newItems(nil), noon)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, l := range open.Lines {
		got[l.Item] += l.Quantity
	}
	if got["soap_100g"] != 1+30+4 || got["towel"] != 12 || got["nappies_10"] != 8 || len(open.Lines) != 6 {
		t.Errorf("%v", open.Lines)
	}
}

func TestTheShippedListIsWhole(t *testing.T) {
	items := newItems(nil)
	for _, it := range items.All {
		if !slices.Contains(units, it.Unit) {
			t.Errorf("%s has the unit %q", it.Code, it.Unit)
		}
		for _, lang := range catalogue.Languages() {
			if it.Labels[lang] == "" {
				t.Errorf("%s has no label in %s", it.Code, lang)
			}
		}
	}
	for _, k := range base().Kits {
		var bad []error
		parts(k.Items, items, k.Code, 1000, false, &bad)
		for _, lang := range catalogue.Languages() {
			if k.Labels[lang] == "" {
				t.Errorf("%s has no label in %s", k.Code, lang)
			}
		}
		if len(bad) > 0 {
			t.Errorf("%s: %v", k.Code, bad)
		}
	}
	for _, r := range base().Recipes {
		var bad []error
		parts(r.Items, items, r.Service, 1000, false, &bad)
		if s, ok := catalogue.Base().Service(r.Service); !ok || s.Seen == catalogue.ClassSealed || r.Per < 1 || len(bad) > 0 {
			t.Errorf("the recipe of %s: %v", r.Service, bad)
		}
	}
}

func TestARecipeHoldsFromItsDayOn(t *testing.T) {
	r := newRecipes([]Recipe{{Service: "water", From: 100, Per: 1, Items: []Part{{Item: "jerrycan_10l", Quantity: 1}}}, {Service: "water", From: 200, Per: 1}})
	for _, test := range []struct {
		name string
		day  fact.Day
		item string
		n    int
		want int
	}{
		{"as shipped, three litres take two bottles", 99, "water_1_5l", 3, 2},
		{"a hundred litres take sixty-seven", 99, "water_1_5l", 100, 67},
		{"and nothing else", 99, "soap_100g", 100, 0},
		{"from the day on the other item", 100, "jerrycan_10l", 4, 4},
		{"and no bottle", 199, "water_1_5l", 3, 0},
		{"a recipe without items takes nothing", 200, "jerrycan_10l", 4, 0},
	} {
		if got := r.takes("water", test.day, test.item, test.n); got != test.want {
			t.Errorf("%s: got %d, want %d", test.name, got, test.want)
		}
	}
}

func TestAnAccount(t *testing.T) {
	move := func(kind string, at int64, n int) entry { return entry{kind: kind, at: at, quantity: n} }
	tests := []struct {
		name         string
		moves, gifts []entry
		level        int
		changes      []int
	}{
		{"nothing written down is nothing known", nil, []entry{move(GivenK, 5, 3)}, 0, nil},
		{"what was given before the first record is not the account's", []entry{move(Received, 10, 20)}, []entry{move(GivenK, 5, 3), move(GivenK, 11, 4)}, 16, []int{20, -4}},
		{"a count sets the level and shows the difference", []entry{move(Received, 1, 20), move(CountedK, 5, 14)}, []entry{move(GivenK, 3, 4)}, 14, []int{20, -4, -2}},
		{"a count covers its own moment", []entry{move(CountedK, 5, 14), move(Lost, 5, 1)}, []entry{move(GivenK, 5, 4)}, 14, []int{-1, 15}},
		{"help is never stopped by a level", []entry{move(CountedK, 1, 2)}, []entry{move(GivenK, 2, 10)}, -8, []int{2, -10}},
		{"what was sent and lost leaves", []entry{move(CountedK, 1, 20), move(Sent, 2, 5), move(Lost, 3, 2)}, nil, 13, []int{20, -5, -2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := account(test.moves, test.gifts)
			level := 0
			var changes []int
			for _, e := range got {
				level = e.level
				changes = append(changes, e.change)
			}
			if level != test.level || !slices.Equal(changes, test.changes) {
				t.Errorf("level %d, changes %v; want %d, %v", level, changes, test.level, test.changes)
			}
		})
	}
}

func TestWhatCameLastIsThereLast(t *testing.T) {
	came := []batch{{1, 50, 100}, {2, 30, 300}, {3, 20, 0}}
	for _, test := range []struct {
		level int
		want  fact.Day
	}{{100, 100}, {51, 100}, {50, 300}, {20, 0}, {0, 0}, {-4, 0}} {
		if got := soonest(test.level, slices.Clone(came)); got != test.want {
			t.Errorf("of %d: %d, want %d", test.level, got, test.want)
		}
	}
}

func TestDaysLeft(t *testing.T) {
	for _, test := range []struct{ level, given, days, want int }{
		{70, 140, 14, 7}, {69, 140, 14, 6}, {0, 140, 14, 0}, {-5, 140, 14, 0}, {70, 0, 14, -1}, {10, 5, 1, 2},
	} {
		if got := daysLeft(test.level, test.given, test.days); got != test.want {
			t.Errorf("%+v: %d", test, got)
		}
	}
}

func TestItemsAndWishes(t *testing.T) {
	yes := true
	items := newItems([]ItemSetOpen{{Code: "local.tea", Unit: "pack", Labels: map[string]string{"en": "Tea"}}, {Code: "mat", Hidden: true, Labels: map[string]string{"ha": "Tabarma"}}})
	if mat, _ := items.Of("mat"); !mat.Hidden || mat.Labels["ha"] != "Tabarma" || mat.Labels["fr"] != "Natte" || mat.Local {
		t.Errorf("%+v", mat)
	}
	if base().Items[13].Labels["ha"] != "" {
		t.Error("an edit changed what is shipped")
	}
	for _, test := range []struct {
		name string
		cmd  SetItem
		want []string
	}{
		{"a local item", SetItem{Code: "local.sugar", Unit: "pack", Labels: map[string]string{"en": "Sugar"}, Add: true}, nil},
		{"a code that may be shipped one day", SetItem{Code: "sugar", Unit: "pack", Labels: map[string]string{"en": "Sugar"}, Add: true}, []string{"code stock.code_local"}},
		{"a code that is taken", SetItem{Code: "local.tea", Unit: "pack", Labels: map[string]string{"en": "Tea"}, Add: true}, []string{"code stock.code_taken"}},
		{"an unknown unit and no label", SetItem{Code: "local.sugar", Unit: "bushel", Add: true}, []string{"unit stock.unknown_unit", "labels stock.label_missing"}},
		{"a label of two lines", SetItem{Code: "mat", Labels: map[string]string{"en": "a\nb"}}, []string{"labels.en stock.label_bad"}},
		{"a shipped item is hidden", SetItem{Code: "hat", Hidden: &yes}, nil},
		{"what is not there cannot change", SetItem{Code: "gold", Hidden: &yes}, []string{" stock.no_item"}},
	} {
		if _, err := test.cmd.Decide(items); !slices.Equal(codes(err), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	today := here.day(noon)
	lines := []Part{{Item: "blanket", Quantity: 200}}
	for _, test := range []struct {
		name string
		cmd  Wish
		want []string
	}{
		{"blankets before the cold", Wish{By: today + 30, Reason: "season", Lines: lines}, nil},
		{"by yesterday", Wish{By: today - 1, Reason: "season", Lines: lines}, []string{"by stock.bad_by"}},
		{"for no reason, of nothing", Wish{By: today, Reason: "because"}, []string{"reason stock.unknown_reason", "lines stock.nothing_recorded"}},
		{"one made offline a week ago keeps its day", Wish{Happened: noon.AddDate(0, 0, -7), By: today - 3, Reason: "season", Lines: lines}, nil},
	} {
		if _, err := test.cmd.Decide(here, items, noon); !slices.Equal(codes(err), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
