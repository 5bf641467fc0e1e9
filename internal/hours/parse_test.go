package hours

import (
	"strings"
	"testing"

	"serai/internal/fault"
)

func TestParse(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"always":                       {"24/7", "24/7"},
		"a week":                       {"Mo-Su 08:00-18:00", "Mo-Su 08:00-18:00"},
		"a week that begins on Sunday": {"Su-Th 09:00-15:00", "Su-Th 09:00-15:00"},
		"lists of days and hours":      {"Mo,We,Sa 08:00-12:00,14:00-17:00", "Mo,We,Sa 08:00-12:00,14:00-17:00"},
		"small letters, single digits, long dashes":   {"mo – fr 8:00–17:00", "Mo-Fr 08:00-17:00"},
		"days in any order":                           {"Fr,Mo,Tu 08:00-12:00", "Mo-Tu,Fr 08:00-12:00"},
		"hours in any order, overlaps joined":         {"14:00-17:00,08:00-12:00,11:00-13:00", "08:00-13:00,14:00-17:00"},
		"overnight in both spellings":                 {"20:00-30:00; Mo 20:00-06:00", "20:00-06:00; Mo 20:00-06:00"},
		"all day is 24/7":                             {"00:00-24:00", "24/7"},
		"a later rule":                                {"Mo-Fr 08:00-17:00; We 12:00-18:00", "Mo-Fr 08:00-17:00; We 12:00-18:00"},
		"closed on a day":                             {"Mo-Su 08:00-17:00; Fr off", "Mo-Su 08:00-17:00; Fr off"},
		"closed is off":                               {"Fr closed", "Fr off"},
		"a pause":                                     {"Mo-Fr 08:00-17:00; 12:00-13:00 off", "Mo-Fr 08:00-17:00; 12:00-13:00 off"},
		"public holidays":                             {"Mo-Fr 08:00-17:00; PH off", "Mo-Fr 08:00-17:00; PH off"},
		"a holiday in a list":                         {"Mo-Fr,PH 08:00-12:00", "Mo-Fr,PH 08:00-12:00"},
		"a date of one year":                          {"24/7; 2026 Dec 25 off", "24/7; 2026 Dec 25 off"},
		"dates of every year":                         {"24/7; Dec 24-26 off", "24/7; Dec 24-26 off"},
		"a list of dates":                             {"24/7; Dec 24,25,Jan 1 off", "24/7; Dec 24,Dec 25,Jan 1 off"},
		"a range over the year's end":                 {"2026 Dec 24-Jan 2 off", "2026 Dec 24-2027 Jan 2 off"},
		"a range over the year's end, every year":     {"Dec 24-Jan 2 off", "Dec 24-Jan 2 off"},
		"whole months":                                {"Jun-Aug 08:00-12:00; 2026 Feb off", "Jun-Aug 08:00-12:00; 2026 Feb off"},
		"whole months of a year":                      {"2026 Jun-Aug 08:00-12:00", "2026 Jun-Aug 08:00-12:00"},
		"months by their days":                        {"Jun 1-Aug 31 08:00-12:00", "Jun-Aug 08:00-12:00"},
		"a date with weekdays":                        {"Jun-Aug Mo-Fr 08:00-12:00", "Jun-Aug Mo-Fr 08:00-12:00"},
		"a comment":                                   {`Mo 08:00-12:00 " women first "`, `Mo 08:00-12:00 "women first"`},
		"a comment in typographic quotes":             {`Mo 08:00-12:00 “نساء”`, `Mo 08:00-12:00 "نساء"`},
		"only a comment":                              {`"by appointment"`, `"by appointment"`},
		"a reason for closing":                        {`2026 Dec 25 off "no staff"`, `2026 Dec 25 off "no staff"`},
		"the word open":                               {"Mo 08:00-12:00 open", "Mo 08:00-12:00"},
		"a semicolon at the end":                      {"Mo 08:00-12:00;", "Mo 08:00-12:00"},
		"two nights that would last a day stay apart": {"08:00-20:00,20:00-08:00", "08:00-20:00,20:00-08:00"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Parse(c.in)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.String(); got != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			again, err := Parse(s.String())
			if err != nil || again.String() != s.String() {
				t.Errorf("canonical form does not stay: %q, %v", again, err)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct{ in, code, says string }{
		"nothing":                           {"  ", "hours.empty", "Mo-Fr 08:00-17:00"},
		"days without hours":                {"Mo-Fr", "hours.times_missing", "at character 6"},
		"a comma between rules":             {"Mo 08:00-12:00, Tu 09:00-10:00", "hours.syntax", "semicolon"},
		"rules without a separator":         {"Mo 08:00-12:00 Tu 09:00-10:00", "hours.syntax", "semicolon"},
		"an English weekday":                {"Monday 08:00-12:00", "hours.weekday", "at character 1: \"Monday\": write Mo"},
		"an unknown word":                   {"Mo-Xy 08:00-12:00", "hours.weekday", "at character 4"},
		"a long month":                      {"December 25 off", "hours.date", "write Dec"},
		"the day before the month":          {"25 Dec off", "hours.date", "month first"},
		"a day that no month has":           {"Feb 30 off", "hours.date", "Feb has no day 30"},
		"a leap day of another year":        {"2026 Feb 29 off", "hours.date", "Feb has no day 29"},
		"a range that ends before it began": {"Dec 26-24 off", "hours.date", "ends before"},
		"a year without a month":            {"2026 off", "hours.date", "month"},
		"a year of long ago":                {"1066 Oct 14 off", "hours.date", "1066"},
		"half a range of months":            {"Dec 24-Jan off", "hours.date", "both ends"},
		"an open end":                       {"Mo 08:00+", "hours.unsupported", "when it closes"},
		"the sun":                           {"sunrise-sunset", "hours.unsupported", "06:00-18:00"},
		"school holidays":                   {"SH off", "hours.unsupported", "dates"},
		"numbered weekdays":                 {"Mo[1] 08:00-12:00", "hours.unsupported", "dates"},
		"an hour too many":                  {"Mo 08:00-49:00", "hours.time", "at character 10"},
		"a minute too many":                 {"Mo 08:60-12:00", "hours.time", "minutes"},
		"hours without minutes":             {"Mo 8-17", "hours.syntax", "08:00-17:00"},
		"a full stop in a time":             {"Mo 8.30-12.00", "hours.time", "colon"},
		"an h in a time":                    {"Mo 8h30-12h", "hours.time", "colon"},
		"a time with one digit of minutes":  {"Mo 08:3-12:00", "hours.time", "08:30"},
		"the same time twice":               {"Mo 08:00-08:00", "hours.time", "00:00-24:00"},
		"more than a day":                   {"Mo 08:00-33:00", "hours.time", "less than a day"},
		"an opening at 24:00":               {"Mo 24:00-26:00", "hours.time", "23:59"},
		"a range without end":               {"Mo 08:00-", "hours.syntax", "closing time"},
		"a comment without end":             {`Mo 08:00-12:00 "wom`, "hours.comment", "closing quote"},
		"an empty comment":                  {`Mo 08:00-12:00 ""`, "hours.comment", "empty"},
		"a comment that turns the text":     {"Mo 08:00-12:00 \"a\u202eb\"", "hours.comment", "one line"},
		"a long number":                     {"20261225 off", "hours.syntax", "neither"},
		"only a semicolon":                  {";", "hours.times_missing", ""},
		"a very long text":                  {strings.Repeat("Mo 08:00-12:00;", 100), "hours.long", "1000"},
		"very many rules":                   {strings.Repeat("Mo off;", 60), "hours.long", "50 rules"},
		"characters are counted, not bytes": {"Mo 08:00-12:00 “نساء”; Xx off", "hours.weekday", "at character 24"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Parse(c.in)
			if err == nil {
				t.Fatalf("read as %q", s)
			}
			if fault.Code(err) != c.code || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "at character ") {
				t.Errorf("got %v, want %s saying %q", err, c.code, c.says)
			}
			if !s.IsZero() {
				t.Error("a refused text gave hours")
			}
		})
	}
}

func TestText(t *testing.T) {
	var s Spec
	if err := s.UnmarshalText([]byte("mo 8:00-12:00")); err != nil {
		t.Fatal(err)
	}
	if b, _ := s.MarshalText(); string(b) != "Mo 08:00-12:00" {
		t.Errorf("got %s", b)
	}
	if err := s.UnmarshalText([]byte("nonsense")); err == nil || s.String() != "Mo 08:00-12:00" {
		t.Error("a refused text changed the hours")
	}
	if err := s.UnmarshalText(nil); err != nil || !s.IsZero() {
		t.Errorf("empty text is no hours: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"24/7", "Mo-Fr 08:00-17:00; We off", "2026 Dec 24-Jan 2,Feb off", "Jun-Aug Su-Th,PH 20:00-06:00 \"x\"", "Mo[1]",
		"12:00-13:00 off", "\"a", "Dec 24,26", "20:00-30:00", "“ء”", "00:00-24:00,23:00-05:00", "Aug,5 off", "2026 Jun-2027 Jun off",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			if !strings.HasPrefix(fault.Code(err), "hours.") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		again, err := Parse(s.String())
		if err != nil {
			t.Fatalf("%q becomes %q: %v", text, s, err)
		}
		if again.String() != s.String() {
			t.Fatalf("%q becomes %q becomes %q", text, s, again)
		}
	})
}
