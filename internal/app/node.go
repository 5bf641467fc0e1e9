package app

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"serai/internal/area/accounts"
	"serai/internal/area/assist"
	"serai/internal/area/cards"
	"serai/internal/area/lists"
	"serai/internal/area/network"
	"serai/internal/area/people"
	"serai/internal/area/stock"
	"serai/internal/audit"
	"serai/internal/jobs"
	"serai/internal/journal"
	"serai/internal/outbox"
	"serai/internal/seal"
	"serai/internal/store"
	"serai/internal/view"
	"serai/internal/web"
	"serai/ui"
)

// Node is an open node: everything that has state, wired together.
type Node struct {
	Config   Config
	Settings Settings
	Ring     *seal.Keyring
	DB       *store.DB
	Keys     *seal.Persons
	Journal  *journal.Journal
	Log      *audit.Log
	Ledger   *seal.Ledger
	Web      http.Handler
	Routes   []web.Route

	Accounts *accounts.Service
	Network  *network.Service
	Lists    *lists.Service
	People   *people.Service
	Assist   *assist.Service
	Cards    *cards.Service
	Stock    *stock.Service
	View     *view.Service
	Outbox   *outbox.Service

	ready atomic.Bool
	work  sync.WaitGroup // what goes on beside requests
}

// migrations of every plain table, in the order in which rooms came to be. Only ever append.
func migrations() []store.Migration {
	var all []store.Migration
	for _, m := range [][]store.Migration{seal.Migrations, journal.Migrations, audit.Migrations, accounts.Migrations, settingsMigration, people.Migrations, lists.Migrations, cards.Migrations, jobs.Migrations} {
		all = append(all, m...)
	}
	return all
}

// Open opens a node's database with its keyring, brings tables and projections up to date, and wires the areas.
// progress is told of a rebuild; it may be nil.
func Open(ctx context.Context, c Config, ring *seal.Keyring, progress func(done, all int64)) (n *Node, err error) {
	c = c.Whole()
	db, err := store.Open(ctx, c.database(ring))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	if err := db.Migrate(ctx, migrations()); err != nil {
		return nil, err
	}
	n = &Node{Config: c, Ring: ring, DB: db, Keys: seal.NewPersons(ring)}
	if n.Settings, err = ReadSettings(ctx, db); err != nil {
		return nil, err
	}
	n.Journal = journal.New(db, ring, n.Keys, c.Now)
	if n.Ledger, err = seal.OpenLedger(c.Data, ring, c.Now); err != nil {
		return nil, err
	}
	n.Journal.Ledger = n.Ledger
	n.Log = audit.New(db, c.Now)
	if err := n.wire(ctx); err != nil {
		return nil, err
	}
	if err := n.Journal.Start(ctx, progress); err != nil {
		return nil, fmt.Errorf("bring the tables up to date: %w", err)
	}
	if n.Keys.RotationOpen() { // an erasure was cut off between its halves
		if err := n.Journal.FinishErase(ctx); err != nil {
			return nil, fmt.Errorf("finish an erasure: %w", err)
		}
	}
	if err := n.Cards.Start(ctx); err != nil {
		return nil, err
	}
	n.ready.Store(true)
	return n, nil
}

// Begin starts what a node that serves does by itself, until ctx ends: it finishes erasures, loads the index of names,
// and runs its jobs.
func (n *Node) Begin(ctx context.Context) {
	n.work.Go(func() { n.People.Start(ctx) })
	n.work.Go(func() { n.jobs().Run(ctx) })
}

// later runs fn beside requests; Close waits for it.
func (n *Node) later(fn func(context.Context)) {
	n.work.Go(func() { fn(context.Background()) })
}

// Close signs what is not signed yet and closes the database.
func (n *Node) Close() error {
	n.work.Wait()
	return errors.Join(n.Journal.Sign(context.Background()), n.DB.Close())
}

// mux registers every route of the node.
func (n *Node) mux(areas ...interface{ Routes(*web.Mux) }) {
	c := n.Config.web()
	key := n.Ring.RequestKey()
	c.RequestKey = key[:]
	c.Node = n.Ring.Node().String()[:8]
	c.Sessions = n.Accounts
	c.Guard = guard{n.Log}
	c.Ready = func() error {
		if !n.ready.Load() {
			return errors.New("starting")
		}
		return nil
	}
	m := web.New(c)
	for _, a := range areas {
		a.Routes(m)
	}
	desk, built := ui.Files()
	if !built {
		desk = embed.FS{} // the page at /desk/ says how to build one
	}
	m.Desk(desk)
	n.Web, n.Routes = m, m.Routes()
}

// guard writes the refusals of routes into the access log.
type guard struct{ log *audit.Log }

func (g guard) Refused(ctx context.Context, r web.Refusal) error {
	action := string(r.Permission)
	if action == "" { // a route for everybody who is signed in
		action = r.Method + " " + r.Route
	}
	return g.log.Look(context.WithoutCancel(ctx), audit.Entry{At: r.At, Actor: r.Who.Handle, Device: r.Who.Device, Action: action, Outcome: audit.Refused, Code: r.Code})
}
