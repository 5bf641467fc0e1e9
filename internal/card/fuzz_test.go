package card

import (
	"bytes"
	"crypto/ed25519"
	"testing"
)

func FuzzRead(f *testing.F) {
	c := issue(f, press(f, niger), entries(3)...)
	f.Add(c.Text)
	f.Add(issue(f, press(f, libya)).Text)
	f.Add(Prefix)
	f.Add("HC1:" + c.Text[4:])
	f.Add(textOf(bytes.Repeat([]byte{0x81}, 200)))
	f.Add(textOf([]byte{0x84, 0x5b, 0x80, 0, 0, 0, 0, 0, 0, 0, 1}))
	f.Add(newForge(f, []byte{0xa0}).text(f))
	forged := newForge(f, payloadOf(f, c.Text))
	forged.unprotected = []byte{0xa1, 1, 0x27}
	f.Add(forged.text(f))
	r := reader(f)
	r.Marks = NewMarks(NetworkKey{1}, MarksFile{Revoked: []Mark{{1}}})
	f.Fuzz(func(t *testing.T, text string) {
		got, err := r.Read(text, noon)
		if err != nil {
			return
		}
		if got.State == Verified && text != c.Text && got.CTI == c.CTI {
			t.Errorf("a second text passes for the card: %q", text)
		}
		if got.State == Unverified && (len(got.Lines) > 0 || got.Lineage != (Lineage{})) {
			t.Error("an unverified card shows history")
		}
	})
}

// FuzzSigned lets the fuzzer write claims that a member really signs: the deepest parsers see foreign bytes too.
func FuzzSigned(f *testing.F) {
	c := issue(f, press(f, niger), entries(3)...)
	f.Add(payloadOf(f, c.Text), []byte(nil))
	plain := contents{Issuer: niger, Issued: c.Issued, Entries: entries(2)}.append(nil, c.Expires)
	f.Add([]byte{0xa0}, plain)
	f.Add([]byte{}, plain[:20])
	r, keys := reader(f), sealKeys(f)
	f.Fuzz(func(t *testing.T, payload, plain []byte) {
		if len(payload) > 400 || len(plain) > 200 {
			return
		}
		if len(payload) > 0 {
			_, _ = r.Read(newForge(t, payload).text(t), noon)
		}
		cl := claims{Expires: uint64(c.Expires) * secondsPerDay, CTI: c.CTI[:], Body: body{Format: 1, Sequence: 1, Seal: 0x9222}}
		cl.Body.Sealed = keys.held[0x9222].aead.Seal(nil, c.CTI[:12], plain, bound(nigerKey, cl))
		got, err := r.Read(newForge(t, cborOf(t, cl)).text(t), noon)
		if err != nil || got.State == Unverified {
			return
		}
		again := contents{Issuer: got.Issuer.Number, Issued: got.Issued, Lineage: got.Lineage, Slip: got.Slip, NoFile: got.NoFile, Entries: got.Entries()}.
			append(nil, got.Expires)
		if !bytes.Equal(again, plain) {
			t.Errorf("%x and %x mean the same", plain, again)
		}
	})
}

func FuzzParseNetwork(f *testing.F) {
	p := pins(f)
	file := sampleFile().ordered()
	file.Format = 1
	f.Add(cborOf(f, file))
	f.Add([]byte{0xa0})
	f.Add([]byte{0xab, 1, 1})
	f.Fuzz(func(t *testing.T, payload []byte) {
		_, _ = ParseNetwork(payload, p) // as it comes from outside
		if len(payload) == 0 {
			return
		}
		data, err := testRoot.sign(nil, payload, networkPurpose) // and as a root would sign it
		if err != nil {
			t.Fatal(err)
		}
		n, err := ParseNetwork(data, p)
		if err != nil {
			return
		}
		again, err := SignNetwork(nil, n.File(), testRoot)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("accepted file does not come back: %v", err)
		}
	})
}

func FuzzCanonical(f *testing.F) {
	f.Add([]byte{0xa2, 1, 2, 3, 0x43, 1, 2, 3})
	f.Add([]byte{0x9f, 1, 0xff})
	f.Add([]byte{0x18, 1})
	f.Add([]byte{0xf9, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		if canonical(data, 8) != nil {
			return
		}
		var v any
		if err := cborReader.Unmarshal(data, &v); err != nil {
			return // key types that Go's maps cannot hold
		}
		again, err := cborWriter.Marshal(v)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("%x passes as canonical, a deterministic encoder writes %x (%v)", data, again, err)
		}
	})
}

func BenchmarkIssue(b *testing.B) {
	p := press(b, niger)
	list := entries(10)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Issue(Draft{Entries: list}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	text := issue(b, press(b, niger), entries(10)...).Text
	r := reader(b)
	r.Marks = NewMarks(NetworkKey{1})
	b.ReportAllocs()
	for b.Loop() {
		if got, err := r.Read(text, noon); err != nil || got.State != Verified {
			b.Fatal(got, err)
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	text := issue(b, press(b, niger), entries(10)...).Text
	for b.Loop() {
		if _, err := Draw(text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEd25519 is the share of a reading that no code of ours can save.
func BenchmarkEd25519(b *testing.B) {
	key := testKey("niger")
	sig := ed25519.Sign(key, make([]byte, 200))
	for b.Loop() {
		if !ed25519.Verify(key.Public().(ed25519.PublicKey), make([]byte, 200), sig) {
			b.Fatal("not verified")
		}
	}
}
