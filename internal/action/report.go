package action

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Sizes that the forge takes, in bytes, with some room.
const (
	summarySize = 1_000_000
	commentSize = 60_000
)

const reportMark = "<!-- tussle:report:"

// report writes the job summary and the body of the comment.
func (s *Step) report() (int, error) {
	dir := s.get("INPUT_DIRECTORY")
	text, err := os.ReadFile(filepath.Join(dir, "names"))
	if err != nil {
		return 3, err
	}
	names := strings.Fields(string(text))
	if s.get("INPUT_SUMMARY") == "true" {
		_, body, _ := strings.Cut(s.page(dir, names, summarySize), "\n") // the marker is for comments
		if err := appendTo(s.get("GITHUB_STEP_SUMMARY"), body); err != nil {
			return 3, err
		}
	}
	path := filepath.Join(dir, "comment.md")
	if err := os.WriteFile(path, []byte(s.page(dir, names, commentSize)), 0o644); err != nil {
		return 3, err
	}
	return 0, s.output("body", path)
}

// rank orders the scenarios of a page: what failed comes first, be it the run
// or its comparison with the base.
func rank(run string) int {
	high := 0
	for _, code := range []string{exitOf(run + ".exit"), exitOf(run + ".compare.exit")} {
		high = max(high, map[string]int{"0": 0, "?": 0, "4": 1, "1": 3}[code])
		if code != "0" && code != "1" && code != "4" && code != "?" {
			high = max(high, 2)
		}
	}
	return high
}

// maxHeadline is the largest headline of a comparison that is shown, in bytes.
const maxHeadline = 2000

// headline is what a comparison comes to, in the line that its page begins
// with; it speaks of the run, too. Without a page the exit code has to do.
func headline(path, name string) string {
	if text, err := os.ReadFile(path + ".md"); err == nil {
		if line, _, _ := strings.Cut(string(text), "\n"); strings.HasPrefix(line, "### ") && len(line) <= maxHeadline {
			return line + "\n\n"
		}
	}
	code := exitOf(path + ".exit")
	said := map[string]string{"0": "✅ no regression against the base", "1": "❌ a regression against the base", "4": "❓ not compared with the base: too few blocks, or none in common"}[code]
	if said == "" {
		said = "❓ not compared with the base (exit " + code + ")"
	}
	return "### " + name + ": " + said + "\n\n"
}

// page is one document for all scenarios, at most so many bytes long. The
// first line is the marker; its digest changes when a verdict does.
func (s *Step) page(dir string, names []string, size int) string {
	limit := (size-200)/len(names) - 300
	var body, digest strings.Builder
	names = slices.Clone(names)
	slices.SortStableFunc(names, func(a, b string) int { return rank(filepath.Join(dir, b)) - rank(filepath.Join(dir, a)) })
	for _, name := range names {
		run := filepath.Join(dir, name)
		code := exitOf(run + ".exit")
		var part bytes.Buffer
		cmd := s.tussle("report", "--format", "markdown", "--max-bytes", strconv.Itoa(limit*2/3),
			"--marker="+s.get("INPUT_ID"), "--link="+s.get("INPUT_LINK"), "--", run)
		cmd.Stdout = &part
		_ = cmd.Run() // what lacks is told by the log
		if there(run + ".compare") {
			body.WriteString(headline(run+".compare", name))
		}
		if part.Len() > 0 {
			marks := false
			for _, line := range strings.SplitAfter(part.String(), "\n") {
				if strings.HasPrefix(line, reportMark) {
					if !marks {
						digest.WriteString(strings.TrimSuffix(line, "\n"))
					}
					marks = true
					continue
				}
				body.WriteString(line)
			}
			if !marks {
				digest.WriteString(sum(part.String()))
			}
			body.WriteString("\n\n")
		} else {
			fmt.Fprintf(&body, "### tussle: %s could not run (exit %s)\n\n%s\n\n", name, code, fenced(run+".log", min(limit/3, 6000)))
		}
		fmt.Fprintf(&digest, " %s %s", name, code)
		if there(run + ".compare") {
			code := exitOf(run + ".compare.exit")
			fmt.Fprintf(&digest, " compare %s", code)
			fmt.Fprintf(&body, "<details><summary>%s compared with the base (exit %s)</summary>\n\n%s\n\n</details>\n\n", name, code, comparison(run+".compare", limit/3))
		}
	}
	return fmt.Sprintf("<!-- tussle:report:v1 id=%s digest=%s -->\n%s", s.get("INPUT_ID"), sum(digest.String())[:16], body.String())
}

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

func exitOf(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "?"
	}
	return strings.TrimSpace(string(text))
}

// comparison is the comparison's own Markdown; what it printed, where there is
// none or not the room.
func comparison(path string, size int) string {
	if text, err := os.ReadFile(path + ".md"); err == nil && len(text) > 0 && len(text) <= size {
		if line, rest, _ := strings.Cut(string(text), "\n"); strings.HasPrefix(line, "### ") && len(line) <= maxHeadline {
			return strings.TrimLeft(rest, "\n") // the line is above
		}
		return string(text)
	}
	return fenced(path, size)
}

// fenced is the end of a text, as a block that nothing inside can end.
func fenced(path string, size int) string {
	text, _ := os.ReadFile(path) // what cannot be read is empty
	text = text[max(0, len(text)-size):]
	body := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(text), ""))
	fence := "```"
	for strings.Contains(body, fence) {
		fence += "`"
	}
	return fence + "text\n" + strings.TrimRight(body, "\n") + "\n" + fence
}
