package check

import (
	"testing"

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
