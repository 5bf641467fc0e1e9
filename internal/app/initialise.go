package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"serai/internal/fault"
	"serai/internal/seal"
)

// Initialise makes a new node: its keyring, a slot that the passphrase opens, and a slot for the recovery sheet, which
// is printed to out and kept nowhere else.
func Initialise(ctx context.Context, c Config, s Settings, passphrase string, out io.Writer) error {
	c = c.Whole()
	if len([]rune(passphrase)) < 12 {
		return fault.Field("passphrase", "seal.passphrase_short", "a passphrase has at least 12 characters; four words are good")
	}
	ring, err := seal.Create(c.Data)
	if err != nil {
		return err
	}
	if err := ring.AddPassphrase("passphrase", passphrase); err != nil {
		return err
	}
	recovery, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	if err := ring.AddRecipient("recovery", recovery.Recipient().String()); err != nil {
		return err
	}
	if err := seal.WriteFile(recipientFile(c.Data), []byte(recovery.Recipient().String()+"\n")); err != nil {
		return err
	}
	n, err := Open(ctx, c, ring, nil)
	if err != nil {
		return err
	}
	defer n.Close()
	if err := WriteSettings(ctx, n.DB, s); err != nil {
		return err
	}
	return recoverySheet(out, s, ring, recovery, c.Now())
}

// recipientFile names the file with the public half of the recovery sheet: to whom backups are encrypted.
func recipientFile(data string) string { return filepath.Join(data, "recovery.pub") }

// RecoveryRecipient returns to whom this node's backups are encrypted.
func RecoveryRecipient(data string) (string, error) {
	b, err := os.ReadFile(recipientFile(data))
	if err != nil {
		return "", fault.NotFound("app.no_recovery", "this node has no recovery key; make one with `serai key recovery`")
	}
	return strings.TrimSpace(string(b)), nil
}

// recoverySheet prints the sheet in both languages of the house: who finds it in a safe may read only one of them.
func recoverySheet(out io.Writer, s Settings, ring *seal.Keyring, id *age.X25519Identity, made time.Time) error {
	sheet := seal.Sheet{Node: ring.Node(), Label: s.Label, Made: made, Identity: id}
	_, err := fmt.Fprintf(out, "\n%s\n%s\n", sheet.Text("en"), sheet.Text("fr"))
	return err
}
