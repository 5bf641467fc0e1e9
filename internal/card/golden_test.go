package card

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// People keep cards for months: what was printed once must be printed and read the same by every later release.
func TestPrintedCardsStayReadable(t *testing.T) {
	for _, x := range []struct {
		file string
		list []Entry
	}{
		{"blank.txt", nil},
		{"three.txt", entries(3)},
		{"full.txt", entries(20)},
	} {
		t.Run(x.file, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("testdata", x.file))
			if err != nil {
				t.Fatal(err)
			}
			text := strings.TrimSuffix(string(raw), "\n")
			r := read(t, reader(t), text)
			if r.State != Verified || r.Issuer.Number != niger || !slices.Equal(r.Entries(), x.list) {
				t.Errorf("reads as %+v", r)
			}
			if now := issue(t, press(t, niger), x.list...).Text; now != text {
				t.Errorf("is printed differently now:\n%s\n%s", now, text)
			}
		})
	}
}
