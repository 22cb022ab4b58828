package check

import (
	"slices"
	"strconv"
)

// Counter bounds: a read shows at least what was surely added before it began
// and at most what may have been added before it ended; where nothing was ever
// subtracted, a later read shows no less than an earlier one; and no read is
// outside the workload's floor and ceiling.
//
// Proven: that a value cannot be the sum of any set of additions that the
// clock allows. It is a necessary condition, not a sufficient one: two errors
// that cancel each other stay unseen. An unanswered addition widens the
// interval on its own side only. Cost: O(n log n).

func checkCounter(c *Case) Property {
	sum := c.perWholeKey(c.counterBounds)
	evidence := listed(count(sum.reads, "read"), count(sum.writes, "accepted change"), number(sum.unknown)+" unanswered")
	if sum.violations > 0 {
		evidence += ": " + count(sum.violations, "read") + " out of bounds"
	}
	return sum.verdict(evidence+"; "+count(sum.exercised, "pair")+" of operations overlapped on a key", c.idle())
}

// change is one addition, from the instant at which it may have happened to
// the instant at which it surely had.
type change struct {
	at     int64
	amount int64
	what   int32
}

func (c *Case) counterBounds(k *keyView, t *tally) {
	t.countWrites(k)
	t.exercised += k.pairs
	start := c.initialValue(k)
	var begun, done []change // may count, must count
	exact := true
	for i := range k.requests {
		r := &k.requests[i]
		if !r.writes() {
			continue
		}
		w, fresh := k.write(int32(i))
		if !fresh || w.effect == refused {
			continue
		}
		n, known := k.amount(w.amount)
		if !known {
			exact = false // bounds of the sum are out, floor and ceiling stay
			break
		}
		begun = append(begun, change{w.call, n, int32(i)})
		if w.effect == applied {
			done = append(done, change{w.ret, n, int32(i)})
		}
	}
	var reads []int32
	for i := range k.requests {
		if r := &k.requests[i]; r.step == read && r.good() {
			if _, known := k.number(int32(i)); known {
				reads = append(reads, int32(i))
			}
		}
	}
	reported := make([]bool, len(k.requests)) // one violation a read
	c.floorAndCeiling(k, t, reads, reported)
	if !exact {
		t.cannot("some amounts on " + k.key + " are not known, so reads cannot be bounded; give the read step a value")
		return
	}
	c.bounded(k, t, start, begun, done, reads, reported)
	c.monotonic(k, t, begun, reads, reported)
}

func (c *Case) floorAndCeiling(k *keyView, t *tally, reads []int32, reported []bool) {
	w := &c.plan.Workload
	for _, i := range reads {
		v, _ := k.number(i)
		limit, side := int64(0), ""
		switch {
		case w.Floor != nil && v < *w.Floor:
			limit, side = *w.Floor, "below the floor "
		case w.Ceiling != nil && v > *w.Ceiling:
			limit, side = *w.Ceiling, "above the ceiling "
		default:
			continue
		}
		reported[i] = true
		t.found(1, func() Finding {
			sentence := who(k.requests[i].client) + " read " + strconv.FormatInt(v, 10) + ", which is " + side + strconv.FormatInt(limit, 10)
			ex := []exhibit{}
			if m := k.made[i]; m > 0 && k.states[m].write >= 0 {
				ex = append(ex, exhibit{at: k.states[m].write, offends: true})
				if b := k.states[m].base; b > 0 {
					ex = append(ex, exhibit{at: k.states[b].write})
				}
			} else if a, b, found := k.pair(); found {
				ex = append(ex, exhibit{at: a}, exhibit{at: b})
			}
			return k.finding(c.strategy, sentence, append(ex, exhibit{at: i, offends: true})...)
		})
	}
}

// bounded sweeps reads in order of their ends for what may have been added,
// and in order of their beginnings for what must have been.
func (c *Case) bounded(k *keyView, t *tally, start int64, begun, done []change, reads []int32, reported []bool) {
	byTime := func(a, b change) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return int(a.what - b.what)
	}
	slices.SortFunc(begun, byTime)
	slices.SortFunc(done, byTime)
	begunPlus, begunMinus := prefix(begun)
	donePlus, doneMinus := prefix(done)
	for _, i := range reads {
		r := &k.requests[i]
		v, _ := k.number(i)
		nb := before(begun, r.ret, true) // begun before or when the read ended
		nd := before(done, r.call, false)
		low := start + donePlus[nd] + begunMinus[nb]
		high := start + begunPlus[nb] + doneMinus[nd]
		if reported[i] {
			continue
		}
		reported[i] = v < low || v > high
		switch {
		case v < low:
			t.found(1, func() Finding {
				sentence := "before " + who(r.client) + "'s read began, accepted changes had brought the counter to at least " + strconv.FormatInt(low, 10) +
					" (" + count(int64(nd), "change") + " answered), but it read " + strconv.FormatInt(v, 10)
				return k.finding(c.strategy, sentence, c.lastOf(done, nd, i, k)...)
			})
		case v > high:
			t.found(1, func() Finding {
				sentence := "all changes that had begun when " + who(r.client) + "'s read ended can have brought the counter to at most " +
					strconv.FormatInt(high, 10) + " (" + count(int64(nb), "change") + "), but it read " + strconv.FormatInt(v, 10)
				return k.tooMuch(c, sentence, 0, i, c.lastOf(begun, nb, i, k))
			})
		}
	}
}

// tooMuch is the finding of a read that shows too much: with two deliveries of
// one write (of a value, unless it is 0), where there are any, else with the
// exhibits given.
func (k *keyView) tooMuch(c *Case, sentence string, value uint32, read int32, others []exhibit) Finding {
	if a, b, said := k.delivery(k.requests[read].ret, value); a != none {
		return k.finding(c.strategy, sentence+said, exhibit{at: a, offends: true}, exhibit{at: b, offends: true}, exhibit{at: read, offends: true})
	}
	return k.finding(c.strategy, sentence, others...)
}

// lastOf shows a read with the last two of the first n changes before it.
func (c *Case) lastOf(changes []change, n int, read int32, k *keyView) []exhibit {
	ex := []exhibit{}
	for i := max(0, n-2); i < n; i++ {
		ex = append(ex, exhibit{at: changes[i].what})
	}
	return append(ex, exhibit{at: read, offends: true})
}

// prefix returns the running sums of the positive and of the negative amounts.
func prefix(changes []change) (plus, minus []int64) {
	plus, minus = make([]int64, len(changes)+1), make([]int64, len(changes)+1)
	for i, ch := range changes {
		plus[i+1] = plus[i] + max(ch.amount, 0)
		minus[i+1] = minus[i] + min(ch.amount, 0)
	}
	return plus, minus
}

// before counts the changes with a time before t, or at t too.
func before(changes []change, t int64, inclusive bool) int {
	n, _ := slices.BinarySearchFunc(changes, t, func(ch change, t int64) int {
		if ch.at < t || inclusive && ch.at == t {
			return -1
		}
		return 1
	})
	return n
}

// monotonic finds a read that shows less than one that had ended before it
// began, where nothing was ever subtracted.
func (c *Case) monotonic(k *keyView, t *tally, begun []change, reads []int32, reported []bool) {
	for _, ch := range begun {
		if ch.amount < 0 {
			return
		}
	}
	byCall, byRet := slices.Clone(reads), slices.Clone(reads)
	slices.SortStableFunc(byCall, func(a, b int32) int { return compare(k.requests[a].call, k.requests[b].call) })
	slices.SortStableFunc(byRet, func(a, b int32) int { return compare(k.requests[a].ret, k.requests[b].ret) })
	next, best := 0, none
	var most int64
	for _, i := range byCall {
		for next < len(byRet) && k.requests[byRet[next]].ret < k.requests[i].call {
			if v, _ := k.number(byRet[next]); best == none || v > most {
				best, most = byRet[next], v
			}
			next++
		}
		v, _ := k.number(i)
		if best == none || v >= most || reported[i] {
			continue
		}
		earlier, highest := best, most
		t.found(1, func() Finding {
			sentence := "nothing was ever subtracted, but " + who(k.requests[i].client) + " read " + strconv.FormatInt(v, 10) + " after " +
				who(k.requests[earlier].client) + " had read " + strconv.FormatInt(highest, 10)
			return k.finding(c.strategy, sentence, exhibit{at: earlier}, exhibit{at: i, offends: true})
		})
	}
}
