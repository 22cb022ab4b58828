package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tussle/history"
	"tussle/targets/defects"
)

// The kinds of trial.
const (
	defect = "defect" // a server with the defect: the named property must be violated
	twin   = "twin"   // the same scenario without the defect: nothing promised may be violated
	sound  = "sound"  // a sound target under heavy contention: nothing at all may be violated
)

// trial is one run of the program.
type trial struct {
	kind, name string
	scenario   string // name in the gallery, or path
	property   string // of a defect
	sets       []string
	seed       int
}

func (t trial) id() string { return t.kind + " " + t.name + " " + strconv.Itoa(t.seed) }

// result is what one run showed; a line of the results file.
type result struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Seed int    `json:"seed"`

	Exit       int      `json:"exit"`
	Exercised  int64    `json:"exercised"`           // least of the promised properties
	Violations int64    `json:"violations"`          // of the properties that count: see trial.judges
	Violated   []string `json:"violated,omitempty"`  // strategy: property
	Undecided  []string `json:"undecided,omitempty"` // promised, but neither violated nor seen to hold
	First      float64  `json:"first_ms,omitempty"`  // of load, until the requests of the first finding had ended
	Requests   int      `json:"requests,omitempty"`  // of the largest finding
	Writes     int64    `json:"operations"`

	findings []finding // of the defect's property

	At      string `json:"at"`      // start of the run, RFC 3339
	Machine string `json:"machine"` // "2 x CPU, linux/amd64"
}

func (r result) id() string { return trial{kind: r.Kind, name: r.Name, seed: r.Seed}.id() }

// good reports whether the run showed what it had to.
func (r result) good() bool {
	if r.Kind == defect {
		return r.Exit == 1 && r.Violations > 0 && r.First < 10_000 && r.Requests <= 6
	}
	return r.Exit == 0 && r.Violations == 0 && r.Exercised > 0 && len(r.Undecided) == 0
}

func (r result) brief() string {
	switch {
	case r.Kind == defect && r.good():
		return fmt.Sprintf("found after %.0f ms of load", r.First)
	case r.Kind == defect:
		return fmt.Sprintf("MISSED (exit %d, %d violations, first after %.0f ms, %d requests)", r.Exit, r.Violations, r.First, r.Requests)
	case r.good():
		return fmt.Sprintf("%s: no violation, exercised %d", r.Kind, r.Exercised)
	}
	return fmt.Sprintf("%s: NOT GOOD (exit %d, %d violations %s, exercised %d, undecided %s)", r.Kind, r.Exit, r.Violations,
		strings.Join(r.Violated, ", "), r.Exercised, strings.Join(r.Undecided, ", "))
}

// trials lists every trial once. The scenarios of sound targets are written
// into dir.
func trials(dir string) []trial {
	var out []trial
	for _, d := range defects.All {
		out = append(out,
			trial{kind: defect, name: d.Name, scenario: "zoo/" + d.Name, property: d.Property},
			trial{kind: twin, name: d.Name, scenario: "zoo/" + d.Name, sets: []string{`target.options.defect=""`}})
	}
	return append(out, soundTrials(dir)...)
}

// report is as much of report.json as is needed.
type report struct {
	Strategies []struct {
		Name       string
		Operations struct{ Total int64 }
		Properties []struct {
			Name       string
			Verdict    string
			Promised   bool
			Exercised  int64
			Violations int64
			Findings   []finding
		}
	}
	Provenance struct {
		Start   string
		Machine history.Environment
	}
}

type finding struct {
	Sentence string
	Requests []struct {
		Line    int64
		Lane    string
		Role    string
		Offends bool
	}
}

// run runs the program and reads what it wrote.
func (t trial) run(binary, scratch string) (result, error) {
	dir, err := os.MkdirTemp(scratch, "run")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(dir)
	rep, code, err := t.execute(binary, dir)
	if err != nil {
		return result{}, err
	}
	r := result{Kind: t.kind, Name: t.name, Seed: t.seed, Exit: code, Exercised: -1, At: rep.Provenance.Start, Machine: machine(rep.Provenance.Machine)}
	for _, s := range rep.Strategies {
		r.Writes += s.Operations.Total
		for _, p := range s.Properties {
			if t.judges(p.Name, p.Promised) && p.Violations > 0 {
				r.Violated = append(r.Violated, s.Name+": "+p.Name)
				r.Violations += p.Violations
			}
			if !p.Promised {
				continue
			}
			if p.Verdict != "holds" && p.Verdict != "violated" {
				r.Undecided = append(r.Undecided, s.Name+": "+p.Name)
			}
			if r.Exercised < 0 || p.Exercised < r.Exercised {
				r.Exercised = p.Exercised
			}
			if p.Name != t.property {
				continue
			}
			r.findings = p.Findings
			for _, f := range p.Findings {
				r.Requests = max(r.Requests, len(f.Requests))
			}
			if r.First, err = firstFinding(filepath.Join(dir, "history.jsonl.zst"), p.Findings); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// judges reports whether a property counts. A twin may do what nobody promised:
// the blind writes that the server checks for write skew overwrite each other.
func (t trial) judges(property string, promised bool) bool {
	switch t.kind {
	case defect:
		return property == t.property
	case twin:
		return promised
	}
	return true
}

// execute runs the program into dir.
func (t trial) execute(binary, dir string) (report, int, error) {
	args := []string{"run", t.scenario, "-q", "-o", dir, "--set", "seed=" + strconv.Itoa(t.seed)}
	for _, set := range t.sets {
		args = append(args, "--set", set)
	}
	cmd := exec.Command(binary, args...)
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return report{}, 0, err
	}
	b, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		return report{}, 0, fmt.Errorf("%s seed %d left no report: exit code %d: %s", t.scenario, t.seed, cmd.ProcessState.ExitCode(), text)
	}
	var rep report
	if err := json.Unmarshal(b, &rep); err != nil {
		return report{}, 0, fmt.Errorf("%s seed %d: report.json: %w", t.scenario, t.seed, err)
	}
	return rep, cmd.ProcessState.ExitCode(), nil
}

// firstFinding is the load, in ms, after which the first of the findings had
// happened: its last request had ended. Blocks before it count in full, and
// the time between blocks does not.
func firstFinding(path string, findings []finding) (float64, error) {
	if len(findings) == 0 {
		return 0, nil
	}
	requests, blocks, err := readLines(path, findings)
	if err != nil {
		return 0, err
	}
	first := -1.0
	for _, f := range findings {
		var end int64
		block := 0
		for _, q := range f.Requests {
			if r, ok := requests[q.Line]; ok && r.Return > end {
				end, block = r.Return, r.Block
			}
		}
		b := blocks[block]
		load := end - b.Start
		for _, other := range blocks {
			if other.Start < b.Start {
				load += other.Stop - other.Start
			}
		}
		if ms := float64(load) / float64(time.Millisecond); first < 0 || ms < first {
			first = ms
		}
	}
	return first, nil
}

// readLines reads the findings' requests, by line, and all blocks.
func readLines(path string, findings []finding) (map[int64]history.Request, map[int]history.Block, error) {
	requests, blocks := map[int64]history.Request{}, map[int]history.Block{}
	wanted := map[int64]bool{}
	for _, f := range findings {
		for _, q := range f.Requests {
			wanted[q.Line] = true
		}
	}
	err := history.Each(path, func(rec *history.Record) {
		switch {
		case rec.Kind == history.KindBlock:
			blocks[rec.Block.Block] = rec.Block
		case rec.Kind == history.KindRequest && wanted[rec.Line]:
			requests[rec.Line] = rec.Request
		}
	})
	return requests, blocks, err
}

func machine(e history.Environment) string {
	cpu := e.CPU
	if cpu == "" {
		cpu = "CPU"
	}
	return fmt.Sprintf("%d x %s, %s/%s", e.CPUs, cpu, e.OS, e.Arch)
}
