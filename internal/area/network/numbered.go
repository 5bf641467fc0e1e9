package network

import "serai/internal/store"

// Numbered returns the points that cards can name, by number. Where two points have one number, only the one that counts
// stands in it, as in PointByNumber.
func (s *Service) Numbered(tx *store.Tx) ([]Desk, error) {
	rows, err := s.rows(tx, ` WHERE number > 0 AND code <> '' ORDER BY number, point`)
	if err != nil {
		return nil, err
	}
	out := make([]Desk, 0, len(rows))
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].Number != r.Number {
			out = append(out, r.desk())
		}
	}
	return out, nil
}
