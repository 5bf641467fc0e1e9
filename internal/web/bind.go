package web

import (
	"context"
	"encoding"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"serai/internal/fact"
	"serai/internal/fault"
)

// bind fills an In from the request. Every fault of path, query, headers and body is reported at once.
func (m *Mux) bind(ctx context.Context, op *operation, r *http.Request, in reflect.Value) (context.Context, error) {
	p := &op.plan
	var faults []error
	var query url.Values
	if r.URL.RawQuery != "" {
		var err error
		if query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
			return ctx, fault.Invalid("web.bad_query", "the part of the address after ? cannot be read; escape it")
		}
		if !p.lenient {
			for name := range query {
				if !p.query[name] {
					faults = append(faults, fault.Field(safeName(name), "web.unknown_parameter",
						"this address knows no such parameter; /api/docs lists them"))
				}
			}
		}
	}
	for i := range p.params {
		q := &p.params[i]
		var values []string
		switch q.in {
		case "path":
			values = []string{r.PathValue(q.name)}
		case "query":
			values = query[q.name]
		case "header":
			values = r.Header.Values(q.name)
		}
		faults = append(faults, m.set(q, values, in)...)
	}
	ctx, more, err := m.bindBody(ctx, op, r, in)
	if err != nil {
		return ctx, err
	}
	faults = append(faults, more...)
	if len(faults) > 0 {
		return ctx, errors.Join(faults...)
	}
	return ctx, nil
}

// set reads one parameter; empty values count as absent.
func (m *Mux) set(q *param, values []string, in reflect.Value) []error {
	if len(values) == 0 || len(values) == 1 && values[0] == "" {
		if q.required {
			return []error{fault.Field(q.name, "web.missing", "this is required")}
		}
		if q.def == "" {
			return nil
		}
		values = []string{q.def}
	}
	for _, v := range values {
		if why := textFault(v); why != "" {
			return []error{fault.Field(q.name, badText, why)}
		}
	}
	target := in.FieldByIndex(q.index)
	many := target.Kind() == reflect.Slice && !reflect.PointerTo(target.Type()).Implements(textType)
	if !many {
		if len(values) > 1 {
			return []error{fault.Field(q.name, "web.doubled_field", "this stands there twice; send it once")}
		}
		seen, err := setText(target, values[0])
		if err != nil {
			return []error{at(q.name, err)}
		}
		return m.validate(q.schema, q.name, seen)
	}
	var items []string
	for _, v := range values {
		items = append(items, strings.Split(v, ",")...)
	}
	list := reflect.MakeSlice(target.Type(), len(items), len(items))
	seen := make([]any, len(items))
	for i, item := range items {
		var err error
		if seen[i], err = setText(list.Index(i), item); err != nil {
			return []error{at(q.name+"."+strconv.Itoa(i), err)}
		}
	}
	target.Set(list)
	return m.validate(q.schema, q.name, seen)
}

// setText reads a scalar from text and returns it as JSON would have brought it, for the validation.
func setText(v reflect.Value, s string) (any, error) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return s, u.UnmarshalText([]byte(s))
	}
	bad := fault.Invalid("web.bad_kind", "a number is expected")
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
		return s, nil
	case reflect.Bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return nil, fault.Invalid("web.bad_kind", "true or false is expected")
		}
		v.SetBool(b)
		return b, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(s, 10, v.Type().Bits())
		if err != nil {
			return nil, bad
		}
		v.SetInt(n)
		return float64(n), nil
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(s, v.Type().Bits())
		if err != nil || f != f || f > 1e300 || f < -1e300 {
			return nil, bad
		}
		v.SetFloat(f)
		return f, nil
	default: // the unsigned kinds; scannable let no other pass
		n, err := strconv.ParseUint(s, 10, v.Type().Bits())
		if err != nil {
			return nil, bad
		}
		v.SetUint(n)
		return float64(n), nil
	}
}

// at places the first fault of err at a field. An error that is no fault gets a plain one: its text might quote.
func at(field string, err error) error {
	if f := fault.All(err); len(f) > 0 {
		if f[0].Field != "" {
			field += "." + f[0].Field
		}
		return fault.Field(field, f[0].Code, f[0].Detail)
	}
	return fault.Field(field, "web.bad_form", "this cannot be read; see /api/docs for its form")
}

// safeName lets a name that a client invented into an answer only when it is harmless.
func safeName(s string) string {
	if isName(s) {
		return s
	}
	return "?"
}

// idempotent carries the keyed hash of a command to the journal, and the client's key when there is one. Without a key
// the id that the client made for the new thing serves as one.
func (m *Mux) idempotent(ctx context.Context, r *http.Request, body []byte) (context.Context, error) {
	key := r.Header.Get("Idempotency-Key")
	if key != "" && !isKey(key) {
		return ctx, fault.Field("Idempotency-Key", "web.bad_key",
			"a key has 1 to 64 letters, digits and - _ . : such as a UUID")
	}
	if sent := exchangeOf(ctx).sent; sent != nil {
		body = sent
	}
	return fact.WithRequest(ctx, fact.Request{Key: key, Hash: m.hash(r, body)}), nil
}

func isKey(s string) bool {
	if len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.:", c) >= 0 {
			continue
		}
		return false
	}
	return s != ""
}

// validate checks a value against a schema. It survives what huma's validation does not: a list that promises unique
// items and holds an object.
func (m *Mux) validate(s *huma.Schema, field string, v any) (faults []error) {
	defer func() {
		if recover() != nil {
			faults = []error{fault.Field(field, "web.bad_kind", "this has a shape that cannot stand here")}
		}
	}()
	var path huma.PathBuffer
	var res huma.ValidateResult
	if field != "" {
		path.Push(field)
	}
	huma.Validate(m.schemas, s, &path, huma.ModeWriteToServer, v, &res)
	for _, err := range res.Errors {
		var d *huma.ErrorDetail
		if errors.As(err, &d) {
			faults = append(faults, translate(d))
		}
	}
	return faults
}
