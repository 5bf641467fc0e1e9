package sim

import "time"

// Event is one thing that happened, as a desk would record it. Events of a run are numbered from 1 and come in order
// of time.
type Event struct {
	Seq int `json:"seq"`
	// At is local time at the point, without summer time.
	At           time.Time `json:"at"`
	Point        string    `json:"point"`
	Organisation string    `json:"organisation"`
	Kind         string    `json:"kind"`
	Body         Body      `json:"body"`
}

// Body is one of the event types of this package.
type Body interface{ kind() string }

// Size counts people as somebody standing beside a truck does: girls and boys are under 18.
type Size struct {
	Woman int `json:"woman"`
	Man   int `json:"man"`
	Girl  int `json:"girl"`
	Boy   int `json:"boy"`
}

// Total is the number of people.
func (s Size) Total() int { return s.Woman + s.Man + s.Girl + s.Boy }

// Arrival is a group that comes at once. Kind is on_own, vehicle, convoy_official, convoy_unofficial, rescue_sea or transfer.
type Arrival struct {
	ID          int    `json:"id"`
	Kind        string `json:"kind"`
	Size        Size   `json:"size"`
	TruthPeople []int  `json:"truth_people"`
}

// GroupLeft says that people who arrived or travel together left a point. Mode is that of the leg they take.
type GroupLeft struct {
	Size        int    `json:"size"`
	Mode        string `json:"mode"`
	TruthPeople []int  `json:"truth_people"`
	TruthNext   string `json:"truth_next"`
}

// Given is a service with its quantity, in the unit of the catalogue.
type Given struct {
	Code     string `json:"code"`
	Quantity int    `json:"quantity"`
}

// NotGiven is a service that somebody asked for in vain. Reason is not_offered, out_of_stock, closed, full,
// no_interpreter, denied_by_authority or afraid.
type NotGiven struct {
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// Contact is one person at one point on one operating day.
type Contact struct {
	ID        int        `json:"id"`
	Services  []Given    `json:"services,omitempty"`
	NotGiven  []NotGiven `json:"not_given,omitempty"`
	Group     string     `json:"group"`     // on_move, return, host, unsaid
	Stage     string     `json:"stage"`     // transit, border, rescued ...
	Direction string     `json:"direction"` // onward, back, unsaid
	// Sex and AgeGroup (child, adult, older, unknown) are what the volunteer noted.
	Sex        string `json:"sex"`
	AgeGroup   string `json:"age_group"`
	Disability string `json:"disability"` // yes, no, declined, not_asked
	// Repeat answers "helped on this route before?": first, before, unsure, declined, not_asked.
	Repeat string `json:"repeat"`
	// Card is the lineage read from a card that was shown, empty without one.
	Card string `json:"card,omitempty"`
	// NewCard is the lineage of a card given for the first time at this contact.
	NewCard string `json:"new_card,omitempty"`
	// CardGone is lost or taken when the person says so today.
	CardGone string `json:"card_gone,omitempty"`
	// File is the number of the organisation's file that staff found or opened, 0 without one.
	File int `json:"file,omitempty"`
	// Arrival is the group the person came with, 0 if it was not seen.
	Arrival int `json:"arrival,omitempty"`
	// InTally says that the person was counted in the arrival's tally on this operating day: services add, people do not.
	InTally   bool   `json:"in_tally,omitempty"`
	EntryMode string `json:"entry_mode"` // live, paper
	Language  string `json:"language"`

	TruthPerson int `json:"truth_person"`
}

// FileOpened is a file that an organisation began with spoken consent.
type FileOpened struct {
	File     int       `json:"file"`
	Name     *Spelling `json:"name,omitempty"` // nil: the person gave no name
	Mother   string    `json:"mother,omitempty"`
	Phone    string    `json:"phone,omitempty"`
	Sex      string    `json:"sex"`
	Age      AgeClaim  `json:"age"`
	Language string    `json:"language"`
	Origin   string    `json:"origin,omitempty"` // only where a programme declares the need: return and reintegration
	// Needs holds open and held needs; any sealed need reads private_talk.
	Needs   []string `json:"needs,omitempty"`
	Basis   string   `json:"basis"`   // consent
	Consent string   `json:"consent"` // spoken

	TruthPerson int `json:"truth_person"`
	// TruthSameOrganisation is the earlier file of the same person at the same organisation, 0 without one.
	TruthSameOrganisation int `json:"truth_same_organisation,omitempty"`
}

// FileRefused is a "no" to a file. Help was the same.
type FileRefused struct {
	TruthPerson int `json:"truth_person"`
}

// NameRefused comes before the FileOpened of a file without a name.
type NameRefused struct {
	File        int `json:"file"`
	TruthPerson int `json:"truth_person"`
}

// CardIssued is a new card with a new lineage, sequence 1.
type CardIssued struct {
	Lineage     string `json:"lineage"` // 16 hexadecimal digits
	Sequence    int    `json:"sequence"`
	TruthPerson int    `json:"truth_person"`
}

// CardUpdated is a card printed again with today's help; the lineage stays.
type CardUpdated struct {
	Lineage     string `json:"lineage"`
	Sequence    int    `json:"sequence"`
	TruthPerson int    `json:"truth_person"`
}

// CardLost and CardTaken are what a person tells at the first contact afterwards. Without reading the card, the desk
// does not know which lineage it was.
type CardLost struct {
	TruthPerson  int    `json:"truth_person"`
	TruthLineage string `json:"truth_lineage"`
}

// CardTaken is a card that police or others took.
type CardTaken struct {
	TruthPerson  int    `json:"truth_person"`
	TruthLineage string `json:"truth_lineage"`
}

// Button is a key of the tally: girl, boy (5 to 17), woman, man (18 to 59), under_five_f, under_five_m, sixty_over_f,
// sixty_over_m.
type Button struct {
	Code  string `json:"code"`
	Count int    `json:"count"`
}

// Tally counts people nobody was asked about. A sealed tally holds services of class S and no people.
type Tally struct {
	Arrival   int      `json:"arrival,omitempty"` // the group that was served in two taps
	Sealed    bool     `json:"sealed,omitempty"`
	Buttons   []Button `json:"buttons,omitempty"`
	Services  []Given  `json:"services,omitempty"`
	EntryMode string   `json:"entry_mode"` // bulk, live

	TruthPeople []int `json:"truth_people,omitempty"`
}

// People is the number of people in the tally.
func (t Tally) People() int {
	n := 0
	for _, b := range t.Buttons {
		n += b.Count
	}
	return n
}

// Team counts people at work by sex.
type Team struct {
	Women int `json:"women"`
	Men   int `json:"men"`
}

// DailyLog closes an operating day of a point. Why is empty on an ordinary day, else weekday, holiday, weather,
// security, access_denied, no_staff or full.
type DailyLog struct {
	Day        string `json:"day"` // YYYY-MM-DD
	Open       bool   `json:"open"`
	Hours      int    `json:"hours"`
	Staff      Team   `json:"staff"`
	Volunteers Team   `json:"volunteers"`
	TurnedAway int    `json:"turned_away"`
	Why        string `json:"why,omitempty"`
	Beds       int    `json:"beds"`     // places, 0 where nobody sleeps
	Sleeping   int    `json:"sleeping"` // people in them tonight
}

func (Arrival) kind() string     { return "arrival" }
func (GroupLeft) kind() string   { return "group_left" }
func (Contact) kind() string     { return "contact" }
func (FileOpened) kind() string  { return "file_opened" }
func (FileRefused) kind() string { return "file_refused" }
func (NameRefused) kind() string { return "name_refused" }
func (CardIssued) kind() string  { return "card_issued" }
func (CardUpdated) kind() string { return "card_updated" }
func (CardLost) kind() string    { return "card_lost" }
func (CardTaken) kind() string   { return "card_taken" }
func (Tally) kind() string       { return "tally" }
func (DailyLog) kind() string    { return "daily_log" }
