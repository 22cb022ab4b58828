package check

import (
	"cmp"
	"slices"
	"strconv"

	"tussle/history"
)

// Conservation: moving amounts between accounts never changes their total,
// and no account falls below the floor.
//
// Proven: that the final balances, or the balances of one read of all
// accounts, do not add up to what set-up put in, or that a balance was read
// below the floor. A transfer by one request is in the total at every instant,
// whether it was answered or not; but the last reads are of different
// instants, and an unanswered transfer may have happened between two of them,
// so it widens the sum by its amount, unless the last two passes over all
// accounts agree: then they held that at one instant. A transfer by two writes is not: accepted
// writes must make up for each other, and where a transfer was left half done
// the sum is what they changed; an unanswered write widens it by its change,
// and a read of all accounts is widened by the transfers that were under way. Not provable: two errors
// that cancel out. Cost: O(n log n).

func checkConservation(c *Case) Property {
	sum := c.sum()
	for _, b := range c.banks() {
		c.conserved(b, sum)
	}
	evidence := listed(count(sum.writes, "accepted change"), number(sum.unknown)+" unanswered",
		count(sum.extra[0], "total")+" added up") + "; " + count(sum.exercised, "pair") + " of operations overlapped on an account"
	return sum.verdict(evidence, c.idle())
}

func (c *Case) conserved(b *bank, t *tally) {
	for _, k := range b.keys {
		t.countWrites(k)
		t.exercised += k.pairs
		c.aboveFloor(k, t)
	}
	c.listedAboveFloor(b, t)
	if len(b.keys) == 0 {
		return // reads of all accounts, but no account
	}
	if why := c.opening(b); why != "" {
		t.cannot(why)
		return
	}
	total := c.total(b)
	b.keys[0].ifWhole(t, func(_ *keyView, t *tally) {
		c.sheets(b, t, total)
		c.finalTotal(b, t, total)
	})
}

// aboveFloor reports balances that were read below the floor.
func (c *Case) aboveFloor(k *keyView, t *tally) {
	floor := c.plan.Workload.Floor
	if floor == nil {
		return
	}
	for i := range k.requests {
		r, at := &k.requests[i], int32(i)
		if r.step != read || !r.good() {
			continue
		}
		if n, known := k.number(at); known && n < *floor {
			t.found(1, func() Finding {
				ex := []exhibit{{at: at, offends: true}}
				if x, y, found := k.pair(); found {
					ex = append(ex, exhibit{at: x}, exhibit{at: y})
				}
				return k.finding(c.strategy, who(r.client)+" read a balance of "+strconv.FormatInt(n, 10)+" on "+k.key+", below the floor of "+
					strconv.FormatInt(*floor, 10), ex...)
			})
		}
	}
}

// listedAboveFloor reports balances that a read of several accounts showed
// below the floor.
func (c *Case) listedAboveFloor(b *bank, t *tally) {
	floor := c.plan.Workload.Floor
	if floor == nil {
		return
	}
	for _, s := range b.lists {
		for _, k := range b.keys {
			n, there := s.balances[k.key]
			if !there || n >= *floor {
				continue
			}
			t.found(1, func() Finding {
				ex := []exhibit{{key: s.key, at: s.at, offends: true}}
				if x, y, found := k.pair(); found {
					ex = append(ex, exhibit{at: x}, exhibit{at: y})
				}
				return k.finding(c.strategy, who(s.key.requests[s.at].client)+" listed a balance of "+strconv.FormatInt(n, 10)+" on "+k.key+", below the floor of "+
					strconv.FormatInt(*floor, 10), ex...)
			})
		}
	}
}

// finalTotal adds up the final balances.
func (c *Case) finalTotal(b *bank, t *tally, total int64) {
	want := spread{total, total}
	var have int64
	atOnce := b.agreed()
	for _, k := range b.keys {
		last := k.lastNumber()
		if !c.isLast(b, k, last) {
			t.cannot("the final balance of " + k.key + " was not read; let the run end by itself")
			return
		}
		n, _ := k.number(last)
		have += n
		for i := range k.requests {
			r := &k.requests[i]
			if !r.writes() {
				continue
			}
			w, fresh := k.write(int32(i))
			if !fresh || w.effect == refused {
				continue
			}
			if r.step == transfer {
				if w.effect == unknown && !atOnce {
					b.straddle(k, int32(i), &want)
				}
				continue
			}
			delta, known := k.amount(w.amount)
			switch {
			case !known:
				t.cannot("a write on " + k.key + " does not tell by how much it changed the balance")
				return
			case w.effect == applied:
				want.sure(delta)
			default:
				want.maybe(delta)
			}
		}
	}
	t.extra[0]++
	if have >= want.low && have <= want.high {
		return
	}
	t.found(1, func() Finding {
		sentence := "the accounts held " + strconv.FormatInt(total, 10) + " at first, and transfers that were completed change nothing in sum, but the last reads add up to " +
			strconv.FormatInt(have, 10)
		if want.low != total || want.high != total {
			sentence += " (unfinished transfers explain " + strconv.FormatInt(want.low, 10) + " to " + strconv.FormatInt(want.high, 10) + ")"
		}
		return c.culprit(b).finding(c.strategy, sentence, c.overlapping(b)...)
	})
}

// agreed reports whether the last two passes of the observer over all accounts,
// one wholly after the other, show the same.
func (b *bank) agreed() bool {
	ended, began := never, forever // of the pass before the last, of the last one
	for _, k := range b.keys {
		last, before := none, none
		for i := range k.requests {
			r := &k.requests[i]
			if r.step != read || !r.good() || r.client >= 0 || r.call <= b.over {
				continue
			}
			switch at := int32(i); {
			case last == none || r.call > k.requests[last].call:
				last, before = at, last
			case before == none || r.call > k.requests[before].call:
				before = at
			}
		}
		if before == none {
			return false
		}
		m, known := k.number(before)
		n, both := k.number(last)
		if !known || !both || m != n {
			return false
		}
		ended, began = max(ended, k.requests[before].ret), min(began, k.requests[last].call)
	}
	return ended < began
}

// straddle widens the sum of the last reads by an unanswered transfer that may
// have happened between the reads of its two accounts: the money is counted
// twice when it was read before it left, and not at all when it was read after.
func (b *bank) straddle(from *keyView, i int32, want *spread) {
	n, _ := from.number(i)
	r := &from.requests[i]
	var to *keyView
	if op := b.ops[opKey{r.client, r.op}]; op != nil {
		to = b.byKey[op.Key2]
	}
	before, after := true, true // where nobody knows where to, both are possible
	if to != nil && to.lastNumber() != none {
		x, y := &from.requests[from.lastNumber()], &to.requests[to.lastNumber()]
		before, after = x.call < y.ret, y.call < x.ret
	}
	if before {
		want.maybe(n)
	}
	if after {
		want.maybe(-n)
	}
}

// culprit is the first account on which accepted changes overlapped.
func (c *Case) culprit(b *bank) *keyView {
	for _, k := range b.keys {
		if _, _, found := k.pair(); found {
			return k
		}
	}
	return b.keys[0]
}

// overlapping shows two accepted changes of one account that overlapped, with
// what they had read and what was left.
func (c *Case) overlapping(b *bank) []exhibit {
	k := c.culprit(b)
	ex := []exhibit{}
	if x, y, found := k.pair(); found {
		ex = append(ex, exhibit{at: k.from[x]}, exhibit{at: k.from[y]}, exhibit{at: x, offends: true}, exhibit{at: y, offends: true})
	}
	ex = append(ex, exhibit{at: k.lastNumber(), offends: true})
	for _, other := range b.keys {
		if other != k {
			ex = append(ex, exhibit{key: other, at: other.lastNumber()})
			break
		}
	}
	return ex
}

// sheets adds up each read of all accounts.
func (c *Case) sheets(b *bank, t *tally, total int64) {
	if len(b.lists) == 0 {
		return
	}
	type mark struct{ at, amount int64 }
	var begun, ended []mark // of transfers by two writes
	for _, op := range b.opsInOrder() {
		if !c.byTwoWrites(b, op) {
			continue
		}
		n := max(op.Amount, -op.Amount)
		begun = append(begun, mark{op.Call, n})
		if op.Outcome == history.Committed {
			ended = append(ended, mark{op.Return, n})
		}
	}
	for _, list := range [][]mark{begun, ended} {
		slices.SortFunc(list, func(a, b mark) int { return cmp.Compare(a.at, b.at) })
		for i := 1; i < len(list); i++ {
			list[i].amount += list[i-1].amount
		}
	}
	upTo := func(marks []mark, at int64, inclusive bool) int64 {
		n, _ := slices.BinarySearchFunc(marks, at, func(m mark, at int64) int {
			if m.at < at || inclusive && m.at == at {
				return -1
			}
			return 1
		})
		if n == 0 {
			return 0
		}
		return marks[n-1].amount
	}
	for _, s := range b.lists {
		var have int64
		all := true
		for _, k := range b.keys {
			n, there := s.balances[k.key]
			have += n
			all = all && there
		}
		if !all {
			continue
		}
		t.extra[0]++
		r := &s.key.requests[s.at]
		slack := upTo(begun, r.ret, true) - upTo(ended, r.call, false)
		if have >= total-slack && have <= total+slack {
			continue
		}
		t.found(1, func() Finding {
			sentence := who(r.client) + " read all accounts at one instant, and they add up to " + strconv.FormatInt(have, 10) + " instead of " +
				strconv.FormatInt(total, 10)
			if slack > 0 {
				sentence += "; transfers that were under way explain a difference of at most " + strconv.FormatInt(slack, 10)
			}
			return s.key.finding(c.strategy, sentence, append([]exhibit{{key: s.key, at: s.at, offends: true}}, c.during(b, r)...)...)
		})
	}
}

// during shows at most four changes that overlapped a read.
func (c *Case) during(b *bank, r *request) []exhibit {
	var ex []exhibit
	for _, k := range b.keys {
		for i := range k.requests {
			if q := &k.requests[i]; len(ex) < 4 && q.writes() && q.effect != refused && q.call <= r.ret && q.end() >= r.call {
				ex = append(ex, exhibit{key: k, at: int32(i)})
			}
		}
	}
	return ex
}

// byTwoWrites reports whether an operation moved its amount by two writes.
func (c *Case) byTwoWrites(b *bank, op *history.Operation) bool {
	k := b.byKey[op.Key]
	return k != nil && !k.moves
}

// opsInOrder lists a block's operations in the order of the history.
func (b *bank) opsInOrder() []*history.Operation {
	out := make([]*history.Operation, 0, len(b.ops))
	for _, op := range b.ops {
		out = append(out, op)
	}
	slices.SortFunc(out, func(x, y *history.Operation) int {
		return cmp.Or(cmp.Compare(x.Call, y.Call), cmp.Compare(x.Client, y.Client), cmp.Compare(x.Op, y.Op))
	})
	return out
}
