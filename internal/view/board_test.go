package view

import (
	"context"
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"serai/internal/access"
	"serai/internal/area/network"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

var assamaka = fact.PointByCode("NE-ASM")

// larder plays the stock: water runs short at Agadez.
type larder struct{}

func (larder) Low(_ context.Context, who access.Actor, point fact.PointID) ([]LowStock, error) {
	if point == agadez && who.Grants[0].Role == access.PointLead {
		return []LowStock{{Item: "water", Held: 40, Mark: 100}}, nil
	}
	return nil, nil
}

// along writes down a week on the road from Agadez over Arlit to Assamaka. The clock says 10 March, half past eight.
func along(t testing.TB, h *house) {
	t.Helper()
	h.importNetwork(t)
	h.Stock = larder{}
	many := func(n int64) []head { return []head{{"M", "18-29", n}} }
	h.write(t, func(tx *store.Tx) error {
		return h.put(tx,
			note{day: "2026-03-04", heads: many(3), given: []given{{"water", 1}}},
			note{day: "2026-03-03", heads: many(90)}, // a week ago and a day
			note{day: "2026-03-09", heads: many(12), going: "onward", given: []given{{"water", 1}, {"food.meal", 1}},
				asked: []asked{{"primary_health", "not_offered", 4}, {"hygiene_kit", "out_of_stock", 2}, {"primary_health", "full", 1}}},
			note{day: "2026-03-07", heads: many(50), going: "onward"}, // too long ago to be expected
			note{day: "2026-03-08", heads: many(5), going: "back"},
			note{day: "2026-03-09", heads: many(8), going: "onward", undone: true},
			note{point: assamaka, day: "2026-03-09", heads: many(7), going: "back"},
			note{point: assamaka, day: "2026-03-08", heads: many(2), going: "onward"},
		)
	})
	for _, log := range []network.DayLog{
		{Day: day(t, "2026-03-08"), Opened: "08:00", StaffWomen: 1, VolunteersMen: 2, TurnedAway: 9},
		{Day: day(t, "2026-03-09"), Opened: "08:00", StaffWomen: 2, VolunteersMen: 2, TurnedAway: 4, BedsUsed: new(int)},
	} {
		if err := h.network.LogDay(context.Background(), lead, fact.FactID{}, agadez, log, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheBoardOverHTTP(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		along(t, h)
		m := h.door(t)
		if w := get(m, "", "/api/board"); w.Code != 401 {
			t.Errorf("a stranger got %d: %s", w.Code, w.Body)
		}
		for _, step := range []struct{ name, file, who, path string }{
			{"a volunteer sees what is open and no figure", "volunteer", "volunteer", "/api/board?route=sahara-west"},
			{"a lead counts the own point, and hears roughly of a sister point", "lead", "lead", "/api/board?route=sahara-west"},
			{"a manager counts all points of the organisation", "manager", "manager", "/api/board?route=sahara-west"},
			{"the other way", "reversed", "manager", "/api/board?route=sahara-west&reversed=true"},
		} {
			w := get(m, step.who, step.path)
			if w.Code != 200 {
				t.Fatalf("%s: %d %s", step.name, w.Code, w.Body)
			}
			testkit.Golden(t, filepath.Join("testdata", "board", step.file+".json"), w.Body.Bytes())
		}
		for _, path := range []string{"/api/board?route=no-such-road", "/api/board?route=" + strings.Repeat("x", 41), "/api/board?from=2026-01-01"} {
			if w := get(m, "manager", path); w.Code != 404 && w.Code != 422 {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	})
}

func (h *house) board(t testing.TB, who access.Actor, route string, reversed bool) Board {
	t.Helper()
	b, err := h.Board(context.Background(), who, route, reversed)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b Board) at(code string) BoardStop {
	for _, s := range b.Stops {
		if s.Point != nil && s.Point.Code == code {
			return s
		}
	}
	return BoardStop{}
}

func TestABoardWithoutRoutesIsEmpty(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.Network = h.network
		if b := h.board(t, manager, "", false); b.Route != nil || len(b.Routes) > 0 || len(b.Stops) > 0 {
			t.Errorf("%+v", b)
		}
	})
}

func TestTheFirstBoardIsThatOfTheOwnPoint(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.importNetwork(t)
		captain := actor(20, access.PointLead, fact.OrgByCode("IFRC-SEA"), vessel)
		b := h.board(t, captain, "", false)
		if b.Route.Code != "central-mediterranean" || b.Route.Own != 1 {
			t.Errorf("%+v", b.Route)
		}
		if raw, err := json.Marshal(b); err != nil || strings.Contains(string(raw), `"lat"`) || strings.Contains(string(raw), "13.5") {
			t.Errorf("a board knows no position: %s %v", raw, err)
		}
		if s := b.at("LY-TIP"); s.Point == nil || s.Figures != nil || s.Log != nil || s.Point.Heard != nil {
			t.Errorf("nothing of Tripoli is here: %+v", s)
		}
	})
}

func TestDaysAfterAPointWasHeardAreNotReported(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.importNetwork(t)
		h.write(t, func(tx *store.Tx) error { return h.put(tx, note{day: "2026-03-06"}) })
		f := h.board(t, lead, "sahara-west", false).at("NE-AGZ").Figures
		got := []int64{}
		for _, n := range f.Contacts {
			if n == nil {
				got = append(got, -1)
			} else {
				got = append(got, *n)
			}
		}
		if want := []int64{0, 0, 1, -1, -1, -1, -1}; !reflect.DeepEqual(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// Between Agadez and Assamaka lies Arlit, of which nothing is here.
func TestWhoMayNotCountASisterPointHearsNoExactNumber(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.importNetwork(t)
		driver := actor(21, access.PointLead, nrc, assamaka)
		expected := func(who access.Actor) []Expected {
			f := h.board(t, who, "sahara-west", false).at("NE-ASM").Figures
			if f == nil {
				t.Fatal("no figures")
			}
			for i := range f.Expected {
				if f.Expected[i].From.Code != "NE-AGZ" || f.Expected[i].Hours != 16 {
					t.Errorf("from %+v", f.Expected[i])
				}
				f.Expected[i].From, f.Expected[i].Hours = network.PointName{}, 0
			}
			return f.Expected
		}
		if got := expected(driver); len(got) != 0 {
			t.Errorf("nobody was heard of, which is no zero: %+v", got)
		}
		sum := int64(0)
		for _, test := range []struct {
			more int64
			want Expected
		}{{1, Expected{Few: true}}, {3, Expected{Few: true}}, {1, Expected{About: 5}}, {2, Expected{About: 5}}, {1, Expected{About: 10}}, {4, Expected{About: 10}}, {1, Expected{About: 15}}} {
			sum += test.more
			h.write(t, func(tx *store.Tx) error {
				return h.put(tx, note{day: "2026-03-09", heads: []head{{"F", "18-29", test.more}}, going: "onward"})
			})
			if got := expected(driver); !reflect.DeepEqual(got, []Expected{test.want}) {
				t.Errorf("of %d she hears %+v, want %+v", sum, got, test.want)
			}
			if got := expected(manager); !reflect.DeepEqual(got, []Expected{{Persons: &Persons{0, sum, sum}}}) {
				t.Errorf("the manager counts both: %+v", got)
			}
		}
		for _, who := range []access.Actor{actor(22, access.Volunteer, nrc, assamaka), nurse, actor(23, access.Administrator, nrc, fact.PointID{})} {
			for _, s := range h.board(t, who, "sahara-west", false).Stops {
				if s.Figures != nil || s.Log != nil && who.Grants[0].Role != access.Administrator {
					t.Errorf("%s: %+v", who.Grants[0].Role, s)
				}
			}
		}
		// The same lead where another organisation runs the next point.
		other := actor(24, access.PointLead, fact.OrgByCode("RTN"), arlit)
		if f := h.board(t, other, "sahara-west", false).at("NE-ARL").Figures; f == nil || len(f.Expected) > 0 {
			t.Errorf("another organisation's people are not told: %+v", f)
		}
	})
}
