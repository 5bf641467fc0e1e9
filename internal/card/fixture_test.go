package card

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"testing"
	"time"
)

// Two Societies that share a circle, and a third that does not.
const (
	niger, libya, chad = 227, 218, 235
	sahara, lake       = 1, 2 // circles

	agadez, tripoli, faya = 0x010203, 0x020001, 0x030001 // point numbers

	meal, kit, call, talkOnce = 21, 30, 12, 99 // 99 is listed and marked unsafe
)

var noon = time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)

func seeded(seed uint64) io.Reader {
	var s [32]byte
	s[0] = byte(seed)
	s[1] = byte(seed >> 8)
	return rand.NewChaCha8(s)
}

func testKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func testSeal(id SealID, circle uint16, q Quarter) SealKey {
	return SealKey{ID: id, Circle: circle, Quarter: q, Key: sha256.Sum256([]byte{byte(id), byte(id >> 8), byte(circle)})}
}

var (
	testRoot = RootSigner{Key: testKey("root")}
	demoRoot = RootSigner{Key: testKey("demo root"), Demo: true}

	nigerKey   = KeyID{0xa1, 0x02, 0x03, 0x04}
	libyaKey   = KeyID{0x0b, 0x02, 0x03, 0x04}
	chadKey    = KeyID{0xcc, 0x02, 0x03, 0x04}
	voucherKey = KeyID{0xee, 0x01, 0x01, 0x01}

	quarter = DayOf(noon).Quarter()
)

func sampleFile() NetworkFile {
	from, until := DayOf(noon)-400, DayOf(noon)+400
	public := func(name string) []byte { return testKey(name).Public().(ed25519.PublicKey) }
	return NetworkFile{
		Serial: 7, IssuedAt: noon.Add(-24 * time.Hour).Unix(), Name: "Test network",
		Issuers: []Issuer{
			{Number: niger, Code: "ne-rc", Name: "Niger Red Cross"},
			{Number: libya, Code: "ly-rc", Name: "Libyan Red Crescent"},
			{Number: chad, Code: "td-rc", Name: "Red Cross of Chad"},
		},
		Keys: []TrustedKey{
			{ID: nigerKey, Issuer: niger, Public: public("niger"), From: from, Until: until, Roles: RoleCard, Status: Active},
			{ID: libyaKey, Issuer: libya, Public: public("libya"), From: from, Until: until, Roles: RoleCard | RoleVoucher, Status: Active},
			{ID: chadKey, Issuer: chad, Public: public("chad"), From: from, Until: until, Roles: RoleCard, Status: Active},
			{ID: voucherKey, Issuer: niger, Public: public("voucher"), From: from, Until: until, Roles: RoleVoucher, Status: Active},
		},
		Blocks: []Block{
			{Issuer: niger, First: 0x010000, Last: 0x01ffff},
			{Issuer: libya, First: 0x020000, Last: 0x02ffff},
			{Issuer: chad, First: 0x030000, Last: 0x03ffff},
		},
		Services: []Service{
			{Number: ServiceOther, Code: "other", CardSafe: true},
			{Number: call, Code: "family_links.call", CardSafe: true},
			{Number: meal, Code: "food.meal", CardSafe: true},
			{Number: kit, Code: "hygiene_kit", CardSafe: true},
			{Number: talkOnce, Code: "protection_desk", CardSafe: false},
		},
		Circles: []Circle{
			{Number: sahara, Name: "Sahara", Members: []uint16{libya, niger}},
			{Number: lake, Name: "Lake", Members: []uint16{chad, niger}},
		},
		Seals: []SealNotice{
			{ID: 0x1111, Circle: sahara, Quarter: quarter - 1},
			{ID: 0x9222, Circle: sahara, Quarter: quarter},
			{ID: 0x3333, Circle: sahara, Quarter: quarter + 1},
			{ID: 0x4444, Circle: lake, Quarter: quarter},
			{ID: 0x0555, Circle: sahara, Quarter: quarter - 6},
		},
	}
}

func network(t testing.TB, change ...func(*NetworkFile)) *Network {
	t.Helper()
	f := sampleFile()
	for _, c := range change {
		c(&f)
	}
	n, err := ParseNetwork(signed(t, f, testRoot), pins(t))
	if err != nil {
		t.Fatalf("parse network: %v", err)
	}
	return n
}

func signed(t testing.TB, f NetworkFile, root RootSigner) []byte {
	t.Helper()
	data, err := SignNetwork(seeded(1), f, root)
	if err != nil {
		t.Fatalf("sign network: %v", err)
	}
	return data
}

func pins(t testing.TB) Pins {
	t.Helper()
	root, err := testRoot.Root()
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPins(false, root)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sealKeys(t testing.TB, keys ...SealKey) *SealKeys {
	t.Helper()
	if keys == nil {
		keys = []SealKey{testSeal(0x1111, sahara, quarter-1), testSeal(0x9222, sahara, quarter)}
	}
	s, err := NewSealKeys(keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func press(t testing.TB, issuer uint16) Press {
	t.Helper()
	p := Press{Network: network(t), Keys: sealKeys(t), Circle: sahara, Days: 180, Now: func() time.Time { return noon }, Rand: seeded(42)}
	switch issuer {
	case niger:
		p.Signer = Signer{ID: nigerKey, Key: testKey("niger")}
	case libya:
		p.Signer, p.Rand = Signer{ID: libyaKey, Key: testKey("libya")}, seeded(43)
	case chad:
		p.Signer, p.Circle, p.Rand = Signer{ID: chadKey, Key: testKey("chad")}, lake, seeded(44)
		p.Keys = sealKeys(t, testSeal(0x4444, lake, quarter))
	}
	return p
}

func reader(t testing.TB) Reader { return Reader{Network: network(t), Keys: sealKeys(t)} }

func entries(n int) []Entry {
	out := make([]Entry, n)
	for i := range out {
		out[i] = Entry{Service: meal, Quantity: uint8(1 + i%3), Day: DayOf(noon) - Day(n-i), Point: agadez}
	}
	return out
}

func issue(t testing.TB, p Press, list ...Entry) Card {
	t.Helper()
	c, err := p.Issue(Draft{NoFile: true, Entries: list})
	if err != nil {
		t.Fatalf("issue: %v", err)
	}
	return c
}

func read(t testing.TB, r Reader, text string) Reading {
	t.Helper()
	out, err := r.Read(text, noon)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return out
}

// forge signs claims of any form, so that tests can make what no press prints.
type forge struct {
	protected   []byte // CBOR of the map inside the byte string
	unprotected []byte
	payload     []byte
	signature   []byte // in place of a right one
	key         ed25519.PrivateKey
}

func newForge(t testing.TB, payload []byte) forge {
	t.Helper()
	return forge{protected: cborOf(t, map[int]any{1: -8, 4: nigerKey[:]}), unprotected: []byte{0xa0}, payload: payload, key: testKey("niger")}
}

func (f forge) bytes(t testing.TB) []byte {
	t.Helper()
	sig := f.signature
	if sig == nil {
		sig = ed25519.Sign(f.key, cborOf(t, []any{"Signature1", f.protected, []byte{}, f.payload}))
	}
	return bytes.Join([][]byte{{0x84}, cborOf(t, f.protected), f.unprotected, cborOf(t, f.payload), cborOf(t, sig)}, nil)
}

func (f forge) text(t testing.TB) string { return textOf(f.bytes(t)) }

func textOf(data []byte) string { return string(appendBase45([]byte(Prefix), data)) }

func bytesOf(t testing.TB, text string) []byte {
	t.Helper()
	data, err := decodeBase45(text[len(Prefix):])
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func cborOf(t testing.TB, v any) []byte {
	t.Helper()
	out, err := cborWriter.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// payloadOf returns the claims of a card as they are signed.
func payloadOf(t testing.TB, text string) []byte {
	t.Helper()
	m, err := parseMessage(bytesOf(t, text), 4)
	if err != nil {
		t.Fatal(err)
	}
	return m.cose.Payload
}
