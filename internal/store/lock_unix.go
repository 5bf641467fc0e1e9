//go:build unix

package store

import (
	"os"
	"syscall"

	"serai/internal/fault"
)

// lockFile takes the lock that keeps a second process from writing to the same database.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fault.Conflict("store.in_use", "another serai process has this data directory open; stop it first")
	}
	return f, nil
}

func unlockFile(f *os.File) {
	_ = f.Close()
}
