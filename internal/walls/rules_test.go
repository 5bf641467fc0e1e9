package walls

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTheWallsStand(t *testing.T) {
	tests := []struct {
		name    string
		file    string
		imports string
		want    string // a part of the complaint; empty when the import is fine
	}{
		{"an area may use the rails", "internal/area/cases/service.go", "serai/internal/journal", ""},
		{"an area may use a pure room", "internal/area/network/place.go", "serai/internal/geo", ""},
		{"an area may use a room below a rail", "internal/area/cases/sql.go", "serai/internal/store/schema", ""},
		{"an area may import its own rooms", "internal/area/cases/http.go", "serai/internal/area/cases/paper", ""},
		{"an area may not import another", "internal/area/cases/service.go", "serai/internal/area/people", "areas never import each other"},
		{"not even in a test", "internal/area/cases/service_test.go", "serai/internal/area/people", "areas never import each other"},
		{"an area may not look up to app", "internal/area/cases/service.go", "serai/internal/app", "nothing but cmd sees it"},
		{"an area may not read the views", "internal/area/cases/service.go", "serai/internal/view", "area/cases may import"},
		{"a view may read any area", "internal/view/timeline.go", "serai/internal/area/assist", ""},
		{"a view may not append facts", "internal/view/timeline.go", "serai/internal/journal", "view may import"},
		{"sync may not know an area", "internal/sync/feed.go", "serai/internal/area/people", "sync may import"},
		{"web may ask who is calling through access", "internal/web/mux.go", "serai/internal/access", ""},
		{"web may not know the database", "internal/web/mux.go", "serai/internal/store", "web may import"},
		{"web may not know the keys", "internal/web/session.go", "serai/internal/seal", "web may import"},
		{"the journal stands on the store", "internal/journal/append.go", "serai/internal/store", ""},
		{"the store may not look up to the journal", "internal/store/tx.go", "serai/internal/journal", "store may import"},
		{"every room may use fault", "internal/geo/place.go", "serai/internal/fault", ""},
		{"a rail may name facts", "internal/access/policy.go", "serai/internal/fact", ""},
		{"fact may use fault", "internal/fact/id.go", "serai/internal/fault", ""},
		{"fault imports nothing of ours", "internal/fault/fault.go", "serai/internal/fact", "nothing of ours"},
		{"a pure room may not import another", "internal/card/seal.go", "serai/internal/catalogue", "card may import"},
		{"a pure room may not know a database", "internal/link/score.go", "database/sql", "is a pure room"},
		{"a pure room may not open files", "internal/catalogue/read.go", "os", "is a pure room"},
		{"its tests may", "internal/catalogue/read_test.go", "os", ""},
		{"a rail may open files", "internal/store/open.go", "os", ""},
		{"app may see everything", "internal/app/wire.go", "serai/internal/area/people", ""},
		{"app may serve the desk", "internal/app/desk.go", "serai/ui", ""},
		{"nobody else may", "internal/web/desk.go", "serai/ui", "web may import"},
		{"a command speaks to app alone", "cmd/serai/serve.go", "serai/internal/app", ""},
		{"a command may not reach past app", "cmd/serai/card.go", "serai/internal/card", "cmd may import app"},
		{"the testkit is for tests", "internal/area/cases/service_test.go", "serai/internal/testkit", ""},
		{"the testkit is for nobody else", "internal/app/demo.go", "serai/internal/testkit", "testkit is for tests only"},
		{"the testkit may not know an area", "internal/testkit/people.go", "serai/internal/area/people", "testkit may import"},
		{"the independent oracle belongs to tests", "internal/access/decide.go", "github.com/cedar-policy/cedar-go", "independent oracle"},
		{"the testkit hands it to them", "internal/testkit/oracle.go", "github.com/cedar-policy/cedar-go", ""},
		{"tests may ask it", "internal/app/matrix_test.go", "github.com/cedar-policy/cedar-go", ""},
		{"a room that nobody drew is refused", "internal/helpers/slices.go", "strings", "draw it in docs/house.md"},
		{"fixtures are not the program", "internal/card/testdata/odd.go", "serai/internal/app", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			source := fmt.Sprintf("package p\n\nimport _ %q\n", test.imports)
			found, err := breaches(fstest.MapFS{test.file: {Data: []byte(source)}})
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case test.want == "" && len(found) > 0:
				t.Fatalf("refused: %s", found)
			case test.want != "" && len(found) != 1:
				t.Fatalf("found %d breaches, want one that says %q", len(found), test.want)
			case test.want != "" && !strings.Contains(found[0], test.want):
				t.Fatalf("%s\ndoes not say %q", found[0], test.want)
			case test.want != "" && !strings.HasPrefix(found[0], test.file):
				t.Fatalf("%s\ndoes not name its place", found[0])
			}
		})
	}
}

func TestTheTableHasNoCircle(t *testing.T) {
	var visit func(room string, above []string)
	visit = func(room string, above []string) {
		if slices.Contains(above, room) {
			t.Fatalf("circle: %s", strings.Join(append(above, room), " -> "))
		}
		for _, below := range may[room] {
			if below == everything {
				continue
			}
			if _, known := may[below]; !known {
				t.Errorf("the row of %s names %s, which has no row", room, below)
			}
			visit(below, append(slices.Clone(above), room))
		}
	}
	for room := range may {
		visit(room, nil)
	}
}
