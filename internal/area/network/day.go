package network

import (
	"fmt"
	"strings"

	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/hours"
)

// Exception says that a point has other hours on one day, or is closed on it.
type Exception struct {
	_     struct{} `cbor:",toarray"`
	Day   fact.Day `json:"day"`
	Hours string   `json:"hours,omitempty"` // "08:00-12:00,14:00-16:00"
	Off   bool     `json:"off,omitempty"`
	Why   string   `json:"why,omitempty"`
}

// Bounds on days: nothing is reported of before the first points, and exceptions are planned a year ahead at most.
var firstDay, _ = fact.ParseDay("1990-01-01")

const (
	daysAhead  = 400
	daysBehind = 7 // an exception of last week still explains last week's figures
)

// check returns every fault of an exception set when the operating day is today.
func (e *Exception) check(today fact.Day) error {
	var c checker
	if e.Day < today-daysBehind || e.Day > today+daysAhead {
		c.refuse("day", "network.out_of_range", "exceptional hours are for a day from a week ago to %d days ahead", daysAhead)
	}
	switch {
	case e.Off == (e.Hours != ""):
		c.refuse("hours", "network.hours_or_off", "give either the hours of that day, as in 08:00-12:00, or off")
	case e.Hours != "":
		if _, err := hours.Parse(e.rule()); err != nil || strings.ContainsAny(e.Hours, `;"`) || strings.ContainsFunc(e.Hours, letter) {
			c.refuse("hours", "network.bad_day_hours", "the hours of one day have the form 08:00-12:00 or 08:00-12:00,14:00-16:00")
		}
	}
	c.text("why", e.Why, 120, true)
	if strings.Contains(e.Why, `"`) {
		c.refuse("why", "network.bad_text", `leave out the sign "`)
	}
	return c.err()
}

func letter(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' }

// rule writes the exception as a rule of opening hours; the rules of later exceptions and of this day win over the week.
func (e Exception) rule() string {
	what := e.Hours
	if e.Off {
		what = "off"
	}
	if e.Why != "" {
		what += ` "` + e.Why + `"`
	}
	return e.Day.Time().Format("2006 Jan 2") + " " + what
}

// DayLog is what a point reports of one operating day. Times are those of the point's clock; a point that closes after
// midnight reports that time under the day on which it opened.
type DayLog struct {
	_               struct{} `cbor:",toarray"`
	Day             fact.Day `json:"day"`
	Opened          string   `json:"opened,omitempty"` // "08:10"; empty on a day when it stayed closed
	Closed          string   `json:"closed,omitempty"`
	Why             string   `json:"why,omitempty"` // why it opened late, closed early or not at all
	StaffWomen      int      `json:"staff_women" minimum:"0" maximum:"10000"`
	StaffMen        int      `json:"staff_men" minimum:"0" maximum:"10000"`
	VolunteersWomen int      `json:"volunteers_women" minimum:"0" maximum:"10000"`
	VolunteersMen   int      `json:"volunteers_men" minimum:"0" maximum:"10000"`
	Hours           float64  `json:"hours" minimum:"0" maximum:"100000"` // worked by all of them together
	TurnedAway      int      `json:"turned_away" minimum:"0" maximum:"100000"`
	// BedsUsed came later. The array of a fact has a fixed length, so it travels beside it: see LogOpen.
	BedsUsed *int `json:"beds_used,omitempty" cbor:"-" minimum:"0" maximum:"100000" doc:"Beds in use in the night that begins on this day; absent when nobody counted"`
}

// check returns every fault of a log written when the operating day is today. More people than beds is no fault: they
// slept there.
func (l DayLog) check(today fact.Day) error {
	var c checker
	switch {
	case l.Day > today:
		c.refuse("day", "network.day_ahead", "this day has not come yet at the point")
	case l.Day < firstDay:
		c.refuse("day", "network.out_of_range", "a daily log is not older than %s", firstDay)
	}
	c.clock("opened", l.Opened)
	c.clock("closed", l.Closed)
	if l.Closed != "" && l.Opened == "" {
		c.refuse("opened", "network.missing", "say when it opened, or leave closed empty too")
	}
	c.text("why", l.Why, 200, l.Opened == "")
	for _, n := range []struct {
		field string
		count int
		most  int
	}{
		{"staff_women", l.StaffWomen, 10_000}, {"staff_men", l.StaffMen, 10_000},
		{"volunteers_women", l.VolunteersWomen, 10_000}, {"volunteers_men", l.VolunteersMen, 10_000},
		{"turned_away", l.TurnedAway, 100_000},
	} {
		if n.count < 0 || n.count > n.most {
			c.refuse(n.field, "network.out_of_range", "0 to %d", n.most)
		}
	}
	if l.BedsUsed != nil && (*l.BedsUsed < 0 || *l.BedsUsed > mostBeds) {
		c.refuse("beds_used", "network.out_of_range", "0 to %d", mostBeds)
	}
	workers := l.StaffWomen + l.StaffMen + l.VolunteersWomen + l.VolunteersMen
	if !(l.Hours >= 0 && l.Hours <= 24*float64(workers)) {
		c.refuse("hours", "network.too_many_hours", "all together work at most 24 hours each; count the people first")
	}
	return c.err()
}

func (c *checker) clock(field, s string) {
	if s == "" {
		return
	}
	var h, m int
	if n, err := fmt.Sscanf(s, "%2d:%2d", &h, &m); n != 2 || err != nil || len(s) != 5 || h < 0 || h > 23 || m < 0 || m > 59 {
		c.refuse(field, "network.bad_clock", "a time of the point's clock has the form 08:10")
	}
}

// checkPosition returns every fault of a planned position of a point of this mobility.
func checkPosition(p PositionOpen, mobility string) error {
	var c checker
	if mobility == Fixed {
		c.refuse("point", "network.not_mobile", "a fixed point has no itinerary; change its position instead")
	}
	c.position(Position{Lat: p.Lat, Lon: p.Lon})
	switch {
	case p.Until <= p.From:
		c.refuse("until", "network.ends_before", "this must be after from")
	case p.Until-p.From > 366*86400:
		c.refuse("until", "network.out_of_range", "an itinerary is planned for a year at most")
	}
	if day := fact.Day(p.From / 86400); day < firstDay {
		c.refuse("from", "network.out_of_range", "this lies before %s", firstDay)
	}
	return c.err()
}

// noPoint is what is said of a point that is not there, and of one whose daily work is not the caller's to see.
func noPoint() error {
	return fault.NotFound("network.no_point", "there is no such point; GET /api/points lists them")
}
