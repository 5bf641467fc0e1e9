package main

import (
	"context"
	"fmt"

	"serai/internal/app"
)

type demoCmd struct {
	Addr   string `help:"Address of the first node; the second takes the next port." default:"localhost:8087" env:"SERAI_ADDR"`
	Seed   uint64 `help:"The same seed gives the same people." default:"1"`
	People int    `help:"How many simulated people travel the network." default:"400"`
	Days   int    `help:"How many days of history." default:"30"`
	Keep   string `help:"Keep the nodes' data in this directory." type:"path" placeholder:"DIR"`
	JSON   bool   `help:"Print one JSON line when ready: nodes with address, accounts and a sample card."`
}

func (cmd *demoCmd) Help() string {
	return `Starts two nodes of two Societies that share no database and no network: Agadez (Niger Red Cross) and Tripoli
(Libyan Red Crescent), with the real network of service points and simulated people. It makes its own keys; the
trust root of its cards is random, marked as a demonstration, and refused by real nodes. Nothing is left behind
unless --keep is given.`
}

func (cmd *demoCmd) Run(ctx context.Context, c *console) error {
	d := app.Demo{Addr: cmd.Addr, Seed: cmd.Seed, People: cmd.People, Days: cmd.Days, Keep: cmd.Keep, Log: func(s string) { fmt.Fprintln(c.errs, "…", s) }}
	return d.Run(ctx, func(nodes []*app.DemoNode) error {
		if cmd.JSON {
			return printJSON(c.out, map[string]any{"nodes": nodes})
		}
		return app.Story(c.out, nodes)
	})
}
