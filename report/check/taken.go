package check

import "slices"

// possible is a stretch of time in which somebody may have had something.
type possible struct{ from, to int64 }

// stretches answers whether any of them touches an interval, in O(log n).
type stretches struct {
	all []possible // by beginning
	far []int64    // the farthest end so far
}

func newStretches(all []possible) *stretches {
	slices.SortFunc(all, func(a, b possible) int { return compare(a.from, b.from) })
	s := &stretches{all: all, far: make([]int64, len(all))}
	far := never
	for i, p := range all {
		far = max(far, p.to)
		s.far[i] = far
	}
	return s
}

func (s *stretches) touch(from, to int64) bool {
	n, _ := slices.BinarySearchFunc(s.all, to, func(p possible, to int64) int {
		if p.from <= to {
			return -1
		}
		return 1
	})
	return n > 0 && s.far[n-1] >= from
}

// takenRefusals judges refusals that say that a name exists or that a lock is
// held: somebody must have been able to have it.
func (c *Case) takenRefusals(k *keyView, t *tally) {
	var holds, creates []possible
	released := map[uint32][]int32{} // lock token -> its accepted releases
	deleted := k.deleted()
	missing, lasts := never, true // the latest read of nothing; nothing was ever deleted
	for i := range k.requests {
		r := &k.requests[i]
		if r.name == 0 && r.gone() {
			missing = max(missing, r.call)
		}
		lasts = lasts && (r.step != remove || r.effect == refused)
	}
	for i := range k.requests {
		if r := &k.requests[i]; r.step == unlock && r.good() && r.lock != 0 {
			released[r.lock] = append(released[r.lock], int32(i))
		}
	}
	for i := range k.requests {
		r := &k.requests[i]
		switch {
		case r.step == lock && r.good():
			end := forever
			for _, u := range released[r.lock] { // a session's token comes back in later grants
				if q := &k.requests[u]; q.call >= r.call {
					end = min(end, q.ret)
				}
			}
			holds = append(holds, possible{r.call, end})
		case r.step == lock && (r.status == 0 || r.status >= 500 || r.fault):
			holds = append(holds, possible{r.call, forever})
		case r.writes() && r.step != create:
			holds = append(holds, possible{r.call, r.ret}) // some servers lock for a moment to write
		case r.step == setup:
			creates = append(creates, possible{never, forever})
		case r.step == create && (r.effect != refused || r.fault):
			end := forever
			if m := k.made[i]; m >= 0 {
				if at, known := deleted[m]; known {
					end = at
				}
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

// deleted maps a created state to the instant by which its whole line (the
// create and the writes on it) had surely been deleted.
func (k *keyView) deleted() map[int32]int64 {
	out := map[int32]int64{}
	for i := range k.requests {
		r := &k.requests[i]
		if r.step != remove || r.effect != applied {
			continue
		}
		s := k.base[i]
		for steps := 0; s > 0 && steps < len(k.states); steps++ {
			if w := k.states[s].write; w >= 0 && k.requests[w].step == create {
				out[s] = r.ret
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
