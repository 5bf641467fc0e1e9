package card

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"serai/internal/fault"
)

var write = flag.Bool("write", false, "write the vectors that the desk's tests read, instead of comparing")

// The vectors hold two readers together: this room, and ui/src/data/card in the browser. vectors.json is written here and
// read there; browser.json is written there, and TestTheBrowsersCards reads it.
type vectors struct {
	Shares  []Share   `json:"shares"`
	Read    []vRead   `json:"read"`
	Hostile []vRefuse `json:"hostile"`
	Made    []vMade   `json:"made"`
	Refused []vMade   `json:"refused"`
	Quarter []vExpiry `json:"expiry"`
	QR      []vCode   `json:"qr"`
}

type vRead struct {
	Name  string    `json:"name"`
	Share int       `json:"share"` // index
	Now   time.Time `json:"now"`
	Text  string    `json:"text"`
	Want  vReading  `json:"want"`
}

type vReading struct {
	State    State     `json:"state"`
	History  History   `json:"history"`
	Warnings []Warning `json:"warnings"`
	CTI      string    `json:"cti"`
	Sequence uint16    `json:"sequence"`
	Expires  string    `json:"expires"`
	Issuer   uint16    `json:"issuer"`
	Issued   string    `json:"issued"`
	Lineage  string    `json:"lineage"`
	Slip     bool      `json:"slip"`
	NoFile   bool      `json:"no_file"`
	Lines    []vLine   `json:"lines"`
}

type vLine struct {
	vEntry
	Code       string `json:"code"`
	RecordedBy uint16 `json:"recorded_by"`
	Vouched    bool   `json:"vouched"`
}

type vEntry struct {
	Service  uint16 `json:"service"`
	Quantity uint8  `json:"quantity"`
	Day      string `json:"day"`
	Point    uint32 `json:"point"`
}

type vRefuse struct {
	Name string `json:"name"`
	Text string `json:"text"`
	Code string `json:"code"`
}

// vMade is a card that is printed from fixed randomness: both sides must make the same text.
type vMade struct {
	Name    string    `json:"name"`
	Share   int       `json:"share"`
	Now     time.Time `json:"now"`
	Kind    string    `json:"kind"` // issue, update, slip
	From    string    `json:"from,omitempty"`
	NoFile  bool      `json:"no_file,omitempty"`
	HasFile bool      `json:"has_file,omitempty"`
	Highest uint16    `json:"highest,omitempty"`
	Random  string    `json:"random"` // hex
	Entries []vEntry  `json:"entries"`
	Text    string    `json:"text,omitempty"`
	Dropped int       `json:"dropped,omitempty"`
	Codes   []string  `json:"codes,omitempty"`  // of refusals
	Fields  []string  `json:"fields,omitempty"` // of refusals
}

type vExpiry struct {
	Issued  string `json:"issued"`
	Days    int    `json:"days"`
	Expires string `json:"expires"`
}

// vCode is a QR code: its rows as hexadecimal numbers, black being 1.
type vCode struct {
	Text string   `json:"text"`
	Mask int      `json:"mask"`
	Rows []string `json:"rows"`
}

func (v *vectors) share(t testing.TB, s Share) int {
	t.Helper()
	same, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for i, have := range v.Shares {
		if b, _ := json.Marshal(have); bytes.Equal(b, same) {
			return i
		}
	}
	v.Shares = append(v.Shares, s)
	return len(v.Shares) - 1
}

func plainEntries(list []Entry) []vEntry {
	out := []vEntry{}
	for _, e := range list {
		out = append(out, vEntry{e.Service, e.Quantity, e.Day.String(), e.Point})
	}
	return out
}

func vReadingOf(r Reading) vReading {
	out := vReading{State: r.State, History: r.History, Warnings: append([]Warning{}, r.Warnings...), CTI: hex.EncodeToString(r.CTI[:]), Sequence: r.Sequence,
		Expires: r.Expires.String(), Issuer: r.Issuer.Number, Slip: r.Slip, NoFile: r.NoFile, Lines: []vLine{}}
	slices.Sort(out.Warnings)
	if r.History == HistoryOpen {
		out.Issued, out.Lineage = r.Issued.String(), hex.EncodeToString(r.Lineage[:])
	}
	for _, l := range r.Lines {
		out.Lines = append(out.Lines, vLine{plainEntries([]Entry{l.Entry})[0], l.Code, l.RecordedBy, l.Vouched})
	}
	return out
}

func (v *vectors) read(t testing.TB, name string, r Reader, text string, now time.Time) {
	t.Helper()
	got, err := r.Read(text, now)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	made := noon
	if now.After(noon) {
		made = now
	}
	v.Read = append(v.Read, vRead{name, v.share(t, ShareOf(r, made)), now, text, vReadingOf(got)})
}

// printing returns what a device of Niger that may sign holds, and the press that does the same here.
func printing(t testing.TB, random []byte, change func(*Press)) (Press, Share) {
	t.Helper()
	p := press(t, niger)
	p.Rand = bytes.NewReader(random)
	if change != nil {
		change(&p)
	}
	s := ShareOf(Reader{Network: p.Network, Keys: p.Keys}, p.Now())
	s.Own = &ShareOwn{Issuer: niger, Circle: p.Circle, Days: p.Days, Points: []uint32{agadez}}
	s.Points = []SharePoint{{Number: agadez, ID: "0190a0a0-0000-8000-8000-000000000001", Code: "NE-AGZ", Name: "Agadez"}}
	if key, ok := p.Signer.Key.(ed25519.PrivateKey); ok {
		s.Signer = &ShareSigner{ID: p.Signer.ID.String(), Seed: base64.RawURLEncoding.EncodeToString(key.Seed())}
	}
	return p, s
}

func randomness(n byte) []byte {
	out := make([]byte, 24)
	for i := range out {
		out[i] = n + byte(i)*7
	}
	return out
}

func (v *vectors) make(t testing.TB, m vMade, list []Entry, change func(*Press)) {
	t.Helper()
	random := randomness(byte(len(v.Made) + len(v.Refused)))
	p, s := printing(t, random, change)
	m.Share, m.Now, m.Random, m.Entries = v.share(t, s), p.Now(), hex.EncodeToString(random), plainEntries(list)
	c, err := m.print(p, Reader{Network: p.Network, Keys: p.Keys}, list)
	if err != nil {
		for _, f := range fault.All(err) {
			m.Codes, m.Fields = append(m.Codes, f.Code), append(m.Fields, f.Field)
		}
		v.Refused = append(v.Refused, m)
		return
	}
	m.Text, m.Dropped = c.Text, c.Dropped
	v.Made = append(v.Made, m)
}

func (m vMade) print(p Press, r Reader, list []Entry) (Card, error) {
	var from Reading
	if m.From != "" {
		var err error
		if from, err = r.Read(m.From, p.Now()); err != nil {
			return Card{}, err
		}
	}
	switch m.Kind {
	case "issue":
		return p.Issue(Draft{NoFile: m.NoFile, Entries: list})
	case "slip":
		from.Sequence = max(from.Sequence, m.Highest)
		return p.Slip(from, list[0])
	}
	return p.Update(from, Update{Entries: list, HasFile: m.HasFile, Highest: m.Highest})
}

// vectorsNow makes all vectors anew.
func vectorsNow(t testing.TB) vectors {
	var v vectors
	for _, n := range []int{0, 1, 5, 6, 10, 11, 20} {
		v.read(t, "a card with "+string(rune('0'+n/10))+string(rune('0'+n%10))+" entries", reader(t), issue(t, press(t, niger), entries(n)...).Text, noon)
	}
	given := Entry{kit, 1, DayOf(noon) - 9, agadez}
	first := issue(t, press(t, niger), given)
	second, err := press(t, libya).Update(read(t, reader(t), first.Text), Update{Entries: []Entry{{call, 1, DayOf(noon), tripoli}}, HasFile: true})
	if err != nil {
		t.Fatal(err)
	}
	slip, err := press(t, niger).Slip(read(t, reader(t), first.Text), given)
	if err != nil {
		t.Fatal(err)
	}
	v.read(t, "a card that another organisation re-issued", reader(t), second.Text, noon)
	v.read(t, "a slip", reader(t), slip.Text, noon)
	full := issue(t, press(t, niger), entries(3)...).Text
	for _, x := range doubts(t) {
		r := reader(t)
		if x.change != nil {
			x.change(&r)
		}
		v.read(t, x.name, r, full, x.now)
	}
	r := reader(t)
	r.Marks = NewMarks(NetworkKey{9}, MarksFile{Superseded: []Mark{{2}, MarkOf(NetworkKey{9}, first.CTI)}, Revoked: []Mark{{1}, MarkOf(NetworkKey{9}, second.CTI)}})
	v.read(t, "a superseded card", r, first.Text, noon)
	v.read(t, "a revoked card", r, second.Text, noon)
	v.read(t, "a card that no list names", r, slip.Text, noon)
	f := newForge(t, payloadOf(t, first.Text))
	f.protected, f.key = cborOf(t, map[int]any{1: -8, 4: libyaKey[:]}), testKey("libya")
	v.read(t, "a seal lifted under another signature", reader(t), f.text(t), noon)
	f = newForge(t, payloadOf(t, first.Text))
	f.signature = make([]byte, 64)
	v.read(t, "a wrong signature", reader(t), f.text(t), noon)

	for _, x := range hostile(t) {
		v.Hostile = append(v.Hostile, vRefuse{x.name, x.text, x.code})
	}

	today := Entry{meal, 2, DayOf(noon), agadez}
	v.make(t, vMade{Name: "a blank card", Kind: "issue", NoFile: true}, nil, nil)
	v.make(t, vMade{Name: "a card for somebody with a file", Kind: "issue"}, entries(3), nil)
	v.make(t, vMade{Name: "five entries and one more", Kind: "issue", NoFile: true}, entries(6), nil)
	v.make(t, vMade{Name: "the oldest of twenty-three are dropped", Kind: "issue", NoFile: true}, entries(23), nil)
	v.make(t, vMade{Name: "the same help twice is one entry of both", Kind: "issue", NoFile: true}, []Entry{today, given, today}, nil)
	v.make(t, vMade{Name: "more than 63 is 63", Kind: "issue", NoFile: true}, []Entry{{meal, 60, DayOf(noon), agadez}, {meal, 60, DayOf(noon), agadez}}, nil)
	v.make(t, vMade{Name: "an update of the own card", Kind: "update", From: first.Text}, []Entry{today}, nil)
	v.make(t, vMade{Name: "an update of another organisation's card", Kind: "update", From: second.Text}, []Entry{today}, nil)
	v.make(t, vMade{Name: "an update of somebody who has a file by now", Kind: "update", From: first.Text, HasFile: true}, []Entry{today}, nil)
	v.make(t, vMade{Name: "an update after a later print was seen", Kind: "update", From: first.Text, Highest: 7}, []Entry{today}, nil)
	v.make(t, vMade{Name: "an update drops the oldest", Kind: "update", From: issue(t, press(t, niger), entries(20)...).Text}, []Entry{today}, nil)
	v.make(t, vMade{Name: "an update of a service that nobody knows any more", Kind: "update", From: first.Text}, []Entry{today}, func(p *Press) {
		p.Network = network(t, func(f *NetworkFile) { f.Services = f.Services[:3] })
	})
	v.make(t, vMade{Name: "an update leaves out what became unsafe", Kind: "update", From: first.Text}, []Entry{today}, func(p *Press) {
		p.Network = network(t, func(f *NetworkFile) { f.Services[3].CardSafe = false })
	})
	v.make(t, vMade{Name: "a slip of a card", Kind: "slip", From: second.Text}, []Entry{today}, nil)
	v.make(t, vMade{Name: "a slip for somebody without a card", Kind: "slip"}, []Entry{today}, nil)
	v.make(t, vMade{Name: "a slip of a card that cannot be opened", Kind: "slip", From: issue(t, press(t, chad), Entry{meal, 1, DayOf(noon), faya}).Text}, []Entry{today}, nil)

	with := func(change func(*Entry)) []Entry {
		e := today
		change(&e)
		return []Entry{today, e}
	}
	v.make(t, vMade{Name: "an unsafe service", Kind: "issue"}, with(func(e *Entry) { e.Service = talkOnce }), nil)
	v.make(t, vMade{Name: "an unlisted service", Kind: "issue"}, with(func(e *Entry) { e.Service = 777 }), nil)
	v.make(t, vMade{Name: "nothing given", Kind: "issue"}, with(func(e *Entry) { e.Quantity = 0 }), nil)
	v.make(t, vMade{Name: "help of tomorrow", Kind: "issue"}, with(func(e *Entry) { e.Day++ }), nil)
	v.make(t, vMade{Name: "a point of another organisation", Kind: "issue"}, with(func(e *Entry) { e.Point = tripoli }), nil)
	v.make(t, vMade{Name: "four faults at once", Kind: "issue"}, []Entry{{talkOnce, 0, DayOf(noon) + 1, tripoli}}, nil)
	v.make(t, vMade{Name: "a revoked key", Kind: "issue"}, nil, func(p *Press) {
		p.Network = network(t, func(f *NetworkFile) { f.Keys[0].Status = Revoked })
	})
	v.make(t, vMade{Name: "a voucher key", Kind: "issue"}, nil, func(p *Press) { p.Signer = Signer{voucherKey, testKey("voucher")} })
	v.make(t, vMade{Name: "a key that ended", Kind: "issue"}, nil, func(p *Press) {
		p.Network = network(t, func(f *NetworkFile) { f.Keys[0].Until = DayOf(noon) })
	})
	v.make(t, vMade{Name: "an unlisted key", Kind: "issue"}, nil, func(p *Press) { p.Signer.ID[0]++ })
	v.make(t, vMade{Name: "a key under the id of another", Kind: "issue"}, nil, func(p *Press) { p.Signer.Key = testKey("libya") })
	v.make(t, vMade{Name: "no seal key of this quarter", Kind: "issue"}, nil, func(p *Press) { p.Keys = sealKeys(t, testSeal(0x1111, sahara, quarter-1)) })
	v.make(t, vMade{Name: "no network file", Kind: "issue"}, nil, func(p *Press) { p.Network = nil })
	v.make(t, vMade{Name: "a card too old to be opened", Kind: "update", From: first.Text}, []Entry{today}, func(p *Press) { p.Keys = sealKeys(t, testSeal(0x4444, lake, quarter)) })
	v.make(t, vMade{Name: "the last sequence", Kind: "update", From: first.Text, Highest: 65534}, []Entry{today}, nil)

	for _, x := range []struct {
		day  Day
		days int
	}{{DayOf(noon), 30}, {DayOf(noon), 540}, {quarter.Start(), 92}, {quarter.Start(), 91}, {quarter.Start(), 90}, {DayOf(time.Date(2028, 2, 1, 0, 0, 0, 0, time.UTC)), 28}} {
		v.Quarter = append(v.Quarter, vExpiry{x.day.String(), x.days, ExpiryAfter(x.day, x.days).String()})
	}
	for _, n := range []int{0, 10, 20} {
		v.code(t, issue(t, press(t, niger), entries(n)...).Text)
	}
	v.code(t, "AC1:")
	return v
}

func (v *vectors) code(t testing.TB, text string) {
	p, err := Draw(text)
	if err != nil {
		t.Fatal(err)
	}
	c := vCode{Text: text, Mask: p.Mask}
	for y := range p.Size {
		row := make([]byte, (p.Size+7)/8)
		for x := range p.Size {
			if p.Black(x, y) {
				row[x/8] |= 0x80 >> (x % 8)
			}
		}
		c.Rows = append(c.Rows, hex.EncodeToString(row))
	}
	v.QR = append(v.QR, c)
}

func TestTheVectorsAreOfToday(t *testing.T) {
	v := vectorsNow(t)
	now, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	now = append(now, '\n')
	path := filepath.Join("testdata", "vectors.json")
	if *write {
		if err := os.WriteFile(path, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, now) {
		t.Error("cards are read or printed differently now; if that is meant, write the vectors anew with -write and run the desk's tests")
	}
	t.Logf("%d readings, %d hostile texts, %d cards made, %d refused, %d shares", len(v.Read), len(v.Hostile), len(v.Made), len(v.Refused), len(v.Shares))
}

// TestTheBrowsersCards reads what the desk's tests made in the browser's language, and prints it again here.
func TestTheBrowsersCards(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "browser.json"))
	if err != nil {
		t.Fatal(err)
	}
	var made []vMade
	if err := json.Unmarshal(raw, &made); err != nil {
		t.Fatal(err)
	}
	if len(made) < 10 {
		t.Fatalf("only %d cards", len(made))
	}
	for _, m := range made {
		t.Run(m.Name, func(t *testing.T) {
			random, err := hex.DecodeString(m.Random)
			if err != nil {
				t.Fatal(err)
			}
			p, _ := printing(t, random, nil)
			p.Now = func() time.Time { return m.Now }
			var list []Entry
			for _, e := range m.Entries {
				day, err := time.Parse(time.DateOnly, e.Day)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, Entry{e.Service, e.Quantity, DayOf(day), e.Point})
			}
			r, err := reader(t).Read(m.Text, m.Now)
			if err != nil || r.State != Verified || r.History != HistoryOpen || r.Issuer.Number != niger {
				t.Fatalf("%+v %v", r, err)
			}
			c, err := m.print(p, reader(t), list)
			if err != nil {
				t.Fatal(err)
			}
			if c.Text != m.Text || c.Dropped != m.Dropped {
				t.Errorf("printed here it is\n%s\nthere\n%s", c.Text, m.Text)
			}
		})
	}
}
