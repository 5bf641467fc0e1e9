package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Change is what may be changed about an account; what is nil stays.
type Change struct {
	Name   *string
	Until  *time.Time
	State  *State // Closed, or Active to open it again
	Grants *[]access.Grant
	Unlock bool // the PINs that were locked after wrong tries work again
}

// Change changes an account. It counts at once, for open sessions too.
func (s *Service) Change(ctx context.Context, who access.Actor, id fact.AccountID, c Change) error {
	now := s.now()
	var bad []error
	if c.Name != nil {
		name, err := checkName(*c.Name)
		c.Name = &name
		bad = append(bad, err)
	}
	if c.State != nil && *c.State != Closed && *c.State != Active {
		bad = append(bad, fault.Field("state", "accounts.bad_state", "an account is set to active or closed"))
	}
	if c.Until != nil && !c.Until.After(now) {
		bad = append(bad, fault.Field("until", "accounts.until_past", "an account ends in the future; to end it now set its state to closed"))
	}
	if c.Grants != nil {
		grants, err := checkGrants(*c.Grants, now)
		c.Grants = &grants
		bad = append(bad, err)
	}
	if err := errors.Join(bad...); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		a, found, err := s.byID(tx, id)
		if err != nil {
			return err
		}
		all, err := s.grants(tx, id)
		if err != nil {
			return err
		}
		if !found || !s.sees(who, a.Account, all) {
			return errAbsent()
		}
		if c.Grants != nil {
			if err := s.setGrants(tx, &who, a.Account, *c.Grants); err != nil {
				return err
			}
		}
		if c.Name != nil || c.Until != nil || c.State != nil || c.Unlock {
			if _, _, err := s.governed(tx, who, id); err != nil {
				return err
			}
			if err := s.alter(tx, a, c); err != nil {
				return err
			}
		}
		s.changed(tx, id)
		return s.note(tx, who.Handle, "accounts.changed", id, "")
	})
	if err != nil {
		return fmt.Errorf("change account %s: %w", id, err)
	}
	return nil
}

func (s *Service) alter(tx *store.Tx, a row, c Change) error {
	if c.Name != nil {
		a.Name = *c.Name
	}
	if c.Until != nil {
		a.Until = *c.Until
	}
	if c.State != nil && a.State != *c.State {
		a.State = *c.State
		if a.State == Active && a.password == "" {
			a.State = Invited // was closed before anybody came in
			if n, err := s.pins(tx, a.ID); err != nil {
				return err
			} else if n > 0 {
				a.State = Active
			}
		}
		if a.State == Closed {
			if err := tx.Exec(`DELETE FROM accounts_invitation WHERE account_id = $1`, a.ID); err != nil {
				return err
			}
			if err := s.endSessions(tx, a.ID, ""); err != nil {
				return err
			}
		}
	}
	if c.Unlock {
		if err := tx.Exec(`UPDATE accounts_pin SET tries = 0 WHERE account_id = $1`, a.ID); err != nil {
			return err
		}
	}
	if err := tx.Exec(`UPDATE accounts_account SET name = $1, until = $2, state = $3 WHERE account_id = $4`,
		a.Name, millis(a.Until), string(a.State), a.ID); err != nil {
		return err
	}
	all, err := s.grants(tx, a.ID)
	if err != nil || a.State != Closed {
		return err
	}
	return s.keepAdministrator(tx, plan{remove: all})
}

func (s *Service) pins(tx *store.Tx, id fact.AccountID) (n int, err error) {
	_, err = tx.One(`SELECT COUNT(*) FROM accounts_pin WHERE account_id = $1`, store.Args{id}, &n)
	return n, err
}

// EndSessions signs an account out everywhere, at once.
func (s *Service) EndSessions(ctx context.Context, who access.Actor, id fact.AccountID) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		if who.Account != id {
			if _, _, err := s.governed(tx, who, id); err != nil {
				return err
			}
		}
		if err := s.endSessions(tx, id, ""); err != nil {
			return err
		}
		return s.note(tx, who.Handle, "accounts.signed_out", id, "")
	})
}
