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
// ended its life from the moment at which it began. A change or delete that was
// neither conditional nor made under a lock may have hit any life: where the
// record has an order in which each such one hit what it had been built on, the
// key holds, else it is not decided. Refusals belong to honest-refusals. Cost:
// O(n log n).

func checkLifecycle(c *Case) Property {
	sum := c.perKey(c.lives)
	evidence := listed(count(sum.extra[0], "life"), count(sum.writes, "accepted change"), number(sum.refused)+" refused", number(sum.unknown)+" unanswered",
		count(sum.extra[1], "read")+" of nothing") + "; " + count(sum.exercised, "pair") + " of operations overlapped on a key"
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
	for s := range k.states {
		st := &k.states[s]
		if w := st.write; w >= 0 && st.effect != refused && st.base == none && k.requests[w].step != create {
			t.cannot("a " + string(steps[k.requests[w].step]) + " on " + k.key + " does not tell which state it was built on, so it belongs to no life; read before it, or record what it was conditional on")
			return
		}
	}
	blind := k.blindChange()
	if blind == none {
		c.inLives(k, t)
		return
	}
	var part tally
	c.inLives(k, &part)
	if part.violations > 0 {
		part.violations, part.findings = 0, nil
		part.cannot(who(k.requests[blind].client) + "'s " + string(steps[k.requests[blind].step]) + " on " + k.key +
			" was neither conditional nor made under a lock, so it may have hit any life; send the version that it was built on")
		c.deletedAndRead(k, &part)
		c.changedTwice(k, &part)
	}
	t.merge(&part)
}

// blindChange is a change or delete that was accepted or not answered, and that
// nothing tied to the state that it was built on.
func (k *keyView) blindChange() int32 {
	for i := range k.requests {
		if k.blindlyBuilt(int32(i)) && k.requests[i].effect != refused {
			return int32(i)
		}
	}
	return none
}

// changedTwice finds two conditional changes of one state.
func (c *Case) changedTwice(k *keyView, t *tally) {
	for _, f := range k.order().contradictions {
		if f.kind == twice && !k.blindlyBuilt(k.states[f.a].write) && !k.blindlyBuilt(k.states[f.b].write) {
			t.found(1, func() Finding { return c.registerFinding(k, k.order(), f) })
		}
	}
}

// deletedAndRead finds reads of what a delete left.
func (c *Case) deletedAndRead(k *keyView, t *tally) {
	o := k.order()
	for s := range k.states {
		if w := k.states[s].write; w >= 0 && k.requests[w].step == remove && o.early[s] != none {
			t.found(1, func() Finding {
				return k.finding(c.strategy, who(k.requests[o.early[s]].client)+" read "+k.stateName(int32(s))+", but that request deleted the key and left nothing to read",
					exhibit{at: w, offends: true}, exhibit{at: o.early[s], offends: true})
			})
		}
	}
}

// inLives judges a key as if every change and delete had hit the life that it
// was built on.
func (c *Case) inLives(k *keyView, t *tally) {
	o := k.order()
	for _, f := range o.contradictions {
		if f.kind == phantom && k.identify == "version" {
			t.cannot("on " + k.key + " " + k.stateName(f.a) + " was read, but no recorded write was told that version; identify writes by tag")
			return
		}
		if f.kind == crossed {
			continue // found again below, with the reads of nothing
		}
		t.found(1, func() Finding { return c.registerFinding(k, o, f) })
	}
	c.deletedAndRead(k, t)
	lives, reads := k.livesOf(o)
	t.extra[1] += reads
	t.extra[0] += int64(len(lives)) - reads
	c.endings(k, t, lives)
}

// livesOf turns blocks into lives, and adds the reads of nothing.
func (k *keyView) livesOf(o *chains) (lives []life, reads int64) {
	present := false
	for i := range k.requests {
		present = present || k.requests[i].step == setup
	}
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
	for i := range k.requests {
		if r := &k.requests[i]; k.made[i] == absent {
			lives = append(lives, life{f: r.ret, s: r.call, fAt: int32(i), sAt: int32(i), head: absent})
			reads++
		}
	}
	return lives, reads
}

// endings decides which life is still there at the end. A life that nothing is
// known to have ended either stays to the end or was ended by a delete that was
// never answered; one way that agrees with the record is enough.
func (c *Case) endings(k *keyView, t *tally, lives []life) {
	deletes := k.lateDeletes()
	var open, bare []int // lives without a known end; those that nothing can have ended
	for i := range lives {
		if lives[i].open {
			open = append(open, i)
			if _, excused := deletes[lives[i].head]; !excused {
				bare = append(bare, i)
			}
		}
	}
	if !k.whole || len(open) == 0 {
		c.lifeZones(k, t, lives) // the end of a life may be missing from a cut record
		return
	}
	if len(bare) > 1 {
		t.found(1, func() Finding { return c.twoLives(k, &lives[bare[0]], &lives[bare[1]]) })
		return
	}
	options := append([]int{-1}, open...)
	if len(bare) == 1 {
		options = bare
	}
	const most = 16 // many lives that all were deleted without an answer
	var tried []life
	for _, last := range options[:min(len(options), most)] {
		tried = k.endedBut(lives, last, deletes)
		var trial tally
		if last >= 0 {
			c.mustBeLast(k, &trial, tried, last)
		}
		if trial.violations == 0 {
			c.lifeZones(k, &trial, tried)
		}
		if trial.violations == 0 {
			return
		}
		if last == options[len(options)-1] {
			t.merge(&trial)
			return
		}
	}
	t.cannot(k.key + " was deleted so often without an answer that its lives cannot be told apart; lower the share of lost responses")
}

// lateDeletes maps the head of a life to the earliest unanswered delete of its
// last state that nobody saw.
func (k *keyView) lateDeletes() map[int32]int32 {
	deletes := map[int32]int32{}
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
	return deletes
}

// endedBut closes every open life but one by its unanswered delete.
func (k *keyView) endedBut(lives []life, last int, deletes map[int32]int32) []life {
	out := slices.Clone(lives)
	for i := range out {
		l := &out[i]
		at, excused := deletes[l.head]
		if !l.open || i == last || !excused {
			continue
		}
		if call := k.requests[at].call; call > l.s {
			l.s, l.sAt = call, at
		}
	}
	return out
}

// mustBeLast demands that nothing comes after a life that never ended.
func (c *Case) mustBeLast(k *keyView, t *tally, lives []life, last int) {
	l := &lives[last]
	for i := range lives {
		if other := &lives[i]; i != last && l.f < other.s {
			t.found(1, func() Finding { return c.twoLives(k, l, other) })
			return
		}
	}
}

// twoLives is the finding of a life that nothing ended and of what came after.
func (c *Case) twoLives(k *keyView, l, other *life) Finding {
	sentence := k.lifeName(l.head) + " was there and nothing deleted it, but "
	if other.head == absent {
		sentence += who(k.requests[other.sAt].client) + " was later told that there is none"
	} else {
		sentence += k.lifeName(other.head) + " took effect too; a key that exists cannot be created"
	}
	return k.finding(c.strategy, sentence, exhibit{at: k.headWrite(l.head), offends: true}, exhibit{at: k.headWrite(other.head), offends: true},
		exhibit{at: l.fAt}, exhibit{at: other.sAt, offends: other.head == absent})
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
