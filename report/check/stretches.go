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
