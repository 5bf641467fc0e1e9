package stock

import (
	_ "embed"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
)

// Item is a thing that is counted in whole units.
type Item struct {
	Code   string           `json:"code"`
	Unit   string           `json:"unit"`
	Labels catalogue.Labels `json:"labels"`
	Local  bool             `json:"local,omitempty"`
	Hidden bool             `json:"hidden,omitempty"` // not offered for new records; what was recorded stays
}

// Kit is a named set of items, to write many down at once.
type Kit struct {
	Code   string           `json:"code"`
	Labels catalogue.Labels `json:"labels"`
	Items  []Part           `json:"items"`
}

// Recipe says which items a service takes, from a day on.
type Recipe struct {
	Service string   `json:"service"`
	From    fact.Day `json:"from,omitzero"` // none: as shipped
	Per     int      `json:"per"`           // so many units of the service take the items once
	Items   []Part   `json:"items"`
}

// units are what items are counted in.
var units = []string{"piece", "pack", "bottle", "sachet", "set", "pair", "box", "kilogram", "litre"}

//go:embed items.json
var itemsJSON []byte

// shipped are the items, kits and recipes of the program. Codes never change meaning.
type shipped struct {
	Items   []Item
	Kits    []Kit
	Recipes []Recipe
}

var base = sync.OnceValue(func() (s shipped) {
	var in struct {
		Items   []Item
		Kits    []Kit
		Recipes []struct {
			Recipe
			Kit string
		}
	}
	if err := json.Unmarshal(itemsJSON, &in); err != nil {
		panic("stock: items.json: " + err.Error()) // compiled in and held by a test
	}
	s.Items, s.Kits = in.Items, in.Kits
	for _, r := range in.Recipes {
		for _, k := range in.Kits {
			if k.Code == r.Kit {
				r.Items = k.Items
			}
		}
		s.Recipes = append(s.Recipes, r.Recipe)
	}
	return s
})

// Items are the shipped items as edited, with the local ones behind them.
type Items struct {
	All []Item
	by  map[string]int
}

func newItems(edits []ItemSetOpen) Items {
	out := Items{All: slices.Clone(base().Items), by: map[string]int{}}
	for i, it := range out.All {
		out.All[i].Labels = maps.Clone(it.Labels)
		out.by[it.Code] = i
	}
	for _, e := range edits {
		i, known := out.by[e.Code]
		if !known {
			i = len(out.All)
			out.by[e.Code] = i
			out.All = append(out.All, Item{Code: e.Code, Unit: e.Unit, Labels: catalogue.Labels{}, Local: true})
		}
		it := &out.All[i]
		it.Hidden = e.Hidden
		maps.Copy(it.Labels, e.Labels)
	}
	return out
}

// Of returns the item with a code.
func (s Items) Of(code string) (Item, bool) {
	i, ok := s.by[code]
	if !ok {
		return Item{}, false
	}
	return s.All[i], true
}

// SetItem is the command behind a local item, or an edit of one.
type SetItem struct {
	ID     fact.FactID
	Code   string
	Unit   string
	Labels map[string]string
	Hidden *bool
	Add    bool
}

// localCode keeps local codes apart from those of later versions of the shipped list, which never say "local".
var localCode = regexp.MustCompile(`^local\.[a-z0-9_]{1,40}$`)

var langTag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$`)

// Decide turns the command into a fact's body; all faults are reported at once.
func (cmd SetItem) Decide(items Items) (ItemSetOpen, error) {
	var bad []error
	was, found := items.Of(cmd.Code)
	switch {
	case cmd.Add && !localCode.MatchString(cmd.Code):
		bad = append(bad, fault.Field("code", "stock.code_local", "a local code is local.name in lower-case letters, digits and _"))
	case cmd.Add && found:
		bad = append(bad, fault.Field("code", "stock.code_taken", "this item is there already; change it instead"))
	case !cmd.Add && !found:
		return ItemSetOpen{}, errNoItem
	}
	if cmd.Add && !slices.Contains(units, cmd.Unit) {
		bad = append(bad, fault.Fieldf("unit", "stock.unknown_unit", "the units are: %s", strings.Join(units, ", ")))
	}
	if cmd.Add && len(cmd.Labels) == 0 {
		bad = append(bad, fault.Field("labels", "stock.label_missing", "give a label in at least one language"))
	}
	for _, lang := range slices.Sorted(maps.Keys(cmd.Labels)) {
		switch text := cmd.Labels[lang]; {
		case !langTag.MatchString(lang):
			bad = append(bad, fault.Field("labels", "stock.label_language", "a label is keyed by a language tag such as fr or ha"))
		case strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > 80 || !plain(text):
			bad = append(bad, fault.Field("labels."+lang, "stock.label_bad", "a label is one line of 1 to 80 characters"))
		}
	}
	open := ItemSetOpen{Code: cmd.Code, Unit: was.Unit, Hidden: was.Hidden, Labels: map[string]string{}}
	if cmd.Add {
		open.Unit = cmd.Unit
	}
	maps.Copy(open.Labels, was.Labels)
	maps.Copy(open.Labels, cmd.Labels)
	if cmd.Hidden != nil {
		open.Hidden = *cmd.Hidden
	}
	return open, errors.Join(bad...)
}

var errNoItem = fault.NotFound("stock.no_item", "there is no such item; see /api/stock/items")

// plain tells whether a text is one line without what turns or breaks the text around it.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		switch r {
		case '\u200c', '\u200d', '\u200e', '\u200f':
			return false
		case '\u2028', '\u2029':
			return true
		}
		return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
	})
}

// text refuses what does not fit a line of so many characters.
func text(field, s string, most int, bad *[]error) {
	if utf8.RuneCountInString(s) > most || !plain(s) {
		*bad = append(*bad, fault.Fieldf(field, "stock.bad_text", "this is one line of at most %d characters, without control characters", most))
	}
}
