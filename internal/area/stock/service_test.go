package stock

import (
	"context"
	"slices"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
)

// shelf is an area on a node, with the other areas played by plain values.
type shelf struct {
	*Service
	*testkit.Node
	gave []Gift // what was given, one by one
}

func (d *shelf) Place(_ *store.Tx, id fact.PointID) (Place, bool, error) {
	if id != agadez && id != arlit {
		return Place{}, false, nil
	}
	at := here
	if id == arlit {
		at.ID, at.Code, at.Name = arlit, "NE-ARL", "=Arlit"
	}
	return at, true, nil
}

func (d *shelf) Gifts(_ *store.Tx, org fact.OrgID, point fact.PointID, after int64, cuts []int64) ([]Gift, error) {
	var out []Gift
	for i := 0; i <= len(cuts); i++ {
		until := int64(1) << 62
		if i < len(cuts) {
			until = cuts[i]
		}
		for _, g := range d.gave {
			if org == nrc && point == agadez && g.At > after && g.At <= until {
				out = append(out, g)
			}
		}
		after = until
	}
	return out, nil
}

func (d *shelf) StaffName(*store.Tx, fact.Handle) (string, error) { return "Amina", nil }

func (d *shelf) Current(*store.Tx) (*catalogue.Catalogue, error) { return catalogue.Base(), nil }

func newShelf(t testing.TB, db *store.DB) *shelf {
	d := &shelf{}
	d.Node = testkit.NewNode(t, db, func(n *testkit.Node) {
		d.Service = New(Needs{DB: db, Journal: n.Journal, Now: n.Clock.Now, Points: d, Gifts: d, Staff: d, Catalogue: d})
	})
	d.Clock.Set(noon)
	return d
}

func (d *shelf) give(service string, n int) {
	now := d.Clock.Now()
	d.gave = append(d.gave, Gift{Service: service, Day: here.day(now), At: now.UnixMilli(), N: n})
}

func actor(n byte, role access.Role, at fact.PointID) access.Actor {
	return access.Actor{Handle: fact.Handle{n}, Org: nrc, Full: true, Lang: "en", Grants: []access.Grant{{Role: role, Org: nrc, Point: at}}}
}

var (
	volunteer = actor(1, access.Volunteer, agadez)
	other     = actor(2, access.Volunteer, agadez)
	lead      = actor(3, access.PointLead, agadez)
	keeper    = actor(4, access.Storekeeper, agadez)
	elsewhere = actor(5, access.Storekeeper, arlit)
	manager   = actor(6, access.ProgrammeManager, fact.PointID{})
	admin     = actor(7, access.Administrator, fact.PointID{})
	case1     = actor(8, access.CaseWorker, fact.PointID{})
)

func (d *shelf) move(t *testing.T, who access.Actor, point fact.PointID, cmd Move) Movement {
	t.Helper()
	m, err := d.Move(context.Background(), who, point, cmd)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (d *shelf) count(t *testing.T, item string, n int) Movement {
	t.Helper()
	m, err := d.Count(context.Background(), volunteer, agadez, Count{Lines: []Line{{Item: item, Quantity: n}}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (d *shelf) level(t *testing.T, item string) Level {
	t.Helper()
	s, err := d.Stock(context.Background(), lead, agadez)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range s.Items {
		if l.Item == item {
			return l
		}
	}
	return Level{}
}

func TestAWeekOfAStore(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		d := newShelf(t, db)
		d.give("items.blanket", 9) // before anybody wrote anything down
		d.Clock.Add(time.Hour)
		d.move(t, keeper, agadez, Move{Kind: Received, Why: "national", Reference: "WB-17", Lines: []Line{{Item: "blanket", Quantity: 100, Batch: "B1", Expires: here.day(noon) + 400}}})
		d.Clock.Add(time.Hour)
		d.give("items.blanket", 30)
		d.give("hygiene_kit", 2) // soap was never received or counted: nothing is said of it
		if got := d.level(t, "blanket"); got.Level != 70 || got.Given != 39 || got.GivenDays != 1 || *got.DaysLeft != 1 || got.Low || got.Expires != here.day(noon)+400 || !got.Counted.IsZero() {
			t.Errorf("after a delivery: %+v", got)
		}
		if got := d.level(t, "soap_100g"); got != (Level{}) {
			t.Errorf("nothing is known of soap: %+v", got)
		}
		d.Clock.Add(24 * time.Hour)
		counted := d.count(t, "blanket", 66) // four are not there
		if err := d.Mark(ctx, lead, fact.FactID{}, agadez, "blanket", 66); err != nil {
			t.Fatal(err)
		}
		if got := d.level(t, "blanket"); got.Level != 66 || !got.Low || got.LowAt != 66 || got.Counted.IsZero() || got.GivenDays != 2 {
			t.Errorf("after a count: %+v", got)
		}
		d.Clock.Add(time.Hour)
		d.give("items.blanket", 70)
		if got := d.level(t, "blanket"); got.Level != -4 || !got.CountAgain || *got.DaysLeft != 0 {
			t.Errorf("below zero: %+v", got)
		}
		lines, err := d.Account(ctx, volunteer, agadez, "blanket", 30)
		if err != nil || len(lines) != 4 {
			t.Fatalf("%v %+v", err, lines)
		}
		if c := lines[1]; c.Kind != CountedK || *c.Expected != 70 || c.Change != -4 || c.Quantity != 66 || c.By != "Amina" || c.Movement != counted.ID {
			t.Errorf("the difference of a count: %+v", c)
		}
		// An undone contact changes the account by itself; a withdrawn count is no count.
		d.gave = d.gave[:len(d.gave)-1]
		if got := d.level(t, "blanket").Level; got != 66 {
			t.Errorf("after an undone contact: %d", got)
		}
		if _, err := d.Withdraw(ctx, other, fact.FactID{}, counted.ID, "mistake"); fault.Code(err) != "stock.no_movement" {
			t.Errorf("a volunteer takes back what another counted: %v", err)
		}
		for range 2 { // twice is once
			if m, err := d.Withdraw(ctx, volunteer, fact.FactID{}, counted.ID, "mistake"); err != nil || !m.Withdrawn {
				t.Errorf("%v %+v", err, m)
			}
		}
		if got := d.level(t, "blanket"); got.Level != 70 || !got.Counted.IsZero() {
			t.Errorf("after the count was taken back: %+v", got)
		}
		d.move(t, lead, agadez, Move{Kind: Lost, Why: "stolen", Lines: []Line{{Item: "blanket", Quantity: 5}}})
		if got := d.level(t, "blanket").Level; got != 65 {
			t.Errorf("after a theft: %d", got)
		}
		d.RebuildsAlike(t)
	})
}

func TestOnTheWayUntilItIsReceived(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		d := newShelf(t, db)
		sent := d.move(t, elsewhere, arlit, Move{Kind: Sent, Other: agadez, Lines: []Line{{Item: "blanket", Quantity: 40}}})
		at := func() Stock {
			s, err := d.Stock(ctx, keeper, agadez)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		if c := at().Coming; len(c) != 1 || c[0].ID != sent.ID || c[0].OtherName != "=Arlit" {
			t.Fatalf("on the way: %+v", c)
		}
		_, err := d.Move(ctx, keeper, agadez, Move{Kind: Received, Why: "point", Other: arlit, Of: fact.NewFactID(noon), Lines: []Line{{Item: "blanket", Quantity: 40}}})
		if fault.Code(err) != "stock.unknown_sending" {
			t.Errorf("a receipt of nothing: %v", err)
		}
		got := d.move(t, keeper, agadez, Move{Kind: Received, Why: "point", Other: arlit, Of: sent.ID, Lines: []Line{{Item: "blanket", Quantity: 38}}})
		if s := at(); len(s.Coming) != 0 || s.Items[0].Level != 38 {
			t.Errorf("received: %+v", s)
		}
		if _, err := d.Withdraw(ctx, keeper, fact.FactID{}, got.ID, "mistake"); err != nil {
			t.Fatal(err)
		}
		if s := at(); len(s.Coming) != 1 || len(s.Items) != 0 {
			t.Errorf("on the way again: %+v", s)
		}
		if _, err := d.Movement(ctx, keeper, sent.ID); fault.Code(err) != "stock.no_movement" {
			t.Errorf("the books of another point: %v", err)
		}
		d.RebuildsAlike(t)
	})
}

func TestRecipesItemsMarksAndWishes(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		d := newShelf(t, db)
		today := here.day(noon)
		tea := SetItem{Code: "local.tea", Unit: "pack", Labels: map[string]string{"en": "=Tea"}, Add: true}
		if _, err := d.SetItem(ctx, lead, tea); fault.Of(err) != fault.ClassForbidden {
			t.Errorf("a lead adds an item: %v", err)
		}
		if it, err := d.SetItem(ctx, admin, tea); err != nil || !it.Local {
			t.Fatalf("%v %+v", err, it)
		}
		recipe := SetRecipe{Service: "food.meal", Per: 10, Items: []Part{{Item: "local.tea", Quantity: 1}}}
		if _, err := d.SetRecipe(ctx, lead, recipe); fault.Of(err) != fault.ClassForbidden {
			t.Errorf("a lead of one point sets a recipe for all: %v", err)
		}
		all, err := d.SetRecipe(ctx, manager, recipe)
		if err != nil || !slices.ContainsFunc(all, func(r Recipe) bool { return r.Service == "food.meal" && r.From == today && r.Per == 10 }) {
			t.Fatalf("%v %+v", err, all)
		}
		if _, err := d.SetRecipe(ctx, manager, SetRecipe{Service: "mhpss"}); fault.Code(err) != "stock.sealed_service" {
			t.Errorf("what is sealed takes nothing: %v", err)
		}
		d.count(t, "local.tea", 50)
		d.Clock.Add(time.Hour)
		d.give("food.meal", 204)
		if got := d.level(t, "local.tea").Level; got != 30 {
			t.Errorf("204 meals: %d", got)
		}
		for _, low := range []int{10, 40} {
			if err := d.Mark(ctx, lead, fact.FactID{}, agadez, "local.tea", low); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Mark(ctx, lead, fact.FactID{}, agadez, "hat", 5); err != nil {
			t.Fatal(err)
		}
		if got := d.level(t, "local.tea"); !got.Low || got.LowAt != 40 {
			t.Errorf("%+v", got)
		}
		if got := d.level(t, "hat"); !got.CountAgain || got.Low || got.LowAt != 5 {
			t.Errorf("a mark on what was never counted: %+v", got)
		}
		if low, err := d.Low(ctx, manager, agadez); err != nil || len(low) != 1 || low[0].Code != "local.tea" || low[0].Level != 30 || low[0].LowAt != 40 {
			t.Errorf("%v %+v", err, low)
		}
		if low, err := d.Low(ctx, case1, agadez); err != nil || low != nil {
			t.Errorf("who may not see the stock: %v %+v", err, low)
		}
		file, err := d.Export(ctx, manager, fact.PointID{})
		if want := "\ufeffpoint,point_name,item,label,unit,level,counted,low_at,low,given,given_days,days_left,expires\r\nNE-AGZ,Agadez,hat,Hat,piece,0,,5,false,0,0,,\r\nNE-AGZ,Agadez,local.tea,'=Tea,pack,30,2026-03-10,40,true,20,1,1,\r\n"; err != nil || string(file) != want {
			t.Errorf("%v\n%q\n%q", err, file, want)
		}

		w, err := d.Wish(ctx, keeper, agadez, Wish{By: today + 20, Reason: "arrival_expected", Note: "convoy", Lines: []Part{{Item: "blanket", Quantity: 300}}})
		if err != nil || w.State != Open || w.PointName != "Agadez" {
			t.Fatalf("%v %+v", err, w)
		}
		if _, err := d.ChangeWish(ctx, lead, "stock.answer", w.Wish, ChangeWish{State: Answered}); fault.Code(err) != "stock.no_wish" {
			t.Errorf("a point answers itself: %v", err)
		}
		if w, err = d.ChangeWish(ctx, manager, "stock.answer", w.Wish, ChangeWish{State: Answered, Note: "200 from Niamey", On: today + 10}); err != nil || w.State != Answered || w.Answer != "200 from Niamey" || w.On != today+10 {
			t.Errorf("%v %+v", err, w)
		}
		if w, err = d.ChangeWish(ctx, keeper, "stock.record", w.Wish, ChangeWish{State: Closed}); err != nil || w.State != Closed {
			t.Errorf("%v %+v", err, w)
		}
		if _, err := d.ChangeWish(ctx, manager, "stock.answer", w.Wish, ChangeWish{State: Answered}); fault.Code(err) != "stock.wish_closed" {
			t.Errorf("a closed wish is answered: %v", err)
		}
		for _, c := range []struct {
			who   access.Actor
			state string
			n     int
		}{{manager, "", 1}, {lead, Closed, 1}, {lead, Open, 0}, {elsewhere, "", 0}, {case1, "", 0}} {
			if all, err := d.Wishes(ctx, c.who, fact.PointID{}, c.state); err != nil || len(all) != c.n {
				t.Errorf("%v %d wishes, want %d", err, len(all), c.n)
			}
		}
		d.RebuildsAlike(t)
	})
}

// What two nodes decided apart, and what a broken peer may write, gives the same tables in any order.
func TestFactsFromElsewhereInAnyOrder(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		d := newShelf(t, db)
		a, b, move, wish := fact.NewFactID(noon), fact.NewFactID(noon), fact.NewFactID(noon), fact.NewFactID(noon)
		scope := fact.ScopeOrg(nrc)
		who := fact.Handle{9}
		err := d.DB.Write(context.Background(), func(tx *store.Tx) error {
			_, err := d.Journal.Append(tx,
				Marked.New(a, scope, who, MarkedOpen{Point: agadez, Org: nrc, Item: "hat", Low: 4, Replaces: []fact.FactID{b}}),
				Marked.New(b, scope, who, MarkedOpen{Point: agadez, Org: nrc, Item: "hat", Low: 7, Replaces: []fact.FactID{a}}),
				Withdrawn.New(fact.FactID{}, scope, who, WithdrawnOpen{Move: move, Org: nrc, Why: "mistake\x00"}),
				Moved.New(move, scope, who, MovedOpen{Point: agadez, Org: nrc, Kind: Received, Happened: noon.UnixMilli(), Lines: []Line{{Item: "hat\x00", Quantity: -1 << 60}}}),
				Moved.New(fact.FactID{}, scope, who, MovedOpen{Point: agadez, Org: nrc, Kind: CountedK, Why: "x", Happened: noon.UnixMilli(), Lines: []Line{{Item: "hat", Quantity: 1 << 60}}}),
				WishChanged.New(fact.FactID{}, scope, who, WishChangedOpen{Wish: wish, Org: nrc, State: Answered, Note: "one"}),
				WishChanged.New(fact.FactID{}, scope, who, WishChangedOpen{Wish: wish, Org: nrc, State: Closed, Note: "two"}),
				WishChanged.New(fact.FactID{}, scope, who, WishChangedOpen{Wish: wish, Org: fact.OrgByCode("LRC"), State: Open, Note: "foreign"}),
				Wished.New(wish, scope, who, WishedOpen{Point: agadez, Org: nrc, By: 7, Lines: []Part{{Item: "hat", Quantity: 3}}}),
				RecipeSet.New(fact.FactID{}, scope, who, RecipeSetOpen{Org: nrc, Service: "water", From: 5, Per: -3, Items: []Part{{Item: "hat", Quantity: 1 << 60}}}),
				ItemSet.New(fact.FactID{}, fact.ScopeOpen, who, ItemSetOpen{Code: "local.\x00x"}),
			)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Stock(context.Background(), lead, agadez); err != nil {
			t.Error(err)
		}
		d.RebuildsAlike(t)
	})
}
