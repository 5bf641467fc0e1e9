package people

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/link"
	"serai/internal/store"
)

// hitsMost is how many files a search shows, whatever it finds: people are recognised here, not browsed.
const hitsMost = 3

// searchesWatched in searchWindow are as many as a busy desk makes; at every multiple of it an alert is written.
const (
	searchesWatched = 40
	searchWindow    = 10 * time.Minute
)

// Search asks for a file by a card, or by a name and at least one thing more.
type Search struct {
	Card     string         `json:"card,omitempty" maxLength:"4096"`
	Name     string         `json:"name,omitempty" maxLength:"640"`
	Sex      string         `json:"sex,omitempty"`
	Age      *int           `json:"age,omitempty"`
	Language string         `json:"language,omitempty"`
	Point    *fact.PointRef `json:"point,omitempty"`
	Since    *fact.Day      `json:"since,omitempty" doc:"Seen on this day or later"`
}

// Found is what a search shows of a file.
type Found struct {
	Person    fact.PersonID `json:"person"`
	Name      *Name         `json:"name"`
	Sex       string        `json:"sex"`
	Age       *Age          `json:"age"`
	LastPoint fact.PointID  `json:"last_point"`
	LastDay   fact.Day      `json:"last_day"`
}

// Results are at most three files, and whether others answer as well.
type Results struct {
	Results []Found `json:"results"`
	More    bool    `json:"more"`
}

// check collects every fault of a search and returns the parts of its name.
func (q Search) check() ([]link.Part, error) {
	var bad []error
	if q.Card != "" {
		if q.Name != "" {
			bad = append(bad, fault.Field("name", "people.card_or_name", "search by the card or by a name, not both"))
		}
		return nil, errors.Join(bad...)
	}
	parts := link.Normalise(strings.Fields(q.Name))
	letters := 0
	for _, p := range parts {
		letters += len(p.Norm)
	}
	if letters < 2 {
		bad = append(bad, fault.Field("name", "people.search_name", "write a name of at least two letters, or scan the card"))
	}
	if q.Sex == "" && q.Age == nil && q.Language == "" && q.Point == nil && q.Since == nil {
		bad = append(bad, fault.Field("name", "people.search_fact", "a name alone finds nobody: add sex, age, language, point, or since when"))
	}
	if q.Sex != "" && !strings.Contains("FMXNU", q.Sex) || len(q.Sex) > 1 {
		bad = append(bad, fault.Field("sex", "people.unknown_sex", "choose F, M, X, N or U"))
	}
	if q.Age != nil && (*q.Age < 0 || *q.Age > 130) {
		bad = append(bad, fault.Field("age", "people.age_impossible", "an age is between 0 and 130 years"))
	}
	if q.Language != "" {
		checkLanguages("language", []string{q.Language}, &bad)
	}
	return parts, errors.Join(bad...)
}

// Search finds files within reach of who. Every search and every file that it shows is in the access log before this
// returns.
func (s *Service) Search(ctx context.Context, who access.Actor, q Search) (Results, error) {
	out := Results{Results: []Found{}}
	parts, err := q.check()
	if err != nil {
		return out, err
	}
	var ids []fact.PersonID
	if q.Card != "" {
		if s.cards != nil {
			id, found, err := s.cards.PersonByLineage(ctx, who, q.Card)
			if err != nil {
				return out, err
			}
			if found {
				ids = append(ids, id)
			}
		}
	} else if ids, out.More, err = s.byName(ctx, who, q, parts); err != nil {
		return out, err
	}
	var points []fact.PointID
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		for _, id := range ids {
			f, err := s.load(tx, who, "people.search", id)
			if isAbsent(err) {
				continue
			}
			if err != nil {
				return err
			}
			found, err := s.foundAs(tx, &f)
			if err != nil {
				return err
			}
			out.Results, points = append(out.Results, found), append(points, f.opened.point)
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	return out, s.noteSearch(ctx, who, out.Results, points)
}

func (s *Service) foundAs(tx *store.Tx, f *folded) (Found, error) {
	out := Found{Person: f.person, Name: f.name.shown(), Sex: f.sex.shown(), Age: f.age.shown(), LastPoint: f.last.point, LastDay: f.last.day}
	if s.visits == nil {
		return out, nil
	}
	point, day, found, err := s.visits.LastVisit(tx, f.person)
	if err == nil && found && day >= out.LastDay {
		out.LastPoint, out.LastDay = point, day
	}
	return out, err
}

func (s *Service) noteSearch(ctx context.Context, who access.Actor, results []Found, points []fact.PointID) error {
	entry := audit.Entry{Actor: who.Handle, Device: who.Device, Action: "people.search", Outcome: audit.Seen}
	n := 0
	err := s.db.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		var err error
		if n, err = s.log.CountSince(tx, who.Handle, entry.Action, s.now().Add(-searchWindow)); err != nil {
			return err
		}
		e := entry
		if (n+1)%searchesWatched == 0 {
			e.Code = "people.many_searches"
		}
		if err := s.log.In(tx, e); err != nil {
			return err
		}
		for i, r := range results {
			e := entry
			e.Person, e.Point, e.Action = r.Person, points[i], "people.found"
			if err := s.log.In(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && (n+1)%searchesWatched == 0 {
		slog.Warn("many searches for persons from one account", "account", who.Account.String(), "searches", n+1, "within", searchWindow.String())
	}
	return err
}

// byName asks the index, which answers with what who may see and nothing of what she may not.
func (s *Service) byName(ctx context.Context, who access.Actor, q Search, parts []link.Part) ([]fact.PersonID, bool, error) {
	s.names.loading.Lock()
	err := s.refresh(ctx)
	s.names.loading.Unlock()
	if err != nil {
		return nil, false, err
	}
	now := s.now()
	today := fact.DayOf(now.UTC())
	hits, more := s.names.index.Find(parts, hitsMost, func(_ fact.PersonID, k known) (float64, bool) {
		if !who.May("people.search", k.resource, now) {
			return 0, false
		}
		return q.fits(k, today)
	})
	ids := make([]fact.PersonID, len(hits))
	for i, h := range hits {
		ids[i] = h.Key
	}
	return ids, more, nil
}

// fits tells whether what is known of a file agrees with a search, and how well. What nobody noted contradicts nothing.
func (q Search) fits(k known, today fact.Day) (factor float64, ok bool) {
	factor = 1
	if q.Sex != "" && k.sex != q.Sex {
		if !unsaid(q.Sex) && !unsaid(k.sex) {
			return 0, false
		}
		factor *= 0.95
	}
	if q.Age != nil {
		if k.age == nil {
			factor *= 0.95
		} else {
			a := k.age.At(today)
			off := max(a.Low-*q.Age, *q.Age-a.High, 0)
			if off > 5 { // half of all ages are estimates
				return 0, false
			}
			factor *= 1 - 0.03*float64(off)
		}
	}
	if q.Language != "" && !strings.Contains(k.languages, " "+q.Language+" ") {
		if strings.TrimSpace(k.languages) != "" {
			return 0, false
		}
		factor *= 0.95
	}
	if q.Point != nil && k.resource.Point != q.Point.ID {
		return 0, false
	}
	if q.Since != nil && k.last < *q.Since {
		return 0, false
	}
	return factor, true
}

// Today is one person on the list of a day: recognisable to whoever stands in front of her, and to nobody else.
type Today struct {
	Person   fact.PersonID `json:"person"`
	Initials string        `json:"initials"`
	Sex      string        `json:"sex"`
	AgeBand  string        `json:"age_band"`
	Arrived  time.Time     `json:"arrived"`
	Served   bool          `json:"served"`
}

// todayMost bounds the list of a day.
const todayMost = 500

// TodayAt lists who came to a point today and has a file: opened today or served today, the latest first.
func (s *Service) TodayAt(ctx context.Context, who access.Actor, point fact.PointID) ([]Today, error) {
	out := []Today{}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		at, err := s.at(tx, point)
		if err != nil {
			return err
		}
		if !who.May("people.read", access.Resource{Org: at.Org, Point: point}, s.now()) {
			return errAbsent
		}
		visits, err := s.cameTo(tx, at)
		if err != nil {
			return err
		}
		for _, v := range visits {
			f, err := s.loadFrom(tx, profileOnly, who, "people.read", v.Person)
			if isAbsent(err) {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, todayOf(&f, v, at.Day))
			if len(out) == todayMost {
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return nil, s.refused(ctx, who, "people.read", err)
	}
	return out, s.log.Look(ctx, audit.Entry{Actor: who.Handle, Device: who.Device, Action: "people.today", Point: point, Outcome: audit.Seen})
}
