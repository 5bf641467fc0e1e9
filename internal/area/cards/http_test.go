package cards

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"serai/internal/card"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
)

func TestEveryRouteRefusesFirst(t *testing.T) {
	ne, _ := members(t, open(t))
	c := ne.issue(Issue{Services: meal(1), Language: "en"})
	s, err := ne.PrintStock(context.Background(), ne.tokens["storekeeper"], PrintStock{Point: agadez.ID, Count: 1, Language: "en"})
	ne.must(err)
	at, shelf := "/api/cards/"+c.Card.String(), "/api/card-stock/"+s.Stock.String()
	for _, r := range []struct {
		method, path string
		body         any
		refused      string // a token that may not
		status       int
	}{
		{"POST", "/api/cards", map[string]any{"point": "NE-AGZ", "language": "en"}, "storekeeper", 403},
		{"POST", "/api/cards/read", map[string]any{"point": "NE-AGZ", "text": c.Text}, "officer", 403},
		{"POST", "/api/cards/read", map[string]any{"point": "NE-AGZ", "text": c.Text}, "elsewhere", 422},
		{"POST", "/api/cards/update", map[string]any{"point": "NE-AGZ", "text": c.Text}, "officer", 403},
		{"POST", "/api/cards/update", map[string]any{"point": "NE-AGZ", "text": c.Text}, "elsewhere", 422},
		{"POST", "/api/cards/made", map[string]any{"point": "NE-AGZ", "text": c.Text}, "storekeeper", 403},
		{"POST", "/api/cards/made", map[string]any{"point": "NE-AGZ", "text": c.Text}, "elsewhere", 422},
		{"GET", "/api/cards/share?point=NE-AGZ", nil, "officer", 403},
		{"GET", "/api/cards/share?point=NE-AGZ", nil, "elsewhere", 422},
		{"GET", "/api/card-devices", nil, "volunteer", 403},
		{"POST", "/api/card-devices/" + fact.NewCardID(ne.Clock.Now()).String(), nil, "volunteer", 403},
		{"POST", "/api/card-devices/" + fact.NewCardID(ne.Clock.Now()).String(), nil, "lead", 404},
		{"POST", "/api/card-devices/" + fact.NewCardID(ne.Clock.Now()).String() + "/end", nil, "volunteer", 403},
		{"POST", "/api/card-devices/" + fact.NewCardID(ne.Clock.Now()).String() + "/end", nil, "lead", 404},
		{"POST", "/api/cards/stock", map[string]any{"point": "NE-AGZ", "count": 1, "language": "en"}, "volunteer", 403},
		{"GET", "/api/cards/stock?point=NE-AGZ", nil, "volunteer", 403},
		{"POST", at + "/lost", nil, "storekeeper", 403},
		{"POST", at + "/lost", nil, "elsewhere", 404},
		{"POST", at + "/taken", nil, "elsewhere", 404},
		{"POST", "/api/card-stock/" + s.Cards[0].Card.String() + "/lost", nil, "volunteer", 403},
		{"GET", at + "/card.svg", nil, "elsewhere", 404},
		{"GET", at + "/card.png", nil, "elsewhere", 404},
		{"GET", at + "/card.pdf", nil, "elsewhere", 404},
		{"GET", at + "/slip", nil, "elsewhere", 404},
		{"GET", "/print/cards/" + c.Card.String(), nil, "elsewhere", 404},
		{"GET", shelf + "/sheet.pdf", nil, "volunteer", 403},
		{"GET", "/print/card-stock/" + s.Stock.String(), nil, "volunteer", 403},
	} {
		if status, _ := ne.ask("", r.method, r.path, r.body, nil); status != 401 {
			t.Errorf("%s %s, nobody: %d", r.method, r.path, status)
		}
		if status, _ := ne.ask(r.refused, r.method, r.path, r.body, nil); status != r.status {
			t.Errorf("%s %s, %s: %d, want %d", r.method, r.path, r.refused, status, r.status)
		}
	}
	// Not yours and not there are the same bytes.
	var mine, none string
	ne.ask("elsewhere", "GET", at+"/card.svg", nil, &mine)
	ne.ask("elsewhere", "GET", "/api/cards/"+fact.NewCardID(ne.Clock.Now()).String()+"/card.svg", nil, &none)
	strip := func(s string) string {
		var m map[string]any
		ne.must(json.Unmarshal([]byte(s), &m))
		delete(m, "request")
		b, _ := json.Marshal(m)
		return string(b)
	}
	if strip(mine) != strip(none) {
		t.Errorf("%s\n%s", mine, none)
	}
}

func TestTheAnswersHaveTheirForm(t *testing.T) {
	ne, ly := members(t, open(t))
	var made map[string]any
	id := fact.NewCardID(ne.Clock.Now()).String()
	status, _ := ne.ask("volunteer", "POST", "/api/cards", map[string]any{"id": id, "point": "NE-AGZ", "language": "ar", "basis": map[string]any{"answer": "yes"},
		"services": []any{map[string]any{"code": "food.meal", "quantity": 2, "day": "2026-03-09"}}}, &made)
	if status != 201 || made["card"] != id || made["entries"] != 1.0 || made["expires"] != "2027-10-01" || made["sequence"] != 1.0 || made["svg_url"] != "/api/cards/"+id+"/card.svg" || made["print_url"] != "/print/cards/"+id {
		t.Fatalf("%d %v", status, made)
	}
	text := ly.update(Update{Text: made["text"].(string)}).Text
	var raw string
	ne.ask("volunteer", "POST", "/api/cards/read", map[string]any{"text": text, "point": "NE-AGZ"}, &raw)
	want := `{"status":"ok","codes":[],"lineage_handle":"` + made["lineage_handle"].(string) + `","entries":[{"day":"2026-03-09","service":"food.meal","quantity":2,` +
		`"point":{"number":66051,"code":"NE-AGZ","name":"Agadez"},"recorded_by":{"number":227,"code":"NRC","name":"Niger Red Cross"}}],` +
		`"issuer":{"number":218,"code":"LRC","name":"Libyan Red Crescent"},"recorded_by":[{"number":227,"code":"NRC","name":"Niger Red Cross"}],` +
		`"issued":"2026-03-10","expires":"2027-10-01","sequence":2,"here":[],"questions":[],"history":"open"}` + "\n"
	if raw != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
	ne.ask("volunteer", "POST", "/api/cards/read", map[string]any{"text": "hello", "point": "NE-AGZ"}, &raw)
	if want := `{"status":"not_a_card","codes":["card.malformed"],"entries":[],"issuer":null,"recorded_by":[],"here":[],"questions":[],"history":"withheld"}` + "\n"; raw != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
	ne.ask("volunteer", "POST", "/api/cards", map[string]any{"point": "NE-AGZ", "language": "en", "services": []any{map[string]any{"code": "mhpss", "quantity": 1}}}, &raw)
	if !strings.Contains(raw, `"field":"services.0.code"`) || !strings.Contains(raw, card.CodeServiceSensitive) {
		t.Errorf("%s", raw)
	}
}

func TestTheStoreIsKeptThroughItsRoutes(t *testing.T) {
	ne, _ := members(t, open(t))
	id := fact.NewFactID(ne.Clock.Now())
	var made Stock
	status, _ := ne.ask("storekeeper", "POST", "/api/cards/stock", map[string]any{"id": id, "point": "NE-AGZ", "count": 2, "language": "ha"}, &made)
	if status != 201 || made.Stock != id || len(made.Cards) != 2 || made.Page != "/print/card-stock/"+id.String() || made.PDF != "/api/card-stock/"+id.String()+"/sheet.pdf" {
		t.Fatalf("%d %+v", status, made)
	}
	if status, _ := ne.ask("storekeeper", "POST", "/api/card-stock/"+made.Cards[0].Card.String()+"/lost", map[string]any{"id": fact.NewFactID(ne.Clock.Now())}, nil); status != 204 {
		t.Errorf("lost: %d", status)
	}
	var list stockOut
	ne.ask("storekeeper", "GET", "/api/cards/stock?point=NE-AGZ", nil, &list)
	got := map[string]string{}
	for _, c := range list.Cards {
		got[c.Serial] = c.State + " " + c.Printed.String() + " " + c.Expires.String()
	}
	if len(got) != 2 || got[made.Cards[0].Serial] != "lost 2026-03-10 2027-10-01" || got[made.Cards[1].Serial] != "here 2026-03-10 2027-10-01" {
		t.Errorf("%v", got)
	}
}

func TestWhatIsPrintedTellsNothingAndIsGoneAfterAnHour(t *testing.T) {
	ne, _ := members(t, open(t))
	for _, language := range []string{"en", "fr", "es", "ar", "ha", "ti"} {
		c := ne.issue(Issue{Services: meal(1), Language: language})
		var page, svg, pdf, slip, picture string
		status, head := ne.ask("volunteer", "GET", c.Page, nil, &page)
		tag, sentence := sentence(language)
		if status != 200 || !strings.Contains(page, sentence) || !strings.Contains(page, `lang="`+tag+`"`) || !strings.Contains(page, `<img src="`+c.SVG+`"`) || head.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", language, status, page)
		}
		if (language == "ar") != strings.Contains(page, `dir="rtl"`) {
			t.Errorf("%s: writing direction", language)
		}
		for _, x := range []struct {
			path, kind string
			out        *string
		}{{c.SVG, "image/svg+xml", &svg}, {c.PNG, "image/png", &picture}, {c.PDF, "application/pdf", &pdf}, {c.Slip, "application/pdf", &slip}} {
			status, head := ne.ask("volunteer", "GET", x.path, nil, x.out)
			if status != 200 || head.Get("Content-Type") != x.kind || head.Get("Content-Disposition") != "inline" {
				t.Errorf("%s: %d %v", x.path, status, head)
			}
		}
		for _, telling := range []string{"Niger", "NRC", "Agadez", "2026", "Red Cross", "fpdf", "FPDF", "serai", "Serai"} {
			for name, file := range map[string]string{"page": page, "svg": svg, "pdf": pdf, "slip": slip} {
				// The page shows the text for copying, on the screen only.
				if body, _, _ := strings.Cut(file, "<pre"); strings.Contains(body, telling) {
					t.Errorf("%s: the %s says %s", language, name, telling)
				}
			}
		}
		if img, err := png.Decode(strings.NewReader(picture)); err != nil || img.Bounds().Dx() != img.Bounds().Dy() {
			t.Errorf("%v", err)
		}
		if !strings.HasPrefix(pdf, "%PDF-") || !strings.Contains(slip, "58.00") && !strings.Contains(slip, "164.41") {
			t.Errorf("%s: not a PDF, or the wrong roll", language)
		}
		ne.Clock.Add(time.Hour)
		for _, path := range []string{c.SVG, c.PNG, c.PDF, c.Slip, c.Page} {
			if status, _ := ne.ask("volunteer", "GET", path, nil, nil); status != 404 {
				t.Errorf("%s after an hour: %d", path, status)
			}
		}
	}
	var css string
	if status, _ := ne.ask("", "GET", stylePath, nil, &css); status != 200 || !strings.Contains(css, "white-space: pre") {
		t.Errorf("%d %s", status, css)
	}
}

func TestTheTextOfACardStandsInNoTable(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ne, _ := members(t, db)
		c := ne.issue(Issue{Services: meal(1), Language: "en"})
		ne.read(c.Text)
		ne.update(Update{Text: c.Text, Services: meal(1)})
		read, err := ne.known.Load().reader().Read(c.Text, ne.Clock.Now())
		ne.must(err)
		for _, table := range []string{"cards_print", "cards_lineage", "cards_seen", "cards_mark", "cards_network", "audit_entry", "journal_fact", "journal_request"} {
			ne.must(db.Read(context.Background(), func(tx *store.Tx) error {
				return tx.Each(`SELECT * FROM `+table, nil, func(r *store.Row) error {
					for _, v := range r.Values() {
						var b []byte
						switch v := v.(type) {
						case string:
							b = []byte(v)
						case []byte:
							b = v
						}
						for what, secret := range map[string][]byte{"text": []byte(c.Text[10:40]), "id": read.CTI[:], "lineage": read.Lineage[:]} {
							if bytes.Contains(b, secret) {
								t.Errorf("%s holds the %s", table, what)
							}
						}
					}
					return nil
				})
			}))
		}
	})
}

func TestBlankCardsAreAccountedFor(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ne, ly := members(t, db)
		ctx := context.Background()
		keeper := ne.tokens["storekeeper"]
		if _, err := ne.PrintStock(ctx, keeper, PrintStock{Point: agadez.ID, Count: 81, Language: "en"}); fault.Code(err) != "cards.bad_count" {
			t.Errorf("%v", err)
		}
		req := fact.WithRequest(ctx, fact.Request{Hash: [32]byte{3}})
		order := PrintStock{ID: fact.NewFactID(ne.Clock.Now()), Point: agadez.ID, Count: 9, Language: "fr"}
		s, err := ne.PrintStock(req, keeper, order)
		if err != nil || len(s.Cards) != 9 {
			t.Fatalf("%+v %v", s, err)
		}
		again, err := ne.PrintStock(req, keeper, order)
		if err != nil || len(again.Cards) != 9 || !slices.ContainsFunc(s.Cards, func(c StockCard) bool { return c == again.Cards[0] }) {
			t.Errorf("%+v %v", again, err)
		}
		var page, pdf string
		ne.ask("storekeeper", "GET", s.Page, nil, &page)
		ne.ask("storekeeper", "GET", s.PDF, nil, &pdf)
		if strings.Count(page, "data:image/svg&#43;xml;base64,") != 9 || !strings.Contains(page, s.Cards[0].Serial) || strings.Count(pdf, "/Type /Page\n") != 2 {
			t.Errorf("%d codes, %d sheets", strings.Count(page, "data:image/svg"), strings.Count(pdf, "/Type /Page\n"))
		}
		blank := s.Cards[0]
		if got := ne.read(blank.Text); got.Status != StatusOK || got.Serial != blank.Serial || got.Card != blank.Card || len(got.Entries) != 0 {
			t.Errorf("%+v", got)
		}
		typed := strings.ToLower(blank.Serial[:4] + "-" + blank.Serial[4:])
		given := ne.issue(Issue{Serial: typed, Language: "fr"})
		if given.Card != blank.Card || given.Serial != blank.Serial || given.Holder.IsZero() || given.Text != "" {
			t.Errorf("%+v", given)
		}
		if got := ne.read(blank.Text); got.Holder != given.Holder {
			t.Errorf("by its number and by its code it is the same holder: %+v", got)
		}
		if _, err := ne.Issue(ctx, ne.who, Issue{Point: agadez.ID, Serial: typed, Language: "fr"}); fault.Code(err) != "cards.blank_given" {
			t.Errorf("twice: %v", err)
		}
		filled := ly.update(Update{Text: blank.Text, Services: []Give{{Code: "water", Quantity: 3}}})
		if got := ne.read(filled.Text); got.Holder != given.Holder || len(got.Entries) != 1 {
			t.Errorf("%+v", got)
		}
		ne.must(ne.Miss(ctx, keeper, fact.FactID{}, s.Cards[1].Card, true))
		if _, err := ne.Issue(ctx, ne.who, Issue{Point: agadez.ID, Serial: s.Cards[1].Serial, Language: "fr"}); fault.Code(err) != "cards.blank_missing" {
			t.Errorf("taken: %v", err)
		}
		if got := ne.read(s.Cards[1].Text); !slices.Contains(got.Codes, string(card.WarnRevoked)) {
			t.Errorf("%+v", got)
		}
		all, err := ne.StockOf(ctx, keeper, agadez.ID)
		states := map[string]int{}
		for _, x := range all {
			states[x.State]++
		}
		if err != nil || states["here"] != 7 || states["given"] != 1 || states["taken"] != 1 {
			t.Errorf("%v %v", states, err)
		}
		ne.Clock.Add(700 * 24 * time.Hour)
		if _, err := ne.Issue(ctx, ne.who, Issue{Point: agadez.ID, Serial: s.Cards[2].Serial, Language: "fr"}); fault.Code(err) != "cards.blank_expired" {
			t.Errorf("two years on: %v", err)
		}
		ne.RebuildsAlike(t)
	})
}

func TestALostCardWarnsWhereverItIsReadHere(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ne, _ := members(t, db)
		first := ne.issue(Issue{Services: meal(1), Language: "en"})
		second := ne.update(Update{Text: first.Text, Services: meal(1)})
		if status, _ := ne.ask("volunteer", "POST", "/api/cards/"+first.Card.String()+"/lost", nil, nil); status != 204 {
			t.Fatalf("%d", status)
		}
		for _, c := range []Printed{first, second} {
			if got := ne.read(c.Text); !slices.Contains(got.Codes, string(card.WarnRevoked)) || len(got.Entries) != 1 {
				t.Errorf("%+v", got)
			}
		}
		if status, _ := ne.ask("volunteer", "POST", "/api/cards/"+fact.NewCardID(ne.Clock.Now()).String()+"/taken", nil, nil); status != 404 {
			t.Errorf("a card that is not: %d", status)
		}
		ne.RebuildsAlike(t)
	})
}
