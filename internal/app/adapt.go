package app

import (
	"serai/internal/access"
	"serai/internal/area/accounts"
	"serai/internal/area/assist"
	"serai/internal/area/people"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/store"
)

// The areas never import each other: each declares what it needs, and here it gets it. Every adapter is a translation
// of one area's words into another's and decides nothing.

type forAssist struct{ *Node }

func (a forAssist) Place(tx *store.Tx, id fact.PointID) (assist.Place, bool, error) {
	d, found, err := a.Network.PointForDesk(tx, id)
	return assist.Place{ID: d.ID, Code: d.Code, Name: d.Name, Org: d.Org, Zone: d.Location, Cutoff: d.Cutoff, Country: d.Country, PCode: d.PCode}, found, err
}

func (a forAssist) Client(tx *store.Tx, who access.Actor, person fact.PersonID) (assist.Client, bool, error) {
	if who.Handle.IsZero() { // by card: reason enough wherever in the organisation the file was opened
		who = a.office()
	}
	d, found, err := a.People.ForDesk(tx, who, person)
	return assist.Client{Person: d.Person, Sex: d.Sex, Age: catalogue.Age{Low: d.AgeLow, High: d.AgeHigh}, AgeOn: d.AgeOn}, found, err
}

func (a forAssist) Initials(tx *store.Tx, person fact.PersonID) (string, error) {
	return a.People.Initials(tx, person)
}

func (a forAssist) StaffName(tx *store.Tx, who fact.Handle) (string, error) {
	return a.Accounts.Named(tx, who)
}

// office is the organisation itself, reading its own files for a rule and never for a person at a screen.
func (n *Node) office() access.Actor {
	return access.Actor{Handle: fact.Handle{1}, Org: n.Settings.OrgID(), Full: true, Grants: []access.Grant{{Role: access.ProtectionOfficer, Org: n.Settings.OrgID()}}}
}

type forPeople struct{ *Node }

func (a forPeople) Place(tx *store.Tx, id fact.PointID) (people.Place, bool, error) {
	d, found, err := a.Network.PointForDesk(tx, id)
	return people.Place{Org: d.Org, Zone: d.Location, Cutoff: d.Cutoff}, found, err
}

func (a forPeople) StaffName(tx *store.Tx, who fact.Handle) (string, error) {
	return a.Accounts.Named(tx, who)
}

func (a forPeople) VisitsOn(tx *store.Tx, point fact.PointID, day fact.Day) ([]people.Visit, error) {
	all, err := a.Assist.VisitsOn(tx, point, day)
	out := make([]people.Visit, len(all))
	for i, v := range all {
		out[i] = people.Visit(v)
	}
	return out, err
}

func (a forPeople) LastVisit(tx *store.Tx, person fact.PersonID) (fact.PointID, fact.Day, bool, error) {
	return a.Assist.LastVisit(tx, person)
}

type forAccounts struct{ *Node }

func (a forAccounts) Kind(tx *store.Tx, id fact.OrgID) (string, bool, error) {
	return a.Network.Kind(tx, id)
}

func (a forAccounts) RunBy(tx *store.Tx, id fact.PointID) (fact.OrgID, bool, error) {
	d, found, err := a.Network.PointForDesk(tx, id)
	return d.Org, found, err
}

func (a forAccounts) describe(tx *store.Tx, id fact.OrgID) (code, name string, err error) {
	o, _, err := a.Network.Organisation(tx, id)
	return o.Code, o.Name, err
}

// surround tells where somebody can work, and what this node is called.
func (a forAccounts) surround(tx *store.Tx, who access.Actor) (accounts.Surroundings, error) {
	out := accounts.Surroundings{Points: []accounts.MePoint{}, Node: &accounts.MeNode{ID: a.Ring.Node(), Label: a.Settings.Label, Demo: a.Settings.Demo, Version: Version}}
	_, orgs, points := who.Points("network.run", a.Config.Now())
	_, moreOrgs, morePoints := who.Points("assist.record", a.Config.Now())
	_, countOrgs, countPoints := who.Points("stock.count", a.Config.Now()) // storekeepers work at a point too
	moreOrgs, morePoints = append(moreOrgs, countOrgs...), append(morePoints, countPoints...)
	seen := map[fact.PointID]bool{}
	add := func(id fact.PointID, code, name string) {
		if !seen[id] {
			seen[id] = true
			out.Points = append(out.Points, accounts.MePoint{ID: id, Code: code, Name: name})
		}
	}
	for _, org := range append(orgs, moreOrgs...) {
		all, err := a.Network.PointsOf(tx, org)
		if err != nil {
			return out, err
		}
		for _, p := range all {
			add(p.ID, p.Code, p.Name)
		}
	}
	for _, id := range append(points, morePoints...) {
		d, found, err := a.Network.PointForDesk(tx, id)
		if err != nil {
			return out, err
		}
		if found {
			add(d.ID, d.Code, d.Name)
		}
	}
	return out, nil
}

var (
	_ assist.Points          = forAssist{}
	_ assist.People          = forAssist{}
	_ people.Points          = forPeople{}
	_ people.Staff           = forPeople{}
	_ people.Visits          = forPeople{}
	_ accounts.Organisations = forAccounts{}
	_ accounts.Points        = forAccounts{}
)

type forView struct{ *Node }

// Reaches lets those see what somebody was given who may open her file. Whoever has no file, in any organisation, is
// known by her card alone: there the id itself, which nobody can guess and only a card gives, is the proof that the card
// was shown. An id that no card here gave is nobody's, and is answered like a file out of reach.
func (a forView) Reaches(tx *store.Tx, who access.Actor, person fact.PersonID) (bool, error) {
	_, found, err := a.People.ForDesk(tx, who, person)
	if err != nil || found {
		return found, err
	}
	if opened, err := a.People.Opened(tx, person); err != nil || opened {
		return false, err
	}
	if held, err := a.Cards.Holds(tx, person); err != nil || !held {
		return false, err
	}
	return who.Can("cards.read", a.Config.Now()), nil
}
