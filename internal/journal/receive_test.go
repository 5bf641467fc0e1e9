package journal_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/journal"
	"serai/internal/seal"
	"serai/internal/store"
	"serai/internal/testkit"
)

// registerWhole projects everything a copy can change, so that a copy that counts twice, or the wrong one, shows.
func registerWhole(n *testkit.Node) {
	n.Journal.Tables("whole", `CREATE TABLE whole_served (fact BLOB PRIMARY KEY, service TEXT, n BIGINT, person BLOB, name TEXT, stamp BIGINT, node BLOB, scope TEXT);
CREATE TABLE whole_times (fact BLOB PRIMARY KEY)`)
	journal.Register(n.Journal, served, func(tx *store.Tx, f fact.Got[servedOpen, servedSealed]) error {
		var person, name any
		if f.Sealed != nil {
			person, name = f.Sealed.Person, f.Sealed.Name
		}
		return tx.Exec(`INSERT INTO whole_served (fact, service, n, person, name, stamp, node, scope) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (fact) DO UPDATE SET service = excluded.service, n = excluded.n, person = excluded.person, name = excluded.name, stamp = excluded.stamp, node = excluded.node, scope = excluded.scope`,
			f.ID, f.Open.Service, f.Open.N, person, name, f.Stamp, f.Node, string(f.Scope))
	})
}

// office is a node that others hear from, with what they need to know of it.
type office struct {
	*testkit.Node
	keys map[fact.PersonID]key
}

type key struct {
	handle fact.Handle
	secret [32]byte
}

func newOffice(t *testing.T) *office {
	t.Helper()
	db, err := store.Open(context.Background(), testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &office{Node: testkit.NewNode(t, db, registerWhole), keys: map[fact.PersonID]key{}}
}

// person opens a file whose key the test knows.
func (o *office) person(t *testing.T, r *rand.Rand) fact.PersonID {
	t.Helper()
	p := fact.NewPersonID(o.Clock.Now())
	var k key
	for i := range k.handle {
		k.handle[i] = byte(r.Uint32())
	}
	for i := range k.secret {
		k.secret[i] = byte(r.Uint32())
	}
	o.keys[p] = k
	if err := o.DB.Write(context.Background(), func(tx *store.Tx) error {
		return o.Keys.Add(tx, p, seal.T1, k.handle, k.secret)
	}); err != nil {
		t.Fatal(err)
	}
	return p
}

func (o *office) append(t *testing.T, news ...fact.New) []fact.FactID {
	t.Helper()
	var ids []fact.FactID
	if err := o.DB.Write(context.Background(), func(tx *store.Tx) (err error) {
		ids, err = o.Journal.Append(tx, news...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}

// frames cuts what an office wrote into frames of random length; each reaches to a checkpoint of its own.
func (o *office) frames(t *testing.T, r *rand.Rand) map[fact.Feed][]journal.Frame {
	t.Helper()
	ctx := context.Background()
	if err := o.Journal.Sign(ctx); err != nil {
		t.Fatal(err)
	}
	feeds, err := o.Journal.Feeds(ctx)
	if err != nil {
		t.Fatal(err)
	}
	out := map[fact.Feed][]journal.Frame{}
	for _, f := range feeds {
		for after := uint64(0); after < f.Seq; {
			frame, err := o.Journal.Frame(ctx, f.Feed, after, 20+r.IntN(60))
			if err != nil {
				t.Fatal(err)
			}
			if len(frame.Checkpoints) == 0 {
				if frame, err = o.Journal.Frame(ctx, f.Feed, after, journal.FrameFactsMost); err != nil {
					t.Fatal(err)
				}
			}
			out[f.Feed] = append(out[f.Feed], frame)
			after = frame.Checkpoints[len(frame.Checkpoints)-1].Seq
		}
	}
	return out
}

func trust(t *testing.T, n *testkit.Node, others ...*office) {
	t.Helper()
	if err := n.DB.Write(context.Background(), func(tx *store.Tx) error {
		for _, o := range others {
			if err := n.Journal.Trust(tx, o.Ring.Node(), o.Ring.Public()); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func mustReceive(t *testing.T, n *testkit.Node, f journal.Frame) journal.Received {
	t.Helper()
	got, err := n.Journal.Receive(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// story is what two offices wrote: shared ids, an erasure, a fact about two people, scopes, parents.
func story(t *testing.T, r *rand.Rand) (a, b *office, keys map[fact.PersonID]key) {
	a, b = newOffice(t), newOffice(t)
	b.Clock.Set(a.Clock.Now().AddDate(-10, 0, 0)) // the hub's clock is ten years back
	point := fact.ScopePoint(fact.PointByCode("NE-AGZ"))
	var shared []fact.New
	for i := range 130 {
		o := []*office{a, b}[r.IntN(2)]
		o.Clock.Add(time.Minute)
		scope := []fact.Scope{org, point}[r.IntN(2)]
		switch r.IntN(4) {
		case 0:
			f := served.New(fact.NewFactID(o.Clock.Now()), scope, actor, servedOpen{"shared", i})
			shared = append(shared, f)
			o.append(t, f)
		case 1:
			p, q := o.person(t, r), o.person(t, r)
			o.append(t, served.About(fact.FactID{}, scope, actor, servedOpen{"food.meal", i}, servedSealed{p, fmt.Sprintf("Name %d", i)}, p),
				served.About(fact.FactID{}, scope, actor, servedOpen{"two", i}, servedSealed{q, "both"}, p, q))
		default:
			o.append(t, served.New(fact.FactID{}, scope, actor, servedOpen{"water", i}))
		}
	}
	for _, f := range shared { // sent again at the other office: a copy
		for _, o := range []*office{a, b} {
			_ = o.DB.Write(context.Background(), func(tx *store.Tx) error { _, err := o.Journal.Append(tx, f); return err })
		}
	}
	keys = map[fact.PersonID]key{}
	for _, o := range []*office{a, b} {
		for p, k := range o.keys {
			keys[p] = k
		}
	}
	for p := range a.keys { // one person asks to be erased
		if err := a.DB.Write(context.Background(), func(tx *store.Tx) error {
			_, err := a.Journal.Erase(tx, p, org, fact.FactID{}, actor, "person_asked")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		break
	}
	return a, b, keys
}

func TestAnyOrderOfArrivalGivesTheSameTables(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 11))
	a, b, keys := story(t, r)
	full := map[fact.Feed]uint64{}
	var want map[string][]string
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		for round := range 6 {
			t.Run(fmt.Sprintf("round %d", round), func(t *testing.T) {
				if round > 0 {
					db = fresh(t, db.Engine())
				}
				r := rand.New(rand.NewPCG(uint64(round), 4))
				n := testkit.NewNode(t, db, registerWhole)
				trust(t, n, a, b)
				deliver(t, n, r, keys, a, b)
				got, err := n.Journal.Dump(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				if want == nil {
					want = got
					if all := fmt.Sprint(got); len(got["whole_served"]) < 100 || !strings.Contains(all, "Name ") || !strings.Contains(all, "both") {
						t.Fatalf("the story is too thin: %d rows", len(got["whole_served"]))
					}
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("tables differ (-first +this):\n%s", d)
				}
				lowest := 0 // the clock of b is ten years behind, so that its copies count
				err = n.DB.Read(context.Background(), func(tx *store.Tx) error {
					_, err := tx.One(`SELECT count(*) FROM whole_served WHERE service = 'shared' AND node = $1`, store.Args{b.Ring.Node()}, &lowest)
					return err
				})
				if shared := strings.Count(fmt.Sprint(got), `"shared"`); err != nil || lowest != shared || shared == 0 {
					t.Errorf("%d of %d shared facts count by their lowest stamp (%v)", lowest, shared, err)
				}
				feeds, err := n.Journal.Feeds(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range feeds {
					if full[f.Feed] == 0 {
						full[f.Feed] = f.Seq
					}
					if f.Seq != full[f.Feed] || f.Signed != f.Seq {
						t.Errorf("feed %s ends at %d, signed to %d, want %d", f.Feed, f.Seq, f.Signed, full[f.Feed])
					}
				}
				n.RebuildsAlike(t)
				rep, err := n.Journal.Verify(context.Background())
				if err != nil || rep.Bad != "" || rep.Quarantined != 0 || rep.Unsigned != 0 {
					t.Errorf("%+v %v", rep, err)
				}
			})
		}
	})
}

func fresh(t *testing.T, e store.Engine) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), testkit.NewConfig(t, e))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// deliver hands a node every frame of the offices and every key: feeds mixed, frames repeated, keys whenever they come.
func deliver(t *testing.T, n *testkit.Node, r *rand.Rand, keys map[fact.PersonID]key, offices ...*office) {
	t.Helper()
	queues := [][]journal.Frame{}
	for _, o := range offices {
		for _, frames := range o.frames(t, r) {
			queues = append(queues, frames)
		}
	}
	people := slices.SortedFunc(maps.Keys(keys), fact.PersonID.Compare)
	r.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
	r.Shuffle(len(queues), func(i, j int) { queues[i], queues[j] = queues[j], queues[i] })
	for len(queues) > 0 || len(people) > 0 {
		if len(people) > 0 && (len(queues) == 0 || r.IntN(3) == 0) {
			for _, p := range people[:min(len(people), 1+r.IntN(30))] {
				err := n.DB.Write(context.Background(), func(tx *store.Tx) error {
					return n.Journal.AddKey(tx, p, seal.T1, keys[p].handle, keys[p].secret)
				})
				if err != nil && fault.Code(err) != "people.erased" {
					t.Fatal(err)
				}
				people = people[1:]
			}
			continue
		}
		i := r.IntN(len(queues))
		first := mustReceive(t, n, queues[i][0])
		if first.Quarantined != 0 || first.Fork {
			t.Fatalf("%+v", first)
		}
		if again := mustReceive(t, n, queues[i][0]); again.Applied != 0 || again.Seq != first.Seq || again.Fork {
			t.Fatalf("a frame that came twice: %+v", again)
		}
		if queues[i] = queues[i][1:]; len(queues[i]) == 0 {
			queues = slices.Delete(queues, i, i+1)
		}
	}
}

func TestErasureWinsWhateverArrivesWhen(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	a := newOffice(t)
	her := a.person(t, r)
	a.append(t, served.About(fact.FactID{}, org, actor, servedOpen{"food.meal", 1}, servedSealed{her, "Canary Hadiza"}, her))
	early := a.frames(t, r)
	other := fact.ScopePoint(fact.PointByCode("NE-AGZ"))
	a.append(t, served.About(fact.FactID{}, other, actor, servedOpen{"food.meal", 2}, servedSealed{her, "Canary Hadiza"}, her))
	later := a.frames(t, r)
	k := a.keys[her]
	if err := a.DB.Write(context.Background(), func(tx *store.Tx) error {
		_, err := a.Journal.Erase(tx, her, fact.ScopeOpen, fact.FactID{}, actor, "person_asked")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	notice := a.frames(t, r)
	one := func(m map[fact.Feed][]journal.Frame, scope fact.Scope) journal.Frame {
		for f, frames := range m {
			if f.Scope == scope {
				return frames[0]
			}
		}
		t.Fatal("no such feed")
		return journal.Frame{}
	}
	steps := map[byte]func(n *testkit.Node){
		'f': func(n *testkit.Node) { mustReceive(t, n, one(early, org)) },
		'l': func(n *testkit.Node) { mustReceive(t, n, one(later, other)) },
		'k': func(n *testkit.Node) {
			_ = n.DB.Write(context.Background(), func(tx *store.Tx) error { return n.Journal.AddKey(tx, her, seal.T1, k.handle, k.secret) })
		},
		'e': func(n *testkit.Node) {
			if got := mustReceive(t, n, one(notice, fact.ScopeOpen)); got.Erasures != 1 {
				t.Errorf("%+v", got)
			}
			if err := n.Journal.FinishErase(context.Background()); err != nil {
				t.Fatal(err)
			}
		},
	}
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		for _, order := range []string{"fkle", "efkl", "kfel", "fekl", "kefl", "lefk", "flek"} {
			t.Run(order, func(t *testing.T) {
				n := testkit.NewNode(t, fresh(t, db.Engine()), registerWhole)
				trust(t, n, a)
				for _, s := range []byte(order) {
					steps[s](n)
				}
				d, err := n.Journal.Dump(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				if all := fmt.Sprint(d); strings.Contains(all, "Canary") || len(d["whole_served"]) != 2 {
					t.Errorf("tables: %s", all)
				}
				var left int
				_ = n.DB.Read(context.Background(), func(tx *store.Tx) error {
					_, err := tx.One(`SELECT (SELECT count(*) FROM journal_fact WHERE sealed IS NOT NULL) + (SELECT count(*) FROM seal_key)`, nil, &left)
					return err
				})
				if left != 0 {
					t.Errorf("%d sealed parts or keys are left", left)
				}
				n.RebuildsAlike(t)
			})
		}
	})
}

// Every row is what a hostile or broken peer, or a bug in the checks, would let through.
func TestAFrameThatIsNotWhatItsNodeSignedIsRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	a, b := newOffice(t), newOffice(t)
	for i := range 120 {
		p := a.person(t, r)
		a.append(t, served.About(fact.FactID{}, org, actor, servedOpen{"food.meal", i}, servedSealed{p, "x"}, p))
		b.append(t, served.New(fact.FactID{}, org, actor, servedOpen{"tea", i}))
	}
	whole := func(o *office) journal.Frame {
		f, err := o.Journal.Frame(context.Background(), firstFeed(t, o), 0, 500)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for _, o := range []*office{a, b} {
		if err := o.Journal.Sign(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, code string
		change     func(f *journal.Frame)
	}{
		{"an altered open part", "journal.altered", func(f *journal.Frame) { f.Facts[30].Open = f.Facts[31].Open }},
		{"an exchanged sealed part", "journal.altered", func(f *journal.Frame) { f.Facts[30].Sealed = f.Facts[31].Sealed }},
		{"a sealed part that is missing without its hash", "journal.altered", func(f *journal.Frame) { f.Facts[30].Sealed = nil }},
		{"a hash of a sealed part that never was", "journal.altered", func(f *journal.Frame) { f.Facts[30].Sealed, f.Facts[30].Dropped = nil, make([]byte, 32) }},
		{"an altered envelope", "journal.altered", func(f *journal.Frame) {
			f.Facts[3].Envelope = slices.Clone(f.Facts[3].Envelope)
			f.Facts[3].Envelope[3] ^= 1
		}},
		{"two facts that changed places", "journal.altered", func(f *journal.Frame) { f.Facts[5], f.Facts[6] = f.Facts[6], f.Facts[5] }},
		{"a fact taken out", "journal.altered", func(f *journal.Frame) {
			f.Facts = slices.Delete(slices.Clone(f.Facts), 9, 10)
			f.Facts = append(f.Facts, f.Facts[0])
		}},
		{"another scope", "journal.bad_signature", func(f *journal.Frame) { f.Scope = fact.ScopeOpen }},
		{"another incarnation", "journal.bad_signature", func(f *journal.Frame) { f.Incarnation[0] ^= 1 }},
		{"facts of one node under the name of another", "journal.bad_signature", func(f *journal.Frame) { f.Node = b.Ring.Node() }},
		{"a node that nobody enrolled", "journal.unknown_node", func(f *journal.Frame) { f.Node = fact.RandomNode() }},
		{"a checkpoint of another signer", "journal.bad_signature", func(f *journal.Frame) {
			c := &f.Checkpoints[len(f.Checkpoints)-1]
			c.Signature = ed25519.Sign(b.Ring.Signer(), fact.CheckpointText(f.Feed(), c.Seq, c.Hash))
		}},
		{"a checkpoint moved to another number", "journal.bad_signature", func(f *journal.Frame) { f.Checkpoints[0].Seq++ }},
		{"no checkpoint at all", "journal.unsigned", func(f *journal.Frame) { f.Checkpoints = nil }},
		{"a checkpoint beyond the facts", "journal.bad_frame", func(f *journal.Frame) { f.Facts = f.Facts[:60] }},
		{"a gap before it", "journal.gap", func(f *journal.Frame) { f.First, f.Facts, f.Checkpoints = 51, f.Facts[50:], f.Checkpoints[1:] }},
		{"fact number nought", "journal.bad_frame", func(f *journal.Frame) { f.First = 0 }},
		{"a part of many megabytes", "journal.bad_frame", func(f *journal.Frame) { f.Facts[0].Open = make([]byte, 2<<20) }},
	}
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		n := testkit.NewNode(t, db, registerWhole)
		trust(t, n, a, b)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				f := whole(a)
				test.change(&f)
				if _, err := n.Journal.Receive(context.Background(), f); fault.Code(err) != test.code {
					t.Errorf("got %v, want %s", err, test.code)
				}
				if feeds, _ := n.Journal.Feeds(context.Background()); len(feeds) != 0 {
					t.Errorf("something was applied: %+v", feeds)
				}
			})
		}
		if got := mustReceive(t, n, whole(a)); got.Applied != 120 || got.Seq != 120 {
			t.Errorf("the true frame: %+v", got)
		}
		f := whole(b)
		f.Checkpoints = f.Checkpoints[:1]
		if got := mustReceive(t, n, f); got.Applied != 50 || got.Seq != 50 {
			t.Errorf("only what is signed is applied: %+v", got)
		}
		if err := n.DB.Write(context.Background(), func(tx *store.Tx) error {
			return n.Journal.Trust(tx, a.Ring.Node(), b.Ring.Public())
		}); fault.Code(err) != "journal.other_node_key" {
			t.Errorf("another key for a known node: %v", err)
		}
	})
}

func firstFeed(t *testing.T, o *office) fact.Feed {
	t.Helper()
	feeds, err := o.Journal.Feeds(context.Background())
	if err != nil || len(feeds) == 0 {
		t.Fatal(feeds, err)
	}
	return feeds[0].Feed
}

// forger writes frames as a hostile node does that has its own key and keeps to no rule.
type forger struct {
	ring *seal.Keyring
	feed fact.Feed
	seq  uint64
	hash fact.Hash
}

func newForger(t *testing.T) *forger {
	t.Helper()
	ring, err := seal.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &forger{ring: ring, feed: fact.Feed{Node: ring.Node(), Incarnation: ring.Incarnation(), Scope: org}}
}

func (f *forger) frame(facts ...journal.Sent) journal.Frame {
	out := journal.Frame{Node: f.feed.Node, Incarnation: f.feed.Incarnation, Scope: f.feed.Scope, First: f.seq + 1, Facts: facts}
	for _, s := range facts {
		f.seq++
		x := fact.Fact{Raw: s.Envelope, Open: s.Open, SealedHash: fact.SealHash(s.Sealed)}
		f.hash = fact.Chain(f.feed, f.seq, x.Leaf(), f.hash)
	}
	out.Checkpoints = []journal.Checkpoint{{Seq: f.seq, Hash: f.hash, Signature: ed25519.Sign(f.ring.Signer(), fact.CheckpointText(f.feed, f.seq, f.hash))}}
	return out
}

func sent(t *testing.T, e fact.Envelope, open any) journal.Sent {
	t.Helper()
	raw, err := fact.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	o, err := fact.Encode(open)
	if err != nil {
		t.Fatal(err)
	}
	return journal.Sent{Envelope: raw, Open: o}
}

func TestWhatCannotBeHandledIsKeptAndTheFeedGoesOn(t *testing.T) {
	now := testkit.NewClock().Now()
	envelope := func(id fact.FactID) fact.Envelope {
		return fact.Envelope{Stamp: fact.StampOf(now), Kind: served.Number, Version: 1, ID: id, Actor: actor}
	}
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		n := testkit.NewNode(t, db, registerWhole)
		x := newForger(t)
		if err := db.Write(context.Background(), func(tx *store.Tx) error { return n.Journal.Trust(tx, x.ring.Node(), x.ring.Public()) }); err != nil {
			t.Fatal(err)
		}
		taken := fact.NewFactID(now)
		if err := db.Write(context.Background(), func(tx *store.Tx) error {
			_, err := n.Journal.Append(tx, served.New(taken, org, actor, servedOpen{"water", 1}))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		late := envelope(fact.NewFactID(now))
		late.Stamp = fact.MaxStamp + 1
		future := envelope(fact.NewFactID(now))
		future.Kind = 9777
		strange := sent(t, envelope(fact.NewFactID(now)), servedOpen{"a", 1})
		strange.Sealed = []byte("no sealed part")
		got := mustReceive(t, n, x.frame(
			sent(t, envelope(fact.NewFactID(now)), servedOpen{"good", 1}),
			sent(t, envelope(taken), servedOpen{"other content", 9}),
			sent(t, late, servedOpen{"late", 1}),
			journal.Sent{Envelope: []byte{0xff, 0x00}, Open: []byte{0xa0}},
			journal.Sent{Envelope: nil, Open: nil},
			sent(t, envelope(fact.NewFactID(now)), []string{"not", "a", "service"}),
			sent(t, future, servedOpen{"unknown", 1}),
			strange,
			sent(t, envelope(fact.NewFactID(now)), servedOpen{"good too", 2}),
		))
		want := journal.Received{Seq: 9, Applied: 9, Unknown: 1, Quarantined: 6}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		held, err := n.Journal.Quarantine(context.Background(), 100)
		if err != nil {
			t.Fatal(err)
		}
		var reasons []string
		for _, h := range held {
			reasons = append(reasons, fmt.Sprintf("%d %s", h.Seq, h.Reason))
		}
		if d := cmp.Diff([]string{"2 id_taken", "3 stamp", "4 envelope", "5 envelope", "6 content", "8 sealed"}, reasons); d != "" {
			t.Errorf("quarantine (-want +got):\n%s", d)
		}
		d, _ := n.Journal.Dump(context.Background())
		if len(d["whole_served"]) != 3 || strings.Contains(fmt.Sprint(d), "other content") {
			t.Errorf("tables: %v", d)
		}
		n.RebuildsAlike(t)
		if rep, err := n.Journal.Verify(context.Background()); err != nil || rep.Bad != "" || rep.Facts != 10 || rep.Quarantined != 6 {
			t.Errorf("%+v %v", rep, err)
		}
		// Nobody is dragged into the next century.
		ids := []fact.FactID{}
		if err := db.Write(context.Background(), func(tx *store.Tx) (err error) {
			ids, err = n.Journal.Append(tx, served.New(fact.FactID{}, org, actor, servedOpen{"edit", 1}).Replacing(late.ID))
			return err
		}); err != nil || len(ids) != 1 {
			t.Fatal(err)
		}
		feeds, _ := n.Journal.Feeds(context.Background())
		f, err := n.Journal.Frame(context.Background(), feeds[0].Feed, 1, 1)
		var e fact.Envelope
		if err != nil || fact.Decode(f.Facts[0].Envelope, &e) != nil || e.Stamp.Time().Year() > 2026 {
			t.Errorf("the edit is stamped %s (%v)", e.Stamp, err)
		}
	})
}

func TestAnUnknownKindIsProjectedAfterTheUpgrade(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		number := uint16(9100)
		if db.Engine() == store.Postgres {
			number = 9101
		}
		n := testkit.NewNode(t, db, registerWhole)
		x := newForger(t)
		if err := db.Write(context.Background(), func(tx *store.Tx) error { return n.Journal.Trust(tx, x.ring.Node(), x.ring.Public()) }); err != nil {
			t.Fatal(err)
		}
		e := func() fact.Envelope {
			return fact.Envelope{Stamp: fact.StampOf(n.Clock.Now()), Kind: number, Version: 1, ID: fact.NewFactID(n.Clock.Now()), Actor: actor}
		}
		f := x.frame(sent(t, e(), servedOpen{"of tomorrow", 1}), sent(t, e(), "words"), sent(t, e(), servedOpen{"of tomorrow", 2}))
		if got := mustReceive(t, n, f); got.Unknown != 3 {
			t.Fatalf("%+v", got)
		}
		tomorrow := fact.Define[servedOpen, struct{}](fmt.Sprintf("test.tomorrow%d", number), 1, number)
		upgraded, err := testkit.StartNode(db, n.Ring, registerWhole, func(n *testkit.Node) {
			journal.Register(n.Journal, tomorrow, func(tx *store.Tx, f fact.Got[servedOpen, struct{}]) error {
				return tx.Exec(`INSERT INTO whole_served (fact, service, n) VALUES ($1, $2, $3) ON CONFLICT (fact) DO NOTHING`, f.ID, f.Open.Service, f.Open.N)
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if d, _ := upgraded.Journal.Dump(context.Background()); len(d["whole_served"]) != 2 {
			t.Errorf("after the upgrade: %v", d)
		}
		if held, _ := upgraded.Journal.Quarantine(context.Background(), 9); len(held) != 1 || held[0].Reason != "content" || held[0].Seq != 2 {
			t.Errorf("quarantine: %+v", held)
		}
		upgraded.RebuildsAlike(t)
	})
}

func TestTwoHistoriesOfOneNodeAreBothKept(t *testing.T) {
	now := testkit.NewClock().Now()
	one := func(service string) journal.Sent {
		return sent(t, fact.Envelope{Stamp: fact.StampOf(now), Kind: served.Number, Version: 1, ID: fact.NewFactID(now), Actor: actor}, servedOpen{service, 1})
	}
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		n := testkit.NewNode(t, db, registerWhole)
		x := newForger(t)
		if err := db.Write(context.Background(), func(tx *store.Tx) error { return n.Journal.Trust(tx, x.ring.Node(), x.ring.Public()) }); err != nil {
			t.Fatal(err)
		}
		common := x.frame(one("common"), one("common"))
		y := *x // the same node restored without a new incarnation
		left, right := x.frame(one("left"), one("left")), y.frame(one("right"))
		mustReceive(t, n, common)
		if got := mustReceive(t, n, left); got.Seq != 4 {
			t.Fatalf("%+v", got)
		}
		for range 2 {
			if got := mustReceive(t, n, right); !got.Fork || got.Seq != 4 || got.Quarantined != 1 {
				t.Errorf("the other history: %+v", got)
			}
		}
		if held, _ := n.Journal.Quarantine(context.Background(), 9); len(held) != 1 || held[0].Reason != "fork" || held[0].Seq != 3 {
			t.Errorf("quarantine: %+v", held)
		}
		if _, err := n.Journal.Receive(context.Background(), func() journal.Frame { f := y.frame(one("right"), one("right")); f.First = 5; return f }()); err == nil {
			t.Error("a piece of the other history that begins beyond ours was taken")
		}
		if got := mustReceive(t, n, x.frame(one("left"))); got.Seq != 5 || got.Fork {
			t.Errorf("our branch goes on: %+v", got)
		}
		if rep, err := n.Journal.Verify(context.Background()); err != nil || rep.Bad != "" || rep.Facts != 5 {
			t.Errorf("%+v %v", rep, err)
		}
		// Facts under our own name that we never wrote.
		own := &forger{ring: n.Ring, feed: fact.Feed{Node: n.Ring.Node(), Incarnation: n.Ring.Incarnation(), Scope: org}}
		if got := mustReceive(t, n, own.frame(one("stolen key"))); !got.Fork || got.Applied != 0 {
			t.Errorf("a fact of ours that we never wrote: %+v", got)
		}
	})
}
