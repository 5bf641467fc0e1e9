package web

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serai/internal/access"
)

// Sessions tells who holds a session token. The app supplies it from the accounts.
//
// An error of one of the four outer classes means that the token opens nothing (401); any other is our fault (500).
type Sessions interface {
	Actor(ctx context.Context, token string) (access.Actor, error)
}

// Refusal is one "no" to somebody who is signed in, for the access log: at the gate of a route, or a fault of class
// Forbidden out of its handler. Areas need not log those themselves.
type Refusal struct {
	Who        access.Actor
	Permission access.Permission // what the route asks for; empty on routes for everybody who is signed in
	Method     string
	Route      string // the pattern, never the path with its ids
	Code       string // the stable code of the answer
	At         time.Time
	Request    string // the id that the answer carries in its Request-Id header
}

// Guard writes refusals down. It returns once the refusal is durable; the answer leaves after that.
type Guard interface {
	Refused(ctx context.Context, r Refusal) error
}

// Config is what a Mux must be told. Sessions and Guard are required as soon as a route asks for a permission.
type Config struct {
	Sessions Sessions
	Guard    Guard
	Clock    func() time.Time // time.Now when nil
	Random   io.Reader        // crypto/rand when nil; makes request ids
	Log      *slog.Logger     // silent when nil

	Node    string // short name of the node, part of the cookie's name: cookies do not tell ports apart
	Version string // stands in the OpenAPI document
	TLS     bool   // the node is reached by HTTPS: Secure cookies and HSTS
	// Loopback accepts only requests that name this machine ("localhost", 127.0.0.1, ::1), so that a foreign web page
	// cannot reach a plain-HTTP node by pointing its own name at it.
	Loopback bool

	BodyLimit  int64  // bytes of a body unless the route says otherwise; 1 MiB when 0
	Concurrent int    // requests worked on at once, more are shed with 503; 256 when 0
	Rate       Rate   // what one session and one address may ask
	RequestKey []byte // keys the hash of a command; keep it over restarts, or repeats of before are taken for new

	Ready func() error // nil when ready; its error's text is the reason on /readyz
}

// whole fills what may be left out.
func (cfg Config) whole() Config {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return cfg
}

func (cfg Config) edge() *edge {
	return &edge{clock: cfg.Clock, random: cfg.Random, log: cfg.Log, tls: cfg.TLS, loopback: cfg.Loopback}
}

// Mux routes requests to the handlers that were registered with Get, Post and their siblings.
type Mux struct {
	*edge
	cfg      Config
	mux      *http.ServeMux
	offline  *http.ServeMux // the routes that Perform knows
	limits   *limits
	csrf     *http.CrossOriginProtection
	schemas  huma.Registry
	doc      *huma.OpenAPI
	routes   []Route
	handler  http.Handler
	openapi  lazyDocument
	patience time.Duration // for the body of a public route
}

// Route describes one registered route.
type Route struct {
	Method     string
	Path       string
	Permission access.Permission // empty unless Class is "permission"
	Class      string            // "public", "signed_in" or "permission"
	Summary    string
	Tag        string
	Offline    bool // may be performed without a session, see Offline
}

// New makes an empty Mux with /healthz, /readyz, /api/openapi.json, /api/docs and the pages that explain problems.
func New(cfg Config) *Mux {
	cfg = cfg.whole()
	if cfg.BodyLimit == 0 {
		cfg.BodyLimit = 1 << 20
	}
	if cfg.Concurrent == 0 {
		cfg.Concurrent = 256
	}
	if len(cfg.RequestKey) == 0 {
		cfg.RequestKey = make([]byte, 32)
		if _, err := io.ReadFull(cfg.Random, cfg.RequestKey); err != nil {
			panic("web: no randomness: " + err.Error())
		}
	}
	m := &Mux{
		edge:     &edge{clock: cfg.Clock, random: cfg.Random, log: cfg.Log, tls: cfg.TLS, loopback: cfg.Loopback},
		cfg:      cfg,
		mux:      http.NewServeMux(),
		offline:  http.NewServeMux(),
		limits:   newLimits(cfg.Rate, cfg.Concurrent, cfg.Clock),
		csrf:     http.NewCrossOriginProtection(),
		schemas:  newSchemas(),
		patience: 15 * time.Second,
	}
	m.doc = newDocument(cfg, m.schemas)
	m.handler = m.wrap(m.limited(http.HandlerFunc(m.route)), cfg.Ready)
	m.ownRoutes()
	return m
}

// ServeHTTP answers one request.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.handler.ServeHTTP(w, r) }

// Routes lists every route with the class of its gate, in the order of registration.
func (m *Mux) Routes() []Route { return append([]Route(nil), m.routes...) }

// Handle registers a plain handler that everybody may call, such as static files, under a ServeMux pattern with a
// method ("GET /desk/"). It is listed among the routes as public.
func (m *Mux) Handle(method, path string, h http.Handler) {
	m.routes = append(m.routes, Route{Method: method, Path: path, Class: classPublic})
	m.mount(method, path, h)
}

func (m *Mux) mount(method, path string, h http.Handler) {
	m.mux.Handle(method+" "+path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exchangeOf(r.Context()).route = path
		h.ServeHTTP(w, r)
	}))
}

// route finds the handler, and answers in our own words when there is none.
func (m *Mux) route(w http.ResponseWriter, r *http.Request) {
	h, pattern := m.mux.Handler(r)
	if pattern != "" {
		m.mux.ServeHTTP(w, r)
		return
	}
	// ServeMux answers without a pattern in three cases: nothing there, another method, or a path to be tidied.
	probe := &probe{header: http.Header{}}
	h.ServeHTTP(probe, r)
	switch {
	case probe.status == http.StatusMethodNotAllowed:
		w.Header().Set("Allow", probe.header.Get("Allow"))
		m.fail(w, r, errWrongMethod)
	case probe.status/100 == 3:
		http.Redirect(w, r, probe.header.Get("Location"), probe.status)
	default:
		m.fail(w, r, errNoRoute)
	}
}

// probe is a ResponseWriter that keeps the head of an answer and drops its body.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header { return p.header }

func (p *probe) WriteHeader(status int) {
	if p.status == 0 {
		p.status = status
	}
}

func (p *probe) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	return len(b), nil
}
