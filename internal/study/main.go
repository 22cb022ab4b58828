// Package main is the command study: it writes the page of the study from its
// reports: where does the advice "optimistic for little concurrency,
// pessimistic for much" hold?
//
//	go run ./internal/study DIR
//
// DIR holds one folder a cell, with its report.json. The page is DIR/README.md.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "study: error: usage: study DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "study: error: %v\n", err)
		os.Exit(3)
	}
}

func write(dir string) error {
	cells, err := load(dir)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "README.md"), []byte(page(cells)), 0o644)
}

// cell is one combination of rows, think time and connections.
type cell struct {
	name   string
	report report
}

// report is as much of report.json as is needed.
type report struct {
	Verdict    string
	Scenario   struct{ Workload struct{ Keys int } }
	Strategies []struct {
		Name, Verdict string
		Operations    struct{ Committed int64 }
	}
	Sweeps []struct {
		Points []point
	}
	Provenance struct {
		Start, End string
		Machine    struct {
			OS, Arch, CPU string
			CPUs          int
		}
	}
}

// point is one strategy at one number of clients: medians of its blocks, and
// their 95 % intervals.
type point struct {
	Strategy     string
	At           float64
	Goodput      *float64    `json:"goodput_per_s"`
	CI           *[2]float64 `json:"goodput_ci95"`
	ConflictRate *float64    `json:"conflict_rate"`
	P99          *float64    `json:"p99_ms"`
	N            int
}

// load reads every cell, the smaller tables first.
func load(dir string) ([]cell, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "report.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("no cell has a report.json: run docs/study/run.sh")
	}
	var cells []cell
	for _, f := range files {
		c := cell{name: filepath.Base(filepath.Dir(f))}
		b, err := os.ReadFile(f)
		if err == nil {
			err = json.Unmarshal(b, &c.report)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		if len(c.report.Sweeps) != 1 {
			return nil, fmt.Errorf("%s: %d sweeps, expected one", f, len(c.report.Sweeps))
		}
		cells = append(cells, c)
	}
	slices.SortStableFunc(cells, func(a, b cell) int { return a.report.Scenario.Workload.Keys - b.report.Scenario.Workload.Keys })
	return cells, nil
}
