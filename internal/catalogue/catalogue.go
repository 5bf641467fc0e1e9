package catalogue

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// BaseVersion names the catalogue as shipped. It changes whenever a file under data changes.
const BaseVersion = "2026.1"

// CardOther is the card number that stands for "other help": a card reader shows it for a number it does not know.
const CardOther uint16 = 1

// maxCard is the largest service number that fits the ten bits of a card entry.
const maxCard uint16 = 1<<10 - 1

// Languages lists the languages in which every shipped label exists, the fallback first.
func Languages() []string { return []string{"en", "fr", "ar", "es"} }

//go:embed data/services.json data/lists.json data/consent.json
var data embed.FS

// Labels holds one text per language tag ("en", "ar", "ha").
type Labels map[string]string

// In returns the text in the wanted language, falling back from "fr-CA" to "fr", then to English.
func (l Labels) In(lang string) string {
	for lang != "" {
		if s, ok := l[lang]; ok {
			return s
		}
		i := strings.LastIndexByte(lang, '-')
		if i < 0 {
			break
		}
		lang = lang[:i]
	}
	return l["en"]
}

// Class says who may see a row about a person.
type Class string

// The three classes, from open to sealed.
const (
	ClassOpen    Class = "O" // staff of the point
	ClassService Class = "H" // staff of that service: health, case work, cash
	ClassSealed  Class = "S" // a named team only; everyone else can only tally
)

// Valid reports whether c is one of the three classes.
func (c Class) Valid() bool { return c == ClassOpen || c == ClassService || c == ClassSealed }

// Term is a code with its labels. Hidden terms are not offered for new entries; what was recorded with them stays.
type Term struct {
	Code   string `json:"code"`
	Labels Labels `json:"labels"`
	Hidden bool   `json:"hidden,omitempty"`
}

func (t *Term) term() *Term { return t }

// Whom an interval is counted for.
const (
	PerPerson    = "person"
	PerGroup     = "group"     // the companions together
	PerRescue    = "rescue"    // once per rescue, however far apart
	PerProgramme = "programme" // the rules of the cash programme decide
)

// Interval says when a repeat raises a question, never a refusal: more than Count times within Hours, for Per.
// Per rescue has no hours, per programme neither hours nor count.
type Interval struct {
	Count int    `json:"count,omitempty"`
	Hours int    `json:"hours,omitempty"`
	Per   string `json:"per"`
}

// Service is one row of the catalogue.
type Service struct {
	Term
	Family string    `json:"family"`
	Sector string    `json:"sector"`
	Unit   string    `json:"unit"`
	Seen   Class     `json:"seen"`
	Card   uint16    `json:"card,omitempty"` // 1 to 1023; 0 means: never on a card
	Asks   *Interval `json:"asks,omitempty"` // nil: a repeat raises no question
	Local  bool      `json:"local,omitempty"`
}

// Catalogue is one version of the services and lists. Treat it as read-only and share it freely; With makes a new one.
type Catalogue struct {
	Version  string    `json:"version"`
	Services []Service `json:"services"`
	Lists    Lists     `json:"lists"`

	byCode map[string]int
	byCard map[uint16]int
}

// Base returns the catalogue as shipped. It is parsed once and shared.
func Base() *Catalogue { return base() }

var base = sync.OnceValue(func() *Catalogue {
	c := &Catalogue{Version: BaseVersion}
	for name, into := range map[string]any{
		"data/services.json": &c.Services,
		"data/lists.json":    &c.Lists,
		"data/consent.json":  &c.Lists.Consent,
	} {
		if err := load(name, into); err != nil {
			// The file is compiled in and held by a test: a fault here is a broken build, not a state to handle.
			panic(fmt.Sprintf("catalogue: %s: %v", name, err))
		}
	}
	c.index()
	return c
})

func load(name string, into any) error {
	raw, err := data.ReadFile(name)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

func (c *Catalogue) index() {
	c.byCode = make(map[string]int, len(c.Services))
	c.byCard = make(map[uint16]int, len(c.Services))
	for i, s := range c.Services {
		c.byCode[s.Code] = i
		if s.Card != 0 {
			c.byCard[s.Card] = i
		}
	}
	c.Lists.reindex()
}

// Service returns the row with this code, hidden or not.
func (c *Catalogue) Service(code string) (Service, bool) {
	i, ok := c.byCode[code]
	if !ok {
		return Service{}, false
	}
	return c.Services[i], true
}

// ByCard returns the row with this card number. Show "other help" for a number that is not found.
func (c *Catalogue) ByCard(number uint16) (Service, bool) {
	i, ok := c.byCard[number]
	if !ok {
		return Service{}, false
	}
	return c.Services[i], true
}

// CardSafe reports whether the service may be written on an assistance card. An unknown code is unsafe.
func (c *Catalogue) CardSafe(code string) bool {
	s, ok := c.Service(code)
	return ok && s.Card != 0 && s.Seen != ClassSealed
}

// families under which network files write a family that has another code here.
var familyAlias = map[string]string{"search_rescue": "rescue"}

// Family returns the codes meant by a name in a network file, in catalogue order: the services of a family ("food" is
// food.meal, food.ration, food.infant; "mhpss" is itself), or one exact code ("food.meal"). It returns nothing for a
// name that is neither.
func (c *Catalogue) Family(name string) []string {
	if alias, ok := familyAlias[name]; ok {
		name = alias
	}
	var codes []string
	for _, s := range c.Services {
		if s.Family == name {
			codes = append(codes, s.Code)
		}
	}
	if codes == nil {
		if _, ok := c.Service(name); ok {
			codes = []string{name}
		}
	}
	return codes
}

// clone copies everything that With may change.
func (c *Catalogue) clone() *Catalogue {
	n := &Catalogue{Version: c.Version, Services: slices.Clone(c.Services), Lists: c.Lists.clone()}
	for i := range n.Services {
		s := &n.Services[i]
		s.Labels = maps.Clone(s.Labels)
		if s.Asks != nil {
			asks := *s.Asks
			s.Asks = &asks
		}
	}
	n.index()
	return n
}
