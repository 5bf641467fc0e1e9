package journal_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/seal"
	"serai/internal/store"
	"serai/internal/testkit"
)

// diskPoints is how many fault points are tried: 5,000 in a full run, SERAI_FAULT_POINTS for the long one.
func diskPoints(t *testing.T) int {
	if n, err := strconv.Atoi(os.Getenv("SERAI_FAULT_POINTS")); err == nil && n > 0 {
		return n
	}
	if testing.Short() {
		return 250
	}
	return 5000
}

// day is a small working day on a disk: contacts of three desks at once, two of three about a person, a move of the
// log into the file in the middle. It tells which commands were acknowledged.
type day struct {
	ids   []fact.FactID
	acked []bool
	errs  []error // the last answer to each
}

const dayContacts = 18

func newDay(n *testkit.Clock) *day {
	d := &day{acked: make([]bool, dayContacts), errs: make([]error, dayContacts)}
	for range dayContacts {
		d.ids = append(d.ids, fact.NewFactID(n.Now()))
	}
	return d
}

func (d *day) work(n *testkit.Node) {
	ctx := context.Background()
	var desks sync.WaitGroup
	for desk := range 3 {
		desks.Go(func() {
			for i := desk; i < dayContacts; i += 3 {
				if i == 9 {
					_ = n.DB.Checkpoint(ctx)
				}
				ids, _, err := n.Journal.Do(fact.WithRequest(ctx, fact.Request{Hash: [32]byte{byte(i + 1)}}), actor, d.ids[i], func(tx *store.Tx) ([]fact.FactID, error) {
					f := served.New(d.ids[i], org, actor, servedOpen{"water", i})
					if i%3 > 0 {
						p := fact.NewPersonID(n.Clock.Now())
						f = served.About(d.ids[i], org, actor, servedOpen{"food.meal", i}, servedSealed{p, fmt.Sprintf("Name %d", i)}, p)
					}
					return n.Journal.Append(tx, f)
				})
				d.acked[i] = d.acked[i] || err == nil && len(ids) == 1
				d.errs[i] = err
			}
		})
	}
	desks.Wait()
}

// check opens the disk again, sees that what was acknowledged is there, sends everything again as the desks would, and
// sees that nothing is there twice.
func (d *day) check(t testing.TB, disk *testkit.Disk, ring *seal.Keyring) error {
	ctx := context.Background()
	db, err := store.Open(ctx, disk.Config(t))
	if err != nil {
		return fmt.Errorf("does not open: %w", err)
	}
	defer db.Close()
	n, err := testkit.StartNode(db, ring, register)
	if err != nil {
		return fmt.Errorf("does not start: %w", err)
	}
	there := map[fact.FactID]int{}
	look := func() error {
		clear(there)
		return db.Read(ctx, func(tx *store.Tx) error {
			for _, sql := range []string{`SELECT id FROM journal_fact`, `SELECT fact FROM test_served`} {
				if err := tx.Each(sql, nil, func(r *store.Row) error {
					var id fact.FactID
					err := r.Scan(&id)
					there[id]++
					return err
				}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := look(); err != nil {
		return err
	}
	for i, id := range d.ids {
		if d.acked[i] && there[id] != 2 {
			return fmt.Errorf("contact %d was acknowledged and is there in %d of 2 tables", i, there[id])
		}
		if there[id] != 0 && there[id] != 2 {
			return fmt.Errorf("contact %d is half there", i)
		}
	}
	d.work(n)
	if err := look(); err != nil {
		return err
	}
	for i, id := range d.ids {
		if !d.acked[i] || there[id] != 2 {
			return fmt.Errorf("contact %d, sent again: acknowledged %v, there %d times in 2 tables, last said %w", i, d.acked[i], there[id], d.errs[i])
		}
	}
	rep, err := n.Journal.Verify(ctx)
	if err != nil || rep.Bad != "" || rep.Facts != dayContacts+dayBefore {
		return fmt.Errorf("verify: %+v %v", rep, err)
	}
	return nil
}

const dayBefore = 40

// usedDisk is a disk with a database that has seen some work.
func usedDisk(t testing.TB) (*testkit.Disk, *seal.Keyring) {
	disk := testkit.NewDisk(t, 1)
	ring, err := seal.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(context.Background(), disk.Config(t))
	if err != nil {
		t.Fatal(err)
	}
	n, err := testkit.StartNode(db, ring, register)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(context.Background(), func(tx *store.Tx) error {
		for i := range dayBefore {
			if _, err := n.Journal.Append(tx, served.New(fact.FactID{}, org, actor, servedOpen{"tea", i})); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return disk, ring
}

// dayOn runs a day on a disk whose fault is planned already; the fault may come before the database is open.
func dayOn(t testing.TB, disk *testkit.Disk, ring *seal.Keyring) *day {
	d := newDay(testkit.NewClock())
	db, err := store.Open(context.Background(), disk.Config(t))
	if err != nil {
		return d
	}
	if n, err := testkit.StartNode(db, ring, register); err == nil {
		d.work(n)
	}
	_ = db.Close() // moves the log into the file, which is cut as well
	return d
}

func TestNoFaultOfTheDiskLosesWhatWasAcknowledged(t *testing.T) {
	base, ring := usedDisk(t)
	whole := base.Copy(t, 0)
	if err := dayOn(t, whole, ring).check(t, whole, ring); err != nil {
		t.Fatalf("without a fault: %v", err)
	}
	measured := base.Copy(t, 0)
	dayOn(t, measured, ring)
	changes, all := measured.Changes()

	points := diskPoints(t)
	faults := []struct {
		name  string
		share int // of twenty
		plan  func(*testkit.Disk, *rand.Rand)
	}{
		{"the power goes early", 7, func(d *testkit.Disk, r *rand.Rand) { d.CutAt(1 + r.IntN(changes/2)) }},
		{"the power goes late", 7, func(d *testkit.Disk, r *rand.Rand) { d.CutAt(changes/2 + r.IntN(changes/2)) }},
		{"an operation fails", 2, func(d *testkit.Disk, r *rand.Rand) { d.FailAt(1 + r.IntN(all)) }},
		{"an operation fails and then the power goes", 2, func(d *testkit.Disk, r *rand.Rand) { d.FailAt(1 + r.IntN(all)); d.CutAt(1 + r.IntN(changes)) }},
		{"the disk is full", 2, func(d *testkit.Disk, r *rand.Rand) { d.FullAt(1 + r.IntN(changes)) }},
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			hit, acked := 0, 0
			n := points * f.share / 20
			for i := range n {
				seed := uint64(i)
				disk := base.Copy(t, seed)
				f.plan(disk, rand.New(rand.NewPCG(seed, 3)))
				d := dayOn(t, disk, ring)
				if disk.Failed() > 0 {
					hit++
				}
				for _, a := range d.acked {
					if a {
						acked++
					}
				}
				if strings.Contains(f.name, "power") {
					disk.Restart()
				}
				disk.Heal()
				if err := d.check(t, disk, ring); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
			t.Logf("%d fault points, %d were hit, %d acknowledged contacts all kept, none doubled", n, hit, acked)
		})
	}
}

func TestAFullDiskIsSaidAndWritingGoesOnWhenThereIsRoom(t *testing.T) {
	base, ring := usedDisk(t)
	for at := 1; at < 40; at += 3 {
		disk := base.Copy(t, uint64(at))
		db, err := store.Open(context.Background(), disk.Config(t))
		if err != nil {
			t.Fatal(err)
		}
		n, err := testkit.StartNode(db, ring, register)
		if err != nil {
			t.Fatal(err)
		}
		disk.FullAt(at)
		var full, done int
		var wg sync.WaitGroup
		var mu sync.Mutex
		for range 60 {
			wg.Go(func() {
				_, _, err := n.Journal.Do(context.Background(), actor, fact.FactID{}, func(tx *store.Tx) ([]fact.FactID, error) {
					p := fact.NewPersonID(n.Clock.Now())
					return n.Journal.Append(tx, served.About(fact.FactID{}, org, actor, servedOpen{"food.meal", 1}, servedSealed{p, strings.Repeat("a long name ", 200)}, p))
				})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					done++
				case fault.Code(err) == "store.disk_full" && fault.Of(err) == fault.ClassConflict:
					full++
				default:
					t.Errorf("at %d: %v", at, err)
				}
			})
		}
		wg.Wait()
		if full == 0 {
			t.Errorf("at %d: nobody was told that the disk is full", at)
		}
		if got := len(names(t, n)); got != dayBefore+done {
			t.Errorf("at %d: %d rows can be read while the disk is full, want %d", at, got, dayBefore+done)
		}
		disk.Heal()
		serve(t, n, fact.NewPersonID(n.Clock.Now()), "after")
		rep, err := n.Journal.Verify(context.Background())
		if err != nil || rep.Bad != "" || rep.Facts != int64(dayBefore+done+1) {
			t.Errorf("at %d: %+v %v", at, rep, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A disk that lies about its syncs must make the test above fail, or that test would not see a store which does not wait.
func TestALyingDiskIsCaught(t *testing.T) {
	base, ring := usedDisk(t)
	caught := 0
	for seed := range uint64(20) {
		disk := base.Copy(t, seed)
		disk.Lie()
		disk.CutAt(120)
		d := dayOn(t, disk, ring)
		disk.Restart()
		if err := d.check(t, disk, ring); err != nil {
			caught++
		}
	}
	if caught < 5 {
		t.Errorf("a store that loses acknowledged writes was caught %d times in 20", caught)
	}
}
