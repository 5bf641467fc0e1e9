package web

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"testing"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
)

// offline is a house with one route of each kind.
func offline(t testing.TB, change ...func(*Config)) *house {
	h := newHouse(t, change...)
	Post(h.Mux, "/api/points/{point}/contacts", May("assist.record"), h.record, Status(http.StatusCreated), Offline())
	Post(h.Mux, "/api/points/{point}/online", May("assist.record"), h.record)
	return h
}

func (h *house) as(token string) access.Actor {
	who, _ := h.Actor(context.Background(), token)
	return who
}

func TestACommandIsPerformedLikeARequest(t *testing.T) {
	h := offline(t)
	over := h.call("POST", "/api/points/NE-AGZ/contacts?day=2026-03-30", goodBody, asVolunteer, "Idempotency-Key: k-1")
	c := Command{Method: "POST", Path: "/api/points/NE-AGZ/contacts?day=2026-03-30", Body: []byte(goodBody), Key: "k-1"}
	got := h.Perform(context.Background(), h.as("volunteer"), c)
	if got.Status != http.StatusCreated || string(got.Body)+"\n" != over.Body.String() {
		t.Fatalf("performed %d %s, over HTTP %d %s", got.Status, got.Body, over.Code, over.Body)
	}
}

func TestWhatCannotBePerformed(t *testing.T) {
	h := offline(t)
	who := h.as("volunteer")
	for name, c := range map[string]Command{
		"a route that is not marked":    {Method: "POST", Path: "/api/points/NE-AGZ/online", Body: []byte(goodBody)},
		"a route that is not there":     {Method: "POST", Path: "/api/nowhere", Body: []byte(goodBody)},
		"another method":                {Method: "PUT", Path: "/api/points/NE-AGZ/contacts", Body: []byte(goodBody)},
		"reading":                       {Method: "GET", Path: "/api/points/NE-AGZ/contacts"},
		"a method with a line break":    {Method: "POST\r\nX: y", Path: "/api/points/NE-AGZ/contacts"},
		"an address with dots":          {Method: "POST", Path: "/api/points/../points/NE-AGZ/contacts", Body: []byte(goodBody)},
		"an address with two slashes":   {Method: "POST", Path: "/api//points/NE-AGZ/contacts", Body: []byte(goodBody)},
		"another host":                  {Method: "POST", Path: "http://elsewhere/api/points/NE-AGZ/contacts", Body: []byte(goodBody)},
		"an address that is no address": {Method: "POST", Path: "api/points", Body: []byte(goodBody)},
		"the desk":                      {Method: "POST", Path: "/desk/", Body: []byte(goodBody)},
	} {
		got := h.Perform(context.Background(), who, c)
		if got.Status != http.StatusNotFound || codeOf(t, got) != "outbox.route" {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if len(h.refusals) != 0 {
		t.Errorf("written down as refusals: %+v", h.refusals)
	}
}

func TestEveryGateHoldsForWhatIsPerformed(t *testing.T) {
	h := offline(t)
	Post(h.Mux, "/api/forbidden", SignedIn(), func(ctxT, access.Actor, *struct{}) (Empty, error) {
		return Empty{}, fault.Forbidden("test.no", "")
	}, Offline())
	Post(h.Mux, "/api/panics", SignedIn(), func(ctxT, access.Actor, *struct{}) (Empty, error) { panic("Fatoumata") }, Offline())
	Post(h.Mux, "/api/small", SignedIn(), func(ctxT, access.Actor, *struct{ Body json.RawMessage }) (Empty, error) { return Empty{}, nil }, Offline(), BodyLimit(10))
	path := "/api/points/NE-AGZ/contacts"
	for _, test := range []struct {
		name, who string
		c         Command
		status    int
		code      string
		refused   bool
	}{
		{"without the permission", "stranger", Command{Method: "POST", Path: path, Body: []byte(goodBody)}, 403, "web.not_allowed", true},
		{"a refusal of the handler", "stranger", Command{Method: "POST", Path: "/api/forbidden"}, 403, "test.no", true},
		{"a body that is invalid", "volunteer", Command{Method: "POST", Path: path, Body: []byte(`{"id":"` + goodID + `","services":[]}`)}, 422, "web.too_few", false},
		{"a body that is no JSON", "volunteer", Command{Method: "POST", Path: path, Body: []byte(`{`)}, 400, "web.bad_json", false},
		{"no body where one is needed", "volunteer", Command{Method: "POST", Path: path}, 400, "web.no_body", false},
		{"a body that is too large", "volunteer", Command{Method: "POST", Path: "/api/small", Body: []byte(`"0123456789"`)}, 413, "web.too_large", false},
		{"a key that is none", "volunteer", Command{Method: "POST", Path: path, Body: []byte(goodBody), Key: "a b"}, 422, "web.bad_key", false},
		{"a panic", "volunteer", Command{Method: "POST", Path: "/api/panics"}, 500, "internal", false},
	} {
		h.refusals = nil
		got := h.Perform(context.Background(), h.as(test.who), test.c)
		if got.Status != test.status || codeOf(t, got) != test.code {
			t.Errorf("%s: %d %s", test.name, got.Status, got.Body)
		}
		if (len(h.refusals) == 1) != test.refused {
			t.Errorf("%s: written down %+v", test.name, h.refusals)
		}
	}
}

// Whoever sends a request over HTTP cannot pass for somebody whom Perform was given, and what Perform runs has nothing of
// the session in which it was asked for.
func TestNobodyIsPerformedFor(t *testing.T) {
	h := offline(t)
	var token string
	Post(h.Mux, "/api/whoami", SignedIn(), func(ctx ctxT, _ access.Actor, _ *struct{}) (Empty, error) {
		token = Token(ctx)
		return Empty{}, nil
	}, Offline())
	Post(h.Mux, "/api/outer", SignedIn(), func(ctx ctxT, _ access.Actor, _ *struct{}) (Empty, error) {
		h.Perform(ctx, h.as("stranger"), Command{Method: "POST", Path: "/api/whoami"})
		return Empty{}, nil
	})
	if w := h.call("POST", "/api/outer", "", asVolunteer); w.Code != 204 || token != "" {
		t.Errorf("%d, and the token %q came along", w.Code, token)
	}
	if w := h.call("POST", "/api/whoami", "", "Performed: true"); w.Code != http.StatusUnauthorized {
		t.Errorf("a stranger got %d", w.Code)
	}
	i := slices.IndexFunc(h.Routes(), func(r Route) bool { return r.Path == "/api/whoami" })
	if !h.Routes()[i].Offline {
		t.Error("the list of routes does not tell")
	}
}

func TestAMendedBodyIsTheSameCommand(t *testing.T) {
	h := newHouse(t)
	var got []fact.Request
	Post(h.Mux, "/api/{x}", SignedIn(), func(ctx ctxT, _ access.Actor, _ *struct {
		X    string `path:"x"`
		Body json.RawMessage
	}) (Empty, error) {
		got = append(got, fact.RequestOf(ctx))
		return Empty{}, nil
	}, Offline())
	for _, c := range []Command{
		{Method: "POST", Path: "/api/a", Body: []byte(`{"a":1}`), Key: "k"},
		{Method: "POST", Path: "/api/a", Body: []byte(`{"a":2}`), Sent: []byte(`{"a":1}`), Key: "k"},
	} {
		if res := h.Perform(context.Background(), h.as("volunteer"), c); res.Status != 204 {
			t.Fatalf("%d %s", res.Status, res.Body)
		}
	}
	h.call("POST", "/api/a", `{"a":1}`, asVolunteer, "Idempotency-Key: k")
	if got[0] != got[1] || got[0] != got[2] {
		t.Errorf("three ways, three commands: %v", got)
	}
}

func TestWhatIsPublicOrReadsCannotBeMarked(t *testing.T) {
	for name, register := range map[string]func(*Mux){
		"public":  func(m *Mux) { Post(m, "/api/x", Public(), ok[struct{}], Offline()) },
		"reading": func(m *Mux) { Get(m, "/api/x", SignedIn(), ok[struct{}], Offline()) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was taken", name)
				}
			}()
			register(newHouse(t).Mux)
		}()
	}
}

func codeOf(t testing.TB, r Result) string {
	t.Helper()
	var p problem
	if err := json.Unmarshal(r.Body, &p); err != nil {
		t.Fatalf("%v: %s", err, r.Body)
	}
	return p.Code
}

func TestStrangersWaitForEachOther(t *testing.T) {
	h := newHouse(t)
	inside, leave := make(chan bool), make(chan bool)
	Post(h.Mux, "/api/x", Public(), func(ctxT, access.Actor, *struct{}) (Empty, error) {
		inside <- true
		<-leave
		return Empty{}, nil
	}, Strangers(1))
	var wg sync.WaitGroup
	for _, headers := range [][]string{nil, {asVolunteer}} { // who came with a session takes no place
		wg.Go(func() {
			if w := h.call("POST", "/api/x", "", headers...); w.Code != 204 {
				t.Errorf("%v: %d", headers, w.Code)
			}
		})
		<-inside
	}
	if w := h.call("POST", "/api/x", ""); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("a second stranger: %d", w.Code)
	}
	leave <- true
	leave <- true
	wg.Wait()
	go func() { <-inside; leave <- true }()
	if w := h.call("POST", "/api/x", ""); w.Code != 204 {
		t.Errorf("afterwards: %d", w.Code)
	}
}
