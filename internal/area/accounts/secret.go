package accounts

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"

	"serai/internal/fact"
)

// cost is what one Argon2id takes. The default is OWASP's second choice, 19 MiB and two passes, because a node may be
// a small board with a gigabyte that serves a whole point.
type cost struct{ memory, passes uint32 }

var standardCost = cost{memory: 19 * 1024, passes: 2}

// hasher runs Argon2id, two at once at most: a flood of sign-ins must not take the memory of those who serve.
type hasher struct {
	cost   cost
	random io.Reader
	slots  chan struct{}
	decoy  string // what is compared when there is nothing to compare with
}

func newHasher(random io.Reader, c cost) (*hasher, error) {
	// Random bytes are the hash of no secret that anybody could find, and cost no Argon2id when the node starts.
	drawn := make([]byte, 16+32)
	if _, err := io.ReadFull(random, drawn); err != nil {
		return nil, fmt.Errorf("draw a decoy: %w", err)
	}
	return &hasher{cost: c, random: random, slots: make(chan struct{}, 2), decoy: phcString(c, drawn[:16], drawn[16:])}, nil
}

func phcString(c cost, salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, c.memory, c.passes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// hash returns the PHC string of a secret.
func (h *hasher) hash(ctx context.Context, secret string) (string, error) {
	salt := make([]byte, 16)
	if _, err := io.ReadFull(h.random, salt); err != nil {
		return "", fmt.Errorf("draw a salt: %w", err)
	}
	key, err := h.run(ctx, secret, salt, h.cost)
	if err != nil {
		return "", err
	}
	return phcString(h.cost, salt, key), nil
}

// verify tells whether secret is what phc was made from. With no phc it takes the same time, and says no.
func (h *hasher) verify(ctx context.Context, phc, secret string) (bool, error) {
	set := phc != ""
	if !set {
		phc = h.decoy
	}
	c, salt, want, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	got, err := h.run(ctx, secret, salt, c)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && set, nil
}

func (h *hasher) run(ctx context.Context, secret string, salt []byte, c cost) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(secret), salt, c.passes, c.memory, 1, 32), nil
}

func parsePHC(s string) (c cost, salt, key []byte, err error) {
	bad := errors.New("accounts: a stored password is no Argon2id string")
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return c, nil, nil, bad
	}
	var lanes int
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &lanes); err != nil || lanes != 1 || c.passes == 0 {
		return c, nil, nil, bad
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return c, nil, nil, bad
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) != 32 {
		return c, nil, nil, bad
	}
	return c, salt, key, nil
}

// codeLetters is Crockford's base32: no I, L, O, U, so that a code survives being read out over noise.
const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newCode draws ten letters, fifty bits, shown as ABCDE-FGHJK.
func newCode(random io.Reader) (string, error) {
	b := make([]byte, 10)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("draw a code: %w", err)
	}
	for i := range b {
		b[i] = codeLetters[b[i]%32]
	}
	return string(b[:5]) + "-" + string(b[5:]), nil
}

// normalCode reads a code as people write it down.
func normalCode(s string) (string, bool) {
	if len(s) > 64 {
		return "", false
	}
	s = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(s))
	if len(s) != 10 || strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(codeLetters, r) }) {
		return "", false
	}
	return s, true
}

// keyed is the form in which codes are kept. A code has too few bits for a bare hash: whoever stole the table could
// try them all. The key is not in the table.
func (s *Service) keyed(purpose, code string) []byte {
	m := hmac.New(sha256.New, s.key[:])
	m.Write([]byte("serai/accounts/" + purpose + "\x00" + code))
	return m.Sum(nil)
}

// peppered binds a PIN to its device: the device's secret is nowhere in the tables.
func peppered(pin string, secret []byte) string {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("serai/pin/1\x00" + pin))
	return base64.RawStdEncoding.EncodeToString(m.Sum(nil))
}

// seal encrypts the TOTP secret of an account, which has to be readable again, under the node's key.
func (s *Service) seal(account fact.AccountID, plain []byte) ([]byte, error) {
	aead, err := s.aead()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	if err := s.draw(nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, plain, account.Bytes()), nil
}

// unseal opens what seal made for the same account.
func (s *Service) unseal(account fact.AccountID, sealed []byte) ([]byte, error) {
	aead, err := s.aead()
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, fmt.Errorf("accounts: the second factor of %s is damaged", account)
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], account.Bytes())
	if err != nil {
		return nil, fmt.Errorf("accounts: the second factor of %s does not open with this node's key", account)
	}
	return plain, nil
}

func (s *Service) aead() (cipher.AEAD, error) {
	key := s.keyed("totp", "")
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
