package sim

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// Seconds. All times inside the simulator are seconds since Config.Start.
const (
	minute int64 = 60
	hour         = 60 * minute
	day          = 24 * hour
)

// Limits of a run: they keep a slip on the command line from filling the memory.
const (
	MaxPeople = 1_000_000
	MaxDays   = 3660
)

// Config says what to simulate. The zero Network is the demo network; zero Rates are [DefaultRates].
type Config struct {
	Seed   uint64    `json:"seed"`
	People int       `json:"people"`
	Days   int       `json:"days"`
	Start  time.Time `json:"start"` // only its date counts
	// Network is where people travel.
	Network Network `json:"-"`
	Rates   Rates   `json:"rates"`
}

// Rates are chances between 0 and 1.
type Rates struct {
	Host           float64 `json:"host"`            // of all persons, residents of a place with a point
	MidRoute       float64 `json:"mid_route"`       // of travellers, already on the way when the first days begin
	Expelled       float64 `json:"expelled"`        // of all persons, first met when a truck of expelled people arrives
	GoBack         float64 `json:"go_back"`         // turn round, at each stop
	StayForGood    float64 `json:"stay_for_good"`   // end the journey, at each stop
	Continue       float64 `json:"continue"`        // go on to the next route where one begins at the last stop
	Truck          float64 `json:"truck"`           // share of a truck leg, and of a sea leg, ridden in convoys
	SeaRescue      float64 `json:"sea_rescue"`      // of boats that pass a rescue ship, those that it meets
	Cardless       float64 `json:"cardless"`        // persons who never take a card
	CardOffered    float64 `json:"card_offered"`    // at a contact of somebody without one
	CardAccepted   float64 `json:"card_accepted"`   // by persons who do take cards
	CardShown      float64 `json:"card_shown"`      // at a contact, by its holder
	LoseCard       float64 `json:"lose_card"`       // on each leg
	CardTaken      float64 `json:"card_taken"`      // by police or others, on each leg that crosses a border
	CardPassed     float64 `json:"card_passed"`     // given to a companion who has none, on each leg: two people, one card
	OpenFile       float64 `json:"open_file"`       // a file is offered at a contact without one
	RefuseFile     float64 `json:"refuse_file"`     // persons who say no to a file
	RefuseName     float64 `json:"refuse_name"`     // persons who accept a file and give no name
	SecondFile     float64 `json:"second_file"`     // the organisation's own file is not found and another one opened
	Misheard       float64 `json:"misheard"`        // a part of a name is not written as its bearer writes it
	EstimatedAge   float64 `json:"estimated_age"`   // ages that desks estimate
	AskedNotGiven  float64 `json:"asked_not_given"` // a need without a service is said aloud and written down
	Tallied        float64 `json:"tallied"`         // contacts of persons without card or file that are only tallied
	Bulk           float64 `json:"bulk"`            // convoys of twenty and more that are served in two taps
	PointClosed    float64 `json:"point_closed"`    // a day on which a point stays closed
	StockOut       float64 `json:"stock_out"`       // a day on which a point lacks a kind of item
	RepeatAsked    float64 `json:"repeat_asked"`    // "helped on this route before?" is put to somebody without a card
	RepeatTruthful float64 `json:"repeat_truthful"` // ... and answered truthfully
}

// DefaultRates are the rates of the demonstration: guesses, not findings.
func DefaultRates() Rates {
	return Rates{
		Host: 0.06, MidRoute: 0.3, Expelled: 0.1, GoBack: 0.07, StayForGood: 0.06, Continue: 0.6, Truck: 0.8, SeaRescue: 0.55,
		Cardless: 0.22, CardOffered: 0.8, CardAccepted: 0.8, CardShown: 0.92, LoseCard: 0.06, CardTaken: 0.05, CardPassed: 0.01,
		OpenFile: 0.3, RefuseFile: 0.25, RefuseName: 0.07, SecondFile: 0.3, Misheard: 0.5, EstimatedAge: 0.5,
		AskedNotGiven: 0.35, Tallied: 0.25, Bulk: 0.85, PointClosed: 0.03, StockOut: 0.06, RepeatAsked: 0.8, RepeatTruthful: 0.85,
	}
}

// settle fills in what was left out and reports everything that cannot be simulated.
func (c Config) settle() (Config, error) {
	var bad []error
	if c.People < 1 || c.People > MaxPeople {
		bad = append(bad, fmt.Errorf("people: %d is outside 1 to %d", c.People, MaxPeople))
	}
	if c.Days < 1 || c.Days > MaxDays {
		bad = append(bad, fmt.Errorf("days: %d is outside 1 to %d", c.Days, MaxDays))
	}
	if c.Start.IsZero() {
		bad = append(bad, errors.New("start: the first day is missing; give a date"))
	}
	c.Start = time.Date(c.Start.Year(), c.Start.Month(), c.Start.Day(), 0, 0, 0, 0, time.UTC)
	if c.Network.Points == nil && c.Network.Routes == nil {
		c.Network = DemoNetwork()
	}
	if c.Rates == (Rates{}) {
		c.Rates = DefaultRates()
	}
	rates := reflect.ValueOf(c.Rates)
	for i := range rates.NumField() {
		if x := rates.Field(i).Float(); !(x >= 0 && x <= 1) {
			bad = append(bad, fmt.Errorf("rates.%s: %g is outside 0 to 1", rates.Type().Field(i).Tag.Get("json"), x))
		}
	}
	bad = append(bad, c.Network.check())
	return c, errors.Join(bad...)
}
