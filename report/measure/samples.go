package measure

import (
	"math"
	"slices"
)

// samples are times in ns, in 4 bytes each where they lie in 0 .. 4.29 s: a
// run of 20 million requests has 40 million of them.
type samples struct {
	usual []uint32
	wide  []int64 // the others
}

func (s *samples) add(ns int64) {
	if ns >= 0 && ns <= math.MaxUint32 {
		s.usual = append(s.usual, uint32(ns))
		return
	}
	s.wide = append(s.wide, ns)
}

// join adds all of o.
func (s *samples) join(o *samples) {
	s.usual, s.wide = append(s.usual, o.usual...), append(s.wide, o.wide...)
}

func (s *samples) reset() { s.usual, s.wide = s.usual[:0], s.wide[:0] }

func (s *samples) len() int { return len(s.usual) + len(s.wide) }

func (s *samples) sort() {
	slices.Sort(s.usual)
	slices.Sort(s.wide)
}

// ms returns sample i of the sorted ones.
func (s *samples) ms(i int) float64 {
	below, _ := slices.BinarySearch(s.wide, 0)
	switch {
	case i < below:
		return float64(s.wide[i]) / 1e6
	case i < below+len(s.usual):
		return float64(s.usual[i-below]) / 1e6
	}
	return float64(s.wide[i-len(s.usual)]) / 1e6
}

// percentile is that of the sorted samples in ms, as [percentile] defines it.
func (s *samples) percentile(p float64) float64 {
	n := s.len()
	if n == 0 {
		return math.NaN()
	}
	return s.ms(max(int(math.Ceil(float64(n)*p/100)), 1) - 1)
}

// quantiles sorts the samples and summarises them in ms.
func (s *samples) quantiles() Quantiles {
	s.sort()
	n := s.len()
	q := Quantiles{N: int64(n)}
	if n == 0 {
		return q
	}
	q.P50, q.P90, q.P95 = figure(s.percentile(50)), figure(s.percentile(90)), figure(s.percentile(95))
	q.Max = figure(s.ms(n - 1))
	if n >= 100 {
		q.P99 = figure(s.percentile(99))
	}
	if n >= 1000 {
		q.P999 = figure(s.percentile(99.9))
	}
	return q
}
