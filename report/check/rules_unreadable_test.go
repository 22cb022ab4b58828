package check

import (
	"testing"

	"tussle/history"
)

// Answers that could not be read, that told of nothing, or that did nothing,
// each by a history that a sound server may leave, beside one that it may not.
func TestRulesOfAnswersThatTellNothing(t *testing.T) {
	lease := history.PlanStrategy{Locking: "pessimistic", LeaseTTL: 5e6}
	const changed = `
		1.0 read  k 0-1 200
		2.0 read  k 0-1 200
		1.0 write k 2-3 200 tag=a
		2.0 write k 2-3 412 tag=b class=stale`
	testRules(t, []rule{
		{"an unreadable read is no initial state", register, run{workload: registerLoad, text: changed + `
			3.0 read k 4-5 200 class=unreadable`}, Holds, 0},
		{"a read without a tag is one", register, run{workload: registerLoad, text: changed + `
			3.0 read k 4-5 200`}, Violated, 1},
		{"a lock without its token is no grant", mutualExclusion, run{workload: aLease, strategy: locking, text: `
			1.0 lock k 0-1 200 lock=A
			2.0 lock k 0.5-3 200 class=unreadable`}, Holds, 0},
		{"a lease lasts as long as the answer granted", mutualExclusion, run{workload: aLease, strategy: lease, text: `
			1.0 lock k 0-1 200 lock=A ttl=2
			2.0 lock k 0.5-4 200 lock=B ttl=2`}, Holds, 0},
		{"and no less", mutualExclusion, run{workload: aLease, strategy: lease, text: `
			1.0 lock k 0-1 200 lock=A ttl=9
			2.0 lock k 7-8 200 lock=B ttl=9`}, Violated, 1},
	})
}
