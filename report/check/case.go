package check

import (
	"slices"
	"sync"
	"sync/atomic"

	"tussle/history"
)

// Case is what was recorded of one strategy, as checkers see it: some of its
// blocks at a time. Keys belong to one block, so nothing is lost by that, and a
// block's requests need not be kept once it was judged.
type Case struct {
	plan     *history.Plan
	index    int
	strategy *spoken
	foreign  bool
	mix      string     // why a foreign history cannot be judged at all
	keys     []*keyView // of the present blocks, in order of first appearance
	blocks   map[int]*history.Block
	ops      map[int][]history.Operation // of the present blocks
	own      map[int]*ownOps             // of the present blocks, of the user's own
	faults   []history.FaultCount
	windows  []window
	workers  int

	sums    map[string]*tally // by property: of all blocks so far
	checker string            // the property that is being judged
	clients []int32           // two that sent requests, at most
	changed bool              // a change was accepted, or a lock granted
}

// Checker judges one property. It is pure: the same case gives the same
// property.
type Checker struct {
	Name    string
	Applies func(history.PlanWorkload, history.PlanStrategy) bool
	Check   func(*Case) Property
}

// sum is what the running checker found so far, and adds to. A checker asks
// for it once in each run.
func (c *Case) sum() *tally {
	if c.sums == nil {
		c.sums = map[string]*tally{}
	}
	if c.sums[c.checker] == nil {
		c.sums[c.checker] = &tally{}
	}
	return c.sums[c.checker]
}

// meet notes whose requests there are, and whether one changed something.
func (c *Case) meet() {
	for _, k := range c.keys {
		for i := range k.requests {
			if len(c.clients) > 1 && c.changed {
				return
			}
			r := &k.requests[i]
			if r.client >= 0 && len(c.clients) < 2 && !slices.Contains(c.clients, r.client) {
				c.clients = append(c.clients, r.client)
			}
			if r.writes() && (r.effect != refused || k.states[k.made[i]].seen) || r.step == lock && r.good() {
				c.changed = true
			}
		}
	}
}

// demandFaults turns holds into not-exercised when a fault that was asked for
// had no effect: the property was not put to that test.
func (c *Case) demandFaults(p *Property) {
	if p.Verdict != Holds {
		return
	}
	for _, f := range c.faults {
		if f.Effective < f.Min {
			p.Verdict = NotExercised
			p.Reason = "the fault " + f.Kind + " had an effect " + count(f.Effective, "time") + ", fewer than the " + number(f.Min) +
				" asked for; raise its share or lengthen its window"
			return
		}
	}
}

// demandChanges turns holds into not-exercised when nothing was accepted: where
// every change is turned down, none can be lost.
func (c *Case) demandChanges(p *Property) {
	if p.Verdict != Holds || p.Name == honestRefusals {
		return
	}
	if c.changed {
		return
	}
	p.Verdict = NotExercised
	p.Reason = "no change was accepted, so there was nothing to lose; look at what the target answered"
}

// each calls f for every key, on all processors. f touches only its key. A
// panic of f is one of the caller's goroutine, who has a guard.
func (c *Case) each(f func(*keyView)) {
	workers := min(c.workers, len(c.keys))
	if workers <= 1 {
		for _, k := range c.keys {
			f(k)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	var broken atomic.Pointer[any]
	for range workers {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					broken.CompareAndSwap(nil, &p)
				}
			}()
			for {
				i := int(next.Add(1)) - 1
				if i >= len(c.keys) {
					return
				}
				f(c.keys[i])
			}
		})
	}
	wg.Wait()
	if p := broken.Load(); p != nil {
		panic(*p)
	}
}

// perKey judges each key by itself and adds up in the order of the keys.
func (c *Case) perKey(f func(*keyView, *tally)) *tally {
	parts := make([]tally, len(c.keys))
	at := make(map[*keyView]int, len(c.keys))
	for i, k := range c.keys {
		at[k] = i
	}
	c.each(func(k *keyView) { f(k, &parts[at[k]]) })
	sum := c.sum()
	for i := range parts {
		sum.merge(&parts[i])
	}
	return sum
}

// perWholeKey is perKey for rules that a missing record would break: what they
// find on a key whose block was cut off (kill -9, a full disk) may be explained
// by a write that is not in the history, so it decides nothing.
func (c *Case) perWholeKey(f func(*keyView, *tally)) *tally {
	return c.perKey(func(k *keyView, t *tally) { k.ifWhole(t, f) })
}

// ifWhole is perWholeKey for a rule of a checker whose other rules need no
// whole record.
func (k *keyView) ifWhole(t *tally, rule func(*keyView, *tally)) {
	if k.whole {
		rule(k, t)
		return
	}
	var part tally
	rule(k, &part)
	if part.violations > 0 {
		part.violations, part.findings = 0, nil
		part.cannot("the history is cut off while block " + number(int64(k.block)) + " ran, so records may be missing that explain what was read")
	}
	t.merge(&part)
}

// window is a stretch of a block in which a fault was at work.
type window struct {
	block     int
	at, until int64
	kind      string
	line      int64
}
