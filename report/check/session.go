package check

// Session guarantees: what one client sees of a key never goes back. It reads
// its own accepted writes or later states, and no read is older than one it
// had before.
//
// Proven: that a client saw a state after one that comes later on the same
// chain of conditions, or that it came back to a state that it had seen
// replaced. Not provable: that two states on different chains (blind writes)
// stand in one order, unless the client returns; nor anything of requests of
// one client that overlap. A client keeps its number
// when an unanswered write ends its session; such a write is nothing that it
// saw. Cost: O(n).

func checkSessions(c *Case) Property {
	sum := c.perWholeKey(c.sessions)
	evidence := number(sum.exercised) + " times a client saw a key again; " + listed(count(sum.reads, "read"), count(sum.writes, "accepted write"))
	return sum.verdict(evidence, "no client saw the same key twice; lengthen load.duration or lower workload.keys")
}

func (c *Case) sessions(k *keyView, t *tally) {
	t.countWrites(k)
	if !k.named(t) {
		return
	}
	o := k.order()
	type sight struct {
		at    int32
		state int32
	}
	type visit struct{ client, block int32 }
	last := map[int32]sight{}
	left := map[visit]int32{} // the sight by which a client knew that a block was over
	for i := range k.requests {
		r, s := &k.requests[i], k.made[i]
		if s < 0 || r.client < 0 || o.blockOf[s] == none {
			continue
		}
		if !(r.step == read || r.writes() && r.effect == applied && k.states[s].write == int32(i)) {
			continue
		}
		was, known := last[r.client]
		if known && r.call <= k.requests[was.at].ret {
			continue // a second delivery beside it: which of them was first is not known
		}
		last[r.client] = sight{int32(i), s}
		if !known {
			continue
		}
		t.exercised++
		at, b := int32(i), o.blockOf[s]
		switch {
		case b == o.blockOf[was.state]:
			if o.place[s] < o.place[was.state] {
				t.found(1, func() Finding { return c.wentBack(k, was.at, at, none) })
			}
		default:
			left[visit{r.client, o.blockOf[was.state]}] = int32(i)
			if over, back := left[visit{r.client, b}]; back {
				t.found(1, func() Finding { return c.wentBack(k, over, at, k.firstSight(r.client, s)) })
			}
		}
	}
}

func (c *Case) wentBack(k *keyView, newer, older, first int32) Finding {
	r := &k.requests[newer]
	saw := " had seen "
	if r.step != read {
		saw = " had written "
	}
	s := k.made[older]
	sentence := who(r.client) + saw + k.stateName(k.made[newer]) + ", which comes after " + k.stateName(s) + ", and " +
		ms(k.requests[older].call-r.ret) + " later it was shown " + k.stateName(s) + " again"
	if first == none && k.states[s].next >= 0 {
		first = k.states[k.states[s].next].write
	}
	return k.finding(c.strategy, sentence, exhibit{at: k.states[s].write}, exhibit{at: first}, exhibit{at: newer, offends: true}, exhibit{at: older, offends: true})
}

// firstSight is the first request by which a client saw a state.
func (k *keyView) firstSight(client, s int32) int32 {
	for i := range k.requests {
		if r := &k.requests[i]; r.client == client && k.made[i] == s && (r.step == read || r.effect == applied) {
			return int32(i)
		}
	}
	return none
}
