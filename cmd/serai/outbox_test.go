package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"serai/internal/testkit"
)

// tablet is a device that never sees its node again: "tablet LOGIN FILE COMMAND ..." registers a key for somebody, and
// exports commands to FILE as the desk does. Each COMMAND is a file with {method, path, body}.
func tablet(t *testing.T) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if len(args) < 3 || neg {
			ts.Fatalf("usage: tablet LOGIN FILE COMMAND ...")
		}
		n, post := signedIn(ts, args[0])
		defer func() { ts.Check(n.Close()) }()
		key := n.Outbox.IntakeKey()
		d := testkit.NewDevice(t, testkit.Point(t, key.Public))
		post("/api/me/device-key", fmt.Sprintf(`{"public":%q}`, base64.RawURLEncoding.EncodeToString(d.Public())))
		file := struct {
			Outbox  int                    `json:"serai_outbox"`
			Node    string                 `json:"node"`
			Clock   int64                  `json:"clock"`
			Entries []testkit.OfflineEntry `json:"entries"`
		}{1, key.ID, time.Now().UnixMilli(), nil}
		for i, name := range args[2:] {
			var c testkit.OfflineCommand
			ts.Check(json.Unmarshal([]byte(ts.ReadFile(name)), &c))
			c.Key, c.At = fmt.Sprintf("01920000-0000-7000-8000-00000000000%d", i), file.Clock
			file.Entries = append(file.Entries, d.Entry(c))
		}
		b, err := json.Marshal(file)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), b, 0o600))
	}
}
