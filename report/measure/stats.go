package measure

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/montanaflynn/stats"
	"golang.org/x/perf/benchmath"
)

// MinBlocks is the number of blocks a side below which no interval is printed
// and no difference claimed: an interval of a median at 95 % has an end only
// from 6 values on.
const MinBlocks = 6

// figure rounds to 6 significant digits, so that the same history gives the
// same bytes on machines that fuse multiplications and on those that do not.
// What is not a number has no figure.
func figure(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	return &v
}

func ratio(a, b float64) *float64 {
	if b == 0 {
		return nil
	}
	return figure(a / b)
}

func interval(lo, hi float64) *[2]float64 {
	a, b := figure(lo), figure(hi)
	if a == nil || b == nil {
		return nil
	}
	return &[2]float64{*a, *b}
}

// percentile is by nearest rank: the smallest value that at least p percent
// of the values do not exceed. NaN without values. Values must be sorted (the
// library sorts a copy, which is quick then).
func percentile(sorted []float64, p float64) float64 {
	v, err := stats.PercentileNearestRank(sorted, p)
	if err != nil {
		return math.NaN()
	}
	return v
}

// median of values, NaN without any.
func median(values []float64) float64 {
	v, err := stats.Median(values)
	if err != nil {
		return math.NaN()
	}
	return v
}

// medianCI returns the interval of the median of blocks' values at 95 % (exact
// order statistics, so rather more than 95 %), nil below [MinBlocks].
func medianCI(values []float64) *[2]float64 {
	if len(values) < MinBlocks {
		return nil
	}
	sum := benchmath.AssumeNothing.Summary(sample(values), 0.95)
	return interval(sum.Lo, sum.Hi)
}

// sample copies the values, because benchmath sorts what it is given.
func sample(values []float64) *benchmath.Sample {
	return benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
}

// jain is Jain's index of fairness, (sum x)^2 / (n sum x^2): 1 when all have
// the same, 1/n when one has all (Jain, Chiu, Hawe 1984, DEC-TR-301).
func jain(counts []int64) float64 {
	var sum, squares float64
	for _, n := range counts {
		sum += float64(n)
		squares += float64(n) * float64(n)
	}
	if squares == 0 {
		return math.NaN()
	}
	return sum * sum / (float64(len(counts)) * squares)
}

// effective estimates 1/sum p^2, the number of equally popular keys that would
// contend like these: from counts n_i of N accesses, sum p^2 is estimated
// without bias by sum n_i (n_i-1) / (N (N-1)). Pairs of accesses that met on
// one key, and all pairs, are added up over blocks.
type effective struct{ met, pairs float64 }

func (e *effective) add(counts map[int32]int64) {
	var n float64
	for _, c := range counts {
		n += float64(c)
		e.met += float64(c) * float64(c-1) // whole numbers below 2^53: the order of the map does not matter
	}
	e.pairs += n * (n - 1)
}

func (e *effective) keys() *float64 { return ratio(e.pairs, e.met) }

// grouped is n with separators of thousands.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
