package card

import (
	"errors"
	"slices"
	"strings"
	"time"

	"serai/internal/fault"
)

// ClockDrift is how far the clocks of two nodes may differ before a card counts as issued in the future.
const ClockDrift = 48 * time.Hour

var (
	errFormat = errors.New("card of a later format")
	errClaims = errors.New("claims do not have the form of a card")
)

// State says whether the signature makes the history a fact.
type State string

// States of a reading. Help is offered in each of them.
const (
	Verified   State = "verified"
	Unverified State = "unverified" // nothing on the card counts as a fact; log the event
)

// History says whether the sealed part could be opened.
type History string

// Reasons for a closed history; only HistoryOpen comes with contents.
const (
	HistoryOpen        History = "open"
	HistoryOlderKey    History = "older_key"    // sealed with a key that is destroyed by now
	HistoryNewerKey    History = "newer_key"    // sealed with a key that has not arrived here: print a slip
	HistoryOtherCircle History = "other_circle" // sealed to a circle this node does not belong to
	HistoryWithheld    History = "withheld"     // the card is unverified
)

// Reading is what a card says, and how far to believe it. When State is Unverified, only CTI, Sequence and Expires are
// set, as claims of an unknown author.
type Reading struct {
	State    State
	History  History
	Warnings []Warning

	CTI      CTI
	Sequence uint16
	Expires  Day // first day on which the card is expired

	Issuer Issuer // who signed, and vouches for all entries
	Circle uint16 // circle of the seal key

	Issued  Day
	Lineage Lineage
	Slip    bool
	NoFile  bool
	Lines   []Line // newest first
}

// Line is one entry as the desk shows it.
type Line struct {
	Entry
	Code       string // catalogue code; empty for "other service"
	RecordedBy uint16 // issuer whose block holds the point; 0 if no block does
	Vouched    bool   // recorded by another organisation than the one that signed: "recorded by A, re-issued by B"
}

// Has says whether the reading carries the warning.
func (r Reading) Has(w Warning) bool { return slices.Contains(r.Warnings, w) }

func (r *Reading) warn(w Warning) {
	if !r.Has(w) {
		r.Warnings = append(r.Warnings, w)
	}
}

// Entries returns the entries as they stood on the card, oldest first.
func (r Reading) Entries() []Entry {
	out := make([]Entry, 0, len(r.Lines))
	for _, l := range slices.Backward(r.Lines) {
		out = append(out, l.Entry)
	}
	return out
}

// Reader holds what a node knows when it reads cards. Each part may be nil: then it knows nothing of that kind, and the
// reading says so.
type Reader struct {
	Network *Network
	Keys    *SealKeys
	Marks   *Marks
}

// Read reads a card text. An error means "not an assistance card" (or one of a later format); everything else is a
// reading with warnings, because a doubt about paper is no reason to send a person away.
func (r Reader) Read(text string, now time.Time) (Reading, error) {
	if len(text) > MaxText {
		return Reading{}, fault.Invalidf(CodeTooLong, "not an assistance card: over %d characters", MaxText)
	}
	m, c, expires, err := open(text)
	if err != nil {
		return Reading{}, notACard(err)
	}
	out := Reading{State: Unverified, History: HistoryWithheld, CTI: CTI(c.CTI), Sequence: c.Body.Sequence, Expires: expires}
	if r.Network == nil {
		out.warn(WarnUnverified)
		return out, nil
	}
	if r.Network.Age(now) > NetworkOldAfter {
		out.warn(WarnNetworkOld)
	}
	kid := KeyID(m.kid)
	key, known := r.Network.Key(kid)
	if !known || m.verify(key.public(), cardPurpose) != nil {
		out.warn(WarnUnverified)
		return out, nil
	}
	if key.Status != Active || key.Roles&RoleCard == 0 {
		out.warn(WarnUnverified)
		out.warn(WarnKeyInvalid)
		return out, nil
	}
	if !now.Before(expires.Time()) {
		out.warn(WarnExpired)
	}
	r.Marks.warn(&out)
	return r.unseal(out, kid, key, c, now), nil
}

// unseal finishes a reading whose signature is right.
func (r Reader) unseal(out Reading, kid KeyID, key TrustedKey, c claims, now time.Time) Reading {
	distrust := func(why Warning) Reading {
		bare := Reading{State: Unverified, History: HistoryWithheld, Warnings: out.Warnings,
			CTI: out.CTI, Sequence: out.Sequence, Expires: out.Expires}
		bare.warn(WarnUnverified)
		bare.warn(why)
		return bare
	}
	seal, history := r.Keys.find(c.Body.Seal, out.Expires, r.Network, now)
	out.State, out.History = Verified, history
	out.Issuer, _ = r.Network.Issuer(key.Issuer)
	if history != HistoryOpen {
		// The day of issue is sealed: ask only whether the key was valid on any day this card can have been issued.
		first, last := max(out.Expires, maxValidity)-maxValidity, min(out.Expires, DayOf(now.Add(ClockDrift)))
		if last < key.From || key.Until <= first {
			return distrust(WarnKeyInvalid)
		}
		out.warn(map[History]Warning{HistoryOlderKey: WarnSealOlder, HistoryNewerKey: WarnSealNewer, HistoryOtherCircle: WarnSealCircle}[history])
		return out
	}
	plain, err := seal.aead.Open(nil, c.CTI[:nonceSize], c.Body.Sealed, bound(kid, c))
	if err != nil {
		return distrust(WarnSealBroken)
	}
	contents, err := parseContents(plain, out.Expires)
	if err != nil {
		return distrust(WarnSealBroken)
	}
	if contents.Issuer != key.Issuer {
		return distrust(WarnUnverified)
	}
	if !key.validOn(contents.Issued) {
		return distrust(WarnKeyInvalid)
	}
	if contents.Issued.Time().After(now.Add(ClockDrift)) {
		out.warn(WarnFuture)
	}
	out.Circle, out.Issued, out.Lineage = seal.Circle, contents.Issued, contents.Lineage
	out.Slip, out.NoFile = contents.Slip, contents.NoFile
	r.lines(&out, contents)
	return out
}

func (r Reader) lines(out *Reading, c contents) {
	out.Lines = make([]Line, 0, len(c.Entries))
	for _, e := range slices.Backward(c.Entries) {
		l := Line{Entry: e}
		var known bool
		if l.Code, known = r.Network.ServiceCode(e.Service); !known {
			l.Code = ""
			if e.Service != ServiceOther {
				out.warn(WarnServiceOther)
			}
		}
		if l.RecordedBy, known = r.Network.Owner(e.Point); known {
			l.Vouched = l.RecordedBy != c.Issuer
		} else {
			out.warn(WarnPointUnknown)
		}
		if e.Day > c.Issued {
			out.warn(WarnEntryDay)
		}
		out.Lines = append(out.Lines, l)
	}
}

// Pasted removes the white space around a text that came through a clipboard. No card text begins or ends with any: the
// last character of base45 stands for at most 32, the space for 36.
func Pasted(text string) string { return strings.TrimSpace(text) }

// open takes a text apart without believing it.
func open(text string) (message, claims, Day, error) {
	coded, ok := strings.CutPrefix(text, Prefix)
	if !ok {
		return message{}, claims{}, 0, errors.New("the text does not start as one")
	}
	data, err := decodeBase45(coded)
	if err != nil {
		return message{}, claims{}, 0, err
	}
	m, err := parseMessage(data, len(KeyID{}))
	if err != nil {
		return message{}, claims{}, 0, err
	}
	c, expires, err := parseClaims(m.cose.Payload)
	return m, c, expires, err
}

func notACard(err error) error {
	code := CodeMalformed
	switch {
	case errors.Is(err, errAlgorithm):
		code = CodeAlgorithm
	case errors.Is(err, errHeader):
		code = CodeHeader
	case errors.Is(err, errFormat):
		return fault.Invalid(CodeFormat, "card of a later format than this program reads; update the program, and help the person meanwhile")
	}
	return fault.Invalidf(code, "not an assistance card: %v", err)
}

// SignedBy returns the public key that a verified card was signed with: a node tells by it which of its devices that was.
func SignedBy(text string, n *Network) (public []byte, ok bool) {
	m, _, _, err := open(text)
	if err != nil || n == nil {
		return nil, false
	}
	key, known := n.Key(KeyID(m.kid))
	if !known || m.verify(key.public(), cardPurpose) != nil {
		return nil, false
	}
	return key.Public, true
}
