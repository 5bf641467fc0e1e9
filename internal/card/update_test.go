package card

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"serai/internal/fault"
)

// The ten-minute story: Agadez gives a kit and a card, Tripoli reads it, gives a call and re-issues.
func TestUpdateByAnotherOrganisation(t *testing.T) {
	given := Entry{kit, 1, DayOf(noon) - 9, agadez}
	first := issue(t, press(t, niger), given)
	home := Entry{call, 1, DayOf(noon), tripoli}
	second, err := press(t, libya).Update(read(t, reader(t), first.Text), Update{Entries: []Entry{home}})
	if err != nil {
		t.Fatal(err)
	}
	r := read(t, reader(t), second.Text)
	if r.Lineage != first.Lineage || r.Sequence != 2 || r.CTI == first.CTI || r.Issuer.Code != "ly-rc" || !r.NoFile {
		t.Errorf("lineage, sequence, cti or issuer are wrong: %+v", r)
	}
	if !slices.Equal(second.Replaces, []CTI{first.CTI}) {
		t.Errorf("replaces %v, want the first print", second.Replaces)
	}
	want := []Line{
		{Entry: home, Code: "family_links.call", RecordedBy: libya},
		{Entry: given, Code: "hygiene_kit", RecordedBy: niger, Vouched: true},
	}
	if !slices.Equal(r.Lines, want) {
		t.Errorf("lines %+v, want %+v", r.Lines, want)
	}
}

func TestUpdateRefuses(t *testing.T) {
	card := issue(t, press(t, niger), entries(2)...)
	other := issue(t, Press{Network: network(t), Keys: sealKeys(t), Signer: Signer{nigerKey, testKey("niger")}, Circle: sahara, Days: 90, Now: func() time.Time { return noon }, Rand: seeded(77)}, entries(1)...)
	good := read(t, reader(t), card.Text)
	closed := read(t, Reader{Network: network(t)}, card.Text)
	stranger := read(t, Reader{}, card.Text)
	slip, err := press(t, niger).Slip(read(t, reader(t), other.Text), entries(1)[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name   string
		r      Reading
		update Update
		code   string
	}{
		{"a newer seal key: print a slip", closed, Update{}, CodePrintSlip},
		{"an unverified card is not vouched for", stranger, Update{}, CodePrintSlip},
		{"a sensitive service is refused", good, Update{Entries: []Entry{{talkOnce, 1, DayOf(noon), tripoli}}}, CodeServiceSensitive},
		{"help in the name of another organisation is refused", good, Update{Entries: []Entry{{meal, 1, DayOf(noon), agadez}}}, CodeEntryPoint},
		{"a slip of another card is not merged by itself", good, Update{Slips: []Reading{read(t, reader(t), slip.Text)}}, CodeLineageOther},
		{"a whole card is no slip", good, Update{Slips: []Reading{good}}, CodePrintSlip},
		{"an unverified slip is not merged", good, Update{Loose: []Reading{read(t, Reader{}, slip.Text)}}, CodePrintSlip},
		{"the last sequence is not passed", good, Update{Highest: 65534}, CodeSequenceSpent},
	} {
		t.Run(x.name, func(t *testing.T) {
			c, err := press(t, libya).Update(x.r, x.update)
			if fault.Code(err) != x.code || c.Text != "" {
				t.Errorf("got %v, want %s", err, x.code)
			}
		})
	}
}

func TestUpdateCarriesOnlyWhatIsKnownToBeSafe(t *testing.T) {
	c := issue(t, press(t, niger), Entry{meal, 1, DayOf(noon), agadez}, Entry{kit, 1, DayOf(noon) - 1, agadez}, Entry{call, 1, DayOf(noon) - 2, agadez})
	p, r := press(t, libya), reader(t)
	p.Network = network(t, func(f *NetworkFile) {
		f.Services[3].CardSafe = false                           // the kit became unsafe
		f.Services = append(f.Services[:1:1], f.Services[2:]...) // the call is not known
	})
	r.Network = p.Network
	second, err := p.Update(read(t, r, c.Text), Update{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Entry{{ServiceOther, 1, DayOf(noon) - 2, agadez}, {meal, 1, DayOf(noon), agadez}}
	if !slices.Equal(second.Entries, want) {
		t.Errorf("carried %v, want %v", second.Entries, want)
	}
}

func TestSlips(t *testing.T) {
	first := issue(t, press(t, niger), entries(2)...)
	card := read(t, reader(t), first.Text)
	p := press(t, libya)
	today := Entry{call, 1, DayOf(noon), tripoli}
	slip, err := p.Slip(card, today)
	if err != nil {
		t.Fatal(err)
	}
	read1 := read(t, reader(t), slip.Text)
	if !read1.Slip || read1.Lineage != card.Lineage || read1.Sequence != 2 || read1.CTI == card.CTI || len(read1.Lines) != 1 {
		t.Fatalf("slip reads as %+v", read1)
	}
	if len(bytesOf(t, slip.Text)) != 176 {
		t.Error("the length of a slip tells that it is one")
	}

	// The next point prints again: the same slip, held out twice, counts once.
	merged, err := p.Update(card, Update{Slips: []Reading{read1, read1}, Entries: []Entry{{meal, 1, DayOf(noon), tripoli}}})
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Concat(first.Entries, []Entry{today, {meal, 1, DayOf(noon), tripoli}})
	slices.SortFunc(want, older)
	if !slices.Equal(merged.Entries, want) || merged.Sequence != 3 {
		t.Errorf("merged %v as print %d, want %v as print 3", merged.Entries, merged.Sequence, want)
	}

	// Scanned once more after it was merged, nothing changes.
	again, err := p.Update(read(t, reader(t), merged.Text), Update{Slips: []Reading{read1}})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(again.Entries, want) || again.Sequence != 4 {
		t.Errorf("merged again: %v as print %d", again.Entries, again.Sequence)
	}
}

func TestSlipForACardThatCannotBeRead(t *testing.T) {
	card := issue(t, press(t, niger), entries(2)...)
	today := Entry{call, 1, DayOf(noon), tripoli}
	for _, x := range []struct {
		name string
		r    Reading
	}{
		{"its seal key is not here yet", read(t, Reader{Network: network(t)}, card.Text)},
		{"it is unverified", read(t, Reader{}, card.Text)},
		{"there is no card", Reading{}},
	} {
		t.Run(x.name, func(t *testing.T) {
			p := press(t, libya)
			slip, err := p.Slip(x.r, today)
			if err != nil {
				t.Fatal(err)
			}
			loose := read(t, reader(t), slip.Text)
			if loose.Lineage == card.Lineage || loose.Lineage == (Lineage{}) || loose.Sequence != 1 {
				t.Fatalf("slip reads as %+v", loose)
			}
			merged, err := p.Update(read(t, reader(t), card.Text), Update{Loose: []Reading{loose}})
			if err != nil {
				t.Fatal(err)
			}
			if want := append(slices.Clone(card.Entries), today); !slices.Equal(merged.Entries, want) || merged.Lineage != card.Lineage || merged.Sequence != 2 {
				t.Errorf("merged %v as print %d, want %v as print 2", merged.Entries, merged.Sequence, want)
			}
			if !slices.Equal(merged.Replaces, []CTI{card.CTI, slip.CTI}) {
				t.Error("card and slip are superseded by the merged print")
			}
		})
	}
}

func TestEntriesOfOneOccasion(t *testing.T) {
	e := func(quantity uint8) Entry { return Entry{meal, quantity, DayOf(noon), agadez} }
	p := press(t, niger)
	for _, x := range []struct {
		name   string
		first  []Entry
		second []Entry
		want   []Entry
	}{
		{"two meals on one day make two", []Entry{e(1), e(1)}, nil, []Entry{e(2)}},
		{"a further meal after the print makes three", []Entry{e(2)}, []Entry{e(1)}, []Entry{e(3)}},
		{"beyond 63 it stays 63", []Entry{e(60)}, []Entry{e(60)}, []Entry{e(63)}},
		{"one of 200 is written as 63", []Entry{e(200)}, nil, []Entry{e(63)}},
		{"blank stock is filled at the first update", nil, []Entry{e(1)}, []Entry{e(1)}},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := issue(t, p, x.first...)
			if x.second != nil {
				var err error
				if c, err = p.Update(read(t, reader(t), c.Text), Update{Entries: x.second}); err != nil {
					t.Fatal(err)
				}
			}
			if got := read(t, reader(t), c.Text).Entries(); !slices.Equal(got, x.want) {
				t.Errorf("got %v, want %v", got, x.want)
			}
		})
	}
}

func TestUpdateKeepsTheSequenceAheadOfWhatIsKnown(t *testing.T) {
	p := press(t, niger)
	c, err := p.Update(read(t, reader(t), issue(t, p).Text), Update{Highest: 6, HasFile: true})
	if err != nil || c.Sequence != 7 || c.NoFile {
		t.Errorf("print %d, no file %v, %v; want print 7 with a file", c.Sequence, c.NoFile, err)
	}
}

func TestExpiredAndSupersededCardsCanBeUpdated(t *testing.T) {
	first := issue(t, press(t, niger), entries(1)...)
	r := reader(t)
	r.Marks = NewMarks(NetworkKey{1}, MarksFile{Superseded: []Mark{MarkOf(NetworkKey{1}, first.CTI)}})
	p := press(t, libya)
	p.Days = 1
	if _, err := p.Update(read(t, r, first.Text), Update{}); err != nil {
		t.Errorf("a superseded card: %v", err)
	}
	short, err := p.Update(read(t, r, first.Text), Update{})
	if err != nil {
		t.Fatal(err)
	}
	later := short.Expires.Time()
	expired, err := reader(t).Read(short.Text, later)
	if err != nil || !expired.Has(WarnExpired) || expired.History != HistoryOpen {
		t.Fatalf("want an expired, open card: %+v, %v", expired, err)
	}
	p.Now = func() time.Time { return later }
	p.Keys = sealKeys(t, testSeal(0x9222, sahara, quarter), testSeal(0x3333, sahara, quarter+1))
	if _, err := p.Update(expired, Update{}); err != nil {
		t.Errorf("an expired card: %v", err)
	}
}

func TestRecogniseKey(t *testing.T) {
	l := Lineage{1, 2, 3}
	// Stored in databases and lists: these values can never change.
	if got := fmt.Sprintf("%x", RecogniseKey([]byte("a"), l)); got != "921ad58627c5ae1642d4aaa9c440b13b" {
		t.Errorf("lineage is recognised as %s", got)
	}
	if got := fmt.Sprintf("%x", MarkOf(NetworkKey{5}, CTI{7})); got != "96546304efc7fd79ec69459410b994db" {
		t.Errorf("print is marked as %s", got)
	}
	if RecogniseKey([]byte("a"), l) == RecogniseKey([]byte("b"), l) {
		t.Error("the tables of two organisations join")
	}
	if RecogniseKey([]byte("a"), l) == RecogniseKey([]byte("a"), Lineage{1, 2, 4}) {
		t.Error("two lineages are one")
	}
}
