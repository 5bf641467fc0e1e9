package view

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	qrcode "rsc.io/qr"

	"serai/internal/area/network"
	"serai/internal/fact"
	"serai/internal/hours"
	"serai/internal/lang"
)

// span is a line of opening hours: days, and the hours on them.
type span struct{ Days, Hours string }

// week writes opening hours as lines, Monday first, days with the same hours together; nothing when nobody said.
func week(text string, now time.Time, l lang.Tag) []span {
	spec, err := hours.Parse(text)
	if err != nil || text == "" {
		return nil
	}
	monday := now.AddDate(0, 0, -(int(now.Weekday())+6)%7)
	days := spec.Week(monday)
	var out []span
	from := 0
	for i := range days {
		if i+1 < len(days) && slices.Equal(days[i], days[i+1]) {
			continue
		}
		name := lang.Weekday(l, weekday(from))
		if i > from {
			name += " – " + lang.Weekday(l, weekday(i))
		}
		out = append(out, span{name, ranges(days[i], l)})
		from = i + 1
	}
	return out
}

func weekday(i int) time.Weekday { return time.Weekday((i + 1) % 7) }

func ranges(list []hours.Range, l lang.Tag) string {
	if len(list) == 0 {
		return say(l, "public.closed")
	}
	var out []string
	for _, r := range list {
		s := strings.ReplaceAll(r.String(), "-", "–")
		if r.From == 0 && r.To == 24*60 {
			s = say(l, "public.all_day")
		}
		if r.Comment != "" {
			s += " (" + r.Comment + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// soon is how many days ahead exceptional days are told.
const soon = 14

// exceptions writes the days that are not as usual.
func exceptions(list []network.Exception, now time.Time, l lang.Tag) []span {
	today := fact.DayOf(now)
	var out []span
	for _, e := range list {
		if e.Day < today || e.Day > today+soon {
			continue
		}
		h := say(l, "public.closed")
		if !e.Off {
			h = strings.ReplaceAll(e.Hours, "-", "–")
		}
		out = append(out, span{lang.Date(l, e.Day), h}) // the reason is written for staff
	}
	return out
}

// tag is the language of x/text for one of ours.
func tag(l lang.Tag) language.Tag { return language.Make(string(l)) }

// countryName names a country, or the sea.
func countryName(code string, l lang.Tag) string {
	if code == "" {
		return say(l, "public.at_sea")
	}
	r, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := display.Regions(tag(l)).Name(r); name != "" {
		return name
	}
	return code
}

// languageName names a spoken language as its speakers do, else in the language of the page.
func languageName(code string, l lang.Tag) string {
	t, err := language.Parse(code)
	if err != nil {
		return code
	}
	for _, name := range []string{display.Self.Name(t), display.Languages(tag(l)).Name(t)} {
		if name != "" {
			return name
		}
	}
	return code
}

// qrPicture is a QR code as the path of an SVG.
type qrPicture struct {
	Size int
	Path string
	Text string
}

// drawQR draws an address with the border that a scanner needs.
func drawQR(text string) (*qrPicture, error) {
	const border = 4
	code, err := qrcode.Encode(text, qrcode.M)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			n := 0
			for x+n < code.Size && code.Black(x+n, y) {
				n++
			}
			if n == 0 {
				continue
			}
			b.WriteString("M" + strconv.Itoa(x+border) + " " + strconv.Itoa(y+border) + "h" + strconv.Itoa(n) + "v1h-" + strconv.Itoa(n) + "z")
			x += n
		}
	}
	return &qrPicture{Size: code.Size + 2*border, Path: b.String(), Text: text}, nil
}
