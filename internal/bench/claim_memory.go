package main

import (
	"fmt"
	"time"

	"tussle/history"
)

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
	err = history.Each(path, func(r *history.Record) {
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
