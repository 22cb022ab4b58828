package say

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tussle/report/model"
	"tussle/report/svg"
)

// Lost says why better and worse must not be said of a strategy: what it lost
// or broke.
func Lost(s *model.Strategy) string {
	bad := model.Broken(s)
	for _, p := range bad {
		if p.Name == "no-lost-update" {
			return Harm(p)
		}
	}
	if len(bad) > 0 {
		return Harm(bad[0])
	}
	return ""
}

// Tries is the mean number of attempts of a committed operation; ten or more
// count as ten.
func Tries(s *model.Strategy) string {
	var n, sum int64
	for i, c := range s.Anatomy.Attempts {
		n += c
		sum += c * int64(i+1)
	}
	if n == 0 {
		return "–"
	}
	text := fmt.Sprintf("%.2f", float64(sum)/float64(n))
	if len(s.Anatomy.Attempts) >= 10 && s.Anatomy.Attempts[9] > 0 {
		text = "≥ " + text
	}
	return text
}

// Jain formats Jain's index of fairness.
func Jain(v *float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.2f", *v)
}

// Fixed formats a number with two decimals.
func Fixed(v float64) string { return fmt.Sprintf("%.2f", v) }

// Short cuts s to n runes.
func Short(s string, n int) string {
	if utf8.RuneCountInString(s) > n {
		return string([]rune(s)[:n-1]) + "…"
	}
	return s
}

// Figure formats a number that may be missing; dash says that the sample does
// not support it.
func Figure(v *float64) string {
	if v == nil {
		return "–"
	}
	return svg.Number(*v)
}

// Percent formats a share that may be missing.
func Percent(v *float64) string {
	if v == nil {
		return "–"
	}
	return Share(*v)
}

// Share formats a share: "31.2 %".
func Share(v float64) string {
	switch p := v * 100; {
	case p == 0:
		return "0 %"
	case p == 100:
		return "100 %"
	case math.Abs(p) < 0.1:
		return svg.Number(p) + " %"
	default:
		return fmt.Sprintf("%.1f %%", p)
	}
}

// Millis formats a time in ms that may be missing.
func Millis(v *float64) string {
	if v == nil {
		return "–"
	}
	return svg.Number(*v) + " ms"
}

// Count formats a number of things, with thousands separators.
func Count(n int64) string { return svg.Number(float64(n)) }

// Plural counts things: "1 update", "2 updates".
func Plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "y") && !strings.HasSuffix(noun, "ey") {
		return Count(n) + " " + strings.TrimSuffix(noun, "y") + "ies"
	}
	return Count(n) + " " + noun + "s"
}

// Spread is half the interval as a share of the median: "± 2 %".
func Spread(mid *float64, ci *[2]float64) string {
	if mid == nil || ci == nil || *mid == 0 {
		return ""
	}
	half := math.Max(ci[1]-*mid, *mid-ci[0]) / math.Abs(*mid) * 100
	if half < 0.5 {
		return "± <1 %"
	}
	return fmt.Sprintf("± %.0f %%", half)
}

func span(ns int64) string {
	return time.Duration(ns).String()
}

// PValue formats a p: "p = 0.002".
func PValue(p *float64) string {
	switch {
	case p == nil:
		return ""
	case *p < 0.001:
		return "p < 0.001"
	}
	return fmt.Sprintf("p = %.3f", *p)
}

// Prose makes a sentence of a text of this package: a capital first, a full
// stop last. A text that begins with a strategy's name keeps the name as it is.
func Prose(r *model.Report, s string) string {
	if s == "" {
		return s
	}
	named := slices.ContainsFunc(r.Strategies, func(o model.Strategy) bool {
		name := Visible(o.Name, CutName)
		return strings.HasPrefix(s, name+" ") || strings.HasPrefix(s, name+":")
	})
	if !named {
		first, size := utf8.DecodeRuneInString(s)
		s = string(unicode.ToUpper(first)) + s[size:]
	}
	if !strings.ContainsAny(s[len(s)-1:], ".:!?") && !strings.HasSuffix(s, "…") {
		s += "."
	}
	return s
}
