package hours

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones must be the same on every machine that runs the tests

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func must(t testing.TB, text string) Spec {
	t.Helper()
	s, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const stamp = "2006-01-02 15:04"

func TestOpen(t *testing.T) {
	for name, c := range map[string]struct {
		spec, zone, at string // at in the zone; 2026-12-21 is a Monday
		open           bool
		until          string
		comment        string
	}{
		"open in the middle of the day":               {"Mo-Fr 08:00-17:00", "Africa/Niamey", "2026-12-21 09:00", true, "2026-12-21 17:00", ""},
		"closed before opening":                       {"Mo-Fr 08:00-17:00", "Africa/Niamey", "2026-12-21 07:59", false, "2026-12-21 08:00", ""},
		"open from the first minute":                  {"Mo-Fr 08:00-17:00", "Africa/Niamey", "2026-12-21 08:00", true, "2026-12-21 17:00", ""},
		"closed from the last minute":                 {"Mo-Fr 08:00-17:00", "Africa/Niamey", "2026-12-21 17:00", false, "2026-12-22 08:00", ""},
		"closed over the week's end":                  {"Mo-Fr 08:00-17:00", "Africa/Niamey", "2026-12-25 18:00", false, "2026-12-28 08:00", ""},
		"always open never changes":                   {"24/7", "Africa/Niamey", "2026-12-21 09:00", true, "", ""},
		"every day all day never changes":             {"Mo-Su 00:00-24:00", "Africa/Niamey", "2026-12-21 09:00", true, "", ""},
		"always off never changes":                    {"off", "Africa/Niamey", "2026-12-21 09:00", false, "", ""},
		"always open but on one date":                 {`24/7; 2026 Dec 25 off "no staff"`, "Africa/Niamey", "2026-12-21 09:00", true, "2026-12-25 00:00", ""},
		"on that date it says why":                    {`24/7; 2026 Dec 25 off "no staff"`, "Africa/Niamey", "2026-12-25 09:00", false, "2026-12-26 00:00", "no staff"},
		"a date of another year does not count":       {"24/7; 2027 Dec 25 off", "Africa/Niamey", "2026-12-25 09:00", true, "2027-12-25 00:00", ""},
		"dates of every year":                         {"24/7; Dec 24-26 off", "Africa/Niamey", "2031-12-26 23:59", false, "2031-12-27 00:00", ""},
		"over the year's end":                         {"Mo-Su 08:00-12:00; Dec 24-Jan 2 off", "Africa/Niamey", "2026-12-23 12:00", false, "2027-01-03 08:00", ""},
		"a night is open after midnight":              {"Mo 20:00-06:00", "Africa/Niamey", "2026-12-22 05:00", true, "2026-12-22 06:00", ""},
		"a night is not open the morning before":      {"Mo 20:00-06:00", "Africa/Niamey", "2026-12-21 05:00", false, "2026-12-21 20:00", ""},
		"a night runs on into a day off":              {"Mo-Su 20:00-06:00; 2026 Dec 25 off", "Africa/Niamey", "2026-12-25 03:00", true, "2026-12-25 06:00", ""},
		"nights that touch days never close":          {"Mo-Su 08:00-20:00,20:00-08:00", "Africa/Niamey", "2026-12-25 03:00", true, "", ""},
		"a later rule replaces the day":               {"Mo-Fr 08:00-17:00; We 12:00-18:00", "Africa/Niamey", "2026-12-23 09:00", false, "2026-12-23 12:00", ""},
		"a pause closes":                              {"Mo-Fr 08:00-17:00; 12:00-13:00 off", "Africa/Niamey", "2026-12-23 12:30", false, "2026-12-23 13:00", ""},
		"a pause ends the morning":                    {"Mo-Fr 08:00-17:00; 12:00-13:00 off", "Africa/Niamey", "2026-12-23 09:30", true, "2026-12-23 12:00", ""},
		"a pause in the night leaves two halves":      {"Mo-Su 20:00-06:00; 23:00-02:00 off", "Africa/Niamey", "2026-12-23 23:30", false, "2026-12-24 02:00", ""},
		"after the pause in the night":                {"Mo-Su 20:00-06:00; 23:00-02:00 off", "Africa/Niamey", "2026-12-24 02:30", true, "2026-12-24 06:00", ""},
		"the half night yields to an earlier start":   {"Mo 20:00-06:00; Mo 21:00-05:00 off; Tu 01:00-02:00", "Africa/Niamey", "2026-12-21 22:00", false, "2026-12-22 01:00", ""},
		"holidays are not evaluated":                  {"Mo-Su 08:00-17:00; PH off", "Africa/Niamey", "2026-12-25 09:00", true, "2026-12-25 17:00", ""},
		"a comment on the hours":                      {`Mo 08:00-12:00 "women first"`, "Africa/Niamey", "2026-12-21 09:00", true, "2026-12-21 12:00", "women first"},
		"only a comment is not open":                  {`"by appointment"`, "Africa/Niamey", "2026-12-21 09:00", false, "", "by appointment"},
		"Friday closed in Tripoli":                    {"Su-Th 09:00-16:00", "Africa/Tripoli", "2026-12-24 16:30", false, "2026-12-27 09:00", ""},
		"the same moment elsewhere":                   {"Mo-Su 07:00-18:00", "America/Bogota", "2026-12-21 17:59", true, "2026-12-21 18:00", ""},
		"spring: the skipped hour shortens a night":   {"Mo-Su 22:00-06:00", "Europe/Athens", "2026-03-29 01:00", true, "2026-03-29 06:00", ""},
		"spring: an opening in the skipped hour":      {"Mo-Su 03:30-06:00", "Europe/Athens", "2026-03-29 02:30", false, "2026-03-29 04:00", ""},
		"spring: hours inside the skipped hour":       {"Mo-Su 03:15-03:45", "Europe/Athens", "2026-03-29 02:30", false, "2026-03-30 03:15", ""},
		"autumn: a closing counts the first time":     {"Mo-Su 22:00-03:30", "Europe/Athens", "2026-10-25 02:30", true, "2026-10-25 03:30", ""},
		"Morocco in Ramadan goes by its clocks":       {"Mo-Su 08:00-17:00", "Africa/Casablanca", "2026-03-01 09:00", true, "2026-03-01 17:00", ""},
		"a leap day of every year":                    {"Feb 29 08:00-12:00", "Africa/Niamey", "2027-12-01 09:00", false, "2028-02-29 08:00", ""},
		"a change further off than we look is none":   {"Feb 29 08:00-12:00", "Africa/Niamey", "2026-03-01 09:00", false, "", ""},
		"24 hours on one weekday end at its midnight": {"Mo 00:00-24:00", "Africa/Niamey", "2026-12-21 09:00", true, "2026-12-22 00:00", ""},
	} {
		t.Run(name, func(t *testing.T) {
			z := zone(t, c.zone)
			at, err := time.ParseInLocation(stamp, c.at, z)
			if err != nil {
				t.Fatal(err)
			}
			open, until, comment := must(t, c.spec).Open(at)
			got := ""
			if !until.IsZero() {
				got = until.Format(stamp)
			}
			if open != c.open || got != c.until || comment != c.comment {
				t.Errorf("got %v until %q %q, want %v until %q %q", open, got, comment, c.open, c.until, c.comment)
			}
		})
	}
	if open, until, _ := (Spec{}).Open(time.Unix(0, 0)); open || !until.IsZero() {
		t.Error("no hours are never open")
	}
}

// In the night of the change to winter time the hour from three to four comes twice in Athens.
func TestRepeatedHour(t *testing.T) {
	z := zone(t, "Europe/Athens")
	first := time.Date(2026, 10, 25, 0, 15, 0, 0, time.UTC).In(z) // 03:15 summer time
	second := first.Add(time.Hour)                                // 03:15 winter time
	s := must(t, "Mo-Su 22:00-03:30")
	if open, until, _ := s.Open(first); !open || until.Sub(first) != 15*time.Minute {
		t.Errorf("first 03:15: %v until %s", open, until)
	}
	if open, _, _ := s.Open(second); open {
		t.Error("at the second 03:15 the place has closed at the first 03:30")
	}
	night := must(t, "Mo-Su 22:00-06:00")
	if open, until, _ := night.Open(first); !open || until.Sub(first) != 3*time.Hour+45*time.Minute {
		t.Errorf("the long night ends at %s", until)
	}
}

func TestWeek(t *testing.T) {
	s := must(t, `Mo-Fr 08:00-12:00,14:00-17:00; We off; Sa 20:00-06:00 "men"; 2026 Dec 25 off "feast"`)
	from := time.Date(2026, 12, 21, 23, 0, 0, 0, time.UTC)
	want := [7]string{"08:00-12:00 14:00-17:00", "08:00-12:00 14:00-17:00", "", "08:00-12:00 14:00-17:00", "", "20:00-06:00", ""}
	for i, ranges := range s.Week(from) {
		if got := strings.Trim(strings.ReplaceAll(fmt.Sprint(strs(ranges)), "  ", " "), "[]"); got != want[i] {
			t.Errorf("day %d: %q, want %q", i, got, want[i])
		}
	}
	if sa := s.Week(from)[5][0]; sa.Comment != "men" || sa.From != 1200 || sa.To != 1800 {
		t.Errorf("Saturday is %+v", sa)
	}
	if ranges, why := s.Day(from.AddDate(0, 0, 4)); ranges != nil || why != "feast" {
		t.Errorf("the feast: %v %q", ranges, why)
	}
	if got := must(t, "Mo-Fr,PH 08:00-12:00; PH off").Holidays(); got != "PH 08:00-12:00; PH off" {
		t.Errorf("holidays: %q", got)
	}
}

func strs(ranges []Range) []string {
	out := make([]string, len(ranges))
	for i, r := range ranges {
		out[i] = r.String()
	}
	return out
}

// spec draws a specification from the grammar.
func drawSpec(t *rapid.T) Spec {
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	days := func() string { return pick("days", "", "Mo ", "Mo-Fr ", "Sa-Su ", "Fr-Mo ", "Su-Th ", "Tu,Th ") }
	dates := func() string {
		return pick("dates", "", "", "", "Dec ", "Dec 24-26 ", "2026 Dec 25 ", "Dec 30-Jan 2 ", "2026 Dec 28-2027 Jan 1 ", "Jan,Dec 31 ")
	}
	hours := func() string {
		var list []string
		for range rapid.IntRange(1, 3).Draw(t, "ranges") {
			from := rapid.IntRange(0, 47).Draw(t, "from") * 30
			to := from + rapid.IntRange(1, 47).Draw(t, "length")*30
			list = append(list, clock(from)+"-"+clock(to%day))
			if to%day == from {
				list = list[:len(list)-1]
			}
		}
		return strings.Join(list, ",")
	}
	var rules []string
	for range rapid.IntRange(1, 4).Draw(t, "rules") {
		rules = append(rules, dates()+days()+pick("state", hours(), hours(), hours(), "off", hours()+" off", "24/7"))
	}
	s, err := Parse(strings.Join(rules, "; "))
	if err != nil {
		t.Fatalf("%q: %v", strings.Join(rules, "; "), err)
	}
	return s
}

// openAt asks each minute by itself, without looking for changes: the oracle, in a zone without clock changes.
func openAt(s Spec, at time.Time) bool {
	for back := range 3 {
		d := dateOf(at).add(-back)
		minute := int(at.Sub(d.utc()) / time.Minute)
		ranges, _ := s.on(d)
		for _, r := range ranges {
			if r.From <= minute && minute < r.To {
				return true
			}
		}
	}
	return false
}

func TestOpenAgreesWithEachMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpec(t)
		at := time.Date(2026, 12, 20, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 15*day).Draw(t, "minute")) * time.Minute)
		open, until, _ := s.Open(at)
		if open != openAt(s, at) {
			t.Fatalf("%q at %s: %v, each minute says otherwise", s, at, open)
		}
		end := at.Add(9 * day * time.Minute)
		if !until.IsZero() && until.Before(end) {
			if openAt(s, until) == open {
				t.Fatalf("%q at %s: nothing changes at %s", s, at, until)
			}
			end = until
		}
		for m := at; m.Before(end); m = m.Add(10 * time.Minute) {
			if openAt(s, m) != open {
				t.Fatalf("%q at %s: changes at %s, before %s", s, at, m, until)
			}
		}
	})
}

// Across clock changes the next change is always later, and asking then gives the other answer.
func TestUntilIsTheNextChangeInEveryZone(t *testing.T) {
	zones := []*time.Location{zone(t, "Europe/Athens"), zone(t, "Africa/Casablanca"), zone(t, "Africa/Cairo"), zone(t, "America/Bogota")}
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpec(t)
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 365*day).Draw(t, "minute")) * time.Minute)
		at = at.In(rapid.SampledFrom(zones).Draw(t, "zone"))
		open, until, _ := s.Open(at)
		if until.IsZero() {
			return
		}
		if !until.After(at) {
			t.Fatalf("%q at %s: changes in the past, %s", s, at, until)
		}
		if then, _, _ := s.Open(until); then == open {
			t.Fatalf("%q at %s: still %v at %s", s, at, open, until)
		}
		if before, _, _ := s.Open(until.Add(-time.Minute)); before != open {
			t.Fatalf("%q at %s: %v already before %s", s, at, !open, until)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	for _, text := range []string{"Mo-Fr 08:00-17:00", "24/7; 2026 Dec 25 off"} {
		s, at := must(b, text), time.Date(2026, 12, 21, 9, 0, 0, 0, zone(b, "Africa/Niamey"))
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				s.Open(at)
			}
		})
	}
}
