package web

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"serai/internal/access"
	"serai/internal/lang"
)

// edge is what every request passes, locked or open: it names, measures, logs and hardens, and it survives panics.
type edge struct {
	clock    func() time.Time
	random   io.Reader
	log      *slog.Logger
	tls      bool
	loopback bool
}

// exchange is one request and its answer. One goroutine owns it.
type exchange struct {
	id    string // 16 hexadecimal digits
	route string // the pattern that matched; never the path, which holds ids
	token string
	r     *http.Request

	// Set by Perform alone: the command runs for an actor who was made sure of without a session.
	performed bool
	who       access.Actor
	sent      []byte // the body by which repeats are recognised, nil for the body itself
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	if ex, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return ex
	}
	return &exchange{}
}

// Lang returns the language of the answer to the request that ctx serves: that of ?lang=, else the best that the
// browser's Accept-Language offers. Who is signed in may have another wish: see access.Actor.
func Lang(ctx context.Context) lang.Tag {
	r := exchangeOf(ctx).r
	if r == nil {
		return lang.English
	}
	asked := ""
	if r.URL.RawQuery != "" {
		asked = r.URL.Query().Get("lang")
	}
	return lang.Choose(asked, r.Header.Get("Accept-Language"))
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// wrap puts the edge around next. Health is answered here, before any limit: a busy node lives, too.
func (e *edge) wrap(next http.Handler, ready func() error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := e.clock()
		ex := &exchange{id: e.newRequestID(), r: r}
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, ex))
		rec := &recorder{ResponseWriter: w}
		secure(rec.Header(), r.URL.Path, e.tls)
		rec.Header().Set("Request-Id", ex.id)
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				// The value of a panic may quote what was sent; its type and place do not.
				e.log.LogAttrs(r.Context(), slog.LevelError, "panic", slog.String("request", ex.id),
					slog.String("kind", fmt.Sprintf("%T", p)), slog.String("stack", frames(debug.Stack())))
				if rec.status == 0 {
					e.fail(rec, r, errPanicked)
				}
			}
			level := slog.LevelInfo
			if ex.route == "/healthz" || ex.route == "/readyz" {
				level = slog.LevelDebug
			}
			if e.log.Enabled(r.Context(), level) {
				e.log.LogAttrs(r.Context(), level, "request", slog.String("request", ex.id),
					slog.String("method", method(r)), slog.String("route", ex.route), slog.Int("status", rec.status),
					slog.Int64("bytes", rec.bytes), slog.Duration("took", e.clock().Sub(start)))
			}
		}()
		if e.loopback && !namesLoopback(r.Host) {
			e.fail(rec, r, errWrongHost)
			return
		}
		switch r.URL.Path {
		case "/healthz":
			ex.route = "/healthz"
			plain(rec, http.StatusOK, "alive\n")
		case "/readyz":
			ex.route = "/readyz"
			if ready != nil {
				if err := ready(); err != nil {
					rec.Header().Set("Retry-After", "5")
					plain(rec, http.StatusServiceUnavailable, err.Error()+"\n")
					return
				}
			}
			plain(rec, http.StatusOK, "ready\n")
		default:
			next.ServeHTTP(rec, r)
		}
	})
}

func (e *edge) newRequestID() string {
	var b [8]byte
	if _, err := io.ReadFull(e.random, b[:]); err != nil {
		return "0000000000000000" // an id for people to quote, no secret: a request must not fail for it
	}
	return hex.EncodeToString(b[:])
}

// method returns the method if it is a known one, so that nobody writes into our log with it.
func method(r *http.Request) string {
	switch r.Method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return r.Method
	}
	return "other"
}

// frames keeps the functions and places of a stack trace and drops the arguments.
func frames(stack []byte) string {
	var out []string
	for line := range strings.Lines(string(stack)) {
		line = strings.TrimSpace(line)
		if i := strings.LastIndex(line, "/"); i >= 0 && strings.Contains(line, ".go:") {
			place, _, _ := strings.Cut(line[i+1:], " ")
			out = append(out, place)
		}
	}
	return strings.Join(out, " ")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// namesLoopback tells whether a Host header means this machine.
func namesLoopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
