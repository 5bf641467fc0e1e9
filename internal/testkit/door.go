package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serai/internal/access"
	"serai/internal/fault"
	"serai/internal/web"
)

// Door is an area behind HTTP. The token of an actor is the name under which the test lists her.
type Door struct {
	*web.Mux
	actors map[string]access.Actor
}

// NewDoor puts areas behind HTTP on a node.
func NewDoor(n *Node, actors map[string]access.Actor, areas ...interface{ Routes(*web.Mux) }) *Door {
	d := &Door{actors: actors}
	d.Mux = web.New(web.Config{Node: "test", Sessions: d, Guard: d, Clock: n.Clock.Now, RequestKey: []byte("test"), Rate: web.Rate{Session: -1, Address: -1}})
	for _, a := range areas {
		a.Routes(d.Mux)
	}
	return d
}

// Actor tells whose token it is.
func (d *Door) Actor(_ context.Context, token string) (access.Actor, error) {
	if a, ok := d.actors[token]; ok {
		return a, nil
	}
	return access.Actor{}, fault.NotFound("accounts.no_session", "")
}

// Refused forgets the refusal: what is logged is tested elsewhere.
func (d *Door) Refused(context.Context, web.Refusal) error { return nil }

// Call makes one request; who is nobody when empty, and a body is JSON.
func (d *Door) Call(who, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

// Step is one request of a day that is played: first somebody is refused, then somebody is answered.
type Step struct {
	Name, Method, Path, Body string
	Refuse                   string // who is refused; nobody signed in when empty
	Status                   int    // of the refusal
	Who                      string
	Golden                   string // the file of the answer below testdata/answers; none for an answer without a body
}

// Play plays the steps in order.
func (d *Door) Play(t *testing.T, steps []Step) {
	t.Helper()
	for _, step := range steps {
		t.Run(step.Name, func(t *testing.T) {
			if w := d.Call(step.Refuse, step.Method, step.Path, step.Body); w.Code != step.Status {
				t.Errorf("%q got %d, want %d: %s", step.Refuse, w.Code, step.Status, w.Body)
			}
			w := d.Call(step.Who, step.Method, step.Path, step.Body)
			if w.Code/100 != 2 {
				t.Fatalf("%q got %d: %s", step.Who, w.Code, w.Body)
			}
			if step.Golden != "" {
				Golden(t, filepath.Join("testdata", "answers", step.Golden), w.Body.Bytes())
			}
		})
	}
}

var (
	update = flag.Bool("update", false, "write the golden answers anew")
	drawn  = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// chosen begins the ids that tests choose themselves, which a golden answer keeps.
const chosen = "01920000"

// Golden compares an answer with the file at path; -update writes the file. JSON is indented, and ids that were drawn
// are written as <id>.
func Golden(t testing.TB, path string, got []byte) {
	t.Helper()
	if json.Valid(got) {
		var b bytes.Buffer
		if err := json.Indent(&b, got, "", "  "); err != nil {
			t.Fatal(err)
		}
		got = append(bytes.TrimSpace(b.Bytes()), '\n')
	}
	got = drawn.ReplaceAllFunc(got, func(id []byte) []byte {
		if bytes.HasPrefix(id, []byte(chosen)) {
			return id
		}
		return []byte("<id>")
	})
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}
