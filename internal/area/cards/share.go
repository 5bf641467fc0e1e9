package cards

import (
	"context"
	"fmt"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/card"
	"serai/internal/fact"
	"serai/internal/store"
)

// MarksMost bounds the marks of a share: about a megabyte. The newest are in it.
const MarksMost = 50_000

// Share is what a device keeps to read cards while this node is out of reach; see card.Share for what a thief of it can do.
type Share struct {
	At time.Time `json:"at"`
	card.Share
}

// Share answers what a device may keep of the cards at a point. It holds seal keys, and on a device that was allowed it a
// signing key: handing it out stands in the access log before the answer leaves.
func (s *Service) Share(ctx context.Context, who access.Actor, point fact.PointID) (Share, error) {
	k, now := s.known.Load(), s.Now()
	out := Share{At: now.UTC(), Share: card.ShareOf(card.Reader{Network: k.network, Keys: k.seals}, now)}
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		at, err := s.place(tx, who, "cards.read", point)
		if err != nil {
			return err
		}
		if out.Signer, err = s.signer(tx, k, who, at); err != nil {
			return err
		}
		entry := audit.Entry{Actor: who.Handle, Device: who.Device, Action: "cards.share", Point: at.ID, Outcome: audit.Seen}
		if out.Signer != nil {
			entry.Code = "cards.signing_key"
		}
		return s.Log.In(tx, entry)
	})
	if err == nil { // the look is durable
		err = s.DB.Read(ctx, func(tx *store.Tx) error {
			if err := s.sharePoints(tx, k, who, &out); err != nil {
				return err
			}
			if err := s.shareServices(tx, &out); err != nil {
				return err
			}
			return s.shareMarks(tx, k, &out)
		})
	}
	if err != nil {
		return Share{}, fmt.Errorf("share cards with a device: %w", err)
	}
	return out, nil
}

// sharePoints names the points that cards of this network can name, and those at which the actor writes on cards.
func (s *Service) sharePoints(tx *store.Tx, k *known, who access.Actor, out *Share) error {
	all, err := s.Points.Numbered(tx)
	if err != nil {
		return err
	}
	own := card.ShareOwn{Issuer: k.issuer, Circle: k.circle, Days: validDays, Points: []uint32{}}
	for _, p := range all {
		out.Points = append(out.Points, card.SharePoint{Number: p.Number, ID: p.ID.String(), Code: p.Code, Name: p.Name})
		if k.network == nil || k.issuer == 0 {
			continue
		}
		if owner, ok := k.network.Owner(p.Number); ok && owner == k.issuer && who.May("cards.update", access.Resource{Org: p.Org, Point: p.ID}, s.Now()) {
			own.Points = append(own.Points, p.Number)
		}
	}
	if k.issuer != 0 && k.circle != 0 {
		out.Own = &own
	}
	return nil
}

// shareServices marks as unsafe what this node's catalogue seals, also where the network file calls it safe: a device
// neither writes nor shows it.
func (s *Service) shareServices(tx *store.Tx, out *Share) error {
	cat, err := s.Catalogue.Current(tx)
	if err != nil {
		return err
	}
	for i := range out.Services {
		x := &out.Services[i]
		if sv, ok := cat.Service(x.Code); ok {
			x.Unit = sv.Unit
			x.CardSafe = x.CardSafe && cat.CardSafe(sv.Code)
		}
	}
	return nil
}

func (s *Service) shareMarks(tx *store.Tx, k *known, out *Share) error {
	if k.secret.Serial == 0 {
		return nil
	}
	by := map[string][]card.Mark{}
	n := 0
	err := tx.Each(`SELECT mark, why FROM cards_mark ORDER BY stamp DESC, mark, why LIMIT $1`, store.Args{MarksMost}, func(r *store.Row) error {
		var m card.Mark
		var why string
		err := r.Scan(&m, &why)
		by[why] = append(by[why], m)
		n++
		return err
	})
	if err != nil {
		return err
	}
	var all int64
	if _, err := tx.One(`SELECT count(*) FROM cards_mark`, nil, &all); err != nil {
		return err
	}
	left := int(all) - n
	// The office's list has no days. What is revoked matters more than what is merely old.
	for _, from := range []struct {
		why  string
		list []card.Mark
	}{{whyRevoked, k.file.Revoked}, {whySuperseded, k.file.Superseded}} {
		room := min(len(from.list), MarksMost-n)
		by[from.why] = append(by[from.why], from.list[:room]...)
		n += room
		left += len(from.list) - room
	}
	marks := card.NewMarks(k.secret.Network, card.MarksFile{Superseded: slices.Clone(by[whySuperseded]), Revoked: slices.Clone(by[whyRevoked])})
	out.Marks = card.ShareOf(card.Reader{Marks: marks}, s.Now()).Marks
	out.Marks.LeftOut = left
	return nil
}
