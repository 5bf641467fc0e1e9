package assist

import (
	"context"
	"slices"
	"strings"
	"time"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Contact is a contact as screens show it. What the reader may not see is absent.
type Contact struct {
	Contact    fact.ContactID `json:"contact"`
	Point      fact.PointID   `json:"point"`
	Day        fact.Day       `json:"day"`
	Happened   time.Time      `json:"happened"`
	Recorded   time.Time      `json:"recorded"`
	Person     fact.PersonID  `json:"person,omitzero"`
	Initials   string         `json:"initials,omitempty"`
	Persons    int            `json:"persons"`
	Heads      []Head         `json:"heads"`
	Sex        string         `json:"sex"`      // of a single person
	AgeBand    string         `json:"age_band"` // of a single person
	Services   []Given        `json:"services"`
	Asked      []Asked        `json:"asked"`
	Group      string         `json:"group"`
	Stage      string         `json:"stage"`
	Direction  string         `json:"direction"`
	Disability string         `json:"disability"`
	Repeat     string         `json:"repeat"`
	Entry      string         `json:"entry"`
	Arrival    fact.ArrivalID `json:"arrival,omitzero"`
	State      string         `json:"state"` // recorded, undone
	Mine       bool           `json:"mine"`
	Questions  []Question     `json:"questions"`
	Edits      []fact.FactID  `json:"edits" doc:"The corrections that the next one replaces"`
	Conflicts  []Conflict     `json:"conflicts"`

	org    fact.OrgID
	known  bool
	hidden []Given // what the reader may not see of the services
}

func contactOf(id fact.ContactID, o RecordedOpen, recorded time.Time, actor fact.Handle) Contact {
	// As a replay of the request would read it from the tables: in the order of codes, to the millisecond.
	given := slices.SortedFunc(slices.Values(o.Services), func(a, b Given) int { return strings.Compare(a.Code, b.Code) })
	c := Contact{
		Contact: id, Point: o.Point, Day: o.Day, Happened: time.UnixMilli(o.Happened).UTC(), Recorded: recorded.UTC().Truncate(time.Millisecond), Heads: o.Heads,
		Services: given, Asked: o.Asked, Group: orUnsaid(o.Group), Stage: orUnsaid(o.Stage), Direction: orUnsaid(o.Direction),
		Disability: orNotAsked(o.Disability), Repeat: orNotAsked(o.Repeat), Entry: orLive(o.Entry), Arrival: o.Arrival, State: "recorded", org: o.Org,
	}
	c.finish()
	return c
}

func (c *Contact) finish() {
	c.Persons = 0
	for _, h := range c.Heads {
		c.Persons += h.N
	}
	c.Sex, c.AgeBand = "U", catalogue.Unknown
	if len(c.Heads) == 1 {
		c.Sex, c.AgeBand = c.Heads[0].Sex, c.Heads[0].Age
	}
	if c.Services == nil {
		c.Services = []Given{}
	}
	if c.Asked == nil {
		c.Asked = []Asked{}
	}
	if c.Questions == nil {
		c.Questions = []Question{}
	}
	if c.Edits == nil {
		c.Edits, c.Conflicts = []fact.FactID{}, []Conflict{}
	}
}

const contactColumns = `c.contact, c.org, c.point, c.day, c.happened, c.recorded, c.actor, c.person, c.known, c.sex, c.age, c.persons,
c.grp, c.stage, c.direction, c.disability, c.repeated, c.entry, c.arrival, c.undone`

// scanContact reads one row; the rows of one contact follow each other and are folded by fold.
func scanContact(r *store.Row, who access.Actor) (Contact, error) {
	var c Contact
	var h Head
	var happened, recorded int64
	var actor fact.Handle
	var undone bool
	err := r.Scan(&c.Contact, &c.org, &c.Point, &c.Day, &happened, &recorded, &actor, &c.Person, &c.known, &h.Sex, &h.Age, &h.N,
		&c.Group, &c.Stage, &c.Direction, &c.Disability, &c.Repeat, &c.Entry, &c.Arrival, &undone)
	c.Happened, c.Recorded = time.UnixMilli(happened).UTC(), time.UnixMilli(recorded).UTC()
	c.Heads = []Head{h}
	c.State = "recorded"
	if undone {
		c.State = "undone"
	}
	c.Mine = actor == who.Handle
	return c, err
}

var errNoContact = fault.NotFound("assist.no_contact", "there is no such contact here")

// load returns a contact when the actor may do p to it.
func (s *Service) load(tx *store.Tx, who access.Actor, p access.Permission, id fact.ContactID) (Contact, error) {
	where, args := who.Filter(p, access.Columns{Org: "c.org", Point: "c.point", Owner: "c.actor"}, s.Now(), 2)
	all, err := s.contacts(tx, who, `SELECT `+contactColumns+` FROM assist_contact c WHERE c.contact = $1 AND `+where+` ORDER BY c.part`, append(store.Args{id}, args...))
	if err != nil {
		return Contact{}, err
	}
	if len(all) == 0 {
		return Contact{}, errNoContact
	}
	return all[0], nil
}

// Contact returns one contact that the actor may see.
func (s *Service) Contact(ctx context.Context, who access.Actor, id fact.ContactID) (c Contact, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		if c, err = s.load(tx, who, "assist.record", id); err == nil {
			return nil
		}
		c, err = s.load(tx, who, "assist.read", id)
		return err
	})
	return c, err
}

func (s *Service) contacts(tx *store.Tx, who access.Actor, sql string, args store.Args) ([]Contact, error) {
	out := []Contact{}
	index := map[fact.ContactID]int{}
	err := tx.Each(sql, args, func(r *store.Row) error {
		c, err := scanContact(r, who)
		if err != nil {
			return err
		}
		if i, ok := index[c.Contact]; ok {
			out[i].Heads = append(out[i].Heads, c.Heads...)
			return nil
		}
		index[c.Contact] = len(out)
		out = append(out, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	cat, err := s.Catalogue.Current(tx)
	if err != nil {
		return nil, err
	}
	if err := s.disputed(tx, who, out, cat); err != nil {
		return nil, err
	}
	for i := range out {
		c := &out[i]
		if err := s.lines(tx, who, c, cat); err != nil {
			return nil, err
		}
		if !c.Person.IsZero() {
			if c.Initials, err = s.People.Initials(tx, c.Person); err != nil {
				return nil, err
			}
		}
		c.finish()
	}
	return out, nil
}

// lines reads what was given and asked for; services of class H only for those who may see them.
func (s *Service) lines(tx *store.Tx, who access.Actor, c *Contact, cat *catalogue.Catalogue) error {
	err := tx.Each(`SELECT code, quantity FROM assist_service WHERE contact = $1 ORDER BY code`, store.Args{c.Contact}, func(r *store.Row) error {
		var g Given
		if err := r.Scan(&g.Code, &g.Quantity); err != nil {
			return err
		}
		if s.hides(who, c, g.Code, cat) {
			c.hidden = append(c.hidden, g)
			return nil
		}
		c.Services = append(c.Services, g)
		return nil
	})
	if err != nil {
		return err
	}
	return tx.Each(`SELECT code, reason, persons FROM assist_unmet WHERE contact = $1 ORDER BY code, reason`, store.Args{c.Contact}, func(r *store.Row) error {
		var a Asked
		c.Asked = append(c.Asked, a)
		last := &c.Asked[len(c.Asked)-1]
		return r.Scan(&last.Code, &last.Reason, &last.N)
	})
}

// Day is the work of one point on one operating day.
type Day struct {
	Day      fact.Day  `json:"day"`
	Contacts []Contact `json:"contacts"`
	Totals   Totals    `json:"totals"`
}

// Totals are the three units, which never stand for each other.
type Totals struct {
	Services int `json:"services"` // services given, each person's apart
	Contacts int `json:"contacts"`
	Known    int `json:"known"` // different people known by file or card
}

// today returns the operating day of now at a point.
func today(at Place, now time.Time) fact.Day { return fact.OperatingDay(now, at.Zone, at.Cutoff) }

// OfDay returns the contacts of a point on a day, the latest first. No day is today.
func (s *Service) OfDay(ctx context.Context, who access.Actor, point fact.PointID, day fact.Day) (out Day, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		at, err := s.place(tx, who, "assist.read", point)
		if err != nil {
			return err
		}
		if day == 0 {
			day = today(at, s.Now())
		}
		out = Day{Day: day}
		out.Contacts, err = s.contacts(tx, who, `SELECT `+contactColumns+` FROM assist_contact c WHERE c.point = $1 AND c.day = $2 AND c.org = $3 ORDER BY c.happened DESC, c.contact DESC, c.part`, store.Args{point, day, at.Org})
		if err != nil {
			return err
		}
		people := map[fact.PersonID]bool{}
		for _, c := range out.Contacts {
			if c.State == "undone" {
				continue
			}
			out.Totals.Services += c.Persons * len(c.Services)
			switch {
			case c.Person.IsZero():
				out.Totals.Contacts += c.Persons
			case !people[c.Person]:
				people[c.Person] = true
				out.Totals.Contacts++
			}
		}
		out.Totals.Known = len(people)
		return nil
	})
	return out, err
}

// Past returns what somebody had here since a moment, undone contacts left out, services of every class: for rules, not
// for screens.
func (s *Service) Past(tx *store.Tx, person fact.PersonID, since time.Time) ([]Past, error) {
	var out []Past
	err := tx.Each(`SELECT s.code, c.happened, c.day, s.quantity, c.point FROM assist_contact c JOIN assist_service s ON s.contact = c.contact
WHERE c.person = $1 AND c.happened >= $2 AND c.undone = 0 AND c.part = 0 ORDER BY c.happened`, store.Args{person, since.UnixMilli()}, func(r *store.Row) error {
		var p Past
		var at int64
		if err := r.Scan(&p.Code, &at, &p.Day, &p.Quantity, &p.Point); err != nil {
			return err
		}
		p.At = time.UnixMilli(at)
		out = append(out, p)
		return nil
	})
	return out, err
}

// Unmet is something that a person asked for and did not get.
type Unmet struct {
	Day    fact.Day     `json:"day"`
	Point  fact.PointID `json:"point"`
	Code   string       `json:"code"`
	Reason string       `json:"reason"`
}

// UnmetOf returns what somebody asked for here and did not get.
func (s *Service) UnmetOf(tx *store.Tx, person fact.PersonID) ([]Unmet, error) {
	out := []Unmet{}
	err := tx.Each(`SELECT c.day, c.point, u.code, u.reason FROM assist_contact c JOIN assist_unmet u ON u.contact = c.contact
WHERE c.person = $1 AND c.undone = 0 AND c.part = 0 ORDER BY c.happened DESC`, store.Args{person}, func(r *store.Row) error {
		var u Unmet
		err := r.Scan(&u.Day, &u.Point, &u.Code, &u.Reason)
		out = append(out, u)
		return err
	})
	return out, err
}

// Arrival is an arrival as screens show it.
type Arrival struct {
	Arrival  fact.ArrivalID `json:"arrival"`
	Point    fact.PointID   `json:"point"`
	Day      fact.Day       `json:"day"`
	Happened time.Time      `json:"happened"`
	Recorded time.Time      `json:"recorded"`
	Kind     string         `json:"kind"`
	Heads    []Head         `json:"heads"`
	Total    int            `json:"total"`
	Linked   int            `json:"linked"` // people of it who were met one by one later
	Services []Given        `json:"services"`
	Asked    []Asked        `json:"asked"`
	State    string         `json:"state"`
}

func arrivalOf(id fact.ArrivalID, o ArrivedOpen, recorded time.Time) Arrival {
	a := Arrival{Arrival: id, Point: o.Point, Day: o.Day, Happened: time.UnixMilli(o.Happened).UTC(), Recorded: recorded.UTC(), Kind: o.Kind, Heads: o.Heads, Services: o.Services, Asked: o.Asked, State: "recorded"}
	for _, h := range a.Heads {
		a.Total += h.N
	}
	if a.Services == nil {
		a.Services = []Given{}
	}
	if a.Asked == nil {
		a.Asked = []Asked{}
	}
	return a
}

func (s *Service) arrival(ctx context.Context, who access.Actor, id fact.ArrivalID) (out Arrival, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		where, args := who.Filter("assist.read", access.Columns{Org: "a.org", Point: "a.point", Owner: "a.actor"}, s.Now(), 2)
		all, err := s.arrivals(tx, who, `WHERE a.arrival = $1 AND `+where, append(store.Args{id}, args...))
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fault.NotFound("assist.no_arrival", "there is no such arrival at this point")
		}
		out = all[0]
		return nil
	})
	return out, err
}

// Arrivals returns the arrivals of a point on a day, the latest first. No day is today.
func (s *Service) Arrivals(ctx context.Context, who access.Actor, point fact.PointID, day fact.Day) (out []Arrival, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		at, err := s.place(tx, who, "assist.read", point)
		if err != nil {
			return err
		}
		if day == 0 {
			day = today(at, s.Now())
		}
		out, err = s.arrivals(tx, who, `WHERE a.point = $1 AND a.day = $2 AND a.org = $3 ORDER BY a.happened DESC`, store.Args{point, day, at.Org})
		return err
	})
	return out, err
}

func (s *Service) arrivals(tx *store.Tx, who access.Actor, where string, args store.Args) ([]Arrival, error) {
	out := []Arrival{}
	err := tx.Each(`SELECT a.arrival, a.point, a.day, a.happened, a.recorded, a.kind FROM assist_arrival a `+where, args, func(r *store.Row) error {
		var a Arrival
		var happened, recorded int64
		err := r.Scan(&a.Arrival, &a.Point, &a.Day, &happened, &recorded, &a.Kind)
		a.Happened, a.Recorded = time.UnixMilli(happened).UTC(), time.UnixMilli(recorded).UTC()
		out = append(out, a)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		a := &out[i]
		all, err := s.contacts(tx, who, `SELECT `+contactColumns+` FROM assist_contact c WHERE c.contact = $1 ORDER BY c.part`, store.Args{a.Arrival})
		if err != nil {
			return nil, err
		}
		a.Heads, a.Services, a.Asked, a.State = []Head{}, []Given{}, []Asked{}, "recorded"
		if len(all) == 1 {
			c := all[0]
			a.Heads, a.Services, a.Asked, a.Total, a.State = c.Heads, c.Services, c.Asked, c.Persons, c.State
		}
		if _, err := tx.One(`SELECT coalesce(sum(persons), 0) FROM assist_contact WHERE point = $1 AND day = $2 AND arrival = $3 AND contact <> $3 AND undone = 0`,
			store.Args{a.Point, a.Day, a.Arrival}, &a.Linked); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SealedCount is a monthly number of services of class S at a point.
type SealedCount struct {
	Point fact.PointID `json:"point"`
	Month string       `json:"month"`
	Code  string       `json:"code"`
	Count int          `json:"count"`
}

// SealedCounts returns the tallies of services of class S that the actor may see, of one month or of all.
func (s *Service) SealedCounts(ctx context.Context, who access.Actor, month string) (out []SealedCount, err error) {
	out = []SealedCount{}
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		where, args := who.Filter("assist.sealed_counts", access.Columns{Org: "org", Point: "point"}, s.Now(), 2)
		return tx.Each(`SELECT point, month, code, sum(n) FROM assist_sealed WHERE ($1 = '' OR month = $1) AND `+where+` GROUP BY point, month, code ORDER BY month, point, code`,
			append(store.Args{month}, args...), func(r *store.Row) error {
				var c SealedCount
				err := r.Scan(&c.Point, &c.Month, &c.Code, &c.Count)
				out = append(out, c)
				return err
			})
	})
	return out, err
}

// Visit is a known person at a point on a day.
type Visit struct {
	Person  fact.PersonID
	Arrived time.Time
	Served  bool
}

// VisitsOn lists the known people of a point on a day, each once, the earliest first.
func (s *Service) VisitsOn(tx *store.Tx, point fact.PointID, day fact.Day) ([]Visit, error) {
	var out []Visit
	err := tx.Each(`SELECT c.person, min(c.happened), count(s.code) FROM assist_contact c LEFT JOIN assist_service s ON s.contact = c.contact
WHERE c.point = $1 AND c.day = $2 AND c.person IS NOT NULL AND c.undone = 0 GROUP BY c.person ORDER BY min(c.happened)`, store.Args{point, day}, func(r *store.Row) error {
		var v Visit
		var at, lines int64
		err := r.Scan(&v.Person, &at, &lines)
		v.Arrived, v.Served = time.UnixMilli(at).UTC(), lines > 0
		out = append(out, v)
		return err
	})
	return out, err
}

// LastVisit tells where and on which day somebody was here last.
func (s *Service) LastVisit(tx *store.Tx, person fact.PersonID) (point fact.PointID, day fact.Day, found bool, err error) {
	found, err = tx.One(`SELECT point, day FROM assist_contact WHERE person = $1 AND undone = 0 AND part = 0 ORDER BY happened DESC LIMIT 1`, store.Args{person}, &point, &day)
	return point, day, found, err
}

// GivenIn returns the services of contacts that the actor may see; errNoContact when one of them is not.
func (s *Service) GivenIn(tx *store.Tx, who access.Actor, ids []fact.ContactID) ([]Past, error) {
	var out []Past
	for _, id := range ids {
		c, err := s.load(tx, who, "assist.record", id)
		if err != nil {
			return nil, err
		}
		if c.State == "undone" {
			continue
		}
		for _, g := range c.Services {
			out = append(out, Past{Code: g.Code, At: c.Happened, Day: c.Day, Quantity: g.Quantity, Point: c.Point})
		}
	}
	return out, nil
}

// Had returns what this organisation gave a person since a moment, as far as the actor may see it; class S is not there.
func (s *Service) Had(tx *store.Tx, who access.Actor, person fact.PersonID, since time.Time) ([]Past, error) {
	cat, err := s.Catalogue.Current(tx)
	if err != nil {
		return nil, err
	}
	all, err := s.Past(tx, person, since)
	if err != nil {
		return nil, err
	}
	out := []Past{}
	for _, p := range all {
		sv, ok := cat.Service(p.Code)
		if ok && sv.Seen != catalogue.ClassOpen && !who.SeesClass(string(sv.Seen), access.Resource{Org: who.Org, Point: p.Point}, s.Now()) {
			continue
		}
		out = append(out, p)
	}
	return out, nil
}
