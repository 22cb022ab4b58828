package workload

import (
	"math"
	"sort"

	"tussle/scenarios"
)

// picker turns a uniform number into a key.
type picker struct {
	n   int
	cum []float64 // cumulative popularity of zipf; nil else
	hot int       // hotspot: the first keys
	pop float64   // hotspot: share of traffic that they get
}

// newPicker prepares uniform, zipf(theta), hotspot(share, traffic) or single.
// zipf gives rank i the weight 1/i^theta (as YCSB does, theta 0.99 by custom);
// any theta >= 0 will do, since the table is exact.
func newPicker(s scenarios.Skew, n int) picker {
	p := picker{n: max(n, 1)}
	switch s.Kind {
	case "zipf":
		p.cum = make([]float64, p.n)
		sum := 0.0
		for i := range p.cum {
			sum += math.Pow(float64(i+1), -s.A)
			p.cum[i] = sum
		}
		for i := range p.cum {
			p.cum[i] /= sum
		}
	case "hotspot":
		p.hot, p.pop = min(max(int(math.Round(s.A*float64(p.n))), 1), p.n), s.B
	case "single":
		p.n = 1
	}
	return p
}

func (p *picker) at(u float64) int {
	switch {
	case p.cum != nil:
		return min(sort.SearchFloat64s(p.cum, u), p.n-1)
	case p.hot > 0 && p.hot < p.n:
		if u < p.pop {
			return min(int(u/p.pop*float64(p.hot)), p.hot-1)
		}
		rest := (u - p.pop) / (1 - p.pop)
		return min(p.hot+int(rest*float64(p.n-p.hot)), p.n-1)
	}
	return min(int(u*float64(p.n)), p.n-1)
}
