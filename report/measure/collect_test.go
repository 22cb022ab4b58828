package measure

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tussle/history"
)

const ms = int64(1e6)

// tape records a hand-written block, times in ms.
type tape struct{ c *Collector }

func newTape(locking string, clients int) *tape {
	tp := &tape{New()}
	tp.c.Add(&history.Record{Kind: history.KindHeader, Header: history.Header{Run: "r1", Plan: history.Plan{
		Workload: history.PlanWorkload{Kind: "counter", Keys: 2, Skew: "uniform"}, Load: history.PlanLoad{Clients: clients, Duration: 100 * ms, Warmup: 10 * ms},
		Strategies: []history.PlanStrategy{{Name: "s", Locking: locking}}}}})
	return tp
}

// block 0 runs from 0 to 110 ms, with 10 ms of warm-up.
func (tp *tape) block(end int64) {
	b := history.Block{Clients: 2, Measure: 10 * ms, Stop: 110 * ms, End: end * ms}
	tp.c.Add(&history.Record{Kind: history.KindBlock, Block: b})
}

func (tp *tape) request(r history.Request) {
	r.Call, r.Return = r.Call*ms, r.Return*ms
	if r.Key == "" {
		r.Key = "r1-b0-k0"
	}
	if r.Attempt == 0 {
		r.Attempt = 1
	}
	tp.c.Add(&history.Record{Kind: history.KindRequest, Request: r})
}

func (tp *tape) operation(o history.Operation) {
	o.Planned, o.Call, o.Return, o.Commit = o.Planned*ms, o.Call*ms, o.Return*ms, o.Commit*ms
	if o.Key == "" {
		o.Key = "r1-b0-k0"
	}
	if o.Intent == "" {
		o.Intent = history.IntentUpdate
	}
	tp.c.Add(&history.Record{Kind: history.KindOperation, Operation: o})
}

// One committed in the warm-up, one that conflicts once, one that gives up,
// one plain read, one that starts late and ends after the stop.
//
//	ms        0    10        20        30   40              110
//	client 0  |r w|  r  w412 r  w     |R|                 r w  (planned 105)
//	client 1              r w  (20-24)   r w409 r w409
func aBlock() *tape {
	tp := newTape("optimistic", 2)
	tp.block(0)
	read := history.Request{Step: history.StepRead, Status: 200, Class: history.OK}
	write := history.Request{Step: history.StepWrite, Status: 200, Class: history.OK, Effect: history.Applied}
	stale := history.Request{Step: history.StepWrite, Status: 412, Class: history.Stale, Effect: history.Refused, Problem: "/stale",
		Detail: `{"instance":"/items/r1-b0-k0","current_version":3,"detail":"read it again"}`}
	at := func(r history.Request, client, op, attempt int, call, ret int64) {
		r.Client, r.Op, r.Attempt, r.Call, r.Return = client, op, attempt, call, ret
		tp.request(r)
	}
	at(read, 0, 0, 1, 1, 2)
	at(write, 0, 0, 1, 4, 5)
	tp.operation(history.Operation{Client: 0, Op: 0, Planned: 1, Call: 1, Return: 5, Commit: 5, Outcome: history.Committed, Attempts: 1})
	at(read, 1, 0, 1, 20, 21)
	at(write, 1, 0, 1, 23, 24)
	tp.operation(history.Operation{Client: 1, Op: 0, Planned: 20, Call: 20, Return: 24, Commit: 24, Outcome: history.Committed, Attempts: 1})
	at(read, 0, 1, 1, 19, 20)
	at(stale, 0, 1, 1, 25, 27)
	at(read, 0, 1, 2, 28, 29)
	at(write, 0, 1, 2, 31, 32)
	tp.operation(history.Operation{Client: 0, Op: 1, Planned: 19, Call: 19, Return: 32, Commit: 32, Outcome: history.Committed, Attempts: 2, Conflicts: 1})
	at(read, 0, 2, 1, 40, 41)
	tp.operation(history.Operation{Client: 0, Op: 2, Intent: history.IntentRead, Planned: 40, Call: 40, Return: 41, Outcome: history.Committed, Attempts: 1})
	at(read, 1, 1, 1, 40, 41)
	at(stale, 1, 1, 1, 43, 44)
	at(read, 1, 1, 2, 45, 46)
	at(stale, 1, 1, 2, 48, 49)
	tp.operation(history.Operation{Client: 1, Op: 1, Key: "r1-b0-k1", Planned: 40, Call: 40, Return: 49, Outcome: history.GaveUp, Attempts: 2, Conflicts: 2})
	at(read, 0, 3, 1, 107, 110)
	at(write, 0, 3, 1, 112, 115)
	tp.operation(history.Operation{Client: 0, Op: 3, Planned: 105, Call: 107, Return: 116, Commit: 115, Outcome: history.Committed, Attempts: 1})
	// The observer's last look, and an operation that was never ended.
	at(read, history.Observer, 0, 1, 117, 118)
	tp.operation(history.Operation{Client: history.Observer, Intent: history.IntentFinal, Planned: 117, Call: 117, Return: 118, Outcome: history.Committed, Attempts: 1})
	at(read, 1, 2, 1, 60, 61)
	tp.block(120)
	return tp
}

func v(x float64) *float64 { return &x }

func TestFiguresOfAHandWrittenBlock(t *testing.T) {
	f := aBlock().c.Finish()[0]
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"operations", f.Operations, Operations{Total: 4, Committed: 3, GaveUp: 1, Reads: 1}},
		{"requests", f.Requests, int64(13)},
		{"attempts", f.Attempts, int64(6)},
		{"by status", f.ByStatus, map[string]int64{"200": 10, "412": 3}},
		{"by class", f.ByClass, map[string]int64{"ok": 10, "stale": 3}},
		{"conflicts", f.Conflicts, Conflicts{Attempts: 3, Rate: v(0.5)}},
		{"abandon rate", f.AbandonRate, v(0.25)},
		{"goodput: 3 in 100 ms", f.Goodput, v(30)},
		{"amplification: 12 / 3", f.Amplification, v(4)},
		{"fairness of 2 and 1 commits", f.Fairness, v(0.9)},
		{"time to commit, from the intended start: 4, 13 and 10 ms", f.TimeToCommit, Quantiles{P50: v(10), P90: v(13), P95: v(13), Max: v(13), N: 3}},
		{"schedule lag", f.ScheduleLag.Max, v(2)},
		{"accepted writes", f.ServiceTime["write"], Quantiles{P50: v(1), P90: v(3), P95: v(3), Max: v(3), N: 3}},
		{"refused writes", f.ServiceTime["write_refused"], Quantiles{P50: v(1), P90: v(2), P95: v(2), Max: v(2), N: 3}},
		{"attempts a commit", f.Anatomy.Attempts, []int64{2, 1, 0, 0, 0, 0, 0, 0, 0, 0}},
		{"commits a client", f.Anatomy.PerClient, []int64{2, 1}},
		{"hot keys, without run and block", f.Anatomy.HotKeys, []HotKey{{Key: "k1", Attempts: 2, Conflicts: 2, Share: 0.25}, {Key: "k0", Attempts: 4, Conflicts: 1, Share: 0.75}}},
		{"where requests went", f.Anatomy.Spent, []Share{{"committed first try", 4}, {"committed after retry", 2}, {"conflict then retried", 2}, {"gave up", 4},
			{"lock wait", 0}, {"reads", 1}, {"errors", 0}, {"unknown", 0}}},
		{"matrix", f.Anatomy.Matrix, []StatusClass{{200, "ok", "read", 7}, {200, "ok", "write", 3}, {412, "stale", "write", 3}}},
		{"problems", f.Anatomy.Problems[0].N, int64(3)},
		{"diagnosis", f.Anatomy.Diagnosis, &Diagnosis{N: 3, Resource: 1, Version: 1, Advice: 1, Problem: 1, Score: 100}},
		{"blocks", f.Blocks, []BlockFigures{{Goodput: v(30), ConflictRate: v(0.5), P50: v(10), Amplification: v(4), Fairness: v(0.9), AbandonRate: v(0.25)}}},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// A recorder may write the records of clients in any order.
func TestFiguresDoNotDependOnTheOrderOfRecords(t *testing.T) {
	want := aBlock().c.Finish()
	shuffled := aBlock().c
	b := shuffled.blocks[0]
	requests, ops := []request{}, []operation{}
	for _, l := range b.all {
		requests, ops = l.unpack(requests), l.unpackOps(ops)
	}
	slices.Reverse(requests)
	slices.Reverse(ops)
	b.lanes = lanes{}
	for i := range requests {
		b.of(requests[i].client, &shuffled.spare).request(&requests[i])
	}
	for i := range ops {
		b.of(ops[i].client, &shuffled.spare).operation(&ops[i])
	}
	if d := cmp.Diff(want, shuffled.Finish()); d != "" {
		t.Errorf("(-in order +reversed):\n%s", d)
	}
}

// A block that was killed counts as far as it went, and is no unit of statistics.
func TestBlockWithoutAnEndIsMeasuredButNotCompared(t *testing.T) {
	tp := newTape("none", 1)
	tp.block(0)
	for op := range 4 {
		at := int64(10 + 10*op)
		tp.request(history.Request{Op: op, Step: history.StepWrite, Status: 200, Class: history.OK, Effect: history.Applied, Call: at, Return: at + 5})
		tp.operation(history.Operation{Op: op, Planned: at, Call: at, Return: at + 10, Commit: at + 5, Outcome: history.Committed, Attempts: 1})
	}
	f := tp.c.Finish()[0]
	if f.Operations.Committed != 4 || *f.Goodput != 100 { // 4 in the 40 ms up to the last record
		t.Errorf("%d committed, goodput %v", f.Operations.Committed, *f.Goodput)
	}
	if len(f.Blocks) != 0 {
		t.Error("half a block is a unit of statistics")
	}
}

func TestNothingMeasuredHasNoFigures(t *testing.T) {
	tp := newTape("optimistic", 2)
	tp.block(0)
	tp.block(120)
	f := tp.c.Finish()[0]
	if f.Amplification != nil || f.AbandonRate != nil || f.Conflicts.Rate != nil || f.TimeToCommit.P50 != nil || f.Fairness != nil || f.EffectiveKeys != nil {
		t.Errorf("%+v", f)
	}
	if f.Goodput == nil || *f.Goodput != 0 {
		t.Error("the goodput of a block in which nothing happened is 0, not unknown")
	}
}

// Preflight has the block -1, and a block number may be anything in a foreign file.
func TestStrayBlocksAreLeftOut(t *testing.T) {
	tp := newTape("none", 1)
	for _, b := range []int{-1, maxBlock + 1} {
		tp.request(history.Request{Block: b, Step: history.StepRead, Status: 200, Class: history.OK, Call: 1, Return: 2})
		tp.operation(history.Operation{Block: b, Planned: 20, Call: 20, Return: 21, Outcome: history.Committed, Attempts: 1})
	}
	if f := tp.c.Finish()[0]; f.Requests != 0 || f.Operations.Total != 0 {
		t.Errorf("%+v", f.Operations)
	}
}

// Bodies that differ in numbers only are one problem.
func TestProblemsAreGrouped(t *testing.T) {
	var b bodies
	for i, detail := range []string{"version 7 is gone", "version 8 is gone", "version 9 is gone", "no"} {
		b.add(&history.Request{Key: "k", Status: 409, Class: history.Stale, Detail: detail, Op: i})
	}
	list, d := b.finish()
	if len(list) != 2 || list[0].N != 3 || list[0].Sample != "version 7 is gone" {
		t.Errorf("%+v", list)
	}
	if d.N != 4 || d.Version != 0.75 || d.Resource != 0 || d.Advice != 0 || d.Problem != 0 || d.Score != 19 {
		t.Errorf("%+v", *d)
	}
}
