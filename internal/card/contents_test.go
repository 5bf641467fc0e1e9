package card

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestContentsComeBack(t *testing.T) {
	entry := rapid.Custom(func(t *rapid.T) Entry {
		return Entry{
			Service:  rapid.Uint16Range(1, maxService).Draw(t, "service"),
			Quantity: rapid.Uint8Range(1, maxQuantity).Draw(t, "quantity"),
			Day:      Day(rapid.Uint16().Draw(t, "day")),
			Point:    rapid.Uint32Range(0, maxPoint).Draw(t, "point"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		expires := Day(rapid.Uint16Min(2000).Draw(t, "expires"))
		want := contents{
			Issuer:  rapid.Uint16Range(1, maxIssuer).Draw(t, "issuer"),
			Issued:  expires - Day(rapid.Uint16Range(1, maxValidity).Draw(t, "days")),
			NoFile:  rapid.Bool().Draw(t, "no file"),
			Entries: rapid.SliceOfN(entry, 0, maxEntries).Draw(t, "entries"),
		}
		want.Slip = len(want.Entries) == 1 && rapid.Bool().Draw(t, "slip")
		copy(want.Lineage[:], rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "lineage"))
		b := want.append(nil, expires)
		if n := (len(b) - contentsHead) / entrySize; n != 5 && n != 10 && n != 20 {
			t.Fatalf("%d slots", n)
		}
		got, err := parseContents(b, expires)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Entries, want.Entries) || got.Issuer != want.Issuer || got.Issued != want.Issued ||
			got.Lineage != want.Lineage || got.Slip != want.Slip || got.NoFile != want.NoFile {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

func TestDays(t *testing.T) {
	for _, x := range []struct {
		name string
		time time.Time
		want Day
	}{
		{"the first day", time.Unix(0, 0), 0},
		{"before the first day", time.Unix(-1, 0), 0},
		{"year one", time.Time{}, 0},
		{"the last second of a day", time.Unix(86399, 0), 0},
		{"beyond the last day", time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC), 65535},
		{"midnight elsewhere is another day in UTC", time.Date(2026, 11, 10, 0, 30, 0, 0, time.FixedZone("", 3600)), DayOf(noon) - 1},
	} {
		if got := DayOf(x.time); got != x.want {
			t.Errorf("%s: %d, want %d", x.name, got, x.want)
		}
	}
	if q := DayOf(noon).Quarter(); q.String() != "2026-Q4" || q.Start().String() != "2026-10-01" || q.End().String() != "2027-01-01" {
		t.Errorf("%s from %s to %s", q, q.Start(), q.End())
	}
}

func TestQuantity(t *testing.T) {
	for n, want := range map[int]uint8{-5: 1, 0: 1, 1: 1, 63: 63, 64: 63, 100000: 63} {
		if got := Quantity(n); got != want {
			t.Errorf("%d is written as %d, want %d", n, got, want)
		}
	}
}
