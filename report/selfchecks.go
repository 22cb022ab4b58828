package report

import (
	"tussle/report/check"
	"tussle/report/measure"
)

// Noted is the verdict of a self-check that found something worth knowing
// which does not speak against the figures.
const Noted check.Verdict = "note"

// newSelfCheck gives a check of the instrument its verdict: pass; note;
// not-exercised, where the data are too thin; inconclusive, when it speaks
// against the figures, and the run cannot be more certain than its instrument.
func newSelfCheck(strategy string, c measure.Check) SelfCheck {
	s := SelfCheck{Name: c.Name, Strategy: strategy, Value: c.Value, Unit: c.Unit, Limit: c.Limit, Note: c.Note}
	switch c.State {
	case measure.Good:
		s.Verdict = check.Pass
	case measure.Note:
		s.Verdict = Noted
	case measure.Bad:
		s.Verdict = check.Inconclusive
	default:
		s.Verdict = check.NotExercised
	}
	return s
}
