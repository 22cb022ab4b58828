package check

import (
	"cmp"
	"slices"
)

// Mutual exclusion: two clients never hold the same lock at the same time.
//
// A hold is definite from the moment at which its grant had been answered to
// the moment at which its release was asked for; of a lock that expires, at
// most until its time to live after it was asked for (after it was last
// prolonged): the time that the answer granted, or, where it did not tell, the
// one that was asked for. Proven: that two definite holds overlapped. For locks whose
// grants and releases were all answered this is decided both ways. An
// unanswered grant is no hold; an unanswered release ends one when it was
// asked for. A lock that was never given back is held until it expires; one
// that does not expire is held for good, or, where faults were planned (a
// server may give back the lock of a client that is gone) or the record is cut
// off, until its holder last used it. A grant that a client is told of again
// while it holds is one hold. Cost: O(n log n).
// Grants that were refused at use or at release are counted in the evidence:
// they are the only trace of a double grant that the resource itself caught.

func checkExclusion(c *Case) Property {
	sum := c.perKey(c.exclusion)
	evidence := count(sum.extra[0], "grant") + ", " + number(sum.extra[1]) + " of them refused at use or at release; " +
		count(sum.exercised, "pair") + " of operations overlapped on a lock"
	return sum.verdict(evidence, c.idle())
}

// hold is a stretch in which a client surely had a lock.
type hold struct {
	from, to int64
	grant    int32
	end      int32 // the release, or the last use; none when it expired
	failed   bool  // refused at use or at release
}

func (c *Case) exclusion(k *keyView, t *tally) {
	lasts := k.whole && len(c.plan.Faults) == 0 && !c.foreign // nobody knows whether a foreign lock expires
	holds := k.holds(c.strategy.LeaseTTL, lasts)
	t.extra[0] += int64(len(holds))
	for _, h := range holds {
		if h.failed {
			t.extra[1]++
		}
	}
	t.exercised += k.pairs
	var longest *hold
	for i := range holds {
		h := &holds[i]
		if h.to <= h.from {
			continue
		}
		if longest != nil && h.from < longest.to {
			a, b := longest, h
			t.found(1, func() Finding {
				ga, gb := &k.requests[a.grant], &k.requests[b.grant]
				sentence := who(ga.client) + " and " + who(gb.client) + " held the lock on " + k.key + " at the same time"
				if until := min(a.to, b.to); until < forever {
					sentence += " for " + ms(until-b.from)
				}
				if ga.client == gb.client {
					sentence = who(ga.client) + " was granted the lock on " + k.key + " twice, the second time before the first hold had ended"
				}
				sentence += ": each had been granted it, and neither had asked to give it back"
				if c.strategy.LeaseTTL > 0 || len(k.granted) > 0 {
					sentence += " nor outlived it"
				}
				for _, w := range c.restarts() {
					if w.block == k.block && w.at > ga.call && w.at < gb.ret {
						sentence += "; the target was killed in between, and did not remember the first grant"
						break
					}
				}
				return k.finding(c.strategy, sentence, exhibit{at: a.grant, offends: true}, exhibit{at: b.grant, offends: true}, exhibit{at: a.end}, exhibit{at: b.end})
			})
		}
		if longest == nil || h.to > longest.to {
			longest = h
		}
	}
}

// lasts is how long a lock lasts from its grant on: as the answer told, else as
// long as it was asked for.
func (k *keyView) lasts(r *request, asked int64) int64 {
	if told := k.granted[r.line]; told > 0 {
		return told
	}
	return asked
}

// claim is what ties a request to the hold that it belongs to: its client, and
// the token that it was granted or presents (none where locks have no token).
type claim struct {
	client int32
	lock   uint32
}

// holds lists the definite holds of a key, by their beginnings. Without faults
// what was never given back is held to the end. A token may come back in a
// later hold of the same client, as a session's does.
func (k *keyView) holds(ttl int64, faultless bool) []hold {
	var order []int32 // by call
	grants := 0
	for i := range k.requests {
		r := &k.requests[i]
		if r.step == lock && r.good() {
			grants++
		}
		order = append(order, int32(i))
	}
	if grants == 0 {
		return nil
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(k.requests[a].call, k.requests[b].call) })
	out := make([]hold, 0, grants)
	used := make([]int64, 0, grants) // last use
	given := make([]bool, 0, grants) // back
	mine, anyones := map[claim]int{}, map[uint32]int{}
	for _, i := range order {
		r := &k.requests[i]
		at, known := mine[claim{r.client, r.lock}]
		if !known && r.lock != 0 && r.step != lock {
			at, known = anyones[r.lock] // another client may give it back
		}
		if r.step == lock {
			if !r.good() {
				continue
			}
			if known && r.lock != 0 && !given[at] && r.call <= out[at].to { // told again of the lock that it has
				if ttl := k.lasts(r, ttl); ttl > 0 {
					out[at].to = max(out[at].to, r.call+ttl)
				}
				continue
			}
			h := hold{from: r.ret, to: forever, grant: i, end: none}
			if ttl := k.lasts(r, ttl); ttl > 0 {
				h.to = r.call + ttl
			}
			mine[claim{r.client, r.lock}] = len(out)
			if r.lock != 0 {
				anyones[r.lock] = len(out)
			}
			out, used, given = append(out, h), append(used, h.from), append(given, false)
			continue
		}
		if !known || given[at] {
			continue
		}
		h := &out[at]
		switch r.step {
		case refresh:
			if ttl := k.lasts(r, ttl); r.good() && ttl > 0 {
				h.to = max(h.to, r.call+ttl)
			}
			used[at], h.end = max(used[at], r.call), i
		case unlock:
			given[at] = true
			if r.call < h.to {
				h.to, h.end = r.call, i
			}
			h.failed = h.failed || r.status >= 400 && r.status < 500
		default:
			if r.effect == refused && (r.class == locked || r.class == stale) {
				h.failed = true // it may have been lost before
				continue
			}
			used[at], h.end = max(used[at], r.call), i
		}
	}
	gone := k.unlocking()
	for i := range out {
		h := &out[i]
		if at := gone.from(k.requests[h.grant].call); at < h.to {
			h.to, h.failed = at, h.failed && h.end >= 0 && k.requests[h.end].call < at
		}
		if !given[i] && (h.to == forever && !faultless || !k.whole) {
			h.to = min(h.to, used[i]) // nothing tells that it lasted longer
		}
	}
	slices.SortFunc(out, func(a, b hold) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.grant, b.grant)) })
	return out
}

// unlocking are the deletes of a key that were not refused, by their calls; to
// is the latest end so far.
func (k *keyView) unlocking() unlocks {
	var out unlocks
	for i := range k.requests {
		if r := &k.requests[i]; r.step == remove && r.name == 0 && r.effect != refused {
			out = append(out, possible{r.call, r.end()})
		}
	}
	slices.SortFunc(out, func(a, b possible) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(out); i++ {
		out[i].to = max(out[i].to, out[i-1].to)
	}
	return out
}

// unlocks are stretches in which a key's locks may have ended by themselves.
type unlocks []possible

// from is the earliest instant at which a lock that was asked for at an instant
// may have been ended.
func (u unlocks) from(asked int64) int64 {
	n, _ := slices.BinarySearchFunc(u, asked, func(p possible, asked int64) int { return cmp.Compare(p.to, asked) })
	if n == len(u) {
		return forever
	}
	return u[n].from
}
