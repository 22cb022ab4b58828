package report

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"tussle/history"
	"tussle/report/check"
	"tussle/report/measure"
	"tussle/report/model"
	"tussle/report/say"
)

// EventInterrupt and EventWarning are the names of events that a report
// speaks of: the run was interrupted; something that belongs to its results.
const (
	EventInterrupt = "interrupt"
	EventWarning   = "warning"
)

// Build reads a history to its end and judges and measures it. The result is
// a function of the history and of judgedBy, the version that judges. A
// history that was cut off gives a report that says so; an error means that
// the records before the end could not be read.
func Build(r *history.Reader, judgedBy string) (rep *model.Report, err error) {
	defer func() { // of the measuring: without figures there is no report
		if p := recover(); p != nil {
			rep, err = nil, panicked(p)
		}
	}()
	b := builder{Report: &model.Report{Schema: model.Schema, JudgedBy: judgedBy}, figures: measure.New()}
	b.guard(func() error { b.judge = check.New(); return nil })
	last, err := feed(r, b.add)
	switch cut := (*history.CutError)(nil); {
	case errors.As(err, &cut):
		b.Cut = fmt.Sprintf("after line %d: %s", cut.Line, cut.Why)
	case err != nil:
		return nil, err
	case b.header != nil && !r.Complete():
		b.Cut = fmt.Sprintf("after line %d: the run's end is not recorded", last)
	}
	if b.Provenance.Records == 0 {
		return nil, errors.New("the history holds no record; a run writes its header first")
	}
	b.finish()
	return b.Report, nil
}

// feed reads r to its end and hands each record to add, in order, while the
// next ones are being decoded. It returns the last line read, and nil at the
// end of the history.
func feed(r *history.Reader, add func(*history.Record) error) (last int64, err error) {
	type batch struct {
		records []history.Record
		err     error // after the records
	}
	const size = 256
	ready, free := make(chan batch, 1), make(chan []history.Record, 3)
	for range cap(free) {
		free <- make([]history.Record, size)
	}
	go func() {
		defer close(ready)
		for list := range free {
			b := batch{}
			b.records, b.err = fill(r, list)
			ready <- b
			if b.err != nil {
				return
			}
		}
	}()
	for b := range ready {
		for i := range b.records {
			last = b.records[i].Line
			if err == nil {
				err = add(&b.records[i])
			}
		}
		switch {
		case err != nil:
			close(free)
			for range ready {
			}
			return last, err
		case b.err == io.EOF:
			return last, nil
		case b.err != nil:
			return last, b.err
		}
		free <- b.records[:size]
	}
	return last, err
}

// fill reads as many records as list holds.
func fill(r *history.Reader, list []history.Record) (got []history.Record, err error) {
	n := 0
	defer func() {
		if p := recover(); p != nil {
			got, err = nil, panicked(p)
		}
	}()
	for n < len(list) && err == nil {
		if err = r.Read(&list[n]); err == nil {
			n++
		}
	}
	return list[:n], err
}

// panicked is a panic as an error: never a stack.
func panicked(p any) error {
	return fmt.Errorf("tussle itself failed on this history (%v): please report it with the history", p)
}

// builder holds what is known of a history while it is read.
type builder struct {
	*model.Report
	judge   *check.Judge
	figures *measure.Collector
	stopped string // the checker panicked: why
	header  *history.Header
	faults  []history.FaultCount
	stuck   map[int]bool    // strategies whose livelock is known
	stood   []string        // a sentence for each of them
	blocks  []history.Block // in the order of their first records
	last    int64
}

// guard runs a part of the judge. A panic there must not cost the figures.
func (b *builder) guard(f func() error) (err error) {
	if b.stopped != "" {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			b.stopped = fmt.Sprint(p)
		}
	}()
	return f()
}

func (b *builder) add(rec *history.Record) error {
	b.Provenance.Records++
	switch rec.Kind {
	case history.KindHeader:
		h := rec.Header
		b.header = &h
	case history.KindBlock:
		if b.last = max(b.last, rec.Block.End); rec.Block.End == 0 {
			b.blocks = append(b.blocks, rec.Block)
		}
	case history.KindOperation:
		b.last = max(b.last, rec.Operation.Return)
	case history.KindRequest:
		b.last = max(b.last, rec.Request.Return)
	case history.KindEvent:
		e := rec.Event
		b.last = max(b.last, e.At)
		switch {
		case e.Name == EventInterrupt:
			b.Interrupted = true
		case e.Name == history.EventLivelock:
			b.livelock(e)
		case e.Name == EventWarning:
			b.Warnings = append(b.Warnings, e.Note)
		case e.Fault != nil:
			b.fault(*e.Fault)
		}
	}
	b.figures.Add(rec)
	return b.guard(func() error { return b.judge.Add(rec) })
}

// livelock keeps the note on the first livelocked block of each strategy.
func (b *builder) livelock(e history.Event) {
	for _, block := range b.blocks {
		if block.Block == e.Block && !b.stuck[block.Strategy] {
			if b.stuck == nil {
				b.stuck = map[int]bool{}
			}
			b.stuck[block.Strategy] = true
			b.stood = append(b.stood, e.Note)
		}
	}
}

// fault adds to the count of a strategy's fault.
func (b *builder) fault(f history.FaultCount) {
	for i := range b.faults {
		if g := &b.faults[i]; g.Kind == f.Kind && g.Strategy == f.Strategy {
			g.Planned, g.Injected, g.Effective, g.Min = g.Planned+f.Planned, g.Injected+f.Injected, g.Effective+f.Effective, max(g.Min, f.Min)
			return
		}
	}
	b.faults = append(b.faults, f)
}

func (b *builder) finish() {
	var figures []measure.Figures
	var properties [][]check.Property
	var wait sync.WaitGroup
	var broken any
	wait.Go(func() {
		defer func() { broken = recover() }()
		figures = b.figures.Finish()
	})
	b.guard(func() error { properties = b.judge.Finish(); return nil })
	wait.Wait()
	if broken != nil {
		panic(broken)
	}

	plan := &history.Plan{Scenario: "a history without a header"}
	if b.header != nil {
		plan = &b.header.Plan
	}
	strategies := plan.Strategies
	for len(strategies) < len(properties) { // of a foreign history, the checker knows what it is
		strategies = append(strategies, history.PlanStrategy{Name: "recorded"})
	}
	b.describe(plan)
	for i := range strategies {
		var f measure.Figures
		if i < len(figures) {
			f = figures[i]
		}
		s := newStrategy(&strategies[i], f)
		if i < len(properties) {
			s.Properties = properties[i]
		}
		if b.stopped != "" {
			s.Properties = undecided(strategies[i].Promises, b.stopped)
		}
		if b.header == nil {
			for _, p := range s.Properties {
				if p.Promised {
					s.Promised = append(s.Promised, p.Name)
				}
			}
		}
		s.Verdict = verdictOf(s.Properties)
		for _, c := range b.faults {
			if c.Strategy == i {
				s.Faults = append(s.Faults, model.FaultCount{Kind: c.Kind, Planned: c.Planned, Injected: c.Injected, Effective: c.Effective, Min: c.Min})
			}
		}
		for _, note := range f.Thin {
			b.Warnings = append(b.Warnings, s.Name+": "+note)
		}
		for _, c := range f.Checks {
			b.SelfChecks = append(b.SelfChecks, newSelfCheck(s.Name, c))
		}
		b.Strategies = append(b.Strategies, s)
	}
	b.guard(func() error { b.Explorations = b.judge.Explorations(); return nil })
	if len(b.Explorations) == 0 { // else no load was run, and nothing measured
		b.relate(plan)
		b.Advice = advice(b.Report, plan)
		b.Thresholds = thresholds(b.Report, plan.Thresholds)
	}
	if b.Cut != "" {
		unsettle(b.Thresholds)
	}
	if len(b.Explorations) > 0 {
		b.SelfChecks = nil
		concludeExplored(b.Report)
	} else {
		conclude(b.Report, b.header == nil, plan, b.stood)
	}
	model.NoNulls(b.Report)
}

// describe fills in what the header tells.
func (b *builder) describe(plan *history.Plan) {
	b.Scenario = model.Scenario{Name: plan.Scenario, Description: plan.Description, SHA256: plan.SHA256, Seed: plan.Seed,
		Workload: plan.Workload, Load: plan.Load, Faults: plan.Faults}
	p := &b.Provenance
	p.Order, p.Text, p.Overrides = order(plan, b.blocks), plan.Text, plan.Overrides
	if h := b.header; h != nil {
		b.RecordedBy = h.RecordedBy
		p.Command, p.Machine, p.Target, p.Run = h.Command, h.Machine, h.Target, h.Run
		p.Start = h.Start.UTC().Format(time.RFC3339)
		p.End = h.Start.Add(time.Duration(b.last)).UTC().Format(time.RFC3339)
	}
}

// order writes the sequence of blocks in letters: "A B B A (A optimistic, B
// pessimistic)".
func order(plan *history.Plan, blocks []history.Block) string {
	if len(blocks) == 0 {
		return ""
	}
	letter := func(i int) string {
		if i < 0 || i >= 26 {
			return fmt.Sprintf("%d", i)
		}
		return string(rune('A' + i))
	}
	var seq, key []string
	for _, b := range blocks {
		seq = append(seq, letter(b.Strategy))
	}
	for i, s := range plan.Strategies {
		key = append(key, letter(i)+" "+s.Name)
	}
	return strings.Join(seq, " ") + " (" + strings.Join(key, ", ") + ")"
}

func newStrategy(p *history.PlanStrategy, f measure.Figures) model.Strategy {
	return model.Strategy{Name: p.Name, Locking: p.Locking, Inside: p.Inside, Dialect: p.Dialect, Retry: p.Retry, RetryDefault: p.RetryDefault, Promised: p.Promises,
		Operations: f.Operations, Requests: f.Requests, Attempts: f.Attempts, ByStatus: f.ByStatus, ByClass: f.ByClass, Conflicts: f.Conflicts,
		AbandonRate: f.AbandonRate, Goodput: f.Goodput, GoodputCI: f.GoodputCI, Amplification: f.Amplification, Fairness: f.Fairness,
		EffectiveKeys: f.EffectiveKeys, TimeToCommit: f.TimeToCommit, CommitParts: f.Parts, ServiceTime: f.ServiceTime, ScheduleLag: f.ScheduleLag, NotStarted: f.NotStarted,
		Blocks: f.Blocks, Anatomy: f.Anatomy, Pictures: f.Pictures}
}

// undecided is what remains of the promises when the checker broke down.
func undecided(promises []string, why string) []check.Property {
	var out []check.Property
	for _, name := range promises {
		out = append(out, check.Property{Name: name, Promised: true, Verdict: check.Undecided,
			Reason: "the checker broke down on this history (" + why + "); the figures are not affected; please report it with the history"})
	}
	return out
}

// relate compares every strategy with the first, and draws the sweeps.
func (b *builder) relate(plan *history.Plan) {
	sides := make([]measure.Side, len(b.Strategies))
	for i := range b.Strategies {
		s := &b.Strategies[i]
		sides[i] = measure.Side{Name: s.Name, Blocks: s.Blocks, Lost: say.Lost(s)}
	}
	b.Sweeps = measure.Sweeps(plan, sides)
	for i := range sides {
		sides[i].Blocks = lastPoint(plan, sides[i].Blocks)
		b.Strategies[i].Blocks = sides[i].Blocks
		if i > 0 {
			b.Comparisons = append(b.Comparisons, measure.Compare(measure.NoiseThreshold, measure.Pair{Base: sides[0], Head: sides[i]})...)
		}
	}
}

// lastPoint keeps the blocks of a sweep's last point.
func lastPoint(plan *history.Plan, blocks []measure.BlockFigures) []measure.BlockFigures {
	if plan.Sweep == nil || len(plan.Sweep.Values) == 0 {
		return blocks
	}
	var out []measure.BlockFigures
	for _, b := range blocks {
		if b.At == plan.Sweep.Values[len(plan.Sweep.Values)-1] {
			out = append(out, b)
		}
	}
	return out
}
