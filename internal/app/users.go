package app

import (
	"context"
	"time"

	"serai/internal/access"
	"serai/internal/area/accounts"
	"serai/internal/fact"
)

// NewUser is an account as the command line makes it. Codes stand for organisation and point.
type NewUser struct {
	Login, Name, Org, Language, Role, Point, Password string
	Until                                             time.Time
	First                                             bool // the first administrator of the organisation
}

// Grant returns a grant by codes; the node's own organisation when org is empty.
func (n *Node) Grant(role, org, point string) access.Grant {
	g := access.Grant{Role: access.Role(role), Org: n.org(org)}
	if point != "" {
		g.Point = fact.PointByCode(point)
	}
	return g
}

func (n *Node) org(code string) fact.OrgID {
	if code == "" {
		return n.Settings.OrgID()
	}
	return fact.OrgByCode(code)
}

// AddUser opens an account that can sign in at once.
func (n *Node) AddUser(ctx context.Context, u NewUser) error {
	opening := accounts.Opening{Login: u.Login, Name: u.Name, Org: n.org(u.Org), Language: u.Language, Until: u.Until}
	if u.First {
		_, err := n.Accounts.CreateFirstAdministrator(ctx, opening, u.Password)
		return err
	}
	if u.Role != "" {
		opening.Grants = []access.Grant{n.Grant(u.Role, u.Org, u.Point)}
	}
	_, err := n.Accounts.Create(ctx, opening, u.Password)
	return err
}
