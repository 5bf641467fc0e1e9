package fact

import "context"

// Request identifies one command of a client, so that a repeat of it is recognised and done once.
type Request struct {
	Key  string   // the Idempotency-Key that the client made, empty for none
	Hash [32]byte // a keyed hash of method, path and body; the body itself is never kept
}

type requestKey struct{}

// WithRequest returns a context that carries r to the journal.
func WithRequest(ctx context.Context, r Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// RequestOf returns the request that ctx carries, the zero Request for none.
func RequestOf(ctx context.Context) Request {
	r, _ := ctx.Value(requestKey{}).(Request)
	return r
}
