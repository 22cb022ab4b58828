package retry

import (
	"fmt"
	"time"

	"tussle/scenarios"
)

// fixed waits the same time after every failure; none is fixed with 0.
type fixed struct {
	plain
	base time.Duration
}

func newNone(scenarios.Retry) family    { return fixed{} }
func newFixed(r scenarios.Retry) family { return fixed{base: time.Duration(r.Base)} }

func (f fixed) wait(s State, u float64) (State, time.Duration, bool) { return s, f.base, true }

func (f fixed) words() string {
	if f.base == 0 {
		return "again at once, no backoff"
	}
	return fmt.Sprintf("again after %s", f.base)
}
