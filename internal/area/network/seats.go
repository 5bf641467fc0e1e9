package network

import (
	"serai/internal/fact"
	"serai/internal/store"
)

// Seat names a point at which somebody works.
type Seat struct {
	ID   fact.PointID
	Code string
	Name string
}

// PointsOf names the points that an organisation runs, in the order of their codes.
func (s *Service) PointsOf(tx *store.Tx, org fact.OrgID) ([]Seat, error) {
	var out []Seat
	err := tx.Each(selectPoint+` WHERE organisation = $1 AND code <> '' ORDER BY code`, store.Args{org}, func(r *store.Row) error {
		row, err := scanPoint(r)
		if err == nil {
			out = append(out, Seat{row.ID, row.Code, row.Name})
		}
		return err
	})
	return out, err
}
