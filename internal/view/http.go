package view

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/lang"
	"serai/internal/web"
)

// Routes puts the routes of the views on m.
func (s *Service) Routes(m *web.Mux) {
	if s.People != nil {
		web.Get(m, "/api/people/{person}/history", web.May("assist.read"), s.getHistory, web.Tag("people"), web.Summary("What somebody had already, and asked for in vain"))
	}
	if s.Files != nil && s.Network != nil {
		web.Get(m, "/api/share", web.May("people.read"), s.getShare, web.Tag("people"), web.Summary("What a device may keep for the worker at a point, encrypted, for when there is no network"))
	}
	if s.Network != nil {
		web.Get(m, "/{$}", web.Public(), s.start)
		web.Get(m, "/points/{code}", web.Public(), s.point)
		web.Get(m, "/leave", web.Public(), s.leave)
		web.Get(m, "/api/board", web.May("network.read"), s.getBoard, web.Summary("One route as it stands: its points in order, open or closed, last heard; with figures for those who may count"))
	}
	m.Handle(http.MethodGet, "/public.css", http.HandlerFunc(style))
	web.Get(m, "/api/counts", web.May("counts.read"), s.getCounts, web.Summary("Services, contacts, persons and unmet requests, cut as you like"))
	web.Get(m, "/api/counts.csv", web.May("counts.read"), s.getCountsCSV, web.Tag("counts"), web.Summary("The same table as a file"))
	web.Get(m, "/print/counts", web.May("counts.read"), s.printCounts, web.Tag("counts"), web.Summary("The same table to print"))
}

type countsIn struct {
	From         fact.Day      `query:"from" doc:"The first operating day; left out: the first of the month"`
	To           fact.Day      `query:"to" doc:"The last operating day; left out: today"`
	By           []string      `query:"by" maxItems:"5" doc:"day, month, point, pcode, organisation, project, service, sex, age, disability, group, stage, reason"`
	Scheme       string        `query:"scheme" maxLength:"20" doc:"Age scheme: ifrc, sphere, unhcr, iom, echo"`
	Headings     bool          `query:"headings" doc:"Sexes under the headings of the scheme"`
	Point        fact.PointRef `query:"point"`
	Organisation string        `query:"organisation" maxLength:"36" doc:"Id or code"`
	Lang         string        `query:"lang" maxLength:"16" doc:"Of the page to print"`
}

func (in *countsIn) ask() (Ask, error) {
	a := Ask{From: in.From, To: in.To, By: in.By, Scheme: in.Scheme, Headings: in.Headings, Point: in.Point.ID}
	switch {
	case len(in.Organisation) == 36:
		if err := a.Org.UnmarshalText([]byte(in.Organisation)); err != nil {
			return a, err
		}
	case in.Organisation != "":
		a.Org = fact.OrgByCode(in.Organisation)
	}
	return a, nil
}

type historyIn struct {
	Person fact.PersonID `path:"person"`
}

func (s *Service) getHistory(ctx context.Context, who access.Actor, in *historyIn) (History, error) {
	return s.History(ctx, who, in.Person)
}

type shareIn struct {
	Point fact.PointRef `query:"point" required:"true"`
	Since time.Time     `query:"since" doc:"at of an earlier answer: only what changed after it"`
	Next  fact.PersonID `query:"next" doc:"next of the page before"`
}

func (s *Service) getShare(ctx context.Context, who access.Actor, in *shareIn) (Share, error) {
	return s.ShareFor(ctx, who, in.Point.ID, in.Since, in.Next)
}

type boardIn struct {
	Route    string `query:"route" maxLength:"40" doc:"Id or code; left out: a route of the caller's own points"`
	Reversed bool   `query:"reversed" doc:"travelled the other way"`
}

func (s *Service) getBoard(ctx context.Context, who access.Actor, in *boardIn) (Board, error) {
	return s.Board(ctx, who, in.Route, in.Reversed)
}

func (s *Service) getCounts(ctx context.Context, who access.Actor, in *countsIn) (Counts, error) {
	ask, err := in.ask()
	if err != nil {
		return Counts{}, err
	}
	return s.Count(ctx, who, ask)
}

func (s *Service) getCountsCSV(ctx context.Context, who access.Actor, in *countsIn) (web.File, error) {
	c, err := s.getCounts(ctx, who, in)
	if err != nil {
		return web.File{}, err
	}
	data, err := c.CSV()
	return web.File{Name: "counts-" + c.From.String() + "-" + c.To.String() + ".csv", Type: "text/csv; charset=utf-8", Data: data}, err
}

// measures are the columns after the key.
func (c Counts) measures() []string {
	return []string{"services", "quantity", "contacts", "persons_low", "persons_central", "persons_high", "unmet"}
}

func numbers(services int64, quantity *int64, contacts int64, p Persons, unmet int64) []string {
	q := ""
	if quantity != nil {
		q = strconv.FormatInt(*quantity, 10)
	}
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	return []string{n(services), q, n(contacts), n(p.Low), n(p.Central), n(p.High), n(unmet)}
}

// CSV writes the table with a byte order mark, so that office programs read it as UTF-8, a total and the notes. Cells
// that such a program would run as a formula begin with an apostrophe.
func (c Counts) CSV() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	line := func(key, cells []string) error {
		all := make([]string, 0, len(key)+len(cells))
		for _, s := range append(append(all, key...), cells...) {
			all = append(all, harmless(s))
		}
		return w.Write(all)
	}
	if err := line(append([]string{"from", "to"}, c.By...), append(c.measures(), "notes")); err != nil {
		return nil, err
	}
	period := []string{c.From.String(), c.To.String()}
	for _, r := range c.Rows {
		key := period
		for _, by := range c.By {
			key = append(key, r.Key[by])
		}
		if err := line(key, append(numbers(r.Services, r.Quantity, r.Contacts, r.Persons, r.Unmet), "")); err != nil {
			return nil, err
		}
	}
	key := period
	for range c.By {
		key = append(key, "total")
	}
	t := c.Totals
	if err := line(key, append(numbers(t.Services, nil, t.Contacts, t.Persons, t.Unmet), strings.Join(c.Notes, " "))); err != nil {
		return nil, err
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// harmless keeps office programs from running a cell as a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// words are the sentences of the printed table in one language.
type printed struct {
	Counts
	Lang  lang.Tag
	Dir   string
	Title string
	Head  []string
	Lines [][]string
	Total []string
	Said  []string
}

func (s *Service) printCounts(ctx context.Context, who access.Actor, in *countsIn) (web.HTML, error) {
	c, err := s.getCounts(ctx, who, in)
	if err != nil {
		return web.HTML{}, err
	}
	l, ok := lang.Parse(in.Lang)
	if !ok {
		l = web.Lang(ctx)
	}
	say := func(key string) string { return say(l, key) }
	p := printed{Counts: c, Lang: l, Dir: lang.Dir(l), Title: fmt.Sprintf("%s, %s – %s", say("counts.title"), lang.Date(l, c.From), lang.Date(l, c.To))}
	for _, by := range c.By {
		p.Head = append(p.Head, say("counts.cut."+by))
	}
	for _, m := range c.measures() {
		p.Head = append(p.Head, say("counts."+m))
	}
	for _, r := range c.Rows {
		var cells []string
		for _, by := range c.By {
			cells = append(cells, r.Key[by])
		}
		p.Lines = append(p.Lines, append(cells, numbers(r.Services, r.Quantity, r.Contacts, r.Persons, r.Unmet)...))
	}
	for range c.By {
		p.Total = append(p.Total, say("counts.total"))
	}
	p.Total = append(p.Total, numbers(c.Totals.Services, nil, c.Totals.Contacts, c.Totals.Persons, c.Totals.Unmet)...)
	for _, n := range c.Notes {
		p.Said = append(p.Said, say(n))
	}
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "counts.html", p); err != nil {
		return web.HTML{}, fmt.Errorf("print counts: %w", err)
	}
	return web.HTML{Lang: l, Body: b.Bytes()}, nil
}
