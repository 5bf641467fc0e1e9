package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"serai/internal/access"
	"serai/internal/area/accounts"
	"serai/internal/fact"
	"serai/internal/seal"
	"serai/internal/store"
	"serai/internal/testkit"
	"serai/internal/web"
)

// world is the whole wired program as a test finds it: the demo network, cards, staff with sessions, a clock that stands
// still, and a log that keeps everything.
type world struct {
	t        testing.TB
	n        *Node
	ring     *seal.Keyring
	recovery *age.X25519Identity
	clock    *testkit.Clock
	log      *output
}

// The places of every test: where the staff under test work, another point of theirs, and another organisation.
const (
	homeOrg, homePoint, nextPoint = "NRC", "NE-AGZ", "NE-ASM"
	awayOrg, awayPoint            = "LRC", "LY-TIP"
	worldPassword                 = "a caravan of eleven camels"
)

// output is a writer that several goroutines share and a test reads.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// onEngines runs one of the large sweeps on each engine: the whole of it on SQLite, a sample on PostgreSQL, where every
// request is a few journeys to the server, and in a short run.
func onEngines(t *testing.T, sweep func(t *testing.T, e store.Engine, sample bool)) {
	t.Helper()
	t.Parallel()
	for _, e := range testkit.Engines(t) {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			sweep(t, e, testing.Short() || e == store.Postgres)
		})
	}
}

// newWorld makes a node on an empty database of an engine.
func newWorld(t testing.TB, e store.Engine) *world {
	t.Helper()
	// Cards are signed by the calendar, and what is made here must hold today: the tests begin this morning.
	begun := time.Now().UTC().Truncate(24 * time.Hour).Add(10 * time.Hour)
	w := &world{t: t, clock: testkit.NewClock(), log: &output{}}
	w.clock.Set(begun)
	c := Config{Data: filepath.Join(t.TempDir(), "data"), Postgres: testkit.NewConfig(t, e).DSN, Now: w.clock.Now,
		Rate: web.Rate{Session: -1, Address: -1}, Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	var err error
	w.ring, err = seal.Create(c.Data)
	w.must(err)
	w.recovery, err = age.GenerateX25519Identity()
	w.must(err)
	w.must(w.ring.AddRecipient("recovery", w.recovery.Recipient().String()))
	w.must(seal.WriteFile(recipientFile(c.Data), []byte(w.recovery.Recipient().String()+"\n")))
	w.n, err = prepare(context.Background(), c, w.ring, Settings{Org: homeOrg, Label: "World", Demo: true})
	w.must(err)
	t.Cleanup(func() { w.must(w.n.Close()) })
	w.must(foundCards(context.Background(), []*DemoNode{{Organisation: homeOrg, node: w.n}}))
	_, err = w.n.Lists.KeepAudio(context.Background(), access.Actor{Org: fact.OrgByCode(homeOrg), Full: true, Grants: []access.Grant{{Role: access.Administrator}}}, "en", "first", []byte(spoken))
	w.must(err)
	return w
}

// restart closes the node and opens it again.
func (w *world) restart() {
	w.t.Helper()
	w.must(w.n.Close())
	n, err := Open(context.Background(), w.n.Config, w.ring, nil)
	w.must(err)
	w.n = n
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// member is somebody on the staff with a session.
type member struct {
	login string
	token string
	actor access.Actor
}

// seat is a grant by codes; an empty point is every point.
func seat(role access.Role, org, point string) access.Grant {
	g := access.Grant{Role: role, Org: fact.OrgByCode(org)}
	if point != "" {
		g.Point = fact.PointByCode(point)
	}
	return g
}

// hire opens an account of the grant's organisation and signs it in.
func (w *world) hire(login string, grants ...access.Grant) *member {
	w.t.Helper()
	ctx := context.Background()
	_, err := w.n.Accounts.Create(ctx, accounts.Opening{Login: login, Name: "Staff " + login, Org: grants[0].Org, Language: "en", Grants: grants}, worldPassword)
	w.must(err)
	m := &member{login: login}
	w.signIn(m)
	return m
}

func (w *world) signIn(m *member) {
	w.t.Helper()
	w.clock.Add(100 * time.Millisecond) // a node lets in ten a second
	var err error
	m.token, err = w.n.Accounts.SignIn(context.Background(), credentials(m.login, worldPassword))
	w.must(err)
	m.actor, err = w.n.Accounts.Actor(context.Background(), m.token)
	w.must(err)
}

// answer is what a request was answered.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// code returns the stable code of a problem, empty when the answer is none.
func (a answer) code() string {
	var p struct {
		Code   string `json:"code"`
		Errors []struct {
			Code string `json:"code"`
		} `json:"errors"`
	}
	if json.Unmarshal(a.body, &p) != nil {
		return ""
	}
	return p.Code
}

// into reads the answer's JSON.
func (a answer) into(t testing.TB, v any) {
	t.Helper()
	if a.status/100 != 2 {
		t.Fatalf("answered %d: %s", a.status, a.body)
	}
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
}

// files is a body of several uploaded files, by their names.
type files map[string]string

// raw is a body of a content type of its own.
type raw struct {
	kind string
	body []byte
}

// ask sends one request through the whole program, without a network between. m may be nil for a stranger.
func (w *world) ask(m *member, method, url string, body any) answer {
	var content io.Reader = http.NoBody
	kind := ""
	switch b := body.(type) {
	case nil:
	case files:
		var buf bytes.Buffer
		form := multipart.NewWriter(&buf)
		for name, text := range b {
			part, err := form.CreateFormFile(name, name+".csv")
			_, e := io.WriteString(part, text)
			if err = errors.Join(err, e); err != nil {
				panic(err)
			}
		}
		if err := form.Close(); err != nil {
			panic(err)
		}
		content, kind = &buf, form.FormDataContentType()
	case raw:
		content, kind = bytes.NewReader(b.body), b.kind
	default:
		text, err := json.Marshal(body)
		if err != nil {
			panic(err)
		}
		content, kind = bytes.NewReader(text), "application/json"
	}
	r := httptest.NewRequest(method, "/", content)
	return w.send(m, r, url, kind)
}

func (w *world) send(m *member, r *http.Request, url, kind string) answer {
	u, err := r.URL.Parse(url)
	if err != nil { // what no client could send either
		return answer{status: http.StatusBadRequest}
	}
	r.URL, r.Host, r.RemoteAddr = u, "localhost:8087", "127.0.0.1:40000"
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if m != nil {
		r.Header.Set("Authorization", "Bearer "+m.token)
	}
	rec := httptest.NewRecorder()
	w.n.Web.ServeHTTP(rec, r)
	return answer{rec.Code, rec.Header(), rec.Body.Bytes()}
}

// fill puts values into the slots of a route's pattern; missing names a slot that nobody told of.
func fill(pattern string, slots map[string]string) (url, missing string) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(pattern, "{")
		b.WriteString(before)
		if !found {
			return b.String(), missing
		}
		name, after, _ := strings.Cut(rest, "}")
		value, known := slots[strings.TrimSuffix(name, "...")]
		if !known {
			missing = name
		}
		b.WriteString(value)
		pattern = after
	}
}

// slotsOf lists the slots of a route's pattern.
func slotsOf(pattern string) []string {
	var out []string
	for {
		_, rest, found := strings.Cut(pattern, "{")
		if !found {
			return out
		}
		name, after, _ := strings.Cut(rest, "}")
		out = append(out, strings.TrimSuffix(name, "..."))
		pattern = after
	}
}
