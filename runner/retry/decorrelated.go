package retry

import (
	"fmt"
	"time"

	"tussle/scenarios"
)

// decorrelated waits min(cap, U(base, 3 x the last wait)); the wait before the
// first is taken to be base.
type decorrelated struct {
	plain
	base, cap time.Duration
}

func newDecorrelated(r scenarios.Retry) family {
	return decorrelated{base: time.Duration(r.Base), cap: time.Duration(r.Cap)}
}

func (d decorrelated) wait(s State, u float64) (State, time.Duration, bool) {
	low := float64(d.base)
	high := 3 * max(float64(s.Last), low)
	return s, span(low+u*(high-low), d.cap), true
}

func (d decorrelated) words() string {
	return fmt.Sprintf("decorrelated jitter: uniform in %s .. 3 x the last wait, at most %s", d.base, d.cap)
}
