package fault

import (
	"context"
	"fmt"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/scenarios"
)

type ctxt = context.Context

const clients = 8

// long is make long: every figure that is stated in docs/faults.md.
var long = os.Getenv("TUSSLE_SEEDS") != ""

// injections of each fault.
var injections = map[bool]int{false: 1_000, true: 10_000}[long]

// What each fault leaves at the server after n injections, and at the client.
var expected = map[string]struct {
	spec  scenarios.Fault
	step  history.Step
	check func(w saw, n int) bool
	told  func(*Exchange) bool
}{
	"lost-response": {check: whole(1), told: func(x *Exchange) bool { return x.Result.Timeout && x.Result.Err != nil && x.Truth == 201 }},
	"duplicate": {check: whole(2), told: func(x *Exchange) bool {
		return x.Result.Err == nil && x.Copy.Result.Err == nil && x.Copy.Resp.Status() == 201
	}},
	"replay": {check: whole(2), told: func(x *Exchange) bool { return x.Result.Err == nil && x.Late != nil }},
	"reset-before": {check: func(w saw, _ int) bool { return w.whole == 0 && w.cutHead == 0 && w.cutBody == 0 },
		told: func(x *Exchange) bool { return x.Result.Err != nil && !x.Result.Started }},
	"reset-during": {spec: scenarios.Fault{Bytes: 9}, check: func(w saw, n int) bool { return w.whole == 0 && w.cutBody == 0 && w.cutHead == n },
		told: func(x *Exchange) bool { return x.Result.Err != nil && x.Result.Started && x.Result.Sent == 9 }},
	"reset-after": {check: whole(1), told: func(x *Exchange) bool { return x.Result.Err != nil && x.Result.Started }},
	"slow-body":   {spec: scenarios.Fault{Delay: fixed(80_000)}, check: whole(1), told: func(x *Exchange) bool { return x.Result.Err == nil }},
	"partial-body": {check: func(w saw, n int) bool { return w.whole == 0 && w.cutBody == n },
		told: func(x *Exchange) bool { return x.Result.Err != nil && x.Result.Started }},
	"last-byte": {spec: scenarios.Fault{Delay: fixed(50_000)}, check: whole(1), told: func(x *Exchange) bool {
		return x.Result.Err != nil && x.Result.Started && x.Result.Return-x.Result.Call >= 50_000
	}},
	"latency":      {spec: scenarios.Fault{Delay: fixed(50_000)}, check: whole(1), told: func(x *Exchange) bool { return x.Result.Return-x.Result.Call >= 50_000 }},
	"holder-pause": {spec: scenarios.Fault{Delay: fixed(50_000)}, check: whole(1), told: func(x *Exchange) bool { return x.Result.Err == nil }},
	"gzip":         {check: func(w saw, n int) bool { return w.whole == n && w.gzip == n }, told: func(x *Exchange) bool { return x.Result.Err == nil }},
	"stale-replica": {step: history.StepRead, check: func(w saw, _ int) bool { return w.whole == 0 },
		told: func(x *Exchange) bool { return x.Result.Err == nil }},
}

// fixed is a delay of ns.
func fixed(ns time.Duration) scenarios.Spread { return scenarios.Spread{Kind: "fixed", A: ns} }

// A spread of delays is drawn by the place of the request, so that a server is
// met at many moments, and at the same ones in every strategy.
func TestDelaysAreSpreadByTheSeed(t *testing.T) {
	set := newSet(t, scenarios.Fault{Kind: "reset-after", Share: 1, Delay: scenarios.Spread{Kind: "uniform", A: 1000, B: 9000}},
		scenarios.Fault{Kind: "reset-after", Share: 1})
	seen, other := map[time.Duration]bool{}, set.Faults[1]
	for op := range 100 {
		x := &Exchange{Client: op % 7, Op: op, Number: op % 3}
		d := set.Faults[0].delay(x)
		if d < 1000 || d >= 9000 || d != set.Faults[0].delay(x) || other.delay(x) != 0 {
			t.Fatalf("operation %d: %v, then %v, and %v without a delay", op, d, set.Faults[0].delay(x), other.delay(x))
		}
		seen[d] = true
	}
	if len(seen) < 90 {
		t.Errorf("100 operations share %d delays", len(seen))
	}
}

// whole expects each request to have arrived in full, that many times.
func whole(times int) func(saw, int) bool {
	return func(w saw, n int) bool {
		for _, seen := range w.byID {
			if seen != times {
				return false
			}
		}
		return w.whole == times*n && len(w.byID) == n && w.cutHead+w.cutBody == 0
	}
}

// Planned, injected and effective agree with what the server read from the
// wire, for every single injection.
func TestEveryInjectionIsSeenByTheServer(t *testing.T) {
	for _, k := range All {
		if k.Acts != OnRequest {
			continue
		}
		want, known := expected[k.Name]
		if !known {
			t.Errorf("%s: nothing is said of what the server sees", k.Name)
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			want.spec.Kind, want.spec.Share = k.Name, 1
			set := newSet(t, want.spec)
			s, replica := serve(t), serve(t)
			var wg sync.WaitGroup
			for c := range clients {
				wg.Go(func() {
					r := newRig(t, s.url(), replica.url())
					defer r.close()
					for op := range injections / clients {
						step := want.step
						if step == "" {
							step = history.StepWrite
						}
						f := set.Draw(OnRequest, &Request{Client: c, Op: op, Step: step, Body: true, Held: true, Replica: true})
						if f == nil {
							t.Error("a share of 1 strikes every request")
							return
						}
						r.ask(fmt.Sprint(c, "-", op))
						x := r.exchange(t.Context())
						f.Perform(0, x)
						if !want.told(x) {
							t.Errorf("client %d, request %d was told %+v, truth %d", c, op, x.Result, x.Truth)
							return
						}
						if x.Late != nil { // what the runner's client does
							if late := x.Late.Deliver(x); late.Result.Err == nil {
								f.Injected(0)
								f.Effective(0)
							}
						}
						if k.Name == "stale-replica" {
							f.Effective(0) // known to who knows the states
						}
					}
				})
			}
			wg.Wait()
			w, other := s.ended(), replica.ended()
			if !want.check(w, injections) {
				t.Errorf("the server saw %d whole requests of %d ids, %d cut in the head, %d in the body, %d resets, %d asked for gzip",
					w.whole, len(w.byID), w.cutHead, w.cutBody, w.resets, w.gzip)
			}
			if toReplica := map[bool]int{true: injections}[k.Name == "stale-replica"]; other.whole != toReplica {
				t.Errorf("the second server saw %d requests, expected %d", other.whole, toReplica)
			}
			for i, got := range set.Counts() {
				want := int64(map[int]int{0: injections}[i])
				if got.Planned != want || got.Injected != want || got.Effective != want {
					t.Errorf("strategy %d: %+v, expected %d each", i, got, want)
				}
			}
		})
	}
}

// Whatever is lost, what the client concludes never contradicts what the
// server did: refused was not done, accepted was done, once; all else is open.
func TestLostAnswersNeverContradictTheTruth(t *testing.T) {
	const servers = 8
	answers := map[bool]int64{false: 10_000, true: 100_000}[long]
	kinds := []string{"lost-response", "reset-before", "reset-during", "reset-after", "partial-body", "last-byte"}
	var faults []scenarios.Fault
	for _, name := range kinds {
		faults = append(faults, scenarios.Fault{Kind: name, Share: 0.25})
	}
	set := newSet(t, faults...)
	var at []*server
	for range servers {
		at = append(at, serve(t)) // several ports: each connection that ends in order keeps one busy for a while
	}
	concluded := make([]map[string]history.Effect, clients)
	var lost atomic.Int64
	var wg sync.WaitGroup
	for c := range clients {
		concluded[c] = map[string]history.Effect{}
		wg.Go(func() {
			r := newRig(t, at[c%servers].url(), "")
			defer r.close()
			for op := 0; lost.Load() < answers; op++ {
				id := fmt.Sprint(c, "-", op)
				r.ask(id)
				x := r.exchange(t.Context())
				if f := set.Draw(OnRequest, &Request{Client: c, Op: op, Step: history.StepWrite, Body: true}); f != nil {
					f.Perform(0, x)
				} else {
					x.plain()
				}
				effect := history.Applied
				if x.Result.Err != nil {
					_, effect = wire.NoAnswer(x.Step, x.Result.Timeout, x.Result.Started)
					lost.Add(1)
				}
				concluded[c][id] = effect
			}
		})
	}
	wg.Wait()
	wrong, unknowns, done := 0, 0, 0
	var worlds []saw
	for _, s := range at {
		worlds = append(worlds, s.ended())
	}
	for c := range clients {
		for id, effect := range concluded[c] {
			times := worlds[c%servers].byID[id]
			switch effect {
			case history.Applied:
				if times != 1 {
					wrong++
				}
			case history.Refused:
				if times != 0 {
					wrong++
				}
			case history.Unknown:
				unknowns++
				done += times
			default:
				wrong++
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d conclusions contradict the truth", wrong)
	}
	if lost.Load() < answers || done == 0 || done == unknowns {
		t.Errorf("%d lost answers, %d of %d open ones had been done: expected some of each", lost.Load(), done, unknowns)
	}
}

// The same seed strikes the same requests, in about the share asked for.
func TestDrawsFollowTheSeed(t *testing.T) {
	struck := func() (at []int) {
		set := newSet(t, scenarios.Fault{Kind: "lost-response", Share: 0.1}, scenarios.Fault{Kind: "latency", Share: 0.1, Delay: fixed(1)})
		for i := range 20_000 {
			if f := set.Draw(OnRequest, &Request{Client: i % 7, Op: i / 7, Number: i % 3, Step: history.StepWrite}); f != nil {
				at = append(at, i*2+f.index)
			}
		}
		return at
	}
	a, b := struck(), struck()
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Error("two runs of one seed differ")
	}
	second := 0
	for _, x := range a {
		second += x % 2
	}
	first := len(a) - second
	// 6 standard deviations of a binomial.
	if math.Abs(float64(first)-2000) > 6*math.Sqrt(1800) || math.Abs(float64(second)-1800) > 6*math.Sqrt(1640) {
		t.Errorf("struck %d and %d of 20,000, expected about 2,000 and 1,800", first, second)
	}
}

func TestWindowsCountAndStrategies(t *testing.T) {
	ms := func(n int) scenarios.Duration { return scenarios.Duration(time.Duration(n) * time.Millisecond) }
	set := newSet(t,
		scenarios.Fault{Kind: "latency", Share: 1, Delay: fixed(1), From: ms(100), For: ms(20), Every: ms(50), Strategies: []string{"b"}},
		scenarios.Fault{Kind: "lost-response", Count: 3, Step: "delete"})
	at := func(since int, strategy int, step history.Step) string {
		f := set.Draw(OnRequest, &Request{Strategy: strategy, Since: int64(ms(since)), Step: step})
		if f == nil {
			return ""
		}
		return f.Name
	}
	for _, c := range []struct {
		since, strategy int
		want            string
	}{
		//  0        100 120   150 170   200
		//  |         [===)     [===)     [=
		{99, 1, ""}, {100, 1, "latency"}, {119, 1, "latency"}, {120, 1, ""}, {149, 1, ""}, {150, 1, "latency"}, {100, 0, ""},
	} {
		if got := at(c.since, c.strategy, history.StepWrite); got != c.want {
			t.Errorf("at %d ms, strategy %d: %q, expected %q", c.since, c.strategy, got, c.want)
		}
	}
	for i := range 5 {
		want := ""
		if i < 3 {
			want = "lost-response"
		}
		if got := at(i, 0, history.StepDelete); got != want {
			t.Errorf("delete %d: %q, expected %q", i, got, want)
		}
	}
	if got := at(0, 1, history.StepDelete); got != "lost-response" {
		t.Errorf("count is per strategy, got %q", got)
	}
	counts := set.Counts()
	if len(counts) != 3 || counts[1].Planned != 3 || counts[2].Planned != 1 {
		t.Errorf("counts %+v", counts)
	}
	w := set.Faults[0].Windows(int64(ms(210)))
	if len(w) != 3 || w[2] != (Window{int64(ms(200)), int64(ms(210))}) {
		t.Errorf("windows %v", w)
	}
	if w := set.Faults[1].Windows(int64(ms(210))); len(w) != 1 || w[0] != (Window{0, int64(ms(210))}) {
		t.Errorf("a window without a length is %v", w)
	}
}

// Faults that cannot do without something are not drawn without it.
func TestFaultsStrikeOnlyWhatTheyFit(t *testing.T) {
	for _, c := range []struct {
		kind string
		r    Request
		want bool
	}{
		{"lost-response", Request{Step: history.StepRead}, false},
		{"slow-body", Request{Step: history.StepWrite}, false},
		{"partial-body", Request{Step: history.StepWrite, Body: true}, true},
		{"holder-pause", Request{Step: history.StepWrite}, false},
		{"holder-pause", Request{Step: history.StepWrite, Held: true}, true},
		{"stale-replica", Request{Step: history.StepRead}, false},
		{"stale-replica", Request{Step: history.StepRead, Replica: true}, true},
		{"reset-before", Request{Step: history.StepRead}, true},
	} {
		set := newSet(t, scenarios.Fault{Kind: c.kind, Share: 1, Delay: fixed(1)})
		if got := set.Draw(OnRequest, &c.r) != nil; got != c.want {
			t.Errorf("%s on %+v: %t", c.kind, c.r, got)
		}
	}
}

// Every fault of the scenarios is here, in the same order.
func TestListIsThatOfScenarios(t *testing.T) {
	var names []string
	for _, k := range All {
		names = append(names, k.Name)
	}
	if fmt.Sprint(names) != fmt.Sprint(scenarios.FaultKinds()) {
		t.Errorf("faults %v, scenarios know %v", names, scenarios.FaultKinds())
	}
}
