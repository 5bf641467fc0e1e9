package view

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/sim"
	"serai/internal/store"
	"serai/internal/testkit"
)

// personOf makes the id of a simulated card or file.
func personOf(kind string, n uint64) fact.PersonID {
	var b [16]byte
	copy(b[:], kind)
	b[6], b[8] = 0x80, 0x80
	binary.BigEndian.PutUint64(b[8:], n|1<<63)
	var p fact.PersonID
	if err := p.UnmarshalBinary(b[:]); err != nil {
		panic(err)
	}
	return p
}

var spans = map[string]string{"girl": "5-17", "boy": "5-17", "woman": "18-59", "man": "18-59", "under_five_f": "0-4", "under_five_m": "0-4", "sixty_over_f": "60+", "sixty_over_m": "60+"}
var sexes = map[string]string{"girl": "F", "boy": "M", "woman": "F", "man": "M", "under_five_f": "F", "under_five_m": "M", "sixty_over_f": "F", "sixty_over_m": "M"}
var ages = map[string]string{"child": "child", "adult": "adult", "older": "60+", "unknown": "unknown"}

// record plays a run into the tables, knowing what desks know: the lineage on a card, the file that was found, the
// answer to one question.
func (h *house) record(t testing.TB, w *sim.World) *sim.Truth {
	t.Helper()
	cards, files := map[string]fact.PersonID{}, map[int]fact.PersonID{}
	arrivals, opened := map[int]fact.ArrivalID{}, map[int]bool{}
	var truth *sim.Truth
	h.write(t, func(tx *store.Tx) error {
		var err error
		truth = w.Play(func(e sim.Event) bool {
			org, point := fact.OrgByCode(e.Organisation), fact.PointByCode(e.Point)
			n := note{org: org, point: point, day: fact.DayOf(e.At.Add(-4 * time.Hour)).String(), hour: e.At.Hour()}
			switch b := e.Body.(type) {
			case sim.FileOpened:
				// The file of the holder of a card takes her id, so it waits for the contact.
				opened[b.File] = true
			case sim.Tally:
				if b.Sealed {
					return true
				}
				for _, x := range b.Buttons {
					n.heads = append(n.heads, head{sexes[x.Code], spans[x.Code], int64(x.Count)})
				}
				for _, g := range b.Services {
					n.given = append(n.given, given{g.Code, int64(g.Quantity)})
				}
				if b.Arrival != 0 {
					n.id = fact.NewContactID(h.Clock.Now())
					n.arrival = fact.As[fact.ArrivalOf](n.id)
					arrivals[b.Arrival] = n.arrival
				}
				err = h.put(tx, n)
			case sim.Contact:
				if id, ok := arrivals[b.Arrival]; ok && b.InTally {
					n.arrival = id
				}
				n.heads = []head{{b.Sex, ages[b.AgeGroup], 1}}
				n.repeat, n.group, n.stage, n.disabled = b.Repeat, b.Group, b.Stage, b.Disability
				switch {
				case b.Card != "":
					n.person = cards[b.Card]
				case b.File != 0:
					if n.person = files[b.File]; n.person.IsZero() {
						n.person = personOf("file", uint64(b.File))
						files[b.File] = n.person
					}
				}
				if b.File != 0 && files[b.File].IsZero() {
					files[b.File] = n.person
				}
				if opened[b.File] {
					delete(opened, b.File)
					d, _ := fact.ParseDay(n.day)
					if err = h.file(tx, n.person, org, point, d); err != nil {
						return false
					}
				}
				for _, g := range b.Services {
					n.given = append(n.given, given{g.Code, int64(g.Quantity)})
				}
				for _, a := range b.NotGiven {
					n.asked = append(n.asked, asked{a.Code, a.Reason, 1})
				}
				if err = h.put(tx, n); err == nil && b.NewCard != "" {
					p := n.person
					if p.IsZero() {
						var l uint64
						fmt.Sscanf(b.NewCard, "%x", &l)
						p = personOf("card", l)
					}
					cards[b.NewCard] = p
					d, _ := fact.ParseDay(n.day)
					err = h.card(tx, p, org, point, d)
				}
			}
			return err == nil
		})
		return err
	})
	return truth
}

func TestTheIntervalHoldsTheTruthOfSimulatedJourneys(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		cfg := sim.Config{Seed: 3, People: 3000, Days: 30, Start: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
		w, err := sim.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		truth := h.record(t, w)
		all := access.Actor{Handle: fact.Handle{7}, Full: true}
		for _, c := range truth.ByOrganisation {
			all.Grants = append(all.Grants, access.Grant{Role: access.ProgrammeManager, Org: fact.OrgByCode(c.Code)})
		}
		from, to := day(t, "2026-03-01"), day(t, "2026-04-01")
		check := func(name string, got Persons, want int, tolerance float64) {
			t.Helper()
			off := float64(got.Central)/float64(want) - 1
			inside := got.Low <= int64(want) && int64(want) <= got.High
			t.Logf("%-14s truth %5d: %5d %5d %5d  %+.1f %% inside %v", name, want, got.Low, got.Central, got.High, 100*off, inside)
			if !inside || math.Abs(off) > tolerance {
				t.Errorf("%s: truth %d, counted %+v", name, want, got)
			}
		}
		c := h.count(t, all, Ask{From: from, To: to})
		check("whole", c.Totals.Persons, truth.Persons, 0.1)
		// Two people who show one card on one day look like one.
		if missing := int64(truth.Contacts) - c.Totals.Contacts; missing < 0 || missing > int64(truth.CardsPassed) {
			t.Errorf("%d contacts, truth %d, %d cards passed on", c.Totals.Contacts, truth.Contacts, truth.CardsPassed)
		}
		c = h.count(t, all, Ask{From: from, To: to, By: []string{byPoint}})
		rows := map[string]Row{}
		for _, r := range c.Rows {
			rows[r.Key[byPoint]] = r
		}
		for _, p := range truth.ByPoint {
			if p.Count > 30 {
				check(p.Code, rows[fact.PointByCode(p.Code).String()].Persons, p.Count, 0.25)
			}
		}
		for _, o := range truth.ByOrganisation {
			if o.Count > 30 {
				c := h.count(t, all, Ask{From: from, To: to, Org: fact.OrgByCode(o.Code)})
				check("only "+o.Code, c.Totals.Persons, o.Count, 0.25)
			}
		}
	})
}
