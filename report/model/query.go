package model

import (
	"math"
	"slices"

	"tussle/report/check"
	"tussle/report/measure"
)

// SortedKeys returns the keys of m in order.
func SortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// First returns the first n elements of s, or all that there are.
func First[T any](s []T, n int) []T {
	n = min(n, len(s))
	return s[:n:n]
}

// FirstFinding returns the finding to show first: of a promised property if
// there is one.
func FirstFinding(r *Report) (*Strategy, *check.Property, *check.Finding) {
	for _, promised := range []bool{true, false} {
		for i := range r.Strategies {
			s := &r.Strategies[i]
			for j := range s.Properties {
				p := &s.Properties[j]
				if p.Promised == promised && p.Verdict == check.Violated && len(p.Findings) > 0 {
					return s, p, &p.Findings[0]
				}
			}
		}
	}
	return nil, nil, nil
}

// Find returns the comparison of head's metric with the base, or nil.
func Find(r *Report, head, metric string) *measure.Comparison {
	for i := range r.Comparisons {
		if c := &r.Comparisons[i]; c.Head == head && c.Metric == metric {
			return c
		}
	}
	return nil
}

// Goodput is the metric by which strategies are compared first.
const Goodput = "goodput_per_s"

// Blocks is the smallest number of measured blocks of a strategy, as its goodput
// was compared (a percentile may need more samples than a block has). In a sweep
// the strategy's figures are of the last point, and so are its blocks. Of a page
// that was shortened the comparisons still know how many there were.
func Blocks(r *Report) int {
	if len(r.Strategies) == 0 {
		return 0
	}
	compared := map[string]int{}
	for _, c := range r.Comparisons {
		if c.Metric == Goodput && c.N > 0 {
			for _, name := range []string{c.Base, c.Head} {
				if n, known := compared[name]; !known || c.N < n {
					compared[name] = c.N
				}
			}
		}
	}
	least := math.MaxInt
	for _, s := range r.Strategies {
		n := len(s.Blocks)
		if c, known := compared[s.Name]; known && (n == 0 || c < n) {
			n = c
		}
		least = min(least, n)
	}
	return least
}

// SelfChecks counts the checks of the instrument: within their limits, worth
// a note, without enough data, and failed.
func SelfChecks(r *Report) (ok, noted, idle, bad int) {
	for _, c := range r.SelfChecks {
		switch c.Verdict {
		case check.Pass:
			ok++
		case Noted:
			noted++
		case check.NotExercised, check.NotJudged:
			idle++
		default:
			bad++
		}
	}
	return ok, noted, idle, bad
}

// Broken returns the violated properties of a strategy, promised ones first.
func Broken(s *Strategy) []check.Property {
	var promised, rest []check.Property
	for _, p := range s.Properties {
		if p.Verdict == check.Violated {
			if p.Promised {
				promised = append(promised, p)
			} else {
				rest = append(rest, p)
			}
		}
	}
	return append(promised, rest...)
}

// Clean reports whether nothing that was checked is violated, promised or not.
func Clean(s *Strategy) bool { return len(Broken(s)) == 0 }

// Promises reports whether a strategy promises something about the data.
// Progress alone is none: it says that the target answers, not what it keeps.
func Promises(s *Strategy) bool {
	return slices.ContainsFunc(s.Promised, func(name string) bool { return name != "progress" }) ||
		len(s.Promised) > 0 && s.Locking != "pessimistic" && Clean(s) // its scenario asks for just this, and nothing else was lost
}

// Unpromised reports whether the run has nothing to be judged by: there are
// strategies, and none promises anything about the data. Serial equivalence,
// which an exploration asks for, needs no promise.
func Unpromised(r *Report) bool {
	return len(r.Strategies) > 0 && len(r.Explorations) == 0 && !slices.ContainsFunc(r.Strategies, func(s Strategy) bool { return Promises(&s) })
}
