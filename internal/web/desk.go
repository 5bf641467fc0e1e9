package web

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Desk serves a built desk app at /desk/ from files, whose root holds index.html. Addresses without a file belong to
// the app's own screens and get index.html. Without an index.html a plain page says how to build one.
//
// Beside a file x there may be x.br and x.gz, made by the build: nothing is compressed while people wait.
func (m *Mux) Desk(files fs.FS) {
	d := &desk{files: files}
	m.Handle(http.MethodGet, "/desk/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.serve(m.edge, w, r)
	}))
	m.Handle(http.MethodGet, "/desk", http.RedirectHandler("/desk/", http.StatusMovedPermanently))
}

type desk struct {
	files fs.FS
	kept  sync.Map // name -> *asset; the files are part of the binary and never change
}

// asset is one file with its compressed forms.
type asset struct {
	plain, br, gz []byte
	kind, tag     string
	forever       bool // its name holds a hash of its content
}

// hashed are the names that the build gives: assets/index-BQx1_f9k.js. Nothing outside that folder is kept forever: a service
// worker or a list of versions that a browser no longer asks for would hold a tablet at one release.
var hashed = regexp.MustCompile(`^assets/.*-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$`)

func (d *desk) serve(e *edge, w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/desk/")
	if name == "" {
		name = "index.html"
	}
	a := d.open(name)
	if a == nil && path.Ext(name) == "" {
		a = d.open("index.html")
	}
	switch {
	case a != nil:
		a.serve(w, r)
	case d.open("index.html") == nil:
		l := Lang(r.Context())
		page(w, http.StatusNotFound, l, render("plain.html", map[string]any{"Lang": l, "Title": "desk.missing", "Text": "desk.missing_text"}))
	default:
		e.fail(w, r, errNoRoute)
	}
}

func (d *desk) open(name string) *asset {
	if a, ok := d.kept.Load(name); ok {
		return a.(*asset)
	}
	if d.files == nil || !fs.ValidPath(name) || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
		return nil
	}
	b, err := fs.ReadFile(d.files, name)
	if err != nil {
		return nil // absent or a folder; not kept, or strangers could fill the table with names
	}
	sum := sha256.Sum256(b)
	a := &asset{plain: b, kind: mime.TypeByExtension(path.Ext(name)), tag: `"` + hex.EncodeToString(sum[:8]) + `"`,
		forever: hashed.MatchString(name)}
	switch path.Ext(name) { // not every machine's table knows these
	case ".js", ".mjs":
		a.kind = "text/javascript; charset=utf-8"
	case ".wasm":
		a.kind = "application/wasm"
	case ".webmanifest":
		a.kind = "application/manifest+json"
	case ".woff2":
		a.kind = "font/woff2"
	case "":
		a.kind = "application/octet-stream"
	}
	if a.kind == "" {
		a.kind = "application/octet-stream"
	}
	a.br, _ = fs.ReadFile(d.files, name+".br") // absent: served as it is
	a.gz, _ = fs.ReadFile(d.files, name+".gz")
	d.kept.Store(name, a)
	return a
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "no-cache") // kept, but asked for each time: a new release shows at once
	if a.forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, tag := a.plain, a.tag
	if a.br != nil || a.gz != nil {
		h.Add("Vary", "Accept-Encoding")
		accepted := r.Header.Get("Accept-Encoding")
		switch {
		case a.br != nil && accepts(accepted, "br"):
			body, tag = a.br, strings.TrimSuffix(tag, `"`)+`-br"`
			h.Set("Content-Encoding", "br")
		case a.gz != nil && accepts(accepted, "gzip"):
			body, tag = a.gz, strings.TrimSuffix(tag, `"`)+`-gz"`
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", tag)
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body)
}

// accepts tells whether an Accept-Encoding header names an encoding without forbidding it.
func accepts(header, encoding string) bool {
	for item := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(item, ";")
		if strings.TrimSpace(name) != encoding {
			continue
		}
		q = strings.TrimPrefix(strings.TrimSpace(q), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		return err != nil || weight > 0
	}
	return false
}
