package wire

import "tussle/history"

// Presented says what a request carried and named, as far as it matters for
// the meaning of a refusal.
type Presented struct {
	Version bool // a version that had been read
	Lock    bool // a lock token
	Parent  bool // the request named a parent resource
}

// DefaultClass is what a status means when no rule of the scenario matches
// (sources: RFC 9110, 6585, 4918, 5789; literature on what real APIs send).
// Statuses that the target does not explain mean what the step suggests:
//
//   - 404 and 410 of a write or delete whose state had been read: somebody
//     deleted it meanwhile, stale. Of a create below a parent: dependency.
//   - 409 of a create: exists, below a parent too; of a lock step: locked; of a
//     delete without a version: dependency; else stale.
//   - 412 of a create: exists; with only a lock token: locked (it is not, or no
//     longer, the holder's); else stale.
//   - 408 and 425: the server did not act, but intermediaries send 408 for
//     requests that they had passed on, so its effect is unknown.
//   - 503 with Retry-After and 429: throttled.
func DefaultClass(step history.Step, status int, hasRetryAfter bool, p Presented) history.Class {
	locks := step == history.StepLock || step == history.StepUnlock || step == history.StepRefresh
	creates := step == history.StepCreate || step == history.StepSetup || step == history.StepPrepare
	switch {
	case status < 200 || status > 599:
		return history.Transport
	case status < 300:
		return history.OK
	case status < 400:
		return history.Redirect
	}
	switch status {
	case 404, 410:
		switch {
		case locks && step != history.StepLock:
			return history.Locked
		case step == history.StepDelete, step == history.StepWrite && (p.Version || p.Lock):
			return history.Stale
		case creates && p.Parent:
			return history.Dependency
		}
		return history.Rejected
	case 408:
		return history.Timeout
	case 409:
		switch {
		case creates:
			return history.Exists
		case locks:
			return history.Locked
		case step == history.StepDelete && !p.Version:
			return history.Dependency
		}
		return history.Stale
	case 412:
		switch {
		case creates:
			return history.Exists
		case locks, p.Lock && !p.Version:
			return history.Locked
		}
		return history.Stale
	case 423:
		return history.Locked
	case 424:
		return history.Dependency
	case 425, 429:
		return history.Throttled
	case 428:
		return history.PreconditionRequired
	case 503:
		if hasRetryAfter {
			return history.Throttled
		}
		return history.ServerError
	}
	if status >= 500 {
		return history.ServerError
	}
	return history.Rejected
}

// DefaultEffect is what a status tells about a write when no rule states an
// effect; class is what the rules or [DefaultClass] made of it. One that cannot
// be read leaves it open. An answer with
// 2xx that a rule calls a refusal refused. A redirect to where the result is
// (301, 302, 303) may come after the write.
func DefaultEffect(step history.Step, status int, class history.Class) history.Effect {
	switch {
	case !step.Writes():
		return ""
	case class == history.Unreadable, status == 202, status == 408, status >= 500, status < 200:
		return history.Unknown
	case status < 300 && class == history.OK:
		return history.Applied
	case status >= 301 && status <= 303:
		return history.Unknown
	}
	return history.Refused
}

// NoAnswer is what a request without a whole answer means: timeout says that
// its deadline passed, sent that a first byte was written. What was not sent
// was surely not done.
func NoAnswer(step history.Step, timeout, sent bool) (history.Class, history.Effect) {
	class, effect := history.Transport, history.Unknown
	if timeout {
		class = history.Timeout
	}
	if !sent {
		effect = history.Refused
	}
	if !step.Writes() {
		effect = ""
	}
	return class, effect
}
