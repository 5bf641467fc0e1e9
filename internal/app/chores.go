package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"serai/internal/hub"
	"serai/internal/jobs"
)

// backupsLive is how long backups are kept: an older one could still be opened by whoever holds the recovery key, with
// everybody in it who was erased since.
const backupsLive = 35 * 24 * time.Hour

// requestsLive is how long a node remembers what it answered: longer than any desk is without its node. A repeat after
// that finds its id taken.
const requestsLive = 180 * 24 * time.Hour

// jobs are what the node does by itself.
func (n *Node) jobs() *jobs.Queue {
	q := jobs.New(n.DB, n.Config.Now, n.Config.Log)
	q.Every("sign", time.Hour, n.Journal.Sign)
	q.Every("erasures", time.Hour, n.People.FinishErasures)
	q.Every("card keys", 24*time.Hour, n.Cards.Start) // destroys seal keys whose time is over
	q.Every("requests", 24*time.Hour, func(ctx context.Context) error { return n.Journal.ForgetRequests(ctx, requestsLive) })
	if s, ok, err := hub.Read(n.Config.Data); err == nil && ok && s.Kind == hub.Local {
		q.Every("certificate", time.Hour, n.renewCertificate)
	}
	if n.Config.Backups != "" {
		q.Every("backup", 24*time.Hour, n.nightly)
	}
	return q
}

// nightly writes today's backup into the folder of backups and removes those that have expired.
func (n *Node) nightly(ctx context.Context) error {
	dir := n.Config.Backups
	now := n.Config.Now()
	if _, err := n.Backup(ctx, filepath.Join(dir, backupName(now))); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		day, ok := backupDay(e.Name())
		if ok && now.Sub(day) > backupsLive {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func backupName(t time.Time) string { return "serai-" + t.Format(time.DateOnly) + ".backup" }

// backupDay reads the day of a backup from its name; false for other files, which are left alone.
func backupDay(name string) (time.Time, bool) {
	day, ok := strings.CutPrefix(strings.TrimSuffix(name, ".backup"), "serai-")
	if !ok || !strings.HasSuffix(name, ".backup") {
		return time.Time{}, false
	}
	t, err := time.Parse(time.DateOnly, day)
	return t, err == nil
}
