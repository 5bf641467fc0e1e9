package view

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
)

// few reaches the people in it.
type few map[fact.PersonID]bool

func (f few) Reaches(_ *store.Tx, _ access.Actor, p fact.PersonID) (bool, error) { return f[p], nil }

func TestTheHistoryOfAPerson(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		her, him := fact.NewPersonID(h.Clock.Now()), fact.NewPersonID(h.Clock.Now())
		h.People = few{her: true}
		h.write(t, func(tx *store.Tx) error {
			return h.put(tx,
				note{person: her, given: []given{{"hygiene_kit", 1}, {"primary_health.medicine", 1}, {"mhpss", 1}}, asked: []asked{{"primary_health", "not_offered", 1}, {"ill", "closed", 1}, {"torture", "closed", 1}}},
				note{person: her, hour: 15, given: []given{{"water", 9}}, undone: true},
				note{person: her, day: "2026-03-10", org: fact.OrgByCode("LRC"), point: arlit, given: []given{{"family_links.call", 2}}},
				note{person: him, given: []given{{"water", 3}}},
			)
		})
		m := h.door(t)
		path := "/api/people/" + her.String() + "/history"
		if w := get(m, "", path); w.Code != 401 {
			t.Errorf("nobody: %d", w.Code)
		}
		if w := get(m, "manager", path); w.Code != 403 {
			t.Errorf("a manager: %d", w.Code)
		}
		strange := get(m, "volunteer", "/api/people/"+him.String()+"/history")
		nobody := get(m, "volunteer", "/api/people/"+fact.NewPersonID(h.Clock.Now()).String()+"/history")
		cut := func(s string) string { a, _, _ := strings.Cut(s, `"request"`); return a }
		if strange.Code != 404 || cut(strange.Body.String()) != cut(nobody.Body.String()) {
			t.Errorf("somebody else's: %d %s / %s", strange.Code, strange.Body, nobody.Body)
		}
		want := `{"entries":[{"day":"2026-03-10","point":{"id":"` + arlit.String() + `","code":"","name":""},"service":"family_links.call","quantity":2,"source":"other"},` +
			`{"day":"2026-03-09","point":{"id":"` + agadez.String() + `","code":"","name":""},"service":"hygiene_kit","quantity":1,"source":"here"}],` +
			`"unmet":[{"day":"2026-03-09","code":"primary_health","reason":"not_offered"}]}`
		if w := get(m, "volunteer", path); w.Code != 200 || strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%d\n%s", w.Code, cmp.Diff(want, strings.TrimSpace(w.Body.String())))
		}
		if w := get(m, "nurse", path); !strings.Contains(w.Body.String(), "primary_health.medicine") || !strings.Contains(w.Body.String(), `"ill"`) {
			t.Errorf("a nurse: %s", w.Body)
		}
		// Not even protection officers: what is sealed is not shown beside what is not.
		if w := get(m, "officer", path); strings.Contains(w.Body.String(), "mhpss") || strings.Contains(w.Body.String(), "torture") {
			t.Errorf("sealed services in a history: %s", w.Body)
		}
		if _, err := h.History(context.Background(), volunteer, him); fault.Of(err) != fault.ClassNotFound {
			t.Error(err)
		}
		looks, refused := 0, 0
		if err := db.Read(context.Background(), func(tx *store.Tx) error {
			_, err := tx.One(`SELECT coalesce(sum(CASE WHEN outcome = 1 THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN outcome = 3 THEN 1 ELSE 0 END), 0) FROM audit_entry WHERE action = 'assist.read'`, nil, &looks, &refused)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if looks != 3 || refused != 3 {
			t.Errorf("%d looks and %d refusals in the access log", looks, refused)
		}
	})
}
