package network

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"serai/internal/fact"
	"serai/internal/geo"
	"serai/internal/store"
)

// pointRow is a point as its row keeps it.
type pointRow struct {
	ID fact.PointID
	Point
	place *Place
	zone  string
}

// location returns the time zone of the point, loaded; UTC where this system does not know it.
func (r *pointRow) location() *time.Location {
	loc, err := time.LoadLocation(r.zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

const selectPoint = `SELECT point, time_zone, place, record FROM network_point`

func scanPoint(r *store.Row) (*pointRow, error) {
	out := &pointRow{}
	var place string
	var record []byte
	if err := r.Scan(&out.ID, &out.zone, &place, &record); err != nil {
		return nil, err
	}
	var in stored[Point]
	if err := fact.Decode(record, &in); err != nil {
		return nil, fmt.Errorf("point %s: %w", out.ID, err)
	}
	out.Point = in.R
	if place != "" {
		out.place = &Place{}
		if err := json.Unmarshal([]byte(place), out.place); err != nil {
			return nil, fmt.Errorf("place of point %s: %w", out.ID, err)
		}
	}
	return out, nil
}

// rows returns the points that the end of a query picks.
func (s *Service) rows(tx *store.Tx, where string, args ...any) ([]*pointRow, error) {
	var out []*pointRow
	err := tx.Each(selectPoint+where, args, func(r *store.Row) error {
		row, err := scanPoint(r)
		out = append(out, row)
		return err
	})
	return out, err
}

// one returns the first point of a query.
func (s *Service) one(tx *store.Tx, where string, args ...any) (*pointRow, bool, error) {
	rows, err := s.rows(tx, where+` LIMIT 1`, args...)
	if err != nil || len(rows) == 0 {
		return nil, false, err
	}
	return rows[0], true, nil
}

// row returns a point by its id, or by the id that stands for its code. Where two points have one code, the one with
// the lower id answers to it, on every node.
func (s *Service) row(tx *store.Tx, id fact.PointID) (*pointRow, bool, error) {
	if id.IsZero() {
		return nil, false, nil
	}
	row, found, err := s.one(tx, ` WHERE point = $1 AND code <> ''`, id)
	if found || err != nil {
		return row, found, err
	}
	return s.one(tx, ` WHERE alias = $1 AND code <> '' ORDER BY point`, id)
}

// OrganisationRow is an organisation with its id.
type OrganisationRow struct {
	ID fact.OrgID
	Organisation
}

func eachOrganisation(tx *store.Tx, where string, args store.Args, fn func(OrganisationRow) error) error {
	return tx.Each(`SELECT organisation, record FROM network_organisation `+where, args, func(r *store.Row) error {
		var out OrganisationRow
		var record []byte
		if err := r.Scan(&out.ID, &record); err != nil {
			return err
		}
		var in stored[Organisation]
		if err := fact.Decode(record, &in); err != nil {
			return fmt.Errorf("organisation %s: %w", out.ID, err)
		}
		out.Organisation = in.R
		return fn(out)
	})
}

// Organisation returns an organisation.
func (s *Service) Organisation(tx *store.Tx, id fact.OrgID) (out OrganisationRow, found bool, err error) {
	err = eachOrganisation(tx, `WHERE organisation = $1 AND code <> ''`, store.Args{id}, func(o OrganisationRow) error {
		out, found = o, true
		return nil
	})
	return out, found, err
}

// Kind returns the kind of an organisation, for those who must know an authority.
func (s *Service) Kind(tx *store.Tx, id fact.OrgID) (string, bool, error) {
	o, found, err := s.Organisation(tx, id)
	return o.Kind, found, err
}

// OrgNumber returns the issuer number that was proposed for an organisation.
func (s *Service) OrgNumber(tx *store.Tx, id fact.OrgID) (uint16, bool, error) {
	o, found, err := s.Organisation(tx, id)
	return o.Number, found && o.Number != 0, err
}

// Organisations returns all organisations by code.
func (s *Service) Organisations(tx *store.Tx) ([]OrganisationRow, error) {
	var out []OrganisationRow
	err := eachOrganisation(tx, `WHERE code <> '' ORDER BY code, organisation`, nil, func(o OrganisationRow) error {
		out = append(out, o)
		return nil
	})
	return out, err
}

// Numbers returns the card numbers of an organisation's points, for the blocks of the signed network file.
func (s *Service) Numbers(tx *store.Tx, org fact.OrgID) ([]uint32, error) {
	var out []uint32
	err := tx.Each(`SELECT DISTINCT number FROM network_point WHERE organisation = $1 AND number > 0 ORDER BY number`, store.Args{org}, func(r *store.Row) error {
		var n uint32
		err := r.Scan(&n)
		out = append(out, n)
		return err
	})
	return out, err
}

// Twin is a number or code that two points have, since two nodes gave it apart: somebody has to decide.
type Twin struct {
	What   string         `json:"what"` // number, code
	Value  string         `json:"value"`
	Points []fact.PointID `json:"points"` // the one that counts first
}

// Twice lists the numbers and codes that several points have.
func (s *Service) Twice(tx *store.Tx) ([]Twin, error) {
	var out []Twin
	for _, q := range []struct{ what, sql string }{
		{"number", `SELECT a.number, a.point FROM network_point a JOIN network_point b ON b.number = a.number AND b.point <> a.point
WHERE a.number > 0 ORDER BY a.number, a.point`},
		{"code", `SELECT a.code, a.point FROM network_point a JOIN network_point b ON b.alias = a.alias AND b.point <> a.point
WHERE a.code <> '' ORDER BY a.code, a.point`},
	} {
		err := tx.Each(q.sql, nil, func(r *store.Row) error {
			var id fact.PointID
			var text string
			var number int64
			into := any(&text)
			if q.what == "number" {
				into = &number
			}
			if err := r.Scan(into, &id); err != nil {
				return err
			}
			if q.what == "number" {
				text = fmt.Sprint(number)
			}
			if n := len(out); n == 0 || out[n-1].What != q.what || out[n-1].Value != text {
				out = append(out, Twin{What: q.what, Value: text})
			}
			last := &out[len(out)-1]
			if n := len(last.Points); n == 0 || last.Points[n-1] != id {
				last.Points = append(last.Points, id)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// positions returns where mobile points and ships are now, by their itineraries.
func positions(tx *store.Tx, now time.Time) (map[fact.PointID]Position, error) {
	out := map[fact.PointID]Position{}
	// Where plans overlap the later made one counts.
	err := tx.Each(`SELECT point, lat, lon FROM network_position WHERE since <= $1 AND until > $1 ORDER BY point, stamp, fact`,
		store.Args{now.Unix()}, func(r *store.Row) error {
			var id fact.PointID
			var p Position
			if err := r.Scan(&id, &p.Lat, &p.Lon); err != nil {
				return err
			}
			out[id] = p
			return nil
		})
	return out, err
}

// mostStays is how many stays of an itinerary are told.
const mostStays = 20

// lastInstant is the end of years with four digits: a broken peer may plan for longer, and JSON knows no such year.
var lastInstant = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC).Unix()

// itinerary returns where a point is now and next, in the order of time. A stay of which a later made plan leaves
// nothing is left out.
func itinerary(tx *store.Tx, point fact.PointID, now time.Time) ([]Stay, error) {
	var out []Stay
	err := tx.Each(`SELECT lat, lon, since, until FROM network_position WHERE point = $1 AND until > $2 ORDER BY stamp DESC, fact DESC`,
		store.Args{point, now.Unix()}, func(r *store.Row) error {
			var p Stay
			var since, until int64
			if err := r.Scan(&p.Lat, &p.Lon, &since, &until); err != nil {
				return err
			}
			since, until = max(since, now.Unix()), min(until, lastInstant)
			p.From, p.Until = time.Unix(since, 0).UTC(), time.Unix(until, 0).UTC()
			if since >= until || len(out) >= mostStays || slices.ContainsFunc(out, func(later Stay) bool { return !later.From.After(p.From) && !later.Until.Before(p.Until) }) {
				return nil
			}
			if named, km, ok := geo.Nearest(p.Lat, p.Lon); ok && km <= near {
				p.Place = named.Name
			}
			out = append(out, p)
			return nil
		})
	slices.SortStableFunc(out, func(a, b Stay) int { return a.From.Compare(b.From) })
	return out, err
}

// exceptions returns the exceptional days of all points, or of one, that can still matter.
func exceptions(tx *store.Tx, only fact.PointID, now time.Time) (map[fact.PointID][]Exception, error) {
	sql, args := `SELECT point, record FROM network_exception WHERE day >= $1 ORDER BY point, day`, store.Args{fact.DayOf(now.UTC()) - 2}
	if !only.IsZero() {
		sql, args = `SELECT point, record FROM network_exception WHERE day >= $1 AND point = $2 ORDER BY point, day`, append(args, only)
	}
	out := map[fact.PointID][]Exception{}
	err := tx.Each(sql, args, func(r *store.Row) error {
		var id fact.PointID
		var record []byte
		if err := r.Scan(&id, &record); err != nil {
			return err
		}
		var e Exception
		if err := fact.Decode(record, &e); err != nil {
			return fmt.Errorf("exception of point %s: %w", id, err)
		}
		out[id] = append(out[id], e)
		return nil
	})
	return out, err
}

// days returns the daily logs of a point, the newest first.
func days(tx *store.Tx, point fact.PointID, from, to fact.Day) ([]DayLog, error) {
	var out []DayLog
	err := tx.Each(`SELECT record FROM network_day WHERE point = $1 AND day >= $2 AND day <= $3 ORDER BY day DESC`, store.Args{point, from, to}, func(r *store.Row) error {
		var record []byte
		if err := r.Scan(&record); err != nil {
			return err
		}
		var l keptLog
		if err := fact.Decode(record, &l); err != nil {
			return fmt.Errorf("log of point %s: %w", point, err)
		}
		l.Log.BedsUsed = l.BedsUsed
		out = append(out, l.Log)
		return nil
	})
	return out, err
}

// routeRow is a route with its id.
type routeRow struct {
	ID fact.RouteID
	Route
}

func routes(tx *store.Tx) ([]routeRow, error) {
	var out []routeRow
	err := tx.Each(`SELECT route, record FROM network_route WHERE code <> '' ORDER BY code, route`, nil, func(r *store.Row) error {
		var row routeRow
		var record []byte
		if err := r.Scan(&row.ID, &record); err != nil {
			return err
		}
		var in stored[Route]
		if err := fact.Decode(record, &in); err != nil {
			return fmt.Errorf("route %s: %w", row.ID, err)
		}
		row.Route = in.R
		out = append(out, row)
		return nil
	})
	return out, err
}

// ProjectRow is a project with its id.
type ProjectRow struct {
	ID fact.ProjectID
	Project
}

// Projects returns the projects by code.
func (s *Service) Projects(tx *store.Tx) ([]ProjectRow, error) {
	var out []ProjectRow
	err := tx.Each(`SELECT project, record FROM network_project WHERE code <> '' ORDER BY code, project`, nil, func(r *store.Row) error {
		var row ProjectRow
		var record []byte
		if err := r.Scan(&row.ID, &record); err != nil {
			return err
		}
		var in stored[Project]
		if err := fact.Decode(record, &in); err != nil {
			return fmt.Errorf("project %s: %w", row.ID, err)
		}
		row.Project = in.R
		out = append(out, row)
		return nil
	})
	return out, err
}

// IntervalRow is a funded interval with its id.
type IntervalRow struct {
	ID fact.IntervalID
	Interval
}

// intervals returns the funded intervals that a condition picks.
func intervals(tx *store.Tx, where string, args ...any) ([]IntervalRow, error) {
	var out []IntervalRow
	err := tx.Each(`SELECT interval_id, record FROM network_interval WHERE `+where+` ORDER BY interval_id`, args, func(r *store.Row) error {
		var row IntervalRow
		var record []byte
		if err := r.Scan(&row.ID, &record); err != nil {
			return err
		}
		var in stored[Interval]
		if err := fact.Decode(record, &in); err != nil {
			return fmt.Errorf("interval %s: %w", row.ID, err)
		}
		row.Interval = in.R
		out = append(out, row)
		return nil
	})
	return out, err
}

// Funding returns every funded interval of a point, for counts by project.
func (s *Service) Funding(tx *store.Tx, point fact.PointID) ([]IntervalRow, error) {
	return intervals(tx, `point = $1`, point)
}
