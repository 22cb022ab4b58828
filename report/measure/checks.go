package measure

import (
	"fmt"
	"math"
	"slices"

	"tussle/history"
)

// Check is one test of the instrument, or of what the run contained.
type Check struct {
	Name  string
	Value *float64
	Unit  string
	Limit string
	State State
	Note  string
}

// State is how a check came out.
type State string

// Only Bad speaks against the figures; a Note is worth knowing.
const (
	Good State = "good"
	Note State = "note"
	Bad  State = "bad"
	Thin State = "thin" // too little data, or not applicable
)

// checks gathers, over the blocks of one strategy, what the checks need.
type checks struct {
	inside, held float64 // ns in flight inside the measured parts; ns that operations started there took
	started      int64
	measured     float64 // ns of measured parts
	blocks       int

	late    []float64 // ms, of the generator alone
	prevRet int64
	prevOf  int32

	wire, recorded, saw   int64
	told, sawTold, silent bool
	wireOff, sawOff       int64

	conflicts
	clients   int
	perClient float64
}

func (k *checks) begin(b *block, clients int) {
	k.prevOf = -1
	k.clients = max(k.clients, clients)
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
	k.inside += float64(max(min(op.ret, stop)-max(op.call, b.Measure), 0))
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
		k.late = append(k.late, float64(max(op.call-free, 0))/1e6)
	}
}

func (k *checks) end(c *Collector, b *block) {
	if b.done() && b.seconds() > 0 {
		k.conflicts.block(c, b)
	}
}

// finish judges. Its order is that of the report.
func (k *checks) finish(c *Collector, strategy int, f *Figures) []Check {
	plan := c.plan.Strategies[strategy]
	list := []Check{k.onTheWire(), k.little()}
	if k.sawTold {
		list = append(list, k.atTheTarget())
	}
	if c.plan.Load.Rate != "" {
		list = append(list, k.onSchedule(f))
	}
	list = append(list, c.generator(strategy))
	if plan.Locking == "optimistic" {
		list = append(list, k.band())
	}
	list = append(list, k.justified(), k.fairness(f), contention(c, f))
	return list
}

func (k *checks) onTheWire() Check {
	ch := Check{Name: "requests on the wire", Unit: "requests", Limit: "= requests recorded"}
	if !k.told {
		ch.State, ch.Note = Thin, "the transport's own count is not in the history"
		return ch
	}
	ch.Value = figure(float64(k.wireOff))
	ch.State, ch.Note = Good, fmt.Sprintf("%d sent, %d recorded", k.wire, k.recorded)
	if k.wireOff != 0 {
		ch.State = Bad
		ch.Note += ": the record does not hold what was sent, so nothing can be concluded from it; report this as a defect of the recorder"
	}
	return ch
}

func (k *checks) atTheTarget() Check {
	ch := Check{Name: "requests at the target", Value: figure(float64(k.sawOff)), Unit: "requests", Limit: "= requests recorded", State: Good,
		Note: fmt.Sprintf("the target counted %d, %d are recorded", k.saw, k.recorded)}
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

// Operations must be many, and short against the measured part of a block,
// before the edges of the blocks stop to matter in Little's law.
const (
	littleLeast = 100
	littleShare = 0.1
	littleNote  = 0.05
	littleBad   = 0.25
)

// little compares the mean number of operations in flight with arrival rate x
// mean duration, L = lambda W (Little 1961). Both sides are counted from
// different operations: those in flight inside the measured part, and those
// that started there. They part when records are missing, when clients stop
// in the middle, or when the load was not steady.
func (k *checks) little() Check {
	ch := Check{Name: "Little's law", Unit: "residual", Limit: fmt.Sprintf("<= %.0f %%", littleBad*100)}
	if k.started < littleLeast || k.held/float64(k.started) > littleShare*k.measured/float64(k.blocks) {
		ch.State, ch.Note = Thin, fmt.Sprintf("it needs %d operations that are short against the measured part of a block; raise load.duration", littleLeast)
		return ch
	}
	residual := math.Abs(k.inside-k.held) / max(k.inside, k.held)
	ch.Value = figure(residual)
	ch.Note = fmt.Sprintf("%.4g operations in flight on average, %.4g by rate x duration", k.inside/k.measured, k.held/k.measured)
	switch {
	case residual > littleBad:
		ch.State = Bad
		ch.Note += ": the load was far from steady or records are missing; lengthen load.warmup and load.duration"
	case residual > littleNote:
		ch.State = Note
		ch.Note += ": the load was not quite steady; a longer load.warmup may help"
	default:
		ch.State = Good
	}
	return ch
}

// onSchedule looks at the lag that is the generator's own: from the moment at
// which an operation was due and its client was free, to its start. Waiting
// for a free client is the target's time, and counts in the time to commit.
// Timers are late by up to a millisecond on a busy machine; that much is
// granted.
func (k *checks) onSchedule(f *Figures) Check {
	ch := Check{Name: "schedule lag", Unit: "ms, p99", Limit: "<= 10 % of the median service time, or 1 ms"}
	if len(k.late) < 100 {
		ch.State, ch.Note = Thin, "it needs 100 operations"
		return ch
	}
	slices.Sort(k.late)
	service := math.Inf(1)
	for name, q := range f.ServiceTime {
		if history.Step(name).Writes() || name == string(history.StepRead) {
			service = min(service, *q.P50)
		}
	}
	if math.IsInf(service, 1) {
		service = 0
	}
	p90, p99, limit := percentile(k.late, 90), percentile(k.late, 99), max(service/10, 1)
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
	ch.Note = fmt.Sprintf("%d of %d clients committed nothing", starved, len(f.Anatomy.PerClient))
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
	ch.Note = fmt.Sprintf("%d keys with skew %s contend like %.3g equally popular ones", c.plan.Workload.Keys, c.plan.Workload.Skew, *f.EffectiveKeys)
	return ch
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
