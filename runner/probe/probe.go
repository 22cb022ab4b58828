// Package probe asks a target, one request at a time and without load, what
// its locking is worth: is a stale version refused, is a second lock, is what
// was refused really not done? It also walks all orders in which the requests
// of two clients can follow each other. What it cannot find is a race: a
// comparison and a write that are two steps look whole here and fail under load.
//
// It judges nothing. Each question is a block of the session's record, ended by
// an event that says what was asked and which part each request has in it;
// report/check/serial reads that.
package probe

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"

	"tussle/history"
	"tussle/runner"
	"tussle/runner/workload"
	"tussle/scenarios"
)

// Options say what a probe may do.
type Options struct {
	// Same sends back what was read, again and again, instead of new values:
	// for a resource that is not ours to change.
	Same bool
	// Lives also creates and deletes under optimistic locking, though the workload
	// does not: where resources are made for the probe alone.
	Lives bool
}

// lives reports whether resources are created and deleted.
func (p *prober) lives() bool {
	return p.session.Scenario().Workload.Kind == "lifecycle" || p.opt.Lives && p.strategy.Locking == "optimistic"
}

// Run asks every strategy of the session's scenario and records the answers. A
// strategy that the target lacks is left out, and the record says why; the
// error tells when none could be asked.
func Run(ctx context.Context, s *runner.Session, o Options) error {
	asked := 0
	var first error
	blocks := 0
	for i := range s.Scenario().Strategies {
		p := &prober{session: s, strategy: &s.Scenario().Strategies[i], index: i, opt: o, blocks: blocks, patience: 5, lockWait: 500 * time.Millisecond}
		err := p.whole(ctx)
		blocks = p.blocks
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			asked++
		} else if first == nil {
			first = err
		}
	}
	if asked == 0 {
		return first
	}
	return nil
}

// prober asks about one strategy, with two clients, A and B.
type prober struct {
	session  *runner.Session
	strategy *scenarios.Strategy
	index    int
	opt      Options
	work     workload.Workload
	parties  [2]*party

	blocks, keys, tags, ops int
	things                  []*thing
	partner                 *thing // of a pair or a transfer: the other one
	found                   *found // with Options.Same: what was there
	braked                  time.Duration
	patience                int           // how often it may still wait for what has not shown itself
	lockWait                time.Duration // after which a lock that is not granted counts as refused
}

// whole begins with the run's preflight and asks everything that the
// strategy's locking, steps and workload allow.
func (p *prober) whole(ctx context.Context) (err error) {
	defer func() {
		switch stopped := recover().(type) {
		case nil:
		case halt:
			err = stopped.err
		default:
			panic(stopped)
		}
		if err != nil && ctx.Err() == nil {
			p.tell(err)
		}
	}()
	if p.work, err = p.session.Workload(); err != nil {
		return err
	}
	if p.opt.Same {
		if p.found, err = p.look(ctx); err != nil {
			return err
		}
	} else if err := p.session.Preflight(ctx, p.index); err != nil {
		return err
	}
	defer p.close(ctx)
	for i := range p.parties {
		line, err := p.session.Line(ctx, p.index, i)
		if err != nil {
			return err
		}
		p.parties[i] = &party{prober: p, who: i, line: line}
	}
	switch p.strategy.Locking {
	case "optimistic":
		p.versions(ctx)
	case "pessimistic":
		p.locks(ctx)
	case "server-side":
		p.serverSide(ctx)
	default:
		p.blind(ctx)
	}
	p.names(ctx)
	p.orders(ctx)
	return nil
}

// tell records why a strategy was not asked, or not to the end.
func (p *prober) tell(err error) {
	attrs := map[string]string{"rule": "preflight", "why": p.session.Mask(err.Error())}
	var c *runner.CannotRun
	if errors.As(err, &c) {
		attrs["hint"], attrs["curl.0"] = c.Hint, c.Curl
	}
	q := p.begin("preflight")
	q.attrs = attrs
	q.end()
}

// halt ends the questions about a strategy from within.
type halt struct{ err error }

func stop(err error) { panic(halt{err}) }

// rest waits.
func rest(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-ctx.Done():
		stop(ctx.Err())
	}
}

// settle lets what was set up arrive at replicas, so that a later read which
// is behind shows it.
func settle(ctx context.Context) { rest(ctx, 60*time.Millisecond) }

// early waits for the next second when this one is nearly over: versions made
// of whole seconds are the same only within one.
func early(ctx context.Context) {
	const late = 500 * time.Millisecond
	now := time.Now()
	if over := now.Sub(now.Truncate(time.Second)); over >= late {
		rest(ctx, time.Second-over+5*time.Millisecond)
	}
}

// close removes what was made, gives back what was found, and closes the lines.
func (p *prober) close(ctx context.Context) {
	defer func() { _ = recover() }() // of halts: there is nothing left to ask
	defer func() {
		for _, q := range p.parties {
			if q != nil {
				q.line.Close()
			}
		}
	}()
	if ctx.Err() != nil || p.parties[0] == nil {
		return
	}
	if p.found != nil {
		p.giveBack(ctx)
	}
	if !p.has(history.StepTeardown) {
		return
	}
	q := &asking{prober: p, block: -1}
	for _, t := range p.things {
		if t.created {
			p.parties[0].do(ctx, q, "", history.StepTeardown, t, nil)
		}
	}
	p.session.Out().Flush()
}

// asking is one question while it is asked: a block of the record.
type asking struct {
	*prober
	rule    string
	block   int
	begun   int64
	attrs   map[string]string
	roles   []string
	unclear bool // a request had no answer that tells anything
}

func (p *prober) begin(rule string) *asking {
	q := &asking{prober: p, rule: rule, block: p.blocks, begun: p.session.Now(), attrs: map[string]string{}}
	p.blocks++
	q.write(0)
	return q
}

// write writes the block's record, as a run does.
func (q *asking) write(end int64) {
	_ = q.session.Out().Block(&history.Block{Block: q.block, Strategy: q.index, Clients: 2,
		Start: q.begun, Measure: q.begun, Stop: max(end, q.begun), End: end}) // an error stays with the writer
}

// end says what was asked.
func (q *asking) end() {
	now := q.session.Now()
	attrs := map[string]string{"rule": q.rule}
	maps.Copy(attrs, q.attrs)
	if len(q.roles) > 0 {
		attrs["roles"] = strings.Join(q.roles, ",")
	}
	_ = q.session.Out().Event(&history.Event{At: q.begun, Until: now, Block: q.block, Name: history.EventQuestion, Attrs: attrs})
	q.write(now)
	q.session.Out().Flush()
}

// ask asks a question, and once more when a request of it had no answer that
// tells anything: it may have been the moment.
func (p *prober) ask(ctx context.Context, rule string, f func(q *asking)) {
	for try := range 2 {
		q := p.begin(rule)
		if p.guards() {
			q.attrs["guards"] = "true"
		}
		func() {
			defer q.end()
			f(q)
			if q.unclear && try == 0 {
				q.attrs["retried"] = "true"
			}
		}()
		if !q.unclear || try == 1 {
			return
		}
		rest(ctx, 50*time.Millisecond)
	}
}

// record adds a request to the block.
func (q *asking) record(r *history.Request, role, curl string) {
	q.session.Out().Request(r)
	if q.block < 0 {
		return
	}
	q.attrs["curl."+strconv.Itoa(len(q.roles))] = q.session.Mask(curl)
	q.roles = append(q.roles, role)
}
