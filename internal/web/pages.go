package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"

	"serai/internal/lang"
)

//go:embed pages
var pageFiles embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"dir":  lang.Dir,
	"name": lang.Name,
	"text": func(l lang.Tag, key string) string { return lang.Text(l, key, nil) },
}).ParseFS(pageFiles, "pages/*.html"))

// stylePath is where every page of this package finds its style sheet; the policy forbids inline ones.
const stylePath = "/web/page.css"

// render fills a page. What it is given is data of ours, so a failure is a mistake in the template.
func render(name string, data any) []byte {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// failPage shows a problem to a person.
func (e *edge) failPage(w http.ResponseWriter, l lang.Tag, p problem) {
	page(w, p.Status, l, render("problem.html", map[string]any{"Lang": l, "Problem": p}))
}

func style(w http.ResponseWriter, _ *http.Request) {
	b, err := pageFiles.ReadFile("pages/page.css")
	if err != nil {
		panic(err) // part of the binary
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(b)
}

// ownRoutes registers what every node has.
func (m *Mux) ownRoutes() {
	m.Handle(http.MethodGet, stylePath, http.HandlerFunc(style))
	m.Handle(http.MethodGet, "/api/openapi.json", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := m.OpenAPI()
		if err != nil {
			m.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/vnd.oai.openapi+json;version=3.1")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(b)
	}))
	m.Handle(http.MethodGet, "/api/docs", http.HandlerFunc(m.docs))
	m.Handle(http.MethodGet, "/api/problems/{code}", http.HandlerFunc(explain))
}

// explain says what a code means, in every language there is.
func explain(w http.ResponseWriter, r *http.Request) {
	code := r.PathValue("code")
	l := Lang(r.Context())
	if !isKey(code) {
		code = "?"
	}
	sentence, known := lang.Lookup(l, "problem."+code)
	if !known {
		sentence = lang.Text(l, "problem.unknown", nil)
	}
	page(w, http.StatusOK, l, render("explain.html", map[string]any{"Lang": l, "Code": code, "Sentence": sentence}))
}
