package stock

import (
	"errors"
	"slices"
	"strings"
	"time"

	"serai/internal/fact"
	"serai/internal/fault"
)

// reasons are why a point wishes for items beforehand.
var reasons = []string{"arrival_expected", "season", "running_out", "other"}

// The states of a wish.
const (
	Open     = "open"
	Answered = "answered"
	Closed   = "closed"
)

// Wish is the command behind a wish for items to be put in place.
type Wish struct {
	ID       fact.FactID
	Happened time.Time
	By       fact.Day
	Reason   string
	Note     string
	Lines    []Part
}

// Decide turns the command into the open part of its fact.
func (cmd Wish) Decide(at Place, items Items, now time.Time) (WishedOpen, error) {
	var bad []error
	happened, _ := moment(cmd.Happened, now, &bad)
	if cmd.By < at.day(happened) || cmd.By > at.day(now)+731 {
		bad = append(bad, fault.Field("by", "stock.bad_by", "say by which day it is needed: today or later, within two years"))
	}
	if !slices.Contains(reasons, cmd.Reason) {
		bad = append(bad, fault.Fieldf("reason", "stock.unknown_reason", "say why: %s", strings.Join(reasons, ", ")))
	}
	text("note", cmd.Note, 300, &bad)
	parts(cmd.Lines, items, "lines", most, false, &bad)
	return WishedOpen{Point: at.ID, Org: at.Org, Happened: happened.UnixMilli(), By: cmd.By, Reason: cmd.Reason, Note: strings.TrimSpace(cmd.Note), Lines: cmd.Lines}, errors.Join(bad...)
}

// ChangeWish is the command that answers a wish or closes it.
type ChangeWish struct {
	ID    fact.FactID
	State string
	Note  string
	On    fact.Day
}

// Decide turns the command into the open part of its fact. A closed wish stays closed: another is made.
func (cmd ChangeWish) Decide(w WishView, today fact.Day) (WishChangedOpen, error) {
	var bad []error
	if cmd.State != Answered && cmd.State != Closed {
		bad = append(bad, fault.Field("state", "stock.unknown_state", "a wish is answered or closed"))
	}
	if w.State == Closed {
		return WishChangedOpen{}, fault.Conflict("stock.wish_closed", "this wish is closed; make another")
	}
	if cmd.On != 0 && (cmd.State != Answered || cmd.On < today-31 || cmd.On > today+731) {
		bad = append(bad, fault.Field("on", "stock.bad_on", "the day when it is to be there stands on an answer alone, within two years"))
	}
	text("note", cmd.Note, 300, &bad)
	return WishChangedOpen{Wish: w.Wish, Org: w.org, State: cmd.State, Note: strings.TrimSpace(cmd.Note), On: cmd.On}, errors.Join(bad...)
}
