package accounts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// pendingLife is how long a grant waits for a second administrator; later it has to be asked for again.
const pendingLife = 7 * 24 * time.Hour

// governs tells whether who may give and take g: administrators every role of their organisation, leads the role of
// volunteer at their points.
func governs(who access.Actor, g access.Grant, now time.Time) bool {
	return who.May("accounts.manage", access.Resource{Org: g.Org}, now) ||
		g.Role == access.Volunteer && !g.Point.IsZero() && who.May("accounts.enrol", access.Resource{Org: g.Org, Point: g.Point}, now) ||
		g.Role == access.Volunteer && g.Point.IsZero() && everyPoint(who, g.Org, now)
}

// everyPoint tells whether who lets people in at every point of an organisation.
func everyPoint(who access.Actor, org fact.OrgID, now time.Time) bool {
	all, orgs, _ := who.Points("accounts.enrol", now)
	return all || slices.Contains(orgs, org)
}

// governsAll tells whether who may act on the account as a whole: reset it, close it, end its sessions. Otherwise a lead
// could reset the password of an administrator who also helps at the point.
func governsAll(who access.Actor, a Account, all []Held, now time.Time) bool {
	home := who.May("accounts.manage", access.Resource{Org: a.Org}, now)
	for _, h := range all {
		if !governs(who, h.Grant, now) || !home && h.Org != a.Org {
			return false
		}
	}
	return home || len(all) > 0
}

// plan is what has to happen so that an account holds what it should.
type plan struct {
	remove []Held
	ends   []Held // the same grant with an earlier end
	hold   []access.Grant
	ask    []access.Grant // wait for a second administrator
}

// planGrants compares what an account has with what it should have. Taking away works at once; what four eyes must see
// waits, and what is held meanwhile stays.
func planGrants(have []Held, want []access.Grant, twoEyes bool) plan {
	var p plan
	kept := make([]bool, len(have))
	for _, w := range want {
		waits := w.Role.FourEyes() && !twoEyes
		settled := false
		for i, h := range have {
			if !sameSeat(h.Grant, w) {
				continue
			}
			switch {
			case h.Until.Equal(w.Until):
				kept[i], settled = true, true
			case !h.Pending && (!waits || endsBefore(w.Until, h.Until)):
				h.Until = w.Until
				p.ends = append(p.ends, h)
				kept[i], settled = true, true
			case !h.Pending:
				kept[i] = true // a longer term waits, the shorter one goes on
			}
		}
		switch {
		case settled:
		case waits:
			p.ask = append(p.ask, w)
		default:
			p.hold = append(p.hold, w)
		}
	}
	for i, h := range have {
		if !kept[i] {
			p.remove = append(p.remove, h)
		}
	}
	return p
}

// endsBefore compares ends, of which zero is never.
func endsBefore(a, b time.Time) bool {
	return !a.IsZero() && (b.IsZero() || a.Before(b))
}

// setGrants makes an account hold what it should, of those grants that who governs. With nobody (the console) it is all.
func (s *Service) setGrants(tx *store.Tx, by *access.Actor, a Account, want []access.Grant) error {
	now := s.now()
	if err := s.seatable(tx, want); err != nil {
		return err
	}
	have, err := s.grants(tx, a.ID)
	if err != nil {
		return err
	}
	if by != nil {
		if by.Account == a.ID {
			return fault.Forbidden("accounts.own_roles", "nobody changes the roles of the own account; ask another administrator")
		}
		for _, g := range want {
			if !governs(*by, g, now) {
				return fault.Forbidden("accounts.role_not_yours", "you may not give this role at this place; ask an administrator of the organisation")
			}
		}
		have = slices.DeleteFunc(have, func(h Held) bool { return !governs(*by, h.Grant, now) })
	}
	policy, err := readPolicy(tx)
	if err != nil {
		return err
	}
	p := planGrants(have, want, policy.TwoEyes)
	for _, g := range p.ask {
		ok, err := s.mayAsk(tx, by, a.ID, g)
		if err != nil {
			return err
		}
		if ok {
			p.hold = append(p.hold, g)
		} else if err := s.insertGrant(tx, a.ID, g, false, by); err != nil {
			return err
		}
	}
	actor := handleOf(by)
	for _, h := range p.remove {
		if err := s.deleteGrant(tx, actor, a.ID, h); err != nil {
			return err
		}
	}
	for _, h := range p.ends {
		if err := tx.Exec(`UPDATE accounts_grant SET until = $1 WHERE grant_id = $2`, millis(h.Until), h.ID); err != nil {
			return err
		}
		if err := s.note(tx, actor, "accounts.role_ends", a.ID, seat(h.Grant)); err != nil {
			return err
		}
	}
	for _, g := range p.hold {
		if err := s.insertGrant(tx, a.ID, g, true, by); err != nil {
			return err
		}
	}
	if err := s.keepAdministrator(tx, p); err != nil {
		return err
	}
	s.changed(tx, a.ID)
	return nil
}

// mayAsk tells whether a grant that needs four eyes may be held at once: the console makes the first two
// administrators of an organisation. It refuses what nobody could ever approve.
func (s *Service) mayAsk(tx *store.Tx, by *access.Actor, to fact.AccountID, g access.Grant) (atOnce bool, err error) {
	var asker fact.AccountID
	if by != nil {
		asker = by.Account
	}
	others, err := s.administrators(tx, g.Org, asker, to)
	switch {
	case err != nil:
		return false, err
	case by == nil && g.Role == access.Administrator && others < 2:
		return true, nil
	case others == 0:
		return false, fault.Conflict("accounts.second_administrator_needed",
			"this role counts when a second administrator of the organisation has agreed, and there is none; make one at the node's console with `serai user`")
	}
	return false, nil
}

// administrators counts the accounts that administer an organisation now, but for two: who asks for a role and who
// receives it cannot agree to it.
func (s *Service) administrators(tx *store.Tx, org fact.OrgID, asks, receives fact.AccountID) (n int, err error) {
	now := millis(s.now())
	_, err = tx.One(`SELECT COUNT(DISTINCT g.account_id) FROM accounts_grant g JOIN accounts_account a ON a.account_id = g.account_id
		WHERE g.org_id = $1 AND g.role = $2 AND g.held = 1 AND (g.until = 0 OR g.until > $3)
		AND a.state <> $4 AND (a.until = 0 OR a.until > $3) AND a.account_id <> $5 AND a.account_id <> $6`,
		store.Args{org, string(access.Administrator), now, string(Closed), notNull(asks), notNull(receives)}, &n)
	return n, err
}

// notNull makes "but nobody" comparable: <> NULL is never true.
func notNull(id fact.AccountID) []byte {
	if id.IsZero() {
		return []byte{}
	}
	return id.Bytes()
}

// keepAdministrator refuses to take the last administrator from an organisation: nobody could let anybody in again.
func (s *Service) keepAdministrator(tx *store.Tx, p plan) error {
	for _, h := range p.remove {
		if h.Role != access.Administrator || h.Pending || !h.Holds(s.now()) {
			continue
		}
		if n, err := s.administrators(tx, h.Org, fact.AccountID{}, fact.AccountID{}); err != nil || n == 0 {
			return orLast(err)
		}
	}
	return nil
}

func orLast(err error) error {
	if err != nil {
		return err
	}
	return fault.Conflict("accounts.last_administrator", "this is the organisation's last administrator; name another one first")
}

func (s *Service) insertGrant(tx *store.Tx, id fact.AccountID, g access.Grant, holds bool, by *access.Actor) error {
	now := s.now()
	var grant GrantID
	newID(&grant, now)
	var asker fact.AccountID
	if by != nil {
		asker = by.Account
	}
	if err := tx.Exec(`INSERT INTO accounts_grant (grant_id, account_id, role, org_id, point_id, until, held, asked_by, asked, approved_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL)`, grant, id, string(g.Role), g.Org, g.Point, millis(g.Until), holds, asker, millis(now)); err != nil {
		return err
	}
	if holds && g.Role.FourEyes() {
		// A code that was made for the lesser account must not open the greater one.
		if err := tx.Exec(`DELETE FROM accounts_invitation WHERE account_id = $1`, id); err != nil {
			return err
		}
	}
	action := "accounts.role_given"
	if !holds {
		action = "accounts.role_asked"
	}
	return s.note(tx, handleOf(by), action, id, seat(g))
}

func (s *Service) deleteGrant(tx *store.Tx, actor fact.Handle, id fact.AccountID, h Held) error {
	if err := tx.Exec(`DELETE FROM accounts_grant WHERE grant_id = $1`, h.ID); err != nil {
		return err
	}
	return s.note(tx, actor, "accounts.role_taken", id, seat(h.Grant))
}

// seat is how the history names a role and its place.
func seat(g access.Grant) string {
	text := string(g.Role) + " " + g.Org.String()
	if !g.Point.IsZero() {
		text += " " + g.Point.String()
	}
	if !g.Until.IsZero() {
		text += " until " + g.Until.UTC().Format(time.RFC3339)
	}
	return text
}

// handleOf is zero for the console.
func handleOf(by *access.Actor) fact.Handle {
	if by == nil {
		return fact.Handle{}
	}
	return by.Handle
}

// cameIn refuses to agree to a role of somebody who has not come in: whoever made the invitation knows its code, and
// could use it after the second administrator has agreed.
func (s *Service) cameIn(tx *store.Tx, id fact.AccountID) error {
	a, found, err := s.byID(tx, id)
	if err != nil {
		return err
	}
	invited, err := tx.One(`SELECT 1 FROM accounts_invitation WHERE account_id = $1 AND expires > $2`, store.Args{id, millis(s.now())}, new(int))
	if err != nil {
		return err
	}
	if !found || a.State != Active || invited {
		return fault.Conflict("accounts.not_in_yet", "an invitation of this account is open; let the person come in, make sure who it is, then agree")
	}
	return nil
}

// Approve is the second pair of eyes: it makes a waiting grant count. It cannot be whoever asked for it, nor whoever
// receives it.
func (s *Service) Approve(ctx context.Context, who access.Actor, id GrantID) error {
	now := s.now()
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		var h Held
		var account fact.AccountID
		found := false
		err := tx.Each(`SELECT grant_id, role, org_id, point_id, until, held, asked_by, asked, account_id FROM accounts_grant WHERE grant_id = $1`,
			store.Args{id}, func(from *store.Row) (err error) {
				found = true
				h, err = scanGrant(from, &account)
				return err
			})
		if err != nil {
			return err
		}
		switch {
		case !found || !who.May("accounts.manage", access.Resource{Org: h.Org}, now):
			return errAbsent()
		case !h.Pending:
			return nil // agreed before: a repeat changes nothing
		case who.Account == h.AskedBy || who.Account == account:
			return fault.Forbidden("accounts.four_eyes", "another administrator has to agree than the one who asked and the one who receives")
		case now.Sub(h.Asked) >= pendingLife:
			return fault.Conflict("accounts.approval_late", "this waited for more than seven days; ask for it again")
		case !h.Until.IsZero() && !h.Until.After(now):
			return fault.Conflict("accounts.approval_late", "the role would have ended by now; ask for it again")
		}
		if err := s.cameIn(tx, account); err != nil {
			return err
		}
		if err := s.seatable(tx, []access.Grant{h.Grant}); err != nil {
			return err
		}
		// The longer term that was asked for replaces the shorter one that was held meanwhile.
		have, err := s.grants(tx, account)
		if err != nil {
			return err
		}
		for _, other := range have {
			if other.ID != h.ID && sameSeat(other.Grant, h.Grant) {
				if err := s.deleteGrant(tx, who.Handle, account, other); err != nil {
					return err
				}
			}
		}
		if err := tx.Exec(`UPDATE accounts_grant SET held = 1, approved_by = $1 WHERE grant_id = $2`, who.Account, h.ID); err != nil {
			return err
		}
		s.changed(tx, account)
		return s.note(tx, who.Handle, "accounts.role_approved", account, seat(h.Grant))
	})
	if err != nil {
		return fmt.Errorf("approve grant %s: %w", id, err)
	}
	return nil
}
