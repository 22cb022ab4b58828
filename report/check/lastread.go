package check

// The last read went back: after reads had shown a write or what was built on
// it, the last read of a key shows something older. A cache or a replica that
// lags does that, and nothing need be lost; so it is said of the read, and the
// writes are held against the newest state that was read.
//
// Proven: that the only read which began after one of a newer state had ended
// shows a state that the newer one was built on; or, where only whole numbers
// are added and none is taken away, a smaller number than one that was read when
// no write was under way any more. When more than one read
// shows the older state from then on, or the target was killed between, the
// newer state is gone: that is a loss, and no-lost-update says it.
// Cost: O(n).

func checkLastRead(c *Case) Property {
	sum := c.perWholeKey(func(k *keyView, t *tally) {
		if k.final == none {
			return
		}
		t.exercised++
		newer := c.newerThanFinal(k)
		if newer == none {
			return
		}
		t.found(1, func() Finding {
			f := k.final
			sentence := who(k.requests[newer].client) + " had read " + k.shown(newer) + ", and the last read, " + ms(k.requests[f].call-k.requests[newer].ret) +
				" later, shows " + k.shown(f) + ", which is older: the read went back, as a cache or a lagging replica does; the writes need not be lost"
			wrote := none
			if s := k.made[newer]; s > 0 {
				wrote = k.states[s].write
			}
			return k.finding(c.strategy, sentence, exhibit{at: wrote}, exhibit{at: newer, offends: true}, exhibit{at: f, offends: true})
		})
	})
	return sum.verdict(count(sum.exercised, "last read"), "no read began after the last accepted write had been answered; let the run end by itself")
}

// shown names what a read showed.
func (k *keyView) shown(read int32) string {
	if s := k.made[read]; s > 0 || s == initial && k.identify != "none" {
		return k.stateName(s)
	}
	n, _ := k.number(read)
	return number(n)
}

// newerThanFinal is the read of the newest state that the last read falls behind
// alone; none when there is none.
func (c *Case) newerThanFinal(k *keyView) int32 {
	if !k.sought {
		k.sought, k.newer = true, c.findNewer(k)
	}
	return k.newer
}

func (c *Case) findNewer(k *keyView) int32 {
	if k.final == none || !k.whole {
		return none
	}
	isNewer := k.newerStates()
	if isNewer == nil {
		return none
	}
	best := none // the newer read that began last
	for i := range k.requests {
		r := &k.requests[i]
		if int32(i) != k.final && r.step == read && r.ret < k.requests[k.final].call && isNewer(int32(i)) &&
			(best == none || r.call > k.requests[best].call) {
			best = int32(i)
		}
	}
	if best == none {
		return none
	}
	for i := range k.requests { // the last one must be alone
		r := &k.requests[i]
		if int32(i) != k.final && r.step == read && r.good() && r.call > k.requests[best].ret && !isNewer(int32(i)) {
			return none
		}
	}
	for _, w := range c.restarts() {
		if w.block == k.block && w.until > k.requests[best].call {
			return none
		}
	}
	return best
}

// newerStates tells reads of what is newer than the last read shows; nil where
// that cannot be told.
func (k *keyView) newerStates() func(int32) bool {
	s := k.made[k.final]
	if s >= 0 && k.identify != "none" && k.clash[0] == none {
		onto := k.builtOver(s)
		return func(i int32) bool { m := k.made[i]; return m >= 0 && m != s && onto[m] }
	}
	last, known := k.number(k.final)
	if sums := k.sums(); !known || !sums.decidable || !sums.up || sums.unsure > 0 {
		return nil
	}
	written := never // the end of the last write
	for i := range k.requests {
		if r := &k.requests[i]; r.writes() && r.effect == applied {
			written = max(written, r.ret)
		}
	}
	return func(i int32) bool { n, is := k.number(i); return is && n > last && k.requests[i].call > written }
}
