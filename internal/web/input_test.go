package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"serai/internal/access"
	"serai/internal/fact"
)

func TestWhatCannotBeAcceptedIsNamed(t *testing.T) {
	h := withContacts(t)
	const path = "/api/points/NE-AGZ/contacts"
	body := func(extra string) string {
		return `{"id":"` + goodID + `","services":[{"code":"water"}]` + extra + `}`
	}
	tests := []struct {
		name, path, body string
		status           int
		code             string
		fields           string // "field=code" of every fault, in order
	}{
		{"an empty body", path, "", 400, "web.no_body", ""},
		{"blank space", path, " \n ", 400, "web.no_body", ""},
		{"no JSON", path, `hello`, 400, "web.bad_json", ""},
		{"half an object", path, `{"id":`, 400, "web.bad_json", ""},
		{"two values", path, body("") + `{}`, 400, "web.bad_json", ""},
		{"a comma too many", path, `{"id":1,}`, 400, "web.bad_json", ""},
		{"a single quote", path, `{'id':1}`, 400, "web.bad_json", ""},
		{"not a number", path, body(`,"note":NaN`), 400, "web.bad_json", ""},
		{"a number that starts with nought", path, body(`,"note":01`), 400, "web.bad_json", ""},
		{"a raw NUL in a text", path, body(",\"note\":\"a\x00b\""), 400, "web.bad_json", ""},
		{"a bad escape", path, body(`,"note":"\q"`), 400, "web.bad_json", ""},
		{"a short escape", path, body(`,"note":"\u00"`), 400, "web.bad_json", ""},
		{"nesting without end", path, strings.Repeat(`[`, 100_000), 400, "web.bad_json", ""},
		{"nesting inside a free field", path, body(`,"raw":` + strings.Repeat(`[`, 40) + strings.Repeat(`]`, 40)), 400, "web.bad_json", ""},
		{"a list instead of an object", path, `[]`, 422, "web.bad_kind", ""},
		{"null instead of an object", path, `null`, 422, "web.bad_kind", ""},
		{"nothing that is needed", path, `{}`, 422, "web.invalid", "id=web.missing services=web.missing"},
		{"an escaped NUL", path, body(`,"note":"a\u0000b"`), 422, "web.bad_text", "note=web.bad_text"},
		{"a bell", path, body(`,"note":"\u0007"`), 422, "web.bad_text", "note=web.bad_text"},
		{"a C1 control", path, body(`,"note":"\u0085"`), 422, "web.bad_text", "note=web.bad_text"},
		{"a right-to-left override", path, body(`,"note":"Ali` + "\u202e" + `"`), 422, "web.bad_text", "note=web.bad_text"},
		{"an escaped override", path, body(`,"note":"\u202E"`), 422, "web.bad_text", "note=web.bad_text"},
		{"an isolate", path, body(`,"note":"` + "\u2067" + `"`), 422, "web.bad_text", "note=web.bad_text"},
		{"half a surrogate pair", path, body(`,"note":"\ud83d"`), 422, "web.bad_text", "note=web.bad_text"},
		{"broken UTF-8", path, body(",\"note\":\"\xff\xfe\""), 422, "web.bad_text", "note=web.bad_text"},
		{"bad text deep inside a free field", path, body(`,"raw":{"a":["\u0000"]}`), 422, "web.bad_text", "raw.a.0=web.bad_text"},
		{"a field twice", path, body(`,"id":"` + goodID + `"`), 422, "web.doubled_field", "id=web.doubled_field"},
		{"a field in other letters", path, body(`,"ID":"` + goodID + `"`), 422, "web.unknown_field", "ID=web.unknown_field"},
		{"an unknown field", path, body(`,"nmae":"x"`), 422, "web.unknown_field", "nmae=web.unknown_field"},
		{"a name that hides", path, body(`,"a\u202eb":"x"`), 422, "web.invalid", "=web.bad_name ?=web.unknown_field"},
		{"a text too long", path, body(`,"note":"` + strings.Repeat("é", 21) + `"`), 422, "web.too_long", "note=web.too_long"},
		{"a number for a text", path, body(`,"note":7`), 422, "web.bad_kind", "note=web.bad_kind"},
		{"an id that is none", path, `{"id":"7","services":[{"code":"water"}]}`, 422, "fact.bad_id", "id=fact.bad_id"},
		{"an id that huma reads and we do not", path, `{"id":"urn:uuid:` + goodID + `","services":[{"code":"water"}]}`, 422, "fact.bad_id", "id=fact.bad_id"},
		{"a day that is none", path, body(`,"day":"2026-02-30"`), 422, "fact.bad_day", "day=fact.bad_day"},
		{"a time that is none", path, body(`,"when":"noon"`), 422, "web.bad_form", "when=web.bad_form"},
		{"too many of a thing", path, `{"id":"` + goodID + `","services":[{"code":"water","quantity":1001}]}`, 422, "web.too_high", "services.0.quantity=web.too_high"},
		{"less than none", path, `{"id":"` + goodID + `","services":[{"code":"water","quantity":-1}]}`, 422, "web.too_low", "services.0.quantity=web.too_low"},
		{"half a thing", path, `{"id":"` + goodID + `","services":[{"code":"water","quantity":0.5}]}`, 422, "web.bad_kind", "services.0.quantity=web.bad_kind"},
		{"a number out of every range", path, `{"id":"` + goodID + `","services":[{"code":"water","quantity":1e999}]}`, 422, "web.bad_number", "services.0.quantity=web.bad_number"},
		{"a service that is not listed", path, `{"id":"` + goodID + `","services":[{"code":"gold"}]}`, 422, "web.not_listed", "services.0.code=web.not_listed"},
		{"no service", path, `{"id":"` + goodID + `","services":[]}`, 422, "web.too_few", "services=web.too_few"},
		{"null instead of services", path, `{"id":"` + goodID + `","services":null}`, 422, "web.bad_kind", "services=web.bad_kind"},
		{"objects where unique texts belong", path, body(`,"unique":[{},{}]`), 422, "web.bad_kind", ""},
		{"everything wrong at once", path + "?limit=0&day=x", `{"id":"7","services":[{"code":"gold"},{"quantity":"x"}]}`, 422, "web.invalid",
			"day=fact.bad_day limit=web.too_low id=fact.bad_id services.0.code=web.not_listed services.1.code=web.missing services.1.quantity=web.bad_kind"},
		{"an unknown parameter", path + "?dya=2026-03-30", goodBody, 422, "web.unknown_parameter", "dya=web.unknown_parameter"},
		{"a parameter twice", path + "?limit=1&limit=2", goodBody, 422, "web.doubled_field", "limit=web.doubled_field"},
		{"a parameter that is no number", path + "?limit=ten", goodBody, 422, "web.bad_kind", "limit=web.bad_kind"},
		{"a parameter with NUL", path + "?day=%00", goodBody, 422, "web.bad_text", "day=web.bad_text"},
		{"a listed parameter", path + "?kinds=water,gold", goodBody, 422, "web.not_listed", "kinds.1=web.not_listed"},
		{"a broken query", path + "?day=%zz", goodBody, 422, "web.bad_query", ""},
		{"a point that cannot be", "/api/points/agadez!/contacts", goodBody, 422, "fact.bad_point", "point=fact.bad_point"},
		{"a point with an override", "/api/points/%E2%80%AE/contacts", goodBody, 422, "web.bad_text", "point=web.bad_text"},
		{"a point of NUL", "/api/points/%00/contacts", goodBody, 422, "web.bad_text", "point=web.bad_text"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := h.call("POST", test.path, test.body, asVolunteer, "Content-Type: application/json")
			p := problemOf(t, w)
			var fields []string
			for _, f := range p.Errors {
				fields = append(fields, f.Field+"="+f.Code)
			}
			if w.Code != test.status || p.Code != test.code || strings.Join(fields, " ") != test.fields {
				t.Fatalf("got %d %s [%s], want %d %s [%s]", w.Code, p.Code, strings.Join(fields, " "), test.status, test.code, test.fields)
			}
			if p.Detail == "" {
				t.Error("no remedy")
			}
		})
	}
}

func TestAnErrorNeverRepeatsWhatWasSent(t *testing.T) {
	h := withContacts(t)
	const canary = "Fatoumata-7f3a"
	bodies := []string{
		`{"id":"` + canary + `","services":[{"code":"` + canary + `","quantity":"` + canary + `"}],"note":"` + canary + canary + `"}`,
		`{"id":"` + goodID + `","services":"` + canary + `","day":"` + canary + `","when":"` + canary + `","flags":{"x":"` + canary + `"}}`,
		`{"` + canary + ` ` + canary + `":1}`,
		canary, `{"id":` + canary,
	}
	for i, body := range bodies {
		for _, path := range []string{"/api/points/NE-AGZ/contacts", "/api/points/" + canary + "/contacts?limit=" + canary + "&day=" + canary} {
			w := h.call("POST", path, body, asVolunteer)
			if w.Code < 400 || w.Code >= 500 || strings.Contains(w.Body.String(), canary) {
				t.Errorf("body %d on %s: %d %s", i, path, w.Code, w.Body)
			}
		}
	}
}

func TestAPointIsNamedByIdOrCode(t *testing.T) {
	h := withContacts(t)
	id := fact.PointByCode("SEA-OV").String()
	for _, name := range []string{"SEA-OV", id, strings.ToUpper(id)} {
		w := h.call("POST", "/api/points/"+name+"/contacts", goodBody, asVolunteer)
		if w.Code != http.StatusCreated || !strings.Contains(w.Body.String(), `"point":"`+id+`"`) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	for _, name := range []string{"N", "ne-agz", "NE_AGZ", "ABCDEFGHIJKLMNOPQ", strings.Repeat("x", 36)} {
		if w := h.call("POST", "/api/points/"+name+"/contacts", goodBody, asVolunteer); w.Code != 422 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestGoodTextPasses(t *testing.T) {
	h := withContacts(t)
	for _, note := range []string{"line\nand\ttab", "محمد\u200f", "😀👩🏽‍⚕️", "Ḥasan \u200cx", "\ufeffmark"} {
		body := `{"id":"` + goodID + `","services":[{"code":"water"}],"note":` + fmt.Sprintf("%q", note) + `}`
		body = strings.NewReplacer(`\u200f`, "\u200f", `\ufeff`, "\ufeff", `\u200c`, "\u200c").Replace(body)
		w := h.call("POST", "/api/points/NE-AGZ/contacts", body, asVolunteer)
		if w.Code != http.StatusCreated {
			t.Errorf("%q: %d %s", note, w.Code, w.Body)
		}
	}
}

func TestContentOfTheWrongKindIsRefused(t *testing.T) {
	h := withContacts(t)
	tests := []struct {
		name, kind, encoding string
		status               int
	}{
		{"JSON in UTF-8", "application/json; charset=utf-8", "", 201},
		{"JSON in Latin-1", "application/json; charset=iso-8859-1", "", 415},
		{"a form", "application/x-www-form-urlencoded", "", 415},
		{"text, as a foreign page could send it", "text/plain", "", 415},
		{"a type that is none", ";;;", "", 415},
		{"XML", "application/xml", "", 415},
		{"an upload", "multipart/form-data; boundary=x", "", 415},
		{"compressed JSON", "application/json", "gzip", 415},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			headers := []string{asVolunteer, "Content-Type: " + test.kind}
			if test.encoding != "" {
				headers = append(headers, "Content-Encoding: "+test.encoding)
			}
			w := h.call("POST", "/api/points/NE-AGZ/contacts", goodBody, headers...)
			if w.Code != test.status {
				t.Fatalf("got %d: %s", w.Code, w.Body)
			}
			if test.status == 415 && problemOf(t, w).Code != "web.wrong_type" {
				t.Fatal(w.Body)
			}
		})
	}
}

// endless is a body that never ends and says nothing about its length.
type endless struct{ read int64 }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	e.read += int64(len(b))
	return len(b), nil
}

func TestLargeBodiesAreRefusedUnread(t *testing.T) {
	h := withContacts(t)
	w := h.call("POST", "/api/points/NE-AGZ/contacts", strings.Repeat(" ", 50<<20), asVolunteer)
	if p := problemOf(t, w); w.Code != 413 || p.Code != "web.too_large" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	body := &endless{}
	r := newRequest("POST", "/api/points/NE-AGZ/contacts", body)
	r.ContentLength = -1
	if w = h.serve(r); w.Code != 413 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if body.read > 4<<20 {
		t.Fatalf("read %d bytes of a body over 1 MiB", body.read)
	}
	body = &endless{}
	r = newRequest("POST", "/api/points/NE-AGZ/contacts", body)
	r.Header.Set("Authorization", "Bearer stranger")
	if w = h.serve(r); w.Code != 403 || body.read != 0 {
		t.Fatalf("a refused caller had %d bytes read with %d", body.read, w.Code)
	}
}

func TestNaughtyInputNeverBreaksUs(t *testing.T) {
	h := withContacts(t)
	Get(h.Mux, "/api/points/{point}", May("network.read"), func(_ ctxT, _ access.Actor, in *struct {
		Point pointRef `path:"point"`
		Q     string   `query:"q"`
		Days  []day    `query:"days"`
		N     *int8    `query:"n"`
		On    bool     `query:"on"`
		F     float32  `query:"f"`
		U     []uint16 `query:"u"`
		If    string   `header:"If-Match"`
	}) (Empty, error) {
		return Empty{}, nil
	})
	naughty := []string{"", "0", "-1", "1e309", "NaN", "true", "null", "undefined", "../../etc/passwd", "%2e%2e%2f", "%00", "%0a%0d", "%E2%80%AE",
		"%F0%9F%98%80", "%FF%FE", "'%20OR%201=1--", "%3Cscript%3E", "%7B%7B7*7%7D%7D", strings.Repeat("A", 10_000), "128", "99999999999999999999",
		"2026-13-01", "0000-00-00", "-2026-01-01", ",,,", "%2C", "%25s%25n", "+", "%20"}
	count := 0
	for _, method := range []string{"GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "BREW"} {
		for _, a := range naughty {
			for _, tail := range []string{"", "/contacts"} {
				for _, q := range []string{"q", "days", "n", "on", "f", "u", "day", "limit", "kinds", "x%00"} {
					w := h.call(method, "/api/points/"+a+tail+"?"+q+"="+a, a, asVolunteer, "If-Match: "+strings.ReplaceAll(a, "%", ""))
					if count++; w.Code >= 500 {
						t.Fatalf("%s %s%s %s: %d %s", method, a, tail, q, w.Code, w.Body)
					}
				}
			}
		}
	}
	t.Logf("%d requests, none answered 5xx", count)
}

func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{}`, `[]`, goodBody, `"\ud83d\ude00"`, `-0.0e-1`, `{"a":{"b":[null,true,1]}}`, `"\u0000"`, "\"\xff\"", `{"a":1,"a":2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { agreeWithStandard(t, b) })
}
