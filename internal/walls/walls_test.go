// Package walls holds the import table of docs/house.md as a test: who may import whom, downwards only.
//
// It parses the files itself. A test that asked the go command would be answered from the test cache after the source had changed.
package walls

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// module is the import path of the project; everything below it is ours.
const module = "serai"

// everything is the permission of the one room that sees all the others.
const everything = "*"

// pure rooms reckon from arguments to results. A phone and a server must give the same answer, and a test must need nothing.
var pure = []string{"fault", "fact", "card", "link", "xform", "geo", "lang", "catalogue", "hours", "sim"}

// impure names what a pure room may not import, tests apart: databases, network, processes, files.
var impure = []string{"database/sql", "net", "net/http", "os", "os/exec", "syscall"}

// may is the table. A room that stands in no row may not exist: the picture in docs/house.md changes first, then this.
// Every room may import fault; every room that does not stand below fact may import fact.
var may = map[string][]string{
	"cmd": {"app"},
	"app": {everything},

	"view": {"area", "web", "access", "audit", "store", "seal", "lang", "geo", "catalogue", "hours", "card"},
	// The intake performs commands through web and knows no area.
	"outbox": {"web", "access", "audit"},
	// How devices reach a node; it has its key from the keyring through an interface and its files from the data directory.
	"hub": {"web", "access", "seal", "lang"},

	"sync": {"journal", "seal", "web", "access", "store", "lang"},
	"area": {"web", "access", "audit", "journal", "seal", "store", "jobs", "lang", "card", "link", "xform", "geo", "catalogue", "hours"},

	"web":     {"access", "audit", "lang"},
	"jobs":    {"store"},
	"audit":   {"store", "seal"},
	"journal": {"store", "seal"},
	"access":  {},
	"seal":    {"store"}, // wrapped keys of persons rest in the database, their epoch keys outside of it
	"store":   {},

	"lang":      {},
	"card":      {},
	"link":      {},
	"xform":     {},
	"geo":       {},
	"catalogue": {},
	"hours":     {},
	"sim":       {},
	"backup":    {}, // like sim, it asks through interfaces that app satisfies

	"fact":  {},
	"fault": {},
	"ui":    {},

	// Imported by tests only, it may see what it builds for them, but no area: a test of one area would then import another.
	"testkit": {"store", "journal", "seal", "access", "audit", "jobs", "web", "lang", "catalogue", "geo", "hours", "card", "sim"},
	"walls":   {},
}

// room is one package folder with all below it, as the table speaks of it. Each area is a room of its own.
type room struct {
	name string // "store", "area/cases", "cmd", "ui"
	row  string // its row in the table: "store", "area", "cmd", "ui"
}

// roomOf finds the room of a folder or of an import path without the module, such as "internal/area/cases/paper".
func roomOf(dir string) room {
	parts := strings.Split(dir, "/")
	switch {
	case parts[0] != "internal":
		return room{name: parts[0], row: parts[0]}
	case len(parts) > 2 && parts[1] == "area":
		return room{name: "area/" + parts[2], row: "area"}
	case len(parts) > 1:
		return room{name: parts[1], row: parts[1]}
	}
	return room{name: "internal", row: "internal"}
}

// breaches lists every import below root that the table forbids, each with its place, the rule and what to do.
func breaches(root fs.FS) ([]string, error) {
	var found []string
	for _, top := range []string{"cmd", "internal", "ui"} {
		if _, err := fs.Stat(root, top); err != nil {
			continue
		}
		err := fs.WalkDir(root, top, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && slices.Contains([]string{"testdata", "node_modules", "dist"}, entry.Name()):
				return fs.SkipDir
			case entry.IsDir() || !strings.HasSuffix(name, ".go"):
				return nil
			}
			inFile, err := breachesIn(root, name)
			found = append(found, inFile...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	sort.Strings(found)
	return found, nil
}

func breachesIn(root fs.FS, name string) ([]string, error) {
	source, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	from := roomOf(path.Dir(name))
	if _, known := may[from.row]; !known {
		return []string{fmt.Sprintf("%s: the room %q stands in no row of the table: draw it in docs/house.md, then add its row here", name, from.name)}, nil
	}
	var found []string
	for _, spec := range file.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if why := refuse(from, target, strings.HasSuffix(name, "_test.go")); why != "" {
			found = append(found, fmt.Sprintf("%s imports %s: %s", files.Position(spec.Pos()), target, why))
		}
	}
	return found, nil
}

// refuse says why a file of a room may not import target, or nothing when it may.
func refuse(from room, target string, test bool) string {
	if target != module && !strings.HasPrefix(target, module+"/") {
		return refuseForeign(from, target, test)
	}
	to := roomOf(strings.TrimPrefix(target, module+"/"))
	allowed := may[from.row]
	switch {
	case to.name == from.name:
		return ""
	case to.row == "testkit":
		if test {
			return ""
		}
		return "testkit is for tests only; what the program needs too belongs into the room that it is about"
	case slices.Contains(allowed, everything):
		return ""
	case from.row == "area" && to.row == "area":
		return fmt.Sprintf("areas never import each other; declare in %s the small interface that it needs and let app hand it over (ids of other areas come from fact)", from.name)
	case to.name == "fault" && from.name != "fault":
		return ""
	case to.name == "fact" && from.name != "fault" && from.row != "cmd" && from.row != "ui":
		return ""
	case slices.Contains(allowed, to.row):
		return ""
	case test && slices.Contains(may["testkit"], to.row): // a test may take in its hands what testkit may
		return ""
	case to.row == "app":
		return "app sees all the others and nothing but cmd sees it; declare an interface here and let app satisfy it"
	}
	names := "fact and fault alone"
	if len(allowed) > 0 {
		names = strings.Join(allowed, ", ") + " (and fact, fault)"
	}
	switch from.row {
	case "fault":
		names = "nothing of ours"
	case "fact", "ui":
		names = "fault alone"
	case "cmd":
		names = "app (and fault)"
	}
	return fmt.Sprintf("%s may import %s; move what is shared further down, or declare an interface here and let app satisfy it", from.name, names)
}

func refuseForeign(from room, target string, test bool) string {
	switch {
	case test:
		return ""
	case strings.HasPrefix(target, "github.com/cedar-policy/") && from.name != "testkit":
		return "the policy engine is the tests' independent oracle; the program decides with its own table (access)"
	case slices.Contains(pure, from.row) && slices.Contains(impure, target):
		return fmt.Sprintf("%s is a pure room: it takes values, readers and times as arguments and touches no database, network, process or file", from.name)
	}
	return ""
}

func TestEveryImportKeepsToTheTable(t *testing.T) {
	found, err := breaches(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, breach := range found {
		t.Error(breach)
	}
	if len(found) > 0 {
		t.Log(`the table and its reasons: docs/house.md, "Who may import whom"`)
	}
}
