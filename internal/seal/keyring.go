package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"

	"serai/internal/fact"
	"serai/internal/fault"
)

// scryptWork is age's work factor for passphrases: 2^16 blocks, 64 MiB, about a third of a second on a small laptop.
const scryptWork = 16

// secrets is what the keyring file holds.
type secrets struct {
	Node        fact.NodeID         `cbor:"1,keyasint"`
	Incarnation [8]byte             `cbor:"2,keyasint"`
	Sign        []byte              `cbor:"3,keyasint"` // Ed25519 seed
	Box         []byte              `cbor:"4,keyasint"` // HPKE private key, X25519
	Database    [32]byte            `cbor:"5,keyasint"`
	Requests    [32]byte            `cbor:"6,keyasint"` // keys the hashes of idempotent requests
	Epoch       uint32              `cbor:"7,keyasint"` // the epoch under which keys are wrapped now
	Epochs      map[uint32][32]byte `cbor:"8,keyasint"` // more than one only while an erasure is under way
	Areas       map[string][]byte   `cbor:"9,keyasint"` // secrets of areas by name: the card signing key, lineage key
}

// Keyring is the open keyring of a node. Its methods may be called from any goroutine.
type Keyring struct {
	dir string

	mu     sync.RWMutex
	master [32]byte
	s      secrets
}

const (
	ringName   = "keyring"
	slotPrefix = "slot-"
	slotSuffix = ".age"
)

// Exists tells whether dir holds a keyring.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, ringName))
	return err == nil
}

// Create makes the keyring of a new node in dir. Nothing opens it again until a slot is added.
func Create(dir string) (*Keyring, error) {
	if Exists(dir) {
		return nil, fault.Conflict("seal.keyring_exists", "this data directory has a keyring already")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	k := &Keyring{dir: dir}
	box, err := hpke.DHKEM(ecdhCurve()).GenerateKey()
	if err != nil {
		return nil, err
	}
	boxBytes, err := box.Bytes()
	if err != nil {
		return nil, err
	}
	k.s = secrets{
		Sign: random(32), Box: boxBytes,
		Epoch: 1, Epochs: map[uint32][32]byte{1: [32]byte(random(32))},
		Areas: map[string][]byte{},
	}
	k.s.Node = fact.RandomNode()
	copy(k.s.Incarnation[:], random(8))
	copy(k.s.Database[:], random(32))
	copy(k.s.Requests[:], random(32))
	copy(k.master[:], random(32))
	return k, k.save()
}

func random(n int) []byte {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic("seal: no randomness: " + err.Error())
	}
	return b
}

func (k *Keyring) save() error {
	plain, err := fact.Encode(k.s)
	if err != nil {
		return err
	}
	aead, err := chacha20poly1305.NewX(k.master[:])
	if err != nil {
		return err
	}
	nonce := random(aead.NonceSize())
	sealed := aead.Seal(append([]byte("SKR1"), nonce...), nonce, plain, []byte("serai/keyring/1"))
	return WriteFile(filepath.Join(k.dir, ringName), sealed)
}

// WriteFile replaces a file as a whole, durable before it returns: after a power cut it is the old one or the new one.
func WriteFile(path string, content []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if e := f.Sync(); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(path + ".new")
		return FullDisk(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	if d, err := os.Open(filepath.Dir(path)); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
	return nil
}

// FullDisk says of a file error that the disk is full, as the store says it of its own files; other errors stay.
func FullDisk(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.Conflict("store.disk_full", "the disk is full; nothing was changed; free space and try again")
	}
	return err
}

func load(dir string, master [32]byte) (*Keyring, error) {
	b, err := os.ReadFile(filepath.Join(dir, ringName))
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(master[:])
	if err != nil {
		return nil, err
	}
	broken := fault.Invalid("seal.keyring_broken", "the keyring file is damaged; restore it from the recovery sheet's backup")
	if len(b) < 4+aead.NonceSize() || string(b[:4]) != "SKR1" {
		return nil, broken
	}
	nonce := b[4 : 4+aead.NonceSize()]
	plain, err := aead.Open(nil, nonce, b[4+len(nonce):], []byte("serai/keyring/1"))
	if err != nil {
		return nil, broken
	}
	k := &Keyring{dir: dir, master: master}
	if err := fact.Decode(plain, &k.s); err != nil {
		return nil, err
	}
	if k.s.Areas == nil {
		k.s.Areas = map[string][]byte{}
	}
	return k, nil
}

var slotName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// AddPassphrase adds a slot that a passphrase opens. A passphrase has at least 12 characters.
func (k *Keyring) AddPassphrase(name, passphrase string) error {
	if len([]rune(passphrase)) < 12 {
		return fault.Field("passphrase", "seal.passphrase_short", "a passphrase has at least 12 characters; four words are good")
	}
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return err
	}
	r.SetWorkFactor(scryptWork)
	return k.addSlot(name, r)
}

// AddRecipient adds a slot that the holder of an age identity opens: a key file, or the recovery sheet.
func (k *Keyring) AddRecipient(name, recipient string) error {
	r, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return fault.Field("recipient", "seal.bad_recipient", "a recipient begins with age1")
	}
	return k.addSlot(name, r)
}

func (k *Keyring) addSlot(name string, r age.Recipient) error {
	if !slotName.MatchString(name) {
		return fault.Field("name", "seal.bad_slot_name", "a slot's name has small letters, digits and hyphens")
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, r)
	if err != nil {
		return err
	}
	if _, err := w.Write(k.master[:]); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return WriteFile(filepath.Join(k.dir, slotPrefix+name+slotSuffix), b.Bytes())
}

// Slots names the slots of the keyring in dir.
func Slots(dir string) []string {
	entries, _ := os.ReadDir(dir)
	var out []string
	for _, e := range entries {
		if n, ok := strings.CutPrefix(e.Name(), slotPrefix); ok && strings.HasSuffix(n, slotSuffix) {
			out = append(out, strings.TrimSuffix(n, slotSuffix))
		}
	}
	slices.Sort(out)
	return out
}

// RemoveSlot removes a slot; the last one stays.
func RemoveSlot(dir, name string) error {
	all := Slots(dir)
	if !slices.Contains(all, name) {
		return fault.NotFound("seal.no_slot", "there is no slot of this name")
	}
	if len(all) == 1 {
		return fault.Conflict("seal.last_slot", "this is the last slot; without it nothing opens the keyring; add another first")
	}
	return Shred(filepath.Join(dir, slotPrefix+name+slotSuffix))
}

// Shred overwrites a small file once and removes it. On flash memory an old copy of the blocks may survive; what it
// holds is closed by a key all the same.
func Shred(path string) error {
	if st, err := os.Stat(path); err == nil {
		if f, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
			_, _ = f.Write(random(int(min(st.Size(), 1<<20))))
			_ = f.Sync()
			_ = f.Close()
		}
	}
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// UnlockPassphrase opens the keyring in dir with the passphrase of any of its slots.
func UnlockPassphrase(dir, passphrase string) (*Keyring, error) {
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fault.Field("passphrase", "seal.wrong_passphrase", "no slot opens with this passphrase")
	}
	id.SetMaxWorkFactor(scryptWork + 2)
	return unlock(dir, id, fault.Field("passphrase", "seal.wrong_passphrase", "no slot opens with this passphrase"))
}

// UnlockIdentity opens the keyring in dir with an age identity (AGE-SECRET-KEY-1...): a key file or the recovery sheet.
func UnlockIdentity(dir, identity string) (*Keyring, error) {
	bad := fault.Field("identity", "seal.wrong_identity", "no slot opens with this key; it begins with AGE-SECRET-KEY-1")
	id, err := ParseIdentity(identity)
	if err != nil {
		return nil, bad
	}
	return unlock(dir, id, bad)
}

// ParseIdentity reads an age identity from a key file or a recovery sheet, with or without comment lines.
func ParseIdentity(text string) (*age.X25519Identity, error) {
	ids, err := age.ParseIdentities(strings.NewReader(strings.TrimSpace(text) + "\n"))
	if err != nil || len(ids) != 1 {
		return nil, fault.Field("identity", "seal.bad_identity", "a recovery identity begins with AGE-SECRET-KEY-1")
	}
	id, ok := ids[0].(*age.X25519Identity)
	if !ok {
		return nil, fault.Field("identity", "seal.bad_identity", "a recovery identity begins with AGE-SECRET-KEY-1")
	}
	return id, nil
}

func unlock(dir string, id age.Identity, wrong error) (*Keyring, error) {
	if !Exists(dir) {
		return nil, fault.NotFound("seal.no_keyring", "this data directory has no keyring; run `serai serve --init` once")
	}
	for _, name := range Slots(dir) {
		f, err := os.Open(filepath.Join(dir, slotPrefix+name+slotSuffix))
		if err != nil {
			return nil, err
		}
		r, err := age.Decrypt(f, id)
		if err != nil {
			f.Close()
			continue
		}
		var master [32]byte
		_, err = io.ReadFull(r, master[:])
		f.Close()
		if err != nil {
			continue
		}
		return load(dir, master)
	}
	return nil, wrong
}

// Node returns the node's id.
func (k *Keyring) Node() fact.NodeID { return k.read().Node }

// Incarnation returns the node's incarnation.
func (k *Keyring) Incarnation() [8]byte { return k.read().Incarnation }

// DatabaseKey returns the key of the database file.
func (k *Keyring) DatabaseKey() [32]byte { return k.read().Database }

// RequestKey keys the hashes of requests.
func (k *Keyring) RequestKey() [32]byte { return k.read().Requests }

// Public returns the key that verifies what Sign signs.
func (k *Keyring) Public() ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(k.read().Sign).Public().(ed25519.PublicKey)
}

// Signer returns the node's signing key.
func (k *Keyring) Signer() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(k.read().Sign) }

func (k *Keyring) read() secrets {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.s
}

// Area returns an area's secret by name, and false when there is none.
func (k *Keyring) Area(name string) ([]byte, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	b, ok := k.s.Areas[name]
	return slices.Clone(b), ok
}

// SetArea stores an area's secret, durable before it returns.
func (k *Keyring) SetArea(name string, value []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.s.Areas = maps.Clone(k.s.Areas)
	k.s.Areas[name] = slices.Clone(value)
	return k.save()
}

// AreaOrNew returns an area's secret, made of n random bytes at the first call.
func (k *Keyring) AreaOrNew(name string, n int) ([]byte, error) {
	if b, ok := k.Area(name); ok {
		return b, nil
	}
	b := random(n)
	return b, k.SetArea(name, b)
}

// Reincarnate draws a new incarnation, after a restore.
func (k *Keyring) Reincarnate() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	copy(k.s.Incarnation[:], random(8))
	return k.save()
}

// nextEpoch begins a new epoch; the keys of the old ones stay until dropOldEpochs.
func (k *Keyring) nextEpoch() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.s.Epochs = maps.Clone(k.s.Epochs)
	k.s.Epoch++
	k.s.Epochs[k.s.Epoch] = [32]byte(random(32))
	return k.save()
}

// dropOldEpochs destroys every epoch key but the present one.
func (k *Keyring) dropOldEpochs() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.s.Epochs = map[uint32][32]byte{k.s.Epoch: k.s.Epochs[k.s.Epoch]}
	return k.save()
}

// Export returns the keyring's content for a backup, which is itself encrypted to the recovery identity.
func (k *Keyring) Export() ([]byte, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return fact.Encode(k.s)
}

// Import writes a keyring from a backup into dir under a new master key and a new incarnation. Add slots to it.
func Import(dir string, content []byte) (*Keyring, error) {
	if Exists(dir) {
		return nil, fault.Conflict("seal.keyring_exists", "this data directory has a keyring already; restore into an empty one")
	}
	k := &Keyring{dir: dir}
	if err := fact.Decode(content, &k.s); err != nil {
		return nil, fault.Invalid("seal.keyring_broken", "the backup's keyring cannot be read")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	copy(k.master[:], random(32))
	copy(k.s.Incarnation[:], random(8))
	return k, k.save()
}

// Forget clears the secrets from memory: the checkpoint tap. What was derived from them elsewhere must go as well.
func (k *Keyring) Forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.master[:])
	clear(k.s.Sign)
	clear(k.s.Box)
	k.s = secrets{}
}

func (k *Keyring) String() string { return fmt.Sprintf("keyring of node %s", k.Node()) }
