// Package retry decides when an operation that met a conflict is tried again.
//
// A policy is a pure function of what happened so far and of one uniform
// draw: it does not sleep, has no clock and no generator of its own. So the
// same policies serve the load against a real server, the tests on a virtual
// clock, and simulation.
//
// The families and their formulas are those of Marc Brooker, "Exponential
// Backoff And Jitter" (AWS Architecture Blog, 2015) and its simulator
// (aws-samples/aws-arch-backoff-simulator), of Kubernetes' client-go
// (util/retry and apimachinery's util/wait), and of a retry token bucket.
// One family is one file and one line in [Policies].
package retry

import (
	"fmt"
	"math"
	"time"

	"tussle/scenarios"
)

// State is what a policy remembers of one client between attempts. Its zero
// value is the state of a client that has not failed yet.
type State struct {
	Failures int           // failed attempts so far of this operation; [Policy.Next] counts the one it is told of
	Last     time.Duration // the policy's own wait before the last attempt of this operation, without Retry-After
	Tokens   float64       // budget: balance against a full bucket, 0 when full; outlives operations
}

// Begin returns the state in which the client's next operation starts: only
// the budget is kept.
func (s State) Begin() State { return State{Tokens: s.Tokens} }

// Hint is what the answer said about trying again.
type Hint struct {
	RetryAfter time.Duration
	Has        bool // RetryAfter was given
}

// Policy says whether and when to try again.
type Policy interface {
	// Next is called after a failed attempt. It counts the failure and returns
	// the wait before the next attempt, or false to give up. u is uniform in
	// [0, 1).
	Next(s State, h Hint, u float64) (State, time.Duration, bool)
	// Succeeded is called after an operation was committed: it returns the
	// state for the next one, with what a success deposits into a budget.
	Succeeded(s State) State
	// String puts the policy into words for reports.
	String() string
}

// family is one kind of policy: how long to wait after the failure that s
// already counts. It may change the state's budget and refuse.
type family interface {
	wait(s State, u float64) (State, time.Duration, bool)
	succeeded(s State) State
	words() string
}

// Entry is one line of [Policies].
type Entry struct {
	Name string
	Gist string // one line for help and documentation
	make func(scenarios.Retry) family
}

// Policies lists every family in the order in which it is documented.
var Policies = []Entry{
	{"none", "again at once, without any backoff", newNone},
	{"fixed", "always after base", newFixed},
	{"exponential", "min(cap, base x factor^n) after failure n", newExponential},
	{"full-jitter", "uniform in 0 .. min(cap, base x factor^n)", newFullJitter},
	{"equal-jitter", "half of min(cap, base x factor^n), and a uniform part of the other half", newEqualJitter},
	{"decorrelated", "min(cap, uniform in base .. 3 x the last wait)", newDecorrelated},
	{"client-go-retry", "client-go's retry.DefaultRetry: 10ms and up to a tenth more, 5 attempts", newClientGo},
	{"client-go-backoff", "client-go's retry.DefaultBackoff: 10ms, 50ms, 250ms and up to a tenth more, 4 attempts", newClientGo},
	{"budget", "full jitter, paid from a bucket of 10 tokens: a retry takes 1, a success gives ratio", newBudget},
}

// New returns the policy that r describes, every field of which is taken as it
// is: the loader has filled in and checked them.
func New(r scenarios.Retry) (Policy, error) {
	for _, e := range Policies {
		if e.Name == r.Policy {
			return &policy{family: e.make(r), attempts: r.Attempts, respect: r.Respect == nil || *r.Respect}, nil
		}
	}
	return nil, fmt.Errorf("retry policy %q is not known", r.Policy)
}

// policy adds to a family what all have in common: the limit of attempts and
// Retry-After.
type policy struct {
	family
	attempts int
	respect  bool
}

func (p *policy) Next(s State, h Hint, u float64) (State, time.Duration, bool) {
	if s.Failures < math.MaxInt {
		s.Failures++
	}
	if s.Failures >= p.attempts {
		return s, 0, false
	}
	s, wait, ok := p.wait(s, u)
	if !ok {
		return s, 0, false
	}
	s.Last = wait
	if p.respect && h.Has && h.RetryAfter > wait {
		wait = h.RetryAfter
	}
	return s, wait, true
}

func (p *policy) Succeeded(s State) State { return p.succeeded(s.Begin()) }

func (p *policy) String() string {
	if p.attempts == 1 {
		return "never again after a conflict"
	}
	s := fmt.Sprintf("%s; at most %d attempts", p.words(), p.attempts)
	if !p.respect {
		s += "; Retry-After is ignored"
	}
	return s
}

// plain is embedded by families without a budget.
type plain struct{}

func (plain) succeeded(s State) State { return s }

// span is ns nanoseconds as a duration within 0 and cap; infinities and NaN,
// which huge exponents give, become cap.
func span(ns float64, cap time.Duration) time.Duration {
	if !(ns < float64(cap)) {
		return cap
	}
	return time.Duration(max(ns, 0))
}
