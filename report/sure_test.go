package report

import (
	"strings"
	"testing"

	"tussle/history"
	"tussle/report/check"
	"tussle/report/format"
	"tussle/report/internal/samples"
	"tussle/report/model"
	"tussle/report/say"
)

// The sentence of the verdict and the list below it do not repeat each other.
func TestReasonsAreToldOnce(t *testing.T) {
	r := samples.Failed()
	r.Thresholds = nil
	r.SelfChecks = append(r.SelfChecks, model.SelfCheck{Name: "generator", Strategy: "optimistic", Verdict: check.Inconclusive, Note: "it was busy"})
	conclude(r, false, &history.Plan{}, nil)
	const said, more = "ast-write-wins broke its promise of no-lost-update: it lost 812 updates", `failed, so these measurements are unreliable: it was busy`
	for _, kind := range []string{"html", "markdown", "text"} {
		out := rendered(t, r, kind, format.Options{Width: 400, Verbose: true})
		if kind == "html" {
			out, _, _ = strings.Cut(out, `<script type="application/json"`)
		}
		if n := strings.Count(strings.ReplaceAll(out, "\\", ""), said); n != 1 {
			t.Errorf("%s says %d times what was broken", kind, n)
		}
		if !strings.Contains(out, more) {
			t.Errorf("%s: a reason that the sentence does not tell is missing", kind)
		}
	}
	f := say.Questions(samples.Rich())
	if !strings.HasPrefix(f[0].Answers[0].Rest, "It promised nothing.") {
		t.Errorf("%q", f[0].Answers[0])
	}
	r = samples.Rich()
	r.Strategies[2].Promised = []string{"counter-bounds"}
	if f := say.Questions(r); !strings.HasPrefix(f[0].Answers[0].Rest, "It did not promise no-lost-update.") {
		t.Errorf("%q", f[0].Answers[0])
	}
}

// One strategy alone, or two of one kind, cannot test the advice.
func TestAdviceIsNotOnEveryReport(t *testing.T) {
	load := samples.FlashSale()
	load.Strategies, load.Repeat = load.Strategies[:1], 1
	r := reportOf(t, load)
	if r.Advice != "" {
		t.Errorf("%q", r.Advice)
	}
	for _, kind := range []string{"html", "markdown", "text"} {
		if out := rendered(t, r, kind, format.Options{}); strings.Contains(strings.ToLower(out), "the advice") {
			t.Errorf("%s speaks of the advice", kind)
		}
	}
}
