package accounts

import (
	"fmt"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
)

func TestPlanGrants(t *testing.T) {
	org, agadez := fact.OrgByCode("NERCS"), fact.PointByCode("NE-AGZ")
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	give := func(role access.Role, until time.Time) access.Grant {
		return access.Grant{Role: role, Org: org, Point: agadez, Until: until}
	}
	held := func(g access.Grant) Held { return Held{Grant: g} }
	waiting := func(g access.Grant) Held { return Held{Grant: g, Pending: true} }
	lead, officer := give(access.PointLead, time.Time{}), give(access.ProtectionOfficer, time.Time{})

	tests := []struct {
		name    string
		have    []Held
		want    []access.Grant
		twoEyes bool
		plan    string // removed, shortened or prolonged, held, asked
	}{
		{"what is there stays", []Held{held(lead)}, []access.Grant{lead}, false, "0 0 0 0"},
		{"a new role is held", nil, []access.Grant{lead}, false, "0 0 1 0"},
		{"a role that is left out is taken", []Held{held(lead)}, nil, false, "1 0 0 0"},
		{"a new end is set", []Held{held(lead)}, []access.Grant{give(access.PointLead, day(9))}, false, "0 1 0 0"},
		{"an end is taken away", []Held{held(give(access.PointLead, day(9)))}, []access.Grant{lead}, false, "0 1 0 0"},
		{"another point is another seat", []Held{held(lead)}, []access.Grant{{Role: access.PointLead, Org: org}}, false, "1 0 1 0"},
		{"a role for four eyes waits", nil, []access.Grant{officer}, false, "0 0 0 1"},
		{"it does not where two are enough", nil, []access.Grant{officer}, true, "0 0 1 0"},
		{"what waits goes on waiting", []Held{waiting(officer)}, []access.Grant{officer}, false, "0 0 0 0"},
		{"what waits can be taken back", []Held{waiting(officer)}, nil, false, "1 0 0 0"},
		{"an earlier end needs no second pair of eyes", []Held{held(officer)}, []access.Grant{give(access.ProtectionOfficer, day(9))}, false, "0 1 0 0"},
		{"a later end waits, and the earlier one holds meanwhile", []Held{held(give(access.ProtectionOfficer, day(9)))}, []access.Grant{give(access.ProtectionOfficer, day(20))}, false, "0 0 0 1"},
		{"no end at all is later than any", []Held{held(give(access.ProtectionOfficer, day(9)))}, []access.Grant{officer}, false, "0 0 0 1"},
		{"another end for what waits is asked anew", []Held{waiting(officer)}, []access.Grant{give(access.ProtectionOfficer, day(9))}, false, "1 0 0 1"},
		{"the shorter term stays while the longer one waits", []Held{held(give(access.ProtectionOfficer, day(9))), waiting(officer)}, []access.Grant{officer}, false, "0 0 0 0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := planGrants(test.have, test.want, test.twoEyes)
			if got := fmt.Sprint(len(p.remove), len(p.ends), len(p.hold), len(p.ask)); got != test.plan {
				t.Fatalf("plan %s, want %s: %+v", got, test.plan, p)
			}
		})
	}
}

func TestCheckLogin(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"letters are made small", " Amina.B ", "amina.b"},
		{"wide letters are the same letters", "ａｍｉｎａ", "amina"},
		{"Arabic is fine", "أمينة", "أمينة"},
		{"Ethiopic is fine", "አሚና", "አሚና"},
		{"an address is fine", "amina@example.org", "amina@example.org"},
		{"one letter is too short", "a", ""},
		{"nothing is too short", "", ""},
		{"spaces are refused", "amina b", ""},
		{"emoji are refused", "amina🐪", ""},
		{"an override is refused", "amina\u202eb", ""},
		{"NUL is refused", "ami\x00na", ""},
		{"broken UTF-8 is refused", "ami\xffna", ""},
		{"sixty-five are too long", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""},
		{"a dash in front is refused", "-amina", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := checkLogin(test.in)
			if got != test.want || (err == nil) != (test.want != "") {
				t.Fatalf("%q, %v", got, err)
			}
		})
	}
}

func TestCheckPIN(t *testing.T) {
	for pin, fine := range map[string]bool{"4711": true, "190283": true, "1111": false, "1234": false, "9876": false,
		"471": false, "47 11": false, "٤٧١١": false, "": false, "1234567890123": false, "1235": true} {
		if err := checkPIN(pin); (err == nil) != fine {
			t.Errorf("%q: %v", pin, err)
		}
	}
}

func TestCheckPassword(t *testing.T) {
	for in, fine := range map[string]bool{"four quiet camels": true, "short": false, "aaaaaaaaaaaaaaaa": false,
		"my amina password": false, "كلمة سر طويلة": true, string(make([]byte, 300)): false, "ab\xffcdefghijkl": false} {
		if err := checkPassword("password", in, "amina"); (err == nil) != fine {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestACodeIsReadAsPeopleWriteIt(t *testing.T) {
	for in, want := range map[string]string{
		"ABCDE-FGHJK": "ABCDEFGHJK", "abcde fghjk": "ABCDEFGHJK", " 0il o1-ABCDE": "01101ABCDE", "ABCDEFGHJ": "", "ABCDE-FGHJU": "", "": ""} {
		if got, ok := normalCode(in); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %t", in, got, ok)
		}
	}
}

func TestTheStandardCostIsOWASPs(t *testing.T) {
	h, err := newHasher(zeros{}, standardCost)
	if err != nil {
		t.Fatal(err)
	}
	phc, err := h.hash(t.Context(), "four quiet camels walk")
	if err != nil {
		t.Fatal(err)
	}
	const head = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
	for _, s := range []string{phc, h.decoy} { // both cost the same to compare with
		if s[:len(head)] != head || len(s) != len(head)+43 {
			t.Errorf("PHC string %s", s)
		}
	}
	if ok, err := h.verify(t.Context(), phc, "four quiet camels walk"); !ok || err != nil {
		t.Errorf("the right password: %t, %v", ok, err)
	}
	if ok, err := h.verify(t.Context(), phc, "four quiet camels"); ok || err != nil {
		t.Errorf("a wrong password: %t, %v", ok, err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestADamagedHashIsAnErrorAndNoYes(t *testing.T) {
	h, err := newHasher(zeros{}, cost{8, 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, phc := range []string{"x", "$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=8,t=0,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=8,t=1,p=1$!$AAAA"} {
		if ok, err := h.verify(t.Context(), phc, "x"); ok || err == nil {
			t.Errorf("%s: %t, %v", phc, ok, err)
		}
	}
	if ok, err := h.verify(t.Context(), "", "anything"); ok || err != nil {
		t.Errorf("the decoy opens: %t, %v", ok, err)
	}
}
