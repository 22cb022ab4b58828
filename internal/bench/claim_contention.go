package main

import (
	"fmt"
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
