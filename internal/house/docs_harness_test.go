//go:build unix

package house

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorder takes the failures of a document that is meant to fail.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}
func (r *recorder) Helper() {}

func runText(t *testing.T, doc string) []string {
	t.Helper()
	blocks, err := parseBlocks(doc)
	if err != nil {
		return []string{err.Error()}
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "tussle"), []byte("#!/bin/sh\necho \"tussle $*: 1,234 writes,  5 lost\"\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := &recorder{TB: t}
	sh := newShell(r, t.TempDir(), bin)
	defer sh.stop()
	for _, b := range blocks {
		switch b.lang {
		case "sh":
			sh.script("doc", b)
		case "console":
			sh.session("doc", b)
		}
	}
	return r.failures
}

func fenced(lines ...string) string {
	return "```" + strings.Join(lines, "\n") + "\n```\n"
}

func TestHarnessAcceptsWhatADocumentPromises(t *testing.T) {
	for name, doc := range map[string]string{
		"the expected code":          fenced("sh", "tussle run x # exit 1"),
		"a continued command":        fenced("sh", "tussle run \\", "  x # exit 1", "true"),
		"files persist":              fenced("sh", "echo one > a") + fenced("sh", "grep one a"),
		"a here-document":            fenced("sh", "cat > b <<'X'", "two words", "X", "grep two b"),
		"printed lines":              fenced("console", "$ echo one; echo two", "one", "two"),
		"anything in a line":         fenced("console", "$ echo one two three", "one ... three"),
		"any lines":                  fenced("console", "$ seq 9", "1", "...", "8", "9"),
		"a figure of another run":    fenced("console figures=vary", "$ tussle run x # exit 1", "tussle run x: 999 writes, 12 lost"),
		"a background command":       fenced("sh", "sleep 30 &", "echo $! > pid") + fenced("sh", "kill -0 $(cat pid)"),
		"text is not run":            fenced("text", "exit 7"),
		"a block in a list":          "- step\n  ```sh\n  true\n  ```\n",
		"a longer fence around text": "````text\n```sh\nexit 7\n```\n````\n",
	} {
		if failures := runText(t, doc); len(failures) > 0 {
			t.Errorf("%s: %s", name, strings.Join(failures, "\n"))
		}
	}
}

func TestHarnessNoticesWhatADocumentGetsWrong(t *testing.T) {
	for name, c := range map[string]struct{ doc, says string }{
		"a failing command":          {fenced("sh", "tussle run x"), "exit 1"},
		"a failing first command":    {fenced("sh", "false", "true"), "exit 1"},
		"a failing pipe":             {fenced("sh", "false | cat"), "exit 1"},
		"another code":               {fenced("sh", "tussle run x # exit 4"), "exit 1, expected 4"},
		"success where not meant":    {fenced("sh", "true # exit 1"), "exit 0, expected 1"},
		"another output":             {fenced("console", "$ echo one", "two"), "the document says"},
		"output that is not shown":   {fenced("console", "$ echo one"), "the document says"},
		"a missing line":             {fenced("console", "$ echo one", "one", "two"), "the document says"},
		"a further line":             {fenced("console", "$ seq 2", "1"), "the document says"},
		"other words beside figures": {fenced("console figures=vary", "$ tussle run x # exit 1", "tussle run x: 9 writes, 9 kept"), "the document says"},
		"a command without end":      {fenced("sh timeout=300ms", "sleep 30"), "not finished"},
		"a language nobody runs":     {fenced("bash", "true"), "name one of the languages"},
		"no language":                {fenced("", "true"), "name one of the languages"},
		"an unknown attribute":       {fenced("sh skip=yes", "true"), "is not one of"},
		"an open fence":              {"```sh\ntrue\n", "does not end"},
	} {
		failures := strings.Join(runText(t, c.doc), "\n")
		if !strings.Contains(failures, c.says) {
			t.Errorf("%s: the harness says %q, want %q", name, failures, c.says)
		}
	}
}
