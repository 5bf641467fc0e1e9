package app

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/testkit"
)

// probe says how a route is asked with real records, and who may, where that is not simply the route's permission on the
// record. Routes that are not among the probes are asked with what their slots name and without a body, and are held to
// their permission: a new route is covered before anybody writes its probe.
type probe struct {
	url  string                                    // in place of the pattern, with its slots
	body func(w *world, m *member, r *records) any // nil: none
	may  func(q question) bool                     // nil: the route's permission on the record
	uses []string                                  // slots that stand in query or body
	find access.Permission                         // what finds them, where it is not what usually does
	hard string                                    // why no cell of it can succeed here
	open bool                                      // answers everybody whose role has the permission anywhere, in the scope of that role
}

// question asks the oracle what a member may do to a record.
type question struct {
	t      testing.TB
	oracle testkit.Oracle
	who    access.Actor
	about  access.Resource
	now    time.Time
}

func (q question) may(p access.Permission) bool {
	return q.oracle.Allows(q.t, q.who, p, q.about, q.now)
}

// mayIn asks about the organisation of the record, whatever its point.
func (q question) mayIn(p access.Permission) bool {
	q.about.Point, q.about.Owner = fact.PointID{}, fact.Handle{}
	return q.may(p)
}

// mayAt asks about the point of the record, whoever recorded it.
func (q question) mayAt(p access.Permission) bool {
	q.about.Owner = fact.Handle{}
	return q.may(p)
}

// mayOnNode asks about what belongs to no organisation.
func (q question) mayOnNode(p access.Permission) bool {
	q.about = access.Resource{}
	return q.may(p)
}

// somewhere tells whether there is any record to which the member may do p.
func (q question) somewhere(p access.Permission) bool {
	for _, org := range []string{homeOrg, awayOrg} {
		for _, point := range []string{homePoint, nextPoint, awayPoint} {
			for _, owner := range []fact.Handle{{}, q.who.Handle} {
				q.about = access.Resource{Org: fact.OrgByCode(org), Point: fact.PointByCode(point), Owner: owner}
				if q.may(p) {
					return true
				}
			}
		}
	}
	return false
}

// governs is what package accounts promises: whoever manages an organisation's accounts, and leads for volunteers at
// their points.
func governs(q question) bool { return q.mayIn("accounts.manage") || q.mayAt("accounts.enrol") }

func seesAndGoverns(q question) bool {
	return (q.mayIn("accounts.read") || q.mayAt("accounts.read")) && governs(q)
}

type object = map[string]any

func empty(*world, *member, *records) any { return object{} }

func body(make func(r *records) any) func(*world, *member, *records) any {
	return func(_ *world, _ *member, r *records) any { return make(r) }
}

func onlyPoint(more object) func(*world, *member, *records) any {
	return body(func(r *records) any {
		b := object{"point": r.point}
		for k, v := range more {
			b[k] = v
		}
		return b
	})
}

var water = []object{{"code": "water", "quantity": 1}}

var consent = object{"basis": "consent", "purpose": "file", "language": "ha", "how": "spoken", "answer": "yes"}

// spoken begins like a recording of Opus.
const spoken = "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00OpusHead\x01"

// today is the operating day of the world's clock.
func (w *world) today() string { return fact.DayOf(w.clock.Now()).String() }

// probes are the routes that need more than their slots.
var probes = map[string]probe{
	"PATCH /api/me":         {body: body(func(*records) any { return object{"language": "fr"} })},
	"POST /api/me/password": {body: body(func(*records) any { return object{"password": worldPassword, "new": worldPassword} })},
	"POST /api/me/totp":     {body: body(func(*records) any { return object{"password": worldPassword} })},

	"POST /api/me/device-key":                    {body: body(func(*records) any { return object{"public": devicePoint()} })},
	"POST /api/device/restore":                   {hard: "needs the wrapping of a device; the intake's own tests restore one"},
	"DELETE /api/accounts/{account}/device-keys": {may: seesAndGoverns},

	"POST /api/me/totp/confirm": {hard: "needs the code of an authenticator; the accounts' own tests confirm one"},

	"POST /api/accounts": {uses: []string{"point"}, may: governs, body: func(_ *world, _ *member, r *records) any {
		org := fact.OrgByCode(r.org).String()
		return object{"name": "Newcomer", "organisation": org, "grants": []object{{"role": "volunteer", "organisation": org, "point": pointID(r.point)}}}
	}},
	"PATCH /api/accounts/{account}":           {body: body(func(*records) any { return object{"name": "Another Name"} }), may: seesAndGoverns},
	"POST /api/accounts/{account}/invitation": {may: seesAndGoverns},
	"DELETE /api/accounts/{account}/sessions": {may: seesAndGoverns},
	"GET /api/accounts/{account}/history":     {may: func(q question) bool { return q.mayIn("accounts.manage") }},
	"POST /api/grants/{grant}/approval":       {may: func(q question) bool { return q.mayIn("accounts.manage") }},
	"GET /api/accounts":                       {open: true},
	"GET /api/devices":                        {open: true},
	"POST /api/devices": {uses: []string{"point"}, body: body(func(r *records) any {
		return object{"name": "Tablet", "organisation": fact.OrgByCode(r.org).String(), "point": pointID(r.point)}
	})},

	"POST /api/points": {may: func(q question) bool { return q.mayIn("network.edit") }, body: func(_ *world, _ *member, r *records) any {
		return object{"code": fmt.Sprintf("NE-T%d", counter.Add(1)), "organisation": r.org, "name": "A new point", "kind": "hsp", "mobility": "fixed",
			"country": "NE", "lat": 17.0, "lon": 8.0, "hours": "Mo-Fr 08:00-16:00", "languages": []string{"ha"}}
	}},
	"PATCH /api/points/{point}": {body: body(func(*records) any { return object{"busy": "Mo 08:00-10:00"} }),
		may: func(q question) bool { return q.mayAt("network.run") || q.mayAt("network.edit") }},
	"POST /api/points/{point}/state": {body: func(w *world, _ *member, _ *records) any {
		return object{"state": "suspended", "why": "flood", "on": w.today()}
	}},
	"POST /api/points/{point}/position": {body: func(w *world, _ *member, _ *records) any {
		return object{"lat": 17.0, "lon": 8.0, "from": w.clock.Now(), "until": w.clock.Now().Add(time.Hour)}
	}},
	"POST /api/points/{point}/exceptions": {body: func(w *world, _ *member, _ *records) any {
		return object{"day": w.today(), "off": true, "why": "holiday"}
	}},
	"POST /api/points/{point}/days": {body: func(w *world, _ *member, _ *records) any {
		return object{"day": w.today(), "opened": "08:00", "closed": "16:00", "staff_women": 2, "staff_men": 1, "volunteers_women": 0,
			"volunteers_men": 0, "hours": 16, "turned_away": 0}
	}},
	"POST /api/organisations": {may: func(q question) bool { return q.mayOnNode("network.edit") }, body: func(*world, *member, *records) any {
		return object{"code": fmt.Sprintf("ORG%d", counter.Add(1)), "name": "Another Society", "kind": "civil_society", "country": "NE"}
	}},
	"GET /api/network/twice": {open: true},
	"GET /api/projects":      {open: true},
	"POST /api/projects": {may: func(q question) bool { return q.mayIn("network.fund") }, body: func(_ *world, _ *member, r *records) any {
		return object{"code": fmt.Sprintf("NEW-%d", counter.Add(1)), "name": "Another project", "organisation": r.org}
	}},
	"GET /api/funding": {open: true},
	"POST /api/funding": {uses: []string{"point", "project"}, body: func(w *world, _ *member, r *records) any {
		return object{"point": r.point, "project": r.project, "share": 0.01, "from": w.today(), "until": w.today()}
	}},
	"PATCH /api/funding/{interval}": {body: func(w *world, _ *member, _ *records) any {
		return object{"until": (fact.DayOf(w.clock.Now()) + 20).String()}
	}},
	"POST /api/import/network": {url: "/api/import/network?dry_run=true", open: true, body: body(func(*records) any {
		return files{"organisations": "code,name,kind,country,status\nNGO9,Ninth,civil_society,NE,source\n"}
	})},
	"GET /api/export/network/{file}": {url: "/api/export/network/points.csv"},

	"PATCH /api/services/{code}": {url: "/api/services/water", body: body(func(*records) any { return object{"labels": object{"en": "Water"}} })},
	"POST /api/services": {body: func(*world, *member, *records) any {
		return object{"code": fmt.Sprintf("local.t%d", counter.Add(1)), "labels": object{"en": "Tea"}, "sector": "Food", "unit": "day", "seen": "O"}
	}},
	"PATCH /api/lists/{list}/{code}": {url: "/api/lists/groups/on_move", body: body(func(*records) any { return object{"labels": object{"en": "On the move"}} })},

	"GET /api/consent-audio/{lang}/{part}": {url: "/api/consent-audio/en/first"},
	"PUT /api/consent-audio/{lang}/{part}": {url: "/api/consent-audio/ha/first", body: func(*world, *member, *records) any { return raw{"audio/ogg", []byte(spoken)} }},
	// Another part than the one that is read: everybody asks at once.
	"DELETE /api/consent-audio/{lang}/{part}": {url: "/api/consent-audio/ha/card"},

	"POST /api/people":        {uses: []string{"point"}, body: onlyPoint(object{"sex": "F", "basis": consent, "name": object{"parts": []string{"Maryam"}}})},
	"POST /api/people/search": {open: true, body: body(func(*records) any { return object{"name": "Maryam", "sex": "F"} })},
	"POST /api/people/rights": {uses: []string{"person"}, find: "people.copy", body: body(func(r *records) any { return object{"person": r.person} })},
	// Whatever it names is written down; to whom it was out of reach is not told.
	"POST /api/looks": {open: true, body: func(w *world, _ *member, r *records) any {
		return object{"looks": []object{{"person": r.person, "at": w.clock.Now()}}}
	}},
	"GET /api/share": {url: "/api/share?point={point}", uses: []string{"point"}},

	"GET /api/people/today":            {url: "/api/people/today?point={point}", uses: []string{"point"}},
	"PATCH /api/people/{person}":       {body: body(func(*records) any { return object{"changes": object{"interpreter": object{"value": true}}} })},
	"POST /api/people/{person}/bases":  {body: body(func(*records) any { return consent })},
	"POST /api/people/{person}/events": {body: body(func(*records) any { return object{"kind": "moved_on"} })},
	"POST /api/people/{person}/erase":  {body: body(func(*records) any { return object{"reason": "person_asked", "confirm": true} })},
	"POST /api/people/{person}/companions": {uses: []string{"other"}, body: body(func(r *records) any {
		return object{"with": r.other, "relation": "friend"}
	})},
	"POST /api/people/{person}/alike": {uses: []string{"other"}, body: body(func(r *records) any {
		return object{"with": r.other, "answer": "same"}
	})},
	"POST /api/people/{person}/bases/{basis}/withdraw": {body: body(func(*records) any { return object{"how": "spoken"} })},

	"POST /api/contacts": {uses: []string{"point", "person"}, body: body(func(r *records) any {
		return object{"point": r.point, "person": r.person, "services": water, "group": "on_move"}
	}), may: func(q question) bool { return q.mayAt("assist.record") && q.mayAt("people.read") }},
	"GET /api/contacts": {url: "/api/contacts?point={point}", uses: []string{"point"}},
	"GET /api/contacts/{contact}": {may: func(q question) bool {
		return q.may("assist.record") || q.somewhere("assist.record") && q.may("assist.read")
	}},
	"POST /api/contacts/{contact}/corrections": {body: body(func(*records) any {
		return object{"why": "mistake", "changes": object{"stage": "transit"}}
	})},
	"POST /api/contacts/{contact}/undo": {body: empty},
	"POST /api/arrivals":                {uses: []string{"point"}, body: onlyPoint(object{"kind": "vehicle", "size": object{"woman": 3}})},
	"GET /api/arrivals":                 {url: "/api/arrivals?point={point}", uses: []string{"point"}},
	"POST /api/arrivals/{arrival}/link": {uses: []string{"contact"}, body: body(func(r *records) any { return object{"contact": r.contact} })},
	"POST /api/tally-sheets": {uses: []string{"point"}, body: func(w *world, _ *member, r *records) any {
		return object{"point": r.point, "day": w.today(), "rows": []object{{"button": "woman", "service": "water", "count": 4}}}
	}},
	"GET /print/tally-sheet":   {url: "/print/tally-sheet?point={point}&lang=en", uses: []string{"point"}},
	"POST /api/sealed-tallies": {uses: []string{"point"}, body: onlyPoint(object{"code": sealedCode, "count": 2})},
	"GET /api/sealed-counts":   {open: true},

	"POST /api/cards": {uses: []string{"point", "person", "contact"}, body: body(func(r *records) any {
		return object{"point": r.point, "person": r.person, "contacts": []string{r.contact}, "language": "en", "basis": object{"answer": "yes"}}
	})},
	"POST /api/cards/read":   {uses: []string{"point"}, body: body(func(r *records) any { return object{"point": r.point, "text": r.text} })},
	"POST /api/cards/update": {uses: []string{"point"}, body: body(func(r *records) any { return object{"point": r.point, "text": r.text, "services": water} })},
	"POST /api/cards/made":   {uses: []string{"point"}, hard: "needs a card that a device signed with a key of its own; the cards' own tests make some", body: body(func(r *records) any { return object{"point": r.point, "text": r.text} })},
	"GET /api/cards/share":   {url: "/api/cards/share?point={point}", uses: []string{"point"}},
	"GET /api/card-devices":  {open: true},
	"POST /api/cards/stock":  {uses: []string{"point"}, body: onlyPoint(object{"count": 1, "language": "en"})},
	"GET /api/cards/stock":   {url: "/api/cards/stock?point={point}", uses: []string{"point"}},

	"GET /api/stock":           {url: "/api/stock?point={point}", uses: []string{"point"}},
	"GET /api/stock/movements": {url: "/api/stock/movements?point={point}", uses: []string{"point"}},
	"GET /api/stock/account":   {url: "/api/stock/account?point={point}&item=blanket", uses: []string{"point"}},
	"POST /api/stock/movements": {uses: []string{"point"}, body: onlyPoint(object{"kind": "lost", "why": "stolen",
		"lines": []object{{"item": "blanket", "quantity": 1}}})},
	"POST /api/stock/movements/{movement}/withdraw": {body: body(func(*records) any { return object{"why": "mistake"} }), may: func(q question) bool {
		return q.mayAt("stock.record") || q.about.Owner == q.who.Handle && q.mayAt("stock.count")
	}},
	"POST /api/stock/counts": {uses: []string{"point"}, body: onlyPoint(object{"lines": []object{{"item": "blanket", "quantity": 3}}})},
	"POST /api/stock/marks":  {uses: []string{"point"}, body: onlyPoint(object{"item": "blanket", "low": 20})},
	"GET /api/stock/wishes":  {url: "/api/stock/wishes?point={point}", uses: []string{"point"}},
	"POST /api/stock/wishes": {uses: []string{"point"}, body: func(w *world, _ *member, r *records) any {
		return object{"point": r.point, "by": w.today(), "reason": "season", "lines": []object{{"item": "mat", "quantity": 5}}}
	}},
	"PATCH /api/stock/wishes/{wish}":      {body: body(func(*records) any { return object{"state": "answered"} })},
	"POST /api/stock/wishes/{wish}/close": {body: empty},
	"POST /api/stock/items": {body: func(*world, *member, *records) any {
		return object{"code": fmt.Sprintf("local.t%d", counter.Add(1)), "unit": "pack", "labels": object{"en": "Tea"}}
	}},
	"PATCH /api/stock/items/{code}": {url: "/api/stock/items/mat", body: body(func(*records) any { return object{"hidden": false} })},
	"PUT /api/stock/recipes/{code}": {url: "/api/stock/recipes/shelter", body: body(func(*records) any {
		return object{"items": []object{{"item": "mat", "quantity": 1}}}
	}), may: func(q question) bool { // of the caller's own organisation, whatever the record
		q.about = access.Resource{Org: q.who.Org}
		return q.may("stock.manage")
	}},
	"GET /api/stock/export.csv": {url: "/api/stock/export.csv?point={point}", uses: []string{"point"}},

	"GET /api/counts":     {open: true},
	"GET /api/counts.csv": {open: true},
	"GET /print/counts":   {open: true},
}

// devicePoint is the public key of a device that was never there before.
func devicePoint() string {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes())
}

func pointID(code string) string {
	var ref fact.PointRef
	if err := ref.UnmarshalText([]byte(code)); err != nil {
		return code
	}
	return ref.ID.String()
}

// slotsFor are the slots of a route; on the shelves of stock a card is a blank one.
func slotsFor(path string, r *records) map[string]string {
	s := r.slots()
	if strings.HasPrefix(path, "/api/card-stock/") {
		s["card"] = r.blank
	}
	return s
}
