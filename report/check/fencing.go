package check

import (
	"cmp"
	"slices"
	"strconv"
)

// Fencing: each grant of a lock carries a token greater than all before, and
// the resource accepts no write with a token smaller than one that it has
// already accepted.
//
// Proven: that a write with a smaller token was accepted although it began
// after a write with a greater one had been answered, or that a later grant
// carried no greater token. Tokens that are not whole numbers cannot be
// compared. Of overlapping writes either may have come first. An unanswered
// write counts when its state was seen and it was delivered but once (else the
// other delivery made it); it forces nothing on others.
// Cost: O(n log n).

func checkFencing(c *Case) Property {
	sum := c.perKey(c.fenced)
	evidence := listed(count(sum.extra[0], "grant")+" with a token", count(sum.extra[1], "guarded write")+" accepted", number(sum.refused)+" refused") +
		"; " + count(sum.exercised, "time") + " a write was accepted under another grant than the one before"
	return sum.verdict(evidence, "no two clients wrote under the lock of one key; raise load.clients or lower workload.keys")
}

type token struct {
	fence int64
	at    int32
	call  int64
	ret   int64
}

func (c *Case) fenced(k *keyView, t *tally) {
	var grants, writes []token
	for i := range k.requests {
		r := &k.requests[i]
		if r.fence == 0 {
			continue
		}
		n, err := strconv.ParseInt(string(k.texts.raw(r.fence)), 10, 64)
		if err != nil {
			t.cannot("the fencing tokens on " + k.key + " are not whole numbers")
			return
		}
		switch {
		case r.step == lock && r.good():
			grants = append(grants, token{n, int32(i), r.call, r.ret})
		case r.writes() && r.effect == applied:
			writes = append(writes, token{n, int32(i), r.call, r.ret})
		case r.writes() && r.effect == unknown && k.made[i] >= 0 && k.states[k.made[i]].seen && k.delivered[r.tag] == nil:
			writes = append(writes, token{n, int32(i), r.call, forever})
		case r.writes() && r.effect == refused:
			t.refused++
		}
	}
	t.extra[0] += int64(len(grants))
	t.extra[1] += int64(len(writes))
	for i := 1; i < len(writes); i++ {
		if writes[i].fence != writes[i-1].fence {
			t.exercised++
		}
	}
	falls(grants, true, func(older, newer token) {
		a, b := &k.requests[older.at], &k.requests[newer.at]
		if a.client == b.client && a.lock == b.lock && a.lock != 0 && older.fence == newer.fence {
			return // the same grant, told again
		}
		t.found(1, func() Finding {
			sentence := "the lock on " + k.key + " was granted to " + who(b.client) + " with fencing token " + strconv.FormatInt(newer.fence, 10) + " after " +
				who(a.client) + " had been granted it with " + strconv.FormatInt(older.fence, 10) + "; a later grant must carry a greater token"
			return k.finding(c.strategy, sentence, exhibit{at: older.at, offends: true}, exhibit{at: newer.at, offends: true})
		})
	})
	falls(writes, false, func(older, newer token) {
		t.found(1, func() Finding {
			a, b := &k.requests[older.at], &k.requests[newer.at]
			sentence := who(b.client) + "'s write with fencing token " + strconv.FormatInt(newer.fence, 10) + " was accepted, although it began " + ms(b.call-a.ret) +
				" after a write with token " + strconv.FormatInt(older.fence, 10) + " by " + who(a.client) + " had been accepted"
			return k.finding(c.strategy, sentence, exhibit{at: k.grantOf(grants, newer.fence)}, exhibit{at: k.grantOf(grants, older.fence)},
				exhibit{at: older.at, offends: true}, exhibit{at: newer.at, offends: true})
		})
	})
}

// falls reports each token that is smaller than (or, when strict, not greater
// than) one whose request had ended before its own began.
func falls(tokens []token, strict bool, report func(older, newer token)) {
	byRet := slices.Clone(tokens)
	slices.SortStableFunc(tokens, func(a, b token) int { return cmp.Compare(a.call, b.call) })
	slices.SortStableFunc(byRet, func(a, b token) int { return cmp.Compare(a.ret, b.ret) })
	next, best := 0, -1
	for _, now := range tokens {
		for next < len(byRet) && byRet[next].ret < now.call {
			if best < 0 || byRet[next].fence > byRet[best].fence {
				best = next
			}
			next++
		}
		if best >= 0 && (now.fence < byRet[best].fence || strict && now.fence == byRet[best].fence) {
			report(byRet[best], now)
		}
	}
}

func (k *keyView) grantOf(grants []token, fence int64) int32 {
	for _, g := range grants {
		if g.fence == fence {
			return g.at
		}
	}
	return none
}
