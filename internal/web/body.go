package web

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"serai/internal/fault"
)

// Upload is a file that came with a form.
type Upload struct {
	Name string // as the browser called it; for people to read, never for a path
	Type string // as the browser called it; not to be trusted
	Data []byte
}

// bindBody reads the body, in whatever form the route takes, and fills the In from it.
func (m *Mux) bindBody(ctx context.Context, op *operation, r *http.Request, in reflect.Value) (context.Context, []error, error) {
	p := &op.plan
	takes := p.body != nil || len(p.parts) > 0 || len(p.rawOf) > 0
	if !takes {
		if op.method != http.MethodGet && r.ContentLength > 0 {
			return ctx, nil, &refusal{status: http.StatusBadRequest, code: "web.no_body_wanted", detail: "this request takes no body"}
		}
		if op.method == http.MethodGet {
			return ctx, nil, nil
		}
		ctx, err := m.idempotent(ctx, r, nil)
		return ctx, nil, err
	}
	kind, args, err := contentType(op, r)
	if err != nil {
		return ctx, nil, err
	}
	body, err := readBody(r, op.bodyLimit)
	if err != nil {
		return ctx, nil, err
	}
	if ctx, err = m.idempotent(ctx, r, body); err != nil {
		return ctx, nil, err
	}
	switch {
	case kind == "multipart/form-data" && len(p.parts) > 0:
		faults, err := m.bindParts(p, body, args["boundary"], in)
		return ctx, faults, err
	case len(p.rawOf) > 0:
		in.FieldByIndex(p.raw).SetBytes(body)
		return ctx, nil, nil
	case p.body == nil || len(body) == 0 && p.body.optional:
		return ctx, nil, nil
	case len(bytes.TrimSpace(body)) == 0:
		return ctx, nil, errNoBody
	}
	tree, faults, err := parseJSON(body)
	if err != nil {
		return ctx, nil, err
	}
	return ctx, append(faults, m.fill(p.body, tree, body, len(faults) > 0, in)...), nil
}

// fill validates the tree and decodes the body. Only when something is wrong are texts searched one by one, to name
// the fields whose own reading failed.
func (m *Mux) fill(b *bodyPlan, tree any, body []byte, broken bool, in reflect.Value) []error {
	faults := m.validate(b.schema, "", tree)
	if !broken && len(faults) == 0 {
		err := json.Unmarshal(body, in.FieldByIndex(b.index).Addr().Interface())
		if err == nil {
			return nil
		}
		if faults = misread(b.typ, tree, ""); len(faults) > 0 {
			return faults
		}
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return []error{fault.Field(kind.Field, "web.bad_number", "this does not fit the field; see /api/docs")}
		}
		return []error{at("", err)}
	}
	named := map[string]bool{}
	for _, f := range fault.All(errors.Join(faults...)) {
		named[f.Field] = true
	}
	for _, f := range fault.All(errors.Join(misread(b.typ, tree, "")...)) {
		if !named[f.Field] {
			faults = append(faults, f)
		}
	}
	return faults
}

// misread walks a value beside its type and reports every text that its type cannot read.
func misread(t reflect.Type, v any, path string) []error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	join := func(name string) string {
		if path == "" {
			return name
		}
		return path + "." + name
	}
	if s, ok := v.(string); ok {
		if u, ok := reflect.New(t).Interface().(encoding.TextUnmarshaler); ok {
			if err := u.UnmarshalText([]byte(s)); err != nil {
				return []error{at(path, err)}
			}
		}
		return nil
	}
	var out []error
	switch v := v.(type) {
	case []any:
		if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
			for i, item := range v {
				out = append(out, misread(t.Elem(), item, join(strconv.Itoa(i)))...)
			}
		}
	case map[string]any:
		switch t.Kind() {
		case reflect.Map:
			for name, item := range v {
				out = append(out, misread(t.Elem(), item, join(name))...)
			}
		case reflect.Struct:
			for _, f := range reflect.VisibleFields(t) {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				if name == "" {
					name = f.Name
				}
				if item, ok := v[name]; ok && f.IsExported() && !f.Anonymous {
					out = append(out, misread(f.Type, item, join(name))...)
				}
			}
		}
	}
	return out
}

// contentType refuses what the route cannot read, before it is read.
func contentType(op *operation, r *http.Request) (string, map[string]string, error) {
	p := &op.plan
	header := r.Header.Get("Content-Type")
	kind, args, err := mime.ParseMediaType(header)
	var want []string
	if p.body != nil {
		want = append(want, "application/json")
	}
	want = append(want, p.rawOf...)
	if len(p.parts) > 0 {
		want = append(want, "multipart/form-data")
	}
	wrong := &refusal{status: http.StatusUnsupportedMediaType, code: "web.wrong_type",
		detail: "the body must be " + strings.Join(want, " or ")}
	if header == "" {
		if r.ContentLength == 0 {
			return "", nil, nil // no body at all: said as such
		}
		return "", nil, wrong
	}
	charset := strings.ToLower(args["charset"])
	if err != nil || !slices.Contains(want, kind) || kind == "application/json" && charset != "" && charset != "utf-8" {
		return "", nil, wrong
	}
	if enc := r.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		wrong.detail = "the body must not be compressed"
		return "", nil, wrong
	}
	return kind, args, nil
}

// readBody reads at most limit bytes. Memory grows with what really arrives, not with what was announced.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	var buf bytes.Buffer
	if r.ContentLength > 0 {
		buf.Grow(int(min(r.ContentLength+bytes.MinRead, 16<<10)))
	}
	n, err := buf.ReadFrom(io.LimitReader(r.Body, limit+1))
	if n > limit {
		return nil, tooLarge(limit)
	}
	if err != nil {
		return nil, &refusal{status: http.StatusBadRequest, code: "web.broken_off", detail: "the body broke off; send it again"}
	}
	return buf.Bytes(), nil
}

// hash is the keyed hash of a command. It tells a repeat from another command under the same key, and nobody who
// finds it can try out what the body may have been.
func (m *Mux) hash(r *http.Request, body []byte) (sum [32]byte) {
	mac := hmac.New(sha256.New, m.cfg.RequestKey)
	_, _ = io.WriteString(mac, r.Method+"\x00"+r.URL.RequestURI()+"\x00")
	_, _ = mac.Write(body)
	mac.Sum(sum[:0])
	return sum
}

// bindParts reads a form with files.
func (m *Mux) bindParts(p *plan, body []byte, boundary string, in reflect.Value) ([]error, error) {
	broken := &refusal{status: http.StatusBadRequest, code: "web.bad_form_data", detail: "the form cannot be read; send it again"}
	if boundary == "" {
		return nil, broken
	}
	values := map[string][]string{}
	files := map[string]Upload{}
	var faults []error
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, broken
		}
		data, err := io.ReadAll(part) // from memory, and no larger than the body
		if err != nil {
			return nil, broken
		}
		name := part.FormName()
		i := slices.IndexFunc(p.parts, func(q param) bool { return q.name == name })
		switch {
		case i < 0:
			faults = append(faults, fault.Field(safeName(name), "web.unknown_field", "nobody knows this field; see /api/docs"))
		case p.parts[i].upload && textFault(part.FileName()) != "":
			faults = append(faults, fault.Field(name, badText, "the file's name: "+textFault(part.FileName())))
		case p.parts[i].upload:
			files[name] = Upload{Name: part.FileName(), Type: part.Header.Get("Content-Type"), Data: data}
		default:
			values[name] = append(values[name], string(data))
		}
	}
	for i := range p.parts {
		q := &p.parts[i]
		if !q.upload {
			faults = append(faults, m.set(q, values[q.name], in)...)
			continue
		}
		file, ok := files[q.name]
		if !ok && q.required {
			faults = append(faults, fault.Field(q.name, "web.missing", "this is required"))
		}
		in.FieldByIndex(q.index).Set(reflect.ValueOf(file))
	}
	return faults, nil
}
