package sim

import (
	"fmt"
	"slices"
	"strings"
)

// record writes down a contact with everything about cards and files that belongs to it. Service was already given:
// nothing here could have changed it.
func (r *run) record(s *site, p *wayfarers, t *traveller, person *Person, c *Contact, before bool) {
	if t.gone != 0 && r.chance(0.8) {
		c.CardGone = t.goneHow
		if t.goneHow == "taken" {
			r.emit(s, CardTaken{TruthPerson: person.ID, TruthLineage: lineageText(t.gone)})
		} else {
			r.emit(s, CardLost{TruthPerson: person.ID, TruthLineage: lineageText(t.gone)})
		}
	}
	t.gone = 0
	shown := t.card != 0 && r.chance(r.w.cfg.Rates.CardShown)
	if shown {
		c.Card = lineageText(t.card)
	}
	c.Repeat = r.repeat(shown, before)
	age := person.Age(r.date())
	r.keepFile(s, p, t, person, c, shown, age)

	issue := t.card == 0 && !person.refusesCard && age >= 6 && r.chance(r.w.cfg.Rates.CardOffered) && r.chance(r.w.cfg.Rates.CardAccepted)
	if issue {
		t.card, t.sequence = r.newLineage(person.ID), 1
		c.NewCard = lineageText(t.card)
	}
	r.contacts++
	c.ID = r.contacts
	r.emit(s, *c)
	switch {
	case issue:
		r.emit(s, CardIssued{Lineage: c.NewCard, Sequence: 1, TruthPerson: person.ID})
	case shown && len(c.Services) > 0 && r.chance(0.85):
		t.sequence++
		r.emit(s, CardUpdated{Lineage: c.Card, Sequence: t.sequence, TruthPerson: person.ID})
	}
}

// repeat is the answer to "helped on this route before?". It is asked after giving, and only without a card.
func (r *run) repeat(shown, before bool) string {
	if shown || !r.chance(r.w.cfg.Rates.RepeatAsked) {
		return "not_asked"
	}
	truth, other := "first", "before"
	if before {
		truth, other = other, truth
	}
	if r.chance(r.w.cfg.Rates.RepeatTruthful) {
		return truth
	}
	return []string{"unsure", "unsure", "declined", other}[r.r.IntN(4)]
}

func (r *run) hasFile(t *traveller, s *site) bool {
	return slices.ContainsFunc(t.files, func(f fileOf) bool { return int(f.org) == s.org })
}

// keepFile finds the organisation's file of a person or opens one. The file of a returning person who shows no card is
// sometimes not found: then the same person has two.
func (r *run) keepFile(s *site, p *wayfarers, t *traveller, person *Person, c *Contact, shown bool, age int) {
	earlier := 0
	for _, f := range t.files {
		if int(f.org) == s.org {
			earlier = int(f.file)
		}
	}
	switch {
	case earlier > 0 && (shown || !r.chance(r.w.cfg.Rates.SecondFile)):
		c.File = earlier
		return
	case p.host && !r.chance(0.2), age < 5, !r.chance(r.w.cfg.Rates.OpenFile):
		return
	case slices.Contains(t.refused, int16(s.org)):
		return
	case person.refusesFile:
		t.refused = append(t.refused, int16(s.org))
		r.emit(s, FileRefused{TruthPerson: person.ID})
		return
	}
	r.files++
	f := r.w.register(r.r, person, s.Point, r.date())
	f.File, f.Language, f.TruthSameOrganisation = r.files, c.Language, earlier
	if person.refusesName {
		r.emit(s, NameRefused{File: f.File, TruthPerson: person.ID})
	}
	t.files = append(t.files, fileOf{int16(s.org), int32(f.File)})
	r.truth.file(f.File, person.ID, s.org)
	c.File = f.File
	r.emit(s, f)
}

// newLineage draws the lineage of a new card and remembers whose it is.
func (r *run) newLineage(person int) uint64 {
	for {
		if l := r.r.Uint64(); l != 0 && r.truth.cards[l] == 0 {
			r.truth.cards[l] = int32(person)
			return l
		}
	}
}

func lineageText(l uint64) string { return fmt.Sprintf("%016x", l) }

func lineageOf(text string) (uint64, bool) {
	var l uint64
	n, err := fmt.Sscanf(strings.TrimSpace(text), "%x", &l)
	return l, err == nil && n == 1
}
