package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An API of one's own is described in at most 35 lines, comments and blank
// lines included.
func TestOwnAPIsAreShort(t *testing.T) {
	for _, name := range []string{"articles", "documents"} {
		text, err := os.ReadFile(filepath.Join("testdata", "api", name+".toml"))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte("\n")); n < 10 || n > 35 {
			t.Errorf("%s.toml has %d lines", name, n)
		}
	}
}

// Every broken scenario of the loader's own tests ends the command with exit 2,
// nothing on standard output, and all its problems as the golden file has them.
func TestBrokenScenariosExitWith2(t *testing.T) {
	t.Chdir(filepath.Join("..", "..", "scenarios"))
	files, err := filepath.Glob("testdata/broken/*.toml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(strings.TrimSuffix(file, ".toml") + ".golden")
		if err != nil {
			t.Fatal(err)
		}
		_, golden, _ := strings.Cut(string(text), "\n\n") // behind the number of problems
		golden = strings.TrimRight(golden, "\n")
		for _, command := range []string{"validate", "explain", "run"} {
			var out, errOut bytes.Buffer
			code := Main([]string{command, file}, nil, &out, &errOut)
			if code != exitUsage || out.Len() > 0 || !strings.HasPrefix(errOut.String(), golden+"\n") || !strings.Contains(errOut.String(), "\ntussle: hint: ") {
				t.Errorf("%s %s: exit %d, on standard output %q, on standard error\n%s\nwant exit 2 and\n%s", command, file, code, &out, &errOut, golden)
			}
		}
	}
}
