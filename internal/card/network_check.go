package card

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"sort"

	"serai/internal/fault"
)

// ordered returns a copy with every list sorted by its number.
func (f NetworkFile) ordered() NetworkFile {
	f.Issuers, f.Keys, f.Blocks = fresh(f.Issuers), fresh(f.Keys), fresh(f.Blocks)
	f.Services, f.Circles, f.Seals = fresh(f.Services), fresh(f.Circles), fresh(f.Seals)
	for i := range f.Circles {
		f.Circles[i].Members = fresh(f.Circles[i].Members)
		slices.Sort(f.Circles[i].Members)
	}
	for i := range f.Keys {
		f.Keys[i].Public = bytes.Clone(f.Keys[i].Public)
	}
	slices.SortFunc(f.Issuers, func(a, b Issuer) int { return cmp.Compare(a.Number, b.Number) })
	slices.SortFunc(f.Keys, func(a, b TrustedKey) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	slices.SortFunc(f.Blocks, func(a, b Block) int { return cmp.Compare(a.First, b.First) })
	slices.SortFunc(f.Services, func(a, b Service) int { return cmp.Compare(a.Number, b.Number) })
	slices.SortFunc(f.Circles, func(a, b Circle) int { return cmp.Compare(a.Number, b.Number) })
	slices.SortFunc(f.Seals, func(a, b SealNotice) int { return cmp.Compare(a.ID, b.ID) })
	return f
}

// fresh copies a list and makes an absent one empty: one meaning, one encoding.
func fresh[T any](list []T) []T { return append(make([]T, 0, len(list)), list...) }

// check reports everything that is wrong with the file, each with its place.
func (f NetworkFile) check() error {
	var bad []error
	wrong := func(list string, i int, field, format string, args ...any) {
		bad = append(bad, fault.Field(fmt.Sprintf("%s[%d].%s", list, i, field), CodeNetworkBad, fmt.Sprintf(format, args...)))
	}
	if f.Serial == 0 {
		bad = append(bad, fault.Field("serial", CodeNetworkBad, "the serial starts at 1 and grows with every file"))
	}
	if f.IssuedAt <= 0 {
		bad = append(bad, fault.Field("issued_at", CodeNetworkBad, "the time of issue is missing; give seconds since 1970"))
	}
	issuers := make(map[uint16]bool)
	codes := make(map[string]bool)
	for i, x := range f.Issuers {
		switch {
		case x.Number == 0 || x.Number > maxIssuer:
			wrong("issuers", i, "number", "issuer number %d is not between 1 and %d", x.Number, maxIssuer)
		case i > 0 && x.Number <= f.Issuers[i-1].Number:
			wrong("issuers", i, "number", "issuer number %d stands twice or out of order", x.Number)
		case x.Code == "" || codes[x.Code]:
			wrong("issuers", i, "code", "organisation code %q is empty or stands twice", x.Code)
		}
		issuers[x.Number], codes[x.Code] = true, true
	}
	for i, x := range f.Keys {
		switch {
		case i > 0 && bytes.Compare(f.Keys[i-1].ID[:], x.ID[:]) >= 0:
			wrong("keys", i, "id", "key id %s stands twice or out of order; draw a new one", x.ID)
		case !issuers[x.Issuer]:
			wrong("keys", i, "issuer", "key %s belongs to issuer %d, who is not listed", x.ID, x.Issuer)
		case len(x.Public) != ed25519.PublicKeySize:
			wrong("keys", i, "public", "key %s has %d bytes; Ed25519 has %d", x.ID, len(x.Public), ed25519.PublicKeySize)
		case x.From >= x.Until:
			wrong("keys", i, "until", "key %s ends on %s, before it starts on %s", x.ID, x.Until, x.From)
		case x.Roles == 0 || x.Roles&^(RoleCard|RoleVoucher) != 0:
			wrong("keys", i, "roles", "key %s has unknown roles %b", x.ID, x.Roles)
		case x.Status != Active && x.Status != Revoked:
			wrong("keys", i, "status", "key %s has unknown status %d", x.ID, x.Status)
		}
	}
	for i, x := range f.Blocks {
		switch {
		case !issuers[x.Issuer]:
			wrong("blocks", i, "issuer", "block belongs to issuer %d, who is not listed", x.Issuer)
		case x.First > x.Last || x.Last > maxPoint:
			wrong("blocks", i, "last", "block %d-%d is empty or goes beyond %d", x.First, x.Last, maxPoint)
		case i > 0 && x.First <= f.Blocks[i-1].Last:
			wrong("blocks", i, "first", "block %d-%d overlaps the one before; a point has one organisation", x.First, x.Last)
		}
	}
	codes = make(map[string]bool)
	for i, x := range f.Services {
		switch {
		case x.Number == 0 || x.Number > maxService:
			wrong("services", i, "number", "card number %d is not between 1 and %d", x.Number, maxService)
		case i > 0 && x.Number <= f.Services[i-1].Number:
			wrong("services", i, "number", "card number %d stands twice or out of order", x.Number)
		case x.Code == "" || codes[x.Code]:
			wrong("services", i, "code", "service code %q is empty or stands twice", x.Code)
		}
		codes[x.Code] = true
	}
	circles := make(map[uint16]bool)
	for i, x := range f.Circles {
		if i > 0 && x.Number <= f.Circles[i-1].Number {
			wrong("circles", i, "number", "circle %d stands twice or out of order", x.Number)
		}
		for j, m := range x.Members {
			if !issuers[m] || j > 0 && m <= x.Members[j-1] {
				wrong("circles", i, "members", "member %d is not a listed issuer, or stands twice", m)
			}
		}
		circles[x.Number] = true
	}
	type period struct {
		circle  uint16
		quarter Quarter
	}
	periods := make(map[period]bool)
	for i, x := range f.Seals {
		switch {
		case i > 0 && x.ID <= f.Seals[i-1].ID:
			wrong("seals", i, "id", "seal id %d stands twice or out of order; draw a new one", x.ID)
		case x.ID < minSealID:
			wrong("seals", i, "id", "seal id %d is below %d; draw a new one", x.ID, minSealID)
		case !circles[x.Circle]:
			wrong("seals", i, "circle", "seal %d belongs to circle %d, which is not listed", x.ID, x.Circle)
		case periods[period{x.Circle, x.Quarter}]:
			wrong("seals", i, "quarter", "circle %d has two seals for %s", x.Circle, x.Quarter)
		}
		periods[period{x.Circle, x.Quarter}] = true
	}
	return errors.Join(bad...)
}

// Accept decides whether next may replace current, which may be nil at the first time. If not, current is kept.
//
// Refused: a serial that does not grow (a rolled-back list would bring stolen keys back), and a number that changed its
// meaning: cards printed long ago still carry it.
func Accept(current, next *Network) error {
	if current == nil {
		return nil
	}
	if next.file.Serial <= current.file.Serial {
		return fault.Conflict(CodeNetworkBack, fmt.Sprintf("network file %d is not newer than %d, which is kept", next.file.Serial, current.file.Serial))
	}
	if next.file.Demo != current.file.Demo {
		return fault.Forbidden(CodeNetworkDemo, "a demonstration and a real network do not replace each other")
	}
	var bad []error
	changed := func(format string, args ...any) {
		bad = append(bad, fault.Conflict(CodeNetworkChange, fmt.Sprintf(format, args...)+"; the current file is kept"))
	}
	for _, x := range current.file.Issuers {
		if y, ok := next.issuers[x.Number]; ok && y.Code != x.Code {
			changed("issuer number %d was %s and became %s", x.Number, x.Code, y.Code)
		}
	}
	for _, x := range current.file.Keys {
		y, ok := next.keys[x.ID]
		if ok && (y.Issuer != x.Issuer || !bytes.Equal(y.Public, x.Public)) {
			changed("key id %s was given to another key", x.ID)
		}
		if ok && x.Status == Revoked && y.Status != Revoked {
			changed("revoked key %s came back", x.ID)
		}
	}
	for _, x := range current.file.Services {
		if y, ok := next.services[x.Number]; ok && y.Code != x.Code {
			changed("card number %d was %s and became %s", x.Number, x.Code, y.Code)
		}
	}
	for _, x := range current.file.Seals {
		if y, ok := next.seals[x.ID]; ok && y != x {
			changed("seal id %d was given to another key", x.ID)
		}
	}
	for _, x := range current.blocks {
		i := sort.Search(len(next.blocks), func(i int) bool { return next.blocks[i].Last >= x.First })
		for ; i < len(next.blocks) && next.blocks[i].First <= x.Last; i++ {
			if y := next.blocks[i]; x.Issuer != y.Issuer {
				changed("points of block %d-%d went from issuer %d to issuer %d", x.First, x.Last, x.Issuer, y.Issuer)
			}
		}
	}
	return errors.Join(bad...)
}
