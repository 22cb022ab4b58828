package retry

import (
	"fmt"
	"time"

	"tussle/scenarios"
)

// fullJitter waits U(0, expo(n)).
type fullJitter struct{ exponential }

func newFullJitter(r scenarios.Retry) family { return fullJitter{exponentialOf(r)} }

func (j fullJitter) wait(s State, u float64) (State, time.Duration, bool) {
	e := j.expo(s.Failures)
	return s, span(u*float64(e), e), true
}

func (j fullJitter) words() string {
	return fmt.Sprintf("full jitter: uniform in 0 .. min(%s, %s x %v^n) after failure n", j.cap, j.base, j.factor)
}

// equalJitter waits expo(n)/2 + U(0, expo(n)/2).
type equalJitter struct{ exponential }

func newEqualJitter(r scenarios.Retry) family { return equalJitter{exponentialOf(r)} }

func (j equalJitter) wait(s State, u float64) (State, time.Duration, bool) {
	e := j.expo(s.Failures)
	return s, span((0.5+0.5*u)*float64(e), e), true
}

func (j equalJitter) words() string {
	return fmt.Sprintf("equal jitter: half to all of min(%s, %s x %v^n) after failure n", j.cap, j.base, j.factor)
}
