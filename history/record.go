package history

import (
	"encoding/json"
	"time"
)

// Kind tells the records of a history apart; it is the "type" of a line.
type Kind string

const (
	KindHeader    Kind = "header"
	KindBlock     Kind = "block"
	KindRequest   Kind = "request"
	KindOperation Kind = "operation"
	KindSample    Kind = "sample"
	KindEvent     Kind = "event"
	KindPair      Kind = "pair"
	KindOrder     Kind = "order"

	kindMark Kind = "mark" // not handed out, see mark.go
)

// Schema is the version of the format that this package writes.
const Schema = 1

// Request is one HTTP request and its answer. Empty and zero fields are left
// out of the file, except where 0 means something (block, client, op).
type Request struct {
	Block   int    // which block; -1 before the first (preflight)
	Client  int    // from 0; [Observer] for set-up and final reads
	Session int    // a client gets a new session after an unanswered write
	Op      int    // which operation of this client in this block, from 0
	Attempt int    // which attempt of the operation, from 1; 0 outside attempts
	Step    Step   //
	Key     string // the resource, unique in the whole run
	Key2    string // of a transfer that another tool recorded: where the amount went

	Call   int64 // ns; taken before the first byte was sent
	Return int64 // ns; taken after the last byte was read, or when it was given up

	Status int    // HTTP status; 0 when no answer came
	Class  Class  //
	Effect Effect // of steps that write

	Expect  string // version that the request was conditional on
	Version string // version that the answer told: of the state read, or of the state written
	Base    string // writes: identity of the state that this attempt had read and built on
	Tag     string // writes: identity of this write
	Saw     string // reads: identity of the write that this read saw; "" is the initial state or not known. Creates: of the write whose object the answer shows
	Value   string // the value read or written; a list is JSON text
	Lock    string // lock token that was granted (lock) or presented (write, unlock)
	Fence   string // fencing token that was granted or presented
	TTL     int64  // lock, refresh: ns that the answer granted it for; 0 when it did not tell
	Absent  bool   // reads: the answer said by its text, not by a status 404 or 410, that there is none

	Part string // lists: why it is not the whole list, as its answer says; "" when it is

	Sent     int    // bytes on the wire
	Received int    //
	Fault    string // kind of the fault injected into this request
	Truth    int    // status that a fault hid from the client, as ground truth
	Error    string // what went wrong on the transport
	Detail   string // at most 512 bytes of the body of a refusal or of an unreadable answer, masked
	Problem  string // RFC 9457 type of a refusal, or what the dialect takes for it
	Vars     string // JSON object: what a request was made of or an answer gave besides, see docs/history-format.md
}

// Answered reports whether an answer came (and was shown to the client).
func (r *Request) Answered() bool { return r.Status != 0 }

// Operation is one intent of one client, from its intended start to its end.
type Operation struct {
	Block, Client, Session, Op int

	Intent Intent
	Name   string // of the user's operation or observation
	Key    string
	Key2   string // second resource of a transfer or pair

	Planned int64 // ns; intended start. Closed model: equal to Call
	Call    int64 // ns; actual start
	Return  int64 // ns; end, all retries and waits included, locks given back
	Commit  int64 // ns; when the deciding write was answered; 0 unless committed

	Outcome   Outcome
	Attempts  int
	Conflicts int    // attempts that conflicted
	Requests  int    //
	Waited    int64  // ns spent waiting for retries
	Amount    int64  // counter: what was added; transfer: what was moved
	Reason    string // why it gave up or failed
	Captured  string // of an operation or observation of the user's: a JSON object, or a list of them
	Known     bool   // it was refused, and a rule of the scenario says that trying again is pointless
	Breach    string // of an operation of the user's: what its steps expect and were not given
}

// Block is one stretch of one strategy. It is written when the block starts
// (End is 0) and again, complete, when it has ended.
type Block struct {
	Block    int     `json:"block"`
	Strategy int     `json:"strategy"` // index into Plan.Strategies
	Repeat   int     `json:"repeat"`   // which of its blocks, from 0
	Point    int     `json:"point"`    // which sweep point, from 0
	At       float64 `json:"at"`       // the swept parameter's value; 0 without a sweep
	Clients  int     `json:"clients"`
	Start    int64   `json:"start"`   // first operation may start
	Measure  int64   `json:"measure"` // end of the warm-up
	Stop     int64   `json:"stop"`    // no operation starts after this
	End      int64   `json:"end"`     // drained, final reads done; 0 in the first record

	// NotStarted counts intended operations of an open model that had not
	// started when the block ended.
	NotStarted int `json:"not_started,omitempty"`
	// Wire counts requests that were written to connections, by the transport's own count.
	Wire int64 `json:"wire,omitempty"`
	// TargetSaw counts requests that the target says it received; -1 when it does not tell.
	TargetSaw int64 `json:"target_saw,omitempty"`
}

// Sample is the state of the load generator at one moment.
type Sample struct {
	At         int64 `json:"at"`
	Block      int   `json:"block"`
	CPU        int64 `json:"cpu_ns"`      // user + system time of the process so far
	GCPause    int64 `json:"gc_pause_ns"` // total so far
	RSS        int64 `json:"rss_bytes"`
	Goroutines int   `json:"goroutines"`
	// TargetCPU is the CPU time of the target's process so far, when it is ours; 0 else.
	TargetCPU int64 `json:"target_cpu_ns,omitempty"`
}

// Event is something that happened to the run as a whole.
type Event struct {
	At    int64             `json:"at"`
	Until int64             `json:"until,omitempty"` // end of a window; 0 for a moment
	Block int               `json:"block"`
	Name  string            `json:"name"` // fault, interrupt, target, warning, end ...
	Note  string            `json:"note,omitempty"`
	Attrs map[string]string `json:"attrs,omitempty"`
	// Fault accounting, for events named "fault".
	Fault *FaultCount `json:"fault,omitempty"`
}

// FaultCount says how often a fault was to happen, was done, and had an effect.
type FaultCount struct {
	Kind      string `json:"kind"`
	Strategy  int    `json:"strategy"`
	Planned   int64  `json:"planned"`
	Injected  int64  `json:"injected"`
	Effective int64  `json:"effective"`
	Min       int64  `json:"min"` // fewer effective ones leave the run not exercised
}

// Header is the first record of a history: all that a report needs to know
// besides what happened.
type Header struct {
	Schema     int         `json:"schema"`
	RecordedBy string      `json:"recorded_by"`    // tussle's version
	Mode       string      `json:"mode,omitempty"` // "" is a run; [ModeProbe]
	Run        string      `json:"run"`            // id, used in keys
	Start      time.Time   `json:"start"`          // wall clock at offset 0
	Command    []string    `json:"command"`        // secrets masked
	Plan       Plan        `json:"plan"`
	Machine    Environment `json:"machine"`
	Target     TargetInfo  `json:"target"`
}

// Environment describes the machine that generated the load.
type Environment struct {
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	CPUs   int    `json:"cpus"`
	CPU    string `json:"cpu,omitempty"`
	Go     string `json:"go"`
	Kernel string `json:"kernel,omitempty"`
}

// TargetInfo describes what was run against; the URL carries no credentials.
type TargetInfo struct {
	Use     string            `json:"use,omitempty"` // built-in target
	URL     string            `json:"url"`
	Command []string          `json:"command,omitempty"`
	Version string            `json:"version,omitempty"` // Server header of the preflight
	Options map[string]string `json:"options,omitempty"`

	// Identities are the headers that clients send besides their steps'; client
	// i has those of identity i mod n.
	Identities [][]PlanField `json:"identities,omitempty"`
	// CA, Cert and Key are files of a TLS client.
	CA   string `json:"ca,omitempty"`
	Cert string `json:"cert,omitempty"`
	Key  string `json:"key,omitempty"`

	Sign *PlanSign `json:"sign,omitempty"` // nil: requests are not signed
}

// PlanSign says how requests are signed, as far as whoever repeats one has to know.
type PlanSign struct {
	Kind    string `json:"kind"` // sigv4, azure-shared-key, hmac, command
	Region  string `json:"region,omitempty"`
	Service string `json:"service,omitempty"`
	Key     string `json:"key,omitempty"`    // environment variable of the key's name
	Secret  string `json:"secret,omitempty"` // environment variable of the key
}

// Plan is the scenario as it was run, defaults filled in.
type Plan struct {
	Scenario    string          `json:"scenario"` // name
	Description string          `json:"description,omitempty"`
	File        string          `json:"file,omitempty"`
	Text        string          `json:"text"` // the TOML as written
	SHA256      string          `json:"sha256"`
	Overrides   []string        `json:"overrides,omitempty"` // --set and flags
	Seed        uint64          `json:"seed"`
	Workload    PlanWorkload    `json:"workload"`
	Load        PlanLoad        `json:"load"`
	Strategies  []PlanStrategy  `json:"strategies"`
	Thresholds  []PlanThreshold `json:"thresholds,omitempty"`
	Faults      []PlanFault     `json:"faults,omitempty"`
	Sweep       *PlanSweep      `json:"sweep,omitempty"`

	Operations   []PlanOperation   `json:"operations,omitempty"`
	Observations []PlanObservation `json:"observations,omitempty"`
	Invariants   []PlanInvariant   `json:"invariants,omitempty"`
}

// PlanOperation is an operation of the user's own.
type PlanOperation struct {
	Name     string   `json:"name"`
	Captures []string `json:"captures,omitempty"`
}

// PlanObservation is what is read to judge invariants.
type PlanObservation struct {
	Name     string   `json:"name"`
	Captures []string `json:"captures,omitempty"`
	Items    bool     `json:"items,omitempty"`  // a list of items
	Beside   bool     `json:"beside,omitempty"` // also while operations run
	Lag      int64    `json:"lag_ns,omitempty"` // how old its answer may be
}

// PlanInvariant is what must be true, in the language of history/expr.
type PlanInvariant struct {
	Name string `json:"name"`
	Expr string `json:"expr"`
	All  bool   `json:"all,omitempty"` // over all keys of a block
}

// PlanWorkload says what was wanted. Durations are texts as in the scenario.
type PlanWorkload struct {
	Kind      string  `json:"kind"`
	Keys      int     `json:"keys"`
	Skew      string  `json:"skew"`
	Think     string  `json:"think"`
	Pause     string  `json:"pause"`
	ReadShare float64 `json:"read_share"`
	Initial   int64   `json:"initial"` // value that set-up gives each key
	// Floor and Ceiling bound a counter or account, where the workload has such bounds.
	Floor   *int64 `json:"floor,omitempty"`
	Ceiling *int64 `json:"ceiling,omitempty"`
}

// PlanLoad says how hard and how long. Times in ns.
type PlanLoad struct {
	Clients  int    `json:"clients"`
	Rate     string `json:"rate,omitempty"`
	Burst    string `json:"burst,omitempty"`
	Duration int64  `json:"duration_ns"`
	Warmup   int64  `json:"warmup_ns"`
	Repeat   int    `json:"repeat"`
}

// PlanStrategy is one strategy under comparison.
type PlanStrategy struct {
	Name         string            `json:"name"`
	Locking      string            `json:"locking"`          // optimistic, pessimistic, server-side, none
	Inside       string            `json:"inside,omitempty"` // of server-side: optimistic, pessimistic, or not known
	Dialect      string            `json:"dialect"`
	Retry        string            `json:"retry"`                   // the policy in words
	RetryDefault bool              `json:"retry_default,omitempty"` // the scenario says nothing of its waits
	Promises     []string          `json:"promises"`
	Identify     string            `json:"identify"` // tag, version, value, none
	Fencing      bool              `json:"fencing,omitempty"`
	LeaseTTL     int64             `json:"lease_ttl_ns,omitempty"` // shortest ttl asked for; 0 when locks do not expire
	Options      map[string]string `json:"options,omitempty"`
	// Rejects are the statuses, from and to, that a rule of the scenario or of
	// the dialect calls rejected: such answers are expected.
	Rejects [][2]int `json:"rejects,omitempty"`
	// CreatesTold says that a 2xx answer to a create means that it made the
	// object: its request demands that there is none, or a rule of the scenario
	// picks out the answers that hand out what was there.
	CreatesTold bool `json:"creates_told,omitempty"`
	// Requests says how each step is spoken, by its name.
	Requests map[string]PlanRequest `json:"requests,omitempty"`
}

// PlanThreshold is a limit on a figure of report.json.
type PlanThreshold struct {
	Strategy string `json:"strategy"`
	Metric   string `json:"metric"`
	Limit    string `json:"limit"`
}

// PlanFault is one fault as planned.
type PlanFault struct {
	Kind  string            `json:"kind"`
	Share float64           `json:"share,omitempty"`
	Count int               `json:"count,omitempty"`
	From  int64             `json:"from_ns,omitempty"`
	For   int64             `json:"for_ns,omitempty"`
	Every int64             `json:"every_ns,omitempty"`
	Min   int64             `json:"min_effective"`
	Args  map[string]string `json:"args,omitempty"`
}

// PlanSweep names the swept parameter and its values.
type PlanSweep struct {
	Parameter string    `json:"parameter"`
	Values    []float64 `json:"values"`
	Labels    []string  `json:"labels"`
}

// Record is one line of a history, whichever kind it is. Only the member that
// Kind names is valid; the others keep what they held before.
type Record struct {
	Kind      Kind
	Line      int64 // from 1
	Header    Header
	Block     Block
	Request   Request
	Operation Operation
	Sample    Sample
	Event     Event
	Pair      *Pair
	Order     *Order
}

// line is how records other than requests and operations look in the file.
type line struct {
	Type Kind `json:"type"`
}

func marshalLine(kind Kind, v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	head, err := json.Marshal(line{kind})
	if err != nil {
		return nil, err
	}
	out := append(head[:len(head)-1], ',')
	return append(append(out, body[1:]...), '\n'), nil
}
