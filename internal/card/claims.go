package card

import (
	"github.com/fxamacker/cbor/v2"
)

const (
	// Prefix starts every card text.
	Prefix = "AC1:"

	// MaxText is the longest text that is looked at, in characters. A full card has 426.
	MaxText = 700

	cardFormat  = 1
	cardPurpose = "" // a card is a plain COSE_Sign1; everything else signed here names its purpose
)

// claims are the open part of a card: all that a stranger can read.
type claims struct {
	Expires uint64 `cbor:"4,keyasint"` // seconds since 1970, the start of a quarter
	CTI     []byte `cbor:"7,keyasint"` // 16 bytes
	Body    body   `cbor:"-65537,keyasint"`
}

type body struct {
	_        struct{} `cbor:",toarray"`
	Format   uint8
	Sequence uint16
	Seal     SealID
	Sealed   []byte
}

func parseClaims(payload []byte) (c claims, expires Day, err error) {
	if err := canonical(payload, 2); err != nil {
		return claims{}, 0, err
	}
	var frame struct {
		Expires cbor.RawMessage `cbor:"4,keyasint"`
		CTI     cbor.RawMessage `cbor:"7,keyasint"`
		Body    cbor.RawMessage `cbor:"-65537,keyasint"`
	}
	if err := cborReader.Unmarshal(payload, &frame); err != nil {
		return claims{}, 0, err
	}
	if later(frame.Body) {
		return claims{}, 0, errFormat
	}
	if err := decodeExact(payload, 2, &c); err != nil {
		return claims{}, 0, err
	}
	day := c.Expires / secondsPerDay
	if c.Expires%secondsPerDay != 0 || day > uint64(^Day(0)) || Day(day).Quarter().Start() != Day(day) {
		return claims{}, 0, errClaims
	}
	if len(c.CTI) != len(CTI{}) || c.Body.Format != cardFormat || c.Body.Sequence == 0 {
		return claims{}, 0, errClaims
	}
	return c, Day(day), nil
}

// later says whether the private claim starts with a format number of a later program.
func later(b []byte) bool {
	major, n, rest, err := cborHead(b)
	if err != nil || major != 4 || n == 0 {
		return false
	}
	major, n, _, err = cborHead(rest)
	return err == nil && major == 0 && n > cardFormat
}
