package accounts

import (
	"context"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/store"
)

// Listed is an account as those see it who let people in.
type Listed struct {
	Account
	Grants       []Held `json:"grants"`
	SecondFactor bool   `json:"second_factor"`
	PINLocked    bool   `json:"pin_locked,omitempty"` // on one of its devices, after wrong tries
}

// List returns the accounts that who may see: of the organisation, or with a role at the own points.
func (s *Service) List(ctx context.Context, who access.Actor) ([]Listed, error) {
	now := s.now()
	byOrg, args := who.Filter("accounts.read", access.Columns{Org: "a.org_id"}, now, 1)
	byGrant, more := who.Filter("accounts.read", access.Columns{Org: "g.org_id", Point: "g.point_id"}, now, len(args)+1)
	return s.list(ctx, `WHERE `+byOrg+` OR EXISTS (SELECT 1 FROM accounts_grant g WHERE g.account_id = a.account_id AND `+byGrant+`)`,
		append(args, more...), func(h Held) bool { return s.seesGrant(who, h) })
}

// All returns every account, for the console.
func (s *Service) All(ctx context.Context) ([]Listed, error) {
	return s.list(ctx, ``, nil, func(Held) bool { return true })
}

// list reads accounts with those of their grants that may be shown.
func (s *Service) list(ctx context.Context, where string, args []any, shown func(Held) bool) ([]Listed, error) {
	out := []Listed{}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		out = out[:0]
		err := tx.Each(`SELECT `+accountColumns+` FROM accounts_account a `+where+` ORDER BY a.created, a.account_id`, args, func(from *store.Row) error {
			var r row
			err := r.scan(from)
			out = append(out, Listed{Account: r.Account, Grants: []Held{}, SecondFactor: len(r.totp) > 0})
			return err
		})
		if err != nil {
			return err
		}
		at := make(map[fact.AccountID]int, len(out))
		for i := range out {
			at[out[i].ID] = i
		}
		err = tx.Each(`SELECT grant_id, role, org_id, point_id, until, held, asked_by, asked, account_id FROM accounts_grant
			ORDER BY asked, grant_id`, nil, func(from *store.Row) error {
			var id fact.AccountID
			h, err := scanGrant(from, &id)
			if i, listed := at[id]; listed && shown(h) {
				out[i].Grants = append(out[i].Grants, h)
			}
			return err
		})
		if err != nil {
			return err
		}
		return tx.Each(`SELECT account_id FROM accounts_pin WHERE tries >= $1`, store.Args{pinTries}, func(from *store.Row) error {
			var id fact.AccountID
			err := from.Scan(&id)
			if i, listed := at[id]; listed {
				out[i].PINLocked = true
			}
			return err
		})
	})
	return out, err
}

// sees tells whether an account exists for who.
func (s *Service) sees(who access.Actor, a Account, all []Held) bool {
	return who.May("accounts.read", access.Resource{Org: a.Org}, s.now()) ||
		slices.ContainsFunc(all, func(h Held) bool { return s.seesGrant(who, h) })
}

func (s *Service) seesGrant(who access.Actor, h Held) bool {
	return who.May("accounts.read", access.Resource{Org: h.Org, Point: h.Point}, s.now())
}

// Named returns the name behind a handle, for the page that shows who opened a file; empty when it is unknown.
func (s *Service) Named(tx *store.Tx, handle fact.Handle) (name string, err error) {
	_, err = tx.One(`SELECT name FROM accounts_account WHERE handle = $1`, store.Args{handle.Bytes()}, &name)
	return name, err
}

// Event is one change of an account, as the history keeps it.
type Event struct {
	At     time.Time   `json:"at"`
	Actor  fact.Handle `json:"-"`
	By     string      `json:"by,omitempty"` // the actor's name; empty for the console
	Action string      `json:"action"`
	Detail string      `json:"detail,omitempty"` // the role and its place
}

// History returns what happened to an account, oldest first, for those who give roles.
func (s *Service) History(ctx context.Context, who access.Actor, id fact.AccountID) ([]Event, error) {
	out := []Event{}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		a, found, err := s.byID(tx, id)
		if err != nil {
			return err
		}
		if !found || !who.May("accounts.manage", access.Resource{Org: a.Org}, s.now()) {
			return errAbsent()
		}
		return tx.Each(`SELECT h.at, h.actor, b.name, h.action, h.detail FROM accounts_history h
			LEFT JOIN accounts_account b ON b.handle = h.actor WHERE h.account_id = $1 ORDER BY h.at`, store.Args{id}, func(from *store.Row) error {
			var e Event
			var at int64
			err := from.Scan(&at, &e.Actor, &e.By, &e.Action, &e.Detail)
			e.At = instant(at)
			out = append(out, e)
			return err
		})
	})
	return out, err
}
