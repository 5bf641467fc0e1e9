package app

import (
	"context"
	"time"

	"serai/internal/access"
	"serai/internal/area/assist"
	"serai/internal/area/cards"
	"serai/internal/area/network"
	"serai/internal/area/people"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/store"
)

type forCards struct{ *Node }

func cardPlace(d network.Desk) cards.Place {
	return cards.Place{ID: d.ID, Code: d.Code, Name: d.Name, Org: d.Org, Number: d.Number, Zone: d.Location, Cutoff: d.Cutoff}
}

func (a forCards) Place(tx *store.Tx, id fact.PointID) (cards.Place, bool, error) {
	d, found, err := a.Network.PointForDesk(tx, id)
	return cardPlace(d), found, err
}

func (a forCards) ByNumber(tx *store.Tx, number uint32) (cards.Place, bool, error) {
	d, found, err := a.Network.PointByNumber(tx, number)
	return cardPlace(d), found, err
}

func (a forCards) Numbered(tx *store.Tx) ([]cards.Place, error) {
	all, err := a.Network.Numbered(tx)
	out := make([]cards.Place, len(all))
	for i, d := range all {
		out[i] = cardPlace(d)
	}
	return out, err
}

func (a forCards) Device(tx *store.Tx, id fact.DeviceID) (cards.Device, bool, error) {
	d, found, err := a.Accounts.DeviceByID(tx, id)
	return cards.Device{ID: d.ID, Name: d.Name, Org: d.Org, Point: d.Point}, found, err
}

func (a forCards) File(tx *store.Tx, who access.Actor, person fact.PersonID) (bool, error) {
	_, found, err := a.People.ForDesk(tx, who, person)
	return found, err
}

func helps(all []assist.Past) []cards.Help {
	out := make([]cards.Help, len(all))
	for i, p := range all {
		out[i] = cards.Help{Code: p.Code, Quantity: p.Quantity, Day: p.Day, At: p.At, Point: p.Point}
	}
	return out
}

func (a forCards) Given(tx *store.Tx, who access.Actor, contacts []fact.ContactID) ([]cards.Help, error) {
	all, err := a.Assist.GivenIn(tx, who, contacts)
	return helps(all), err
}

func (a forCards) Here(tx *store.Tx, who access.Actor, person fact.PersonID, since time.Time) ([]cards.Help, error) {
	all, err := a.Assist.Had(tx, who, person, since)
	return helps(all), err
}

func (a forCards) Current(tx *store.Tx) (*catalogue.Catalogue, error) { return a.Lists.Current(tx) }

// Scan reads a card for a contact.
func (a forAssist) Scan(ctx context.Context, who access.Actor, text string, at fact.PointID) (assist.Scan, error) {
	s, err := a.Cards.Scan(ctx, who, text, at)
	if err != nil {
		return assist.Scan{}, err
	}
	out := assist.Scan{Person: s.Person}
	for _, p := range s.Past {
		out.Past = append(out.Past, assist.Past{Code: p.Code, At: p.At, Day: p.Day, Quantity: p.Quantity, Point: p.Point})
	}
	return out, nil
}

// PersonByLineage finds the file that hangs on a card.
func (a forPeople) PersonByLineage(ctx context.Context, who access.Actor, text string) (fact.PersonID, bool, error) {
	return a.Cards.PersonByLineage(ctx, who, text)
}

// CardAgreed writes the yes to a card into the file of somebody who has one.
func (a forCards) CardAgreed(tx *store.Tx, who access.Actor, person fact.PersonID, _ fact.PointID, language string) error {
	return a.People.Agreed(tx, who, person, people.Given{Basis: "consent", Purpose: people.PurposeCard, Language: language, How: "spoken", Answer: "yes"})
}
