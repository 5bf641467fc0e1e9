package web

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"serai/internal/access"
	"serai/internal/fault"
)

// SessionCookie is implemented by an Out that begins or ends a session. A token sets the cookie until expires, an
// empty token clears it.
type SessionCookie interface {
	SessionCookie() (token string, expires time.Time)
}

// SignedOut answers 204 and clears the session cookie.
type SignedOut struct{}

// SessionCookie clears the cookie.
func (SignedOut) SessionCookie() (string, time.Time) { return "", time.Time{} }

// Token returns the session token that the request came with, for the handler that ends or renews the session.
func Token(ctx context.Context) string { return exchangeOf(ctx).token }

// RequestID returns the id of the request that ctx serves, as it stands in the log and in the Request-Id header.
func RequestID(ctx context.Context) string { return exchangeOf(ctx).id }

// cookieName is __Host-serai-<node>: the prefix makes the browser refuse it from any other host, path or plain HTTP.
// On plain HTTP, which is served on loopback only, browsers refuse that prefix and Secure, so both are left out there.
func (m *Mux) cookieName() string {
	if m.cfg.TLS {
		return "__Host-serai-" + m.cfg.Node
	}
	return "serai-" + m.cfg.Node
}

func (m *Mux) cookie(token string, expires, now time.Time) *http.Cookie {
	c := &http.Cookie{Name: m.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: m.cfg.TLS,
		SameSite: http.SameSiteStrictMode}
	switch {
	case token == "":
		c.MaxAge = -1
	case !expires.IsZero():
		c.MaxAge = max(1, int(expires.Sub(now).Seconds()))
	}
	return c
}

// bearer returns the token of an Authorization header.
func bearer(r *http.Request) (string, bool) {
	kind, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(kind, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(token), true
}

// maxToken bounds what is handed to Sessions; ours have 43 characters.
const maxToken = 512

// admit decides whether the request may go on, before any of its body is read.
func (m *Mux) admit(op *operation, r *http.Request) (context.Context, access.Actor, error) {
	ctx := r.Context()
	ex := exchangeOf(ctx)
	token, explicit := bearer(r)
	if !explicit {
		// A browser sends its cookie by itself, even for a page of somebody else; signing in is guarded as well, or a
		// stranger could sign a member of staff in as himself and read what she records.
		if err := m.csrf.Check(r); err != nil {
			return ctx, access.Actor{}, errCrossOrigin
		}
		if c, err := r.Cookie(m.cookieName()); err == nil {
			token = c.Value
		}
	}
	var who access.Actor
	signedIn := false
	if token != "" && len(token) <= maxToken && m.cfg.Sessions != nil {
		sum := sha256.Sum256([]byte(token))
		if wait := m.limits.session(sum); wait > 0 {
			return ctx, who, tooMany(wait)
		}
		var err error
		who, err = m.cfg.Sessions.Actor(ctx, token)
		switch {
		case err == nil:
			signedIn, ex.token = true, token
		case fault.Of(err) == fault.Internal:
			return ctx, who, err
		default:
			who = access.Actor{}
		}
	}
	switch op.gate.class {
	case classPublic:
		return ctx, who, nil
	case classSignedIn:
		if !signedIn {
			return ctx, who, errSignedOut
		}
		return ctx, who, nil
	}
	if !signedIn {
		return ctx, who, errSignedOut
	}
	if !who.Can(op.gate.permission, m.clock()) {
		return ctx, who, m.noted(ctx, op, who, errNotAllowed)
	}
	return ctx, who, nil
}

// noted makes a refusal durable before its answer leaves; when that fails, the answer is that we failed. Who is not
// signed in has no name to be written down, and could fill the disk: what a public route refuses is its own to log.
func (m *Mux) noted(ctx context.Context, op *operation, who access.Actor, err error) error {
	if fault.Of(err) != fault.ClassForbidden || m.cfg.Guard == nil || exchangeOf(ctx).token == "" && !exchangeOf(ctx).performed {
		return err
	}
	// The caller may hang up to leave no trace: the entry is written all the same.
	lost := m.cfg.Guard.Refused(context.WithoutCancel(ctx), Refusal{
		Who: who, Permission: op.gate.permission, Method: op.method, Route: op.path,
		Code: fault.Code(err), At: m.clock(), Request: exchangeOf(ctx).id,
	})
	if lost != nil {
		return lostRefusal{lost}
	}
	return err
}

// lostRefusal hides the class of what it wraps: a refusal that could not be written down is an internal error.
type lostRefusal struct{ err error }

func (l lostRefusal) Error() string { return "web: refusal not logged: " + l.err.Error() }
