package view

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Ask says what to count. Days are operating days, both ends included.
type Ask struct {
	From, To fact.Day
	By       []string // cuts, in the order of the key
	Scheme   string   // of ages; ifrc when empty
	Headings bool     // sexes under the headings of the scheme in place of their codes
	Point    fact.PointID
	Org      fact.OrgID

	going string // only contacts that named this direction; all when empty
}

// longest is how many days one table may span.
const longest = 3660

// Row is one row of a table.
type Row struct {
	Key      map[string]string `json:"key"`
	Services int64             `json:"services"`
	Quantity *int64            `json:"quantity,omitempty"` // in the service's unit; in tables cut by service
	Contacts int64             `json:"contacts"`
	Persons  Persons           `json:"persons"`
	Unmet    int64             `json:"unmet"`
}

// Totals are counted from all contacts; no column of rows adds up to them but services and unmet.
type Totals struct {
	Services int64   `json:"services"`
	Contacts int64   `json:"contacts"`
	Persons  Persons `json:"persons"`
	Unmet    int64   `json:"unmet"`
}

// Counts is a table of raw counts, for staff who may see them. It is no published table: nothing in it is protected
// against picking out a single person.
type Counts struct {
	From   fact.Day `json:"from"`
	To     fact.Day `json:"to"`
	By     []string `json:"by"`
	Scheme string   `json:"scheme"`
	Rows   []Row    `json:"rows"`
	Totals Totals   `json:"totals"`
	Notes  []string `json:"notes"` // codes of what a reader must know
}

// Notes of a table.
const (
	// NoteRaw stands on every table.
	NoteRaw = "counts.not_for_publication"
	// NoteNobodyAsked: nobody was asked whether this was the first help, so the central value is the high one.
	NoteNobodyAsked = "counts.nobody_was_asked"
	// NoteClosed: people who were erased, or whose key is elsewhere, are in high and not in low (decision 26).
	NoteClosed = "counts.some_are_closed"
	// NoteFewAsked: fewer than thirty answers, so the central value leans on little.
	NoteFewAsked = "counts.few_were_asked"
	// NoteVague: the sex or age of more than a fifth of the contacts is not known well enough for the columns.
	NoteVague = "counts.not_disaggregated_share"
	// NoteSeveralOrganisations: somebody known to two organisations is two people here, in the low value as well.
	NoteSeveralOrganisations = "counts.several_organisations"
	// NoteRequestsOnly: tables by reason count requests alone.
	NoteRequestsOnly = "counts.requests_only"
)

// fewAsked is the number of answers under which NoteFewAsked stands.
const fewAsked = 30

// fewClosed is the number of contacts under which NoteClosed does not stand: it would point at a person.
const fewClosed = 5

// ready checks a question and fills what was left out: the month up to today.
func (a *Ask) ready(today fact.Day) error {
	var bad []error
	if a.To == 0 {
		a.To = today
	}
	if a.From == 0 {
		t := a.To.Time()
		a.From = fact.DayOf(time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC))
	}
	switch {
	case a.From > a.To:
		bad = append(bad, fault.Field("from", "counts.upside_down", "the first day lies after the last; exchange them"))
	case a.To-a.From >= longest:
		bad = append(bad, fault.Fieldf("from", "counts.too_long", "count %d days at most", longest))
	}
	if a.Scheme == "" {
		a.Scheme = "ifrc"
	}
	return errors.Join(bad...)
}

// Count counts the contacts that the actor may count.
func (s *Service) Count(ctx context.Context, who access.Actor, ask Ask) (out Counts, err error) {
	if err := ask.ready(fact.DayOf(s.Now().UTC())); err != nil {
		return Counts{}, err
	}
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = s.count(tx, who, ask)
		return err
	})
	if err != nil {
		return Counts{}, fmt.Errorf("count: %w", err)
	}
	return out, nil
}

// count counts for a question that is ready.
func (s *Service) count(tx *store.Tx, who access.Actor, ask Ask) (Counts, error) {
	cat, err := s.Catalogue.Current(tx)
	if err != nil {
		return Counts{}, err
	}
	scheme, ok := cat.Lists.Scheme(ask.Scheme)
	if !ok {
		return Counts{}, fault.Field("scheme", "counts.unknown_scheme", "choose an age scheme of /api/lists: ifrc, sphere, unhcr, iom or echo")
	}
	known, err := readNames(tx)
	if err != nil {
		return Counts{}, err
	}
	u := &cutter{names: known, scheme: scheme, headings: ask.Headings, sex: cat.Lists.Sex}
	cuts, err := u.cuts(ask.By)
	if err != nil {
		return Counts{}, err
	}
	t := newTable(cuts)
	r := reader{tx: tx, who: who, now: s.Now(), ask: ask, cat: cat, classes: map[string]classed{}}
	if err := r.contacts(t.add); err != nil {
		return Counts{}, err
	}
	if ask.going != "" { // of cards and files nobody knows where their holders went
		t.finish()
		return t.counts(ask), nil
	}
	if err := r.cards(func(o origin) { t.cards = append(t.cards, o) }); err != nil {
		return Counts{}, err
	}
	if err := r.files(func(o origin) { t.files = append(t.files, o) }); err != nil {
		return Counts{}, err
	}
	t.finish()
	return t.counts(ask), nil
}

// counts writes the table down.
func (t *table) counts(ask Ask) Counts {
	out := Counts{From: ask.From, To: ask.To, By: ask.By, Scheme: ask.Scheme, Rows: []Row{}, Notes: []string{NoteRaw}}
	if out.By == nil {
		out.By = []string{}
	}
	oneDay := ask.From == ask.To
	of := rates{share: t.share}
	whole := pool(&t.total, map[key]*cell{{}: &t.total}, oneDay, rates{share: func(*cell) float64 { return 1 }})
	out.Totals = Totals{t.total.services, t.total.contacts, t.total.persons(whole), t.total.unmet}
	of = pool(&t.total, t.rows, oneDay || slices.Contains(ask.By, byDay), of)
	for k, c := range t.rows {
		if len(t.cuts) == 0 {
			break
		}
		row := Row{Key: map[string]string{}, Services: c.services, Contacts: c.contacts, Persons: c.persons(of), Unmet: c.unmet}
		for i, cut := range t.cuts {
			row.Key[cut.name] = t.words[i][k[i]]
		}
		if t.lines && !t.reasons {
			row.Quantity = &c.quantity
		}
		out.Rows = append(out.Rows, row)
	}
	slices.SortFunc(out.Rows, func(a, b Row) int {
		for _, cut := range t.cuts {
			if n := order(a.Key[cut.name], b.Key[cut.name]); n != 0 {
				return n
			}
		}
		return 0
	})
	out.Notes = append(out.Notes, t.notes(out.Rows)...)
	return out
}

// share tells how likely the contact at which somebody was given her card falls into a row: all of them do, unless rows
// are of services.
func (t *table) share(c *cell) float64 {
	if !t.lines {
		return 1
	}
	sum := func(c *cell) (n int64) {
		for _, h := range c.heads {
			n += h
		}
		return n
	}
	if all := sum(&t.total); all > 0 {
		return min(1, float64(sum(c))/float64(all))
	}
	return 1
}

func (t *table) notes(rows []Row) []string {
	var out []string
	switch n := t.total.heads[first] + t.total.leads[first] + t.total.heads[before] + t.total.leads[before]; {
	case t.total.contacts == 0:
	case n == 0:
		out = append(out, NoteNobodyAsked)
	case n < fewAsked:
		out = append(out, NoteFewAsked)
	}
	if t.closed >= fewClosed {
		out = append(out, NoteClosed)
	}
	var vague, all int64
	for _, r := range rows {
		all += r.Contacts
		sex, hasSex := r.Key[bySex]
		age, hasAge := r.Key[byAge]
		if hasAge && age == notDisaggregated || hasSex && slices.Contains([]string{"U", "N", notDisaggregated, "unknown"}, sex) {
			vague += r.Contacts
		}
	}
	if vague*5 > all {
		out = append(out, NoteVague)
	}
	if len(t.orgs) > 1 {
		out = append(out, NoteSeveralOrganisations)
	}
	if t.reasons {
		out = append(out, NoteRequestsOnly)
	}
	return out
}

// order puts ages by their years and everything else by its letters; child, adult and what cannot be told come last.
func order(a, b string) int {
	rank := func(s string) (int, int) {
		switch s {
		case catalogue.Child:
			return 2, 0
		case catalogue.Adult:
			return 2, 1
		case notDisaggregated:
			return 3, 0
		}
		digits := 0
		for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
			digits++
		}
		if digits == 0 || digits > 3 {
			return 1, 0
		}
		n, _ := strconv.Atoi(s[:digits]) // three digits are a number
		return 0, n
	}
	ra, na := rank(a)
	rb, nb := rank(b)
	return cmp.Or(cmp.Compare(ra, rb), cmp.Compare(na, nb), cmp.Compare(a, b))
}
