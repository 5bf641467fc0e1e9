package accounts_test

import (
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/area/accounts"
	"serai/internal/fact"
)

// staffed is a house with two administrators, a lead of Agadez and a lead of Arlit.
func staffed(t *testing.T, h *house) (one, two, lead, other access.Actor) {
	t.Helper()
	h.relaxed()
	h.open("one", grant(access.Administrator, nowhere))
	h.open("two", grant(access.Administrator, nowhere))
	h.open("lead", grant(access.PointLead, agadez))
	h.open("other", grant(access.PointLead, arlit))
	return h.actor("one"), h.actor("two"), h.actor("lead"), h.actor("other")
}

// find returns what who sees of the account with a name.
func (h *house) find(who access.Actor, id fact.AccountID) (accounts.Listed, bool) {
	h.t.Helper()
	all, err := h.List(ctx, who)
	h.must(err)
	for _, a := range all {
		if a.ID == id {
			return a, true
		}
	}
	return accounts.Listed{}, false
}

func TestFourEyes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one, two, lead, _ := staffed(t, h)
		officer := grant(access.ProtectionOfficer, nowhere)
		id := h.open("fatima")
		h.must(h.Change(ctx, one, id, accounts.Change{Grants: &[]access.Grant{officer}}))
		if who := h.actor("fatima"); len(who.Grants) != 0 {
			t.Fatalf("the role counts before the second administrator has agreed: %+v", who.Grants)
		}
		listed, _ := h.find(two, id)
		if len(listed.Grants) != 1 || !listed.Grants[0].Pending {
			t.Fatalf("waiting: %+v", listed.Grants)
		}
		waiting := listed.Grants[0].ID
		h.refused(h.Approve(ctx, one, waiting), "accounts.four_eyes")
		h.refused(h.Approve(ctx, lead, waiting), "accounts.not_found")
		token := h.token("fatima")
		_, err := h.Actor(ctx, token)
		h.must(err)
		h.must(h.Approve(ctx, two, waiting))
		h.must(h.Approve(ctx, two, waiting)) // a repeat
		if who, _ := h.Actor(ctx, token); !who.Can("people.sealed", h.clock.Now()) {
			t.Fatal("the role does not count at once")
		}

		// A reset by one administrator would be a way around: the role waits again.
		inv, err := h.Invite(ctx, one, id)
		h.must(err)
		if who, _ := h.Actor(ctx, token); who.Can("people.sealed", h.clock.Now()) {
			t.Fatal("one administrator took over a protection officer")
		}
		_, err = h.Accept(ctx, accounts.Acceptance{Code: inv.Code, Password: "a stolen long password"})
		h.must(err)
		if _, err := h.Actor(ctx, token); err == nil {
			t.Fatal("the session outlives a reset")
		}
		h.clock.Add(7 * 24 * time.Hour)
		h.refused(h.Approve(ctx, h.actor("two"), waiting), "accounts.approval_late")

		events, err := h.History(ctx, h.actor("one"), id)
		h.must(err)
		var actions []string
		for _, e := range events {
			actions = append(actions, e.Action)
		}
		if len(actions) < 6 || events[1].Action != "accounts.role_asked" || events[1].By != "A one" {
			t.Fatalf("history: %v %+v", actions, events[1])
		}
	})
}

func TestWithOneAdministratorTheRemedyIsNamed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.relaxed()
		h.open("one", grant(access.Administrator, nowhere))
		id := h.open("fatima")
		err := h.Change(ctx, h.actor("one"), id, accounts.Change{Grants: &[]access.Grant{grant(access.DataProtection, nowhere)}})
		h.refused(err, "accounts.second_administrator_needed")
		h.must(h.Grant(ctx, "fatima", grant(access.Administrator, nowhere))) // the console makes the second
		if who := h.actor("fatima"); !who.Can("accounts.manage", h.clock.Now()) {
			t.Fatal("the console cannot make the second administrator")
		}
		h.open("third", grant(access.Administrator, nowhere))
		if who := h.actor("third"); len(who.Grants) != 0 {
			t.Fatal("the console made a third administrator by itself")
		}
		h.must(h.Revoke(ctx, "fatima", grant(access.Administrator, nowhere)))
		h.refused(h.Revoke(ctx, "one", grant(access.Administrator, nowhere)), "accounts.last_administrator")
		h.refused(h.Close(ctx, "one"), "accounts.last_administrator")
		h.token("one")
		h.refused(h.Revoke(ctx, "one", grant(access.Storekeeper, nowhere)), "accounts.no_such_grant")
		h.refused(h.Close(ctx, "nobody"), "accounts.not_found")
	})
}

func TestNobodyIsAskedToAgreeToTheOwnRole(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one, two, _, _ := staffed(t, h)
		officer := []access.Grant{grant(access.Administrator, nowhere), grant(access.ProtectionOfficer, nowhere)}
		h.refused(h.Change(ctx, one, two.Account, accounts.Change{Grants: &officer}), "accounts.second_administrator_needed")
		_, err := h.Invite(ctx, one, two.Account)
		h.refused(err, "accounts.second_administrator_needed")
		if who := h.actor("two"); !who.Can("accounts.manage", h.clock.Now()) {
			t.Fatal("a refused reset took a role away")
		}
	})
}

func TestAnAccountOfAnotherOrganisationIsNotReset(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one, _, lead, _ := staffed(t, h)
		id, err := h.Create(ctx, accounts.Opening{Login: "guest", Name: "Guest", Org: partner, Grants: []access.Grant{grant(access.Volunteer, agadez)}}, password)
		h.must(err)
		for _, who := range []access.Actor{one, lead} {
			if _, seen := h.find(who, id); !seen {
				t.Error("who helps at the point is not seen there")
			}
			_, err := h.Invite(ctx, who, id)
			h.refused(err, "accounts.not_yours")
		}
		h.must(h.Change(ctx, lead, id, accounts.Change{Grants: &[]access.Grant{}}))
	})
}

func TestWhoMayLetWhomIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one, _, lead, other := staffed(t, h)
		tests := []struct {
			name   string
			who    access.Actor
			org    fact.OrgID
			grants []access.Grant
			code   string // empty: allowed
		}{
			{"a lead lets in volunteers of the point", lead, society, []access.Grant{grant(access.Volunteer, agadez)}, ""},
			{"a lead lets in none of another point", lead, society, []access.Grant{grant(access.Volunteer, arlit)}, "accounts.role_not_yours"},
			{"a lead lets in none for every point", lead, society, []access.Grant{grant(access.Volunteer, nowhere)}, "accounts.role_not_yours"},
			{"a lead names no lead", lead, society, []access.Grant{grant(access.PointLead, agadez)}, "accounts.role_not_yours"},
			{"a lead opens no empty account", lead, society, nil, "accounts.role_not_yours"},
			{"a lead opens none of another organisation", lead, partner, []access.Grant{{Role: access.Volunteer, Org: partner, Point: elsewhere}}, "accounts.role_not_yours"},
			{"an administrator names a lead", one, society, []access.Grant{grant(access.PointLead, agadez)}, ""},
			{"an administrator opens none of another organisation", one, partner, nil, "accounts.role_not_yours"},
			{"an administrator gives no role elsewhere", one, society, []access.Grant{{Role: access.Volunteer, Org: partner}}, "accounts.role_not_yours"},
			{"a role that nobody knows is refused", one, society, []access.Grant{grant("police", nowhere)}, "accounts.unknown_role"},
			{"an unknown point is refused", one, society, []access.Grant{grant(access.Volunteer, fact.PointByCode("X"))}, "accounts.unknown_point"},
			{"a point of others is refused", one, society, []access.Grant{grant(access.Volunteer, elsewhere)}, "accounts.point_elsewhere"},
			{"a role twice is refused", one, society, []access.Grant{grant(access.Volunteer, agadez), grant(access.Volunteer, agadez)}, "accounts.grant_twice"},
			{"a role that ended is refused", one, society, []access.Grant{{Role: access.Volunteer, Org: society, Until: h.clock.Now()}}, "accounts.until_past"},
		}
		for _, test := range tests {
			_, inv, err := h.Open(ctx, test.who, accounts.Opening{Name: "Somebody", Org: test.org, Grants: test.grants})
			if test.code == "" && (err != nil || len(inv.Code) != 11) {
				t.Errorf("%s: %v", test.name, err)
			}
			if test.code != "" {
				h.refused(err, test.code)
			}
		}

		// What somebody may not see is not there; what is seen is not always one's own to change.
		id, _, err := h.Open(ctx, lead, accounts.Opening{Name: "Musa", Org: society, Grants: []access.Grant{grant(access.Volunteer, agadez)}})
		h.must(err)
		if _, seen := h.find(other, id); seen {
			t.Error("the lead of Arlit sees a volunteer of Agadez")
		}
		if a, seen := h.find(lead, id); !seen || a.State != accounts.Invited || len(a.Grants) != 1 {
			t.Errorf("the lead sees %+v", a)
		}
		closed := accounts.Closed
		h.refused(h.Change(ctx, other, id, accounts.Change{State: &closed}), "accounts.not_found")
		h.refused(h.Change(ctx, other, fact.AccountID{}, accounts.Change{State: &closed}), "accounts.not_found")
		_, err = h.Invite(ctx, other, id)
		h.refused(err, "accounts.not_found")
		h.refused(h.EndSessions(ctx, other, id), "accounts.not_found")
		h.must(h.Change(ctx, one, id, accounts.Change{Grants: &[]access.Grant{grant(access.Volunteer, agadez), grant(access.HealthWorker, agadez)}}))
		_, err = h.Invite(ctx, lead, id)
		h.refused(err, "accounts.not_yours")
		h.refused(h.Change(ctx, lead, id, accounts.Change{State: &closed}), "accounts.not_yours")
		h.must(h.Change(ctx, lead, id, accounts.Change{Grants: &[]access.Grant{}})) // takes the volunteer's role, and no other
		if a, _ := h.find(one, id); len(a.Grants) != 1 || a.Grants[0].Role != access.HealthWorker {
			t.Errorf("after the lead: %+v", a.Grants)
		}
		h.refused(h.Change(ctx, one, one.Account, accounts.Change{Grants: &[]access.Grant{grant(access.CaseWorker, nowhere)}}), "accounts.own_roles")
		h.refused(h.Change(ctx, one, one.Account, accounts.Change{State: &closed}), "accounts.own_account")
	})
}

func TestInvitations(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, _, lead, _ := staffed(t, h)
		id, inv, err := h.Open(ctx, lead, accounts.Opening{Name: "Musa", Org: society, Grants: []access.Grant{grant(access.Volunteer, agadez)}})
		h.must(err)
		accept := func(code, login, password string) error {
			_, err := h.Accept(ctx, accounts.Acceptance{Code: code, Login: login, Password: password})
			return err
		}
		h.refused(accept("AAAAA-AAAAA", "musa", password), "accounts.bad_code")
		h.refused(accept("no code", "musa", password), "accounts.bad_code")
		h.refused(accept(inv.Code, "m", password), "accounts.bad_login")
		h.refused(accept(inv.Code, "lead", password), "accounts.login_taken")
		h.refused(accept(inv.Code, "musa", "short"), "accounts.weak_password")
		h.must(accept(inv.Code, "musa", password))
		h.refused(accept(inv.Code, "musa", password), "accounts.bad_code") // once
		token := h.token("musa")

		again, err := h.Invite(ctx, lead, id)
		h.must(err)
		newer, err := h.Invite(ctx, lead, id)
		h.must(err)
		h.refused(accept(again.Code, "", "another long password"), "accounts.bad_code") // replaced
		_, err = h.Actor(ctx, token)
		h.must(err) // nothing changes before the code is used
		h.refused(accept(newer.Code, "else", "another long password"), "accounts.login_given")
		h.must(accept(newer.Code, "", "another long password"))
		_, err = h.Actor(ctx, token)
		h.refused(err, "accounts.no_session")
		_, err = h.SignIn(ctx, accounts.Credentials{Login: "musa", Password: password})
		h.refused(err, "accounts.sign_in_failed")

		late, err := h.Invite(ctx, lead, id)
		h.must(err)
		h.clock.Add(7 * 24 * time.Hour)
		h.refused(accept(late.Code, "", password), "accounts.bad_code")
		h.must(h.Close(ctx, "musa"))
		_, err = h.Invite(ctx, h.actor("lead"), id)
		h.refused(err, "accounts.closed")
	})
}

func TestADeviceAndItsPINs(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, _, lead, other := staffed(t, h)
		_, _, err := h.AddDevice(ctx, lead, accounts.Device{Name: "Tablet 1", Org: society, Point: arlit})
		h.refused(err, "accounts.not_found")
		d, code, err := h.AddDevice(ctx, lead, accounts.Device{Name: "Tablet 1", Org: society, Point: agadez})
		h.must(err)
		_, _, err = h.EnrolDevice(ctx, "AAAAA-AAAAA")
		h.refused(err, "accounts.bad_code")
		_, secret, err := h.EnrolDevice(ctx, code)
		h.must(err)
		_, _, err = h.EnrolDevice(ctx, code)
		h.refused(err, "accounts.bad_code")
		if all, err := h.Devices(ctx, other); err != nil || len(all) != 0 {
			t.Errorf("the lead of Arlit sees %v, %v", all, err)
		}
		if all, err := h.Devices(ctx, lead); err != nil || len(all) != 1 || all[0].Enrolled.IsZero() {
			t.Errorf("the lead sees %v, %v", all, err)
		}

		id, inv, err := h.Open(ctx, lead, accounts.Opening{Login: "musa", Name: "Musa", Org: society, Grants: []access.Grant{grant(access.Volunteer, agadez)}})
		h.must(err)
		accept := func(pin, secret string) error {
			_, err := h.Accept(ctx, accounts.Acceptance{Code: inv.Code, PIN: pin, Device: d.ID, Secret: secret})
			return err
		}
		h.refused(accept("1234", secret), "accounts.weak_pin")
		h.refused(accept("4711", "guess"), "accounts.unknown_device")
		h.must(accept("4711", secret))
		signIn := func(pin, secret string) (string, error) {
			return h.SignIn(ctx, accounts.Credentials{Login: "musa", PIN: pin, Device: d.ID, Secret: secret})
		}
		_, err = signIn("4711", "guess")
		h.refused(err, "accounts.sign_in_failed")
		_, err = h.SignIn(ctx, accounts.Credentials{Login: "musa", Password: "4711"})
		h.refused(err, "accounts.sign_in_failed")
		token, err := signIn("4711", secret)
		h.must(err)
		who, err := h.Actor(ctx, token)
		h.must(err)
		if !who.Full || who.Device != d.ID || !who.Can("assist.record", h.clock.Now()) {
			t.Fatalf("who: %+v", who)
		}
		_, _, err = h.SetUpTOTP(ctx, who, "4711", "")
		h.refused(err, "accounts.no_password")

		// Another role of hers is not opened by a PIN, nor another point.
		h.must(h.Grant(ctx, "musa", grant(access.CaseWorker, nowhere)))
		h.must(h.Grant(ctx, "musa", grant(access.Volunteer, arlit)))
		_, err = h.Actor(ctx, token)
		h.refused(err, "accounts.no_session")
		token, err = signIn("4711", secret)
		h.must(err)
		who, _ = h.Actor(ctx, token)
		if len(who.Grants) != 1 || who.Grants[0].Role != access.Volunteer || who.Grants[0].Point != agadez {
			t.Fatalf("a PIN opens %+v", who.Grants)
		}
		h.must(h.Revoke(ctx, "musa", grant(access.CaseWorker, nowhere)))
		h.must(h.Revoke(ctx, "musa", grant(access.Volunteer, arlit)))

		// Five wrong tries, over a restart too; the right PIN does not help then, and the lead does.
		for range 5 {
			_, err = h.restarted().SignIn(ctx, accounts.Credentials{Login: "musa", PIN: "4712", Device: d.ID, Secret: secret})
			h.refused(err, "accounts.sign_in_failed")
		}
		_, err = signIn("4711", secret)
		h.refused(err, "accounts.pin_locked")
		_, err = signIn("4711", "guess")
		h.refused(err, "accounts.sign_in_failed") // who has no device learns nothing
		if a, _ := h.find(lead, id); !a.PINLocked {
			t.Error("the lead is not shown the lock")
		}
		h.must(h.Change(ctx, lead, id, accounts.Change{Unlock: true}))
		token, err = signIn("4711", secret)
		h.must(err)

		h.refused(h.RemoveDevice(ctx, other, d.ID), "accounts.not_found")
		h.must(h.RemoveDevice(ctx, lead, d.ID))
		_, err = h.Actor(ctx, token)
		h.refused(err, "accounts.no_session")
		_, err = signIn("4711", secret)
		h.refused(err, "accounts.sign_in_failed")
	})
}

func TestAPINDoesNotWorkOnAnotherDevice(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, _, lead, _ := staffed(t, h)
		enrol := func(name string) (fact.DeviceID, string) {
			_, code, err := h.AddDevice(ctx, lead, accounts.Device{Name: name, Org: society, Point: agadez})
			h.must(err)
			d, secret, err := h.EnrolDevice(ctx, code)
			h.must(err)
			return d.ID, secret
		}
		first, firstSecret := enrol("Tablet 1")
		second, secondSecret := enrol("Tablet 2")
		_, inv, err := h.Open(ctx, lead, accounts.Opening{Login: "musa", Name: "Musa", Org: society, Grants: []access.Grant{grant(access.Volunteer, agadez)}})
		h.must(err)
		_, err = h.Accept(ctx, accounts.Acceptance{Code: inv.Code, PIN: "4711", Device: first, Secret: firstSecret})
		h.must(err)
		_, err = h.SignIn(ctx, accounts.Credentials{Login: "musa", PIN: "4711", Device: second, Secret: secondSecret})
		h.refused(err, "accounts.sign_in_failed")
		_, err = h.SignIn(ctx, accounts.Credentials{Login: "musa", PIN: "4711", Device: first, Secret: secondSecret})
		h.refused(err, "accounts.sign_in_failed")
	})
}

func TestAnotherPasswordEndsTheOtherSessions(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.open("musa", grant(access.Volunteer, agadez))
		here, there := h.token("musa"), h.token("musa")
		who, err := h.Actor(ctx, here)
		h.must(err)
		h.refused(h.ChangePassword(ctx, who, here, "wrong password", "another long password"), "accounts.wrong_password")
		h.refused(h.ChangePassword(ctx, who, here, password, "short"), "accounts.weak_password")
		h.must(h.ChangePassword(ctx, who, here, password, "another long password"))
		_, err = h.Actor(ctx, here)
		h.must(err)
		_, err = h.Actor(ctx, there)
		h.refused(err, "accounts.no_session")
	})
}
