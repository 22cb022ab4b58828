package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// claim is one thing that tussle says of its own measuring, held against a
// truth that is known beforehand.
type claim struct {
	name string
	run  func(tussle, dir string) error
}

var claims = []claim{
	{"stall", stallClaim},
	{"band", bandClaim},
	{"burst", burstClaim},
	{"vegeta", vegetaClaim},
	{"memory", memoryClaim},
	{"judging", judgingClaim},
}

// check measures the named claims, all when names is "all", and prints one
// line for each figure.
func check(tussle, dir, names string) error {
	wanted := strings.Split(names, ",")
	for _, name := range wanted {
		if name != "all" && !slices.ContainsFunc(claims, func(c claim) bool { return c.name == name }) {
			return fmt.Errorf("there is no claim %q", name)
		}
	}
	for _, c := range claims {
		if names != "all" && !slices.Contains(wanted, c.name) {
			continue
		}
		if err := c.run(tussle, dir); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

// measured is what claims need of report.json.
type measured struct {
	Strategies []struct {
		Operations   map[string]int                `json:"operations"`
		Goodput      float64                       `json:"goodput_per_s"`
		TimeToCommit map[string]float64            `json:"time_to_commit_ms"`
		ServiceTime  map[string]map[string]float64 `json:"service_time_ms"`
		NotStarted   int                           `json:"not_started"`
	} `json:"strategies"`
	SelfChecks []struct{ Name, Note, Verdict string } `json:"self_checks"`
}

// runScenario runs a scenario with the real binary and returns its report and
// its history's path. A verdict other than success is no error here.
func runScenario(tussle, dir, name, text string) (measured, string, error) {
	file, out := filepath.Join(dir, name+".toml"), filepath.Join(dir, name)
	var m measured
	if err := os.WriteFile(file, []byte("name = \"claim-"+name+"\"\n"+text), 0o644); err != nil {
		return m, "", err
	}
	cmd := exec.Command(tussle, "run", file, "--out", out)
	printed, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return m, "", err
	}
	b, err := os.ReadFile(filepath.Join(out, "report.json"))
	if err != nil {
		return m, "", fmt.Errorf("%w\n%s", err, printed)
	}
	return m, filepath.Join(out, "history.jsonl.zst"), json.Unmarshal(b, &m)
}
