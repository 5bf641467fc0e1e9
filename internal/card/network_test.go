package card

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"strings"
	"testing"
	"time"

	"serai/internal/fault"
)

func TestNetworkFile(t *testing.T) {
	n := network(t)
	if n.Serial() != 7 || n.Demo() || n.Age(noon) != 24*time.Hour || n.Age(noon.AddDate(-1, 0, 0)) != 0 {
		t.Errorf("serial %d, demo %v, age %v", n.Serial(), n.Demo(), n.Age(noon))
	}
	f := sampleFile()
	slices.Reverse(f.Keys)
	slices.Reverse(f.Services)
	if !bytes.Equal(signed(t, f, testRoot), signed(t, sampleFile(), testRoot)) {
		t.Error("the order in which the office lists things changes the file")
	}
	if again := signed(t, n.File(), testRoot); !bytes.Equal(again, signed(t, sampleFile(), testRoot)) {
		t.Error("a file read and signed again differs")
	}
	for _, x := range []struct {
		name  string
		point uint32
		owner uint16
	}{
		{"the first point of a block", 0x010000, niger},
		{"the last point of a block", 0x01ffff, niger},
		{"before all blocks", 5, 0},
		{"behind all blocks", 0x040000, 0},
	} {
		if got, _ := n.Owner(x.point); got != x.owner {
			t.Errorf("%s: owner %d, want %d", x.name, got, x.owner)
		}
	}
}

func TestNetworkFileRefuses(t *testing.T) {
	other := RootSigner{Key: testKey("somebody else")}
	for _, x := range []struct {
		name string
		data func() []byte
		code string
	}{
		{"nothing", func() []byte { return nil }, CodeNetworkBad},
		{"another root", func() []byte { return signed(t, sampleFile(), other) }, CodeNetworkRoot},
		{"a demonstration root", func() []byte { return signed(t, sampleFile(), demoRoot) }, CodeNetworkRoot},
		{"the real root's key marked as demonstration", func() []byte {
			return signed(t, sampleFile(), RootSigner{Key: testRoot.Key, Demo: true})
		}, CodeNetworkRoot},
		{"a list of marks in its place", func() []byte {
			data, err := SignMarks(seeded(1), MarksFile{Serial: 9}, testRoot)
			if err != nil {
				t.Fatal(err)
			}
			return data
		}, CodeNetworkBad},
		{"a demonstration mark under a real root", func() []byte {
			f := sampleFile().ordered()
			f.Format, f.Demo = 1, true
			data, err := testRoot.sign(nil, cborOf(t, f), networkPurpose)
			if err != nil {
				t.Fatal(err)
			}
			return data
		}, CodeNetworkDemo},
		{"a later format", func() []byte {
			f := sampleFile().ordered()
			f.Format = 2
			data, err := testRoot.sign(nil, cborOf(t, f), networkPurpose)
			if err != nil {
				t.Fatal(err)
			}
			return data
		}, CodeNetworkBad},
		{"lists out of order", func() []byte {
			f := sampleFile()
			f.Format = 1
			data, err := testRoot.sign(nil, cborOf(t, f), networkPurpose)
			if err != nil {
				t.Fatal(err)
			}
			return data
		}, CodeNetworkBad},
		{"too large a file", func() []byte { return make([]byte, maxNetworkFile+1) }, CodeNetworkBad},
		{"trailing bytes", func() []byte { return append(signed(t, sampleFile(), testRoot), 0) }, CodeNetworkBad},
	} {
		t.Run(x.name, func(t *testing.T) {
			n, err := ParseNetwork(x.data(), pins(t))
			if fault.Code(err) != x.code || n != nil {
				t.Errorf("got %v, want %s", err, x.code)
			}
		})
	}
}

func TestEveryFlippedBitOfANetworkFileIsNoticed(t *testing.T) {
	data := signed(t, sampleFile(), testRoot)
	p := pins(t)
	for i := range len(data) * 8 {
		bad := bytes.Clone(data)
		bad[i/8] ^= 1 << (i % 8)
		if _, err := ParseNetwork(bad, p); err == nil {
			t.Fatalf("bit %d flipped and accepted", i)
		}
	}
}

func TestNetworkFileIsChecked(t *testing.T) {
	for _, x := range []struct {
		name   string
		change func(*NetworkFile)
		field  string
	}{
		{"no serial", func(f *NetworkFile) { f.Serial = 0 }, "serial"},
		{"no time", func(f *NetworkFile) { f.IssuedAt = 0 }, "issued_at"},
		{"two equal key ids", func(f *NetworkFile) { f.Keys[1].ID = f.Keys[0].ID }, "keys[1].id"},
		{"a key of nobody", func(f *NetworkFile) { f.Keys[0].Issuer = 5 }, "keys[1].issuer"},
		{"a key of 31 bytes", func(f *NetworkFile) { f.Keys[0].Public = f.Keys[0].Public[1:] }, "keys[1].public"},
		{"a key that ends before it starts", func(f *NetworkFile) { f.Keys[0].Until = f.Keys[0].From }, "keys[1].until"},
		{"a key without role", func(f *NetworkFile) { f.Keys[0].Roles = 0 }, "keys[1].roles"},
		{"a key of an unknown role", func(f *NetworkFile) { f.Keys[0].Roles = 8 }, "keys[1].roles"},
		{"a key without status", func(f *NetworkFile) { f.Keys[0].Status = 0 }, "keys[1].status"},
		{"two issuers of one number", func(f *NetworkFile) { f.Issuers[1].Number = niger }, "issuers[1].number"},
		{"an issuer beyond twelve bits", func(f *NetworkFile) { f.Issuers = append(f.Issuers, Issuer{Number: 4096, Code: "x"}) }, "issuers[3].number"},
		{"two issuers of one code", func(f *NetworkFile) { f.Issuers = append(f.Issuers, Issuer{Number: 999, Code: "ne-rc"}) }, "issuers[3].code"},
		{"blocks that overlap", func(f *NetworkFile) { f.Blocks[1].First-- }, "blocks[1].first"},
		{"an empty block", func(f *NetworkFile) { f.Blocks[0].Last = 0 }, "blocks[0].last"},
		{"a block beyond 24 bits", func(f *NetworkFile) { f.Blocks[2].Last = 1 << 24 }, "blocks[2].last"},
		{"a block of nobody", func(f *NetworkFile) { f.Blocks[2].Issuer = 5 }, "blocks[2].issuer"},
		{"two services of one number", func(f *NetworkFile) { f.Services[1].Number = meal }, "services[2].number"},
		{"a service beyond ten bits", func(f *NetworkFile) { f.Services[4].Number = 1024 }, "services[4].number"},
		{"a service of two numbers", func(f *NetworkFile) { f.Services[4].Code = "food.meal" }, "services[4].code"},
		{"a circle with a stranger", func(f *NetworkFile) { f.Circles[0].Members = []uint16{5} }, "circles[0].members"},
		{"two circles of one number", func(f *NetworkFile) { f.Circles[1].Number = sahara }, "circles[1].number"},
		{"two equal seal ids", func(f *NetworkFile) { f.Seals[1].ID = 0x1111 }, "seals[2].id"},
		{"a seal id that would shorten the card", func(f *NetworkFile) { f.Seals[0].ID = 255 }, "seals[0].id"},
		{"a seal of no circle", func(f *NetworkFile) { f.Seals[4].Circle = 9 }, "seals[0].circle"},
		{"two seals for one quarter", func(f *NetworkFile) { f.Seals[0].Quarter = quarter }, "seals[4].quarter"},
	} {
		t.Run(x.name, func(t *testing.T) {
			f := sampleFile()
			x.change(&f)
			_, err := SignNetwork(seeded(1), f, testRoot)
			var fields []string
			for _, e := range fault.All(err) {
				fields = append(fields, e.Field)
			}
			if !slices.Contains(fields, x.field) || fault.Code(err) != CodeNetworkBad {
				t.Errorf("got %v at %q, want %q", err, fields, x.field)
			}
		})
	}
}

func TestAcceptNetwork(t *testing.T) {
	current := network(t)
	for _, x := range []struct {
		name   string
		change func(*NetworkFile)
		code   string // empty: accepted
	}{
		{"the next serial replaces it", func(f *NetworkFile) { f.Serial++ }, ""},
		{"a skipped serial replaces it", func(f *NetworkFile) { f.Serial += 100 }, ""},
		{"the same serial is kept out", func(*NetworkFile) {}, CodeNetworkBack},
		{"a rolled-back file is kept out", func(f *NetworkFile) { f.Serial-- }, CodeNetworkBack},
		{"a key may be revoked", func(f *NetworkFile) { f.Serial++; f.Keys[0].Status = Revoked }, ""},
		{"a key may leave the list", func(f *NetworkFile) { f.Serial++; f.Keys = f.Keys[1:] }, ""},
		{"a service may become unsafe", func(f *NetworkFile) { f.Serial++; f.Services[2].CardSafe = false }, ""},
		{"an organisation may get a further block", func(f *NetworkFile) {
			f.Serial++
			f.Blocks = append(f.Blocks, Block{Issuer: niger, First: 0x040000, Last: 0x04ffff})
		}, ""},
		{"a key id keeps its key", func(f *NetworkFile) { f.Serial++; f.Keys[0].Public = f.Keys[1].Public }, CodeNetworkChange},
		{"a key id keeps its issuer", func(f *NetworkFile) { f.Serial++; f.Keys[0].Issuer = libya }, CodeNetworkChange},
		{"an issuer number keeps its organisation", func(f *NetworkFile) { f.Serial++; f.Issuers[0].Code = "xx" }, CodeNetworkChange},
		{"a card number keeps its service", func(f *NetworkFile) { f.Serial++; f.Services[2].Code = "mhpss" }, CodeNetworkChange},
		{"a point keeps its organisation", func(f *NetworkFile) { f.Serial++; f.Blocks[0].Issuer = libya }, CodeNetworkChange},
		{"a seal id keeps its quarter", func(f *NetworkFile) { f.Serial++; f.Seals[0].Quarter-- }, CodeNetworkChange},
	} {
		t.Run(x.name, func(t *testing.T) {
			err := Accept(current, network(t, x.change))
			if x.code == "" && err != nil || x.code != "" && fault.Code(err) != x.code {
				t.Errorf("got %v, want %q", err, x.code)
			}
		})
	}
	t.Run("the first file is accepted", func(t *testing.T) {
		if err := Accept(nil, current); err != nil {
			t.Error(err)
		}
	})
	t.Run("a revoked key does not come back", func(t *testing.T) {
		revoked := network(t, func(f *NetworkFile) { f.Keys[0].Status = Revoked })
		if err := Accept(revoked, network(t, func(f *NetworkFile) { f.Serial++ })); fault.Code(err) != CodeNetworkChange {
			t.Errorf("got %v", err)
		}
	})
}

func TestRoots(t *testing.T) {
	real, err := testRoot.Root()
	if err != nil {
		t.Fatal(err)
	}
	demo, err := demoRoot.Root()
	if err != nil {
		t.Fatal(err)
	}
	second := Root{Public: testKey("second root").Public().(ed25519.PublicKey)}

	t.Run("a root survives being written down", func(t *testing.T) {
		for _, r := range []Root{real, demo} {
			got, err := ParseRoot(r.String())
			if err != nil || got.Demo != r.Demo || !got.Public.Equal(r.Public) || got.Fingerprint() != r.Fingerprint() {
				t.Errorf("%s came back as %s, %v", r, got, err)
			}
		}
	})
	t.Run("a demonstration shows in the text", func(t *testing.T) {
		if !strings.Contains(demo.String(), "demo") {
			t.Error(demo)
		}
	})
	t.Run("text that is no root is refused", func(t *testing.T) {
		for _, s := range []string{"", "serai-root:", real.String()[:30], real.String() + "A", "root:" + real.String(), strings.ToUpper(real.String())} {
			if _, err := ParseRoot(s); fault.Code(err) != CodeRootBad {
				t.Errorf("%q: %v", s, err)
			}
		}
	})
	t.Run("both of two pinned roots sign", func(t *testing.T) {
		p, err := NewPins(false, real, second)
		if err != nil {
			t.Fatal(err)
		}
		for _, signer := range []RootSigner{testRoot, {Key: testKey("second root")}} {
			if _, err := ParseNetwork(signed(t, sampleFile(), signer), p); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("a demonstration reads its own network", func(t *testing.T) {
		p, err := NewPins(true, demo)
		if err != nil {
			t.Fatal(err)
		}
		n, err := ParseNetwork(signed(t, sampleFile(), demoRoot), p)
		if err != nil || !n.Demo() {
			t.Errorf("%v", err)
		}
		if err := Accept(network(t), n); fault.Code(err) == "" {
			t.Error("a demonstration replaces a real network")
		}
	})
	for _, x := range []struct {
		name  string
		demo  bool
		roots []Root
		code  string
	}{
		{"a real node refuses a demonstration root", false, []Root{demo}, CodeNetworkDemo},
		{"also beside a real one", false, []Root{real, demo}, CodeNetworkDemo},
		{"a demonstration refuses a real root", true, []Root{real}, CodeNetworkDemo},
		{"no root", false, nil, CodeRootBad},
		{"three roots", false, []Root{real, second, real}, CodeRootBad},
		{"half a key", false, []Root{{Public: real.Public[:16]}}, CodeRootBad},
	} {
		t.Run(x.name, func(t *testing.T) {
			if _, err := NewPins(x.demo, x.roots...); fault.Code(err) != x.code {
				t.Errorf("got %v, want %s", err, x.code)
			}
		})
	}
}
