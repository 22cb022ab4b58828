package measure

import (
	"strings"
	"testing"

	"tussle/history"
)

// Answers that nobody asked for make the figures doubtful: a 5xx without a
// fault, and operations that end with a refusal which is no conflict.
func TestAnswersThatAreNoConflictsAreTold(t *testing.T) {
	for _, c := range []struct {
		name             string
		status           int
		class            history.Class
		outcome          history.Outcome
		body             string
		every            int // of 100 operations
		faults           []history.PlanFault
		injected         string
		errors, rejected State
		note             string
		rejects          [][2]int
	}{
		{"none", 200, history.OK, history.Committed, "", 0, nil, "", Good, Good, "", nil},
		{"one 500", 500, history.ServerError, history.OutcomeUnknown, "", 100, nil, "", Bad, Good, "1 of 100 requests were answered 5xx, most of them 500", nil},
		{"500 under a fault", 500, history.ServerError, history.OutcomeUnknown, "", 10, []history.PlanFault{{Kind: "kill"}}, "", Note, Good, "while faults were injected", nil},
		{"500 of a fault", 500, history.ServerError, history.OutcomeUnknown, "", 10, []history.PlanFault{{Kind: "latency"}}, "latency", Good, Good, "", nil},
		{"403s", 403, history.Rejected, history.Failed, `{"message":"cannot lock ref"}`, 4, nil, "", Good, Bad, `25 of 100 operations ended with 403 "cannot lock ref": is it a conflict?`, nil},
		{"text", 403, history.Rejected, history.Failed, "not\n now", 4, nil, "", Good, Bad, `403 "not now"`, nil},
		{"one 403 of 200", 403, history.Rejected, history.Failed, "", 200, nil, "", Good, Note, "1 of 200 operations ended with 403", nil},
		{"503s are throttling", 503, history.Throttled, history.GaveUp, "", 2, nil, "", Good, Good, "", nil},
		{"403s that a rule expects", 403, history.Rejected, history.Failed, "full", 4, nil, "", Good, Good, "25 of 100 operations were rejected as an outcome of the scenario expects", [][2]int{{400, 403}}},
		{"403s where a rule expects 422", 403, history.Rejected, history.Failed, "", 4, nil, "", Good, Bad, "25 of 100 operations ended with 403", [][2]int{{422, 422}}},
	} {
		col := New()
		col.Add(&history.Record{Kind: history.KindHeader, Header: history.Header{Plan: history.Plan{Strategies: []history.PlanStrategy{{Name: "a", Rejects: c.rejects}}, Faults: c.faults, Load: history.PlanLoad{Duration: 1e9}}}})
		col.Add(&history.Record{Kind: history.KindBlock, Block: history.Block{Measure: 0, Stop: 1e9, Clients: 1}})
		for i := range max(100, c.every) {
			at := int64(i) * 1e6
			r := history.Request{Client: 0, Op: i, Attempt: 1, Step: history.StepWrite, Status: 200, Class: history.OK, Effect: history.Applied, Call: at, Return: at + 1000, Key: "k"}
			o := history.Operation{Client: 0, Op: i, Planned: at, Call: at, Return: at + 1000, Key: "k", Attempts: 1, Outcome: history.Committed}
			if c.every > 0 && i%c.every == 0 {
				r.Status, r.Class, r.Effect, r.Fault, r.Detail, o.Outcome = c.status, c.class, history.Unknown, c.injected, c.body, c.outcome
			}
			col.Add(&history.Record{Kind: history.KindRequest, Request: r})
			col.Add(&history.Record{Kind: history.KindOperation, Operation: o})
		}
		col.Add(&history.Record{Kind: history.KindBlock, Block: history.Block{Measure: 0, Stop: 1e9, End: 1e9, Clients: 1}})
		notes := ""
		for _, ch := range col.Finish()[0].Checks {
			want := State("")
			switch ch.Name {
			case "server errors":
				want = c.errors
			case "rejected operations":
				want = c.rejected
			default:
				continue
			}
			notes += ch.Note
			if ch.State != want {
				t.Errorf("%s: %s is %s, want %s (%s)", c.name, ch.Name, ch.State, want, ch.Note)
			}
		}
		if !strings.Contains(notes, c.note) {
			t.Errorf("%s: %q, want %q", c.name, notes, c.note)
		}
	}
}

// The mean time to commit is the sum of its parts.
//
//	planned 0 .. 2 wait; read 2-5; think 5-9; write 9-12 refused; back-off 12-20; read 20-21; write 23-30
func TestTimeToCommitHasParts(t *testing.T) {
	var p parts
	ms := func(n int64) int64 { return n * 1e6 }
	p.operation(&operation{planned: 0, call: ms(2), ret: ms(30), commit: ms(30)}, []request{
		{call: ms(2), length: ms(3), attempt: 1}, {call: ms(9), length: ms(3), attempt: 1},
		{call: ms(20), length: ms(1), attempt: 2}, {call: ms(23), length: ms(7), attempt: 2},
	})
	got := p.finish()
	if *got.Wait != 2 || *got.Server != 14 || *got.Think != 6 || *got.BackOff != 8 {
		t.Errorf("wait %v, server %v, think %v, back-off %v", *got.Wait, *got.Server, *got.Think, *got.BackOff)
	}
	if (&parts{}).finish() != nil {
		t.Error("no commit has parts")
	}
}

// A refusal that is sent as 200 is read like any other.
func TestRefusalsSentAs200AreRead(t *testing.T) {
	for _, c := range []struct {
		class  history.Class
		effect history.Effect
		n      int64
	}{{history.Stale, history.Refused, 1}, {history.OK, history.Applied, 0}, {history.Unreadable, history.Unknown, 0}} {
		col := New()
		col.Add(&history.Record{Kind: history.KindHeader, Header: history.Header{Plan: history.Plan{Strategies: []history.PlanStrategy{{Name: "a"}}}}})
		col.Add(&history.Record{Kind: history.KindBlock, Block: history.Block{Stop: 1e9, Clients: 1}})
		col.Add(&history.Record{Kind: history.KindRequest, Request: history.Request{Attempt: 1, Step: history.StepWrite, Status: 200, Class: c.class, Effect: c.effect,
			Call: 1000, Return: 2000, Key: "k", Detail: `{"error":"version 7 is there already, read again"}`}})
		col.Add(&history.Record{Kind: history.KindBlock, Block: history.Block{Stop: 1e9, End: 1e9, Clients: 1}})
		a := col.Finish()[0].Anatomy
		var n int64
		if d := a.Diagnosis; d != nil {
			n = d.N
			if d.Version != 1 || d.Advice != 1 {
				t.Errorf("%s: %+v", c.class, d)
			}
		}
		if n != c.n || int64(len(a.Problems)) != c.n {
			t.Errorf("%s: %d refusals, %d groups, want %d", c.class, n, len(a.Problems), c.n)
		}
	}
}
