package network

import (
	"context"
	"fmt"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/journal"
	"serai/internal/store"
)

// at runs a command of daily work at a point, for those whose roles reach it.
func (s *Service) at(ctx context.Context, who access.Actor, id fact.FactID, point fact.PointID, verb string, fn func(tx *store.Tx, row *pointRow, today fact.Day) (fact.New, error)) error {
	_, _, err := s.journal.Do(ctx, who.Handle, id, func(tx *store.Tx) ([]fact.FactID, error) {
		row, err := s.load(tx, point)
		if err != nil {
			return nil, err
		}
		if err := s.may(who, "network.run", row.Org, row.ID); err != nil {
			return nil, err
		}
		n, err := fn(tx, row, row.today(s.now()))
		if err != nil {
			return nil, err
		}
		return s.journal.Append(tx, n)
	})
	if err != nil {
		return fmt.Errorf("%s of point %s: %w", verb, point, err)
	}
	return nil
}

// seen returns what an edit of a field replaces: what its author named, or else every head that this node knows.
func seen(tx *store.Tx, point fact.PointID, field string, named []fact.FactID) ([]fact.FactID, error) {
	if named != nil {
		return named, nil
	}
	all, err := heads.Field(tx, point.Bytes(), field)
	return journal.Facts(all), err
}

// ChangeState takes the next step in the life of a point.
func (s *Service) ChangeState(ctx context.Context, who access.Actor, id fact.FactID, point fact.PointID, next Life, replaces []fact.FactID) error {
	return s.at(ctx, who, id, point, "change the state", func(tx *store.Tx, row *pointRow, today fact.Day) (fact.New, error) {
		if err := row.State.Step(next, today); err != nil {
			return fact.New{}, err
		}
		if !next.To.IsZero() {
			if _, found, err := s.Organisation(tx, next.To); err != nil {
				return fact.New{}, err
			} else if !found || next.To == row.Org {
				return fact.New{}, fault.Field("handed_to", "network.unknown_organisation", "name another organisation; GET /api/organisations lists them")
			}
		}
		old, err := seen(tx, row.ID, stateHead, replaces)
		if err != nil {
			return fact.New{}, err
		}
		return StateChanged.New(id, fact.ScopeOpen, who.Handle, StateOpen{Point: row.ID, State: next, Replaces: old}).Replacing(old...), nil
	})
}

// PlanPosition says where a mobile point or a ship is from one instant until another.
func (s *Service) PlanPosition(ctx context.Context, who access.Actor, id fact.FactID, point fact.PointID, where Position, from, until time.Time) error {
	return s.at(ctx, who, id, point, "plan the position", func(_ *store.Tx, row *pointRow, _ fact.Day) (fact.New, error) {
		open := PositionOpen{Point: row.ID, Lat: where.Lat, Lon: where.Lon, From: from.Unix(), Until: until.Unix()}
		if err := checkPosition(open, row.Mobility); err != nil {
			return fact.New{}, err
		}
		scope := fact.ScopeOpen
		if row.Mobility == AtSea {
			scope = fact.ScopeOrg(row.Org)
		}
		return PositionPlanned.New(id, scope, who.Handle, open), nil
	})
}

// Except sets the hours of one day apart from the week.
func (s *Service) Except(ctx context.Context, who access.Actor, id fact.FactID, point fact.PointID, e Exception, replaces []fact.FactID) error {
	return s.at(ctx, who, id, point, "set the hours of a day", func(tx *store.Tx, row *pointRow, today fact.Day) (fact.New, error) {
		if err := e.check(today); err != nil {
			return fact.New{}, err
		}
		old, err := seen(tx, row.ID, dayField("exception", e.Day), replaces)
		if err != nil {
			return fact.New{}, err
		}
		return DayExcepted.New(id, fact.ScopeOpen, who.Handle, ExceptionOpen{Point: row.ID, Exception: e, Replaces: old}).Replacing(old...), nil
	})
}

// LogDay writes the daily log of one operating day; a second one replaces the first.
func (s *Service) LogDay(ctx context.Context, who access.Actor, id fact.FactID, point fact.PointID, l DayLog, replaces []fact.FactID) error {
	return s.at(ctx, who, id, point, "log a day", func(tx *store.Tx, row *pointRow, today fact.Day) (fact.New, error) {
		if err := l.check(today); err != nil {
			return fact.New{}, err
		}
		old, err := seen(tx, row.ID, dayField("log", l.Day), replaces)
		if err != nil {
			return fact.New{}, err
		}
		return DayLogged.New(id, fact.ScopeOrg(row.Org), who.Handle, LogOpen{Point: row.ID, Log: l, Replaces: old, BedsUsed: l.BedsUsed}).Replacing(old...), nil
	})
}

// Days returns the daily logs of a point, the newest first. To those whose roles do not reach its daily work the point
// is not there.
func (s *Service) Days(ctx context.Context, who access.Actor, point fact.PointID, from, to fact.Day) ([]DayLog, error) {
	var out []DayLog
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		row, err := s.load(tx, point)
		if err != nil {
			return err
		}
		if s.may(who, "network.run", row.Org, row.ID) != nil {
			return noPoint()
		}
		out, err = days(tx, row.ID, from, to)
		return err
	})
	return out, err
}
