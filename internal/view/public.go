package view

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"serai/internal/access"
	"serai/internal/area/network"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/lang"
	"serai/internal/store"
	"serai/internal/web"
)

// keep is for how many seconds a public page may be kept: it says what is open now.
const keep = 60

// many is the number of points above which the first page lists countries and asks for one, so that it stays small
// enough to come over a bad line.
const many = 40

// Every page has this frame. What public pages are made of is in this file and week.go, and none of it can hold a count,
// a position, or anything of a person.
type frame struct {
	Lang   lang.Tag
	Dir    string
	Path   string // with what was chosen, for the links to other languages
	Query  string
	Others []tongue
}

type tongue struct {
	Tag  lang.Tag
	Name string
}

// Say returns a sentence in the language of the page.
func (f frame) Say(key string) string { return say(f.Lang, key) }

func newFrame(l lang.Tag, path, query string) frame {
	f := frame{Lang: l, Dir: lang.Dir(l), Path: path, Query: query}
	for _, other := range lang.All {
		if other != l {
			f.Others = append(f.Others, tongue{other, lang.Name(other)})
		}
	}
	return f
}

// help is a point as the public may know it. A coarse one has no code, name and hours: its region has to do.
type help struct {
	Code      string
	Name      string
	Kind      string
	Country   string // code; empty at sea
	Region    string
	Services  []string
	Languages []string
	Open      openness
}

// openness says in words whether a point is open now, and until when.
type openness struct {
	Now  bool
	Text string // empty when nobody said
}

type startPage struct {
	frame
	Country   string
	Intro     string
	Countries []country
	Choose    bool // too many to list before a country is chosen
	Groups    []group
}

type country struct {
	Code, Name string
	Points     int
	Chosen     bool
}

type group struct {
	Name   string
	Points []help
}

type pointPage struct {
	frame
	help
	CountryName string
	Intro       string
	Suspended   bool
	Week        []span
	Women       []span
	Exceptions  []span
	Own         []serviceHours
	Busy        []span
	QR          *qrPicture
}

type serviceHours struct {
	Service string
	Hours   []span
	Women   []span
}

type startIn struct {
	Lang    string `query:"lang" maxLength:"16"`
	Country string `query:"country" maxLength:"8"`
}

// public returns the points of which the public may know anything, and how they are described in l.
func (s *Service) public(ctx context.Context, l lang.Tag) ([]help, *catalogue.Catalogue, error) {
	var cat *catalogue.Catalogue
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		cat, err = s.Catalogue.Current(tx)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	// Nobody asks: what only staff may know is not in the answer.
	all, err := s.Network.Points(ctx, access.Actor{}, network.PointFilter{})
	if err != nil {
		return nil, nil, err
	}
	var out []help
	for i := range all {
		if p := &all[i]; p.State == network.Open {
			if h, ok := describe(p, cat, s.Now(), l); ok {
				out = append(out, h)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b help) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Name, b.Name))
	})
	return out, cat, nil
}

// describe says what the public may know of a point; nothing of a hidden one.
func describe(p *network.PointView, cat *catalogue.Catalogue, now time.Time, l lang.Tag) (help, bool) {
	if p.Visibility != network.Full && p.Visibility != network.Coarse {
		return help{}, false
	}
	h := help{Kind: say(l, "public.kind."+p.Kind), Country: p.Country}
	if p.Place != nil && p.Mobility != network.AtSea {
		h.Region = p.Place.Admin1
	}
	for _, sv := range p.Services {
		if known, ok := cat.Service(sv.Code); ok && !known.Hidden {
			h.Services = append(h.Services, known.Labels.In(string(l)))
		}
	}
	for _, code := range p.Languages {
		h.Languages = append(h.Languages, languageName(code, l))
	}
	if p.Visibility == network.Full {
		h.Code, h.Name, h.Open = p.Code, p.Name, opens(p, now, l)
	}
	return h, true
}

func opens(p *network.PointView, now time.Time, l lang.Tag) openness {
	switch {
	case p.OpenNow == nil:
		return openness{}
	case p.OpenUntil == nil:
		return openness{*p.OpenNow, say(l, map[bool]string{true: "public.open", false: "public.closed"}[*p.OpenNow])}
	}
	until := p.OpenUntil.In(zone(p))
	clock := lang.Clock(until)
	if fact.DayOf(until) != fact.DayOf(now.In(zone(p))) {
		clock = lang.Weekday(l, until.Weekday()) + " " + clock
	}
	key := "public.closed_until"
	if *p.OpenNow {
		key = "public.open_until"
	}
	return openness{*p.OpenNow, strings.ReplaceAll(say(l, key), "{when}", clock)}
}

func zone(p *network.PointView) *time.Location {
	if z, err := time.LoadLocation(p.TimeZone); err == nil {
		return z
	}
	return time.UTC
}

func (s *Service) start(ctx context.Context, _ access.Actor, in *startIn) (web.HTML, error) {
	l := web.Lang(ctx)
	all, cat, err := s.public(ctx, l)
	if err != nil {
		return web.HTML{}, fmt.Errorf("first page: %w", err)
	}
	page := startPage{Intro: cat.Lists.Consent[string(l)].First.Text}
	byCountry := map[string][]help{}
	for _, h := range all {
		byCountry[h.Country] = append(byCountry[h.Country], h)
	}
	for code, points := range byCountry {
		c := country{Code: cmp.Or(code, atSea), Name: countryName(code, l), Points: len(points)}
		c.Chosen = c.Code == in.Country
		if c.Chosen {
			page.Country = c.Code
		}
		page.Countries = append(page.Countries, c)
	}
	slices.SortFunc(page.Countries, func(a, b country) int { return cmp.Compare(a.Name, b.Name) })
	query := ""
	if page.Country != "" {
		query = "&country=" + page.Country
	}
	page.frame = newFrame(l, "/", query)
	page.Choose = page.Country == "" && len(all) > many
	for _, c := range page.Countries {
		if !page.Choose && (page.Country == "" || c.Chosen) {
			code := c.Code
			if code == atSea {
				code = ""
			}
			page.Groups = append(page.Groups, group{c.Name, byCountry[code]})
		}
	}
	return render(l, "start.html", page)
}

// atSea stands for the country of ships.
const atSea = "sea"

type publicPointIn struct {
	Point fact.PointRef `path:"code"`
	Lang  string        `query:"lang" maxLength:"16"`
}

var errNoPoint = fault.NotFound("view.no_point", "there is no such point")

func (s *Service) point(ctx context.Context, _ access.Actor, in *publicPointIn) (web.HTML, error) {
	l := web.Lang(ctx)
	var cat *catalogue.Catalogue
	if err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		cat, err = s.Catalogue.Current(tx)
		return err
	}); err != nil {
		return web.HTML{}, fmt.Errorf("page of a point: %w", err)
	}
	p, err := s.Network.Point(ctx, access.Actor{}, in.Point.ID)
	switch {
	case fault.Of(err) == fault.ClassNotFound:
		return web.HTML{}, errNoPoint
	case err != nil:
		return web.HTML{}, fmt.Errorf("page of a point: %w", err)
	case p.Visibility != network.Full || p.State != network.Open && p.State != network.Suspended:
		return web.HTML{}, errNoPoint // and nobody learns that it is there
	}
	h, _ := describe(&p, cat, s.Now(), l)
	now := s.Now().In(zone(&p))
	page := pointPage{frame: newFrame(l, "/points/"+p.Code, ""), help: h, CountryName: countryName(p.Country, l),
		Intro: cat.Lists.Consent[string(l)].First.Text, Suspended: p.State == network.Suspended,
		Week: week(p.Hours, now, l), Women: week(p.WomenHours, now, l), Busy: week(p.Busy, now, l), Exceptions: exceptions(p.Exceptions, now, l)}
	for _, sv := range p.Services {
		known, ok := cat.Service(sv.Code)
		if !ok || known.Hidden || sv.Hours == "" && sv.WomenHours == "" {
			continue
		}
		page.Own = append(page.Own, serviceHours{known.Labels.In(string(l)), week(sv.Hours, now, l), week(sv.WomenHours, now, l)})
	}
	if s.Site != "" {
		if page.QR, err = drawQR(strings.TrimSuffix(s.Site, "/") + "/points/" + p.Code); err != nil {
			return web.HTML{}, fmt.Errorf("page of a point: %w", err)
		}
	}
	return render(l, "point.html", page)
}

// leave is where somebody goes who must not be seen reading. It says nothing and is kept nowhere.
func (s *Service) leave(ctx context.Context, _ access.Actor, _ *struct{}) (web.HTML, error) {
	l := web.Lang(ctx)
	out, err := render(l, "leave.html", newFrame(l, "/leave", ""))
	out.MaxAge = 0
	return out, err
}

func render(l lang.Tag, name string, data any) (web.HTML, error) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		return web.HTML{}, fmt.Errorf("page %s: %w", name, err)
	}
	return web.HTML{Lang: l, Body: b.Bytes(), MaxAge: keep}, nil
}
