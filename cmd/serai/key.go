package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"serai/internal/app"
)

type keyCmd struct {
	List       keyListCmd       `cmd:"" help:"List the slots that open this node."`
	Passphrase keyPassphraseCmd `cmd:"" help:"Add a slot that a passphrase opens, for one more person."`
	File       keyFileCmd       `cmd:"" help:"Add a slot that a key file opens, for a machine that starts by itself."`
	Recovery   keyRecoveryCmd   `cmd:"" help:"Make a new recovery key and print its sheet; the old one opens this node no longer."`
	Remove     keyRemoveCmd     `cmd:"" help:"Remove a slot; the last one stays."`
}

func (*keyCmd) Help() string {
	return `Every slot opens the same keyring. Give a slot to each of two or three people, so that a hub reopens after a power
cut without the one who knows. Backups made before a new recovery key still open with the old one.`
}

type keyListCmd struct{ data }

func (cmd *keyListCmd) Run(c *console) error {
	for _, s := range app.Slots(cmd.Data) {
		fmt.Fprintln(c.out, s)
	}
	return nil
}

type keyPassphraseCmd struct {
	data
	Name    string `arg:"" help:"Name of the slot: small letters, digits, hyphens."`
	NewFile string `help:"File with the new passphrase; the first line of standard input when absent." type:"existingfile" placeholder:"FILE"`
}

func (cmd *keyPassphraseCmd) Run(_ context.Context, c *console) error {
	p, err := cmd.passphrase()
	if err != nil {
		return err
	}
	ring, err := app.Unlock(cmd.Data, p, cmd.KeyFile)
	if err != nil {
		return err
	}
	var text string
	if cmd.NewFile != "" {
		b, err := os.ReadFile(cmd.NewFile)
		if err != nil {
			return err
		}
		text = string(b)
	} else {
		fmt.Fprint(c.errs, "New passphrase: ")
		text, _ = bufio.NewReader(c.in).ReadString('\n')
	}
	if err := ring.AddPassphrase(cmd.Name, strings.TrimRight(text, "\r\n")); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "The slot %s opens this node.\n", cmd.Name)
	return nil
}

type keyFileCmd struct {
	data
	Name string `arg:"" help:"Name of the slot."`
	Out  string `arg:"" help:"Key file to write; it must not exist. Keep it on another medium than the data directory." type:"path"`
}

func (cmd *keyFileCmd) Run(c *console) error {
	p, err := cmd.passphrase()
	if err != nil {
		return err
	}
	if err := app.AddKeyFile(cmd.Data, p, cmd.KeyFile, cmd.Name, cmd.Out); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s opens this node: serai serve --key-file %s\n", cmd.Out, cmd.Out)
	return nil
}

type keyRecoveryCmd struct{ data }

func (cmd *keyRecoveryCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error { return n.NewRecovery(c.out) })
}

type keyRemoveCmd struct {
	data
	Name string `arg:"" help:"Name of the slot."`
}

func (cmd *keyRemoveCmd) Run(c *console) error {
	if err := app.RemoveSlot(cmd.Data, cmd.Name); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "The slot %s is gone.\n", cmd.Name)
	return nil
}
