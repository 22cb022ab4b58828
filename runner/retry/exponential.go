package retry

import (
	"fmt"
	"math"
	"time"

	"tussle/scenarios"
)

// exponential waits min(cap, base x factor^n) after failure n = 1, 2, ... As
// in the AWS simulator the first wait is base x factor, not base.
type exponential struct {
	plain
	base, cap time.Duration
	factor    float64
}

func exponentialOf(r scenarios.Retry) exponential {
	return exponential{base: time.Duration(r.Base), cap: time.Duration(r.Cap), factor: r.Factor}
}

func newExponential(r scenarios.Retry) family { return exponentialOf(r) }

// expo is the simulator's expo(n) for n failures. Huge n give an infinity,
// which is cut to cap.
func (e exponential) expo(failures int) time.Duration {
	return span(float64(e.base)*math.Pow(e.factor, float64(failures)), e.cap)
}

func (e exponential) wait(s State, u float64) (State, time.Duration, bool) {
	return s, e.expo(s.Failures), true
}

func (e exponential) words() string {
	return fmt.Sprintf("exponential: min(%s, %s x %v^n) after failure n", e.cap, e.base, e.factor)
}
