package assist

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
)

var (
	ngr    = fact.OrgByCode("NRC")
	agadez = fact.PointByCode("NE-AGZ")
	arlit  = fact.PointByCode("NE-ARL")
)

// desk is an area on a node, with the other areas played by plain values.
type desk struct {
	*Service
	*testkit.Node
	files map[fact.PersonID]Client
	scans map[string]Scan
}

func (d *desk) Place(_ *store.Tx, id fact.PointID) (Place, bool, error) {
	niger := time.FixedZone("Africa/Niamey", 3600)
	if id != agadez && id != arlit {
		return Place{}, false, nil
	}
	return Place{ID: id, Code: "NE-AGZ", Org: ngr, Zone: niger, Cutoff: 4 * time.Hour, Country: "NE"}, true, nil
}

func (d *desk) Client(_ *store.Tx, _ access.Actor, p fact.PersonID) (Client, bool, error) {
	c, ok := d.files[p]
	return c, ok, nil
}

func (d *desk) Initials(*store.Tx, fact.PersonID) (string, error) { return "H. S.", nil }

func (d *desk) Scan(_ context.Context, _ access.Actor, text string, _ fact.PointID) (Scan, error) {
	s, ok := d.scans[text]
	if !ok {
		return Scan{}, fault.Invalid("card.malformed", "not an assistance card")
	}
	return s, nil
}

func (d *desk) Current(*store.Tx) (*catalogue.Catalogue, error) { return catalogue.Base(), nil }

func newDesk(t testing.TB, db *store.DB) *desk {
	d := &desk{files: map[fact.PersonID]Client{}, scans: map[string]Scan{}}
	d.Node = testkit.NewNode(t, db, func(n *testkit.Node) {
		d.Service = New(Needs{DB: db, Journal: n.Journal, Log: n.Log, Now: n.Clock.Now, Points: d, People: d, Cards: d, Catalogue: d})
	})
	return d
}

func actor(n byte, role access.Role, at fact.PointID) access.Actor {
	return access.Actor{Handle: fact.Handle{n}, Org: ngr, Full: true, Grants: []access.Grant{{Role: role, Org: ngr, Point: at}}}
}

var (
	volunteer = actor(1, access.Volunteer, agadez)
	elsewhere = actor(2, access.Volunteer, arlit)
	lead      = actor(3, access.PointLead, agadez)
	nurse     = actor(4, access.HealthWorker, agadez)
	officer   = actor(5, access.ProtectionOfficer, fact.PointID{})
)

func (d *desk) file() fact.PersonID {
	p := fact.NewPersonID(d.Clock.Now())
	d.files[p] = Client{Person: p, Sex: "F", Age: catalogue.Age{Low: 24, High: 24}, AgeOn: fact.DayOf(d.Clock.Now())}
	return p
}

func (d *desk) mustRecord(t *testing.T, who access.Actor, in RecordInput) Contact {
	t.Helper()
	if in.Point.IsZero() {
		in.Point = agadez
	}
	c, err := d.Record(context.Background(), who, in)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (d *desk) day(t *testing.T, who access.Actor) Day {
	t.Helper()
	day, err := d.OfDay(context.Background(), who, agadez, 0)
	if err != nil {
		t.Fatal(err)
	}
	return day
}

func TestARepeatRaisesAQuestionAndHelpIsGivenAllTheSame(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		her := d.file()
		kit := RecordInput{Person: her, Record: Record{Services: []Given{{Code: "hygiene_kit", Quantity: 1}}}}
		if c := d.mustRecord(t, volunteer, kit); len(c.Questions) != 0 || c.Sex != "F" || c.AgeBand != "18-29" || c.Person != her {
			t.Errorf("the first: %+v", c)
		}
		d.Clock.Add(9 * 24 * time.Hour)
		c := d.mustRecord(t, volunteer, kit)
		if len(c.Questions) != 1 || c.Questions[0].Days != 9 || c.Questions[0].Limit != 1 || c.State != "recorded" {
			t.Errorf("nine days later: %+v", c.Questions)
		}
		d.Clock.Add(31 * 24 * time.Hour)
		if c := d.mustRecord(t, volunteer, kit); len(c.Questions) != 0 {
			t.Errorf("after the interval: %+v", c.Questions)
		}
		d.RebuildsAlike(t)
	})
}

func TestACardBringsItsHistoryAndItsHolderStaysNameless(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		holder := fact.NewPersonID(d.Clock.Now())
		d.scans["AC1:X"] = Scan{Person: holder, Past: []Past{{Code: "food.meal", At: d.Clock.Now().Add(-2 * time.Hour)}, {Code: "food.meal", At: d.Clock.Now().Add(-3 * time.Hour)}, {Code: "food.meal", At: d.Clock.Now().Add(-4 * time.Hour)}}}
		c := d.mustRecord(t, volunteer, RecordInput{Card: "AC1:X", Record: Record{Sex: "M", Services: []Given{{Code: "food.meal", Quantity: 1}}}})
		if len(c.Questions) != 1 || c.Questions[0].Count != 3 || !c.Person.IsZero() || c.Sex != "M" {
			t.Errorf("%+v", c)
		}
		if _, err := d.Record(context.Background(), volunteer, RecordInput{Point: agadez, Card: "AC1:Y"}); fault.Code(err) != "card.malformed" {
			t.Errorf("a card that is none: %v", err)
		}
		if got := d.day(t, volunteer).Totals; got != (Totals{Services: 1, Contacts: 1, Known: 1}) {
			t.Errorf("%+v", got)
		}
	})
}

func TestATruckOfSixtyIsSixtyContactsAndPeopleMetLaterAreNotCountedTwice(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		a, err := d.Arrive(context.Background(), volunteer, ArriveInput{Point: agadez, Arrive: Arrive{
			Kind: "convoy_unofficial", Size: map[string]int{"woman": 14, "man": 38, "girl": 5, "boy": 3},
			Services: []Given{{Code: "water", Quantity: 3}, {Code: "food.meal", Quantity: 1}},
			Asked:    []Asked{{Code: "primary_health", Reason: "not_offered", N: 14}},
		}})
		if err != nil || a.Total != 60 {
			t.Fatalf("%+v %v", a, err)
		}
		her := d.file()
		c := d.mustRecord(t, volunteer, RecordInput{Person: her, Record: Record{Arrival: a.Arrival, Services: []Given{{Code: "hygiene_kit", Quantity: 1}}}})
		late := d.mustRecord(t, volunteer, RecordInput{Record: Record{Sex: "M"}})
		if err := d.Link(context.Background(), volunteer, a.Arrival, late.Contact); err != nil {
			t.Fatal(err)
		}
		all, err := d.Arrivals(context.Background(), volunteer, agadez, 0)
		if err != nil || len(all) != 1 || all[0].Linked != 2 || all[0].Total != 60 || len(all[0].Asked) != 1 || all[0].Asked[0].N != 14 {
			t.Fatalf("%+v %v", all, err)
		}
		if c.Arrival != a.Arrival {
			t.Error("the contact does not name its arrival")
		}
		d.RebuildsAlike(t)
	})
}

func TestACorrectionIsAFactAndTheOriginalStays(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		d := newDesk(t, db)
		c := d.mustRecord(t, volunteer, RecordInput{Record: Record{Services: []Given{{Code: "water", Quantity: 20}}}})
		two := []Given{{Code: "water", Quantity: 2}}
		fixed, err := d.Correct(ctx, lead, Correct{Contact: c.Contact, Change: CorrectedOpen{Services: &two, Why: "mistake"}})
		if err != nil || len(fixed.Services) != 1 || fixed.Services[0].Quantity != 2 {
			t.Fatalf("%+v %v", fixed, err)
		}
		if _, err := d.Correct(ctx, elsewhere, Correct{Contact: c.Contact, Undo: true}); fault.Of(err) != fault.ClassNotFound {
			t.Errorf("of another point: %v", err)
		}
		if _, err := d.Correct(ctx, nurse, Correct{Contact: c.Contact, Undo: true}); fault.Of(err) != fault.ClassNotFound {
			t.Errorf("of another's contact: %v", err)
		}
		if c, err = d.Correct(ctx, volunteer, Correct{Contact: c.Contact, Undo: true}); err != nil || c.State != "undone" {
			t.Fatalf("undo: %+v %v", c, err)
		}
		if got := d.day(t, lead).Totals; got.Contacts != 0 {
			t.Errorf("an undone contact counts: %+v", got)
		}
		d.RebuildsAlike(t)
	})
}

func TestTwoCorrectionsThatDidNotHearOfEachOtherAreAConflictForTheLead(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		d := newDesk(t, db)
		c := d.mustRecord(t, volunteer, RecordInput{Record: Record{Services: []Given{{Code: "water", Quantity: 20}}}})
		correct := func(who access.Actor, o CorrectedOpen, replaces ...fact.FactID) Contact {
			t.Helper()
			d.Clock.Add(time.Minute)
			o.Why = "mistake"
			got, err := d.Correct(ctx, who, Correct{Contact: c.Contact, Change: o, Replaces: replaces})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		litres := func(n int) *[]Given { return &[]Given{{Code: "water", Quantity: n}} }
		word := func(s string) *string { return &s }

		got := correct(volunteer, CorrectedOpen{Services: litres(2)})
		if got = correct(volunteer, CorrectedOpen{Services: litres(3)}); len(got.Conflicts) != 0 || len(got.Edits) != 1 {
			t.Fatalf("nobody contradicts herself: %+v", got)
		}
		other := correct(lead, CorrectedOpen{Services: litres(4), Stage: word("border")})
		if other.Services[0].Quantity != 4 || len(other.Conflicts) != 1 || other.Conflicts[0].Field != "services" || len(other.Conflicts[0].Values) != 2 ||
			other.Conflicts[0].Values[1].Who != volunteer.Handle.String() || other.Conflicts[0].Values[1].Point != agadez || len(other.Edits) != 2 {
			t.Fatalf("the lead sees %+v", other)
		}
		if seen := d.day(t, volunteer).Contacts[0]; len(seen.Conflicts) != 1 || seen.Conflicts[0].Values != nil || !seen.Conflicts[0].Open || len(seen.Edits) != 1 {
			t.Errorf("the volunteer sees %+v", seen)
		}
		if _, err := d.Correct(ctx, volunteer, Correct{Contact: c.Contact, Replaces: other.Edits, Change: CorrectedOpen{Services: litres(5), Why: "mistake"}}); fault.Code(err) != "assist.not_yours_to_settle" {
			t.Errorf("a volunteer settles it: %v", err)
		}
		if _, err := d.Correct(ctx, lead, Correct{Contact: c.Contact, Replaces: []fact.FactID{fact.NewFactID(d.Clock.Now())}, Change: CorrectedOpen{Services: litres(5), Why: "mistake"}}); fault.Code(err) != "assist.unknown_edit" {
			t.Errorf("a correction that is not here: %v", err)
		}
		if got = correct(lead, CorrectedOpen{Services: litres(5)}, other.Edits...); len(got.Conflicts) != 0 || got.Services[0].Quantity != 5 || got.Stage != "border" {
			t.Errorf("settled: %+v", got)
		}
		d.RebuildsAlike(t)
	})
}

func TestWhoCannotSeeAServiceDoesNotTakeItAway(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		d := newDesk(t, db)
		c := d.mustRecord(t, nurse, RecordInput{Person: d.file(), Record: Record{Services: []Given{{Code: "water", Quantity: 1}, {Code: "primary_health.maternal", Quantity: 1}}}})
		two := []Given{{Code: "water", Quantity: 2}}
		got, err := d.Correct(ctx, lead, Correct{Contact: c.Contact, Change: CorrectedOpen{Services: &two, Why: "mistake"}})
		if err != nil || len(got.Services) != 1 {
			t.Fatalf("%+v %v", got, err)
		}
		if got, err = d.Contact(ctx, nurse, c.Contact); err != nil || len(got.Services) != 2 || got.Services[1].Quantity != 2 {
			t.Errorf("%+v %v", got, err)
		}
	})
}

func TestManyAreLinkedToAnArrivalAtOnceOrNone(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		d := newDesk(t, db)
		a, err := d.Arrive(ctx, volunteer, ArriveInput{Point: agadez, Arrive: Arrive{Kind: "vehicle", Size: map[string]int{"man": 200}}})
		if err != nil {
			t.Fatal(err)
		}
		var met []fact.ContactID
		for range 3 {
			met = append(met, d.mustRecord(t, volunteer, RecordInput{Record: Record{Sex: "M"}}).Contact)
		}
		if err := d.Link(ctx, volunteer, a.Arrival, met[0], fact.NewContactID(d.Clock.Now())); fault.Of(err) != fault.ClassNotFound {
			t.Errorf("one that is not there: %v", err)
		}
		if err := d.Link(ctx, volunteer, a.Arrival); fault.Code(err) != "assist.bad_number" {
			t.Errorf("none: %v", err)
		}
		for range 2 { // repeating it links nobody twice
			if err := d.Link(ctx, volunteer, a.Arrival, append(met, met[0])...); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := d.Arrivals(ctx, volunteer, agadez, 0); err != nil || all[0].Linked != 3 {
			t.Errorf("%+v %v", all, err)
		}
		d.RebuildsAlike(t)
	})
}

func TestWhatStandsDoesNotDependOnOrder(t *testing.T) {
	now := time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC)
	word := func(s string) *string { return &s }
	made := func(n int, actor byte, stage string, replaces ...fact.FactID) fix {
		at := now.Add(time.Duration(n) * time.Second)
		return fix{fact.NewFactID(at), fact.StampOf(at), fact.Handle{actor}, CorrectedOpen{Stage: word(stage), Replaces: replaces}}
	}
	first := made(0, 1, "border")
	second := made(1, 2, "transit", first.id)
	apart := made(2, 3, "arrived", first.id)
	all := []fix{first, second, apart}
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 7))
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if got := standing(slices.Clone(all))["stage"]; len(got) != 2 || got[0].id != apart.id || got[1].id != second.id || !differ("stage", got) {
			t.Fatalf("seed %d: %+v", seed, got)
		}
	}
}

func TestARepeatedRequestIsOneContact(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		ctx := fact.WithRequest(context.Background(), fact.Request{Hash: [32]byte{1}})
		in := RecordInput{Point: agadez, Record: Record{ID: fact.NewContactID(d.Clock.Now()), Services: []Given{{Code: "water", Quantity: 1}}}}
		first, err := d.Record(ctx, volunteer, in)
		if err != nil {
			t.Fatal(err)
		}
		again, err := d.Record(ctx, volunteer, in)
		if err != nil || again.Contact != first.Contact || len(d.day(t, volunteer).Contacts) != 1 {
			t.Errorf("%+v %v", again, err)
		}
		other := fact.WithRequest(context.Background(), fact.Request{Hash: [32]byte{2}})
		if _, err := d.Record(other, volunteer, in); fault.Code(err) != "id_taken" {
			t.Errorf("the same id with other content: %v", err)
		}
	})
}

func TestErasedPeopleStayCounted(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		her := d.file()
		for range 2 {
			d.mustRecord(t, volunteer, RecordInput{Person: her, Record: Record{Services: []Given{{Code: "food.meal", Quantity: 1}}}})
			d.Clock.Add(time.Hour)
		}
		if got := d.day(t, volunteer).Totals; got != (Totals{Services: 2, Contacts: 1, Known: 1}) {
			t.Errorf("before: %+v", got)
		}
		err := db.Write(context.Background(), func(tx *store.Tx) error {
			_, err := d.Journal.Erase(tx, her, fact.ScopePoint(agadez), fact.FactID{}, officer.Handle, "person_asked")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := d.day(t, volunteer).Totals; got != (Totals{Services: 2, Contacts: 2, Known: 0}) {
			t.Errorf("after, two tallies: %+v", got)
		}
		d.RebuildsAlike(t)
	})
}

func TestWhoMayRecordWhat(t *testing.T) {
	ctx := context.Background()
	db, err := store.Open(ctx, testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d := newDesk(t, db)
	her := d.file()
	give := func(code string) RecordInput {
		return RecordInput{Point: agadez, Person: her, Record: Record{Services: []Given{{Code: code, Quantity: 1}}}}
	}
	with := func(in RecordInput, fn func(*RecordInput)) RecordInput { fn(&in); return in }
	for name, c := range map[string]struct {
		who  access.Actor
		in   RecordInput
		code string
	}{
		"a volunteer gives water":                             {volunteer, give("water"), ""},
		"a volunteer does not record a sealed service":        {volunteer, give("mhpss"), "assist.sealed_service"},
		"nor does a protection officer, with a contact":       {officer, give("protection_desk"), "assist.sealed_service"},
		"a volunteer does not record a service of the clinic": {volunteer, give("primary_health.maternal"), "assist.class_not_yours"},
		"a nurse does":                                    {nurse, give("primary_health.maternal"), ""},
		"a volunteer of another point does not":           {elsewhere, give("water"), "assist.unknown_point"},
		"a point that is not there answers alike":         {volunteer, with(give("water"), func(in *RecordInput) { in.Point = fact.PointByCode("XX") }), "assist.unknown_point"},
		"a file that is not there is named":               {volunteer, with(give("water"), func(in *RecordInput) { in.Person = fact.NewPersonID(time.Now()) }), "assist.unknown_person"},
		"an unknown service is named":                     {volunteer, give("gold"), "assist.unknown_service"},
		"next year has not happened":                      {volunteer, with(give("water"), func(in *RecordInput) { in.Happened = d.Clock.Now().AddDate(1, 0, 0) }), "assist.in_future"},
		"1899 is too long ago":                            {volunteer, with(give("water"), func(in *RecordInput) { in.Happened = time.Date(1899, 1, 1, 0, 0, 0, 0, time.UTC) }), "assist.too_long_ago"},
		"a quantity of nothing is refused":                {volunteer, with(give("water"), func(in *RecordInput) { in.Services = []Given{{Code: "water"}} }), "assist.bad_quantity"},
		"an age of 180 is impossible":                     {volunteer, RecordInput{Point: agadez, Record: Record{Age: &catalogue.Age{Low: 180, High: 180}}}, "assist.age_impossible"},
		"nothing at all is no contact":                    {volunteer, RecordInput{Point: agadez}, "assist.nothing_recorded"},
		"a person is not a tally":                         {volunteer, with(give("water"), func(in *RecordInput) { in.Tally = map[string]int{"girl": 1} }), "assist.tally_of_person"},
		"an unknown button is named":                      {volunteer, RecordInput{Point: agadez, Record: Record{Tally: map[string]int{"alien": 1}}}, "assist.unknown_button"},
		"held is not recorded beside a person":            {volunteer, with(give("water"), func(in *RecordInput) { in.Stage = "held" }), "assist.sealed_stage"},
		"what was asked for needs a reason":               {volunteer, with(give("water"), func(in *RecordInput) { in.Asked = []Asked{{Code: "shelter"}} }), "assist.unknown_reason"},
		"a sealed need is not written as asked":           {volunteer, with(give("water"), func(in *RecordInput) { in.Asked = []Asked{{Code: "sexual_violence", Reason: "closed"}} }), "assist.sealed_service"},
		"a private talk that could not be had is written": {volunteer, with(give("water"), func(in *RecordInput) { in.Asked = []Asked{{Code: "private_talk", Reason: "full"}} }), ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.Record(ctx, c.who, c.in)
			if got := fault.Code(err); c.code == "" && err != nil || c.code != "" && got != c.code {
				t.Errorf("got %v, want %q", err, c.code)
			}
		})
	}
}

func TestSealedServicesAreCountedByTheMonthForProtectionStaff(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		d := newDesk(t, db)
		for range 2 {
			if err := d.TallySealed(ctx, nurse, fact.FactID{}, agadez, "", "mhpss", 3); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.TallySealed(ctx, volunteer, fact.FactID{}, agadez, "", "mhpss", 1); fault.Code(err) != "assist.unknown_point" {
			t.Errorf("a volunteer: %v", err)
		}
		if err := d.TallySealed(ctx, nurse, fact.FactID{}, agadez, "2027-01", "water", 0); fault.Code(err) != "assist.not_sealed" || len(fault.All(err)) != 3 {
			t.Errorf("all faults at once: %v", err)
		}
		counts, err := d.SealedCounts(ctx, officer, "2026-03")
		if err != nil || len(counts) != 1 || counts[0].Count != 6 {
			t.Errorf("%+v %v", counts, err)
		}
		if counts, _ = d.SealedCounts(ctx, lead, ""); len(counts) != 0 {
			t.Errorf("a lead sees %+v", counts)
		}
		d.RebuildsAlike(t)
	})
}

func TestAPaperSheetCountsPeopleAndServicesExactly(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		d := newDesk(t, db)
		done, err := d.EnterSheet(ctx, lead, Sheet{Point: agadez, Day: fact.DayOf(d.Clock.Now()) - 3,
			People: map[string]int{"woman": 12},
			Rows:   []Stroke{{"woman", "water", 7}, {"woman", "food.meal", 10}, {"boy", "water", 4}},
			Asked:  []Asked{{Code: "shelter", Reason: "full", N: 5}},
		})
		if err != nil || done != (SheetDone{Contacts: 16, Services: 21}) {
			t.Fatalf("%+v %v", done, err)
		}
		day, err := d.OfDay(ctx, lead, agadez, fact.DayOf(d.Clock.Now())-3)
		if err != nil || day.Totals != (Totals{Services: 21, Contacts: 16}) {
			t.Errorf("%+v %v", day.Totals, err)
		}
		if done, err = d.EnterSheet(ctx, lead, Sheet{Point: agadez, Day: fact.DayOf(d.Clock.Now()), Asked: []Asked{{Code: "primary_health", Reason: "not_offered", N: 14}}}); err != nil || done != (SheetDone{}) {
			t.Errorf("requests alone are no contacts: %+v %v", done, err)
		}
		if today := d.day(t, lead); len(today.Contacts) != 1 || today.Totals.Contacts != 0 || today.Contacts[0].Asked[0].N != 14 {
			t.Errorf("requests alone: %+v", today)
		}
		if _, err := d.EnterSheet(ctx, lead, Sheet{Point: agadez, Day: 20000, Number: "Amina Issoufou", Rows: []Stroke{{"boy", "water", 4}}}); fault.Code(err) != "assist.bad_sheet_number" {
			t.Errorf("a name as the number of a sheet: %v", err)
		}
		if _, err := d.EnterSheet(ctx, lead, Sheet{Point: agadez, Day: 20000}); fault.Code(err) != "assist.nothing_recorded" {
			t.Errorf("an empty sheet: %v", err)
		}
		d.RebuildsAlike(t)
	})
}
