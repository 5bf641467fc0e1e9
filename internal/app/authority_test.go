package app

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"strings"
	"testing"

	"serai/internal/access"
	"serai/internal/area/accounts"
	"serai/internal/area/network"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// No way leads to an account for an organisation of kind authority: not over HTTP, not at the console, not by making an
// organisation an authority afterwards.
func TestAnAuthorityHoldsNoAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	ctx := context.Background()
	who := everyRole(homeOrg, fact.Handle{0xaa})
	_, err := w.n.Network.AddOrganisation(ctx, who, fact.OrgID{}, network.Organisation{Code: "BORDER", Name: "Border Police", Kind: "authority", Country: "NE"})
	w.must(err)
	border := fact.OrgByCode("BORDER")
	admin := w.hire("admin", seat(access.Administrator, homeOrg, ""))

	for _, role := range access.Roles() {
		org := border.String()
		for _, b := range []object{
			{"name": "Officer", "organisation": org, "grants": []object{{"role": role, "organisation": org}}},
			{"name": "Officer", "organisation": org, "grants": []object{}},
			{"name": "Officer", "grants": []object{{"role": role, "organisation": org}}},
		} {
			if got := w.ask(admin, http.MethodPost, "/api/accounts", b); got.status != http.StatusForbidden && got.code() != "accounts.authority" {
				t.Errorf("over HTTP, %s: %d %s", role, got.status, got.body)
			}
		}
		_, err := w.n.Accounts.Create(ctx, accounts.Opening{Login: "officer", Name: "Officer", Org: border, Grants: []access.Grant{{Role: role, Org: border}}}, worldPassword)
		if fault.Code(err) != "accounts.authority" {
			t.Errorf("at the console, %s: %v", role, err)
		}
		err = w.n.Accounts.Grant(ctx, "admin", access.Grant{Role: role, Org: border})
		if fault.Code(err) != "accounts.authority" {
			t.Errorf("a role with an authority, %s: %v", role, err)
		}
	}
	if err := w.n.AddUser(ctx, NewUser{Login: "first", Name: "First", Org: "BORDER", Password: worldPassword, First: true}); fault.Code(err) != "accounts.authority" {
		t.Errorf("a first administrator of an authority: %v", err)
	}
	w.must(w.n.DB.Read(ctx, func(tx *store.Tx) error {
		n := 0
		_, err := tx.One(`SELECT (SELECT count(*) FROM accounts_account WHERE org_id = $1) + (SELECT count(*) FROM accounts_grant WHERE org_id = $1)`, store.Args{border}, &n)
		if n != 0 {
			t.Errorf("%d accounts and roles of an authority", n)
		}
		return err
	}))

	// Nor does an organisation turn into an authority, or an authority into something else, once it is here.
	for code, kind := range map[string]string{awayOrg: "authority", "BORDER": "civil_society"} {
		imported := w.ask(admin, http.MethodPost, "/api/import/network", files{
			"organisations": "code,name,kind,country,basis\n" + code + ",Another name," + kind + ",NE,source\n"})
		if !strings.Contains(string(imported.body), "network.authority_fixed") {
			t.Errorf("%s became %s: %d %s", code, kind, imported.status, imported.body)
		}
	}
}

// An administrator runs the node and asks every address that can be read: nothing that was recorded of persons appears.
func TestAdministratorsReadNothingOfPersons(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	admin := w.hire("admin", seat(access.Administrator, homeOrg, ""))
	manager := w.hire("manager", seat(access.ProgrammeManager, homeOrg, ""))
	var secrets []string
	var all []*records
	for _, point := range []string{homePoint, nextPoint} {
		for range 3 {
			r := w.records(homeOrg, point, fact.Handle{0xaa})
			all = append(all, r)
			secrets = append(append(secrets, r.names...), r.person, r.other, r.text)
		}
	}
	asked := 0
	for _, route := range w.n.Routes {
		if route.Method != http.MethodGet || strings.HasPrefix(route.Path, "/desk") {
			continue
		}
		for _, r := range all {
			url, _ := fill(cmp.Or(probes["GET "+route.Path].url, route.Path), slotsFor(route.Path, r))
			url, _ = fill(url, slotsFor(route.Path, r))
			for _, m := range []*member{admin, manager} {
				got := w.ask(m, http.MethodGet, url, nil)
				asked++
				for _, s := range secrets {
					if bytes.Contains(got.body, []byte(s)) {
						t.Errorf("%s shows %q to the %s", url, s, m.login)
					}
				}
			}
		}
	}
	if !strings.Contains(string(w.ask(w.hire("case", seat(access.CaseWorker, homeOrg, "")), http.MethodGet, "/api/people/"+all[0].person, nil).body), all[0].names[0]) {
		t.Error("a case worker does not read the name either: this test sees nothing")
	}
	t.Logf("%d answers to administrators and managers, %d secrets, none seen", asked, len(secrets))
}
