package accounts

import (
	"context"
	"encoding/base32"
	"fmt"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"serai/internal/access"
	"serai/internal/fault"
	"serai/internal/store"
)

// The second factor is TOTP as every authenticator app has it: SHA-1, six digits, thirty seconds (RFC 6238). One step
// before and after counts, because the clocks of the field are wrong.
const totpPeriod, totpSkew = 30, 1

// totpStep returns the time step whose code was typed.
func totpStep(secret []byte, code string, now time.Time) (step int64, ok bool) {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	at := now.Unix() / totpPeriod
	for d := int64(-totpSkew); d <= totpSkew; d++ {
		good, err := hotp.ValidateCustom(code, uint64(at+d), text, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && good {
			step, ok = at+d, true
		}
	}
	return step, ok
}

// SetUpTOTP draws a second factor and returns its address for the authenticator app. It counts once ConfirmTOTP has
// seen a code of it. The password is asked again: a screen left open must not change what protects the account.
func (s *Service) SetUpTOTP(ctx context.Context, who access.Actor, password, code string) (secret, address string, err error) {
	a, err := s.proveAgain(ctx, who, password)
	if err != nil {
		return "", "", err
	}
	if len(a.totp) > 0 {
		now, err := s.unseal(a.ID, a.totp)
		if err != nil {
			return "", "", err
		}
		if step, ok := totpStep(now, code, s.now()); !ok || step <= a.step {
			return "", "", fault.Field("totp", "accounts.wrong_totp", "type the code that the present second factor shows")
		}
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.issuer, AccountName: a.Login, Period: totpPeriod, Rand: s.random})
	if err != nil {
		return "", "", fmt.Errorf("draw a second factor: %w", err)
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(key.Secret())
	if err != nil {
		return "", "", err
	}
	sealed, err := s.seal(a.ID, raw)
	if err != nil {
		return "", "", err
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		return tx.Exec(`UPDATE accounts_account SET totp_next = $1 WHERE account_id = $2`, sealed, a.ID)
	})
	return key.Secret(), key.URL(), err
}

// ConfirmTOTP makes the second factor that was set up count. The session with this token becomes a full one, every
// other session of the account ends.
func (s *Service) ConfirmTOTP(ctx context.Context, who access.Actor, token, code string) error {
	if !s.throttle.try("totp "+who.Account.String(), s.now()) {
		return errTries()
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		a, found, err := s.byID(tx, who.Account)
		if err != nil {
			return err
		}
		if !found || len(a.totpNext) == 0 {
			return fault.Conflict("accounts.totp_not_set_up", "set the second factor up first")
		}
		secret, err := s.unseal(a.ID, a.totpNext)
		if err != nil {
			return err
		}
		step, ok := totpStep(secret, code, s.now())
		if !ok {
			return fault.Field("totp", "accounts.wrong_totp", "type the six digits that the app shows now; is the clock of the phone right?")
		}
		if err := tx.Exec(`UPDATE accounts_account SET totp = totp_next, totp_next = NULL, totp_step = $1 WHERE account_id = $2`, step, a.ID); err != nil {
			return err
		}
		if err := s.endSessions(tx, a.ID, token); err != nil {
			return err
		}
		if err := tx.Exec(`UPDATE accounts_session SET method = $1 WHERE account_id = $2 AND method = $3`, string(byTOTP), a.ID, string(byPassword)); err != nil {
			return err
		}
		return s.note(tx, a.Handle, "accounts.totp", a.ID, "")
	})
}
