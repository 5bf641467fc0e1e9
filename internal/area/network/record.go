package network

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"serai/internal/fact"
	"serai/internal/journal"
)

// Change sets one field of a record. Value is the CBOR of the field, Replaces names the edits of the same field that
// the author had before her eyes.
type Change struct {
	_        struct{} `cbor:",toarray"`
	Field    uint8
	Value    cbor.RawMessage
	Replaces []fact.FactID
}

// SetOpen is the body of every network.*_set fact: which record, and which of its fields become what. The numbers of
// the fields stand in the record's table of fields and are never given twice.
type SetOpen struct {
	Subject []byte   `cbor:"1,keyasint"` // the 16 bytes of the record's id
	Changes []Change `cbor:"2,keyasint"`
}

// field is one field of a record T: its number in facts, its name in heads and JSON, and where it lives in T.
type field[T any] struct {
	code uint8
	name string
	in   func(*T) any // a pointer to the field
}

// record is the table of the fields of T. One table serves facts, heads, conflicts, imports and edits.
type record[T any] struct {
	kind   string // what T is, in heads: a peer may have used one id for two kinds of records
	fields []field[T]
}

// head names a field in heads.
func (r record[T]) head(f field[T]) string { return r.kind + "." + f.name }

// name returns how heads name the field with a number, empty for one that a newer program wrote.
func (r record[T]) name(code uint8) string {
	for _, f := range r.fields {
		if f.code == code {
			return r.head(f)
		}
	}
	return ""
}

// edit returns what has to be written so that was becomes want: the fields that differ, and those that resolve a
// conflict (replaces names several heads), each replacing what replaces says, or else all heads. No change is written
// for nothing, so that an import can be repeated.
func (r record[T]) edit(was, want *T, heads []journal.Head, replaces map[string][]fact.FactID) ([]Change, error) {
	var out []Change
	for _, f := range r.fields {
		before, err := fact.Encode(f.in(was))
		if err != nil {
			return nil, err
		}
		after, err := fact.Encode(f.in(want))
		if err != nil {
			return nil, err
		}
		seen, told := replaces[f.name]
		if bytes.Equal(before, after) && len(seen) < 2 {
			continue
		}
		if !told {
			for _, h := range heads {
				if h.Field == r.head(f) {
					seen = append(seen, h.Fact)
				}
			}
		}
		out = append(out, Change{Field: f.code, Value: after, Replaces: seen})
	}
	return out, nil
}

// build makes the record that shows: of each field the first head that can be read. One that cannot comes from a newer
// program or a broken peer, and must not take the rest of the record with it.
func (r record[T]) build(heads []journal.Head) T {
	var out T
	done := ""
	for _, h := range heads {
		if h.Field == done {
			continue
		}
		for _, f := range r.fields {
			if r.head(f) != h.Field {
				continue
			}
			var trial T
			if fact.Decode(h.Value, f.in(&trial)) == nil && fact.Decode(h.Value, f.in(&out)) == nil {
				done = h.Field
			}
		}
	}
	return out
}

// Conflict is a field that people set apart from each other, with every value that stands.
type Conflict struct {
	Field  string     `json:"field"`
	Values []Standing `json:"values"` // the one that shows first
}

// Standing is one value of a field in conflict.
type Standing struct {
	Fact  fact.FactID `json:"fact"`
	Value any         `json:"value"`
	Who   string      `json:"who"` // the handle of the account, which says nothing outside its node
	When  string      `json:"when"`
}

// conflicts lists the fields whose heads do not say the same. Two heads of one value are no conflict: two nodes may
// have heard the same thing.
func (r record[T]) conflicts(heads []journal.Head) []Conflict {
	var out []Conflict
	for start := 0; start < len(heads); {
		end := start + 1
		differ := false
		for ; end < len(heads) && heads[end].Field == heads[start].Field; end++ {
			differ = differ || !bytes.Equal(heads[end].Value, heads[start].Value)
		}
		if differ {
			_, name, _ := strings.Cut(heads[start].Field, ".")
			c := Conflict{Field: name}
			for _, h := range heads[start:end] {
				c.Values = append(c.Values, Standing{Fact: h.Fact, Value: r.value(h), Who: h.Actor.String(), When: h.Stamp.Time().Format(instant)})
			}
			out = append(out, c)
		}
		start = end
	}
	return out
}

// instant is RFC 3339 in UTC, to the second.
const instant = "2006-01-02T15:04:05Z"

// value reads the value of a head as it stands in JSON; nil when it cannot stand there.
func (r record[T]) value(h journal.Head) any {
	for _, f := range r.fields {
		if r.head(f) != h.Field {
			continue
		}
		var v T
		if fact.Decode(h.Value, f.in(&v)) != nil {
			return nil
		}
		if _, err := json.Marshal(f.in(&v)); err == nil {
			return f.in(&v)
		}
	}
	return nil
}

// parents returns every edit that changes replace, each once: the parents of their fact.
func parents(changes []Change) []fact.FactID {
	var out []fact.FactID
	seen := map[fact.FactID]bool{}
	for _, c := range changes {
		for _, id := range c.Replaces {
			if !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	return out
}

// importedFact returns the id of the fact by which an import makes changes: the hash of what it says and of what it
// replaces. Two nodes that import one file write copies of one fact, not two edits in conflict, and a value that comes
// back later is a new fact all the same, because it replaces another one.
func importedFact(kind fact.Kind, open SetOpen) (fact.FactID, error) {
	content, err := fact.Encode(open)
	if err != nil {
		return fact.FactID{}, fmt.Errorf("name an imported fact: %w", err)
	}
	return derive(fact.FactID{}, "network.import", kind.String()+"\x00"+string(content)), nil
}

// derive is fact.Derive for the kind of id that like has.
func derive[K any](_ fact.ID[K], namespace, code string) fact.ID[K] {
	return fact.Derive[K](namespace, code)
}
