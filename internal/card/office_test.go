package card

import (
	"crypto/ed25519"
	"slices"
	"testing"

	"serai/internal/fault"
)

// From nothing to a card that another Society reads: what the network's office does by hand, in one go.
func TestOfficeSetsUpANetwork(t *testing.T) {
	random := seeded(5)
	f := NetworkFile{Name: "New"}.Next(noon)
	f.Issuers = sampleFile().Issuers
	f.Blocks, f.Services, f.Circles = sampleFile().Blocks, sampleFile().Services, sampleFile().Circles
	public := testKey("niger").Public().(ed25519.PublicKey)
	id, err := f.AddKey(random, niger, public, DayOf(noon), DayOf(noon)+365, RoleCard)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.AddKey(random, libya, public, DayOf(noon), DayOf(noon)+365, RoleCard); fault.Code(err) != CodeSigner {
		t.Errorf("one key for two organisations: %v", err)
	}
	seals, err := f.AddSeals(random, noon)
	if err != nil || len(seals) != 2*(SealsAhead+1) {
		t.Fatalf("%d seals, %v", len(seals), err)
	}
	if again, err := f.AddSeals(random, noon); err != nil || len(again) != 0 {
		t.Errorf("asked twice, %d further seals, %v", len(again), err)
	}
	next, err := f.AddSeals(random, quarter.End().Time())
	if err != nil || len(next) != 2 {
		t.Errorf("a quarter later %d further seals, %v; want one for each circle", len(next), err)
	}
	n, err := ParseNetwork(signed(t, f, testRoot), pins(t))
	if err != nil {
		t.Fatal(err)
	}

	bundle := KeyBundle{Serial: 1, IssuedAt: noon.Unix(), Network: NetworkKey{1}, Seals: seals}
	mine := bundle.For(n, libya)
	if len(mine.Seals) != SealsAhead+1 || slices.ContainsFunc(mine.Seals, func(k SealKey) bool { return k.Circle != sahara }) {
		t.Errorf("Libya gets %d keys, want those of its one circle", len(mine.Seals))
	}
	if got := n.Circles(niger); len(got) != 2 {
		t.Errorf("Niger is in %d circles, want 2", len(got))
	}
	node := nodeKey(t, 3)
	opened, err := OpenBundle(sealBundle(t, mine, testRoot, node), node, pins(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := AcceptBundle(0, opened, n); err != nil {
		t.Error(err)
	}

	p := press(t, niger)
	p.Network, p.Keys, p.Signer.ID = n, sealKeys(t, seals...), id
	c := issue(t, p, entries(20)...)
	if r := read(t, Reader{Network: n, Keys: sealKeys(t, opened.Seals...)}, c.Text); r.State != Verified || r.History != HistoryOpen || len(r.Lines) != 20 {
		t.Errorf("read in Libya as %s, %s", r.State, r.History)
	}
	if len(bytesOf(t, c.Text)) != 281 {
		t.Error("a drawn seal id changes the length of the card")
	}
}

func TestOfficeNeedsRandomness(t *testing.T) {
	f := sampleFile()
	if _, err := f.AddKey(brokenRandom{}, niger, nil, 1, 2, RoleCard); err == nil {
		t.Error("a key id without randomness")
	}
	if _, err := f.AddSeals(brokenRandom{}, quarter.End().Time()); err == nil {
		t.Error("seals without randomness")
	}
	if _, err := NewNodeKey(brokenRandom{}); err == nil {
		t.Error("a node key without randomness")
	}
}

func TestPressThatIsNotSetUp(t *testing.T) {
	p := press(t, niger)
	p.Network = nil
	if _, err := p.Issue(Draft{}); fault.Code(err) != CodeNoNetwork {
		t.Errorf("without a network file: %v", err)
	}
	p = press(t, niger)
	p.Signer.Key = nil
	if _, err := p.Issue(Draft{}); fault.Code(err) != CodeSigner {
		t.Errorf("without a signing key: %v", err)
	}
	p = press(t, niger)
	p.Keys = nil
	if _, err := p.Issue(Draft{}); fault.Code(err) != CodeNoSealKey {
		t.Errorf("without seal keys: %v", err)
	}
}

func TestPastedText(t *testing.T) {
	c := issue(t, press(t, niger), entries(1)...)
	for _, s := range []string{c.Text, c.Text + "\n", "  " + c.Text + " \r\n\t"} {
		if got := Pasted(s); got != c.Text {
			t.Errorf("%q became %q", s, got)
		}
	}
	for seed := range uint64(200) {
		p := press(t, niger)
		p.Rand = seeded(seed)
		for _, n := range []int{0, 6, 11} {
			if text := issue(t, p, entries(n)...).Text; Pasted(text) != text {
				t.Fatalf("a card text ends in white space: %q", text)
			}
		}
	}
}
