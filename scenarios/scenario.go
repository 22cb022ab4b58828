package scenarios

import "time"

// Scenario is one scenario file, decoded and checked, with defaults filled
// in. Its fields follow the file; docs/scenario.md is generated from them.
type Scenario struct {
	Name        string       `toml:"name"`             // what reports call it; the file's base name by default
	Description string       `toml:"description"`      // the question that it answers
	Seed        uint64       `toml:"seed" default:"1"` // every random draw is a function of it; 1 by default
	Target      Target       `toml:"target"`           // what is run against
	Workload    Workload     `toml:"workload"`         // what is wanted
	Load        LoadPlan     `toml:"load"`             // how hard, how long
	Strategies  []Strategy   `toml:"strategy"`         // what is compared
	Sweep       Sweep        `toml:"sweep"`            // only with --sweep
	Faults      []Fault      `toml:"fault"`            // what goes wrong, when
	Background  []Background `toml:"background"`       // plain reads beside the load
	Thresholds  []Threshold  `toml:"threshold"`        // limits that fail the run

	// Set by the loader, not by the file.
	File      string   `toml:"-"` // path or gallery name
	Text      string   `toml:"-"` // the file as written
	SHA256    string   `toml:"-"` // hex digest of Text
	Overrides []string `toml:"-"` // --set and flags that changed it
	SweepOn   bool     `toml:"-"` // --sweep was given

	origins *origins // where each value comes from; nil unless loaded
}

// Target says what is run against: a built-in target, or the user's own API.
type Target struct {
	Use       string            `toml:"use" enum:"memory,sql,webdav"` // built-in target: memory, sql, webdav
	Options   map[string]string `toml:"options"`                      // of a built-in target: scheme, engine, pool, defect ...
	URL       string            `toml:"url" as:"url"`                 // base URL of the user's API
	ReadURL   string            `toml:"read_url" as:"url"`            // reads go here instead (a replica)
	Command   []string          `toml:"command"`                      // started, awaited and stopped by tussle; its output is kept
	Dir       string            `toml:"dir"`                          // working directory of command, relative to the file
	Env       map[string]string `toml:"env"`                          // added to command's environment
	Ready     Ready             `toml:"ready"`                        // how to tell that it is up
	Identity  []Identity        `toml:"identity"`                     // client i uses identity i mod n
	Login     Login             `toml:"login"`                        // a request that yields a token, per identity
	Timeout   Duration          `toml:"timeout" default:"10s"`        // of one request; 10s by default
	TLS       TLS               `toml:"tls"`
	Gzip      bool              `toml:"gzip"`    // ask for gzip (default: identity)
	Headers   map[string]Text   `toml:"headers"` // sent with every request
	Steps                       // read, write, lock ... as the API speaks them
	Identify  Identify          `toml:"identify"`
	Outcomes  []Outcome         `toml:"outcome"`                                         // ordered; the first that matches wins
	LockOrder string            `toml:"lock_order" enum:"sorted,given" default:"sorted"` // two-key workloads: sorted (default) or given
}

// Steps holds one table for each step that can be spoken.
type Steps struct {
	Setup    *Step `toml:"setup"`    // per key, strategy and block, before the load
	Reset    *Step `toml:"reset"`    // per key and block, instead of a new set-up
	Teardown *Step `toml:"teardown"` // per key, after the block
	Read     *Step `toml:"read"`
	Write    *Step `toml:"write"`
	Create   *Step `toml:"create"`
	Delete   *Step `toml:"delete"`
	Add      *Step `toml:"add"`    // server-side: {amount} is added
	Append   *Step `toml:"append"` // server-side: {value} is appended
	List     *Step `toml:"list"`
	Transfer *Step `toml:"transfer"` // {from}, {to}, {amount}
	Lock     *Step `toml:"lock"`
	Unlock   *Step `toml:"unlock"`
	Refresh  *Step `toml:"refresh"` // prolongs a lock
}

// Step is how one step is spoken in HTTP. Texts are templates: {key},
// {value}, {version}, {tag}, {lock}, {fence} ... with filters, {key:base64}.
// A header, query parameter or body member that is exactly one unset variable
// is left out.
type Step struct {
	Request string            `toml:"request" as:"request"` // "PUT /articles/{key}"
	Headers map[string]Text   `toml:"headers"`
	Query   map[string]string `toml:"query" as:"template"`
	Body    any               `toml:"body" as:"template"` // a text, or a table that is sent as JSON
	Set     map[string]any    `toml:"set" as:"template"`  // JSON paths changed in a body that is "{read.body}"
	Unset   []string          `toml:"unset"`              // JSON paths removed from it
	TTL     Duration          `toml:"ttl"`                // lock: how long it is asked for; {ttl}, {ttl:seconds}, {ttl:ms}
	Wait    Duration          `toml:"wait"`               // lock: how long the server may let us wait; {wait}, {wait:ms}
	Timeout Duration          `toml:"timeout"`

	// Captures: json:PATH | header:NAME | body | xml:NAME | status ; ":base64" decodes.
	Value   string            `toml:"value" as:"capture"`
	Version string            `toml:"version" as:"capture"`
	Tag     string            `toml:"tag" as:"capture"`
	Token   string            `toml:"token" as:"capture"`   // lock: gives {lock}; login: gives {token}
	Fence   string            `toml:"fence" as:"capture"`   // lock: gives {fence}
	Key     string            `toml:"key" as:"capture"`     // setup, create: an id that the server assigns
	Capture map[string]string `toml:"capture" as:"capture"` // further names for later steps of the attempt
	Absent  []int             `toml:"absent"`               // read: statuses that say "there is none"; 404, 410 by default
}

// Text is a template, or a secret from the environment.
type Text struct {
	Template string // "{version}" or a fixed text
	Env      string // name of an environment variable
	Prefix   string // put before the variable's value
}

// Ready says how to tell that a started target is up.
type Ready struct {
	Request string   `toml:"request" as:"request"` // answered with 2xx when it is ready
	Within  Duration `toml:"within" default:"30s"` // 30s by default
}

// Identity is one set of headers that clients present.
type Identity struct {
	Name    string          `toml:"name"`
	Headers map[string]Text `toml:"headers"`
	Vars    map[string]Text `toml:"vars"` // {name} in the login's body
}

// Login is a request that yields a token; it is repeated after a 401.
type Login struct {
	Request string          `toml:"request" as:"request"`
	Headers map[string]Text `toml:"headers"`
	Body    any             `toml:"body" as:"template"`
	Token   string          `toml:"token" as:"capture"` // capture
	Header  string          `toml:"header"`             // Authorization by default
	Prefix  string          `toml:"prefix"`             // "Bearer " by default
}

// TLS holds files, relative to the scenario.
type TLS struct {
	CA   string `toml:"ca"`
	Cert string `toml:"cert"`
	Key  string `toml:"key"`
	Name string `toml:"server_name"`
}

// Identify says how a read tells which write it saw.
type Identify struct {
	By  string `toml:"by" enum:"tag,version,value,none"` // tag, version, value, none
	Tag string `toml:"tag" as:"capture"`                 // capture that finds the tag in a read
}

// Outcome is a rule that sets class and, where stated, effect and action.
// All stated conditions must hold.
type Outcome struct {
	Step   StringList `toml:"step"`   // any step when empty
	Status StatusList `toml:"status"` // any status when empty: 409 | "4xx" | "500-503" | [409, 412]
	Header *Match     `toml:"header"`
	JSON   *Match     `toml:"json"`
	XML    *Match     `toml:"xml"`
	Body   *Match     `toml:"body"`
	Items  *Items     `toml:"items"` // per-item arrays

	Class  string `toml:"class" enum:"ok,stale,exists,locked,dependency,serialization,precondition-required,throttled,redirect,rejected,server-error,timeout,transport"`
	Effect string `toml:"effect" enum:"applied,refused,unknown"`         // applied, refused, unknown; by status when empty
	Action string `toml:"action" enum:"reread,retry,wait,refresh,never"` // reread, retry, wait, refresh, never; by class when empty
}

// Match is a condition on one text of the answer.
type Match struct {
	Name   string `toml:"name"` // header name, XML element
	Path   string `toml:"path"` // JSON path (gjson)
	Equals any    `toml:"equals"`
	Regex  string `toml:"regex" as:"regex"`
	Suffix string `toml:"suffix"`
	Exists *bool  `toml:"exists"`
	Absent *bool  `toml:"absent"`
}

// Items is a condition on the members of an array in a JSON answer.
type Items struct {
	Path   string `toml:"path"`                               // the array
	Field  string `toml:"field"`                              // within an item
	Equals any    `toml:"equals"`                             //
	Match  string `toml:"match" enum:"any,all" default:"any"` // any (default), all
}

// Workload says what clients want.
type Workload struct {
	Kind      string  `toml:"kind" enum:"counter,register,append,create-once,lifecycle,parent-child,transfer,pair,lease"` // counter, register, append, create-once, lifecycle, parent-child, transfer, pair, lease
	Keys      int     `toml:"keys" min:"1" max:"1000000"`                                                                 // 1 by default
	Skew      Skew    `toml:"skew" default:"uniform"`                                                                     // uniform by default
	Think     Spread  `toml:"think"`                                                                                      // between read and write; 0 by default
	Pause     Spread  `toml:"pause"`                                                                                      // between operations; 0 by default
	ReadShare float64 `toml:"read_share" as:"share"`                                                                      // plain reads mixed in, 0 to 1
	Initial   int64   `toml:"initial"`                                                                                    // value that set-up gives each key
	Amount    int64   `toml:"amount"`                                                                                     // counter: added by each operation, 1 by default; transfer: at most moved
	Floor     *int64  `toml:"floor"`                                                                                      // a value below it breaks a promise
	Ceiling   *int64  `toml:"ceiling"`                                                                                    // a value above it breaks a promise
	Hold      Spread  `toml:"hold"`                                                                                       // lease: time between lock and unlock
}

// LoadPlan says how hard and how long: the [load] table.
type LoadPlan struct {
	Clients  int      `toml:"clients" min:"1" max:"10000" default:"8"` // 8 by default
	Rate     string   `toml:"rate" as:"rate"`                          // open model
	Burst    string   `toml:"burst" enum:"barrier,last-byte"`          // barrier, last-byte
	Duration Duration `toml:"duration" default:"1s"`                   // of one block; 1s by default
	Warmup   Duration `toml:"warmup"`                                  // recorded and checked, not measured; a fifth of the duration by default
	Repeat   int      `toml:"repeat" min:"1" max:"10000" default:"6"`  // blocks of each strategy; 6 by default
	Drain    Duration `toml:"drain" default:"10s"`                     // how long running operations may take after a block's end; 10s by default
}

// Strategy is one column of the comparison.
type Strategy struct {
	Name           string            `toml:"name"`
	Locking        string            `toml:"locking" enum:"optimistic,pessimistic,server-side,none"` // optimistic, pessimistic, server-side, none
	Dialect        string            `toml:"dialect"`                                                // built-in: etag, version-field, lease, plain ...
	Retry          Retry             `toml:"retry"`
	Promises       []string          `toml:"promises"` // properties judged; by locking when absent
	Target         map[string]string `toml:"target"`   // options of a built-in target: scheme, pool ...
	IdempotencyKey bool              `toml:"idempotency_key"`
	Steps                            // overrides of single steps

	// Speaks holds the effective steps: the dialect's, overridden by the
	// target's, overridden by the strategy's. Set by the loader.
	Speaks   map[string]Step `toml:"-"`
	Outcomes []Outcome       `toml:"-"` // the target's, then the dialect's
	Identify Identify        `toml:"-"`
}

// Retry says when an operation that conflicted is tried again.
type Retry struct {
	Policy   string   `toml:"policy" enum:"none,fixed,exponential,full-jitter,equal-jitter,decorrelated,client-go-retry,client-go-backoff,budget" default:"full-jitter"` // none, fixed, exponential, full-jitter, equal-jitter, decorrelated, client-go-retry, client-go-backoff, budget
	Base     Duration `toml:"base"`
	Cap      Duration `toml:"cap"`
	Factor   float64  `toml:"factor"`
	Attempts int      `toml:"attempts" min:"1" max:"1000000"` // at most; 100 by default
	Ratio    float64  `toml:"ratio" as:"share"`               // budget: tokens that a success deposits
	Respect  *bool    `toml:"retry_after"`                    // obey Retry-After; true by default
}

// Sweep draws the curves. At most one parameter is set.
type Sweep struct {
	Clients []int    `toml:"clients"`
	Keys    []int    `toml:"keys"`
	Skew    []Skew   `toml:"skew"`
	Think   []Spread `toml:"think"`
	Rate    []string `toml:"rate"`
}

// Fault is something that goes wrong on purpose.
type Fault struct {
	Kind       string   `toml:"kind"`
	Share      float64  `toml:"share" as:"share"` // of the requests that it fits
	Count      int      `toml:"count" min:"1"`    // at most, per strategy
	From       Duration `toml:"from"`             // within each block
	For        Duration `toml:"for"`
	Every      Duration `toml:"every"`
	Step       string   `toml:"step"` // only requests of this step
	Delay      Duration `toml:"delay"`
	Bytes      int      `toml:"bytes" min:"0"`
	Strategies []string `toml:"strategies"`    // all when empty
	Min        *int64   `toml:"min_effective"` // fewer leave the run not-exercised; 1 by default
}

// Background is plain traffic beside the load, made by vegeta's attacker.
type Background struct {
	Rate    string `toml:"rate" as:"rate"`
	Request string `toml:"request" as:"request"`
}

// Threshold is a limit on one figure of report.json.
type Threshold struct {
	Strategy string `toml:"strategy"`         // every strategy when empty
	Metric   string `toml:"metric"`           // a path: abandon_rate, time_to_commit_ms.p99
	Limit    string `toml:"limit" as:"limit"` // "< 1%", ">= 100", "< 50ms"
}

// Spread is a distribution of durations: "2ms", "uniform(1ms, 3ms)", "exp(2ms)".
type Spread struct {
	Kind string        // fixed, uniform, exp; "" is fixed 0
	A, B time.Duration // fixed: A; uniform: from A to B; exp: mean A
	Text string        // as written
}

// Skew is how operations choose keys.
type Skew struct {
	Kind string  // uniform, zipf, hotspot, single; "" is uniform
	A, B float64 // zipf: A = theta; hotspot: A = share of keys, B = share of traffic
	Text string
}

// Duration is a text such as "250ms"; a bare number is refused.
type Duration time.Duration

// StringList is one text or a list of texts.
type StringList []string

// StatusList is a set of statuses: single ones and ranges, both ends included.
type StatusList []StatusRange

// StatusRange is From to To, both included.
type StatusRange struct{ From, To int }
