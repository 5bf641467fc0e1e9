package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"sync"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// How long a session lasts: idle, and in all. Shorter for accounts with a role that asks for a second factor.
const (
	idleLong, lifeLong   = 12 * time.Hour, 7 * 24 * time.Hour
	idleShort, lifeShort = 4 * time.Hour, 24 * time.Hour
	// seenEach is how often a session in use is written down. A crash costs at most that much idle time.
	seenEach = 5 * time.Minute
	// freshFor is how long a session is answered from memory. Changes of this process count at once; those of another,
	// such as the command line beside PostgreSQL, and of the network count after this.
	freshFor = 30 * time.Second
)

// method says how a session was opened.
type method string

const (
	byPassword method = "password"
	byTOTP     method = "totp"
	byPIN      method = "pin"
)

// session is one open session with all that deciding needs.
type session struct {
	actor   access.Actor
	method  method
	expires time.Time // the end, whatever happens
	idle    time.Duration
	factor  bool // the account has a second factor
	loaded  time.Time

	mu      sync.Mutex
	seen    time.Time
	written time.Time
}

// errNoSession is for tokens that open nothing, whatever the reason.
func errNoSession() error { return fault.Forbidden("accounts.no_session", "sign in again") }

// Actor returns who holds a session token. It fails with a forbidden error when the token opens nothing: unknown,
// revoked, idle for too long, or of an account that ended. The caller must not change the actor's grants.
func (s *Service) Actor(ctx context.Context, token string) (access.Actor, error) {
	open, err := s.session(ctx, token)
	if err != nil {
		return access.Actor{}, err
	}
	return open.actor, nil
}

// session finds an open session and notes that it was used.
func (s *Service) session(ctx context.Context, token string) (*session, error) {
	if len(token) != base64.RawURLEncoding.EncodedLen(32) {
		return nil, errNoSession()
	}
	sum := sha256.Sum256([]byte(token))
	now := s.now()
	open, epoch := s.cache.find(sum)
	if open == nil || now.Sub(open.loaded) >= freshFor {
		before := open
		var err error
		if open, err = s.loadSession(ctx, sum); err != nil {
			s.cache.drop(sum)
			return nil, err
		}
		if before != nil { // what is known here is newer than what was written down
			before.mu.Lock()
			open.seen, open.written = before.seen, before.written
			before.mu.Unlock()
		}
		s.cache.keep(sum, open, epoch)
	}
	open.mu.Lock()
	if !now.Before(open.expires) || now.Sub(open.seen) >= open.idle {
		open.mu.Unlock()
		s.cache.drop(sum)
		return nil, errNoSession()
	}
	if now.After(open.seen) {
		open.seen = now
	}
	write := now.Sub(open.written) >= seenEach
	if write {
		open.written = now
	}
	open.mu.Unlock()
	if write {
		// On a full disk people go on working: the idle time then counts from the last time that could be written.
		_ = s.db.Write(ctx, func(tx *store.Tx) error {
			return tx.Exec(`UPDATE accounts_session SET seen = $1 WHERE token = $2`, millis(now), sum[:])
		})
	}
	return open, nil
}

func (s *Service) loadSession(ctx context.Context, sum [32]byte) (*session, error) {
	var open *session
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		var id fact.AccountID
		var device fact.DeviceID
		var how method
		var created, seen int64
		found, err := tx.One(`SELECT account_id, device_id, method, created, seen FROM accounts_session WHERE token = $1`,
			store.Args{sum[:]}, &id, &device, &how, &created, &seen)
		if err != nil || !found {
			return err
		}
		open, err = s.openSession(tx, id, device, how, instant(created), instant(seen))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load a session: %w", err)
	}
	if open == nil {
		return nil, errNoSession()
	}
	return open, nil
}

// openSession works out what a session may do at this moment; nil when its account or device is no more.
func (s *Service) openSession(tx *store.Tx, id fact.AccountID, device fact.DeviceID, how method, created, seen time.Time) (*session, error) {
	now := s.now()
	a, found, err := s.byID(tx, id)
	if err != nil || !found || !a.open(now) {
		return nil, err
	}
	if kind, known, err := s.orgs.Kind(tx, a.Org); err != nil || !known || kind == authority {
		return nil, err
	}
	all, err := s.grants(tx, id)
	if err != nil {
		return nil, err
	}
	policy, err := readPolicy(tx)
	if err != nil {
		return nil, err
	}
	grants := held(all)
	full := how == byTOTP || policy.PasswordAlone
	if how == byPIN {
		d, found, err := deviceByID(tx, device)
		if err != nil || !found {
			return nil, err
		}
		// A PIN is enough for a volunteer's roles and for no other, and a point's tablet opens nothing elsewhere.
		grants = slices.DeleteFunc(grants, func(g access.Grant) bool {
			return g.Role.SecondFactor() || g.Org != d.Org || !g.Point.IsZero() && g.Point != d.Point
		})
		for i := range grants {
			grants[i].Point = d.Point
		}
		full = true
	}
	open := &session{
		actor: access.Actor{Account: a.ID, Handle: a.Handle, Name: a.Name, Org: a.Org, Grants: slices.Clip(grants),
			Device: device, Full: full, Lang: a.Language},
		method: how, idle: idleLong, expires: created.Add(lifeLong), seen: seen, written: seen, loaded: now, factor: len(a.totp) > 0,
	}
	if slices.ContainsFunc(grants, func(g access.Grant) bool { return g.Holds(now) && g.Role.SecondFactor() }) {
		open.idle, open.expires = idleShort, created.Add(lifeShort)
	}
	if !a.Until.IsZero() && a.Until.Before(open.expires) {
		open.expires = a.Until
	}
	return open, nil
}

// begin writes a new session down and returns its token.
func (s *Service) begin(tx *store.Tx, id fact.AccountID, device fact.DeviceID, how method) (string, error) {
	b := make([]byte, 32)
	if err := s.draw(b); err != nil {
		return "", err
	}
	token := base64.RawURLEncoding.EncodeToString(b)
	sum := sha256.Sum256([]byte(token))
	now := s.now()
	// What nobody can use any more goes with the account's next session, so that the table cannot grow for ever.
	if err := tx.Exec(`DELETE FROM accounts_session WHERE account_id = $1 AND (created < $2 OR seen < $3)`,
		id, millis(now.Add(-lifeLong)), millis(now.Add(-idleLong))); err != nil {
		return "", err
	}
	return token, tx.Exec(`INSERT INTO accounts_session (token, account_id, device_id, method, created, seen) VALUES ($1, $2, $3, $4, $5, $6)`,
		sum[:], id, device, string(how), millis(now), millis(now))
}

// SignOut ends the session of a token. A token that opens nothing is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	sum := sha256.Sum256([]byte(token))
	return s.db.Write(ctx, func(tx *store.Tx) error {
		tx.OnCommit(func() { s.cache.drop(sum) })
		return tx.Exec(`DELETE FROM accounts_session WHERE token = $1`, sum[:])
	})
}

// endSessions ends every session of an account but the one with the token to keep, which may be empty.
func (s *Service) endSessions(tx *store.Tx, id fact.AccountID, keep string) error {
	s.changed(tx, id)
	sum := sha256.Sum256([]byte(keep))
	return tx.Exec(`DELETE FROM accounts_session WHERE account_id = $1 AND token <> $2`, id, sum[:])
}

// cache holds open sessions by the hash of their token. Every change of an account empties its part at once; a session
// that was being read meanwhile is not kept, because the epoch has moved on.
type cache struct {
	mu    sync.RWMutex
	open  map[[32]byte]*session
	epoch uint64
}

// cacheMost bounds the cache; beyond it everything is read anew once.
const cacheMost = 20_000

func newCache() *cache { return &cache{open: map[[32]byte]*session{}} }

func (c *cache) find(sum [32]byte) (*session, uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.open[sum], c.epoch
}

func (c *cache) keep(sum [32]byte, open *session, epoch uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch != epoch {
		return
	}
	if len(c.open) >= cacheMost {
		clear(c.open)
	}
	c.open[sum] = open
}

func (c *cache) drop(sum [32]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	delete(c.open, sum)
}

func (c *cache) forget(id fact.AccountID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	for sum, open := range c.open {
		if open.actor.Account == id {
			delete(c.open, sum)
		}
	}
}

func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	clear(c.open)
}
