package testkit

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Authority is a public authority for tests, as far as RFC 8555 goes for one certificate: it checks signatures, addresses
// and nonces of requests, looks at the node as a real one does (RFC 8737 at its TLS port, RFC 8555 section 8.3 at its
// plain one), and signs.
type Authority struct {
	Directory string         // where a node asks
	Client    *http.Client   // trusts the directory
	Roots     *x509.CertPool // what certificates of this authority end at
	Challenge string         // tls-alpn-01 or http-01

	// Node is where the authority finds the node, whatever its name is. Until it is set, every look fails.
	Node func() string

	t      testing.TB
	server *httptest.Server
	key    *ecdsa.PrivateKey
	root   *x509.Certificate

	mu       sync.Mutex
	nonces   map[string]bool
	accounts map[string]*ecdsa.PublicKey
	orders   map[string]*acmeOrder
	Issued   int
	Looks    int
}

type acmeOrder struct {
	id, domain, token, state string
	look                     string // the state of the challenge
	chain                    []byte
}

// NewAuthority starts an authority that looks at nodes in one of the two ways.
func NewAuthority(t testing.TB, challenge string) *Authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Public authority of a test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	a := &Authority{t: t, Challenge: challenge, key: key, nonces: map[string]bool{}, accounts: map[string]*ecdsa.PublicKey{}, orders: map[string]*acmeOrder{}, Roots: x509.NewCertPool()}
	if a.root, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.Roots.AddCert(a.root)
	mux := http.NewServeMux()
	a.server = httptest.NewTLSServer(mux)
	t.Cleanup(a.server.Close)
	a.Client, a.Directory = a.server.Client(), a.server.URL+"/directory"
	mux.HandleFunc("GET /directory", func(w http.ResponseWriter, _ *http.Request) {
		a.answer(w, 200, map[string]any{"newNonce": a.server.URL + "/nonce", "newAccount": a.server.URL + "/account", "newOrder": a.server.URL + "/order",
			"revokeCert": a.server.URL + "/revoke", "keyChange": a.server.URL + "/key", "meta": map[string]any{"termsOfService": a.server.URL + "/terms"}})
	})
	mux.HandleFunc("/nonce", func(w http.ResponseWriter, _ *http.Request) { a.answer(w, 200, nil) })
	mux.HandleFunc("POST /account", a.signed(a.account))
	mux.HandleFunc("POST /order", a.signed(a.order))
	mux.HandleFunc("POST /{what}/{id}", a.signed(a.rest))
	return a
}

func (a *Authority) answer(w http.ResponseWriter, status int, body any) {
	nonce := rand.Text()
	a.mu.Lock()
	a.nonces[nonce] = true
	a.mu.Unlock()
	w.Header().Set("Replay-Nonce", nonce)
	if body == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (a *Authority) refuse(w http.ResponseWriter, kind, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	a.answer(w, 400, map[string]any{"type": "urn:ietf:params:acme:error:" + kind, "detail": detail})
}

type acmeRequest struct {
	account string
	key     *ecdsa.PublicKey
	payload []byte
}

type jwk struct {
	Crv string `json:"crv"`
	Kty string `json:"kty"`
	X   string `json:"x"`
	Y   string `json:"y"`
}

func raw(s string) []byte {
	b, _ := base64.RawURLEncoding.DecodeString(s)
	return b
}

func (j jwk) public() (*ecdsa.PublicKey, error) {
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, raw(j.X)...), raw(j.Y)...))
}

// thumbprint is that of RFC 7638.
func thumbprint(k *ecdsa.PublicKey) string {
	b, err := k.Bytes()
	if err != nil {
		panic(err)
	}
	e := base64.RawURLEncoding.EncodeToString
	sum := sha256.Sum256(fmt.Appendf(nil, `{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}`, e(b[1:33]), e(b[33:])))
	return e(sum[:])
}

// signed checks what RFC 8555 asks of every request before next sees it.
func (a *Authority) signed(next func(http.ResponseWriter, *http.Request, acmeRequest)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Protected, Payload, Signature string }
		var head struct {
			Alg, Nonce, URL, Kid string
			JWK                  *jwk
		}
		b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil || json.Unmarshal(b, &in) != nil || json.Unmarshal(raw(in.Protected), &head) != nil {
			a.refuse(w, "malformed", "this is no JWS")
			return
		}
		req := acmeRequest{account: head.Kid, payload: raw(in.Payload)}
		a.mu.Lock()
		fresh := a.nonces[head.Nonce]
		delete(a.nonces, head.Nonce)
		req.key = a.accounts[head.Kid]
		a.mu.Unlock()
		if head.JWK != nil {
			if req.key, err = head.JWK.public(); err != nil {
				a.refuse(w, "badPublicKey", err.Error())
				return
			}
		}
		sum := sha256.Sum256([]byte(in.Protected + "." + in.Payload))
		sig := raw(in.Signature)
		switch {
		case !fresh:
			a.refuse(w, "badNonce", "a nonce is used once")
		case head.URL != a.server.URL+r.URL.Path:
			a.refuse(w, "unauthorized", "signed for another address")
		case req.key == nil || head.Alg != "ES256" || len(sig) != 64 ||
			!ecdsa.Verify(req.key, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])):
			a.refuse(w, "malformed", "the signature does not hold")
		default:
			next(w, r, req)
		}
	}
}

func (a *Authority) account(w http.ResponseWriter, _ *http.Request, req acmeRequest) {
	var in struct {
		TermsOfServiceAgreed bool
		Contact              []string
	}
	if json.Unmarshal(req.payload, &in) != nil || !in.TermsOfServiceAgreed {
		a.refuse(w, "userActionRequired", "the terms were not agreed to")
		return
	}
	url := a.server.URL + "/account/" + thumbprint(req.key)
	a.mu.Lock()
	a.accounts[url] = req.key
	a.mu.Unlock()
	w.Header().Set("Location", url)
	a.answer(w, 201, map[string]any{"status": "valid", "contact": in.Contact})
}

func (a *Authority) order(w http.ResponseWriter, _ *http.Request, req acmeRequest) {
	var in struct {
		Identifiers []struct{ Type, Value string }
	}
	if json.Unmarshal(req.payload, &in) != nil || len(in.Identifiers) != 1 || in.Identifiers[0].Type != "dns" {
		a.refuse(w, "malformed", "an order names one host")
		return
	}
	o := &acmeOrder{id: rand.Text(), domain: in.Identifiers[0].Value, token: rand.Text(), state: "pending", look: "pending"}
	a.mu.Lock()
	a.orders[o.id] = o
	a.mu.Unlock()
	w.Header().Set("Location", a.server.URL+"/order/"+o.id)
	a.answer(w, 201, a.view(o))
}

func (a *Authority) view(o *acmeOrder) map[string]any {
	out := map[string]any{"status": o.state, "identifiers": []any{map[string]any{"type": "dns", "value": o.domain}},
		"authorizations": []string{a.server.URL + "/authz/" + o.id}, "finalize": a.server.URL + "/finalize/" + o.id}
	if o.chain != nil {
		out["certificate"] = a.server.URL + "/certificate/" + o.id
	}
	return out
}

func (a *Authority) rest(w http.ResponseWriter, r *http.Request, req acmeRequest) {
	a.mu.Lock()
	o := a.orders[r.PathValue("id")]
	a.mu.Unlock()
	if o == nil {
		a.refuse(w, "malformed", "there is no such order")
		return
	}
	challenge := func() map[string]any {
		return map[string]any{"type": a.Challenge, "url": a.server.URL + "/challenge/" + o.id, "token": o.token, "status": o.look}
	}
	switch r.PathValue("what") {
	case "order":
		a.answer(w, 200, a.view(o))
	case "authz":
		a.answer(w, 200, map[string]any{"status": o.look, "identifier": map[string]any{"type": "dns", "value": o.domain}, "challenges": []any{challenge()}})
	case "challenge":
		if err := a.look(o, o.token+"."+thumbprint(req.key)); err != nil {
			a.t.Logf("the authority looked at %s: %v", o.domain, err)
			o.look, o.state = "invalid", "invalid"
		} else {
			o.look, o.state = "valid", "ready"
		}
		a.answer(w, 200, challenge())
	case "finalize":
		if o.state != "ready" {
			a.refuse(w, "orderNotReady", "prove the name first")
			return
		}
		if err := a.issue(o, req.payload); err != nil {
			a.refuse(w, "badCSR", err.Error())
			return
		}
		w.Header().Set("Location", a.server.URL+"/order/"+o.id)
		a.answer(w, 200, a.view(o))
	case "certificate":
		w.Header().Set("Content-Type", "application/pem-certificate-chain")
		_, _ = w.Write(o.chain)
	default:
		a.refuse(w, "malformed", "there is nothing here")
	}
}

var acmeIdentifier = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 31}

// look convinces the authority that the node has the name.
func (a *Authority) look(o *acmeOrder, want string) error {
	a.mu.Lock()
	a.Looks++
	a.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if a.Node == nil {
		return fmt.Errorf("nobody knows where it is")
	}
	if a.Challenge == "http-01" {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+a.Node()+"/.well-known/acme-challenge/"+o.token, nil)
		if err != nil {
			return err
		}
		r.Host = o.domain
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if b, err := io.ReadAll(res.Body); err != nil || string(bytes.TrimSpace(b)) != want {
			return fmt.Errorf("status %d, %q %w", res.StatusCode, b, err)
		}
		return nil
	}
	d := tls.Dialer{Config: &tls.Config{ServerName: o.domain, NextProtos: []string{"acme-tls/1"}, InsecureSkipVerify: true}} // the certificate of this look is signed by nobody
	c, err := d.DialContext(ctx, "tcp", a.Node())
	if err != nil {
		return err
	}
	defer c.Close()
	state := c.(*tls.Conn).ConnectionState()
	sum := sha256.Sum256([]byte(want))
	value, err := asn1.Marshal(sum[:])
	if err != nil {
		return err
	}
	for _, e := range state.PeerCertificates[0].Extensions {
		if e.Id.Equal(acmeIdentifier) && e.Critical && bytes.Equal(e.Value, value) && state.NegotiatedProtocol == "acme-tls/1" &&
			state.PeerCertificates[0].VerifyHostname(o.domain) == nil {
			return nil
		}
	}
	return fmt.Errorf("the node does not answer for the name")
}

func (a *Authority) issue(o *acmeOrder, payload []byte) error {
	var in struct{ CSR string }
	if err := json.Unmarshal(payload, &in); err != nil {
		return err
	}
	csr, err := x509.ParseCertificateRequest(raw(in.CSR))
	if err != nil {
		return err
	}
	if err := csr.CheckSignature(); err != nil {
		return err
	}
	if len(csr.DNSNames) != 1 || csr.DNSNames[0] != o.domain {
		return fmt.Errorf("the request names %s", strings.Join(csr.DNSNames, " "))
	}
	a.mu.Lock()
	a.Issued++
	serial := big.NewInt(int64(a.Issued) + 1)
	a.mu.Unlock()
	c := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: o.domain}, DNSNames: csr.DNSNames, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, c, a.root, csr.PublicKey, crypto.Signer(a.key))
	if err != nil {
		return err
	}
	o.chain = append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw})...)
	o.state = "valid"
	return nil
}
