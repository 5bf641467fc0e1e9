package link

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func all(int, struct{}) (float64, bool) { return 1, true }

func filled(names ...string) *Index[int, struct{}] {
	x := NewIndex[int, struct{}]()
	for i, n := range names {
		x.Put(i, parse(n), struct{}{})
	}
	return x
}

func keys(hits []Hit[int]) (out []int) {
	for _, h := range hits {
		out = append(out, h.Key)
	}
	return out
}

func TestIndexFinds(t *testing.T) {
	x := filled("Moussa Garba", "Fatouma Ali", "محمد عثمان", "Tesfay Kidane", "Moussa Diallo", "Hadiza Sani", "Sani Moussa Abdou")
	tests := []struct {
		name  string
		query string
		want  []int
	}{
		{"by another spelling", "Musa Garba", []int{0}},
		{"by a swapped name", "Garba Moussa", []int{0}},
		{"across scripts", "Mohamed Ousman", []int{2}},
		{"in Ge'ez", "ተስፋይ ኪዳነ", []int{3}},
		{"with a wrong consonant", "Fatouma Adi", []int{1}},
		{"by a variant", "Khadija Sani", []int{5}},
		{"nobody under a name that nobody has", "Wilhelmina Schroeder", nil},
		{"nobody under no name", "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			hits, _ := x.Find(parse(test.query), 1, all)
			if got := keys(hits); !slices.Equal(got, test.want) {
				t.Errorf("%v, want %v (%v)", got, test.want, hits)
			}
		})
	}
}

func TestIndexGivesNoMoreThanAsked(t *testing.T) {
	x := NewIndex[int, struct{}]()
	for i := range 50 {
		x.Put(i, parse("Moussa Garba"), struct{}{})
	}
	hits, more := x.Find(parse("Moussa Garba"), 3, all)
	if len(hits) != 3 || cap(hits) != 3 || !more {
		t.Errorf("%d hits (capacity %d), more %v", len(hits), cap(hits), more)
	}
	hits, more = x.Find(parse("Moussa Garba"), 3, func(k int, _ struct{}) (float64, bool) { return 1, k < 2 })
	if len(hits) != 2 || more {
		t.Errorf("what keep refuses must not be told of: %d hits, more %v", len(hits), more)
	}
}

func TestIndexForgets(t *testing.T) {
	x := filled("Moussa Garba", "Moussa Xyloqwen")
	x.Drop(1)
	x.Drop(1)
	if hits, _ := x.Find(parse("Xyloqwen"), 3, all); len(hits) != 0 {
		t.Error("a dropped name was found")
	}
	for p := range x.byPart {
		if strings.Contains(p.Norm, "xyl") {
			t.Error("a part that nobody has any more is still held")
		}
	}
	x.Put(0, parse("Aicha"), struct{}{})
	if hits, _ := x.Find(parse("Moussa Garba"), 3, all); len(hits) != 0 {
		t.Error("a replaced name was found")
	}
	if hits, _ := x.Find(parse("Aïchatou"), 3, all); len(hits) != 1 {
		t.Error("the new name was not found")
	}
	x.Put(7, nil, struct{}{})
	if x.Len() != 2 {
		t.Errorf("%d names", x.Len())
	}
	x.Clear()
	if x.Len() != 0 || len(x.byBlock) != 0 {
		t.Error("something is left")
	}
}

// crowd makes n names with the skew of real ones: few first names that many have, many that few have.
func crowd(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	common := strings.Fields("Mohamed Moussa Ibrahim Abdou Ali Amina Fatima Mariama Aichatou Issa Oumarou Hassan Salissou Sani Mahamane Adamou Harouna Idrissa Yacouba Souleymane")
	syllables := strings.Fields("ba bo da di do ga ge ha ja ka ki kou la li lo ma mi mou na ni nou ra ri rou sa si sou ta ti tou wa ya za zi")
	rare := make([]string, 8000)
	for i := range rare {
		var b strings.Builder
		for range 2 + r.IntN(3) {
			b.WriteString(syllables[r.IntN(len(syllables))])
		}
		rare[i] = b.String()
	}
	out := make([]string, n)
	for i := range out {
		first := common[int(float64(len(common))*r.Float64()*r.Float64())]
		if r.IntN(2) == 0 {
			first = rare[r.IntN(len(rare))]
		}
		out[i] = fmt.Sprint(first, " ", rare[int(float64(len(rare))*r.Float64()*r.Float64())])
		if r.IntN(3) == 0 {
			out[i] += " " + common[r.IntN(len(common))]
		}
	}
	return out
}

func BenchmarkFind100k(b *testing.B) {
	names := crowd(100_000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x := filled(names...)
	runtime.GC()
	runtime.ReadMemStats(&after)
	r := rand.New(rand.NewPCG(3, 4))
	for b.Loop() {
		x.Find(parse(names[r.IntN(len(names))]), 3, all)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "heap_MB")
}

func BenchmarkFill100k(b *testing.B) {
	names := crowd(100_000)
	for b.Loop() {
		filled(names...)
	}
}
