package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"serai/internal/area/stock"
	"serai/internal/fact"
)

// larder is the store of one point in a replay: a delivery to begin with, and every week a count that finds a little
// less than the account says, and a delivery of what was given meanwhile.
type larder struct {
	point fact.PointID
	day   fact.Day
	days  int // since it began
}

// stores plays the stores of a node, when a new day begins at the moment of the replay.
func (r *Replay) stores(ctx context.Context, n *Node, at time.Time) error {
	for _, l := range r.Stores[n] {
		if today := fact.DayOf(at); today > l.day {
			if l.day != 0 {
				l.days += int(today - l.day)
			}
			began := l.day == 0
			l.day = today
			var err error
			switch {
			case began:
				err = r.stocked(ctx, n, l.point)
			case l.days >= 7:
				l.days = 0
				err = r.counted(ctx, n, l.point)
			}
			if err != nil {
				return fmt.Errorf("the store of %s: %w", l.point, err)
			}
		}
	}
	return nil
}

// stocked writes the first delivery down, and says when what is low.
func (r *Replay) stocked(ctx context.Context, n *Node, point fact.PointID) error {
	lead := r.Staff[n].Lead
	today := fact.DayOf(r.Clock.Now())
	_, err := n.Stock.Move(ctx, lead, point, stock.Move{Kind: stock.Received, Why: "national", Reference: "WB-0117",
		Lines: []stock.Line{{Item: "water_1_5l", Quantity: 600, Batch: "W-26-02", Expires: today + 400}, {Item: "ration_day", Quantity: 250, Batch: "R-118", Expires: today + 95},
			{Item: "ors_sachet", Quantity: 150, Batch: "L7", Expires: today + 41}, {Item: "blanket", Quantity: 90}, {Item: "mat", Quantity: 30}, {Item: "card_sleeve", Quantity: 200}},
		Kits: []stock.KitLine{{Kit: "hygiene_kit", Quantity: 60}, {Kit: "menstrual_kit", Quantity: 20}, {Kit: "baby_kit", Quantity: 15}}})
	for item, low := range map[string]int{"water_1_5l": 150, "ration_day": 80, "soap_100g": 60, "blanket": 95, "pads_10": 20, "nappies_10": 20, "towel": 15} {
		if err == nil {
			err = n.Stock.Mark(ctx, lead, fact.FactID{}, point, item, low)
		}
	}
	return err
}

// counted counts the store, and receives what was given in the week. Blankets and pads do not come: they run low.
func (r *Replay) counted(ctx context.Context, n *Node, point fact.PointID) error {
	lead := r.Staff[n].Lead
	s, err := n.Stock.Stock(ctx, lead, point)
	if err != nil {
		return err
	}
	var found, came []stock.Line
	for i, l := range s.Items {
		if l.GivenDays == 0 { // never there
			continue
		}
		found = append(found, stock.Line{Item: l.Item, Quantity: max(0, l.Level-[]int{0, 1, 0, 2}[i%4])})
		if more := l.Given * 7 / l.GivenDays; more > 0 && !slices.Contains([]string{"blanket", "pads_10", "underwear"}, l.Item) {
			came = append(came, stock.Line{Item: l.Item, Quantity: more})
		}
	}
	if len(found) > 0 {
		if _, err = n.Stock.Count(ctx, r.Staff[n].Volunteer, point, stock.Count{Lines: found}); err != nil {
			return err
		}
	}
	if len(came) > 0 {
		_, err = n.Stock.Move(ctx, lead, point, stock.Move{Kind: stock.Received, Why: "national", Happened: r.Clock.Now().Add(time.Minute), Lines: came})
	}
	return err
}

// storeEnds writes down what a store looks like on an ordinary day: something broke, something was sent on, something is
// wished for.
func (r *Replay) storeEnds(ctx context.Context, n *Node, from, to fact.PointID) error {
	lead, now := r.Staff[n].Lead, r.Clock.Now()
	_, err := n.Stock.Move(ctx, lead, from, stock.Move{Kind: stock.Lost, Why: "broken", Happened: now.Add(-20 * time.Hour), Lines: []stock.Line{{Item: "water_1_5l", Quantity: 6}}})
	if err == nil && !to.IsZero() {
		_, err = n.Stock.Move(ctx, lead, from, stock.Move{Kind: stock.Sent, Other: to, Happened: now.Add(-3 * time.Hour), Lines: []stock.Line{{Item: "mat", Quantity: 10}, {Item: "ors_sachet", Quantity: 40}}})
	}
	if err == nil {
		_, err = n.Stock.Wish(ctx, lead, from, stock.Wish{By: fact.DayOf(now) + 21, Reason: "season", Note: "The nights are getting cold",
			Lines: []stock.Part{{Item: "blanket", Quantity: 200}, {Item: "hat", Quantity: 150}}})
	}
	return err
}
