// Command mutants removes or turns around one rule of the checkers at a time
// and runs their tests: a rule whose loss no test notices is a rule that the
// tests do not hold. It is run from the module's root:
//
//	go run ./report/check/internal/mutants [-only TEXT] [-long]
//
// No file is changed: each mutant is compiled by go test's -overlay. The exit
// code is 1 when a mutant survives without a stated reason, or when one that
// is said to survive is caught after all.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const dir = "report/check"

// mutant is one rule turned off or around: old occurs once in file.
type mutant struct {
	file, rule string
	old, new   string
	survives   string // why no test can notice; empty when one must
}

func main() {
	only := flag.String("only", "", "run only mutants whose file or rule contains this")
	workers := flag.Int("workers", 2, "how many at once")
	flag.Parse()
	if err := run(*only, *workers); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(only string, workers int) error {
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(root, dir, "judge.go")); err != nil {
		return fmt.Errorf("%s not found: run it from the module's root", dir)
	}
	scratch, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	var chosen []mutant
	for _, m := range mutants {
		if strings.Contains(m.file+" "+m.rule, only) {
			chosen = append(chosen, m)
		}
	}
	caught := make([]bool, len(chosen))
	failures := make([]error, len(chosen))
	next := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				caught[i], failures[i] = try(root, scratch, i, &chosen[i])
			}
		})
	}
	start := time.Now()
	for i := range chosen {
		next <- i
	}
	close(next)
	wg.Wait()
	var died, lived, bad int
	for i, m := range chosen {
		switch {
		case failures[i] != nil:
			bad++
			fmt.Printf("error     %s: %s: %v\n", m.file, m.rule, failures[i])
		case caught[i] && m.survives != "":
			bad++
			fmt.Printf("caught    %s: %s: it is said to survive (%s); correct the list\n", m.file, m.rule, m.survives)
		case caught[i]:
			died++
		case m.survives != "":
			lived++
			fmt.Printf("survives  %s: %s: %s\n", m.file, m.rule, m.survives)
		default:
			bad++
			fmt.Printf("SURVIVES  %s: %s: no test notices; write one\n", m.file, m.rule)
		}
	}
	fmt.Printf("%d mutants: %d caught, %d survive with a reason, %d to be looked at, in %v\n", len(chosen), died, lived, bad, time.Since(start).Round(time.Second))
	if bad > 0 {
		return fmt.Errorf("%d mutants need attention", bad)
	}
	return nil
}

// try runs the tests on one mutant, the quick ones first.
func try(root, scratch string, i int, m *mutant) (caught bool, err error) {
	path := filepath.Join(root, dir, m.file)
	source, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	changed, err := m.apply(source)
	if err != nil {
		return false, err
	}
	file := filepath.Join(scratch, fmt.Sprintf("%d.go", i))
	if err := os.WriteFile(file, changed, 0o600); err != nil {
		return false, err
	}
	overlay := filepath.Join(scratch, fmt.Sprintf("%d.json", i))
	text, err := json.Marshal(map[string]map[string]string{"Replace": {path: file}})
	if err != nil {
		return false, err
	}
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		return false, err
	}
	for _, choice := range []string{"-skip=Oracle", "-run=Oracle"} {
		cmd := exec.Command("go", "test", "-vet=off", "-failfast", "-timeout=120s", choice, "-overlay="+overlay, "./"+dir)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		if err == nil {
			continue
		}
		if bytes.Contains(out, []byte("[build failed]")) {
			return false, fmt.Errorf("the mutant does not compile:\n%s", out)
		}
		return true, nil
	}
	return false, nil
}

// apply makes the change, which must fit exactly one place.
func (m *mutant) apply(source []byte) ([]byte, error) {
	if n := bytes.Count(source, []byte(m.old)); n != 1 {
		return nil, fmt.Errorf("%q occurs %d times, once was expected: correct the list", m.old, n)
	}
	return bytes.Replace(source, []byte(m.old), []byte(m.new), 1), nil
}
