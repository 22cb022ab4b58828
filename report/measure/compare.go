package measure

import (
	"fmt"
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// NoiseThreshold is the part of a figure below which a difference is not
// claimed, however sure it is: two runs of one program on one machine differ
// by that much for reasons that blocks do not average out. The value is that of
// criterion.rs.
const NoiseThreshold = 0.01

// alpha is the chance to claim a difference that is none, for all metrics of
// one family and pair of strategies together.
const alpha = 0.05

// Verdicts of a [Comparison].
const (
	Better       = "better"
	Worse        = "worse"
	NoDifference = "no-difference" // none was detected; there may be one
	WithinNoise  = "within-noise"  // there is one, too small to speak of
	NotCompared  = "not-compared"
)

// family is a question that several metrics answer; Holm's correction is over
// these. One family of all would miss a true effect of 20 % among blocks
// that vary by 10 % in one of seven comparisons of 10 blocks.
type family int

const (
	speed family = iota
	cost
	families
)

// metrics of a block that are compared, with the direction that is better.
var metrics = []struct {
	name   string
	family family
	of     func(*BlockFigures) *float64
	higher bool
}{
	{"goodput_per_s", speed, func(b *BlockFigures) *float64 { return b.Goodput }, true},
	{"time_to_commit_ms.p50", speed, func(b *BlockFigures) *float64 { return b.P50 }, false},
	{"time_to_commit_ms.p99", speed, func(b *BlockFigures) *float64 { return b.P99 }, false},
	{"conflicts.rate", cost, func(b *BlockFigures) *float64 { return b.ConflictRate }, false},
	{"amplification", cost, func(b *BlockFigures) *float64 { return b.Amplification }, false},
	{"abandon_rate", cost, func(b *BlockFigures) *float64 { return b.AbandonRate }, false},
	{"fairness_jain", cost, func(b *BlockFigures) *float64 { return b.Fairness }, true},
}

// Side is one side of a comparison: a strategy and its blocks.
type Side struct {
	Name   string
	Blocks []BlockFigures
	// Lost says why better and worse must not be said of this side: "lost 12
	// updates". Its figures are shown all the same.
	Lost string
}

// Pair is what is compared with what.
type Pair struct{ Base, Head Side }

// Compare compares each metric of each pair over their blocks. A difference
// is claimed only if the p of the U test is below 0.05, Holm-corrected over
// the pairs and over the metrics that answer the same question (how fast:
// goodput and times; how dear: conflicts, amplification, fairness, giving
// up), and the interval of the ratio lies outside the noise threshold.
func Compare(noise float64, pairs ...Pair) []Comparison {
	var out []Comparison
	var spans []span
	for _, pair := range pairs {
		for _, m := range metrics {
			a, b := values(pair.Base.Blocks, m.of), values(pair.Head.Blocks, m.of)
			cmp := Comparison{Base: pair.Base.Name, Head: pair.Head.Name, Metric: m.name, N: min(len(a), len(b)), Verdict: NotCompared,
				BaseMedian: figure(median(a)), HeadMedian: figure(median(b))}
			s := span{}
			if cmp.N > 0 {
				cmp.Ratio = ratio(median(b), median(a))
			}
			switch {
			case cmp.N == 0:
				cmp.Note = "no block has this figure on both sides"
			case cmp.N < MinBlocks:
				cmp.Note = fmt.Sprintf("needs at least %d blocks a side, has %d; raise load.repeat", MinBlocks, cmp.N)
			default:
				s = compare(a, b)
				if cmp.Ratio != nil {
					cmp.CI95 = interval(s.lo, s.hi)
				}
			}
			s.family = m.family
			out, spans = append(out, cmp), append(spans, s)
		}
	}
	for f := range families {
		holm(spans, f)
	}
	for i := range out {
		if !spans[i].tested {
			continue
		}
		pair := pairs[i/len(metrics)]
		out[i].P = figure(spans[i].p)
		out[i].Verdict = spans[i].verdict(metrics[i%len(metrics)].higher, noise)
		if lost := lost(pair.Base, pair.Head); lost != "" {
			out[i].Verdict, out[i].Note = NotCompared, lost
		}
	}
	return out
}

func lost(base, head Side) string {
	switch {
	case head.Lost != "":
		return fmt.Sprintf("%s %s: what it saves is not comparable", head.Name, head.Lost)
	case base.Lost != "":
		return fmt.Sprintf("%s %s: what it saves is not comparable", base.Name, base.Lost)
	}
	return ""
}

func values(blocks []BlockFigures, of func(*BlockFigures) *float64) []float64 {
	var out []float64
	for i := range blocks {
		out = known(out, of(&blocks[i]))
	}
	return out
}

// span is a tested difference: head / base with its interval.
type span struct {
	tested bool
	family family
	p      float64
	lo, hi float64
}

// compare tests two samples of at least [MinBlocks] values.
//
// The interval of the ratio is the set of ratios that the same U test does
// not reject at 5 %, so that it excludes 1 exactly when p is below 0.05
// (inversion of the test; Hodges and Lehmann 1963, on ratios of pairs). The
// ratio of the medians is kept inside.
func compare(base, head []float64) span {
	s := span{tested: true, p: benchmath.AssumeNothing.Compare(sample(base), sample(head)).P}
	pairs := make([]float64, 0, len(base)*len(head))
	for _, b := range base {
		for _, h := range head {
			switch {
			case h == b:
				pairs = append(pairs, 1) // 0 / 0 included: no difference
			default:
				pairs = append(pairs, h/b)
			}
		}
	}
	slices.Sort(pairs)
	k := rejected(len(base), len(head))
	s.lo, s.hi = pairs[k-1], pairs[len(pairs)-k]
	if r := median(head) / median(base); !math.IsNaN(r) {
		s.lo, s.hi = min(s.lo, r), max(s.hi, r)
	}
	return s
}

// rejected returns how many values of U the two-sided test of samples of n and
// m values rejects from one end; of the sorted ratios of pairs, the one of that
// rank is the end of the interval. It is at least 1 for n and m from
// [MinBlocks] on. Samples without ties are laid out for some U, and the
// library's test is asked.
func rejected(n, m int) int {
	base := make([]float64, n)
	for i := range base {
		base[i] = float64(i)
	}
	reject := func(u int) bool { // u pairs have head > base
		head := make([]float64, m)
		for i := range head {
			over := min(n, u)
			u -= over
			head[i] = float64(over) - 0.5 + float64(i+1)/float64(4*m)
		}
		return benchmath.AssumeNothing.Compare(sample(base), sample(head)).P < alpha
	}
	lo, hi := 0, n*m/2 // reject(lo-1), not reject(hi)
	for lo < hi {
		if mid := (lo + hi) / 2; reject(mid) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// holm replaces each p of a family by its Holm-corrected one (Holm 1979).
func holm(spans []span, f family) {
	order := []int{}
	for i := range spans {
		if spans[i].tested && spans[i].family == f {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case spans[a].p < spans[b].p:
			return -1
		case spans[a].p > spans[b].p:
			return 1
		}
		return 0
	})
	worst := 0.0
	for rank, i := range order {
		worst = max(worst, min(1, spans[i].p*float64(len(order)-rank)))
		spans[i].p = worst
	}
}

func (s span) verdict(higher bool, noise float64) string {
	if s.p >= alpha || s.lo <= 1 && 1 <= s.hi {
		return NoDifference
	}
	up := s.lo > 1+noise
	down := s.hi < 1/(1+noise)
	switch {
	case up && higher, down && !higher:
		return Better
	case up, down:
		return Worse
	}
	return WithinNoise
}
