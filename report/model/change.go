package model

import (
	"tussle/report/check"
	"tussle/report/measure"
)

// Change is what `tussle compare` says of two reports of one scenario. Head
// is the newer one.
type Change struct {
	Schema     int              `json:"schema"`
	Scenario   string           `json:"scenario"`
	Base       Side             `json:"base"`
	Head       Side             `json:"head"`
	Verdict    check.Verdict    `json:"verdict"`  // fail: a regression is claimed; inconclusive: nothing could be compared
	Sentence   string           `json:"sentence"` // the verdict in plain words
	Reasons    []string         `json:"reasons"`  // each regression claimed, or why nothing could be compared
	Broken     int              `json:"-"`        // so many reasons, the first ones, are promises broken since base
	Notes      []string         `json:"notes"`    // what makes the comparison weaker, and what else changed
	Strategies []StrategyChange `json:"strategies"`
}

// Side names one of two compared reports.
type Side struct {
	Run        string        `json:"run"`
	Start      string        `json:"start"` // RFC 3339
	RecordedBy string        `json:"recorded_by"`
	Verdict    check.Verdict `json:"verdict"`
	Sentence   string        `json:"sentence"`
}

// StrategyChange is one strategy in both reports. Ratio, interval and p of a
// comparison are head against base.
type StrategyChange struct {
	Name    string               `json:"name"`
	Base    check.Verdict        `json:"base_verdict"`
	Head    check.Verdict        `json:"head_verdict"`
	Metrics []measure.Comparison `json:"metrics"`
}

// ExitCode is 1 when a regression is claimed, 4 when nothing could be
// compared (0 if allowInconclusive), else 0.
func (c *Change) ExitCode(allowInconclusive bool) int {
	return (&Report{Verdict: c.Verdict}).ExitCode(allowInconclusive)
}
