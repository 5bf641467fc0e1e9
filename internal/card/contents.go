package card

import "errors"

const (
	maxIssuer    = 1<<12 - 1
	maxValidity  = 1<<10 - 1 // days from issue to expiry
	contentsHead = 11
)

// Lineage is kept by every re-issue of a card, by whichever organisation. It names nobody, yet it follows one person
// along the whole route: it is never stored or shown as it is, see [RecogniseKey].
type Lineage [8]byte

// CTI is the random id of one print. Every print has a new one, slips included.
type CTI [16]byte

// contents is what stands inside the seal.
type contents struct {
	Issuer  uint16 // number of the organisation that signed, 1..4095
	Issued  Day
	Lineage Lineage
	Slip    bool    // one entry, to be merged at the next print
	NoFile  bool    // given to somebody without a file
	Entries []Entry // oldest first, at most 20
}

// append writes the contents for a card that expires on the given day:
//
//	bytes 0-7   lineage
//	bytes 8-10  slip (1 bit), no file (1), days from issue to expiry (10), issuer (12)
//	then        5, 10 or 20 entries of 7 bytes; all zero from the first unused one on
//
// The day of issue is counted back from the expiry, which is signed anyway: that saves the byte by which a full card
// would need the next larger QR version. Service 0 does not exist, so a zero entry can only be padding.
func (c contents) append(dst []byte, expires Day) []byte {
	head := uint32(expires-c.Issued)<<12 | uint32(c.Issuer)
	if c.Slip {
		head |= 1 << 23
	}
	if c.NoFile {
		head |= 1 << 22
	}
	dst = append(dst, c.Lineage[:]...)
	dst = append(dst, byte(head>>16), byte(head>>8), byte(head))
	for _, e := range c.Entries {
		dst = e.append(dst)
	}
	return append(dst, make([]byte, (padded(len(c.Entries))-len(c.Entries))*entrySize)...)
}

var errContents = errors.New("sealed contents do not have the form of a card")

func parseContents(b []byte, expires Day) (contents, error) {
	slots := (len(b) - contentsHead) / entrySize
	if len(b) < contentsHead || (len(b)-contentsHead)%entrySize != 0 || padded(slots) != slots || slots == 0 {
		return contents{}, errContents
	}
	head := uint32(b[8])<<16 | uint32(b[9])<<8 | uint32(b[10])
	days := Day(head >> 12 & maxValidity)
	c := contents{
		Issuer:  uint16(head & maxIssuer),
		Slip:    head&(1<<23) != 0,
		NoFile:  head&(1<<22) != 0,
		Lineage: Lineage(b[:8]),
	}
	if days == 0 || days > expires || c.Issuer == 0 {
		return contents{}, errContents
	}
	c.Issued = expires - days
	c.Entries = make([]Entry, 0, slots)
	for rest := b[contentsHead:]; len(rest) > 0; rest = rest[entrySize:] {
		if [entrySize]byte(rest) == [entrySize]byte{} {
			for _, x := range rest {
				if x != 0 {
					return contents{}, errContents // an entry behind the padding
				}
			}
			break
		}
		e := unpackEntry(rest)
		if e.Service == 0 || e.Quantity == 0 {
			return contents{}, errContents
		}
		c.Entries = append(c.Entries, e)
	}
	if padded(len(c.Entries)) != slots || c.Slip && len(c.Entries) != 1 {
		return contents{}, errContents
	}
	return c, nil
}
