package seal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"filippo.io/age"

	"serai/internal/fault"
	"serai/internal/seal"
)

const passphrase = "four words are good"

func newRing(t testing.TB) (string, *seal.Keyring) {
	t.Helper()
	dir := t.TempDir()
	ring, err := seal.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, ring
}

func TestEverySlotOpensTheSameKeyring(t *testing.T) {
	dir, ring := newRing(t)
	sheet, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.AddPassphrase("desk", passphrase); err != nil {
		t.Fatal(err)
	}
	if err := ring.AddRecipient("recovery", sheet.Recipient().String()); err != nil {
		t.Fatal(err)
	}
	if got := seal.Slots(dir); !slices.Equal(got, []string{"desk", "recovery"}) {
		t.Errorf("slots: %q", got)
	}
	if err := ring.SetArea("card.sign", []byte("a secret")); err != nil { // after the slots were made
		t.Fatal(err)
	}
	same := func(how string, got *seal.Keyring, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		secret, ok := got.Area("card.sign")
		if got.Node() != ring.Node() || got.DatabaseKey() != ring.DatabaseKey() || !got.Public().Equal(ring.Public()) || !ok || string(secret) != "a secret" {
			t.Errorf("%s opens another keyring", how)
		}
	}
	got, err := seal.UnlockPassphrase(dir, passphrase)
	same("the passphrase", got, err)
	got, err = seal.UnlockIdentity(dir, sheet.String())
	same("the recovery key", got, err)
	got, err = seal.UnlockIdentity(dir, "# typed from the sheet\n"+sheet.String()+"\n\n")
	same("the recovery key with a comment", got, err)

	if err := seal.RemoveSlot(dir, "desk"); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.UnlockPassphrase(dir, passphrase); fault.Code(err) != "seal.wrong_passphrase" {
		t.Errorf("a removed slot: %v", err)
	}
	if err := seal.RemoveSlot(dir, "recovery"); fault.Code(err) != "seal.last_slot" {
		t.Errorf("the last slot: %v", err)
	}
}

func TestWhatDoesNotOpenIsSaidClearly(t *testing.T) {
	dir, ring := newRing(t)
	stranger, _ := age.GenerateX25519Identity()
	if err := ring.AddPassphrase("desk", passphrase); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, code string
		do         func() error
	}{
		{"a wrong passphrase", "seal.wrong_passphrase", func() error { _, err := seal.UnlockPassphrase(dir, "four words are bad"); return err }},
		{"no passphrase", "seal.wrong_passphrase", func() error { _, err := seal.UnlockPassphrase(dir, ""); return err }},
		{"somebody else's key", "seal.wrong_identity", func() error { _, err := seal.UnlockIdentity(dir, stranger.String()); return err }},
		{"words for a key", "seal.wrong_identity", func() error { _, err := seal.UnlockIdentity(dir, passphrase); return err }},
		{"a directory without a keyring", "seal.no_keyring", func() error { _, err := seal.UnlockPassphrase(t.TempDir(), passphrase); return err }},
		{"a second keyring in one directory", "seal.keyring_exists", func() error { _, err := seal.Create(dir); return err }},
		{"a passphrase of eleven letters", "seal.passphrase_short", func() error { return ring.AddPassphrase("x", "eleven-abcd") }},
		{"a slot that names a path", "seal.bad_slot_name", func() error { return ring.AddPassphrase("../x", passphrase) }},
		{"a recipient that is none", "seal.bad_recipient", func() error { return ring.AddRecipient("x", "age1nothing") }},
		{"a slot that is not there", "seal.no_slot", func() error { return seal.RemoveSlot(dir, "gone") }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := test.do(); fault.Code(err) != test.code {
				t.Errorf("got %v, want %s", err, test.code)
			}
		})
	}
}

func TestADamagedKeyringIsRefused(t *testing.T) {
	dir, ring := newRing(t)
	if err := ring.AddRecipient("recovery", identity(t).Recipient().String()); err != nil {
		t.Fatal(err)
	}
	sheet := identity(t)
	if err := ring.AddRecipient("sheet", sheet.Recipient().String()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "keyring")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 4
		if i%3 == 0 {
			b = b[:i]
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.UnlockIdentity(dir, sheet.String()); fault.Code(err) != "seal.keyring_broken" {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
}

func identity(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A power cut while the keyring is replaced leaves the new file under its other name, whole or torn: the old one counts.
func TestAKeyringThatWasNotRenamedIsTheOldOne(t *testing.T) {
	for name, torn := range map[string]int{"whole": 0, "torn": 40, "empty": -1} {
		t.Run(name, func(t *testing.T) {
			dir, ring := newRing(t)
			id := identity(t)
			if err := ring.AddRecipient("recovery", id.Recipient().String()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "keyring")
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := ring.SetArea("x", []byte("new")); err != nil {
				t.Fatal(err)
			}
			after, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case torn > 0:
				after = after[:torn]
			case torn < 0:
				after = nil
			}
			if err := os.WriteFile(path, before, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path+".new", after, 0o600); err != nil {
				t.Fatal(err)
			}
			again, err := seal.UnlockIdentity(dir, id.String())
			if err != nil {
				t.Fatal(err)
			}
			if _, there := again.Area("x"); there {
				t.Error("what was never acknowledged is there")
			}
			if err := again.SetArea("x", []byte("newer")); err != nil {
				t.Fatal(err)
			}
			if again, err = seal.UnlockIdentity(dir, id.String()); err != nil {
				t.Fatal(err)
			} else if b, _ := again.Area("x"); string(b) != "newer" {
				t.Errorf("got %q", b)
			}
		})
	}
}

func TestAFullDiskKeepsTheOldKeyring(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := seal.WriteFile(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path+".new", 0o700); err != nil { // the new file cannot be made
		t.Fatal(err)
	}
	if err := seal.WriteFile(path, []byte("new")); err == nil {
		t.Error("a write that failed was acknowledged")
	}
	if b, _ := os.ReadFile(path); string(b) != "old" {
		t.Errorf("got %q", b)
	}
}

func TestAnImportedKeyringIsTheSameNodeInAnotherIncarnation(t *testing.T) {
	_, ring := newRing(t)
	content, err := ring.Export()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "restored")
	got, err := seal.Import(dir, content)
	if err != nil {
		t.Fatal(err)
	}
	if got.Node() != ring.Node() || got.DatabaseKey() != ring.DatabaseKey() || got.RequestKey() != ring.RequestKey() || got.Incarnation() == ring.Incarnation() {
		t.Error("a restored node keeps id and keys and draws a new incarnation")
	}
	if _, err := seal.Import(dir, content); fault.Code(err) != "seal.keyring_exists" {
		t.Errorf("a second import: %v", err)
	}
	if _, err := seal.Import(t.TempDir(), content[:len(content)/2]); fault.Code(err) != "seal.keyring_broken" {
		t.Errorf("half a keyring: %v", err)
	}
	id := identity(t)
	if err := got.AddRecipient("recovery", id.Recipient().String()); err != nil {
		t.Fatal(err)
	}
	if again, err := seal.UnlockIdentity(dir, id.String()); err != nil || again.Incarnation() != got.Incarnation() {
		t.Errorf("after a new start: %v", err)
	}
}

func TestForgettingLeavesNoSecretInTheKeyring(t *testing.T) {
	_, ring := newRing(t)
	if err := ring.SetArea("card.sign", []byte("a secret")); err != nil {
		t.Fatal(err)
	}
	ring.Forget()
	if ring.DatabaseKey() != [32]byte{} {
		t.Error("the database key is still there")
	}
	if _, there := ring.Area("card.sign"); there {
		t.Error("an area's secret is still there")
	}
}

func TestTheRecoverySheetCanBePrintedAndTyped(t *testing.T) {
	_, ring := newRing(t)
	id := identity(t)
	sheet := seal.Sheet{Node: ring.Node(), Label: "Agadez", Made: time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC), Identity: id}
	for lang, word := range map[string]string{"en": "RECOVERY KEY", "fr": "CLÉ DE RÉCUPÉRATION", "fr-NE": "sauvegarde", "ar": "RECOVERY KEY"} {
		text := sheet.Text(lang)
		if !strings.Contains(text, word) || !strings.Contains(text, "2026-03-10") || !strings.Contains(text, ring.Node().String()) || strings.Contains(text, "%!") {
			t.Errorf("%s:\n%s", lang, text)
		}
		found := false
		for _, line := range strings.Split(text, "\n") {
			if utf8.RuneCountInString(line) > 80 {
				t.Errorf("%s: %d columns: %s", lang, utf8.RuneCountInString(line), line)
			}
			if got, err := seal.ParseIdentity(line); err == nil && got.String() == id.String() {
				found = true
			}
		}
		if !found {
			t.Errorf("%s: no line can be typed as a key", lang)
		}
	}
}

func TestAFullDiskIsSaidInTheWordsOfTheStore(t *testing.T) {
	err := seal.FullDisk(&os.PathError{Op: "write", Path: "keyring.new", Err: syscall.ENOSPC})
	if fault.Code(err) != "store.disk_full" || fault.Of(err) != fault.ClassConflict {
		t.Errorf("got %v", err)
	}
	if other := seal.FullDisk(os.ErrPermission); other != os.ErrPermission {
		t.Errorf("got %v", other)
	}
}
