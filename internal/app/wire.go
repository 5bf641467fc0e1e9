package app

import (
	"context"

	"serai/internal/area/accounts"
	"serai/internal/area/assist"
	"serai/internal/area/cards"
	"serai/internal/area/lists"
	"serai/internal/area/network"
	"serai/internal/area/people"
	"serai/internal/area/stock"
	"serai/internal/fact"
	"serai/internal/hub"
	"serai/internal/outbox"
	"serai/internal/store"
	"serai/internal/view"
)

// wire makes the areas, each with what it declared that it needs, and then their routes.
func (n *Node) wire(context.Context) (err error) {
	c := n.Config
	key, err := n.Ring.AreaOrNew("accounts", 32)
	if err != nil {
		return err
	}
	n.Lists = lists.New(lists.Config{DB: n.DB, Journal: n.Journal, Now: c.Now})
	n.Network = network.New(network.Config{DB: n.DB, Journal: n.Journal, Now: c.Now, Catalogue: n.Lists.Current})
	n.Accounts, err = accounts.New(accounts.Config{
		DB: n.DB, Organisations: forAccounts{n}, Points: forAccounts{n}, Describe: forAccounts{n}.describe, Surround: forAccounts{n}.surround, Log: n.Log,
		Key: [32]byte(key), Issuer: "Serai " + n.Settings.Label, Now: c.Now,
	})
	if err != nil {
		return err
	}
	n.Assist = assist.New(assist.Needs{DB: n.DB, Journal: n.Journal, Log: n.Log, Now: c.Now, Points: forAssist{n}, People: forAssist{n}, Cards: forAssist{n}, Catalogue: n.Lists, Staff: forAssist{n}})
	n.People = people.New(people.Config{DB: n.DB, Journal: n.Journal, Log: n.Log, Now: c.Now, Points: forPeople{n}, Catalogue: n.Lists, Staff: forPeople{n}, Cards: forPeople{n}, Visits: forPeople{n}, Later: n.later,
		Forget: []func(*store.Tx, fact.PersonID) error{func(tx *store.Tx, p fact.PersonID) error { return n.Cards.Forget(tx, p) }}})
	n.Cards = cards.New(cards.Needs{DB: n.DB, Journal: n.Journal, Log: n.Log, Ring: n.Ring, Keys: n.Keys, Now: c.Now, Demo: n.Settings.Demo,
		Points: forCards{n}, People: forCards{n}, Contacts: forCards{n}, Catalogue: n.Lists, Consents: forCards{n}, Devices: forCards{n}})
	n.Stock = stock.New(stock.Needs{DB: n.DB, Journal: n.Journal, Now: c.Now, Points: forStock{n}, Gifts: forStock{n}, Staff: forPeople{n}, Catalogue: n.Lists})
	n.View = view.New(view.Needs{DB: n.DB, Now: c.Now, Catalogue: n.Lists, Log: n.Log, People: forView{n}, Files: n.People, Visits: n.Assist, Network: n.Network, Stock: forStock{n}, Site: c.Site})
	if n.Outbox, err = outbox.New(outbox.Needs{Ring: n.Ring, Signers: forOutbox{n}, Log: n.Log, Now: c.Now, Debug: c.Log}); err != nil {
		return err
	}
	n.mux(n.Outbox, n.Accounts, n.Network, n.Lists, n.People, n.Assist, n.Cards, n.Stock, n.View, hub.New(c.Data, c.Now, n.rivals))
	return nil
}
