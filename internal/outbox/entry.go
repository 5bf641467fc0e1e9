package outbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math"
	"math/big"
	"strings"

	"serai/internal/fact"
	"serai/internal/fault"
)

// The texts that say what a message is for: in the seal (info) and before what is signed.
const (
	entryInfo = "serai outbox 1"
	vaultInfo = "serai vault 1"
)

// Entry is one command as a device sends it.
type Entry struct {
	V       int    `json:"v"`
	Key     string `json:"key"`               // UUIDv7, the Idempotency-Key
	Signer  string `json:"signer"`            // id of the device key
	Subject string `json:"subject,omitempty"` // opaque; orders what is about the same thing
	Enc     string `json:"enc"`               // encapsulated key of HPKE
	Sealed  string `json:"sealed"`
	Sig     string `json:"sig"`
}

// content is what is sealed in an entry.
type content struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   json.RawMessage `json:"body"`
	At     float64         `json:"at"`     // the raw clock of the device, in milliseconds, when the command was made
	Offset float64         `json:"offset"` // what the device added to its clock for the times in the body
}

// far bounds instants in milliseconds, so that sums of them stay whole: the year 5138.
const far = 1e14

func bad(detail string) error { return fault.Invalid("outbox.bad_entry", detail) }

// Decode reads one entry and checks its form. Fields that nobody knows are ignored: a newer desk may add some.
func Decode(b []byte) (e Entry, err error) {
	if err := json.Unmarshal(b, &e); err != nil {
		return Entry{Key: e.Key}, bad("this is no entry of an outbox; it is damaged, or was not made by the desk")
	}
	switch {
	case e.V != 1:
		return e, bad("v: only entries of version 1 are known here; the node may have to be brought up to date")
	case !isKey(e.Key):
		return e, bad("key: a UUID of version 7 in small letters is expected")
	case len(e.Signer) != 22:
		return e, bad("signer: the id of a device key has 22 letters of base64url")
	case len(e.Subject) > 64 || strings.Trim(e.Subject, subjectLetters) != "":
		return e, bad("subject: at most 64 letters, digits and - _ . :")
	case e.Enc == "" || e.Sealed == "" || e.Sig == "":
		return e, bad("enc, sealed and sig must be there")
	}
	return e, nil
}

const subjectLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:"

// isKey tells whether s is a UUIDv7 as it is written: one text for one key, since the text is what is signed.
func isKey(s string) bool {
	if len(s) != 36 || s[14] != '7' {
		return false
	}
	var id fact.FactID
	return id.UnmarshalText([]byte(s)) == nil && id.String() == s
}

// signed is what the signature of an entry is over.
func (e Entry) signed() []byte {
	s := entryInfo + "|" + e.Key + "|" + e.Signer + "|" + e.Enc + "|" + e.Sealed
	if e.Subject != "" {
		s += "|" + e.Subject
	}
	return []byte(s)
}

// aad is what the seal of an entry is bound to.
func (e Entry) aad() []byte { return []byte("1|" + e.Key + "|" + e.Signer) }

// signedBy tells whether the entry was signed with the key whose public point is given.
func (e Entry) signedBy(public []byte) bool {
	sig, err := base64.RawURLEncoding.DecodeString(e.Sig)
	if err != nil || len(sig) != 64 {
		return false
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), public)
	if err != nil {
		return false
	}
	sum := sha256.Sum256(e.signed())
	return ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
}

// open opens an entry with the intake key.
func (e Entry) open(key hpke.PrivateKey) (c content, err error) {
	plain, err := unseal(key, entryInfo, e.aad(), e.Enc, e.Sealed)
	if err != nil {
		return c, fault.Invalid("outbox.sealed_otherwise", "this was sealed for another node; bring it to the node at which the device was signed in")
	}
	if err := json.Unmarshal(plain, &c); err != nil {
		return c, bad("the content is no command")
	}
	if math.Abs(c.At) > far || math.Abs(c.Offset) > far {
		return c, bad("at and offset are milliseconds")
	}
	if string(c.Body) == "null" {
		c.Body = nil
	}
	return c, nil
}

// unseal opens a message of HPKE in base mode: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
func unseal(key hpke.PrivateKey, info string, aad []byte, enc, sealed string) ([]byte, error) {
	from, err := base64.RawURLEncoding.DecodeString(enc)
	if err != nil {
		return nil, err
	}
	message, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil, err
	}
	r, err := hpke.NewRecipient(from, key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(info))
	if err != nil {
		return nil, err
	}
	return r.Open(aad, message)
}
