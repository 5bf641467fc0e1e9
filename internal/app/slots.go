package app

import (
	"fmt"
	"io"
	"os"

	"filippo.io/age"

	"serai/internal/seal"
)

// Slots names what opens the node in a data directory.
func Slots(data string) []string { return seal.Slots(data) }

// RemoveSlot removes a slot; the last one stays.
func RemoveSlot(data, name string) error { return seal.RemoveSlot(data, name) }

// AddKeyFile adds a slot that a new key file opens. The file is written before the slot, so that no slot is there that
// nothing opens.
func AddKeyFile(data, passphrase, keyFile, name, out string) error {
	ring, err := Unlock(data, passphrase, keyFile)
	if err != nil {
		return err
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, id.String())
	if e := f.Sync(); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return ring.AddRecipient(name, id.Recipient().String())
}

// NewRecovery makes a new recovery key for this node and prints its sheet.
func (n *Node) NewRecovery(out io.Writer) error {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	if err := n.Ring.AddRecipient("recovery", id.Recipient().String()); err != nil {
		return err
	}
	if err := seal.WriteFile(recipientFile(n.Config.Data), []byte(id.Recipient().String()+"\n")); err != nil {
		return err
	}
	return recoverySheet(out, n.Settings, n.Ring, id, n.Config.Now())
}
