package fact

import (
	"fmt"
	"slices"
	"sync"
)

// Kind names a sort of fact: "assist.recorded", version 1, and the number that stands for the name in the bytes.
// Numbers are never given twice: 1-99 belong to this package, then a hundred to each area.
type Kind struct {
	Name    string
	Version uint8
	Number  uint16
}

// String returns the kind as people write it: assist.recorded/1.
func (k Kind) String() string { return fmt.Sprintf("%s/%d", k.Name, k.Version) }

// Type is a kind with the Go types of its open and sealed part. An area holds one for each of its facts. S is
// struct{} for facts about nobody.
type Type[O, S any] struct{ Kind }

var registry struct {
	sync.RWMutex
	byNumber map[[2]uint16]Kind
}

// Define makes a kind known. It panics when the number or the name is taken: that is a mistake of programming.
func Define[O, S any](name string, version uint8, number uint16) Type[O, S] {
	k := Kind{Name: name, Version: version, Number: number}
	registry.Lock()
	defer registry.Unlock()
	if registry.byNumber == nil {
		registry.byNumber = map[[2]uint16]Kind{}
	}
	for _, other := range registry.byNumber {
		if (other.Number == number) != (other.Name == name) || (other.Number == number && other.Version == version) {
			panic(fmt.Sprintf("fact: kind %s with number %d clashes with %s, number %d", k, number, other, other.Number))
		}
	}
	registry.byNumber[[2]uint16{number, uint16(version)}] = k
	return Type[O, S]{k}
}

// KindOf returns the kind behind a number and version, and false when this program does not know it.
func KindOf(number uint16, version uint8) (Kind, bool) {
	registry.RLock()
	defer registry.RUnlock()
	k, ok := registry.byNumber[[2]uint16{number, uint16(version)}]
	return k, ok
}

// Kinds returns every known kind, by number and version.
func Kinds() []Kind {
	registry.RLock()
	defer registry.RUnlock()
	out := make([]Kind, 0, len(registry.byNumber))
	for _, k := range registry.byNumber {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b Kind) int {
		if a.Number != b.Number {
			return int(a.Number) - int(b.Number)
		}
		return int(a.Version) - int(b.Version)
	})
	return out
}

// New is a fact about to happen: what a service hands to the journal. Make one with Type.New.
type New struct {
	Kind     Kind
	ID       FactID // made with the command; none lets the journal make one
	Scope    Scope
	Actor    Handle
	Parents  []FactID
	Open     any
	Sealed   any        // nil when nobody is meant
	Subjects []PersonID // whose keys seal the sealed part: one or two
}

// New makes a fact of this kind about nobody.
func (t Type[O, S]) New(id FactID, scope Scope, actor Handle, open O) New {
	return New{Kind: t.Kind, ID: id, Scope: scope, Actor: actor, Open: open}
}

// About makes a fact of this kind whose sealed part is closed with the keys of subjects.
func (t Type[O, S]) About(id FactID, scope Scope, actor Handle, open O, sealed S, subjects ...PersonID) New {
	return New{Kind: t.Kind, ID: id, Scope: scope, Actor: actor, Open: open, Sealed: sealed, Subjects: subjects}
}

// Replacing says which facts this one replaces.
func (n New) Replacing(parents ...FactID) New {
	n.Parents = parents
	return n
}

// Got is a fact as a projector receives it: decoded, and opened where the key is here.
type Got[O, S any] struct {
	Envelope
	Scope Scope
	Node  NodeID
	Pos   int64 // the local cursor; never an order
	// Fresh says that the fact is born here this moment, so that nothing about it can be here already: a projector may
	// spare itself the looking.
	Fresh  bool
	Open   O
	Sealed *S // nil: about nobody, erased, or the key is not here yet
	// SealedBytes, with AAD, is what a signed-in member's key opens later; nil when dropped.
	SealedBytes []byte
}

// Wins tells whether this edit beats another head of the same field: the higher (stamp, id).
func (e *Envelope) Wins(stamp Stamp, id FactID) bool {
	if e.Stamp != stamp {
		return e.Stamp > stamp
	}
	return e.ID.Compare(id) > 0
}
