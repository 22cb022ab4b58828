// Package main is the command mutants: it removes or turns around one rule of
// the checkers at a time and runs their tests: a rule whose loss no test
// notices is a rule that the tests do not hold. It is run from the module's
// root:
//
//	go run ./internal/mutants [-only TEXT]
//
// No file is changed: all mutants are compiled into one test binary by
// -overlay, each as a copy of its function, and CHECK_MUTANT tells the binary
// which copy to call. The exit code is 1 when a mutant survives without a
// stated reason, or when one that is said to survive is caught after all.
package main

import (
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
	source := filepath.Join(root, dir)
	if _, err := os.Stat(filepath.Join(source, "judge.go")); err != nil {
		return fmt.Errorf("%s not found: run it from the module's root", dir)
	}
	scratch, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	binary := filepath.Join(scratch, "check.test")
	if err := build(source, scratch, binary); err != nil {
		return err
	}
	if !passes(binary, source, 0, "-test.v=false") {
		return fmt.Errorf("the tests fail without any mutant")
	}
	var mu sync.Mutex
	var died, lived, bad int
	judge := func(m *mutant, caught bool) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case caught && m.survives != "":
			bad++
			fmt.Printf("caught    %s: %s: it is said to survive (%s); correct the list\n", m.file, m.rule, m.survives)
		case caught:
			died++
		case m.survives != "":
			lived++
			fmt.Printf("survives  %s: %s: %s\n", m.file, m.rule, m.survives)
		default:
			bad++
			fmt.Printf("SURVIVES  %s: %s: no test notices; write one\n", m.file, m.rule)
		}
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				number := i + 1
				caught := !passes(binary, source, number, "-test.skip=Oracle") || !passes(binary, source, number, "-test.run=Oracle")
				judge(&mutants[i], caught)
			}
		})
	}
	start := time.Now()
	for i, m := range mutants {
		if strings.Contains(m.file+" "+m.rule, only) {
			next <- i
		}
	}
	close(next)
	wg.Wait()
	fmt.Printf("%d mutants: %d caught, %d survive with a reason, %d to be looked at, in %v\n", died+lived+bad, died, lived, bad, time.Since(start).Round(time.Second))
	if bad > 0 {
		return fmt.Errorf("%d mutants need attention", bad)
	}
	return nil
}

// passes runs the tests with one mutant, 0 for none.
func passes(binary, dir string, number int, choice string) bool {
	cmd := exec.Command(binary, "-test.failfast", "-test.timeout=600s", choice)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", variable, number))
	return cmd.Run() == nil
}
