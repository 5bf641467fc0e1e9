package people

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/journal"
	"serai/internal/store"
	"serai/internal/testkit"
)

// bare is a node with this area alone.
type bare struct{}

func (bare) Place(*store.Tx, fact.PointID) (Place, bool, error) {
	return Place{Org: fact.OrgByCode("NRC"), Zone: time.UTC}, true, nil
}
func (bare) Current(*store.Tx) (*catalogue.Catalogue, error) { return catalogue.Base(), nil }

var volunteer = access.Actor{Handle: fact.Handle{1}, Full: true, Grants: []access.Grant{{Role: access.ProtectionOfficer, Org: fact.OrgByCode("NRC")}}}

func onNode(t testing.TB, db *store.DB, more ...func(*testkit.Node, *Service)) (*testkit.Node, *Service) {
	t.Helper()
	var s *Service
	n := testkit.NewNode(t, db, func(n *testkit.Node) {
		s = New(Config{DB: n.DB, Journal: n.Journal, Log: n.Log, Now: n.Clock.Now, Points: bare{}, Catalogue: bare{},
			Later: func(fn func(context.Context)) { fn(context.Background()) }})
		for _, fn := range more {
			fn(n, s)
		}
	})
	if err := db.Migrate(context.Background(), Migrations); err != nil {
		t.Fatal(err)
	}
	return n, s
}

// delivery projects one fact as the journal would: with its sealed part, or before the key has come.
type delivery struct{ early, late func(*store.Tx) error }

func keep[O, S any](n *testkit.Node, s *Service, t fact.Type[O, S], at func(O) At, sexAge func(O) (any, any), of func(*S) routing, into *[]delivery) {
	journal.Register(n.Journal, t, func(_ *store.Tx, f fact.Got[O, S]) error {
		closed := f
		closed.Sealed = nil
		project := func(f fact.Got[O, S]) func(*store.Tx) error {
			return func(tx *store.Tx) error {
				var r routing
				if f.Sealed != nil {
					r = of(f.Sealed)
				}
				sex, age := sexAge(f.Open)
				return put(s, tx, f, at(f.Open), sex, age, r)
			}
		}
		*into = append(*into, delivery{project(closed), project(f)})
		return nil
	})
}

func TestALateKeyGivesTheSameTablesAsAnEarlyOne(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		var facts []delivery
		n, s := onNode(t, db, func(n *testkit.Node, s *Service) {
			plain := func(a At) At { return a }
			none := func(At) (any, any) { return nil, nil }
			keep(n, s, Opened, func(o OpenedAt) At { return o.At }, func(o OpenedAt) (any, any) { return o.Sex, o.Age },
				func(b *OpenedSealed) routing { return routing{person: b.Person} }, &facts)
			keep(n, s, Edited, plain, none, func(b *EditedSealed) routing { return routing{person: b.Person} }, &facts)
			keep(n, s, Joined, plain, none, func(b *JoinedSealed) routing { return routing{person: b.Person, other: b.With} }, &facts)
			keep(n, s, Compared, plain, none, func(b *ComparedSealed) routing { return routing{person: b.Person, other: b.With} }, &facts)
			keep(n, s, Left, plain, none, func(b *LeftSealed) routing { return routing{person: b.Person, ends: b.Link} }, &facts)
		})
		given := Given{Basis: "vital_interest", Reason: "unconscious"}
		var files []File
		for range 4 {
			f, err := s.Open(ctx, volunteer, OpenFile{Point: fact.PointByCode("NE-AGZ"), Profile: Profile{Sex: "F", Name: &Name{Parts: []string{"Amina"}}}, Basis: given})
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
			n.Clock.Add(time.Second)
		}
		for i, f := range files[1:] {
			if _, err := s.Join(ctx, volunteer, f.Person, files[i].Person, ""); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Edit(ctx, volunteer, f.Person, EditFile{Changes: Changes{Sex: &Set[string]{Value: "M"}}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Compare(ctx, volunteer, files[1].Person, files[2].Person, fact.FactID{}, answerSame); err != nil {
			t.Fatal(err)
		}
		if err := s.Part(ctx, volunteer, files[1].Person, files[0].Person); err != nil {
			t.Fatal(err)
		}
		rows := func() (out []string) {
			_ = db.Read(ctx, func(tx *store.Tx) error {
				return tx.Each(`SELECT * FROM people_fact WHERE kind IN (301, 302, 305, 306, 308)`, nil, func(r *store.Row) error {
					out = append(out, fmt.Sprintf("%#v", r.Values()))
					return nil
				})
			})
			slices.Sort(out)
			return out
		}
		want := rows()
		for seed := range uint64(5) {
			r := rand.New(rand.NewPCG(seed, 2))
			err := db.Write(ctx, func(tx *store.Tx) error {
				if err := tx.Exec(`DELETE FROM people_fact WHERE kind IN (301, 302, 305, 306, 308)`); err != nil {
					return err
				}
				for _, i := range r.Perm(len(facts)) {
					if err := facts[i].early(tx); err != nil {
						return err
					}
				}
				for _, i := range append(r.Perm(len(facts)), r.Perm(len(facts))...) {
					if err := facts[i].late(tx); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := rows(); !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d:\n%s\nwant\n%s", seed, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	})
}

func TestFoldDoesNotDependOnOrderOrRepeats(t *testing.T) {
	p := fact.PersonID{}
	now := time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC)
	told := func(n int, body any) *record {
		return &record{id: fact.NewFactID(now.Add(time.Duration(n) * time.Second)), stamp: fact.StampOf(now.Add(time.Duration(n) * time.Second)), body: body}
	}
	opened := told(0, &OpenedSealed{Profile: Profile{Sex: "F", Needs: []string{"clothes"}}})
	edit := told(1, &EditedSealed{Sex: &Set[string]{"M", []fact.FactID{opened.id}}, NeedsAdd: []string{"water"}})
	again := told(2, &EditedSealed{Sex: &Set[string]{"X", []fact.FactID{opened.id}}, NeedsRemove: []Removed{{"clothes", []fact.FactID{opened.id}}}})
	both := told(3, &EditedSealed{NeedsAdd: []string{"clothes"}})
	given := told(4, &BasisSealed{Basis: Given{Basis: consent, Purpose: PurposeFile, Answer: yes}})
	gone := told(5, &WithdrawnSealed{Basis: basisOf(given.id), How: "spoken"})
	other := fact.NewPersonID(now)
	same := told(6, &ComparedSealed{With: other, Answer: answerSame})
	apart := told(7, &ComparedSealed{With: other, Answer: answerNot, Replaces: []fact.FactID{same.id}})
	elsewhere := told(8, &ComparedSealed{With: other, Answer: answerSame})
	all := []*record{opened, edit, again, both, given, gone, same, apart, elsewhere}
	want, _ := fold(p, slices.Clone(all))
	if want.sex.shown() != "X" || len(want.sex.heads) != 2 || len(want.needs["clothes"]) != 1 || want.bases[0].ended == nil || want.last != gone {
		t.Fatalf("%+v", want)
	}
	// Two leads who did not hear of each other: to keep two persons apart is the smaller mistake.
	if len(want.compared) != 2 || want.answers()[other].answer != answerNot {
		t.Fatalf("%+v", want.compared)
	}
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 3))
		many := append(slices.Clone(all), all[:3]...)
		r.Shuffle(len(many), func(i, j int) { many[i], many[j] = many[j], many[i] })
		if got, found := fold(p, many); !found || !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: %+v", seed, got)
		}
	}
	if _, found := fold(p, []*record{edit}); found {
		t.Error("an edit alone is a file")
	}
}

func TestEveryWordOfACopyExistsInEveryLanguage(t *testing.T) {
	for l, words := range copyText {
		for key := range copyText["en"] {
			if words[key] == "" {
				t.Errorf("%s lacks %s", l, key)
			}
		}
	}
	for _, e := range eventKinds {
		if copyText["en"]["event."+e] == "" {
			t.Errorf("no word for %s", e)
		}
	}
}

func TestAnErasureFromElsewhereEmptiesTheMemory(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		n, s := onNode(t, db)
		f, err := s.Open(ctx, volunteer, OpenFile{Point: fact.PointByCode("NE-AGZ"), Profile: Profile{Sex: "F", Name: &Name{Parts: []string{"Amina"}}},
			Basis: Given{Basis: "vital_interest", Reason: "unconscious"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.LoadNames(ctx); err != nil || s.names.index.Len() != 1 {
			t.Fatalf("%d names, %v", s.names.index.Len(), err)
		}
		err = db.Write(ctx, func(tx *store.Tx) error {
			_, err := n.Journal.Erase(tx, f.Person, fact.ScopePoint(f.Point), fact.FactID{}, fact.Handle{9}, "person_asked")
			return err
		})
		if err != nil || s.names.index.Len() != 0 {
			t.Errorf("%d names, %v", s.names.index.Len(), err)
		}
		if err := s.LoadNames(ctx); err != nil || s.names.index.Len() != 0 {
			t.Errorf("%d names after loading again, %v", s.names.index.Len(), err)
		}
	})
}

// fill writes n files in large transactions, without HTTP and without the access log.
func fill(b testing.TB, n *testkit.Node, files int) (last fact.PersonID) {
	b.Helper()
	first := strings.Fields("Mohamed Moussa Ibrahim Abdou Ali Amina Fatima Mariama Aichatou Issa Oumarou Hassan Salissou Sani")
	syllables := strings.Fields("ba bo da di do ga ha ja ka ki kou la li lo ma mi mou na ni ra ri rou sa si ta ti wa ya za")
	r := rand.New(rand.NewPCG(1, 2))
	at := At{Point: fact.PointByCode("NE-AGZ"), Org: fact.OrgByCode("NRC"), Day: 20522}
	for done := 0; done < files; done += 2000 {
		err := n.DB.Write(context.Background(), func(tx *store.Tx) error {
			for range min(2000, files-done) {
				p := fact.NewPersonID(n.Clock.Now())
				name := &Name{Parts: []string{first[r.IntN(len(first))]}, Script: "latin"}
				for range 1 + r.IntN(2) {
					name.Parts = append(name.Parts, syllables[r.IntN(29)]+syllables[r.IntN(29)]+syllables[r.IntN(29)])
				}
				body := OpenedSealed{p, Profile{Name: name, Sex: "M", Age: &Age{Low: 20, High: 30, On: at.Day, Method: "stated"}, Languages: []string{"ha", "fr"}}}
				if _, err := n.Journal.Append(tx, Opened.About(openedID(p), fact.ScopePoint(at.Point), volunteer.Handle, OpenedAt{At: at, Sex: "M", Age: "18-29"}, body, p)); err != nil {
					return err
				}
				last = p
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return last
}

func benchNode(b *testing.B, files int) (*testkit.Node, *Service, fact.PersonID) {
	db, err := store.Open(context.Background(), testkit.NewConfig(b, store.SQLite))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	n, s := onNode(b, db)
	return n, s, fill(b, n, files)
}

func BenchmarkLoadNames100k(b *testing.B) {
	_, s, _ := benchNode(b, 100_000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		s.Lock()
		if err := s.LoadNames(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "heap_MB")
	if s.names.index.Len() != 100_000 {
		b.Fatalf("%d names", s.names.index.Len())
	}
}

func BenchmarkSearch100k(b *testing.B) {
	_, s, _ := benchNode(b, 100_000)
	if err := s.LoadNames(context.Background()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.Search(context.Background(), volunteer, Search{Name: "Moussa Bakari", Sex: "M"}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkForDesk(b *testing.B) {
	n, s, p := benchNode(b, 5_000)
	err := n.DB.Read(context.Background(), func(tx *store.Tx) error {
		for b.Loop() {
			if _, found, err := s.ForDesk(tx, volunteer, p); err != nil || !found {
				return fmt.Errorf("found %v: %w", found, err)
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
