package sim

import "slices"

// visit is a point, numbered from 1, and an operating day.
type visit struct{ point, day int32 }

// traveller is a person during a run.
type traveller struct {
	card     uint64 // lineage of the card in hand, 0 without one
	gone     uint64 // lineage of a card that was lost or taken and not yet spoken of
	goneHow  string
	sequence int
	files    []fileOf
	given    []gift
	last     [2]visit // the latest contacts
	tallied  visit    // the latest bulk tally
	refused  []int16  // organisations that heard "no" to a file
}

type fileOf struct {
	org  int16
	file int32
}

type gift struct {
	service int16
	day     int32
}

func (t *traveller) drop(how string) {
	t.gone, t.goneHow, t.card = t.card, how, 0
}

// metOn tells whether the person already had a contact at the point on that operating day.
func (t *traveller) metOn(point, day int) bool {
	v := visit{int32(point + 1), int32(day)}
	return t.last[0] == v || t.last[1] == v
}

// met records a contact, in any form, for the truth.
func (r *run) met(person int, s *site) {
	t := &r.people[person]
	t.last[1], t.last[0] = t.last[0], visit{int32(s.index + 1), int32(s.day)}
	r.truth.meet(person, s.index, s.day, r.date())
}

// visit is one person at the desk.
func (r *run) visit(m int, stay int32, point int) {
	person := &r.w.people[m]
	p := &r.parties[person.Party-1]
	s := &r.sites[point]
	if p.stay != stay || !p.present || !s.open || r.now < s.from || r.now >= s.to {
		return
	}
	t := &r.people[m]
	inTally := t.tallied == visit{int32(point + 1), int32(s.day)}
	if !inTally && t.metOn(point, s.day) || inTally && r.chance(0.6) {
		return
	}
	age := person.Age(r.date())
	given, sealed, missed := r.serve(s, p, t, person, age, inTally)
	s.sealedAny = s.sealedAny || sealed
	if len(given) == 0 && len(missed) == 0 {
		return // somebody who came only for a sealed service is not written down as a person
	}
	before := t.last[0].point > 0
	if !inTally {
		r.met(m, s)
	}
	if !inTally && t.card == 0 && !r.hasFile(t, s) && len(missed) == 0 && r.chance(r.w.cfg.Rates.Tallied) {
		s.anonymous = append(s.anonymous, person.ID)
		s.buttons[button(age, person.Sex)]++
		for _, g := range given {
			s.tallied[serviceIndex(g.Code)] += g.Quantity
		}
		r.truth.Tallied++
		return
	}
	c := Contact{Services: given, NotGiven: missed, Sex: person.Sex, AgeGroup: "adult", Disability: r.disability(person),
		Arrival: p.arrival, InTally: inTally, EntryMode: "live", TruthPerson: person.ID, Language: s.language(person)}
	c.Group, c.Stage, c.Direction = r.situation(s, p)
	switch {
	case r.chance(0.08):
		c.AgeGroup = "unknown"
	case age < 18:
		c.AgeGroup = "child"
	case age >= 60:
		c.AgeGroup = "older"
	}
	if r.chance(0.02) {
		c.Sex = "U"
	}
	if r.chance(0.04) {
		c.EntryMode = "paper"
	}
	r.record(s, p, t, person, &c, before)
}

// serve decides what somebody gets and asks for in vain. Sealed services go to the day's tally at once.
func (r *run) serve(s *site, p *wayfarers, t *traveller, person *Person, age int, inTally bool) (given []Given, sealed bool, missed []NotGiven) {
	sick := serviceIndex("primary_health")
	for k := range services {
		v := &services[k]
		chance := v.chance(person, age)
		if v.code == "shelter" && s.offers[k] {
			if p.housed == s.index+1 {
				chance = 1
			} else if person.needs("sleep_tonight") && s.Beds-s.sleeping < len(p.members) && r.chance(r.w.cfg.Rates.AskedNotGiven) {
				missed = append(missed, NotGiven{v.code, "full"})
			}
		}
		if p.rescued && !inTally && (v.code == "rescue" || v.code == "survival_kit") && s.offers[k] && t.daysSince(k, s.day) > 20 {
			chance = 1
		}
		if inTally && (v.code == "water" || v.code == "food.meal") {
			chance = 0
		}
		if chance == 0 || !r.chance(chance) || (v.every > 0 && t.daysSince(k, s.day) < v.every && !r.chance(0.04)) {
			continue
		}
		reason := ""
		switch {
		case !s.offers[k]:
			reason = "not_offered"
		case s.missing[k]:
			reason = "out_of_stock"
		case s.away && services[k].family == services[sick].family:
			reason = "closed"
		case slices.Contains(talked, v.family) && !s.speaks(person) && r.chance(0.4):
			reason = "no_interpreter"
		case v.code == "primary_health" && r.chance(0.01):
			reason = "denied_by_authority"
		case v.family == "referral" && r.chance(0.1):
			reason = "afraid"
		}
		if reason != "" {
			// A sealed wish is never noted on a contact, and few people ask for what nobody here has ever given.
			asked := r.w.cfg.Rates.AskedNotGiven
			if reason == "not_offered" {
				asked *= 0.3
			}
			if v.class != ClassSealed && len(missed) < 3 && v.need != "" && person.needs(v.need) && r.chance(asked) {
				missed = append(missed, NotGiven{v.code, reason})
			}
			continue
		}
		quantity := 1
		if v.most > 1 {
			quantity += r.r.IntN(v.most)
		}
		t.receive(k, s.day, v.every)
		if v.class == ClassSealed {
			s.sealed[k] += quantity
			sealed = true
			continue
		}
		given = append(given, Given{v.code, quantity})
	}
	if len(given) == 0 && len(missed) == 0 && !sealed {
		for k := range services {
			if v := &services[k]; s.offers[k] && !s.missing[k] && v.class == ClassOpen && v.base > 0 && v.every == 0 && v.fits(age, person.Sex, false) {
				return []Given{{v.code, 1}}, false, nil
			}
		}
	}
	return given, sealed, missed
}

func (t *traveller) daysSince(service, day int) int {
	for _, g := range t.given {
		if int(g.service) == service {
			return day - int(g.day)
		}
	}
	return 1 << 20
}

func (t *traveller) receive(service, day, every int) {
	if every == 0 && services[service].family != "rescue" && services[service].code != "survival_kit" {
		return
	}
	for i := range t.given {
		if int(t.given[i].service) == service {
			t.given[i].day = int32(day)
			return
		}
	}
	t.given = append(t.given, gift{int16(service), int32(day)})
}

func (r *run) disability(p *Person) string {
	switch {
	case !r.chance(0.55):
		return "not_asked"
	case r.chance(0.04):
		return "declined"
	case p.Disability:
		return "yes"
	}
	return "no"
}

// situation says which group, stage and direction staff note.
func (r *run) situation(s *site, p *wayfarers) (group, stage, direction string) {
	if p.host {
		return "host", "unsaid", "unsaid"
	}
	group, stage, direction = "on_move", "transit", "onward"
	switch {
	case p.dir < 0 && p.expelled:
		stage, direction = "border", "back"
	case p.dir < 0:
		group, stage, direction = "return", "going_back", "back"
	case s.Mobility == "sea":
		stage = "rescued"
	case p.settled:
		stage, direction = "staying", "unsaid"
	case s.Kind == "response_centre":
		stage = "centre"
	case r.crosses(p):
		stage = "border"
	}
	switch {
	case r.chance(0.03):
		group = "unsaid"
	case r.chance(0.05):
		direction = "unsaid"
	}
	return group, stage, direction
}
