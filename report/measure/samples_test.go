package measure

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// sampled makes samples of times in ms.
func sampled(ms []float64) *samples {
	s := &samples{}
	for _, v := range ms {
		s.add(int64(math.Round(v * 1e6)))
	}
	return s
}

// Samples in 4 bytes give the same figures as times in full, also beyond
// 4.29 s and below 0.
func TestSamplesAreExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{1, 2, 99, 100, 101, 1000, 2345, 60_000} {
		var s samples
		var ms []float64
		for range n {
			ns := rng.Int64N(12e9) - 1e9
			s.add(ns)
			ms = append(ms, float64(ns)/1e6)
		}
		slices.Sort(ms)
		s.sort()
		for i, want := range ms {
			if got := s.ms(i); got != want {
				t.Fatalf("sample %d of %d: %v, want %v", i, n, got, want)
			}
		}
		for _, p := range []float64{0.1, 50, 90, 95, 99, 99.9, 100} {
			if got, want := s.percentile(p), percentile(ms, p); got != want {
				t.Errorf("p%v of %d: %v, want %v", p, n, got, want)
			}
		}
	}
	var all samples // in two halves, of which the second is joined
	var half samples
	var want []uint32
	for i := range 3 * pieceSize {
		ns := rng.Uint32N(1 << 20)
		want = append(want, ns)
		if i < pieceSize {
			all.add(int64(ns))
		} else {
			half.add(int64(ns))
		}
	}
	all.join(&half)
	slices.Sort(want)
	if all.sort(); !slices.Equal(all.usual, want) || all.len() != len(want) {
		t.Error("joined samples are not all there, or not in order")
	}
	if !math.IsNaN((&samples{}).percentile(50)) {
		t.Error("no samples have a median")
	}
}
