package people

import (
	"slices"
	"time"

	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/store"
)

// cameTo lists who came to a point on a day, each once, the latest first: those served and those whose file was opened.
func (s *Service) cameTo(tx *store.Tx, at At) ([]Visit, error) {
	var out []Visit
	if s.visits != nil {
		var err error
		if out, err = s.visits.VisitsOn(tx, at.Point, at.Day); err != nil {
			return nil, err
		}
	}
	err := tx.Each(`SELECT person_id, stamp FROM people_fact WHERE point_id = $1 AND day = $2 AND kind = 301 AND person_id IS NOT NULL`,
		store.Args{at.Point, at.Day}, func(r *store.Row) error {
			var v Visit
			var stamp fact.Stamp
			if err := r.Scan(&v.Person, &stamp); err != nil {
				return err
			}
			v.Arrived = stamp.Time()
			if i := slices.IndexFunc(out, func(o Visit) bool { return o.Person == v.Person }); i < 0 {
				out = append(out, v)
			} else if v.Arrived.Before(out[i].Arrived) {
				out[i].Arrived = v.Arrived
			}
			return nil
		})
	slices.SortStableFunc(out, func(a, b Visit) int {
		if c := b.Arrived.Compare(a.Arrived); c != 0 {
			return c
		}
		return b.Person.Compare(a.Person)
	})
	return out, err
}

func todayOf(f *folded, v Visit, day fact.Day) Today {
	out := Today{Person: f.person, Initials: f.name.shown().Initials(), Sex: f.sex.shown(), AgeBand: catalogue.Unknown,
		Arrived: v.Arrived.Truncate(time.Second), Served: v.Served}
	if a := f.age.shown(); a != nil {
		now := a.At(day)
		out.AgeBand = catalogue.Span(now.Low, now.High)
	}
	return out
}
