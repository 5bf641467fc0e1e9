package network

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
)

func date(s string) fact.Day {
	d, err := fact.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// expect compares the codes of what was refused; none means that it was fine.
func expect(t *testing.T, err error, want ...string) {
	t.Helper()
	var got []string
	for _, f := range fault.All(err) {
		got = append(got, f.Field+" "+f.Code)
	}
	if len(want) == 1 && want[0] == "" {
		want = nil
	}
	if err != nil && got == nil {
		t.Fatalf("no fault: %v", err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestTheLifeOfAPoint(t *testing.T) {
	today := date("2026-03-10")
	src := fact.OrgByCode("SRC")
	tests := []struct {
		name string
		from string
		next Life
		want string
	}{
		{"a planned point opens", Planned, Life{State: Open, On: today}, ""},
		{"a planned point never opens", Planned, Life{State: Closed, On: today, Why: "no money"}, ""},
		{"a planned point cannot be suspended", Planned, Life{State: Suspended, On: today, Why: "flood"}, "state network.no_such_step"},
		{"an open point is suspended with a reason", Open, Life{State: Suspended, On: today, Why: "flood"}, ""},
		{"without a reason it is not", Open, Life{State: Suspended, On: today}, "why network.missing"},
		{"a suspended point opens again without a reason", Suspended, Life{State: Open, On: today}, ""},
		{"a suspended point closes", Suspended, Life{State: Closed, On: today, Why: "expelled"}, ""},
		{"an open point is handed over to somebody", Open, Life{State: HandedOver, On: today, Why: "agreement", To: src}, ""},
		{"not to nobody", Open, Life{State: HandedOver, On: today, Why: "agreement"}, "handed_to network.missing"},
		{"a closing has no successor", Open, Life{State: Closed, On: today, Why: "end", To: src}, "handed_to network.not_handed_over"},
		{"a closed point stays closed", Closed, Life{State: Open, On: today}, "state network.life_over"},
		{"a point that was handed over stays so", HandedOver, Life{State: Open, On: today}, "state network.life_over"},
		{"a state is not entered again", Open, Life{State: Open, On: today}, "state network.no_such_step"},
		{"an unknown state is refused", Open, Life{State: "asleep", On: today, Why: "?"}, "state network.unknown_word"},
		{"tomorrow has not come", Open, Life{State: Suspended, On: today + 1, Why: "flood"}, "on network.day_ahead"},
		{"a step cannot precede the one before", Open, Life{State: Suspended, On: date("2026-02-28"), Why: "flood"}, "on network.day_before"},
		{"a day is needed", Open, Life{State: Suspended, Why: "flood"}, "on network.out_of_range"},
		{"a reason is one line", Open, Life{State: Suspended, On: today, Why: "a\u202eb"}, "why network.bad_text"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			now := Life{State: test.from, On: date("2026-03-01")}
			expect(t, now.Step(test.next, today), test.want)
		})
	}
}

func TestADailyLog(t *testing.T) {
	today := date("2026-03-10")
	good := DayLog{Day: today, Opened: "08:00", Closed: "01:30", StaffWomen: 1, VolunteersMen: 2, Hours: 30}
	with := func(change func(*DayLog)) DayLog { l := good; change(&l); return l }
	tests := []struct {
		name string
		log  DayLog
		want string
	}{
		{"a day that ended after midnight", good, ""},
		{"a day that stayed closed says why", DayLog{Day: today, Why: "strike"}, ""},
		{"and not nothing", DayLog{Day: today}, "why network.missing"},
		{"tomorrow is not logged", with(func(l *DayLog) { l.Day++ }), "day network.day_ahead"},
		{"nor the last century", with(func(l *DayLog) { l.Day = -30000 }), "day network.out_of_range"},
		{"a clock shows 24 hours", with(func(l *DayLog) { l.Opened = "25:00" }), "opened network.bad_clock"},
		{"with two digits each", with(func(l *DayLog) { l.Closed = "8:5" }), "closed network.bad_clock"},
		{"what closed had opened", with(func(l *DayLog) { l.Opened, l.Why = "", "late" }), "opened network.missing"},
		{"nobody is less than none", with(func(l *DayLog) { l.TurnedAway = -1 }), "turned_away network.out_of_range"},
		{"no bed is less than none", with(func(l *DayLog) { n := -1; l.BedsUsed = &n }), "beds_used network.out_of_range"},
		{"more may sleep than there are beds", with(func(l *DayLog) { n := 300; l.BedsUsed = &n }), ""},
		{"three people do not work eighty hours a day", with(func(l *DayLog) { l.Hours = 80 }), "hours network.too_many_hours"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { expect(t, test.log.check(today), test.want) })
	}
}

func TestAnExceptionalDay(t *testing.T) {
	today := date("2026-03-10")
	tests := []struct {
		name string
		e    Exception
		want string
	}{
		{"off for a feast", Exception{Day: today, Off: true, Why: "feast"}, ""},
		{"other hours", Exception{Day: today + 3, Hours: "08:00-12:00,14:00-16:00", Why: "market"}, ""},
		{"both are none", Exception{Day: today, Off: true, Hours: "08:00-12:00", Why: "?"}, "hours network.hours_or_off"},
		{"neither is none", Exception{Day: today, Why: "?"}, "hours network.hours_or_off"},
		{"a week is no day", Exception{Day: today, Hours: "Mo-Fr 08:00-12:00", Why: "x"}, "hours network.bad_day_hours"},
		{"a second rule cannot be smuggled in", Exception{Day: today, Hours: "08:00-12:00; 24/7", Why: "x"}, "hours network.bad_day_hours"},
		{"nor by the reason", Exception{Day: today, Off: true, Why: `x"; 24/7 "`}, "why network.bad_text"},
		{"not in ten years", Exception{Day: today + 4000, Off: true, Why: "x"}, "day network.out_of_range"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { expect(t, test.e.check(today), test.want) })
	}
}

func TestSharesOfAnInterval(t *testing.T) {
	project := fact.ProjectByCode("P1")
	pay := func(service string, percent int, from, until string) Interval {
		return Interval{Service: service, Project: project, Share: percent * 100, From: date(from), Until: date(until)}
	}
	year := []string{"2026-01-01", "2026-12-31"}
	tests := []struct {
		name   string
		v      Interval
		others []Interval
		want   string
	}{
		{"one project pays all", pay("water", 100, year[0], year[1]), nil, ""},
		{"two share", pay("water", 40, year[0], year[1]), []Interval{pay("water", 60, year[0], year[1])}, ""},
		{"two cannot pay 101 percent", pay("water", 41, year[0], year[1]), []Interval{pay("water", 60, year[0], year[1])}, "share network.over_funded"},
		{"not even on one day", pay("water", 41, "2026-06-30", "2026-12-31"), []Interval{pay("water", 60, "2026-01-01", "2026-06-30")}, "share network.over_funded"},
		{"one after the other may", pay("water", 100, "2026-07-01", "2026-12-31"), []Interval{pay("water", 100, "2026-01-01", "2026-06-30")}, ""},
		{"different services do not add up", pay("water", 100, year[0], year[1]), []Interval{pay("food.meal", 100, year[0], year[1])}, ""},
		{"every service counts for each", pay("water", 41, year[0], year[1]), []Interval{pay("", 60, year[0], year[1])}, "share network.over_funded"},
		{"and the other way round", pay("", 41, year[0], year[1]), []Interval{pay("water", 60, year[0], year[1])}, "share network.over_funded"},
		{"three meet only on a day in between", pay("water", 40, year[0], year[1]),
			[]Interval{pay("water", 40, "2026-01-01", "2026-03-31"), pay("water", 40, "2026-03-31", "2026-06-30")}, "share network.over_funded"},
		{"a share of nothing is none", pay("water", 0, year[0], year[1]), nil, "share network.out_of_range"},
		{"an unknown service is refused", pay("gold", 10, year[0], year[1]), nil, "service network.unknown_service"},
		{"it does not end before it begins", pay("water", 10, year[1], year[0]), nil, "until network.ends_before"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { expect(t, test.v.check(catalogue.Base(), test.others), test.want) })
	}
}

func TestNumbers(t *testing.T) {
	id := fact.PointByCode("NE-AGZ")
	free := func(uint32) bool { return false }
	first := Number(id, lastNumber, free)
	if first == 0 || first > lastNumber || Number(id, lastNumber, free) != first {
		t.Fatalf("the number of a point follows from its id: %d", first)
	}
	if n := Number(id, lastNumber, func(n uint32) bool { return n == first }); n != first%lastNumber+1 {
		t.Errorf("a number that is taken gives the next: %d after %d", n, first)
	}
	given := map[uint32]bool{}
	for i := range 7 {
		given[Number(fact.PointByCode(fmt.Sprint("P", i)), 7, func(n uint32) bool { return given[n] })] = true
	}
	if len(given) != 7 || given[0] {
		t.Errorf("seven points share out seven numbers, and none gets 0: %v", given)
	}
	if n := Number(id, 7, func(n uint32) bool { return given[n] }); n < 1 || n > 7 {
		t.Errorf("when all are given it still ends: %d", n)
	}
}

func TestARouteTheOtherWay(t *testing.T) {
	points := cmp.Comparer(func(a, b fact.PointID) bool { return a == b })
	r := Route{Code: "a-c", Stops: []Stop{{Place: "A"}, {Place: "B", Mode: "foot", Hours: 8}, {Place: "C", Mode: "truck", Hours: 48}}}
	want := Route{Code: "a-c", Stops: []Stop{{Place: "C"}, {Place: "B", Mode: "truck", Hours: 48}, {Place: "A", Mode: "foot", Hours: 8}}}
	if d := cmp.Diff(want, r.Reversed(), points); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff(r, r.Reversed().Reversed(), points); d != "" {
		t.Errorf("there and back (-want +got):\n%s", d)
	}
}

func TestWhatNeverChanges(t *testing.T) {
	cat := catalogue.Base()
	good := Point{Code: "NE-AGZ", Name: "Agadez", Kind: "hsp", Mobility: Fixed, Org: fact.OrgByCode("NRC"), Country: "NE",
		Position: &Position{Lat: 17, Lon: 8}, Visibility: Hidden, Cutoff: DefaultCutoff}
	ship := good
	ship.Mobility, ship.Country = AtSea, ""
	with := func(p Point, change func(*Point)) Point { change(&p); return p }
	tests := []struct {
		name string
		was  Point
		next Point
		want []string
	}{
		{"a name changes", good, with(good, func(p *Point) { p.Name = "Agadez north" }), nil},
		{"a fixed point becomes mobile", good, with(good, func(p *Point) { p.Mobility = Mobile }), nil},
		{"the organisation stays", good, with(good, func(p *Point) { p.Org = fact.OrgByCode("MRC") }), []string{"organisation network.organisation_fixed"}},
		{"a point on land does not go to sea", good, ship, []string{"mobility network.sea_fixed"}},
		{"nor comes a ship ashore", ship, good, []string{"mobility network.sea_fixed"}},
		{"a ship is in no country", ship, with(ship, func(p *Point) { p.Country = "IT" }), []string{"country network.sea_country"}},
		{"everything wrong is told at once", good, with(good, func(p *Point) {
			p.Name, p.Position, p.Languages, p.Hours = "", &Position{Lat: 91, Lon: -181}, []string{"xyzzy"}, "Mo 25:00-26:00"
			p.Services, p.Beds, p.Visibility = []PointService{{Code: "gold"}}, -1, "loud"
		}), []string{"name network.missing", "visibility network.unknown_word", "lat network.out_of_range", "lon network.out_of_range",
			"services network.unknown_service", "languages network.bad_language", "hours hours.time", "beds network.out_of_range"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { expect(t, test.was.Become(&test.next, cat), test.want...) })
	}
	army := Organisation{Code: "DGPC", Name: "Civil protection", Kind: Authority, Country: "NE"}
	partner := army
	partner.Kind = "partner"
	t.Run("an authority never becomes a partner", func(t *testing.T) { expect(t, army.Become(partner), "kind network.authority_fixed") })
	t.Run("nor a partner an authority", func(t *testing.T) { expect(t, partner.Become(army), "kind network.authority_fixed") })
}
