package accounts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
)

// State is where an account stands.
type State string

// The states. A closed account keeps its name and handle, or the access log could no longer be read.
const (
	Invited State = "invited" // has neither password nor PIN yet
	Active  State = "active"
	Closed  State = "closed"
)

// Account is one person who may sign in.
type Account struct {
	ID       fact.AccountID `json:"id"`
	Login    string         `json:"login,omitempty"`
	Name     string         `json:"name"`
	Org      fact.OrgID     `json:"organisation"`
	Language string         `json:"language"`
	Handle   fact.Handle    `json:"-"`
	State    State          `json:"state"`
	Until    time.Time      `json:"until,omitzero"` // zero: no end
}

// open tells whether the account may be used at now.
func (a Account) open(now time.Time) bool {
	return a.State == Active && (a.Until.IsZero() || now.Before(a.Until))
}

type grantKind struct{}

// GrantID identifies one grant of one account.
type GrantID = fact.ID[grantKind]

// Held is a grant as this area keeps it.
type Held struct {
	ID GrantID `json:"id"`
	access.Grant
	Pending bool           `json:"pending,omitempty"` // waits for a second administrator, and counts for nothing until then
	AskedBy fact.AccountID `json:"asked_by,omitzero"`
	Asked   time.Time      `json:"-"`
}

// The limits of what is typed in.
const (
	nameMax       = 120 // letters
	loginMin      = 2
	loginMax      = 64
	passwordMin   = 10
	passwordMax   = 256 // bytes: more is not a password but a load
	pinMin        = 4
	pinMax        = 12
	volunteerTerm = 90 * 24 * time.Hour
	volunteerMost = 366 * 24 * time.Hour
)

// normalLogin returns the form under which a login is kept and compared.
func normalLogin(s string) string {
	return strings.ToLower(norm.NFKC.String(strings.TrimSpace(s)))
}

// checkLogin returns the normal form of a login, or what is wrong with it.
func checkLogin(s string) (string, error) {
	bad := fault.Fieldf("login", "accounts.bad_login",
		"a login has %d to %d letters or digits of any script, with . _ - @ between them", loginMin, loginMax)
	if len(s) > 4*loginMax {
		return "", bad
	}
	s = normalLogin(s)
	n := utf8.RuneCountInString(s)
	if !utf8.ValidString(s) || n < loginMin || n > loginMax || strings.ContainsRune("._-@", rune(s[0])) {
		return "", bad
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && !strings.ContainsRune("._-@", r) {
			return "", bad
		}
	}
	return s, nil
}

func checkName(s string) (string, error) {
	s = norm.NFC.String(strings.Join(strings.Fields(s), " "))
	n := utf8.RuneCountInString(s)
	if !utf8.ValidString(s) || n < 1 || n > nameMax || strings.ContainsFunc(s, hidden) {
		return "", fault.Fieldf("name", "accounts.bad_name", "a name has 1 to %d visible letters", nameMax)
	}
	return s, nil
}

// hidden tells whether a letter cannot be seen or turns the text around it.
func hidden(r rune) bool {
	return unicode.IsControl(r) || r == '\uFEFF' || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

func checkLanguage(s string) (string, error) {
	if s == "" {
		return "en", nil
	}
	if len(s) < 2 || len(s) > 16 || strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	}) {
		return "", fault.Field("language", "accounts.bad_language", "a language is a tag such as fr or ar")
	}
	return s, nil
}

// normalPassword makes what different keyboards send for the same letters the same bytes.
func normalPassword(s string) string { return norm.NFC.String(s) }

func checkPassword(field, s, login string) error {
	s = normalPassword(s)
	switch {
	case len(s) > passwordMax || !utf8.ValidString(s):
		return fault.Fieldf(field, "accounts.bad_password", "a password has at most %d bytes", passwordMax)
	case utf8.RuneCountInString(s) < passwordMin:
		return fault.Fieldf(field, "accounts.weak_password", "a password has at least %d letters; four words are easy to keep in mind", passwordMin)
	case login != "" && strings.Contains(strings.ToLower(s), login):
		return fault.Field(field, "accounts.weak_password", "a password does not contain the login")
	case len(slices.Compact(slices.Sorted(slices.Values([]rune(s))))) < 5:
		return fault.Field(field, "accounts.weak_password", "a password has at least five different letters")
	}
	return nil
}

func checkPIN(s string) error {
	if len(s) < pinMin || len(s) > pinMax || strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		return fault.Fieldf("pin", "accounts.bad_pin", "a PIN has %d to %d digits", pinMin, pinMax)
	}
	for _, step := range []int{0, 1, -1} {
		run := true
		for i := 1; i < len(s); i++ {
			run = run && int(s[i])-int(s[i-1]) == step
		}
		if run {
			return fault.Field("pin", "accounts.weak_pin", "choose digits that are neither all the same nor in a row")
		}
	}
	return nil
}

// checkGrants completes and checks the grants that somebody is to hold. Whether they may be given is another question.
func checkGrants(grants []access.Grant, now time.Time) ([]access.Grant, error) {
	var bad []error
	out := slices.Clone(grants)
	for i := range out {
		g := &out[i]
		field := func(name string) string { return fmt.Sprintf("grants.%d.%s", i, name) }
		if !g.Role.Known() {
			bad = append(bad, fault.Field(field("role"), "accounts.unknown_role", "the roles are "+roleNames()))
		}
		if g.Org.IsZero() {
			bad = append(bad, fault.Field(field("organisation"), "accounts.organisation_missing", "name the organisation in which the role is held"))
		}
		g.Until = g.Until.Truncate(time.Millisecond)
		if g.Role == access.Volunteer && g.Until.IsZero() {
			g.Until = now.Add(volunteerTerm).Truncate(time.Millisecond)
		}
		switch {
		case !g.Until.IsZero() && !g.Until.After(now):
			bad = append(bad, fault.Field(field("until"), "accounts.until_past", "a role ends in the future; leave it out of the list to end it now"))
		case g.Role == access.Volunteer && g.Until.After(now.Add(volunteerMost)):
			bad = append(bad, fault.Field(field("until"), "accounts.until_far", "a volunteer is let in for a year at most, and then again"))
		}
		for j := range i {
			if sameSeat(out[j], *g) {
				bad = append(bad, fault.Fieldf(field("role"), "accounts.grant_twice", "the same role at the same place stands in entry %d", j))
			}
		}
	}
	if len(out) > 50 {
		bad = append(bad, fault.Field("grants", "accounts.too_many_grants", "an account holds at most 50 grants"))
	}
	return out, errors.Join(bad...)
}

// sameSeat tells whether two grants differ in nothing but their end.
func sameSeat(a, b access.Grant) bool {
	return a.Role == b.Role && a.Org == b.Org && a.Point == b.Point
}

func roleNames() string {
	var names []string
	for _, r := range access.Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}
