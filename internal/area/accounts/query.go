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

// Me is what the desk needs to know of who is signed in.
type Me struct {
	Account      MeAccount           `json:"account"`
	Organisation MeOrganisation      `json:"organisation"`
	Grants       []access.Grant      `json:"grants" doc:"The roles that this session carries now"`
	Permissions  []access.Permission `json:"permissions" doc:"What can be done somewhere; what to show, not what is allowed"`
	Session      MeSession           `json:"session"`
}

// MeAccount is the part of one's account that the desk shows.
type MeAccount struct {
	ID       fact.AccountID `json:"id"`
	Name     string         `json:"name"`
	Login    string         `json:"login"`
	Language string         `json:"language"`
}

// MeOrganisation is one's organisation, with code and name where the network knows them.
type MeOrganisation struct {
	ID   fact.OrgID `json:"id"`
	Code string     `json:"code,omitempty"`
	Name string     `json:"name,omitempty"`
}

// MeSession says how long the session lasts and whether something is missing in it.
type MeSession struct {
	Expires      time.Time     `json:"expires"`
	Device       fact.DeviceID `json:"device,omitzero" doc:"The enrolled device, when the session was opened with a PIN"`
	Full         bool          `json:"full" doc:"False: only the own account can be changed until the second factor is set up and used"`
	SecondFactor bool          `json:"second_factor" doc:"Whether the account has a second factor"`
}

// Me describes who holds a session token.
func (s *Service) Me(ctx context.Context, token string) (Me, error) {
	open, err := s.session(ctx, token)
	if err != nil {
		return Me{}, err
	}
	now := s.now()
	me := Me{
		Grants:      slices.DeleteFunc(slices.Clone(open.actor.Grants), func(g access.Grant) bool { return !g.Holds(now) }),
		Permissions: open.actor.Permissions(now),
		Session: MeSession{Expires: open.expires.UTC(), Device: open.actor.Device, Full: open.actor.Full,
			SecondFactor: open.factor},
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		a, _, err := s.byID(tx, open.actor.Account)
		if err != nil {
			return err
		}
		me.Account = MeAccount{a.ID, a.Name, a.Login, a.Language}
		me.Organisation.ID = a.Org
		if s.describe != nil {
			me.Organisation.Code, me.Organisation.Name, err = s.describe(tx, a.Org)
		}
		return err
	})
	return me, err
}

// SetLanguage changes one's own language.
func (s *Service) SetLanguage(ctx context.Context, who access.Actor, language string) error {
	language, err := checkLanguage(language)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		s.changed(tx, who.Account)
		return tx.Exec(`UPDATE accounts_account SET language = $1 WHERE account_id = $2`, language, who.Account)
	})
}
