package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"tussle/runner"
	"tussle/scenarios"
)

// Exit codes; the first that applies, in the order 2, 3, 130, 1, 4, 0.
const (
	exitOK           = 0
	exitFail         = 1
	exitUsage        = 2
	exitCannotRun    = 3
	exitInconclusive = 4
	exitInterrupted  = 130
)

// env is what a command may touch of the outside.
type env struct {
	args        []string // as typed, for the record
	in          io.Reader
	out, errOut io.Writer
	code        int // exit code of a command that ended without an error
}

// hinted is an error with a hint and an exit code.
type hinted struct {
	code int
	text string
	hint string
}

func (h *hinted) Error() string { return h.text }

func usage(text, hint string) error { return &hinted{exitUsage, text, hint} }

// fail prints an error by the rules and returns its exit code.
func (e *env) fail(err error) int {
	var h *hinted
	var cannot *runner.CannotRun
	var problems *scenarios.Problems
	say := func(kind, text string) { fmt.Fprintf(e.errOut, "tussle: %s: %s\n", kind, text) }
	switch {
	case errors.As(err, &problems):
		fmt.Fprintln(e.errOut, strings.TrimRight(problems.Error(), "\n"))
		say("hint", "tussle explain shows every effective value; docs/scenario.md describes every key")
		return exitUsage
	case errors.As(err, &cannot):
		say("error", cannot.What)
		if cannot.Curl != "" {
			say("hint", "the request was: "+cannot.Curl)
		}
		if cannot.Hint != "" {
			say("hint", cannot.Hint)
		}
		if cannot.Answer != "" {
			say("note", "it was answered: "+cannot.Answer)
		}
		return exitCannotRun
	case errors.As(err, &h):
		say("error", h.text)
		if h.hint != "" {
			say("hint", h.hint)
		}
		return h.code
	}
	text := err.Error()
	say("error", strings.ReplaceAll(text, "\n", "\ntussle: error: "))
	if strings.Contains(text, "arg(s)") {
		say("hint", "see tussle help")
		return exitUsage
	}
	return exitCannotRun
}
