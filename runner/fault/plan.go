package fault

import (
	"fmt"
	"regexp"
	"slices"
	"sync/atomic"
	"time"

	"tussle/history"
	"tussle/runner/draw"
	"tussle/runner/workload"
	"tussle/scenarios"
)

// Fault is one [[fault]] of a scenario, with its counts.
type Fault struct {
	Kind
	spec   scenarios.Fault
	index  int
	seed   draw.Seed
	only   []int          // strategies, by index; all when empty
	match  *regexp.Regexp // statements that it is for; nil: all that fit
	counts []counts       // by strategy
}

// counts is one row of the accounting.
type counts struct{ planned, injected, effective atomic.Int64 }

// Set is all that goes wrong in a run. It is used by many clients at once.
type Set struct {
	Faults []*Fault
	seed   draw.Seed
	length int64 // of a block, ns
}

// perOperation bounds the faults of a scenario in the draw's numbering; a
// request beyond is drawn as one before it.
const perOperation = 64

// Draw returns the fault at that place which strikes a request, nil for none.
// What it returns counts as planned. The draw is a function of the seed and of
// where in the run the request is; of several faults the first one strikes.
func (s *Set) Draw(at Place, r *Request) *Fault {
	for _, f := range s.Faults {
		if f.Acts != at || !f.fits(r) || !f.open(r.Since, s.length) {
			continue
		}
		share := f.spec.Share
		if share == 0 {
			share = 1 // only count bounds it
		}
		place := r.Number*perOperation + f.index%perOperation
		if s.seed.Unit(draw.Fault, r.Client, r.Op, place) >= share {
			continue
		}
		if n := f.counts[r.Strategy].planned.Add(1); f.spec.Count > 0 && n > int64(f.spec.Count) {
			f.counts[r.Strategy].planned.Add(-1)
			continue
		}
		return f
	}
	return nil
}

func (f *Fault) fits(r *Request) bool {
	if !f.Applies(r.Strategy) {
		return false
	}
	if f.spec.Step != "" {
		if f.spec.Step != string(r.Step) {
			return false
		}
		// What the fault cannot do without is demanded all the same.
		return f.Needs == nil || f.Needs(r)
	}
	return f.Fits == nil || f.Fits(r)
}

// Applies reports whether the fault is for a strategy, given by its index.
func (f *Fault) Applies(strategy int) bool {
	return len(f.only) == 0 || slices.Contains(f.only, strategy)
}

// open reports whether a window of the fault is open at a time of the block.
func (f *Fault) open(since, length int64) bool {
	if since < int64(f.spec.From) || since >= length {
		return false
	}
	if f.spec.For == 0 {
		return true
	}
	into := since - int64(f.spec.From)
	if f.spec.Every > 0 {
		into %= int64(f.spec.Every)
	}
	return into < int64(f.spec.For)
}

// Window is a stretch of a block, in ns from its start.
type Window struct{ From, To int64 }

// Windows lists the fault's windows in a block of that length. Without a
// length of its own a window lasts to the next one, or to the block's end.
func (f *Fault) Windows(length int64) []Window {
	var out []Window
	for from := int64(f.spec.From); from < length; from += int64(f.spec.Every) {
		to := length
		if f.spec.For > 0 {
			to = min(to, from+int64(f.spec.For))
		}
		out = append(out, Window{from, to})
		if f.spec.Every == 0 {
			break
		}
	}
	return out
}

// Planned, Injected and Effective count one for a strategy.
func (f *Fault) Planned(strategy int)   { f.counts[strategy].planned.Add(1) }
func (f *Fault) Injected(strategy int)  { f.counts[strategy].injected.Add(1) }
func (f *Fault) Effective(strategy int) { f.counts[strategy].effective.Add(1) }

// Perform spoils an exchange and counts what was done and what it effected.
func (f *Fault) Perform(strategy int, x *Exchange) {
	done := f.Spoil(f, x)
	if done.Injected {
		f.Injected(strategy)
	}
	if done.Effective {
		f.Effective(strategy)
	}
}

// Counts lists what became of the faults, for each strategy that they are for.
func (s *Set) Counts() []history.FaultCount {
	var out []history.FaultCount
	for _, f := range s.Faults {
		for i := range f.counts {
			if !f.Applies(i) {
				continue
			}
			c := &f.counts[i]
			out = append(out, history.FaultCount{Kind: f.Name, Strategy: i, Planned: c.planned.Load(),
				Injected: c.injected.Load(), Effective: c.effective.Load(), Min: f.minimum()})
		}
	}
	return out
}

// delay is how long the fault waits in an exchange, drawn by the seed.
func (f *Fault) delay(x *Exchange) time.Duration {
	return workload.Draw(f.spec.Delay, f.seed, draw.Delay, x.Client, x.Op, x.Number*perOperation+f.index%perOperation)
}

func (f *Fault) minimum() int64 {
	if f.spec.Min == nil {
		return 1
	}
	return *f.spec.Min
}

// Args returns what else a scenario says of a fault, for the plan.
func Args(f scenarios.Fault) map[string]string {
	args := map[string]string{}
	if f.Step != "" {
		args["step"] = f.Step
	}
	if f.Delay.Kind != "" {
		args["delay"] = f.Delay.String()
	}
	if f.Code != "" {
		args["code"] = f.Code
	}
	if f.Match != "" {
		args["match"] = f.Match
	}
	if f.Bytes > 0 {
		args["bytes"] = fmt.Sprint(f.Bytes)
	}
	if len(args) == 0 {
		return nil
	}
	return args
}
