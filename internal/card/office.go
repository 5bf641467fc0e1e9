package card

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"io"
	"slices"
	"time"

	"serai/internal/fault"
)

// SealsAhead is how many quarters beyond the present one seal keys are made and sent: a node may be offline for months.
const SealsAhead = 2

// The verbs in this file belong to the network's office, which prepares the next network file and the key bundles. They
// draw ids that are free; SignNetwork still checks the whole.

// Next returns a copy of the file to edit, with the following serial and the time of issue.
func (f NetworkFile) Next(now time.Time) NetworkFile {
	f = f.ordered()
	f.Serial++
	f.IssuedAt = now.Unix()
	return f
}

// AddKey lists the signing key of an organisation under a random id that no other key has.
func (f *NetworkFile) AddKey(random io.Reader, issuer uint16, public ed25519.PublicKey, from, until Day, roles Role) (KeyID, error) {
	for _, k := range f.Keys {
		if bytes.Equal(k.Public, public) {
			return KeyID{}, fault.Field("public", CodeSigner, "this key is listed already as "+k.ID.String()+"; a new line needs a new key")
		}
	}
	for {
		var id KeyID
		if _, err := io.ReadFull(random, id[:]); err != nil {
			return KeyID{}, fmt.Errorf("draw a key id: %w", err)
		}
		if slices.ContainsFunc(f.Keys, func(k TrustedKey) bool { return k.ID == id }) {
			continue
		}
		f.Keys = append(f.Keys, TrustedKey{ID: id, Issuer: issuer, Public: bytes.Clone(public), From: from, Until: until, Roles: roles, Status: Active})
		return id, nil
	}
}

// AddSeals announces a seal for every circle and every quarter from now's to SealsAhead beyond, where there is none yet,
// and returns the new keys, for the bundles.
func (f *NetworkFile) AddSeals(random io.Reader, now time.Time) ([]SealKey, error) {
	if len(f.Seals)+len(f.Circles)*(SealsAhead+1) > 1<<15 {
		return nil, fault.Invalidf(CodeKeysBad, "%d seals are listed; take out those of quarters whose cards have expired", len(f.Seals))
	}
	taken := make(map[SealID]bool)
	announced := make(map[SealNotice]bool)
	for _, s := range f.Seals {
		taken[s.ID] = true
		announced[SealNotice{Circle: s.Circle, Quarter: s.Quarter}] = true
	}
	var made []SealKey
	first := DayOf(now).Quarter()
	for _, c := range f.Circles {
		for q := first; q <= first+SealsAhead; q++ {
			if announced[SealNotice{Circle: c.Number, Quarter: q}] {
				continue
			}
			k := SealKey{Circle: c.Number, Quarter: q}
			for {
				var id [2]byte
				if _, err := io.ReadFull(random, id[:]); err != nil {
					return nil, fmt.Errorf("draw a seal id: %w", err)
				}
				if k.ID = SealID(id[0])<<8 | SealID(id[1]); k.ID >= minSealID && !taken[k.ID] {
					break
				}
			}
			if _, err := io.ReadFull(random, k.Key[:]); err != nil {
				return nil, fmt.Errorf("draw a seal key: %w", err)
			}
			taken[k.ID] = true
			made = append(made, k)
			f.Seals = append(f.Seals, SealNotice{ID: k.ID, Circle: k.Circle, Quarter: k.Quarter})
		}
	}
	return made, nil
}

// For returns a copy of the bundle with the seal keys that an organisation may hold: those of its circles.
func (b KeyBundle) For(n *Network, issuer uint16) KeyBundle {
	all := b.Seals
	b.Seals = make([]SealKey, 0, len(all))
	for _, k := range all {
		if n.InCircle(k.Circle, issuer) {
			b.Seals = append(b.Seals, k)
		}
	}
	return b
}

// Circles returns the circles an organisation belongs to.
func (n *Network) Circles(issuer uint16) []Circle {
	var out []Circle
	for _, c := range n.file.Circles {
		if slices.Contains(c.Members, issuer) {
			out = append(out, c)
		}
	}
	return out
}
