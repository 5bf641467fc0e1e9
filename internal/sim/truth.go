package sim

import (
	"iter"
	"math/bits"
	"slices"
	"time"
)

// Truth is what really happened in a whole run.
type Truth struct {
	Summary

	w        *World
	overall  bitset
	points   []bitset
	orgs     []bitset
	months   []bitset
	cells    []bitset // point x month
	monthOf  []int    // by operating day
	names    []string // months as YYYY-MM
	firstAge []uint8  // age at the first contact
	cards    map[uint64]int32
	files    []fileTruth // by file number - 1
	stays    [][]Stay    // by party
}

type fileTruth struct{ person, org int32 }

// Stay is a time that a party spent at a place. Until is zero while it lasts.
type Stay struct {
	Place       string    `json:"place"`
	From, Until time.Time `json:"-"`
}

// Summary is the part of the truth that prints well.
type Summary struct {
	Population int `json:"population"` // all persons of the run, met or not
	Persons    int `json:"persons"`    // distinct persons with at least one contact
	Contacts   int `json:"contacts"`   // distinct persons, points and operating days
	Tallied    int `json:"tallied"`    // contacts of those that stand in tallies only
	Logs       int `json:"daily_logs"`
	// ByPoint, ByOrganisation and ByMonth are distinct persons; they never add up to Persons.
	ByPoint        []Count `json:"by_point"`
	ByOrganisation []Count `json:"by_organisation"`
	ByMonth        []Count `json:"by_month"`
	// BySexAge adds up to Persons. Ages are those at the first contact, in the bands of the tally.
	BySexAge []Count `json:"by_sex_age"`
	// CountedTwice is what adding up points overstates: the sum of ByPoint minus Persons.
	CountedTwice int `json:"counted_twice"`
	// AtSeveralPoints are the persons who had contacts at two points or more.
	AtSeveralPoints int `json:"at_several_points"`
	Files           int `json:"files"`
	PersonsWithFile int `json:"persons_with_file"`
	SecondFiles     int `json:"second_files"` // at the same organisation
	Cards           int `json:"cards"`        // lineages issued
	PersonsWithCard int `json:"persons_with_card"`
	CardsPassed     int `json:"cards_passed"` // given to somebody else, who shows them from then on
}

// Count is a number with the code it belongs to.
type Count struct {
	Code  string `json:"code"`
	Count int    `json:"count"`
}

type bitset []uint64

func (b bitset) set(i int) bool {
	old := b[i/64]
	b[i/64] |= 1 << (i % 64)
	return old != b[i/64]
}

func (b bitset) count() int {
	n := 0
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	return n
}

func newTruth(w *World) *Truth {
	t := &Truth{w: w, cards: map[uint64]int32{}, firstAge: make([]uint8, len(w.people)), stays: make([][]Stay, len(w.parties))}
	fresh := func() bitset { return make(bitset, (len(w.people)+63)/64) }
	sets := func(n int) []bitset {
		list := make([]bitset, n)
		for i := range list {
			list[i] = fresh()
		}
		return list
	}
	for d := range w.cfg.Days {
		name := w.cfg.Start.AddDate(0, 0, d).Format("2006-01")
		if len(t.names) == 0 || t.names[len(t.names)-1] != name {
			t.names = append(t.names, name)
		}
		t.monthOf = append(t.monthOf, len(t.names)-1)
	}
	t.overall, t.points, t.orgs = fresh(), sets(len(w.grounds)), sets(len(w.orgs))
	t.months, t.cells = sets(len(t.names)), sets(len(w.grounds)*len(t.names))
	return t
}

func (t *Truth) meet(person, point, day int, on time.Time) {
	t.Contacts++
	if t.overall.set(person) {
		t.firstAge[person] = uint8(min(t.w.people[person].Age(on), 120))
	}
	month := t.monthOf[day]
	t.points[point].set(person)
	t.orgs[t.w.grounds[point].org].set(person)
	t.months[month].set(person)
	t.cells[point*len(t.names)+month].set(person)
}

func (t *Truth) file(file, person, org int) {
	t.files = append(t.files, fileTruth{int32(person), int32(org)})
}

func (t *Truth) stay(party int, place string, at int64) {
	t.stays[party] = append(t.stays[party], Stay{Place: place, From: t.w.cfg.Start.Add(time.Duration(at) * time.Second)})
}

func (t *Truth) leave(party int, at int64) {
	if n := len(t.stays[party]); n > 0 {
		t.stays[party][n-1].Until = t.w.cfg.Start.Add(time.Duration(at) * time.Second)
	}
}

// finish adds up what was collected.
func (t *Truth) finish() {
	t.Population, t.Persons, t.Files, t.Cards = len(t.w.people), t.overall.count(), len(t.files), len(t.cards)
	sum := 0
	several := make([]uint8, len(t.w.people))
	for i, b := range t.points {
		n := b.count()
		sum += n
		t.ByPoint = append(t.ByPoint, Count{t.w.grounds[i].Code, n})
		for k := range several {
			if b[k/64]&(1<<(k%64)) != 0 && several[k] < 2 {
				several[k]++
			}
		}
	}
	t.CountedTwice = sum - t.Persons
	for _, n := range several {
		if n > 1 {
			t.AtSeveralPoints++
		}
	}
	for i, b := range t.orgs {
		t.ByOrganisation = append(t.ByOrganisation, Count{t.w.orgs[i], b.count()})
	}
	for i, b := range t.months {
		t.ByMonth = append(t.ByMonth, Count{t.names[i], b.count()})
	}
	var bands [len(buttonCodes)]int
	for i := range t.w.people {
		if t.overall[i/64]&(1<<(i%64)) != 0 {
			bands[button(int(t.firstAge[i]), t.w.people[i].Sex)]++
		}
	}
	for i, n := range bands {
		t.BySexAge = append(t.BySexAge, Count{buttonCodes[i], n})
	}
	holders, filed, pairs := map[int32]bool{}, map[int32]bool{}, map[fileTruth]bool{}
	for _, person := range t.cards {
		holders[person] = true
	}
	for _, f := range t.files {
		filed[f.person] = true
		if pairs[f] {
			t.SecondFiles++
		}
		pairs[f] = true
	}
	t.PersonsWithCard, t.PersonsWithFile = len(holders), len(filed)
}

// OwnerOfCard gives the person to whom a lineage was issued, 0 if it never was. A card that was passed on is shown by
// somebody else.
func (t *Truth) OwnerOfCard(lineage string) int {
	l, ok := lineageOf(lineage)
	if !ok {
		return 0
	}
	return int(t.cards[l])
}

// OwnerOfFile gives the person whom a file is about, 0 for an unknown number.
func (t *Truth) OwnerOfFile(file int) int {
	if file < 1 || file > len(t.files) {
		return 0
	}
	return int(t.files[file-1].person)
}

// SamePerson tells whether two files are about one person.
func (t *Truth) SamePerson(file, other int) bool {
	return t.OwnerOfFile(file) != 0 && t.OwnerOfFile(file) == t.OwnerOfFile(other)
}

// SameFiles gives every pair of files of one person, the older first, ordered by the younger.
func (t *Truth) SameFiles() iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		of := map[int32][]int{}
		for i, f := range t.files {
			for _, older := range of[f.person] {
				if !yield(older, i+1) {
					return
				}
			}
			of[f.person] = append(of[f.person], i+1)
		}
	}
}

// Trail gives the stays of a person's party in order.
func (t *Truth) Trail(person int) []Stay {
	p := t.w.Person(person)
	if p == nil {
		return nil
	}
	return t.stays[p.Party-1]
}

// PersonsAt counts distinct persons at a point in a month (YYYY-MM), or in the whole run for an empty month. An
// unknown point or month answers 0.
func (t *Truth) PersonsAt(point, month string) int {
	i := slices.IndexFunc(t.w.grounds, func(g ground) bool { return g.Code == point })
	if i < 0 {
		return 0
	}
	if month == "" {
		return t.points[i].count()
	}
	m := slices.Index(t.names, month)
	if m < 0 {
		return 0
	}
	return t.cells[i*len(t.names)+m].count()
}

// Claim is an estimate of distinct persons that somebody wants to compare with the truth. Point, Organisation and Month
// narrow it; all empty means the whole run. Organisation and month together are counted over that organisation's points.
type Claim struct {
	Point, Organisation, Month string
	Low, Central, High         float64
}

// Verdict compares a claim with the truth.
type Verdict struct {
	Truth  int     `json:"truth"`
	Inside bool    `json:"inside"` // Low <= truth <= High
	Error  float64 `json:"error"`  // (Central - truth) / truth, 0 when the truth is 0
}

// Check compares a claim with the truth.
func (t *Truth) Check(c Claim) Verdict {
	n := t.distinct(c)
	v := Verdict{Truth: n, Inside: c.Low <= float64(n) && float64(n) <= c.High}
	if n > 0 {
		v.Error = (c.Central - float64(n)) / float64(n)
	}
	return v
}

func (t *Truth) distinct(c Claim) int {
	union := make(bitset, len(t.overall))
	for i := range t.w.grounds {
		g := &t.w.grounds[i]
		if (c.Point != "" && c.Point != g.Code) || (c.Organisation != "" && c.Organisation != g.Organisation) {
			continue
		}
		for m, name := range t.names {
			if c.Month != "" && c.Month != name {
				continue
			}
			for k, word := range t.cells[i*len(t.names)+m] {
				union[k] |= word
			}
		}
	}
	return union.count()
}
