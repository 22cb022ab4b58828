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
	"strings"
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

// Defaults of the fields that a scenario leaves out. Base and Cap are those
// of the AWS simulator.
const (
	DefaultBase     = 5 * time.Millisecond
	DefaultCap      = 2 * time.Second
	DefaultFactor   = 2.0
	DefaultAttempts = 100
)

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
	fill scenarios.Retry // what is taken for fields that are zero
}

// Policies lists every family in the order in which it is documented.
var Policies = []Entry{
	{"none", "again at once, without any backoff", newNone, scenarios.Retry{}},
	{"fixed", "always after base", newFixed, scenarios.Retry{}},
	{"exponential", "min(cap, base x factor^n) after failure n", newExponential, scenarios.Retry{}},
	{"full-jitter", "uniform in 0 .. min(cap, base x factor^n)", newFullJitter, scenarios.Retry{}},
	{"equal-jitter", "half of min(cap, base x factor^n), and a uniform part of the other half", newEqualJitter, scenarios.Retry{}},
	{"decorrelated", "min(cap, uniform in base .. 3 x the last wait)", newDecorrelated, scenarios.Retry{}},
	{"client-go-retry", "client-go's retry.DefaultRetry: 10ms and up to a tenth more, 5 attempts", newClientGo,
		scenarios.Retry{Base: scenarios.Duration(10 * time.Millisecond), Factor: 1, Attempts: 5}},
	{"client-go-backoff", "client-go's retry.DefaultBackoff: 10ms, 50ms, 250ms and up to a tenth more, 4 attempts", newClientGo,
		scenarios.Retry{Base: scenarios.Duration(10 * time.Millisecond), Cap: scenarios.Duration(250 * time.Millisecond), Factor: 5, Attempts: 4}},
	{"budget", "full jitter, paid from a bucket of 10 tokens: a retry takes 1, a success gives ratio", newBudget, scenarios.Retry{Ratio: 0.1}},
}

// New returns the policy that r describes. Zero fields take the family's
// defaults. The error names the field and what was expected.
func New(r scenarios.Retry) (Policy, error) {
	name := r.Policy
	if name == "" {
		name = "full-jitter"
	}
	for _, e := range Policies {
		if e.Name == name {
			r = filled(r, e.fill)
			if err := check(r); err != nil {
				return nil, fmt.Errorf("retry policy %q: %w", name, err)
			}
			return &policy{
				family: e.make(r), attempts: r.Attempts,
				respect: r.Respect == nil || *r.Respect,
			}, nil
		}
	}
	names := make([]string, len(Policies))
	for i, e := range Policies {
		names[i] = e.Name
	}
	return nil, fmt.Errorf("retry policy %q is not known; there are %s", name, strings.Join(names, ", "))
}

func filled(r, d scenarios.Retry) scenarios.Retry {
	or := func(v *scenarios.Duration, own scenarios.Duration, common time.Duration) {
		if *v == 0 {
			*v = own
		}
		if *v == 0 {
			*v = scenarios.Duration(common)
		}
	}
	or(&r.Base, d.Base, DefaultBase)
	if r.Cap == 0 {
		or(&r.Cap, d.Cap, DefaultCap)
		r.Cap = max(r.Cap, r.Base)
	}
	if r.Factor == 0 {
		r.Factor = d.Factor
	}
	if r.Factor == 0 {
		r.Factor = DefaultFactor
	}
	if r.Attempts == 0 {
		r.Attempts = d.Attempts
	}
	if r.Attempts == 0 {
		r.Attempts = DefaultAttempts
	}
	if r.Ratio == 0 {
		r.Ratio = d.Ratio
	}
	return r
}

func check(r scenarios.Retry) error {
	switch {
	case r.Base < 0:
		return fmt.Errorf("base is %s, expected a duration above 0", time.Duration(r.Base))
	case r.Cap < r.Base:
		return fmt.Errorf("cap is %s, expected at least base, which is %s", time.Duration(r.Cap), time.Duration(r.Base))
	case !(r.Factor >= 1) || math.IsInf(r.Factor, 0):
		return fmt.Errorf("factor is %v, expected a number of at least 1", r.Factor)
	case r.Attempts < 0:
		return fmt.Errorf("attempts is %d, expected at least 1", r.Attempts)
	case !(r.Ratio >= 0) || r.Ratio > bucket:
		return fmt.Errorf("ratio is %v, expected tokens per success from 0 to %v", r.Ratio, bucket)
	}
	return nil
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
