package journal

import (
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"time"

	"serai/internal/fact"
	"serai/internal/seal"
	"serai/internal/store"
)

// checkpointEvery is the most facts of a feed that stand without a signature.
const checkpointEvery = 50

// Journal is the memory of one node.
type Journal struct {
	// Ledger, when set, is told of every erasure before it commits. It must be set before the first command.
	Ledger interface {
		Append(person fact.PersonID, at time.Time) error
	}

	db         *store.DB
	ring       *seal.Keyring
	keys       *seal.Persons
	now        func() time.Time
	node       fact.NodeID
	sign       ed25519.PrivateKey
	projectors map[kindVersion][]projector
	ahead      map[kindVersion][]func(*store.Tx, []fact.FactID) error
	readable   map[kindVersion]func(open []byte) error
	areas      []area
}

type kindVersion struct {
	number  uint16
	version uint8
}

// projector runs one area's projection of a decoded fact.
type projector func(tx *store.Tx, f *fact.Fact, pos int64, plain []byte, opened, fresh bool) error

type area struct{ name, ddl string }

// New returns the journal of the node whose keyring is ring. Register projectors and tables, then call Start.
func New(db *store.DB, ring *seal.Keyring, keys *seal.Persons, now func() time.Time) *Journal {
	j := &Journal{db: db, ring: ring, keys: keys, now: now, node: ring.Node(), sign: ring.Signer(), projectors: map[kindVersion][]projector{}, ahead: map[kindVersion][]func(*store.Tx, []fact.FactID) error{}, readable: map[kindVersion]func([]byte) error{}}
	registerErased(j)
	return j
}

// Register makes fn the projector of facts of type t. Several areas may project one kind. A fact is given to fn when it
// is appended, again when a key arrives late or its person is erased, and in every rebuild.
func Register[O, S any](j *Journal, t fact.Type[O, S], fn func(tx *store.Tx, f fact.Got[O, S]) error) {
	k := kindVersion{t.Number, t.Version}
	j.readable[k] = func(open []byte) error { return fact.Decode(open, new(O)) }
	j.projectors[k] = append(j.projectors[k], func(tx *store.Tx, f *fact.Fact, pos int64, plain []byte, opened, fresh bool) error {
		got := fact.Got[O, S]{Envelope: f.Head, Scope: f.Feed.Scope, Node: f.Feed.Node, Pos: pos, Fresh: fresh, SealedBytes: f.Sealed}
		if err := fact.Decode(f.Open, &got.Open); err != nil {
			return err
		}
		if opened {
			got.Sealed = new(S)
			if err := fact.Decode(plain, got.Sealed); err != nil {
				// From another node, and seen only when its key came: the fact still counts by its open part.
				slog.Warn("a sealed part cannot be read", "fact", f.Head.ID.String())
				got.Sealed = nil
			}
		}
		return fn(tx, got)
	})
}

// Ahead lets a projector of type t look ahead in a rebuild: fn is called with the ids of many facts of this type that
// will be projected next in its transaction, repeats among them, and may ask one question for all of them. What it
// learns stays right only as far as the projectors themselves keep it so.
func Ahead[O, S any](j *Journal, t fact.Type[O, S], fn func(tx *store.Tx, ids []fact.FactID) error) {
	k := kindVersion{t.Number, t.Version}
	j.ahead[k] = append(j.ahead[k], fn)
}

// Tables declares the projection tables of an area in the store's neutral DDL. They are dropped and filled anew when
// the text changes. CREATE INDEX /*later*/ marks an index that no projector asks.
func (j *Journal) Tables(name, ddl string) { j.areas = append(j.areas, area{name, ddl}) }

// Node returns the id of this node.
func (j *Journal) Node() fact.NodeID { return j.node }

// head is a feed's end as the writer sees it.
type head struct {
	feed   fact.Feed
	number int64
	isNew  bool
	seq    uint64
	stamp  fact.Stamp
	hash   fact.Hash
	signed uint64
	marks  []mark
}

type mark struct {
	seq  uint64
	hash fact.Hash
}

// group is what the appends of one commit share: the heads of the feeds they touch and the local cursor.
type group struct {
	heads map[fact.Scope]*head
	pos   int64
	ready bool
}

type groupKey struct{ j *Journal }

func (j *Journal) group(tx *store.Tx) *group {
	return tx.Once(groupKey{j}, func() (any, func(*store.Tx) error) {
		g := &group{heads: map[fact.Scope]*head{}}
		return g, func(tx *store.Tx) error { return j.saveHeads(tx, g) }
	}).(*group)
}

// cursor loads the last local position at the first append of a group.
func (g *group) cursor(tx *store.Tx) error {
	if g.ready {
		return nil
	}
	_, err := tx.One(`SELECT coalesce(max(pos), 0) FROM journal_fact`, nil, &g.pos)
	g.ready = err == nil
	return err
}

func (j *Journal) head(tx *store.Tx, g *group, scope fact.Scope) (*head, error) {
	if h, ok := g.heads[scope]; ok {
		return h, nil
	}
	h := &head{feed: fact.Feed{Node: j.node, Incarnation: j.ring.Incarnation(), Scope: scope}}
	sql := `SELECT feed, seq, stamp, hash, signed FROM journal_feed WHERE node = $1 AND incarnation = $2 AND scope = $3`
	if tx.Engine() == store.Postgres {
		sql += ` FOR UPDATE`
	}
	found, err := tx.One(sql, store.Args{h.feed.Node, h.feed.Incarnation[:], string(scope)}, &h.number, &h.seq, &h.stamp, &h.hash, &h.signed)
	if err != nil {
		return nil, err
	}
	if !found {
		h.isNew = true
		if _, err := tx.One(`SELECT coalesce(max(feed), 0) FROM journal_feed`, nil, &h.number); err != nil {
			return nil, err
		}
		for _, other := range g.heads {
			h.number = max(h.number, other.number)
		}
		h.number++
	}
	g.heads[scope] = h
	return h, nil
}

func (j *Journal) saveHeads(tx *store.Tx, g *group) error {
	for _, h := range g.heads {
		if h.seq == 0 {
			continue
		}
		for _, m := range h.marks {
			if err := j.signAt(tx, h.number, h.feed, m.seq, m.hash); err != nil {
				return err
			}
			h.signed = m.seq
		}
		var err error
		if h.isNew {
			err = tx.Exec(`INSERT INTO journal_feed (feed, node, incarnation, scope, seq, stamp, hash, signed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				h.number, h.feed.Node, h.feed.Incarnation[:], string(h.feed.Scope), h.seq, h.stamp, h.hash[:], h.signed)
		} else {
			err = tx.Exec(`UPDATE journal_feed SET seq = $1, stamp = $2, hash = $3, signed = $4 WHERE feed = $5`, h.seq, h.stamp, h.hash[:], h.signed, h.number)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (j *Journal) signAt(tx *store.Tx, number int64, feed fact.Feed, seq uint64, hash fact.Hash) error {
	sig := ed25519.Sign(j.sign, fact.CheckpointText(feed, seq, hash))
	return tx.Exec(`INSERT INTO journal_checkpoint (feed, seq, hash, signature) VALUES ($1, $2, $3, $4) ON CONFLICT (feed, seq) DO NOTHING`, number, seq, hash[:], sig)
}

// Append writes facts into their feeds and runs their projectors, in the transaction of the command. It returns their
// ids. An id that is taken is a conflict (id_taken).
func (j *Journal) Append(tx *store.Tx, news ...fact.New) ([]fact.FactID, error) {
	g := j.group(tx)
	ids := make([]fact.FactID, 0, len(news))
	for _, n := range news {
		id, err := j.append(tx, g, n)
		if err != nil {
			return nil, fmt.Errorf("append %s: %w", n.Kind, err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (j *Journal) append(tx *store.Tx, g *group, n fact.New) (fact.FactID, error) {
	now := j.now()
	id := n.ID
	if id.IsZero() {
		id = fact.NewFactID(now)
	} else if err := j.free(tx, id); err != nil {
		return id, err
	}
	h, err := j.head(tx, g, n.Scope)
	if err != nil {
		return id, err
	}
	if err := g.cursor(tx); err != nil {
		return id, err
	}
	before, beforePos := *h, g.pos
	tx.OnRollback(func() {
		before.marks = before.marks[:len(before.marks):len(before.marks)]
		*h, g.pos = before, beforePos
	})
	parents, err := j.stamps(tx, n.Parents)
	if err != nil {
		return id, err
	}
	f := &fact.Fact{Feed: h.feed, Seq: h.seq + 1, Head: fact.Envelope{
		Stamp: fact.Next(now, h.stamp, parents...), Kind: n.Kind.Number, Version: n.Kind.Version, ID: id, Actor: n.Actor, Parents: n.Parents,
	}}
	if f.Raw, err = fact.Encode(f.Head); err != nil {
		return id, err
	}
	if f.Open, err = fact.Encode(n.Open); err != nil {
		return id, err
	}
	var plain []byte
	if n.Sealed != nil {
		if plain, err = fact.Encode(n.Sealed); err != nil {
			return id, err
		}
		keys := make([]seal.Key, len(n.Subjects))
		for i, person := range n.Subjects {
			if keys[i], err = j.keys.Ensure(tx, person, seal.T1); err != nil {
				return id, err
			}
		}
		if f.Sealed, err = seal.Seal(keys, f.Head.AAD(), plain); err != nil {
			return id, err
		}
	}
	f.SealedHash = fact.SealHash(f.Sealed)
	f.Hash = fact.Chain(f.Feed, f.Seq, f.Leaf(), h.hash)
	g.pos++
	pos := g.pos
	if err := insertFact(tx, pos, h.number, f, stateProjected); err != nil {
		return id, err
	}
	h.seq, h.stamp, h.hash = f.Seq, f.Head.Stamp, f.Hash
	last := h.signed
	if len(h.marks) > 0 {
		last = h.marks[len(h.marks)-1].seq
	}
	if h.seq-last >= checkpointEvery {
		h.marks = append(h.marks, mark{h.seq, h.hash})
	}
	return id, j.projectAs(tx, f, pos, plain, n.Sealed != nil, true)
}

// stamps returns the stamps of facts that are here.
func (j *Journal) stamps(tx *store.Tx, ids []fact.FactID) ([]fact.Stamp, error) {
	var out []fact.Stamp
	for _, id := range ids {
		var s fact.Stamp
		found, err := tx.One(`SELECT stamp FROM journal_fact WHERE id = $1 AND state <> 3 ORDER BY stamp DESC`, store.Args{id}, &s)
		if err != nil {
			return nil, err
		}
		if found {
			out = append(out, s)
		}
	}
	return out, nil
}

func insertFact(tx *store.Tx, pos, feed int64, f *fact.Fact, state int64) error {
	var sealed, sealedHash, h1, h2 []byte
	if f.Sealed != nil {
		sealed = f.Sealed
		handles, err := seal.Handles(f.Sealed)
		switch {
		case err != nil && state != stateHeld:
			return err
		case err == nil:
			h1 = handles[0].Bytes()
			if len(handles) > 1 {
				h2 = handles[1].Bytes()
			}
		}
	} else if f.SealedHash != (fact.Hash{}) {
		sealedHash = f.SealedHash[:]
	}
	return tx.Exec(`INSERT INTO journal_fact (pos, feed, seq, id, kind, version, stamp, envelope, opened, sealed, sealed_hash, handle, handle2, hash, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		pos, feed, f.Seq, f.Head.ID, f.Head.Kind, f.Head.Version, f.Head.Stamp, f.Raw, f.Open, sealed, sealedHash, h1, h2, f.Hash[:], state)
}

// project runs the projectors of a fact.
func (j *Journal) project(tx *store.Tx, f *fact.Fact, pos int64, plain []byte, opened bool) error {
	return j.projectAs(tx, f, pos, plain, opened, false)
}

func (j *Journal) projectAs(tx *store.Tx, f *fact.Fact, pos int64, plain []byte, opened, fresh bool) error {
	for _, p := range j.projectors[kindVersion{f.Head.Kind, f.Head.Version}] {
		if err := p(tx, f, pos, plain, opened, fresh); err != nil {
			return fmt.Errorf("project %s: %w", f.Head.ID, err)
		}
	}
	return nil
}

// open opens the sealed part of a fact when every key it needs is here.
func (j *Journal) open(tx *store.Tx, f *fact.Fact) (plain []byte, opened bool, err error) {
	return openWith(f, func(h fact.Handle) (seal.Key, bool, error) { return j.keys.ByHandle(tx, h) })
}

func openWith(f *fact.Fact, key func(fact.Handle) (seal.Key, bool, error)) (plain []byte, opened bool, err error) {
	if f.Sealed == nil {
		return nil, false, nil
	}
	handles, err := seal.Handles(f.Sealed)
	if err != nil {
		return nil, false, err
	}
	keys := make([]seal.Key, len(handles))
	for i, h := range handles {
		k, found, err := key(h)
		if err != nil || !found {
			return nil, false, err
		}
		keys[i] = k
	}
	plain, err = seal.Open(keys, f.Head.AAD(), f.Sealed)
	if err != nil {
		slog.Warn("a sealed part does not open with its key", "fact", f.Head.ID.String())
		return nil, false, nil
	}
	return plain, true, nil
}
