package check

import "slices"

// The names of the properties, as they stand in scenarios and in report.json.
const (
	noLostUpdate      = "no-lost-update"
	register          = "register"
	honestRefusals    = "honest-refusals"
	sessionGuarantees = "session-guarantees"
	counterBounds     = "counter-bounds"
	appendOnly        = "append-only"
	conservation      = "conservation"
	createOnce        = "create-once"
	lifecycle         = "lifecycle"
	parentChild       = "parent-child"
	mutualExclusion   = "mutual-exclusion"
	fencing           = "fencing"
	progress          = "progress"
	durability        = "durability"
	writeSkew         = "write-skew"
)

// The kinds of workload that the checkers know.
const (
	kindCounter     = "counter"
	kindRegister    = "register"
	kindAppend      = "append"
	kindCreateOnce  = "create-once"
	kindLifecycle   = "lifecycle"
	kindParentChild = "parent-child"
	kindTransfer    = "transfer"
	kindPair        = "pair"
	kindLease       = "lease"
)

// promises is what a strategy promises of a workload when its scenario does
// not say. The last three columns of a row say which of optimistic,
// server-side and pessimistic locking promise it.
//
// A version on one resource says nothing about two: optimistic locking does
// not promise the invariant of a pair (write skew), the others do.
var promises = []struct {
	workload                            string
	property                            string
	optimistic, serverSide, pessimistic bool
}{
	{kindCounter, noLostUpdate, true, true, true},
	{kindCounter, counterBounds, true, true, true},
	{kindRegister, noLostUpdate, true, true, true},
	{kindAppend, noLostUpdate, true, true, true},
	{kindAppend, appendOnly, true, true, true},
	{kindCreateOnce, createOnce, true, true, true},
	{kindLifecycle, noLostUpdate, true, true, true},
	{kindLifecycle, lifecycle, true, true, true},
	{kindParentChild, parentChild, true, true, true},
	{kindTransfer, noLostUpdate, true, false, true}, // one request moves both sides: nothing was read
	{kindTransfer, conservation, true, true, true},
	{kindPair, noLostUpdate, true, true, true},
	{kindPair, writeSkew, false, true, true},
	{kindLease, mutualExclusion, false, false, true},
	{kindLease, fencing, false, false, true}, // only with fencing
}

// Promises returns what a strategy promises when its scenario does not say
// (design: optimistic and server-side no lost update, pessimistic the same
// while the lock is held, for locks that expire only with fencing, none
// nothing), each with the workload's own property. A lease without fencing
// still promises mutual exclusion until it expires, and nothing else.
//
// The scenario loader keeps the same table; this one is its documentation.
func Promises(locking, workload string, fenced bool) []string {
	var out []string
	for _, p := range promises {
		if p.workload != workload {
			continue
		}
		switch locking {
		case "optimistic":
			if p.optimistic {
				out = append(out, p.property)
			}
		case "server-side":
			if p.serverSide {
				out = append(out, p.property)
			}
		case "pessimistic":
			if p.pessimistic && (fenced || p.property == mutualExclusion) {
				out = append(out, p.property)
			}
		}
	}
	return out
}

// anyOf returns a test for one of several kinds of workload, for [Checker].
func anyOf(kinds ...string) func(string) bool {
	return func(kind string) bool { return slices.Contains(kinds, kind) }
}
