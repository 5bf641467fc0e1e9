package network

import (
	"context"
	"slices"
	"strings"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/geo"
	"serai/internal/hours"
	"serai/internal/journal"
	"serai/internal/store"
)

// PointView is a point as those see it who may.
type PointView struct {
	ID           fact.PointID   `json:"id"`
	Code         string         `json:"code"`
	Name         string         `json:"name"`
	Kind         string         `json:"kind"`
	Mobility     string         `json:"mobility"`
	Organisation OrgName        `json:"organisation"`
	Country      string         `json:"country" doc:"ISO 3166, two letters; empty at sea"`
	Place        *Place         `json:"place" doc:"Derived from the position; null at sea and where nothing is certain"`
	Lat          *float64       `json:"lat,omitempty" doc:"Where it is now; absent for ships to everybody outside their organisation"`
	Lon          *float64       `json:"lon,omitempty"`
	Services     []PointService `json:"services"`
	Languages    []string       `json:"languages"`
	Hours        string         `json:"hours,omitempty" doc:"As in OpenStreetMap's opening_hours"`
	WomenHours   string         `json:"women_hours,omitempty"`
	Busy         string         `json:"busy,omitempty"`
	TimeZone     string         `json:"time_zone"`
	Cutoff       int            `json:"cutoff" doc:"Minutes after midnight at which the operating day ends"`
	Beds         int            `json:"beds,omitempty"`
	Visibility   string         `json:"visibility"`
	State        string         `json:"state"`
	StateOn      fact.Day       `json:"state_on,omitzero" doc:"Absent when nobody said since when"`
	StateWhy     string         `json:"state_why,omitempty"`
	HandedTo     fact.OrgID     `json:"handed_to,omitzero"`
	OpenNow      *bool          `json:"open_now" doc:"null when nobody said when it is open"`
	OpenUntil    *time.Time     `json:"open_until,omitempty" doc:"When that changes"`
	Number       uint32         `json:"number" doc:"On assistance cards, 24 bits"`

	// What an edit must name, and what people set apart from each other: with one point, not in lists.
	Heads      map[string][]fact.FactID `json:"heads,omitempty"`
	Conflicts  []Conflict               `json:"conflicts,omitempty"`
	Exceptions []Exception              `json:"exceptions,omitempty"`
	NextDays   []NextDay                `json:"next_days,omitempty" doc:"Seven days from today, exceptional days counted in; absent when nobody said when it is open"`
	Itinerary  []Stay                   `json:"itinerary,omitempty" doc:"Where a mobile point is now and next, by the latest plans; to those who run it"`
}

// NextDay is when a point is open on one day; no hours: closed. Why stands on exceptional days.
type NextDay struct {
	Day   fact.Day `json:"day"`
	Hours []string `json:"hours"` // "08:00-12:00"; "00:00-24:00" is the whole day
	Why   string   `json:"why,omitempty"`
}

// nextDays returns seven days from today at the point.
func (l *looking) nextDays(r *pointRow) []NextDay {
	spec, known := withExceptions(r.Hours, l.days[r.ID])
	if !known {
		return nil
	}
	today := r.today(l.now)
	var out []NextDay
	for i, ranges := range spec.Week(today.Time()) {
		d := NextDay{Day: today + fact.Day(i), Hours: []string{}}
		for _, h := range ranges {
			d.Hours = append(d.Hours, h.String())
		}
		for _, e := range l.days[r.ID] {
			if e.Day == d.Day {
				d.Why = e.Why
			}
		}
		out = append(out, d)
	}
	return out
}

// Stay is where a mobile point or a ship is for a while. Place is the nearest named place, where one is near.
type Stay struct {
	Lat   float64   `json:"lat"`
	Lon   float64   `json:"lon"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	Place string    `json:"place,omitempty"`
}

// OrgName is how an organisation appears in an answer.
type OrgName struct {
	ID   fact.OrgID `json:"id"`
	Code string     `json:"code"`
	Name string     `json:"name"`
}

// PointFilter picks points for a list; what is empty picks all.
type PointFilter struct {
	Country      string
	Kind         string
	Organisation string // id or code
	Text         string // part of the code or name, however spelled
	OpenAt       time.Time
}

// sees tells whether who may know where a ship of org is: its own organisation alone.
func sees(who access.Actor, org fact.OrgID, now time.Time) bool {
	return who.Full && slices.ContainsFunc(who.Grants, func(g access.Grant) bool { return g.Org == org && g.Holds(now) })
}

// looking is what the view of many points shares.
type looking struct {
	who       access.Actor
	now       time.Time
	names     map[fact.OrgID]OrgName
	positions map[fact.PointID]Position
	days      map[fact.PointID][]Exception
}

func (s *Service) looking(tx *store.Tx, who access.Actor, only fact.PointID) (*looking, error) {
	l := &looking{who: who, now: s.now(), names: map[fact.OrgID]OrgName{}}
	orgs, err := s.Organisations(tx)
	if err != nil {
		return nil, err
	}
	for _, o := range orgs {
		l.names[o.ID] = OrgName{o.ID, o.Code, o.Name}
	}
	if l.positions, err = positions(tx, l.now); err != nil {
		return nil, err
	}
	l.days, err = exceptions(tx, only, l.now)
	return l, err
}

// where returns the position of a point that the caller may know.
func (l *looking) where(r *pointRow) *Position {
	if r.Mobility == AtSea && !sees(l.who, r.Org, l.now) {
		return nil
	}
	if p, planned := l.positions[r.ID]; planned {
		return &p
	}
	return r.Position
}

// open tells whether a point is open at an instant and until when; known is false when nobody said.
func (l *looking) open(r *pointRow, at time.Time) (now bool, until time.Time, known bool) {
	if r.State.State != Open {
		return false, time.Time{}, true
	}
	spec, known := withExceptions(r.Hours, l.days[r.ID])
	if !known {
		return false, time.Time{}, false
	}
	now, until, _ = spec.Open(at.In(r.location()))
	return now, until, true
}

func (l *looking) view(r *pointRow) PointView {
	v := PointView{ID: r.ID, Code: r.Code, Name: r.Name, Kind: r.Kind, Mobility: r.Mobility, Organisation: l.names[r.Org], Country: r.Country,
		Place: r.place, Services: orEmpty(r.Services), Languages: orEmpty(r.Languages), Hours: r.Hours, WomenHours: r.WomenHours, Busy: r.Busy,
		TimeZone: r.zone, Cutoff: r.Cutoff, Beds: r.Beds, Visibility: r.Visibility, State: r.State.State, StateOn: r.State.On,
		StateWhy: r.State.Why, HandedTo: r.State.To, Number: r.Number}
	v.Organisation.ID = r.Org // also where the organisation itself is not here yet
	if p := l.where(r); p != nil {
		v.Lat, v.Lon = &p.Lat, &p.Lon
	}
	if now, until, known := l.open(r, l.now); known {
		v.OpenNow = &now
		if !until.IsZero() {
			until = until.UTC()
			v.OpenUntil = &until
		}
	}
	return v
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Points returns the points that a filter picks, by code.
func (s *Service) Points(ctx context.Context, who access.Actor, f PointFilter) ([]PointView, error) {
	out := []PointView{}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		org, err := s.organisation(tx, f.Organisation)
		if err != nil {
			return err
		}
		l, err := s.looking(tx, who, fact.PointID{})
		if err != nil {
			return err
		}
		text := geo.Fold(f.Text)
		return tx.Each(selectPoint+` WHERE code <> '' AND ($1 = '' OR country = $1) AND ($2 = '' OR kind = $2) ORDER BY code, point`,
			store.Args{f.Country, f.Kind}, func(row *store.Row) error {
				r, err := scanPoint(row)
				if err != nil {
					return err
				}
				if f.Organisation != "" && r.Org != org || text != "" && !strings.Contains(geo.Fold(r.Name), text) && !strings.Contains(geo.Fold(r.Code), text) {
					return nil
				}
				if !f.OpenAt.IsZero() {
					if now, _, _ := l.open(r, f.OpenAt); !now {
						return nil
					}
				}
				out = append(out, l.view(r))
				return nil
			})
	})
	return out, err
}

// organisation reads the id or the code of an organisation; what names none is the zero id.
func (s *Service) organisation(tx *store.Tx, ref string) (fact.OrgID, error) {
	var id fact.OrgID
	if ref == "" || len(ref) == 36 && id.UnmarshalText([]byte(ref)) == nil {
		return id, nil
	}
	err := eachOrganisation(tx, `WHERE code = $1 ORDER BY organisation DESC`, store.Args{ref}, func(o OrganisationRow) error {
		id = o.ID
		return nil
	})
	return id, err
}

// Point returns one point with what an edit must name.
func (s *Service) Point(ctx context.Context, who access.Actor, point fact.PointID) (PointView, error) {
	var out PointView
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		r, err := s.load(tx, point)
		if err != nil {
			return err
		}
		l, err := s.looking(tx, who, r.ID)
		if err != nil {
			return err
		}
		out = l.view(r)
		out.Exceptions, out.NextDays = l.days[r.ID], l.nextDays(r)
		all, err := heads.Of(tx, r.ID.Bytes())
		if err != nil {
			return err
		}
		hidden := r.Mobility == AtSea && !sees(who, r.Org, l.now)
		// Where a team will be tomorrow is told to those who plan it, and to nobody who might wait for it.
		if plans := s.may(who, "network.run", r.Org, r.ID) == nil || s.may(who, "network.edit", r.Org, r.ID) == nil; plans && r.Mobility != Fixed && !hidden {
			if out.Itinerary, err = itinerary(tx, r.ID, l.now); err != nil {
				return err
			}
		}
		all = slices.DeleteFunc(all, func(h journal.Head) bool {
			return !strings.HasPrefix(h.Field, pointFields.kind+".") || hidden && h.Field == pointFields.name(positionField)
		})
		out.Conflicts = pointFields.conflicts(all)
		out.Heads = map[string][]fact.FactID{}
		for _, h := range all {
			name := strings.TrimPrefix(h.Field, pointFields.kind+".")
			out.Heads[name] = append(out.Heads[name], h.Fact)
		}
		return nil
	})
	return out, err
}

// LegView is one stop of a route with the leg that leads to it.
type LegView struct {
	Order int        `json:"order"`
	Point *PointName `json:"point,omitempty"`
	Place string     `json:"place,omitempty" doc:"A named place where nobody of the network works"`
	Lat   *float64   `json:"lat,omitempty"`
	Lon   *float64   `json:"lon,omitempty"`
	Mode  string     `json:"mode,omitempty"`
	Hours float64    `json:"hours,omitempty"`
}

// PointName is how a point appears in an answer.
type PointName struct {
	ID   fact.PointID `json:"id"`
	Code string       `json:"code"`
	Name string       `json:"name"`
}

// RouteView is a route with its legs, usable both ways.
type RouteView struct {
	ID   fact.RouteID `json:"id"`
	Code string       `json:"code"`
	Name string       `json:"name"`
	Legs []LegView    `json:"legs"`
}

// RouteList returns the routes by code; reversed turns every one around.
func (s *Service) RouteList(ctx context.Context, who access.Actor, reversed bool) ([]RouteView, error) {
	out := []RouteView{}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		all, err := routes(tx)
		if err != nil {
			return err
		}
		l, err := s.looking(tx, who, fact.PointID{})
		if err != nil {
			return err
		}
		for _, row := range all {
			r := row.Route
			if reversed {
				r = r.Reversed()
			}
			v := RouteView{ID: row.ID, Code: r.Code, Name: r.Name, Legs: []LegView{}}
			for i, stop := range r.Stops {
				leg := LegView{Order: i + 1, Place: stop.Place, Mode: stop.Mode, Hours: stop.Hours}
				at := stop.Position
				if !stop.Point.IsZero() {
					leg.Point = &PointName{ID: stop.Point}
					p, found, err := s.row(tx, stop.Point)
					if err != nil {
						return err
					}
					if found { // else it is not here yet
						leg.Point.Code, leg.Point.Name, at = p.Code, p.Name, l.where(p)
					}
				}
				if at != nil {
					leg.Lat, leg.Lon = &at.Lat, &at.Lon
				}
				v.Legs = append(v.Legs, leg)
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// withExceptions parses opening hours together with the exceptional days of a point. An exception that cannot be read
// leaves the week as it is.
func withExceptions(week string, exceptions []Exception) (hours.Spec, bool) {
	rules := week
	for _, e := range exceptions {
		with := e.rule()
		if rules != "" {
			with = rules + "; " + with
		}
		if _, err := hours.Parse(with); err == nil {
			rules = with
		}
	}
	if rules == "" {
		return hours.Spec{}, false
	}
	spec, err := hours.Parse(rules)
	return spec, err == nil
}
