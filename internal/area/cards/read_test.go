package cards

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"serai/internal/audit"
	"serai/internal/card"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
)

const base45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

func encode45(b []byte) string {
	var out strings.Builder
	for ; len(b) > 1; b = b[2:] {
		n := int(b[0])<<8 | int(b[1])
		out.Write([]byte{base45[n%45], base45[n/45%45], base45[n/2025]})
	}
	if len(b) == 1 {
		out.Write([]byte{base45[b[0]%45], base45[b[0]/45]})
	}
	return out.String()
}

func decode45(s string) (out []byte) {
	for ; len(s) > 2; s = s[3:] {
		n := strings.IndexByte(base45, s[0]) + 45*strings.IndexByte(base45, s[1]) + 2025*strings.IndexByte(base45, s[2])
		out = append(out, byte(n>>8), byte(n))
	}
	if len(s) == 2 {
		out = append(out, byte(strings.IndexByte(base45, s[0])+45*strings.IndexByte(base45, s[1])))
	}
	return out
}

// forged is a card in its parts, signed by the desk itself whatever stands in it.
type forged struct {
	Protected, Unprotected, Payload []byte
}

func (d *desk) takeApart(text string) forged {
	d.t.Helper()
	var parts struct {
		_           struct{} `cbor:",toarray"`
		Protected   []byte
		Unprotected cbor.RawMessage
		Payload     []byte
		Signature   []byte
	}
	d.must(cbor.Unmarshal(decode45(text[len(card.Prefix):]), &parts))
	return forged{parts.Protected, parts.Unprotected, parts.Payload}
}

func (d *desk) sign(f forged, after ...byte) string {
	d.t.Helper()
	str := func(b []byte) []byte {
		out, err := cbor.Marshal(b)
		d.must(err)
		return out
	}
	tbs, err := cbor.Marshal([]any{"Signature1", f.Protected, []byte{}, f.Payload})
	d.must(err)
	signature, err := d.known.Load().signer.Key.Sign(nil, tbs, &ed25519.Options{})
	d.must(err)
	return card.Prefix + encode45(bytes.Join([][]byte{{0x84}, str(f.Protected), f.Unprotected, str(f.Payload), str(signature), after}, nil))
}

func (d *desk) protected(pairs ...any) []byte {
	d.t.Helper()
	m := map[any]any{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	mode, err := cbor.CoreDetEncOptions().EncMode()
	d.must(err)
	b, err := mode.Marshal(m)
	d.must(err)
	return b
}

// printed makes a card with a press that the test may bend.
func (d *desk) printed(bend func(p *card.Press), entries ...card.Entry) string {
	d.t.Helper()
	p := d.press(d.known.Load(), nil)
	if bend != nil {
		bend(&p)
	}
	c, err := p.Issue(card.Draft{NoFile: true, Entries: entries})
	d.must(err)
	return c.Text
}

func TestEveryDoubtAboutACardIsACodeAndNeverARefusal(t *testing.T) {
	ne, ly := members(t, open(t))
	eaten := card.Entry{Service: 20, Quantity: 1, Day: card.DayOf(ne.Clock.Now()), Point: agadez.Number}
	if n, err := ne.known.Load().network.CardNumber("food.meal"); err == nil {
		eaten.Service = n
	}
	good := ne.printed(nil, eaten)
	apart := ne.takeApart(good)
	kid := ne.known.Load().signer.ID
	change := func(fn func(f *forged)) string { f := apart; fn(&f); return ne.sign(f) }
	foreign, err := card.NewSealKeys([]card.SealKey{{ID: 0xbeef, Circle: 1, Quarter: card.DayOf(ne.Clock.Now()).Quarter(), Key: [32]byte{1}}})
	ne.must(err)
	public, err := ne.office.root.Root()
	ne.must(err)
	pins, err := card.NewPins(false, public)
	ne.must(err)
	later, err := card.ParseNetwork(ne.amended(func(f *card.NetworkFile) {
		f.Services = append(f.Services, card.Service{Number: 1000, Code: "sauna", CardSafe: true})
	}), pins)
	ne.must(err)

	for _, c := range []struct {
		name, text, status, code string
		entries                  int
	}{
		{"a good card", good, StatusOK, "", 1},
		{"a good card from a clipboard", "\n" + good + " \n", StatusOK, "", 1},
		{"another prefix", "HC1:" + good[4:], StatusNotACard, card.CodeMalformed, 0},
		{"no card at all", "https://example.org/", StatusNotACard, card.CodeMalformed, 0},
		{"nothing", "", StatusNotACard, card.CodeMalformed, 0},
		{"bad base45", card.Prefix + "::::" + good[8:], StatusNotACard, card.CodeMalformed, 0},
		{"small letters", card.Prefix + "aa" + good[6:], StatusNotACard, card.CodeMalformed, 0},
		{"over 700 characters", good + strings.Repeat("0", 700), StatusNotACard, card.CodeTooLong, 0},
		{"nested deep", card.Prefix + encode45(bytes.Repeat([]byte{0x81}, 300)), StatusNotACard, card.CodeMalformed, 0},
		{"an indefinite map", change(func(f *forged) { f.Payload = append(append([]byte{0xbf}, f.Payload[1:]...), 0xff) }), StatusNotACard, card.CodeMalformed, 0},
		{"a key twice", change(func(f *forged) {
			f.Payload = append(append([]byte{0xa4}, f.Payload[1:]...), f.Payload[1:7]...)
		}), StatusNotACard, card.CodeMalformed, 0},
		{"a number longer than needed", change(func(f *forged) { f.Payload = append([]byte{0xb8, 3}, f.Payload[1:]...) }), StatusNotACard, card.CodeMalformed, 0},
		{"bytes after the end", ne.sign(apart, 0), StatusNotACard, card.CodeMalformed, 0},
		{"another algorithm", change(func(f *forged) { f.Protected = ne.protected(1, -7, 4, kid[:]) }), StatusNotACard, card.CodeAlgorithm, 0},
		{"no algorithm where it is signed", change(func(f *forged) {
			f.Protected, f.Unprotected = ne.protected(4, kid[:]), ne.protected(1, -8)
		}), StatusNotACard, card.CodeAlgorithm, 0},
		{"an unknown crit", change(func(f *forged) { f.Protected = ne.protected(1, -8, 2, []int{99}, 4, kid[:], 99, 1) }), StatusNotACard, card.CodeHeader, 0},
		{"a key nobody listed", change(func(f *forged) { f.Protected = ne.protected(1, -8, 4, []byte{1, 2, 3, 4}) }), StatusUnverified, string(card.WarnUnverified), 0},
		{"another's signature under a listed key", change(func(f *forged) { other := ly.known.Load().signer.ID; f.Protected = ne.protected(1, -8, 4, other[:]) }), StatusUnverified, string(card.WarnUnverified), 0},
		{"sealed bytes of another card, signed anew", change(func(f *forged) {
			f.Payload = bytes.Clone(f.Payload)
			f.Payload[len(f.Payload)-1] ^= 1
		}), StatusUnverified, string(card.WarnSealBroken), 0},
		{"issued three days ahead", ne.printed(func(p *card.Press) { p.Now = func() time.Time { return ne.Clock.Now().Add(72 * time.Hour) } }, eaten), StatusWarn, string(card.WarnFuture), 1},
		{"issued within the drift of clocks", ne.printed(func(p *card.Press) { p.Now = func() time.Time { return ne.Clock.Now().Add(20 * time.Hour) } }, eaten), StatusOK, "", 1},
		{"a service of a later list", ne.printed(func(p *card.Press) { p.Network = later }, card.Entry{Service: 1000, Quantity: 1, Day: eaten.Day, Point: agadez.Number}), StatusWarn, string(card.WarnServiceOther), 1},
		{"a seal key that is not here yet", ne.printed(func(p *card.Press) { p.Keys = foreign }, eaten), StatusWarn, string(card.WarnSealNewer), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ne.read(c.text)
			if got.Status != c.status || len(got.Entries) != c.entries || c.code == "" && len(got.Codes) > 0 || c.code != "" && !slices.Contains(got.Codes, c.code) {
				t.Errorf("%+v", got)
			}
			if c.status == StatusUnverified && (got.Issuer != nil || !got.Holder.IsZero() || got.History != string(card.HistoryWithheld)) {
				t.Errorf("shown as fact: %+v", got)
			}
		})
	}
}

func TestACardGrowsOldInFourWays(t *testing.T) {
	ne, ly := members(t, open(t))
	start := ne.Clock.Now()
	eaten := []card.Entry{{Service: 1, Quantity: 1, Day: card.DayOf(start), Point: agadez.Number}}
	short := ne.printed(func(p *card.Press) { p.Days = 1 }, eaten...)
	long := ne.printed(nil, eaten...)
	for _, c := range []struct {
		name, text string
		after      time.Duration
		desk       *desk
		status     string
		codes      []card.Warning
		history    card.History
	}{
		{"on its day", long, 0, ne, StatusOK, nil, card.HistoryOpen},
		{"a month on, one is expired and read all the same", short, 30 * 24 * time.Hour, ne, StatusWarn, []card.Warning{card.WarnExpired}, card.HistoryOpen},
		{"after a quarter without news the network file is old", long, 100 * 24 * time.Hour, ne, StatusWarn, []card.Warning{card.WarnNetworkOld}, card.HistoryOpen},
		{"half a year after its quarter the key is destroyed", long, 300 * 24 * time.Hour, ne, StatusWarn, []card.Warning{card.WarnNetworkOld, card.WarnSealOlder}, card.HistoryOlderKey},
		{"a node that was off as long says the same", long, 300 * 24 * time.Hour, ly, StatusWarn, []card.Warning{card.WarnNetworkOld, card.WarnSealOlder}, card.HistoryOlderKey},
	} {
		c.desk.Clock.Set(start.Add(c.after))
		c.desk.must(c.desk.Service.Start(context.Background()))
		got := c.desk.read(c.text)
		codes := make([]card.Warning, 0, len(got.Codes))
		for _, x := range got.Codes {
			codes = append(codes, card.Warning(x))
		}
		if got.Status != c.status || got.History != string(c.history) || !slices.Equal(codes, c.codes) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	if seals := ne.known.Load().secret; len(seals.Seals) >= 3 || len(seals.Gone) == 0 {
		t.Errorf("keys beyond their time are still in the keyring: %d held, %d gone", len(seals.Seals), len(seals.Gone))
	}
	_, err := ne.Update(context.Background(), ne.who, Update{Text: long, Point: agadez.ID, Services: meal(1)})
	if fault.Code(err) != card.CodePrintSlip && fault.Code(err) != card.CodeNoSealKey {
		t.Errorf("a closed history is not written on: %v", err)
	}
}

func TestASigningKeyOutsideItsTimeMakesNothingAFact(t *testing.T) {
	ne, ly := members(t, open(t))
	text := ne.issue(Issue{Services: meal(1), Language: "en"}).Text
	for name, edit := range map[string]func(k *card.TrustedKey){
		"it ended before the card": func(k *card.TrustedKey) { k.From, k.Until = k.From-10, k.From },
		"it is revoked":            func(k *card.TrustedKey) { k.Status = card.Revoked },
	} {
		_, err := ly.ImportNetwork(context.Background(), ly.amended(func(f *card.NetworkFile) {
			for i := range f.Keys {
				if f.Keys[i].Issuer == niger {
					edit(&f.Keys[i])
				}
			}
		}))
		ly.must(err)
		got := ly.read(text)
		if got.Status != StatusUnverified || len(got.Entries) != 0 || !slices.Contains(got.Codes, string(card.WarnKeyInvalid)) {
			t.Errorf("%s: %+v", name, got)
		}
		scan, err := ly.Scan(context.Background(), ly.who, text, tripoli.ID)
		if err != nil || !scan.Person.IsZero() || len(scan.Past) != 0 {
			t.Errorf("%s: %+v %v", name, scan, err)
		}
	}
}

func TestTwoPeopleWithOneCardAreBothHelpedAndTheDeskIsTold(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ne, _ := members(t, db)
		c := ne.issue(Issue{Services: meal(1), Language: "en"})
		ne.past[c.Holder] = []Help{{Code: "hygiene_kit", Quantity: 1, Day: 20522, At: ne.Clock.Now(), Point: agadez.ID}}
		ne.update(Update{Text: c.Text, Services: meal(1)}) // the first of them
		got := ne.read(c.Text)                             // the second
		want := []string{string(card.WarnNewerSeen), string(card.WarnSuperseded)}
		if got.Status != StatusWarn || !slices.Equal(got.Codes, want) || len(got.Entries) != 1 || len(got.Here) != 1 {
			t.Errorf("%+v", got)
		}
		if again := ne.update(Update{Text: c.Text, Services: meal(1)}); again.Sequence != 3 {
			t.Errorf("the next print counts on from the highest that was seen: %+v", again)
		}
		ne.RebuildsAlike(t)
	})
}

func TestWhereTheHistoryIsClosedASlipIsPrintedAndMergedLater(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ne, ly := members(t, db)
		ctx := context.Background()
		c := ne.issue(Issue{Services: meal(1), Language: "en"})
		bare := ly.known.Load().secret // Tripoli loses its seal keys of the quarter, and gets them again
		without := bare
		without.Seals = []sealKey{{ID: 999, Circle: 1, Quarter: bare.Seals[0].Quarter, Key: [32]byte{7}}}
		ly.must(ly.saveSecrets(without))
		ly.must(ly.Service.Start(ctx))
		if _, err := ly.Update(ctx, ly.who, Update{Text: c.Text, Point: tripoli.ID, Services: meal(1)}); fault.Code(err) != card.CodePrintSlip {
			t.Fatalf("%v", err)
		}
		two := Update{Text: c.Text, Point: tripoli.ID, Services: []Give{{Code: "food.meal", Quantity: 1}, {Code: "water", Quantity: 1}}, Slip: true}
		if _, err := ly.Update(ctx, ly.who, two); fault.Code(err) != "cards.slip_holds_one" {
			t.Errorf("%v", err)
		}
		ly.must(ly.saveSecrets(bare))
		ly.must(ly.Service.Start(ctx))
		unread := strings.Replace(c.Text, c.Text[40:43], "000", 1) // it cannot be verified any more
		loose := ly.update(Update{Text: unread, Services: meal(3), Slip: true})
		tied := ly.update(Update{Text: c.Text, Services: []Give{{Code: "water", Quantity: 2}}, Slip: true})
		if loose.Sequence != 1 || tied.Sequence != 2 || loose.Holder == tied.Holder {
			t.Errorf("%+v %+v", loose, tied)
		}
		if got := ne.read(loose.Text); !got.Slip || len(got.Entries) != 1 || got.Holder == c.Holder {
			t.Errorf("%+v", got)
		}
		hers := ne.issue(Issue{Services: meal(1), Language: "en"})
		another := ly.update(Update{Text: hers.Text, Services: meal(1), Slip: true})
		if _, err := ne.Update(ctx, ne.who, Update{Text: c.Text, Point: agadez.ID, Slips: []string{another.Text}}); fault.Code(err) != card.CodeLineageOther {
			t.Errorf("a slip of somebody else's card: %v", err)
		}
		if _, err := ne.Update(ctx, ne.who, Update{Text: c.Text, Point: agadez.ID, Slips: []string{"AC1:"}}); fault.Code(err) != card.CodeMalformed || fault.All(err)[0].Field != "slips.0" {
			t.Errorf("no slip: %v", err)
		}
		next := ne.update(Update{Text: c.Text, Slips: []string{loose.Text, tied.Text}, Services: meal(1)})
		if next.Sequence != 3 || next.Entries != 3 || next.Holder != c.Holder {
			t.Errorf("%+v", next)
		}
		if got := ne.read(loose.Text); got.Holder != c.Holder || !slices.Contains(got.Codes, string(card.WarnSuperseded)) {
			t.Errorf("the slip is now hers: %+v", got)
		}
		ne.RebuildsAlike(t)
	})
}

func TestEveryLookIsWrittenDownAndManyAreNoticed(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ne, _ := members(t, db)
		ne.ReadsMany = 3
		c := ne.issue(Issue{Services: meal(1), Language: "en"})
		for i := range 5 {
			if got := ne.read(c.Text); slices.Contains(got.Codes, CodeManyReads) != (i >= 2) {
				t.Errorf("reading %d: %v", i+1, got.Codes)
			}
		}
		ne.read("HC1:ABC")
		var all []audit.Entry
		ne.must(db.Read(context.Background(), func(tx *store.Tx) (err error) {
			all, err = ne.Log.Since(tx, 0, 100)
			return err
		}))
		looks, alerts, refused := 0, 0, 0
		for _, e := range all {
			switch {
			case e.Action == "cards.alert":
				alerts++
			case e.Action == "cards.read" && e.Code == card.CodeMalformed:
				refused++
			case e.Action == "cards.read" && e.Person == c.Holder && e.Outcome == audit.Seen:
				looks++
			}
		}
		if looks != 5 || alerts != 2 || refused != 1 {
			t.Errorf("%d looks, %d alerts, %d of no card", looks, alerts, refused)
		}
		ne.Clock.Add(2 * time.Hour)
		if got := ne.read(c.Text); got.Status != StatusOK {
			t.Errorf("after a quiet while: %v", got.Codes)
		}
	})
}
