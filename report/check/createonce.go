package check

// Create once: of all creates of one name at most one is accepted, and what
// was accepted is there afterwards.
//
// Proven: two accepted creates of a name that nothing deleted; a name that was
// created and then read as absent; a name whose object is not the one that was
// acknowledged. An unanswered create may have been the one: it explains a
// refusal and an object that is there, never a second acceptance. Names that
// are deleted in the run belong to lifecycle. Cost: O(n).

func checkCreateOnce(c *Case) Property {
	sum := c.perKey(c.createdOnce)
	evidence := listed(count(sum.writes, "accepted create"), number(sum.refused)+" refused", number(sum.unknown)+" unanswered or unclear") +
		"; " + count(sum.exercised, "pair") + " of operations overlapped on a name"
	return sum.verdict(evidence, c.idle())
}

func (c *Case) createdOnce(k *keyView, t *tally) {
	var first, second int32 = none, none
	accepted := int64(0)
	for i := range k.requests {
		r := &k.requests[i]
		switch {
		case r.step == remove && r.effect != refused:
			return
		case r.step != create:
		case r.effect == applied:
			accepted++
			if first == none {
				first = int32(i)
			} else if second == none {
				second = int32(i)
			}
		}
	}
	t.countWrites(k)
	t.exercised += k.pairs
	if accepted > 1 {
		t.found(accepted-1, func() Finding {
			sentence := who(k.requests[first].client) + " and " + who(k.requests[second].client) + " were both told that they created " + k.key +
				", and nothing deleted it between; a name can be created only once"
			return k.finding(c.strategy, sentence, exhibit{at: first, offends: true}, exhibit{at: second, offends: true}, exhibit{at: k.lastRead()})
		})
		return
	}
	if first == none {
		return
	}
	for i := range k.requests {
		r := &k.requests[i]
		if r.step != read || r.call <= k.requests[first].ret {
			continue
		}
		at := int32(i)
		if k.made[i] == absent {
			t.found(1, func() Finding {
				sentence := who(k.requests[first].client) + " was told that it created " + k.key + ", but " + who(r.client) + ", reading it " +
					ms(r.call-k.requests[first].ret) + " later, was told that there is none"
				return k.finding(c.strategy, sentence, exhibit{at: first, offends: true}, exhibit{at: at, offends: true})
			})
			return
		}
		if m := k.made[i]; m > 0 && m != k.made[first] && k.made[first] >= 0 && k.texts.text(k.name(&k.requests[first])) != "" && c.onlyCreates(k) {
			t.found(1, func() Finding {
				sentence := who(k.requests[first].client) + " was told that it created " + k.key + ", but " + who(r.client) + " then read " +
					k.stateName(m) + ", which is not what it created"
				other := none
				if m > 0 {
					other = k.states[m].write
				}
				return k.finding(c.strategy, sentence, exhibit{at: first, offends: true}, exhibit{at: other}, exhibit{at: at, offends: true})
			})
			return
		}
	}
}

// onlyCreates reports whether nothing but creates can have changed the key.
func (c *Case) onlyCreates(k *keyView) bool {
	for i := range k.requests {
		if r := &k.requests[i]; r.step != create && r.writes() && r.effect != refused {
			return false
		}
	}
	return true
}

// lastRead is the read that began last.
func (k *keyView) lastRead() int32 {
	best := none
	for i := range k.requests {
		if k.requests[i].step == read && k.made[i] != none && (best == none || k.requests[i].call > k.requests[best].call) {
			best = int32(i)
		}
	}
	return best
}
