package assist

import (
	"context"
	"time"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/web"
)

// Routes puts the area's routes on m.
func (s *Service) Routes(m *web.Mux) {
	web.Post(m, "/api/contacts", web.May("assist.record"), s.postContact, web.Status(201), web.Summary("Record a contact: services given and asked for, about a file, a card, or nobody"), web.Offline())
	web.Get(m, "/api/contacts", web.May("assist.read"), s.getContacts, web.Summary("The contacts of a point on an operating day"))
	web.Get(m, "/api/contacts/{contact}", web.May("assist.record"), s.getContact, web.Summary("One contact"))
	web.Post(m, "/api/contacts/{contact}/corrections", web.May("assist.correct"), s.postCorrection, web.Status(201), web.Summary("Correct a contact; the original stays"), web.Offline())
	web.Post(m, "/api/contacts/{contact}/undo", web.May("assist.correct"), s.postUndo, web.Summary("Take a contact back"), web.Offline())
	web.Post(m, "/api/arrivals", web.May("assist.bulk"), s.postArrival, web.Status(201), web.Summary("Record an arrival of many at once"), web.Offline())
	web.Get(m, "/api/arrivals", web.May("assist.read"), s.getArrivals, web.Summary("The arrivals of a point on an operating day"))
	web.Post(m, "/api/arrivals/{arrival}/link", web.May("assist.record"), s.postLink, web.Summary("Say that contacts belong to an arrival"), web.Offline())
	web.Post(m, "/api/tally-sheets", web.May("assist.bulk"), s.postSheet, web.Status(201), web.Summary("Enter a paper tally sheet"), web.Offline())
	web.Get(m, "/print/tally-sheet", web.May("assist.record"), s.printSheet, web.Summary("A tally sheet to print"))
	web.Post(m, "/api/sealed-tallies", web.May("assist.sealed"), s.postSealed, web.Status(201), web.Summary("Count services of class S of a month, about nobody"), web.Offline())
	web.Get(m, "/api/sealed-counts", web.May("assist.sealed_counts"), s.getSealed, web.Summary("Monthly numbers of services of class S"))
}

type ageBody struct {
	Low  int `json:"low" minimum:"0" maximum:"130"`
	High int `json:"high" minimum:"0" maximum:"130"`
}

type postContactIn struct {
	Body struct {
		ID       fact.ContactID `json:"id,omitzero"`
		Point    fact.PointRef  `json:"point"`
		Happened time.Time      `json:"happened,omitzero"`
		Person   fact.PersonID  `json:"person,omitzero"`
		Card     string         `json:"card,omitempty" maxLength:"700"`
		Handle   fact.PersonID  `json:"lineage_handle,omitzero"`
		Tally    *struct {
			Buttons map[string]int `json:"buttons"`
		} `json:"tally,omitempty"`
		Group      string         `json:"group,omitempty" maxLength:"40"`
		Stage      string         `json:"stage,omitempty" maxLength:"40"`
		Direction  string         `json:"direction,omitempty" maxLength:"40"`
		Disability string         `json:"disability,omitempty" maxLength:"40"`
		Repeat     string         `json:"repeat,omitempty" maxLength:"40"`
		Project    fact.ProjectID `json:"project,omitzero"`
		Entry      string         `json:"entry,omitempty" maxLength:"40"`
		Sex        string         `json:"sex,omitempty" maxLength:"1"`
		Age        *ageBody       `json:"age,omitempty"`
		Services   []Given        `json:"services,omitempty" maxItems:"60"`
		Asked      []Asked        `json:"asked,omitempty" maxItems:"60"`
		Arrival    fact.ArrivalID `json:"arrival,omitzero"`
		Persons    int            `json:"for_persons,omitempty"`
	}
}

func (s *Service) postContact(ctx context.Context, who access.Actor, in *postContactIn) (Contact, error) {
	b := &in.Body
	cmd := RecordInput{
		Point: b.Point.ID, Person: b.Person, Card: b.Card,
		Record: Record{
			ID: b.ID, Happened: b.Happened, Persons: b.Persons, Sex: b.Sex, Group: b.Group, Stage: b.Stage, Direction: b.Direction,
			Disability: b.Disability, Repeat: b.Repeat, Project: b.Project, Entry: b.Entry, Arrival: b.Arrival, Services: b.Services, Asked: b.Asked,
		},
	}
	if cmd.Person.IsZero() {
		cmd.Person = b.Handle
	}
	if b.Tally != nil {
		cmd.Tally = b.Tally.Buttons
	}
	if b.Age != nil {
		cmd.Age = &catalogue.Age{Low: b.Age.Low, High: b.Age.High}
	}
	return s.Record(ctx, who, cmd)
}

type dayIn struct {
	Point fact.PointRef `query:"point" required:"true"`
	Day   fact.Day      `query:"day"`
}

func (s *Service) getContacts(ctx context.Context, who access.Actor, in *dayIn) (Day, error) {
	return s.OfDay(ctx, who, in.Point.ID, in.Day)
}

type contactIn struct {
	Contact fact.ContactID `path:"contact"`
}

func (s *Service) getContact(ctx context.Context, who access.Actor, in *contactIn) (Contact, error) {
	return s.Contact(ctx, who, in.Contact)
}

type postCorrectionIn struct {
	Contact fact.ContactID `path:"contact"`
	Body    struct {
		ID       fact.FactID   `json:"id,omitzero"`
		Why      string        `json:"why" maxLength:"20"`
		Replaces []fact.FactID `json:"replaces,omitempty" maxItems:"50"`
		Changes  struct {
			Services   *[]Given `json:"services,omitempty" maxItems:"60"`
			Asked      *[]Asked `json:"asked,omitempty" maxItems:"60"`
			Group      *string  `json:"group,omitempty"`
			Stage      *string  `json:"stage,omitempty"`
			Direction  *string  `json:"direction,omitempty"`
			Disability *string  `json:"disability,omitempty"`
			Repeat     *string  `json:"repeat,omitempty"`
			Undone     *bool    `json:"undone,omitempty"`
		} `json:"changes"`
	}
}

func (s *Service) postCorrection(ctx context.Context, who access.Actor, in *postCorrectionIn) (Contact, error) {
	c := in.Body.Changes
	return s.Correct(ctx, who, Correct{ID: in.Body.ID, Contact: in.Contact, Replaces: in.Body.Replaces, Change: CorrectedOpen{
		Undone: c.Undone, Services: c.Services, Asked: c.Asked, Group: c.Group, Stage: c.Stage, Direction: c.Direction,
		Disability: c.Disability, Repeat: c.Repeat, Why: in.Body.Why,
	}})
}

type postUndoIn struct {
	Contact fact.ContactID `path:"contact"`
	Body    *struct {
		ID fact.FactID `json:"id,omitzero"`
	}
}

func (s *Service) postUndo(ctx context.Context, who access.Actor, in *postUndoIn) (Contact, error) {
	cmd := Correct{Contact: in.Contact, Undo: true}
	if in.Body != nil {
		cmd.ID = in.Body.ID
	}
	return s.Correct(ctx, who, cmd)
}

type postArrivalIn struct {
	Body struct {
		ID       fact.ArrivalID `json:"id,omitzero"`
		Point    fact.PointRef  `json:"point"`
		Happened time.Time      `json:"happened,omitzero"`
		Kind     string         `json:"kind" maxLength:"40"`
		Size     map[string]int `json:"size"`
		Services []Given        `json:"services,omitempty" maxItems:"60"`
		Asked    []Asked        `json:"asked,omitempty" maxItems:"60"`
		Group    string         `json:"group,omitempty" maxLength:"40"`
		Stage    string         `json:"stage,omitempty" maxLength:"40"`
	}
}

func (s *Service) postArrival(ctx context.Context, who access.Actor, in *postArrivalIn) (Arrival, error) {
	b := &in.Body
	return s.Arrive(ctx, who, ArriveInput{Point: b.Point.ID, Arrive: Arrive{
		ID: b.ID, Happened: b.Happened, Kind: b.Kind, Size: b.Size, Services: b.Services, Asked: b.Asked, Group: b.Group, Stage: b.Stage,
	}})
}

type arrivalsOut struct {
	Arrivals []Arrival `json:"arrivals"`
}

func (s *Service) getArrivals(ctx context.Context, who access.Actor, in *dayIn) (arrivalsOut, error) {
	all, err := s.Arrivals(ctx, who, in.Point.ID, in.Day)
	return arrivalsOut{all}, err
}

type postLinkIn struct {
	Arrival fact.ArrivalID `path:"arrival"`
	Body    struct {
		Contact  fact.ContactID   `json:"contact,omitzero"`
		Contacts []fact.ContactID `json:"contacts,omitempty" maxItems:"200" doc:"Many at once: all are linked, or none"`
	}
}

func (s *Service) postLink(ctx context.Context, who access.Actor, in *postLinkIn) (web.Empty, error) {
	all := in.Body.Contacts
	if !in.Body.Contact.IsZero() {
		all = append(all, in.Body.Contact)
	}
	return web.Empty{}, s.Link(ctx, who, in.Arrival, all...)
}

type postSheetIn struct {
	Body struct {
		ID     fact.FactID    `json:"id,omitzero"`
		Point  fact.PointRef  `json:"point"`
		Day    fact.Day       `json:"day"`
		People map[string]int `json:"people_seen,omitempty"`
		Rows   []Stroke       `json:"rows,omitempty" maxItems:"600"`
		Asked  []Asked        `json:"asked,omitempty" maxItems:"60"`
		Number string         `json:"sheet_no,omitempty" maxLength:"20"`
	}
}

func (s *Service) postSheet(ctx context.Context, who access.Actor, in *postSheetIn) (SheetDone, error) {
	b := &in.Body
	return s.EnterSheet(ctx, who, Sheet{ID: b.ID, Point: b.Point.ID, Day: b.Day, People: b.People, Rows: b.Rows, Asked: b.Asked, Number: b.Number})
}

type postSealedIn struct {
	Body struct {
		ID    fact.FactID   `json:"id,omitzero"`
		Point fact.PointRef `json:"point"`
		Month string        `json:"month,omitempty" maxLength:"7"`
		Code  string        `json:"code" maxLength:"40"`
		Count int           `json:"count"`
	}
}

func (s *Service) postSealed(ctx context.Context, who access.Actor, in *postSealedIn) (web.Empty, error) {
	return web.Empty{}, s.TallySealed(ctx, who, in.Body.ID, in.Body.Point.ID, in.Body.Month, in.Body.Code, in.Body.Count)
}

type sealedIn struct {
	Month string `query:"month" maxLength:"7"`
}

type sealedOut struct {
	Counts []SealedCount `json:"counts"`
}

func (s *Service) getSealed(ctx context.Context, who access.Actor, in *sealedIn) (sealedOut, error) {
	all, err := s.SealedCounts(ctx, who, in.Month)
	return sealedOut{all}, err
}
