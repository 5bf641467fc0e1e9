package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"serai/internal/fault"
	"serai/internal/lang"
)

// Lock is the door of a node that starts locked: an unlock page and nothing else, until Open is called. It needs no
// script, because whoever comes to reopen a hub after a power cut may hold any old telephone.
type Lock struct {
	*edge
	unlock  func(ctx context.Context, passphrase string) error
	handler http.Handler
	csrf    *http.CrossOriginProtection
	tries   *rate.Limiter
	busy    sync.Mutex
	opening atomic.Bool
	open    atomic.Pointer[http.Handler]
	reason  atomic.Pointer[string]
}

// NewLock makes a locked door. unlock is called with what was typed, one call at a time; it returns nil once the key
// fits, and opening the node may go on behind it until Open is called. An error of class Forbidden or Invalid means
// that the passphrase opens nothing; any other, that the node cannot open although it does. Of cfg the clock, the
// randomness, the log, TLS and Loopback are used.
func NewLock(cfg Config, unlock func(ctx context.Context, passphrase string) error) *Lock {
	cfg = cfg.whole()
	l := &Lock{
		edge: cfg.edge(), unlock: unlock, csrf: http.NewCrossOriginProtection(),
		// A passphrase is dear to check; five tries at once and one more every two seconds are enough for fingers.
		tries: rate.NewLimiter(rate.Every(2*time.Second), 5),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /unlock", l.form)
	mux.HandleFunc("POST /unlock", l.attempt)
	mux.HandleFunc("GET "+stylePath, style)
	mux.HandleFunc("/", l.refuse)
	l.handler = l.wrap(mux, func() error {
		if l.opening.Load() {
			return errors.New("starting")
		}
		return errors.New("locked")
	})
	return l
}

// Open lets every request through to h from now on, its own /healthz and /readyz included.
func (l *Lock) Open(h http.Handler) { l.open.Store(&h) }

// Opening says that the key came by another way, such as a file at the start: nobody need be asked while the node opens.
func (l *Lock) Opening() { l.opening.Store(true) }

// Fail says that opening went wrong after the key had fitted; the page asks again.
func (l *Lock) Fail() {
	failed := "unlock.failed"
	l.reason.Store(&failed)
	l.opening.Store(false)
}

// ServeHTTP answers one request.
func (l *Lock) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := l.open.Load(); h != nil {
		if r.URL.Path == "/unlock" { // the page renews itself until the node is open
			http.Redirect(w, r, "/desk/", http.StatusSeeOther)
			return
		}
		(*h).ServeHTTP(w, r)
		return
	}
	l.handler.ServeHTTP(w, r)
}

func (l *Lock) form(w http.ResponseWriter, r *http.Request) {
	exchangeOf(r.Context()).route = "/unlock"
	if l.opening.Load() {
		l.showOpening(w, r)
		return
	}
	wrong := ""
	if reason := l.reason.Load(); reason != nil {
		wrong = *reason
	}
	l.show(w, r, http.StatusOK, wrong)
}

func (l *Lock) show(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	tag := Lang(r.Context())
	page(w, status, tag, render("unlock.html", map[string]any{"Lang": tag, "Wrong": wrong, "Languages": lang.All}))
}

func (l *Lock) showOpening(w http.ResponseWriter, r *http.Request) {
	tag := Lang(r.Context())
	page(w, http.StatusOK, tag, render("plain.html", map[string]any{"Lang": tag, "Renew": true,
		"Title": "unlock.starting", "Text": "unlock.starting_text"}))
}

func (l *Lock) attempt(w http.ResponseWriter, r *http.Request) {
	exchangeOf(r.Context()).route = "/unlock"
	if l.csrf.Check(r) != nil {
		l.fail(w, r, errCrossOrigin)
		return
	}
	if !l.tries.AllowN(l.clock(), 1) {
		w.Header().Set("Retry-After", "2")
		l.show(w, r, http.StatusTooManyRequests, "unlock.wait")
		return
	}
	passphrase, ok := readPassphrase(r)
	if !ok {
		l.show(w, r, http.StatusUnprocessableEntity, "unlock.wrong")
		return
	}
	l.busy.Lock()
	defer l.busy.Unlock()
	if l.opening.Load() {
		http.Redirect(w, r, "/unlock", http.StatusSeeOther)
		return
	}
	// Whoever typed may close the page; the node opens all the same.
	err := l.unlock(context.WithoutCancel(r.Context()), passphrase)
	switch class := fault.Of(err); {
	case err == nil:
		l.reason.Store(nil)
		l.opening.Store(true)
		http.Redirect(w, r, "/unlock?lang="+string(Lang(r.Context())), http.StatusSeeOther)
	case class == fault.ClassForbidden || class == fault.ClassInvalid:
		l.log.LogAttrs(r.Context(), slog.LevelWarn, "wrong passphrase", slog.String("request", exchangeOf(r.Context()).id))
		l.show(w, r, http.StatusForbidden, "unlock.wrong")
	default:
		l.log.LogAttrs(r.Context(), slog.LevelError, "failed", slog.String("request", exchangeOf(r.Context()).id),
			slog.String("route", "/unlock"), slog.String("error", err.Error()))
		l.show(w, r, http.StatusInternalServerError, "unlock.failed")
	}
}

// readPassphrase reads the form by itself: ParseForm would take the passphrase from the address as well, and what
// stands in an address ends up in logs.
func readPassphrase(r *http.Request) (string, bool) {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(kind) != "application/x-www-form-urlencoded" {
		return "", false
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, 8<<10))
	if err != nil {
		return "", false
	}
	values, err := url.ParseQuery(string(b))
	if err != nil {
		return "", false
	}
	p := values.Get("passphrase")
	return p, p != "" && len(p) <= 4096
}

func (l *Lock) refuse(w http.ResponseWriter, r *http.Request) {
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && wantsPage(r) {
		http.Redirect(w, r, "/unlock", http.StatusSeeOther)
		return
	}
	if l.opening.Load() {
		l.fail(w, r, errStarting)
		return
	}
	l.fail(w, r, errLocked)
}
