package journal

import (
	"serai/internal/fact"
	"serai/internal/store"
)

// Find returns a fact of type t that counts here, opened where the key is here: for a projector that must know what
// another fact speaks of. It says false for a fact that is not here yet or is of another type.
func Find[O, S any](j *Journal, tx *store.Tx, t fact.Type[O, S], id fact.FactID) (got fact.Got[O, S], found bool, err error) {
	var s *stored
	err = tx.Each(`SELECT `+factColumns+` WHERE f.id = $1 AND f.kind = $2 AND f.version = $3 AND f.state = $4`, store.Args{id, t.Number, t.Version, stateProjected}, func(r *store.Row) (err error) {
		s, err = scanFact(r)
		return err
	})
	if err != nil || s == nil {
		return got, false, err
	}
	got = fact.Got[O, S]{Envelope: s.Head, Scope: s.Feed.Scope, Node: s.Feed.Node, Pos: s.pos, SealedBytes: s.Sealed}
	if err := fact.Decode(s.Open, &got.Open); err != nil {
		return got, false, err
	}
	plain, opened, err := j.open(tx, &s.Fact)
	if err == nil && opened {
		got.Sealed = new(S)
		err = fact.Decode(plain, got.Sealed)
	}
	return got, err == nil, err
}
