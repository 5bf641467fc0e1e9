package view

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/area/network"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// The route board: one route with its stops in order, what is open, when each point was last heard, and for those who
// may see the counts of a point how its week went and who may come next. Everybody signed in sees the first part;
// figures follow the counts, with one exception that Expected tells.

// boardDays is how many operating days a board looks back.
const boardDays = 7

// Board is one route as it stands.
type Board struct {
	At     time.Time    `json:"at"`
	Routes []BoardRoute `json:"routes"` // all that have a point, those of the caller's own points first
	Route  *BoardRoute  `json:"route" doc:"null when this node knows no route"`
	Stops  []BoardStop  `json:"stops"`
	// ExpectedBy tells how the expected were found. contacts_of_3_days: nobody records departures, so these are the
	// people who were met at the neighbouring point within three operating days and said that they go this way. Not
	// everybody says so, some take another road, and some are here already.
	ExpectedBy string `json:"expected_by" enum:"contacts_of_3_days"`
}

// BoardRoute names a route; Own says how many of its points the caller's organisations run.
type BoardRoute struct {
	ID       fact.RouteID `json:"id"`
	Code     string       `json:"code"`
	Name     string       `json:"name"`
	Points   int          `json:"points"`
	Own      int          `json:"own"`
	Reversed bool         `json:"reversed,omitempty"`

	at bool // the caller works at one of its points
}

// BoardStop is one stop with the leg that leads to it.
type BoardStop struct {
	Order   int         `json:"order"`
	Place   string      `json:"place,omitempty"`
	Mode    string      `json:"mode,omitempty"`
	Hours   float64     `json:"hours,omitempty"`
	Point   *BoardPoint `json:"point,omitempty"`
	Figures *Figures    `json:"figures,omitempty" doc:"Only for those who may see the counts of this point"`
	Log     *BoardLog   `json:"log,omitempty" doc:"Only for those who may see its daily logs"`
	Low     []LowStock  `json:"low,omitempty" doc:"What runs short; only for those who may see its stock"`
}

// BoardPoint is what everybody who is signed in may know of a point.
type BoardPoint struct {
	ID           fact.PointID    `json:"id"`
	Code         string          `json:"code"`
	Name         string          `json:"name"`
	Kind         string          `json:"kind"`
	Mobility     string          `json:"mobility"`
	Organisation network.OrgName `json:"organisation"`
	Country      string          `json:"country"`
	Place        string          `json:"place,omitempty"`
	State        string          `json:"state"`
	StateOn      fact.Day        `json:"state_on,omitzero"`
	StateWhy     string          `json:"state_why,omitempty"`
	OpenNow      *bool           `json:"open_now" doc:"null when nobody said when it is open"`
	OpenUntil    *time.Time      `json:"open_until,omitempty"`
	TimeZone     string          `json:"time_zone"`
	Services     []string        `json:"services"`
	Beds         int             `json:"beds,omitempty"`
	// Heard is when the newest record of the point was made that this node has; to those who may not see its counts by
	// the hour, since a minute would tell when somebody stood at the door.
	Heard *time.Time `json:"heard,omitempty" doc:"Absent when nothing of this point is here"`
}

// Figures are the week of a point and who may come to it.
type Figures struct {
	To       fact.Day   `json:"to"`                                                              // the last of the seven operating days, today at the point
	Contacts []*int64   `json:"contacts" doc:"Day by day; null: not reported, which is no zero"` // oldest first
	Services int64      `json:"services"`
	Total    int64      `json:"total" doc:"Contacts of the seven days"`
	Persons  Persons    `json:"persons"`
	Unmet    []Unmet    `json:"unmet" doc:"Asked for and not given in the seven days, the most first"`
	Expected []Expected `json:"expected" doc:"By neighbouring point"`
}

// Unmet is who asked for something in vain.
type Unmet struct {
	Code    string `json:"code"`
	Persons int64  `json:"persons"`
}

// Expected are people who were met at a neighbouring point and said that they go on, or back, towards this one.
//
// Whoever may see the counts of that point gets the interval. Whoever may see the counts of this point alone, and works
// for the organisation that runs both, gets About: rounded to fives, and Few for less than five, none included, so that
// nobody can be picked out and the day at the other point cannot be followed person by person.
type Expected struct {
	From    network.PointName `json:"from"`
	Hours   float64           `json:"hours,omitempty" doc:"Usual time between the two"`
	Persons *Persons          `json:"persons,omitempty"`
	About   int64             `json:"about,omitempty"`
	Few     bool              `json:"few,omitempty"`
}

// BoardLog is what the newest daily log of the seven days says.
type BoardLog struct {
	Day        fact.Day `json:"day"`
	TurnedAway int      `json:"turned_away"`
	BedsUsed   *int     `json:"beds_used,omitempty"`
	Staff      int      `json:"staff"` // staff and volunteers
}

// LowStock is an item of which a point holds no more than its low mark.
type LowStock struct {
	Item   string           `json:"item"`
	Labels catalogue.Labels `json:"labels,omitempty"`
	Held   int64            `json:"held" doc:"below zero: count again"`
	Mark   int64            `json:"mark"`
}

// Stock tells what runs short at a point, nothing to those who may not see its stock; the app supplies it.
type Stock interface {
	Low(ctx context.Context, who access.Actor, point fact.PointID) ([]LowStock, error)
}

// expectedDays is how many operating days somebody who said that she goes on stays expected, today included.
const expectedDays = 3

// fewest is the smallest number of people that is told to somebody who may not count them.
const fewest = 5

var errNoRoute = fault.NotFound("view.no_route", "there is no such route; GET /api/routes lists them")

// Board returns the board of a route, of the caller's own one when code is empty.
func (s *Service) Board(ctx context.Context, who access.Actor, code string, reversed bool) (Board, error) {
	out := Board{At: s.Now().UTC().Truncate(time.Second), Stops: []BoardStop{}, ExpectedBy: "contacts_of_3_days"}
	routes, err := s.Network.RouteList(ctx, who, reversed)
	if err != nil {
		return out, fmt.Errorf("board: %w", err)
	}
	all, err := s.Network.Points(ctx, who, network.PointFilter{})
	if err != nil {
		return out, fmt.Errorf("board: %w", err)
	}
	points := make(map[string]*network.PointView, len(all))
	for i := range all { // a stop names the id that stands for the code, or the point's own
		points[all[i].ID.String()], points[all[i].Code] = &all[i], &all[i]
	}
	out.Routes = s.boardRoutes(who, routes, points)
	chosen := -1
	for i, r := range out.Routes {
		if code == "" || r.Code == code || r.ID.String() == code {
			chosen = i
			break
		}
	}
	if chosen < 0 {
		if code == "" {
			return out, nil
		}
		return out, errNoRoute
	}
	route := out.Routes[chosen]
	route.Reversed = reversed
	out.Route = &route
	legs := routes[slices.IndexFunc(routes, func(r network.RouteView) bool { return r.ID == route.ID })].Legs
	stops := make([]*network.PointView, len(legs))
	for i, leg := range legs {
		stop := BoardStop{Order: leg.Order, Place: leg.Place, Mode: leg.Mode, Hours: leg.Hours}
		if leg.Point != nil {
			if stops[i] = points[leg.Point.ID.String()]; stops[i] == nil {
				stops[i] = points[leg.Point.Code]
			}
			if p := stops[i]; p != nil {
				stop.Point = boardPoint(p)
			} else {
				stop.Point = &BoardPoint{ID: leg.Point.ID, Services: []string{}} // not here yet
			}
		}
		out.Stops = append(out.Stops, stop)
	}
	b := &boarder{Service: s, who: who, now: s.Now(), reversed: reversed, points: stops, stops: out.Stops}
	if err := s.DB.Read(ctx, b.read); err != nil {
		return out, fmt.Errorf("board of route %s: %w", route.Code, err)
	}
	return out, b.daily(ctx)
}

// boardRoutes lists the routes that have a point, those where the caller works first.
func (s *Service) boardRoutes(who access.Actor, routes []network.RouteView, points map[string]*network.PointView) []BoardRoute {
	out := []BoardRoute{}
	now := s.Now()
	for _, r := range routes {
		b := BoardRoute{ID: r.ID, Code: r.Code, Name: r.Name}
		for _, leg := range r.Legs {
			if leg.Point == nil {
				continue
			}
			b.Points++
			p := points[leg.Point.ID.String()]
			if p == nil {
				p = points[leg.Point.Code]
			}
			if p == nil {
				continue
			}
			own := false
			for i := range who.Grants {
				if g := &who.Grants[i]; g.Holds(now) && g.Org == p.Organisation.ID {
					own = true
					b.at = b.at || g.Point == p.ID
				}
			}
			if own {
				b.Own++
			}
		}
		if b.Points > 0 {
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b BoardRoute) int {
		first := func(r BoardRoute) int {
			switch {
			case r.at:
				return 0
			case r.Own > 0:
				return 1
			}
			return 2
		}
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(a.Code, b.Code))
	})
	return out
}

func boardPoint(p *network.PointView) *BoardPoint {
	b := &BoardPoint{ID: p.ID, Code: p.Code, Name: p.Name, Kind: p.Kind, Mobility: p.Mobility, Organisation: p.Organisation, Country: p.Country,
		State: p.State, StateOn: p.StateOn, StateWhy: p.StateWhy, OpenNow: p.OpenNow, OpenUntil: p.OpenUntil, TimeZone: p.TimeZone, Beds: p.Beds, Services: []string{}}
	if p.Place != nil {
		b.Place = cmp.Or(p.Place.Name, p.Place.Admin1)
	}
	for _, sv := range p.Services {
		b.Services = append(b.Services, sv.Code)
	}
	return b
}

// boarder fills the stops of one board.
type boarder struct {
	*Service
	who      access.Actor
	now      time.Time
	reversed bool
	points   []*network.PointView // nil: a named place, or not here yet
	stops    []BoardStop
	heardOn  []time.Time // zero: never
}

func (b *boarder) may(p access.Permission, point *network.PointView) bool {
	return b.who.May(p, access.Resource{Org: point.Organisation.ID, Point: point.ID}, b.now)
}

// dayOf is the operating day of an instant at a point.
func (b *boarder) dayOf(p *network.PointView, at time.Time) fact.Day {
	return fact.OperatingDay(at, zone(p), time.Duration(p.Cutoff)*time.Minute)
}

func (b *boarder) today(p *network.PointView) fact.Day { return b.dayOf(p, b.now) }

func (b *boarder) read(tx *store.Tx) (err error) {
	b.heardOn = make([]time.Time, len(b.points))
	for i, p := range b.points {
		if p == nil {
			continue
		}
		if b.heardOn[i], err = b.heard(tx, p); err != nil {
			return err
		}
	}
	for i, p := range b.points {
		if p == nil {
			continue
		}
		stop, counts := &b.stops[i], b.may("counts.read", p)
		if heard := b.heardOn[i].UTC().Truncate(time.Second); !b.heardOn[i].IsZero() {
			if !counts {
				heard = heard.Truncate(time.Hour)
			}
			stop.Point.Heard = &heard
		}
		if !counts {
			continue
		}
		if stop.Figures, err = b.figures(tx, p, b.heardOn[i]); err != nil {
			return err
		}
		if stop.Figures.Expected, err = b.expected(tx, i); err != nil {
			return err
		}
	}
	return nil
}

// heard returns when the newest record of a point was made that is here: a contact, or what the point said of itself.
func (b *boarder) heard(tx *store.Tx, p *network.PointView) (time.Time, error) {
	var recorded, stamp int64
	// The newest days are found by the index; what was entered later for a day long past is not what makes a point heard.
	if _, err := tx.One(`SELECT COALESCE(MAX(recorded), 0) FROM assist_contact WHERE point = $1 AND day >= (SELECT MAX(day) FROM assist_contact WHERE point = $1) - 7`,
		store.Args{p.ID}, &recorded); err != nil {
		return time.Time{}, err
	}
	// The state with which a point was written down first says nothing of it.
	if _, err := tx.One(`SELECT COALESCE(MAX(stamp), 0) FROM network_head WHERE subject = $1 AND (field LIKE 'log %' OR field LIKE 'exception %'
OR field = 'point.state' AND fact NOT IN (SELECT fact FROM network_head WHERE subject = $1 AND field = 'point.code'))`, store.Args{p.ID.Bytes()}, &stamp); err != nil {
		return time.Time{}, err
	}
	var at time.Time
	if recorded > 0 {
		at = time.UnixMilli(recorded)
	}
	if said := fact.Stamp(stamp).Time(); stamp > 0 && said.After(at) {
		at = said
	}
	if at.After(b.now) { // its clock runs ahead
		at = b.now
	}
	return at, nil
}

// figures counts the seven days of a point. The days after it was last heard are not reported.
func (b *boarder) figures(tx *store.Tx, p *network.PointView, heard time.Time) (*Figures, error) {
	to := b.today(p)
	f := &Figures{To: to, Contacts: make([]*int64, boardDays), Unmet: []Unmet{}, Expected: []Expected{}}
	ask := Ask{From: to - boardDays + 1, To: to, Point: p.ID, By: []string{byDay}, Scheme: "ifrc"}
	days, err := b.count(tx, b.who, ask)
	if err != nil {
		return nil, err
	}
	f.Services, f.Total, f.Persons = days.Totals.Services, days.Totals.Contacts, days.Totals.Persons
	if !heard.IsZero() {
		last := b.dayOf(p, heard)
		for i := range f.Contacts {
			if ask.From+fact.Day(i) <= last {
				f.Contacts[i] = new(int64)
			}
		}
	}
	for _, r := range days.Rows {
		day, err := fact.ParseDay(r.Key[byDay])
		if err == nil && day >= ask.From && day <= to {
			f.Contacts[day-ask.From] = &r.Contacts
		}
	}
	if days.Totals.Unmet == 0 {
		return f, nil
	}
	ask.By = []string{byService, byReason}
	asked, err := b.count(tx, b.who, ask)
	if err != nil {
		return nil, err
	}
	for _, r := range asked.Rows {
		if r.Unmet == 0 {
			continue
		}
		if n := len(f.Unmet); n > 0 && f.Unmet[n-1].Code == r.Key[byService] { // rows come by service, then reason
			f.Unmet[n-1].Persons += r.Unmet
		} else {
			f.Unmet = append(f.Unmet, Unmet{r.Key[byService], r.Unmet})
		}
	}
	slices.SortStableFunc(f.Unmet, func(x, y Unmet) int { return cmp.Compare(y.Persons, x.Persons) })
	return f, nil
}

// expected asks, on both sides of a stop, the nearest point of which something is known here who goes this way.
func (b *boarder) expected(tx *store.Tx, i int) ([]Expected, error) {
	out := []Expected{}
	for _, step := range []int{-1, 1} {
		// Onward is the way in which the route is written, whichever way the board shows it.
		direction := "onward"
		if (step > 0) != b.reversed {
			direction = "back"
		}
		hours := 0.0
		for j := i + step; j >= 0 && j < len(b.points); j += step {
			hours += b.stops[max(j, j-step)].Hours // a leg stands with the later of its two stops
			q := b.points[j]
			if q == nil {
				continue
			}
			e, ok, err := b.going(tx, q, b.points[i], b.heardOn[j], direction)
			if err != nil {
				return nil, err
			}
			if ok {
				e.Hours = hours
				out = append(out, e)
				break
			}
		}
	}
	return out, nil
}

// going counts who was met at q and said that she goes towards p; ok is false when the caller may not know, or nothing
// of those days came from q.
func (b *boarder) going(tx *store.Tx, q, p *network.PointView, heard time.Time, direction string) (e Expected, ok bool, err error) {
	e.From = network.PointName{ID: q.ID, Code: q.Code, Name: q.Name}
	to := b.today(q)
	if heard.IsZero() || b.dayOf(q, heard) <= to-expectedDays {
		return e, false, nil
	}
	who, exact := b.who, b.may("counts.read", q)
	if !exact {
		if q.Organisation.ID != p.Organisation.ID {
			return e, false, nil
		}
		// Who may count here reads the sum of a sister point, which is blunted below.
		who = access.Actor{Full: true, Org: q.Organisation.ID, Grants: []access.Grant{{Role: access.PointLead, Org: q.Organisation.ID, Point: q.ID}}}
	}
	c, err := b.count(tx, who, Ask{From: to - expectedDays + 1, To: to, Point: q.ID, Scheme: "ifrc", going: direction})
	if err != nil {
		return e, false, err
	}
	n := c.Totals.Persons
	switch {
	case exact:
		e.Persons = &n
	case n.Central < fewest:
		e.Few = true
	default:
		e.About = (n.Central + fewest/2) / fewest * fewest
	}
	return e, true, nil
}

// daily adds, where the caller may read them, the newest daily log of the seven days and what runs short.
func (b *boarder) daily(ctx context.Context) (err error) {
	for i, p := range b.points {
		if p == nil {
			continue
		}
		stop := &b.stops[i]
		if b.Stock != nil {
			if stop.Low, err = b.Stock.Low(ctx, b.who, p.ID); err != nil {
				return fmt.Errorf("board: %w", err)
			}
		}
		if !b.may("network.run", p) {
			continue
		}
		to := b.today(p)
		days, err := b.Network.Days(ctx, b.who, p.ID, to-boardDays+1, to)
		if err != nil {
			return fmt.Errorf("board: %w", err)
		}
		if len(days) > 0 {
			d := days[0]
			stop.Log = &BoardLog{d.Day, d.TurnedAway, d.BedsUsed, d.StaffWomen + d.StaffMen + d.VolunteersWomen + d.VolunteersMen}
		}
	}
	return nil
}
