package view

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"

	"serai/internal/lang"
)

//go:embed pages words.json
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{"say": say}).ParseFS(files, "pages/*.html"))

// words are the sentences of this package by key and language.
var words = func() map[string]map[lang.Tag]string {
	b, err := files.ReadFile("words.json")
	if err != nil {
		panic(err) // part of the binary
	}
	var out map[string]map[lang.Tag]string
	if err := json.Unmarshal(b, &out); err != nil {
		panic(fmt.Sprintf("view: words.json: %v", err))
	}
	return out
}()

// say returns a sentence in a language, in English where it is lacking, and an unknown key as it is.
func say(l lang.Tag, key string) string {
	for _, tag := range []lang.Tag{l, lang.English} {
		if s := words[key][tag]; s != "" {
			return s
		}
	}
	return key
}

// style serves the style sheet of the pages of this package.
func style(w http.ResponseWriter, _ *http.Request) {
	b, err := files.ReadFile("pages/public.css")
	if err != nil {
		panic(err) // part of the binary
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(b) // a reader who has gone is no error of ours
}
