package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Person is the truth about one person. Persons are numbered from 1; 0 is nobody.
type Person struct {
	ID        int        `json:"id"`
	Name      []NamePart `json:"name"`
	Mother    NamePart   `json:"mother"`
	Sex       string     `json:"sex"` // F or M
	Born      time.Time  `json:"born"`
	Community string     `json:"community"`
	Origin    string     `json:"origin"`    // ISO 3166 alpha-2
	Languages []string   `json:"languages"` // ISO 639, mother tongue first
	Party     int        `json:"party"`     // who travels together has the same number
	Phone     string     `json:"phone,omitempty"`
	// Needs are codes of the list of needs, whatever their class.
	Needs      []string `json:"needs,omitempty"`
	Disability bool     `json:"disability"`
	Host       bool     `json:"host"` // a resident, not on the move

	refusesCard, refusesFile, refusesName bool
	knowsAge                              string // method by which the person states an age
}

// Age gives the full years of p on a date.
func (p *Person) Age(on time.Time) int {
	years := on.Year() - p.Born.Year()
	if on.Month() < p.Born.Month() || (on.Month() == p.Born.Month() && on.Day() < p.Born.Day()) {
		years--
	}
	return max(years, 0)
}

// Classes of needs and services.
const (
	ClassOpen   = "O" // staff of the point may see it
	ClassHeld   = "H" // staff of that service
	ClassSealed = "S" // a named team only; everyone else tallies
)

// NeedClass tells who may see a need, empty for an unknown code. Sources: the list of needs of the field.
func NeedClass(code string) string {
	for _, n := range needs {
		if n.code == code {
			return n.class
		}
	}
	return ""
}

type need struct {
	code, class string
	chance      float64
	fits        func(age int, sex string, alone bool) bool
}

func anyone(int, string, bool) bool             { return true }
func adult(age int, _ string, _ bool) bool      { return age >= 18 }
func woman(age int, sex string, _ bool) bool    { return age >= 15 && age < 50 && sex == "F" }
func infant(age int, _ string, _ bool) bool     { return age < 2 }
func child(age int, _ string, _ bool) bool      { return age < 18 }
func aloneChild(age int, _ string, a bool) bool { return age < 18 && a }
func older(age int, _ string, _ bool) bool      { return age >= 60 }

var needs = []need{
	{"food_water", ClassOpen, 0.7, anyone}, {"sleep_tonight", ClassOpen, 0.4, anyone}, {"clothes", ClassOpen, 0.25, anyone},
	{"washing", ClassOpen, 0.35, anyone}, {"menstrual_items", ClassOpen, 0.4, woman}, {"baby_items", ClassOpen, 0.8, infant},
	{"call_family", ClassOpen, 0.35, adult}, {"information", ClassOpen, 0.4, adult}, {"phone_power", ClassOpen, 0.25, adult},
	{"interpreter", ClassOpen, 0.08, anyone}, {"mobility_seeing_hearing", ClassOpen, 0.03, anyone}, {"older_alone", ClassOpen, 0.2, older},
	{"ill", ClassHeld, 0.1, anyone}, {"injured", ClassHeld, 0.06, anyone}, {"long_treatment", ClassHeld, 0.03, adult},
	{"pregnant_breastfeeding", ClassHeld, 0.12, woman}, {"malnourished", ClassHeld, 0.05, child}, {"distress", ClassHeld, 0.1, adult},
	{"child_alone", ClassSealed, 1, aloneChild}, {"child_at_risk", ClassSealed, 0.02, child}, {"woman_at_risk", ClassSealed, 0.04, woman},
	{"sexual_violence", ClassSealed, 0.02, woman}, {"trafficking_signs", ClassSealed, 0.015, anyone}, {"torture", ClassSealed, 0.012, adult},
	{"ex_detainee", ClassSealed, 0.03, adult}, {"threatened", ClassSealed, 0.02, adult}, {"papers", ClassSealed, 0.08, adult},
	{"missing_relative", ClassSealed, 0.03, adult}, {"wants_return", ClassSealed, 0.06, adult},
	{"carer_alone", ClassOpen, 0, adult},   // given by the party
	{"private_talk", ClassOpen, 0, anyone}, // never true of a person by itself: it is how a desk writes a sealed need
}

// member says what a party wants of one of its persons.
type member struct {
	sex      string
	low, top int // age in years, both ends included
}

func (w *World) newPerson(r *rand.Rand, c *community, h household, m member, alone, host bool) Person {
	age := m.low + r.IntN(m.top-m.low+1)
	born := w.cfg.Start.AddDate(-age, 0, -r.IntN(365))
	p := Person{
		Sex: m.sex, Born: born, Community: c.code, Origin: c.origins[r.IntN(len(c.origins))], Languages: c.languages,
		Name: c.name(r, m.sex, h), Mother: part(h.mother, "mother"), Host: host,
		refusesCard: r.Float64() < w.cfg.Rates.Cardless, refusesFile: r.Float64() < w.cfg.Rates.RefuseFile,
		refusesName: r.Float64() < w.cfg.Rates.RefuseName,
	}
	if r.Float64() < 0.35 && age >= 15 {
		p.Phone = fmt.Sprintf("+%d%08d", 200+r.IntN(700), r.IntN(100_000_000))
	}
	for _, n := range needs {
		if r.Float64() < n.chance && n.fits(age, m.sex, alone) {
			p.Needs = append(p.Needs, n.code)
		}
	}
	p.Disability = r.Float64() < 0.04+0.004*float64(max(age-30, 0))
	switch x := r.Float64(); {
	case x < w.cfg.Rates.EstimatedAge:
		p.knowsAge = AgeEstimated
	case x < w.cfg.Rates.EstimatedAge+(1-w.cfg.Rates.EstimatedAge)*0.35:
		p.knowsAge = AgeBirthDate
	case x < w.cfg.Rates.EstimatedAge+(1-w.cfg.Rates.EstimatedAge)*0.65:
		p.knowsAge = AgeYear
	default:
		p.knowsAge = AgeStated
	}
	return p
}

func (p *Person) needs(code string) bool { return slices.Contains(p.Needs, code) }

// Methods by which a desk knows an age.
const (
	AgeBirthDate = "birth_date"
	AgeYear      = "year"
	AgeStated    = "stated"
	AgeEstimated = "estimated"
)

// AgeClaim is an age as a desk wrote it down: full years on the date On, both ends included.
type AgeClaim struct {
	Method string `json:"method"`
	On     string `json:"on"` // YYYY-MM-DD
	Low    int    `json:"low"`
	High   int    `json:"high"`
	Birth  string `json:"birth,omitempty"` // YYYY-MM-DD or YYYY, where the method gives one
}

// Holds tells whether the person's true age on the date of the claim lies inside it.
func (a AgeClaim) Holds(p *Person) bool {
	on, err := time.Parse(time.DateOnly, a.On)
	if err != nil {
		return false
	}
	age := p.Age(on)
	return a.Low <= age && age <= a.High
}

// claimAge writes down the age of p as a desk would on a date. Estimates heap on ages ending in 0 and 5, and stated
// ages do so more gently; some minors say that they are of age.
func claimAge(r *rand.Rand, p *Person, on time.Time) AgeClaim {
	age := p.Age(on)
	c := AgeClaim{Method: p.knowsAge, On: on.Format(time.DateOnly), Low: age, High: age}
	switch p.knowsAge {
	case AgeBirthDate:
		c.Birth = p.Born.Format(time.DateOnly)
	case AgeYear:
		c.Birth = p.Born.Format("2006")
		c.Low = max(on.Year()-p.Born.Year()-1, 0)
		c.High = on.Year() - p.Born.Year()
	case AgeStated:
		said := age
		switch {
		case age >= 15 && age < 18 && r.Float64() < 0.25:
			said = 18 + r.IntN(2)
		case age > 20 && r.Float64() < 0.2:
			said = heap(age)
		}
		c.Low, c.High = said, said
	default:
		guess := max(int(float64(age)+r.NormFloat64()*(0.5+0.07*float64(age))+0.5), 0)
		if guess > 12 && r.Float64() < 0.65 {
			guess = heap(guess)
		}
		width := 1 + guess/8
		c.Low, c.High = max(guess-width, 0), guess+width
	}
	return c
}

// heap rounds to the nearest multiple of five.
func heap(age int) int { return (age + 2) / 5 * 5 }
