package view

import "math"

// Persons is how many different people stand behind contacts: never one number. Distinct counts do not add up over
// days, points or groups; a total is counted anew, never summed.
type Persons struct {
	Low     int64 `json:"low"`     // distinct people known by file or card
	Central int64 `json:"central"` // the estimate, see cell.persons
	High    int64 `json:"high"`    // everybody met without file and card is somebody else
}

// answer says how a contact began: what was answered to "helped on this route before?", or that a card or file was
// shown, of which the question is not asked.
type answer uint8

const (
	unknown answer = iota // not asked, unsure, declined; also the heads of an arrival
	first
	before
	shown
	answers
)

// answerOf reads the answer of a contact. Somebody known who was not asked showed a card or was found by her file.
func answerOf(repeated string) answer {
	switch repeated {
	case "first":
		return first
	case "before":
		return before
	case "not_asked":
		return shown
	}
	return unknown
}

// cell holds what is counted for one row of a table, or for the total.
type cell struct {
	services, quantity, contacts, unmet int64

	// heads counts the contacts of nobody known, by answer.
	heads [shown]int64
	// leads counts the people who are known by file or card, by how their first contact within this row began.
	leads [answers]int64
	// born counts those of leads[shown] whose card was given out within this row: they were met here before, without it.
	born int64
	// again counts the further contacts, within this row, of people who showed a card or were found by their file.
	again int64
	// cards counts people who were given a card within this row and have not been seen with it since.
	cards int64
	// given counts all cards that were given to somebody new within this row.
	given int64
}

// rates are what a whole table knows about how people answer; rows with few answers lean on them.
type rates struct {
	asked    bool
	first    float64 // of those who answered, how many were met for the first time on the route
	entering float64 // of contacts of people who were known before, how many were their first within a row
	share    func(*cell) float64
}

// lean is the weight of the whole table in the rate of a row, in contacts. A row of three answers is no rate.
const lean = 20

// persons estimates how many people stand behind the contacts of a row.
//
// A person is counted by her first contact within the row, of which everybody has exactly one. Whether a contact was
// that first one is known or estimated as follows:
//
//	began with a card or file   it is known: X people are first met so, of K such contacts. Not X are those who were
//	                            given their card within the row itself: they were met before, without it.
//	answered "first"            it was the first on the whole route, therefore also here. Nobody's first contact begins
//	                            with a card, so nobody is in both terms.
//	answered "before"           the earlier help may lie within the row or outside of it. People with cards tell how
//	                            often it lies outside: at X of K contacts.
//	unknown, and heads counted  are apportioned at the observed rate of first among first and before.
//	in a tally or arrival
//
//	central = X + F + B*X/K     F, B: contacts that began without a card, answered or apportioned as first, before
//
// Over a whole route X is near zero and the formula becomes F; on a single day at one point X equals K and it becomes
// the number of contacts, which there is the number of people. Adding the "first" answers to the number of distinct
// cards instead, as is often done, counts everybody twice who was helped without a card today and takes one tomorrow: a
// quarter too many in simulated journeys (docs/decisions, persons).
//
// With nobody asked, F is every contact without a card. The result is kept between low and high.
func (c *cell) persons(r rates) Persons {
	known := c.cards
	for _, n := range c.leads {
		known += n
	}
	var heads int64
	for _, n := range c.heads {
		heads += n
	}
	// A card that was given here had its contact among the heads.
	high := known + max(heads-c.given, 0)
	if !r.asked {
		return Persons{Low: known, Central: high, High: high}
	}
	yes, no, open := float64(c.heads[first]+c.leads[first]), float64(c.heads[before]+c.leads[before]), float64(c.heads[unknown]+c.leads[unknown])
	rate := (yes + lean*r.first) / (yes + no + lean)
	x, k := c.entered(r)
	enters := (x + lean*r.entering) / (k + lean)
	central := x + yes + open*rate + (no+open*(1-rate))*enters
	return Persons{Low: known, Central: min(max(int64(math.Round(central)), known), high), High: high}
}

// entered returns X and K.
func (c *cell) entered(r rates) (x, k float64) {
	x = float64(c.leads[shown])
	if c.born > 0 {
		x -= float64(c.born) * r.share(c)
	}
	return x, float64(c.leads[shown] + c.again)
}

// pool works out the rates of a whole table from its total and its rows. oneDay says that every row is of a single day.
func pool(total *cell, rows map[key]*cell, oneDay bool, r rates) rates {
	yes, no := float64(total.heads[first]+total.leads[first]), float64(total.heads[before]+total.leads[before])
	if yes+no > 0 {
		r.asked, r.first = true, yes/(yes+no)
	}
	var x, k float64
	for _, c := range rows {
		dx, dk := c.entered(r)
		x, k = x+dx, k+dk
	}
	switch {
	case k > 0:
		r.entering = x / k
	case oneDay:
		// Nobody showed a card. On one day at one point everybody is somebody else.
		r.entering = 1
	}
	return r
}
