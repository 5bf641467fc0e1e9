package card

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"serai/internal/fault"
)

// hostile are texts that are no cards, each with the code under which it is refused.
func hostile(t testing.TB) []struct{ name, text, code string } {
	t.Helper()
	c := issue(t, press(t, niger), entries(3)...)
	data, payload := bytesOf(t, c.Text), payloadOf(t, c.Text)
	kid := nigerKey[:]
	var deep []byte
	deep = append(deep, bytes.Repeat([]byte{0x81}, 300)...)
	deep = append(deep, 0)
	with := func(change func(*forge)) string {
		f := newForge(t, payload)
		change(&f)
		return f.text(t)
	}
	protect := func(m map[any]any) string {
		return with(func(f *forge) { f.protected = cborOf(t, m) })
	}
	claim := func(m map[int]any) string {
		return newForge(t, cborOf(t, m)).text(t)
	}
	good := map[int]any{4: uint64(c.Expires) * secondsPerDay, 7: c.CTI[:], -65537: []any{1, 1, 0x9222, make([]byte, 58)}}
	but := func(k int, v any) map[int]any {
		m := map[int]any{k: v}
		for key, val := range good {
			if _, ok := m[key]; !ok {
				m[key] = val
			}
		}
		return m
	}
	if _, err := reader(t).Read(newForge(t, payload).text(t), noon); err != nil {
		t.Fatalf("the forge itself must make cards: %v", err)
	}
	return []struct{ name, text, code string }{
		{"nothing", "", CodeMalformed},
		{"a web address", "https://example.org/", CodeMalformed},
		{"another prefix", "HC1:" + c.Text[4:], CodeMalformed},
		{"the prefix in small letters", "ac1:" + c.Text[4:], CodeMalformed},
		{"the prefix alone", Prefix, CodeMalformed},
		{"a space before it", " " + c.Text, CodeMalformed},
		{"base45 in small letters", strings.ToLower(c.Text[:3]) + c.Text[3:], CodeMalformed},
		{"characters outside of base45", Prefix + "ABC_DEF", CodeMalformed},
		{"a group above 65535", Prefix + ":::", CodeMalformed},
		{"a last group above 255", Prefix + "::", CodeMalformed},
		{"a single character left over", Prefix + "0000", CodeMalformed},
		{"emoji", Prefix + "😀😀😀", CodeMalformed},
		{"over 700 characters", Prefix + strings.Repeat("0", 697), CodeTooLong},
		{"700 characters of zeros", Prefix + strings.Repeat("0", 696), CodeMalformed},
		{"nested arrays", textOf(deep), CodeMalformed},
		{"an array of indefinite length", textOf(slices.Concat([]byte{0x9f}, data[1:], []byte{0xff})), CodeMalformed},
		{"a tag before the message", textOf(slices.Concat([]byte{0xd2}, data)), CodeMalformed},
		{"trailing bytes", textOf(append(bytes.Clone(data), 0)), CodeMalformed},
		{"half a card", textOf(data[:len(data)/2]), CodeMalformed},
		{"an array length in two bytes", textOf(slices.Concat([]byte{0x98, 4}, data[1:])), CodeMalformed},
		{"a byte string that claims four gigabytes", textOf([]byte{0x84, 0x5a, 0xff, 0xff, 0xff, 0xff, 0x01}), CodeMalformed},
		{"a byte string that claims 2^63", textOf([]byte{0x84, 0x5b, 0x80, 0, 0, 0, 0, 0, 0, 0, 1}), CodeMalformed},
		{"an array that claims 2^60 elements", textOf([]byte{0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0, 1}), CodeMalformed},
		{"a payload of indefinite length", textOf(slices.Concat(data[:12], []byte{0x5f}, data[12:], []byte{0xff})), CodeMalformed},
		{"no payload", with(func(f *forge) { f.payload = []byte{} }), CodeMalformed},
		{"a short signature", with(func(f *forge) { f.signature = make([]byte, 63) }), CodeMalformed},

		{"ES256 as algorithm", protect(map[any]any{1: -7, 4: kid}), CodeAlgorithm},
		{"HMAC as algorithm", protect(map[any]any{1: 5, 4: kid}), CodeAlgorithm},
		{"algorithm as text", protect(map[any]any{1: "EdDSA", 4: kid}), CodeAlgorithm},
		{"no algorithm", protect(map[any]any{4: kid}), CodeAlgorithm},
		{"algorithm outside of the protected header", with(func(f *forge) {
			f.protected, f.unprotected = cborOf(t, map[int]any{4: kid}), cborOf(t, map[int]any{1: -8})
		}), CodeAlgorithm},
		{"algorithm in both headers", with(func(f *forge) { f.unprotected = cborOf(t, map[int]any{1: -8}) }), CodeHeader},
		{"an unknown crit", protect(map[any]any{1: -8, 2: []any{99}, 4: kid, 99: 1}), CodeHeader},
		{"another protected header", protect(map[any]any{1: -8, 3: 60, 4: kid}), CodeHeader},
		{"an unprotected header", with(func(f *forge) { f.unprotected = cborOf(t, map[int]any{99: 1}) }), CodeHeader},
		{"no key id", protect(map[any]any{1: -8}), CodeHeader},
		{"a key id of five bytes", protect(map[any]any{1: -8, 4: append(bytes.Clone(kid), 1)}), CodeHeader},
		{"key id outside of the protected header", with(func(f *forge) {
			f.protected, f.unprotected = cborOf(t, map[int]any{1: -8}), cborOf(t, map[int]any{4: kid})
		}), CodeHeader},
		{"protected keys out of order", with(func(f *forge) {
			f.protected = slices.Concat([]byte{0xa2, 4, 0x44}, kid, []byte{1, 0x27})
		}), CodeMalformed},
		{"a protected key twice", with(func(f *forge) {
			f.protected = slices.Concat([]byte{0xa3, 1, 0x27, 1, 0x27, 4, 0x44}, kid)
		}), CodeMalformed},
		{"algorithm with more bytes than needed", with(func(f *forge) {
			f.protected = slices.Concat([]byte{0xa2, 1, 0x38, 7, 4, 0x44}, kid)
		}), CodeMalformed},

		{"claims that are no map", newForge(t, cborOf(t, []int{1})).text(t), CodeMalformed},
		{"a claim twice", newForge(t, slices.Concat([]byte{0xa4, 4, 1, 4, 1}, payload[7:])).text(t), CodeMalformed},
		{"claims out of order", newForge(t, slices.Concat([]byte{0xa3}, payload[7:25], payload[1:7], payload[25:])).text(t), CodeMalformed},
		{"bytes behind the claims", newForge(t, append(bytes.Clone(payload), 0)).text(t), CodeMalformed},
		{"an expiry in eight bytes", newForge(t, slices.Concat([]byte{0xa3, 4, 0x1b, 0, 0, 0, 0}, payload[3:])).text(t), CodeMalformed},
		{"one claim more", claim(but(6, 1)), CodeMalformed},
		{"no expiry", claim(map[int]any{7: good[7], -65537: good[-65537]}), CodeMalformed},
		{"no cti", claim(map[int]any{4: good[4], -65537: good[-65537]}), CodeMalformed},
		{"no private claim", claim(map[int]any{4: good[4], 7: good[7]}), CodeMalformed},
		{"a cti of fifteen bytes", claim(but(7, c.CTI[:15])), CodeMalformed},
		{"an expiry that betrays the day", claim(but(4, uint64(c.Expires+1)*secondsPerDay)), CodeMalformed},
		{"an expiry that betrays the hour", claim(but(4, uint64(c.Expires)*secondsPerDay+3600)), CodeMalformed},
		{"an expiry beyond 2149", claim(but(4, uint64(1)<<40)), CodeMalformed},
		{"a negative expiry", claim(but(4, -1)), CodeMalformed},
		{"an expiry with a fraction", claim(but(4, 1.5)), CodeMalformed},
		{"sequence zero", claim(but(-65537, []any{1, 0, 2, []byte{1}})), CodeMalformed},
		{"format zero", claim(but(-65537, []any{0, 1, 2, []byte{1}})), CodeMalformed},
		{"a private claim with five elements", claim(but(-65537, []any{1, 1, 2, []byte{1}, 5})), CodeMalformed},
		{"a private claim with three elements", claim(but(-65537, []any{1, 1, 2})), CodeMalformed},
		{"sealed text in place of bytes", claim(but(-65537, []any{1, 1, 2, "x"})), CodeMalformed},
		{"a seal id of twenty bits", claim(but(-65537, []any{1, 1, 1 << 20, []byte{1}})), CodeMalformed},
		{"a later format", claim(but(-65537, []any{2, "anything"})), CodeFormat},
	}
}

func TestNotACard(t *testing.T) {
	for _, x := range hostile(t) {
		t.Run(x.name, func(t *testing.T) {
			r, err := reader(t).Read(x.text, noon)
			if fault.Code(err) != x.code || fault.Of(err) != fault.ClassInvalid {
				t.Errorf("got %v (%q), want %s", err, fault.Code(err), x.code)
			}
			if r.State != "" || r.Lines != nil {
				t.Errorf("a refused text gave a reading: %+v", r)
			}
		})
	}
}

// doubt is a way in which a card of three entries is read with a warning, or not believed.
type doubt struct {
	name    string
	change  func(*Reader)
	now     time.Time
	state   State
	history History
	warn    []Warning
}

func doubts(t testing.TB) []doubt {
	t.Helper()
	days := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	keyed := func(change func(*NetworkFile)) func(*Reader) {
		return func(r *Reader) { r.Network = network(t, change) }
	}
	held := func(keys ...SealKey) func(*Reader) {
		return func(r *Reader) { r.Keys = sealKeys(t, keys...) }
	}
	return []doubt{
		{"a card of yesterday", nil, days(1), Verified, HistoryOpen, nil},
		{"an issuer that is not known", keyed(func(f *NetworkFile) { f.Keys = f.Keys[1:] }), noon, Unverified, HistoryWithheld, []Warning{WarnUnverified}},
		{"no network file at all", func(r *Reader) { r.Network = nil }, noon, Unverified, HistoryWithheld, []Warning{WarnUnverified}},
		{"a key revoked since", keyed(func(f *NetworkFile) { f.Keys[0].Status = Revoked }), noon, Unverified, HistoryWithheld, []Warning{WarnUnverified, WarnKeyInvalid}},
		{"a key of another role", keyed(func(f *NetworkFile) { f.Keys[0].Roles = RoleVoucher }), noon, Unverified, HistoryWithheld, []Warning{WarnUnverified, WarnKeyInvalid}},
		{"a key that had ended before the issue", keyed(func(f *NetworkFile) { f.Keys[0].Until = DayOf(noon) }), noon, Unverified, HistoryWithheld, []Warning{WarnUnverified, WarnKeyInvalid}},
		{"a key that started after the issue", keyed(func(f *NetworkFile) { f.Keys[0].From = DayOf(noon) + 1 }), noon, Unverified, HistoryWithheld, []Warning{WarnUnverified, WarnKeyInvalid}},
		{"a key that ended the day after the issue", keyed(func(f *NetworkFile) { f.Keys[0].Until = DayOf(noon) + 1 }), days(30), Verified, HistoryOpen, nil},
		{"a key under the id of another issuer", keyed(func(f *NetworkFile) { f.Keys[0].Issuer = libya }), noon, Unverified, HistoryWithheld, []Warning{WarnUnverified}},
		{"the last second before the expiry", nil, time.Date(2027, 6, 30, 23, 59, 59, 0, time.UTC), Verified, HistoryOlderKey, []Warning{WarnNetworkOld, WarnSealOlder}},
		{"expired, its key gone by then", nil, time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC), Verified, HistoryOlderKey, []Warning{WarnNetworkOld, WarnExpired, WarnSealOlder}},
		{"issued 48 hours ahead of this clock", nil, DayOf(noon).Time().Add(-ClockDrift), Verified, HistoryOpen, nil},
		{"issued more than 48 hours ahead", nil, DayOf(noon).Time().Add(-ClockDrift - time.Second), Verified, HistoryOpen, []Warning{WarnFuture}},
		{"a clock five years behind", nil, noon.AddDate(-5, 0, 0), Verified, HistoryOpen, []Warning{WarnFuture}},
		{"a service the network file does not know", keyed(func(f *NetworkFile) { f.Services = f.Services[:2] }), noon, Verified, HistoryOpen, []Warning{WarnServiceOther}},
		{"a service that became unsafe", keyed(func(f *NetworkFile) { f.Services[2].CardSafe = false }), noon, Verified, HistoryOpen, []Warning{WarnServiceOther}},
		{"a point in no block", keyed(func(f *NetworkFile) { f.Blocks = f.Blocks[1:] }), noon, Verified, HistoryOpen, []Warning{WarnPointUnknown}},
		{"an old network file", nil, days(100), Verified, HistoryOpen, []Warning{WarnNetworkOld}},
		{"the seal key not here yet", held(testSeal(0x1111, sahara, quarter-1)), noon, Verified, HistoryNewerKey, []Warning{WarnSealNewer}},
		{"no seal key at all yet", func(r *Reader) { r.Keys = nil }, noon, Verified, HistoryNewerKey, []Warning{WarnSealNewer}},
		{"a seal key not even announced yet", func(r *Reader) {
			r.Keys = sealKeys(t, testSeal(0x1111, sahara, quarter-1))
			r.Network = network(t, func(f *NetworkFile) { f.Seals = f.Seals[:1] })
		}, noon, Verified, HistoryNewerKey, []Warning{WarnSealNewer}},
		{"a node that joined the circle later", held(testSeal(0x3333, sahara, quarter+1)), days(90), Verified, HistoryOlderKey, []Warning{WarnSealOlder}},
		{"a node of another circle", held(testSeal(0x4444, lake, quarter)), noon, Verified, HistoryOtherCircle, []Warning{WarnSealCircle}},
		{"a key kept until the last day", nil, (quarter.End() + SealKeptDays - 1).Time(), Verified, HistoryOpen, []Warning{WarnNetworkOld}},
		{"a key kept too long is not used", nil, (quarter.End() + SealKeptDays).Time(), Verified, HistoryOlderKey, []Warning{WarnNetworkOld, WarnSealOlder}},
		{"another key under the id", held(SealKey{ID: 0x9222, Circle: sahara, Quarter: quarter, Key: [32]byte{1}}), noon, Unverified, HistoryWithheld, []Warning{WarnUnverified, WarnSealBroken}},
		{"a closed history under a key that ended long before", func(r *Reader) {
			r.Keys = nil
			r.Network = network(t, func(f *NetworkFile) { f.Keys[0].From, f.Keys[0].Until = 10, 20 })
		}, noon, Unverified, HistoryWithheld, []Warning{WarnUnverified, WarnKeyInvalid}},
	}
}

func TestReadingWarns(t *testing.T) {
	full := entries(3)
	for _, x := range doubts(t) {
		t.Run(x.name, func(t *testing.T) {
			c := issue(t, press(t, niger), full...)
			r := reader(t)
			if x.change != nil {
				x.change(&r)
			}
			got, err := r.Read(c.Text, x.now)
			if err != nil {
				t.Fatal(err)
			}
			if got.State != x.state || got.History != x.history {
				t.Errorf("%s, history %s; want %s, %s", got.State, got.History, x.state, x.history)
			}
			slices.Sort(got.Warnings)
			slices.Sort(x.warn)
			if !slices.Equal(got.Warnings, x.warn) {
				t.Errorf("warnings %q, want %q", got.Warnings, x.warn)
			}
			if open := got.History == HistoryOpen; open != (len(got.Lines) == len(full)) || !open && got.Lineage != (Lineage{}) {
				t.Errorf("history %s shows %d lines", got.History, len(got.Lines))
			}
			for _, l := range got.Lines {
				if got.Has(WarnServiceOther) && l.Code != "" {
					t.Errorf("unsafe service shown as %q", l.Code)
				}
			}
			if got.State == Unverified && (got.Issuer != (Issuer{}) || got.Issued != 0) {
				t.Error("an unverified card names an issuer")
			}
		})
	}
}

// A seal key that was destroyed, and is remembered only by its notice, gives "older", before and after its days are over.
func TestDestroyedKeyIsRemembered(t *testing.T) {
	c := issue(t, press(t, niger), entries(1)...)
	later := (quarter.End() + SealKeptDays).Time()
	gone := sealKeys(t).Expired(later)
	if len(gone) != 2 {
		t.Fatalf("%d keys to destroy, want 2: %v", len(gone), gone)
	}
	keys, err := NewSealKeys(nil, gone...)
	if err != nil {
		t.Fatal(err)
	}
	r := Reader{Network: network(t, func(f *NetworkFile) { f.Seals = nil }), Keys: keys}
	if got, err := r.Read(c.Text, later); err != nil || got.History != HistoryOlderKey {
		t.Errorf("history %s, %v; want %s", got.History, err, HistoryOlderKey)
	}
}

func TestMarkedPrints(t *testing.T) {
	c := issue(t, press(t, niger), entries(1)...)
	key := NetworkKey{9}
	mark := MarkOf(key, c.CTI)
	for _, x := range []struct {
		name  string
		marks *Marks
		want  []Warning
	}{
		{"a print nobody marked", NewMarks(key, MarksFile{Revoked: []Mark{{1}}, Superseded: []Mark{{2}}}), nil},
		{"superseded: warned, history still shown", NewMarks(key, MarksFile{Superseded: []Mark{{2}, mark}}), []Warning{WarnSuperseded}},
		{"revoked: warned, history still shown", NewMarks(key, MarksFile{}, MarksFile{Revoked: []Mark{mark, {1}}}), []Warning{WarnRevoked}},
		{"a mark under another network key", NewMarks(NetworkKey{8}, MarksFile{Revoked: []Mark{mark}}), nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := reader(t)
			r.Marks = x.marks
			got := read(t, r, c.Text)
			if !slices.Equal(got.Warnings, x.want) || got.State != Verified || len(got.Lines) != 1 {
				t.Errorf("%s with %q and %d lines, want %q", got.State, got.Warnings, len(got.Lines), x.want)
			}
		})
	}
}

func TestNewerPrintSeen(t *testing.T) {
	r := read(t, reader(t), issue(t, press(t, niger)).Text)
	for _, x := range []struct {
		name    string
		highest uint16
		want    bool
	}{{"never seen", 0, false}, {"seen as it is", 1, false}, {"a later print is out", 2, true}} {
		if got := r.Seen(x.highest).Has(WarnNewerSeen); got != x.want {
			t.Errorf("%s: warned %v", x.name, got)
		}
	}
}

// The sealed bytes belong to one card: a member who lifts them under a signature of its own gets nothing believed.
func TestTransplantedSeal(t *testing.T) {
	c := issue(t, press(t, niger), entries(3)...)
	f := newForge(t, payloadOf(t, c.Text))
	f.protected, f.key = cborOf(t, map[int]any{1: -8, 4: libyaKey[:]}), testKey("libya")
	r := read(t, reader(t), f.text(t))
	if r.State != Unverified || !r.Has(WarnSealBroken) || len(r.Lines) != 0 {
		t.Errorf("lifted seal read as %s with %d lines, warnings %q", r.State, len(r.Lines), r.Warnings)
	}
}

// What is inside the seal is checked as strictly as what is outside.
func TestSealedContents(t *testing.T) {
	c := issue(t, press(t, niger), entries(1)...)
	good := contents{Issuer: niger, Issued: c.Issued, Lineage: c.Lineage, Entries: entries(1)}.append(nil, c.Expires)
	for _, x := range []struct {
		name   string
		change func(b []byte) []byte
		warn   Warning
	}{
		{"as a press writes it", func(b []byte) []byte { return b }, ""},
		{"another issuer than the key's", func(b []byte) []byte { b[10]++; return b }, WarnUnverified},
		{"issued on the day of expiry", func(b []byte) []byte { b[8] &= 0xc0; b[9] &= 0x0f; return b }, WarnSealBroken},
		{"an entry behind the padding", func(b []byte) []byte { b[len(b)-1] = 1; return b }, WarnSealBroken},
		{"a quantity of nothing", func(b []byte) []byte { b[contentsHead+1] &= 0xc0; return b }, WarnSealBroken},
		{"a service of nothing", func(b []byte) []byte { b[contentsHead], b[contentsHead+1] = 0, 1; return b }, WarnSealBroken},
		{"six slots", func(b []byte) []byte { return append(b, make([]byte, entrySize)...) }, WarnSealBroken},
		{"ten slots for one entry", func(b []byte) []byte { return append(b, make([]byte, 5*entrySize)...) }, WarnSealBroken},
		{"no slots", func(b []byte) []byte { return b[:contentsHead] }, WarnSealBroken},
		{"half a head", func(b []byte) []byte { return b[:5] }, WarnSealBroken},
		{"a slip without its entry", func(b []byte) []byte {
			b[8] |= 0x80
			clear(b[contentsHead:])
			return b
		}, WarnSealBroken},
	} {
		t.Run(x.name, func(t *testing.T) {
			cl := claims{Expires: uint64(c.Expires) * secondsPerDay, CTI: c.CTI[:], Body: body{Format: 1, Sequence: 1, Seal: 0x9222}}
			cl.Body.Sealed = sealKeys(t).held[0x9222].aead.Seal(nil, c.CTI[:12], x.change(bytes.Clone(good)), bound(nigerKey, cl))
			r := read(t, reader(t), newForge(t, cborOf(t, cl)).text(t))
			if x.warn == "" {
				if r.State != Verified {
					t.Errorf("%s, %q", r.State, r.Warnings)
				}
			} else if r.State != Unverified || !r.Has(x.warn) || len(r.Lines) != 0 {
				t.Errorf("%s with %q and %d lines, want %s", r.State, r.Warnings, len(r.Lines), x.warn)
			}
		})
	}
}

func TestEveryFlippedBitIsNoticed(t *testing.T) {
	data := bytesOf(t, issue(t, press(t, niger), entries(3)...).Text)
	r := reader(t)
	refused, unverified := 0, 0
	for i := range len(data) * 8 {
		bad := bytes.Clone(data)
		bad[i/8] ^= 1 << (i % 8)
		got, err := r.Read(textOf(bad), noon)
		switch {
		case err != nil:
			refused++
		case got.State == Unverified && len(got.Lines) == 0:
			unverified++
		default:
			t.Fatalf("bit %d flipped and read as %s", i, got.State)
		}
	}
	t.Logf("%d bits flipped: %d refused, %d unverified", len(data)*8, refused, unverified)
}

func TestEveryChangedCharacterIsNoticed(t *testing.T) {
	text := issue(t, press(t, niger), entries(3)...).Text
	r := reader(t)
	for i := range text {
		for _, c := range []byte{'0', 'A', ' ', ':', 'a'} {
			if text[i] == c {
				continue
			}
			bad := []byte(text)
			bad[i] = c
			if got, err := r.Read(string(bad), noon); err == nil && got.State == Verified {
				t.Fatalf("character %d became %q and was verified", i, c)
			}
		}
	}
}

func TestLongTextCostsNothing(t *testing.T) {
	long := Prefix + strings.Repeat("0", 10<<20)
	r := reader(t)
	size := testing.AllocsPerRun(10, func() {
		if _, err := r.Read(long, noon); err == nil {
			t.Error("ten megabytes read as a card")
		}
	})
	if size > 20 {
		t.Errorf("%v allocations for a text that is only too long", size)
	}
}
