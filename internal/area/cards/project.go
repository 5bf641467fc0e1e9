package cards

import (
	"serai/internal/fact"
	"serai/internal/journal"
	"serai/internal/store"
)

// Migrations make the plain tables: the network's public files, the pinned roots, the highest sequence that was read of
// each lineage, and which device was given which signing key. They never travel and are no projection.
var Migrations = []store.Migration{{Name: "cards/0001", SQL: `
CREATE TABLE cards_network (name TEXT PRIMARY KEY, serial BIGINT NOT NULL, content BLOB NOT NULL, taken BIGINT NOT NULL);
CREATE TABLE cards_root (root TEXT PRIMARY KEY, pinned BIGINT NOT NULL) /*clustered*/;
CREATE TABLE cards_seen (lineage BLOB PRIMARY KEY, sequence BIGINT NOT NULL, person BLOB) /*clustered*/;
CREATE INDEX cards_seen_person ON cards_seen (person)`},
	{Name: "cards/0002", SQL: `
CREATE TABLE cards_device (public BLOB PRIMARY KEY, device BLOB NOT NULL, point BLOB NOT NULL, allowed BIGINT NOT NULL, by_actor BLOB NOT NULL, ended BIGINT NOT NULL) /*clustered*/;
CREATE INDEX cards_device_device ON cards_device (device)`}}

// tables are the projections. cards_lineage has a row for the lineage of each print given out here to somebody who was
// not erased, and for those of slips that were merged into it; cards_mark says why a print is marked.
const tables = `
CREATE TABLE cards_print (fact BLOB PRIMARY KEY, card BLOB NOT NULL, org BLOB NOT NULL, point BLOB NOT NULL, day BIGINT NOT NULL, actor BLOB NOT NULL,
  language TEXT NOT NULL, entries BIGINT NOT NULL, slip BIGINT NOT NULL, serial TEXT NOT NULL, mark BLOB) /*clustered*/;
CREATE INDEX /*later*/ cards_print_card ON cards_print (card);
CREATE INDEX /*later*/ cards_print_mark ON cards_print (mark) WHERE mark IS NOT NULL;
CREATE INDEX /*later*/ cards_print_serial ON cards_print (serial) WHERE serial <> '';
CREATE TABLE cards_lineage (lineage BLOB NOT NULL, fact BLOB NOT NULL, stamp BIGINT NOT NULL, sequence BIGINT NOT NULL, person BLOB NOT NULL, PRIMARY KEY (lineage, fact)) /*clustered*/;
CREATE INDEX cards_lineage_fact ON cards_lineage (fact);
CREATE INDEX /*later*/ cards_lineage_person ON cards_lineage (person);
CREATE TABLE cards_mark (mark BLOB NOT NULL, why TEXT NOT NULL, stamp BIGINT NOT NULL, PRIMARY KEY (mark, why)) /*clustered*/;
CREATE INDEX cards_mark_stamp ON cards_mark (stamp);
CREATE TABLE cards_stock (fact BLOB PRIMARY KEY, org BLOB NOT NULL, point BLOB NOT NULL, day BIGINT NOT NULL, actor BLOB NOT NULL, language TEXT NOT NULL, expires BIGINT NOT NULL) /*clustered*/;
CREATE INDEX cards_stock_point ON cards_stock (point);
CREATE TABLE cards_blank (serial TEXT NOT NULL, stock BLOB NOT NULL, card BLOB NOT NULL, mark BLOB NOT NULL, PRIMARY KEY (serial, stock)) /*clustered*/;
CREATE INDEX cards_blank_card ON cards_blank (card);
CREATE INDEX cards_blank_stock ON cards_blank (stock);
CREATE TABLE cards_missing (card BLOB NOT NULL, fact BLOB NOT NULL, why TEXT NOT NULL, PRIMARY KEY (card, fact)) /*clustered*/`

// Why a print is marked, and why a card is missing.
const (
	whySuperseded = "superseded"
	whyRevoked    = "revoked"
	whyLost       = "lost"
	whyTaken      = "taken"
)

// register puts the projectors on the journal.
func register(j *journal.Journal) {
	j.Tables("cards", tables)
	journal.Register(j, Issued, projectGiven)
	journal.Register(j, Updated, projectGiven)
	journal.Register(j, StockGiven, projectGiven)
	journal.Register(j, StockPrinted, projectStock)
	journal.Register(j, Superseded, func(tx *store.Tx, f fact.Got[MarkedOpen, struct{}]) error {
		return mark(tx, f.Stamp, f.Open, whySuperseded)
	})
	journal.Register(j, Revoked, func(tx *store.Tx, f fact.Got[MarkedOpen, struct{}]) error {
		return mark(tx, f.Stamp, f.Open, whyRevoked)
	})
	journal.Register(j, Lost, func(tx *store.Tx, f fact.Got[MissingOpen, struct{}]) error {
		return missing(tx, f.ID, f.Open, whyLost)
	})
	journal.Register(j, Taken, func(tx *store.Tx, f fact.Got[MissingOpen, struct{}]) error {
		return missing(tx, f.ID, f.Open, whyTaken)
	})
}

// projectGiven writes a print; without its sealed part (erased, or the key is not here) the row says nothing of a holder.
func projectGiven(tx *store.Tx, f fact.Got[GivenOpen, GivenSealed]) error {
	o, id := f.Open, f.Open.Card
	if id.IsZero() {
		id = cardOf(f.ID)
	}
	var mark []byte
	if f.Sealed != nil {
		mark = f.Sealed.Mark[:]
	}
	if err := tx.Exec(`INSERT INTO cards_print (fact, card, org, point, day, actor, language, entries, slip, serial, mark) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (fact) DO UPDATE SET mark = excluded.mark`,
		f.ID, id, o.Org, o.Point, o.Day, f.Actor.Bytes(), o.Language, o.Entries, o.Slip, o.Serial, mark); err != nil {
		return err
	}
	if f.Sealed == nil {
		return tx.Exec(`DELETE FROM cards_lineage WHERE fact = $1`, f.ID)
	}
	row := func(lineage LineageKey, sequence uint16) error {
		return tx.Exec(`INSERT INTO cards_lineage (lineage, fact, stamp, sequence, person) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (lineage, fact) DO NOTHING`,
			lineage, f.ID, f.Stamp, sequence, f.Sealed.Person)
	}
	if err := row(f.Sealed.Lineage, f.Sealed.Sequence); err != nil {
		return err
	}
	for _, l := range f.Sealed.Merged {
		if err := row(l, 1); err != nil { // a loose slip is the first and only print of its lineage
			return err
		}
	}
	return nil
}

// cardOf reads a fact's id as that of the card it made.
func cardOf(id fact.FactID) (c fact.CardID) {
	if err := c.UnmarshalBinary(id.Bytes()); err != nil {
		panic(err) // sixteen bytes are an id
	}
	return c
}

func projectStock(tx *store.Tx, f fact.Got[StockOpen, struct{}]) error {
	o := f.Open
	if err := tx.Exec(`INSERT INTO cards_stock (fact, org, point, day, actor, language, expires) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (fact) DO NOTHING`,
		f.ID, o.Org, o.Point, o.Day, f.Actor.Bytes(), o.Language, o.Expires); err != nil {
		return err
	}
	for _, b := range o.Blanks {
		if err := tx.Exec(`INSERT INTO cards_blank (serial, stock, card, mark) VALUES ($1, $2, $3, $4) ON CONFLICT (serial, stock) DO NOTHING`, b.Serial, f.ID, b.Card, b.Mark); err != nil {
			return err
		}
	}
	return nil
}

// mark keeps with a mark when it was last heard of: devices get the newest.
func mark(tx *store.Tx, at fact.Stamp, o MarkedOpen, why string) error {
	for _, m := range o.Marks {
		if err := tx.Exec(`INSERT INTO cards_mark (mark, why, stamp) VALUES ($1, $2, $3)
ON CONFLICT (mark, why) DO UPDATE SET stamp = CASE WHEN excluded.stamp > cards_mark.stamp THEN excluded.stamp ELSE cards_mark.stamp END`, m, why, at); err != nil {
			return err
		}
	}
	return nil
}

func missing(tx *store.Tx, id fact.FactID, o MissingOpen, why string) error {
	return tx.Exec(`INSERT INTO cards_missing (card, fact, why) VALUES ($1, $2, $3) ON CONFLICT (card, fact) DO NOTHING`, o.Card, id, why)
}
