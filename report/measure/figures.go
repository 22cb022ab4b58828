package measure

import (
	"strconv"
	"sync"
	"sync/atomic"

	"tussle/history"
)

// Figures are those of one strategy over all its measured blocks; of a sweep,
// over those of its last point, save Blocks, which has all of them.
type Figures struct {
	Operations    Operations
	Requests      int64 // of measured operations, plain reads included
	Attempts      int64 // of measured operations, plain reads left out
	ByStatus      map[string]int64
	ByClass       map[string]int64
	Conflicts     Conflicts
	AbandonRate   *float64    // gave up / operations
	Goodput       *float64    // committed operations per measured second
	GoodputCI     *[2]float64 // of the median of the blocks
	Amplification *float64    // requests of operations that change something / committed
	Fairness      *float64    // median of the blocks
	EffectiveKeys *float64
	TimeToCommit  Quantiles            // from the intended start
	Parts         *Parts               // of its mean
	ServiceTime   map[string]Quantiles // read, write, write_refused, write_unanswered ...
	ScheduleLag   Quantiles            // actual start - intended start
	NotStarted    int64
	Blocks        []BlockFigures
	Anatomy       Anatomy
	Pictures      Pictures
	Checks        []Check
	Thin          []string // what the sample does not support, as footnotes
}

// tally adds up what the blocks of one strategy hold.
type tally struct {
	ops     Operations
	seconds float64

	requests, changing int64 // all, and of operations that are no plain reads
	attempts, conflict int64
	status             map[int32]int64
	class              [256]int64
	commit, lag        samples
	present            samples // times to commit of the present block
	service            map[[2]uint8]*samples
	keys               effective
	fairness           []float64
	goodput, rate      []float64 // of whole blocks
	notStarted         int64
	figures            []BlockFigures

	anatomy anatomy
	answers answers
	parts   parts
	series  series
	checks  checks
	reads   readable
}

// answers of one step whose durations are kept apart.
const (
	accepted uint8 = iota
	turnedDown
	unanswered
)

// Finish returns the figures of every strategy of the plan, in its order. It
// lets go of what was added and is called once.
func (c *Collector) Finish() []Figures {
	out := make([]Figures, len(c.plan.Strategies))
	over := make([]*series, len(out))
	var wait sync.WaitGroup
	var broken atomic.Pointer[any]
	for i := range out { // strategies share nothing: the result is the same in whatever order they are done
		wait.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					broken.CompareAndSwap(nil, &p)
				}
			}()
			for _, b := range c.blocks { // those that have not ended
				if b != nil && b.Strategy == i {
					c.tallies[i].block(c, b)
				}
			}
			out[i], over[i] = c.figures(i, c.tallies[i]), &c.tallies[i].series
			c.tallies[i] = nil
		})
	}
	wait.Wait()
	if p := broken.Load(); p != nil {
		panic(*p) // in the caller's goroutine, who has a guard
	}
	k := together(over)
	for i := range out {
		out[i].Pictures.Series = over[i].buckets(k)
	}
	return out
}

// maxSpare bounds, in bytes, the room of a lane that is kept.
const maxSpare = 1 << 20

// ended adds a block of which no more records come to its strategy's tally.
func (c *Collector) ended(b *block) {
	if b.Strategy >= 0 && b.Strategy < len(c.tallies) {
		room := b.all
		c.tallies[b.Strategy].block(c, b)
		for _, l := range room {
			if cap(l.requests)+cap(l.ops) <= maxSpare {
				c.spare = append(c.spare, l) // for the next one
			}
		}
	}
}

// block adds a block, once, and lets go of what happened in it.
func (t *tally) block(c *Collector, b *block) {
	if b.folded {
		return
	}
	b.folded = true
	b.sort()
	if !c.lastPoint(b) {
		scratch := newTally()
		c.fold(b, scratch)
		t.figures = append(t.figures, scratch.figures...)
	} else {
		c.fold(b, t)
	}
	b.lanes = lanes{}
}

// lastPoint reports whether a block gives more than its own figures: in a
// sweep, only those of the last point do.
func (c *Collector) lastPoint(b *block) bool {
	return c.plan.Sweep == nil || b.Point == max(len(c.plan.Sweep.Values)-1, 0)
}

func newTally() *tally { return &tally{status: map[int32]int64{}, service: map[[2]uint8]*samples{}} }

// whole reports whether a block may serve as a unit of statistics: it ran to
// its end, and for at least half the time that was planned.
func (c *Collector) whole(b *block) bool {
	return b.done() && b.seconds() > 0 && b.seconds()*1e9 >= 0.5*float64(c.plan.Load.Duration)
}

// fold adds one sorted block to the tally.
func (c *Collector) fold(b *block, t *tally) {
	t.notStarted += int64(b.NotStarted)
	stop, secs := b.stop(), b.seconds()
	t.seconds += secs
	t.series.begin(b)
	clients := max(b.Clients, 1)
	for _, l := range b.all {
		if len(l.ops) > 0 {
			clients = max(clients, int(l.client)+1)
		}
	}
	clients = min(clients, 1<<16)
	var (
		before    = Operations{}
		requests  = t.changing
		attempts  = t.attempts
		conflicts = t.conflict
		commits   = make([]int64, clients)
		access    = map[int32]int64{}
		room      []request
		ops       []operation
	)
	before, t.ops = t.ops, Operations{}
	t.present.reset()
	t.checks.begin(b, clients)
	for _, l := range b.all {
		room, ops = l.unpack(room[:0]), l.unpackOps(ops[:0])
		rest := room
		for i := range ops {
			op := &ops[i]
			var own []request
			own, rest = cut(rest, op)
			t.checks.operation(c, b, op, own)
			t.series.operation(b, op, own)
			if op.planned < b.Measure || op.planned >= stop {
				continue
			}
			t.measure(c, op, own)
			if op.outcome == committed && !op.plain {
				commits[min(int(op.client), clients-1)]++
			}
			access[op.key]++
			if op.key2 >= 0 {
				access[op.key2]++
			}
			t.anatomy.operation(c, b, op, own)
		}
		t.checks.client(c, b, room, ops)
		t.reads.client(c, room)
	}
	t.checks.end(c, b)
	t.reads.end(c, b)
	t.commit.join(&t.present)
	now := t.ops
	t.ops = before.plus(now)
	t.keys.add(access)
	t.anatomy.clients(commits)
	if !c.whole(b) {
		return
	}
	q := t.present.quantiles()
	f := BlockFigures{
		Block: b.Block.Block, Repeat: b.Repeat, At: b.At,
		Goodput: ratio(float64(now.Committed), secs), ConflictRate: ratio(float64(t.conflict-conflicts), float64(t.attempts-attempts)),
		P50: q.P50, P99: q.P99, Amplification: ratio(float64(t.changing-requests), float64(now.Committed)),
		Fairness: figure(jain(commits)), AbandonRate: ratio(float64(now.GaveUp), float64(now.Total)),
	}
	t.figures = append(t.figures, f)
	t.goodput, t.rate, t.fairness = known(t.goodput, f.Goodput), known(t.rate, f.ConflictRate), known(t.fairness, f.Fairness)
}

func known(list []float64, v *float64) []float64 {
	if v == nil {
		return list
	}
	return append(list, *v)
}

// cut splits off the requests of op among its client's; those before it belong
// to operations whose end was not recorded.
func cut(requests []request, op *operation) (own, rest []request) {
	i := 0
	for i < len(requests) && requests[i].op < op.op {
		i++
	}
	j := i
	for j < len(requests) && requests[j].op == op.op {
		j++
	}
	return requests[i:j], requests[j:]
}

// measure adds a measured operation and its requests.
func (t *tally) measure(c *Collector, op *operation, own []request) {
	t.lag.add(op.call - op.planned)
	t.requests += int64(len(own))
	t.answers.operation(c, op, own)
	for i := range own {
		r := &own[i]
		t.status[r.status]++
		t.class[r.class]++
		kind := accepted
		switch {
		case r.status == 0:
			kind = unanswered
		case c.words.texts[r.class] != string(history.OK):
			kind = turnedDown
		}
		id := [2]uint8{r.step, kind}
		list := t.service[id]
		if list == nil {
			list = &samples{}
			t.service[id] = list
		}
		list.add(r.length)
	}
	if op.plain {
		t.ops.Reads++
		return
	}
	t.ops.Total++
	t.changing += int64(len(own))
	t.attempts += int64(op.attempts)
	t.conflict += conflicting(own)
	switch op.outcome {
	case committed:
		t.ops.Committed++
		t.present.add(op.commit - op.planned)
		t.parts.operation(op, own)
	case gaveUp:
		t.ops.GaveUp++
	case failed:
		t.ops.Failed++
	default:
		t.ops.Unknown++
	}
}

// conflicting counts the attempts among an operation's requests that conflict.
func conflicting(own []request) int64 {
	n, last := int64(0), int32(-1)
	for i := range own {
		if own[i].conflict && own[i].attempt != last {
			n, last = n+1, own[i].attempt
		}
	}
	return n
}

func (o Operations) plus(p Operations) Operations {
	return Operations{o.Total + p.Total, o.Committed + p.Committed, o.GaveUp + p.GaveUp, o.Failed + p.Failed, o.Unknown + p.Unknown, o.Reads + p.Reads}
}

func (c *Collector) figures(strategy int, t *tally) Figures {
	f := Figures{
		Operations: t.ops, Requests: t.requests, Attempts: t.attempts,
		ByStatus: map[string]int64{}, ByClass: map[string]int64{},
		Conflicts:     Conflicts{Attempts: t.conflict, Rate: ratio(float64(t.conflict), float64(t.attempts)), RateCI: medianCI(t.rate)},
		AbandonRate:   ratio(float64(t.ops.GaveUp), float64(t.ops.Total)),
		Goodput:       ratio(float64(t.ops.Committed), t.seconds),
		GoodputCI:     medianCI(t.goodput),
		Amplification: ratio(float64(t.changing), float64(t.ops.Committed)),
		Fairness:      figure(median(t.fairness)),
		EffectiveKeys: t.keys.keys(),
		TimeToCommit:  t.commit.quantiles(),
		Parts:         t.parts.finish(),
		ServiceTime:   map[string]Quantiles{},
		NotStarted:    t.notStarted,
		Blocks:        t.figures,
	}
	for status, n := range t.status {
		f.ByStatus[strconv.Itoa(int(status))] = n
	}
	for class, n := range t.class {
		if n > 0 {
			f.ByClass[c.words.texts[class]] = n
		}
	}
	for id, ms := range t.service {
		f.ServiceTime[c.words.texts[id[0]]+[...]string{"", "_refused", "_unanswered"}[id[1]]] = ms.quantiles()
	}
	f.ScheduleLag = t.lag.quantiles()
	f.Anatomy = t.anatomy.finish(c, strategy)
	f.Pictures = Pictures{Percentiles: curve(&t.commit)}
	f.Checks = append(append(c.exited(strategy), t.checks.finish(c, strategy, &f)...), t.answers.checks(c, strategy)...)
	if t.reads.blurred > 0 { // nothing to say of a target whose answers can be read
		f.Checks = append(f.Checks, t.reads.check())
	}
	f.Thin = thin(&f, c)
	return f
}

// thin says which figures the sample does not support.
func thin(f *Figures, c *Collector) []string {
	var notes []string
	if n := f.TimeToCommit.N; n > 0 && n < 100 {
		notes = append(notes, "no p99 of time to commit: it needs 100 committed operations, there are "+strconv.FormatInt(n, 10)+"; raise load.duration or load.repeat")
	}
	if n := len(f.Blocks); c.plan.Sweep == nil && n > 0 && n < MinBlocks {
		notes = append(notes, "no intervals and no claimed differences: they need "+strconv.Itoa(MinBlocks)+" whole blocks, there are "+strconv.Itoa(n)+"; raise load.repeat")
	}
	return notes
}
