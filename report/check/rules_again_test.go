package check

import (
	"testing"

	"tussle/history"
)

// What comes back: states by deliveries that arrive late, keys by new lives,
// lock tokens by sessions. Each is a history that a sound target can leave, or
// the nearest one that it cannot.

// A write without a condition that is sent again under its tag may be carried
// out each time, so its state may come back, and nothing follows from that.
//
//	1  W(a)... W(a)---
//	2                   W(b)---
//	3                            R b       R a
//	                                 ^ the first delivery arrives
func TestStatesThatComeBack(t *testing.T) {
	late := `
		obs   setup k 0-1 201 tag=init
		1.0.1 write k 2-3 0 tag=a
		1.0.2 write k 4-5 200 tag=a
		2.0   write k 5-7 200 tag=b
		3.0   read  k 8-9 200 saw=b
		3.1   read  k 10-11 200 saw=a`
	testRules(t, []rule{
		{"the first delivery arrives last", register, run{workload: registerLoad, text: late + `
			4.0 write k 8-9 200 tag=c`}, Holds, 0},
		{"and a client may see it again", sessionGuarantees, run{workload: registerLoad, text: late + `
			3.2 read k 12-13 200 saw=b`}, Holds, 0},
		{"a delivery beside it is neither before nor after", sessionGuarantees, run{workload: registerLoad, text: `
			obs   setup k 0-1 201 tag=init
			1.0   read  k 2-3 200 saw=init
			1.1.1 write k 4-9 200 tag=a
			1.2   read  k 5-6 200 saw=init
			1.3   read  k 10-11 200 saw=a`}, Holds, 0},
		{"the other states keep their order", register, run{workload: registerLoad, text: late + `
			2.1 write k 12-13 200 tag=c
			3.2 read  k 14-15 200 saw=c
			3.3 read  k 16-17 200 saw=b`}, Violated, 1},
		{"an addition without a key that is done twice comes back", register, run{workload: counterLoad, text: `
			obs   setup k 0-1 201 tag=init value=0
			1.0.1 add  k 2-3 0 tag=a value=1
			1.0.2 add  k 4-5 200 tag=a value=1
			2.0   add  k 4.5-7 200 tag=b value=1
			3.0   read k 8-9 200 saw=b value=2
			3.1   read k 10-11 200 saw=a value=3`}, Holds, 0},
		{"it may have replaced what a refusal speaks of", honestRefusals, run{workload: registerLoad, text: `
			obs   setup k 0-1 201 tag=init
			1.0.1 write k 2-3 0 tag=a
			1.0.2 write k 4-5 200 tag=a
			2.0   read  k 6-7 200 saw=a
			2.0   write k 8-9 200 tag=b base=a expect=2
			2.1   write k 10-11 412 tag=c base=b expect=3`}, Holds, 0},
		{"not before it was sent", honestRefusals, run{workload: registerLoad, text: `
			obs   setup k 0-1 201 tag=init
			2.1   write k 2-3 412 tag=c base=init expect=1
			1.0.1 write k 4-5 0 tag=a
			1.0.2 write k 6-7 200 tag=a`}, Violated, 1},
		{"what was built on it and sent again may come back with it", register, run{workload: registerLoad, text: `
			obs   setup k 0-1 201 tag=init
			1.0.1 write k 3-10 0 tag=a
			1.0.2 write k 12-13 200 tag=a
			1.1.1 write k 15-18 0 tag=b base=a expect=1
			1.1.2 write k 19-21 200 tag=b base=a expect=1
			2.0   read  k 19-22 200 saw=b
			1.2   write k 22-28 200 tag=c
			2.0   write k 29-31 200 tag=d base=b expect=2
			3.0   write k 29-31 412 tag=e base=c expect=3`}, Holds, 0},
		{"not what was sent once", register, run{workload: registerLoad, text: `
			obs   setup k 0-1 201 tag=init
			1.0.1 write k 3-10 0 tag=a
			1.0.2 write k 12-13 200 tag=a
			1.1.2 write k 19-21 200 tag=b base=a expect=1
			2.0   read  k 19-22 200 saw=b
			1.2   write k 22-28 200 tag=c
			2.0   write k 29-31 200 tag=d base=b expect=2`}, Violated, 1},
		{"a read before the first of them saw it too early", register, run{workload: registerLoad, text: `
			obs   setup k 0-1 201 tag=init
			3.0   read  k 2-3 200 saw=a
			1.0.1 write k 4-5 0 tag=a
			1.0.2 write k 6-7 200 tag=a`}, Violated, 1},
		{"two writes on it may both be right", register, run{workload: registerLoad, text: late + `
			4.0 write k 12-13 200 tag=c base=a expect=9
			5.0 write k 12-13 200 tag=d base=a expect=9`}, Holds, 0},
		{"a conditional delivery stays where it is", register, run{workload: registerLoad, text: `
			obs   setup k 0-1 201 tag=init
			1.0.1 write k 2-3 0 tag=a base=init expect=1
			1.0.2 write k 4-5 200 tag=a base=init expect=1
			2.0   write k 6-7 200 tag=b base=a expect=2
			3.0   read  k 8-9 200 saw=a`}, Violated, 1},
		{"what came back after a kill is not what was lost", durability, run{workload: registerLoad, text: `
			obs   setup k 0-1 201 tag=init
			1.0   write k 1-2 200 tag=a
			1.0.0 write k 1.5-9 200 tag=a
			1.1   write k 3-4 200 tag=b base=a
			kill 6-6.5
			2.0   read  k 25-26 200 saw=a`}, Holds, 0},
	})
}

// Deletes and new lives.
func TestLivesThatComeBack(t *testing.T) {
	testRules(t, []rule{
		{"an update that is lost in a later life", noLostUpdate, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			1.1 delete k 2-3 204 tag=d1 base=c1
			1.2 create k 4-5 201 tag=c2
			2.0 read   k 6-7 200 saw=c2
			2.0 write  k 8-9 200 tag=w2 base=c2
			3.0 read   k 6-9 200 saw=c2
			obs read   k 16-17 200 saw=c2`}, Violated, 1},
		{"or on a state that nobody is known to have made", noLostUpdate, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=1
			1.0 write k 2-3 0 expect=1
			2.0 read  k 4-5 200 version=2
			3.0 read  k 4-5 200 version=2
			2.0 write k 6-7 200 expect=2 version=3
			3.0 write k 6-8 412 expect=2
			obs read  k 16-17 200 version=2`}, Violated, 1},
		{"one of an earlier life is not", noLostUpdate, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			2.0 read   k 1-2 200 saw=c1
			2.0 write  k 2-3 200 tag=w1 base=c1
			1.1 delete k 2-5 204 tag=d1 base=w1
			1.2 create k 6-7 201 tag=c2
			obs read   k 16-17 200 saw=c2`}, Holds, 0},
		{"what an unanswered write may have made is not what was there at first", register, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201
			1.0 write k 2-3 0
			2.0 write k 2-5 200 version=1
			3.0 read  k 8-9 200 version=2`}, Holds, 0},
		{"what is seen before any write is", register, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201
			3.0 read  k 1-2 200 version=7
			1.0 write k 3-4 0
			2.0 write k 3-5 200 version=8
			3.1 read  k 6-7 200 version=7`}, Violated, 1},
		{"a create that is sent again takes effect once", createOnce, run{workload: aName, text: `
			1.0.1 create n 0-1 0 tag=a
			1.0.2 create n 2-3 201 tag=a
			2.0   create n 2-3 409 tag=b
			3.0   read   n 4-5 404`}, Violated, 1},
		{"deleted twice is deleted", noLostUpdate, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			2.0 delete k 4-5 204 tag=d1 base=c1
			3.0 delete k 4-5 204 tag=d2 base=c1
			2.1 read   k 6-7 404`}, Holds, 0},
		{"a delete without a condition may find nothing", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			2.0 delete k 8-9 204 tag=d1 base=c1
			3.0 delete k 4-5 204 tag=d2 base=c1
			4.0 delete k 4-5 404 tag=d3 base=c1
			2.1 read   k 6-7 404`}, Holds, 0},
		{"a delete that tells no state belongs to no life", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			3.0 delete k 4-5 204 tag=d1
			2.1 read   k 6-7 404`}, Undecided, 0},
		{"nor does one that was not answered", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			3.0 delete k 4-5 0 tag=d1
			2.1 read   k 6-7 404`}, Undecided, 0},
		{"a refused one takes no part", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			3.0 delete k 0.5-5 409 tag=d1
			2.1 read   k 6-7 200 saw=c1`}, Holds, 0},
	})
}

// Lock tokens that come back, or that there are none.
func TestTokensThatComeBack(t *testing.T) {
	sessions := `
		1.0 lock   k 0-1 200 lock=S1
		2.0 lock   k 0.5-1.5 423
		1.0 unlock k 2-3 204 lock=S1
		2.1 lock   k 4-5 200 lock=S2
		2.1 unlock k 6-7 204 lock=S2
		1.1 lock   k 8-9 200 lock=S1`
	testRules(t, []rule{
		{"a session's token in a later hold", mutualExclusion, run{workload: aLease, strategy: locking, text: sessions}, Holds, 0},
		{"which is a hold like any other", mutualExclusion, run{workload: aLease, strategy: locking, text: sessions + `
			2.2 lock   k 10-11 200 lock=S2
			1.1 unlock k 12-13 204 lock=S1`}, Violated, 1},
		{"it excuses a refusal", honestRefusals, run{workload: aLease, strategy: locking, text: sessions + `
			2.2 lock   k 9.5-10 423`}, Holds, 0},
		{"but not one between the holds", honestRefusals, run{workload: aLease, strategy: locking, text: sessions + `
			3.0 lock   k 3.4-3.6 423`}, Violated, 1},
		{"nor one that a later hold of the session would explain", honestRefusals, run{workload: aLease, strategy: locking, text: sessions + `
			1.1 unlock k 12-13 204 lock=S1
			3.0 lock   k 3.4-3.6 423`}, Violated, 1},
		{"a grant that is told again is one hold", mutualExclusion, run{workload: aLease, strategy: locking, text: `
			1.0 lock   k 0-1 200 lock=S1
			1.0 lock   k 2-3 200 lock=S1
			1.0 unlock k 4-5 204 lock=S1
			2.0 lock   k 1-6 200 lock=S2`}, Holds, 0},
		{"and may carry its number again", fencing, run{workload: counterLoad, strategy: fencedBy, text: `
			1.0 lock  k 0-1 200 lock=S1 fence=4
			1.1 lock  k 4-5 200 lock=S1 fence=4
			1.1 write k 6-7 200 tag=a lock=S1 fence=4
			2.1 lock  k 8-9 200 lock=S2 fence=5
			2.1 write k 10-11 200 tag=b lock=S2 fence=5`}, Holds, 0},
		{"another holder's may not", fencing, run{workload: counterLoad, strategy: fencedBy, text: `
			1.0 lock  k 0-1 200 lock=S1 fence=4
			2.0 lock  k 4-5 200 lock=S1 fence=4`}, Violated, 1},
		{"locks without tokens", mutualExclusion, run{workload: aLease, strategy: locking, text: `
			1.0 lock   k 0-1 200
			2.0 lock   k 1-4 200
			1.0 unlock k 2-3 204
			2.0 unlock k 6-7 204`}, Holds, 0},
		{"they are held all the same", mutualExclusion, run{workload: aLease, strategy: locking, text: `
			1.0 lock   k 0-1 200
			2.0 lock   k 1-4 200
			1.0 unlock k 5-6 204
			2.0 unlock k 6-7 204`}, Violated, 1},
		{"another client may give a lock back", mutualExclusion, run{workload: aLease, strategy: locking, text: `
			1.0 lock   k 0-1 200 lock=A
			3.0 unlock k 2-3 204 lock=A
			2.0 lock   k 1-5 200 lock=B`}, Holds, 0},
		{"a use that was refused shows no hold", mutualExclusion, run{workload: aLease, strategy: locking, planned: []history.PlanFault{{Kind: "kill"}}, text: `
			1.0 lock  k 0-1 200 lock=A
			2.0 lock  k 0.5-4 200 lock=B
			1.0 write k 5-6 412 tag=a lock=A
			2.0 write k 5-6 200 tag=b lock=B`}, Holds, 0},
	})
}

// A write that was not answered may come between the last reads of a pair.
//
//	a  W(0)   W(1)...............................v
//	b                W(0)..............................v
//	                              R(a): 0                    R(b): 0
func TestLastReadsOfAPair(t *testing.T) {
	pair := `
		obs setup a 0-1 201 value=1 tag=init
		obs setup b 0-1 201 value=1 tag=init
		op 1.0 pair a b 2-6 0
		op 2.0 pair b a 2-13 0
		1.0 write a 5-6 200 base=init tag=1.0 value=0 expect="1"`
	testRules(t, []rule{
		{"they show two moments", writeSkew, run{workload: aPair, text: pair + `
			1.1 write a 10-11 0 base=1.0 tag=1.1 value=1 expect="2"
			2.0 write b 12-13 0 base=init tag=2.0 value=0 expect="1"
			obs read  a 19-20 200 saw=1.0 value=0
			obs read  b 21-22 200 saw=2.0 value=0`}, Holds, 0},
		{"unless what was not answered had been seen", writeSkew, run{workload: aPair, text: pair + `
			3.0 write a 5-6 200 base=init tag=3.0 value=0 expect="1"
			4.0 write a 7-8 0 base=3.0 tag=4.0 value=0 expect="2"
			5.0 read  a 8-9 200 saw=4.0 value=0
			2.0 write b 12-13 200 base=init tag=2.0 value=0 expect="1"
			obs read  a 19-20 200 saw=4.0 value=0
			obs read  b 21-22 200 saw=2.0 value=0`}, Violated, 1},
	})
}
