package backup

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/seal"
)

// magic begins the plain stream. The number is that of the format.
const magic = "serai-backup/1\n"

// frameMost bounds what is allocated for a frame. Rows are gathered into frames of about rowsAtOnce bytes.
const (
	frameMost  = 32 << 20
	rowsAtOnce = 256 << 10
	rowsMost   = 2000
)

// The kinds of frames.
const (
	frameHeader  = 'H'
	frameLedger  = 'L'
	frameKeyring = 'K'
	frameTable   = 'T'
	frameRows    = 'R'
	frameTrailer = 'Z'
)

// Header says what a backup is.
type Header struct {
	_          struct{}    `cbor:",toarray"`
	ID         fact.NodeID // of this backup: random
	Node       fact.NodeID
	Public     []byte // the node's Ed25519 key
	Made       int64  // unix milliseconds
	Engine     string
	Migrations []string // those that were applied, in order
	Ledger     seal.LedgerPosition
}

type table struct {
	_       struct{} `cbor:",toarray"`
	Name    string
	Columns []string
}

type tableRows struct {
	_    struct{} `cbor:",toarray"`
	Name string
	Rows uint64
}

type trailer struct {
	_         struct{} `cbor:",toarray"`
	Tables    []tableRows
	Hash      fact.Hash
	Signature []byte
}

func (t trailer) text() ([]byte, error) {
	b, err := fact.Encode(t.Tables)
	if err != nil {
		return nil, err
	}
	return append(append([]byte("serai/backup-trailer/1"), t.Hash[:]...), b...), nil
}

// writer puts frames into the encrypted stream.
type writer struct {
	sealed io.WriteCloser
	packed *zstd.Encoder
	hash   hash.Hash
	err    error
}

func newWriter(w io.Writer, to ...age.Recipient) (*writer, error) {
	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return nil, err
	}
	packed, err := zstd.NewWriter(sealed, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	if err != nil {
		return nil, err
	}
	x := &writer{sealed: sealed, packed: packed, hash: sha256.New()}
	x.write([]byte(magic))
	return x, x.err
}

func (w *writer) write(b []byte) {
	if w.err == nil {
		w.hash.Write(b)
		_, w.err = w.packed.Write(b)
	}
}

func (w *writer) bytes(kind byte, b []byte) error {
	if len(b) > frameMost {
		return fmt.Errorf("backup: a frame of %d bytes", len(b))
	}
	var head [5]byte
	head[0] = kind
	binary.BigEndian.PutUint32(head[1:], uint32(len(b)))
	w.write(head[:])
	w.write(b)
	return w.err
}

func (w *writer) value(kind byte, v any) error {
	b, err := fact.Encode(v)
	if err != nil {
		return err
	}
	return w.bytes(kind, b)
}

func (w *writer) close() error {
	return errors.Join(w.err, w.packed.Close(), w.sealed.Close())
}

// errBroken is the answer to every backup that is not what was written, wherever that shows.
var errBroken = fault.Invalid("backup.broken", "this backup is damaged or incomplete; nothing was changed; use another copy or an older backup")

var errWrongIdentity = fault.Field("identity", "backup.wrong_identity", "this recovery identity does not open the backup; use the sheet that was printed for this node")

// reader takes frames out of the encrypted stream.
type reader struct {
	plain  *bufio.Reader
	packed *zstd.Decoder
	hash   hash.Hash
}

func newReader(r io.Reader, as age.Identity) (*reader, error) {
	opened, err := age.Decrypt(r, as)
	if err != nil {
		var no *age.NoIdentityMatchError
		if errors.As(err, &no) {
			return nil, errWrongIdentity
		}
		return nil, errBroken
	}
	packed, err := zstd.NewReader(opened, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return nil, errBroken
	}
	x := &reader{plain: bufio.NewReaderSize(packed, 64<<10), packed: packed, hash: sha256.New()}
	b := make([]byte, len(magic))
	if _, err := io.ReadFull(x.plain, b); err != nil {
		x.close()
		return nil, errBroken
	}
	if string(b) != magic {
		x.close()
		if string(b[:13]) == magic[:13] {
			return nil, fault.Invalid("backup.newer", "this backup was written by a newer program; restore it with that one")
		}
		return nil, errBroken
	}
	x.hash.Write(b)
	return x, nil
}

func (r *reader) close() { r.packed.Close() }

// next returns the next frame. before is the hash of all that stood before it.
func (r *reader) next() (kind byte, body []byte, before fact.Hash, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r.plain, head[:]); err != nil {
		return 0, nil, before, errBroken
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > frameMost {
		return 0, nil, before, errBroken
	}
	body = make([]byte, n)
	if _, err := io.ReadFull(r.plain, body); err != nil {
		return 0, nil, before, errBroken
	}
	r.hash.Sum(before[:0])
	r.hash.Write(head[:])
	r.hash.Write(body)
	return head[0], body, before, nil
}

// end sees that nothing follows the trailer, and that the cipher's own end is there.
func (r *reader) end() error {
	if _, err := r.plain.ReadByte(); err != io.EOF {
		return errBroken
	}
	return nil
}
