package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// vegetaClaim has the unmodified vegeta command read an export, and prints
// its figures beside those of report.json.
func vegetaClaim(tussle, dir string) error {
	bin := filepath.Join(dir, "vegeta")
	if err := install(dir, bin, vegetaModule, vegetaVersion); err != nil {
		return err
	}
	m, path, err := runScenario(tussle, dir, "export", `[target]
use = "memory"
[workload]
kind = "counter"
keys = 16
think = "2ms"
[load]
clients = 16
duration = "5s"
warmup = "500ms"
repeat = 1
[[strategy]]
name = "optimistic"
locking = "optimistic"
dialect = "etag"
`)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "export.json")
	if err := exec.Command(tussle, "export", filepath.Dir(path), "--out", file).Run(); err != nil {
		return fmt.Errorf("tussle export: %w", err)
	}
	for _, args := range [][]string{{"report", "-type=hdrplot", file}, {"plot", file}} {
		if out, err := exec.Command(bin, args...).CombinedOutput(); err != nil || len(out) < 500 {
			return fmt.Errorf("vegeta %v: %v, and %d bytes:\n%s", args, err, len(out), out)
		}
		fmt.Printf("vegeta: vegeta %s reads the export\n", strings.Join(args[:len(args)-1], " "))
	}
	out, err := exec.Command(bin, "report", "-type=json", file).Output()
	if err != nil {
		return fmt.Errorf("vegeta report: %w", err)
	}
	var v struct {
		Requests  int
		Rate      float64
		Codes     map[string]int     `json:"status_codes"`
		Latencies map[string]float64 // ns
	}
	if err := json.Unmarshal(out, &v); err != nil {
		return err
	}
	s := m.Strategies[0]
	fmt.Printf("vegeta: committed %d, report.json %d; a second %.1f, report.json %.1f\n", v.Codes["200"], s.Operations["committed"], v.Rate, s.Goodput)
	for _, p := range []struct{ theirs, ours string }{{"50th", "p50"}, {"90th", "p90"}, {"95th", "p95"}, {"99th", "p99"}, {"max", "max"}} {
		fmt.Printf("vegeta: %s %.3f ms, report.json %.3f ms\n", p.ours, v.Latencies[p.theirs]/1e6, s.TimeToCommit[p.ours])
	}
	return nil
}
