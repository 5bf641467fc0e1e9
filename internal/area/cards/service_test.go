package cards

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/card"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
)

func TestSomebodyUnknownGetsACardAndIsRecognisedByItWithoutAFile(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ne, ly := members(t, db)
		c := ne.issue(Issue{Services: meal(2), Language: "ha"})
		if c.Entries != 1 || c.Sequence != 1 || c.Holder.IsZero() || !strings.HasPrefix(c.Text, card.Prefix) {
			t.Fatalf("%+v", c)
		}
		got := ne.read(c.Text)
		if got.Status != StatusOK || got.Holder != c.Holder || got.Card != c.Card || !got.Person.IsZero() || len(got.Entries) != 1 {
			t.Errorf("%+v", got)
		}
		want := Entry{Day: 20522, Service: "food.meal", Quantity: 2, Point: PointRef{Number: agadez.Number, Code: "NE-AGZ", Name: "Agadez"}}
		if got.Entries[0] != want || *got.Issuer != (Issuer{niger, "NRC", "Niger Red Cross"}) {
			t.Errorf("%+v %+v", got.Entries, got.Issuer)
		}
		other := ly.read(c.Text)
		if other.Status != StatusOK || other.Holder.IsZero() || other.Holder == c.Holder || !other.Card.IsZero() {
			t.Errorf("the holder's ids of two organisations do not join, and a card's id is its own organisation's: %+v", other)
		}
		ne.files[c.Holder] = true // a file is opened under the holder's id
		if got := ne.read(c.Text); got.Person != c.Holder {
			t.Errorf("the file: %+v", got)
		}
		ne.RebuildsAlike(t)
	})
}

func TestAnotherOrganisationWritesOnACardAndSaysWhoRecordedWhat(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ne, ly := members(t, db)
		first := ne.issue(Issue{Services: meal(1), Language: "fr"})
		ly.Clock.Add(48 * time.Hour)
		ne.Clock.Add(48 * time.Hour)
		second := ly.update(Update{Text: first.Text, Services: []Give{{Code: "hygiene_kit", Quantity: 1}}})
		if second.Sequence != 2 || second.Entries != 2 || second.Text == first.Text {
			t.Fatalf("%+v", second)
		}
		got := ne.read(second.Text)
		if got.Status != StatusOK || got.Holder != first.Holder || got.Issuer.Code != "LRC" || len(got.Entries) != 2 {
			t.Fatalf("%+v", got)
		}
		if by := got.Entries[1].RecordedBy; got.Entries[1].Service != "food.meal" || by == nil || by.Code != "NRC" || got.Entries[0].RecordedBy != nil {
			t.Errorf("%+v", got.Entries)
		}
		if len(got.RecordedBy) != 1 || got.RecordedBy[0].Code != "NRC" {
			t.Errorf("%+v", got.RecordedBy)
		}
		// The old print: Tripoli replaced it itself, Agadez has seen a later one.
		if old := ly.read(first.Text); old.Status != StatusWarn || !slices.Contains(old.Codes, string(card.WarnSuperseded)) {
			t.Errorf("where it was replaced: %+v", old)
		}
		if old := ne.read(first.Text); old.Status != StatusWarn || !slices.Contains(old.Codes, string(card.WarnNewerSeen)) || old.Holder != first.Holder {
			t.Errorf("where the next was seen: %+v", old)
		}
		ne.RebuildsAlike(t)
		ly.RebuildsAlike(t)
	})
}

func TestAFileKeepsItsPersonThroughTheCard(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ne, ly := members(t, db)
		her := fact.NewPersonID(ne.Clock.Now())
		ne.files[her] = true
		ne.past[her] = []Help{{Code: "hygiene_kit", Quantity: 1, Day: 20522, At: ne.Clock.Now(), Point: arlit.ID}, {Code: "food.meal", Quantity: 1, Day: 20522, At: ne.Clock.Now(), Point: agadez.ID}}
		c := ne.issue(Issue{Person: her, Services: meal(1), Language: "ar", Agreed: "yes"})
		if c.Holder != her || len(ne.agreed) != 1 || ne.agreed[0] != her {
			t.Fatalf("%+v %v", c, ne.agreed)
		}
		next := ly.update(Update{Text: c.Text, Services: meal(1)})
		got := ne.read(next.Text)
		if got.Person != her || got.Holder != her {
			t.Errorf("%+v", got)
		}
		if len(got.Here) != 1 || got.Here[0].Service != "hygiene_kit" || got.Here[0].Point.Code != "NE-ARL" {
			t.Errorf("here, without what the card says already: %+v", got.Here)
		}
		if len(got.Questions) != 1 || got.Questions[0].Service != "hygiene_kit" {
			t.Errorf("%+v", got.Questions)
		}
		// She loses it and gets another: the same person.
		d, err := ne.Issue(context.Background(), ne.who, Issue{Point: agadez.ID, Holder: her, Language: "ar"})
		if err != nil || ne.read(d.Text).Person != her {
			t.Errorf("%+v %v", d, err)
		}
		scan, err := ne.Scan(context.Background(), ne.who, next.Text, agadez.ID)
		if err != nil || scan.Person != her || len(scan.Past) != 2 || scan.Past[0].Code != "food.meal" {
			t.Errorf("%+v %v", scan, err)
		}
		ne.RebuildsAlike(t)
	})
}

func TestWhoWasErasedIsServedAsAStrangerCardInHand(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		ne, _ := members(t, db)
		her := fact.NewPersonID(ne.Clock.Now())
		ne.files[her] = true
		filed := ne.issue(Issue{Person: her, Services: meal(1), Language: "fr"})
		bare := ne.issue(Issue{Services: meal(1), Language: "fr"})
		ne.read(filed.Text)
		for _, p := range []fact.PersonID{her, bare.Holder} {
			ne.must(db.Write(ctx, func(tx *store.Tx) error {
				if err := ne.Service.Forget(tx, p); err != nil {
					return err
				}
				_, err := ne.Journal.Erase(tx, p, fact.ScopePoint(agadez.ID), fact.FactID{}, ne.who.Handle, "person_asked")
				return err
			}))
		}
		delete(ne.files, her)
		for _, c := range []Printed{filed, bare} {
			got := ne.read(c.Text)
			if !got.Holder.IsZero() || !got.Person.IsZero() || len(got.Entries) != 1 || !got.Card.IsZero() {
				t.Errorf("%+v", got)
			}
			scan, err := ne.Scan(ctx, ne.who, c.Text, agadez.ID)
			if err != nil || !scan.Person.IsZero() || len(scan.Past) != 1 {
				t.Errorf("%+v %v", scan, err)
			}
			next := ne.update(Update{Text: c.Text, Services: meal(1)})
			if !next.Holder.IsZero() || next.Sequence != 2 {
				t.Errorf("%+v", next)
			}
		}
		var rows int64
		ne.must(db.Read(ctx, func(tx *store.Tx) error {
			_, err := tx.One(`SELECT (SELECT count(*) FROM cards_lineage) + (SELECT count(*) FROM cards_seen) + (SELECT count(*) FROM cards_print WHERE mark IS NOT NULL)`, nil, &rows)
			return err
		}))
		if rows != 0 {
			t.Errorf("%d rows speak of them", rows)
		}
		ne.RebuildsAlike(t)
	})
}

func TestNoSealedServiceGetsOnACard(t *testing.T) {
	db, err := store.Open(context.Background(), testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ne, _ := members(t, db)
	cat, _ := ne.Current(nil)
	tried := 0
	for _, s := range cat.Services {
		if cat.CardSafe(s.Code) {
			continue
		}
		tried++
		_, err := ne.Issue(context.Background(), ne.who, Issue{Point: agadez.ID, Services: []Give{{Code: s.Code, Quantity: 1}}, Language: "en"})
		if fault.Code(err) != card.CodeServiceSensitive || fault.All(err)[0].Field != "services.0.code" {
			t.Errorf("%s: %v", s.Code, err)
		}
	}
	if tried < 5 {
		t.Fatalf("only %d services have no card number", tried)
	}
	// A root that lists one as safe all the same: the node's own catalogue still refuses.
	_, err = ne.ImportNetwork(context.Background(), ne.amended(func(f *card.NetworkFile) {
		f.Services = append(f.Services, card.Service{Number: 999, Code: "mhpss", CardSafe: true})
	}))
	ne.must(err)
	if _, err := ne.Issue(context.Background(), ne.who, Issue{Point: agadez.ID, Services: []Give{{Code: "mhpss", Quantity: 1}}, Language: "en"}); fault.Code(err) != card.CodeServiceSensitive {
		t.Errorf("listed by mistake: %v", err)
	}
	contact := fact.NewContactID(ne.Clock.Now())
	ne.contacts[contact] = []Help{{Code: "mhpss", Quantity: 1, Day: 20522, Point: agadez.ID}, {Code: "food.meal", Quantity: 1, Day: 20522, Point: agadez.ID}}
	if c := ne.issue(Issue{Contacts: []fact.ContactID{contact}, Language: "en"}); c.Entries != 1 || len(c.LeftOut) != 1 || c.LeftOut[0] != "mhpss" {
		t.Errorf("%+v", c)
	}
	// And a card that carries it is shown without it.
	press := ne.press(ne.known.Load(), nil)
	c, err := press.Issue(card.Draft{Entries: []card.Entry{{Service: 999, Quantity: 1, Day: 20522, Point: agadez.Number}}})
	ne.must(err)
	if got := ne.read(c.Text); len(got.Entries) != 1 || got.Entries[0].Service != serviceOther {
		t.Errorf("%+v", got.Entries)
	}
}

func open(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestWhoMayDoWhatWithCards(t *testing.T) {
	ne, _ := members(t, open(t))
	ctx := context.Background()
	base := Issue{Point: agadez.ID, Services: meal(1), Language: "en"}
	with := func(fn func(*Issue)) Issue {
		in := base
		in.Services = slices.Clone(in.Services)
		fn(&in)
		return in
	}
	for name, c := range map[string]struct {
		who  access.Actor
		in   Issue
		code string
	}{
		"a volunteer gives out a card at her point":         {ne.who, base, ""},
		"a volunteer of another point does not":             {ne.tokens["elsewhere"], base, "cards.unknown_point"},
		"a point that is not there answers alike":           {ne.who, with(func(in *Issue) { in.Point = fact.PointByCode("XX") }), "cards.unknown_point"},
		"nor does a storekeeper":                            {ne.tokens["storekeeper"], base, "cards.unknown_point"},
		"a file that is not there is named":                 {ne.who, with(func(in *Issue) { in.Person = fact.NewPersonID(time.Now()) }), "cards.unknown_person"},
		"so is a holder whom nobody knows":                  {ne.who, with(func(in *Issue) { in.Holder = fact.NewPersonID(time.Now()) }), "cards.unknown_holder"},
		"a card is for one":                                 {ne.who, with(func(in *Issue) { in.Person = fact.NewPersonID(time.Now()); in.Holder = in.Person }), "cards.two_persons"},
		"who said no gets none":                             {ne.who, with(func(in *Issue) { in.Agreed = "no" }), "cards.not_agreed"},
		"a size is 5, 10 or 20":                             {ne.who, with(func(in *Issue) { in.Size = 7 }), "cards.bad_size"},
		"a language is a code":                              {ne.who, with(func(in *Issue) { in.Language = "<b>" }), "cards.bad_language"},
		"an unknown service is not for a card":              {ne.who, with(func(in *Issue) { in.Services = []Give{{Code: "gold", Quantity: 1}} }), card.CodeServiceSensitive},
		"tomorrow has not come":                             {ne.who, with(func(in *Issue) { in.Services[0].Day = 20524 }), card.CodeEntryInvalid},
		"a quantity of nothing is refused":                  {ne.who, with(func(in *Issue) { in.Services = []Give{{Code: "food.meal"}} }), card.CodeEntryInvalid},
		"services of another organisation are not ours":     {ne.who, with(func(in *Issue) { in.Services[0].Point.ID = tripoli.ID }), card.CodeEntryPoint},
		"those of another point of ours are":                {ne.who, with(func(in *Issue) { in.Services[0].Point.ID = arlit.ID }), ""},
		"a contact that is not here is named":               {ne.who, with(func(in *Issue) { in.Contacts = []fact.ContactID{fact.NewContactID(time.Now())} }), "assist.no_contact"},
		"a blank card that nobody printed is not given out": {ne.who, with(func(in *Issue) { in.Services, in.Serial = nil, "ABCD2345" }), "cards.unknown_serial"},
		"nothing is written on a blank card":                {ne.who, with(func(in *Issue) { in.Serial = "ABCD2345" }), "cards.blank_is_printed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ne.Issue(ctx, c.who, c.in)
			if got := fault.Code(err); c.code == "" && err != nil || c.code != "" && got != c.code {
				t.Errorf("got %v, want %q", err, c.code)
			}
		})
	}
}

func TestARepeatedRequestIsOneCard(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ne, _ := members(t, db)
		ctx := fact.WithRequest(context.Background(), fact.Request{Hash: [32]byte{1}})
		in := Issue{ID: fact.NewCardID(ne.Clock.Now()), Point: agadez.ID, Services: meal(1), Language: "en"}
		first, err := ne.Issue(ctx, ne.who, in)
		ne.must(err)
		again, err := ne.Issue(ctx, ne.who, in)
		if err != nil || again.Text != first.Text || again.Card != in.ID || again.SVG != first.SVG {
			t.Errorf("%+v %v", again, err)
		}
		ne.Clock.Add(61 * time.Minute)
		if _, err := ne.Issue(ctx, ne.who, in); fault.Code(err) != "cards.made_before" {
			t.Errorf("after an hour: %v", err)
		}
	})
}
