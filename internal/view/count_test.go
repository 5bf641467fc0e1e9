package view

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
	"serai/internal/web"
)

// small is a set of contacts that can be counted by hand.
//
// Known are p, a woman, and q, a boy. On 9 March at Agadez p is met twice and a truck of sixty comes, of which q and a
// man of whom nothing was noted are met one by one; two more strangers are asked whether they were helped before. On 10
// March p, on her way home by now, is met at Arlit, and somebody at Agadez whose key is elsewhere. One contact was undone,
// and one is of another organisation.
func small(t testing.TB, h *house) {
	t.Helper()
	p, q := fact.NewPersonID(h.Clock.Now()), fact.NewPersonID(h.Clock.Now())
	truck := fact.NewContactID(h.Clock.Now())
	arrival := fact.As[fact.ArrivalOf](truck)
	woman, boy := []head{{"F", "18-29", 1}}, []head{{"M", "5-17", 1}}
	h.write(t, func(tx *store.Tx) error {
		return h.put(tx,
			note{person: p, heads: woman, given: []given{{"water", 2}, {"food.meal", 1}}},
			note{person: p, hour: 15, heads: woman, given: []given{{"hygiene_kit", 1}}},
			note{person: p, day: "2026-03-10", point: arlit, heads: woman, group: "return", stage: "going_back", given: []given{{"water", 1}}},
			note{repeat: "first", given: []given{{"water", 1}}},
			note{repeat: "before", heads: []head{{"F", "unknown", 1}}, asked: []asked{{"primary_health", "not_offered", 1}}},
			note{id: truck, arrival: arrival, heads: []head{{"F", "18-59", 14}, {"M", "18-59", 38}, {"F", "5-17", 5}, {"M", "5-17", 3}},
				given: []given{{"water", 3}, {"food.meal", 1}}, asked: []asked{{"primary_health", "not_offered", 14}}},
			note{person: q, heads: boy, arrival: arrival, hour: 10, given: []given{{"hygiene_kit", 1}}},
			note{heads: []head{{"U", "unknown", 1}}, arrival: arrival, hour: 11, stage: "held"},
			note{known: true, day: "2026-03-10", given: []given{{"water", 1}}, disabled: "yes"},
			note{undone: true, given: []given{{"water", 9}}},
			note{org: fact.OrgByCode("LRC"), point: fact.PointByCode("LY-TIP"), given: []given{{"water", 9}}},
		)
	})
}

func ask(t testing.TB, by ...string) Ask {
	return Ask{From: day(t, "2026-03-01"), To: day(t, "2026-03-31"), By: by}
}

// lines writes rows as "key key: services contacts low-central-high unmet".
func lines(c Counts) []string {
	out := []string{}
	for _, r := range c.Rows {
		var key []string
		for _, by := range c.By {
			key = append(key, r.Key[by])
		}
		b, _ := json.Marshal([]any{r.Services, r.Contacts, r.Persons.Low, r.Persons.Central, r.Persons.High, r.Unmet})
		out = append(out, strings.Join(key, " ")+" "+string(b))
	}
	return out
}

func TestASmallSetIsCountedAsByHand(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		small(t, h)
		tests := []struct {
			name string
			by   []string
			want []string
		}{
			{"persons are in both days and the total is no sum", []string{byDay}, []string{
				"2026-03-09 [125,63,2,63,63,15]",
				"2026-03-10 [2,2,1,2,2,0]",
			}},
			{"an age that crosses bands is child or adult, and a woman met one by one leaves no head of the truck", []string{byAge}, []string{
				"18-29 [6,4,1,3,3,0]",
				"child [17,8,1,7,8,0]",
				"adult [104,51,0,43,51,14]",
				"not_disaggregated [0,2,0,1,2,1]",
			}},
			{"a person is in the group of her latest contact", []string{byGroup}, []string{
				"on_move [126,64,1,53,63,15]",
				"return [1,1,1,1,1,0]",
			}},
			{"a service counts those who had it", []string{byService}, []string{
				"food.meal [61,61,1,55,61,0]",
				"hygiene_kit [2,2,2,2,2,0]",
				"primary_health [0,0,0,0,0,15]",
				"water [64,64,1,56,63,0]",
			}},
			{"reasons are of requests", []string{byReason}, []string{"not_offered [0,0,0,0,0,15]"}},
			{"what is sealed is not told apart", []string{byStage}, []string{
				"going_back [1,1,1,1,1,0]",
				"transit [126,63,2,63,63,15]",
				"unsaid [0,1,0,1,1,0]",
			}},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				c := h.count(t, manager, ask(t, test.by...))
				if d := cmp.Diff(test.want, lines(c)); d != "" {
					t.Errorf("(-want +got)\n%s", d)
				}
				want := Totals{Services: 127, Contacts: 65, Persons: Persons{2, 54, 64}, Unmet: 15}
				if len(test.by) == 1 && test.by[0] != byReason && c.Totals != want {
					t.Errorf("totals %+v, want %+v", c.Totals, want)
				}
			})
		}
	})
}

func TestWhoCountsWhat(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		small(t, h)
		elsewhere := actor(8, access.PointLead, nrc, arlit)
		other := actor(9, access.ProgrammeManager, fact.OrgByCode("LRC"), fact.PointID{})
		for _, test := range []struct {
			name     string
			who      access.Actor
			contacts int64
		}{
			{"a volunteer counts nothing", volunteer, 0},
			{"a lead counts the own point", lead, 64},
			{"another lead the other one", elsewhere, 1},
			{"a manager the own organisation", manager, 65},
			{"the manager of another organisation theirs", other, 1},
		} {
			if c := h.count(t, test.who, ask(t)); c.Totals.Contacts != test.contacts {
				t.Errorf("%s: %+v", test.name, c.Totals)
			}
		}
		if c := h.count(t, lead, Ask{From: day(t, "2026-03-01"), To: day(t, "2026-03-31"), Point: arlit}); c.Totals.Contacts != 0 {
			t.Errorf("a lead counts a point that is another's: %+v", c.Totals)
		}
		h.write(t, func(tx *store.Tx) error {
			return h.put(tx, note{given: []given{{"mhpss", 1}}, asked: []asked{{"torture", "closed", 1}}})
		})
		services := func(who access.Actor) string { return strings.Join(lines(h.count(t, who, ask(t, byService))), " ") }
		if got := services(manager); strings.Contains(got, "mhpss") || strings.Contains(got, "torture") {
			t.Errorf("a manager counts what is sealed: %s", got)
		}
		if got := services(officer); !strings.Contains(got, "mhpss [1") || !strings.Contains(got, "torture [0") {
			t.Errorf("a protection officer: %s", got)
		}
		stages := func(who access.Actor) string { return strings.Join(lines(h.count(t, who, ask(t, byStage))), " ") }
		if !strings.Contains(stages(officer), "held [") || strings.Contains(stages(manager), "held") {
			t.Errorf("held: %s / %s", stages(officer), stages(manager))
		}
	})
}

func TestAPersonWithACardGivenHereIsOne(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		// Forty people: the first time without a card, which they are given, and the next day with it.
		h.write(t, func(tx *store.Tx) error {
			for range 40 {
				p := fact.NewPersonID(h.Clock.Now())
				if err := h.put(tx, note{repeat: "first"}, note{person: p, day: "2026-03-10"}); err != nil {
					return err
				}
				if err := h.card(tx, p, nrc, agadez, day(t, "2026-03-09")); err != nil {
					return err
				}
			}
			return nil
		})
		if c := h.count(t, manager, ask(t)); c.Totals.Persons != (Persons{40, 40, 40}) {
			t.Errorf("%+v", c.Totals)
		}
		if got := lines(h.count(t, manager, ask(t, byDay))); cmp.Diff([]string{"2026-03-09 [0,40,40,40,40,0]", "2026-03-10 [0,40,40,40,40,0]"}, got) != "" {
			t.Error(got)
		}
		c := h.count(t, manager, Ask{From: day(t, "2026-03-10"), To: day(t, "2026-03-10")})
		if c.Totals.Persons != (Persons{40, 40, 40}) || len(c.Notes) != 2 || c.Notes[1] != NoteNobodyAsked {
			t.Errorf("the second day alone: %+v", c)
		}
	})
}

func TestEverySchemeHoldsEveryContact(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		small(t, h)
		for _, scheme := range []string{"ifrc", "sphere", "unhcr", "iom", "echo"} {
			a := ask(t, byAge, bySex)
			a.Scheme, a.Headings = scheme, true
			c := h.count(t, manager, a)
			var sum int64
			for _, r := range c.Rows {
				sum += r.Contacts
			}
			if sum != 65 {
				t.Errorf("%s: %d contacts in %v", scheme, sum, lines(c))
			}
		}
		a := ask(t, byAge, bySex)
		a.Scheme, a.Headings = "iom", true
		want := []string{"5-17 boy [7,3,1,3,3,0]", "5-17 girl [10,5,0,4,5,0]", "18-59 man [78,40,0,34,40,0]", "18-59 woman [32,15,1,12,14,14]", "not_disaggregated unknown [0,2,0,1,2,1]"}
		if d := cmp.Diff(want, lines(h.count(t, manager, a))); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
	})
}

func TestBadQuestionsAreToldWhatIsWrong(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		for _, test := range []struct {
			name, code string
			ask        Ask
		}{
			{"a cut that nobody knows", "counts.unknown_cut", Ask{By: []string{"shoe_size"}}},
			{"the same cut twice", "counts.doubled_cut", Ask{By: []string{byDay, byDay}}},
			{"more cuts than a table has", "counts.too_many_cuts", Ask{By: Cuts()[:6]}},
			{"days upside down", "counts.upside_down", Ask{From: day(t, "2026-03-09"), To: day(t, "2026-03-08")}},
			{"a century", "counts.too_long", Ask{From: day(t, "1926-03-09"), To: day(t, "2026-03-08")}},
			{"a scheme that nobody knows", "counts.unknown_scheme", Ask{Scheme: "own"}},
		} {
			if _, err := h.Count(context.Background(), manager, test.ask); fault.Code(err) != test.code {
				t.Errorf("%s: %v", test.name, err)
			}
		}
	})
}

// door serves the views to people named by their token.
func (h *house) door(t testing.TB) *web.Mux {
	t.Helper()
	m := web.New(web.Config{Sessions: sessions{}, Guard: sessions{}, Clock: h.Clock.Now, Node: "test", RequestKey: []byte("k")})
	h.Routes(m)
	return m
}

type sessions struct{}

func (sessions) Actor(_ context.Context, token string) (access.Actor, error) {
	who, ok := map[string]access.Actor{"volunteer": volunteer, "lead": lead, "manager": manager, "officer": officer, "nurse": nurse}[token]
	if !ok {
		return access.Actor{}, fault.NotFound("accounts.no_session", "")
	}
	return who, nil
}

func (sessions) Refused(context.Context, web.Refusal) error { return nil }

func get(m *web.Mux, token, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	return w
}

func TestCountsOverHTTP(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		small(t, h)
		m := h.door(t)
		const days = "from=2026-03-01&to=2026-03-31"
		for _, path := range []string{"/api/counts", "/api/counts.csv", "/print/counts"} {
			if w := get(m, "", path); w.Code != 401 {
				t.Errorf("%s to nobody: %d", path, w.Code)
			}
			if w := get(m, "volunteer", path); w.Code != 403 {
				t.Errorf("%s to a volunteer: %d", path, w.Code)
			}
		}
		want := `{"from":"2026-03-01","to":"2026-03-31","by":["group"],"scheme":"ifrc","rows":[` +
			`{"key":{"group":"on_move"},"services":126,"contacts":64,"persons":{"low":1,"central":53,"high":63},"unmet":15},` +
			`{"key":{"group":"return"},"services":1,"contacts":1,"persons":{"low":1,"central":1,"high":1},"unmet":0}],` +
			`"totals":{"services":127,"contacts":65,"persons":{"low":2,"central":54,"high":64},"unmet":15},"notes":["counts.not_for_publication","counts.few_were_asked"]}`
		if w := get(m, "manager", "/api/counts?by=group&"+days); w.Code != 200 || strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%d %s\nwant %s", w.Code, w.Body, want)
		}
		if w := get(m, "manager", "/api/counts?by=service,point&quantity=1"); w.Code != 422 {
			t.Errorf("an unknown parameter: %d", w.Code)
		}
		w := get(m, "manager", "/api/counts.csv?by=service&"+days)
		if got := strings.Split(strings.TrimPrefix(w.Body.String(), "\ufeff"), "\r\n"); len(got) != 7 || got[4] != "2026-03-01,2026-03-31,water,64,185,64,1,56,63,0," {
			t.Errorf("%d %q", w.Code, got)
		}
		w = get(m, "manager", "/print/counts?lang=ar&by=age&"+days)
		if body := w.Body.String(); w.Code != 200 || !strings.Contains(body, `lang="ar" dir="rtl"`) || !strings.Contains(body, "أعداد أولية") {
			t.Errorf("%d %s", w.Code, body)
		}
	})
}

func TestCellsThatAProgramWouldRunAreText(t *testing.T) {
	c := Counts{By: []string{"point"}, Rows: []Row{{Key: map[string]string{"point": "=cmd|' /C calc'!A0"}}, {Key: map[string]string{"point": "@x"}}}}
	b, err := c.CSV()
	if err != nil || !strings.Contains(string(b), ",'=cmd") || !strings.Contains(string(b), ",'@x") {
		t.Errorf("%s %v", b, err)
	}
}

func TestTheMonthUpToTodayIsCountedWhenNobodySaysWhen(t *testing.T) {
	var a Ask
	if err := a.ready(fact.DayOf(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC))); err != nil || a.From.String() != "2026-03-01" || a.To.String() != "2026-03-10" {
		t.Errorf("%+v %v", a, err)
	}
}

func TestATableSaysThatPeopleWereErasedAndNotThatOneWas(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		for n := range 6 {
			h.write(t, func(tx *store.Tx) error { return h.put(tx, note{known: true}) })
			got := h.count(t, manager, ask(t))
			if told := slices.Contains(got.Notes, NoteClosed); told != (n+1 >= fewClosed) {
				t.Errorf("of %d erased people: %v", n+1, got.Notes)
			}
			if p := got.Totals.Persons; p.Low != 0 || p.High != int64(n+1) {
				t.Errorf("of %d erased people: %+v", n+1, p)
			}
		}
	})
}
