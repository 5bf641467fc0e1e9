package sim

import (
	"time"
)

// site is a point on its present operating day.
type site struct {
	*ground
	index    int
	day      int // operating day, -1 before the first
	open     bool
	from, to int64
	why      string
	missing  []bool // services that ran out or whose staff is away, by index of services
	away     bool   // the health staff is away
	turned   int
	sleeping int

	anonymous         []int // persons of today's tally
	buttons           [len(buttonCodes)]int
	tallied           [64]int // services of today's tally
	sealed            [64]int
	sealedAny         bool
	staff, volunteers Team
}

var buttonCodes = [...]string{"girl", "boy", "woman", "man", "under_five_f", "under_five_m", "sixty_over_f", "sixty_over_m"}

// button gives the index of the tally's key for an age in years and a sex.
func button(age int, sex string) int {
	k := 2
	switch {
	case age < 5:
		k = 4
	case age < 18:
		k = 0
	case age >= 60:
		k = 6
	}
	if sex == "M" {
		k++
	}
	return k
}

// operatingDay is the day to which a moment belongs at the site: 04:00 to 04:00 local time.
func (s *site) operatingDay(at int64) int {
	t := at + s.offset - 4*hour
	if t < 0 {
		return -1
	}
	return int(t / day)
}

func (r *run) openSite(point, d int) {
	s := &r.sites[point]
	if d >= r.w.cfg.Days {
		s.day, s.open = d, false
		return
	}
	start := int64(d)*day - s.offset
	*s = site{ground: s.ground, index: s.index, day: d, sleeping: s.sleeping, missing: s.missing, anonymous: s.anonymous[:0]}
	if s.missing == nil {
		s.missing = make([]bool, len(services))
	}
	clear(s.missing)
	s.from, s.to = start+max(s.opening.from, 4*hour), start+s.opening.to
	if s.opening.roundClock {
		s.from, s.to = start+4*hour, start+28*hour-minute
	}
	s.open = true
	switch weekday := r.w.cfg.Start.AddDate(0, 0, d).Weekday(); {
	case !s.opening.days[weekday]:
		s.open, s.why = false, "weekday"
	case r.chance(r.w.cfg.Rates.PointClosed):
		s.open, s.why = false, []string{"holiday", "weather", "security", "access_denied", "no_staff"}[r.r.IntN(5)]
	}
	for _, code := range stocked {
		if r.chance(r.w.cfg.Rates.StockOut) {
			s.missing[serviceIndex(code)] = true
		}
	}
	s.away = r.chance(0.12)
	s.staff = Team{r.r.IntN(3), 1 + r.r.IntN(3)}
	s.volunteers = Team{1 + r.r.IntN(4), 1 + r.r.IntN(5)}
	r.push(step{at: s.to, kind: stepClose, a: int32(point)})
	r.push(step{at: r.now + day, kind: stepOpen, a: int32(point), b: int32(d + 1)})
}

// closeSite writes the tallies of the day and its log.
func (r *run) closeSite(point int) {
	s := &r.sites[point]
	if len(s.anonymous) > 0 {
		r.emit(s, Tally{Buttons: pressed(&s.buttons), Services: counted(&s.tallied), EntryMode: "live", TruthPeople: append([]int(nil), s.anonymous...)})
	}
	if s.sealedAny {
		r.emit(s, Tally{Sealed: true, Services: counted(&s.sealed), EntryMode: "live"})
	}
	log := DailyLog{Day: r.w.cfg.Start.AddDate(0, 0, s.day).Format(time.DateOnly), Open: s.open, TurnedAway: s.turned, Why: s.why}
	if s.Offers("shelter") {
		log.Beds, log.Sleeping = s.Beds, s.sleeping
	}
	if s.open {
		log.Hours, log.Staff, log.Volunteers = int((s.to-s.from+hour-1)/hour), s.staff, s.volunteers
		if s.turned > 0 {
			log.Why = "full"
		}
	}
	r.truth.Logs++
	r.emit(s, log)
	s.open = false
}

func pressed(counts *[len(buttonCodes)]int) []Button {
	var list []Button
	for i, n := range counts {
		if n > 0 {
			list = append(list, Button{buttonCodes[i], n})
		}
	}
	return list
}

func counted(counts *[64]int) []Given {
	var list []Given
	for i, n := range counts {
		if n > 0 {
			list = append(list, Given{services[i].code, n})
		}
	}
	return list
}
