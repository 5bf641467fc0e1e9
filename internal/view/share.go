package view

import (
	"context"
	"fmt"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/area/assist"
	"serai/internal/area/people"
	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Files reads the files that a device will keep. The app supplies it from the people.
type Files interface {
	Shared(tx *store.Tx, who access.Actor, person fact.PersonID) (f people.Shared, found bool, err error)
}

// Visits lists what was recorded at a point. The app supplies it from the assistance.
type Visits interface {
	OfDay(ctx context.Context, who access.Actor, point fact.PointID, day fact.Day) (assist.Day, error)
	Arrivals(ctx context.Context, who access.Actor, point fact.PointID, day fact.Day) ([]assist.Arrival, error)
}

const (
	// shareDays is for how many days somebody who came to a point is kept on its devices.
	shareDays = 14
	// shareMost bounds the people on a device: those who came last.
	shareMost = 10_000
	// sharePage is how many people one answer holds.
	sharePage = 500
	// shareOverlap is what two answers have in common, since a command is stamped before it is durable.
	shareOverlap = time.Minute
)

// Share is what a device may keep for one worker at one point, so that she works without a network: whoever came there
// in the last days and may be read by her, and what was recorded in the last hours. The device keeps it encrypted.
type Share struct {
	At       time.Time        `json:"at" doc:"Of the node; the next time, since brings only what changed"`
	Point    fact.PointID     `json:"point"`
	Days     int              `json:"days" doc:"For how many days people are kept"`
	People   []SharedPerson   `json:"people"`
	Arrivals []assist.Arrival `json:"arrivals" doc:"Of the last three days; on the first page"`
	Contacts []assist.Contact `json:"contacts" doc:"Of today and yesterday; on the first page"`
	Removed  []fact.PersonID  `json:"removed" doc:"Who came last too long ago by now; on the first page"`
	// Whom somebody erased the node cannot name any more. Hence the list of all: who is not in it goes from the device.
	All  []fact.PersonID `json:"all" doc:"Everybody who may be on the device; whoever is not among them leaves it; on the first page"`
	More bool            `json:"more"`
	Next string          `json:"next,omitempty" doc:"Ask again with it for the next page, and with the same since"`
}

// SharedPerson is a file, and what she had.
type SharedPerson struct {
	people.Shared
	History []HistoryEntry `json:"history"`
	Unmet   []HistoryUnmet `json:"unmet"`
}

var errNoShare = fault.NotFound("view.no_share", "")

// ShareFor returns a page of the share: from the beginning, or after next. That these files are kept on a device is in
// the access log, each for itself, before the answer leaves.
func (s *Service) ShareFor(ctx context.Context, who access.Actor, point fact.PointID, since time.Time, next fact.PersonID) (out Share, err error) {
	now := s.Now()
	out = Share{At: now.UTC().Truncate(time.Millisecond), Point: point, Days: shareDays, Arrivals: []assist.Arrival{}, Contacts: []assist.Contact{},
		Removed: []fact.PersonID{}, All: []fact.PersonID{}, People: []SharedPerson{}}
	var today fact.Day
	var looks []audit.Entry
	reads := false // whether she sees what somebody was given, which not everybody does who opens files
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		at, found, err := s.Network.PointForDesk(tx, point)
		if err != nil {
			return err
		}
		where := access.Resource{Org: at.Org, Point: point}
		if !found || !who.May("people.read", where, now) {
			return errNoShare
		}
		reads = who.May("assist.read", where, now)
		today = fact.OperatingDay(now, at.Location, at.Cutoff)
		c := candidates{tx: tx, who: who, point: point, now: now}
		all, send, err := c.came(today-shareDays+1, today+1, since.Add(-shareOverlap))
		if err != nil {
			return err
		}
		if since.IsZero() {
			send = all
		}
		if next.IsZero() {
			out.All = all
			if out.Removed, err = c.gone(all, since, today, at.Location, at.Cutoff); err != nil {
				return err
			}
		}
		from, exact := slices.BinarySearchFunc(send, next, fact.PersonID.Compare)
		if exact {
			from++
		}
		send = send[from:]
		if len(send) > sharePage {
			send, out.More = send[:sharePage], true
			out.Next = send[sharePage-1].String()
		}
		for _, id := range send {
			f, found, err := s.Files.Shared(tx, who, id)
			if err != nil {
				return err
			}
			if !found {
				continue
			}
			h := History{Entries: []HistoryEntry{}, Unmet: []HistoryUnmet{}}
			if reads {
				if h, err = s.history(tx, who, id); err != nil {
					return err
				}
			}
			out.People = append(out.People, SharedPerson{f, h.Entries, h.Unmet})
			looks = append(looks, audit.Entry{Actor: who.Handle, Device: who.Device, Action: "people.share", Person: id, Point: f.Point, Outcome: audit.Seen})
		}
		return nil
	})
	if err != nil {
		return s.shareRefused(ctx, who, err)
	}
	if next.IsZero() && reads && s.Visits != nil {
		if err := s.recent(ctx, who, &out, today); err != nil {
			return Share{}, err
		}
	}
	// Who hangs up may have the answer all the same.
	if err := s.Log.LookAll(context.WithoutCancel(ctx), looks); err != nil {
		return Share{}, fmt.Errorf("share: %w", err)
	}
	return out, nil
}

func (s *Service) shareRefused(ctx context.Context, who access.Actor, err error) (Share, error) {
	if fault.Code(err) != fault.Code(errNoShare) {
		return Share{}, fmt.Errorf("share: %w", err)
	}
	if lost := s.Log.Look(context.WithoutCancel(ctx), audit.Entry{Actor: who.Handle, Device: who.Device, Action: "people.share", Outcome: audit.Refused, Code: fault.Code(err)}); lost != nil {
		return Share{}, lost
	}
	return Share{}, err
}

// recent adds what was recorded at the point lately.
func (s *Service) recent(ctx context.Context, who access.Actor, out *Share, today fact.Day) error {
	for day := today; day > today-3; day-- {
		arrivals, err := s.Visits.Arrivals(ctx, who, out.Point, day)
		if err != nil {
			return err
		}
		out.Arrivals = append(out.Arrivals, arrivals...)
		if day <= today-2 {
			continue
		}
		contacts, err := s.Visits.OfDay(ctx, who, out.Point, day)
		if err != nil {
			return err
		}
		out.Contacts = append(out.Contacts, contacts.Contacts...)
	}
	return nil
}

// candidates finds whose files a worker's device may keep.
type candidates struct {
	tx    *store.Tx
	who   access.Actor
	point fact.PointID
	now   time.Time
}

// came returns who was served at the point, or whose file was opened there, from a day on and before another, as far as
// the worker may read the file, in the order of their ids; and those of them about whom something was recorded since, in
// the file or at a contact anywhere. Of too many, those who came last.
func (c candidates) came(from, before fact.Day, since time.Time) (all, changed []fact.PersonID, err error) {
	args := store.Args{c.point, from, before, 2 * shareMost, int64(fact.StampOf(since)), since.UnixMilli()}
	// The scope is decided on each row: as a condition on the point it leads SQLite to look the whole point up again for
	// everybody who came.
	err = c.tx.Each(`SELECT y.person_id, y.org_id, y.point_id, y.actor, CASE WHEN EXISTS (SELECT 1 FROM people_fact f WHERE f.person_id = y.person_id AND f.stamp >= $5)
  OR EXISTS (SELECT 1 FROM people_fact f WHERE f.other_id = y.person_id AND f.stamp >= $5)
  OR EXISTS (SELECT 1 FROM assist_contact v WHERE v.person = y.person_id AND v.recorded >= $6)
  OR EXISTS (SELECT 1 FROM assist_contact v JOIN assist_correction k ON k.contact = v.contact WHERE v.person = y.person_id AND k.stamp >= $5) THEN 1 ELSE 0 END
FROM (SELECT o.person_id, o.org_id, o.point_id, o.actor, max(x.day) AS last FROM (
    SELECT v.person, v.day FROM assist_contact v WHERE v.point = $1 AND v.day >= $2 AND v.day < $3 AND v.person IS NOT NULL AND v.undone = 0
    UNION ALL SELECT f.person_id, f.day FROM people_fact f WHERE f.point_id = $1 AND f.day >= $2 AND f.day < $3 AND f.kind = 301 AND f.person_id IS NOT NULL) x
  JOIN people_fact o ON o.person_id = x.person AND o.kind = 301
  GROUP BY o.person_id, o.org_id, o.point_id, o.actor ORDER BY last DESC, o.person_id LIMIT $4) y ORDER BY y.last DESC, y.person_id`, args, func(r *store.Row) error {
		var id fact.PersonID
		var at access.Resource
		var owner []byte
		var touched bool
		if err := r.Scan(&id, &at.Org, &at.Point, &owner, &touched); err != nil {
			return err
		}
		copy(at.Owner[:], owner)
		if len(all) == shareMost || !c.who.May("people.read", at, c.now) {
			return nil
		}
		all = append(all, id)
		if touched {
			changed = append(changed, id)
		}
		return nil
	})
	slices.SortFunc(all, fact.PersonID.Compare)
	slices.SortFunc(changed, fact.PersonID.Compare)
	return slices.Compact(all), slices.Compact(changed), err
}

// gone returns who was to be kept at since and is not any more, because she came last too long ago.
func (c candidates) gone(all []fact.PersonID, since time.Time, today fact.Day, zone *time.Location, cutoff time.Duration) ([]fact.PersonID, error) {
	out := []fact.PersonID{}
	if since.IsZero() {
		return out, nil
	}
	before := today - shareDays + 1
	from := max(fact.OperatingDay(since, zone, cutoff)-shareDays+1, before-365)
	if from >= before {
		return out, nil
	}
	once, _, err := c.came(from, before, since)
	for _, id := range once {
		if _, kept := slices.BinarySearchFunc(all, id, fact.PersonID.Compare); !kept {
			out = append(out, id)
		}
	}
	return out, err
}
