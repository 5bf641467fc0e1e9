package access_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
)

func TestPolicy(t *testing.T) {
	now := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	org, other := fact.OrgByCode("NERCS"), fact.OrgByCode("LRCS")
	agadez, arlit := fact.PointByCode("NE-AGZ"), fact.PointByCode("NE-ARL")
	me, them := fact.Handle{1}, fact.Handle{2}
	here := access.Resource{Org: org, Point: agadez, Owner: them}
	mine := access.Resource{Org: org, Point: agadez, Owner: me}
	away := access.Resource{Org: org, Point: arlit, Owner: them}
	foreign := access.Resource{Org: other, Point: fact.PointByCode("LY-TIP"), Owner: them}

	tests := []struct {
		name   string
		role   access.Role
		do     access.Permission
		record access.Resource
		want   bool
	}{
		{"a volunteer serves at the point", access.Volunteer, "assist.record", here, true},
		{"a volunteer does not serve elsewhere", access.Volunteer, "assist.record", away, false},
		{"a volunteer opens files of the point", access.Volunteer, "people.read", here, true},
		{"a volunteer opens no file of another point", access.Volunteer, "people.read", away, false},
		{"a volunteer opens no file of another organisation", access.Volunteer, "people.read", foreign, false},
		{"a volunteer undoes a tally of her own", access.Volunteer, "assist.correct", mine, true},
		{"a volunteer corrects nobody else", access.Volunteer, "assist.correct", here, false},
		{"a volunteer records an arrival at night", access.Volunteer, "assist.bulk", here, true},
		{"a volunteer makes no copy", access.Volunteer, "people.copy", here, false},
		{"a volunteer erases nobody", access.Volunteer, "people.erase", here, false},
		{"a volunteer opens nothing sealed", access.Volunteer, "people.sealed", here, false},
		{"a volunteer tallies nothing sealed", access.Volunteer, "assist.sealed", here, false},
		{"a volunteer sees no counts", access.Volunteer, "counts.read", here, false},
		{"a volunteer reads the network of everybody", access.Volunteer, "network.read", foreign, true},
		{"a lead corrects others", access.PointLead, "assist.correct", here, true},
		{"a lead keeps the daily log of the point", access.PointLead, "network.run", here, true},
		{"a lead keeps no other log", access.PointLead, "network.run", away, false},
		{"a lead lets volunteers in", access.PointLead, "accounts.enrol", here, true},
		{"a lead gives out no roles", access.PointLead, "accounts.manage", here, false},
		{"a lead sees the counts of the point", access.PointLead, "counts.read", here, true},
		{"a lead sees no counts of another point", access.PointLead, "counts.read", away, false},
		{"a lead sees no needs of class H", access.PointLead, "people.health", here, false},
		{"a nurse sees needs of class H at the point", access.HealthWorker, "people.health", here, true},
		{"a nurse sees nothing sealed", access.HealthWorker, "people.sealed", here, false},
		{"a nurse tallies psychosocial support", access.HealthWorker, "assist.sealed", here, true},
		{"a case worker follows a person along the organisation", access.CaseWorker, "people.read", away, true},
		{"a case worker stops at the organisation", access.CaseWorker, "people.read", foreign, false},
		{"a case worker makes no file disappear", access.CaseWorker, "people.erase", here, false},
		{"a case worker makes the copy", access.CaseWorker, "people.copy", away, true},
		{"a protection officer sees sums of sealed services", access.ProtectionOfficer, "assist.sealed_counts", away, true},
		{"a protection officer erases", access.ProtectionOfficer, "people.erase", away, true},
		{"a programme manager sees the counts of the organisation", access.ProgrammeManager, "counts.read", away, true},
		{"a programme manager opens no file", access.ProgrammeManager, "people.read", here, false},
		{"a programme manager searches nobody", access.ProgrammeManager, "people.search", here, false},
		{"a programme manager changes no point of others", access.ProgrammeManager, "network.edit", foreign, false},
		{"a data protection officer erases on request", access.DataProtection, "people.erase", away, true},
		{"a data protection officer browses nothing", access.DataProtection, "people.search", here, false},
		{"a data protection officer opens no file", access.DataProtection, "people.read", here, false},
		{"a data protection officer reads the access log", access.DataProtection, "audit.read", here, true},
		{"an administrator manages accounts", access.Administrator, "accounts.manage", away, true},
		{"an administrator manages no accounts of others", access.Administrator, "accounts.manage", foreign, false},
		{"an administrator opens no file", access.Administrator, "people.read", here, false},
		{"an administrator serves nobody", access.Administrator, "assist.record", here, false},
		{"an administrator reads no access log", access.Administrator, "audit.read", here, false},
		{"a storekeeper accounts for blank cards", access.Storekeeper, "cards.stock", here, true},
		{"a storekeeper records what came", access.Storekeeper, "stock.record", here, true},
		{"a volunteer counts", access.Volunteer, "stock.count", here, true},
		{"a volunteer does not write off", access.Volunteer, "stock.record", here, false},
		{"a lead does not answer the wishes of the own point", access.PointLead, "stock.answer", here, false},
		{"a storekeeper opens no file", access.Storekeeper, "people.read", here, false},
		{"a cash officer changes no file", access.CashOfficer, "people.edit", here, false},
		{"a cash approver knows nobody", access.CashApprover, "people.read", here, false},
		{"a permission that nobody wrote is refused", access.Administrator, "people.sell", here, false},
		{"a role that nobody wrote may nothing", "police", "network.read", here, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := access.Actor{Handle: me, Org: org, Full: true, Grants: []access.Grant{{Role: test.role, Org: org, Point: agadez}}}
			if got := a.May(test.do, test.record, now); got != test.want {
				t.Fatalf("May(%s) = %t", test.do, got)
			}
		})
	}
}

func TestAdministratorsAndManagersReachNoPerson(t *testing.T) {
	for _, row := range access.Policy() {
		area, _, _ := strings.Cut(string(row.Permission), ".")
		if area != "people" && area != "assist" && area != "cards" {
			continue
		}
		for _, role := range []access.Role{access.Administrator, access.ProgrammeManager, access.CashApprover, access.MonitoringOfficer} {
			if reach := row.Reach[role]; reach != access.None {
				t.Errorf("%s reaches %s of %s", role, reach, row.Permission)
			}
		}
		for role, reach := range row.Reach {
			if reach == access.Node {
				t.Errorf("%s reaches persons of every organisation by %s", role, row.Permission)
			}
		}
	}
}

// Needs and services of one class are seen by the same staff, or a timeline would tell what a file hides.
func TestNeedsAndServicesOfAClassAreSeenByTheSame(t *testing.T) {
	reach := map[access.Permission]map[access.Role]access.Reach{}
	for _, row := range access.Policy() {
		reach[row.Permission] = row.Reach
	}
	for _, pair := range [][2]access.Permission{{"people.read", "assist.read"}, {"people.health", "assist.health"}, {"people.sealed", "assist.sealed_counts"}} {
		for _, role := range access.Roles() {
			if a, b := reach[pair[0]][role], reach[pair[1]][role]; a != b {
				t.Errorf("%s: %s reaches %s, %s reaches %s", role, pair[0], a, pair[1], b)
			}
		}
	}
}

func TestSeesClass(t *testing.T) {
	now := time.Now()
	org, point := fact.OrgByCode("NERCS"), fact.PointByCode("NE-AGZ")
	tests := []struct {
		name string
		role access.Role
		want string
	}{
		{"a volunteer sees what the desk sees", access.Volunteer, "O"},
		{"a lead sees no more", access.PointLead, "O"},
		{"a nurse sees health", access.HealthWorker, "OH"},
		{"a protection officer sees all three", access.ProtectionOfficer, "OHS"},
		{"an administrator sees none", access.Administrator, ""},
		{"a data protection officer sees none", access.DataProtection, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := access.Actor{Full: true, Grants: []access.Grant{{Role: test.role, Org: org, Point: point}}}
			got := ""
			for _, class := range []string{"O", "H", "S", "X", ""} {
				if a.SeesClass(class, access.Resource{Org: org, Point: point}, now) {
					got += class
				}
				if a.SeesClass(class, access.Resource{Org: fact.OrgByCode("LRCS"), Point: point}, now) {
					t.Errorf("class %q of another organisation is seen", class)
				}
			}
			if got != test.want {
				t.Fatalf("sees %q, want %q", got, test.want)
			}
		})
	}
}

func TestWithoutTheSecondFactorOnlyOnesOwnAccountIsLeft(t *testing.T) {
	now := time.Now()
	for _, role := range access.Roles() {
		a := access.Actor{Handle: fact.Handle{1}, Grants: []access.Grant{{Role: role, Org: fact.OrgByCode("NERCS")}}}
		if got := a.Permissions(now); !slices.Equal(got, []access.Permission{"accounts.self"}) {
			t.Errorf("%s may %v", role, got)
		}
	}
}

func TestAGrantEndsWithItsLastMoment(t *testing.T) {
	now := time.Now()
	a := access.Actor{Full: true, Grants: []access.Grant{{Role: access.Volunteer, Until: now}}}
	if a.Can("network.read", now) || !a.Can("network.read", now.Add(-time.Nanosecond)) {
		t.Fatal("a grant holds until its end, and not at it")
	}
}

func TestEveryLineIsKnownAndExplained(t *testing.T) {
	held := map[access.Role]int{}
	for _, row := range access.Policy() {
		if !access.Known(row.Permission) || row.Does == "" || strings.Count(string(row.Permission), ".") != 1 {
			t.Errorf("line %q", row.Permission)
		}
		for role := range row.Reach {
			if !role.Known() {
				t.Errorf("%s names the role %q", row.Permission, role)
			}
			held[role]++
		}
	}
	for _, role := range access.Roles() {
		if held[role] < 3 {
			t.Errorf("%s stands in %d lines", role, held[role])
		}
	}
	if access.Known("people.sell") || access.Role("police").Known() {
		t.Error("what nobody wrote is known")
	}
}

func TestPolicyCannotBeChangedFromOutside(t *testing.T) {
	access.Policy()[0].Reach[access.Volunteer] = access.Node
	access.Roles()[0] = "police"
	if access.Policy()[0].Reach[access.Volunteer] != access.Own || access.Roles()[0] != access.Volunteer {
		t.Fatal("a caller changed the policy")
	}
}

func BenchmarkMay(b *testing.B) {
	now := time.Now()
	org, point := fact.OrgByCode("NERCS"), fact.PointByCode("NE-AGZ")
	a := access.Actor{Handle: fact.Handle{1}, Full: true, Grants: []access.Grant{{Role: access.Volunteer, Org: org, Point: point}}}
	r := access.Resource{Org: org, Point: point}
	for b.Loop() {
		a.May("assist.record", r, now)
	}
}
