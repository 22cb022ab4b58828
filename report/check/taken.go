package check

import "slices"

// takenRefusals judges refusals that say that a name exists or that a lock is
// held: somebody must have been able to have it.
func (c *Case) takenRefusals(k *keyView, t *tally) {
	if !k.takenAnywhere() {
		return
	}
	var holds, creates []possible
	released := k.releases()
	deleted, emptied := k.deleted(), k.emptied()
	missing, lasts := never, true // the latest read of nothing; nothing was ever deleted
	for i := range k.requests {
		r := &k.requests[i]
		if r.name == 0 && r.gone() {
			missing = max(missing, r.call)
		}
		lasts = lasts && (r.step != remove || r.effect == refused)
	}
	for i := range k.requests {
		r := &k.requests[i]
		switch {
		case r.step == lock && r.good():
			// A delete ends the lock (RFC 4918, 9.6.1), but x/net/webdav keeps it
			// until UNLOCK: a refusal in between is no lie.
			holds = append(holds, possible{r.call, released.after(r)})
		case r.step == lock && (r.status == 0 || r.status >= 500 || r.class == unreadable || r.fault):
			holds = append(holds, possible{r.call, forever})
		case r.writes() && r.step != create:
			holds = append(holds, possible{r.call, r.ret}) // some servers lock for a moment to write
		case r.step == setup:
			end := emptied.after(r.ret)
			if at, known := deleted[initial]; known {
				end = min(end, at)
			}
			creates = append(creates, possible{never, end})
		case r.step == create && (r.effect != refused || r.fault):
			end := forever
			if m := k.made[i]; m >= 0 {
				if at, known := deleted[m]; known {
					end = at
				}
			}
			if r.name == 0 && !r.fault { // a fault may deliver it once more
				end = min(end, emptied.after(r.end()))
			}
			from := r.call
			if lasts {
				from = max(from, missing)
			}
			creates = append(creates, possible{from, end})
		}
	}
	held, created := newStretches(holds), newStretches(creates)
	for i := range k.requests {
		r, at := &k.requests[i], int32(i)
		switch {
		case r.step == lock && r.class == locked && !r.fault:
			t.exercised++
			if !held.touch(r.call, r.ret) {
				t.found(1, func() Finding {
					return k.finding(c.strategy, who(r.client)+" was told that "+k.key+" is locked, but every lock on it that was ever granted had been given back before, or was asked for later",
						exhibit{at: k.before(at, unlock)}, exhibit{at: at, offends: true}, exhibit{at: k.afterwards(at, lock)})
				})
			}
		case r.step == create && r.class == exists && r.effect == refused:
			if k.name(r) == 0 || k.identify == "version" {
				t.exercised++
			}
			if !created.touch(r.call, r.ret) {
				t.found(1, func() Finding {
					return k.finding(c.strategy, who(r.client)+" was told that "+k.key+" exists, but nothing can have been there then: it had not been created yet, or had been deleted again",
						exhibit{at: k.before(at, remove)}, exhibit{at: at, offends: true}, exhibit{at: k.afterwards(at, create)}, exhibit{at: k.foundNothing(at)})
				})
			}
		}
	}
}

// takenAnywhere reports whether there is such a refusal at all.
func (k *keyView) takenAnywhere() bool {
	for i := range k.requests {
		if r := &k.requests[i]; r.step == lock && r.class == locked || r.step == create && r.class == exists {
			return true
		}
	}
	return false
}

// releases are the accepted releases of a key's locks, by who gave back what. A
// grant is a client with its token: two clients may be given the same text.
type releases struct {
	k     *keyView
	of    map[claim][]int32
	owner map[uint32]int32 // of a token that one client alone was granted
}

func (k *keyView) releases() releases {
	out := releases{k, map[claim][]int32{}, map[uint32]int32{}}
	for i := range k.requests {
		if r := &k.requests[i]; r.step == lock && r.good() && r.lock != 0 {
			if owner, known := out.owner[r.lock]; known && owner != r.client {
				out.owner[r.lock] = none
			} else {
				out.owner[r.lock] = r.client
			}
		}
	}
	for i := range k.requests {
		r := &k.requests[i]
		if r.step != unlock || !r.good() {
			continue
		}
		by := claim{r.client, r.lock}
		if owner, known := out.owner[r.lock]; known && owner != none {
			by.client = owner // another may give it back
		}
		out.of[by] = append(out.of[by], int32(i))
	}
	return out
}

// after is the instant by which a grant had surely been given back. A session's
// token comes back in later grants.
func (s *releases) after(grant *request) int64 {
	end := forever
	for _, u := range s.of[claim{grant.client, grant.lock}] {
		if q := &s.k.requests[u]; q.call >= grant.call {
			end = min(end, q.ret)
		}
	}
	return end
}

// ends are instants by which something had surely ended, with when that began.
type ends []possible

// emptied are the accepted deletes of a key that had no condition: what was there
// before one began is gone when it has been answered, whatever it was.
func (k *keyView) emptied() ends {
	var out ends
	for i := range k.requests {
		if r := &k.requests[i]; r.step == remove && r.effect == applied && r.expect == 0 && r.name == 0 {
			out = append(out, possible{r.call, r.ret})
		}
	}
	slices.SortFunc(out, func(a, b possible) int { return compare(a.from, b.from) })
	for i := len(out) - 2; i >= 0; i-- {
		out[i].to = min(out[i].to, out[i+1].to)
	}
	return out
}

// after is the earliest end of one that began after an instant.
func (e ends) after(at int64) int64 {
	n, _ := slices.BinarySearchFunc(e, at, func(p possible, at int64) int {
		if p.from <= at {
			return -1
		}
		return 1
	})
	if n == len(e) {
		return forever
	}
	return e[n].to
}

// deleted maps a created state, or the initial one, to the instant by which its
// whole line (the create and the writes on it) had surely been deleted.
func (k *keyView) deleted() map[int32]int64 {
	out := map[int32]int64{}
	for i := range k.requests {
		r := &k.requests[i]
		if r.step != remove || r.effect != applied {
			continue
		}
		s := k.base[i]
		for steps := 0; s >= 0 && steps < len(k.states); steps++ {
			if w := k.states[s].write; s == initial || w >= 0 && k.requests[w].step == create {
				if at, known := out[s]; !known || r.ret < at {
					out[s] = r.ret
				}
				break
			}
			s = k.states[s].base
		}
	}
	return out
}

// before is the last request of a step that ended before request i began.
func (k *keyView) before(i int32, step stepCode) int32 {
	best := none
	for j := range k.requests {
		r := &k.requests[j]
		if r.step == step && r.ret < k.requests[i].call && (best == none || r.ret > k.requests[best].ret) {
			best = int32(j)
		}
	}
	return best
}

// afterwards is the first request of a step that began after request i ended.
func (k *keyView) afterwards(i int32, step stepCode) int32 {
	best := none
	for j := range k.requests {
		r := &k.requests[j]
		if r.step == step && r.call > k.requests[i].ret && (best == none || r.call < k.requests[best].call) {
			best = int32(j)
		}
	}
	return best
}

// foundNothing is a read that began after request i ended and found nothing.
func (k *keyView) foundNothing(i int32) int32 {
	for j := range k.requests {
		if r := &k.requests[j]; r.gone() && r.call > k.requests[i].ret {
			return int32(j)
		}
	}
	return none
}
