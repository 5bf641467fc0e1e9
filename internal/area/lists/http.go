package lists

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/web"
)

// Routes is the table of contents of this area.
func (s *Service) Routes(m *web.Mux) {
	read, edit := web.May("lists.read"), web.May("lists.edit")
	web.Get(m, "/api/services", read, s.getServices, web.Summary("The service catalogue"))
	web.Post(m, "/api/services", edit, s.postService, web.Status(201), web.Summary("Add a local service"))
	web.Patch(m, "/api/services/{code}", edit, s.patchService, web.Summary("Change labels, hiding or the usual interval of a service"))
	web.Get(m, "/api/lists", read, s.getLists, web.Summary("Every list that screens offer"))
	web.Patch(m, "/api/lists/{list}/{code}", edit, s.patchTerm, web.Summary("Change labels or hiding of a row"))
	s.audioRoutes(m)
}

// serviceView is a service in an answer: what is nothing is said, since a client branches on it.
type serviceView struct {
	Code   string              `json:"code"`
	Family string              `json:"family"`
	Labels catalogue.Labels    `json:"labels"`
	Sector string              `json:"sector"`
	Unit   string              `json:"unit"`
	Seen   catalogue.Class     `json:"seen" enum:"O,H,S" doc:"O staff of the point, H staff of that service, S a sealed team"`
	Card   uint16              `json:"card" doc:"Number on assistance cards; 0: never on a card"`
	Asks   *catalogue.Interval `json:"asks" doc:"When a repeat raises a question; null: never"`
	Local  bool                `json:"local,omitempty"`
	Hidden bool                `json:"hidden,omitempty"`
}

func viewService(c catalogue.Service) serviceView {
	return serviceView{c.Code, c.Family, c.Labels, c.Sector, c.Unit, c.Seen, c.Card, c.Asks, c.Local, c.Hidden}
}

type servicesOut struct {
	Version  string        `json:"version"`
	Services []serviceView `json:"services"`
}

type nothing struct{}

func (s *Service) getServices(ctx context.Context, _ access.Actor, _ *nothing) (servicesOut, error) {
	c, err := s.shown(ctx)
	if err != nil {
		return servicesOut{}, err
	}
	out := servicesOut{Version: c.Version, Services: make([]serviceView, len(c.Services))}
	for i := range c.Services {
		out.Services[i] = viewService(c.Services[i])
	}
	return out, nil
}

// shown returns the catalogue as edited, for a request that writes nothing.
func (s *Service) shown(ctx context.Context) (c *catalogue.Catalogue, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		c, err = s.Current(tx)
		return err
	})
	return c, err
}

// schemeView is an age scheme in an answer.
type schemeView struct {
	Code  string     `json:"code"`
	Label string     `json:"label"`
	Bands []bandView `json:"bands"`
}

// bandView is a band of full years, both ends included.
type bandView struct {
	Code  string `json:"code"`
	Label string `json:"label"`
	Low   int    `json:"low"`
	High  int    `json:"high" doc:"130 when the band is open"`
}

func viewScheme(s catalogue.Scheme) schemeView {
	out := schemeView{Code: s.Code, Label: s.Name, Bands: []bandView{}}
	for _, code := range s.Bands {
		b := bandView{Code: code, Label: strings.ReplaceAll(code, "-", "–")}
		switch first, last, ranged := strings.Cut(code, "-"); {
		case ranged:
			b.Low, b.High = years(first), years(last)
		case strings.HasSuffix(code, "+"):
			b.Low, b.High = years(strings.TrimSuffix(code, "+")), catalogue.AgeMax
		default:
			b.Low, b.High = years(code), years(code)
		}
		out.Bands = append(out.Bands, b)
	}
	return out
}

// years reads a number that package catalogue wrote.
func years(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

//go:embed words.json
var wordsJSON []byte

// words are lists that no rule of the catalogue speaks of: languages that people speak on the routes, and life events.
type words struct {
	Languages  []catalogue.Term `json:"languages"`
	LifeEvents []catalogue.Term `json:"life_events"`
}

var shippedWords = sync.OnceValue(func() (w words) {
	if err := json.Unmarshal(wordsJSON, &w); err != nil {
		panic("lists: words.json: " + err.Error()) // compiled in and held by a test
	}
	return w
})

// listsOut is every list that screens offer. Entries and schemes go by their short names; the shipped lists are named as
// package catalogue names them.
type listsOut struct {
	Version        string                           `json:"version"`
	Needs          []catalogue.Need                 `json:"needs"`
	Groups         []catalogue.Group                `json:"groups"`
	GroupDetails   []catalogue.Term                 `json:"group_details"`
	Stages         []catalogue.Stage                `json:"stages"`
	Directions     []catalogue.Term                 `json:"directions"`
	ArrivalKinds   []catalogue.Term                 `json:"arrival_kinds"`
	Reasons        []catalogue.Term                 `json:"reasons"`
	Bases          []catalogue.Term                 `json:"bases"`
	ConsentAnswers []catalogue.Term                 `json:"consent_answers"`
	Sexes          []catalogue.Sex                  `json:"sexes"`
	Disabilities   []catalogue.Term                 `json:"disabilities"`
	Repeats        []catalogue.Term                 `json:"repeats"`
	Entries        []catalogue.Term                 `json:"entries"`
	AgeMethods     []catalogue.Term                 `json:"age_methods"`
	TallyButtons   []catalogue.TallyButton          `json:"tally_buttons"`
	AgeAtoms       []catalogue.AgeAtom              `json:"age_atoms"`
	AgeSplits      []catalogue.Term                 `json:"age_splits"`
	Schemes        []schemeView                     `json:"schemes"`
	LifeEvents     []catalogue.Term                 `json:"life_events"`
	Languages      []catalogue.Term                 `json:"languages"`
	Consent        map[string]catalogue.ConsentText `json:"consent"`
	Items          []catalogue.Term                 `json:"items"`
	StockMoves     []catalogue.Term                 `json:"stock_moves"`
	Kits           []catalogue.Kit                  `json:"kits"`
	Sectors        []catalogue.Term                 `json:"sectors"`
	Units          []catalogue.Term                 `json:"units"`
}

func (s *Service) getLists(ctx context.Context, _ access.Actor, _ *nothing) (listsOut, error) {
	c, err := s.shown(ctx)
	if err != nil {
		return listsOut{}, err
	}
	l, w := c.Lists, shippedWords()
	out := listsOut{Version: c.Version, Needs: l.Needs, Groups: l.Groups, GroupDetails: l.GroupDetails, Stages: l.Stages, Directions: l.Directions,
		ArrivalKinds: l.ArrivalKinds, Reasons: l.Reasons, Bases: l.Bases, ConsentAnswers: l.ConsentAnswers, Sexes: l.Sexes,
		Disabilities: l.Disabilities, Repeats: l.Repeats, Entries: l.EntryModes, AgeMethods: l.AgeMethods, TallyButtons: l.TallyButtons,
		AgeAtoms: l.AgeAtoms, AgeSplits: l.AgeSplits, LifeEvents: w.LifeEvents, Languages: w.Languages, Consent: l.Consent, Items: l.Items,
		StockMoves: l.StockMoves, Kits: l.Kits, Sectors: l.Sectors, Units: l.Units}
	for _, scheme := range l.AgeSchemes {
		out.Schemes = append(out.Schemes, viewScheme(scheme))
	}
	return out, nil
}

type postServiceIn struct {
	Body struct {
		ID     fact.FactID         `json:"id,omitzero"`
		Code   string              `json:"code" doc:"family.local_name or local.name"`
		Family string              `json:"family,omitempty" doc:"the part of the code before the dot"`
		Labels catalogue.Labels    `json:"labels"`
		Sector string              `json:"sector"`
		Unit   string              `json:"unit"`
		Seen   catalogue.Class     `json:"seen" enum:"O,H,S"`
		Asks   *catalogue.Interval `json:"asks,omitempty"`
	}
}

func (s *Service) postService(ctx context.Context, who access.Actor, in *postServiceIn) (serviceView, error) {
	b := &in.Body
	if family, _, _ := strings.Cut(b.Code, "."); b.Family != "" && b.Family != family {
		return serviceView{}, fault.Field("family", "lists.other_family", "the family is the part of the code before the dot")
	}
	return s.service(ctx, who, b.ID, catalogue.Edit{Code: b.Code, Add: true, Labels: b.Labels, Sector: &b.Sector, Unit: &b.Unit, Seen: &b.Seen, Asks: b.Asks})
}

type patchServiceIn struct {
	Code string `path:"code" maxLength:"80"`
	Body struct {
		ID     fact.FactID         `json:"id,omitzero"`
		Labels catalogue.Labels    `json:"labels,omitempty"`
		Hidden *bool               `json:"hidden,omitempty"`
		Asks   *catalogue.Interval `json:"asks,omitempty"`
		NoAsks bool                `json:"no_asks,omitempty" doc:"a repeat raises no question any more"`
	}
}

func (s *Service) patchService(ctx context.Context, who access.Actor, in *patchServiceIn) (serviceView, error) {
	b := &in.Body
	return s.service(ctx, who, b.ID, catalogue.Edit{Code: in.Code, Labels: b.Labels, Hidden: b.Hidden, Asks: b.Asks, NoAsks: b.NoAsks})
}

func (s *Service) service(ctx context.Context, who access.Actor, id fact.FactID, e catalogue.Edit) (serviceView, error) {
	c, err := s.Edit(ctx, who, id, e)
	if err != nil {
		return serviceView{}, err
	}
	row, _ := c.Service(e.Code)
	return viewService(row), nil
}

type patchTermIn struct {
	List string `path:"list" maxLength:"40"`
	Code string `path:"code" maxLength:"80"`
	Body struct {
		ID     fact.FactID      `json:"id,omitzero"`
		Labels catalogue.Labels `json:"labels,omitempty"`
		Hidden *bool            `json:"hidden,omitempty"`
	}
}

func (s *Service) patchTerm(ctx context.Context, who access.Actor, in *patchTermIn) (catalogue.Term, error) {
	c, err := s.Edit(ctx, who, in.Body.ID, catalogue.Edit{List: in.List, Code: in.Code, Labels: in.Body.Labels, Hidden: in.Body.Hidden})
	if err != nil {
		return catalogue.Term{}, err
	}
	if in.List == catalogue.ListServices {
		row, _ := c.Service(in.Code)
		return row.Term, nil
	}
	t, _ := c.Lists.Term(in.List, in.Code)
	return t, nil
}

// ofOne takes the number of the edit out of the names of fields: here there is only one.
func ofOne(err error) error {
	var out []error
	for _, f := range fault.All(err) {
		g := *f
		g.Field = strings.TrimPrefix(g.Field, "0.")
		out = append(out, &g)
	}
	if out == nil {
		return err
	}
	return errors.Join(out...)
}
