package lang

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// asked are the ways in which code and pages ask for a sentence by its whole key.
var asked = []*regexp.Regexp{
	regexp.MustCompile(`lang\.(?:Text|Lookup)\([^"\n]*?"([a-z_]+(?:\.[a-z0-9_]+)+)"[,)]`),
	regexp.MustCompile(`\{\{[^{}]*text \$?\.Lang "([a-z_]+(?:\.[a-z0-9_]+)+)"`),
}

func TestEverySentenceThatIsAskedForExists(t *testing.T) {
	found := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") ||
			!strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".html") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, way := range asked {
			for _, m := range way.FindAllStringSubmatch(string(source), -1) {
				found++
				if _, ok := catalogues[English][m[1]]; !ok {
					t.Errorf("%s asks for %s, which no catalogue has: add it to every file in internal/lang/text", path, m[1])
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 10 {
		t.Errorf("found only %d sentences that are asked for: the patterns no longer fit", found)
	}
}
