package web

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

func newDocument(cfg Config, schemas huma.Registry) *huma.OpenAPI {
	version := cfg.Version
	if version == "" {
		version = "0"
	}
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title:   "Serai",
			Version: version,
			Description: "Programming interface of a Serai node. Ids are made by the client when it creates something. " +
				"A command may carry an Idempotency-Key; the same key with the same command is done once. " +
				"Errors are application/problem+json with a stable code.",
		},
		Paths: map[string]*huma.PathItem{},
		Components: &huma.Components{
			Schemas: schemas,
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"session": {Type: "http", Scheme: "bearer", Description: "The token of POST /api/session; browsers use the cookie of the same answer."},
			},
		},
	}
}

// lazyDocument is the OpenAPI document as bytes, made when it is first asked for: by then all routes are registered.
type lazyDocument struct {
	once  sync.Once
	bytes []byte
	err   error
}

// OpenAPI returns the OpenAPI 3.1 document of every route registered so far. Registering after it was asked for
// changes nothing in it.
func (m *Mux) OpenAPI() ([]byte, error) {
	m.openapi.once.Do(func() { m.openapi.bytes, m.openapi.err = json.MarshalIndent(m.doc, "", " ") })
	return m.openapi.bytes, m.openapi.err
}

// describe adds a route to the document. Pages are not part of the programming interface.
func (m *Mux) describe(op *operation) {
	if op.out == reflect.TypeFor[HTML]() {
		return
	}
	d := &huma.Operation{
		Method: op.method, Path: strings.ReplaceAll(op.path, "...}", "}"), OperationID: strings.TrimSuffix(bodyName(op), "Body"),
		Summary: op.summary, Tags: []string{op.tag}, Responses: map[string]*huma.Response{},
	}
	if op.gate.class != classPublic {
		d.Security = []map[string][]string{{"session": {}}}
	}
	if op.gate.permission != "" {
		d.Extensions = map[string]any{"x-permission": string(op.gate.permission)}
	}
	if op.offline {
		if d.Extensions == nil {
			d.Extensions = map[string]any{}
		}
		d.Extensions["x-offline"] = true
	}
	for _, q := range op.plan.params {
		p := &huma.Param{Name: q.name, In: q.in, Required: q.required, Schema: q.schema, Description: q.doc}
		if q.schema.Type == huma.TypeArray && q.in == "query" {
			explode := false // a,b,c: short on a slow line; repeated parameters are read, too
			p.Explode = &explode
		}
		d.Parameters = append(d.Parameters, p)
	}
	if op.method != http.MethodGet {
		d.Parameters = append(d.Parameters, &huma.Param{Name: "Idempotency-Key", In: "header",
			Description: "made by the client, kept for repeats of this very command",
			Schema:      &huma.Schema{Type: huma.TypeString, Pattern: "^[A-Za-z0-9_.:-]{1,64}$"}})
	}
	d.RequestBody = requestBody(op)
	good := &huma.Response{Description: http.StatusText(op.status)}
	switch {
	case op.out == reflect.TypeFor[File]():
		good.Content = map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	case op.status != http.StatusNoContent:
		registerTexts(m.schemas, op.out)
		name := strings.TrimSuffix(bodyName(op), "Body") + "Answer"
		good.Content = map[string]*huma.MediaType{"application/json": {Schema: m.schemas.Schema(op.out, true, name)}}
	}
	d.Responses[strconv.Itoa(op.status)] = good
	problems := m.schemas.Schema(reflect.TypeFor[problem](), true, "Problem")
	d.Responses["default"] = &huma.Response{Description: "A problem with its stable code",
		Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problems}}}
	m.doc.AddOperation(d)
}

func requestBody(op *operation) *huma.RequestBody {
	p := &op.plan
	content := map[string]*huma.MediaType{}
	if p.body != nil {
		content["application/json"] = &huma.MediaType{Schema: p.body.schema}
	}
	for _, kind := range p.rawOf {
		content[kind] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	if len(p.parts) > 0 {
		form := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}}
		for _, q := range p.parts {
			form.Properties[q.name] = q.schema
			if q.required {
				form.Required = append(form.Required, q.name)
			}
		}
		content["multipart/form-data"] = &huma.MediaType{Schema: form}
	}
	if len(content) == 0 {
		return nil
	}
	return &huma.RequestBody{Required: p.body == nil || !p.body.optional, Content: content}
}

// firstSegment names the group of a route: "points" of /api/points/{point}.
func firstSegment(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path, "/"), "api/"), "/")
	return name
}
