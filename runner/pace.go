package runner

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"tussle/runner/draw"
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

var call = regexp.MustCompile(`^(sine|ramp|poisson)\((.*)\)$`)

// pacer reads "200/s", "sine(200/s, 100/s, 10s)", "ramp(10/s, 5/s)" and
// "poisson(200/s)".
func pacer(text string) (p vegeta.Pacer, poisson bool, err error) {
	kind, args := "constant", []string{text}
	if m := call.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
		kind, args = m[1], strings.Split(m[2], ",")
	}
	rates := make([]vegeta.Rate, 0, 2)
	for i, a := range args {
		if kind == "sine" && i == 2 {
			break
		}
		r, err := constant(strings.TrimSpace(a))
		if err != nil {
			return nil, false, err
		}
		rates = append(rates, r)
	}
	switch {
	case kind == "sine" && len(args) == 3:
		period, err := time.ParseDuration(strings.TrimSpace(args[2]))
		if err != nil || period <= 0 {
			return nil, false, fmt.Errorf("rate %q: the third argument of sine is a period such as 10s", text)
		}
		if perSecond(rates[1]) >= perSecond(rates[0]) {
			return nil, false, fmt.Errorf("rate %q: the amplitude must be below the mean", text)
		}
		return vegeta.SinePacer{Period: period, Mean: rates[0], Amp: rates[1]}, false, nil
	case kind == "ramp" && len(args) == 2:
		if rates[0].Freq == 0 {
			return nil, false, fmt.Errorf("rate %q: a ramp starts above 0", text)
		}
		return vegeta.LinearPacer{StartAt: rates[0], Slope: perSecond(rates[1])}, false, nil
	case kind == "poisson" && len(args) == 1:
		return rates[0], true, nil
	case kind == "constant":
		return rates[0], false, nil
	}
	return nil, false, fmt.Errorf("rate %q: expected 200/s, sine(200/s, 100/s, 10s), ramp(10/s, 5/s) or poisson(200/s)", text)
}

var ratePattern = regexp.MustCompile(`^([0-9]+)/(ms|s|m|h)$`)

// constant reads "200/s". vegeta panics on rates above 1/ns; those are refused.
func constant(text string) (vegeta.Rate, error) {
	m := ratePattern.FindStringSubmatch(text)
	if m == nil {
		return vegeta.Rate{}, fmt.Errorf("rate %q: expected a number and a unit, such as 200/s or 6000/m", text)
	}
	n, err := strconv.Atoi(m[1])
	per := map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour}[m[2]]
	if err != nil || n <= 0 || float64(n)/per.Seconds() > 1e6 {
		return vegeta.Rate{}, fmt.Errorf("rate %q: expected between 1/h and 1000/ms", text)
	}
	return vegeta.Rate{Freq: n, Per: per}, nil
}

func perSecond(r vegeta.Rate) float64 { return float64(r.Freq) / r.Per.Seconds() }

// meanRate is the first number of a rate, per second, for a sweep's axis.
func meanRate(text string) float64 {
	p, _, err := pacer(text)
	if err != nil {
		return 0
	}
	switch p := p.(type) {
	case vegeta.SinePacer:
		return perSecond(p.Mean)
	case vegeta.LinearPacer:
		return perSecond(p.StartAt)
	}
	return p.Rate(0)
}
