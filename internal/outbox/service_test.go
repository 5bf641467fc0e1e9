package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/testkit"
	"serai/internal/web"
)

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// hall is an intake in front of a few routes, with device keys in memory.
type hall struct {
	*Service
	*web.Mux
	t       testing.TB
	mu      sync.Mutex
	signers map[string]Signer
	broken  error // what looking for a signer fails with
	panics  bool
	done    []string
	fails   map[string]error
	log     []audit.Entry
	used    []string
	now     time.Time
}

type ring struct{}

func (ring) AreaOrNew(_ string, n int) ([]byte, error) { return make([]byte, n), nil }
func (ring) Node() fact.NodeID                         { return fact.NodeID{} }

func (h *hall) Signer(_ context.Context, id string) (Signer, bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.panics {
		panic("Fatoumata")
	}
	s, known := h.signers[id]
	return s, known, h.broken
}

func (h *hall) Used(_ context.Context, id string) error {
	h.used = append(h.used, id)
	return nil
}

func (h *hall) Method(context.Context, string) (string, error) { return "password", nil }

func (h *hall) Look(_ context.Context, e audit.Entry) error {
	h.log = append(h.log, e)
	return nil
}

// Actor knows the names of those who have a device.
func (h *hall) Actor(_ context.Context, token string) (access.Actor, error) {
	for _, s := range h.signers {
		if s.Actor.Name == token {
			return s.Actor, nil
		}
	}
	return access.Actor{}, fault.Forbidden("no", "")
}

func (h *hall) Refused(context.Context, web.Refusal) error { return nil }

func newHall(t testing.TB) *hall {
	t.Helper()
	h := &hall{t: t, signers: map[string]Signer{}, fails: map[string]error{}, now: noon}
	clock := func() time.Time { return h.now }
	s, err := New(Needs{Ring: ring{}, Signers: h, Log: h, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	h.Service = s
	h.Mux = web.New(web.Config{Node: "test", Sessions: h, Guard: h, Clock: clock})
	web.Post(h.Mux, "/api/things/{name}", web.SignedIn(), func(_ context.Context, who access.Actor, in *struct {
		Name string `path:"name"`
	}) (map[string]string, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if err := h.fails[in.Name]; err != nil {
			return nil, err
		}
		h.done = append(h.done, in.Name)
		return map[string]string{"name": in.Name, "by": who.Name}, nil
	}, web.Offline(), web.Status(201))
	s.Routes(h.Mux)
	return h
}

// device registers a device for somebody.
func (h *hall) device(name string) *testkit.Device {
	d := testkit.NewDevice(h.t, h.key.PublicKey().Bytes())
	h.signers[d.Signer()] = Signer{Actor: access.Actor{Account: fact.NewAccountID(noon), Name: name, Full: true}, Public: d.Public(), Since: noon.AddDate(0, -1, 0), Counts: true}
	return d
}

func thing(d *testkit.Device, name, subject string) testkit.OfflineEntry {
	return d.Entry(testkit.OfflineCommand{Method: "POST", Path: "/api/things/" + name, At: noon.UnixMilli(), Subject: subject})
}

// hand posts a body and returns the results.
func (h *hall) hand(body string) []Result {
	h.t.Helper()
	w := h.post(body)
	var taken Taken
	if err := json.Unmarshal(w.Body.Bytes(), &taken); err != nil || w.Code != 200 {
		h.t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	return taken.Results
}

func (h *hall) post(body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/api/outbox", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func batch(entries ...testkit.OfflineEntry) string {
	b, err := json.Marshal(map[string]any{"clock": noon.UnixMilli(), "entries": entries})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// Whatever somebody sends, it is answered for itself, and what stands beside it is done.
func TestABadEntryStallsNobody(t *testing.T) {
	h := newHall(t)
	d := h.device("musa")
	good := thing(d, "a", "a")
	change := func(fn func(e *testkit.OfflineEntry), signed bool) string {
		e := thing(d, "b", "b")
		fn(&e)
		if signed {
			e = d.Sign(e)
		}
		b, _ := json.Marshal(e)
		return string(b)
	}
	stranger := testkit.NewDevice(t, h.key.PublicKey().Bytes())
	elsewhere := testkit.NewDevice(t, testkit.NewDevice(t, nil).Public(), 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7)
	h.signers[elsewhere.Signer()] = Signer{Public: elsewhere.Public(), Counts: true}
	asJSON := func(e testkit.OfflineEntry) string { b, _ := json.Marshal(e); return string(b) }
	content := func(c testkit.OfflineCommand) string { return asJSON(d.Entry(c)) }
	raw := func(plain string) string {
		e := thing(d, "b", "b")
		e.Enc, e.Sealed = d.Seal("serai outbox 1", "1|"+e.Key+"|"+e.Signer, []byte(plain))
		return asJSON(d.Sign(e))
	}
	for name, test := range map[string]struct {
		entry  string
		status int
		code   string
	}{
		"null":                         {`null`, 400, "outbox.bad_entry"},
		"a number":                     {`7`, 400, "outbox.bad_entry"},
		"an empty one":                 {`{}`, 400, "outbox.bad_entry"},
		"a later version":              {change(func(e *testkit.OfflineEntry) { e.V = 2 }, true), 400, "outbox.bad_entry"},
		"a key that is no UUID":        {change(func(e *testkit.OfflineEntry) { e.Key = "<script>" }, true), 400, "outbox.bad_entry"},
		"a key in capitals":            {change(func(e *testkit.OfflineEntry) { e.Key = strings.ToUpper(e.Key) }, true), 400, "outbox.bad_entry"},
		"a subject with a bar":         {change(func(e *testkit.OfflineEntry) { e.Subject = "a|b" }, true), 400, "outbox.bad_entry"},
		"a long subject":               {change(func(e *testkit.OfflineEntry) { e.Subject = strings.Repeat("a", 65) }, true), 400, "outbox.bad_entry"},
		"without a signature":          {change(func(e *testkit.OfflineEntry) { e.Sig = "" }, false), 400, "outbox.bad_entry"},
		"a signer nobody knows":        {asJSON(thing(stranger, "b", "b")), 401, "outbox.unknown_key"},
		"a signature of nothing":       {change(func(e *testkit.OfflineEntry) { e.Sig = strings.Repeat("A", 86) }, false), 401, "outbox.bad_signature"},
		"another subject than signed":  {change(func(e *testkit.OfflineEntry) { e.Subject = "c" }, false), 401, "outbox.bad_signature"},
		"the subject taken away":       {change(func(e *testkit.OfflineEntry) { e.Subject = "" }, false), 401, "outbox.bad_signature"},
		"another key than signed":      {change(func(e *testkit.OfflineEntry) { e.Key = good.Key }, false), 401, "outbox.bad_signature"},
		"content of another entry":     {change(func(e *testkit.OfflineEntry) { e.Enc, e.Sealed = good.Enc, good.Sealed }, true), 421, "outbox.sealed_otherwise"},
		"in the name of another":       {change(func(e *testkit.OfflineEntry) { e.Signer = elsewhere.Signer() }, false), 401, "outbox.bad_signature"},
		"sealed to another node":       {asJSON(thing(elsewhere, "b", "b")), 421, "outbox.sealed_otherwise"},
		"content that is no command":   {raw(`[1]`), 400, "outbox.bad_entry"},
		"a time beyond all":            {raw(`{"method":"POST","path":"/api/things/b","body":null,"at":1e200,"offset":0}`), 400, "outbox.bad_entry"},
		"a route that is not for this": {content(testkit.OfflineCommand{Method: "POST", Path: "/api/outbox"}), 404, "outbox.route"},
		"reading":                      {content(testkit.OfflineCommand{Method: "GET", Path: "/api/things/b"}), 404, "outbox.route"},
		"a body that nobody asked for": {content(testkit.OfflineCommand{Method: "POST", Path: "/api/things/b", Body: json.RawMessage(`{"a":1}`)}), 400, "web.no_body_wanted"},
	} {
		h.done = nil
		results := h.hand(`{"clock":` + fmt.Sprint(noon.UnixMilli()) + `,"entries":[` + test.entry + `,` + asJSON(thing(d, "beside", "")) + `]}`)
		if len(results) != 2 || results[0].Status != test.status || results[0].Code != test.code || results[0].Detail == "" {
			t.Errorf("%s: %+v, want %d %s", name, results, test.status, test.code)
		}
		if strings.Contains(results[0].Key, "<") {
			t.Errorf("%s: what was invented is sent back: %s", name, results[0].Key)
		}
		if results[1].Status != 201 || !slices.Equal(h.done, []string{"beside"}) {
			t.Errorf("%s: the entry beside it: %+v, done %v", name, results[1], h.done)
		}
	}
}

func TestWhatIsNoBatchIsRefused(t *testing.T) {
	h := newHall(t)
	many := `{"clock":1,"entries":[` + strings.Repeat("null,", 100) + `null]}`
	for name, test := range map[string]struct {
		body string
		code string
	}{
		"nothing":            {`null`, "outbox.bad_file"},
		"no JSON":            {`{"entries":[}`, "outbox.bad_file"},
		"a list":             {`[]`, "outbox.bad_file"},
		"no entries":         {`{"clock":5}`, "outbox.bad_file"},
		"entries of a kind":  {`{"entries":{"0":{}}}`, "outbox.bad_file"},
		"a clock of a kind":  {`{"clock":"now","entries":[]}`, "outbox.bad_file"},
		"a clock beyond all": {`{"clock":1e300,"entries":[]}`, "outbox.bad_file"},
		"a later file":       {`{"serai_outbox":2,"entries":[]}`, "outbox.bad_file"},
		"more than 100":      {many, "outbox.too_many"},
	} {
		w := h.post(test.body)
		var p struct{ Code string }
		_ = json.Unmarshal(w.Body.Bytes(), &p)
		if w.Code != http.StatusUnprocessableEntity || p.Code != test.code {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := h.post(`{"entries":[],"more":"` + strings.Repeat("x", bodyLimit) + `"}`); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d", w.Code)
	}
	if got := h.hand(`{"entries":[],"later":1}`); len(got) != 0 {
		t.Errorf("nothing to do: %+v", got)
	}
}

// What passes holds back what follows on its subject, and what has none; what does not pass holds back nothing.
func TestOrderIsKeptWhereItMatters(t *testing.T) {
	h := newHall(t)
	d, other := h.device("musa"), h.device("fatima")
	day := func() (out []testkit.OfflineEntry) {
		for _, of := range [][2]string{{"a1", "a"}, {"b1", "b"}, {"a2", "a"}, {"b2", "b"}, {"free", ""}, {"c1", "c"}, {"a3", "a"}} {
			out = append(out, thing(d, of[0], of[1]))
		}
		return append(out, thing(other, "hers", ""))
	}()
	statuses := func() (out []string) {
		for _, r := range h.hand(batch(day...)) {
			out = append(out, strings.TrimSpace(fmt.Sprint(r.Status, " ", r.Code)))
		}
		return out
	}
	h.fails["a1"] = errors.New("the disk hiccups")
	want := []string{"500 internal", "201", "503 outbox.waits", "201", "503 outbox.waits", "503 outbox.waits", "503 outbox.waits", "201"}
	if got := statuses(); !slices.Equal(got, want) {
		t.Errorf("with a failure that passes: %v", got)
	}
	if at := func(name string) int { return slices.Index(h.done, name) }; at("b1") > at("b2") || at("a2") >= 0 {
		t.Errorf("done: %v", h.done)
	}
	h.done, h.fails["a1"] = nil, fault.Conflict("test.taken", "taken")
	want = []string{"409 test.taken", "201", "201", "201", "201", "201", "201", "201"}
	if got := statuses(); !slices.Equal(got, want) {
		t.Errorf("with a refusal: %v", got)
	}
	at := func(name string) int { return slices.Index(h.done, name) }
	for _, pair := range [][2]string{{"b1", "b2"}, {"a2", "free"}, {"b2", "free"}, {"free", "c1"}, {"free", "a3"}, {"a2", "a3"}} {
		if at(pair[0]) > at(pair[1]) {
			t.Errorf("%s came after %s: %v", pair[0], pair[1], h.done)
		}
	}
	if len(h.used) != 4 {
		t.Errorf("two batches of two devices, used %v", h.used)
	}
	h.broken = errors.New("the database is away")
	if got := h.hand(batch(thing(d, "x", "")))[0]; got.Status != 500 || got.Retry == 0 {
		t.Errorf("with a broken database: %+v", got)
	}
}

func TestAPanicEndsNothing(t *testing.T) {
	h := newHall(t)
	d := h.device("musa")
	h.panics = true
	if got := h.hand(batch(thing(d, "x", "")))[0]; got.Status != 500 || got.Code != "internal" {
		t.Errorf("%+v", got)
	}
}

func TestKeysAndAccountsThatEnded(t *testing.T) {
	h := newHall(t)
	d := h.device("musa")
	s := h.signers[d.Signer()]
	s.Counts = false
	h.signers[d.Signer()] = s
	if got := h.hand(batch(thing(d, "a", "")))[0]; got.Status != 403 || got.Code != "outbox.account_ended" {
		t.Errorf("%+v", got)
	}
	s.Ended = true
	h.signers[d.Signer()] = s
	for range 3 {
		if got := h.hand(batch(thing(d, "a", "")))[0]; got.Status != 403 || got.Code != "outbox.key_ended" {
			t.Errorf("%+v", got)
		}
	}
	if len(h.log) != 2 || h.log[0].Code != "outbox.account_ended" || h.log[1].Outcome != audit.Refused {
		t.Errorf("written down: %+v", h.log)
	}
	h.now = h.now.Add(2 * time.Hour)
	h.hand(batch(thing(d, "a", "")))
	if len(h.log) != 3 {
		t.Errorf("two hours later: %+v", h.log)
	}
	forged := thing(d, "a", "")
	forged.Sig = strings.Repeat("A", 86)
	if got := h.hand(batch(forged))[0]; got.Code != "outbox.bad_signature" || len(h.log) != 3 {
		t.Errorf("who cannot sign learns that the key has ended, or fills the log: %+v", got)
	}
}

func TestTheClockOfAFileIsNotBelieved(t *testing.T) {
	f, err := ReadFile([]byte(`{"serai_outbox":1,"node":"x","clock":1773131400000,"entries":[]}`))
	if err != nil || f.clock() != 0 {
		t.Errorf("%v, clock %v", err, f.clock())
	}
	f, err = ReadFile([]byte(`{"clock":1773131400000.5,"entries":[]}`))
	if err != nil || f.clock() == 0 {
		t.Errorf("%v, clock %v", err, f.clock())
	}
}

func TestAFileOfManyIsImported(t *testing.T) {
	h := newHall(t)
	d := h.device("musa")
	entries := make([]testkit.OfflineEntry, 250)
	for i := range entries {
		entries[i] = thing(d, fmt.Sprint("n", i), fmt.Sprint(i%7))
	}
	file := func(node string) []byte {
		b, err := json.Marshal(map[string]any{"serai_outbox": 1, "node": node, "clock": noon.Add(-time.Hour).UnixMilli(), "entries": entries})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	results, err := h.Import(context.Background(), file(h.id))
	if err != nil || len(results) != 250 || len(h.done) != 250 || slices.ContainsFunc(results, func(r Result) bool { return r.Status != 201 || r.Corrected || r.Answer != nil }) {
		t.Errorf("%v, %d results, %d done", err, len(results), len(h.done))
	}
	if _, err := h.Import(context.Background(), file("AAAAAAAAAAA")); fault.Code(err) != "outbox.other_node" {
		t.Errorf("a file for another node: %v", err)
	}
	if _, err := h.Import(context.Background(), []byte(`{"clock":1,"entries":[]}`)); fault.Code(err) != "outbox.bad_file" {
		t.Errorf("no file at all: %v", err)
	}
	var p struct{ Code string }
	w := h.post(string(file(strings.Repeat("x", 5000))))
	_ = json.Unmarshal(w.Body.Bytes(), &p)
	if w.Code != 422 || p.Code != "outbox.other_node" || w.Body.Len() > 1000 {
		t.Errorf("posted: %d %s", w.Code, w.Body)
	}
}
