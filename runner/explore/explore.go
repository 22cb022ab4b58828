package explore

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"tussle/history"
	"tussle/runner"
	"tussle/runner/fault"
	"tussle/runner/store"
)

// Options say what is explored and how far.
type Options struct {
	Pairs     [][]history.Step // nil: all pairs of the scenario's steps
	Every     bool             // hold silent statements too, and leave nothing out
	MaxOrders int              // of a pair; 0 is DefaultOrders
	Mask      func(string) string
	Replay    []int // follow these choices in place of exploring
	Times     int   // so often

	// Faults strike statements in each order, but not in the runs one after the
	// other that orders are compared with; nil: none.
	Faults *fault.Set

	// Odd is asked of every order, and whether it is worth a second look; nil
	// repeats none.
	Odd func(*history.Order) bool
	// Serial is told every run of the requests one after the other.
	Serial func(*history.Order)
	// Progress is told after each order.
	Progress func(pair string, orders int)
}

// DefaultOrders is how many orders of a pair are walked at most.
const DefaultOrders = 2000

// repeats of the runs that orders are compared with: before the orders, and
// after them.
const (
	before = 2
	after  = 1
	again  = 2 // replays of an odd order
	most   = 3 // odd orders that are replayed
)

// Run explores pairs of requests of every strategy and writes the history of
// it. What was explored when ctx ends is written.
func Run(ctx context.Context, s *runner.Session, relay store.Relay, w io.Writer, o Options) (err error) {
	if o.MaxOrders <= 0 {
		o.MaxOrders = DefaultOrders
	}
	if o.Mask == nil {
		o.Mask = func(s string) string { return s }
	}
	hist, err := history.NewWriter(w, 0)
	if err != nil {
		return err
	}
	x := &explorer{Options: o, session: s, relay: relay, out: hist.Buffer(), begun: time.Now()}
	defer func() {
		x.out.Flush()
		if e := hist.Close(); err == nil {
			err = e
		}
	}()
	header := s.Header()
	for i := range header.Plan.Strategies {
		header.Plan.Strategies[i].Promises = []string{"serial-equivalence"} // what exploring asks of everybody
	}
	if err := x.out.Header(header); err != nil {
		return err
	}
	number, tried := 0, 0
	for i := range s.Scenario().Strategies {
		for _, steps := range x.pairs(i) {
			if ctx.Err() != nil {
				break
			}
			p := &pair{session: s, relay: relay, strategy: i, workload: s.Scenario().Workload, steps: steps, every: o.Every, number: number,
				absent: slices.Contains(steps, history.StepCreate), patience: 3 * time.Second, learned: 3 * time.Second, mask: o.Mask, now: x.now, tried: &tried}
			number++
			if err := x.explore(ctx, p); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
	for _, c := range x.counts() {
		if err := x.out.Event(&history.Event{At: x.now(), Block: -1, Name: "fault", Fault: &c}); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		if err := x.out.Event(&history.Event{At: x.now(), Block: -1, Name: "interrupt", Note: "stopped by the user"}); err != nil {
			return err
		}
	}
	return x.out.Event(&history.Event{At: x.now(), Block: -1, Name: history.EventEnd})
}

type explorer struct {
	Options
	session *runner.Session
	relay   store.Relay
	out     *history.Buffer
	begun   time.Time
}

func (x *explorer) now() int64 { return int64(time.Since(x.begun)) }

func (x *explorer) counts() []history.FaultCount {
	if x.Faults == nil {
		return nil
	}
	return x.Faults.Counts()
}

// pairs are those asked for, or all of the steps that the strategy speaks and
// that touch one resource, at least one of each pair changing it.
func (x *explorer) pairs(strategy int) [][]history.Step {
	speaks := x.session.Scenario().Strategies[strategy].Speaks
	there := func(s history.Step) bool { return speaks[string(s)].Request != "" }
	if x.Pairs != nil {
		var out [][]history.Step
		for _, p := range x.Pairs {
			if !slices.ContainsFunc(p, func(s history.Step) bool { return !there(s) }) {
				out = append(out, p)
			}
		}
		return out
	}
	steps := []history.Step{history.StepWrite, history.StepDelete, history.StepCreate, history.StepRead}
	switch x.session.Scenario().Workload.Kind { // steps that only one kind of workload can speak
	case "counter", "lease":
		steps = append([]history.Step{history.StepAdd}, steps...)
	case "append":
		steps = append([]history.Step{history.StepAppend}, steps...)
	case "transfer":
		steps = append([]history.Step{history.StepTransfer}, steps...)
	}
	var out [][]history.Step
	for i, a := range steps {
		for _, b := range steps[i:] {
			if there(a) && there(b) && (a.Writes() || b.Writes()) {
				out = append(out, []history.Step{a, b})
			}
		}
	}
	return out
}

// explore walks the orders of one pair.
func (x *explorer) explore(ctx context.Context, p *pair) error {
	defer p.close()
	if err := p.open(ctx); err != nil {
		return err
	}
	rec := &history.Pair{Pair: p.number, Strategy: p.strategy, Store: x.relay.Speaks(), Every: p.every, Replay: x.Replay != nil, Preemptions: -1, Alone: make([]int, len(p.steps))}
	for i, s := range p.steps {
		rec.Steps = append(rec.Steps, string(s))
		rec.Wants = append(rec.Wants, p.lines[i].Curl(s, named()))
	}
	if err := x.out.Pair(rec); err != nil {
		return err
	}
	if err := x.explored(ctx, p, rec); err != nil {
		rec.Stopped = err.Error()
		if ctx.Err() != nil {
			rec.Stopped = "interrupted"
		}
		if e := x.out.Pair(rec); e != nil {
			return e
		}
		return err
	}
	return x.out.Pair(rec)
}

func (x *explorer) explored(ctx context.Context, p *pair, rec *history.Pair) error {
	if err := x.serial(ctx, p, rec, before); err != nil {
		return err
	}
	if x.Replay != nil {
		for range max(1, x.Times) {
			if _, err := x.run(ctx, p, rec, history.RoleOrder, branch{choices: x.Replay}, newWalk(p.every), 0); err != nil {
				return err
			}
			rec.Walked++
		}
		rec.Complete = false
		return x.serial(ctx, p, rec, after)
	}
	rec.Possible = merges(rec.Alone)
	w := newWalk(p.every || rec.Possible == 0 || rec.Possible > 50*int64(x.MaxOrders))
	var odd []*history.Order
	for {
		b, n, more := w.next()
		if !more {
			rec.Complete = true
			break
		}
		if rec.Walked >= int64(x.MaxOrders) {
			if w.every {
				rec.Preemptions = n - 1
			}
			break
		}
		o, err := x.attempt(ctx, p, rec, b, w)
		if err != nil {
			return err
		}
		if o != nil && x.Odd != nil && len(odd) < most && x.Odd(o) {
			odd = append(odd, o)
		}
		if x.Progress != nil {
			x.Progress(strings.Join(rec.Steps, " beside "), int(rec.Walked))
		}
	}
	if err := x.serial(ctx, p, rec, after); err != nil {
		return err
	}
	for _, o := range odd {
		for range again {
			if _, err := x.run(ctx, p, rec, history.RoleReplay, branch{choices: o.Choices}, newWalk(p.every), o.Number); err != nil {
				return err
			}
		}
	}
	return nil
}

// attempt carries one order out; one that strays from its prefix is tried
// twice more. nil: it shows nothing new.
func (x *explorer) attempt(ctx context.Context, p *pair, rec *history.Pair, b branch, w *walk) (*history.Order, error) {
	for range 3 {
		o, err := x.run(ctx, p, rec, history.RoleOrder, b, w, rec.Walked)
		if err != nil {
			return nil, err
		}
		if o.strayed {
			continue
		}
		if o.useless || o.record.Broken != "" {
			return nil, nil
		}
		return o.record, nil
	}
	rec.Strayed++
	return nil, nil
}

// run carries out one order and writes it down, unless it strayed from its
// prefix or shows nothing new.
func (x *explorer) run(ctx context.Context, p *pair, rec *history.Pair, role string, b branch, w *walk, number int64) (*order, error) {
	o, err := x.order(ctx, p, role, number)
	if err != nil {
		return nil, err
	}
	asleep := b.asleep
	who := make([]int, len(p.steps))
	for i := range who {
		who[i] = i
	}
	o.carryOut(ctx, who, false, func(s *step) int {
		at := len(o.steps)
		if at < len(b.choices) {
			if !has(s.enabled, b.choices[at]) {
				o.strayed = true
				return s.enabled[0]
			}
			return b.choices[at]
		}
		pick, useless := w.choose(s, o.last, asleep)
		o.useless = o.useless || useless
		s.chosen = pick
		asleep = w.sleep(s, asleep)
		return pick
	})
	o.strayed = o.strayed || len(o.steps) < len(b.choices)
	if err := x.end(ctx, o); err != nil {
		return nil, err
	}
	rec.Others += o.others
	if o.strayed && role == history.RoleOrder && x.Replay == nil {
		return o, nil
	}
	if role == history.RoleOrder && x.Replay == nil && o.record.Broken == "" {
		steps := o.steps
		if o.useless {
			steps = steps[:o.awake(b, w)]
		}
		if !w.grow(b, steps) || o.useless {
			o.useless = true
			return o, nil
		}
		o.record.Weight = 1
		if !w.every {
			o.record.Weight = weight(o.moves, len(p.steps))
		}
		rec.Walked++
		rec.StandFor += o.record.Weight
		rec.Outside += o.outside
		for i := range o.steps {
			if len(o.steps[i].enabled) > 1 {
				rec.Choices++
			}
		}
	}
	if o.strayed && !o.broken() {
		o.fail("it could not be repeated as it was asked for")
	}
	return o, x.out.Order(o.record)
}

// awake is the number of choices before the one at which everybody slept.
func (o *order) awake(b branch, w *walk) int {
	asleep := b.asleep
	for i := len(b.choices); i < len(o.steps); i++ {
		s := &o.steps[i]
		if _, useless := w.choose(s, -1, asleep); useless {
			return i
		}
		asleep = w.sleep(s, asleep)
	}
	return len(o.steps)
}

// order sets keys up for one order.
func (x *explorer) order(ctx context.Context, p *pair, role string, number int64) (*order, error) {
	if err := p.fresh(ctx); err != nil {
		return nil, err
	}
	o := &order{pair: p, record: &history.Order{Pair: p.number, Number: number, Role: role, Start: x.now(), Replies: make([]history.Reply, len(p.steps))}}
	if x.Faults != nil && role != history.RoleSerial { // the same ones in every order
		o.faults = x.Faults.AtStore(func() (int, int64, bool) { return p.strategy, 0, true })
	}
	for range p.steps {
		o.parties = append(o.parties, &actor{})
	}
	return o, nil
}

// end reads what came of an order.
func (x *explorer) end(ctx context.Context, o *order) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	o.record.Final = o.final(ctx)
	o.record.End = x.now()
	o.tidy(ctx)
	return ctx.Err()
}

// serial records what orders are compared with: the requests one after the
// other in every sequence, each alone, and none.
func (x *explorer) serial(ctx context.Context, p *pair, rec *history.Pair, times int) error {
	gap := time.Duration(0)
	for range times {
		for _, ran := range sequences(len(p.steps)) {
			o, err := x.order(ctx, p, history.RoleSerial, 0)
			if err != nil {
				return err
			}
			o.record.Ran = ran
			o.carryOut(ctx, ran, true, func(s *step) int { return s.enabled[0] })
			if err := x.end(ctx, o); err != nil {
				return err
			}
			if o.broken() {
				return fmt.Errorf("requests one after the other cannot be carried out: %s", o.record.Broken)
			}
			if len(ran) == 1 {
				rec.Alone[ran[0]] = len(o.steps)
			}
			if x.Serial != nil {
				x.Serial(o.record)
			}
			gap = max(gap, o.gap)
			if err := x.out.Order(o.record); err != nil {
				return err
			}
		}
	}
	p.learned = min(max(10*gap, 300*time.Millisecond), p.patience)
	return nil
}

// sequences are all ways in which some of n requests run one after the other:
// none of them, each alone, two, all.
func sequences(n int) [][]int {
	out := [][]int{{}}
	for i := 0; i < len(out); i++ {
		for v := range n {
			if !has(out[i], v) {
				out = append(out, append(append([]int{}, out[i]...), v))
			}
		}
	}
	return out
}
