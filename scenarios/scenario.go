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
	Operations  []Operation  `toml:"operation"`        // what is wanted, where no workload says it
	Observes    []Observe    `toml:"observe"`          // what is read to judge invariants
	Invariants  []Invariant  `toml:"invariant"`        // what must be true of operations
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
	Warnings  Problems `toml:"-"` // what is allowed and most likely not meant

	origins *origins // where each value comes from; nil unless loaded
}

// Target says what is run against: a built-in target, or the user's own API.
type Target struct {
	Use       string            `toml:"use" enum:"memory,sql,webdav"` // built-in target, started by tussle as a process of its own
	Options   map[string]string `toml:"options"`                      // of a built-in target: scheme, engine, pool, defect ...
	URL       string            `toml:"url" as:"url"`                 // base URL of the user's API
	ReadURL   string            `toml:"read_url" as:"url"`            // reads go here instead (a replica)
	Command   []string          `toml:"command"`                      // started, awaited and stopped by tussle; its output is kept
	Dir       string            `toml:"dir"`                          // working directory of command, relative to the file; the file's folder by default
	Env       map[string]string `toml:"env"`                          // added to command's environment
	Ready     Ready             `toml:"ready"`                        // how to tell that it is up
	Store     Store             `toml:"store"`                        // the database behind it, for tussle explore
	Identity  []Identity        `toml:"identity"`                     // client i uses identity i mod n
	Login     Login             `toml:"login"`                        // a request that yields a token, per identity
	Timeout   Duration          `toml:"timeout" default:"10s"`        // of one request; 10s by default
	Join      Join              `toml:"join"`                         // once per client, before its first operation: a session, a member; what it captures is there for all its steps
	Sign      Sign              `toml:"sign"`                         // how every request is signed
	Cookies   *bool             `toml:"cookies"`                      // obey Set-Cookie, with a jar for each client; true by default
	TLS       TLS               `toml:"tls"`                          // of an https URL
	Gzip      bool              `toml:"gzip"`                         // ask for gzip (default: identity)
	Headers   map[string]Text   `toml:"headers"`                      // sent with every request
	Steps                       // read, write, lock ... as the API speaks them
	Identify  Identify          `toml:"identify"`                                        // how a read tells which write it saw
	Outcomes  []Outcome         `toml:"outcome"`                                         // ordered; the first that matches wins
	LockOrder string            `toml:"lock_order" enum:"sorted,given" default:"sorted"` // in which order two keys are locked: sorted, or as the operation names them
}

// Steps holds one table for each step that can be spoken.
type Steps struct {
	Prepare  *Step `toml:"prepare"`  // once per run, before everything else: a folder, a project; what it captures is there for all later steps
	Setup    *Step `toml:"setup"`    // per key, strategy and block, before the load
	Reset    *Step `toml:"reset"`    // per key and block, instead of a new set-up
	Teardown *Step `toml:"teardown"` // per key, after the block
	Read     *Step `toml:"read"`     // gives {version} and the value
	Write    *Step `toml:"write"`    // changes what was read
	Create   *Step `toml:"create"`   // of a key that must not be there; with parent-child of {name} below {parent}
	Delete   *Step `toml:"delete"`   // of {key}
	Add      *Step `toml:"add"`      // server-side: {amount} is added
	Append   *Step `toml:"append"`   // server-side: {value} is appended
	List     *Step `toml:"list"`     // parent-child: the children of {key}, as a JSON array; transfer: all balances at one instant
	Transfer *Step `toml:"transfer"` // server-side: moves {amount} from {from} to {to}
	Lock     *Step `toml:"lock"`     // gives {lock} and {fence}
	Unlock   *Step `toml:"unlock"`   // gives the lock back
}

// Step is how one step is spoken in HTTP. Texts are templates: {key},
// {value}, {version}, {tag}, {lock}, {fence} ... with filters, {key:base64}.
// A header, query parameter or body member that is exactly one unset variable
// is left out.
type Step struct {
	Request string          `toml:"request" as:"request"`    // "PUT /articles/{key}"
	Like    string          `toml:"like"`                    // another step of the same table: request, headers, query and body are its own where this one says nothing
	Headers map[string]Text `toml:"headers"`                 // by name; an empty text removes one that the dialect has
	Query   map[string]Text `toml:"query" as:"template"`     // parameters of the URL
	Body    any             `toml:"body" as:"template"`      // a text, or a table or list that is sent as JSON
	Form    map[string]any  `toml:"form" as:"template"`      // instead of a body: the fields of a form, URL-encoded; a list repeats its field, and one that is exactly one unset variable is left out
	Parts   map[string]any  `toml:"multipart" as:"template"` // the same as multipart/form-data; { file = "a.txt", type = "text/plain", content = "{value}" } is a file
	Set     map[string]any  `toml:"set" as:"template"`       // JSON paths changed in a body that is "{read.body}"; { env = "NAME" } for secrets
	Unset   []string        `toml:"unset"`                   // JSON paths removed from it
	TTL     Duration        `toml:"ttl"`                     // lock: how long it is asked for; {ttl}, {ttl:seconds}, {ttl:ms}
	Wait    Duration        `toml:"wait"`                    // lock: how long the server may let us wait; {wait}, {wait:ms}
	Timeout Duration        `toml:"timeout"`                 // of this request, instead of the target's
	Follow  bool            `toml:"follow"`                  // of operations, observations, login and join: go where a redirect leads, within the target
	Choose  string          `toml:"choose" as:"template"`    // lock: the token, where the client chooses it, such as "{uuid}"; gives {lock}, in the lock step too

	// Captures: json:PATH | header:NAME | cookie:NAME | input:NAME | meta:NAME | xml:NAME | regex:PATTERN | body | status ; ":base64" decodes.
	Value   string            `toml:"value" as:"capture"`   // the value under test: a number, a text, a list
	Version string            `toml:"version" as:"capture"` // what names this state: an ETag, a version field
	Tag     string            `toml:"tag" as:"capture"`     // identity of the write that made this state
	Token   string            `toml:"token" as:"capture"`   // lock: gives {lock}; login: gives {token}
	Fence   string            `toml:"fence" as:"capture"`   // lock: gives {fence}
	Key     string            `toml:"key" as:"capture"`     // setup, create: an id that the server assigns
	Capture map[string]string `toml:"capture" as:"capture"` // further names for later steps of the attempt
	Granted string            `toml:"granted" as:"capture"` // lock: for how long the answer grants it: "300ms", Second-30, a number with its unit as in json:ttl_ms:ms; leases are judged by it
	Want    Expectation       `toml:"-"`                    // of an operation's step: what an accepted answer must say
	Until   Expectation       `toml:"-"`                    // of an operation's step: what ends its being sent again
	Items   map[string]string `toml:"-"`                    // of an observation of items: captures within each
	Next    string            `toml:"-"`                    // of an observation of items: what the next page is asked for by
	Absent  Absence           `toml:"absent"`               // read: answers that say "there is none": statuses, and what a 2xx answer says, { json = "deleted", equals = true }; one or a list; 404, 410 by default
}

// Absence lists the answers to a read that say that there is no such resource.
type Absence []Absent

// Absent is one of them: a status (a 2xx says so by lacking every capture), or
// what a 2xx answer says, whose stated conditions must all hold.
type Absent struct {
	Status int     `toml:"-"`
	JSON   string  `toml:"json"`   // a JSON path; "@this" is the whole document
	Equals any     `toml:"equals"` // what stands there: true, "gone", an empty list []
	Exists *bool   `toml:"exists"` // false: nothing stands there, or null
	Body   *string `toml:"body"`   // the whole body, without blanks around it: "" is an empty one
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
	Within  Duration `toml:"within" default:"30s"` // how long it may take; 30s by default
}

// Store is the database behind a target. A relay stands between the two while
// tussle explores.
type Store struct {
	Kind    string   `toml:"kind" enum:"postgres,mariadb,mysql"` // what it speaks; mysql and mariadb are the same here
	URL     Text     `toml:"url"`                                // its address, such as { env = "DATABASE_URL" }; "throwaway": one that tussle starts, and removes again
	Give    string   `toml:"give"`                               // environment variable in which command is told the relay's address
	Listen  string   `toml:"listen"`                             // where the relay listens, for a target that runs already: "127.0.0.1:6543"; any free port by default
	Prepare []string `toml:"prepare"`                            // a command that makes tables and rows, run before the target starts, with the same variable
}

// Identity is one set of headers that clients present.
type Identity struct {
	Name    string          `toml:"name"`    // for messages
	Headers map[string]Text `toml:"headers"` // sent with every request of this identity
	Vars    map[string]Text `toml:"vars"`    // {name} in every template; all identities have the same names
}

// Login is a request that yields a token; it is repeated after a 401.
type Login struct {
	Request string          `toml:"request" as:"request"` // "POST /login"
	Headers map[string]Text `toml:"headers"`              // sent with it
	Body    any             `toml:"body" as:"template"`   // a text, or a table that is sent as JSON; { env = "NAME" } for secrets
	Form    map[string]any  `toml:"form" as:"template"`   // instead of a body: the fields of a form; { env = "NAME" } for secrets
	Steps   []Step          `toml:"step"`                 // requests before it, such as for the page with the form; what they capture is there for the later ones
	Follow  bool            `toml:"follow"`               // go where a redirect leads, within the target
	Token   string          `toml:"token" as:"capture"`   // capture that finds the token; gives {token}. A "cookie:NAME" needs no header: each client of the identity gets the cookies
	Header  string          `toml:"header"`               // that carries the token; Authorization by default
	Prefix  string          `toml:"prefix"`               // put before the token; "Bearer " by default
}

// Join is what each client does once, before its first operation, with its own
// cookies: one request, or several steps.
type Join struct {
	Step
	Steps []Step `toml:"step"` // instead of one request: several, in order; what they capture is there for the later ones
}

// List is its steps, in order.
func (j *Join) List() []Step {
	if j.Request != "" {
		return append([]Step{j.Step}, j.Steps...)
	}
	return j.Steps
}

// Sign says how requests are signed, when nothing of them changes any more.
type Sign struct {
	Kind    string `toml:"kind" enum:"sigv4,azure-shared-key,hmac,command"` // sigv4 (AWS and what speaks like S3), azure-shared-key, hmac over a text of your own, or a command
	Key     Text   `toml:"key"`                                             // sigv4, hmac: the name of the key
	Secret  Text   `toml:"secret"`                                          // the key itself: { env = "NAME" }
	Session Text   `toml:"session"`                                         // sigv4: token of a session
	Region  string `toml:"region" default:"us-east-1"`                      // sigv4
	Service string `toml:"service" default:"s3"`                            // sigv4: s3, dynamodb, execute-api ...
	Account string `toml:"account"`                                         // azure-shared-key

	Text       string `toml:"text" as:"template"`                                   // hmac: what is signed: {method}, {target}, {path}, {query}, {host}, {date}, {key}, {content_type}, {body}, {body_sha256} (hex), {body_md5} (base64), {header.NAME}
	Value      string `toml:"value" as:"template" default:"HMAC {key}:{signature}"` // hmac: what the header says
	Header     string `toml:"header" default:"Authorization"`                       // hmac: that carries it
	Date       string `toml:"date" enum:"http,iso,unix,millis" default:"http"`      // hmac: how the time is written
	DateHeader string `toml:"date_header" default:"Date"`                           // hmac: that carries it
	Algorithm  string `toml:"algorithm" enum:"sha1,sha256,sha512" default:"sha256"` // hmac
	Encoding   string `toml:"encoding" enum:"base64,hex" default:"base64"`          // hmac: of the signature

	Command []string `toml:"command"` // command: reads one request a line, {"method", "url", "headers", "body" in base64, "time"}, and writes one JSON object of headers a line

	Dir string `toml:"-"` // where command starts: the scenario's folder
}

// SignVariables are what an hmac may sign.
var SignVariables = []string{"method", "target", "path", "query", "host", "date", "key", "content_type", "body", "body_sha256", "body_md5", "header.NAME"}

// TLS holds files, relative to the scenario.
type TLS struct {
	CA   string `toml:"ca"`          // certificates to trust, PEM
	Cert string `toml:"cert"`        // client certificate, PEM
	Key  string `toml:"key"`         // its key, PEM
	Name string `toml:"server_name"` // name to expect in the server's certificate
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

	Class  string `toml:"class" enum:"ok,stale,exists,locked,dependency,serialization,precondition-required,throttled,redirect,rejected,server-error,timeout,transport,unreadable"` // ok and the conflicts stale, exists, locked, dependency, serialization; and the others
	Effect string `toml:"effect" enum:"applied,refused,unknown"`                                                                                                                    // applied, refused, unknown; by status when empty
	Action string `toml:"action" enum:"reread,retry,never"`                                                                                                                         // what follows a refusal: reread (locks given back, a new attempt), retry (the same request again, locks kept), never (give up); by class when empty
}

// Match is a condition on one text of the answer.
type Match struct {
	Name   string `toml:"name"`             // header name, XML element
	Path   string `toml:"path"`             // JSON path (gjson)
	Equals any    `toml:"equals"`           // a text, a number, true or false
	Regex  string `toml:"regex" as:"regex"` // found anywhere in the text (RE2)
	Suffix string `toml:"suffix"`           // the text ends with it
	Exists *bool  `toml:"exists"`           // true: it is there, whatever it says
	Absent *bool  `toml:"absent"`           // true: it is not there
}

// Items is a condition on the members of an array in a JSON answer.
type Items struct {
	Path   string `toml:"path"`                               // the array
	Field  string `toml:"field"`                              // within an item
	Equals any    `toml:"equals"`                             // what the field is
	Match  string `toml:"match" enum:"any,all" default:"any"` // any: one item is enough
}

// Workload says what clients want.
type Workload struct {
	Kind      string      `toml:"kind" enum:"counter,register,append,create-once,lifecycle,parent-child,transfer,pair,lease"` // what every operation wants
	Keys      int         `toml:"keys" min:"1" max:"1000000"`                                                                 // resources; 1 by default, 8 for transfer, 2 for pair, 400 for create-once and parent-child, which use them up
	Skew      Skew        `toml:"skew" default:"uniform"`                                                                     // which keys are wanted most
	Think     Spread      `toml:"think"`                                                                                      // between read and write; 0 by default
	Pause     Spread      `toml:"pause"`                                                                                      // between operations; 0 by default
	ReadShare float64     `toml:"read_share" as:"share"`                                                                      // plain reads mixed in, 0 to 1
	Initial   int64       `toml:"initial"`                                                                                    // value that set-up gives each key; 0 by default, 100 for transfer, 1 for pair
	Amount    int64       `toml:"amount"`                                                                                     // counter: added by each operation, 1 by default; transfer: at most moved, 10 by default
	Floor     *int64      `toml:"floor"`                                                                                      // a value below it breaks a promise; 0 by default for transfer
	Ceiling   *int64      `toml:"ceiling"`                                                                                    // a value above it breaks a promise
	Own       []Operation `toml:"-"`                                                                                          // of kind operations
	Hold      Spread      `toml:"hold"`                                                                                       // lease: time between lock and unlock
}

// LoadPlan says how hard and how long: the [load] table.
type LoadPlan struct {
	Clients  int      `toml:"clients" min:"1" max:"10000" default:"8"` // closed: how many work at a time; open: at most so many; 8 by default
	Rate     Rate     `toml:"rate"`                                    // open model: operations arrive at this rate, whether or not others have ended
	Burst    string   `toml:"burst" enum:"barrier,last-byte"`          // barrier: writes of all clients are released at once; last-byte: all but the last byte was sent before
	Duration Duration `toml:"duration" default:"1s"`                   // of one block; 1s by default
	Warmup   Duration `toml:"warmup"`                                  // recorded and checked, not measured; a fifth of the duration by default
	Repeat   int      `toml:"repeat" min:"1" max:"10000" default:"6"`  // blocks of each strategy; 6 by default
	Drain    Duration `toml:"drain" default:"10s"`                     // how long running operations may take after a block's end; 10s by default
}

// Strategy is one column of the comparison.
type Strategy struct {
	Name           string            `toml:"name"`                                                   // in reports; the locking by default
	Locking        string            `toml:"locking" enum:"optimistic,pessimistic,server-side,none"` // optimistic, pessimistic, server-side, none
	Inside         string            `toml:"inside" enum:"optimistic,pessimistic"`                   // what a server-side change does in the server: fail on conflict (optimistic) or wait (pessimistic); by scheme for the sql target
	Dialect        string            `toml:"dialect"`                                                // built-in, such as etag; by target and locking when absent
	Retry          Retry             `toml:"retry"`
	Promises       []string          `toml:"promises"`        // properties judged; by locking when absent
	Target         map[string]string `toml:"target"`          // options of a built-in target: scheme, pool ...
	IdempotencyKey bool              `toml:"idempotency_key"` // send one Idempotency-Key for all attempts of an operation
	Operations     []Operation       `toml:"operation"`       // operations of the scenario that this strategy carries out in other steps, by name
	Steps                            // overrides of single steps

	// Speaks holds the effective steps: the dialect's, overridden by the
	// target's, overridden by the strategy's. Set by the loader.
	Speaks   map[string]Step `toml:"-"`
	Own      []Operation     `toml:"-"` // the scenario's operations as this strategy carries them out
	Outcomes []Outcome       `toml:"-"` // the target's, then the dialect's
	Identify Identify        `toml:"-"`
}

// Retry says when an operation that conflicted is tried again.
type Retry struct {
	Policy   string   `toml:"policy" enum:"none,fixed,exponential,full-jitter,equal-jitter,decorrelated,client-go-retry,client-go-backoff,budget" default:"full-jitter"` // how long to wait before the next attempt; none waits for nothing
	Base     Duration `toml:"base"`                                                                                                                                      // what the waits are made of: fixed waits base each time, exponential base x factor^n after failure n, so that its first wait is base x factor; 2ms by default, 10ms for client-go
	Cap      Duration `toml:"cap"`                                                                                                                                       // longest wait; 200ms by default, 250ms for client-go-backoff
	Factor   float64  `toml:"factor"`                                                                                                                                    // by which the wait grows; 2 by default, 1 for client-go-retry, 5 for client-go-backoff
	Attempts int      `toml:"attempts" min:"1" max:"1000000"`                                                                                                            // at most; 100 by default, 5 for client-go-retry, 4 for client-go-backoff
	Ratio    float64  `toml:"ratio" as:"share"`                                                                                                                          // budget: tokens that a success deposits, 0.1 by default
	Respect  *bool    `toml:"retry_after"`                                                                                                                               // obey Retry-After; true by default
	Unknown  string   `toml:"unknown" enum:"stop,retry" default:"stop"`                                                                                                  // a write whose answer was lost: stop ends the operation as unknown, retry sends it again; stop by default

	// Default is set by the loader: the scenario says nothing of the waits.
	Default bool `toml:"-"`
}

// Sweep draws the curves. At most one parameter is set.
type Sweep struct {
	Clients []int    `toml:"clients"` // values of load.clients
	Keys    []int    `toml:"keys"`    // values of workload.keys
	Skew    []Skew   `toml:"skew"`    // values of workload.skew
	Think   []Spread `toml:"think"`   // values of workload.think
	Rate    []Rate   `toml:"rate"`    // values of load.rate
}

// Fault is something that goes wrong on purpose.
type Fault struct {
	Kind       string   `toml:"kind"`                                // which fault; the list is below
	Share      float64  `toml:"share" as:"share"`                    // of the requests that it fits
	Count      int      `toml:"count" min:"1"`                       // at most, per strategy
	From       Duration `toml:"from"`                                // within each block
	For        Duration `toml:"for"`                                 // length of the window; to the end of the block by default
	Every      Duration `toml:"every"`                               // the window comes again after this time
	Step       string   `toml:"step"`                                // only requests of this step
	Delay      Spread   `toml:"delay"`                               // latency, slow-body, holder-pause, store-delay: how long; reset-after, last-byte: how long after the last byte
	Code       string   `toml:"code" enum:"40001,40P01,55P03,57P01"` // store-error: the SQLSTATE that the store says
	Match      string   `toml:"match"`                               // faults at the store: only statements that this regular expression finds, in any case of letters
	Bytes      int      `toml:"bytes" min:"0"`                       // how many bytes get through before it
	Strategies []string `toml:"strategies"`                          // all when empty
	Min        *int64   `toml:"min_effective"`                       // if fewer faults take effect, the run is reported as not-exercised; 1 by default
}

// Background is plain traffic beside the load, made by vegeta's attacker.
type Background struct {
	Rate    Rate   `toml:"rate"`                 // such as "50/s"
	Request string `toml:"request" as:"request"` // a GET or HEAD request
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

// origins remembers where the values of a loaded scenario come from.
type origins struct {
	doc        *document
	speaks     map[string]string // "0.write.headers.If-Match" -> "dialect etag"
	strategies []int             // index in the file of each strategy kept; nil: all
}

// layer is one source of steps: a dialect, the target or a strategy.
type layer struct {
	doc   *document
	path  string // of the table that holds the steps
	name  string // "dialect etag"; "" for the scenario itself
	steps *Steps
}
