package report

import (
	"strings"
	"testing"

	"tussle/history"
	"tussle/report/check"
	"tussle/report/internal/samples"
	"tussle/report/model"
	"tussle/report/say"
)

// A run in which nothing is promised has no verdict, says what was lost, and
// how to get one. Progress alone is no promise about the data.
func TestNothingPromisedIsNeverAPass(t *testing.T) {
	lost := func(n int64) model.Strategy {
		s := samples.Rich().Strategies[0]
		s.Name, s.Locking = "patch", "none"
		if n > 0 {
			return samples.Lost(s, n, false)
		}
		s.Verdict, s.Promised = check.NotJudged, nil
		for i := range s.Properties {
			s.Properties[i].Promised = false
		}
		return s
	}
	for _, c := range []struct {
		name       string
		n          int64
		promised   []string
		first      string
		failOnLoss int
	}{
		{"lost", 12383, nil, "Nothing was promised, and patch lost 12,383 updates.", 1},
		{"one lost", 1, nil, "Nothing was promised, and patch lost 1 update.", 1},
		{"nothing lost", 0, nil, "Nothing was promised, and no violation was found.", 4},
		{"progress alone", 12383, []string{"progress"}, "Nothing was promised, and patch lost 12,383 updates.", 1},
	} {
		s := lost(c.n)
		s.Promised = c.promised
		for _, p := range c.promised {
			s.Properties = append(s.Properties, check.Property{Name: p, Promised: true, Verdict: check.Holds})
		}
		r := &model.Report{Schema: model.Schema, Strategies: []model.Strategy{s}}
		conclude(r, false, &history.Plan{Strategies: []history.PlanStrategy{{Name: "patch", Locking: "none", Promises: c.promised}}}, nil)
		if r.Verdict != check.Inconclusive || r.ExitCode(false) != 4 || r.Sentence != c.first || say.VerdictWord(r) != "NO VERDICT" {
			t.Errorf("%s: %s, %s: %s", c.name, say.VerdictWord(r), r.Verdict, r.Sentence)
		}
		if !strings.Contains(strings.Join(r.Reasons, "\n"), `add promises = ["no-lost-update"] to the strategy, or run with --fail-on-loss`) {
			t.Errorf("%s: how to promise is not said: %q", c.name, r.Reasons)
		}
		if FailOnLoss(r); r.ExitCode(true) == 1 != (c.failOnLoss == 1) || r.ExitCode(false) != c.failOnLoss {
			t.Errorf("%s, --fail-on-loss: %s: %s", c.name, r.Verdict, r.Sentence)
		}
	}
}

// Where some strategies promise and others do not, the promised ones decide,
// also with --fail-on-loss.
func TestPromisedStrategiesDecideBesideOthers(t *testing.T) {
	r := samples.Rich() // last-write-wins lost 812 updates and promised nothing
	conclude(r, false, &history.Plan{}, nil)
	FailOnLoss(r)
	if r.Verdict != check.Pass || !strings.HasPrefix(r.Sentence, "Every promise held (4 promises), and every threshold was met (2 thresholds). Not promised: last-write-wins is fast, but lost 812 updates.") {
		t.Errorf("%s: %s", r.Verdict, r.Sentence)
	}
}

// A lease that can lapse says why it promises nothing, one with a fencing
// token and one that promises all the same do not.
func TestLeaseWithoutFencingSaysWhyItPromisesNothing(t *testing.T) {
	for _, c := range []struct {
		plan     history.PlanStrategy
		promised []string
		said     bool
	}{
		{history.PlanStrategy{Name: "lease", Locking: "pessimistic", LeaseTTL: 1e9}, nil, true},
		{history.PlanStrategy{Name: "lease", Locking: "pessimistic", LeaseTTL: 1e9}, []string{"progress"}, true},
		{history.PlanStrategy{Name: "lease", Locking: "pessimistic", LeaseTTL: 1e9}, []string{"no-lost-update"}, false},
		{history.PlanStrategy{Name: "lease", Locking: "pessimistic", LeaseTTL: 1e9, Fencing: true}, nil, false},
		{history.PlanStrategy{Name: "lock", Locking: "pessimistic"}, nil, false},
	} {
		s := samples.Rich().Strategies[1]
		s.Promised = c.promised
		r := &model.Report{Strategies: []model.Strategy{s}}
		conclude(r, false, &history.Plan{Strategies: []history.PlanStrategy{c.plan}}, nil)
		if said := strings.Contains(strings.Join(r.Reasons, "\n"), "a lease without a fencing token promises nothing by default"); said != c.said {
			t.Errorf("%+v, %q: said %v", c.plan, c.promised, said)
		}
	}
}

// What can be used up may have been, before the measuring began.
func TestNothingCommittedSaysWhereToLook(t *testing.T) {
	five := int64(5)
	for _, c := range []struct {
		workload history.PlanWorkload
		want     string
	}{
		{history.PlanWorkload{Kind: "counter", Ceiling: &five}, "none of 7 measured operations committed; were the 5 of each key used up in the warm-up?"},
		{history.PlanWorkload{Kind: "create-once"}, "none of 7 measured operations committed; were the keys used up in the warm-up?"},
		{history.PlanWorkload{Kind: "counter"}, "none of 7 measured operations committed; look at the target's answers"},
	} {
		s := samples.Rich().Strategies[0]
		s.Operations.Total, s.Operations.Committed, s.Operations.Unknown = 7, 0, 0
		r := &model.Report{Strategies: []model.Strategy{s}}
		conclude(r, false, &history.Plan{Workload: c.workload}, nil)
		if !strings.Contains(strings.Join(r.Reasons, "\n"), c.want) {
			t.Errorf("%s: %q", c.workload.Kind, r.Reasons)
		}
	}
}
