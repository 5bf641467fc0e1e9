package cards

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/card"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// A device that writes cards while its node is out of reach signs them with a key of its own: the node's never leaves the
// node, and the root can revoke one device alone. The keys wait in the keyring, listed by the root together with the
// node's; a lead hands one to a device, which nobody else gets from then on.

// secretSpare holds the seeds of the keys for devices, in the order in which they were drawn.
const secretSpare = "cards.devices"

// SparesMost bounds the keys for devices of one node.
const SparesMost = 64

// Device is an enrolled device, as far as this area needs to know it.
type Device struct {
	ID    fact.DeviceID
	Name  string
	Org   fact.OrgID
	Point fact.PointID
}

// Devices tells about enrolled devices. The app supplies it from the accounts.
type Devices interface {
	Device(tx *store.Tx, id fact.DeviceID) (Device, bool, error)
}

// deviceKey is a key for a device, with its line in the network file.
type deviceKey struct {
	seed [ed25519.SeedSize]byte
	line card.TrustedKey // zero while the network file does not list it
}

func (d deviceKey) public() ed25519.PublicKey {
	public, _ := ed25519.NewKeyFromSeed(d.seed[:]).Public().(ed25519.PublicKey)
	return public
}

// usable tells whether other members believe what the key signs on a day.
func (d deviceKey) usable(issuer uint16, today card.Day) bool {
	l := d.line
	return l.Public != nil && l.Issuer == issuer && l.Status == card.Active && l.Roles&card.RoleCard != 0 && l.From <= today && today < l.Until
}

func (s *Service) spareSeeds() (seeds [][ed25519.SeedSize]byte, err error) {
	content, ok := s.Ring.Area(secretSpare)
	if !ok {
		return nil, nil
	}
	if err := fact.Decode(content, &seeds); err != nil {
		return nil, fmt.Errorf("keys for devices in the keyring: %w", err)
	}
	return seeds, nil
}

// MakeSpares draws keys for devices until there are n, handed out or not.
func (s *Service) MakeSpares(n int) error {
	if n < 0 || n > SparesMost {
		return fault.Fieldf("devices", "cards.bad_count", "a node has 0 to %d keys for devices", SparesMost)
	}
	seeds, err := s.spareSeeds()
	if err != nil || len(seeds) >= n {
		return err
	}
	for len(seeds) < n {
		var seed [ed25519.SeedSize]byte
		if _, err := io.ReadFull(s.random(), seed[:]); err != nil {
			return fmt.Errorf("draw a key for a device: %w", err)
		}
		seeds = append(seeds, seed)
	}
	content, err := fact.Encode(seeds)
	if err != nil {
		return err
	}
	return s.Ring.SetArea(secretSpare, content)
}

// loadSpares finds the keys for devices in the network file. A later line of the file wins, as for the node's own key.
func (s *Service) loadSpares(k *known) error {
	seeds, err := s.spareSeeds()
	if err != nil {
		return err
	}
	for _, seed := range seeds {
		d := deviceKey{seed: seed}
		if k.network != nil {
			public := d.public()
			for _, line := range k.network.File().Keys {
				if public.Equal(ed25519.PublicKey(line.Public)) && (d.line.Public == nil || line.From >= d.line.From) {
					d.line = line
				}
			}
		}
		k.spares = append(k.spares, d)
	}
	return nil
}

func (k *known) spare(public []byte) (deviceKey, bool) {
	i := slices.IndexFunc(k.spares, func(d deviceKey) bool { return string(d.public()) == string(public) })
	if i < 0 {
		return deviceKey{}, false
	}
	return k.spares[i], true
}

// Writer is a device that may write cards without its node.
type Writer struct {
	Device  fact.DeviceID `json:"device"`
	Point   fact.PointID  `json:"point"`
	Allowed time.Time     `json:"allowed"`
	Key     string        `json:"key,omitempty"` // as the network file names it
	State   string        `json:"state"`         // ready; not_listed, revoked: the network file has no good line for its key
}

// errNoDevice answers alike for a device that is not there and for one that somebody else looks after.
var errNoDevice = fault.NotFound("cards.no_device", "there is no such device at your points; enrol it first")

// governed returns a device that the actor looks after.
func (s *Service) governed(tx *store.Tx, who access.Actor, id fact.DeviceID) (Device, error) {
	d, found, err := s.Devices.Device(tx, id)
	if err != nil {
		return d, err
	}
	if !found || !who.May("accounts.enrol", access.Resource{Org: d.Org, Point: d.Point}, s.Now()) {
		return d, errNoDevice
	}
	return d, nil
}

// Allow lets a device write cards without its node, with a key of its own. Again for the same device changes nothing.
func (s *Service) Allow(ctx context.Context, who access.Actor, id fact.DeviceID) (out Writer, err error) {
	k, now := s.known.Load(), s.Now()
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := s.governed(tx, who, id)
		if err != nil {
			return err
		}
		if w, key, err := s.allowance(tx, k, id); err != nil || key != nil {
			out = w
			return err
		}
		given := map[string]bool{}
		if err := tx.Each(`SELECT public FROM cards_device`, nil, func(r *store.Row) error {
			var public []byte
			err := r.Scan(&public)
			given[string(public)] = true
			return err
		}); err != nil {
			return err
		}
		// A key that a device once held is never given to another: what it signed could not be told apart.
		i := slices.IndexFunc(k.spares, func(d deviceKey) bool { return !given[string(d.public())] && d.usable(k.issuer, card.DayOf(now)) })
		if i < 0 {
			return fault.Conflict("cards.no_spare_key", "no key for a device is left; run `serai network-file node-key --devices N` at the node, send what it prints to the network's office, and install the next network file")
		}
		key := k.spares[i]
		if err := tx.Exec(`INSERT INTO cards_device (public, device, point, allowed, by_actor, ended) VALUES ($1, $2, $3, $4, $5, 0)`,
			[]byte(key.public()), id, d.Point, now.UnixMilli(), who.Handle.Bytes()); err != nil {
			return err
		}
		if err := s.Log.In(tx, audit.Entry{Actor: who.Handle, Device: who.Device, Action: "cards.device_allowed", Point: d.Point, Outcome: audit.Changed}); err != nil {
			return err
		}
		out, _, err = s.allowance(tx, k, id)
		return err
	})
	if err != nil {
		return Writer{}, fmt.Errorf("allow device %s to write cards: %w", id, err)
	}
	return out, nil
}

// Disallow ends it. The device keeps what it holds until it hears of it: when it was lost, the network's office revokes
// its key as well.
func (s *Service) Disallow(ctx context.Context, who access.Actor, id fact.DeviceID) error {
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := s.governed(tx, who, id)
		if err != nil {
			return err
		}
		if err := tx.Exec(`UPDATE cards_device SET ended = $1 WHERE device = $2 AND ended = 0`, s.Now().UnixMilli(), id); err != nil {
			return err
		}
		return s.Log.In(tx, audit.Entry{Actor: who.Handle, Device: who.Device, Action: "cards.device_ended", Point: d.Point, Outcome: audit.Changed})
	})
	if err != nil {
		return fmt.Errorf("device %s writes no more cards: %w", id, err)
	}
	return nil
}

const selectWriter = `SELECT device, point, allowed, public FROM cards_device WHERE ended = 0`

func (s *Service) scanWriter(k *known, r *store.Row) (w Writer, key *deviceKey, err error) {
	var public []byte
	var allowed int64
	if err := r.Scan(&w.Device, &w.Point, &allowed, &public); err != nil {
		return w, nil, err
	}
	w.Allowed = time.UnixMilli(allowed).UTC()
	w.Key, w.State = s.stateOf(k, public)
	d, _ := k.spare(public)
	return w, &d, nil
}

// allowance returns what a device was allowed, and no key when nothing.
func (s *Service) allowance(tx *store.Tx, k *known, id fact.DeviceID) (w Writer, key *deviceKey, err error) {
	err = tx.Each(selectWriter+` AND device = $1 ORDER BY allowed`, store.Args{id}, func(r *store.Row) error {
		var err error
		w, key, err = s.scanWriter(k, r)
		return err
	})
	return w, key, err
}

// Writers lists the devices that may write cards without their node, where the actor looks after them, and how many keys
// are left for others.
func (s *Service) Writers(ctx context.Context, who access.Actor) (out []Writer, spare int, err error) {
	k := s.known.Load()
	for _, d := range k.spares {
		if d.usable(k.issuer, card.DayOf(s.Now())) {
			spare++
		}
	}
	out = []Writer{}
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		var all []Writer
		if err := tx.Each(`SELECT public FROM cards_device`, nil, func(r *store.Row) error {
			var public []byte
			err := r.Scan(&public)
			if d, ok := k.spare(public); ok && d.usable(k.issuer, card.DayOf(s.Now())) {
				spare--
			}
			return err
		}); err != nil {
			return err
		}
		if err := tx.Each(selectWriter+` ORDER BY allowed, device`, nil, func(r *store.Row) error {
			w, _, err := s.scanWriter(k, r)
			all = append(all, w)
			return err
		}); err != nil {
			return err
		}
		for _, w := range all {
			_, err := s.governed(tx, who, w.Device)
			if errors.Is(err, errNoDevice) { // somebody else's, or taken out since
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, w)
		}
		return nil
	})
	return out, spare, err
}

// DeviceKey says for the operator which device was given which key, also after the device was taken out: the office
// revokes by the key.
type DeviceKey struct {
	Key     string        `json:"key"` // empty while the network file does not list it
	Device  fact.DeviceID `json:"device"`
	Allowed time.Time     `json:"allowed"`
	Ended   time.Time     `json:"ended,omitzero"`
	State   string        `json:"state"`
}

// DeviceKeys lists the keys that devices of this node were ever given.
func (s *Service) DeviceKeys(ctx context.Context) ([]DeviceKey, error) {
	k, out := s.known.Load(), []DeviceKey{}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT device, allowed, ended, public FROM cards_device ORDER BY allowed, device`, nil, func(r *store.Row) error {
			var d DeviceKey
			var allowed, ended int64
			var public []byte
			if err := r.Scan(&d.Device, &allowed, &ended, &public); err != nil {
				return err
			}
			d.Key, d.State = s.stateOf(k, public)
			d.Allowed = time.UnixMilli(allowed).UTC()
			if ended != 0 {
				d.Ended = time.UnixMilli(ended).UTC()
			}
			out = append(out, d)
			return nil
		})
	})
	return out, err
}

// stateOf tells how the network file names a key, and whether members believe it today.
func (s *Service) stateOf(k *known, public []byte) (key, state string) {
	d, ok := k.spare(public)
	switch {
	case !ok || d.line.Public == nil:
		return "", "not_listed"
	case !d.usable(k.issuer, card.DayOf(s.Now())):
		return d.line.ID.String(), "revoked"
	}
	return d.line.ID.String(), "ready"
}

// signer returns the signing key that a session's device may hold, null for all others.
func (s *Service) signer(tx *store.Tx, k *known, who access.Actor, at Place) (*card.ShareSigner, error) {
	if who.Device.IsZero() || s.Devices == nil || !who.May("cards.update", access.Resource{Org: at.Org, Point: at.ID}, s.Now()) {
		return nil, nil
	}
	d, found, err := s.Devices.Device(tx, who.Device)
	if err != nil || !found || d.Org != at.Org || d.Point != at.ID {
		return nil, err
	}
	w, key, err := s.allowance(tx, k, who.Device)
	if err != nil || key == nil || w.State != "ready" {
		return nil, err
	}
	return &card.ShareSigner{ID: key.line.ID.String(), Seed: base64.RawURLEncoding.EncodeToString(key.seed[:])}, nil
}
