package people

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// eraseReasons say why a person is erased; they stand in the notice that receivers get, so they are codes.
var eraseReasons = []string{"person_asked", "retention", "mistake"}

// Erased is what is left to show of an erasure: a receipt that names nobody.
type Erased struct {
	Erased  bool        `json:"erased"`
	Receipt fact.FactID `json:"receipt"`
}

// Erase takes a person out of this node. When it returns, nothing here finds or opens what was hers; the keys under
// which an older copy of the files could still be opened are destroyed right after (FinishErasures), also when the
// node is stopped in between. What was counted stays counted.
func (s *Service) Erase(ctx context.Context, who access.Actor, person fact.PersonID, reason string, confirm bool) (Erased, error) {
	ids, _, err := s.journal.Do(ctx, who.Handle, fact.FactID{}, func(tx *store.Tx) ([]fact.FactID, error) {
		f, at, err := s.loadHere(tx, who, "people.erase", person)
		if err != nil {
			return nil, err
		}
		var bad []error
		if !slices.Contains(eraseReasons, reason) {
			bad = append(bad, fault.Field("reason", "people.unknown_reason", "choose person_asked, retention or mistake"))
		}
		if !confirm {
			bad = append(bad, fault.Field("confirm", "people.not_confirmed", "an erasure cannot be undone; send confirm: true"))
		}
		if err := errors.Join(bad...); err != nil {
			return nil, err
		}
		// The entry first: it names the person's handle, and Forget then cuts the handle from the person.
		if err := s.note(tx, who, "people.erase", person, f.opened.point, audit.Changed); err != nil {
			return nil, err
		}
		if err := s.log.Forget(tx, person); err != nil {
			return nil, err
		}
		for _, forget := range s.forget {
			if err := forget(tx, person); err != nil {
				return nil, err
			}
		}
		ids, err := s.journal.Erase(tx, person, fact.ScopePoint(at.Point), fact.FactID{}, who.Handle, reason)
		if err != nil {
			return nil, err
		}
		return ids, tx.Exec(`INSERT INTO people_unfinished (receipt, since) VALUES ($1, $2)`, ids[0], s.now().UnixMilli())
	})
	if err != nil {
		return Erased{}, s.refused(ctx, who, "people.erase", err)
	}
	s.later(func(ctx context.Context) {
		if err := s.FinishErasures(ctx); err != nil {
			slog.Error("an erasure could not be finished; it is tried again at the next start", "error", err.Error())
		}
	})
	return Erased{true, ids[0]}, nil
}

// FinishErasures destroys the keys that erasures left behind. It does nothing when there is nothing to finish, several
// erasures are finished together, and it may be repeated.
func (s *Service) FinishErasures(ctx context.Context) error {
	s.finishing.Lock()
	defer s.finishing.Unlock()
	var receipts []fact.FactID
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT receipt FROM people_unfinished`, nil, func(r *store.Row) error {
			var id fact.FactID
			err := r.Scan(&id)
			receipts = append(receipts, id)
			return err
		})
	})
	if err != nil || len(receipts) == 0 {
		return err
	}
	if err := s.journal.FinishErase(ctx); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		var errs []error
		for _, id := range receipts {
			errs = append(errs, tx.Exec(`DELETE FROM people_unfinished WHERE receipt = $1`, id))
		}
		return errors.Join(errs...)
	})
}
