package runner

import (
	"math"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"tussle/runner/draw"
	"tussle/scenarios"
)

// schedule returns the intended starts of one block in ns from its start,
// from a vegeta pacer on a virtual clock: since pacers are pure, the exact
// arrivals are known before the first request, and none is ever behind.
func schedule(rate scenarios.Rate, length time.Duration, seed draw.Seed, block int) []int64 {
	p := pacer(rate)
	var out []int64
	t := time.Duration(0)
	sum := 0.0
	for n := uint64(0); ; n++ {
		wait, stop := p.Pace(t, n)
		t += max(wait, 0)
		if stop || t >= length {
			return out
		}
		at := t
		if rate.Kind == "poisson" {
			// The pacer gives the mean; the gaps are exponential.
			sum += draw.Exp(seed.Unit(draw.Pause, block, int(n), 0))
			at = time.Duration(sum * float64(time.Second) / p.Rate(0))
			if at >= length {
				return out
			}
		}
		out = append(out, int64(at))
	}
}

// pacer is the vegeta pacer of a rate.
func pacer(r scenarios.Rate) vegeta.Pacer {
	switch r.Kind {
	case "sine":
		return vegeta.SinePacer{Period: r.Period, Mean: frequency(r.Mean), Amp: frequency(r.Amp)}
	case "ramp":
		return vegeta.LinearPacer{StartAt: frequency(r.Mean), Slope: r.Slope}
	}
	return frequency(r.Mean)
}

// frequency is a rate per second in the whole numbers that vegeta counts in.
func frequency(perSecond float64) vegeta.Rate {
	for _, per := range []time.Duration{time.Second, time.Minute} {
		if n := perSecond * per.Seconds(); math.Abs(n-math.Round(n)) < 1e-9*n {
			return vegeta.Rate{Freq: int(math.Round(n)), Per: per}
		}
	}
	return vegeta.Rate{Freq: int(math.Round(perSecond * 3600)), Per: time.Hour} // rates are whole numbers, by the hour at the slowest
}
