package accounts

import (
	"context"
	"fmt"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// The methods of this file are for the node's console: whoever stands there has the node's keys. Four eyes hold here
// too, but for the first two administrators of an organisation.

// CreateFirstAdministrator opens the account that opens all others of its organisation. It is refused when the
// organisation has an administrator: from then on administrators let administrators in.
func (s *Service) CreateFirstAdministrator(ctx context.Context, n Opening, password string) (fact.AccountID, error) {
	n.Grants = []access.Grant{{Role: access.Administrator, Org: n.Org}}
	return s.create(ctx, n, password, func(tx *store.Tx) error {
		others, err := s.administrators(tx, n.Org, fact.AccountID{}, fact.AccountID{})
		if err == nil && others > 0 {
			err = fault.Conflict("accounts.administrator_exists", "the organisation has an administrator, who lets others in; see `serai user list`")
		}
		return err
	})
}

// Create opens an account that can sign in with the password at once. Roles that need four eyes wait for an
// administrator, unless the node's policy says otherwise.
func (s *Service) Create(ctx context.Context, n Opening, password string) (fact.AccountID, error) {
	return s.create(ctx, n, password, func(*store.Tx) error { return nil })
}

func (s *Service) create(ctx context.Context, n Opening, password string, allowed func(*store.Tx) error) (id fact.AccountID, err error) {
	if n, err = n.check(s.now()); err != nil {
		return id, err
	}
	if n.Login == "" {
		return id, fault.Field("login", "accounts.bad_login", "name the login of the account")
	}
	if err := checkPassword("password", password, n.Login); err != nil {
		return id, err
	}
	phc, err := s.hash.hash(ctx, normalPassword(password))
	if err != nil {
		return id, err
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if err := allowed(tx); err != nil {
			return err
		}
		if id, err = s.insert(tx, n, Active, phc); err != nil {
			return err
		}
		if err := s.setGrants(tx, nil, Account{ID: id, Org: n.Org}, n.Grants); err != nil {
			return err
		}
		return s.note(tx, fact.Handle{}, "accounts.opened", id, "")
	})
	return id, err
}

// SetPassword replaces the password of an account and ends its sessions. The second factor stays.
func (s *Service) SetPassword(ctx context.Context, login, password string) error {
	if err := checkPassword("password", password, normalLogin(login)); err != nil {
		return err
	}
	phc, err := s.hash.hash(ctx, normalPassword(password))
	if err != nil {
		return err
	}
	return s.atConsole(ctx, login, "accounts.password", func(tx *store.Tx, a row) error {
		state := a.State
		if state == Invited {
			state = Active
		}
		return tx.Exec(`UPDATE accounts_account SET password = $1, state = $2 WHERE account_id = $3`, phc, string(state), a.ID)
	})
}

// ClearSecondFactor takes the second factor away from somebody who lost the phone, and ends the sessions.
func (s *Service) ClearSecondFactor(ctx context.Context, login string) error {
	return s.atConsole(ctx, login, "accounts.totp_cleared", func(tx *store.Tx, a row) error {
		return tx.Exec(`UPDATE accounts_account SET totp = NULL, totp_next = NULL WHERE account_id = $1`, a.ID)
	})
}

// Grant gives a role, and leaves the other roles of the account as they are. A grant of the same role at the same place
// is replaced.
func (s *Service) Grant(ctx context.Context, login string, g access.Grant) error {
	checked, err := checkGrants([]access.Grant{g}, s.now())
	if err != nil {
		return err
	}
	return s.atConsole(ctx, login, "accounts.granted", func(tx *store.Tx, a row) error {
		want, err := s.otherGrants(tx, a.ID, g)
		if err != nil {
			return err
		}
		return s.setGrants(tx, nil, a.Account, append(want, checked...))
	})
}

// Revoke takes a role away at once. The sessions of the account end.
func (s *Service) Revoke(ctx context.Context, login string, g access.Grant) error {
	return s.atConsole(ctx, login, "accounts.revoked", func(tx *store.Tx, a row) error {
		all, err := s.grants(tx, a.ID)
		if err != nil {
			return err
		}
		var p plan
		for _, h := range all {
			if sameSeat(h.Grant, g) {
				p.remove = append(p.remove, h)
			}
		}
		if len(p.remove) == 0 {
			return fault.NotFound("accounts.no_such_grant", "the account does not hold this role at this place; see `serai user list`")
		}
		for _, h := range p.remove {
			if err := s.deleteGrant(tx, fact.Handle{}, a.ID, h); err != nil {
				return err
			}
		}
		return s.keepAdministrator(tx, p)
	})
}

// Close closes an account at once.
func (s *Service) Close(ctx context.Context, login string) error {
	return s.atConsole(ctx, login, "accounts.closed", func(tx *store.Tx, a row) error {
		closed := Closed
		return s.alter(tx, a, Change{State: &closed})
	})
}

// otherGrants returns what an account holds besides a seat.
func (s *Service) otherGrants(tx *store.Tx, id fact.AccountID, seat access.Grant) ([]access.Grant, error) {
	all, err := s.grants(tx, id)
	var out []access.Grant
	for _, h := range all {
		if !sameSeat(h.Grant, seat) {
			out = append(out, h.Grant)
		}
	}
	return out, err
}

// atConsole changes the account with a login and ends its sessions.
func (s *Service) atConsole(ctx context.Context, login, action string, change func(tx *store.Tx, a row) error) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		a, found, err := s.byLogin(tx, normalLogin(login))
		if err != nil {
			return err
		}
		if !found {
			return fault.NotFound("accounts.not_found", "no account has this login; see `serai user list`")
		}
		if err := change(tx, a); err != nil {
			return fmt.Errorf("account %s: %w", a.ID, err)
		}
		if err := s.endSessions(tx, a.ID, ""); err != nil {
			return err
		}
		return s.note(tx, fact.Handle{}, action, a.ID, "")
	})
}
