package people_test

import (
	"slices"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/area/people"
	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/store"
)

func TestLooksOfADeviceAreWrittenDown(t *testing.T) {
	d := newDoor(t)
	f := d.aicha(t)
	hers := d.open(t, salma, tripoli, people.Profile{Sex: "F"})
	look := func(person, at string) string { return `{"looks":[{"person":"` + person + `","at":"` + at + `"}]}` }
	noon := "2026-03-09T12:00:00+01:00"
	for who, status := range map[string]int{"": 401, "Clerk": 403, "Manager": 403} {
		if w := d.call(who, "POST", "/api/looks", look(f.Person.String(), noon)); w.Code != status {
			t.Errorf("%q: %d %s", who, w.Code, w.Body)
		}
	}
	for body, code := range map[string]string{
		`{"looks":[]}`: "web.too_few",
		look("00000000-0000-0000-0000-000000000000", noon): "people.look_of_nobody",
		look(f.Person.String(), "0001-01-01T00:00:00Z"):    "people.look_without_time",
		look(f.Person.String(), "yesterday"):               "web.bad_form",
	} {
		if w := d.call("Hawa", "POST", "/api/looks", body); w.Code != 422 {
			t.Errorf("%s: %d %s, want %s", body, w.Code, w.Body, code)
		}
	}
	before := len(d.entries(t, f.Person))
	for _, person := range []string{f.Person.String(), hers.Person.String(), fact.NewPersonID(d.Clock.Now()).String()} {
		if w := d.call("Hawa", "POST", "/api/looks", look(person, noon)); w.Code != 204 || w.Body.Len() != 0 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	entries := d.entries(t, f.Person)
	if len(entries) != before+1 || entries[0].Outcome != audit.Seen || entries[0].Actor != hawa.Handle || !entries[0].At.Equal(d.Clock.Now()) ||
		!entries[0].Made.Equal(time.Date(2026, 3, 9, 11, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", entries[0])
	}
	if got := d.entries(t, hers.Person); got[0].Outcome != audit.Refused || got[0].Code != "people.not_found" || got[0].Made.IsZero() {
		t.Errorf("out of reach: %+v", got[0])
	}
	// The answer was lost on the way, and the device sends them again.
	for range 2 {
		if w := d.call("Hawa", "POST", "/api/looks", look(f.Person.String(), noon), "again"); w.Code != 204 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if got := d.entries(t, f.Person); len(got) != before+2 {
		t.Errorf("%d entries, want %d", len(got), before+2)
	}
}

func TestWhatADeviceKeepsIsWhatItsWorkerReads(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := h.aicha(t)
		shared := func(who access.Actor, person fact.PersonID) (out people.Shared, found bool) {
			t.Helper()
			if err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
				out, found, err = h.Shared(tx, who, person)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return out, found
		}
		for _, who := range []access.Actor{hawa, nurse} {
			got, found := shared(who, f.Person)
			read, err := h.File(ctx, who, f.Person)
			if err != nil || !found || got.Name.Parts[0] != read.Name.Parts[0] || !slices.Equal(got.Needs, read.Needs) || slices.Contains(got.Needs, "private_talk") || got.LastPoint != agadez || got.LastDay == 0 {
				t.Errorf("%s: %+v, %v", who.Name, got, err)
			}
		}
		for _, who := range []access.Actor{ibrahim, salma, clerk} {
			if _, found := shared(who, f.Person); found {
				t.Errorf("%s keeps what is out of reach", who.Name)
			}
		}
		if _, found := shared(hawa, fact.NewPersonID(h.Clock.Now())); found {
			t.Error("nobody was found")
		}
	})
}
