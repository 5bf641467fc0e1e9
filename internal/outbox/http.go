package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"serai/internal/access"
	"serai/internal/fault"
	"serai/internal/web"
)

// most is how many entries one request may bring.
const most = 100

// bodyLimit is how many bytes one request may have. A command is a kilobyte, mostly.
const bodyLimit = 4 << 20

// Routes registers the routes of the intake. What entries do is done by the other routes of m.
func (s *Service) Routes(m *web.Mux) {
	s.perform = m.Perform
	web.Get(m, "/api/outbox/key", web.Public(), s.intakeKey, web.Summary("The key to which devices seal what they did without a network"))
	web.Post(m, "/api/outbox", web.Public(), s.postOutbox, web.BodyLimit(bodyLimit), web.Strangers(16), web.Summary("Hand in what was done without a network: {clock, entries}, at most 100, each sealed and signed; see docs/offline.md"))
	web.Post(m, "/api/device/restore", web.SignedIn(), s.postRestore, web.Summary("Give a device the key of its vault back, after it had to drop it"))
}

func (s *Service) intakeKey(context.Context, access.Actor, *struct{}) (IntakeKey, error) {
	return s.IntakeKey(), nil
}

type outboxIn struct {
	Raw []byte `raw:"application/json"`
}

// Taken is the answer of the intake.
type Taken struct {
	Results []Result `json:"results" doc:"One for each entry, in their order"`
}

func (s *Service) postOutbox(ctx context.Context, who access.Actor, in *outboxIn) (Taken, error) {
	f, err := s.read(in.Raw)
	if err != nil {
		return Taken{}, err
	}
	if len(f.Entries) > most {
		return Taken{}, fault.Field("entries", "outbox.too_many", fmt.Sprintf("at most %d entries at once; send the rest afterwards", most))
	}
	return Taken{s.Take(ctx, Batch{Clock: f.clock(), Entries: f.Entries, Reader: who.Account})}, nil
}

// File is what a request brings, and what a device exports when it will not reach its node.
type File struct {
	Outbox  int               `json:"serai_outbox,omitempty"` // 1 in a file
	Node    string            `json:"node,omitempty"`         // id of the intake key that the entries are sealed to
	Clock   float64           `json:"clock,omitempty"`
	Entries []json.RawMessage `json:"entries"`
}

// ReadFile reads an exported file or the body of a request. Its entries are read one by one later.
func ReadFile(b []byte) (f File, err error) {
	if err := json.Unmarshal(b, &f); err != nil {
		return f, fault.Invalid("outbox.bad_file", "this is no outbox; send {clock, entries}, or choose the file that the desk exported")
	}
	switch {
	case f.Outbox != 0 && f.Outbox != 1:
		return f, fault.Field("serai_outbox", "outbox.bad_file", "a file of version 1 is expected; the node may have to be brought up to date")
	case f.Entries == nil:
		return f, fault.Field("entries", "outbox.bad_file", "there must be a list of entries")
	case math.Abs(f.Clock) > far:
		return f, fault.Field("clock", "outbox.bad_file", "the device's clock in milliseconds since 1970 is expected")
	}
	return f, nil
}

// clock is the device's clock at the time of sending. The clock of a file says when it was written, and nobody knows how
// long it was carried since.
func (f File) clock() float64 {
	if f.Outbox != 0 {
		return 0
	}
	return f.Clock
}
