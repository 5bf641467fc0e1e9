package stock

import (
	"strings"

	"serai/internal/fact"
	"serai/internal/journal"
	"serai/internal/store"
)

// heads keeps every edit of marks, items, recipes and wishes.
var heads = journal.NewHeads("stock_head")

// tables are the projections. A withdrawn movement keeps its rows: what it named may come after its withdrawal.
var tables = heads.DDL() + `
CREATE TABLE stock_move (move BLOB PRIMARY KEY, org BLOB NOT NULL, point BLOB NOT NULL, day BIGINT NOT NULL, happened BIGINT NOT NULL, stamp BIGINT NOT NULL,
  actor BLOB NOT NULL, kind TEXT NOT NULL, why TEXT NOT NULL, other BLOB, of_move BLOB, reference TEXT NOT NULL) /*clustered*/;
CREATE INDEX stock_move_point ON stock_move (point, happened);
CREATE INDEX stock_move_other ON stock_move (other) WHERE other IS NOT NULL;
CREATE INDEX stock_move_of ON stock_move (of_move) WHERE of_move IS NOT NULL;
CREATE TABLE stock_line (move BLOB NOT NULL, n BIGINT NOT NULL, item TEXT NOT NULL, quantity BIGINT NOT NULL, batch TEXT NOT NULL, expires BIGINT NOT NULL, PRIMARY KEY (move, n)) /*clustered*/;
CREATE TABLE stock_withdrawn (fact BLOB PRIMARY KEY, move BLOB NOT NULL, org BLOB NOT NULL, why TEXT NOT NULL) /*clustered*/;
CREATE INDEX stock_withdrawn_move ON stock_withdrawn (move);
CREATE TABLE stock_mark (org BLOB NOT NULL, point BLOB NOT NULL, item TEXT NOT NULL, low BIGINT NOT NULL, PRIMARY KEY (org, point, item)) /*clustered*/;
CREATE TABLE stock_item (code TEXT PRIMARY KEY, record BLOB NOT NULL) /*clustered*/;
CREATE TABLE stock_recipe (org BLOB NOT NULL, service TEXT NOT NULL, from_day BIGINT NOT NULL, record BLOB NOT NULL, PRIMARY KEY (org, service, from_day)) /*clustered*/;
CREATE TABLE stock_wish (wish BLOB PRIMARY KEY, org BLOB NOT NULL, point BLOB NOT NULL, happened BIGINT NOT NULL, actor BLOB NOT NULL,
  by_day BIGINT NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL) /*clustered*/;
CREATE INDEX stock_wish_point ON stock_wish (org, point);
CREATE TABLE stock_wish_line (wish BLOB NOT NULL, n BIGINT NOT NULL, item TEXT NOT NULL, quantity BIGINT NOT NULL, PRIMARY KEY (wish, n)) /*clustered*/;
CREATE TABLE stock_wish_state (wish BLOB PRIMARY KEY, org BLOB NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL, on_day BIGINT NOT NULL) /*clustered*/`

// register puts the projectors on the journal.
func register(j *journal.Journal) {
	j.Tables("stock", tables)
	journal.Register(j, Moved, projectMoved)
	journal.Register(j, Counted, func(tx *store.Tx, f fact.Got[CountedOpen, struct{}]) error {
		o := f.Open
		return putMove(tx, f.ID, f.Stamp, f.Actor, MovedOpen{Point: o.Point, Org: o.Org, Day: o.Day, Happened: o.Happened, Kind: CountedK, Lines: o.Lines})
	})
	journal.Register(j, Withdrawn, func(tx *store.Tx, f fact.Got[WithdrawnOpen, struct{}]) error {
		return tx.Exec(`INSERT INTO stock_withdrawn (fact, move, org, why) VALUES ($1, $2, $3, $4) ON CONFLICT (fact) DO NOTHING`, f.ID, f.Open.Move, f.Open.Org, noNUL(f.Open.Why))
	})
	journal.Register(j, Marked, projectMarked)
	journal.Register(j, ItemSet, projectItem)
	journal.Register(j, RecipeSet, projectRecipe)
	journal.Register(j, Wished, projectWished)
	journal.Register(j, WishChanged, projectWishChanged)
}

// noNUL takes out what no engine's text holds and a peer could have written.
func noNUL(s string) string { return strings.ReplaceAll(s, "\x00", "") }

// bounded keeps a number of a broken peer from spoiling every sum that it stands in.
func bounded(n int) int { return min(max(n, 0), 1_000_000_000) }

func projectMoved(tx *store.Tx, f fact.Got[MovedOpen, struct{}]) error {
	if f.Open.Kind == CountedK || f.Open.Kind == GivenK { // these are never written down as movements
		f.Open.Kind = Lost
	}
	return putMove(tx, f.ID, f.Stamp, f.Actor, f.Open)
}

func putMove(tx *store.Tx, id fact.FactID, stamp fact.Stamp, actor fact.Handle, o MovedOpen) error {
	if err := tx.Exec(`INSERT INTO stock_move (move, org, point, day, happened, stamp, actor, kind, why, other, of_move, reference)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (move) DO UPDATE SET stamp = excluded.stamp, actor = excluded.actor`,
		id, o.Org, o.Point, o.Day, o.Happened, stamp, actor.Bytes(), noNUL(o.Kind), noNUL(o.Why), o.Other, o.Of, noNUL(o.Reference)); err != nil {
		return err
	}
	for n, l := range o.Lines {
		if err := tx.Exec(`INSERT INTO stock_line (move, n, item, quantity, batch, expires) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (move, n) DO NOTHING`,
			id, n, noNUL(l.Item), bounded(l.Quantity), noNUL(l.Batch), l.Expires); err != nil {
			return err
		}
	}
	return nil
}

// put keeps an edit of one field and decodes the value that shows; false when a peer's edits replaced each other.
func put[T any](tx *store.Tx, subject []byte, field string, id fact.FactID, stamp fact.Stamp, actor fact.Handle, replaces []fact.FactID, body T) (shows T, ok bool, err error) {
	value, err := fact.Encode(body)
	if err != nil {
		return shows, false, err
	}
	if err := heads.Apply(tx, journal.Edit{Subject: subject, Field: field, Fact: id, Stamp: stamp, Actor: actor, Replaces: replaces, Value: value}); err != nil {
		return shows, false, err
	}
	all, err := heads.Field(tx, subject, field)
	if err != nil || len(all) == 0 {
		return shows, false, err
	}
	return shows, fact.Decode(all[0].Value, &shows) == nil, nil
}

// The subjects and fields of heads.
func markSubject(org fact.OrgID, point fact.PointID) []byte {
	return append(org.Bytes(), point.Bytes()...)
}

var itemSubject = []byte("item")

func recipeField(service string, from fact.Day) string {
	return "recipe " + noNUL(service) + " " + from.String()
}

const wishField = "state"

func projectMarked(tx *store.Tx, f fact.Got[MarkedOpen, struct{}]) error {
	o := f.Open
	o.Item = noNUL(o.Item)
	shows, ok, err := put(tx, markSubject(o.Org, o.Point), "low "+o.Item, f.ID, f.Stamp, f.Actor, o.Replaces, o)
	if err != nil {
		return err
	}
	if !ok {
		return tx.Exec(`DELETE FROM stock_mark WHERE org = $1 AND point = $2 AND item = $3`, o.Org, o.Point, o.Item)
	}
	return tx.Exec(`INSERT INTO stock_mark (org, point, item, low) VALUES ($1, $2, $3, $4) ON CONFLICT (org, point, item) DO UPDATE SET low = excluded.low`,
		o.Org, o.Point, o.Item, bounded(shows.Low))
}

func projectItem(tx *store.Tx, f fact.Got[ItemSetOpen, struct{}]) error {
	o := f.Open
	o.Code = noNUL(o.Code)
	shows, ok, err := put(tx, itemSubject, o.Code, f.ID, f.Stamp, f.Actor, o.Replaces, o)
	if err != nil {
		return err
	}
	if !ok {
		return tx.Exec(`DELETE FROM stock_item WHERE code = $1`, o.Code)
	}
	record, err := fact.Encode(shows)
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO stock_item (code, record) VALUES ($1, $2) ON CONFLICT (code) DO UPDATE SET record = excluded.record`, o.Code, record)
}

func projectRecipe(tx *store.Tx, f fact.Got[RecipeSetOpen, struct{}]) error {
	o := f.Open
	o.Service = noNUL(o.Service)
	shows, ok, err := put(tx, o.Org.Bytes(), recipeField(o.Service, o.From), f.ID, f.Stamp, f.Actor, o.Replaces, o)
	if err != nil {
		return err
	}
	if !ok {
		return tx.Exec(`DELETE FROM stock_recipe WHERE org = $1 AND service = $2 AND from_day = $3`, o.Org, o.Service, o.From)
	}
	record, err := fact.Encode(shows)
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO stock_recipe (org, service, from_day, record) VALUES ($1, $2, $3, $4) ON CONFLICT (org, service, from_day) DO UPDATE SET record = excluded.record`,
		o.Org, o.Service, o.From, record)
}

func projectWished(tx *store.Tx, f fact.Got[WishedOpen, struct{}]) error {
	o := f.Open
	if err := tx.Exec(`INSERT INTO stock_wish (wish, org, point, happened, actor, by_day, reason, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (wish) DO UPDATE SET actor = excluded.actor`, f.ID, o.Org, o.Point, o.Happened, f.Actor.Bytes(), o.By, noNUL(o.Reason), noNUL(o.Note)); err != nil {
		return err
	}
	for n, l := range o.Lines {
		if err := tx.Exec(`INSERT INTO stock_wish_line (wish, n, item, quantity) VALUES ($1, $2, $3, $4) ON CONFLICT (wish, n) DO NOTHING`, f.ID, n, noNUL(l.Item), bounded(l.Quantity)); err != nil {
			return err
		}
	}
	return nil
}

func projectWishChanged(tx *store.Tx, f fact.Got[WishChangedOpen, struct{}]) error {
	o := f.Open
	shows, ok, err := put(tx, o.Wish.Bytes(), wishField, f.ID, f.Stamp, f.Actor, o.Replaces, o)
	if err != nil {
		return err
	}
	if !ok {
		return tx.Exec(`DELETE FROM stock_wish_state WHERE wish = $1`, o.Wish)
	}
	return tx.Exec(`INSERT INTO stock_wish_state (wish, org, state, note, on_day) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (wish) DO UPDATE SET org = excluded.org, state = excluded.state, note = excluded.note, on_day = excluded.on_day`,
		o.Wish, shows.Org, noNUL(shows.State), noNUL(shows.Note), shows.On)
}
