package card

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"serai/internal/fault"
)

const (
	marksPurpose = "serai card marks/1"
	maxMarksFile = 64 << 20
)

// NetworkKey is a secret that all member nodes share (see [KeyBundle]): whoever finds a list of marks without it cannot
// tell which cards it speaks of.
type NetworkKey [32]byte

// Mark is HMAC(network key, cti), 16 bytes: how a print is named in lists.
type Mark [16]byte

// MarkOf returns the mark of a print.
func MarkOf(key NetworkKey, cti CTI) Mark { return keyed(key[:], "serai mark/1", cti[:]) }

// MarksFile lists prints that are no longer the newest, and prints that were taken, lost or misprinted.
type MarksFile struct {
	Format     uint16 `cbor:"1,keyasint"` // always 1; set by SignMarks
	Serial     uint64 `cbor:"2,keyasint"` // higher in every file, never goes back
	IssuedAt   int64  `cbor:"3,keyasint"` // seconds since 1970, UTC
	Demo       bool   `cbor:"4,keyasint"` // taken from the root
	Superseded []Mark `cbor:"5,keyasint"`
	Revoked    []Mark `cbor:"6,keyasint"`
}

// SignMarks sorts the lists and signs them in the name of a root.
func SignMarks(random io.Reader, file MarksFile, root RootSigner) ([]byte, error) {
	file.Format, file.Demo = 1, root.Demo
	file.Superseded, file.Revoked = sortedMarks(file.Superseded), sortedMarks(file.Revoked)
	if err := file.check(); err != nil {
		return nil, err
	}
	payload, err := cborWriter.Marshal(file)
	if err != nil {
		return nil, fault.Invalidf(CodeMarksBad, "marks cannot be written: %v", err)
	}
	return root.sign(random, payload, marksPurpose)
}

// ParseMarks verifies a list of marks against the pinned roots. Use [AcceptMarks] before it replaces another one.
func ParseMarks(data []byte, pins Pins) (MarksFile, error) {
	if len(data) > maxMarksFile {
		return MarksFile{}, fault.Invalidf(CodeMarksBad, "list of marks has %d bytes; %d are allowed", len(data), maxMarksFile)
	}
	payload, by, err := pins.open(data, marksPurpose)
	if err != nil {
		return MarksFile{}, asFault(CodeMarksBad, "list of marks", err)
	}
	var file MarksFile
	if err := decodeExact(payload, 2, &file); err != nil {
		return MarksFile{}, asFault(CodeMarksBad, "list of marks", err)
	}
	if file.Demo != by.Demo {
		return MarksFile{}, fault.Forbidden(CodeNetworkDemo, "the demonstration mark of the list and of its root differ")
	}
	return file, file.check()
}

// AcceptMarks decides whether next may replace current: the serial must grow. If not, current is kept.
func AcceptMarks(current, next MarksFile) error {
	if next.Serial <= current.Serial {
		return fault.Conflict(CodeMarksBack, fmt.Sprintf("list of marks %d is not newer than %d, which is kept", next.Serial, current.Serial))
	}
	return nil
}

func (f MarksFile) check() error {
	switch {
	case f.Format != 1:
		return fault.Invalidf(CodeMarksBad, "list of marks has format %d, this program reads 1; update the program", f.Format)
	case f.Serial == 0:
		return fault.Field("serial", CodeMarksBad, "the serial starts at 1 and grows with every file")
	}
	for name, list := range map[string][]Mark{"superseded": f.Superseded, "revoked": f.Revoked} {
		for i := 1; i < len(list); i++ {
			if bytes.Compare(list[i-1][:], list[i][:]) >= 0 {
				return fault.Field(fmt.Sprintf("%s[%d]", name, i), CodeMarksBad, "marks stand in order, each once")
			}
		}
	}
	return nil
}

func compareMarks(a, b Mark) int { return bytes.Compare(a[:], b[:]) }

func sortedMarks(list []Mark) []Mark {
	list = fresh(list)
	slices.SortFunc(list, compareMarks)
	return slices.Compact(list)
}

// Marks answers whether a print is marked. It is never changed; a nil *Marks knows none.
type Marks struct {
	key        NetworkKey
	superseded []Mark
	revoked    []Mark
}

// NewMarks joins lists: the signed file, and what this node or sync added since.
func NewMarks(key NetworkKey, files ...MarksFile) *Marks {
	m := &Marks{key: key}
	for _, f := range files {
		m.superseded = append(m.superseded, f.Superseded...)
		m.revoked = append(m.revoked, f.Revoked...)
	}
	m.superseded, m.revoked = sortedMarks(m.superseded), sortedMarks(m.revoked)
	return m
}

func (m *Marks) warn(r *Reading) {
	if m == nil {
		return
	}
	mark := MarkOf(m.key, r.CTI)
	if _, hit := slices.BinarySearchFunc(m.superseded, mark, compareMarks); hit {
		r.warn(WarnSuperseded)
	}
	if _, hit := slices.BinarySearchFunc(m.revoked, mark, compareMarks); hit {
		r.warn(WarnRevoked)
	}
}
