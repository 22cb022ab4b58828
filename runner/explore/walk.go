package explore

// step is one choice of an order that was carried out.
type step struct {
	chosen  int
	enabled []int  // requests with a statement to let go, in ascending order
	reads   []bool // of each enabled one: its statement only reads
}

func (s *step) read(who int) bool {
	for i, e := range s.enabled {
		if e == who {
			return s.reads[i]
		}
	}
	return false
}

// independent reports whether the next statements of two requests give the
// same in either order: both only read.
func (s *step) independent(a, b int) bool { return s.read(a) && s.read(b) }

// branch is a prefix of choices that is to be followed next. Asleep are
// requests whose next statement need not be tried at its end: an order in which
// it came earlier has shown all that it can.
type branch struct {
	choices []int
	asleep  []int
}

// walk enumerates orders depth first, without keeping states: a prefix is
// followed again, then extended. Prefixes with fewer preemptions come first, so
// that at any moment every order with less than some number of them has been
// walked.
type walk struct {
	every   bool       // leave nothing out
	waiting [][]branch // by preemptions
	seen    map[string]bool
}

func newWalk(every bool) *walk {
	return &walk{every: every, waiting: [][]branch{{{}}}, seen: map[string]bool{}}
}

// next returns the prefix to follow, and how many preemptions all that is left
// has at least; false when all orders were walked.
func (w *walk) next() (b branch, preemptions int, more bool) {
	for n := range w.waiting {
		if list := w.waiting[n]; len(list) > 0 {
			w.waiting[n] = list[:len(list)-1]
			return list[len(list)-1], n, true
		}
	}
	return branch{}, len(w.waiting), false
}

// choose picks at a choice beyond the prefix: on with who ran, unless it is
// asleep; then the first that is awake. It also tells who sleeps after that,
// and whether everybody slept, so that the order shows nothing new.
func (w *walk) choose(s *step, last int, asleep []int) (who int, useless bool) {
	for _, e := range s.enabled {
		if e == last && !has(asleep, e) {
			return e, false
		}
	}
	for _, e := range s.enabled {
		if !has(asleep, e) {
			return e, false
		}
	}
	return s.enabled[0], true
}

// sleep tells who still sleeps after the choice.
func (w *walk) sleep(s *step, asleep []int) []int {
	var out []int
	for _, a := range asleep {
		if a != s.chosen && s.independent(a, s.chosen) {
			out = append(out, a)
		}
	}
	return out
}

// grow takes an order that was carried out along a prefix, and plans what
// branches off from it. It reports whether the order is new.
func (w *walk) grow(b branch, steps []step) bool {
	id := make([]byte, len(steps))
	for i := range steps {
		id[i] = byte('A' + steps[i].chosen)
	}
	if w.seen[string(id)] {
		return false
	}
	w.seen[string(id)] = true
	asleep := b.asleep
	for i := len(b.choices); i < len(steps); i++ {
		s := &steps[i]
		tried := append([]int(nil), asleep...)
		tried = append(tried, s.chosen)
		for _, e := range s.enabled {
			if has(tried, e) {
				continue
			}
			n := branch{choices: append(chosen(steps[:i]), e)}
			if !w.every {
				for _, a := range tried {
					if s.independent(a, e) {
						n.asleep = append(n.asleep, a)
					}
				}
			}
			w.add(n, preemptions(steps[:i], s, e))
			tried = append(tried, e)
		}
		asleep = w.sleep(s, asleep)
	}
	return true
}

func (w *walk) add(b branch, preemptions int) {
	for len(w.waiting) <= preemptions {
		w.waiting = append(w.waiting, nil)
	}
	w.waiting[preemptions] = append(w.waiting[preemptions], b)
}

func chosen(steps []step) []int {
	out := make([]int, 0, len(steps)+1)
	for i := range steps {
		out = append(out, steps[i].chosen)
	}
	return out
}

// preemptions counts the choices that left a request which could have gone
// on, of some steps and then of choosing who.
func preemptions(steps []step, then *step, who int) int {
	n := 0
	for i := 1; i < len(steps); i++ {
		if before := steps[i-1].chosen; steps[i].chosen != before && has(steps[i].enabled, before) {
			n++
		}
	}
	if then != nil && len(steps) > 0 {
		if before := steps[len(steps)-1].chosen; who != before && has(then.enabled, before) {
			n++
		}
	}
	return n
}

func has(list []int, v int) bool {
	for _, e := range list {
		if e == v {
			return true
		}
	}
	return false
}
