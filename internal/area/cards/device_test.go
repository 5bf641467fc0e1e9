package cards

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
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

// withSpares is like members, with keys for two devices at each node.
func withSpares(t testing.TB, db *store.DB) (ne, ly *desk) {
	t.Helper()
	other, err := store.Open(context.Background(), testkit.NewConfig(t, db.Engine()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	ne, ly = newDesk(t, db, agadez, false), newDesk(t, other, tripoli, false)
	ne.must(ne.MakeSpares(2))
	ly.must(ly.MakeSpares(2))
	found(t, false, ne, ly)
	return ne, ly
}

// tablet enrols a device at the desk's point; its volunteer is signed in there.
func (d *desk) tablet(name string) fact.DeviceID {
	id := deviceID(d.t, fact.NewCardID(d.Clock.Now()))
	d.devices[id] = Device{ID: id, Name: name, Org: d.at.Org, Point: d.at.ID}
	who := d.who
	who.Device = id
	d.tokens[name] = who
	return id
}

func (d *desk) share(token string) Share {
	d.t.Helper()
	s, err := d.Share(context.Background(), d.tokens[token], d.at.ID)
	d.must(err)
	return s
}

// tabletPress prints as the tablet does, from what its share holds.
func (d *desk) tabletPress(s Share) card.Press {
	d.t.Helper()
	seed, err := base64.RawURLEncoding.DecodeString(s.Signer.Seed)
	d.must(err)
	k := d.known.Load()
	key := ed25519.NewKeyFromSeed(seed)
	i := slices.IndexFunc(k.network.File().Keys, func(l card.TrustedKey) bool { return l.ID.String() == s.Signer.ID })
	if i < 0 {
		d.t.Fatal("the share names a key that the network file does not list")
	}
	return card.Press{Network: k.network, Keys: k.seals, Signer: card.Signer{ID: k.network.File().Keys[i].ID, Key: key}, Circle: s.Own.Circle, Days: s.Own.Days, Now: d.Clock.Now, Rand: rand.Reader}
}

func mealEntry(d *desk) card.Entry {
	return card.Entry{Service: d.mustNumber("food.meal"), Quantity: 1, Day: card.DayOf(d.Clock.Now()), Point: d.at.Number}
}

func (d *desk) mustNumber(code string) uint16 {
	d.t.Helper()
	n, err := d.known.Load().network.CardNumber(code)
	d.must(err)
	return n
}

func TestADeviceIsHandedWhatItNeedsAndNoMore(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ne, ly := withSpares(t, db)
		lead := ne.tokens["lead"]
		tablet := ne.tablet("tablet")
		ne.tablet("other tablet")
		first := ne.issue(Issue{Services: meal(1), Language: "en"})
		ne.update(Update{Text: first.Text, Services: meal(1)})
		s := ne.share("tablet")
		if s.Network == nil || s.Network.Serial != 1 || len(s.Issuers) != 2 || len(s.Keys) != 6 || s.Own == nil || s.Own.Issuer != niger || !slices.Equal(s.Own.Points, []uint32{agadez.Number}) {
			t.Errorf("%+v", s)
		}
		if s.Signer != nil {
			t.Fatal("a device that nobody allowed was handed a signing key")
		}
		// The quarter of now; the two of the months to come stay at the node, and so does every other circle's.
		if len(s.Seals) != 1 || len(s.Announced) != 3 || len(s.Points) != 3 || s.Points[0].Code != "NE-AGZ" {
			t.Errorf("%d seal keys, %d announced, points %v", len(s.Seals), len(s.Announced), s.Points)
		}
		if raw, err := base64.RawURLEncoding.DecodeString(s.Marks.Superseded); err != nil || len(raw) != 16 || s.Marks.Revoked != "" || s.Marks.LeftOut != 0 {
			t.Errorf("%+v %v", s.Marks, err)
		}
		for _, x := range s.Services {
			if x.Code == "food.meal" && (!x.CardSafe || x.Unit == "") || x.Code == "mhpss" && x.CardSafe {
				t.Errorf("%+v", x)
			}
		}
		w, err := ne.Allow(context.Background(), lead, tablet)
		if err != nil || w.State != "ready" || len(w.Key) != 8 {
			t.Fatalf("%+v %v", w, err)
		}
		if again, err := ne.Allow(context.Background(), lead, tablet); err != nil || again.Key != w.Key {
			t.Errorf("again: %+v %v", again, err)
		}
		if s := ne.share("tablet"); s.Signer == nil || s.Signer.ID != w.Key {
			t.Errorf("the allowed device: %+v", s.Signer)
		}
		for _, token := range []string{"other tablet", "volunteer", "lead"} {
			if s := ne.share(token); s.Signer != nil {
				t.Errorf("%s was handed a key", token)
			}
		}
		cashier := ne.tokens["tablet"]
		cashier.Grants = []access.Grant{{Role: access.CashOfficer, Org: agadez.Org, Point: agadez.ID}}
		if s, err := ne.Share(context.Background(), cashier, agadez.ID); err != nil || s.Signer != nil {
			t.Errorf("who may read cards and not write them: %+v %v", s.Signer, err)
		}
		if s := ly.share("volunteer"); s.Own.Issuer != libya {
			t.Errorf("%+v", s.Own)
		}
		var shares, withKey int
		ne.must(db.Read(context.Background(), func(tx *store.Tx) error {
			_, err := tx.One(`SELECT count(*), count(CASE WHEN code = 'cards.signing_key' THEN 1 END) FROM audit_entry WHERE action = 'cards.share'`, nil, &shares, &withKey)
			return err
		}))
		if shares != 6 || withKey != 1 {
			t.Errorf("the access log has %d shares, %d with a key", shares, withKey)
		}
		ne.RebuildsAlike(t)
	})
}

func TestSharesHoldTheNewestMarks(t *testing.T) {
	ne, _ := withSpares(t, open(t))
	ctx := context.Background()
	for i := range 15 {
		marks := make([]card.Mark, 4_000)
		for j := range marks {
			marks[j] = card.Mark{byte(i + 1), byte(j), byte(j >> 8)}
		}
		ne.must(ne.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := ne.Journal.Append(tx, Revoked.New(fact.FactID{}, fact.ScopeOpen, ne.who.Handle, MarkedOpen{Marks: marks}))
			return err
		}))
		ne.Clock.Add(time.Minute)
	}
	s := ne.share("volunteer")
	raw, err := base64.RawURLEncoding.DecodeString(s.Marks.Revoked)
	if err != nil || len(raw) != 16*MarksMost || s.Marks.LeftOut != 10_000 {
		t.Fatalf("%d bytes, %d left out, %v", len(raw), s.Marks.LeftOut, err)
	}
	by := map[byte]int{}
	for m := range slices.Chunk(raw, 16) {
		by[m[0]]++
	}
	if by[15] != 4_000 || by[4] != 4_000 || by[3] != 2_000 || by[2] != 0 {
		t.Errorf("the oldest go first: %v", by)
	}
}

func TestOnlyTheLeadOfThePointAllowsADevice(t *testing.T) {
	ne, _ := withSpares(t, open(t))
	ctx := context.Background()
	lead, tablet := ne.tokens["lead"], ne.tablet("tablet")
	stranger := actor(9, access.PointLead, arlit)
	_, foreign := ne.Allow(ctx, stranger, tablet)
	missing := deviceID(t, fact.NewCardID(ne.Clock.Now()))
	_, none := ne.Allow(ctx, lead, missing)
	if fault.Code(foreign) != "cards.no_device" || fault.Code(none) != "cards.no_device" {
		t.Errorf("%v, %v", foreign, none)
	}
	if _, err := ne.Allow(ctx, ne.who, tablet); fault.Code(err) != "cards.no_device" {
		t.Errorf("a volunteer: %v", err)
	}
	if status, _ := ne.ask("lead", "POST", "/api/card-devices/"+tablet.String(), nil, nil); status != 200 {
		t.Fatalf("the lead: %d", status)
	}
	ne.Clock.Add(time.Minute)
	second := ne.tablet("second")
	if _, err := ne.Allow(ctx, lead, second); err != nil {
		t.Fatal(err)
	}
	third := ne.tablet("third")
	if _, err := ne.Allow(ctx, lead, third); fault.Code(err) != "cards.no_spare_key" {
		t.Errorf("two keys for three devices: %v", err)
	}
	var list devicesOut
	ne.ask("lead", "GET", "/api/card-devices", nil, &list)
	if len(list.Devices) != 2 || list.Spare != 0 || list.Devices[0].Device != tablet || list.Devices[0].Point != agadez.ID {
		t.Errorf("%+v", list)
	}
	if all, _, err := ne.Writers(ctx, stranger); err != nil || len(all) != 0 {
		t.Errorf("the lead of another point sees %v, %v", all, err)
	}
	if status, _ := ne.ask("lead", "POST", "/api/card-devices/"+tablet.String()+"/end", nil, nil); status != 204 {
		t.Errorf("%d", status)
	}
	if s := ne.share("tablet"); s.Signer != nil {
		t.Error("a device that may no more was handed its key")
	}
	// Taken out of the desk, it still has a key that the office can revoke.
	delete(ne.devices, tablet)
	if keys, err := ne.DeviceKeys(ctx); err != nil || len(keys) != 2 || keys[0].Device != tablet || len(keys[0].Key) != 8 || keys[0].Ended.IsZero() || !keys[1].Ended.IsZero() {
		t.Errorf("%+v %v", keys, err)
	}
	// What one device held is never another's: a new key has to be listed first.
	if _, err := ne.Allow(ctx, lead, third); fault.Code(err) != "cards.no_spare_key" {
		t.Errorf("a used key: %v", err)
	}
	ne.must(ne.MakeSpares(3))
	text, err := ne.NodeKeyText()
	ne.must(err)
	keys, err := ParseNodeKeys(text)
	if err != nil || len(keys.Devices) != 3 {
		t.Fatalf("%d keys for devices, %v", len(keys.Devices), err)
	}
	_, err = ne.ImportNetwork(ctx, ne.amended(func(f *card.NetworkFile) {
		_, err := f.AddKey(rand.Reader, niger, keys.Devices[2], card.DayOf(ne.Clock.Now())-1, card.DayOf(ne.Clock.Now())+1000, card.RoleCard)
		ne.must(err)
	}))
	ne.must(err)
	if w, err := ne.Allow(ctx, lead, third); err != nil || w.State != "ready" {
		t.Errorf("%+v %v", w, err)
	}
}

func TestARevokedDeviceHasNoKey(t *testing.T) {
	ne, _ := withSpares(t, open(t))
	ctx := context.Background()
	tablet := ne.tablet("tablet")
	w, err := ne.Allow(ctx, ne.tokens["lead"], tablet)
	ne.must(err)
	press := ne.tabletPress(ne.share("tablet"))
	c, err := press.Issue(card.Draft{NoFile: true, Entries: []card.Entry{mealEntry(ne)}})
	ne.must(err)
	if got := ne.read(c.Text); got.Status != StatusOK {
		t.Errorf("%+v", got)
	}
	_, err = ne.ImportNetwork(ctx, ne.amended(func(f *card.NetworkFile) {
		for i := range f.Keys {
			if f.Keys[i].ID.String() == w.Key {
				f.Keys[i].Status = card.Revoked
			}
		}
	}))
	ne.must(err)
	if s := ne.share("tablet"); s.Signer != nil {
		t.Error("a revoked key is handed out")
	}
	all, _, err := ne.Writers(ctx, ne.tokens["lead"])
	if err != nil || len(all) != 1 || all[0].State != "revoked" {
		t.Errorf("%+v %v", all, err)
	}
	if got := ne.read(c.Text); got.Status != StatusUnverified {
		t.Errorf("what a revoked device printed: %+v", got)
	}
	if _, err := ne.Made(ctx, ne.who, Made{Text: c.Text, Point: agadez.ID}); fault.Code(err) != "cards.not_ours" {
		t.Errorf("%v", err)
	}
	if got := ne.issue(Issue{Services: meal(1), Language: "en"}); ne.read(got.Text).Status != StatusOK {
		t.Error("the node's own key goes on")
	}
}

func TestACardThatADevicePrintedIsRecordedLikeOneOfTheNode(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ne, ly := withSpares(t, db)
		ctx := context.Background()
		tablet := ne.tablet("tablet")
		_, err := ne.Allow(ctx, ne.tokens["lead"], tablet)
		ne.must(err)
		press := ne.tabletPress(ne.share("tablet"))
		printed := ne.Clock.Now()
		first, err := press.Issue(card.Draft{NoFile: true, Entries: []card.Entry{mealEntry(ne)}})
		ne.must(err)
		ne.Clock.Add(72 * time.Hour) // the network comes back three days later
		reader := card.Reader{Network: press.Network, Keys: press.Keys}
		read, err := reader.Read(first.Text, ne.Clock.Now())
		ne.must(err)
		second, err := press.Update(read, card.Update{Entries: []card.Entry{mealEntry(ne)}})
		ne.must(err)

		body := map[string]any{"id": fact.NewCardID(ne.Clock.Now()), "text": first.Text, "point": "NE-AGZ", "basis": map[string]any{"answer": "yes"}, "contact": fact.NewContactID(ne.Clock.Now())}
		var raw string
		if status, _ := ne.ask("volunteer", "POST", "/api/cards/made", body, &raw); status != 201 {
			t.Fatalf("%d %s", status, raw)
		}
		var one Printed
		ne.must(json.Unmarshal([]byte(raw), &one))
		want := fmt.Sprintf(`{"card":"%s","text":"","entries":1,"expires":"2027-10-01","sequence":1,"dropped":0,"left_out":[],"lineage_handle":"%s"}`+"\n", body["id"], one.Holder)
		if raw != want || one.Holder.IsZero() {
			t.Errorf("got  %s\nwant %s", raw, want)
		}
		var again string
		if status, _ := ne.ask("volunteer", "POST", "/api/cards/made", body, &again); status != 201 || again != raw {
			t.Errorf("sent twice: %d %s", status, again)
		}
		body["id"] = fact.NewCardID(ne.Clock.Now())
		if status, _ := ne.ask("volunteer", "POST", "/api/cards/made", body, &again); status != 201 || again != raw {
			t.Errorf("sent twice under two ids: %d %s", status, again)
		}
		two, err := ne.Made(ctx, ne.who, Made{ID: fact.NewCardID(ne.Clock.Now()), Text: second.Text, Point: agadez.ID, Replaces: first.Text})
		if err != nil || two.Holder != one.Holder || two.Sequence != 2 || two.Entries != 2 {
			t.Errorf("%+v %v", two, err)
		}
		if got := ne.read(second.Text); got.Status != StatusOK || got.Holder != one.Holder || got.Card != two.Card {
			t.Errorf("%+v", got)
		}
		if got := ne.read(first.Text); !slices.Contains(got.Codes, string(card.WarnSuperseded)) || !slices.Contains(got.Codes, string(card.WarnNewerSeen)) || got.Card != one.Card {
			t.Errorf("%+v", got)
		}
		ly.Clock.Add(72 * time.Hour)
		if got := ly.read(second.Text); got.Status != StatusOK || len(got.Entries) != 2 {
			t.Errorf("at another member: %+v", got)
		}
		var rows int
		var day fact.Day
		ne.must(db.Read(ctx, func(tx *store.Tx) error {
			_, err := tx.One(`SELECT count(*), min(day) FROM cards_print`, nil, &rows, &day)
			return err
		}))
		if rows != 2 || day != fact.DayOf(printed) {
			t.Errorf("%d prints, the first of %s", rows, day)
		}
		ne.RebuildsAlike(t)
	})
}

func TestACardOfAFileThatADevicePrinted(t *testing.T) {
	ne, _ := withSpares(t, open(t))
	ctx := context.Background()
	_, err := ne.Allow(ctx, ne.tokens["lead"], ne.tablet("tablet"))
	ne.must(err)
	press := ne.tabletPress(ne.share("tablet"))
	her := fact.NewPersonID(ne.Clock.Now())
	c, err := press.Issue(card.Draft{Entries: []card.Entry{mealEntry(ne)}})
	ne.must(err)
	in := Made{Text: c.Text, Point: agadez.ID, Person: her, Agreed: "yes", Language: "ar"}
	if _, err := ne.Made(ctx, ne.who, in); fault.Code(err) != "cards.unknown_person" {
		t.Errorf("a file that is not there: %v", err)
	}
	ne.files[her] = true
	out, err := ne.Made(ctx, ne.who, in)
	if err != nil || out.Holder != her || len(ne.agreed) != 1 {
		t.Errorf("%+v %v %v", out, err, ne.agreed)
	}
	if got := ne.read(c.Text); got.Person != her {
		t.Errorf("%+v", got)
	}
	slip, err := press.Slip(card.Reading{}, mealEntry(ne))
	ne.must(err)
	if out, err := ne.Made(ctx, ne.who, Made{Text: slip.Text, Point: agadez.ID, Replaces: c.Text}); err != nil || out.Sequence != 1 {
		t.Errorf("a slip beside a card that could not be opened: %+v %v", out, err)
	}
	if got := ne.read(c.Text); got.Status != StatusOK {
		t.Errorf("a slip supersedes nothing: %+v", got)
	}
}

func TestWhatNoDeviceOfThisNodePrintedIsRefused(t *testing.T) {
	ne, ly := withSpares(t, open(t))
	ctx := context.Background()
	_, err := ne.Allow(ctx, ne.tokens["lead"], ne.tablet("tablet"))
	ne.must(err)
	_, err = ly.Allow(ctx, ly.tokens["lead"], ly.tablet("tablet"))
	ne.must(err)
	mine, theirs := ne.tabletPress(ne.share("tablet")), ly.tabletPress(ly.share("tablet"))
	ours, err := mine.Issue(card.Draft{Entries: []card.Entry{mealEntry(ne)}})
	ne.must(err)
	foreign, err := theirs.Issue(card.Draft{Entries: []card.Entry{mealEntry(ly)}})
	ne.must(err)
	byNode := ne.issue(Issue{Services: meal(1), Language: "en"})
	other, err := mine.Issue(card.Draft{})
	ne.must(err)
	k := ne.known.Load()
	waiting := k.spares[1] // in the list, and never handed out
	unheld := mine
	unheld.Signer = card.Signer{ID: waiting.line.ID, Key: ed25519.NewKeyFromSeed(waiting.seed[:])}
	stolen, err := unheld.Issue(card.Draft{})
	ne.must(err)
	read, err := card.Reader{Network: mine.Network, Keys: mine.Keys}.Read(ours.Text, ne.Clock.Now())
	ne.must(err)
	next, err := mine.Update(read, card.Update{})
	ne.must(err)
	for name, x := range map[string]struct {
		who  access.Actor
		in   Made
		code string
	}{
		"no card at all":                            {ne.who, Made{Text: "hello"}, "cards.not_ours"},
		"nothing":                                   {ne.who, Made{}, "cards.not_ours"},
		"a card with a changed character":           {ne.who, Made{Text: ours.Text[:40] + strings.ToLower(ours.Text[40:])}, "cards.not_ours"},
		"a card of another organisation's device":   {ne.who, Made{Text: foreign.Text}, "cards.not_ours"},
		"a card that the node itself printed":       {ne.who, Made{Text: byNode.Text}, "cards.not_ours"},
		"a card of a key that was never handed out": {ne.who, Made{Text: stolen.Text}, "cards.not_ours"},
		"at a point where one does not work":        {ne.tokens["elsewhere"], Made{Text: ours.Text}, "cards.unknown_point"},
		"by who may not give out cards":             {ne.tokens["storekeeper"], Made{Text: ours.Text}, "cards.unknown_point"},
		"for two persons":                           {ne.who, Made{Text: ours.Text, Person: fact.NewPersonID(time.Now()), Holder: fact.NewPersonID(time.Now())}, "cards.two_persons"},
		"for a holder that nobody saw":              {ne.who, Made{Text: ours.Text, Holder: fact.NewPersonID(time.Now())}, "cards.unknown_holder"},
		"for somebody who said no":                  {ne.who, Made{Text: ours.Text, Agreed: "no"}, "cards.not_agreed"},
		"in a language that is none":                {ne.who, Made{Text: ours.Text, Language: "en_GB?"}, "cards.bad_language"},
		"an update that follows another card":       {ne.who, Made{Text: next.Text, Replaces: other.Text}, card.CodeLineageOther},
		"an update of something that is no card":    {ne.who, Made{Text: next.Text, Replaces: "hello"}, card.CodeMalformed},
		"an update in a language that is none":      {ne.who, Made{Text: next.Text, Language: "en_GB?"}, "cards.bad_language"},
	} {
		t.Run(name, func(t *testing.T) {
			if x.in.Point.IsZero() {
				x.in.Point = agadez.ID
			}
			if _, err := ne.Made(ctx, x.who, x.in); fault.Code(err) != x.code {
				t.Errorf("got %v, want %s", err, x.code)
			}
		})
	}
}

func TestTheSeedOfADeviceStandsInNoTable(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ne, _ := withSpares(t, db)
		_, err := ne.Allow(context.Background(), ne.tokens["lead"], ne.tablet("tablet"))
		ne.must(err)
		s := ne.share("tablet")
		seed, _ := base64.RawURLEncoding.DecodeString(s.Signer.Seed)
		seal, _ := base64.RawURLEncoding.DecodeString(s.Seals[0].Key)
		for _, table := range []string{"cards_device", "cards_network", "audit_entry", "journal_fact", "journal_request"} {
			ne.must(db.Read(context.Background(), func(tx *store.Tx) error {
				return tx.Each(`SELECT * FROM `+table, nil, func(r *store.Row) error {
					for _, v := range r.Values() {
						if b, ok := v.([]byte); ok && (bytes.Contains(b, seed) || bytes.Contains(b, seal)) {
							t.Errorf("%s holds a key", table)
						}
					}
					return nil
				})
			}))
		}
	})
}

func deviceID(t testing.TB, id fact.CardID) (d fact.DeviceID) {
	t.Helper()
	if err := d.UnmarshalBinary(id.Bytes()); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheOfficeListsFurtherKeysAndRevokesOne(t *testing.T) {
	ne, ly := withSpares(t, open(t))
	ctx := context.Background()
	w, err := ne.Allow(ctx, ne.tokens["lead"], ne.tablet("tablet"))
	ne.must(err)
	ne.must(ne.MakeSpares(4))
	keys, err := ne.NodeKeys()
	ne.must(err)
	member := []Member{{Number: niger, Nodes: []NodeKeys{keys}}}
	if _, err := Amend(rand.Reader, ne.Clock.Now(), ne.office.founded.Network, []Member{{Number: 7}}, nil, ne.office.root); fault.Code(err) != "cards.unknown_issuer" {
		t.Errorf("a stranger: %v", err)
	}
	if _, err := Amend(rand.Reader, ne.Clock.Now(), ne.office.founded.Network, nil, []string{"00000000"}, ne.office.root); fault.Code(err) != "cards.unknown_key" {
		t.Errorf("a key of nobody: %v", err)
	}
	_, foreign, err := ed25519.GenerateKey(rand.Reader)
	ne.must(err)
	if _, err := Amend(rand.Reader, ne.Clock.Now(), ne.office.founded.Network, member, nil, card.RootSigner{Key: foreign}); fault.Code(err) != card.CodeNetworkRoot {
		t.Errorf("another root: %v", err)
	}
	next, err := Amend(rand.Reader, ne.Clock.Now(), ne.office.founded.Network, member, []string{strings.ToUpper(w.Key)}, ne.office.root)
	ne.must(err)
	for _, d := range []*desk{ne, ly} {
		if n, err := d.ImportNetwork(ctx, next); err != nil || n.Serial != 2 || n.Problem != "" {
			t.Errorf("%+v %v", n, err)
		}
	}
	if all, spare, err := ne.Writers(ctx, ne.tokens["lead"]); err != nil || len(all) != 1 || all[0].State != "revoked" || spare != 3 {
		t.Errorf("%+v, %d left, %v", all, spare, err)
	}
	again, err := Amend(rand.Reader, ne.Clock.Now(), next, member, nil, ne.office.root)
	ne.must(err)
	_, err = ne.ImportNetwork(ctx, again)
	ne.must(err)
	if s := ne.share("volunteer"); len(s.Keys) != 8 {
		t.Errorf("%d keys: a key is listed twice, or one was lost", len(s.Keys))
	}
}
