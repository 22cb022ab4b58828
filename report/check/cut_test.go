package check

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"tussle/history"
)

// A run that was killed loses the lines that its clients had not handed over.
// The read of 2 has no write that made it so: in a whole block a violation, in
// a block that was cut off nothing that can be decided.
func TestMissingRecordsOfACutBlockDecideNothing(t *testing.T) {
	judge := func(end int64) Property {
		j := New()
		add := func(rec history.Record) {
			t.Helper()
			if err := j.Add(&rec); err != nil {
				t.Fatal(err)
			}
		}
		add(history.Record{Kind: history.KindHeader, Header: history.Header{Schema: 1, Plan: history.Plan{
			Workload:   history.PlanWorkload{Kind: "counter", Keys: 1},
			Strategies: []history.PlanStrategy{{Name: "s", Locking: "optimistic", Identify: "tag", Promises: []string{"counter-bounds"}}}}}})
		add(history.Record{Kind: history.KindBlock, Block: history.Block{Start: 1, Stop: 100}})
		request := func(client int, step history.Step, call int64, value, tag, saw, base string) {
			r := history.Request{Client: client, Step: step, Key: "k", Call: call, Return: call + 5, Status: 200, Class: history.OK,
				Value: value, Tag: tag, Saw: saw, Base: base, Attempt: 1}
			if step.Writes() {
				r.Effect = history.Applied
			}
			add(history.Record{Kind: history.KindRequest, Request: r})
		}
		request(history.Observer, history.StepSetup, 0, "0", "init", "", "")
		request(0, history.StepRead, 10, "0", "", "init", "")
		request(0, history.StepWrite, 20, "1", "0.0.1", "", "init")
		request(1, history.StepRead, 30, "2", "", "9.9.9", "")
		if end > 0 {
			add(history.Record{Kind: history.KindBlock, Block: history.Block{Start: 1, Stop: 100, End: end}})
		}
		for _, p := range j.Finish()[0] {
			if p.Name == "counter-bounds" {
				return p
			}
		}
		t.Fatal("counter-bounds was not judged")
		return Property{}
	}
	if p := judge(200); p.Verdict != Violated {
		t.Errorf("whole block: %s, want violated", p.Verdict)
	}
	if p := judge(0); p.Verdict != Undecided || len(p.Findings) != 0 || p.Reason == "" {
		t.Errorf("cut block: %s with %d findings (%s), want undecided", p.Verdict, len(p.Findings), p.Reason)
	}
}

// The rules that a missing record would break, each by the few records that
// were left.
func TestWhatACutRecordCannotShow(t *testing.T) {
	lease := history.PlanStrategy{Locking: "pessimistic", LeaseTTL: 5e6}
	testRules(t, []rule{
		{"a lease whose release may be missing", mutualExclusion, run{workload: aLease, strategy: lease, cut: true, text: `
			1.0 lock   k 0-1 200 lock=A
			2.0 lock   k 1-3 200 lock=B
			2.0 unlock k 3.5-4 204 lock=B`}, Holds, 0},
		{"its uses show", mutualExclusion, run{workload: aLease, strategy: lease, cut: true, text: `
			1.0 lock   k 0-1 200 lock=A
			2.0 lock   k 1-3 200 lock=B
			1.0 write  k 3.2-3.3 200 tag=a lock=A
			2.0 unlock k 3.5-4 204 lock=B`}, Violated, 1},
		{"a subtraction that may be missing", noLostUpdate, run{workload: counterLoad, strategy: server, cut: true, text: `
			obs setup k 0-1 201 value=0
			1.0 add   k 2-3 200 value=5
			3.0 read  k 6-7 200 value=2`}, Undecided, 0},
		{"a last read that may be of a lagging copy", noLostUpdate, run{workload: counterLoad, cut: true, text: `
			obs setup k 0-1 201 value=0 tag=init
			1.0 write k 2-3 200 value=1 tag=a base=init
			2.0 write k 2-3 412 value=1 tag=b base=init
			3.0 read  k 4-5 200 value=0 saw=init`}, Holds, 0},
		{"two writes on one state are there", noLostUpdate, run{workload: counterLoad, cut: true, text: `
			obs setup k 0-1 201 value=0 tag=init
			1.0 write k 2-3 200 value=1 tag=a base=init
			2.0 write k 2-3 200 value=1 tag=b base=init`}, Violated, 1},
		{"a delete that may be missing", durability, run{workload: aLife, cut: true, text: `
			1.0 create k 2-3 201 tag=a
			kill 6-20
			3.0 read   k 25-26 404`}, Undecided, 0},
		{"a child's delete that may be missing", parentChild, run{workload: aFamily, cut: true, text: `
			obs setup  p 0-1 201
			2.0 create p/x 3-4 201 tag=2.0
			3.0 list   p 10-11 200 value=[]`}, Undecided, 0},
		{"half of a transfer that may be missing", conservation, run{workload: aBank, cut: true, text: `
			obs setup a 0-1 201 value=100 tag=init
			obs setup b 0-1 201 value=100 tag=init
			1.0 read  a 2-3 200 saw=init value=100
			1.0 write a 4-5 200 base=init tag=1.a value=90
			obs read  a 20-21 200 saw=1.a value=90
			obs read  b 20-21 200 saw=1.b value=110`}, Undecided, 0},
		{"a transfer that may be missing", noLostUpdate, run{workload: aBank, strategy: server, cut: true, text: `
			obs setup a 0-1 201 value=100
			obs setup b 0-1 201 value=100
			1.0 transfer a 2-4 200 value=10 tag=1.0
			op 1.0 transfer a b 2-4 10
			obs read a 8-9 200 value=70
			obs read b 8-9 200 value=130`}, Undecided, 0},
		{"a later delivery that may be missing", honestRefusals, run{workload: registerLoad, cut: true, text: `
			obs   setup k 0-1 201 tag=init
			1.0.1 write k 2-3 409 tag=a base=init expect=1
			2.0   read  k 6-7 200 saw=a`}, Undecided, 0},
		{"a second delivery that may be missing", register, run{workload: registerLoad, cut: true, text: `
			obs   setup k 0-1 201 tag=init
			1.0.1 write k 2-3 0 tag=a
			2.0   write k 2-7 200 tag=b
			4.0   read  k 2.5-2.9 200 saw=a
			3.0   read  k 8-9 200 saw=b
			3.1   read  k 10-11 200 saw=a`}, Holds, 0},
		{"nor need its first be there", register, run{workload: registerLoad, cut: true, text: `
			obs setup k 0-1 201 tag=init
			4.0 read  k 2-3 200 saw=a
			2.0 write k 4-7 200 tag=b
			5.0 write k 4-5 200 tag=c
			3.0 read  k 8-9 200 saw=b
			3.1 read  k 10-11 200 saw=a`}, Holds, 0},
		{"a version that a missing write made is not the first", register, run{workload: registerLoad, strategy: byVersion, cut: true, text: `
			1.0 write k 2-3 200 version=1
			2.0 write k 2-4 412 expect=0
			3.0 read  k 8-9 200 version=2`}, Holds, 0},
		{"nobody sends again what was answered", register, run{workload: registerLoad, cut: true, text: `
			obs   setup k 0-1 201 tag=init
			1.0.1 write k 2-3 200 tag=a
			2.0   write k 2-7 200 tag=b
			3.0   read  k 8-9 200 saw=b
			3.1   read  k 10-11 200 saw=a`}, Violated, 1},
		{"but a fault may", register, run{workload: registerLoad, cut: true, planned: []history.PlanFault{{Kind: "duplicate"}}, text: `
			obs   setup k 0-1 201 tag=init
			1.0.1 write k 2-3 200 tag=a
			2.0   write k 2-7 200 tag=b
			3.0   read  k 8-9 200 saw=b
			3.1   read  k 10-11 200 saw=a`}, Holds, 0},
		{"what is read as gone before a delete that may have been the second", lifecycle, run{workload: aLife, cut: true, text: `
			1.0 create k 0-3 201 tag=a
			2.9 create k 1-3 409 tag=z
			3.0 read   k 4-5 404
			2.0 delete k 6-7 204 tag=x base=a expect=1`}, Holds, 0},
		{"what was refused before it", honestRefusals, run{workload: aLife, cut: true, text: `
			1.0 create k 0-1 201 tag=a
			3.0 write  k 4-5 412 tag=b base=a expect=1
			2.0 delete k 6-7 204 tag=x base=a expect=1`}, Holds, 0},
		{"reads at two moments", writeSkew, run{workload: aPair, cut: true, text: `
			obs setup a 0-1 201 value=1 tag=init
			obs setup b 0-1 201 value=1 tag=init
			1.0 write a 5-6 200 base=init tag=1.0 value=0 expect="1"
			op 1.0 pair a b 2-6 0
			op 2.0 pair b a 3-6 0
			3.0 read  a 7-8 200 saw=1.0 value=0
			3.1 read  b 20-21 200 saw=9.9 value=0`}, Holds, 0},
	})
}

// What is left of a sound history accuses nobody: each client's last records
// are taken away, as a kill does it.
func TestACutRecordAccusesNobody(t *testing.T) {
	rng := rand.New(rand.NewPCG(oracleSeed, 11))
	for _, o := range []oracle{
		{name: "chain", workload: kindRegister, identify: "tag", generate: registerHistories(0, false), model: registerModel("init"), convert: registerOperations(false, true)},
		{name: "mixed", workload: kindRegister, identify: "tag", generate: registerHistories(0.4, false), model: registerModel("init"), convert: registerOperations(false, true)},
		{name: "sent again", workload: kindRegister, identify: "tag", generate: redelivered(0.6, false, 0.7), model: registerModel("init"), convert: registerOperations(false, true)},
		{name: "versions", workload: kindRegister, identify: "version", generate: registerHistories(0.2, true), model: registerModel("0"), convert: registerOperations(true, true)},
		{name: "lifecycle", workload: kindLifecycle, identify: "tag", generate: keyHistories(false), model: keyModel, convert: keyOperations(true)},
		{name: "create-once", workload: kindCreateOnce, identify: "tag", generate: keyHistories(true), model: keyModel, convert: keyOperations(true)},
		{name: "counter", workload: kindCounter, identify: "none", generate: counterHistories, model: counterModel, convert: keyOperations(true)},
		{name: "append", workload: kindAppend, identify: "none", generate: listHistories, model: listModel, convert: keyOperations(true)},
		{name: "locks", workload: kindLease, identify: "none", generate: lockHistories, model: lockModel, convert: lockOperations(true)},
	} {
		t.Run(o.name, func(t *testing.T) {
			plan := history.PlanStrategy{Locking: "optimistic", Identify: o.identify}
			if o.workload == kindLease {
				plan.Locking, plan.LeaseTTL = "pessimistic", 1000
			}
			judged := 0
			model := o.model.ToModel()
			for range 1500 {
				h := o.generate(rng)
				if porcupine.CheckOperationsTimeout(model, o.convert(h), time.Second) != porcupine.Ok {
					continue // something is wrong with it
				}
				kept := map[int]int{} // by client
				var left []history.Request
				for i := range h {
					c := h[i].Client
					if _, known := kept[c]; !known {
						kept[c] = rng.IntN(len(h))
					}
					if kept[c]--; kept[c] >= 0 {
						left = append(left, h[i])
					}
				}
				for name, v := range o.cut(left, plan) {
					judged++
					if v == Violated && !(o.name != "chain" && name == noLostUpdate) { // blind writes may lose each other
						t.Fatalf("%s is violated by what is left of a sound history\n%s\nof\n%s", name, o.show(left), o.show(h))
					}
				}
			}
			if judged < 1000 {
				t.Errorf("only %d verdicts were compared", judged)
			}
		})
	}
}

// cut judges the requests of a block that did not end.
func (o oracle) cut(h []history.Request, s history.PlanStrategy) map[string]Verdict {
	j := New()
	rec := history.Record{Kind: history.KindHeader, Line: 1}
	rec.Header.Plan.Workload = history.PlanWorkload{Kind: o.workload, Keys: 1}
	rec.Header.Plan.Strategies = []history.PlanStrategy{s}
	_ = j.Add(&rec)
	_ = j.Add(&history.Record{Kind: history.KindBlock, Block: history.Block{}})
	for i := range h {
		_ = j.Add(&history.Record{Kind: history.KindRequest, Request: h[i], Line: int64(i + 2)})
	}
	out := map[string]Verdict{}
	for _, p := range j.Finish()[0] {
		out[p.Name] = p.Verdict
	}
	return out
}
