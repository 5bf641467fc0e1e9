package journal

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"

	"serai/internal/fact"
	"serai/internal/store"
)

// Report is what Verify found.
type Report struct {
	Feeds       int    `json:"feeds"`
	Facts       int64  `json:"facts"`
	Erased      int64  `json:"erased"` // facts whose sealed part was dropped
	Checkpoints int64  `json:"checkpoints"`
	Unsigned    int64  `json:"unsigned"` // facts after the last checkpoint of their feed
	Quarantined int64  `json:"quarantined"`
	Bad         string `json:"bad,omitempty"` // the first bad fact: feed, number, id, and what is wrong with it
}

// Sign signs the head of every own feed that has facts without a signature: before a backup, before sending, at the end.
func (j *Journal) Sign(ctx context.Context) error {
	return j.db.Write(ctx, func(tx *store.Tx) error {
		type open struct {
			number int64
			feed   fact.Feed
			seq    uint64
			hash   fact.Hash
		}
		var feeds []open
		err := tx.Each(`SELECT feed, incarnation, scope, seq, hash FROM journal_feed WHERE node = $1 AND signed < seq`, store.Args{j.node}, func(r *store.Row) error {
			o := open{feed: fact.Feed{Node: j.node}}
			var scope string
			if err := r.Scan(&o.number, &o.feed.Incarnation, &scope, &o.seq, &o.hash); err != nil {
				return err
			}
			o.feed.Scope = fact.Scope(scope)
			feeds = append(feeds, o)
			return nil
		})
		if err != nil {
			return err
		}
		for _, o := range feeds {
			if err := j.signAt(tx, o.number, o.feed, o.seq, o.hash); err != nil {
				return err
			}
			if err := tx.Exec(`UPDATE journal_feed SET signed = $1 WHERE feed = $2`, o.seq, o.number); err != nil {
				return err
			}
		}
		return nil
	})
}

// Verify walks every feed: numbers without gaps, envelopes that match their row, hashes that chain, checkpoints that
// their node signed, and heads that are the last fact. It stops at the first bad fact and names it.
func (j *Journal) Verify(ctx context.Context) (Report, error) {
	var rep Report
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		type feedRow struct {
			number int64
			feed   fact.Feed
			seq    uint64
			hash   fact.Hash
			public []byte
		}
		var feeds []feedRow
		err := tx.Each(`SELECT d.feed, d.node, d.incarnation, d.scope, d.seq, d.hash, n.public FROM journal_feed d LEFT JOIN journal_node n ON n.node = d.node ORDER BY d.feed`, nil, func(r *store.Row) error {
			var d feedRow
			var scope string
			if err := r.Scan(&d.number, &d.feed.Node, &d.feed.Incarnation, &scope, &d.seq, &d.hash, &d.public); err != nil {
				return err
			}
			d.feed.Scope = fact.Scope(scope)
			feeds = append(feeds, d)
			return nil
		})
		if err != nil {
			return err
		}
		for _, d := range feeds {
			rep.Feeds++
			marks := map[uint64]fact.Hash{}
			var signed uint64
			err := tx.Each(`SELECT seq, hash, signature FROM journal_checkpoint WHERE feed = $1 ORDER BY seq`, store.Args{d.number}, func(r *store.Row) error {
				var seq uint64
				var hash fact.Hash
				var sig []byte
				if err := r.Scan(&seq, &hash, &sig); err != nil {
					return err
				}
				rep.Checkpoints++
				if rep.Bad == "" && (len(d.public) != ed25519.PublicKeySize || !ed25519.Verify(d.public, fact.CheckpointText(d.feed, seq, hash), sig)) {
					rep.Bad = fmt.Sprintf("feed %s: the checkpoint at %d is not signed by its node", d.feed, seq)
				}
				marks[seq], signed = hash, max(signed, seq)
				return nil
			})
			if err != nil || rep.Bad != "" {
				return err
			}
			if err := verifyFeed(tx, d.number, d.feed, d.seq, d.hash, marks, &rep); err != nil || rep.Bad != "" {
				return err
			}
			rep.Unsigned += int64(d.seq - min(d.seq, signed))
		}
		_, err = tx.One(`SELECT count(*) FROM journal_quarantine`, nil, &rep.Quarantined)
		return err
	})
	return rep, err
}

func verifyFeed(tx *store.Tx, number int64, feed fact.Feed, seq uint64, end fact.Hash, marks map[uint64]fact.Hash, rep *Report) error {
	var n uint64
	var before fact.Hash
	stop := fmt.Errorf("stop")
	err := tx.Stream(`SELECT f.id, f.kind, f.stamp, `+factColumns+` WHERE f.feed = $1 ORDER BY f.seq`, store.Args{number}, func(r *store.Row) error {
		var id fact.FactID
		var kind int64
		var stamp fact.Stamp
		s, err := scanFact(r, &id, &kind, &stamp)
		if err != nil {
			rep.Bad = fmt.Sprintf("feed %s, after fact %d: %v", feed, n, err)
			return stop
		}
		n++
		rep.Facts++
		if s.Sealed == nil && s.SealedHash != (fact.Hash{}) {
			rep.Erased++
		}
		bad := func(what string) error {
			rep.Bad = fmt.Sprintf("feed %s, fact %d, %s: %s", feed, s.Seq, id, what)
			return stop
		}
		hash := fact.Chain(feed, s.Seq, s.Leaf(), before)
		switch {
		case s.Seq != n:
			return bad(fmt.Sprintf("number %d is missing", n))
		case hash != s.Hash:
			return bad("its content was altered: the hash does not follow from the fact before it")
		case s.state == stateHeld && s.Head.ID.IsZero():
		case s.Head.ID != id || int64(s.Head.Kind) != kind || s.Head.Stamp != stamp:
			return bad("its row does not say what its envelope says")
		}
		if m, ok := marks[s.Seq]; ok && !bytes.Equal(m[:], hash[:]) {
			return bad("its hash is not the one that was signed")
		}
		delete(marks, s.Seq)
		before = hash
		return nil
	})
	switch {
	case err == stop:
		return nil
	case err != nil:
		return err
	case n != seq || before != end:
		rep.Bad = fmt.Sprintf("feed %s ends at %d, its head says %d: facts at the end are missing", feed, n, seq)
	case len(marks) > 0:
		rep.Bad = fmt.Sprintf("feed %s: a checkpoint was signed beyond its end: facts were removed", feed)
	}
	return nil
}
