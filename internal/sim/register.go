package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Register writes down a person as the desk of a point would on a date, with r as the chance in it: every call hears
// the name anew. Linkage is measured with it, since a run alone makes too few second files. File is 0 in the answer.
// It fails for an unknown person or point.
func (w *World) Register(r *rand.Rand, person int, point string, on time.Time) (FileOpened, error) {
	p := w.Person(person)
	if p == nil {
		return FileOpened{}, fmt.Errorf("register: person %d is outside 1 to %d", person, len(w.people))
	}
	i := slices.IndexFunc(w.grounds, func(g ground) bool { return g.Code == point })
	if i < 0 {
		return FileOpened{}, fmt.Errorf("register person %d: the network has no point %q", person, point)
	}
	return w.register(r, p, w.grounds[i].Point, on), nil
}

func (w *World) register(r *rand.Rand, person *Person, at *Point, on time.Time) FileOpened {
	f := FileOpened{Sex: person.Sex, Age: claimAge(r, person, on), Language: at.language(person), Basis: "consent",
		Consent: "spoken", TruthPerson: person.ID, Needs: spoken(r, person)}
	if !person.refusesName {
		e := earOf(r, at, person.Languages[0])
		misheard := w.cfg.Rates.Misheard
		if e.code == person.Languages[0] {
			misheard /= 2 // names of one's own language are seldom a riddle
		}
		name := spell(r, person.Name, e, misheard)
		f.Name = &name
		if r.Float64() < 0.3 {
			f.Mother = spell(r, []NamePart{person.Mother}, e, misheard).String()
		}
		if person.Phone != "" && r.Float64() < 0.7 {
			f.Phone = person.Phone
		}
	}
	if slices.Contains(at.Services, "return_counselling") && r.Float64() < 0.8 {
		f.Origin = person.Origin
	}
	return f
}

// spoken are the needs that staff write down: any sealed one reads private_talk.
func spoken(r *rand.Rand, p *Person) []string {
	var list []string
	private := false
	for _, n := range p.Needs {
		switch {
		case NeedClass(n) == ClassSealed:
			private = true
		case r.Float64() < 0.8:
			list = append(list, n)
		}
	}
	if private && r.Float64() < 0.5 {
		list = append(list, "private_talk")
	}
	return list
}

// speaks tells whether staff and person share a language.
func (p *Point) speaks(person *Person) bool {
	return slices.ContainsFunc(person.Languages, func(l string) bool { return slices.Contains(p.Languages, l) })
}

// language is the one spoken at the desk: the person's first that staff know, else the staff's own.
func (p *Point) language(person *Person) string {
	for _, l := range person.Languages {
		if slices.Contains(p.Languages, l) {
			return l
		}
	}
	if len(p.Languages) > 0 {
		return p.Languages[0]
	}
	return person.Languages[0]
}
