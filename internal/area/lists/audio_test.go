package lists_test

import (
	"bytes"
	"context"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"serai/internal/access"
	"serai/internal/area/lists"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
)

// opus begins like a recording of Opus, and is told apart by what follows.
func opus(rest string) []byte {
	return []byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00OpusHead\x01" + rest)
}

func of(a access.Actor, org string) access.Actor {
	a.Org = fact.OrgByCode(org)
	return a
}

func TestRecordingsBelongToTheOrganisationThatSpokeThem(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		p := newPlace(t, db)
		if err := db.Migrate(ctx, lists.Migrations); err != nil {
			t.Fatal(err)
		}
		niger, libya := of(admin, "NRC"), of(admin, "LRC")
		must := func(_ lists.Recording, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(p.KeepAudio(ctx, niger, "ha", "card", opus("card")))
		must(p.KeepAudio(ctx, niger, "ha", "first", opus("first")))
		must(p.KeepAudio(ctx, niger, "ha", "first", opus("better")))
		must(p.KeepAudio(ctx, libya, "ar", "first", opus("libya")))
		got, err := p.Recordings(ctx, of(volunteer, "NRC"))
		if err != nil || len(got) != 2 || got[0].Part != "first" || got[0].Bytes != len(opus("better")) || got[0].Type != "audio/ogg" || !got[0].Current || got[1].Part != "card" {
			t.Fatalf("%+v %v", got, err)
		}
		if got, err := p.Recordings(ctx, of(volunteer, "ERC")); err != nil || len(got) != 0 {
			t.Errorf("another organisation hears %+v %v", got, err)
		}
		if err := p.DropAudio(ctx, libya, "ha", "first"); err != nil {
			t.Fatal(err)
		}
		if got, _ := p.Recordings(ctx, niger); len(got) != 2 {
			t.Error("an organisation removed what another spoke")
		}
		// A program that says something else than what was recorded says so.
		if err := db.Write(ctx, func(tx *store.Tx) error {
			return tx.Exec(`UPDATE lists_audio SET text_hash = $1 WHERE part = $2`, []byte("older"), "card")
		}); err != nil {
			t.Fatal(err)
		}
		if got, _ := p.Recordings(ctx, niger); got[1].Current {
			t.Error("a recording of an older text is taken for current")
		}
		for range 2 {
			if err := p.DropAudio(ctx, niger, "ha", "first"); err != nil {
				t.Fatal(err)
			}
		}
		if got, _ := p.Recordings(ctx, niger); len(got) != 1 {
			t.Errorf("%+v", got)
		}
	})
}

func TestWhatIsNoRecordingIsRefused(t *testing.T) {
	ctx := context.Background()
	db, err := store.Open(ctx, testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	p := newPlace(t, db)
	if err := db.Migrate(ctx, lists.Migrations); err != nil {
		t.Fatal(err)
	}
	niger := of(admin, "NRC")
	wave := append([]byte("RIFF\x00\x00\x00\x00WAVEfmt "), make([]byte, 40)...)
	for _, test := range []struct {
		name, lang, part string
		who              access.Actor
		data             []byte
		code             string
	}{
		{"Opus is kept", "ha", "first", niger, opus(""), ""},
		{"MP3 with a tag is kept", "ha", "file", niger, []byte("ID3\x04\x00\x00\x00\x00\x00\x00\x00\x00"), ""},
		{"MP3 without one is kept", "fr", "file", niger, []byte{0xff, 0xfb, 0x90, 0x64, 0, 0}, ""},
		{"M4A is kept", "fr", "card", niger, []byte("\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00"), ""},
		{"WAV is kept", "fr", "first", niger, wave, ""},
		{"a page is no recording", "ha", "first", niger, []byte("<html><script>alert(1)</script>"), "lists.not_audio"},
		{"a video is none", "ha", "first", niger, []byte("OggS\x00\x02\x00\x00theora"), "lists.not_audio"},
		{"a picture is none", "ha", "first", niger, []byte("RIFF\x00\x00\x00\x00WEBPVP8 "), "lists.not_audio"},
		{"nothing is none", "ha", "first", niger, nil, "lists.not_audio"},
		{"a stream for radios is none", "ha", "first", niger, []byte{0xff, 0xf1, 0x50, 0x80, 0, 0}, "lists.not_audio"},
		{"what is large is refused", "ha", "first", niger, append(opus(""), make([]byte, 1_500_000)...), "lists.audio_large"},
		{"a language has a code", "hausa", "first", niger, opus(""), "lists.unknown_language"},
		{"a text has four parts", "ha", "second", niger, opus(""), "lists.unknown_part"},
		{"a volunteer records nothing", "ha", "first", of(volunteer, "NRC"), opus(""), "lists.not_yours"},
		{"nor does an account of no organisation", "ha", "first", admin, opus(""), "lists.not_yours"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := p.KeepAudio(ctx, test.who, test.lang, test.part, test.data)
			if test.code == "" && err != nil || test.code != "" && fault.Code(err) != test.code {
				t.Error(err)
			}
		})
	}
	large := append(opus(""), make([]byte, 1_400_000)...)
	n := 0
	for _, lang := range []string{"so", "am", "ti", "bm", "om"} {
		for _, part := range []string{"first", "file", "card", "passing_on"} {
			if _, err := p.KeepAudio(ctx, niger, lang, part, large); err == nil {
				n++
			} else if fault.Code(err) != "lists.audio_full" {
				t.Fatal(err)
			}
		}
	}
	if n != 17 {
		t.Errorf("%d recordings of 1.4 MB were kept", n)
	}
	for _, lang := range catalogue.Languages() {
		if _, ok := catalogue.Base().Lists.Consent[lang]; !ok {
			t.Errorf("no text in %s", lang)
		}
	}
}

func TestEveryRouteOfRecordings(t *testing.T) {
	ctx := context.Background()
	db, err := store.Open(ctx, testkit.NewConfig(t, store.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	p := newPlace(t, db)
	if err := db.Migrate(ctx, lists.Migrations); err != nil {
		t.Fatal(err)
	}
	d := testkit.NewDoor(p.Node, map[string]access.Actor{"admin": of(admin, "NRC"), "volunteer": of(volunteer, "NRC"), "elsewhere": of(volunteer, "LRC")}, p.Service)
	call := func(who, method, path string, body []byte) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, bytes.NewReader(body))
		if body != nil {
			r.Header.Set("Content-Type", "audio/ogg")
		}
		r.Header.Set("Authorization", "Bearer "+who)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		return w
	}
	const path = "/api/consent-audio/ha/first"
	for _, step := range []struct {
		method, path string
		body         []byte
		refuse       string
		status       int
		who, golden  string
	}{
		{"PUT", path, opus("spoken"), "volunteer", 403, "admin", "recorded.json"},
		{"GET", "/api/consent-audio", nil, "nobody", 401, "volunteer", "recordings.json"},
		{"GET", path, nil, "elsewhere", 404, "volunteer", ""},
		{"DELETE", path, nil, "volunteer", 403, "admin", ""},
	} {
		if w := call(step.refuse, step.method, step.path, step.body); w.Code != step.status {
			t.Errorf("%s: %q got %d: %s", step.method, step.refuse, w.Code, w.Body)
		}
		w := call(step.who, step.method, step.path, step.body)
		if w.Code/100 != 2 {
			t.Fatalf("%s: %d: %s", step.method, w.Code, w.Body)
		}
		if step.golden != "" {
			testkit.Golden(t, filepath.Join("testdata", "answers", step.golden), w.Body.Bytes())
		}
		if step.method == "PUT" {
			plain := call("volunteer", "GET", path, nil)
			if !bytes.Equal(plain.Body.Bytes(), opus("spoken")) || plain.Header().Get("Content-Type") != "audio/ogg" || plain.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%v", plain.Header())
			}
			all, err := p.Recordings(ctx, of(volunteer, "NRC"))
			if err != nil || len(all) != 1 {
				t.Fatal(all, err)
			}
			named := call("volunteer", "GET", path+"?sha256="+all[0].SHA256, nil)
			if got := named.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") || !strings.Contains(got, "private") {
				t.Errorf("under its own hash it may be kept: %q", got)
			}
			if got := call("volunteer", "GET", path+"?sha256=other", nil).Header().Get("Cache-Control"); got != "no-store" {
				t.Errorf("under another hash it may not: %q", got)
			}
		}
	}
	if w := call("volunteer", "GET", path, nil); w.Code != 404 || !strings.Contains(w.Body.String(), "lists.no_audio") {
		t.Errorf("removed: %d %s", w.Code, w.Body)
	}
	if w := call("admin", "PUT", path, append(opus(""), make([]byte, 2_000_000)...)); w.Code != 413 {
		t.Errorf("a large body: %d", w.Code)
	}
}
