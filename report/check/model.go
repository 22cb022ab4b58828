package check

import "tussle/history"

// Verdict is of a run (pass, fail, inconclusive), a strategy or a property
// (holds, violated, not-exercised, undecided, not-judged).
type Verdict string

const (
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Inconclusive Verdict = "inconclusive"

	Holds        Verdict = "holds"
	Violated     Verdict = "violated"
	NotExercised Verdict = "not-exercised"
	Undecided    Verdict = "undecided"
	NotJudged    Verdict = "not-judged"
)

// Property is one property's verdict for one strategy, with its evidence.
type Property struct {
	Name       string    `json:"name"`
	Verdict    Verdict   `json:"verdict"`
	Promised   bool      `json:"promised"`
	Exercised  int64     `json:"exercised"` // how often it could have been broken; what is counted is in Evidence
	Violations int64     `json:"violations"`
	Reason     string    `json:"reason"`         // of not-exercised and undecided, with what to change
	Evidence   string    `json:"evidence"`       // "4,120 writes, 38,114 conflicts, 19 unknown"
	Harm       string    `json:"harm,omitempty"` // what the first violation did, where the name does not tell: "lost what it had created, 1 time"
	Findings   []Finding `json:"findings"`       // at most 3; Violations counts all
}

// Finding is at most 6 requests that cannot all be right.
type Finding struct {
	Property string           `json:"property"`
	Key      string           `json:"key"`
	Sentence string           `json:"sentence"` // why they cannot all be true
	Requests []FindingRequest `json:"requests"`
}

// FindingRequest is one request of a finding.
type FindingRequest struct {
	Line    int64           `json:"line"`    // of the history
	Lane    string          `json:"lane"`    // "client 3", "observer"
	Role    string          `json:"role"`    // "read version 7", "wrote on version 7: accepted"
	Call    float64         `json:"call_ms"` // since the first request of the finding
	Return  float64         `json:"return_ms"`
	Request history.Request `json:"-"`
	Step    string          `json:"step"`
	Status  int             `json:"status"`
	Class   string          `json:"class"`
	Value   string          `json:"value,omitempty"`
	Version string          `json:"version,omitempty"`
	Expect  string          `json:"expect,omitempty"`
	Tag     string          `json:"tag,omitempty"`
	Curl    string          `json:"curl"`
	Offends bool            `json:"offends"` // drawn thick
}
