package testkit

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"serai/internal/fact"
)

// Device is a worker's device that works without a network: it seals commands to a node and signs them.
type Device struct {
	t   testing.TB
	key *ecdsa.PrivateKey
	// Intake is the uncompressed point of the node's intake key.
	Intake []byte
}

// NewDevice makes a device with a key of its own, or with the key whose private scalar is given.
func NewDevice(t testing.TB, intake []byte, scalar ...byte) *Device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if len(scalar) > 0 {
		key, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &Device{t, key, intake}
}

// Public returns the device's public key: an uncompressed point.
func (d *Device) Public() []byte {
	b, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

// Signer returns the id of the device's key.
func (d *Device) Signer() string {
	sum := sha256.Sum256(d.Public())
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// OfflineCommand is what a device seals. Body is JSON.
type OfflineCommand struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   json.RawMessage `json:"body"`
	At     int64           `json:"at"`
	Offset int64           `json:"offset"`

	Key     string `json:"-"` // drawn when empty
	Subject string `json:"-"`
}

// OfflineEntry is an entry of an outbox, in the form in which it is sent.
type OfflineEntry struct {
	V       int    `json:"v"`
	Key     string `json:"key"`
	Signer  string `json:"signer"`
	Subject string `json:"subject,omitempty"`
	Enc     string `json:"enc"`
	Sealed  string `json:"sealed"`
	Sig     string `json:"sig"`
}

// Entry seals and signs a command.
func (d *Device) Entry(c OfflineCommand) OfflineEntry {
	d.t.Helper()
	if c.Key == "" {
		c.Key = fact.NewContactID(time.Now()).String()
	}
	plain, err := json.Marshal(c)
	if err != nil {
		d.t.Fatal(err)
	}
	e := OfflineEntry{V: 1, Key: c.Key, Signer: d.Signer(), Subject: c.Subject}
	e.Enc, e.Sealed = d.Seal("serai outbox 1", "1|"+e.Key+"|"+e.Signer, plain)
	return d.Sign(e)
}

// Sign signs an entry as it stands.
func (d *Device) Sign(e OfflineEntry) OfflineEntry {
	d.t.Helper()
	text := "serai outbox 1|" + e.Key + "|" + e.Signer + "|" + e.Enc + "|" + e.Sealed
	if e.Subject != "" {
		text += "|" + e.Subject
	}
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, d.key, sum[:])
	if err != nil {
		d.t.Fatal(err)
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	e.Sig = base64.RawURLEncoding.EncodeToString(sig)
	return e
}

// Seal seals a message to the intake key.
func (d *Device) Seal(info, aad string, plain []byte) (enc, sealed string) {
	d.t.Helper()
	to, err := hpke.DHKEM(ecdh.P256()).NewPublicKey(d.Intake)
	if err != nil {
		d.t.Fatal(err)
	}
	from, sender, err := hpke.NewSender(to, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(info))
	if err != nil {
		d.t.Fatal(err)
	}
	message, err := sender.Seal([]byte(aad), plain)
	if err != nil {
		d.t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(from), base64.RawURLEncoding.EncodeToString(message)
}

// Point reads a public key from base64url.
func Point(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
