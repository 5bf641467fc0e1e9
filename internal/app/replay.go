package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"serai/internal/access"
	"serai/internal/area/assist"
	"serai/internal/area/network"
	"serai/internal/area/people"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/sim"
)

// Replay tells simulated journeys to nodes, through the same services that the desk uses: every node records what
// happens at the points of its own organisation, and cards are carried from one to the next as text, which is all that
// the nodes share.
type Replay struct {
	Nodes   []*Node
	Clock   *Moment             // shared with the nodes' configurations
	Staff   map[*Node]Staff     // who records
	Stores  map[*Node][]*larder // points whose store is played too
	Carried map[string]string   // lineage of the simulation -> text of the latest print
	files   map[int]people.File // file of the simulation -> file here
	groups  map[int]fact.ArrivalID
	Counted ReplayCount
}

// Staff are the accounts in whose names a replay records.
type Staff struct{ Volunteer, Lead, Nurse access.Actor }

// ReplayCount counts what was recorded.
type ReplayCount struct{ Contacts, Arrivals, Files, Cards, Updates, Refused int }

// Moment is a clock that a replay sets; at rest it is the real one.
type Moment struct{ at func() time.Time }

// NewMoment returns a clock at rest.
func NewMoment() *Moment { return &Moment{time.Now} }

// Now returns the time of the replay, or of the machine.
func (m *Moment) Now() time.Time { return m.at() }

// Run replays a world. It is not safe beside requests that need the clock.
func (r *Replay) Run(ctx context.Context, w *sim.World) error {
	r.Carried, r.files, r.groups = map[string]string{}, map[int]people.File{}, map[int]fact.ArrivalID{}
	at := map[string]*Node{}
	for _, n := range r.Nodes {
		at[n.Settings.Org] = n
	}
	rest := r.Clock.at
	defer func() { r.Clock.at = rest }()
	now := rest()
	var failed error
	w.Play(func(e sim.Event) bool {
		n := at[e.Organisation]
		if n == nil || e.At.After(now) {
			return ctx.Err() == nil
		}
		r.Clock.at = func() time.Time { return e.At }
		err := r.stores(ctx, n, e.At)
		if err == nil {
			err = r.event(ctx, n, e)
		}
		switch {
		case err == nil:
		case fault.Of(err) != fault.Internal: // a rule of the desk said no, as it may to a person at a screen
			r.Counted.Refused++
			slog.Debug("the desk refused a simulated event", "kind", e.Kind, "point", e.Point, "code", fault.Code(err), "error", err.Error())
		default:
			failed = fmt.Errorf("replay event %d (%s at %s): %w", e.Seq, e.Kind, e.Point, err)
			return false
		}
		return ctx.Err() == nil
	})
	return errors.Join(failed, ctx.Err())
}

func (r *Replay) event(ctx context.Context, n *Node, e sim.Event) error {
	point := fact.PointByCode(e.Point)
	staff := r.Staff[n]
	switch b := e.Body.(type) {
	case sim.Arrival:
		return r.arrival(ctx, n, point, e, b)
	case sim.Tally:
		return r.tally(ctx, n, point, e, b)
	case sim.FileOpened:
		return r.file(ctx, n, point, b)
	case sim.Contact:
		return r.contact(ctx, n, point, e, b)
	case sim.DailyLog:
		return n.Network.LogDay(ctx, staff.Lead, fact.FactID{}, point, dayLog(e, b), nil)
	}
	return nil
}

func dayLog(e sim.Event, b sim.DailyLog) network.DayLog {
	day, err := fact.ParseDay(b.Day)
	if err != nil {
		day = fact.DayOf(e.At)
	}
	l := network.DayLog{Day: day, StaffWomen: b.Staff.Women, StaffMen: b.Staff.Men, VolunteersWomen: b.Volunteers.Women, VolunteersMen: b.Volunteers.Men,
		Hours: float64(b.Hours), TurnedAway: b.TurnedAway, Why: b.Why}
	if b.Open {
		l.Opened, l.Closed = "08:00", time.Date(0, 1, 1, 8+b.Hours%16, 0, 0, 0, time.UTC).Format("15:04")
	}
	return l
}

func (r *Replay) arrival(ctx context.Context, n *Node, point fact.PointID, e sim.Event, b sim.Arrival) error {
	if b.Size.Total() < 8 { // a small group is met one by one
		return nil
	}
	a, err := n.Assist.Arrive(ctx, r.Staff[n].Lead, assist.ArriveInput{Point: point, Arrive: assist.Arrive{Happened: e.At, Kind: b.Kind,
		Size: map[string]int{"woman": b.Size.Woman, "man": b.Size.Man, "girl": b.Size.Girl, "boy": b.Size.Boy}, Group: "on_move"}})
	if err == nil {
		r.groups[b.ID] = a.Arrival
		r.Counted.Arrivals++
	}
	return err
}

func (r *Replay) tally(ctx context.Context, n *Node, point fact.PointID, e sim.Event, b sim.Tally) error {
	if b.Sealed {
		for _, s := range b.Services {
			if err := n.Assist.TallySealed(ctx, r.Staff[n].Nurse, fact.FactID{}, point, e.At.Format("2006-01"), s.Code, max(s.Quantity, 1)); err != nil {
				return err
			}
		}
		return nil
	}
	buttons := map[string]int{}
	for _, k := range b.Buttons {
		buttons[k.Code] += k.Count
	}
	_, err := n.Assist.Record(ctx, r.Staff[n].Lead, assist.RecordInput{Point: point, Record: assist.Record{
		Happened: e.At, Tally: buttons, Services: given(b.Services), Arrival: r.groups[b.Arrival], Entry: "bulk", Group: "on_move",
	}})
	if err == nil {
		r.Counted.Contacts += b.People()
	}
	return err
}

func given(list []sim.Given) []assist.Given {
	var out []assist.Given
	for _, s := range list {
		sv, ok := catalogue.Base().Service(s.Code)
		if ok && sv.Seen != catalogue.ClassSealed {
			out = append(out, assist.Given{Code: s.Code, Quantity: min(max(s.Quantity, 1), 999)})
		}
	}
	return out
}

func (r *Replay) file(ctx context.Context, n *Node, point fact.PointID, b sim.FileOpened) error {
	p := people.Profile{Sex: b.Sex, Languages: []string{b.Language}, Needs: b.Needs}
	if b.Name != nil {
		p.Name = &people.Name{Parts: b.Name.Parts, Script: b.Name.Script}
	}
	if on, err := fact.ParseDay(b.Age.On); err == nil && b.Age.High > 0 {
		p.Age = &people.Age{Low: b.Age.Low, High: b.Age.High, On: on, Method: b.Age.Method}
	}
	f, err := n.People.Open(ctx, r.Staff[n].Nurse, people.OpenFile{Point: point, Profile: p,
		Basis: people.Given{Basis: "consent", Purpose: people.PurposeFile, Language: b.Language, How: "spoken", Answer: "yes"}})
	if err == nil {
		r.files[b.File] = f
		r.Counted.Files++
	}
	return err
}

func (r *Replay) contact(ctx context.Context, n *Node, point fact.PointID, e sim.Event, b sim.Contact) error {
	in := assist.RecordInput{Point: point, Record: assist.Record{
		Happened: e.At, Group: b.Group, Stage: b.Stage, Direction: b.Direction, Disability: b.Disability, Repeat: b.Repeat,
		Sex: b.Sex, Services: given(b.Services), Arrival: r.groups[b.Arrival], Entry: b.EntryMode,
	}}
	for _, a := range b.NotGiven {
		if sv, ok := catalogue.Base().Service(a.Code); ok && sv.Seen == catalogue.ClassSealed {
			a.Code = "private_talk"
		}
		in.Asked = append(in.Asked, assist.Asked{Code: a.Code, Reason: a.Reason, N: 1})
	}
	if age, ok := ageGroups[b.AgeGroup]; ok {
		in.Age = &age
	}
	switch f, known := r.files[b.File]; {
	case b.Card != "" && r.Carried[b.Card] != "":
		in.Card = r.Carried[b.Card]
	case known:
		in.Person = f.Person
	}
	c, err := n.Assist.Record(ctx, r.Staff[n].Nurse, in)
	if err != nil {
		return err
	}
	r.Counted.Contacts++
	switch {
	case in.Card != "":
		text, err := n.updateCard(ctx, r.Staff[n].Nurse, point, in.Card, c)
		if err != nil {
			return err
		}
		r.Carried[b.Card] = text
		r.Counted.Updates++
	case b.NewCard != "":
		text, err := n.issueCard(ctx, r.Staff[n].Nurse, point, in.Person, c)
		if err != nil {
			return err
		}
		r.Carried[b.NewCard] = text
		r.Counted.Cards++
	}
	return nil
}

var ageGroups = map[string]catalogue.Age{"child": {Low: 5, High: 17}, "adult": {Low: 18, High: 59}, "older": {Low: 60, High: catalogue.AgeMax}}
