package main

import (
	"fmt"
	"slices"
	"time"
)

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
