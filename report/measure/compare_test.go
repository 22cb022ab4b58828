package measure

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Two-sided 5 % points of the U test: the largest U that is rejected, from
// the usual table (Mann and Whitney 1947 and later), plus one.
func TestIntervalOfARatioUsesTheTablesOfTheUTest(t *testing.T) {
	for _, c := range []struct{ n, m, critical int }{{6, 6, 5}, {7, 7, 8}, {8, 8, 13}, {10, 10, 23}, {6, 10, 11}, {12, 12, 37}, {20, 20, 127}} {
		if got := rejected(c.n, c.m); got != c.critical+1 {
			t.Errorf("%d and %d values: %d values of U rejected, table says %d", c.n, c.m, got, c.critical+1)
		}
	}
}

// The interval excludes 1 exactly when p is below 0.05, because it is made of
// the same test.
func TestIntervalAndTestAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	out, in := 0, 0
	for range 400 {
		n, m := 6+rng.IntN(6), 6+rng.IntN(6)
		shift := 1 + 0.2*rng.Float64()
		a, b := make([]float64, n), make([]float64, m)
		for i := range a {
			a[i] = math.Exp(0.1 * rng.NormFloat64())
		}
		for i := range b {
			b[i] = shift * math.Exp(0.1*rng.NormFloat64())
		}
		s := compare(a, b)
		excludes := s.lo > 1 || s.hi < 1
		if excludes {
			out++
		} else {
			in++
		}
		ratio := median(b) / median(a)
		if excludes != (s.p < alpha) && !(ratio == s.lo || ratio == s.hi) { // widened to hold the ratio of medians
			t.Fatalf("p %.4f, interval [%.4f, %.4f]", s.p, s.lo, s.hi)
		}
		if ratio < s.lo || ratio > s.hi {
			t.Fatalf("the ratio of medians %.4f is outside [%.4f, %.4f]", ratio, s.lo, s.hi)
		}
	}
	if out < 50 || in < 50 {
		t.Errorf("%d intervals exclude 1 and %d do not: the test saw one kind only", out, in)
	}
}

func TestHolmMultipliesTheSmallestMost(t *testing.T) {
	spans := []span{{tested: true, p: 0.04}, {}, {tested: true, p: 0.01}, {tested: true, p: 0.02}, {tested: true, family: cost, p: 0.01}}
	holm(spans, speed)
	for i, want := range []float64{0.04, 0, 0.03, 0.04, 0.01} {
		if math.Abs(spans[i].p-want) > 1e-12 {
			t.Errorf("p %d: %v, want %v", i, spans[i].p, want)
		}
	}
}

// side makes a side whose blocks have the given goodput and otherwise equal figures.
func side(name string, goodput ...float64) Side {
	s := Side{Name: name}
	for i, g := range goodput {
		s.Blocks = append(s.Blocks, BlockFigures{Block: i, Goodput: figure(g), ConflictRate: figure(0), Amplification: figure(4)})
	}
	return s
}

func TestVerdictOfAComparison(t *testing.T) {
	slow := side("slow", 100, 101, 102, 103, 104, 105, 106, 107)
	for _, c := range []struct {
		name       string
		base, head Side
		want       string
	}{
		{"far apart, higher is better", slow, side("fast", 200, 201, 202, 203, 204, 205, 206, 207), Better},
		{"far apart, lower is worse", side("fast", 200, 201, 202, 203, 204, 205, 206, 207), slow, Worse},
		{"the same values", slow, slow, NoDifference},
		{"surely apart by 1 %", side("a", 1000, 1000.1, 1000.2, 1000.3, 1000.4, 1000.5), side("b", 1010, 1010.1, 1010.2, 1010.3, 1010.4, 1010.5), WithinNoise},
		{"far apart, but five blocks", side("a", 1, 2, 3, 4, 5), side("b", 100, 200, 300, 400, 500), NotCompared},
		{"nothing on one side", slow, Side{Name: "none"}, NotCompared},
		{"fast, but it lost updates", slow, Side{Name: "liar", Lost: "lost 3 updates", Blocks: side("", 500, 501, 502, 503, 504, 505).Blocks}, NotCompared},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Compare(NoiseThreshold, Pair{c.base, c.head})[0]
			if got.Metric != "goodput_per_s" || got.Verdict != c.want {
				t.Errorf("%s: %s (p %v, interval %v), want %s", got.Metric, got.Verdict, got.P, got.CI95, c.want)
			}
			if c.want == NotCompared && got.Note == "" {
				t.Error("not compared, and no note says why")
			}
			if c.want == NotCompared && got.N < MinBlocks && (got.P != nil || got.CI95 != nil) {
				t.Error("too few blocks, yet there is an interval or a p")
			}
			if c.head.Lost != "" && (got.Ratio == nil || got.HeadMedian == nil) {
				t.Error("the figures of a strategy that lost updates are still shown")
			}
		})
	}
}

func conflictRate(list []Comparison) Comparison {
	i := slices.IndexFunc(list, func(c Comparison) bool { return c.Metric == "conflicts.rate" })
	return list[i]
}

// A lock has no conflicts: the ratio has no base, but the difference is plain.
func TestConflictRateAgainstNone(t *testing.T) {
	base, head := side("lock", 1, 2, 3, 4, 5, 6), side("cas", 1, 2, 3, 4, 5, 6)
	for i := range head.Blocks {
		head.Blocks[i].ConflictRate = figure(0.3 + float64(i)/100)
	}
	got := conflictRate(Compare(NoiseThreshold, Pair{base, head}))
	if got.Verdict != Worse || got.Ratio != nil || got.CI95 != nil {
		t.Errorf("%+v, want worse without a ratio", got)
	}
	back := conflictRate(Compare(NoiseThreshold, Pair{head, base}))
	if back.Verdict != Better || back.Ratio == nil || *back.Ratio != 0 {
		t.Errorf("%+v, want better with ratio 0", back)
	}
}

func TestComparingLeavesTheBlocksAsTheyWere(t *testing.T) {
	a := side("a", 9, 3, 7, 1, 5, 8, 2)
	was := values(a.Blocks, metrics[0].of)
	Compare(NoiseThreshold, Pair{a, a})
	if !slices.Equal(was, values(a.Blocks, metrics[0].of)) {
		t.Error("the values were sorted in place")
	}
}
