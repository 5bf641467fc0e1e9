package web

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"sync"

	"serai/internal/lang"
)

// Empty answers 204.
type Empty struct{}

// File answers bytes as they are: a download, or with Inline something a browser may show (an SVG, a PDF to print).
type File struct {
	Name        string // offered as the file's name; no personal data
	Type        string // "text/csv; charset=utf-8"
	Data        []byte // the content, or
	Reader      io.Reader
	Disposition string // "attachment" when empty; "inline"
	MaxAge      int    // seconds for which a browser may keep it, where the address names the content; 0: not at all
}

// HTML answers a page, under the strict policy for pages. Public pages may be kept for MaxAge seconds.
type HTML struct {
	Status int // 200 when 0
	Lang   lang.Tag
	Body   []byte
	MaxAge int
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// answer writes what a handler returned.
func (m *Mux) answer(w http.ResponseWriter, r *http.Request, op *operation, out any) {
	h := w.Header()
	if s, ok := out.(SessionCookie); ok {
		token, expires := s.SessionCookie()
		http.SetCookie(w, m.cookie(token, expires, m.clock()))
	}
	switch v := out.(type) {
	case File:
		m.answerFile(w, r, op, v)
		return
	case HTML:
		if v.Status == 0 {
			v.Status = op.status
		}
		if v.MaxAge > 0 {
			h.Set("Cache-Control", "public, max-age="+strconv.Itoa(v.MaxAge))
			h.Add("Vary", "Accept-Language")
		}
		page(w, v.Status, v.Lang, v.Body)
		return
	case Empty, SignedOut:
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if op.status == http.StatusNoContent {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer func() {
		if buf.Cap() <= 1<<16 {
			buffers.Put(buf)
		}
	}()
	if err := json.NewEncoder(buf).Encode(lists(out)); err != nil {
		m.fail(w, r, err)
		return
	}
	h["Content-Type"] = []string{"application/json"}
	h["Content-Length"] = []string{strconv.Itoa(buf.Len())}
	w.WriteHeader(op.status)
	_, _ = w.Write(buf.Bytes()) // a caller who has gone is no error of ours
}

func (m *Mux) answerFile(w http.ResponseWriter, r *http.Request, op *operation, f File) {
	if c, ok := f.Reader.(io.Closer); ok {
		defer func() { _ = c.Close() }() // reading is over; what it says on closing changes nothing
	}
	h := w.Header()
	disposition := f.Disposition
	if disposition == "" {
		disposition = "attachment"
	}
	if f.Name != "" {
		disposition = mime.FormatMediaType(disposition, map[string]string{"filename": f.Name})
	}
	h.Set("Content-Disposition", disposition)
	h.Set("Content-Type", f.Type)
	if f.MaxAge > 0 {
		h.Set("Cache-Control", "private, immutable, max-age="+strconv.Itoa(f.MaxAge))
	}
	if f.Reader == nil {
		h.Set("Content-Length", strconv.Itoa(len(f.Data)))
		w.WriteHeader(op.status)
		_, _ = w.Write(f.Data)
		return
	}
	w.WriteHeader(op.status)
	if _, err := io.Copy(w, f.Reader); err != nil {
		m.log.LogAttrs(r.Context(), slog.LevelWarn, "download broke off", slog.String("request", exchangeOf(r.Context()).id),
			slog.String("route", op.path), slog.String("error", err.Error()))
		// The head has left: only an aborted connection still tells the caller that the file is not whole.
		panic(http.ErrAbortHandler)
	}
}

func page(w http.ResponseWriter, status int, l lang.Tag, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if l != "" {
		h.Set("Content-Language", string(l))
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
