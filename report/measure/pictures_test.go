package measure

import "testing"

// even is a strategy with the same number of commits in each of n slices of 10 ms.
func even(n int, commits int64) *series {
	s := &series{width: 10e6}
	for i := range n {
		sl := slice{length: 10e6, commits: commits}
		for k := range commits {
			sl.ms.add((int64(i) + k) * 1e6)
		}
		s.slices = append(s.slices, sl)
	}
	return s
}

// Slices are drawn together until the slowest strategy has 20 commits in one,
// but 15 are left; all strategies have the same ones.
func TestSlicesAreDrawnTogetherWhereTheyHoldLittle(t *testing.T) {
	for _, c := range []struct {
		name string
		all  []*series
		want int
	}{
		{"enough in each", []*series{even(60, 20), even(60, 200)}, 1},
		{"the slowest decides", []*series{even(60, 10), even(60, 200)}, 2},
		{"a part is a whole one more", []*series{even(60, 9)}, 3},
		{"fifteen are left", []*series{even(60, 1)}, 4},
		{"few slices stay as they are", []*series{even(8, 1)}, 1},
		{"a strategy without commits decides nothing", []*series{even(60, 0), even(60, 10)}, 2},
		{"no strategy", nil, 1},
	} {
		if got := together(c.all); got != c.want {
			t.Errorf("%s: %d slices as one, want %d", c.name, got, c.want)
		}
	}
	got := even(6, 3).buckets(4)
	if len(got) != 2 || got[0].At != 0 || got[1].At != 0.04 {
		t.Fatalf("%d buckets: %+v", len(got), got)
	}
	if got[0].Goodput != 300 || got[1].Goodput != 300 {
		t.Errorf("12 commits in 40 ms are 300 a second, got %v and %v", got[0].Goodput, got[1].Goodput)
	}
	if got[0].P50 == nil || *got[0].P50 != 2 || got[0].P99 != nil {
		t.Errorf("the median of 0 1 2, 1 2 3, 2 3 4, 3 4 5 is 2 (the sixth of twelve), and there is no p99; got %v and %v", got[0].P50, got[0].P99)
	}
	if short := even(5, 3).buckets(4); len(short) != 1 {
		t.Errorf("a last slice of a quarter is left out, got %d", len(short))
	}
}
