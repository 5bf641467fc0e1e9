package accounts

import (
	"context"
	"fmt"
	"time"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Credentials are what somebody shows at the door: login and password, with the code of the second factor where there
// is one; or login and PIN on an enrolled device.
type Credentials struct {
	Login    string
	Password string
	TOTP     string

	PIN    string
	Device fact.DeviceID
	Secret string
}

// The answers of the door. They do not tell whether a login exists.
func errSignIn() error {
	return fault.Forbidden("accounts.sign_in_failed", "login, password, PIN or code is wrong, or the account has ended; ask your lead")
}

func errTries() error {
	return fault.Forbidden("accounts.too_many_tries", "too many tries; wait a minute, or ask your lead")
}

func errLockedPIN() error {
	return fault.Forbidden("accounts.pin_locked", "after five wrong tries the PIN is locked on this device; your lead unlocks it")
}

// pinTries is how often a PIN may be wrong before a lead has to unlock it.
const pinTries = 5

// SignIn opens a session and returns its token.
func (s *Service) SignIn(ctx context.Context, c Credentials) (token string, err error) {
	login := normalLogin(c.Login[:min(len(c.Login), 4*loginMax)])
	if !s.throttle.try(login, s.now()) {
		return "", errTries()
	}
	if c.PIN != "" || !c.Device.IsZero() {
		token, err = s.signInByPIN(ctx, login, c)
	} else {
		token, err = s.signInByPassword(ctx, login, c)
	}
	switch {
	case err == nil:
		s.throttle.forgive(login)
	case fault.Of(err) == fault.ClassForbidden:
		if lost := s.noteRefusal(ctx, login, fault.Code(err)); lost != nil {
			return "", lost
		}
	}
	return token, err
}

// noteRefusal writes down that somebody was not let in, before the answer leaves. A login that does not exist costs the
// same write. The door's limits bound how fast this grows.
func (s *Service) noteRefusal(ctx context.Context, login, code string) error {
	err := s.db.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		a, _, err := s.byLogin(tx, login)
		if err != nil {
			return err
		}
		if err := s.remember(tx, fact.Handle{}, "accounts.sign_in_refused", a.ID, code); err != nil || s.log == nil {
			return err
		}
		return s.log.In(tx, audit.Entry{Action: "accounts.sign_in", Outcome: audit.Refused, Code: code})
	})
	if err != nil {
		return fmt.Errorf("write a refusal down: %w", err)
	}
	return nil
}

func (s *Service) signInByPassword(ctx context.Context, login string, c Credentials) (token string, err error) {
	var a row
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		a, _, err = s.byLogin(tx, login)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	ok, err := s.hash.verify(ctx, a.password, normalPassword(bounded(c.Password)))
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	if !ok || !a.open(s.now()) {
		return "", errSignIn()
	}
	how, step := byPassword, int64(0)
	if len(a.totp) > 0 {
		// Only somebody with the password learns that a code is wanted.
		if c.TOTP == "" {
			return "", fault.Forbidden("accounts.totp_needed", "type the code that your authenticator app shows")
		}
		secret, err := s.unseal(a.ID, a.totp)
		if err != nil {
			return "", err
		}
		if step, ok = totpStep(secret, c.TOTP, s.now()); !ok || step <= a.step {
			return "", errSignIn()
		}
		how = byTOTP
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		now, found, err := s.byID(tx, a.ID)
		if err != nil {
			return err
		}
		// Between the check and this moment the account may have been closed, its password changed, the code used.
		if !found || !now.open(s.now()) || now.password != a.password || how == byTOTP && step <= now.step {
			return errSignIn()
		}
		if err := s.admissible(tx, "login", now.Org); err != nil {
			if fault.Of(err) == fault.ClassInvalid {
				return errSignIn()
			}
			return err
		}
		if how == byTOTP {
			if err := tx.Exec(`UPDATE accounts_account SET totp_step = $1 WHERE account_id = $2`, step, a.ID); err != nil {
				return err
			}
		}
		if err := s.note(tx, a.Handle, "accounts.sign_in", a.ID, ""); err != nil {
			return err
		}
		token, err = s.begin(tx, a.ID, fact.DeviceID{}, how)
		return err
	})
	return token, err
}

func (s *Service) signInByPIN(ctx context.Context, login string, c Credentials) (token string, err error) {
	var (
		a      row
		pin    string
		locked bool
	)
	// The try is written down before the PIN is looked at, so that tries at the same moment count as well.
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		a, pin, locked = row{}, "", false
		if _, ok, err := s.knownDevice(tx, c.Device, c.Secret); err != nil || !ok {
			return err
		}
		var found bool
		if a, found, err = s.byLogin(tx, login); err != nil || !found {
			return err
		}
		var tries int
		if _, err = tx.One(`SELECT pin, tries FROM accounts_pin WHERE account_id = $1 AND device_id = $2`,
			store.Args{a.ID, c.Device}, &pin, &tries); err != nil {
			return err
		}
		if locked = tries >= pinTries; locked {
			return nil
		}
		return tx.Exec(`UPDATE accounts_pin SET tries = tries + 1 WHERE account_id = $1 AND device_id = $2`, a.ID, c.Device)
	})
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	secret, _ := parseSecret(c.Secret)
	ok, err := s.hash.verify(ctx, pin, peppered(c.PIN[:min(len(c.PIN), pinMax+1)], secret))
	switch {
	case err != nil:
		return "", fmt.Errorf("sign in: %w", err)
	case locked: // only an enrolled device gets here
		return "", errLockedPIN()
	case !ok || !a.open(s.now()):
		return "", errSignIn()
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		now, found, err := s.byID(tx, a.ID)
		if err != nil {
			return err
		}
		_, known, err := s.knownDevice(tx, c.Device, c.Secret)
		if err != nil {
			return err
		}
		n, err := tx.Affect(`UPDATE accounts_pin SET tries = 0 WHERE account_id = $1 AND device_id = $2 AND pin = $3`, a.ID, c.Device, pin)
		if err != nil {
			return err
		}
		if !found || !known || n == 0 || !now.open(s.now()) {
			return errSignIn()
		}
		if err := s.note(tx, a.Handle, "accounts.sign_in", a.ID, ""); err != nil {
			return err
		}
		if token, err = s.begin(tx, a.ID, c.Device, byPIN); err != nil {
			return err
		}
		open, err := s.openSession(tx, a.ID, c.Device, byPIN, s.now(), s.now())
		if err == nil && (open == nil || !anyHolds(open.actor.Grants, s.now())) {
			return errSignIn() // an authority, or nothing here that a PIN opens
		}
		return err
	})
	return token, err
}

func anyHolds(grants []access.Grant, now time.Time) bool {
	for _, g := range grants {
		if g.Holds(now) {
			return true
		}
	}
	return false
}

// bounded cuts what no password can be: hashing a megabyte is somebody else's attack.
func bounded(s string) string { return s[:min(len(s), passwordMax+1)] }

// ChangePassword replaces one's own password, and ends one's other sessions.
func (s *Service) ChangePassword(ctx context.Context, who access.Actor, token, old, new string) error {
	a, err := s.proveAgain(ctx, who, old)
	if err != nil {
		return err
	}
	if err := checkPassword("new", new, a.Login); err != nil {
		return err
	}
	phc, err := s.hash.hash(ctx, normalPassword(new))
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Affect(`UPDATE accounts_account SET password = $1 WHERE account_id = $2 AND password = $3`, phc, a.ID, a.password)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Conflict("accounts.password_changed", "the password was changed meanwhile; sign in again")
		}
		if err := s.endSessions(tx, a.ID, token); err != nil {
			return err
		}
		return s.note(tx, a.Handle, "accounts.password", a.ID, "")
	})
}

// proveAgain asks the one who is signed in for the password.
func (s *Service) proveAgain(ctx context.Context, who access.Actor, password string) (a row, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		a, _, err = s.byID(tx, who.Account)
		return err
	})
	if err != nil {
		return a, err
	}
	if a.ID.IsZero() || a.password == "" {
		return a, fault.Conflict("accounts.no_password", "this account has a PIN and no password; ask your lead for an invitation and set a password with it")
	}
	if !s.throttle.try(a.Login, s.now()) {
		return a, errTries()
	}
	ok, err := s.hash.verify(ctx, a.password, normalPassword(bounded(password)))
	if err != nil {
		return a, err
	}
	if !ok {
		return a, fault.Field("password", "accounts.wrong_password", "type your present password")
	}
	s.throttle.forgive(a.Login)
	return a, nil
}
