package history

import (
	"strconv"
	"strings"
)

// Step names what a request does within an attempt.
type Step string

// The steps that a dialect can speak. Create, write, add, append, delete and
// transfer change state; see [Step.Writes].
const (
	StepRead     Step = "read"
	StepWrite    Step = "write"
	StepCreate   Step = "create"
	StepDelete   Step = "delete"
	StepAdd      Step = "add"
	StepAppend   Step = "append"
	StepList     Step = "list"
	StepTransfer Step = "transfer"
	StepLock     Step = "lock"
	StepUnlock   Step = "unlock"
	StepRefresh  Step = "refresh"
	StepPrepare  Step = "prepare" // once per run, before the first block
	StepSetup    Step = "setup"
	StepReset    Step = "reset"
	StepTeardown Step = "teardown"
	StepLogin    Step = "login"
)

// OperationStep is the n-th step, from 1, of an operation of the user's own.
func OperationStep(operation string, n int) Step { return Step(operation + "/" + strconv.Itoa(n)) }

// ObserveStep is the request of an observation.
func ObserveStep(name string) Step { return Step("observe/" + name) }

// Own reports whether the step is one of a user's operation or observation.
func (s Step) Own() bool { return strings.IndexByte(string(s), '/') >= 0 }

// Writes reports whether the step is meant to change the resource under test,
// so that its answer has an [Effect].
func (s Step) Writes() bool {
	switch s {
	case StepWrite, StepCreate, StepDelete, StepAdd, StepAppend, StepTransfer, StepSetup, StepReset:
		return true
	}
	return false
}

// Effect is what a write request did to the resource, as far as its answer
// tells. The empty effect belongs to steps that do not write.
type Effect string

// 2xx is applied, 4xx refused; a timeout, a reset after the first byte was
// sent, 202 and every 5xx are unknown, unless a rule of the scenario says
// otherwise.
const (
	Applied Effect = "applied"
	Refused Effect = "refused"
	Unknown Effect = "unknown" // may have been applied
)

// Class is what an answer means for cost and retry, independent of the effect.
type Class string

const (
	OK                   Class = "ok"
	Stale                Class = "stale"      // the version moved
	Exists               Class = "exists"     // duplicate create
	Locked               Class = "locked"     // somebody else holds the lock
	Dependency           Class = "dependency" // parent missing, child present
	Serialization        Class = "serialization"
	PreconditionRequired Class = "precondition-required" // 428
	Throttled            Class = "throttled"             // 429, 503 with Retry-After
	Redirect             Class = "redirect"
	Rejected             Class = "rejected" // other 4xx
	ServerError          Class = "server-error"
	Timeout              Class = "timeout"
	Transport            Class = "transport" // no whole answer: refused, reset, garbage
	// Unreadable is a 2xx answer that lacks what its step must yield (value, tag,
	// version, token, key): it tells no state and grants nothing, and whether it
	// applied a write is unknown.
	Unreadable Class = "unreadable"
)

// Classes lists every class in the order in which reports show them.
var Classes = []Class{OK, Stale, Exists, Locked, Dependency, Serialization, PreconditionRequired,
	Throttled, Redirect, Rejected, ServerError, Timeout, Transport, Unreadable}

// Conflict reports whether an attempt with a step refused in this class is a
// conflicting attempt. 428 and 429 are counted apart.
func (c Class) Conflict() bool {
	switch c {
	case Stale, Exists, Locked, Dependency, Serialization:
		return true
	}
	return false
}

// Outcome is how an operation ended.
type Outcome string

const (
	Committed      Outcome = "committed"
	GaveUp         Outcome = "gave-up" // conflicts outlasted the retry policy or the intent was already taken
	Failed         Outcome = "failed"  // refused for another reason than a conflict
	OutcomeUnknown Outcome = "unknown" // its write may have been applied
)

// Intent is what an operation wants.
type Intent string

const (
	IntentUpdate   Intent = "update"   // read-modify-write of one key
	IntentRead     Intent = "read"     // plain read, not counted in goodput
	IntentCreate   Intent = "create"   // create a key that must not exist
	IntentDelete   Intent = "delete"   // delete a key
	IntentTransfer Intent = "transfer" // move an amount from Key to Key2
	IntentPair     Intent = "pair"     // read Key and Key2, write Key
	IntentHold     Intent = "hold"     // acquire, hold and release a lock
	IntentFinal    Intent = "final"    // the observer's read at the end of a block
	IntentOwn      Intent = "own"      // an operation of the user's, by its name
	IntentObserve  Intent = "observe"  // an observation, by its name
	IntentSetup    Intent = "setup"    // the observer's set-up, reset or teardown of a key
)

// Observer is the client number of requests that belong to no client under
// load: set-up, final reads, teardown, preflight.
const Observer = -1
