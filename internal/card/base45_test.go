package card

import (
	"bytes"
	"strings"
	"testing"
)

func TestBase45(t *testing.T) {
	for _, x := range []struct{ name, plain, coded string }{
		{"RFC 9285, 4.3, example 1", "AB", "BB8"},
		{"RFC 9285, 4.3, example 2", "Hello!!", "%69 VD92EX0"},
		{"RFC 9285, 4.3, example 3", "base-45", "UJCLQE7W581"},
		{"RFC 9285, 4.4", "ietf!", "QED8WEX0"},
		{"nothing", "", ""},
		{"the largest pair", "\xff\xff", "FGW"},
		{"the largest single byte", "\xff", "U5"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got := string(appendBase45(nil, []byte(x.plain))); got != x.coded {
				t.Errorf("encoded %q, want %q", got, x.coded)
			}
			if got, err := decodeBase45(x.coded); err != nil || string(got) != x.plain {
				t.Errorf("decoded %q, %v; want %q", got, err, x.plain)
			}
		})
	}
}

func TestBase45Refuses(t *testing.T) {
	for _, x := range []struct{ name, coded string }{
		{"65536", "GGW"},
		{"the largest group there is", ":::"},
		{"256 as a last byte", "V5"},
		{"a single character", "A"},
		{"a group and a single character", "BB8A"},
		{"small letters", "bb8"},
		{"a line break", "BB\n"},
		{"two bytes of another alphabet", "Bé"},
		{"NUL", "BB\x00"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got, err := decodeBase45(x.coded); err == nil {
				t.Errorf("decoded %x", got)
			}
		})
	}
}

func FuzzBase45(f *testing.F) {
	for _, s := range []string{"", "BB8", "%69 VD92EX0", "GGW", "V5", ":", strings.Repeat("0", 30)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		data, err := decodeBase45(s)
		if err != nil {
			return
		}
		if again := string(appendBase45(nil, data)); again != s {
			t.Errorf("%q and %q stand for the same bytes", s, again)
		}
		if back, err := decodeBase45(string(appendBase45(nil, data))); err != nil || !bytes.Equal(back, data) {
			t.Errorf("%x came back as %x, %v", data, back, err)
		}
	})
}
