package web

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"serai/internal/access"
)

// Handler is one operation: what it reads is In, what it answers is Out.
type Handler[In, Out any] func(ctx context.Context, who access.Actor, in *In) (Out, error)

// Option changes one route.
type Option func(*operation)

// Status sets the status of a good answer; 200, or 204 for Empty, when absent. 204 has no body whatever Out is.
func Status(code int) Option { return func(o *operation) { o.status = code } }

// Summary says in one line what the route does, for the documentation.
func Summary(line string) Option { return func(o *operation) { o.summary = line } }

// Tag groups routes in the documentation; the first segment after /api/ when absent.
func Tag(name string) Option { return func(o *operation) { o.tag = name } }

// BodyLimit sets how many bytes a body may have.
func BodyLimit(n int64) Option { return func(o *operation) { o.bodyLimit = n } }

// Strangers bounds how many requests without a session a public route works on at once: each holds its body in memory,
// and whoever has none to answer for can send many. More are told to try again in a moment.
func Strangers(n int) Option { return func(o *operation) { o.strangers = make(chan struct{}, n) } }

// operation is everything known about a route before a request comes.
type operation struct {
	method, path string
	gate         Gate
	status       int
	summary, tag string
	bodyLimit    int64
	offline      bool
	strangers    chan struct{} // nil: no bound of its own
	plan         plan
	out          reflect.Type
}

// Get registers a route that changes nothing.
func Get[In, Out any](m *Mux, path string, g Gate, h Handler[In, Out], opts ...Option) {
	register(m, http.MethodGet, path, g, h, opts)
}

// Post registers a command.
func Post[In, Out any](m *Mux, path string, g Gate, h Handler[In, Out], opts ...Option) {
	register(m, http.MethodPost, path, g, h, opts)
}

// Put registers a replacement.
func Put[In, Out any](m *Mux, path string, g Gate, h Handler[In, Out], opts ...Option) {
	register(m, http.MethodPut, path, g, h, opts)
}

// Patch registers an edit.
func Patch[In, Out any](m *Mux, path string, g Gate, h Handler[In, Out], opts ...Option) {
	register(m, http.MethodPatch, path, g, h, opts)
}

// Delete registers a removal.
func Delete[In, Out any](m *Mux, path string, g Gate, h Handler[In, Out], opts ...Option) {
	register(m, http.MethodDelete, path, g, h, opts)
}

func register[In, Out any](m *Mux, method, path string, g Gate, h Handler[In, Out], opts []Option) {
	if g.class == "" {
		panic("web: " + method + " " + path + " has no gate: use May, SignedIn or Public")
	}
	if g.class != classPublic && (m.cfg.Sessions == nil || m.cfg.Guard == nil) {
		panic("web: " + method + " " + path + " needs Config.Sessions and Config.Guard")
	}
	op := &operation{method: method, path: path, gate: g, bodyLimit: m.cfg.BodyLimit, out: reflect.TypeFor[Out]()}
	op.status = http.StatusOK
	if op.out == reflect.TypeFor[Empty]() {
		op.status = http.StatusNoContent
	}
	for _, opt := range opts {
		opt(op)
	}
	op.plan = newPlan(m.schemas, op, reflect.TypeFor[In]())
	if op.tag == "" {
		op.tag = firstSegment(path)
	}
	m.describe(op)
	m.routes = append(m.routes, Route{method, path, g.permission, g.class, op.summary, op.tag, op.offline})
	serve := func(ctx context.Context, w http.ResponseWriter, r *http.Request, who access.Actor) {
		hurry := m.hurry(ctx, op, w)
		in := new(In)
		var err error
		if ctx, err = m.bind(ctx, op, r, reflect.ValueOf(in).Elem()); err != nil {
			m.fail(w, r, err)
			return
		}
		hurry(time.Time{})
		out, err := h(ctx, who, in)
		if err != nil {
			m.fail(w, r, m.noted(ctx, op, who, err))
			return
		}
		m.answer(w, r, op, out)
	}
	m.mount(method, path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, who, err := m.admit(op, r)
		if err != nil {
			m.fail(w, r, err)
			return
		}
		if op.strangers != nil && exchangeOf(ctx).token == "" {
			select {
			case op.strangers <- struct{}{}:
				defer func() { <-op.strangers }()
			default:
				m.fail(w, r, errBusy)
				return
			}
		}
		serve(ctx, w, r, who)
	}))
	if op.offline {
		m.mountOffline(op, serve)
	}
}

// hurry gives strangers little time for the body of a public route: each of them holds one of the places that the
// whole node has. Who came with a session is no stranger. The result lifts the limit, which would otherwise cut off the
// work that follows.
func (m *Mux) hurry(ctx context.Context, op *operation, w http.ResponseWriter) func(time.Time) {
	if op.gate.class != classPublic || op.method == http.MethodGet || exchangeOf(ctx).token != "" {
		return func(time.Time) {}
	}
	connection := http.NewResponseController(w)
	// A deadline of the network counts on the wall clock, whatever clock the node was given. A connection that knows
	// no deadlines, as in tests, has the server's limit alone.
	set := func(t time.Time) { _ = connection.SetReadDeadline(t) }
	patience := m.patience
	if op.strangers != nil {
		patience *= 4 // they have places of their own, and what they bring may be a day's work over a thin line
	}
	set(time.Now().Add(patience))
	return set
}
