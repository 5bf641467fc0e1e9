package outbox

import (
	"encoding/json"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/testkit"
)

// TestEveryRoute plays what a device does: of every route first a refusal, where there is one, then the answer.
func TestEveryRoute(t *testing.T) {
	h := newHall(t)
	d := testkit.NewDevice(t, h.key.PublicKey().Bytes(), deviceScalar...)
	var account fact.AccountID
	if err := account.UnmarshalText([]byte("01920000-0000-7000-8000-0000000000aa")); err != nil {
		t.Fatal(err)
	}
	h.signers[d.Signer()] = Signer{Actor: access.Actor{Account: account, Name: "musa", Full: true}, Public: d.Public(), Since: noon.AddDate(0, -1, 0), Counts: true}
	h.device("fatima")
	entry := func(key, path string) testkit.OfflineEntry {
		return d.Entry(testkit.OfflineCommand{Method: "POST", Path: path, At: noon.UnixMilli(), Subject: "s", Key: key})
	}
	given := batch(entry("01920000-0000-7000-8000-000000000001", "/api/things/kit"), entry("01920000-0000-7000-8000-000000000002", "/api/nothing"))
	plain := `{"account":"` + account.String() + `","vault":"AAECAw"}`
	enc, sealed := d.Seal("serai vault 1", account.String(), []byte(plain))
	wrapped, _ := json.Marshal(map[string]any{"wrapped": map[string]string{"enc": enc, "sealed": sealed}})

	call := func(who, method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		if who != "" {
			r.Header.Set("Authorization", "Bearer "+who)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for _, step := range []struct {
		name, method, path string
		refuse, refused    string // who is refused, and what she sends
		status             int    // of the refusal
		who, body, golden  string
	}{
		{"the intake key", "GET", "/api/outbox/key", "", "more", 0, "", "", "key.json"},
		{"hand in without a session", "POST", "/api/outbox", "", `{"clock":1}`, 422, "", given, "taken.json"},
		{"hand in what is one's own", "POST", "/api/outbox", "musa", `[]`, 422, "musa", given, "taken_own.json"},
		{"hand in what another made", "POST", "/api/outbox", "fatima", `{"entries":7}`, 422, "fatima", given, "taken.json"},
		{"restore", "POST", "/api/device/restore", "fatima", string(wrapped), 403, "musa", string(wrapped), "restored.json"},
	} {
		t.Run(step.name, func(t *testing.T) {
			if step.status != 0 {
				if w := call(step.refuse, step.method, step.path, step.refused); w.Code != step.status {
					t.Errorf("%q got %d, want %d: %s", step.refuse, w.Code, step.status, w.Body)
				}
			}
			w := call(step.who, step.method, step.path, step.body)
			if w.Code/100 != 2 {
				t.Fatalf("%q got %d: %s", step.who, w.Code, w.Body)
			}
			testkit.Golden(t, filepath.Join("testdata", "answers", step.golden), w.Body.Bytes())
		})
	}
}
