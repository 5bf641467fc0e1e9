package view

import (
	"context"
	"fmt"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// History is what somebody had, and asked for in vain, as far as the reader may know: the newest first. What is of class
// H is there for those of its service, what is of class S never.
type History struct {
	Entries []HistoryEntry `json:"entries"`
	Unmet   []HistoryUnmet `json:"unmet"`
}

// HistoryEntry is one service on one day. Source is here for the reader's organisation and other for another one.
type HistoryEntry struct {
	Day        fact.Day     `json:"day"`
	Point      HistoryPoint `json:"point"`
	Service    string       `json:"service"`
	Quantity   int64        `json:"quantity"`
	Source     string       `json:"source"`
	RecordedBy string       `json:"recorded_by,omitempty"` // code of another organisation
}

// HistoryPoint names a point.
type HistoryPoint struct {
	ID   fact.PointID `json:"id"`
	Code string       `json:"code"`
	Name string       `json:"name"`
}

// HistoryUnmet is one thing that was asked for and not given.
type HistoryUnmet struct {
	Day    fact.Day `json:"day"`
	Code   string   `json:"code"`
	Reason string   `json:"reason"`
}

var errNoPerson = fault.NotFound("view.no_person", "there is no such person here")

// historyMost bounds an answer; nobody reads more at a desk.
const historyMost = 500

// History returns what a person had. The look is in the access log before the answer leaves.
func (s *Service) History(ctx context.Context, who access.Actor, person fact.PersonID) (out History, err error) {
	reaches := false
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		if reaches, err = s.People.Reaches(tx, who, person); err != nil || !reaches {
			return err
		}
		out, err = s.history(tx, who, person)
		return err
	})
	if err != nil {
		return History{}, fmt.Errorf("history: %w", err)
	}
	look := audit.Entry{Actor: who.Handle, Device: who.Device, Action: "assist.read", Person: person, Outcome: audit.Seen}
	if !reaches {
		// The person stays out of the entry: she may be an id that somebody made up.
		look.Person, look.Outcome, look.Code = fact.PersonID{}, audit.Refused, fault.Code(errNoPerson)
	}
	if err := s.Log.Look(ctx, look); err != nil {
		return History{}, fmt.Errorf("history: %w", err)
	}
	if !reaches {
		return History{}, errNoPerson
	}
	return out, nil
}

// orgs returns the organisations for which the actor serves people now.
func (s *Service) orgs(who access.Actor) map[fact.OrgID]bool {
	out := map[fact.OrgID]bool{}
	for _, g := range who.Grants {
		if g.Holds(s.Now()) && who.May("assist.read", access.Resource{Org: g.Org, Point: g.Point}, s.Now()) {
			out[g.Org] = true
		}
	}
	return out
}

func (s *Service) history(tx *store.Tx, who access.Actor, person fact.PersonID) (History, error) {
	out := History{Entries: []HistoryEntry{}, Unmet: []HistoryUnmet{}}
	cat, err := s.Catalogue.Current(tx)
	if err != nil {
		return out, err
	}
	own := s.orgs(who)
	sees := func(class catalogue.Class, org fact.OrgID, point fact.PointID) bool {
		return class == catalogue.ClassOpen || class == catalogue.ClassService && who.SeesClass(string(class), access.Resource{Org: org, Point: point}, s.Now())
	}
	err = tx.Each(`SELECT c.day, c.org, c.point, coalesce(p.code, ''), coalesce(o.code, ''), s.code, s.quantity FROM assist_contact c
JOIN assist_service s ON s.contact = c.contact LEFT JOIN network_point p ON p.point = c.point LEFT JOIN network_organisation o ON o.organisation = c.org
WHERE c.person = $1 AND c.undone = 0 AND c.part = 0 ORDER BY c.happened DESC, s.code LIMIT $2`, store.Args{person, historyMost}, func(r *store.Row) error {
		var e HistoryEntry
		var org fact.OrgID
		var by string
		if err := r.Scan(&e.Day, &org, &e.Point.ID, &e.Point.Code, &by, &e.Service, &e.Quantity); err != nil {
			return err
		}
		if sv, ok := cat.Service(e.Service); !ok || !sees(sv.Seen, org, e.Point.ID) {
			return nil
		}
		e.Source = "here"
		if !own[org] {
			e.Source, e.RecordedBy = "other", by
		}
		out.Entries = append(out.Entries, e)
		return nil
	})
	if err != nil {
		return out, err
	}
	if err := s.pointNames(tx, out.Entries); err != nil {
		return out, err
	}
	return out, tx.Each(`SELECT c.day, c.org, c.point, u.code, u.reason FROM assist_contact c JOIN assist_unmet u ON u.contact = c.contact
WHERE c.person = $1 AND c.undone = 0 AND c.part = 0 ORDER BY c.happened DESC, u.code, u.reason LIMIT $2`, store.Args{person, historyMost}, func(r *store.Row) error {
		var u HistoryUnmet
		var org fact.OrgID
		var point fact.PointID
		if err := r.Scan(&u.Day, &org, &point, &u.Code, &u.Reason); err != nil {
			return err
		}
		class := catalogue.ClassSealed
		if sv, ok := cat.Service(u.Code); ok {
			class = sv.Seen
		} else if need, ok := cat.Lists.Need(u.Code); ok {
			class = need.Seen
		}
		if sees(class, org, point) {
			out.Unmet = append(out.Unmet, u)
		}
		return nil
	})
}

// pointNames fills in what points are called.
func (s *Service) pointNames(tx *store.Tx, entries []HistoryEntry) error {
	known := map[fact.PointID]string{}
	for i := range entries {
		p := &entries[i].Point
		name, ok := known[p.ID]
		if !ok && s.Network != nil {
			d, found, err := s.Network.PointForDesk(tx, p.ID)
			if err != nil {
				return err
			}
			if found {
				name = d.Name
			}
			known[p.ID] = name
		}
		p.Name = name
	}
	return nil
}
