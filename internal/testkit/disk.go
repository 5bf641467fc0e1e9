package testkit

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
	"github.com/ncruces/go-sqlite3/vfs/adiantum"

	"serai/internal/store"
)

// sector is what a disk writes as a whole: a power cut leaves a sector as it was or as it should be, never between.
const sector = 512

// Disk is a simulated disk that loses power, fails and fills up where a test says. It stands below the padding and the
// cipher, as a real disk does. Every file has what is on the platter and what the program believes; the two are equal
// after a sync. A power cut takes each sector that was written since at random: kept, lost, or as some earlier write
// of the same time left it, so that writes are torn and reordered. The same seed gives the same fate.
type Disk struct {
	mu     sync.Mutex
	random *rand.Rand
	files  map[string]*diskFile
	shm    string // a folder of the machine for the WAL index, which a power cut always takes
	name   string
	boots  int

	changes, all int // operations so far: those that change something, and all
	cutAt        int
	failAt       int
	fullAt       int
	off          bool
	lies         bool
	failed       int
}

type diskFile struct {
	platter, now []byte
	born         bool             // the directory's entry is on the platter
	gone         bool             // deleted, but not on the platter yet
	dirty        map[int][][]byte // what was written to a sector since the last sync, in order
	open         map[*openFile]bool
}

var errDisk = errors.New("input/output error of the simulated disk")

var disks atomic.Int64

// NewDisk returns an empty disk.
func NewDisk(t testing.TB, seed uint64) *Disk {
	t.Helper()
	return &Disk{random: rand.New(rand.NewPCG(seed, 7)), files: map[string]*diskFile{}, shm: t.TempDir(), name: fmt.Sprintf("disk-%d", disks.Add(1))}
}

// Config returns the address of a database on this disk. Call it again after a power cut.
func (d *Disk) Config(t testing.TB) store.Config {
	t.Helper()
	name := d.name
	vfs.Register(name, adiantum.Wrap(store.Padded(diskVFS{d}), nil))
	t.Cleanup(func() { vfs.Unregister(name) })
	return store.Config{Path: filepath.Join(d.shm, name), Key: [32]byte{1, 2, 3}, VFS: name}
}

// Copy returns a disk with the same files, all of them on the platter, and its own fate.
func (d *Disk) Copy(t testing.TB, seed uint64) *Disk {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	c := &Disk{random: rand.New(rand.NewPCG(seed, 7)), files: map[string]*diskFile{}, shm: d.shm, name: fmt.Sprintf("disk-%d", disks.Add(1))}
	for name, f := range d.files {
		if !f.gone {
			c.files[name] = &diskFile{platter: slices.Clone(f.now), now: slices.Clone(f.now), born: true, dirty: map[int][][]byte{}}
		}
	}
	return c
}

// CutAt takes the power away within the nth change from now on. Everything afterwards fails until Restart.
func (d *Disk) CutAt(n int) { d.set(func() { d.cutAt = d.changes + n }) }

// FailAt lets the nth operation from now on fail, whatever it is, and the next ones succeed. What a failed sync should
// have kept counts as kept and is not: so do the caches of real systems.
func (d *Disk) FailAt(n int) { d.set(func() { d.failAt = d.all + n }) }

// FullAt lets no file grow any more from the nth change from now on, until Heal.
func (d *Disk) FullAt(n int) { d.set(func() { d.fullAt = d.changes + n }) }

// Lie makes the disk say of every sync that it is done, and do nothing: as some cheap drives do. No program survives
// it; a test that does has not looked.
func (d *Disk) Lie() { d.set(func() { d.lies = true }) }

// Heal takes every planned fault back.
func (d *Disk) Heal() { d.set(func() { d.cutAt, d.failAt, d.fullAt = 0, 0, 0 }) }

// Changes returns how many operations changed something, and how many there were in all.
func (d *Disk) Changes() (changes, all int) {
	d.set(func() { changes, all = d.changes, d.all })
	return changes, all
}

// Failed returns how many operations failed by plan.
func (d *Disk) Failed() (n int) {
	d.set(func() { n = d.failed })
	return n
}

// Off tells whether the power is gone.
func (d *Disk) Off() (off bool) {
	d.set(func() { off = d.off })
	return off
}

func (d *Disk) set(fn func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fn()
}

// Restart gives the power back: what survived is what there is.
func (d *Disk) Restart() {
	d.mu.Lock()
	defer d.mu.Unlock()
	keep := []float64{0, 1, 0.5, 0.9, 0.1}[d.random.IntN(5)] // how lucky this cut is
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		f := d.files[name]
		switch {
		case f.gone && d.random.Float64() < 0.5, !f.born && d.random.Float64() < 0.5:
			delete(d.files, name)
			continue
		}
		f.survive(d.random, keep)
		f.gone, f.born = false, true
	}
	d.off, d.lies, d.cutAt, d.failAt, d.fullAt = false, false, 0, 0, 0
	d.boots++
}

// survive makes the platter what a power cut leaves of it.
func (f *diskFile) survive(r *rand.Rand, keep float64) {
	size := len(f.platter)
	if r.Float64() < keep {
		size = len(f.now)
	} else if len(f.now) > len(f.platter) && r.IntN(2) == 0 { // a file that grew, torn at some sector
		size = len(f.platter) + r.IntN(len(f.now)-len(f.platter))/sector*sector
	}
	after := make([]byte, size)
	copy(after, f.platter)
	for _, s := range slices.Sorted(maps.Keys(f.dirty)) {
		if r.Float64() >= keep || s*sector >= size {
			continue
		}
		versions := f.dirty[s]
		v := versions[len(versions)-1]
		if r.IntN(4) == 0 {
			v = versions[r.IntN(len(versions))]
		}
		copy(after[s*sector:], v)
	}
	f.platter, f.now, f.dirty = after, slices.Clone(after), map[int][][]byte{}
}

// step counts an operation and says how it ends.
func (d *Disk) step(change, grows bool) error {
	if d.off {
		return vfs.SystemError(errDisk, sqlite3.IOERR)
	}
	d.all++
	if change {
		d.changes++
	}
	switch {
	case d.failAt > 0 && d.all == d.failAt:
		d.failed++
		return errDisk
	case change && d.cutAt > 0 && d.changes == d.cutAt:
		d.failed++
		d.off = true
		return vfs.SystemError(errDisk, sqlite3.IOERR)
	case change && grows && d.fullAt > 0 && d.changes >= d.fullAt:
		d.failed++
		return vfs.SystemError(syscall.ENOSPC, sqlite3.FULL)
	}
	return nil
}

type diskVFS struct{ d *Disk }

// FullPathname gives the file the same name on every copy of the disk; the machine's own name is that of the lock file.
func (v diskVFS) FullPathname(string) (string, error) { return "/serai.db", nil }

func (v diskVFS) Access(name string, _ vfs.AccessFlag) (bool, error) {
	v.d.mu.Lock()
	defer v.d.mu.Unlock()
	f := v.d.files[name]
	return f != nil && !f.gone, nil
}

func (v diskVFS) Delete(name string, syncDir bool) error {
	v.d.mu.Lock()
	defer v.d.mu.Unlock()
	f := v.d.files[name]
	if f == nil || f.gone {
		return sqlite3.IOERR_DELETE_NOENT
	}
	if err := v.d.step(true, false); err != nil {
		return err
	}
	f.gone = true
	if syncDir {
		delete(v.d.files, name)
	}
	return nil
}

func (v diskVFS) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	d := v.d
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[name]
	if f == nil || f.gone {
		if flags&vfs.OPEN_CREATE == 0 {
			return nil, flags, sqlite3.CANTOPEN
		}
		if err := d.step(true, true); err != nil {
			return nil, flags, err
		}
		f = &diskFile{dirty: map[int][][]byte{}}
		d.files[name] = f
	} else if err := d.step(false, false); err != nil {
		return nil, flags, err
	}
	// The index of the write-ahead log is memory, which a power cut empties: each start of the machine has its own.
	shm := vfs.NewSharedMemory(filepath.Join(d.shm, fmt.Sprintf("%s-%d-shm", d.name, d.boots)), flags)
	o := &openFile{d: d, f: f, shm: shm}
	if f.open == nil {
		f.open = map[*openFile]bool{}
	}
	f.open[o] = true
	return o, flags, nil
}

type openFile struct {
	d    *Disk
	f    *diskFile
	shm  vfs.SharedMemory
	lock vfs.LockLevel
}

func (o *openFile) SharedMemory() vfs.SharedMemory { return o.shm }
func (o *openFile) Close() error {
	o.d.set(func() { delete(o.f.open, o) })
	if o.shm != nil {
		return o.shm.Close()
	}
	return nil
}

func (o *openFile) ReadAt(b []byte, off int64) (int, error) {
	o.d.mu.Lock()
	defer o.d.mu.Unlock()
	if err := o.d.step(false, false); err != nil {
		return 0, err
	}
	if off >= int64(len(o.f.now)) {
		return 0, io.EOF
	}
	n := copy(b, o.f.now[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (o *openFile) WriteAt(b []byte, off int64) (int, error) {
	o.d.mu.Lock()
	defer o.d.mu.Unlock()
	end, was := int(off)+len(b), o.d.off
	err := o.d.step(true, end > len(o.f.now))
	if err != nil && (was || !o.d.off) {
		return 0, err
	}
	// Within the write that the power cut interrupts, each sector has its own fate as well.
	o.f.grow(end)
	copy(o.f.now[off:], b)
	o.f.touch(int(off), end)
	if err != nil {
		return 0, err
	}
	return len(b), nil
}

func (o *openFile) Truncate(size int64) error {
	o.d.mu.Lock()
	defer o.d.mu.Unlock()
	if err := o.d.step(true, int(size) > len(o.f.now)); err != nil {
		return err
	}
	if int(size) <= len(o.f.now) {
		o.f.now = o.f.now[:size]
	} else {
		o.f.grow(int(size))
	}
	return nil
}

// grow fills a file with zeros up to end.
func (f *diskFile) grow(end int) {
	if was := len(f.now); end > was {
		f.now = append(f.now, make([]byte, end-was)...)
		f.touch(was, end)
	}
}

// touch remembers what the sectors of a range hold now.
func (f *diskFile) touch(from, end int) {
	for s := from / sector; s*sector < end; s++ {
		f.dirty[s] = append(f.dirty[s], slices.Clone(f.now[s*sector:min((s+1)*sector, len(f.now))]))
	}
}

func (o *openFile) Sync(vfs.SyncFlag) error {
	o.d.mu.Lock()
	defer o.d.mu.Unlock()
	if err := o.d.step(true, false); err != nil {
		if !o.d.off {
			o.f.dirty = map[int][][]byte{}
		}
		return err
	}
	if o.d.lies {
		return nil
	}
	platter := make([]byte, len(o.f.now))
	copy(platter, o.f.platter)
	for s := range o.f.dirty {
		if s*sector < len(o.f.now) {
			copy(platter[s*sector:], o.f.now[s*sector:min((s+1)*sector, len(o.f.now))])
		}
	}
	o.f.platter, o.f.born, o.f.dirty = platter, true, map[int][][]byte{}
	return nil
}

func (o *openFile) Size() (int64, error) {
	o.d.mu.Lock()
	defer o.d.mu.Unlock()
	if err := o.d.step(false, false); err != nil {
		return 0, err
	}
	return int64(len(o.f.now)), nil
}

func (o *openFile) SectorSize() int                                 { return sector }
func (o *openFile) DeviceCharacteristics() vfs.DeviceCharacteristic { return 0 }
func (o *openFile) LockState() vfs.LockLevel                        { return o.lock }

// Lock takes the file's lock. In the journal mode of the store it matters at the end: the last connection to close
// moves the log into the file.
func (o *openFile) Lock(level vfs.LockLevel) error {
	o.d.mu.Lock()
	defer o.d.mu.Unlock()
	if o.lock >= level {
		return nil
	}
	for other := range o.f.open {
		if other != o && (level == vfs.LOCK_SHARED && other.lock >= vfs.LOCK_PENDING ||
			level == vfs.LOCK_RESERVED && other.lock >= vfs.LOCK_RESERVED ||
			level == vfs.LOCK_EXCLUSIVE && other.lock >= vfs.LOCK_SHARED) {
			return sqlite3.BUSY
		}
	}
	o.lock = level
	return nil
}

func (o *openFile) Unlock(level vfs.LockLevel) error {
	o.d.mu.Lock()
	defer o.d.mu.Unlock()
	o.lock = min(o.lock, level)
	return nil
}

func (o *openFile) CheckReservedLock() (bool, error) {
	o.d.mu.Lock()
	defer o.d.mu.Unlock()
	for other := range o.f.open {
		if other.lock >= vfs.LOCK_RESERVED {
			return true, nil
		}
	}
	return false, nil
}
