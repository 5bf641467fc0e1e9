package accounts_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/area/accounts"
	"serai/internal/fact"
)

// One administrator turns: she does whatever an administrator can, in any order, and uses every code that she is shown.
// She must never sign in with a role that four eyes were to guard, other than as herself.
func TestOneAdministratorAloneNeverHoldsAGuardedRole(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.relaxed()
		for _, login := range []string{"mallory", "second"} {
			h.open(login, grant(access.Administrator, nowhere))
		}
		mallory := h.actor("mallory")
		victims := map[string]fact.AccountID{"second": h.actor("second").Account}
		// The third administrator and the two officers came to their roles rightly.
		for login, role := range map[string]access.Role{"third": access.Administrator, "fatima": access.ProtectionOfficer, "daud": access.DataProtection} {
			victims[login] = h.open(login)
			h.must(h.Change(ctx, h.actor("second"), victims[login], accounts.Change{Grants: &[]access.Grant{grant(role, nowhere)}}))
			a, _ := h.find(mallory, victims[login])
			h.must(h.Approve(ctx, mallory, a.Grants[0].ID))
		}
		guarded := []access.Permission{"people.sealed", "people.erase", "audit.read", "accounts.manage", "node.manage"}

		const seed = 7
		r := rand.New(rand.NewPCG(seed, 7))
		const stolen = "what mallory has chosen"
		codes, hers := map[string]string{}, map[string]bool{}
		logins := []string{"second", "third", "fatima", "daud"}
		taken, refused, approvals := 0, 0, 0
		for step := range 200 {
			h.clock.Add(20 * time.Second)
			mallory = h.actor("mallory")
			login := logins[r.IntN(len(logins))]
			if r.IntN(2) == 0 {
				login = logins[r.IntN(4)]
			}
			id := victims[login]
			var err error
			switch r.IntN(9) {
			case 0: // a new account, of which she keeps the code
				login = "sock" + string(rune('a'+step%26)) + string(rune('a'+step/26))
				var inv accounts.Invitation
				if id, inv, err = h.Open(ctx, mallory, accounts.Opening{Login: login, Name: login, Org: society}); err == nil {
					victims[login], codes[login] = id, inv.Code
					logins = append(logins, login)
				}
			case 1, 2: // a guarded role for somebody
				role := []access.Role{access.ProtectionOfficer, access.DataProtection, access.Administrator}[r.IntN(3)]
				err = h.Change(ctx, mallory, id, accounts.Change{Grants: &[]access.Grant{grant(role, nowhere)}})
			case 3, 4: // a reset, but of the one who stays honest
				var inv accounts.Invitation
				if login == "second" {
					continue
				}
				if inv, err = h.Invite(ctx, mallory, id); err == nil {
					codes[login] = inv.Code
				}
			case 5: // a code used
				if code := codes[login]; code != "" {
					if _, err = h.Accept(ctx, accounts.Acceptance{Code: code, Password: stolen}); err == nil {
						taken++
						hers[login] = true
					}
				}
			case 6, 7: // her own approval, of whatever waits
				a, _ := h.find(mallory, id)
				for _, g := range a.Grants {
					if g.Pending {
						err = h.Approve(ctx, mallory, g.ID)
					}
				}
			case 8: // the second administrator knows whom mallory has replaced, and not which codes she keeps
				who := h.actor("second")
				a, _ := h.find(who, id)
				if !hers[login] && len(a.Grants) > 0 && a.Grants[0].Pending && h.Approve(ctx, who, a.Grants[0].ID) == nil {
					approvals++
				}
			}
			if err != nil {
				refused++
			}
			for login := range hers {
				token := h.signInAs(login, stolen)
				if token == "" {
					continue
				}
				who, err := h.Actor(ctx, token)
				h.must(err)
				for _, p := range guarded {
					if who.Can(p, h.clock.Now()) {
						t.Fatalf("seed %d, step %d: mallory signs in as %s and may %s", seed, step, login, p)
					}
				}
			}
		}
		if taken == 0 || refused == 0 || approvals == 0 {
			t.Fatalf("%d accounts taken, %d refusals, %d approvals: nothing was tried", taken, refused, approvals)
		}
		t.Logf("%d accounts opened with stolen codes, %d refusals, %d approvals", taken, refused, approvals)
	})
}

// signInAs returns an empty token when the door stays shut. It uses a service of its own, whose limits have not been
// used up by the test.
func (h *house) signInAs(login, password string) string {
	h.t.Helper()
	token, err := h.restarted().SignIn(ctx, accounts.Credentials{Login: login, Password: password})
	if err != nil {
		return ""
	}
	return token
}
