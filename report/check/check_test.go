package check

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"tussle/history"
)

// run is a history written by hand: a line is one request,
//
//	CLIENT.OP.ATTEMPT STEP KEY CALL-RETURN STATUS name=value ...
//
// with client "obs" for the observer. Class and effect follow from the status
// as in foreign histories, unless class= or effect= says otherwise. A line
// "op CLIENT.OP INTENT KEY KEY2 CALL-RETURN AMOUNT" is an operation,
// "kill AT-UNTIL" (or "pause") a window in which the target was down.
type run struct {
	workload history.PlanWorkload
	strategy history.PlanStrategy
	faults   []history.FaultCount // as counted
	planned  []history.PlanFault
	cut      bool
	text     string
}

func (h run) records(t testing.TB) []history.Record {
	t.Helper()
	if h.strategy.Name == "" {
		h.strategy.Name = "s"
	}
	if h.strategy.Identify == "" {
		h.strategy.Identify = "tag"
	}
	plan := history.Plan{Workload: h.workload, Strategies: []history.PlanStrategy{h.strategy}, Faults: h.planned}
	recs := []history.Record{{Kind: history.KindHeader, Header: history.Header{Schema: 1, Run: "r1", Plan: plan}},
		{Kind: history.KindBlock, Block: history.Block{Clients: 2, Stop: 1e9}}}
	for _, line := range strings.Split(h.text, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		rec, err := parseLine(f)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		recs = append(recs, rec)
	}
	for _, f := range h.faults {
		recs = append(recs, history.Record{Kind: history.KindEvent, Event: history.Event{Name: "fault", Fault: &f}})
	}
	if !h.cut {
		recs = append(recs, history.Record{Kind: history.KindBlock, Block: history.Block{Clients: 2, Stop: 1e9, End: 1e9}},
			history.Record{Kind: history.KindEvent, Event: history.Event{Name: history.EventEnd}})
	}
	for i := range recs {
		recs[i].Line = int64(i + 1)
	}
	return recs
}

func parseLine(f []string) (rec history.Record, err error) {
	span := func(s string) (a, b int64) {
		from, to, _ := strings.Cut(s, "-")
		x, e1 := strconv.ParseFloat(from, 64)
		y, e2 := strconv.ParseFloat(to, 64)
		if e1 != nil || e2 != nil {
			err = fmt.Errorf("bad span %q", s)
		}
		return int64(x * 1e6), int64(y * 1e6)
	}
	ids := func(s string) (c, op, attempt int) {
		if s == "obs" {
			return -1, 0, 0
		}
		attempt = 1
		if _, e := fmt.Sscanf(s, "%d.%d.%d", &c, &op, &attempt); e != nil {
			attempt = 1
			if _, e := fmt.Sscanf(s, "%d.%d", &c, &op); e != nil {
				err = fmt.Errorf("bad client %q", s)
			}
		}
		return
	}
	switch f[0] {
	case "op":
		o := history.Operation{Intent: history.Intent(f[2]), Key: f[3], Key2: f[4]}
		o.Client, o.Op, _ = ids(f[1])
		o.Call, o.Return = span(f[5])
		o.Amount, _ = strconv.ParseInt(f[6], 10, 64)
		o.Outcome = history.Committed
		return history.Record{Kind: history.KindOperation, Operation: o}, err
	case "kill", "pause":
		a, b := span(f[1])
		return history.Record{Kind: history.KindEvent, Event: history.Event{Name: "fault", At: a, Until: b, Attrs: map[string]string{"kind": f[0]}}}, err
	}
	r := history.Request{Step: history.Step(f[1]), Key: f[2]}
	r.Client, r.Op, r.Attempt = ids(f[0])
	r.Call, r.Return = span(f[3])
	r.Status, _ = strconv.Atoi(f[4])
	for _, field := range f[5:] {
		name, v, _ := strings.Cut(field, "=")
		switch name {
		case "tag":
			r.Tag = v
		case "saw":
			r.Saw = v
		case "base":
			r.Base = v
		case "version":
			r.Version = v
		case "expect":
			r.Expect = v
		case "value":
			r.Value = v
		case "part":
			r.Part = v
		case "lock":
			r.Lock = v
		case "fence":
			r.Fence = v
		case "fault":
			r.Fault = v
		case "ttl":
			ms, _ := strconv.Atoi(v)
			r.TTL = int64(ms) * 1e6
		case "absent":
			r.Absent = v == "true"
		case "class":
			r.Class = history.Class(v)
		case "effect":
			r.Effect = history.Effect(v)
		default:
			return rec, fmt.Errorf("unknown field %q", name)
		}
	}
	return history.Record{Kind: history.KindRequest, Request: r}, err
}

// judge returns the properties of the run's only strategy.
func (h run) judge(t testing.TB) []Property {
	t.Helper()
	j := New()
	for _, rec := range h.records(t) {
		if err := j.Add(&rec); err != nil {
			t.Fatal(err)
		}
	}
	return j.Finish()[0]
}

// property returns one property's verdict.
func (h run) property(t testing.TB, name string) Property {
	t.Helper()
	for _, p := range h.judge(t) {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("%s does not apply", name)
	return Property{}
}

// text renders a finding as a reader of the terminal sees it.
func (p Property) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s (exercised %d, violations %d)\n%s\n", p.Name, p.Verdict, p.Exercised, p.Violations, p.Evidence)
	if p.Reason != "" {
		fmt.Fprintf(&b, "reason: %s\n", p.Reason)
	}
	for _, f := range p.Findings {
		fmt.Fprintf(&b, "\n%s\n", f.Sentence)
		for _, r := range f.Requests {
			mark := " "
			if r.Offends {
				mark = "!"
			}
			fmt.Fprintf(&b, "%s line %-3d %-9s %7.3f .. %7.3f ms  %s\n    %s\n", mark, r.Line, r.Lane, r.Call, r.Return, r.Role, r.Curl)
		}
	}
	return b.String()
}
