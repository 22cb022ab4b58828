package check

import (
	"slices"
	"strconv"
)

// No lost update: of the accepted writes that were built on one state, only
// one can be built on in turn; and every accepted write must be an ancestor of
// what the final read shows.
//
// Proven: that a write was accepted and is not part of what was left (final
// read known: walking back from it, base by base, misses the write), or that
// two accepted writes replaced the same state (at least all but one are lost).
// Not provable: that nothing was lost where states have no names. Where the
// walk back does not reach the initial state (a later life of the resource, a
// blind write, an unknown writer), nothing is known of writes that do not
// descend from where it ends; then the count is a lower bound, as it is without
// a final read: the sum over states of accepted successors less one.
// Additions on the server have no base: the accepted amounts are held against
// the final value, and transfers by one request against the final balances.
// An unanswered write counts only where its state was seen or built on; it is
// never itself called lost. Cost: O(n).

func checkLostUpdate(c *Case) Property {
	t := c.perKey(c.lostUpdates)
	for _, b := range c.banks() {
		if slices.ContainsFunc(b.keys, func(k *keyView) bool { return k.moves }) {
			b.keys[0].ifWhole(t, func(_ *keyView, t *tally) { c.ledger(b, t) })
		}
	}
	evidence := listed(number(t.writes)+" accepted", number(t.refused)+" refused", count(t.unknown, "unanswered write"))
	if lost := t.violations - t.extra[0]; lost > 0 {
		evidence += ": " + number(lost) + " of the accepted ones lost"
	} else if t.extra[0] > 0 {
		evidence += ": " + count(t.extra[0], "balance") + " that they do not explain"
	}
	evidence += "; " + count(t.exercised, "pair") + " of operations overlapped on a key"
	return t.verdict(evidence, c.idle())
}

func (c *Case) lostUpdates(k *keyView, t *tally) {
	t.countWrites(k)
	t.exercised += k.pairs
	if k.moves {
		return // judged by the balances of all accounts
	}
	sums := k.sums()
	lostAdds := func(k *keyView, t *tally) { c.lostAdds(k, t, &sums) }
	if sums.adds > 0 {
		k.ifWhole(t, lostAdds)
		return
	}
	if k.identify == "none" {
		if sums.decidable && k.final != none {
			k.ifWhole(t, lostAdds)
		} else {
			t.cannot("states have no names here (identify is none), so writes cannot be followed; let the target store a tag or tell a version")
		}
		return
	}
	if k.clash[0] != none {
		c.lostInCollisions(k, t)
		return
	}
	c.lostWrites(k, t)
}

// lostWrites judges writes that were built on reads.
func (c *Case) lostWrites(k *keyView, t *tally) {
	end := k.final
	newer := c.newerThanFinal(k)
	if newer != none {
		end = newer
	}
	onChain, root := k.surviving(end)
	var after []bool // states that came after the newest one that was read
	if newer != none {
		after = k.builtOver(k.made[newer])
	}
	var within []bool // states that come from the same beginning as what is left
	if root > initial {
		within = k.builtOver(root)
	}
	first := make([]int32, len(k.states)) // first accepted successor of a state
	for s := range first {
		first[s] = none
	}
	var bound, lost int64
	var at int32 = none // a lost write
	var twin [2]int32
	twins := false
	for s := 1; s < len(k.states); s++ {
		st := &k.states[s]
		if st.effect != applied || st.base < 0 || k.deletes(int32(s)) && k.blindlyBuilt(st.write) {
			continue // a delete without a condition is for whatever is there
		}
		if f := first[st.base]; f == none {
			first[st.base] = int32(s)
		} else if !k.sameWrite(f, int32(s)) && !(k.deletes(f) && k.deletes(int32(s))) { // what is deleted twice is gone all the same
			bound++
			if !twins {
				twins, twin = true, [2]int32{f, int32(s)}
			}
		}
		if root != none && !onChain[s] && (root == initial || within[s]) && (after == nil || !after[s]) { // the final read began after all of them had been answered
			lost++
			if at == none {
				at = int32(s)
			}
		}
	}
	n := max(bound, lost)
	if n == 0 {
		return
	}
	t.found(n, func() Finding {
		if twins {
			return c.twinFinding(k, twin, onChain)
		}
		return c.vanished(k, at)
	})
}

// sameWrite reports whether two states were made by deliveries of one write.
func (k *keyView) sameWrite(a, b int32) bool {
	x, y := &k.requests[k.states[a].write], &k.requests[k.states[b].write]
	return x.tag != 0 && x.tag == y.tag
}

// surviving walks back from the state that a read shows, the last one as a
// rule. It reports which states are its ancestors, and where the walk ends: at
// the initial state, or at one that was built on nothing (a create, a blind
// write) or by nobody knows whom; none when what was left is not known.
func (k *keyView) surviving(end int32) (on []bool, root int32) {
	on = make([]bool, len(k.states))
	if end == none || !k.whole { // the last read of a cut record may be one of a lagging copy
		return on, none
	}
	for s := k.made[end]; s >= 0 && !on[s]; s = k.states[s].base {
		on[s] = true
		if s == initial || k.states[s].base == none {
			return on, s
		}
	}
	return on, none // a circle
}

func (c *Case) twinFinding(k *keyView, twin [2]int32, on []bool) Finding {
	a, b := twin[0], twin[1]
	if on[a] && !on[b] {
		a, b = b, a // a is the lost one
	}
	wa, wb := k.states[a].write, k.states[b].write
	base := k.stateName(k.states[a].base)
	sentence := who(k.requests[wa].client) + " and " + who(k.requests[wb].client) + " both built on " + base +
		" and both were told that their write was accepted, but a state can be replaced only once"
	if k.requests[wa].client == k.requests[wb].client {
		sentence = who(k.requests[wa].client) + " built twice on " + base + " and was told both times that its write was accepted, but a state can be replaced only once"
	}
	show := k.firstRead(b)
	if k.final != none && (on[a] || on[b]) {
		show = k.final
	}
	again, anew := k.recreated(wa, wb, base)
	switch {
	case anew != "":
		sentence = anew
	case on[b] && k.final != none:
		sentence += "; what was left at the end descends from " + possessive(wb, k) + " write, so " + possessive(wa, k) + " is lost"
	default:
		sentence += ", so one of them is lost"
	}
	return k.finding(c.strategy, sentence, exhibit{at: k.from[wa]}, exhibit{at: k.from[wb]},
		exhibit{at: wa, offends: true}, exhibit{at: wb, offends: true}, exhibit{at: again}, exhibit{at: show})
}

// recreated is the create that began a new life of the key between a delete
// and another write on the same state, with the sentence that says so, where
// the clock leaves no doubt of the order.
func (k *keyView) recreated(x, y int32, base string) (again int32, sentence string) {
	gone, late := &k.requests[x], &k.requests[y]
	if gone.step != remove {
		gone, late = late, gone
	}
	again = none
	if gone.step != remove {
		return again, ""
	}
	for i := range k.requests {
		r := &k.requests[i]
		if r.step == create && r.effect == applied && r.call > gone.ret && r.ret < late.call && (again == none || r.ret > k.requests[again].ret) {
			again = int32(i)
		}
	}
	if again == none {
		return again, ""
	}
	made := &k.requests[again]
	sentence = who(gone.client) + " deleted " + base + " and " + who(made.client) + " created " + k.key + " again"
	if late.expect != 0 && made.version == late.expect {
		sentence += ", and the new one was given the same version, " + k.texts.text(made.version)
	}
	sentence += "; then " + who(late.client) + "'s " + string(steps[late.step]) + ", built on " + base + ", was accepted, though that was gone: it hit a resource that it had never read"
	return again, sentence
}

func possessive(at int32, k *keyView) string { return who(k.requests[at].client) + "'s" }

// firstRead is the read of a state that ended first.
func (k *keyView) firstRead(s int32) int32 {
	best := none
	for i := range k.requests {
		if k.requests[i].step == read && k.made[i] == s && (best == none || k.requests[i].ret < k.requests[best].ret) {
			best = int32(i)
		}
	}
	return best
}

// vanished is the finding of an accepted write that nothing was built over and
// that is nevertheless missing at the end.
func (c *Case) vanished(k *keyView, s int32) Finding {
	w, f := k.states[s].write, k.final
	sentence := who(k.requests[w].client) + " was told that its write was accepted " + ms(k.requests[f].call-k.requests[w].ret) +
		" before the last read began, but that read shows " + k.stateName(k.made[f]) + ", which was not built on it"
	over := k.states[s].base // the write that is in its place, if there is one
	place := none
	for next := k.made[f]; next > 0; next = k.states[next].base {
		if k.states[next].base == over {
			place = k.states[next].write
			break
		}
	}
	return k.finding(c.strategy, sentence, exhibit{at: k.from[w]}, exhibit{at: w, offends: true}, exhibit{at: k.firstRead(s)}, exhibit{at: place},
		exhibit{at: f, offends: true})
}

// lostAdds holds the accepted amounts against the final value.
func (c *Case) lostAdds(k *keyView, t *tally, s *sums) {
	if !s.decidable {
		t.cannot("amounts on " + k.key + " are not whole numbers, so they cannot be added up")
		return
	}
	if k.final == none {
		t.cannot("no read of " + k.key + " began after its last accepted write, so the end is not known; let the run end by itself")
		return
	}
	final, good := k.number(k.final)
	if !good {
		t.cannot("the final value of " + k.key + " is not a whole number")
		return
	}
	if newer := c.newerThanFinal(k); newer != none {
		final, _ = k.number(newer)
	}
	start := c.initialValue(k)
	missing := start + s.sure + s.lessest - final // a lost addition leaves too little
	if over := final - (start + s.sure + s.most); !s.up && over > missing {
		missing = over // a lost subtraction leaves too much
	}
	if missing <= 0 {
		return
	}
	n := (missing + s.largest - 1) / s.largest
	t.found(n, func() Finding {
		sentence := "accepted amounts on " + k.key + " sum to " + strconv.FormatInt(s.sure, 10) + " over an initial " +
			strconv.FormatInt(start, 10) + ", but the last read, which began after all of them had been answered, shows " +
			strconv.FormatInt(final, 10)
		if s.unsure > 0 {
			sentence += " (" + count(s.unsure, "unanswered one") + " would not explain it)"
		}
		ex := []exhibit{}
		if a, b, found := k.pair(); found {
			ex = append(ex, exhibit{at: a, offends: true}, exhibit{at: b, offends: true})
		}
		return k.finding(c.strategy, sentence, append(ex, exhibit{at: k.final, offends: true})...)
	})
}
