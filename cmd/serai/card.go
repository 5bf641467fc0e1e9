package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"serai/internal/app"
	"serai/internal/fault"
)

type importCmd struct {
	Network importNetworkCmd `cmd:"" help:"Import organisations.csv, points.csv and routes.csv."`
}

type importNetworkCmd struct {
	data
	Dir    string `arg:"" help:"Folder with the files." type:"existingdir"`
	DryRun bool   `help:"Say what would happen and change nothing."`
	JSON   bool   `help:"Print one JSON line."`
}

func (cmd *importNetworkCmd) Help() string {
	return `The import can be repeated: what is the same is left alone, and of what differs only those fields change that the
files speak of. With errors nothing is imported; every error names file, row and column. An import that is cut off
leaves whole records and says how many; the same files bring it to its end. UTF-8 with or without a byte order mark,
commas, semicolons or tabs; Latin-1 is read with a warning.`
}

func (cmd *importNetworkCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error {
		told := false
		r, err := n.ImportNetwork(ctx, cmd.Dir, cmd.DryRun, func(done, all int) {
			if !cmd.JSON && (told || done < all) { // a short import needs no progress
				fmt.Fprintf(c.errs, "\r%d of %d records", done, all)
				told = true
			}
		})
		if told {
			fmt.Fprintln(c.errs)
		}
		if err != nil {
			return err
		}
		if cmd.JSON {
			return printJSON(c.out, r)
		}
		for _, w := range r.Warnings {
			fmt.Fprintf(c.errs, "warning: %s row %d %s: %s (%s)\n", w.File, w.Row, w.Column, w.Detail, w.Code)
		}
		for _, e := range r.Errors {
			fmt.Fprintf(c.errs, "%s row %d %s: %s (%s)\n", e.File, e.Row, e.Column, e.Detail, e.Code)
		}
		if len(r.Errors) > 0 {
			return fault.Invalidf("network.import_errors", "%d errors; nothing was imported", len(r.Errors))
		}
		for _, t := range []struct {
			name              string
			new, changed, was int
		}{{"organisations", r.Organisations.New, r.Organisations.Changed, r.Organisations.Same}, {"points", r.Points.New, r.Points.Changed, r.Points.Same}, {"routes", r.Routes.New, r.Routes.Changed, r.Routes.Same}} {
			fmt.Fprintf(c.out, "%-14s %d new, %d changed, %d the same\n", t.name, t.new, t.changed, t.was)
		}
		if cmd.DryRun {
			fmt.Fprintln(c.out, "Nothing was changed.")
		}
		return nil
	})
}

type cardCmd struct {
	Read  cardReadCmd  `cmd:"" help:"Read the text of a card with this node's trust list and keys."`
	Print cardPrintCmd `cmd:"" help:"Draw the QR code of a card's text."`
}

type cardText struct {
	Text string `arg:"" optional:"" help:"Text of the card, beginning with AC1:; standard input when absent (a shell eats spaces: quote it)."`
}

func (t cardText) read(c *console) (string, error) {
	if t.Text != "" {
		return t.Text, nil
	}
	b, err := io.ReadAll(io.LimitReader(c.in, 4096))
	return strings.TrimRight(string(b), "\r\n"), err
}

type cardReadCmd struct {
	data
	cardText
	JSON bool `help:"Print one JSON line."`
}

func (cmd *cardReadCmd) Run(ctx context.Context, c *console) error {
	text, err := cmd.cardText.read(c)
	if err != nil {
		return err
	}
	return cmd.with(ctx, c, func(n *app.Node) error {
		r, err := n.ReadCard(ctx, text)
		if err != nil {
			return err
		}
		type line struct {
			Day      string `json:"day"`
			Service  string `json:"service"`
			Quantity int    `json:"quantity"`
			Point    uint32 `json:"point"`
		}
		out := struct {
			State    string   `json:"state"`
			History  string   `json:"history"`
			Warnings []string `json:"warnings"`
			Sequence int      `json:"sequence"`
			Entries  []line   `json:"entries"`
		}{State: fmt.Sprint(r.State), History: fmt.Sprint(r.History), Sequence: int(r.Sequence), Warnings: []string{}, Entries: []line{}}
		for _, w := range r.Warnings {
			out.Warnings = append(out.Warnings, string(w))
		}
		for _, l := range r.Lines {
			code := l.Code
			if code == "" {
				code = "other"
			}
			out.Entries = append(out.Entries, line{time.Unix(int64(l.Day)*86400, 0).UTC().Format(time.DateOnly), code, int(l.Quantity), l.Point})
		}
		if cmd.JSON {
			return printJSON(c.out, out)
		}
		fmt.Fprintf(c.out, "%s, history %s, print %d%s\n", out.State, out.History, out.Sequence, joined(", warnings: ", out.Warnings))
		for _, e := range out.Entries {
			fmt.Fprintf(c.out, "%s  %-20s %d  at point %d\n", e.Day, e.Service, e.Quantity, e.Point)
		}
		return nil
	})
}

func joined(before string, list []string) string {
	if len(list) == 0 {
		return ""
	}
	return before + strings.Join(list, ", ")
}

type cardPrintCmd struct {
	cardText
	Format string `help:"svg or png." enum:"svg,png" default:"svg"`
	Output string `short:"o" help:"File; standard output when absent." placeholder:"FILE"`
}

func (cmd *cardPrintCmd) Run(c *console) error {
	text, err := cmd.cardText.read(c)
	if err != nil {
		return err
	}
	w := c.out
	if cmd.Output != "" {
		f, err := os.OpenFile(cmd.Output, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer f.Close()
		w = f
	}
	return app.PrintCard(w, text, cmd.Format)
}

type networkFileCmd struct {
	NodeKey networkNodeKeyCmd `cmd:"" name:"node-key" help:"Print this node's public keys, for the network's office."`
	Root    networkRootCmd    `cmd:"" help:"Office: make a root key that signs network files."`
	Found   networkFoundCmd   `cmd:"" help:"Office: make the first network file and the key bundles of its members."`
	Amend   networkAmendCmd   `cmd:"" help:"Office: make the next network file: list further keys of nodes and devices, revoke one."`
	Pin     networkPinCmd     `cmd:"" help:"Pin the office's root on this node."`
	Install networkInstallCmd `cmd:"" help:"Install a network file, a key bundle or a list of marks."`
	Show    networkShowCmd    `cmd:"" help:"Show the state of the cards' network on this node."`
}

func (*networkFileCmd) Help() string {
	return `One signed network file holds who may sign cards, the blocks of point numbers and the card-safe services. Seal keys
come beside it in a bundle for each node. An office makes a root once, keeps its secret offline, and tells every node
the public half by voice or on paper.

  node:    serai network-file node-key > agadez.key
  office:  serai network-file root --secret root.secret > root.pub
  office:  serai network-file found --secret root.secret --members members.json --out out/
  node:    serai network-file pin "$(cat root.pub)"
  node:    serai network-file install out/network.file out/bundle-NRC-1.keys

A device that writes cards without its node signs with a key of its own. When it is stolen:

  office:  serai network-file amend network.file --secret root.secret --revoke a1b2c3d4 --out next.file
  nodes:   serai network-file install next.file`
}

type networkNodeKeyCmd struct {
	data
	Devices int `help:"Have keys for at least so many devices that a lead may allow to write cards without the node; each is listed, and revoked, by itself." default:"4" placeholder:"N"`
}

func (cmd *networkNodeKeyCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error {
		if err := n.Cards.MakeSpares(cmd.Devices); err != nil {
			return err
		}
		text, err := n.Cards.NodeKeyText()
		if err == nil {
			fmt.Fprintln(c.out, text)
		}
		return err
	})
}

type networkRootCmd struct {
	Secret string `help:"File for the secret half; it must not exist." required:"" placeholder:"FILE"`
}

func (cmd *networkRootCmd) Run(c *console) error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(cmd.Secret, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(f, "serai-root-secret:%s\n", base64.RawURLEncoding.EncodeToString(key.Seed())); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	text, err := app.RootText(key)
	if err == nil {
		fmt.Fprintln(c.out, text)
	}
	return err
}

type networkFoundCmd struct {
	data
	Secret  string `help:"File with the secret of the root." required:"" type:"existingfile" placeholder:"FILE"`
	Name    string `help:"Name of the network." default:"Serai"`
	Members string `help:"JSON: [{\"number\":1,\"code\":\"NRC\",\"node_keys\":[\"serai-node-key:...\"]}]; names and point numbers come from this node's network." required:"" type:"existingfile" placeholder:"FILE"`
	Out     string `help:"Folder for the files." required:"" type:"path" placeholder:"DIR"`
}

func readRootSecret(file string) (ed25519.PrivateKey, error) {
	secret, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	coded, ok := strings.CutPrefix(strings.TrimSpace(string(secret)), "serai-root-secret:")
	seed, err := base64.RawURLEncoding.DecodeString(coded)
	if !ok || err != nil || len(seed) != ed25519.SeedSize {
		return nil, fault.Field("secret", "network_file.bad_secret", "the file of a root's secret begins with serai-root-secret:")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func readMembers(file string) (members []app.OfficeMember, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, fault.Fieldf("members", "network_file.bad_members", "the list of members cannot be read: %v", err)
	}
	return members, nil
}

type networkAmendCmd struct {
	data
	Secret  string   `help:"File with the secret of the root." required:"" type:"existingfile" placeholder:"FILE"`
	Members string   `help:"JSON as for found: node_keys of members whose keys are to be listed; those listed already stay." type:"existingfile" placeholder:"FILE"`
	Revoke  []string `help:"Key to revoke, as the lead's screen of devices names it; what it ever signed counts no more." placeholder:"KEY"`
	Current string   `arg:"" help:"The network file of now." type:"existingfile"`
	Out     string   `help:"The network file to write." required:"" type:"path" placeholder:"FILE"`
}

func (cmd *networkAmendCmd) Run(ctx context.Context, c *console) error {
	root, err := readRootSecret(cmd.Secret)
	if err != nil {
		return err
	}
	var members []app.OfficeMember
	if cmd.Members != "" {
		if members, err = readMembers(cmd.Members); err != nil {
			return err
		}
	}
	current, err := os.ReadFile(cmd.Current)
	if err != nil {
		return err
	}
	return cmd.with(ctx, c, func(n *app.Node) error {
		if err := n.AmendNetwork(root, current, members, cmd.Revoke, cmd.Out); err != nil {
			return err
		}
		fmt.Fprintln(c.out, cmd.Out)
		return nil
	})
}

func (cmd *networkFoundCmd) Run(ctx context.Context, c *console) error {
	root, err := readRootSecret(cmd.Secret)
	if err != nil {
		return err
	}
	members, err := readMembers(cmd.Members)
	if err != nil {
		return err
	}
	return cmd.with(ctx, c, func(n *app.Node) error {
		written, err := n.FoundNetwork(ctx, root, cmd.Name, members, cmd.Out)
		for _, f := range written {
			fmt.Fprintln(c.out, f)
		}
		return err
	})
}

type networkPinCmd struct {
	data
	Root string `arg:"" help:"Text of the root, from the office."`
}

func (cmd *networkPinCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error {
		fingerprint, err := n.Cards.PinRoot(ctx, cmd.Root)
		if err == nil {
			fmt.Fprintf(c.out, "Pinned. Compare this fingerprint with the office by voice: %s\n", fingerprint)
		}
		return err
	})
}

type networkInstallCmd struct {
	data
	Files []string `arg:"" help:"Network file, key bundle, marks, in this order." type:"existingfile"`
}

func (cmd *networkInstallCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error {
		for _, name := range cmd.Files {
			b, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			what, err := n.InstallNetwork(ctx, b)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			fmt.Fprintf(c.out, "%s: %s installed\n", name, what)
		}
		return nil
	})
}

type networkShowCmd struct{ data }

func (cmd *networkShowCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error {
		state, err := n.CardNetwork(ctx)
		if err != nil {
			return err
		}
		return printJSON(c.out, state)
	})
}
