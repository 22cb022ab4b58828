package invariant

// shrinking is how many evaluations the search for a small contradiction may
// take, beyond those that found it.
const shrinking = 50_000

// shrink finds few operations that contradict the invariant by themselves:
// every other one is set free, which means that it may have been accepted,
// refused or never sent, and the invariant still cannot be true. It is delta
// debugging (Zeller and Hildebrandt, 2002) by halves: what is left cannot
// lose any single operation, unless the search ran out of evaluations.
func (s *search) shrink() []int {
	s.left = shrinking
	var kept []int
	for i := range s.c.Operations {
		if u := s.program.Uses(s.c.Operations[i].Name); u.Accepted || u.Refused {
			if s.c.Operations[i].Effect != Unanswered {
				kept = append(kept, i)
			}
		} else {
			s.free[i] = true
		}
	}
	for size := max(1, len(kept)/2); size >= 1 && s.left > 0; {
		before := len(kept)
		for from := 0; from < len(kept) && s.left > 0; {
			part := kept[from:min(from+size, len(kept))]
			if s.contradictsWithout(part) {
				kept = append(kept[:from:from], kept[from+len(part):]...)
			} else {
				from += len(part)
			}
		}
		switch {
		case size > 1:
			size /= 2
		case len(kept) == before:
			return kept
		}
	}
	return kept
}

// contradictsWithout sets a part free and reports whether the rest still
// contradicts; if not, the part is not free any more.
func (s *search) contradictsWithout(part []int) bool {
	for _, i := range part {
		s.free[i] = true
	}
	ok, why := s.satisfiable()
	if !ok && why == "" {
		return true
	}
	for _, i := range part {
		s.free[i] = false
	}
	return false
}
