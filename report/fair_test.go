package report

import (
	"strings"
	"testing"

	"tussle/report/format"
	"tussle/report/internal/samples"
	"tussle/report/measure"
	"tussle/report/model"
	"tussle/report/say"
)

// tussle's own back-off is named where it made optimistic locking lose, and
// only where the plan says that it is tussle's own; a comment in the scenario
// that speaks of a retry changes nothing.
func TestTheDefaultBackOffIsNamed(t *testing.T) {
	part := func(v float64) *float64 { return &v }
	r := samples.Rich()
	opt, pes := &r.Strategies[0], &r.Strategies[1]
	opt.Locking, pes.Locking = "optimistic", "pessimistic"
	opt.CommitParts = &measure.Parts{Server: part(3), Think: part(2), BackOff: part(5)}
	r.Comparisons = []measure.Comparison{{Base: opt.Name, Head: pes.Name, Metric: model.Goodput, Verdict: measure.Better}}
	r.Provenance.Text = "# retry is left as it is\n"
	for _, own := range []bool{true, false} {
		opt.RetryDefault = own
		if got := strings.Contains(strings.Join(say.Fair(r), "\n"), "tussle's default back-off"); got != own {
			t.Errorf("default %v: named %v", own, got)
		}
	}
	opt.RetryDefault = true
	pes.Locking = "server-side"
	opt.Anatomy.Matrix = append(opt.Anatomy.Matrix, measure.StatusClass{Step: "read", Status: 200, Class: "ok", N: 1})
	md := rendered(t, r, "markdown", format.Options{})
	for _, want := range []string{": retry ", "mean time to commit 10 ms = server 3", "does less per operation"} {
		if !strings.Contains(strings.ReplaceAll(md, "\\", ""), want) {
			t.Errorf("markdown does not say %q", want)
		}
	}
}
