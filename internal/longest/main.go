// Package main is the command longest: it runs go test with the arguments that
// it is given, prints what go test prints, and at the end the tests that took
// longest, so that nobody has to guess where the minutes went. Its exit code
// is that of go test.
//
//	go run ./internal/longest -race -timeout 20m ./...
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
)

// shown is how many tests are named.
const shown = 10

func main() {
	cmd := exec.Command("go", append([]string{"test", "-json"}, os.Args[1:]...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "longest: error:", err)
		os.Exit(1)
	}
	err = pass(out, os.Stdout)
	ended := cmd.Wait()
	var exit *exec.ExitError
	switch {
	case errors.As(ended, &exit):
		os.Exit(max(exit.ExitCode(), 1))
	case ended != nil || err != nil:
		fmt.Fprintln(os.Stderr, "longest: error:", errors.Join(ended, err))
		os.Exit(1)
	}
}

// event is a line of go test -json (go doc test2json).
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64 // s
}

// id names a test within a run.
type id struct{ pkg, test string }

// pass prints the output of packages and of tests that failed as it comes, and
// the longest tests at the end. Output of a test that passed is dropped, as go
// test itself does.
func pass(in io.Reader, out io.Writer) error {
	held := map[id][]string{}
	var tests []event
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil { // go test speaks of what could not be built, for one
			fmt.Fprintln(out, lines.Text())
			continue
		}
		at := id{e.Package, e.Test}
		switch {
		case e.Action == "output" && e.Test == "":
			if e.Output != "PASS\n" {
				fmt.Fprint(out, e.Output)
			}
		case e.Action == "output":
			held[at] = append(held[at], e.Output)
		case e.Action == "build-output":
			fmt.Fprint(out, e.Output)
		case e.Test == "":
		case e.Action == "fail", e.Action == "pass", e.Action == "skip":
			if e.Action == "fail" {
				for _, line := range held[at] {
					fmt.Fprint(out, line)
				}
			}
			delete(held, at)
			tests = append(tests, e)
		}
	}
	for _, rest := range held { // of a test that was cut off: a panic, a timeout
		for _, line := range rest {
			fmt.Fprint(out, line)
		}
	}
	slices.SortStableFunc(tests, func(a, b event) int { return cmp.Compare(b.Elapsed, a.Elapsed) })
	fmt.Fprintln(out, "longest tests:")
	for _, e := range tests[:min(len(tests), shown)] {
		fmt.Fprintf(out, "%8.1f s  %s %s\n", e.Elapsed, e.Package, e.Test)
	}
	return lines.Err()
}
