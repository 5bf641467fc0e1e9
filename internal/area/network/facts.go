package network

import "serai/internal/fact"

// The kinds of this area. The bodies of the five *_set kinds are SetOpen over the record's fields below.
var (
	OrganisationSet = fact.Define[SetOpen, struct{}]("network.organisation_set", 1, 101)
	PointSet        = fact.Define[SetOpen, struct{}]("network.point_set", 1, 102)
	RouteSet        = fact.Define[SetOpen, struct{}]("network.route_set", 1, 103)
	ProjectSet      = fact.Define[SetOpen, struct{}]("network.project_set", 1, 104)
	IntervalSet     = fact.Define[SetOpen, struct{}]("network.interval_set", 1, 105)
	StateChanged    = fact.Define[StateOpen, struct{}]("network.state_changed", 1, 106)
	PositionPlanned = fact.Define[PositionOpen, struct{}]("network.position_planned", 1, 107)
	DayExcepted     = fact.Define[ExceptionOpen, struct{}]("network.day_excepted", 1, 108)
	DayLogged       = fact.Define[LogOpen, struct{}]("network.day_logged", 1, 109)
)

// StateOpen says that the life of a point took a step. Replaces names the steps that the author knew.
type StateOpen struct {
	Point    fact.PointID  `cbor:"1,keyasint"`
	State    Life          `cbor:"2,keyasint"`
	Replaces []fact.FactID `cbor:"3,keyasint,omitempty"`
}

// PositionOpen says where a mobile point or a ship is from an instant until another. It stands in the open feed for
// mobile points and in the organisation's for ships.
type PositionOpen struct {
	Point fact.PointID `cbor:"1,keyasint"`
	Lat   float64      `cbor:"2,keyasint"`
	Lon   float64      `cbor:"3,keyasint"`
	From  int64        `cbor:"4,keyasint"` // Unix seconds, included
	Until int64        `cbor:"5,keyasint"` // Unix seconds, not included
}

// ExceptionOpen says that a point has other hours on one day.
type ExceptionOpen struct {
	Point     fact.PointID  `cbor:"1,keyasint"`
	Exception Exception     `cbor:"2,keyasint"`
	Replaces  []fact.FactID `cbor:"3,keyasint,omitempty"`
}

// LogOpen is the daily log of a point. It stands in the feed of the point's organisation.
type LogOpen struct {
	Point    fact.PointID  `cbor:"1,keyasint"`
	Log      DayLog        `cbor:"2,keyasint"`
	Replaces []fact.FactID `cbor:"3,keyasint,omitempty"`
	BedsUsed *int          `cbor:"4,keyasint,omitempty"` // of Log, which cannot grow; nil when nobody said
}

// keptLog is a daily log as heads and rows keep it. It is private to the database.
type keptLog struct {
	Log      DayLog `cbor:"1,keyasint"`
	BedsUsed *int   `cbor:"2,keyasint,omitempty"`
}

// The fields of the records. A number is never given twice; what a field means never changes.
var (
	organisationFields = record[Organisation]{"organisation", []field[Organisation]{
		{1, "code", func(o *Organisation) any { return &o.Code }},
		{2, "name", func(o *Organisation) any { return &o.Name }},
		{3, "kind", func(o *Organisation) any { return &o.Kind }},
		{4, "country", func(o *Organisation) any { return &o.Country }},
		{5, "number", func(o *Organisation) any { return &o.Number }},
		{6, "source", func(o *Organisation) any { return &o.Source }},
	}}
	pointFields = record[Point]{"point", []field[Point]{
		{1, "code", func(p *Point) any { return &p.Code }},
		{2, "name", func(p *Point) any { return &p.Name }},
		{3, "kind", func(p *Point) any { return &p.Kind }},
		{4, "mobility", func(p *Point) any { return &p.Mobility }},
		{5, "organisation", func(p *Point) any { return &p.Org }},
		{6, "country", func(p *Point) any { return &p.Country }},
		{positionField, "position", func(p *Point) any { return &p.Position }},
		{8, "services", func(p *Point) any { return &p.Services }},
		{9, "languages", func(p *Point) any { return &p.Languages }},
		{10, "hours", func(p *Point) any { return &p.Hours }},
		{11, "women_hours", func(p *Point) any { return &p.WomenHours }},
		{12, "busy", func(p *Point) any { return &p.Busy }},
		{13, "time_zone", func(p *Point) any { return &p.Zone }},
		{14, "beds", func(p *Point) any { return &p.Beds }},
		{15, "visibility", func(p *Point) any { return &p.Visibility }},
		{16, "cutoff", func(p *Point) any { return &p.Cutoff }},
		{17, "number", func(p *Point) any { return &p.Number }},
		{18, "state", func(p *Point) any { return &p.State }}, // the first step only; StateChanged makes the others
		{19, "source", func(p *Point) any { return &p.Source }},
	}}
	routeFields = record[Route]{"route", []field[Route]{
		{1, "code", func(r *Route) any { return &r.Code }},
		{2, "name", func(r *Route) any { return &r.Name }},
		{3, "stops", func(r *Route) any { return &r.Stops }},
	}}
	projectFields = record[Project]{"project", []field[Project]{
		{1, "code", func(p *Project) any { return &p.Code }},
		{2, "name", func(p *Project) any { return &p.Name }},
		{3, "organisation", func(p *Project) any { return &p.Org }},
		{4, "donor", func(p *Project) any { return &p.Donor }},
	}}
	intervalFields = record[Interval]{"interval", []field[Interval]{
		{1, "point", func(i *Interval) any { return &i.Point }},
		{2, "service", func(i *Interval) any { return &i.Service }},
		{3, "project", func(i *Interval) any { return &i.Project }},
		{4, "donor", func(i *Interval) any { return &i.Donor }},
		{5, "share", func(i *Interval) any { return &i.Share }},
		{6, "from", func(i *Interval) any { return &i.From }},
		{7, "until", func(i *Interval) any { return &i.Until }},
		{8, "organisation", func(i *Interval) any { return &i.Org }},
	}}
)

// positionField is the one field of a point that does not travel with the others when the point is a ship.
const positionField = 7
