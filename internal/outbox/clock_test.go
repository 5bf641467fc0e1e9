package outbox

import (
	"testing"
	"time"
)

func TestClocks(t *testing.T) {
	ms := func(s string) float64 {
		at, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return float64(at.UnixMilli())
	}
	const hour, year = 3600 * 1000.0, 365 * 24 * 3600 * 1000.0
	now, since := ms("2026-03-10 18:00"), ms("2026-02-01 08:00")
	morning := ms("2026-03-10 09:00")
	for name, test := range map[string]struct {
		c        clocks
		happened float64
		want     float64 // 0: as it was
	}{
		"a clock that is right":                      {clocks{at: morning, sent: now}, morning, 0},
		"five minutes off are nothing":               {clocks{at: morning - hour/12, sent: now - hour/12}, morning - hour/12, 0},
		"two years behind, never heard the node":     {clocks{at: morning - 2*year, sent: now - 2*year}, morning - 2*year, morning},
		"two years ahead, never heard the node":      {clocks{at: morning + 2*year, sent: now + 2*year}, morning + 2*year, morning},
		"two years behind, and the device knew":      {clocks{at: morning - 2*year, offset: 2 * year, sent: now - 2*year}, morning, 0},
		"an hour off, and the screen stood open":     {clocks{at: morning - hour, sent: now - hour}, morning - hour - hour/12, morning - hour/12},
		"a time from yesterday, typed":               {clocks{at: morning, sent: now}, morning - 24*hour, 0},
		"a time that was typed on a wrong clock":     {clocks{at: morning - 2*year, sent: now - 2*year}, morning - 3*hour, 0},
		"a file that was carried for days":           {clocks{at: morning - 2*year}, morning - 2*year, 0},
		"a clock set right between making and send":  {clocks{at: morning - 2*year, offset: 2 * year, sent: now}, morning, 0},
		"a clock set back between making and send":   {clocks{at: morning + year, sent: now}, morning + year, 0},
		"a clock that runs ahead, made just now":     {clocks{at: now + hour, sent: now + hour}, now + hour, now},
		"a first day, before the key was registered": {clocks{at: since - hour - year, sent: now - year}, since - hour - year, since - hour},
	} {
		test.c.now, test.c.since = now, since
		got, changed := test.c.mended(test.happened)
		switch {
		case test.want == 0 && (changed || got != test.happened):
			t.Errorf("%s: changed by %v h", name, (got-test.happened)/hour)
		case test.want != 0 && (!changed || got != test.want):
			t.Errorf("%s: %v, want %v", name, time.UnixMilli(int64(got)).UTC(), time.UnixMilli(int64(test.want)).UTC())
		}
	}
}

func TestOnlyTheTopLevelTimeIsMended(t *testing.T) {
	now := time.Date(2026, 3, 10, 18, 0, 0, 0, time.UTC)
	c := clocks{at: float64(now.AddDate(-2, 0, 0).UnixMilli()), sent: float64(now.AddDate(-2, 0, 0).UnixMilli()), now: float64(now.UnixMilli()), since: float64(now.AddDate(0, -1, 0).UnixMilli())}
	for body, want := range map[string]string{
		`{"a":{"happened":"2024-03-10T18:00:00Z"}, "happened" : "2024-03-10T18:00:00Z" ,"b":1}`: `{"a":{"happened":"2024-03-10T18:00:00Z"}, "happened" : "2026-03-10T18:00:00.000Z" ,"b":1}`,
		`{"happened":"2024-03-10T19:00:00+01:00"}`:                                              `{"happened":"2026-03-10T18:00:00.000Z"}`,
		`{"other":"2024-03-10T18:00:00Z"}`:                                                      "",
		`{"happened":"yesterday"}`:                                                              "",
		`{"happened":5}`:                                                                        "",
		`{"happened":null}`:                                                                     "",
		`[{"happened":"2024-03-10T18:00:00Z"}]`:                                                 "",
		`{"happened":"2024-03-10T18:00:00Z"`:                                                    `{"happened":"2026-03-10T18:00:00.000Z"`,
		`{"happened":"9999999-03-10T18:00:00Z"}`:                                                "",
		``:                                                                                      "",
	} {
		got, changed := c.mend([]byte(body))
		if changed != (want != "") || changed && string(got) != want || !changed && string(got) != body {
			t.Errorf("%s became %s", body, got)
		}
	}
}
