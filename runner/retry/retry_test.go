package retry

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tussle/scenarios"
)

const ms = time.Millisecond

// TestSchedules draws each policy's waits after failure 1, 2, 3 ... as a
// timeline; u is the draw of every attempt.
func TestSchedules(t *testing.T) {
	d := func(t time.Duration) scenarios.Duration { return scenarios.Duration(t) }
	for name, tc := range map[string]struct {
		retry scenarios.Retry
		u     float64
		waits []time.Duration // then it gives up
	}{
		"none":                  {scenarios.Retry{Policy: "none", Attempts: 4}, 0.5, []time.Duration{0, 0, 0}},
		"one attempt":           {scenarios.Retry{Policy: "fixed", Attempts: 1}, 0.5, nil},
		"fixed":                 {scenarios.Retry{Policy: "fixed", Base: d(3 * ms), Attempts: 3}, 0.5, []time.Duration{3 * ms, 3 * ms}},
		"exponential":           {scenarios.Retry{Policy: "exponential", Base: d(5 * ms), Cap: d(50 * ms), Attempts: 6}, 0.5, []time.Duration{10 * ms, 20 * ms, 40 * ms, 50 * ms, 50 * ms}},
		"exponential by 3":      {scenarios.Retry{Policy: "exponential", Base: d(1 * ms), Factor: 3, Attempts: 4}, 0, []time.Duration{3 * ms, 9 * ms, 27 * ms}},
		"full jitter, middle":   {scenarios.Retry{Policy: "full-jitter", Base: d(5 * ms), Cap: d(30 * ms), Attempts: 4}, 0.5, []time.Duration{5 * ms, 10 * ms, 15 * ms}},
		"full jitter, lowest":   {scenarios.Retry{Policy: "full-jitter", Base: d(5 * ms), Attempts: 3}, 0, []time.Duration{0, 0}},
		"equal jitter, lowest":  {scenarios.Retry{Policy: "equal-jitter", Base: d(5 * ms), Attempts: 3}, 0, []time.Duration{5 * ms, 10 * ms}},
		"equal jitter, middle":  {scenarios.Retry{Policy: "equal-jitter", Base: d(4 * ms), Attempts: 3}, 0.5, []time.Duration{6 * ms, 12 * ms}},
		"decorrelated, middle":  {scenarios.Retry{Policy: "decorrelated", Base: d(5 * ms), Cap: d(30 * ms), Attempts: 5}, 0.5, []time.Duration{10 * ms, 17500 * time.Microsecond, 28750 * time.Microsecond, 30 * ms}},
		"decorrelated, lowest":  {scenarios.Retry{Policy: "decorrelated", Base: d(5 * ms), Attempts: 4}, 0, []time.Duration{5 * ms, 5 * ms, 5 * ms}},
		"client-go retry":       {scenarios.Retry{Policy: "client-go-retry"}, 0.5, []time.Duration{10500 * time.Microsecond, 10500 * time.Microsecond, 10500 * time.Microsecond, 10500 * time.Microsecond}},
		"client-go backoff":     {scenarios.Retry{Policy: "client-go-backoff"}, 0, []time.Duration{10 * ms, 50 * ms, 250 * ms}},
		"client-go backoff, 6":  {scenarios.Retry{Policy: "client-go-backoff", Attempts: 6}, 0.5, []time.Duration{10500 * time.Microsecond, 52500 * time.Microsecond, 262500 * time.Microsecond, 262500 * time.Microsecond, 262500 * time.Microsecond}},
		"budget: ten, no more":  {scenarios.Retry{Policy: "budget", Base: d(1 * ms), Cap: d(1 * ms)}, 0, make([]time.Duration, 10)},
		"a base above two secs": {scenarios.Retry{Policy: "exponential", Base: d(3 * time.Second), Attempts: 3}, 0, []time.Duration{3 * time.Second, 3 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			p := mustNew(t, tc.retry)
			var s State
			for i, want := range tc.waits {
				var wait time.Duration
				var ok bool
				if s, wait, ok = p.Next(s, Hint{}, tc.u); !ok || wait != want || s.Failures != i+1 {
					t.Fatalf("failure %d: %v, %v (%+v), want %v, true", i+1, wait, ok, s, want)
				}
			}
			if _, wait, ok := p.Next(s, Hint{}, tc.u); ok {
				t.Errorf("after %d waits: again in %v, want to give up", len(tc.waits), wait)
			}
		})
	}
}

// TestRetryAfter: the server's word is a lower bound, and does not feed the
// decorrelated jitter.
func TestRetryAfter(t *testing.T) {
	p := mustNew(t, scenarios.Retry{Policy: "decorrelated", Base: scenarios.Duration(5 * ms)})
	s, wait, ok := p.Next(State{}, Hint{RetryAfter: time.Minute, Has: true}, 0)
	if !ok || wait != time.Minute || s.Last != 5*ms {
		t.Errorf("wait %v, last %v, %v; want 1m, 5ms, true", wait, s.Last, ok)
	}
	if _, wait, _ = p.Next(State{}, Hint{RetryAfter: ms, Has: true}, 0); wait != 5*ms {
		t.Errorf("wait %v, want 5ms: Retry-After is only a lower bound", wait)
	}
	no := false
	p = mustNew(t, scenarios.Retry{Policy: "none", Respect: &no})
	if _, wait, _ = p.Next(State{}, Hint{RetryAfter: time.Minute, Has: true}, 0); wait != 0 {
		t.Errorf("wait %v, want 0: Retry-After is not to be respected", wait)
	}
	if !strings.Contains(p.String(), "Retry-After is ignored") {
		t.Errorf("%q does not say that Retry-After is ignored", p)
	}
}

// TestBudget: whatever fails and succeeds in whatever order, the retries stay
// within 10 + ratio x successes, and a success resets all but the budget.
func TestBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ratio := rapid.SampledFrom([]float64{0.01, 0.1, 0.25, 1}).Draw(t, "ratio")
		p := mustNew(t, scenarios.Retry{Policy: "budget", Ratio: ratio, Attempts: 1000})
		var s State
		retries, successes := 0, 0
		for _, fail := range rapid.SliceOfN(rapid.Bool(), 0, 300).Draw(t, "fails") {
			if !fail {
				successes++
				if s = p.Succeeded(s); s.Failures != 0 || s.Last != 0 {
					t.Fatalf("a success leaves %+v", s)
				}
				continue
			}
			next, _, ok := p.Next(s, Hint{}, 0.5)
			if ok {
				retries++
			}
			if s = next; !ok {
				s = s.Begin()
			}
			if float64(retries) > 10+ratio*float64(successes)+0.01 {
				t.Fatalf("%d retries after %d successes at ratio %v", retries, successes, ratio)
			}
		}
	})
	p := mustNew(t, scenarios.Retry{Policy: "budget"})
	s := State{Tokens: -10}
	for i := range 10 {
		if _, _, ok := p.Next(s, Hint{}, 0); ok {
			t.Fatalf("an empty budget pays for a retry after %d successes", i)
		}
		s = p.Succeeded(s)
	}
	if _, _, ok := p.Next(s, Hint{}, 0); !ok {
		t.Error("ten deposits of 0.1 do not pay for one retry")
	}
}

// TestWaitsAreBounded: no failure count, no draw and no field makes a wait
// negative or longer than the cap (client-go's tenth more included).
func TestWaitsAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.Int64Range(1, math.MaxInt64).Draw(t, "base")
		r := scenarios.Retry{
			Policy:   rapid.SampledFrom(names()).Draw(t, "policy"),
			Base:     scenarios.Duration(base),
			Cap:      scenarios.Duration(rapid.Int64Range(base, math.MaxInt64).Draw(t, "cap")),
			Factor:   rapid.SampledFrom([]float64{0, 1, 1.5, 2, 1e9, math.MaxFloat64}).Draw(t, "factor"),
			Attempts: math.MaxInt,
		}
		p := mustNew(t, r)
		s := State{
			Failures: rapid.OneOf(rapid.IntRange(0, 200), rapid.IntRange(0, math.MaxInt-2)).Draw(t, "failures"),
			Last:     time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "last")),
		}
		_, wait, ok := p.Next(s, Hint{}, rapid.Float64Range(0, math.Nextafter(1, 0)).Draw(t, "u"))
		most := float64(r.Cap)
		if strings.HasPrefix(r.Policy, "client-go") {
			most *= 1.1
		}
		if !ok || wait < 0 || float64(wait) > most {
			t.Fatalf("%s: wait %v, %v, with %+v after %+v", p, wait, ok, r, s)
		}
	})
}

func names() []string {
	var out []string
	for _, e := range Policies {
		out = append(out, e.Name)
	}
	return out
}

// The loader's words are the policies, in their order.
func TestEveryPolicyOfTheLoaderIsKnown(t *testing.T) {
	policy, _ := reflect.TypeFor[scenarios.Retry]().FieldByName("Policy")
	if words := policy.Tag.Get("enum"); words != strings.Join(names(), ",") {
		t.Errorf("the loader takes %s, and there are %v", words, names())
	}
	if _, err := New(scenarios.Retry{Policy: "jitter"}); err == nil {
		t.Error("an unknown policy was taken")
	}
}

func TestWords(t *testing.T) {
	for want, r := range map[string]scenarios.Retry{
		"again at once, no backoff; at most 100 attempts":                                                                                    {Policy: "none"},
		"never again after a conflict":                                                                                                       {Policy: "none", Attempts: 1},
		"again after 2ms; at most 100 attempts":                                                                                              {Policy: "fixed"},
		"full jitter: uniform in 0 .. min(200ms, 2ms x 2^n) after failure n; at most 100 attempts":                                           {},
		"as client-go: 10ms and up to a tenth more; at most 5 attempts":                                                                      {Policy: "client-go-retry"},
		"as client-go: min(250ms, 10ms x 5^(n-1)) and up to a tenth more after failure n; at most 4 attempts":                                {Policy: "client-go-backoff"},
		"decorrelated jitter: uniform in 2ms .. 3 x the last wait, at most 200ms; at most 100 attempts":                                      {Policy: "decorrelated"},
		"budget of 10 retries and 0.1 per success; full jitter: uniform in 0 .. min(200ms, 2ms x 2^n) after failure n; at most 100 attempts": {Policy: "budget"},
	} {
		if got := mustNew(t, r).String(); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}
