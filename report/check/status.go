package check

// What a status means in a history that does not say.

// classByStatus is the class of an answer in a history that does not tell it.
func classByStatus(status int, step stepCode, conditional bool) classCode {
	switch {
	case status == 0:
		return transport
	case status >= 200 && status < 300:
		return ok
	case step == read && (status == 404 || status == 410):
		return ok
	case status == 409 && step == create:
		return exists
	case status == 412 && step == create && !conditional:
		return exists
	case status == 408:
		return timeout
	case (status == 404 || status == 410) && (step == remove || step == write && conditional):
		return stale
	case status == 409, status == 412:
		return stale
	case status == 423:
		return locked
	case status == 428:
		return preconditionRequired
	case status == 429:
		return throttled
	case status >= 500:
		return serverError
	case status >= 400:
		return rejected
	case status >= 300:
		return redirect
	}
	return transport
}

// effectByStatus is the effect of a write in a history that does not tell it:
// 2xx applied, 4xx refused, everything else unknown. A redirect may come after
// the write, and intermediaries say 408 of what they had passed on.
func effectByStatus(status int) effectCode {
	switch {
	case status == 202, status == 408:
		return unknown
	case status >= 200 && status < 300:
		return applied
	case status >= 400 && status < 500:
		return refused
	}
	return unknown
}
