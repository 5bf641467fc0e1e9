package fact_test

import (
	"testing"
	"time"

	"serai/internal/fact"
)

func TestNextStamp(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	stamp := func(s string) fact.Stamp { return fact.StampOf(at(s)) }
	tests := []struct {
		name    string
		now     string
		last    fact.Stamp
		parents []fact.Stamp
		want    fact.Stamp
	}{
		{"the first stamp of a node is that of its clock", "2026-03-10", 0, nil, stamp("2026-03-10")},
		{"a clock that leads is followed", "2026-03-11", stamp("2026-03-10"), nil, stamp("2026-03-11")},
		{"a clock that stands still counts on", "2026-03-10", stamp("2026-03-10"), nil, stamp("2026-03-10") + 1},
		{"a clock ten years back counts on", "2016-03-10", stamp("2026-03-10"), nil, stamp("2026-03-10") + 1},
		{"an edit is after what it replaces", "2026-03-10", 0, []fact.Stamp{stamp("2036-01-01"), stamp("2020-01-01")}, stamp("2036-01-01") + 1},
		{"a clock before 1970 is taken as 1970", "1904-01-01", 0, nil, 1},
		{"a clock beyond 2100 is no clock", "2106-02-07", stamp("2026-03-10"), nil, stamp("2026-03-10") + 1},
		{"a clock of the year 9999 is no clock either", "9999-12-31", stamp("2026-03-10"), nil, stamp("2026-03-10") + 1},
		{"nothing is stamped beyond 2100, whatever it replaces", "2026-03-10", 0, []fact.Stamp{fact.MaxStamp}, fact.MaxStamp},
		{"a clock at the end of 2100 still counts", "2100-12-31", stamp("2026-03-10"), nil, stamp("2100-12-31")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if fact.StampOf(at(test.now).AddDate(20000, 0, 0)) < fact.MaxStamp {
				t.Error("a far year wraps round")
			}
			if got := fact.Next(at(test.now), test.last, test.parents...); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
