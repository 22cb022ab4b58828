package report

import (
	"strings"
	"testing"

	"tussle/history"
	"tussle/report/check"
	"tussle/report/measure"
)

// A loss is proven by requests, however few blocks there are; a speed is not.
func TestSurenessOfLossesIsNotThatOfSpeed(t *testing.T) {
	two := func(r *Report) *Report {
		for i := range r.Strategies {
			r.Strategies[i].Blocks = r.Strategies[i].Blocks[:2]
		}
		r.Comparisons = nil
		return r
	}
	fine := rich()
	fine.Strategies = fine.Strategies[:2]
	skew := rich()
	skew.Strategies[2].Properties[0].Name = "write-skew"
	for _, c := range []struct {
		name        string
		r           *Report
		loss, speed string
	}{
		{"two blocks, losses", two(failed()), "Lost updates: certain. The requests are shown below.", "Speed: weak, 2 blocks a strategy. Intervals need 6"},
		{"six blocks, losses", failed(), "Lost updates: certain. The requests are shown below.", "Speed: 6 blocks a strategy, goodput ± "},
		{"another property", skew, "What was broken: certain. The requests are shown below.", "Speed: 6 blocks"},
		{"nothing broken", fine, "Losses: none in this record. That is no proof", "Speed: 6 blocks"},
		{"not exercised", small(), "Losses: not known.", "Speed: weak, 1 block a strategy"},
		{"nothing recorded", empty(), "Losses: not known.", "Speed: not known. No block"},
	} {
		f := facts(c.r)
		if !strings.HasPrefix(f[2].String(), c.loss) || !strings.HasPrefix(f[3].String(), c.speed) {
			t.Errorf("%s: %q, %q", c.name, f[2], f[3])
		}
		for _, format := range []string{"html", "markdown"} {
			out := render(t, c.r, format, Options{})
			if !strings.Contains(out, f[2].Lead) || !strings.Contains(out, f[3].Lead) {
				t.Errorf("%s: %s shows one answer only", c.name, format)
			}
		}
	}
}

// What was not compared is no comparison, and figures are told from claims in
// plain words.
func TestComparisonsInPlainWords(t *testing.T) {
	r := rich()
	if got := apart(r); got != "3 figures compared with those of optimistic: a sure difference in each." {
		t.Error(got)
	}
	r.Comparisons[0].Verdict = measure.WithinNoise
	if got := apart(r); got != "3 figures compared with those of optimistic: a sure difference in 2." {
		t.Error(got)
	}
	for i := range r.Comparisons[:3] {
		r.Comparisons[i].Verdict = measure.NoDifference
	}
	if got := apart(r); got != "3 figures compared with those of optimistic: no sure difference." {
		t.Error(got)
	}
	r.Comparisons = r.Comparisons[3:]
	if got := apart(r); got != "" {
		t.Error(got)
	}
}

// The sentence of the verdict and the list below it do not repeat each other.
func TestReasonsAreToldOnce(t *testing.T) {
	r := failed()
	r.Thresholds = nil
	r.SelfChecks = append(r.SelfChecks, SelfCheck{Name: "generator", Strategy: "optimistic", Verdict: check.Inconclusive, Note: "it was busy"})
	r.conclude(false, &history.Plan{})
	const said, more = "ast-write-wins broke its promise of no-lost-update (812 violations)", `speaks against the figures: it was busy`
	for _, format := range []string{"html", "markdown", "text"} {
		out := render(t, r, format, Options{Width: 400})
		if format == "html" {
			out, _, _ = strings.Cut(out, dataOpen)
		}
		if n := strings.Count(strings.ReplaceAll(out, "\\", ""), said); n != 1 {
			t.Errorf("%s says %d times what was broken", format, n)
		}
		if !strings.Contains(out, more) {
			t.Errorf("%s: a reason that the sentence does not tell is missing", format)
		}
	}
	f := facts(rich())
	if !strings.HasPrefix(f[0].Rest, "It promised nothing.") {
		t.Errorf("%q", f[0])
	}
	r = rich()
	r.Strategies[2].Promised = []string{"counter-bounds"}
	if f := facts(r); !strings.HasPrefix(f[0].Rest, "It did not promise no-lost-update.") {
		t.Errorf("%q", f[0])
	}
}

// Counts of the evidence and counts of the measured window differ; each format
// that shows both says why.
func TestScopeOfTheFiguresIsTold(t *testing.T) {
	for _, format := range []string{"html", "markdown", "text"} {
		if out := render(t, rich(), format, Options{}); strings.Count(out, scope) != 1 {
			t.Errorf("%s: %d times %q", format, strings.Count(out, scope), scope)
		}
	}
}

// One strategy alone, or two of one kind, cannot test the advice.
func TestAdviceIsNotOnEveryReport(t *testing.T) {
	load := flashSale()
	load.Strategies, load.Repeat = load.Strategies[:1], 1
	r := reportOf(t, load)
	if r.Advice != "" {
		t.Errorf("%q", r.Advice)
	}
	for _, format := range []string{"html", "markdown", "text"} {
		if out := render(t, r, format, Options{}); strings.Contains(strings.ToLower(out), "the advice") {
			t.Errorf("%s speaks of the advice", format)
		}
	}
}
