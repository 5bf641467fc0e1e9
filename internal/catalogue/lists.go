package catalogue

import (
	"maps"
	"slices"
)

// Need is what a person asks for or what staff notice. UNHCR is the specific-needs code, empty where there is none.
// A volunteer writes private_talk for any need of class S.
type Need struct {
	Term
	Seen  Class  `json:"seen"`
	UNHCR string `json:"unhcr,omitempty"`
}

// Group is the population group of a contact, one per contact. ReportedAs is the heading of published tables.
type Group struct {
	Term
	ReportedAs string `json:"reported_as"`
	Meaning    Labels `json:"meaning"`
}

// Stage is where on the journey a contact took place. TrailStep is the step of the migratory trail, empty where there
// is none. The stage "held" is of class S.
type Stage struct {
	Term
	Seen      Class  `json:"seen"`
	TrailStep string `json:"trail_step,omitempty"`
}

// SexColumns gives the heading under which a sex is reported by each organisation. IOM has one for adults (18 and
// over) and one for children.
type SexColumns struct {
	IFRC     string `json:"ifrc"`
	IOMAdult string `json:"iom_adult"`
	IOMChild string `json:"iom_child"`
	UNHCR    string `json:"unhcr"`
	ECHO     string `json:"echo"`
}

// Sex is F, M, X (offered only where that is safe, therefore hidden as shipped), N (did not say) or U (not recorded).
type Sex struct {
	Term
	Reported SexColumns `json:"reported"`
}

// Heading returns the heading of this sex in a scheme ("ifrc", "sphere", "unhcr", "iom", "echo") for a band or split of
// that scheme. IOM has no heading for a woman or girl whose age is not known: she is "unknown", never a guess.
// Sphere prescribes ages only, so its tables take the headings of IFRC.
func (s Sex) Heading(scheme Scheme, band string) string {
	switch scheme.Code {
	case "unhcr":
		return s.Reported.UNHCR
	case "echo":
		return s.Reported.ECHO
	case "iom":
		switch side(band) {
		case Child:
			return s.Reported.IOMChild
		case Adult:
			return s.Reported.IOMAdult
		}
		return "unknown"
	}
	return s.Reported.IFRC
}

// TallyButton is one button of the tally screen: a sex and an age interval in full years, both ends included.
type TallyButton struct {
	Term
	Sex     string `json:"sex"`
	AgeLow  int    `json:"age_low"`
	AgeHigh int    `json:"age_high"` // AgeMax when open
}

// Part is one line of the contents of a kit: an item, or a kit inside a parcel; exactly one of them is set.
type Part struct {
	Item     string `json:"item,omitempty"`
	Kit      string `json:"kit,omitempty"`
	Quantity int    `json:"quantity"`
}

// Covers says for how many people and days a kit is meant. Per is "person", "baby", "rescue" or "group"; Days is 0
// where the source gives no time.
type Covers struct {
	Persons int    `json:"persons"`
	Days    int    `json:"days,omitempty"`
	Per     string `json:"per"`
}

// Kit is a standard set of stock items. Service is the service recorded when it is given, empty where staff choose.
type Kit struct {
	Term
	Contents []Part `json:"contents"`
	Covers   Covers `json:"covers"`
	Service  string `json:"service,omitempty"`
}

// ConsentPart is one part of the text that is read aloud or played: a title and the words.
type ConsentPart struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// ConsentText is the consent text of one language. PassingOn holds the places {who}, {place}, {help} and {date}.
type ConsentText struct {
	First     ConsentPart `json:"first"`
	File      ConsentPart `json:"file"`
	Card      ConsentPart `json:"card"`
	PassingOn ConsentPart `json:"passing_on"`
}

// Lists holds every list that screens, rules and reports share, in the order in which screens show them.
type Lists struct {
	Groups         []Group                `json:"groups"`
	GroupDetails   []Term                 `json:"group_details"` // optional, hidden as shipped
	Stages         []Stage                `json:"stages"`
	Directions     []Term                 `json:"directions"`
	ArrivalKinds   []Term                 `json:"arrival_kinds"`
	Sexes          []Sex                  `json:"sexes"`
	Disabilities   []Term                 `json:"disabilities"`
	Needs          []Need                 `json:"needs"`
	Reasons        []Term                 `json:"reasons"` // why something asked for was not given
	Bases          []Term                 `json:"bases"`
	ConsentAnswers []Term                 `json:"consent_answers"`
	Repeats        []Term                 `json:"repeats"` // answers to "helped on this route before?"
	EntryModes     []Term                 `json:"entry_modes"`
	AgeMethods     []Term                 `json:"age_methods"`
	TallyButtons   []TallyButton          `json:"tally_buttons"`
	Items          []Term                 `json:"items"`
	StockMoves     []Term                 `json:"stock_moves"`
	Kits           []Kit                  `json:"kits"`
	Sectors        []Term                 `json:"sectors"`
	Units          []Term                 `json:"units"`
	AgeAtoms       []AgeAtom              `json:"age_atoms"`
	AgeSplits      []Term                 `json:"age_splits"` // child, adult, unsplit: ages that cross bands
	AgeSchemes     []Scheme               `json:"age_schemes"`
	Consent        map[string]ConsentText `json:"consent"` // by language

	index map[string]map[string]*Term // list, code
}

// terms returns pointers to the terms of every list that can be relabelled, by the list's JSON name.
func (l *Lists) terms() map[string][]*Term {
	return map[string][]*Term{
		"groups": pointers(l.Groups), "group_details": pointers(l.GroupDetails), "stages": pointers(l.Stages),
		"directions": pointers(l.Directions), "arrival_kinds": pointers(l.ArrivalKinds), "sexes": pointers(l.Sexes),
		"disabilities": pointers(l.Disabilities), "needs": pointers(l.Needs), "reasons": pointers(l.Reasons),
		"bases": pointers(l.Bases), "consent_answers": pointers(l.ConsentAnswers), "repeats": pointers(l.Repeats),
		"entry_modes": pointers(l.EntryModes), "age_methods": pointers(l.AgeMethods),
		"tally_buttons": pointers(l.TallyButtons), "items": pointers(l.Items), "stock_moves": pointers(l.StockMoves),
		"kits": pointers(l.Kits), "sectors": pointers(l.Sectors), "units": pointers(l.Units),
		"age_atoms": pointers(l.AgeAtoms), "age_splits": pointers(l.AgeSplits),
	}
}

// reindex builds the index behind Term; call it after the lists have moved.
func (l *Lists) reindex() {
	l.index = map[string]map[string]*Term{}
	for list, terms := range l.terms() {
		l.index[list] = make(map[string]*Term, len(terms))
		for _, t := range terms {
			l.index[list][t.Code] = t
		}
	}
}

func pointers[T any, P interface {
	*T
	term() *Term
}](list []T) []*Term {
	out := make([]*Term, len(list))
	for i := range list {
		out[i] = P(&list[i]).term()
	}
	return out
}

// Term returns one term of a list by the list's JSON name ("needs", "reasons") and its code.
func (l *Lists) Term(list, code string) (Term, bool) {
	t, ok := l.index[list][code]
	if !ok {
		return Term{}, false
	}
	return *t, true
}

// Has reports whether the list knows the code, hidden or not.
func (l *Lists) Has(list, code string) bool {
	_, ok := l.Term(list, code)
	return ok
}

// Need returns the need with this code.
func (l *Lists) Need(code string) (Need, bool) { return find(l.Needs, code) }

// Group returns the population group with this code.
func (l *Lists) Group(code string) (Group, bool) { return find(l.Groups, code) }

// Stage returns the journey stage with this code.
func (l *Lists) Stage(code string) (Stage, bool) { return find(l.Stages, code) }

// Sex returns the sex with this code.
func (l *Lists) Sex(code string) (Sex, bool) { return find(l.Sexes, code) }

// TallyButton returns the tally button with this code.
func (l *Lists) TallyButton(code string) (TallyButton, bool) { return find(l.TallyButtons, code) }

// Kit returns the kit with this code.
func (l *Lists) Kit(code string) (Kit, bool) { return find(l.Kits, code) }

// Scheme returns the age scheme with this code: "ifrc", "sphere", "unhcr", "iom" or "echo".
func (l *Lists) Scheme(code string) (Scheme, bool) {
	i := slices.IndexFunc(l.AgeSchemes, func(s Scheme) bool { return s.Code == code })
	if i < 0 {
		return Scheme{}, false
	}
	return l.AgeSchemes[i], true
}

// Unpack returns the items in n pieces of a kit, parcels opened, by item code.
func (l *Lists) Unpack(kit string, n int) map[string]int {
	out := map[string]int{}
	l.unpack(kit, n, out)
	return out
}

func (l *Lists) unpack(kit string, n int, out map[string]int) {
	k, ok := l.Kit(kit)
	if !ok {
		return
	}
	for _, p := range k.Contents {
		if p.Kit != "" {
			l.unpack(p.Kit, n*p.Quantity, out)
			continue
		}
		out[p.Item] += n * p.Quantity
	}
}

func find[T any, P interface {
	*T
	term() *Term
}](list []T, code string) (T, bool) {
	for i := range list {
		if P(&list[i]).term().Code == code {
			return list[i], true
		}
	}
	var none T
	return none, false
}

// clone copies the lists deeply enough that labels and hiding can change without touching the original.
func (l Lists) clone() Lists {
	l.Groups, l.GroupDetails, l.Stages = slices.Clone(l.Groups), slices.Clone(l.GroupDetails), slices.Clone(l.Stages)
	l.Directions, l.ArrivalKinds, l.Sexes = slices.Clone(l.Directions), slices.Clone(l.ArrivalKinds), slices.Clone(l.Sexes)
	l.Disabilities, l.Needs, l.Reasons = slices.Clone(l.Disabilities), slices.Clone(l.Needs), slices.Clone(l.Reasons)
	l.Bases, l.ConsentAnswers, l.Repeats = slices.Clone(l.Bases), slices.Clone(l.ConsentAnswers), slices.Clone(l.Repeats)
	l.EntryModes, l.AgeMethods, l.TallyButtons = slices.Clone(l.EntryModes), slices.Clone(l.AgeMethods), slices.Clone(l.TallyButtons)
	l.Items, l.StockMoves, l.Kits = slices.Clone(l.Items), slices.Clone(l.StockMoves), slices.Clone(l.Kits)
	l.Sectors, l.Units = slices.Clone(l.Sectors), slices.Clone(l.Units)
	l.AgeAtoms, l.AgeSplits = slices.Clone(l.AgeAtoms), slices.Clone(l.AgeSplits)
	for _, terms := range l.terms() {
		for _, t := range terms {
			t.Labels = maps.Clone(t.Labels)
		}
	}
	l.index = nil // it points into the original
	return l
}
