package app

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/area/assist"
	"serai/internal/area/people"
	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
	"serai/internal/view"
)

func (w *world) share(t testing.TB, m *member, point string, since time.Time, next string) (out view.Share) {
	t.Helper()
	q := url.Values{"point": {point}}
	if !since.IsZero() {
		q.Set("since", since.Format(time.RFC3339Nano))
	}
	if next != "" {
		q.Set("next", next)
	}
	w.ask(m, "GET", "/api/share?"+q.Encode(), nil).into(t, &out)
	return out
}

func ids(s view.Share) (out []string) {
	for _, p := range s.People {
		out = append(out, p.Person.String())
	}
	return out
}

func (w *world) looksAt(t testing.TB, person, action string) (n int) {
	t.Helper()
	id := parsed[fact.PersonID](w, person)
	w.must(w.n.DB.Read(context.Background(), func(tx *store.Tx) error {
		all, err := w.n.Log.Of(tx, id, 1000)
		for _, e := range all {
			if e.Action == action && e.Outcome == audit.Seen {
				n++
			}
		}
		return err
	}))
	return n
}

func TestADeviceGetsTheShareOfItsWorker(t *testing.T) {
	t.Parallel()
	for _, e := range testkit.Engines(t) {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, e)
			m := w.hire("musa", seat(access.Volunteer, homeOrg, homePoint))
			for who, status := range map[*member]int{nil: 401, w.hire("dpo", seat(access.DataProtection, homeOrg, "")): 403, w.hire("next", seat(access.Volunteer, homeOrg, nextPoint)): 404} {
				if got := w.ask(who, "GET", "/api/share?point="+homePoint, nil); got.status != status {
					t.Errorf("%d %s, want %d", got.status, got.body, status)
				}
			}
			here, there := w.records(homeOrg, homePoint, fact.Handle{0xaa}), w.records(homeOrg, nextPoint, fact.Handle{0xaa})
			got := w.share(t, m, homePoint, time.Time{}, "")
			want := []string{here.person, here.other}
			slices.Sort(want)
			if !slices.Equal(ids(got), want) || got.More || len(got.All) != 2 || len(got.Removed) != 0 || got.Days != 14 {
				t.Fatalf("%v, want %v: %+v", ids(got), want, got)
			}
			if slices.Contains(ids(got), there.person) {
				t.Error("somebody from another point")
			}
			first := got.People[slices.Index(ids(got), here.person)]
			if first.Name == nil || len(first.History) != 1 || first.History[0].Service != "water" || first.LastPoint != fact.PointByCode(homePoint) || first.LastDay == 0 || len(first.Bases) == 0 {
				t.Errorf("%+v", first)
			}
			if len(got.Contacts) != 2 || len(got.Arrivals) != 1 { // an arrival is a contact as well
				t.Errorf("%d contacts, %d arrivals", len(got.Contacts), len(got.Arrivals))
			}
			if n := w.looksAt(t, here.person, "people.share"); n != 1 {
				t.Errorf("%d looks are written down", n)
			}

			// Nothing happened: nothing comes, and nothing is written down.
			w.clock.Add(10 * time.Minute)
			at := w.clock.Now()
			got = w.share(t, m, homePoint, at, "")
			if len(got.People) != 0 || len(got.All) != 2 || w.looksAt(t, here.person, "people.share") != 1 {
				t.Errorf("nothing new: %v of %v", ids(got), got.All)
			}
			// Something was recorded about one of them, in each of the ways.
			who := everyRole(homeOrg, fact.Handle{0xaa})
			person, contact := parsed[fact.PersonID](w, here.person), parsed[fact.ContactID](w, here.contact)
			for name, change := range map[string]func() error{
				"edited": func() error {
					_, err := w.n.People.Edit(context.Background(), who, person, people.EditFile{Changes: people.Changes{Interpreter: &people.Set[bool]{Value: true}}})
					return err
				},
				"an event": func() error {
					_, err := w.n.People.Record(context.Background(), who, person, fact.FactID{}, people.Event{Kind: "moved_on"})
					return err
				},
				"served elsewhere": func() error {
					_, err := w.n.Assist.Record(context.Background(), who, assist.RecordInput{Point: fact.PointByCode(nextPoint), Person: person,
						Record: assist.Record{Services: []assist.Given{{Code: "water", Quantity: 1}}, Group: "on_move", Repeat: "before"}})
					return err
				},
				"a contact taken back": func() error {
					_, err := w.n.Assist.Correct(context.Background(), who, assist.Correct{Contact: contact, Undo: true})
					return err
				},
			} {
				w.clock.Add(10 * time.Minute)
				at = w.clock.Now()
				w.clock.Add(10 * time.Minute)
				w.must(change())
				w.clock.Add(10 * time.Minute)
				if got = w.share(t, m, homePoint, at, ""); !slices.Equal(ids(got), []string{here.person}) {
					t.Errorf("%s: %v", name, ids(got))
				}
			}

			// Who is erased is in no list any more.
			_, err := w.n.People.Erase(context.Background(), who, parsed[fact.PersonID](w, here.other), "person_asked", true)
			w.must(err)
			if got = w.share(t, m, homePoint, at, ""); len(got.All) != 1 || got.All[0] != person {
				t.Errorf("after an erasure: %v", got.All)
			}

			// Two weeks later she has left the device.
			at = w.clock.Now()
			w.clock.Add(15 * 24 * time.Hour)
			w.signIn(m)
			got = w.share(t, m, homePoint, at, "")
			if len(got.All) != 0 || len(got.People) != 0 || len(got.Removed) != 1 || got.Removed[0] != person {
				t.Errorf("after two weeks: %+v", got)
			}
		})
	}
}

func TestALargeShareComesInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	m := w.hire("musa", seat(access.Volunteer, homeOrg, homePoint))
	who := everyRole(homeOrg, fact.Handle{0xaa})
	for i := range 501 {
		_, err := w.n.People.Open(context.Background(), who, openFile(fact.PointByCode(homePoint), fmt.Sprintf("Person %c%c", 'a'+i%26, 'a'+i/26)))
		w.must(err)
	}
	page := w.share(t, m, homePoint, time.Time{}, "")
	if len(page.People) != 500 || !page.More || len(page.All) != 501 {
		t.Fatalf("%d people of %d, more: %t", len(page.People), len(page.All), page.More)
	}
	all := ids(page)
	page = w.share(t, m, homePoint, time.Time{}, page.Next)
	if all = append(all, ids(page)...); len(all) != 501 || page.More || page.Next != "" || !slices.IsSorted(all) || len(slices.Compact(all)) != 501 {
		t.Errorf("%d people in all, more: %t", len(all), page.More)
	}
	if len(page.All) != 0 || len(page.Contacts) != 0 {
		t.Errorf("the second page repeats what stood on the first: %+v", page)
	}
}

// BenchmarkShare asks for what changed among 2,000 people who came to a point: what a desk does all day.
func BenchmarkShare(b *testing.B) {
	for _, e := range testkit.Engines(b) {
		b.Run(string(e), func(b *testing.B) {
			w := newWorld(b, e)
			m := w.hire("musa", seat(access.Volunteer, homeOrg, homePoint))
			who := everyRole(homeOrg, fact.Handle{0xaa})
			for i := range 2000 {
				_, err := w.n.People.Open(context.Background(), who, openFile(fact.PointByCode(homePoint), fmt.Sprintf("Person %c%c%c", 'a'+i%26, 'a'+i/26%26, 'a'+i/676)))
				w.must(err)
			}
			w.clock.Add(time.Hour)
			for b.Loop() {
				if got := w.share(b, m, homePoint, w.clock.Now(), ""); len(got.All) != 2000 || len(got.People) != 0 {
					b.Fatalf("%d people of %d", len(got.People), len(got.All))
				}
			}
		})
	}
}
