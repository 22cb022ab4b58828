package check

import (
	"fmt"
	"strings"
	"testing"

	"tussle/history"
)

// Locks, fencing, progress, durability and write skew, each rule by a history
// that it decides.

func TestLockRules(t *testing.T) {
	lease := history.PlanStrategy{Locking: "pessimistic", LeaseTTL: 5e6}
	testRules(t, []rule{
		{"holds that touch", mutualExclusion, run{workload: aLease, strategy: locking, text: `
			1.0 lock   k 0-1 200 lock=A
			1.0 unlock k 3-5 204 lock=A
			2.0 lock   k 1-3 200 lock=B
			2.0 unlock k 6-7 204 lock=B`}, Holds, 0},
		{"a hold begins when its grant was answered", mutualExclusion, run{workload: aLease, strategy: locking, text: `
			1.0 lock   k 0-1 200 lock=A
			2.0 lock   k 2-5 200 lock=B
			1.0 unlock k 4-4.5 204 lock=A
			2.0 unlock k 6-7 204 lock=B`}, Holds, 0},
		{"a lease ends", mutualExclusion, run{workload: aLease, strategy: lease, text: `
			1.0 lock k 0-1 200 lock=A
			2.0 lock k 0.5-6 200 lock=B`}, Holds, 0},
		{"a lease lasts that long", mutualExclusion, run{workload: aLease, strategy: lease, text: `
			1.0 lock k 0-1 200 lock=A
			2.0 lock k 3-4 200 lock=B`}, Violated, 1},
		{"with faults a hold ends at its last use", mutualExclusion, run{workload: aLease, strategy: locking, planned: []history.PlanFault{{Kind: "holder-crash"}}, text: `
			1.0 lock  k 0-1 200 lock=A
			1.0 write k 2-3 200 tag=a lock=A
			2.0 lock  k 0.5-4 200 lock=B`}, Holds, 0},
		{"but not before it", mutualExclusion, run{workload: aLease, strategy: locking, planned: []history.PlanFault{{Kind: "holder-crash"}}, text: `
			1.0 lock  k 0-1 200 lock=A
			2.0 lock  k 0.5-4 200 lock=B
			1.0 write k 5-6 200 tag=a lock=A
			2.0 write k 5-6 200 tag=b lock=B`}, Violated, 1},
		{"the longest hold so far counts", mutualExclusion, run{workload: aLease, strategy: locking, text: `
			1.0 lock   k 0-1 200 lock=A
			2.0 lock   k 2-3 200 lock=B
			2.0 unlock k 4-5 204 lock=B
			3.0 lock   k 6-7 200 lock=C
			3.0 unlock k 8-9 204 lock=C
			1.0 unlock k 10-11 204 lock=A`}, Violated, 2},
		{"an unanswered grant is no hold", mutualExclusion, run{workload: aLease, strategy: locking, text: `
			1.0 lock k 0-1 0 lock=A
			2.0 lock k 0.5-4 200 lock=B`}, Holds, 0},
	})
}

func TestFencingRules(t *testing.T) {
	grants := `
		1.0 lock  k 0-1 200 lock=A fence=1
		2.0 lock  k 2-3 200 lock=B fence=2
		3.0 lock  k 4-5 200 lock=C fence=10`
	testRules(t, []rule{
		{"tokens in order", fencing, run{workload: counterLoad, strategy: fencedBy, text: grants + `
			1.0 write k 6-7 200 tag=a fence=1
			1.1 write k 8-9 200 tag=b fence=1
			2.0 write k 10-11 200 tag=c fence=2
			3.0 write k 12-13 200 tag=d fence=10`}, Holds, 0},
		{"overlapping writes may come in any order", fencing, run{workload: counterLoad, strategy: fencedBy, text: grants + `
			2.0 write k 6-8 200 tag=a fence=2
			1.0 write k 8-9 200 tag=b fence=1`}, Holds, 0},
		{"the greatest token so far counts", fencing, run{workload: counterLoad, strategy: fencedBy, text: grants + `
			3.0 write k 6-7 200 tag=a fence=10
			1.0 write k 6-7.5 200 tag=b fence=1
			2.0 write k 9-10 200 tag=c fence=2`}, Violated, 1},
		{"a refused write is not accepted", fencing, run{workload: counterLoad, strategy: fencedBy, text: grants + `
			2.0 write k 6-7 200 tag=a fence=2
			1.0 write k 8-9 412 tag=b fence=1
			3.0 write k 8-9 200 tag=c fence=10`}, Holds, 0},
		{"an unanswered write that was seen is", fencing, run{workload: counterLoad, strategy: fencedBy, text: grants + `
			2.0 write k 6-7 200 tag=a fence=2
			1.0 write k 8-9 0 tag=b fence=1
			2.1 read  k 10-11 200 saw=b`}, Violated, 1},
		{"a late second delivery is not what was seen", fencing, run{workload: counterLoad, strategy: fencedBy, text: grants + `
			1.0 write k 6-7 200 tag=a fence=1
			2.0 write k 8-9 200 tag=b fence=2
			1.0 write k 10-11 0 tag=a fence=1
			2.1 read  k 12-13 200 saw=a`}, Holds, 0},
		{"an unanswered write forces nothing", fencing, run{workload: counterLoad, strategy: fencedBy, text: grants + `
			2.0 write k 6-7 0 tag=a fence=2
			1.0 write k 8-9 200 tag=b fence=1
			2.1 read  k 10-11 200 saw=a`}, Holds, 0},
		{"tokens that are no numbers", fencing, run{workload: counterLoad, strategy: fencedBy, text: `
			1.0 lock k 0-1 200 lock=A fence=x`}, Undecided, 0},
	})
}

func TestProgressRules(t *testing.T) {
	stuck := `
		1.0 lock k 10-11 423
		1.0 lock k 50-51 423
		2.0 lock k 60-61 423
		2.0 lock k 90-91 423
		1.0 lock k 100-101 423
		1.0 lock k 150-151 423
		1.0 lock k 200-201 423
		2.0 lock k 250-251 423
		1.0 lock k 260-261 423
		1.0 lock k 300-301 423`
	testRules(t, []rule{
		{"an accepted change is progress", progress, run{workload: aLease, strategy: locking, text: stuck + `
			1.0 lock k 400-401 200 lock=A`}, Holds, 0},
		{"a key that stops is stuck, too", progress, run{workload: aLease, strategy: locking, text: `
			1.0 lock   k 1-2 200 lock=A
			1.0 unlock k 3-4 204 lock=A` + stuck}, Violated, 1},
		{"a lock may still be held", progress, run{workload: aLease, strategy: locking, text: `
			1.0 lock   k 1-2 200 lock=A` + stuck}, Holds, 0},
		{"an unanswered lock may have been granted", progress, run{workload: aLease, strategy: locking, text: `
			3.0 lock   k 1-9 0
			1.0 lock   k 1-2 200 lock=A
			1.0 unlock k 3-4 204 lock=A` + stuck}, Holds, 0},
		{"it stops only after its last change", progress, run{workload: aLease, strategy: locking, text: `
			1.0 lock   k 1-2 200 lock=A
			1.0 unlock k 3-4 204 lock=A` + stuck + `
			2.0 lock   k 310-311 200 lock=B
			2.0 unlock k 312-313 204 lock=B`}, Holds, 0},
		// All ten wait for one answer that does not come: one stall, not ten.
		{"one stall is not a stop", progress, run{workload: counterLoad, strategy: server, text: `
			1.0 add k 1-2 200 value=1` + strings.Repeat(`
			1.1 add k 10-410 0 value=1`, 10)}, Holds, 0},
		{"what began before the last change does not count", progress, run{workload: counterLoad, strategy: server, text: strings.Repeat(`
			2.0 add k 10-20 0 value=1`, 9) + `
			1.0 add k 1-30 200 value=1
			2.1 add k 400-401 0 value=1`}, Holds, 0},
		{"a few tries are not enough", progress, run{workload: aLease, strategy: locking, text: `
			1.0 lock k 0-1 423
			1.0 lock k 400-401 423`}, NotExercised, 0},
		{"a short time is not enough", progress, run{workload: aLease, strategy: locking, text: `
			1.0 lock k 1-2 423
			1.0 lock k 3-4 423
			1.0 lock k 5-6 423
			1.0 lock k 7-8 423
			1.0 lock k 9-10 423
			1.0 lock k 11-12 423
			1.0 lock k 13-14 423
			1.0 lock k 15-16 423
			1.0 lock k 17-18 423
			1.0 lock k 19-20 423`}, NotExercised, 0},
		{"nor before a lease has ended", progress, run{workload: aLease, strategy: history.PlanStrategy{Locking: "pessimistic", LeaseTTL: 1e9}, text: stuck}, NotExercised, 0},
		{"a change before the faults ended does not count", progress, run{workload: aLease, strategy: locking, text: `
			1.0 lock k 1-2 200 lock=A
			kill 3-5` + stuck}, Violated, 1},
		{"nor before the plan's windows end", progress, run{workload: aLease, strategy: locking, planned: []history.PlanFault{{Kind: "latency", From: 1e6, For: 4e6}}, text: `
			1.0 lock k 1-2 200 lock=A` + stuck}, Violated, 1},
		{"a lock that is refused for ever after its holder is gone", progress, run{workload: aLease, strategy: locking, text: `
			3.0 lock k 1-2 200 lock=A
			3.1 lock k 5-6 423` + stuck}, Violated, 1},
		{"or after its release was refused", progress, run{workload: aLease, strategy: locking, text: `
			3.0 lock   k 1-2 200 lock=A
			3.0 unlock k 3-4 500 lock=A
			3.1 lock   k 5-6 423` + stuck}, Violated, 1},
		{"a delete ends a lock, too", progress, run{workload: aLife, strategy: locking, text: `
			3.0 lock   k 1-2 200 lock=A
			3.0 delete k 3-4 204 tag=d lock=A` + stuck}, Violated, 1},
		{"what a fault did is not the target's", progress, run{workload: aLease, strategy: locking, text: strings.ReplaceAll(stuck, "423", "0 fault=lost-response")}, NotExercised, 0},
		{"nor is a brake", progress, run{workload: aLease, strategy: locking, text: strings.ReplaceAll(stuck, "423", "429")}, NotExercised, 0},
		{"a target that answers nothing but 500", progress, run{workload: counterLoad, strategy: server, text: strings.ReplaceAll(strings.ReplaceAll(stuck, "423", "500 value=1"), "lock", "add ")}, Violated, 1},
		{"also where nothing can be read", progress, run{workload: counterLoad, strategy: server, text: strings.ReplaceAll(strings.ReplaceAll(stuck, "423", "500"), "lock", "read")}, Violated, 1},
		{"an unanswered write that was seen is a change", progress, run{workload: registerLoad, text: strings.ReplaceAll(strings.ReplaceAll(stuck, "423", "0"), "lock", "write") + `
			3.0 write k 400-401 0 tag=a
			3.1 read  k 402-403 200 saw=a`}, Holds, 0},
		// Everybody had read before the last change: a long think, not a standstill.
		{"refusals of what was read before the last change are explained by it", progress, run{workload: registerLoad, text: `
			obs setup k 0-0.5 201 tag=init
			1.0 read  k 1-2 200 saw=init
			1.0 write k 20-21 200 tag=a base=init expect=1` + reads(2, 12, 1) + stales(2, 12, 30, 50)}, Holds, 0},
		{"refusals of what was read after it are not", progress, run{workload: registerLoad, text: `
			obs setup k 0-0.5 201 tag=init
			1.0 read  k 1-2 200 saw=init
			1.0 write k 20-21 200 tag=a base=init expect=1` + reads(2, 12, 22) + stales(2, 12, 30, 50)}, Violated, 1},
		{"many keys, few requests each, and nothing moves", progress, run{workload: counterLoad, strategy: server, text: strings.Replace(strings.Replace(strings.ReplaceAll(
			strings.ReplaceAll(stuck, "423", "503 value=1"), "lock k", "add a"), "add a", "add b", 3), "add b", "add c", 1)}, Violated, 1},
		{"many keys of which one moves", progress, run{workload: counterLoad, strategy: server, text: strings.Replace(strings.ReplaceAll(
			strings.ReplaceAll(stuck, "423", "503 value=1"), "lock k", "add a"), "add a", "add b", 5) + `
			3.0 add c 299-300 200 value=1`}, Holds, 0},
		{"two clients wait two seconds", progress, run{workload: counterLoad, strategy: server, text: `
			1.0 add k 1-2001 0 value=1
			2.0 add k 5-2105 0 value=1`}, Violated, 1},
		{"one client waits", progress, run{workload: counterLoad, strategy: server, text: `
			1.0 add k 1-2001 0 value=1`}, NotExercised, 0},
		{"refusals for good are not being stuck", progress, run{workload: counterLoad, strategy: server, text: `
			1.0 add k 1-2 422 value=-1
			1.0 add k 50-51 422 value=-1
			1.0 add k 60-61 422 value=-1
			1.0 add k 90-91 422 value=-1
			1.0 add k 100-101 422 value=-1
			1.0 add k 150-151 422 value=-1
			1.0 add k 200-201 422 value=-1
			1.0 add k 250-251 422 value=-1
			1.0 add k 260-261 422 value=-1
			1.0 add k 300-301 422 value=-1`}, NotExercised, 0},
	})
}

func TestDurabilityRules(t *testing.T) {
	testRules(t, []rule{
		{"what was under way at the kill may be lost", durability, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 200 tag=a base=init expect=1
			2.0 write k 4-7 200 tag=b base=a expect=2
			kill 6-20
			2.1 read  k 25-26 200 saw=a`}, Holds, 0},
		{"reads before the kill say nothing", durability, run{workload: registerLoad, text: `
			obs setup k 0-1 201 tag=init
			2.0 read  k 2-3 200 saw=init
			1.0 write k 2-3 200 tag=a base=init expect=1
			kill 6-20
			2.1 read  k 25-26 200 saw=a`}, Holds, 0},
		{"what was deleted may be missing", durability, run{workload: aLife, text: `
			1.0 create k 2-3 201 tag=a
			1.1 delete k 4-5 204 tag=b base=a expect=1
			kill 6-20
			2.1 read  k 25-26 404`}, Holds, 0},
		{"without a kill", durability, run{workload: registerLoad, strategy: history.PlanStrategy{Promises: []string{durability}}, text: `
			obs setup k 0-1 201 tag=init
			1.0 write k 2-3 200 tag=a base=init expect=1`}, NotExercised, 0},
		{"additions that are there", durability, run{workload: counterLoad, strategy: byNothing, text: `
			obs setup k 0-1 201 value=0
			1.0 add k 2-3 200 value=2
			2.0 add k 4-7 200 value=1
			kill 6-20
			2.1 read k 25-26 200 value=2`}, Holds, 0},
		{"elements that are there", durability, run{workload: aList, text: `
			1.0 append k 2-3 200 value=x1
			2.0 append k 4-7 200 value=x2
			kill 6-20
			2.1 read k 25-26 200 value=["x1"]`}, Holds, 0},
	})
	t.Run("only kills take memory", func(t *testing.T) {
		for _, p := range (run{workload: registerLoad, planned: []history.PlanFault{{Kind: "latency"}}, text: "pause 6-20"}).judge(t) {
			if p.Name == durability {
				t.Errorf("%s", p.text())
			}
		}
		for kind, want := range map[string]bool{"kill": true, "restart": true, "holder-crash": false, "pause": false, "lost-response": false} {
			if kills(kind) != want {
				t.Errorf("kills(%q) is %v", kind, !want)
			}
		}
	})
}

func TestWriteSkewRules(t *testing.T) {
	testRules(t, []rule{
		{"one 0 is allowed", writeSkew, run{workload: aPair, text: `
			obs setup a 0-1 201 value=1 tag=init
			obs setup b 0-1 201 value=1 tag=init
			1.0 write a 5-6 200 base=init tag=1.0 value=0 expect=1
			2.0 write b 5-7 412 base=init tag=2.0 value=0 expect=1
			op 1.0 pair a b 2-6 0
			op 2.0 pair b a 2-7 0
			obs read a 9-10 200 saw=1.0 value=0
			obs read b 9-10 200 saw=init value=1`}, Holds, 0},
		{"a 0 that may not have begun when the other ended", writeSkew, run{workload: aPair, text: `
			obs setup a 0-1 201 value=1 tag=init
			obs setup b 0-1 201 value=1 tag=init
			1.0 write a 2-3 200 base=init tag=1.0 value=0 expect=1
			1.1 write a 6-9 200 base=1.0 tag=1.1 value=1 expect=2
			2.0 write b 5-8 200 base=init tag=2.0 value=0 expect=1
			op 1.0 pair a b 2-3 0
			op 1.1 pair a b 6-9 0
			op 2.0 pair b a 5-8 0
			obs read a 19-20 200 saw=1.1 value=1
			obs read b 19-20 200 saw=2.0 value=0`}, Holds, 0},
		{"a 0 that is read pins it down", writeSkew, run{workload: aPair, text: `
			obs setup a 0-1 201 value=1 tag=init
			obs setup b 0-1 201 value=1 tag=init
			1.0 write a 2-3 200 base=init tag=1.0 value=0
			2.0 write b 4-5 200 base=init tag=2.0 value=0
			3.0 read  a 6-7 200 saw=1.0 value=0
			3.1 read  b 8-9 200 saw=2.0 value=0
			1.1 write a 10-11 200 tag=1.1 value=1
			2.1 write b 10-11 200 tag=2.1 value=1
			op 1.0 pair a b 2-3 0
			op 2.0 pair b a 2-5 0
			obs read a 19-20 200 saw=1.1 value=1
			obs read b 19-20 200 saw=2.1 value=1`}, Violated, 1},
		{"a key without an order proves nothing", writeSkew, run{workload: aPair, text: `
			obs setup a 0-1 201 value=1 tag=init
			obs setup b 0-1 201 value=1 tag=init
			1.0 write a 2-3 200 base=init tag=1.0 value=0 expect=1
			4.0 write a 2-3 200 base=init tag=4.0 value=1 expect=1
			2.0 write b 4-5 200 base=init tag=2.0 value=0 expect=1
			1.1 write a 6-9 200 base=1.0 tag=1.1 value=1 expect=2
			2.1 write b 6-9 200 base=2.0 tag=2.1 value=1 expect=2
			op 1.0 pair a b 2-3 0
			op 2.0 pair b a 2-5 0
			obs read a 19-20 200 saw=1.1 value=1
			obs read b 19-20 200 saw=2.1 value=1`}, Holds, 0},
	})
}

// reads are reads of n clients from the one given, at one time; stales are their
// refused writes on what they had read, one after the other.
func reads(from, n, at int) string {
	var b strings.Builder
	for c := from; c < from+n; c++ {
		fmt.Fprintf(&b, "\n%d.0 read k %d-%d 200 saw=init", c, at, at+1)
	}
	return b.String()
}

func stales(from, n, at, apart int) string {
	var b strings.Builder
	for c := from; c < from+n; c++ {
		fmt.Fprintf(&b, "\n%d.0 write k %d-%d 412 tag=%d base=init expect=1", c, at+apart*(c-from), at+apart*(c-from)+1, c)
	}
	return b.String()
}
