package card

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"slices"
	"testing"

	"serai/internal/fault"
)

func sampleBundle() KeyBundle {
	return KeyBundle{Serial: 3, IssuedAt: noon.Unix(), Network: NetworkKey{5},
		Seals: []SealKey{testSeal(0x9222, sahara, quarter), testSeal(0x3333, sahara, quarter+1), testSeal(0x7777, sahara, quarter+2)}}
}

func nodeKey(t testing.TB, seed uint64) NodeKey {
	t.Helper()
	k, err := NewNodeKey(seeded(seed))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sealBundle(t testing.TB, b KeyBundle, root RootSigner, node NodeKey) []byte {
	t.Helper()
	data, err := SealBundle(seeded(1), b, root, node.Public())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestKeyBundle(t *testing.T) {
	node := nodeKey(t, 1)
	secret, err := node.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := ParseNodeKey(secret)
	if err != nil || !bytes.Equal(kept.Public(), node.Public()) {
		t.Fatalf("node key changed in the keyring: %v", err)
	}
	got, err := OpenBundle(sealBundle(t, sampleBundle(), testRoot, node), kept, pins(t))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := NewSealKeys(got.Seals)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := keys.Current(sahara, noon); err != nil || id != 0x9222 || got.Network != (NetworkKey{5}) {
		t.Errorf("key %x of %+v, %v", id, got, err)
	}
	if err := AcceptBundle(2, got, network(t)); err != nil {
		t.Error(err)
	}
}

func TestKeyBundleRefuses(t *testing.T) {
	node, good := nodeKey(t, 1), sealBundle(t, sampleBundle(), testRoot, nodeKey(t, 1))
	flipped := bytes.Clone(good)
	flipped[len(flipped)-1] ^= 1
	for _, x := range []struct {
		name string
		data []byte
		node NodeKey
		code string
	}{
		{"a bundle for another node", good, nodeKey(t, 2), CodeBundleBad},
		{"a damaged bundle", flipped, node, CodeBundleBad},
		{"nothing", nil, node, CodeBundleBad},
		{"too much", make([]byte, maxBundle+1), node, CodeBundleBad},
		{"a bundle of another root", sealBundle(t, sampleBundle(), RootSigner{Key: testKey("somebody else")}, node), node, CodeNetworkRoot},
		{"a bundle of a demonstration", sealBundle(t, sampleBundle(), demoRoot, node), node, CodeNetworkRoot},
	} {
		t.Run(x.name, func(t *testing.T) {
			if _, err := OpenBundle(x.data, x.node, pins(t)); fault.Code(err) != x.code {
				t.Errorf("got %v, want %s", err, x.code)
			}
		})
	}
	for _, x := range []struct {
		name   string
		change func(*KeyBundle)
	}{
		{"no serial", func(b *KeyBundle) { b.Serial = 0 }},
		{"no network key", func(b *KeyBundle) { b.Network = NetworkKey{} }},
		{"two keys of one id", func(b *KeyBundle) { b.Seals[1].ID = b.Seals[0].ID }},
		{"an empty key", func(b *KeyBundle) { b.Seals[0].Key = [32]byte{} }},
	} {
		t.Run(x.name, func(t *testing.T) {
			b := sampleBundle()
			x.change(&b)
			if _, err := SealBundle(seeded(1), b, testRoot, node.Public()); fault.Code(err) != CodeBundleBad {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("a public key that is none", func(t *testing.T) {
		if _, err := SealBundle(seeded(1), sampleBundle(), testRoot, []byte("x")); fault.Code(err) != CodeKeysBad {
			t.Errorf("got %v", err)
		}
	})
}

func TestAcceptBundle(t *testing.T) {
	if err := AcceptBundle(3, sampleBundle(), network(t)); fault.Code(err) != CodeBundleBack {
		t.Errorf("the same serial again: %v", err)
	}
	b := sampleBundle()
	b.Seals[0].Quarter++
	if err := AcceptBundle(0, b, network(t)); fault.Code(err) != CodeBundleBad {
		t.Errorf("a key announced for another quarter: %v", err)
	}
}

func TestSealKeysRefuseTwoKeysOfOneID(t *testing.T) {
	_, err := NewSealKeys([]SealKey{testSeal(1, sahara, quarter), testSeal(1, lake, quarter)})
	if fault.Code(err) != CodeKeysBad {
		t.Errorf("got %v", err)
	}
	if _, err := NewSealKeys([]SealKey{testSeal(1, sahara, quarter), testSeal(1, sahara, quarter)}); err != nil {
		t.Errorf("the same key twice: %v", err)
	}
}

func TestMarksFile(t *testing.T) {
	sign := func(f MarksFile, root RootSigner) []byte {
		data, err := SignMarks(seeded(1), f, root)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	good := sign(MarksFile{Serial: 4, Superseded: []Mark{{3}, {1}, {3}}, Revoked: []Mark{{2}}}, testRoot)
	f, err := ParseMarks(good, pins(t))
	if err != nil || !slices.Equal(f.Superseded, []Mark{{1}, {3}}) || !slices.Equal(f.Revoked, []Mark{{2}}) {
		t.Fatalf("read %+v, %v", f, err)
	}
	raw := func(f MarksFile) []byte {
		data, err := testRoot.sign(nil, cborOf(t, f), marksPurpose)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, x := range []struct {
		name string
		data []byte
		code string
	}{
		{"another root", sign(MarksFile{Serial: 4}, RootSigner{Key: testKey("x")}), CodeNetworkRoot},
		{"half a list", good[:len(good)/2], CodeMarksBad},
		{"a network file in its place", signed(t, sampleFile(), testRoot), CodeMarksBad},
		{"marks out of order", raw(MarksFile{Format: 1, Serial: 1, Superseded: []Mark{{2}, {1}}, Revoked: []Mark{}}), CodeMarksBad},
		{"a later format", raw(MarksFile{Format: 2, Serial: 1, Superseded: []Mark{}, Revoked: []Mark{}}), CodeMarksBad},
		{"a demonstration's list under a real root", raw(MarksFile{Format: 1, Serial: 1, Demo: true, Superseded: []Mark{}, Revoked: []Mark{}}), CodeNetworkDemo},
	} {
		t.Run(x.name, func(t *testing.T) {
			if _, err := ParseMarks(x.data, pins(t)); fault.Code(err) != x.code {
				t.Errorf("got %v, want %s", err, x.code)
			}
		})
	}
	if err := AcceptMarks(f, MarksFile{Serial: 4}); fault.Code(err) != CodeMarksBack {
		t.Errorf("a rolled-back list: %v", err)
	}
	if err := AcceptMarks(f, MarksFile{Serial: 5}); err != nil {
		t.Error(err)
	}
	if _, err := SignMarks(seeded(1), MarksFile{}, testRoot); fault.Code(err) != CodeMarksBad {
		t.Errorf("no serial: %v", err)
	}
}

func TestOnlyEd25519Signs(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := SignNetwork(seeded(1), sampleFile(), RootSigner{Key: key}); fault.Code(err) != CodeRootBad {
		t.Errorf("root: %v", err)
	}
	p := press(t, niger)
	p.Signer.Key = key
	if _, err := p.Issue(Draft{}); fault.Code(err) != CodeSigner {
		t.Errorf("card: %v", err)
	}
}
