// Command serai is the information system for route-based humanitarian assistance: one program that serves the desk,
// the public pages and the interface, and the tools of whoever runs a node. Every subcommand explains itself with
// --help.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"serai/internal/app"
	"serai/internal/fault"
)

// cli is the table of contents of the command line.
type cli struct {
	Serve       serveCmd         `cmd:"" help:"Run a node."`
	Init        initCmd          `cmd:"" help:"Make a new node: its keys, a passphrase, and the recovery sheet."`
	Demo        demoCmd          `cmd:"" help:"Run two nodes of two Societies with simulated people, to try everything."`
	Simulate    simulateCmd      `cmd:"" help:"Write simulated journeys as JSON lines, with the truth at the end."`
	Import      importCmd        `cmd:"" help:"Import the network from files."`
	Card        cardCmd          `cmd:"" help:"Read and print assistance cards."`
	NetworkFile networkFileCmd   `cmd:"" name:"network-file" help:"Make and install the signed network file and the seal keys."`
	Key         keyCmd           `cmd:"" help:"What opens this node: passphrases, key files, the recovery key."`
	TLS         tlsCmd           `cmd:"" name:"tls" help:"How other machines reach this node: certificates."`
	User        userCmd          `cmd:"" help:"Accounts: the first administrator, passwords, roles."`
	Outbox      outboxCmd        `cmd:"" help:"Take in what devices did without a network."`
	Rebuild     rebuildCmd       `cmd:"" help:"Drop every projection and fill it again from the facts."`
	Verify      verifyCmd        `cmd:"" help:"Walk the chains and signatures and name the first bad fact."`
	Backup      backupCmd        `cmd:"" help:"Write a backup that only the recovery key opens."`
	Restore     restoreCmd       `cmd:"" help:"Restore a backup into an empty data directory."`
	Doctor      doctorCmd        `cmd:"" help:"Look for what is wrong or was forgotten."`
	Bench       benchCmd         `cmd:"" help:"Measure this machine with the real program."`
	Version     kong.VersionFlag `help:"Print the version and end."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main with everything handed in, so that tests call it.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) (code int) {
	var c cli
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("serai"),
		kong.Description("Information system for route-based humanitarian assistance. One binary; facts, cards, counts; works without a network."),
		kong.ShortUsageOnError(),
		kong.Writers(out, errs),
		kong.Exit(func(code int) { exit = code; panic(exited{}) }),
		kong.Vars{"version": app.Version},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(errs, err)
		return 2
	}
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(exited); !ok {
				panic(p)
			}
			code = exit
		}
	}()
	k, err := parser.Parse(args)
	if err != nil {
		parser.FatalIfErrorf(err)
	}
	k.BindTo(ctx, (*context.Context)(nil))
	err = k.Run(&console{in: in, out: out, errs: errs})
	if err == nil || errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return 0
	}
	say(errs, err)
	return 1
}

type exited struct{}

// console is where a command reads and writes.
type console struct {
	in        io.Reader
	out, errs io.Writer
}

// say prints an error for people: every fault with its field and remedy.
func say(w io.Writer, err error) {
	all := fault.All(err)
	if len(all) == 0 {
		fmt.Fprintln(w, "serai:", err)
		return
	}
	for _, f := range all {
		line := "serai: "
		if f.Field != "" {
			line += f.Field + ": "
		}
		if f.Detail != "" {
			line += f.Detail + " "
		}
		fmt.Fprintln(w, line+"("+f.Code+")")
	}
}

// printJSON writes one line of JSON.
func printJSON(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) }

// data is what every command needs that opens a node.
type data struct {
	Data           string `help:"Data directory of the node." default:"serai-data" env:"SERAI_DATA" type:"path"`
	Postgres       string `help:"Address of a PostgreSQL database instead of the embedded one (postgres://user@host/database)." env:"SERAI_POSTGRES" placeholder:"URL"`
	PassphraseFile string `help:"File with the passphrase; SERAI_PASSPHRASE is read as well." type:"existingfile" placeholder:"FILE"`
	KeyFile        string `help:"File with a key that opens the node: a key slot, or the recovery key." type:"existingfile" placeholder:"FILE"`
}

func (d data) config(c *console) app.Config {
	return app.Config{Data: d.Data, Postgres: d.Postgres, Out: c.out, Log: logger(c.errs, false)}
}

func logger(w io.Writer, verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

func (d data) passphrase() (string, error) {
	if d.PassphraseFile == "" {
		return os.Getenv("SERAI_PASSPHRASE"), nil
	}
	b, err := os.ReadFile(d.PassphraseFile)
	return strings.TrimRight(string(b), "\r\n"), err
}

// open opens the node for one command.
func (d data) open(ctx context.Context, c *console) (*app.Node, error) {
	p, err := d.passphrase()
	if err != nil {
		return nil, err
	}
	ring, err := app.Unlock(d.Data, p, d.KeyFile)
	if err != nil {
		return nil, err
	}
	return app.Open(ctx, d.config(c), ring, func(done, all int64) {
		fmt.Fprintf(c.errs, "\rbringing the tables up to date: %d of %d facts", done, all)
		if done == all {
			fmt.Fprintln(c.errs)
		}
	})
}

// with opens the node, runs fn and closes the node.
func (d data) with(ctx context.Context, c *console, fn func(*app.Node) error) (err error) {
	n, err := d.open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	return fn(n)
}
