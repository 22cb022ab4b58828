package runner

import (
	"fmt"
	"math"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"tussle/runner/draw"
	"tussle/scenarios"
)

// maxArrivals bounds the schedule of one block.
const maxArrivals = 5_000_000

// schedule returns the intended starts of one block in ns from its start,
// from a vegeta pacer on a virtual clock: since pacers are pure, the exact
// arrivals are known before the first request, and none is ever behind.
func schedule(rate string, length time.Duration, seed draw.Seed, block int) ([]int64, error) {
	p, poisson, err := pacer(rate)
	if err != nil {
		return nil, err
	}
	var out []int64
	t := time.Duration(0)
	sum := 0.0
	for n := uint64(0); ; n++ {
		wait, stop := p.Pace(t, n)
		t += max(wait, 0)
		if stop || t >= length {
			return out, nil
		}
		at := t
		if poisson {
			// The pacer gives the mean; the gaps are exponential.
			sum += draw.Exp(seed.Unit(draw.Pause, block, int(n), 0))
			at = time.Duration(sum * float64(time.Second) / p.Rate(0))
			if at >= length {
				return out, nil
			}
		}
		if len(out) == maxArrivals {
			return nil, fmt.Errorf("rate %q makes more than %d arrivals in one block; lower it", rate, maxArrivals)
		}
		out = append(out, int64(at))
	}
}

// pacer is the vegeta pacer of a rate; the loader's grammar is the only one.
func pacer(text string) (p vegeta.Pacer, poisson bool, err error) {
	r, err := scenarios.ParseRate(text)
	if err != nil {
		return nil, false, fmt.Errorf("rate: %w", err)
	}
	switch r.Kind {
	case "sine":
		return vegeta.SinePacer{Period: r.Period, Mean: frequency(r.Mean), Amp: frequency(r.Amp)}, false, nil
	case "ramp":
		return vegeta.LinearPacer{StartAt: frequency(r.Mean), Slope: r.Slope}, false, nil
	}
	return frequency(r.Mean), r.Kind == "poisson", nil
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

// meanRate is the first number of a rate, per second, for a sweep's axis.
func meanRate(text string) float64 {
	r, _ := scenarios.ParseRate(text) // the loader has read it
	return r.Mean
}
