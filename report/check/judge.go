package check

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"tussle/history"
)

// Judge collects the records of one history and judges them, block by block.
// Of the present block it holds 72 bytes a request, and each text of a key once
// (a unique tag costs its length and about 12 bytes); judging adds about 90
// bytes a request. Of a judged block nothing is left but what was found, and room.
type Judge struct {
	header  *history.Header
	opened  *history.Header // of the cases
	cases   []*Case         // by strategy, from the first block that was judged
	blocks  map[int]*history.Block
	order   []*keyLog
	spare   []*keyLog // of judged keys: room for others
	logs    map[logKey]*keyLog
	recent  [256]*keyLog                // of logs, by a few bytes of the key
	ops     map[int][]history.Operation // of workloads with two keys, by block
	own     map[int]*ownOps             // of the user's own, by block
	faults  []history.FaultCount
	windows []window
	cut     bool  // no end event so far
	foreign notes // of a history without a header

	explored map[int]*explored // by pair
}

type logKey struct {
	block int
	key   string
}

// New returns a judge that has seen nothing.
func New() *Judge {
	return &Judge{blocks: map[int]*history.Block{}, logs: map[logKey]*keyLog{}, ops: map[int][]history.Operation{}, cut: true}
}

// Add takes the next record, in file order. It keeps nothing of rec. A
// history without a header is taken for a foreign one (docs/foreign-histories.md).
func (j *Judge) Add(rec *history.Record) error {
	switch rec.Kind {
	case history.KindHeader:
		if rec.Header.Schema > history.Schema {
			return fmt.Errorf("history line %d: schema %d was written by a later version, this one reads up to %d: use that version",
				rec.Line, rec.Header.Schema, history.Schema)
		}
		h := rec.Header
		j.header = &h
	case history.KindBlock:
		b := rec.Block
		j.blocks[b.Block] = &b
		if b.End > 0 && j.header != nil {
			j.ended(b.Block)
		}
	case history.KindRequest:
		j.request(&rec.Request, rec.Line)
	case history.KindOperation:
		if o := &rec.Operation; o.Name != "" && o.Block >= 0 {
			if j.own == nil {
				j.own = map[int]*ownOps{}
			}
			if j.own[o.Block] == nil {
				j.own[o.Block] = &ownOps{}
			}
			j.own[o.Block].add(o)
		}
		if o := &rec.Operation; o.Key2 != "" && o.Client != history.Observer && o.Block >= 0 {
			c := *o
			c.Key, c.Key2, c.Reason = strings.Clone(o.Key), strings.Clone(o.Key2), ""
			j.ops[o.Block] = append(j.ops[o.Block], c)
		}
	case history.KindEvent:
		j.event(&rec.Event, rec.Line)
	case history.KindPair, history.KindOrder:
		j.explore(rec)
	}
	return nil
}

func (j *Judge) event(e *history.Event, line int64) {
	switch {
	case e.Name == history.EventEnd:
		j.cut = false
	case e.Fault != nil:
		j.faults = append(j.faults, *e.Fault)
	case e.Name == "fault":
		kind := e.Attrs["kind"]
		if kind == "" {
			kind = e.Note
		}
		j.windows = append(j.windows, window{e.Block, e.At, max(e.At, e.Until), kind, line})
	}
}

func (j *Judge) request(r *history.Request, line int64) {
	if r.Block < 0 {
		return // preflight
	}
	switch r.Step {
	case history.StepTeardown, history.StepLogin:
		return
	}
	key := r.Key
	if j.parents() {
		key, _, _ = strings.Cut(key, "/")
	}
	q := j.log(r.Block, key).add(r, line)
	if j.header == nil {
		j.foreign.note(q)
		if q.step == transfer {
			j.moved(r, q, line)
		}
	}
}

// unused returns an empty log, one with room if there is any.
func (j *Judge) unused() *keyLog {
	n := len(j.spare)
	if n == 0 {
		return &keyLog{}
	}
	l := j.spare[n-1]
	j.spare[n-1], j.spare = nil, j.spare[:n-1]
	return l
}

// log returns the log of a key, a new one the first time.
func (j *Judge) log(block int, key string) *keyLog {
	slot := len(key)
	if n := len(key); n > 1 {
		slot += int(key[n-1]) + int(key[n-2])*10
	}
	recent := &j.recent[slot%len(j.recent)]
	if l := *recent; l != nil && l.block == block && l.key == key {
		return l
	}
	l := j.logs[logKey{block, key}]
	if l == nil {
		key = strings.Clone(key)
		l = j.unused()
		l.block, l.key = block, key
		j.logs[logKey{block, key}] = l
		j.order = append(j.order, l)
	}
	*recent = l
	return l
}

func (j *Judge) parents() bool {
	return j.header != nil && j.header.Plan.Workload.Kind == kindParentChild
}

// Finish judges what was added: for each strategy of the plan, in its order,
// the properties that apply to it, in the order of [Properties]. The same
// records give the same result, whatever the number of processors.
func (j *Judge) Finish() [][]Property {
	header, mix := j.header, ""
	if header == nil {
		h, why := j.foreign.header()
		header, mix = &h, why
	}
	if j.explored != nil { // no load was run
		out := make([][]Property, len(header.Plan.Strategies))
		for i, s := range header.Plan.Strategies {
			out[i] = []Property{j.serialProperty(s.Name, true)}
		}
		return out
	}
	j.open(header)
	for i, c := range j.cases {
		c.mix = mix
		j.take(c, func(l *keyLog) bool {
			if b := j.blocks[l.block]; b != nil {
				return b.Strategy == i
			}
			return c.foreign
		})
	}
	out := make([][]Property, len(j.cases))
	for i, c := range j.cases {
		for _, f := range j.faults {
			if f.Strategy == i {
				c.faults = append(c.faults, f)
			}
		}
		c.windows = j.windowsOf(i)
		out[i] = c.judge()
	}
	return out
}

// open makes the cases, once.
func (j *Judge) open(header *history.Header) {
	if j.cases != nil {
		return
	}
	j.opened = header
	for i := range header.Plan.Strategies {
		j.cases = append(j.cases, &Case{plan: &header.Plan, index: i, foreign: j.header == nil, blocks: j.blocks, workers: runtime.GOMAXPROCS(0),
			strategy: newSpoken(header, i, nil, j.told)})
	}
}

// ended judges a block of which no more records come, and lets go of them.
func (j *Judge) ended(block int) {
	j.open(j.header)
	if i := j.blocks[block].Strategy; i >= 0 && i < len(j.cases) {
		j.take(j.cases[i], func(l *keyLog) bool { return l.block == block })
	}
}

// take gives a case the logs that belong to it, and forgets them.
func (j *Judge) take(c *Case, mine func(*keyLog) bool) {
	c.ops, c.own = map[int][]history.Operation{}, map[int]*ownOps{}
	rest := j.order[:0]
	for _, l := range j.order {
		if !mine(l) {
			rest = append(rest, l)
			continue
		}
		b := j.blocks[l.block]
		k := newKeyView(l, c.strategy.Identify, c.foreign || b.End > 0, c.plan.Workload.Kind == kindLifecycle)
		k.faulty, k.guarded = len(c.plan.Faults) > 0, c.strategy.Locking == "pessimistic" && !c.foreign
		k.onceOnly, k.tellsCreates = c.plan.Workload.Kind == kindCreateOnce, c.strategy.CreatesTold
		k.createIDs = c.strategy.Requests[string(history.StepCreate)].Captures["key"] != ""
		c.keys = append(c.keys, k)
		if ops := j.ops[l.block]; ops != nil {
			c.ops[l.block] = ops
		}
		if own := j.own[l.block]; own != nil {
			c.own[l.block] = own
		}
	}
	clear(j.order[len(rest):])
	j.order = rest
	c.strategy = newSpoken(j.opened, c.index, c.ops, j.told)
	c.windows = j.windowsOf(c.index)
	judged := c.keys
	c.add()
	clear(j.recent[:])
	for _, k := range judged {
		delete(j.logs, logKey{k.block, k.key})
		k.reset()
		j.spare = append(j.spare, k.keyLog)
		delete(j.ops, k.block)
		delete(j.own, k.block)
	}
}

// windowsOf lists the windows of a strategy's faults.
func (j *Judge) windowsOf(strategy int) []window {
	var out []window
	for _, w := range j.windows {
		if b := j.blocks[w.block]; b != nil && b.Strategy == strategy {
			out = append(out, w)
		}
	}
	return out
}

// Explorations judges every pair of the history, in their order.
func (j *Judge) Explorations() []Exploration {
	var out []Exploration
	for _, n := range slices.Sorted(maps.Keys(j.explored)) {
		e := j.explored[n]
		name := ""
		if j.header != nil && e.pair.Strategy >= 0 && e.pair.Strategy < len(j.header.Plan.Strategies) {
			name = j.header.Plan.Strategies[e.pair.Strategy].Name
		}
		out = append(out, e.judge(name, j.cut))
	}
	return out
}

// explore takes a record of an exploration.
func (j *Judge) explore(rec *history.Record) {
	of := func(pair int) *explored {
		if j.explored == nil {
			j.explored = map[int]*explored{}
		}
		if j.explored[pair] == nil {
			j.explored[pair] = &explored{}
		}
		return j.explored[pair]
	}
	switch rec.Kind {
	case history.KindPair:
		of(rec.Pair.Pair).pair = *rec.Pair
	case history.KindOrder:
		of(rec.Order.Pair).add(rec.Order, rec.Line)
	}
}

// serialProperty sums the pairs of one strategy up as a property.
func (j *Judge) serialProperty(strategy string, promised bool) Property {
	p := Property{Name: SerialEquivalence, Promised: promised, Verdict: NotExercised, Findings: []Finding{}, Reason: "no pair of requests was explored"}
	rank := map[Verdict]int{NotExercised: 1, Holds: 2, Undecided: 3, Violated: 4}
	worst, pairs, refusals := 0, int64(0), int64(0)
	for _, x := range j.Explorations() {
		if x.Strategy != strategy {
			continue
		}
		pairs++
		p.Exercised += x.Orders
		p.Violations += x.NotSerial
		refusals += x.Refused
		if rank[x.Verdict] > worst {
			worst, p.Verdict, p.Reason = rank[x.Verdict], x.Verdict, x.Reason
		}
		for i := range x.Findings {
			if len(p.Findings) < maxFindings && x.Verdict == Violated {
				p.Findings = append(p.Findings, j.plainFinding(&x, &x.Findings[i]))
			}
		}
	}
	if p.Verdict != Violated && p.Verdict != Undecided {
		p.Violations = 0
	}
	if p.Verdict == Holds || p.Verdict == Violated {
		p.Reason = ""
	}
	p.Evidence = count(p.Exercised, "order") + " of " + count(pairs, "pair") + " of requests, " + count(p.Violations, "order") + " not serial, " +
		count(refusals, "order") + " with a request refused"
	return p
}

// plainFinding puts a finding into the form that every property has: the
// requests in the order of their answers, and what was read afterwards.
func (j *Judge) plainFinding(x *Exploration, f *OrderFinding) Finding {
	out := Finding{Property: SerialEquivalence, Key: strings.Join(x.Steps, " beside "), Sentence: f.Sentence, Requests: []FindingRequest{}}
	begin := int64(0)
	add := func(lane, role string, r *history.Reply, offends bool) {
		if begin == 0 {
			begin = r.Call
		}
		out.Requests = append(out.Requests, FindingRequest{Line: f.Line, Lane: lane, Role: role, Call: float64(r.Call-begin) / 1e6, Return: float64(r.Return-begin) / 1e6,
			Request: history.Request{Step: r.Step, Status: r.Status, Class: r.Class, Effect: r.Effect, Call: r.Call, Return: r.Return, Value: r.Value},
			Step:    string(r.Step), Status: r.Status, Class: string(r.Class), Value: r.Value, Curl: r.Curl, Offends: offends})
	}
	for i := range f.Replies {
		if len(out.Requests) < maxRequests-1 {
			add(letter(i), "", &f.Replies[i], true)
		}
	}
	if len(f.Final) > 0 {
		add("observer", "read what was left", &f.Final[0], false)
	}
	for i := range out.Requests {
		if r := &out.Requests[i]; r.Role == "" {
			r.Role = r.Step + ": no answer"
			if r.Status > 0 {
				r.Role = r.Step + ": " + strconv.Itoa(r.Status)
			}
		}
	}
	return out
}

// moved makes an operation of a transfer, which tells where the amount went. In
// the records of another tool every transfer is an operation of its own.
func (j *Judge) moved(r *history.Request, q *request, line int64) {
	q.op = int32(line)
	amount, _ := strconv.ParseInt(r.Value, 10, 64)
	j.ops[r.Block] = append(j.ops[r.Block], history.Operation{Block: r.Block, Client: r.Client, Op: int(q.op), Intent: history.IntentTransfer,
		Key: strings.Clone(r.Key), Key2: strings.Clone(r.Key2), Call: r.Call, Return: r.Return, Amount: amount})
}

// told returns what the target said of a key of a block.
func (j *Judge) told(block int, key string) about {
	if l := j.logs[logKey{block, key}]; l != nil {
		return l.told
	}
	return about{}
}
