package assist

import (
	"fmt"
	"slices"
	"strings"

	"serai/internal/fact"
	"serai/internal/journal"
	"serai/internal/store"
)

// tables are the projections of this area. A contact with several kinds of heads (a tally, an arrival) has a row for
// each; a single person has one. persons counts the heads of the row.
const tables = `
CREATE TABLE assist_contact (contact BLOB NOT NULL, part BIGINT NOT NULL, org BLOB NOT NULL, point BLOB NOT NULL, day BIGINT NOT NULL,
  happened BIGINT NOT NULL, recorded BIGINT NOT NULL, actor BLOB NOT NULL, person BLOB, known BIGINT NOT NULL, sex TEXT NOT NULL, age TEXT NOT NULL, persons BIGINT NOT NULL,
  grp TEXT NOT NULL, stage TEXT NOT NULL, direction TEXT NOT NULL, disability TEXT NOT NULL, repeated TEXT NOT NULL, project BLOB,
  entry TEXT NOT NULL, arrival BLOB, undone BIGINT NOT NULL, PRIMARY KEY (contact, part)) /*clustered*/;
CREATE INDEX /*later*/ assist_contact_day ON assist_contact (point, day);
CREATE INDEX /*later*/ assist_contact_person ON assist_contact (person, happened) WHERE person IS NOT NULL;
CREATE TABLE assist_service (contact BLOB NOT NULL, code TEXT NOT NULL, quantity BIGINT NOT NULL, PRIMARY KEY (contact, code)) /*clustered*/;
CREATE TABLE assist_unmet (contact BLOB NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, persons BIGINT NOT NULL, PRIMARY KEY (contact, code, reason)) /*clustered*/;
CREATE TABLE assist_correction (fact BLOB PRIMARY KEY, contact BLOB NOT NULL, stamp BIGINT NOT NULL, actor BLOB NOT NULL, body BLOB NOT NULL) /*clustered*/;
CREATE INDEX assist_correction_contact ON assist_correction (contact);
CREATE TABLE assist_arrival (arrival BLOB PRIMARY KEY, org BLOB NOT NULL, point BLOB NOT NULL, day BIGINT NOT NULL, happened BIGINT NOT NULL, recorded BIGINT NOT NULL,
  actor BLOB NOT NULL, kind TEXT NOT NULL, persons BIGINT NOT NULL) /*clustered*/;
CREATE INDEX /*later*/ assist_arrival_day ON assist_arrival (point, day);
CREATE TABLE assist_sealed (fact BLOB PRIMARY KEY, org BLOB NOT NULL, point BLOB NOT NULL, month TEXT NOT NULL, code TEXT NOT NULL, n BIGINT NOT NULL) /*clustered*/;` + atomTable

// register puts the projectors on the journal.
func register(j *journal.Journal) {
	j.Tables("assist", tables)
	journal.Ahead(j, Recorded, lookAhead)
	journal.Register(j, Recorded, projectRecorded)
	journal.Register(j, Arrived, projectArrived)
	journal.Register(j, Corrected, (&projection{j}).corrected)
	journal.Register(j, SealedTallied, func(tx *store.Tx, f fact.Got[TalliedOpen, struct{}]) error {
		return tx.Exec(`INSERT INTO assist_sealed (fact, org, point, month, code, n) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (fact) DO NOTHING`,
			f.ID, f.Open.Org, f.Open.Point, f.Open.Month, f.Open.Code, f.Open.N)
	})
}

// base is a contact as it was recorded, before corrections.
type base struct {
	contact fact.ContactID
	stamp   fact.Stamp
	actor   fact.Handle
	person  fact.PersonID
	open    RecordedOpen
	undone  bool
}

func baseOf(f fact.Got[RecordedOpen, RecordedSealed]) base {
	b := base{contact: fact.As[fact.ContactOf](f.ID), stamp: f.Stamp, actor: f.Actor, open: f.Open}
	if f.Sealed != nil {
		b.person = f.Sealed.Person
	}
	return b
}

func baseOfArrival(f fact.Got[ArrivedOpen, struct{}]) base {
	o := f.Open
	return base{contact: fact.As[fact.ContactOf](f.ID), stamp: f.Stamp, actor: f.Actor, open: RecordedOpen{
		Point: o.Point, Org: o.Org, Day: o.Day, Happened: o.Happened, Heads: o.Heads, Group: o.Group, Stage: o.Stage, Entry: "bulk",
		Arrival: fact.As[fact.ArrivalOf](f.ID), Services: o.Services, Asked: o.Asked,
	}}
}

func projectRecorded(tx *store.Tx, f fact.Got[RecordedOpen, RecordedSealed]) error {
	return place(tx, baseOf(f), f.Fresh)
}

func projectArrived(tx *store.Tx, f fact.Got[ArrivedOpen, struct{}]) error {
	o := f.Open
	n := 0
	for _, h := range o.Heads {
		n += h.N
	}
	if err := tx.Exec(`INSERT INTO assist_arrival (arrival, org, point, day, happened, recorded, actor, kind, persons) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (arrival) DO UPDATE SET recorded = excluded.recorded, actor = excluded.actor`, f.ID, o.Org, o.Point, o.Day, o.Happened, f.Stamp.Time().UnixMilli(), f.Actor.Bytes(), o.Kind, n); err != nil {
		return err
	}
	return place(tx, baseOfArrival(f), f.Fresh)
}

type untoldKey struct{}

// untold are the contacts of this transaction of which it is known that they have neither rows nor corrections yet.
func untold(tx *store.Tx) map[fact.ContactID]bool {
	return tx.Once(untoldKey{}, func() (any, func(*store.Tx) error) { return map[fact.ContactID]bool{}, nil }).(map[fact.ContactID]bool)
}

// lookAhead finds out of which contacts nothing is here: in a rebuild, of nearly all.
func lookAhead(tx *store.Tx, ids []fact.FactID) error {
	u := untold(tx)
	list := make(store.Args, len(ids))
	for i, id := range ids {
		u[fact.As[fact.ContactOf](id)] = true
		list[i] = id
	}
	return tx.EachOf(`SELECT contact FROM assist_contact WHERE contact IN (LIST) UNION ALL SELECT contact FROM assist_correction WHERE contact IN (LIST)`,
		list, func(r *store.Row) error {
			var contact fact.ContactID
			err := r.Scan(&contact)
			delete(u, contact)
			return err
		})
}

// place writes a contact. One that is born here this moment has neither rows nor corrections; every other is written
// anew: its key may have come late, its person may have been erased, its corrections may have been here before it.
func place(tx *store.Tx, b base, fresh bool) error {
	if !fresh {
		u := untold(tx)
		fresh = u[b.contact]
		delete(u, b.contact)
	}
	if fresh {
		return write(tx, b)
	}
	fixes, err := corrections(tx, b.contact)
	if err != nil {
		return err
	}
	return rewrite(tx, b, fixes)
}

func (s *projection) corrected(tx *store.Tx, f fact.Got[CorrectedOpen, struct{}]) error {
	body, err := fact.Encode(f.Open)
	if err != nil {
		return err
	}
	if err := tx.Exec(`INSERT INTO assist_correction (fact, contact, stamp, actor, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (fact) DO UPDATE SET stamp = excluded.stamp, actor = excluded.actor`,
		f.ID, f.Open.Contact, f.Stamp, f.Actor.Bytes(), body); err != nil {
		return err
	}
	delete(untold(tx), f.Open.Contact)
	b, found, err := s.find(tx, f.Open.Contact)
	if err != nil || !found { // the contact is not here yet; it will find its correction
		return err
	}
	fixes, err := corrections(tx, b.contact)
	if err != nil {
		return err
	}
	return rewrite(tx, b, fixes)
}

// projection is what correcting needs of the journal: the contact as it was recorded.
type projection struct{ journal *journal.Journal }

func (s *projection) find(tx *store.Tx, contact fact.ContactID) (base, bool, error) {
	id := fact.As[fact.FactOf](contact)
	recorded, found, err := journal.Find(s.journal, tx, Recorded, id)
	if err != nil || found {
		return baseOf(recorded), found, err
	}
	arrived, found, err := journal.Find(s.journal, tx, Arrived, id)
	return baseOfArrival(arrived), found, err
}

// corrections returns the corrections of a contact, the earliest first. A correction's stamp exceeds those of what it
// replaces, so the order of stamps is also the order of parents.
func corrections(tx *store.Tx, contact fact.ContactID) ([]CorrectedOpen, error) {
	type fix struct {
		stamp fact.Stamp
		id    fact.FactID
		open  CorrectedOpen
	}
	var all []fix
	err := tx.Each(`SELECT stamp, fact, body FROM assist_correction WHERE contact = $1`, store.Args{contact}, func(r *store.Row) error {
		var x fix
		var body []byte
		if err := r.Scan(&x.stamp, &x.id, &body); err != nil {
			return err
		}
		if err := fact.Decode(body, &x.open); err != nil {
			return err
		}
		all = append(all, x)
		return nil
	})
	slices.SortFunc(all, func(a, b fix) int {
		if a.stamp != b.stamp {
			if a.stamp < b.stamp {
				return -1
			}
			return 1
		}
		return a.id.Compare(b.id)
	})
	out := make([]CorrectedOpen, len(all))
	for i, x := range all {
		out[i] = x.open
	}
	return out, err
}

func apply(b *base, fixes []CorrectedOpen) {
	set := func(to *string, v *string) {
		if v != nil {
			*to = *v
		}
	}
	for _, c := range fixes {
		if c.Undone != nil {
			b.undone = *c.Undone
		}
		if c.Services != nil {
			b.open.Services = *c.Services
		}
		if c.Asked != nil {
			b.open.Asked = *c.Asked
		}
		if c.Heads != nil {
			b.open.Heads = *c.Heads
		}
		if !c.Arrival.IsZero() {
			b.open.Arrival = c.Arrival
		}
		set(&b.open.Group, c.Group)
		set(&b.open.Stage, c.Stage)
		set(&b.open.Direction, c.Direction)
		set(&b.open.Disability, c.Disability)
		set(&b.open.Repeat, c.Repeat)
	}
}

func rewrite(tx *store.Tx, b base, fixes []CorrectedOpen) error {
	for _, sql := range []string{`DELETE FROM assist_contact WHERE contact = $1`, `DELETE FROM assist_service WHERE contact = $1`, `DELETE FROM assist_unmet WHERE contact = $1`} {
		if err := tx.Exec(sql, b.contact); err != nil {
			return err
		}
	}
	if err := tx.Exec(`DELETE FROM assist_atom WHERE org = $1 AND point = $2 AND day = $3 AND contact = $4`, b.open.Org, b.open.Point, b.open.Day, b.contact); err != nil {
		return err
	}
	apply(&b, fixes)
	return write(tx, b)
}

func write(tx *store.Tx, b base) error {
	o := b.open
	for part, h := range o.Heads {
		if err := tx.Exec(`INSERT INTO assist_contact (contact, part, org, point, day, happened, recorded, actor, person, known, sex, age, persons,
  grp, stage, direction, disability, repeated, project, entry, arrival, undone)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`,
			b.contact, part, o.Org, o.Point, o.Day, o.Happened, b.stamp.Time().UnixMilli(), b.actor.Bytes(), b.person, o.Known, h.Sex, h.Age, h.N,
			orUnsaid(o.Group), orUnsaid(o.Stage), orUnsaid(o.Direction), orNotAsked(o.Disability), orNotAsked(o.Repeat), o.Project,
			orLive(o.Entry), o.Arrival, b.undone); err != nil {
			return err
		}
	}
	for _, a := range b.atoms() {
		if err := a.Put(tx, o.Org, o.Point); err != nil {
			return err
		}
	}
	if len(o.Services) > 0 {
		args := store.Args{b.contact}
		var rows strings.Builder
		for i, s := range o.Services {
			if i > 0 {
				rows.WriteString(", ")
			}
			fmt.Fprintf(&rows, "($1, $%d, $%d)", len(args)+1, len(args)+2)
			args = append(args, s.Code, s.Quantity)
		}
		if err := tx.Exec(`INSERT INTO assist_service (contact, code, quantity) VALUES `+rows.String()+` ON CONFLICT (contact, code) DO NOTHING`, args...); err != nil {
			return err
		}
	}
	for _, a := range o.Asked {
		if err := tx.Exec(`INSERT INTO assist_unmet (contact, code, reason, persons) VALUES ($1, $2, $3, $4) ON CONFLICT (contact, code, reason) DO NOTHING`, b.contact, a.Code, a.Reason, max(a.N, 1)); err != nil {
			return err
		}
	}
	return nil
}

func orUnsaid(s string) string   { return or(s, "unsaid") }
func orNotAsked(s string) string { return or(s, "not_asked") }
func orLive(s string) string     { return or(s, "live") }

func or(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}
