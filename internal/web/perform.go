package web

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"strings"

	"serai/internal/access"
)

// Command is a request that did not come as one: it was made on a device without a network, and reaches the node later
// by whatever way.
type Command struct {
	Method string // POST, PUT, PATCH or DELETE
	Path   string // as in the address, with a query where the route has one
	Body   []byte // JSON; empty for none
	Key    string // the Idempotency-Key
	// Sent is the body as the client made it, when Body was mended since. Repeats are recognised by it: the mending may
	// come out otherwise by a second.
	Sent []byte
}

// Result is what a command was answered: the status and JSON of a good answer, or those of a problem.
type Result struct {
	Status int
	Body   []byte
}

// Offline marks a command that may also be performed without a session, by Perform. It is for the work of a day at a
// point; nothing that changes accounts, roles or the node itself may be marked, and no route that only reads.
func Offline() Option { return func(o *operation) { o.offline = true } }

// errNotPerformable is the same for what does not exist, so that this door tells no more than the other.
var errNotPerformable = &refusal{status: http.StatusNotFound, code: "outbox.route",
	detail: "this is no command that can be made without a network; do it while signed in at the node"}

// Perform runs a command for an actor whom the caller has made sure of by other means than a session. Every gate counts
// that counts over HTTP once somebody is admitted: the permission of the route, the limits of the body, its validation,
// the Idempotency-Key, and refusals are written down before Perform returns. Only routes marked with Offline exist here.
// It never panics, and an answer that did not come whole is an internal error.
func (m *Mux) Perform(ctx context.Context, who access.Actor, c Command) (res Result) {
	start := m.clock()
	ex := &exchange{id: m.newRequestID(), performed: true, who: who, sent: c.Sent}
	ctx = context.WithValue(ctx, exchangeKey{}, ex)
	w := &kept{header: http.Header{}}
	r, err := performable(ctx, c, who.Lang)
	if err != nil {
		r = &http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/api/"}, Header: http.Header{}}
		r = r.WithContext(ctx)
		m.fail(w, r, err)
		return w.result()
	}
	ex.r = r
	defer func() {
		if p := recover(); p != nil {
			m.log.LogAttrs(ctx, slog.LevelError, "panic", slog.String("request", ex.id),
				slog.String("kind", fmt.Sprintf("%T", p)), slog.String("stack", frames(debug.Stack())))
			w = &kept{header: http.Header{}}
			m.fail(w, r, errPanicked)
		}
		res = w.result()
		if m.log.Enabled(ctx, slog.LevelInfo) {
			m.log.LogAttrs(ctx, slog.LevelInfo, "performed", slog.String("request", ex.id), slog.String("method", method(r)),
				slog.String("route", ex.route), slog.Int("status", res.Status), slog.Duration("took", m.clock().Sub(start)))
		}
	}()
	if _, pattern := m.offline.Handler(r); pattern == "" {
		m.fail(w, r, errNotPerformable)
		return res
	}
	m.offline.ServeHTTP(w, r)
	return res
}

// performable makes the request that the command would have been.
func performable(ctx context.Context, c Command, lang string) (*http.Request, error) {
	u, err := url.ParseRequestURI(c.Path)
	if err != nil || len(c.Path) > 2048 || !strings.HasPrefix(c.Path, "/api/") || u.Host != "" || path.Clean(u.Path) != u.Path {
		return nil, errNotPerformable
	}
	switch c.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		return nil, errNotPerformable
	}
	r, err := http.NewRequestWithContext(ctx, c.Method, c.Path, bytes.NewReader(c.Body))
	if err != nil {
		return nil, errNotPerformable
	}
	if len(c.Body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.Key != "" {
		r.Header.Set("Idempotency-Key", c.Key)
	}
	if lang != "" {
		r.Header.Set("Accept-Language", lang)
	}
	return r, nil
}

// mountOffline makes a route performable: what follows the admission is the same code as over HTTP.
func (m *Mux) mountOffline(op *operation, serve func(context.Context, http.ResponseWriter, *http.Request, access.Actor)) {
	if op.gate.class == classPublic || op.method == http.MethodGet {
		panic("web: " + op.method + " " + op.path + " cannot be done offline: it is public or reads")
	}
	m.offline.HandleFunc(op.method+" "+op.path, func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		ex := exchangeOf(ctx)
		ex.route = op.path
		if op.gate.class == classPermission && !ex.who.Can(op.gate.permission, m.clock()) {
			m.fail(w, r, m.noted(ctx, op, ex.who, errNotAllowed))
			return
		}
		serve(ctx, w, r, ex.who)
	})
}

// kept is a ResponseWriter that keeps the answer.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header { return k.header }

func (k *kept) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

func (k *kept) Write(b []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(b)
}

func (k *kept) result() Result {
	if k.status == 0 { // a handler that answered nothing at all
		return Result{Status: http.StatusInternalServerError}
	}
	return Result{k.status, bytes.TrimSpace(k.body.Bytes())}
}
