package accounts

import (
	"context"
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// A worker's device key signs what she does without a network. It is made on the device, never leaves it, and is
// registered here in a session; what it signs is done with the rights that a session of the same kind would have when it
// arrives. A key outlives the session in which it was registered, since work of days may wait on a device, and ends when
// the device is removed, when somebody ends it, and counts for nothing while its account is closed.
const (
	// keyLife is how long a key counts after it was registered last. A desk registers anew whenever it hears its node.
	keyLife = 30 * 24 * time.Hour
	// keyWorn is when a key is not renewed any more. With keyLife it stays below the 180 days for which a node remembers
	// what it answered: a command that somebody copied and kept cannot be done twice.
	keyWorn = 150 * 24 * time.Hour
	// keysMost bounds how many keys of an account count at once.
	keysMost = 50
)

// KeyID names a device key: the first 16 bytes of the SHA-256 of the public key.
type KeyID [16]byte

// ParseKeyID reads the text of an id, as it stands in an outbox entry.
func ParseKeyID(s string) (k KeyID, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(k) {
		return k, false
	}
	return KeyID(b), true
}

// String returns the id as base64url.
func (k KeyID) String() string { return base64.RawURLEncoding.EncodeToString(k[:]) }

// MarshalText writes the id as base64url.
func (k KeyID) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads an id from base64url.
func (k *KeyID) UnmarshalText(b []byte) error {
	id, ok := ParseKeyID(string(b))
	if !ok {
		return fault.Invalid("accounts.bad_key_id", "the id of a device key is 22 letters of base64url")
	}
	*k = id
	return nil
}

// DeviceKey is a registered key as its owner sees it.
type DeviceKey struct {
	ID       KeyID         `json:"signer" doc:"As it stands in the entries that it signs"`
	Device   fact.DeviceID `json:"device,omitzero" doc:"The enrolled device, when the key was registered in a session with a PIN"`
	Created  time.Time     `json:"created"`
	Until    time.Time     `json:"until" doc:"Register the key again before, and it counts for longer"`
	LastUsed time.Time     `json:"last_used,omitzero"`
}

// Signer is who stands behind a device key at this moment.
type Signer struct {
	Actor  access.Actor // as a session of the same kind would have it now; no more than its names unless Counts
	Public []byte       // the raw uncompressed P-256 point
	Since  time.Time    // when the key was registered first
	Ended  bool         // the key was ended, or its time is over
	Counts bool         // the account is open, and the key has not ended
}

// RegisterKey registers the public key of the device at which a session was opened, or renews it.
func (s *Service) RegisterKey(ctx context.Context, token, public string) (k DeviceKey, err error) {
	open, err := s.session(ctx, token)
	if err != nil {
		return k, err
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(public)
	if err == nil {
		_, err = ecdh.P256().NewPublicKey(raw)
	}
	if err != nil || len(raw) != 65 {
		return k, fault.Field("public", "accounts.bad_public_key", "a device key is an uncompressed P-256 point of 65 bytes in base64url")
	}
	sum := sha256.Sum256(raw)
	id, who, now := KeyID(sum[:16]), open.actor, s.now()
	taken := fault.Conflict("accounts.key_ended", "this device key has ended or is too old; the device makes a new one and registers it")
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		var owner fact.AccountID
		var enrolled fact.DeviceID
		var created, ended int64
		found, err := tx.One(`SELECT account_id, device_id, created, ended FROM accounts_device_key WHERE key_id = $1`, store.Args{id[:]}, &owner, &enrolled, &created, &ended)
		if err != nil {
			return err
		}
		k = DeviceKey{ID: id, Device: who.Device, Created: instant(millis(now)), Until: instant(millis(now.Add(keyLife)))}
		if !found {
			// What nobody can use any more goes, so that the table cannot grow for ever. A key that ended stays for as
			// long as entries may arrive that it signed: they are told why they are refused.
			if err := tx.Exec(`DELETE FROM accounts_device_key WHERE account_id = $1 AND created < $2`, who.Account, millis(now.Add(-2*keyWorn))); err != nil {
				return err
			}
			var n int
			if _, err := tx.One(`SELECT count(*) FROM accounts_device_key WHERE account_id = $1 AND ended = 0 AND until > $2`, store.Args{who.Account, millis(now)}, &n); err != nil {
				return err
			}
			if n >= keysMost {
				return fault.Conflict("accounts.too_many_keys", "the account has keys on fifty devices; end those that are not used any more")
			}
			if err := tx.Exec(`INSERT INTO accounts_device_key (key_id, account_id, device_id, method, public, created, until, ended, last_used)
				VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)`, id[:], who.Account, who.Device, string(open.method), raw, millis(now), millis(k.Until)); err != nil {
				return err
			}
			return s.note(tx, who.Handle, "accounts.key_registered", who.Account, id.String())
		}
		// Whose key it is stays unsaid to anybody else.
		if owner != who.Account || ended != 0 || now.Sub(instant(created)) >= keyWorn {
			return taken
		}
		k.Created = instant(created)
		if k.Device.IsZero() { // a password was typed on an enrolled tablet: the key still goes with it
			k.Device = enrolled
		}
		// The key follows the way in which its owner signed in last: a second factor that was set up since counts, and
		// one that was left out this time does not.
		return tx.Exec(`UPDATE accounts_device_key SET device_id = $1, method = $2, until = $3 WHERE key_id = $4`,
			k.Device, string(open.method), millis(k.Until), id[:])
	})
	return k, err
}

// SignerOf tells who stands behind a key, and false when nobody knows the key.
func (s *Service) SignerOf(ctx context.Context, id KeyID) (out Signer, known bool, err error) {
	now := s.now()
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		var account fact.AccountID
		var device fact.DeviceID
		var how method
		var created, until, ended int64
		out = Signer{}
		known, err = tx.One(`SELECT account_id, device_id, method, public, created, until, ended FROM accounts_device_key WHERE key_id = $1`,
			store.Args{id[:]}, &account, &device, &how, &out.Public, &created, &until, &ended)
		if err != nil || !known {
			return err
		}
		out.Since = instant(created)
		a, _, err := s.byID(tx, account)
		if err != nil {
			return err
		}
		out.Actor = access.Actor{Account: account, Handle: a.Handle, Device: device}
		if out.Ended = ended != 0 || !now.Before(instant(until)); out.Ended {
			return nil
		}
		open, err := s.openSession(tx, account, device, how, now, now)
		if err != nil || open == nil {
			return err
		}
		out.Actor, out.Counts = open.actor, true
		return nil
	})
	if err != nil {
		return Signer{}, false, fmt.Errorf("who signs with a device key: %w", err)
	}
	return out, known, nil
}

// UsedKey notes that a key signed something that arrived; once in a while is enough.
func (s *Service) UsedKey(ctx context.Context, id KeyID) error {
	now := s.now()
	return s.db.Write(ctx, func(tx *store.Tx) error {
		return tx.Exec(`UPDATE accounts_device_key SET last_used = $1 WHERE key_id = $2 AND last_used < $3`, millis(now), id[:], millis(now.Add(-seenEach)))
	})
}

// Keys lists one's own device keys that count, oldest first.
func (s *Service) Keys(ctx context.Context, who access.Actor) ([]DeviceKey, error) {
	out := []DeviceKey{}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		out = out[:0]
		return tx.Each(`SELECT key_id, device_id, created, until, last_used FROM accounts_device_key
			WHERE account_id = $1 AND ended = 0 AND until > $2 ORDER BY created, key_id`, store.Args{who.Account, millis(s.now())}, func(from *store.Row) error {
			var k DeviceKey
			var id []byte
			var created, until, used int64
			if err := from.Scan(&id, &k.Device, &created, &until, &used); err != nil {
				return err
			}
			copy(k.ID[:], id)
			k.Created, k.Until, k.LastUsed = instant(created), instant(until), instant(used)
			out = append(out, k)
			return nil
		})
	})
	return out, err
}

// EndKey ends one's own device key: what it signs from now on, and what it signed and did not arrive, is refused. A key
// that is none, or somebody else's, is ended already as far as the caller can tell.
func (s *Service) EndKey(ctx context.Context, who access.Actor, id KeyID) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Affect(`UPDATE accounts_device_key SET ended = $1 WHERE key_id = $2 AND account_id = $3 AND ended = 0`, millis(s.now()), id[:], who.Account)
		if err != nil || n == 0 {
			return err
		}
		return s.note(tx, who.Handle, "accounts.key_ended", who.Account, id.String())
	})
}

// EndKeys ends every device key of an account. Ending the sessions does not do it: work that waits on a tablet is done by
// whoever made it, and is lost when its key ends. Whoever asks for both does so knowingly.
func (s *Service) EndKeys(ctx context.Context, who access.Actor, id fact.AccountID) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		if who.Account != id {
			if _, _, err := s.governed(tx, who, id); err != nil {
				return err
			}
		}
		if err := tx.Exec(`UPDATE accounts_device_key SET ended = $1 WHERE account_id = $2 AND ended = 0`, millis(s.now()), id); err != nil {
			return err
		}
		return s.note(tx, who.Handle, "accounts.keys_ended", id, "")
	})
}

// SessionMethod tells how the session of a token was opened: "password", "totp" or "pin".
func (s *Service) SessionMethod(ctx context.Context, token string) (string, error) {
	open, err := s.session(ctx, token)
	if err != nil {
		return "", err
	}
	return string(open.method), nil
}
