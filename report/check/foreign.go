package check

import "tussle/history"

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
// 2xx applied, 4xx refused, everything else unknown.
func effectByStatus(status int) effectCode {
	switch {
	case status == 202:
		return unknown
	case status >= 200 && status < 300:
		return applied
	case status >= 300 && status < 500:
		return refused
	}
	return unknown
}

// foreignHeader is the plan of a history that has none: one strategy that
// promises whatever its records let us judge.
func foreignHeader(seen [len(kindSteps)]bool, identify string, conditional bool) history.Header {
	kind := kindRegister
	for i, k := range kindSteps {
		if seen[i] {
			kind = k.kind
			break
		}
	}
	s := history.PlanStrategy{Name: "recorded", Locking: "none", Dialect: "foreign", Identify: identify}
	switch kind {
	case kindRegister:
		s.Promises = []string{register}
		if conditional {
			s.Locking = "optimistic"
			s.Promises = []string{noLostUpdate, register}
		}
	case kindCounter:
		s.Locking, s.Promises = "server-side", []string{noLostUpdate, counterBounds}
	case kindAppend:
		s.Locking, s.Promises = "server-side", []string{appendOnly}
	case kindCreateOnce:
		s.Locking, s.Promises = "server-side", []string{createOnce}
	case kindLifecycle:
		s.Locking, s.Promises = "optimistic", []string{noLostUpdate, lifecycle}
	case kindLease:
		s.Locking, s.Promises = "pessimistic", []string{mutualExclusion}
	}
	return history.Header{Schema: history.Schema, Plan: history.Plan{Scenario: "foreign history",
		Workload: history.PlanWorkload{Kind: kind}, Strategies: []history.PlanStrategy{s}}}
}

// kindSteps tells the workload of a history without a plan from its steps:
// the first row with a step that occurs.
var kindSteps = [...]struct {
	step stepCode
	kind string
}{
	{remove, kindLifecycle}, {create, kindCreateOnce}, {appendStep, kindAppend}, {add, kindCounter}, {lock, kindLease}, {write, kindRegister},
}
