package assist

import (
	"context"
	"strings"
	"testing"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

// TestEveryRoute plays a day at a desk: of every route first a refusal, then the answer.
func TestEveryRoute(t *testing.T) {
	db, err := store.Open(context.Background(), testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d := newDesk(t, db)
	manager := actor(6, access.ProgrammeManager, fact.PointID{})
	door := testkit.NewDoor(d.Node, map[string]access.Actor{"volunteer": volunteer, "elsewhere": elsewhere, "lead": lead, "nurse": nurse, "officer": officer, "manager": manager}, d.Service)
	const (
		contact = "01920000-0000-7000-8000-000000000001"
		arrival = "01920000-0000-7000-8000-000000000002"
		late    = "01920000-0000-7000-8000-000000000003"
		her     = "01920000-0000-7000-8000-0000000000aa"
	)
	person, err := fact.ParseID[fact.PersonOf](her)
	if err != nil {
		t.Fatal(err)
	}
	d.files[person] = Client{Person: person, Sex: "F"}
	record := `{"id":"` + contact + `","point":"NE-AGZ","person":"` + her + `","group":"on_move","stage":"transit","direction":"onward","disability":"no","repeat":"first","services":[{"code":"hygiene_kit","quantity":1}],"asked":[{"code":"shelter","reason":"full"}]}`
	door.Play(t, []testkit.Step{
		{Name: "record", Method: "POST", Path: "/api/contacts", Body: record, Refuse: "manager", Status: 403, Who: "volunteer", Golden: "recorded.json"},
		{Name: "record again, the same", Method: "POST", Path: "/api/contacts", Body: record, Refuse: "elsewhere", Status: 422, Who: "volunteer", Golden: "recorded_again.json"},
		{Name: "read it", Method: "GET", Path: "/api/contacts/" + contact, Refuse: "elsewhere", Status: 404, Who: "volunteer", Golden: "recorded_again.json"},
		{Name: "an arrival", Method: "POST", Path: "/api/arrivals", Body: `{"id":"` + arrival + `","point":"NE-AGZ","kind":"convoy_unofficial","size":{"woman":14,"man":38},"services":[{"code":"water","quantity":3}],"asked":[{"code":"primary_health","reason":"not_offered","count":14}]}`, Refuse: "nurse", Status: 403, Who: "volunteer", Golden: "arrived.json"},
		{Name: "somebody of it, met later", Method: "POST", Path: "/api/contacts", Body: `{"id":"` + late + `","point":"NE-AGZ","sex":"M","age":{"low":18,"high":59},"services":[{"code":"first_aid","quantity":1}]}`, Refuse: "", Status: 401, Who: "nurse", Golden: "late.json"},
		{Name: "link", Method: "POST", Path: "/api/arrivals/" + arrival + "/link", Body: `{"contact":"` + late + `"}`, Refuse: "elsewhere", Status: 404, Who: "nurse"},
		{Name: "arrivals", Method: "GET", Path: "/api/arrivals?point=NE-AGZ", Refuse: "elsewhere", Status: 422, Who: "lead", Golden: "arrivals.json"},
		{Name: "correct", Method: "POST", Path: "/api/contacts/" + contact + "/corrections", Body: `{"why":"mistake","changes":{"services":[{"code":"hygiene_kit","quantity":2}],"stage":"border"}}`, Refuse: "nurse", Status: 404, Who: "lead", Golden: "corrected.json"},
		{Name: "take back", Method: "POST", Path: "/api/contacts/" + late + "/undo", Refuse: "volunteer", Status: 404, Who: "nurse", Golden: "undone.json"},
		{Name: "a paper sheet", Method: "POST", Path: "/api/tally-sheets", Body: `{"point":"NE-AGZ","day":"2026-03-09","people_seen":{"woman":12},"rows":[{"button":"woman","service":"water","count":7},{"button":"woman","service":"food.meal","count":10}],"asked":[{"code":"shelter","reason":"full","count":5}]}`, Refuse: "nurse", Status: 403, Who: "lead", Golden: "sheet.json"},
		{Name: "the day", Method: "GET", Path: "/api/contacts?point=NE-AGZ", Refuse: "elsewhere", Status: 422, Who: "volunteer", Golden: "day.json"},
		{Name: "yesterday", Method: "GET", Path: "/api/contacts?point=NE-AGZ&day=2026-03-09", Refuse: "", Status: 401, Who: "lead"},
		{Name: "a sheet to print", Method: "GET", Path: "/print/tally-sheet?point=NE-AGZ&lang=ar&day=2026-03-11", Refuse: "manager", Status: 403, Who: "volunteer", Golden: "sheet.html"},
		{Name: "tally what is sealed", Method: "POST", Path: "/api/sealed-tallies", Body: `{"point":"NE-AGZ","code":"mhpss","count":3}`, Refuse: "volunteer", Status: 403, Who: "nurse"},
		{Name: "count what is sealed", Method: "GET", Path: "/api/sealed-counts?month=2026-03", Refuse: "lead", Status: 403, Who: "officer", Golden: "sealed.json"},
	})
}

// TestAbsentAndElsewhereAnswerTheSameBytes asks for a contact of another point and for one that was never there.
func TestAbsentAndElsewhereAnswerTheSameBytes(t *testing.T) {
	db, err := store.Open(context.Background(), testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d := newDesk(t, db)
	door := testkit.NewDoor(d.Node, map[string]access.Actor{"elsewhere": elsewhere}, d.Service)
	c := d.mustRecord(t, volunteer, RecordInput{Record: Record{Services: []Given{{Code: "water", Quantity: 1}}}})
	for _, path := range []string{"/api/contacts/%", "/api/contacts/%/undo"} {
		method := "GET"
		if strings.HasSuffix(path, "undo") {
			method = "POST"
		}
		there := door.Call("elsewhere", method, strings.ReplaceAll(path, "%", c.Contact.String()), "")
		absent := door.Call("elsewhere", method, strings.ReplaceAll(path, "%", fact.NewContactID(d.Clock.Now()).String()), "")
		if there.Code != 404 || there.Code != absent.Code || there.Body.String() != absent.Body.String() {
			t.Errorf("%s: %d %s\nabsent: %d %s", path, there.Code, there.Body, absent.Code, absent.Body)
		}
	}
}
