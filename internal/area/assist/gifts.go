package assist

import (
	"math"
	"time"

	"serai/internal/fact"
	"serai/internal/store"
)

// Gift is how much of a service was given at a point on one operating day, up to a moment.
type Gift struct {
	Service string
	Day     fact.Day
	At      int64 // the last gift of that day before the next cut, of whichever service, Unix milliseconds
	N       int   // in the unit of the service, every person's apart
}

// Gifts sums what was given at a point under an organisation after a moment (Unix milliseconds), by service and day,
// corrections reckoned in and undone contacts left out. No sum reaches over a cut; cuts are ascending. It is for the
// account of stock: numbers alone, nobody's name.
func (s *Service) Gifts(tx *store.Tx, org fact.OrgID, point fact.PointID, after int64, cuts []int64) ([]Gift, error) {
	var out []Gift
	for i := 0; i <= len(cuts); i++ {
		until, begun := int64(math.MaxInt64), len(out)
		if i < len(cuts) {
			until = cuts[i]
		}
		// The operating day of a moment is its date, or a neighbour's: it bounds what the index must look at. What a broken
		// peer may have written is left out of the sum rather than spoiling it.
		err := tx.Each(`SELECT s.code, c.day, max(c.happened), CAST(sum(CASE WHEN s.quantity BETWEEN 1 AND 9999 AND c.persons BETWEEN 1 AND 100000 THEN s.quantity * c.persons ELSE 0 END) AS BIGINT)
FROM assist_contact c JOIN assist_service s ON s.contact = c.contact
WHERE c.point = $1 AND c.org = $2 AND c.day >= $3 AND c.happened > $4 AND c.happened <= $5 AND c.undone = 0
GROUP BY s.code, c.day ORDER BY c.day, s.code`, store.Args{point, org, fact.DayOf(time.UnixMilli(after)) - 2, after, until}, func(r *store.Row) error {
			var g Gift
			err := r.Scan(&g.Service, &g.Day, &g.At, &g.N)
			out = append(out, g)
			return err
		})
		if err != nil {
			return nil, err
		}
		for i := len(out) - 2; i >= begun; i-- { // one moment for a day, so that its lines can be put together
			if out[i].Day == out[i+1].Day {
				out[i].At = max(out[i].At, out[i+1].At)
			}
		}
		for i := begun + 1; i < len(out); i++ {
			if out[i].Day == out[i-1].Day {
				out[i].At = out[i-1].At
			}
		}
		after = until
	}
	return out, nil
}
