package check

import (
	"cmp"
	"slices"
)

// Honest refusals: what was refused was not done, and what was refused because
// the state had moved was refused for a state that really had moved.
//
// Proven: that a refused write's state was seen later; that a write was
// refused as stale although nothing can have replaced the state that it was
// conditional on before the refusal arrived (on a key with conditional writes
// only this is decided both ways; with blind writes too, a refusal of the last
// state of a chain is judged by a necessary condition); that a create was
// refused as existing, or a lock as taken, when nobody can have had it.
// An unanswered write that was never seen excuses refusals of its base from
// the moment at which it began: it may have been done and replaced nothing
// that anybody saw. Clients name only states that they were shown, so a refusal
// is never explained by coming too early. Cost: O(n log n).

func checkRefusals(c *Case) Property {
	sum := c.perKey(c.refusals)
	evidence := listed(count(sum.exercised, "refusal"), count(sum.writes, "accepted write"), number(sum.unknown)+" unanswered")
	return sum.verdict(evidence, "nothing was refused; raise load.clients or lower workload.keys until there are conflicts")
}

func (c *Case) refusals(k *keyView, t *tally) {
	t.countWrites(k)
	k.ifWhole(t, c.refusedButSeen) // a later delivery that was accepted may be missing
	if k.identify != "none" && k.clash[0] == none {
		c.staleRefusals(k, t)
	}
	if k.whole {
		c.takenRefusals(k, t)
	}
}

// refusedButSeen finds refused writes whose state became visible.
func (c *Case) refusedButSeen(k *keyView, t *tally) {
	for s := range k.states {
		st := &k.states[s]
		if st.effect != refused {
			continue
		}
		if st.write >= 0 && k.name(&k.requests[st.write]) != 0 {
			t.exercised++
		}
		if !st.seen {
			continue
		}
		t.found(1, func() Finding {
			show := k.firstRead(int32(s))
			sentence := who(k.requests[st.write].client) + " was told that its write was refused, but " + k.stateName(int32(s)) + " became visible"
			if show != none {
				sentence = who(k.requests[st.write].client) + " was told that its write was refused, but " + who(k.requests[show].client) + " read what it had written"
			}
			return k.finding(c.strategy, sentence, exhibit{at: k.from[st.write]}, exhibit{at: st.write, offends: true}, exhibit{at: show, offends: true})
		})
	}
}

// excuses are the unanswered writes that nobody saw: the earliest blind one,
// and the earliest conditional one by base.
type excuses struct {
	blind int64
	on    map[int32]int64
}

func (k *keyView) excuses() excuses {
	e := excuses{blind: forever, on: map[int32]int64{}}
	for s := range k.states {
		st := &k.states[s]
		if st.loose {
			e.blind = min(e.blind, st.call) // it may have come back at any time
		}
		if st.effect != unknown || st.seen {
			continue
		}
		if !st.strict {
			e.blind = min(e.blind, st.call)
		} else if at, known := e.on[st.base]; !known || st.call < at {
			e.on[st.base] = st.call
		}
	}
	return e
}

func (e *excuses) reach(s int32) int64 {
	if at, known := e.on[s]; known {
		return min(at, e.blind)
	}
	return e.blind
}

// staleRefusals judges refusals that say that the state had moved.
func (c *Case) staleRefusals(k *keyView, t *tally) {
	o := k.order()
	if len(o.contradictions) > 0 {
		c.looseRefusals(k, t)
		return
	}
	e := k.excuses()
	followers := o.followers()
	for i := range k.requests {
		r, s := &k.requests[i], k.base[i]
		if !r.isStale() || s < 0 || o.blockOf[s] == none {
			continue
		}
		if k.name(r) == 0 || k.identify == "version" {
			t.exercised++ // the others were counted by their names
		}
		at := int32(i)
		if next := k.states[s].next; next != none {
			if r.ret < o.after[next] {
				t.found(1, func() Finding { return c.tooSoon(k, at, s, o.afterAt[next], next) })
			}
			continue
		}
		if !k.whole {
			continue // the write that replaced it may be missing
		}
		a := &o.blocks[o.blockOf[s]]
		if a.s <= r.ret && (e.reach(s) <= r.ret || followers.earliest(a.s, o.blockOf[s]) <= r.ret) {
			continue
		}
		t.found(1, func() Finding { return c.tooSoon(k, at, s, a.sAt, none) })
	}
}

// isStale reports whether the request is a conditional write that was refused
// because its state had moved.
func (r *request) isStale() bool {
	return r.writes() && r.effect == refused && r.class == stale && r.expect != 0
}

func (c *Case) tooSoon(k *keyView, at, s, later, next int32) Finding {
	r := &k.requests[at]
	sentence := who(r.client) + " was refused because " + k.stateName(s) + " had been replaced, but "
	ex := []exhibit{{at: k.from[at]}, {at: at, offends: true}}
	switch {
	case later >= 0 && k.requests[later].call > r.ret:
		sentence += k.brief(later) + " began " + ms(k.requests[later].call-r.ret) + " after that refusal, and then " + k.stateName(s) + " was still there"
		if k.requests[later].step != read {
			sentence = who(r.client) + " was refused because " + k.stateName(s) + " had been replaced, but the write that replaced it, by " +
				who(k.requests[later].client) + ", began " + ms(k.requests[later].call-r.ret) + " after that refusal"
		}
		ex = append(ex, exhibit{at: later, offends: true})
		if next != none {
			ex = append(ex, exhibit{at: k.states[next].write})
		}
	default:
		sentence += "nobody replaced " + k.stateName(s) + " before the refusal arrived"
	}
	return k.finding(c.strategy, sentence, append(ex, exhibit{at: k.states[s].write})...)
}

// follower answers which other block can come right after a block.
type follower struct {
	f         []int64 // ends, rising
	min, min2 []int64 // from there on: the two earliest heads
	of        []int32 // whose is the earliest
}

func (o *chains) followers() *follower {
	idx := make([]int32, len(o.blocks))
	for i := range idx {
		idx[i] = int32(i)
	}
	slices.SortFunc(idx, func(a, b int32) int { return cmp.Or(cmp.Compare(o.blocks[a].f, o.blocks[b].f), cmp.Compare(a, b)) })
	n := len(idx)
	w := &follower{f: make([]int64, n), min: make([]int64, n+1), min2: make([]int64, n+1), of: make([]int32, n+1)}
	w.min[n], w.min2[n], w.of[n] = forever, forever, none
	for i := n - 1; i >= 0; i-- {
		b := &o.blocks[idx[i]]
		w.f[i] = b.f
		w.min[i], w.min2[i], w.of[i] = w.min[i+1], w.min2[i+1], w.of[i+1]
		if b.headCall < w.min[i] || w.of[i] == none {
			w.min[i], w.min2[i], w.of[i] = b.headCall, w.min[i], idx[i]
		} else {
			w.min2[i] = min(w.min2[i], b.headCall)
		}
	}
	return w
}

// earliest is the earliest head of the blocks other than self that need not
// come before a block whose latest beginning is s.
func (w *follower) earliest(s int64, self int32) int64 {
	i, _ := slices.BinarySearch(w.f, s)
	if w.of[i] == self {
		return w.min2[i]
	}
	return w.min[i]
}

// looseRefusals judges refusals on a key whose states have no order at all:
// some other write must at least have been able to come after the state and
// before the refusal's end.
func (c *Case) looseRefusals(k *keyView, t *tally) {
	type span struct {
		call, end int64
		state     int32
	}
	var spans []span
	for s := 1; s < len(k.states); s++ {
		if st := &k.states[s]; st.write == none {
			spans = append(spans, span{never, forever, int32(s)})
		} else if st.effect == applied {
			spans = append(spans, span{st.call, st.ret, int32(s)})
		} else if st.effect == unknown || st.seen {
			spans = append(spans, span{st.call, forever, int32(s)})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.call, b.call), cmp.Compare(a.state, b.state)) })
	type top struct {
		first, second int64
		of            int32
	}
	tops := make([]top, len(spans)+1)
	tops[0] = top{never, never, none}
	for i, s := range spans {
		w := tops[i]
		if s.end > w.first || w.of == none {
			w = top{s.end, w.first, s.state}
		} else {
			w.second = max(w.second, s.end)
		}
		tops[i+1] = w
	}
	for i := range k.requests {
		r, s := &k.requests[i], k.base[i]
		if !r.isStale() || s < 0 || !k.whole {
			continue
		}
		if k.name(r) == 0 || k.identify == "version" {
			t.exercised++
		}
		n, _ := slices.BinarySearchFunc(spans, r.ret, func(x span, ret int64) int {
			if x.call <= ret {
				return -1
			}
			return 1
		})
		end := tops[n].first
		if tops[n].of == s {
			end = tops[n].second
		}
		if end < k.states[s].call || end == never {
			at := int32(i)
			t.found(1, func() Finding { return c.tooSoon(k, at, s, none, none) })
		}
	}
}
