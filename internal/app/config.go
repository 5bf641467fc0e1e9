// Package app puts the rooms together: configuration, wiring, start and stop, and the work that operators ask for on
// the command line. It is the only room that sees all the others; areas meet here, through the interfaces that they
// declare.
package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/seal"
	"serai/internal/store"
	"serai/internal/web"
)

// Version is the version of the program, set by the build.
var Version = "0.1.0-dev"

// Config is what a node is started with. It is passed by value and never global.
type Config struct {
	Data     string // the data directory: keyring, database, erasure ledger
	Postgres string // address of a PostgreSQL database; empty for the embedded one
	Addr     string // where to listen
	Backups  string // a folder on another medium for the nightly backup; none when empty
	Site     string // where the public reaches this node, for QR codes on paper; empty for none
	Cert     string // PEM files; both or none
	Key      string
	Log      *slog.Logger
	Now      func() time.Time
	Out      io.Writer // for people at the console
	Rate     web.Rate  // what one session and one address may ask; the zero value is what a node in use has

	Onboarding string // where the plain page listens on which devices learn to trust a hub; nowhere when empty
	MDNS       *bool  // whether to answer for a name under .local; nil: when the certificate is of the hub's own authority

	reached   *reached     // how other machines reach the node; Serve fills it in
	authority *http.Client // how tests reach an authority
}

// Whole returns the configuration with its defaults.
func (c Config) Whole() Config {
	if c.Data == "" {
		c.Data = "serai-data"
	}
	if c.Addr == "" {
		c.Addr = "localhost:8087"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Out == nil {
		c.Out = os.Stdout
	}
	return c
}

func (c Config) database(ring *seal.Keyring) store.Config {
	return store.Config{Path: filepath.Join(c.Data, "serai.db"), Key: ring.DatabaseKey(), DSN: c.Postgres}
}

// Settings are this node's own: a plain table, which never travels.
type Settings struct {
	Org   string // code of the organisation that runs the node
	Label string // how the desk names the node
	Demo  bool   // a demonstration: marked on every screen, its trust root refused elsewhere
}

var settingsMigration = []store.Migration{{Name: "app/0001", SQL: `CREATE TABLE app_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) /*clustered*/`}}

// ReadSettings returns the node's settings.
func ReadSettings(ctx context.Context, db *store.DB) (s Settings, err error) {
	err = db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT name, value FROM app_setting`, nil, func(r *store.Row) error {
			var name, value string
			if err := r.Scan(&name, &value); err != nil {
				return err
			}
			switch name {
			case "organisation":
				s.Org = value
			case "label":
				s.Label = value
			case "demo":
				s.Demo = value == "yes"
			}
			return nil
		})
	})
	return s, err
}

// WriteSettings keeps the node's settings.
func WriteSettings(ctx context.Context, db *store.DB, s Settings) error {
	demo := "no"
	if s.Demo {
		demo = "yes"
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		for name, value := range map[string]string{"organisation": s.Org, "label": s.Label, "demo": demo} {
			if err := tx.Exec(`INSERT INTO app_setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value); err != nil {
				return err
			}
		}
		return nil
	})
}

// OrgID returns the id of the node's organisation.
func (s Settings) OrgID() fact.OrgID {
	if s.Org == "" {
		return fact.OrgID{}
	}
	return fact.OrgByCode(s.Org)
}

// Unlock opens the keyring of a data directory with whatever the operator gave: a passphrase, or a key file.
func Unlock(data, passphrase, keyFile string) (*seal.Keyring, error) {
	switch {
	case !seal.Exists(data):
		return nil, fault.NotFound("seal.no_keyring", "there is no node in "+data+"; make one with `serai init`")
	case keyFile != "":
		b, err := os.ReadFile(keyFile)
		if err != nil {
			return nil, err
		}
		return seal.UnlockIdentity(data, string(b))
	case passphrase != "":
		return seal.UnlockPassphrase(data, passphrase)
	}
	return nil, fault.Invalid("seal.locked", "the node is locked: give --passphrase-file or --key-file, or set SERAI_PASSPHRASE")
}
