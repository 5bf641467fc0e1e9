package access

import (
	"maps"
	"slices"
)

// Reach says how far a role carries a permission.
type Reach int

// The reaches.
//
// Own is what the actor recorded where the grant is held, and what is the actor's without belonging to a point, as an
// account is. Point is the grant's point; a grant for every point of an organisation carries it as far as Organisation.
// Organisation is everything of the grant's organisation, whichever point the grant names. Node is everything that this
// node holds: for what is nobody's secret, and for the node itself.
const (
	None Reach = iota
	Own
	Point
	Organisation
	Node
)

// String returns the reach in one word.
func (r Reach) String() string {
	if r < None || r > Node {
		return "unknown"
	}
	return [...]string{"none", "own", "point", "organisation", "node"}[r]
}

// Row is one line of the policy: what is done, in words for people, and how far each role carries it. A role that does
// not stand in Reach has none.
type Row struct {
	Permission Permission
	Does       string
	Reach      map[Role]Reach
}

// self is the one permission that an actor keeps without the second factor: it is how the factor is set up.
const self Permission = "accounts.self"

type to map[Reach][]Role

// table is the whole policy. What stands in no line is refused. Reasons that a reader would look for:
//
//   - An administrator runs the node and holds nothing about persons: running a server is no reason to read a case.
//   - A data protection officer answers requests by card or receipt (erase, copy, log) and has nothing to browse.
//   - A case worker does not erase: whoever works on a file must not be the one who makes it disappear.
//   - Volunteers undo what they themselves recorded; correcting others is the lead's.
//   - An arrival of sixty comes at night when no lead is there, and holds no person: volunteers record it.
//   - Sealed services are tallied by the staff who give them, and only protection officers see the sums.
//   - Counting stock is everybody's work at night; what came, what was lost and where it went is answered for by the
//     storekeeper and the lead. Who wishes for stock does not answer the wish.
//   - Cash and family-links staff work with persons at their points; the records of their own areas come with those areas.
var table = []struct {
	permission Permission
	does       string
	to         to
}{
	{self, "see and change one's own account", to{Own: roles}},
	{"accounts.read", "see the staff", to{
		Point:        {PointLead},
		Organisation: {ProgrammeManager, DataProtection, Administrator}}},
	{"accounts.manage", "open and close accounts, give and take roles", to{
		Organisation: {Administrator}}},
	{"accounts.enrol", "let volunteers and devices in at a point", to{
		Point:        {PointLead},
		Organisation: {Administrator}}},

	{"network.read", "see routes, points, services and hours", to{Node: roles}},
	{"network.edit", "change points, services and hours", to{
		Organisation: {ProgrammeManager},
		Node:         {Administrator}}},
	{"network.import", "import the network from files", to{
		Organisation: {ProgrammeManager},
		Node:         {Administrator}}},
	{"network.run", "keep the daily log, open and close a point, set its hours, services and languages", to{
		Point:        {PointLead},
		Organisation: {ProgrammeManager, Administrator}}},
	{"network.fund", "say which project pays for what, and when", to{
		Organisation: {ProgrammeManager, Administrator}}},

	{"lists.read", "see the catalogue and the lists", to{Node: roles}},
	{"lists.edit", "change labels of the catalogue and the lists", to{Node: {Administrator}}},

	{"people.create", "open a person's file", to{
		Point:        {Volunteer, PointLead, HealthWorker, FamilyLinks},
		Organisation: {CaseWorker, ProtectionOfficer}}},
	{"people.search", "find a file by card, or by name and one fact", to{
		Point:        {Volunteer, PointLead, HealthWorker, FamilyLinks, CashOfficer},
		Organisation: {CaseWorker, ProtectionOfficer}}},
	{"people.read", "open a file", to{
		Point:        {Volunteer, PointLead, HealthWorker, FamilyLinks, CashOfficer},
		Organisation: {CaseWorker, ProtectionOfficer}}},
	{"people.edit", "change a file", to{
		Point:        {Volunteer, PointLead, HealthWorker, FamilyLinks},
		Organisation: {CaseWorker, ProtectionOfficer}}},
	{"people.erase", "erase a person", to{
		Organisation: {ProtectionOfficer, DataProtection}}},
	{"people.copy", "make the copy that a person asks for", to{
		Organisation: {CaseWorker, ProtectionOfficer, DataProtection}}},
	{"people.basis", "record consent, another basis, or a withdrawal", to{
		Point:        {Volunteer, PointLead, HealthWorker, FamilyLinks},
		Organisation: {CaseWorker, ProtectionOfficer}}},
	{"people.log", "see who opened a file", to{
		Organisation: {ProtectionOfficer, DataProtection}}},
	{"people.resolve", "settle what was written in two ways, and say whether two files are about one person", to{
		Point:        {PointLead},
		Organisation: {CaseWorker, ProtectionOfficer}}},
	{"people.health", "see and record needs of class H", to{
		Point:        {HealthWorker},
		Organisation: {CaseWorker, ProtectionOfficer}}},
	{"people.sealed", "see and record needs of class S", to{
		Organisation: {ProtectionOfficer}}},

	{"assist.record", "record contacts and services", to{
		Point: {Volunteer, PointLead, HealthWorker, CaseWorker, ProtectionOfficer, FamilyLinks, CashOfficer}}},
	{"assist.read", "see today's list and what somebody already had", to{
		Point:        {Volunteer, PointLead, HealthWorker, FamilyLinks, CashOfficer},
		Organisation: {CaseWorker, ProtectionOfficer}}},
	{"assist.correct", "correct or undo what was recorded", to{
		Own:   {Volunteer, HealthWorker, CaseWorker, ProtectionOfficer, FamilyLinks, CashOfficer},
		Point: {PointLead}}},
	{"assist.bulk", "record arrivals, and sheets filled in on paper", to{
		Point: {Volunteer, PointLead}}},
	{"assist.health", "see and record services of class H", to{
		Point:        {HealthWorker},
		Organisation: {CaseWorker, ProtectionOfficer}}},
	{"assist.sealed", "tally services of class S", to{
		Point: {HealthWorker, CaseWorker, ProtectionOfficer, FamilyLinks}}},
	{"assist.sealed_counts", "see the monthly sums of services of class S", to{
		Organisation: {ProtectionOfficer}}},

	{"cards.issue", "give out a card", to{
		Point: {Volunteer, PointLead, HealthWorker, CaseWorker, ProtectionOfficer, FamilyLinks}}},
	{"cards.read", "read a card", to{
		Point: {Volunteer, PointLead, HealthWorker, CaseWorker, ProtectionOfficer, FamilyLinks, CashOfficer}}},
	{"cards.update", "write on a card and sign it anew", to{
		Point: {Volunteer, PointLead, HealthWorker, CaseWorker, ProtectionOfficer, FamilyLinks}}},
	{"cards.stock", "print and account for blank cards", to{
		Point: {PointLead, Storekeeper}}},

	{"stock.read", "see the stock of a point", to{
		Point:        {Volunteer, PointLead, HealthWorker, Storekeeper},
		Organisation: {ProgrammeManager, MonitoringOfficer}}},
	{"stock.count", "count the stock of a point", to{
		Point: {Volunteer, PointLead, HealthWorker, Storekeeper}}},
	{"stock.record", "record what came and what was lost or sent on, and wish for more", to{
		Point: {PointLead, Storekeeper}}},
	{"stock.manage", "set low-stock marks, and which items a service takes", to{
		Point:        {PointLead},
		Organisation: {ProgrammeManager}}},
	{"stock.answer", "answer wishes for stock", to{
		Organisation: {ProgrammeManager}}},

	{"counts.read", "see the counts", to{
		Point:        {PointLead, Storekeeper},
		Organisation: {ProtectionOfficer, ProgrammeManager, MonitoringOfficer}}},
	{"audit.read", "read the access log", to{
		Organisation: {DataProtection}}},
	{"node.manage", "run the node: backups, keys, peers", to{
		Node: {Administrator}}},
}

// index is the table by permission and role, for decisions in nanoseconds.
var index = func() map[Permission]map[Role]Reach {
	all := make(map[Permission]map[Role]Reach, len(table))
	for _, line := range table {
		by := make(map[Role]Reach)
		for reach, holders := range line.to {
			for _, role := range holders {
				if _, twice := by[role]; twice {
					panic("access: " + string(line.permission) + " names " + string(role) + " twice")
				}
				by[role] = reach
			}
		}
		if _, twice := all[line.permission]; twice {
			panic("access: two lines for " + string(line.permission))
		}
		all[line.permission] = by
	}
	return all
}()

// Known tells whether the policy has a line for p.
func Known(p Permission) bool {
	_, ok := index[p]
	return ok
}

// Policy returns the whole policy, line by line, for documents, tests and the desk. It is the caller's to keep.
func Policy() []Row {
	out := make([]Row, 0, len(table))
	for _, line := range table {
		out = append(out, Row{line.permission, line.does, maps.Clone(index[line.permission])})
	}
	return out
}

// Permissions returns every permission of the policy, in its order.
func Permissions() []Permission {
	out := make([]Permission, 0, len(table))
	for _, line := range table {
		out = append(out, line.permission)
	}
	return slices.Clip(out)
}
