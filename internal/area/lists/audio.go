package lists

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fault"
	"serai/internal/store"
)

// Migrations make the plain table of this area. Recordings are no facts: they are large, they are about nobody, each
// organisation speaks its own, and a node that loses them reads the texts aloud again.
var Migrations = []store.Migration{{Name: "lists/0001", SQL: `
CREATE TABLE lists_audio (org BLOB NOT NULL, lang TEXT NOT NULL, part TEXT NOT NULL, kind TEXT NOT NULL, size BIGINT NOT NULL, hash BLOB NOT NULL,
  text_hash BLOB NOT NULL, version TEXT NOT NULL, recorded BIGINT NOT NULL, actor BLOB NOT NULL, data BLOB NOT NULL, PRIMARY KEY (org, lang, part))`}}

const (
	// audioMost is how many bytes one recording may have: two minutes of speech, generously.
	audioMost = 1_500_000
	// audioAll is how many bytes all recordings of an organisation may have together. A tablet keeps half of it.
	audioAll = 24_000_000
)

// audioParts are the parts of a consent text that are played.
var audioParts = []string{"first", "file", "card", "passing_on"}

// Recording is a consent text as an organisation recorded it.
type Recording struct {
	Lang     string    `json:"lang" doc:"ISO 639; also a language into which the text was not translated"`
	Part     string    `json:"part" enum:"first,file,card,passing_on"`
	Type     string    `json:"type"`
	Bytes    int       `json:"bytes"`
	SHA256   string    `json:"sha256" doc:"base64url; names the recording in its address"`
	Recorded time.Time `json:"recorded"`
	Version  string    `json:"version" doc:"Version of the lists at that time"`
	Current  bool      `json:"current" doc:"False: the text has changed since, record it anew"`
}

// spokenText is what somebody reads out: the text in that language, or the English one that she translates.
func spokenText(c *catalogue.Catalogue, lang, part string) (catalogue.ConsentPart, bool) {
	text, ok := c.Lists.Consent[lang]
	if !ok {
		text = c.Lists.Consent["en"]
	}
	switch part {
	case "first":
		return text.First, true
	case "file":
		return text.File, true
	case "card":
		return text.Card, true
	case "passing_on":
		return text.PassingOn, true
	}
	return catalogue.ConsentPart{}, false
}

func textHash(p catalogue.ConsentPart) []byte {
	sum := sha256.Sum256([]byte(p.Title + "\x00" + p.Text))
	return sum[:]
}

// audioType tells by its first bytes what a recording is, and false for what no browser here plays. What the sender
// called it counts for nothing.
func audioType(b []byte) (string, bool) {
	head := b[:min(len(b), 256)]
	switch {
	case bytes.HasPrefix(head, []byte("OggS")) && (bytes.Contains(head, []byte("OpusHead")) || bytes.Contains(head, []byte("\x01vorbis"))):
		return "audio/ogg", true
	case bytes.HasPrefix(head, []byte("ID3")) && len(b) > 10:
		return "audio/mpeg", true
	case len(head) > 4 && head[0] == 0xff && head[1]&0xe0 == 0xe0 && head[1]&0x18 != 0x08 && head[1]&0x06 != 0 && head[2]&0xf0 != 0xf0:
		return "audio/mpeg", true // a frame of MPEG audio: a version and a layer that exist, a bit rate that is none
	case len(head) > 12 && string(head[4:8]) == "ftyp" && slices.Contains([]string{"M4A ", "M4B ", "mp42", "mp41", "isom", "iso2", "dash"}, string(head[8:12])):
		return "audio/mp4", true
	case len(head) > 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WAVE":
		return "audio/wav", true
	}
	return "", false
}

// checkAudio collects the faults of an address.
func checkAudio(lang, part string) error {
	var bad []error
	if b, err := language.ParseBase(lang); err != nil || b.String() != lang && b.ISO3() != lang {
		bad = append(bad, fault.Field("lang", "lists.unknown_language", "a language is a code of ISO 639 such as ha, ar or fr"))
	}
	if !slices.Contains(audioParts, part) {
		bad = append(bad, fault.Field("part", "lists.unknown_part", "choose first, file, card or passing_on"))
	}
	return errors.Join(bad...)
}

// errNoAudio is the answer where nothing was recorded.
var errNoAudio = fault.NotFound("lists.no_audio", "nobody recorded this text; read it aloud")

// KeepAudio keeps a recording of the organisation of who, in place of an earlier one.
func (s *Service) KeepAudio(ctx context.Context, who access.Actor, lang, part string, data []byte) (out Recording, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if err := s.mayEdit(who); err != nil {
			return err
		}
		err := checkAudio(lang, part)
		kind, ok := audioType(data)
		switch {
		case len(data) > audioMost:
			err = errors.Join(err, fault.Fieldf("body", "lists.audio_large", "a recording has at most %d kB; record it as Opus or MP3, or speak shorter", audioMost/1000))
		case !ok:
			err = errors.Join(err, fault.Field("body", "lists.not_audio", "this is no recording that a browser plays; send Opus (ogg), MP3, M4A or WAV"))
		}
		if err != nil {
			return err
		}
		var others int64
		if _, err := tx.One(`SELECT coalesce(sum(size), 0) FROM lists_audio WHERE org = $1 AND NOT (lang = $2 AND part = $3)`, store.Args{who.Org, lang, part}, &others); err != nil {
			return err
		}
		if others+int64(len(data)) > audioAll {
			return fault.Fieldf("body", "lists.audio_full", "all recordings together have at most %d MB; remove one that nobody plays", audioAll/1_000_000)
		}
		c, err := s.Current(tx)
		if err != nil {
			return err
		}
		text, _ := spokenText(c, lang, part)
		sum := sha256.Sum256(data)
		out = Recording{Lang: lang, Part: part, Type: kind, Bytes: len(data), SHA256: base64.RawURLEncoding.EncodeToString(sum[:]),
			Recorded: s.now().UTC().Truncate(time.Millisecond), Version: c.Version, Current: true}
		return tx.Exec(`INSERT INTO lists_audio (org, lang, part, kind, size, hash, text_hash, version, recorded, actor, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (org, lang, part) DO UPDATE SET kind = excluded.kind, size = excluded.size, hash = excluded.hash, text_hash = excluded.text_hash,
version = excluded.version, recorded = excluded.recorded, actor = excluded.actor, data = excluded.data`,
			who.Org, lang, part, kind, len(data), sum[:], textHash(text), c.Version, out.Recorded.UnixMilli(), who.Handle.Bytes(), data)
	})
	if err != nil {
		return Recording{}, fmt.Errorf("keep a recording: %w", err)
	}
	return out, nil
}

// mayEdit lets those who change lists change what is said with them, for their own organisation.
func (s *Service) mayEdit(who access.Actor) error {
	if who.Org.IsZero() || !who.May("lists.edit", access.Resource{}, s.now()) {
		return fault.Forbidden("lists.not_yours", "only an administrator of the node changes lists")
	}
	return nil
}

// Recordings lists what the organisation of who recorded, by language and in the order in which it is asked.
func (s *Service) Recordings(ctx context.Context, who access.Actor) ([]Recording, error) {
	out := []Recording{}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		c, err := s.Current(tx)
		if err != nil {
			return err
		}
		return tx.Each(`SELECT lang, part, kind, size, hash, text_hash, version, recorded FROM lists_audio WHERE org = $1`, store.Args{who.Org}, func(r *store.Row) error {
			var rec Recording
			var hash, text []byte
			var at int64
			if err := r.Scan(&rec.Lang, &rec.Part, &rec.Type, &rec.Bytes, &hash, &text, &rec.Version, &at); err != nil {
				return err
			}
			now, _ := spokenText(c, rec.Lang, rec.Part)
			rec.SHA256, rec.Recorded = base64.RawURLEncoding.EncodeToString(hash), time.UnixMilli(at).UTC()
			rec.Current = bytes.Equal(text, textHash(now))
			out = append(out, rec)
			return nil
		})
	})
	slices.SortFunc(out, func(a, b Recording) int {
		return cmp.Or(strings.Compare(a.Lang, b.Lang), cmp.Compare(slices.Index(audioParts, a.Part), slices.Index(audioParts, b.Part)))
	})
	return out, err
}

// audio is a recording to be played.
type audio struct {
	kind, hash string
	data       []byte
}

func (s *Service) audio(ctx context.Context, who access.Actor, lang, part string) (out audio, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		var hash []byte
		found, err := tx.One(`SELECT kind, hash, data FROM lists_audio WHERE org = $1 AND lang = $2 AND part = $3`, store.Args{who.Org, lang, part}, &out.kind, &hash, &out.data)
		if err == nil && !found {
			return errNoAudio
		}
		out.hash = base64.RawURLEncoding.EncodeToString(hash)
		return err
	})
	return out, err
}

// DropAudio removes a recording. What is not there is gone as wished.
func (s *Service) DropAudio(ctx context.Context, who access.Actor, lang, part string) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		if err := s.mayEdit(who); err != nil {
			return err
		}
		if err := checkAudio(lang, part); err != nil {
			return err
		}
		return tx.Exec(`DELETE FROM lists_audio WHERE org = $1 AND lang = $2 AND part = $3`, who.Org, lang, part)
	})
}
