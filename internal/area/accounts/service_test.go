package accounts_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"serai/internal/access"
	"serai/internal/area/accounts"
	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
)

var (
	society   = fact.OrgByCode("NERCS")
	partner   = fact.OrgByCode("PARTNER")
	police    = fact.OrgByCode("POLICE")
	agadez    = fact.PointByCode("NE-AGZ")
	arlit     = fact.PointByCode("NE-ARL")
	elsewhere = fact.PointByCode("LY-TIP")
)

const password = "four quiet camels walk"

// network knows three organisations and three points.
type network struct{ kinds map[fact.OrgID]string }

func (n network) Kind(_ *store.Tx, id fact.OrgID) (string, bool, error) {
	kind, ok := n.kinds[id]
	return kind, ok, nil
}

func (network) RunBy(_ *store.Tx, id fact.PointID) (fact.OrgID, bool, error) {
	switch id {
	case agadez, arlit:
		return society, true, nil
	case elsewhere:
		return partner, true, nil
	}
	return fact.OrgID{}, false, nil
}

// diary keeps what was logged, by outcome and action.
type diary struct {
	mu      sync.Mutex
	actions []string
}

func (d *diary) In(tx *store.Tx, e audit.Entry) error {
	tx.OnCommit(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.actions = append(d.actions, e.Outcome.String()+" "+e.Action)
	})
	return nil
}

type house struct {
	*accounts.Service
	t     *testing.T
	db    *store.DB
	clock *testkit.Clock
	net   network
	log   *diary
}

func newHouse(t *testing.T, db *store.DB) *house {
	t.Helper()
	h := &house{t: t, db: db, clock: testkit.NewClock(), log: &diary{},
		net: network{map[fact.OrgID]string{society: "society", partner: "partner", police: "authority"}}}
	if err := db.Migrate(context.Background(), accounts.Migrations); err != nil {
		t.Fatal(err)
	}
	h.Service = h.restarted()
	return h
}

// restarted makes a service that remembers nothing but the tables.
func (h *house) restarted() *accounts.Service {
	h.t.Helper()
	s, err := accounts.NewForTest(accounts.Config{DB: h.db, Organisations: h.net, Points: h.net, Log: h.log, Surround: surround,
		Key: [32]byte{1}, Issuer: "Serai Agadez", Now: h.clock.Now})
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// surround knows one point and the node.
func surround(_ *store.Tx, who access.Actor) (around accounts.Surroundings, err error) {
	_, _, points := who.Points("assist.record", testkit.NewClock().Now())
	for _, id := range points {
		around.Points = append(around.Points, accounts.MePoint{ID: id, Code: "NE-AGZ"})
	}
	around.Node = &accounts.MeNode{Label: "Agadez", Version: "test"}
	return around, around.Node.ID.UnmarshalText([]byte(someDevice.String()))
}

func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) { fn(t, newHouse(t, db)) })
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) refused(err error, code string) {
	h.t.Helper()
	if err == nil {
		h.t.Fatalf("allowed, want %s", code)
	}
	if got := fault.Code(err); got != code {
		h.t.Fatalf("refused with %q (%v), want %s", got, err, code)
	}
}

// open makes an account with a password at the console.
func (h *house) open(login string, grants ...access.Grant) fact.AccountID {
	h.t.Helper()
	id, err := h.Create(ctx, accounts.Opening{Login: login, Name: "A " + login, Org: society, Grants: grants}, password)
	h.must(err)
	return id
}

// actor signs in by password alone.
func (h *house) actor(login string) access.Actor {
	h.t.Helper()
	a, err := h.Actor(ctx, h.token(login))
	h.must(err)
	return a
}

func (h *house) token(login string) string {
	h.t.Helper()
	token, err := h.SignIn(ctx, accounts.Credentials{Login: login, Password: password})
	h.must(err)
	return token
}

// relaxed lets leads in without a second factor, for tests of other things.
func (h *house) relaxed() *house {
	h.t.Helper()
	h.must(h.SetPolicy(ctx, accounts.Policy{PasswordAlone: true}))
	return h
}

func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var ctx = context.Background()

func grant(role access.Role, point fact.PointID) access.Grant {
	return access.Grant{Role: role, Org: society, Point: point}
}

var nowhere fact.PointID

// someDevice is a device that nobody enrolled.
var someDevice = func() (id fact.DeviceID) {
	_ = id.UnmarshalText([]byte("01960000-0000-7000-8000-000000000001"))
	return id
}()

func TestTheFirstAdministratorOpensTheHouse(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		first := accounts.Opening{Login: " Amina.B ", Name: "Amina  B", Org: society}
		_, err := h.CreateFirstAdministrator(ctx, first, "short")
		h.refused(err, "accounts.weak_password")
		_, err = h.CreateFirstAdministrator(ctx, first, password)
		h.must(err)
		_, err = h.CreateFirstAdministrator(ctx, accounts.Opening{Login: "second", Name: "B", Org: society}, password)
		h.refused(err, "accounts.administrator_exists")
		all, err := h.All(ctx)
		h.must(err)
		if len(all) != 1 || all[0].Login != "amina.b" || all[0].Name != "Amina B" || all[0].Grants[0].Role != access.Administrator || all[0].Grants[0].Pending {
			t.Fatalf("accounts: %+v", all)
		}
	})
}

func TestAnAuthorityHoldsNoAccount(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.relaxed()
		_, err := h.CreateFirstAdministrator(ctx, accounts.Opening{Login: "chief", Name: "Chief", Org: police}, password)
		h.refused(err, "accounts.authority")
		_, err = h.Create(ctx, accounts.Opening{Login: "chief", Name: "Chief", Org: society,
			Grants: []access.Grant{{Role: access.Volunteer, Org: police}}}, password)
		h.refused(err, "accounts.authority")
		_, err = h.Create(ctx, accounts.Opening{Login: "chief", Name: "Chief", Org: fact.OrgByCode("NOBODY")}, password)
		h.refused(err, "accounts.unknown_organisation")

		h.open("musa", grant(access.Volunteer, agadez))
		h.refused(h.Grant(ctx, "musa", access.Grant{Role: access.Volunteer, Org: police}), "accounts.authority")
		token := h.token("musa")

		// An organisation that turns out to be one loses its sessions and its sign-ins.
		h.net.kinds[society] = "authority"
		_, err = h.restarted().Actor(ctx, token)
		h.refused(err, "accounts.no_session")
		h.clock.Add(time.Minute)
		_, err = h.Actor(ctx, token)
		h.refused(err, "accounts.no_session")
		_, err = h.SignIn(ctx, accounts.Credentials{Login: "musa", Password: password})
		h.refused(err, "accounts.sign_in_failed")
	})
}

func TestSigningInDoesNotTellWhetherALoginExists(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.open("musa", grant(access.Volunteer, agadez))
		h.open("closed", grant(access.Volunteer, agadez))
		h.must(h.Close(ctx, "closed"))
		var answers []string
		for _, c := range []accounts.Credentials{
			{Login: "musa", Password: "wrong password"},
			{Login: "musa"},
			{Login: "nobody", Password: password},
			{Login: "closed", Password: password},
			{Login: "", Password: ""},
			{Login: "musa", PIN: "4711", Device: someDevice, Secret: "x"},
		} {
			_, err := h.SignIn(ctx, c)
			h.refused(err, "accounts.sign_in_failed")
			answers = append(answers, err.Error())
		}
		for _, a := range answers {
			if a != answers[0] {
				t.Fatalf("answers differ:\n%s\n%s", a, answers[0])
			}
		}
	})
}

func TestTriesAreLimitedForEveryLoginAlike(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.open("musa", grant(access.Volunteer, agadez))
		h.open("aisha", grant(access.Volunteer, agadez))
		for _, login := range []string{"musa", "nobody"} {
			for range 10 {
				_, err := h.SignIn(ctx, accounts.Credentials{Login: login, Password: "wrong password"})
				h.refused(err, "accounts.sign_in_failed")
			}
			_, err := h.SignIn(ctx, accounts.Credentials{Login: " " + login, Password: password})
			h.refused(err, "accounts.too_many_tries")
		}
		h.token("aisha") // her colleagues still come in
		h.clock.Add(time.Minute)
		h.token("musa") // and she, a minute later
		for range 9 {
			_, err := h.SignIn(ctx, accounts.Credentials{Login: "musa", Password: "wrong password"})
			h.refused(err, "accounts.sign_in_failed")
		}
		for i := range 200 {
			_, err := h.SignIn(ctx, accounts.Credentials{Login: "invented" + string(rune('a'+i%26)) + string(rune('a'+i/26)), Password: "wrong password"})
			if i > 120 {
				h.refused(err, "accounts.too_many_tries")
			}
		}
	})
}

func TestALeadWithoutTheSecondFactorMaySetItUp(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.open("lead", grant(access.PointLead, agadez))
		token := h.token("lead")
		who, err := h.Actor(ctx, token)
		h.must(err)
		if who.Full || who.Can("people.read", h.clock.Now()) || !who.Can("accounts.self", h.clock.Now()) {
			t.Fatalf("a password alone opens %v", who.Permissions(h.clock.Now()))
		}
		_, _, err = h.SetUpTOTP(ctx, who, "not my password", "")
		h.refused(err, "accounts.wrong_password")
		h.refused(h.ConfirmTOTP(ctx, who, token, "123456"), "accounts.totp_not_set_up")
		secret, _, err := h.SetUpTOTP(ctx, who, password, "")
		h.must(err)
		h.refused(h.ConfirmTOTP(ctx, who, token, "000000"), "accounts.wrong_totp")
		other := h.token("lead")
		h.must(h.ConfirmTOTP(ctx, who, token, code(t, secret, h.clock.Now())))
		if who, err = h.Actor(ctx, token); err != nil || !who.Full || !who.Can("people.read", h.clock.Now()) {
			t.Fatalf("with the second factor: %+v, %v", who, err)
		}
		_, err = h.Actor(ctx, other)
		h.refused(err, "accounts.no_session")

		// From now on the door asks for it, takes each code once, and a clock that is half a minute off.
		_, err = h.SignIn(ctx, accounts.Credentials{Login: "lead", Password: password})
		h.refused(err, "accounts.totp_needed")
		_, err = h.SignIn(ctx, accounts.Credentials{Login: "lead", Password: "wrong password", TOTP: code(t, secret, h.clock.Now())})
		h.refused(err, "accounts.sign_in_failed")
		_, err = h.SignIn(ctx, accounts.Credentials{Login: "lead", Password: password, TOTP: code(t, secret, h.clock.Now())})
		h.refused(err, "accounts.sign_in_failed") // this code confirmed the factor
		next := code(t, secret, h.clock.Now().Add(30*time.Second))
		token, err = h.SignIn(ctx, accounts.Credentials{Login: "lead", Password: password, TOTP: next})
		h.must(err)
		_, err = h.SignIn(ctx, accounts.Credentials{Login: "lead", Password: password, TOTP: next})
		h.refused(err, "accounts.sign_in_failed")
		if who, err = h.restarted().Actor(ctx, token); err != nil || !who.Full {
			t.Fatalf("after a restart: %+v, %v", who, err)
		}

		// The present factor guards the next one; the console takes it away from who lost the phone.
		_, _, err = h.SetUpTOTP(ctx, who, password, "")
		h.refused(err, "accounts.wrong_totp")
		h.must(h.ClearSecondFactor(ctx, "LEAD"))
		_, err = h.Actor(ctx, token)
		h.refused(err, "accounts.no_session")
		h.token("lead")
	})
}

func TestANodeForDemonstrationsTakesThePasswordAlone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.open("lead", grant(access.PointLead, agadez))
		token := h.token("lead")
		if who, _ := h.Actor(ctx, token); who.Full {
			t.Fatal("a node in use takes the password alone")
		}
		h.must(h.SetPolicy(ctx, accounts.Policy{PasswordAlone: true, TwoEyes: true}))
		if who, _ := h.Actor(ctx, token); !who.Full {
			t.Fatal("the policy does not count at once")
		}
		if p, err := h.Policy(ctx); err != nil || !p.PasswordAlone || !p.TwoEyes {
			t.Fatalf("policy: %+v, %v", p, err)
		}
		h.open("officer", grant(access.ProtectionOfficer, nowhere))
		if who := h.actor("officer"); !who.Can("people.sealed", h.clock.Now()) {
			t.Fatal("one word does not give the role")
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	tests := []struct {
		name  string
		role  access.Role
		end   func(h *house, token string, id fact.AccountID)
		alive bool
	}{
		{"a volunteer's lives through a shift", access.Volunteer, func(h *house, _ string, _ fact.AccountID) { h.clock.Add(12*time.Hour - time.Second) }, true},
		{"a volunteer's ends after twelve idle hours", access.Volunteer, func(h *house, _ string, _ fact.AccountID) { h.clock.Add(12 * time.Hour) }, false},
		{"a volunteer's ends after seven days of work", access.Volunteer, func(h *house, token string, _ fact.AccountID) {
			for range 42 {
				h.clock.Add(4 * time.Hour)
				_, _ = h.Actor(ctx, token)
			}
		}, false},
		{"a lead's ends after four idle hours", access.PointLead, func(h *house, _ string, _ fact.AccountID) { h.clock.Add(4 * time.Hour) }, false},
		{"a lead's ends after a day of work", access.PointLead, func(h *house, token string, _ fact.AccountID) {
			for range 12 {
				h.clock.Add(2 * time.Hour)
				_, _ = h.Actor(ctx, token)
			}
		}, false},
		{"work keeps it alive", access.PointLead, func(h *house, token string, _ fact.AccountID) {
			for range 5 {
				h.clock.Add(3 * time.Hour)
				_, err := h.Actor(ctx, token)
				h.must(err)
			}
		}, true},
		{"signing out ends it", access.Volunteer, func(h *house, token string, _ fact.AccountID) { h.must(h.SignOut(ctx, token)) }, false},
		{"closing the account ends it", access.Volunteer, func(h *house, _ string, _ fact.AccountID) { h.must(h.Close(ctx, "musa")) }, false},
		{"a new password from the console ends it", access.Volunteer, func(h *house, _ string, _ fact.AccountID) {
			h.must(h.SetPassword(ctx, "musa", password+" again"))
		}, false},
		{"another's sign-out leaves it", access.Volunteer, func(h *house, _ string, _ fact.AccountID) { h.must(h.SignOut(ctx, "no token")) }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				id := h.open("musa", grant(test.role, agadez))
				token := h.token("musa")
				_, err := h.Actor(ctx, token)
				h.must(err)
				test.end(h, token, id)
				for name, s := range map[string]*accounts.Service{"running": h.Service, "restarted": h.restarted()} {
					_, err := s.Actor(ctx, token)
					if test.alive && err != nil {
						t.Errorf("%s: %v", name, err)
					}
					if !test.alive && fault.Code(err) != "accounts.no_session" {
						t.Errorf("%s: the session lives: %v", name, err)
					}
				}
			})
		})
	}
}

func TestAnAccountEndsByItself(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		until := h.clock.Now().Add(2 * time.Hour)
		_, err := h.Create(ctx, accounts.Opening{Login: "guest", Name: "Guest", Org: society, Until: until,
			Grants: []access.Grant{grant(access.Volunteer, agadez)}}, password)
		h.must(err)
		token := h.token("guest")
		if me, err := h.Me(ctx, token); err != nil || !me.Session.Expires.Equal(until) {
			t.Fatalf("me: %+v, %v", me, err)
		}
		h.clock.Set(until)
		_, err = h.Actor(ctx, token)
		h.refused(err, "accounts.no_session")
		_, err = h.SignIn(ctx, accounts.Credentials{Login: "guest", Password: password})
		h.refused(err, "accounts.sign_in_failed")
	})
}

func TestVolunteersAreLetInForAWhile(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.relaxed()
		h.open("musa", grant(access.Volunteer, agadez))
		token := h.token("musa")
		who, err := h.Actor(ctx, token)
		h.must(err)
		if until := who.Grants[0].Until; !until.Equal(h.clock.Now().Add(90 * 24 * time.Hour)) {
			t.Fatalf("until %s", until)
		}
		h.clock.Add(90 * 24 * time.Hour)
		if who := h.actor("musa"); who.Can("assist.record", h.clock.Now()) {
			t.Fatal("the role lives longer than its grant")
		}
		far := grant(access.Volunteer, agadez)
		far.Until = h.clock.Now().Add(400 * 24 * time.Hour)
		h.refused(h.Grant(ctx, "musa", far), "accounts.until_far")
	})
}
