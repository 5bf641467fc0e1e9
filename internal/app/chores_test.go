package app

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTheNightlyBackupIsVerifiedAndOldOnesExpire(t *testing.T) {
	ctx := context.Background()
	c := Config{Data: filepath.Join(t.TempDir(), "data"), Backups: t.TempDir()}
	ring, err := newRing(c.Data)
	if err != nil {
		t.Fatal(err)
	}
	n, err := prepare(ctx, c, ring, Settings{Org: "NRC", Label: "Agadez", Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	now := n.Config.Now()
	keep := []string{backupName(now.AddDate(0, 0, -34)), "holiday.jpg", "serai-notes.txt"}
	for _, name := range append(keep, backupName(now.AddDate(0, 0, -37))) {
		if err := os.WriteFile(filepath.Join(c.Backups, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.nightly(ctx); err != nil {
		t.Fatal(err)
	}
	for _, name := range append(keep, backupName(now)) {
		if _, err := os.Stat(filepath.Join(c.Backups, name)); err != nil {
			t.Errorf("%s is gone", name)
		}
	}
	if _, err := os.Stat(filepath.Join(c.Backups, backupName(now.AddDate(0, 0, -37)))); err == nil {
		t.Error("a backup of 37 days ago is still there")
	}
	found, err := n.Doctor(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Code == "doctor.no_backup" {
			t.Error("doctor does not know of the backup")
		}
	}
}

func TestTheNamesOfBackupsSayTheirDay(t *testing.T) {
	for name, want := range map[string]bool{"serai-2026-03-10.backup": true, "serai-2026-13-10.backup": false, "serai-2026-03-10.backup.old": false, "other-2026-03-10.backup": false, "": false} {
		day, ok := backupDay(name)
		if ok != want || ok && !day.Equal(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%q: %v %v", name, day, ok)
		}
	}
}
