package stock

import (
	"context"
	"fmt"
	"time"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/journal"
	"serai/internal/store"
)

// Points tells about service points. The app supplies it from the network.
type Points interface {
	Place(tx *store.Tx, id fact.PointID) (Place, bool, error)
}

// Gifts tells what was given at a point under an organisation after a moment (Unix milliseconds). No sum reaches over a
// cut; cuts are ascending. The app supplies it from what was recorded of people.
type Gifts interface {
	Gifts(tx *store.Tx, org fact.OrgID, point fact.PointID, after int64, cuts []int64) ([]Gift, error)
}

// Staff tells who is behind a handle. The app supplies it from the accounts.
type Staff interface {
	StaffName(tx *store.Tx, who fact.Handle) (string, error)
}

// Catalogue gives the services of now.
type Catalogue interface {
	Current(tx *store.Tx) (*catalogue.Catalogue, error)
}

// Needs is what this area takes from the others.
type Needs struct {
	DB        *store.DB
	Journal   *journal.Journal
	Now       func() time.Time
	Points    Points
	Gifts     Gifts
	Staff     Staff
	Catalogue Catalogue
}

// Service is the area. Make one with New before the journal starts.
type Service struct{ Needs }

// New puts the area's projections on the journal.
func New(n Needs) *Service {
	register(n.Journal)
	return &Service{n}
}

var (
	// errPoint answers alike for a point that is not there and for one where the actor does not work.
	errPoint    = fault.Field("point", "stock.unknown_point", "choose a point where you work")
	errMovement = fault.NotFound("stock.no_movement", "there is no such movement here")
	errWish     = fault.NotFound("stock.no_wish", "there is no such wish here")
)

// place returns the point when the actor may do p there.
func (s *Service) place(tx *store.Tx, who access.Actor, p access.Permission, id fact.PointID) (Place, error) {
	at, found, err := s.Points.Place(tx, id)
	if err != nil {
		return Place{}, err
	}
	if !found || !who.May(p, access.Resource{Org: at.Org, Point: at.ID, Owner: who.Handle}, s.Now()) {
		return Place{}, errPoint
	}
	return at, nil
}

// Move records that things came to a point or left it.
func (s *Service) Move(ctx context.Context, who access.Actor, point fact.PointID, cmd Move) (Movement, error) {
	ids, _, err := s.Journal.Do(ctx, who.Handle, cmd.ID, func(tx *store.Tx) ([]fact.FactID, error) {
		at, err := s.place(tx, who, "stock.record", point)
		if err != nil {
			return nil, err
		}
		items, err := s.items(tx)
		if err != nil {
			return nil, err
		}
		cmd := cmd
		if !cmd.Other.IsZero() {
			other, found, err := s.Points.Place(tx, cmd.Other)
			if err != nil {
				return nil, err
			}
			if cmd.OtherHere = found; found {
				cmd.Other = other.ID
			}
		}
		open, err := cmd.Decide(at, items, s.Now())
		if err != nil {
			return nil, err
		}
		if !open.Of.IsZero() {
			if err := s.sending(tx, open); err != nil {
				return nil, err
			}
		}
		return s.Journal.Append(tx, Moved.New(cmd.ID, fact.ScopeOrg(at.Org), who.Handle, open))
	})
	if err != nil {
		return Movement{}, fmt.Errorf("record a movement of stock: %w", err)
	}
	return s.Movement(ctx, who, ids[0])
}

// sending checks that a receipt names something that was sent to this point.
func (s *Service) sending(tx *store.Tx, open MovedOpen) error {
	var n int
	found, err := tx.One(`SELECT 1 FROM stock_move WHERE move = $1 AND kind = $2 AND other = $3 AND org = $4 AND point = $5`,
		store.Args{open.Of, Sent, open.Point, open.Org, open.Other}, &n)
	if err == nil && !found {
		err = fault.Field("of", "stock.unknown_sending", "nothing of this kind was sent to this point; leave it out")
	}
	return err
}

// Count records what is there.
func (s *Service) Count(ctx context.Context, who access.Actor, point fact.PointID, cmd Count) (Movement, error) {
	ids, _, err := s.Journal.Do(ctx, who.Handle, cmd.ID, func(tx *store.Tx) ([]fact.FactID, error) {
		at, err := s.place(tx, who, "stock.count", point)
		if err != nil {
			return nil, err
		}
		items, err := s.items(tx)
		if err != nil {
			return nil, err
		}
		open, err := cmd.Decide(at, items, s.Now())
		if err != nil {
			return nil, err
		}
		return s.Journal.Append(tx, Counted.New(cmd.ID, fact.ScopeOrg(at.Org), who.Handle, open))
	})
	if err != nil {
		return Movement{}, fmt.Errorf("count stock: %w", err)
	}
	return s.Movement(ctx, who, ids[0])
}

// withdrawals say why.
var withdrawals = map[string]bool{"mistake": true, "twice": true}

// Withdraw takes a movement or a count back: whoever may record here any, whoever may count her own. To withdraw twice
// is to withdraw once.
func (s *Service) Withdraw(ctx context.Context, who access.Actor, id fact.FactID, move fact.FactID, why string) (Movement, error) {
	_, _, err := s.Journal.Do(ctx, who.Handle, id, func(tx *store.Tx) ([]fact.FactID, error) {
		m, err := s.load(tx, who, move)
		if err != nil {
			return nil, err
		}
		res := access.Resource{Org: m.org, Point: m.Point, Owner: who.Handle}
		if !who.May("stock.record", res, s.Now()) && (!m.Mine || !who.May("stock.count", res, s.Now())) {
			return nil, errMovement
		}
		if !withdrawals[why] {
			return nil, fault.Field("why", "stock.unknown_why", "say why: mistake or twice")
		}
		if m.Withdrawn {
			return nil, nil
		}
		return s.Journal.Append(tx, Withdrawn.New(id, fact.ScopeOrg(m.org), who.Handle, WithdrawnOpen{Move: move, Org: m.org, Why: why}).Replacing(move))
	})
	if err != nil {
		return Movement{}, fmt.Errorf("withdraw movement %s: %w", move, err)
	}
	return s.Movement(ctx, who, move)
}

// Mark sets the level at which an item of a point is low.
func (s *Service) Mark(ctx context.Context, who access.Actor, id fact.FactID, point fact.PointID, item string, low int) error {
	_, _, err := s.Journal.Do(ctx, who.Handle, id, func(tx *store.Tx) ([]fact.FactID, error) {
		at, err := s.place(tx, who, "stock.manage", point)
		if err != nil {
			return nil, err
		}
		items, err := s.items(tx)
		if err != nil {
			return nil, err
		}
		if _, ok := items.Of(item); !ok {
			return nil, fault.Field("item", "stock.unknown_item", "this item is not in the list; see /api/stock/items")
		}
		if low < 0 || low > most {
			return nil, fault.Fieldf("low", "stock.bad_quantity", "a mark is a whole number from 0 (none) to %d", most)
		}
		had, err := heads.Field(tx, markSubject(at.Org, at.ID), "low "+item)
		if err != nil {
			return nil, err
		}
		old := journal.Facts(had)
		return s.Journal.Append(tx, Marked.New(id, fact.ScopeOrg(at.Org), who.Handle, MarkedOpen{Point: at.ID, Org: at.Org, Item: item, Low: low, Replaces: old}).Replacing(old...))
	})
	if err != nil {
		return fmt.Errorf("mark stock: %w", err)
	}
	return nil
}

// SetItem makes a local item, or changes labels and hiding of any. Only those who reach the whole node may.
func (s *Service) SetItem(ctx context.Context, who access.Actor, cmd SetItem) (Item, error) {
	_, _, err := s.Journal.Do(ctx, who.Handle, cmd.ID, func(tx *store.Tx) ([]fact.FactID, error) {
		if !who.May("lists.edit", access.Resource{}, s.Now()) {
			return nil, fault.Forbidden("stock.items_not_yours", "only an administrator of the node changes the items")
		}
		items, err := s.items(tx)
		if err != nil {
			return nil, err
		}
		open, err := cmd.Decide(items)
		if err != nil {
			return nil, err
		}
		had, err := heads.Field(tx, itemSubject, open.Code)
		if err != nil {
			return nil, err
		}
		open.Replaces = journal.Facts(had)
		return s.Journal.Append(tx, ItemSet.New(cmd.ID, fact.ScopeOpen, who.Handle, open).Replacing(open.Replaces...))
	})
	var out Item
	if err == nil {
		err = s.DB.Read(ctx, func(tx *store.Tx) error {
			items, err := s.items(tx)
			out, _ = items.Of(cmd.Code)
			return err
		})
	}
	if err != nil {
		return Item{}, fmt.Errorf("set an item of stock: %w", err)
	}
	return out, nil
}

// SetRecipe says which items a service of the actor's organisation takes from a day on.
func (s *Service) SetRecipe(ctx context.Context, who access.Actor, cmd SetRecipe) ([]Recipe, error) {
	_, _, err := s.Journal.Do(ctx, who.Handle, cmd.ID, func(tx *store.Tx) ([]fact.FactID, error) {
		if !who.May("stock.manage", access.Resource{Org: who.Org}, s.Now()) {
			return nil, fault.Forbidden("stock.recipes_not_yours", "a recipe holds for the whole organisation: the programme manager sets it")
		}
		items, err := s.items(tx)
		if err != nil {
			return nil, err
		}
		cat, err := s.Catalogue.Current(tx)
		if err != nil {
			return nil, err
		}
		open, err := cmd.Decide(who.Org, items, cat, fact.DayOf(s.Now()))
		if err != nil {
			return nil, err
		}
		had, err := heads.Field(tx, who.Org.Bytes(), recipeField(open.Service, open.From))
		if err != nil {
			return nil, err
		}
		open.Replaces = journal.Facts(had)
		return s.Journal.Append(tx, RecipeSet.New(cmd.ID, fact.ScopeOrg(who.Org), who.Handle, open).Replacing(open.Replaces...))
	})
	if err != nil {
		return nil, fmt.Errorf("set the recipe of %s: %w", cmd.Service, err)
	}
	return s.Recipes(ctx, who)
}

// Wish asks the national office to put items in place.
func (s *Service) Wish(ctx context.Context, who access.Actor, point fact.PointID, cmd Wish) (WishView, error) {
	ids, _, err := s.Journal.Do(ctx, who.Handle, cmd.ID, func(tx *store.Tx) ([]fact.FactID, error) {
		at, err := s.place(tx, who, "stock.record", point)
		if err != nil {
			return nil, err
		}
		items, err := s.items(tx)
		if err != nil {
			return nil, err
		}
		open, err := cmd.Decide(at, items, s.Now())
		if err != nil {
			return nil, err
		}
		return s.Journal.Append(tx, Wished.New(cmd.ID, fact.ScopeOrg(at.Org), who.Handle, open))
	})
	if err != nil {
		return WishView{}, fmt.Errorf("wish for stock: %w", err)
	}
	return s.wish(ctx, who, ids[0])
}

// ChangeWish answers a wish or closes it. p is what the caller's route asks for: the office answers, the point closes.
func (s *Service) ChangeWish(ctx context.Context, who access.Actor, p access.Permission, wish fact.FactID, cmd ChangeWish) (WishView, error) {
	_, _, err := s.Journal.Do(ctx, who.Handle, cmd.ID, func(tx *store.Tx) ([]fact.FactID, error) {
		w, err := s.loadWish(tx, who, p, wish)
		if err != nil {
			return nil, err
		}
		if w.State == Closed && cmd.State == Closed { // to close twice is to close once
			return nil, nil
		}
		at, _, err := s.Points.Place(tx, w.Point)
		if err != nil {
			return nil, err
		}
		today := fact.DayOf(s.Now())
		if at.Zone != nil {
			today = at.day(s.Now())
		}
		open, err := cmd.Decide(w, today)
		if err != nil {
			return nil, err
		}
		had, err := heads.Field(tx, wish.Bytes(), wishField)
		if err != nil {
			return nil, err
		}
		open.Replaces = journal.Facts(had)
		return s.Journal.Append(tx, WishChanged.New(cmd.ID, fact.ScopeOrg(w.org), who.Handle, open).Replacing(append(open.Replaces, wish)...))
	})
	if err != nil {
		return WishView{}, fmt.Errorf("change wish %s: %w", wish, err)
	}
	return s.wish(ctx, who, wish)
}
