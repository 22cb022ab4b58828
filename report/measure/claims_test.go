//go:build !race

package measure

import (
	"math/rand/v2"
	"testing"
)

// cas runs compare-and-swap on one key by clients with random delays, on a
// virtual clock, and returns the figures of one block.
func cas(rng *rand.Rand, number, clients int, length float64, speed float64) BlockFigures {
	type client struct {
		planned, read, write float64
		attempts             int
	}
	window := func() float64 { return speed * (1 + rng.ExpFloat64()) }
	pause := func() float64 { return 6 * rng.ExpFloat64() }
	cs := make([]client, clients)
	for i := range cs {
		cs[i].planned = pause()
		cs[i].read = cs[i].planned
		cs[i].write = cs[i].read + window()
	}
	last := -1.0
	var attempts, conflicts, commits, gaveUp int64
	var ms []float64
	each := make([]int64, clients)
	for {
		next := 0
		for i := range cs {
			if cs[i].write < cs[next].write {
				next = i
			}
		}
		c := &cs[next]
		now := c.write
		if now > length {
			break
		}
		attempts++
		if last > c.read {
			conflicts++
			c.read = now
			if c.attempts++; c.attempts == 3 {
				gaveUp++
				c.planned, c.attempts = now+pause(), 0
				c.read = c.planned
			}
		} else {
			commits++
			each[next]++
			last = now
			ms = append(ms, now-c.planned)
			c.planned, c.attempts = now+pause(), 0
			c.read = c.planned
		}
		c.write = c.read + window()
	}
	q := sampled(ms).quantiles()
	return BlockFigures{Block: number, Goodput: figure(float64(commits) / length), ConflictRate: ratio(float64(conflicts), float64(attempts)),
		P50: q.P50, P99: q.P99, Amplification: ratio(float64(2*attempts), float64(commits)), Fairness: figure(jain(each)), AbandonRate: ratio(float64(gaveUp), float64(gaveUp+commits))}
}

// The same strategy under two names: how often is a difference claimed?
func TestBudgetOfFalseClaims(t *testing.T) {
	const comparisons, blocks = 1000, 10
	rng := rand.New(rand.NewPCG(6, 1))
	before, after := make([]int, len(metrics)), make([]int, len(metrics))
	for range comparisons {
		var a, b Side
		for i := range blocks {
			a.Blocks = append(a.Blocks, cas(rng, i, 4, 400, 1))
			b.Blocks = append(b.Blocks, cas(rng, i, 4, 400, 1))
		}
		for i, m := range metrics {
			if s := compare(values(a.Blocks, m.of), values(b.Blocks, m.of)); s.p < alpha {
				before[i]++
			}
		}
		for i, c := range Compare(NoiseThreshold, Pair{a, b}) {
			if c.Verdict == Better || c.Verdict == Worse {
				after[i]++
			}
		}
	}
	for i, m := range metrics {
		t.Logf("%-22s %4.1f %% before Holm and the noise threshold, %3.1f %% after", m.name, float64(before[i])/comparisons*100, float64(after[i])/comparisons*100)
		if before[i] < comparisons*2/100 || before[i] > comparisons*7/100 {
			t.Errorf("%s: %d of %d claimed before the noise threshold, want 2 to 7 %%", m.name, before[i], comparisons)
		}
		if after[i] > comparisons*2/100 {
			t.Errorf("%s: %d of %d claimed, want at most 2 %%", m.name, after[i], comparisons)
		}
	}
}

// A true effect of 20 % among blocks that vary by 10 %: how often is it claimed?
func TestBudgetOfMissedEffects(t *testing.T) {
	const comparisons, blocks = 1000, 10
	rng := rand.New(rand.NewPCG(6, 2))
	noise := func(v float64) *float64 { return figure(v * (1 + 0.1*rng.NormFloat64())) }
	claimed := 0
	for range comparisons {
		var a, b Side
		for i := range blocks {
			a.Blocks = append(a.Blocks, BlockFigures{Block: i, Goodput: noise(100), P50: noise(10), P99: noise(40), ConflictRate: noise(0.3), Amplification: noise(3), Fairness: noise(0.8)})
			b.Blocks = append(b.Blocks, BlockFigures{Block: i, Goodput: noise(120), P50: noise(10 / 1.2), P99: noise(40 / 1.2), ConflictRate: noise(0.3), Amplification: noise(3), Fairness: noise(0.8)})
		}
		if Compare(NoiseThreshold, Pair{a, b})[0].Verdict == Better {
			claimed++
		}
	}
	t.Logf("%d of %d claimed", claimed, comparisons)
	if claimed < comparisons*90/100 {
		t.Errorf("an effect of 20 %% was claimed in %d of %d, want at least 90 %%", claimed, comparisons)
	}
}
