package check

import "strconv"

// Progress: once no fault is at work any more, every key that clients keep
// trying to change accepts a change, and every lock that they keep asking for
// is granted.
//
// Proven: that after the last fault window of a block a key turned down or
// left unanswered at least 10 requests for a change or a lock, as conflicts or
// without an answer, over at least 250 ms and a lock's time to live, and
// granted none. Refusals for good (an account that is
// empty, a name that is taken) are progress of their own kind and count
// neither way. Not provable: that a key would not have moved later. Windows
// are those that the record tells, else those of the plan. Cost: O(n).

func checkProgress(c *Case) Property {
	sum := c.perWholeKey(c.progressed)
	evidence := count(sum.exercised, "key") + " accepted a change" + c.afterFaults() + "; " +
		number(sum.extra[0]) + " saw no change, but fewer than " + strconv.Itoa(stuckAfter) + " requests or too short a time to call it stuck"
	return sum.verdict(evidence, "no key accepted a change"+c.afterFaults()+"; lengthen load.duration so that operations start after the faults end")
}

// stuckAfter is how many requests in a row must come to nothing before a key
// is called stuck, and stuckFor over how long (ns).
const (
	stuckAfter = 10
	stuckFor   = int64(250e6)
)

func (c *Case) afterFaults() string {
	if len(c.plan.Faults) > 0 || len(c.windows) > 0 {
		return " after the last fault"
	}
	return ""
}

func (c *Case) progressed(k *keyView, t *tally) {
	after := c.calm(k.block)
	moved, held := k.moved()
	since := max(after, moved) // what began before may have had its effect on either side
	var tries, lately int64
	var first, last, holder int32 = none, none, none
	var early, latest int32 = none, none // of the tries that began after the last change
	progress := false
	patience := max(stuckFor, c.strategy.LeaseTTL)
	for i := range k.requests {
		r, at := &k.requests[i], int32(i)
		if r.step == lock && r.good() && r.call <= after {
			holder = at
		}
		if r.client < 0 || r.call <= after || !(r.writes() || r.step == lock) {
			continue
		}
		if r.effect == applied || r.step == lock && r.good() {
			progress = true
			continue
		}
		switch r.class {
		case stale, locked, serialization, timeout, transport, serverError:
			tries++
			last = at
			if first == none {
				first = at
			}
			if r.call > since {
				lately++
				latest = at
				if early == none {
					early = at
				}
			}
		}
	}
	switch {
	case progress && !held && lately >= stuckAfter && k.requests[latest].call-k.requests[early].ret >= patience:
		t.found(1, func() Finding {
			return k.finding(c.strategy, "none of the last "+number(lately)+" requests for a change of "+k.key+", over "+
				ms(k.requests[latest].ret-k.requests[early].call)+", came to anything"+c.afterFaults()+", though earlier ones had",
				exhibit{at: k.lastMove()}, exhibit{at: early, offends: true}, exhibit{at: latest, offends: true})
		})
	case progress:
		t.exercised++
	case tries >= stuckAfter && k.requests[last].ret-k.requests[first].call >= patience:
		t.found(1, func() Finding {
			sentence := "none of " + number(tries) + " requests for a change of " + k.key + " over " + ms(k.requests[last].ret-k.requests[first].call) +
				" came to anything" + c.afterFaults()
			return k.finding(c.strategy, sentence, exhibit{at: holder}, exhibit{at: first, offends: true}, exhibit{at: last, offends: true})
		})
	case tries > 0:
		t.extra[0]++
	}
}

// lastMove is the request that was the last to be granted anything on a key: a
// change, a lock, or the end of a lock.
func (k *keyView) lastMove() int32 {
	last := none
	for i := range k.requests {
		r := &k.requests[i]
		if r.client >= 0 && (r.effect == applied || r.good() && (r.step == lock || r.step == unlock || r.step == refresh)) &&
			(last == none || r.ret > k.requests[last].ret) {
			last = int32(i)
		}
	}
	return last
}

// moved is the instant of the last move on a key, and whether a lock may have
// been held from then on.
func (k *keyView) moved() (at int64, held bool) {
	last := k.lastMove()
	if last == none {
		return never, false
	}
	grants := 0
	for i := range k.requests {
		switch r := &k.requests[i]; {
		case r.step == lock && (r.good() || r.status == 0 || r.status >= 500 || r.class == unreadable): // silence may be a grant
			grants++
		case r.step == unlock && r.good():
			grants--
		}
	}
	return k.requests[last].ret, grants > 0
}

// calm is the instant after which no fault was at work in a block.
func (c *Case) calm(block int) int64 {
	var start, end int64
	if b := c.blocks[block]; b != nil {
		start = b.Start
	}
	for _, w := range c.windows {
		if w.block == block {
			end = max(end, w.until)
		}
	}
	if end > 0 || len(c.plan.Faults) == 0 {
		if end == 0 {
			return start - 1
		}
		return end
	}
	for _, f := range c.plan.Faults {
		if f.For > 0 {
			end = max(end, start+f.From+f.For)
		}
	}
	return max(end, start-1)
}
