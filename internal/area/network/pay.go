package network

import (
	"context"
	"fmt"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// AddProject makes a project. A zero id is made from the code.
func (s *Service) AddProject(ctx context.Context, who access.Actor, id fact.ProjectID, p Project) (fact.ProjectID, error) {
	target := id
	if target.IsZero() {
		target = fact.ProjectByCode(p.Code)
	}
	_, _, err := s.journal.Do(ctx, who.Handle, as(fact.FactID{}, id), func(tx *store.Tx) ([]fact.FactID, error) {
		if err := s.may(who, "network.fund", p.Org, fact.PointID{}); err != nil {
			return nil, err
		}
		if err := p.check(); err != nil {
			return nil, err
		}
		all, err := s.Projects(tx)
		if err != nil {
			return nil, err
		}
		for _, was := range all {
			if was.ID == id {
				return nil, again(projectFields, &was.Project, &p)
			}
			if was.Code == p.Code {
				return nil, codeTaken()
			}
		}
		changes, err := projectFields.edit(&Project{}, &p, nil, nil)
		if err != nil {
			return nil, err
		}
		return s.set(tx, ProjectSet, as(fact.FactID{}, id), fact.ScopeOrg(p.Org), who.Handle, target.Bytes(), changes)
	})
	if err != nil {
		return target, fmt.Errorf("add project %s: %w", target, err)
	}
	return target, nil
}

// Fund says that a project pays a share of a service at a point from day to day. It returns the id of the interval.
func (s *Service) Fund(ctx context.Context, who access.Actor, id fact.IntervalID, v Interval) (fact.IntervalID, error) {
	ids, _, err := s.journal.Do(ctx, who.Handle, as(fact.FactID{}, id), func(tx *store.Tx) ([]fact.FactID, error) {
		target := id
		if target.IsZero() {
			target = as(id, fact.NewFactID(s.now()))
		}
		row, err := s.load(tx, v.Point)
		if err != nil {
			return nil, err
		}
		if err := s.may(who, "network.fund", row.Org, row.ID); err != nil {
			return nil, err
		}
		v := v
		v.Point, v.Org = row.ID, row.Org
		if rows, err := intervals(tx, `interval_id = $1`, target); err != nil {
			return nil, err
		} else if len(rows) > 0 {
			return []fact.FactID{as(fact.FactID{}, target)}, again(intervalFields, &rows[0].Interval, &v)
		}
		if err := s.checkInterval(tx, v, fact.IntervalID{}); err != nil {
			return nil, err
		}
		changes, err := intervalFields.edit(&Interval{}, &v, nil, nil)
		if err != nil {
			return nil, err
		}
		return s.set(tx, IntervalSet, as(fact.FactID{}, target), fact.ScopeOrg(v.Org), who.Handle, target.Bytes(), changes)
	})
	if err != nil {
		return id, fmt.Errorf("fund point %s: %w", v.Point, err)
	}
	return as(id, ids[0]), nil
}

// checkInterval checks an interval beside what is promised already; except is the interval that it replaces.
func (s *Service) checkInterval(tx *store.Tx, v Interval, except fact.IntervalID) error {
	cat, err := s.catalogue(tx)
	if err != nil {
		return err
	}
	if !v.Project.IsZero() {
		found, err := tx.One(`SELECT 1 FROM network_project WHERE project = $1`, store.Args{v.Project}, new(int64))
		if err != nil {
			return err
		}
		if !found {
			return fault.Field("project", "network.unknown_project", "there is no such project; GET /api/projects lists them")
		}
	}
	rows, err := intervals(tx, `point = $1`, v.Point)
	if err != nil {
		return err
	}
	var others []Interval
	for _, r := range rows {
		if r.ID != except {
			others = append(others, r.Interval)
		}
	}
	return v.check(cat, others)
}

// EndFunding changes the last day of a funded interval.
func (s *Service) EndFunding(ctx context.Context, who access.Actor, id fact.FactID, interval fact.IntervalID, until fact.Day) error {
	_, _, err := s.journal.Do(ctx, who.Handle, id, func(tx *store.Tx) ([]fact.FactID, error) {
		rows, err := intervals(tx, `interval_id = $1`, interval)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 || s.may(who, "network.fund", rows[0].Org, rows[0].Point) != nil {
			return nil, fault.NotFound("network.no_interval", "there is no such interval; GET /api/funding lists them")
		}
		next := rows[0].Interval
		next.Until = until
		if err := s.checkInterval(tx, next, interval); err != nil {
			return nil, err
		}
		all, err := heads.Of(tx, interval.Bytes())
		if err != nil {
			return nil, err
		}
		changes, err := intervalFields.edit(&rows[0].Interval, &next, all, nil)
		if err != nil {
			return nil, err
		}
		return s.set(tx, IntervalSet, id, fact.ScopeOrg(next.Org), who.Handle, interval.Bytes(), changes)
	})
	if err != nil {
		return fmt.Errorf("end interval %s: %w", interval, err)
	}
	return nil
}
