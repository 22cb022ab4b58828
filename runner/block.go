package runner

import (
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"tussle/history/wire"
	"tussle/runner/fault"
	"tussle/runner/locking"
	"tussle/runner/retry"
	"tussle/runner/workload"
	"tussle/scenarios"
)

// block is one stretch of one strategy while it runs.
type block struct {
	stretch
	run    *shared
	number int // index; -1 for the preflight
	sp     *spoken
	work   workload.Workload
	retry  retry.Policy
	names  []locking.Name
	own    string // before each tag that is sent, unique to this block of this run

	livelock *livelock
	start    int64   // ns; first operation may start
	stop     int64   // ns; no operation starts after this
	arrive   []int64 // open model: intended starts
	next     atomic.Int64
	gate     *gate        // of bursts; nil without
	late     atomic.Int64 // arrivals that were not started
	observed atomic.Int64 // requests that observers put on the wire

	crowd   crowd  // clients that a fault holds
	watch   *watch // nil without faults
	replica bool   // all reads go to the second URL
}

func newBlock(r *shared, number int, st stretch) (*block, error) {
	b := &block{stretch: st, run: r, number: number, sp: r.speak[st.strategy]}
	b.livelock = newLivelock(st.load.Clients, b.elapsed)
	var err error
	if b.work, b.retry, err = st.tools(r.s, st.strategy); err != nil {
		return nil, err
	}
	prefix, id := "b"+strconv.Itoa(number)+"-k", r.id+"-"
	if number < 0 {
		// A list that asks for {run}-b{block}- finds the preflight's keys too.
		prefix, id = "pre"+strconv.Itoa(st.strategy)+"-k", r.id+"-b"+strconv.Itoa(number)+"-"
	}
	b.own = wire.Own(r.id, number)
	if number < 0 {
		b.own = r.id + "-" + strings.TrimSuffix(prefix, "k")
	}
	for i := range b.stretch.workload.Keys {
		name := prefix + strconv.Itoa(i)
		b.names = append(b.names, locking.Name{ID: id + name, Record: name})
	}
	b.replica = b.goesToReplica()
	if len(r.faults.Faults) > 0 {
		b.watch = newWatch(b.names)
	}
	return b, nil
}

// elapsed is the time since the first operation could start, in ns.
func (b *block) elapsed() int64 { return b.run.clock.now() - b.start }

// think is the time between read and write; a lease is held for its hold time.
func (b *block) think() scenarios.Spread {
	if b.stretch.workload.Kind == "lease" {
		return b.stretch.workload.Hold
	}
	return b.stretch.workload.Think
}

// share is how much of the block's time has passed.
func (b *block) share(now int64) float64 {
	return min(max(float64(now-b.start)/float64(b.stop-b.start), 0), 1)
}

// goesToReplica reports whether all reads go to the second URL: when no fault
// chooses among them. A replica of our own is there for the fault alone.
func (b *block) goesToReplica() bool {
	return b.run.replica == nil && !slices.ContainsFunc(b.run.faults.Faults, func(f *fault.Fault) bool {
		return f.Name == "stale-replica" && f.Applies(b.strategy)
	})
}
