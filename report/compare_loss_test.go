package report

import (
	"strings"
	"testing"

	"tussle/report/check"
	"tussle/report/internal/virtual"
	"tussle/report/measure"
)

// A strategy that lost data is never better than before, however fast it got,
// and its loss comes first; the newer run's own verdict stands in the headline.
func TestStrategyThatLostDataIsNeverBetter(t *testing.T) {
	base := reportOf(t, twoSides(1, func(l *virtual.Load) { l.Strategies[0].Slower = 3 }))
	head := reportOf(t, twoSides(2, func(l *virtual.Load) { l.Strategies[0].Broken, l.Strategies[0].Promises = true, []string{} }))
	c := compared(t, base, head)
	barred := false
	for _, m := range c.Strategies[0].Metrics {
		if m.Verdict == measure.Better {
			t.Errorf("%s is better: %+v", m.Metric, m)
		}
		barred = barred || strings.Contains(m.Note, "optimistic lost ")
	}
	if !barred || len(c.Notes) == 0 || !strings.HasPrefix(c.Notes[0], "optimistic lost ") || strings.Contains(c.Sentence, "better") {
		t.Errorf("%v %q: %s", barred, c.Notes, c.Sentence)
	}
	again := compared(t, base, base)
	if strings.Contains(again.Sentence, "The newer run") {
		t.Errorf("a run that passed: %s", again.Sentence)
	}
	if !strings.HasPrefix(c.Sentence, "The newer run: ") { // what it lost is said first
		t.Errorf("a run that lost updates: %s", c.Sentence)
	}
	if c := compared(t, head, head); !strings.HasPrefix(c.Sentence, "The newer run: ") {
		t.Errorf("a run that loses updates as before: %s", c.Sentence)
	}
	head = reportOf(t, twoSides(2, func(*virtual.Load) {}))
	head.Verdict, head.Sentence = check.Inconclusive, "It was thin."
	if c := compared(t, base, head); !strings.HasSuffix(c.Sentence, "The newer run: inconclusive: It was thin.") {
		t.Errorf("a run without a verdict: %s", c.Sentence)
	}
}
