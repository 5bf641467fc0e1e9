package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
)

var noon = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)

// house is a node's door with two people: "volunteer" and "stranger", who has no grant at all.
type house struct {
	*Mux
	mu       sync.Mutex
	refusals []Refusal
	guardErr error
	now      time.Time
}

func (h *house) Actor(_ context.Context, token string) (access.Actor, error) {
	switch token {
	case "volunteer":
		return access.Actor{Name: "v", Full: true, Grants: []access.Grant{{Role: access.Volunteer,
			Org: fact.OrgByCode("NRC"), Point: fact.PointByCode("NE-AGZ")}}}, nil
	case "stranger":
		return access.Actor{Name: "s", Full: true}, nil
	case "broken":
		return access.Actor{}, errors.New("the database is away")
	}
	return access.Actor{}, fault.NotFound("accounts.no_session", "")
}

func (h *house) Refused(_ context.Context, r Refusal) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refusals = append(h.refusals, r)
	return h.guardErr
}

func newHouse(t testing.TB, change ...func(*Config)) *house {
	t.Helper()
	h := &house{now: noon}
	cfg := Config{Node: "agadez", Sessions: h, Guard: h, Clock: func() time.Time { return h.now }, RequestKey: []byte("test")}
	for _, c := range change {
		c(&cfg)
	}
	h.Mux = New(cfg)
	return h
}

// call sends one request; headers come as "Name: value".
func (h *house) call(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const asVolunteer = "Authorization: Bearer volunteer"

func problemOf(t testing.TB, w *httptest.ResponseRecorder) problem {
	t.Helper()
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("Content-Type %q with %d: %s", got, w.Code, w.Body)
	}
	var p problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != w.Code || p.Title == "" || p.Type != "/api/problems/"+p.Code {
		t.Fatalf("an odd problem with %d: %s", w.Code, w.Body)
	}
	return p
}

type contactIn struct {
	Point fact.PointRef `path:"point"`
	Day   fact.Day      `query:"day"`
	Limit int           `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Kinds []string      `query:"kinds" enum:"water,food"`
	Body  struct {
		ID       fact.ContactID   `json:"id"`
		Person   fact.PersonID    `json:"person,omitzero"`
		Day      fact.Day         `json:"day,omitzero"`
		Note     string           `json:"note,omitempty" maxLength:"20"`
		Services []contactService `json:"services" minItems:"1" maxItems:"50"`
		Unique   []string         `json:"unique,omitempty" uniqueItems:"true"`
		Flags    map[string]bool  `json:"flags,omitempty"`
		Raw      json.RawMessage  `json:"raw,omitempty"`
		Seen     *fact.Day        `json:"seen,omitempty"`
		When     time.Time        `json:"when,omitzero"`
	}
}

type contactService struct {
	Code     string `json:"code" enum:"water,food"`
	Quantity int32  `json:"quantity,omitempty" minimum:"0" maximum:"1000"`
}

type contactOut struct {
	ID    fact.ContactID `json:"id"`
	Point fact.PointID   `json:"point"`
	Day   fact.Day       `json:"day"`
	Limit int            `json:"limit"`
	Kinds []string       `json:"kinds"`
	Key   string         `json:"key,omitempty"`
	Note  string         `json:"note,omitempty"`
}

func (h *house) record(ctx context.Context, who access.Actor, in *contactIn) (contactOut, error) {
	return contactOut{ID: in.Body.ID, Point: in.Point.ID, Day: in.Day, Limit: in.Limit, Kinds: in.Kinds,
		Key: fact.RequestOf(ctx).Key, Note: in.Body.Note}, nil
}

const (
	goodID   = "01920000-0000-7000-8000-000000000001"
	goodBody = `{"id":"` + goodID + `","services":[{"code":"water","quantity":2}]}`
)

func withContacts(t testing.TB, change ...func(*Config)) *house {
	h := newHouse(t, change...)
	Post(h.Mux, "/api/points/{point}/contacts", May("assist.record"), h.record, Status(http.StatusCreated), Summary("Record a contact"))
	return h
}

func TestATypedRouteReadsAndAnswers(t *testing.T) {
	h := withContacts(t)
	w := h.call("POST", "/api/points/NE-AGZ/contacts?day=2026-03-30&kinds=water,food", goodBody, asVolunteer, "Idempotency-Key: k-1")
	if w.Code != http.StatusCreated {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	want := `{"id":"` + goodID + `","point":"` + fact.PointByCode("NE-AGZ").String() +
		`","day":"2026-03-30","limit":20,"kinds":["water","food"],"key":"k-1"}` + "\n"
	if w.Body.String() != want {
		t.Fatalf("got  %swant %s", w.Body, want)
	}
}
