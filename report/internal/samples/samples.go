package samples

import (
	"fmt"
	"math"

	"tussle/history"
	"tussle/report/check"
	"tussle/report/measure"
	"tussle/report/model"
)

// The reports below are made up: every renderer is tested on them, and the
// pictures in docs are looked at with them.

// Ptr is a figure that is known.
func Ptr(v float64) *float64 { return &v }

func ci(lo, hi float64) *[2]float64 { return &[2]float64{lo, hi} }

func quantiles(p50, p99 float64, n int64) measure.Quantiles {
	q := measure.Quantiles{N: n}
	if n > 0 {
		q.P50, q.P90, q.P95, q.Max = Ptr(p50), Ptr(p50+(p99-p50)*0.4), Ptr(p50+(p99-p50)*0.6), Ptr(p99*2.1)
	}
	if n >= 100 {
		q.P99 = Ptr(p99)
	}
	if n >= 1000 {
		q.P999 = Ptr(p99 * 1.6)
	}
	return q
}

func curveOf(p50, p99 float64, n int) []measure.Point {
	var out []measure.Point
	k := math.Log(p99/p50) / math.Log(50)
	for i := range 60 {
		x := math.Pow(float64(n), float64(i)/59)
		out = append(out, measure.Point{X: x, Y: p50 * math.Pow(math.Max(x, 0.3)/2, k) * (1 + 0.02*math.Sin(float64(i)))})
	}
	return out
}

func seriesOf(rate, conflicts, p99 float64, errors bool) []measure.Bucket {
	var out []measure.Bucket
	for i := range 60 {
		at := float64(i) * 0.02
		b := measure.Bucket{At: at, Goodput: rate * (1 + 0.08*math.Sin(float64(i))), Conflicts: conflicts * (1 + 0.1*math.Cos(float64(i)*1.7)), P99: Ptr(p99 * (1 + 0.2*math.Sin(float64(i)*0.7)))}
		if at >= 0.4 && at < 0.7 {
			b.Goodput *= 0.45
			*b.P99 *= 4
			if errors {
				b.Errors = rate * 0.06
			}
		}
		out = append(out, b)
	}
	return out
}

// Made is what the figures of a strategy are made from.
type Made struct {
	Name, Locking, Dialect, Retry string
	Rate, Conflict, P50, P99      float64
	Attempts                      []int64
	Spent                         []measure.Share
}

// Strategy fills in the rest.
func (m Made) Strategy() model.Strategy {
	n := int64(m.Rate * 6)
	s := model.Strategy{Name: m.Name, Locking: m.Locking, Dialect: m.Dialect, Retry: m.Retry, Verdict: check.Holds, Promised: []string{"no-lost-update", "counter-bounds"},
		Operations: measure.Operations{Total: n + 4, Committed: n, GaveUp: 3, Unknown: 1, Reads: n / 5}, Requests: n * 3, Attempts: int64(float64(n) / (1 - m.Conflict)),
		ByStatus: map[string]int64{"200": n * 2, "412": int64(float64(n) * m.Conflict)}, ByClass: map[string]int64{"ok": n * 2, "stale": int64(float64(n) * m.Conflict), "timeout": 1},
		Conflicts:   measure.Conflicts{Attempts: int64(float64(n) * m.Conflict), Rate: Ptr(m.Conflict), RateCI: ci(m.Conflict*0.97, m.Conflict*1.03)},
		AbandonRate: Ptr(3 / float64(n)), Goodput: Ptr(m.Rate), GoodputCI: ci(m.Rate*0.98, m.Rate*1.03), Amplification: Ptr(2.9), Fairness: Ptr(0.98), EffectiveKeys: Ptr(4.2),
		TimeToCommit: quantiles(m.P50, m.P99, n), ServiceTime: map[string]measure.Quantiles{"read": quantiles(0.2, 0.9, n), "write": quantiles(0.3, 1.2, n), "write_refused": quantiles(0.2, 0.8, n/3)},
		ScheduleLag: quantiles(0.02, 0.2, n), Faults: []model.FaultCount{{Kind: "lost-response", Planned: 40, Injected: 38, Effective: 21, Min: 1}},
		Anatomy: measure.Anatomy{Matrix: []measure.StatusClass{{Status: 200, Class: "ok", Step: "read", N: n * 2}, {Status: 200, Class: "ok", Step: "write", N: n}},
			HotKeys:  []measure.HotKey{{Key: "k0", Attempts: n, Conflicts: int64(float64(n) * m.Conflict * 0.7), Share: 0.38}, {Key: "k1", Attempts: n / 3, Conflicts: int64(float64(n) * m.Conflict * 0.2), Share: 0.19}},
			Attempts: m.Attempts, Spent: m.Spent},
		Pictures: measure.Pictures{Percentiles: curveOf(m.P50, m.P99, int(n)), Series: seriesOf(m.Rate, m.Rate*m.Conflict, m.P99, m.Locking == "pessimistic")},
	}
	if m.Conflict > 0 {
		s.Anatomy.Matrix = append(s.Anatomy.Matrix, measure.StatusClass{Status: 412, Class: "stale", Step: "write", N: int64(float64(n) * m.Conflict)})
		s.Anatomy.Problems = []measure.Problem{{Status: 412, Type: "/problems/stale-version", Sample: `{"title":"the item has moved on","current_version":8}`, N: 700}}
		s.Anatomy.Diagnosis = &measure.Diagnosis{N: 700, Resource: 1, Version: 1, Advice: 0, Problem: 1, Score: 75}
	}
	for i := range 6 {
		f := 1 + 0.015*math.Sin(float64(i)*2.1)
		s.Blocks = append(s.Blocks, measure.BlockFigures{Block: i * 3, Repeat: i, Goodput: Ptr(m.Rate * f), ConflictRate: Ptr(m.Conflict), P50: Ptr(m.P50 / f), P99: Ptr(m.P99 / f), Amplification: Ptr(2.9), Fairness: Ptr(0.98), AbandonRate: Ptr(0.001)})
	}
	for i := range 32 {
		s.Anatomy.PerClient = append(s.Anatomy.PerClient, n/32+int64(float64(n)/320*math.Sin(float64(i))))
	}
	s.Properties = []check.Property{
		{Name: "no-lost-update", Verdict: check.Holds, Promised: true, Exercised: 3812, Evidence: "4,120 writes, 1,840 conflicts, 19 unknown", Findings: []check.Finding{}},
		{Name: "counter-bounds", Verdict: check.Holds, Promised: true, Exercised: 8, Evidence: "8 keys, 4,120 writes", Findings: []check.Finding{}},
	}
	return s
}

// Lost turns s into a strategy that lost updates.
func Lost(s model.Strategy, n int64, promised bool) model.Strategy {
	s.Properties[0] = check.Property{Name: "no-lost-update", Verdict: check.Violated, Promised: promised, Exercised: 3321, Violations: n, Evidence: "2,730 acknowledged writes",
		Findings: []check.Finding{LostUpdate()}}
	s.Verdict = check.Violated
	if !promised {
		s.Verdict, s.Promised = check.NotJudged, []string{}
		s.Properties[1].Promised = false
	}
	return s
}

// LostUpdate is the finding of a write that another one erased.
func LostUpdate() check.Finding {
	curl := func(m, data string) string {
		return `curl -sS -X ` + m + ` 'http://127.0.0.1:41233/unprotected/items/b5-k0'` + data
	}
	return check.Finding{Property: "no-lost-update", Key: "b5-k0",
		Sentence: "client 3 and client 7 both built on version 7 and both were answered 200, so the second write erased the first: +1 of client 3 is gone",
		Requests: []check.FindingRequest{
			{Line: 4711, Lane: "client 3", Role: "read version 7", Call: 0, Return: 0.41, Step: "read", Status: 200, Class: "ok", Value: "12", Version: "7", Curl: curl("GET", "")},
			{Line: 4715, Lane: "client 7", Role: "read version 7", Call: 0.22, Return: 0.6, Step: "read", Status: 200, Class: "ok", Value: "12", Version: "7", Curl: curl("GET", "")},
			{Line: 4720, Lane: "client 3", Role: "wrote 13 on version 7: accepted", Call: 2.5, Return: 3.02, Step: "write", Status: 200, Class: "ok", Value: "13", Version: "8", Tag: "3.12.1", Curl: curl("PUT", ` -d '{"value":13,"tag":"3.12.1"}'`)},
			{Line: 4722, Lane: "client 7", Role: "wrote 13 on version 7: accepted", Call: 2.71, Return: 3.4, Step: "write", Status: 200, Class: "ok", Value: "13", Version: "9", Tag: "7.9.1", Curl: curl("PUT", ` -d '{"value":13,"tag":"7.9.1"}'`), Offends: true},
			{Line: 9120, Lane: "observer", Role: "read 13: the tag of client 7", Call: 1204.1, Return: 1204.4, Step: "read", Status: 200, Class: "ok", Value: "13", Version: "9", Curl: curl("GET", "")},
		}}
}

func twoStrategies() (model.Strategy, model.Strategy) {
	opt := Made{"optimistic", "optimistic", "etag", "full jitter from 2ms to 200ms, 100 attempts", 412, 0.31, 8.1, 61,
		[]int64{1650, 520, 190, 70, 25, 9, 4, 2, 1, 1}, []measure.Share{{Name: "committed first try", N: 3300}, {Name: "committed after retry", N: 1644}, {Name: "conflict then retried", N: 2210}, {Name: "gave up", N: 120}, {Name: "lock wait", N: 0}, {Name: "reads", N: 494}, {Name: "errors", N: 9}, {Name: "unknown", N: 3}}}.Strategy()
	pes := Made{"pessimistic", "pessimistic", "lease", "none", 388, 0, 19.2, 44.1,
		[]int64{2328, 0, 0, 0, 0, 0, 0, 0, 0, 0}, []measure.Share{{Name: "committed first try", N: 9312}, {Name: "committed after retry", N: 0}, {Name: "conflict then retried", N: 0}, {Name: "gave up", N: 0}, {Name: "lock wait", N: 310}, {Name: "reads", N: 466}, {Name: "errors", N: 0}, {Name: "unknown", N: 2}}}.Strategy()
	return opt, pes
}

// Rich is a report with everything: three strategies of which one lost
// updates without having promised otherwise, faults, thresholds.
func Rich() *model.Report {
	opt, pes := twoStrategies()
	lww := Lost(Made{"last-write-wins", "none", "etag", "none", 455, 0, 7.3, 58.9,
		[]int64{2730, 0, 0, 0, 0, 0, 0, 0, 0, 0}, []measure.Share{{Name: "committed first try", N: 5460}, {Name: "reads", N: 540}, {Name: "unknown", N: 4}}}.Strategy(), 812, false)
	cmp := func(head, metric string, base, med, ratio, lo, hi, p float64, verdict, note string) measure.Comparison {
		return measure.Comparison{Base: "optimistic", Head: head, Metric: metric, BaseMedian: Ptr(base), HeadMedian: Ptr(med), Ratio: Ptr(ratio), CI95: ci(lo, hi), P: Ptr(p), N: 6, Verdict: verdict, Note: note}
	}
	return &model.Report{Schema: 1, RecordedBy: "tussle 0.1.0", JudgedBy: "tussle 0.1.0",
		Scenario: model.Scenario{Name: "flash-sale", Description: "32 buyers, a few hot items: which locking loses no sale, and what does it cost?", SHA256: "9f2c1a7e0b", Seed: 42,
			Workload: history.PlanWorkload{Kind: "counter", Keys: 8, Skew: "zipf(0.99)", Think: "2ms", Pause: "exp(5ms)", ReadShare: 0.2},
			Load:     history.PlanLoad{Clients: 32, Duration: 1e9, Warmup: 2e8, Repeat: 6},
			Faults:   []history.PlanFault{{Kind: "lost-response", Share: 0.02, From: 4e8, For: 3e8, Min: 1}}},
		Verdict: check.Pass, Sentence: "every promise held in 8,064 committed operations, and every threshold was met; last-write-wins lost 812 updates, which it did not promise to keep",
		Reasons: []string{}, Warnings: []string{}, Strategies: []model.Strategy{opt, pes, lww},
		Comparisons: []measure.Comparison{
			cmp("pessimistic", "goodput_per_s", 412, 388, 0.94, 0.91, 0.97, 0.002, "worse", ""),
			cmp("pessimistic", "time_to_commit_p50_ms", 8.1, 19.2, 2.37, 2.2, 2.6, 0.002, "worse", ""),
			cmp("pessimistic", "time_to_commit_p99_ms", 61, 44.1, 0.72, 0.66, 0.81, 0.004, "better", ""),
			{Base: "optimistic", Head: "last-write-wins", Metric: "goodput_per_s", N: 6, Verdict: "not-compared", Note: "last-write-wins lost 812 updates"},
		},
		Advice: "The advice “optimistic for less concurrency, pessimistic for high concurrency” does not hold here: with 32 clients on 4.2 effective keys, optimistic still committed 1.06 times as much (95 % CI 1.03 to 1.10), though pessimistic had the shorter p99.",
		Thresholds: []model.Threshold{{Strategy: "optimistic", Metric: "abandon_rate", Limit: "< 1%", Measured: Ptr(0.0012), Verdict: check.Pass},
			{Strategy: "optimistic", Metric: "time_to_commit_ms.p99", Limit: "< 100ms", Measured: Ptr(61), Verdict: check.Pass}},
		SelfChecks: []model.SelfCheck{{Name: "requests on the wire", Strategy: "optimistic", Value: Ptr(0), Unit: "requests", Limit: "= 0", Verdict: check.Pass, Note: "7,164 recorded, 7,164 written"},
			{Name: "Little's law", Strategy: "optimistic", Value: Ptr(0.012), Unit: "", Limit: "< 0.1", Verdict: check.Pass, Note: ""}},
		Provenance: model.Provenance{Command: []string{"tussle", "run", "flash-sale", "-o", "out dir"}, Start: "2026-11-24T18:33:00Z", End: "2026-11-24T18:33:24Z",
			Machine: history.Environment{OS: "linux", Arch: "amd64", CPUs: 2, CPU: "Xeon", Go: "go1.26.0", Kernel: "6.1"}, Target: history.TargetInfo{Use: "memory", URL: "http://127.0.0.1:41233", Version: "tussle"},
			Records: 26119, Order: "A B C C B A A B C C B A", Text: "name = \"flash-sale\"\nseed = 42\n\n[target]\nuse = \"memory\"\n", Run: "r7k2"},
	}
}

// Swept is rich with a sweep over the clients and a crossover.
func Swept() *model.Report {
	r := Rich()
	sw := measure.Sweep{Parameter: "load.clients", Sentence: "optimistic commits more up to 16 clients, pessimistic from 32 on: the lines cross between 16 and 32 clients",
		Crossovers: []measure.Crossover{{Metric: "goodput_per_s", Low: "optimistic", High: "pessimistic", From: 16, To: 32}}}
	for _, s := range r.Strategies {
		for _, c := range []float64{1, 2, 4, 8, 16, 32, 64} {
			g := 70 * c / (1 + c/7)
			rate := 0.0
			switch s.Name {
			case "optimistic":
				rate = 1 - 1/(1+c*0.03)
				g *= 1.25 * (1 - rate*0.9)
			case "last-write-wins":
				g *= 1.3
			}
			p := measure.SweepPoint{Strategy: s.Name, At: c, Label: fmt.Sprint(c), Goodput: Ptr(g), GoodputCI: ci(g*0.95, g*1.06), ConflictRate: Ptr(rate), P50: Ptr(4 * c), P99: Ptr(9 * c), N: 6}
			if rate > 0 {
				p.ConflictCI = ci(rate*0.96, rate*1.04)
			}
			sw.Points = append(sw.Points, p)
		}
	}
	r.Sweeps = []measure.Sweep{sw}
	r.Advice = "The advice “optimistic for less concurrency, pessimistic for high concurrency” holds here, for goodput."
	return r
}

// Failed is rich with a broken promise and a missed threshold.
func Failed() *model.Report {
	r := Rich()
	r.Strategies[2] = Lost(r.Strategies[2], 812, true)
	r.Strategies[2].Promised = []string{"no-lost-update"}
	r.Verdict, r.Sentence = check.Fail, "last-write-wins promised no-lost-update and lost 812 of 2,730 acknowledged writes"
	r.Reasons = []string{"last-write-wins violated no-lost-update 812 times", "threshold abandon_rate of optimistic: limit < 0.1%, measured 0.12 %"}
	r.Thresholds[0].Limit, r.Thresholds[0].Verdict = "< 0.1%", check.Fail
	return r
}

// Small is a thin report: one block, one client, nothing exercised.
func Small() *model.Report {
	s := model.Strategy{Name: "optimistic", Locking: "optimistic", Dialect: "etag", Retry: "none", Verdict: check.NotExercised, Promised: []string{"no-lost-update"},
		Operations: measure.Operations{Total: 7, Committed: 7}, Requests: 14, Attempts: 7, ByStatus: map[string]int64{"200": 14}, ByClass: map[string]int64{"ok": 14},
		Conflicts: measure.Conflicts{Rate: Ptr(0)}, Goodput: Ptr(7), TimeToCommit: quantiles(2.1, 4, 7), Blocks: []measure.BlockFigures{{Goodput: Ptr(7)}},
		Properties: []check.Property{{Name: "no-lost-update", Verdict: check.NotExercised, Promised: true, Reason: "no two operations of different clients overlapped on one key; use more clients or fewer keys"}}}
	return &model.Report{Schema: 1, Scenario: model.Scenario{Name: "alone", Seed: 1, Workload: history.PlanWorkload{Kind: "counter", Keys: 1}, Load: history.PlanLoad{Clients: 1, Duration: 1e9, Repeat: 1}},
		Verdict: check.Inconclusive, Sentence: "no-lost-update was not exercised by optimistic", Reasons: []string{"no two operations overlapped: use --set load.clients=8"},
		Warnings: []string{"only 7 operations: no percentile above p85 is supported"}, Strategies: []model.Strategy{s}}
}

// cutOff is rich, interrupted and with the end of its history missing.
func cutOff() *model.Report {
	r := Rich()
	r.Interrupted, r.Cut = true, "after record 20,117, in the frame at byte 1,204,113"
	r.Verdict, r.Sentence = check.Inconclusive, "the run was interrupted; what was recorded breaks no promise"
	for i := range r.Strategies {
		r.Strategies[i].Blocks = r.Strategies[i].Blocks[:2]
		r.Strategies[i].GoodputCI = nil
	}
	r.Comparisons = nil
	return r
}

// Empty is a report of a run in which nothing was measured.
func Empty() *model.Report {
	return &model.Report{Schema: 1, Scenario: model.Scenario{Name: "nothing"}, Verdict: check.Inconclusive, Sentence: "nothing was measured"}
}

// Reports lists the fixtures by name.
func Reports() []struct {
	Name string
	R    *model.Report
} {
	return []struct {
		Name string
		R    *model.Report
	}{{"rich", Rich()}, {"swept", Swept()}, {"failed", Failed()}, {"small", Small()}, {"cutoff", cutOff()}, {"empty", Empty()}}
}
