package report

import (
	"strings"
	"testing"

	"tussle/history"
	"tussle/report/check"
	"tussle/report/measure"
	"tussle/report/model"
)

func f(v float64) *float64 { return &v }

func TestThresholds(t *testing.T) {
	s := model.Strategy{Name: "optimistic", Requests: 100, AbandonRate: f(0.01), Goodput: f(250), TimeToCommit: measure.Quantiles{P50: f(12.5), N: 60},
		ByStatus: map[string]int64{"412": 7}, ByClass: map[string]int64{"stale": 7}, Conflicts: measure.Conflicts{Attempts: 7, Rate: f(0.3)},
		ServiceTime: map[string]measure.Quantiles{"read": {P90: f(0.9)}},
		Properties:  []check.Property{{Name: "no-lost-update", Violations: 2}}, Faults: []model.FaultCount{{Kind: "lost-response", Effective: 5}}}
	for _, c := range []struct {
		metric, limit string
		want          check.Verdict
		measured      float64
	}{
		{"abandon_rate", "< 1%", check.Fail, 0.01},
		{"abandon_rate", "<= 1%", check.Pass, 0.01},
		{"abandon_rate", "<= 0.01", check.Pass, 0.01},
		{"goodput_per_s", ">= 100", check.Pass, 250},
		{"goodput_per_s", ">= 100/s", check.Pass, 250},
		{"goodput_per_s", "> 250", check.Fail, 250},
		{"time_to_commit_ms.p50", "< 50ms", check.Pass, 12.5},
		{"time_to_commit_ms.p50", "< 12500us", check.Fail, 12.5},
		{"time_to_commit_ms.p50", "< 0.5s", check.Pass, 12.5},
		{"time_to_commit_ms.p50", "<13", check.Pass, 12.5},
		{"service_time_ms.read.p90", "< 1ms", check.Pass, 0.9},
		{"conflicts.rate", "< 25 %", check.Fail, 0.3},
		{"by_status.412", "= 7", check.Pass, 7},
		{"by_status.500", "= 0", check.Pass, 0},
		{"by_class.timeout", "!= 0", check.Fail, 0},
		{"properties.no-lost-update.violations", "= 0", check.Fail, 2},
		{"faults.lost-response.effective", ">= 5", check.Pass, 5},
	} {
		got := testLimit(&s, history.PlanThreshold{Metric: c.metric, Limit: c.limit})
		if got.Verdict != c.want || got.Measured == nil || *got.Measured != c.measured {
			t.Errorf("%s %s: %s (%s), want %s of %v", c.metric, c.limit, got.Verdict, got.Note, c.want, c.measured)
		}
	}
}

// What is not known, not named or not readable never meets a limit.
func TestThresholdWithoutAFigureIsInconclusive(t *testing.T) {
	s := model.Strategy{Name: "s", Requests: 10}
	none := model.Strategy{Name: "s"}
	for _, c := range []struct {
		s                   *model.Strategy
		metric, limit, note string
	}{
		{&s, "time_to_commit_ms.p99", "< 50ms", "too few samples"},
		{&s, "abandon_rate", "< 1%", "too few samples"},
		{&none, "operations.total", "< 10", "too few samples"},
		{&none, "by_status.500", "= 0", "too few samples"},
		{&s, "abandon_rates", "< 1%", "no figure"},
		{&s, "name", "< 1", "not a number"},
		{&s, "operations", "< 1", "holds several"},
		{&s, "requests.p50", "< 1", "no figure"},
		{&s, "properties.fencing.violations", "= 0", "no entry"},
		{&s, "requests", "1", "does not begin with"},
		{&s, "requests", "< many", "no number or duration"},
		{&s, "requests", "< 5ms", "the metric is not"},
	} {
		got := testLimit(c.s, history.PlanThreshold{Metric: c.metric, Limit: c.limit})
		if got.Verdict != check.Inconclusive || got.Measured != nil || !strings.Contains(got.Note, c.note) {
			t.Errorf("%s %s: %+v, want inconclusive: %s", c.metric, c.limit, got, c.note)
		}
	}
}

func TestThresholdIsOfOneStrategyOrOfEach(t *testing.T) {
	r := &model.Report{Strategies: []model.Strategy{{Name: "a", Requests: 10}, {Name: "b", Requests: 20}}}
	got := thresholds(r, []history.PlanThreshold{{Metric: "requests", Limit: "< 15"}, {Strategy: "b", Metric: "requests", Limit: "< 15"}, {Strategy: "c", Metric: "requests", Limit: "< 15"}})
	var all []string
	for _, g := range got {
		all = append(all, g.Strategy+" "+string(g.Verdict))
	}
	if text := strings.Join(all, ", "); text != "a pass, b fail, b fail, c inconclusive" {
		t.Error(text)
	}
}
