package format

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tussle/report/internal/samples"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The formats that people read, as files: go test ./report/format -run Golden
// -update writes them anew, and the difference shows what a change does.
func TestGoldenFiles(t *testing.T) {
	for _, kind := range []string{"html", "markdown", "text"} {
		path := filepath.Join("testdata", "golden", "rich."+kind)
		got := render(t, samples.Rich(), kind, Options{Verbose: true})
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got == string(want) {
			continue
		}
		a, b := strings.Split(string(want), "\n"), strings.Split(got, "\n")
		for i := range max(len(a), len(b)) {
			if i >= len(a) || i >= len(b) || a[i] != b[i] {
				t.Errorf("%s: line %d differs from %s: if that is meant, run go test ./report/format -run Golden -update", kind, i+1, path)
				break
			}
		}
	}
}
