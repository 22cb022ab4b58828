package check

import (
	"testing"

	"tussle/history"
)

func TestCounterRules(t *testing.T) {
	bounded := history.PlanWorkload{Kind: kindCounter, Keys: 1, Floor: bound(0), Ceiling: bound(5)}
	testRules(t, []rule{
		{"an unanswered addition may be there or not", counterBounds, run{workload: counterLoad, strategy: byNothing, text: `
			obs setup k 0-1 201 value=0
			1.0 add  k 2-3 0 value=1
			2.0 add  k 2-4 200 value=1
			3.0 read k 5-6 200 value=1
			3.1 read k 7-8 200 value=2`}, Holds, 0},
		{"an addition that a read touches may be in it", counterBounds, run{workload: counterLoad, strategy: byNothing, text: `
			obs setup k 0-1 201 value=0
			1.0 add  k 5-6 200 value=1
			2.0 add  k 5-7 200 value=1
			3.0 read k 4-5 200 value=2`}, Holds, 0},
		{"or not", counterBounds, run{workload: counterLoad, strategy: byNothing, text: `
			obs setup k 0-1 201 value=0
			1.0 add  k 2-5 200 value=1
			2.0 add  k 2-5 200 value=1
			3.0 read k 5-6 200 value=0`}, Holds, 0},
		{"a subtraction may lower as soon as it began", counterBounds, run{workload: counterLoad, strategy: byNothing, text: `
			obs setup k 0-1 201 value=5
			1.0 add  k 2-9 200 value=-3
			2.0 add  k 2-9 200 value=-1
			3.0 read k 3-4 200 value=1`}, Holds, 0},
		{"and must lower once it was answered", counterBounds, run{workload: counterLoad, strategy: byNothing, text: `
			obs setup k 0-1 201 value=5
			1.0 add  k 2-3 200 value=-3
			3.0 read k 4-5 200 value=5`}, Violated, 1},
		{"a counter that is lowered may fall", counterBounds, run{workload: counterLoad, strategy: byNothing, text: `
			obs setup k 0-1 201 value=5
			1.0 add  k 2-9 200 value=-3
			2.0 add  k 2-9 200 value=3
			3.0 read k 3-4 200 value=8
			3.1 read k 5-6 200 value=5`}, Holds, 0},
		{"reads that touch may differ", counterBounds, run{workload: counterLoad, strategy: byNothing, text: `
			obs setup k 0-1 201 value=0
			1.0 add  k 2-9 200 value=1
			2.0 add  k 2-9 200 value=1
			3.0 read k 3-4 200 value=1
			4.0 read k 4-6 200 value=0`}, Holds, 0},
		{"a refused change is none", counterBounds, run{workload: counterLoad, strategy: byNothing, text: `
			obs setup k 0-1 201 value=0
			1.0 add  k 2-3 409 value=1
			2.0 add  k 2-3 200 value=1
			3.0 read k 5-6 200 value=2`}, Violated, 1},
		{"a value below the floor", counterBounds, run{workload: bounded, strategy: byNothing, text: `
			obs setup k 0-1 201 value=0
			1.0 add  k 2-3 200 value=-1
			3.0 read k 4-5 200 value=-1`}, Violated, 1},
		{"a value above the ceiling", counterBounds, run{workload: bounded, strategy: byNothing, text: `
			obs setup k 0-1 201 value=5
			1.0 add  k 2-3 200 value=1
			3.0 read k 4-5 200 value=6`}, Violated, 1},
		{"a value at floor and ceiling", counterBounds, run{workload: bounded, strategy: byNothing, text: `
			obs setup k 0-1 201 value=0
			1.0 add  k 2-4 200 value=2
			2.0 add  k 3-5 200 value=3
			3.0 read k 1.2-1.5 200 value=0
			3.1 read k 6-7 200 value=5`}, Holds, 0},
		{"amounts that are not known", counterBounds, run{workload: counterLoad, text: `
			obs setup k 0-1 201 value=0 tag=init
			1.0 write k 2-4 200 value=1 tag=a
			2.0 write k 3-5 200 value=2 tag=b
			3.0 read k 6-7 200 value=2 saw=b`}, Undecided, 0},
		{"a plan's initial value", counterBounds, run{workload: history.PlanWorkload{Kind: kindCounter, Initial: 100}, strategy: byNothing, text: `
			1.0 add  k 2-4 200 value=1
			2.0 add  k 3-5 200 value=1
			3.0 read k 6-7 200 value=102`}, Holds, 0},
	})
}

func TestAppendRules(t *testing.T) {
	testRules(t, []rule{
		{"an append that a read touches may be missing", appendOnly, run{workload: aList, text: `
			1.0 append k 2-5 200 value=x1
			2.0 append k 3-4 200 value=x2
			3.0 read   k 5-6 200 value=["x2"]`}, Holds, 0},
		{"an unanswered append may stand before one that was asked for later", appendOnly, run{workload: aList, text: `
			1.0 append k 2-3 0 value=x1
			2.0 append k 5-6 200 value=x2
			2.1 append k 5-6 200 value=x3
			3.0 append k 5-6 200 value=x4
			3.1 read   k 8-9 200 value=["x2","x1","x3","x4"]`}, Holds, 0},
		{"what set-up put there may show", appendOnly, run{workload: aList, text: `
			obs setup  k 0-1 201 value=["a"]
			1.0 append k 2-5 200 value=x1
			2.0 append k 3-6 200 value=x2
			3.0 read   k 8-9 200 value=["a","x1","x2"]`}, Holds, 0},
		{"an element that is tried again is accepted once", appendOnly, run{workload: aList, text: `
			1.0.1 append k 2-3 409 value=x1
			1.0.2 append k 4-5 200 value=x1
			2.0   append k 3-5 200 value=x2
			3.0   read   k 8-9 200 value=["x1","x2"]`}, Holds, 0},
		{"the whole list written back", appendOnly, run{workload: aList, text: `
			obs setup k 0-1 201 value=[] tag=init
			1.0 read  k 2-3 200 value=[] saw=init
			2.0 read  k 2-3 200 value=[] saw=init
			1.0 write k 4-5 200 value=x1 tag=a base=init
			2.0 write k 4-6 200 value=x2 tag=b base=init
			3.0 read  k 8-9 200 value=["x2"] saw=b`}, Violated, 1},
		{"a read that is no list", appendOnly, run{workload: aList, text: `
			1.0 append k 2-5 200 value=x1
			2.0 append k 3-6 200 value=x2
			3.0 read   k 8-9 200 value=nonsense`}, Undecided, 0},
	})
}

func TestConservationRules(t *testing.T) {
	// 10 from a to b by one request, answered or not, beside one that is refused.
	transfer := func(status string) string {
		return `
			obs setup a 0-1 201 value=100
			obs setup b 0-1 201 value=100
			1.0 transfer a 2-6 ` + status + ` value=10
			op 1.0 transfer a b 2-6 10
			2.0 transfer a 3-6 409 value=10`
	}
	done, lost := transfer("200"), transfer("0")
	testRules(t, []rule{
		{"a transfer that did not complete is taken out", conservation, run{workload: aBank, text: `
			obs setup a 0-1 201 value=100 tag=init
			obs setup b 0-1 201 value=100 tag=init
			1.0 read  a 2-3 200 saw=init value=100
			2.0 read  a 2-3 200 saw=init value=100
			1.0 write a 4-5 200 base=init tag=1.a value=90
			2.0 write a 4-5 409 base=init tag=2.a value=90
			1.0 read  b 6-7 200 saw=init value=100
			1.0 write b 8-9 409 base=init tag=1.b value=110
			obs read a 20-21 200 saw=1.a value=90
			obs read b 20-21 200 saw=init value=100`}, Holds, 0},
		{"an unanswered write widens the sum", conservation, run{workload: aBank, text: `
			obs setup a 0-1 201 value=100 tag=init
			obs setup b 0-1 201 value=100 tag=init
			1.0 read  a 2-3 200 saw=init value=100
			2.0 read  a 2-3 200 saw=init value=100
			1.0 write a 4-5 0 base=init tag=1.a value=90
			2.0 write a 4-5 409 base=init tag=2.a value=90
			obs read a 20-21 200 saw=1.a value=90
			obs read b 20-21 200 saw=init value=100`}, Holds, 0},
		{"a read of all accounts in the middle of two writes", conservation, run{workload: aBank, text: `
			obs setup a 0-1 201 value=100 tag=init
			obs setup b 0-1 201 value=100 tag=init
			1.0 read  a 2-3 200 saw=init value=100
			2.0 read  a 2-3 200 saw=init value=100
			1.0 write a 4-5 200 base=init tag=1.a value=90
			2.0 write a 4-5 409 base=init tag=2.a value=90
			3.0 list all 6-7 200 value={"a":90,"b":100}
			1.0 read  b 8-9 200 saw=init value=100
			1.0 write b 10-11 200 base=init tag=1.b value=110
			op 1.0 transfer a b 2-11 10
			obs read a 20-21 200 saw=1.a value=90
			obs read b 20-21 200 saw=1.b value=110`}, Holds, 0},
		{"and after it", conservation, run{workload: aBank, text: `
			obs setup a 0-1 201 value=100 tag=init
			obs setup b 0-1 201 value=100 tag=init
			1.0 read  a 2-3 200 saw=init value=100
			1.0 write a 4-5 200 base=init tag=1.a value=90
			1.0 read  b 8-9 200 saw=init value=100
			1.0 write b 10-11 200 base=init tag=1.b value=110
			op 1.0 transfer a b 2-11 10
			3.0 list all 12-13 200 value={"a":90,"b":100}
			obs read a 20-21 200 saw=1.a value=90
			obs read b 20-21 200 saw=1.b value=110`}, Violated, 1},
		{"a read of some accounts says nothing", conservation, run{workload: aBank, strategy: server, text: done + `
			2.1 list all 7-8 200 value={"a":90}
			obs read a 20-21 200 value=90
			obs read b 20-21 200 value=110`}, Holds, 0},
		// It happens after a was read and before b is: 10 are counted twice.
		{"an unanswered transfer between the last reads", conservation, run{workload: aBank, strategy: server, text: lost + `
			obs read a 20-21 200 value=100
			obs read b 22-23 200 value=110`}, Holds, 0},
		{"two passes that agree leave nothing on its way", conservation, run{workload: aBank, strategy: server, text: lost + `
			obs read a 9-10 200 value=100
			obs read b 9-10 200 value=110
			obs read a 12-13 200 value=100
			obs read b 12-13 200 value=110`}, Violated, 1},
		{"a last read that cannot be read leaves it open", conservation, run{workload: aBank, strategy: server, text: `
			obs setup a 0-1 201
			obs read  a 0.2-0.8 200 value=100
			obs setup b 0-1 201
			obs read  b 0.2-0.8 200 value=100
			1.0 transfer a 2-6 200 value=10
			op 1.0 transfer a b 2-6 10
			2.0 transfer a 3-6 200 value=10
			op 2.0 transfer a b 3-6 10
			obs read a 9-10 200 class=unreadable
			obs read b 9-10 200 value=120`}, Undecided, 0},
		{"of a whole ledger, too", noLostUpdate, run{workload: aBank, strategy: server, text: `
			obs setup a 0-1 201
			obs read  a 0.2-0.8 200 value=100
			obs setup b 0-1 201
			1.0 transfer a 2-6 200 value=10
			op 1.0 transfer a b 2-6 10
			2.0 transfer a 3-6 200 value=10
			op 2.0 transfer a b 3-6 10
			obs read a 9-10 200 class=unreadable
			obs read b 9-10 200 value=120`}, Undecided, 0},
		{"a client's read is not the last", conservation, run{workload: aBank, strategy: server, text: `
			obs setup a 0-1 201
			obs setup b 0-1 201
			1.0 transfer a 2-6 200 value=10
			op 1.0 transfer a b 2-6 10
			2.0 transfer a 3-6 200 value=10
			op 2.0 transfer a b 3-6 10
			3.0 read a 7-8 200 value=80
			obs read b 9-10 200 value=110`}, Undecided, 0},
		{"a read from before the load is no pass", conservation, run{workload: aBank, strategy: server, text: lost + `
			obs read a 1.1-1.2 200 value=100
			obs read b 9-10 200 value=110
			obs read a 12-13 200 value=100
			obs read b 14-15 200 value=110`}, Holds, 0},
		{"two that do not agree may", conservation, run{workload: aBank, strategy: server, text: lost + `
			obs read a 9-10 200 value=100
			obs read b 9-10 200 value=100
			obs read a 12-13 200 value=100
			obs read b 14-15 200 value=110`}, Holds, 0},
		{"nor two that overlap", conservation, run{workload: aBank, strategy: server, text: lost + `
			obs read a 9-10 200 value=100
			obs read b 11-15 200 value=110
			obs read a 12-13 200 value=100
			obs read b 16-17 200 value=110`}, Holds, 0},
		{"read the other way round it is not counted", conservation, run{workload: aBank, strategy: server, text: lost + `
			obs read b 20-21 200 value=100
			obs read a 22-23 200 value=90`}, Holds, 0},
		{"it cannot be missing when it was read before it left", conservation, run{workload: aBank, strategy: server, text: lost + `
			obs read a 20-21 200 value=90
			obs read b 22-23 200 value=100`}, Violated, 1},
		{"nor counted twice the other way round", conservation, run{workload: aBank, strategy: server, text: lost + `
			obs read b 20-21 200 value=110
			obs read a 22-23 200 value=100`}, Violated, 1},
		{"one to nobody knows where may be on its way", conservation, run{workload: aBank, strategy: server, text: `
			obs setup a 0-1 201 value=100
			obs setup b 0-1 201 value=100
			1.0 transfer a 2-6 0 value=10
			2.0 transfer a 3-6 409 value=10
			obs read a 20-21 200 value=100
			obs read b 22-23 200 value=110`}, Holds, 0},
		{"the account it went to was not read", conservation, run{workload: aBank, strategy: server, text: `
			obs setup a 0-1 201 value=100
			obs setup b 0-1 201 value=100
			1.0 transfer a 2-6 0 value=10
			op 1.0 transfer a b 2-6 10
			obs read a 20-21 200 value=100`}, Undecided, 0},
		{"an answered transfer is in both", conservation, run{workload: aBank, strategy: server, text: done + `
			obs read a 20-21 200 value=100
			obs read b 22-23 200 value=110`}, Violated, 1},
		{"without final reads", conservation, run{workload: aBank, strategy: server, text: done}, Undecided, 0},
	})
}

func TestCreateOnceRules(t *testing.T) {
	testRules(t, []rule{
		{"names that are deleted belong to lifecycle", createOnce, run{workload: aName, text: `
			1.0 create n 0-1 201 tag=a
			2.0 delete n 2-3 204 base=a tag=b
			3.0 create n 4-5 201 tag=c`}, NotExercised, 0},
		{"what was created is there, without names too", createOnce, run{workload: aName, strategy: byNothing, text: `
			1.0 create n 0-3 201
			2.0 create n 1-2 409
			3.0 read   n 4-5 404`}, Violated, 1},
		{"a read that overlaps the create may find nothing", createOnce, run{workload: aName, strategy: byNothing, text: `
			1.0 create n 0-3 201
			2.0 create n 1-2 409
			3.0 read   n 2-5 404`}, Holds, 0},
		{"the same with names", createOnce, run{workload: aName, text: `
			1.0 create n 0-3 201 tag=a
			2.0 create n 1-2 409 tag=b
			3.0 read   n 2-5 404`}, Holds, 0},
		{"a read before its create began", createOnce, run{workload: aName, text: `
			3.0 read   n 0-1 200 saw=a
			1.0 create n 2-3 201 tag=a`}, Violated, 1},
		{"an unanswered create may be the one", createOnce, run{workload: aName, text: `
			1.0 create n 0-3 0 tag=a
			2.0 create n 1-2 409 tag=b
			3.0 read   n 4-5 200 saw=a`}, Holds, 0},
	})
}

// A 2xx answer to a create need not mean that it made anything.
func TestFindOrCreateRules(t *testing.T) {
	keyed := history.PlanStrategy{Requests: map[string]history.PlanRequest{"create": {Captures: map[string]string{"key": "json:id"}}}}
	testRules(t, []rule{
		{"the second one is shown the object of the first", createOnce, run{workload: aName, text: `
			1.0 create n 0-3 201 tag=a saw=a
			2.0 create n 1-4 200 tag=b saw=a
			3.0 read   n 5-6 200 saw=a`}, Holds, 0},
		{"with 201, too", createOnce, run{workload: aName, text: `
			1.0 create n 0-3 201 tag=a saw=a
			2.0 create n 1-4 201 tag=b saw=a
			3.0 read   n 5-6 200 saw=a`}, Holds, 0},
		{"each is shown its own", createOnce, run{workload: aName, text: `
			1.0 create n 0-3 200 tag=a saw=a
			2.0 create n 1-4 200 tag=b saw=b
			3.0 read   n 5-6 200 saw=b`}, Violated, 1},
		{"what it found is not what is there", createOnce, run{workload: aName, text: `
			1.0 create n 0-3 201 tag=a saw=a
			2.0 create n 1-4 200 tag=b saw=a
			3.0 read   n 5-6 200 saw=b`}, Violated, 1},
		{"a text that nobody wrote shows nobody's object", createOnce, run{workload: aName, text: `
			1.0 create n 0-3 201 tag=a saw=x
			2.0 create n 1-4 201 tag=b saw=x
			3.0 read   n 5-6 200 saw=b`}, Violated, 1},
		{"201 says that it made one, 204 does not", createOnce, run{workload: aName, text: `
			1.0 create n 0-3 201 tag=a
			2.0 create n 1-4 204 tag=b
			3.0 read   n 5-6 200 saw=a`}, Holds, 0},
		{"but what is there is the other's", createOnce, run{workload: aName, text: `
			1.0 create n 0-3 201 tag=a
			2.0 create n 1-4 204 tag=b
			3.0 read   n 5-6 200 saw=b`}, Violated, 1},
		{"nobody says who made it", createOnce, run{workload: aName, text: `
			1.0 create n 0-3 204 tag=a
			2.0 create n 1-4 204 tag=b
			3.0 read   n 5-6 200 saw=a`}, Undecided, 0},
		{"nor is anything there", createOnce, run{workload: aName, strategy: byNothing, text: `
			1.0 create n 0-3 201
			2.0 create n 1-4 204`}, Undecided, 0},
		{"a request that demands that there is none", createOnce, run{workload: aName, strategy: history.PlanStrategy{CreatesTold: true}, text: `
			1.0 create n 0-3 204 tag=a
			2.0 create n 1-4 204 tag=b`}, Violated, 1},
		{"a target that refuses duplicates finds none", createOnce, run{workload: aName, text: `
			1.0 create n 0-3 200 tag=a
			2.0 create n 1-4 200 tag=b
			3.0 create n 5-6 409 tag=c`}, Violated, 1},
		{"two ids are two objects", createOnce, run{workload: aName, strategy: keyed, text: `
			1.0 create n 0-3 200 tag=a value=17
			2.0 create n 1-4 200 tag=b value=18`}, Violated, 1},
		{"one id may be one object", createOnce, run{workload: aName, strategy: keyed, text: `
			1.0 create n 0-3 201 tag=a value=17
			2.0 create n 1-4 201 tag=b value=17`}, Undecided, 0},
		{"the name is no id", createOnce, run{workload: aName, strategy: keyed, text: `
			1.0 create n 0-3 201 tag=a value=run-n
			2.0 create n 1-4 201 tag=b value=run-n`}, Violated, 1},
		{"a life that is found is not made twice", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-3 201 tag=a saw=a
			2.0 create k 1-4 200 tag=b saw=a
			3.0 read   k 5-6 200 saw=a`}, Holds, 0},
		{"a life that is made twice is", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-3 201 tag=a saw=a
			2.0 create k 1-4 201 tag=b saw=b
			3.0 read   k 5-6 200 saw=b`}, Violated, 1},
	})
}

func TestLifecycleRules(t *testing.T) {
	testRules(t, []rule{
		{"one life after another", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=a
			2.0 write  k 2-4 200 tag=b base=a expect=1
			1.1 delete k 3-5 412 tag=x base=a expect=1
			1.2 delete k 6-7 204 tag=c base=b expect=2
			3.0 read   k 8-9 404
			3.1 create k 10-11 201 tag=d`}, Holds, 0},
		{"a delete leaves nothing to read", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=a
			1.1 delete k 2-5 204 tag=b base=a expect=1
			2.0 read   k 3-6 200 saw=b`}, Violated, 1},
		{"an unanswered delete may have ended a life", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=a
			1.1 delete k 2-5 0 tag=b base=a expect=1
			2.0 create k 3-6 201 tag=c`}, Holds, 0},
		{"but not before it began", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=a
			2.0 create k 2-3 201 tag=c
			1.1 delete k 4-5 0 tag=b base=a expect=1
			3.0 read   k 6-7 200 saw=c`}, Violated, 1},
		{"a read of nothing within a life", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=a
			2.0 read   k 2-3 404
			1.1 delete k 4-5 204 tag=b base=a expect=1`}, Violated, 1},
		{"a read of nothing while it is deleted", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-3 201 tag=a
			1.1 delete k 4-7 204 tag=b base=a expect=1
			2.0 create k 2-3.5 409 tag=c
			2.1 read   k 5-6 404`}, Holds, 0},
		{"two lives that were deleted, one within the other", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=a
			2.0 create k 2-3 201 tag=b
			2.1 delete k 4-5 204 tag=c base=b expect=2
			1.1 delete k 6-7 204 tag=d base=a expect=1`}, Violated, 1},
		{"two lives that each outlast the other's beginning", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=a
			2.0 create k 2-3 201 tag=b
			1.1 delete k 4-5 204 tag=c base=a expect=1
			2.1 delete k 6-7 204 tag=d base=b expect=2`}, Violated, 1},
		{"a cut history may lack the end of a life", lifecycle, run{workload: aLife, cut: true, text: `
			1.0 create k 0-3 201 tag=a
			2.0 create k 2-5 201 tag=b`}, Holds, 0},
		{"a key that set-up created is there", lifecycle, run{workload: aLife, text: `
			obs setup  k 0-1 201 tag=init
			2.0 create k 2-3 201 tag=b`}, Violated, 1},
		{"a key without set-up is absent", lifecycle, run{workload: aLife, text: `
			1.0 create k 2-4 201 tag=b
			2.0 create k 3-5 409 tag=c`}, Holds, 0},
		{"a version that nobody can have made", lifecycle, run{workload: aLife, strategy: byVersion, text: `
			1.0 create k 2-4 201 version=1
			2.0 create k 3-5 409
			3.0 read   k 6-7 200 version=2`}, Undecided, 0},
	})
}

func TestParentChildRules(t *testing.T) {
	testRules(t, []rule{
		{"a child that overlaps the delete", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			1.0 delete p 2-5 204
			2.0 create p/x 4-6 201
			obs read   p 8-9 404
			obs list   p 10-11 404`}, Holds, 0},
		{"a child that touches it", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			1.0 delete p 2-5 204
			2.0 create p/x 5-6 201`}, Holds, 0},
		{"a child read after its parent was gone", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			2.0 create p/x 2-3 201
			1.0 delete p 2-5 204
			3.0 read   p/x 6-7 200`}, Violated, 1},
		{"a child accepted after its parent was not found", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			3.0 read   p 2-3 404
			2.0 create p/x 4-5 201`}, Violated, 1},
		{"a refused delete is none", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			1.0 delete p 2-5 409
			2.0 create p/y 3-4 201
			2.1 create p/x 6-7 201
			obs list   p 10-11 200 value=["x","y"]`}, Holds, 0},
		{"a parent created again is not judged", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			1.0 delete p 2-3 204
			2.0 create p/y 2-3 409
			1.1 create p 4-5 201
			2.1 create p/x 6-7 201`}, Holds, 0},
		{"an accepted child is read", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			1.0 delete p 2-5 409
			2.0 create p/x 3-4 201
			3.0 read   p/x 6-7 404`}, Violated, 1},
		{"a deleted child may be missing", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			1.0 delete p 2-5 409
			2.0 create p/x 3-4 201
			2.1 delete p/x 5-6 204
			obs list   p 10-11 200 value=[]`}, Holds, 0},
		{"an accepted child is listed", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			1.0 delete p 2-5 409
			2.0 create p/x 3-4 201
			2.1 create p/y 5-6 201
			obs list   p 10-11 200 value=["x"] part=has_more
			obs list   p 12-13 200 value=["x"]`}, Violated, 1},
		{"a part of a list proves no absence", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			1.0 delete p 2-5 409
			2.0 create p/x 3-4 201
			2.1 create p/y 5-6 201
			obs list   p 10-11 200 value=["x"] part=has_more`}, Undecided, 0},
		{"a part that has all is enough", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			1.0 delete p 2-5 409
			2.0 create p/x 3-4 201
			obs list   p 10-11 200 value=["x"] part=has_more`}, Holds, 0},
		{"a part shows an orphan", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			1.0 delete p 2-5 204
			2.0 create p/x 3-4 201
			obs list   p 10-11 200 value=["x"] part=has_more`}, Violated, 1},
		{"children may go with their parent", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			2.0 create p/x 2-4 201
			1.0 delete p 3-6 204
			obs list   p 10-11 200 value=[]`}, Holds, 0},
		{"operations meet under a lock", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			1.0 lock   p 2-3 200 lock=A
			2.0 lock   p 2-7 200 lock=B
			1.0 delete p 4-5 204
			1.0 unlock p 6-6.5 204 lock=A
			2.0 create p/x 8-9 409
			2.0 unlock p 10-11 204 lock=B`}, Holds, 0},
		{"children that are no list", parentChild, run{workload: aFamily, text: `
			obs setup  p 0-1 201
			2.0 create p/x 2-4 201
			obs list   p 10-11 200 value=7`}, Undecided, 0},
	})
}
