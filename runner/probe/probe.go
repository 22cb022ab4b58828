// Package probe asks a target, one request at a time and without load, which
// of its locking promises it keeps: is a stale version refused, is a second
// lock, is what was refused really not done? It also walks all orders in which
// the requests of two clients can follow each other, so that what needs no
// race is found without one. What it cannot find is a race: a comparison and a
// write that are two steps pass here and fail under load.
package probe

import (
	"context"
	"errors"

	"tussle/runner"
)

// Verdict of one promise.
type Verdict string

// The verdicts. Only Violated fails a probe.
const (
	Holds        Verdict = "holds"
	Violated     Verdict = "violated"
	NotPromised  Verdict = "not promised" // it would be violated, but the strategy promises nothing
	Noted        Verdict = "noted"        // worth knowing; no promise either way
	NotExercised Verdict = "not exercised"
)

// Row is one promise and what the server did.
type Row struct {
	Promise string
	Did     string
	Verdict Verdict
	Order   string   // of two clients' requests that shows it: "A read 200, B write 412"
	Curl    []string // the requests that show it, in order
}

// Table is what was found about one strategy.
type Table struct {
	Strategy, Locking, Dialect string
	Scheme                     string // of a built-in target
	Rows                       []Row
	Requests                   int    // one at a time
	Walked                     int    // of them, to walk orders of two clients
	Races                      string // what only overlap can show; "" when nothing
}

// Violations counts the violated promises.
func (t *Table) Violations() int {
	n := 0
	for _, r := range t.Rows {
		if r.Verdict == Violated {
			n++
		}
	}
	return n
}

// Options say what a probe may do.
type Options struct {
	// Same sends back what was read, again and again, instead of new values:
	// for a resource that is not ours to change.
	Same bool
}

// Run probes every strategy of the session's scenario.
func Run(ctx context.Context, s *runner.Session, o Options) ([]Table, error) {
	var out []Table
	for i := range s.Scenario().Strategies {
		p, err := newProber(ctx, s, i, o)
		if err != nil {
			return nil, err
		}
		err = p.probe(ctx)
		p.close(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, p.table)
	}
	return out, nil
}

// probe asks everything that the strategy's locking and steps allow.
func (p *prober) probe(ctx context.Context) (err error) {
	st := p.strategy
	t := &p.table
	*t = Table{Strategy: st.Name, Locking: st.Locking, Dialect: st.Dialect, Scheme: st.Target["scheme"]}
	defer func() {
		switch stopped := recover().(type) {
		case nil:
		case halt:
			err = stopped.err
		default:
			panic(stopped)
		}
	}()
	switch st.Locking {
	case "optimistic":
		p.versions(ctx)
		p.creates(ctx)
		p.lives(ctx)
		t.Races = "whether comparing and writing are one step"
	case "pessimistic":
		p.locks(ctx)
		t.Races = "whether a lock is given to one of two that ask at once"
	case "server-side":
		p.serverSide(ctx)
		t.Races = "whether the server's own reading and writing are one step"
	default:
		p.blind(ctx)
	}
	alone := p.requests
	p.orders(ctx)
	t.Requests, t.Walked = p.requests, p.requests-alone
	if len(t.Rows) == 0 {
		return &runner.CannotRun{What: "strategy " + st.Name + " has no step that can be probed", Hint: "tussle explain shows its steps"}
	}
	return nil
}

// halt ends a probe from within its steps.
type halt struct{ err error }

// stop ends the probe with an error.
func stop(err error) { panic(halt{err}) }

// row adds a row. Where the last of the replies that it shows is no answer,
// nothing is violated: that says nothing of a promise.
func (p *prober) row(promise string, v Verdict, did string, shows ...reply) {
	if n := len(shows); v == Violated && n > 0 && shows[n-1].silent() {
		v = NotExercised
	}
	p.put(promise, v, did, shows...)
}

// put adds a row as it is judged; what would be violated is not, where nothing
// is promised.
func (p *prober) put(promise string, v Verdict, did string, shows ...reply) {
	if v == Violated && len(p.strategy.Promises) == 0 {
		v = NotPromised
	}
	r := Row{Promise: promise, Did: did, Verdict: v}
	if v == Violated || v == NotPromised || v == NotExercised {
		for _, s := range shows {
			r.Curl = append(r.Curl, s.curl)
		}
	}
	p.table.Rows = append(p.table.Rows, r)
}

// judged is Holds or Violated.
func judged(holds bool) Verdict {
	if holds {
		return Holds
	}
	return Violated
}

// alone says why a probe cannot begin.
func alone(r reply, what string) error {
	if r.err != nil {
		return errors.Join(errors.New(what), r.err)
	}
	return &runner.CannotRun{What: what + " was answered with " + r.said(), Curl: r.curl,
		Hint: "run the request by hand, then see target." + string(r.step) + " in the scenario"}
}
