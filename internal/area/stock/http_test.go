package stock

import (
	"context"
	"strings"
	"testing"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

// TestEveryRoute plays a week of a store: of every route first a refusal, then the answer.
func TestEveryRoute(t *testing.T) {
	db, err := store.Open(context.Background(), testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d := newShelf(t, db)
	door := testkit.NewDoor(d.Node, map[string]access.Actor{"volunteer": volunteer, "lead": lead, "keeper": keeper, "elsewhere": elsewhere, "manager": manager, "admin": admin, "case": case1}, d.Service)
	const (
		came = "01920000-0000-7000-8000-000000000001"
		seen = "01920000-0000-7000-8000-000000000002"
		wish = "01920000-0000-7000-8000-000000000003"
	)
	delivery := `{"id":"` + came + `","point":"NE-AGZ","happened":"2026-03-10T08:00:00Z","kind":"received","why":"national","reference":"WB-17","lines":[{"item":"ors_sachet","quantity":100,"batch":"L7","expires":"2027-01-31"}],"kits":[{"kit":"hygiene_kit","quantity":20}]}`
	d.give("hygiene_kit", 3)
	door.Play(t, []testkit.Step{
		{Name: "items", Method: "GET", Path: "/api/stock/items", Refuse: "", Status: 401, Who: "case", Golden: "items.json"},
		{Name: "a delivery", Method: "POST", Path: "/api/stock/movements", Body: delivery, Refuse: "volunteer", Status: 403, Who: "keeper", Golden: "received.json"},
		{Name: "again, the same", Method: "POST", Path: "/api/stock/movements", Body: delivery, Refuse: "elsewhere", Status: 422, Who: "keeper", Golden: "received.json"},
		{Name: "sent on", Method: "POST", Path: "/api/stock/movements", Body: `{"point":"NE-AGZ","kind":"sent","other":"NE-ARL","lines":[{"item":"towel","quantity":5}]}`, Refuse: "manager", Status: 403, Who: "lead", Golden: "sent.json"},
		{Name: "a count", Method: "POST", Path: "/api/stock/counts", Body: `{"id":"` + seen + `","point":"NE-AGZ","lines":[{"item":"soap_100g","quantity":50},{"item":"towel","quantity":0}]}`, Refuse: "manager", Status: 403, Who: "volunteer", Golden: "counted.json"},
		{Name: "a mark", Method: "POST", Path: "/api/stock/marks", Body: `{"point":"NE-AGZ","item":"soap_100g","low":60}`, Refuse: "keeper", Status: 403, Who: "lead"},
		{Name: "the levels", Method: "GET", Path: "/api/stock?point=NE-AGZ", Refuse: "elsewhere", Status: 422, Who: "volunteer", Golden: "levels.json"},
		{Name: "what was written down", Method: "GET", Path: "/api/stock/movements?point=NE-AGZ", Refuse: "case", Status: 403, Who: "lead", Golden: "movements.json"},
		{Name: "the account of soap", Method: "GET", Path: "/api/stock/account?point=NE-AGZ&item=soap_100g", Refuse: "elsewhere", Status: 422, Who: "lead", Golden: "account.json"},
		{Name: "take the count back", Method: "POST", Path: "/api/stock/movements/" + seen + "/withdraw", Body: `{"why":"twice"}`, Refuse: "elsewhere", Status: 404, Who: "keeper", Golden: "withdrawn.json"},
		{Name: "a wish", Method: "POST", Path: "/api/stock/wishes", Body: `{"id":"` + wish + `","point":"NE-AGZ","by":"2026-04-01","reason":"season","lines":[{"item":"blanket","quantity":200}]}`, Refuse: "volunteer", Status: 403, Who: "keeper", Golden: "wished.json"},
		{Name: "wishes", Method: "GET", Path: "/api/stock/wishes?state=open", Refuse: "case", Status: 403, Who: "manager", Golden: "wishes.json"},
		{Name: "an answer", Method: "PATCH", Path: "/api/stock/wishes/" + wish, Body: `{"state":"answered","note":"150 by truck","on":"2026-03-25"}`, Refuse: "lead", Status: 403, Who: "manager", Golden: "answered.json"},
		{Name: "wishes as a file", Method: "GET", Path: "/api/stock/wishes.csv", Refuse: "case", Status: 403, Who: "manager", Golden: "wishes.csv"},
		{Name: "closed", Method: "POST", Path: "/api/stock/wishes/" + wish + "/close", Body: `{}`, Refuse: "elsewhere", Status: 404, Who: "lead", Golden: "closed.json"},
		{Name: "a local item", Method: "POST", Path: "/api/stock/items", Body: `{"code":"local.tea","unit":"pack","labels":{"en":"Tea"}}`, Refuse: "manager", Status: 403, Who: "admin", Golden: "item.json"},
		{Name: "hidden", Method: "PATCH", Path: "/api/stock/items/local.tea", Body: `{"hidden":true}`, Refuse: "lead", Status: 403, Who: "admin", Golden: "hidden.json"},
		{Name: "a recipe", Method: "PUT", Path: "/api/stock/recipes/shelter", Body: `{"per":1,"items":[{"item":"mat","quantity":1}]}`, Refuse: "lead", Status: 403, Who: "manager"},
		{Name: "recipes", Method: "GET", Path: "/api/stock/recipes", Refuse: "case", Status: 403, Who: "keeper", Golden: "recipes.json"},
		{Name: "levels as a file", Method: "GET", Path: "/api/stock/export.csv?point=NE-AGZ", Refuse: "elsewhere", Status: 422, Who: "keeper", Golden: "levels.csv"},
	})
}

// TestAbsentAndElsewhereAnswerTheSameBytes asks for records of another point and for ones that were never there.
func TestAbsentAndElsewhereAnswerTheSameBytes(t *testing.T) {
	db, err := store.Open(context.Background(), testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d := newShelf(t, db)
	door := testkit.NewDoor(d.Node, map[string]access.Actor{"elsewhere": elsewhere}, d.Service)
	m := d.count(t, "hat", 3)
	w, err := d.Wish(context.Background(), keeper, agadez, Wish{By: here.day(noon), Reason: "other", Lines: []Part{{Item: "hat", Quantity: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	for path, id := range map[string]string{"/api/stock/movements/%/withdraw": m.ID.String(), "/api/stock/wishes/%/close": w.Wish.String()} {
		body := `{"why":"mistake"}`
		if strings.HasSuffix(path, "close") {
			body = `{}`
		}
		there := door.Call("elsewhere", "POST", strings.ReplaceAll(path, "%", id), body)
		absent := door.Call("elsewhere", "POST", strings.ReplaceAll(path, "%", fact.NewFactID(d.Clock.Now()).String()), body)
		if there.Code != 404 || there.Code != absent.Code || there.Body.String() != absent.Body.String() {
			t.Errorf("%s: %d %s\nabsent: %d %s", path, there.Code, there.Body, absent.Code, absent.Body)
		}
	}
}
