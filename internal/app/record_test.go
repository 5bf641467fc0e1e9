package app

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"serai/internal/access"
	"serai/internal/area/accounts"
	"serai/internal/area/assist"
	"serai/internal/area/cards"
	"serai/internal/area/network"
	"serai/internal/area/people"
	"serai/internal/area/stock"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/store"
)

// records is one record of every kind that a route can name, all of one organisation, one point and one author.
type records struct {
	org, point string // codes
	owner      fact.Handle

	person, other, basis, contact, arrival, card, text, stock, blank string
	account, grant, device, interval, project                        string
	movement, wish                                                   string
	names                                                            []string // what must not be seen by others
}

func (r *records) resource() access.Resource {
	return access.Resource{Org: fact.OrgByCode(r.org), Point: fact.PointByCode(r.point), Owner: r.owner}
}

// slots are the records by the names that routes give them.
func (r *records) slots() map[string]string {
	return map[string]string{
		"person": r.person, "other": r.other, "basis": r.basis, "contact": r.contact, "arrival": r.arrival, "card": r.card, "stock": r.stock,
		"account": r.account, "grant": r.grant, "device": r.device, "interval": r.interval, "point": r.point, "project": r.project,
		"movement": r.movement, "wish": r.wish,
		"key": strings.Repeat("A", 22), // a device key that nobody has: whose it is stays unsaid, and ending it is done
	}
}

// with returns a copy in which one slot names something else.
func (r *records) with(slot, id string) *records {
	c := *r
	for name, field := range map[string]*string{
		"person": &c.person, "other": &c.other, "basis": &c.basis, "contact": &c.contact, "arrival": &c.arrival, "card": &c.card, "stock": &c.stock,
		"movement": &c.movement, "wish": &c.wish,
		"blank": &c.blank, "account": &c.account, "grant": &c.grant, "device": &c.device, "interval": &c.interval, "point": &c.point, "project": &c.project,
	} {
		if name == slot {
			*field = id
		}
	}
	return &c
}

// everyRole is somebody of an organisation who may record whatever there is, in the name of a handle.
func everyRole(org string, handle fact.Handle) access.Actor {
	a := access.Actor{Handle: handle, Org: fact.OrgByCode(org), Name: "maker", Full: true, Lang: "en"}
	for _, r := range access.Roles() {
		a.Grants = append(a.Grants, access.Grant{Role: r, Org: a.Org})
	}
	return a
}

var counter atomic.Int64

// records makes a set of records at a point in the name of owner.
func (w *world) records(org, point string, owner fact.Handle) *records {
	w.t.Helper()
	ctx, who, at := context.Background(), everyRole(org, owner), fact.PointByCode(point)
	r := &records{org: org, point: point, owner: owner}
	n := counter.Add(1)
	opened := func(name string) string {
		f, err := w.n.People.Open(ctx, who, openFile(at, name))
		w.must(err)
		r.names = append(r.names, name)
		return f.Person.String()
	}
	r.person, r.other = opened(fmt.Sprintf("Zaynab Qorbani%c%d", 'a'+n%26, n)), opened(fmt.Sprintf("Yusuf Tamerlane%c%d", 'a'+n%26, n))
	person, other := parsed[fact.PersonID](w, r.person), parsed[fact.PersonID](w, r.other)
	_, err := w.n.People.Join(ctx, who, person, other, "sister")
	w.must(err)
	bases, err := w.n.People.Bases(ctx, who, person)
	w.must(err)
	r.basis = bases[0].ID.String()
	contact, err := w.n.Assist.Record(ctx, who, assist.RecordInput{Point: at, Person: person,
		Record: assist.Record{Services: []assist.Given{{Code: "water", Quantity: 1}}, Group: "on_move", Repeat: "before"}})
	w.must(err)
	r.contact = contact.Contact.String()
	arrival, err := w.n.Assist.Arrive(ctx, who, assist.ArriveInput{Point: at, Arrive: assist.Arrive{Kind: "vehicle", Size: map[string]int{"woman": 5, "man": 4}, Group: "on_move"}})
	w.must(err)
	r.arrival = arrival.Arrival.String()
	issue := cards.Issue{Point: at, Person: person, Language: "en", Agreed: "yes"}
	if org == homeOrg { // what others gave under their own points is not this node's to sign
		issue.Contacts = []fact.ContactID{contact.Contact}
	}
	printed, err := w.n.Cards.Issue(ctx, who, issue)
	w.must(err)
	r.card, r.text = printed.Card.String(), printed.Text
	blanks, err := w.n.Cards.PrintStock(ctx, who, cards.PrintStock{Point: at, Count: 1, Language: "en"})
	w.must(err)
	r.stock, r.blank = blanks.Stock.String(), blanks.Cards[0].Card.String()
	w.stockRecords(r, who, at, n)
	w.staffRecords(r, who, at, n)
	return r
}

func (w *world) stockRecords(r *records, who access.Actor, at fact.PointID, n int64) {
	w.t.Helper()
	ctx := context.Background()
	counted, err := w.n.Stock.Count(ctx, who, at, stock.Count{Lines: []stock.Line{{Item: "blanket", Quantity: int(n)}}})
	w.must(err)
	r.movement = counted.ID.String()
	wished, err := w.n.Stock.Wish(ctx, who, at, stock.Wish{By: fact.DayOf(w.clock.Now()) + 9, Reason: "season", Lines: []stock.Part{{Item: "blanket", Quantity: 50}}})
	w.must(err)
	r.wish = wished.Wish.String()
}

func (w *world) staffRecords(r *records, who access.Actor, at fact.PointID, n int64) {
	w.t.Helper()
	ctx := context.Background()
	account, _, err := w.n.Accounts.Open(ctx, who, accounts.Opening{Name: fmt.Sprintf("Newcomer %d", n), Org: who.Org,
		Grants: []access.Grant{{Role: access.Volunteer, Org: who.Org, Point: at}}})
	w.must(err)
	r.account = account.String()
	device, _, err := w.n.Accounts.AddDevice(ctx, who, accounts.Device{Name: fmt.Sprintf("Tablet %d", n), Org: who.Org, Point: at})
	w.must(err)
	r.device = device.ID.String()
	r.project = fmt.Sprintf("PRJ-%d", n)
	_, err = w.n.Network.AddProject(ctx, who, fact.ProjectID{}, network.Project{Code: r.project, Name: "Water on the road", Org: who.Org})
	w.must(err)
	today := fact.DayOf(w.clock.Now())
	interval, err := w.n.Network.Fund(ctx, who, fact.IntervalID{}, network.Interval{Point: at, Project: fact.ProjectByCode(r.project), Share: 1, From: today, Until: today + 30})
	w.must(err)
	r.interval = interval.String()
	w.must(w.n.DB.Read(ctx, func(tx *store.Tx) error {
		var grant accounts.GrantID
		_, err := tx.One(`SELECT grant_id FROM accounts_grant WHERE account_id = $1`, store.Args{account}, &grant)
		r.grant = grant.String()
		return err
	}))
}

func openFile(at fact.PointID, name string) people.OpenFile {
	return people.OpenFile{Point: at,
		Profile: people.Profile{Name: &people.Name{Parts: []string{name}, Script: "latin"}, Sex: "F", Languages: []string{"ha"},
			Age: &people.Age{Low: 24, High: 24, On: fact.DayOf(time.Now()) - 1, Method: "stated"}, Needs: []string{"food_water"}},
		Basis: people.Given{Basis: "consent", Purpose: people.PurposeFile, Language: "ha", How: "spoken", Answer: "yes"}}
}

// parsed reads an id that the node itself gave.
func parsed[T any, P interface {
	*T
	UnmarshalText([]byte) error
}](w *world, text string) (id T) {
	w.t.Helper()
	w.must(P(&id).UnmarshalText([]byte(text)))
	return id
}

// unknown draws an id that nothing has.
func (w *world) unknown() string { return fact.NewPersonID(w.clock.Now()).String() }

// sealedCode is a service of class S in the catalogue.
var sealedCode = func() string {
	for _, s := range catalogue.Base().Services {
		if s.Seen == catalogue.ClassSealed {
			return s.Code
		}
	}
	return ""
}()
