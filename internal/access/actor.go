// Package access decides who may do what to which record. Its decisions are pure: a table of permissions, roles and
// reaches, and the same table as an SQL filter. Nothing here reads or writes.
//
// A grant gives one account one role, in one organisation, at one point or at all of them, until a day. A permission
// names what is done ("people.read"). A reach says how far a role carries that permission: own records, the point, the
// organisation, the node. What an actor may not see is absent in every query, count, export and error.
package access

import (
	"slices"
	"time"

	"serai/internal/fact"
)

// Role is what somebody does in the programme.
type Role string

// The roles. There is none for authorities, and organisations of kind "authority" can hold no account.
const (
	Volunteer         Role = "volunteer"
	PointLead         Role = "point_lead"
	HealthWorker      Role = "health_worker"
	CaseWorker        Role = "case_worker"
	ProtectionOfficer Role = "protection_officer"
	ProgrammeManager  Role = "programme_manager"
	DataProtection    Role = "data_protection_officer"
	Administrator     Role = "administrator"
	FamilyLinks       Role = "family_links_officer"
	Storekeeper       Role = "storekeeper"
	CashOfficer       Role = "cash_officer"
	CashApprover      Role = "cash_approver"
	MonitoringOfficer Role = "monitoring_officer"
)

// roles in the order in which documents show them.
var roles = []Role{Volunteer, PointLead, HealthWorker, CaseWorker, ProtectionOfficer, ProgrammeManager, DataProtection,
	Administrator, FamilyLinks, Storekeeper, CashOfficer, CashApprover, MonitoringOfficer}

// Roles returns every role, in the order in which documents show them.
func Roles() []Role { return slices.Clone(roles) }

// Known tells whether there is such a role.
func (r Role) Known() bool { return slices.Contains(roles, r) }

// SecondFactor tells whether the role asks for a second factor. Volunteers have an enrolled device and a PIN instead;
// leads upwards have a password and something more.
func (r Role) SecondFactor() bool { return r != Volunteer }

// FourEyes tells whether giving the role needs a second administrator: whoever holds it can open sealed records, erase,
// read the access log, or give out roles.
func (r Role) FourEyes() bool {
	return r == ProtectionOfficer || r == DataProtection || r == Administrator
}

// Grant is one role of one account.
type Grant struct {
	Role  Role         `json:"role"`
	Org   fact.OrgID   `json:"organisation"`
	Point fact.PointID `json:"point,omitzero"` // none: every point of the organisation
	Until time.Time    `json:"until,omitzero"` // zero: no end
}

// Holds tells whether the grant is in force at now.
func (g Grant) Holds(now time.Time) bool { return g.Until.IsZero() || now.Before(g.Until) }

// Actor is who is calling: a signed-in account with the grants it holds at this moment.
type Actor struct {
	Account fact.AccountID
	Handle  fact.Handle // how facts and the access log name the account
	Name    string
	Org     fact.OrgID
	Grants  []Grant
	Device  fact.DeviceID // none for a browser that was not enrolled
	Full    bool          // signed in with everything the role asks for (second factor or enrolled device)
	Lang    string
}

// Permission names what is done to a kind of record: area, dot, verb.
type Permission string
