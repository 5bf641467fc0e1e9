package accounts

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Organisations tells of what kind an organisation is ("society", "partner", "authority" ...), and false when this
// node does not know it. The app supplies it from the network.
type Organisations interface {
	Kind(tx *store.Tx, id fact.OrgID) (kind string, known bool, err error)
}

// Points tells who runs a service point now, and false when this node does not know it.
type Points interface {
	RunBy(tx *store.Tx, id fact.PointID) (org fact.OrgID, known bool, err error)
}

// Log is the access log, as far as it is needed here.
type Log interface {
	In(tx *store.Tx, e audit.Entry) error
}

// authority is the kind of organisation that can hold no account.
const authority = "authority"

// Config is what the service is built from.
type Config struct {
	DB            *store.DB
	Organisations Organisations
	Points        Points // without it, a grant may name any point
	// Describe gives an organisation's code and name for the desk's header; empty when there are none.
	Describe func(tx *store.Tx, id fact.OrgID) (code, name string, err error)
	// Surround gives the points where somebody can work, and what this node is called; without it only ids are known.
	Surround func(tx *store.Tx, who access.Actor) (Surroundings, error)
	Log      Log              // without it, changes stand in the history of the accounts alone
	Key      [32]byte         // keeps codes and second factors; from the keyring, stable over restarts
	Issuer   string           // how an authenticator app names this node
	Now      func() time.Time // time.Now when nil
	Random   io.Reader        // crypto/rand when nil
}

// Service signs people in and keeps accounts, grants, devices and sessions.
type Service struct {
	db       *store.DB
	orgs     Organisations
	points   Points
	describe func(tx *store.Tx, id fact.OrgID) (code, name string, err error)
	surround func(tx *store.Tx, who access.Actor) (Surroundings, error)
	log      Log
	key      [32]byte
	issuer   string
	now      func() time.Time
	random   io.Reader
	hash     *hasher
	throttle *throttle
	cache    *cache
}

// New makes the service. The tables must have been migrated.
func New(c Config) (*Service, error) { return build(c, standardCost) }

func build(c Config, price cost) (*Service, error) {
	switch {
	case c.DB == nil || c.Organisations == nil:
		return nil, errors.New("accounts: a database and the organisations are needed")
	case c.Key == [32]byte{}:
		return nil, errors.New("accounts: the key for codes and second factors is missing")
	}
	s := &Service{db: c.DB, orgs: c.Organisations, points: c.Points, describe: c.Describe, surround: c.Surround, log: c.Log, key: c.Key,
		issuer: c.Issuer, now: c.Now, random: c.Random, throttle: newThrottle(), cache: newCache()}
	if s.now == nil {
		s.now = time.Now
	}
	if s.random == nil {
		s.random = rand.Reader
	}
	if s.issuer == "" {
		s.issuer = "Serai"
	}
	var err error
	s.hash, err = newHasher(s.random, price)
	return s, err
}

// errAbsent is the answer for what is not there and for what the actor may not see.
func errAbsent() error { return fault.NotFound("accounts.not_found", "") }

// row is an account with what is never shown.
type row struct {
	Account
	password string
	totp     []byte // sealed; empty while there is no second factor
	totpNext []byte // sealed; set up and not yet confirmed
	step     int64  // the last time step of the second factor that was used
}

const accountColumns = `a.account_id, a.login, a.name, a.org_id, a.language, a.handle, a.state, a.until, a.password, a.totp, a.totp_next, a.totp_step`

func (r *row) scan(from *store.Row) error {
	var until int64
	err := from.Scan(&r.ID, &r.Login, &r.Name, &r.Org, &r.Language, &r.Handle, &r.State, &until, &r.password, &r.totp, &r.totpNext, &r.step)
	r.Until = instant(until)
	return err
}

func (s *Service) byID(tx *store.Tx, id fact.AccountID) (row, bool, error) {
	return one(tx, `SELECT `+accountColumns+` FROM accounts_account a WHERE a.account_id = $1`, store.Args{id})
}

func (s *Service) byLogin(tx *store.Tx, login string) (row, bool, error) {
	return one(tx, `SELECT `+accountColumns+` FROM accounts_account a WHERE a.login = $1`, store.Args{login})
}

func one(tx *store.Tx, sql string, args store.Args) (r row, found bool, err error) {
	err = tx.Each(sql, args, func(from *store.Row) error {
		found = true
		return r.scan(from)
	})
	return r, found, err
}

// grants returns what an account holds and what waits for a second administrator, oldest first.
func (s *Service) grants(tx *store.Tx, id fact.AccountID) ([]Held, error) {
	var out []Held
	err := tx.Each(`SELECT grant_id, role, org_id, point_id, until, held, asked_by, asked FROM accounts_grant
		WHERE account_id = $1 ORDER BY asked, grant_id`, store.Args{id}, func(from *store.Row) error {
		h, err := scanGrant(from)
		out = append(out, h)
		return err
	})
	return out, err
}

func scanGrant(from *store.Row, more ...any) (Held, error) {
	var h Held
	var until, asked int64
	var held bool
	err := from.Scan(append([]any{&h.ID, &h.Role, &h.Org, &h.Point, &until, &held, &h.AskedBy, &asked}, more...)...)
	h.Until, h.Asked, h.Pending = instant(until), instant(asked), !held
	return h, err
}

// held returns the grants that count.
func held(all []Held) []access.Grant {
	out := []access.Grant{}
	for _, h := range all {
		if !h.Pending {
			out = append(out, h.Grant)
		}
	}
	return out
}

// admissible refuses organisations that are unknown or of kind authority.
func (s *Service) admissible(tx *store.Tx, field string, org fact.OrgID) error {
	kind, known, err := s.orgs.Kind(tx, org)
	switch {
	case err != nil:
		return fmt.Errorf("kind of organisation %s: %w", org, err)
	case !known:
		return fault.Field(field, "accounts.unknown_organisation", "this node does not know the organisation; import the network first")
	case kind == authority:
		return fault.Field(field, "accounts.authority", "an organisation of kind authority can hold no account and no role")
	}
	return nil
}

// seatable checks the organisation and the point of every grant.
func (s *Service) seatable(tx *store.Tx, grants []access.Grant) error {
	var bad []error
	for i, g := range grants {
		err := s.admissible(tx, fmt.Sprintf("grants.%d.organisation", i), g.Org)
		if fault.Of(err) == fault.Internal && err != nil {
			return err
		}
		bad = append(bad, err)
		if g.Point.IsZero() || s.points == nil {
			continue
		}
		org, known, err := s.points.RunBy(tx, g.Point)
		switch field := fmt.Sprintf("grants.%d.point", i); {
		case err != nil:
			return fmt.Errorf("who runs point %s: %w", g.Point, err)
		case !known:
			bad = append(bad, fault.Field(field, "accounts.unknown_point", "this node does not know the point"))
		case org != g.Org:
			bad = append(bad, fault.Field(field, "accounts.point_elsewhere", "the point is run by another organisation"))
		}
	}
	return errors.Join(bad...)
}

// note writes down who changed what about which account: in the history of the accounts, where the account and the role
// stand, and in the access log. The actor is zero for the console, the account for devices.
func (s *Service) note(tx *store.Tx, actor fact.Handle, action string, account fact.AccountID, detail string) error {
	if err := s.remember(tx, actor, action, account, detail); err != nil || s.log == nil {
		return err
	}
	return s.log.In(tx, audit.Entry{Actor: actor, Action: action, Outcome: audit.Changed})
}

func (s *Service) remember(tx *store.Tx, actor fact.Handle, action string, account fact.AccountID, detail string) error {
	return tx.Exec(`INSERT INTO accounts_history (at, actor, action, account_id, detail) VALUES ($1, $2, $3, $4, $5)`,
		millis(s.now()), actor.Bytes(), action, account, detail)
}

// changed forgets what the cache holds of an account as soon as the change is durable.
func (s *Service) changed(tx *store.Tx, account fact.AccountID) {
	tx.OnCommit(func() { s.cache.forget(account) })
}

// Policy is what this node asks of those who sign in. The zero value is what a node in use has.
type Policy struct {
	PasswordAlone bool `json:"password_alone"` // leads upwards need no second factor
	TwoEyes       bool `json:"two_eyes"`       // one administrator gives every role
}

// Policy returns the node's policy, which doctor prints.
func (s *Service) Policy(ctx context.Context) (p Policy, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		p, err = readPolicy(tx)
		return err
	})
	return p, err
}

func readPolicy(tx *store.Tx) (p Policy, err error) {
	err = tx.Each(`SELECT name, value FROM accounts_policy`, nil, func(from *store.Row) error {
		var name string
		var on bool
		if err := from.Scan(&name, &on); err != nil {
			return err
		}
		switch name {
		case "password_alone":
			p.PasswordAlone = on
		case "two_eyes":
			p.TwoEyes = on
		}
		return nil
	})
	return p, err
}

// SetPolicy changes the node's policy. It is for the console: demonstrations and trials, never a node in use.
func (s *Service) SetPolicy(ctx context.Context, p Policy) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		for name, on := range map[string]bool{"password_alone": p.PasswordAlone, "two_eyes": p.TwoEyes} {
			if err := tx.Exec(`INSERT INTO accounts_policy (name, value) VALUES ($1, $2)
				ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, on); err != nil {
				return err
			}
		}
		tx.OnCommit(s.cache.clear)
		return nil
	})
}

// draw fills b with random bytes.
func (s *Service) draw(b []byte) error {
	if _, err := io.ReadFull(s.random, b); err != nil {
		return fmt.Errorf("draw random bytes: %w", err)
	}
	return nil
}

// newID draws an id of the kind of into.
func newID[K any](into *fact.ID[K], now time.Time) { *into = fact.NewID[K](now) }

// millis and instant are how instants are kept; 0 is none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
