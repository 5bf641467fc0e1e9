package backup

import (
	"bytes"
	"io"
	"testing"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// Unpack takes the cipher and the compression off a backup.
func Unpack(t testing.TB, b []byte, id *age.X25519Identity) []byte {
	t.Helper()
	r, err := age.Decrypt(bytes.NewReader(b), id)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// Pack puts them on again, as anybody can who knows the public recipient.
func Pack(t testing.TB, plain []byte, id *age.X25519Identity) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := newWriter(&b, id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	w.write(plain[len(magic):])
	if !bytes.HasPrefix(plain, []byte(magic)) {
		var other bytes.Buffer
		sealed, err := age.Encrypt(&other, id.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		z, _ := zstd.NewWriter(sealed)
		_, _ = z.Write(plain)
		_ = z.Close()
		_ = sealed.Close()
		return other.Bytes()
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
