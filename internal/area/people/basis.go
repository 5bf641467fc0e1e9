package people

import (
	"errors"
	"slices"
	"strings"

	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
)

// Given is a basis as it was recorded. Author and day stand in the fact's envelope and open part.
type Given struct {
	Basis     string    `cbor:"1,keyasint" json:"basis"`
	Purpose   string    `cbor:"2,keyasint" json:"purpose,omitempty" doc:"file, card or sharing"`
	Recipient string    `cbor:"3,keyasint,omitempty" json:"recipient,omitempty" doc:"Who is told, for sharing"`
	Fields    []string  `cbor:"4,keyasint,omitempty" json:"fields,omitempty" maxItems:"20" doc:"What is told, for sharing"`
	Whole     bool      `cbor:"5,keyasint,omitempty" json:"whole,omitempty" doc:"All of the file is told"`
	Until     *fact.Day `cbor:"6,keyasint,omitempty" json:"until,omitempty"`
	Language  string    `cbor:"7,keyasint,omitempty" json:"language,omitempty" doc:"The language in which was asked"`
	How       string    `cbor:"8,keyasint,omitempty" json:"how,omitempty" doc:"spoken, played or written"`
	Answer    string    `cbor:"9,keyasint,omitempty" json:"answer,omitempty" doc:"yes, no or later"`
	Reason    string    `cbor:"10,keyasint,omitempty" json:"reason,omitempty" doc:"Why, where nobody could be asked"`
	By        string    `cbor:"11,keyasint,omitempty" json:"given_by,omitempty" doc:"self or carer"`
}

// The purposes of a basis.
const (
	PurposeFile    = "file"
	PurposeCard    = "card"
	PurposeSharing = "sharing"
)

const (
	consent  = "consent"
	vital    = "vital_interest"
	byCarer  = "carer"
	bySelf   = "self"
	yes      = "yes"
	longest  = 731 // days: nobody can foresee more than two years of a journey
	fileDays = 366
	vitalFor = 30 // days after which somebody asks again whether a life is still in danger
)

// sharable are the fields that a basis for sharing may name.
var sharable = []string{"name", "sex", "age", "languages", "interpreter", "needs", "services", "contact", "companions"}

// decide checks a basis and fills in what follows from the rest: nobody who cannot consent is said to have consented,
// and everything ends some day. age is what is known on today, nil for nothing; protects tells whether the actor is a
// protection officer for this person.
func (g Given) decide(field string, age *catalogue.Age, protects bool, today fact.Day, cat *catalogue.Catalogue) (Given, error) {
	var bad []error
	fail := func(name, code, detail string) { bad = append(bad, fault.Field(field+name, code, detail)) }
	if !cat.Lists.Has("bases", g.Basis) {
		fail("basis", "people.unknown_basis", "choose consent, vital_interest, public_interest or legal_obligation")
	}
	if !slices.Contains([]string{PurposeFile, PurposeCard, PurposeSharing}, g.Purpose) {
		fail("purpose", "people.unknown_purpose", "choose file, card or sharing")
	}
	g.Reason, g.Recipient = strings.TrimSpace(g.Reason), strings.TrimSpace(g.Recipient)
	checkText(field+"reason", g.Reason, noteRunes, &bad)
	checkText(field+"recipient", g.Recipient, 200, &bad)
	if g.Basis == consent {
		g.consent(age, fail)
		if g.Language != "" {
			checkLanguages(field+"language", []string{g.Language}, &bad)
		}
	} else {
		if len([]rune(g.Reason)) < 3 {
			fail("reason", "people.reason_missing", "without consent a reason stands beside the basis: write why nobody could be asked")
		}
		g.Answer, g.How, g.By = "", "", ""
	}
	if g.Purpose == PurposeSharing {
		g.sharing(age, protects, fail)
	} else if g.Recipient != "" || len(g.Fields) > 0 || g.Whole {
		fail("recipient", "people.recipient_without_sharing", "a recipient and fields belong to the purpose sharing")
	}
	g.ends(today, fail)
	return g, errors.Join(bad...)
}

func (g *Given) consent(age *catalogue.Age, fail func(name, code, detail string)) {
	if !slices.Contains([]string{yes, "no", "later"}, g.Answer) {
		fail("answer", "people.unknown_answer", "the answer is yes, no or later")
	}
	if !slices.Contains([]string{"spoken", "played", "written"}, g.How) {
		fail("how", "people.unknown_how", "say how it was asked: spoken, played or written")
	}
	if g.Language == "" {
		fail("language", "people.language_missing", "say in which language it was asked")
	}
	if g.By == "" {
		g.By = bySelf
	}
	switch {
	case g.By != bySelf && g.By != byCarer:
		fail("given_by", "people.unknown_giver", "consent is given by self or by carer")
	case g.By == byCarer && age != nil && age.Low >= 18:
		fail("given_by", "people.adult_speaks", "an adult answers for herself; ask her alone")
	}
}

func (g *Given) sharing(age *catalogue.Age, protects bool, fail func(name, code, detail string)) {
	if g.Recipient == "" {
		fail("recipient", "people.recipient_missing", "say who is told")
	}
	if len(g.Fields) == 0 && !g.Whole {
		fail("fields", "people.fields_missing", "say what is told, or that the whole file is")
	}
	for _, f := range g.Fields {
		if !slices.Contains(sharable, f) {
			fail("fields", "people.unknown_field", "fields are "+strings.Join(sharable, ", "))
			break
		}
	}
	if g.Until == nil {
		fail("until", "people.until_missing", "say until when it may be told")
	}
	if age == nil || !age.MayBeChild() {
		return
	}
	switch {
	case g.Basis == consent && g.Answer == yes && g.By == bySelf:
		fail("given_by", "people.child_cannot_consent", "somebody who may be under 18 does not decide this alone; ask a carer known to be real, or the protection officer")
	case g.Basis != consent && !protects:
		fail("basis", "people.child_needs_protection", "for somebody who may be under 18 the protection officer decides; call her")
	}
}

func (g *Given) ends(today fact.Day, fail func(name, code, detail string)) {
	if g.Until == nil {
		d := today + fileDays
		if g.Basis == vital {
			d = today + vitalFor
		}
		g.Until = &d
		return
	}
	switch {
	case *g.Until < today:
		fail("until", "people.until_past", "this day has passed; name one that is still to come")
	case *g.Until > today+longest:
		fail("until", "people.until_far", "a basis holds two years at the most; ask again then")
	}
}

// allows tells whether a basis that was not withdrawn allows its purpose on day.
func (g *Given) allows(purpose string, day fact.Day) bool {
	return g.Purpose == purpose && (g.Basis != consent || g.Answer == yes) && (g.Until == nil || day <= *g.Until)
}
