// Package action is what the GitHub action does beyond its YAML: it runs
// scenarios, writes the summary and the comment, and ends as tussle ended.
//
// What a scenario, a target or a branch name says is untrusted: it comes by
// environment and reaches commands as arguments only, behind "--".
package action

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
)

// Step is one run of the program: its environment and where it speaks.
type Step struct {
	Env  []string // NAME=VALUE, as os.Environ has it
	Out  io.Writer
	Stop <-chan os.Signal // the job was cancelled
}

// Steps lists what the action does, by name; each returns its exit code.
var Steps = map[string]func(*Step) (int, error){
	"run": (*Step).run, "report": (*Step).report, "comment": (*Step).comment, "verdict": (*Step).verdict,
}

func (s *Step) get(name string) string {
	for i := len(s.Env) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(s.Env[i], name+"="); ok {
			return v
		}
	}
	return ""
}

// output sets an output of the step, of one or more lines.
func (s *Step) output(name, value string) error {
	end := "end-" + random()
	return appendTo(s.get("GITHUB_OUTPUT"), fmt.Sprintf("%s<<%s\n%s\n%s\n", name, end, value, end))
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// notice is an annotation; the text is ours, on one line.
func (s *Step) notice(level, text string) {
	fmt.Fprintf(s.Out, "::%s title=tussle::%s\n", level, text)
}

// muted lets the runner obey no line of what f prints.
func (s *Step) muted(f func()) {
	token := random()
	fmt.Fprintf(s.Out, "::stop-commands::%s\n", token)
	f()
	fmt.Fprintf(s.Out, "\n::%s::\n", token)
}

func random() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails
	return hex.EncodeToString(b[:])
}

// decides lists the exit codes, the one that decides first.
var decides = []int{2, 3, 130, 1, 4, 0}

// worse is the exit code that decides of two. One that tussle does not give,
// as when it was killed, means that it could not run: 3.
func worse(a, b int) int {
	rank := func(code int) int {
		for i, c := range decides {
			if c == code {
				return i
			}
		}
		return 1
	}
	return decides[min(rank(a), rank(b))]
}

// verdictOf is an exit code as a word.
func verdictOf(code int) string {
	switch code {
	case 0:
		return "pass"
	case 1:
		return "fail"
	case 4:
		return "inconclusive"
	case 130:
		return "interrupted"
	}
	return "error"
}

// verdict ends the action as tussle ended.
func (s *Step) verdict() (int, error) {
	var code int
	if _, err := fmt.Sscan(s.get("INPUT_EXIT_CODE"), &code); err != nil {
		return 3, fmt.Errorf("the exit code %q is no number", s.get("INPUT_EXIT_CODE"))
	}
	switch verdictOf(code) {
	case "pass":
	case "fail":
		s.notice("error", "a promise was violated, a threshold missed, or a figure got worse; the report says which")
	case "inconclusive":
		s.notice("warning", "inconclusive: the report says what was not exercised, and what to change")
	case "interrupted":
		s.notice("warning", "interrupted: the report covers what was recorded")
	default:
		s.notice("error", fmt.Sprintf("tussle could not run (exit %d); its log says why", code))
	}
	return code, nil
}
