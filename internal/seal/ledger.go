package seal

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"serai/internal/fact"
	"serai/internal/fault"
)

// LedgerName is the file's name in the data directory.
const LedgerName = "erasures"

// Ledger is the list of the persons whom this node has erased, in a file of its own beside the database. A backup that
// is older than an erasure still holds the person; whoever restores it needs a ledger that is newer, so that she is
// erased again. The file is therefore copied to where backups are not, and it never goes backwards: lines are only
// added, each is durable before Append returns, and each carries the hash of all before it.
//
// The file is text, so that an operator can read which one is newer:
//
//	serai-erasures/1 <node> <public key of the node>
//	<number> <time> erased <person> <hash>
//	<number> <time> backup <id of the backup> <hash>
//	<number> <time> restored <id of the backup> <hash>
//	<number> <time> waived <id of the backup> <signed statement> <hash>
//
// Persons stand in it by their ids, which say nothing without the database.
type Ledger struct {
	path string
	now  func() time.Time

	mu      sync.Mutex
	head    []byte // the first line
	entries []LedgerEntry
	size    int64 // of the file that says this
	erased  map[fact.PersonID]bool
}

// LedgerEntry is one line.
type LedgerEntry struct {
	N      uint64
	At     time.Time
	What   string // erased, backup, restored, waived
	ID     string // of the person or the backup
	Signed string // of a waiver: who, why, and the node's signature; empty otherwise
	Hash   fact.Hash
}

// LedgerPosition is the end of a ledger at some time: how many lines it had, and the hash over them.
type LedgerPosition struct {
	_    struct{} `cbor:",toarray"`
	N    uint64
	Hash fact.Hash
}

const ledgerHead = "serai-erasures/1"

func badLedger(line int, what string) error {
	return fault.Invalidf("seal.ledger_broken", "the erasure ledger cannot be trusted: line %d %s; use another copy of it", line, what)
}

// OpenLedger opens the ledger of the node whose keyring is ring in dir, and makes an empty one where there is none. A
// last line that a power cut left unfinished is removed: what it said was never acknowledged.
func OpenLedger(dir string, ring *Keyring, now func() time.Time) (*Ledger, error) {
	path := filepath.Join(dir, LedgerName)
	b, err := os.ReadFile(path)
	switch {
	case os.IsNotExist(err):
		l, err := newLedger(ring.Node(), ring.Public())
		if err != nil {
			return nil, err
		}
		l.path, l.now = path, now
		return l, WriteFile(path, append(l.head, '\n'))
	case err != nil:
		return nil, err
	}
	if end := bytes.LastIndexByte(b, '\n') + 1; end < len(b) {
		if err := os.Truncate(path, int64(end)); err != nil {
			return nil, err
		}
		b = b[:end]
	}
	l, err := ReadLedger(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	if node, _ := l.Owner(); node != ring.Node() {
		return nil, fault.Conflict("seal.ledger_of_other", "the erasure ledger in this data directory belongs to another node; put the right one back")
	}
	l.path, l.now = path, now
	return l, nil
}

func newLedger(node fact.NodeID, public ed25519.PublicKey) (*Ledger, error) {
	head := fmt.Sprintf("%s %s %s", ledgerHead, node, base64.RawURLEncoding.EncodeToString(public))
	return ReadLedger(strings.NewReader(head + "\n"))
}

// ReadLedger reads a ledger and sees that every line follows from those before it.
func ReadLedger(r io.Reader) (*Ledger, error) {
	l := &Ledger{erased: map[fact.PersonID]bool{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 4096)
	for n := 0; lines.Scan(); n++ {
		if n == 0 {
			l.head = slices.Clone(lines.Bytes())
			l.size = int64(len(l.head)) + 1
			if _, public := l.Owner(); public == nil {
				return nil, badLedger(1, "is not the head of a ledger")
			}
			continue
		}
		e, err := parseEntry(lines.Text(), n+1)
		if err != nil {
			return nil, err
		}
		if e.N != uint64(n) {
			return nil, badLedger(n+1, fmt.Sprintf("has the number %d, want %d: lines are missing", e.N, n))
		}
		if e.Hash != l.next(e) {
			return nil, badLedger(n+1, "does not follow from the lines before it: something was altered")
		}
		if err := l.add(e); err != nil {
			return nil, badLedger(n+1, "names no person")
		}
	}
	if err := lines.Err(); err != nil {
		return nil, badLedger(len(l.entries)+2, "is too long")
	}
	if l.head == nil {
		return nil, badLedger(1, "is missing")
	}
	return l, nil
}

func parseEntry(line string, n int) (LedgerEntry, error) {
	var e LedgerEntry
	f := strings.Split(line, " ")
	want := 5
	if len(f) > 2 && f[2] == "waived" {
		want = 6
	}
	if len(f) != want {
		return e, badLedger(n, "is incomplete")
	}
	at, err := time.Parse(time.RFC3339, f[1])
	if err != nil {
		return e, badLedger(n, "has no time")
	}
	if _, err := fmt.Sscanf(f[0], "%d", &e.N); err != nil || fmt.Sprint(e.N) != f[0] {
		return e, badLedger(n, "has no number")
	}
	e.At, e.What, e.ID = at, f[2], f[3]
	if len(f) == 6 {
		e.Signed = f[4]
	}
	if b, err := hex.DecodeString(f[len(f)-1]); err != nil || copy(e.Hash[:], b) != 32 {
		return e, badLedger(n, "has no hash")
	}
	if fmt.Sprintf("%s %x", e.text(), e.Hash[:]) != line {
		return e, badLedger(n, "is not written as this program writes it")
	}
	if !slices.Contains([]string{"erased", "backup", "restored", "waived"}, e.What) {
		return e, badLedger(n, "says what this program does not know; use the program that wrote it, or a newer one")
	}
	return e, nil
}

func (e LedgerEntry) text() string {
	s := fmt.Sprintf("%d %s %s %s", e.N, e.At.UTC().Format(time.RFC3339), e.What, e.ID)
	if e.Signed != "" {
		s += " " + e.Signed
	}
	return s
}

// next is the hash of a line after those that are there.
func (l *Ledger) next(e LedgerEntry) fact.Hash {
	before := l.end().Hash
	return sha256.Sum256(slices.Concat(before[:], []byte(e.text())))
}

func (l *Ledger) end() LedgerPosition {
	if n := len(l.entries); n > 0 {
		return LedgerPosition{N: uint64(n), Hash: l.entries[n-1].Hash}
	}
	return LedgerPosition{Hash: sha256.Sum256(l.head)}
}

func (l *Ledger) add(e LedgerEntry) error {
	if e.What == "erased" {
		p, err := personID(e.ID)
		if err != nil {
			return err
		}
		l.erased[p] = true
	}
	l.entries = append(l.entries, e)
	l.size += int64(len(e.text())) + 1 + 2*int64(len(e.Hash)) + 1
	return nil
}

func personID(s string) (id fact.PersonID, err error) {
	if err = id.UnmarshalText([]byte(s)); err == nil && id.IsZero() {
		err = fmt.Errorf("no person")
	}
	return id, err
}

// write adds a line; it is durable when write returns. The caller holds the lock.
func (l *Ledger) write(at time.Time, what, id, signed string) error {
	e := LedgerEntry{N: uint64(len(l.entries)) + 1, At: at.UTC().Truncate(time.Second), What: what, ID: id, Signed: signed}
	e.Hash = l.next(e)
	f, err := os.OpenFile(l.path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("write the erasure ledger: %w", err)
	}
	defer f.Close()
	// A line that failed half-way is overwritten, so that the chain has no scar.
	if st, err := f.Stat(); err != nil || st.Size() < l.size {
		return fault.Conflict("seal.ledger_broken", "the erasure ledger became shorter while the program ran; put the newest copy back and start again")
	}
	line := fmt.Sprintf("%s %x\n", e.text(), e.Hash[:])
	if err = f.Truncate(l.size); err == nil {
		if _, err = f.WriteAt([]byte(line), l.size); err == nil {
			err = f.Sync()
		}
	}
	if err != nil {
		_ = f.Truncate(l.size)
		return fmt.Errorf("write the erasure ledger: %w", FullDisk(err))
	}
	return l.add(e)
}

// Append says that a person is being erased, before the erasure commits: a ledger that names one too many costs a file
// on a restore, one too few brings somebody back. A person who stands in it already is not written again.
func (l *Ledger) Append(person fact.PersonID, at time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.erased[person] {
		return nil
	}
	return l.write(at, "erased", person.String(), "")
}

// Mark says that a backup is being made and returns the position that it carries: only a ledger with this line in it is
// at least as new as the backup.
func (l *Ledger) Mark(backup string) (LedgerPosition, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.write(l.now(), "backup", backup, "")
	return l.end(), err
}

// Restored says that a backup was restored under this ledger.
func (l *Ledger) Restored(backup string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.write(l.now(), "restored", backup, "")
}

// Waived says that a backup was restored without a newer ledger, and who answers for that and why.
func (l *Ledger) Waived(backup, by, reason string, sign ed25519.PrivateKey) error {
	if len(by) == 0 || len(by) > 200 || len(reason) == 0 || len(reason) > 1000 {
		return fault.Field("waiver", "seal.bad_waiver", "a waiver names who answers for it (at most 200 bytes) and why (at most 1000)")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	text, err := fact.Encode([]string{"serai/waiver/1", backup, by, reason, l.now().UTC().Format(time.RFC3339)})
	if err != nil {
		return err
	}
	return l.write(l.now(), "waived", backup, base64.RawURLEncoding.EncodeToString(append(ed25519.Sign(sign, text), text...)))
}

// Waiver is the statement of a waived entry, and false unless the node of this ledger signed it for that backup.
func (l *Ledger) Waiver(e LedgerEntry) (by, reason string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(e.Signed)
	_, public := l.Owner()
	if err != nil || len(b) < ed25519.SignatureSize || !ed25519.Verify(public, b[ed25519.SignatureSize:], b[:ed25519.SignatureSize]) {
		return "", "", false
	}
	var text []string
	if fact.Decode(b[ed25519.SignatureSize:], &text) != nil || len(text) != 5 || text[0] != "serai/waiver/1" || text[1] != e.ID {
		return "", "", false
	}
	return text[2], text[3], true
}

// Owner returns the node that the ledger belongs to and its public key, nil when the head cannot be read.
func (l *Ledger) Owner() (node fact.NodeID, public ed25519.PublicKey) {
	f := strings.Split(string(l.head), " ")
	if len(f) != 3 || f[0] != ledgerHead || node.UnmarshalText([]byte(f[1])) != nil {
		return node, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(f[2])
	if err != nil || len(b) != ed25519.PublicKeySize {
		return node, nil
	}
	return node, b
}

// Position returns where the ledger ends.
func (l *Ledger) Position() LedgerPosition {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.end()
}

// Entries returns every line.
func (l *Ledger) Entries() []LedgerEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

// Since returns the persons whom the ledger names after a position, and false when that position is not in it: it is
// older than the position, or another node's.
func (l *Ledger) Since(p LedgerPosition) (persons []fact.PersonID, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.holds(p) {
		return nil, false
	}
	for _, e := range l.entries[p.N:] {
		if id, err := personID(e.ID); err == nil && e.What == "erased" {
			persons = append(persons, id)
		}
	}
	return persons, true
}

func (l *Ledger) holds(p LedgerPosition) bool {
	switch {
	case p.N > uint64(len(l.entries)):
		return false
	case p.N == 0:
		return p.Hash == sha256.Sum256(l.head)
	}
	return p.Hash == l.entries[p.N-1].Hash
}

// Persons returns everybody whom the ledger names.
func (l *Ledger) Persons() []fact.PersonID {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]fact.PersonID, 0, len(l.erased))
	for p := range l.erased {
		out = append(out, p)
	}
	slices.SortFunc(out, fact.PersonID.Compare)
	return out
}

// Verify reads the file again and compares it with what is in memory.
func (l *Ledger) Verify() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := os.Open(l.path)
	if err != nil {
		return err
	}
	defer f.Close()
	there, err := ReadLedger(f)
	if err != nil {
		return err
	}
	if !bytes.Equal(there.head, l.head) || there.end() != l.end() {
		return fault.Conflict("seal.ledger_broken", "the erasure ledger was changed by something else than this program; put the newest copy back and start again")
	}
	return nil
}

// CopyTo writes the ledger into a data directory that has none, where OpenLedger goes on with it.
func (l *Ledger) CopyTo(dir string) error {
	return WriteFile(filepath.Join(dir, LedgerName), l.Bytes())
}

// Bytes returns the ledger as it stands in its file.
func (l *Ledger) Bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := append(slices.Clone(l.head), '\n')
	for _, e := range l.entries {
		b = fmt.Appendf(b, "%s %x\n", e.text(), e.Hash[:])
	}
	return b
}
