package accounts

import (
	"context"
	"errors"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Opening is an account to be opened.
type Opening struct {
	ID       fact.AccountID // made where the account is born, so that a repeat is recognised; drawn here when zero
	Login    string         // may be left to whoever accepts the invitation
	Name     string
	Org      fact.OrgID
	Language string
	Until    time.Time
	Grants   []access.Grant
}

// Invitation is a code that opens one account. It is shown once and kept only as its keyed hash.
type Invitation struct {
	Code    string    `json:"code"`
	Expires time.Time `json:"expires"`
}

// check returns the new account in the form in which it is kept, or everything that is wrong with it.
func (n Opening) check(now time.Time) (Opening, error) {
	var bad []error
	keep := func(err error) { bad = append(bad, err) }
	var err error
	if n.Login != "" {
		n.Login, err = checkLogin(n.Login)
		keep(err)
	}
	n.Name, err = checkName(n.Name)
	keep(err)
	n.Language, err = checkLanguage(n.Language)
	keep(err)
	if n.Org.IsZero() {
		keep(fault.Field("organisation", "accounts.organisation_missing", "name the organisation of the account"))
	}
	if !n.Until.IsZero() && !n.Until.After(now) {
		keep(fault.Field("until", "accounts.until_past", "an account ends in the future"))
	}
	n.Grants, err = checkGrants(n.Grants, now)
	keep(err)
	return n, errors.Join(bad...)
}

// Open opens an account and returns the invitation by which its holder comes in. A lead opens accounts of volunteers at
// the own points; whoever manages accounts opens those of the organisation.
func (s *Service) Open(ctx context.Context, who access.Actor, n Opening) (id fact.AccountID, inv Invitation, err error) {
	now := s.now()
	if n, err = n.check(now); err != nil {
		return id, inv, err
	}
	if !who.May("accounts.manage", access.Resource{Org: n.Org}, now) {
		// A lead's accounts have nothing that the lead does not govern, and so at least one grant.
		allowed := len(n.Grants) > 0
		for _, g := range n.Grants {
			allowed = allowed && g.Org == n.Org && governs(who, g, now)
		}
		if !allowed {
			return id, inv, fault.Forbidden("accounts.role_not_yours", "a lead lets in volunteers at the own points; ask an administrator of the organisation")
		}
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if id, err = s.insert(tx, n, Invited, ""); err != nil {
			return err
		}
		if err := s.setGrants(tx, &who, Account{ID: id, Org: n.Org}, n.Grants); err != nil {
			return err
		}
		if inv, err = s.invite(tx, who.Account, id); err != nil {
			return err
		}
		return s.note(tx, who.Handle, "accounts.opened", id, "")
	})
	return id, inv, err
}

// insert writes a new account.
func (s *Service) insert(tx *store.Tx, n Opening, state State, phc string) (id fact.AccountID, err error) {
	now := s.now()
	if err := s.admissible(tx, "organisation", n.Org); err != nil {
		return id, err
	}
	var login any
	if n.Login != "" {
		login = n.Login
		if err := s.free(tx, n.Login); err != nil {
			return id, err
		}
	}
	if id = n.ID; id.IsZero() {
		newID(&id, now)
	} else if _, taken, err := s.byID(tx, id); err != nil || taken {
		return id, orTaken(err)
	}
	var handle fact.Handle
	if err := s.draw(handle[:]); err != nil {
		return id, err
	}
	return id, tx.Exec(`INSERT INTO accounts_account (account_id, login, name, org_id, language, handle, state, until, password, totp, totp_next, totp_step, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, NULL, 0, $10)`,
		id, login, n.Name, n.Org, n.Language, handle.Bytes(), string(state), millis(n.Until), phc, millis(now))
}

// orTaken answers a creation under an id that is in use: mostly a repeat whose answer was lost on the way.
func orTaken(err error) error {
	if err == nil {
		err = fault.Conflict("accounts.id_taken", "this id is in use; was it created before, and the answer lost?")
	}
	return err
}

// free refuses a login that is taken.
func (s *Service) free(tx *store.Tx, login string) error {
	_, taken, err := s.byLogin(tx, login)
	if err == nil && taken {
		err = &fault.Error{Class: fault.ClassConflict, Code: "accounts.login_taken", Field: "login", Detail: "somebody on this node has this login; choose another"}
	}
	return err
}

// invite replaces the open invitation of an account.
func (s *Service) invite(tx *store.Tx, by, id fact.AccountID) (Invitation, error) {
	code, err := newCode(s.random)
	if err != nil {
		return Invitation{}, err
	}
	plain, _ := normalCode(code)
	inv := Invitation{code, s.now().Add(codeLife).Truncate(time.Millisecond).UTC()}
	if err := tx.Exec(`DELETE FROM accounts_invitation WHERE account_id = $1`, id); err != nil {
		return inv, err
	}
	return inv, tx.Exec(`INSERT INTO accounts_invitation (code, account_id, expires, asked_by) VALUES ($1, $2, $3, $4)`,
		s.keyed("invitation", plain), id, millis(inv.Expires), by)
}

// Invite gives an account a new code: for a volunteer on another device, or for somebody who forgot the password or lost
// the phone. The password and second factor that it replaces hold until the code is used. One administrator alone could
// thus take over an account that can open sealed records: the roles that need four eyes wait for a second one again.
func (s *Service) Invite(ctx context.Context, who access.Actor, id fact.AccountID) (inv Invitation, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		now := s.now()
		a, all, err := s.governed(tx, who, id)
		if err != nil {
			return err
		}
		if a.State == Closed {
			return fault.Conflict("accounts.closed", "the account is closed; open it again first")
		}
		policy, err := readPolicy(tx)
		if err != nil {
			return err
		}
		for _, h := range all {
			if h.Pending || !h.Role.FourEyes() || !h.Holds(now) || policy.TwoEyes {
				continue
			}
			if n, err := s.administrators(tx, h.Org, who.Account, id); err != nil {
				return err
			} else if n == 0 {
				return fault.Conflict("accounts.second_administrator_needed",
					"a reset of this account counts when a second administrator has agreed, and there is none; use the node's console (`serai user`)")
			}
			if err := tx.Exec(`UPDATE accounts_grant SET held = 0, asked_by = $1, asked = $2 WHERE grant_id = $3`, who.Account, millis(now), h.ID); err != nil {
				return err
			}
			if err := s.note(tx, who.Handle, "accounts.role_asked", id, seat(h.Grant)); err != nil {
				return err
			}
		}
		s.changed(tx, id)
		if inv, err = s.invite(tx, who.Account, id); err != nil {
			return err
		}
		return s.note(tx, who.Handle, "accounts.invited", id, "")
	})
	return inv, err
}

// governed finds an account that who may act on as a whole. What who may not see is not there.
func (s *Service) governed(tx *store.Tx, who access.Actor, id fact.AccountID) (a row, all []Held, err error) {
	a, found, err := s.byID(tx, id)
	if err != nil {
		return a, nil, err
	}
	if all, err = s.grants(tx, id); err != nil {
		return a, nil, err
	}
	if !found || !s.sees(who, a.Account, all) {
		return a, nil, errAbsent()
	}
	if who.Account == id {
		return a, nil, fault.Forbidden("accounts.own_account", "nobody resets or closes the own account; ask another administrator")
	}
	if !governsAll(who, a.Account, all, s.now()) {
		return a, nil, fault.Forbidden("accounts.not_yours", "the account has roles that you do not give; ask an administrator of the organisation")
	}
	return a, all, nil
}

// Acceptance is what somebody types who was invited. A password, or a PIN on an enrolled device.
type Acceptance struct {
	Code     string
	Login    string
	Password string
	PIN      string
	Device   fact.DeviceID
	Secret   string
}

// Accept sets the password or PIN of the account that a code opens, and uses the code up. A password replaces the one
// before together with the second factor, and ends every session; a PIN replaces the one on this device.
func (s *Service) Accept(ctx context.Context, c Acceptance) (a Account, err error) {
	now := s.now()
	if !s.throttle.tryAny(now) {
		return a, errTries()
	}
	badCode := fault.Field("code", "accounts.bad_code", "the code is wrong, used or older than seven days; ask your lead for a new one")
	plain, ok := normalCode(c.Code)
	if !ok {
		return a, badCode
	}
	code := s.keyed("invitation", plain)
	var known row
	find := func(tx *store.Tx) error {
		var id fact.AccountID
		found, err := tx.One(`SELECT account_id FROM accounts_invitation WHERE code = $1 AND expires > $2`, store.Args{code, millis(now)}, &id)
		if err != nil {
			return err
		}
		if found {
			known, found, err = s.byID(tx, id)
		}
		if err == nil && (!found || known.State == Closed || !known.Until.IsZero() && !now.Before(known.Until)) {
			return badCode
		}
		return err
	}
	if err := s.db.Read(ctx, find); err != nil {
		return a, err
	}
	login, err := c.login(known.Account)
	if err != nil {
		return a, err
	}
	byPIN := c.PIN != ""
	var phc string
	if byPIN {
		if err := checkPIN(c.PIN); err != nil {
			return a, err
		}
		secret, _ := parseSecret(c.Secret)
		phc, err = s.hash.hash(ctx, peppered(c.PIN, secret))
	} else {
		if err := checkPassword("password", c.Password, login); err != nil {
			return a, err
		}
		phc, err = s.hash.hash(ctx, normalPassword(c.Password))
	}
	if err != nil {
		return a, err
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if err := find(tx); err != nil {
			return err
		}
		if err := s.admissible(tx, "code", known.Org); err != nil {
			return err
		}
		if known.Login == "" {
			if err := s.free(tx, login); err != nil {
				return err
			}
		}
		if err := tx.Exec(`DELETE FROM accounts_invitation WHERE code = $1`, code); err != nil {
			return err
		}
		if err := tx.Exec(`UPDATE accounts_account SET login = $1, state = $2 WHERE account_id = $3`, login, string(Active), known.ID); err != nil {
			return err
		}
		if byPIN {
			err = s.acceptPIN(tx, known.ID, c, phc)
		} else {
			err = s.acceptPassword(tx, known.ID, phc)
		}
		if err != nil {
			return err
		}
		if err := s.note(tx, known.Handle, "accounts.accepted", known.ID, ""); err != nil {
			return err
		}
		done, _, err := s.byID(tx, known.ID)
		a = done.Account
		return err
	})
	return a, err
}

// login returns the login that the account will have: the one that was decided with the invitation, or the chosen one.
func (c Acceptance) login(a Account) (string, error) {
	if a.Login == "" {
		return checkLogin(c.Login)
	}
	if c.Login != "" && normalLogin(c.Login[:min(len(c.Login), 4*loginMax)]) != a.Login {
		return "", fault.Field("login", "accounts.login_given", "the login of this account was chosen with the invitation; leave it out")
	}
	return a.Login, nil
}

func (s *Service) acceptPassword(tx *store.Tx, id fact.AccountID, phc string) error {
	if err := tx.Exec(`UPDATE accounts_account SET password = $1, totp = NULL, totp_next = NULL WHERE account_id = $2`, phc, id); err != nil {
		return err
	}
	return s.endSessions(tx, id, "")
}

func (s *Service) acceptPIN(tx *store.Tx, id fact.AccountID, c Acceptance, phc string) error {
	d, ok, err := s.knownDevice(tx, c.Device, c.Secret)
	if err != nil {
		return err
	}
	if !ok {
		return fault.Field("device", "accounts.unknown_device", "a PIN works on an enrolled device only; ask your lead to enrol this one")
	}
	all, err := s.grants(tx, id)
	if err != nil {
		return err
	}
	volunteers := false
	for _, h := range all {
		volunteers = volunteers || h.Role == access.Volunteer && h.Org == d.Org && (h.Point.IsZero() || h.Point == d.Point)
	}
	if !volunteers {
		return fault.Field("pin", "accounts.pin_not_enough", "a PIN opens the role of volunteer at the device's point; this account needs a password")
	}
	s.changed(tx, id)
	if err := tx.Exec(`DELETE FROM accounts_session WHERE account_id = $1 AND device_id = $2`, id, d.ID); err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO accounts_pin (account_id, device_id, pin, tries) VALUES ($1, $2, $3, 0)
		ON CONFLICT (account_id, device_id) DO UPDATE SET pin = excluded.pin, tries = 0`, id, d.ID, phc)
}
