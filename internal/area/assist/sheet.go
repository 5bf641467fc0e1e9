package assist

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Sheet is a paper tally sheet as it is entered afterwards: strokes in a table of services by button.
type Sheet struct {
	ID     fact.FactID
	Point  fact.PointID
	Day    fact.Day
	People map[string]int // button -> people seen; where a button is missing, its largest row
	Rows   []Stroke
	Asked  []Asked
	Number string // of the sheet, as printed on it
}

// Stroke is one cell of a sheet: how many people of a button had a service.
type Stroke struct {
	Button  string `json:"button"`
	Service string `json:"service"`
	Count   int    `json:"count" minimum:"0" maximum:"2000"`
}

// SheetDone says what became of a sheet.
type SheetDone struct {
	Contacts int `json:"contacts"`
	Services int `json:"services"`
}

// layer is a number of people of one button who had the same services.
type layer struct {
	button   string
	n        int
	services []Given
}

// layers splits the strokes of a button into groups of people who had the same, so that both the people and every
// service are counted exactly. Ten women, ten meals and seven litres of water are seven with both and three with a
// meal; more cannot be known from strokes, and nothing more is claimed.
func layers(button string, people int, strokes []Stroke) []layer {
	rows := slices.Clone(strokes)
	slices.SortStableFunc(rows, func(a, b Stroke) int { return cmp.Compare(a.Count, b.Count) })
	if len(rows) > 0 {
		people = max(people, rows[len(rows)-1].Count)
	}
	var out []layer
	done := 0
	for i := range rows {
		if n := rows[i].Count - done; n > 0 {
			l := layer{button: button, n: n}
			for _, r := range rows[i:] {
				l.services = append(l.services, Given{Code: r.Service, Quantity: 1})
			}
			out = append(out, l)
			done = rows[i].Count
		}
	}
	if people > done {
		out = append(out, layer{button: button, n: people - done})
	}
	return out
}

// EnterSheet records a paper sheet in one transaction: all of it or nothing.
func (s *Service) EnterSheet(ctx context.Context, who access.Actor, sheet Sheet) (done SheetDone, err error) {
	_, replayed, err := s.Journal.Do(ctx, who.Handle, sheet.ID, func(tx *store.Tx) ([]fact.FactID, error) {
		done = SheetDone{}
		at, err := s.place(tx, who, "assist.bulk", sheet.Point)
		if err != nil {
			return nil, err
		}
		cat, err := s.Catalogue.Current(tx)
		if err != nil {
			return nil, err
		}
		// Noon of the day stands for a time that nobody wrote down.
		happened := time.Date(1970, 1, 1+int(sheet.Day), 12, 0, 0, 0, at.Zone)
		if sheet.Day == today(at, s.Now()) {
			happened = s.Now()
		}
		health := who.May("assist.health", access.Resource{Org: at.Org, Point: at.ID}, s.Now())
		all, err := sheet.decide(cat)
		if err != nil {
			return nil, err
		}
		if len(all) == 0 { // requests alone: whoever asked was counted where she was served
			open, err := Record{Happened: happened, Sex: "U", Asked: sheet.Asked, Entry: "paper"}.Decide(at, cat, s.Now())
			if err != nil {
				return nil, err
			}
			for i, a := range sheet.Asked { // a single person's contact counts one request; a sheet counts many
				open.Asked[i].N = max(a.N, 1)
			}
			open.Heads[0].N, open.Sheet = 0, sheet.Number
			return s.Journal.Append(tx, Recorded.New(sheet.ID, fact.ScopeOrg(at.Org), who.Handle, open))
		}
		var ids []fact.FactID
		for i, l := range all {
			cmd := Record{Happened: happened, Tally: map[string]int{l.button: l.n}, Services: l.services, Entry: "paper", Health: health}
			if i == 0 {
				cmd.Asked = sheet.Asked
			}
			open, err := cmd.Decide(at, cat, s.Now())
			if err != nil {
				return nil, err
			}
			open.Sheet = sheet.Number
			id := fact.FactID{}
			if i == 0 {
				id = sheet.ID
			}
			more, err := s.Journal.Append(tx, Recorded.New(id, fact.ScopeOrg(at.Org), who.Handle, open))
			if err != nil {
				return nil, err
			}
			ids = append(ids, more...)
			done.Contacts += l.n
			done.Services += l.n * len(l.services)
		}
		return ids, nil
	})
	if err != nil {
		return SheetDone{}, fmt.Errorf("enter tally sheet: %w", err)
	}
	if replayed {
		all, err := sheet.decide(catalogue.Base())
		if err != nil {
			return SheetDone{}, err
		}
		for _, l := range all {
			done.Contacts += l.n
			done.Services += l.n * len(l.services)
		}
	}
	return done, nil
}

// sheetNumber bounds what stands in the open part: enough to find the paper again, too little for a person.
var sheetNumber = regexp.MustCompile(`^[A-Za-z0-9./#-]{0,20}$`)

// decide turns the cells into layers, in the order of the buttons.
func (sheet Sheet) decide(cat *catalogue.Catalogue) ([]layer, error) {
	var bad []error
	if !sheetNumber.MatchString(sheet.Number) {
		bad = append(bad, fault.Field("sheet_no", "assist.bad_sheet_number", "the number of a sheet has at most 20 letters, digits and . / # -; no names"))
	}
	strokes := map[string][]Stroke{}
	for i, r := range sheet.Rows {
		field := fmt.Sprintf("rows.%d", i)
		if _, ok := cat.Lists.TallyButton(r.Button); !ok {
			bad = append(bad, fault.Field(field+".button", "assist.unknown_button", "a sheet has the columns girl, boy, woman, man, ... of /api/lists"))
		}
		if r.Count < 0 || r.Count > headsMost {
			bad = append(bad, fault.Fieldf(field+".count", "assist.bad_number", "a number is 0 to %d", headsMost))
		}
		if slices.ContainsFunc(strokes[r.Button], func(o Stroke) bool { return o.Service == r.Service }) {
			bad = append(bad, fault.Field(field, "assist.service_twice", "this cell of the sheet stands there already; add the strokes"))
		}
		if r.Count > 0 {
			strokes[r.Button] = append(strokes[r.Button], r)
		}
	}
	if err := errors.Join(bad...); err != nil {
		return nil, err
	}
	var all []layer
	for _, b := range cat.Lists.TallyButtons {
		all = append(all, layers(b.Code, sheet.People[b.Code], strokes[b.Code])...)
	}
	for code := range sheet.People {
		if _, ok := cat.Lists.TallyButton(code); !ok {
			return nil, fault.Field("people", "assist.unknown_button", "a sheet has the columns girl, boy, woman, man, ... of /api/lists")
		}
	}
	if len(all) == 0 && len(sheet.Asked) == 0 {
		return nil, fault.Field("rows", "assist.nothing_recorded", "the sheet is empty")
	}
	return all, nil
}
