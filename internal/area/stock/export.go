package stock

import (
	"bytes"
	"context"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/store"
)

// places returns the points within the actor's reach of which there is an account, or the one that is named.
func (s *Service) places(tx *store.Tx, who access.Actor, point fact.PointID) ([]Place, error) {
	if !point.IsZero() {
		at, err := s.place(tx, who, "stock.read", point)
		return []Place{at}, err
	}
	var ids []fact.PointID
	where, args := who.Filter("stock.read", access.Columns{Org: "org", Point: "point"}, s.Now(), 1)
	err := tx.Each(`SELECT DISTINCT point FROM stock_move WHERE `+where+` ORDER BY point`, args, func(r *store.Row) error {
		var id fact.PointID
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []Place
	for _, id := range ids {
		at, found, err := s.Points.Place(tx, id)
		if err != nil {
			return nil, err
		}
		// A point that was handed over keeps the account of whoever ran it before; today's is its new organisation's.
		if found && who.May("stock.read", access.Resource{Org: at.Org, Point: at.ID}, s.Now()) {
			out = append(out, at)
		}
	}
	return out, nil
}

// Export writes the levels of a point, or of every point within reach, as CSV (RFC 4180, UTF-8 with byte order mark).
func (s *Service) Export(ctx context.Context, who access.Actor, point fact.PointID) ([]byte, error) {
	rows := [][]string{{"point", "point_name", "item", "label", "unit", "level", "counted", "low_at", "low", "given", "given_days", "days_left", "expires"}}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		places, err := s.places(tx, who, point)
		if err != nil {
			return err
		}
		items, err := s.items(tx)
		if err != nil {
			return err
		}
		for _, at := range places {
			levels, err := s.levels(tx, at, true)
			if err != nil {
				return err
			}
			for _, l := range levels {
				it, _ := items.Of(l.Item)
				row := []string{at.Code, cell(at.Name), l.Item, cell(it.Labels.In(who.Lang)), it.Unit, strconv.Itoa(l.Level), "", number(l.LowAt), strconv.FormatBool(l.Low),
					strconv.Itoa(l.Given), strconv.Itoa(l.GivenDays), "", ""}
				if !l.Counted.IsZero() {
					row[6] = l.Counted.In(at.Zone).Format(time.DateOnly)
				}
				if l.DaysLeft != nil {
					row[11] = strconv.Itoa(*l.DaysLeft)
				}
				if l.Expires != 0 {
					row[12] = l.Expires.String()
				}
				rows = append(rows, row)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sheet(rows)
}

// ExportWishes writes the wishes within the actor's reach as CSV, one row for each item.
func (s *Service) ExportWishes(ctx context.Context, who access.Actor) ([]byte, error) {
	rows := [][]string{{"wish", "point", "point_name", "asked", "by", "reason", "note", "state", "answer", "on", "item", "quantity"}}
	all, err := s.Wishes(ctx, who, fact.PointID{}, "")
	if err != nil {
		return nil, err
	}
	for _, w := range all {
		for _, l := range w.Lines {
			on := ""
			if w.On != 0 {
				on = w.On.String()
			}
			rows = append(rows, []string{w.Wish.String(), w.code, cell(w.PointName), w.Happened.Format(time.DateOnly), w.By.String(), w.Reason, cell(w.Note), w.State, cell(w.Answer), on, l.Item, strconv.Itoa(l.Quantity)})
		}
	}
	return sheet(rows)
}

func sheet(rows [][]string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	err := w.WriteAll(rows)
	return out.Bytes(), err
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// cell writes a text so that a spreadsheet shows it and does not run it.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r'", rune(s[0])) {
		return "'" + s
	}
	return s
}
