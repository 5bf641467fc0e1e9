package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"serai/internal/fault"
	"serai/internal/lang"
)

// problem is the wire form of an error, RFC 9457 with our code.
type problem struct {
	Type   string       `json:"type" doc:"Where the code is explained" example:"/api/problems/web.invalid"`
	Title  string       `json:"title" doc:"The problem in one sentence, in the caller's language"`
	Status int          `json:"status" doc:"The HTTP status"`
	Code   string       `json:"code" doc:"The stable code that clients hang on" example:"web.invalid"`
	Detail string       `json:"detail,omitempty" doc:"What is wrong and what to do"`
	Errors []fieldFault `json:"errors,omitempty" doc:"Every field that cannot be accepted"`
	// The request id stands in the body only where somebody must quote it: what is absent and what is out of scope
	// have to be the same bytes. Every answer carries it in its Request-Id header.
	Request string `json:"request,omitempty" doc:"Which request failed, to be quoted to the administrator"`
}

type fieldFault struct {
	Field  string `json:"field,omitempty" doc:"Path of the field, as in services.2.quantity"`
	Code   string `json:"code" doc:"The stable code"`
	Detail string `json:"detail,omitempty" doc:"What is wrong and what to do"`
}

// refusal is an error of HTTP itself, which has a status of its own.
type refusal struct {
	status int
	code   string
	detail string
	wait   time.Duration // when to try again
}

func (r *refusal) Error() string { return r.code + ": " + r.detail }

var (
	errSignedOut   = &refusal{status: http.StatusUnauthorized, code: "web.signed_out", detail: "sign in and try again"}
	errNotAllowed  = fault.Forbidden("web.not_allowed", "your roles do not include this; ask your lead")
	errCrossOrigin = fault.Forbidden("web.cross_origin", "this request came from another site's page")
	errNoRoute     = &refusal{status: http.StatusNotFound, code: "web.no_route", detail: "there is nothing at this address; /api/docs lists what there is"}
	errWrongMethod = &refusal{status: http.StatusMethodNotAllowed, code: "web.wrong_method", detail: "this address does not know that method; see the Allow header"}
	errPanicked    = &refusal{status: http.StatusInternalServerError, code: "internal"}
	errWrongHost   = &refusal{status: http.StatusMisdirectedRequest, code: "web.wrong_host", detail: "without HTTPS this node answers only under localhost"}
	errBusy        = &refusal{status: http.StatusServiceUnavailable, code: "web.busy", detail: "too much at once; try again in a moment", wait: time.Second}
	errLocked      = &refusal{status: http.StatusServiceUnavailable, code: "web.locked", detail: "the node is locked; somebody with a passphrase opens it at /unlock", wait: 30 * time.Second}
	errStarting    = &refusal{status: http.StatusServiceUnavailable, code: "web.starting", detail: "the node is starting; see /readyz", wait: 5 * time.Second}
	errNoBody      = &refusal{status: http.StatusBadRequest, code: "web.no_body", detail: "this request needs a JSON body"}
)

func tooMany(wait time.Duration) error {
	return &refusal{status: http.StatusTooManyRequests, code: "web.too_many", detail: "too many requests; wait as long as Retry-After says", wait: wait}
}

func tooLarge(limit int64) error {
	return &refusal{status: http.StatusRequestEntityTooLarge, code: "web.too_large",
		detail: fmt.Sprintf("the body may have at most %d bytes", limit)}
}

func unreadable(format string, args ...any) error {
	return &refusal{status: http.StatusBadRequest, code: "web.bad_json", detail: fmt.Sprintf(format, args...)}
}

// maxFaults bounds the list in one answer; who sends more wrong fields learns of the rest next time.
const maxFaults = 50

// fail writes err as a problem, or as a page to a browser that asked for one. Internal errors are logged here, once.
func (e *edge) fail(w http.ResponseWriter, r *http.Request, err error) {
	ex := exchangeOf(r.Context())
	p := problem{}
	var own *refusal
	var wait time.Duration
	switch class := fault.Of(err); {
	case errors.As(err, &own):
		p.Status, p.Code, p.Detail, wait = own.status, own.code, own.detail, own.wait
	case class == fault.ClassInvalid:
		p.Status = http.StatusUnprocessableEntity
		p.Code, p.Detail, p.Errors = invalid(fault.All(err))
	case class == fault.ClassForbidden:
		first := fault.All(err)[0]
		p.Status, p.Code, p.Detail = http.StatusForbidden, first.Code, first.Detail
	case class == fault.ClassNotFound:
		// The detail is dropped: it could tell what is absent from what is out of scope.
		p.Status, p.Code = http.StatusNotFound, fault.Code(err)
	case class == fault.ClassConflict:
		first := fault.All(err)[0]
		p.Status, p.Code, p.Detail = http.StatusConflict, first.Code, first.Detail
		if first.Field != "" {
			p.Errors = []fieldFault{{first.Field, first.Code, first.Detail}}
		}
	default:
		p.Status, p.Code = http.StatusInternalServerError, "internal"
		e.log.LogAttrs(r.Context(), slog.LevelError, "failed", slog.String("request", ex.id),
			slog.String("method", method(r)), slog.String("route", ex.route), slog.String("error", err.Error()))
	}
	if p.Status == http.StatusInternalServerError {
		p.Request = ex.id
	}
	l := Lang(r.Context())
	p.Title = title(l, p.Code, p.Status)
	h := w.Header()
	if wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Language", string(l))
	h.Add("Vary", "Accept-Language")
	if wantsPage(r) {
		e.failPage(w, l, p)
		return
	}
	p.Type = "/api/problems/" + p.Code
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}

// invalid folds the faults of an input: one alone gives its code to the whole, several are "web.invalid".
func invalid(faults []*fault.Error) (code, detail string, fields []fieldFault) {
	for _, f := range faults {
		if f.Class != fault.ClassInvalid {
			continue
		}
		if len(fields) == maxFaults {
			break
		}
		fields = append(fields, fieldFault{f.Field, f.Code, f.Detail})
	}
	if len(fields) == 1 {
		if fields[0].Field == "" {
			return fields[0].Code, fields[0].Detail, nil
		}
		return fields[0].Code, fields[0].Detail, fields
	}
	return "web.invalid", fmt.Sprintf("%d things cannot be accepted; errors names them all", len(fields)), fields
}

// title returns the sentence for a code: its own when there is one, else that of its status.
func title(l lang.Tag, code string, status int) string {
	if t, ok := lang.Lookup(l, "problem."+code); ok {
		return t
	}
	if t, ok := lang.Lookup(l, "problem.status."+strconv.Itoa(status)); ok {
		return t
	}
	return http.StatusText(status)
}

// wantsPage tells whether a person is looking: a browser that asked for HTML, outside the programming interface.
func wantsPage(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, "/api/") && strings.Contains(r.Header.Get("Accept"), "text/html")
}
