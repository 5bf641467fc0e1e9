package view

import (
	"cmp"
	"context"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/area/assist"
	"serai/internal/area/cards"
	"serai/internal/area/network"
	"serai/internal/area/people"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

var (
	nrc    = fact.OrgByCode("NRC")
	agadez = fact.PointByCode("NE-AGZ")
	arlit  = fact.PointByCode("NE-ARL")
)

func actor(n byte, role access.Role, org fact.OrgID, at fact.PointID) access.Actor {
	return access.Actor{Handle: fact.Handle{n}, Org: org, Full: true, Grants: []access.Grant{{Role: role, Org: org, Point: at}}}
}

var (
	volunteer = actor(1, access.Volunteer, nrc, agadez)
	lead      = actor(3, access.PointLead, nrc, agadez)
	manager   = actor(6, access.ProgrammeManager, nrc, fact.PointID{})
	nurse     = actor(4, access.HealthWorker, nrc, agadez)
	officer   = actor(5, access.ProtectionOfficer, nrc, fact.PointID{})
)

// base plays the catalogue as shipped.
type base struct{}

func (base) Current(*store.Tx) (*catalogue.Catalogue, error) { return catalogue.Base(), nil }

// house is a node with the tables that views read.
type house struct {
	*Service
	*testkit.Node
	network *network.Service
}

func newHouse(t testing.TB, db *store.DB) *house {
	t.Helper()
	h := &house{}
	h.Node = testkit.NewNode(t, db, func(n *testkit.Node) {
		assist.New(assist.Needs{DB: db, Journal: n.Journal, Log: n.Log, Now: n.Clock.Now, Catalogue: base{}})
		h.network = network.New(network.Config{DB: db, Journal: n.Journal, Now: n.Clock.Now})
		cards.New(cards.Needs{DB: db, Journal: n.Journal, Log: n.Log, Ring: n.Ring, Keys: n.Keys, Now: n.Clock.Now, Catalogue: base{}})
		people.New(people.Config{DB: db, Journal: n.Journal, Log: n.Log, Now: n.Clock.Now, Catalogue: base{}})
	})
	h.Service = New(Needs{DB: db, Now: h.Clock.Now, Catalogue: base{}, Log: h.Log})
	return h
}

// note is a contact as a test writes it down. What is left out is as in most contacts.
type note struct {
	id       fact.ContactID
	org      fact.OrgID
	point    fact.PointID
	day      string
	hour     int
	person   fact.PersonID
	known    bool
	heads    []head
	repeat   string
	group    string
	stage    string
	disabled string
	arrival  fact.ArrivalID
	given    []given
	asked    []asked
	undone   bool
	going    string
}

type head struct {
	sex, age string
	n        int64
}

func (h *house) write(t testing.TB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := h.DB.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// put writes contacts into the tables, as the projectors of package assist do.
func (h *house) put(tx *store.Tx, notes ...note) error {
	for _, n := range notes {
		day, err := fact.ParseDay(cmp.Or(n.day, "2026-03-09"))
		if err != nil {
			return err
		}
		at := day.Time().Add(time.Duration(cmp.Or(n.hour, 9)) * time.Hour).UnixMilli()
		if n.id.IsZero() {
			n.id = fact.NewContactID(h.Clock.Now())
		}
		if n.heads == nil {
			n.heads = []head{{"M", "18-29", 1}}
		}
		for part, x := range n.heads {
			if err := tx.Exec(`INSERT INTO assist_contact (contact, part, org, point, day, happened, recorded, actor, person, known, sex, age, persons,
  grp, stage, direction, disability, repeated, project, entry, arrival, undone)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $20, $16, $17, NULL, 'live', $18, $19)`,
				n.id, part, cmp.Or(n.org, nrc), cmp.Or(n.point, agadez), day, at, at, fact.Handle{9}.Bytes(), n.person, n.known || !n.person.IsZero(), x.sex, x.age, x.n,
				cmp.Or(n.group, "on_move"), cmp.Or(n.stage, "transit"), cmp.Or(n.disabled, "not_asked"), cmp.Or(n.repeat, "not_asked"), n.arrival, n.undone, cmp.Or(n.going, "unsaid")); err != nil {
				return err
			}
			if n.undone {
				continue
			}
			a := assist.Atom{Contact: n.id, Part: part, Day: day, Happened: at, Heads: int64(x.n), Known: n.known || !n.person.IsZero(), Person: n.person, Arrival: n.arrival,
				Sex: x.sex, Age: x.age, Group: cmp.Or(n.group, "on_move"), Stage: cmp.Or(n.stage, "transit"), Direction: cmp.Or(n.going, "unsaid"),
				Disability: cmp.Or(n.disabled, "not_asked"), Repeat: cmp.Or(n.repeat, "not_asked")}
			for _, g := range n.given {
				a.Given = append(a.Given, assist.Given{Code: g.code, Quantity: int(g.quantity)})
			}
			for _, x := range n.asked {
				a.Asked = append(a.Asked, assist.Asked{Code: x.code, Reason: x.reason, N: int(x.heads)})
			}
			if err := a.Put(tx, cmp.Or(n.org, nrc), cmp.Or(n.point, agadez)); err != nil {
				return err
			}
		}
		for _, g := range n.given {
			if err := tx.Exec(`INSERT INTO assist_service (contact, code, quantity) VALUES ($1, $2, $3)`, n.id, g.code, g.quantity); err != nil {
				return err
			}
		}
		for _, a := range n.asked {
			if err := tx.Exec(`INSERT INTO assist_unmet (contact, code, reason, persons) VALUES ($1, $2, $3, $4)`, n.id, a.code, a.reason, a.heads); err != nil {
				return err
			}
		}
	}
	return nil
}

// card writes down that somebody was given a first card.
func (h *house) card(tx *store.Tx, person fact.PersonID, org fact.OrgID, point fact.PointID, day fact.Day) error {
	id := fact.NewFactID(h.Clock.Now())
	if err := tx.Exec(`INSERT INTO cards_print (fact, card, org, point, day, actor, language, entries, slip, serial) VALUES ($1, $1, $2, $3, $4, $5, 'en', 1, 0, '')`,
		id, org, point, day, fact.Handle{9}.Bytes()); err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO cards_lineage (lineage, fact, stamp, sequence, person) VALUES ($1, $1, 1, 1, $2)`, id, person)
}

// file writes down that a file was opened.
func (h *house) file(tx *store.Tx, person fact.PersonID, org fact.OrgID, point fact.PointID, day fact.Day) error {
	return tx.Exec(`INSERT INTO people_fact (fact_id, kind, version, stamp, actor, point_id, org_id, day, person_id) VALUES ($1, $2, 1, 1, $3, $4, $5, $6, $7)`,
		fact.NewFactID(h.Clock.Now()), people.Opened.Number, fact.Handle{9}.Bytes(), point, org, day, person)
}

func (h *house) count(t testing.TB, who access.Actor, ask Ask) Counts {
	t.Helper()
	c, err := h.Count(context.Background(), who, ask)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func day(t testing.TB, s string) fact.Day {
	t.Helper()
	d, err := fact.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
