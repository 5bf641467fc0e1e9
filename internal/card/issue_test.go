package card

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serai/internal/fault"
)

func TestIssueAndRead(t *testing.T) {
	c := issue(t, press(t, niger), Entry{kit, 1, DayOf(noon) - 9, agadez}, Entry{meal, 2, DayOf(noon), agadez})
	r := read(t, reader(t), c.Text)
	want := Reading{
		State: Verified, History: HistoryOpen,
		CTI: c.CTI, Sequence: 1, Expires: DayOf(time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC)),
		Issuer: Issuer{Number: niger, Code: "ne-rc", Name: "Niger Red Cross"}, Circle: sahara,
		Issued: DayOf(noon), Lineage: c.Lineage, NoFile: true,
		Lines: []Line{
			{Entry: Entry{meal, 2, DayOf(noon), agadez}, Code: "food.meal", RecordedBy: niger},
			{Entry: Entry{kit, 1, DayOf(noon) - 9, agadez}, Code: "hygiene_kit", RecordedBy: niger},
		},
	}
	if diff := cmp.Diff(want, r, cmp.AllowUnexported(Issuer{})); diff != "" {
		t.Errorf("reading differs (-want +got):\n%s", diff)
	}
	if !slices.Equal(r.Entries(), c.Entries) {
		t.Errorf("entries %v, printed %v", r.Entries(), c.Entries)
	}
}

func TestSizes(t *testing.T) {
	for _, x := range []struct {
		name                  string
		entries, size, qr, mm int
	}{
		{"a blank card has the length of five entries", 0, 176, 12, 0},
		{"one entry has the length of five", 1, 176, 12, 0},
		{"five entries", 5, 176, 12, 0},
		{"six entries have the length of ten", 6, 211, 13, 0},
		{"ten entries", 10, 211, 13, 0},
		{"eleven entries have the length of twenty", 11, 281, 15, 0},
		{"twenty entries", 20, 281, 15, 0},
		{"of twenty-five the oldest five are dropped", 25, 281, 15, 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := issue(t, press(t, niger), entries(x.entries)...)
			if got := len(bytesOf(t, c.Text)); got != x.size {
				t.Errorf("%d bytes, want %d", got, x.size)
			}
			p, err := Draw(c.Text)
			if err != nil {
				t.Fatal(err)
			}
			if p.Version != x.qr {
				t.Errorf("QR version %d, want %d", p.Version, x.qr)
			}
			// A 58 mm receipt printer has eight dots to the millimetre and 42.5 mm of width for the code.
			if side := p.ModuleSide(42.5); side < 0.5 {
				t.Errorf("modules of %.3f mm at 42.5 mm: too small for four dots", side)
			}
			t.Logf("%d bytes, %d characters, QR version %d, module %.3f mm", x.size, len(c.Text), p.Version, p.ModuleSide(42.5))
			if dropped := max(0, x.entries-MaxEntries); c.Dropped != dropped {
				t.Errorf("%d dropped, want %d", c.Dropped, dropped)
			}
			got := read(t, reader(t), c.Text).Entries()
			if want := entries(x.entries)[c.Dropped:]; !slices.Equal(got, want) {
				t.Errorf("read %v, want the newest %v", got, want)
			}
		})
	}
}

func TestIssueRefuses(t *testing.T) {
	good := Entry{meal, 1, DayOf(noon), agadez}
	with := func(change func(*Entry)) []Entry {
		e := good
		change(&e)
		return []Entry{good, e}
	}
	listed := func(change func(*TrustedKey)) func(*Press) {
		return func(p *Press) {
			p.Network = network(t, func(f *NetworkFile) { change(&f.Keys[0]) })
		}
	}
	for _, x := range []struct {
		name    string
		entries []Entry
		change  func(*Press)
		code    string
		field   string
	}{
		{"a service marked unsafe is refused by the rule", with(func(e *Entry) { e.Service = talkOnce }), nil, CodeServiceSensitive, "entries[1].service"},
		{"a number the network file does not list is unsafe", with(func(e *Entry) { e.Service = 777 }), nil, CodeServiceSensitive, "entries[1].service"},
		{"a service without card number is refused", with(func(e *Entry) { e.Service = 0 }), nil, CodeServiceSensitive, "entries[1].service"},
		{"a number beyond ten bits is refused", with(func(e *Entry) { e.Service = 1024 + meal }), nil, CodeServiceSensitive, "entries[1].service"},
		{"nothing given is no entry", with(func(e *Entry) { e.Quantity = 0 }), nil, CodeEntryInvalid, "entries[1].quantity"},
		{"help of tomorrow is refused", with(func(e *Entry) { e.Day++ }), nil, CodeEntryInvalid, "entries[1].day"},
		{"a point of another organisation is refused", with(func(e *Entry) { e.Point = tripoli }), nil, CodeEntryPoint, "entries[1].point"},
		{"a point of nobody is refused", with(func(e *Entry) { e.Point = 1 << 24 }), nil, CodeEntryPoint, "entries[1].point"},
		{"a revoked key prints nothing", nil, listed(func(k *TrustedKey) { k.Status = Revoked }), CodeSigner, ""},
		{"a voucher key prints no card", nil, func(p *Press) { p.Signer = Signer{voucherKey, testKey("voucher")} }, CodeSigner, ""},
		{"a key that ended yesterday prints nothing", nil, listed(func(k *TrustedKey) { k.Until = DayOf(noon) }), CodeSigner, ""},
		{"a key that starts tomorrow prints nothing", nil, listed(func(k *TrustedKey) { k.From = DayOf(noon) + 1 }), CodeSigner, ""},
		{"an unlisted key prints nothing", nil, func(p *Press) { p.Signer.ID[0]++ }, CodeSigner, ""},
		{"a key under the id of another prints nothing", nil, func(p *Press) { p.Signer.Key = testKey("libya") }, CodeSigner, ""},
		{"an organisation outside the circle prints nothing", nil, func(p *Press) { p.Signer = Signer{chadKey, testKey("chad")} }, CodeSigner, ""},
		{"without the seal key of this quarter nothing is printed", nil, func(p *Press) { p.Keys = sealKeys(t, testSeal(0x1111, sahara, quarter-1)) }, CodeNoSealKey, ""},
		{"a card is valid for a day at least", nil, func(p *Press) { p.Days = 0 }, CodeExpiryInvalid, ""},
		{"a card is not valid for ever", nil, func(p *Press) { p.Days = 1500 }, CodeExpiryInvalid, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			p := press(t, niger)
			if x.change != nil {
				x.change(&p)
			}
			c, err := p.Issue(Draft{Entries: x.entries})
			if err == nil || c.Text != "" {
				t.Fatalf("printed %q, error %v", c.Text, err)
			}
			if fault.Code(err) != x.code {
				t.Errorf("code %q (%v), want %q", fault.Code(err), err, x.code)
			}
			if all := fault.All(err); x.field != "" && (len(all) != 1 || all[0].Field != x.field) {
				t.Errorf("faults %v, want one at %q", all, x.field)
			}
		})
	}
}

func TestIssueReportsEveryEntryAtOnce(t *testing.T) {
	_, err := press(t, niger).Issue(Draft{Entries: []Entry{{talkOnce, 0, DayOf(noon) + 1, tripoli}}})
	if got := len(fault.All(err)); got != 4 {
		t.Errorf("%d faults, want 4: %v", got, err)
	}
}

func TestEveryPrintHasANewID(t *testing.T) {
	p := press(t, niger)
	seen := map[CTI]bool{}
	for range 50 {
		c := issue(t, p, entries(2)...)
		if seen[c.CTI] {
			t.Fatal("a cti came twice")
		}
		seen[c.CTI] = true
	}
}

func TestBrokenRandomnessPrintsNothing(t *testing.T) {
	p := press(t, niger)
	p.Rand = brokenRandom{}
	if c, err := p.Issue(Draft{}); err == nil {
		t.Errorf("printed %v without randomness", c)
	}
}

type brokenRandom struct{}

func (brokenRandom) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

func TestCardNumber(t *testing.T) {
	n := network(t)
	if got, err := n.CardNumber("food.meal"); got != meal || err != nil {
		t.Errorf("food.meal is %d, %v", got, err)
	}
	for _, code := range []string{"protection_desk", "mhpss", ""} {
		if _, err := n.CardNumber(code); fault.Code(err) != CodeServiceSensitive {
			t.Errorf("service %q: %v, want %s", code, err, CodeServiceSensitive)
		}
	}
}

func TestExpiry(t *testing.T) {
	date := func(y int, m time.Month, d int) Day { return DayOf(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) }
	for _, x := range []struct {
		name   string
		issued Day
		days   int
		want   Day
	}{
		{"inside a quarter it moves to the next", date(2026, 11, 10), 30, date(2027, 1, 1)},
		{"the first day of a quarter stays", date(2026, 10, 1), 92, date(2027, 1, 1)},
		{"one day into a quarter moves a quarter on", date(2026, 10, 1), 93, date(2027, 4, 1)},
		{"leap years count", date(2028, 2, 1), 28, date(2028, 4, 1)},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got := ExpiryAfter(x.issued, x.days); got != x.want {
				t.Errorf("got %s, want %s", got, x.want)
			}
		})
	}
}
