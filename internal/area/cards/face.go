package cards

import (
	"bytes"
	"context"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"serai/internal/access"
	"serai/internal/card"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/lang"
	"serai/internal/web"
)

// faces is what stands on a card beside its code, and all that stands there: no organisation, no place, no date. Whoever
// stops its holder must learn that it proves nothing; whoever holds it, that it may go.
var faces = map[string]string{
	"en": "This is not an identity paper. Nobody has to carry it. It may be thrown away.",
	"fr": "Ceci n’est pas une pièce d’identité. Personne n’est obligé de la porter. On peut la jeter.",
	"ar": "هذه ليست وثيقة هوية. لا أحد ملزم بحملها. يمكن رميها.",
	"es": "Esto no es un documento de identidad. Nadie está obligado a llevarlo. Se puede tirar.",
	"ha": "Wannan ba takardar shaida ba ce. Ba dole ba ne a ɗauke ta. Ana iya jefar da ita.",
}

// sentence returns the text of a face, in English where there is none in the language.
func sentence(language string) (tag, text string) {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	if text, ok := faces[base]; ok {
		return base, text
	}
	return "en", faces["en"]
}

// checkLanguage refuses what is no language tag; one without a text of its own gets the English one.
func checkLanguage(language string) error {
	if len(language) > 8 {
		return fault.Field("language", "cards.bad_language", "a language is its code of 2 or 3 letters, as in ha")
	}
	for _, c := range language {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' {
			return fault.Field("language", "cards.bad_language", "a language is its code of 2 or 3 letters, as in ha")
		}
	}
	return nil
}

// Sides in millimetres. A card is ISO/IEC 7810 ID-1; the code on it is read back from a 58 mm receipt as well.
const (
	cardWidth, cardHeight = 85.6, 54.0
	codeSide              = 42.5
	rollWidth             = 58.0
	scalePNG              = 8 // pixels per module
)

// SheetPDF draws cards on A4 sheets, two beside each other and four below, with marks to cut along. The sentence stands
// beside the code only where the fonts that every reader of PDF has can write it: not in Arabic, and not in Hausa. The
// print page has it in every language.
func SheetPDF(texts []string, serials []string, language string) ([]byte, error) {
	pdf := newPDF("A4", fpdf.SizeType{Wd: 210, Ht: 297})
	const left, top = (210 - 2*cardWidth) / 2, (297 - 4*cardHeight) / 2
	for i, text := range texts {
		if i%8 == 0 {
			pdf.AddPage()
		}
		x, y := left+float64(i%2)*cardWidth, top+float64(i%8/2)*cardHeight
		cutMarks(pdf, x, y)
		serial := ""
		if i < len(serials) {
			serial = serials[i]
		}
		if err := drawFace(pdf, x, y, text, serial, language); err != nil {
			return nil, err
		}
	}
	return pdfBytes(pdf)
}

// SlipPDF draws one code for a receipt printer with a roll of 58 mm. Thermal paper fades: it is for slips.
func SlipPDF(text, language string) ([]byte, error) {
	pdf := newPDF("", fpdf.SizeType{Wd: rollWidth, Ht: 72})
	pdf.AddPage()
	picture, err := card.Draw(text)
	if err != nil {
		return nil, err
	}
	drawCode(pdf, (rollWidth-codeSide)/2, 4, codeSide, picture)
	writeSentence(pdf, 5, 4+codeSide+3, rollWidth-10, language)
	return pdfBytes(pdf)
}

func newPDF(name string, size fpdf.SizeType) *fpdf.Fpdf {
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", SizeStr: name, Size: size})
	// A file that is found on a phone tells neither when it was made nor with what.
	same := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	pdf.SetCreationDate(same)
	pdf.SetModificationDate(same)
	pdf.SetProducer("", false)
	pdf.SetCatalogSort(true)
	pdf.SetMargins(0, 0, 0)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetFont("Helvetica", "", 8)
	return pdf
}

func pdfBytes(pdf *fpdf.Fpdf) ([]byte, error) {
	var b bytes.Buffer
	if err := pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("write PDF: %w", err)
	}
	return b.Bytes(), nil
}

func drawFace(pdf *fpdf.Fpdf, x, y float64, text, serial, language string) error {
	picture, err := card.Draw(text)
	if err != nil {
		return err
	}
	drawCode(pdf, x+2, y+(cardHeight-codeSide)/2, codeSide, picture)
	writeSentence(pdf, x+codeSide+4, y+10, cardWidth-codeSide-7, language)
	if serial != "" {
		pdf.SetXY(x+codeSide+4, y+cardHeight-12)
		pdf.CellFormat(cardWidth-codeSide-7, 4, serial, "", 0, "L", false, 0, "")
	}
	return nil
}

// drawCode draws the code with its quiet zone as black rectangles, one for each run of modules.
func drawCode(pdf *fpdf.Fpdf, x, y, side float64, p card.Picture) {
	module := p.ModuleSide(side)
	pdf.SetFillColor(0, 0, 0)
	for row := range p.Size {
		for col := 0; col < p.Size; col++ {
			start := col
			for p.Black(col, row) {
				col++
			}
			if col > start {
				pdf.Rect(x+float64(start+card.QuietZone)*module, y+float64(row+card.QuietZone)*module, float64(col-start)*module, module, "F")
			}
		}
	}
}

func writeSentence(pdf *fpdf.Fpdf, x, y, width float64, language string) {
	_, text := sentence(language)
	latin, ok := windows1252(text)
	if !ok {
		return
	}
	pdf.SetXY(x, y)
	pdf.MultiCell(width, 4, latin, "", "L", false)
}

// windows1252 returns text in the encoding of the fonts that need not be embedded, and false when it has other letters.
func windows1252(text string) (string, bool) {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		switch {
		case r < 0x80 || r >= 0xa0 && r <= 0xff:
			out = append(out, byte(r))
		case r == '’':
			out = append(out, 0x92)
		default:
			return "", false
		}
	}
	return string(out), true
}

func cutMarks(pdf *fpdf.Fpdf, x, y float64) {
	pdf.SetDrawColor(150, 150, 150)
	pdf.SetLineWidth(0.1)
	pdf.Rect(x, y, cardWidth, cardHeight, "D")
}

//go:embed page.html page.css
var pageFiles embed.FS

var page = template.Must(template.ParseFS(pageFiles, "page.html"))

// stylePath is where the print pages find their style sheet; the content policy forbids inline ones.
const stylePath = "/print/card.css"

func style(w http.ResponseWriter, _ *http.Request) {
	b, err := pageFiles.ReadFile("page.css")
	if err != nil {
		panic(err) // part of the binary
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(b)
}

type pageCard struct {
	Picture template.URL
	Text    string
	Serial  string
}

// render fills the print page. Its title says nothing: it is the name under which a browser keeps a file.
func render(language string, cards []pageCard) (web.HTML, error) {
	tag, text := sentence(language)
	dir := "ltr"
	if tag == "ar" {
		dir = "rtl"
	}
	var b bytes.Buffer
	err := page.Execute(&b, map[string]any{"Lang": tag, "Dir": dir, "Sentence": text, "Cards": cards, "Style": stylePath})
	return web.HTML{Lang: lang.Tag(tag), Body: b.Bytes()}, err
}

// printable returns what can still be printed, for those who may do p at its point.
func (s *Service) printable(who access.Actor, p access.Permission, id fact.FactID) (print, error) {
	x, ok := s.prints.get(id, s.Now())
	if !ok || len(x.faces) == 0 || !who.May(p, access.Resource{Org: x.org, Point: x.point}, s.Now()) {
		return print{}, errNoCard
	}
	return x, nil
}

type cardIn struct {
	Card fact.CardID `path:"card"`
}

// draw answers a card's code as a picture. The file has no name of its own that would tell what it is.
func (s *Service) draw(who access.Actor, id fact.CardID, kind string, fn func(w io.Writer, x print) error) (web.File, error) {
	x, err := s.printable(who, "cards.issue", factOf(id))
	if err != nil {
		return web.File{}, err
	}
	var b bytes.Buffer
	if err := fn(&b, x); err != nil {
		return web.File{}, err
	}
	return web.File{Type: kind, Data: b.Bytes(), Disposition: "inline"}, nil
}

func (s *Service) getSVG(_ context.Context, who access.Actor, in *cardIn) (web.File, error) {
	return s.draw(who, in.Card, "image/svg+xml", func(w io.Writer, x print) error {
		p, err := card.Draw(x.faces[0].Text)
		if err == nil {
			_, err = w.Write(p.SVG(codeSide))
		}
		return err
	})
}

func (s *Service) getPNG(_ context.Context, who access.Actor, in *cardIn) (web.File, error) {
	return s.draw(who, in.Card, "image/png", func(w io.Writer, x print) error {
		p, err := card.Draw(x.faces[0].Text)
		if err == nil {
			err = p.PNG(w, scalePNG)
		}
		return err
	})
}

func (s *Service) getPDF(_ context.Context, who access.Actor, in *cardIn) (web.File, error) {
	return s.draw(who, in.Card, "application/pdf", func(w io.Writer, x print) error {
		b, err := SheetPDF([]string{x.faces[0].Text}, nil, x.language)
		if err == nil {
			_, err = w.Write(b)
		}
		return err
	})
}

func (s *Service) getSlip(_ context.Context, who access.Actor, in *cardIn) (web.File, error) {
	return s.draw(who, in.Card, "application/pdf", func(w io.Writer, x print) error {
		b, err := SlipPDF(x.faces[0].Text, x.language)
		if err == nil {
			_, err = w.Write(b)
		}
		return err
	})
}

func (s *Service) getPage(_ context.Context, who access.Actor, in *cardIn) (web.HTML, error) {
	x, err := s.printable(who, "cards.issue", factOf(in.Card))
	if err != nil {
		return web.HTML{}, err
	}
	return render(x.language, []pageCard{{Picture: template.URL("/api/cards/" + in.Card.String() + "/card.svg"), Text: x.faces[0].Text}})
}

type stockIn struct {
	Stock fact.FactID `path:"stock"`
}

func (s *Service) getSheet(_ context.Context, who access.Actor, in *stockIn) (web.File, error) {
	x, err := s.printable(who, "cards.stock", in.Stock)
	if err != nil {
		return web.File{}, err
	}
	var texts, serials []string
	for _, f := range x.faces {
		texts, serials = append(texts, f.Text), append(serials, f.Serial)
	}
	b, err := SheetPDF(texts, serials, x.language)
	return web.File{Type: "application/pdf", Data: b, Disposition: "inline"}, err
}

// getStockPage carries its codes within itself: whoever keeps the store may print blank cards, and see no others.
func (s *Service) getStockPage(_ context.Context, who access.Actor, in *stockIn) (web.HTML, error) {
	x, err := s.printable(who, "cards.stock", in.Stock)
	if err != nil {
		return web.HTML{}, err
	}
	var cards []pageCard
	for _, f := range x.faces {
		p, err := card.Draw(f.Text)
		if err != nil {
			return web.HTML{}, err
		}
		cards = append(cards, pageCard{Picture: template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(p.SVG(codeSide))), Serial: f.Serial})
	}
	return render(x.language, cards)
}
