package page

import (
	"fmt"

	"tussle/report/check"
	"tussle/report/measure"
	"tussle/report/model"
)

// Item is one figure with its name, so that every flat format carries every
// figure. Labels come in pairs of name and value.
type Item struct {
	Name   string // as in report.json, with the unit: "goodput_per_s"
	Labels []string
	Value  *float64 // nil: the sample does not support it
}

// Items lists every figure of a report, in a fixed order.
func Items(r *model.Report) []Item {
	var l lister
	for i := range r.Strategies {
		l.strategy(&r.Strategies[i])
	}
	for _, c := range r.Comparisons {
		at := []string{"base", c.Base, "head", c.Head, "metric", c.Metric}
		l.opt("comparison_base_median", c.BaseMedian, at...)
		l.opt("comparison_head_median", c.HeadMedian, at...)
		l.opt("comparison_ratio", c.Ratio, at...)
		l.bounds("comparison_ratio", c.CI95, at...)
		l.opt("comparison_p", c.P, at...)
		l.int("comparison_blocks", int64(c.N), at...)
	}
	for _, s := range r.Sweeps {
		for _, p := range s.Points {
			at := []string{"strategy", p.Strategy, "parameter", s.Parameter, "at", TickLabel(p.Label, p.At)}
			l.opt("sweep_goodput_per_s", p.Goodput, at...)
			l.bounds("sweep_goodput_per_s", p.GoodputCI, at...)
			l.opt("sweep_conflict_rate", p.ConflictRate, at...)
			l.bounds("sweep_conflict_rate", p.ConflictCI, at...)
			l.opt("sweep_p50_ms", p.P50, at...)
			l.opt("sweep_p99_ms", p.P99, at...)
			l.int("sweep_blocks", int64(p.N), at...)
		}
		for _, c := range s.Crossovers {
			at := []string{"parameter", s.Parameter, "metric", c.Metric, "better_below", c.Low, "better_above", c.High}
			l.add("crossover_from", &c.From, at...)
			l.add("crossover_to", &c.To, at...)
		}
	}
	for _, t := range r.Thresholds {
		l.opt("threshold_measured", t.Measured, "strategy", t.Strategy, "metric", t.Metric, "limit", t.Limit)
	}
	for _, c := range r.SelfChecks {
		l.opt("self_check", c.Value, "check", c.Name, "strategy", c.Strategy, "unit", c.Unit)
	}
	return l.items
}

type lister struct{ items []Item }

func (l *lister) add(name string, v *float64, labels ...string) {
	l.items = append(l.items, Item{name, labels, v})
}

func (l *lister) opt(name string, v *float64, labels ...string) { l.add(name, v, labels...) }

func (l *lister) int(name string, n int64, labels ...string) {
	v := float64(n)
	l.add(name, &v, labels...)
}

func (l *lister) bounds(name string, ci *[2]float64, labels ...string) {
	if ci != nil {
		l.add(name+"_ci95_low", &ci[0], labels...)
		l.add(name+"_ci95_high", &ci[1], labels...)
	}
}

func (l *lister) quantiles(name string, q measure.Quantiles, labels ...string) {
	for _, x := range []struct {
		of string
		v  *float64
	}{{"p50", q.P50}, {"p90", q.P90}, {"p95", q.P95}, {"p99", q.P99}, {"p999", q.P999}, {"max", q.Max}} {
		l.add(name, x.v, append(append([]string(nil), labels...), "quantile", x.of)...)
	}
	l.int(name+"_count", q.N, labels...)
}

func (l *lister) strategy(s *model.Strategy) {
	at := []string{"strategy", s.Name}
	with := func(more ...string) []string { return append(append([]string(nil), at...), more...) }
	o := s.Operations
	l.int("operations", o.Total, with("outcome", "total")...)
	l.int("operations", o.Committed, with("outcome", "committed")...)
	l.int("operations", o.GaveUp, with("outcome", "gave_up")...)
	l.int("operations", o.Failed, with("outcome", "failed")...)
	l.int("operations", o.Unknown, with("outcome", "unknown")...)
	l.int("operations", o.Reads, with("outcome", "reads")...)
	l.int("requests", s.Requests, at...)
	l.int("attempts", s.Attempts, at...)
	for _, k := range model.SortedKeys(s.ByStatus) {
		l.int("requests_by_status", s.ByStatus[k], with("status", k)...)
	}
	for _, k := range model.SortedKeys(s.ByClass) {
		l.int("requests_by_class", s.ByClass[k], with("class", k)...)
	}
	l.int("conflicting_attempts", s.Conflicts.Attempts, at...)
	l.opt("conflict_rate", s.Conflicts.Rate, at...)
	l.bounds("conflict_rate", s.Conflicts.RateCI, at...)
	l.opt("abandon_rate", s.AbandonRate, at...)
	l.opt("goodput_per_s", s.Goodput, at...)
	l.bounds("goodput_per_s", s.GoodputCI, at...)
	l.opt("amplification", s.Amplification, at...)
	l.opt("fairness_jain", s.Fairness, at...)
	l.opt("effective_keys", s.EffectiveKeys, at...)
	l.quantiles("time_to_commit_ms", s.TimeToCommit, at...)
	for _, k := range model.SortedKeys(s.ServiceTime) {
		l.quantiles("service_time_ms", s.ServiceTime[k], with("step", k)...)
	}
	l.quantiles("schedule_lag_ms", s.ScheduleLag, at...)
	l.int("not_started", s.NotStarted, at...)
	for _, p := range s.Properties {
		l.int("violations", p.Violations, with("property", p.Name, "promised", fmt.Sprint(p.Promised))...)
		l.int("exercised", p.Exercised, with("property", p.Name)...)
	}
	for _, f := range s.Faults {
		l.int("faults", f.Planned, with("kind", f.Kind, "count", "planned")...)
		l.int("faults", f.Injected, with("kind", f.Kind, "count", "injected")...)
		l.int("faults", f.Effective, with("kind", f.Kind, "count", "effective")...)
	}
	l.anatomy(s, with)
	for _, b := range s.Blocks {
		in := with("block", fmt.Sprint(b.Block), "repeat", fmt.Sprint(b.Repeat))
		for _, x := range []struct {
			name string
			v    *float64
		}{{"goodput_per_s", b.Goodput}, {"conflict_rate", b.ConflictRate}, {"p50_ms", b.P50}, {"p99_ms", b.P99},
			{"amplification", b.Amplification}, {"fairness_jain", b.Fairness}, {"abandon_rate", b.AbandonRate}} {
			l.add("block_"+x.name, x.v, in...)
		}
	}
}

func (l *lister) anatomy(s *model.Strategy, with func(...string) []string) {
	for i, n := range s.Anatomy.Attempts {
		l.int("commits_by_attempts", n, with("attempts", fmt.Sprint(i+1))...)
	}
	for _, sh := range s.Anatomy.Spent {
		l.int("requests_spent", sh.N, with("on", sh.Name)...)
	}
	for _, m := range s.Anatomy.Matrix {
		l.int("answers", m.N, with("step", m.Step, "status", fmt.Sprint(m.Status), "class", m.Class)...)
	}
	for _, k := range s.Anatomy.HotKeys {
		l.int("hot_key_attempts", k.Attempts, with("key", k.Key)...)
		l.int("hot_key_conflicts", k.Conflicts, with("key", k.Key)...)
		l.add("hot_key_share", &k.Share, with("key", k.Key)...)
	}
	for _, p := range s.Anatomy.Problems {
		l.int("problems", p.N, with("problem", p.Type, "status", fmt.Sprint(p.Status))...)
	}
	for i, n := range s.Anatomy.PerClient {
		l.int("commits_by_client", n, with("client", fmt.Sprint(i))...)
	}
	if d := s.Anatomy.Diagnosis; d != nil {
		l.int("diagnosis_refusals", d.N, with()...)
		l.add("diagnosis_names_resource", &d.Resource, with()...)
		l.add("diagnosis_names_version", &d.Version, with()...)
		l.add("diagnosis_says_what_to_do", &d.Advice, with()...)
		l.add("diagnosis_problem_json", &d.Problem, with()...)
		l.int("diagnosis_score", int64(d.Score), with()...)
	}
}

// VerdictItems gives verdicts as 1 with the word as a label.
func VerdictItems(r *model.Report) []Item {
	one := 1.0
	out := []Item{{"run_verdict", []string{"verdict", string(r.Verdict)}, &one}}
	for i := range r.Strategies {
		s := &r.Strategies[i]
		out = append(out, Item{"strategy_verdict", []string{"strategy", s.Name, "verdict", string(s.Verdict)}, &one})
		for _, p := range s.Properties {
			out = append(out, Item{"property_verdict", []string{"strategy", s.Name, "property", p.Name, "promised", fmt.Sprint(p.Promised), "verdict", string(p.Verdict)}, &one})
		}
	}
	for _, t := range r.Thresholds {
		v := 0.0
		if t.Verdict == check.Pass {
			v = 1
		}
		out = append(out, Item{"threshold_met", []string{"strategy", t.Strategy, "metric", t.Metric, "limit", t.Limit}, &v})
	}
	return out
}
