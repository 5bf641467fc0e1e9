package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"serai/internal/fault"
)

// Server is where a node listens.
type Server struct {
	Addr      string // "localhost:8087"; a name or address and a port
	Cert, Key string // PEM files; both or none
	// Certificate is another source of certificates, for a node that asks an authority for its own; nil for none. Protocols
	// are those by which the authority looks at the node.
	Certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	Protocols   []string
	Handler     http.Handler
	Log         *slog.Logger
	Grace       time.Duration    // how long requests in work may take when the node stops; 10 s when 0
	Listening   func(a net.Addr) // called once connections are accepted; may be nil
}

// Listen serves until ctx ends, then lets the requests in work finish, and returns nil. A certificate that is renewed
// on disk is used from the next connection on. It refuses an address beyond loopback without TLS ("web.plain_http"):
// cookies, names and passphrases would cross the network readable.
func (s Server) Listen(ctx context.Context) error {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Grace == 0 {
		s.Grace = 10 * time.Second
	}
	if (s.Cert == "") != (s.Key == "") {
		return fault.Invalid("web.half_tls", "give both a certificate and its key, or neither")
	}
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return fault.Invalidf("web.bad_address", "an address to listen on has the form localhost:8087, not %q", s.Addr)
	}
	if s.Cert == "" && s.Certificate == nil && !namesLoopback(host) {
		return fault.Invalidf("web.plain_http",
			"%s can be reached from other machines: make a certificate with `serai tls`, give one with its key, or listen on localhost", s.Addr)
	}
	var listenConfig net.ListenConfig
	l, err := listenConfig.Listen(ctx, "tcp", s.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.Addr, err)
	}
	server := &http.Server{
		Handler:           s.Handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute, // a megabyte over a satellite line
		WriteTimeout:      10 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		// net/http's complaints quote the addresses of callers: seen by who debugs, not kept.
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	certificates := s.Certificate
	if s.Cert != "" {
		certs := &certificate{cert: s.Cert, key: s.Key}
		if _, err := certs.get(nil); err != nil {
			_ = l.Close() // nothing has been served yet
			return err
		}
		certificates = certs.get
	}
	if certificates != nil {
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificates,
			NextProtos: append([]string{"h2", "http/1.1"}, s.Protocols...)}
		l = tls.NewListener(l, server.TLSConfig)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	if s.Listening != nil {
		s.Listening(l.Addr())
	}
	select {
	case err := <-done:
		return fmt.Errorf("serve %s: %w", s.Addr, err)
	case <-ctx.Done():
	}
	// The stop signal has ended ctx itself; those who are being served still get their time.
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Grace)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		_ = server.Close() // whoever has not finished by now is cut off
		s.Log.Warn("cut off requests that did not finish in time")
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", s.Addr, err)
	}
	return nil
}

// certificate reads a pair of files again when they change.
type certificate struct {
	cert, key string
	mu        sync.Mutex
	loaded    *tls.Certificate
	stamp     time.Time
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.cert)
	if err == nil && c.loaded != nil && info.ModTime().Equal(c.stamp) {
		return c.loaded, nil
	}
	var pair tls.Certificate
	if err == nil {
		pair, err = tls.LoadX509KeyPair(c.cert, c.key)
	}
	if err != nil {
		if c.loaded != nil {
			return c.loaded, nil // half-written or gone: the old one serves until it runs out
		}
		return nil, fmt.Errorf("read certificate %s and key %s: %w", c.cert, c.key, err)
	}
	c.loaded, c.stamp = &pair, info.ModTime()
	return c.loaded, nil
}
