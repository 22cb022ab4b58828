package check

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"tussle/history"
)

// Versions that collide, locks told apart by their holders, and what a delete
// ends: each rule by a history that it decides.

func TestCollidingVersions(t *testing.T) {
	seats := history.PlanWorkload{Kind: kindCounter}
	testRules(t, []rule{
		{"two writes on one version, both given the same new one", noLostUpdate, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=3
			1.0 write k 2-4 200 expect=3 version=4
			2.0 write k 3-5 200 expect=3 version=4
			obs read  k 7-8 200 version=4`}, Violated, 1},
		{"three are two lost", noLostUpdate, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=3
			1.0 write k 2-4 200 expect=3 version=4
			2.0 write k 3-5 200 expect=3 version=4
			3.0 write k 3-5 200 expect=3 version=4
			obs read  k 7-8 200 version=4`}, Violated, 2},
		// x, y and x again: the version is a hash of the content.
		{"a version that came back can be replaced again", noLostUpdate, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=x
			1.0 write k 2-3 200 expect=x version=y
			2.0 write k 2-5 200 expect=y version=x
			1.1 write k 6-7 200 expect=x version=y
			obs read  k 8-9 200 version=y`}, Undecided, 0},
		{"but not more often than it came back", noLostUpdate, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=x
			1.0 write k 2-3 200 expect=x version=y
			2.0 write k 2-5 200 expect=y version=x
			1.1 write k 6-7 200 expect=x version=y
			3.1 write k 6-7 200 expect=x version=y
			obs read  k 8-9 200 version=y`}, Violated, 1},
		{"an unanswered write may have brought it back", noLostUpdate, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=x
			1.0 write k 2-3 200 expect=x version=y
			2.0 write k 3-5 0 expect=y
			1.1 write k 6-7 200 expect=x version=y
			obs read  k 8-9 200 version=y`}, Undecided, 0},
		{"one write that is answered twice is one", noLostUpdate, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=3
			1.0 write k 2-4 200 expect=3 version=4 value=a
			1.0 write k 3-5 200 expect=3 version=4 value=a
			2.0 write k 3-5 412 expect=3 value=b
			obs read  k 7-8 200 version=4`}, Undecided, 0},
		{"two creates may be given one number", noLostUpdate, run{workload: registerLoad, strategy: byVersion, text: `
			obs setup k 0-1 201 version=3
			1.0 write k 2-4 200 version=4
			2.0 write k 3-5 200 version=4
			obs read  k 7-8 200 version=4`}, Undecided, 0},
		{"a counter's last read tells how many are lost", noLostUpdate, run{workload: seats, strategy: byVersion, text: `
			obs setup k 0-1 201 version=1 value=0
			1.0 read  k 1.2-1.5 200 version=1 value=0
			2.0 read  k 1.2-1.5 200 version=1 value=0
			1.0 write k 2-3 200 expect=1 version=2 value=1
			1.1 read  k 4-5 200 version=2 value=1
			1.1 write k 6-9 200 expect=2 version=3 value=2
			2.0 write k 2-10 200 expect=1 version=2 value=1
			obs read  k 17-18 200 version=2 value=1`}, Violated, 2},
		{"and that none is", noLostUpdate, run{workload: seats, strategy: byVersion, text: `
			obs setup k 0-1 201 version=1 value=0
			1.0 read  k 1.2-1.5 200 version=1 value=0
			1.0 write k 2-3 200 expect=1 version=2 value=1
			2.1 read  k 4-5 200 version=2 value=1
			1.1 write k 4-7 412 expect=1 value=2
			2.1 write k 5.5-7 200 expect=2 version=2 value=2
			obs read  k 17-18 200 version=2 value=2`}, Holds, 0},
	})
}

// A server that checks and writes in two steps, and counts its versions from
// what it read: without tags the number lost is what the counter lacks, however
// the versions fell out, and a careful twin loses none.
func TestLostNumberWithoutTags(t *testing.T) {
	rng := rand.New(rand.NewPCG(oracleSeed, 17))
	collided := 0
	for i := range 2000 {
		careful := i%2 == 0
		version, value, acked := 1, 0, 0
		type at struct{ version, value int }
		known := make([]*at, 6)
		s := &sim{rng: rng, clients: 2 + rng.IntN(4), ops: 30}
		s.next = func(client, _ int) history.Request {
			k := known[client]
			if k == nil {
				return history.Request{Step: history.StepRead}
			}
			return history.Request{Step: history.StepWrite, Expect: strconv.Itoa(k.version), Value: strconv.Itoa(k.value + 1)}
		}
		s.apply = func(r *history.Request) {
			answered(r, 200, history.OK, "")
			if r.Step == history.StepRead {
				r.Version, r.Value = strconv.Itoa(version), strconv.Itoa(value)
				return
			}
			if n, _ := strconv.Atoi(r.Expect); n != version && (careful || rng.IntN(3) > 0) {
				answered(r, 412, history.Stale, history.Refused)
				return
			}
			version, _ = strconv.Atoi(r.Expect)
			version++
			value, _ = strconv.Atoi(r.Value)
			r.Effect, r.Version = history.Applied, strconv.Itoa(version)
			acked++
		}
		s.learn = func(r *history.Request) {
			known[r.Client] = nil
			if r.Step == history.StepRead {
				v, _ := strconv.Atoi(r.Version)
				n, _ := strconv.Atoi(r.Value)
				known[r.Client] = &at{v, n}
			}
		}
		s.last = []history.Request{{Step: history.StepRead, Key: "k"}}
		h := append([]history.Request{{Client: -1, Step: history.StepSetup, Key: "k", Version: "1", Value: "0", Status: 201, Call: -9, Return: -8}}, s.run()...)
		for c := range h { // each operation is a read and a write
			if h[c].Step == history.StepWrite {
				h[c].Op--
			}
		}
		o := oracle{workload: kindCounter, identify: "version", ours: []string{noLostUpdate}}
		for _, p := range o.judge(h) {
			if p.Name != noLostUpdate {
				continue
			}
			want := int64(acked - value)
			if p.Violations != want || p.Verdict == Undecided {
				t.Fatalf("%d acknowledged, %d left, but %d lost by ours\n%s", acked, value, p.Violations, o.show(h))
			}
			if want > 0 {
				collided++
			}
		}
	}
	if collided < 200 {
		t.Errorf("%d histories lost something, too few to mean anything", collided)
	}
}

func TestGrantsAreOfAClient(t *testing.T) {
	lifecycleUnderLocks := history.PlanStrategy{Locking: "pessimistic"}
	webdav := history.PlanStrategy{Locking: "pessimistic", Dialect: "webdav"}
	testRules(t, []rule{
		{"a release ends one's own hold, not another's with the same token", honestRefusals, run{workload: aLease, text: `
			9.0 lock   k 0-5 200 lock=true
			3.0 lock   k 9-14 200 lock=true
			9.0 unlock k 10-12 200 lock=true
			5.0 lock   k 13-15 423
			3.0 unlock k 20-22 200 lock=true`}, Holds, 0},
		{"when both gave it back it is free", honestRefusals, run{workload: aLease, text: `
			9.0 lock   k 0-5 200 lock=true
			9.0 unlock k 6-7 200 lock=true
			3.0 lock   k 9-14 200 lock=true
			3.0 unlock k 20-22 200 lock=true
			5.0 lock   k 23-25 423`}, Violated, 1},
		{"so is one without a token", honestRefusals, run{workload: aLease, text: `
			9.0 lock   k 0-5 200
			9.0 unlock k 6-7 200
			5.0 lock   k 23-25 423`}, Violated, 1},
		{"another may give a token back that one client has", honestRefusals, run{workload: aLease, text: `
			9.0 lock   k 0-5 200 lock=A
			4.0 unlock k 6-7 200 lock=A
			5.0 lock   k 23-25 423`}, Violated, 1},
		{"a delete may end the lock", mutualExclusion, run{workload: aLife, strategy: lifecycleUnderLocks, text: `
			obs setup  k 0-1 201 tag=init
			1.0 lock   k 0-1 200 lock=A
			1.0 delete k 2-4 204 tag=d base=init lock=A
			2.0 lock   k 2.5-5 200 lock=B
			1.0 unlock k 6-7 409 lock=A
			2.0 unlock k 8-9 204 lock=B`}, Holds, 0},
		{"not before it was asked for", mutualExclusion, run{workload: aLife, strategy: lifecycleUnderLocks, text: `
			obs setup  k 0-1 201 tag=init
			1.0 lock   k 0-1 200 lock=A
			2.0 lock   k 0.5-1.5 200 lock=B
			1.0 delete k 2-4 204 tag=d base=init lock=A
			2.0 unlock k 8-9 204 lock=B`}, Violated, 1},
		{"nor when it was refused", mutualExclusion, run{workload: aLife, strategy: lifecycleUnderLocks, text: `
			obs setup  k 0-1 201 tag=init
			1.0 lock   k 0-1 200 lock=A
			3.0 delete k 2-4 423 tag=d base=init
			2.0 lock   k 2.5-5 200 lock=B
			1.0 unlock k 6-7 204 lock=A
			2.0 unlock k 8-9 204 lock=B`}, Violated, 1},
		{"one without an answer may end any later one", mutualExclusion, run{workload: aLife, strategy: lifecycleUnderLocks, text: `
			obs setup  k 0-1 201 tag=init
			3.0 delete k 0-1 0 tag=d base=init
			1.0 lock   k 1-2 200 lock=A
			2.0 lock   k 2.5-5 200 lock=B
			1.0 unlock k 6-7 409 lock=A
			2.0 unlock k 8-9 204 lock=B`}, Holds, 0},
		{"a lock of what was deleted may stay until it is given back", honestRefusals, run{workload: aLife, strategy: webdav, text: `
			obs setup  k 0-1 201 tag=init
			1.0 lock   k 0-1 200 lock=A
			1.0 delete k 2-4 204 tag=d base=init lock=A
			2.0 lock   k 5-6 423`}, Holds, 0},
		{"and no longer", honestRefusals, run{workload: aLife, strategy: webdav, text: `
			obs setup  k 0-1 201 tag=init
			1.0 lock   k 0-1 200 lock=A
			1.0 delete k 2-4 204 tag=d base=init lock=A
			1.0 unlock k 5-6 204 lock=A
			2.0 lock   k 7-8 423`}, Violated, 1},
		{"a key that set-up made exists until it is deleted", honestRefusals, run{workload: aLife, text: `
			obs setup  k 0-1 201 tag=init
			1.0 delete k 2-4 204 tag=d base=init expect=1
			2.0 create k 3-6 409 tag=a`}, Holds, 0},
		{"and not after", honestRefusals, run{workload: aLife, text: `
			obs setup  k 0-1 201 tag=init
			1.0 delete k 2-4 204 tag=d base=init expect=1
			2.0 create k 5-6 409 tag=a`}, Violated, 1},
		{"whoever deleted it and however", honestRefusals, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c
			1.0 delete k 2-4 204 tag=d
			2.0 create k 5-6 409 tag=a`}, Violated, 1},
		{"unless it was created again", honestRefusals, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c
			1.0 delete k 2-4 204 tag=d
			3.0 create k 3-9 201 tag=b
			2.0 create k 5-6 409 tag=a`}, Holds, 0},
	})
}

func TestBlindWritesInLives(t *testing.T) {
	testRules(t, []rule{
		{"two conditional deletes of one state leave the same", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			2.0 delete k 4-6 204 tag=d1 base=c1 expect=1
			3.0 delete k 5-7 204 tag=d2 base=c1 expect=1
			2.1 read   k 8-9 404`}, Holds, 0},
		{"what was deleted is gone when the first was answered", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			2.0 delete k 2-9 204 tag=d1 base=c1 expect=1
			3.0 delete k 3-4 204 tag=d2 base=c1 expect=1
			4.0 read   k 6-7 200 saw=c1`}, Violated, 1},
		{"a delete that hits a later life shows", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			2.0 delete k 2-3 204 tag=d1 base=c1 expect=1
			1.1 create k 4-5 201 tag=c2
			3.0 delete k 4-7 204 tag=d2 base=c1 expect=1
			2.1 read   k 8-9 404`}, Violated, 1},
		{"blind changes of one state may follow each other", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			2.0 write  k 4-6 200 tag=w1 base=c1
			3.0 write  k 5-7 200 tag=w2 base=c1
			2.1 read   k 8-9 200 saw=w1`}, Undecided, 0},
		{"a blind one that hit what it was built on is one of its life", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			2.0 write  k 4-6 200 tag=w1 base=c1
			3.0 write  k 5-7 412 tag=w2 base=c1 expect=1
			2.1 read   k 8-9 200 saw=w1`}, Holds, 0},
		{"conditional ones may not, whatever else is blind", lifecycle, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			2.0 write  k 4-6 200 tag=w1 base=c1 expect=1
			3.0 write  k 5-7 200 tag=w2 base=c1 expect=1
			4.0 delete k 8-9 204 tag=d1 base=w1
			2.1 read   k 10-11 404`}, Violated, 1},
		{"nor may changes under a lock", lifecycle, run{workload: aLife, strategy: locking, text: `
			1.0 create k 0-1 201 tag=c1
			2.0 write  k 4-6 200 tag=w1 base=c1
			3.0 write  k 5-7 200 tag=w2 base=c1
			2.1 read   k 8-9 200 saw=w1`}, Violated, 1},
		{"a delete without a condition loses nothing", noLostUpdate, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			2.0 write  k 4-6 200 tag=w1 base=c1 expect=1
			3.0 delete k 5-7 204 tag=d1 base=c1
			2.1 read   k 8-9 404`}, Holds, 0},
		{"one with a condition does", noLostUpdate, run{workload: aLife, text: `
			1.0 create k 0-1 201 tag=c1
			2.0 write  k 4-6 200 tag=w1 base=c1 expect=1
			3.0 delete k 5-7 204 tag=d1 base=c1 expect=1
			2.1 read   k 8-9 404`}, Violated, 1},
	})
}

func TestAppendPrefixes(t *testing.T) {
	testRules(t, []rule{
		{"an element that came in before one that was shown", appendOnly, run{workload: aList, text: `
			1.0 append k 0-1 200 value=x1
			2.0 append k 2-9 200 value=x2
			3.0 read   k 3-4 200 value=["x1"]
			3.1 read   k 5-6 200 value=["x2","x1"]`}, Violated, 1},
		{"one that came in last", appendOnly, run{workload: aList, text: `
			1.0 append k 0-1 200 value=x1
			2.0 append k 1-9 200 value=x2
			3.0 read   k 3-4 200 value=["x1"]
			3.1 read   k 5-6 200 value=["x1","x2"]`}, Holds, 0},
		{"two lists of one length", appendOnly, run{workload: aList, text: `
			1.0 append k 0-9 200 value=x1
			2.0 append k 0-9 200 value=x2
			3.0 read   k 3-4 200 value=["x1"]
			4.0 read   k 3-4 200 value=["x2"]`}, Violated, 1},
		{"what is missing is said once", appendOnly, run{workload: aList, text: `
			1.0 append k 0-1 200 value=x1
			2.0 append k 2-9 200 value=x2
			3.0 read   k 3-4 200 value=["x1"]
			3.1 read   k 5-6 200 value=["x2"]`}, Violated, 1},
		{"a retry under its tag is one element", appendOnly, run{workload: aList, text: `
			1.0.1 append k 0-1 0 value=x1 tag=a
			1.0.2 append k 2-3 200 value=x1 tag=a
			2.0   append k 2-3 200 value=x2 tag=b
			3.0   read   k 4-5 200 value=["x1","x2","x1"]`}, Violated, 1},
		{"a text that two appended may stand twice", appendOnly, run{workload: aList, text: `
			1.0 append k 0-1 200 value=x1
			2.0 append k 0-2 200 value=x1
			3.0 read   k 4-5 200 value=["x1","x1"]`}, Undecided, 0},
		{"but no more often", appendOnly, run{workload: aList, text: `
			1.0 append k 0-1 200 value=x1
			2.0 append k 0-2 200 value=x1
			3.0 read   k 4-5 200 value=["x1","x1","x1"]`}, Violated, 1},
	})
}

// The headline follows the finding.
func TestHarmFollowsTheFinding(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"1.0 create n 0-1 201 tag=a\n2.0 create n 0-2 409 tag=b\n3.0 read n 4-5 404", "lost what it had created, 1 time"},
		{"1.0 create n 0-1 201 tag=a\n2.0 create n 0-2 201 tag=b", ""},
		{"1.0 create n 3-4 201 tag=a\n2.0 create n 3-4 409 tag=b\n3.0 read n 1-2 200 saw=a", "showed what had not been created, 1 time"},
	} {
		if p := (run{workload: aName, text: test.text}).property(t, createOnce); p.Verdict != Violated || p.Harm != test.want {
			t.Errorf("%q, want %q\n%s", p.Harm, test.want, p.text())
		}
	}
}
