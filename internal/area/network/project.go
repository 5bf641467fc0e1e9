package network

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"serai/internal/fact"
	"serai/internal/geo"
	"serai/internal/journal"
	"serai/internal/store"
)

// heads keeps every edit of every record, and of the days of a point.
var heads = journal.NewHeads("network_head")

// tables are the projections. record holds the CBOR of the record that shows; the columns beside it are what queries
// ask for. Codes are not unique: two nodes may have given one. The mark at the end makes a rebuild derive the places
// anew when their data change.
var tables = heads.DDL() + `
CREATE TABLE network_organisation (organisation BLOB PRIMARY KEY, code TEXT NOT NULL, kind TEXT NOT NULL, number BIGINT NOT NULL, record BLOB NOT NULL) /*clustered*/;
CREATE INDEX network_organisation_code ON network_organisation (code);
CREATE TABLE network_point (point BLOB PRIMARY KEY, alias BLOB NOT NULL, code TEXT NOT NULL, organisation BLOB, kind TEXT NOT NULL, mobility TEXT NOT NULL,
  country TEXT NOT NULL, admin1 TEXT NOT NULL, pcode TEXT NOT NULL, pcode_version TEXT NOT NULL, visibility TEXT NOT NULL, state TEXT NOT NULL,
  time_zone TEXT NOT NULL, number BIGINT NOT NULL, place TEXT NOT NULL, record BLOB NOT NULL) /*clustered*/;
CREATE INDEX network_point_alias ON network_point (alias);
CREATE INDEX network_point_number ON network_point (number);
CREATE TABLE network_position (fact BLOB PRIMARY KEY, point BLOB NOT NULL, lat DOUBLE PRECISION NOT NULL, lon DOUBLE PRECISION NOT NULL,
  since BIGINT NOT NULL, until BIGINT NOT NULL, stamp BIGINT NOT NULL) /*clustered*/;
CREATE INDEX network_position_point ON network_position (point, until);
CREATE TABLE network_exception (point BLOB NOT NULL, day BIGINT NOT NULL, record BLOB NOT NULL, PRIMARY KEY (point, day)) /*clustered*/;
CREATE TABLE network_day (point BLOB NOT NULL, day BIGINT NOT NULL, record BLOB NOT NULL, PRIMARY KEY (point, day)) /*clustered*/;
CREATE TABLE network_route (route BLOB PRIMARY KEY, code TEXT NOT NULL, record BLOB NOT NULL) /*clustered*/;
CREATE TABLE network_project (project BLOB PRIMARY KEY, code TEXT NOT NULL, organisation BLOB, record BLOB NOT NULL) /*clustered*/;
CREATE TABLE network_interval (interval_id BLOB PRIMARY KEY, point BLOB, project BLOB, organisation BLOB, record BLOB NOT NULL) /*clustered*/;
CREATE INDEX network_interval_point ON network_interval (point);
-- daily logs with beds, places of ` + geo.Version

// register puts the tables and projectors of this area on the journal.
func (s *Service) register(j *journal.Journal) {
	j.Tables("network", tables)
	journal.Register(j, OrganisationSet, projector(organisationFields, putOrganisation))
	journal.Register(j, PointSet, projector(pointFields, s.putPoint))
	journal.Register(j, RouteSet, projector(routeFields, putRoute))
	journal.Register(j, ProjectSet, projector(projectFields, putProject))
	journal.Register(j, IntervalSet, projector(intervalFields, putInterval))
	journal.Register(j, StateChanged, s.projectState)
	journal.Register(j, PositionPlanned, projectPosition)
	journal.Register(j, DayExcepted, projectException)
	journal.Register(j, DayLogged, projectLog)
}

// projector keeps the edits of a *_set fact and puts the record that shows after them.
func projector[T any](fields record[T], put func(*store.Tx, []byte, *T) error) func(*store.Tx, fact.Got[SetOpen, struct{}]) error {
	return func(tx *store.Tx, f fact.Got[SetOpen, struct{}]) error {
		if len(f.Open.Subject) != 16 {
			return nil // about nothing; it stays in its feed
		}
		for _, c := range f.Open.Changes {
			name := fields.name(c.Field)
			if name == "" {
				continue
			}
			if err := heads.Apply(tx, journal.Edit{Subject: f.Open.Subject, Field: name, Fact: f.ID, Stamp: f.Stamp, Actor: f.Actor,
				Replaces: c.Replaces, Value: c.Value}); err != nil {
				return err
			}
		}
		return reput(tx, fields, f.Open.Subject, put)
	}
}

func reput[T any](tx *store.Tx, fields record[T], subject []byte, put func(*store.Tx, []byte, *T) error) error {
	all, err := heads.Of(tx, subject)
	if err != nil {
		return err
	}
	shows := fields.build(all)
	return put(tx, subject, &shows)
}

// No engine's text holds a NUL, and no answer a number that is none; a peer could have written both.
func noNUL(s string) string { return strings.ReplaceAll(s, "\x00", "") }

func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}

// onEarth returns a position, none when its numbers are no coordinates.
func onEarth(p *Position) *Position {
	if p == nil || !geo.Valid(p.Lat, p.Lon) {
		return nil
	}
	return p
}

func putOrganisation(tx *store.Tx, id []byte, o *Organisation) error {
	b, err := fact.Encode(stored[Organisation]{*o})
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO network_organisation (organisation, code, kind, number, record) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (organisation) DO UPDATE SET code = excluded.code, kind = excluded.kind, number = excluded.number, record = excluded.record`,
		id, noNUL(o.Code), noNUL(o.Kind), o.Number, b)
}

// stored is a record as its row keeps it. It is private to the database, so field names serve.
type stored[T any] struct {
	R T `cbor:"1,keyasint"`
}

func (s *Service) putPoint(tx *store.Tx, id []byte, p *Point) error {
	p.Position = onEarth(p.Position)
	p.Code, p.Kind, p.Mobility, p.Country, p.Zone = noNUL(p.Code), noNUL(p.Kind), noNUL(p.Mobility), noNUL(p.Country), noNUL(p.Zone)
	p.Visibility, p.State.State = noNUL(p.Visibility), noNUL(p.State.State)
	b, err := fact.Encode(stored[Point]{*p})
	if err != nil {
		return err
	}
	var admin1, pcode, version, place string
	if where := p.place(); where != nil {
		admin1, pcode, version = where.Admin1, where.PCode, where.Version
		text, err := json.Marshal(where)
		if err != nil {
			return err
		}
		place = string(text)
	}
	var point fact.PointID
	if err := point.UnmarshalBinary(id); err != nil {
		return err
	}
	s.desk.forget(tx, point, p.Code)
	return tx.Exec(`INSERT INTO network_point (point, alias, code, organisation, kind, mobility, country, admin1, pcode, pcode_version, visibility, state, time_zone, number, place, record)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (point) DO UPDATE SET alias = excluded.alias, code = excluded.code, organisation = excluded.organisation, kind = excluded.kind,
mobility = excluded.mobility, country = excluded.country, admin1 = excluded.admin1, pcode = excluded.pcode, pcode_version = excluded.pcode_version,
visibility = excluded.visibility, state = excluded.state, time_zone = excluded.time_zone, number = excluded.number, place = excluded.place, record = excluded.record`,
		id, fact.PointByCode(p.Code), p.Code, p.Org, p.Kind, p.Mobility, p.Country, admin1, pcode, version, p.Visibility, p.State.State,
		p.zone(), p.Number, place, b)
}

func putRoute(tx *store.Tx, id []byte, r *Route) error {
	for i := range r.Stops {
		r.Stops[i].Position, r.Stops[i].Hours = onEarth(r.Stops[i].Position), finite(r.Stops[i].Hours)
	}
	b, err := fact.Encode(stored[Route]{*r})
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO network_route (route, code, record) VALUES ($1, $2, $3)
ON CONFLICT (route) DO UPDATE SET code = excluded.code, record = excluded.record`, id, noNUL(r.Code), b)
}

func putProject(tx *store.Tx, id []byte, p *Project) error {
	b, err := fact.Encode(stored[Project]{*p})
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO network_project (project, code, organisation, record) VALUES ($1, $2, $3, $4)
ON CONFLICT (project) DO UPDATE SET code = excluded.code, organisation = excluded.organisation, record = excluded.record`, id, noNUL(p.Code), p.Org, b)
}

func putInterval(tx *store.Tx, id []byte, v *Interval) error {
	b, err := fact.Encode(stored[Interval]{*v})
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO network_interval (interval_id, point, project, organisation, record) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (interval_id) DO UPDATE SET point = excluded.point, project = excluded.project, organisation = excluded.organisation, record = excluded.record`,
		id, v.Point, v.Project, v.Org, b)
}

func (s *Service) projectState(tx *store.Tx, f fact.Got[StateOpen, struct{}]) error {
	value, err := fact.Encode(f.Open.State)
	if err != nil {
		return err
	}
	if err := heads.Apply(tx, journal.Edit{Subject: f.Open.Point.Bytes(), Field: stateHead, Fact: f.ID, Stamp: f.Stamp, Actor: f.Actor,
		Replaces: f.Open.Replaces, Value: value}); err != nil {
		return err
	}
	return reput(tx, pointFields, f.Open.Point.Bytes(), s.putPoint)
}

func projectPosition(tx *store.Tx, f fact.Got[PositionOpen, struct{}]) error {
	if !geo.Valid(f.Open.Lat, f.Open.Lon) {
		return nil
	}
	return tx.Exec(`INSERT INTO network_position (fact, point, lat, lon, since, until, stamp) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (fact) DO NOTHING`,
		f.ID, f.Open.Point, f.Open.Lat, f.Open.Lon, f.Open.From, f.Open.Until, f.Stamp)
}

// stateHead is how heads name the state of a point.
const stateHead = "point.state"

// dayField names what is edited when the record of one day of a point is.
func dayField(what string, day fact.Day) string { return fmt.Sprintf("%s %s", what, day) }

// projectDay keeps one edit of a day's record and returns the value that shows.
func projectDay(tx *store.Tx, e journal.Edit) ([]byte, error) {
	if err := heads.Apply(tx, e); err != nil {
		return nil, err
	}
	all, err := heads.Field(tx, e.Subject, e.Field)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0].Value, nil
}

func projectException(tx *store.Tx, f fact.Got[ExceptionOpen, struct{}]) error {
	value, err := fact.Encode(f.Open.Exception)
	if err != nil {
		return err
	}
	shows, err := projectDay(tx, journal.Edit{Subject: f.Open.Point.Bytes(), Field: dayField("exception", f.Open.Exception.Day), Fact: f.ID,
		Stamp: f.Stamp, Actor: f.Actor, Replaces: f.Open.Replaces, Value: value})
	if err != nil || shows == nil {
		return err
	}
	return tx.Exec(`INSERT INTO network_exception (point, day, record) VALUES ($1, $2, $3) ON CONFLICT (point, day) DO UPDATE SET record = excluded.record`,
		f.Open.Point, f.Open.Exception.Day, shows)
}

func projectLog(tx *store.Tx, f fact.Got[LogOpen, struct{}]) error {
	f.Open.Log.Hours = finite(f.Open.Log.Hours)
	value, err := fact.Encode(keptLog{f.Open.Log, f.Open.BedsUsed})
	if err != nil {
		return err
	}
	shows, err := projectDay(tx, journal.Edit{Subject: f.Open.Point.Bytes(), Field: dayField("log", f.Open.Log.Day), Fact: f.ID,
		Stamp: f.Stamp, Actor: f.Actor, Replaces: f.Open.Replaces, Value: value})
	if err != nil || shows == nil {
		return err
	}
	return tx.Exec(`INSERT INTO network_day (point, day, record) VALUES ($1, $2, $3) ON CONFLICT (point, day) DO UPDATE SET record = excluded.record`,
		f.Open.Point, f.Open.Log.Day, shows)
}
