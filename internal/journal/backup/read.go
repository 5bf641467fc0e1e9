package backup

import (
	"bytes"
	"crypto/ed25519"
	"io"
	"math"
	"slices"
	"time"

	"filippo.io/age"
	"github.com/fxamacker/cbor/v2"

	"serai/internal/fact"
	"serai/internal/seal"
)

// Content is what a backup says of itself once it was read to its end.
type Content struct {
	Backup  string         `json:"backup"` // its id
	Node    string         `json:"node"`
	Made    time.Time      `json:"made"`
	Engine  string         `json:"engine"`
	Rows    map[string]int `json:"rows"` // of every table
	Facts   int            `json:"facts"`
	Erased  int            `json:"erased"` // persons in its erasure ledger
	header  Header
	ledger  *seal.Ledger
	keyring []byte
}

var rowDecoding = func() cbor.DecMode {
	m, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 4, MaxArrayElements: 4096, MaxMapPairs: 16, UTF8: cbor.UTF8DecodeInvalid, IntDec: cbor.IntDecConvertSignedOrFail,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return m
}()

// read reads a backup to its end and returns what it holds, an error unless all of it is there as it was written. rows,
// which may be nil, is given every chunk of rows on the way: what it does must not last unless read succeeds.
func read(from io.Reader, as age.Identity, rows func(c *Content, t table, rows [][]any) error) (*Content, error) {
	r, err := newReader(from, as)
	if err != nil {
		return nil, err
	}
	defer r.close()
	c := &Content{Rows: map[string]int{}}
	for _, want := range []byte{frameHeader, frameLedger, frameKeyring} {
		kind, body, _, err := r.next()
		if err != nil || kind != want {
			return nil, errBroken
		}
		switch kind {
		case frameHeader:
			if err := fact.Decode(body, &c.header); err != nil || len(c.header.Public) != ed25519.PublicKeySize || c.header.Node.IsZero() {
				return nil, errBroken
			}
		case frameLedger:
			if c.ledger, err = seal.ReadLedger(bytes.NewReader(body)); err != nil {
				return nil, errBroken
			}
		case frameKeyring:
			c.keyring = body
		}
	}
	if node, public := c.ledger.Owner(); node != c.header.Node || !bytes.Equal(public, c.header.Public) || c.ledger.Position() != c.header.Ledger {
		return nil, errBroken
	}
	c.Backup, c.Node, c.Engine = c.header.ID.String(), c.header.Node.String(), c.header.Engine
	c.Made, c.Erased = time.UnixMilli(c.header.Made).UTC(), len(c.ledger.Persons())

	var now table
	var order []string
	for {
		kind, body, before, err := r.next()
		if err != nil {
			return nil, err
		}
		switch kind {
		case frameTable:
			now = table{}
			if err := fact.Decode(body, &now); err != nil || slices.Contains(order, now.Name) || len(now.Columns) == 0 {
				return nil, errBroken
			}
			order = append(order, now.Name)
		case frameRows:
			var chunk [][]any
			if err := rowDecoding.Unmarshal(body, &chunk); err != nil || now.Name == "" || len(chunk) == 0 {
				return nil, errBroken
			}
			for _, row := range chunk {
				if len(row) != len(now.Columns) || slices.ContainsFunc(row, foreign) {
					return nil, errBroken
				}
			}
			c.Rows[now.Name] += len(chunk)
			if rows != nil {
				if err := rows(c, now, chunk); err != nil {
					return nil, err
				}
			}
		case frameTrailer:
			var t trailer
			if err := fact.Decode(body, &t); err != nil || t.Hash != before {
				return nil, errBroken
			}
			text, err := t.text()
			if err != nil || !ed25519.Verify(c.header.Public, text, t.Signature) || len(t.Tables) != len(order) {
				return nil, errBroken
			}
			for i, x := range t.Tables {
				if x.Name != order[i] || x.Rows > math.MaxInt32 || int(x.Rows) != c.Rows[x.Name] {
					return nil, errBroken
				}
			}
			c.Facts = c.Rows["journal_fact"]
			return c, r.end()
		default:
			return nil, errBroken
		}
	}
}

// foreign tells whether a value is none that a table can hold.
func foreign(v any) bool {
	switch v.(type) {
	case nil, int64, float64, string, []byte:
		return false
	}
	return true
}

// Inspect reads a backup to its end without applying anything: the rehearsal of a restore.
func Inspect(from io.Reader, identity string) (*Content, error) {
	id, err := seal.ParseIdentity(identity)
	if err != nil {
		return nil, err
	}
	return read(from, id, nil)
}

func (c *Content) publicKey() ed25519.PublicKey { return c.header.Public }
