package cards

import (
	"bytes"
	"testing"
	"time"

	"serai/internal/card"
	"serai/internal/catalogue"
	"serai/internal/fact"
)

func TestTheDayOnACardIsTheOperatingDayAndNeverAheadOfUTC(t *testing.T) {
	east, west := time.FixedZone("+11", 11*3600), time.FixedZone("-8", -8*3600)
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		name  string
		zone  *time.Location
		now   string
		asked string // "" is today
		want  string // "" is refused
	}{
		{"at noon it is today", time.UTC, "2026-03-10 12:00", "", "2026-03-10"},
		{"before the cut-off it is still yesterday", time.UTC, "2026-03-10 03:59", "", "2026-03-09"},
		{"in the east the day begins before that of UTC, and is written as that of UTC", east, "2026-03-10 20:00", "", "2026-03-10"},
		{"in the west UTC is ahead", west, "2026-03-10 05:00", "", "2026-03-09"},
		{"a day that was named stays", time.UTC, "2026-03-10 12:00", "2026-02-01", "2026-02-01"},
		{"tomorrow has not come", time.UTC, "2026-03-10 12:00", "2026-03-11", ""},
		{"three years ago is a mistake in the year", time.UTC, "2026-03-10 12:00", "2023-03-10", ""},
	} {
		w := writer{at: Place{Zone: c.zone, Cutoff: 4 * time.Hour}, now: at(c.now)}
		var asked fact.Day
		if c.asked != "" {
			asked, _ = fact.ParseDay(c.asked)
		}
		got, ok := w.day(asked)
		if ok != (c.want != "") || ok && got.String() != c.want {
			t.Errorf("%s: %s %v, want %q", c.name, got, ok, c.want)
		}
	}
}

func TestARepeatIsAskedAboutWithinItsInterval(t *testing.T) {
	cat, now := catalogue.Base(), time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	kit, ok := cat.Service("hygiene_kit")
	if !ok || kit.Asks == nil || kit.Asks.Count != 1 {
		t.Fatal("the catalogue has no interval to test with")
	}
	had := func(ago time.Duration) Help {
		return Help{Code: "hygiene_kit", Quantity: 1, At: now.Add(-ago), Day: fact.DayOf(now.Add(-ago))}
	}
	hours := time.Duration(kit.Asks.Hours) * time.Hour
	for _, c := range []struct {
		name string
		had  []Help
		want []Question
	}{
		{"nothing was given", nil, []Question{}},
		{"it was given long ago", []Help{had(hours + time.Hour)}, []Question{}},
		{"it was given twice, the last time two days ago", []Help{had(hours - time.Hour), had(49 * time.Hour)},
			[]Question{{Code: "assist.asks_interval", Service: "hygiene_kit", LastDay: fact.DayOf(now) - 2, Days: 2, Count: 2, Limit: 1, Hours: kit.Asks.Hours}}},
		{"other help has no interval", []Help{{Code: serviceOther, At: now}}, []Question{}},
	} {
		got := questions(c.had, cat, now)
		if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestASmallerCardKeepsTheNewest(t *testing.T) {
	ne, _ := members(t, open(t))
	var services []Give
	for i := range 12 {
		services = append(services, Give{Code: "food.meal", Quantity: 1, Day: fact.Day(20511 + (i*5)%12)})
	}
	c := ne.issue(Issue{Services: services, Language: "en", Size: 5})
	got := ne.read(c.Text)
	if c.Entries != 5 || c.Dropped != 7 || len(got.Entries) != 5 || got.Entries[0].Day != 20522 || got.Entries[4].Day != 20518 {
		t.Errorf("%+v %+v", c, got.Entries)
	}
}

func TestSerialsAreReadAsTheyAreTyped(t *testing.T) {
	serial, err := newSerial(bytes.NewReader([]byte{0xff, 0x00, 0x12, 0x34, 0x56}))
	if err != nil || len(serial) != 8 {
		t.Fatalf("%q %v", serial, err)
	}
	for typed, want := range map[string]string{"0o1l-iabc": "00111ABC", " 2yxq m2mw ": "2YXQM2MW", serial: serial} {
		if got := readSerial(typed); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	if _, err := newSerial(bytes.NewReader(nil)); err == nil {
		t.Error("a serial without randomness")
	}
}

// The derivations are frozen: with others, everybody who holds a card would become a stranger.
func TestHoldersFollowFromTheCardAndTheOrganisation(t *testing.T) {
	a, b := []byte("key of one organisation, 32 bytes"), []byte("key of another")
	lineage := card.Lineage{1, 2, 3}
	first, other := LineageKey(card.RecogniseKey(a, lineage)), LineageKey(card.RecogniseKey(b, lineage))
	if got := Holder(a, first).String(); got != "1c6f83e2-45fe-8fd8-8052-5cb19d80cdd6" {
		t.Errorf("the holder became %s", got)
	}
	if Holder(a, first) == Holder(b, other) || first == other {
		t.Error("two organisations know one card under one id")
	}
	if got := blankLineage(a, "2YXQM2MW"); got != (card.Lineage{0x28, 0x0d, 0xd7, 0xcc, 0x01, 0x7b, 0x61, 0x69}) {
		t.Errorf("the lineage of a blank card became %x", got)
	}
	if blankLineage(a, "2YXQM2MW") == blankLineage(b, "2YXQM2MW") {
		t.Error("two organisations have one blank card")
	}
}

func TestHelpThatContactAndDeskBothNameIsWrittenOnce(t *testing.T) {
	ne, _ := members(t, open(t))
	first := ne.issue(Issue{Services: meal(1), Language: "en"})
	ne.Clock.Add(48 * time.Hour)
	contact := fact.NewContactID(ne.Clock.Now())
	ne.contacts[contact] = []Help{{Code: "food.meal", Quantity: 1, Day: fact.DayOf(ne.Clock.Now()), Point: agadez.ID}}
	next := ne.update(Update{Text: first.Text, Services: append(meal(2), Give{Code: "water", Quantity: 3}), Contact: contact})
	got := ne.read(next.Text).Entries
	if len(got) != 3 || next.Entries != 3 {
		t.Fatalf("%+v", got)
	}
	for _, e := range got[:2] {
		if want := map[string]int{"food.meal": 2, "water": 3}[e.Service]; e.Quantity != want {
			t.Errorf("%s: %d, want %d", e.Service, e.Quantity, want)
		}
	}
}
