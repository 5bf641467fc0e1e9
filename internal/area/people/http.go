package people

import (
	"context"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/web"
)

// Routes registers the routes of this area.
func (s *Service) Routes(m *web.Mux) {
	web.Post(m, "/api/people", web.May("people.create"), s.postPerson, web.Status(201), web.Summary("Open a file"), web.Offline())
	web.Post(m, "/api/people/search", web.May("people.search"), s.postSearch, web.Summary("Find a file by card, or by name and one fact"))
	web.Post(m, "/api/looks", web.May("people.read"), s.postLooks, web.Status(204), web.Tag("people"), web.Summary("Write down the files that were opened on a device without a network"), web.Offline())
	web.Post(m, "/api/people/rights", web.May("people.copy"), s.postRights, web.Summary("Find the file of somebody who asks for her rights, by card or by its number"))
	web.Get(m, "/api/people/today", web.May("people.read"), s.getToday, web.Summary("Who came to a point today"))
	web.Get(m, "/api/people/{person}", web.May("people.read"), s.getPerson, web.Summary("Open a file to read it"))
	web.Patch(m, "/api/people/{person}", web.May("people.edit"), s.patchPerson, web.Summary("Change a file"), web.Offline())
	web.Get(m, "/api/people/{person}/bases", web.May("people.read"), s.getBases, web.Summary("Why this file, card or sharing is allowed"))
	web.Post(m, "/api/people/{person}/bases", web.May("people.basis"), s.postBasis, web.Status(201), web.Summary("Record consent or another basis"), web.Offline())
	web.Post(m, "/api/people/{person}/bases/{basis}/withdraw", web.May("people.basis"), s.postWithdraw, web.Summary("Withdraw a basis"), web.Offline())
	web.Post(m, "/api/people/{person}/events", web.May("people.edit"), s.postEvent, web.Status(201), web.Summary("Note what happened to somebody"), web.Offline())
	web.Post(m, "/api/people/{person}/companions", web.May("people.edit"), s.postCompanion, web.Status(201), web.Summary("Link two persons who travel together"), web.Offline())
	web.Delete(m, "/api/people/{person}/companions/{other}", web.May("people.edit"), s.deleteCompanion, web.Summary("Leave a companion"), web.Offline())
	web.Get(m, "/api/people/{person}/alike", web.May("people.resolve"), s.getAlike, web.Summary("Files that may be about the same person, three at the most"))
	web.Post(m, "/api/people/{person}/alike", web.May("people.resolve"), s.postAlike, web.Status(201), web.Summary("Say whether two files are about the same person"))
	web.Post(m, "/api/people/{person}/erase", web.May("people.erase"), s.postErase, web.Summary("Erase a person"))
	web.Get(m, "/api/people/{person}/copy", web.May("people.copy"), s.getCopy, web.Summary("The copy that a person may ask for"))
	web.Get(m, "/api/people/{person}/access-log", web.May("people.log"), s.getAccessLog, web.Summary("Who opened this file"))
}

// ageIn is an age as it is sent: on is today when it is left out.
type ageIn struct {
	Low    int       `json:"low"`
	High   int       `json:"high"`
	On     *fact.Day `json:"on,omitempty"`
	Method string    `json:"method"`
	Born   *fact.Day `json:"birth_date,omitempty"`
}

func (a *ageIn) age(today fact.Day) *Age {
	if a == nil {
		return nil
	}
	out := &Age{Low: a.Low, High: a.High, On: today, Method: a.Method, Born: a.Born}
	if a.On != nil {
		out.On = *a.On
	}
	return out
}

type postPersonIn struct {
	Body struct {
		ID          fact.PersonID `json:"id,omitzero"`
		Point       fact.PointRef `json:"point"`
		Name        *Name         `json:"name,omitempty" doc:"Left out, or null, when no name is given"`
		Sex         string        `json:"sex,omitempty" doc:"F, M, X, N or U"`
		Age         *ageIn        `json:"age,omitempty"`
		Born        *fact.Day     `json:"birth_date,omitempty"`
		Languages   []string      `json:"languages,omitempty" maxItems:"50"`
		Interpreter bool          `json:"interpreter,omitempty"`
		Needs       []string      `json:"needs,omitempty" maxItems:"100"`
		Basis       struct {
			ID fact.BasisID `json:"id,omitzero"`
			Given
		} `json:"basis"`
	}
}

func (s *Service) postPerson(ctx context.Context, who access.Actor, in *postPersonIn) (File, error) {
	b := &in.Body
	return s.Open(ctx, who, OpenFile{ID: b.ID, Point: b.Point.ID, Born: b.Born, Basis: b.Basis.Given, BasisID: b.Basis.ID,
		Profile: Profile{Name: b.Name, Sex: b.Sex, Age: b.Age.age(fact.DayOf(s.now().UTC())), Languages: b.Languages, Interpreter: b.Interpreter, Needs: b.Needs}})
}

type personIn struct {
	Person fact.PersonID `path:"person"`
}

func (s *Service) getPerson(ctx context.Context, who access.Actor, in *personIn) (File, error) {
	return s.File(ctx, who, in.Person)
}

// setOrNone is Set for what a person may also not have: null or left out takes the value away.
type setOrNone[T any] struct {
	Value    *T            `json:"value,omitempty"`
	Replaces []fact.FactID `json:"replaces,omitempty" maxItems:"50"`
}

type patchPersonIn struct {
	personIn
	Body struct {
		ID      fact.FactID `json:"id,omitzero"`
		Changes struct {
			Name        *setOrNone[Name]  `json:"name,omitempty"`
			Sex         *Set[string]      `json:"sex,omitempty"`
			Age         *setOrNone[ageIn] `json:"age,omitempty"`
			Languages   *Set[[]string]    `json:"languages,omitempty"`
			Interpreter *Set[bool]        `json:"interpreter,omitempty"`
			NeedsAdd    []string          `json:"needs_add,omitempty" maxItems:"100"`
			NeedsRemove []string          `json:"needs_remove,omitempty" maxItems:"100"`
		} `json:"changes"`
	}
}

func (s *Service) patchPerson(ctx context.Context, who access.Actor, in *patchPersonIn) (File, error) {
	c := in.Body.Changes
	cmd := EditFile{ID: in.Body.ID, Changes: Changes{Sex: c.Sex, Languages: c.Languages, Interpreter: c.Interpreter,
		NeedsAdd: c.NeedsAdd, NeedsRemove: c.NeedsRemove}}
	if c.Name != nil {
		cmd.Changes.Name = &Set[*Name]{c.Name.Value, c.Name.Replaces}
	}
	if c.Age != nil {
		cmd.Changes.Age = &Set[*Age]{c.Age.Value.age(fact.DayOf(s.now().UTC())), c.Age.Replaces}
	}
	return s.Edit(ctx, who, in.Person, cmd)
}

type searchIn struct{ Body Search }

func (s *Service) postSearch(ctx context.Context, who access.Actor, in *searchIn) (Results, error) {
	return s.Search(ctx, who, in.Body)
}

type rightsIn struct {
	Body struct {
		Card   string        `json:"card,omitempty" maxLength:"4096"`
		Person fact.PersonID `json:"person,omitzero"`
	}
}

func (s *Service) postRights(ctx context.Context, who access.Actor, in *rightsIn) (Rights, error) {
	return s.RightsOf(ctx, who, in.Body.Card, in.Body.Person)
}

type todayIn struct {
	Point fact.PointRef `query:"point" required:"true"`
}

type todayOut struct {
	People []Today `json:"people"`
}

func (s *Service) getToday(ctx context.Context, who access.Actor, in *todayIn) (todayOut, error) {
	list, err := s.TodayAt(ctx, who, in.Point.ID)
	return todayOut{list}, err
}

type basesOut struct {
	Bases []Basis `json:"bases"`
}

func (s *Service) getBases(ctx context.Context, who access.Actor, in *personIn) (basesOut, error) {
	list, err := s.Bases(ctx, who, in.Person)
	return basesOut{list}, err
}

type postBasisIn struct {
	personIn
	Body struct {
		ID fact.BasisID `json:"id,omitzero"`
		Given
	}
}

func (s *Service) postBasis(ctx context.Context, who access.Actor, in *postBasisIn) (Basis, error) {
	return s.GiveBasis(ctx, who, in.Person, in.Body.ID, in.Body.Given)
}

type withdrawIn struct {
	personIn
	Basis fact.BasisID `path:"basis"`
	Body  struct {
		How string `json:"how" doc:"spoken, played or written"`
	}
}

func (s *Service) postWithdraw(ctx context.Context, who access.Actor, in *withdrawIn) (Basis, error) {
	return s.Withdraw(ctx, who, in.Person, in.Basis, in.Body.How)
}

type eventIn struct {
	personIn
	Body struct {
		ID   fact.FactID `json:"id,omitzero"`
		Kind string      `json:"kind"`
		On   *fact.Day   `json:"on,omitempty" doc:"Today when left out"`
		Note string      `json:"note,omitempty"`
	}
}

func (s *Service) postEvent(ctx context.Context, who access.Actor, in *eventIn) (File, error) {
	e := Event{Kind: in.Body.Kind, Note: in.Body.Note}
	if in.Body.On != nil {
		e.On = *in.Body.On
	}
	return s.Record(ctx, who, in.Person, in.Body.ID, e)
}

type companionIn struct {
	personIn
	Body struct {
		With     fact.PersonID `json:"with"`
		Relation string        `json:"relation,omitempty"`
	}
}

func (s *Service) postCompanion(ctx context.Context, who access.Actor, in *companionIn) (File, error) {
	return s.Join(ctx, who, in.Person, in.Body.With, in.Body.Relation)
}

type leaveIn struct {
	personIn
	Other fact.PersonID `path:"other"`
}

func (s *Service) deleteCompanion(ctx context.Context, who access.Actor, in *leaveIn) (web.Empty, error) {
	return web.Empty{}, s.Part(ctx, who, in.Person, in.Other)
}

type alikeOut struct {
	Alike []Alike `json:"alike"`
}

func (s *Service) getAlike(ctx context.Context, who access.Actor, in *personIn) (alikeOut, error) {
	list, err := s.AlikeTo(ctx, who, in.Person)
	return alikeOut{list}, err
}

type postAlikeIn struct {
	personIn
	Body struct {
		ID     fact.FactID   `json:"id,omitzero"`
		With   fact.PersonID `json:"with"`
		Answer string        `json:"answer" doc:"same, not_same or unsure; unsure takes an earlier answer back"`
	}
}

func (s *Service) postAlike(ctx context.Context, who access.Actor, in *postAlikeIn) (File, error) {
	return s.Compare(ctx, who, in.Person, in.Body.With, in.Body.ID, in.Body.Answer)
}

type eraseIn struct {
	personIn
	Body struct {
		Reason  string `json:"reason" doc:"person_asked, retention or mistake"`
		Confirm bool   `json:"confirm"`
	}
}

func (s *Service) postErase(ctx context.Context, who access.Actor, in *eraseIn) (Erased, error) {
	return s.Erase(ctx, who, in.Person, in.Body.Reason, in.Body.Confirm)
}

type copyIn struct {
	personIn
	Format string `query:"format" enum:"html,json" default:"html"`
	Lang   string `query:"lang" enum:"en,fr,ar,es" default:"en"`
}

func (s *Service) getCopy(ctx context.Context, who access.Actor, in *copyIn) (web.File, error) {
	return s.Copy(ctx, who, in.Person, in.Format, in.Lang)
}

type accessLogOut struct {
	Entries []AccessEntry `json:"entries"`
}

func (s *Service) getAccessLog(ctx context.Context, who access.Actor, in *personIn) (accessLogOut, error) {
	list, err := s.AccessLog(ctx, who, in.Person)
	return accessLogOut{list}, err
}
