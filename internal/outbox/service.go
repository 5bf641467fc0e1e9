package outbox

import (
	"context"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/web"
)

// together is how many entries of one batch are done at once: enough to share the flushes of the disk.
const together = 16

// Signer is who stands behind a device key at this moment.
type Signer struct {
	Actor  access.Actor // with rights only when Counts; its handle always
	Public []byte       // the raw uncompressed P-256 point
	Since  time.Time    // when the key was registered first
	Ended  bool         // the key was ended, or its time is over
	Counts bool         // the account is open, and the key has not ended
}

// Signers knows the device keys. The app supplies it from the accounts.
type Signers interface {
	// Signer tells who stands behind a key, and false when nobody knows it.
	Signer(ctx context.Context, id string) (s Signer, known bool, err error)
	// Used notes that a key signed something that arrived.
	Used(ctx context.Context, id string) error
	// Method tells how the session of a token was opened.
	Method(ctx context.Context, token string) (string, error)
}

// Log is the access log, as far as it is needed here.
type Log interface {
	Look(ctx context.Context, e audit.Entry) error
}

// Ring keeps the intake key.
type Ring interface {
	AreaOrNew(name string, n int) ([]byte, error)
	Node() fact.NodeID
}

// Needs is what the intake is built from.
type Needs struct {
	Ring    Ring
	Signers Signers
	Log     Log
	Now     func() time.Time
	Debug   *slog.Logger // silent when nil
}

// Service takes entries in.
type Service struct {
	Needs
	key     hpke.PrivateKey
	id      string
	perform func(context.Context, access.Actor, web.Command) web.Result

	mu    sync.Mutex
	noted map[string]time.Time // refusals that were written down lately, by key and code
}

// kem is the key encapsulation of everything that is sealed here.
func kem() hpke.KEM { return hpke.DHKEM(ecdh.P256()) }

// New makes the intake, and the intake key when there is none yet.
func New(n Needs) (*Service, error) {
	seed, err := n.Ring.AreaOrNew("outbox", 32)
	if err != nil {
		return nil, err
	}
	if n.Debug == nil {
		n.Debug = slog.New(slog.DiscardHandler)
	}
	s := &Service{Needs: n, noted: map[string]time.Time{}}
	if s.key, err = kem().DeriveKeyPair(seed); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(s.key.PublicKey().Bytes())
	s.id = base64.RawURLEncoding.EncodeToString(sum[:8])
	return s, nil
}

// IntakeKey is what devices seal to.
type IntakeKey struct {
	Node   fact.NodeID `json:"node"`
	ID     string      `json:"id" doc:"The first 8 bytes of the SHA-256 of the public key, base64url"`
	Public string      `json:"public" doc:"An uncompressed P-256 point, base64url"`
}

// IntakeKey returns the node's intake key.
func (s *Service) IntakeKey() IntakeKey {
	return IntakeKey{s.Ring.Node(), s.id, base64.RawURLEncoding.EncodeToString(s.key.PublicKey().Bytes())}
}

// Result is what one entry was answered.
type Result struct {
	Key       string          `json:"key" doc:"That of the entry, empty when it could not be read"`
	Status    int             `json:"status" doc:"As HTTP would have answered the command; 5xx passes: send it again"`
	Code      string          `json:"code,omitempty"`
	Detail    string          `json:"detail,omitempty" doc:"What is wrong and what to do"`
	Errors    []FieldFault    `json:"errors,omitempty"`
	Retry     int             `json:"retry_after,omitempty" doc:"Seconds to wait before it is sent again"`
	Corrected bool            `json:"corrected,omitempty" doc:"The device's clock was wrong: happened was set by the node's"`
	Answer    json.RawMessage `json:"answer,omitempty" doc:"Of the command, for a session of the account that made it"`
}

// FieldFault is one field that a command could not be accepted with.
type FieldFault struct {
	Field  string `json:"field,omitempty"`
	Code   string `json:"code"`
	Detail string `json:"detail,omitempty"`
}

// Good tells whether the command was done.
func (r Result) Good() bool { return r.Status/100 == 2 }

// passes tells whether the same entry may be answered otherwise in a while.
func (r Result) passes() bool { return r.Status >= 500 || r.Status == 429 }

// Batch is entries that came together.
type Batch struct {
	Clock   float64           // the raw clock of the device when it sent them; 0: unknown
	Entries []json.RawMessage // each as it came; decoded one by one, so that a damaged one harms no other
	Reader  fact.AccountID    // whose session brought them: sees the answers to her own commands
}

// Take does the entries of a batch and answers each, in their order. It goes on when the sender has gone: she sends what
// was not answered again, and is answered the same.
func (s *Service) Take(ctx context.Context, b Batch) []Result {
	ctx = context.WithoutCancel(ctx)
	out := make([]Result, len(b.Entries))
	signers := map[string]*queue{}
	var order []*queue
	for i, raw := range b.Entries {
		e, err := Decode(raw)
		if err != nil {
			out[i] = refused(e.Key, 400, err)
			continue
		}
		q := signers[e.Signer]
		if q == nil {
			q = &queue{}
			signers[e.Signer] = q
			order = append(order, q)
		}
		q.add(i, e)
	}
	room := make(chan struct{}, together)
	do := func(chain []place) bool {
		for n, p := range chain {
			room <- struct{}{}
			out[p.at] = s.one(ctx, b, p.Entry)
			<-room
			if out[p.at].passes() {
				for _, later := range chain[n+1:] {
					out[later.at] = waits(later.Key, out[p.at].Retry)
				}
				return false
			}
		}
		return true
	}
	var all sync.WaitGroup
	for _, q := range order {
		all.Go(func() { q.run(do, out) })
	}
	all.Wait()
	for id := range signers {
		s.used(ctx, id, signers[id], out)
	}
	return out
}

// used notes that a key was used, when anything that it signed was done. That it could not be noted harms nobody.
func (s *Service) used(ctx context.Context, id string, q *queue, out []Result) {
	for _, step := range q.steps {
		for _, chain := range step {
			for _, p := range chain {
				if out[p.at].Good() {
					if err := s.Signers.Used(ctx, id); err != nil {
						s.Debug.Warn("the use of a device key could not be noted", "error", err.Error())
					}
					return
				}
			}
		}
	}
}

// place is an entry with its place in the batch.
type place struct {
	Entry
	at int
}

// queue is the entries of one signer: steps that follow one another, each of chains that do not depend on one another. An
// entry without a subject may depend on anything, and stands in a step of its own.
type queue struct {
	steps [][][]place
	found map[string]int // the chain of a subject in the last step
}

func (q *queue) add(at int, e Entry) {
	p := place{e, at}
	if e.Subject == "" {
		q.steps, q.found = append(q.steps, [][]place{{p}}), nil
		return
	}
	if q.found == nil {
		q.steps, q.found = append(q.steps, nil), map[string]int{}
	}
	last := len(q.steps) - 1
	i, known := q.found[e.Subject]
	if !known {
		i = len(q.steps[last])
		q.found[e.Subject] = i
		q.steps[last] = append(q.steps[last], nil)
	}
	q.steps[last][i] = append(q.steps[last][i], p)
}

// run does step after step. Once something has to wait, so does what follows it: on the same subject, and whatever has
// none.
func (q *queue) run(do func([]place) bool, out []Result) {
	var mu sync.Mutex
	stuck := map[string]bool{}
	for _, step := range q.steps {
		var wg sync.WaitGroup
		for _, chain := range step {
			subject := chain[0].Subject
			mu.Lock()
			wait := stuck[""] || stuck[subject] || subject == "" && len(stuck) > 0
			if wait {
				stuck[subject] = true
			}
			mu.Unlock()
			if wait {
				for _, p := range chain {
					out[p.at] = waits(p.Key, 0)
				}
				continue
			}
			wg.Go(func() {
				if !do(chain) {
					mu.Lock()
					defer mu.Unlock()
					stuck[subject] = true
				}
			})
		}
		wg.Wait()
	}
}

// waits answers an entry before which another one could not be done for the moment.
func waits(key string, retry int) Result {
	return Result{Key: key, Status: 503, Code: "outbox.waits", Retry: max(retry, 1),
		Detail: "something before it on the same subject could not be done yet; send both again"}
}

func refused(key string, status int, err error) Result {
	r := Result{Key: key, Status: status, Code: fault.Code(err)}
	if !isKey(key) {
		r.Key = "" // nothing that somebody invented is sent back
	}
	if f := fault.All(err); len(f) > 0 {
		r.Detail = f[0].Detail
	}
	return r
}

// one does one entry.
func (s *Service) one(ctx context.Context, b Batch, e Entry) (res Result) {
	internal := Result{Key: e.Key, Status: 500, Code: "internal", Retry: 5, Detail: "the node failed; send it again"}
	defer func() {
		// It runs beside the request: nobody else would catch it, and one entry would end the node. The value may quote.
		if p := recover(); p != nil {
			s.Debug.Error("panic in the intake", "kind", fmt.Sprintf("%T", p))
			res = internal
		}
	}()
	who, known, err := s.Signers.Signer(ctx, e.Signer)
	switch {
	case err != nil:
		s.Debug.Error("an entry could not be taken in", "error", err.Error())
		return internal
	case !known:
		return refused(e.Key, 401, fault.Forbidden("outbox.unknown_key", "this node does not know the device's key; sign in on the device while it reaches this node"))
	case !e.signedBy(who.Public):
		return refused(e.Key, 401, fault.Forbidden("outbox.bad_signature", "the signature is not that of the device's key; the entry was changed on its way and cannot be believed"))
	case who.Ended:
		err = fault.Forbidden("outbox.key_ended", "the device's key was ended or not renewed for 30 days; sign in on the device, and what it holds is signed anew")
	case !who.Counts:
		err = fault.Forbidden("outbox.account_ended", "the account of whoever made this is closed or its time is over; a lead opens it again, then it can be sent")
	}
	if err != nil {
		if lost := s.note(ctx, e.Signer, who.Actor, fault.Code(err)); lost != nil {
			return internal
		}
		return refused(e.Key, 403, err)
	}
	c, err := e.open(s.key)
	if fault.Code(err) == "outbox.sealed_otherwise" {
		return refused(e.Key, 421, err)
	} else if err != nil {
		return refused(e.Key, 400, err)
	}
	cmd := web.Command{Method: c.Method, Path: c.Path, Body: c.Body, Key: e.Key}
	clock := clocks{at: c.At, offset: c.Offset, sent: b.Clock, now: float64(s.Now().UnixMilli()), since: float64(who.Since.UnixMilli())}
	body, corrected := clock.mend(c.Body)
	if corrected {
		cmd.Body, cmd.Sent = body, c.Body
	}
	got := s.perform(ctx, who.Actor, cmd)
	r := Result{Key: e.Key, Status: got.Status, Corrected: corrected && got.Status/100 == 2}
	if r.Good() {
		if !b.Reader.IsZero() && b.Reader == who.Actor.Account && json.Valid(got.Body) {
			r.Answer = got.Body
		}
		return r
	}
	var p struct {
		Code, Detail string
		Errors       []FieldFault
	}
	_ = json.Unmarshal(got.Body, &p) // what is no problem has no code
	r.Code, r.Detail, r.Errors = p.Code, p.Detail, p.Errors
	if r.passes() {
		r.Retry = 5
	}
	return r
}

// notedFor is how long the refusal of a key is not written down again: whoever holds a tablet whose key was ended could
// fill the disk by trying.
const notedFor = time.Hour

// note writes down that work of an account was refused as a whole.
func (s *Service) note(ctx context.Context, signer string, who access.Actor, code string) error {
	now, at := s.Now(), signer+" "+code
	s.mu.Lock()
	if len(s.noted) > 10_000 {
		clear(s.noted)
	}
	last, lately := s.noted[at]
	lately = lately && now.Sub(last) < notedFor && !now.Before(last)
	if !lately {
		s.noted[at] = now
	}
	s.mu.Unlock()
	if lately {
		return nil
	}
	err := s.Log.Look(ctx, audit.Entry{At: now, Actor: who.Handle, Device: who.Device, Action: "outbox.take", Outcome: audit.Refused, Code: code})
	if err != nil {
		s.mu.Lock()
		delete(s.noted, at)
		s.mu.Unlock()
	}
	return err
}
