package measure

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

// StatusClass is one cell of the matrix: how often a step was answered with a
// status, and what that meant. Status 0 is no answer.
type StatusClass struct {
	Status int    `json:"status"`
	Class  string `json:"class"`
	Step   string `json:"step"`
	N      int64  `json:"n"`
}

// HotKey is one key, folded over blocks: "run-b3-k5" and "run-b4-k5" are both
// "k5".
type HotKey struct {
	Key       string  `json:"key"`
	Attempts  int64   `json:"attempts"`
	Conflicts int64   `json:"conflicts"`
	Share     float64 `json:"share"` // of the operations, plain reads left out
}

// Problem is one group of refusals with the same status and problem type, or
// with bodies that differ in numbers only.
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

// Share is a part of the requests.
type Share struct {
	Name string `json:"name"`
	N    int64  `json:"n"`
}

// Pictures holds what charts draw.
type Pictures struct {
	Percentiles []Point  `json:"percentiles"` // X = 1/(1-p), Y = ms
	Series      []Bucket `json:"series"`      // over the whole run of the strategy's blocks, block time folded
}

// Point is a point of a curve.
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
	P50       *float64 `json:"p50_ms"`
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

// SweepPoint is one strategy at one value of the swept parameter: medians of
// its blocks with their intervals.
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
