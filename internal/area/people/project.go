package people

import (
	"slices"

	"serai/internal/fact"
	"serai/internal/journal"
	"serai/internal/store"
)

// Tables hold, for each fact of this area, what finds it: names stay sealed in them, on SQLite as on PostgreSQL, whose
// dead rows would keep them. A fact whose key is not here, or whose person was erased, keeps what may be counted.
const tables = `
CREATE TABLE people_fact (fact_id BLOB PRIMARY KEY, kind BIGINT NOT NULL, version BIGINT NOT NULL, stamp BIGINT NOT NULL, actor BLOB NOT NULL,
  point_id BLOB, org_id BLOB, day BIGINT NOT NULL, sex TEXT, age TEXT, person_id BLOB, other_id BLOB, ends BLOB, sealed BLOB);
CREATE INDEX /*later*/ people_fact_person ON people_fact (person_id, kind) WHERE person_id IS NOT NULL;
CREATE INDEX /*later*/ people_fact_other ON people_fact (other_id) WHERE other_id IS NOT NULL;
CREATE INDEX /*later*/ people_fact_ends ON people_fact (ends) WHERE ends IS NOT NULL;
CREATE INDEX /*later*/ people_fact_day ON people_fact (point_id, day) WHERE kind = 301`

// Migrations make the plain table of this area.
var Migrations = []store.Migration{{Name: "people/0001", SQL: `
CREATE TABLE people_unfinished (receipt BLOB PRIMARY KEY, since BIGINT NOT NULL)`}}

// routing is what a sealed part tells the projection, and all that stays clear of it.
type routing struct {
	person, other fact.PersonID
	ends          fact.FactID
}

func (s *Service) register(j *journal.Journal) {
	j.Tables("people", tables)
	journal.Register(j, Opened, func(tx *store.Tx, f fact.Got[OpenedAt, OpenedSealed]) error {
		var r routing
		if f.Sealed != nil {
			r.person = f.Sealed.Person
		}
		return put(s, tx, f, f.Open.At, f.Open.Sex, f.Open.Age, r)
	})
	register(s, j, Edited, func(b *EditedSealed) routing { return routing{person: b.Person} })
	register(s, j, Based, func(b *BasisSealed) routing { return routing{person: b.Person} })
	register(s, j, Withdrawn, func(b *WithdrawnSealed) routing { return routing{person: b.Person, ends: factOf(b.Basis)} })
	register(s, j, Joined, func(b *JoinedSealed) routing { return routing{person: b.Person, other: b.With} })
	register(s, j, Left, func(b *LeftSealed) routing { return routing{person: b.Person, ends: b.Link} })
	register(s, j, Lived, func(b *LivedSealed) routing { return routing{person: b.Person} })
	register(s, j, Compared, func(b *ComparedSealed) routing { return routing{person: b.Person, other: b.With} })
}

func register[S any](s *Service, j *journal.Journal, t fact.Type[At, S], of func(*S) routing) {
	journal.Register(j, t, func(tx *store.Tx, f fact.Got[At, S]) error {
		var r routing
		if f.Sealed != nil {
			r = of(f.Sealed)
		}
		return put(s, tx, f, f.Open, nil, nil, r)
	})
}

// put writes the row of a fact. A copy with another stamp leaves the lowest, whichever came first; a fact that no
// longer opens leaves nothing that finds it.
func put[O, S any](s *Service, tx *store.Tx, f fact.Got[O, S], at At, sex, age any, r routing) error {
	var sealed any
	if f.Sealed != nil {
		sealed = f.SealedBytes
	} else {
		// Whoever was here under this fact is not any more: her name leaves the memory as well, whoever erased her.
		var was fact.PersonID
		if _, err := tx.One(`SELECT person_id FROM people_fact WHERE fact_id = $1`, store.Args{f.ID}, &was); err != nil {
			return err
		}
		if !was.IsZero() {
			tx.OnCommit(func() { s.names.drop(was) })
		}
	}
	if f.Kind == Opened.Number || f.Kind == Edited.Number {
		s.touched(tx, r.person)
	}
	return tx.Exec(`INSERT INTO people_fact (fact_id, kind, version, stamp, actor, point_id, org_id, day, sex, age, person_id, other_id, ends, sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (fact_id) DO UPDATE SET person_id = excluded.person_id, other_id = excluded.other_id, ends = excluded.ends, sealed = excluded.sealed,
actor = CASE WHEN excluded.stamp < people_fact.stamp THEN excluded.actor ELSE people_fact.actor END,
stamp = CASE WHEN excluded.stamp < people_fact.stamp THEN excluded.stamp ELSE people_fact.stamp END`,
		f.ID, f.Kind, f.Version, f.Stamp, f.Actor.Bytes(), at.Point, at.Org, at.Day, sex, age, r.person, r.other, r.ends, sealed)
}

// touched makes the index of names look at a person again once this transaction is durable.
func (s *Service) touched(tx *store.Tx, person fact.PersonID) {
	if !person.IsZero() {
		tx.OnCommit(func() { s.names.touch(person) })
	}
}

const rowColumns = `f.fact_id, f.kind, f.version, f.stamp, f.actor, f.point_id, f.org_id, f.day, f.person_id, f.sealed`

// row is a row of people_fact that is still closed.
type row struct {
	record
	kind    uint16
	version uint8
	person  fact.PersonID
	sealed  []byte
}

func scanRow(r *store.Row) (*row, error) {
	out := &row{}
	return out, r.Scan(&out.id, &out.kind, &out.version, &out.stamp, &out.actor, &out.point, &out.org, &out.day, &out.person, &out.sealed)
}

func (r *row) envelope() *fact.Envelope {
	return &fact.Envelope{ID: r.id, Kind: r.kind, Version: r.version}
}

// newBody returns what the sealed part of a kind decodes into.
func newBody(kind uint16) any {
	switch kind {
	case Opened.Number:
		return &OpenedSealed{}
	case Edited.Number:
		return &EditedSealed{}
	case Based.Number:
		return &BasisSealed{}
	case Withdrawn.Number:
		return &WithdrawnSealed{}
	case Joined.Number:
		return &JoinedSealed{}
	case Left.Number:
		return &LeftSealed{}
	case Compared.Number:
		return &ComparedSealed{}
	}
	return &LivedSealed{}
}

// decode fills in the body from what the sealed part held.
func (r *row) decode(plain []byte) error {
	r.body = newBody(r.kind)
	return fact.Decode(plain, r.body)
}

// rows reads the facts about a person that this query finds, and opens them. Those that do not open are left out: they
// are about nobody.
func (s *Service) rows(tx *store.Tx, sql string, args ...any) ([]*record, error) {
	var closed []*row
	if err := tx.Each(sql, args, func(r *store.Row) error {
		row, err := scanRow(r)
		closed = append(closed, row)
		return err
	}); err != nil {
		return nil, err
	}
	out := make([]*record, 0, len(closed))
	for _, r := range closed {
		plain, ok, err := s.journal.OpenSealed(tx, r.envelope(), r.sealed)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if err := r.decode(plain); err != nil {
			return nil, err
		}
		out = append(out, &r.record)
	}
	return slices.Clip(out), nil
}

// everything finds what a file is made of: the facts about a person, the links to her, and what ended those links or
// was ended by anybody.
const everything = `SELECT ` + rowColumns + ` FROM people_fact f WHERE f.person_id = $1
UNION ALL SELECT ` + rowColumns + ` FROM people_fact f WHERE f.other_id = $1
UNION ALL SELECT ` + rowColumns + ` FROM people_fact f WHERE f.person_id <> $1 AND f.ends IN
  (SELECT l.fact_id FROM people_fact l WHERE l.other_id = $1 UNION ALL SELECT l.fact_id FROM people_fact l WHERE l.person_id = $1 AND l.kind = 305)`

// profileOnly finds what the profile is made of.
const profileOnly = `SELECT ` + rowColumns + ` FROM people_fact f WHERE f.person_id = $1 AND f.kind IN (301, 302)`
