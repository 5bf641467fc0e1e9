package stock

import (
	"context"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/web"
)

// Routes puts the area's routes on m.
func (s *Service) Routes(m *web.Mux) {
	read, count, record, manage := web.May("stock.read"), web.May("stock.count"), web.May("stock.record"), web.May("stock.manage")
	web.Get(m, "/api/stock", read, s.getStock, web.Summary("The levels of a point: what is there, what is low, how long it lasts"))
	web.Get(m, "/api/stock/movements", read, s.getMovements, web.Summary("What was received, lost, sent and counted at a point"))
	web.Post(m, "/api/stock/movements", record, s.postMovement, web.Status(201), web.Summary("Record what came to a point or left it"), web.Offline())
	web.Post(m, "/api/stock/movements/{movement}/withdraw", count, s.postWithdraw, web.Summary("Take a movement or a count back; the original stays"), web.Offline())
	web.Post(m, "/api/stock/counts", count, s.postCount, web.Status(201), web.Summary("Record what is there, item by item"), web.Offline())
	web.Get(m, "/api/stock/account", read, s.getAccount, web.Summary("The account of one item: every line with the level behind it"))
	web.Post(m, "/api/stock/marks", manage, s.postMark, web.Summary("Set the level at which an item of a point is low"), web.Offline())
	web.Get(m, "/api/stock/wishes", read, s.getWishes, web.Summary("Wishes for items to be put in place"))
	web.Post(m, "/api/stock/wishes", record, s.postWish, web.Status(201), web.Summary("Wish for items to be put in place by a day"), web.Offline())
	web.Patch(m, "/api/stock/wishes/{wish}", web.May("stock.answer"), s.patchWish, web.Summary("Answer a wish, or close it"), web.Offline())
	web.Post(m, "/api/stock/wishes/{wish}/close", record, s.postClose, web.Summary("Say that a wish is fulfilled or no longer needed"), web.Offline())
	web.Get(m, "/api/stock/items", web.May("lists.read"), s.getItems, web.Summary("Every item and kit"))
	web.Post(m, "/api/stock/items", web.May("lists.edit"), s.postItem, web.Status(201), web.Summary("Add a local item"))
	web.Patch(m, "/api/stock/items/{code}", web.May("lists.edit"), s.patchItem, web.Summary("Change labels or hiding of an item"))
	web.Get(m, "/api/stock/recipes", read, s.getRecipes, web.Summary("Which items a service takes"))
	web.Put(m, "/api/stock/recipes/{code}", manage, s.putRecipe, web.Summary("Set which items a service takes from a day on"))
	web.Get(m, "/api/stock/export.csv", read, s.getExport, web.Tag("stock"), web.Summary("The levels as a file, of one point or of all within reach"))
	web.Get(m, "/api/stock/wishes.csv", read, s.getExportWishes, web.Tag("stock"), web.Summary("The wishes as a file"))
}

type nothing struct{}

type pointIn struct {
	Point fact.PointRef `query:"point" required:"true"`
}

func (s *Service) getStock(ctx context.Context, who access.Actor, in *pointIn) (Stock, error) {
	return s.Stock(ctx, who, in.Point.ID)
}

type movementsIn struct {
	pointIn
	Days int `query:"days" default:"30" minimum:"1" maximum:"400"`
}

type movementsOut struct {
	Movements []Movement `json:"movements"`
}

func (s *Service) getMovements(ctx context.Context, who access.Actor, in *movementsIn) (movementsOut, error) {
	all, err := s.Movements(ctx, who, in.Point.ID, in.Days)
	return movementsOut{all}, err
}

type postMovementIn struct {
	Body struct {
		ID        fact.FactID   `json:"id,omitzero"`
		Point     fact.PointRef `json:"point"`
		Happened  time.Time     `json:"happened,omitzero"`
		Kind      string        `json:"kind" maxLength:"20" doc:"received, lost, sent"`
		Why       string        `json:"why,omitempty" maxLength:"20" doc:"received: national, purchase, donation, point; lost: broken, expired, stolen, other"`
		Other     fact.PointRef `json:"other,omitzero" doc:"the point from which it came or to which it went"`
		Of        fact.FactID   `json:"of,omitzero" doc:"the sending that is received"`
		Reference string        `json:"reference,omitempty" maxLength:"120" doc:"number of the delivery note"`
		Lines     []Line        `json:"lines,omitempty" maxItems:"200"`
		Kits      []KitLine     `json:"kits,omitempty" maxItems:"20"`
	}
}

func (s *Service) postMovement(ctx context.Context, who access.Actor, in *postMovementIn) (Movement, error) {
	b := &in.Body
	return s.Move(ctx, who, b.Point.ID, Move{ID: b.ID, Happened: b.Happened, Kind: b.Kind, Why: b.Why, Other: b.Other.ID, Of: b.Of, Reference: b.Reference, Lines: b.Lines, Kits: b.Kits})
}

type postWithdrawIn struct {
	Movement fact.FactID `path:"movement"`
	Body     struct {
		ID  fact.FactID `json:"id,omitzero"`
		Why string      `json:"why" maxLength:"20" doc:"mistake, twice"`
	}
}

func (s *Service) postWithdraw(ctx context.Context, who access.Actor, in *postWithdrawIn) (Movement, error) {
	return s.Withdraw(ctx, who, in.Body.ID, in.Movement, in.Body.Why)
}

type postCountIn struct {
	Body struct {
		ID       fact.FactID   `json:"id,omitzero"`
		Point    fact.PointRef `json:"point"`
		Happened time.Time     `json:"happened,omitzero"`
		Lines    []Part        `json:"lines" maxItems:"200"`
	}
}

func (s *Service) postCount(ctx context.Context, who access.Actor, in *postCountIn) (Movement, error) {
	b := &in.Body
	cmd := Count{ID: b.ID, Happened: b.Happened}
	for _, l := range b.Lines {
		cmd.Lines = append(cmd.Lines, Line{Item: l.Item, Quantity: l.Quantity})
	}
	return s.Count(ctx, who, b.Point.ID, cmd)
}

type accountIn struct {
	pointIn
	Item string `query:"item" required:"true" maxLength:"60"`
	Days int    `query:"days" default:"30" minimum:"1" maximum:"400"`
}

type accountOut struct {
	Lines []AccountLine `json:"lines"`
}

func (s *Service) getAccount(ctx context.Context, who access.Actor, in *accountIn) (accountOut, error) {
	all, err := s.Account(ctx, who, in.Point.ID, in.Item, in.Days)
	return accountOut{all}, err
}

type postMarkIn struct {
	Body struct {
		ID    fact.FactID   `json:"id,omitzero"`
		Point fact.PointRef `json:"point"`
		Item  string        `json:"item" maxLength:"60"`
		Low   int           `json:"low" doc:"0 takes the mark away"`
	}
}

func (s *Service) postMark(ctx context.Context, who access.Actor, in *postMarkIn) (web.Empty, error) {
	return web.Empty{}, s.Mark(ctx, who, in.Body.ID, in.Body.Point.ID, in.Body.Item, in.Body.Low)
}

type wishesIn struct {
	Point fact.PointRef `query:"point"`
	State string        `query:"state" enum:"open,answered,closed"`
}

type wishesOut struct {
	Wishes []WishView `json:"wishes"`
}

func (s *Service) getWishes(ctx context.Context, who access.Actor, in *wishesIn) (wishesOut, error) {
	all, err := s.Wishes(ctx, who, in.Point.ID, in.State)
	return wishesOut{all}, err
}

type postWishIn struct {
	Body struct {
		ID       fact.FactID   `json:"id,omitzero"`
		Point    fact.PointRef `json:"point"`
		Happened time.Time     `json:"happened,omitzero"`
		By       fact.Day      `json:"by"`
		Reason   string        `json:"reason" maxLength:"40" doc:"arrival_expected, season, running_out, other"`
		Note     string        `json:"note,omitempty" maxLength:"600"`
		Lines    []Part        `json:"lines" maxItems:"200"`
	}
}

func (s *Service) postWish(ctx context.Context, who access.Actor, in *postWishIn) (WishView, error) {
	b := &in.Body
	return s.Wish(ctx, who, b.Point.ID, Wish{ID: b.ID, Happened: b.Happened, By: b.By, Reason: b.Reason, Note: b.Note, Lines: b.Lines})
}

type patchWishIn struct {
	Wish fact.FactID `path:"wish"`
	Body struct {
		ID    fact.FactID `json:"id,omitzero"`
		State string      `json:"state" maxLength:"20" doc:"answered, closed"`
		Note  string      `json:"note,omitempty" maxLength:"600"`
		On    fact.Day    `json:"on,omitzero" doc:"when it is to be there"`
	}
}

func (s *Service) patchWish(ctx context.Context, who access.Actor, in *patchWishIn) (WishView, error) {
	b := &in.Body
	return s.ChangeWish(ctx, who, "stock.answer", in.Wish, ChangeWish{ID: b.ID, State: b.State, Note: b.Note, On: b.On})
}

type postCloseIn struct {
	Wish fact.FactID `path:"wish"`
	Body struct {
		ID   fact.FactID `json:"id,omitzero"`
		Note string      `json:"note,omitempty" maxLength:"600"`
	}
}

func (s *Service) postClose(ctx context.Context, who access.Actor, in *postCloseIn) (WishView, error) {
	return s.ChangeWish(ctx, who, "stock.record", in.Wish, ChangeWish{ID: in.Body.ID, State: Closed, Note: in.Body.Note})
}

type itemsOut struct {
	Items   []Item   `json:"items"`
	Kits    []Kit    `json:"kits"`
	Units   []string `json:"units"`
	Reasons []string `json:"reasons" doc:"why a point wishes for items"`
}

func (s *Service) getItems(ctx context.Context, _ access.Actor, _ *nothing) (out itemsOut, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		items, err := s.items(tx)
		out = itemsOut{items.All, base().Kits, units, reasons}
		return err
	})
	return out, err
}

type postItemIn struct {
	Body struct {
		ID     fact.FactID       `json:"id,omitzero"`
		Code   string            `json:"code" maxLength:"60" doc:"local.name"`
		Unit   string            `json:"unit" maxLength:"20"`
		Labels map[string]string `json:"labels"`
	}
}

func (s *Service) postItem(ctx context.Context, who access.Actor, in *postItemIn) (Item, error) {
	b := &in.Body
	return s.SetItem(ctx, who, SetItem{ID: b.ID, Code: b.Code, Unit: b.Unit, Labels: b.Labels, Add: true})
}

type patchItemIn struct {
	Code string `path:"code" maxLength:"60"`
	Body struct {
		ID     fact.FactID       `json:"id,omitzero"`
		Labels map[string]string `json:"labels,omitempty"`
		Hidden *bool             `json:"hidden,omitempty"`
	}
}

func (s *Service) patchItem(ctx context.Context, who access.Actor, in *patchItemIn) (Item, error) {
	return s.SetItem(ctx, who, SetItem{ID: in.Body.ID, Code: in.Code, Labels: in.Body.Labels, Hidden: in.Body.Hidden})
}

type recipesOut struct {
	Recipes []Recipe `json:"recipes"`
}

func (s *Service) getRecipes(ctx context.Context, who access.Actor, _ *nothing) (recipesOut, error) {
	all, err := s.Recipes(ctx, who)
	return recipesOut{all}, err
}

type putRecipeIn struct {
	Code string `path:"code" maxLength:"60"`
	Body struct {
		ID    fact.FactID `json:"id,omitzero"`
		From  fact.Day    `json:"from,omitzero" doc:"today when absent"`
		Per   int         `json:"per,omitempty" doc:"so many units of the service take the items once; 1 when absent"`
		Items []Part      `json:"items" maxItems:"60" doc:"none: the service takes nothing"`
	}
}

func (s *Service) putRecipe(ctx context.Context, who access.Actor, in *putRecipeIn) (recipesOut, error) {
	b := &in.Body
	all, err := s.SetRecipe(ctx, who, SetRecipe{ID: b.ID, Service: in.Code, From: b.From, Per: b.Per, Items: b.Items})
	return recipesOut{all}, err
}

type exportIn struct {
	Point fact.PointRef `query:"point"`
}

func (s *Service) getExport(ctx context.Context, who access.Actor, in *exportIn) (web.File, error) {
	data, err := s.Export(ctx, who, in.Point.ID)
	return web.File{Name: "stock.csv", Type: "text/csv; charset=utf-8", Data: data}, err
}

func (s *Service) getExportWishes(ctx context.Context, who access.Actor, _ *nothing) (web.File, error) {
	data, err := s.ExportWishes(ctx, who)
	return web.File{Name: "stock-wishes.csv", Type: "text/csv; charset=utf-8", Data: data}, err
}
