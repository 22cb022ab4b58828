package check

import "strconv"

// sums adds up what was added to a counter: by additions on the server, or by
// writes that were computed from a read of the same attempt.
type sums struct {
	decidable bool  // every amount is known
	adds      int64 // additions on the server
	sure      int64 // sum of accepted amounts
	lessest   int64 // least that unanswered ones may have added (their negative amounts)
	most      int64 // most that they may have added
	unsure    int64 // unanswered ones
	largest   int64 // absolute
	up, down  bool  // all amounts are >= 0, all are <= 0
}

func (k *keyView) sums() sums {
	s := sums{decidable: true, up: true, down: true}
	for i := range k.requests {
		r := &k.requests[i]
		if !r.writes() {
			continue
		}
		w, fresh := k.write(int32(i))
		if !fresh || w.effect == refused {
			continue
		}
		if r.step == add {
			s.adds++
		}
		n, known := k.amount(w.amount)
		if !known {
			s.decidable = false
			continue
		}
		s.up, s.down = s.up && n >= 0, s.down && n <= 0
		s.largest = max(s.largest, n, -n)
		if w.effect == applied {
			s.sure += n
			continue
		}
		s.unsure++
		s.lessest += min(n, 0)
		s.most += max(n, 0)
	}
	s.largest = max(s.largest, 1)
	return s
}

// amount is what request i adds to a counter.
func (k *keyView) amount(i int32) (int64, bool) {
	n, known := k.number(i)
	if !known || k.requests[i].step == add {
		return n, known
	}
	if k.from[i] == none {
		return 0, false
	}
	before, known := k.number(k.from[i])
	return n - before, known
}

// number is the value of request i as a whole number.
func (k *keyView) number(i int32) (int64, bool) {
	r := &k.requests[i]
	if r.value == 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(string(k.texts.raw(r.value)), 10, 64)
	return n, err == nil
}

// pair finds two accepted writes by different clients that overlapped.
func (k *keyView) pair() (a, b int32, found bool) {
	open := none
	for i := range k.requests {
		r := &k.requests[i]
		if !r.writes() || r.effect != applied {
			continue
		}
		if open != none {
			o := &k.requests[open]
			if o.client != r.client && o.ret >= r.call && r.ret >= o.call {
				return open, int32(i), true
			}
		}
		if open == none || r.ret > k.requests[open].ret {
			open = int32(i)
		}
	}
	return none, none, false
}

// initialValue is the value that set-up gave the key.
func (c *Case) initialValue(k *keyView) int64 {
	for i := range k.requests {
		if k.requests[i].step == setup {
			if n, known := k.number(int32(i)); known {
				return n
			}
		}
	}
	return c.plan.Workload.Initial
}
