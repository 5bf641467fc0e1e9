package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"strings"

	"serai/internal/app"
)

type serveCmd struct {
	data
	Addr    string `help:"Where to listen. Addresses other than loopback need a certificate: \"serai tls\", or --cert and --cert-key." default:"localhost:8087" env:"SERAI_ADDR"`
	Cert    string `help:"Certificate (PEM)." type:"existingfile" placeholder:"FILE"`
	CertKey string `help:"Key of the certificate (PEM)." type:"existingfile" placeholder:"FILE"`
	Site    string `help:"Where the public reaches this node (https://help.example.org), for QR codes on paper." placeholder:"URL"`
	Backups string `help:"Folder on another medium for the nightly backup; those older than 35 days are removed from it." type:"existingdir" placeholder:"DIR"`

	Onboarding string `help:"Where a plain page listens on which devices load the root of this hub (:80)." placeholder:"ADDRESS"`
	MDNS       *bool  `name:"mdns" negatable:"" help:"Answer for the hub's name under .local; by default with a certificate of the hub's own authority."`

	Verbose bool `short:"v" help:"Log every request (without personal data)."`
}

func (cmd *serveCmd) Help() string {
	return `The node starts locked and shows an unlock page at its address; a passphrase or the recovery key opens it. With
--passphrase-file, --key-file or SERAI_PASSPHRASE it opens by itself. Ctrl-C lets the requests in work finish.
A new node is made with "serai init". Without TLS only this machine may reach the node; "serai tls" makes a certificate.`
}

func (cmd *serveCmd) Run(ctx context.Context, c *console) error {
	p, err := cmd.passphrase()
	if err != nil {
		return err
	}
	conf := cmd.config(c)
	conf.Addr, conf.Cert, conf.Key, conf.Site, conf.Backups, conf.Log = cmd.Addr, cmd.Cert, cmd.CertKey, cmd.Site, cmd.Backups, logger(c.errs, cmd.Verbose)
	conf.Onboarding, conf.MDNS = cmd.Onboarding, cmd.MDNS
	slog.SetDefault(conf.Log)
	return app.Serve(ctx, conf, p, cmd.KeyFile, func(url string) {
		fmt.Fprintf(c.out, "serai %s at %s\n", app.Version, url)
	})
}

type initCmd struct {
	data
	Organisation string `help:"Code of the organisation that runs the node, as in the network files (NRC)." required:"" placeholder:"CODE"`
	Label        string `help:"How the desk names the node." placeholder:"TEXT"`
}

func (cmd *initCmd) Help() string {
	return `Makes the data directory with the node's keys. The passphrase is read from --passphrase-file, SERAI_PASSPHRASE or
the first line of standard input; an empty one lets serai draw one and print it. The recovery sheet is printed once:
keep it on paper. Next: "serai import network", "serai user add --first", "serai serve".`
}

func (cmd *initCmd) Run(ctx context.Context, c *console) error {
	p, err := cmd.passphrase()
	if err != nil {
		return err
	}
	if p == "" {
		fmt.Fprint(c.errs, "Passphrase (empty to draw one): ")
		line, _ := bufio.NewReader(c.in).ReadString('\n')
		p = strings.TrimRight(line, "\r\n")
	}
	if p == "" {
		if p, err = drawPassphrase(); err != nil {
			return err
		}
		fmt.Fprintf(c.out, "\nPassphrase: %s\nWrite it down; it is shown once.\n", p)
	}
	label := cmd.Label
	if label == "" {
		label = cmd.Organisation
	}
	return app.Initialise(ctx, cmd.config(c), app.Settings{Org: cmd.Organisation, Label: label}, p, c.out)
}

// drawPassphrase draws 20 characters without look-alikes in groups: 100 bits.
func drawPassphrase() (string, error) {
	const alphabet = "abcdefghjkmnpqrstuvwxyz23456789x"
	var b strings.Builder
	for i := range 20 {
		if i > 0 && i%5 == 0 {
			b.WriteByte('-')
		}
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			return "", err
		}
		b.WriteByte(alphabet[n.Int64()])
	}
	return b.String(), nil
}

type rebuildCmd struct {
	data
	JSON bool `help:"Print one JSON line."`
}

func (cmd *rebuildCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error {
		r, err := n.Rebuild(ctx, func(done, all int64) {
			if !cmd.JSON {
				fmt.Fprintf(c.errs, "\r%d of %d facts", done, all)
			}
		})
		if err != nil {
			return err
		}
		if cmd.JSON {
			return printJSON(c.out, r)
		}
		fmt.Fprintf(c.out, "\nRebuilt from %d facts in %.1f s (%.0f a second).\n", r.N, r.Seconds, r.PerSecond)
		return nil
	})
}

type verifyCmd struct {
	data
	JSON bool `help:"Print one JSON line."`
}

func (cmd *verifyCmd) Help() string {
	return `Walks every feed: numbers without gaps, hashes that chain, checkpoints that their node signed. Ends with status 1
and the name of the first bad fact when something was altered or is missing.`
}

func (cmd *verifyCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error {
		r, err := n.Journal.Verify(ctx)
		if err != nil {
			return err
		}
		if cmd.JSON {
			if err := printJSON(c.out, r); err != nil {
				return err
			}
		} else {
			fmt.Fprintf(c.out, "%d feeds, %d facts (%d erased), %d checkpoints, %d not signed yet, %d in quarantine.\n", r.Feeds, r.Facts, r.Erased, r.Checkpoints, r.Unsigned, r.Quarantined)
		}
		if r.Bad != "" {
			return fmt.Errorf("the journal is damaged: %s", r.Bad)
		}
		return nil
	})
}

type simulateCmd struct {
	Seed   uint64 `help:"The same seed gives the same journeys." default:"1"`
	People int    `help:"How many people." default:"400"`
	Days   int    `help:"How many days." default:"30"`
	Start  string `help:"First day, 2026-01-01." placeholder:"DAY"`
}

func (cmd *simulateCmd) Run(c *console) error {
	return app.Simulate(os.Stdout, cmd.Seed, cmd.People, cmd.Days, cmd.Start)
}
