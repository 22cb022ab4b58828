package measure

import (
	"math"
	"slices"
	"testing"

	"golang.org/x/perf/benchmath"
)

// The library's nearest rank, pinned: a percentile is a value that happened.
func TestPercentileIsNearestRank(t *testing.T) {
	upTo := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = float64(i + 1)
		}
		return v
	}
	for _, c := range []struct {
		n       int
		p, want float64
	}{
		{1, 50, 1}, {2, 50, 1}, {3, 50, 2}, {4, 50, 2}, {5, 50, 3}, {10, 90, 9}, {10, 95, 10}, {20, 95, 19}, {100, 99, 99},
		{101, 99, 100}, {1000, 99.9, 999}, {1001, 99.9, 1000}, {1000, 99, 990}, {10000, 99.9, 9990}, {7, 100, 7},
	} {
		if got := percentile(upTo(c.n), c.p); got != c.want {
			t.Errorf("p%v of 1..%d: %v, want %v", c.p, c.n, got, c.want)
		}
	}
	gaps := []float64{1, 2, 1000}
	if got := percentile(gaps, 60); got != 2 {
		t.Errorf("p60 of %v: %v was interpolated", gaps, got)
	}
	if !math.IsNaN(percentile(nil, 50)) {
		t.Error("no values have a percentile")
	}
}

func TestPercentilesOnlyWhereTheSampleSupportsThem(t *testing.T) {
	for _, c := range []struct {
		n         int
		p99, p999 bool
	}{{0, false, false}, {1, false, false}, {99, false, false}, {100, true, false}, {999, true, false}, {1000, true, true}} {
		v := make([]float64, c.n)
		for i := range v {
			v[i] = float64(c.n - i)
		}
		q := sampled(v).quantiles()
		if (q.P99 != nil) != c.p99 || (q.P999 != nil) != c.p999 || (q.P50 != nil) != (c.n > 0) || (q.Max != nil) != (c.n > 0) || q.N != int64(c.n) {
			t.Errorf("%d values: %+v", c.n, q)
		}
	}
}

// The interval of a median goes from one order statistic to another; it holds
// the median with the binomial probability of as many values below it.
func TestIntervalOfAMedianCoversIt(t *testing.T) {
	for n := MinBlocks; n <= 40; n++ {
		v := make([]float64, n)
		for i := range v {
			v[i] = float64(n - i)
		}
		ci := medianCI(v)
		if ci == nil {
			t.Fatalf("n = %d: no interval", n)
		}
		cover, term := 0.0, math.Pow(0.5, float64(n)) // term = P(k values below the median)
		for k := 0; k <= n; k++ {
			if float64(k) >= ci[0] && float64(k) < ci[1] {
				cover += term
			}
			term *= float64(n-k) / float64(k+1)
		}
		if cover < 0.95 || cover > 0.99 {
			t.Errorf("n = %d: ranks %v cover the median with %.4f", n, *ci, cover)
		}
	}
	if ci := medianCI([]float64{6, 1, 4, 3, 2, 5}); *ci != [2]float64{1, 6} {
		t.Errorf("six values: %v", *ci)
	}
	if ci := medianCI([]float64{1, 2, 3, 4, 5}); ci != nil {
		t.Errorf("five values have the interval %v", *ci)
	}
}

// The smallest p of the exact U test: 2 / C(2n, n).
func TestSmallestPOfTheUTest(t *testing.T) {
	for n, want := range map[int]float64{4: 0.028571, 5: 0.0079365, 6: 0.0021645} {
		var a, b []float64
		for i := range n {
			a, b = append(a, float64(i)), append(b, float64(100+i))
		}
		if p := benchmath.AssumeNothing.Compare(sample(a), sample(b)).P; math.Abs(p-want) > 1e-6 {
			t.Errorf("n = %d: p %v, want %v", n, p, want)
		}
	}
}

func TestJain(t *testing.T) {
	for _, c := range []struct {
		counts []int64
		want   float64
	}{{[]int64{5, 5, 5, 5}, 1}, {[]int64{8, 0, 0, 0}, 0.25}, {[]int64{1, 2, 3}, 36.0 / 42}} {
		if got := jain(c.counts); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v: %v, want %v", c.counts, got, c.want)
		}
	}
	if !math.IsNaN(jain([]int64{0, 0})) {
		t.Error("nobody committed, and there is a fairness")
	}
}

// Zipf with theta over K keys contends like so many equally popular ones
// (sum of k^-theta squared over sum of k^-2theta).
func TestEffectiveKeysOfZipf(t *testing.T) {
	for _, c := range []struct {
		keys        int
		theta, want float64
	}{{10, 0, 10}, {10, 0.6, 8.03}, {10, 0.99, 5.593}, {100, 0.6, 53.26}, {100, 0.99, 16.96}, {1000, 0.8, 106}, {1000, 0.99, 35.92}, {1000, 1.2, 13.6}} {
		counts := map[int32]int64{}
		sum := 0.0
		for k := 1; k <= c.keys; k++ {
			sum += math.Pow(float64(k), -c.theta)
		}
		for k := 1; k <= c.keys; k++ {
			counts[int32(k)] = int64(1e7 * math.Pow(float64(k), -c.theta) / sum)
		}
		var e effective
		e.add(counts)
		if got := *e.keys(); math.Abs(got-c.want) > 0.005*c.want {
			t.Errorf("%d keys, theta %v: %.4g, want %v", c.keys, c.theta, got, c.want)
		}
	}
}

// From few accesses, sum n^2 / N^2 would count every access as meeting itself.
func TestEffectiveKeysOfFewAccessesAreNotTooFew(t *testing.T) {
	var e effective
	for range 100 { // blocks in which 20 accesses hit each of 10 keys twice
		counts := map[int32]int64{}
		for k := range int32(10) {
			counts[k] = 2
		}
		e.add(counts)
	}
	if got := *e.keys(); got != 19 { // pairs 20*19, met 10*2
		t.Errorf("%v", got)
	}
	var none effective
	none.add(map[int32]int64{1: 1, 2: 1, 3: 1})
	if none.keys() != nil {
		t.Error("no two accesses met, and there is a number of effective keys")
	}
}

func TestFiguresHaveSixDigitsAndNoInfinity(t *testing.T) {
	if got := *figure(1234.56789); got != 1234.57 {
		t.Errorf("%v", got)
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if figure(v) != nil {
			t.Errorf("%v is a figure", v)
		}
	}
	if ratio(1, 0) != nil || interval(1, math.Inf(1)) != nil {
		t.Error("a ratio to nothing, or an interval without end, is a figure")
	}
}

func TestCurveIsMadeOfValuesThatHappened(t *testing.T) {
	for _, n := range []int{0, 1, 2, 10, 5000} {
		v := make([]float64, n)
		for i := range v {
			v[i] = float64(i+1) * 2
		}
		pts := curve(sampled(v))
		if len(pts) > maxPoints || n > 0 && len(pts) == 0 {
			t.Fatalf("%d values: %d points", n, len(pts))
		}
		for i, p := range pts {
			if !slices.Contains(v, p.Y) || i > 0 && (p.X <= pts[i-1].X || p.Y <= pts[i-1].Y) {
				t.Errorf("%d values, point %d: %+v", n, i, p)
			}
		}
		if n > 0 && (pts[0] != Point{1, 2} || pts[len(pts)-1].Y != v[n-1] || pts[len(pts)-1].X != float64(n)) {
			t.Errorf("%d values: ends %+v and %+v", n, pts[0], pts[len(pts)-1])
		}
	}
}
