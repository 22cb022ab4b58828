package check

import (
	"cmp"
	"slices"
)

// Lifecycle: a key is created when it is absent, changed and deleted by
// requests that were built on what is there, and created again; a request
// built on an earlier life does nothing (no ABA).
//
// A life is a create and the chain of accepted changes and the delete that
// were built on one another; it stands together in any order that explains
// the record. Proven both ways, when every create demands absence: two changes
// of one state; a change or a read of a life that had been deleted; two lives
// at once; a read of nothing while a life surely lasted. Not decided: keys
// whose lives have states of the same name. An unanswered create, change or
// delete takes part if it was seen; an unanswered delete that was not may have
// ended its life from the moment at which it began. Refusals belong to
// honest-refusals. Cost: O(n log n).

func checkLifecycle(c *Case) Property {
	sum := c.perKey(c.lives)
	evidence := listed(count(sum.extra[0], "life"), count(sum.writes, "accepted change"), number(sum.refused)+" refused", number(sum.unknown)+" unanswered or unclear",
		number(sum.extra[1])+" reads of nothing") + "; " + count(sum.exercised, "pair") + " of operations overlapped on a key"
	return sum.verdict(evidence, c.idle())
}

// life is a block of the key's order, or a read of nothing.
type life struct {
	f, s     int64
	fAt, sAt int32
	head     int32 // state; absent for a read of nothing
	open     bool  // nothing is known to have ended it
}

func (c *Case) lives(k *keyView, t *tally) {
	t.countWrites(k)
	t.exercised += k.pairs
	if !k.named(t) {
		return
	}
	o := k.order()
	for _, f := range o.faults {
		if f.kind == phantom && k.identify == "version" {
			t.cannot("on " + k.key + " " + k.stateName(f.a) + " was read, but no recorded write was told that version; identify writes by tag")
			continue
		}
		if f.kind == crossed {
			continue // found again below, with the reads of nothing
		}
		t.found(1, func() Finding { return c.registerFinding(k, o, f) })
	}
	lives := k.livesOf(o)
	for i := range k.requests {
		if r := &k.requests[i]; k.made[i] == absent {
			lives = append(lives, life{f: r.ret, s: r.call, fAt: int32(i), sAt: int32(i), head: absent})
			t.extra[1]++
		}
	}
	t.extra[0] += int64(len(lives)) - t.extra[1]
	if k.whole {
		c.endings(k, t, lives)
	}
	c.lifeZones(k, t, lives)
}

// livesOf turns blocks into lives.
func (k *keyView) livesOf(o *chains) []life {
	present := false
	for i := range k.requests {
		present = present || k.requests[i].step == setup
	}
	lives := []life{}
	for i := range o.blocks {
		b := &o.blocks[i]
		if b.head == initial && !present && o.early[initial] == none && k.states[initial].next == none {
			continue // the key was absent at first
		}
		tail := b.head
		for k.states[tail].next != none && o.blockOf[k.states[tail].next] == int32(i) {
			tail = k.states[tail].next
		}
		w := k.states[tail].write
		lives = append(lives, life{f: b.f, s: b.s, fAt: b.fAt, sAt: b.sAt, head: b.head, open: w == none || k.requests[w].step != remove})
	}
	return lives
}

// endings closes lives by deletes that were never answered where the record
// demands an end, and reports lives that have none.
func (c *Case) endings(k *keyView, t *tally, lives []life) {
	deletes := map[int32]int32{} // head of a life -> its earliest unanswered, unseen delete
	o := k.order()
	for s := range k.states {
		st := &k.states[s]
		if st.write == none || st.effect != unknown || st.seen || k.requests[st.write].step != remove || st.base < 0 {
			continue
		}
		b := o.blockOf[st.base]
		if b == none || k.states[st.base].next != none {
			continue
		}
		head := o.blocks[b].head
		if at, known := deletes[head]; !known || st.call < k.requests[at].call {
			deletes[head] = st.write
		}
	}
	var first, second int64 = never, never // latest beginnings over all lives
	firstOf := -1
	for i := range lives {
		switch s := lives[i].s; {
		case firstOf < 0 || s > first:
			first, second, firstOf = s, first, i
		default:
			second = max(second, s)
		}
	}
	last := -1 // the life that is still open at the end
	for _, i := range byEnd(lives) {
		l := &lives[i]
		if !l.open {
			continue
		}
		others := first
		if firstOf == i {
			others = second
		}
		at, excused := deletes[l.head]
		if l.f >= others && last < 0 {
			last = i // nothing needs to come after it
			continue
		}
		if excused {
			l.open = false
			if call := k.requests[at].call; call > l.s {
				l.s, l.sAt = call, at
			}
			continue
		}
		over := last
		if over < 0 {
			over = firstOf
			if over == i {
				over = secondLatest(lives, i)
			}
		}
		other := lives[over]
		t.found(1, func() Finding {
			sentence := k.lifeName(l.head) + " was there and nothing deleted it, but "
			if other.head == absent {
				sentence += who(k.requests[other.sAt].client) + " was later told that there is none"
			} else {
				sentence += k.lifeName(other.head) + " was accepted too; a key that exists cannot be created"
			}
			return k.finding(c.strategy, sentence, exhibit{at: k.headWrite(l.head), offends: true}, exhibit{at: k.headWrite(other.head), offends: true},
				exhibit{at: l.fAt}, exhibit{at: other.sAt, offends: other.head == absent})
		})
		return
	}
}

// byEnd orders lives so that the one that ends last is looked at first, and
// of lives that may end alike one without an excuse.
func byEnd(lives []life) []int {
	idx := make([]int, len(lives))
	for i := range idx {
		idx[i] = i
	}
	slices.SortStableFunc(idx, func(a, b int) int { return cmp.Compare(lives[b].f, lives[a].f) })
	return idx
}

func secondLatest(lives []life, not int) int {
	best := not
	for i := range lives {
		if i != not && (best == not || lives[i].s > lives[best].s) {
			best = i
		}
	}
	return best
}

func (k *keyView) headWrite(head int32) int32 {
	if head == absent {
		return none
	}
	return k.states[head].write
}

func (k *keyView) lifeName(head int32) string {
	w := k.headWrite(head)
	if w == none {
		return "what set-up created"
	}
	return "what " + who(k.requests[w].client) + " created (" + k.stateName(head) + ")"
}

// lifeZones compares lives and reads of nothing in pairs, like zones.go.
func (c *Case) lifeZones(k *keyView, t *tally, lives []life) {
	var forward, backward []int
	for i := range lives {
		if lives[i].f < lives[i].s {
			forward = append(forward, i)
		} else {
			backward = append(backward, i)
		}
	}
	slices.SortStableFunc(forward, func(a, b int) int { return cmp.Compare(lives[a].f, lives[b].f) })
	report := func(a, b life) {
		t.found(1, func() Finding {
			if b.head == absent {
				return k.finding(c.strategy, k.lifeName(a.head)+" was there from before "+who(k.requests[b.fAt].client)+"'s read began until after it ended, but that read was told that there is none",
					exhibit{at: k.headWrite(a.head)}, exhibit{at: a.fAt}, exhibit{at: b.fAt, offends: true}, exhibit{at: a.sAt, offends: true})
			}
			return k.finding(c.strategy, k.lifeName(a.head)+" and "+k.lifeName(b.head)+" were there at the same time: each was seen or changed after the other was",
				exhibit{at: k.headWrite(a.head)}, exhibit{at: k.headWrite(b.head)}, exhibit{at: a.fAt}, exhibit{at: b.sAt, offends: true}, exhibit{at: b.fAt}, exhibit{at: a.sAt, offends: true})
		})
	}
	reach := make([]int, len(forward))
	for i, at := range forward {
		far := at
		if i > 0 {
			far = reach[i-1]
			if lives[at].f < lives[far].s {
				report(lives[far], lives[at])
			}
			if lives[at].s > lives[far].s {
				far = at
			}
		}
		reach[i] = far
	}
	for _, at := range backward {
		b := lives[at]
		n, _ := slices.BinarySearchFunc(forward, b.s, func(x int, s int64) int {
			if lives[x].f < s {
				return -1
			}
			return 1
		})
		if n > 0 && lives[reach[n-1]].s > b.f {
			report(lives[reach[n-1]], b)
		}
	}
}
