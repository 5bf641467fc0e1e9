package accounts

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Device is a tablet or laptop that a lead enrolled for a point.
type Device struct {
	ID       fact.DeviceID `json:"id"`
	Name     string        `json:"name"`
	Org      fact.OrgID    `json:"organisation"`
	Point    fact.PointID  `json:"point"`
	Enrolled time.Time     `json:"enrolled,omitzero"` // zero while its code was not typed in
	Expires  time.Time     `json:"expires,omitzero"`  // until when the code may be typed in
}

// codeLife is how long an invitation or a device's code may be used.
const codeLife = 7 * 24 * time.Hour

// AddDevice makes a place for a device at a point and returns the code that the device is enrolled with. The id may be
// made by the client; without one it is drawn here.
func (s *Service) AddDevice(ctx context.Context, who access.Actor, d Device) (added Device, code string, err error) {
	now := s.now()
	if d.Name, err = checkName(d.Name); err != nil {
		return d, "", err
	}
	if d.Point.IsZero() {
		return d, "", fault.Field("point", "accounts.point_missing", "name the point where the device is used")
	}
	if !who.May("accounts.enrol", access.Resource{Org: d.Org, Point: d.Point}, now) {
		return d, "", errAbsent()
	}
	d.Enrolled, d.Expires = time.Time{}, now.Add(codeLife).Truncate(time.Millisecond).UTC()
	if d.ID.IsZero() {
		newID(&d.ID, now)
	}
	if code, err = newCode(s.random); err != nil {
		return d, "", err
	}
	plain, _ := normalCode(code)
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if err := s.seatable(tx, []access.Grant{{Role: access.Volunteer, Org: d.Org, Point: d.Point}}); err != nil {
			return err
		}
		if _, taken, err := deviceByID(tx, d.ID); err != nil || taken {
			return orTaken(err)
		}
		if err := tx.Exec(`INSERT INTO accounts_device (device_id, name, org_id, point_id, code, expires, secret, enrolled, created)
			VALUES ($1, $2, $3, $4, $5, $6, NULL, 0, $7)`, d.ID, d.Name, d.Org, d.Point, s.keyed("device", plain), millis(d.Expires), millis(now)); err != nil {
			return err
		}
		return s.note(tx, who.Handle, "accounts.device_added", fact.AccountID{}, d.ID.String())
	})
	return d, code, err
}

// EnrolDevice turns a code into the device's secret, which is shown this once and kept by the device.
func (s *Service) EnrolDevice(ctx context.Context, code string) (d Device, secret string, err error) {
	now := s.now()
	if !s.throttle.tryAny(now) {
		return d, "", errTries()
	}
	bad := fault.Field("code", "accounts.bad_code", "the code is wrong, used or older than seven days; ask your lead for a new one")
	plain, ok := normalCode(code)
	if !ok {
		return d, "", bad
	}
	raw := make([]byte, 32)
	if err := s.draw(raw); err != nil {
		return d, "", err
	}
	sum := sha256.Sum256(raw)
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		var id fact.DeviceID
		found, err := tx.One(`SELECT device_id FROM accounts_device WHERE code = $1 AND expires > $2`, store.Args{s.keyed("device", plain), millis(now)}, &id)
		if err != nil {
			return err
		}
		if !found {
			return bad
		}
		if err := tx.Exec(`UPDATE accounts_device SET code = NULL, expires = 0, secret = $1, enrolled = $2 WHERE device_id = $3`, sum[:], millis(now), id); err != nil {
			return err
		}
		d, _, err = deviceByID(tx, id)
		return err
	})
	return d, base64.RawURLEncoding.EncodeToString(raw), err
}

// RemoveDevice ends a device: its secret opens nothing any more, and every session on it and every key that was
// registered there with a PIN ends at once.
func (s *Service) RemoveDevice(ctx context.Context, who access.Actor, id fact.DeviceID) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		d, found, err := deviceByID(tx, id)
		if err != nil {
			return err
		}
		if !found || !who.May("accounts.enrol", access.Resource{Org: d.Org, Point: d.Point}, s.now()) {
			return errAbsent()
		}
		if err := tx.Exec(`UPDATE accounts_device_key SET ended = $1 WHERE device_id = $2 AND ended = 0`, millis(s.now()), id); err != nil {
			return err
		}
		for _, sql := range []string{
			`DELETE FROM accounts_session WHERE device_id = $1`,
			`DELETE FROM accounts_pin WHERE device_id = $1`,
			`DELETE FROM accounts_device WHERE device_id = $1`,
		} {
			if err := tx.Exec(sql, id); err != nil {
				return err
			}
		}
		tx.OnCommit(s.cache.clear)
		return s.note(tx, who.Handle, "accounts.device_removed", fact.AccountID{}, id.String())
	})
}

// Devices lists the devices of the points where who lets people in.
func (s *Service) Devices(ctx context.Context, who access.Actor) ([]Device, error) {
	out := []Device{}
	where, args := who.Filter("accounts.enrol", access.Columns{Org: "d.org_id", Point: "d.point_id"}, s.now(), 1)
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT `+deviceColumns+` FROM accounts_device d WHERE `+where+` ORDER BY d.created, d.device_id`, args, func(from *store.Row) error {
			d, err := scanDevice(from)
			out = append(out, d)
			return err
		})
	})
	return out, err
}

const deviceColumns = `d.device_id, d.name, d.org_id, d.point_id, d.enrolled, d.expires`

func scanDevice(from *store.Row, more ...any) (d Device, err error) {
	var enrolled, expires int64
	err = from.Scan(append([]any{&d.ID, &d.Name, &d.Org, &d.Point, &enrolled, &expires}, more...)...)
	d.Enrolled, d.Expires = instant(enrolled), instant(expires)
	return d, err
}

func deviceByID(tx *store.Tx, id fact.DeviceID) (d Device, found bool, err error) {
	err = tx.Each(`SELECT `+deviceColumns+` FROM accounts_device d WHERE d.device_id = $1`, store.Args{id}, func(from *store.Row) error {
		found = true
		d, err = scanDevice(from)
		return err
	})
	return d, found, err
}

// knownDevice tells whether the secret is that of an enrolled device.
func (s *Service) knownDevice(tx *store.Tx, id fact.DeviceID, secret string) (d Device, ok bool, err error) {
	raw, fine := parseSecret(secret)
	sum := sha256.Sum256(raw)
	var want []byte
	err = tx.Each(`SELECT `+deviceColumns+`, d.secret FROM accounts_device d WHERE d.device_id = $1`, store.Args{id}, func(from *store.Row) error {
		d, err = scanDevice(from, &want)
		return err
	})
	return d, fine && subtle.ConstantTimeCompare(want, sum[:]) == 1, err
}

// parseSecret reads a device's secret; what is none gives 32 zero bytes, so that what follows takes the same time.
func parseSecret(s string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s[:min(len(s), 64)])
	if err != nil || len(raw) != 32 || len(s) > 64 {
		return make([]byte, 32), false
	}
	return raw, true
}
