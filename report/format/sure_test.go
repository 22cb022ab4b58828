package format

import (
	"strings"
	"testing"

	"tussle/report/internal/samples"
	"tussle/report/model"
	"tussle/report/say"
)

// A loss is proven by requests, however few blocks there are; a speed is not.
func TestSurenessOfLossesIsNotThatOfSpeed(t *testing.T) {
	two := func(r *model.Report) *model.Report {
		for i := range r.Strategies {
			r.Strategies[i].Blocks = r.Strategies[i].Blocks[:2]
		}
		r.Comparisons = nil
		return r
	}
	fine := samples.Rich()
	fine.Strategies = fine.Strategies[:2]
	skew := samples.Rich()
	skew.Strategies[2].Properties[0].Name = "write-skew"
	for _, c := range []struct {
		name        string
		r           *model.Report
		loss, speed string
	}{
		{"two blocks, losses", two(samples.Failed()), "Lost updates: certain. The requests are shown below.", "Speed: weak, 2 blocks a strategy. Intervals and claims need 6 blocks"},
		{"six blocks, losses", samples.Failed(), "Lost updates: certain. The requests are shown below.", "Speed: 6 blocks a strategy, goodput ± "},
		{"another property", skew, "Violations: certain. The requests are shown below.", "Speed: 6 blocks"},
		{"nothing broken", fine, "Losses: none in this record. That does not prove", "Speed: 6 blocks"},
		{"not exercised", samples.Small(), "Losses: not known.", "Speed: weak, 1 block a strategy"},
		{"nothing recorded", samples.Empty(), "Losses: not known.", "Speed: not known. No block"},
	} {
		q := say.Questions(c.r)
		f := q[len(q)-1].Answers
		if !strings.HasPrefix(f[0].String(), c.loss) || !strings.HasPrefix(f[1].String(), c.speed) {
			t.Errorf("%s: %q, %q", c.name, f[0], f[1])
		}
		for _, format := range []string{"html", "markdown"} {
			out := render(t, c.r, format, Options{})
			if !strings.Contains(out, f[0].Lead) || !strings.Contains(out, f[1].Lead) {
				t.Errorf("%s: %s shows one answer only", c.name, format)
			}
		}
	}
}

// Counts of the evidence and counts of the measured window differ; each format
// that shows both says why.
func TestScopeOfTheFiguresIsTold(t *testing.T) {
	for _, format := range []string{"html", "markdown", "text"} {
		if out := render(t, samples.Rich(), format, Options{Verbose: true}); strings.Count(out, say.Scope) != 1 {
			t.Errorf("%s: %d times %q", format, strings.Count(out, say.Scope), say.Scope)
		}
	}
}
