package network

import (
	"context"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/web"
)

// Routes is the table of contents of this area.
func (s *Service) Routes(m *web.Mux) {
	read, edit, run, fund := web.May("network.read"), web.May("network.edit"), web.May("network.run"), web.May("network.fund")
	web.Get(m, "/api/points", read, s.getPoints, web.Summary("List service points"))
	web.Post(m, "/api/points", edit, s.postPoint, web.Status(201), web.Summary("Add a service point"))
	web.Get(m, "/api/points/{point}", read, s.getPoint, web.Summary("One service point, with what an edit must name"))
	web.Patch(m, "/api/points/{point}", run, s.patchPoint, web.Summary("Change fields of a point; whoever runs it: hours, services, languages, beds"), web.Offline())
	web.Post(m, "/api/points/{point}/state", run, s.postState, web.Summary("Take the next step in the life of a point"), web.Offline())
	web.Post(m, "/api/points/{point}/position", run, s.postPosition, web.Summary("Plan where a mobile point or a ship is"), web.Offline())
	web.Post(m, "/api/points/{point}/exceptions", run, s.postException, web.Summary("Set the hours of one day"), web.Offline())
	web.Get(m, "/api/points/{point}/days", run, s.getDays, web.Summary("Daily logs of a point"))
	web.Post(m, "/api/points/{point}/days", run, s.postDay, web.Summary("Write the daily log"), web.Offline())
	web.Get(m, "/api/organisations", read, s.getOrganisations, web.Summary("List organisations"))
	web.Post(m, "/api/organisations", edit, s.postOrganisation, web.Status(201), web.Summary("Add an organisation"))
	web.Get(m, "/api/routes", read, s.getRoutes, web.Summary("List routes, usable both ways"))
	web.Get(m, "/api/projects", read, s.getProjects, web.Summary("Projects of the caller's organisations"))
	web.Post(m, "/api/projects", fund, s.postProject, web.Status(201), web.Summary("Add a project"))
	web.Get(m, "/api/funding", fund, s.getFunding, web.Summary("Who pays for what, and when"))
	web.Post(m, "/api/funding", fund, s.postFunding, web.Status(201), web.Summary("Say which project pays for a service"))
	web.Patch(m, "/api/funding/{interval}", fund, s.patchFunding, web.Summary("Change the last day of a funded interval"))
	web.Get(m, "/api/network/twice", edit, s.getTwice, web.Summary("Numbers and codes that two nodes gave apart"))
	web.Post(m, "/api/import/network", web.May("network.import"), s.postImport, web.BodyLimit(96<<20), web.Summary("Import CSV files"))
	web.Get(m, "/api/export/network/{file}", read, s.getExport, web.Summary("Export as CSV: organisations.csv, points.csv, routes.csv"))
}

type pointsIn struct {
	Country      string    `query:"country" maxLength:"2"`
	Kind         string    `query:"kind" maxLength:"40"`
	Organisation string    `query:"organisation" maxLength:"40" doc:"id or code"`
	Text         string    `query:"q" maxLength:"80" doc:"part of the name or code"`
	OpenAt       time.Time `query:"open_at" doc:"only those that are open at this instant"`
}

type pointsOut struct {
	Points []PointView `json:"points"`
}

func (s *Service) getPoints(ctx context.Context, who access.Actor, in *pointsIn) (pointsOut, error) {
	all, err := s.Points(ctx, who, PointFilter{in.Country, in.Kind, in.Organisation, in.Text, in.OpenAt})
	return pointsOut{all}, err
}

// pointPath is the In of routes that name a point and nothing else.
type pointPath struct {
	Point fact.PointRef `path:"point"`
}

func (s *Service) getPoint(ctx context.Context, who access.Actor, in *pointPath) (PointView, error) {
	return s.Point(ctx, who, in.Point.ID)
}

// PointFields is what POST and PATCH may say of a point.
type PointFields struct {
	Name       *string         `json:"name,omitempty"`
	Kind       *string         `json:"kind,omitempty"`
	Mobility   *string         `json:"mobility,omitempty"`
	Country    *string         `json:"country,omitempty"`
	Lat        *float64        `json:"lat,omitempty"`
	Lon        *float64        `json:"lon,omitempty"`
	Services   *[]PointService `json:"services,omitempty"`
	Languages  *[]string       `json:"languages,omitempty"`
	Hours      *string         `json:"hours,omitempty"`
	WomenHours *string         `json:"women_hours,omitempty"`
	Busy       *string         `json:"busy,omitempty"`
	TimeZone   *string         `json:"time_zone,omitempty"`
	Beds       *int            `json:"beds,omitempty"`
	Visibility *string         `json:"visibility,omitempty"`
	Cutoff     *int            `json:"cutoff,omitempty"`
}

func (b PointFields) edit() (PointEdit, error) {
	e := PointEdit{Name: b.Name, Kind: b.Kind, Mobility: b.Mobility, Country: b.Country, Services: b.Services, Languages: b.Languages,
		Hours: b.Hours, WomenHours: b.WomenHours, Busy: b.Busy, Zone: b.TimeZone, Beds: b.Beds, Visibility: b.Visibility, Cutoff: b.Cutoff}
	if (b.Lat == nil) != (b.Lon == nil) {
		return e, fault.Field("lat", "network.half_position", "give both lat and lon, or neither")
	}
	if b.Lat != nil {
		e.Position = &Position{Lat: *b.Lat, Lon: *b.Lon}
	}
	return e, nil
}

type postPointIn struct {
	Body struct {
		ID           fact.PointID `json:"id,omitzero"`
		Code         string       `json:"code"`
		Organisation string       `json:"organisation" doc:"id or code"`
		State        string       `json:"state,omitempty" enum:"planned,open" doc:"open when absent"`
		PointFields
	}
}

func (s *Service) postPoint(ctx context.Context, who access.Actor, in *postPointIn) (PointView, error) {
	b := &in.Body
	edit, err := b.edit()
	if err != nil {
		return PointView{}, err
	}
	if b.State == "" {
		b.State = Open
	}
	org, err := s.lookup(ctx, b.Organisation)
	if err != nil {
		return PointView{}, err
	}
	id, err := s.AddPoint(ctx, who, b.ID, b.Code, org, b.State, edit)
	if err != nil {
		return PointView{}, err
	}
	return s.Point(ctx, who, id)
}

// lookup reads the id or code of an organisation in a request.
func (s *Service) lookup(ctx context.Context, ref string) (id fact.OrgID, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		id, err = s.organisation(tx, ref)
		return err
	})
	if err == nil && id.IsZero() {
		err = noOrganisation(nil)
	}
	return id, err
}

type patchPointIn struct {
	pointPath
	Body struct {
		ID       fact.FactID              `json:"id,omitzero" doc:"made by the client, so that a repeat is recognised"`
		Replaces map[string][]fact.FactID `json:"replaces,omitempty" doc:"by field, the heads that the author saw"`
		PointFields
	}
}

func (s *Service) patchPoint(ctx context.Context, who access.Actor, in *patchPointIn) (PointView, error) {
	edit, err := in.Body.edit()
	if err != nil {
		return PointView{}, err
	}
	if edit.Replaces = in.Body.Replaces; len(edit.Replaces["lat"]) > 0 {
		edit.Replaces["position"] = edit.Replaces["lat"]
	}
	if err := s.EditPoint(ctx, who, in.Body.ID, in.Point.ID, edit); err != nil {
		return PointView{}, err
	}
	return s.Point(ctx, who, in.Point.ID)
}

type postStateIn struct {
	pointPath
	Body struct {
		ID       fact.FactID   `json:"id,omitzero"`
		State    string        `json:"state"`
		Why      string        `json:"why,omitempty"`
		On       fact.Day      `json:"on"`
		HandedTo string        `json:"handed_to,omitempty" doc:"id or code of an organisation"`
		Replaces []fact.FactID `json:"replaces,omitempty"`
	}
}

func (s *Service) postState(ctx context.Context, who access.Actor, in *postStateIn) (PointView, error) {
	next := Life{State: in.Body.State, On: in.Body.On, Why: in.Body.Why}
	if in.Body.HandedTo != "" {
		to, err := s.lookup(ctx, in.Body.HandedTo)
		if err != nil {
			return PointView{}, fault.Field("handed_to", "network.unknown_organisation", "there is no such organisation; GET /api/organisations lists them")
		}
		next.To = to
	}
	if err := s.ChangeState(ctx, who, in.Body.ID, in.Point.ID, next, in.Body.Replaces); err != nil {
		return PointView{}, err
	}
	return s.Point(ctx, who, in.Point.ID)
}

type postPositionIn struct {
	pointPath
	Body struct {
		ID    fact.FactID `json:"id,omitzero"`
		Lat   float64     `json:"lat"`
		Lon   float64     `json:"lon"`
		From  time.Time   `json:"from"`
		Until time.Time   `json:"until"`
	}
}

func (s *Service) postPosition(ctx context.Context, who access.Actor, in *postPositionIn) (PointView, error) {
	b := &in.Body
	if err := s.PlanPosition(ctx, who, b.ID, in.Point.ID, Position{Lat: b.Lat, Lon: b.Lon}, b.From, b.Until); err != nil {
		return PointView{}, err
	}
	return s.Point(ctx, who, in.Point.ID)
}

type postExceptionIn struct {
	pointPath
	Body struct {
		ID       fact.FactID   `json:"id,omitzero"`
		Day      fact.Day      `json:"day"`
		Hours    string        `json:"hours,omitempty" doc:"08:00-12:00"`
		Off      bool          `json:"off,omitempty"`
		Why      string        `json:"why"`
		Replaces []fact.FactID `json:"replaces,omitempty"`
	}
}

func (s *Service) postException(ctx context.Context, who access.Actor, in *postExceptionIn) (PointView, error) {
	b := &in.Body
	if err := s.Except(ctx, who, b.ID, in.Point.ID, Exception{Day: b.Day, Hours: b.Hours, Off: b.Off, Why: b.Why}, b.Replaces); err != nil {
		return PointView{}, err
	}
	return s.Point(ctx, who, in.Point.ID)
}

type getDaysIn struct {
	pointPath
	From fact.Day `query:"from" doc:"31 days ago when absent"`
	To   fact.Day `query:"to" doc:"today when absent"`
}

type daysOut struct {
	Days []DayLog `json:"days"`
}

func (s *Service) getDays(ctx context.Context, who access.Actor, in *getDaysIn) (daysOut, error) {
	if in.To == 0 {
		in.To = fact.DayOf(s.now().UTC()) + 1 // it is tomorrow already east of Greenwich
	}
	if in.From == 0 {
		in.From = in.To - 31
	}
	all, err := s.Days(ctx, who, in.Point.ID, in.From, in.To)
	return daysOut{orEmpty(all)}, err
}

type postDayIn struct {
	pointPath
	Body struct {
		ID       fact.FactID   `json:"id,omitzero"`
		Replaces []fact.FactID `json:"replaces,omitempty"`
		DayLog
	}
}

func (s *Service) postDay(ctx context.Context, who access.Actor, in *postDayIn) (DayLog, error) {
	if err := s.LogDay(ctx, who, in.Body.ID, in.Point.ID, in.Body.DayLog, in.Body.Replaces); err != nil {
		return DayLog{}, err
	}
	all, err := s.Days(ctx, who, in.Point.ID, in.Body.Day, in.Body.Day)
	if err != nil || len(all) == 0 {
		return DayLog{}, err
	}
	return all[0], nil
}

// organisationView is an organisation in an answer.
type organisationView struct {
	ID      fact.OrgID `json:"id"`
	Code    string     `json:"code"`
	Name    string     `json:"name"`
	Kind    string     `json:"kind"`
	Country string     `json:"country"`
	Number  uint16     `json:"number" doc:"Proposed issuer number on cards, 1 to 4095"`
}

func viewOrganisation(o OrganisationRow) organisationView {
	return organisationView{o.ID, o.Code, o.Name, o.Kind, o.Country, o.Number}
}

type nothing struct{}

type organisationsOut struct {
	Organisations []organisationView `json:"organisations"`
}

func (s *Service) getOrganisations(ctx context.Context, _ access.Actor, _ *nothing) (organisationsOut, error) {
	out := organisationsOut{Organisations: []organisationView{}}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		all, err := s.Organisations(tx)
		for _, o := range all {
			out.Organisations = append(out.Organisations, viewOrganisation(o))
		}
		return err
	})
	return out, err
}

type postOrganisationIn struct {
	Body struct {
		ID      fact.OrgID `json:"id,omitzero"`
		Code    string     `json:"code"`
		Name    string     `json:"name"`
		Kind    string     `json:"kind"`
		Country string     `json:"country,omitempty"`
	}
}

func (s *Service) postOrganisation(ctx context.Context, who access.Actor, in *postOrganisationIn) (organisationView, error) {
	b := &in.Body
	o, err := s.AddOrganisation(ctx, who, b.ID, Organisation{Code: b.Code, Name: b.Name, Kind: b.Kind, Country: b.Country})
	return viewOrganisation(o), err
}

type routesIn struct {
	Reversed bool `query:"reversed" doc:"travelled the other way"`
}

type routesOut struct {
	Routes []RouteView `json:"routes"`
}

func (s *Service) getRoutes(ctx context.Context, who access.Actor, in *routesIn) (routesOut, error) {
	all, err := s.RouteList(ctx, who, in.Reversed)
	return routesOut{all}, err
}

type twiceOut struct {
	Twice []Twin `json:"twice"`
}

func (s *Service) getTwice(ctx context.Context, _ access.Actor, _ *nothing) (twiceOut, error) {
	out := twiceOut{}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		all, err := s.Twice(tx)
		out.Twice = orEmpty(all)
		return err
	})
	return out, err
}

type importIn struct {
	DryRun        bool       `query:"dry_run"`
	Organisations web.Upload `multipart:"organisations"`
	Points        web.Upload `multipart:"points"`
	Routes        web.Upload `multipart:"routes"`
}

func (s *Service) postImport(ctx context.Context, who access.Actor, in *importIn) (Imported, error) {
	return s.Import(ctx, who, Files{in.Organisations.Data, in.Points.Data, in.Routes.Data}, in.DryRun)
}

type exportIn struct {
	File string `path:"file"`
}

func (s *Service) getExport(ctx context.Context, who access.Actor, in *exportIn) (web.File, error) {
	content, err := s.Export(ctx, who, in.File)
	return web.File{Name: in.File, Type: "text/csv; charset=utf-8", Data: content}, err
}
