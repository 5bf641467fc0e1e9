package people_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"serai/internal/area/people"
	"serai/internal/store"
	"serai/internal/testkit"
)

func TestErasedIsGone(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		h := build(t, db)
		const canary = "Zyxqwenilou"
		f := h.open(t, hawa, agadez, people.Profile{Name: name(canary, "Oumarou"), Sex: "F", Age: years(24, 26)})
		friend := h.aicha(t)
		if _, err := h.Join(ctx, hawa, friend.Person, f.Person, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Edit(ctx, hawa, f.Person, people.EditFile{Changes: people.Changes{Interpreter: &people.Set[bool]{Value: true}}}); err != nil {
			t.Fatal(err)
		}
		if r, err := h.Search(ctx, hawa, people.Search{Name: canary, Sex: "F"}); err != nil || len(r.Results) != 1 {
			t.Fatalf("%+v %v", r, err)
		}
		code(t, second(h.Erase(ctx, officer, f.Person, "bored", false)), "people.unknown_reason")
		gone, err := h.Erase(ctx, clerk, f.Person, "person_asked", true)
		if err != nil || !gone.Erased || gone.Receipt.IsZero() {
			t.Fatalf("%+v %v", gone, err)
		}
		if len(h.forgot) != 1 || h.forgot[0] != f.Person {
			t.Errorf("others were told to forget %v", h.forgot)
		}
		code(t, second(h.File(ctx, hawa, f.Person)), "people.not_found")
		code(t, second(h.Erase(ctx, clerk, f.Person, "person_asked", true)), "people.not_found")
		if r, err := h.Search(ctx, officer, people.Search{Name: canary, Sex: "F"}); err != nil || len(r.Results) != 0 {
			t.Errorf("found after erasing: %+v %v", r, err)
		}
		if got, err := h.File(ctx, hawa, friend.Person); err != nil || len(got.Companions) != 0 {
			t.Errorf("%+v %v", got.Companions, err)
		}
		if len(h.entries(t, f.Person)) != 0 {
			t.Error("the access log still names her")
		}
		opened, unfinished := 0, 0
		_ = db.Read(ctx, func(tx *store.Tx) error {
			_, err := tx.One(`SELECT count(*) FROM people_fact WHERE kind = 301 AND sex = 'F' AND age = '18-29'`, nil, &opened)
			if err == nil {
				_, err = tx.One(`SELECT count(*) FROM people_unfinished`, nil, &unfinished)
			}
			return err
		})
		if opened != 2 || unfinished != 0 {
			t.Errorf("%d files counted, %d erasures unfinished", opened, unfinished)
		}
		dump, err := h.Journal.Dump(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for table, rows := range dump {
			for _, row := range rows {
				if strings.Contains(row, canary) || strings.Contains(row, fmt.Sprintf("%#v", f.Person.Bytes())[7:]) {
					t.Errorf("table %s still finds her: %s", table, row)
				}
			}
		}
		h.RebuildsAlike(t)
		if dir := os.Getenv("SERAI_TEST_POSTGRES_DATA"); db.Engine() == store.Postgres && dir != "" {
			sweep(t, dir, canary)
		}
	})
}

// sweep looks for a canary in every file of a folder.
func sweep(t *testing.T, dir, canary string) {
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if b, err := os.ReadFile(path); err == nil && strings.Contains(string(b), canary) {
			t.Errorf("%s holds the name", filepath.Base(path))
		}
		return nil
	})
}
