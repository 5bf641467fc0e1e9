package lists

import (
	"context"

	"serai/internal/access"
	"serai/internal/web"
)

// audioRoutes are the routes of recorded consent texts.
func (s *Service) audioRoutes(m *web.Mux) {
	read, edit := web.May("lists.read"), web.May("lists.edit")
	web.Get(m, "/api/consent-audio", read, s.getRecordings, web.Summary("Which consent texts the own organisation recorded"))
	web.Get(m, "/api/consent-audio/{lang}/{part}", read, s.getAudio, web.Summary("A consent text to be played"))
	web.Put(m, "/api/consent-audio/{lang}/{part}", edit, s.putAudio, web.BodyLimit(audioMost+1), web.Summary("Keep a recording of a consent text"))
	web.Delete(m, "/api/consent-audio/{lang}/{part}", edit, s.deleteAudio, web.Summary("Remove a recording"))
}

type recordingsOut struct {
	Recordings []Recording `json:"recordings"`
}

func (s *Service) getRecordings(ctx context.Context, who access.Actor, _ *nothing) (recordingsOut, error) {
	all, err := s.Recordings(ctx, who)
	return recordingsOut{all}, err
}

type audioIn struct {
	Lang string `path:"lang" maxLength:"3"`
	Part string `path:"part" maxLength:"20"`
}

type getAudioIn struct {
	audioIn
	SHA256 string `query:"sha256" maxLength:"43" doc:"Of the recording that is wanted: what is answered under its own hash may be kept for good"`
}

// keptFor is how long a browser may keep a recording that its address names by its hash.
const keptFor = 365 * 24 * 3600

func (s *Service) getAudio(ctx context.Context, who access.Actor, in *getAudioIn) (web.File, error) {
	a, err := s.audio(ctx, who, in.Lang, in.Part)
	if err != nil {
		return web.File{}, err
	}
	out := web.File{Type: a.kind, Data: a.data, Disposition: "inline"}
	if in.SHA256 == a.hash {
		out.MaxAge = keptFor
	}
	return out, nil
}

type putAudioIn struct {
	audioIn
	Data []byte `raw:"application/octet-stream,audio/ogg,audio/opus,application/ogg,audio/mpeg,audio/mp3,audio/mp4,audio/x-m4a,audio/m4a,audio/wav,audio/x-wav,audio/wave,audio/vnd.wave"`
}

func (s *Service) putAudio(ctx context.Context, who access.Actor, in *putAudioIn) (Recording, error) {
	return s.KeepAudio(ctx, who, in.Lang, in.Part, in.Data)
}

func (s *Service) deleteAudio(ctx context.Context, who access.Actor, in *audioIn) (web.Empty, error) {
	return web.Empty{}, s.DropAudio(ctx, who, in.Lang, in.Part)
}
