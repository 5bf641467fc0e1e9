package web

import (
	"encoding"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// plan says where every field of an In comes from. It is made once, at registration.
type plan struct {
	params  []param
	query   map[string]bool // the names that a query may hold
	lenient bool            // unknown query parameters are ignored: public pages get them from whoever links there
	body    *bodyPlan
	parts   []param // the fields and files of an upload
	raw     []int   // index of the raw body
	rawOf   []string
}

// param is one value from the path, the query, a header or a form part.
type param struct {
	in       string // "path", "query", "header", "multipart"
	name     string
	index    []int
	typ      reflect.Type
	schema   *huma.Schema
	required bool
	def      string
	upload   bool
	doc      string
}

type bodyPlan struct {
	index    []int
	typ      reflect.Type
	schema   *huma.Schema
	optional bool
}

var uploadType = reflect.TypeFor[Upload]()

func newPlan(schemas huma.Registry, op *operation, in reflect.Type) plan {
	p := plan{query: map[string]bool{}, lenient: op.out == reflect.TypeFor[HTML]()}
	where := op.method + " " + op.path
	if in.Kind() != reflect.Struct {
		panic(fmt.Sprintf("web: %s reads %s, want a struct", where, in))
	}
	for _, f := range reflect.VisibleFields(in) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		if len(f.Index) > 1 && in.Field(f.Index[0]).Type.Kind() == reflect.Pointer {
			panic(fmt.Sprintf("web: %s embeds a pointer, embed the struct", where))
		}
		switch {
		case f.Name == "Body":
			typ := f.Type
			b := &bodyPlan{index: f.Index, typ: typ, optional: typ.Kind() == reflect.Pointer}
			registerTexts(schemas, typ)
			b.schema = schemas.Schema(typ, true, bodyName(op))
			p.body = b
		case f.Tag.Get("raw") != "":
			if f.Type != reflect.TypeFor[[]byte]() {
				panic(fmt.Sprintf("web: %s: a raw body is []byte", where))
			}
			p.raw, p.rawOf = f.Index, strings.Split(f.Tag.Get("raw"), ",")
		default:
			p.add(schemas, where, f)
		}
	}
	if p.body != nil && len(p.rawOf) > 0 {
		panic(fmt.Sprintf("web: %s has two bodies", where))
	}
	for name := range pathNames(op.path) {
		if !slices.ContainsFunc(p.params, func(q param) bool { return q.in == "path" && q.name == name }) {
			panic(fmt.Sprintf("web: %s does not read {%s}", where, name))
		}
	}
	for _, q := range p.params {
		if q.in == "path" && !pathNames(op.path)[q.name] {
			panic(fmt.Sprintf("web: %s has no {%s} in its path", where, q.name))
		}
	}
	if op.method == http.MethodGet && (p.body != nil || len(p.parts) > 0 || len(p.rawOf) > 0) {
		panic(fmt.Sprintf("web: %s has a body", where))
	}
	return p
}

func (p *plan) add(schemas huma.Registry, where string, f reflect.StructField) {
	q := param{index: f.Index, typ: f.Type, doc: f.Tag.Get("doc"), def: f.Tag.Get("default")}
	for _, in := range []string{"path", "query", "header", "multipart"} {
		if name := f.Tag.Get(in); name != "" {
			q.in, q.name = in, name
		}
	}
	if q.in == "" {
		panic(fmt.Sprintf("web: %s: nothing says where field %s comes from", where, f.Name))
	}
	q.required = q.in == "path" || f.Tag.Get("required") == "true"
	if f.Type == uploadType {
		q.upload = true
		q.schema = &huma.Schema{Type: huma.TypeString, Format: "binary"}
	} else {
		if !scannable(f.Type) {
			panic(fmt.Sprintf("web: %s: field %s has a type that no parameter can have", where, f.Name))
		}
		registerTexts(schemas, f.Type)
		q.schema = huma.SchemaFromField(schemas, f, f.Name)
		q.schema.Nullable = false
	}
	switch {
	case q.in == "multipart":
		p.parts = append(p.parts, q)
	case q.upload:
		panic(fmt.Sprintf("web: %s: field %s is an upload and has the tag multipart", where, f.Name))
	default:
		if q.in == "query" {
			p.query[q.name] = true
		}
		p.params = append(p.params, q)
	}
}

var textType = reflect.TypeFor[encoding.TextUnmarshaler]()

// scannable tells whether setText can read a type.
func scannable(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(textType) {
		return true
	}
	switch t.Kind() {
	case reflect.Slice:
		return t.Elem().Kind() != reflect.Slice && t.Elem().Kind() != reflect.Uint8 && scannable(t.Elem())
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return true
	}
	return false
}

// pathNames returns the wildcards of a ServeMux pattern.
func pathNames(path string) map[string]bool {
	out := map[string]bool{}
	for _, segment := range strings.Split(path, "/") {
		if len(segment) > 2 && segment[0] == '{' && segment != "{$}" {
			out[strings.TrimSuffix(strings.Trim(segment, "{}"), "...")] = true
		}
	}
	return out
}
