package card

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/png"
	"io"
	"strconv"
	"strings"
	"testing"

	"serai/internal/fault"
)

func TestDraw(t *testing.T) {
	for _, n := range []int{5, 10, 20} {
		t.Run(strconv.Itoa(n)+" entries come back from the modules", func(t *testing.T) {
			text := issue(t, press(t, niger), entries(n)...).Text
			p, err := Draw(text)
			if err != nil {
				t.Fatal(err)
			}
			if got := scan(t, p); got != text {
				t.Errorf("scanned %q, want %q", got, text)
			}
		})
	}
	for _, x := range []struct{ name, text string }{
		{"small letters", "ac1:abc"},
		{"too much", strings.Repeat("A", MaxText+1)},
	} {
		if _, err := Draw(x.text); fault.Code(err) != CodePicture {
			t.Errorf("%s: %v", x.name, err)
		}
	}
}

func TestPNG(t *testing.T) {
	p, err := Draw(issue(t, press(t, niger), entries(20)...).Text)
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := p.PNG(&buf, 4); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(buf.Bytes(), []byte("tEXt")) || bytes.Contains(buf.Bytes(), []byte("tIME")) {
		t.Error("the picture carries metadata")
	}
	img, err := png.Decode(&buf)
	if err != nil {
		t.Fatal(err)
	}
	if side := (p.Size + 8) * 4; img.Bounds().Dx() != side || img.Bounds().Dy() != side {
		t.Fatalf("picture of %v, want %d pixels", img.Bounds(), side)
	}
	for y := -QuietZone; y < p.Size+QuietZone; y++ {
		for x := -QuietZone; x < p.Size+QuietZone; x++ {
			r, _, _, _ := img.At((x+QuietZone)*4+3, (y+QuietZone)*4).RGBA()
			if (r == 0) != p.Black(x, y) {
				t.Fatalf("module %d, %d has the wrong colour", x, y)
			}
		}
	}
	for _, scale := range []int{0, -1, MaxScale + 1} {
		if err := p.PNG(io.Discard, scale); fault.Code(err) != CodePicture {
			t.Errorf("scale %d: %v", scale, err)
		}
	}
}

func TestSVG(t *testing.T) {
	p, err := Draw(issue(t, press(t, niger), entries(5)...).Text)
	if err != nil {
		t.Fatal(err)
	}
	svg := p.SVG(42.5)
	var doc struct {
		Width string `xml:"width,attr"`
		Paths []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(svg, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Width != "42.5mm" || len(doc.Paths) != 2 || bytes.Contains(svg, []byte("style")) {
		t.Errorf("width %s, %d paths", doc.Width, len(doc.Paths))
	}
	black := 0
	for run := range strings.SplitSeq(strings.TrimPrefix(doc.Paths[1].D, "M"), "M") {
		var x, y, n int
		if _, err := fmt.Sscanf(run, "%d %dh%d", &x, &y, &n); err != nil {
			t.Fatalf("run %q: %v", run, err)
		}
		for i := range n {
			if !p.Black(x+i-QuietZone, y-QuietZone) {
				t.Fatalf("white module %d, %d is drawn", x+i, y)
			}
		}
		black += n
	}
	want := 0
	for y := range p.Size {
		for x := range p.Size {
			if p.Black(x, y) {
				want++
			}
		}
	}
	if black != want {
		t.Errorf("%d modules drawn, want %d", black, want)
	}
}

func TestMaskIsTheOneWithTheLeastPenalty(t *testing.T) {
	white := Picture{Size: 21, black: make([]bool, 21*21)}
	// Every line one run (3+16 each, 42 lines), every block of two by two (3 each, 400), half of the colour missing.
	if got, want := white.penalty(), 42*19+400*3+100; got != want {
		t.Errorf("a white square costs %d, want %d", got, want)
	}
	masks := map[int]bool{}
	for seed := range uint64(12) {
		p := press(t, niger)
		p.Rand = seeded(seed)
		code, err := Draw(issue(t, p, entries(2)...).Text)
		if err != nil {
			t.Fatal(err)
		}
		masks[code.Mask] = true
	}
	if len(masks) < 2 {
		t.Errorf("every card got the same mask %v", masks)
	}
}

// scan reads the data modules of a clean code of version 12, 13 or 15 at correction Q, written from ISO/IEC 18004 apart
// from the library that drew it. Correction words are skipped: nothing here is damaged.
func scan(t *testing.T, p Picture) string {
	t.Helper()
	layout, ok := map[int]struct {
		align                  []int
		short, long, shortSize int // blocks, and data words in a short one; long ones have one more
	}{
		12: {[]int{6, 32, 58}, 4, 6, 20},
		13: {[]int{6, 34, 62}, 8, 4, 20},
		15: {[]int{6, 26, 48, 70}, 5, 7, 24},
	}[p.Version]
	if !ok {
		t.Fatalf("version %d is not known to this test", p.Version)
	}

	// Format: fifteen bits beside the upper left finder, the first two the correction level, the next three the mask.
	format := 0
	for _, at := range [][2]int{{0, 8}, {1, 8}, {2, 8}, {3, 8}, {4, 8}} {
		format <<= 1
		if p.Black(at[0], at[1]) {
			format |= 1
		}
	}
	format ^= 0b10101
	if level, mask := format>>3, format&7; level != 0b11 || mask != p.Mask {
		t.Fatalf("format says level %b, mask %d; want Q (11), mask %d", level, mask, p.Mask)
	}
	masked := [...]func(i, j int) bool{
		func(i, j int) bool { return (i+j)%2 == 0 },
		func(i, j int) bool { return i%2 == 0 },
		func(i, j int) bool { return j%3 == 0 },
		func(i, j int) bool { return (i+j)%3 == 0 },
		func(i, j int) bool { return (i/2+j/3)%2 == 0 },
		func(i, j int) bool { return i*j%2+i*j%3 == 0 },
		func(i, j int) bool { return (i*j%2+i*j%3)%2 == 0 },
		func(i, j int) bool { return ((i+j)%2+i*j%3)%2 == 0 },
	}[p.Mask]
	n := p.Size
	function := func(x, y int) bool {
		if x == 6 || y == 6 || x < 9 && y < 9 || x >= n-8 && y < 9 || x < 9 && y >= n-8 || x >= n-11 && y < 6 || x < 6 && y >= n-11 {
			return true
		}
		for _, cx := range layout.align {
			for _, cy := range layout.align {
				finder := cx == 6 && cy == 6 || cx == 6 && cy == n-7 || cx == n-7 && cy == 6
				if !finder && max(x-cx, cx-x, y-cy, cy-y) <= 2 {
					return true
				}
			}
		}
		return false
	}

	var bits []byte
	up := true
	for right := n - 1; right > 0; right -= 2 {
		if right == 6 {
			right--
		}
		for k := range n {
			y := k
			if up {
				y = n - 1 - k
			}
			for _, x := range []int{right, right - 1} {
				if !function(x, y) {
					bit := byte(0)
					if p.Black(x, y) != masked(y, x) {
						bit = 1
					}
					bits = append(bits, bit)
				}
			}
		}
		up = !up
	}

	blocks := make([][]byte, layout.short+layout.long)
	at := 0
	for i := range layout.shortSize + 1 {
		for b := range blocks {
			if i == layout.shortSize && b < layout.short {
				continue
			}
			blocks[b] = append(blocks[b], bits[at:at+8]...)
			at += 8
		}
	}
	stream := bytes.Join(blocks, nil)
	take := func(width int) (v int) {
		for range width {
			v, stream = v<<1|int(stream[0]), stream[1:]
		}
		return v
	}
	if mode := take(4); mode != 2 {
		t.Fatalf("mode %d is not alphanumeric", mode)
	}
	length := take(11)
	var out []byte
	for ; length >= 2; length -= 2 {
		v := take(11)
		out = append(out, base45[v/45], base45[v%45])
	}
	if length == 1 {
		out = append(out, base45[take(6)])
	}
	return string(out)
}
