package sim

import "slices"

// service is one row of the catalogue as far as the simulator hands it out: which family a point must offer, who may
// see it, and how likely somebody takes it at a contact.
type service struct {
	code, family, class string
	base                float64 // chance without a particular need
	need                string  // a need that raises the chance to strong
	strong              float64
	most                int // largest quantity
	every               int // days until it is given again, 0 for no limit
	fits                func(age int, sex string, alone bool) bool
}

func fertile(age int, sex string, _ bool) bool  { return age >= 12 && age < 50 && sex == "F" }
func girlWoman(_ int, sex string, _ bool) bool  { return sex == "F" }
func underFive(age int, _ string, _ bool) bool  { return age < 5 }
func underThirt(age int, _ string, _ bool) bool { return age < 13 }

var services = []service{
	{"information", "information", ClassOpen, 0.35, "information", 0.8, 1, 0, anyone},
	{"connectivity", "connectivity", ClassOpen, 0.35, "phone_power", 0.85, 1, 0, adult},
	{"interpretation", "interpretation", ClassOpen, 0.1, "interpreter", 0.7, 1, 0, anyone},
	{"family_links.call", "family_links", ClassOpen, 0.18, "call_family", 0.6, 1, 1, adult},
	{"family_links.message", "family_links", ClassHeld, 0.03, "call_family", 0.08, 1, 0, adult},
	{"family_links.tracing", "family_links", ClassSealed, 0, "missing_relative", 0.4, 1, 30, adult},
	{"water", "water", ClassOpen, 0.75, "food_water", 0.95, 4, 0, anyone},
	{"food.meal", "food", ClassOpen, 0.6, "food_water", 0.9, 2, 0, anyone},
	{"food.ration", "food", ClassOpen, 0.12, "food_water", 0.2, 2, 1, adult},
	{"food.infant", "food", ClassHeld, 0, "baby_items", 0.5, 1, 1, infant},
	{"hygiene_kit", "hygiene_kit", ClassOpen, 0.3, "washing", 0.7, 1, 30, anyone},
	{"hygiene_kit.menstrual", "hygiene_kit", ClassOpen, 0.2, "menstrual_items", 0.7, 1, 30, fertile},
	{"hygiene_kit.baby", "hygiene_kit", ClassOpen, 0.3, "baby_items", 0.8, 1, 7, infant},
	{"hygiene_session", "hygiene_session", ClassOpen, 0.2, "washing", 0.3, 1, 0, anyone},
	{"items.clothes", "items", ClassOpen, 0.1, "clothes", 0.6, 1, 90, anyone},
	{"shelter", "shelter", ClassOpen, 0, "", 0, 1, 1, anyone}, // by beds, see desk.go
	{"shelter_kit", "shelter_kit", ClassOpen, 0.2, "sleep_tonight", 0.4, 1, 180, adult},
	{"first_aid", "first_aid", ClassOpen, 0.1, "injured", 0.75, 1, 0, anyone},
	{"primary_health", "primary_health", ClassOpen, 0.08, "ill", 0.7, 1, 0, anyone},
	{"primary_health.vaccine", "primary_health", ClassOpen, 0.12, "", 0, 1, 60, underFive},
	{"primary_health.nutrition", "primary_health", ClassHeld, 0.15, "malnourished", 0.6, 1, 30, underFive},
	{"primary_health.medicine", "primary_health", ClassHeld, 0, "long_treatment", 0.5, 1, 14, adult},
	{"primary_health.maternal", "primary_health", ClassHeld, 0, "pregnant_breastfeeding", 0.5, 1, 7, fertile},
	{"primary_health.srh", "primary_health", ClassSealed, 0.02, "sexual_violence", 0.5, 1, 0, fertile},
	{"mhpss", "mhpss", ClassSealed, 0.03, "distress", 0.4, 1, 0, anyone},
	{"psychosocial_group", "psychosocial_group", ClassOpen, 0.4, "distress", 0.6, 1, 0, anyone},
	{"safe_space_women", "safe_space_women", ClassSealed, 0.12, "woman_at_risk", 0.6, 1, 0, girlWoman},
	{"safe_space_children", "safe_space_children", ClassOpen, 0.4, "", 0, 1, 0, underThirt},
	{"protection_desk", "protection_desk", ClassSealed, 0.03, "threatened", 0.5, 1, 0, anyone},
	{"legal", "legal", ClassSealed, 0.2, "papers", 0.7, 1, 0, adult},
	{"referral", "referral", ClassHeld, 0.03, "ill", 0.12, 1, 0, anyone},
	{"cash", "cash", ClassHeld, 0.06, "food_water", 0.08, 1, 30, adult},
	{"consular", "consular", ClassSealed, 0.08, "wants_return", 0.5, 1, 0, adult},
	{"return_counselling", "return_counselling", ClassSealed, 0.06, "wants_return", 0.6, 1, 0, adult},
	{"social_welfare", "social_welfare", ClassHeld, 0.15, "papers", 0.4, 1, 0, adult},
	{"integration", "integration", ClassOpen, 0.25, "", 0, 1, 0, adult},
	{"job_orientation", "job_orientation", ClassOpen, 0.25, "", 0, 1, 0, adult},
	{"training", "training", ClassOpen, 0.4, "", 0, 1, 0, adult},
	{"livelihood", "livelihood", ClassHeld, 0.05, "", 0, 1, 90, adult},
	{"survival_kit", "survival_kit", ClassOpen, 0, "", 0, 1, 0, anyone}, // at a rescue, see arrive.go
	{"rescue", "rescue", ClassOpen, 0, "", 0, 1, 0, anyone},             // at a rescue
}

// chance is how likely p takes the service at a contact.
func (s *service) chance(p *Person, age int) float64 {
	if !s.fits(age, p.Sex, false) {
		return 0
	}
	if s.need != "" && p.needs(s.need) {
		return s.strong
	}
	return s.base
}

// stocked are the services that can run out.
var stocked = []string{"food.ration", "hygiene_kit", "hygiene_kit.menstrual", "hygiene_kit.baby", "items.clothes", "shelter_kit", "primary_health.medicine"}

// talked are the services that need a common language.
var talked = []string{"primary_health", "information", "legal", "social_welfare"}

func serviceIndex(code string) int {
	return slices.IndexFunc(services, func(s service) bool { return s.code == code })
}

// Offers tells whether a point that names these families offers a service of the catalogue.
func (p *Point) Offers(code string) bool {
	i := serviceIndex(code)
	return i >= 0 && slices.Contains(p.Services, services[i].family)
}
