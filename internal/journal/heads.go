package journal

import (
	"fmt"
	"regexp"

	"serai/internal/fact"
	"serai/internal/store"
)

// Heads is a projection table of edits, field by field. An edit names the edits of the same field that it replaces;
// what nobody replaced is a head. More than one head means that people edited without knowing of each other: the
// highest (stamp, id) shows, the others are kept and listed. Nothing here depends on the order or number of arrivals.
type Heads struct {
	table                          string
	insert, replace, field, fields string
}

var headsName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

// NewHeads returns the heads that are kept in a table of this name. Put DDL into the text given to Journal.Tables.
func NewHeads(table string) Heads {
	if !headsName.MatchString(table) {
		panic("journal: a table of heads cannot be named " + table)
	}
	q := func(sql string) string { return fmt.Sprintf(sql, table) }
	return Heads{
		table: table,
		// A copy of a fact can bring another stamp and actor: the lowest stamp counts, whichever comes first. Stamp 0
		// marks an edit that is known only because another one replaces it.
		insert: q(`INSERT INTO %[1]s (subject, field, fact, stamp, actor, value, replaced) VALUES ($1, $2, $3, $4, $5, $6, 0)
ON CONFLICT (subject, field, fact) DO UPDATE SET value = excluded.value,
actor = CASE WHEN %[1]s.stamp = 0 OR excluded.stamp < %[1]s.stamp THEN excluded.actor ELSE %[1]s.actor END,
stamp = CASE WHEN %[1]s.stamp = 0 OR excluded.stamp < %[1]s.stamp THEN excluded.stamp ELSE %[1]s.stamp END`),
		replace: q(`INSERT INTO %[1]s (subject, field, fact, stamp, replaced) VALUES ($1, $2, $3, 0, 1)
ON CONFLICT (subject, field, fact) DO UPDATE SET replaced = 1`),
		field: q(`SELECT field, fact, stamp, actor, value FROM %[1]s WHERE subject = $1 AND field = $2 AND replaced = 0
ORDER BY stamp DESC, fact DESC`),
		fields: q(`SELECT field, fact, stamp, actor, value FROM %[1]s WHERE subject = $1 AND replaced = 0
ORDER BY field, stamp DESC, fact DESC`),
	}
}

// DDL returns the table in the store's neutral form, to stand among the projection tables of its area.
func (h Heads) DDL() string {
	return `CREATE TABLE ` + h.table + ` (subject BLOB NOT NULL, field TEXT NOT NULL, fact BLOB NOT NULL, stamp BIGINT NOT NULL,
  actor BLOB, value BLOB, replaced BIGINT NOT NULL, PRIMARY KEY (subject, field, fact)) /*clustered*/;
`
}

// Edit is one edit of one field.
type Edit struct {
	Subject  []byte // whose field: the bytes of an id
	Field    string
	Fact     fact.FactID // the fact that made the edit
	Stamp    fact.Stamp
	Actor    fact.Handle
	Replaces []fact.FactID // edits of the same field that this one ends
	Value    []byte        // whatever the area keeps; nil after an erasure
}

// Apply keeps an edit. It may be called again for the same fact, also with another value: a sealed part that came late
// or that was dropped.
func (h Heads) Apply(tx *store.Tx, e Edit) error {
	for _, old := range e.Replaces {
		if old == e.Fact {
			continue // a fact cannot end itself; from a hostile peer it would vanish
		}
		if err := tx.Exec(h.replace, e.Subject, e.Field, old); err != nil {
			return fmt.Errorf("replace in %s: %w", h.table, err)
		}
	}
	if err := tx.Exec(h.insert, e.Subject, e.Field, e.Fact, e.Stamp, e.Actor.Bytes(), e.Value); err != nil {
		return fmt.Errorf("edit in %s: %w", h.table, err)
	}
	return nil
}

// Head is an edit that nobody replaced.
type Head struct {
	Field string
	Fact  fact.FactID
	Stamp fact.Stamp
	Actor fact.Handle
	Value []byte
}

// Field returns the heads of one field, the one that shows first; none when nobody ever set it.
func (h Heads) Field(tx *store.Tx, subject []byte, field string) ([]Head, error) {
	return h.read(tx, h.field, store.Args{subject, field})
}

// Of returns the heads of every field of a subject, by field, the one that shows first within each.
func (h Heads) Of(tx *store.Tx, subject []byte) ([]Head, error) {
	return h.read(tx, h.fields, store.Args{subject})
}

func (h Heads) read(tx *store.Tx, sql string, args store.Args) ([]Head, error) {
	var out []Head
	err := tx.Each(sql, args, func(r *store.Row) error {
		var x Head
		var actor []byte
		if err := r.Scan(&x.Field, &x.Fact, &x.Stamp, &actor, &x.Value); err != nil {
			return err
		}
		copy(x.Actor[:], actor)
		out = append(out, x)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", h.table, err)
	}
	return out, nil
}

// Facts returns the ids of heads, in their order: what a new edit of that field replaces.
func Facts(heads []Head) []fact.FactID {
	out := make([]fact.FactID, len(heads))
	for i, h := range heads {
		out[i] = h.Fact
	}
	return out
}
