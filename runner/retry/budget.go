package retry

import (
	"fmt"
	"time"

	"tussle/scenarios"
)

// bucket is the most tokens that a client can save up, and what it starts with.
const bucket = 10.0

// budget is a retry token bucket (Brooker, "Fixing retries with token buckets
// and circuit breakers", 2022; gRFC A6 bounds gRPC's retries alike): a retry
// costs one token, a success deposits ratio tokens. However the server fails,
// a client's retries stay within bucket + ratio x successes. Waits are those
// of full jitter.
type budget struct {
	fullJitter
	ratio float64
}

func newBudget(r scenarios.Retry) family { return budget{fullJitter{exponentialOf(r)}, r.Ratio} }

func (b budget) wait(s State, u float64) (State, time.Duration, bool) {
	// A thousandth of slack: ten deposits of 0.1 are to pay for one retry,
	// which their sum in floating point misses by 1e-16.
	if bucket+s.Tokens < 1-1e-3 {
		return s, 0, false
	}
	s.Tokens--
	return b.fullJitter.wait(s, u)
}

func (b budget) succeeded(s State) State {
	s.Tokens = min(0, s.Tokens+b.ratio)
	return s
}

func (b budget) words() string {
	return fmt.Sprintf("budget of %v retries and %v per success; %s", bucket, b.ratio, b.fullJitter.words())
}
