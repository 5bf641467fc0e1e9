package accounts_test

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/base64"
	"strings"
	"sync"
	"testing"

	"serai/internal/access"
	"serai/internal/area/accounts"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

// While many requests use a session, its role is taken: after that has been answered, nobody gets the role any more.
func TestARevokedRoleIsGoneForEveryRequestAfterTheAnswer(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one, _, _, _ := staffed(t, h)
		id := h.open("musa", grant(access.Volunteer, agadez))
		token := h.token("musa")
		for range 30 {
			h.must(h.Change(ctx, one, id, accounts.Change{Grants: &[]access.Grant{grant(access.Volunteer, agadez)}}))
			stop := make(chan struct{})
			var busy sync.WaitGroup
			for range 4 {
				busy.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
							_, _ = h.Actor(ctx, token)
						}
					}
				})
			}
			h.must(h.Change(ctx, one, id, accounts.Change{Grants: &[]access.Grant{}}))
			who, err := h.Actor(ctx, token)
			h.must(err)
			if who.Can("assist.record", h.clock.Now()) {
				t.Fatal("the role is still there")
			}
			close(stop)
			busy.Wait()
			if who, _ := h.Actor(ctx, token); who.Can("assist.record", h.clock.Now()) {
				t.Fatal("the role came back from a request that had begun before")
			}
		}
	})
}

func TestTwoTriesAtOnceAreTwoTries(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, _, lead, _ := staffed(t, h)
		_, code, err := h.AddDevice(ctx, lead, accounts.Device{Name: "Tablet", Org: society, Point: agadez})
		h.must(err)
		d, secret, err := h.EnrolDevice(ctx, code)
		h.must(err)
		_, inv, err := h.Open(ctx, lead, accounts.Opening{Login: "musa", Name: "Musa", Org: society, Grants: []access.Grant{grant(access.Volunteer, agadez)}})
		h.must(err)
		_, err = h.Accept(ctx, accounts.Acceptance{Code: inv.Code, PIN: "4711", Device: d.ID, Secret: secret})
		h.must(err)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				_, _ = h.SignIn(ctx, accounts.Credentials{Login: "musa", PIN: "4712", Device: d.ID, Secret: secret})
			})
		}
		all.Wait()
		_, err = h.SignIn(ctx, accounts.Credentials{Login: "musa", PIN: "4711", Device: d.ID, Secret: secret})
		h.refused(err, "accounts.pin_locked")
	})
}

// A backup or a stolen disk must not sign anybody in: no secret stands in the tables as it is.
func TestNoSecretStandsInTheTables(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, _, lead, _ := staffed(t, h)
		_, code, err := h.AddDevice(ctx, lead, accounts.Device{Name: "Tablet", Org: society, Point: agadez})
		h.must(err)
		_, secret, err := h.EnrolDevice(ctx, code)
		h.must(err)
		_, inv, err := h.Open(ctx, lead, accounts.Opening{Login: "musa", Name: "Musa", Org: society, Grants: []access.Grant{grant(access.Volunteer, agadez)}})
		h.must(err)
		token := h.token("lead")
		totp, _, err := h.SetUpTOTP(ctx, lead, password, "")
		h.must(err)
		secrets := map[string]string{"password": password, "device code": code, "device secret": secret, "invitation": inv.Code,
			"token": token, "second factor": totp}
		for _, table := range []string{"account", "grant", "invitation", "device", "pin", "session", "history", "policy"} {
			h.must(h.db.Read(ctx, func(tx *store.Tx) error {
				return tx.Each(`SELECT * FROM accounts_`+table, nil, func(row *store.Row) error {
					for _, v := range row.Values() {
						for name, s := range secrets {
							if contains(v, s) {
								t.Errorf("%s holds the %s", table, name)
							}
						}
					}
					return nil
				})
			}))
		}
	})
}

// contains looks for a secret as text, as its bytes, and without its dash.
func contains(v any, secret string) bool {
	var kept []byte
	switch v := v.(type) {
	case string:
		kept = []byte(v)
	case []byte:
		kept = v
	}
	forms := [][]byte{[]byte(secret), []byte(strings.ReplaceAll(secret, "-", ""))}
	if raw, err := base64.RawURLEncoding.DecodeString(secret); err == nil {
		forms = append(forms, raw)
	}
	if raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret); err == nil {
		forms = append(forms, raw)
	}
	for _, form := range forms {
		if bytes.Contains(kept, form) {
			return true
		}
	}
	return false
}

func BenchmarkActor(b *testing.B) {
	db, err := store.Open(context.Background(), testkit.NewConfig(b, store.SQLite))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(ctx, accounts.Migrations); err != nil {
		b.Fatal(err)
	}
	clock := testkit.NewClock()
	net := network{kinds: map[fact.OrgID]string{society: "society"}}
	s, err := accounts.NewForTest(accounts.Config{DB: db, Organisations: net, Points: net, Key: [32]byte{1}, Now: clock.Now})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.Create(ctx, accounts.Opening{Login: "musa", Name: "Musa", Org: society, Grants: []access.Grant{grant(access.Volunteer, agadez)}}, password); err != nil {
		b.Fatal(err)
	}
	token, err := s.SignIn(ctx, accounts.Credentials{Login: "musa", Password: password})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Actor(ctx, token); err != nil {
			b.Fatal(err)
		}
	}
}
