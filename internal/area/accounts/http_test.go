package accounts_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serai/internal/access"
	"serai/internal/area/accounts"
	"serai/internal/web"
)

// guard counts refusals.
type guard struct {
	mu    sync.Mutex
	codes []string
}

func (g *guard) Refused(_ context.Context, r web.Refusal) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.codes = append(g.codes, r.Code)
	return nil
}

// door is a house with its HTTP routes.
type door struct {
	*house
	mux   *web.Mux
	guard *guard
}

func newDoor(h *house) *door {
	d := &door{house: h, guard: &guard{}}
	d.mux = web.New(web.Config{Sessions: h.Service, Guard: d.guard, Clock: h.clock.Now, Node: "agadez"})
	h.Routes(d.mux)
	return d
}

// call sends one request; token may be empty.
func (d *door) call(method, path, token, body string) (status int, answer string, header http.Header) {
	d.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, in)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	d.mux.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header()
}

// want checks status and, of a problem, the code.
func (d *door) want(method, path, token, body string, status int, code string) string {
	d.t.Helper()
	got, answer, _ := d.call(method, path, token, body)
	var p struct{ Code string }
	if code != "" {
		_ = json.Unmarshal([]byte(answer), &p)
	}
	if got != status || p.Code != code {
		d.t.Fatalf("%s %s: %d %q, want %d %q\n%s", method, path, got, p.Code, status, code, answer)
	}
	return answer
}

func read[T any](d *door, answer string) (v T) {
	d.t.Helper()
	if err := json.Unmarshal([]byte(answer), &v); err != nil {
		d.t.Fatalf("%v\n%s", err, answer)
	}
	return v
}

func TestEveryRouteRefuses(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := newDoor(h)
		staffed(t, h)
		h.open("musa", grant(access.Volunteer, agadez))
		volunteer, lead := h.token("musa"), h.token("lead")
		id := "01960000-0000-7000-8000-000000000001"
		tests := []struct {
			method, path, token, body string
			status                    int
			code                      string
		}{
			{"POST", "/api/session", "", `{"login":"musa","password":"wrong password"}`, 403, "accounts.sign_in_failed"},
			{"DELETE", "/api/session", "", "", 401, "web.signed_out"},
			{"GET", "/api/me", "", "", 401, "web.signed_out"},
			{"PATCH", "/api/me", "", `{"language":"fr"}`, 401, "web.signed_out"},
			{"POST", "/api/me/password", volunteer, `{"password":"x","new":"another long password"}`, 422, "accounts.wrong_password"},
			{"POST", "/api/me/totp", volunteer, `{"password":"x"}`, 422, "accounts.wrong_password"},
			{"POST", "/api/me/totp/confirm", volunteer, `{"totp":"123456"}`, 409, "accounts.totp_not_set_up"},
			{"POST", "/api/me/device-key", volunteer, `{"public":"no point of the curve"}`, 422, "accounts.bad_public_key"},
			{"GET", "/api/me/device-keys", "", "", 401, "web.signed_out"},
			{"DELETE", "/api/me/device-keys/{key}", "", "", 401, "web.signed_out"},
			{"GET", "/api/accounts", volunteer, "", 403, "web.not_allowed"},
			{"POST", "/api/accounts", volunteer, `{"name":"X","grants":[]}`, 403, "web.not_allowed"},
			{"PATCH", "/api/accounts/{account}", lead, `{"unlock":true}`, 404, "accounts.not_found"},
			{"POST", "/api/accounts/{account}/invitation", lead, "", 404, "accounts.not_found"},
			{"DELETE", "/api/accounts/{account}/sessions", lead, "", 404, "accounts.not_found"},
			{"DELETE", "/api/accounts/{account}/device-keys", lead, "", 404, "accounts.not_found"},
			{"GET", "/api/accounts/{account}/history", lead, "", 403, "web.not_allowed"},
			{"POST", "/api/grants/{grant}/approval", lead, "", 403, "web.not_allowed"},
			{"POST", "/api/invitations/accept", "", `{"code":"AAAAA-AAAAA","password":"another long password"}`, 422, "accounts.bad_code"},
			{"GET", "/api/devices", volunteer, "", 403, "web.not_allowed"},
			{"POST", "/api/devices", lead, `{"name":"Tablet","point":"` + arlit.String() + `"}`, 404, "accounts.not_found"},
			{"POST", "/api/devices/enrol", "", `{"code":"AAAAA-AAAAA"}`, 422, "accounts.bad_code"},
			{"DELETE", "/api/devices/{device}", lead, "", 404, "accounts.not_found"},
		}
		tested := map[string]bool{}
		for _, test := range tests {
			tested[test.method+" "+test.path] = true
			path := strings.NewReplacer("{account}", id, "{grant}", id, "{device}", id, "{key}", "AAAAAAAAAAAAAAAAAAAAAA").Replace(test.path)
			d.want(test.method, path, test.token, test.body, test.status, test.code)
		}
		for _, r := range d.mux.Routes() {
			_, mine := map[string]bool{"session": true, "me": true, "accounts": true, "grants": true, "invitations": true, "devices": true}[r.Tag]
			if mine && !tested[r.Method+" "+r.Path] {
				t.Errorf("%s %s has no refusal", r.Method, r.Path)
			}
		}
		if len(d.guard.codes) != 5 || !slices.Contains(h.log.actions, "refused accounts.sign_in") {
			t.Errorf("refusals that were logged: %v at the routes, %v by the accounts", d.guard.codes, h.log.actions)
		}
	})
}

func TestWhatIsAbsentAndWhatIsOutOfScopeAreTheSameBytes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := newDoor(h)
		staffed(t, h)
		arlitVolunteer := h.open("musa", grant(access.Volunteer, arlit))
		lead := h.token("lead")
		for _, route := range [][3]string{
			{"PATCH", "", `{"unlock":true}`}, {"PATCH", "", `{"grants":[]}`}, {"POST", "/invitation", ""}, {"DELETE", "/sessions", ""},
		} {
			s1, foreign, _ := d.call(route[0], "/api/accounts/"+arlitVolunteer.String()+route[1], lead, route[2])
			s2, absent, _ := d.call(route[0], "/api/accounts/01960000-0000-7000-8000-000000000001"+route[1], lead, route[2])
			if s1 != 404 || s1 != s2 || foreign != absent {
				t.Errorf("%s %s: %d %s\n%d %s", route[0], route[1], s1, foreign, s2, absent)
			}
		}
	})
}

func TestSignInAnswers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := newDoor(h)
		id := h.open("musa", grant(access.Volunteer, agadez))
		h.relaxed()
		status, answer, header := d.call("POST", "/api/session", "", `{"login":"Musa","password":"`+password+`"}`)
		cookie := header.Get("Set-Cookie")
		if status != 200 || !strings.HasPrefix(cookie, "serai-agadez=") || !strings.Contains(cookie, "HttpOnly") {
			t.Fatalf("%d %s %s", status, cookie, answer)
		}
		got := read[map[string]any](d, answer)
		want := map[string]any{
			"account":      map[string]any{"id": id.String(), "name": "A musa", "login": "musa", "language": "en"},
			"organisation": map[string]any{"id": society.String()},
			"grants": []any{map[string]any{"role": "volunteer", "organisation": society.String(), "point": agadez.String(),
				"until": "2026-06-08T08:30:00Z"}},
			"permissions": []any{"accounts.self", "network.read", "lists.read", "people.create", "people.search", "people.read", "people.edit",
				"people.basis", "assist.record", "assist.read", "assist.correct", "assist.bulk", "cards.issue", "cards.read", "cards.update", "stock.read", "stock.count"},
			"points":  []any{map[string]any{"id": agadez.String(), "code": "NE-AGZ"}},
			"node":    map[string]any{"id": "01960000-0000-7000-8000-000000000001", "label": "Agadez", "demo": false, "version": "test"},
			"session": map[string]any{"expires": "2026-03-17T08:30:00Z", "full": true, "second_factor": false},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}

		in := read[accounts.SignedIn](d, d.want("POST", "/api/session", "", `{"login":"musa","password":"`+password+`","token":true}`, 200, ""))
		if len(in.Token) != 43 {
			t.Fatalf("token %q", in.Token)
		}
		me := read[accounts.Me](d, d.want("PATCH", "/api/me", in.Token, `{"language":"fr"}`, 200, ""))
		if me.Account.Language != "fr" || read[accounts.Me](d, d.want("GET", "/api/me", in.Token, "", 200, "")).Account.Language != "fr" {
			t.Fatalf("language: %+v", me)
		}
		status, _, header = d.call("DELETE", "/api/session", in.Token, "")
		if status != 204 || !strings.Contains(header.Get("Set-Cookie"), "Max-Age=0") {
			t.Fatalf("signing out: %d %s", status, header.Get("Set-Cookie"))
		}
		d.want("GET", "/api/me", in.Token, "", 401, "web.signed_out")
	})
}

// The whole way of a volunteer: the lead opens an account and a device, reads two codes out, and the volunteer serves.
func TestAVolunteerComesInWithoutEmail(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := newDoor(h)
		staffed(t, h)
		lead := h.token("lead")
		device := read[accounts.AddedDevice](d, d.want("POST", "/api/devices", lead, `{"name":"Tablet 1","point":"`+agadez.String()+`"}`, 201, ""))
		enrolled := read[accounts.EnrolledDevice](d, d.want("POST", "/api/devices/enrol", "", `{"code":"`+strings.ToLower(device.Code)+`"}`, 200, ""))
		opened := read[accounts.InvitedAccount](d, d.want("POST", "/api/accounts", lead,
			`{"name":"Musa","grants":[{"role":"volunteer","organisation":"`+society.String()+`","point":"`+agadez.String()+`"}]}`, 201, ""))
		here := `"device":"` + enrolled.Device.String() + `","device_secret":"` + enrolled.Secret + `"`
		accepted := read[accounts.Accepted](d, d.want("POST", "/api/invitations/accept", "", `{"code":"`+opened.Invitation.Code+`","login":"musa","pin":"4711",`+here+`}`, 200, ""))
		if accepted.Account.Login != "musa" {
			t.Fatalf("accepted: %+v", accepted)
		}
		in := read[accounts.SignedIn](d, d.want("POST", "/api/session", "", `{"login":"musa","pin":"4711",`+here+`,"token":true}`, 200, ""))
		if !in.Session.Full || in.Session.Device != enrolled.Device || len(in.Grants) != 1 {
			t.Fatalf("signed in: %+v", in)
		}
		list := read[accounts.AccountList](d, d.want("GET", "/api/accounts", lead, "", 200, ""))
		if len(list.Accounts) != 2 { // the lead and the volunteer
			t.Fatalf("the lead sees %+v", list)
		}
		d.want("PATCH", "/api/accounts/"+opened.Account.String(), lead, `{"grants":[]}`, 204, "")
		d.want("GET", "/api/accounts", in.Token, "", 403, "web.not_allowed")
		if me := read[accounts.Me](d, d.want("GET", "/api/me", in.Token, "", 200, "")); len(me.Grants) != 0 {
			t.Fatalf("roles outlive the lead's word: %+v", me)
		}
		d.want("DELETE", "/api/devices/"+enrolled.Device.String(), lead, "", 204, "")
		d.want("GET", "/api/me", in.Token, "", 401, "web.signed_out")
	})
}

func TestARepeatUnderTheSameIDIsNoSecondAccount(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := newDoor(h)
		staffed(t, h)
		lead := h.token("lead")
		const id = "01960000-0000-7000-8000-00000000000a"
		account := `{"id":"` + id + `","name":"Musa","grants":[{"role":"volunteer","organisation":"` + society.String() + `","point":"` + agadez.String() + `"}]}`
		device := `{"id":"` + id + `","name":"Tablet","point":"` + agadez.String() + `"}`
		if opened := read[accounts.InvitedAccount](d, d.want("POST", "/api/accounts", lead, account, 201, "")); opened.Account.String() != id {
			t.Fatalf("opened %s", opened.Account)
		}
		d.want("POST", "/api/accounts", lead, account, 409, "accounts.id_taken")
		d.want("POST", "/api/devices", lead, device, 201, "")
		d.want("POST", "/api/devices", lead, device, 409, "accounts.id_taken")
	})
}

func TestBadInputOverHTTP(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := newDoor(h)
		staffed(t, h)
		one := h.token("one")
		long := strings.Repeat("a", 100_000)
		for _, test := range []struct{ name, method, path, body string }{
			{"a login of a hundred thousand letters", "POST", "/api/session", `{"login":"` + long + `","password":"x"}`},
			{"a password of a hundred thousand letters", "POST", "/api/session", `{"login":"x","password":"` + long + `"}`},
			{"a NUL in a login", "POST", "/api/session", `{"login":"a\u0000b","password":"x"}`},
			{"a device that is no id", "POST", "/api/session", `{"login":"musa","pin":"1","device":"x","device_secret":"y"}`},
			{"a name of nothing but emoji is a name", "POST", "/api/accounts", `{"name":"","grants":[]}`},
			{"a role that nobody knows", "POST", "/api/accounts", `{"name":"X","grants":[{"role":"king","organisation":"` + society.String() + `"}]}`},
			{"a role nowhere", "POST", "/api/accounts", `{"name":"X","grants":[{"role":"volunteer"}]}`},
			{"a day that is none", "POST", "/api/accounts", `{"name":"X","until":"tomorrow","grants":[]}`},
			{"an end before 1900", "POST", "/api/accounts", `{"name":"X","until":"1899-01-01T00:00:00Z","grants":[]}`},
			{"a state that is none", "PATCH", "/api/accounts/01960000-0000-7000-8000-000000000001", `{"state":"king"}`},
			{"an id that is none", "PATCH", "/api/accounts/x", `{"unlock":true}`},
			{"a list in place of an object", "POST", "/api/devices", `[]`},
		} {
			status, answer, _ := d.call(test.method, test.path, one, test.body)
			if status < 400 || status >= 500 {
				t.Errorf("%s: %d %s", test.name, status, answer)
			}
			if strings.Contains(answer, "aaaaaaaaaa") || strings.Contains(answer, "king") {
				t.Errorf("%s: the answer repeats what was sent", test.name)
			}
		}
	})
}
