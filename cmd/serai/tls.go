package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"serai/internal/app"
)

type tlsCmd struct {
	Init  tlsInitCmd  `cmd:"" help:"Make a certificate for a hub without internet, of its own authority."`
	Show  tlsShowCmd  `cmd:"" help:"Show the certificate and the fingerprint that devices compare."`
	Renew tlsRenewCmd `cmd:"" help:"Make a new certificate of the same authority now."`
	Files tlsFilesCmd `cmd:"" help:"Use a public certificate from files."`
	ACME  tlsACMECmd  `cmd:"" name:"acme" help:"Ask a public authority for a certificate (ACME, as Let's Encrypt)."`
}

func (*tlsCmd) Help() string {
	return `Other machines reach a node over TLS alone. A hub without internet has an authority of its own, held to the hub's
names; every device loads its root once, from the page that "serai serve --onboarding" serves. A node that the internet
reaches has a public certificate, and nothing is loaded anywhere. docs/guides/tls.md goes through both.`
}

type tlsInitCmd struct {
	data
	Name         string   `help:"What the hub is called, one word: agadez becomes agadez.local and agadez.home.arpa." required:"" placeholder:"NAME"`
	Address      []string `help:"Address of the hub (192.168.8.1), or the range in which it may change (192.168.8.0/24); can be repeated. Old Android devices find a hub by its address alone." placeholder:"ADDRESS"`
	DNS          []string `name:"dns" help:"Another name, which ends with .local, .home.arpa or .internal; can be repeated." placeholder:"NAME"`
	NewAuthority bool     `help:"Make a new authority although there is one. Every device must be onboarded again."`
	JSON         bool     `help:"Print one JSON line."`
}

func (cmd *tlsInitCmd) Help() string {
	return `The authority is made once. Its root holds for these names and addresses alone, for ten years; the key of the root is
destroyed after its only use, the key that signs lies in the keyring. The certificate lives 90 days and is renewed by
itself. Repeated with other names, the same authority is used as long as it covers them. The node must not be running.
Next: "serai serve --addr :443 --onboarding :80".`
}

func (cmd *tlsInitCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error {
		st, err := n.TLSLocal(cmd.Name, cmd.DNS, cmd.Address, cmd.NewAuthority)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return printJSON(c.out, st)
		}
		showTLS(c, st)
		if len(cmd.Address) == 0 {
			fmt.Fprintln(c.out, "\nNo address was given: devices must find the hub by its name, which Android before 12 cannot. Add --address if you\nhave such devices; now is the time, as a root cannot learn it later.")
		}
		fmt.Fprintln(c.out, "\nNext: serai serve --addr :443 --onboarding :80")
		return nil
	})
}

type tlsShowCmd struct {
	Data string `help:"Data directory of the node." default:"serai-data" env:"SERAI_DATA" type:"path"`
	JSON bool   `help:"Print one JSON line."`
}

func (cmd *tlsShowCmd) Help() string {
	return `Needs no passphrase: nothing that it prints is secret. Read the words or the number to whoever stands at the onboarding
page, and the first 16 and last 16 characters of the fingerprint to whoever looks at what the device shows.`
}

func (cmd *tlsShowCmd) Run(c *console) error {
	st, findings, err := app.Config{Data: cmd.Data, Out: c.out}.TLSShow()
	if err != nil {
		return err
	}
	if cmd.JSON {
		return printJSON(c.out, st)
	}
	showTLS(c, st)
	for _, f := range findings {
		if f.Level == "warning" || f.Level == "error" {
			fmt.Fprintf(c.out, "%-8s %s (%s)\n", f.Level, f.Text, f.Code)
		}
	}
	return nil
}

type tlsRenewCmd struct {
	data
	JSON bool `help:"Print one JSON line."`
}

func (cmd *tlsRenewCmd) Help() string {
	return `A running node takes the new certificate at the next connection and breaks none. Devices notice nothing: they trust the
authority, which stays.`
}

func (cmd *tlsRenewCmd) Run(c *console) error {
	p, err := cmd.passphrase()
	if err != nil {
		return err
	}
	st, err := cmd.config(c).TLSRenew(p, cmd.KeyFile)
	return sayTLS(c, st, cmd.JSON, err)
}

type tlsFilesCmd struct {
	Data string `help:"Data directory of the node." default:"serai-data" env:"SERAI_DATA" type:"path"`
	Cert string `help:"Certificate with those above it (PEM)." required:"" type:"existingfile" placeholder:"FILE"`
	Key  string `help:"Key of the certificate (PEM)." required:"" type:"existingfile" placeholder:"FILE"`
	JSON bool   `help:"Print one JSON line."`
}

func (cmd *tlsFilesCmd) Help() string {
	return `The files stay where they are, and whoever renews them goes on doing so: a running node reads them again when they
change.`
}

func (cmd *tlsFilesCmd) Run(c *console) error {
	st, err := app.Config{Data: cmd.Data, Out: c.out}.TLSFiles(cmd.Cert, cmd.Key)
	return sayTLS(c, st, cmd.JSON, err)
}

type tlsACMECmd struct {
	Data        string   `help:"Data directory of the node." default:"serai-data" env:"SERAI_DATA" type:"path"`
	Domain      []string `help:"Public host name of this node; can be repeated." required:"" placeholder:"NAME"`
	Email       string   `help:"Where the authority writes when something is wrong." required:"" placeholder:"ADDRESS"`
	Directory   string   `help:"Directory of another authority than Let's Encrypt." placeholder:"URL"`
	AcceptTerms bool     `help:"You have read the terms of the authority and accept them."`
	JSON        bool     `help:"Print one JSON line."`
}

func (cmd *tlsACMECmd) Help() string {
	return `The node asks when it serves. The authority must reach it from the internet under that name: at port 443 ("serai serve
--addr :443"), or at port 80 as well ("--onboarding :80"). It renews by itself thirty days before the end.`
}

func (cmd *tlsACMECmd) Run(c *console) error {
	if !cmd.AcceptTerms {
		return errors.New("read the terms of the authority (Let's Encrypt: https://letsencrypt.org/repository/) and repeat with --accept-terms")
	}
	st, err := app.Config{Data: cmd.Data, Out: c.out}.TLSACME(cmd.Domain, cmd.Email, cmd.Directory)
	return sayTLS(c, st, cmd.JSON, err)
}

func sayTLS(c *console, st app.TLSStatus, asJSON bool, err error) error {
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(c.out, st)
	}
	showTLS(c, st)
	return nil
}

// showTLS prints a certificate for people, who read it aloud.
func showTLS(c *console, st app.TLSStatus) {
	line := func(name, value string) { fmt.Fprintf(c.out, "%-13s%s\n", name, value) }
	switch st.Kind {
	case "none":
		fmt.Fprintln(c.out, "This node has no certificate: only this machine reaches it. `serai tls --help` says how other machines do.")
		return
	case "local":
		line("Certificate", "of this hub's own authority")
	case "acme":
		line("Certificate", "public, by ACME")
	case "files":
		line("Certificate", "public, from files")
	}
	line("Names", strings.Join(st.Names, ", "))
	if st.Until.IsZero() {
		line("Valid", "not yet: it is asked for when the node serves")
		return
	}
	line("Valid", st.From.Format(time.DateOnly)+" to "+st.Until.Format(time.DateOnly))
	if st.Root == nil {
		return
	}
	line("Renewed", "by itself, from "+st.Renewal.Format(time.DateOnly))
	line("Authority", "until "+st.Ends.Format(time.DateOnly))
	line("Words", strings.Join(st.Root.Words, " "))
	line("Number", st.Root.Number)
	line("Fingerprint", st.Root.SHA256)
}
