package app

import (
	"context"

	"serai/internal/access"
	"serai/internal/area/stock"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/view"
)

type forStock struct{ *Node }

func (a forStock) Place(tx *store.Tx, id fact.PointID) (stock.Place, bool, error) {
	d, found, err := a.Network.PointForDesk(tx, id)
	return stock.Place{ID: d.ID, Code: d.Code, Name: d.Name, Org: d.Org, Zone: d.Location, Cutoff: d.Cutoff}, found, err
}

// Gifts tells the account of things how often services were given; to whom stays where it is.
func (a forStock) Gifts(tx *store.Tx, org fact.OrgID, point fact.PointID, after int64, cuts []int64) ([]stock.Gift, error) {
	all, err := a.Assist.Gifts(tx, org, point, after, cuts)
	out := make([]stock.Gift, len(all))
	for i, g := range all {
		out[i] = stock.Gift(g)
	}
	return out, err
}

// Low tells the route board what runs short.
func (a forStock) Low(ctx context.Context, who access.Actor, point fact.PointID) ([]view.LowStock, error) {
	all, err := a.Stock.Low(ctx, who, point)
	var out []view.LowStock
	for _, l := range all {
		out = append(out, view.LowStock{Item: l.Code, Labels: l.Labels, Held: int64(l.Level), Mark: int64(l.LowAt)})
	}
	return out, err
}

var (
	_ view.Stock   = forStock{}
	_ stock.Points = forStock{}
	_ stock.Gifts  = forStock{}
	_ stock.Staff  = forPeople{}
)
