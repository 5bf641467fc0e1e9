package assist

import (
	"errors"
	"fmt"
	"time"

	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
)

// oldest is how far back a contact may be entered: a shoe box of tally sheets, not a typing mistake in the year.
const oldest = 2 * 366 * 24 * time.Hour

// ahead is how far a device's clock may run ahead of the node's before a contact "happened in the future".
const ahead = 10 * time.Minute

// headsMost bounds one contact or arrival; more come as several.
const headsMost = 2000

// Place is what the rules need to know of a service point.
type Place struct {
	ID      fact.PointID
	Code    string
	Name    string
	Org     fact.OrgID
	Zone    *time.Location
	Cutoff  time.Duration
	Country string
	PCode   string
}

// Client is what the rules need to know of somebody who is known by file or card.
type Client struct {
	Person fact.PersonID
	Sex    string
	Age    catalogue.Age
	AgeOn  fact.Day // when the age was that; zero when there is no age
}

// Record is the command behind a contact. Exactly one of Client, Tally and neither (a single person without a name)
// says who was there.
type Record struct {
	ID         fact.ContactID
	Happened   time.Time // zero: now
	Client     *Client
	Tally      map[string]int // button -> number
	Persons    int            // a collector gives for so many; 0 is 1
	Sex        string
	Age        *catalogue.Age
	Group      string
	Stage      string
	Direction  string
	Disability string
	Repeat     string
	Project    fact.ProjectID
	Entry      string
	Arrival    fact.ArrivalID
	Services   []Given
	Asked      []Asked
	Health     bool // the actor may record services of class H here
}

// Decide turns the command into the open part of its fact. It reads and writes nothing, so that a tablet and a server
// give the same answer. All faults are reported at once.
func (cmd Record) Decide(at Place, cat *catalogue.Catalogue, now time.Time) (RecordedOpen, error) {
	var bad []error
	happened, day := moment(cmd.Happened, at, now, &bad)
	open := RecordedOpen{
		Point: at.ID, Org: at.Org, Day: day, Happened: happened.UnixMilli(), Offset: offset(happened, at),
		Group: cmd.Group, Stage: cmd.Stage, Direction: cmd.Direction, Disability: cmd.Disability, Repeat: cmd.Repeat,
		Project: cmd.Project, Entry: cmd.Entry, Arrival: cmd.Arrival, Known: cmd.Client != nil,
	}
	if !cmd.Happened.IsZero() {
		open.Clock = "device"
	}
	open.Heads = cmd.heads(open.Day, cat, &bad)
	open.Services = services(cmd.Services, cat, cmd.Health, &bad)
	open.Asked = asked(cmd.Asked, cat, len(cmd.Tally) == 0, &bad)
	for _, c := range []struct{ list, field, code string }{
		{"groups", "group", cmd.Group}, {"directions", "direction", cmd.Direction}, {"disabilities", "disability", cmd.Disability},
		{"repeats", "repeat", cmd.Repeat}, {"entry_modes", "entry", cmd.Entry},
	} {
		if c.code != "" && !known(cat, c.list, c.code) {
			bad = append(bad, fault.Fieldf(c.field, "assist.unknown_"+c.field, "this %s is not in the list; see /api/lists", c.field))
		}
	}
	stage(cmd.Stage, cmd.Client != nil, cat, &bad)
	if len(open.Services) == 0 && len(open.Asked) == 0 && len(bad) == 0 && cmd.Client == nil && len(cmd.Tally) == 0 && cmd.Sex == "" && cmd.Age == nil {
		bad = append(bad, fault.Field("services", "assist.nothing_recorded", "say what was given, what was asked for, or who was there"))
	}
	return open, errors.Join(bad...)
}

func moment(happened time.Time, at Place, now time.Time, bad *[]error) (time.Time, fact.Day) {
	switch {
	case happened.IsZero():
		happened = now
	case happened.After(now.Add(ahead)):
		*bad = append(*bad, fault.Field("happened", "assist.in_future", "this lies in the future; check the clock of the device"))
	case happened.Before(now.Add(-oldest)):
		*bad = append(*bad, fault.Field("happened", "assist.too_long_ago", "this lies more than two years back; check the year"))
	}
	return happened, fact.OperatingDay(happened, at.Zone, at.Cutoff)
}

func offset(t time.Time, at Place) int {
	_, seconds := t.In(at.Zone).Zone()
	return seconds / 60
}

// heads says in numbers who was there.
func (cmd Record) heads(day fact.Day, cat *catalogue.Catalogue, bad *[]error) []Head {
	n := max(cmd.Persons, 1)
	if cmd.Persons < 0 || cmd.Persons > headsMost {
		*bad = append(*bad, fault.Fieldf("for_persons", "assist.bad_number", "a number of persons is 1 to %d", headsMost))
	}
	switch {
	case cmd.Client != nil && len(cmd.Tally) > 0:
		*bad = append(*bad, fault.Field("tally", "assist.tally_of_person", "a contact is about one known person or a tally, not both"))
		return nil
	case cmd.Client != nil:
		h := Head{Sex: cmd.Client.Sex, Age: catalogue.Unknown, N: n}
		if cmd.Client.AgeOn != 0 {
			age := cmd.Client.Age.On(cmd.Client.AgeOn.Time(), day.Time())
			h.Age = catalogue.Span(age.Low, age.High)
		}
		if h.Sex == "" {
			h.Sex = "U"
		}
		return []Head{h}
	case len(cmd.Tally) > 0:
		return tally(cmd.Tally, "tally.buttons", cat, bad)
	}
	h := Head{Sex: cmd.Sex, Age: catalogue.Unknown, N: n}
	if h.Sex == "" {
		h.Sex = "U"
	} else if _, ok := cat.Lists.Sex(h.Sex); !ok {
		*bad = append(*bad, fault.Field("sex", "assist.unknown_sex", "choose F, M, X, N or U"))
	}
	if cmd.Age != nil {
		if !cmd.Age.Valid() {
			*bad = append(*bad, fault.Fieldf("age", "assist.age_impossible", "an age is between 0 and %d years, the lower end first", catalogue.AgeMax))
		} else {
			h.Age = catalogue.Span(cmd.Age.Low, cmd.Age.High)
		}
	}
	return []Head{h}
}

// tally turns pressed buttons into heads, in the order of the catalogue.
func tally(buttons map[string]int, field string, cat *catalogue.Catalogue, bad *[]error) []Head {
	var out []Head
	total := 0
	for _, b := range cat.Lists.TallyButtons {
		n, ok := buttons[b.Code]
		if !ok || n == 0 {
			continue
		}
		if n < 0 || n > headsMost {
			*bad = append(*bad, fault.Fieldf(field+"."+b.Code, "assist.bad_number", "a number is 0 to %d", headsMost))
			continue
		}
		h := Head{Sex: b.Sex, Age: catalogue.Unknown, N: n}
		if h.Sex == "" {
			h.Sex = "U"
		}
		if b.Sex != "" && b.Sex != "U" || b.AgeLow > 0 || b.AgeHigh < catalogue.AgeMax {
			h.Age = catalogue.Span(b.AgeLow, b.AgeHigh)
		}
		total += n
		out = append(out, h)
	}
	for code := range buttons {
		if _, ok := cat.Lists.TallyButton(code); !ok {
			*bad = append(*bad, fault.Field(field, "assist.unknown_button", "a tally has the buttons of /api/lists: girl, boy, woman, man, ..."))
			break
		}
	}
	if total == 0 || total > headsMost {
		*bad = append(*bad, fault.Fieldf(field, "assist.bad_number", "a tally counts 1 to %d people", headsMost))
	}
	return out
}

func services(list []Given, cat *catalogue.Catalogue, health bool, bad *[]error) []Given {
	seen := map[string]bool{}
	for i, g := range list {
		field := fmt.Sprintf("services.%d", i)
		s, ok := cat.Service(g.Code)
		switch {
		case !ok:
			*bad = append(*bad, fault.Field(field+".code", "assist.unknown_service", "this service is not in the catalogue; see /api/services"))
		case s.Seen == catalogue.ClassSealed:
			*bad = append(*bad, fault.Field(field+".code", "assist.sealed_service", "this service is never recorded with a contact; write the need \"private talk\" and let the team tally it"))
		case s.Seen == catalogue.ClassService && !health:
			*bad = append(*bad, fault.Field(field+".code", "assist.class_not_yours", "only the staff of this service record it"))
		case seen[g.Code]:
			*bad = append(*bad, fault.Field(field+".code", "assist.service_twice", "this service stands in the list already; add the quantities"))
		}
		if g.Quantity < 1 || g.Quantity > 999 {
			*bad = append(*bad, fault.Field(field+".quantity", "assist.bad_quantity", "a quantity is 1 to 999"))
		}
		seen[g.Code] = true
	}
	return list
}

func asked(list []Asked, cat *catalogue.Catalogue, single bool, bad *[]error) []Asked {
	out := make([]Asked, 0, len(list))
	for i, a := range list {
		field := fmt.Sprintf("asked.%d", i)
		s, isService := cat.Service(a.Code)
		need, isNeed := cat.Lists.Need(a.Code)
		switch {
		case !isService && !isNeed:
			*bad = append(*bad, fault.Field(field+".code", "assist.unknown_service", "what was asked for is a service or a need of the lists"))
		case isService && s.Seen == catalogue.ClassSealed, isNeed && need.Seen == catalogue.ClassSealed:
			*bad = append(*bad, fault.Field(field+".code", "assist.sealed_service", "this is never recorded with a contact; write the need \"private talk\""))
		}
		if !known(cat, "reasons", a.Reason) {
			*bad = append(*bad, fault.Field(field+".reason", "assist.unknown_reason", "say why it was not given, with a reason of the lists"))
		}
		if a.N < 0 || a.N > headsMost {
			*bad = append(*bad, fault.Fieldf(field+".count", "assist.bad_number", "a number is 1 to %d", headsMost))
		}
		if a.N == 0 || single && a.N == 1 {
			a.N = 1
		}
		out = append(out, a)
	}
	return out
}

// stage refuses the sealed stage (held, just released) beside a known person.
func stage(code string, person bool, cat *catalogue.Catalogue, bad *[]error) {
	if code == "" {
		return
	}
	s, ok := cat.Lists.Stage(code)
	switch {
	case !ok:
		*bad = append(*bad, fault.Field("stage", "assist.unknown_stage", "this stage is not in the list; see /api/lists"))
	case person && s.Seen == catalogue.ClassSealed:
		*bad = append(*bad, fault.Field("stage", "assist.sealed_stage", "this is not recorded beside a person; choose another stage, or record the contact without the file"))
	}
}

func known(cat *catalogue.Catalogue, list, code string) bool { return cat.Lists.Has(list, code) }

// Arrive is the command behind an arrival.
type Arrive struct {
	ID       fact.ArrivalID
	Happened time.Time
	Kind     string
	Size     map[string]int // button -> number
	Services []Given        // for each person
	Asked    []Asked
	Group    string
	Stage    string
	Health   bool
}

// Decide turns the command into the open part of its fact.
func (cmd Arrive) Decide(at Place, cat *catalogue.Catalogue, now time.Time) (ArrivedOpen, error) {
	var bad []error
	happened, day := moment(cmd.Happened, at, now, &bad)
	open := ArrivedOpen{Point: at.ID, Org: at.Org, Day: day, Happened: happened.UnixMilli(), Offset: offset(happened, at), Kind: cmd.Kind, Group: cmd.Group, Stage: cmd.Stage}
	if !known(cat, "arrival_kinds", cmd.Kind) {
		bad = append(bad, fault.Field("kind", "assist.unknown_kind", "say how they came, with a kind of the lists: vehicle, convoy_official, rescue_sea, ..."))
	}
	open.Heads = tally(cmd.Size, "size", cat, &bad)
	open.Services = services(cmd.Services, cat, cmd.Health, &bad)
	open.Asked = asked(cmd.Asked, cat, false, &bad)
	if cmd.Group != "" && !known(cat, "groups", cmd.Group) {
		bad = append(bad, fault.Field("group", "assist.unknown_group", "this group is not in the list; see /api/lists"))
	}
	stage(cmd.Stage, false, cat, &bad)
	return open, errors.Join(bad...)
}

// Question is what the desk asks itself before it gives again; it never refuses.
type Question struct {
	Code    string       `json:"code"` // assist.asks_interval
	Service string       `json:"service"`
	LastDay fact.Day     `json:"last_day"`
	Days    int          `json:"days_ago"`
	Count   int          `json:"count"`          // how often already within the interval
	Limit   int          `json:"limit"`          // how often the catalogue expects at most
	Hours   int          `json:"hours"`          // the interval
	Point   fact.PointID `json:"point,omitzero"` // where the last one was given; none from a card
}

// Past is one service that somebody had, from here or from the card.
type Past struct {
	Code     string
	At       time.Time
	Day      fact.Day
	Quantity int
	Point    fact.PointID
}

// Questions compares what is about to be given with what was given already.
func Questions(give []Given, past []Past, cat *catalogue.Catalogue, now time.Time) []Question {
	out := []Question{}
	for _, g := range give {
		s, ok := cat.Service(g.Code)
		if !ok || s.Asks == nil || s.Asks.Hours == 0 || s.Asks.Count == 0 {
			continue
		}
		q := Question{Code: "assist.asks_interval", Service: g.Code, Limit: s.Asks.Count, Hours: s.Asks.Hours}
		since := now.Add(-time.Duration(s.Asks.Hours) * time.Hour)
		var last time.Time
		for _, p := range past {
			if p.Code != g.Code || p.At.Before(since) {
				continue
			}
			q.Count++
			if p.At.After(last) {
				last, q.LastDay, q.Point = p.At, p.Day, p.Point
			}
		}
		if q.Count >= s.Asks.Count {
			q.Days = int(now.Sub(last) / (24 * time.Hour))
			out = append(out, q)
		}
	}
	return out
}
