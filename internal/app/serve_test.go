package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/seal"
	"serai/internal/store"
	"serai/internal/web"
)

// house is a node on disk with a passphrase and a key file, closed.
type house struct {
	t       *testing.T
	config  Config
	keyFile string
	token   string
}

const housePassphrase = "seven salt caravans at dawn"

func newHouse(t *testing.T) *house {
	t.Helper()
	ctx := context.Background()
	h := &house{t: t, config: Config{Data: filepath.Join(t.TempDir(), "data"), Addr: "127.0.0.1:0", Rate: web.Rate{Session: -1, Address: -1}}}
	ring, err := newRing(h.config.Data)
	h.must(err)
	h.must(ring.AddPassphrase("passphrase", housePassphrase))
	id, err := age.GenerateX25519Identity()
	h.must(err)
	h.must(ring.AddRecipient("key", id.Recipient().String()))
	h.keyFile = filepath.Join(filepath.Dir(h.config.Data), "key")
	h.must(seal.WriteFile(h.keyFile, []byte(id.String()+"\n")))
	n, err := prepare(ctx, h.config, ring, Settings{Org: homeOrg, Label: "House", Demo: true})
	h.must(err)
	h.must(n.AddUser(ctx, NewUser{Login: "amina", Name: "Amina", Language: "en", Role: string(access.Volunteer), Point: homePoint, Password: worldPassword}))
	h.token, err = n.Accounts.SignIn(ctx, credentials("amina", worldPassword))
	h.must(err)
	h.must(n.Close())
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// serve runs the node until stop is called, which returns what Serve returned.
func (h *house) serve(passphrase, keyFile string) (url string, stop func() error) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	at, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- Serve(ctx, h.config, passphrase, keyFile, func(u string) { at <- u }) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	h.t.Cleanup(func() { _ = stop() })
	select {
	case url = <-at:
	case err := <-done:
		done <- err
		h.t.Fatalf("the node does not listen: %v", err)
	}
	return url, stop
}

// visit makes a request over the network, and follows nothing.
func (h *house) visit(method, at, token, kind, body string) (int, http.Header, string) {
	h.t.Helper()
	req, err := http.NewRequest(method, at, strings.NewReader(body))
	h.must(err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	h.must(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	h.must(err)
	return res.StatusCode, res.Header, string(b)
}

// until asks again until the node says yes.
func (h *house) until(at string, status int) {
	h.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		got, _, body := h.visit(http.MethodGet, at, "", "", "")
		if got == status {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("%s answers %d %s, want %d", at, got, body, status)
		}
	}
}

const form = "application/x-www-form-urlencoded"

// A hub comes back after a power cut: locked, it says so and nothing else; a wrong passphrase opens nothing; the right
// one opens it for everybody.
func TestALockedNodeIsOpenedAtItsPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at, stop := h.serve("", "")
	for _, path := range []string{"/api/me", "/api/points", "/api/people/" + fact.NewPersonID(time.Now()).String(), "/api/openapi.json"} {
		status, header, body := h.visit(http.MethodGet, at+path, h.token, "", "")
		if status != http.StatusServiceUnavailable || !strings.Contains(body, "web.locked") || header.Get("Retry-After") == "" {
			t.Errorf("locked, %s: %d %s", path, status, body)
		}
	}
	if status, _, body := h.visit(http.MethodGet, at+"/readyz", "", "", ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "locked") {
		t.Errorf("ready while locked: %d %s", status, body)
	}
	if status, _, _ := h.visit(http.MethodGet, at+"/healthz", "", "", ""); status != http.StatusOK {
		t.Errorf("a locked node is alive, and says %d", status)
	}
	if status, _, body := h.visit(http.MethodGet, at+"/unlock", "", "", ""); status != http.StatusOK || !strings.Contains(body, `type="password"`) {
		t.Errorf("the page: %d %s", status, body)
	}
	for _, typed := range []string{"", "a wrong passphrase of some length", "AGE-SECRET-KEY-1QQQQ", strings.Repeat("x", 9000)} {
		status, _, body := h.visit(http.MethodPost, at+"/unlock", "", form, url.Values{"passphrase": {typed}}.Encode())
		if status < 400 || status >= 500 {
			t.Errorf("%.20q: %d %s", typed, status, body)
		}
	}
	status, header, body := h.visit(http.MethodPost, at+"/unlock", "", form, url.Values{"passphrase": {housePassphrase}}.Encode())
	if status != http.StatusSeeOther || !strings.HasPrefix(header.Get("Location"), "/unlock") {
		t.Fatalf("the right passphrase: %d %s", status, body)
	}
	h.until(at+"/readyz", http.StatusOK)
	if status, _, body := h.visit(http.MethodGet, at+"/api/me", h.token, "", ""); status != http.StatusOK || !strings.Contains(body, "amina") {
		t.Errorf("open: %d %s", status, body)
	}
	if status, header, _ := h.visit(http.MethodGet, at+"/unlock", "", "", ""); status != http.StatusSeeOther || header.Get("Location") != "/desk/" {
		t.Errorf("the page of an open node: %d", status)
	}
	h.must(stop())
}

func TestANodeThatCannotOpenSaysWhy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := context.Background()
	never := func(string) {}
	if err := Serve(ctx, h.config, "not the passphrase at all", "", never); fault.Code(err) != "seal.wrong_passphrase" {
		t.Errorf("a wrong passphrase: %v", err)
	}
	if err := Serve(ctx, h.config, "", filepath.Join(h.config.Data, "absent"), never); !os.IsNotExist(err) {
		t.Errorf("a key file that is not there: %v", err)
	}
	empty := h.config
	empty.Data = t.TempDir()
	if err := Serve(ctx, empty, housePassphrase, "", never); fault.Code(err) != "seal.no_keyring" {
		t.Errorf("a directory without a node: %v", err)
	}
	plain := h.config
	plain.Addr = "0.0.0.0:0"
	if err := Serve(ctx, plain, "", h.keyFile, never); fault.Code(err) != "web.plain_http" {
		t.Errorf("plain HTTP for everybody: %v", err)
	}

	// One directory has one node.
	at, _ := h.serve("", h.keyFile)
	h.until(at+"/readyz", http.StatusOK)
	done := make(chan error, 1)
	second, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	go func() { done <- Serve(second, h.config, "", h.keyFile, never) }()
	if err := <-done; err == nil || second.Err() != nil {
		t.Errorf("a second node on the same directory: %v", err)
	} else {
		t.Logf("refused: %v", err)
	}
	if status, _, _ := h.visit(http.MethodGet, at+"/api/me", h.token, "", ""); status != http.StatusOK {
		t.Errorf("the first node minds the second: %d", status)
	}
}

// A node that is told to stop answers what it accepted, and what it answered is there.
func TestAStoppedNodeAnswersWhatItAccepted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at, stop := h.serve("", h.keyFile)
	h.until(at+"/readyz", http.StatusOK)
	var acked, torn atomic.Int64
	var wg sync.WaitGroup
	busy := make(chan struct{}, 1000)
	for range 8 {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}
			for {
				id := fact.NewContactID(time.Now())
				text, err := json.Marshal(object{"id": id, "point": homePoint, "services": water, "sex": "M"})
				if err != nil {
					t.Error(err)
					return
				}
				req, err := http.NewRequest(http.MethodPost, at+"/api/contacts", bytes.NewReader(text))
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("Authorization", "Bearer "+h.token)
				req.Header.Set("Content-Type", "application/json")
				res, err := client.Do(req)
				if err != nil {
					if !strings.Contains(err.Error(), "refused") { // not a closed door: somebody hung up on us
						torn.Add(1)
					}
					return
				}
				_, err = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.StatusCode != http.StatusCreated || err != nil {
					t.Errorf("answered %d, %v", res.StatusCode, err)
					return
				}
				acked.Add(1)
				select {
				case busy <- struct{}{}:
				default:
				}
			}
		})
	}
	for range 50 {
		<-busy
	}
	h.must(stop())
	wg.Wait()
	ring, err := seal.UnlockPassphrase(h.config.Data, housePassphrase)
	h.must(err)
	n, err := Open(context.Background(), h.config, ring, nil)
	h.must(err)
	defer n.Close()
	var there int64
	h.must(n.DB.Read(context.Background(), func(tx *store.Tx) error {
		_, err := tx.One(`SELECT count(*) FROM assist_contact`, nil, &there)
		return err
	}))
	// A connection that was idle when the node stopped may break before its next request is read: that is nobody's loss.
	if there < acked.Load() || there > acked.Load()+torn.Load() {
		t.Errorf("%d contacts acknowledged, %d there, %d connections broken", acked.Load(), there, torn.Load())
	}
	t.Logf("%d contacts acknowledged under load, %d there after the stop, %d requests met a closed connection", acked.Load(), there, torn.Load())
}
