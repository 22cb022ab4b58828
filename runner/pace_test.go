package runner

import (
	"math"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"tussle/runner/draw"
	"tussle/scenarios"
)

// What the loader takes for a rate makes a schedule, with that many arrivals.
func TestEveryRateOfTheLoaderIsARateOfTheRunner(t *testing.T) {
	for text, want := range map[string]int{"constant(200/s)": 200, "200 /s": 200, "+200/s": 200, " 200/s ": 200, "12000/m": 200, "720000/h": 200, "1/ms": 1000, "7/m": 0,
		"36000/h": 10, "3601/h": 1, "sine(200/s, 100/s, 1s)": 200, "ramp(100 /s, 200/s)": 200, "poisson( 200/s )": 200} {
		r, err := scenarios.ParseRate(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if at := schedule(r, time.Second, draw.Seed(1), 0); math.Abs(float64(len(at)-want)) > 0.2*float64(want)+1 {
			t.Errorf("%q: %d arrivals in a second, want about %d", text, len(at), want)
		}
		if n := r.Arrivals(time.Second); math.Abs(n-float64(want)) > 1 {
			t.Errorf("%q: %v arrivals are told beforehand, want about %d", text, n, want)
		}
	}
	for perSecond, want := range map[float64]vegeta.Rate{200: {Freq: 200, Per: time.Second}, 0.5: {Freq: 30, Per: time.Minute}, 7. / 60: {Freq: 7, Per: time.Minute}, 1. / 3600: {Freq: 1, Per: time.Hour}} {
		if got := frequency(perSecond); got != want {
			t.Errorf("%v a second: %v, want %v", perSecond, got, want)
		}
	}
}
