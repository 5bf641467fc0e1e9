package web

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"serai/internal/lang"
)

// The documentation page is written by the node itself from the same document that programs read: no script, and no
// request to anybody.
type (
	docGroup struct {
		Name       string
		Operations []docOperation
	}
	docOperation struct {
		Method, Path, ID, Summary, Permission string
		Public                                bool
		Params                                []docField
		Body                                  []docBody
		Answers                               []docBody
	}
	docBody struct {
		Status, Type string
		Ref          string // the schema's name, empty when it has none
		Shape        string
		Fields       []docField
	}
	docField struct {
		Name, In, Type, Note string
		Required             bool
		Ref                  string
	}
	docSchema struct {
		Name   string
		Fields []docField
	}
)

func (m *Mux) docs(w http.ResponseWriter, r *http.Request) {
	groups := map[string]*docGroup{}
	for path, item := range m.doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			g := groups[op.Tags[0]]
			if g == nil {
				g = &docGroup{Name: op.Tags[0]}
				groups[op.Tags[0]] = g
			}
			g.Operations = append(g.Operations, m.docOperation(path, op))
		}
	}
	var sorted []docGroup
	for _, g := range groups {
		slices.SortFunc(g.Operations, func(a, b docOperation) int {
			return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
		})
		sorted = append(sorted, *g)
	}
	slices.SortFunc(sorted, func(a, b docGroup) int { return strings.Compare(a.Name, b.Name) })
	var schemas []docSchema
	for name, s := range m.schemas.Map() {
		schemas = append(schemas, docSchema{name, m.docFields(s)})
	}
	slices.SortFunc(schemas, func(a, b docSchema) int { return strings.Compare(a.Name, b.Name) })
	body := render("docs.html", map[string]any{"Info": m.doc.Info, "Groups": sorted, "Schemas": schemas, "Lang": lang.English})
	w.Header().Set("Cache-Control", "no-cache")
	page(w, http.StatusOK, lang.English, body)
}

func (m *Mux) docOperation(path string, op *huma.Operation) docOperation {
	out := docOperation{Method: op.Method, Path: path, ID: op.OperationID, Summary: op.Summary, Public: op.Security == nil}
	out.Permission, _ = op.Extensions["x-permission"].(string)
	for _, p := range op.Parameters {
		kind, ref := kindOf(p.Schema)
		out.Params = append(out.Params, docField{p.Name, p.In, kind, noteOf(p.Schema, p.Description), p.Required, ref})
	}
	if op.RequestBody != nil {
		out.Body = m.docBodies("", op.RequestBody.Content)
	}
	for status, answer := range op.Responses {
		if status == "default" {
			continue
		}
		if len(answer.Content) == 0 {
			out.Answers = append(out.Answers, docBody{Status: status, Shape: "nothing"})
		}
		out.Answers = append(out.Answers, m.docBodies(status, answer.Content)...)
	}
	return out
}

func (m *Mux) docBodies(status string, content map[string]*huma.MediaType) []docBody {
	var out []docBody
	for kind, media := range content {
		shape, ref := kindOf(media.Schema)
		b := docBody{Status: status, Type: kind, Shape: shape, Ref: ref}
		if media.Schema.Ref == "" {
			b.Fields = m.docFields(media.Schema)
		}
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b docBody) int { return strings.Compare(a.Type, b.Type) })
	return out
}

func (m *Mux) docFields(s *huma.Schema) []docField {
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	sort.Strings(names)
	var out []docField
	for _, name := range names {
		p := s.Properties[name]
		kind, ref := kindOf(p)
		out = append(out, docField{Name: name, Type: kind, Note: noteOf(p, p.Description), Required: slices.Contains(s.Required, name), Ref: ref})
	}
	return out
}

// kindOf says what a schema is in a few words, and which named schema it leads to.
func kindOf(s *huma.Schema) (kind, ref string) {
	switch {
	case s == nil:
		return "anything", ""
	case s.Ref != "":
		name := strings.TrimPrefix(s.Ref, schemaPrefix)
		return name, name
	case s.Type == huma.TypeArray:
		kind, ref = kindOf(s.Items)
		return "list of " + kind, ref
	case s.Type == huma.TypeObject:
		if values, ok := s.AdditionalProperties.(*huma.Schema); ok {
			kind, ref = kindOf(values)
			return "map to " + kind, ref
		}
		return "object", ""
	case s.Type == "":
		return "anything", ""
	case s.Format != "":
		return s.Type + " (" + s.Format + ")", ""
	}
	return s.Type, ""
}

// noteOf gathers the limits of a schema.
func noteOf(s *huma.Schema, about string) string {
	if s == nil {
		return about
	}
	var notes []string
	if about == "" {
		about = s.Description
	}
	if about != "" {
		notes = append(notes, about)
	}
	if s.Items != nil && s.Items.Ref == "" {
		if each := noteOf(s.Items, ""); each != "" {
			notes = append(notes, "each: "+each)
		}
	}
	if len(s.Enum) > 0 {
		values := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			values[i] = toText(v)
		}
		notes = append(notes, "one of "+strings.Join(values, ", "))
	}
	limit := func(word string, v any, set bool) {
		if set {
			notes = append(notes, word+" "+toText(v))
		}
	}
	limit("at least", deref(s.Minimum), s.Minimum != nil)
	limit("at most", deref(s.Maximum), s.Maximum != nil)
	limit("length from", deref(s.MinLength), s.MinLength != nil)
	limit("length to", deref(s.MaxLength), s.MaxLength != nil)
	limit("items from", deref(s.MinItems), s.MinItems != nil)
	limit("items to", deref(s.MaxItems), s.MaxItems != nil)
	limit("default", s.Default, s.Default != nil)
	if s.Pattern != "" {
		notes = append(notes, "pattern "+s.Pattern)
	}
	return strings.Join(notes, "; ")
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func toText(v any) string { return fmt.Sprint(v) }
