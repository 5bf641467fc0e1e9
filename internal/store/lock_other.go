//go:build !unix

package store

import (
	"os"

	"serai/internal/fault"
)

// lockFile takes the lock that keeps a second process from writing to the same database: a file that nobody else may
// create while it is held.
func lockFile(path string) (*os.File, error) {
	_ = os.Remove(path) // fails while another process holds it open
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.Conflict("store.in_use", "another serai process has this data directory open; stop it first")
	}
	return f, nil
}

func unlockFile(f *os.File) {
	_ = f.Close()
	_ = os.Remove(f.Name())
}
