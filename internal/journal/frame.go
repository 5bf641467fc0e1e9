package journal

import (
	"context"

	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// What a frame may hold at the most: bounds for what another node sends.
const (
	FrameFactsMost = 2000
	factBytesMost  = 1 << 20
)

// Frame is a run of facts of one feed as it travels between nodes, with every signature of the origin that falls into
// it. It may be cut anywhere; what stands behind its last checkpoint is applied when a later frame brings one.
type Frame struct {
	_           struct{} `cbor:",toarray"`
	Node        fact.NodeID
	Incarnation [8]byte
	Scope       fact.Scope
	First       uint64 // the number of the first fact
	Facts       []Sent
	Checkpoints []Checkpoint
}

// Sent is one fact: its bytes exactly as they were written.
type Sent struct {
	_        struct{} `cbor:",toarray"`
	Envelope []byte
	Open     []byte
	Sealed   []byte // empty when there is none, or when it was dropped
	Dropped  []byte // SHA-256 of a sealed part that was dropped; empty otherwise
}

// Checkpoint is the origin's signature over the feed's hash after a fact, relayed unchanged.
type Checkpoint struct {
	_         struct{} `cbor:",toarray"`
	Seq       uint64
	Hash      fact.Hash
	Signature []byte
}

// Feed returns the feed of the frame.
func (f Frame) Feed() fact.Feed {
	return fact.Feed{Node: f.Node, Incarnation: f.Incarnation, Scope: f.Scope}
}

// FeedEnd is how far a feed is here.
type FeedEnd struct {
	Feed   fact.Feed
	Seq    uint64 // its last fact here
	Signed uint64 // its last fact with a checkpoint behind it: as far as it can be sent
}

// Feeds returns every feed that is here and how far: the cursors that a node shows its peers.
func (j *Journal) Feeds(ctx context.Context) (out []FeedEnd, err error) {
	err = j.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT node, incarnation, scope, seq, signed FROM journal_feed ORDER BY feed`, nil, func(r *store.Row) error {
			var e FeedEnd
			var scope string
			err := r.Scan(&e.Feed.Node, &e.Feed.Incarnation, &scope, &e.Seq, &e.Signed)
			e.Feed.Scope = fact.Scope(scope)
			out = append(out, e)
			return err
		})
	})
	return out, err
}

// Frame reads what follows after a number of a feed, at most that many facts. A frame without facts says that there is
// nothing more. Call Sign before, or the newest facts have no checkpoint.
func (j *Journal) Frame(ctx context.Context, feed fact.Feed, after uint64, most int) (Frame, error) {
	out := Frame{Node: feed.Node, Incarnation: feed.Incarnation, Scope: feed.Scope, First: after + 1}
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		var number int64
		found, err := tx.One(`SELECT feed FROM journal_feed WHERE node = $1 AND incarnation = $2 AND scope = $3`, store.Args{feed.Node, feed.Incarnation[:], string(feed.Scope)}, &number)
		if err != nil {
			return err
		}
		if !found {
			return fault.NotFound("journal.no_feed", "this feed is not here")
		}
		err = tx.Each(`SELECT envelope, opened, sealed, sealed_hash FROM journal_fact WHERE feed = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
			store.Args{number, after, min(most, FrameFactsMost)}, func(r *store.Row) error {
				var s Sent
				err := r.Scan(&s.Envelope, &s.Open, &s.Sealed, &s.Dropped)
				out.Facts = append(out.Facts, s)
				return err
			})
		if err != nil {
			return err
		}
		return tx.Each(`SELECT seq, hash, signature FROM journal_checkpoint WHERE feed = $1 AND seq > $2 AND seq <= $3 ORDER BY seq`,
			store.Args{number, after, after + uint64(len(out.Facts))}, func(r *store.Row) error {
				var c Checkpoint
				err := r.Scan(&c.Seq, &c.Hash, &c.Signature)
				out.Checkpoints = append(out.Checkpoints, c)
				return err
			})
	})
	return out, err
}
