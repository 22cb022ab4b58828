package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"tussle/history"
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
}

// check measures the named claims, all when names is "all", and prints one
// line for each figure.
func check(tussle, dir, names string) error {
	for _, c := range claims {
		if names != "all" && !slices.Contains(strings.Split(names, ","), c.name) {
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

const (
	stallClients = 40
	stallDelay   = 50 * time.Millisecond
	stallLength  = 500 * time.Millisecond
	stallPeriod  = 5 * time.Second
)

// stallClaim runs an open model at 70 % of capacity against a target that
// stands still, and compares response times with a simulation of the queue.
func stallClaim(tussle, dir string) error {
	rate := 0.7 * stallClients / stallDelay.Seconds()
	m, _, err := runScenario(tussle, dir, "stall", fmt.Sprintf(`[target]
use = "memory"
[target.options]
delay = %q
stall = "%v/%v"
[workload]
kind = "counter"
keys = 1000
[load]
clients = %d
rate = "%.0f/s"
duration = "50s"
warmup = "0s"
repeat = 1
[[strategy]]
name = "server-side"
locking = "server-side"
dialect = "plain"
`, stallDelay.String(), stallLength, stallPeriod, stallClients, rate))
	if err != nil {
		return err
	}
	p99, longest := stallTruth(rate)
	s := m.Strategies[0]
	for _, row := range []struct {
		name        string
		truth, told float64
	}{{"p99", p99, s.TimeToCommit["p99"]}, {"max", longest, s.TimeToCommit["max"]}} {
		fmt.Printf("stall: response time %s: %.0f ms reported, %.0f ms injected (%+.1f %%)\n", row.name, row.told, row.truth, 100*(row.told/row.truth-1))
	}
	for step, t := range s.ServiceTime {
		fmt.Printf("stall: service time of %s, which is all that a closed loop sees: p99 %.0f ms; %d operations not started\n", step, t["p99"], s.NotStarted)
	}
	return nil
}

// stallTruth simulates constant arrivals at a first-come-first-served queue
// whose servers take stallDelay and begin nothing while the target stands
// still. It returns ms.
func stallTruth(rate float64) (p99, longest float64) {
	free := make([]float64, stallClients) // when each server is free again, s
	var took []float64
	for n := range int(200 * rate) {
		at := float64(n) / rate
		i := 0
		for j := range free {
			if free[j] < free[i] {
				i = j
			}
		}
		start := max(at, free[i])
		whole := stallPeriod.Seconds()
		if in := start - float64(int(start/whole))*whole; start >= whole && in < stallLength.Seconds() {
			start += stallLength.Seconds() - in
		}
		free[i] = start + stallDelay.Seconds()
		if at >= whole {
			took = append(took, 1e3*(free[i]-at))
		}
	}
	slices.Sort(took)
	return took[len(took)*99/100], took[len(took)-1]
}

// bandClaim prints the conflict probability beside its band at three levels
// of contention.
func bandClaim(tussle, dir string) error {
	for _, keys := range []int{256, 64, 16} {
		m, _, err := runScenario(tussle, dir, "band-"+strconv.Itoa(keys), fmt.Sprintf(`[target]
use = "memory"
[workload]
kind = "counter"
keys = %d
think = "20ms"
[load]
clients = 32
duration = "10s"
warmup = "1s"
repeat = 1
[[strategy]]
name = "optimistic"
locking = "optimistic"
dialect = "etag"
`, keys))
		if err != nil {
			return err
		}
		for _, c := range m.SelfChecks {
			if c.Name == "conflict probability" {
				fmt.Printf("band: %d keys: %s: %s\n", keys, c.Verdict, c.Note)
			}
		}
	}
	return nil
}

// burstClaim prints how far apart the writes of a burst arrive at the target.
func burstClaim(tussle, dir string) error {
	spread := map[string]float64{}
	for _, kind := range []string{"barrier", "last-byte"} {
		_, path, err := runScenario(tussle, dir, kind, fmt.Sprintf(`[target]
use = "memory"
[workload]
kind = "counter"
keys = 1
[load]
clients = 32
burst = %q
duration = "10s"
warmup = "0s"
repeat = 1
[[strategy]]
name = "optimistic"
locking = "optimistic"
dialect = "etag"
retry = { policy = "none" }
`, kind))
		if err != nil {
			return err
		}
		err = each(path, func(r *history.Record) {
			if r.Kind != history.KindEvent {
				return
			}
			if ns, releases, ok := r.Event.Burst(); ok {
				spread[kind] = float64(ns) / 1e3
				fmt.Printf("burst: %s: median spread of the arrivals of 32 writes %.0f us, %d releases of all\n", kind, spread[kind], releases)
			}
		})
		if err != nil {
			return err
		}
	}
	fmt.Printf("burst: last-byte / barrier = %.2f\n", spread["last-byte"]/spread["barrier"])
	return nil
}

// memoryClaim prints the resident memory after one and after five minutes of
// full speed.
func memoryClaim(tussle, dir string) error {
	_, path, err := runScenario(tussle, dir, "memory", `[target]
use = "memory"
[workload]
kind = "counter"
keys = 1000
[load]
clients = 32
duration = "305s"
warmup = "0s"
repeat = 1
[[strategy]]
name = "optimistic"
locking = "optimistic"
dialect = "etag"
`)
	if err != nil {
		return err
	}
	var start, requests int64
	at := map[int]int64{}
	err = each(path, func(r *history.Record) {
		switch r.Kind {
		case history.KindBlock:
			start = r.Block.Start
		case history.KindRequest:
			requests++
		case history.KindSample:
			for _, s := range []int{60, 300} {
				if _, seen := at[s]; !seen && r.Sample.At-start >= int64(s)*int64(time.Second) {
					at[s] = r.Sample.RSS
				}
			}
		}
	})
	if err != nil {
		return err
	}
	const mib = 1 << 20
	fmt.Printf("memory: resident %.1f MiB at 1 min, %.1f MiB at 5 min (%+.1f), %d requests\n", float64(at[60])/mib, float64(at[300])/mib,
		float64(at[300]-at[60])/mib, requests)
	return nil
}

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
			return fmt.Errorf("vegeta %v: %w\n%s", args, err, out)
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

// each reads a history.
func each(path string, f func(*history.Record)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := history.NewReader(file)
	if err != nil {
		return err
	}
	defer r.Close()
	var rec history.Record
	for {
		if err := r.Read(&rec); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		f(&rec)
	}
}
