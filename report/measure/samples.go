package measure

import (
	"encoding/binary"
	"math"
	"slices"
)

// samples are times in ns. A run of 20 million requests has 40 million of them,
// so those of 0 .. 4.29 s are packed as soon as a piece is full: sorted, each as
// its distance from the one before, which takes a byte or two.
type samples struct {
	usual []uint32 // all of them once they are sorted, else the last piece
	full  [][]byte
	n     int     // in full
	wide  []int64 // the others
}

// pieceSize is how many samples a piece holds.
const pieceSize = 16 << 10

func (s *samples) add(ns int64) {
	if ns < 0 || ns > math.MaxUint32 {
		s.wide = append(s.wide, ns)
		return
	}
	if len(s.usual) >= pieceSize {
		s.pack()
	}
	s.usual = append(s.usual, uint32(ns))
}

// pack turns the last piece into bytes.
func (s *samples) pack() {
	sortTimes(s.usual)
	packed, last := make([]byte, 0, 2*len(s.usual)), uint32(0)
	for _, v := range s.usual {
		packed = binary.AppendUvarint(packed, uint64(v-last))
		last = v
	}
	s.full, s.n = append(s.full, slices.Clone(packed)), s.n+len(s.usual)
	s.usual = s.usual[:0]
}

// join adds all of o.
func (s *samples) join(o *samples) {
	s.full, s.n = append(s.full, o.full...), s.n+o.n
	for _, ns := range o.usual {
		s.add(int64(ns))
	}
	s.wide = append(s.wide, o.wide...)
}

func (s *samples) reset() { s.usual, s.full, s.n, s.wide = s.usual[:0], nil, 0, s.wide[:0] }

func (s *samples) len() int { return s.n + len(s.usual) + len(s.wide) }

func (s *samples) sort() {
	if len(s.full) > 0 {
		all := make([]uint32, 0, s.n+len(s.usual))
		for i, packed := range s.full {
			for last := uint32(0); len(packed) > 0; {
				v, n := binary.Uvarint(packed)
				last, packed = last+uint32(v), packed[n:]
				all = append(all, last)
			}
			s.full[i] = nil
		}
		s.usual, s.full, s.n = append(all, s.usual...), nil, 0
	}
	sortTimes(s.usual)
	slices.Sort(s.wide)
}

// sortTimes sorts by counting, 11 bits at a time from the lowest on, where
// there are enough of them for that to be quicker.
func sortTimes(list []uint32) {
	const bits, few = 11, 1 << 14
	if len(list) < few {
		slices.Sort(list)
		return
	}
	from, to := list, make([]uint32, len(list))
	highest := slices.Max(list)
	for shift := 0; shift < 32 && highest>>shift > 0; shift += bits {
		var at [1 << bits]int
		for _, v := range from {
			at[v>>shift&(1<<bits-1)]++
		}
		sum := 0
		for i, n := range at {
			at[i], sum = sum, sum+n
		}
		for _, v := range from {
			digit := v >> shift & (1<<bits - 1)
			to[at[digit]] = v
			at[digit]++
		}
		from, to = to, from
	}
	if &from[0] != &list[0] {
		copy(list, from)
	}
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
