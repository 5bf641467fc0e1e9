package network

import (
	"crypto/sha256"
	"encoding/binary"

	"serai/internal/fact"
	"serai/internal/fault"
)

// Authority is the kind of organisation that can hold no account.
const Authority = "authority"

// OrganisationKinds lists the kinds of organisations.
func OrganisationKinds() []string {
	return []string{"national_society", "federation", "partner", "programme", "civil_society", Authority}
}

// Organisation runs service points.
type Organisation struct {
	Code    string // "NRC": as in the network files
	Name    string
	Kind    string
	Country string // ISO 3166, two letters; empty for organisations of no one country
	Number  uint16 // 1..4095: proposed as issuer number on cards; the signed network file has the last word
	Source  string // where an imported row comes from: source, illustration
}

// check returns every fault of the organisation.
func (o Organisation) check() error {
	var c checker
	c.code("code", o.Code, orgCode, "NRC or IFRC-SEA: 2 to 16 capitals, digits and hyphens")
	c.text("name", o.Name, 120, true)
	c.oneOf("kind", o.Kind, OrganisationKinds())
	c.country("country", o.Country)
	return c.err()
}

// Become decides whether o may be changed into next.
func (o Organisation) Become(next Organisation) error {
	if (o.Kind == Authority) != (next.Kind == Authority) {
		// A firewall that one edit can open is none: an authority renamed a partner could be given accounts.
		return fault.Field("kind", "network.authority_fixed", "whether an organisation is an authority never changes; make another organisation")
	}
	return next.check()
}

const (
	lastIssuer = 1<<12 - 1
	lastNumber = 1<<24 - 1
)

// Number returns the card number of a new point or organisation: the first bits of a hash of its id, and where taken
// says that another one has it, the next free number, from the last round to 1. 0 is never given.
//
// Two nodes that know the same rows give the same numbers; where they knew different ones, two points can end with one
// number, which is then listed for review (Service.Twice). See docs/decisions/0009-card-numbers-from-ids.md.
func Number[K any](id fact.ID[K], last uint32, taken func(uint32) bool) uint32 {
	sum := sha256.Sum256(append([]byte("serai/number/1\x00"), id.Bytes()...))
	first := binary.BigEndian.Uint32(sum[:4])%last + 1
	for n := first; ; {
		if !taken(n) {
			return n
		}
		if n = n%last + 1; n == first {
			return first // every number is given: twice is better than none
		}
	}
}
