package testkit

import (
	_ "embed"
	"testing"
	"time"

	"github.com/cedar-policy/cedar-go"

	"serai/internal/access"
	"serai/internal/fact"
)

//go:embed testdata/policy.cedar
var policyText []byte

// Oracle answers who may do what from the policy that was written a second time, by hand, in Cedar. It shares nothing
// with the table of package access but the names.
type Oracle struct{ policies *cedar.PolicySet }

// NewOracle reads the policy. It is safe for use by several goroutines.
func NewOracle(t testing.TB) Oracle {
	t.Helper()
	p, err := cedar.NewPolicySetFromBytes("policy.cedar", policyText)
	if err != nil {
		t.Fatal(err)
	}
	return Oracle{p}
}

// Allows asks about each grant in turn: an account may what one of its grants may.
func (o Oracle) Allows(t testing.TB, a access.Actor, p access.Permission, r access.Resource, now time.Time) bool {
	t.Helper()
	for _, g := range a.Grants {
		if o.allowsGrant(t, a, g, p, r, now) {
			return true
		}
	}
	return false
}

func (o Oracle) allowsGrant(t testing.TB, a access.Actor, g access.Grant, p access.Permission, r access.Resource, now time.Time) bool {
	t.Helper()
	account := cedar.NewEntityUID("Account", cedar.String(a.Handle.String()))
	organisation := cedar.NewEntityUID("Organisation", cedar.String(g.Org.String()))
	things := cedar.EntityMap{
		account:      {UID: account, Attributes: cedar.NewRecord(cedar.RecordMap{"full": cedar.Boolean(a.Full)})},
		organisation: {UID: organisation},
	}

	grant := cedar.NewEntityUID("Grant", "asking")
	post := organisation
	if !g.Point.IsZero() {
		post = desk(things, g.Org, g.Point)
	}
	attributes := cedar.RecordMap{"role": cedar.String(g.Role), "account": account, "organisation": organisation, "post": post}
	if !g.Until.IsZero() {
		attributes["until"] = cedar.Long(g.Until.UnixMilli())
	}
	things[grant] = cedar.Entity{UID: grant, Attributes: cedar.NewRecord(attributes)}

	decision, why := cedar.Authorize(o.policies, things, cedar.Request{
		Principal: grant,
		Action:    cedar.NewEntityUID("Action", cedar.String(p)),
		Resource:  record(things, r),
		Context:   cedar.NewRecord(cedar.RecordMap{"now": cedar.Long(now.UnixMilli())}),
	})
	for _, e := range why.Errors {
		t.Fatalf("%s: %s", e.PolicyID, e.Message)
	}
	return decision == cedar.Allow
}

// desk is one point as run by one organisation.
func desk(things cedar.EntityMap, org fact.OrgID, point fact.PointID) cedar.EntityUID {
	uid := cedar.NewEntityUID("Desk", cedar.String(org.String()+"/"+point.String()))
	things[uid] = cedar.Entity{UID: uid, Parents: cedar.NewEntityUIDSet(cedar.NewEntityUID("Organisation", cedar.String(org.String())))}
	return uid
}

// record puts what is asked about among the things.
func record(things cedar.EntityMap, r access.Resource) cedar.EntityUID {
	uid := cedar.NewEntityUID("Record", "asked")
	attributes := cedar.RecordMap{}
	if !r.Owner.IsZero() {
		attributes["owner"] = cedar.NewEntityUID("Account", cedar.String(r.Owner.String()))
	}
	parents := cedar.NewEntityUIDSet()
	if !r.Org.IsZero() {
		own := cedar.NewEntityUID("Organisation", cedar.String(r.Org.String()))
		attributes["organisation"] = own
		parents = cedar.NewEntityUIDSet(own)
		if !r.Point.IsZero() {
			at := desk(things, r.Org, r.Point)
			attributes["desk"] = at
			parents = cedar.NewEntityUIDSet(at)
		}
	}
	things[uid] = cedar.Entity{UID: uid, Parents: parents, Attributes: cedar.NewRecord(attributes)}
	return uid
}
