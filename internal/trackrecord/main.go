// Package main is the command trackrecord: it finds out how well tussle finds
// bugs, and whether it sees some where there are none: it runs the real
// program on every scenario of the zoo and on sound targets under heavy
// contention, once for each seed, and writes what came out as a page.
//
//	go run ./internal/trackrecord [-seeds 1-20] [-only TEXT] [-results FILE] [-out PAGE]
//
// Each run is added to -results as one line when it ends. Runs that are there
// already are not repeated, so an interrupted record goes on where it stopped;
// remove the file to begin anew. With -seeds "" nothing runs and the page is
// written from the results. The exit code is 1 when a defect was missed, a
// false alarm was raised or a sound target was not exercised.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

func main() {
	seeds := flag.String("seeds", "1-20", "seeds of each run, FROM-TO; empty: only write the page")
	only := flag.String("only", "", "only defects and sound targets whose names contain this")
	kind := flag.String("kind", "", "only runs of this kind: defect, twin or sound")
	results := flag.String("results", "docs/track-record.jsonl", "one line for each run; runs that are there are not repeated")
	out := flag.String("out", "docs/track-record.md", "the page")
	binary := flag.String("tussle", "", "the program to run; built from the module when empty")
	parallel := flag.Int("parallel", 2, "runs at a time")
	flag.Parse()
	ok, err := record(*seeds, *only, *kind, *results, *out, *binary, *parallel)
	if err != nil {
		fmt.Fprintf(os.Stderr, "trackrecord: error: %v\n", err)
		os.Exit(3)
	}
	if !ok {
		os.Exit(1)
	}
}

// record runs what is missing and writes the page.
func record(seeds, only, kind, results, out, binary string, parallel int) (bool, error) {
	from, to, err := seedRange(seeds)
	if err != nil {
		return false, err
	}
	known, err := load(results)
	if err != nil {
		return false, err
	}
	scratch, err := os.MkdirTemp("", "trackrecord")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(scratch)
	var todo []trial
	for seed := from; seed <= to && seeds != ""; seed++ {
		for _, t := range trials(scratch) {
			t.seed = seed
			if _, done := known[t.id()]; !done && strings.Contains(t.name, only) && (kind == "" || t.kind == kind) {
				todo = append(todo, t)
			}
		}
	}
	if len(todo) > 0 && binary == "" {
		binary = filepath.Join(scratch, "tussle")
		if text, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			return false, fmt.Errorf("build tussle in the module's root: %w\n%s", err, text)
		}
	}
	if err := runAll(todo, binary, scratch, results, parallel, known); err != nil {
		return false, err
	}
	all := make([]result, 0, len(known))
	for _, r := range known {
		all = append(all, r)
	}
	page, ok := render(all)
	return ok, os.WriteFile(out, []byte(page), 0o644)
}

// runAll runs trials, parallel at a time, and keeps each result at once.
func runAll(todo []trial, binary, scratch, results string, parallel int, known map[string]result) error {
	file, err := os.OpenFile(results, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failed error
	queue := make(chan trial)
	for range max(parallel, 1) {
		wg.Go(func() {
			for t := range queue {
				r, err := t.run(binary, scratch)
				mu.Lock()
				if err == nil {
					known[t.id()] = r
					err = json.NewEncoder(file).Encode(r)
					fmt.Fprintf(os.Stderr, "%s seed %d: %s\n", t.name, t.seed, r.brief())
				}
				if failed == nil {
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	for _, t := range todo {
		mu.Lock()
		stop := failed != nil
		mu.Unlock()
		if stop {
			break
		}
		queue <- t
	}
	close(queue)
	wg.Wait()
	return failed
}

// load reads the results of earlier runs; the later of two lines counts.
func load(path string) (map[string]result, error) {
	known := map[string]result{}
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return known, nil
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var r result
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s:%d: %w: correct or remove the line", path, n, err)
		}
		known[r.id()] = r
	}
	return known, lines.Err()
}

func seedRange(s string) (from, to int, err error) {
	if s == "" {
		return 0, 0, nil
	}
	a, b, _ := strings.Cut(s, "-")
	if b == "" {
		b = a
	}
	from, err1 := strconv.Atoi(a)
	to, err2 := strconv.Atoi(b)
	if err1 != nil || err2 != nil || from < 1 || to < from {
		return 0, 0, fmt.Errorf("-seeds %s: FROM-TO was expected, such as 1-20", s)
	}
	return from, to, nil
}
