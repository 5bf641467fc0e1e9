package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"serai/internal/hub"
	"serai/internal/seal"
	"serai/internal/web"
)

// Serve runs a node until ctx ends. Without a way to open the keyring it starts locked and shows the unlock page, so
// that a hub comes back after a power cut without the one person who knows how.
func Serve(ctx context.Context, c Config, passphrase, keyFile string, listening func(url string)) error {
	c = c.Whole()
	if !seal.Exists(c.Data) {
		_, err := Unlock(c.Data, "", "")
		return err
	}
	c, err := c.reach()
	if err != nil {
		return err
	}
	var node *Node
	open := make(chan *seal.Keyring, 1)
	door := web.NewLock(c.web(), func(_ context.Context, typed string) error {
		ring, err := openWith(c.Data, typed)
		if err == nil {
			open <- ring
		}
		return err
	})
	if passphrase != "" || keyFile != "" {
		ring, err := Unlock(c.Data, passphrase, keyFile)
		if err != nil {
			return err
		}
		door.Opening()
		open <- ring
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case ring := <-open:
				n, err := Open(ctx, c, ring, func(done, all int64) {
					c.Log.Info("rebuilding the tables", "done", done, "all", all)
				})
				if err != nil {
					c.Log.Error("the node did not open", "error", err.Error())
					door.Fail()
					if passphrase != "" || keyFile != "" {
						cancel(err)
					}
					continue
				}
				node = n
				n.Begin(ctx)
				door.Open(n.Web)
				c.Log.Info("open", "node", n.Ring.Node().String())
			case <-ctx.Done():
				return
			}
		}
	}()
	wait := func() {}
	server := web.Server{Addr: c.Addr, Cert: c.Cert, Key: c.Key, Handler: door, Log: c.Log, Listening: func(a net.Addr) {
		if listening != nil {
			listening(c.url(a))
		}
		_, port, err := net.SplitHostPort(a.String())
		if err == nil {
			wait, err = c.beside(ctx, port, func(err error) { cancel(err) })
		}
		if err != nil {
			cancel(err)
		}
	}}
	if p := c.public(); p != nil {
		server.Certificate, server.Protocols = p.Certificate, []string{hub.ALPN}
	}
	err = server.Listen(ctx)
	cause := context.Cause(ctx)
	cancel(nil)
	<-done
	wait()
	if node != nil {
		if e := node.Close(); err == nil {
			err = e
		}
	}
	if cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// openWith takes what was typed at the unlock page: a passphrase, or the recovery key.
func openWith(data, typed string) (*seal.Keyring, error) {
	if strings.HasPrefix(strings.TrimSpace(typed), "AGE-SECRET-KEY-1") {
		return seal.UnlockIdentity(data, typed)
	}
	return seal.UnlockPassphrase(data, typed)
}

func (c Config) url(a net.Addr) string {
	scheme := "http"
	if c.tls() {
		scheme = "https"
	}
	_, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return fmt.Sprintf("%s://%s", scheme, a)
	}
	return scheme + "://" + net.JoinHostPort(c.host(), port)
}

// loopback tells whether only this machine can reach the node.
func (c Config) loopback() bool {
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (c Config) web() web.Config {
	return web.Config{Clock: c.Now, Log: c.Log, Version: Version, TLS: c.tls(), Loopback: c.loopback() && !c.tls(), Rate: c.Rate}
}
