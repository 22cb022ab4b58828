package report

import "tussle/history"

// Report is everything that a rendering shows. It is a pure function of a
// history and of the version that judges it; every format is a function of it.
// Field names follow report.json (schema 1); a figure that its sample does
// not support is nil.
type Report struct {
	Schema      int          `json:"schema"`
	RecordedBy  string       `json:"recorded_by"`
	JudgedBy    string       `json:"judged_by"`
	Scenario    Scenario     `json:"scenario"`
	Verdict     Verdict      `json:"verdict"`  // pass, fail, inconclusive: of the gate
	Sentence    string       `json:"sentence"` // the verdict in plain words
	Reasons     []string     `json:"reasons"`  // why it failed or is inconclusive, and what to change
	Warnings    []string     `json:"warnings"` // truncation, thin samples: footnotes
	Interrupted bool         `json:"interrupted"`
	Cut         string       `json:"cut,omitempty"` // the history was cut off: where and why
	Strategies  []Strategy   `json:"strategies"`
	Comparisons []Comparison `json:"comparisons"`
	Advice      string       `json:"advice"` // did the article's advice hold here?
	Sweeps      []Sweep      `json:"sweeps"`
	Thresholds  []Threshold  `json:"thresholds"`
	SelfChecks  []SelfCheck  `json:"self_checks"`
	Provenance  Provenance   `json:"provenance"`
}

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

// Scenario names what was run.
type Scenario struct {
	Name        string               `json:"name"`
	Description string               `json:"description,omitempty"`
	SHA256      string               `json:"sha256"`
	Seed        uint64               `json:"seed"`
	Workload    history.PlanWorkload `json:"workload"`
	Load        history.PlanLoad     `json:"load"`
}

// Strategy holds the figures of one strategy over all its measured blocks
// (of a sweep: of the last point), and the verdicts over everything recorded.
type Strategy struct {
	Name     string   `json:"name"`
	Locking  string   `json:"locking"`
	Dialect  string   `json:"dialect"`
	Retry    string   `json:"retry"`
	Verdict  Verdict  `json:"verdict"`
	Promised []string `json:"promised"`

	Operations    Operations           `json:"operations"`
	Requests      int64                `json:"requests"`
	Attempts      int64                `json:"attempts"`
	ByStatus      map[string]int64     `json:"by_status"`
	ByClass       map[string]int64     `json:"by_class"`
	Conflicts     Conflicts            `json:"conflicts"`
	AbandonRate   *float64             `json:"abandon_rate"`
	Goodput       *float64             `json:"goodput_per_s"`
	GoodputCI     *[2]float64          `json:"goodput_ci95"` // of the median of the blocks
	Amplification *float64             `json:"amplification"`
	Fairness      *float64             `json:"fairness_jain"`
	EffectiveKeys *float64             `json:"effective_keys"`
	TimeToCommit  Quantiles            `json:"time_to_commit_ms"`
	ServiceTime   map[string]Quantiles `json:"service_time_ms"` // by step; write_refused apart
	ScheduleLag   Quantiles            `json:"schedule_lag_ms"`
	NotStarted    int64                `json:"not_started"`
	Blocks        []BlockFigures       `json:"blocks"`

	Properties []Property   `json:"properties"`
	Faults     []FaultCount `json:"faults"`
	Anatomy    Anatomy      `json:"anatomy"`
	Pictures   Pictures     `json:"pictures"`
}

// Operations counts operations by outcome. Plain reads are apart.
type Operations struct {
	Total     int64 `json:"total"`
	Committed int64 `json:"committed"`
	GaveUp    int64 `json:"gave_up"`
	Failed    int64 `json:"failed"`
	Unknown   int64 `json:"unknown"`
	Reads     int64 `json:"reads"`
}

// Conflicts counts attempts with a step refused as stale, exists, locked,
// dependency or serialization.
type Conflicts struct {
	Attempts int64       `json:"attempts"`
	Rate     *float64    `json:"rate"`      // conflicting attempts / attempts
	RateCI   *[2]float64 `json:"rate_ci95"` // of the median of the blocks
}

// Quantiles are in ms, nearest rank; p99 needs 100 samples, p99.9 1,000.
type Quantiles struct {
	P50  *float64 `json:"p50"`
	P90  *float64 `json:"p90"`
	P95  *float64 `json:"p95"`
	P99  *float64 `json:"p99"`
	P999 *float64 `json:"p999"`
	Max  *float64 `json:"max"`
	N    int64    `json:"n"`
}

// BlockFigures are the figures of one block: the unit of statistics.
type BlockFigures struct {
	Block         int      `json:"block"`
	Repeat        int      `json:"repeat"`
	At            float64  `json:"at"` // swept value
	Goodput       *float64 `json:"goodput_per_s"`
	ConflictRate  *float64 `json:"conflict_rate"`
	P50           *float64 `json:"p50_ms"`
	P99           *float64 `json:"p99_ms"`
	Amplification *float64 `json:"amplification"`
	Fairness      *float64 `json:"fairness_jain"`
	AbandonRate   *float64 `json:"abandon_rate"`
}

// Property is one property's verdict for one strategy, with its evidence.
type Property struct {
	Name       string    `json:"name"`
	Verdict    Verdict   `json:"verdict"`
	Promised   bool      `json:"promised"`
	Exercised  int64     `json:"exercised"` // how often it could have been broken; what is counted is in Evidence
	Violations int64     `json:"violations"`
	Reason     string    `json:"reason"`   // of not-exercised and undecided, with what to change
	Evidence   string    `json:"evidence"` // "4,120 writes, 38,114 conflicts, 19 unknown"
	Findings   []Finding `json:"findings"` // at most 3; Violations counts all
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

// FaultCount is what became of one fault.
type FaultCount struct {
	Kind      string `json:"kind"`
	Planned   int64  `json:"planned"`
	Injected  int64  `json:"injected"`
	Effective int64  `json:"effective"`
	Min       int64  `json:"min_effective"`
}

// Anatomy takes the conflicts apart.
type Anatomy struct {
	Matrix    []StatusClass `json:"matrix"`              // status x class
	HotKeys   []HotKey      `json:"hot_keys"`            // at most 20, by conflicts
	Problems  []Problem     `json:"problems"`            // grouped bodies of refusals, at most 10
	Diagnosis *Diagnosis    `json:"diagnosis"`           // does a refusal say which resource, which version, what to do?
	Attempts  []int64       `json:"attempts_per_commit"` // [0] = 1 attempt ... [9] = 10 or more
	Spent     []Share       `json:"requests_spent"`      // where the requests went
	PerClient []int64       `json:"commits_per_client"`
}

type StatusClass struct {
	Status int    `json:"status"`
	Class  string `json:"class"`
	Step   string `json:"step"`
	N      int64  `json:"n"`
}

type HotKey struct {
	Key       string  `json:"key"`
	Attempts  int64   `json:"attempts"`
	Conflicts int64   `json:"conflicts"`
	Share     float64 `json:"share"` // of all operations
}

type Problem struct {
	Status int    `json:"status"`
	Type   string `json:"type"`
	Sample string `json:"sample"`
	N      int64  `json:"n"`
}

// Diagnosis scores what a refusal tells (RFC 9110 15.5.10, RFC 9457), by the
// share of refusals that say it.
type Diagnosis struct {
	N        int64   `json:"n"`
	Resource float64 `json:"names_resource"`
	Version  float64 `json:"names_version"`
	Advice   float64 `json:"says_what_to_do"`
	Problem  float64 `json:"problem_json"`
	Score    int     `json:"score"` // 0 to 100
}

type Share struct {
	Name string `json:"name"`
	N    int64  `json:"n"`
}

// Pictures holds what charts draw.
type Pictures struct {
	Percentiles []Point  `json:"percentiles"` // X = 1/(1-p), Y = ms
	Series      []Bucket `json:"series"`      // over the whole run of the strategy's blocks, block time folded
}

type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Bucket is one slice of block time, summed over the strategy's blocks.
type Bucket struct {
	At        float64  `json:"at_s"`
	Goodput   float64  `json:"goodput_per_s"`
	Conflicts float64  `json:"conflicts_per_s"`
	Errors    float64  `json:"errors_per_s"`
	P99       *float64 `json:"p99_ms"`
}

// Comparison is one metric of one strategy against the first (the base).
type Comparison struct {
	Base       string      `json:"base"`
	Head       string      `json:"head"`
	Metric     string      `json:"metric"`
	BaseMedian *float64    `json:"base_median"`
	HeadMedian *float64    `json:"head_median"`
	Ratio      *float64    `json:"ratio"`
	CI95       *[2]float64 `json:"ci95"`
	P          *float64    `json:"p"`       // Holm-corrected
	N          int         `json:"n"`       // blocks a side
	Verdict    string      `json:"verdict"` // better, worse, no-difference, within-noise, not-compared
	Note       string      `json:"note,omitempty"`
}

// Sweep is one swept parameter, with a curve for each strategy.
type Sweep struct {
	Parameter  string       `json:"parameter"`
	Points     []SweepPoint `json:"points"`
	Crossovers []Crossover  `json:"crossovers"`
	Sentence   string       `json:"sentence"`
}

type SweepPoint struct {
	Strategy     string      `json:"strategy"`
	At           float64     `json:"at"`
	Label        string      `json:"label"`
	Goodput      *float64    `json:"goodput_per_s"`
	GoodputCI    *[2]float64 `json:"goodput_ci95"`
	ConflictRate *float64    `json:"conflict_rate"`
	ConflictCI   *[2]float64 `json:"conflict_ci95"`
	P50          *float64    `json:"p50_ms"`
	P99          *float64    `json:"p99_ms"`
	N            int         `json:"n"` // blocks
}

// Crossover is where one strategy overtakes another; claimed only where the
// intervals separate on both sides.
type Crossover struct {
	Metric string  `json:"metric"`
	Low    string  `json:"better_below"`
	High   string  `json:"better_above"`
	From   float64 `json:"from"` // last point at which Low is surely ahead
	To     float64 `json:"to"`   // first point at which High is surely ahead
}

// Threshold is a limit with what was measured.
type Threshold struct {
	Strategy string   `json:"strategy"`
	Metric   string   `json:"metric"`
	Limit    string   `json:"limit"`
	Measured *float64 `json:"measured"`
	Verdict  Verdict  `json:"verdict"`
	Note     string   `json:"note,omitempty"`
}

// SelfCheck is one test of the instrument itself.
type SelfCheck struct {
	Name     string   `json:"name"`
	Strategy string   `json:"strategy,omitempty"`
	Value    *float64 `json:"value"`
	Unit     string   `json:"unit,omitempty"`
	Limit    string   `json:"limit"`
	Verdict  Verdict  `json:"verdict"`
	Note     string   `json:"note"`
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
