package assist

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"serai/internal/fact"
	"serai/internal/store"
)

// Atom is one part of a contact with all that is counted of it, in one value of one row: a table of counts reads a month
// of contacts, and most of its work is to take columns out of rows. Atoms lie together by organisation, point and day,
// so that a count reads what it asks for and nothing else. What was undone has none.
type Atom struct {
	Contact  fact.ContactID
	Part     int
	Day      fact.Day
	Happened int64
	Heads    int64
	Known    bool // somebody with a file or card, even when this node cannot tell who
	Person   fact.PersonID
	Arrival  fact.ArrivalID
	Project  fact.ProjectID

	Sex, Age, Group, Stage, Direction, Disability, Repeat string

	Given []Given // once each
	Asked []Asked // once for each reason
}

const atomTable = `
CREATE TABLE assist_atom (org BLOB NOT NULL, point BLOB NOT NULL, day BIGINT NOT NULL, contact BLOB NOT NULL, part BIGINT NOT NULL,
  atom BLOB NOT NULL, PRIMARY KEY (org, point, day, contact, part)) /*clustered*/`

// Put writes an atom that is not there.
func (a *Atom) Put(tx *store.Tx, org fact.OrgID, point fact.PointID) error {
	return tx.Exec(`INSERT INTO assist_atom (org, point, day, contact, part, atom) VALUES ($1, $2, $3, $4, $5, $6)`, org, point, a.Day, a.Contact, a.Part, a.encode())
}

// Desk is where contacts are made: an organisation at a point.
type Desk struct {
	Org   fact.OrgID
	Point fact.PointID
}

// Desks returns where contacts were ever made: two steps of the tree for each, however many contacts lie between.
func Desks(tx *store.Tx) (out []Desk, err error) {
	var last Desk
	for {
		found, err := tx.One(`SELECT point FROM assist_atom WHERE org = $1 AND point > $2 ORDER BY point LIMIT 1`, store.Args{last.Org.Bytes(), last.Point.Bytes()}, &last.Point)
		if err == nil && !found {
			found, err = tx.One(`SELECT org, point FROM assist_atom WHERE org > $1 ORDER BY org, point LIMIT 1`, store.Args{last.Org.Bytes()}, &last.Org, &last.Point)
		}
		if err != nil || !found {
			return out, err
		}
		out = append(out, last)
	}
}

// Atoms calls fn with every atom of a desk from one day to another, in no order. The atom is fn's only during the call,
// its words excepted.
func Atoms(tx *store.Tx, d Desk, from, to fact.Day, fn func(*Atom) error) error {
	var a Atom
	words := map[string]string{}
	var raw rawBytes
	return tx.Stream(`SELECT contact, atom FROM assist_atom WHERE org = $1 AND point = $2 AND day >= $3 AND day <= $4`,
		store.Args{d.Org, d.Point, from, to}, func(r *store.Row) error {
			if err := r.Scan(&a.Contact, &raw); err != nil {
				return err
			}
			if err := a.decode(raw, words); err != nil {
				return fmt.Errorf("contact %s: %w", a.Contact, err)
			}
			return fn(&a)
		})
}

// rawBytes takes a column without a copy, until the next row.
type rawBytes []byte

// Scan is sql.Scanner.
func (b *rawBytes) Scan(v any) error {
	*b, _ = v.([]byte)
	return nil
}

// The bits of an atom's first byte.
const (
	atomKnown = 1 << iota
	atomPerson
	atomArrival
	atomProject
)

func (a *Atom) encode() []byte {
	b := make([]byte, 1, 128)
	id := func(bit byte, zero bool, bytes []byte) {
		if !zero {
			b[0] |= bit
			b = append(b, bytes...)
		}
	}
	if a.Known {
		b[0] |= atomKnown
	}
	id(atomPerson, a.Person.IsZero(), a.Person.Bytes())
	id(atomArrival, a.Arrival.IsZero(), a.Arrival.Bytes())
	id(atomProject, a.Project.IsZero(), a.Project.Bytes())
	number := func(n int64) { b = binary.AppendVarint(b, n) }
	word := func(s string) { b = append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	number(int64(a.Part))
	number(int64(a.Day))
	number(a.Happened)
	number(a.Heads)
	for _, s := range a.words() {
		word(*s)
	}
	number(int64(len(a.Given)))
	for _, g := range a.Given {
		word(g.Code)
		number(int64(g.Quantity))
	}
	number(int64(len(a.Asked)))
	for _, x := range a.Asked {
		word(x.Code)
		word(x.Reason)
		number(int64(x.N))
	}
	return b
}

func (a *Atom) words() [7]*string {
	return [7]*string{&a.Sex, &a.Age, &a.Group, &a.Stage, &a.Direction, &a.Disability, &a.Repeat}
}

var errAtom = errors.New("an atom that cannot be read; rebuild the tables")

// decode reads an atom; words keeps one copy of each code.
func (a *Atom) decode(b []byte, words map[string]string) error {
	if len(b) == 0 {
		return errAtom
	}
	flags, rest, good := b[0], b[1:], true
	id := func(bit byte, to interface{ UnmarshalBinary([]byte) error }) {
		if flags&bit == 0 {
			return
		}
		if len(rest) < 16 || to.UnmarshalBinary(rest[:16]) != nil {
			good = false
			return
		}
		rest = rest[16:]
	}
	number := func() int64 {
		n, used := binary.Varint(rest)
		if used <= 0 {
			good = false
			return 0
		}
		rest = rest[used:]
		return n
	}
	word := func() string {
		n, used := binary.Uvarint(rest)
		if used <= 0 || uint64(len(rest)-used) < n {
			good = false
			return ""
		}
		w := rest[used : used+int(n)]
		rest = rest[used+int(n):]
		s, ok := words[string(w)]
		if !ok {
			s = string(w)
			words[s] = s
		}
		return s
	}
	a.Known, a.Person, a.Arrival, a.Project = flags&atomKnown != 0, fact.PersonID{}, fact.ArrivalID{}, fact.ProjectID{}
	id(atomPerson, &a.Person)
	id(atomArrival, &a.Arrival)
	id(atomProject, &a.Project)
	a.Part, a.Day, a.Happened, a.Heads = int(number()), fact.Day(number()), number(), number()
	for _, s := range a.words() {
		*s = word()
	}
	a.Given, a.Asked = a.Given[:0], a.Asked[:0]
	for n := number(); good && n > 0; n-- {
		a.Given = append(a.Given, Given{Code: word(), Quantity: int(number())})
	}
	for n := number(); good && n > 0; n-- {
		a.Asked = append(a.Asked, Asked{Code: word(), Reason: word(), N: int(number())})
	}
	if !good || len(rest) > 0 {
		return errAtom
	}
	return nil
}

// atoms returns what is counted of a contact.
func (b base) atoms() []Atom {
	if b.undone {
		return nil
	}
	o := b.open
	given := once(o.Services, func(a, b Given) int { return cmp.Compare(a.Code, b.Code) })
	asked := once(o.Asked, func(a, b Asked) int { return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Reason, b.Reason)) })
	for i := range asked {
		asked[i].N = max(asked[i].N, 1)
	}
	out := make([]Atom, len(o.Heads))
	for part, h := range o.Heads {
		out[part] = Atom{Contact: b.contact, Part: part, Day: o.Day, Happened: o.Happened, Heads: int64(h.N), Known: o.Known, Person: b.person, Arrival: o.Arrival, Project: o.Project,
			Sex: h.Sex, Age: h.Age, Group: orUnsaid(o.Group), Stage: orUnsaid(o.Stage), Direction: orUnsaid(o.Direction), Disability: orNotAsked(o.Disability), Repeat: orNotAsked(o.Repeat),
			Given: given, Asked: asked}
	}
	return out
}

// once sorts a copy of the list and keeps the first of those that are equal.
func once[T any](list []T, by func(a, b T) int) []T {
	out := slices.Clone(list)
	slices.SortStableFunc(out, by)
	return slices.CompactFunc(out, func(a, b T) bool { return by(a, b) == 0 })
}
