package runner

import (
	"context"
	"errors"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"tussle/history"
	"tussle/runner/fault"
	"tussle/runner/secrets"
	"tussle/scenarios"
)

// run is a run under way.
type run struct {
	shared
	current      atomic.Pointer[busy]
	stopSampling func() // may be called again
}

// Run carries out a scenario and writes its history to w. interrupted tells
// that it was stopped early; what was recorded by then is whole, and nothing
// was when the target was not there yet. The error is a *CannotRun when the
// load never began.
func Run(ctx context.Context, s *scenarios.Scenario, w io.Writer, o Options) (interrupted bool, err error) {
	defer caught(&err)
	r := &run{shared: shared{s: s, o: o, clock: clock{time.Now()}, secrets: o.Secrets}, stopSampling: func() {}}
	r.id = runID(r.clock.base, s.Seed)
	if r.secrets == nil {
		r.secrets = &secrets.Registry{}
	}
	r.o.Secrets = r.secrets
	declare(s, r.secrets)
	defer func() { err = hideIn(err, r.secrets) }()
	if err := allowed(s.Target, o.AllowHosts); err != nil {
		return false, err
	}
	if r.faults, err = fault.New(s); err != nil {
		return false, err
	}
	starting, started := r.untilStopped(ctx)
	defer started()
	if r.target, err = startTarget(starting, s, r.id, r.o); r.stopped() {
		r.target.stop()
		return true, nil
	} else if err != nil {
		return false, err
	}
	defer r.target.stop()
	if r.replica, err = startReplica(s, r.target); err != nil {
		return false, err
	}
	defer r.replica.stop()
	readURL := s.Target.ReadURL
	if r.replica != nil {
		readURL = r.replica.url
	}
	if r.speak, err = speakAll(s, r.target, r.id, readURL, r.secrets); err != nil {
		return false, err
	}
	defer unsign(r.speak)
	if r.hist, err = history.NewWriter(w, 0); err != nil {
		return false, err
	}
	r.hist.Hide(r.secrets)
	defer func() { err = errors.Join(err, r.hist.Close()) }()
	r.out = r.hist.Buffer()
	defer r.out.Flush()
	if err := r.out.Header(r.header()); err != nil {
		return false, err
	}
	for i := range r.speak {
		if err := r.preflight(starting, i); r.stopped() {
			return true, r.end(nil)
		} else if err != nil {
			return false, r.without(i, err)
		}
	}
	defer r.holdStatements()()
	r.stopSampling = sync.OnceFunc(r.sample())
	defer r.stopSampling()
	defer r.watchHistory()()
	plan := stretches(s)
	stopProgress := r.report(len(plan))
	defer stopProgress()
	for n, st := range plan {
		if r.stopped() || ctx.Err() != nil {
			break
		}
		b, err := newBlock(&r.shared, n, st)
		if err != nil {
			return false, err
		}
		err = carryOut(ctx, b, r.current.Store)
		if r.hist.Err() != nil {
			r.stopSampling()
			return r.stopped(), nil // Close tells; what would go on has no witness
		}
		if err != nil {
			err = r.end(err)
			if r.stopped() && ctx.Err() != nil {
				return true, nil // the second Ctrl-C: what it cut short is in the record
			}
			return r.stopped(), err
		}
	}
	return r.stopped(), r.end(nil)
}

// holdStatements puts the faults at the store to work, until the returned
// function is called: while a block is under load.
func (r *run) holdStatements() func() {
	g := r.faults.AtStore(func() (strategy int, since int64, on bool) {
		b := r.current.Load()
		if b == nil || b.number < 0 {
			return 0, 0, false
		}
		return b.strategy, b.elapsed(), true
	})
	if g == nil || r.o.Store == nil {
		return func() {}
	}
	r.o.Store.Hold(g)
	return sync.OnceFunc(func() {
		r.o.Store.Hold(nil)
		g.Close()
	})
}

// end stops the target, looks whether anything is left of it, and writes the
// last events. The end event says that nothing is missing, so the samples,
// which have a buffer of their own, end before it.
func (r *run) end(err error) error {
	r.stopSampling()
	for _, c := range r.faults.Counts() {
		if e := r.out.Event(&history.Event{At: r.clock.now(), Block: -1, Name: "fault", Fault: &c}); e != nil {
			return errors.Join(err, e)
		}
	}
	r.replica.stop()
	for _, x := range r.target.exited() {
		if e := r.out.Event(history.NewExit(int64(x.at.Sub(r.clock.base)), r.clock.now(), x.how, x.output)); e != nil {
			return errors.Join(err, e)
		}
	}
	r.target.stop()
	if clean := r.leftClean(); len(r.faults.Faults) > 0 || clean.Name == "warning" {
		if e := r.out.Event(&clean); e != nil {
			return errors.Join(err, e)
		}
	}
	if r.stopped() {
		if e := r.out.Event(&history.Event{At: r.clock.now(), Name: "interrupt", Note: "stopped by the user"}); e != nil {
			return errors.Join(err, e)
		}
	}
	if err != nil {
		e := r.out.Event(&history.Event{At: r.clock.now(), Name: "warning", Note: err.Error()})
		return errors.Join(err, e)
	}
	return r.out.Event(&history.Event{At: r.clock.now(), Name: history.EventEnd})
}

// untilStopped is a context for what comes before the load: the first Ctrl-C
// ends it, so that nobody waits for a target that is slow to start.
func (r *run) untilStopped(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-r.o.Interrupt:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func (r *run) stopped() bool {
	select {
	case <-r.o.Interrupt:
		return true
	default:
		return false
	}
}

// leftClean looks whether anything is left of what the run started, after the
// target was stopped: a process of its group, or a port that still answers.
func (r *shared) leftClean() history.Event {
	ev := history.Event{Name: "clean", Note: "no process that the run started is left, and nothing listens on its port"}
	pid, port := r.target.left()
	switch {
	case pid != 0:
		ev.Name, ev.Note = "warning", "a process of the target's group "+strconv.Itoa(pid)+" is left: end it by hand"
	case port != "":
		ev.Name, ev.Note = "warning", "something still listens on "+port+": a process that the target started is left"
	}
	ev.At = r.clock.now()
	return ev
}
