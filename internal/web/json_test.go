package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serai/internal/fact"
)

// Short names for signatures in tests.
type (
	ctxT     = context.Context
	pointRef = fact.PointRef
	day      = fact.Day
)

func newRequest(method, path string, body io.Reader) *http.Request {
	r := httptest.NewRequest(method, path, body)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer volunteer")
	return r
}

func (h *house) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// agreeWithStandard holds the parser against encoding/json: what we accept, it accepts with the same value; what it
// refuses, we refuse.
func agreeWithStandard(t *testing.T, b []byte) {
	t.Helper()
	got, faults, err := parseJSON(b)
	var want any
	stdErr := json.Unmarshal(b, &want)
	if err != nil {
		if stdErr == nil && !strings.Contains(err.Error(), "nested deeper") {
			t.Fatalf("%q: we refuse what is JSON: %v", b, err)
		}
		return
	}
	if len(faults) > 0 {
		return // JSON, under stricter rules than the standard's
	}
	if stdErr != nil {
		t.Fatalf("%q: we accept what the standard refuses: %v", b, stdErr)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%q: %s", b, diff)
	}
}

func TestTheParserAgreesWithTheStandard(t *testing.T) {
	for _, s := range []string{
		``, ` `, `{}`, `[]`, `[ ]`, `{ }`, `null`, `true`, `false`, `tru`, `nul`, `0`, `-0`, `-`, `00`, `01`, `1.`, `.1`, `1.5e3`, `1e`, `1e+`, `1E-2`,
		`"a"`, `"\n\t\"\\\/\b\f\r"`, `"\u00e9"`, `"\u+0e9"`, `"\uD83D\uDE00"`, `"\uDE00"`, `"\uD83Dx"`, `"`, `"\`, `"\"`, `{"a":1}`, `{"a" : [1 , 2 ] }`,
		`{"a":1,}`, `[1,]`, `[1 2]`, `{"a" 1}`, `{a:1}`, `{"a":}`, `[`, `{`, `{"a":[}`, `]`, `1 2`, "\ufeff{}", "\"\x01\"", "\"\xff\"", `{"":1}`, `{"a":1,"a":2}`,
	} {
		agreeWithStandard(t, []byte(s))
	}
}
