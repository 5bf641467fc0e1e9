package card

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"strconv"

	"rsc.io/qr/coding"

	"serai/internal/fault"
)

// QuietZone is the white border a QR code needs on each side, in modules (ISO/IEC 18004).
const QuietZone = 4

// MaxScale is the largest module side, in pixels, that a PNG is drawn with.
const MaxScale = 40

// Picture is the QR code of a card text: a square of black and white modules, quiet zone not included.
type Picture struct {
	Version int // 1..40
	Size    int // modules on a side: 17 + 4*Version
	Mask    int // 0..7
	black   []bool
}

// Draw makes the QR code of a card text at error correction Q, in alphanumeric mode: a card is folded, sweated on and
// scanned by the light of a phone.
func Draw(text string) (Picture, error) {
	if len(text) > MaxText {
		return Picture{}, fault.Invalidf(CodePicture, "text of %d characters is no card; %d are allowed", len(text), MaxText)
	}
	content := coding.Alpha(text)
	if err := content.Check(); err != nil {
		return Picture{}, fault.Invalid(CodePicture, "text holds characters that no card text has")
	}
	version := coding.Version(coding.MinVersion)
	for content.Bits(version) > version.DataBytes(coding.Q)*8 {
		if version++; version > coding.MaxVersion {
			return Picture{}, fault.Invalid(CodePicture, "text is too long for a QR code")
		}
	}
	// The standard wants the mask with the fewest patterns that mislead scanners.
	var best Picture
	least := -1
	for mask := range 8 {
		plan, err := coding.NewPlan(version, coding.Q, coding.Mask(mask))
		if err != nil {
			return Picture{}, fmt.Errorf("plan QR code: %w", err)
		}
		code, err := plan.Encode(content)
		if err != nil {
			return Picture{}, fmt.Errorf("encode QR code: %w", err)
		}
		p := Picture{Version: int(version), Size: code.Size, Mask: mask, black: make([]bool, code.Size*code.Size)}
		for y := range code.Size {
			for x := range code.Size {
				p.black[y*code.Size+x] = code.Black(x, y)
			}
		}
		if n := p.penalty(); least < 0 || n < least {
			best, least = p, n
		}
	}
	return best, nil
}

// Black says whether the module in column x and row y is black. Outside of the square everything is white.
func (p Picture) Black(x, y int) bool {
	return x >= 0 && y >= 0 && x < p.Size && y < p.Size && p.black[y*p.Size+x]
}

// ModuleSide returns the side of a module in millimetres when the code with its quiet zone is printed width wide.
func (p Picture) ModuleSide(width float64) float64 { return width / float64(p.Size+2*QuietZone) }

// PNG writes the code with its quiet zone, scale pixels per module, two colours, no metadata.
func (p Picture) PNG(w io.Writer, scale int) error {
	if scale < 1 || scale > MaxScale {
		return fault.Field("scale", CodePicture, fmt.Sprintf("a module is drawn with 1 to %d pixels, not %d", MaxScale, scale))
	}
	side := (p.Size + 2*QuietZone) * scale
	img := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range p.Size * scale {
		row := img.Pix[(y+QuietZone*scale)*img.Stride+QuietZone*scale:]
		for x := range p.Size * scale {
			if p.Black(x/scale, y/scale) {
				row[x] = 1
			}
		}
	}
	return (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(w, img)
}

// SVG returns the code with its quiet zone, width millimetres wide, as one path on a white ground. It has no style, no
// script and no text, so that it can stand in a page under a strict content policy.
func (p Picture) SVG(width float64) []byte {
	side := p.Size + 2*QuietZone
	out := fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%gmm" height="%gmm" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="`, side, side, width, width, side, side)
	for y := range p.Size {
		for x := 0; x < p.Size; x++ {
			start := x
			for p.Black(x, y) {
				x++
			}
			if x == start {
				continue
			}
			n := strconv.Itoa(x - start)
			out = fmt.Appendf(out, "M%d %dh%sv1h-%sz", start+QuietZone, y+QuietZone, n, n)
		}
	}
	return append(out, `"/></svg>`...)
}

// penalty is the score of ISO/IEC 18004, 7.8.3: long runs, two-by-two blocks, patterns that look like a finder, and
// too much of one colour.
func (p Picture) penalty() int {
	score, dark := 0, 0
	column := func(x, y int) bool { return p.Black(y, x) }
	for y := range p.Size {
		score += linePenalty(p.Size, y, p.Black) + linePenalty(p.Size, y, column)
		for x := range p.Size {
			c := p.Black(x, y)
			if c {
				dark++
			}
			if x+1 < p.Size && y+1 < p.Size && p.Black(x+1, y) == c && p.Black(x, y+1) == c && p.Black(x+1, y+1) == c {
				score += 3
			}
		}
	}
	percent := dark * 100 / (p.Size * p.Size)
	return score + max(percent-50, 50-percent)/5*10
}

func linePenalty(size, line int, black func(x, y int) bool) int {
	const finderBefore, finderAfter, window = 0b00001011101, 0b10111010000, 1<<11 - 1
	score, run, bits := 0, 0, 0
	for i := range size {
		c := black(i, line)
		if i > 0 && c == black(i-1, line) {
			run++
		} else {
			run = 1
		}
		if run == 5 {
			score += 3
		} else if run > 5 {
			score++
		}
		bits = bits << 1 & window
		if c {
			bits |= 1
		}
		if i >= 10 && (bits == finderBefore || bits == finderAfter) {
			score += 40
		}
	}
	return score
}
