package hub

import (
	"crypto/sha256"
	"crypto/x509"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/crypto/scrypt"
)

//go:embed words.txt
var wordList string

var wordsOf256 = strings.Fields(wordList)

// Fingerprint is a root in the forms in which people compare it.
//
// Words and Number say the same 64 bits, for those who read the Latin alphabet and for everybody: made of the
// SHA-256 by scrypt, so that whoever looks for another root with the same words pays for a tenth of a second and 32 MiB
// at each try. They serve where both sides show them by themselves: console, doctor, desk, the register of an office.
// A device shows only SHA256, and a page can show anything: on a device, that is what people compare.
type Fingerprint struct {
	SHA256 string   `json:"sha256" doc:"Of the root, as devices show it: sixteen groups of four"`
	Words  []string `json:"words" doc:"Eight words to read aloud"`
	Number string   `json:"number" doc:"The same in twenty digits, for who does not read the words"`
}

// FingerprintOf returns the fingerprint of a certificate.
func FingerprintOf(c *x509.Certificate) Fingerprint {
	sum := sha256.Sum256(c.Raw)
	if f, ok := stretched.Load(sum); ok {
		return f.(Fingerprint)
	}
	k, err := scrypt.Key(sum[:], []byte("serai tls words 1"), 1<<15, 8, 1, 8)
	if err != nil {
		panic("hub: scrypt: " + err.Error()) // the parameters are constants
	}
	f := Fingerprint{SHA256: groups(strings.ToUpper(hex.EncodeToString(sum[:]))), Number: groups(fmt.Sprintf("%020d", binary.BigEndian.Uint64(k)))}
	for _, b := range k {
		f.Words = append(f.Words, wordsOf256[b])
	}
	stretched.Store(sum, f)
	return f
}

var stretched sync.Map // by SHA-256: a node has one root

func groups(s string) string {
	var out []string
	for ; len(s) > 4; s = s[4:] {
		out = append(out, s[:4])
	}
	return strings.Join(append(out, s), " ")
}
