package journal

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"

	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/seal"
	"serai/internal/store"
)

// Received says what became of a frame.
type Received struct {
	Seq         uint64 // the feed's last fact here now: the cursor
	Applied     int    // facts that are new here
	Copies      int    // of these: facts that are here from another feed as well
	Unknown     int    // of these: kinds that this program does not know; kept, and projected after an upgrade
	Quarantined int    // facts that a person must look at
	Erasures    int    // of these: notices that somebody was erased; call FinishErase when there are any
	Fork        bool   // the origin signed two different histories; ours stays, the other is in quarantine
}

// The reasons in quarantine.
const (
	reasonFork     = "fork"     // the origin signed another fact under this number
	reasonTaken    = "id_taken" // the id belongs to a fact with other content, which was here first
	reasonStamp    = "stamp"    // stamped beyond the year 2100
	reasonEnvelope = "envelope" // the envelope cannot be read
	reasonContent  = "content"  // the open part cannot be read; tried again after an upgrade
	reasonSealed   = "sealed"   // the sealed part has no form that this program knows
)

// Trust remembers the public key of another node: only what it signs is taken as its facts. A node never changes its
// key, so another one under the same id is a conflict.
func (j *Journal) Trust(tx *store.Tx, node fact.NodeID, public ed25519.PublicKey) error {
	if len(public) != ed25519.PublicKeySize || node.IsZero() {
		return fault.Field("public", "journal.bad_node_key", "a node has an id and an Ed25519 key of 32 bytes")
	}
	var known []byte
	found, err := tx.One(`SELECT public FROM journal_node WHERE node = $1`, store.Args{node}, &known)
	if err != nil {
		return err
	}
	if found && !bytes.Equal(known, public) {
		return fault.Conflict("journal.other_node_key", "this node is known here with another key; ask its operators whether it was replaced")
	}
	return tx.Exec(`INSERT INTO journal_node (node, public) VALUES ($1, $2) ON CONFLICT (node) DO NOTHING`, node, []byte(public))
}

// Receive takes a frame of another node's feed: it follows the chain from the head that is here, sees that the origin
// signed the end, stores the facts up to the last checkpoint and projects them, all in one transaction with the
// cursor. Nothing is decided: what contradicts what is here, or cannot be read, goes into quarantine, and the feed
// goes on. Refused, with nothing applied, are frames of an unknown node, with a gap before them, without a checkpoint,
// or whose bytes do not lead to what the origin signed.
func (j *Journal) Receive(ctx context.Context, f Frame) (out Received, err error) {
	if err := f.bounded(); err != nil {
		return out, err
	}
	err = j.db.Write(ctx, func(tx *store.Tx) error {
		out = Received{}
		return j.receive(tx, f, &out)
	})
	if err != nil {
		return Received{}, fmt.Errorf("receive feed %s from %d: %w", f.Feed(), f.First, err)
	}
	if out.Fork {
		slog.Error("a node signed two histories", "feed", f.Feed().String())
	}
	return out, nil
}

func (f Frame) bounded() error {
	if len(f.Facts) > FrameFactsMost || len(f.Checkpoints) > FrameFactsMost || len(f.Scope) > 200 || f.First == 0 {
		return fault.Invalid("journal.bad_frame", "a frame begins at fact 1 or later and holds at most 2,000 facts")
	}
	for _, s := range f.Facts {
		if len(s.Envelope) > factBytesMost || len(s.Open) > factBytesMost || len(s.Sealed) > factBytesMost ||
			len(s.Dropped) > 0 && (len(s.Dropped) != len(fact.Hash{}) || len(s.Sealed) > 0) {
			return fault.Invalid("journal.bad_frame", "a part of a fact has at most one megabyte, and a sealed part that was dropped leaves its hash alone")
		}
	}
	return nil
}

// incoming is a frame on its way through the checks.
type incoming struct {
	feed   fact.Feed
	number int64
	seq    uint64 // our head
	hash   fact.Hash
	stamp  fact.Stamp
	signed uint64
	isNew  bool
	facts  []*fact.Fact // chained from the fact before the first, up to the last checkpoint
	marks  []Checkpoint
}

func (j *Journal) receive(tx *store.Tx, f Frame, out *Received) error {
	in, err := j.arrive(tx, f)
	if err != nil {
		return err
	}
	out.Seq = in.seq
	forked, err := j.fork(tx, in)
	if err != nil {
		return err
	}
	own := in.feed.Node == j.node && in.feed.Incarnation == j.ring.Incarnation()
	if forked == 0 && own && len(in.facts) > 0 && in.facts[len(in.facts)-1].Seq > in.seq {
		forked = in.seq + 1 // facts of ours that we never wrote: our key is elsewhere
	}
	if forked > 0 {
		out.Fork = true
		for _, x := range in.facts {
			if x.Seq >= forked {
				out.Quarantined++
				if err := j.quarantine(tx, x, reasonFork); err != nil {
					return err
				}
			}
		}
		return nil
	}
	g := j.group(tx)
	if err := g.cursor(tx); err != nil {
		return err
	}
	before := g.pos
	tx.OnRollback(func() { g.pos = before })
	for _, x := range in.facts {
		if x.Seq <= in.seq {
			continue
		}
		g.pos++
		if err := j.accept(tx, g.pos, in.number, x, out); err != nil {
			return err
		}
		in.seq, in.hash = x.Seq, x.Hash
		if x.Head.Stamp <= fact.MaxStamp {
			in.stamp = max(in.stamp, x.Head.Stamp)
		}
	}
	for _, m := range in.marks {
		if err := tx.Exec(`INSERT INTO journal_checkpoint (feed, seq, hash, signature) VALUES ($1, $2, $3, $4) ON CONFLICT (feed, seq) DO NOTHING`, in.number, m.Seq, m.Hash[:], m.Signature); err != nil {
			return err
		}
		in.signed = max(in.signed, m.Seq)
	}
	out.Seq = in.seq
	if own {
		return nil // all of it was here; the head is the writer's own
	}
	if in.isNew {
		return tx.Exec(`INSERT INTO journal_feed (feed, node, incarnation, scope, seq, stamp, hash, signed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			in.number, in.feed.Node, in.feed.Incarnation[:], string(in.feed.Scope), in.seq, in.stamp, in.hash[:], in.signed)
	}
	return tx.Exec(`UPDATE journal_feed SET seq = $1, stamp = $2, hash = $3, signed = $4 WHERE feed = $5`, in.seq, in.stamp, in.hash[:], in.signed, in.number)
}

// arrive finds the feed's head, chains the facts, and holds them against what the origin signed.
func (j *Journal) arrive(tx *store.Tx, f Frame) (*incoming, error) {
	in := &incoming{feed: f.Feed()}
	var public []byte
	found, err := tx.One(`SELECT public FROM journal_node WHERE node = $1`, store.Args{f.Node}, &public)
	if err != nil {
		return nil, err
	}
	if !found || len(public) != ed25519.PublicKeySize {
		return nil, fault.Forbidden("journal.unknown_node", "this node is not known here; enrol it first")
	}
	if err := j.place(tx, in); err != nil {
		return nil, err
	}
	if f.First > in.seq+1 {
		return nil, fault.Conflict("journal.gap", fmt.Sprintf("facts are missing before this frame; ask for those after %d", in.seq))
	}
	last := f.First + uint64(len(f.Facts)) - 1
	signed := uint64(0)
	for _, c := range f.Checkpoints {
		if c.Seq < f.First || c.Seq > last {
			return nil, fault.Invalid("journal.bad_frame", "a checkpoint of this frame belongs to none of its facts")
		}
		if !ed25519.Verify(public, fact.CheckpointText(in.feed, c.Seq, c.Hash), c.Signature) {
			return nil, fault.Invalid("journal.bad_signature", "a checkpoint is not signed by the node of this feed")
		}
		signed = max(signed, c.Seq)
	}
	if signed == 0 {
		return nil, fault.Invalid("journal.unsigned", "this frame holds no checkpoint; send it together with what follows")
	}
	hash := fact.Hash{}
	if f.First > 1 {
		if _, err := tx.One(`SELECT hash FROM journal_fact WHERE feed = $1 AND seq = $2`, store.Args{in.number, f.First - 1}, &hash); err != nil {
			return nil, err
		}
	}
	in.marks = f.Checkpoints
	for i, s := range f.Facts[:signed-f.First+1] {
		x := &fact.Fact{Feed: in.feed, Seq: f.First + uint64(i), Raw: append([]byte{}, s.Envelope...), Open: append([]byte{}, s.Open...)}
		if len(s.Sealed) > 0 {
			x.Sealed = s.Sealed
		}
		x.SealedHash = fact.SealHash(x.Sealed)
		copy(x.SealedHash[:], s.Dropped)
		x.Hash = fact.Chain(in.feed, x.Seq, x.Leaf(), hash)
		hash = x.Hash
		in.facts = append(in.facts, x)
	}
	for _, c := range f.Checkpoints {
		if in.facts[c.Seq-f.First].Hash != c.Hash {
			return nil, fault.Invalid("journal.altered", "these facts are not those that their node signed; ask for them again, from an earlier one on")
		}
	}
	return in, nil
}

// place finds the row of the feed, or a number for a new one.
func (j *Journal) place(tx *store.Tx, in *incoming) error {
	g := j.group(tx)
	if in.feed.Node == j.node && in.feed.Incarnation == j.ring.Incarnation() {
		if h, ok := g.heads[in.feed.Scope]; ok { // written in this very group, and not saved yet
			in.number, in.seq, in.hash, in.stamp, in.signed = h.number, h.seq, h.hash, h.stamp, h.signed
			return nil
		}
	}
	found, err := tx.One(`SELECT feed, seq, stamp, hash, signed FROM journal_feed WHERE node = $1 AND incarnation = $2 AND scope = $3`,
		store.Args{in.feed.Node, in.feed.Incarnation[:], string(in.feed.Scope)}, &in.number, &in.seq, &in.stamp, &in.hash, &in.signed)
	if err != nil || found {
		return err
	}
	in.isNew = true
	if _, err := tx.One(`SELECT coalesce(max(feed), 0) FROM journal_feed`, nil, &in.number); err != nil {
		return err
	}
	for _, h := range g.heads {
		in.number = max(in.number, h.number)
	}
	in.number++
	return nil
}

// fork returns the first number at which the frame differs from what is here, 0 for none. Both sides are signed: ours
// when it came, theirs in this frame.
func (j *Journal) fork(tx *store.Tx, in *incoming) (first uint64, err error) {
	if len(in.facts) == 0 || in.facts[0].Seq > in.seq {
		return 0, nil
	}
	err = tx.Each(`SELECT seq, hash FROM journal_fact WHERE feed = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq`,
		store.Args{in.number, in.facts[0].Seq, in.facts[len(in.facts)-1].Seq}, func(r *store.Row) error {
			var seq uint64
			var hash fact.Hash
			if err := r.Scan(&seq, &hash); err != nil {
				return err
			}
			if first == 0 && in.facts[seq-in.facts[0].Seq].Hash != hash {
				first = seq
			}
			return nil
		})
	return first, err
}

// accept stores one new fact and projects it if it counts.
func (j *Journal) accept(tx *store.Tx, pos, feed int64, f *fact.Fact, out *Received) error {
	out.Applied++
	if err := fact.Decode(f.Raw, &f.Head); err != nil || f.Head.ID.IsZero() {
		f.Head = fact.Envelope{}
		leaf := f.Leaf()
		_ = f.Head.ID.UnmarshalBinary(leaf[:16]) // a name for the row; the bytes are what counts
		return j.hold(tx, pos, feed, f, reasonEnvelope, out)
	}
	if f.Head.Stamp > fact.MaxStamp {
		return j.hold(tx, pos, feed, f, reasonStamp, out)
	}
	if f.Sealed != nil {
		handles, err := seal.Handles(f.Sealed)
		if err != nil {
			return j.hold(tx, pos, feed, f, reasonSealed, out)
		}
		for _, h := range handles {
			gone, err := j.erasedHandle(tx, h)
			if err != nil {
				return err
			}
			if gone {
				f.Sealed = nil
				break
			}
		}
	}
	state, err := j.stand(tx, f)
	if err != nil {
		return err
	}
	if state == stateHeld {
		return j.hold(tx, pos, feed, f, reasonTaken, out)
	}
	if state == stateCopy {
		out.Copies++
		return insertFact(tx, pos, feed, f, stateCopy)
	}
	k := kindVersion{f.Head.Kind, f.Head.Version}
	if _, known := fact.KindOf(k.number, k.version); !known {
		out.Unknown++
		return insertFact(tx, pos, feed, f, stateUnknown)
	}
	if read := j.readable[k]; read != nil && read(f.Open) != nil {
		return j.hold(tx, pos, feed, f, reasonContent, out)
	}
	if err := insertFact(tx, pos, feed, f, stateProjected); err != nil {
		return err
	}
	if f.Head.Kind == Erased.Number {
		out.Erasures++
	}
	plain, opened, err := j.open(tx, f)
	if err != nil {
		return err
	}
	return j.project(tx, f, pos, plain, opened)
}

// stand holds a fact against those with its id: it is a copy, or the one that counts from now on, or another fact under
// a taken id. The copy with the lowest (stamp, node) counts. Equal is what may be counted; sealed parts differ from
// node to node, each under its own key and nonce.
func (j *Journal) stand(tx *store.Tx, f *fact.Fact) (state int64, err error) {
	var counts *stored
	err = tx.Each(`SELECT `+factColumns+` WHERE f.id = $1 AND f.state <> 3 AND f.state <> 1`, store.Args{f.Head.ID}, func(r *store.Row) (err error) {
		counts, err = scanFact(r)
		return err
	})
	if err != nil || counts == nil {
		return stateProjected, err
	}
	if !sameContent(&counts.Fact, f) {
		return stateHeld, nil
	}
	if counts.Head.Stamp < f.Head.Stamp || counts.Head.Stamp == f.Head.Stamp && counts.Feed.Node.Compare(f.Feed.Node) <= 0 {
		return stateCopy, nil
	}
	return stateProjected, tx.Exec(`UPDATE journal_fact SET state = $1 WHERE pos = $2`, stateCopy, counts.pos)
}

func sameContent(a, b *fact.Fact) bool {
	if a.Head.Kind != b.Head.Kind || a.Head.Version != b.Head.Version || !bytes.Equal(a.Open, b.Open) ||
		(a.SealedHash == fact.Hash{}) != (b.SealedHash == fact.Hash{}) || len(a.Head.Parents) != len(b.Head.Parents) {
		return false
	}
	for i := range a.Head.Parents {
		if a.Head.Parents[i] != b.Head.Parents[i] {
			return false
		}
	}
	return true
}

// hold keeps a fact in its feed, so that the chain stays whole, and in quarantine.
func (j *Journal) hold(tx *store.Tx, pos, feed int64, f *fact.Fact, reason string, out *Received) error {
	out.Quarantined++
	if err := insertFact(tx, pos, feed, f, stateHeld); err != nil {
		return err
	}
	return j.quarantine(tx, f, reason)
}

func (j *Journal) quarantine(tx *store.Tx, f *fact.Fact, reason string) error {
	if f.Head.ID.IsZero() {
		if err := fact.Decode(f.Raw, &f.Head); err != nil || f.Head.ID.IsZero() {
			leaf := f.Leaf()
			_ = f.Head.ID.UnmarshalBinary(leaf[:16])
		}
	}
	feed := f.Feed
	known := false
	err := tx.Each(`SELECT envelope, opened FROM journal_quarantine WHERE node = $1 AND incarnation = $2 AND scope = $3 AND seq = $4`,
		store.Args{feed.Node, feed.Incarnation[:], string(feed.Scope), f.Seq}, func(r *store.Row) error {
			var raw, open []byte
			err := r.Scan(&raw, &open)
			known = known || bytes.Equal(raw, f.Raw) && bytes.Equal(open, f.Open)
			return err
		})
	if err != nil || known {
		return err
	}
	var pos int64
	if _, err := tx.One(`SELECT coalesce(max(pos), 0) + 1 FROM journal_quarantine`, nil, &pos); err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO journal_quarantine (pos, node, incarnation, scope, seq, id, kind, envelope, opened, sealed, reason, since)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		pos, feed.Node, feed.Incarnation[:], string(feed.Scope), f.Seq, f.Head.ID, f.Head.Kind, f.Raw, f.Open, f.Sealed, reason, j.now().UnixMilli())
}
