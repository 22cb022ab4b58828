package measure

import (
	"fmt"
	"math"

	"tussle/history"
)

// checks gathers, over the blocks of one strategy, what the checks need.
type checks struct {
	asked, accounted float64 // ns of clients in the measured parts: by the plan, and found
	held             float64 // ns that operations started there took
	started          int64
	measured         float64 // ns of measured parts
	blocks           int

	late    samples // of the generator alone
	prevRet int64
	prevOf  int32

	wire, recorded, saw   int64
	told, sawTold, silent bool
	wireOff, sawOff       int64

	conflicts
	contest  *contest // of the present block
	presence []attendance
	longest  int64 // pause of the present block, ns
	clients  int
	spreads  []spread // by block
}

func (k *checks) begin(b *block, clients int) {
	k.prevOf, k.contest, k.presence, k.longest = -1, nil, k.presence[:0], 0
	k.clients = max(k.clients, clients)
	if b.spread != nil {
		k.spreads = append(k.spreads, *b.spread)
	}
	if !b.done() {
		return
	}
	k.blocks++
	k.measured += b.seconds() * 1e9
	if b.Wire > 0 {
		k.told = true
		k.wire, k.recorded = k.wire+b.Wire, k.recorded+b.recorded
		k.wireOff += abs(b.Wire - b.recorded)
		if b.TargetSaw > 0 {
			k.sawTold = true
			k.saw += b.TargetSaw
			k.sawOff += b.TargetSaw - b.recorded
			k.silent = k.silent || b.silent > 0
		}
	}
}

func (k *checks) operation(c *Collector, b *block, op *operation, own []request) {
	if !b.done() {
		return
	}
	stop := b.stop()
	free := op.planned
	if k.prevOf == op.client {
		free = max(free, k.prevRet)
	}
	k.prevOf, k.prevRet = op.client, op.ret
	if op.call < b.Measure || op.call >= stop {
		return
	}
	k.held += float64(op.ret - op.call)
	k.started++
	if c.plan.Load.Rate != "" {
		k.late.add(max(op.call-free, 0))
	}
}

// client looks at all that one client did in a block that lasted.
func (k *checks) client(c *Collector, b *block, requests []request, ops []operation) {
	if !b.done() || b.seconds() == 0 {
		return
	}
	if k.contest == nil {
		k.contest = newContest(c, b)
	}
	k.contest.client(requests)
	if c.plan.Load.Rate == "" && len(ops) > 0 {
		k.meet(ops)
	}
}

func (k *checks) end(c *Collector, b *block) {
	if b.done() && b.seconds() > 0 {
		if k.contest != nil {
			k.contest.add(&k.conflicts)
			k.contest = nil
		}
		if c.plan.Load.Rate == "" {
			k.census(b)
		}
	}
}

// finish judges. Its order is that of the report.
func (k *checks) finish(c *Collector, strategy int, f *Figures) []Check {
	plan := c.plan.Strategies[strategy]
	list := []Check{k.onTheWire()}
	if k.sawTold {
		list = append(list, k.atTheTarget())
	}
	if c.plan.Load.Rate != "" {
		list = append(list, k.onSchedule(f))
	} else {
		list = append(list, k.little())
	}
	list = append(list, c.generator(strategy))
	if plan.Locking == "optimistic" && c.plan.Load.Burst == "" { // a burst's conflicts are arranged
		list = append(list, k.band())
	}
	list = append(list, k.justified(), k.fairness(f), contention(c, f))
	if c.plan.Load.Burst != "" {
		list = append(list, arrivals(c.plan.Load.Burst, k.spreads, k.clients))
	}
	return list
}

func (k *checks) onTheWire() Check {
	ch := Check{Name: "requests on the wire", Unit: "requests", Limit: "= requests recorded"}
	if !k.told {
		ch.State, ch.Note = Thin, "the transport's own count is not in the history"
		return ch
	}
	ch.Value = figure(float64(k.wireOff))
	ch.State, ch.Note = Good, fmt.Sprintf("%s sent, %s recorded", grouped(k.wire), grouped(k.recorded))
	if k.wireOff != 0 {
		ch.State = Bad
		ch.Note += ": the record does not hold what was sent, so nothing can be concluded from it; report this as a defect of the recorder"
	}
	return ch
}

func (k *checks) atTheTarget() Check {
	ch := Check{Name: "requests at the target", Value: figure(float64(k.sawOff)), Unit: "requests", Limit: "= requests recorded", State: Good,
		Note: fmt.Sprintf("the target counted %s, %s are recorded", grouped(k.saw), grouped(k.recorded))}
	switch {
	case k.sawOff == 0:
	case k.silent:
		ch.State = Note
		ch.Note += "; some requests had no answer, so the counts may differ"
	case k.sawOff > 0:
		ch.State = Note
		ch.Note += "; somebody else used the target during the run, or something between repeated requests"
	default:
		ch.State = Bad
		ch.Note += "; answered requests did not arrive there: is something in between answering for the target?"
	}
	return ch
}

// Parts of the clients' time that may be missing before little speaks up.
const (
	littleNote = 0.05
	littleBad  = 0.25
)

// little applies Little's law to the closed loop: clients = X (R + Z), with X
// operations a second, R their mean time and Z the mean pause between them
// (Little 1961; in the operational form of Denning and Buzen 1978, each taken
// over the same window). The number of clients is known from the plan; the
// right side is the clients' time that operations and the pauses between
// them account for. The law fails when clients hang, stop early or never
// start: then a load was measured that nobody asked for.
func (k *checks) little() Check {
	ch := Check{Name: "Little's law", Unit: "of the clients' time missing", Limit: fmt.Sprintf("<= %.0f %%", littleBad*100)}
	if k.asked == 0 || k.started < 100 {
		ch.State, ch.Note = Thin, "it needs a whole block with 100 operations"
		return ch
	}
	residual := max(0, 1-k.accounted/k.asked)
	ch.Value = figure(residual)
	clients := k.asked / k.measured
	ch.Note = fmt.Sprintf("X (R + Z) accounts for %.4g of %.4g clients: %.4g operations/s that last %.3g ms each", clients*k.accounted/k.asked, clients,
		float64(k.started)/k.measured*1e9, k.held/float64(k.started)/1e6)
	switch {
	case residual > littleBad:
		ch.State = Bad
		ch.Note += "; clients hung, stopped early or never started, so the load was not the one that was asked for: lower load.clients, or look for requests that are never answered"
	case residual > littleNote:
		ch.State = Note
		ch.Note += "; some clients stood idle for a part of the time"
	default:
		ch.State = Good
	}
	return ch
}

// attendance is the stretch from a client's first call to its last return.
type attendance struct{ first, last int64 }

// meet notes when a client of the present block came and went, and its longest
// pause.
func (k *checks) meet(ops []operation) {
	p := attendance{ops[0].call, ops[0].ret}
	for i := range ops {
		if p.last = max(p.last, ops[i].ret); i > 0 {
			k.longest = max(k.longest, ops[i].call-ops[i-1].ret)
		}
	}
	k.presence = append(k.presence, p)
}

// census adds up the clients' time of a closed block: from a client's first
// call to its last return, and before and after that at most as long as the
// longest pause that was seen, since a block may begin or end in one.
func (k *checks) census(b *block) {
	stop, accounted := b.stop(), int64(0)
	for _, p := range k.presence {
		accounted += max(0, min(p.last+k.longest, stop)-max(p.first-k.longest, b.Measure))
	}
	k.accounted += float64(accounted)
	k.asked += float64(b.Clients) * b.seconds() * 1e9
}

// onSchedule looks at the lag that is the generator's own: from the moment at
// which an operation was due and its client was free, to its start. Waiting
// for a free client is the target's time, and counts in the time to commit.
// Timers are late by up to a millisecond on a busy machine; that much is
// granted.
func (k *checks) onSchedule(f *Figures) Check {
	ch := Check{Name: "schedule lag", Unit: "ms, p99", Limit: "<= 10 % of the median service time, or 1 ms"}
	if k.late.len() < 100 {
		ch.State, ch.Note = Thin, "it needs 100 operations"
		return ch
	}
	k.late.sort()
	service := math.Inf(1)
	for name, q := range f.ServiceTime {
		if history.Step(name).Writes() || name == string(history.StepRead) {
			service = min(service, *q.P50)
		}
	}
	if math.IsInf(service, 1) {
		service = 0
	}
	p90, p99, limit := k.late.percentile(90), k.late.percentile(99), max(service/10, 1)
	ch.Value = figure(p99)
	ch.Note = fmt.Sprintf("operations started %.3g ms late at p90, %.3g ms at p99, by the generator's own fault; median service time %.3g ms", p90, p99, service)
	switch {
	case p99 <= limit:
		ch.State = Good
	case p90 <= limit:
		ch.State = Note
		ch.Note += ": a few starts were late, and their lag is counted"
	default:
		ch.State = Bad
		ch.Note += ": the generator is saturated; lower load.rate, or use a machine with more free CPU"
	}
	return ch
}

// generator tells how much of the machine the load itself took. It is never
// bad: in a closed model on one machine, the two sides share all there is.
func (c *Collector) generator(strategy int) Check {
	ch := Check{Name: "generator CPU share", Unit: "of all CPUs", Limit: "<= 70 %"}
	var own, target, wall int64
	for i := 1; i < len(c.samples); i++ {
		a, b := c.samples[i-1], c.samples[i]
		if a.Block != b.Block || b.At <= a.At || b.Block < 0 || b.Block >= len(c.blocks) {
			continue
		}
		if bl := c.blocks[b.Block]; bl == nil || bl.Strategy != strategy {
			continue
		}
		own, wall = own+b.CPU-a.CPU, wall+b.At-a.At
		target += max(b.TargetCPU-a.TargetCPU, 0)
	}
	if wall == 0 || c.cpus <= 0 {
		ch.State, ch.Note = Thin, "no samples of the generator's CPU time"
		return ch
	}
	all := float64(wall) * float64(c.cpus)
	share := float64(own) / all
	ch.Value, ch.State = figure(share), Good
	ch.Note = fmt.Sprintf("%.0f %% of %d CPUs", share*100, c.cpus)
	if target > 0 {
		ch.Note += fmt.Sprintf("; the target took %.0f %%", float64(target)/all*100)
	}
	if share > 0.7 {
		ch.State = Note
		ch.Note += ": the figures tell of this machine as much as of the target"
	}
	return ch
}

func (k *checks) fairness(f *Figures) Check {
	ch := Check{Name: "fairness (Jain)", Limit: ">= 0.8"}
	if f.Fairness == nil || k.blocks == 0 || float64(f.Operations.Committed) < 5*float64(k.clients)*float64(k.blocks) {
		ch.State, ch.Note = Thin, "it needs 5 commits a client and block"
		return ch
	}
	starved := 0
	for _, n := range f.Anatomy.PerClient {
		if n == 0 {
			starved++
		}
	}
	ch.Value, ch.State = f.Fairness, Good
	ch.Note = fmt.Sprintf("%s of %s clients committed nothing", grouped(int64(starved)), grouped(int64(len(f.Anatomy.PerClient))))
	if *f.Fairness < 0.8 {
		ch.State = Note
		ch.Note += ": a few clients win most of the time; the medians hide the others"
	}
	return ch
}

func contention(c *Collector, f *Figures) Check {
	ch := Check{Name: "effective keys", Value: f.EffectiveKeys, Unit: "keys", Limit: "", State: Good}
	if f.EffectiveKeys == nil {
		ch.State, ch.Note = Thin, "no two operations met on a key"
		return ch
	}
	ch.Note = fmt.Sprintf("%s keys with skew %s contend like %.3g equally popular ones", grouped(int64(c.plan.Workload.Keys)), c.plan.Workload.Skew, *f.EffectiveKeys)
	return ch
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
