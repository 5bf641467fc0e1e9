package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"serai/internal/fault"
	"serai/internal/journal/backup"
	"serai/internal/seal"
	"serai/internal/store"
)

// neverBackedUp are plain tables that must not come to life again: whoever was signed in then is not signed in after a
// restore, and answers of before are no answers of now.
var neverBackedUp = []string{"accounts_session"}

// Backup writes a backup that only the recovery key opens, verified by reading it again.
func (n *Node) Backup(ctx context.Context, path string) (backup.Report, error) {
	recipient, err := RecoveryRecipient(n.Config.Data)
	if err != nil {
		return backup.Report{}, err
	}
	r, err := backup.Write(ctx, backup.Node{DB: n.DB, Ring: n.Ring, Journal: n.Journal, Ledger: n.Ledger, Migrations: migrations(), Skip: neverBackedUp, Now: n.Config.Now}, path, recipient)
	if err != nil {
		return backup.Report{}, err
	}
	return r, n.Note(ctx, "last_backup")
}

// RestoreOptions say what to restore and under which ledger of erasures.
type RestoreOptions struct {
	From       string
	Identity   string
	Ledger     io.Reader
	WaivedBy   string
	Reason     string
	Passphrase string // a slot for the restored node; none when empty
}

// RestoreNode restores a backup into the empty data directory of c, and opens the node once, so that its tables are
// rebuilt and its chain verified.
func RestoreNode(ctx context.Context, c Config, o RestoreOptions, progress func(done, all int64)) (backup.Restored, error) {
	c = c.Whole()
	r := backup.Restore{From: o.From, Identity: o.Identity, Data: c.Data, Ledger: o.Ledger, Migrations: migrations(), Now: c.Now,
		Database: func(dir string, key [32]byte) store.Config {
			return store.Config{Path: filepath.Join(dir, "serai.db"), Key: key, DSN: c.Postgres}
		},
		Slots: func(ring *seal.Keyring) error {
			if o.Passphrase == "" {
				return nil
			}
			return ring.AddPassphrase("passphrase", o.Passphrase)
		},
	}
	if o.WaivedBy != "" || o.Reason != "" {
		if o.WaivedBy == "" || o.Reason == "" {
			return backup.Restored{}, fault.Field("waived_by", "restore.waiver_unsigned", "a waiver names who answers for it and why: --waived-by and --reason")
		}
		r.Waiver = &backup.Waiver{By: o.WaivedBy, Reason: o.Reason}
	}
	done, err := r.Run(ctx)
	if err != nil {
		return done, err
	}
	identity, err := seal.ParseIdentity(o.Identity)
	if err != nil {
		return done, err
	}
	if err := seal.WriteFile(recipientFile(c.Data), []byte(identity.Recipient().String()+"\n")); err != nil {
		return done, err
	}
	ring, err := seal.UnlockIdentity(c.Data, o.Identity)
	if err != nil {
		return done, err
	}
	n, err := Open(ctx, c, ring, progress)
	if err != nil {
		return done, err
	}
	err = errors.Join(n.forgetErased(ctx), n.restoreHub())
	if err == nil {
		err = n.Note(ctx, "restore_rehearsed")
	}
	return done, errors.Join(err, n.Close())
}

// forgetErased takes those whom the ledger names out of the plain tables that a backup brought back: whose file somebody
// opened, and whose card was read. The journal forgets them by itself.
func (n *Node) forgetErased(ctx context.Context) error {
	for some := range slices.Chunk(n.Ledger.Persons(), 500) {
		err := n.DB.Write(ctx, func(tx *store.Tx) error {
			for _, person := range some {
				if err := errors.Join(n.Log.Forget(tx, person), n.Cards.Forget(tx, person)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("forget who was erased since the backup: %w", err)
		}
	}
	return nil
}
