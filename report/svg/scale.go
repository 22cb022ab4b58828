package svg

import (
	"math"
	"strconv"
)

// scale maps values to px, linearly or by logarithm.
type scale struct {
	min, max float64
	from, to float64 // px
	log      bool
}

func (s scale) at(v float64) float64 {
	min, max := s.min, s.max
	if s.log {
		v, min, max = math.Log(math.Max(v, s.min)), math.Log(min), math.Log(max)
	}
	if max == min {
		return (s.from + s.to) / 2
	}
	return s.from + (v-min)/(max-min)*(s.to-s.from)
}

// ticks returns at most about n round values inside the scale.
func (s scale) ticks(n int) []float64 {
	if !(s.max > s.min) || n < 1 {
		return []float64{s.min}
	}
	if s.log {
		return s.logTicks(n)
	}
	step := niceStep((s.max - s.min) / float64(n))
	var out []float64
	for i := math.Ceil(s.min/step - 1e-9); i*step <= s.max*(1+1e-9) && len(out) < 50; i++ {
		out = append(out, i*step)
	}
	return out
}

func (s scale) logTicks(n int) []float64 {
	for _, digits := range [][]float64{{1, 2, 5}, {1, 3}, {1}} {
		var out []float64
		for e := math.Floor(math.Log10(s.min)); e <= math.Ceil(math.Log10(s.max)); e++ {
			for _, d := range digits {
				if v := d * math.Pow(10, e); v >= s.min*0.999 && v <= s.max*1.001 {
					out = append(out, v)
				}
			}
		}
		if len(out) >= 2 && (len(out) <= n || len(digits) == 1) {
			return out
		}
	}
	return scale{min: s.min, max: s.max}.ticks(n) // less than a decade: as on a linear axis
}

// niceStep rounds up to 1, 2 or 5 times a power of ten.
func niceStep(v float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if v <= m*p*1.0001 {
			return m * p
		}
	}
	return 10 * p
}

// Number formats v with three significant digits and a thousands separator.
func Number(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "–"
	case math.IsInf(v, 0):
		return "∞"
	case v == 0:
		return "0"
	case a >= 999.5:
		return group(strconv.FormatFloat(math.Round(v), 'f', 0, 64))
	case a >= 99.95:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 9.995:
		return trim(strconv.FormatFloat(v, 'f', 1, 64))
	case a >= 0.0095:
		return trim(strconv.FormatFloat(v, 'f', 2, 64))
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}

func trim(s string) string {
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	return s
}

// group puts commas between groups of three digits.
func group(s string) string {
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}
