package main

import (
	"fmt"
	"slices"
	"strconv"

	"tussle/history"
)

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

// burstClaim prints how far apart the writes of a burst arrive at the target:
// medians of interleaved rounds, since a figure of microseconds wanders.
func burstClaim(tussle, dir string) error {
	const rounds = 5
	spread := map[string][]float64{}
	for round := range rounds {
		for _, kind := range []string{"barrier", "last-byte"} {
			us, releases, err := burstSpread(tussle, dir, fmt.Sprint(kind, round), kind)
			if err != nil {
				return err
			}
			spread[kind] = append(spread[kind], us)
			fmt.Printf("burst: %s: median spread of the arrivals of 32 writes %.0f us, %d releases of all\n", kind, us, releases)
		}
	}
	for _, all := range spread {
		slices.Sort(all)
	}
	barrier, last := spread["barrier"][rounds/2], spread["last-byte"][rounds/2]
	fmt.Printf("burst: medians of %d rounds: last-byte %.0f us / barrier %.0f us = %.2f\n", rounds, last, barrier, last/barrier)
	return nil
}

func burstSpread(tussle, dir, name, kind string) (us float64, releases int64, err error) {
	_, path, err := runScenario(tussle, dir, name, fmt.Sprintf(`[target]
use = "memory"
[workload]
kind = "counter"
keys = 1
[load]
clients = 32
burst = %q
duration = "4s"
warmup = "0s"
repeat = 1
[[strategy]]
name = "optimistic"
locking = "optimistic"
dialect = "etag"
retry = { policy = "none" }
`, kind))
	if err != nil {
		return 0, 0, err
	}
	err = history.Each(path, func(r *history.Record) {
		if r.Kind != history.KindEvent {
			return
		}
		if ns, n, ok := r.Event.Burst(); ok {
			us, releases = float64(ns)/1e3, int64(n)
		}
	})
	return us, releases, err
}
