package catalogue

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"serai/internal/fault"
)

// ListServices is the list that an edit without a list name means.
const ListServices = "services"

// maxLabel is the longest label in characters; longer ones do not fit a button of a small screen.
const maxLabel = 80

// maxAsks bounds an interval: ten years and a thousand times.
const (
	maxAsksHours = 10 * 366 * 24
	maxAsksCount = 1000
)

// Edit is one change an administrator makes to one row. Only what is set changes. Sector, Unit, Seen and Card exist so
// that a new local service can be described and so that a form that sends a whole row back is understood; on an existing
// row they must equal what stands there.
type Edit struct {
	List   string    `json:"list,omitempty"` // "" or "services", "needs", "reasons", ... as named in Lists
	Code   string    `json:"code"`
	Add    bool      `json:"add,omitempty"` // makes a local service; the code must be new
	Labels Labels    `json:"labels,omitempty"`
	Hidden *bool     `json:"hidden,omitempty"`
	Asks   *Interval `json:"asks,omitempty"`
	NoAsks bool      `json:"no_asks,omitempty"` // removes the interval
	Sector *string   `json:"sector,omitempty"`
	Unit   *string   `json:"unit,omitempty"`
	Seen   *Class    `json:"seen,omitempty"`
	Card   *uint16   `json:"card,omitempty"`
}

// With returns a new catalogue with the edits applied in order; c stays as it is. Either all edits apply or none does:
// the error then joins one fault per refused field, each naming the edit and the field ("2.unit") and the rule. The
// version of the result follows from that of c and the edits alone, so that two nodes with equal edits name equal versions.
func (c *Catalogue) With(edits []Edit) (*Catalogue, error) {
	if len(edits) == 0 {
		return c, nil
	}
	n := c.clone()
	var bad []error
	for i, e := range edits {
		at := editor{cat: n, edit: e, place: fmt.Sprintf("%d.", i)}
		at.apply()
		bad = append(bad, at.bad...)
	}
	if err := errors.Join(bad...); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(edits)
	if err != nil {
		return nil, fmt.Errorf("catalogue version: %w", err)
	}
	sum := sha256.Sum256(append([]byte(c.Version+"\n"), raw...))
	n.Version = BaseVersion + "+" + hex.EncodeToString(sum[:6])
	return n, nil
}

// editor applies one edit and gathers its faults.
type editor struct {
	cat   *Catalogue
	edit  Edit
	place string
	bad   []error
}

func (e *editor) refuse(field, code, format string, args ...any) {
	e.bad = append(e.bad, fault.Fieldf(e.place+field, code, format, args...))
}

func (e *editor) apply() {
	e.checkLabels()
	switch {
	case e.edit.List != "" && e.edit.List != ListServices:
		e.applyTerm()
	case e.edit.Add:
		e.add()
	default:
		e.applyService()
	}
}

func (e *editor) applyTerm() {
	terms, ok := e.cat.Lists.index[e.edit.List]
	if !ok {
		names := slices.Sorted(maps.Keys(e.cat.Lists.index))
		e.refuse("list", "catalogue.list_unknown", "there is no list %q; the lists are services, %s", short(e.edit.List), strings.Join(names, ", "))
		return
	}
	t, ok := terms[e.edit.Code]
	if !ok || e.edit.Add {
		e.refuse("code", "catalogue.code_unknown", "the list %s has no code %q, and codes can be added to the services only", e.edit.List, short(e.edit.Code))
		return
	}
	if e.edit.Asks != nil || e.edit.NoAsks {
		e.refuse("asks", "catalogue.asks_services_only", "only a service has an interval after which a repeat raises a question")
	}
	if e.edit.Sector != nil || e.edit.Unit != nil || e.edit.Seen != nil || e.edit.Card != nil {
		e.refuse("code", "catalogue.meaning_fixed", "only labels and hidden can change in the list %s: codes never change meaning", e.edit.List)
	}
	if e.edit.Hidden != nil && *e.edit.Hidden && slices.Contains(needed, e.edit.List+"."+e.edit.Code) {
		e.refuse("hidden", "catalogue.needed", "%s cannot be hidden: without it staff would have to invent an answer", t.Code)
	}
	if len(e.bad) == 0 {
		e.relabel(t)
	}
}

// needed are the answers that say "we do not know", and the one thing a volunteer writes for any sealed need.
var needed = []string{
	"groups.unsaid", "stages.unsaid", "directions.unsaid", "sexes.U", "disabilities.not_asked", "disabilities.declined",
	"repeats.not_asked", "consent_answers.no", "consent_answers.later", "tally_buttons.person", "age_atoms.unknown",
	"age_splits.child", "age_splits.adult", "age_splits.unsplit", "needs.private_talk",
}

func (e *editor) relabel(t *Term) {
	if t.Labels == nil {
		t.Labels = Labels{}
	}
	maps.Copy(t.Labels, e.edit.Labels)
	if e.edit.Hidden != nil {
		t.Hidden = *e.edit.Hidden
	}
}

func (e *editor) applyService() {
	i, ok := e.cat.byCode[e.edit.Code]
	if !ok {
		e.refuse("code", "catalogue.code_unknown", "the catalogue has no service %q; set add to make a local one", short(e.edit.Code))
		return
	}
	s := &e.cat.Services[i]
	if e.edit.Sector != nil && *e.edit.Sector != s.Sector {
		e.refuse("sector", "catalogue.sector_fixed", "the sector of %s stays %s: add a local service instead", s.Code, s.Sector)
	}
	if e.edit.Unit != nil && *e.edit.Unit != s.Unit {
		e.refuse("unit", "catalogue.unit_fixed", "the unit of %s stays %q, or older figures would change meaning: add a local service instead", s.Code, s.Unit)
	}
	if e.edit.Seen != nil && *e.edit.Seen != s.Seen {
		e.refuse("seen", "catalogue.class_fixed", "the class of %s stays %s: who may see it was promised when it was recorded", s.Code, s.Seen)
	}
	if e.edit.Card != nil && *e.edit.Card != s.Card {
		e.refuse("card", "catalogue.card_fixed", "the card number of %s stays %d: cards already carried would change meaning", s.Code, s.Card)
	}
	e.checkAsks()
	if len(e.bad) > 0 {
		return
	}
	e.relabel(&s.Term)
	e.setAsks(s)
}

func (e *editor) setAsks(s *Service) {
	if e.edit.NoAsks {
		s.Asks = nil
	}
	if e.edit.Asks != nil {
		asks := *e.edit.Asks
		s.Asks = &asks
	}
}

// localCode keeps local codes apart from codes of later versions of the shipped catalogue, which never say "local".
var localCode = regexp.MustCompile(`^(local\.[a-z0-9_]{1,40}|[a-z][a-z0-9_]{0,30}\.local_[a-z0-9_]{1,40})$`)

func (e *editor) add() {
	d := e.edit
	if !localCode.MatchString(d.Code) {
		e.refuse("code", "catalogue.code_local", "a local code is local.name or family.local_name in lower-case letters, digits and _: got %q", short(d.Code))
	} else if _, taken := e.cat.byCode[d.Code]; taken {
		e.refuse("code", "catalogue.code_taken", "the service %s is there already; leave add out to change it", d.Code)
	}
	if len(d.Labels) == 0 {
		e.refuse("labels", "catalogue.label_missing", "give a label in at least one language")
	}
	if d.Seen == nil || !d.Seen.Valid() {
		e.refuse("seen", "catalogue.class_missing", "a new service needs a class: O (staff of the point), H (staff of that service) or S (sealed)")
	}
	if d.Unit == nil || !e.cat.Lists.Has("units", *d.Unit) {
		e.refuse("unit", "catalogue.unit_unknown", "a new service needs one of the units of the list units")
	}
	if d.Sector == nil || !e.cat.Lists.Has("sectors", *d.Sector) {
		e.refuse("sector", "catalogue.sector_unknown", "a new service needs one of the sectors of the list sectors")
	}
	if d.Card != nil && *d.Card != 0 {
		e.refuse("card", "catalogue.card_local", "a local service has no card number: other organisations could not read it")
	}
	e.checkAsks()
	if len(e.bad) > 0 {
		return
	}
	family, _, _ := strings.Cut(d.Code, ".")
	s := Service{Term: Term{Code: d.Code}, Family: family, Sector: *d.Sector, Unit: *d.Unit, Seen: *d.Seen, Local: true}
	e.relabel(&s.Term)
	e.setAsks(&s)
	// Beside its family, so that a screen that lists the catalogue keeps families together.
	at := len(e.cat.Services)
	for i, other := range e.cat.Services {
		if other.Family == family {
			at = i + 1
		}
	}
	e.cat.Services = slices.Insert(e.cat.Services, at, s)
	e.cat.index()
}

func (e *editor) checkAsks() {
	a := e.edit.Asks
	if a == nil {
		return
	}
	if e.edit.NoAsks {
		e.refuse("asks", "catalogue.asks_both", "either set an interval or remove it")
	}
	if a.Count < 0 || a.Count > maxAsksCount || a.Hours < 0 || a.Hours > maxAsksHours {
		e.refuse("asks", "catalogue.asks_range", "an interval has a count of 1 to %d and 1 to %d hours", maxAsksCount, maxAsksHours)
		return
	}
	ok := false
	switch a.Per {
	case PerPerson, PerGroup:
		ok = a.Count > 0 && a.Hours > 0
	case PerRescue:
		ok = a.Count > 0 && a.Hours == 0
	case PerProgramme:
		ok = a.Count == 0 && a.Hours == 0
	}
	if !ok {
		e.refuse("asks", "catalogue.asks_shape", "an interval is count and hours per person or group, a count per rescue, or per programme alone")
	}
}

var langTag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$`)

func (e *editor) checkLabels() {
	for _, lang := range slices.Sorted(maps.Keys(e.edit.Labels)) {
		text, field := e.edit.Labels[lang], "labels."+short(lang)
		switch {
		case !langTag.MatchString(lang):
			e.refuse(field, "catalogue.language_unknown", "a label is keyed by a language tag such as fr or ha")
		case strings.TrimSpace(text) == "":
			e.refuse(field, "catalogue.label_empty", "a label cannot be empty; hide the row instead")
		case !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable):
			e.refuse(field, "catalogue.label_characters", "a label is one line of text without control or direction-override characters")
		case utf8.RuneCountInString(text) > maxLabel:
			e.refuse(field, "catalogue.label_long", "a label has at most %d characters", maxLabel)
		}
	}
}

// unprintable finds what breaks a button or turns the text around it: controls, line breaks, bidi overrides. Joiners and
// marks that Arabic and Persian need are allowed.
func unprintable(r rune) bool {
	switch {
	case r == '\u200c' || r == '\u200d' || r == '\u200e' || r == '\u200f':
		return false
	case r == '\u2028' || r == '\u2029':
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
}

// short keeps foreign input in messages small.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
