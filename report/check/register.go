package check

// Register: there is one order of all writes and reads of a key that agrees
// with the clock and in which every read sees the latest write, and every
// conditional write meets the state that it was conditional on
// (linearizability).
//
// The writes seen decide how it is judged: all conditional, chain.go; all
// blind, zones.go; both, stateorder.go, which contracts the first for the second.
// Proven: that such an order exists, or a few requests that exclude it.
// Refusals are not part of it (honest-refusals). Not decided: keys on which
// two writes made states of the same name, and states that no recorded write
// made where versions name them (something else may have changed the
// resource). An unanswered write takes part if its state was seen. A blind
// write that was delivered more than once, each time perhaps with effect, may
// bring its state back: it and the reads of it are left out, so on such keys a
// violation is proven one way only.
// Cost: O(n log n) time, 40 bytes a state.

func checkRegister(c *Case) Property {
	sum := c.perKey(c.registers)
	how := "all of them blind: judged by zones"
	switch {
	case sum.extra[0] > 0 && sum.extra[1] > 0:
		how = number(sum.extra[0]) + " of them conditional: judged by zones over chains"
	case sum.extra[0] > 0:
		how = "all of them conditional: judged along the chain"
	}
	evidence := listed(count(sum.extra[0]+sum.extra[1], "write")+" that took effect ("+how+")", count(sum.reads, "read")) +
		"; " + count(sum.exercised, "pair") + " of operations overlapped on a key"
	return sum.verdict(evidence, c.idle())
}

func (c *Case) registers(k *keyView, t *tally) {
	t.countWrites(k)
	t.exercised += k.pairs
	if k.clash[0] != none { // no order has two writes replace one version
		if n, shown := k.tooMany(); n > 0 {
			t.found(n, func() Finding { return c.collided(k, shown) })
			return
		}
	}
	if !k.named(t) {
		return
	}
	o := k.order()
	t.extra[0] += o.conditional
	t.extra[1] += o.blind
	for _, f := range o.contradictions {
		if f.kind == phantom && k.identify == "version" {
			t.cannot("on " + k.key + " " + k.stateName(f.a) + " was read, but no recorded write was told that version; identify writes by tag")
			continue
		}
		t.found(1, func() Finding { return c.registerFinding(k, o, f) })
	}
}

// named reports whether the states of the key can be told apart, and tells
// the tally when they cannot.
func (k *keyView) named(t *tally) bool {
	switch {
	case k.identify == "none":
		t.cannot("states have no names here (identify is none), so reads cannot be matched to writes; let the target store a tag or tell a version")
		return false
	case k.clash[0] != none:
		t.cannot("two writes on " + k.key + " have the same " + k.identify + ", so states cannot be told apart; identify them by tag")
		return false
	}
	return true
}

func (c *Case) registerFinding(k *keyView, o *chains, f contradiction) Finding {
	switch f.kind {
	case twice:
		return c.twinFinding(k, [2]int32{f.a, f.b}, make([]bool, len(k.states)))
	case phantom:
		at, verb := f.requests[0], " read "
		if at == none {
			at, verb = k.builtOn(f.a), " built on "
		}
		return k.finding(c.strategy, who(k.requests[at].client)+verb+k.stateName(f.a)+", but no request of any client wrote it", exhibit{at: at, offends: true})
	case circle:
		w := k.states[f.a].write
		return k.finding(c.strategy, "each of these writes was conditional on a state that only a later one made, so none can have been the first",
			exhibit{at: w, offends: true}, exhibit{at: k.states[k.states[f.a].base].write, offends: true})
	case late:
		return c.lateFinding(k, o, f)
	}
	x, y := k.chainName(f.a), k.chainName(f.b)
	q := f.requests
	sentence := x + " came before " + y + ", because " + k.brief(q[0]) + " had ended when " + k.brief(q[1]) +
		" began; but it also came after it, because " + k.brief(q[2]) + " had ended when " + k.brief(q[3]) + " began"
	ex := []exhibit{{at: q[0]}, {at: q[1], offends: true}, {at: q[2]}, {at: q[3], offends: true}}
	for _, at := range q { // the writes of the states that they saw, which tie the chains together
		if at >= 0 && k.made[at] >= 0 {
			ex = append(ex, exhibit{at: k.states[k.made[at]].write})
		}
	}
	return k.finding(c.strategy, sentence, ex...)
}

// chainName names the chain that a state heads.
func (k *keyView) chainName(head int32) string {
	if k.states[head].next == none {
		return k.stateName(head)
	}
	return "the chain of conditional writes from " + k.stateName(head) + " on"
}

// lateFinding explains a request that ended before one began that the chain
// puts in front of it.
func (c *Case) lateFinding(k *keyView, o *chains, f contradiction) Finding {
	early, later := f.requests[0], f.requests[1]
	gap := ms(k.requests[later].call - k.requests[early].ret)
	if f.a == f.b {
		return k.finding(c.strategy, k.brief(early)+" ended "+gap+" before "+k.brief(later)+" began, so it saw a state that did not exist yet",
			exhibit{at: early, offends: true}, exhibit{at: later, offends: true})
	}
	next := k.states[f.b].next
	sentence := k.stateName(f.b) + " had been replaced when " + k.brief(early) + " ended, because " + k.stateName(f.a) + " comes after it; but " +
		k.brief(later) + " began " + gap + " later"
	if k.requests[later].step == read {
		sentence += " and still saw " + k.stateName(f.b)
	}
	ex := []exhibit{{at: k.states[f.b].write}}
	if next >= 0 && next != f.a {
		ex = append(ex, exhibit{at: k.states[next].write})
	}
	return k.finding(c.strategy, sentence, append(ex, exhibit{at: k.states[f.a].write}, exhibit{at: early, offends: true}, exhibit{at: later, offends: true})...)
}

// brief names a request within a sentence.
func (k *keyView) brief(i int32) string {
	if i < 0 {
		return "set-up"
	}
	r := &k.requests[i]
	if r.step == read {
		return who(r.client) + "'s read of " + k.stateName(k.made[i])
	}
	return who(r.client) + "'s " + string(steps[r.step]) + " of " + k.stateName(k.made[i])
}

// builtOn is the first write that was built on a state.
func (k *keyView) builtOn(s int32) int32 {
	for i, b := range k.base {
		if b == s {
			return int32(i)
		}
	}
	return 0
}
