package app

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/web"
)

// public are the routes that need no session, each with its reason. A route that is not here needs one.
var public = map[string]string{
	"POST /api/session":            "signing in",
	"POST /api/invitations/accept": "coming in with a code",
	"POST /api/devices/enrol":      "enrolling a device with a code",
	"GET /api/outbox/key":          "a public key",
	"POST /api/outbox":             "the signature of every entry is the right to it",
	"GET /api/openapi.json":        "the interface is no secret",
	"GET /api/docs":                "the interface is no secret",
	"GET /api/problems/{code}":     "what an error means",
	"GET /web/page.css":            "style of our own pages",
	"GET /print/card.css":          "style of printed cards",
	"GET /desk/":                   "the program of the desk, without any data",
	"GET /desk":                    "the way to the desk",
}

// publicPages are what people on the move may read: points whose visibility allows it, and nothing about persons.
var publicPages = []string{"/points", "/p/", "/routes", "/"}

func isPublicPage(r web.Route) bool {
	if r.Method != http.MethodGet || strings.HasPrefix(r.Path, "/api/") || strings.HasPrefix(r.Path, "/print/") {
		return false
	}
	return !strings.Contains(r.Path, "{person}") && slices.ContainsFunc(publicPages, func(p string) bool { return strings.HasPrefix(r.Path, p) })
}

func TestEveryRouteHasAGate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	classes := map[string]int{}
	for _, r := range w.n.Routes {
		key := r.Method + " " + r.Path
		classes[r.Class]++
		switch r.Class {
		case "public":
			if public[key] == "" && !isPublicPage(r) {
				t.Errorf("%s needs no session, and no reason stands for it", key)
			}
		case "signed_in":
			if !strings.HasPrefix(r.Path, "/api/me") && key != "DELETE /api/session" && key != "POST /api/device/restore" {
				t.Errorf("%s is open to everybody who is signed in; only what is one's own may be", key)
			}
		case "permission":
			if !access.Known(r.Permission) {
				t.Errorf("%s asks for %q, of which the policy has no line", key, r.Permission)
			}
		default:
			t.Errorf("%s has the class %q", key, r.Class)
		}
		if strings.HasPrefix(r.Path, "/api/") && r.Class == "permission" && r.Summary == "" {
			t.Errorf("%s has no summary", key)
		}
	}
	for key := range public {
		if !slices.ContainsFunc(w.n.Routes, func(r web.Route) bool { return r.Method+" "+r.Path == key }) {
			t.Errorf("%s is listed as public and is no route", key)
		}
	}
	for key := range probes {
		if !slices.ContainsFunc(w.n.Routes, func(r web.Route) bool { return r.Method+" "+r.Path == key }) {
			t.Errorf("%s has a probe and is no route", key)
		}
	}
	t.Logf("%d routes: %v", len(w.n.Routes), classes)
}

// Every command is refused to whoever is signed out, and to a role that lacks its permission.
func TestEveryCommandIsRefusedToWhoMayNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	r := w.records(homeOrg, homePoint, fact.Handle{0xaa})
	staff := map[access.Role]*member{}
	commands, refusals := 0, 0
	for _, route := range w.n.Routes {
		if route.Class == "public" || route.Method == http.MethodGet {
			continue
		}
		commands++
		slots := slotsFor(route.Path, r)
		slots["code"], slots["list"], slots["lang"], slots["part"] = "water", "groups", "ha", "card"
		url, missing := fill(route.Path, slots)
		if missing != "" {
			t.Errorf("%s %s: nobody told what stands in {%s}", route.Method, route.Path, missing)
		}
		if got := w.ask(nil, route.Method, url, nil); got.status != http.StatusUnauthorized {
			t.Errorf("%s %s answers a stranger %d %s", route.Method, route.Path, got.status, got.body)
		}
		refusals++
		if route.Permission == "" {
			continue
		}
		for _, role := range access.Roles() {
			if may := (access.Actor{Full: true, Grants: []access.Grant{seat(role, homeOrg, "")}}).Can(route.Permission, w.clock.Now()); may {
				continue
			}
			if staff[role] == nil {
				staff[role] = w.hire(string(role), seat(role, homeOrg, ""))
			}
			got := w.ask(staff[role], route.Method, url, nil)
			if got.status != http.StatusForbidden || got.code() != "web.not_allowed" {
				t.Errorf("%s %s as %s: %d %s", route.Method, route.Path, role, got.status, got.body)
			}
			refusals++
			break
		}
	}
	t.Logf("%d commands, %d refusals", commands, refusals)
}

func TestTheDocumentListsTheRoutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	var doc struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			Permission string `json:"x-permission"`
			Security   []any  `json:"security"`
		} `json:"paths"`
	}
	w.ask(nil, http.MethodGet, "/api/openapi.json", nil).into(t, &doc)
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("openapi: %s", doc.OpenAPI)
	}
	listed := 0
	for _, r := range w.n.Routes {
		op, found := doc.Paths[strings.ReplaceAll(r.Path, "...}", "}")][strings.ToLower(r.Method)]
		if !strings.HasPrefix(r.Path, "/api/") {
			continue
		}
		own := slices.Contains([]string{"/api/openapi.json", "/api/docs", "/api/problems/{code}"}, r.Path)
		switch {
		case own:
		case !found:
			t.Errorf("the document lacks %s %s", r.Method, r.Path)
		case op.Permission != string(r.Permission):
			t.Errorf("the document says %q of %s %s, which asks for %q", op.Permission, r.Method, r.Path, r.Permission)
		case (len(op.Security) > 0) != (r.Class != "public"):
			t.Errorf("the document is wrong on whether %s %s needs a session", r.Method, r.Path)
		default:
			listed++
		}
	}
	for path, ops := range doc.Paths {
		for method := range ops {
			if !slices.ContainsFunc(w.n.Routes, func(r web.Route) bool {
				return strings.EqualFold(r.Method, method) && strings.ReplaceAll(r.Path, "...}", "}") == path
			}) {
				t.Errorf("the document lists %s %s, which is no route", method, path)
			}
		}
	}
	if !json.Valid(w.ask(nil, http.MethodGet, "/api/openapi.json", nil).body) {
		t.Error("the document is no JSON")
	}
	t.Logf("%d operations in the document", listed)
}
