package sim

import (
	"reflect"
	"testing"
)

func TestExtremeSettingsEndAndStayConsistent(t *testing.T) {
	all, none := DefaultRates(), DefaultRates()
	for i := range reflect.TypeFor[Rates]().NumField() {
		reflect.ValueOf(&all).Elem().Field(i).SetFloat(1)
		reflect.ValueOf(&none).Elem().Field(i).SetFloat(0)
	}
	none.Cardless = 1e-9 // all rates at zero would mean the defaults
	quiet := DefaultRates()
	quiet.Host, quiet.PointClosed, quiet.Cardless, quiet.RefuseFile, quiet.RefuseName = 0, 0, 0, 0, 0
	cases := []struct {
		name         string
		people, days int
		rates        Rates
	}{
		{"one person on one day", 1, 1, Rates{}},
		{"a crowd on one day", 3000, 1, Rates{}},
		{"few people over a year", 40, 365, Rates{}},
		{"everything always happens", 1500, 20, all},
		{"nothing ever goes wrong", 1500, 20, none},
		{"everybody takes part", 1500, 20, quiet},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w, err := New(Config{Seed: 8, People: c.people, Days: c.days, Start: start, Rates: c.rates})
			if err != nil {
				t.Fatal(err)
			}
			events, contacts, tallied := 0, 0, 0
			truth := w.Play(func(e Event) bool {
				events++
				switch b := e.Body.(type) {
				case Contact:
					if !b.InTally {
						contacts++
					}
				case Tally:
					tallied += len(b.TruthPeople)
				case CardTaken, CardLost:
					if c.name == "nothing ever goes wrong" {
						t.Errorf("%s at %s", e.Kind, e.Point)
					}
				case FileRefused, NameRefused:
					if c.name == "everybody takes part" {
						t.Errorf("%s at %s", e.Kind, e.Point)
					}
				}
				return true
			})
			if truth.Contacts != contacts+tallied || truth.Tallied != tallied || truth.Population != c.people {
				t.Errorf("%d contacts are not %d alone and %d in tallies (%d)", truth.Contacts, contacts, tallied, truth.Tallied)
			}
			if truth.Logs != c.days*len(w.grounds) {
				t.Errorf("%d logs", truth.Logs)
			}
			if c.people > 1000 && c.rates.PointClosed < 1 && truth.Persons < c.people/10 {
				t.Errorf("only %d of %d persons were ever met", truth.Persons, c.people)
			}
		})
	}
}

// The three numbers that a report prints, as the field would work them out from what desks recorded.
func TestAddingUpPointsOverstatesAndTheIntervalFromCardsHoldsTheTruth(t *testing.T) {
	inside := 0
	for seed := range uint64(10) {
		w := world(t, 100+seed, 3000, 30)
		tokens := map[string]bool{}
		first, asked, cardless := 0, 0, 0    // at contacts that ended without a card
		begins, answered, without := 0, 0, 0 // at contacts that began without one
		truth := w.Play(func(e Event) bool {
			switch b := e.Body.(type) {
			case Tally:
				cardless += b.People()
				without += b.People()
			case Contact:
				if b.Card == "" && !b.InTally {
					without++
					switch b.Repeat {
					case "first":
						begins++
						answered++
					case "before":
						answered++
					}
				}
				switch {
				case b.Card != "":
					tokens[b.Card] = true
				case b.NewCard != "":
					tokens[b.NewCard] = true
				case !b.InTally:
					cardless++
					if b.Repeat == "first" || b.Repeat == "before" {
						asked++
					}
					if b.Repeat == "first" {
						first++
					}
				}
			}
			return true
		})
		sum := 0
		for _, c := range truth.ByPoint {
			sum += c.Count
		}
		central := float64(len(tokens)) + float64(cardless)*float64(first)/float64(max(asked, 1))
		v := truth.Check(Claim{Low: float64(len(tokens)), Central: central, High: float64(len(tokens) + cardless)})
		if v.Inside {
			inside++
		}
		// Somebody helped without a card today may take one tomorrow and then stands in both terms of the central value
		// above. Counting first times at every contact that began without a card, new cards included, does not have
		// that fault: nobody's first contact begins with a card.
		alone := float64(without) * float64(begins) / float64(max(answered, 1))
		if off := alone/float64(v.Truth) - 1; off < -0.1 || off > 0.1 || off > v.Error {
			t.Errorf("first times: %.0f for %d persons", alone, v.Truth)
		}
		t.Logf("truth %d, points added up %d, cards %d, central %.0f (%+.1f %%), first times %.0f (%+.1f %%), at most %d",
			v.Truth, sum, len(tokens), central, 100*v.Error, alone, 100*(alone/float64(v.Truth)-1), len(tokens)+cardless)
		if float64(sum) < 1.3*float64(v.Truth) {
			t.Errorf("adding up points gives %d for %d persons: people hardly move", sum, v.Truth)
		}
	}
	if inside < 9 {
		t.Errorf("the interval holds the truth in %d of 10 runs", inside)
	}
}
