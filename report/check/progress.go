package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Progress: once no fault is at work any more, every key that clients keep
// trying to change accepts a change, every lock that they keep asking for is
// granted, and so does the target as a whole.
//
// Proven: that after the last fault window of a block a key, or all of them
// together, turned down or left unanswered at least 10 requests, as conflicts
// or without an answer, over at least 250 ms and a lock's time to live, and
// granted none; or that two clients or more waited at least 2 s for answers
// that did not come. A write that is refused because the state had moved counts
// only when it was built on what was read after the last change: else another's
// change explains it. Refusals for good (an account that is empty, a name that
// is taken), brakes (429) and what a fault did count neither way. A lock that
// was granted and not given back may still be held, as long as its holder has
// not gone on to something else. Not provable: that nothing would have moved
// later. Windows are those that the record tells, else those of the plan.
// Cost: O(n).

func checkProgress(c *Case) Property {
	ends, sum := c.lastCalls(), c.sum()
	blocks := map[int]*standstill{}
	var order []int
	for _, k := range c.keys {
		k.ifWhole(sum, func(k *keyView, t *tally) {
			s := c.progressed(k, ends)
			b := blocks[k.block]
			if b == nil {
				b = &standstill{since: s.since}
				blocks[k.block] = b
				order = append(order, k.block)
			}
			b.add(s)
			was := t.violations
			c.judged(s, k, t)
			b.said = b.said || t.violations > was
			t.extra[1] += s.brakes
			t.extra[2] += s.refused
		})
	}
	for _, at := range order {
		if !blocks[at].said {
			c.blockProgress(blocks[at], sum)
		}
	}
	evidence := count(sum.exercised, "key") + " accepted a change" + c.afterFaults() + "; " +
		number(sum.extra[0]) + " saw no change, but fewer than " + strconv.Itoa(stuckAfter) + " requests or too short a time to call it stuck"
	return sum.verdict(evidence, c.noProgress(sum))
}

// stuckAfter is how many requests in a row must come to nothing before a key
// is called stuck, stuckFor over how long, waitFor how long clients must have
// waited when fewer requests were sent (ns).
const (
	stuckAfter = 10
	stuckFor   = int64(250e6)
	waitFor    = int64(2e9)
)

// standstill is what was tried on a key, or on all of a block, since the last
// change of it.
type standstill struct {
	k       *keyView
	since   int64 // of the last change, or the end of the last fault
	moved   bool  // there was a change after the faults
	ever    bool  // there was one at any time
	held    bool  // a lock may be held
	said    bool  // it was found on a key of the block
	tries   []try
	brakes  int64 // requests that a brake turned down
	refused int64 // for good
}

// try is a request that came to nothing.
type try struct {
	k  *keyView
	at int32
}

func (s *standstill) add(o *standstill) {
	s.since = max(s.since, o.since)
	s.moved, s.ever, s.held = s.moved || o.moved, s.ever || o.ever, s.held || o.held
	s.tries = append(s.tries, o.tries...)
	s.brakes += o.brakes
	s.refused += o.refused
}

// progressed works out one key's standstill.
func (c *Case) progressed(k *keyView, ends map[place]int64) *standstill {
	after := c.calm(k.block)
	s := &standstill{k: k, since: after}
	for i := range k.requests {
		r := &k.requests[i]
		if r.client < 0 || !k.changes(int32(i)) && !(r.good() && (r.step == unlock || r.step == refresh)) {
			continue
		}
		s.ever = s.ever || r.writes() || r.step == lock
		if r.call > after {
			s.moved = s.moved || r.writes() || r.step == lock
		}
		s.since = max(s.since, r.ret)
	}
	s.held = c.mayBeHeld(k, ends)
	for i := range k.requests {
		r := &k.requests[i]
		if r.client < 0 || r.fault || r.call <= s.since || k.changes(int32(i)) {
			continue
		}
		switch {
		case r.class == throttled:
			s.brakes++
		case r.class == rejected && r.writes():
			s.refused++
		case k.cameToNothing(int32(i), s.since):
			s.tries = append(s.tries, try{k, int32(i)})
		}
	}
	return s
}

// judged tells a tally what a key's standstill proves.
func (c *Case) judged(s *standstill, k *keyView, t *tally) {
	switch long, stuck := s.stuck(max(stuckFor, c.strategy.LeaseTTL)); {
	case stuck && !(s.moved && s.held):
		t.found(1, func() Finding { return c.stoodStill(s, k.key, long) })
	case s.moved, s.ever && len(s.tries) < stuckAfter:
		t.exercised++
	case len(s.tries) > 0:
		t.extra[0]++
	}
}

// changes reports whether request i was granted what it asked for: a change,
// also one that was not answered but seen, or a lock.
func (k *keyView) changes(i int32) bool {
	r := &k.requests[i]
	switch {
	case r.step == lock:
		return r.good()
	case !r.writes():
		return false
	case r.effect == unknown:
		return k.made[i] >= 0 && k.states[k.made[i]].seen
	}
	return r.effect == applied
}

// cameToNothing reports whether request i was turned down or not answered
// though nothing had changed since.
func (k *keyView) cameToNothing(i int32, since int64) bool {
	r := &k.requests[i]
	switch r.class {
	case timeout, transport, serverError:
		return r.writes() || r.step == lock || r.step == read
	case locked, serialization:
		return r.writes() || r.step == lock
	case stale:
		if !r.writes() {
			return false
		}
		return k.from[i] == none || k.requests[k.from[i]].call > since
	}
	return false
}

// stuck reports whether the tries are many over a long time, or waited long,
// and over how long. One stall that all wait for is none: what they began before
// the first of them had ended is one try.
func (s *standstill) stuck(patience int64) (long int64, yes bool) {
	if len(s.tries) == 0 {
		return 0, false
	}
	first, last, end := forever, never, forever
	waited := map[int32]bool{}
	for _, t := range s.tries {
		r := &t.k.requests[t.at]
		first, last, end = min(first, r.call), max(last, r.ret), min(end, r.ret)
		if r.status == 0 && r.ret-r.call >= waitFor {
			waited[r.client] = true
		}
	}
	latest := never
	for _, t := range s.tries {
		latest = max(latest, t.k.requests[t.at].call)
	}
	if len(s.tries) >= stuckAfter && latest-end >= patience {
		return last - first, true
	}
	return last - first, len(waited) > 1 && last-first >= max(waitFor, patience)
}

// blockProgress judges all keys of a block together.
func (c *Case) blockProgress(b *standstill, t *tally) {
	b.tries = slices.DeleteFunc(b.tries, func(x try) bool { return x.k.requests[x.at].call <= b.since })
	if b.moved && b.held {
		return
	}
	if long, stuck := b.stuck(max(stuckFor, c.strategy.LeaseTTL)); stuck {
		t.found(1, func() Finding { return c.stoodStill(b, "all keys", long) })
	}
}

// stoodStill is the finding of a key or block that stands still.
func (c *Case) stoodStill(s *standstill, what string, long int64) Finding {
	slices.SortStableFunc(s.tries, func(a, b try) int { return compare(a.k.requests[a.at].call, b.k.requests[b.at].call) })
	first, last := s.tries[0], s.tries[len(s.tries)-1]
	clients, answers := map[int32]bool{}, map[int16]int64{}
	for _, t := range s.tries {
		r := &t.k.requests[t.at]
		clients[r.client] = true
		answers[r.status]++
	}
	sentence := s.denied() + " " + what + c.afterFaults()
	if s.ever {
		sentence = s.denied() + " " + what + " any more after " + c.since(first.k, s.since)
	}
	sentence += fmt.Sprintf(": %s by %s in %.1f s, %s", count(int64(len(s.tries)), "request"), count(int64(len(clients)), "client"),
		float64(long)/1e9, answeredWith(answers))
	ex := []exhibit{}
	if s.k != nil {
		ex = append(ex, exhibit{at: s.k.lastMove()})
	}
	return first.k.finding(c.strategy, sentence, append(ex, exhibit{key: first.k, at: first.at, offends: true}, exhibit{key: last.k, at: last.at, offends: true})...)
}

// denied says what was asked for in vain.
func (s *standstill) denied() string {
	locks, changes := false, false
	for _, t := range s.tries {
		r := &t.k.requests[t.at]
		locks, changes = locks || r.step == lock, changes || r.writes()
	}
	switch {
	case locks && changes:
		return "neither a lock nor a change was granted on"
	case locks:
		return "no lock was granted on"
	case changes:
		return "no change was accepted on"
	}
	return "no read was answered of"
}

// answeredWith lists answers by status; 0 is no answer.
func answeredWith(answers map[int16]int64) string {
	var said []string
	for status, n := range answers {
		if status != 0 {
			said = append(said, strconv.Itoa(int(status))+" x"+number(n))
		}
	}
	slices.Sort(said)
	silent := answers[0]
	switch {
	case silent == 0:
		return "answered with " + strings.Join(said, ", ")
	case len(said) == 0:
		return "none of which was answered"
	}
	return "answered with " + strings.Join(said, ", ") + ", and " + number(silent) + " not answered"
}

// since words an instant of a block.
func (c *Case) since(k *keyView, at int64) string {
	start := int64(0)
	if b := c.blocks[k.block]; b != nil {
		start = b.Start
	}
	return fmt.Sprintf("%.1f s", float64(at-start)/1e9)
}

// noProgress is the reason of not-exercised, by what was answered.
func (c *Case) noProgress(t *tally) string {
	switch {
	case t.extra[1] > 0:
		return "no key accepted a change" + c.afterFaults() + ", and a brake (429) turned down " + count(t.extra[1], "request") + "; lower load.clients or load.rate, or lift the limit"
	case t.extra[2] > 0:
		return "no key accepted a change" + c.afterFaults() + ", and " + count(t.extra[2], "request") + " were refused for good; look at what the target answered, and add an outcome if it is a conflict"
	case t.extra[0] > 0:
		return "no key accepted a change" + c.afterFaults() + ", but too few requests or too short a time to call it stuck; look at what the target answered, then lengthen load.duration"
	case c.afterFaults() != "":
		return "no key was asked for a change" + c.afterFaults() + "; end the faults earlier, or lengthen load.duration so that operations start after them"
	}
	return "no client asked for a change; lower workload.read_share"
}

func (c *Case) afterFaults() string {
	if len(c.plan.Faults) > 0 || len(c.windows) > 0 {
		return " after the last fault"
	}
	return ""
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

// place is a client of a block.
type place struct {
	block  int
	client int32
}

// lastCalls tells when each client began the last operation of its own.
func (c *Case) lastCalls() map[place]int64 {
	type at struct {
		op   int32
		call int64
	}
	last := map[place]at{}
	for _, k := range c.keys {
		for i := range k.requests {
			r := &k.requests[i]
			p := place{k.block, r.client}
			if now, known := last[p]; r.client >= 0 && (!known || r.op > now.op || r.op == now.op && r.call < now.call) {
				last[p] = at{r.op, r.call}
			}
		}
	}
	out := make(map[place]int64, len(last))
	for p, a := range last {
		out[p] = a.call
	}
	return out
}

// mayBeHeld reports whether a lock may have been held at the end: one that was
// granted, or whose grant was not answered, by a client that did not go on to
// another operation, and that nobody gave back.
func (c *Case) mayBeHeld(k *keyView, ends map[place]int64) bool {
	grants := map[int32]int{}
	for i := range k.requests {
		switch r := &k.requests[i]; {
		case r.step == lock && (r.good() || r.status == 0 || r.status >= 500 || r.class == unreadable): // silence may be a grant
			if ends[place{k.block, r.client}] <= r.call || r.op == 0 && c.foreign {
				grants[r.client]++
			}
		case r.step == unlock && r.good(), r.step == remove && r.effect == applied:
			grants[r.client]--
		}
	}
	for _, n := range grants {
		if n > 0 {
			return true
		}
	}
	return false
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
