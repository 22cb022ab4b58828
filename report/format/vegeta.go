package format

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"tussle/history"
)

// vegetaResult is one line of vegeta's JSON results (tsenart/vegeta
// lib/results.go); its decoder passes over further members.
type vegetaResult struct {
	Attack    string              `json:"attack"`
	Seq       uint64              `json:"seq"`
	Code      int                 `json:"code"`
	Timestamp time.Time           `json:"timestamp"`
	Latency   int64               `json:"latency"` // ns
	BytesOut  int                 `json:"bytes_out"`
	BytesIn   int                 `json:"bytes_in"`
	Error     string              `json:"error"`
	Body      []byte              `json:"body"`
	Method    string              `json:"method"`
	URL       string              `json:"url"`
	Headers   map[string][]string `json:"headers"`

	Attempts int    `json:"attempts,omitempty"`
	Key      string `json:"key,omitempty"`
}

// ExportOptions choose what is exported.
type ExportOptions struct {
	Strategy string // name; every strategy when empty
	Steps    bool   // single requests instead of operations
}

// WriteVegeta writes the measured operations of a history (or their requests)
// as the JSON lines that vegeta report, plot and encode read: the timestamp of
// an operation is its intended start and its latency the time to commit, so
// that a percentile is the report's. Operations that did not commit carry an
// error. Results are numbered by intended start within each attack, which is
// the strategy (or strategy/step), since vegeta's plot wants that.
func WriteVegeta(w io.Writer, r *history.Reader, o ExportOptions) error {
	e := exporter{o: o, blocks: map[int]history.Block{}, last: map[[3]int]history.Request{}}
	var rec history.Record
	for {
		err := r.Read(&rec)
		if err == io.EOF {
			break
		}
		if _, cut := err.(*history.CutError); cut {
			break // what is there is exported
		}
		if err != nil {
			return err
		}
		e.add(&rec)
	}
	if o.Strategy != "" && !slices.ContainsFunc(e.header.Plan.Strategies, func(s history.PlanStrategy) bool { return s.Name == o.Strategy }) {
		return fmt.Errorf("the run has no strategy %q", o.Strategy)
	}
	slices.SortStableFunc(e.out, func(a, b vegetaResult) int {
		if a.Attack != b.Attack {
			return strings.Compare(a.Attack, b.Attack)
		}
		return a.Timestamp.Compare(b.Timestamp)
	})
	buf := bufio.NewWriter(w)
	enc := json.NewEncoder(buf)
	seq, attack := uint64(0), ""
	for i := range e.out {
		if e.out[i].Attack != attack {
			seq, attack = 0, e.out[i].Attack
		}
		e.out[i].Seq = seq
		seq++
		if err := enc.Encode(&e.out[i]); err != nil {
			return err
		}
	}
	return buf.Flush()
}

type exporter struct {
	o      ExportOptions
	header history.Header
	blocks map[int]history.Block
	last   map[[3]int]history.Request // newest request of each client's operation
	out    []vegetaResult
}

func (e *exporter) add(rec *history.Record) {
	switch rec.Kind {
	case history.KindHeader:
		e.header = rec.Header
	case history.KindBlock:
		e.blocks[rec.Block.Block] = rec.Block
	case history.KindRequest:
		r := &rec.Request
		if r.Client < 0 || r.Block < 0 {
			return
		}
		if e.o.Steps {
			e.step(r)
			return
		}
		e.last[[3]int{r.Block, r.Client, r.Op}] = *r
	case history.KindOperation:
		e.operation(&rec.Operation)
	}
}

// attack is the name under which a block's results go; ok is false where they
// are not wanted.
func (e *exporter) attack(block int) (name string, b history.Block, ok bool) {
	b, ok = e.blocks[block]
	if !ok || b.Strategy >= len(e.header.Plan.Strategies) {
		return "", b, false
	}
	name = e.header.Plan.Strategies[b.Strategy].Name
	return name, b, e.o.Strategy == "" || e.o.Strategy == name
}

func (e *exporter) operation(op *history.Operation) {
	at := [3]int{op.Block, op.Client, op.Op}
	last := e.last[at]
	delete(e.last, at)
	name, b, ok := e.attack(op.Block)
	if e.o.Steps || !ok || op.Client < 0 || op.Intent == history.IntentRead || op.Planned < b.Measure || op.Planned >= b.Stop {
		return
	}
	v := vegetaResult{Attack: name, Timestamp: e.header.Start.Add(time.Duration(op.Planned)), Method: strings.ToUpper(string(op.Intent)),
		URL: "/" + op.Key, Code: last.Status, Latency: op.Commit - op.Planned, Attempts: op.Attempts, Key: op.Key}
	if op.Outcome == history.Committed {
		v.Code = 200
	} else {
		v.Latency = op.Return - op.Planned
		v.Error = strings.TrimSpace(fmt.Sprintf("%s: %s", op.Outcome, op.Reason))
	}
	e.out = append(e.out, v)
}

func (e *exporter) step(r *history.Request) {
	name, b, ok := e.attack(r.Block)
	if !ok || r.Call < b.Measure {
		return
	}
	v := vegetaResult{Attack: name + "/" + string(r.Step), Timestamp: e.header.Start.Add(time.Duration(r.Call)), Latency: r.Return - r.Call,
		Code: r.Status, BytesOut: r.Sent, BytesIn: r.Received, Method: strings.ToUpper(string(r.Step)), URL: "/" + r.Key, Key: r.Key, Error: r.Error}
	if r.Class != history.OK && v.Error == "" {
		v.Error = string(r.Class)
	}
	e.out = append(e.out, v)
}
