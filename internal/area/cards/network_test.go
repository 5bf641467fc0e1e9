package cards

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"serai/internal/card"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
)

func TestANodeComesToItsNetworkStepByStep(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		d := newDesk(t, db, agadez, false)
		if n := d.Network(); n.Serial != 0 || n.Problem != card.CodeNoNetwork || n.Issuer != nil {
			t.Errorf("a new node: %+v", n)
		}
		if _, err := d.Issue(ctx, d.who, Issue{Point: agadez.ID, Services: meal(1), Language: "en"}); fault.Code(err) != card.CodeNoNetwork {
			t.Errorf("%v", err)
		}
		for name, fn := range map[string]func() error{
			"a file before its root":   func() error { _, err := d.ImportNetwork(ctx, []byte("x")); return err },
			"a list before its root":   func() error { _, err := d.ImportMarks(ctx, []byte("x")); return err },
			"a bundle before the file": func() error { _, err := d.ImportBundle(ctx, []byte("x")); return err },
		} {
			if err := fn(); fault.Of(err) != fault.ClassConflict {
				t.Errorf("%s: %v", name, err)
			}
		}
		found(t, false, d)
		n := d.Network()
		if n.Serial != 1 || n.Problem != "" || n.Issuer == nil || n.Issuer.Number != niger || n.Circle != 1 || n.Bundle != 1 || n.Until.String() != "2026-10-01" || len(n.Roots) != 1 {
			t.Errorf("%+v", n)
		}
		_, err := d.ImportNetwork(ctx, d.amended(func(f *card.NetworkFile) {
			f.Blocks = slices.DeleteFunc(f.Blocks, func(b card.Block) bool { return b.Issuer == niger })
		}))
		d.must(err)
		if _, err := d.Issue(ctx, d.who, Issue{Point: agadez.ID, Services: meal(1), Language: "en"}); fault.Code(err) != "cards.point_not_listed" {
			t.Errorf("writing at a point of no block: %v", err)
		}
		if c := d.issue(Issue{Language: "en"}); d.read(c.Text).Status != StatusOK {
			t.Error("a new point gives out cards all the same")
		}
		_, err = d.ImportNetwork(ctx, d.amended(func(f *card.NetworkFile) {
			f.Blocks = append(f.Blocks, card.Block{Issuer: libya, First: agadez.Number, Last: agadez.Number})
		}))
		d.must(err)
		if _, err := d.Issue(ctx, d.who, Issue{Point: agadez.ID, Language: "en"}); fault.Code(err) != "cards.point_of_another" {
			t.Errorf("a point of another organisation: %v", err)
		}
		_, err = d.ImportNetwork(ctx, d.amended(func(f *card.NetworkFile) { f.Keys = nil }))
		d.must(err)
		if _, err := d.Issue(ctx, d.who, Issue{Point: agadez.ID, Language: "en"}); fault.Code(err) != card.CodeSigner {
			t.Errorf("a key that is not listed: %v", err)
		}
		d.Lock()
		if got := d.read(card.Prefix + "ABC"); got.Status != StatusNotACard {
			t.Errorf("%+v", got)
		}
		d.must(d.Service.Start(ctx))
		if again := d.Network(); again.Serial != 4 || again.Problem != card.CodeSigner {
			t.Errorf("after a restart: %+v", again)
		}
		d.must(d.UnpinRoot(ctx, n.Roots[0]))
		if got := d.Network(); got.Serial != 0 {
			t.Errorf("what an unpinned root signed is not used: %+v", got)
		}
		if err := d.UnpinRoot(ctx, n.Roots[0]); fault.Of(err) != fault.ClassNotFound {
			t.Errorf("%v", err)
		}
	})
}

func TestFilesNeverGoBackAndTheCurrentOnesAreKept(t *testing.T) {
	ctx := context.Background()
	ne, ly := members(t, open(t))
	first := ne.office.founded
	second := ne.amended(func(f *card.NetworkFile) { f.Name = "Sahara and beyond" })
	if n, err := ne.ImportNetwork(ctx, second); err != nil || n.Serial != 2 {
		t.Fatalf("%+v %v", n, err)
	}
	marks := func(serial uint64, revoked ...card.Mark) []byte {
		b, err := card.SignMarks(rand.Reader, card.MarksFile{Serial: serial, IssuedAt: 1, Revoked: revoked}, ne.office.root)
		ne.must(err)
		return b
	}
	c := ne.issue(Issue{Services: meal(1), Language: "en"})
	read, err := ne.known.Load().reader().Read(c.Text, ne.Clock.Now())
	ne.must(err)
	m := card.MarkOf(ne.known.Load().secret.Network, read.CTI)
	if n, err := ne.ImportMarks(ctx, marks(5, m)); err != nil || n.Marks != 5 {
		t.Fatalf("%+v %v", n, err)
	}
	if got := ne.read(c.Text); !slices.Contains(got.Codes, string(card.WarnRevoked)) || len(got.Entries) != 1 {
		t.Errorf("%+v", got)
	}
	_, foreign, _ := ed25519.GenerateKey(rand.Reader)
	other, err := card.SignNetwork(rand.Reader, ne.known.Load().network.File().Next(ne.Clock.Now()), card.RootSigner{Key: foreign})
	ne.must(err)
	moved := ne.amended(func(f *card.NetworkFile) { f.Services[3].Code = "something_else" })
	for name, x := range map[string]struct {
		err  error
		code string
	}{
		"the network file of before":       {why(ne.ImportNetwork(ctx, first.Network)), card.CodeNetworkBack},
		"the same once more":               {why(ne.ImportNetwork(ctx, second)), card.CodeNetworkBack},
		"one of another root":              {why(ne.ImportNetwork(ctx, other)), card.CodeNetworkRoot},
		"one that changes a number":        {why(ne.ImportNetwork(ctx, moved)), card.CodeNetworkChange},
		"a damaged one":                    {why(ne.ImportNetwork(ctx, append(bytes.Clone(second[:40]), 1))), card.CodeNetworkBad},
		"the list of marks of before":      {why(ne.ImportMarks(ctx, marks(4))), card.CodeMarksBack},
		"the bundle of before":             {why(ne.ImportBundle(ctx, first.Bundles[niger][0])), card.CodeBundleBack},
		"the bundle of another node":       {why(ne.ImportBundle(ctx, first.Bundles[libya][0])), card.CodeBundleBad},
		"a network file in place of marks": {why(ne.ImportMarks(ctx, second)), card.CodeMarksBad},
	} {
		if fault.Code(x.err) != x.code {
			t.Errorf("%s: %v, want %s", name, x.err, x.code)
		}
	}
	if n := ne.Network(); n.Serial != 2 || n.Marks != 5 || n.Bundle != 1 || n.Name != "Sahara and beyond" {
		t.Errorf("kept: %+v", n)
	}
	if got := ly.Network(); got.Serial != 1 {
		t.Errorf("%+v", got)
	}
}

// why is the error of a pair.
func why(_ Network, err error) error { return err }

func TestADemonstrationAndTheWorldDoNotMeet(t *testing.T) {
	ctx := context.Background()
	real, demo := newDesk(t, open(t), agadez, false), newDesk(t, open(t), tripoli, true)
	o := found(t, true, demo)
	if _, err := real.PinRoot(ctx, o.founded.Root); fault.Code(err) != card.CodeNetworkDemo {
		t.Errorf("%v", err)
	}
	if n := demo.Network(); n.Problem != "" || !n.Demo {
		t.Errorf("%+v", n)
	}
	world := found(t, false, real)
	if _, err := demo.PinRoot(ctx, world.founded.Root); fault.Code(err) != card.CodeNetworkDemo {
		t.Errorf("%v", err)
	}
	if _, err := demo.PinRoot(ctx, "serai-root:abc"); fault.Code(err) != card.CodeRootBad {
		t.Errorf("%v", err)
	}
}

func TestKeysOfANodeAreReadBackAndNothingElse(t *testing.T) {
	d := newDesk(t, open(t), agadez, false)
	text, err := d.NodeKeyText()
	d.must(err)
	keys, err := ParseNodeKeys(" " + text + "\n")
	if err != nil || keys.String() != text {
		t.Fatalf("%v", err)
	}
	if again, _ := d.NodeKeyText(); again != text {
		t.Error("the keys of a node stay")
	}
	for _, bad := range []string{"", "serai-node-key:", "serai-node-key:????", text[1:], "age1" + text} {
		if _, err := ParseNodeKeys(bad); fault.Code(err) != "cards.bad_node_key" {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	m := Member{Number: niger, Points: []uint32{7, 5, 6, 9, 7}}
	if got := blocks(m); len(got) != 2 || got[0].First != 5 || got[0].Last != 7 || got[1].First != 9 {
		t.Errorf("%+v", got)
	}
	if _, err := Found(rand.Reader, d.Clock.Now(), "x", []Member{{Number: 1, Code: "A", Points: []uint32{1}}, {Number: 2, Code: "B", Points: []uint32{1}}}, catalogue.Base(), card.RootSigner{Key: ed25519.NewKeyFromSeed(make([]byte, 32))}); fault.Code(err) != card.CodeNetworkBad {
		t.Errorf("a point of two organisations: %v", err)
	}
}

func BenchmarkRead(b *testing.B) {
	db, err := store.Open(context.Background(), testkit.NewConfig(b, store.SQLite))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	ne, _ := members(b, db)
	var services []Give
	for i := range 10 {
		services = append(services, Give{Code: "food.meal", Quantity: 1, Day: 20522 - fact.Day(i)})
	}
	c := ne.issue(Issue{Services: services, Language: "en"})
	ne.ReadsMany = 1 << 20
	b.ResetTimer()
	start := time.Now()
	for b.Loop() {
		if _, err := ne.Service.Read(context.Background(), ne.who, c.Text, agadez.ID); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "reads/s")
}
