package report

import (
	"tussle/report/check"
	"tussle/report/measure"
	"tussle/report/model"
)

// newSelfCheck gives a check of the instrument its verdict: pass; note;
// not-exercised, where the data are too thin; inconclusive, when it failed: the
// figures are unreliable, and a run is never more certain than its instrument.
func newSelfCheck(strategy string, c measure.Check) model.SelfCheck {
	s := model.SelfCheck{Name: c.Name, Strategy: strategy, Value: c.Value, Unit: c.Unit, Limit: c.Limit, Note: c.Note}
	switch c.State {
	case measure.Good:
		s.Verdict = check.Pass
	case measure.Note:
		s.Verdict = model.Noted
	case measure.Bad:
		s.Verdict = check.Inconclusive
	default:
		s.Verdict = check.NotExercised
	}
	return s
}
