package seal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"serai/internal/fault"
	"serai/internal/seal"
)

var noon = func() time.Time { return time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC) }

func TestTheLedgerRemembersAcrossStarts(t *testing.T) {
	dir, ring := newRing(t)
	l, err := seal.OpenLedger(dir, ring, noon)
	if err != nil {
		t.Fatal(err)
	}
	p := people(3)
	begin := l.Position()
	if err := errors.Join(l.Append(p[0], noon()), l.Append(p[1], noon()), l.Append(p[0], noon())); err != nil {
		t.Fatal(err)
	}
	middle, err := l.Mark("a-backup")
	if err != nil {
		t.Fatal(err)
	}
	if l, err = seal.OpenLedger(dir, ring, noon); err != nil {
		t.Fatal(err)
	}
	if err := l.Append(p[2], noon()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from seal.LedgerPosition
		want int
		ok   bool
	}{
		"since the beginning":           {begin, 3, true},
		"since the backup":              {middle, 1, true},
		"since the end":                 {l.Position(), 0, true},
		"since a position of elsewhere": {seal.LedgerPosition{N: 2}, 0, false},
		"since a position to come":      {seal.LedgerPosition{N: 9, Hash: middle.Hash}, 0, false},
	} {
		got, ok := l.Since(c.from)
		if len(got) != c.want || ok != c.ok {
			t.Errorf("%s: %d persons, %v; want %d, %v", name, len(got), ok, c.want, c.ok)
		}
	}
	if got := l.Persons(); len(got) != 3 || len(l.Entries()) != 4 {
		t.Errorf("%d persons in %d lines", len(got), len(l.Entries()))
	}
	if err := l.Verify(); err != nil {
		t.Error(err)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, seal.LedgerName)); !bytes.Equal(b, l.Bytes()) {
		t.Error("the file says something else")
	}
	_, other := newRing(t)
	if _, err := seal.OpenLedger(dir, other, noon); fault.Code(err) != "seal.ledger_of_other" {
		t.Errorf("the ledger of another node: %v", err)
	}
}

func TestALineThatAPowerCutTookIsWrittenAgain(t *testing.T) {
	dir, ring := newRing(t)
	path := filepath.Join(dir, seal.LedgerName)
	l, err := seal.OpenLedger(dir, ring, noon)
	if err != nil {
		t.Fatal(err)
	}
	p := people(2)
	if err := l.Append(p[0], noon()); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	if err := l.Append(p[1], noon()); err != nil {
		t.Fatal(err)
	}
	after, _ := os.ReadFile(path)
	for cut := len(before); cut < len(after); cut++ {
		if err := os.WriteFile(path, after[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := seal.OpenLedger(dir, ring, noon)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if err := l.Append(p[1], noon()); err != nil {
			t.Fatal(err)
		}
		if b, _ := os.ReadFile(path); !bytes.Equal(b, after) {
			t.Fatalf("cut at %d: the ledger has a scar:\n%s", cut, b)
		}
	}
}

func TestAnAlteredLedgerIsRefused(t *testing.T) {
	dir, ring := newRing(t)
	l, err := seal.OpenLedger(dir, ring, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people(4) {
		if err := l.Append(p, noon()); err != nil {
			t.Fatal(err)
		}
	}
	whole := string(l.Bytes())
	lines := strings.SplitAfter(whole, "\n")
	join := func(parts ...string) string { return strings.Join(parts, "") }
	tests := map[string]string{
		"nothing":                      "",
		"no head":                      join(lines[1:]...),
		"a line taken out":             join(slices.Concat(lines[:2], lines[3:])...),
		"two lines changed round":      join(lines[0], lines[2], lines[1], lines[3], lines[4]),
		"a line twice":                 join(lines[0], lines[1], lines[1], lines[2]),
		"another time":                 strings.Replace(whole, "T12:00", "T12:01", 1),
		"another person":               strings.Replace(whole, lines[2][30:40], "0000000000", 1),
		"another node in the head":     strings.Replace(whole, ring.Node().String()[:8], "00000000", 1),
		"a word that is not known":     strings.Replace(whole, "erased", "pardon", 1),
		"a line of many kilobytes":     whole + strings.Repeat("x", 100_000) + "\n",
		"spaces that somebody tidied":  strings.Replace(whole, " erased", "  erased", 1),
		"a number with a nought ahead": strings.Replace(whole, "\n1 ", "\n01 ", 1),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			if text == whole {
				t.Fatal("nothing was changed")
			}
			if _, err := seal.ReadLedger(strings.NewReader(text)); fault.Code(err) != "seal.ledger_broken" {
				t.Errorf("got %v", err)
			}
		})
	}
	for i := range whole {
		b := []byte(whole)
		b[i] ^= 1
		if got, err := seal.ReadLedger(bytes.NewReader(b)); err == nil && got.Position() == l.Position() {
			t.Errorf("byte %d changed and nobody saw it", i)
		}
	}
}

func TestALedgerThatShrankWhileTheProgramRanIsNotWrittenOn(t *testing.T) {
	dir, ring := newRing(t)
	l, err := seal.OpenLedger(dir, ring, noon)
	if err != nil {
		t.Fatal(err)
	}
	p := people(3)
	if err := errors.Join(l.Append(p[0], noon()), l.Append(p[1], noon())); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, seal.LedgerName), 150); err != nil {
		t.Fatal(err)
	}
	if err := l.Append(p[2], noon()); fault.Code(err) != "seal.ledger_broken" {
		t.Errorf("got %v", err)
	}
	if err := l.Verify(); err == nil {
		t.Error("a ledger that shrank verifies")
	}
}
