package sound_test

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tussle/internal/cli"
	"tussle/internal/lab/sound"
)

// seeds reads TUSSLE_SEEDS, FROM-TO; one seed by default.
func seeds(t *testing.T) (from, to int) {
	from, to = 1, 1
	if text := os.Getenv("TUSSLE_SEEDS"); text != "" {
		if n, err := fmt.Sscanf(text, "%d-%d", &from, &to); n != 2 || err != nil {
			t.Fatalf("TUSSLE_SEEDS is %q: expected FROM-TO", text)
		}
	}
	return from, to
}

// tussle runs one command line against a fresh server.
func tussle(t *testing.T, s sound.Server, broken bool, seed int, command ...string) (code int, out string) {
	t.Helper()
	server := httptest.NewServer(s.New(broken))
	defer server.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, s.Name+".toml")
	text := fmt.Sprintf("seed = %d\n", seed) + strings.ReplaceAll(s.Scenario, "URL", server.URL)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if command[0] == "run" {
		command = append(command, "-o", filepath.Join(dir, "out"))
	}
	var b bytes.Buffer
	code = cli.Main(append([]string{command[0], file}, command[1:]...), strings.NewReader(""), &b, &b)
	return code, b.String()
}

// A sound server breaks no promise under load, and what it was asked is enough
// for a verdict.
func TestSoundServersAreNeverAccused(t *testing.T) {
	from, to := seeds(t)
	for _, s := range sound.All() {
		t.Run(s.Name, func(t *testing.T) {
			for seed := from; seed <= to; seed++ {
				if code, out := tussle(t, s, false, seed, "run"); code != 0 {
					t.Fatalf("seed %d: run exits %d\n%s", seed, code, out)
				}
			}
		})
	}
}

// Nor does it when it is asked one request at a time.
func TestSoundServersAreNeverAccusedWhenProbed(t *testing.T) {
	for _, s := range sound.All() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel() // nothing is measured
			if code, out := tussle(t, s, false, 1, "probe"); code == 1 || code == 2 || code == 3 {
				t.Errorf("probe exits %d\n%s", code, out)
			}
		})
	}
}

// Each twin breaks the promise that its row names, and only for that reason.
func TestBrokenTwinsAreFound(t *testing.T) {
	from, to := seeds(t)
	for _, s := range sound.All() {
		t.Run(s.Name, func(t *testing.T) {
			for seed := from; seed <= to; seed++ {
				code, out := tussle(t, s, true, seed, "run")
				if code != 1 || !strings.Contains(out, s.Breaks) {
					t.Fatalf("seed %d: run exits %d, want 1 for %s\n%s", seed, code, s.Breaks, out)
				}
			}
		})
	}
}

// Whoever runs tussle for the first time reads first what is true: that there
// is no verdict, and why.
func TestFirstRunsSayWhatIsTrue(t *testing.T) {
	for _, s := range sound.Newcomers() {
		t.Run(s.Name, func(t *testing.T) {
			code, out := tussle(t, s, false, 1, "run")
			_, verdict, _ := strings.Cut(out, "\n? ")
			verdict, _, _ = strings.Cut(verdict, "\n\n")
			if code != 4 || !strings.Contains(strings.Join(strings.Fields(verdict), " "), strings.Join(strings.Fields(s.Breaks), " ")) {
				t.Errorf("exit %d, want 4 and %q\n%s", code, s.Breaks, out)
			}
		})
	}
}

// Whoever starts from what tussle init prints is not told that a sound server
// is broken, and is told what its twin breaks. The templates of operations run
// in internal/cli.
func TestTemplatesOfInit(t *testing.T) {
	t.Setenv("API_TOKEN", "of-a-test")
	from, to := seeds(t)
	for _, s := range sound.Templates() {
		t.Run(s.Name, func(t *testing.T) {
			for seed := from; seed <= to; seed++ {
				if code, out := tussle(t, s, false, seed, "run"); code != 0 {
					t.Fatalf("seed %d: run exits %d\n%s", seed, code, out)
				}
				if code, out := tussle(t, s, false, seed, "probe"); code != 0 {
					t.Fatalf("seed %d: probe exits %d\n%s", seed, code, out)
				}
				code, out := tussle(t, s, true, seed, "run")
				if code != 1 || !strings.Contains(out, s.Breaks) {
					t.Fatalf("seed %d: run exits %d, want 1 for %s\n%s", seed, code, s.Breaks, out)
				}
			}
		})
	}
}

// What the load does not read, and the end of the run does, is tried before.
func TestWhatIsReadAtTheEndIsTriedBeforeTheLoad(t *testing.T) {
	for _, s := range sound.Templates() {
		for lacks, text := range map[string]string{"its value is not in the answer": "json:orders.#.id", "its tag is not in the answer": `"json:editor"`} {
			if s.Name != "parent-delete" {
				continue
			}
			wrong := s // of this case alone
			wrong.Scenario = strings.Replace(s.Scenario, text, strings.Replace(text, "json:", "json:no.", 1), 1)
			const creates = 2 // a seed whose first operation is a create
			if code, out := tussle(t, wrong, false, creates, "run"); code != 3 || !strings.Contains(strings.Join(strings.Fields(out), " "), lacks) {
				t.Errorf("%s: run exits %d, want 3\n%s", text, code, out)
			}
		}
	}
}
