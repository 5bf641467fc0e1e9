package hub

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// Public asks a public authority for the certificate of a node and renews it thirty days before its end. The account
// and the certificate, with their keys, lie in the data directory; they are no secret of the keyring, because a locked
// node shows its unlock page with them.
type Public struct {
	manager *autocert.Manager
	domains []string
	log     *slog.Logger
}

// ALPN is the protocol by which an authority looks at the node on its own port (RFC 8737).
const ALPN = acme.ALPNProto

// Public returns who asks for the certificate of this setting. client reaches the authority; nil for the usual one.
func (s Setting) Public(dir string, client *http.Client, log *slog.Logger) *Public {
	directory := s.Directory
	if directory == "" {
		directory = acme.LetsEncryptURL
	}
	return &Public{domains: s.Domains, log: log, manager: &autocert.Manager{
		Prompt:     autocert.AcceptTOS, // `serai tls acme` asks the operator
		Cache:      autocert.DirCache(filepath.Join(dir, acmeName)),
		HostPolicy: autocert.HostWhitelist(s.Domains...),
		Email:      s.Email,
		Client:     &acme.Client{DirectoryURL: directory, HTTPClient: client, UserAgent: "serai"},
	}}
}

// Certificate is the GetCertificate of a listener. A client that names nobody gets the first domain's.
func (p *Public) Certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if hello.ServerName == "" {
		named := *hello
		named.ServerName = p.domains[0]
		hello = &named
	}
	return p.manager.GetCertificate(hello)
}

// Challenges answers an authority that looks at port 80 (HTTP-01), and hands everything else to next.
func (p *Public) Challenges(next http.Handler) http.Handler { return p.manager.HTTPHandler(next) }

// Fetch asks for what is missing until it is there or ctx ends, so that the first visitor need not wait. The wait
// between two tries grows to six hours: authorities count failures.
func (p *Public) Fetch(ctx context.Context) {
	for _, domain := range p.domains {
		for wait := time.Minute; ; wait = min(2*wait, 6*time.Hour) {
			// The ciphers say that the client takes an elliptic curve, of which autocert keeps the certificate under the plain name.
			_, err := p.manager.GetCertificate(&tls.ClientHelloInfo{ServerName: domain, SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
				SupportedCurves: []tls.CurveID{tls.CurveP256}, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}})
			if err == nil {
				p.log.Info("the certificate is there", "domain", domain)
				break
			}
			p.log.Error("the authority gave no certificate; it is asked again", "domain", domain, "error", err.Error(), "in", wait)
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
		}
	}
}
