package retry

import (
	"fmt"
	"math"
	"time"

	"tussle/scenarios"
)

// jitter is the Jitter of both of client-go's defaults.
const jitter = 0.1

// clientGo is wait.Backoff of k8s.io/apimachinery as client-go's
// RetryOnConflict uses it: the n-th wait is d + U(0, d/10) with d = base x
// factor^(n-1), at most cap. Steps is the number of attempts, so that there
// is one wait less.
type clientGo struct {
	plain
	base, cap time.Duration
	factor    float64
}

func newClientGo(r scenarios.Retry) family {
	return clientGo{base: time.Duration(r.Base), cap: time.Duration(r.Cap), factor: r.Factor}
}

func (c clientGo) wait(s State, u float64) (State, time.Duration, bool) {
	d := span(float64(c.base)*math.Pow(c.factor, float64(s.Failures-1)), c.cap)
	return s, span(float64(d)*(1+jitter*u), math.MaxInt64), true
}

func (c clientGo) words() string {
	if c.factor == 1 {
		return fmt.Sprintf("as client-go: %s and up to a tenth more", c.base)
	}
	return fmt.Sprintf("as client-go: min(%s, %s x %v^(n-1)) and up to a tenth more after failure n", c.cap, c.base, c.factor)
}
