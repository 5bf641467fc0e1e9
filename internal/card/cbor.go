package card

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"
)

// One meaning, one byte string: everything this room signs is RFC 8949 core deterministic CBOR, and everything it
// reads must be.
var (
	cborWriter = must(cbor.CoreDetEncOptions().EncMode())
	cborReader = must(cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		UTF8:              cbor.UTF8RejectInvalid,
		MaxNestedLevels:   8,
		MaxArrayElements:  1 << 20,
		MaxMapPairs:       1 << 10,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // fixed options: can only fail at start, on the developer's machine
	}
	return v
}

var (
	errNotCanonical = errors.New("not deterministic CBOR")
	errTruncated    = errors.New("CBOR ends too early")
	errTrailing     = errors.New("bytes after the end of the CBOR")
	errNested       = errors.New("CBOR nested too deeply")
)

// decodeExact decodes data into v and demands that v encodes to the very same bytes. The walk before it allocates
// nothing, so lengths that lie and nests that do not end are refused before a decoder believes them.
func decodeExact(data []byte, depth int, v any) error {
	if err := canonical(data, depth); err != nil {
		return err
	}
	if err := cborReader.Unmarshal(data, v); err != nil {
		return err
	}
	again, err := cborWriter.Marshal(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, data) {
		return errNotCanonical // a field left out, or written in another type
	}
	return nil
}

// canonical checks that data is one item of core deterministic CBOR: definite and shortest lengths, map keys unique and
// in bytewise order, no tags, no floats, no undefined, nothing behind it, at most depth containers inside each other.
func canonical(data []byte, depth int) error {
	rest, err := canonicalItem(data, depth)
	if err == nil && len(rest) > 0 {
		err = errTrailing
	}
	return err
}

func canonicalItem(data []byte, depth int) (rest []byte, err error) {
	major, n, rest, err := cborHead(data)
	if err != nil {
		return nil, err
	}
	switch major {
	case 0, 1: // integers
		return rest, nil
	case 2, 3: // byte and text strings
		if n > uint64(len(rest)) {
			return nil, errTruncated
		}
		if major == 3 && !utf8.Valid(rest[:n]) {
			return nil, errNotCanonical
		}
		return rest[n:], nil
	case 4, 5: // arrays and maps
		if depth == 0 {
			return nil, errNested
		}
		if n > uint64(len(rest)) { // every element takes at least a byte
			return nil, errTruncated
		}
		var last []byte
		for range n {
			key := rest
			if rest, err = canonicalItem(rest, depth-1); err != nil {
				return nil, err
			}
			if major == 4 {
				continue
			}
			key = key[:len(key)-len(rest)]
			if last != nil && bytes.Compare(last, key) >= 0 {
				return nil, errNotCanonical
			}
			last = key
			if rest, err = canonicalItem(rest, depth-1); err != nil {
				return nil, err
			}
		}
		return rest, nil
	case 7:
		if n == 20 || n == 21 { // false, true
			return rest, nil
		}
	}
	return nil, errNotCanonical
}

func cborHead(data []byte) (major byte, n uint64, rest []byte, err error) {
	if len(data) == 0 {
		return 0, 0, nil, errTruncated
	}
	major, info, rest := data[0]>>5, data[0]&31, data[1:]
	if info < 24 {
		return major, uint64(info), rest, nil
	}
	size := 1 << (info - 24)
	if info > 27 || major == 7 {
		return 0, 0, nil, errNotCanonical
	}
	if len(rest) < size {
		return 0, 0, nil, errTruncated
	}
	var wide [8]byte
	copy(wide[8-size:], rest)
	n = binary.BigEndian.Uint64(wide[:])
	if least := [...]uint64{24, 1 << 8, 1 << 16, 1 << 32}[info-24]; n < least {
		return 0, 0, nil, errNotCanonical
	}
	return major, n, rest[size:], nil
}
