package card

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"serai/internal/fault"
)

// Signer signs cards for an organisation.
type Signer struct {
	ID  KeyID         // as listed in the network file
	Key crypto.Signer // Ed25519
}

// Press prints cards for one organisation at one node. All fields are needed.
type Press struct {
	Network *Network
	Keys    *SealKeys
	Signer  Signer
	Circle  uint16 // seal to this circle
	Days    int    // how long a card is at least valid, 1..900; rounded up to a quarter
	Now     func() time.Time
	Rand    io.Reader // cryptographic: lineage, cti and with it the nonce come from here
}

// Draft is a first card, which may be blank: pre-signed stock for days without a printer has no entries.
type Draft struct {
	NoFile  bool
	Entries []Entry
}

// Card is a printed card.
type Card struct {
	Text     string
	CTI      CTI
	Lineage  Lineage
	Sequence uint16
	Issuer   uint16
	Issued   Day
	Expires  Day // first day on which it is expired
	Slip     bool
	NoFile   bool
	Entries  []Entry // oldest first
	Dropped  int     // entries that found no room
	Replaces []CTI   // prints that are superseded by this one
}

// Issue prints the first card of a new lineage.
func (p Press) Issue(d Draft) (Card, error) {
	signer, err := p.signer()
	if err != nil {
		return Card{}, err
	}
	if err := p.check(signer, d.Entries); err != nil {
		return Card{}, err
	}
	entries := make(gather, len(d.Entries))
	for _, e := range d.Entries {
		entries.add(e)
	}
	out := Card{Sequence: 1, NoFile: d.NoFile}
	out.Entries, out.Dropped = entries.newest()
	return p.print(signer, out)
}

// signer returns the trust list's line for the signing key, when it may sign a card today.
func (p Press) signer() (TrustedKey, error) {
	if p.Network == nil {
		return TrustedKey{}, fault.NotFound(CodeNoNetwork, "no network file is here; fetch it from the network's office before cards are printed")
	}
	if p.Signer.Key == nil {
		return TrustedKey{}, fault.NotFound(CodeSigner, "this node has no signing key; have one listed in the network file")
	}
	key, ok := p.Network.Key(p.Signer.ID)
	public, isEd := p.Signer.Key.Public().(ed25519.PublicKey)
	today := DayOf(p.Now())
	refuse := func(why string) (TrustedKey, error) {
		return TrustedKey{}, fault.Forbidden(CodeSigner, "signing key "+p.Signer.ID.String()+" "+why+"; other members would not believe its cards")
	}
	switch {
	case !ok:
		return refuse("is not in the network file")
	case !isEd || !bytes.Equal(public, key.Public):
		return refuse("is another key than the one in the network file")
	case key.Status != Active:
		return refuse("is revoked")
	case key.Roles&RoleCard == 0:
		return refuse("may not sign cards")
	case !key.validOn(today):
		return refuse(fmt.Sprintf("is valid from %s until %s, not today (%s)", key.From, key.Until, today))
	case !p.Network.InCircle(p.Circle, key.Issuer):
		return refuse(fmt.Sprintf("belongs to an organisation outside circle %d", p.Circle))
	}
	return key, nil
}

// check refuses new entries that must not be written; all reasons at once.
func (p Press) check(signer TrustedKey, entries []Entry) error {
	var bad []error
	today := DayOf(p.Now())
	for i, e := range entries {
		field := func(name string) string { return fmt.Sprintf("entries[%d].%s", i, name) }
		if !p.Network.writable(e.Service) {
			bad = append(bad, notForCard(field("service"), fmt.Sprintf("with number %d", e.Service)))
		}
		if e.Quantity == 0 {
			bad = append(bad, fault.Field(field("quantity"), CodeEntryInvalid, "the quantity is at least 1"))
		}
		if e.Day > today {
			bad = append(bad, fault.Field(field("day"), CodeEntryInvalid, fmt.Sprintf("%s is after today (%s); correct the day or this device's clock", e.Day, today)))
		}
		if owner, ok := p.Network.Owner(e.Point); !ok || owner != signer.Issuer {
			bad = append(bad, fault.Field(field("point"), CodeEntryPoint, fmt.Sprintf("point number %d is not in a block of the organisation that signs; record services under own points only", e.Point)))
		}
	}
	return errors.Join(bad...)
}

// print seals, signs and encodes. out comes with sequence, entries, flags, and a lineage unless it is new.
func (p Press) print(signer TrustedKey, out Card) (Card, error) {
	now := p.Now()
	out.Issuer, out.Issued = signer.Issuer, DayOf(now)
	out.Expires = ExpiryAfter(out.Issued, p.Days)
	if p.Days < 1 || out.Expires <= out.Issued || out.Expires-out.Issued > maxValidity {
		return Card{}, fault.Invalidf(CodeExpiryInvalid, "a card cannot be valid for %d days from %s: choose 1 to 900 days", p.Days, out.Issued)
	}
	if out.Sequence == math.MaxUint16 {
		return Card{}, fault.Conflict(CodeSequenceSpent, "this card was printed too often; issue a new one")
	}
	id, err := p.Keys.Current(p.Circle, now)
	if err != nil {
		return Card{}, err
	}
	if out.Lineage == (Lineage{}) {
		if _, err := io.ReadFull(p.Rand, out.Lineage[:]); err != nil {
			return Card{}, fmt.Errorf("draw a lineage: %w", err)
		}
	}
	if _, err := io.ReadFull(p.Rand, out.CTI[:]); err != nil {
		return Card{}, fmt.Errorf("draw a card id: %w", err)
	}
	c := claims{
		Expires: uint64(out.Expires) * secondsPerDay,
		CTI:     out.CTI[:],
		Body:    body{Format: cardFormat, Sequence: out.Sequence, Seal: id},
	}
	plain := contents{Issuer: out.Issuer, Issued: out.Issued, Lineage: out.Lineage, Slip: out.Slip, NoFile: out.NoFile, Entries: out.Entries}.
		append(make([]byte, 0, contentsHead+maxEntries*entrySize), out.Expires)
	c.Body.Sealed = p.Keys.held[id].aead.Seal(nil, out.CTI[:nonceSize], plain, bound(p.Signer.ID, c))
	payload, err := cborWriter.Marshal(c)
	if err != nil {
		return Card{}, fmt.Errorf("encode card: %w", err)
	}
	signed, err := sign(p.Rand, p.Signer.Key, p.Signer.ID[:], payload, cardPurpose)
	if err != nil {
		return Card{}, fmt.Errorf("sign card: %w", err)
	}
	out.Text = string(appendBase45([]byte(Prefix), signed))
	return out, nil
}
