package check

import "testing"

// Refusals and sessions, each rule by a history that it decides.

func TestRefusalRules(t *testing.T) {
	testRules(t, []rule{
		{"a refusal that overlaps the write that caused it", honestRefusals, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-5 412 tag=a base=init expect=1
			2.0 write k 5-6 200 tag=b base=init expect=1`}, Holds, 0},
		{"an unanswered conditional write excuses", honestRefusals, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-5 412 tag=a base=init expect=1
			2.0 write k 3-6 0 tag=b base=init expect=1`}, Holds, 0},
		{"not before it began", honestRefusals, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-5 412 tag=a base=init expect=1
			2.0 write k 5.5-6 0 tag=b base=init expect=1`}, Violated, 1},
		{"not when the state was still read later", honestRefusals, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-5 412 tag=a base=init expect=1
			2.0 write k 3-6 0 tag=b base=init expect=1
			3.0 read  k 7-8 200 saw=init`}, Violated, 1},
		{"an unanswered blind write excuses", honestRefusals, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-5 412 tag=a base=init expect=1
			2.0 write k 3-6 0 tag=b`}, Holds, 0},
		{"one that was seen to come later does not", honestRefusals, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-4 412 tag=a base=init expect=1
			2.0 write k 3-6 0 tag=b base=init expect=1
			3.0 read  k 5-6 200 saw=init
			3.1 read  k 7-8 200 saw=b`}, Violated, 1},
		{"a blind write is a cause", honestRefusals, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-5 412 tag=a base=init expect=1
			2.0 write k 3-4 200 tag=b`}, Holds, 0},
		{"one that came before the state is none", honestRefusals, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			2.0 write k 2-3 200 tag=b
			3.0 write k 4-5 200 tag=c
			3.1 read  k 6-7 200 saw=c
			1.0 write k 8-9 412 tag=a base=c expect=1`}, Violated, 1},
		{"one that was seen before the state is no excuse", honestRefusals, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			2.0 write k 1.5-2 0 tag=b
			2.1 read  k 3-4 200 saw=b
			3.0 write k 5-6 200 tag=c
			3.1 read  k 7-8 200 saw=c
			1.0 write k 9-10 412 tag=a base=c expect=1`}, Violated, 1},
		{"a cut history may lack the cause", honestRefusals, run{workload: registerLoad, cut: true, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-5 412 tag=a base=init expect=1`}, Holds, 0},
		{"throttling needs no cause", honestRefusals, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-5 429 tag=a base=init expect=1`}, Holds, 0},
		{"on a key without an order, still some write must have come", honestRefusals, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 412 tag=a base=init expect=1
			2.0 write k 4-6 200 tag=b base=init expect=1
			3.0 write k 4-6 200 tag=c base=init expect=1`}, Violated, 1},
		{"and is enough", honestRefusals, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-5 412 tag=a base=init expect=1
			2.0 write k 4-6 200 tag=b base=init expect=1
			3.0 write k 4-6 200 tag=c base=init expect=1`}, Holds, 0},
		{"a lock that may not be given back yet", honestRefusals, run{workload: aLease, text: `
			1.0 lock   k 0-1 200 lock=A
			1.0 unlock k 2-5 204 lock=A
			2.0 lock   k 4-4.5 423`}, Holds, 0},
		{"a lock that was never given back", honestRefusals, run{workload: aLease, text: `
			1.0 lock   k 0-1 200 lock=A
			2.0 lock   k 4-4.5 423`}, Holds, 0},
		{"a lock whose grant was not answered", honestRefusals, run{workload: aLease, text: `
			1.0 lock   k 0-1 0
			2.0 lock   k 4-4.5 423`}, Holds, 0},
		{"a writer may lock for a moment", honestRefusals, run{workload: aLease, text: `
			1.0 write  k 3-5 200 tag=a
			2.0 lock   k 4-4.5 423`}, Holds, 0},
		{"a name that set-up created exists", honestRefusals, run{workload: aName, text: `
			obs setup  k 0-1 201
			2.0 create k 4-4.5 409 tag=a`}, Holds, 0},
		{"a name that was deleted does not", honestRefusals, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=a
			1.1 delete k 2-3 204 tag=b base=a expect=1
			2.0 create k 4-5 409 tag=c`}, Violated, 1},
		{"what a later read misses was not there", honestRefusals, run{workload: aName, text: `
			1.0 create k 0-9 201 tag=a
			2.0 create k 1-2 409 tag=b
			3.0 read   k 4-5 404`}, Violated, 1},
	})
}

func TestSessionRules(t *testing.T) {
	testRules(t, []rule{
		{"its own write is something a client saw", sessionGuarantees, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 read  k 2-3 200 saw=init
			1.0 write k 4-5 200 tag=a base=init expect=1
			1.1 read  k 6-7 200 saw=init`}, Violated, 1},
		{"an unanswered write is not", sessionGuarantees, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 read  k 2-3 200 saw=init
			1.0 write k 4-5 0 tag=a base=init expect=1
			1.1 read  k 6-7 200 saw=init
			1.2 read  k 8-9 200 saw=a`}, Holds, 0},
		{"a client does not come back to a blind write that it saw replaced", sessionGuarantees, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 200 tag=a
			2.0 write k 2-9 200 tag=b
			3.0 read  k 4-5 200 saw=a
			3.1 read  k 6-7 200 saw=b
			3.2 read  k 8-9 200 saw=a`}, Violated, 1},
		{"two clients may see blind writes in any order", sessionGuarantees, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 200 tag=a
			2.0 write k 2-9 200 tag=b
			3.0 read  k 4-5 200 saw=a
			3.1 read  k 6-7 200 saw=b`}, Holds, 0},
	})
}
