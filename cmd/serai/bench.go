package main

import (
	"context"
	"fmt"
	"os"

	"serai/internal/app"
)

type benchCmd struct {
	Contacts benchContactsCmd `cmd:"" help:"Contacts recorded over HTTP."`
	Card     benchCardCmd     `cmd:"" help:"Cards signed and read."`
	Rebuild  benchRebuildCmd  `cmd:"" help:"Projections rebuilt from facts."`
	Start    benchStartCmd    `cmd:"" help:"From nothing to ready, and the memory at rest."`
	Client   benchClientCmd   `cmd:"" hidden:"" help:"The clients of a benchmark."`
}

func (*benchCmd) Help() string {
	return `Every measurement makes a node of its own in a temporary directory and removes it. --engine postgres needs
--postgres, or SERAI_TEST_POSTGRES, with a server where databases may be made and removed. Say what else the machine does when you quote a figure.`
}

type benchOn struct {
	Engine   string `help:"sqlite or postgres." enum:"sqlite,postgres" default:"sqlite"`
	Postgres string `help:"Address of a PostgreSQL server where databases may be made and removed." env:"SERAI_TEST_POSTGRES" placeholder:"URL"`
	JSON     bool   `help:"Print one JSON line."`
}

func (b benchOn) bench() (app.Bench, error) {
	exe, err := os.Executable()
	return app.Bench{Engine: b.Engine, DSN: b.Postgres, Exe: exe}, err
}

func (b benchOn) print(c *console, m app.Measured) error {
	if b.JSON {
		return printJSON(c.out, m)
	}
	fmt.Fprintf(c.out, "%s %s: n %d", m.What, m.Engine, m.N)
	for _, f := range []struct {
		v    float64
		form string
	}{{m.PerSecond, ", %.0f a second"}, {m.P50, ", p50 %.2f ms"}, {m.P99, ", p99 %.2f ms"}, {m.CPUEach, ", %.3f ms CPU each"}, {m.Start, ", %.0f ms"}, {m.RSS, ", %.0f MB"}} {
		if f.v != 0 {
			fmt.Fprintf(c.out, f.form, f.v)
		}
	}
	fmt.Fprintln(c.out)
	return nil
}

type benchContactsCmd struct {
	benchOn
	N       int `short:"n" help:"How many contacts." default:"20000"`
	Clients int `help:"How many clients at once." default:"16"`
	People  int `help:"How many people they are about." default:"1000"`
}

func (cmd *benchContactsCmd) Run(ctx context.Context, c *console) error {
	b, err := cmd.bench()
	if err != nil {
		return err
	}
	b.N, b.Clients, b.People = cmd.N, cmd.Clients, cmd.People
	m, err := b.Contacts(ctx)
	if err != nil {
		return err
	}
	return cmd.print(c, m)
}

type benchCardCmd struct {
	N    int  `short:"n" help:"How many cards." default:"2000"`
	JSON bool `help:"Print JSON lines."`
}

func (cmd *benchCardCmd) Run(ctx context.Context, c *console) error {
	all, err := app.BenchCard(ctx, cmd.N)
	if err != nil {
		return err
	}
	for _, m := range all {
		if err := (benchOn{JSON: cmd.JSON}).print(c, m); err != nil {
			return err
		}
	}
	return nil
}

type benchRebuildCmd struct {
	benchOn
	N    int `short:"n" help:"How many facts." default:"200000"`
	Runs int `help:"How many rebuilds; the figure is their median." default:"1"`
}

func (cmd *benchRebuildCmd) Run(ctx context.Context, c *console) error {
	b, err := cmd.bench()
	if err != nil {
		return err
	}
	b.N, b.Runs = cmd.N, cmd.Runs
	m, err := b.Rebuild(ctx)
	if err != nil {
		return err
	}
	return cmd.print(c, m)
}

type benchStartCmd struct {
	benchOn
	People int `help:"How many files the node has; 0 for the memory of an empty node." default:"100000"`
}

func (cmd *benchStartCmd) Run(ctx context.Context, c *console) error {
	b, err := cmd.bench()
	if err != nil {
		return err
	}
	b.People = cmd.People
	m, err := b.Start(ctx)
	if err != nil {
		return err
	}
	return cmd.print(c, m)
}

type benchClientCmd struct{}

func (*benchClientCmd) Run(ctx context.Context, c *console) error {
	return app.Client(ctx, c.in, c.out)
}
