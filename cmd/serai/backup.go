package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"serai/internal/app"
)

type backupCmd struct {
	data
	File string `arg:"" optional:"" help:"File or folder to write to; serai-DATE.backup when absent." type:"path"`
	JSON bool   `help:"Print one JSON line."`
}

func (cmd *backupCmd) Help() string {
	return `The backup is encrypted to the recovery key and read again from the disk before it gets its name. It holds facts,
keys, accounts and the access log; projections are rebuilt after a restore, sessions are not kept. Keep it on another
medium, and keep a copy of the file "erasures" of the data directory elsewhere: a restore asks for it. Backups expire
after 35 days; until then an older one can still be opened by whoever holds the recovery key.`
}

func (cmd *backupCmd) Run(ctx context.Context, c *console) error {
	file := cmd.File
	if st, err := os.Stat(file); file == "" || err == nil && st.IsDir() {
		file = filepath.Join(file, "serai-"+time.Now().Format(time.DateOnly)+".backup")
	}
	return cmd.with(ctx, c, func(n *app.Node) error {
		r, err := n.Backup(ctx, file)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return printJSON(c.out, r)
		}
		fmt.Fprintf(c.out, "%s: %.1f MB in %.1f s, verified.\n", r.Path, float64(r.Bytes)/1e6, r.Seconds)
		return nil
	})
}

type restoreCmd struct {
	data
	File     string `arg:"" help:"The backup." type:"existingfile"`
	Ledger   string `help:"The newest copy of the erasure ledger (the file \"erasures\")." type:"existingfile" placeholder:"FILE"`
	WaivedBy string `help:"Who answers for it when there is no newer ledger." placeholder:"NAME"`
	Reason   string `help:"Why there is none." placeholder:"TEXT"`
	JSON     bool   `help:"Print one JSON line."`
}

func (cmd *restoreCmd) Help() string {
	return `Restores into an empty data directory (--data). It needs the recovery key (--key-file) and an erasure ledger that is
at least as new as the backup, so that people who were erased since stay erased; without one, somebody must sign a
waiver (--waived-by, --reason). The restored node has a new incarnation. A damaged or exchanged backup is found before
anything is applied. With --passphrase-file or SERAI_PASSPHRASE the restored node gets that passphrase.`
}

func (cmd *restoreCmd) Run(ctx context.Context, c *console) error {
	if cmd.KeyFile == "" {
		return fmt.Errorf("give the recovery key with --key-file")
	}
	identity, err := os.ReadFile(cmd.KeyFile)
	if err != nil {
		return err
	}
	pass, err := cmd.passphrase()
	if err != nil {
		return err
	}
	o := app.RestoreOptions{From: cmd.File, Identity: string(identity), WaivedBy: cmd.WaivedBy, Reason: cmd.Reason, Passphrase: pass}
	if cmd.Ledger != "" {
		f, err := os.Open(cmd.Ledger)
		if err != nil {
			return err
		}
		defer f.Close()
		o.Ledger = f
	}
	r, err := app.RestoreNode(ctx, cmd.config(c), o, func(done, all int64) {
		fmt.Fprintf(c.errs, "\rrebuilding: %d of %d facts", done, all)
	})
	if err != nil {
		return err
	}
	if cmd.JSON {
		return printJSON(c.out, r)
	}
	fmt.Fprintf(c.out, "\nRestored in %.1f s; %d people were erased again.\n", r.Seconds, r.ErasedAgain)
	if r.Waived {
		fmt.Fprintln(c.out, "A waiver was signed: nobody could check whether people were erased since the backup.")
	}
	return nil
}
