package people

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/link"
	"serai/internal/store"
)

// Two desks that did not hear of each other may open two files for one person. Both are kept. The desk says that they
// may be one, service goes on, and a lead answers: the same, not the same, or not sure. Nothing is ever merged: files
// that are about the same person show each other, and taking the answer back leaves both as they were.

// The answers.
const (
	answerSame    = "same"
	answerNot     = "not_same"
	answerNotSure = "unsure"
)

// The reasons for which two files look alike, as codes that the desk puts into words.
const (
	byName    = "name"       // written alike
	bySound   = "name_close" // said alike, or written nearly alike
	bySex     = "sex"
	byAge     = "age"
	byTongue  = "language"
	byPoint   = "point" // opened at the same point
	byDays    = "days"  // opened within three days of each other
	ageGap    = 3       // years between two ages that may still be one: half of all ages are estimates
	daysNear  = 3
	alikeFrom = 0.78 // two files that score less are not spoken of
	nameAlike = 0.97 // what written alike means
)

// SameFile is another file of which somebody said that it is about the same person, and which the reader may see.
type SameFile struct {
	Person     fact.PersonID `json:"person"`
	Fact       fact.FactID   `json:"fact"`
	Day        fact.Day      `json:"day" doc:"When it was said"`
	RecordedBy string        `json:"recorded_by"`
}

// Alike is a file that may be about the same person, beside the one that was asked for.
type Alike struct {
	Person    fact.PersonID `json:"person"`
	Name      *Name         `json:"name"`
	Sex       string        `json:"sex"`
	Age       *Age          `json:"age"`
	Languages []string      `json:"languages"`
	Point     fact.PointID  `json:"point"`
	Opened    fact.Day      `json:"opened"`
	LastPoint fact.PointID  `json:"last_point"`
	LastDay   fact.Day      `json:"last_day"`
	Score     float64       `json:"score" doc:"0 to 1, to sort by and not to believe"`
	Reasons   []string      `json:"reasons" enum:"name,name_close,sex,age,language,point,days"`
	Answer    string        `json:"answer,omitempty" enum:"unsure" doc:"What somebody said already"`
}

// likeness is one file that looks like another.
type likeness struct {
	person fact.PersonID
	score  float64
}

// answers is what stands for each other file. Where two answers stand side by side, "not the same" beats: to keep two
// persons apart is the smaller mistake.
func (f *folded) answers() map[fact.PersonID]comparison {
	rank := map[string]int{answerNot: 3, answerSame: 2, answerNotSure: 1}
	out := map[fact.PersonID]comparison{}
	for _, c := range f.compared {
		if had, ok := out[c.other]; !ok || rank[c.answer] > rank[had.answer] {
			out[c.other] = c
		}
	}
	return out
}

// alikeTo finds files that look like f, at most three, the likest first. What who may not do p to is as if it were not
// there, and so is every file of which skip says that it was answered.
func (s *Service) alikeTo(who access.Actor, p access.Permission, f *folded, skip func(fact.PersonID) bool) []likeness {
	parts, own := digest(f)
	if len(parts) == 0 {
		return nil // nobody is suspected for having no name
	}
	now := s.now()
	today := fact.DayOf(now.UTC())
	hits, _ := s.names.index.Find(parts, hitsMost, func(id fact.PersonID, k known) (float64, bool) {
		if id == f.person || !who.May(p, k.resource, now) || skip(id) {
			return 0, false
		}
		return own.resembles(k, today)
	})
	var out []likeness
	for _, h := range hits {
		if h.Score >= alikeFrom {
			out = append(out, likeness{h.Key, h.Score})
		}
	}
	return out
}

// resembles tells whether all but the name of two files may be one person's, and how well. What nobody noted
// contradicts nothing.
func (k known) resembles(o known, today fact.Day) (factor float64, ok bool) {
	factor = 1
	if k.sex != o.sex {
		if !unsaid(k.sex) && !unsaid(o.sex) {
			return 0, false
		}
		factor *= 0.95
	}
	gap, aged := 0, k.age != nil && o.age != nil
	if aged {
		if gap = yearsApart(*k.age, *o.age, today); gap > ageGap {
			return 0, false
		}
		factor *= 1 - 0.06*float64(gap)
	} else {
		factor *= 0.93
	}
	here, near := k.resource.Point == o.resource.Point, daysApart(k.opened, o.opened) <= daysNear
	// One name alone is shared by a village: it counts beside everything else only.
	if min(k.parts, o.parts) < 2 && !(here && near && aged && gap == 0) {
		return 0, false
	}
	if !here {
		factor *= 0.96
	}
	if !near {
		factor *= 0.96
	}
	if !k.speaks(o) {
		factor *= 0.93
	}
	return factor, true
}

func unsaid(sex string) bool { return sex == "" || sex == "U" || sex == "N" }

// speaks tells whether two files share a language, or one names none.
func (k known) speaks(o known) bool {
	mine, theirs := strings.Fields(k.languages), strings.Fields(o.languages)
	return len(mine) == 0 || len(theirs) == 0 || slices.ContainsFunc(mine, func(l string) bool { return slices.Contains(theirs, l) })
}

func yearsApart(a, b Age, today fact.Day) int {
	x, y := a.At(today), b.At(today)
	return max(x.Low-y.High, y.Low-x.High, 0)
}

func daysApart(a, b fact.Day) int {
	if a > b {
		a, b = b, a
	}
	return int(b - a)
}

// reasons says in codes why two files look alike.
func reasons(f, g *folded, today fact.Day) []string {
	a, ka := digest(f)
	b, kb := digest(g)
	out := []string{bySound}
	if max(link.Score(a, b, nil), link.Score(b, a, nil)) >= nameAlike {
		out[0] = byName
	}
	add := func(reason string, is bool) {
		if is {
			out = append(out, reason)
		}
	}
	add(bySex, ka.sex == kb.sex && !unsaid(ka.sex))
	add(byAge, ka.age != nil && kb.age != nil && yearsApart(*ka.age, *kb.age, today) == 0)
	add(byTongue, strings.TrimSpace(ka.languages) != "" && strings.TrimSpace(kb.languages) != "" && ka.speaks(kb))
	add(byPoint, f.opened.point == g.opened.point)
	add(byDays, daysApart(f.opened.day, g.opened.day) <= daysNear)
	return out
}

// counted adds to a file how many look like it and were spoken of by nobody. While names are still being loaded it is
// none: a file must open at once.
func (s *Service) counted(ctx context.Context, who access.Actor, f *folded, file *File) error {
	if f.person.IsZero() || !s.names.ready() {
		return nil
	}
	s.names.loading.Lock()
	err := s.refresh(ctx)
	s.names.loading.Unlock()
	if err != nil {
		return err
	}
	answered := f.answers()
	file.Alike = len(s.alikeTo(who, "people.read", f, func(id fact.PersonID) bool { _, ok := answered[id]; return ok }))
	return nil
}

// AlikeTo shows the files that may be about the same person as this one, at most three: they are compared here, not
// browsed. The look at each is in the access log before this returns.
func (s *Service) AlikeTo(ctx context.Context, who access.Actor, person fact.PersonID) ([]Alike, error) {
	out := []Alike{}
	var f folded
	err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
		f, err = s.load(tx, who, "people.resolve", person)
		return err
	})
	if err != nil {
		return nil, s.refused(ctx, who, "people.resolve", err)
	}
	s.names.loading.Lock()
	err = s.refresh(ctx)
	s.names.loading.Unlock()
	if err != nil {
		return nil, err
	}
	answered := f.answers()
	like := s.alikeTo(who, "people.resolve", &f, func(id fact.PersonID) bool {
		c, ok := answered[id]
		return ok && c.answer != answerNotSure
	})
	today := fact.DayOf(s.now().UTC())
	err = s.db.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		out = out[:0] // a closure may run twice
		if err := s.note(tx, who, "people.resolve", person, f.opened.point, audit.Seen); err != nil {
			return err
		}
		for _, l := range like {
			g, err := s.load(tx, who, "people.resolve", l.person)
			if isAbsent(err) {
				continue
			}
			if err != nil {
				return err
			}
			shown, err := s.foundAs(tx, &g)
			if err != nil {
				return err
			}
			a := Alike{Person: l.person, Name: shown.Name, Sex: shown.Sex, Age: shown.Age, Languages: g.languages.shown(), Point: g.opened.point,
				Opened: g.opened.day, LastPoint: shown.LastPoint, LastDay: shown.LastDay, Score: float64(int(l.score*100)) / 100,
				Reasons: reasons(&f, &g, today), Answer: answered[l.person].answer}
			if a.Languages == nil {
				a.Languages = []string{}
			}
			out = append(out, a)
			if err := s.log.In(tx, audit.Entry{Actor: who.Handle, Device: who.Device, Action: "people.found", Person: l.person,
				Point: g.opened.point, Outcome: audit.Seen}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b Alike) int { return cmp.Compare(b.Score, a.Score) })
	return out, nil
}

// Compare records what somebody says of two files. An answer takes back every earlier one about the two; "unsure" is
// how an answer is taken back.
func (s *Service) Compare(ctx context.Context, who access.Actor, person, with fact.PersonID, id fact.FactID, answer string) (File, error) {
	_, err := s.command(ctx, who, "people.resolve", person, id, func(tx *store.Tx, f *folded, at At) ([]fact.New, error) {
		if with == person || with.IsZero() {
			return nil, fault.Field("with", "people.with_self", "name another person's file")
		}
		if _, err := s.load(tx, who, "people.resolve", with); err != nil {
			return nil, err
		}
		if !slices.Contains([]string{answerSame, answerNot, answerNotSure}, answer) {
			return nil, fault.Field("answer", "people.unknown_answer", "answer same, not_same or unsure")
		}
		if f.answers()[with].answer == answer {
			return nil, nil // said already
		}
		body := ComparedSealed{Person: person, With: with, Answer: answer}
		for _, c := range f.compared {
			if c.other == with {
				body.Replaces = append(body.Replaces, c.by.id)
			}
		}
		if err := s.note(tx, who, "people.resolve", with, at.Point, audit.Changed); err != nil {
			return nil, err
		}
		return []fact.New{Compared.About(id, fact.ScopePoint(at.Point), who.Handle, at, body, person, with).Replacing(body.Replaces...)}, nil
	})
	if err != nil {
		return File{}, err
	}
	return s.show(ctx, who, person)
}

// sameFor lists the other files of the same person that who may do p to.
func (s *Service) sameFor(tx *store.Tx, who access.Actor, p access.Permission, f *folded, staff func(fact.Handle) (string, error)) ([]SameFile, error) {
	out := []SameFile{}
	for _, c := range f.answers() {
		if c.answer != answerSame {
			continue
		}
		seen, err := s.sees(tx, who, p, c.other)
		if err != nil {
			return nil, err
		}
		if !seen {
			continue
		}
		name, err := staff(c.by.actor)
		if err != nil {
			return nil, err
		}
		out = append(out, SameFile{c.other, c.by.id, c.by.day, name})
	}
	slices.SortFunc(out, func(a, b SameFile) int { return a.Person.Compare(b.Person) })
	return out, nil
}

// sees tells whether who may do p to the file of another person, without opening it.
func (s *Service) sees(tx *store.Tx, who access.Actor, p access.Permission, person fact.PersonID) (bool, error) {
	var r record
	found, err := tx.One(`SELECT org_id, point_id, actor FROM people_fact WHERE person_id = $1 AND kind = 301`, store.Args{person}, &r.org, &r.point, &r.actor)
	return found && who.May(p, r.resource(), s.now()), err
}
