package hub

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"embed"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	texttemplate "text/template"
	"time"

	"golang.org/x/net/netutil"
	qrcode "rsc.io/qr"

	"serai/internal/fault"
	"serai/internal/lang"
)

//go:embed pages words.json
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"say": say, "dir": lang.Dir, "name": lang.Name, "fill": fill,
}).ParseFS(files, "pages/*.html"))

// profile is XML for Apple's devices. What is filled in has small letters, digits, hyphens, brackets and commas alone.
var profile = texttemplate.Must(texttemplate.ParseFS(files, "pages/profile.xml"))

// words are the sentences of the onboarding page by key and language.
var words = func() map[string]map[lang.Tag]string {
	b, err := files.ReadFile("words.json")
	if err != nil {
		panic(err) // part of the binary
	}
	var out map[string]map[lang.Tag]string
	if err := json.Unmarshal(b, &out); err != nil {
		panic(fmt.Sprintf("hub: words.json: %v", err))
	}
	return out
}()

// say returns a sentence in a language, in English where it is lacking, and an unknown key as it is.
func say(l lang.Tag, key string) string {
	for _, tag := range []lang.Tag{l, lang.English} {
		if s := words[key][tag]; s != "" {
			return s
		}
	}
	return key
}

// fill is say with {x} replaced.
func fill(l lang.Tag, key, x string) string { return strings.ReplaceAll(say(l, key), "{x}", x) }

// Onboarding is the plain page on which a device learns to trust a hub. It has a listener of its own, serves what stands
// in the files of the data directory, and knows nothing else of the node: whoever breaks it is no step further.
type Onboarding struct {
	Addr   string // ":8080"
	Dir    string
	Port   string  // of the listener with TLS
	Public *Public // answers an authority that looks at port 80; nil for none
	Now    func() time.Time
	Log    *slog.Logger

	mu    sync.Mutex
	stamp time.Time
	whole *offer
}

// offer is all that the page offers, made once per root.
type offer struct {
	Setting Setting
	Hub     string
	URL     string   // of the desk
	Others  []string // the same desk under other names
	Here    string   // the page itself, for the next device; empty when no address is known
	Root    *Fingerprint
	DeskQR  template.HTML
	HereQR  template.HTML
	File    string // of the root: serai-agadez

	der, pem, profile []byte
}

// Listen serves the page until ctx ends. listening is told where; it may be nil.
func (o *Onboarding) Listen(ctx context.Context, listening func(url string)) error {
	if _, port, err := net.SplitHostPort(o.Addr); err != nil || port == "" {
		return fault.Invalidf("tls.bad_onboarding", "an address for the onboarding page has the form :8080, not %q", o.Addr)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", o.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s for the onboarding page: %w", o.Addr, err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return err
	}
	handler, err := o.Handler(port)
	if err != nil {
		_ = l.Close() // nothing has been served yet
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 30 * time.Second, MaxHeaderBytes: 8 << 10, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug)}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if listening != nil {
		listening(o.here(port))
	}
	// The node's own listener shares the descriptors of the process: nobody may use them up here.
	if err := server.Serve(netutil.LimitListener(l, 256)); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the onboarding page: %w", err)
	}
	return nil
}

// here is the address of the page: in figures, because the name is what some devices cannot look up yet, and because a
// browser that already knows the hub opens its name with TLS alone.
func (o *Onboarding) here(port string) string {
	host, _, _ := net.SplitHostPort(o.Addr)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
		if s, ok, err := Read(o.Dir); ok && err == nil {
			if some := s.concrete(This(o.Now()).Addresses); len(some) > 0 {
				host = some[0].String()
			} else if all := append(s.Names, s.Domains...); len(all) > 0 {
				host = all[0]
			}
		}
	}
	if port == "80" {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return "http://" + host + "/"
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}

// Handler answers the requests of the page; port is where it listens. It refuses a node without a certificate.
func (o *Onboarding) Handler(port string) (http.Handler, error) {
	if _, err := o.offer(port); err != nil {
		return nil, err
	}
	css, err := files.ReadFile("pages/onboard.css")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	get := func(path, kind, disposition string, content func(*offer) []byte) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			all, err := o.offer(port)
			if err != nil {
				o.Log.Error("the onboarding page cannot be made", "error", err.Error())
				http.Error(w, "not available", http.StatusServiceUnavailable)
				return
			}
			b := content(all)
			if b == nil {
				nowhere(w, nil)
				return
			}
			w.Header().Set("Content-Type", kind)
			if disposition != "" {
				w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s%s"`, all.File, disposition))
			}
			_, _ = w.Write(b) // a reader who has gone is no error of ours
		})
	}
	get("/hub.crt", "application/x-x509-ca-cert", ".crt", func(all *offer) []byte { return all.der })
	get("/hub.pem", "application/x-pem-file", ".pem", func(all *offer) []byte { return all.pem })
	get("/hub.mobileconfig", "application/x-apple-aspen-config", "", func(all *offer) []byte { return all.profile })
	get("/onboard.css", "text/css; charset=utf-8", "", func(*offer) []byte { return css })
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		all, err := o.offer(port)
		if err != nil {
			o.Log.Error("the onboarding page cannot be made", "error", err.Error())
			http.Error(w, "not available", http.StatusServiceUnavailable)
			return
		}
		l := lang.Choose(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
		var b bytes.Buffer
		if err := pages.ExecuteTemplate(&b, "onboard.html", struct {
			*offer
			Lang      lang.Tag
			Languages []lang.Tag
			Now       string
		}{all, l, lang.All, o.Now().UTC().Format("2006-01-02 15:04 UTC")}); err != nil {
			panic(err) // a mistake in the template
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Language", string(l))
		w.Header().Set("Vary", "Accept-Language")
		_, _ = w.Write(b.Bytes())
	})
	mux.HandleFunc("/", nowhere)
	var h http.Handler = mux
	if o.Public != nil {
		h = o.Public.Challenges(h)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		head.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		head.Set("Cache-Control", "no-store")
		if strings.ContainsAny(r.URL.Path, "\\\x00") || strings.Contains(r.URL.Path, "..") {
			nowhere(w, r) // rather than a redirect to the cleaned path
			return
		}
		h.ServeHTTP(w, r)
	}), nil
}

func nowhere(w http.ResponseWriter, r *http.Request) {
	if r != nil && r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "this page is for reading", http.StatusMethodNotAllowed)
		return
	}
	http.Error(w, "there is nothing at this address", http.StatusNotFound)
}

// offer returns what the page offers, made anew when the setting has changed.
func (o *Onboarding) offer(port string) (*offer, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	info, err := os.Stat(filepath.Join(o.Dir, settingName))
	if err == nil && o.whole != nil && info.ModTime().Equal(o.stamp) {
		return o.whole, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	s, ok, err := Read(o.Dir)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fault.Invalid("tls.no_onboarding", "the onboarding page is for a node with a certificate: run `serai tls init` first, or `serai tls acme`")
	}
	all := &offer{Setting: s, Here: o.here(port)}
	var names []string
	switch s.Kind {
	case Local:
		names = append(names, s.Names...)
		for _, ip := range s.concrete(This(o.Now()).Addresses) {
			names = append(names, ip.String())
		}
		root, err := readRoot(o.Dir)
		if err != nil {
			return nil, err
		}
		all.root(root)
	case ACME:
		names = s.Domains
	default:
		chain, err := readChain(s.Cert, s.Key)
		if err != nil {
			return nil, err
		}
		names = namesOf(chain[0])
	}
	if len(names) == 0 {
		return nil, fault.Invalid("tls.nameless", "the certificate names no host")
	}
	all.Hub, _, _ = strings.Cut(names[0], ".")
	all.URL = deskURL(names[0], o.Port)
	for _, name := range names[1:] {
		all.Others = append(all.Others, deskURL(name, o.Port))
	}
	if all.DeskQR, err = picture(all.URL); err != nil {
		return nil, err
	}
	if all.HereQR, err = picture(all.Here); err != nil {
		return nil, err
	}
	o.whole = all
	if info != nil {
		o.stamp = info.ModTime()
	}
	return all, nil
}

// root fills what is offered of a root.
func (all *offer) root(c *x509.Certificate) {
	f := FingerprintOf(c)
	all.Root = &f
	hub, _, _ := strings.Cut(all.Setting.Names[0], ".")
	all.File = "serai-" + hub
	all.der = c.Raw
	all.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	sum := sha256.Sum256(c.Raw)
	var b bytes.Buffer
	if err := profile.Execute(&b, map[string]any{
		"Hub": hub, "Outer": uuid(sum[:16]), "Inner": uuid(sum[16:]), "Name": c.Subject.CommonName,
		"DER": base64.StdEncoding.EncodeToString(c.Raw), "File": all.File,
	}); err != nil {
		panic(err) // a mistake in the template
	}
	all.profile = b.Bytes()
}

// uuid writes sixteen bytes as a UUID of version 8: the same root has the same profile, which replaces itself.
func uuid(b []byte) string {
	u := bytes.Clone(b)
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// picture draws a QR code, with a quiet zone of four modules, in attributes alone: the policy allows no inline style.
func picture(text string) (template.HTML, error) {
	code, err := qrcode.Encode(text, qrcode.M)
	if err != nil {
		return "", fmt.Errorf("draw %q: %w", text, err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	size := code.Size + 8
	// Every part is a number.
	return template.HTML(fmt.Sprintf(`<svg class="qr" viewBox="0 0 %d %d" role="img" aria-hidden="true" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`,
		size, size, size, size, path.String())), nil
}
