package card

import (
	"crypto/hmac"
	"crypto/sha256"
	"math"

	"serai/internal/fault"
)

// RecogniseKey is how an organisation stores a lineage: an HMAC under a secret of its own (32 random bytes). The same
// person is recognised after others re-issued her card, and tables of two organisations do not join.
func RecogniseKey(orgKey []byte, lineage Lineage) [16]byte {
	return keyed(orgKey, "serai lineage/1", lineage[:])
}

func keyed(key []byte, purpose string, value []byte) [16]byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(purpose))
	h.Write(value)
	return [16]byte(h.Sum(nil))
}

// Seen adds what a node remembers of the card's lineage: the highest sequence seen there. A later print is out; it may
// have been lost and replaced, copied, or two people hold one card. Staff decide.
func (r Reading) Seen(highest uint16) Reading {
	if r.State == Verified && r.History == HistoryOpen && highest > r.Sequence {
		r.Warnings = append([]Warning(nil), r.Warnings...)
		r.warn(WarnNewerSeen)
	}
	return r
}

func next(sequence uint16) (uint16, error) {
	if sequence >= math.MaxUint16-1 {
		return 0, fault.Conflict(CodeSequenceSpent, "this card was printed too often; issue a new one")
	}
	return sequence + 1, nil
}
