package stock

import (
	"cmp"
	"context"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/store"
)

// Movement is a movement or a count as screens show it.
type Movement struct {
	ID        fact.FactID  `json:"id"`
	Point     fact.PointID `json:"point"`
	Kind      string       `json:"kind"` // received, lost, sent, counted
	Why       string       `json:"why"`
	Other     fact.PointID `json:"other,omitzero"`
	OtherName string       `json:"other_name,omitempty"`
	Of        fact.FactID  `json:"of,omitzero"`
	Reference string       `json:"reference"`
	Day       fact.Day     `json:"day"`
	Happened  time.Time    `json:"happened"`
	By        string       `json:"by" doc:"who wrote it down; empty when she is not of this node"`
	Mine      bool         `json:"mine"`
	Withdrawn bool         `json:"withdrawn"`
	Lines     []Line       `json:"lines"`

	org   fact.OrgID
	actor fact.Handle
	stamp fact.Stamp
}

const selectMoves = `SELECT m.move, m.org, m.point, m.day, m.happened, m.stamp, m.actor, m.kind, m.why, m.other, m.of_move, m.reference,
(SELECT count(*) FROM stock_withdrawn w WHERE w.move = m.move AND w.org = m.org), l.item, l.quantity, l.batch, l.expires
FROM stock_move m LEFT JOIN stock_line l ON l.move = m.move `

// moves reads movements with their lines. The order of sql must keep the lines of a movement together.
func moves(tx *store.Tx, who access.Actor, rest string, args store.Args) ([]Movement, error) {
	var out []Movement
	err := tx.Each(selectMoves+rest, args, func(r *store.Row) error {
		var m Movement
		var l Line
		var item, batch *string
		var quantity, expires *int64
		var happened, withdrawn int64
		var actor []byte
		if err := r.Scan(&m.ID, &m.org, &m.Point, &m.Day, &happened, &m.stamp, &actor, &m.Kind, &m.Why, &m.Other, &m.Of, &m.Reference, &withdrawn, &item, &quantity, &batch, &expires); err != nil {
			return err
		}
		if len(out) == 0 || out[len(out)-1].ID != m.ID {
			copy(m.actor[:], actor)
			m.Happened, m.Withdrawn, m.Mine, m.Lines = time.UnixMilli(happened).UTC(), withdrawn > 0, m.actor == who.Handle, []Line{}
			out = append(out, m)
		}
		if item != nil && quantity != nil && batch != nil && expires != nil {
			l.Item, l.Quantity, l.Batch, l.Expires = *item, int(*quantity), *batch, fact.Day(*expires)
			last := &out[len(out)-1]
			last.Lines = append(last.Lines, l)
		}
		return nil
	})
	return out, err
}

// load returns a movement that the actor may see.
func (s *Service) load(tx *store.Tx, who access.Actor, id fact.FactID) (Movement, error) {
	where, args := who.Filter("stock.read", access.Columns{Org: "m.org", Point: "m.point"}, s.Now(), 2)
	all, err := moves(tx, who, `WHERE m.move = $1 AND `+where+` ORDER BY l.n`, append(store.Args{id}, args...))
	if err != nil {
		return Movement{}, err
	}
	if len(all) == 0 {
		return Movement{}, errMovement
	}
	return all[0], s.name(tx, all[:1])
}

// name says who wrote movements down, and where other points are.
func (s *Service) name(tx *store.Tx, all []Movement) error {
	names, points := map[fact.Handle]string{}, map[fact.PointID]string{}
	for i := range all {
		m := &all[i]
		if _, known := names[m.actor]; !known {
			name, err := s.Staff.StaffName(tx, m.actor)
			if err != nil {
				return err
			}
			names[m.actor] = name
		}
		if _, known := points[m.Other]; !known && !m.Other.IsZero() {
			at, _, err := s.Points.Place(tx, m.Other)
			if err != nil {
				return err
			}
			points[m.Other] = at.Name
		}
		m.By, m.OtherName = names[m.actor], points[m.Other]
	}
	return nil
}

// Movement returns one movement.
func (s *Service) Movement(ctx context.Context, who access.Actor, id fact.FactID) (m Movement, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		m, err = s.load(tx, who, id)
		return err
	})
	return m, err
}

// Movements lists what was written down at a point in the last days, withdrawn ones with it, the latest first.
func (s *Service) Movements(ctx context.Context, who access.Actor, point fact.PointID, days int) (out []Movement, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		at, err := s.place(tx, who, "stock.read", point)
		if err != nil {
			return err
		}
		out, err = moves(tx, who, `WHERE m.point = $1 AND m.org = $2 AND m.happened > $3 ORDER BY m.happened DESC, m.move, l.n`,
			store.Args{at.ID, at.Org, s.Now().AddDate(0, 0, -days).UnixMilli()})
		if err != nil {
			return err
		}
		return s.name(tx, out)
	})
	if out == nil {
		out = []Movement{}
	}
	return out, err
}

// Level is what is known of an item at a point.
type Level struct {
	Item       string    `json:"item"`
	Level      int       `json:"level" doc:"below zero: count again"`
	Counted    time.Time `json:"counted,omitzero" doc:"when it was counted last; absent: never"`
	CountAgain bool      `json:"count_again"`
	LowAt      int       `json:"low_at" doc:"0: no mark"`
	Low        bool      `json:"low"`
	Given      int       `json:"given" doc:"in the last days of the pace"`
	GivenDays  int       `json:"given_days"`
	DaysLeft   *int      `json:"days_left" doc:"at that pace; null when nothing was given"`
	Expires    fact.Day  `json:"expires,omitzero" doc:"the first last day among what may still be there"`
}

// Stock is the stock of a point.
type Stock struct {
	Point  fact.PointID `json:"point"`
	At     time.Time    `json:"at"`
	Items  []Level      `json:"items"`
	Coming []Movement   `json:"coming" doc:"sent to this point and not received yet"`
}

// Stock returns the levels of a point. An item that was never recorded there is absent, unless it has a mark.
func (s *Service) Stock(ctx context.Context, who access.Actor, point fact.PointID) (out Stock, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		at, err := s.place(tx, who, "stock.read", point)
		if err != nil {
			return err
		}
		out = Stock{Point: at.ID, At: s.Now().UTC()}
		if out.Items, err = s.levels(tx, at, true); err != nil {
			return err
		}
		out.Coming, err = s.coming(tx, who, at)
		return err
	})
	return out, err
}

// LowItem is an item at or below its mark.
type LowItem struct {
	Item
	Level int
	LowAt int
}

// Low lists the items of a point that are at or below their marks; nothing to those who may not see its stock.
func (s *Service) Low(ctx context.Context, who access.Actor, point fact.PointID) (out []LowItem, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		at, found, err := s.Points.Place(tx, point)
		if err != nil || !found || !who.May("stock.read", access.Resource{Org: at.Org, Point: at.ID}, s.Now()) {
			return err
		}
		marks, err := marksOf(tx, at)
		if err != nil || len(marks) == 0 {
			return err
		}
		items, err := s.items(tx)
		if err != nil {
			return err
		}
		levels, err := s.levels(tx, at, false)
		for _, l := range levels {
			if l.Low {
				it, _ := items.Of(l.Item)
				out = append(out, LowItem{it, l.Level, l.LowAt})
			}
		}
		return err
	})
	return out, err
}

// coming lists what another point of the organisation sent here and nobody received yet.
func (s *Service) coming(tx *store.Tx, who access.Actor, at Place) ([]Movement, error) {
	all, err := moves(tx, who, `WHERE m.other = $1 AND m.org = $2 AND m.kind = $3
AND NOT EXISTS (SELECT 1 FROM stock_withdrawn w WHERE w.move = m.move AND w.org = m.org)
AND NOT EXISTS (SELECT 1 FROM stock_move r WHERE r.of_move = m.move AND r.org = m.org AND r.point = m.other AND NOT EXISTS (SELECT 1 FROM stock_withdrawn w WHERE w.move = r.move AND w.org = r.org))
ORDER BY m.happened, m.move, l.n`, store.Args{at.ID, at.Org, Sent})
	if err != nil {
		return nil, err
	}
	points := map[fact.PointID]string{}
	for i := range all {
		m := &all[i]
		if _, known := points[m.Point]; !known {
			from, _, err := s.Points.Place(tx, m.Point)
			if err != nil {
				return nil, err
			}
			points[m.Point] = from.Name
		}
		m.OtherName = points[m.Point] // whoever waits for it asks where it comes from
	}
	if all == nil {
		all = []Movement{}
	}
	return all, nil
}

// book is what was written down of one item at a point.
type book struct {
	moves   []entry
	batches []batch
	counted int64 // the last count
}

// begins is the moment from which gifts count for the level: the last count, or the first record.
func (b *book) begins() int64 {
	if b.counted != 0 {
		return b.counted
	}
	first := b.moves[0].at
	for _, m := range b.moves {
		first = min(first, m.at)
	}
	return first
}

// books reads what stands of every item at a point.
func (s *Service) books(tx *store.Tx, at Place) (map[string]*book, error) {
	all, err := moves(tx, access.Actor{}, `WHERE m.point = $1 AND m.org = $2 ORDER BY m.happened, m.move, l.n`, store.Args{at.ID, at.Org})
	if err != nil {
		return nil, err
	}
	out := map[string]*book{}
	for _, m := range all {
		if m.Withdrawn {
			continue
		}
		when := m.Happened.UnixMilli()
		for _, l := range m.Lines {
			b := out[l.Item]
			if b == nil {
				b = &book{}
				out[l.Item] = b
			}
			if n := len(b.moves); n > 0 && b.moves[n-1].move == m.ID { // several batches of one item
				b.moves[n-1].quantity += l.Quantity
			} else {
				b.moves = append(b.moves, entry{kind: m.Kind, at: when, day: m.Day, move: m.ID, order: m.stamp, quantity: l.Quantity})
			}
			switch m.Kind {
			case Received:
				b.batches = append(b.batches, batch{when, l.Quantity, l.Expires})
			case CountedK:
				b.counted = max(b.counted, when)
			}
		}
	}
	return out, nil
}

// levels reckons the level of every item of a point, with its pace where that is asked for.
func (s *Service) levels(tx *store.Tx, at Place, pace bool) ([]Level, error) {
	books, err := s.books(tx, at)
	if err != nil {
		return nil, err
	}
	marks, err := marksOf(tx, at)
	if err != nil {
		return nil, err
	}
	items, err := s.items(tx)
	if err != nil {
		return nil, err
	}
	rec, err := recipesOf(tx, at.Org)
	if err != nil {
		return nil, err
	}
	var cuts []int64
	for _, b := range books {
		cuts = append(cuts, b.begins())
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	now := s.Now()
	today := at.day(now)
	var since, paced []Gift
	if len(cuts) > 0 {
		if since, err = s.Gifts.Gifts(tx, at.Org, at.ID, cuts[0], cuts[1:]); err != nil {
			return nil, err
		}
	}
	if len(cuts) > 0 && pace {
		if paced, err = s.Gifts.Gifts(tx, at.Org, at.ID, now.AddDate(0, 0, -paceDays-1).UnixMilli(), nil); err != nil {
			return nil, err
		}
	}
	out := []Level{}
	for _, it := range items.All {
		b, low := books[it.Code], marks[it.Code]
		if b == nil {
			if low > 0 {
				out = append(out, Level{Item: it.Code, LowAt: low, CountAgain: true})
			}
			continue
		}
		out = append(out, b.level(it.Code, low, since, paced, rec, today))
	}
	return out, nil
}

func (b *book) level(item string, low int, since, paced []Gift, rec recipes, today fact.Day) Level {
	lines := account(b.moves, giftsOf(item, since, rec, b.begins()))
	out := Level{Item: item, LowAt: low, Level: lines[len(lines)-1].level}
	if b.counted != 0 {
		out.Counted = time.UnixMilli(b.counted).UTC()
	}
	first := today
	for _, m := range b.moves {
		first = min(first, m.day)
	}
	out.GivenDays = min(paceDays, int(today-first)+1)
	for _, g := range giftsOf(item, paced, rec, 0) {
		if g.day > today-fact.Day(out.GivenDays) {
			out.Given += g.quantity
		}
	}
	if n := daysLeft(out.Level, out.Given, out.GivenDays); n >= 0 {
		out.DaysLeft = &n
	}
	out.CountAgain = out.Level < 0
	out.Low = low > 0 && out.Level <= low
	out.Expires = soonest(out.Level, b.batches)
	return out
}

func marksOf(tx *store.Tx, at Place) (map[string]int, error) {
	out := map[string]int{}
	err := tx.Each(`SELECT item, low FROM stock_mark WHERE org = $1 AND point = $2`, store.Args{at.Org, at.ID}, func(r *store.Row) error {
		var item string
		var low int
		err := r.Scan(&item, &low)
		out[item] = low
		return err
	})
	return out, err
}

// items returns the items as edited.
func (s *Service) items(tx *store.Tx) (Items, error) {
	var edits []ItemSetOpen
	err := tx.Each(`SELECT record FROM stock_item ORDER BY code`, nil, func(r *store.Row) error {
		var record []byte
		if err := r.Scan(&record); err != nil {
			return err
		}
		var e ItemSetOpen
		if fact.Decode(record, &e) == nil {
			edits = append(edits, e)
		}
		return nil
	})
	return newItems(edits), err
}

// recipesOf returns the recipes of an organisation.
func recipesOf(tx *store.Tx, org fact.OrgID) (recipes, error) {
	var set []Recipe
	err := tx.Each(`SELECT record FROM stock_recipe WHERE org = $1 ORDER BY service, from_day`, store.Args{org}, func(r *store.Row) error {
		var record []byte
		if err := r.Scan(&record); err != nil {
			return err
		}
		var o RecipeSetOpen
		if fact.Decode(record, &o) == nil {
			for i := range o.Items {
				o.Items[i].Quantity = min(bounded(o.Items[i].Quantity), 1000)
			}
			set = append(set, Recipe{Service: o.Service, From: o.From, Per: bounded(o.Per), Items: o.Items})
		}
		return nil
	})
	return newRecipes(set), err
}

// Recipes lists every recipe of the actor's organisation, by service, the latest first.
func (s *Service) Recipes(ctx context.Context, who access.Actor) ([]Recipe, error) {
	out := []Recipe{}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := recipesOf(tx, who.Org)
		for _, list := range all {
			out = append(out, list...)
		}
		return err
	})
	slices.SortStableFunc(out, func(a, b Recipe) int { return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(b.From, a.From)) })
	for i := range out {
		if out[i].Items == nil {
			out[i].Items = []Part{}
		}
	}
	return out, err
}

// AccountLine is one line of the account of an item.
type AccountLine struct {
	Kind       string      `json:"kind"` // received, lost, sent, counted, given
	Day        fact.Day    `json:"day"`
	Quantity   int         `json:"quantity" doc:"of a count: what was found"`
	Change     int         `json:"change"`
	Level      int         `json:"level" doc:"behind this line"`
	Expected   *int        `json:"expected,omitempty" doc:"before a count; the difference is change"`
	Movement   fact.FactID `json:"movement,omitzero"`
	Why        string      `json:"why,omitempty"`
	OtherPlace string      `json:"other_name,omitempty"`
	By         string      `json:"by,omitempty"`
}

// Account returns the account of one item at a point over the last days, the latest line first.
func (s *Service) Account(ctx context.Context, who access.Actor, point fact.PointID, item string, days int) ([]AccountLine, error) {
	out := []AccountLine{}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		at, err := s.place(tx, who, "stock.read", point)
		if err != nil {
			return err
		}
		items, err := s.items(tx)
		if err != nil {
			return err
		}
		if _, ok := items.Of(item); !ok {
			return errNoItem
		}
		books, err := s.books(tx, at)
		if err != nil || books[item] == nil {
			return err
		}
		b, from := books[item], s.Now().AddDate(0, 0, -days).UnixMilli()
		lines, err := s.lines(tx, at, item, b, from)
		if err != nil {
			return err
		}
		written, err := moves(tx, who, `WHERE m.point = $1 AND m.org = $2 AND m.happened > $3 ORDER BY m.happened, m.move, l.n`, store.Args{at.ID, at.Org, from})
		if err != nil {
			return err
		}
		if err := s.name(tx, written); err != nil {
			return err
		}
		about := map[fact.FactID]Movement{}
		for _, m := range written {
			about[m.ID] = m
		}
		for _, e := range slices.Backward(lines) {
			if e.at <= from {
				break
			}
			m := about[e.move]
			l := AccountLine{Kind: e.kind, Day: e.day, Quantity: e.quantity, Change: e.change, Level: e.level, Movement: e.move, Why: m.Why, OtherPlace: m.OtherName, By: m.By}
			if e.kind == CountedK {
				l.Expected = &e.expected
			}
			out = append(out, l)
		}
		return nil
	})
	return out, err
}

// lines reckons the account of an item from the last count before a moment on, so that years need not be read.
func (s *Service) lines(tx *store.Tx, at Place, item string, b *book, from int64) ([]entry, error) {
	base := int64(0)
	for _, m := range b.moves {
		if m.kind == CountedK && m.at <= from {
			base = max(base, m.at)
		}
	}
	var kept []entry
	var cuts []int64
	for _, m := range b.moves {
		if m.at < base {
			continue
		}
		kept = append(kept, m)
		cuts = append(cuts, m.at)
	}
	rec, err := recipesOf(tx, at.Org)
	if err != nil {
		return nil, err
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	gifts, err := s.Gifts.Gifts(tx, at.Org, at.ID, cuts[0], cuts[1:])
	if err != nil {
		return nil, err
	}
	return account(kept, giftsOf(item, gifts, rec, cuts[0])), nil
}

// WishView is a wish as screens show it.
type WishView struct {
	Wish      fact.FactID  `json:"wish"`
	Point     fact.PointID `json:"point"`
	PointName string       `json:"point_name"`
	Happened  time.Time    `json:"happened"`
	By        fact.Day     `json:"by" doc:"the day by which it is needed"`
	Reason    string       `json:"reason"`
	Note      string       `json:"note"`
	State     string       `json:"state"` // open, answered, closed
	Answer    string       `json:"answer"`
	On        fact.Day     `json:"on,omitzero" doc:"when it is to be there"`
	Lines     []Part       `json:"lines"`

	org  fact.OrgID
	code string
}

// wishes reads wishes that the actor may do p to.
func (s *Service) wishes(tx *store.Tx, who access.Actor, p access.Permission, rest string, args store.Args) ([]WishView, error) {
	where, more := who.Filter(p, access.Columns{Org: "w.org", Point: "w.point"}, s.Now(), len(args)+1)
	out := []WishView{}
	err := tx.Each(`SELECT w.wish, w.org, w.point, w.happened, w.by_day, w.reason, w.note, coalesce(x.state, 'open'), coalesce(x.note, ''), coalesce(x.on_day, 0), coalesce(l.item, ''), coalesce(l.quantity, 0)
FROM stock_wish w LEFT JOIN stock_wish_state x ON x.wish = w.wish AND x.org = w.org LEFT JOIN stock_wish_line l ON l.wish = w.wish
WHERE `+rest+` AND `+where+` ORDER BY w.by_day DESC, w.happened DESC, w.wish, l.n`, append(args, more...), func(r *store.Row) error {
		var w WishView
		var l Part
		var happened int64
		if err := r.Scan(&w.Wish, &w.org, &w.Point, &happened, &w.By, &w.Reason, &w.Note, &w.State, &w.Answer, &w.On, &l.Item, &l.Quantity); err != nil {
			return err
		}
		if len(out) == 0 || out[len(out)-1].Wish != w.Wish {
			w.Happened, w.Lines = time.UnixMilli(happened).UTC(), []Part{}
			out = append(out, w)
		}
		if l.Item != "" {
			last := &out[len(out)-1]
			last.Lines = append(last.Lines, l)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		at, _, err := s.Points.Place(tx, out[i].Point)
		if err != nil {
			return nil, err
		}
		out[i].PointName, out[i].code = at.Name, at.Code
	}
	return out, nil
}

func (s *Service) loadWish(tx *store.Tx, who access.Actor, p access.Permission, id fact.FactID) (WishView, error) {
	all, err := s.wishes(tx, who, p, `w.wish = $1`, store.Args{id})
	if err != nil {
		return WishView{}, err
	}
	if len(all) == 0 {
		return WishView{}, errWish
	}
	return all[0], nil
}

func (s *Service) wish(ctx context.Context, who access.Actor, id fact.FactID) (w WishView, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		w, err = s.loadWish(tx, who, "stock.read", id)
		return err
	})
	return w, err
}

// Wishes lists the wishes within the actor's reach, of one point or of all, in one state or in every, those needed last
// first.
func (s *Service) Wishes(ctx context.Context, who access.Actor, point fact.PointID, state string) (out []WishView, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		rest, args := `1 = 1`, store.Args{}
		if !point.IsZero() {
			at, err := s.place(tx, who, "stock.read", point)
			if err != nil {
				return err
			}
			rest, args = `w.point = $1`, store.Args{at.ID}
		}
		out, err = s.wishes(tx, who, "stock.read", rest, args)
		return err
	})
	if state != "" {
		out = slices.DeleteFunc(out, func(w WishView) bool { return w.State != state })
	}
	if out == nil {
		out = []WishView{}
	}
	return out, err
}
