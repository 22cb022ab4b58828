package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tussle/history"
	"tussle/runner/draw"
	"tussle/runner/fault"
	"tussle/runner/live"
	"tussle/runner/secrets"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// Options is what a run needs besides its scenario.
type Options struct {
	Self       []string // command that serves built-in targets, such as tussle serve
	Dir        string   // where the target's output goes
	Version    string   // of tussle
	Command    []string // as typed, for the report
	AllowHosts []string // hosts outside loopback that may be loaded
	Progress   func(live.Snapshot)
	Secrets    *secrets.Registry // filled by the run; masks every output
	Interrupt  <-chan struct{}   // closed by the first Ctrl-C
	History    io.Writer         // of a session: where its record goes
}

// run is a run under way.
type run struct {
	s           *scenarios.Scenario
	o           Options
	id          string
	clock       clock
	hist        *history.Writer
	out         *history.Buffer
	target      *target
	replica     *replica // nil unless a fault wants one and the scenario names none
	speak       []*spoken
	secrets     *secrets.Registry
	interrupted <-chan struct{}
	current     atomic.Pointer[block]
	faults      *fault.Set
	broken      broken
	unwritten   chan struct{} // closed when the history cannot be written any more
	prepared    bool          // the step prepare was done

	stopSampling func() // may be called again
}

// Run carries out a scenario and writes its history to w. interrupted tells
// that it was stopped early; what was recorded by then is whole, and nothing
// was when the target was not there yet. The error is a *CannotRun when the
// load never began.
func Run(ctx context.Context, s *scenarios.Scenario, w io.Writer, o Options) (interrupted bool, err error) {
	defer caught(&err)
	r := &run{s: s, o: o, clock: clock{time.Now()}, secrets: o.Secrets, interrupted: o.Interrupt, stopSampling: func() {}}
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
		b, err := newBlock(r, n, st)
		if err != nil {
			return false, err
		}
		err = b.carryOut(ctx)
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

// watchHistory looks ten times a second whether the history can still be
// written, until the returned function is called: a full disk ends the load.
func (r *run) watchHistory() (stop func()) {
	r.unwritten = make(chan struct{})
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			if r.hist.Err() != nil {
				close(r.unwritten)
				return
			}
		}
	}()
	return func() { close(done) }
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
		case <-r.interrupted:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func (r *run) stopped() bool {
	select {
	case <-r.interrupted:
		return true
	default:
		return false
	}
}

// allowed refuses targets outside loopback that were not named. It is asked
// before anything is started or sent.
func allowed(t scenarios.Target, hosts []string) error {
	for _, address := range []string{t.URL, t.ReadURL} {
		u, err := url.Parse(address)
		if err != nil || address == "" || transport.Loopback(u.Hostname()) || slices.Contains(hosts, u.Hostname()) {
			continue // what is no URL is refused when it is used
		}
		return &CannotRun{What: fmt.Sprintf("the target %s is not on this machine", u.Hostname()),
			Hint: "load only what is yours; if it is, add --allow-host " + u.Hostname()}
	}
	return nil
}

func (r *run) header() *history.Header {
	h := &history.Header{Schema: history.Schema, RecordedBy: r.o.Version, Run: r.id, Start: r.clock.base, Command: r.o.Command,
		Plan: plan(r.s, r.speak), Machine: machine()}
	u := *r.speak[0].end.URL
	u.User = nil
	h.Target = targetInfo(r.s.Target, u.String())
	return h
}

// runID is short, sorts by time and differs between runs started in one second.
func runID(t time.Time, seed uint64) string {
	mixed := draw.Seed(seed).Bits(draw.Action, int(t.UnixNano()), os.Getpid(), 0)
	return "r" + strconv.FormatInt(t.Unix(), 36) + strconv.FormatUint(mixed%(36*36*36), 36)
}

func machine() history.Environment {
	e := history.Environment{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Go: runtime.Version()}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for _, line := range strings.Split(string(text), "\n") {
			if name, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				e.CPU = strings.TrimSpace(v)
				break
			}
		}
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		e.Kernel = strings.TrimSpace(string(text))
	}
	return e
}
