package view

import (
	"fmt"
	"time"

	"serai/internal/access"
	"serai/internal/area/assist"
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

// reader reads what a table is counted from.
type reader struct {
	tx      *store.Tx
	who     access.Actor
	now     time.Time
	ask     Ask
	cat     *catalogue.Catalogue
	classes map[string]classed
}

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
	desks, err := assist.Desks(r.tx)
	if err != nil {
		return err
	}
	for _, d := range desks {
		switch {
		case !r.ask.Point.IsZero() && d.Point != r.ask.Point, !r.ask.Org.IsZero() && d.Org != r.ask.Org:
			continue
		case !r.who.May("counts.read", access.Resource{Org: d.Org, Point: d.Point}, r.now):
			continue
		}
		sealed := r.who.SeesClass("S", access.Resource{Org: d.Org, Point: d.Point}, r.now)
		c := contact{org: d.Org, point: d.Point}
		if err := assist.Atoms(r.tx, d, r.ask.From, r.ask.To, func(a *assist.Atom) error {
			if r.ask.going != "" && a.Direction != r.ask.going {
				return nil
			}
			r.read(&c, a, sealed)
			fn(&c)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// read makes a contact of an atom, without what is of class S where the actor does not see it.
func (r *reader) read(c *contact, a *assist.Atom, sealed bool) {
	*c = contact{id: a.Contact, part: a.Part, org: c.org, point: c.point, day: a.Day, happened: a.Happened, person: a.Person, known: a.Known, sex: a.Sex, age: a.Age, heads: a.Heads,
		answer: answerOf(a.Repeat), arrival: a.Arrival, group: a.Group, stage: a.Stage, disability: a.Disability, project: a.Project, given: c.given[:0], asked: c.asked[:0]}
	if !sealed && r.of(c.stage).stage {
		c.stage = "unsaid"
	}
	for _, g := range a.Given {
		if sealed || !r.of(g.Code).line {
			c.given = append(c.given, given{g.Code, int64(g.Quantity)})
		}
	}
	for _, x := range a.Asked {
		if sealed || !r.of(x.Code).line {
			c.asked = append(c.asked, asked{x.Code, x.Reason, int64(x.N)})
		}
	}
}

// classed says what a code is of class S as: a service or need, a stage.
type classed struct{ line, stage bool }

func (r *reader) of(code string) classed {
	k, ok := r.classes[code]
	if !ok {
		st, found := r.cat.Lists.Stage(code)
		k = classed{r.isSealed(code), found && st.Seen == catalogue.ClassSealed}
		r.classes[code] = k
	}
	return k
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
