package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"serai/internal/jobs"
	"serai/internal/seal"
	"serai/internal/store"
)

// Finding is one thing that doctor has to say.
type Finding struct {
	Level string `json:"level"` // ok, note, warning, error
	Code  string `json:"code"`
	Text  string `json:"text"`
}

// Doctor looks for what is wrong or was forgotten. It changes nothing.
func (n *Node) Doctor(ctx context.Context) ([]Finding, error) {
	var out []Finding
	say := func(level, code, format string, args ...any) {
		out = append(out, Finding{level, code, fmt.Sprintf(format, args...)})
	}
	slots := seal.Slots(n.Config.Data)
	if !slices.Contains(slots, "recovery") {
		say("error", "doctor.no_recovery", "there is no recovery key: whoever forgets the passphrase loses everything; make one")
	} else {
		say("ok", "doctor.slots", "%d ways to open the keyring: %v", len(slots), slots)
	}
	if st, err := os.Stat(n.Config.Data); err == nil && st.Mode().Perm()&0o077 != 0 {
		say("warning", "doctor.open_directory", "other users of this machine can look into %s; run chmod 700 on it", n.Config.Data)
	}
	size, err := n.DB.Size(ctx)
	if err != nil {
		return nil, err
	}
	say("ok", "doctor.database", "%s, %.1f MB", n.DB.Engine(), float64(size)/1e6)
	if free, ok := freeBytes(n.Config.Data); ok && free < 500<<20 {
		say("error", "doctor.disk_low", "only %d MB are free on the disk; work stops when it is full", free>>20)
	}
	if n.Keys.RotationOpen() {
		say("warning", "doctor.rotation_open", "an erasure was cut off; it is finished at the next start")
	}
	now := n.Config.Now()
	if now.Year() < 2026 || now.Year() > 2100 {
		say("error", "doctor.clock", "the clock of this machine says %s; set it", now.Format(time.DateOnly))
	}
	if err := n.doctorTables(ctx, now, say); err != nil {
		return nil, err
	}
	n.doctorHub(say)
	policy, err := n.Accounts.Policy(ctx)
	if err != nil {
		return nil, err
	}
	if policy.PasswordAlone {
		say("warning", "doctor.password_alone", "leads sign in with a password alone; this is for demonstrations")
	}
	if policy.TwoEyes {
		say("warning", "doctor.two_eyes", "one administrator gives every role; this is for demonstrations")
	}
	if n.Settings.Demo {
		say("note", "doctor.demo", "this is a demonstration: its cards are refused by real nodes")
	}
	return out, nil
}

func (n *Node) doctorTables(ctx context.Context, now time.Time, say func(level, code, format string, args ...any)) error {
	return n.DB.Read(ctx, func(tx *store.Tx) error {
		var facts, waiting int64
		if _, err := tx.One(`SELECT count(*) FROM journal_fact`, nil, &facts); err != nil {
			return err
		}
		if _, err := tx.One(`SELECT count(*) FROM journal_quarantine`, nil, &waiting); err != nil {
			return err
		}
		say("ok", "doctor.facts", "%d facts", facts)
		if waiting > 0 {
			say("warning", "doctor.quarantine", "%d records are in quarantine and wait for somebody to look", waiting)
		}
		all, err := jobs.States(tx)
		if err != nil {
			return err
		}
		for _, j := range all {
			if j.Failures > 0 {
				say("warning", "doctor.job_fails", "the job %q has failed %d times, the last time with: %s", j.Name, j.Failures, j.Error)
			}
		}
		var backup, rehearsed int64
		if err := tx.Each(`SELECT name, value FROM app_setting WHERE name IN ('last_backup', 'restore_rehearsed')`, nil, func(r *store.Row) error {
			var name, value string
			if err := r.Scan(&name, &value); err != nil {
				return err
			}
			t, err := time.Parse(time.RFC3339, value)
			if err != nil {
				return nil
			}
			if name == "last_backup" {
				backup = t.Unix()
			} else {
				rehearsed = t.Unix()
			}
			return nil
		}); err != nil {
			return err
		}
		switch days := (now.Unix() - backup) / 86400; {
		case backup == 0:
			say("warning", "doctor.no_backup", "there has never been a backup; run `serai backup` every night, to another medium")
		case days > 2:
			say("warning", "doctor.old_backup", "the last backup is %d days old", days)
		default:
			say("ok", "doctor.backup", "the last backup is of %s", time.Unix(backup, 0).UTC().Format(time.DateTime))
		}
		if rehearsed == 0 {
			say("warning", "doctor.never_restored", "a restore was never rehearsed; run `serai restore` into an empty directory once")
		}
		return nil
	})
}

// Note keeps the moment of something in the node's settings, for doctor.
func (n *Node) Note(ctx context.Context, name string) error {
	return n.DB.Write(ctx, func(tx *store.Tx) error {
		return tx.Exec(`INSERT INTO app_setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
			name, n.Config.Now().UTC().Format(time.RFC3339))
	})
}

func freeBytes(dir string) (uint64, bool) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return 0, false
	}
	return diskFree(abs)
}
