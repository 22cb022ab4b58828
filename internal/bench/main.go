// Package main is the command bench: it measures what a request costs the load
// generator in CPU time, tussle beside its peers: wrk, hey, vegeta and k6 on
// one loopback server, with the same 16 connections, in interleaved rounds. It
// prints medians and ratios as the table of docs/performance.md.
//
//	go run ./internal/bench            # all of it, some minutes
//	go run ./internal/bench -profile cpu.out
//	go run ./internal/bench -claims all
//
// The peers send a bare GET; tussle reads and writes conditionally, with its
// recording on. Checks and report are not part of the load, and are left out.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"tussle/runner"
	"tussle/scenarios"
)

const connections = 16

var (
	rounds   = flag.Int("rounds", 5, "interleaved rounds")
	length   = flag.Duration("length", 4*time.Second, "of one measurement")
	claimed  = flag.String("claims", "", "instead of the peers: hold what tussle measures against a known truth; all, or some of stall,band,burst,vegeta,memory,judging")
	profile  = flag.String("profile", "", "only tussle, with a CPU profile into this file")
	loadOnly = flag.String("load", "", "internal: generate tussle's load with this binary as the target")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench: error:", err)
		os.Exit(1)
	}
}

func run() error {
	if *loadOnly != "" {
		return load(*loadOnly, *profile)
	}
	dir, err := os.MkdirTemp("", "tussle-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tussle := filepath.Join(dir, "tussle")
	if err := goRun("", "build", "-o", tussle, "."); err != nil {
		return err
	}
	if *profile != "" {
		return load(tussle, *profile)
	}
	if *claimed != "" {
		return check(tussle, dir, *claimed)
	}
	peers, err := contenders(dir, tussle)
	if err != nil {
		return err
	}
	base, stop, err := serve(tussle)
	if err != nil {
		return err
	}
	defer stop()
	costs := map[string][]float64{}
	for r := range *rounds {
		for i := range peers {
			p := peers[i]
			if r%2 == 1 {
				p = peers[len(peers)-1-i]
			}
			cost, err := p.measure(base)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			costs[p.name] = append(costs[p.name], cost)
			fmt.Fprintf(os.Stderr, "round %d: %s %.2f us\n", r+1, p.name, cost)
		}
	}
	return table(peers, costs)
}

// table prints medians and ratios as Markdown.
func table(peers []contender, costs map[string][]float64) error {
	median := func(name string) float64 {
		c := slices.Clone(costs[name])
		slices.Sort(c)
		return c[len(c)/2]
	}
	own := median("tussle")
	fmt.Printf("%s, %s, %d CPUs, %s, %d rounds\n\n", time.Now().Format("2006-01-02"), runtime.Version(), runtime.NumCPU(), cpu(), *rounds)
	fmt.Println("| generator | what it sends | CPU us per request, median (min to max) | tussle / it |")
	fmt.Println("|---|---|---|---|")
	for _, p := range peers {
		c := costs[p.name]
		fmt.Printf("| %s | %s | %.1f (%.1f to %.1f) | %.2f |\n", p.name, p.sends, median(p.name), slices.Min(c), slices.Max(c), own/median(p.name))
	}
	return nil
}

func cpu() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "CPU not known"
	}
	sc := bufio.NewScanner(bytes.NewReader(text))
	for sc.Scan() {
		if name, v, ok := strings.Cut(sc.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(v)
		}
	}
	return "CPU not known"
}

// load runs tussle's load loop in this process and prints its requests.
func load(tussle, profile string) error {
	text := fmt.Sprintf(`name = "bench"
[target]
use = "memory"
[workload]
kind = "counter"
keys = 1000
[load]
clients = %d
duration = %q
warmup = "0s"
repeat = 1
[[strategy]]
name = "optimistic"
locking = "optimistic"
dialect = "etag"
`, connections, *length)
	s, err := scenarios.Parse("bench.toml", text, scenarios.Options{})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "tussle-bench-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	out, err := os.Create(filepath.Join(dir, "history.jsonl.zst"))
	if err != nil {
		return err
	}
	defer out.Close()
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	o := runner.Options{Self: []string{tussle, "serve"}, Dir: dir, Interrupt: make(chan struct{})}
	if _, err := runner.Run(context.Background(), s, out, o); err != nil {
		return err
	}
	cpu, n, err := steady(out.Name())
	if err != nil {
		return err
	}
	fmt.Println("cpu_us", cpu.Microseconds())
	fmt.Println("requests", n)
	return nil
}

// goRun runs the go command.
func goRun(dir string, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	return cmd.Run()
}

// serve starts the loopback server that all load.
func serve(tussle string) (url string, stop func(), err error) {
	cmd := exec.Command(tussle, "serve", "memory", "--parent")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	stop = func() {
		stdin.Close()
		_ = cmd.Wait() // it ends with its input
	}
	if err != nil || !ok {
		stop()
		return "", nil, errors.Join(errors.New("the server did not start"), err)
	}
	put := exec.Command("curl", "-sf", "-X", "PUT", url+"/etag/items/k", "-H", "If-None-Match: *", "-d", `{"value":0,"tag":"init"}`)
	if err := put.Run(); err != nil {
		stop()
		return "", nil, fmt.Errorf("set-up: %w", err)
	}
	return url + "/etag/items/k", stop, nil
}

// spent is the CPU time of an ended process.
func spent(p *os.ProcessState) time.Duration {
	u := p.SysUsage().(*syscall.Rusage)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
