package fact_test

import (
	"bytes"
	"testing"
	"time"

	"serai/internal/fact"
)

// The bytes of an envelope, a leaf and a chain are on disks and USB sticks for years: this test fails when they change.
func TestTheFormOfAFactDoesNotChange(t *testing.T) {
	var id, parent fact.FactID
	if id.UnmarshalText([]byte("01890000-0000-7000-8000-000000000001")) != nil || parent.UnmarshalText([]byte("01890000-0000-7000-8000-000000000002")) != nil {
		t.Fatal("ids")
	}
	e := fact.Envelope{Stamp: fact.StampOf(time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC)), Kind: 301, Version: 1, ID: id, Actor: fact.Handle{1, 2}, Parents: []fact.FactID{parent}}
	raw, err := fact.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	const want = "861b019cd6c28c00000019012d0150018900000000700080000000000000014801020000000000008150018900000000700080000000000000" + "02"
	if got := hexed(raw); got != want {
		t.Errorf("envelope\n got %s\nwant %s", got, want)
	}
	f := fact.Fact{Raw: raw, Open: []byte{0xa0}, SealedHash: fact.SealHash([]byte("sealed"))}
	feed := fact.Feed{Incarnation: [8]byte{7}, Scope: fact.ScopeOpen}
	leaf := f.Leaf()
	if got := hexed(leaf[:4]); got != leafWant {
		t.Errorf("leaf begins with %s, want %s", got, leafWant)
	}
	h := fact.Chain(feed, 1, leaf, fact.Hash{})
	if got := hexed(h[:4]); got != chainWant {
		t.Errorf("chain begins with %s, want %s", got, chainWant)
	}
	var back fact.Envelope
	if err := fact.Decode(raw, &back); err != nil || back.ID != id || back.Parents[0] != parent || back.Stamp != e.Stamp {
		t.Errorf("%+v %v", back, err)
	}
}

const leafWant, chainWant = "df0ee829", "9fc6d329"

func hexed(b []byte) string {
	const digits = "0123456789abcdef"
	var out bytes.Buffer
	for _, c := range b {
		out.WriteByte(digits[c>>4])
		out.WriteByte(digits[c&15])
	}
	return out.String()
}

// Every part enters the leaf by itself: bytes that move from one part to the next make another fact.
func TestNoTwoFactsShareALeaf(t *testing.T) {
	seen := map[fact.Hash]string{}
	for name, f := range map[string]fact.Fact{
		"nothing":                 {},
		"an envelope":             {Raw: []byte("ab")},
		"an open part":            {Open: []byte("ab")},
		"one byte in each":        {Raw: []byte("a"), Open: []byte("b")},
		"with a sealed part":      {Raw: []byte("a"), Open: []byte("b"), SealedHash: fact.SealHash([]byte("c"))},
		"another sealed part":     {Raw: []byte("a"), Open: []byte("b"), SealedHash: fact.SealHash([]byte("d"))},
		"lengths that look alike": {Raw: append([]byte("a"), 0, 0, 0, 0, 0, 0, 0, 1), Open: []byte("b")},
	} {
		if other, taken := seen[f.Leaf()]; taken {
			t.Errorf("%s and %s have one leaf", name, other)
		}
		seen[f.Leaf()] = name
	}
}

func FuzzEnvelope(f *testing.F) {
	good, err := fact.Encode(fact.Envelope{Stamp: 1, Kind: 2, Version: 3, ID: fact.NewFactID(time.Unix(0, 0))})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{0x86})
	f.Add([]byte{0x9f, 0xff})
	f.Add(bytes.Repeat([]byte{0x81}, 200))
	f.Fuzz(func(t *testing.T, b []byte) {
		var e fact.Envelope
		if fact.Decode(b, &e) != nil {
			return
		}
		again, err := fact.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		var back fact.Envelope
		if err := fact.Decode(again, &back); err != nil || back.ID != e.ID || back.Stamp != e.Stamp || len(back.Parents) != len(e.Parents) {
			t.Fatalf("%x reads as %+v, which does not read back: %v", b, e, err)
		}
	})
}
