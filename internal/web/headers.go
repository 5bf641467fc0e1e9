package web

import (
	"net/http"
	"strings"
)

// The content security policies. No page has inline code or inline style, none loads from anywhere else, none can be
// framed; Trusted Types close the ways by which text becomes code.
const (
	cspCommon = cspBegin + "media-src 'self'; " + cspEnd
	cspBegin  = "default-src 'none'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
	cspEnd    = "font-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; " +
		"frame-ancestors 'none'; require-trusted-types-for 'script'; script-src 'self'"
	// The desk's scanner is WebAssembly, which may be compiled there, though no text may be evaluated. Two policies may turn
	// text into something that runs, each made once: the address of the service worker, and what Vue's compiler wrote.
	// A recording that the desk kept for when there is no network is played from its memory.
	cspDesk = cspBegin + "media-src 'self' blob:; " + cspEnd + " 'wasm-unsafe-eval'; trusted-types serai-worker vue"
	// The service worker fetches the files of the desk, and does nothing else.
	cspWorker = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
		"require-trusted-types-for 'script'"
	// What is fetched as data is never rendered; where a browser opens it all the same, it may do nothing.
	cspData = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
	// The documentation of the interface is text and one style sheet.
	cspText = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)

// secure sets the headers that protect a page, by the surface that its path belongs to. A handler may only tighten them.
func secure(h http.Header, path string, tls bool) {
	policy := cspCommon
	switch {
	case path == "/api/docs", strings.HasPrefix(path, "/api/problems/"):
		policy = cspText
	case strings.HasPrefix(path, "/api/"):
		policy = cspData
	case path == "/desk/sw.js":
		policy = cspWorker
	case path == "/desk", strings.HasPrefix(path, "/desk/"):
		policy = cspDesk
	}
	h["Content-Security-Policy"] = []string{policy}
	h["Referrer-Policy"] = []string{"no-referrer"}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	h["Cross-Origin-Opener-Policy"] = []string{"same-origin"}
	h["Cross-Origin-Resource-Policy"] = []string{"same-origin"}
	h["Permissions-Policy"] = []string{"camera=(self), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"}
	// Everything is taken for personal unless its handler knows better (static files, public pages).
	h["Cache-Control"] = []string{"no-store"}
	if tls {
		h["Strict-Transport-Security"] = []string{"max-age=31536000"}
	}
}
