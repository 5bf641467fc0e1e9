package hub

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/testkit"
	"serai/internal/web"
)

type door struct{}

func (door) Actor(_ context.Context, token string) (access.Actor, error) {
	switch token {
	case "volunteer":
		return access.Actor{Handle: fact.Handle{1}, Full: true, Grants: []access.Grant{{Role: access.Volunteer, Org: fact.OrgByCode("NRC")}}}, nil
	case "nobody":
		return access.Actor{Handle: fact.Handle{2}, Full: true}, nil
	}
	return access.Actor{}, fault.NotFound("accounts.no_session", "")
}

func (door) Refused(context.Context, web.Refusal) error { return nil }

func TestTheDeskAsksHowItsNodeIsReached(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var rivals []Rival
	now := func() time.Time { return noon }
	m := web.New(web.Config{Node: "test", Sessions: door{}, Guard: door{}, Clock: now, RequestKey: []byte("test")})
	New(dir, now, func() []Rival { return rivals }).Routes(m)
	call := func(who string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/api/hub", nil)
		r.Header.Set("Authorization", "Bearer "+who)
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		return w
	}
	if w := call("stranger"); w.Code != http.StatusUnauthorized {
		t.Errorf("a stranger: %d %s", w.Code, w.Body)
	}
	if w := call("nobody"); w.Code != http.StatusForbidden {
		t.Errorf("who has no role: %d %s", w.Code, w.Body)
	}
	testkit.Golden(t, filepath.Join("testdata", "none.json"), call("volunteer").Body.Bytes())

	if err := Init(dir, ring{}, setting(t, "agadez", nil, []string{"192.168.8.1"}), false, Machine{Now: noon}); err != nil {
		t.Fatal(err)
	}
	rivals = []Rival{{Name: "agadez.local", Address: "192.168.8.66", Last: noon}}
	var got hubView
	if err := json.Unmarshal(call("volunteer").Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	root, err := readRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := FingerprintOf(root); got.Root == nil || got.Root.SHA256 != want.SHA256 || got.Root.Number != want.Number {
		t.Errorf("the fingerprint is %+v, want %+v", got.Root, want)
	}
	got.Root = &Fingerprint{SHA256: "(of this run)", Words: []string{"eight"}, Number: "(of this run)"}
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, filepath.Join("testdata", "local.json"), b)
}
