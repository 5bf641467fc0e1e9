package outbox

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"serai/internal/testkit"
)

// vector is what the desk's own tests are held to: fixed keys, and messages that were sealed and signed with them. The
// private keys are scalars, so that WebCrypto can take them in as a JWK with the coordinates of the public point.
type vector struct {
	Intake struct {
		Private string `json:"private"`
		Public  string `json:"public"`
		ID      string `json:"id"`
	} `json:"intake"`
	Device struct {
		Private string `json:"private"`
		Public  string `json:"public"`
		Signer  string `json:"signer"`
	} `json:"device"`
	Entries []vectorEntry `json:"entries"`
	Vault   struct {
		Info    string `json:"info"`
		AAD     string `json:"aad"`
		Plain   string `json:"plain"`
		Wrapped struct {
			Enc    string `json:"enc"`
			Sealed string `json:"sealed"`
		} `json:"wrapped"`
	} `json:"vault"`
}

type vectorEntry struct {
	By     string          `json:"by"` // who made it
	Info   string          `json:"info"`
	AAD    string          `json:"aad"`
	Signed string          `json:"signed"` // the text that the signature is over
	Plain  string          `json:"plain"`
	Entry  json.RawMessage `json:"entry"`
}

const vectorFile = "testdata/entry.json"

// The scalars of the vector: no secret of anybody.
var (
	intakeScalar = bytes.Repeat([]byte{0x21}, 32)
	deviceScalar = bytes.Repeat([]byte{0x42}, 32)
)

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func intakeOf(t testing.TB, scalar []byte) hpke.PrivateKey {
	t.Helper()
	key, err := kem().NewPrivateKey(scalar)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func makeVector(t *testing.T) (v vector) {
	t.Helper()
	key := intakeOf(t, intakeScalar)
	public := key.PublicKey().Bytes()
	sum := sha256.Sum256(public)
	v.Intake.Private, v.Intake.Public, v.Intake.ID = text(intakeScalar), text(public), text(sum[:8])
	d := testkit.NewDevice(t, public, deviceScalar...)
	v.Device.Private, v.Device.Public, v.Device.Signer = text(deviceScalar), text(d.Public()), d.Signer()
	for i, c := range []testkit.OfflineCommand{
		{Method: "POST", Path: "/api/contacts", Key: "01920000-0000-7000-8000-000000000001", At: 1773131400000,
			Body: json.RawMessage(`{"point":"NE-AGZ","happened":"2026-03-10T08:30:00.000Z","services":[{"code":"water","quantity":1}],"note":"ماء"}`)},
		{Method: "POST", Path: "/api/contacts/01920000-0000-7000-8000-00000000000a/undo", Key: "01920000-0000-7000-8000-000000000002", At: 1773131401000,
			Offset: -63072000000, Subject: "c2VjcmV0"},
	} {
		plain, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		e := d.Entry(c)
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		mine, err := Decode(b)
		if err != nil {
			t.Fatalf("entry %d: %v", i, err)
		}
		v.Entries = append(v.Entries, vectorEntry{"go", entryInfo, string(mine.aad()), string(mine.signed()), string(plain), b})
	}
	v.Vault.Info, v.Vault.AAD = vaultInfo, "01920000-0000-7000-8000-0000000000aa"
	v.Vault.Plain = `{"account":"01920000-0000-7000-8000-0000000000aa","vault":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}`
	v.Vault.Wrapped.Enc, v.Vault.Wrapped.Sealed = d.Seal(v.Vault.Info, v.Vault.AAD, []byte(v.Vault.Plain))
	return v
}

// The bytes that desks of today send are taken in by nodes of later. The desk's tests read the same files, and put one of
// their own beside: entry_*.json in testdata are opened here.
func TestTheVectorsOpen(t *testing.T) {
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		b, err := json.MarshalIndent(makeVector(t), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(vectorFile, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob("testdata/entry*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var v vector
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		scalar, _ := base64.RawURLEncoding.DecodeString(v.Intake.Private)
		key := intakeOf(t, scalar)
		if got := text(key.PublicKey().Bytes()); got != v.Intake.Public {
			t.Errorf("%s: the intake key is %s, want %s", file, got, v.Intake.Public)
		}
		public := testkit.Point(t, v.Device.Public)
		if sum := sha256.Sum256(public); text(sum[:16]) != v.Device.Signer {
			t.Errorf("%s: the signer is %s", file, text(sum[:16]))
		}
		for i, ve := range v.Entries {
			e, err := Decode(ve.Entry)
			if err != nil {
				t.Fatalf("%s, entry %d: %v", file, i, err)
			}
			if string(e.signed()) != ve.Signed || string(e.aad()) != ve.AAD {
				t.Errorf("%s, entry %d: signed %s, bound to %s", file, i, e.signed(), e.aad())
			}
			if !e.signedBy(public) {
				t.Errorf("%s, entry %d: the signature does not hold", file, i)
			}
			plain, err := unseal(key, ve.Info, []byte(ve.AAD), e.Enc, e.Sealed)
			if err != nil || string(plain) != ve.Plain {
				t.Errorf("%s, entry %d: %v %s", file, i, err, plain)
			}
			if _, err := e.open(key); err != nil {
				t.Errorf("%s, entry %d: %v", file, i, err)
			}
		}
		if v.Vault.AAD == "" {
			continue
		}
		if plain, err := unseal(key, v.Vault.Info, []byte(v.Vault.AAD), v.Vault.Wrapped.Enc, v.Vault.Wrapped.Sealed); err != nil || string(plain) != v.Vault.Plain {
			t.Errorf("%s, vault: %v %s", file, err, plain)
		}
	}
}

func FuzzDecode(f *testing.F) {
	b, err := os.ReadFile(vectorFile)
	if err != nil {
		f.Fatal(err)
	}
	var v vector
	if err := json.Unmarshal(b, &v); err != nil {
		f.Fatal(err)
	}
	for _, e := range v.Entries {
		f.Add([]byte(e.Entry))
		f.Add([]byte(e.Plain))
	}
	f.Add([]byte(`{"v":1,"key":null,"at":1e400}`))
	f.Add([]byte(`{"happened":"2026-03-10T08:30:00Z","happened":"x"}`))
	f.Add([]byte(`{"clock":-1e308,"entries":[null,[],{}]}`))
	key := intakeOf(f, intakeScalar)
	public := testkit.Point(f, v.Device.Public)
	curve, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), public)
	if err != nil || curve == nil {
		f.Fatal(err)
	}
	if _, err := ecdh.P256().NewPublicKey(public); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if file, err := ReadFile(b); err == nil {
			for _, raw := range file.Entries {
				_, _ = Decode(raw)
			}
		}
		if mended, changed := (clocks{at: 1, sent: 2, now: 1773131400000}).mend(b); changed && !json.Valid(mended) {
			t.Errorf("mending %q made %q", b, mended)
		}
		e, err := Decode(b)
		if err != nil {
			return
		}
		// What is taken is written again as the same entry, and only its own signature opens it.
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := Decode(again); err != nil || same != e {
			t.Errorf("%v: %+v became %+v", err, e, same)
		}
		if e.signedBy(public) {
			if _, err := e.open(key); err != nil && !bytes.Contains(b, []byte(e.Key)) {
				t.Errorf("signed and not open: %v", err)
			}
		}
	})
}
