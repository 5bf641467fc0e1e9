package assist

import (
	"bytes"
	"context"
	"embed"
	"html/template"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/lang"
	"serai/internal/store"
	"serai/internal/web"
)

//go:embed sheet.html
var sheetFile embed.FS

var sheetPage = template.Must(template.ParseFS(sheetFile, "sheet.html"))

type printSheetIn struct {
	Point fact.PointRef `query:"point" required:"true"`
	Day   fact.Day      `query:"day"`
	Lang  string        `query:"lang" maxLength:"8"`
}

// printSheet renders a tally sheet for a day without a device: the buttons as columns, the point's services as rows, a
// box of strokes in each cell, and room for what was asked for and not given. It holds no person.
func (s *Service) printSheet(ctx context.Context, who access.Actor, in *printSheetIn) (web.HTML, error) {
	tag := lang.Choose(in.Lang, who.Lang)
	var at Place
	var cat *catalogue.Catalogue
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if at, err = s.place(tx, who, "assist.record", in.Point.ID); err != nil {
			return err
		}
		cat, err = s.Catalogue.Current(tx)
		return err
	})
	if err != nil {
		return web.HTML{}, err
	}
	type label struct{ Code, Label string }
	page := struct {
		Lang, Dir, Title, Point, Day, Sheet, Other, People string
		AskedTitle, ReasonTitle                            string
		Buttons, Services, Reasons                         []label
		Blank                                              []int
	}{
		Lang: string(tag), Dir: lang.Dir(tag), Title: lang.Text(tag, "sheet.title", nil), Point: at.Code + " " + at.Name,
		Sheet: lang.Text(tag, "sheet.number", nil), Other: lang.Text(tag, "sheet.other", nil), People: lang.Text(tag, "sheet.people", nil),
		AskedTitle: lang.Text(tag, "sheet.asked", nil), ReasonTitle: lang.Text(tag, "sheet.reason", nil), Blank: make([]int, 5),
	}
	if in.Day != 0 {
		page.Day = lang.Date(tag, in.Day)
	}
	for _, b := range cat.Lists.TallyButtons {
		page.Buttons = append(page.Buttons, label{b.Code, b.Labels.In(string(tag))})
	}
	for _, sv := range cat.Services {
		if sv.Seen == catalogue.ClassOpen && !sv.Hidden {
			page.Services = append(page.Services, label{sv.Code, sv.Labels.In(string(tag))})
		}
	}
	for _, r := range cat.Lists.Reasons {
		page.Reasons = append(page.Reasons, label{r.Code, r.Labels.In(string(tag))})
	}
	var b bytes.Buffer
	if err := sheetPage.Execute(&b, page); err != nil {
		return web.HTML{}, err
	}
	return web.HTML{Lang: tag, Body: b.Bytes()}, nil
}
