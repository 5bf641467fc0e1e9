package assist

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serai/internal/fact"
)

func TestAnAtomIsReadAsItWasWritten(t *testing.T) {
	now := time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC)
	whole := Atom{Part: 3, Day: fact.DayOf(now), Happened: now.UnixMilli(), Heads: 60, Known: true, Person: fact.NewPersonID(now), Arrival: fact.As[fact.ArrivalOf](fact.NewFactID(now)),
		Project: fact.ProjectByCode("P1"), Sex: "F", Age: "18-29", Group: "on_move", Stage: "transit", Direction: "onward", Disability: "not_asked", Repeat: "first",
		Given: []Given{{Code: "food.meal", Quantity: 2}, {Code: "water", Quantity: 999}}, Asked: []Asked{{Code: "shelter", Reason: "full", N: 14}}}
	before := Atom{Day: -40000, Happened: -1, Heads: 1 << 40, Sex: "\x00", Age: "", Group: "عابر"}
	words := map[string]string{}
	got := Atom{Given: make([]Given, 5), Asked: make([]Asked, 5)} // what an earlier row left must go
	for _, want := range []Atom{whole, before, whole} {
		if err := got.decode(want.encode(), words); err != nil {
			t.Fatal(err)
		}
		if len(got.Given) != len(want.Given) || len(got.Asked) != len(want.Asked) {
			t.Fatalf("lines: %+v", got)
		}
		shown := got
		if len(want.Given) == 0 {
			shown.Given, shown.Asked = nil, nil
		}
		if d := cmp.Diff(want, shown, cmp.AllowUnexported(Given{}, Asked{}), cmp.Comparer(func(a, b fact.PersonID) bool { return a == b }),
			cmp.Comparer(func(a, b fact.ArrivalID) bool { return a == b }), cmp.Comparer(func(a, b fact.ProjectID) bool { return a == b }), cmp.Comparer(func(a, b fact.ContactID) bool { return a == b })); d != "" {
			t.Error(d)
		}
	}
	bytes := whole.encode()
	for n := range bytes {
		if got.decode(bytes[:n], words) == nil {
			t.Errorf("%d of %d bytes are taken for an atom", n, len(bytes))
		}
	}
	if got.decode(append(bytes, 0), words) == nil {
		t.Error("a byte too many is taken")
	}
}

func TestAnAtomHasEachLineOnce(t *testing.T) {
	b := base{open: RecordedOpen{Heads: []Head{{Sex: "F", N: 1}, {Sex: "M", N: 2}}, Services: []Given{{Code: "water", Quantity: 2}, {Code: "food.meal", Quantity: 1}, {Code: "water", Quantity: 9}},
		Asked: []Asked{{Code: "water", Reason: "full"}, {Code: "water", Reason: "full", N: 5}, {Code: "water", Reason: "closed", N: 2}}}}
	all := b.atoms()
	if len(all) != 2 || all[1].Part != 1 || all[1].Heads != 2 {
		t.Fatalf("%+v", all)
	}
	if g := all[0].Given; len(g) != 2 || g[1].Code != "water" || g[1].Quantity != 2 {
		t.Errorf("given %+v", g)
	}
	if x := all[0].Asked; len(x) != 2 || x[0].Reason != "closed" || x[1].N != 1 {
		t.Errorf("asked %+v", x)
	}
	if b.open.Asked[0].N != 0 {
		t.Error("the fact was changed")
	}
	b.undone = true
	if len(b.atoms()) != 0 {
		t.Error("what was undone is counted")
	}
}
