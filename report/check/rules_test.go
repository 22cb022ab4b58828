package check

import (
	"testing"

	"tussle/history"
)

// Each rule by a history that it decides. Times are milliseconds.
var (
	byVersion = history.PlanStrategy{Identify: "version"}
	byNothing = history.PlanStrategy{Identify: "none"}
	aList     = history.PlanWorkload{Kind: kindAppend}
	aLife     = history.PlanWorkload{Kind: kindLifecycle}
	aName     = history.PlanWorkload{Kind: kindCreateOnce}
	aFamily   = history.PlanWorkload{Kind: kindParentChild}
	aLease    = history.PlanWorkload{Kind: kindLease}
	aPair     = history.PlanWorkload{Kind: kindPair, Keys: 2}
	aBank     = history.PlanWorkload{Kind: kindTransfer, Keys: 2}
	locking   = history.PlanStrategy{Locking: "pessimistic"}
	fencedBy  = history.PlanStrategy{Locking: "pessimistic", Fencing: true}
	server    = history.PlanStrategy{Locking: "server-side", Identify: "none", Promises: []string{noLostUpdate}}
)

type rule struct {
	name       string
	property   string
	run        run
	want       Verdict
	violations int64
}

func testRules(t *testing.T, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			p := r.run.property(t, r.property)
			if p.Verdict != r.want || p.Violations != r.violations {
				t.Errorf("want %s with %d violations\n%s", r.want, r.violations, p.text())
			}
			if (p.Reason == "") != (p.Verdict == Holds || p.Verdict == Violated) {
				t.Errorf("%s with the reason %q", p.Verdict, p.Reason)
			}
		})
	}
}

func TestExercised(t *testing.T) {
	tests := []struct {
		name  string
		pairs int64
		text  string
	}{
		{"operations that only read do not count", 0, `
			1.0 read  k 2-6 200 saw=init
			2.0 read  k 2-6 200 saw=init`},
		{"two that overlap", 1, `
			1.0 read  k 2-3 200 saw=init
			1.0 write k 5-6 409 tag=a expect=1 base=init
			2.0 write k 4-7 200 tag=b`},
		{"two that touch", 1, `
			1.0 write k 2-3 200 tag=a
			2.0 write k 3-4 200 tag=b`},
		{"two that do not", 0, `
			1.0 write k 2-3 200 tag=a
			2.0 write k 3.1-4 200 tag=b`},
		{"a client does not overlap itself", 0, `
			1.0 write k 2-3 200 tag=a
			1.1 write k 3-4 200 tag=b`},
		{"the observer takes no part", 0, `
			1.0 write k 2-6 200 tag=a
			obs write k 3-4 200 tag=b`},
		{"a lock is part of its operation", 1, `
			1.0 lock   k 2-3 200 lock=A
			2.0 lock   k 2-9 200 lock=B
			1.0 write  k 4-5 200 tag=a
			1.0 unlock k 6-7 204 lock=A
			2.0 write  k 10-11 200 tag=b`},
		{"three at once are three pairs", 3, `
			1.0 write k 2-6 200 tag=a
			2.0 write k 3-7 200 tag=b
			3.0 write k 4-8 200 tag=c`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if p := (run{workload: registerLoad, text: test.text}).property(t, register); p.Exercised != test.pairs {
				t.Errorf("%d pairs, want %d", p.Exercised, test.pairs)
			}
		})
	}
}

func TestVerdicts(t *testing.T) {
	overlapping := `
		obs setup k 0-1 201 tag=init
		1.0 write k 2-4 200 tag=a
		2.0 write k 3-5 200 tag=b
		obs read  k 8-9 200 saw=b`
	t.Run("a fault without effect leaves it not exercised", func(t *testing.T) {
		faults := []history.FaultCount{{Kind: "lost-response", Effective: 2, Min: 3}}
		p := run{workload: registerLoad, text: overlapping, faults: faults}.property(t, register)
		if p.Verdict != NotExercised || p.Reason == "" {
			t.Errorf("%s", p.text())
		}
		faults[0].Effective = 3
		if p := (run{workload: registerLoad, text: overlapping, faults: faults}).property(t, register); p.Verdict != Holds {
			t.Errorf("%s", p.text())
		}
		faults[0] = history.FaultCount{Kind: "lost-response", Strategy: 1, Min: 3}
		if p := (run{workload: registerLoad, text: overlapping, faults: faults}).property(t, register); p.Verdict != Holds {
			t.Errorf("another strategy's fault: %s", p.text())
		}
	})
	t.Run("a promise that nobody judges is undecided", func(t *testing.T) {
		p := run{workload: registerLoad, strategy: history.PlanStrategy{Promises: []string{"no-lost-updates"}}, text: overlapping}.property(t, "no-lost-updates")
		if p.Verdict != Undecided || !p.Promised || p.Reason == "" {
			t.Errorf("%s", p.text())
		}
	})
	t.Run("a violation outweighs what cannot be decided", func(t *testing.T) {
		p := run{workload: registerLoad, strategy: byVersion, text: `
			obs setup j 0-1 201 version=1
			1.0 write j 2-3 200 version=2
			2.0 write j 2-3 200 version=2
			obs setup k 0-1 201 version=1
			1.1 write k 12-13 200 version=2 expect=1
			2.1 write k 12-13 200 version=3 expect=1`}.property(t, register)
		if p.Verdict != Violated {
			t.Errorf("%s", p.text())
		}
	})
	t.Run("preflight and other strategies are left out", func(t *testing.T) {
		h := run{workload: registerLoad, text: overlapping}
		j := New()
		for _, rec := range h.records(t) {
			if rec.Kind == history.KindHeader {
				rec.Header.Plan.Strategies = append(rec.Header.Plan.Strategies, history.PlanStrategy{Name: "other", Identify: "tag"})
			}
			_ = j.Add(&rec)
			if rec.Kind == history.KindRequest {
				rec.Request.Block = -1
				_ = j.Add(&rec)
			}
		}
		all := j.Finish()
		if len(all) != 2 {
			t.Fatalf("%d strategies", len(all))
		}
		for _, p := range all[1] {
			if p.Exercised != 0 || p.Verdict == Holds {
				t.Errorf("the other strategy ran nothing: %s", p.text())
			}
		}
		for _, p := range all[0] {
			if p.Name == register && p.Exercised != 1 {
				t.Errorf("%s", p.text())
			}
		}
	})
}

func TestStates(t *testing.T) {
	testRules(t, []rule{
		{"a refusal's version is not one that it made", register, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=1
			2.0 write k 2-5 412 version=2 expect=1
			1.0 write k 2-3 200 version=2 expect=1
			3.0 read  k 6-7 200 version=2`}, Holds, 0},
		{"one version for two writes cannot be told apart", noLostUpdate, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=1
			1.0 write k 2-3 200 version=2 expect=1
			2.0 write k 2-4 200 version=2
			3.0 read  k 6-7 200 version=2`}, Undecided, 0},
		{"nor in a register", register, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=1
			1.0 write k 2-3 200 version=2 expect=1
			2.0 write k 2-4 200 version=2
			3.0 read  k 6-7 200 version=2`}, Undecided, 0},
		{"but one version is replaced once", register, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=1
			1.0 write k 2-3 200 version=2 expect=1
			2.0 write k 2-4 200 version=2 expect=1
			3.0 read  k 6-7 200 version=2`}, Violated, 1},
		{"one tag twice is one delivery twice", register, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 412 tag=a expect=1 base=init
			1.0 write k 2-4 200 tag=a expect=1 base=init
			2.0 write k 2-4 412 tag=b expect=1 base=init
			3.0 read  k 6-7 200 saw=a`}, Holds, 0},
		{"the applied delivery counts", noLostUpdate, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 412 tag=a expect=1 base=init
			1.0 write k 2-4 200 tag=a expect=1 base=init
			2.0 write k 2-4 200 tag=b expect=1 base=init
			3.0 read  k 6-7 200 saw=b`}, Violated, 1},
		{"set-up without a version is named by the first read", register, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201
			1.0 read  k 2-3 200 version=1
			1.0 write k 4-5 200 version=2 expect=1
			2.0 write k 4-6 412 expect=1
			3.0 read  k 6-7 200 version=2`}, Holds, 0},
		{"a read without a tag saw the initial state", register, run{workload: registerLoad, text: `
			obs setup k 0-1 201
			1.0 write k 2-3 200 tag=a
			2.0 write k 2-4 200 tag=b
			3.0 read  k 6-7 200`}, Violated, 2},
		{"a read of another attempt gives no base", noLostUpdate, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0.1 read  k 2-3 200 saw=init
			1.0.2 write k 4-5 200 tag=a
			2.0.1 read  k 2-3 200 saw=init
			2.0.1 write k 4-6 200 tag=b
			3.0 read  k 8-9 200 saw=b`}, Holds, 0},
		{"the attempt's read gives the base", noLostUpdate, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 read  k 2-3 200 saw=init
			1.0 write k 4-5 200 tag=a
			2.0 read  k 2-3 200 saw=init
			2.0 write k 4-6 200 tag=b
			3.0 read  k 8-9 200 saw=b`}, Violated, 1},
		{"the version in the condition is the base", noLostUpdate, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=1
			1.0 write k 4-5 200 version=2 expect=1
			2.0 write k 4-6 200 version=3 expect=1
			3.0 read  k 8-9 200 version=3`}, Violated, 1},
		{"a state that only a condition names existed", honestRefusals, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 0 tag=a expect=1 base=init
			2.0 write k 6-7 412 tag=b expect=2 base=a`}, Violated, 1},
		{"and a read of the older one comes too late", register, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 0 tag=a expect=1 base=init
			2.0 write k 6-7 200 tag=b expect=2 base=a
			3.0 read  k 8-9 200 saw=init`}, Violated, 1},
		{"what a seen state was built on existed", register, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 0 tag=a expect=1 base=init
			2.0 write k 6-7 0 tag=b expect=2 base=a
			3.0 read  k 8-9 200 saw=b
			4.0 read  k 10-11 200 saw=a`}, Violated, 1},
		{"a read before the last answer is not final", noLostUpdate, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			3.0 read  k 2-3 200 saw=init
			1.0 write k 2-5 200 tag=a base=init
			2.0 write k 2-3 412 tag=b base=init`}, Holds, 0},
		{"states without names cannot be followed", register, run{workload: registerLoad, strategy: byNothing, text: `
			1.0 write k 2-4 200
			2.0 write k 3-5 200`}, Undecided, 0},
		{"nor can lost updates", noLostUpdate, run{workload: registerLoad, strategy: byNothing, text: `
			1.0 write k 2-4 200
			2.0 write k 3-5 200`}, Undecided, 0},
	})
}

func TestLostUpdateRules(t *testing.T) {
	testRules(t, []rule{
		{"a walk that ends at an unknown state proves only the twins", noLostUpdate, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=1
			1.0 write k 2-3 200 version=2 expect=1
			2.0 write k 2-4 0 expect=2
			1.1 write k 5-6 200 version=4 expect=3
			3.0 read  k 8-9 200 version=4`}, Holds, 0},
		{"an unanswered write is not called lost", noLostUpdate, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 200 tag=a base=init
			2.0 write k 2-4 0 tag=b base=init
			3.0 read  k 8-9 200 saw=a`}, Holds, 0},
		{"a blind write that is replaced is not lost", noLostUpdate, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 200 tag=a
			2.0 write k 2-4 200 tag=b
			3.0 read  k 8-9 200 saw=b`}, Holds, 0},
		{"an unanswered subtraction explains too little", noLostUpdate, run{workload: counterLoad, strategy: server, text: `
			obs setup k 0-1 201 value=0
			1.0 add k 2-4 200 value=5
			2.0 add k 3-5 0 value=-2
			obs read k 8-9 200 value=3`}, Holds, 0},
		{"an unanswered addition explains too much", noLostUpdate, run{workload: counterLoad, strategy: server, text: `
			obs setup k 0-1 201 value=0
			1.0 add k 2-4 200 value=-5
			2.0 add k 3-5 0 value=2
			obs read k 8-9 200 value=-3`}, Holds, 0},
		{"too much is no loss where all is added", noLostUpdate, run{workload: counterLoad, strategy: server, text: `
			obs setup k 0-1 201 value=0
			1.0 add k 2-4 200 value=1
			2.0 add k 3-5 200 value=1
			obs read k 8-9 200 value=3`}, Holds, 0},
		{"too much is a loss where something is subtracted", noLostUpdate, run{workload: counterLoad, strategy: server, text: `
			obs setup k 0-1 201 value=9
			1.0 add k 2-4 200 value=-1
			2.0 add k 3-5 200 value=-1
			obs read k 8-9 200 value=8`}, Violated, 1},
		{"increments without names are judged by their sum", noLostUpdate, run{workload: counterLoad, strategy: byNothing, text: `
			obs setup k 0-1 201 value=0
			1.0 read  k 2-3 200 value=0
			2.0 read  k 2-3 200 value=0
			1.0 write k 4-5 200 value=1
			2.0 write k 4-6 200 value=1
			obs read  k 8-9 200 value=1`}, Violated, 1},
		{"increments without names that add up", noLostUpdate, run{workload: counterLoad, strategy: byNothing, text: `
			obs setup k 0-1 201 value=0
			1.0 read  k 2-3 200 value=0
			2.0 read  k 2.5-6 200 value=1
			1.0 write k 4-5 200 value=1
			2.0 write k 7-8 200 value=2
			obs read  k 9-10 200 value=2`}, Holds, 0},
		{"additions without a final read are not decided", noLostUpdate, run{workload: counterLoad, strategy: server, text: `
			1.0 add k 2-4 200 value=1
			2.0 add k 3-5 200 value=1`}, Undecided, 0},
		{"transfers that add up", noLostUpdate, run{workload: aBank, strategy: server, text: `
			obs setup a 0-1 201 value=100
			obs setup b 0-1 201 value=100
			1.0 transfer a 2-4 200 value=10
			op 1.0 transfer a b 2-4 10
			2.0 transfer a 3-5 0 value=5
			op 2.0 transfer a b 3-5 5
			obs read a 8-9 200 value=85
			obs read b 8-9 200 value=115`}, Holds, 0},
		{"an unanswered transfer that was not done", noLostUpdate, run{workload: aBank, strategy: server, text: `
			obs setup a 0-1 201 value=100
			obs setup b 0-1 201 value=100
			1.0 transfer a 2-4 200 value=10
			op 1.0 transfer a b 2-4 10
			2.0 transfer a 3-5 0 value=5
			op 2.0 transfer a b 3-5 5
			obs read a 8-9 200 value=90
			obs read b 8-9 200 value=110`}, Holds, 0},
		{"a transfer that both sides miss", noLostUpdate, run{workload: aBank, strategy: server, text: `
			obs setup a 0-1 201 value=100
			obs setup b 0-1 201 value=100
			1.0 transfer a 2-4 200 value=10
			op 1.0 transfer a b 2-4 10
			2.0 transfer a 3-5 200 value=5
			op 2.0 transfer a b 3-5 5
			obs read a 8-9 200 value=90
			obs read b 8-9 200 value=110`}, Violated, 2},
		{"a transfer whose other side is not recorded", noLostUpdate, run{workload: aBank, strategy: server, text: `
			obs setup a 0-1 201 value=100
			1.0 transfer a 2-4 200 value=10
			2.0 transfer a 3-5 200 value=5
			obs read a 8-9 200 value=90`}, Undecided, 0},
	})
}

func TestDeliveries(t *testing.T) {
	// One addition of 1 that is sent twice, and another beside it.
	twice := func(first string) string {
		return `
			obs setup k 0-1 201 value=0
			1.0.1 add k 2-4 ` + first + ` value=1 tag=a
			1.0.2 add k 5-6 200 value=1 tag=a
			2.0   add k 3-5 200 value=1 tag=b`
	}
	testRules(t, []rule{
		{"two on one state, and no final read", noLostUpdate, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 200 tag=a base=init
			2.0 write k 2-4 200 tag=b base=init`}, Violated, 1},
		{"an addition that is delivered twice and done once", noLostUpdate, run{workload: counterLoad, strategy: server, text: twice("200") + `
			obs read k 8-9 200 value=2`}, Holds, 0},
		{"an addition that is delivered twice and done twice", counterBounds, run{workload: counterLoad, strategy: server, text: twice("0") + `
			obs read k 8-9 200 value=3`}, Violated, 1},
		{"an accepted delivery after an unanswered one counts", noLostUpdate, run{workload: counterLoad, strategy: server, text: twice("0") + `
			obs read k 8-9 200 value=1`}, Violated, 1},
		{"and after a refused one", noLostUpdate, run{workload: counterLoad, strategy: server, text: twice("409") + `
			obs read k 8-9 200 value=1`}, Violated, 1},
		{"it may have been done by the earliest", counterBounds, run{workload: counterLoad, strategy: server, text: `
			obs setup k 0-1 201 value=0
			1.0.2 add  k 5-6 200 value=1 tag=a
			1.0.1 add  k 2-4 0 value=1 tag=a
			2.0   add  k 2-5 200 value=1 tag=b
			3.0   read k 3-4 200 value=2`}, Holds, 0},
		{"it was done by the first that was accepted", counterBounds, run{workload: counterLoad, strategy: server, text: `
			obs setup k 0-1 201 value=0
			1.0.1 add  k 2-9 200 value=1 tag=a
			1.0.2 add  k 2-3 200 value=1 tag=a
			3.0   read k 4-5 200 value=0`}, Violated, 1},
		{"a delivery outside attempts belongs to the last one", counterBounds, run{workload: counterLoad, text: `
			obs setup k 0-1 201 value=0 tag=init
			1.0.1 read  k 2-3 200 saw=init value=0
			2.0.1 read  k 2-3 200 saw=init value=0
			1.0.0 write k 4-5 200 base=init tag=a value=1 expect=1
			1.0.1 write k 4-6 412 base=init tag=a value=1 expect=1
			2.0.1 write k 4-6 412 base=init tag=b value=1 expect=1
			3.0   read  k 8-9 200 saw=a value=1`}, Holds, 0},
		{"a blind write that is replayed may come back", register, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0.1 write k 2-3 200 tag=a
			2.0   write k 2.5-5 200 tag=b
			3.0   read  k 6-7 200 saw=b
			1.0.0 write k 8-9 200 tag=a
			3.1   read  k 10-11 200 saw=a`}, Holds, 0},
		{"a conditional one does not", register, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0.1 write k 2-3 200 tag=a base=init expect=1
			1.0.0 write k 2-3 200 tag=a base=init expect=1
			2.0   write k 2.5-5 200 tag=b base=a expect=2
			3.0   read  k 6-7 200 saw=b`}, Holds, 0},
		{"nor one under a lock", register, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0.1 write k 2-3 200 tag=a lock=A
			1.0.0 write k 2-3 200 tag=a lock=A
			2.0   write k 2.5-5 200 tag=b lock=B
			3.0   read  k 6-7 200 saw=b
			3.1   read  k 8-9 200 saw=a`}, Violated, 1},
		{"unless it comes late", register, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0.1 write k 2-3 200 tag=a lock=A
			2.0   write k 2.5-5 200 tag=b lock=B
			1.0.0 write k 6-7 200 tag=a lock=A
			3.0   read  k 8-9 200 saw=b
			3.1   read  k 10-11 200 saw=a`}, Holds, 0},
	})
}

func TestRegisterRules(t *testing.T) {
	testRules(t, []rule{
		{"a cut history may lack the write", register, run{workload: registerLoad, cut: true, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-4 200 tag=a
			2.0 write k 3-5 412 tag=b
			3.0 read  k 8-9 200 saw=z`}, Holds, 0},
		{"an unanswered write may have made an unknown version", register, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=1
			1.0 write k 2-4 0 expect=1
			2.0 write k 3-5 412 expect=1
			3.0 read  k 8-9 200 version=2`}, Holds, 0},
		{"a version that nobody can have made is not decided", register, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=1
			1.0 write k 2-4 412 expect=1
			2.0 write k 3-5 412 expect=1
			3.0 read  k 8-9 200 version=2`}, Undecided, 0},
		{"nor one that was read before the write began", register, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=1
			3.0 read  k 1.2-1.5 200 version=2
			1.0 write k 2-4 0 expect=1
			2.0 write k 3-5 412 expect=1`}, Undecided, 0},
		{"an unknown version is not older than the write that made it", register, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=1
			1.0 write k 6-7 0
			3.0 read  k 3-8 200 version=2
			2.0 write k 1.2-9 200 version=3
			4.0 read  k 4.5-5 200 version=3
			4.1 read  k 9-10 200 version=3`}, Violated, 1},
		{"a refused write that was seen may come late", register, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 409 tag=a
			2.0 write k 2-5 200 tag=b
			3.0 read  k 6-7 200 saw=b
			3.1 read  k 8-9 200 saw=a`}, Holds, 0},
		{"also a conditional one", register, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 409 tag=a base=init expect=1
			2.0 write k 2-5 409 tag=b base=init expect=1
			3.0 read  k 6-7 200 saw=init
			3.1 read  k 8-9 200 saw=a`}, Holds, 0},
		{"a circle of conditions", register, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-9 200 tag=a base=b expect=1
			2.0 write k 2-9 200 tag=b base=a expect=1`}, Violated, 1},
		{"one state may have several versions", register, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init version=1
			1.0 write k 2-5 200 tag=a base=init expect=1 version=W2
			2.0 write k 3-6 412 tag=b base=init expect=1 version=W2
			3.0 read  k 8-9 200 saw=a version=2`}, Holds, 0},
		{"zones that touch", register, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 200 tag=a
			2.0 write k 2-6 200 tag=b
			3.0 read  k 4-5 200 saw=a
			4.0 read  k 6-7 200 saw=b`}, Holds, 0},
	})
}
