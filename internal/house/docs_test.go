//go:build unix

package house

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The documentation is executed. In README.md and docs/*.md a fenced block
// names its language, and its language says what becomes of it:
//
//	sh         commands, run by bash with -euo pipefail
//	console    "$ command" lines, each followed by what it prints
//	toml, yaml, json, ...  with file=NAME: written to that file
//	           without: something to look at, nothing to run
//	yaml, groovy with recipe=HOST: a job of github, gitlab or jenkins; its
//	           commands are run
//	text       something to look at
//
// The blocks of a document run in order in one fresh directory, with the
// built `tussle` first in PATH. A document that calls go or make gets a copy
// of the repository as that directory. Background commands live until the end
// of their document.
//
//   - `command # exit 1`: the command must end with that code; 0 otherwise.
//   - In expected output "..." stands for anything, alone on a line for any
//     lines. With figures=vary in the info string, a number stands for any
//     number of digits, and spaces and rules for any amount of them.
//   - timeout=90s in the info string: the block's limit, a minute by default.
//   - norun=REASON in the info string: not run, for a reason that a reader of
//     the source can see (it installs packages, it needs a forge).
func TestEveryCommandInTheDocumentationRuns(t *testing.T) {
	bin := buildTussle(t)
	for _, name := range documents(t) {
		t.Run(name, func(t *testing.T) {
			blocks, err := parseBlocks(text(t, name))
			if err != nil {
				t.Fatalf("%s:%v", name, err)
			}
			runDocument(t, name, blocks, bin)
		})
	}
}

func documents(t *testing.T) []string {
	var docs []string
	for _, name := range files(t, ".md") {
		if name == "README.md" || within(name, "docs") {
			docs = append(docs, name)
		}
	}
	if !slices.Contains(docs, "README.md") {
		t.Error("there is no README.md")
	}
	return docs
}

func buildTussle(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	// As the action builds it and go vet reads it, so that one build serves all.
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(dir, "tussle"), ".")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return dir
}

// block is one fenced block.
type block struct {
	line    int // of its first line of text
	lang    string
	attrs   map[string]string
	text    string
	timeout time.Duration
}

var languages = map[string]bool{"sh": true, "console": true, // run
	"toml": true, "yaml": true, "json": true, "text": true, "go": true, "html": true, "groovy": true, "mermaid": true, "diff": true, "http": true, "sql": true, "xml": true, "markdown": true}

var attribute = regexp.MustCompile(`^([a-z]+)=(\S+)$`)

func parseBlocks(doc string) ([]block, error) {
	var blocks []block
	var cur *block
	var fence, indent string
	for i, line := range strings.Split(doc, "\n") {
		bare := strings.TrimLeft(line, " ")
		if cur != nil {
			if strings.HasPrefix(bare, fence) && strings.Trim(bare, "` ") == "" {
				blocks = append(blocks, *cur)
				cur = nil
				continue
			}
			cur.text += strings.TrimPrefix(line, indent) + "\n"
			continue
		}
		if !strings.HasPrefix(bare, "```") {
			continue
		}
		info := strings.TrimLeft(bare, "`")
		fence, indent = bare[:len(bare)-len(info)], line[:len(line)-len(bare)]
		words := strings.Fields(info)
		if len(words) == 0 || !languages[words[0]] {
			return nil, fmt.Errorf("%d: a block begins with %q; name one of the languages that the harness knows (sh, console, toml, text ...)", i+1, bare)
		}
		cur = &block{line: i + 2, lang: words[0], attrs: map[string]string{}, timeout: time.Minute}
		for _, w := range words[1:] {
			m := attribute.FindStringSubmatch(w)
			if m == nil || !slices.Contains([]string{"file", "figures", "timeout", "norun", "recipe"}, m[1]) {
				return nil, fmt.Errorf("%d: %q is not one of file=, figures=, timeout=, norun=, recipe=", i+1, w)
			}
			cur.attrs[m[1]] = m[2]
		}
		if limit, ok := cur.attrs["timeout"]; ok {
			d, err := time.ParseDuration(limit)
			if err != nil || d <= 0 || d > 5*time.Minute {
				return nil, fmt.Errorf("%d: timeout=%s: at most 5m", i+1, limit)
			}
			cur.timeout = d
		}
		if cur.runs() && cur.attrs["file"] != "" {
			return nil, fmt.Errorf("%d: a block of commands is run, not written to a file", i+1)
		}
	}
	if cur != nil {
		return nil, fmt.Errorf("%d: the block does not end", cur.line-1)
	}
	return blocks, nil
}

func (b block) runs() bool { return b.lang == "sh" || b.lang == "console" }

var needsRepository = regexp.MustCompile(`(?m)^(\$ )?(go (run|build|test|install)|make) `)

func runDocument(t *testing.T, name string, blocks []block, bin string) {
	dir := t.TempDir()
	for _, b := range blocks {
		if b.runs() && needsRepository.MatchString(b.text) {
			copyRepository(t, dir)
			break
		}
	}
	sh := newShell(t, dir, bin)
	for _, b := range blocks {
		where := fmt.Sprintf("%s:%d", name, b.line)
		switch {
		case b.attrs["norun"] != "":
			t.Logf("%s: not run: %s", where, b.attrs["norun"])
		case b.lang == "sh":
			sh.script(where, b)
		case b.lang == "console":
			sh.session(where, b)
		case b.attrs["recipe"] != "":
			sh.recipe(t, where, b)
		case b.attrs["file"] != "":
			path := filepath.Join(dir, filepath.FromSlash(b.attrs["file"]))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(b.text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if t.Failed() {
			return // what follows builds on it
		}
	}
}

func copyRepository(t *testing.T, dir string) {
	t.Helper()
	for _, name := range files(t, "") {
		from, to := filepath.Join(root, name), filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(from)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, b, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestLinksInTheDocumentationLeadSomewhere(t *testing.T) {
	for _, name := range files(t, ".md") {
		if strings.Contains(name, "/testdata/") {
			continue
		}
		body := text(t, name)
		for _, m := range link.FindAllStringSubmatch(body, -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			file := name
			if target != "" {
				file = filepath.ToSlash(filepath.Join(filepath.Dir(name), target))
			}
			if _, err := os.Stat(filepath.Join(root, file)); err != nil {
				t.Errorf("%s: the link %s leads nowhere", name, m[1])
			} else if anchor != "" && strings.HasSuffix(file, ".md") && !slices.Contains(anchors(text(t, file)), anchor) {
				t.Errorf("%s: %s has no heading #%s", name, file, anchor)
			}
		}
	}
}

var notInAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// anchors returns the fragment of each heading, as forges make them.
func anchors(doc string) []string {
	var all []string
	for _, line := range strings.Split(doc, "\n") {
		if strings.HasPrefix(line, "#") {
			title := strings.ToLower(strings.TrimSpace(strings.TrimLeft(line, "#")))
			all = append(all, strings.ReplaceAll(notInAnchor.ReplaceAllString(title, ""), " ", "-"))
		}
	}
	return all
}
