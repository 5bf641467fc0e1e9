package card

import (
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"slices"
	"time"

	"serai/internal/fault"
)

const (
	// SealKeptDays is how long a seal key is kept after its quarter.
	SealKeptDays = 180

	sealKeySize = 32
	// Twelve bytes, the shortest NIST SP 800-38D allows for general use. What stops forgers is the signature around the
	// sealed bytes; this tag only has to tell a wrong key. Sixteen would need the next larger QR version.
	sealTagSize = 12
	nonceSize   = 12
)

// SealKey opens the history of all cards of one circle and quarter. The desk's most dangerous secret: see doc.go.
type SealKey struct {
	_       struct{} `cbor:",toarray"`
	ID      SealID
	Circle  uint16
	Quarter Quarter
	Key     [sealKeySize]byte
}

// keptUntil returns the first day on which the key must be gone.
func (k SealKey) keptUntil() Day { return k.Quarter.End() + SealKeptDays }

// SealKeys are the seal keys a node holds. It is never changed; a nil *SealKeys holds none.
type SealKeys struct {
	held map[SealID]heldKey
	gone map[SealID]SealNotice
}

type heldKey struct {
	SealKey
	aead cipher.AEAD
}

// NewSealKeys makes the set ready to use. gone names keys that were held and destroyed, so that their cards are
// recognised as old; see [SealKeys.Expired].
func NewSealKeys(keys []SealKey, gone ...SealNotice) (*SealKeys, error) {
	s := &SealKeys{held: make(map[SealID]heldKey, len(keys)), gone: make(map[SealID]SealNotice, len(gone))}
	for _, k := range keys {
		if old, ok := s.held[k.ID]; ok && old.SealKey != k {
			return nil, fault.Invalidf(CodeKeysBad, "two different seal keys carry the id %d; ask the network's office", k.ID)
		}
		block, err := aes.NewCipher(k.Key[:])
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithTagSize(block, sealTagSize)
		if err != nil {
			return nil, err
		}
		s.held[k.ID] = heldKey{k, aead}
	}
	for _, n := range gone {
		s.gone[n.ID] = n
	}
	return s, nil
}

// Current returns the key to seal with in a circle at now.
func (s *SealKeys) Current(circle uint16, now time.Time) (SealID, error) {
	quarter := DayOf(now).Quarter()
	if s != nil {
		var found []SealID
		for id, k := range s.held {
			if k.Circle == circle && k.Quarter == quarter {
				found = append(found, id)
			}
		}
		if len(found) > 0 {
			return slices.Min(found), nil
		}
	}
	return 0, fault.NotFound(CodeNoSealKey, "no seal key of this circle for "+quarter.String()+" is here; fetch the key bundle of the network's office")
}

// Expired returns which held keys must be destroyed at now. The caller drops them from its store and passes the notices
// to [NewSealKeys] from then on.
func (s *SealKeys) Expired(now time.Time) []SealNotice {
	var out []SealNotice
	if s == nil {
		return nil
	}
	today := DayOf(now)
	for _, k := range s.held {
		if k.keptUntil() <= today {
			out = append(out, SealNotice{ID: k.ID, Circle: k.Circle, Quarter: k.Quarter})
		}
	}
	slices.SortFunc(out, func(a, b SealNotice) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// find looks a key up. Without one it says why the history stays closed.
func (s *SealKeys) find(id SealID, expires Day, n *Network, now time.Time) (heldKey, History) {
	today := DayOf(now)
	var notice SealNotice
	known := false
	if s != nil {
		if k, ok := s.held[id]; ok {
			if k.keptUntil() <= today {
				return heldKey{}, HistoryOlderKey // due for destruction, only not done yet
			}
			return k, HistoryOpen
		}
		notice, known = s.gone[id]
	}
	if !known && n != nil {
		notice, known = n.seals[id]
	}
	if !known {
		// New ids reach a node late, old ones it once knew; only a card long past its expiry can predate the lists.
		if expires.Quarter().End()+SealKeptDays <= today {
			return heldKey{}, HistoryOlderKey
		}
		return heldKey{}, HistoryNewerKey
	}
	if (SealKey{Quarter: notice.Quarter}).keptUntil() <= today {
		return heldKey{}, HistoryOlderKey
	}
	member, oldest := s == nil || len(s.held) == 0, Quarter(0) // without any key the first bundle is still to come
	if s != nil {
		for _, k := range s.held {
			if k.Circle == notice.Circle && (!member || k.Quarter < oldest) {
				member, oldest = true, k.Quarter
			}
		}
	}
	switch {
	case !member:
		return heldKey{}, HistoryOtherCircle
	case notice.Quarter < oldest:
		return heldKey{}, HistoryOlderKey
	}
	return heldKey{}, HistoryNewerKey
}

// bound returns what the sealed bytes are tied to: lifted into another card, under another signature, they do not open.
func bound(kid KeyID, c claims) []byte {
	out := append(make([]byte, 0, 48), "serai card/1"...)
	out = append(out, kid[:]...)
	out = append(out, c.CTI...)
	out = binary.BigEndian.AppendUint64(out, c.Expires)
	out = binary.BigEndian.AppendUint16(out, c.Body.Sequence)
	return binary.BigEndian.AppendUint16(out, uint16(c.Body.Seal))
}
