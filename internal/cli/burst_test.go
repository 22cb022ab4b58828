package cli

import (
	"fmt"
	"path/filepath"
	"testing"

	"tussle/history"
)

const burstScenario = `
name = "burst"
[target]
use = "memory"
[workload]
kind = "counter"
keys = 1
[load]
clients = %d
burst = %q
duration = "150ms"
warmup = "0s"
repeat = 1
[[strategy]]
locking = "optimistic"
dialect = "etag"
retry = { policy = "none" }
`

// Of N conditional writes of one version that arrive together one is accepted,
// then one of the N-1 that are left, and so on: in each round one client commits
// at each attempt from 1 to N, after N(N+1)/2 writes in all. Exactly.
func TestABurstCommitsOneWriteAtEachAttempt(t *testing.T) {
	for _, n := range []int{2, 5, 16} {
		for _, kind := range []string{"barrier", "last-byte"} {
			t.Run(fmt.Sprint(kind, " ", n), func(t *testing.T) {
				dir := t.TempDir()
				inFile(t, filepath.Join(dir, "burst.toml"), fmt.Sprintf(burstScenario, n, kind))
				if code, out := tussleIn(t, dir, nil, "run", "burst.toml", "-q", "-o", "out"); code != exitOK {
					t.Fatalf("exit %d\n%s", code, out)
				}
				writes, releases := 0, int64(0)
				accepted := map[int]map[int]int{} // operation -> attempt -> how many
				err := history.Each(filepath.Join(dir, "out", historyFile), func(r *history.Record) {
					if r.Kind == history.KindEvent {
						if _, n, ok := r.Event.Burst(); ok {
							releases = n
						}
					}
					if r.Kind != history.KindRequest || r.Request.Block < 0 || r.Request.Client < 0 || r.Request.Step != history.StepWrite {
						return
					}
					writes++
					if r.Request.Effect == history.Applied {
						if accepted[r.Request.Op] == nil {
							accepted[r.Request.Op] = map[int]int{}
						}
						accepted[r.Request.Op][r.Request.Attempt]++
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				if len(accepted) == 0 || writes != len(accepted)*n*(n+1)/2 {
					t.Errorf("%d writes in %d rounds, expected %d in each", writes, len(accepted), n*(n+1)/2)
				}
				for round, at := range accepted {
					for attempt := 1; attempt <= n; attempt++ {
						if at[attempt] != 1 {
							t.Errorf("round %d: %d commits at attempt %d, expected one", round, at[attempt], attempt)
						}
					}
				}
				if releases != int64(len(accepted)) {
					t.Errorf("the target's stamps tell of %d releases of all, expected one for each of %d rounds", releases, len(accepted))
				}
			})
		}
	}
}
