package model

import (
	"tussle/history"
	"tussle/report/check"
	"tussle/report/measure"
)

// Report is everything that a rendering shows. It is a pure function of a
// history and of the version that judges it; every format is a function of it.
// Field names follow report.json (schema 1); a figure that its sample does
// not support is nil.
type Report struct {
	Schema      int                  `json:"schema"`
	RecordedBy  string               `json:"recorded_by"`
	JudgedBy    string               `json:"judged_by"`
	Scenario    Scenario             `json:"scenario"`
	Verdict     check.Verdict        `json:"verdict"`  // pass, fail, inconclusive: of the gate
	Sentence    string               `json:"sentence"` // the verdict in plain words
	Reasons     []string             `json:"reasons"`  // why it failed or is inconclusive, and what to change
	Warnings    []string             `json:"warnings"` // truncation, thin samples: footnotes
	Interrupted bool                 `json:"interrupted"`
	Cut         string               `json:"cut,omitempty"` // the history was cut off: where and why
	Strategies  []Strategy           `json:"strategies"`
	Comparisons []measure.Comparison `json:"comparisons"`
	Advice      string               `json:"advice"` // did the article's advice hold here?
	Sweeps      []measure.Sweep      `json:"sweeps"`
	Thresholds  []Threshold          `json:"thresholds"`
	SelfChecks  []SelfCheck          `json:"self_checks"`
	Provenance  Provenance           `json:"provenance"`

	Explorations []check.Exploration `json:"explorations,omitempty"` // of tussle explore: each pair of requests
}

// Scenario names what was run.
type Scenario struct {
	Name        string               `json:"name"`
	Description string               `json:"description,omitempty"`
	SHA256      string               `json:"sha256"`
	Seed        uint64               `json:"seed"`
	Workload    history.PlanWorkload `json:"workload"`
	Load        history.PlanLoad     `json:"load"`
	Faults      []history.PlanFault  `json:"faults,omitempty"` // as planned; their windows are shaded in pictures
}

// Strategy holds the figures of one strategy over all its measured blocks
// (of a sweep: of the last point), and the verdicts over everything recorded.
type Strategy struct {
	Name         string        `json:"name"`
	Locking      string        `json:"locking"`
	Inside       string        `json:"inside,omitempty"` // of server-side: optimistic or pessimistic, where it is known
	Dialect      string        `json:"dialect"`
	Retry        string        `json:"retry"`
	RetryDefault bool          `json:"retry_default,omitempty"` // the waits are tussle's own default: the scenario says nothing of them
	Verdict      check.Verdict `json:"verdict"`
	Promised     []string      `json:"promised"`

	Operations    measure.Operations           `json:"operations"`
	Requests      int64                        `json:"requests"`
	Attempts      int64                        `json:"attempts"`
	ByStatus      map[string]int64             `json:"by_status"`
	ByClass       map[string]int64             `json:"by_class"`
	Conflicts     measure.Conflicts            `json:"conflicts"`
	AbandonRate   *float64                     `json:"abandon_rate"`
	Goodput       *float64                     `json:"goodput_per_s"`
	GoodputCI     *[2]float64                  `json:"goodput_ci95"` // of the median of the blocks
	Amplification *float64                     `json:"amplification"`
	Fairness      *float64                     `json:"fairness_jain"`
	EffectiveKeys *float64                     `json:"effective_keys"`
	TimeToCommit  measure.Quantiles            `json:"time_to_commit_ms"`
	CommitParts   *measure.Parts               `json:"time_to_commit_mean_ms"`
	ServiceTime   map[string]measure.Quantiles `json:"service_time_ms"` // by step; write_refused apart
	ScheduleLag   measure.Quantiles            `json:"schedule_lag_ms"`
	NotStarted    int64                        `json:"not_started"`
	Blocks        []measure.BlockFigures       `json:"blocks"`

	Properties []check.Property `json:"properties"`
	Faults     []FaultCount     `json:"faults"`
	Anatomy    measure.Anatomy  `json:"anatomy"`
	Pictures   measure.Pictures `json:"pictures"`
}

// FaultCount is what became of one fault.
type FaultCount struct {
	Kind      string `json:"kind"`
	Planned   int64  `json:"planned"`
	Injected  int64  `json:"injected"`
	Effective int64  `json:"effective"`
	Min       int64  `json:"min_effective"`
}

// Threshold is a limit with what was measured.
type Threshold struct {
	Strategy string        `json:"strategy"`
	Metric   string        `json:"metric"`
	Limit    string        `json:"limit"`
	Measured *float64      `json:"measured"`
	Verdict  check.Verdict `json:"verdict"`
	Note     string        `json:"note,omitempty"`
}

// SelfCheck is one test of the instrument itself.
type SelfCheck struct {
	Name     string        `json:"name"`
	Strategy string        `json:"strategy,omitempty"`
	Value    *float64      `json:"value"`
	Unit     string        `json:"unit,omitempty"`
	Limit    string        `json:"limit"`
	Verdict  check.Verdict `json:"verdict"`
	Note     string        `json:"note"`
}

// Provenance says where the figures come from and how to get them again.
type Provenance struct {
	Command   []string            `json:"command"`
	Start     string              `json:"start"` // RFC 3339
	End       string              `json:"end"`
	Machine   history.Environment `json:"machine"`
	Target    history.TargetInfo  `json:"target"`
	Records   int64               `json:"records"`
	Order     string              `json:"order"` // of the blocks
	Text      string              `json:"scenario_text"`
	Overrides []string            `json:"overrides"`
	Run       string              `json:"run"`
}
