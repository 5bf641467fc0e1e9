// Package ui holds the built desk app. Its sources are the TypeScript and Vue files beside this one; `make` builds them
// into dist, which a fresh clone has only as an empty folder, so that `go build ./cmd/serai` needs Go alone.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files returns the desk app, with index.html at its top, made to be served below /desk/. It reports false when the
// desk was not built: the program then serves its API and public pages, and says so at /desk/.
func Files() (fs.FS, bool) {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, false
	}
	if _, err := fs.Stat(files, "index.html"); err != nil {
		return nil, false
	}
	return files, true
}
