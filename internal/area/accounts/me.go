package accounts

import (
	"context"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/store"
)

// Me is what the desk needs to know of who is signed in.
type Me struct {
	Account      MeAccount           `json:"account"`
	Organisation MeOrganisation      `json:"organisation"`
	Grants       []access.Grant      `json:"grants" doc:"The roles that this session carries now"`
	Permissions  []access.Permission `json:"permissions" doc:"What can be done somewhere; what to show, not what is allowed"`
	Surroundings
	Session MeSession `json:"session"`
}

// Surroundings is what the desk shows around an account. The app supplies it from the network and the node's settings.
type Surroundings struct {
	Points []MePoint `json:"points" doc:"The points where this session can work"`
	Node   *MeNode   `json:"node,omitempty"`
}

// MePoint names a point.
type MePoint struct {
	ID   fact.PointID `json:"id"`
	Code string       `json:"code,omitempty"`
	Name string       `json:"name,omitempty"`
}

// MeNode names the node that answers.
type MeNode struct {
	ID      fact.NodeID `json:"id"`
	Label   string      `json:"label"`
	Demo    bool        `json:"demo"`
	Version string      `json:"version"`
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
			if me.Organisation.Code, me.Organisation.Name, err = s.describe(tx, a.Org); err != nil {
				return err
			}
		}
		if s.surround != nil {
			me.Surroundings, err = s.surround(tx, open.actor)
		} else {
			me.Points = seats(me.Grants)
		}
		if me.Points == nil {
			me.Points = []MePoint{}
		}
		return err
	})
	return me, err
}

// seats names the points of grants by their ids.
func seats(grants []access.Grant) []MePoint {
	var out []MePoint
	for _, g := range grants {
		if at := (MePoint{ID: g.Point}); !g.Point.IsZero() && !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	return out
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
