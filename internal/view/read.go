package view

import (
	"fmt"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/area/people"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/store"
)

// readNames reads the codes of points, organisations and projects.
func readNames(tx *store.Tx) (*names, error) {
	n := &names{points: map[fact.PointID]named{}, orgs: map[fact.OrgID]string{}, projects: map[fact.ProjectID]string{}}
	err := tx.Each(`SELECT point, code, pcode FROM network_point`, nil, func(r *store.Row) error {
		var id fact.PointID
		var p named
		err := r.Scan(&id, &p.code, &p.pcode)
		n.points[id] = p
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := tx.Each(`SELECT organisation, code FROM network_organisation`, nil, func(r *store.Row) error {
		var id fact.OrgID
		var code string
		err := r.Scan(&id, &code)
		n.orgs[id] = code
		return err
	}); err != nil {
		return nil, err
	}
	return n, tx.Each(`SELECT project, code FROM network_project`, nil, func(r *store.Row) error {
		var id fact.ProjectID
		var code string
		err := r.Scan(&id, &code)
		n.projects[id] = code
		return err
	})
}

// reader streams contacts in the order of their ids, a few thousand at a time, with their lines beside them.
type reader struct {
	tx     *store.Tx
	who    access.Actor
	now    time.Time
	ask    Ask
	cat    *catalogue.Catalogue
	sealed map[desk]bool
}

type desk struct {
	org   fact.OrgID
	point fact.PointID
}

// batch is how many rows are read at once.
const batch = 8192

// scope is the condition on a table that holds organisation, point and day, with placeholders from first on.
func (r *reader) scope(alias string, first int) (string, store.Args) {
	where := fmt.Sprintf("%s.day >= $%d AND %s.day <= $%d", alias, first, alias, first+1)
	args := store.Args{r.ask.From, r.ask.To}
	add := func(column string, v any) {
		args = append(args, v)
		where += fmt.Sprintf(" AND %s.%s = $%d", alias, column, first+len(args)-1)
	}
	if !r.ask.Point.IsZero() {
		add("point", r.ask.Point)
	}
	if !r.ask.Org.IsZero() {
		add("org", r.ask.Org)
	}
	may, more := r.who.Filter("counts.read", access.Columns{Org: alias + ".org", Point: alias + ".point"}, r.now, first+len(args))
	return where + " AND " + may, append(args, more...)
}

// contacts calls fn for every part of every contact in scope. The contact is fn's only during the call.
func (r *reader) contacts(fn func(*contact)) error {
	where, args := r.scope("c", 3)
	if r.ask.going != "" {
		args = append(args, r.ask.going)
		where += fmt.Sprintf(" AND c.direction = $%d", len(args)+2)
	}
	heads := `SELECT c.contact, c.part, c.org, c.point, c.day, c.happened, c.person, c.known, c.sex, c.age, c.persons, c.repeated, c.arrival,
` + r.only(byGroup, "c.grp") + `, ` + r.only(byStage, "c.stage") + `, ` + r.only(byDisability, "c.disability") + `, ` + r.only(byProject, "c.project") + `
FROM assist_contact c WHERE c.contact > $1 AND c.undone = 0 AND ` + where + ` ORDER BY c.contact, c.part LIMIT $2`
	last := fact.ContactID{}
	for {
		rows, full, err := r.batch(heads, append(store.Args{last.Bytes(), batch}, args...))
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return nil
		}
		if err := r.lines(rows, last); err != nil {
			return err
		}
		for i := range rows {
			fn(&rows[i])
		}
		if last = rows[len(rows)-1].id; !full {
			return nil
		}
	}
}

// only returns a column where the table is cut by it, and nothing in its place elsewhere: reading is most of the work.
func (r *reader) only(by, column string) string {
	if slices.Contains(r.ask.By, by) {
		return column
	}
	return "NULL"
}

func (r *reader) batch(sql string, args store.Args) (rows []contact, full bool, err error) {
	rows = make([]contact, 0, batch)
	w := kept{}
	err = r.tx.Each(sql, args, func(row *store.Row) error {
		rows = append(rows, contact{})
		c := &rows[len(rows)-1]
		var repeated string
		if err := row.Scan(&c.id, &c.part, &c.org, &c.point, &c.day, &c.happened, &c.person, &c.known, &c.sex, &c.age, &c.heads, &repeated, &c.arrival,
			&c.group, &c.stage, &c.disability, &c.project); err != nil {
			return err
		}
		for _, s := range []*string{&c.sex, &c.age, &c.group, &c.stage, &c.disability} {
			*s = w.same(*s)
		}
		c.answer = answerOf(repeated)
		if st, ok := r.cat.Lists.Stage(c.stage); ok && st.Seen == catalogue.ClassSealed && !r.seesSealed(c) {
			c.stage = "unsaid"
		}
		return nil
	})
	if err != nil || len(rows) < batch {
		return rows, false, err
	}
	// The last contact may have more parts.
	cut := len(rows)
	for cut > 0 && rows[cut-1].id == rows[len(rows)-1].id {
		cut--
	}
	if cut == 0 {
		return nil, false, fmt.Errorf("contact %s has more than %d parts", rows[0].id, batch)
	}
	return rows[:cut], true, nil
}

// kept keeps one copy of each code.
type kept map[string]string

func (w kept) same(s string) string {
	if old, ok := w[s]; ok {
		return old
	}
	w[s] = s
	return s
}

// lines reads what was given and asked for at these contacts, which lie after one and up to their last.
func (r *reader) lines(rows []contact, after fact.ContactID) error {
	upTo := rows[len(rows)-1].id
	i := 0
	// Both streams come in the order of contacts.
	find := func(id fact.ContactID) (from, to int) {
		for i < len(rows) && rows[i].id.Compare(id) < 0 {
			i++
		}
		to = i
		for to < len(rows) && rows[to].id == id {
			to++
		}
		return i, to
	}
	where, args := "", store.Args{after.Bytes(), upTo.Bytes()}
	if !r.ask.Point.IsZero() { // a few of many: better looked up one by one than all read over
		where = ` AND contact IN (SELECT c.contact FROM assist_contact c WHERE c.point = $3 AND c.day >= $4 AND c.day <= $5)`
		args = append(args, r.ask.Point, r.ask.From, r.ask.To)
	}
	w := kept{}
	err := r.tx.Each(`SELECT contact, code, quantity FROM assist_service WHERE contact > $1 AND contact <= $2`+where+` ORDER BY contact, code`, args, func(row *store.Row) error {
		var id fact.ContactID
		var g given
		if err := row.Scan(&id, &g.code, &g.quantity); err != nil {
			return err
		}
		from, to := find(id)
		if from == to {
			return nil
		}
		g.code = w.same(g.code)
		if r.isSealed(g.code) && !r.seesSealed(&rows[from]) {
			return nil
		}
		for k := from; k < to; k++ {
			rows[k].given = append(rows[k].given, g)
		}
		return nil
	})
	if err != nil {
		return err
	}
	i = 0
	return r.tx.Each(`SELECT contact, code, reason, persons FROM assist_unmet WHERE contact > $1 AND contact <= $2`+where+` ORDER BY contact, code, reason`, args, func(row *store.Row) error {
		var id fact.ContactID
		var a asked
		if err := row.Scan(&id, &a.code, &a.reason, &a.heads); err != nil {
			return err
		}
		from, to := find(id)
		if from == to {
			return nil
		}
		if r.isSealed(a.code) && !r.seesSealed(&rows[from]) {
			return nil
		}
		a.code, a.reason = w.same(a.code), w.same(a.reason)
		for k := from; k < to; k++ {
			rows[k].asked = append(rows[k].asked, a)
		}
		return nil
	})
}

// isSealed tells whether a service or need is of class S. Desks cannot record one with a contact, but facts of a peer
// may hold what they like.
func (r *reader) isSealed(code string) bool {
	if s, ok := r.cat.Service(code); ok {
		return s.Seen == catalogue.ClassSealed
	}
	need, ok := r.cat.Lists.Need(code)
	return ok && need.Seen == catalogue.ClassSealed
}

// seesSealed tells whether the actor sees what is of class S where a contact took place.
func (r *reader) seesSealed(c *contact) bool {
	at := desk{c.org, c.point}
	sees, ok := r.sealed[at]
	if !ok {
		sees = r.who.SeesClass("S", access.Resource{Org: c.org, Point: c.point}, r.now)
		r.sealed[at] = sees
	}
	return sees
}

// cards calls fn for the cards that were given in scope to people who had none of that lineage: the first print of a
// card. Without them, somebody who was helped without a card before noon and shows one after would be two people.
func (r *reader) cards(fn func(origin)) error {
	where, args := r.scope("p", 1)
	return r.originsOf(`SELECT l.person, p.org, p.point, p.day FROM cards_lineage l JOIN cards_print p ON p.fact = l.fact WHERE l.sequence = 1 AND `+where, args, fn)
}

// files calls fn for the files that were opened in scope.
func (r *reader) files(fn func(origin)) error {
	where, args := r.scope("p", 2)
	return r.originsOf(`SELECT p.person, p.org, p.point, p.day FROM (SELECT person_id AS person, org_id AS org, point_id AS point, day FROM people_fact
WHERE kind = $1 AND person_id IS NOT NULL) p WHERE `+where, append(store.Args{people.Opened.Number}, args...), fn)
}

func (r *reader) originsOf(sql string, args store.Args, fn func(origin)) error {
	return r.tx.Each(sql, args, func(row *store.Row) error {
		var o origin
		err := row.Scan(&o.person, &o.org, &o.point, &o.day)
		fn(o)
		return err
	})
}
