package cards

import (
	"context"
	"net/http"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/web"
)

// Routes puts the area's routes on m.
func (s *Service) Routes(m *web.Mux) {
	web.Post(m, "/api/cards", web.May("cards.issue"), s.postCard, web.Status(201), web.Summary("Give out a card: to a file, to the holder of an earlier card, or to nobody known"), web.Offline())
	web.Post(m, "/api/cards/read", web.May("cards.read"), s.postRead, web.Summary("Read a card; whatever is wrong with it is a code, never a refusal"))
	web.Post(m, "/api/cards/update", web.May("cards.update"), s.postUpdate, web.Status(201), web.Summary("Write on a card and sign it anew, or print a slip"), web.Offline())
	web.Post(m, "/api/cards/stock", web.May("cards.stock"), s.postStock, web.Status(201), web.Summary("Print a stock of blank cards"))
	web.Post(m, "/api/cards/made", web.May("cards.issue"), s.postMade, web.Status(201), web.Summary("Record a card that a device of this node printed by itself"), web.Offline())
	web.Get(m, "/api/cards/share", web.May("cards.read"), s.getShare, web.Summary("What a device keeps to read cards, and where it was allowed to write them, while this node is out of reach"))
	web.Get(m, "/api/card-devices", web.May("accounts.enrol"), s.getDevices, web.Summary("The devices that may write cards without their node"))
	web.Post(m, "/api/card-devices/{device}", web.May("accounts.enrol"), s.postDevice, web.Summary("Let a device write cards without its node, with a key of its own"))
	web.Post(m, "/api/card-devices/{device}/end", web.May("accounts.enrol"), s.endDevice, web.Summary("Let a device write no more cards by itself"))
	web.Get(m, "/api/cards/stock", web.May("cards.stock"), s.getStock, web.Summary("The blank cards of a point"))
	web.Post(m, "/api/cards/{card}/lost", web.May("cards.update"), s.postLost, web.Summary("Say that a card was lost"), web.Offline())
	web.Post(m, "/api/cards/{card}/taken", web.May("cards.update"), s.postTaken, web.Summary("Say that a card was taken from its holder"), web.Offline())
	web.Post(m, "/api/card-stock/{card}/lost", web.May("cards.stock"), s.postLost, web.Summary("Say that a blank card was lost"), web.Offline())
	web.Post(m, "/api/card-stock/{card}/taken", web.May("cards.stock"), s.postTaken, web.Summary("Say that a blank card was taken"), web.Offline())
	web.Get(m, "/api/cards/{card}/card.svg", web.May("cards.issue"), s.getSVG, web.Summary("The code of a card made within the hour, as SVG"))
	web.Get(m, "/api/cards/{card}/card.png", web.May("cards.issue"), s.getPNG, web.Summary("The code of a card made within the hour, as PNG"))
	web.Get(m, "/api/cards/{card}/card.pdf", web.May("cards.issue"), s.getPDF, web.Summary("A card made within the hour, on a sheet"))
	web.Get(m, "/api/cards/{card}/slip", web.May("cards.issue"), s.getSlip, web.Summary("A card made within the hour, for a receipt printer"))
	web.Get(m, "/api/card-stock/{stock}/sheet.pdf", web.May("cards.stock"), s.getSheet, web.Summary("Blank cards made within the hour, on sheets"))
	web.Get(m, "/print/cards/{card}", web.May("cards.issue"), s.getPage, web.Summary("A card made within the hour, to print from the browser"))
	web.Get(m, "/print/card-stock/{stock}", web.May("cards.stock"), s.getStockPage, web.Summary("Blank cards made within the hour, to print from the browser"))
	m.Handle(http.MethodGet, stylePath, http.HandlerFunc(style))
}

type postCardIn struct {
	Body struct {
		ID       fact.CardID      `json:"id,omitzero"`
		Point    fact.PointRef    `json:"point"`
		Person   fact.PersonID    `json:"person,omitzero"`
		Holder   fact.PersonID    `json:"lineage_handle,omitzero"`
		Contacts []fact.ContactID `json:"contacts,omitempty" maxItems:"60"`
		Services []Give           `json:"services,omitempty" maxItems:"60"`
		Language string           `json:"language" maxLength:"8"`
		Basis    *struct {
			Answer string `json:"answer" maxLength:"8"`
		} `json:"basis,omitempty"`
		Size   int    `json:"size,omitempty"`
		Serial string `json:"blank_serial,omitempty" maxLength:"20"`
	}
}

func (s *Service) postCard(ctx context.Context, who access.Actor, in *postCardIn) (Printed, error) {
	b := &in.Body
	cmd := Issue{ID: b.ID, Point: b.Point.ID, Person: b.Person, Holder: b.Holder, Contacts: b.Contacts, Services: b.Services,
		Language: b.Language, Size: b.Size, Serial: b.Serial}
	if b.Basis != nil {
		if cmd.Agreed = b.Basis.Answer; cmd.Agreed == "" {
			cmd.Agreed = "none"
		}
	}
	return s.Issue(ctx, who, cmd)
}

// The text is bounded by the reader of cards, which has a code for a longer one; the limit here is that of a QR code, which
// holds 7,089 characters at most.
type postReadIn struct {
	Body struct {
		Text  string        `json:"text" maxLength:"8000"`
		Point fact.PointRef `json:"point"`
	}
}

func (s *Service) postRead(ctx context.Context, who access.Actor, in *postReadIn) (Reading, error) {
	return s.Read(ctx, who, in.Body.Text, in.Body.Point.ID)
}

type postUpdateIn struct {
	Body struct {
		ID       fact.CardID    `json:"id,omitzero"`
		Text     string         `json:"text" maxLength:"8000"`
		Point    fact.PointRef  `json:"point"`
		Services []Give         `json:"services,omitempty" maxItems:"60"`
		Contact  fact.ContactID `json:"contact,omitzero"`
		Slips    []string       `json:"slips,omitempty" maxItems:"20"`
		Slip     bool           `json:"slip,omitempty"`
		Language string         `json:"language,omitempty" maxLength:"8"`
	}
}

func (s *Service) postUpdate(ctx context.Context, who access.Actor, in *postUpdateIn) (Printed, error) {
	b := &in.Body
	return s.Update(ctx, who, Update{ID: b.ID, Text: b.Text, Point: b.Point.ID, Services: b.Services, Contact: b.Contact, Slips: b.Slips, Slip: b.Slip, Language: b.Language})
}

type postStockIn struct {
	Body struct {
		ID       fact.FactID   `json:"id,omitzero"`
		Point    fact.PointRef `json:"point"`
		Count    int           `json:"count"`
		Language string        `json:"language" maxLength:"8"`
	}
}

func (s *Service) postStock(ctx context.Context, who access.Actor, in *postStockIn) (Stock, error) {
	b := &in.Body
	return s.PrintStock(ctx, who, PrintStock{ID: b.ID, Point: b.Point.ID, Count: b.Count, Language: b.Language})
}

type getStockIn struct {
	Point fact.PointRef `query:"point" required:"true"`
}

type stockOut struct {
	Cards []StockLine `json:"cards"`
}

func (s *Service) getStock(ctx context.Context, who access.Actor, in *getStockIn) (stockOut, error) {
	all, err := s.StockOf(ctx, who, in.Point.ID)
	return stockOut{all}, err
}

type missIn struct {
	Card fact.CardID `path:"card"`
	Body *struct {
		ID fact.FactID `json:"id,omitzero"`
	}
}

func (in *missIn) id() fact.FactID {
	if in.Body == nil {
		return fact.FactID{}
	}
	return in.Body.ID
}

func (s *Service) postLost(ctx context.Context, who access.Actor, in *missIn) (web.Empty, error) {
	return web.Empty{}, s.Miss(ctx, who, in.id(), in.Card, false)
}

func (s *Service) postTaken(ctx context.Context, who access.Actor, in *missIn) (web.Empty, error) {
	return web.Empty{}, s.Miss(ctx, who, in.id(), in.Card, true)
}

type postMadeIn struct {
	Body struct {
		ID       fact.CardID    `json:"id,omitzero"`
		Text     string         `json:"text" maxLength:"8000"`
		Point    fact.PointRef  `json:"point"`
		Person   fact.PersonID  `json:"person,omitzero" doc:"Of a first card: the file it is for"`
		Holder   fact.PersonID  `json:"lineage_handle,omitzero" doc:"Of a first card: the holder of an earlier one"`
		Contact  fact.ContactID `json:"contact,omitzero" doc:"The contact that the card was made with; it is recorded by itself"`
		Language string         `json:"language,omitempty" maxLength:"8"`
		Basis    *struct {
			Answer string `json:"answer" maxLength:"8"`
		} `json:"basis,omitempty"`
		Replaces string `json:"replaces,omitempty" maxLength:"8000" doc:"The text of the card that was read, which counts no more"`
	}
}

func (s *Service) postMade(ctx context.Context, who access.Actor, in *postMadeIn) (Printed, error) {
	b := &in.Body
	cmd := Made{ID: b.ID, Text: b.Text, Point: b.Point.ID, Person: b.Person, Holder: b.Holder, Language: b.Language, Replaces: b.Replaces}
	if b.Basis != nil {
		if cmd.Agreed = b.Basis.Answer; cmd.Agreed == "" {
			cmd.Agreed = "none"
		}
	}
	return s.Made(ctx, who, cmd)
}

type getShareIn struct {
	Point fact.PointRef `query:"point" required:"true"`
}

func (s *Service) getShare(ctx context.Context, who access.Actor, in *getShareIn) (Share, error) {
	return s.Share(ctx, who, in.Point.ID)
}

type deviceIn struct {
	Device fact.DeviceID `path:"device"`
}

type devicesOut struct {
	Devices []Writer `json:"devices"`
	Spare   int      `json:"spare"` // keys that are left for other devices
}

func (s *Service) getDevices(ctx context.Context, who access.Actor, _ *struct{}) (devicesOut, error) {
	all, spare, err := s.Writers(ctx, who)
	return devicesOut{all, spare}, err
}

func (s *Service) postDevice(ctx context.Context, who access.Actor, in *deviceIn) (Writer, error) {
	return s.Allow(ctx, who, in.Device)
}

func (s *Service) endDevice(ctx context.Context, who access.Actor, in *deviceIn) (web.Empty, error) {
	return web.Empty{}, s.Disallow(ctx, who, in.Device)
}
